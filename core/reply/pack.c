/* pack.c: packing into buffers.
 *
 * Source: protobuf encoding: fields of one message may come in any order and in several runs, so
 * that a long repeated field can be packed element by element before the rest.
 * SPDX-License-Identifier: Apache-2.0 */
#include "reply/pack.h"

#include "base/check.h"

#include <string.h>

/* Tag and length before an element: one byte and a varint of at most five. */
#define ELEMENT_HEAD_BYTES_MAX 6

void pack_message(struct buffer *out, const ProtobufCMessage *message)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    buffer_reserve(out, size);
    size_t written = protobuf_c_message_pack(message, out->bytes + out->length);
    CHECK(written == size);
    out->length += size;
}

void pack_element(struct buffer *out, uint32_t field_number, const ProtobufCMessage *message)
{
    CHECK(field_number >= 1 && field_number <= 15);
    size_t size = protobuf_c_message_get_packed_size(message);
    CHECK(size <= UINT32_MAX);
    buffer_reserve(out, size + ELEMENT_HEAD_BYTES_MAX);
    uint8_t *at = out->bytes + out->length;
    *at++ = (uint8_t)(field_number << 3 | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);
    size_t left = size;
    for (; left >= 0x80; left >>= 7)
        *at++ = (uint8_t)(left | 0x80);
    *at++ = (uint8_t)left;
    size_t written = protobuf_c_message_pack(message, at);
    CHECK(written == size);
    out->length = (size_t)(at - out->bytes) + size;
    CHECK(out->length <= out->capacity);
}

char *pack_text(struct text text, char *storage, size_t storage_bytes)
{
    CHECK(text.length < storage_bytes);
    if (text.length > 0)
        memcpy(storage, text.bytes, text.length);
    storage[text.length] = '\0';
    return storage;
}

char *copy_text(const char *bytes, uint32_t length, char *storage, size_t storage_bytes)
{
    return pack_text((struct text){.bytes = bytes, .length = length}, storage, storage_bytes);
}
