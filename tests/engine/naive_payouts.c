/* naive_payouts.c: withdrawals and what becomes of them, of the naive model.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

bool naive_payout_is_open(const struct naive_payout *payout)
{
    return payout->status == PAYOUT_REQUESTED || payout->status == PAYOUT_SENT ||
           payout->status == PAYOUT_UNKNOWN;
}

/* A member's account, or the platform's own with what that asks of the other side. */
static int need_giver(struct decision *d, int64_t id, const struct party *destination)
{
    int account = naive_account_of(d->model, d->ledger, id);
    if (account == 0 || d->model->accounts[account].kind != ACCOUNT_PLATFORM_OWN)
        return naive_need_member_account(d, id);
    if (destination != NULL)
        naive_need_own_account(d, destination);
    return account;
}

static int need_fee_account(struct decision *d, const struct withdraw *wish, int64_t fee)
{
    int account = need_giver(d, wish->fee_account_id, NULL);
    naive_need(d, wish->fee_account_id != wish->account_id, OUTCOME_SAME_ACCOUNT);
    if (account == 0)
        return 0;
    naive_need_not_restricted(d, account);
    naive_need_at(d, naive_spendable(d->model, account) >= fee,
        d->model->accounts[account].kind == ACCOUNT_PLATFORM_OWN ? OUTCOME_INSUFFICIENT_PLATFORM_OWN
                                                                 : OUTCOME_INSUFFICIENT_AVAILABLE,
        naive_spendable(d->model, account));
    return account;
}

int64_t naive_withdrawable(const struct naive_model *model, int account)
{
    const struct naive_account *a = &model->accounts[account];
    int64_t available = naive_spendable(model, account);
    if (a->next_date == naive_date_of(model, a->ledger))
        available -= a->next_date_minor;
    return available > 0 ? available : 0;
}

/* What a withdrawal would be. */
struct plan {
    int account;
    int bearer;
    int rule;
    int64_t leaves;
    int64_t fee;
    struct naive_choice choice;
};

static struct plan need_withdraw(struct decision *d)
{
    const struct withdraw *wish = &d->command->withdraw;
    struct naive_model *model = d->model;
    struct plan plan = {.account = need_giver(d, wish->account_id, &wish->destination)};
    naive_need_not_restricted(d, plan.account);
    naive_need(d, !naive_is_denied(d, &wish->destination), OUTCOME_PARTY_RESTRICTED);
    plan.rule = naive_need_rule(d, wish->fee_rule);
    plan.fee =
        plan.rule != 0 ? naive_fee(&model->rules[plan.rule], wish->amount_minor) : wish->fee_minor;
    plan.leaves = wish->amount_minor;
    plan.bearer = plan.account;
    int64_t gives = wish->amount_minor;
    if (wish->fee_mode == FEE_INSIDE)
        plan.leaves -= plan.fee;
    if (wish->fee_mode == FEE_OUTSIDE)
        gives += plan.fee;
    if (wish->fee_mode == FEE_BORNE_BY_ANOTHER)
        plan.bearer = need_fee_account(d, wish, plan.fee);
    naive_need_at(d, plan.leaves > 0, OUTCOME_FEE_NOT_BELOW_AMOUNT, plan.fee);
    naive_need_available(d, plan.account, gives);
    if (plan.account != 0)
        naive_need_at(d, plan.leaves <= naive_withdrawable(model, plan.account),
            OUTCOME_NOT_YET_WITHDRAWABLE, naive_withdrawable(model, plan.account));
    plan.choice = naive_choose(d, plan.account);
    if (plan.account != 0)
        naive_need_by_card(d, plan.account, plan.choice, plan.leaves);
    return plan;
}

int64_t naive_withdraw(struct decision *d)
{
    struct naive_model *model = d->model;
    struct plan plan = need_withdraw(d);
    if (d->worst != 0)
        return 0;
    struct naive_line parts[CARDS_PER_MEMBER_MAX] = {0};
    int count = naive_share_by_card(model, plan.account, plan.choice, plan.leaves, parts);
    int first = model->payout_count + 1;
    CHECK(model->payout_count + count <= NAIVE_PAYOUTS_MAX);
    for (int i = 0; i < count; i++) {
        int id = ++model->payout_count;
        model->payouts[id] = (struct naive_payout){
            .ledger = d->ledger,
            .account = plan.account,
            .amount = parts[i].amount,
            .fee = i == 0 ? plan.fee : 0,
            .bearer = i > 0 || plan.fee == 0 ? 0 : plan.bearer,
            .rule = i == 0 ? plan.rule : 0,
            .requested = d->sequence,
            .changed = d->sequence,
            .card = parts[i].account,
            .status = PAYOUT_REQUESTED,
        };
        naive_copy_text(model->payouts[id].order, d->command->withdraw.order_number);
        naive_book(
            d, plan.account, BUCKET_AVAILABLE, plan.account, BUCKET_PENDING_OUT, parts[i].amount);
        naive_count_payout(d, id);
    }
    d->fee = plan.fee;
    naive_book_fee(d, plan.rule, plan.bearer, BUCKET_AVAILABLE, plan.fee);
    return first;
}

