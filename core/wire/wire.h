/* wire.h: a gRPC server over HTTP/2 that knows nothing about money.
 *
 * Bytes in, whole messages out to a handler; answers in, bytes out. Unary and server-streaming
 * methods, TLS or plaintext, deadlines, flow control, keepalive policing, health and reflection.
 * Runs on the caller's libevent loop; every callback comes from that loop. Handlers only queue:
 * they may answer a call at once or later, in any order.
 *
 * Who owns a call: the handler, from on_call until it has called wire_reply, wire_fail or
 * wire_stream_end exactly once. A client that cancels, times out or disconnects does not take the
 * call away: answers to it go nowhere (wire_call_is_gone tells), so a decided command is never
 * undone.
 *
 * Sources: gRPC over HTTP/2 (grpc/grpc doc/PROTOCOL-HTTP2.md), RFC 9113, grpc.health.v1,
 * grpc.reflection.v1 and v1alpha, google.rpc.Status.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_WIRE_H
#define VSL_WIRE_WIRE_H

#include "base/must_use.h"
#include "base/wording.h"
#include "reason_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct wire_server;
struct wire_call;

/* Status codes of gRPC (grpc/grpc doc/statuscodes.md). */
enum wire_status {
    WIRE_OK = 0,
    WIRE_CANCELLED = 1,
    WIRE_UNKNOWN = 2,
    WIRE_INVALID_ARGUMENT = 3,
    WIRE_DEADLINE_EXCEEDED = 4,
    WIRE_NOT_FOUND = 5,
    WIRE_ALREADY_EXISTS = 6,
    WIRE_PERMISSION_DENIED = 7,
    WIRE_RESOURCE_EXHAUSTED = 8,
    WIRE_FAILED_PRECONDITION = 9,
    WIRE_ABORTED = 10,
    WIRE_OUT_OF_RANGE = 11,
    WIRE_UNIMPLEMENTED = 12,
    WIRE_INTERNAL = 13,
    WIRE_UNAVAILABLE = 14,
    WIRE_DATA_LOSS = 15,
    WIRE_UNAUTHENTICATED = 16,
};

/* Languages that a client can ask for, English unless it does. */
enum wire_language { WIRE_ENGLISH, WIRE_CHINESE, WIRE_LANGUAGES };

enum wire_method_kind { WIRE_UNARY, WIRE_SERVER_STREAMING };

/* Methods of which only so many calls may be under way, see wire_config.class_calls_max. */
enum wire_class { WIRE_QUICK, WIRE_SLOW, WIRE_ENDLESS, WIRE_CLASSES };

struct wire_method {
    const char *path; /* "/vsl.v1.FundsService/Pay" */
    enum wire_method_kind kind;
    uint32_t tag; /* the owner's own number for the method, given back by wire_call_tag */
    enum wire_class class;
};

/* One serialized google.protobuf.FileDescriptorProto for reflection, with the names it defines. */
struct wire_descriptor_file {
    const char *name; /* "vsl/v1/funds.proto" */
    const char *const
        *symbols; /* full names of its services, methods, messages, enums; NULL-ended */
    const char *const *imports; /* names of the files it imports; NULL-ended */
    const uint8_t *bytes;
    size_t length;
};

struct wire_handlers {
    /* A whole request is there. `request` stays valid until the call is answered. */
    void (*on_call)(void *context, struct wire_call *call, const uint8_t *request, size_t length);
    /* A stream that answered "full" has room again; or its client is gone (see wire_call_is_gone):
     * the owner then ends it with wire_stream_end. Comes from a turn of the loop of its own, never
     * from inside a function of this header. */
    void (*on_stream_ready)(void *context, struct wire_call *call);
    /* Whether who proved that name may keep his connections: asked of each one in every tick, also
     * of those that send nothing. Of one that may not no calls are taken any more, and it is cut
     * when those under way have had some seconds. NULL: all may. */
    bool (*keeps)(void *context, const char *name);
};

/* Whether reflection is answered. LOCAL: where all listening addresses are loopback or Unix
 * sockets, so that it helps who tries things out, and tells nothing on a network. */
enum wire_reflection { WIRE_REFLECTION_LOCAL, WIRE_REFLECTION_YES, WIRE_REFLECTION_NO };

