/* check.c: recomputes what the engine keeps from its records, and compares.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/check.h"

#include "base/reserve.h"
#include "engine/memory/blocks.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/rules/holds.h"
#include "engine/rules/returns.h"
#include "model/money.h"
#include "model/payout.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What the accounts and payouts of a ledger add up to. */
struct found_sums {
    struct ledger_sums sums;
    int64_t open_payouts_minor;
    int64_t open_payout_count;
    int64_t returnable_count;
};

/* What the records say that an account has. */
struct found_account {
    int64_t frozen_minor;      /* live holds and freezes */
    int64_t pending_out_minor; /* open payouts */
    int32_t freeze_count;      /* live ones */
    int32_t debt_count;        /* open ones */
    int32_t restriction_count; /* places, live or not */
};

struct check {
    const struct engine *engine;
    char *error;
    size_t error_bytes;
    struct found_sums *sums;        /* by ledger id */
    struct found_account *accounts; /* by account id */
    uint64_t mapped_hold_count;
    uint64_t refunded_count;
};

/* Puts the sentence together; returns -1 for the caller to return. */
static int __attribute__((format(printf, 2, 3)))
differs(const struct check *check, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(check->error, check->error_bytes, format, arguments);
    va_end(arguments);
    return -1;
}

/* ---- every record is there, and so is what it belongs to ---- */

/* Ids are given without gaps, so a record that is not there was lost, or it is a final one of a
 * kind that leaves memory. Live ones that were lost are missed in the sums. */
static int check_ids(const struct check *check)
{
    const struct engine *engine = check->engine;
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        const struct record_table *table = &record_tables[kind];
        for (int64_t id = 1; !table->key_name && id <= engine->last_id[kind]; id++) {
            if (!has_record(engine, (enum record_kind)kind, id))
                return differs(check, "%s %" PRId64 " is missing", table->name, id);
        }
    }
    return 0;
}

/* Blocks stand in the order of their numbers, are found by them, and have the records that they
 * count; other slots are empty. */
static int check_blocks(const struct check *check, enum record_kind kind)
{
    const struct engine *engine = check->engine;
    const struct record_table *table = &record_tables[kind];
    const struct blocks *blocks = &engine->blocks[kind];
    int64_t previous = -1;
    for (uint32_t i = 0; i < blocks->counts.used; i++) {
        uint32_t slot = blocks->order[i];
        const struct block *block = &blocks->block[slot];
        int64_t first = block->number * BLOCK_IDS;
        uint32_t count = 0;
        for (uint32_t offset = 0; offset < BLOCK_IDS; offset++) {
            const void *record = record_in(engine, kind, slot * BLOCK_IDS + offset);
            int64_t id = record_id(table, record);
            if (id != 0 && id != first + offset)
                return differs(check, "%s %" PRId64 " is in the place of another", table->name, id);
            count += id != 0;
        }
        if (count == 0 || count != block->resident_count || block->number <= previous ||
            blocks_find(blocks, first) != slot * BLOCK_IDS)
            return differs(
                check, "%s: the block from %" PRId64 " on is kept wrongly", table->name, first);
        previous = block->number;
    }
    if (blocks->counts.used + blocks->counts.free != blocks->counts.ever ||
        blocks->slots.count != blocks->counts.used)
        return differs(check, "%s: the slots do not add up", table->name);
    return 0;
}

static int check_all_blocks(const struct check *check)
{
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        bool has_blocks = check->engine->blocks[kind].slots_max != 0;
        if (has_blocks && check_blocks(check, (enum record_kind)kind) < 0)
            return -1;
    }
    return 0;
}

static int check_accounts(const struct check *check)
{
    const struct engine *engine = check->engine;
    for (int64_t id = 1; id <= engine->last_id[RECORD_ACCOUNT]; id++) {
        const struct account *account = &engine->accounts[id];
        bool is_member = account->kind == ACCOUNT_MEMBER;
        for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
            if (is_member && account->balance_minor[bucket] < 0)
                return differs(check, "account %" PRId64 ": bucket %d is negative", id, bucket);
        }
        if (account->next_date_minor < 0)
            return differs(check, "account %" PRId64 ": the next date's part is negative", id);
    }
    return 0;
}