bool naive_may_withdraw(struct naive_model *model, int64_t now_us, const struct command *command)
{
    struct decision d = {
        .model = model, .command = command, .ledger = (int)command->ledger_id, .now_us = now_us};
    struct plan plan = need_withdraw(&d);
    return d.worst == 0 && naive_policy_lets_go(&d, plan.account, plan.leaves);
}

/* ---- what the bank says ---- */

enum outcome naive_final_word(int status)
{
    if (status == PAYOUT_FAILED)
        return OUTCOME_PAYOUT_ALREADY_FAILED;
    if (status == PAYOUT_RETURNED)
        return OUTCOME_PAYOUT_ALREADY_RETURNED;
    if (status == PAYOUT_CANCELLED)
        return OUTCOME_PAYOUT_ALREADY_CANCELLED;
    if (status == PAYOUT_PAID)
        return OUTCOME_PAYOUT_ALREADY_PAID;
    return (enum outcome)0;
}

/* Which results a payout can still have, by its status. */
static void need_confirmable(struct decision *d, int status, int result)
{
    if (status == PAYOUT_PAID && result == PAYOUT_RESULT_RETURNED)
        return;
    if (naive_final_word(status) != 0)
        naive_broken(d, naive_final_word(status));
    else if (result == PAYOUT_RESULT_RETURNED)
        naive_broken(d, OUTCOME_PAYOUT_NOT_PAID);
    else if (status == PAYOUT_SENT && result == PAYOUT_RESULT_SENT)
        naive_broken(d, OUTCOME_PAYOUT_ALREADY_SENT);
    else if (status == PAYOUT_UNKNOWN &&
             (result == PAYOUT_RESULT_SENT || result == PAYOUT_RESULT_UNKNOWN))
        naive_broken(d, OUTCOME_PAYOUT_ALREADY_UNKNOWN);
}

int naive_taker(struct decision *d, int account)
{
    if (!d->model->accounts[account].closed && !d->is_full)
        return account;
    d->unallocated = true;
    d->meant_for_several = d->meant_for_several || (d->meant_for != 0 && d->meant_for != account);
    d->meant_for = account;
    return naive_control_account(d->model, d->ledger, ACCOUNT_UNALLOCATED);
}

/* Of what comes back the platform has its own first, then whose it is now; how many parts. */
static int takers_of(
    struct decision *d, int account, int64_t owed, int64_t amount, struct naive_line ret_parts[2])
{
    int count = 0;
    int64_t first = owed < amount ? owed : amount;
    if (first > 0)
        ret_parts[count++] = (struct naive_line){
            .account = naive_control_account(d->model, d->ledger, ACCOUNT_PLATFORM_OWN),
            .amount = first};
    if (amount > first)
        ret_parts[count++] =
            (struct naive_line){.account = naive_taker(d, account), .amount = amount - first};
    return count;
}

void naive_give_fee_back(struct decision *d, int id, int64_t amount)
{
    struct naive_payout *payout = &d->model->payouts[id];
    struct naive_line parts[2];
    int count = takers_of(d, payout->bearer, payout->own_fee, amount, parts);
    if (amount == 0)
        return;
    naive_book_fee_parts(d, payout->rule, payout->fee, payout->fee_returned, parts, count, true);
    naive_note_stand_in(d, id, 0, amount < payout->own_fee ? -amount : -payout->own_fee);
    payout->fee_returned += amount;
}

void naive_give_back(struct decision *d, int id, int64_t amount)
{
    struct naive_payout *payout = &d->model->payouts[id];
    struct naive_line parts[2];
    int count = takers_of(d, payout->account, payout->own, amount, parts);
    for (int i = 0; i < count; i++)
        naive_book(d, naive_control_account(d->model, d->ledger, ACCOUNT_ESCROW), BUCKET_AVAILABLE,
            parts[i].account, BUCKET_AVAILABLE, parts[i].amount);
    naive_note_stand_in(d, id, amount < payout->own ? -amount : -payout->own, 0);
}

int64_t naive_payout_fee_back(const struct naive_model *model, const struct naive_payout *payout,
    int result, int64_t returned)
{
    const struct naive_rule *rule = &model->rules[payout->rule];
    if (result == PAYOUT_RESULT_FAILED)
        return payout->rule == 0 || rule->on_failed == PAYOUT_FEE_BACK ? payout->fee : 0;
    if (result == PAYOUT_RESULT_RETURNED && payout->rule != 0 &&
        rule->on_returned == PAYOUT_FEE_BACK)
        return naive_share_of(payout->fee, returned, payout->amount) - payout->fee_returned;
    return 0;
}

static void book_return(struct decision *d, int id, int64_t amount)
{
    struct naive_payout *payout = &d->model->payouts[id];
    int64_t fee =
        naive_payout_fee_back(d->model, payout, PAYOUT_RESULT_RETURNED, payout->returned + amount);
    naive_give_back(d, id, amount);
    payout->returned += amount;
    if (payout->returned == payout->amount)
        payout->status = PAYOUT_RETURNED;
    naive_give_fee_back(d, id, fee);
}

