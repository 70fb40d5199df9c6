/* naive_mandates.c: mandates of the naive model: what a customer allows beforehand. What is used of
 * one is added up anew from all that was ever done by it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

#include <string.h>

static struct naive_mandate *find(struct decision *d, int64_t id)
{
    struct naive_model *model = d->model;
    bool is_there =
        id >= 1 && id <= model->mandate_count && model->mandates[id].ledger == d->ledger;
    naive_need(d, is_there, OUTCOME_MANDATE_NOT_FOUND);
    return is_there ? &model->mandates[id] : NULL;
}

static void need_active(struct decision *d, const struct naive_mandate *mandate)
{
    naive_need(d, mandate->status != MANDATE_ENDED, OUTCOME_MANDATE_ENDED);
    naive_need(d, mandate->expires_us > d->now_us, OUTCOME_MANDATE_EXPIRED);
}

static bool is_of_payee(const struct decision *d, const struct naive_mandate *mandate)
{
    const struct naive_model *model = d->model;
    const struct command *command = d->command;
    if (command->kind == COMMAND_PAY)
        return mandate->payee != 0 && command->pay.payee_count == 1 &&
               command->pay.payees[0].account_id == mandate->payee;
    if (mandate->card == 0 || model->cards[mandate->card].status != CARD_CHECKED)
        return false;
    return command->withdraw.card_id != 0 ? command->withdraw.card_id == mandate->card
                                          : naive_same_text(model->cards[mandate->card].number,
                                                command->withdraw.destination.account_number);
}

void naive_need_mandate(struct decision *d)
{
    const struct naive_mandate *mandate = find(d, command_mandate_id(d->command));
    if (!mandate)
        return;
    int64_t account = d->command->kind == COMMAND_PAY ? d->command->pay.payer_account_id
                                                      : d->command->withdraw.account_id;
    int64_t left = mandate->total - mandate->used;
    int64_t most = left < mandate->each ? left : mandate->each;
    naive_need(d, account == mandate->account, OUTCOME_MANDATE_NOT_OF_ACCOUNT);
    naive_need(d, is_of_payee(d, mandate), OUTCOME_MANDATE_NOT_OF_PAYEE);
    need_active(d, mandate);
    naive_need(d, mandate->starts_us <= d->now_us, OUTCOME_MANDATE_NOT_YET_VALID);
    naive_need(d, mandate->used_count < mandate->count, OUTCOME_MANDATE_USED_UP);
    d->past.mandate = (int)command_mandate_id(d->command);
    d->past.lost = naive_confirmed(d->model, d->command);
    naive_need_at(d, d->past.lost <= most, OUTCOME_ABOVE_MANDATE, most > 0 ? most : 0);
}

/* What of a command of the past has happened by now. */
static int64_t counted(const struct naive_model *model, int64_t sequence)
{
    const struct naive_past *past = &model->past[sequence];
    if (past->kind == COMMAND_PAY)
        return naive_is_reversed(model, sequence) ? 0 : past->lost;
    for (int id = 1; id <= model->payout_count; id++) {
        const struct naive_payout *payout = &model->payouts[id];
        if (payout->requested != sequence)
            continue;
        int64_t left = payout->amount - payout->returned;
        if (payout->status == PAYOUT_FAILED || payout->status == PAYOUT_CANCELLED)
            left = 0;
        if (payout->bearer == payout->account)
            left += payout->fee - payout->fee_returned;
        return left;
    }
    CHECK(0 && "a withdrawal has a payout");
    return 0;
}

/* The mandate of what the command did, or of what it is about; 0: none. */
static int mandate_of(const struct decision *d)
{
    const struct naive_model *model = d->model;
    int64_t sequence = d->sequence;
    if (d->command->kind == COMMAND_REVERSE)
        sequence = d->command->reverse.original_sequence;
    else if (d->command->kind == COMMAND_CONFIRM_PAYOUT)
        sequence = model->payouts[d->command->confirm_payout.payout_id].requested;
    else if (d->command->kind == COMMAND_INTERCEPT_PAYOUT)
        sequence = model->payouts[d->command->intercept_payout.payout_id].requested;
    return model->past[sequence].mandate;
}

