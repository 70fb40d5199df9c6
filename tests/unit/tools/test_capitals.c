/* test_capitals.c: amounts in Chinese capitals; texts of others in CSV and HTML.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "text/capitals.h"
#include "text/csv.h"
#include "text/html.h"

#include <stdlib.h>
#include <string.h>

/* The first six are the examples of the People's Bank's rules. */
static const struct {
    int64_t minor;
    int decimals;
    const char *text; /* NULL: there is none */
} capitals[] = {
    {140950, 2, "壹仟肆佰零玖元伍角"},
    {600714, 2, "陆仟零柒元壹角肆分"},
    {168032, 2, "壹仟陆佰捌拾元零叁角贰分"},
    {10700053, 2, "壹拾万柒仟元零伍角叁分"},
    {1640902, 2, "壹万陆仟肆佰零玖元零贰分"},
    {32504, 2, "叁佰贰拾伍元零肆分"},
    {0, 2, "零元整"},
    {1, 2, "壹分"},
    {10, 2, "壹角"},
    {11, 2, "壹角壹分"},
    {100, 2, "壹元整"},
    {101, 2, "壹元零壹分"},
    {110, 2, "壹元壹角"},
    {1000, 2, "壹拾元整"},
    {1001, 2, "壹拾元零壹分"},
    {100000, 2, "壹仟元整"},
    {100100, 2, "壹仟零壹元整"},
    {101000, 2, "壹仟零壹拾元整"},
    {1000000, 2, "壹万元整"},
    {1000100, 2, "壹万零壹元整"},
    {1050000, 2, "壹万零伍佰元整"},
    {10000000, 2, "壹拾万元整"},
    {10010000, 2, "壹拾万零壹佰元整"},
    {100000000, 2, "壹佰万元整"},
    {100010001, 2, "壹佰万零壹佰元零壹分"},
    {10000000000, 2, "壹亿元整"},
    {10000000100, 2, "壹亿零壹元整"},
    {10000500000, 2, "壹亿零伍仟元整"},
    {10050000000, 2, "壹亿零伍拾万元整"},
    {15000000000, 2, "壹亿伍仟万元整"},
    {123456789012, 2, "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元零壹角贰分"},
    {100000000000000, 2, "壹万亿元整"},
    {100000000000100, 2, "壹万亿零壹元整"},
    {100010000000000, 2, "壹万零壹亿元整"},
    {100100000000000, 2, "壹万零壹拾亿元整"},
    {999999999999999999, 2,
        "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"},
    {-140950, 2, "负壹仟肆佰零玖元伍角"},
    {1409, 0, "壹仟肆佰零玖元整"},
    {1000000000000000000, 2, NULL},
    {INT64_MIN, 2, NULL},
    {1, 3, NULL},
};

START_TEST(amounts_in_capitals)
{
    char text[CAPITALS_BYTES_MAX];
    bool is_written = capitals_write(capitals[_i].minor, capitals[_i].decimals, text);
    if (capitals[_i].text == NULL) {
        ck_assert(!is_written);
        return;
    }
    ck_assert(is_written);
    ck_assert_str_eq(text, capitals[_i].text);
}
END_TEST

/* What a spreadsheet takes for a formula is marked; who reads it takes off one apostrophe. */
static const struct {
    const char *text;
    const char *csv;
    const char *html;
} hostile[] = {
    {"", "\"\"", ""},
    {"A-1", "\"A-1\"", "A-1"},
    {"=1+1", "\"'=1+1\"", "=1+1"},
    {"+1", "\"'+1\"", "+1"},
    {"-1", "\"'-1\"", "-1"},
    {"@SUM(A1)", "\"'@SUM(A1)\"", "@SUM(A1)"},
    {"\t=1", "\"'\t=1\"", "\\u0009=1"},
    {"＝1", "\"'＝1\"", "＝1"},
    {"＠1", "\"'＠1\"", "＠1"},
    {"'A", "\"''A\"", "&#39;A"},
    {"a\"b,c", "\"a\"\"b,c\"", "a&quot;b,c"},
    {"<script>&", "\"<script>&\"", "&lt;script&gt;&amp;"},
    {"a\xe2\x80\xae"
     "b",
        "\"a\xe2\x80\xae"
        "b\"",
        "a\\u202eb"},
};

static char *written(void (*write)(FILE *out, const char *text), const char *text)
{
    char *bytes = NULL;
    size_t length;
    FILE *out = open_memstream(&bytes, &length);
    ck_assert_ptr_nonnull(out);
    write(out, text);
    ck_assert_int_eq(fclose(out), 0);
    return bytes;
}

static void write_csv(FILE *out, const char *text)
{
    csv_write_text(out, text, true);
}

START_TEST(texts_of_others_are_texts)
{
    char *csv = written(write_csv, hostile[_i].text);
    char *html = written(html_write, hostile[_i].text);
    ck_assert_int_eq(csv[strlen(csv) - 1], '\n');
    csv[strlen(csv) - 1] = '\0';
    ck_assert_str_eq(csv, hostile[_i].csv);
    ck_assert_str_eq(html, hostile[_i].html);
    free(csv);
    free(html);
}
END_TEST

Suite *capitals_suite(void)
{
    Suite *suite = suite_create("capitals");
    TCase *tests = tcase_create("capitals");
    tcase_add_loop_test(tests, amounts_in_capitals, 0, sizeof capitals / sizeof capitals[0]);
    tcase_add_loop_test(tests, texts_of_others_are_texts, 0, sizeof hostile / sizeof hostile[0]);
    suite_add_tcase(suite, tests);
    return suite;
}
