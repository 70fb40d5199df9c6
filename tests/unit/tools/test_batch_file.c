/* test_batch_file.c: files of commands in every form, and the line on which each command begins.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "vslctl/files/batch_file.h"

#include <string.h>

#define LINES_MAX 8

static const struct {
    const char *text;
    int lines[LINES_MAX]; /* ended by 0 */
} files[] = {
    {"{\"pay\":{}}", {1}},
    {"\n\n {\"pay\":{}}\n", {3}},
    {"{\"pay\":{}}\n{\"pay\":{}}\n\n{\"pay\":{}}", {1, 2, 4}},
    {"{\"pay\":{}} {\"pay\":{}}", {1, 1}},
    {"[{\"pay\":{}},{\"pay\":{}}]", {1, 1}},
    {"[\n{\"pay\":\n{}},\n\n{\"pay\":{\"payees\":[\n{},\n{}]}},\n{}\n]", {2, 5, 8}},
    {"{\"atomic\": false,\n\n\"items\": [\n{\"pay\":{}},\n{}]}", {4, 5}},
    {"{\n\"items\": [\n{\"pay\":{\"items\":[\n{}]}},\n{}],\n\"dryRun\": null}", {3, 5}},
    /* Brackets, commas and quotes in texts are none. */
    {"[{\"a\":\"],[\\\",{\"},\n{\"items\":\"\\\\\"},\n{}]", {1, 2, 3}},
    {"[{}]\n[\n{},\n{}]\n{}", {1, 3, 4, 5}},
    /* A name that is spelt by escapes: the line of the whole. */
    {"\n{\"\\u0069tems\":[\n{},\n{}]}", {2, 2}},
};

START_TEST(each_command_has_its_line)
{
    struct batch_file file;
    char error[512] = "";
    ck_assert_msg(
        batch_file_parse(files[_i].text, strlen(files[_i].text), &file, error, sizeof error) == 0,
        "%s", error);
    ck_assert_uint_eq(file.count, json_array_size(file.commands));
    ck_assert(file.count < LINES_MAX);
    ck_assert_int_eq(files[_i].lines[file.count], 0);
    for (size_t i = 0; i < file.count; i++)
        ck_assert_msg(
            file.lines[i] == files[_i].lines[i], "command %zu: line %d", i + 1, file.lines[i]);
    batch_file_finish(&file);
}
END_TEST

static const struct {
    const char *text;
    const char *part; /* of the error */
} wrong[] = {
    {"", "no commands"},
    {" \n", "no commands"},
    {"[]", "no commands"},
    {"{\"items\":[]}", "no commands"},
    {"{", "line 1"},
    {"{\"pay\":{}}\n\n{\"pay\":\nx}", "line 4"},
    {"{\"pay\":1,\"pay\":2}", "line 1"},
    {"\n{\"items\":[{}],\"more\":[{}]}", "line 2: more: there is no such field"},
    {"{\"items\":[{}],\"atomic\":1}", "line 1: atomic: must be true or false"},
    {"{\"items\":[{}],\"dry_run\":\"yes\"}", "dry_run: must be true or false"},
    {"{\"items\":{}}", "line 1: items: must be an array"},
    {"{\"items\":[{}],\"atomic\":true}\n{}", "line 1: atomic and dry_run hold"},
    {"{}\n{\"items\":[{}],\"dry_run\":true}", "line 2: atomic and dry_run hold"},
};

START_TEST(what_is_no_file_of_commands_is_refused)
{
    struct batch_file file;
    char error[512] = "";
    ck_assert_int_eq(
        batch_file_parse(wrong[_i].text, strlen(wrong[_i].text), &file, error, sizeof error), -1);
    ck_assert_msg(strstr(error, wrong[_i].part) != NULL, "%s", error);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

Suite *batch_file_suite(void)
{
    Suite *suite = suite_create("batch file");
    TCase *tests = tcase_create("batch file");
    tcase_add_loop_test(tests, each_command_has_its_line, 0, ROWS(files));
    tcase_add_loop_test(tests, what_is_no_file_of_commands_is_refused, 0, ROWS(wrong));
    suite_add_tcase(suite, tests);
    return suite;
}
