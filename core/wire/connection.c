/* connection.c: sockets, TLS, writing, and how a connection ends.
 *
 * A connection never dies inside one of its callbacks: it is marked dead and freed in the turn, so
 * that neither nghttp2 nor libevent returns into freed memory. All writing happens in the turn too:
 * however many answers one turn gives, each connection is written once.
 * A bufferevent carries the bytes; over plaintext the hot path goes past it in both directions (it
 * reads 4 KiB at a time, and writes only after another round of epoll), whenever it holds nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/connection.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "wire/handshakes.h"
#include "wire/revocations.h"
#include "wire/session.h"
#include "wire/tls.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A connection gives way to others after reading so much in one go. */
#define READ_BYTES_PER_TURN (512 * 1024)
/* libevent reads at most this much at once; less means that the socket is empty. */
#define LIBEVENT_READ_BYTES 4096
/* How long the peer may take to close after we have said all. */
#define LINGER_US (INT64_C(1) * 1000000)
/* A connection that has not come to its SETTINGS after so long gives way when places are short. */
#define SILENT_US (INT64_C(1) * 1000000)
/* How long calls that are open when the client's certificate expires, or its caller is suspended,
 * may take to finish. */
#define OVER_GRACE_US (INT64_C(3) * 1000000)
/* What the connections of a source send is worked on so long before others are read again. */
#define READ_US_PER_ROUND 2000

enum connection_state {
    /* TLS only: waits for the end of the handshake. CONNECTION_OPEN or CONNECTION_DEAD follow. The
     * session's settings timer runs. */
    CONNECTION_HANDSHAKE,
    /* Carries HTTP/2. CONNECTION_CLOSING follows when both sides have said all, CONNECTION_DEAD on
     * a fault. The session's timers and the write stall timer run. */
    CONNECTION_OPEN,
    /* Waits for the last output to be written; input is thrown away. CONNECTION_LINGERING follows.
     * The write stall timer runs. */
    CONNECTION_CLOSING,
    /* Our side is shut; waits for the peer's end, because closing with unread input would make the
     * kernel throw away what the peer has not read yet. CONNECTION_DEAD follows, after LINGER_US.
     */
    CONNECTION_LINGERING,
    /* Waits for the turn to free it. No timer. */
    CONNECTION_DEAD,
};

struct connection {
    struct wire_server *server;
    struct source *source;
    struct bufferevent *bev;
    struct session *session;
    SSL *ssl; /* owned by bev; NULL: plaintext */
    int fd;   /* owned by bev, but while the handshake waits */
    struct handshake handshake;
    int64_t certificate_end_us; /* wall clock: until when the client's certificate is good */
    enum connection_state state;
    bool is_queued; /* in server->to_flush */
    bool is_silent; /* in server->silent */
    bool is_named;  /* counted among those of the session's source, a name */
    bool has_more;  /* in server->to_read */
    int64_t opened_us;
    uint64_t given;      /* bytes given to the bufferevent */
    uint64_t taken;      /* of those, taken by the socket at the last look */
    int64_t progress_us; /* when `taken` last grew, or there was nothing to take */
    int64_t linger_us;
    int64_t over_us; /* when its client was told that it is over; 0: it is not */
    TAILQ_ENTRY(connection) link;
    TAILQ_ENTRY(connection) flush_link;
    TAILQ_ENTRY(connection) silent_link;
    TAILQ_ENTRY(connection) read_link;
};

static void set_state(struct connection *connection, enum connection_state state)
{
    static const uint32_t before[] = {
        [CONNECTION_HANDSHAKE] = 0,
        [CONNECTION_OPEN] = 1u << CONNECTION_HANDSHAKE,
        [CONNECTION_CLOSING] = 1u << CONNECTION_OPEN,
        [CONNECTION_LINGERING] = 1u << CONNECTION_CLOSING,
        [CONNECTION_DEAD] = 1u << CONNECTION_HANDSHAKE | 1u << CONNECTION_OPEN |
                            1u << CONNECTION_CLOSING | 1u << CONNECTION_LINGERING,
    };
    CHECK(before[state] & 1u << connection->state);
    connection->state = state;
}