static bool has_account_owners(const struct engine *engine, const struct account *account)
{
    return engine_find_ledger(engine, account->ledger_id) &&
           (account->kind != ACCOUNT_MEMBER || engine_find_member(engine, account->member_id));
}

static bool is_in(const struct engine *engine, int64_t ledger_id, int64_t account_id)
{
    const struct account *account = engine_find_account(engine, account_id);
    return engine_find_ledger(engine, ledger_id) && account && account->ledger_id == ledger_id;
}

static bool has_fee_rule_owners(const struct engine *engine, const struct fee_rule *rule)
{
    bool has_owner = engine_find_ledger(engine, rule->ledger_id) != NULL;
    for (uint32_t i = 0; i < rule->share_count && has_owner; i++)
        has_owner = is_in(engine, rule->ledger_id, rule->shares[i].account_id);
    return has_owner;
}

static bool has_payout_owners(const struct engine *engine, const struct payout *payout)
{
    return is_in(engine, payout->ledger_id, payout->account_id) &&
           (payout->fee_account_id == 0 ||
               is_in(engine, payout->ledger_id, payout->fee_account_id)) &&
           (payout->fee_rule_id == 0 || has_record(engine, RECORD_FEE_RULE, payout->fee_rule_id));
}

bool has_owners(const struct engine *engine, enum record_kind kind, const void *record)
{
    const struct hold *hold = record;
    const struct freeze *freeze = record;
    const struct refunded *refunded = record;
    const struct debt *debt = record;
    const struct adjustment *adjustment = record;
    const struct restriction *restriction = record;
    switch (kind) {
    case RECORD_LEDGER:
        return true;
    case RECORD_MEMBER:
        return engine_find_ledger(engine, ((const struct member *)record)->ledger_id) != NULL;
    case RECORD_ACCOUNT:
        return has_account_owners(engine, record);
    case RECORD_PAYOUT:
        return has_payout_owners(engine, record);
    case RECORD_FEE_RULE:
        return has_fee_rule_owners(engine, record);
    case RECORD_HOLD:
        return is_in(engine, hold->ledger_id, hold->payer_account_id);
    case RECORD_FREEZE:
        return is_in(engine, freeze->ledger_id, freeze->account_id);
    case RECORD_REFUNDED:
        return refunded->account_id == 0 ? engine_find_ledger(engine, refunded->ledger_id) != NULL
                                         : is_in(engine, refunded->ledger_id, refunded->account_id);
    case RECORD_DEBT:
        return is_in(engine, debt->ledger_id, debt->account_id);
    case RECORD_ADJUSTMENT:
        return is_in(engine, adjustment->ledger_id, adjustment->debit_account_id) &&
               is_in(engine, adjustment->ledger_id, adjustment->credit_account_id);
    case RECORD_RESTRICTION:
        return is_in(engine, restriction->ledger_id, restriction->account_id);
    }
    CHECK(0 && "a known kind of record");
    return false;
}

static int check_owners(const struct check *check)
{
    const struct engine *engine = check->engine;
    for (int number = 1; number <= RECORD_KINDS; number++) {
        enum record_kind kind = (enum record_kind)number;
        FOR_EACH_RECORD(engine, kind, id)
        {
            if (!has_owners(engine, kind, record_at(engine, kind, id)))
                return differs(check, "%s %" PRId64 " has no owner", record_tables[kind].name, id);
        }
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
        if (account->kind == ACCOUNT_ESCROW) {
            sums->escrow_minor += account->balance_minor[BUCKET_AVAILABLE];
            continue;
        }
        for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
            sums->total_minor[bucket] += account->balance_minor[bucket];
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
        check->sums[payout->ledger_id].open_payouts_minor += payout->amount_minor;
        check->sums[payout->ledger_id].open_payout_count++;
        check->accounts[payout->account_id].pending_out_minor += payout->amount_minor;
    }
}

/* A live record has something left, another has nothing; 0 when it is so. */
static int check_rest(
    const struct check *check, enum record_kind kind, int64_t id, bool is_live, int64_t rest_minor)
{
    if (is_live ? rest_minor > 0 : rest_minor == 0)
        return 0;
    return differs(check, "%s %" PRId64 ": status and %" PRId64 " left do not agree",
        record_tables[kind].name, id, rest_minor);
}

