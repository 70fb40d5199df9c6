/* session.c: nghttp2's callbacks and what bounds a client.
 *
 * nghttp2 decides about frames; this file decides about cost. Bounded are: open calls (announced,
 * and counted together with calls whose client is gone but whose owner is not done, so that resets
 * do not buy more), header lists, frames that bring nothing, pings, unanswered bytes (by holding
 * back connection credit), silence within a request, and answers that nobody takes. Sources: RFC
 * 9113; gRPC proposals A8 (server enforcement) and A9; CVE-2023-44487, CVE-2019-9511 ff.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/session.h"

#include "base/check.h"
#include "base/clock.h"
#include "wire/health.h"
#include "wire/request.h"
#include "wire/response.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Frames that bring nothing, within JUNK_WINDOW_US without a call or data in between. */
#define JUNK_FRAMES_MAX 1000
#define JUNK_WINDOW_US (INT64_C(10) * 1000000)
/* Bytes that nghttp2 throws away unseen: frames of unknown types, and data of streams that are
 * closed, of which a full window may be under way. */
#define JUNK_BYTES_MAX (2 * CONNECTION_WINDOW_BYTES)
/* A client must have sent its preface and SETTINGS by then. */
#define SETTINGS_TIMEOUT_US (INT64_C(10) * 1000000)
/* Streams that a client resets: burst, and refill a second. */
#define RESET_BURST 1000
#define RESET_RATE 100
/* Acknowledgements that wait to be sent. */
#define ACKS_MAX 200
/* Largest frame that nghttp2 makes: no read_length_callback, so DATA is at most 16 KiB. */
#define FRAME_BYTES_MAX (16384 + 9 + 1)
/* The stall timer of streaming answers is this much longer: a subscriber may pause. */
#define STREAM_STALL_FACTOR 5
/* A source that holds as much as is free for others gets this part of the time. */
#define PRESSED_FACTOR 6

static_assert(SCRATCH_BYTES >= 2 * FRAME_BYTES_MAX, "a frame always fits");

static const uint8_t stop_ping[8] = {'v', 's', 'l', 's', 't', 'o', 'p', '!'};

static struct wire_call *find_call(struct session *session, int32_t stream_id)
{
    return nghttp2_session_get_stream_user_data(session->h2, stream_id);
}

/* ---- floods ---- */

/* Useful traffic: the client may spend its allowance anew. */
static void forgive_junk(struct session *session)
{
    session->junk_frames = 0;
    session->junk_bytes = 0;
}

static void count_junk(struct session *session)
{
    int64_t now_us = clock_monotonic_us();
    if (now_us - session->junk_window_us > JUNK_WINDOW_US) {
        session->junk_window_us = now_us;
        session->junk_frames = 0;
    }
    if (++session->junk_frames > JUNK_FRAMES_MAX)
        session_terminate(session, NGHTTP2_ENHANCE_YOUR_CALM, "too_many_empty_frames");
}

/* ---- receiving ---- */

static int on_begin_headers(nghttp2_session *h2, const nghttp2_frame *frame, void *context)
{
    struct session *session = context;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    bool is_over_limit = session->call_count >= session->server->config.streams_per_connection_max;
    struct wire_call *call = call_open(session, frame->hd.stream_id);
    call->is_over_limit = is_over_limit;
    int rc = nghttp2_session_set_stream_user_data(h2, frame->hd.stream_id, call);
    CHECK(rc == 0);
    return 0;
}

static int on_header(nghttp2_session *h2, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags, void *context)
{
    (void)h2;
    (void)flags;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    struct wire_call *call = find_call(context, frame->hd.stream_id);
    if (!call || call->state != CALL_HEADERS)
        return 0;
    /* The stream is reset; the rest of the list is only unpacked, to keep the codec in step. */
    if (request_on_header(call, name, name_length, value, value_length) < 0)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    return 0;
}

static int on_begin_frame(nghttp2_session *h2, const nghttp2_frame_hd *hd, void *context)
{
    (void)h2;
    if (hd->type != NGHTTP2_DATA && hd->type != NGHTTP2_HEADERS && hd->type != NGHTTP2_CONTINUATION)
        count_junk(context);
    return 0;
}

static void on_ping(struct session *session)
{
    if (ping_guard_allows(&session->ping_guard, clock_monotonic_us(),
            session->server->config.ping_interval_min_us, session->stream_count > 0))
        return;
    session_terminate(session, NGHTTP2_ENHANCE_YOUR_CALM, "too_many_pings");
}

