/* pool.c: hands waiting jobs to free connections.
 *
 * All of it happens in on_kick, which the event loop calls: submitting, results and lost
 * connections only activate it. So no on_done is ever called from inside a call of the job's owner.
 * SPDX-License-Identifier: Apache-2.0 */
#include "query/pool.h"

#include "base/buffer.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "query/statements.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 16
#define ATTEMPTS_MAX 2
/* Longest wait for a connection, whatever the client's deadline. */
#define WAIT_US_MAX 10000000
/* A statement is given up by the server after 10 s (POOL_SESSION_SETUP); when even that does not
 * come, the connection is dropped. */
#define RUN_US_MAX 15000000
#define SWEEP_US 50000
/* Connections to the primary beside those to a replica. */
#define PRIMARY_CONNECTIONS 2
/* How long a connection whose database lags behind is left alone. */
#define LAG_PAUSE_US 50000
/* The same when it holds another journal: that does not pass by itself. */
#define OTHER_JOURNAL_PAUSE_US 1000000

#define INT8_OID 20
#define INT2_OID 21
/* PostgreSQL counts days from 2000-01-01. */
#define PG_EPOCH_DAYS 10957

const char POOL_SESSION_SETUP[] = "set default_transaction_read_only = on;"
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

struct pool_job {
    struct pool_job *next;
    const struct query_statement *statement;
    struct pool_order order;
    int64_t give_up_us; /* end of its wait */
    int64_t primary_us; /* from then on the primary may have it */
    uint32_t attempts;
    uint32_t value_count;
    int32_t value_lengths[VALUES_MAX]; /* -1: null */
    struct buffer bytes;               /* the values, one behind the other */
};

enum worker_state {
    /* Free. on_kick gives it a job once it is connected. */
    WORKER_IDLE,
    /* Asks how far its database is indexed, for the job it holds. Ends with on_indexed. */
    WORKER_ASKING,
    /* Runs the job it holds. Ends with on_result; the sweep drops the connection when it takes too
     * long, which ends it as well. */
    WORKER_RUNNING,
};

struct worker {
    struct pool *pool;
    struct pg_connection *connection;
    enum worker_state state;
    struct pool_job *job;
    int64_t since_us;         /* when it left WORKER_IDLE */
    int64_t lagging_until_us; /* until then only jobs that need no more than indexed_before */
    int64_t indexed_before;   /* as far as known; 0 after each connect */
    bool is_of_journal;       /* its database holds our journal; false after each connect */
    bool is_primary;          /* of the primary, beside those of a replica */
    bool is_dropped;          /* pg_reset was called for the present job */
};

struct job_list {
    struct pool_job *first;
    struct pool_job *last;
};

struct pool {
    struct event *kick;
    struct event *sweep;
    struct job_list urgent;
    struct job_list ordinary;
    struct worker *workers;
    uint32_t worker_count;
    bool has_replica; /* some workers are of the primary, the others of a replica */
    int64_t lag_max_us;
    struct journal_identity identity;
    bool is_closing;
};

/* ---- jobs ---- */

struct pool_job *pool_job_create(const struct query_statement *statement)
{
    struct pool_job *job = calloc(1, sizeof *job);
    CHECK(job != NULL);
    job->statement = statement;
    return job;
}

static void job_destroy(struct pool_job *job)
{
    buffer_finish(&job->bytes);
    free(job);
}

static void job_begin_value(struct pool_job *job, int32_t length)
{
    CHECK(job->value_count < VALUES_MAX);
    job->value_lengths[job->value_count++] = length;
}

void pool_job_add_int64(struct pool_job *job, int64_t value)
{
    job_begin_value(job, 8);
    buffer_append_u64(&job->bytes, (uint64_t)value);
}

void pool_job_add_int16(struct pool_job *job, int16_t value)
{
    job_begin_value(job, 2);
    buffer_append_u16(&job->bytes, (uint16_t)value);
}

void pool_job_add_date(struct pool_job *job, int32_t days)
{
    job_begin_value(job, 4);
    buffer_append_u32(&job->bytes, (uint32_t)(days - PG_EPOCH_DAYS));
}

void pool_job_add_bytes(struct pool_job *job, const void *bytes, size_t length)
{
    CHECK(length <= INT32_MAX);
    job_begin_value(job, (int32_t)length);
    buffer_append(&job->bytes, bytes, length);
}

/* Head of an array in PostgreSQL's binary format: one dimension, no nulls. */
static void job_begin_array(struct pool_job *job, uint32_t type, uint32_t item_bytes, size_t count)
{
    CHECK(count > 0);
    CHECK(count <= 65536);
    job_begin_value(job, (int32_t)(20 + count * (4 + item_bytes)));
    buffer_append_u32(&job->bytes, 1);
    buffer_append_u32(&job->bytes, 0);
    buffer_append_u32(&job->bytes, type);
    buffer_append_u32(&job->bytes, (uint32_t)count);
    buffer_append_u32(&job->bytes, 1);
}