static int find_parts(struct check *check)
{
    const struct engine *engine = check->engine;
    FOR_EACH_RECORD(engine, RECORD_HOLD, id)
    {
        const struct hold *hold = hold_at(engine, id);
        int64_t held_minor = hold->amount_minor - hold->confirmed_minor - hold->cancelled_minor;
        int result = check_rest(check, RECORD_HOLD, id, hold->status == HOLD_LIVE, held_minor);
        if (result < 0)
            return -1;
        check->accounts[hold->payer_account_id].frozen_minor += held_minor;
        check->mapped_hold_count += hold->status == HOLD_LIVE || is_ended_of_order(engine, id);
    }
    FOR_EACH_RECORD(engine, RECORD_FREEZE, id)
    {
        const struct freeze *freeze = freeze_at(engine, id);
        int64_t frozen_minor = freeze->amount_minor - freeze->lifted_minor;
        int result =
            check_rest(check, RECORD_FREEZE, id, freeze->status == FREEZE_LIVE, frozen_minor);
        if (result < 0)
            return -1;
        check->accounts[freeze->account_id].frozen_minor += frozen_minor;
        check->accounts[freeze->account_id].freeze_count += freeze->status == FREEZE_LIVE;
    }
    FOR_EACH_RECORD(engine, RECORD_DEBT, id)
    {
        const struct debt *debt = debt_at(engine, id);
        int result = check_rest(check, RECORD_DEBT, id, debt->status == DEBT_OPEN,
            debt->amount_minor - debt->recovered_minor);
        if (result < 0)
            return -1;
        check->accounts[debt->account_id].debt_count += debt->status == DEBT_OPEN;
    }
    FOR_EACH_RECORD(engine, RECORD_RESTRICTION, id)
    {
        const struct restriction *restriction = record_at(engine, RECORD_RESTRICTION, id);
        check->accounts[restriction->account_id].restriction_count++;
    }
    FOR_EACH_RECORD(engine, RECORD_REFUNDED, id)
    check->refunded_count++;
    return 0;
}

/* ---- what the engine keeps ---- */

static int check_ledger(const struct check *check, const struct ledger *ledger)
{
    const struct found_sums *found = &check->sums[ledger->id];
    const struct ledger_sums *kept = &check->engine->sums[ledger->id];
    const int64_t *total = found->sums.total_minor;
    int64_t owed = total[BUCKET_AVAILABLE] + total[BUCKET_FROZEN] + total[BUCKET_PENDING_OUT];
    if (memcmp(&found->sums, kept, sizeof *kept) != 0)
        return differs(
            check, "ledger %" PRId64 ": the kept sums differ from its accounts", ledger->id);
    if (owed != -found->sums.escrow_minor)
        return differs(check, "ledger %" PRId64 ": escrow %" PRId64 " but accounts %" PRId64,
            ledger->id, -found->sums.escrow_minor, owed);
    if (found->open_payouts_minor != total[BUCKET_PENDING_OUT] ||
        found->open_payout_count != ledger->open_payout_count)
        return differs(check,
            "ledger %" PRId64 ": pending out %" PRId64 " but open payouts %" PRId64, ledger->id,
            total[BUCKET_PENDING_OUT], found->open_payouts_minor);
    if (found->returnable_count != returnable_count(check->engine, ledger))
        return differs(check,
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
    for (int64_t id = account->newest_freeze_id; id != 0;
         id = freeze_at(engine, id)->next_freeze_of_account) {
        const struct freeze *freeze = freeze_at(engine, id);
        bool is_its = freeze->account_id == account->id && freeze->status == FREEZE_LIVE;
        if (!is_its || freeze->previous_freeze_of_account != previous ||
            ++count > check->accounts[account->id].freeze_count)
            return differs(check,
                "account %" PRId64 ": its freezes are chained wrongly at %" PRId64, account->id,
                id);
        previous = id;
    }
    if (count != check->accounts[account->id].freeze_count)
        return differs(check, "account %" PRId64 ": a freeze is not in its chain", account->id);
    return 0;
}

static int check_debt_chain(const struct check *check, const struct account *account)
{
    const struct engine *engine = check->engine;
    int32_t count = 0;
    int64_t previous = 0;
    int64_t owed_minor = 0;
    for (int64_t id = account->oldest_debt_id; id != 0;
         id = debt_at(engine, id)->next_debt_of_account) {
        const struct debt *debt = debt_at(engine, id);
        bool is_its = debt->account_id == account->id && debt->status == DEBT_OPEN;
        if (!is_its || id <= previous)
            return differs(check, "account %" PRId64 ": its debts are chained wrongly at %" PRId64,
                account->id, id);
        owed_minor += debt->amount_minor - debt->recovered_minor;
        previous = id;
        count++;
    }
    if (owed_minor != account->owed_minor)
        return differs(check, "account %" PRId64 ": owes %" PRId64 " but its debts are %" PRId64,
            account->id, account->owed_minor, owed_minor);
    if (count != check->accounts[account->id].debt_count ||
        (count > 0 && engine->newest_debts[account->id] != previous))
        return differs(check, "account %" PRId64 ": a debt is not in its chain", account->id);
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
            return differs(check,
                "account %" PRId64 ": its restrictions are chained wrongly at %" PRId64,
                account->id, id);
        no_in |= restriction->no_in;
        no_out |= restriction->no_out;
        id = restriction->next_restriction_of_account;
    }
    if (count != check->accounts[account->id].restriction_count)
        return differs(
            check, "account %" PRId64 ": a restriction is not in its chain", account->id);
    if (count > 0 && (no_in != account->no_in || no_out != account->no_out))
        return differs(
            check, "account %" PRId64 ": its flags are not those of its restrictions", account->id);
    return 0;
}

