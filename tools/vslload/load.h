/* load.h: what the parts of vslload share.
 *
 *   main.c      options, the order of a run
 *   driver.c    requests in flight: sends, measures, sends again until answered
 *   workload.c  what is sent: opening members and accounts, funding them, paying
 *   mixed.c     what is sent: all that a marketplace does with money
 *   serial.c    the serials of request keys
 *   verify.c    what is believed compared with what the server and the database say
 *   report.c    progress and the last figures
 *   histogram.c latencies
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLLOAD_LOAD_H
#define VSL_TOOLS_VSLLOAD_LOAD_H

#include "client/batch.h"
#include "client/client.h"
#include "client/rpc.h"
#include "client/terminal.h"
#include "vslload/histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOAD_CHANNEL "vslload"
#define LOAD_ACCOUNTS_MAX 10000000
#define LOAD_CLIENTS_MAX 1000
#define LOAD_IN_FLIGHT_MAX 10000

struct load_options {
    struct client_config client;
    uint32_t clients;   /* connections */
    uint32_t in_flight; /* requests under way on each */
    uint32_t batch;     /* payments per request */
    bool is_unary;
    bool is_mixed;
    double rate; /* payments per second over all; 0: closed loop */
    uint32_t accounts;
    double hot_share;
    bool has_limits;     /* an account policy counts what is paid */
    double claims_share; /* of the accounts, evenly spread, each claimed for 0.01 */
    double seconds;
    double warm_up_seconds;
    double give_up_seconds; /* a request not answered for so long is unknown */
    uint64_t seed;
    bool is_json;
    bool is_quiet;
    const char *database; /* libpq connection string; NULL: not compared */
};

/* ---- random numbers that a seed brings back: splitmix64 (Steele, Lea, Flood 2014) ---- */

struct random {
    uint64_t state;
};

static inline uint64_t random_next(struct random *random)
{
    uint64_t value = random->state += 0x9e3779b97f4a7c15u;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

/* 0 .. bound-1, without a bias that matters for bounds below 2^32. */
static inline uint32_t random_below(struct random *random, uint32_t bound)
{
    return (uint32_t)(((random_next(random) >> 32) * bound) >> 32);
}

/* ---- driver ---- */

struct driver;
struct operation;

/* One payment as believed: indexes into the accounts of the run. */
struct payment {
    uint32_t payer;
    uint32_t payee;
    int64_t amount_minor;
};

/* A request: it is sent, and sent again with the same bytes, until it is answered. */
struct slot {
    struct driver *driver;
    struct client *client;
    struct event *retry_timer;
    struct slot *next_free;
    struct buffer request;
    uint32_t count;      /* commands in it */
    uint64_t first;      /* number of its first command, see struct work */
    int64_t intended_us; /* when it was to be sent: latency counts from here */
    int64_t first_sent_us;
    uint32_t attempt;
    bool was_sent; /* an earlier attempt may have reached the server */
    struct payment *payments;
    struct operation *operations; /* of mixed work; NULL else */
};

enum load_end { LOAD_ACCEPTED, LOAD_REFUSED, LOAD_FAILED, LOAD_UNKNOWN };

/* What is to be sent. */
struct work {
    void *context;
    /* Packs the next request into the slot; returns its commands, 0 when there is nothing more. */
    uint32_t (*fill)(void *context, struct slot *slot);
    /* The answer to the index-th command of the slot; `result` and `item` are NULL unless it was
     * accepted or refused, `item` also for unary calls. */
    void (*take)(void *context, struct slot *slot, uint32_t index, enum load_end end,
        const Vsl__V1__CommandResult *result, const Vsl__V1__BatchItemResult *item);
    /* Now and then, for progress; may be NULL. */
    void (*on_tick)(void *context);
    bool is_unary;  /* one Pay call per command */
    double rate;    /* commands per second; 0: as fast as answers come */
    uint32_t batch; /* commands of a request, for the rate */
};

struct load_counts {
    uint64_t sent; /* = accepted + refused + failed + unknown, once all has ended */
    uint64_t accepted;
    uint64_t refused;
    uint64_t failed;
    uint64_t unknown;
    uint64_t requests;
    uint64_t resent;     /* requests sent again after an answer that said nothing */
    uint64_t overloaded; /* of these: the server said that it has too much to do */
    uint64_t replayed;   /* commands whose answer was the first one again */
};

/* What is measured between two instants. */
struct measure {
    int64_t from_us; /* monotonic; 0: nothing is measured */
    int64_t to_us;
    uint64_t answered;        /* accepted commands whose answer came in that time */
    struct histogram latency; /* of requests, weighted by commands */
};

struct driver *driver_create(struct event_base *base, const struct load_options *options,
    char *ret_error, size_t error_bytes);
void driver_destroy(struct driver *driver);

/* Works until everything that `work` gave is answered or given up. */
void driver_run(struct driver *driver, const struct work *work);

/* All that was sent since the last reset. */
struct load_counts *driver_counts(struct driver *driver);
struct measure *driver_measure(struct driver *driver);
/* The first fault that ended a request for good; "" when there was none. */
const char *driver_first_fault(const struct driver *driver);

/* ---- workload ---- */

struct load {
    const struct load_options *options;
    struct driver *driver;
    struct rpc *rpc;
    struct batch batch;
    struct random random;
    struct progress progress;
    char run_id[16]; /* in every serial, so that runs never meet */
    int64_t ledger_id;
    int32_t business_date; /* YYYYMMDD */
    int64_t *member_ids;
    int64_t *account_ids;
    int64_t *balances_minor; /* available, as believed */
    int64_t *frozen_minor;
    int64_t *pending_out_minor;
    int64_t funded_minor;
    int64_t turnover_minor;
    uint64_t next;      /* number of the next command of this phase */
    uint64_t done;      /* commands of this phase that were accepted */
    int64_t started_us; /* of this phase */
    int64_t stop_us;    /* no payment is begun from here on */
    double setup_seconds;
    const char *phase;
    struct load_counts payments; /* of the payment phase */
};

/* Opens a ledger, members and accounts and funds them. -1 with a message on standard error. */
int workload_set_up(struct load *load);

/* Pays for the warm-up and the measured time. */
void workload_pay(struct load *load);

/* ---- verify ---- */

struct verify_result {
    uint64_t accounts;           /* compared */
    uint64_t server_differences; /* accounts whose balance is another at the server */
    bool is_balanced;            /* the ledger's tie-out, and its sum is what was funded */
    bool has_database;
    uint64_t database_differences; /* accounts whose postings add up to something else */
    int64_t database_accepted;     /* payments in the journal */
    int64_t database_refused;
    bool is_right; /* everything agrees */
};

/* -1 when the server or the database could not be asked. */
int verify_run(struct load *load, struct verify_result *ret_result);

/* ---- report ---- */

void report_progress(struct load *load, const char *what, uint64_t done, uint64_t total);
void report_final(struct load *load, const struct verify_result *verify);

#endif
