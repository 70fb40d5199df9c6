/* naive_statements.c: the bank's statements, of the naive model.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

/* The last one of the ledger that was not given up; 0: none. */
static int last_of(const struct naive_model *model, int ledger)
{
    int last = 0;
    for (int id = 1; id <= model->statement_count; id++)
        if (model->statements[id].ledger == ledger &&
            model->statements[id].status != BANK_STATEMENT_CANCELLED)
            last = id;
    return last;
}

/* Digits only. */
static bool is_escrow_account(struct text number)
{
    static const char own[] = "62170001";
    uint32_t at = 0;
    for (uint32_t i = 0; i < number.length; i++) {
        char c = number.bytes[i];
        if (c == ' ' || c == '-')
            continue;
        if (at == sizeof own - 1 || own[at++] != c)
            return false;
    }
    return at == sizeof own - 1;
}

static void need_unknown(struct decision *d)
{
    const struct open_bank_statement *wish = &d->command->open_bank_statement;
    int same = 0;
    for (int id = d->model->statement_count; id > 0; id--) {
        const struct naive_statement *one = &d->model->statements[id];
        if (one->ledger == d->ledger && one->status != BANK_STATEMENT_CANCELLED &&
            wish->reference.length > 0 && naive_same_text(one->reference, wish->reference))
            same = id;
    }
    for (int id = 1; id <= d->model->statement_count && same == 0; id++) {
        const struct naive_statement *one = &d->model->statements[id];
        if (one->ledger == d->ledger && one->status != BANK_STATEMENT_CANCELLED &&
            one->position == wish->file_position && naive_same_text(one->sha256, wish->file_sha256))
            same = id;
    }
    naive_need_at(d, same == 0, OUTCOME_BANK_STATEMENT_KNOWN, same);
}

int64_t naive_open_bank_statement(struct decision *d)
{
    const struct open_bank_statement *wish = &d->command->open_bank_statement;
    struct naive_model *model = d->model;
    int last = last_of(model, d->ledger);
    const struct naive_statement *before = &model->statements[last];
    bool is_open = last != 0 && before->status == BANK_STATEMENT_OPEN;
    bool has_gap = last != 0 && before->closing != wish->opening_minor;
    int64_t missing = 0;
    if (wish->has_gap)
        naive_need_two_persons(d);
    need_unknown(d);
    naive_need_at(d, !is_open, OUTCOME_BANK_STATEMENT_STANDS_OPEN, last);
    if (!is_open)
        naive_need_at(
            d, !has_gap || wish->has_gap, OUTCOME_BANK_STATEMENT_OPENING_DIFFERS, before->closing);
    naive_need(d, wish->account_number.length == 0 || is_escrow_account(wish->account_number),
        OUTCOME_BANK_STATEMENT_OF_OTHER_ACCOUNT);
    naive_need(d, naive_same_text("CNY", wish->currency), OUTCOME_BANK_STATEMENT_OF_OTHER_CURRENCY);
    if (d->worst != 0)
        return 0;
    if (last != 0 && before->number != 0 && wish->number != 0) {
        if (wish->number > before->number)
            missing = wish->number - before->number - 1;
        else if (wish->number < before->number)
            missing = wish->number - 1;
    }
    CHECK(model->statement_count < NAIVE_STATEMENTS_MAX);
    struct naive_statement *made = &model->statements[++model->statement_count];
    *made = (struct naive_statement){
        .ledger = d->ledger,
        .number = wish->number,
        .missing = missing,
        .opening = wish->opening_minor,
        .closing = wish->closing_minor,
        .opened = d->sequence,
        .changed = d->sequence,
        .from = wish->from_date,
        .to = wish->to_date,
        .count = wish->line_count,
        .position = wish->file_position,
        .date = naive_date_of(model, d->ledger),
        .status = BANK_STATEMENT_OPEN,
        .gap = has_gap,
    };
    naive_copy_text(made->reference, wish->reference);
    naive_copy_text(made->sha256, wish->file_sha256);
    return model->statement_count;
}

