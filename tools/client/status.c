/* status.c: what a failed call says.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/status.h"

#include "wire/proto_wire.h"

#include <string.h>

#define TYPE_PREFIX "type.googleapis.com/google.rpc."

const char *grpc_status_name(enum grpc_status status)
{
    static const char *const names[] = {"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"};
    if ((size_t)status >= sizeof names / sizeof names[0])
        return "UNKNOWN";
    return names[status];
}

enum grpc_status grpc_status_decode(const uint8_t *text, size_t length)
{
    int value = 0;
    if (length == 0 || length > 2)
        return GRPC_UNKNOWN;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return GRPC_UNKNOWN;
        value = value * 10 + (text[i] - '0');
    }
    return value <= GRPC_UNAUTHENTICATED ? (enum grpc_status)value : GRPC_UNKNOWN;
}

bool grpc_status_is_passing(enum grpc_status status)
{
    switch (status) {
    case GRPC_CANCELLED:
    case GRPC_UNKNOWN:
    case GRPC_DEADLINE_EXCEEDED:
    case GRPC_RESOURCE_EXHAUSTED:
    case GRPC_ABORTED:
    case GRPC_INTERNAL:
    case GRPC_UNAVAILABLE:
    case GRPC_DATA_LOSS: /* a message was cut off on its way */
        return true;
    default:
        return false;
    }
}

static int hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return -1;
}

void grpc_message_decode(const uint8_t *text, size_t length, struct buffer *out)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '%' && length - i > 2) {
            int high = hex_value(text[i + 1]);
            int low = hex_value(text[i + 2]);
            if (high >= 0 && low >= 0) {
                buffer_append_u8(out, (uint8_t)(high * 16 + low));
                i += 2;
                continue;
            }
        }
        buffer_append_u8(out, text[i]);
    }
}

static int base64_value(uint8_t character)
{
    if (character >= 'A' && character <= 'Z')
        return character - 'A';
    if (character >= 'a' && character <= 'z')
        return character - 'a' + 26;
    if (character >= '0' && character <= '9')
        return character - '0' + 52;
    if (character == '+' || character == '-')
        return 62;
    if (character == '/' || character == '_')
        return 63;
    return -1;
}

bool base64_try_decode(const uint8_t *text, size_t length, struct buffer *out)
{
    while (length > 0 && text[length - 1] == '=')
        length--;
    if (length % 4 == 1)
        return false;
    uint32_t bits = 0;
    unsigned bit_count = 0;
    for (size_t i = 0; i < length; i++) {
        int value = base64_value(text[i]);
        if (value < 0)
            return false;
        bits = (bits << 6 | (uint32_t)value) & 0xffffff;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            buffer_append_u8(out, (uint8_t)(bits >> bit_count));
        }
    }
    return true;
}

void base64_encode(struct buffer *out, const uint8_t *bytes, size_t length)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t bits = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                        (left > 2 ? bytes[i + 2] : 0);
        buffer_append_u8(out, (uint8_t)alphabet[bits >> 18]);
        buffer_append_u8(out, (uint8_t)alphabet[bits >> 12 & 63]);
        buffer_append_u8(out, left > 1 ? (uint8_t)alphabet[bits >> 6 & 63] : '=');
        buffer_append_u8(out, left > 2 ? (uint8_t)alphabet[bits & 63] : '=');
    }
}

/* ---- google.rpc details ---- */

static struct text text_of_field(const struct proto_field *field)
{
    return (struct text){.bytes = (const char *)field->bytes, .length = (uint32_t)field->length};
}

static void decode_violation(const struct proto_field *message, struct status_violation *violation)
{
    struct proto_reader reader = proto_reader_of(message->bytes, message->length);
    struct proto_field field;
    while (proto_next(&reader, &field)) {
        if (field.number == 1 && field.type == PROTO_BYTES)
            violation->field = text_of_field(&field);
        if (field.number == 2 && field.type == PROTO_BYTES)
            violation->description = text_of_field(&field);
    }
}

static void decode_bad_request(const struct proto_field *message, struct status_details *details)
{
    struct proto_reader reader = proto_reader_of(message->bytes, message->length);
    struct proto_field field;
    while (proto_next(&reader, &field)) {
        if (field.number != 1 || field.type != PROTO_BYTES ||
            details->violation_count == STATUS_VIOLATIONS_MAX)
            continue;
        struct status_violation *violation = &details->violations[details->violation_count++];
        *violation = (struct status_violation){0};
        decode_violation(&field, violation);
    }
}

static void decode_error_info(const struct proto_field *message, struct status_details *details)
{
    struct proto_reader reader = proto_reader_of(message->bytes, message->length);
    struct proto_field field;
    while (proto_next(&reader, &field)) {
        if (field.number == 1 && field.type == PROTO_BYTES)
            details->reason = text_of_field(&field);
        if (field.number == 2 && field.type == PROTO_BYTES)
            details->domain = text_of_field(&field);
    }
}

static void decode_retry_info(const struct proto_field *message, struct status_details *details)
{
    struct proto_reader reader = proto_reader_of(message->bytes, message->length);
    struct proto_field field;
    while (proto_next(&reader, &field)) {
        if (field.number != 1 || field.type != PROTO_BYTES)
            continue;
        struct proto_reader duration = proto_reader_of(field.bytes, field.length);
        struct proto_field part;
        uint64_t seconds = 0;
        uint64_t nanoseconds = 0;
        while (proto_next(&duration, &part)) {
            if (part.number == 1 && part.type == PROTO_VARINT)
                seconds = part.number_value;
            if (part.number == 2 && part.type == PROTO_VARINT)
                nanoseconds = part.number_value;
        }
        /* A duration beyond a day is no hint for a tool. */
        if (seconds <= 86400 && nanoseconds < 1000000000)
            details->retry_after_us = (int64_t)(seconds * 1000000 + nanoseconds / 1000);
    }
}

static void decode_any(const struct proto_field *message, struct status_details *details)
{
    struct proto_reader reader = proto_reader_of(message->bytes, message->length);
    struct proto_field field;
    struct text type = {0};
    struct proto_field value = {0};
    while (proto_next(&reader, &field)) {
        if (field.number == 1 && field.type == PROTO_BYTES)
            type = text_of_field(&field);
        if (field.number == 2 && field.type == PROTO_BYTES)
            value = field;
    }
    if (text_equals(type, text_of(TYPE_PREFIX "BadRequest")))
        decode_bad_request(&value, details);
    else if (text_equals(type, text_of(TYPE_PREFIX "ErrorInfo")))
        decode_error_info(&value, details);
    else if (text_equals(type, text_of(TYPE_PREFIX "RetryInfo")))
        decode_retry_info(&value, details);
}

void status_details_decode(const uint8_t *bytes, size_t length, struct status_details *ret_details)
{
    *ret_details = (struct status_details){0};
    struct proto_reader reader = proto_reader_of(bytes, length);
    struct proto_field field;
    while (proto_next(&reader, &field)) {
        if (field.number == 3 && field.type == PROTO_BYTES)
            decode_any(&field, ret_details);
    }
}
