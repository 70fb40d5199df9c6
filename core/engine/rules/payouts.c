/* payouts.c: what became at the bank of money that left.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/commands.h"
#include "engine/rules/fees.h"
#include "engine/rules/proposals.h"
#include "engine/rules/refusals.h"
#include "engine/rules/returns.h"
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

/* NULL: a fee without a rule, or none. */
static const struct fee_rule *rule_of(const struct engine *engine, const struct payout *payout)
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
    split_fee_back(engine, ledger, rule_of(engine, payout), payout->fee_minor,
        payout->fee_returned_minor, payout->fee_returned_minor + back_minor, &legs);
    book_fee_back(engine, &legs, owner_now(engine, ledger, payout->fee_account_id));
    payout->fee_returned_minor += back_minor;
}

/* What of the fee comes back now that the payout failed or so much of it has returned: by the fee's
 * rule; without a rule, back when it failed, kept when it returned. */
static int64_t fee_back_minor(
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

static int32_t return_until(const struct ledger *ledger)
{
    int32_t date = ledger->accounting_dates[0] + ledger->payout_return_days;
    return date < DATE_DAYS_MAX ? date : DATE_DAYS_MAX;
}

/* Whether the ledger can hold what comes back of the amount and, as far as the fee accounts do not
 * have it, of the fee. */
static bool can_take_back(const struct engine *engine, const struct ledger *ledger,
    const struct payout *payout, int64_t returned_minor, int64_t fee_minor)
{
    struct fee_legs legs;
    split_fee_back(engine, ledger, rule_of(engine, payout), payout->fee_minor,
        payout->fee_returned_minor, payout->fee_returned_minor + fee_minor, &legs);
    return can_take(engine, ledger, returned_minor + fee_legs_lacking(engine, &legs));
}

/* Whether what comes back of it may need an item of suspense that there is no room for. */
static bool lacks_room_for_return(const struct engine *engine, const struct payout *payout)
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
        payout->return_until = return_until(ledger);
        count_returnable(engine, payout, 1);
        count_open_payout(engine, ledger->id, -1);
        break;
    case PAYOUT_RESULT_FAILED:
        book(engine, payout->amount_minor, account, BUCKET_PENDING_OUT, account, BUCKET_AVAILABLE);
        note_suspense_returned(engine, payout, false);
        give_fee_back(engine, ledger, payout, fee_back_minor(engine, payout, result));
        payout->status = PAYOUT_FAILED;
        count_open_payout(engine, ledger->id, -1);
        break;
    case PAYOUT_RESULT_RETURNED:
        book(engine, returned_minor, escrow, BUCKET_AVAILABLE,
            owner_now(engine, ledger, account->id), BUCKET_AVAILABLE);
        if (payout->returned_minor + returned_minor == payout->amount_minor)
            count_returnable(engine, payout, -1);
        payout->returned_minor += returned_minor;
        give_fee_back(engine, ledger, payout, fee_back_minor(engine, payout, result));
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

/* The command is the evidence of the payout's status, and tells which one was before it. */
static void record_evidence(struct engine *engine, struct payout *payout)
{
    engine->effects->told_before = payout->evidence_sequence;
    payout->evidence_sequence = engine->sequence;
    record_image(engine, RECORD_PAYOUT, payout->id);
    note_order_number(engine, payout->order_number, payout->order_number_length);
    engine->effects->subject_id = payout->id;
}

static enum outcome confirm(
    struct engine *engine, const struct ledger *ledger, const struct confirm_payout *asked)
{
    const struct payout *payout = NULL;
    int64_t returned_minor = 0;
    enum outcome outcome = find_payout(engine, ledger, asked->payout_id, asked->result, &payout);
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
        int64_t fee_minor = fee_back_minor(engine, &after, (enum payout_result)asked->result);
        if (!can_take_back(engine, ledger, payout, returned_minor, fee_minor))
            return refuse_at(engine, OUTCOME_AMOUNT_OVERFLOW, room_minor(engine, ledger));
    }

    struct payout *changed = change_payout(engine, payout->id);
    book_result(engine, ledger, changed, (enum payout_result)asked->result, returned_minor);
    record_evidence(engine, changed);
    return OUTCOME_ACCEPTED;
}

/* ---- a wrong word of the bank ---- */

/* What two persons may say instead of what was said, by the status now. From failed or intercepted
 * to wholly returned and back no money moves: it is not done. */