static void queue_flush(struct connection *connection)
{
    if (connection->is_queued)
        return;
    connection->is_queued = true;
    TAILQ_INSERT_TAIL(&connection->server->to_flush, connection, flush_link);
    server_wake(connection->server);
}

static void on_session_output(void *context)
{
    queue_flush(context);
}

static void kill_connection(struct connection *connection)
{
    if (connection->state == CONNECTION_DEAD)
        return;
    set_state(connection, CONNECTION_DEAD);
    bufferevent_disable(connection->bev, EV_READ | EV_WRITE);
    queue_flush(connection);
}

static void destroy(struct connection *connection)
{
    struct wire_server *server = connection->server;

    if (connection->is_named)
        admission_leave_named(connection->session->source);
    session_destroy(connection->session);
    if (connection->is_silent)
        TAILQ_REMOVE(&server->silent, connection, silent_link);
    if (connection->has_more)
        TAILQ_REMOVE(&server->to_read, connection, read_link);
    if (connection->is_queued)
        TAILQ_REMOVE(&server->to_flush, connection, flush_link);
    if (connection->ssl)
        tls_say_goodbye(connection->ssl);
    bufferevent_free(connection->bev);
    if (connection->handshake.is_waiting)
        close(connection->fd);
    handshakes_leave(&server->handshakes, &connection->handshake);
    TAILQ_REMOVE(&server->connections, connection, link);
    server->counters.connections_open--;
    admission_leave(&server->admission, connection->source);
    free(connection);
}

/* ---- reading ---- */

/* The connection is one that speaks. */
static void end_silence(struct connection *connection)
{
    if (connection->is_silent)
        TAILQ_REMOVE(&connection->server->silent, connection, silent_link);
    connection->is_silent = false;
}

static void feed(struct connection *connection, const uint8_t *bytes, size_t length)
{
    struct source *source = connection->session->source;
    if (session_receive(connection->session, bytes, length) < 0)
        kill_connection(connection);
    if (connection->is_silent && connection->session->has_settings)
        end_silence(connection);
    /* session_receive has looked at the clock when it began. */
    source->spent_us += clock_monotonic_us() - connection->session->received_us;
}

/* Whether the source has had its part of this round: unpacking what one client sends must not keep
 * the others from being read. */
static bool has_had_its_part(const struct connection *connection)
{
    struct source *source = connection->session->source;
    if (source->round != connection->server->round) {
        source->round = connection->server->round;
        source->spent_us = 0;
    }
    return source->spent_us >= READ_US_PER_ROUND;
}

static bool may_read(const struct connection *connection)
{
    return connection->state == CONNECTION_OPEN && !connection->server->is_paused &&
           !has_had_its_part(connection);
}

/* Leaves what is there for the next round. */
static void read_later(struct connection *connection)
{
    if (connection->has_more)
        return;
    connection->has_more = true;
    bufferevent_disable(connection->bev, EV_READ);
    TAILQ_INSERT_TAIL(&connection->server->to_read, connection, read_link);
    server_read_on(connection->server);
}

/* Reads past the bufferevent what the socket still has. An end or an error of the socket is left
 * for the bufferevent to find. */
static void read_directly(struct connection *connection)
{
    size_t total = 0;
    while (may_read(connection) && total < READ_BYTES_PER_TURN) {
        ssize_t length =
            recv(connection->fd, connection->server->scratch, SCRATCH_BYTES, MSG_DONTWAIT);
        if (length <= 0)
            return;
        total += (size_t)length;
        feed(connection, connection->server->scratch, (size_t)length);
        if (length < SCRATCH_BYTES)
            return;
    }
}