/* The one that is meant, if it is open. */
static struct naive_statement *need_open(struct decision *d, int64_t id)
{
    struct naive_model *model = d->model;
    bool is_there =
        id >= 1 && id <= model->statement_count && model->statements[id].ledger == d->ledger;
    naive_need(d, is_there, OUTCOME_BANK_STATEMENT_NOT_FOUND);
    if (!is_there)
        return NULL;
    naive_need(
        d, model->statements[id].status == BANK_STATEMENT_OPEN, OUTCOME_BANK_STATEMENT_FINAL);
    return model->statements[id].status == BANK_STATEMENT_OPEN ? &model->statements[id] : NULL;
}

static void need_new_key(struct decision *d, struct text key)
{
    const struct naive_model *model = d->model;
    for (int s = 1; s <= model->past_count && key.length > 0; s++) {
        const struct naive_past *past = &model->past[s];
        if (past->kind != COMMAND_ADD_STATEMENT_LINE || past->ledger != d->ledger ||
            !naive_same_text(past->reference, key))
            continue;
        bool is_hidden = model->hidden_from != 0 && s >= model->hidden_from;
        naive_need_at(d, false, OUTCOME_STATEMENT_LINE_KNOWN, is_hidden ? 0 : s);
    }
}

int64_t naive_add_statement_line(struct decision *d)
{
    const struct add_statement_line *wish = &d->command->add_statement_line;
    struct naive_model *model = d->model;
    struct naive_statement *statement = need_open(d, wish->bank_statement_id);
    need_new_key(d, wish->entry_key);
    if (statement) {
        naive_need_at(d, wish->ordinal > statement->last, OUTCOME_STATEMENT_LINE_OUT_OF_ORDER,
            statement->last);
        naive_need_at(d, wish->ordinal <= statement->count, OUTCOME_STATEMENT_LINE_ABOVE_COUNT,
            statement->count);
        int64_t sum = statement->sum + wish->amount_minor;
        naive_need(d, sum <= STATEMENT_SUM_MINOR_MAX && sum >= -STATEMENT_SUM_MINOR_MAX,
            OUTCOME_AMOUNT_OVERFLOW);
    }
    if (d->worst != 0)
        return 0;
    statement->sum += wish->amount_minor;
    statement->lines++;
    statement->last = wish->ordinal;
    statement->changed = d->sequence;
    CHECK(wish->entry_key.length < NAIVE_REFERENCE_BYTES_MAX);
    naive_copy_text(d->past.reference, wish->entry_key);
    CHECK(model->statement_line_count < NAIVE_STATEMENT_LINES_MAX);
    model->statement_lines[++model->statement_line_count] =
        (struct naive_statement_line){.ledger = d->ledger,
            .statement = (int)wish->bank_statement_id,
            .amount = wish->amount_minor,
            .added = d->sequence,
            .ordinal = wish->ordinal,
            .booked = wish->booking_date,
            .valued = wish->value_date};
    return model->statement_line_count;
}

int64_t naive_close_bank_statement(struct decision *d)
{
    const struct close_bank_statement *wish = &d->command->close_bank_statement;
    if (wish->is_as_it_stands)
        naive_need_two_persons(d);
    struct naive_statement *statement = need_open(d, wish->bank_statement_id);
    bool is_whole = false;
    if (statement) {
        int64_t difference = statement->closing - statement->opening - statement->sum;
        is_whole = statement->lines == statement->count && difference == 0;
        if (wish->is_cancelled) {
            naive_need_at(
                d, statement->lines == 0, OUTCOME_BANK_STATEMENT_HAS_LINES, statement->lines);
        } else if (!wish->is_as_it_stands) {
            naive_need_at(d, statement->lines == statement->count,
                OUTCOME_BANK_STATEMENT_COUNT_DIFFERS, statement->lines);
            naive_need_at(d, difference == 0, OUTCOME_BANK_STATEMENT_SUM_DIFFERS, difference);
        }
    }
    if (d->worst != 0)
        return 0;
    statement->closed = statement->changed = d->sequence;
    statement->status = wish->is_cancelled ? BANK_STATEMENT_CANCELLED
                        : is_whole         ? BANK_STATEMENT_CLOSED
                                           : BANK_STATEMENT_TAKEN;
    return wish->bank_statement_id;
}
