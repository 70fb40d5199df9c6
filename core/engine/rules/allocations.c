/* allocations.c: money in UNALLOCATED finds its owners, and is taken back from them.
 *
 * An allocation names its item; undoing it names both. It is booked as a payment out of
 * UNALLOCATED: the fee, when there is one, is the payees' to bear. How much of it was taken back is
 * noted as of a refund (`refunded`). Of the fee its part comes back with it, whatever the rule says
 * of refunds: a wrong allocation should have had none, and the payee has no more than the rest.
 * What was returned to a sender, and has left, PLATFORM_OWN puts back into the item, if two persons
 * want it, and has it back of the payout (stand_ins.h): so a receipt that never was can be reversed
 * also then.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/rules/account_policy.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/card_flows.h"
#include "engine/rules/commands.h"
#include "engine/rules/debts.h"
#include "engine/rules/fees.h"
#include "engine/rules/lumps.h"
#include "engine/rules/payments.h"
#include "engine/rules/proposals.h"
#include "engine/rules/refunds.h"
#include "engine/rules/refusals.h"
#include "engine/rules/settle.h"
#include "engine/rules/stand_ins.h"
#include "engine/rules/suspense.h"
#include "engine/rules/texts.h"
#include "model/fee.h"
#include "model/suspense.h"

#include <assert.h>

/* A leg of a fee that comes back is a posting from its account, and one to it of what was collected
 * of it. */
static_assert(PAYEES_PER_COMMAND_MAX + SETTLE_POSTINGS(PAYEES_PER_COMMAND_MAX) + FEE_SHARES_MAX <=
                      POSTINGS_PER_COMMAND_MAX &&
                  PAYEES_PER_COMMAND_MAX + 2 * FEE_SHARES_MAX <= POSTINGS_PER_COMMAND_MAX,
    "the largest allocation fits, and so does its undo");
static_assert(PAYEES_PER_COMMAND_MAX * USAGE_IMAGES + SETTLE_IMAGES(PAYEES_PER_COMMAND_MAX) + 3 <=
                      IMAGES_PER_COMMAND_MAX &&
                  PAYEES_PER_COMMAND_MAX * (2 + USAGE_IMAGES) + 4 <= IMAGES_PER_COMMAND_MAX,
    "and so do its images, and those of its undo");

/* ---- allocating ---- */

/* A refusal says whose account it is about: there may be many. */
static enum outcome check_payee(
    const struct engine *engine, const struct ledger *ledger, int64_t account_id)
{
    const struct account *payee = NULL;
    enum outcome outcome = find_member_account(engine, ledger, account_id, &payee);
    if (outcome == OUTCOME_ACCEPTED && account_takes_none(payee))
        outcome = OUTCOME_ACCOUNT_RESTRICTED_IN;
    return outcome == OUTCOME_ACCEPTED ? outcome : refuse_at(engine, outcome, account_id);
}

/* Where money leaves by the card that it came by, a user is given what came by nobody knows which
 * one by two persons only. */
static bool has_users(
    const struct engine *engine, const struct ledger *ledger, const struct allocate_suspense *asked)
{
    bool has = false;
    for (uint32_t i = 0; i < asked->payee_count && !has; i++) {
        const struct account *payee = engine_find_account(engine, asked->payees[i].account_id);
        has = payee && payee->ledger_id == ledger->id && is_matter_of_two(engine, ledger, payee);
    }
    return has;
}

enum outcome execute_allocate_suspense(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct allocate_suspense *asked = &command->allocate_suspense;
    const struct payment_request request = {
        .payees = asked->payees,
        .payee_count = asked->payee_count,
        .fee_bearer = FEE_BEARER_PAYEES,
        .fee_rule = asked->fee_rule,
    };
    struct payment_plan plan;
    const struct suspense *item = NULL;
    int64_t amount_minor = 0;
    if (!is_of_two(command) && has_users(engine, ledger, asked))
        return OUTCOME_APPROVAL_NEEDED;
    enum outcome outcome = find_suspense(engine, ledger, asked->suspense_id, &item);
    for (uint32_t i = 0; i < asked->payee_count; i++) {
        outcome = earlier(outcome, check_payee(engine, ledger, asked->payees[i].account_id));
        amount_minor += asked->payees[i].amount_minor;
    }
    enum outcome fee_outcome = plan_payment_fee(engine, ledger, &request, &plan);
    outcome = earlier(outcome, fee_outcome);
    if (item)
        outcome = earlier(outcome, check_free_suspense(engine, item));
    if (item && amount_minor > suspense_open_minor(item))
        outcome = earlier(
            outcome, refuse_at(engine, OUTCOME_ALLOCATION_ABOVE_ITEM, suspense_open_minor(item)));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    book_payment(engine, ledger, &plan, &request,
        control_account(engine, ledger, ACCOUNT_UNALLOCATED), BUCKET_AVAILABLE);
    allocate_of_item(engine, item->id, amount_minor);
    engine->effects->subject_id = item->id;
    return OUTCOME_ACCEPTED;
}

