/* response.c: how answers become frames.
 *
 * nghttp2 pulls: it asks on_read for the next bytes of a stream when windows and the socket allow.
 * Trailers are submitted when the queue is empty and the owner has ended the call.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/response.h"

#include "base/check.h"
#include "base/clock.h"
#include "wire/call.h"
#include "wire/framing.h"
#include "wire/gzip.h"
#include "wire/session.h"

#include <string.h>

/* A waiting owner is told when its queue has drained to this. */
#define QUEUE_BYTES_LOW (64 * 1024)
/* The sent part of a queue is cut off when it is larger than this. */
#define COMPACT_BYTES_MIN (64 * 1024)
#define HEADERS_MAX 6

struct headers {
    nghttp2_nv fields[HEADERS_MAX];
    size_t count;
};

/* nghttp2 takes pointers to non-const and does not write through them. */
const struct wire_details wire_not_decided = {.reason = REASON_NOT_DECIDED};
const struct wire_details wire_perhaps_decided = {.reason = REASON_PERHAPS_DECIDED};
const struct wire_details response_bad_call = {.reason = REASON_BAD_CALL};
const struct wire_details response_overloaded = {
    .reason = REASON_OVERLOADED, .retry_after_us = 1000000};

static uint8_t *unconst(const void *bytes)
{
    return (uint8_t *)(uintptr_t)bytes;
}

/* Names are literals; so are values unless `copies`. */
static void add(
    struct headers *headers, const char *name, const void *value, size_t length, bool copies)
{
    CHECK(headers->count < HEADERS_MAX);
    headers->fields[headers->count++] = (nghttp2_nv){
        .name = unconst(name),
        .namelen = strlen(name),
        .value = unconst(value),
        .valuelen = length,
        .flags = (uint8_t)(NGHTTP2_NV_FLAG_NO_COPY_NAME |
                           (copies ? NGHTTP2_NV_FLAG_NONE : NGHTTP2_NV_FLAG_NO_COPY_VALUE)),
    };
}

static void add_literal(struct headers *headers, const char *name, const char *value)
{
    add(headers, name, value, strlen(value), false);
}

static void add_status(struct headers *headers, const struct status_text *trailer)
{
    static const char *const numbers[] = {
        "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"};
    CHECK(trailer->status <= WIRE_UNAUTHENTICATED);
    add_literal(headers, "grpc-status", numbers[trailer->status]);
    if (trailer->message.length > 0)
        add(headers, "grpc-message", trailer->message.bytes, trailer->message.length, true);
    if (trailer->details.length > 0)
        add(headers, "grpc-status-details-bin", trailer->details.bytes, trailer->details.length,
            true);
    if (trailer->pushback_ms[0] != '\0')
        add(headers, "grpc-retry-pushback-ms", trailer->pushback_ms, strlen(trailer->pushback_ms),
            true);
}

static void submit_trailer(struct wire_call *call)
{
    struct headers headers = {.count = 0};
    add_status(&headers, &call->trailer);
    int rc =
        nghttp2_submit_trailer(call->session->h2, call->stream_id, headers.fields, headers.count);
    CHECK(rc == 0);
}

