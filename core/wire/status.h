/* status.h: how a status becomes trailers: percent-encoding, base64, google.rpc.Status.
 *
 * Pure. Everything stays so small that all trailers of an answer are below 8 KiB, because a common
 * client (grpc-c) announces that as its limit.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_STATUS_H
#define VSL_WIRE_STATUS_H

#include "base/buffer.h"
#include "wire/wire.h"

#include <stddef.h>

/* The message of a status is cut at a character's border to this many bytes of UTF-8: at most three
 * times as many when percent-encoded. */
#define STATUS_MESSAGE_BYTES_MAX 512
/* Ceiling of a serialized google.rpc.Status: 5,462 bytes in base64. */
#define STATUS_BLOB_BYTES_MAX 4096

/* A status in the form of its trailers. */
struct status_text {
    enum wire_status status;
    struct buffer message; /* percent-encoded; empty: no grpc-message */
    struct buffer details; /* base64 without padding; empty: no grpc-status-details-bin */
    char pushback_ms[24];  /* empty: no grpc-retry-pushback-ms */
};

/* Fills `text`, whose buffers are cleared first, with what `message` and `details` say in the
 * language. Bytes of them that are not UTF-8 become '?'. The google.rpc.Status within repeats code
 * and message exactly, because some clients believe it rather than the trailers. Violations that do
 * not fit are left out and counted in a last one. */
void status_encode(struct status_text *text, enum wire_status status, enum wire_language language,
    struct wording message, const struct wire_details *details);
void status_text_finish(struct status_text *text);

/* Appends with every byte outside 0x20-0x7E, and '%', as %XX with upper-case digits. */
void status_percent_encode(struct buffer *out, const void *bytes, size_t length);

/* Appends in base64 (RFC 4648, section 4) without padding. */
void status_base64_encode(struct buffer *out, const void *bytes, size_t length);

#endif
