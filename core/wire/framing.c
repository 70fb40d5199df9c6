/* framing.c: the decoder of length-prefixed messages.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/framing.h"

#include "base/check.h"

#include <string.h>

static enum framing_step take_prefix(struct framing *framing, const uint8_t **bytes, size_t *length)
{
    size_t wanted = FRAMING_PREFIX_BYTES - (size_t)framing->prefix_used;
    size_t taken = *length < wanted ? *length : wanted;

    memcpy(framing->prefix + framing->prefix_used, *bytes, taken);
    framing->prefix_used = (uint8_t)(framing->prefix_used + taken);
    *bytes += taken;
    *length -= taken;
    /* A bad flag is told at its first byte: nothing after it can be trusted. */
    if (framing->prefix[0] > 1)
        return FRAMING_BAD_FLAG;
    if (framing->prefix_used < FRAMING_PREFIX_BYTES)
        return FRAMING_NEEDS_MORE;
    framing->is_compressed = framing->prefix[0] == 1;
    framing->length = framing_decode_length(framing->prefix);
    framing->payload_left = framing->length;
    framing->in_payload = true;
    return FRAMING_PREFIX;
}

enum framing_step framing_next(struct framing *framing, const uint8_t **bytes, size_t *length,
    const uint8_t **ret_slice, size_t *ret_slice_length)
{
    CHECK(framing->prefix_used <= FRAMING_PREFIX_BYTES);
    if (framing->in_payload && framing->payload_left == 0) {
        framing->in_payload = false;
        framing->prefix_used = 0;
        return FRAMING_MESSAGE;
    }
    if (*length == 0)
        return FRAMING_NEEDS_MORE;
    if (!framing->in_payload)
        return take_prefix(framing, bytes, length);

    size_t taken = *length < framing->payload_left ? *length : framing->payload_left;
    *ret_slice = *bytes;
    *ret_slice_length = taken;
    *bytes += taken;
    *length -= taken;
    framing->payload_left -= (uint32_t)taken;
    return FRAMING_PAYLOAD;
}

bool framing_is_at_border(const struct framing *framing)
{
    return !framing->in_payload && framing->prefix_used == 0;
}

void framing_encode_prefix(uint8_t prefix[FRAMING_PREFIX_BYTES], bool compressed, uint32_t length)
{
    prefix[0] = compressed ? 1 : 0;
    prefix[1] = (uint8_t)(length >> 24);
    prefix[2] = (uint8_t)(length >> 16);
    prefix[3] = (uint8_t)(length >> 8);
    prefix[4] = (uint8_t)length;
}

uint32_t framing_decode_length(const uint8_t prefix[FRAMING_PREFIX_BYTES])
{
    return (uint32_t)prefix[1] << 24 | (uint32_t)prefix[2] << 16 | (uint32_t)prefix[3] << 8 |
           prefix[4];
}
