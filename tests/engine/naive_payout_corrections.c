/* naive_payout_corrections.c: two persons set a wrong word of the bank right, of the naive model.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

/* How much of the amount the bank has, if this is what became of it. */
static int64_t at_bank(const struct naive_payout *payout)
{
    return payout->status == PAYOUT_PAID || payout->status == PAYOUT_RETURNED
               ? payout->amount - payout->returned
               : 0;
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
    right.fee_returned = naive_payout_fee_back(d->model, &right,
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
        naive_broken(d, naive_final_word(payout->status));
}

/* Who pays for what was wrong: whose it was. Where that one is gone, or nobody, what waits of the
 * payout does, and the platform for the rest. How many pay. */
static int payers_of(
    struct decision *d, int account, int64_t amount, int64_t *waits, struct naive_line ret_parts[2])
{
    const struct naive_account *owner = &d->model->accounts[account];
    int count = 0;
    if (amount <= 0)
        return 0;
    if (!owner->closed && owner->kind != ACCOUNT_UNALLOCATED) {
        ret_parts[0] = (struct naive_line){.account = account, .amount = amount};
        return 1;
    }
    int64_t first = *waits < amount ? *waits : amount;
    *waits -= first;
    if (first > 0)
        ret_parts[count++] = (struct naive_line){
            .account = naive_control_account(d->model, d->ledger, ACCOUNT_UNALLOCATED),
            .amount = first};
    if (amount > first)
        ret_parts[count++] = (struct naive_line){
            .account = naive_control_account(d->model, d->ledger, ACCOUNT_PLATFORM_OWN),
            .amount = amount - first};
    return count;
}

/* Everybody has all that it pays, for whatever reason. */
static void need_payers(struct decision *d, int payout, const struct naive_line *parts, int count)
{
    int owner = d->model->payouts[payout].account;
    for (int i = 0; i < count; i++) {
        int account = parts[i].account;
        int kind = d->model->accounts[account].kind;
        int64_t pays = 0;
        for (int k = 0; k < count; k++)
            pays += parts[k].account == account ? parts[k].amount : 0;
        int64_t has = *naive_available_of(d->model, account) +
                      (account == owner ? naive_deductible(d->model, payout) : 0);
        if (kind != ACCOUNT_UNALLOCATED)
            naive_need_at(d, has >= pays,
                kind == ACCOUNT_PLATFORM_OWN ? OUTCOME_INSUFFICIENT_PLATFORM_OWN
                                             : OUTCOME_INSUFFICIENT_AVAILABLE,
                has);
    }
}

/* What the platform pays though it was another's. */
static int64_t stands_in(
    const struct decision *d, int owner, const struct naive_line *parts, int count)
{
    int own = naive_control_account(d->model, d->ledger, ACCOUNT_PLATFORM_OWN);
    int64_t sum = 0;
    for (int i = 0; i < count && owner != own; i++)
        sum += parts[i].account == own ? parts[i].amount : 0;
    return sum;
}

static void pay_what_left(struct decision *d, int id, const struct naive_line *parts, int count)
{
    for (int i = 0; i < count; i++) {
        if (d->model->accounts[parts[i].account].kind == ACCOUNT_UNALLOCATED)
            naive_take_items(d, 0, id, parts[i].amount);
        int64_t covered = naive_deductible(d->model, id);
        if (parts[i].account == d->model->payouts[id].account)
            naive_uncover(
                d, parts[i].account, covered < parts[i].amount ? covered : parts[i].amount);
        naive_book(d, parts[i].account, BUCKET_AVAILABLE,
            naive_control_account(d->model, d->ledger, ACCOUNT_ESCROW), BUCKET_AVAILABLE,
            parts[i].amount);
    }
}

static void pay_fee_again(struct decision *d, int id, const struct naive_payout *right,
    const struct naive_line *parts, int count)
{
    for (int i = 0; i < count; i++) {
        if (d->model->accounts[parts[i].account].kind == ACCOUNT_UNALLOCATED)
            naive_take_items(d, 0, id, parts[i].amount);
    }
    if (count > 0)
        naive_book_fee_parts(d, right->rule, right->fee, right->fee_returned, parts, count, false);
}

int64_t naive_correct_payout(struct decision *d, int id)
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
    /* Who returned it tells which item it was of; not while it is not there yet. */
    naive_need(d,
        model->accounts[payout->account].kind != ACCOUNT_UNALLOCATED || model->hidden_from == 0 ||
            payout->requested < model->hidden_from,
        OUTCOME_ORIGINAL_NOT_FOUND);
    naive_need_withdrawal(d, id);
    if (d->worst != 0)
        return 0;
    struct naive_payout before = *payout;
    int64_t waits = naive_items_of(model, 0, id);
    struct naive_line parts[4];
    int count = payers_of(d, payout->account, leaves, &waits, parts);
    int of_fee = payers_of(d, payout->bearer, fee, &waits, parts + count);
    int64_t own = stands_in(d, payout->account, parts, count);
    int64_t own_fee = stands_in(d, payout->bearer, parts + count, of_fee);
    need_payers(d, id, parts, count + of_fee);
    int lump = naive_lump_of_payout(model, id);
    naive_need_at(d, own + own_fee == 0 || lump == 0, OUTCOME_SUSPENSE_IN_LUMP, lump);
    naive_need_room_in_escrow(
        d, (leaves < 0 ? -leaves : 0) + (fee < 0 ? naive_fee_lacking(model, d->ledger, payout->rule,
                                                       payout->fee, payout->fee_returned, -fee)
                                                 : 0));
    if (d->worst != 0)
        return 0;
    pay_what_left(d, id, parts, count);
    if (leaves < 0)
        naive_give_back(d, id, -leaves);
    if (fee < 0)
        naive_give_fee_back(d, id, -fee);
    pay_fee_again(d, id, &right, parts + count, of_fee);
    naive_note_stand_in(d, id, own, own_fee);
    right.own = payout->own;
    right.own_fee = payout->own_fee;
    right.evidence = d->sequence;
    right.changed = d->sequence;
    *payout = right;
    naive_payout_changed(d, id, &before);
    naive_deduction_changed(d, id, &before);
    d->order = payout->order;
    return id;
}
