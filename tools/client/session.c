/* session.c: HTTP/2 of the client, by nghttp2.
 *
 * nghttp2 calls back in the middle of its own work, so nothing here calls the owner except
 * on_message; ends are settled by client_call_finish and told from the loop. A stream's user data
 * is its call, or NULL once the call has ended for us.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/clock.h"
#include "client/internal.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>

#define STREAM_WINDOW_BYTES (1 << 20)
#define CONNECTION_WINDOW_BYTES (16 << 20)
/* Sending waits for the socket while so many bytes stand before it. */
#define OUTPUT_BYTES_MAX ((size_t)1 << 20)
/* Headers of one answer; a server that sends more is broken. */
#define STATUS_TEXT_BYTES_MAX ((size_t)16 << 10)

static void set_lost(struct client *client, const char *reason)
{
    if (client->is_lost)
        return;
    client->is_lost = true;
    snprintf(client->lost_reason, sizeof client->lost_reason, "%s", reason);
    client_wake(client);
}

static struct client_call *call_of(nghttp2_session *session, int32_t stream_id)
{
    return nghttp2_session_get_stream_user_data(session, stream_id);
}

/* The owner need not hear more of this stream. */
static void abandon(struct client_call *call, enum grpc_status status, const char *message)
{
    client_session_reset_stream(call);
    client_call_finish(call, status, message);
}

/* ---- what arrives ---- */

static bool name_is(const uint8_t *name, size_t length, const char *wanted)
{
    return length == strlen(wanted) && memcmp(name, wanted, length) == 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags, void *context)
{
    (void)flags;
    (void)context;
    struct client_call *call = call_of(session, frame->hd.stream_id);
    if (!call || value_length > STATUS_TEXT_BYTES_MAX)
        return 0;
    if (name_is(name, name_length, ":status")) {
        char text[4] = {0};
        memcpy(text, value, value_length < 3 ? value_length : 3);
        call->http_status = atoi(text);
    } else if (name_is(name, name_length, "grpc-status")) {
        call->has_status = true;
        call->status = grpc_status_decode(value, value_length);
    } else if (name_is(name, name_length, "grpc-message")) {
        buffer_clear(&call->message);
        grpc_message_decode(value, value_length, &call->message);
    } else if (name_is(name, name_length, "grpc-status-details-bin")) {
        buffer_clear(&call->details);
        if (!base64_try_decode(value, value_length, &call->details))
            buffer_clear(&call->details);
    }
    return 0;
}

/* One step of the message decoder; false when the call has ended by it. */
static bool take_step(
    struct client_call *call, enum framing_step step, const uint8_t *slice, size_t slice_length)
{
    switch (step) {
    case FRAMING_PREFIX:
        if (call->framing.is_compressed) {
            abandon(
                call, GRPC_INTERNAL, "the server sent a compressed message without being asked");
            return false;
        }
        if (call->framing.length > call->client->config.message_bytes_max) {
            abandon(call, GRPC_RESOURCE_EXHAUSTED, "the server's message is larger than allowed");
            return false;
        }
        if (!call->handlers.on_message && call->message_count > 0) {
            abandon(call, GRPC_INTERNAL, "the server sent two messages on a unary call");
            return false;
        }
        buffer_clear(&call->answer);
        buffer_reserve(&call->answer, call->framing.length);
        return true;
    case FRAMING_PAYLOAD:
        buffer_append(&call->answer, slice, slice_length);
        return true;
    case FRAMING_MESSAGE:
        call->message_count++;
        if (!call->handlers.on_message)
            return true;
        call->handlers.on_message(call->context, call->answer.bytes, call->answer.length);
        /* The owner may have cancelled it. */
        return call->state == CALL_OPEN;
    case FRAMING_BAD_FLAG:
        abandon(call, GRPC_INTERNAL, "the server sent a message with an unknown flag");
        return false;
    case FRAMING_NEEDS_MORE:
        break;
    }
    return false;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream_id, const uint8_t *bytes,
    size_t length, void *context)
{
    (void)flags;
    (void)context;
    nghttp2_session_consume_connection(session, length);
    struct client_call *call = call_of(session, stream_id);
    if (!call)
        return 0;
    const uint8_t *position = bytes;
    size_t left = length;
    for (;;) {
        const uint8_t *slice = NULL;
        size_t slice_length = 0;
        enum framing_step step =
            framing_next(&call->framing, &position, &left, &slice, &slice_length);
        if (step == FRAMING_NEEDS_MORE)
            break;
        if (!take_step(call, step, slice, slice_length))
            return 0;
    }
    if (call->is_paused)
        call->unconsumed += length;
    else
        nghttp2_session_consume_stream(session, stream_id, length);
    return 0;
}

/* ---- how a stream ends ---- */

