/* settle.c: the last step of a command: claims cover what became available, and who owes repays
 * out of the rest.
 *
 * It stands behind every command, so that no way in which money becomes available can be forgotten:
 * whatever was booked to the available of a member who owes or is claimed, and a restriction that
 * was lifted, is noted while the command books; when it has booked everything, each account is
 * settled once, by id in order. A restricted account gives no money, so it repays when it may give
 * again; claims are of nobody's giving.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/settle.h"

#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/rules/covers.h"
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

/* The noted account, if claims reach it; else NULL. */
static const struct account *claimed_note(const struct engine *engine, uint32_t place)
{
    const struct account *account = &engine->accounts[engine->settle_notes[place].account_id];
    return account->claim_count > 0 ? account : NULL;
}

/* Covers what claims reach of the members whose accounts were noted, one after the other. What that
 * sets free of other accounts is noted meanwhile, behind: money covers less of later accounts. */
static void settle_claims(struct engine *engine)
{
    for (uint32_t i = 0; i < engine->settle_note_count; i++) {
        const struct account *account = claimed_note(engine, i);
        bool is_first = account != NULL;
        for (uint32_t j = 0; j < i && is_first; j++) {
            const struct account *before = claimed_note(engine, j);
            is_first = !before || before->member_id != account->member_id;
        }
        if (is_first)
            cover_claims(engine, account->member_id, CLAIM_DATES_PER_CREDIT_MAX);
    }
}

void settle_accounts(struct engine *engine, const struct ledger *ledger)
{
    settle_claims(engine);
    uint32_t repaid_count = 0;
    for (uint32_t i = 0; i < engine->settle_note_count; i++) {
        const struct settle_note *note = &engine->settle_notes[i];
        const struct account *account = &engine->accounts[note->account_id];
        CHECK(account->ledger_id == ledger->id);
        engine->marks[RECORD_ACCOUNT][account->id] &= (uint8_t)~MARK_SETTLE;
        if (account_gives_none(account) || account->balance_minor[BUCKET_AVAILABLE] == 0 ||
            repaid_count == SETTLE_ACCOUNTS_MAX)
            continue;
        CHECK(account->status == ACCOUNT_OPEN);
        int64_t repaid_minor =
            recover_debts(engine, ledger, account, account->balance_minor[BUCKET_AVAILABLE]);
        lower_next_date(engine, ledger, note, repaid_minor);
        repaid_count += repaid_minor > 0;
    }
    engine->settle_note_count = 0;
}
