/* naive_lumps.c: sums that are allocated line by line, of the naive model.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

int naive_lump_of(const struct naive_model *model, int item)
{
    for (int id = 1; id <= model->lump_count; id++) {
        if (model->lumps[id].item == item && model->lumps[id].status == LUMP_OPEN)
            return id;
    }
    return 0;
}

int naive_open_lumps(const struct naive_model *model, int ledger)
{
    int count = 0;
    for (int id = 1; id <= model->lump_count; id++)
        count += model->lumps[id].ledger == ledger && model->lumps[id].status == LUMP_OPEN;
    return count;
}

void naive_need_free_item(struct decision *d, int item)
{
    int lump = naive_lump_of(d->model, item);
    naive_need_at(d, lump == 0, OUTCOME_SUSPENSE_IN_LUMP, lump);
}

int naive_need_lump(struct decision *d, int64_t wish)
{
    int id = wish >= 1 && wish <= d->model->lump_count && d->model->lumps[wish].ledger == d->ledger
                 ? (int)wish
                 : 0;
    naive_need(d, id != 0, OUTCOME_LUMP_NOT_FOUND);
    return id;
}

int64_t naive_open_lump(struct decision *d)
{
    const struct open_lump *wish = &d->command->open_lump;
    struct naive_model *model = d->model;
    if (naive_same_card(model, d->ledger))
        naive_need_two_persons(d);
    int item = naive_need_item(d, wish->suspense_id);
    int overdue = naive_overdue_item(model, d->ledger, d->now_us);
    naive_need_at(d, overdue == 0, OUTCOME_SUSPENSE_OVERDUE, overdue);
    if (item != 0) {
        int64_t open = naive_open_of(&model->suspense[item]);
        naive_need(d, open + model->suspense[item].returning > 0, OUTCOME_SUSPENSE_FINAL);
        naive_need(d, !naive_is_kept(d->model, item), OUTCOME_SUSPENSE_KEPT);
        naive_need_free_item(d, item);
        naive_need_at(d, wish->control_minor <= open, OUTCOME_ALLOCATION_ABOVE_ITEM, open);
    }
    if (d->worst != 0)
        return 0;
    CHECK(model->lump_count < NAIVE_LUMPS_MAX);
    model->lumps[++model->lump_count] = (struct naive_lump){
        .count = wish->control_count,
        .total = wish->control_minor,
        .opened = d->sequence,
        .changed = d->sequence,
        .ledger = d->ledger,
        .item = item,
        .status = LUMP_OPEN,
        .whole = wish->is_all_or_none,
        .date = naive_date_of(model, d->ledger),
    };
    return model->lump_count;
}

/* Nobody may have sent it whose line was not taken back. */
static void need_new_order(struct decision *d, struct text order)
{
    const struct naive_model *model = d->model;
    for (int s = 1; s <= model->past_count; s++) {
        const struct naive_past *past = &model->past[s];
        if (past->kind != COMMAND_ALLOCATE_LINE || past->ledger != d->ledger ||
            !text_equals(text_of(past->reference), order) || naive_refunded_sum(model, s, 0) > 0)
            continue;
        bool is_hidden = model->hidden_from != 0 && s >= model->hidden_from;
        naive_need_at(d, false, OUTCOME_SOURCE_ORDER_USED, is_hidden ? 0 : s);
    }
}

int64_t naive_allocate_line(struct decision *d)
{
    const struct allocate_line *wish = &d->command->allocate_line;
    struct naive_model *model = d->model;
    int64_t wished = wish->account_id;
    need_new_order(d, wish->source_order);
    naive_need(d, !naive_is_denied(d, &wish->payer), OUTCOME_PARTY_RESTRICTED);
    if (wished == 0)
        wished = naive_account_by_number(model, d->ledger, wish->receiving_number);
    int account = 0;
    if (wished == 0)
        naive_broken(d, OUTCOME_ACCOUNT_NOT_FOUND);
    else
        account = naive_need_member_account(d, wished);
    if (account != 0)
        naive_need(d, !naive_takes_none(model, account), OUTCOME_ACCOUNT_RESTRICTED_IN);
    int id = naive_need_lump(d, wish->lump_id);
    struct naive_lump *lump = &model->lumps[id];
    if (id != 0) {
        naive_need(d, lump->status == LUMP_OPEN, OUTCOME_LUMP_FINAL);
        naive_need(d, !lump->whole || d->command->is_atomic, OUTCOME_LUMP_ALL_OR_NOTHING);
        naive_need_at(d, lump->got_count < lump->count, OUTCOME_LUMP_COUNT_REACHED, lump->count);
        naive_need_at(d, wish->amount_minor <= lump->total - lump->got, OUTCOME_LINE_ABOVE_LUMP,
            lump->total - lump->got);
    }
    int rule = naive_need_rule(d, wish->fee_rule);
    int64_t fee = naive_need_payee_fee(d, rule, wish->amount_minor);
    if (d->worst != 0)
        return 0;
    naive_book(d, naive_control_account(model, d->ledger, ACCOUNT_UNALLOCATED), BUCKET_AVAILABLE,
        account, BUCKET_AVAILABLE, wish->amount_minor - fee);
    CHECK(model->line_count < NAIVE_LINES_MAX);
    model->lines[model->line_count++] =
        (struct naive_line){.account = account, .amount = wish->amount_minor, .fee = fee};
    naive_book_allocation_fee(d, rule);
    d->put_back = -wish->amount_minor;
    d->past.item = lump->item;
    d->past.lump = id;
    CHECK(wish->source_order.length < NAIVE_REFERENCE_BYTES_MAX);
    naive_copy_text(d->past.reference, wish->source_order);
    lump->got += wish->amount_minor;
    lump->got_count++;
    lump->changed = d->sequence;
    model->suspense[lump->item].allocated += wish->amount_minor;
    model->suspense[lump->item].changed = d->sequence;
    return account;
}

int64_t naive_close_lump(struct decision *d)
{
    const struct close_lump *wish = &d->command->close_lump;
    if (wish->is_as_it_stands)
        naive_need_two_persons(d);
    int id = naive_need_lump(d, wish->lump_id);
    struct naive_lump *lump = &d->model->lumps[id];
    if (id == 0)
        return 0;
    naive_need(d, lump->status == LUMP_OPEN, OUTCOME_LUMP_FINAL);
    bool may_lack = wish->is_as_it_stands && !lump->whole;
    if (wish->is_cancelled) {
        naive_need_at(d, lump->got_count == 0, OUTCOME_LUMP_HAS_LINES, lump->got_count);
    } else if (!may_lack) {
        naive_need_at(
            d, lump->got_count == lump->count, OUTCOME_LUMP_COUNT_DIFFERS, lump->got_count);
        naive_need_at(d, lump->got == lump->total, OUTCOME_LUMP_TOTAL_DIFFERS, lump->got);
    }
    if (d->worst != 0)
        return 0;
    lump->status = wish->is_cancelled ? LUMP_CANCELLED : LUMP_CLOSED;
    lump->changed = d->sequence;
    return id;
}
