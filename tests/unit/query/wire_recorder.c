/* wire_recorder.c: see wire_recorder.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire_recorder.h"

#include "support/expect.h"

#include <stdio.h>

void wire_call_init(struct wire_call *call)
{
    memset(call, 0, sizeof *call);
    call->deadline_us = INT64_MAX;
    call->room = UINT32_MAX;
    call->answer_room = SIZE_MAX;
}

void wire_call_finish(struct wire_call *call)
{
    buffer_finish(&call->reply);
}

void wire_call_set_user(struct wire_call *call, void *user)
{
    EXPECT(call->end == NOT_ENDED);
    call->user = user;
}

void *wire_call_user(const struct wire_call *call)
{
    EXPECT(call->end == NOT_ENDED);
    return call->user;
}

uint32_t wire_call_source(const struct wire_call *call)
{
    return call->source;
}

int64_t wire_call_deadline_us(const struct wire_call *call)
{
    EXPECT(call->end == NOT_ENDED);
    return call->deadline_us;
}

bool wire_call_is_gone(const struct wire_call *call)
{
    EXPECT(call->end == NOT_ENDED);
    return call->is_gone;
}

void wire_reply(struct wire_call *call, const void *message, size_t length)
{
    EXPECT(call->end == NOT_ENDED);
    call->end = ENDED_BY_REPLY;
    buffer_append(&call->reply, message, length);
}

void wire_fail(struct wire_call *call, enum wire_status status, struct wording message,
    const struct wire_details *details)
{
    EXPECT(call->end == NOT_ENDED);
    EXPECT(status != WIRE_OK);
    call->end = ENDED_BY_FAILURE;
    call->status = status;
    EXPECT(message.chinese != NULL && strcmp(message.chinese, message.english) != 0);
    snprintf(call->message, sizeof call->message, "%s", message.english);
    if (!details)
        return;
    snprintf(call->reason, sizeof call->reason, "%s", details->reason ? details->reason : "");
    if (details->violation_count > 0)
        snprintf(call->field, sizeof call->field, "%s", details->violations[0].field);
    for (size_t i = 0; i < details->violation_count; i++) {
        size_t length = strlen(call->fields);
        snprintf(call->fields + length, sizeof call->fields - length, "%s%s", i > 0 ? " " : "",
            details->violations[i].field);
    }
    call->retry_after_us = details->retry_after_us;
}

bool wire_call_has_room(const struct wire_call *call, size_t bytes)
{
    EXPECT(call->end == NOT_ENDED);
    return bytes <= call->answer_room;
}

bool wire_stream_send(struct wire_call *call, const void *message, size_t length)
{
    EXPECT(call->end == NOT_ENDED);
    if (call->is_gone)
        return false;
    EXPECT_MSG(call->room > 0, "a message was sent on a stream that is full");
    call->message_count++;
    call->room--;
    if (call->on_message)
        call->on_message(call, message, length);
    return call->room > 0;
}

void wire_stream_end(struct wire_call *call)
{
    EXPECT(call->end == NOT_ENDED);
    call->end = ENDED_AS_STREAM;
}
