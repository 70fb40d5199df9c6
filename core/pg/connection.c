/* connection.c: makes a connection, notices its loss, makes it anew.
 *
 * libpq does the protocol, the event loop tells when its socket is ready. Callbacks of the owner
 * are called from three places only, all of them event callbacks: the socket's events, the timer,
 * and the kick (an event that is activated by hand when something has to go on from the event
 * loop). The connection owns its requests and libpq's object.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "pg/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE_MIN_US 100000
#define PAUSE_MAX_US 500000
/* Lines about failures in a row, after the first ones: about one a minute. */
#define FAILURES_PER_LINE 120
/* With TLS a record may wait inside OpenSSL while the socket has nothing to read; so look again. */
#define TLS_LOOK_AGAIN_US 10000

static void on_socket(evutil_socket_t fd, short what, void *arg);
static void connection_lose(struct pg_connection *connection, const char *reason);

static struct timeval timeval_of(int64_t us)
{
    return (struct timeval){.tv_sec = us / 1000000, .tv_usec = us % 1000000};
}

static void timer_arm(struct pg_connection *connection, int64_t us)
{
    struct timeval timeout = timeval_of(us);
    CHECK(event_add(connection->timer, &timeout) == 0);
}

static void kick(struct pg_connection *connection)
{
    event_active(connection->kick, EV_TIMEOUT, 0);
}

/* Loses the connection with the reason that libpq gives. Only while connecting: later the text may
 * be about data. */
static void connect_failed(struct pg_connection *connection)
{
    char reason[300];
    const char *text = connection->conn ? PQerrorMessage(connection->conn) : "out of memory";
    snprintf(reason, sizeof reason, "%s", text);
    reason[strcspn(reason, "\n")] = 0;
    connection_lose(connection, reason);
}

/* The socket may be closed, or another one, after any call of PQconnectPoll: events are made for
 * one wait and freed before the next call. */
static void events_free(struct pg_connection *connection)
{
    if (connection->read_event)
        event_free(connection->read_event);
    if (connection->write_event)
        event_free(connection->write_event);
    connection->read_event = NULL;
    connection->write_event = NULL;
}

static void events_make(struct pg_connection *connection, short read_flags, short write_flags)
{
    CHECK(connection->read_event == NULL);
    CHECK(connection->write_event == NULL);
    int fd = PQsocket(connection->conn);
    CHECK(fd >= 0);
    connection->read_event =
        event_new(connection->base, fd, (short)(EV_READ | read_flags), on_socket, connection);
    connection->write_event =
        event_new(connection->base, fd, (short)(EV_WRITE | write_flags), on_socket, connection);
    CHECK(connection->read_event != NULL);
    CHECK(connection->write_event != NULL);
}

void connection_break(struct pg_connection *connection, const char *reason)
{
    if (connection->state == PG_PAUSING || connection->state == PG_BREAKING)
        return;
    connection->state = PG_BREAKING;
    connection->break_reason = reason;
    kick(connection);
}

void connection_watch(struct pg_connection *connection)
{
    if (!connection->read_event || !PQsslInUse(connection->conn))
        return;
    /* The event is persistent: its time-out calls PQconsumeInput again and again. */
    struct timeval look_again = timeval_of(TLS_LOOK_AGAIN_US);
    if (connection->in_flight > 0)
        CHECK(event_add(connection->read_event, &look_again) == 0);
    else
        CHECK(event_remove_timer(connection->read_event) == 0);
}

/* ---- connecting ---- */

/* Whether it is a connection string at all. libpq's text about that is not used, since it may show
 * a password. */
bool pg_is_conninfo(const char *conninfo)
{
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    PQconninfoFree(options);
    return options != NULL;
}

/* Notices may hold data ("skipping row ..."), so they are not logged. */
static void drop_notice(void *arg, const PGresult *result)
{
    (void)arg;
    (void)result;
}

