/* payout_corrections.c: a wrong word of the bank, which two persons set right.
 *
 * What the right word would have booked, less what was booked, is booked. Whose money it is gives
 * what left after all, restricted or not. Where the account was closed since, and where UNALLOCATED
 * itself returned money to its sender, what waits of the payout gives first, and PLATFORM_OWN the
 * rest: it has left, and nobody else is there who had it. Corrected once more, or returned, it goes
 * back the same way (stand_ins.h).
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/card_flows.h"
#include "engine/rules/deductions.h"
#include "engine/rules/fees.h"
#include "engine/rules/mandates.h"
#include "engine/rules/payouts.h"
#include "engine/rules/proposals.h"
#include "engine/rules/refunds.h"
#include "engine/rules/refusals.h"
#include "engine/rules/returns.h"
#include "engine/rules/stand_ins.h"
#include "engine/rules/sums.h"
#include "engine/rules/suspense.h"
#include "model/payout.h"

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
        after.fee_returned_minor = payout_fee_back_minor(engine, &after, right);
        return after;
    }
    after.status = back_minor == payout->amount_minor ? PAYOUT_RETURNED : PAYOUT_PAID;
    if (after.return_until == 0)
        after.return_until = payout_return_until(ledger);
    after.fee_returned_minor = payout_fee_back_minor(engine, &after, PAYOUT_RESULT_RETURNED);
    return after;
}

/* ---- who gives ---- */

/* Of what left after all, or of what was given back of the fee. */
struct giving {
    int64_t owner_minor; /* by the account whose it was */
    int64_t items_minor; /* by what waits of the payout in UNALLOCATED */
    int64_t own_minor;   /* by PLATFORM_OWN in place of who cannot */
};

struct correction {
    const struct payout *before;
    struct payout after;
    const struct account *account;
    const struct account *bearer; /* NULL: there is no fee */
    struct payout_source source;
    int64_t covered_minor; /* of the account, by the claim that the payout deducts */
    int64_t leaves_minor;  /* after all; below 0: it did not */
    int64_t fee_minor;     /* of what was given back of the fee; below 0: so much more comes back */
    struct giving of_amount;
    struct giving of_fee;
};

/* The item that the payout was to return to its sender; 0: it is a withdrawal. */
static int64_t returned_item(const struct ledger *ledger, const struct command *command)
{
    const struct original *original = find_original(ledger, command);
    return original && original->command->kind == COMMAND_RETURN_SUSPENSE
               ? original->command->return_suspense.suspense_id
               : 0;
}

static struct giving plan_giving(
    const struct account *owner, int64_t amount_minor, int64_t *waiting_minor)
{
    struct giving giving = {0};
    if (amount_minor <= 0)
        return giving;
    if (!is_closed(owner) && owner->kind != ACCOUNT_UNALLOCATED) {
        giving.owner_minor = amount_minor;
        return giving;
    }
    giving.items_minor = *waiting_minor < amount_minor ? *waiting_minor : amount_minor;
    giving.own_minor = amount_minor - giving.items_minor;
    *waiting_minor -= giving.items_minor;
    return giving;
}

static void plan_correction(const struct engine *engine, const struct ledger *ledger,
    const struct command *command, struct correction *correction)
{
    const struct payout *before = correction->before;
    const struct payout *after = &correction->after;
    correction->source =
        (struct payout_source){.payout_id = before->id, .item_id = returned_item(ledger, command)};
    correction->account = &engine->accounts[before->account_id];
    correction->bearer =
        before->fee_account_id != 0 ? &engine->accounts[before->fee_account_id] : NULL;
    correction->leaves_minor = outside_minor(after) - outside_minor(before);
    correction->fee_minor = before->fee_returned_minor - after->fee_returned_minor;
    correction->covered_minor = deductible_minor(engine, ledger, command, before);
    CHECK(correction->leaves_minor != 0);
    CHECK(correction->fee_minor == 0 || correction->bearer != NULL);
    int64_t waiting_minor = suspense_of_payout_minor(engine, &correction->source);
    correction->of_amount =
        plan_giving(correction->account, correction->leaves_minor, &waiting_minor);
    correction->of_fee = plan_giving(correction->bearer, correction->fee_minor, &waiting_minor);
}

static enum outcome check_has(const struct engine *engine, const struct account *account,
    int64_t covered_minor, int64_t amount_minor)
{
    if (amount_minor == 0)
        return OUTCOME_ACCEPTED;
    int64_t has_minor = account->balance_minor[BUCKET_AVAILABLE] + covered_minor;
    if (has_minor >= amount_minor)
        return OUTCOME_ACCEPTED;
    return refuse_at(engine,
        account->kind == ACCOUNT_PLATFORM_OWN ? OUTCOME_INSUFFICIENT_PLATFORM_OWN
                                              : OUTCOME_INSUFFICIENT_AVAILABLE,
        has_minor);
}

