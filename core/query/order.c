/* order.c: GetOrder.
 *
 * First the sequence numbers of all commands of the order are collected: from the database below
 * the cut, window by window, then from memory up to the instant that the answer is as of. Then the
 * commands are taken in this order, each from where it is by then, and added up; those of the page
 * are shown. Rows never change and numbers are never given twice, so it does not matter when the
 * cut moves.
 *
 * One struct order_call per call, from get_order_start until the call has ended. It waits for one
 * of: a window of sequence numbers, a run of commands, their postings (all: the pool), or its next
 * turn.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "base/check.h"
#include "query/encode.h"
#include "query/internal.h"
#include "query/order_sums.h"
#include "query/rows.h"
#include "query/statements.h"
#include "wire/wire.h"

#include <stdlib.h>

/* Bytes of the commands of one run. */
#define RUN_BYTES_MAX (4 * 1024 * 1024)

struct order_call {
    struct task task;
    struct query *query;
    struct wire_call *call;
    struct read_request request;
    char texts[REQUEST_TEXT_BYTES_MAX];
    int64_t as_of;

    /* Collecting: everything before `position` was looked at. */
    bool has_collected;
    int64_t position;
    int64_t window_end;
    int64_t *sequences; /* ascending */
    uint32_t count;
    uint32_t capacity;

    /* Adding up. */
    uint32_t next; /* in `sequences`: the one that is added next */
    struct order_sums sums;
    struct buffer out;
    size_t held; /* bytes of `out` within query->lines_bytes */
    uint32_t shown;
    int64_t last_shown;
    bool has_more;

    /* The run of commands that the database was asked for. */
    struct arena arena;
    struct command_record *records[PAGE_COMMANDS_MAX];
    uint32_t record_count;
};

static void order_go(struct order_call *order);

/* ---- ends ---- */

static void order_destroy(struct order_call *order)
{
    page_finish(order->query, &order->out, order->held);
    arena_finish(&order->arena);
    free(order->sequences);
    free(order);
}

static void order_fail(struct order_call *order, enum pool_end end)
{
    call_fail(order->query, order->call, end);
    order_destroy(order);
}

static void order_fail_damaged(struct order_call *order)
{
    call_fail_damaged(order->query, order->call);
    order_destroy(order);
}

static void order_fail_too_large(struct order_call *order)
{
    call_fail_too_large(order->query, order->call, order->query->steps.order_entries_max);
    order_destroy(order);
}

static void order_finish(struct order_call *order)
{
    if (order->count == 0) {
        call_not_found(order->query, order->call, "order_number", REASON_ORDER_NOT_FOUND,
            WORDING("nothing was recorded in this ledger under this order number",
                "台账没有这个订单号的任何记录"));
        order_destroy(order);
        return;
    }
    if (order->sums.has_overflown) {
        order_fail_too_large(order);
        return;
    }
    char token[PAGE_TOKEN_CHARS + 1] = "";
    int64_t next = order->has_more ? order->last_shown : 0;
    if (order->has_more) {
        struct line_place place = {.sequence = next};
        page_next(order->query, &order->request, order->as_of, &place, token);
    }
    encode_order_end(
        &order->out, order->query->identity_text, &order->sums, next, token, order->count);
    call_reply(order->query, order->call, order->out.bytes, order->out.length);
    order_destroy(order);
}

static void submit(
    struct order_call *order, struct pool_job *job, int64_t indexed_before, pool_on_done on_done)
{
    call_submit(order->query, order->call, job, indexed_before, on_done, order);
}

/* ---- collecting ---- */

static void collect(struct order_call *order, int64_t sequence)
{
    if (order->count == order->capacity) {
        order->capacity = order->capacity == 0 ? 16 : order->capacity * 2;
        order->sequences = realloc(order->sequences, order->capacity * sizeof *order->sequences);
        CHECK(order->sequences != NULL);
    }
    order->sequences[order->count++] = sequence;
}

