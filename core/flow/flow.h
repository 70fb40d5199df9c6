/* flow.h: the order of a turn: what happens before what, and the queues between the modules.
 *
 * Callbacks of the edges (wire, store, query) only queue and ask for a turn; flow_turn decides. It
 * is the only place that knows all modules of the path.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_FLOW_FLOW_H
#define VSL_FLOW_FLOW_H

#include "base/must_use.h"
#include "query/query.h"
#include "store/store.h"
#include "wire/wire.h"

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct sealer;
struct flow;

enum flow_end {
    FLOW_STOPPED = 0, /* asked to; everything answered is durable */
    FLOW_FAILED = 1,  /* could not start, or memory and database disagree */
    FLOW_WRONG_SETTINGS = 2,
    FLOW_UNUSABLE = 3, /* the database must not be used */
    /* Not the end of the process: flow is to be closed and opened anew. */
    FLOW_FENCED,     /* another server has taken over */
    FLOW_LOADS_ANEW, /* what was loaded is of no use */
};

struct flow_config {
    struct wire_config wire; /* methods, handlers and context are filled in by flow */
    struct store_config store;
    struct query_config query;
    /* While a start would have more commands to redo, new ones wait for the state tables. */
    int64_t redo_commands_max;
    /* Without an answer of the database for so long reads and commands are refused. */
    int64_t database_timeout_us;
    /* Beyond it nothing is decided: the server's clock from the database's, in both directions, and
     * recorded time ahead of the database's. */
    int64_t clock_difference_max_us;
    int64_t clock_recorded_ahead_max_us;
    int64_t clock_recorded_behind_max_us;
    /* Who calls must have a record, by the name of his client certificate; else the server is run
     * open. */
    bool has_callers;
    /* The name that is an administrator's until there is one; NULL: none. */
    const char *first_administrator;
    /* Asks the event loop to call flow_turn soon, once, after the events of now. */
    void (*wake)(void *context);
    /* The same in so long, at the latest. */
    void (*wake_in)(void *context, int64_t us);
    /* The service has ended; leave the event loop with this status. */
    void (*on_end)(void *context, enum flow_end end);
    void *context;
};

/* Opens the listening sockets, connects to the database and loads; calls are answered UNAVAILABLE
 * until everything is there. NULL on a fault, with a sentence; errno is EINVAL when the settings
 * are wrong, so that to try again is of no use. */
struct flow *flow_open(
    struct event_base *base, const struct flow_config *config, char *ret_error, size_t error_bytes);

/* One turn. Called after flow_config.wake, and at least ten times a second. Returns whether it
 * ended because it had done enough, and there is more: then it is to be called again once the event
 * loop has looked at its sockets. */
bool flow_turn(struct flow *flow);

/* Graceful stop: clients are sent away, what is under way finishes, then on_end. */
void flow_stop(struct flow *flow);

/* What seals and opens personal values from now on; NULL: nothing does. The caller keeps it. */
void flow_set_sealer(struct flow *flow, struct sealer *sealer);

/* Compares keys with those that the database has noted under their numbers; see store_note_keys. */
bool flow_note_keys(struct flow *flow, const struct proof_check *checks, size_t check_count,
    void (*on_done)(void *context, int32_t wrong_number), void *context);

/* Reads the files of [tls] for the handshakes to come, see wire_server_reload_tls. */
MUST_USE int flow_reload_tls(
    struct flow *flow, const struct wire_tls_files *files, char *ret_error, size_t error_bytes);

void flow_close(struct flow *flow);

#endif
