/* naive_settlements.c: what payment companies pay, of the naive model.
 *
 * A line is told from what the acquirer should have paid: the rest of the gross amount without what
 * it keeps of that.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

static int64_t rest_of(const struct naive_settlement *settlement)
{
    return settlement->total - settlement->settled - settlement->returned;
}

bool naive_is_settling(const struct naive_model *model, int ledger)
{
    bool is = false;
    for (int id = 1; id <= model->settlement_count; id++)
        is |= model->settlements[id].ledger == ledger && !model->settlements[id].closed;
    return is;
}

bool naive_acquired_is_explained(const struct naive_model *model, int ledger)
{
    static int64_t has[NAIVE_ACQUIRERS_MAX + 1];
    for (int id = 1; id <= model->acquirer_count; id++)
        has[id] = model->accounts[model->acquirers[id].account].balance[BUCKET_AVAILABLE];
    for (int id = 1; id <= model->settlement_count; id++)
        has[model->settlements[id].acquirer] -= rest_of(&model->settlements[id]);
    for (int id = 1; id <= model->difference_count; id++) {
        const struct naive_difference *one = &model->differences[id];
        if (one->closed == 0 && !one->missing)
            has[one->acquirer] -= one->amount;
    }
    for (int id = 1; id <= model->acquirer_count; id++) {
        if (model->acquirers[id].ledger == ledger && has[id] != 0)
            return false;
    }
    return true;
}

int64_t naive_open_settlement(struct decision *d)
{
    const struct open_settlement *wish = &d->command->open_settlement;
    struct naive_model *model = d->model;
    bool is_its = wish->acquirer_id <= model->acquirer_count &&
                  model->acquirers[wish->acquirer_id].ledger == d->ledger;
    bool has_item = wish->suspense_id <= model->suspense_count &&
                    model->suspense[wish->suspense_id].ledger == d->ledger;
    naive_need(d, is_its, OUTCOME_ACQUIRER_NOT_FOUND);
    naive_need(d, has_item, OUTCOME_SUSPENSE_NOT_FOUND);
    if (has_item) {
        const struct naive_suspense *item = &model->suspense[wish->suspense_id];
        int64_t open = naive_open_of(item);
        if (naive_same_card(model, d->ledger) && item->reason > SUSPENSE_UNKNOWN_NUMBER)
            naive_need_two_persons(d);
        naive_need(d, open + item->returning > 0, OUTCOME_SUSPENSE_FINAL);
        naive_need(d, !naive_is_kept(model, (int)wish->suspense_id), OUTCOME_SUSPENSE_KEPT);
        naive_need_at(d, wish->total_minor <= open, OUTCOME_ALLOCATION_ABOVE_ITEM, open);
        int lump = naive_lump_of(model, (int)wish->suspense_id);
        naive_need_at(d, lump == 0, OUTCOME_SUSPENSE_IN_LUMP, lump);
    }
    if (d->worst != 0)
        return 0;
    CHECK(model->settlement_count < NAIVE_SETTLEMENTS_MAX);
    int id = ++model->settlement_count;
    model->settlements[id] = (struct naive_settlement){
        .total = wish->total_minor,
        .opened = d->sequence,
        .changed = d->sequence,
        .ledger = d->ledger,
        .acquirer = (int)wish->acquirer_id,
        .item = (int)wish->suspense_id,
        .lines = wish->line_count,
        .date = naive_date_of(model, d->ledger),
    };
    naive_book(d, naive_control_account(model, d->ledger, ACCOUNT_UNALLOCATED), BUCKET_AVAILABLE,
        model->acquirers[wish->acquirer_id].account, BUCKET_AVAILABLE, wish->total_minor);
    model->suspense[wish->suspense_id].allocated += wish->total_minor;
    model->suspense[wish->suspense_id].changed = d->sequence;
    d->put_back = -wish->total_minor;
    return id;
}

static int settlement_of(struct decision *d, int64_t id)
{
    bool is_its = id <= d->model->settlement_count && d->model->settlements[id].ledger == d->ledger;
    naive_need(d, is_its, OUTCOME_SETTLEMENT_NOT_FOUND);
    return is_its ? (int)id : 0;
}

static int promise_with(const struct naive_model *model, int acquirer, struct text reference)
{
    for (int id = 1; id <= model->promise_count; id++) {
        if (model->promises[id].acquirer == acquirer &&
            naive_same_text(model->promises[id].reference, reference))
            return id;
    }
    return 0;
}

/* So much of what the acquirer has is the promise's. */
static void pay_promise(struct decision *d, int id, int64_t amount)
{
    struct naive_model *model = d->model;
    struct naive_promise *promise = &model->promises[id];
    const struct naive_acquirer *acquirer = &model->acquirers[promise->acquirer];
    int64_t fee_before = promise->fee - naive_promise_open_fee(promise);
    promise->settled += amount;
    promise->changed = d->sequence;
    int64_t fee = promise->fee - naive_promise_open_fee(promise) - fee_before;
    struct naive_account *owes = &model->accounts[acquirer->account];
    int64_t later = 0;
    if (owes->next_date == naive_date_of(model, d->ledger) &&
        owes->balance[BUCKET_AVAILABLE] - owes->next_date_minor < amount)
        later = amount - (owes->balance[BUCKET_AVAILABLE] - owes->next_date_minor);
    owes->next_date_minor -= later;
    naive_book(
        d, acquirer->account, BUCKET_AVAILABLE, acquirer->account, BUCKET_PENDING_IN, amount);
    naive_credit(d, promise->account, BUCKET_PENDING_IN, promise->account, amount - fee,
        acquirer->next_date);
    /* The fee is taken of what is for the next date last. */
    if (!acquirer->next_date && later > 0 && amount > fee) {
        struct naive_move *move = &model->moves[model->move_count - 1];
        move->later = later < amount - fee ? later : amount - fee;
        naive_make_later(d, promise->account, move->later);
    }
    struct naive_line legs[FEE_SHARES_MAX];
    int count =
        naive_fee_legs_back(model, d->ledger, promise->rule, promise->fee, fee_before, fee, legs);
    for (int i = 0; i < count && fee > 0; i++)
        naive_book(d, naive_control_account(model, d->ledger, ACCOUNT_FEE), BUCKET_PENDING_IN,
            legs[i].account, BUCKET_AVAILABLE, legs[i].amount);
}

