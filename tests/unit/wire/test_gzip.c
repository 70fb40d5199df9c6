/* test_gzip.c: compressed messages: exact limits, bombs, broken members.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "support/expect.h"
#include "wire/gzip.h"

#include <stdlib.h>
#include <string.h>

#define LIMIT 100000

static struct buffer compress_bytes(struct gzip *gzip, uint8_t value, size_t length)
{
    struct buffer packed = {0};
    uint8_t *plain = malloc(length + 1);
    EXPECT(plain != NULL);
    memset(plain, value, length);
    gzip_deflate(gzip, plain, length, &packed);
    free(plain);
    return packed;
}

START_TEST(test_limits)
{
    static const size_t lengths[] = {
        0, 1, 65535, 65536, 65537, LIMIT - 1, LIMIT, LIMIT + 1, 2 * LIMIT, 4194304, 100 * LIMIT};
    struct gzip *gzip = gzip_create();
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct buffer packed = compress_bytes(gzip, 'a', lengths[i]);
        struct buffer plain = {0};
        enum gzip_result result = gzip_inflate(gzip, packed.bytes, packed.length, LIMIT, &plain);
        if (lengths[i] <= LIMIT) {
            EXPECT_MSG(result == GZIP_OK, "%zu", lengths[i]);
            EXPECT(plain.length == lengths[i]);
            EXPECT(plain.length == 0 || plain.bytes[plain.length - 1] == 'a');
        } else {
            EXPECT_MSG(result == GZIP_TOO_LARGE, "%zu", lengths[i]);
        }
        /* A bomb never makes more than the limit and one byte. */
        EXPECT(plain.length <= LIMIT + 1);
        buffer_finish(&plain);
        buffer_finish(&packed);
    }
    gzip_destroy(gzip);
}
END_TEST

START_TEST(test_every_truncation_is_corrupt)
{
    struct gzip *gzip = gzip_create();
    struct buffer packed = compress_bytes(gzip, 'b', 1000);
    for (size_t length = 0; length < packed.length; length++) {
        struct buffer plain = {0};
        EXPECT_MSG(gzip_inflate(gzip, packed.bytes, length, LIMIT, &plain) == GZIP_CORRUPT,
            "%zu of %zu", length, packed.length);
        buffer_finish(&plain);
    }
    buffer_finish(&packed);
    gzip_destroy(gzip);
}
END_TEST

START_TEST(test_corrupt)
{
    struct gzip *gzip = gzip_create();
    struct buffer packed = compress_bytes(gzip, 'c', 1000);
    struct buffer plain = {0};

    packed.bytes[packed.length - 1] ^= 1; /* length */
    EXPECT(gzip_inflate(gzip, packed.bytes, packed.length, LIMIT, &plain) == GZIP_CORRUPT);
    packed.bytes[packed.length - 1] ^= 1;
    packed.bytes[packed.length - 5] ^= 1; /* CRC-32 */
    buffer_clear(&plain);
    EXPECT(gzip_inflate(gzip, packed.bytes, packed.length, LIMIT, &plain) == GZIP_CORRUPT);
    packed.bytes[packed.length - 5] ^= 1;
    packed.bytes[0] ^= 1; /* magic */
    buffer_clear(&plain);
    EXPECT(gzip_inflate(gzip, packed.bytes, packed.length, LIMIT, &plain) == GZIP_CORRUPT);
    packed.bytes[0] ^= 1;
    buffer_append_u8(&packed, 0); /* a byte after the member */
    buffer_clear(&plain);
    EXPECT(gzip_inflate(gzip, packed.bytes, packed.length, LIMIT, &plain) == GZIP_CORRUPT);
    packed.length--;
    /* The streams are sound again for the next message. */
    buffer_clear(&plain);
    EXPECT(gzip_inflate(gzip, packed.bytes, packed.length, LIMIT, &plain) == GZIP_OK);
    EXPECT(plain.length == 1000);
    buffer_finish(&plain);
    buffer_finish(&packed);
    gzip_destroy(gzip);
}
END_TEST

/* Long ones step by step, and whole ones in between. */
START_TEST(test_steps)
{
    struct gzip *gzip = gzip_create();
    struct buffer packed = compress_bytes(gzip, 's', 1000000);
    struct buffer small = compress_bytes(gzip, 't', 100);
    struct buffer plain = {0}, other = {0};
    enum gzip_result result;
    int steps = 0;

    gzip_inflate_begin(gzip, packed.bytes, packed.length);
    do {
        result = gzip_inflate_step(gzip, 1000000, &plain);
        steps++;
        buffer_clear(&other);
        EXPECT(gzip_inflate(gzip, small.bytes, small.length, LIMIT, &other) == GZIP_OK);
        EXPECT(other.length == 100);
    } while (result == GZIP_HAS_MORE);
    EXPECT(result == GZIP_OK && plain.length == 1000000 && steps > 10);
    /* One that is given up, and one that is too large. */
    buffer_clear(&plain);
    gzip_inflate_begin(gzip, packed.bytes, packed.length);
    EXPECT(gzip_inflate_step(gzip, 1000000, &plain) == GZIP_HAS_MORE);
    buffer_clear(&plain);
    gzip_inflate_begin(gzip, packed.bytes, packed.length);
    while ((result = gzip_inflate_step(gzip, 999999, &plain)) == GZIP_HAS_MORE)
        ;
    EXPECT(result == GZIP_TOO_LARGE);
    buffer_finish(&other);
    buffer_finish(&plain);
    buffer_finish(&small);
    buffer_finish(&packed);
    gzip_destroy(gzip);
}
END_TEST

START_TEST(test_zlib_format_is_refused)
{
    /* zlib.compress(b"abc") and raw deflate of the same. */
    static const uint8_t zlib[] = {
        0x78, 0x9c, 0x4b, 0x4c, 0x4a, 0x06, 0x00, 0x02, 0x4d, 0x01, 0x27};
    struct gzip *gzip = gzip_create();
    struct buffer plain = {0};
    EXPECT(gzip_inflate(gzip, zlib, sizeof zlib, LIMIT, &plain) == GZIP_CORRUPT);
    EXPECT(gzip_inflate(gzip, zlib + 2, sizeof zlib - 6, LIMIT, &plain) == GZIP_CORRUPT);
    buffer_finish(&plain);
    gzip_destroy(gzip);
}
END_TEST

Suite *gzip_suite(void)
{
    Suite *suite = suite_create("gzip");
    TCase *test_case = tcase_create("gzip");
    tcase_add_test(test_case, test_limits);
    tcase_add_test(test_case, test_every_truncation_is_corrupt);
    tcase_add_test(test_case, test_corrupt);
    tcase_add_test(test_case, test_steps);
    tcase_add_test(test_case, test_zlib_format_is_refused);
    suite_add_tcase(suite, test_case);
    return suite;
}
