/* payments.c: money moves from a member to members: payments, and what confirms of holds and
 * allocations of suspense have in common with them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/payments.h"

#include "engine/memory/memory.h"
#include "engine/rules/account_policy.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/commands.h"
#include "engine/rules/debts.h"
#include "engine/rules/fees.h"
#include "engine/rules/next_date.h"
#include "engine/rules/refusals.h"
#include "engine/rules/settle.h"
#include "model/fee.h"
#include "model/money.h"
#include "model/withdrawable.h"

#include <assert.h>

/* A payee's payment is a posting, and so is each leg of the fee; each hold that is drawn on is an
 * image, and so is the payer whose money is kept for the next date. Then the payees settle, of
 * which their account may be an image already. */
static_assert(PAYEES_PER_COMMAND_MAX + SETTLE_POSTINGS(PAYEES_PER_COMMAND_MAX) + FEE_SHARES_MAX <=
                  POSTINGS_PER_COMMAND_MAX,
    "the largest payment fits");
static_assert(PAYEES_PER_COMMAND_MAX * USAGE_IMAGES + SETTLE_IMAGES(PAYEES_PER_COMMAND_MAX) +
                      HOLDS_PER_ORDER_MAX + 1 + USAGE_IMAGES <=
                  IMAGES_PER_COMMAND_MAX,
    "the largest confirm fits");
/* The payees' sum, a fee on it with a flat part or a minimum, and an explicit fee. */
static_assert(2 * PAYEES_PER_COMMAND_MAX + 2 <= INT64_MAX / AMOUNT_MINOR_MAX, "no sum overflows");

/* ---- planning ---- */

static enum outcome check_payee(const struct engine *engine, const struct ledger *ledger,
    int64_t payer_account_id, int64_t account_id)
{
    const struct account *payee = NULL;
    switch (find_member_account(engine, ledger, account_id, &payee)) {
    case OUTCOME_ACCEPTED:
        break;
    case OUTCOME_ACCOUNT_CLOSED:
        return OUTCOME_PAYEE_ACCOUNT_CLOSED;
    case OUTCOME_NOT_A_MEMBER_ACCOUNT:
        return OUTCOME_NOT_A_MEMBER_ACCOUNT;
    default:
        return OUTCOME_PAYEE_ACCOUNT_NOT_FOUND;
    }
    if (account_id == payer_account_id)
        return OUTCOME_SAME_ACCOUNT;
    return account_takes_none(payee) ? OUTCOME_ACCOUNT_RESTRICTED_IN : OUTCOME_ACCEPTED;
}

/* The fee that each payee bears, computed on its own amount. */
static enum outcome plan_payees_fees(
    const struct engine *engine, const struct payment_request *request, struct payment_plan *plan)
{
    enum outcome outcome = OUTCOME_ACCEPTED;
    for (uint32_t i = 0; i < request->payee_count; i++) {
        int64_t amount_minor = request->payees[i].amount_minor;
        plan->payee_fee_minor[i] = fee_of_amount(plan->rule, amount_minor);
        plan->fee_minor += plan->payee_fee_minor[i];
        if (plan->payee_fee_minor[i] >= amount_minor)
            outcome = refuse_at(engine, OUTCOME_FEE_NOT_BELOW_AMOUNT, plan->payee_fee_minor[i]);
    }
    return outcome;
}

enum outcome plan_payment_fee(const struct engine *engine, const struct ledger *ledger,
    const struct payment_request *request, struct payment_plan *plan)
{
    /* Field by field: the array in the plan is large and mostly unused. */
    plan->rule = NULL;
    plan->fee_minor = 0;
    plan->payees_bear = false;
    if (request->fee_rule.length == 0) {
        plan->fee_minor = request->fee_minor;
        return OUTCOME_ACCEPTED;
    }
    enum outcome outcome = find_fee_rule_in_force(engine, ledger, request->fee_rule, &plan->rule);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    plan->payees_bear = request->fee_bearer == FEE_BEARER_PAYEES;
    if (plan->payees_bear)
        return plan_payees_fees(engine, request, plan);
    plan->fee_minor = fee_of_amount(plan->rule, plan->payees_minor);
    return OUTCOME_ACCEPTED;
}