void naive_count_mandates(struct decision *d)
{
    int id = mandate_of(d), count = 0;
    struct naive_mandate *mandate = &d->model->mandates[id];
    int64_t used = 0;
    for (int64_t s = mandate->granted; id != 0 && s <= d->model->past_count; s++) {
        if (d->model->past[s].kind == 0 || d->model->past[s].mandate != id)
            continue;
        used += counted(d->model, s);
        count += counted(d->model, s) > 0;
    }
    if (used != mandate->used || count != mandate->used_count)
        mandate->changed = d->sequence;
    mandate->used = used;
    mandate->used_count = count;
}

static void need_card(struct decision *d, int account, int64_t id)
{
    const struct naive_model *model = d->model;
    bool is_there = id >= 1 && id <= model->card_count && model->cards[id].ledger == d->ledger;
    naive_need(d, is_there, OUTCOME_CARD_NOT_FOUND);
    if (!is_there || account == 0)
        return;
    const struct naive_card *card = &model->cards[id];
    naive_need(d, card->member == model->accounts[account].member, OUTCOME_CARD_NOT_OF_MEMBER);
    naive_need(
        d, card->status != CARD_UNBOUND && card->status != CARD_REPLACED, OUTCOME_CARD_FINAL);
    naive_need(d, card->status == CARD_CHECKED, OUTCOME_CARD_NOT_CHECKED);
}

int64_t naive_grant_mandate(struct decision *d)
{
    const struct grant_mandate *wish = &d->command->grant_mandate;
    struct naive_model *model = d->model;
    int account = naive_need_member_account(d, wish->account_id);
    if (account != 0 && (model->accounts[account].closed || model->accounts[account].member == 0))
        account = 0;
    if (wish->card_id != 0) {
        need_card(d, account, wish->card_id);
    } else {
        int payee = naive_account_of(model, d->ledger, wish->payee_account_id);
        naive_need(d, payee != 0, OUTCOME_PAYEE_ACCOUNT_NOT_FOUND);
        if (payee != 0) {
            naive_need(d, model->accounts[payee].member != 0, OUTCOME_NOT_A_MEMBER_ACCOUNT);
            naive_need(d, !model->accounts[payee].closed, OUTCOME_PAYEE_ACCOUNT_CLOSED);
        }
        naive_need(d, wish->payee_account_id != wish->account_id, OUTCOME_SAME_ACCOUNT);
    }
    naive_need(d, wish->expires_at_us > d->now_us, OUTCOME_EXPIRY_NOT_AHEAD);
    if (d->worst != 0)
        return 0;
    CHECK(model->mandate_count < NAIVE_MANDATES_MAX);
    model->mandates[++model->mandate_count] = (struct naive_mandate){.ledger = d->ledger,
        .account = (int)wish->account_id,
        .payee = (int)wish->payee_account_id,
        .card = wish->card_id,
        .each = wish->each_minor,
        .total = wish->total_minor,
        .count = wish->count,
        .starts_us = wish->starts_at_us != 0 ? wish->starts_at_us : d->now_us,
        .expires_us = wish->expires_at_us,
        .granted = d->sequence,
        .changed = d->sequence,
        .status = MANDATE_ACTIVE};
    return model->mandate_count;
}

int64_t naive_end_mandate(struct decision *d)
{
    int64_t id = d->command->end_mandate.mandate_id;
    struct naive_mandate *mandate = find(d, id);
    if (mandate)
        need_active(d, mandate);
    if (d->worst != 0)
        return 0;
    mandate->status = MANDATE_ENDED;
    mandate->ended = mandate->changed = d->sequence;
    return id;
}