static void on_readable(struct bufferevent *bev, void *context)
{
    struct connection *connection = context;
    struct evbuffer *input = bufferevent_get_input(bev);
    size_t total = 0;

    while (may_read(connection)) {
        struct evbuffer_iovec slice;
        if (evbuffer_peek(input, -1, NULL, &slice, 1) < 1 || slice.iov_len == 0)
            break;
        size_t length = slice.iov_len;
        feed(connection, slice.iov_base, length);
        evbuffer_drain(input, length);
        total += length;
    }
    if (connection->state != CONNECTION_OPEN && connection->state != CONNECTION_HANDSHAKE) {
        evbuffer_drain(input, evbuffer_get_length(input));
        return;
    }
    if (!connection->ssl && total >= LIBEVENT_READ_BYTES && evbuffer_get_length(input) == 0)
        read_directly(connection);
    if (connection->state == CONNECTION_OPEN && !connection->server->is_paused &&
        has_had_its_part(connection))
        read_later(connection);
}

void connection_read_all(struct wire_server *server)
{
    struct connection *connection;
    struct connection *last = TAILQ_LAST(&server->to_read, connection_list);
    bool is_last = last == NULL;
    /* Those that have more again come behind the last. */
    while (!is_last && !server->is_paused && (connection = TAILQ_FIRST(&server->to_read)) != NULL) {
        is_last = connection == last;
        TAILQ_REMOVE(&server->to_read, connection, read_link);
        connection->has_more = false;
        if (connection->state != CONNECTION_OPEN)
            continue;
        bufferevent_enable(connection->bev, EV_READ);
        on_readable(connection->bev, connection);
    }
}

/* Who has a name has one share, from wherever it comes; false: of connections he has it already. */
static bool enter_by_name(struct connection *connection)
{
    struct wire_server *server = connection->server;
    struct source *named = admission_named(&server->admission, connection->session->peer->name);
    session_set_source(connection->session, named);
    connection->is_named = admission_enter_named(
        &server->admission, &server->config, named, connection->source, clock_monotonic_us());
    return connection->is_named;
}

static void on_event(struct bufferevent *bev, short what, void *context)
{
    struct connection *connection = context;

    if (!(what & BEV_EVENT_CONNECTED)) {
        const char *why = NULL;
        /* One that only looks whether somebody listens has not failed. */
        if (connection->state == CONNECTION_HANDSHAKE && (what & BEV_EVENT_ERROR))
            why = tls_failure(connection->ssl, bufferevent_get_openssl_error(bev));
        if (why)
            handshakes_fail(&connection->server->handshakes, why);
        kill_connection(connection);
        return;
    }
    if (connection->state != CONNECTION_HANDSHAKE)
        return;
    /* A client without ALPN never came by select_alpn. */
    if (!tls_is_h2(connection->ssl)) {
        handshakes_fail(&connection->server->handshakes, "no HTTP/2 (ALPN h2) is asked for");
        kill_connection(connection);
        return;
    }
    const char *reason;
    if (tls_peer(connection->ssl, &connection->session->peer, &reason) < 0) {
        /* Not the name itself: who made it chose it. */
        log_warning("refused a client's certificate reason=\"%s\"", reason);
        kill_connection(connection);
        return;
    }
    /* It may have begun before the files were read again. */
    if (SSL_get_SSL_CTX(connection->ssl) != connection->server->tls &&
        revocations_name(connection->server->tls, connection->ssl)) {
        handshakes_fail(&connection->server->handshakes, "certificate revoked");
        kill_connection(connection);
        return;
    }
    connection->certificate_end_us = tls_peer_end_us(connection->ssl);
    if (connection->session->peer && !enter_by_name(connection)) {
        connection->server->counters.connections_refused++;
        kill_connection(connection);
        return;
    }
    set_state(connection, CONNECTION_OPEN);
    queue_flush(connection);
}

/* ---- writing ---- */

static void start_lingering(struct connection *connection)
{
    set_state(connection, CONNECTION_LINGERING);
    connection->linger_us = clock_monotonic_us();
    if (connection->ssl)
        tls_say_goodbye(connection->ssl);
    shutdown(connection->fd, SHUT_WR);
    bufferevent_enable(connection->bev, EV_READ);
}