static int note_difference(struct decision *d, const struct naive_settlement *settlement,
    int settlement_id, int promise, int kind, int64_t amount, bool missing)
{
    struct naive_difference *one;
    struct naive_model *model = d->model;
    CHECK(model->difference_count < NAIVE_DIFFERENCES_MAX);
    model->differences[++model->difference_count] = (struct naive_difference){
        .amount = amount,
        .line = d->sequence,
        .changed = d->sequence,
        .ledger = d->ledger,
        .acquirer = settlement->acquirer,
        .settlement = settlement_id,
        .item = settlement->item,
        .promise = promise,
        .account = promise != 0 ? model->promises[promise].account : 0,
        .kind = kind,
        .date = naive_date_of(model, d->ledger),
        .missing = missing,
    };
    one = &model->differences[model->difference_count];
    if (promise != 0)
        naive_copy_text(one->order, text_of(model->promises[promise].order));
    naive_copy_text(one->reference, promise != 0 ? text_of(model->promises[promise].reference)
                                                 : d->command->settle_line.reference);
    if (missing) {
        model->promises[promise].disputed = true;
        model->promises[promise].changed = d->sequence;
    }
    return model->difference_count;
}

/* What a line for a promise that has something open is. */
static int64_t book_line(struct decision *d, int settlement_id, int id)
{
    const struct settle_line *wish = &d->command->settle_line;
    struct naive_model *model = d->model;
    const struct naive_settlement *settlement = &model->settlements[settlement_id];
    const struct naive_promise *promise = &model->promises[id];
    int64_t net = wish->gross_minor - wish->kept_minor;
    int64_t owed = naive_promise_open(promise);
    int64_t kept =
        promise->kept - naive_share_of(promise->kept, promise->settled + promise->cancelled,
                            promise->amount - promise->kept);
    bool whole_gross = wish->gross_minor == owed + kept;
    pay_promise(d, id, net < owed ? net : owed);
    if (net < owed && !wish->is_partial)
        return note_difference(d, settlement, settlement_id, id,
            whole_gross ? DIFFERENCE_FEE : DIFFERENCE_SHORT, owed - net, true);
    if (net > owed)
        return note_difference(d, settlement, settlement_id, id,
            whole_gross ? DIFFERENCE_FEE : DIFFERENCE_OVER, net - owed, false);
    return 0;
}