static enum outcome check_right_word(const struct engine *engine, const struct payout *payout,
    enum payout_result right, int64_t back_minor)
{
    bool is_whole = back_minor == payout->amount_minor;
    if (!payout_is_open(payout) && back_minor > payout->amount_minor)
        return refuse_at(engine, OUTCOME_ABOVE_REST, payout->amount_minor);
    switch ((enum payout_status)payout->status) {
    case PAYOUT_REQUESTED:
    case PAYOUT_SENT:
    case PAYOUT_UNKNOWN:
        return OUTCOME_PAYOUT_NOT_DECIDED;
    case PAYOUT_FAILED:
        return right == PAYOUT_RESULT_FAILED || is_whole ? OUTCOME_PAYOUT_ALREADY_FAILED
                                                         : OUTCOME_ACCEPTED;
    case PAYOUT_CANCELLED:
        return right == PAYOUT_RESULT_FAILED || is_whole ? OUTCOME_PAYOUT_ALREADY_CANCELLED
                                                         : OUTCOME_ACCEPTED;
    case PAYOUT_PAID:
        if (right == PAYOUT_RESULT_PAID && payout->returned_minor == 0)
            return OUTCOME_PAYOUT_ALREADY_PAID;
        return right == PAYOUT_RESULT_RETURNED && payout->returned_minor == back_minor
                   ? OUTCOME_PAYOUT_ALREADY_RETURNED
                   : OUTCOME_ACCEPTED;
    case PAYOUT_RETURNED:
        return right == PAYOUT_RESULT_FAILED || is_whole ? OUTCOME_PAYOUT_ALREADY_RETURNED
                                                         : OUTCOME_ACCEPTED;
    }
    CHECK(0 && "a known status of a payout");
    return OUTCOME_PAYOUT_NOT_FOUND;
}

/* What is outside the escrow account. */
static int64_t outside_minor(const struct payout *payout)
{
    bool has_left = payout->status == PAYOUT_PAID || payout->status == PAYOUT_RETURNED;
    return has_left ? payout->amount_minor - payout->returned_minor : 0;
}

/* The payout as the right word makes it. */
static struct payout corrected(const struct engine *engine, const struct ledger *ledger,
    const struct payout *payout, enum payout_result right, int64_t back_minor)
{
    struct payout after = *payout;
    after.returned_minor = back_minor;
    after.fee_returned_minor = 0;
    if (right == PAYOUT_RESULT_FAILED) {
        after.status = PAYOUT_FAILED;
        after.return_until = 0;
        after.fee_returned_minor = fee_back_minor(engine, &after, right);
        return after;
    }
    after.status = back_minor == payout->amount_minor ? PAYOUT_RETURNED : PAYOUT_PAID;
    if (after.return_until == 0)
        after.return_until = return_until(ledger);
    after.fee_returned_minor = fee_back_minor(engine, &after, PAYOUT_RESULT_RETURNED);
    return after;
}

/* Who gives what left after all, and what was given back of the fee: NULL gives nothing. */
struct givers {
    const struct account *of_amount;
    const struct account *of_fee;
};

/* The accounts themselves, restricted or not. For one that was closed since, UNALLOCATED while any
 * of what came back for it waits there; else PLATFORM_OWN, for the money has left, and nobody else
 * is there who had it. */
static struct givers find_givers(const struct engine *engine, const struct ledger *ledger,
    const struct payout *payout, int64_t leaves_minor, int64_t fee_minor)
{
    const struct account *account = &engine->accounts[payout->account_id];
    const struct account *bearer = &engine->accounts[payout->fee_account_id];
    bool waits = suspense_of_payout_waits(engine, payout->id);
    const struct account *stand_in =
        control_account(engine, ledger, waits ? ACCOUNT_UNALLOCATED : ACCOUNT_PLATFORM_OWN);
    return (struct givers){
        .of_amount = leaves_minor <= 0    ? NULL
                     : is_closed(account) ? stand_in
                                          : account,
        .of_fee = fee_minor <= 0      ? NULL
                  : is_closed(bearer) ? stand_in
                                      : bearer,
    };
}

/* What such a giver can give: of UNALLOCATED the items that came back of this payout. */
static int64_t given_at_most(
    const struct engine *engine, const struct payout *payout, const struct account *giver)
{
    return giver->kind == ACCOUNT_UNALLOCATED ? suspense_of_payout_minor(engine, payout->id)
                                              : giver->balance_minor[BUCKET_AVAILABLE];
}

/* Whether those who must give the difference have it. */
static enum outcome check_givers(const struct engine *engine, const struct payout *payout,
    const struct givers *givers, int64_t leaves_minor, int64_t fee_minor)
{
    const struct account *accounts[] = {givers->of_amount, givers->of_fee};
    int64_t amounts[] = {leaves_minor, fee_minor};
    enum outcome outcome = OUTCOME_ACCEPTED;
    if (accounts[0] == accounts[1])
        amounts[0] += amounts[1];
    for (int i = 0; i < 2; i++) {
        if (!accounts[i] || given_at_most(engine, payout, accounts[i]) >= amounts[i])
            continue;
        outcome = earlier(outcome,
            refuse_at(engine,
                accounts[i]->kind == ACCOUNT_PLATFORM_OWN ? OUTCOME_INSUFFICIENT_PLATFORM_OWN
                                                          : OUTCOME_INSUFFICIENT_AVAILABLE,
                given_at_most(engine, payout, accounts[i])));
    }
    return outcome;
}

/* What the giver gives of what came back of the payout, it gives out of its items. */
static void take_from_giver(struct engine *engine, const struct payout *payout,
    const struct account *giver, int64_t amount_minor)
{
    if (giver->kind == ACCOUNT_UNALLOCATED)
        take_suspense_of_payout(engine, payout->id, amount_minor);
}

