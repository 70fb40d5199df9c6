/* framing.h: takes gRPC messages out of a byte stream, whatever the borders of its pieces.
 *
 * A message is one flag byte (0 plain, 1 compressed), four bytes of length, big-endian, and the
 * payload. The decoder owns no memory: it hands out slices of its input, and tells the length as
 * soon as the prefix is there, so that the caller can refuse a message before holding any of it.
 * Pure: no I/O, no rules about how many or how large.
 * Source: grpc/grpc doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message".
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_FRAMING_H
#define VSL_WIRE_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAMING_PREFIX_BYTES 5

struct framing {
    uint8_t prefix[FRAMING_PREFIX_BYTES];
    uint8_t prefix_used;
    bool in_payload;
    bool is_compressed;    /* of the message whose prefix came last */
    uint32_t length;       /* of its payload */
    uint32_t payload_left; /* payload bytes still to come */
};

enum framing_step {
    FRAMING_NEEDS_MORE, /* all input is used up */
    FRAMING_PREFIX,     /* a prefix is complete: is_compressed and length are set */
    FRAMING_PAYLOAD,    /* a slice of payload */
    FRAMING_MESSAGE,    /* the message is complete; comes after the last slice, also when empty */
    FRAMING_BAD_FLAG,   /* the flag byte is neither 0 nor 1; the decoder must not be fed again */
};

/* Takes the next step over `*bytes`, `*length`, which move forward by what was used. With
 * FRAMING_PAYLOAD the slice stands in ret_slice and ret_slice_length, and lives as long as the
 * input. The caller calls until FRAMING_NEEDS_MORE. An all-zero struct is a fresh decoder. */
enum framing_step framing_next(struct framing *framing, const uint8_t **bytes, size_t *length,
    const uint8_t **ret_slice, size_t *ret_slice_length);

/* Whether the input so far ends at the border of a message; if not, an end is a truncation. */
bool framing_is_at_border(const struct framing *framing);

/* Writes the prefix of a message of `length` bytes. */
void framing_encode_prefix(uint8_t prefix[FRAMING_PREFIX_BYTES], bool compressed, uint32_t length);

/* The length of the payload that a prefix tells. */
uint32_t framing_decode_length(const uint8_t prefix[FRAMING_PREFIX_BYTES]);

#endif
