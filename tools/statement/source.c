/* source.c: the bytes of a statement file.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/source.h"

#include "base/check.h"
#include "statement/statement.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static_assert(SOURCE_LOOK_BYTES > STATEMENT_LINE_BYTES_MAX + 2, "a line fits with its end");

void source_init(struct source *source, int fd)
{
    *source = (struct source){.fd = fd, .buffer = malloc(SOURCE_LOOK_BYTES)};
    CHECK(source->buffer != NULL);
}

void source_finish(struct source *source)
{
    free(source->buffer);
    source->buffer = NULL;
}

/* Fills the buffer as far as the file goes. */
static void fill(struct source *source)
{
    if (source->begin > 0) {
        memmove(source->buffer, source->buffer + source->begin, source->end - source->begin);
        source->end -= source->begin;
        source->begin = 0;
    }
    while (!source->is_ended && source->end < SOURCE_LOOK_BYTES) {
        ssize_t got =
            read(source->fd, source->buffer + source->end, SOURCE_LOOK_BYTES - source->end);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            source->error = errno;
        if (got <= 0) {
            source->is_ended = true;
            return;
        }
        source->end += (size_t)got;
        source->bytes += got;
    }
}

struct text source_look(struct source *source)
{
    fill(source);
    return (struct text){.bytes = (const char *)source->buffer + source->begin,
        .length = (uint32_t)(source->end - source->begin)};
}

int source_take(struct source *source, char *ret_bytes, size_t room)
{
    if (source->begin == source->end)
        fill(source);
    size_t length = source->end - source->begin;
    if (length == 0)
        return source->error != 0 ? -1 : 0;
    length = length < room ? length : room;
    memcpy(ret_bytes, source->buffer + source->begin, length);
    source->begin += length;
    return (int)length;
}

enum source_line source_take_line(struct source *source, struct text *ret_line)
{
    const uint8_t *start = source->buffer + source->begin;
    const uint8_t *end = memchr(start, '\n', source->end - source->begin);
    if (!end && !source->is_ended) {
        fill(source);
        start = source->buffer;
        end = memchr(start, '\n', source->end);
    }
    size_t length = end ? (size_t)(end - start) : source->end - source->begin;
    if (!end && length == 0)
        return source->error != 0 ? SOURCE_FAILED : SOURCE_END;
    source->lines++;
    if (length > STATEMENT_LINE_BYTES_MAX)
        return SOURCE_TOO_LONG;
    source->begin += length + (end ? 1 : 0);
    if (length > 0 && start[length - 1] == '\r')
        length--;
    *ret_line = (struct text){.bytes = (const char *)start, .length = (uint32_t)length};
    return SOURCE_LINE;
}
