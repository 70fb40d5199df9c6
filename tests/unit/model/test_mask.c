/* test_mask.c: what is shown of personal values, and that nothing else is.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include "model/mask.h"
#include "suites.h"
#include "support/random.h"

#include <stdio.h>
#include <stdlib.h>

#define WIDE_NUMBER "６２２２０２１００１１１２３４５"

static const struct {
    enum personal_kind kind;
    const char *value;
    const char *mask;
} rows[] = {
    {PERSONAL_NAME, "", ""},
    {PERSONAL_NAME, "李", "*"},
    {PERSONAL_NAME, "李四", "*四"},
    {PERSONAL_NAME, "欧阳娜娜", "***娜"},
    {PERSONAL_NAME, "𠮷野家", "**家"},
    {PERSONAL_NAME, "A", "*"},
    {PERSONAL_NAME, "Ada", "**a"},
    {PERSONAL_NAME, "Ada Lovelace", "***********e"},
    {PERSONAL_NAME, "示例商城（上海）有限公司", "***********司"},
    {PERSONAL_NAME, "Li\xff", "***"},
    {PERSONAL_NAME, "\xe6\x9d\x8e\xe5\x9b", "***"},
    {PERSONAL_NAME, "\xff四", "*四"},

    {PERSONAL_ACCOUNT_NUMBER, "", ""},
    {PERSONAL_ACCOUNT_NUMBER, "1", "*"},
    {PERSONAL_ACCOUNT_NUMBER, "123456", "******"},
    {PERSONAL_ACCOUNT_NUMBER, "1234567", "******7"},
    {PERSONAL_ACCOUNT_NUMBER, "12345678", "******78"},
    {PERSONAL_ACCOUNT_NUMBER, "1234567890", "******7890"},
    {PERSONAL_ACCOUNT_NUMBER, "12345678901", "1******8901"},
    {PERSONAL_ACCOUNT_NUMBER, "123456789012", "12******9012"},
    {PERSONAL_ACCOUNT_NUMBER, "123456789012345", "12345******2345"},
    {PERSONAL_ACCOUNT_NUMBER, "6222021001112345", "622202******2345"},
    {PERSONAL_ACCOUNT_NUMBER, "62220210011123456", "622202*******3456"},
    {PERSONAL_ACCOUNT_NUMBER, "6222021001112345678", "622202*********5678"},
    {PERSONAL_ACCOUNT_NUMBER, "6222 0210 0111 2345", "6222 02** **** 2345"},
    {PERSONAL_ACCOUNT_NUMBER, "1-2-3-4-5-6-7-8", "*-*-*-*-*-*-7-8"},
    {PERSONAL_ACCOUNT_NUMBER, "19-2000145399/0800", "19-2000******/0800"},
    {PERSONAL_ACCOUNT_NUMBER, "GB82 WEST 1234 5698 7654 32", "GB82 WE** **** **** **54 32"},
    {PERSONAL_ACCOUNT_NUMBER, WIDE_NUMBER, "６２２２０２******２３４５"},
    {PERSONAL_ACCOUNT_NUMBER, "622202100111234\xff", "622202******234*"},
    {PERSONAL_ACCOUNT_NUMBER, "----", "----"},

    {PERSONAL_DOCUMENT_NUMBER, "", ""},
    {PERSONAL_DOCUMENT_NUMBER, "123", "***"},
    {PERSONAL_DOCUMENT_NUMBER, "1234", "1**4"},
    {PERSONAL_DOCUMENT_NUMBER, "11010519491231002X", "1****************X"},
    {PERSONAL_DOCUMENT_NUMBER, "军字第1234号", "军******号"},
    {PERSONAL_DOCUMENT_NUMBER, "91110000600037341L", "9****************L"},

    {PERSONAL_MOBILE, "1355253550", "**********"},
    {PERSONAL_MOBILE, "13552535506", "135****5506"},
};

static struct text mask_of(enum personal_kind kind, struct text value)
{
    /* No byte more than it may have. */
    char *mask = malloc(value.length + (value.length == 0));
    ck_assert_ptr_nonnull(mask);
    return (struct text){mask, mask_value(kind, value, mask)};
}

START_TEST(every_mask)
{
    struct text value = text_of(rows[_i].value);
    struct text mask = mask_of(rows[_i].kind, value);
    ck_assert_msg(text_equals(mask, text_of(rows[_i].mask)), "%s is shown as %.*s", rows[_i].value,
        (int)mask.length, mask.bytes);
    char *same = malloc(value.length + 1);
    ck_assert_ptr_nonnull(same);
    memcpy(same, value.bytes, value.length);
    uint32_t length = mask_value(rows[_i].kind, (struct text){same, value.length}, same);
    ck_assert(text_equals(mask, (struct text){same, length}));
    free(same);
    free((void *)(uintptr_t)mask.bytes);
}
END_TEST

/* Whatever the bytes are: the mask is UTF-8, no longer than the value, and hides six signs of a
 * number, and of a name all but one character. */
START_TEST(any_bytes)
{
    struct random random;
    random_start(&random, "any_bytes");
    for (int round = 0; round < 20000; round++) {
        char bytes[64];
        uint32_t length = (uint32_t)random_below(&random, sizeof bytes);
        bool is_plain = random_percent(&random, 50);
        for (uint32_t i = 0; i < length; i++)
            bytes[i] = (char)random_between(&random, is_plain ? '0' : 0, is_plain ? 'z' : 255);
        enum personal_kind kind =
            random_percent(&random, 50) ? PERSONAL_NAME : PERSONAL_ACCOUNT_NUMBER;
        struct text mask = mask_of(kind, (struct text){bytes, length});
        ck_assert_uint_le(mask.length, length);
        ck_assert(utf8_is_valid(mask.bytes, mask.length));
        uint32_t shown = 0;
        for (uint32_t at = 0; at < mask.length;) {
            uint32_t character;
            size_t size = utf8_take(mask.bytes + at, mask.length - at, &character);
            shown +=
                !strchr(kind == PERSONAL_NAME ? "*" : "* -./", (int)character) || character >= 0x80;
            at += (uint32_t)size;
        }
        ck_assert_uint_le(shown, kind == PERSONAL_NAME ? 1 : 10);
        free((void *)(uintptr_t)mask.bytes);
    }
}
END_TEST

Suite *mask_suite(void)
{
    Suite *suite = suite_create("mask");
    TCase *tests = tcase_create("mask");
    tcase_add_loop_test(tests, every_mask, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tests, any_bytes);
    suite_add_tcase(suite, tests);
    return suite;
}
