/* debts.c: what payees owe PLATFORM_OWN for refunds that it advanced: in chains by account, the
 * oldest first.
 *
 * The chains are derived: whoever changes one keeps it for an undo.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/debts.h"

#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"

int64_t owed_of_debt_minor(const struct debt *debt)
{
    return debt->amount_minor - debt->recovered_minor;
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
    int64_t *owed_minor = &engine->accounts[debt->account_id].owed_minor;
    keep_for_undo(engine, owed_minor, sizeof *owed_minor);
    *owed_minor += owed_of_debt_minor(debt);
}

/* Takes the oldest debt, which is recovered, out of its account's chain. */
static void drop_oldest_debt(struct engine *engine, int64_t account_id)
{
    int64_t *oldest = &engine->oldest_debts[account_id];
    CHECK(*oldest != 0);
    int64_t *younger = younger_debt_of(engine, *oldest);
    keep_for_undo(engine, oldest, sizeof *oldest);
    keep_for_undo(engine, younger, sizeof *younger);
    *oldest = *younger;
    *younger = 0;
}

int64_t recover_debts(struct engine *engine, const struct ledger *ledger,
    const struct account *account, int64_t most_minor)
{
    int64_t rest_minor = most_minor;
    const int64_t *oldest = &engine->oldest_debts[account->id];
    for (int i = 0; i < DEBTS_PER_SETTLE_MAX && rest_minor > 0 && *oldest != 0; i++) {
        struct debt *debt = change_debt(engine, *oldest);
        int64_t owed_minor = owed_of_debt_minor(debt);
        int64_t part_minor = rest_minor < owed_minor ? rest_minor : owed_minor;
        CHECK(debt->status == DEBT_OPEN && owed_minor > 0);
        debt->recovered_minor += part_minor;
        rest_minor -= part_minor;
        record_image(engine, RECORD_DEBT, debt->id);
        if (part_minor == owed_minor) {
            debt->status = DEBT_RECOVERED;
            drop_oldest_debt(engine, account->id);
        }
    }
    int64_t repaid_minor = most_minor - rest_minor;
    if (repaid_minor == 0)
        return 0;
    int64_t *owed_minor = &engine->accounts[account->id].owed_minor;
    keep_for_undo(engine, owed_minor, sizeof *owed_minor);
    *owed_minor -= repaid_minor;
    CHECK(*owed_minor >= 0 && (*owed_minor == 0) == (*oldest == 0));
    book(engine, repaid_minor, account, BUCKET_AVAILABLE,
        control_account(engine, ledger, ACCOUNT_PLATFORM_OWN), BUCKET_AVAILABLE);
    return repaid_minor;
}
