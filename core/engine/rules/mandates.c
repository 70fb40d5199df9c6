/* mandates.c: what a customer allows beforehand (授权扣款): payments to one account, or withdrawals
 * to one card, each and all together up to a ceiling, so many, from then until then.
 *
 * A use is counted by the command that names the mandate: all that the account loses by it, as a
 * proof would have to say. It is given back when it did not happen in the end: when the payment is
 * reversed, the payout fails, is intercepted or returns. The command is asked for it, so that no
 * use has a record of its own. A fee that stays counts, else it could be had again and again beyond
 * the ceiling, and so does the use then. A refund gives nothing back: the payee had the money, and
 * what is taken anew the customer has not allowed. A hold names no payee, so none is placed by a
 * mandate.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/mandates.h"

#include "engine/memory/changes.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/accounts.h"
#include "engine/rules/commands.h"
#include "engine/rules/fingerprints.h"
#include "engine/rules/refusals.h"
#include "model/personal.h"

void index_mandate(struct engine *engine, int64_t mandate_id)
{
    const struct mandate *mandate = record_at(engine, RECORD_MANDATE, mandate_id);
    if (mandate->card_id != 0)
        engine->card_mandate_counts[mandate->account_id]++;
}

bool has_card_mandates(const struct engine *engine, int64_t account_id)
{
    return engine->card_mandate_counts[account_id] != 0;
}

static const struct mandate *find_mandate(
    const struct engine *engine, const struct ledger *ledger, int64_t mandate_id)
{
    const struct mandate *mandate = engine_find_record(engine, RECORD_MANDATE, mandate_id);
    return mandate && mandate->ledger_id == ledger->id ? mandate : NULL;
}

static enum outcome check_active(const struct mandate *mandate, int64_t now_us)
{
    if (mandate->status == MANDATE_ENDED)
        return OUTCOME_MANDATE_ENDED;
    CHECK(mandate->status == MANDATE_ACTIVE);
    return mandate->expires_at_us <= now_us ? OUTCOME_MANDATE_EXPIRED : OUTCOME_ACCEPTED;
}

/* ---- granting and ending ---- */

static enum outcome check_payee(
    const struct engine *engine, const struct ledger *ledger, const struct grant_mandate *asked)
{
    const struct account *payee = NULL;
    enum outcome outcome = find_member_account(engine, ledger, asked->payee_account_id, &payee);
    if (outcome == OUTCOME_ACCOUNT_NOT_FOUND)
        return OUTCOME_PAYEE_ACCOUNT_NOT_FOUND;
    if (outcome == OUTCOME_ACCOUNT_CLOSED)
        return OUTCOME_PAYEE_ACCOUNT_CLOSED;
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    return asked->payee_account_id == asked->account_id ? OUTCOME_SAME_ACCOUNT : OUTCOME_ACCEPTED;
}

/* One of the member whose account it is, and found right. */
static enum outcome check_card(const struct engine *engine, const struct ledger *ledger,
    const struct account *account, int64_t card_id)
{
    const struct card *card = engine_find_record(engine, RECORD_CARD, card_id);
    if (!card || card->ledger_id != ledger->id)
        return OUTCOME_CARD_NOT_FOUND;
    if (!account)
        return OUTCOME_ACCEPTED;
    if (card->member_id != account->member_id)
        return OUTCOME_CARD_NOT_OF_MEMBER;
    if (card->status == CARD_UNBOUND || card->status == CARD_REPLACED)
        return OUTCOME_CARD_FINAL;
    return card->status == CARD_CHECKED ? OUTCOME_ACCEPTED : OUTCOME_CARD_NOT_CHECKED;
}

