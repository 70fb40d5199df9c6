/* command_search.c: ListCommands.
 *
 * A page is a walk downwards from a position, of which it keeps nothing but the position: what is
 * at or above it was looked at. Each step names candidates below it, newest first, and how far down
 * they are all there is (the floor); those that pass the filter are shown, and the position moves
 * to the floor. Candidates come from the order's index, from the account's, or are simply the next
 * commands; from memory above the cut, from the database below it, and each step takes the cut
 * anew. What one page looks at is limited: then it is short, and the client asks for the next one.
 *
 * One struct search_call per call, from list_commands_start until the call has ended. It waits for
 * one of: the places of the dates, candidates, a sieve of them, commands, their postings (all: the
 * pool), or its next turn.
 * SPDX-License-Identifier: Apache-2.0 */
#include "query/command_search.h"

#include "base/buffer.h"
#include "base/check.h"
#include "base/clock.h"
#include "keys/seal.h"
#include "model/personal.h"
#include "query/command_filter.h"
#include "query/encode.h"
#include "query/internal.h"
#include "query/rows.h"
#include "query/statements.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of the commands of one step. */
#define STEP_BYTES_MAX (4 * 1024 * 1024)
/* Forms of a name and an account number, sealed texts being half as long again. */
#define PARTY_FORMS_BYTES_MAX ((size_t)256 * 1024)

/* The window of an index grows by this factor while nothing is found, and shrinks while there is
 * too much. */
#define WINDOW_FACTOR 8
#define WINDOW_MAX (INT64_C(1) << 40)

/* ---- ends ---- */

static void search_destroy(struct search_call *search)
{
    page_finish(search->query, &search->out, search->held);
    arena_finish(&search->arena);
    arena_finish(&search->party_arena);
    free(search);
}

void search_fail(struct search_call *search, enum pool_end end)
{
    call_fail(search->query, search->call, end);
    search_destroy(search);
}

void search_fail_damaged(struct search_call *search)
{
    call_fail_damaged(search->query, search->call);
    search_destroy(search);
}

static void search_finish(struct search_call *search)
{
    char token[PAGE_TOKEN_CHARS + 1] = "";
    if (!search->has_ended) {
        struct line_place place = {.sequence = search->position};
        page_next(search->query, &search->request, search->as_of, &place, token);
    }
    encode_search_end(&search->out, search->query->identity_text, token, search->as_of);
    call_reply(search->query, search->call, search->out.bytes, search->out.length);
    search_destroy(search);
}

static void submit(
    struct search_call *search, struct pool_job *job, int64_t indexed_before, pool_on_done on_done)
{
    call_submit(search->query, search->call, job, indexed_before, on_done, search);
}

/* ---- steps ---- */

void search_end_step(struct search_call *search, int64_t floor)
{
    CHECK(floor >= 1 && floor <= search->position);
    if (search->way == SEARCH_ALL)
        search->positions_left -= search->position - floor;
    else
        for (uint32_t i = 0; i < search->candidate_count; i++)
            search->candidates_left -= search->candidates[i] >= floor;
    search->candidate_count = 0;
    search->position = floor;
    arena_reset(&search->arena);
    search->record_count = 0;
}

int search_show(struct search_call *search, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count)
{
    CHECK(record->sequence < search->position && record->sequence >= search->floor);
    CHECK(!search->is_full);
    if (!filter_postings(&search->request, record, postings, posting_count))
        return 0;
    search->shown++;
    search->is_full = search->shown == search->shown_max ||
                      search->out.length >= search->query->steps.order_page_bytes;
    return encode_order_entry(&search->out, record, postings, posting_count,
        (struct viewer){search->request.kept, false, search->query->sealer,
            &search->query->recent.caller_names, &search->query->recent.member_names},
        &search->query->scratch);
}

void search_add_candidate(struct search_call *search, int64_t sequence)
{
    uint32_t count = search->candidate_count;
    CHECK(count < SEARCH_CANDIDATES_MAX);
    CHECK(count == 0 || search->candidates[count - 1] > sequence);
    search->candidates[search->candidate_count++] = sequence;
}

void search_leave_order(struct search_call *search)
{
    CHECK(search->way == SEARCH_BY_ORDER);
    search->way = search->request.account_id != 0 ? SEARCH_BY_ACCOUNT : SEARCH_ALL;
    search->window = search->query->steps.search_window;
}

/* ---- the database: what passed the sieve ---- */

