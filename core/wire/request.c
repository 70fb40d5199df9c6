/* request.c: what a client may send in a call, rule by rule.
 *
 * Nothing of the header list is stored but what the rules need to know of it. A message is looked
 * at when its five-byte prefix is there, before a byte of it is held. A unary method runs only when
 * END_STREAM has come, so that a broken tail can never follow an executed request.
 * Sources: grpc/grpc doc/PROTOCOL-HTTP2.md, compression.md, statuscodes.md.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/request.h"

#include "base/check.h"
#include "wire/call.h"
#include "wire/gzip.h"
#include "wire/health.h"
#include "wire/language.h"
#include "wire/reflection.h"
#include "wire/response.h"
#include "wire/session.h"
#include "wire/timeout.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A message buffer is made this large at once, and grows by what has arrived beyond: a client that
 * only announces a long message must not cost more than what it has sent is charged for. */
#define BUFFER_BYTES_AT_ONCE 1024

static bool equals(const uint8_t *bytes, size_t length, const char *text)
{
    return length == strlen(text) && memcmp(bytes, text, length) == 0;
}

/* content-type: "application/grpc", alone or with "+proto", and any parameters after ';'. */
static void take_content_type(struct wire_call *call, const uint8_t *value, size_t length)
{
    static const char prefix[] = "application/grpc";
    size_t used = sizeof prefix - 1;

    if (length < used || strncasecmp((const char *)value, prefix, used) != 0)
        return;
    const uint8_t *end = memchr(value, ';', length);
    if (end)
        length = (size_t)(end - value);
    while (length > used && value[length - 1] == ' ')
        length--;
    if (length > used && value[used] != '+')
        return;
    call->is_grpc = true;
    call->has_bad_subtype = length > used && !equals(value + used, length - used, "+proto");
}

/* Whether a comma-separated list has the item. */
static bool list_has(const uint8_t *value, size_t length, const char *item)
{
    size_t start = 0;
    while (start < length) {
        size_t end = start;
        while (end < length && value[end] != ',')
            end++;
        size_t first = start;
        size_t last = end;
        while (first < last && value[first] == ' ')
            first++;
        while (last > first && value[last - 1] == ' ')
            last--;
        if (equals(value + first, last - first, item))
            return true;
        start = end + 1;
    }
    return false;
}

static void take_path(struct wire_call *call, const uint8_t *value, size_t length)
{
    call->method = server_find_method(call->server, value, length);
    if (call->method && call->method->owner == METHOD_REFLECTION &&
        !server_answers_reflection(call->server))
        call->method = NULL;
    if (call->method) {
        call->kind = call->method->kind;
        call->tag = call->method->tag;
        return;
    }
    /* "/service/method": tells an unknown method of a known service from an unknown service. */
    const uint8_t *slash = length > 1 ? memrchr(value + 1, '/', length - 1) : NULL;
    if (slash && value[0] == '/')
        call->has_service =
            server_has_service(call->server, value + 1, (size_t)(slash - value - 1));
}

int request_on_header(struct wire_call *call, const uint8_t *name, size_t name_length,
    const uint8_t *value, size_t value_length)
{
    call->header_bytes += name_length + value_length + 32;
    if (call->header_bytes > HEADER_LIST_BYTES_CUT)
        return -1;
    switch (name_length) {
    case 5:
        if (equals(name, name_length, ":path"))
            take_path(call, value, value_length);
        break;
    case 7:
        if (equals(name, name_length, ":method"))
            call->is_post = equals(value, value_length, "POST");
        break;
    case 12:
        if (equals(name, name_length, "content-type")) {
            take_content_type(call, value, value_length);
        } else if (equals(name, name_length, "grpc-timeout")) {
            call->has_timeout = true;
            call->has_bad_timeout = timeout_decode(value, value_length, &call->timeout_us) < 0;
        }
        break;
    case 13:
        if (equals(name, name_length, "grpc-encoding")) {
            call->sends_gzip = equals(value, value_length, "gzip");
            call->has_bad_encoding = !call->sends_gzip && !equals(value, value_length, "identity");
        }
        break;
    case 15:
        if (equals(name, name_length, "accept-language"))
            language_take(&call->language, value, value_length);
        break;
    case 20:
        if (equals(name, name_length, "grpc-accept-encoding"))
            call->takes_gzip = call->takes_gzip || list_has(value, value_length, "gzip");
        break;
    default:
        break;
    }
    return 0;
}

