/* check_books.c: recomputes what the engine keeps from its records, and compares.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/reserve.h"
#include "engine/memory/check.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/waiting.h"
#include "engine/rules/accounts.h"
#include "engine/rules/card_flows.h"
#include "engine/rules/check_screening.h"
#include "engine/rules/debts.h"
#include "engine/rules/freezes.h"
#include "engine/rules/holds.h"
#include "engine/rules/lumps.h"
#include "engine/rules/matches.h"
#include "engine/rules/positions.h"
#include "engine/rules/products.h"
#include "engine/rules/returns.h"
#include "engine/rules/statements.h"
#include "model/money.h"
#include "model/payout.h"
#include "model/promise.h"
#include "model/suspense.h"

#include <inttypes.h>
#include <string.h>

/* What the accounts and payouts of a ledger add up to. */
struct found_sums {
    struct ledger_sums sums;
    int64_t open_payout_count;
    int64_t returnable_count;
    int64_t returning_minor; /* of items of suspense */
    int64_t waiting_count;   /* of such items with something open */
    int64_t unnoted_count;   /* of open promises of which nobody was told that they are late */
};

/* What the records say that an account has. */
struct found_account {
    int64_t frozen_minor;      /* live holds and freezes, and what claims cover */
    int64_t deducting_minor;   /* a part of pending out */
    int64_t acquired_minor;    /* of an acquirer: without a line yet, or too much */
    int64_t pending_in_minor;  /* open promises; at FEE, and at acquirers minus that, too */
    int64_t pending_out_minor; /* open payouts */
    int32_t freeze_count;      /* live ones */
    int32_t debt_count;        /* open ones */
    int32_t restriction_count; /* places, live or not */
};

struct check {
    const struct engine *engine;
    struct sentence error;
    struct found_sums *sums;        /* by ledger id */
    struct found_account *accounts; /* by account id */
    uint64_t mapped_hold_count;
    uint64_t refunded_count;
    uint64_t suspense_source_count;
    uint64_t open_lump_count;
    int64_t torn_lump_count;
    uint64_t promise_count;
    int64_t disputed_count;  /* promises, less differences about them */
    int64_t deducting_minor; /* of accounts, less that of claims */
};

static int check_accounts(const struct check *check)
{
    const struct engine *engine = check->engine;
    for (int64_t id = 1; id <= engine->last_id[RECORD_LEDGER]; id++) {
        if (!has_control_accounts(engine, &engine->ledgers[id]))
            return differs(
                &check->error, "ledger %" PRId64 ": a control account is not its own", id);
    }
    for (int64_t id = 1; id <= engine->last_id[RECORD_ACCOUNT]; id++) {
        const struct account *account = &engine->accounts[id];
        bool is_member = account->kind == ACCOUNT_MEMBER;
        for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
            if (is_member && account->balance_minor[bucket] < 0)
                return differs(
                    &check->error, "account %" PRId64 ": bucket %d is negative", id, bucket);
        }
        if (account->next_date_minor < 0)
            return differs(
                &check->error, "account %" PRId64 ": the next date's part is negative", id);
    }
    return 0;
}

/* ---- what the records add up to ---- */