/* Shows the commands with their postings, which stand in rising order, from the newest one on. */
static int show_all(struct search_call *search, const struct pg_result *result)
{
    struct posting postings[POSTINGS_PER_COMMAND_MAX];
    size_t starts[PAGE_COMMANDS_MAX];
    size_t row = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < search->record_count; i++) {
        starts[i] = row;
        if (rows_take_postings(result, &row, search->records[i]->sequence, postings, &count) < 0)
            return -1;
    }
    if (row != pg_rows(result))
        return -1;
    for (uint32_t i = search->record_count; i > 0 && !search->is_full; i--) {
        const struct command_record *record = search->records[i - 1];
        row = starts[i - 1];
        int taken = rows_take_postings(result, &row, record->sequence, postings, &count);
        CHECK(taken == 0);
        if (search_show(search, record, postings, count) < 0)
            return -1;
        if (search->is_full)
            search->floor = record->sequence;
    }
    return 0;
}

static void on_postings(void *context, enum pool_end end, const struct pg_result *result)
{
    struct search_call *search = context;
    if (end != POOL_DONE) {
        search_fail(search, end);
        return;
    }
    if (show_all(search, result) < 0) {
        search_fail_damaged(search);
        return;
    }
    search_end_step(search, search->floor);
    search_go(search);
}

/* Keeps the commands that pass the filter; -1 when one is damaged. */
static int take_commands(struct search_call *search, const struct pg_result *result)
{
    if (pg_rows(result) != search->sieved_count)
        return -1;
    CHECK(search->record_count == 0);
    for (uint32_t i = 0; i < search->sieved_count; i++) {
        struct command_record record;
        if (row_read_command(result, i, &record) < 0 || record.sequence != search->sieved[i])
            return -1;
        enum filtered filtered = filter_command(&search->request, &search->party, &record);
        if (filtered == FILTERED_DAMAGED)
            return -1;
        if (filtered == FILTERED_OUT)
            continue;
        struct command_record *copy = record_copy(&record, &search->arena);
        CHECK(copy != NULL);
        search->records[search->record_count++] = copy;
    }
    return 0;
}