/* ---- taking an allocation back ---- */

/* What one payee gives back. */
struct undo_line {
    int64_t account_id;
    int64_t amount_minor;
    int64_t fee_minor; /* of it, by who took the fee */
    bool is_own;       /* by PLATFORM_OWN, not by the payee */
};

struct undo_plan {
    bool is_of_two;
    struct undo_line lines[PAYEES_PER_COMMAND_MAX];
    uint32_t line_count;
    int64_t amount_minor;
    int64_t fee_minor; /* of it, by who took the fee */
    int64_t own_minor; /* of it, by PLATFORM_OWN in place of payees */
    struct fee_legs legs;
};

/* An allocation, as its request and the journal have it. */
struct allocation {
    const struct original *original;
    const struct payee *payees;
    uint32_t payee_count;
    struct payee only;           /* of a line */
    const struct fee_rule *rule; /* NULL: without a fee */
};

/* Whether PLATFORM_OWN gives back what the payee got, who has closed the account since: two persons
 * want it. Else what was allocated wrongly, or of a receipt that never was, would stay for ever. */
static bool stands_in(const struct undo_plan *plan, const struct account *payee)
{
    return plan->is_of_two && payee->status != ACCOUNT_OPEN;
}

/* To whom how much was allocated: by a command with its payees, or by a line, to one. */
static void read_allocation(const struct engine *engine, const struct ledger *ledger,
    const struct original *original, struct allocation *ret_allocation)
{
    const struct command *command = original->command;
    bool is_line = command->kind == COMMAND_ALLOCATE_LINE;
    CHECK(is_line || command->kind == COMMAND_ALLOCATE_SUSPENSE);
    struct text rule_name =
        is_line ? command->allocate_line.fee_rule : command->allocate_suspense.fee_rule;
    ret_allocation->original = original;
    ret_allocation->payees =
        payees_of_original(original, &ret_allocation->only, &ret_allocation->payee_count);
    ret_allocation->rule = NULL;
    if (original->fee_rule_version > 0) {
        ret_allocation->rule =
            get_fee_rule(engine, ledger->id, rule_name, original->fee_rule_version);
        CHECK(ret_allocation->rule != NULL);
    }
}

static const struct payee *find_payee(const struct allocation *allocation, int64_t account_id)
{
    for (uint32_t i = 0; i < allocation->payee_count; i++) {
        if (allocation->payees[i].account_id == account_id)
            return &allocation->payees[i];
    }
    return NULL;
}

/* What was taken back of the payee's part. */
static int64_t taken_back_minor(
    const struct engine *engine, const struct allocation *allocation, int64_t account_id)
{
    const struct refunded *before =
        engine_find_refunded(engine, allocation->original->sequence, account_id);
    return before ? before->amount_minor : 0;
}

/* The fee that goes with the next part of what the payee was allocated: of a fee f on the amount a,
 * after b of a was taken back, f*b/a rounded down has come back. It is below the amount, so what
 * goes with a part is not above the part. */
static int64_t fee_of_part(const struct allocation *allocation, const struct payee *payee,
    int64_t before_minor, int64_t part)
{
    if (!allocation->rule)
        return 0;
    int64_t fee_minor = fee_of_amount(allocation->rule, payee->amount_minor);
    int64_t back_minor = fee_proportion(fee_minor, before_minor + part, payee->amount_minor) -
                         fee_proportion(fee_minor, before_minor, payee->amount_minor);
    CHECK(back_minor >= 0 && back_minor <= part);
    return back_minor;
}

