/* pool.h: the database connections that reads share, and the queue before them.
 *
 * A job is one statement with its parameters. Jobs wait in order (urgent ones before the others)
 * until a connection is free; each connection works on one at a time, so that a long one holds up
 * only its own. Sources take turns, and none has all connections at a time. A job whose connection
 * breaks is tried once more, on whatever connection is free next: all statements only read. Every
 * job ends with exactly one on_done, never from inside pool_submit.
 *
 * The database that answers may be a replica that lags behind, or that holds something else: a job
 * says how far it must be, in a measure of the pool's owner, whose statement tells how far it is.
 * What the replica does not have after a while, or does not give for another reason, is read from
 * the primary, by connections of its own; at once while the replica is not connected, or after one
 * job has waited for it in vain, until it has enough for one again.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_PG_POOL_H
#define VSL_PG_POOL_H

#include "pg/pg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct pool;

/* Identities of what a database holds have so many bytes. */
#define POOL_IDENTITY_BYTES 16

enum pool_end {
    POOL_DONE,        /* the result is there */
    POOL_UNAVAILABLE, /* no connection, lost twice, or overtaken by the end of the pool */
    POOL_LATE,        /* the deadline passed while it waited */
    POOL_TOO_LONG,    /* the server gave it up after the statement timeout */
    POOL_REFUSED,     /* the server refused the statement: a bug or a wrong schema; logged */
    POOL_GONE,        /* nobody waits for it any more */
};

/* `result` is NULL unless end is POOL_DONE, and valid only during the call. */
typedef void (*pool_on_done)(void *context, enum pool_end end, const struct pg_result *result);

struct pool_config {
    const char *conninfo;
    uint32_t connections;
    const char *primary_conninfo; /* NULL: conninfo leads to the primary */
    int64_t lag_max_us;           /* a job that has waited for so long is the primary's */
    const char *name;             /* of its connections, in logs and as application_name */
    const char *setup;            /* run on every new connection; must make it read-only, and give
                                   * it a statement timeout below 15 s */
    /* Without parameters; one row: how far the database is (int8), what it holds (bytea). */
    const struct pg_statement *progress;
};

/* Connects. The configuration is copied, its strings and statement must outlive the pool. Jobs may
 * be submitted at once. */
struct pool *pool_open(struct event_base *base, const struct pool_config *config);

/* Before the first job: what the database must hold. One that holds something else is not believed:
 * its jobs wait for the primary as if it lagged behind. */
void pool_set_identity(struct pool *pool, const uint8_t identity[POOL_IDENTITY_BYTES]);

/* Ends every job with POOL_UNAVAILABLE. Not from inside an on_done. */
void pool_close(struct pool *pool);

struct pool_request {
    int64_t progress;    /* how far the database must be where it runs; 0: anywhere */
    int64_t deadline_us; /* monotonic; INT64_MAX: none but the pool's own */
    bool is_urgent;
    uint32_t source;                     /* for whom; 0: the service itself */
    bool is_of_primary;                  /* a replica's answer is not good enough */
    bool (*is_gone)(void *gone_context); /* asked before it runs; NULL: never */
    void *gone_context;
    pool_on_done on_done;
    void *context;
};

/* One statement to run; its parameters are the caller's to add. */
struct pool_job {
    const struct pg_statement *statement;
    struct pg_parameters parameters;
    /* The pool's own. */
    struct pool_job *next;
    struct pool_request request;
    int64_t give_up_us; /* end of its wait */
    int64_t primary_us; /* from then on the primary may have it */
    uint32_t attempts;
};

/* A job of that statement, without parameters yet. */
struct pool_job *pool_job_create(const struct pg_statement *statement);

/* Queues the job; it belongs to the pool from now on. */
void pool_submit(struct pool *pool, struct pool_job *job, const struct pool_request *request);

#endif