static void start_closing(struct connection *connection)
{
    set_state(connection, CONNECTION_CLOSING);
    bufferevent_setwatermark(connection->bev, EV_WRITE, 0, 0);
    if (evbuffer_get_length(bufferevent_get_output(connection->bev)) == 0)
        start_lingering(connection);
}

/* Writes to the socket, or leaves to the bufferevent what it does not take. */
static void write_bytes(struct connection *connection, const uint8_t *bytes, size_t length)
{
    struct evbuffer *output = bufferevent_get_output(connection->bev);

    connection->server->counters.bytes_sent += length;
    if (!connection->ssl && evbuffer_get_length(output) == 0) {
        ssize_t sent = send(connection->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
            kill_connection(connection);
            return;
        }
        if (sent > 0) {
            bytes += sent;
            length -= (size_t)sent;
        }
    }
    if (length == 0)
        return;
    int rc = evbuffer_add(output, bytes, length);
    CHECK(rc == 0);
    connection->given += length;
}

static void flush(struct connection *connection)
{
    struct evbuffer *output = bufferevent_get_output(connection->bev);
    uint8_t *scratch = connection->server->scratch;

    while (
        connection->state == CONNECTION_OPEN && evbuffer_get_length(output) < OUTPUT_BYTES_HIGH) {
        ssize_t length = session_fill(connection->session, scratch, SCRATCH_BYTES);
        if (length < 0) {
            kill_connection(connection);
            return;
        }
        if (length == 0)
            break;
        write_bytes(connection, scratch, (size_t)length);
    }
    if (connection->state == CONNECTION_OPEN && session_is_finished(connection->session))
        start_closing(connection);
}

static void on_writable(struct bufferevent *bev, void *context)
{
    struct connection *connection = context;
    if (connection->state == CONNECTION_OPEN)
        queue_flush(connection);
    else if (connection->state == CONNECTION_CLOSING &&
             evbuffer_get_length(bufferevent_get_output(bev)) == 0)
        start_lingering(connection);
}

void connection_flush_all(struct wire_server *server)
{
    struct connection *connection;
    while ((connection = TAILQ_FIRST(&server->to_flush)) != NULL) {
        TAILQ_REMOVE(&server->to_flush, connection, flush_link);
        connection->is_queued = false;
        if (connection->state == CONNECTION_DEAD)
            destroy(connection);
        else
            flush(connection);
    }
}

/* ---- life ---- */

/* A Unix socket speaks plaintext: who may come in is said by the rights of its file. */
static struct bufferevent *open_bufferevent(
    struct wire_server *server, int fd, bool is_unix, SSL **ret_ssl)
{
    int options = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;
    if (!server->tls || is_unix)
        return bufferevent_socket_new(server->base, fd, options);
    SSL *ssl = SSL_new(server->tls);
    if (!ssl)
        return NULL;
    /* It gets its descriptor when the handshake may begin. */
    struct bufferevent *bev =
        bufferevent_openssl_socket_new(server->base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, options);
    if (!bev) {
        SSL_free(ssl);
        return NULL;
    }
    bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
    *ret_ssl = ssl;
    return bev;
}

static void begin_handshake(struct connection *connection, int64_t now_us)
{
    connection->opened_us = now_us;
    connection->session->started_us = now_us;
    int rc = bufferevent_setfd(connection->bev, connection->fd);
    CHECK(rc == 0);
}

void connection_begin_handshakes(struct wire_server *server, int64_t now_us)
{
    struct handshake *handshake;
    while ((handshake = handshakes_next(&server->handshakes, now_us)) != NULL) {
        void *at = (char *)handshake - offsetof(struct connection, handshake);
        begin_handshake(at, now_us);
    }
}

/* Who is at the other end of a Unix socket, the kernel says. */
static struct peer *unix_peer(const struct source *source)
{
    char name[sizeof UNIX_USER_PREFIX + 16];
    uid_t user;
    memcpy(&user, source->address, sizeof user);
    snprintf(name, sizeof name, UNIX_USER_PREFIX "%u", user);
    return peer_create(name);
}

