/* pool.h: the database connections that reads share, and the queue before them.
 *
 * A job is one statement with its parameters. Jobs wait in order (urgent ones before the others)
 * until a connection is free; each connection works on one at a time, so that a long one holds up
 * only its own. A job whose connection breaks is tried once more, on whatever connection is free
 * next: all statements only read. Every job ends with exactly one on_done, never from inside
 * pool_submit. Sessions are read-only and have a statement timeout.
 *
 * The database that answers may be a replica that lags behind: a job says up to where it must be
 * indexed. What the replica does not have after a while, or does not give for another reason, is
 * read from the primary, by connections of its own.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_QUERY_POOL_H
#define VSL_QUERY_POOL_H

#include "model/journal_life.h"
#include "pg/pg.h"
#include "query/statements.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct pool;
struct pool_job;

enum pool_end {
    POOL_DONE,        /* the result is there */
    POOL_UNAVAILABLE, /* no connection, lost twice, or overtaken by the end of the pool */
    POOL_LATE,        /* the deadline passed while it waited */
    POOL_TOO_LONG,    /* the server gave it up after the statement timeout */
    POOL_REFUSED,     /* the server refused the statement: a bug or a wrong schema; logged */
    POOL_GONE,        /* nobody waits for it any more */
};

/* Run on every new connection. Plans are made for the values at hand: then segments out of range,
 * an unindexed one above all, are not even looked at, and their number does not matter. Below the
 * cut there is an index for every statement, also before a segment has statistics; sequential and
 * bitmap scans are never wanted. The server ends a session whose client machine is gone within ten
 * seconds, as it does the store's. */
extern const char POOL_SESSION_SETUP[];

/* `result` is NULL unless end is POOL_DONE, and valid only during the call. */
typedef void (*pool_on_done)(void *context, enum pool_end end, const struct pg_result *result);

struct pool_config {
    const char *conninfo;
    uint32_t connections;
    const char *primary_conninfo; /* NULL: conninfo leads to the primary */
    int64_t lag_max_us;           /* a job that has waited for so long is the primary's, too */
};

/* Connects. The configuration is copied. Jobs may be submitted at once. */
struct pool *pool_open(struct event_base *base, const struct pool_config *config);

/* Before the first job: whose journal it is. A database that holds another one is not believed: its
 * jobs wait for the primary as if it lagged behind. */
void pool_set_identity(struct pool *pool, const struct journal_identity *identity);

/* Ends every job with POOL_UNAVAILABLE. Not from inside an on_done. */
void pool_close(struct pool *pool);

/* A job of that statement, without parameters yet. They are added in the order of their numbers. */
struct pool_job *pool_job_create(const struct query_statement *statement);
void pool_job_add_int64(struct pool_job *job, int64_t value);
void pool_job_add_int16(struct pool_job *job, int16_t value);
void pool_job_add_date(struct pool_job *job, int32_t days); /* days since 1970-01-01 */
void pool_job_add_bytes(struct pool_job *job, const void *bytes, size_t length); /* text, bytea */
void pool_job_add_int64s(struct pool_job *job, const int64_t *values, size_t count);
void pool_job_add_int16s(struct pool_job *job, const int16_t *values, size_t count);
void pool_job_add_null(struct pool_job *job);

struct pool_order {
    int64_t indexed_before; /* rows below this sequence must be indexed where it runs; 0: any */
    int64_t deadline_us;    /* monotonic; INT64_MAX: none but the pool's own */
    bool is_urgent;
    bool is_of_primary;                  /* a replica's answer is not good enough */
    bool (*is_gone)(void *gone_context); /* asked before it runs; NULL: never */
    void *gone_context;
    pool_on_done on_done;
    void *context;
};

/* Queues the job; it belongs to the pool from now on. */
void pool_submit(struct pool *pool, struct pool_job *job, const struct pool_order *order);

#endif
