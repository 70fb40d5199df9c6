/* buffer.c: growth of byte buffers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"

#include "base/check.h"

#include <stdlib.h>

void buffer_finish(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}

void buffer_reserve(struct buffer *buffer, size_t more)
{
    CHECK(more <= SIZE_MAX / 4);
    CHECK(buffer->length <= SIZE_MAX / 4);
    size_t needed = buffer->length + more;
    if (needed <= buffer->capacity)
        return;
    size_t capacity = buffer->capacity ? buffer->capacity : 256;
    while (capacity < needed)
        capacity *= 2;
    uint8_t *bytes = realloc(buffer->bytes, capacity);
    CHECK(bytes != NULL);
    buffer->bytes = bytes;
    buffer->capacity = capacity;
}