/* A machine that vanished says nothing: the kernel asks it when it is silent, and gives up when
 * what was sent is not acknowledged, so that its place is free again in ten seconds. A quiet client
 * has a kernel that answers. One that reads nothing for so long, with its window full, goes, too.
 */
static void watch_over_peer(int fd)
{
    static const struct {
        int level, option, value;
    } options[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, 3},
        {IPPROTO_TCP, TCP_KEEPINTVL, 2},
        {IPPROTO_TCP, TCP_KEEPCNT, 3},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, 9000}, /* milliseconds */
        {IPPROTO_TCP, TCP_NODELAY, 1},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        (void)setsockopt(
            fd, options[i].level, options[i].option, &options[i].value, sizeof options[i].value);
}

int connection_open(struct wire_server *server, int fd, struct source *source)
{
    SSL *ssl = NULL;

    bool is_unix = source->family == AF_UNIX;
    if (!is_unix)
        watch_over_peer(fd);
    struct bufferevent *bev = open_bufferevent(server, fd, is_unix, &ssl);
    if (!bev) {
        close(fd);
        return -1;
    }
    struct connection *connection = calloc(1, sizeof *connection);
    CHECK(connection != NULL);
    connection->server = server;
    connection->source = source;
    connection->bev = bev;
    connection->ssl = ssl;
    connection->fd = fd;
    connection->state = ssl ? CONNECTION_HANDSHAKE : CONNECTION_OPEN;
    connection->progress_us = clock_monotonic_us();
    TAILQ_INSERT_TAIL(&server->connections, connection, link);
    server->counters.connections_open++;
    server->counters.connections_accepted++;
    bufferevent_setcb(bev, on_readable, on_writable, on_event, connection);
    bufferevent_setwatermark(bev, EV_WRITE, OUTPUT_BYTES_LOW, 0);
    connection->session = session_create(server, on_session_output, connection);
    session_set_source(connection->session, source_retain(source));
    connection->opened_us = connection->progress_us;
    connection->is_silent = true;
    TAILQ_INSERT_TAIL(&server->silent, connection, silent_link);
    if (is_unix)
        connection->session->peer = unix_peer(source);
    bufferevent_enable(bev, server->is_paused ? EV_WRITE : EV_READ | EV_WRITE);
    if (!ssl)
        queue_flush(connection);
    else if (handshakes_come(
                 &server->handshakes, &connection->handshake, source, connection->opened_us))
        begin_handshake(connection, connection->opened_us);
    else
        server_begin_handshakes(server);
    return 0;
}

void connection_make_way(
    struct wire_server *server, const struct source *peer, bool is_unix, int64_t now_us)
{
    struct connection *connection;
    TAILQ_FOREACH(connection, &server->silent, silent_link)
    {
        if (now_us - connection->opened_us < SILENT_US)
            return;
        bool is_fit =
            peer ? connection->source == peer : (connection->source->family == AF_UNIX) == is_unix;
        if (!is_fit)
            continue;
        admission_gave_way(&server->admission, &server->config, connection->source, now_us);
        destroy(connection);
        return;
    }
}

/* Returns whether output waits although the socket took nothing for too long. */
static bool is_stalled(struct connection *connection, int64_t now_us)
{
    size_t waiting = evbuffer_get_length(bufferevent_get_output(connection->bev));
    uint64_t taken = connection->given - waiting;
    if (waiting == 0 || taken != connection->taken) {
        connection->taken = taken;
        connection->progress_us = now_us;
        return false;
    }
    return now_us - connection->progress_us > connection->server->config.stall_timeout_us;
}

