/* server.h: what the parts of wire share: the server, its method table and its limits.
 *
 * Private to wire. The order of ownership: a server owns its connections, a connection its session,
 * a session its calls; a call that its handler still holds outlives all three.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_SERVER_H
#define VSL_WIRE_SERVER_H

#include "base/buffer.h"
#include "base/hash.h"
#include "base/map.h"
#include "wire/admission.h"
#include "wire/handshakes.h"
#include "wire/revocations.h"
#include "wire/wire.h"

#include <event2/event.h>
#include <event2/listener.h>
#include <nghttp2/nghttp2.h>
#include <sys/queue.h>

struct connection;
struct gzip;
struct sockaddr;
struct ssl_ctx_st;

/* Largest message a client may send; a message of exactly this size passes. gRPC's usual default.
 */
#define MESSAGE_BYTES_MAX 4194304
/* Largest request to health and reflection: names and file names. */
#define INTERNAL_MESSAGE_BYTES_MAX 16384
/* Header list announced and enforced: sum of name + value + 32 (RFC 9113, section 6.5.2). */
#define HEADER_LIST_BYTES_MAX 8192
/* Beyond this the rest of a header list is not even looked at. */
#define HEADER_LIST_BYTES_CUT 65536
/* Answers are compressed from this size on. */
#define COMPRESS_BYTES_MIN 1024
/* No more frames are made while so much output waits for the socket. */
#define OUTPUT_BYTES_HIGH (256 * 1024)
/* Output has drained enough to make frames again. */
#define OUTPUT_BYTES_LOW (64 * 1024)
/* Flow-control windows: enough for a 4 MiB message in few round trips. */
#define STREAM_WINDOW_BYTES (1024 * 1024)
#define CONNECTION_WINDOW_BYTES (8 * 1024 * 1024)
/* While a connection's unanswered requests hold more than this, its window is not refilled. */
#define HELD_BYTES_MAX (8 * 1024 * 1024)
/* One read, and the frames of one write. Larger than the largest frame nghttp2 makes (16,393). */
#define SCRATCH_BYTES 65536

/* Who answers a method. */
enum method_owner {
    METHOD_OF_HANDLER,
    METHOD_HEALTH_CHECK,
    METHOD_HEALTH_WATCH,
    METHOD_REFLECTION,
};

struct method {
    const char *path;
    size_t path_length;
    enum wire_method_kind kind;
    uint32_t tag;
    enum method_owner owner;
    enum wire_class class;
};

enum server_state {
    /* Waits for wire_server_stop. */
    SERVER_RUNNING,
    /* The first GOAWAY is out; calls are still taken, since clients may not have seen it. The tick
     * ends it after STOP_NOTICE_US; SERVER_DRAINING follows. */
    SERVER_NOTICE,
    /* The second GOAWAY is out; open calls finish. The last connection, or the drain timer in the
     * tick, ends it; SERVER_STOPPED follows. */
    SERVER_DRAINING,
    /* No connection is left; waits for wire_server_close. */
    SERVER_STOPPED,
};

TAILQ_HEAD(connection_list, connection);
TAILQ_HEAD(call_list, wire_call);

struct listener {
    struct evconnlistener *listener;
    int port;
    char *unix_path; /* to be unlinked at close; NULL otherwise */
    bool is_unix;
    bool is_local; /* a Unix socket or a loopback address */
};

struct wire_server {
    struct event_base *base;
    struct wire_config config; /* with defaults in place of zeros */
    enum server_state state;
    bool is_serving;
    bool is_unhealthy, is_name_unhealthy; /* as the owner says, though calls are taken */
    bool is_paused;
    bool is_in_turn;

    struct listener *listeners;
    size_t listener_count;
    int64_t accept_again_us; /* when not 0: accepting stopped for want of descriptors until then */
    struct ssl_ctx_st *tls;  /* NULL: plaintext */
    struct revocations revocations;

    struct method *methods;
    size_t method_count;
    struct map method_map;
    struct hash_key hash_key;
    char **services; /* names of the services of config.methods, sorted, distinct */
    size_t service_count;

    nghttp2_option *h2_options;
    nghttp2_session_callbacks *h2_callbacks;
    struct gzip *gzip;

    struct admission admission;
    struct handshakes handshakes;
    struct connection_list connections;
    struct connection_list to_flush;
    struct connection_list silent;  /* without SETTINGS yet, the oldest first */
    struct connection_list to_read; /* that had their part of the round, and may have more */
    int64_t round;                  /* of reading: between two looks at all sockets */
    struct call_list open_calls;    /* all calls in use, owned ones without a stream included */
    struct call_list ready_calls;   /* streams whose owner is to be told */
    size_t ready_call_count;
    struct call_list inflations; /* that wait for call_inflate */
    struct wire_call *inflating; /* the one that was begun; NULL: none */
    struct buffer inflated;      /* of it */
    int64_t inflate_round;
    struct call_list free_calls;
    size_t free_call_count;
    size_t free_call_bytes;
    struct call_list watchers; /* health watches */

    struct event *turn_event;      /* made active by whoever leaves work for the end of the turn */
    struct event *read_event;      /* goes on with to_read */
    struct event *handshake_event; /* begins those that wait */
    struct event *tick_event;      /* deadlines that need no precision */
    int64_t stop_started_us;
    void (*on_stopped)(void *context);
    void *on_stopped_context;

    size_t pending_bytes;
    size_t peak_bytes; /* the most since memory was given back */
    int64_t trimmed_us;
    struct wire_counters counters;
    uint8_t *scratch;
};

/* A server without sockets: everything but listening. For wire_server_open and for tests that feed
 * sessions directly. Returns NULL and a sentence on a fault. */
struct wire_server *server_create(
    struct event_base *base, const struct wire_config *config, char *ret_error, size_t error_bytes);

/* Runs server_turn before the loop waits again. */
void server_wake(struct wire_server *server);

/* Goes on with what was read, or is to be read, once all sockets have been looked at. */
void server_read_on(struct wire_server *server);
/* Has the handshakes that wait begin when they may. */
void server_begin_handshakes(struct wire_server *server);

/* The method of a path; NULL when there is none. */
bool server_answers_reflection(const struct wire_server *server);

const struct method *server_find_method(
    const struct wire_server *server, const uint8_t *path, size_t length);

/* Whether `name` of `length` bytes is a service of config.methods. */
bool server_has_service(const struct wire_server *server, const void *name, size_t length);

/* Whether calls to handlers are taken now. */
bool server_takes_calls(const struct wire_server *server);

/* Accounts for bytes that a call holds or gives back. */
void server_charge(struct wire_server *server, size_t bytes);
void server_discharge(struct wire_server *server, size_t bytes);
/* A new socket from a listener; takes it over. */
void server_on_accept(struct wire_server *server, int fd, const struct sockaddr *address);

#endif