enum outcome plan_payment(const struct engine *engine, const struct ledger *ledger,
    const struct payment_request *request, struct payment_plan *ret_plan)
{
    enum outcome outcome = OUTCOME_ACCEPTED;
    CHECK(request->payee_count >= 1 && request->payee_count <= PAYEES_PER_COMMAND_MAX);
    ret_plan->payees_minor = 0;
    for (uint32_t i = 0; i < request->payee_count; i++) {
        const struct payee *payee = &request->payees[i];
        ret_plan->payees_minor += payee->amount_minor;
        outcome = earlier(
            outcome, check_payee(engine, ledger, request->payer_account_id, payee->account_id));
    }
    enum outcome fee_outcome = plan_payment_fee(engine, ledger, request, ret_plan);
    return earlier(outcome, fee_outcome);
}

/* ---- booking ---- */

int64_t withdrawable_minor(
    const struct engine *engine, const struct ledger *ledger, const struct account *account)
{
    return account_withdrawable_minor(
        account, engine_owed_minor(engine, account), ledger->accounting_dates[0]);
}

void book_payment(struct engine *engine, const struct ledger *ledger,
    const struct payment_plan *plan, const struct payment_request *request,
    const struct account *payer, enum bucket payer_bucket)
{
    for (uint32_t i = 0; i < request->payee_count; i++) {
        const struct payee *payee = &request->payees[i];
        int64_t amount_minor = payee->amount_minor;
        if (plan->payees_bear)
            amount_minor -= plan->payee_fee_minor[i];
        const struct account *account = &engine->accounts[payee->account_id];
        int64_t before_minor = account_next_date_minor(account, ledger->accounting_dates[0]);
        book(engine, amount_minor, payer, payer_bucket, account, BUCKET_AVAILABLE);
        if (request->withdrawable_next_date) {
            int64_t carried_minor =
                account_next_date_minor(account, ledger->accounting_dates[0]) - before_minor;
            keep_for_next_date(engine, account, amount_minor - carried_minor);
        }
    }
    if (plan->fee_minor > 0) {
        struct fee_legs legs;
        split_fee(engine, ledger, plan->rule, plan->fee_minor, &legs);
        book_fee(engine, &legs, payer, payer_bucket);
    }
    engine->effects->fee_minor = plan->fee_minor;
    engine->effects->fee_rule_version = plan->rule ? plan->rule->version : 0;
}

/* ---- the command ---- */

enum outcome execute_pay(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct pay *asked = &command->pay;
    const struct payment_request request = {
        .payer_account_id = asked->payer_account_id,
        .payees = asked->payees,
        .payee_count = asked->payee_count,
        .fee_bearer = asked->fee_bearer,
        .fee_minor = asked->fee_minor,
        .fee_rule = asked->fee_rule,
        .withdrawable_next_date = asked->withdrawable_next_date,
    };
    const struct account *payer = NULL;
    struct payment_plan plan;
    enum outcome outcome = find_member_account(engine, ledger, asked->payer_account_id, &payer);
    if (outcome == OUTCOME_ACCEPTED && account_gives_none(payer))
        outcome = OUTCOME_ACCOUNT_RESTRICTED_OUT;
    enum outcome plan_outcome = plan_payment(engine, ledger, &request, &plan);
    outcome = earlier(outcome, plan_outcome);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (spendable_minor(engine, payer) < plan_total_minor(&plan))
        return refuse_at(engine, OUTCOME_INSUFFICIENT_AVAILABLE, spendable_minor(engine, payer));

    book_payment(engine, ledger, &plan, &request, payer, BUCKET_AVAILABLE);
    engine->effects->subject_id = asked->payees[0].account_id;
    return OUTCOME_ACCEPTED;
}