/* Hands the call over to wire's own methods or to the handler. */
static void dispatch(struct wire_call *call)
{
    struct wire_server *server = call->server;

    if (call->method->class != WIRE_QUICK) {
        if (!admission_begin_call(
                &server->admission, &server->config, call->source, call->method->class)) {
            response_fail(call, WIRE_RESOURCE_EXHAUSTED,
                WORDING("too many such calls of this caller, or of all, are under way",
                    "该调用方或全部调用方正在进行的此类调用过多"),
                &response_overloaded);
            return;
        }
        call->class = call->method->class;
    }
    call_set_state(call, CALL_RUNNING);
    call->is_owned = true;
    /* A stream may live for ever; its request must not hold back other calls for so long. */
    if (call->kind == WIRE_UNARY)
        call->held = call->request.length;
    call->session->held_bytes += call->held;
    server->counters.calls_started++;
    switch (call->method->owner) {
    case METHOD_OF_HANDLER:
        server->config.handlers.on_call(
            server->config.context, call, call->request.bytes, call->request.length);
        break;
    case METHOD_HEALTH_CHECK:
    case METHOD_HEALTH_WATCH:
        health_on_call(call);
        break;
    case METHOD_REFLECTION:
        break;
    }
}

static void fail_headers(struct wire_call *call)
{
    char english[128], chinese[128];
    unsigned bytes_max = HEADER_LIST_BYTES_MAX;
    snprintf(english, sizeof english,
        "the header list is larger than the limit of %u bytes: send fewer or shorter headers",
        bytes_max);
    snprintf(chinese, sizeof chinese, "请求头超过 %u 字节的上限：请减少或缩短请求头", bytes_max);
    response_fail(call, WIRE_RESOURCE_EXHAUSTED, WORDING(english, chinese), &response_bad_call);
}

/* What can be refused from the header list alone. Returns whether the call may go on. */
static bool check_headers(struct wire_call *call)
{
    struct wire_server *server = call->server;

    if (!call->is_post) {
        response_http_error(call, "405");
    } else if (!call->is_grpc) {
        response_http_error(call, call->header_bytes > HEADER_LIST_BYTES_MAX ? "431" : "415");
    } else if (call->header_bytes > HEADER_LIST_BYTES_MAX) {
        fail_headers(call);
    } else if (!call->method) {
        response_fail(call, WIRE_UNIMPLEMENTED,
            call->has_service ? WORDING("the service has no such method", "该服务没有这个方法")
                              : WORDING("there is no such service", "没有这个服务"),
            &response_bad_call);
    } else if (call->has_bad_subtype) {
        response_fail(call, WIRE_UNIMPLEMENTED,
            WORDING("content-type must be application/grpc or application/grpc+proto",
                "content-type 须为 application/grpc 或 application/grpc+proto"),
            &response_bad_call);
    } else if (call->has_bad_encoding) {
        response_refuse_encoding(call);
    } else if (call->has_bad_timeout) {
        response_fail(call, WIRE_INTERNAL,
            WORDING("grpc-timeout must be 1 to 8 digits and one of H, M, S, m, u, n",
                "grpc-timeout 须为 1 至 8 位数字加 H、M、S、m、u、n 之一"),
            &response_bad_call);
    } else if (call->method->owner == METHOD_OF_HANDLER && !server_takes_calls(server)) {
        response_fail(call, WIRE_UNAVAILABLE,
            WORDING("the server does not take calls now", "服务器暂不接受调用"), &wire_not_decided);
    } else if (call->is_over_limit) {
        response_fail(call, WIRE_RESOURCE_EXHAUSTED,
            WORDING("too many calls of this connection are under way", "该连接正在进行的调用过多"),
            &response_overloaded);
    } else if (!call_has_room(call, 0)) {
        response_fail(call, WIRE_RESOURCE_EXHAUSTED,
            WORDING("the server holds too many requests and answers, of this caller or in all",
                "服务器中该调用方或全部调用方的请求与应答过多"),
            &response_overloaded);
    } else {
        return true;
    }
    return false;
}