void pool_job_add_int64s(struct pool_job *job, const int64_t *values, size_t count)
{
    job_begin_array(job, INT8_OID, 8, count);
    for (size_t i = 0; i < count; i++) {
        buffer_append_u32(&job->bytes, 8);
        buffer_append_u64(&job->bytes, (uint64_t)values[i]);
    }
}

void pool_job_add_int16s(struct pool_job *job, const int16_t *values, size_t count)
{
    job_begin_array(job, INT2_OID, 2, count);
    for (size_t i = 0; i < count; i++) {
        buffer_append_u32(&job->bytes, 2);
        buffer_append_u16(&job->bytes, (uint16_t)values[i]);
    }
}

void pool_job_add_null(struct pool_job *job)
{
    job_begin_value(job, -1);
}

static void job_end(struct pool_job *job, enum pool_end end, const struct pg_result *result)
{
    CHECK((end == POOL_DONE) == (result != NULL));
    job->order.on_done(job->order.context, end, result);
    job_destroy(job);
}

static void list_append(struct job_list *list, struct pool_job *job)
{
    CHECK(job->next == NULL);
    if (list->last)
        list->last->next = job;
    else
        list->first = job;
    list->last = job;
}

static void list_prepend(struct job_list *list, struct pool_job *job)
{
    CHECK(job->next == NULL);
    job->next = list->first;
    list->first = job;
    if (!list->last)
        list->last = job;
}

/* Takes the job behind `before` out of the list; `before` NULL: the first. */
static struct pool_job *list_take(struct job_list *list, struct pool_job *before)
{
    struct pool_job **link = before ? &before->next : &list->first;
    struct pool_job *job = *link;
    CHECK(job != NULL);
    *link = job->next;
    if (list->last == job)
        list->last = before;
    job->next = NULL;
    return job;
}

static struct job_list *list_of(struct pool *pool, const struct pool_job *job)
{
    return job->order.is_urgent ? &pool->urgent : &pool->ordinary;
}

void pool_submit(struct pool *pool, struct pool_job *job, const struct pool_order *order)
{
    CHECK(order->on_done != NULL);
    job->order = *order;
    int64_t now_us = clock_monotonic_us();
    int64_t give_up_us = now_us + WAIT_US_MAX;
    job->primary_us = order->is_of_primary ? now_us : now_us + pool->lag_max_us;
    job->give_up_us = order->deadline_us < give_up_us ? order->deadline_us : give_up_us;
    list_append(list_of(pool, job), job);
    if (!pool->is_closing)
        event_active(pool->kick, EV_TIMEOUT, 0);
}

/* ---- workers ---- */

static void worker_set_state(struct worker *worker, enum worker_state state)
{
    switch (state) {
    case WORKER_IDLE:
        CHECK(worker->state != WORKER_IDLE);
        worker->job = NULL;
        worker->is_dropped = false;
        break;
    case WORKER_ASKING:
        CHECK(worker->state == WORKER_IDLE);
        CHECK(worker->job != NULL);
        worker->since_us = clock_monotonic_us();
        break;
    case WORKER_RUNNING:
        CHECK(worker->state != WORKER_RUNNING);
        CHECK(worker->job != NULL);
        worker->since_us = clock_monotonic_us();
        break;
    }
    worker->state = state;
}

/* Lets the worker go and puts its job back where it was, to be tried again. */
static void worker_give_back(struct worker *worker)
{
    struct pool_job *job = worker->job;
    worker_set_state(worker, WORKER_IDLE);
    list_prepend(list_of(worker->pool, job), job);
}

static bool may_try_again(const struct pool *pool, const struct pool_job *job)
{
    return !pool->is_closing && job->attempts < ATTEMPTS_MAX;
}

/* What a refusal by the server means. 40001 is a replica that needed the rows' place for its own
 * recovery; 57014 is the statement timeout; the other classes are a server that is stopping or
 * short of something. */
static enum pool_end end_of_refusal(const char *sqlstate)
{
    if (strcmp(sqlstate, "57014") == 0)
        return POOL_TOO_LONG;
    if (strncmp(sqlstate, "40", 2) == 0 || strncmp(sqlstate, "53", 2) == 0 ||
        strncmp(sqlstate, "57", 2) == 0)
        return POOL_UNAVAILABLE;
    return POOL_REFUSED;
}

