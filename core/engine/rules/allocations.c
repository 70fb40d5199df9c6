/* allocations.c: money in UNALLOCATED finds its owners, and is taken back from them.
 *
 * An allocation names its item; undoing it names both. How much of it was taken back is noted as of
 * a refund (`refunded`). What was returned to a sender, and has left, PLATFORM_OWN puts back into
 * the item, if two persons want it, and has it back of the payout (stand_ins.h): so a receipt that
 * never was can be reversed also then.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/rules/account_policy.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/card_flows.h"
#include "engine/rules/commands.h"
#include "engine/rules/lumps.h"
#include "engine/rules/proposals.h"
#include "engine/rules/refunds.h"
#include "engine/rules/refusals.h"
#include "engine/rules/settle.h"
#include "engine/rules/stand_ins.h"
#include "engine/rules/suspense.h"
#include "engine/rules/texts.h"
#include "model/suspense.h"
#include "model/withdrawable.h"

#include <assert.h>

static_assert(PAYEES_PER_COMMAND_MAX * (1 + SETTLE_POSTINGS) <= POSTINGS_PER_COMMAND_MAX,
    "the largest allocation fits");
static_assert(
    PAYEES_PER_COMMAND_MAX * (SETTLE_IMAGES + USAGE_IMAGES) + 3 <= IMAGES_PER_COMMAND_MAX &&
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
    const struct suspense *item = NULL;
    int64_t amount_minor = 0;
    if (!is_of_two(command) && has_users(engine, ledger, asked))
        return OUTCOME_APPROVAL_NEEDED;
    enum outcome outcome = find_suspense(engine, ledger, asked->suspense_id, &item);
    for (uint32_t i = 0; i < asked->payee_count; i++) {
        outcome = earlier(outcome, check_payee(engine, ledger, asked->payees[i].account_id));
        amount_minor += asked->payees[i].amount_minor;
    }
    if (item)
        outcome = earlier(outcome, check_free_suspense(engine, item));
    if (item && amount_minor > suspense_open_minor(item))
        outcome = earlier(
            outcome, refuse_at(engine, OUTCOME_ALLOCATION_ABOVE_ITEM, suspense_open_minor(item)));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    const struct account *unallocated = control_account(engine, ledger, ACCOUNT_UNALLOCATED);
    for (uint32_t i = 0; i < asked->payee_count; i++)
        book(engine, asked->payees[i].amount_minor, unallocated, BUCKET_AVAILABLE,
            &engine->accounts[asked->payees[i].account_id], BUCKET_AVAILABLE);
    allocate_of_item(engine, item->id, amount_minor);
    engine->effects->subject_id = item->id;
    return OUTCOME_ACCEPTED;
}

/* ---- taking an allocation back ---- */

struct undo_plan {
    bool is_of_two;
    struct payee lines[PAYEES_PER_COMMAND_MAX];
    uint32_t line_count;
    int64_t amount_minor;
    int64_t own_minor; /* of it, by PLATFORM_OWN */
};

/* Whether PLATFORM_OWN gives back what the payee got, who has closed the account since: two persons
 * want it. Else what was allocated wrongly, or of a receipt that never was, would stay for ever. */
static bool stands_in(const struct undo_plan *plan, const struct account *payee)
{
    return plan->is_of_two && payee->status != ACCOUNT_OPEN;
}

/* To whom how much was allocated: by a command with its payees, or by a line, to `only` one. */
static uint32_t payees_of(
    const struct original *original, struct payee *only, const struct payee **ret_payees)
{
    if (original->command->kind == COMMAND_ALLOCATE_LINE) {
        *only = (struct payee){original->subject_id, original->command->allocate_line.amount_minor};
        *ret_payees = only;
        return 1;
    }
    CHECK(original->command->kind == COMMAND_ALLOCATE_SUSPENSE);
    *ret_payees = original->command->allocate_suspense.payees;
    return original->command->allocate_suspense.payee_count;
}

/* What was allocated to the account and is not taken back; -1: nothing ever was. */
static int64_t rest_of_payee(
    const struct engine *engine, const struct original *original, int64_t account_id)
{
    const struct refunded *before = engine_find_refunded(engine, original->sequence, account_id);
    const struct payee *payees = NULL;
    struct payee only;
    uint32_t count = payees_of(original, &only, &payees);
    for (uint32_t i = 0; i < count; i++) {
        if (payees[i].account_id == account_id)
            return payees[i].amount_minor - (before ? before->amount_minor : 0);
    }
    return -1;
}

