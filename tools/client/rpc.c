/* rpc.c: protobuf-c messages over the client.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/rpc.h"

#include "base/check.h"
#include "client/terminal.h"
#include "reason_list.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_BLOCK_BYTES ((size_t)256 << 10)
#define ANSWER_BYTES_MAX ((size_t)1 << 30)

const ProtobufCMethodDescriptor *rpc_path(const ProtobufCServiceDescriptor *service,
    const char *method, char ret_path[RPC_PATH_BYTES_MAX])
{
    const ProtobufCMethodDescriptor *found =
        protobuf_c_service_descriptor_get_method_by_name(service, method);
    CHECK(found != NULL);
    int length = snprintf(ret_path, RPC_PATH_BYTES_MAX, "/%s/%s", service->name, method);
    CHECK(length > 0 && length < RPC_PATH_BYTES_MAX);
    return found;
}

static void *arena_alloc_for_protobuf(void *arena, size_t bytes)
{
    return arena_try_alloc(arena, bytes);
}

static void arena_free_for_protobuf(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

ProtobufCAllocator rpc_arena_allocator(struct arena *arena)
{
    return (ProtobufCAllocator){.alloc = arena_alloc_for_protobuf,
        .free = arena_free_for_protobuf,
        .allocator_data = arena};
}

ProtobufCMessage *rpc_unpack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes,
    size_t length, struct arena *arena)
{
    static const uint8_t nothing[1];
    ProtobufCAllocator allocator = rpc_arena_allocator(arena);
    return protobuf_c_message_unpack(descriptor, &allocator, length, bytes ? bytes : nothing);
}

void rpc_pack(const ProtobufCMessage *message, struct buffer *out)
{
    size_t length = protobuf_c_message_get_packed_size(message);
    buffer_clear(out);
    buffer_reserve(out, length + 1);
    out->length = protobuf_c_message_pack(message, out->bytes);
    CHECK(out->length == length);
}

/* ---- faults ---- */

void rpc_fault_set(struct rpc_fault *fault, const struct client_end *end)
{
    fault->status = end->status;
    fault->not_sent = end->not_sent;
    fault->is_answered = end->is_answered;
    snprintf(fault->message, sizeof fault->message, "%s", end->message);
    buffer_clear(&fault->details);
    buffer_append(&fault->details, end->details, end->details_length);
}

void rpc_fault_finish(struct rpc_fault *fault)
{
    buffer_finish(&fault->details);
    *fault = (struct rpc_fault){0};
}

/* Whether the server gave a reason that is in reason.proto, and what that one says. */
static bool has_known_reason(const struct rpc_fault *fault, bool *ret_has_no_effect)
{
    static const struct {
        const char *name;
        bool has_no_effect;
    } reasons[] = {
#define REASON(name, has_no_effect) {#name, has_no_effect},
        REASON_LIST(REASON)
#undef REASON
    };
    struct status_details details;
    status_details_decode(fault->details.bytes, fault->details.length, &details);
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (details.reason.length == strlen(reasons[i].name) &&
            memcmp(details.reason.bytes, reasons[i].name, details.reason.length) == 0) {
            *ret_has_no_effect = reasons[i].has_no_effect;
            return true;
        }
    }
    return false;
}

bool rpc_fault_may_have_effect(const struct rpc_fault *fault)
{
    if (fault->not_sent)
        return false;
    if (!fault->is_answered)
        return true;
    bool has_no_effect;
    if (has_known_reason(fault, &has_no_effect))
        return !has_no_effect;
    switch (fault->status) {
    case GRPC_INVALID_ARGUMENT:
    case GRPC_NOT_FOUND:
    case GRPC_ALREADY_EXISTS:
    case GRPC_PERMISSION_DENIED:
    case GRPC_FAILED_PRECONDITION:
    case GRPC_OUT_OF_RANGE:
    case GRPC_UNIMPLEMENTED:
    case GRPC_UNAUTHENTICATED:
        return false;
    case GRPC_OK:          /* with an answer that cannot be read */
    case GRPC_UNAVAILABLE: /* the answer may have been lost behind the decision */
    case GRPC_DEADLINE_EXCEEDED:
    case GRPC_CANCELLED:
    case GRPC_UNKNOWN:
    case GRPC_ABORTED:
    case GRPC_INTERNAL:
    case GRPC_DATA_LOSS:
    case GRPC_RESOURCE_EXHAUSTED: /* of something between, or of the client's own library */
        break;
    }
    return true;
}