static void find_sums(struct check *check)
{
    const struct engine *engine = check->engine;
    for (int64_t id = 1; id <= engine->last_id[RECORD_ACCOUNT]; id++) {
        const struct account *account = &engine->accounts[id];
        struct ledger_sums *sums = &check->sums[account->ledger_id].sums;
        if (account_holds_units(account))
            continue;
        if (account->kind == ACCOUNT_ESCROW) {
            sums->escrow_minor += account->balance_minor[BUCKET_AVAILABLE];
            continue;
        }
        for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
            if (account->kind == ACCOUNT_ACQUIRER && bucket == BUCKET_PENDING_IN)
                sums->receivables_minor -= account->balance_minor[bucket];
            else
                sums->total_minor[bucket] += account->balance_minor[bucket];
        }
        if (account->kind == ACCOUNT_FEE)
            sums->missing_fees_minor += below_zero(account->balance_minor[BUCKET_AVAILABLE]);
    }
    FOR_EACH_RECORD(engine, RECORD_PAYOUT, id)
    {
        const struct payout *payout = payout_at(engine, id);
        const struct ledger *ledger = engine_find_ledger(engine, payout->ledger_id);
        if (payout_may_return(payout, ledger->accounting_dates[0]))
            check->sums[payout->ledger_id].returnable_count++;
        if (!payout_is_open(payout))
            continue;
        check->sums[payout->ledger_id].open_payout_count++;
        check->accounts[payout->account_id].pending_out_minor += payout->amount_minor;
    }
    FOR_EACH_RECORD(engine, RECORD_SUSPENSE, id)
    {
        const struct suspense *item = record_at(engine, RECORD_SUSPENSE, id);
        check->sums[item->ledger_id].sums.suspense_minor += suspense_open_minor(item);
        check->sums[item->ledger_id].waiting_count += suspense_open_minor(item) > 0;
    }
    FOR_EACH_RECORD(engine, RECORD_LUMP, id)
    {
        const struct lump *lump = record_at(engine, RECORD_LUMP, id);
        check->sums[lump->ledger_id].sums.open_lump_count += lump->status == LUMP_OPEN;
        check->open_lump_count += lump->status == LUMP_OPEN;
        check->torn_lump_count +=
            lump->status == LUMP_OPEN && lump->is_all_or_none && lump->allocated_count > 0;
    }
}

static void find_promises(struct check *check)
{
    const struct engine *engine = check->engine;
    FOR_EACH_RECORD(engine, RECORD_PROMISE, id)
    {
        const struct promise *promise = record_at(engine, RECORD_PROMISE, id);
        const struct acquirer *acquirer = record_at(engine, RECORD_ACQUIRER, promise->acquirer_id);
        const struct ledger *ledger = engine_find_ledger(engine, promise->ledger_id);
        int64_t open_minor = promise_open_minor(promise);
        int64_t fee_minor = promise_open_fee_minor(promise);
        check->accounts[promise->account_id].pending_in_minor += open_minor - fee_minor;
        check->accounts[control_account_id(ledger, ACCOUNT_FEE)].pending_in_minor += fee_minor;
        check->accounts[acquirer->account_id].pending_in_minor -= open_minor;
        check->promise_count++;
        check->sums[promise->ledger_id].unnoted_count += promise_waits(promise);
        check->disputed_count += promise->status == PROMISE_DISPUTED;
    }
}

/* What acquirers have: money of settlements without a line yet, and what lines paid too much. */
static void find_settlements(struct check *check)
{
    const struct engine *engine = check->engine;
    FOR_EACH_RECORD(engine, RECORD_SETTLEMENT, id)
    {
        const struct settlement *settlement = record_at(engine, RECORD_SETTLEMENT, id);
        const struct acquirer *acquirer =
            record_at(engine, RECORD_ACQUIRER, settlement->acquirer_id);
        check->accounts[acquirer->account_id].acquired_minor += settlement_rest_minor(settlement);
    }
    FOR_EACH_RECORD(engine, RECORD_DIFFERENCE, id)
    {
        const struct difference *difference = record_at(engine, RECORD_DIFFERENCE, id);
        const struct acquirer *acquirer =
            record_at(engine, RECORD_ACQUIRER, difference->acquirer_id);
        if (difference->status == DIFFERENCE_OPEN && !difference->is_missing)
            check->accounts[acquirer->account_id].acquired_minor += difference->amount_minor;
    }
}

