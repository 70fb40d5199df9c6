/* pool.c: hands waiting jobs to free connections.
 *
 * All of it happens in on_kick, which the event loop calls: submitting, results and lost
 * connections only activate it. So no on_done is ever called from inside a call of the job's owner.
 * SPDX-License-Identifier: Apache-2.0 */
#include "pg/pool.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#define ATTEMPTS_MAX 2
/* Longest wait for a connection, whatever the client's deadline. */
#define WAIT_US_MAX 10000000
/* A statement is given up by the server before; when even that does not come, the connection is
 * dropped. */
#define RUN_US_MAX 15000000
#define SWEEP_US 50000
/* Connections to the primary beside those to a replica. */
#define PRIMARY_CONNECTIONS 2
/* How long a connection whose database lags behind is left alone. */
#define LAG_PAUSE_US 50000
/* The same when it holds something else: that does not pass by itself. */
#define OTHER_IDENTITY_PAUSE_US 1000000

enum worker_state {
    /* Free. on_kick gives it a job once it is connected. */
    WORKER_IDLE,
    /* Asks how far its database is, for the job it holds. Ends with on_progress. */
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
    int64_t lagging_until_us; /* until then only jobs that need no more than progress */
    int64_t progress;         /* as far as known; 0 after each connect */
    bool holds_ours;          /* its database holds what it must; false after each connect */
    bool is_primary;          /* of the primary, beside those of a replica */
    bool is_dropped;          /* pg_reset was called for the present job */
};

/* What sources have of the connections. Two with the same number modulo SOURCES count as one. */
#define SOURCES 256
struct share {
    uint32_t running;
    uint64_t served; /* the pool's count of started jobs when it last had one started */
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
    struct share shares[SOURCES];
    uint32_t running_of_source_max;
    uint64_t started;
    const char *name;
    bool has_replica; /* some workers are of the primary, the others of a replica */
    int64_t lag_max_us;
    /* A job has waited for the replica in vain, and it has had enough for none since. */
    bool is_replica_behind;
    const struct pg_statement *progress;
    uint8_t identity[POOL_IDENTITY_BYTES];
    bool is_closing;
};

/* ---- jobs ---- */

struct pool_job *pool_job_create(const struct pg_statement *statement)
{
    struct pool_job *job = calloc(1, sizeof *job);
    CHECK(job != NULL);
    job->statement = statement;
    return job;
}

static void job_destroy(struct pool_job *job)
{
    pg_parameters_finish(&job->parameters);
    free(job);
}

static void job_end(struct pool_job *job, enum pool_end end, const struct pg_result *result)
{
    CHECK((end == POOL_DONE) == (result != NULL));
    job->request.on_done(job->request.context, end, result);
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

static struct share *share_of(struct pool *pool, const struct pool_job *job)
{
    return &pool->shares[job->request.source % SOURCES];
}

static struct job_list *list_of(struct pool *pool, const struct pool_job *job)
{
    return job->request.is_urgent ? &pool->urgent : &pool->ordinary;
}

void pool_submit(struct pool *pool, struct pool_job *job, const struct pool_request *request)
{
    CHECK(request->on_done != NULL);
    job->request = *request;
    int64_t now_us = clock_monotonic_us();
    int64_t give_up_us = now_us + WAIT_US_MAX;
    job->primary_us = request->is_of_primary ? now_us : now_us + pool->lag_max_us;
    job->give_up_us = request->deadline_us < give_up_us ? request->deadline_us : give_up_us;
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
        share_of(worker->pool, worker->job)->running--;
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
        log_error("could not read: statement=%s sqlstate=%s", job->statement->name, sqlstate);
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
    job->attempts++;
    worker_set_state(worker, WORKER_RUNNING);
    pg_query(worker->connection, job->statement->name, job->statement->sql, &job->parameters,
        on_result, worker);
}

/* Whether the worker's database has what the job needs, as far as is known. */
static bool is_enough(const struct worker *worker, const struct pool_job *job)
{
    return worker->holds_ours && job->request.progress <= worker->progress;
}

static bool is_identity(const uint8_t *identity, const struct pg_result *result)
{
    struct pg_value found = pg_bytes(result, 0, 1);
    return found.length == POOL_IDENTITY_BYTES &&
           memcmp(found.bytes, identity, POOL_IDENTITY_BYTES) == 0;
}

static void on_progress(
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
    worker->progress = pg_int64(result, 0, 0);
    worker->holds_ours = is_identity(pool->identity, result);
    if (is_enough(worker, worker->job)) {
        pool->is_replica_behind &= worker->is_primary;
        worker_run(worker);
        return;
    }
    int64_t pause_us = LAG_PAUSE_US;
    if (!worker->holds_ours) {
        log_warning("a connection for reads leads to another journal, or to a replica that has "
                    "not come to this one's identity: not read from there");
        pause_us = OTHER_IDENTITY_PAUSE_US;
    }
    worker->lagging_until_us = clock_monotonic_us() + pause_us;
    worker_give_back(worker);
}

static void worker_start(struct worker *worker, struct pool_job *job)
{
    CHECK(worker->job == NULL);
    struct pool *pool = worker->pool;
    worker->job = job;
    if (worker->is_primary && !job->request.is_of_primary)
        pool->is_replica_behind |= clock_monotonic_us() >= job->primary_us;
    struct share *share = share_of(pool, job);
    share->running++;
    share->served = ++pool->started;
    if (is_enough(worker, job)) {
        worker_run(worker);
        return;
    }
    worker_set_state(worker, WORKER_ASKING);
    const struct pg_statement *progress = pool->progress;
    pg_query(worker->connection, progress->name, progress->sql, NULL, on_progress, worker);
}

/* Whether the job may be the replica's soon: it is connected, and either keeps up or has what the
 * job needs. */
static bool is_replica_worth_a_wait(const struct pool *pool, const struct pool_job *job)
{
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        const struct worker *worker = &pool->workers[i];
        bool is_connected = worker->state != WORKER_IDLE || pg_is_ready(worker->connection);
        if (!worker->is_primary && is_connected &&
            (!pool->is_replica_behind || is_enough(worker, job)))
            return true;
    }
    return false;
}