/* `amount_minor` 0: all that is left, when there is some. */
static enum outcome plan_line(const struct engine *engine, const struct allocation *allocation,
    int64_t account_id, int64_t amount_minor, struct undo_plan *plan)
{
    const struct payee *payee = find_payee(allocation, account_id);
    enum outcome outcome = OUTCOME_ACCEPTED;
    if (!payee)
        return OUTCOME_PAYEE_NOT_OF_ORIGINAL;
    int64_t before_minor = taken_back_minor(engine, allocation, account_id);
    int64_t rest_minor = payee->amount_minor - before_minor;
    if (amount_minor == 0)
        amount_minor = rest_minor;
    if (amount_minor == 0)
        return OUTCOME_ACCEPTED;
    CHECK(plan->line_count < PAYEES_PER_COMMAND_MAX);
    struct undo_line *line = &plan->lines[plan->line_count++];
    const struct account *account = &engine->accounts[account_id];
    *line = (struct undo_line){account_id, amount_minor, 0, stands_in(plan, account)};
    plan->amount_minor += amount_minor;
    if (account->status != ACCOUNT_OPEN && !line->is_own)
        outcome = OUTCOME_PAYEE_ACCOUNT_CLOSED;
    if (account_gives_none(account) && !line->is_own)
        outcome = earlier(outcome, OUTCOME_ACCOUNT_RESTRICTED_OUT);
    if (amount_minor > rest_minor)
        return earlier(outcome, refuse_at(engine, OUTCOME_ABOVE_REST, rest_minor));
    line->fee_minor = fee_of_part(allocation, payee, before_minor, amount_minor);
    plan->fee_minor += line->fee_minor;
    int64_t given_minor = amount_minor - line->fee_minor;
    if (line->is_own)
        plan->own_minor += given_minor;
    else if (given_minor > spendable_minor(engine, account))
        outcome = earlier(
            outcome, refuse_at(engine, OUTCOME_UNDO_SPENT, spendable_minor(engine, account)));
    return outcome;
}

/* What was collected of the fee is PLATFORM_OWN's: it gives that back. */
static enum outcome plan_fee_back(const struct engine *engine, const struct ledger *ledger,
    const struct allocation *allocation, struct undo_plan *plan)
{
    const struct original *original = allocation->original;
    const struct refunded *whole = engine_find_refunded(engine, original->sequence, 0);
    const struct account *own = control_account(engine, ledger, ACCOUNT_PLATFORM_OWN);
    int64_t before_minor = whole ? whole->fee_minor : 0;
    split_fee_back(engine, ledger, allocation->rule, original->fee_minor, before_minor,
        before_minor + plan->fee_minor, &plan->legs);
    int64_t own_minor = plan->own_minor + fee_legs_lacking(engine, &plan->legs);
    if (own->balance_minor[BUCKET_AVAILABLE] < own_minor)
        return refuse_at(
            engine, OUTCOME_INSUFFICIENT_PLATFORM_OWN, own->balance_minor[BUCKET_AVAILABLE]);
    return OUTCOME_ACCEPTED;
}