static ssize_t on_read(nghttp2_session *h2, int32_t stream_id, uint8_t *buf, size_t length,
    uint32_t *data_flags, nghttp2_data_source *source, void *context)
{
    (void)h2;
    (void)stream_id;
    (void)context;
    struct wire_call *call = source->ptr;
    size_t left = response_queued(call);

    if (left == 0 && !call->has_end) {
        call->is_deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    size_t taken = left < length ? left : length;
    if (taken > 0) {
        memcpy(buf, call->out.bytes + call->out_sent, taken);
        call->out_sent += taken;
        call_discharge(call, taken);
        call->progress_us = clock_monotonic_us();
    }
    if (taken == left) {
        buffer_clear(&call->out);
        call->out_sent = 0;
        if (call->has_end) {
            *data_flags = NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
            submit_trailer(call);
        }
    }
    if (call->is_full && left - taken <= QUEUE_BYTES_LOW)
        call_queue_ready(call);
    return (ssize_t)taken;
}

static void submit(struct wire_call *call, const struct headers *headers, bool has_data)
{
    nghttp2_data_provider provider = {.source.ptr = call, .read_callback = on_read};
    int rc = nghttp2_submit_response(call->session->h2, call->stream_id, headers->fields,
        headers->count, has_data ? &provider : NULL);
    CHECK(rc == 0);
    call->has_headers = true;
    call->progress_us = clock_monotonic_us();
    session_wake(call->session);
}

static void send_headers(struct wire_call *call)
{
    struct headers headers = {.count = 0};
    add_literal(&headers, ":status", "200");
    add_literal(&headers, "content-type", "application/grpc");
    if (call->compresses)
        add_literal(&headers, "grpc-encoding", "gzip");
    submit(call, &headers, true);
}

static void resume(struct wire_call *call)
{
    if (!call->is_deferred)
        return;
    call->is_deferred = false;
    call->progress_us = clock_monotonic_us();
    /* Fails when the stream is already being closed; on_stream_close follows then. */
    (void)nghttp2_session_resume_data(call->session->h2, call->stream_id);
    session_wake(call->session);
}

size_t response_queued(const struct wire_call *call)
{
    return call->out.length - call->out_sent;
}

/* Where the message ends that begins here in the queue. */
static size_t message_end(const struct wire_call *call, size_t start)
{
    CHECK(start + FRAMING_PREFIX_BYTES <= call->out.length);
    size_t end = start + FRAMING_PREFIX_BYTES + framing_decode_length(call->out.bytes + start);
    CHECK(end <= call->out.length);
    return end;
}

/* The end of the messages of the queue that have left wholly. */
static size_t sent_border(const struct wire_call *call)
{
    size_t border = 0;
    while (border < call->out_sent) {
        size_t end = message_end(call, border);
        if (end > call->out_sent)
            break;
        border = end;
    }
    return border;
}

/* Puts one framed message into the queue. */
static void enqueue(struct wire_call *call, const void *message, size_t length, bool compress)
{
    uint8_t prefix[FRAMING_PREFIX_BYTES] = {0};

    if (call->out_sent > COMPACT_BYTES_MIN) {
        /* The queue always begins with the begin of a message. */
        size_t border = sent_border(call);
        memmove(call->out.bytes, call->out.bytes + border, call->out.length - border);
        call->out.length -= border;
        call->out_sent -= border;
    }
    size_t start = call->out.length;
    buffer_append(&call->out, prefix, sizeof prefix);
    if (compress)
        gzip_deflate(call->server->gzip, message, length, &call->out);
    else
        buffer_append(&call->out, message, length);
    size_t payload = call->out.length - start - sizeof prefix;
    CHECK(payload <= UINT32_MAX);
    framing_encode_prefix(call->out.bytes + start, compress, (uint32_t)payload);
    call_charge(call, call->out.length - start);
}

void response_send(struct wire_call *call, const void *message, size_t length)
{
    CHECK(call->state == CALL_RUNNING || call->state == CALL_STREAMING);
    CHECK(!call->has_end);
    bool may_compress = call->was_compressed && call->takes_gzip;
    bool compress = may_compress && length >= COMPRESS_BYTES_MIN;

    if (!call->has_headers)
        call->compresses = call->kind == WIRE_UNARY ? compress : may_compress;
    enqueue(call, message, length, compress);
    if (call->has_headers) {
        resume(call);
        return;
    }
    call_set_state(call, CALL_STREAMING);
    send_headers(call);
}

static void finish(struct wire_call *call)
{
    call->has_end = true;
    call_set_state(call, CALL_ANSWERED);
    if (call->has_headers) {
        resume(call);
        return;
    }
    struct headers headers = {.count = 0};
    add_literal(&headers, ":status", "200");
    add_literal(&headers, "content-type", "application/grpc");
    add_status(&headers, &call->trailer);
    submit(call, &headers, false);
}

void response_end(struct wire_call *call)
{
    status_encode(&call->trailer, WIRE_OK, WIRE_ENGLISH, WORDING("", ""), NULL);
    finish(call);
}

void response_fail(struct wire_call *call, enum wire_status status, struct wording message,
    const struct wire_details *details)
{
    CHECK(status != WIRE_OK);
    if (!call->is_owned)
        call_drop_request(call);
    call->server->counters.calls_failed++;
    status_encode(&call->trailer, status, language_of(&call->language), message, details);
    finish(call);
}

void response_drop_queue(struct wire_call *call)
{
    size_t end = sent_border(call);
    if (end < call->out_sent)
        end = message_end(call, end);
    call_discharge(call, call->out.length - end);
    call->out.length = end;
}

void response_refuse_encoding(struct wire_call *call)
{
    struct headers headers = {.count = 0};

    CHECK(!call->has_headers);
    call->server->counters.calls_failed++;
    status_encode(&call->trailer, WIRE_UNIMPLEMENTED, language_of(&call->language),
        WORDING("grpc-encoding must be one of those in grpc-accept-encoding",
            "grpc-encoding 须为 grpc-accept-encoding 所列之一"),
        &response_bad_call);
    call->has_end = true;
    call_set_state(call, CALL_ANSWERED);
    add_literal(&headers, ":status", "200");
    add_literal(&headers, "content-type", "application/grpc");
    add_literal(&headers, "grpc-accept-encoding", "identity,gzip");
    add_status(&headers, &call->trailer);
    submit(call, &headers, false);
}

void response_http_error(struct wire_call *call, const char *status)
{
    struct headers headers = {.count = 0};

    CHECK(!call->has_headers);
    call->server->counters.calls_failed++;
    call->has_end = true;
    call_set_state(call, CALL_ANSWERED);
    add_literal(&headers, ":status", status);
    if (strcmp(status, "405") == 0)
        add_literal(&headers, "allow", "POST");
    submit(call, &headers, false);
}

void response_reset(struct wire_call *call, uint32_t error_code)
{
    /* The stream closes, and the owner learns it, when the frame is sent. */
    int rc = nghttp2_submit_rst_stream(
        call->session->h2, NGHTTP2_FLAG_NONE, call->stream_id, error_code);
    CHECK(rc == 0);
    session_wake(call->session);
}