static void find_parts(struct check *check)
{
    const struct engine *engine = check->engine;
    FOR_EACH_RECORD(engine, RECORD_HOLD, id)
    {
        const struct hold *hold = hold_at(engine, id);
        check->accounts[hold->payer_account_id].frozen_minor += held_minor(hold);
        check->mapped_hold_count += hold->status == HOLD_LIVE || is_ended_of_order(engine, id);
    }
    FOR_EACH_RECORD(engine, RECORD_FREEZE, id)
    {
        const struct freeze *freeze = freeze_at(engine, id);
        check->accounts[freeze->account_id].frozen_minor += frozen_minor(freeze);
        check->accounts[freeze->account_id].freeze_count += freeze->status == FREEZE_LIVE;
    }
    FOR_EACH_RECORD(engine, RECORD_COVER, id)
    {
        const struct cover *cover = record_at(engine, RECORD_COVER, id);
        check->accounts[cover->account_id].frozen_minor += cover->cover_minor;
        check->accounts[cover->account_id].deducting_minor = cover->deducting_minor;
        check->deducting_minor += cover->deducting_minor;
    }
    FOR_EACH_RECORD(engine, RECORD_CLAIM, id)
    {
        const struct claim *claim = record_at(engine, RECORD_CLAIM, id);
        check->deducting_minor -= claim->deducting_minor;
    }
    FOR_EACH_RECORD(engine, RECORD_DEBT, id)
    {
        const struct debt *debt = debt_at(engine, id);
        check->accounts[debt->account_id].debt_count += debt->status == DEBT_OPEN;
    }
    FOR_EACH_RECORD(engine, RECORD_RESTRICTION, id)
    {
        const struct restriction *restriction = record_at(engine, RECORD_RESTRICTION, id);
        check->accounts[restriction->account_id].restriction_count++;
    }
    FOR_EACH_RECORD(engine, RECORD_REFUNDED, id)
    check->refunded_count++;
    FOR_EACH_RECORD(engine, RECORD_SUSPENSE, id)
    {
        const struct suspense *item = record_at(engine, RECORD_SUSPENSE, id);
        check->suspense_source_count +=
            1 + (uint64_t)(item->payout_id != 0) + (uint64_t)(item->return_payout_id != 0);
        check->sums[item->ledger_id].returning_minor += item->returning_minor;
    }
}

/* ---- what the engine keeps ---- */

static int check_ledger(const struct check *check, const struct ledger *ledger)
{
    const struct found_sums *found = &check->sums[ledger->id];
    const struct ledger_sums *kept = engine_ledger_sums(check->engine, ledger->id);
    const int64_t *total = found->sums.total_minor;
    int64_t owed = total[BUCKET_AVAILABLE] + total[BUCKET_FROZEN] + total[BUCKET_PENDING_OUT];
    if (memcmp(&found->sums, kept, sizeof *kept) != 0)
        return differs(&check->error, "ledger %" PRId64 ": the kept sums differ from its accounts",
            ledger->id);
    if (owed != -found->sums.escrow_minor)
        return differs(&check->error,
            "ledger %" PRId64 ": escrow %" PRId64 " but accounts %" PRId64, ledger->id,
            -found->sums.escrow_minor, owed);
    /* What lay there before there were items has none. */
    const struct account *unallocated = control_account(check->engine, ledger, ACCOUNT_UNALLOCATED);
    if (found->sums.suspense_minor > unallocated->balance_minor[BUCKET_AVAILABLE])
        return differs(&check->error,
            "ledger %" PRId64 ": unallocated %" PRId64 " but open items %" PRId64, ledger->id,
            unallocated->balance_minor[BUCKET_AVAILABLE], found->sums.suspense_minor);
    if (found->returning_minor != unallocated->balance_minor[BUCKET_PENDING_OUT])
        return differs(&check->error,
            "ledger %" PRId64 ": unallocated pending out %" PRId64 " but items going back %" PRId64,
            ledger->id, unallocated->balance_minor[BUCKET_PENDING_OUT], found->returning_minor);
    /* What is pending in and out agrees when each account's does. */
    if (found->open_payout_count != ledger->open_payout_count)
        return differs(&check->error,
            "ledger %" PRId64 ": %" PRId64 " payouts are open but %" PRId64 " are counted",
            ledger->id, found->open_payout_count, ledger->open_payout_count);
    if (found->returnable_count != returnable_count(check->engine, ledger))
        return differs(&check->error,
            "ledger %" PRId64 ": %" PRId64 " payouts may return but %" PRId64 " are counted",
            ledger->id, found->returnable_count, returnable_count(check->engine, ledger));
    return 0;
}

