/* random_debts.c: draws commands by which somebody comes to owe, and those of who owes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "model/money.h"
#include "naive.h"
#include "random_picks.h"

enum { RECENT = 24, DEBTORS_TRIED = 100, TRIES = 12 };

#define HOLD_US INT64_C(900000000)

/* A payment of which this account can be made to refund something, by the newest first; 0: none. */
static int64_t payment_to(const struct naive_model *model, int account)
{
    for (int64_t s = model->past_count; s > 0; s--) {
        const struct naive_past *past = &model->past[s];
        bool is_payment = past->kind == COMMAND_PAY || past->kind == COMMAND_CONFIRM_HOLD;
        if (!is_payment || past->ledger != model->accounts[account].ledger ||
            model->accounts[past->payer].closed)
            continue;
        for (int i = 0; i < past->line_count; i++) {
            const struct naive_line *line = &model->lines[past->first_line + i];
            if (line->account == account &&
                line->amount > naive_refunded_sum(model, s, line->account))
                return s;
        }
    }
    return 0;
}

/* Whether nobody but PLATFORM_OWN could give a refund for the account, nor repay it. */
static bool has_nothing(const struct naive_model *model, int account)
{
    const struct naive_account *one = &model->accounts[account];
    if (one->member == 0 || one->no_out || !model->ledgers[one->ledger].advances)
        return false;
    for (int id = 1; id <= model->account_count; id++) {
        if (model->accounts[id].member == one->member &&
            model->accounts[id].balance[BUCKET_AVAILABLE] != 0)
            return false;
    }
    return true;
}

/* More than the account's member has goes back. */
static bool refund_by(
    struct random *random, const struct naive_model *model, int id, struct command *ret_command)
{
    const struct naive_account *account = &model->accounts[id];
    if (!has_nothing(model, id))
        return false;
    int64_t sequence = payment_to(model, id);
    if (sequence == 0)
        return false;
    const struct payee payee = {id, random_between(random, 1, 2)};
    *ret_command = make_refund(account->ledger, sequence, "", &payee, 1);
    ret_command->refund.order_number = text_of(model->past[sequence].order);
    return true;
}

bool random_pile_debts(
    struct random *random, const struct naive_model *model, struct command *ret_command)
{
    for (int id = model->debt_count; id > 0 && id > model->debt_count - RECENT; id--) {
        if (model->debts[id].status == DEBT_OPEN &&
            refund_by(random, model, model->debts[id].account, ret_command))
            return true;
    }
    for (int i = 0; i < DEBTORS_TRIED && model->account_count > 0; i++) {
        int id = (int)random_between(random, 1, model->account_count);
        if (refund_by(random, model, id, ret_command))
            return true;
    }
    return false;
}

static bool is_empty(const struct naive_account *account)
{
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        if (account->balance[bucket] != 0)
            return false;
    }
    return true;
}

/* Something that keeps the account from being empty is ended. */
static bool empty_account(
    const struct naive_model *model, int account, int64_t now_us, struct command *ret_command)
{
    int64_t ledger = model->accounts[account].ledger;
    for (int id = model->hold_count; id > 0; id--) {
        const struct naive_hold *hold = &model->holds[id];
        if (hold->payer != account || hold->status != HOLD_LIVE || hold->expires_us <= now_us)
            continue;
        *ret_command = make_cancel_hold(ledger, account, hold->order, id, 0);
        return true;
    }
    for (int id = model->freeze_count; id > 0; id--) {
        const struct naive_freeze *freeze = &model->freezes[id];
        if (freeze->account != account || freeze->status != FREEZE_LIVE)
            continue;
        *ret_command = command_of_caller(
            freeze->person, command_by(freeze->owner, make_lift_freeze(ledger, id, 0)));
        return true;
    }
    for (int id = model->payout_count; id > 0; id--) {
        const struct naive_payout *payout = &model->payouts[id];
        if (payout->account != account || !naive_payout_is_open(payout))
            continue;
        *ret_command = make_confirm(ledger, id, PAYOUT_RESULT_PAID);
        return true;
    }
    for (int id = model->promise_count; id > 0; id--) {
        if (model->promises[id].account != account || naive_promise_open(&model->promises[id]) == 0)
            continue;
        *ret_command = make_cancel_promise(ledger, id, 0);
        return true;
    }
    for (int id = model->claim_count; id > 0; id--) {
        const struct naive_claim *claim = &model->claims[id];
        if (claim->status != CLAIM_LIVE || claim->member != model->accounts[account].member)
            continue;
        *ret_command = make_release_claim(ledger, id, claim->organ, 0);
        return true;
    }
    return false;
}

/* Its member has nothing available elsewhere. */
static bool is_all_of_member(const struct naive_model *model, int64_t account)
{
    for (int id = 1; id <= model->account_count; id++) {
        if (id != account && model->accounts[id].member == model->accounts[account].member &&
            model->accounts[id].balance[BUCKET_AVAILABLE] != 0)
            return false;
    }
    return true;
}