static void on_headers_frame(struct session *session, const nghttp2_frame *frame)
{
    struct wire_call *call = find_call(session, frame->hd.stream_id);
    if (!call)
        return;
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST && call->state == CALL_HEADERS)
        request_on_headers_end(call);
    /* Otherwise trailers of the client, which gRPC does not have; only their END_STREAM counts. */
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) {
        forgive_junk(session);
        request_on_end(call);
    }
}

static void on_data_frame(struct session *session, const nghttp2_frame *frame)
{
    struct wire_call *call = find_call(session, frame->hd.stream_id);
    bool is_end = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    if (!is_end && frame->hd.length == frame->data.padlen)
        count_junk(session);
    if (is_end)
        forgive_junk(session);
    if (call && is_end)
        request_on_end(call);
}

static int on_frame_recv(nghttp2_session *h2, const nghttp2_frame *frame, void *context)
{
    (void)h2;
    struct session *session = context;
    switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
        on_headers_frame(session, frame);
        break;
    case NGHTTP2_DATA:
        on_data_frame(session, frame);
        break;
    case NGHTTP2_SETTINGS:
        session->has_settings = true;
        break;
    case NGHTTP2_PING:
        if (!(frame->hd.flags & NGHTTP2_FLAG_ACK))
            on_ping(session);
        else if (session->is_stop_announced &&
                 memcmp(frame->ping.opaque_data, stop_ping, sizeof stop_ping) == 0)
            session_stop(session, "stopping");
        break;
    default:
        break;
    }
    return 0;
}

static int on_data_chunk(nghttp2_session *h2, uint8_t flags, int32_t stream_id,
    const uint8_t *bytes, size_t length, void *context)
{
    (void)flags;
    struct session *session = context;
    struct wire_call *call = find_call(session, stream_id);

    session->junk_bytes = 0;
    if (call)
        request_on_data(call, bytes, length);
    /* The stream's window is refilled at once, since a message must be whole to be executed; what
     * is held back when too much waits is the connection's. */
    int rc = nghttp2_session_consume_stream(h2, stream_id, length);
    CHECK(rc == 0);
    session->unreturned += length;
    session_return_credit(session);
    return 0;
}

static int on_stream_close(
    nghttp2_session *h2, int32_t stream_id, uint32_t error_code, void *context)
{
    (void)error_code;
    struct wire_call *call = find_call(context, stream_id);
    if (!call)
        return 0;
    (void)nghttp2_session_set_stream_user_data(h2, stream_id, NULL);
    call_on_stream_close(call);
    return 0;
}

void session_return_credit(struct session *session)
{
    bool holds_much =
        session->held_bytes > HELD_BYTES_MAX ||
        (session->held_bytes > 0 && source_is_pressed(&session->server->config, session->source,
                                        session->server->pending_bytes));
    /* With nothing handed over there is no answer that would return the credit later. */
    if (session->unreturned == 0 || holds_much)
        return;
    int rc = nghttp2_session_consume_connection(session->h2, session->unreturned);
    CHECK(rc == 0);
    session->unreturned = 0;
    session_wake(session);
}

/* ---- sending ---- */

static int on_frame_send(nghttp2_session *h2, const nghttp2_frame *frame, void *context)
{
    struct session *session = context;
    bool is_headers = frame->hd.type == NGHTTP2_HEADERS;

    if (!is_headers && frame->hd.type != NGHTTP2_DATA)
        return 0;
    ping_guard_forgive(&session->ping_guard);
    forgive_junk(session);
    /* An answer before the end of the request: tells the client to stop sending. Only now, because
     * a reset that is submitted together with the headers would overtake them. */
    if (is_headers && frame->hd.flags & NGHTTP2_FLAG_END_STREAM &&
        nghttp2_session_get_stream_remote_close(h2, frame->hd.stream_id) == 0)
        return nghttp2_submit_rst_stream(
            h2, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
    return 0;
}

ssize_t session_fill(struct session *session, uint8_t *out, size_t capacity)
{
    size_t used = 0;
    while (capacity - used >= FRAME_BYTES_MAX) {
        const uint8_t *bytes;
        ssize_t length = nghttp2_session_mem_send(session->h2, &bytes);
        if (length < 0)
            return -1;
        if (length == 0)
            break;
        CHECK((size_t)length <= capacity - used);
        memcpy(out + used, bytes, (size_t)length);
        used += (size_t)length;
    }
    return (ssize_t)used;
}

/* ---- life ---- */

void session_prepare_library(
    nghttp2_option **ret_options, nghttp2_session_callbacks **ret_callbacks)
{
    nghttp2_option *options;
    nghttp2_session_callbacks *callbacks;

    int rc = nghttp2_option_new(&options);
    CHECK(rc == 0);
    nghttp2_option_set_no_auto_window_update(options, 1);
    nghttp2_option_set_no_closed_streams(options, 1);
    nghttp2_option_set_max_outbound_ack(options, ACKS_MAX);
    nghttp2_option_set_stream_reset_rate_limit(options, RESET_BURST, RESET_RATE);

    rc = nghttp2_session_callbacks_new(&callbacks);
    CHECK(rc == 0);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
    *ret_options = options;
    *ret_callbacks = callbacks;
}

struct session *session_create(
    struct wire_server *server, void (*on_output)(void *context), void *context)
{
    struct session *session = calloc(1, sizeof *session);
    CHECK(session != NULL);
    int64_t now_us = clock_monotonic_us();
    session->server = server;
    session->on_output = on_output;
    session->context = context;
    session->started_us = session->received_us = session->idle_us = now_us;
    TAILQ_INIT(&session->calls);

    int rc = nghttp2_session_server_new2(
        &session->h2, server->h2_callbacks, session, server->h2_options);
    CHECK(rc == 0);
    nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, server->config.streams_per_connection_max},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW_BYTES},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HEADER_LIST_BYTES_MAX},
        /* Priority trees cost memory and work and nobody here uses them (RFC 9218). */
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    };
    rc = nghttp2_submit_settings(
        session->h2, NGHTTP2_FLAG_NONE, settings, sizeof settings / sizeof *settings);
    CHECK(rc == 0);
    rc = nghttp2_session_set_local_window_size(
        session->h2, NGHTTP2_FLAG_NONE, 0, CONNECTION_WINDOW_BYTES);
    CHECK(rc == 0);
    return session;
}

