/* session.h: one HTTP/2 session: nghttp2's callbacks, floods, credit, GOAWAY.
 *
 * Knows no socket: bytes come in by session_receive and go out by session_fill, so that tests and
 * fuzzers drive it alone. Owns its calls' streams. Never deletes itself from inside a callback.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_SESSION_H
#define VSL_WIRE_SESSION_H

#include "base/must_use.h"
#include "wire/call.h"
#include "wire/ping_guard.h"
#include "wire/server.h"

#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session {
    struct wire_server *server;
    nghttp2_session *h2;
    /* Called when there may be output. */
    void (*on_output)(void *context);
    void *context;
    struct peer *peer;
    struct source *source; /* of its calls; NULL: not known */

    struct call_list calls;
    uint32_t call_count;   /* all calls of the session, those without a stream included */
    uint32_t stream_count; /* those with a stream */
    size_t held_bytes;     /* requests handed over and not answered */
    size_t unreturned;     /* bytes received whose connection credit is held back */

    bool has_settings; /* the client's first SETTINGS frame came */
    bool is_goodbye;   /* a GOAWAY that ends the session is submitted */
    bool is_stop_announced;
    bool is_terminated; /* by session_terminate */
    struct ping_guard ping_guard;
    uint32_t junk_frames; /* frames that cost work and bring nothing, within the present window */
    size_t junk_bytes;    /* received without a header list or data among them */
    int64_t junk_window_us;

    int64_t started_us;
    int64_t received_us; /* when bytes last came */
    int64_t ping_us;     /* when the open keepalive ping was sent; 0: none is open */
    int64_t idle_us;     /* since when no call is open; 0: some is */
};

struct session *session_create(
    struct wire_server *server, void (*on_output)(void *context), void *context);

/* Closes all streams and frees the session. */
void session_destroy(struct session *session);

/* Feeds bytes from the client. Returns -1 when the connection is to be cut at once. */
MUST_USE int session_receive(struct session *session, const uint8_t *bytes, size_t length);

/* Writes the next frames into `out`, whole frames only; `capacity` is at least SCRATCH_BYTES.
 * Returns the bytes written, 0 when there is nothing to send, or -1 as above. */
ssize_t session_fill(struct session *session, uint8_t *out, size_t capacity);

/* Whether both sides have said all. */
bool session_is_finished(const struct session *session);

/* From now on its calls are of that source, whose reference it takes over. It has none yet. */
void session_set_source(struct session *session, struct source *source);

/* Says that there is output. */
void session_wake(struct session *session);

/* Gives the client connection credit for what was received, unless too much is held. */
void session_return_credit(struct session *session);

/* GOAWAY with "no more calls soon" and a ping. When the ping is answered the client has seen it,
 * and session_stop follows by itself. */
void session_announce_stop(struct session *session);

/* The last GOAWAY: later calls are ignored, open ones finish, streams of wire itself end. */
void session_stop(struct session *session, const char *reason);

/* GOAWAY with an error; the session ends when it is sent. */
void session_terminate(struct session *session, uint32_t error_code, const char *reason);

/* Deadlines of handshake, requests, answers, keepalive and idleness. Returns -1: cut at once. */
MUST_USE int session_tick(struct session *session, int64_t now_us);

/* Reading was paused: the client is not to blame for that time. */
void session_on_resume(struct session *session, int64_t now_us);

void session_prepare_library(
    nghttp2_option **ret_options, nghttp2_session_callbacks **ret_callbacks);

#endif