static void on_commands(void *context, enum pool_end end, const struct pg_result *result)
{
    struct search_call *search = context;
    int64_t sequences[PAGE_COMMANDS_MAX];
    if (end != POOL_DONE) {
        search_fail(search, end);
        return;
    }
    if (take_commands(search, result) < 0) {
        search_fail_damaged(search);
        return;
    }
    uint32_t count = search->record_count;
    if (count == 0) {
        search_end_step(search, search->floor);
        search_go(search);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        sequences[i] = search->records[i]->sequence;
    submit(search, postings_job(sequences, count), sequences[count - 1] + 1, on_postings);
}

/* How many commands one step may show. */
static uint32_t rows_wanted(const struct search_call *search)
{
    uint32_t left = search->shown_max - search->shown;
    uint32_t most = search->query->steps.page_commands;
    CHECK(left >= 1);
    return left < most ? left : most;
}

static void on_sieved(void *context, enum pool_end end, const struct pg_result *result)
{
    struct search_call *search = context;
    if (end != POOL_DONE) {
        search_fail(search, end);
        return;
    }
    uint32_t count = (uint32_t)pg_rows(result);
    CHECK(count <= PAGE_COMMANDS_MAX);
    if (count == rows_wanted(search))
        search->floor = pg_int64(result, count - 1, 0);
    search->sieved_count = count;
    for (uint32_t i = 0; i < count; i++) {
        int64_t sequence = pg_int64(result, count - 1 - i, 0);
        CHECK(sequence >= search->floor && sequence < search->position);
        search->sieved[i] = sequence;
    }
    if (count == 0) {
        search_end_step(search, search->floor);
        search_go(search);
        return;
    }
    submit(search, commands_job(search->sieved, count), search->sieved[count - 1] + 1, on_commands);
}

static void add_kinds(struct pool_job *job, const struct read_request *request)
{
    int16_t kinds[COMMAND_KIND_MAX + 1];
    size_t count = 0;
    for (int kind = 0; kind <= COMMAND_KIND_MAX; kind++)
        if (request->kinds[kind])
            kinds[count++] = (int16_t)kind;
    if (count > 0)
        pg_add_int16s(&job->parameters, kinds, count);
    else
        pg_add_null(&job->parameters);
}

static void add_text(struct pool_job *job, struct text text)
{
    if (text.length > 0)
        pg_add_text(&job->parameters, text.bytes, text.length);
    else
        pg_add_null(&job->parameters);
}

/* Where there are keys the clear value is not told to the database: what was never sealed is looked
 * at here. */
static void add_forms(struct pool_job *job, const struct personal_forms *forms)
{
    if (forms->count > 0)
        pg_add_byteas(
            &job->parameters, forms->texts, forms->count > 1 ? forms->count - 1 : forms->count);
    else
        pg_add_null(&job->parameters);
}

static void add_date(struct pool_job *job, int32_t days)
{
    if (days != 0)
        pg_add_date(&job->parameters, days);
    else
        pg_add_null(&job->parameters);
}

/* Asks which of the candidates, or of everything from the floor on, may pass the filter. */
static void sieve(struct search_call *search)
{
    const struct read_request *request = &search->request;
    struct pool_job *job = pool_job_create(&statement_search_commands);
    pg_add_int64(&job->parameters, search->floor);
    pg_add_int64(&job->parameters, search->position);
    if (search->way == SEARCH_ALL)
        pg_add_null(&job->parameters);
    else
        pg_add_int64s(&job->parameters, search->candidates, search->candidate_count);
    pg_add_int64(&job->parameters, request->ledger_id);
    add_kinds(job, request);
    pg_add_int16(&job->parameters, (int16_t)request->outcome_min);
    pg_add_int16(&job->parameters, (int16_t)request->outcome_end);
    add_text(job, request->order_number);
    add_date(job, request->from_date);
    add_date(job, request->to_date);
    add_text(job, request->bank_reference);
    pg_add_int64(&job->parameters, request->has_amounts ? request->amount_from_minor : 0);
    pg_add_int64(&job->parameters, request->has_amounts ? request->amount_to_minor : 0);
    pg_add_int64(&job->parameters, rows_wanted(search));
    add_forms(job, &search->party.account_number);
    add_forms(job, &search->party.name);
    pg_add_bool(
        &job->parameters, search->party.account_number.count > 1 || search->party.name.count > 1);
    submit(search, job, search->position, on_sieved);
}

/* ---- the database: candidates ---- */

static void take_candidates(struct search_call *search)
{
    if (search->candidate_count > 0) {
        sieve(search);
        return;
    }
    if (search->window < WINDOW_MAX)
        search->window *= WINDOW_FACTOR;
    search_end_step(search, search->floor);
    search_go(search);
}

static int compare_newest_first(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return (*left < *right) - (*left > *right);
}

static void on_order_sequences(void *context, enum pool_end end, const struct pg_result *result)
{
    struct search_call *search = context;
    const struct query_steps *steps = &search->query->steps;
    if (end != POOL_DONE) {
        search_fail(search, end);
        return;
    }
    size_t rows = pg_rows(result);
    if (rows > search->candidates_left) {
        if (search->candidates_left < steps->search_candidates)
            search_finish(search);
        else if (search->window / WINDOW_FACTOR < 2 * steps->search_positions) {
            search_leave_order(search);
            search_go(search);
        } else {
            search->window /= WINDOW_FACTOR;
            search_go(search);
        }
        return;
    }
    for (size_t row = 0; row < rows; row++)
        search->candidates[row] = pg_int64(result, row, 0);
    search->candidate_count = (uint32_t)rows;
    qsort(search->candidates, rows, sizeof *search->candidates, compare_newest_first);
    take_candidates(search);
}

static void on_account_sequences(void *context, enum pool_end end, const struct pg_result *result)
{
    struct search_call *search = context;
    if (end != POOL_DONE) {
        search_fail(search, end);
        return;
    }
    size_t rows = pg_rows(result);
    CHECK(rows <= search->candidates_left);
    for (size_t row = 0; row < rows; row++) {
        int64_t sequence = pg_int64(result, row, 0);
        if (row == 0 || sequence != pg_int64(result, row - 1, 0))
            search_add_candidate(search, sequence);
    }
    if (rows == search->candidates_left)
        search->floor = search->candidates[search->candidate_count - 1];
    take_candidates(search);
}

/* Goes down to where the wanted days end, if that is in the database. */
static bool leave_later_days(struct search_call *search, const struct pg_result *result)
{
    if (search->request.to_date == 0 || pg_is_null(result, 0, 2))
        return false;
    /* The command that cut the day may be of the day before. */
    int64_t above = pg_int64(result, 0, 2) + 1;
    if (above < search->position)
        search->position = above;
    return true;
}

static void on_dates(void *context, enum pool_end end, const struct pg_result *result)
{
    struct search_call *search = context;
    const struct read_request *request = &search->request;
    if (end != POOL_DONE) {
        search_fail(search, end);
        return;
    }
    CHECK(pg_rows(result) == 1);
    /* Nothing before the ledger's first image has a date. Where the first day has not come,
     * everything was of days before it. */
    size_t column = request->from_date != 0 ? 1 : 0;
    search->first = pg_is_null(result, 0, column) ? search->position : pg_int64(result, 0, column);
    leave_later_days(search, result);
    search->has_bounds = true;
    search_go(search);
}

/* The wanted days may have ended long before what is in memory began. */
static void on_dates_before_memory(void *context, enum pool_end end, const struct pg_result *result)
{
    struct search_call *search = context;
    const struct query_recent *recent = &search->query->recent;
    if (end != POOL_DONE) {
        search_fail(search, end);
        return;
    }
    CHECK(pg_rows(result) == 1);
    if (!leave_later_days(search, result))
        search_seek_in_memory(search, recent->first_sequence(recent->context));
    search->has_sought = true;
    search_go(search);
}

static void ask_dates(struct search_call *search, int64_t before, pool_on_done on_done)
{
    const struct read_request *request = &search->request;
    struct pool_job *job = pool_job_create(&statement_ledger_dates);
    pg_add_int64(&job->parameters, request->ledger_id);
    add_date(job, request->from_date);
    add_date(job, request->to_date == 0 ? 0 : request->to_date + 1);
    pg_add_int64(&job->parameters, before);
    submit(search, job, before, on_done);
}

/* How many positions the next statement covers at most. */
static int64_t depth_of_step(const struct search_call *search)
{
    int64_t most = search->query->steps.search_step;
    if (search->way != SEARCH_ALL)
        return search->window;
    return search->positions_left < most ? search->positions_left : most;
}

/* Asks for the next candidates below the cut. */
static void step_in_database(struct search_call *search)
{
    const struct read_request *request = &search->request;
    bool has_dates = request->from_date != 0 || request->to_date != 0;
    if (has_dates && !search->has_bounds) {
        ask_dates(search, search->position, on_dates);
        return;
    }
    search->candidate_count = 0;
    search->floor = search->position - depth_of_step(search);
    if (search->floor < search->first)
        search->floor = search->first;
    struct pool_job *job;
    switch (search->way) {
    case SEARCH_BY_ORDER:
        job = pool_job_create(&statement_order_sequences);
        pg_add_int64(&job->parameters, request->ledger_id);
        pg_add_text(&job->parameters, request->order_number.bytes, request->order_number.length);
        pg_add_int64(&job->parameters, search->floor);
        pg_add_int64(&job->parameters, search->position);
        /* One more than may be there tells that there are too many. */
        pg_add_int64(&job->parameters, (int64_t)search->candidates_left + 1);
        submit(search, job, search->position, on_order_sequences);
        break;
    case SEARCH_BY_ACCOUNT:
        job = pool_job_create(&statement_account_sequences);
        pg_add_int64(&job->parameters, request->account_id);
        pg_add_int64(&job->parameters, search->floor);
        pg_add_int64(&job->parameters, search->position);
        pg_add_int64(&job->parameters, search->candidates_left);
        submit(search, job, search->position, on_account_sequences);
        break;
    case SEARCH_ALL:
        sieve(search);
        break;
    }
}

/* ---- the way down ---- */

/* Whether the page is full, has looked at its share, or nothing is left. */
static bool is_over(struct search_call *search)
{
    if (search->position <= search->first)
        search->has_ended = true;
    bool is_used_up =
        search->way == SEARCH_ALL ? search->positions_left <= 0 : search->candidates_left == 0;
    /* A page that has not moved on goes on, however long it takes; so does one that has found no
     * candidate: the windows grow, which the next page would begin anew. */
    bool has_found = search->way == SEARCH_ALL ||
                     search->candidates_left < search->query->steps.search_candidates;
    if (search->position < search->begun_position && has_found)
        is_used_up |= clock_monotonic_us() - search->begun_us >= search->query->steps.page_us;
    return search->has_ended || search->is_full || is_used_up;
}

void search_go(struct search_call *search)
{
    struct query *query = search->query;
    int64_t cut = query->recent.first_sequence(query->recent.context);
    if (query->is_closing) {
        search_fail(search, POOL_UNAVAILABLE);
    } else if (wire_call_is_gone(search->call)) {
        search_fail(search, POOL_GONE);
    } else if (!page_has_room(query, search->call, &search->out, &search->held)) {
        call_fail_crowded(query, search->call);
        search_destroy(search);
    } else if (is_over(search)) {
        search_finish(search);
    } else if (search->position <= cut) {
        step_in_database(search);
    } else if (search->request.to_date != 0 && !search->has_sought) {
        ask_dates(search, cut, on_dates_before_memory);
    } else if (search_step_in_memory(search, cut) < 0) {
        search_fail_damaged(search);
    } else {
        query_queue_task(query, &search->task);
    }
}

static void search_run_task(struct task *task)
{
    search_go((struct search_call *)task);
}

static void add_clear(struct text value, struct arena *arena, struct personal_forms *forms)
{
    char *copy = arena_try_alloc(arena, value.length);
    CHECK(copy != NULL && forms->count < PERSONAL_FORMS_MAX);
    memcpy(copy, value.bytes, value.length);
    forms->texts[forms->count++] = (struct text){copy, value.length};
}

/* As bodies have it that were sealed under each key of the ring, or never. */
static void want_value(struct search_call *search, enum personal_kind kind, struct text value,
    struct personal_forms *forms)
{
    struct sealer *sealer = search->query->sealer;
    if (value.length == 0)
        return;
    for (uint32_t i = 0; i < sealer_key_count(sealer); i++) {
        char *sealed = arena_try_alloc(&search->party_arena, SEALED_BYTES((size_t)value.length));
        CHECK(sealed != NULL && forms->count < PERSONAL_FORMS_MAX);
        uint32_t length = sealer_seal(sealer, sealer_key_at(sealer, i), (uint8_t)kind,
            search->request.ledger_id, value, sealed);
        forms->texts[forms->count++] = (struct text){sealed, length};
    }
    add_clear(value, &search->party_arena, forms);
}

/* Makes the question one for what bodies have, and for the kinds that have parties. */
static void want_party(struct search_call *search, const struct read_request *request)
{
    arena_init(&search->party_arena, 1024, PARTY_FORMS_BYTES_MAX);
    want_value(search, PERSONAL_ACCOUNT_NUMBER, request->party_account_number,
        &search->party.account_number);
    want_value(search, PERSONAL_NAME, request->party_name, &search->party.name);
    bool by_party = search->party.account_number.count > 0 || search->party.name.count > 0;
    if (by_party && !request->has_kinds) {
        search->request.has_kinds = true;
        for (int kind = 0; kind <= COMMAND_KIND_MAX; kind++)
            search->request.kinds[kind] = command_has_party(kind);
    }
}

void list_commands_start(
    struct query *query, struct wire_call *call, const struct read_request *request)
{
    struct page_token token;
    if (!call_begin_page(query, call, request, &token))
        return;
    int64_t ledger_id = 0;
    bool is_there = request->account_id == 0 || query->recent.find_account(query->recent.context,
                                                    request->account_id, &ledger_id);
    if (!is_there || (request->account_id != 0 && ledger_id != request->ledger_id)) {
        call_not_found(query, call, "account_id", REASON_ACCOUNT_NOT_FOUND,
            WORDING("the ledger has no account with this id", "台账没有这个编号的账户"));
        return;
    }
    struct search_call *search = calloc(1, sizeof *search);
    CHECK(search != NULL);
    search->task.run = search_run_task;
    search->query = query;
    search->call = call;
    request_keep(request, &search->request, search->texts);
    want_party(search, request);
    search->begun_us = clock_monotonic_us();
    search->shown_max = page_entries_max(query, request);
    search->as_of = query->recent.durable_sequence(query->recent.context);
    search->position = request->page_token.length > 0 ? token.place.sequence : search->as_of + 1;
    search->begun_position = search->position;
    search->way = request->order_number.length > 0 ? SEARCH_BY_ORDER
                  : request->account_id != 0       ? SEARCH_BY_ACCOUNT
                                                   : SEARCH_ALL;
    search->window = query->steps.search_window;
    search->positions_left = query->steps.search_positions;
    search->candidates_left = query->steps.search_candidates;
    search->first = 1;
    arena_init(&search->arena, 65536, STEP_BYTES_MAX);
    search_go(search);
}
