/* account_lines.c: ListStatementLines.
 *
 * A statement is a walk from a place between two lines, in one direction, as of one instant. Rows
 * from the cut on are taken from memory, rows below it from the database; the walk only knows its
 * place. So it does not matter when the cut moves: what is indexed meanwhile is read from the
 * database from the same place on, and rows never change. Each step takes the cut anew, and reads
 * memory at once and the database strictly below that cut.
 *
 * One struct lines_call per call, from account_lines_start until the call has ended. It waits for
 * one of: the token's key, where the wanted days are, a run of rows (all: the pool), or its next
 * turn.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "base/check.h"
#include "base/clock.h"
#include "query/encode.h"
#include "query/internal.h"
#include "query/page_token.h"
#include "query/rows.h"
#include "query/statements.h"
#include "wire/wire.h"

#include <stdlib.h>

/* The window of a statement grows by this factor while nothing is found. */
#define WINDOW_GROWTH 8
#define WINDOW_MAX (INT64_C(1) << 40)

struct lines_call {
    struct task task;
    struct query *query;
    struct wire_call *call;
    struct read_request request;
    char texts[REQUEST_TEXT_BYTES_MAX];
    int64_t as_of;
    struct line_place place; /* newest first: lines before it are left; oldest first: from it on */
    struct buffer out;
    size_t held;    /* bytes of `out` within query->lines_bytes */
    uint32_t count; /* lines in `out` */
    uint32_t count_max;
    uint32_t examined; /* lines looked at */
    int64_t begun_us;
    bool has_moved; /* in the walk: places that were sought do not count */
    bool has_more;
    bool has_ended;
    bool is_damaged;
    int64_t window;
    /* The wanted days may begin far from the place where the walk begins: seek before reading. */
    bool seeks_memory;
    bool seeks_database;
    /* Beyond these there are no lines of the wanted days, as far as the ledger's images tell. */
    bool has_bounds;
    int64_t floor;     /* no wanted line below */
    int64_t ceiling;   /* no wanted line from here on */
    int64_t dates_cut; /* where was looked for them */
    /* Of the statement under way. */
    int64_t run_low, run_high;
    uint32_t run_rows_max;
};

static int compare_places(const struct line_place *a, const struct line_place *b)
{
    if (a->sequence != b->sequence)
        return a->sequence < b->sequence ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->side > b->side) - (a->side < b->side);
}

static struct line_place place_before(int64_t sequence)
{
    return (struct line_place){.sequence = sequence};
}

static void lines_destroy(struct lines_call *lines)
{
    page_finish(lines->query, &lines->out, lines->held);
    free(lines);
}

static void lines_finish(struct lines_call *lines)
{
    char token[PAGE_TOKEN_CHARS + 1] = "";
    if (lines->is_damaged) {
        call_fail_damaged(lines->query, lines->call);
        lines_destroy(lines);
        return;
    }
    if (lines->has_more)
        page_next(lines->query, &lines->request, lines->as_of, &lines->place, token);
    encode_lines_end(&lines->out, lines->query->identity_text, token, lines->as_of);
    call_reply(lines->query, lines->call, lines->out.bytes, lines->out.length);
    lines_destroy(lines);
}

static void lines_fail(struct lines_call *lines, enum pool_end end)
{
    call_fail(lines->query, lines->call, end);
    lines_destroy(lines);
}

/* Goes to a place further on in the direction of the walk, never back. */
static void go_to(struct lines_call *lines, int64_t sequence)
{
    struct line_place found = place_before(sequence);
    bool is_lower = compare_places(&found, &lines->place) < 0;
    if (is_lower == lines->request.newest_first)
        lines->place = found;
}

/* ---- one line ---- */

/* Moves the place behind the line, in the direction of the walk. */
static void pass(struct lines_call *lines, const struct line_place *place)
{
    lines->place = *place;
    if (lines->request.newest_first)
        return;
    if (place->side == 0) {
        lines->place.side = 1;
    } else {
        lines->place.side = 0;
        lines->place.line++;
    }
}