/* Ends a job that did not get its result, or puts it back for another attempt. */
static void worker_fail(struct worker *worker, enum pg_end end, const char *sqlstate)
{
    struct pool *pool = worker->pool;
    struct pool_job *job = worker->job;
    enum pool_end how = end == PG_LOST ? POOL_UNAVAILABLE : end_of_refusal(sqlstate);
    if (how == POOL_UNAVAILABLE && may_try_again(pool, job)) {
        worker_give_back(worker);
        return;
    }
    if (how == POOL_REFUSED)
        log_error(
            "could not read history: statement=%s sqlstate=%s", job->statement->name, sqlstate);
    worker_set_state(worker, WORKER_IDLE);
    job_end(job, how, NULL);
}

static void on_result(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct worker *worker = context;
    struct pool *pool = worker->pool;
    CHECK(worker->state == WORKER_RUNNING);
    if (!pool->is_closing)
        event_active(pool->kick, EV_TIMEOUT, 0);
    if (end != PG_DONE) {
        worker_fail(worker, end, sqlstate);
        return;
    }
    struct pool_job *job = worker->job;
    worker_set_state(worker, WORKER_IDLE);
    job_end(job, POOL_DONE, result);
}

static void worker_run(struct worker *worker)
{
    struct pool_job *job = worker->job;
    struct pg_value values[VALUES_MAX];
    size_t position = 0;
    for (uint32_t i = 0; i < job->value_count; i++) {
        int32_t length = job->value_lengths[i];
        /* An empty value is not a null: it needs a pointer. */
        const uint8_t *bytes = job->bytes.bytes ? job->bytes.bytes + position : (const uint8_t *)"";
        values[i] = (struct pg_value){.bytes = length < 0 ? NULL : bytes, .length = length};
        position += length < 0 ? 0 : (size_t)length;
    }
    job->attempts++;
    worker_set_state(worker, WORKER_RUNNING);
    pg_query(worker->connection, job->statement->name, job->statement->sql, values, NULL,
        job->value_count, on_result, worker);
}

/* Whether the worker's database has what the job needs, as far as is known. */
static bool is_enough(const struct worker *worker, const struct pool_job *job)
{
    return worker->is_of_journal && job->order.indexed_before <= worker->indexed_before;
}

static bool is_identity(const struct journal_identity *identity, const struct pg_result *result)
{
    struct pg_value found = pg_bytes(result, 0, 1);
    return found.length == IDENTITY_BYTES &&
           memcmp(found.bytes, identity->bytes, IDENTITY_BYTES) == 0;
}

static void on_indexed(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct worker *worker = context;
    struct pool *pool = worker->pool;
    CHECK(worker->state == WORKER_ASKING);
    if (!pool->is_closing)
        event_active(pool->kick, EV_TIMEOUT, 0);
    if (end != PG_DONE) {
        worker->job->attempts++;
        worker_fail(worker, end, sqlstate);
        return;
    }
    CHECK(pg_rows(result) == 1);
    worker->indexed_before = pg_int64(result, 0, 0);
    worker->is_of_journal = is_identity(&pool->identity, result);
    if (is_enough(worker, worker->job)) {
        worker_run(worker);
        return;
    }
    int64_t pause_us = LAG_PAUSE_US;
    if (!worker->is_of_journal) {
        log_warning("a connection for reads leads to another journal, or to a replica that has "
                    "not come to this one's identity: not read from there");
        pause_us = OTHER_JOURNAL_PAUSE_US;
    }
    worker->lagging_until_us = clock_monotonic_us() + pause_us;
    worker_give_back(worker);
}

static void worker_start(struct worker *worker, struct pool_job *job)
{
    CHECK(worker->job == NULL);
    worker->job = job;
    if (is_enough(worker, job)) {
        worker_run(worker);
        return;
    }
    worker_set_state(worker, WORKER_ASKING);
    pg_query(worker->connection, statement_indexed_before.name, statement_indexed_before.sql, NULL,
        NULL, 0, on_indexed, worker);
}

/* Whether the worker is the right one for the job, and its database far enough. */
static bool may_run(const struct worker *worker, const struct pool_job *job, int64_t now_us)
{
    if (worker->is_primary && now_us < job->primary_us)
        return false;
    if (worker->pool->has_replica && !worker->is_primary && job->order.is_of_primary)
        return false;
    return now_us >= worker->lagging_until_us || is_enough(worker, job);
}

/* The first job of the list that the worker may run; NULL: none. */
static struct pool_job *take_job(struct job_list *list, const struct worker *worker, int64_t now_us)
{
    struct pool_job *before = NULL;
    for (struct pool_job *job = list->first; job != NULL; before = job, job = job->next) {
        if (may_run(worker, job, now_us))
            return list_take(list, before);
    }
    return NULL;
}

static bool is_gone(const struct pool_job *job)
{
    return job->order.is_gone && job->order.is_gone(job->order.gone_context);
}