static enum outcome plan_line(const struct engine *engine, const struct original *original,
    const struct payee *line, struct undo_plan *plan)
{
    int64_t rest_minor = rest_of_payee(engine, original, line->account_id);
    enum outcome outcome = OUTCOME_ACCEPTED;
    if (rest_minor < 0)
        return OUTCOME_PAYEE_NOT_OF_ORIGINAL;
    const struct account *payee = &engine->accounts[line->account_id];
    bool is_own = stands_in(plan, payee);
    if (payee->status != ACCOUNT_OPEN && !is_own)
        outcome = OUTCOME_PAYEE_ACCOUNT_CLOSED;
    if (account_gives_none(payee) && !is_own)
        outcome = earlier(outcome, OUTCOME_ACCOUNT_RESTRICTED_OUT);
    if (line->amount_minor > rest_minor)
        outcome = earlier(outcome, refuse_at(engine, OUTCOME_ABOVE_REST, rest_minor));
    if (is_own)
        plan->own_minor += line->amount_minor;
    else if (line->amount_minor > account_spendable_minor(payee))
        outcome =
            earlier(outcome, refuse_at(engine, OUTCOME_UNDO_SPENT, account_spendable_minor(payee)));
    CHECK(plan->line_count < PAYEES_PER_COMMAND_MAX);
    plan->lines[plan->line_count++] = *line;
    plan->amount_minor += line->amount_minor;
    return outcome;
}

/* The lines that are asked for, or with none everything that is left. */
static enum outcome plan_undo(const struct engine *engine, const struct ledger *ledger,
    const struct original *original, const struct undo_allocation *asked, struct undo_plan *plan)
{
    const struct account *own = control_account(engine, ledger, ACCOUNT_PLATFORM_OWN);
    const struct payee *payees = NULL;
    struct payee only;
    uint32_t count = payees_of(original, &only, &payees);
    enum outcome outcome = OUTCOME_ACCEPTED;
    for (uint32_t i = 0; i < asked->payee_count; i++)
        outcome = earlier(outcome, plan_line(engine, original, &asked->payees[i], plan));
    for (uint32_t i = 0; asked->payee_count == 0 && i < count; i++) {
        int64_t account_id = payees[i].account_id;
        struct payee line = {account_id, rest_of_payee(engine, original, account_id)};
        if (line.amount_minor > 0)
            outcome = earlier(outcome, plan_line(engine, original, &line, plan));
    }
    if (asked->payee_count == 0 && plan->line_count == 0)
        outcome = earlier(outcome, refuse_at(engine, OUTCOME_ABOVE_REST, 0));
    if (!has_room(engine, RECORD_REFUNDED, (int64_t)plan->line_count + 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_REFUNDS);
    /* A lump counts its lines. */
    if (original->command->kind == COMMAND_ALLOCATE_LINE && plan->line_count > 0 &&
        plan->amount_minor < only.amount_minor)
        outcome = earlier(outcome, refuse_at(engine, OUTCOME_LINE_IN_PARTS, only.amount_minor));
    if (own->balance_minor[BUCKET_AVAILABLE] < plan->own_minor)
        outcome = earlier(outcome, refuse_at(engine, OUTCOME_INSUFFICIENT_PLATFORM_OWN,
                                       own->balance_minor[BUCKET_AVAILABLE]));
    return outcome;
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
    struct undo_plan plan;
    plan.is_of_two = is_of_two(command);
    plan.line_count = 0;
    plan.amount_minor = 0;
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
    if (outcome == OUTCOME_ACCEPTED)
        outcome = plan_undo(engine, ledger, original, asked, &plan);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    const struct account *unallocated = control_account(engine, ledger, ACCOUNT_UNALLOCATED);
    const struct account *own = control_account(engine, ledger, ACCOUNT_PLATFORM_OWN);
    for (uint32_t i = 0; i < plan.line_count; i++) {
        const struct payee *line = &plan.lines[i];
        const struct account *payee = &engine->accounts[line->account_id];
        book(engine, line->amount_minor, stands_in(&plan, payee) ? own : payee, BUCKET_AVAILABLE,
            unallocated, BUCKET_AVAILABLE);
        add_refunded(engine, ledger, original->sequence, line->account_id, line->amount_minor, 0);
    }
    add_refunded(engine, ledger, original->sequence, 0, plan.amount_minor, 0);
    allocate_of_item(engine, item->id, -plan.amount_minor);
    if (lump)
        take_line_back(engine, lump->id, plan.amount_minor);
    struct text order_number = command_order_number(original->command);
    note_order_number(engine, order_number.bytes, (uint8_t)order_number.length);
    engine->effects->subject_id = item->id;
    return OUTCOME_ACCEPTED;
}
