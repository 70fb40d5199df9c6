/* gzip.c: zlib behind ceilings.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/gzip.h"

#include "base/check.h"

#include <stdlib.h>
#include <zlib.h>

/* 15 window bits, the format's maximum, and 16 for the gzip header. */
#define GZIP_WINDOW_BITS (15 + 16)
#define INFLATE_STEP_BYTES 65536

struct gzip {
    z_stream inflater;
    z_stream stepper; /* of the message that is inflated in steps */
    z_stream deflater;
};

struct gzip *gzip_create(void)
{
    struct gzip *gzip = calloc(1, sizeof *gzip);
    CHECK(gzip != NULL);
    int rc = inflateInit2(&gzip->inflater, GZIP_WINDOW_BITS);
    CHECK(rc == Z_OK);
    rc = inflateInit2(&gzip->stepper, GZIP_WINDOW_BITS);
    CHECK(rc == Z_OK);
    rc = deflateInit2(
        &gzip->deflater, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW_BITS, 8, Z_DEFAULT_STRATEGY);
    CHECK(rc == Z_OK);
    return gzip;
}

void gzip_destroy(struct gzip *gzip)
{
    if (!gzip)
        return;
    inflateEnd(&gzip->inflater);
    inflateEnd(&gzip->stepper);
    deflateEnd(&gzip->deflater);
    free(gzip);
}

static void begin(z_stream *z, const uint8_t *bytes, size_t length)
{
    CHECK(length <= UINT32_MAX);
    int rc = inflateReset(z);
    CHECK(rc == Z_OK);
    /* zlib 1.2 takes a pointer to non-const and does not write through it. */
    z->next_in = (Bytef *)(uintptr_t)bytes;
    z->avail_in = (uInt)length;
}

/* `start`: where in `out` the content begins. */
static enum gzip_result step_on(z_stream *z, size_t start, size_t bytes_max, struct buffer *out)
{
    /* One byte more than allowed is asked for, so that "exactly the limit" and "beyond" differ. */
    size_t used = out->length - start;
    size_t room = bytes_max + 1 - used;
    size_t step = room < INFLATE_STEP_BYTES ? room : INFLATE_STEP_BYTES;
    buffer_reserve(out, step);
    z->next_out = out->bytes + out->length;
    z->avail_out = (uInt)step;
    int rc = inflate(z, Z_NO_FLUSH);
    size_t produced = step - z->avail_out;
    out->length += produced;
    if (out->length - start > bytes_max)
        return GZIP_TOO_LARGE;
    if (rc == Z_STREAM_END)
        return z->avail_in == 0 ? GZIP_OK : GZIP_CORRUPT;
    /* No progress is possible any more: the member is cut off. */
    if (rc != Z_OK || (z->avail_in == 0 && produced < step))
        return GZIP_CORRUPT;
    return GZIP_HAS_MORE;
}

enum gzip_result gzip_inflate(
    struct gzip *gzip, const uint8_t *bytes, size_t length, size_t bytes_max, struct buffer *out)
{
    size_t start = out->length;
    enum gzip_result result;
    begin(&gzip->inflater, bytes, length);
    do
        result = step_on(&gzip->inflater, start, bytes_max, out);
    while (result == GZIP_HAS_MORE);
    return result;
}

void gzip_inflate_begin(struct gzip *gzip, const uint8_t *bytes, size_t length)
{
    begin(&gzip->stepper, bytes, length);
}

enum gzip_result gzip_inflate_step(struct gzip *gzip, size_t bytes_max, struct buffer *out)
{
    return step_on(&gzip->stepper, 0, bytes_max, out);
}

void gzip_deflate(struct gzip *gzip, const uint8_t *bytes, size_t length, struct buffer *out)
{
    z_stream *z = &gzip->deflater;

    CHECK(length <= UINT32_MAX / 2);
    int rc = deflateReset(z);
    CHECK(rc == Z_OK);
    size_t bound = deflateBound(z, (uLong)length);
    CHECK(bound <= UINT32_MAX);
    buffer_reserve(out, bound);
    z->next_in = (Bytef *)(uintptr_t)bytes;
    z->avail_in = (uInt)length;
    z->next_out = out->bytes + out->length;
    z->avail_out = (uInt)bound;
    rc = deflate(z, Z_FINISH);
    CHECK(rc == Z_STREAM_END);
    out->length += bound - z->avail_out;
}