/* The account's live freezes, and no others, are chained both ways. */
static int check_freeze_chain(const struct check *check, const struct account *account)
{
    const struct engine *engine = check->engine;
    int32_t count = 0;
    int64_t previous = 0;
    for (int64_t id = engine->newest_freezes[account->id]; id != 0;
         id = freeze_links_of(engine, id)->older) {
        const struct freeze *freeze = freeze_at(engine, id);
        bool is_its = freeze->account_id == account->id && freeze->status == FREEZE_LIVE;
        if (!is_its || freeze_links_of(engine, id)->younger != previous ||
            ++count > check->accounts[account->id].freeze_count)
            return differs(&check->error,
                "account %" PRId64 ": its freezes are chained wrongly at %" PRId64, account->id,
                id);
        previous = id;
    }
    if (count != check->accounts[account->id].freeze_count)
        return differs(
            &check->error, "account %" PRId64 ": a freeze is not in its chain", account->id);
    return 0;
}

static int check_debt_chain(const struct check *check, const struct account *account)
{
    const struct engine *engine = check->engine;
    int32_t count = 0;
    int64_t previous = 0;
    for (int64_t id = engine->oldest_debts[account->id]; id != 0;
         id = *younger_debt_of(engine, id)) {
        const struct debt *debt = debt_at(engine, id);
        bool is_its = debt->account_id == account->id && debt->status == DEBT_OPEN;
        if (!is_its || id <= previous)
            return differs(&check->error,
                "account %" PRId64 ": its debts are chained wrongly at %" PRId64, account->id, id);
        previous = id;
        count++;
    }
    if (count != check->accounts[account->id].debt_count ||
        (count > 0 && engine->newest_debts[account->id] != previous))
        return differs(
            &check->error, "account %" PRId64 ": a debt is not in its chain", account->id);
    return 0;
}

/* The account's restrictions are chained, and its flags are what they say together; without any
 * they are of before there were owners. */
static int check_restrictions(const struct check *check, const struct account *account)
{
    const struct engine *engine = check->engine;
    bool no_in = false;
    bool no_out = false;
    int32_t count = 0;
    for (int64_t id = engine->newest_restrictions[account->id]; id != 0;) {
        const struct restriction *restriction = record_at(engine, RECORD_RESTRICTION, id);
        if (restriction->account_id != account->id || ++count > RESTRICTIONS_PER_ACCOUNT_MAX)
            return differs(&check->error,
                "account %" PRId64 ": its restrictions are chained wrongly at %" PRId64,
                account->id, id);
        no_in |= restriction->no_in;
        no_out |= restriction->no_out;
        id = engine->older_restrictions[id];
    }
    if (count != check->accounts[account->id].restriction_count)
        return differs(
            &check->error, "account %" PRId64 ": a restriction is not in its chain", account->id);
    if (count > 0 && (no_in != account->no_in || no_out != account->no_out))
        return differs(&check->error,
            "account %" PRId64 ": its flags are not those of its restrictions", account->id);
    return 0;
}

static int check_account(const struct check *check, const struct account *account)
{
    const struct found_account *found = &check->accounts[account->id];
    if (account->balance_minor[BUCKET_FROZEN] != found->frozen_minor)
        return differs(&check->error,
            "account %" PRId64 ": frozen %" PRId64 " but holds, freezes and claims %" PRId64,
            account->id, account->balance_minor[BUCKET_FROZEN], found->frozen_minor);
    if (account->balance_minor[BUCKET_PENDING_OUT] != found->pending_out_minor)
        return differs(&check->error,
            "account %" PRId64 ": pending out %" PRId64 " but open payouts %" PRId64, account->id,
            account->balance_minor[BUCKET_PENDING_OUT], found->pending_out_minor);
    if (found->deducting_minor < 0 || found->deducting_minor > found->pending_out_minor)
        return differs(&check->error,
            "account %" PRId64 ": %" PRId64 " are being deducted, but %" PRId64 " are pending out",
            account->id, found->deducting_minor, found->pending_out_minor);
    if (account->kind == ACCOUNT_ACQUIRER &&
        account->balance_minor[BUCKET_AVAILABLE] != found->acquired_minor)
        return differs(&check->error,
            "account %" PRId64 ": available %" PRId64 " but settlements and differences %" PRId64,
            account->id, account->balance_minor[BUCKET_AVAILABLE], found->acquired_minor);
    if (account->balance_minor[BUCKET_PENDING_IN] != found->pending_in_minor)
        return differs(&check->error,
            "account %" PRId64 ": pending in %" PRId64 " but open promises %" PRId64, account->id,
            account->balance_minor[BUCKET_PENDING_IN], found->pending_in_minor);
    if (check_freeze_chain(check, account) < 0 || check_restrictions(check, account) < 0)
        return -1;
    return check_debt_chain(check, account);
}