static void on_setup_done(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct pg_connection *connection = context;
    (void)result;
    if (end == PG_LOST)
        return;
    if (end == PG_FAILED) {
        log_error(
            "connection=%s could not set up the session: sqlstate=%s", connection->name, sqlstate);
        connection_break(connection, "the session could not be set up");
        return;
    }
    CHECK(connection->state == PG_SETTING_UP);
    event_del(connection->timer);
    connection->state = PG_READY;
    connection->pause_us = PAUSE_MIN_US;
    if (connection->failures > 0)
        log_info("connection=%s is back after ms=%" PRId64, connection->name,
            (clock_monotonic_us() - connection->lost_us) / 1000);
    connection->failures = 0;
    connection->hosts.rounds = 0;
    log_debug("connection=%s is ready", connection->name);
    connection->handlers->on_ready(connection->context);
}

static void connected(struct pg_connection *connection)
{
    CHECK(PQsetnonblocking(connection->conn, 1) == 0);
    PQsetNoticeReceiver(connection->conn, drop_notice, NULL);
    connection->state = PG_SETTING_UP;
    events_make(connection, EV_PERSIST, 0);
    CHECK(event_add(connection->read_event, NULL) == 0);
    requests_add_setup(connection, on_setup_done);
    requests_send(connection);
}

static void connect_poll(struct pg_connection *connection)
{
    events_free(connection);
    PostgresPollingStatusType status = PQconnectPoll(connection->conn);
    switch (status) {
    case PGRES_POLLING_OK:
        connected(connection);
        return;
    case PGRES_POLLING_READING:
        events_make(connection, 0, 0);
        CHECK(event_add(connection->read_event, NULL) == 0);
        return;
    case PGRES_POLLING_WRITING:
        events_make(connection, 0, 0);
        CHECK(event_add(connection->write_event, NULL) == 0);
        return;
    case PGRES_POLLING_FAILED:
    case PGRES_POLLING_ACTIVE:
        break;
    }
    connect_failed(connection);
}

static void connect_start(struct pg_connection *connection)
{
    CHECK(connection->state == PG_PAUSING);
    CHECK(connection->conn == NULL);
    connection->state = PG_CONNECTING;
    if (!pg_is_conninfo(connection->conninfo)) {
        connection_lose(connection, "the connection string is not valid");
        return;
    }
    connection->conn = hosts_connect(connection);
    if (!connection->conn || PQstatus(connection->conn) == CONNECTION_BAD) {
        connect_failed(connection);
        return;
    }
    timer_arm(connection, hosts_timeout_us(&connection->hosts));
    /* "If you have not yet called PQconnectPoll, behave as if it last returned WRITING." */
    events_make(connection, 0, 0);
    CHECK(event_add(connection->write_event, NULL) == 0);
}

static void connection_lose(struct pg_connection *connection, const char *reason)
{
    CHECK(connection->state != PG_PAUSING);
    bool was_connecting = connection->state == PG_CONNECTING || connection->state == PG_SETTING_UP;
    if (connection->failures++ == 0)
        connection->lost_us = clock_monotonic_us();
    if (connection->failures <= 3 || connection->failures % FAILURES_PER_LINE == 0)
        log_warning("connection=%s lost or not made: %s", connection->name, reason);

    connection->state = PG_PAUSING;
    events_free(connection);
    event_del(connection->timer);
    PQfinish(connection->conn);
    connection->conn = NULL;
    connection->in_flight = 0;
    connection->unsent = NULL;
    connection->is_pipelining = false;
    connection->copy_state = COPY_NONE;
    connection->end_fault_point = NULL;
    connection->prepared_count = 0;

    /* A connection that broke is made to the first host again: it may be over in a moment. */
    bool goes_on = was_connecting || connection->leaves_host;
    if (!goes_on)
        hosts_begin(&connection->hosts);
    connection->leaves_host = false;
    int64_t pause_us = goes_on && hosts_go_on(&connection->hosts) ? 0 : connection->pause_us;
    if (pause_us > 0)
        connection->pause_us = pause_us * 2 < PAUSE_MAX_US ? pause_us * 2 : PAUSE_MAX_US;
    timer_arm(connection, pause_us);

    requests_end_lost(connection, &connection->queue);
    if (connection->handlers->on_lost)
        connection->handlers->on_lost(connection->context);
}

