/* wire_framing_fuzz.c: the decoder of length-prefixed messages, and the small text decoders.
 *
 * The first byte says where the rest is cut in two; both ways of feeding must say the same.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "base/check.h"
#include "wire/framing.h"
#include "wire/status.h"
#include "wire/timeout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes down every step but the borders of slices. */
static void feed(struct framing *framing, struct buffer *trace, bool *is_broken,
    const uint8_t *data, size_t size)
{
    while (!*is_broken) {
        const uint8_t *slice = NULL;
        size_t length = 0;
        enum framing_step step = framing_next(framing, &data, &size, &slice, &length);
        switch (step) {
        case FRAMING_NEEDS_MORE:
            CHECK(size == 0);
            return;
        case FRAMING_PREFIX:
            buffer_append_u8(trace, framing->is_compressed);
            buffer_append_u32(trace, framing->length);
            break;
        case FRAMING_PAYLOAD:
            CHECK(length > 0);
            buffer_append(trace, slice, length);
            break;
        case FRAMING_MESSAGE:
            buffer_append_u8(trace, 'M');
            break;
        case FRAMING_BAD_FLAG:
            *is_broken = true;
            break;
        }
    }
}

static void try_texts(const uint8_t *data, size_t size)
{
    int64_t timeout_us = 0;
    struct buffer out = {0};
    if (timeout_decode(data, size, &timeout_us) == 0)
        CHECK(timeout_us >= 0);
    status_percent_encode(&out, data, size);
    for (size_t i = 0; i < out.length; i++)
        CHECK(out.bytes[i] >= 0x20 && out.bytes[i] <= 0x7e);
    buffer_clear(&out);
    status_base64_encode(&out, data, size);
    CHECK(out.length == (size * 4 + 2) / 3);
    buffer_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t cut = data[0] % size;
    struct framing whole = {.in_payload = false};
    struct framing halves = {.in_payload = false};
    struct buffer whole_trace = {0};
    struct buffer halves_trace = {0};
    bool whole_broken = false;
    bool halves_broken = false;

    data++;
    size--;
    feed(&whole, &whole_trace, &whole_broken, data, size);
    feed(&halves, &halves_trace, &halves_broken, data, cut);
    feed(&halves, &halves_trace, &halves_broken, data + cut, size - cut);
    CHECK(whole_broken == halves_broken);
    CHECK(whole_trace.length == halves_trace.length);
    CHECK(whole_trace.length == 0 ||
          memcmp(whole_trace.bytes, halves_trace.bytes, whole_trace.length) == 0);
    CHECK(framing_is_at_border(&whole) == framing_is_at_border(&halves));
    buffer_finish(&whole_trace);
    buffer_finish(&halves_trace);
    try_texts(data, size);
    return 0;
}