/* The lines that are asked for, or with none everything that is left. */
static enum outcome plan_undo(const struct engine *engine, const struct ledger *ledger,
    const struct allocation *allocation, const struct undo_allocation *asked,
    struct undo_plan *plan)
{
    enum outcome outcome = OUTCOME_ACCEPTED;
    for (uint32_t i = 0; i < asked->payee_count; i++)
        outcome = earlier(outcome, plan_line(engine, allocation, asked->payees[i].account_id,
                                       asked->payees[i].amount_minor, plan));
    for (uint32_t i = 0; asked->payee_count == 0 && i < allocation->payee_count; i++)
        outcome = earlier(
            outcome, plan_line(engine, allocation, allocation->payees[i].account_id, 0, plan));
    if (asked->payee_count == 0 && plan->line_count == 0)
        outcome = earlier(outcome, refuse_at(engine, OUTCOME_ABOVE_REST, 0));
    if (!has_room(engine, RECORD_REFUNDED, (int64_t)plan->line_count + 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_REFUNDS);
    /* A lump counts its lines. */
    if (allocation->original->command->kind == COMMAND_ALLOCATE_LINE && plan->line_count > 0 &&
        plan->amount_minor < allocation->only.amount_minor)
        outcome = earlier(
            outcome, refuse_at(engine, OUTCOME_LINE_IN_PARTS, allocation->only.amount_minor));
    return earlier(outcome, plan_fee_back(engine, ledger, allocation, plan));
}

/* payee, or PLATFORM_OWN -> UNALLOCATED, and its part of the fee. */
static void book_undo(struct engine *engine, const struct ledger *ledger,
    const struct original *original, const struct undo_plan *plan)
{
    const struct account *unallocated = control_account(engine, ledger, ACCOUNT_UNALLOCATED);
    const struct account *own = control_account(engine, ledger, ACCOUNT_PLATFORM_OWN);
    for (uint32_t i = 0; i < plan->line_count; i++) {
        const struct undo_line *line = &plan->lines[i];
        const struct account *from = line->is_own ? own : &engine->accounts[line->account_id];
        if (line->amount_minor > line->fee_minor)
            book(engine, line->amount_minor - line->fee_minor, from, BUCKET_AVAILABLE, unallocated,
                BUCKET_AVAILABLE);
        add_refunded(engine, ledger, original->sequence, line->account_id, line->amount_minor,
            line->fee_minor);
    }
    fill_fee_legs(engine, ledger, &plan->legs);
    book_fee_back(engine, &plan->legs, unallocated);
    add_refunded(engine, ledger, original->sequence, 0, plan->amount_minor, plan->fee_minor);
}

/* ---- putting back what was returned ---- */

/* How much of it is outside, and nobody stood in for. */
static int64_t rest_of_return(const struct engine *engine, const struct ledger *ledger,
    const struct suspense *item, const struct payout *payout)
{
    int64_t rest_minor =
        payout->amount_minor - payout->returned_minor - stood_in_minor(engine, ledger, payout);
    CHECK(rest_minor >= 0);
    return rest_minor < item->returned_minor ? rest_minor : item->returned_minor;
}

static enum outcome undo_return(struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct suspense *item)
{
    const struct undo_allocation *asked = &command->undo_allocation;
    const struct original *original = command->original;
    const struct payout *payout = engine_find_payout(engine, asked->payout_id);
    const struct account *own = control_account(engine, ledger, ACCOUNT_PLATFORM_OWN);
    enum outcome outcome = is_of_two(command) ? OUTCOME_ACCEPTED : OUTCOME_APPROVAL_NEEDED;
    if (original->command->return_suspense.suspense_id != item->id || asked->lump_id != 0 ||
        original->subject_id != asked->payout_id)
        return earlier(outcome, OUTCOME_ORIGINAL_NOT_ALLOCATION);
    CHECK(payout != NULL && payout->requested_sequence == original->sequence);
    if (asked->payee_count > 0)
        outcome = earlier(outcome, OUTCOME_PAYEE_NOT_OF_ORIGINAL);
    if (payout->status != PAYOUT_PAID)
        return earlier(outcome, OUTCOME_PAYOUT_NOT_PAID);
    int64_t rest_minor = rest_of_return(engine, ledger, item, payout);
    if (!has_room(engine, RECORD_REFUNDED, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_REFUNDS);
    if (rest_minor == 0)
        outcome = earlier(outcome, refuse_at(engine, OUTCOME_ABOVE_REST, 0));
    if (own->balance_minor[BUCKET_AVAILABLE] < rest_minor)
        outcome = earlier(outcome, refuse_at(engine, OUTCOME_INSUFFICIENT_PLATFORM_OWN,
                                       own->balance_minor[BUCKET_AVAILABLE]));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    book(engine, rest_minor, own, BUCKET_AVAILABLE,
        control_account(engine, ledger, ACCOUNT_UNALLOCATED), BUCKET_AVAILABLE);
    put_return_back(engine, item->id, rest_minor);
    note_stand_in(engine, ledger, payout, rest_minor, 0);
    engine->effects->subject_id = item->id;
    return OUTCOME_ACCEPTED;
}

/* ---- the command ---- */

/* Whether the command is an allocation of the item; of a line also its lump. */
static enum outcome check_allocation(const struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct lump **ret_lump)
{
    const struct undo_allocation *asked = &command->undo_allocation;
    const struct command *allocation = command->original->command;
    if (asked->payout_id != 0)
        return OUTCOME_ORIGINAL_NOT_ALLOCATION;
    if (allocation->kind == COMMAND_ALLOCATE_LINE)
        return find_lump_of_line(engine, ledger, command, ret_lump);
    bool is_its = allocation->kind == COMMAND_ALLOCATE_SUSPENSE && asked->lump_id == 0 &&
                  allocation->allocate_suspense.suspense_id == asked->suspense_id;
    return is_its ? OUTCOME_ACCEPTED : OUTCOME_ORIGINAL_NOT_ALLOCATION;
}

enum outcome execute_undo_allocation(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct undo_allocation *asked = &command->undo_allocation;
    const struct original *original = find_original(ledger, command);
    const struct suspense *item = NULL;
    struct allocation allocation;
    struct undo_plan plan;
    /* Field by field: the lines are many and mostly unused. */
    plan.is_of_two = is_of_two(command);
    plan.line_count = 0;
    plan.amount_minor = 0;
    plan.fee_minor = 0;
    plan.own_minor = 0;
    enum outcome outcome = find_suspense(engine, ledger, asked->suspense_id, &item);
    if (!original)
        outcome = earlier(outcome, OUTCOME_ORIGINAL_NOT_FOUND);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (original->command->kind == COMMAND_RETURN_SUSPENSE)
        return undo_return(engine, ledger, command, item);
    const struct lump *lump = NULL;
    outcome = check_allocation(engine, ledger, command, &lump);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    read_allocation(engine, ledger, original, &allocation);
    outcome = plan_undo(engine, ledger, &allocation, asked, &plan);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    book_undo(engine, ledger, original, &plan);
    allocate_of_item(engine, item->id, -plan.amount_minor);
    if (lump)
        take_line_back(engine, lump->id, plan.amount_minor);
    struct text order_number = command_order_number(original->command);
    note_order_number(engine, order_number.bytes, (uint8_t)order_number.length);
    engine->effects->subject_id = item->id;
    return OUTCOME_ACCEPTED;
}
