/* unpack.c: the edge to protobuf-c: bounded memory in, plain fields out.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/unpack.h"

#include "base/check.h"
#include "command/checks.h"
#include "command/rawcheck.h"

#include <protobuf-c/protobuf-c.h>
#include <stdio.h>
#include <string.h>

static void *arena_alloc(void *data, size_t size)
{
    return arena_try_alloc(data, size);
}

/* The arena gives everything back at once. */
static void arena_free(void *data, void *pointer)
{
    (void)data;
    (void)pointer;
}

const ProtobufCMessage *request_unpack(const ProtobufCMessageDescriptor *descriptor,
    const uint8_t *bytes, size_t length, uint32_t elements_max, struct arena *arena,
    struct decode_error *ret_error)
{
    if (raw_check(descriptor, bytes, length, elements_max, ret_error) < 0)
        return NULL;
    ProtobufCAllocator allocator = {
        .alloc = arena_alloc, .free = arena_free, .allocator_data = arena};
    const ProtobufCMessage *message =
        protobuf_c_message_unpack(descriptor, &allocator, length, bytes);
    if (!message) {
        /* The bytes are right, so only memory can be short. */
        ret_error->field[0] = '\0';
        decode_error_describe(ret_error, "takes more memory than a request may; send it in parts");
        return NULL;
    }
    CHECK(message->n_unknown_fields == 0);
    return message;
}

static int read_text(const struct field *field, const ProtobufCMessage *message,
    const struct bound_field *bound, unsigned char *member, struct decode_error *ret_error)
{
    struct text text = message ? message_text(message, bound->offset) : (struct text){0};
    if (field_check_text(field, text, ret_error) < 0)
        return -1;
    memcpy(member, &text, sizeof text);
    return 0;
}

static int read_number(const struct field *field, const ProtobufCMessage *message,
    const struct bound_field *bound, unsigned char *member, struct decode_error *ret_error)
{
    enum field_type type = (enum field_type)field->type;
    int64_t given = message ? message_number(message, bound->offset, type) : 0;
    int64_t value;
    if (field_check_number(field, given, &value, ret_error) < 0)
        return -1;
    if (type == FIELD_INT64) {
        memcpy(member, &value, sizeof value);
    } else if (type == FIELD_BOOL) {
        bool flag = value != 0;
        memcpy(member, &flag, sizeof flag);
    } else {
        CHECK(value >= INT32_MIN && value <= INT32_MAX);
        int32_t narrow = (int32_t)value;
        memcpy(member, &narrow, sizeof narrow);
    }
    return 0;
}

int message_read_fields(const struct field_table *table, const struct bound_field *bound,
    const ProtobufCMessage *message, void *target, struct decode_error *ret_error)
{
    CHECK(message);
    for (uint32_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        unsigned char *member = (unsigned char *)target + field->offset;
        const ProtobufCMessage *holder = message;
        if (bound[i].outer)
            holder = message_pointer(message, bound[i].outer_offset);
        int result = field->type == FIELD_TEXT
                         ? read_text(field, holder, &bound[i], member, ret_error)
                         : read_number(field, holder, &bound[i], member, ret_error);
        if (result < 0) {
            int n = snprintf(ret_error->field, sizeof ret_error->field, "%s", field->name);
            CHECK(n > 0 && (size_t)n < sizeof ret_error->field);
            return -1;
        }
    }
    return 0;
}