/* An open lump is the only one of its item, of which enough is open for the rest of its lines; a
 * closed one agreed, but for lines that were taken back since. */
static int check_lump(const struct check *check, const struct lump *lump)
{
    const struct engine *engine = check->engine;
    const struct suspense *item = find_record(engine, RECORD_SUSPENSE, lump->suspense_id);
    int64_t left_minor = lump->control_minor - lump->allocated_minor;
    if (lump->allocated_count < 0 || lump->allocated_count > lump->control_count ||
        lump->allocated_minor < lump->allocated_count || left_minor < 0)
        return differs(
            &check->error, "lump %" PRId64 ": has more lines than it was opened for", lump->id);
    if (lump->status != LUMP_OPEN)
        return lump->status == LUMP_CLOSED || lump->allocated_count == 0
                   ? 0
                   : differs(
                         &check->error, "lump %" PRId64 ": is given up and has lines", lump->id);
    if (find_lump_of_item(engine, lump->suspense_id) != lump)
        return differs(&check->error, "lump %" PRId64 ": is not the one of its item", lump->id);
    if (left_minor > 0 && (!item || suspense_open_minor(item) < left_minor))
        return differs(&check->error,
            "lump %" PRId64 ": %" PRId64 " are left of it, but its item has less open", lump->id,
            left_minor);
    return 0;
}

static int check_settlement(struct check *check, const struct settlement *settlement)
{
    int64_t rest_minor = settlement_rest_minor(settlement);
    bool is_open = settlement->status == SETTLEMENT_OPEN;
    if (settlement->settled_minor < 0 || settlement->returned_minor < 0 || rest_minor < 0 ||
        settlement->lines_booked < 0 || settlement->lines_booked > settlement->line_count ||
        (is_open && settlement->returned_minor != 0) || (!is_open && rest_minor != 0) ||
        (settlement->status == SETTLEMENT_CLOSED &&
            (settlement->lines_booked != settlement->line_count ||
                settlement->returned_minor != 0)))
        return differs(&check->error,
            "settlement %" PRId64 ": %" PRId64 " of %" PRId64 " in %" PRId32 " lines of %" PRId32
            " do not agree with its status",
            settlement->id, settlement->settled_minor, settlement->total_minor,
            settlement->lines_booked, settlement->line_count);
    return 0;
}

/* What is missing is open of its promise, which is disputed; no other is. */
static int check_difference(struct check *check, const struct difference *difference)
{
    if (difference->status != DIFFERENCE_OPEN || !difference->is_missing)
        return 0;
    const struct promise *promise =
        engine_find_record(check->engine, RECORD_PROMISE, difference->promise_id);
    if (!promise || promise->status != PROMISE_DISPUTED ||
        promise_open_minor(promise) != difference->amount_minor)
        return differs(&check->error,
            "difference %" PRId64 ": %" PRId64 " are missing, but not open of its promise",
            difference->id, difference->amount_minor);
    check->disputed_count--;
    return 0;
}

static int check_settlements(struct check *check)
{
    const struct engine *engine = check->engine;
    FOR_EACH_RECORD(engine, RECORD_SETTLEMENT, id)
    {
        if (check_settlement(check, record_at(engine, RECORD_SETTLEMENT, id)) < 0)
            return -1;
    }
    FOR_EACH_RECORD(engine, RECORD_DIFFERENCE, id)
    {
        if (check_difference(check, record_at(engine, RECORD_DIFFERENCE, id)) < 0)
            return -1;
    }
    if (check->disputed_count != 0)
        return differs(&check->error,
            "%" PRId64 " promises are disputed beyond the open differences", check->disputed_count);
    return 0;
}

