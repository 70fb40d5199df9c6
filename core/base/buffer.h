/* buffer.h: a byte buffer that grows; numbers are written big-endian.
 *
 * Memory that runs out is not survivable for a ledger that promised an answer, so growth aborts
 * rather than fails. Whoever fills a buffer from outside input checks a ceiling first.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_BUFFER_H
#define VSL_BASE_BUFFER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buffer {
    uint8_t *bytes;
    size_t length;
    size_t capacity;
};

/* An empty buffer needs no init beyond `= {0}`; this gives its memory back. */
void buffer_finish(struct buffer *buffer);

/* Makes room for `more` bytes behind the present ones. */
void buffer_reserve(struct buffer *buffer, size_t more);

/* Appends bytes. */
static inline void buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
    if (buffer->capacity - buffer->length < length)
        buffer_reserve(buffer, length);
    if (length > 0)
        memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

static inline void buffer_append_u8(struct buffer *buffer, uint8_t value)
{
    buffer_append(buffer, &value, 1);
}

static inline void buffer_append_u16(struct buffer *buffer, uint16_t value)
{
    uint16_t big = __builtin_bswap16(value);
    buffer_append(buffer, &big, sizeof big);
}

static inline void buffer_append_u32(struct buffer *buffer, uint32_t value)
{
    uint32_t big = __builtin_bswap32(value);
    buffer_append(buffer, &big, sizeof big);
}

static inline void buffer_append_u64(struct buffer *buffer, uint64_t value)
{
    uint64_t big = __builtin_bswap64(value);
    buffer_append(buffer, &big, sizeof big);
}

/* Forgets the content, keeps the memory. */
static inline void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
}

#endif