/* Whether those who must give have it. */
static enum outcome check_giving(
    const struct engine *engine, const struct ledger *ledger, const struct correction *correction)
{
    const struct account *own = control_account(engine, ledger, ACCOUNT_PLATFORM_OWN);
    int64_t stands_in_minor = correction->of_amount.own_minor + correction->of_fee.own_minor;
    int64_t amounts[] = {
        correction->of_amount.owner_minor, correction->of_fee.owner_minor, stands_in_minor};
    const struct account *accounts[] = {correction->account, correction->bearer, own};
    enum outcome outcome = OUTCOME_ACCEPTED;
    /* One may give for two reasons. */
    for (int i = 2; i > 0; i--) {
        for (int j = 0; j < i; j++) {
            if (accounts[i] == accounts[j] && amounts[i] > 0) {
                amounts[j] += amounts[i];
                amounts[i] = 0;
            }
        }
    }
    for (int i = 0; i < 3; i++)
        outcome = earlier(outcome,
            check_has(engine, accounts[i], i == 0 ? correction->covered_minor : 0, amounts[i]));
    if (stands_in_minor == 0)
        return outcome;
    int64_t lump_id = lump_of_payout_suspense(engine, &correction->source);
    if (lump_id != 0)
        outcome = earlier(outcome, refuse_at(engine, OUTCOME_SUSPENSE_IN_LUMP, lump_id));
    if (!has_room(engine, RECORD_REFUNDED, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_REFUNDS);
    return outcome;
}

static enum outcome check_correction(
    const struct engine *engine, const struct ledger *ledger, const struct correction *correction)
{
    int64_t back_minor = correction->leaves_minor < 0 ? -correction->leaves_minor : 0;
    int64_t fee_back_minor = correction->fee_minor < 0 ? -correction->fee_minor : 0;
    enum outcome outcome = check_giving(engine, ledger, correction);
    if (back_minor + fee_back_minor > 0 && lacks_room_for_return(engine, correction->before))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_SUSPENSE_ITEMS);
    if (!can_take_payout_back(engine, ledger, correction->before, back_minor, fee_back_minor))
        outcome = earlier(
            outcome, refuse_at(engine, OUTCOME_AMOUNT_OVERFLOW, room_minor(engine, ledger)));
    return outcome;
}

/* ---- what is booked ---- */

static void book_to_escrow(struct engine *engine, const struct ledger *ledger,
    const struct account *from, int64_t amount_minor)
{
    if (amount_minor > 0)
        book(engine, amount_minor, from, BUCKET_AVAILABLE,
            control_account(engine, ledger, ACCOUNT_ESCROW), BUCKET_AVAILABLE);
}

static void book_fee_of(
    struct engine *engine, struct fee_legs *rest, const struct account *from, int64_t amount_minor)
{
    struct fee_legs taken;
    take_fee_legs(rest, amount_minor, &taken);
    book_fee(engine, &taken, from, BUCKET_AVAILABLE);
}

/* The amount first, then the fee: an order's sums rely on it. */
static void book_difference(
    struct engine *engine, const struct ledger *ledger, const struct correction *correction)
{
    const struct account *unallocated = control_account(engine, ledger, ACCOUNT_UNALLOCATED);
    const struct account *own = control_account(engine, ledger, ACCOUNT_PLATFORM_OWN);
    const struct payout *before = correction->before;
    const struct payout *after = &correction->after;
    const struct giving *of_amount = &correction->of_amount;
    const struct giving *of_fee = &correction->of_fee;
    struct fee_legs legs;
    take_suspense_of_payout(
        engine, &correction->source, of_amount->items_minor + of_fee->items_minor);
    uncover(engine, correction->account,
        correction->covered_minor < of_amount->owner_minor ? correction->covered_minor
                                                           : of_amount->owner_minor);
    book_to_escrow(engine, ledger, correction->account, of_amount->owner_minor);
    book_to_escrow(engine, ledger, unallocated, of_amount->items_minor);
    book_to_escrow(engine, ledger, own, of_amount->own_minor);
    if (correction->leaves_minor < 0)
        give_payout_back(engine, ledger, before, -correction->leaves_minor);
    if (correction->fee_minor > 0) {
        split_fee_back(engine, ledger, payout_fee_rule(engine, before), before->fee_minor,
            after->fee_returned_minor, before->fee_returned_minor, &legs);
        book_fee_of(engine, &legs, correction->bearer, of_fee->owner_minor);
        book_fee_of(engine, &legs, unallocated, of_fee->items_minor);
        book_fee_of(engine, &legs, own, of_fee->own_minor);
    } else if (correction->fee_minor < 0) {
        split_fee_back(engine, ledger, payout_fee_rule(engine, before), before->fee_minor,
            before->fee_returned_minor, after->fee_returned_minor, &legs);
        give_payout_fee_back(engine, ledger, before, &legs);
    }
    note_stand_in(engine, ledger, before, of_amount->own_minor, of_fee->own_minor);
}

enum outcome correct_payout(
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
    struct correction correction = {
        .before = payout, .after = corrected(engine, ledger, payout, right, back_minor)};
    /* Which item it returned says the command that asked for it: in an atomic batch that is not
     * there until all of it is. */
    if (engine->accounts[payout->account_id].kind == ACCOUNT_UNALLOCATED &&
        !find_original(ledger, command))
        return OUTCOME_ORIGINAL_NOT_FOUND;
    outcome = check_withdrawal(engine, ledger, command, payout);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    plan_correction(engine, ledger, command, &correction);
    outcome = check_correction(engine, ledger, &correction);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct payout before = *payout;
    correction.before = &before;
    struct payout *changed = change_payout(engine, payout->id);
    book_difference(engine, ledger, &correction);
    count_returnable(engine, changed, -1);
    changed->status = correction.after.status;
    changed->return_until = correction.after.return_until;
    changed->returned_minor = correction.after.returned_minor;
    changed->fee_returned_minor = correction.after.fee_returned_minor;
    count_returnable(engine, changed, 1);
    note_card_payout(engine, ledger, command, &before, changed);
    note_deduction(engine, ledger, command, &before, changed);
    note_mandate_payout(engine, command, &before, changed);
    record_payout_word(engine, changed);
    return OUTCOME_ACCEPTED;
}