/* ---- cards ---- */

/* The member's chain has bound cards of its own, the newest first, and one main card when it has a
 * checked one. Returns how many, -1 when something is wrong. */
static int64_t check_cards_of(struct check *check, int64_t member_id)
{
    const struct engine *engine = check->engine;
    int64_t count = 0;
    int64_t younger = 0;
    bool has_checked = false;
    int32_t main_cards = 0;
    for (int64_t id = engine->newest_cards[member_id]; id != 0;) {
        const struct card *card = find_record(engine, RECORD_CARD, id);
        if (!card || card->member_id != member_id || card->status > CARD_CHECKED ||
            (younger != 0 && id >= younger))
            return differs(
                &check->error, "card %" PRId64 " is in a chain where it does not belong", id);
        const struct card_links *links = &engine->card_links[place_of(engine, RECORD_CARD, id)];
        if (links->younger != younger || (card->is_main && card->status != CARD_CHECKED))
            return differs(&check->error, "card %" PRId64 " is linked or main wrongly", id);
        has_checked = has_checked || card->status == CARD_CHECKED;
        main_cards += card->is_main;
        count++;
        younger = id;
        id = links->older;
    }
    return main_cards == (has_checked ? 1 : 0)
               ? count
               : differs(&check->error, "member %" PRId64 " has %" PRId32 " main cards", member_id,
                     main_cards);
}

static int check_cards(struct check *check)
{
    const struct engine *engine = check->engine;
    uint64_t count = 0;
    int64_t bound = 0;
    FOR_EACH_RECORD(engine, RECORD_CARD, id)
    {
        const struct card *card = record_at(engine, RECORD_CARD, id);
        count++;
        bound += card->status <= CARD_CHECKED;
    }
    for (int64_t id = 1; id <= engine->last_id[RECORD_MEMBER]; id++) {
        int64_t found = check_cards_of(check, id);
        if (found < 0)
            return -1;
        bound -= found;
    }
    if (bound != 0 || engine->card_numbers.count != count)
        return differs(&check->error,
            "%" PRId64 " bound cards are in no chain; %" PRIu64
            " cards are found by their numbers, but there are %" PRIu64,
            bound, engine->card_numbers.count, count);
    return 0;
}

/* ---- all of it ---- */

static bool waits(enum record_kind kind, const void *record)
{
    return kind == RECORD_SUSPENSE ? suspense_open_minor(record) > 0 : promise_waits(record);
}

/* Each record that waits is found, in order; no other is. */
static int check_waiting(
    const struct check *check, int64_t ledger_id, enum record_kind kind, int64_t count)
{
    const struct engine *engine = check->engine;
    const struct record_table *table = &record_tables[kind];
    int64_t left = count;
    for (int64_t id = first_waiting(engine, kind, ledger_id); id != 0;
         id = next_waiting(engine, kind, ledger_id, id)) {
        const void *record = record_at(engine, kind, id);
        if (record_ledger_id(table, record) != ledger_id || !waits(kind, record))
            return differs(&check->error, "%s %" PRId64 " is found to wait", table->name, id);
        left--;
    }
    return left == 0 ? 0
                     : differs(&check->error,
                           "ledger %" PRId64 ": %" PRId64 " of %s are not found to wait", ledger_id,
                           left, table->name);
}

