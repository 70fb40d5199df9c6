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
    if (statement->lines++ == 0)
        statement->first_line = model->statement_line_count + 1;
    statement->last_line = model->statement_line_count + 1;
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
            .changed = d->sequence,
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

/* ---- matches ---- */

int64_t naive_matched(const struct naive_model *model, int of, int64_t booking)
{
    int64_t sum = 0;
    for (int id = 1; id <= model->match_count; id++) {
        const struct naive_match *match = &model->matches[id];
        if (match->of == of && match->booking == booking && match->undone == 0)
            sum += match->amount;
    }
    return sum;
}

/* What was booked; -1 when it cannot be matched. */
static int64_t need_booking(struct decision *d, int of, int64_t booking)
{
    const struct naive_model *model = d->model;
    if (of == BOOKING_RECEIPT) {
        const struct naive_past *past = naive_need_original(d, booking);
        if (!past)
            return -1;
        bool is_one = past->kind == COMMAND_BOOK_RECEIPT || past->kind == COMMAND_BOOK_INTEREST;
        bool stands = is_one && !naive_is_reversed(model, booking);
        naive_need(d, is_one, OUTCOME_MATCH_NOT_OF_RECEIPT);
        naive_need(d, !is_one || stands, OUTCOME_ORIGINAL_REVERSED);
        return stands ? model->moves[past->first_move].amount : -1;
    }
    const struct naive_payout *payout =
        booking <= model->payout_count ? &model->payouts[booking] : NULL;
    if (!payout || payout->ledger != d->ledger) {
        naive_need(d, false, OUTCOME_PAYOUT_NOT_FOUND);
        return -1;
    }
    if (of == BOOKING_RETURN)
        return payout->returned;
    bool left = payout->status != PAYOUT_FAILED && payout->status != PAYOUT_CANCELLED;
    naive_need(d, left, OUTCOME_MATCHED_PAYOUT_STAYED);
    return left ? payout->amount : -1;
}

int64_t naive_match_statement_line(struct decision *d)
{
    const struct match_statement_line *wish = &d->command->match_statement_line;
    struct naive_model *model = d->model;
    int id =
        wish->statement_line_id <= model->statement_line_count ? (int)wish->statement_line_id : 0;
    struct naive_statement_line *line = &model->statement_lines[id];
    if (id == 0 || line->ledger != d->ledger) {
        naive_need(d, false, OUTCOME_STATEMENT_LINE_NOT_FOUND);
        line = NULL;
    }
    bool is_out = line && line->amount < 0;
    int of = wish->receipt_sequence != 0 ? BOOKING_RECEIPT
             : line && !is_out           ? BOOKING_RETURN
                                         : BOOKING_PAYOUT;
    int64_t booking = of == BOOKING_RECEIPT ? wish->receipt_sequence : wish->payout_id;
    int64_t whole = need_booking(d, of, booking);
    if (line) {
        naive_need_at(d, model->statements[line->statement].status != BANK_STATEMENT_OPEN,
            OUTCOME_STATEMENT_LINE_OF_OPEN, line->statement);
        naive_need(d, !is_out || of != BOOKING_RECEIPT, OUTCOME_MATCH_OF_OTHER_SIDE);
    }
    if (line && whole >= 0) {
        int64_t line_left = (is_out ? -line->amount : line->amount) - line->matched;
        int64_t left = whole - naive_matched(model, of, booking);
        naive_need_at(d, wish->amount_minor <= line_left, OUTCOME_MATCH_ABOVE_LINE, line_left);
        naive_need_at(
            d, wish->amount_minor <= left, OUTCOME_MATCH_ABOVE_BOOKING, left > 0 ? left : 0);
    }
    if (d->worst != 0)
        return 0;
    line->matched += wish->amount_minor;
    line->changed = d->sequence;
    CHECK(model->match_count < NAIVE_MATCHES_MAX);
    model->matches[++model->match_count] = (struct naive_match){.ledger = d->ledger,
        .line = id,
        .of = of,
        .booking = booking,
        .amount = wish->amount_minor,
        .made = d->sequence};
    return model->match_count;
}

int64_t naive_undo_match(struct decision *d)
{
    struct naive_model *model = d->model;
    int64_t id = d->command->undo_match.statement_match_id;
    struct naive_match *match = &model->matches[id <= model->match_count ? id : 0];
    if (id > model->match_count || match->ledger != d->ledger) {
        naive_need(d, false, OUTCOME_STATEMENT_MATCH_NOT_FOUND);
        return 0;
    }
    naive_need(d, match->undone == 0, OUTCOME_STATEMENT_MATCH_UNDONE);
    if (d->worst != 0)
        return 0;
    match->undone = d->sequence;
    model->statement_lines[match->line].matched -= match->amount;
    model->statement_lines[match->line].changed = d->sequence;
    return id;
}