struct wire_config {
    /* "127.0.0.1:7450", "[::1]:7450" or "unix:/run/vsl/vsld.sock"; port 0 picks a free one. */
    const char *const *listen;
    size_t listen_count;
    /* PEM files; all NULL: plaintext. Without client_ca an address that is neither loopback nor a
     * Unix socket is refused. client_ca set: client certificates are required, or checked
     * only when the client brings one if tls_client_optional is set. */
    const char *tls_certificate_file;
    const char *tls_key_file;
    const char *tls_client_ca_file;
    /* PEM file with a list of revoked certificates of each authority that signs clients; NULL:
     * none. A list whose time is over lets nobody in. */
    const char *tls_client_crl_file;
    /* Then such a list is taken all the same, and the log says so: of who served before. */
    bool tls_crl_may_be_over;
    bool tls_client_optional;
    /* Why nothing but loopback addresses and Unix sockets may be listened on; NULL: it may. */
    const char *local_only;
    /* Connections at a time; more are refused at accept. On TCP in all, 0: default; of one address,
     * 0: as many; on Unix sockets, which have places of their own, 0: default. Of one name that
     * certificates prove: cut when the handshake has shown it, 0: as many as in all. */
    uint32_t connections_max, connections_per_peer_max, unix_connections_max;
    uint32_t connections_per_caller_max;
    uint32_t streams_per_connection_max; /* concurrent calls on one connection; 0: default */
    /* Of all requests and answers held; beyond, new calls get RESOURCE_EXHAUSTED; 0: default 256
     * MiB. */
    size_t pending_bytes_max;
    /* Calls of each class under way at a time, in all; 0: as many as come. */
    uint32_t class_calls_max[WIRE_CLASSES];
    int64_t idle_timeout_us;       /* connection without a call is sent away; 0: never */
    int64_t keepalive_interval_us; /* server ping on a silent connection; 0: default 2 h */
    int64_t keepalive_timeout_us;  /* ping unanswered for so long: closed; 0: default 20 s */
    int64_t ping_interval_min_us;  /* client pings more often are strikes; 0: default 5 min */
    int64_t drain_timeout_us;      /* longest graceful stop; 0: default 10 s */
    int64_t
        request_timeout_us;   /* handshake, and each request from its first byte; 0: default 30 s */
    int64_t stall_timeout_us; /* answer bytes that nobody takes for so long; 0: default 60 s */
    const struct wire_method *methods;
    size_t method_count;
    const struct wire_descriptor_file *files;
    size_t file_count;
    enum wire_reflection reflection;
    /* A name of the owner's own that health knows besides the services; NULL: none. */
    const char *health_name;
    struct wire_handlers handlers;
    void *context;
};

/* Opens the listening sockets on `base`. Returns NULL on a fault and puts a sentence that names the
 * setting and what to do into `ret_error`; errno is EINVAL when a setting is wrong. The server
 * starts as NOT_SERVING. The config is copied, what it points to must outlive the server. Ignores
 * SIGPIPE for the process, because a peer that closes its socket must cost no more than its
 * connection. */
struct wire_server *wire_server_open(
    struct event_base *base, const struct wire_config *config, char *ret_error, size_t error_bytes);

/* Port of the n-th listening address, 0 for a Unix socket. */
MUST_USE int wire_server_port(const struct wire_server *server, size_t index);

/* Whether calls are taken. While not serving, calls other than health and reflection get
 * UNAVAILABLE, and health is NOT_SERVING for every name. Watchers are told. */
void wire_server_set_serving(struct wire_server *server, bool serving);

/* What grpc.health.v1 answers while calls are taken: for the whole server and each service, and for
 * config.health_name. Both are healthy at first. Changes nothing about calls. */
void wire_server_set_health(struct wire_server *server, bool is_healthy, bool is_name_healthy);

/* Reads the files of TLS again, also under other names, for the handshakes to come. Connections
 * that are open stay, but for those whose certificate the list of revoked ones names: they are cut.
 * Returns -1 on a fault, with a sentence, and goes on with what it had. To begin or end TLS, or
 * asking for client certificates, is a fault: addresses were checked for the one or the other. The
 * names must outlive the server. */
struct wire_tls_files {
    const char *certificate, *key, *client_ca, *client_crl; /* see struct wire_config */
};
MUST_USE int wire_server_reload_tls(struct wire_server *server, const struct wire_tls_files *files,
    char *ret_error, size_t error_bytes);

/* Back-pressure: stops (true) or resumes (false) reading requests from every client, so that TCP
 * and HTTP/2 flow control hold them back. Health answers stay possible only while not paused. */
void wire_server_pause(struct wire_server *server, bool paused);

/* Graceful stop: not serving, GOAWAY twice, calls under way finish, then `on_stopped` is called
 * once. After config.drain_timeout_us what is left is cut. */