static int check_everything(struct check *check)
{
    const struct engine *engine = check->engine;
    if (check_memory(engine, &check->error) < 0 || check_accounts(check) < 0)
        return -1;
    find_sums(check);
    find_parts(check);
    find_promises(check);
    find_settlements(check);
    for (int64_t id = 1; id <= engine->last_id[RECORD_LEDGER]; id++) {
        const struct found_sums *sums = &check->sums[id];
        if (check_ledger(check, &engine->ledgers[id]) < 0 ||
            check_waiting(check, id, RECORD_SUSPENSE, sums->waiting_count) < 0 ||
            check_waiting(check, id, RECORD_PROMISE, sums->unnoted_count) < 0)
            return -1;
    }
    for (int64_t id = 1; id <= engine->last_id[RECORD_ACCOUNT]; id++) {
        if (check_account(check, &engine->accounts[id]) < 0)
            return -1;
    }
    if (engine->holds_of_orders.count != check->mapped_hold_count)
        return differs(&check->error,
            "%" PRIu64 " holds are found by their orders, but %" PRIu64 " live or the last",
            engine->holds_of_orders.count, check->mapped_hold_count);
    if (engine->suspense_sources.count != check->suspense_source_count)
        return differs(&check->error,
            "%" PRIu64 " sources of suspense are found, but there are %" PRIu64,
            engine->suspense_sources.count, check->suspense_source_count);
    FOR_EACH_RECORD(engine, RECORD_LUMP, id)
    {
        if (check_lump(check, record_at(engine, RECORD_LUMP, id)) < 0)
            return -1;
    }
    if (check_settlements(check) < 0 || check_cards(check) < 0 ||
        check_screening(engine, &check->error) < 0)
        return -1;
    if (check->deducting_minor != 0)
        return differs(&check->error, "%" PRId64 " are being deducted beyond what claims say",
            check->deducting_minor);
    int64_t wrong_flow = find_wrong_card_flow(engine);
    if (wrong_flow != 0)
        return differs(
            &check->error, "card flow %" PRId64 " is not as its account and card are", wrong_flow);
    int64_t wrong_statement = find_wrong_bank_statement(engine);
    if (wrong_statement != 0)
        return differs(&check->error,
            "bank statement %" PRId64 " is not as its ledger's chain of statements is",
            wrong_statement);
    int64_t wrong_match = find_wrong_match(engine);
    if (wrong_match != 0)
        return differs(&check->error,
            "statement line %" PRId64 " is not matched as it says, or a booking is not found",
            wrong_match);
    int64_t wrong_product = find_wrong_product(engine);
    if (wrong_product != 0)
        return differs(&check->error,
            "product %" PRId64 " is not as its accounts, its code and the counts say",
            wrong_product);
    int64_t wrong_position = find_wrong_position(engine);
    if (wrong_position != 0)
        return differs(&check->error,
            "position %" PRId64 " is not as its accounts say, or minus a product holds not what "
            "is issued",
            wrong_position);
    int64_t wrong_debtor = find_wrong_debtor(engine);
    if (wrong_debtor != 0)
        return differs(
            &check->error, "member %" PRId64 " owes not what its debts are", wrong_debtor);
    if (engine->open_lumps.count != check->open_lump_count)
        return differs(&check->error, "%" PRIu64 " lumps are found open, but there are %" PRIu64,
            engine->open_lumps.count, check->open_lump_count);
    if (engine->torn_lump_count != check->torn_lump_count)
        return differs(&check->error, "%" PRId64 " lumps are counted torn, but there are %" PRId64,
            engine->torn_lump_count, check->torn_lump_count);
    if (engine->promise_references.count != check->promise_count)
        return differs(&check->error,
            "%" PRIu64 " promises are found by their references, but there are %" PRIu64,
            engine->promise_references.count, check->promise_count);
    if (engine->refunds.count != check->refunded_count)
        return differs(&check->error, "%" PRIu64 " refunds are found, but there are %" PRIu64,
            engine->refunds.count, check->refunded_count);
    return 0;
}

int engine_check(const struct engine *engine, char *ret_error, size_t error_bytes)
{
    struct check check = {.engine = engine, .error = {ret_error, error_bytes}};
    check.sums = reserve_array((size_t)LEDGERS_MAX + 1, sizeof *check.sums);
    check.accounts = reserve_array((size_t)ACCOUNTS_MAX + 1, sizeof *check.accounts);
    int result = check_everything(&check);
    reserve_release(check.sums, (size_t)LEDGERS_MAX + 1, sizeof *check.sums);
    reserve_release(check.accounts, (size_t)ACCOUNTS_MAX + 1, sizeof *check.accounts);
    return result;
}
