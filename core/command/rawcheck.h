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
struct ProtobufCFieldDescriptor;

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

/* ---- the same in parts ---- */

/* A repeated field of a message, and its elements up to now. */
struct raw_elements {
    const struct ProtobufCFieldDescriptor *field;
    uint32_t count;
    uint32_t max;
};

/* A message under way. */
struct raw_frame {
    const struct ProtobufCMessageDescriptor *descriptor;
    const uint8_t *end;
    const struct ProtobufCFieldDescriptor *field; /* that is being looked at; NULL: none yet */
    uint32_t element;                             /* number of its element, when it is repeated */
    uint32_t next_index;           /* where the search for a field begins: senders keep the order */
    uint64_t seen;                 /* one bit per singular field, by index; one per oneof */
    struct raw_elements *elements; /* of `field`, when it is repeated */
    uint32_t list_count; /* of `lists`; most messages have none, so they are not cleared */
    struct raw_elements lists[RAW_LISTS_PER_MESSAGE_MAX];
};

struct raw_walk {
    struct raw_frame frames[RAW_DEPTH_MAX];
    uint32_t depth; /* frames in use */
    const uint8_t *at, *end;
    const struct raw_limit *limits;
    struct decode_error *error;
};

/* Begins a walk over the bytes, which stay where they are; see raw_check. The walk must not move:
 * its frames point into it. */
void raw_walk_begin(struct raw_walk *walk, const struct ProtobufCMessageDescriptor *descriptor,
    const uint8_t *bytes, size_t length, const struct raw_limit *limits);

/* Goes on for that many bytes and what belongs to the field that they end in. Returns 1 when there
 * are more, 0 when all are as they should be, -1 with `ret_error`. */
MUST_USE int raw_walk_on(struct raw_walk *walk, size_t bytes_max, struct decode_error *ret_error);

#endif