void session_destroy(struct session *session)
{
    struct wire_call *call;
    struct wire_call *next;

    /* First the streams: that may free the call, or leave it to its owner. */
    for (call = TAILQ_FIRST(&session->calls); call; call = next) {
        next = TAILQ_NEXT(call, session_link);
        if (call_has_stream(call))
            call_on_stream_close(call);
    }
    while ((call = TAILQ_FIRST(&session->calls)) != NULL)
        call_detach_session(call);
    CHECK(session->call_count == 0);
    CHECK(session->stream_count == 0);
    CHECK(session->held_bytes == 0);
    nghttp2_session_del(session->h2);
    peer_release(session->peer);
    source_release(&session->server->admission, session->source);
    free(session);
}

int session_receive(struct session *session, const uint8_t *bytes, size_t length)
{
    session->received_us = clock_monotonic_us();
    session->ping_us = 0;
    session->server->counters.bytes_received += length;
    session->junk_bytes += length;
    ssize_t used = nghttp2_session_mem_recv(session->h2, bytes, length);
    if (session->junk_bytes > JUNK_BYTES_MAX)
        session_terminate(session, NGHTTP2_ENHANCE_YOUR_CALM, "too_many_empty_frames");
    session_wake(session);
    /* Negative: no HTTP/2 preface, a flood, or what else nghttp2 does not survive. */
    if (used < 0)
        return -1;
    CHECK((size_t)used == length);
    return 0;
}

bool session_is_finished(const struct session *session)
{
    return !nghttp2_session_want_read(session->h2) && !nghttp2_session_want_write(session->h2);
}

void session_set_source(struct session *session, struct source *source)
{
    CHECK(session->call_count == 0);
    source_release(&session->server->admission, session->source);
    session->source = source;
}

void session_wake(struct session *session)
{
    if (session->on_output)
        session->on_output(session->context);
}

/* ---- goodbye ---- */

void session_announce_stop(struct session *session)
{
    if (session->is_goodbye)
        return;
    session->is_stop_announced = true;
    int rc = nghttp2_submit_shutdown_notice(session->h2);
    CHECK(rc == 0);
    rc = nghttp2_submit_ping(session->h2, NGHTTP2_FLAG_NONE, stop_ping);
    CHECK(rc == 0);
    session_wake(session);
}

/* Watches and reflection would stay open for ever and keep the session from ending. */
static void end_own_streams(struct session *session)
{
    struct wire_call *call;
    struct wire_call *next;
    for (call = TAILQ_FIRST(&session->calls); call; call = next) {
        next = TAILQ_NEXT(call, session_link);
        if (!call->is_owned || call->method->owner == METHOD_OF_HANDLER)
            continue;
        if (call->method->owner == METHOD_HEALTH_WATCH)
            health_stop_watch(call);
        static const struct wire_details stopping = {.reason = REASON_STOPPING};
        wire_fail(call, WIRE_UNAVAILABLE, WORDING("the server stops", "服务器正在停止"), &stopping);
    }
}

