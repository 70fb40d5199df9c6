/* wire_recorder.h: calls without a network: what a handler answers is kept to be looked at.
 *
 * Takes the place of core/wire in tests: link wire_recorder.c, and its functions are used.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_WIRE_RECORDER_H
#define VSL_TESTS_WIRE_RECORDER_H

#include "base/buffer.h"
#include "wire/wire.h"

enum recorded_end { NOT_ENDED, ENDED_BY_REPLY, ENDED_BY_FAILURE, ENDED_AS_STREAM };

struct wire_call {
    uint32_t tag;    /* of its method */
    uint32_t source; /* what wire_call_source says */
    void *user;
    int64_t deadline_us;
    bool is_gone;
    enum recorded_end end;
    struct buffer reply;
    enum wire_status status;
    char message[400];
    char reason[64];
    char field[128];  /* of the first violation */
    char fields[400]; /* of all of them, a blank between */
    int64_t retry_after_us;

    /* A stream: each message goes to on_message; it has room for `room` more messages. */
    void (*on_message)(struct wire_call *call, const uint8_t *message, size_t length);
    void *context;
    uint32_t room;
    uint32_t message_count;
    size_t answer_room; /* what wire_call_has_room says */
};

void wire_call_init(struct wire_call *call);
void wire_call_finish(struct wire_call *call);

#endif