/* An account that has nothing but available money pays it on. */
static bool pay_everything(
    struct random *random, const struct naive_model *model, struct command *ret_command)
{
    for (int64_t id = pick_start(random, model->account_count); id > 0; id--) {
        struct naive_account rest = model->accounts[id];
        int64_t has = rest.balance[BUCKET_AVAILABLE];
        rest.balance[BUCKET_AVAILABLE] = 0;
        if (rest.member == 0 || rest.closed || !is_empty(&rest) || has == 0 ||
            has > AMOUNT_MINOR_MAX || !model->ledgers[rest.ledger].advances ||
            naive_gives_none(model, (int)id) || !is_all_of_member(model, id))
            continue;
        *ret_command = make_pay(rest.ledger, id, pick_account(random, model, rest.ledger), has, 0);
        return true;
    }
    return false;
}

/* An account that has nothing owes. */
static bool make_debtor(
    struct random *random, const struct naive_model *model, struct command *ret_command)
{
    int tries = 0;
    for (int64_t id = pick_start(random, model->account_count); id > 0 && tries < TRIES; id--) {
        const struct naive_account *account = &model->accounts[id];
        if (account->member == 0 || account->closed || !is_empty(account))
            continue;
        tries++;
        if (refund_by(random, model, (int)id, ret_command))
            return true;
    }
    return pay_everything(random, model, ret_command);
}

/* ACCOUNT_HAS_DEBT, step by step: who has nothing owes, or who owes has nothing any more; then it
 * closes. */
bool random_close_debtor(struct random *random, const struct naive_model *model, int64_t now_us,
    struct command *ret_command)
{
    bool empties = random_percent(random, 30);
    for (int64_t id = pick_start(random, model->debt_count); id > 0; id--) {
        const struct naive_debt *debt = &model->debts[id];
        const struct naive_account *account = &model->accounts[debt->account];
        if (debt->status != DEBT_OPEN || account->closed)
            continue;
        *ret_command = make_close_account(debt->ledger, debt->account);
        if (is_empty(account) ||
            (empties && empty_account(model, debt->account, now_us, ret_command)))
            return true;
    }
    return make_debtor(random, model, ret_command);
}

/* Who has nothing but a hold owes, or puts on hold all that it has. */
static bool make_debtor_with_hold(struct random *random, const struct naive_model *model,
    int64_t now_us, struct command *ret_command)
{
    int tries = 0;
    for (int64_t id = pick_start(random, model->hold_count); id > 0 && tries < TRIES; id--) {
        const struct naive_hold *hold = &model->holds[id];
        int64_t held = hold->amount - hold->confirmed - hold->cancelled;
        if (hold->status != HOLD_LIVE ||
            model->accounts[hold->payer].balance[BUCKET_FROZEN] != held)
            continue;
        tries++;
        if (refund_by(random, model, hold->payer, ret_command))
            return true;
    }
    for (int64_t id = pick_start(random, model->account_count); id > 0; id--) {
        const struct naive_account *account = &model->accounts[id];
        int64_t has = naive_spendable(model, (int)id);
        if (account->member == 0 || has == 0 || has > AMOUNT_MINOR_MAX ||
            account->balance[BUCKET_FROZEN] != 0 || !model->ledgers[account->ledger].advances ||
            naive_gives_none(model, (int)id) || !is_all_of_member(model, id))
            continue;
        *ret_command = make_place_hold(account->ledger, id, has, "o-owed", now_us + HOLD_US);
        return true;
    }
    return false;
}

/* OWED_STAYS, step by step: who owes confirms more of a hold than what it owes leaves. */
bool random_confirm_owed(struct random *random, const struct naive_model *model, int64_t now_us,
    struct command *ret_command)
{
    static struct payee payee;
    for (int64_t id = pick_start(random, model->hold_count); id > 0; id--) {
        const struct naive_hold *hold = &model->holds[id];
        const struct naive_account *payer = &model->accounts[hold->payer];
        if (hold->status != HOLD_LIVE || hold->expires_us <= now_us ||
            naive_gives_none(model, hold->payer))
            continue;
        int64_t owed = naive_owed(model, hold->payer);
        int64_t held = hold->amount - hold->confirmed - hold->cancelled;
        int64_t most = payer->balance[BUCKET_AVAILABLE] + payer->balance[BUCKET_FROZEN] - owed;
        if (owed == 0 || held <= most)
            continue;
        payee = (struct payee){pick_account(random, model, hold->ledger), held};
        *ret_command = make_confirm_hold(hold->ledger, hold->payer, hold->order, id, &payee, 1);
        return true;
    }
    return make_debtor_with_hold(random, model, now_us, ret_command);
}
