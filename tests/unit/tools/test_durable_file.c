/* test_durable_file.c: files replaced as a whole, by many at once.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "client/durable_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 8
#define ROUNDS 20

static char folder[64];
static char path[128];
static char partial[256];

static void make_folder(void)
{
    snprintf(folder, sizeof folder, "/tmp/durable.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(partial, sizeof partial, "%s.partial", path);
}

static void remove_folder(void)
{
    unlink(path);
    unlink(partial);
    ck_assert_int_eq(rmdir(folder), 0);
}

static int number_in_file(void)
{
    int number = 0;
    FILE *in = fopen(path, "r");
    if (in) {
        ck_assert_int_eq(fscanf(in, "%d", &number), 1);
        fclose(in);
    }
    return number;
}

static void write_number(int number)
{
    struct durable_file file;
    ck_assert_int_eq(durable_begin(&file, path, 0600), 0);
    fprintf(file.stream, "%d\n", number);
    ck_assert_int_eq(durable_commit(&file), 0);
}

START_TEST(a_file_is_replaced_or_left)
{
    struct durable_file file;
    struct stat about;
    write_number(1);
    write_number(2);
    ck_assert_int_eq(number_in_file(), 2);
    ck_assert_int_eq(durable_begin(&file, path, 0600), 0);
    fputs("3\n", file.stream);
    ck_assert_int_eq(number_in_file(), 2);
    durable_abandon(&file);
    durable_abandon(&file);
    ck_assert_int_eq(number_in_file(), 2);
    ck_assert_int_eq(stat(path, &about), 0);
    ck_assert_uint_eq(about.st_mode & 0777, 0600);
    ck_assert_int_ne(access(partial, F_OK), 0);
}
END_TEST

START_TEST(what_a_killed_process_left_is_taken_over)
{
    struct stat about;
    FILE *left = fopen(partial, "w");
    ck_assert_ptr_nonnull(left);
    fputs("a longer text than the one that comes\n", left);
    fclose(left);
    ck_assert_int_eq(chmod(partial, 0644), 0);
    write_number(7);
    ck_assert_int_eq(number_in_file(), 7);
    ck_assert_int_eq(stat(path, &about), 0);
    ck_assert_int_eq(about.st_size, 2);
    ck_assert_uint_eq(about.st_mode & 0777, 0600);
}
END_TEST

START_TEST(many_at_once_count_one_by_one)
{
    for (int process = 0; process < PROCESSES; process++) {
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child > 0)
            continue;
        for (int i = 0; i < ROUNDS; i++) {
            struct durable_file file;
            if (durable_begin(&file, path, 0600) != 0)
                _exit(1);
            fprintf(file.stream, "%d\n", number_in_file() + 1);
            if (i % 5 == 4) /* sometimes nothing comes of it */
                durable_abandon(&file);
            else if (durable_commit(&file) != 0)
                _exit(1);
        }
        _exit(0);
    }
    for (int process = 0; process < PROCESSES; process++) {
        int status;
        ck_assert_int_gt(wait(&status), 0);
        ck_assert_int_eq(status, 0);
    }
    ck_assert_int_eq(number_in_file(), PROCESSES * ROUNDS * 4 / 5);
}
END_TEST

START_TEST(what_is_no_plain_file_is_not_written_to)
{
    struct durable_file file;
    write_number(1);
    ck_assert_int_eq(link(path, partial), 0);
    ck_assert_int_eq(durable_begin(&file, path, 0600), -1);
    ck_assert_int_eq(errno, EPERM);
    ck_assert_int_eq(unlink(partial), 0);
    ck_assert_int_eq(symlink(path, partial), 0);
    ck_assert_int_eq(durable_begin(&file, path, 0600), -1);
    ck_assert_int_eq(errno, ELOOP);
    ck_assert_int_eq(number_in_file(), 1);
}
END_TEST

START_TEST(a_full_disk_leaves_the_old_file)
{
    struct durable_file file;
    write_number(1);
    ck_assert_int_eq(durable_begin(&file, path, 0600), 0);
    ck_assert_ptr_nonnull(freopen("/dev/full", "w", file.stream));
    fputs("2\n", file.stream);
    ck_assert_int_eq(durable_commit(&file), -1);
    ck_assert_int_eq(errno, ENOSPC);
    ck_assert_int_eq(number_in_file(), 1);
    ck_assert_int_ne(access(partial, F_OK), 0);
}
END_TEST

START_TEST(names_that_cannot_be_are_refused)
{
    static char name[PATH_MAX];
    struct durable_file file;
    memset(name, 'x', PATH_MAX - 4);
    ck_assert_int_eq(durable_begin(&file, name, 0600), -1);
    ck_assert_int_eq(errno, ENAMETOOLONG);
    ck_assert_int_eq(durable_begin(&file, "/nowhere/at/all", 0600), -1);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(durable_begin(&file, "", 0600), -1);
    ck_assert_str_ne(durable_reason(ETIMEDOUT), durable_reason(EPERM));
}
END_TEST

Suite *durable_file_suite(void)
{
    Suite *suite = suite_create("durable_file");
    TCase *group = tcase_create("replace");
    tcase_add_checked_fixture(group, make_folder, remove_folder);
    tcase_set_timeout(group, 60);
    tcase_add_test(group, a_file_is_replaced_or_left);
    tcase_add_test(group, what_a_killed_process_left_is_taken_over);
    tcase_add_test(group, many_at_once_count_one_by_one);
    tcase_add_test(group, what_is_no_plain_file_is_not_written_to);
    tcase_add_test(group, a_full_disk_leaves_the_old_file);
    tcase_add_test(group, names_that_cannot_be_are_refused);
    suite_add_tcase(suite, group);
    return suite;
}