void wire_server_stop(struct wire_server *server, void (*on_stopped)(void *context), void *context);

/* Frees everything; calls still owned by handlers stay valid as gone calls. Must not be called from
 * on_call or on_stream_ready; may be called from on_stopped. */
void wire_server_close(struct wire_server *server);

struct wire_counters {
    uint64_t connections_accepted, connections_refused, connections_open;
    /* Of the refused ones: those over connections_max, connections_per_peer_max,
     * unix_connections_max, a user's share of that, connections_per_caller_max; and those that
     * could not be accepted. */
    uint64_t refused_full, refused_peer_full, refused_unix_full, refused_user_full,
        refused_caller_full, accept_failed;
    /* Connections that were cut to make way, or sent away with their suspended callers. */
    uint64_t gave_way, sent_away;
    /* Calls refused for want of bytes or of places, of those in all and of the source's own share.
     */
    uint64_t refused_bytes, refused_source_bytes, refused_calls, refused_source_calls;
    uint64_t calls_started, calls_open, calls_failed;
    uint64_t bytes_received, bytes_sent;
    uint64_t pending_bytes;
};
void wire_server_counters(const struct wire_server *server, struct wire_counters *ret_counters);

/* ---- a call ---- */

uint32_t wire_call_tag(const struct wire_call *call);
void wire_call_set_user(struct wire_call *call, void *user);
void *wire_call_user(const struct wire_call *call);
/* The name that the client's certificate proves (of its alternative names the first URI, else the
 * first DNS name, else the common name), or "unix-user-UID" on a Unix socket; worked out once for a
 * connection. At most 200 bytes without control characters. NULL when there is none. Valid as long
 * as the call. */
const char *wire_call_peer_name(const struct wire_call *call);
/* Whom the call comes from, as a small number: calls of one source have the same, and no other
 * source has it as long as one of them is there. Calls whose source is not known: 0. */
uint32_t wire_call_source(const struct wire_call *call);
/* What the client wants texts for people in, by its accept-language. */
enum wire_language wire_call_language(const struct wire_call *call);
/* Monotonic microseconds at which the client stops waiting; INT64_MAX without a deadline. */
int64_t wire_call_deadline_us(const struct wire_call *call);
/* The client cancelled, timed out or disconnected: nobody reads an answer. */
bool wire_call_is_gone(const struct wire_call *call);

/* Whether so many bytes of answers still fit into pending_bytes_max. Who answers a call that
 * changed nothing asks first and refuses with RESOURCE_EXHAUSTED, since a short request may have a
 * long answer; what was decided is always answered. */
bool wire_call_has_room(const struct wire_call *call, size_t bytes);

/* Answers a unary call with one message and status OK. The bytes are copied. Ends the call. */
void wire_reply(struct wire_call *call, const void *message, size_t length);

struct wire_violation {
    const char *field;          /* path of the field, "items[3].pay.amount_minor" */
    struct wording description; /* the rule and what to do */
};

/* More about a failure, sent as google.rpc details; all optional. */
struct wire_details {
    /* ErrorInfo.reason, with the domain "vsl": a REASON_ of proto/vsl/v1/reason.proto, or the name
     * of an outcome. */
    const char *reason;
    const struct wire_violation *violations; /* BadRequest */
    size_t violation_count;
    int64_t retry_after_us; /* RetryInfo, when > 0 */
};

/* The request ended before its owner decided anything, so that a client knows that a command had no
 * effect; or while its owner dealt with it, so that it does not. */
extern const struct wire_details wire_not_decided;
extern const struct wire_details wire_perhaps_decided;

/* Ends the call (unary or streaming) with a status; `message` and the descriptions go out in the
 * language of the call; `details` may be NULL. */
void wire_fail(struct wire_call *call, enum wire_status status, struct wording message,
    const struct wire_details *details);

/* The same over fields of the request, 1 or more; the message says what the first one breaks, for
 * many see the message only. Field and description are shorter than 500 bytes together. */
void wire_fail_fields(struct wire_call *call, enum wire_status status, const char *reason,
    const struct wire_violation *violations, size_t violation_count);

/* Sends one message on a streaming call. Returns true while there is room for more; false: the
 * message was taken, but wait for on_stream_ready before the next (at most 256 KiB and one message
 * wait per stream). A call whose client is gone takes nothing, answers false, and on_stream_ready
 * follows, so that the owner may look for a gone client in one place only. */
bool wire_stream_send(struct wire_call *call, const void *message, size_t length);

/* Ends a streaming call with status OK after what was sent. */
void wire_stream_end(struct wire_call *call);

#endif
