/* payouts.c: what became at the bank of money that left.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/payouts.h"
#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/card_flows.h"
#include "engine/rules/commands.h"
#include "engine/rules/deductions.h"
#include "engine/rules/fees.h"
#include "engine/rules/mandates.h"
#include "engine/rules/refusals.h"
#include "engine/rules/returns.h"
#include "engine/rules/stand_ins.h"
#include "engine/rules/sums.h"
#include "engine/rules/suspense.h"
#include "engine/rules/texts.h"
#include "model/date.h"
#include "model/fee.h"
#include "model/money.h"
#include "model/payout.h"
#include "model/withdrawable.h"

/* ---- what became of it ---- */

/* What can happen to a payout: the bank's results, and being intercepted. */
enum payout_event { PAYOUT_INTERCEPTED = PAYOUT_RESULT_UNKNOWN + 1, PAYOUT_EVENTS };

#define EACH(outcome)                                                                              \
    {                                                                                              \
        [PAYOUT_RESULT_PAID] = outcome, [PAYOUT_RESULT_FAILED] = outcome,                          \
        [PAYOUT_RESULT_RETURNED] = outcome, [PAYOUT_RESULT_SENT] = outcome,                        \
        [PAYOUT_RESULT_UNKNOWN] = outcome, [PAYOUT_INTERCEPTED] = outcome,                         \
    }

/* By status and event. A payout that is unknown is asked for, never sent again. */
static const enum outcome transitions[PAYOUT_CANCELLED + 1][PAYOUT_EVENTS] = {
    [PAYOUT_REQUESTED] =
        {
            [PAYOUT_RESULT_PAID] = OUTCOME_ACCEPTED,
            [PAYOUT_RESULT_FAILED] = OUTCOME_ACCEPTED,
            [PAYOUT_RESULT_RETURNED] = OUTCOME_PAYOUT_NOT_PAID,
            [PAYOUT_RESULT_SENT] = OUTCOME_ACCEPTED,
            [PAYOUT_RESULT_UNKNOWN] = OUTCOME_ACCEPTED,
            [PAYOUT_INTERCEPTED] = OUTCOME_ACCEPTED,
        },
    [PAYOUT_SENT] =
        {
            [PAYOUT_RESULT_PAID] = OUTCOME_ACCEPTED,
            [PAYOUT_RESULT_FAILED] = OUTCOME_ACCEPTED,
            [PAYOUT_RESULT_RETURNED] = OUTCOME_PAYOUT_NOT_PAID,
            [PAYOUT_RESULT_SENT] = OUTCOME_PAYOUT_ALREADY_SENT,
            [PAYOUT_RESULT_UNKNOWN] = OUTCOME_ACCEPTED,
            [PAYOUT_INTERCEPTED] = OUTCOME_PAYOUT_ALREADY_SENT,
        },
    [PAYOUT_UNKNOWN] =
        {
            [PAYOUT_RESULT_PAID] = OUTCOME_ACCEPTED,
            [PAYOUT_RESULT_FAILED] = OUTCOME_ACCEPTED,
            [PAYOUT_RESULT_RETURNED] = OUTCOME_PAYOUT_NOT_PAID,
            [PAYOUT_RESULT_SENT] = OUTCOME_PAYOUT_ALREADY_UNKNOWN,
            [PAYOUT_RESULT_UNKNOWN] = OUTCOME_PAYOUT_ALREADY_UNKNOWN,
            [PAYOUT_INTERCEPTED] = OUTCOME_PAYOUT_ALREADY_SENT,
        },
    [PAYOUT_PAID] =
        {
            [PAYOUT_RESULT_PAID] = OUTCOME_PAYOUT_ALREADY_PAID,
            [PAYOUT_RESULT_FAILED] = OUTCOME_PAYOUT_ALREADY_PAID,
            [PAYOUT_RESULT_RETURNED] = OUTCOME_ACCEPTED, /* until return_until */
            [PAYOUT_RESULT_SENT] = OUTCOME_PAYOUT_ALREADY_PAID,
            [PAYOUT_RESULT_UNKNOWN] = OUTCOME_PAYOUT_ALREADY_PAID,
            [PAYOUT_INTERCEPTED] = OUTCOME_PAYOUT_ALREADY_PAID,
        },
    [PAYOUT_FAILED] = EACH(OUTCOME_PAYOUT_ALREADY_FAILED),
    [PAYOUT_RETURNED] = EACH(OUTCOME_PAYOUT_ALREADY_RETURNED),
    [PAYOUT_CANCELLED] = EACH(OUTCOME_PAYOUT_ALREADY_CANCELLED),
};