static int compare_sequences(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static void on_window(void *context, enum pool_end end, const struct pg_result *result)
{
    struct order_call *order = context;
    if (end != POOL_DONE) {
        order_fail(order, end);
        return;
    }
    uint32_t before = order->count;
    for (size_t row = 0; row < pg_rows(result); row++) {
        int64_t sequence = pg_int64(result, row, 0);
        CHECK(sequence >= order->position && sequence < order->window_end);
        collect(order, sequence);
    }
    if (order->count > before)
        qsort(order->sequences + before, order->count - before, sizeof *order->sequences,
            compare_sequences);
    order->position = order->window_end;
    order_go(order);
}

/* Asks for the numbers of the next window below `high`. */
static void collect_in_database(struct order_call *order, int64_t high)
{
    const struct read_request *request = &order->request;
    int64_t end = order->position + order->query->steps.order_window;
    order->window_end = end < high ? end : high;
    struct pool_job *job = pool_job_create(&statement_order_sequences);
    pg_add_int64(&job->parameters, request->ledger_id);
    pg_add_text(&job->parameters, request->order_number.bytes, request->order_number.length);
    pg_add_int64(&job->parameters, order->position);
    pg_add_int64(&job->parameters, order->window_end);
    /* One more than may be there tells that there are too many. */
    pg_add_int64(
        &job->parameters, (int64_t)order->query->steps.order_entries_max - order->count + 1);
    submit(order, job, order->window_end, on_window);
}

static bool on_recent_command(void *context, const struct command_record *record)
{
    struct order_call *order = context;
    if (record->sequence > order->as_of)
        return false;
    collect(order, record->sequence);
    return order->count <= order->query->steps.order_entries_max;
}

static void collect_in_memory(struct order_call *order)
{
    const struct query_recent *recent = &order->query->recent;
    recent->walk_order(recent->context, order->request.ledger_id, order->request.order_number,
        order->position - 1, on_recent_command, order);
    order->has_collected = true;
}

/* ---- adding up ---- */

/* Adds the next command and shows it when it is of the page; -1 when it is damaged. */
static int add_entry(struct order_call *order, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count)
{
    const struct query_steps *steps = &order->query->steps;
    CHECK(record->sequence == order->sequences[order->next]);
    order->next++;
    if (order_sums_add(&order->sums, record, postings, posting_count) < 0)
        return -1;
    if (record->sequence <= order->request.after_sequence)
        return 0;
    if (order->shown == (uint32_t)order->request.page_size ||
        order->out.length >= steps->order_page_bytes) {
        order->has_more = true;
        return 0;
    }
    order->shown++;
    order->last_shown = record->sequence;
    return encode_order_entry(&order->out, record, postings, posting_count,
        (struct viewer){order->request.kept, false, order->query->sealer,
            &order->query->recent.caller_names, &order->query->recent.member_names},
        &order->query->scratch);
}

static void on_postings(void *context, enum pool_end end, const struct pg_result *result)
{
    struct order_call *order = context;
    if (end != POOL_DONE) {
        order_fail(order, end);
        return;
    }
    size_t row = 0;
    struct posting postings[POSTINGS_PER_COMMAND_MAX];
    for (uint32_t i = 0; i < order->record_count; i++) {
        const struct command_record *record = order->records[i];
        uint32_t count = 0;
        if (rows_take_postings(result, &row, record->sequence, postings, &count) < 0 ||
            add_entry(order, record, postings, count) < 0) {
            order_fail_damaged(order);
            return;
        }
    }
    if (row != pg_rows(result)) {
        order_fail_damaged(order);
        return;
    }
    order_go(order);
}

static bool is_of_order(const struct order_call *order, const struct command_record *record)
{
    const struct read_request *request = &order->request;
    return record->ledger_id == request->ledger_id &&
           text_equals(record->order_number, request->order_number);
}

static void on_commands(void *context, enum pool_end end, const struct pg_result *result)
{
    struct order_call *order = context;
    if (end != POOL_DONE) {
        order_fail(order, end);
        return;
    }
    const int64_t *sequences = order->sequences + order->next;
    bool is_whole = pg_rows(result) == order->record_count;
    for (uint32_t i = 0; is_whole && i < order->record_count; i++) {
        struct command_record record;
        is_whole = row_read_command(result, i, &record) == 0 && record.sequence == sequences[i] &&
                   is_of_order(order, &record);
        if (!is_whole)
            break;
        order->records[i] = record_copy(&record, &order->arena);
        CHECK(order->records[i] != NULL);
    }
    if (!is_whole) {
        order_fail_damaged(order);
        return;
    }
    submit(order, postings_job(sequences, order->record_count),
        sequences[order->record_count - 1] + 1, on_postings);
}

/* Asks for the next commands below the cut. */
static void add_from_database(struct order_call *order, int64_t cut)
{
    const int64_t *sequences = order->sequences + order->next;
    uint32_t left = order->count - order->next;
    uint32_t count = 0;
    while (count < left && count < order->query->steps.page_commands && sequences[count] < cut)
        count++;
    CHECK(count >= 1 && count <= PAGE_COMMANDS_MAX);
    arena_reset(&order->arena);
    order->record_count = count;
    submit(order, commands_job(sequences, count), sequences[count - 1] + 1, on_commands);
}

/* Takes this turn's share from memory; -1 when a command is damaged. */
static int add_from_memory(struct order_call *order)
{
    const struct query_recent *recent = &order->query->recent;
    for (uint32_t n = 0; n < order->query->steps.turn_commands && order->next < order->count; n++) {
        int64_t sequence = order->sequences[order->next];
        const struct command_record *record = recent->find_sequence(recent->context, sequence);
        const struct posting *postings = NULL;
        CHECK(record != NULL);
        uint32_t count = recent->postings(recent->context, sequence, &postings);
        if (add_entry(order, record, postings, count) < 0)
            return -1;
    }
    return 0;
}

/* ---- the way through ---- */

/* Begins the next step, or ends the call. */
static void order_go(struct order_call *order)
{
    struct query *query = order->query;
    int64_t cut = query->recent.first_sequence(query->recent.context);
    if (query->is_closing) {
        order_fail(order, POOL_UNAVAILABLE);
    } else if (wire_call_is_gone(order->call)) {
        order_fail(order, POOL_GONE);
    } else if (!page_has_room(query, order->call, &order->out, &order->held)) {
        call_fail_crowded(query, order->call);
        order_destroy(order);
    } else if (order->count > query->steps.order_entries_max) {
        order_fail_too_large(order);
    } else if (!order->has_collected) {
        int64_t high = cut <= order->as_of ? cut : order->as_of + 1;
        if (order->position < high) {
            collect_in_database(order, high);
            return;
        }
        collect_in_memory(order);
        query_queue_task(query, &order->task);
    } else if (order->next == order->count) {
        order_finish(order);
    } else if (order->sequences[order->next] < cut) {
        add_from_database(order, cut);
    } else if (add_from_memory(order) < 0) {
        order_fail_damaged(order);
    } else {
        query_queue_task(query, &order->task);
    }
}

static void order_run_task(struct task *task)
{
    order_go((struct order_call *)task);
}

void get_order_start(
    struct query *query, struct wire_call *call, const struct read_request *request)
{
    struct page_token token;
    if (!call_begin_page(query, call, request, &token))
        return;
    struct order_call *order = calloc(1, sizeof *order);
    CHECK(order != NULL);
    order->task.run = order_run_task;
    order->query = query;
    order->call = call;
    request_keep(request, &order->request, order->texts);
    if (request->page_token.length > 0)
        order->request.after_sequence = token.place.sequence;
    order->as_of = query->recent.durable_sequence(query->recent.context);
    order->position = 1;
    arena_init(&order->arena, 65536, RUN_BYTES_MAX);
    order_go(order);
}