/* Looks at a line: leaves it out, takes it, or ends the walk before it. */
static void examine(
    struct lines_call *lines, const struct account_line *line, const struct command_record *record)
{
    const struct read_request *request = &lines->request;
    bool is_behind = compare_places(&line->place, &lines->place) >= 0;
    if (lines->has_ended || is_behind == request->newest_first)
        return;
    if (line->place.sequence > lines->as_of) {
        CHECK(!request->newest_first);
        lines->has_ended = true;
        return;
    }
    lines->examined++;
    if (request->bucket != EVERY_BUCKET && line->bucket != request->bucket) {
        pass(lines, &line->place);
        return;
    }
    if (!record) {
        lines->is_damaged = true;
        lines->has_ended = true;
        return;
    }
    bool is_early = record->accounting_date < request->from_date;
    bool is_late = request->to_date != 0 && record->accounting_date > request->to_date;
    if (is_early || is_late) {
        /* The days only grow along the account: past the far end nothing follows. */
        if (request->newest_first ? is_early : is_late)
            lines->has_ended = true;
        else
            pass(lines, &line->place);
        return;
    }
    if (lines->count == lines->count_max) {
        lines->has_more = true;
        lines->has_ended = true;
        return;
    }
    if (encode_line(&lines->out, line, record, request->kept, &lines->query->scratch) < 0) {
        lines->is_damaged = true;
        lines->has_ended = true;
        return;
    }
    lines->count++;
    pass(lines, &line->place);
}

/* ---- memory ---- */

struct memory_walk {
    struct lines_call *lines;
    uint32_t left; /* postings that this turn may still look at */
};

static bool on_posting(void *context, const struct recent_posting *found)
{
    struct memory_walk *walk = context;
    struct lines_call *lines = walk->lines;
    const struct posting *posting = found->posting;
    if (walk->left == 0)
        return false;
    walk->left--;
    struct query_recent *recent = &lines->query->recent;
    const struct command_record *record = NULL;
    if (found->sequence <= lines->as_of) {
        record = recent->find_sequence(recent->context, found->sequence);
        CHECK(record != NULL);
    }
    struct account_line sides[2] = {
        {
            .place = {found->sequence, found->line, 0},
            .amount_minor = -posting->amount_minor,
            .balance_after_minor = posting->debit_balance_minor,
            .other_account_id = posting->credit_account_id,
            .bucket = posting->debit_bucket,
            .other_bucket = posting->credit_bucket,
        },
        {
            .place = {found->sequence, found->line, 1},
            .amount_minor = posting->amount_minor,
            .balance_after_minor = posting->credit_balance_minor,
            .other_account_id = posting->debit_account_id,
            .bucket = posting->credit_bucket,
            .other_bucket = posting->debit_bucket,
        },
    };
    int64_t account_id = lines->request.account_id;
    bool is_side[2] = {
        posting->debit_account_id == account_id, posting->credit_account_id == account_id};
    for (int i = 0; i < 2; i++) {
        int side = lines->request.newest_first ? 1 - i : i;
        if (is_side[side])
            examine(lines, &sides[side], record);
    }
    return !lines->has_ended;
}

static bool on_first_posting(void *walk, const struct recent_posting *posting)
{
    int64_t *sequence = walk;
    *sequence = posting->sequence;
    return false;
}

/* Seeks the first wanted day in memory, by halving: a ledger's accounting date only grows, and so
 * it does along an account's postings. When it begins before memory does, newest first goes on with
 * the database, where it is sought again. */
static void seek_in_memory(struct lines_call *lines, int64_t cut)
{
    const struct read_request *request = &lines->request;
    struct query_recent *recent = &lines->query->recent;
    int32_t day = request->newest_first ? request->to_date + 1 : request->from_date;
    /* What is before low is of earlier days, what is from high on is of the day or later. */
    int64_t low = cut;
    int64_t high = lines->as_of + 1;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        int64_t found = high;
        recent->walk_account(
            recent->context, request->account_id, middle, false, on_first_posting, &found);
        const struct command_record *record =
            found < high ? recent->find_sequence(recent->context, found) : NULL;
        CHECK(found >= high || record != NULL);
        if (record && record->accounting_date < day)
            low = found + 1;
        else
            high = middle;
    }
    if (low > cut)
        lines->seeks_database = false;
    go_to(lines, low);
}

/* Walks what is in memory. Returns false when this turn's share is used up before the end. */
static bool walk_memory(struct lines_call *lines, int64_t cut)
{
    struct query_recent *recent = &lines->query->recent;
    bool newest_first = lines->request.newest_first;
    if (lines->seeks_memory)
        seek_in_memory(lines, cut);
    lines->seeks_memory = false;
    struct memory_walk walk = {.lines = lines, .left = lines->query->steps.turn_postings};
    recent->walk_account(recent->context, lines->request.account_id, lines->place.sequence,
        newest_first, on_posting, &walk);
    if (lines->has_ended)
        return true;
    lines->has_moved = true;
    if (walk.left == 0)
        return false;
    if (newest_first)
        lines->place = place_before(cut);
    else
        lines->has_ended = true;
    return true;
}

static bool is_in_memory(const struct lines_call *lines, int64_t cut)
{
    struct line_place first = place_before(cut);
    int order = compare_places(&lines->place, &first);
    return lines->request.newest_first ? order > 0 : order >= 0;
}

