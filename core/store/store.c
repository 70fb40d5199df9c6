/* store.c: the store as its owner sees it: opens, closes, hands requests to writer and keeper.
 *
 * The store lives between store_open and store_close; what it gives to its handlers is valid during
 * the call. It owns both connections. After on_stop it is silent, but the owner still closes it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WATCH_US 1000000
/* A writer whose connection broke tries twice a second; a restart of the database takes both. */
#define HEAD_START_US 3000000

/* A commit is an answer given: it must be on disk, whatever the cluster's default is. lock_timeout
 * bounds the wait for a batch of a dying session; the try is repeated. The server must notice in
 * ten seconds that this machine is gone, so that its lock is freed for the standby: by keepalives
 * when it waits for us, by the time-out when it has sent something. */
static const char writer_setup[] =
    "set synchronous_commit = on; set statement_timeout = 0; set lock_timeout = '10s';"
    "set idle_in_transaction_session_timeout = 0; set timezone = 'UTC';"
    "set tcp_keepalives_idle = 3; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3;"
    "set tcp_user_timeout = 9000";

/* ---- helpers of all files ---- */

void store_end(struct store *store, enum store_end end, const char *format, ...)
{
    if (store->phase == STORE_STOPPED)
        return;
    store->phase = STORE_STOPPED;
    evtimer_del(store->timer);
    evtimer_del(store->watch);
    evtimer_del(store->keeper.timer);
    char reason[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    store->handlers->on_stop(store->context, end, reason);
}

bool store_is_outside_trouble(const char *sqlstate)
{
    static const char *const classes[] = {
        "08",    /* connection */
        "53",    /* out of disk, memory, connections */
        "57",    /* cancelled, shutting down, starting up */
        "58",    /* input or output of the system */
        "40",    /* rolled back to resolve a conflict */
        "25006", /* a server that only reads, after a fail-over */
        "55P03", /* waited too long for a lock */
    };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strncmp(sqlstate, classes[i], strlen(classes[i])) == 0)
            return true;
    return false;
}

const char *store_cause(const char *sqlstate)
{
    static const char *const causes[] = {
        "25006 (it only reads)",
        "53100 (its disk is full)",
        "53200 (out of memory, or max_locks_per_transaction is too small)",
        "53300 (no connection is left: raise max_connections, or the role's limit)",
        "53400 (a limit of its settings is too small)",
        "54000 (a limit of the server was passed)",
        "54001 (max_stack_depth is too small)",
        "55P03 (a lock is held for too long)",
        "57P01 (it is being stopped, or an administrator ended the session)",
        "57P03 (it is starting or stopping)",
        "58030 (its system could not read or write: look at PostgreSQL's log)",
    };
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (strlen(sqlstate) == 5 && strncmp(causes[i], sqlstate, 5) == 0)
            return causes[i];
    return sqlstate;
}

void store_pause(struct event *timer, int64_t us)
{
    struct timeval timeout = {.tv_sec = us / 1000000, .tv_usec = us % 1000000};
    CHECK(event_add(timer, &timeout) == 0);
}

/* ---- the writer's connection ---- */

static void on_writer_ready(void *context)
{
    struct store *store = context;
    if (store->was_writer_ready)
        store->counters.reconnects++;
    store->was_writer_ready = true;
    switch (store->phase) {
    case STORE_STARTING:
        start_begin(store);
        return;
    case STORE_MAKING_SEGMENTS:
    case STORE_DOUBT:
        doubt_begin(store);
        return;
    case STORE_LOADING:
    case STORE_READY:
    case STORE_STOPPED:
        return;
    }
}

static void on_writer_lost(void *context)
{
    struct store *store = context;
    switch (store->phase) {
    case STORE_STARTING:
        evtimer_del(store->timer);
        /* What broke our connection may have broken the writer's as well. */
        if (store->is_standby_told)
            store->head_start_us = HEAD_START_US;
        return;
    case STORE_LOADING:
        store_end(store, STORE_LOADS_ANEW, "the connection to the database was lost while loading");
        return;
    case STORE_MAKING_SEGMENTS:
    case STORE_READY:
    case STORE_DOUBT:
        writer_lost(store);
        return;
    case STORE_STOPPED:
        return;
    }
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    struct store *store = context;
    (void)fd;
    (void)what;
    if (!pg_is_ready(store->writer))
        return; /* on_writer_ready goes on */
    if (store->resets_after_pause) {
        /* Perhaps another host of the connection string writes. */
        store->resets_after_pause = false;
        pg_reset(store->writer);
        return;
    }
    if (store->phase == STORE_STARTING)
        start_begin(store);
    else if (store->phase == STORE_DOUBT || store->phase == STORE_MAKING_SEGMENTS)
        doubt_begin(store);
}

