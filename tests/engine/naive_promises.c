/* naive_promises.c: payment companies and what they promise, of the naive model.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

int64_t naive_promise_open(const struct naive_promise *promise)
{
    return promise->amount - promise->kept - promise->settled - promise->cancelled;
}

/* What of the open is FEE's: the fee without what went with the parts that are settled or gone. */
int64_t naive_promise_open_fee(const struct naive_promise *promise)
{
    int64_t gone = promise->settled + promise->cancelled;
    return promise->fee - naive_share_of(promise->fee, gone, promise->amount - promise->kept);
}

int64_t naive_owed_by(const struct naive_model *model, int acquirer)
{
    int64_t sum = 0;
    for (int id = 1; id <= model->promise_count; id++) {
        if (model->promises[id].acquirer == acquirer)
            sum += naive_promise_open(&model->promises[id]);
    }
    return sum;
}

bool naive_pending_is_promised(const struct naive_model *model, int ledger)
{
    static int64_t promised[NAIVE_ACCOUNTS_MAX + 1];
    int fees = naive_control_account(model, ledger, ACCOUNT_FEE);
    for (int id = 1; id <= model->account_count; id++)
        promised[id] = 0;
    for (int id = 1; id <= model->promise_count; id++) {
        const struct naive_promise *promise = &model->promises[id];
        int64_t open = naive_promise_open(promise);
        if (promise->ledger != ledger || open == 0)
            continue;
        int64_t fee = naive_promise_open_fee(promise);
        promised[promise->account] += open - fee;
        promised[fees] += fee;
        promised[model->acquirers[promise->acquirer].account] -= open;
    }
    for (int id = 1; id <= model->account_count; id++) {
        if (model->accounts[id].ledger == ledger &&
            model->accounts[id].balance[BUCKET_PENDING_IN] != promised[id])
            return false;
    }
    return true;
}

static int acquirer_of(const struct decision *d, int64_t id)
{
    bool is_its =
        id >= 1 && id <= d->model->acquirer_count && d->model->acquirers[id].ledger == d->ledger;
    return is_its ? (int)id : 0;
}

static void take_terms(
    struct decision *d, struct naive_acquirer *acquirer, const struct acquirer_terms *wish)
{
    acquirer->days = wish->settlement_days;
    naive_copy_text(acquirer->rule, wish->fee_rule);
    acquirer->keeps_fee = wish->keeps_fee;
    acquirer->next_date = wish->withdrawable_next_date;
    acquirer->ceiling = wish->ceiling_minor;
    acquirer->changed = d->sequence;
}

int64_t naive_open_acquirer(struct decision *d)
{
    const struct open_acquirer *wish = &d->command->open_acquirer;
    struct naive_model *model = d->model;
    naive_need_rule(d, wish->terms.fee_rule);
    for (int id = 1; id <= model->acquirer_count; id++) {
        const struct naive_acquirer *other = &model->acquirers[id];
        naive_need(d, other->ledger != d->ledger || !naive_same_text(other->name, wish->name),
            OUTCOME_ACQUIRER_NAME_TAKEN);
    }
    if (d->worst != 0)
        return 0;
    CHECK(model->acquirer_count < NAIVE_ACQUIRERS_MAX);
    int id = ++model->acquirer_count;
    model->acquirers[id] = (struct naive_acquirer){.ledger = d->ledger};
    naive_copy_text(model->acquirers[id].name, wish->name);
    take_terms(d, &model->acquirers[id], &wish->terms);
    d->fee_version = 0; /* nothing is charged */
    model->acquirers[id].account = naive_add_account(model, d->ledger, 0, ACCOUNT_ACQUIRER);
    return id;
}

int64_t naive_set_acquirer(struct decision *d)
{
    const struct set_acquirer *wish = &d->command->set_acquirer;
    int id = acquirer_of(d, wish->acquirer_id);
    naive_need(d, id != 0, OUTCOME_ACQUIRER_NOT_FOUND);
    naive_need_rule(d, wish->terms.fee_rule);
    if (d->worst != 0)
        return 0;
    take_terms(d, &d->model->acquirers[id], &wish->terms);
    d->fee_version = 0;
    d->model->acquirers[id].stopped = wish->is_stopped;
    return id;
}

