/* status.h: what a failed call says: status names, percent-encoding, base64, google.rpc details.
 *
 * Pure. Bytes from a server are read as if they were hostile: a broken message gives fewer details,
 * never a fault. Sources: gRPC over HTTP/2 ("Responses"), google/rpc/error_details.proto.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_CLIENT_STATUS_H
#define VSL_TOOLS_CLIENT_STATUS_H

#include "base/buffer.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Status codes of gRPC (grpc/grpc doc/statuscodes.md). */
enum grpc_status {
    GRPC_OK = 0,
    GRPC_CANCELLED = 1,
    GRPC_UNKNOWN = 2,
    GRPC_INVALID_ARGUMENT = 3,
    GRPC_DEADLINE_EXCEEDED = 4,
    GRPC_NOT_FOUND = 5,
    GRPC_ALREADY_EXISTS = 6,
    GRPC_PERMISSION_DENIED = 7,
    GRPC_RESOURCE_EXHAUSTED = 8,
    GRPC_FAILED_PRECONDITION = 9,
    GRPC_ABORTED = 10,
    GRPC_OUT_OF_RANGE = 11,
    GRPC_UNIMPLEMENTED = 12,
    GRPC_INTERNAL = 13,
    GRPC_UNAVAILABLE = 14,
    GRPC_DATA_LOSS = 15,
    GRPC_UNAUTHENTICATED = 16,
};

/* "INVALID_ARGUMENT"; a number that is no code reads as UNKNOWN, as gRPC says. */
const char *grpc_status_name(enum grpc_status status);

/* Reads the decimal text of a grpc-status header; GRPC_UNKNOWN when it is none of the codes. */
enum grpc_status grpc_status_decode(const uint8_t *text, size_t length);

/* Whether the same request may get another answer after a while. */
bool grpc_status_is_passing(enum grpc_status status);

/* Appends the text of a grpc-message header; a broken escape is taken as it stands. */
void grpc_message_decode(const uint8_t *text, size_t length, struct buffer *out);

/* Appends the bytes of base64 text, padded or not; false when it is not base64. */
bool base64_try_decode(const uint8_t *text, size_t length, struct buffer *out);

/* Appends base64 with padding, as JSON wants it. */
void base64_encode(struct buffer *out, const uint8_t *bytes, size_t length);

#define STATUS_VIOLATIONS_MAX 64

struct status_violation {
    struct text field;
    struct text description;
};

/* What google.rpc.Status carries beside code and message. Texts are slices of its bytes. */
struct status_details {
    struct text reason; /* ErrorInfo */
    struct text domain;
    int64_t retry_after_us; /* RetryInfo; 0: none */
    size_t violation_count; /* BadRequest; more than the ceiling are left out */
    struct status_violation violations[STATUS_VIOLATIONS_MAX];
};

/* Reads a serialized google.rpc.Status. What is not understood is left out. */
void status_details_decode(const uint8_t *bytes, size_t length, struct status_details *ret_details);

#endif