/* ---- database ---- */

static void lines_go(struct lines_call *lines);

static void submit(
    struct lines_call *lines, struct pool_job *job, int64_t indexed_before, pool_on_done on_done)
{
    call_submit(lines->query, lines->call, job, indexed_before, on_done, lines);
}

static void on_run(void *context, enum pool_end end, const struct pg_result *result)
{
    struct lines_call *lines = context;
    if (end != POOL_DONE) {
        lines_fail(lines, end);
        return;
    }
    size_t rows = pg_rows(result);
    for (size_t row = 0; row < rows && !lines->has_ended; row++) {
        struct account_line line;
        struct command_record record;
        bool has_command;
        if (row_read_line(result, row, &line, &has_command, &record) < 0) {
            lines->is_damaged = true;
            lines->has_ended = true;
            break;
        }
        CHECK(line.place.sequence >= lines->run_low);
        CHECK(line.place.sequence < lines->run_high);
        examine(lines, &line, has_command ? &record : NULL);
    }
    if (!lines->has_ended && rows < lines->run_rows_max) {
        /* The whole window is read. */
        lines->place = place_before(lines->request.newest_first ? lines->run_low : lines->run_high);
        if (lines->window < WINDOW_MAX)
            lines->window *= WINDOW_GROWTH;
    }
    lines->has_moved = true;
    lines_go(lines);
}

/* How many rows the next statement may give: one more than the page has room for tells whether more
 * follow. */
static uint32_t rows_of_run(const struct lines_call *lines)
{
    const struct query_steps *steps = &lines->query->steps;
    if (lines->request.bucket != EVERY_BUCKET)
        return steps->lines_filtered_rows;
    uint32_t wanted = lines->count_max - lines->count + 1;
    return wanted < steps->lines_rows ? wanted : steps->lines_rows;
}

/* Asks for the next run of rows; false when nothing is left: memory has been walked before, or is
 * beyond the instant that the statement is as of, or beyond the wanted days. */
static bool run_statement(struct lines_call *lines, int64_t cut)
{
    const struct read_request *request = &lines->request;
    const struct line_place *place = &lines->place;
    const struct pg_statement *statement;
    if (request->newest_first) {
        bool is_whole = place->line == 0 && place->side == 0;
        int64_t high = is_whole ? place->sequence : place->sequence + 1;
        lines->run_high = high < cut ? high : cut;
        lines->run_low = lines->run_high - lines->window;
        if (lines->run_low < lines->floor)
            lines->run_low = lines->floor;
        statement = &statement_lines_newest_first;
    } else {
        lines->run_low = place->sequence;
        lines->run_high = lines->run_low + lines->window;
        if (lines->run_high > cut)
            lines->run_high = cut;
        if (lines->run_high > lines->as_of + 1)
            lines->run_high = lines->as_of + 1;
        if (lines->run_high > lines->ceiling)
            lines->run_high = lines->ceiling;
        statement = &statement_lines_oldest_first;
    }
    if (lines->run_low >= lines->run_high)
        return false;
    CHECK(lines->run_high <= cut);
    lines->run_rows_max = rows_of_run(lines);
    struct pool_job *job = pool_job_create(statement);
    pg_add_int64(&job->parameters, request->account_id);
    pg_add_int64(&job->parameters, lines->run_low);
    pg_add_int64(&job->parameters, lines->run_high);
    pg_add_int64(&job->parameters, place->sequence);
    pg_add_int16(&job->parameters, place->line);
    pg_add_int16(&job->parameters, place->side);
    pg_add_int16(&job->parameters, (int16_t)request->bucket);
    pg_add_int64(&job->parameters, lines->run_rows_max);
    submit(lines, job, lines->run_high, on_run);
    return true;
}

static void on_dates(void *context, enum pool_end end, const struct pg_result *result)
{
    struct lines_call *lines = context;
    const struct read_request *request = &lines->request;
    if (end != POOL_DONE) {
        lines_fail(lines, end);
        return;
    }
    CHECK(pg_rows(result) == 1);
    /* A day that has not come below the cut begins beyond it, who knows where. */
    if (request->from_date != 0)
        lines->floor = pg_is_null(result, 0, 1) ? lines->dates_cut : pg_int64(result, 0, 1);
    /* The command that cut the day may be of the day before. */
    if (request->to_date != 0 && !pg_is_null(result, 0, 2))
        lines->ceiling = pg_int64(result, 0, 2) + 1;
    lines->has_bounds = true;
    lines_go(lines);
}

static void add_day(struct pool_job *job, int32_t day)
{
    if (day != 0)
        pg_add_date(&job->parameters, day);
    else
        pg_add_null(&job->parameters);
}