static enum grpc_status status_of_reset(uint32_t error_code)
{
    switch (error_code) {
    case NGHTTP2_REFUSED_STREAM:
        return GRPC_UNAVAILABLE;
    case NGHTTP2_CANCEL:
        return GRPC_CANCELLED;
    case NGHTTP2_ENHANCE_YOUR_CALM:
        return GRPC_RESOURCE_EXHAUSTED;
    case NGHTTP2_INADEQUATE_SECURITY:
        return GRPC_PERMISSION_DENIED;
    default:
        return GRPC_INTERNAL;
    }
}

static int on_stream_close(
    nghttp2_session *session, int32_t stream_id, uint32_t error_code, void *context)
{
    (void)context;
    struct client_call *call = call_of(session, stream_id);
    if (!call)
        return 0;
    char message[128];
    call->stream_id = -1;
    if (!call->has_status) {
        if (error_code == NGHTTP2_REFUSED_STREAM)
            call->was_sent = false;
        if (error_code != NGHTTP2_NO_ERROR)
            snprintf(message, sizeof message, "the server reset the call: %s",
                nghttp2_http2_strerror(error_code));
        else
            snprintf(message, sizeof message,
                "the server answered without a gRPC status (HTTP status %d)", call->http_status);
        client_call_finish(call,
            error_code != NGHTTP2_NO_ERROR ? status_of_reset(error_code) : GRPC_UNKNOWN, message);
    } else if (call->status == GRPC_OK && !framing_is_at_border(&call->framing)) {
        client_call_finish(call, GRPC_INTERNAL, "the server's last message is cut off");
    } else if (call->status == GRPC_OK && !call->handlers.on_message && call->message_count != 1) {
        client_call_finish(call, GRPC_INTERNAL, "the server said OK without an answer");
    } else {
        client_call_finish(call, call->status, NULL);
    }
    return 0;
}

static int on_frame_received(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
    (void)session;
    struct client *client = context;
    if (frame->hd.type == NGHTTP2_GOAWAY && client->state == CONNECTION_UP) {
        client->state = CONNECTION_DRAINING;
        client_wake(client);
    }
    return 0;
}

static int on_frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
    (void)context;
    if (frame->hd.type != NGHTTP2_HEADERS)
        return 0;
    struct client_call *call = call_of(session, frame->hd.stream_id);
    if (call)
        call->was_sent = true;
    return 0;
}

static int on_frame_not_sent(
    nghttp2_session *session, const nghttp2_frame *frame, int error_code, void *context)
{
    (void)context;
    if (frame->hd.type != NGHTTP2_HEADERS)
        return 0;
    struct client_call *call = call_of(session, frame->hd.stream_id);
    if (!call)
        return 0;
    /* GOAWAY came first: nothing has happened. */
    call->stream_id = -1;
    char message[128];
    snprintf(
        message, sizeof message, "the call could not be sent: %s", nghttp2_strerror(error_code));
    client_call_finish(call, GRPC_UNAVAILABLE, message);
    return 0;
}

/* ---- opening ---- */

int client_session_open(struct client *client)
{
    nghttp2_session_callbacks *callbacks;
    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        return -1;
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_received);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_sent);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, on_frame_not_sent);
    nghttp2_option *option;
    if (nghttp2_option_new(&option) != 0) {
        nghttp2_session_callbacks_del(callbacks);
        return -1;
    }
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_no_closed_streams(option, 1);
    int fault = nghttp2_session_client_new2(&client->session, callbacks, client, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    if (fault)
        return -1;
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW_BYTES},
    };
    if (nghttp2_submit_settings(client->session, NGHTTP2_FLAG_NONE, settings,
            sizeof settings / sizeof settings[0]) != 0 ||
        nghttp2_session_set_local_window_size(
            client->session, NGHTTP2_FLAG_NONE, 0, CONNECTION_WINDOW_BYTES) != 0) {
        client_session_close(client);
        return -1;
    }
    return 0;
}

void client_session_close(struct client *client)
{
    if (client->session)
        nghttp2_session_del(client->session);
    client->session = NULL;
}

/* ---- sending ---- */

static ssize_t read_request(nghttp2_session *session, int32_t stream_id, uint8_t *out,
    size_t length, uint32_t *data_flags, nghttp2_data_source *source, void *context)
{
    (void)source;
    (void)context;
    struct client_call *call = call_of(session, stream_id);
    if (!call)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    size_t left = call->request.length - call->request_sent;
    size_t taken = left < length ? left : length;
    memcpy(out, call->request.bytes + call->request_sent, taken);
    call->request_sent += taken;
    if (taken == left)
        *data_flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)taken;
}

