/* settle.c: the last step of a command: who owes repays out of what became available.
 *
 * It stands behind every command, so that no way in which money becomes available can be forgotten:
 * whatever was booked to the available of a member who owes, and a restriction that was lifted, is
 * noted while the command books; when it has booked everything, each account is settled once, by
 * id in order. A restricted account gives no money, so it is settled when it may give again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/settle.h"

#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/rules/debts.h"
#include "model/withdrawable.h"

/* What was repaid was not kept for the next date: it comes first out of what this command brought
 * for that date. */
static void lower_next_date(struct engine *engine, const struct ledger *ledger,
    const struct settle_note *note, int64_t repaid_minor)
{
    const struct account *account = &engine->accounts[note->account_id];
    int64_t brought_minor =
        account_next_date_minor(account, ledger->accounting_dates[0]) - note->next_date_minor;
    int64_t part_minor = brought_minor < repaid_minor ? brought_minor : repaid_minor;
    if (part_minor <= 0)
        return;
    change_account(engine, account->id)->next_date_minor -= part_minor;
    record_image(engine, RECORD_ACCOUNT, account->id);
}

void settle_accounts(struct engine *engine, const struct ledger *ledger)
{
    for (uint32_t i = 0; i < engine->settle_note_count; i++) {
        const struct settle_note *note = &engine->settle_notes[i];
        const struct account *account = &engine->accounts[note->account_id];
        CHECK(account->ledger_id == ledger->id);
        engine->marks[RECORD_ACCOUNT][account->id] &= (uint8_t)~MARK_SETTLE;
        if (account_gives_none(account) || account->balance_minor[BUCKET_AVAILABLE] == 0)
            continue;
        CHECK(account->status == ACCOUNT_OPEN);
        int64_t repaid_minor =
            recover_debts(engine, ledger, account, account->balance_minor[BUCKET_AVAILABLE]);
        lower_next_date(engine, ledger, note, repaid_minor);
    }
    engine->settle_note_count = 0;
}
