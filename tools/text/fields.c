/* fields.c: reads and sets fields of protobuf-c messages by descriptor.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/fields.h"

#include "base/check.h"

#include <string.h>

#define FIELD_NAME_BYTES_MAX 128

ProtobufCMessage *message_new(const ProtobufCMessageDescriptor *descriptor, struct arena *arena)
{
    ProtobufCMessage *message = arena_try_alloc(arena, descriptor->sizeof_message);
    CHECK(message != NULL);
    protobuf_c_message_init(descriptor, message);
    return message;
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_try_alloc(arena, length + 1);
    CHECK(copy != NULL);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

/* "ledgerId" to "ledger_id"; false when it gets too long. */
static bool try_snake_case(const char *name, char ret_name[FIELD_NAME_BYTES_MAX])
{
    size_t length = 0;
    for (; *name; name++) {
        bool is_upper = *name >= 'A' && *name <= 'Z';
        if (length + 3 > FIELD_NAME_BYTES_MAX)
            return false;
        if (is_upper)
            ret_name[length++] = '_';
        ret_name[length++] = is_upper ? (char)(*name - 'A' + 'a') : *name;
    }
    ret_name[length] = '\0';
    return true;
}

const ProtobufCFieldDescriptor *field_find(
    const ProtobufCMessageDescriptor *descriptor, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(descriptor, name);
    char snake[FIELD_NAME_BYTES_MAX];
    if (!field && try_snake_case(name, snake))
        field = protobuf_c_message_descriptor_get_field_by_name(descriptor, snake);
    return field;
}

bool field_is_repeated(const ProtobufCFieldDescriptor *field)
{
    return field->label == PROTOBUF_C_LABEL_REPEATED;
}

bool field_is_in_oneof(const ProtobufCFieldDescriptor *field)
{
    return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

static const uint8_t *at(const ProtobufCMessage *message, unsigned offset)
{
    return (const uint8_t *)message + offset;
}

static uint32_t case_of(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    uint32_t number;
    memcpy(&number, at(message, field->quantifier_offset), sizeof number);
    return number;
}

bool field_is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    if (field_is_in_oneof(field) && case_of(message, field) != field->id)
        return false;
    if (field->type != PROTOBUF_C_TYPE_MESSAGE)
        return true;
    const ProtobufCMessage *inner;
    memcpy(&inner, at(message, field->offset), sizeof inner);
    return inner != NULL;
}

size_t field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    if (!field_is_repeated(field))
        return field_is_set(message, field) ? 1 : 0;
    size_t count;
    memcpy(&count, at(message, field->quantifier_offset), sizeof count);
    return count;
}

const void *field_value(
    const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t index)
{
    CHECK(index < field_count(message, field));
    if (!field_is_repeated(field))
        return at(message, field->offset);
    const uint8_t *values;
    memcpy(&values, at(message, field->offset), sizeof values);
    return values + index * field_value_bytes(field);
}

void *field_slot(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    CHECK(!field_is_repeated(field));
    if (field_is_in_oneof(field))
        memcpy((uint8_t *)message + field->quantifier_offset, &field->id, sizeof field->id);
    return (uint8_t *)message + field->offset;
}

void *field_slots(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t count,
    struct arena *arena)
{
    CHECK(field_is_repeated(field));
    size_t bytes = count * field_value_bytes(field);
    void *values = arena_try_alloc(arena, bytes + 1);
    CHECK(values != NULL);
    memset(values, 0, bytes);
    memcpy((uint8_t *)message + field->quantifier_offset, &count, sizeof count);
    memcpy((uint8_t *)message + field->offset, &values, sizeof values);
    return values;
}

bool field_has_rival(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return field_is_in_oneof(field) && case_of(message, field) != 0;
}

size_t field_value_bytes(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_ENUM:
        return 4;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    }
    CHECK(false);
    return 0;
}

bool field_is_integer(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return false;
    default:
        return true;
    }
}

int64_t field_integer(const ProtobufCFieldDescriptor *field, const void *value)
{
    int32_t narrow;
    uint32_t narrow_unsigned;
    int64_t wide;
    protobuf_c_boolean truth;
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_ENUM:
        memcpy(&narrow, value, sizeof narrow);
        return narrow;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        memcpy(&narrow_unsigned, value, sizeof narrow_unsigned);
        return narrow_unsigned;
    case PROTOBUF_C_TYPE_BOOL:
        memcpy(&truth, value, sizeof truth);
        return truth;
    default:
        CHECK(field_is_integer(field));
        memcpy(&wide, value, sizeof wide);
        return wide;
    }
}

bool field_follow(const ProtobufCMessage *message, const char *path,
    const ProtobufCMessage **ret_message, const ProtobufCFieldDescriptor **ret_field)
{
    for (;;) {
        char name[FIELD_NAME_BYTES_MAX];
        size_t length = strcspn(path, ".");
        CHECK(length < sizeof name);
        memcpy(name, path, length);
        name[length] = '\0';
        const ProtobufCFieldDescriptor *field = field_find(message->descriptor, name);
        if (!field)
            return false;
        if (path[length] == '\0') {
            *ret_message = message;
            *ret_field = field;
            return true;
        }
        if (field->type != PROTOBUF_C_TYPE_MESSAGE || !field_is_set(message, field))
            return false;
        memcpy(&message, field_value(message, field, 0), sizeof message);
        path += length + 1;
    }
}
