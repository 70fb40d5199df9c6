/* query.c: opens and closes, hands calls to the files that answer them, and runs what goes on in a
 * later turn of the loop.
 * SPDX-License-Identifier: Apache-2.0 */
#include "query/query.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "query/encode.h"
#include "query/internal.h"
#include "query/statements.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>

/* How often live streams that leave rows out are told how far they are. */
#define PROGRESS_INTERVAL_S 1

const char QUERY_SESSION_SETUP[] = "set default_transaction_read_only = on;"
                                   "set statement_timeout = '10s';"
                                   "set plan_cache_mode = force_custom_plan;"
                                   "set enable_seqscan = off;"
                                   "set enable_bitmapscan = off;"
                                   "set jit = off;"
                                   "set tcp_keepalives_idle = 3;"
                                   "set tcp_keepalives_interval = 2;"
                                   "set tcp_keepalives_count = 3;"
                                   "set tcp_user_timeout = 9000;"
                                   "set search_path = pg_catalog";

static const struct query_steps STEPS = {
    .lines_window = 1000000,
    .lines_rows = 256,
    .lines_filtered_rows = 1000,
    .lines_examined_max = 200000,
    .page_entries = 500,
    .page_us = 20000,
    .turn_postings = 1000,
    .key_window = 8000000,
    .turn_commands = 500,
    .page_commands = PAGE_COMMANDS_MAX,
    .page_positions = 100000,
    .progress_positions = 10000,
    .order_window = 8000000,
    .order_entries_max = ORDER_ENTRIES_MAX,
    .order_page_bytes = 2 * 1024 * 1024,
    .search_positions = 10000,
    .search_step = 2500,
    .search_candidates = 1000,
    .search_window = 1000000,
    .proof_commands = 64,
    .proof_rows = 2000,
};

/* Between two looks at all sockets tasks run so long. */
#define TASKS_US 2000

void query_queue_task(struct query *query, struct task *task)
{
    CHECK(!task->is_queued);
    CHECK(task->next == NULL);
    task->is_queued = true;
    if (query->last_task)
        query->last_task->next = task;
    else
        query->first_task = task;
    query->last_task = task;
    if (!query->is_running_tasks && !event_pending(query->run_tasks, EV_TIMEOUT, NULL))
        event_active(query->run_tasks, EV_TIMEOUT, 0);
}

/* Runs the tasks that are queued now, for so long and one more; then all sockets are looked at
 * before the rest, and what they queue, has its turn. */
static void on_run_tasks(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    static const struct timeval none = {0};
    struct query *query = context;
    const struct task *last = query->last_task;
    int64_t until_us = clock_monotonic_us() + TASKS_US;
    bool is_over = last == NULL;
    query->is_running_tasks = true;
    while (!is_over) {
        struct task *task = query->first_task;
        query->first_task = task->next;
        if (!query->first_task)
            query->last_task = NULL;
        task->next = NULL;
        task->is_queued = false;
        is_over = task == last;
        task->run(task);
        is_over = is_over || clock_monotonic_us() >= until_us;
    }
    query->is_running_tasks = false;
    if (query->first_task)
        CHECK(event_add(query->run_tasks, &none) == 0);
}

static void on_progress_timer(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    event_streams_on_timer(context);
}

struct query *query_open(
    struct event_base *base, const struct query_config *config, const struct query_recent *recent)
{
    CHECK(config->connections >= 1);
    CHECK(config->connections <= 16);
    struct query *query = calloc(1, sizeof *query);
    CHECK(query != NULL);
    query->base = base;
    query->steps = STEPS;
    query->config = *config;
    query->config.conninfo = NULL; /* only the pool needs them, now */
    query->config.primary_conninfo = NULL;
    query->recent = *recent;
    arena_init(&query->scratch, 65536, ENCODE_ARENA_BYTES_MAX);
    query->run_tasks = event_new(base, -1, 0, on_run_tasks, query);
    query->progress_timer = event_new(base, -1, EV_PERSIST, on_progress_timer, query);
    CHECK(query->run_tasks != NULL);
    CHECK(query->progress_timer != NULL);
    struct timeval interval = {.tv_sec = PROGRESS_INTERVAL_S};
    CHECK(event_add(query->progress_timer, &interval) == 0);
    record_statements_make(query);
    proofs_create(query);
    const struct pool_config pool = {
        .name = "vsld-query",
        .setup = QUERY_SESSION_SETUP,
        .progress = &statement_indexed_before,
        .conninfo = config->conninfo,
        .connections = config->connections,
        .primary_conninfo = config->primary_conninfo,
        .lag_max_us = config->lag_max_us,
    };
    query->pool = pool_open(base, &pool);
    return query;
}

void query_close(struct query *query)
{
    query->is_closing = true;
    query->is_stopping = true;
    event_streams_stop(query);
    get_command_on_durable(query);
    /* Tasks end their calls now; those that wait for the database are ended with the pool. */
    while (query->first_task)
        on_run_tasks(-1, 0, query);
    pool_close(query->pool);
    CHECK(query->first_task == NULL);
    CHECK(query->streams == NULL);
    CHECK(query->calls_open == 0);
    event_free(query->run_tasks);
    event_free(query->progress_timer);
    arena_finish(&query->scratch);
    free(query->record_statements);
    proofs_destroy(query);
    free(query);
}

void query_set_lives(struct query *query, const struct journal_lives *lives)
{
    CHECK(lives->count > 0);
    CHECK(query->lives.count == 0);
    query->lives = *lives;
    identity_text(&lives->items[0].identity, query->identity_text);
    pool_set_identity(query->pool, lives->items[0].identity.bytes);
}

void query_set_secret(struct query *query, const struct hash_key *secret)
{
    query->token_key = page_token_key(*secret);
}

void query_set_sealer(struct query *query, struct sealer *sealer)
{
    query->sealer = sealer;
}

void query_call(struct query *query, struct wire_call *call, const struct read_request *request)
{
    CHECK(query->lives.count > 0);
    switch (request->kind) {
    case READ_LIST_STATEMENT_LINES:
        account_lines_start(query, call, request);
        return;
    case READ_GET_COMMAND:
        get_command_start(query, call, request);
        return;
    case READ_STREAM_EVENTS:
        event_stream_start(query, call, request);
        return;
    case READ_GET_ORDER:
        get_order_start(query, call, request);
        return;
    case READ_LIST_COMMANDS:
        list_commands_start(query, call, request);
        return;
    default:
        CHECK(0 && "a read of history");
    }
}

void query_stream_ready(struct query *query, struct wire_call *call)
{
    (void)query;
    event_stream_ready(call);
}

void query_on_durable(struct query *query)
{
    if (query->waiting)
        get_command_on_durable(query);
    event_streams_on_durable(query);
}

void query_set_away(struct query *query, bool is_away)
{
    query->is_away = is_away;
    if (!is_away)
        return;
    get_command_on_durable(query);
    event_streams_stop(query);
}

void query_stop(struct query *query)
{
    query->is_stopping = true;
    event_streams_stop(query);
}