/* The amount first, then the fee: an order's sums rely on it. */
static void book_difference(struct engine *engine, const struct ledger *ledger,
    const struct givers *givers, const struct payout *before, const struct payout *after)
{
    const struct account *escrow = control_account(engine, ledger, ACCOUNT_ESCROW);
    int64_t leaves_minor = outside_minor(after) - outside_minor(before);
    int64_t fee_minor = before->fee_returned_minor - after->fee_returned_minor;
    struct fee_legs legs;
    CHECK(leaves_minor != 0);
    if (leaves_minor > 0) {
        take_from_giver(engine, before, givers->of_amount, leaves_minor);
        book(engine, leaves_minor, givers->of_amount, BUCKET_AVAILABLE, escrow, BUCKET_AVAILABLE);
    } else
        book(engine, -leaves_minor, escrow, BUCKET_AVAILABLE,
            owner_now(engine, ledger, before->account_id), BUCKET_AVAILABLE);
    split_fee_back(engine, ledger, rule_of(engine, before), before->fee_minor,
        fee_minor > 0 ? after->fee_returned_minor : before->fee_returned_minor,
        fee_minor > 0 ? before->fee_returned_minor : after->fee_returned_minor, &legs);
    if (fee_minor > 0) {
        take_from_giver(engine, before, givers->of_fee, fee_minor);
        book_fee(engine, &legs, givers->of_fee, BUCKET_AVAILABLE);
    } else if (fee_minor < 0)
        book_fee_back(engine, &legs, owner_now(engine, ledger, before->fee_account_id));
}

static enum outcome correct(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct confirm_payout *asked = &command->confirm_payout;
    enum payout_result right = (enum payout_result)asked->result;
    const struct payout *payout = engine_find_payout(engine, asked->payout_id);
    if (!is_of_two(command))
        return OUTCOME_APPROVAL_NEEDED;
    if (!payout || payout->ledger_id != ledger->id)
        return OUTCOME_PAYOUT_NOT_FOUND;
    int64_t back_minor = asked->amount_minor;
    if (right == PAYOUT_RESULT_RETURNED && back_minor == 0)
        back_minor = payout->amount_minor;
    enum outcome outcome = check_right_word(engine, payout, right, back_minor);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    struct payout after = corrected(engine, ledger, payout, right, back_minor);
    int64_t leaves_minor = outside_minor(&after) - outside_minor(payout);
    int64_t fee_minor = payout->fee_returned_minor - after.fee_returned_minor;
    struct givers givers = find_givers(engine, ledger, payout, leaves_minor, fee_minor);
    outcome = check_givers(engine, payout, &givers, leaves_minor, fee_minor);
    if ((leaves_minor < 0 || fee_minor < 0) && lacks_room_for_return(engine, payout))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_SUSPENSE_ITEMS);
    if (!can_take_back(engine, ledger, payout, leaves_minor < 0 ? -leaves_minor : 0,
            fee_minor < 0 ? -fee_minor : 0))
        outcome = earlier(
            outcome, refuse_at(engine, OUTCOME_AMOUNT_OVERFLOW, room_minor(engine, ledger)));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct payout *changed = change_payout(engine, payout->id);
    book_difference(engine, ledger, &givers, changed, &after);
    count_returnable(engine, changed, -1);
    changed->status = after.status;
    changed->return_until = after.return_until;
    changed->returned_minor = after.returned_minor;
    changed->fee_returned_minor = after.fee_returned_minor;
    count_returnable(engine, changed, 1);
    record_evidence(engine, changed);
    return OUTCOME_ACCEPTED;
}

enum outcome execute_confirm_payout(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct confirm_payout *asked = &command->confirm_payout;
    return asked->correction ? correct(engine, ledger, command) : confirm(engine, ledger, asked);
}

enum outcome execute_intercept_payout(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct intercept_payout *asked = &command->intercept_payout;
    const struct payout *payout = NULL;
    enum outcome outcome =
        find_payout(engine, ledger, asked->payout_id, PAYOUT_INTERCEPTED, &payout);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (lacks_room_for_return(engine, payout))
        return OUTCOME_TOO_MANY_SUSPENSE_ITEMS;
    if (!can_take_back(engine, ledger, payout, 0, payout->fee_minor))
        return refuse_at(engine, OUTCOME_AMOUNT_OVERFLOW, room_minor(engine, ledger));

    const struct account *account = &engine->accounts[payout->account_id];
    struct payout *changed = change_payout(engine, payout->id);
    book(engine, payout->amount_minor, account, BUCKET_PENDING_OUT, account, BUCKET_AVAILABLE);
    note_suspense_returned(engine, payout, false);
    give_fee_back(engine, ledger, changed, payout->fee_minor);
    changed->status = PAYOUT_CANCELLED;
    count_open_payout(engine, ledger->id, -1);
    record_evidence(engine, changed);
    return OUTCOME_ACCEPTED;
}
