/* health.c: Check and Watch.
 *
 * Every service of the server has the same health, because they share one engine; the owner's own
 * name has one apart. A watch sends only what changed, and the newest state when it was behind.
 * Source: grpc/grpc doc/health-checking.md.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/health.h"

#include "base/check.h"
#include "base/utf8.h"
#include "wire/call.h"
#include "wire/proto_wire.h"
#include "wire/response.h"

#include <string.h>

enum serving_status {
    STATUS_SERVING = 1,
    STATUS_NOT_SERVING = 2,
    STATUS_SERVICE_UNKNOWN = 3,
};

int health_decode_request(const uint8_t *bytes, size_t length, struct text *ret_service)
{
    struct proto_reader reader = proto_reader_of(bytes, length);
    struct proto_field field;
    struct text service = {.bytes = NULL};

    while (proto_next(&reader, &field)) {
        if (field.number != 1)
            continue;
        if (field.type != PROTO_BYTES || !utf8_is_valid(field.bytes, field.length))
            return -1;
        service.bytes = (const char *)field.bytes;
        service.length = (uint32_t)field.length;
    }
    if (reader.failed)
        return -1;
    *ret_service = service;
    return 0;
}

static enum health_subject subject_of(const struct wire_server *server, struct text name)
{
    const char *own = server->config.health_name;
    if (own && strlen(own) == name.length && memcmp(own, name.bytes, name.length) == 0)
        return HEALTH_OF_NAME;
    bool is_known = name.length == 0 || server_has_service(server, name.bytes, name.length);
    return is_known ? HEALTH_OF_SERVER : HEALTH_UNKNOWN;
}

static enum serving_status status_of(const struct wire_server *server, enum health_subject subject)
{
    if (subject == HEALTH_UNKNOWN)
        return STATUS_SERVICE_UNKNOWN;
    bool is_unhealthy =
        subject == HEALTH_OF_NAME ? server->is_name_unhealthy : server->is_unhealthy;
    bool is_serving = server->is_serving && server->state == SERVER_RUNNING && !is_unhealthy;
    return is_serving ? STATUS_SERVING : STATUS_NOT_SERVING;
}

/* HealthCheckResponse; two bytes. */
static size_t encode_response(uint8_t out[2], enum serving_status status)
{
    out[0] = 1 << 3 | PROTO_VARINT;
    out[1] = (uint8_t)status;
    return 2;
}

static void send_if_changed(struct wire_call *call)
{
    uint8_t message[2];
    enum serving_status status = status_of(call->server, call->watches);

    if (call->watched == (int32_t)status || call->is_full)
        return;
    call->watched = (int32_t)status;
    (void)wire_stream_send(call, message, encode_response(message, status));
}

static void start_watch(struct wire_call *call, enum health_subject subject)
{
    call->watches = subject;
    call->is_watching = true;
    TAILQ_INSERT_TAIL(&call->server->watchers, call, watcher_link);
    send_if_changed(call);
}

void health_on_call(struct wire_call *call)
{
    struct wire_server *server = call->server;
    struct text service;

    CHECK(call->is_owned);
    if (health_decode_request(call->request.bytes, call->request.length, &service) < 0) {
        wire_fail(call, WIRE_INTERNAL,
            WORDING("the request is no HealthCheckRequest", "请求不是 HealthCheckRequest"),
            &response_bad_call);
        return;
    }
    enum health_subject subject = subject_of(server, service);
    if (call->method->owner == METHOD_HEALTH_WATCH) {
        start_watch(call, subject);
        return;
    }
    if (subject == HEALTH_UNKNOWN) {
        static const struct wire_details unknown = {.reason = REASON_NOT_FOUND};
        wire_fail(
            call, WIRE_NOT_FOUND, WORDING("there is no such service", "没有这个服务"), &unknown);
        return;
    }
    uint8_t message[2];
    size_t length = encode_response(message, status_of(server, subject));
    wire_reply(call, message, length);
}

void health_stop_watch(struct wire_call *call)
{
    if (call->is_watching)
        TAILQ_REMOVE(&call->server->watchers, call, watcher_link);
    call->is_watching = false;
}

void health_on_ready(struct wire_call *call)
{
    if (wire_call_is_gone(call)) {
        health_stop_watch(call);
        wire_stream_end(call);
        return;
    }
    send_if_changed(call);
}

void health_tell_watchers(struct wire_server *server)
{
    struct wire_call *call;
    TAILQ_FOREACH(call, &server->watchers, watcher_link)
    {
        if (!wire_call_is_gone(call))
            send_if_changed(call);
    }
}
