/* status.c: trailers of a status.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/status.h"

#include "base/check.h"
#include "base/utf8.h"
#include "wire/proto_wire.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Longest reason, field path and description that are passed on. */
#define REASON_BYTES_MAX 63
#define FIELD_BYTES_MAX 256
#define DESCRIPTION_BYTES_MAX 512
/* Room kept free for "N more violations are not listed" and for RetryInfo. */
#define SPARE_BYTES 256

/* google.protobuf.Duration has a ceiling of 10,000 years; nobody waits longer than a day. */
#define RETRY_AFTER_US_MAX (INT64_C(86400) * 1000000)

#define TYPE_ERROR_INFO "type.googleapis.com/google.rpc.ErrorInfo"
#define TYPE_BAD_REQUEST "type.googleapis.com/google.rpc.BadRequest"
#define TYPE_RETRY_INFO "type.googleapis.com/google.rpc.RetryInfo"
#define ERROR_DOMAIN "vsl"

static_assert(3 * STATUS_MESSAGE_BYTES_MAX + STATUS_BLOB_BYTES_MAX / 3 * 4 + 4 + 512 < 8192,
    "all trailers stay below 8 KiB");

void status_percent_encode(struct buffer *out, const void *bytes, size_t length)
{
    static const char digits[] = "0123456789ABCDEF";
    const uint8_t *in = bytes;
    for (size_t i = 0; i < length; i++) {
        if (in[i] >= 0x20 && in[i] <= 0x7e && in[i] != '%') {
            buffer_append_u8(out, in[i]);
        } else {
            uint8_t escape[3] = {'%', (uint8_t)digits[in[i] >> 4], (uint8_t)digits[in[i] & 15]};
            buffer_append(out, escape, sizeof escape);
        }
    }
}

void status_base64_encode(struct buffer *out, const void *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *in = bytes;
    for (size_t i = 0; i < length; i += 3) {
        size_t taken = length - i < 3 ? length - i : 3;
        uint32_t bits = (uint32_t)in[i] << 16;
        if (taken > 1)
            bits |= (uint32_t)in[i + 1] << 8;
        if (taken > 2)
            bits |= in[i + 2];
        uint8_t group[4] = {(uint8_t)digits[bits >> 18], (uint8_t)digits[bits >> 12 & 63],
            (uint8_t)digits[bits >> 6 & 63], (uint8_t)digits[bits & 63]};
        buffer_append(out, group, taken + 1);
    }
}

/* Copies `string` as UTF-8 of at most `bytes_max` bytes; `out` has bytes_max + 1. Text that is not
 * UTF-8 keeps its ASCII; the rest becomes '?'. Returns the length. */
static size_t clean_text(char *out, size_t bytes_max, const char *string)
{
    size_t length = strlen(string);
    bool is_valid = utf8_is_valid(string, length);
    if (length > bytes_max) {
        length = bytes_max;
        /* Goes back to the first byte of the character that the cut would split. */
        while (is_valid && length > 0 && ((uint8_t)string[length] & 0xc0) == 0x80)
            length--;
    }
    for (size_t i = 0; i < length; i++)
        out[i] = !is_valid && (uint8_t)string[i] >= 0x80 ? '?' : string[i];
    out[length] = '\0';
    return length;
}

/* Appends one google.protobuf.Any (Status.details). */
static void append_any(struct buffer *blob, const char *type_url, const struct buffer *value)
{
    size_t type_size = proto_bytes_size(1, strlen(type_url));
    size_t value_size = proto_bytes_size(2, value->length);
    proto_append_head(blob, 3, type_size + value_size);
    proto_append_string(blob, 1, type_url);
    proto_append_bytes(blob, 2, value->bytes, value->length);
}

static void append_error_info(struct buffer *blob, const char *reason)
{
    char text[REASON_BYTES_MAX + 1];
    struct buffer info = {0};
    size_t length = clean_text(text, REASON_BYTES_MAX, reason);
    proto_append_bytes(&info, 1, text, length);
    proto_append_string(&info, 2, ERROR_DOMAIN);
    append_any(blob, TYPE_ERROR_INFO, &info);
    buffer_finish(&info);
}