int64_t naive_settle_line(struct decision *d)
{
    const struct settle_line *wish = &d->command->settle_line;
    struct naive_model *model = d->model;
    int64_t net = wish->gross_minor - wish->kept_minor;
    int id = settlement_of(d, wish->settlement_id);
    int promise = 0;
    if (wish->promise_id != 0) {
        bool is_its = wish->promise_id <= model->promise_count &&
                      model->promises[wish->promise_id].ledger == d->ledger &&
                      (id == 0 || model->promises[wish->promise_id].acquirer ==
                                      model->settlements[id].acquirer);
        naive_need(d, is_its, OUTCOME_PROMISE_NOT_FOUND);
        promise = is_its ? (int)wish->promise_id : 0;
    } else if (id != 0) {
        promise = promise_with(model, model->settlements[id].acquirer, wish->reference);
    }
    if (id == 0)
        return 0;
    struct naive_settlement *settlement = &model->settlements[id];
    naive_need(d, !settlement->closed, OUTCOME_SETTLEMENT_CLOSED);
    if (!settlement->closed) {
        naive_need(d, settlement->lines_done < settlement->lines, OUTCOME_SETTLEMENT_FULL);
        naive_need_at(
            d, net <= rest_of(settlement), OUTCOME_LINE_ABOVE_SETTLEMENT, rest_of(settlement));
    }
    if (d->worst != 0)
        return 0;
    settlement->settled += net;
    settlement->lines_done++;
    settlement->changed = d->sequence;
    if (promise == 0)
        return note_difference(d, settlement, id, 0, DIFFERENCE_UNKNOWN, net, false);
    const struct naive_promise *paid = &model->promises[promise];
    d->order = paid->order;
    if (naive_promise_open(paid) == 0 && paid->settled == 0)
        return note_difference(d, settlement, id, promise, DIFFERENCE_LATE, net, false);
    if (naive_promise_open(paid) == 0 || paid->disputed)
        return note_difference(d, settlement, id, promise, DIFFERENCE_DUPLICATE, net, false);
    return book_line(d, id, promise);
}

/* Back to the item that it came from. */
static void put_back(struct decision *d, int acquirer, int item, int64_t amount)
{
    struct naive_model *model = d->model;
    if (amount == 0)
        return;
    naive_book(d, model->acquirers[acquirer].account, BUCKET_AVAILABLE,
        naive_control_account(model, d->ledger, ACCOUNT_UNALLOCATED), BUCKET_AVAILABLE, amount);
    model->suspense[item].allocated -= amount;
    model->suspense[item].changed = d->sequence;
    d->put_back = amount;
}

int64_t naive_close_settlement(struct decision *d)
{
    const struct close_settlement *wish = &d->command->close_settlement;
    int id = settlement_of(d, wish->settlement_id);
    if (id == 0)
        return 0;
    struct naive_settlement *settlement = &d->model->settlements[id];
    int64_t rest = rest_of(settlement);
    naive_need(d, !settlement->closed, OUTCOME_SETTLEMENT_CLOSED);
    if (wish->is_abandoned)
        naive_need(d, wish->suspense_id == settlement->item, OUTCOME_SUSPENSE_NOT_OF_SETTLEMENT);
    else if (!settlement->closed)
        naive_need_at(d, rest == 0 && settlement->lines_done == settlement->lines,
            OUTCOME_SETTLEMENT_INCOMPLETE, rest);
    if (d->worst != 0)
        return 0;
    settlement->closed = true;
    settlement->abandoned = wish->is_abandoned;
    settlement->returned = rest;
    settlement->changed = d->sequence;
    put_back(d, settlement->acquirer, settlement->item, rest);
    return id;
}