/* Whether the worker is the right one for the job, and its database far enough. */
static bool may_run(const struct worker *worker, const struct pool_job *job, int64_t now_us)
{
    if (worker->is_primary && now_us < job->primary_us &&
        is_replica_worth_a_wait(worker->pool, job))
        return false;
    if (worker->pool->has_replica && !worker->is_primary && job->request.is_of_primary)
        return false;
    return now_us >= worker->lagging_until_us || is_enough(worker, job);
}

/* Whether the one source comes before the other: it has fewer connections, or had one longer ago.
 */
static bool is_before(const struct share *share, const struct share *other)
{
    return share->running != other->running ? share->running < other->running
                                            : share->served < other->served;
}

/* The first job of the list that the worker may run, of the source whose turn it is; NULL: none. */
static struct pool_job *take_job(struct job_list *list, const struct worker *worker, int64_t now_us)
{
    struct pool *pool = worker->pool;
    const struct share *best = NULL;
    struct pool_job *before = NULL;
    struct pool_job *before_best = NULL;
    for (struct pool_job *job = list->first; job != NULL; before = job, job = job->next) {
        const struct share *share = share_of(pool, job);
        bool is_many = job->request.source != 0 && share->running >= pool->running_of_source_max;
        if (is_many || !may_run(worker, job, now_us) || (best && !is_before(share, best)))
            continue;
        best = share;
        before_best = before;
    }
    return best ? list_take(list, before_best) : NULL;
}

static bool is_gone(const struct pool_job *job)
{
    return job->request.is_gone && job->request.is_gone(job->request.gone_context);
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
        bool is_late = now_us >= job->request.deadline_us;
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
        log_warning("connection=%s-%u gives no answer, dropped", pool->name, (unsigned)i);
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
    worker->progress = 0;
    worker->holds_ours = false;
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
    struct pool *pool, struct event_base *base, const struct pool_config *config, bool is_primary)
{
    const char *conninfo = is_primary ? config->primary_conninfo : config->conninfo;
    struct worker *worker = &pool->workers[pool->worker_count++];
    worker->pool = pool;
    worker->is_primary = is_primary;
    worker->connection = pg_open(base, conninfo, config->name, config->setup, &HANDLERS, worker);
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
    /* One in four is left to others. */
    pool->running_of_source_max =
        config->connections > 1 ? config->connections - (config->connections + 3) / 4 : 1;
    pool->lag_max_us = config->lag_max_us;
    pool->name = config->name;
    pool->progress = config->progress;
    for (uint32_t i = 0; i < config->connections; i++)
        open_worker(pool, base, config, false);
    for (uint32_t i = 0; i < PRIMARY_CONNECTIONS && pool->has_replica; i++)
        open_worker(pool, base, config, true);
    return pool;
}

void pool_set_identity(struct pool *pool, const uint8_t identity[POOL_IDENTITY_BYTES])
{
    memcpy(pool->identity, identity, POOL_IDENTITY_BYTES);
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
