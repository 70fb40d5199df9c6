/* source.h: the bytes of a statement file: looked at in front, then read once, by lines or pieces.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_STATEMENT_SOURCE_H
#define VSL_TOOLS_STATEMENT_SOURCE_H

#include "base/buffer.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOURCE_LOOK_BYTES ((size_t)256 << 10)

struct source {
    int fd;
    bool is_ended;  /* the file has no more bytes than those in the buffer */
    int error;      /* errno of a read that failed; 0: none */
    uint32_t lines; /* taken so far; the number of the last one */
    int64_t bytes;  /* read from the file */
    uint8_t *buffer;
    size_t begin; /* of what is not taken yet */
    size_t end;
};

void source_init(struct source *source, int fd);
void source_finish(struct source *source);

/* The bytes in front, up to SOURCE_LOOK_BYTES, without taking them. */
struct text source_look(struct source *source);

/* Takes up to `room` bytes; 0 at the end, -1 when the file cannot be read. */
int source_take(struct source *source, char *ret_bytes, size_t room);

enum source_line { SOURCE_LINE, SOURCE_END, SOURCE_TOO_LONG, SOURCE_FAILED };

/* Takes the next line, without LF or CRLF; valid until the next call. */
enum source_line source_take_line(struct source *source, struct text *ret_line);

#endif