void session_stop(struct session *session, const char *reason)
{
    if (session->is_goodbye)
        return;
    session->is_goodbye = true;
    int rc = nghttp2_submit_goaway(session->h2, NGHTTP2_FLAG_NONE,
        nghttp2_session_get_last_proc_stream_id(session->h2), NGHTTP2_NO_ERROR,
        (const uint8_t *)reason, strlen(reason));
    CHECK(rc == 0);
    end_own_streams(session);
    session_wake(session);
}

void session_terminate(struct session *session, uint32_t error_code, const char *reason)
{
    if (session->is_terminated)
        return;
    session->is_terminated = true;
    session->is_goodbye = true;
    /* nghttp2_session_terminate_session has no debug data of ours; the client's library logs it. */
    int rc = nghttp2_submit_goaway(session->h2, NGHTTP2_FLAG_NONE,
        nghttp2_session_get_last_proc_stream_id(session->h2), error_code, (const uint8_t *)reason,
        strlen(reason));
    CHECK(rc == 0);
    rc = nghttp2_session_terminate_session(session->h2, error_code);
    CHECK(rc == 0);
    session_wake(session);
}

/* ---- deadlines ---- */

/* What one call waits for, and for how long it may. */
static bool is_call_late(const struct wire_call *call, int64_t now_us)
{
    const struct wire_config *config = &call->server->config;
    int64_t waited_us = now_us - call->progress_us;
    /* Whoever holds much is waited for less. */
    if (call_is_pressed(call))
        waited_us *= PRESSED_FACTOR;

    switch (call->state) {
    case CALL_HEADERS:
    case CALL_BODY:
        return waited_us > config->request_timeout_us;
    case CALL_STREAMING:
        return response_queued(call) > 0 &&
               waited_us > config->stall_timeout_us * STREAM_STALL_FACTOR;
    case CALL_ANSWERED:
        return waited_us > config->stall_timeout_us;
    case CALL_FREE:
    case CALL_RUNNING:
    case CALL_GONE:
        break;
    }
    return false;
}

static void tick_call(struct session *session, struct wire_call *call, int64_t now_us)
{
    bool is_receiving = call->state == CALL_HEADERS || call->state == CALL_BODY;
    /* While credit is held back, or reading is paused, it is not the client who is slow. */
    if (is_receiving && (session->unreturned > 0 || session->server->is_paused))
        call->progress_us = now_us;
    if (!is_call_late(call, now_us))
        return;
    call->progress_us = now_us;
    if (call->state == CALL_HEADERS)
        session_terminate(session, NGHTTP2_ENHANCE_YOUR_CALM, "headers_timeout");
    else if (call->state == CALL_BODY)
        response_fail(call, WIRE_DEADLINE_EXCEEDED,
            WORDING("the request did not arrive in time", "请求未在期限内到齐"), &wire_not_decided);
    else
        response_reset(call, NGHTTP2_CANCEL);
}

/* Returns -1 when the connection is to be cut. */
static int tick_keepalive(struct session *session, int64_t now_us)
{
    const struct wire_config *config = &session->server->config;
    if (session->server->is_paused)
        return 0;
    if (session->ping_us != 0)
        return now_us - session->ping_us > config->keepalive_timeout_us ? -1 : 0;
    if (now_us - session->received_us <= config->keepalive_interval_us)
        return 0;
    session->ping_us = now_us;
    int rc = nghttp2_submit_ping(session->h2, NGHTTP2_FLAG_NONE, NULL);
    CHECK(rc == 0);
    session_wake(session);
    return 0;
}

int session_tick(struct session *session, int64_t now_us)
{
    const struct wire_config *config = &session->server->config;
    struct wire_call *call;
    struct wire_call *next;
    int64_t settings_timeout_us = config->request_timeout_us < SETTINGS_TIMEOUT_US
                                      ? config->request_timeout_us
                                      : SETTINGS_TIMEOUT_US;

    if (!session->has_settings && !session->server->is_paused &&
        now_us - session->started_us > settings_timeout_us)
        return -1;
    /* What was held back because of other connections' calls. */
    session_return_credit(session);
    for (call = TAILQ_FIRST(&session->calls); call; call = next) {
        next = TAILQ_NEXT(call, session_link);
        tick_call(session, call, now_us);
    }
    if (config->idle_timeout_us > 0 && session->idle_us != 0 &&
        now_us - session->idle_us > config->idle_timeout_us)
        session_stop(session, "max_idle");
    return tick_keepalive(session, now_us);
}

void session_on_resume(struct session *session, int64_t now_us)
{
    struct wire_call *call;
    session->received_us = now_us;
    session->ping_us = 0;
    if (!session->has_settings)
        session->started_us = now_us;
    TAILQ_FOREACH(call, &session->calls, session_link)
    {
        if (call->state == CALL_HEADERS || call->state == CALL_BODY)
            call->progress_us = now_us;
    }
}