static void append_retry_info(struct buffer *blob, int64_t retry_after_us)
{
    struct buffer duration = {0};
    struct buffer info = {0};
    if (retry_after_us > RETRY_AFTER_US_MAX)
        retry_after_us = RETRY_AFTER_US_MAX;
    proto_append_varint(&duration, 1, (uint64_t)(retry_after_us / 1000000));
    proto_append_varint(&duration, 2, (uint64_t)(retry_after_us % 1000000 * 1000));
    proto_append_bytes(&info, 1, duration.bytes, duration.length);
    append_any(blob, TYPE_RETRY_INFO, &info);
    buffer_finish(&duration);
    buffer_finish(&info);
}

static void append_violation(struct buffer *request, const char *field, const char *description)
{
    char field_text[FIELD_BYTES_MAX + 1];
    char description_text[DESCRIPTION_BYTES_MAX + 1];
    size_t field_length = clean_text(field_text, FIELD_BYTES_MAX, field ? field : "");
    size_t description_length =
        clean_text(description_text, DESCRIPTION_BYTES_MAX, description ? description : "");
    proto_append_head(
        request, 1, proto_bytes_size(1, field_length) + proto_bytes_size(2, description_length));
    proto_append_bytes(request, 1, field_text, field_length);
    proto_append_bytes(request, 2, description_text, description_length);
}

static const char *in_language(enum wire_language language, struct wording wording)
{
    const char *said = language == WIRE_CHINESE ? wording.chinese : wording.english;
    CHECK(said != NULL);
    return said;
}

static void append_bad_request(
    struct buffer *blob, enum wire_language language, const struct wire_details *details)
{
    struct buffer request = {0};
    for (size_t i = 0; i < details->violation_count; i++) {
        size_t before = request.length;
        append_violation(&request, details->violations[i].field,
            in_language(language, details->violations[i].description));
        if (blob->length + request.length + SPARE_BYTES > STATUS_BLOB_BYTES_MAX) {
            char english[64], chinese[64];
            size_t left = details->violation_count - i;
            request.length = before;
            snprintf(english, sizeof english, "%zu more violations are not listed", left);
            snprintf(chinese, sizeof chinese, "另有 %zu 处未列出", left);
            append_violation(&request, "", in_language(language, WORDING(english, chinese)));
            break;
        }
    }
    append_any(blob, TYPE_BAD_REQUEST, &request);
    buffer_finish(&request);
}

void status_encode(struct status_text *text, enum wire_status status, enum wire_language language,
    struct wording message, const struct wire_details *details)
{
    char clean[STATUS_MESSAGE_BYTES_MAX + 1];
    size_t length = clean_text(clean, STATUS_MESSAGE_BYTES_MAX, in_language(language, message));

    CHECK(status <= WIRE_UNAUTHENTICATED);
    text->status = status;
    text->pushback_ms[0] = '\0';
    if (details && details->retry_after_us > 0)
        snprintf(text->pushback_ms, sizeof text->pushback_ms, "%" PRId64,
            details->retry_after_us / 1000 + (details->retry_after_us % 1000 != 0));
    buffer_clear(&text->message);
    buffer_clear(&text->details);
    status_percent_encode(&text->message, clean, length);
    if (!details ||
        (!details->reason && details->violation_count == 0 && details->retry_after_us <= 0))
        return;

    struct buffer blob = {0};
    proto_append_varint(&blob, 1, (uint64_t)status);
    proto_append_bytes(&blob, 2, clean, length);
    if (details->reason)
        append_error_info(&blob, details->reason);
    if (details->violation_count > 0)
        append_bad_request(&blob, language, details);
    if (details->retry_after_us > 0)
        append_retry_info(&blob, details->retry_after_us);
    CHECK(blob.length <= STATUS_BLOB_BYTES_MAX);
    status_base64_encode(&text->details, blob.bytes, blob.length);
    buffer_finish(&blob);
}

void status_text_finish(struct status_text *text)
{
    buffer_finish(&text->message);
    buffer_finish(&text->details);
}