void request_on_headers_end(struct wire_call *call)
{
    CHECK(call->state == CALL_HEADERS);
    if (!check_headers(call))
        return;
    call_set_state(call, CALL_BODY);
    if (call->has_timeout)
        call_start_deadline(call);
    if (call->method->owner == METHOD_REFLECTION)
        dispatch(call);
}

static uint32_t message_bytes_max(const struct wire_call *call)
{
    return call->method->owner == METHOD_OF_HANDLER ? MESSAGE_BYTES_MAX
                                                    : INTERNAL_MESSAGE_BYTES_MAX;
}

/* Ends the call over the size of its message; a size of 0 is not known. */
static void fail_too_large(struct wire_call *call, struct wording what, uint32_t length)
{
    char english[192], chinese[192];
    char has[32] = "", has_zh[32] = "";
    unsigned bytes_max = message_bytes_max(call);
    if (length > 0) {
        snprintf(has, sizeof has, "; it has %u", (unsigned)length);
        snprintf(has_zh, sizeof has_zh, "，实为 %u", (unsigned)length);
    }
    snprintf(english, sizeof english,
        "the %s is larger than the limit of %u bytes%s: send less at a time, the same would be "
        "refused again",
        what.english, bytes_max, has);
    snprintf(chinese, sizeof chinese,
        "%s超过 %u 字节的上限%s：请减少每次发送的内容，重发仍会被拒绝", what.chinese, bytes_max,
        has_zh);
    response_fail(call, WIRE_RESOURCE_EXHAUSTED, WORDING(english, chinese), &response_bad_call);
}

/* Judges a message by its prefix. Returns whether it may come. */
static bool check_prefix(struct wire_call *call)
{
    const struct framing *framing = &call->framing;

    if (call->message_count > 0 && call->method->owner != METHOD_REFLECTION) {
        response_fail(call, WIRE_UNIMPLEMENTED,
            WORDING("the method takes one message, not two", "该方法只接受一个报文，收到两个"),
            &response_bad_call);
        return false;
    }
    if (framing->length > message_bytes_max(call)) {
        fail_too_large(call, WORDING("message", "报文"), framing->length);
        return false;
    }
    if (framing->is_compressed && !call->sends_gzip) {
        response_fail(call, WIRE_INTERNAL,
            WORDING("the message is compressed without grpc-encoding",
                "报文已压缩，但没有 grpc-encoding"),
            &response_bad_call);
        return false;
    }
    call->is_message_compressed = framing->is_compressed;
    call->was_compressed = call->was_compressed || framing->is_compressed;
    return true;
}

/* Keeps a piece of the message. Returns whether there was room. */
static bool take_payload(struct wire_call *call, const uint8_t *slice, size_t length)
{
    if (!call_has_room(call, length)) {
        response_fail(call, WIRE_RESOURCE_EXHAUSTED,
            WORDING("the server holds too many requests and answers, of this caller or in all",
                "服务器中该调用方或全部调用方的请求与应答过多"),
            &response_overloaded);
        return false;
    }
    if (call->request.length == 0)
        buffer_reserve(&call->request, call->framing.length < BUFFER_BYTES_AT_ONCE
                                           ? call->framing.length
                                           : BUFFER_BYTES_AT_ONCE);
    call_charge(call, length);
    buffer_append(&call->request, slice, length);
    return true;
}

/* Replaces a gzip-compressed message by its content, which it takes over, or fails the call.
 * Returns whether it is sound. */
