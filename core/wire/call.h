/* call.h: one call, from its first header to the last of "stream closed" and "owner has ended it".
 *
 * Private to wire. A call is two things in one object: the stream (nghttp2's side, ends with
 * on_stream_close or with the connection) and the obligation (the owner's side, ends with exactly
 * one of wire_reply, wire_fail, wire_stream_end). It goes back to the pool when both have ended.
 * request.c drives it until dispatch, response.c afterwards.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_CALL_H
#define VSL_WIRE_CALL_H

#include "base/buffer.h"
#include "wire/framing.h"
#include "wire/language.h"
#include "wire/server.h"
#include "wire/status.h"
#include "wire/wire.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/queue.h>

struct session;

/* What a name in a health request stands for. */
enum health_subject { HEALTH_OF_SERVER, HEALTH_OF_NAME, HEALTH_UNKNOWN };

enum call_state {
    /* In the pool. Waits for on_begin_headers; CALL_HEADERS follows. No timer. */
    CALL_FREE,
    /* Waits for the end of the header list; the client ends it. CALL_BODY, CALL_RUNNING
     * (bidirectional) or CALL_ANSWERED (refused) follow. The request timer of the tick runs. */
    CALL_HEADERS,
    /* Waits for the message and END_STREAM; the client ends it. CALL_RUNNING or CALL_ANSWERED
     * follow. The request timer and the client's deadline run. */
    CALL_BODY,
    /* Waits for the owner's answer. CALL_STREAMING (first message), CALL_ANSWERED (answer or
     * deadline) or CALL_GONE (client gone) follow. The deadline runs. */
    CALL_RUNNING,
    /* Response headers are out; waits for more messages and their end from the owner. CALL_ANSWERED
     * or CALL_GONE follow. The deadline and the stall timer of the tick run. */
    CALL_STREAMING,
    /* All of the answer is handed over; waits for the client to take it. Stream close ends it:
     * CALL_FREE, or CALL_GONE when the owner has not ended the call yet (its deadline passed). The
     * deadline and the stall timer run. */
    CALL_ANSWERED,
    /* The stream is closed, the owner still holds the call; waits for the owner. CALL_FREE follows.
     * No timer: the handler's promise to end every call bounds it. */
    CALL_GONE,
};

/* Name of the peer, shared by the calls of a connection and outliving it. */
struct peer {
    uint32_t references;
    char name[]; /* common name */
};

struct wire_call {
    struct wire_server *server; /* NULL after wire_server_close */
    struct session *session;    /* NULL when the connection is gone */
    struct peer *peer;          /* NULL without client certificate */
    struct source *source;      /* NULL: not known, or the server is gone */
    enum wire_class class;      /* that it is counted in, while it is owned */
    enum call_state state;
    int32_t stream_id;
    bool is_owned;
    void *user;

    /* Of the request; see request.c. */
    const struct method *method;
    enum wire_method_kind kind; /* copies, since the table dies with the server */
    uint32_t tag;
    bool is_post;
    bool is_grpc;
    bool has_bad_subtype;
    bool has_path;
    bool has_service;
    bool has_bad_timeout;
    bool has_timeout;
    bool sends_gzip;       /* grpc-encoding: gzip */
    bool has_bad_encoding; /* grpc-encoding of another kind */
    bool takes_gzip;       /* grpc-accept-encoding has gzip */
    bool was_compressed;   /* the request's message was */
    bool is_inflation_queued;
    bool is_over_limit; /* more calls than the connection may have */
    bool is_message_compressed;
    struct language_wish language;
    size_t header_bytes;
    int64_t timeout_us;
    int64_t deadline_us;
    struct framing framing;
    uint32_t message_count;
    struct buffer request;

    /* Of the answer; see response.c. */
    struct buffer out; /* framed messages */
    size_t out_sent;
    bool has_headers; /* response headers are submitted */
    bool compresses;  /* the response headers say gzip */
    bool has_end;     /* the owner has ended the stream; trailers follow the queue */
    bool is_deferred; /* nghttp2 waits for nghttp2_session_resume_data */
    bool is_full;     /* the owner was told to wait */
    bool is_ready_queued;
    bool is_watching;     /* in the server's list of watchers */
    bool ends_when_empty; /* a stream of wire itself that fails when its queue is sent */
    int32_t watched;      /* last health status sent, -1: none */
    enum health_subject watches;
    struct status_text trailer;

    size_t charged;      /* bytes of this call within server->pending_bytes */
    size_t held;         /* bytes of this call within session->held_bytes */
    int64_t progress_us; /* of the request: its begin; of the answer: when bytes were last taken */
    struct event deadline_event;

    TAILQ_ENTRY(wire_call) open_link;    /* server->open_calls or server->free_calls */
    TAILQ_ENTRY(wire_call) session_link; /* session->calls */
    TAILQ_ENTRY(wire_call) inflate_link; /* server->inflations */
    TAILQ_ENTRY(wire_call) ready_link;   /* server->ready_calls */
    TAILQ_ENTRY(wire_call) watcher_link; /* server->watchers */
};

/* A call from the pool in CALL_HEADERS, bound to the session's new stream. */
struct wire_call *call_open(struct session *session, int32_t stream_id);

/* Moves to `state`; CHECKs that it may follow the present one. */
void call_set_state(struct wire_call *call, enum call_state state);

/* Adds to and takes from the bytes that this call answers for. */
void call_charge(struct wire_call *call, size_t bytes);
void call_discharge(struct wire_call *call, size_t bytes);

/* Whether the server, and the call's source, may hold so many bytes more. If not that is counted
 * and logged, and the call is to be refused. */
bool call_has_room(const struct wire_call *call, size_t bytes);

/* Whether the call's source holds so much that it is given credit only where that cannot pile up,
 * and less time. */
bool call_is_pressed(const struct wire_call *call);

/* The stream is closed, by either side or with its connection. */
void call_on_stream_close(struct wire_call *call);

/* The session is about to die: the call loses it. After call_on_stream_close. */
void call_detach_session(struct wire_call *call);

/* The server is about to die; frees the call unless its handler holds it. */
void call_detach_server(struct wire_call *call);

/* Starts the client's deadline. */
void call_start_deadline(struct wire_call *call);

/* Has on_stream_ready called at the end of the turn. */
void call_queue_ready(struct wire_call *call);

/* Has request_inflate called soon, the sources taking turns. */
void call_queue_inflation(struct wire_call *call);

/* Out of the queue. */
void call_end_inflation(struct wire_call *call);

/* Inflates what waits, for so long, and one step more. */
void call_inflate(struct wire_server *server, int64_t longest_us);

/* Tells the owners of all ready streams. */
void call_tell_ready(struct wire_server *server);

/* The request's bytes are no longer needed. */
void call_drop_request(struct wire_call *call);

/* Frees the calls of the pool. */
void call_empty_pool(struct wire_server *server);

/* Whether the stream is still there. */
static inline bool call_has_stream(const struct wire_call *call)
{
    return call->state != CALL_GONE && call->state != CALL_FREE;
}

struct peer *peer_create(const char *name);
struct peer *peer_retain(struct peer *peer);
void peer_release(struct peer *peer);

#endif