enum outcome execute_grant_mandate(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct grant_mandate *asked = &command->grant_mandate;
    const struct account *account = NULL;
    enum outcome outcome = find_member_account(engine, ledger, asked->account_id, &account);
    if (asked->card_id != 0)
        outcome = earlier(outcome, check_card(engine, ledger, account, asked->card_id));
    else
        outcome = earlier(outcome, check_payee(engine, ledger, asked));
    if (asked->expires_at_us <= engine->now_us)
        outcome = earlier(outcome, OUTCOME_EXPIRY_NOT_AHEAD);
    if (!has_room(engine, RECORD_MANDATE, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_MANDATES);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct mandate *mandate = add_record(engine, RECORD_MANDATE);
    mandate->ledger_id = ledger->id;
    mandate->account_id = asked->account_id;
    mandate->payee_account_id = asked->payee_account_id;
    mandate->card_id = asked->card_id;
    mandate->each_minor = asked->each_minor;
    mandate->total_minor = asked->total_minor;
    mandate->count = asked->count;
    mandate->starts_at_us = asked->starts_at_us != 0 ? asked->starts_at_us : engine->now_us;
    mandate->expires_at_us = asked->expires_at_us;
    mandate->granted_sequence = engine->sequence;
    mandate->status = MANDATE_ACTIVE;
    keep_for_undo(engine, &engine->card_mandate_counts[asked->account_id],
        sizeof engine->card_mandate_counts[asked->account_id]);
    index_mandate(engine, mandate->id);
    record_image(engine, RECORD_MANDATE, mandate->id);
    engine->effects->subject_id = mandate->id;
    return OUTCOME_ACCEPTED;
}

enum outcome execute_end_mandate(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    int64_t id = command->end_mandate.mandate_id;
    const struct mandate *found = find_mandate(engine, ledger, id);
    if (!found)
        return OUTCOME_MANDATE_NOT_FOUND;
    enum outcome outcome = check_active(found, engine->now_us);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct mandate *mandate = change_record(engine, RECORD_MANDATE, id);
    mandate->status = MANDATE_ENDED;
    mandate->ended_sequence = engine->sequence;
    record_image(engine, RECORD_MANDATE, id);
    engine->effects->subject_id = id;
    return OUTCOME_ACCEPTED;
}

/* ---- using ---- */

/* Whether the withdrawal goes to the card, by its id or its number, and that is the member's
 * still. */
static bool is_to_card(const struct engine *engine, const struct ledger *ledger, int64_t card_id,
    const struct withdraw *withdraw)
{
    const struct card *card = engine_find_record(engine, RECORD_CARD, card_id);
    if (!card || card->status != CARD_CHECKED)
        return false;
    if (withdraw->card_id != 0)
        return withdraw->card_id == card_id;
    struct fingerprints number = written_fingerprints(
        engine, ledger->id, PERSONAL_ACCOUNT_NUMBER, withdraw->destination.account_number);
    return has_fingerprint(&number, &card->number);
}

static bool is_of_payee(const struct engine *engine, const struct ledger *ledger,
    const struct mandate *mandate, const struct command *command)
{
    if (command->kind == COMMAND_PAY)
        return mandate->payee_account_id != 0 && command->pay.payee_count == 1 &&
               command->pay.payees[0].account_id == mandate->payee_account_id;
    return mandate->card_id != 0 &&
           is_to_card(engine, ledger, mandate->card_id, &command->withdraw);
}

enum outcome check_mandate(const struct engine *engine, const struct ledger *ledger,
    const struct command *command, int64_t amount_minor)
{
    const struct mandate *mandate = find_mandate(engine, ledger, command_mandate_id(command));
    int64_t account_id =
        command->kind == COMMAND_PAY ? command->pay.payer_account_id : command->withdraw.account_id;
    if (!mandate)
        return OUTCOME_MANDATE_NOT_FOUND;
    if (mandate->account_id != account_id)
        return OUTCOME_MANDATE_NOT_OF_ACCOUNT;
    if (!is_of_payee(engine, ledger, mandate, command))
        return OUTCOME_MANDATE_NOT_OF_PAYEE;
    enum outcome outcome = check_active(mandate, engine->now_us);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (mandate->starts_at_us > engine->now_us)
        return OUTCOME_MANDATE_NOT_YET_VALID;
    if (mandate->used_count >= mandate->count)
        return OUTCOME_MANDATE_USED_UP;
    int64_t left_minor = mandate->total_minor - mandate->used_minor;
    int64_t most_minor = mandate->each_minor < left_minor ? mandate->each_minor : left_minor;
    if (amount_minor > most_minor)
        return refuse_at(engine, OUTCOME_ABOVE_MANDATE, most_minor > 0 ? most_minor : 0);
    return OUTCOME_ACCEPTED;
}

/* All that the account lost by the command, of which that was the fee. */
static int64_t lost_minor(const struct command *command, int64_t fee_minor)
{
    int64_t amount_minor = command->withdraw.amount_minor;
    if (command->kind == COMMAND_PAY) {
        amount_minor = 0;
        for (uint32_t i = 0; i < command->pay.payee_count; i++)
            amount_minor += command->pay.payees[i].amount_minor;
        return command->pay.fee_rule.length == 0 || command->pay.fee_bearer != FEE_BEARER_PAYEES
                   ? amount_minor + fee_minor
                   : amount_minor;
    }
    return command->withdraw.fee_mode == FEE_OUTSIDE ? amount_minor + fee_minor : amount_minor;
}

static void add_use(struct engine *engine, int64_t mandate_id, int64_t amount_minor, int32_t count)
{
    struct mandate *mandate = change_record(engine, RECORD_MANDATE, mandate_id);
    mandate->used_minor += amount_minor;
    mandate->used_count += count;
    CHECK(mandate->used_minor >= 0 && mandate->used_count >= 0);
    record_image(engine, RECORD_MANDATE, mandate_id);
}

void count_mandate(struct engine *engine, const struct command *command)
{
    const struct original *original = command->original;
    if (command_mandate_id(command) != 0) {
        add_use(engine, command_mandate_id(command),
            lost_minor(command, engine->effects->fee_minor), 1);
    } else if (command->kind == COMMAND_REVERSE && command_mandate_id(original->command) != 0) {
        CHECK(original->command->kind == COMMAND_PAY); /* what is withdrawn is the bank's word */
        add_use(engine, command_mandate_id(original->command),
            -lost_minor(original->command, original->fee_minor), -1);
    }
}

/* What of so much counts while the payout is like that: what came back does not, of the amount and
 * of the fee, where the account bore it. */
static int64_t counted_minor(const struct payout *payout, int64_t amount_minor)
{
    bool has_stayed = payout->status == PAYOUT_FAILED || payout->status == PAYOUT_CANCELLED;
    int64_t back_minor = has_stayed ? payout->amount_minor : payout->returned_minor;
    if (payout->fee_account_id == payout->account_id)
        back_minor += payout->fee_returned_minor;
    CHECK(back_minor <= amount_minor);
    return amount_minor - back_minor;
}

void note_mandate_payout(struct engine *engine, const struct command *command,
    const struct payout *before, const struct payout *after)
{
    const struct original *original = command->original;
    if (!has_card_mandates(engine, before->account_id) || !original ||
        command_mandate_id(original->command) == 0)
        return;
    CHECK(original->sequence == before->requested_sequence);
    int64_t amount_minor = lost_minor(original->command, original->fee_minor);
    int64_t was_minor = counted_minor(before, amount_minor);
    int64_t is_minor = counted_minor(after, amount_minor);
    if (was_minor != is_minor)
        add_use(engine, command_mandate_id(original->command), is_minor - was_minor,
            (is_minor > 0) - (was_minor > 0));
}
