/* random_statements.c: draws the bank's statements, their lines and their ends.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "naive.h"
#include "random_picks.h"

#include <stdio.h>

/* The last one of the ledger that is open, or the last; 0: it has none. */
static int last_statement(const struct naive_model *model, int64_t ledger)
{
    int id = model->statement_count;
    while (id > 0 && (model->statements[id].ledger != ledger ||
                         model->statements[id].status == BANK_STATEMENT_CANCELLED))
        id--;
    return id;
}

static int64_t pick_statement(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    if (model->statement_count == 0 || random_percent(random, 3))
        return pick_no_such_id(random, model->statement_count);
    int id = last_statement(model, ledger);
    if (id == 0 || random_percent(random, 6))
        return random_between(random, 1, model->statement_count);
    return id;
}

/* A name with a number of so many digits at least. */
static struct text pick_text(struct random *random, const char *name, int digits, int64_t last)
{
    static char texts[4][FILE_SHA256_BYTES + 1];
    static int next;
    char *text = texts[next++ % 4];
    int number = (int)random_between(random, 1, last);
    int length = snprintf(text, sizeof texts[0], "%s%0*d", name, digits, number);
    return (struct text){text, (uint32_t)length};
}

struct command random_statement_line(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t id = pick_statement(random, model, ledger);
    int64_t amount = random_between(random, -30, 30);
    int64_t ordinal = 1;
    if (id >= 1 && id <= model->statement_count) {
        const struct naive_statement *statement = &model->statements[id];
        ordinal = statement->last + 1;
        int64_t rest = statement->closing - statement->opening - statement->sum;
        if (ordinal == statement->count && random_percent(random, 90))
            amount = rest;
        else if (amount == rest) /* else nothing is left for the last one */
            amount++;
    }
    if (random_percent(random, 5))
        ordinal += random_between(random, -1, 1);
    struct command command = make_statement_line(
        ledger, id, "", ordinal > 0 ? (int32_t)ordinal : 1, amount != 0 ? amount : 1);
    if (random_percent(random, 80))
        command.add_statement_line.entry_key = pick_text(random, "E-", 1, 100);
    if (random_percent(random, 30))
        command.add_statement_line.value_date = TEST_DATE;
    return command;
}

struct command random_close_statement(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t id = pick_statement(random, model, ledger);
    bool is_there = id >= 1 && id <= model->statement_count;
    const struct naive_statement *statement = &model->statements[is_there ? id : 0];
    bool is_whole = is_there && statement->lines == statement->count &&
                    statement->closing - statement->opening == statement->sum;
    bool is_empty = is_there && statement->lines == 0;
    if (is_whole && random_percent(random, 90))
        return make_close_statement(ledger, id);
    if (random_percent(random, 40))
        return make_take_statement(ledger, id);
    return random_percent(random, is_empty ? 50 : 5) ? make_cancel_statement(ledger, id)
                                                     : make_close_statement(ledger, id);
}

struct command random_open_statement(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int before = last_statement(model, ledger);
    /* While one stands open no other is begun: mostly it goes on. */
    const struct naive_statement *last = &model->statements[before];
    if (before != 0 && last->status == BANK_STATEMENT_OPEN && random_percent(random, 90))
        return last->lines < last->count ? random_statement_line(random, model, ledger)
                                         : random_close_statement(random, model, ledger);
    int64_t opening = before != 0 ? model->statements[before].closing : 100;
    int64_t number = before != 0 ? model->statements[before].number : 0;
    if (random_percent(random, 8))
        opening++;
    int32_t count = random_percent(random, 10) ? 0 : (int32_t)random_between(random, 1, 3);
    int64_t change = random_between(random, 1, 50) * (random_percent(random, 50) ? 1 : -1);
    if (count == 0 && random_percent(random, 80))
        change = 0;
    struct command command = make_open_statement(
        ledger, "", (int32_t)random_between(random, 1, 2), opening, opening + change, count);
    struct open_bank_statement *open = &command.open_bank_statement;
    if (random_percent(random, 80))
        open->reference = pick_text(random, "ST-", 1, 200);
    open->file_sha256 = pick_text(random, "", FILE_SHA256_BYTES, 400);
    open->number = random_percent(random, 10) ? random_between(random, 0, 3)
                                              : number + random_between(random, 0, 2);
    open->has_gap = random_percent(random, 4);
    if (random_percent(random, 12))
        open->account_number = text_of("6217-0002");
    if (random_percent(random, 9))
        open->currency = text_of("USD");
    return command;
}

