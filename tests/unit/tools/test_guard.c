/* test_guard.c: text of others on a terminal, and files that editors and other systems wrote.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "client/terminal.h"
#include "client/text_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_BYTES_MAX 4096

static const struct {
    const char *text;
    const char *in_line; /* how it stands in a cell or a message */
    const char *guarded; /* how it passes the guard; NULL: the same */
} texts[] = {
    {"plain 12.50", "plain 12.50", NULL},
    {"李明 und Ünal 🙂", "李明 und Ünal 🙂", NULL},
    {"a\nb\tc", "a\\u000ab\\u0009c", "a\nb\tc"},
    {"a\rb\bc\x07", "a\\u000db\\u0008c\\u0007", NULL},
    {"\033[2J", "\\u001b[2J", NULL},
    {"\x7f", "\\u007f", NULL},
    {"\xc2\x9b"
     "2J\xc2\x80\xc2\x9f",
        "\\u009b2J\\u0080\\u009f", NULL},
    {"\xc2\xa0", "\xc2\xa0", NULL},
    {"1\xe2\x80\xae"
     "2",
        "1\\u202e2", NULL},
    {"\xe2\x80\xaa\xe2\x81\xa6\xe2\x81\xa9", "\\u202a\\u2066\\u2069", NULL},
    {"\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", "\\u200e\\u200f\\u061c", NULL},
    {"\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf", "\\u2028\\u2029\\ufeff", NULL},
    /* Bytes that are no UTF-8, a bare C1 among them. */
    {"a\x9b"
     "2J\xff",
        "a\\x9b2J\\xff", NULL},
    {"\xe2\x80", "\\xe2\\x80", NULL},
    {"\xc0\x9b", "\\xc0\\x9b", NULL},
    {"\xed\xa0\x80", "\\xed\\xa0\\x80", NULL},
};

START_TEST(a_text_is_escaped)
{
    char *shown = terminal_escaped(texts[_i].text);
    ck_assert_str_eq(shown, texts[_i].in_line);
    free(shown);
}
END_TEST

/* What a process with a guard writes for the text, `step` bytes at a time. */
static void guarded_output(const char *text, size_t step, char ret_output[OUTPUT_BYTES_MAX])
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    fflush(stdout);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        terminal_guard(3);
        for (size_t at = 0; at < strlen(text); at += step) {
            size_t left = strlen(text) - at;
            fwrite(text + at, 1, left < step ? left : step, stdout);
            fflush(stdout);
        }
        printf("%sred%s", terminal_mark((enum terminal_mark)COLOUR_RED),
            terminal_mark(TERMINAL_PLAIN));
        exit(0);
    }
    close(ends[1]);
    size_t length = 0;
    ssize_t more;
    while ((more = read(ends[0], ret_output + length, OUTPUT_BYTES_MAX - 1 - length)) > 0)
        length += (size_t)more;
    ret_output[length] = '\0';
    close(ends[0]);
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}

START_TEST(a_guarded_stream_shows_it)
{
    const char *wanted = texts[_i].guarded ? texts[_i].guarded : texts[_i].in_line;
    char all[OUTPUT_BYTES_MAX];
    snprintf(all, sizeof all, "%s\033[31mred\033[0m", wanted);
    for (size_t step = 1; step <= 3; step++) {
        char output[OUTPUT_BYTES_MAX];
        guarded_output(texts[_i].text, step, output);
        ck_assert_str_eq(output, all);
    }
}
END_TEST

START_TEST(output_that_is_lost_is_no_success)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        ck_assert_ptr_nonnull(freopen("/dev/full", "w", stdout));
        terminal_guard(3);
        printf("the answer\n");
        exit(0);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 3);
}
END_TEST

/* ---- files ---- */

static const struct {
    const char *bytes;
    size_t length;
    const char *text;  /* NULL: refused */
    const char *error; /* a part of it */
} files[] = {
    {"{}", 2, "{}", NULL},
    {"", 0, "", NULL},
    {"\xef\xbb\xbf{}", 5, "{}", NULL},
    {"\xef\xbb\xbf", 3, "", NULL},
    {"a\n\xef\xbb\xbf", 5, "a\n\xef\xbb\xbf", NULL},
    {"\xff\xfe{\0}\0", 6, NULL, "is UTF-16"},
    {"\xfe\xff\0{\0}", 6, NULL, "is UTF-16"},
    {"a\nb\xe9\n", 5, NULL, "line 2 is not UTF-8"},
};

START_TEST(a_file_is_read_as_text)
{
    char name[] = "/tmp/vsl-text-XXXXXX";
    int fd = mkstemp(name);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, files[_i].bytes, files[_i].length), (ssize_t)files[_i].length);
    close(fd);
    struct buffer text = {0};
    char error[512] = "";
    int fault = text_file_read(name, &text, error, sizeof error);
    unlink(name);
    if (files[_i].text) {
        ck_assert_msg(fault == 0, "%s", error);
        ck_assert_uint_eq(text.length, strlen(files[_i].text));
        ck_assert(
            memcmp(text.length ? (const char *)text.bytes : "", files[_i].text, text.length) == 0);
    } else {
        ck_assert_int_eq(fault, -1);
        ck_assert_msg(strstr(error, files[_i].error) && strstr(error, name), "%s", error);
    }
    buffer_finish(&text);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

Suite *guard_suite(void)
{
    Suite *suite = suite_create("guard");
    TCase *tests = tcase_create("guard");
    tcase_add_loop_test(tests, a_text_is_escaped, 0, ROWS(texts));
    tcase_add_loop_test(tests, a_guarded_stream_shows_it, 0, ROWS(texts));
    tcase_add_test(tests, output_that_is_lost_is_no_success);
    tcase_add_loop_test(tests, a_file_is_read_as_text, 0, ROWS(files));
    suite_add_tcase(suite, tests);
    return suite;
}