/* Why no more calls of the client are taken here; NULL: they are. */
static const char *find_end(struct connection *connection, int64_t now_us)
{
    struct wire_server *server = connection->server;
    const struct peer *peer = connection->session->peer;
    if (connection->certificate_end_us != 0 && clock_wall_us() > connection->certificate_end_us) {
        log_warning("end a connection: the client's certificate has expired");
        return "certificate_expired";
    }
    if (peer && server->config.handlers.keeps &&
        !server->config.handlers.keeps(server->config.context, peer->name)) {
        admission_sent_away(&server->admission, &server->config, connection->source, now_us);
        return "caller_suspended";
    }
    return NULL;
}

/* Calls of a client whose certificate or caller is over may finish, new ones are for another
 * connection. Returns whether even that has taken too long. */
static bool is_over(struct connection *connection, int64_t now_us)
{
    if (connection->over_us == 0) {
        const char *reason = find_end(connection, now_us);
        if (!reason)
            return false;
        connection->over_us = now_us;
        session_stop(connection->session, reason);
    }
    return now_us - connection->over_us > OVER_GRACE_US;
}

static void tick(struct connection *connection, int64_t now_us)
{
    bool must_die = is_stalled(connection, now_us);

    switch (connection->state) {
    case CONNECTION_HANDSHAKE:
        if (connection->handshake.is_waiting)
            break;
        must_die = must_die || session_tick(connection->session, now_us) < 0;
        break;
    case CONNECTION_OPEN:
        must_die = must_die || session_tick(connection->session, now_us) < 0 ||
                   is_over(connection, now_us);
        break;
    case CONNECTION_LINGERING:
        must_die = must_die || now_us - connection->linger_us > LINGER_US;
        break;
    case CONNECTION_CLOSING:
    case CONNECTION_DEAD:
        break;
    }
    if (must_die)
        kill_connection(connection);
}

void connection_tick_all(struct wire_server *server, int64_t now_us)
{
    struct connection *connection;
    TAILQ_FOREACH(connection, &server->connections, link)
    tick(connection, now_us);
}

void connection_pause_all(struct wire_server *server, bool paused, int64_t now_us)
{
    struct connection *connection;
    TAILQ_FOREACH(connection, &server->connections, link)
    {
        if (connection->state != CONNECTION_HANDSHAKE && connection->state != CONNECTION_OPEN)
            continue;
        if (paused) {
            bufferevent_disable(connection->bev, EV_READ);
            continue;
        }
        session_on_resume(connection->session, now_us);
        bufferevent_enable(connection->bev, EV_READ);
        if (connection->has_more) {
            bufferevent_disable(connection->bev, EV_READ);
            server_read_on(server);
            continue;
        }
        /* What had been read before the pause raises no event of its own. */
        if (evbuffer_get_length(bufferevent_get_input(connection->bev)) > 0)
            bufferevent_trigger(connection->bev, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
    }
}

void connection_announce_stop_all(struct wire_server *server)
{
    struct connection *connection;
    TAILQ_FOREACH(connection, &server->connections, link)
    {
        if (connection->state == CONNECTION_OPEN)
            session_announce_stop(connection->session);
        else if (connection->state == CONNECTION_HANDSHAKE)
            kill_connection(connection);
    }
}

void connection_stop_all(struct wire_server *server)
{
    struct connection *connection;
    TAILQ_FOREACH(connection, &server->connections, link)
    {
        if (connection->state == CONNECTION_OPEN)
            session_stop(connection->session, "stopping");
    }
}

/* Whoever has the key of a revoked certificate is not its owner perhaps: nothing is waited for. */
void connection_cut_revoked(struct wire_server *server)
{
    struct connection *connection;
    uint32_t count = 0;
    TAILQ_FOREACH(connection, &server->connections, link)
    {
        if (!connection->ssl || !revocations_name(server->tls, connection->ssl))
            continue;
        kill_connection(connection);
        count++;
    }
    if (count > 0)
        log_warning("cut connections of revoked client certificates count=%" PRIu32, count);
}

void connection_close_all(struct wire_server *server)
{
    struct connection *connection;
    while ((connection = TAILQ_FIRST(&server->connections)) != NULL)
        destroy(connection);
}