/* OUTCOME_ACCEPTED with the payout of the ledger if this can happen to it, or why not. */
static enum outcome find_payout(const struct engine *engine, const struct ledger *ledger,
    int64_t payout_id, int32_t event, const struct payout **ret_payout)
{
    const struct payout *payout = engine_find_payout(engine, payout_id);
    if (!payout || payout->ledger_id != ledger->id)
        return OUTCOME_PAYOUT_NOT_FOUND;
    CHECK(payout->status >= PAYOUT_REQUESTED && payout->status <= PAYOUT_CANCELLED);
    CHECK(event >= PAYOUT_RESULT_PAID && event < PAYOUT_EVENTS);
    *ret_payout = payout;
    return transitions[payout->status][event];
}

struct payout *add_payout(
    struct engine *engine, const struct account *account, int64_t amount_minor)
{
    struct payout *payout = add_record(engine, RECORD_PAYOUT);
    payout->ledger_id = account->ledger_id;
    payout->account_id = account->id;
    payout->amount_minor = amount_minor;
    payout->requested_sequence = engine->sequence;
    payout->status = PAYOUT_REQUESTED;
    count_open_payout(engine, account->ledger_id, 1);
    record_image(engine, RECORD_PAYOUT, payout->id);
    return payout;
}

const struct fee_rule *payout_fee_rule(const struct engine *engine, const struct payout *payout)
{
    return payout->fee_rule_id != 0 ? &engine->fee_rules[payout->fee_rule_id] : NULL;
}

/* Gives a part of the fee back. What the bank said must be booked, whether the fee was collected or
 * not: a fee account may become negative by this. */
static void give_fee_back(
    struct engine *engine, const struct ledger *ledger, struct payout *payout, int64_t back_minor)
{
    struct fee_legs legs;
    CHECK(back_minor >= 0 && back_minor <= payout->fee_minor - payout->fee_returned_minor);
    if (back_minor == 0)
        return;
    split_fee_back(engine, ledger, payout_fee_rule(engine, payout), payout->fee_minor,
        payout->fee_returned_minor, payout->fee_returned_minor + back_minor, &legs);
    give_payout_fee_back(engine, ledger, payout, &legs);
    payout->fee_returned_minor += back_minor;
}

int64_t payout_fee_back_minor(
    const struct engine *engine, const struct payout *payout, enum payout_result result)
{
    const struct fee_rule *rule = &engine->fee_rules[payout->fee_rule_id];
    bool has_rule = payout->fee_rule_id != 0;
    if (result == PAYOUT_RESULT_FAILED)
        return has_rule && rule->on_payout_failed == PAYOUT_FEE_KEPT ? 0 : payout->fee_minor;
    CHECK(result == PAYOUT_RESULT_RETURNED);
    if (!has_rule || rule->on_payout_returned == PAYOUT_FEE_KEPT)
        return 0;
    return fee_proportion(payout->fee_minor, payout->returned_minor, payout->amount_minor) -
           payout->fee_returned_minor;
}

int32_t payout_return_until(const struct ledger *ledger)
{
    int32_t date = ledger->accounting_dates[0] + ledger->payout_return_days;
    return date < DATE_DAYS_MAX ? date : DATE_DAYS_MAX;
}

bool can_take_payout_back(const struct engine *engine, const struct ledger *ledger,
    const struct payout *payout, int64_t returned_minor, int64_t fee_minor)
{
    struct fee_legs legs;
    split_fee_back(engine, ledger, payout_fee_rule(engine, payout), payout->fee_minor,
        payout->fee_returned_minor, payout->fee_returned_minor + fee_minor, &legs);
    return can_take(engine, ledger, returned_minor + fee_legs_lacking(engine, &legs));
}

bool lacks_room_for_return(const struct engine *engine, const struct payout *payout)
{
    const struct account *bearer =
        payout->fee_account_id != 0 ? &engine->accounts[payout->fee_account_id] : NULL;
    return lacks_room_for_suspense(engine, &engine->accounts[payout->account_id]) ||
           lacks_room_for_suspense(engine, bearer);
}

/* Books the bank's word; `returned_minor` is of a return. */
static void book_result(struct engine *engine, const struct ledger *ledger, struct payout *payout,
    enum payout_result result, int64_t returned_minor)
{
    const struct account *account = &engine->accounts[payout->account_id];
    const struct account *escrow = control_account(engine, ledger, ACCOUNT_ESCROW);
    switch (result) {
    case PAYOUT_RESULT_PAID:
        book(engine, payout->amount_minor, account, BUCKET_PENDING_OUT, escrow, BUCKET_AVAILABLE);
        note_suspense_returned(engine, payout, true);
        payout->status = PAYOUT_PAID;
        payout->return_until = payout_return_until(ledger);
        count_returnable(engine, payout, 1);
        count_open_payout(engine, ledger->id, -1);
        break;
    case PAYOUT_RESULT_FAILED:
        book(engine, payout->amount_minor, account, BUCKET_PENDING_OUT, account, BUCKET_AVAILABLE);
        note_suspense_returned(engine, payout, false);
        give_fee_back(engine, ledger, payout, payout_fee_back_minor(engine, payout, result));
        payout->status = PAYOUT_FAILED;
        count_open_payout(engine, ledger->id, -1);
        break;
    case PAYOUT_RESULT_RETURNED:
        give_payout_back(engine, ledger, payout, returned_minor);
        if (payout->returned_minor + returned_minor == payout->amount_minor)
            count_returnable(engine, payout, -1);
        payout->returned_minor += returned_minor;
        give_fee_back(engine, ledger, payout, payout_fee_back_minor(engine, payout, result));
        if (payout->returned_minor == payout->amount_minor)
            payout->status = PAYOUT_RETURNED;
        break;
    case PAYOUT_RESULT_SENT:
        payout->status = PAYOUT_SENT;
        break;
    case PAYOUT_RESULT_UNKNOWN:
        payout->status = PAYOUT_UNKNOWN;
        break;
    }
}