void rpc_fault_print(FILE *out, const struct rpc_fault *fault)
{
    char *message = terminal_escaped(fault->message);
    fprintf(out, "%s: %s\n", grpc_status_name(fault->status), message);
    free(message);
    struct status_details details;
    status_details_decode(fault->details.bytes, fault->details.length, &details);
    for (size_t i = 0; i < details.violation_count; i++) {
        const struct status_violation *violation = &details.violations[i];
        /* The message of a single violation often is the violation. */
        if (memmem(fault->message, strlen(fault->message), violation->description.bytes,
                violation->description.length))
            continue;
        struct buffer line = {0};
        terminal_escape(violation->field.bytes, violation->field.length, &line);
        buffer_append(&line, ": ", 2);
        terminal_escape(violation->description.bytes, violation->description.length, &line);
        fprintf(out, "  %.*s\n", (int)line.length, (const char *)line.bytes);
        buffer_finish(&line);
    }
    if (details.reason.length > 0)
        fprintf(out, "  reason: %.*s\n", (int)details.reason.length, details.reason.bytes);
    if (details.retry_after_us > 0)
        fprintf(out, "  try again in %.1f s\n", (double)details.retry_after_us / 1e6);
}

/* ---- blocking ---- */

int rpc_open(struct rpc *rpc, const struct client_config *config, int64_t timeout_us,
    char *ret_error, size_t error_bytes)
{
    *rpc = (struct rpc){.timeout_us = timeout_us};
    rpc->base = event_base_new();
    CHECK(rpc->base != NULL);
    arena_init(&rpc->arena, ANSWER_BLOCK_BYTES, ANSWER_BYTES_MAX);
    rpc->client = client_open(rpc->base, config, ret_error, error_bytes);
    if (!rpc->client) {
        rpc_close(rpc);
        return -1;
    }
    return 0;
}

void rpc_close(struct rpc *rpc)
{
    client_close(rpc->client);
    if (rpc->base)
        client_free_base(rpc->base);
    arena_finish(&rpc->arena);
    buffer_finish(&rpc->request);
    rpc_fault_finish(&rpc->fault);
    *rpc = (struct rpc){0};
}

void rpc_reset(struct rpc *rpc)
{
    arena_reset(&rpc->arena);
}

struct waiting {
    struct rpc *rpc;
    const ProtobufCMessageDescriptor *descriptor;
    ProtobufCMessage *answer;
    bool has_ended;
};

static void on_end(void *context, const struct client_end *end)
{
    struct waiting *waiting = context;
    waiting->has_ended = true;
    if (end->status != GRPC_OK) {
        rpc_fault_set(&waiting->rpc->fault, end);
        return;
    }
    waiting->answer =
        rpc_unpack(waiting->descriptor, end->answer, end->answer_length, &waiting->rpc->arena);
    if (!waiting->answer) {
        rpc_fault_set(&waiting->rpc->fault, &(struct client_end){.status = GRPC_INTERNAL,
                                                .message = "the server's answer cannot be read"});
    }
}

ProtobufCMessage *rpc_call(struct rpc *rpc, const ProtobufCServiceDescriptor *service,
    const char *method, const ProtobufCMessage *request)
{
    static const struct client_handlers handlers = {.on_end = on_end};
    char path[RPC_PATH_BYTES_MAX];
    const ProtobufCMethodDescriptor *found = rpc_path(service, method, path);
    CHECK(request->descriptor == found->input);
    struct waiting waiting = {.rpc = rpc, .descriptor = found->output};
    rpc_pack(request, &rpc->request);
    client_call_start(rpc->client, path, rpc->request.bytes, rpc->request.length, rpc->timeout_us,
        &handlers, &waiting);
    while (!waiting.has_ended)
        event_base_loop(rpc->base, EVLOOP_ONCE);
    return waiting.answer;
}

void rpc_wait(struct rpc *rpc, int64_t duration_us)
{
    const struct timeval duration = {
        .tv_sec = duration_us / 1000000, .tv_usec = duration_us % 1000000};
    event_base_loopexit(rpc->base, &duration);
    event_base_loop(rpc->base, EVLOOP_NO_EXIT_ON_EMPTY);
}