/* Ends the jobs of the list that nobody waits for or that have waited too long. */
static void drop_from(struct job_list *list, int64_t now_us)
{
    struct job_list ended = {0};
    struct pool_job *before = NULL;
    struct pool_job *job = list->first;
    while (job != NULL) {
        struct pool_job *next = job->next;
        if (is_gone(job) || now_us >= job->give_up_us)
            list_append(&ended, list_take(list, before));
        else
            before = job;
        job = next;
    }
    while (ended.first) {
        job = list_take(&ended, NULL);
        bool is_late = now_us >= job->order.deadline_us;
        job_end(job, is_gone(job) ? POOL_GONE : is_late ? POOL_LATE : POOL_UNAVAILABLE, NULL);
    }
}

/* Drops connections that do not answer. True when some job is still under way or waits. */
static bool watch_workers(struct pool *pool, int64_t now_us)
{
    bool is_busy = pool->urgent.first || pool->ordinary.first;
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        struct worker *worker = &pool->workers[i];
        if (worker->state == WORKER_IDLE)
            continue;
        is_busy = true;
        if (now_us - worker->since_us < RUN_US_MAX || worker->is_dropped)
            continue;
        log_warning("connection=query-%u gives no answer, dropped", (unsigned)i);
        worker->is_dropped = true;
        pg_reset(worker->connection);
    }
    return is_busy;
}

static void on_kick(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    struct pool *pool = context;
    int64_t now_us = clock_monotonic_us();
    drop_from(&pool->urgent, now_us);
    drop_from(&pool->ordinary, now_us);
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        struct worker *worker = &pool->workers[i];
        if (worker->state != WORKER_IDLE || !pg_is_ready(worker->connection))
            continue;
        struct pool_job *job = take_job(&pool->urgent, worker, now_us);
        if (!job)
            job = take_job(&pool->ordinary, worker, now_us);
        if (job)
            worker_start(worker, job);
    }
    if (watch_workers(pool, now_us)) {
        struct timeval pause = {.tv_usec = SWEEP_US};
        CHECK(event_add(pool->sweep, &pause) == 0);
    }
}

static void on_ready(void *context)
{
    struct worker *worker = context;
    /* It may be another host now. */
    worker->indexed_before = 0;
    worker->is_of_journal = false;
    worker->lagging_until_us = 0;
    event_active(worker->pool->kick, EV_TIMEOUT, 0);
}

static void on_lost(void *context)
{
    struct worker *worker = context;
    CHECK(worker->state == WORKER_IDLE);
}

static const struct pg_handlers HANDLERS = {.on_ready = on_ready, .on_lost = on_lost};

static void open_worker(
    struct pool *pool, struct event_base *base, const char *conninfo, bool is_primary)
{
    struct worker *worker = &pool->workers[pool->worker_count++];
    worker->pool = pool;
    worker->is_primary = is_primary;
    worker->connection =
        pg_open(base, conninfo, "vsld-query", POOL_SESSION_SETUP, &HANDLERS, worker);
}

struct pool *pool_open(struct event_base *base, const struct pool_config *config)
{
    CHECK(config->connections >= 1);
    struct pool *pool = calloc(1, sizeof *pool);
    CHECK(pool != NULL);
    pool->workers =
        calloc((size_t)config->connections + PRIMARY_CONNECTIONS, sizeof *pool->workers);
    CHECK(pool->workers != NULL);
    pool->kick = event_new(base, -1, 0, on_kick, pool);
    pool->sweep = evtimer_new(base, on_kick, pool);
    CHECK(pool->kick != NULL);
    CHECK(pool->sweep != NULL);
    pool->has_replica = config->primary_conninfo != NULL;
    pool->lag_max_us = config->lag_max_us;
    for (uint32_t i = 0; i < config->connections; i++)
        open_worker(pool, base, config->conninfo, false);
    for (uint32_t i = 0; i < PRIMARY_CONNECTIONS && pool->has_replica; i++)
        open_worker(pool, base, config->primary_conninfo, true);
    return pool;
}

void pool_set_identity(struct pool *pool, const struct journal_identity *identity)
{
    pool->identity = *identity;
}

void pool_close(struct pool *pool)
{
    CHECK(!pool->is_closing);
    pool->is_closing = true;
    for (uint32_t i = 0; i < pool->worker_count; i++)
        pg_close(pool->workers[i].connection);
    while (pool->urgent.first)
        job_end(list_take(&pool->urgent, NULL), POOL_UNAVAILABLE, NULL);
    while (pool->ordinary.first)
        job_end(list_take(&pool->ordinary, NULL), POOL_UNAVAILABLE, NULL);
    event_free(pool->kick);
    event_free(pool->sweep);
    free(pool->workers);
    free(pool);
}
