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
};

static struct plan need_withdraw(struct decision *d)
{
    const struct withdraw *wish = &d->command->withdraw;
    struct naive_model *model = d->model;
    struct plan plan = {.account = need_giver(d, wish->account_id, &wish->destination)};
    naive_need_not_restricted(d, plan.account);
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
    return plan;
}

int64_t naive_withdraw(struct decision *d)
{
    struct naive_model *model = d->model;
    struct plan plan = need_withdraw(d);
    if (d->worst != 0)
        return 0;
    CHECK(model->payout_count < NAIVE_PAYOUTS_MAX);
    int id = ++model->payout_count;
    model->payouts[id] = (struct naive_payout){
        .ledger = d->ledger,
        .account = plan.account,
        .amount = plan.leaves,
        .fee = plan.fee,
        .bearer = plan.fee == 0 ? 0 : plan.bearer,
        .rule = plan.rule,
        .requested = d->sequence,
        .changed = d->sequence,
        .status = PAYOUT_REQUESTED,
    };
    naive_copy_text(model->payouts[id].order, d->command->withdraw.order_number);
    d->fee = plan.fee;
    naive_book(d, plan.account, BUCKET_AVAILABLE, plan.account, BUCKET_PENDING_OUT, plan.leaves);
    naive_book_fee(d, plan.rule, plan.bearer, BUCKET_AVAILABLE, plan.fee);
    return id;
}

bool naive_may_withdraw(struct naive_model *model, const struct command *command)
{
    struct decision d = {.model = model, .command = command, .ledger = (int)command->ledger_id};
    need_withdraw(&d);
    return d.worst == 0;
}

/* ---- what the bank says ---- */

/* What became of it already, so that nothing else can; 0: it is under way. */
static enum outcome final_word(int status)
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
    if (final_word(status) != 0)
        naive_broken(d, final_word(status));
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
    if (!d->model->accounts[account].closed)
        return account;
    d->unallocated = true;
    d->meant_for_several = d->meant_for_several || (d->meant_for != 0 && d->meant_for != account);
    d->meant_for = account;
    return naive_control_account(d->model, d->ledger, ACCOUNT_UNALLOCATED);
}

/* The fee accounts give it back, even what they do not have. */
static void give_fee_back(struct decision *d, struct naive_payout *payout, int64_t amount)
{
    if (amount == 0)
        return;
    naive_book_fee_back(
        d, payout->rule, naive_taker(d, payout->bearer), payout->fee, payout->fee_returned, amount);
    payout->fee_returned += amount;
}