/* ---- matches ---- */

enum { RECENT_MATCHES = 16 };

/* A line of the ledger, mostly of a statement that is closed and with something left. */
static int64_t pick_line(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[RECENT_MATCHES];
    uint64_t count = 0;
    if (model->statement_line_count == 0 || random_percent(random, 4))
        return pick_no_such_id(random, model->statement_line_count);
    bool any = random_percent(random, 25);
    for (int id = model->statement_line_count; id > 0 && count < RECENT_MATCHES; id--) {
        const struct naive_statement_line *line = &model->statement_lines[id];
        bool is_open = model->statements[line->statement].status == BANK_STATEMENT_OPEN;
        bool is_left = line->matched != (line->amount < 0 ? -line->amount : line->amount);
        if (line->ledger == ledger && (any || (!is_open && is_left)))
            found[count++] = id;
    }
    return count == 0 ? random_between(random, 1, model->statement_line_count)
                      : found[random_below(random, count)];
}

/* A payout of the ledger that came back. */
static int64_t pick_returned(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[RECENT_MATCHES];
    uint64_t count = 0;
    for (int id = model->payout_count; id > 0 && count < RECENT_MATCHES; id--) {
        if (model->payouts[id].ledger == ledger && model->payouts[id].returned > 0)
            found[count++] = id;
    }
    return count == 0 ? pick_payout(random, model, ledger) : found[random_below(random, count)];
}

struct command random_match(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t id = pick_line(random, model, ledger);
    bool is_there = id >= 1 && id <= model->statement_line_count;
    const struct naive_statement_line *line = &model->statement_lines[is_there ? id : 0];
    bool is_out = line->amount < 0;
    int64_t left = (is_out ? -line->amount : line->amount) - line->matched;
    int64_t receipt = 0, payout = 0;
    if (model->past_count > 0 && random_percent(random, is_out ? 15 : 65))
        receipt = random_percent(random, 10)   ? pick_matched_receipt(random, model, ledger)
                  : random_percent(random, 12) ? random_between(random, 1, model->past_count)
                                               : pick_receipt(random, model, ledger);
    if (receipt == 0)
        payout = is_out ? pick_payout(random, model, ledger) : pick_returned(random, model, ledger);
    int64_t amount = random_percent(random, 50) ? left : random_between(random, 1, left + 1);
    return make_match(ledger, id, payout, receipt, amount > 0 ? amount : 1);
}

struct command random_undo_match(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[RECENT_MATCHES];
    uint64_t count = 0;
    if (model->match_count == 0 || random_percent(random, 12))
        return make_undo_match(ledger, pick_no_such_id(random, model->match_count));
    for (int id = model->match_count; id > 0 && count < RECENT_MATCHES; id--) {
        if (model->matches[id].ledger == ledger)
            found[count++] = id;
    }
    if (count == 0)
        found[count++] = random_between(random, 1, model->match_count);
    return make_undo_match(ledger, found[random_below(random, count)]);
}

int64_t pick_matched_receipt(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[RECENT_MATCHES];
    uint64_t count = 0;
    for (int id = model->match_count; id > 0 && count < RECENT_MATCHES; id--) {
        if (model->matches[id].ledger == ledger && model->matches[id].of == BOOKING_RECEIPT)
            found[count++] = model->matches[id].booking;
    }
    return count == 0 ? 0 : found[random_below(random, count)];
}
