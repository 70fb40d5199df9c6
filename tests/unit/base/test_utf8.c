/* test_utf8.c: UTF-8 by RFC 3629: shortest forms, no surrogates, at most U+10FFFF.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include "suites.h"
#include "support/expect.h"
#include "support/random.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *bytes;
    size_t length;
    bool valid;
    const char *why;
};

#define ROW(text, is_valid, reason)                                                                \
    {                                                                                              \
        text, sizeof(text) - 1, is_valid, reason                                                   \
    }

static const struct row rows[] = {
    ROW("", true, "empty"),
    ROW("\0", true, "NUL is well-formed"),
    ROW("\x7f", true, "last of one byte"),
    ROW("\x80", false, "a tail alone"),
    ROW("\xbf", false, "a tail alone"),
    ROW("\xc0\x80", false, "NUL in two bytes"),
    ROW("\xc0\xaf", false, "slash in two bytes"),
    ROW("\xc1\xbf", false, "U+007F in two bytes"),
    ROW("\xc2\x80", true, "U+0080"),
    ROW("\xc2", false, "cut"),
    ROW("\xc2\x7f", false, "no tail"),
    ROW("\xc2\xc0", false, "no tail"),
    ROW("\xdf\xbf", true, "U+07FF"),
    ROW("\xe0\x80\x80", false, "NUL in three bytes"),
    ROW("\xe0\x9f\xbf", false, "U+07FF in three bytes"),
    ROW("\xe0\xa0\x80", true, "U+0800"),
    ROW("\xe4\xb8\xad", true, "U+4E2D"),
    ROW("\xe4\xb8", false, "cut"),
    ROW("\xe4", false, "cut"),
    ROW("\xe4\xb8\x2d", false, "no second tail"),
    ROW("\xe4\x38\xad", false, "no first tail"),
    ROW("\xed\x9f\xbf", true, "U+D7FF"),
    ROW("\xed\xa0\x80", false, "U+D800, first surrogate"),
    ROW("\xed\xbf\xbf", false, "U+DFFF, last surrogate"),
    ROW("\xed\xa0\xbd\xed\xb8\x80", false, "a pair of surrogates"),
    ROW("\xee\x80\x80", true, "U+E000"),
    ROW("\xef\xbf\xbf", true, "U+FFFF"),
    ROW("\xf0\x80\x80\x80", false, "NUL in four bytes"),
    ROW("\xf0\x8f\xbf\xbf", false, "U+FFFF in four bytes"),
    ROW("\xf0\x90\x80\x80", true, "U+10000"),
    ROW("\xf0\xa0\x80\x80", true, "U+20000, a Han character"),
    ROW("\xf0\xa0\x80", false, "cut"),
    ROW("\xf0\xa0", false, "cut"),
    ROW("\xf0", false, "cut"),
    ROW("\xf0\xa0\x80\x41", false, "no third tail"),
    ROW("\xf4\x8f\xbf\xbf", true, "U+10FFFF"),
    ROW("\xf4\x90\x80\x80", false, "U+110000"),
    ROW("\xf5\x80\x80\x80", false, "beyond"),
    ROW("\xf8\x88\x80\x80\x80", false, "five bytes"),
    ROW("\xfc\x84\x80\x80\x80\x80", false, "six bytes"),
    ROW("\xfe", false, "never"),
    ROW("\xff", false, "never"),
    ROW("a\xc3\xa9z", true, "in the middle"),
    ROW("12345678\xff", false, "behind a whole word"),
    ROW("1234567\xe4\xb8\xad", true, "over the end of a word"),
    ROW("12345678\xe4\xb8", false, "cut behind a word"),
};

START_TEST(table)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        EXPECT_MSG(utf8_is_valid(rows[i].bytes, rows[i].length) == rows[i].valid, "row %zu: %s", i,
            rows[i].why);
        /* The same on every place within a word, with text in front and behind. */
        for (size_t shift = 0; shift < 17; shift++) {
            char line[64];
            memset(line, 'x', sizeof line);
            memcpy(line + shift, rows[i].bytes, rows[i].length);
            EXPECT_MSG(utf8_is_valid(line, sizeof line) == rows[i].valid, "row %zu at %zu: %s", i,
                shift, rows[i].why);
        }
    }
}
END_TEST

/* Writes a character the way the RFC's table says. */
static size_t encode(uint32_t c, uint8_t *out)
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (uint8_t)(0xc0 | c >> 6);
        out[1] = (uint8_t)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (uint8_t)(0xe0 | c >> 12);
        out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | c >> 18);
    out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (c & 0x3f));
    return 4;
}

START_TEST(every_character)
{
    for (uint32_t c = 0; c <= 0x1fffff; c++) {
        uint8_t bytes[4];
        size_t length = encode(c, bytes);
        bool expected = c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
        EXPECT_MSG(utf8_is_valid(bytes, length) == expected, "character %x", c);
    }
}
END_TEST

/* Of all pairs of bytes only two ASCII characters or a two-byte sequence are right. */
START_TEST(every_pair_of_bytes)
{
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            uint8_t bytes[2] = {(uint8_t)a, (uint8_t)b};
            bool expected =
                (a < 0x80 && b < 0x80) || (a >= 0xc2 && a <= 0xdf && (b & 0xc0) == 0x80);
            EXPECT_MSG(utf8_is_valid(bytes, 2) == expected, "%02x %02x", a, b);
        }
    }
}
END_TEST

/* A text of random characters is right; cut inside a character it is not. The text lies at the end
 * of its allocation, so that the sanitizer sees a read beyond. */
START_TEST(cut_texts)
{
    struct random random;
    random_start(&random, "utf8");
    for (int round = 0; round < 2000; round++) {
        uint8_t text[400];
        bool starts[401] = {false};
        size_t length = 0;
        while (length < 390 && !random_percent(&random, 3)) {
            uint32_t c;
            do
                c = (uint32_t)random_below(&random, 0x110000) >> random_below(&random, 20);
            while (c >= 0xd800 && c <= 0xdfff);
            starts[length] = true;
            length += encode(c, text + length);
        }
        starts[length] = true;
        size_t cut = random_below(&random, length + 1);
        uint8_t *exact = malloc(cut ? cut : 1);
        ck_assert_ptr_nonnull(exact);
        memcpy(exact, text, cut);
        EXPECT(utf8_is_valid(exact, cut) == starts[cut]);
        free(exact);
    }
}
END_TEST

Suite *utf8_suite(void)
{
    Suite *suite = suite_create("utf8");
    TCase *tests = tcase_create("utf8");
    tcase_add_test(tests, table);
    tcase_add_test(tests, every_character);
    tcase_add_test(tests, every_pair_of_bytes);
    tcase_add_test(tests, cut_texts);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