static void book_result(struct decision *d, struct naive_payout *payout, int result)
{
    int owner = payout->account;
    if (result == PAYOUT_RESULT_SENT)
        payout->status = PAYOUT_SENT;
    if (result == PAYOUT_RESULT_UNKNOWN)
        payout->status = PAYOUT_UNKNOWN;
    if (result == PAYOUT_RESULT_PAID) {
        payout->status = PAYOUT_PAID;
        payout->return_until =
            naive_date_of(d->model, d->ledger) + d->model->ledgers[d->ledger].return_days;
        naive_book(d, owner, BUCKET_PENDING_OUT,
            naive_control_account(d->model, d->ledger, ACCOUNT_ESCROW), BUCKET_AVAILABLE,
            payout->amount);
        naive_note_return(d, (int)(payout - d->model->payouts), true);
    }
    if (result == PAYOUT_RESULT_FAILED) {
        payout->status = PAYOUT_FAILED;
        naive_book(d, owner, BUCKET_PENDING_OUT, owner, BUCKET_AVAILABLE, payout->amount);
        naive_note_return(d, (int)(payout - d->model->payouts), false);
        naive_give_fee_back(d, (int)(payout - d->model->payouts),
            naive_payout_fee_back(d->model, payout, result, 0));
    }
}

static int need_payout(struct decision *d, int64_t wish)
{
    int id = wish <= d->model->payout_count && d->model->payouts[wish].ledger == d->ledger
                 ? (int)wish
                 : 0;
    naive_need(d, id != 0, OUTCOME_PAYOUT_NOT_FOUND);
    return id;
}

int64_t naive_confirm_payout(struct decision *d)
{
    const struct confirm_payout *wish = &d->command->confirm_payout;
    int id = need_payout(d, wish->payout_id);
    if (wish->correction)
        return naive_correct_payout(d, id);
    if (id == 0)
        return 0;
    struct naive_payout *payout = &d->model->payouts[id];
    int64_t rest = payout->amount - payout->returned;
    int64_t amount = wish->amount_minor == 0 ? rest : wish->amount_minor;
    struct naive_payout before = *payout;
    naive_need_withdrawal(d, id);
    need_confirmable(d, payout->status, wish->result);
    if (payout->status == PAYOUT_PAID && wish->result == PAYOUT_RESULT_RETURNED) {
        naive_need(
            d, naive_date_of(d->model, d->ledger) <= payout->return_until, OUTCOME_PAYOUT_FINAL);
        naive_need_at(d, amount <= rest, OUTCOME_ABOVE_REST, rest);
    }
    if (d->worst != 0)
        return 0;
    bool returns = wish->result == PAYOUT_RESULT_RETURNED;
    int64_t fee = naive_payout_fee_back(d->model, payout, wish->result, payout->returned + amount);
    naive_need_room_in_escrow(
        d, (returns ? amount : 0) + naive_fee_lacking(d->model, d->ledger, payout->rule,
                                        payout->fee, payout->fee_returned, fee));
    if (d->worst != 0)
        return 0;
    payout->evidence = d->sequence;
    payout->changed = d->sequence;
    d->order = payout->order;
    if (wish->result == PAYOUT_RESULT_RETURNED)
        book_return(d, id, amount);
    else
        book_result(d, payout, wish->result);
    naive_payout_changed(d, id, &before);
    naive_deduction_changed(d, id, &before);
    return id;
}

int64_t naive_intercept_payout(struct decision *d)
{
    int id = need_payout(d, d->command->intercept_payout.payout_id);
    if (id == 0)
        return 0;
    struct naive_payout *payout = &d->model->payouts[id];
    struct naive_payout before = *payout;
    naive_need_withdrawal(d, id);
    if (naive_final_word(payout->status) != 0)
        naive_broken(d, naive_final_word(payout->status));
    naive_need(d, payout->status != PAYOUT_SENT && payout->status != PAYOUT_UNKNOWN,
        OUTCOME_PAYOUT_ALREADY_SENT);
    naive_need(d, payout->claim == 0, OUTCOME_PAYOUT_IS_MEASURE);
    if (d->worst != 0)
        return 0;
    naive_need_room_in_escrow(
        d, naive_fee_lacking(d->model, d->ledger, payout->rule, payout->fee, 0, payout->fee));
    if (d->worst != 0)
        return 0;
    payout->status = PAYOUT_CANCELLED;
    payout->evidence = d->sequence;
    payout->changed = d->sequence;
    d->order = payout->order;
    naive_book(
        d, payout->account, BUCKET_PENDING_OUT, payout->account, BUCKET_AVAILABLE, payout->amount);
    naive_note_return(d, id, false);
    naive_give_fee_back(d, id, payout->fee);
    naive_payout_changed(d, id, &before);
    return id;
}
