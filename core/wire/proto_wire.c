/* proto_wire.c: protobuf's wire format, as far as wire needs it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/proto_wire.h"

#include "base/check.h"

#define VARINT_BYTES_MAX 10
#define FIELD_NUMBER_MAX 0x1fffffff

struct proto_reader proto_reader_of(const uint8_t *bytes, size_t length)
{
    return (struct proto_reader){.bytes = bytes, .length = length};
}

static uint64_t take_varint(struct proto_reader *reader)
{
    uint64_t value = 0;
    for (int i = 0; i < VARINT_BYTES_MAX; i++) {
        if (reader->position == reader->length)
            break;
        uint8_t byte = reader->bytes[reader->position++];
        /* The tenth byte has room for one bit only. */
        if (i == VARINT_BYTES_MAX - 1 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (!(byte & 0x80))
            return value;
    }
    reader->failed = true;
    return 0;
}

static uint64_t take_fixed(struct proto_reader *reader, size_t length)
{
    if (reader->failed || reader->length - reader->position < length) {
        reader->failed = true;
        return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++)
        value |= (uint64_t)reader->bytes[reader->position + i] << (8 * i);
    reader->position += length;
    return value;
}

static bool take_bytes(struct proto_reader *reader, struct proto_field *field)
{
    uint64_t length = take_varint(reader);
    if (reader->failed || length > reader->length - reader->position) {
        reader->failed = true;
        return false;
    }
    field->bytes = reader->bytes + reader->position;
    field->length = (size_t)length;
    reader->position += (size_t)length;
    return true;
}

bool proto_next(struct proto_reader *reader, struct proto_field *ret_field)
{
    if (reader->failed || reader->position == reader->length)
        return false;
    uint64_t key = take_varint(reader);
    struct proto_field field = {.number = (uint32_t)(key >> 3)};
    if (reader->failed || key >> 3 == 0 || key >> 3 > FIELD_NUMBER_MAX) {
        reader->failed = true;
        return false;
    }
    switch (key & 7) {
    case PROTO_VARINT:
        field.type = PROTO_VARINT;
        field.number_value = take_varint(reader);
        break;
    case PROTO_FIXED64:
        field.type = PROTO_FIXED64;
        field.number_value = take_fixed(reader, 8);
        break;
    case PROTO_BYTES:
        field.type = PROTO_BYTES;
        (void)take_bytes(reader, &field);
        break;
    case PROTO_FIXED32:
        field.type = PROTO_FIXED32;
        field.number_value = take_fixed(reader, 4);
        break;
    default:
        reader->failed = true;
        break;
    }
    if (reader->failed)
        return false;
    CHECK(reader->position <= reader->length);
    *ret_field = field;
    return true;
}

static void append_varint(struct buffer *out, uint64_t value)
{
    uint8_t bytes[VARINT_BYTES_MAX];
    size_t used = 0;
    while (value >= 0x80) {
        bytes[used++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    bytes[used++] = (uint8_t)value;
    buffer_append(out, bytes, used);
}

static size_t varint_size(uint64_t value)
{
    size_t size = 1;
    while (value >= 0x80) {
        size++;
        value >>= 7;
    }
    return size;
}

void proto_append_varint(struct buffer *out, uint32_t number, uint64_t value)
{
    CHECK(number > 0 && number <= FIELD_NUMBER_MAX);
    append_varint(out, (uint64_t)number << 3 | PROTO_VARINT);
    append_varint(out, value);
}

void proto_append_head(struct buffer *out, uint32_t number, size_t length)
{
    CHECK(number > 0 && number <= FIELD_NUMBER_MAX);
    append_varint(out, (uint64_t)number << 3 | PROTO_BYTES);
    append_varint(out, length);
}

void proto_append_bytes(struct buffer *out, uint32_t number, const void *bytes, size_t length)
{
    proto_append_head(out, number, length);
    buffer_append(out, bytes, length);
}

void proto_append_string(struct buffer *out, uint32_t number, const char *string)
{
    proto_append_bytes(out, number, string, strlen(string));
}

size_t proto_bytes_size(uint32_t number, size_t length)
{
    return varint_size((uint64_t)number << 3) + varint_size(length) + length;
}