int64_t naive_book_promise(struct decision *d)
{
    const struct book_promise *wish = &d->command->book_promise;
    struct naive_model *model = d->model;
    int id = acquirer_of(d, wish->acquirer_id);
    int account = naive_need_member_account(d, wish->account_id);
    if (account != 0)
        naive_need(d, !naive_takes_none(model, account), OUTCOME_ACCOUNT_RESTRICTED_IN);
    naive_need(d, id != 0, OUTCOME_ACQUIRER_NOT_FOUND);
    if (id == 0)
        return 0;
    const struct naive_acquirer *acquirer = &model->acquirers[id];
    for (int other = 1; other <= model->promise_count; other++) {
        const struct naive_promise *before = &model->promises[other];
        naive_need_at(d,
            before->acquirer != id || !naive_same_text(before->reference, wish->reference),
            OUTCOME_PROMISE_REFERENCE_USED, before->booked);
    }
    naive_need(d, !acquirer->stopped, OUTCOME_ACQUIRER_STOPPED);
    int rule = naive_need_rule(d, text_of(acquirer->rule));
    int64_t fee = rule != 0 ? naive_fee(&model->rules[rule], wish->amount_minor) : 0;
    naive_need_at(d, fee < wish->amount_minor, OUTCOME_FEE_NOT_BELOW_AMOUNT, fee);
    int64_t kept = acquirer->keeps_fee && fee < wish->amount_minor ? fee : 0;
    int64_t due = wish->amount_minor - kept;
    int64_t owed = naive_owed_by(model, id);
    naive_need_at(d, owed + due <= acquirer->ceiling, OUTCOME_PROMISE_ABOVE_CEILING,
        acquirer->ceiling > owed ? acquirer->ceiling - owed : 0);
    wide owed_in_all = 0;
    for (int other = 1; other <= model->promise_count; other++)
        owed_in_all += model->promises[other].ledger == d->ledger
                           ? naive_promise_open(&model->promises[other])
                           : 0;
    naive_need_at(d, owed_in_all + due <= INT64_MAX, OUTCOME_AMOUNT_OVERFLOW,
        (int64_t)(INT64_MAX - owed_in_all));
    if (d->worst != 0)
        return 0;
    CHECK(model->promise_count < NAIVE_PROMISES_MAX);
    struct naive_promise *promise = &model->promises[++model->promise_count];
    *promise = (struct naive_promise){
        .ledger = d->ledger,
        .acquirer = id,
        .account = account,
        .amount = wish->amount_minor,
        .kept = kept,
        .fee = fee - kept,
        .rule = rule,
        .booked = d->sequence,
        .changed = d->sequence,
        .due = naive_date_of(model, d->ledger) + acquirer->days,
    };
    naive_copy_text(promise->reference, wish->reference);
    naive_copy_text(promise->order, wish->order_number);
    naive_book(
        d, acquirer->account, BUCKET_PENDING_IN, account, BUCKET_PENDING_IN, due - promise->fee);
    naive_book(d, acquirer->account, BUCKET_PENDING_IN,
        naive_control_account(model, d->ledger, ACCOUNT_FEE), BUCKET_PENDING_IN, promise->fee);
    d->fee = promise->fee;
    d->fee_version = rule != 0 ? model->rules[rule].version : 0;
    return model->promise_count;
}

void naive_give_up(struct decision *d, int id, int64_t amount)
{
    struct naive_model *model = d->model;
    struct naive_promise *promise = &model->promises[id];
    int64_t fee_before = naive_promise_open_fee(promise);
    promise->cancelled += amount;
    promise->changed = d->sequence;
    int64_t fee = fee_before - naive_promise_open_fee(promise);
    int receivable = model->acquirers[promise->acquirer].account;
    naive_book(d, promise->account, BUCKET_PENDING_IN, receivable, BUCKET_PENDING_IN, amount - fee);
    naive_book(d, naive_control_account(model, d->ledger, ACCOUNT_FEE), BUCKET_PENDING_IN,
        receivable, BUCKET_PENDING_IN, fee);
}

bool naive_is_late(const struct naive_model *model, int id)
{
    const struct naive_promise *promise = &model->promises[id];
    return naive_promise_open(promise) > 0 && naive_date_of(model, promise->ledger) > promise->due;
}

int64_t naive_expire_promise(struct decision *d, int64_t id)
{
    struct naive_model *model = d->model;
    if (id > model->promise_count || model->promises[id].ledger != d->ledger) {
        naive_broken(d, OUTCOME_PROMISE_NOT_FOUND);
        return 0;
    }
    struct naive_promise *promise = &model->promises[id];
    naive_need(d, naive_promise_open(promise) > 0, OUTCOME_PROMISE_FINAL);
    naive_need(d, promise->told_late == 0 && naive_is_late(model, (int)id), OUTCOME_NOT_YET_DUE);
    if (d->worst != 0)
        return 0;
    promise->told_late = d->now_us;
    promise->changed = d->sequence;
    d->order = promise->order;
    return id;
}

int64_t naive_cancel_promise(struct decision *d)
{
    const struct cancel_promise *wish = &d->command->cancel_promise;
    struct naive_model *model = d->model;
    if (wish->promise_id > model->promise_count ||
        model->promises[wish->promise_id].ledger != d->ledger) {
        naive_broken(d, OUTCOME_PROMISE_NOT_FOUND);
        return 0;
    }
    const struct naive_promise *promise = &model->promises[wish->promise_id];
    int64_t open = naive_promise_open(promise);
    int64_t amount = wish->amount_minor == 0 ? open : wish->amount_minor;
    naive_need(d, open > 0, OUTCOME_PROMISE_FINAL);
    naive_need(d, !promise->disputed, OUTCOME_PROMISE_DISPUTED);
    naive_need_at(d, amount <= open, OUTCOME_ABOVE_REST, open);
    if (d->worst != 0)
        return 0;
    naive_give_up(d, (int)wish->promise_id, amount);
    d->order = promise->order;
    return wish->promise_id;
}
