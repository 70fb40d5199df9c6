/* test_language.c: what accept-language asks for, well formed and not.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "support/expect.h"
#include "wire/language.h"

#include <stdlib.h>
#include <string.h>

struct row {
    const char *headers[3]; /* NULL: no more */
    enum wire_language language;
};

static const struct row rows[] = {
    {{NULL}, WIRE_ENGLISH},
    {{""}, WIRE_ENGLISH},
    {{"zh"}, WIRE_CHINESE},
    {{"ZH-cn"}, WIRE_CHINESE},
    {{"zh-Hans-CN"}, WIRE_CHINESE},
    {{"zh-TW"}, WIRE_CHINESE},
    {{"en"}, WIRE_ENGLISH},
    {{"de"}, WIRE_ENGLISH},
    {{"zho"}, WIRE_ENGLISH},
    {{"z"}, WIRE_ENGLISH},
    {{"zh_CN"}, WIRE_ENGLISH},
    {{"*"}, WIRE_ENGLISH},
    /* The greater weight; of equals the first. */
    {{"zh-CN,zh;q=0.9,en;q=0.8"}, WIRE_CHINESE},
    {{"en-US,en;q=0.9,zh-CN;q=0.8"}, WIRE_ENGLISH},
    {{"en;q=0.8,zh;q=0.9"}, WIRE_CHINESE},
    {{"en;q=0.999,zh"}, WIRE_CHINESE},
    {{"en,zh"}, WIRE_ENGLISH},
    {{"zh,en"}, WIRE_CHINESE},
    {{"de, zh;q=0.001"}, WIRE_CHINESE},
    {{"zh;q=0.1, zh-CN;q=0.7, en;q=0.5"}, WIRE_CHINESE},
    {{" zh\t; q=0.5 ,\ten ; Q=0.4 "}, WIRE_CHINESE},
    /* What is not wanted, and what stands for the others. */
    {{"zh;q=0"}, WIRE_ENGLISH},
    {{"zh;q=0, en;q=0"}, WIRE_ENGLISH},
    {{"zh;q=0.000, *"}, WIRE_ENGLISH},
    {{"en;q=0, *"}, WIRE_CHINESE},
    {{"zh;q=0.5, *;q=0.8"}, WIRE_ENGLISH},
    {{"zh;q=0.5, *;q=0.4"}, WIRE_CHINESE},
    {{"*;q=0.5, en;q=0.4"}, WIRE_CHINESE},
    /* Several headers are one. */
    {{"de", "zh"}, WIRE_CHINESE},
    {{"zh;q=0.2", "en;q=0.3"}, WIRE_ENGLISH},
    {{"en;q=0.2", "fr", "zh;q=0.3"}, WIRE_CHINESE},
    /* Entries that break the grammar are passed over. */
    {{"zh;q=2"}, WIRE_ENGLISH},
    {{"zh;q=1.001"}, WIRE_ENGLISH},
    {{"zh;q=1.000"}, WIRE_CHINESE},
    {{"zh;q=0.0001"}, WIRE_ENGLISH},
    {{"zh;q=-1"}, WIRE_ENGLISH},
    {{"zh;q=.5"}, WIRE_ENGLISH},
    {{"zh;q=0,5"}, WIRE_ENGLISH},
    {{"zh;q"}, WIRE_ENGLISH},
    {{"zh;q="}, WIRE_ENGLISH},
    {{"zh;"}, WIRE_ENGLISH},
    {{"zh;q=0.5;q=0.6"}, WIRE_ENGLISH},
    {{"zh;level=1"}, WIRE_ENGLISH},
    {{",,,;;;,zh"}, WIRE_CHINESE},
    {{"zh-"}, WIRE_CHINESE},
    {{"\xe4\xb8\xad\xe6\x96\x87"}, WIRE_ENGLISH},
};

static enum wire_language ask(const struct row *row)
{
    struct language_wish wish = {.first = 0};
    for (int i = 0; i < 3 && row->headers[i]; i++)
        language_take(&wish, (const uint8_t *)row->headers[i], strlen(row->headers[i]));
    return language_of(&wish);
}

START_TEST(test_rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        EXPECT_MSG(ask(&rows[i]) == rows[i].language, "row %zu: %s", i,
            rows[i].headers[0] ? rows[i].headers[0] : "none");
}
END_TEST

/* Bytes in a block of their own length, so that the sanitizer sees a read beyond it. */
START_TEST(test_any_bytes)
{
    static const char alphabet[] = "zheEN-*;q=01.9,\t \x80\xff";
    uint32_t state = 1;
    bool seen[WIRE_LANGUAGES] = {false};
    for (int round = 0; round < 200000; round++) {
        size_t length = (size_t)(round % 24);
        uint8_t *bytes = malloc(length + (length == 0));
        ck_assert_ptr_nonnull(bytes);
        for (size_t i = 0; i < length; i++) {
            state = state * 1103515245 + 12345;
            bytes[i] = (uint8_t)alphabet[(state >> 16) % (sizeof alphabet)];
        }
        struct language_wish wish = {.first = 0};
        language_take(&wish, bytes, length);
        language_take(&wish, bytes, length);
        enum wire_language language = language_of(&wish);
        EXPECT(language == WIRE_ENGLISH || language == WIRE_CHINESE);
        seen[language] = true;
        free(bytes);
    }
    EXPECT(seen[WIRE_ENGLISH] && seen[WIRE_CHINESE]);
}
END_TEST

Suite *language_suite(void)
{
    Suite *suite = suite_create("language");
    TCase *test_case = tcase_create("language");
    tcase_add_test(test_case, test_rows);
    tcase_add_test(test_case, test_any_bytes);
    suite_add_tcase(suite, test_case);
    return suite;
}
