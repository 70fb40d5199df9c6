/* gzip.h: bounded gzip for single messages.
 *
 * One pair of zlib streams serves the whole server and is reset for each message. A message is one
 * gzip member: concatenated members are refused, because thousands of empty ones in one message
 * would cost much work for no bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_GZIP_H
#define VSL_WIRE_GZIP_H

#include "base/buffer.h"

#include <stddef.h>
#include <stdint.h>

struct gzip;

struct gzip *gzip_create(void);
void gzip_destroy(struct gzip *gzip);

enum gzip_result {
    GZIP_OK,
    GZIP_TOO_LARGE, /* the content is more than bytes_max */
    GZIP_CORRUPT,
    GZIP_HAS_MORE, /* of gzip_inflate_step: so far it is sound */
};

/* Appends the content of one gzip member to `out`, at most `bytes_max` bytes. On any other result
 * than GZIP_OK `out` holds some part of it, for the caller to drop. */
enum gzip_result gzip_inflate(
    struct gzip *gzip, const uint8_t *bytes, size_t length, size_t bytes_max, struct buffer *out);

/* The same in steps, for one message at a time; `bytes` must stay until the last. Other messages
 * may be inflated whole in between. */
void gzip_inflate_begin(struct gzip *gzip, const uint8_t *bytes, size_t length);
enum gzip_result gzip_inflate_step(struct gzip *gzip, size_t bytes_max, struct buffer *out);

/* Appends `bytes` as one gzip member, at zlib's fastest level. */
void gzip_deflate(struct gzip *gzip, const uint8_t *bytes, size_t length, struct buffer *out);

#endif
