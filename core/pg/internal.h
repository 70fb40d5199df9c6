/* internal.h: what the files of pg share; nobody else includes it.
 *
 * connection.c makes, loses and remakes the connection; hosts.c knows the hosts that it may be to;
 * request.c keeps the queue, sends and receives; result.c reads fields.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_PG_INTERNAL_H
#define VSL_PG_INTERNAL_H

#include "pg/pg.h"

#include <event2/event.h>

/* libpq has an old type of this name; ours is the function. */
#define pg_int64 pg_int64_of_libpq
#include <libpq-fe.h>
#undef pg_int64

enum pg_state {
    /* No connection. Waits for the timer, which starts to connect. */
    PG_PAUSING,
    /* Waits for the server; the timer is the deadline. Then PG_SETTING_UP, or lost. */
    PG_CONNECTING,
    /* The setup query is under way; the timer is the deadline. Then PG_READY, or lost. */
    PG_SETTING_UP,
    /* Requests are taken. No timer: whoever asks knows how long a request may take. */
    PG_READY,
    /* Found broken, or pg_reset was called. The kick, already activated, ends it: lost. */
    PG_BREAKING,
};

enum request_kind { REQUEST_QUERY, REQUEST_COPY_IN, REQUEST_COPY_OUT };

struct request {
    struct request *next;
    enum request_kind kind;
    pg_on_result on_done;
    void *context;
    const char *sql;

    /* REQUEST_QUERY */
    const char *statement_name;
    const char *value_bytes[PG_PARAMETERS_MAX]; /* behind the request; NULL: SQL null */
    int value_lengths[PG_PARAMETERS_MAX];
    Oid types[PG_PARAMETERS_MAX];
    int value_count;
    bool sends_prepare;

    /* REQUEST_COPY_IN */
    struct pg_copy copies[PG_COPIES_MAX];
    size_t copy_count;
    size_t copy_index;  /* the copy under way, or the next */
    size_t part_index;  /* its part that goes on */
    size_t part_offset; /* bytes of that part given to libpq */

    /* REQUEST_COPY_OUT */
    void (*on_rows)(void *context, const uint8_t *bytes, size_t length);

    /* What has come back so far. */
    unsigned result_count;
    PGresult *rows; /* the statement's result; NULL: none yet */
    bool failed;
    char sqlstate[6];
};

struct request_list {
    struct request *first;
    struct request *last;
};

/* The first request's COPY: none open; to be fed (waits for the socket); fed (waits for its
 * result); to be drained (waits for rows). */
enum copy_state { COPY_NONE, COPY_IN_FEEDS, COPY_IN_ENDED, COPY_OUT };

/* The hosts of a connection string, tried in turn. */
struct hosts {
    PQconninfoOption *options; /* what counts for the connection; NULL: not known yet */
    size_t count;              /* 0: not known yet */
    size_t next;               /* the one whose turn it is; beyond `count` in a second pass */
    unsigned rounds;           /* in which none let us in */
    bool prefers_standby;      /* in a first pass only standbys count */
};

struct pg_connection {
    struct event_base *base;
    const struct pg_handlers *handlers;
    void *context;
    char *conninfo;
    char *name;
    char *setup; /* NULL: none */
    struct hosts hosts;

    enum pg_state state;
    PGconn *conn;              /* NULL while PG_PAUSING */
    struct event *read_event;  /* NULL without a socket */
    struct event *write_event; /* NULL without a socket */
    struct event *timer;
    struct event *kick;       /* activated to go on from the event loop */
    int64_t pause_us;         /* the next pause before connecting */
    unsigned failures;        /* in a row */
    int64_t lost_us;          /* when the first of them was, monotonic */
    const char *break_reason; /* set with PG_BREAKING */
    bool leaves_host;         /* set with PG_BREAKING: another host is to be tried first */
    bool is_in_callback;
    bool is_closing;

    struct request_list queue;   /* sent ones first */
    struct request *unsent;      /* in the queue: the first that is not sent */
    size_t in_flight;            /* sent ones */
    struct request_list orphans; /* given while not ready; the kick ends them */
    bool is_pipelining;
    enum copy_state copy_state;           /* of the first request */
    const char *end_fault_point;          /* visited when everything is flushed */
    const char **prepared;                /* statement names of this connection */
    size_t prepared_count, prepared_room; /* entries */
};

struct pg_result {
    const PGresult *rows;
};

/* Starts to connect to the host whose turn it is; NULL: no memory. The connection string must be a
 * valid one. */
PGconn *hosts_connect(struct pg_connection *connection);

/* How long the host that is being tried may take until the session is set up. */
int64_t hosts_timeout_us(const struct hosts *hosts);

/* It is the next host's turn; false when all have been tried. */
bool hosts_go_on(struct hosts *hosts);

/* It is the first host's turn. */
void hosts_begin(struct hosts *hosts);
void hosts_finish(struct hosts *hosts);

/* Finds the connection broken; the loss itself is done from the event loop. `reason` is a literal.
 */
void connection_break(struct pg_connection *connection, const char *reason);

/* Sees to it that what TLS holds back is looked at while requests are under way. */
void connection_watch(struct pg_connection *connection);

/* Sends what can be sent and flushes; calls nobody back. */
void requests_send(struct pg_connection *connection);

/* Takes the results that have come and ends requests. */
void requests_receive(struct pg_connection *connection);

/* Flushes; asks for a write event when the socket is full. */
void requests_flush(struct pg_connection *connection);

/* Ends all requests of the list with PG_LOST; requests given meanwhile do not go into it. */
void requests_end_lost(struct pg_connection *connection, struct request_list *list);

/* Queues the setup query; its end is told to on_done. */
void requests_add_setup(struct pg_connection *connection, pg_on_result on_done);

#endif
