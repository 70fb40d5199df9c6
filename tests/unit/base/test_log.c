/* test_log.c: a log line stays one line of bounded length; fault points kill where they are armed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/log.h"
#include "suites.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs `write_lines` with standard error going into a file; what was written comes back as a
 * string, owned by the caller. */
static char *capture(void (*write_lines)(void))
{
    char name[] = "/tmp/vsl-test-log-XXXXXX";
    int file = mkstemp(name);
    ck_assert_int_ge(file, 0);
    unlink(name);
    int saved = dup(STDERR_FILENO);
    ck_assert_int_ge(saved, 0);
    ck_assert_int_ge(dup2(file, STDERR_FILENO), 0);
    write_lines();
    ck_assert_int_ge(dup2(saved, STDERR_FILENO), 0);
    close(saved);
    char *text = calloc(1, 65536);
    ck_assert_ptr_nonnull(text);
    ssize_t got = pread(file, text, 65535, 0);
    ck_assert_int_ge(got, 0);
    close(file);
    return text;
}

static void write_plain(void)
{
    log_debug("dropped=1");
    log_info("batch=%d rows=%d", 7, 12);
}

static void write_to_journal(void)
{
    struct stat stream;
    char name[64];
    ck_assert_int_eq(fstat(STDERR_FILENO, &stream), 0);
    snprintf(name, sizeof name, "%ju:%ju", (uintmax_t)stream.st_dev, (uintmax_t)stream.st_ino);
    ck_assert_int_eq(setenv("JOURNAL_STREAM", name, 1), 0);
    log_info("of=6");
    log_warning("of=4");
    log_error("of=3");
    setenv("JOURNAL_STREAM", "1:1", 1);
    log_error("of=none");
    unsetenv("JOURNAL_STREAM");
}

START_TEST(the_journal_learns_the_priority)
{
    static const char *const prefixes[] = {"<6>2", "<4>2", "<3>2", "2"};
    char *text = capture(write_to_journal);
    char *rest = text;
    for (size_t i = 0; i < 4; i++) {
        const char *line = strsep(&rest, "\n");
        ck_assert_int_eq(strncmp(line, prefixes[i], strlen(prefixes[i])), 0);
    }
    free(text);
}
END_TEST

START_TEST(line_has_time_level_and_message)
{
    char *text = capture(write_plain);
    /* 2026-11-22T12:00:00.123456Z info batch=7 rows=12 */
    ck_assert_uint_eq(strlen(text), 27 + strlen(" info batch=7 rows=12\n"));
    ck_assert_str_eq(text + 27, " info batch=7 rows=12\n");
    static const char shape[] = "dddd-dd-ddTdd:dd:dd.ddddddZ";
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        if (shape[i] == 'd')
            ck_assert(text[i] >= '0' && text[i] <= '9');
        else
            ck_assert_int_eq(text[i], shape[i]);
    }
    free(text);
}
END_TEST

static void write_levels(void)
{
    log_set_level(LOG_LEVEL_WARNING);
    log_info("dropped=1");
    log_warning("kept=1");
    log_set_level(LOG_LEVEL_DEBUG);
    log_debug("kept=2");
    log_error("kept=3");
}

START_TEST(levels_below_the_threshold_are_dropped)
{
    char *text = capture(write_levels);
    ck_assert_ptr_null(strstr(text, "dropped"));
    ck_assert_ptr_nonnull(strstr(text, " warning kept=1\n"));
    ck_assert_ptr_nonnull(strstr(text, " debug kept=2\n"));
    ck_assert_ptr_nonnull(strstr(text, " error kept=3\n"));
    free(text);
}
END_TEST

static void write_hostile(void)
{
    log_info("text=\"%s\"", "a\nb\rc\x1b[31md\x7f\te");
}

START_TEST(control_characters_cannot_break_the_line)
{
    char *text = capture(write_hostile);
    ck_assert_ptr_nonnull(strstr(text, " info text=\"a?b?c?[31md??e\"\n"));
    ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
    free(text);
}
END_TEST

static void write_steering(void)
{
    /* CSI and NEL of C1 as text and as bytes, an override and an isolate, a line separator. */
    log_info("text=\"%s\"", "\xc2\x9b"
                            "31m\xc2\x85\x9b|\xe2\x80\xae|\xe2\x81\xa6|\xe2\x80\xa8|\xef\xbb\xbf|"
                            "\xe4\xbd\xa0\xc3\xa9|\xe4\xbd");
}

START_TEST(what_steers_a_terminal_is_replaced)
{
    char *text = capture(write_steering);
    ck_assert_ptr_nonnull(strstr(text, " info text=\"?31m??|?|?|?|?|\xe4\xbd\xa0\xc3\xa9|??\"\n"));
    free(text);
}
END_TEST

static void write_long(void)
{
    static char text[5000];
    memset(text, 'x', sizeof text - 1);
    log_info("%s", text);
    memset(text, 0, sizeof text);
    /* The longest message that is not cut: 1000 - newline - time - " info ". */
    memset(text, 'y', 1000 - 1 - 27 - 6);
    log_info("%s", text);
    log_info("%sz", text);
}

START_TEST(lines_are_cut_at_their_limit)
{
    char *text = capture(write_long);
    char *second = strchr(text, '\n') + 1;
    char *third = strchr(second, '\n') + 1;
    ck_assert_int_eq(second - text, 1000);
    ck_assert_int_eq(third - second, 1000);
    ck_assert_int_eq(second[998], 'y');
    ck_assert_uint_eq(strlen(third), 1000);
    ck_assert_int_eq(third[998], 'y');
    free(text);
}
END_TEST

#ifdef VSL_FAULTS
/* How a child ends that visits place "a" twice and then "b" once, armed with `setting`. Its exit
 * status says how far it came. */
static int child_status(const char *setting)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        if (setting)
            setenv("VSL_FAULT", setting, 1);
        else
            unsetenv("VSL_FAULT");
        FAULT_POINT("a");
        FAULT_POINT("a");
        FAULT_POINT("b");
        _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

START_TEST(fault_points_kill_at_the_visit_that_was_named)
{
    static const char *const kills[] = {"a:1", "a:2", "b:1"};
    static const char *const passes[] = {"a:3", "b:2", "c:1", "a", "a:0", "", "ab:1"};
    for (size_t i = 0; i < sizeof kills / sizeof *kills; i++) {
        int status = child_status(kills[i]);
        ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%s", kills[i]);
    }
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
        int status = child_status(passes[i]);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s", passes[i]);
    }
    ck_assert_int_eq(child_status(NULL), 0);
}
END_TEST
#endif

Suite *log_suite(void)
{
    Suite *suite = suite_create("log");
    TCase *tests = tcase_create("log");
    tcase_add_test(tests, line_has_time_level_and_message);
    tcase_add_test(tests, the_journal_learns_the_priority);
    tcase_add_test(tests, levels_below_the_threshold_are_dropped);
    tcase_add_test(tests, control_characters_cannot_break_the_line);
    tcase_add_test(tests, what_steers_a_terminal_is_replaced);
    tcase_add_test(tests, lines_are_cut_at_their_limit);
#ifdef VSL_FAULTS
    tcase_add_test(tests, fault_points_kill_at_the_visit_that_was_named);
#endif
    suite_add_tcase(suite, tests);
    return suite;
}