/* What comes back of the fee with this result, when `returned` is what came back of the amount. */
static int64_t fee_back(const struct naive_model *model, const struct naive_payout *payout,
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

static void book_return(struct decision *d, struct naive_payout *payout, int64_t amount)
{
    int64_t fee = fee_back(d->model, payout, PAYOUT_RESULT_RETURNED, payout->returned + amount);
    naive_book(d, naive_control_account(d->model, d->ledger, ACCOUNT_ESCROW), BUCKET_AVAILABLE,
        naive_taker(d, payout->account), BUCKET_AVAILABLE, amount);
    payout->returned += amount;
    if (payout->returned == payout->amount)
        payout->status = PAYOUT_RETURNED;
    give_fee_back(d, payout, fee);
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
        give_fee_back(d, payout, fee_back(d->model, payout, result, 0));
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

/* ---- two persons set a wrong word right ---- */

/* How much of the amount the bank has, if this is what became of it. */
static int64_t at_bank(const struct naive_payout *payout)
{
    return payout->status == PAYOUT_PAID || payout->status == PAYOUT_RETURNED
               ? payout->amount - payout->returned
               : 0;
}

/* Who pays for what was wrong: the account; when it is closed what came back, if any waits, else
 * the platform. */
static int payer_of(struct decision *d, int account)
{
    int id = (int)d->command->confirm_payout.payout_id;
    bool waits = false;
    for (int i = 1; i <= d->model->suspense_count; i++) {
        const struct naive_suspense *item = &d->model->suspense[i];
        bool is_its = item->payout == id || item->return_payout == id;
        waits = waits || (is_its && naive_open_of(item) + item->returning > 0);
    }
    if (!d->model->accounts[account].closed)
        return account;
    return naive_control_account(
        d->model, d->ledger, waits ? ACCOUNT_UNALLOCATED : ACCOUNT_PLATFORM_OWN);
}

/* Of nobody's money only what came back of this payout. */
static void need_has(struct decision *d, int account, int64_t amount)
{
    int64_t has = d->model->accounts[account].kind == ACCOUNT_UNALLOCATED
                      ? naive_items_of(d->model, 0, (int)d->command->confirm_payout.payout_id)
                      : *naive_available_of(d->model, account);
    naive_need_at(d, has >= amount,
        d->model->accounts[account].kind == ACCOUNT_PLATFORM_OWN ? OUTCOME_INSUFFICIENT_PLATFORM_OWN
                                                                 : OUTCOME_INSUFFICIENT_AVAILABLE,
        has);
}

static void take(struct decision *d, int account, int64_t amount)
{
    if (d->model->accounts[account].kind == ACCOUNT_UNALLOCATED)
        naive_take_items(d, 0, (int)d->command->confirm_payout.payout_id, amount);
}

/* What it should have been from the beginning. */
static struct naive_payout made_right(
    struct decision *d, const struct naive_payout *payout, int result, int64_t returned)
{
    struct naive_payout right = *payout;
    right.fee_returned = 0;
    right.returned = returned;
    right.status = result == PAYOUT_RESULT_FAILED ? PAYOUT_FAILED
                   : returned == payout->amount   ? PAYOUT_RETURNED
                                                  : PAYOUT_PAID;
    right.fee_returned = fee_back(d->model, &right,
        result == PAYOUT_RESULT_FAILED ? PAYOUT_RESULT_FAILED : PAYOUT_RESULT_RETURNED, returned);
    if (result == PAYOUT_RESULT_FAILED)
        right.return_until = 0;
    else if (payout->status == PAYOUT_FAILED || payout->status == PAYOUT_CANCELLED)
        right.return_until =
            naive_date_of(d->model, d->ledger) + d->model->ledgers[d->ledger].return_days;
    return right;
}

/* It is wrong and moves money. */
static void need_wrong(
    struct decision *d, const struct naive_payout *payout, const struct naive_payout *right)
{
    naive_need_at(d, right->returned <= payout->amount, OUTCOME_ABOVE_REST, payout->amount);
    if (naive_payout_is_open(payout))
        naive_broken(d, OUTCOME_PAYOUT_NOT_DECIDED);
    else if (at_bank(payout) == at_bank(right) && payout->status == PAYOUT_PAID)
        naive_broken(d,
            payout->returned == 0 ? OUTCOME_PAYOUT_ALREADY_PAID : OUTCOME_PAYOUT_ALREADY_RETURNED);
    else if (at_bank(payout) == at_bank(right))
        naive_broken(d, final_word(payout->status));
}

static int64_t correct_payout(struct decision *d, int id)
{
    const struct confirm_payout *wish = &d->command->confirm_payout;
    struct naive_model *model = d->model;
    naive_need_two_persons(d);
    if (id == 0 || d->worst != 0)
        return 0;
    struct naive_payout *payout = &model->payouts[id];
    bool all = wish->result == PAYOUT_RESULT_RETURNED && wish->amount_minor == 0;
    struct naive_payout right =
        made_right(d, payout, wish->result, all ? payout->amount : wish->amount_minor);
    need_wrong(d, payout, &right);
    if (d->worst != 0)
        return 0;
    int64_t leaves = at_bank(&right) - at_bank(payout);
    int64_t fee = payout->fee_returned - right.fee_returned;
    int owner = payer_of(d, payout->account);
    int bearer = fee != 0 ? payer_of(d, payout->bearer) : 0;
    if (owner == bearer && leaves > 0 && fee > 0)
        need_has(d, owner, leaves + fee);
    if (leaves > 0)
        need_has(d, owner, leaves);
    if (fee > 0)
        need_has(d, bearer, fee);
    naive_need_room_in_escrow(
        d, (leaves < 0 ? -leaves : 0) + (fee < 0 ? naive_fee_lacking(model, d->ledger, payout->rule,
                                                       payout->fee, payout->fee_returned, -fee)
                                                 : 0));
    if (d->worst != 0)
        return 0;
    int escrow = naive_control_account(model, d->ledger, ACCOUNT_ESCROW);
    if (leaves > 0)
        take(d, owner, leaves);
    if (fee > 0)
        take(d, bearer, fee);
    naive_book(d, owner, BUCKET_AVAILABLE, escrow, BUCKET_AVAILABLE, leaves > 0 ? leaves : 0);
    if (leaves < 0)
        naive_book(d, escrow, BUCKET_AVAILABLE, naive_taker(d, payout->account), BUCKET_AVAILABLE,
            -leaves);
    if (fee < 0)
        naive_book_fee_back(d, payout->rule, naive_taker(d, payout->bearer), payout->fee,
            payout->fee_returned, -fee);
    if (fee > 0)
        naive_book_fee_again(d, payout->rule, bearer, payout->fee, right.fee_returned, fee);
    right.evidence = d->sequence;
    right.changed = d->sequence;
    *payout = right;
    d->order = payout->order;
    return id;
}

int64_t naive_confirm_payout(struct decision *d)
{
    const struct confirm_payout *wish = &d->command->confirm_payout;
    int id = need_payout(d, wish->payout_id);
    if (wish->correction)
        return correct_payout(d, id);
    if (id == 0)
        return 0;
    struct naive_payout *payout = &d->model->payouts[id];
    int64_t rest = payout->amount - payout->returned;
    int64_t amount = wish->amount_minor == 0 ? rest : wish->amount_minor;
    need_confirmable(d, payout->status, wish->result);
    if (payout->status == PAYOUT_PAID && wish->result == PAYOUT_RESULT_RETURNED) {
        naive_need(
            d, naive_date_of(d->model, d->ledger) <= payout->return_until, OUTCOME_PAYOUT_FINAL);
        naive_need_at(d, amount <= rest, OUTCOME_ABOVE_REST, rest);
    }
    if (d->worst != 0)
        return 0;
    bool returns = wish->result == PAYOUT_RESULT_RETURNED;
    int64_t fee = fee_back(d->model, payout, wish->result, payout->returned + amount);
    naive_need_room_in_escrow(
        d, (returns ? amount : 0) + naive_fee_lacking(d->model, d->ledger, payout->rule,
                                        payout->fee, payout->fee_returned, fee));
    if (d->worst != 0)
        return 0;
    payout->evidence = d->sequence;
    payout->changed = d->sequence;
    d->order = payout->order;
    if (wish->result == PAYOUT_RESULT_RETURNED)
        book_return(d, payout, amount);
    else
        book_result(d, payout, wish->result);
    return id;
}

int64_t naive_intercept_payout(struct decision *d)
{
    int id = need_payout(d, d->command->intercept_payout.payout_id);
    if (id == 0)
        return 0;
    struct naive_payout *payout = &d->model->payouts[id];
    if (final_word(payout->status) != 0)
        naive_broken(d, final_word(payout->status));
    naive_need(d, payout->status != PAYOUT_SENT && payout->status != PAYOUT_UNKNOWN,
        OUTCOME_PAYOUT_ALREADY_SENT);
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
    give_fee_back(d, payout, payout->fee);
    return id;
}