static bool take_content(struct wire_call *call, enum gzip_result result, struct buffer *content)
{
    if (result == GZIP_OK && call_has_room(call, content->length)) {
        call_discharge(call, call->request.length);
        buffer_finish(&call->request);
        call->request = *content;
        *content = (struct buffer){0};
        call_charge(call, call->request.length);
        call->is_message_compressed = false;
        return true;
    }
    buffer_finish(content);
    if (result == GZIP_CORRUPT)
        response_fail(call, WIRE_INTERNAL,
            WORDING("the compressed message is corrupt", "压缩的报文已损坏"), &response_bad_call);
    else if (result == GZIP_TOO_LARGE)
        fail_too_large(call, WORDING("decompressed message", "解压后的报文"), 0);
    else
        response_fail(call, WIRE_RESOURCE_EXHAUSTED,
            WORDING("the server holds too many requests and answers, of this caller or in all",
                "服务器中该调用方或全部调用方的请求与应答过多"),
            &response_overloaded);
    return false;
}

static bool inflate_message(struct wire_call *call)
{
    struct buffer content = {0};
    enum gzip_result result = gzip_inflate(call->server->gzip, call->request.bytes,
        call->request.length, message_bytes_max(call), &content);
    return take_content(call, result, &content);
}

/* A message of a bidirectional stream is answered at once. */
static void answer_stream_message(struct wire_call *call)
{
    if (call->is_message_compressed && !inflate_message(call))
        return;
    reflection_on_message(call, call->request.bytes, call->request.length);
}

static bool is_receiving(const struct wire_call *call)
{
    bool is_stream = call->method && call->method->owner == METHOD_REFLECTION;
    return call->state == CALL_BODY ||
           (is_stream && call->is_owned &&
               (call->state == CALL_RUNNING || call->state == CALL_STREAMING));
}

void request_on_data(struct wire_call *call, const uint8_t *bytes, size_t length)
{
    while (is_receiving(call)) {
        const uint8_t *slice = NULL;
        size_t slice_length = 0;
        enum framing_step step =
            framing_next(&call->framing, &bytes, &length, &slice, &slice_length);
        switch (step) {
        case FRAMING_NEEDS_MORE:
            return;
        case FRAMING_PREFIX:
            if (!check_prefix(call))
                return;
            break;
        case FRAMING_PAYLOAD:
            if (!take_payload(call, slice, slice_length))
                return;
            break;
        case FRAMING_MESSAGE:
            call->message_count++;
            if (call->method->owner == METHOD_REFLECTION) {
                answer_stream_message(call);
                call_drop_request(call);
            }
            break;
        case FRAMING_BAD_FLAG:
            response_fail(call, WIRE_INTERNAL,
                WORDING("the message's first byte is neither 0 nor 1", "报文的首字节既非 0 也非 1"),
                &response_bad_call);
            return;
        }
    }
}

/* The whole message is there. */
static void go_on(struct wire_call *call)
{
    if (call->method->owner == METHOD_OF_HANDLER && !server_takes_calls(call->server)) {
        response_fail(call, WIRE_UNAVAILABLE,
            WORDING("the server does not take calls now", "服务器暂不接受调用"), &wire_not_decided);
        return;
    }
    dispatch(call);
}

void request_on_end(struct wire_call *call)
{
    if (!is_receiving(call))
        return;
    if (!framing_is_at_border(&call->framing)) {
        response_fail(call, WIRE_INTERNAL,
            WORDING("the request ends within a message", "请求在报文中途结束"), &response_bad_call);
        return;
    }
    if (call->method->owner == METHOD_REFLECTION) {
        reflection_on_end(call);
        return;
    }
    if (call->message_count == 0) {
        response_fail(call, WIRE_UNIMPLEMENTED,
            WORDING("the method takes one message, not none", "该方法须有一个报文，未收到"),
            &response_bad_call);
        return;
    }
    CHECK(call->message_count == 1);
    /* Not here: a read may bring many that are small now. */
    if (call->is_message_compressed)
        call_queue_inflation(call);
    else
        go_on(call);
}

void request_inflate(struct wire_call *call, bool is_begin)
{
    struct wire_server *server = call->server;
    struct buffer *content = &server->inflated;
    CHECK(call->state == CALL_BODY);
    if (is_begin) {
        buffer_clear(content);
        gzip_inflate_begin(server->gzip, call->request.bytes, call->request.length);
    }
    enum gzip_result result = gzip_inflate_step(server->gzip, message_bytes_max(call), content);
    if (result == GZIP_HAS_MORE)
        return;
    call_end_inflation(call);
    if (take_content(call, result, content))
        go_on(call);
}