/* Whether a difference may end so, and what else that needs. */
static void need_end(struct decision *d, const struct naive_difference *one)
{
    const struct close_difference *wish = &d->command->close_difference;
    struct naive_model *model = d->model;
    bool may = one->missing
                   ? wish->ended_by == DIFFERENCE_BORNE || wish->ended_by == DIFFERENCE_EXPECTED ||
                         wish->ended_by == DIFFERENCE_CORRECTED
                   : wish->ended_by == DIFFERENCE_RETURNED ||
                         wish->ended_by == DIFFERENCE_ASSIGNED ||
                         (wish->ended_by == DIFFERENCE_CORRECTED && one->account != 0);
    naive_need(d, may, OUTCOME_DIFFERENCE_NOT_SO);
    if (!may)
        return;
    if (wish->ended_by == DIFFERENCE_BORNE) {
        int64_t own = *naive_available_of(
            model, naive_control_account(model, d->ledger, ACCOUNT_PLATFORM_OWN));
        naive_need_at(d, one->amount <= own, OUTCOME_INSUFFICIENT_PLATFORM_OWN, own);
    }
    if (wish->ended_by == DIFFERENCE_RETURNED)
        naive_need(d, wish->suspense_id == one->item, OUTCOME_SUSPENSE_NOT_OF_SETTLEMENT);
    if (wish->ended_by == DIFFERENCE_CORRECTED && !one->missing) {
        naive_need(d, !model->accounts[one->account].closed, OUTCOME_ACCOUNT_CLOSED);
        naive_need(d,
            !naive_takes_none(model, one->account) || model->accounts[one->account].closed,
            OUTCOME_ACCOUNT_RESTRICTED_IN);
    }
    if (wish->ended_by == DIFFERENCE_ASSIGNED) {
        bool is_its = wish->promise_id <= model->promise_count &&
                      model->promises[wish->promise_id].acquirer == one->acquirer;
        naive_need(d, is_its, OUTCOME_PROMISE_NOT_FOUND);
        if (!is_its)
            return;
        int64_t open = naive_promise_open(&model->promises[wish->promise_id]);
        naive_need(d, open > 0, OUTCOME_PROMISE_FINAL);
        naive_need(d, !model->promises[wish->promise_id].disputed, OUTCOME_PROMISE_DISPUTED);
        naive_need_at(d, one->amount <= open, OUTCOME_ABOVE_REST, open);
    }
}

int64_t naive_close_difference(struct decision *d)
{
    const struct close_difference *wish = &d->command->close_difference;
    struct naive_model *model = d->model;
    if (wish->ended_by == DIFFERENCE_BORNE)
        naive_need_two_persons(d);
    if (wish->difference_id > model->difference_count ||
        model->differences[wish->difference_id].ledger != d->ledger) {
        naive_broken(d, OUTCOME_DIFFERENCE_NOT_FOUND);
        return 0;
    }
    struct naive_difference *one = &model->differences[wish->difference_id];
    naive_need(d, one->closed == 0, OUTCOME_DIFFERENCE_FINAL);
    need_end(d, one);
    if (d->worst != 0)
        return 0;
    one->closed = one->changed = d->sequence;
    one->end = wish->ended_by;
    bool is_other = wish->ended_by == DIFFERENCE_ASSIGNED;
    d->order = is_other ? model->promises[wish->promise_id].order : one->order;
    int acquirer = model->acquirers[one->acquirer].account;
    if (one->missing) {
        model->promises[one->promise].disputed = false;
        model->promises[one->promise].changed = d->sequence;
    }
    if (wish->ended_by == DIFFERENCE_BORNE) {
        naive_book(d, naive_control_account(model, d->ledger, ACCOUNT_PLATFORM_OWN),
            BUCKET_AVAILABLE, acquirer, BUCKET_AVAILABLE, one->amount);
        pay_promise(d, one->promise, one->amount);
    } else if (wish->ended_by == DIFFERENCE_CORRECTED && one->missing) {
        naive_give_up(d, one->promise, one->amount);
    } else if (wish->ended_by == DIFFERENCE_CORRECTED) {
        naive_credit(d, acquirer, BUCKET_AVAILABLE, one->account, one->amount,
            model->acquirers[one->acquirer].next_date);
    } else if (wish->ended_by == DIFFERENCE_RETURNED) {
        put_back(d, one->acquirer, one->item, one->amount);
    } else if (wish->ended_by == DIFFERENCE_ASSIGNED) {
        pay_promise(d, (int)wish->promise_id, one->amount);
    }
    return wish->difference_id;
}