void record_payout_word(struct engine *engine, struct payout *payout)
{
    engine->effects->told_before = payout->evidence_sequence;
    payout->evidence_sequence = engine->sequence;
    record_image(engine, RECORD_PAYOUT, payout->id);
    note_order_number(engine, payout->order_number, payout->order_number_length);
    engine->effects->subject_id = payout->id;
}

static enum outcome confirm(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct confirm_payout *asked = &command->confirm_payout;
    const struct payout *payout = NULL;
    int64_t returned_minor = 0;
    enum outcome outcome = find_payout(engine, ledger, asked->payout_id, asked->result, &payout);
    if (payout)
        outcome = earlier(outcome, check_withdrawal(engine, ledger, command, payout));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (asked->result == PAYOUT_RESULT_RETURNED) {
        int64_t rest_minor = payout->amount_minor - payout->returned_minor;
        returned_minor = asked->amount_minor != 0 ? asked->amount_minor : rest_minor;
        if (!payout_may_return(payout, ledger->accounting_dates[0]))
            return OUTCOME_PAYOUT_FINAL;
        if (lacks_room_for_return(engine, payout))
            return OUTCOME_TOO_MANY_SUSPENSE_ITEMS;
        if (returned_minor > rest_minor)
            return refuse_at(engine, OUTCOME_ABOVE_REST, rest_minor);
    }
    if (asked->result == PAYOUT_RESULT_FAILED || asked->result == PAYOUT_RESULT_RETURNED) {
        if (lacks_room_for_return(engine, payout))
            return OUTCOME_TOO_MANY_SUSPENSE_ITEMS;
        struct payout after = *payout;
        after.returned_minor += returned_minor;
        int64_t fee_minor =
            payout_fee_back_minor(engine, &after, (enum payout_result)asked->result);
        if (!can_take_payout_back(engine, ledger, payout, returned_minor, fee_minor))
            return refuse_at(engine, OUTCOME_AMOUNT_OVERFLOW, room_minor(engine, ledger));
    }

    struct payout before = *payout;
    struct payout *changed = change_payout(engine, payout->id);
    book_result(engine, ledger, changed, (enum payout_result)asked->result, returned_minor);
    note_card_payout(engine, ledger, command, &before, changed);
    note_deduction(engine, ledger, command, &before, changed);
    note_mandate_payout(engine, command, &before, changed);
    record_payout_word(engine, changed);
    return OUTCOME_ACCEPTED;
}

/* ---- the commands ---- */

enum outcome execute_confirm_payout(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct confirm_payout *asked = &command->confirm_payout;
    return asked->correction ? correct_payout(engine, ledger, command)
                             : confirm(engine, ledger, command);
}

enum outcome execute_intercept_payout(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct intercept_payout *asked = &command->intercept_payout;
    const struct payout *payout = NULL;
    enum outcome outcome =
        find_payout(engine, ledger, asked->payout_id, PAYOUT_INTERCEPTED, &payout);
    if (payout)
        outcome = earlier(outcome, check_withdrawal(engine, ledger, command, payout));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (claim_of_payout(engine, ledger, command, payout) != 0)
        return OUTCOME_PAYOUT_IS_MEASURE;
    if (lacks_room_for_return(engine, payout))
        return OUTCOME_TOO_MANY_SUSPENSE_ITEMS;
    if (!can_take_payout_back(engine, ledger, payout, 0, payout->fee_minor))
        return refuse_at(engine, OUTCOME_AMOUNT_OVERFLOW, room_minor(engine, ledger));

    const struct account *account = &engine->accounts[payout->account_id];
    struct payout before = *payout;
    struct payout *changed = change_payout(engine, payout->id);
    book(engine, payout->amount_minor, account, BUCKET_PENDING_OUT, account, BUCKET_AVAILABLE);
    note_suspense_returned(engine, payout, false);
    give_fee_back(engine, ledger, changed, payout->fee_minor);
    changed->status = PAYOUT_CANCELLED;
    note_card_payout(engine, ledger, command, &before, changed);
    note_mandate_payout(engine, command, &before, changed);
    count_open_payout(engine, ledger->id, -1);
    record_payout_word(engine, changed);
    return OUTCOME_ACCEPTED;
}
