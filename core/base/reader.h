/* reader.h: reads numbers and slices from bytes that may be hostile.
 *
 * A read past the end sets `failed` and yields zero; every later read yields zero too, so a decoder
 * may read a whole record and look at `failed` once at its end. Numbers are big-endian.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_READER_H
#define VSL_BASE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct reader {
    const uint8_t *bytes;
    size_t length;
    size_t position;
    bool failed;
};

static inline struct reader reader_of(const void *bytes, size_t length)
{
    return (struct reader){.bytes = bytes, .length = length};
}

static inline size_t reader_left(const struct reader *reader)
{
    return reader->failed ? 0 : reader->length - reader->position;
}

/* A slice of the next `length` bytes, owned by whoever owns the input; NULL past the end. */
static inline const uint8_t *reader_take(struct reader *reader, size_t length)
{
    if (reader->failed || length > reader->length - reader->position) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *slice = reader->bytes + reader->position;
    reader->position += length;
    return slice;
}

static inline uint8_t reader_u8(struct reader *reader)
{
    const uint8_t *slice = reader_take(reader, 1);
    return slice ? slice[0] : 0;
}

static inline uint16_t reader_u16(struct reader *reader)
{
    uint16_t big = 0;
    const uint8_t *slice = reader_take(reader, sizeof big);
    if (slice)
        memcpy(&big, slice, sizeof big);
    return __builtin_bswap16(big);
}

static inline uint32_t reader_u32(struct reader *reader)
{
    uint32_t big = 0;
    const uint8_t *slice = reader_take(reader, sizeof big);
    if (slice)
        memcpy(&big, slice, sizeof big);
    return __builtin_bswap32(big);
}

static inline uint64_t reader_u64(struct reader *reader)
{
    uint64_t big = 0;
    const uint8_t *slice = reader_take(reader, sizeof big);
    if (slice)
        memcpy(&big, slice, sizeof big);
    return __builtin_bswap64(big);
}

#endif