static nghttp2_nv header(const char *name, const char *value)
{
    /* nghttp2 copies both and never writes to them; its type lacks the const. */
    union {
        const char *text;
        uint8_t *bytes;
    } name_of = {name}, value_of = {value};
    return (nghttp2_nv){.name = name_of.bytes,
        .value = value_of.bytes,
        .namelen = strlen(name),
        .valuelen = strlen(value),
        .flags = NGHTTP2_NV_FLAG_NONE};
}

/* At most eight digits and a unit, see gRPC over HTTP/2, "Timeout". */
static void format_timeout(int64_t timeout_us, char ret_text[16])
{
    if (timeout_us < 100000000)
        snprintf(ret_text, 16, "%du", (int)timeout_us);
    else if (timeout_us / 1000 < 100000000)
        snprintf(ret_text, 16, "%dm", (int)(timeout_us / 1000));
    else
        snprintf(ret_text, 16, "%dS", (int)(timeout_us / 1000000 % 100000000));
}

static void submit(struct client *client, struct client_call *call)
{
    char timeout[16];
    nghttp2_nv headers[8];
    size_t count = 0;
    headers[count++] = header(":method", "POST");
    headers[count++] = header(":scheme", client->tls ? "https" : "http");
    headers[count++] = header(":path", call->path);
    headers[count++] = header(":authority", client->address.authority);
    headers[count++] = header("te", "trailers");
    if (call->timeout_us > 0) {
        int64_t left = call->timeout_us - (clock_monotonic_us() - call->started_us);
        format_timeout(left > 1 ? left : 1, timeout);
        headers[count++] = header("grpc-timeout", timeout);
    }
    headers[count++] = header("content-type", "application/grpc+proto");
    headers[count++] = header("user-agent", "vsl-client/0.1");
    nghttp2_data_provider provider = {.read_callback = read_request};
    int32_t stream_id =
        nghttp2_submit_request(client->session, NULL, headers, count, &provider, call);
    if (stream_id < 0) {
        client_call_finish(call, GRPC_UNAVAILABLE, nghttp2_strerror(stream_id));
        return;
    }
    call->stream_id = stream_id;
    client_call_set_state(call, CALL_OPEN);
}

void client_session_submit_queued(struct client *client)
{
    while (client->queued.first)
        submit(client, client->queued.first);
}

int client_session_send(struct client *client)
{
    struct evbuffer *output = bufferevent_get_output(client->stream);
    CHECK(!client->in_session);
    client->in_session = true;
    int result = 0;
    while (evbuffer_get_length(output) < OUTPUT_BYTES_MAX) {
        const uint8_t *bytes;
        ssize_t length = nghttp2_session_mem_send(client->session, &bytes);
        if (length == 0)
            break;
        if (length < 0 || evbuffer_add(output, bytes, (size_t)length) != 0) {
            snprintf(client->lost_reason, sizeof client->lost_reason, "could not send: %s",
                length < 0 ? nghttp2_strerror((int)length) : "no memory");
            result = -1;
            break;
        }
    }
    client->in_session = false;
    if (result == 0 && !nghttp2_session_want_read(client->session) &&
        !nghttp2_session_want_write(client->session)) {
        snprintf(client->lost_reason, sizeof client->lost_reason, "the connection has ended");
        return -1;
    }
    return result;
}

int client_session_receive(struct client *client)
{
    struct evbuffer *input = bufferevent_get_input(client->stream);
    CHECK(!client->in_session);
    client->in_session = true;
    int result = 0;
    struct evbuffer_iovec piece;
    while (evbuffer_peek(input, -1, NULL, &piece, 1) > 0) {
        ssize_t used = nghttp2_session_mem_recv(client->session, piece.iov_base, piece.iov_len);
        if (used < 0) {
            snprintf(client->lost_reason, sizeof client->lost_reason,
                "the server does not speak HTTP/2: %s", nghttp2_strerror((int)used));
            result = -1;
            break;
        }
        evbuffer_drain(input, (size_t)used);
    }
    client->in_session = false;
    return result;
}

void client_session_resume(struct client_call *call)
{
    if (call->unconsumed == 0 || call->stream_id < 0)
        return;
    nghttp2_session_consume_stream(call->client->session, call->stream_id, call->unconsumed);
    call->unconsumed = 0;
    client_wake(call->client);
}

void client_session_reset_stream(struct client_call *call)
{
    struct client *client = call->client;
    if (call->stream_id < 0 || !client->session)
        return;
    nghttp2_session_set_stream_user_data(client->session, call->stream_id, NULL);
    if (nghttp2_submit_rst_stream(
            client->session, NGHTTP2_FLAG_NONE, call->stream_id, NGHTTP2_CANCEL) != 0)
        set_lost(client, "no memory to cancel a call");
    call->stream_id = -1;
    client_wake(client);
}