/* Where the wanted days begin and end below the cut. Segments do not tell: one that is all of later
 * days may have nothing of this ledger, which is at an earlier day behind it, too. */
static void ask_dates(struct lines_call *lines, int64_t cut)
{
    const struct read_request *request = &lines->request;
    struct pool_job *job = pool_job_create(&statement_ledger_dates);
    pg_add_int64(&job->parameters, request->ledger_id);
    add_day(job, request->from_date);
    add_day(job, request->to_date == 0 ? 0 : request->to_date + 1);
    pg_add_int64(&job->parameters, cut);
    lines->dates_cut = cut;
    submit(lines, job, cut, on_dates);
}

/* Goes to the first wanted day; the lines of another day about there are looked at and left out. */
static void seek_in_database(struct lines_call *lines, int64_t cut)
{
    if (!lines->request.newest_first)
        go_to(lines, lines->floor);
    else if (lines->ceiling < cut)
        go_to(lines, lines->ceiling);
    lines->seeks_database = false;
}

/* Goes on with the database. Returns true when an answer must be waited for. */
static bool walk_database(struct lines_call *lines, int64_t cut)
{
    const struct read_request *request = &lines->request;
    if ((request->from_date != 0 || request->to_date != 0) && !lines->has_bounds) {
        ask_dates(lines, cut);
        return true;
    }
    if (lines->seeks_database) {
        seek_in_database(lines, cut);
        return false;
    }
    if (run_statement(lines, cut))
        return true;
    lines->has_ended = true;
    return false;
}

/* ---- the walk ---- */

/* Whether the page has had its share of work: then it is short, and the next one goes on from its
 * place. Where no line is, the windows grow, which the next page would begin anew: a few reach
 * everything. */
static bool is_used_up(const struct lines_call *lines)
{
    const struct query_steps *steps = &lines->query->steps;
    bool is_late = clock_monotonic_us() - lines->begun_us >= steps->page_us;
    return lines->examined >= steps->lines_examined_max ||
           (lines->has_moved && lines->examined > 0 && is_late);
}

/* Goes on until the page is full, the walk has ended, or something must be waited for. */
static void lines_go(struct lines_call *lines)
{
    struct query_recent *recent = &lines->query->recent;
    while (!lines->has_ended) {
        int64_t cut = recent->first_sequence(recent->context);
        if (lines->query->is_closing) {
            lines_fail(lines, POOL_UNAVAILABLE);
            return;
        }
        if (wire_call_is_gone(lines->call)) {
            lines_fail(lines, POOL_GONE);
            return;
        }
        if (!page_has_room(lines->query, lines->call, &lines->out, &lines->held)) {
            call_fail_crowded(lines->query, lines->call);
            lines_destroy(lines);
            return;
        }
        if (is_used_up(lines)) {
            lines->has_more = true;
            break;
        }
        if (!is_in_memory(lines, cut)) {
            if (walk_database(lines, cut))
                return;
        } else if (!walk_memory(lines, cut)) {
            query_queue_task(lines->query, &lines->task);
            return;
        }
    }
    lines_finish(lines);
}

static void lines_run_task(struct task *task)
{
    lines_go((struct lines_call *)task);
}

/* ---- the start ---- */

void account_lines_start(
    struct query *query, struct wire_call *call, const struct read_request *request)
{
    struct page_token token;
    if (!call_begin_page(query, call, request, &token))
        return;
    int64_t ledger_id = 0;
    bool is_there =
        query->recent.find_account(query->recent.context, request->account_id, &ledger_id);
    if (!is_there || ledger_id != request->ledger_id) {
        call_not_found(query, call, "account_id", REASON_ACCOUNT_NOT_FOUND,
            WORDING("the ledger has no account with this id", "台账没有这个编号的账户"));
        return;
    }
    struct lines_call *lines = calloc(1, sizeof *lines);
    CHECK(lines != NULL);
    lines->task.run = lines_run_task;
    lines->query = query;
    lines->call = call;
    request_keep(request, &lines->request, lines->texts);
    lines->begun_us = clock_monotonic_us();
    lines->count_max = page_entries_max(query, request);
    lines->window = query->steps.lines_window;
    lines->floor = 1;
    lines->ceiling = INT64_MAX;
    if (request->page_token.length > 0) {
        lines->as_of = token.as_of_sequence;
        lines->place = token.place;
    } else {
        int64_t durable = query->recent.durable_sequence(query->recent.context);
        lines->as_of = durable;
        lines->place = place_before(request->newest_first ? durable + 1 : 1);
        lines->seeks_memory = lines->seeks_database =
            request->newest_first ? request->to_date != 0 : request->from_date != 0;
    }
    lines_go(lines);
}
