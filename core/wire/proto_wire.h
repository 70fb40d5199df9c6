/* proto_wire.h: reads and writes the few protobuf fields that wire needs itself.
 *
 * Health, reflection and google.rpc.Status are small and fixed, so wire needs no generated code.
 * The reader is made for hostile bytes: it never reads past the end, never recurses, and treats
 * groups and bad wire types as broken. Source: protobuf.dev, "Encoding".
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_PROTO_WIRE_H
#define VSL_WIRE_PROTO_WIRE_H

#include "base/buffer.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum proto_type {
    PROTO_VARINT = 0,
    PROTO_FIXED64 = 1,
    PROTO_BYTES = 2,
    PROTO_FIXED32 = 5,
};

struct proto_reader {
    const uint8_t *bytes;
    size_t length;
    size_t position;
    bool failed;
};

struct proto_field {
    uint32_t number;
    enum proto_type type;
    uint64_t number_value; /* VARINT, FIXED64, FIXED32 */
    const uint8_t *bytes;  /* BYTES: a slice of the input */
    size_t length;
};

struct proto_reader proto_reader_of(const uint8_t *bytes, size_t length);

/* Takes the next field. Returns false at the end of the message or when it is broken; `failed`
 * tells which. */
bool proto_next(struct proto_reader *reader, struct proto_field *ret_field);

/* Appends one field each. */
void proto_append_varint(struct buffer *out, uint32_t number, uint64_t value);
void proto_append_bytes(struct buffer *out, uint32_t number, const void *bytes, size_t length);
void proto_append_string(struct buffer *out, uint32_t number, const char *string);

/* Appends the head of a field of `length` bytes that the caller appends next. */
void proto_append_head(struct buffer *out, uint32_t number, size_t length);

/* Bytes that a field of type BYTES with `length` bytes takes, head included. */
size_t proto_bytes_size(uint32_t number, size_t length);

#endif
