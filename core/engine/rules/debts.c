/* debts.c: what payees owe PLATFORM_OWN for refunds that it advanced: in chains by account and by
 * member, the oldest first.
 *
 * The chains and what a member owes are derived: whoever changes one keeps it for an undo.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/debts.h"

#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "model/withdrawable.h"

int64_t engine_owed_minor(const struct engine *engine, const struct account *account)
{
    return engine->owed_minor[account->member_id];
}

int64_t spendable_minor(const struct engine *engine, const struct account *account)
{
    return account_spendable_minor(account, engine_owed_minor(engine, account));
}

int64_t owed_of_debt_minor(const struct debt *debt)
{
    return debt->amount_minor - debt->recovered_minor;
}

static struct debt_links *links_of(const struct engine *engine, int64_t debt_id)
{
    return &engine->debt_links[place_of(engine, RECORD_DEBT, debt_id)];
}

static void change_owed(struct engine *engine, int64_t member_id, int64_t by_minor)
{
    int64_t *owed_minor = &engine->owed_minor[member_id];
    CHECK(member_id != 0);
    keep_for_undo(engine, owed_minor, sizeof *owed_minor);
    bool overflowed = __builtin_add_overflow(*owed_minor, by_minor, owed_minor);
    CHECK(!overflowed && *owed_minor >= 0);
    CHECK((*owed_minor == 0) == (engine->oldest_member_debts[member_id] == 0));
}

static void link_to_member(struct engine *engine, int64_t member_id, int64_t debt_id)
{
    int64_t *oldest = &engine->oldest_member_debts[member_id];
    int64_t *newest = &engine->newest_member_debts[member_id];
    struct debt_links *links = links_of(engine, debt_id);
    CHECK(links->older_of_member == 0 && links->younger_of_member == 0);
    int64_t *link = *oldest != 0 ? &links_of(engine, *newest)->younger_of_member : oldest;
    keep_for_undo(engine, link, sizeof *link);
    keep_for_undo(engine, links, sizeof *links);
    keep_for_undo(engine, newest, sizeof *newest);
    links->older_of_member = *oldest != 0 ? *newest : 0;
    *link = debt_id;
    *newest = debt_id;
}

static void unlink_from_member(struct engine *engine, int64_t member_id, int64_t debt_id)
{
    struct debt_links *links = links_of(engine, debt_id);
    int64_t *from_older = links->older_of_member != 0
                              ? &links_of(engine, links->older_of_member)->younger_of_member
                              : &engine->oldest_member_debts[member_id];
    int64_t *from_younger = links->younger_of_member != 0
                                ? &links_of(engine, links->younger_of_member)->older_of_member
                                : &engine->newest_member_debts[member_id];
    CHECK(*from_older == debt_id && *from_younger == debt_id);
    keep_for_undo(engine, from_older, sizeof *from_older);
    keep_for_undo(engine, from_younger, sizeof *from_younger);
    keep_for_undo(engine, links, sizeof *links);
    *from_older = links->younger_of_member;
    *from_younger = links->older_of_member;
    links->older_of_member = 0;
    links->younger_of_member = 0;
}

void index_debt(struct engine *engine, int64_t debt_id)
{
    const struct debt *debt = debt_at(engine, debt_id);
    if (debt->status != DEBT_OPEN)
        return;
    CHECK(*younger_debt_of(engine, debt_id) == 0);
    int64_t *oldest = &engine->oldest_debts[debt->account_id];
    int64_t *newest = &engine->newest_debts[debt->account_id];
    int64_t *link = *oldest != 0 ? younger_debt_of(engine, *newest) : oldest;
    CHECK(*link == 0);
    keep_for_undo(engine, link, sizeof *link);
    keep_for_undo(engine, newest, sizeof *newest);
    *link = debt_id;
    *newest = debt_id;
    int64_t member_id = engine->accounts[debt->account_id].member_id;
    link_to_member(engine, member_id, debt_id);
    change_owed(engine, member_id, owed_of_debt_minor(debt));
}

/* Takes a debt that is recovered, its account's oldest one, out of the chains. */
static void drop_debt(struct engine *engine, const struct debt *debt)
{
    int64_t *oldest = &engine->oldest_debts[debt->account_id];
    CHECK(*oldest == debt->id);
    unlink_from_member(engine, engine->accounts[debt->account_id].member_id, debt->id);
    int64_t *younger = younger_debt_of(engine, *oldest);
    keep_for_undo(engine, oldest, sizeof *oldest);
    keep_for_undo(engine, younger, sizeof *younger);
    *oldest = *younger;
    *younger = 0;
}

/* The debt that the account repays next; 0: its member owes nothing. The oldest one of a member is
 * the oldest one of its account, too. */
static int64_t next_debt(const struct engine *engine, const struct account *account)
{
    int64_t own = engine->oldest_debts[account->id];
    return own != 0 ? own : engine->oldest_member_debts[account->member_id];
}

int64_t recover_debts(struct engine *engine, const struct ledger *ledger,
    const struct account *account, int64_t most_minor)
{
    int64_t rest_minor = most_minor;
    for (int i = 0; i < DEBTS_PER_SETTLE_MAX && rest_minor > 0; i++) {
        int64_t debt_id = next_debt(engine, account);
        if (debt_id == 0)
            break;
        struct debt *debt = change_debt(engine, debt_id);
        int64_t owed_minor = owed_of_debt_minor(debt);
        int64_t part_minor = rest_minor < owed_minor ? rest_minor : owed_minor;
        CHECK(debt->status == DEBT_OPEN && owed_minor > 0);
        debt->recovered_minor += part_minor;
        rest_minor -= part_minor;
        record_image(engine, RECORD_DEBT, debt->id);
        if (part_minor == owed_minor) {
            debt->status = DEBT_RECOVERED;
            drop_debt(engine, debt);
        }
    }
    int64_t repaid_minor = most_minor - rest_minor;
    if (repaid_minor == 0)
        return 0;
    change_owed(engine, account->member_id, -repaid_minor);
    book(engine, repaid_minor, account, BUCKET_AVAILABLE,
        control_account(engine, ledger, ACCOUNT_PLATFORM_OWN), BUCKET_AVAILABLE);
    return repaid_minor;
}

static bool is_right_debtor(const struct engine *engine, int64_t member_id)
{
    int64_t open_count = 0;
    int64_t previous = 0;
    int64_t owed_minor = 0;
    for (int64_t id = engine->oldest_member_debts[member_id]; id != 0;) {
        const struct debt *debt = debt_at(engine, id);
        const struct debt_links *links = links_of(engine, id);
        if (debt->status != DEBT_OPEN || links->older_of_member != previous || id <= previous ||
            engine->accounts[debt->account_id].member_id != member_id)
            return false;
        owed_minor += owed_of_debt_minor(debt);
        open_count++;
        previous = id;
        id = links->younger_of_member;
    }
    for (int64_t id = engine->newest_accounts[member_id]; id != 0;
         id = engine->older_accounts[id]) {
        for (int64_t debt = engine->oldest_debts[id]; debt != 0;
             debt = *younger_debt_of(engine, debt))
            open_count--;
    }
    bool is_whole =
        open_count == 0 && (previous == 0 || engine->newest_member_debts[member_id] == previous);
    return is_whole && owed_minor == engine->owed_minor[member_id];
}

int64_t find_wrong_debtor(const struct engine *engine)
{
    for (int64_t id = 1; id <= engine->last_id[RECORD_MEMBER]; id++) {
        if (!is_right_debtor(engine, id))
            return id;
    }
    return engine->owed_minor[0] == 0 ? 0 : -1;
}