static void on_watch(evutil_socket_t fd, short what, void *context)
{
    struct store *store = context;
    (void)fd;
    (void)what;
    if (store->phase == STORE_STOPPED)
        return;
    store_pause(store->watch, WATCH_US);
    writer_watch(store);
    keeper_watch(store);
    check_watch(store);
}

static void on_keeper_timer(evutil_socket_t fd, short what, void *context)
{
    struct store *store = context;
    (void)fd;
    (void)what;
    keeper_next(store);
}

/* ---- public ---- */

bool store_is_conninfo(const char *conninfo)
{
    return pg_is_conninfo(conninfo);
}

struct store *store_open(struct event_base *base, const struct store_config *config,
    const struct store_handlers *handlers, void *context)
{
    static const struct pg_handlers writer_handlers = {on_writer_ready, on_writer_lost};
    CHECK(config->segment_commands > 0);
    CHECK(handlers->on_stop != NULL);
    struct store *store = calloc(1, sizeof *store);
    CHECK(store != NULL);
    store->base = base;
    store->handlers = handlers;
    store->context = context;
    store->conninfo = strdup(config->conninfo);
    CHECK(store->conninfo != NULL);
    store->segment_commands = config->segment_commands;
    store->commands_ahead = config->commands_ahead;
    store->take_over = config->take_over;
    store->head_start_us = config->head_start_us;
    store->keys = config->key_count > 0 ? config->keys : &proof_no_key;
    store->key_count = config->key_count > 0 ? config->key_count : 1;
    ring_set(&store->ring, config->checks, config->check_count, false);
    store->find_adoption = config->find_adoption;
    store->adoption_context = config->adoption_context;
    store->phase = STORE_STARTING;
    store->timer = evtimer_new(base, on_timer, store);
    store->watch = evtimer_new(base, on_watch, store);
    store->keeper.timer = evtimer_new(base, on_keeper_timer, store);
    CHECK(store->timer && store->watch && store->keeper.timer);
    rows_begin_copy(&store->copy_header);
    rows_end_copy(&store->copy_trailer);
    store->writer =
        pg_open(base, store->conninfo, "vsld writer", writer_setup, &writer_handlers, store);
    store_pause(store->watch, WATCH_US);
    return store;
}

void store_close(struct store *store)
{
    /* First: the ends of requests must start nothing new. */
    store->phase = STORE_STOPPED;
    pg_close(store->writer);
    keeper_finish(store);
    check_finish(store);
    event_free(store->timer);
    event_free(store->watch);
    segments_finish(&store->segments);
    chain_destroy(store->loader.chain);
    seal_finish(&store->seal);
    ring_finish(store);
    buffer_finish(&store->batch_row);
    buffer_finish(&store->copy_header);
    buffer_finish(&store->copy_trailer);
    buffer_finish(&store->sql);
    free(store->conninfo);
    free(store);
}

bool store_is_settled(const struct store *store)
{
    return store->phase == STORE_READY;
}

int64_t store_database_time(const struct store *store, int64_t monotonic_us)
{
    return monotonic_us + store->clock_offset_us;
}

int64_t store_database_time_asked(const struct store *store)
{
    return store->clock_asked_us;
}

void store_keep_clock(struct store *store, int64_t sent_us, int64_t database_us)
{
    int64_t now_us = clock_monotonic_us();
    CHECK(sent_us != 0 && sent_us <= now_us);
    store->clock_offset_us = database_us - (sent_us + (now_us - sent_us) / 2);
    store->clock_asked_us = now_us;
}

int64_t store_sequence_limit(const struct store *store)
{
    return segments_limit(&store->segments);
}

void store_segment_of(
    const struct store *store, int64_t sequence, int64_t *ret_first, int64_t *ret_last)
{
    const struct segment *segment = segments_find(&store->segments, sequence);
    CHECK(segment != NULL);
    *ret_first = segment->first_sequence;
    *ret_last = segment->last_sequence;
}

void store_counters(const struct store *store, struct store_counters *ret_counters)
{
    *ret_counters = store->counters;
}