/* ---- events ---- */

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
    struct pg_connection *connection = arg;
    (void)fd;
    (void)what;
    connection->is_in_callback = true;
    if (connection->state == PG_CONNECTING) {
        connect_poll(connection);
    } else if (connection->state == PG_SETTING_UP || connection->state == PG_READY) {
        /* Also when the socket is writable: if both sides only wrote, both would wait for ever. */
        bool is_alive = PQconsumeInput(connection->conn) == 1;
        if (!is_alive)
            events_free(connection); /* libpq may have closed the socket */
        /* What arrived before the end of the connection still counts. */
        requests_receive(connection);
        if (connection->state == PG_SETTING_UP || connection->state == PG_READY) {
            if (is_alive)
                requests_send(connection);
            else
                connection_break(connection, "the server closed the connection");
        }
    }
    connection->is_in_callback = false;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct pg_connection *connection = arg;
    (void)fd;
    (void)what;
    connection->is_in_callback = true;
    if (connection->state == PG_PAUSING)
        connect_start(connection);
    else if (connection->state == PG_CONNECTING || connection->state == PG_SETTING_UP)
        connection_lose(connection, "time-out while connecting");
    connection->is_in_callback = false;
}

static void on_kick(evutil_socket_t fd, short what, void *arg)
{
    struct pg_connection *connection = arg;
    (void)fd;
    (void)what;
    connection->is_in_callback = true;
    if (connection->state == PG_BREAKING)
        connection_lose(connection, connection->break_reason);
    struct request_list orphans = connection->orphans;
    connection->orphans = (struct request_list){0};
    requests_end_lost(connection, &orphans);
    connection->is_in_callback = false;
}

/* ---- public ---- */

static char *copy_string(const char *string)
{
    char *copy = strdup(string);
    CHECK(copy != NULL);
    return copy;
}

struct pg_connection *pg_open(struct event_base *base, const char *conninfo, const char *name,
    const char *setup, const struct pg_handlers *handlers, void *context)
{
    CHECK(base != NULL);
    CHECK(handlers->on_ready != NULL);
    struct pg_connection *connection = calloc(1, sizeof *connection);
    CHECK(connection != NULL);
    connection->base = base;
    connection->conninfo = copy_string(conninfo);
    connection->name = copy_string(name);
    connection->setup = setup ? copy_string(setup) : NULL;
    connection->handlers = handlers;
    connection->context = context;
    connection->state = PG_PAUSING;
    connection->pause_us = PAUSE_MIN_US;
    connection->timer = evtimer_new(base, on_timer, connection);
    connection->kick = event_new(base, -1, 0, on_kick, connection);
    CHECK(connection->timer != NULL);
    CHECK(connection->kick != NULL);
    timer_arm(connection, 0);
    return connection;
}

void pg_close(struct pg_connection *connection)
{
    CHECK(!connection->is_in_callback);
    connection->is_closing = true;
    events_free(connection);
    event_free(connection->timer);
    event_free(connection->kick);
    PQfinish(connection->conn);
    hosts_finish(&connection->hosts);
    requests_end_lost(connection, &connection->queue);
    requests_end_lost(connection, &connection->orphans);
    free(connection->prepared);
    free(connection->conninfo);
    free(connection->name);
    free(connection->setup);
    free(connection);
}

bool pg_is_ready(const struct pg_connection *connection)
{
    return connection->state == PG_READY;
}

int32_t pg_backend_pid(const struct pg_connection *connection)
{
    return connection->conn ? PQbackendPID(connection->conn) : 0;
}

void pg_reset(struct pg_connection *connection)
{
    if (connection->state != PG_PAUSING && connection->state != PG_BREAKING)
        connection->leaves_host = true;
    connection_break(connection, "reset");
}