static int check_account(const struct check *check, const struct account *account)
{
    const struct found_account *found = &check->accounts[account->id];
    if (account->balance_minor[BUCKET_FROZEN] != found->frozen_minor)
        return differs(check,
            "account %" PRId64 ": frozen %" PRId64 " but holds and freezes %" PRId64, account->id,
            account->balance_minor[BUCKET_FROZEN], found->frozen_minor);
    if (account->balance_minor[BUCKET_PENDING_OUT] != found->pending_out_minor)
        return differs(check,
            "account %" PRId64 ": pending out %" PRId64 " but open payouts %" PRId64, account->id,
            account->balance_minor[BUCKET_PENDING_OUT], found->pending_out_minor);
    if (check_freeze_chain(check, account) < 0 || check_restrictions(check, account) < 0)
        return -1;
    return check_debt_chain(check, account);
}

/* ---- all of it ---- */

static int check_everything(struct check *check)
{
    const struct engine *engine = check->engine;
    if (check_ids(check) < 0 || check_all_blocks(check) < 0 || check_owners(check) < 0 ||
        check_accounts(check) < 0)
        return -1;
    find_sums(check);
    if (find_parts(check) < 0)
        return -1;
    for (int64_t id = 1; id <= engine->last_id[RECORD_LEDGER]; id++) {
        if (check_ledger(check, &engine->ledgers[id]) < 0)
            return -1;
    }
    for (int64_t id = 1; id <= engine->last_id[RECORD_ACCOUNT]; id++) {
        if (check_account(check, &engine->accounts[id]) < 0)
            return -1;
    }
    if (engine->holds_of_orders.count != check->mapped_hold_count)
        return differs(check,
            "%" PRIu64 " holds are found by their orders, but %" PRIu64 " live or the last",
            engine->holds_of_orders.count, check->mapped_hold_count);
    if (engine->refunds.count != check->refunded_count)
        return differs(check, "%" PRIu64 " refunds are found, but there are %" PRIu64,
            engine->refunds.count, check->refunded_count);
    return 0;
}

int engine_check(const struct engine *engine, char *ret_error, size_t error_bytes)
{
    struct check check = {.engine = engine, .error = ret_error, .error_bytes = error_bytes};
    check.sums = reserve_array((size_t)LEDGERS_MAX + 1, sizeof *check.sums);
    check.accounts = reserve_array((size_t)ACCOUNTS_MAX + 1, sizeof *check.accounts);
    int result = check_everything(&check);
    reserve_release(check.sums, (size_t)LEDGERS_MAX + 1, sizeof *check.sums);
    reserve_release(check.accounts, (size_t)ACCOUNTS_MAX + 1, sizeof *check.accounts);
    return result;
}
