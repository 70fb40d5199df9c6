/* test_fold.c: what is written differently and means the same, and what is not the same.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/fold.h"
#include "suites.h"
#include "support/expect.h"

#include <string.h>

static const struct {
    const char *a, *b;
    bool as_number, as_name;
} pairs[] = {
    {"12", "12", true, true},
    {"12", "13", false, false},
    {"12", "123", false, false},
    {"123", "12", false, false},
    {"", "", false, false},
    {" ", "", false, false},
    {"-", "", false, false},
    {"１２３", "123", true, true},
    {" 1\xc2\xa0"
     "2\xe3\x80\x80"
     "3\t",
        "123", true, true},
    {"1-2\xe2\x80\x93"
     "3－4",
        "1234", true, false},
    {"1-2", "12", true, false},
    {"19-2000145399/0800", "192000145399/0800", true, false},
    {"19-2000145399/0800", "1920001453990800", false, false},
    {"\xef\xbb\xbf"
     "12\xe2\x80\x8e",
        "12", true, true}, /* byte order mark, direction */
    {"①", "1", false, false},
    {"1²", "12", false, false},
    {"１２a", "12A", false, true},
    {"示例商城（上海）有限公司", "示例商城(上海)有限公司", true, true},
    {"示例商城﹙上海﹚有限公司", "示例商城(上海)有限公司", true, true},
    {"示例商城（上海）有限公司", "示例商城 (上海) 有限公司", true, true},
    {"示例商城（上海）有限公司", "示例商城上海有限公司", false, false},
    {"示例商城（上海）有限公司", "示例商城(北京)有限公司", false, false},
    {"Ｅxample Ｍall", "EXAMPLE MALL", false, true},
    {"Example-Mall", "Example Mall", true, false},
    {"é", "E", false, false},
    {"𠀀", "𠀁", false, false},
    {"𠀀", "𠀀", true, true},
};

START_TEST(pairs_are_the_same_or_not)
{
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct text a = text_of(pairs[i].a);
        struct text b = text_of(pairs[i].b);
        EXPECT_MSG(fold_same_number(a, b) == pairs[i].as_number, "number %zu: %s", i, pairs[i].a);
        EXPECT_MSG(fold_same_number(b, a) == pairs[i].as_number, "number %zu: %s", i, pairs[i].b);
        EXPECT_MSG(fold_same_name(a, b) == pairs[i].as_name, "name %zu: %s", i, pairs[i].a);
        EXPECT_MSG(fold_same_name(b, a) == pairs[i].as_name, "name %zu: %s", i, pairs[i].b);
    }
}
END_TEST

static const struct {
    const char *written;
    uint32_t bytes_max;
    const char *number; /* empty: none */
} numbers[] = {
    {"10001", 5, "10001"},
    {"10001", 4, ""},
    {"１０００ － 1", 5, "10001"},
    {"", 5, ""},
    {" - ", 5, ""},
    {"货款10001", 8, ""},
    {"a/b", 8, "a/b"},
};

START_TEST(numbers_lose_what_only_parts_them)
{
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char bytes[16];
        uint32_t length = fold_number(text_of(numbers[i].written), bytes, numbers[i].bytes_max);
        struct text folded = {bytes, length};
        EXPECT_MSG(text_equals(folded, text_of(numbers[i].number)), "%s", numbers[i].written);
    }
}
END_TEST

/* Bytes that are no UTF-8 stand only in a body that somebody changed: nothing is read beyond. */
START_TEST(cut_text_is_read_to_its_end_only)
{
    const char cut[3] = {'1', '\xef', '\xbc'};
    struct text text = {cut, sizeof cut};
    char bytes[4];
    ck_assert(!fold_same_name(text, text_of("1")));
    ck_assert_uint_eq(fold_number(text, bytes, sizeof bytes), 0);
}
END_TEST

START_TEST(characters_are_counted)
{
    ck_assert_uint_eq(text_characters(text_of("")), 0);
    ck_assert_uint_eq(text_characters(text_of("aé中𠀀")), 4);
}
END_TEST

static const struct {
    const char *written, *folded;
} references[] = {
    {"", ""},
    {" \xe3\x80\x80\xe2\x80\x8b\xef\xbb\xbf", ""},
    {"20241001-000123", "20241001-000123"},
    {"２０２４－１", "2024-1"},
    {" ab 1\t", "ab1"},
    {"aB", "aB"},
    {"流水﹙3﹚ 号", "流水(3)号"},
    {"é𠀀1–2①", "é𠀀1–2①"},
    {"NOTPROVIDED", ""},
    {"Not Provided", ""},
    {"ＮＯＮｒｅｆ\n", ""},
    {"NONREF1", "NONREF1"},
    {"NONRE", "NONRE"},
    {"NOTPROVİDED", "NOTPROVİDED"},
    {"notprovıded", "notprovıded"},
    {"NON-REF", "NON-REF"},
};

START_TEST(references_are_kept_but_for_width_and_blanks)
{
    for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
        char folded[100];
        struct text is = {folded, fold_reference(text_of(references[i].written), folded)};
        EXPECT_MSG(text_equals(is, text_of(references[i].folded)), "%s: %.*s",
            references[i].written, (int)is.length, folded);
        char again[100];
        EXPECT(fold_reference(is, again) == is.length && memcmp(again, folded, is.length) == 0);
    }
}
END_TEST

START_TEST(controls_become_blanks)
{
    char text[] = "a\x01\x1f\x7f\xc2\x80\xc2\x9f\xc2\xa0\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9z";
    uint32_t length = text_blank_controls(text, (uint32_t)strlen(text));
    struct text now = {text, length};
    ck_assert(text_equals(now, text_of("a     \xc2\xa0\xe2\x80\xa7  z")));
    ck_assert_uint_eq(text_blank_controls(text, 0), 0);
}
END_TEST

Suite *fold_suite(void)
{
    Suite *suite = suite_create("fold");
    TCase *tcase = tcase_create("all");
    tcase_add_test(tcase, pairs_are_the_same_or_not);
    tcase_add_test(tcase, numbers_lose_what_only_parts_them);
    tcase_add_test(tcase, cut_text_is_read_to_its_end_only);
    tcase_add_test(tcase, characters_are_counted);
    tcase_add_test(tcase, references_are_kept_but_for_width_and_blanks);
    tcase_add_test(tcase, controls_become_blanks);
    suite_add_tcase(suite, tcase);
    return suite;
}
