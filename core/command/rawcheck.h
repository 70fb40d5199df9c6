/* rawcheck.h: walks the bytes of a message along its descriptor before anything is unpacked.
 *
 * protobuf-c takes no notice of bad UTF-8, cuts a string at a NUL byte, keeps fields that it does
 * not know, lets the last of two occurrences win and recurses as deep as the bytes say. For money
 * each of these could make two programs read one request differently, so all are refused here. What
 * passes unpacks without surprises: every scalar was given at most once and fits its type.
 *
 * Also for readers of other requests (query), so that all requests are held to the same.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_RAWCHECK_H
#define VSL_COMMAND_RAWCHECK_H

#include "base/must_use.h"
#include "command/decode.h"

#include <stddef.h>
#include <stdint.h>

struct ProtobufCMessageDescriptor;

/* Messages inside messages, the outermost counted. */
#define RAW_DEPTH_MAX 8

/* Repeated fields that one message has at most. */
#define RAW_LISTS_PER_MESSAGE_MAX 4

/* The most elements that a repeated field may have, in each message of that type. */
struct raw_limit {
    const struct ProtobufCMessageDescriptor *message; /* NULL: end of the table */
    uint32_t field_number;
    uint32_t elements_max;
};

/* Checks a serialized message. `limits` has a row for every repeated field that can be in it; NULL
 * when there is none. Returns 0, or -1 with `ret_error`: the path of the field and what is wrong.
 * Looks at each byte once or twice, allocates nothing, does not recurse. */
MUST_USE int raw_check(const struct ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes,
    size_t length, const struct raw_limit *limits, struct decode_error *ret_error);

#endif
