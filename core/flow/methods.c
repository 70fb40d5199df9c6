/* methods.c: the methods that the server knows, and the queue of calls.
 *
 * A command has its method by its row in command_list.h, a read by its row in read_list.h; its
 * group says which file executes it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "flow/internal.h"

#define PATH(Service, Method) "/vsl.v1." #Service "Service/" #Method

const struct method methods[] = {
#define COMMAND(number, NAME, name, Service, Method, answer, roles)                                \
    {PATH(Service, Method), METHOD_COMMAND, number, false},
#include "command/command_list.h"
    {PATH(Funds, SubmitBatch), METHOD_BATCH, 0, false},
#define READ(KIND, Service, Method, roles) {PATH(Service, Method), METHOD_READ, READ_##KIND, false},
#define HISTORY(KIND, Service, Method, roles)                                                      \
    {PATH(Service, Method), METHOD_QUERY, READ_##KIND, READ_##KIND == READ_STREAM_EVENTS},
#include "command/read_list.h"
};
const size_t method_count = sizeof methods / sizeof methods[0];

static void refuse_many(struct wire_call *call, bool is_share)
{
    struct wire_details details = {.reason = REASON_OVERLOADED, .retry_after_us = 1000000};
    wire_fail(call, WIRE_RESOURCE_EXHAUSTED,
        is_share
            ? WORDING("too many requests of this caller wait; nothing was decided, send the same "
                      "request again later",
                  "该调用方排队的请求过多；未做处理，请稍后重发同一请求")
            : WORDING(
                  "too many requests wait; nothing was decided, send the same request again later",
                  "排队的请求过多；未做处理，请稍后重发同一请求"),
        &details);
}

void flow_on_call(void *context, struct wire_call *call, const uint8_t *request, size_t length)
{
    struct flow *flow = context;
    CHECK(wire_call_tag(call) < method_count);
    const struct method *method = &methods[wire_call_tag(call)];

    if (flow->state != FLOW_SERVING && flow->state != FLOW_DRAINING) {
        struct wire_details details = {.reason = REASON_NOT_SERVING, .retry_after_us = 1000000};
        wire_fail(call, WIRE_UNAVAILABLE,
            WORDING("the server is starting, or stands by for another one; nothing was decided",
                "服务器正在启动，或为另一服务器的备机；未做处理"),
            &details);
        return;
    }
    if (method->group == METHOD_QUERY) {
        flow_answer_query(flow, call, request, length);
        return;
    }
    if (method->group != METHOD_READ && flow->database.refusing_us != 0) {
        flow_refuse_commands(call);
        return;
    }
    if (method->group != METHOD_READ && flow->clock.is_refusing) {
        flow_refuse_clock(call);
        return;
    }
    uint32_t source = wire_call_source(call);
    bool is_share;
    if (!queue_has_room(flow->queue, source, &is_share)) {
        refuse_many(call, is_share);
        return;
    }
    /* One call may be a thousand commands, which go on while others come. */
    if (source != flow->last_source || queue_has_others(flow->queue, source))
        flow->other_source_us = flow->now_monotonic_us;
    flow->last_source = source;
    struct waiting_call waiting = {.call = call, .request = request, .length = length};
    queue_add(flow->queue, source, &waiting);
    flow->config.wake(flow->config.context);
}

void flow_on_stream_ready(void *context, struct wire_call *call)
{
    struct flow *flow = context;
    query_stream_ready(flow->query, call);
}
