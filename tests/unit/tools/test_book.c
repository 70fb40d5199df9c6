/* test_book.c: the book of the stand-in's bank: nothing twice, nothing lost, nothing half.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "bankstub/book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char file[64];

static void set_up(void)
{
    snprintf(file, sizeof file, "/tmp/vsl-book.XXXXXX");
    int made = mkstemp(file);
    ck_assert_int_ge(made, 0);
    close(made);
}

static void tear_down(void)
{
    unlink(file);
}

static struct book *open_book(const char *name)
{
    char error[512] = "";
    struct book *book = book_open(name, error, sizeof error);
    ck_assert_msg(book != NULL, "%s", error);
    return book;
}

static void append_text(const char *text)
{
    FILE *out = fopen(file, "a");
    ck_assert_ptr_nonnull(out);
    fputs(text, out);
    fclose(out);
}

static void execute(struct book *book, int64_t payout_id, bool is_paid)
{
    struct book_line line = {
        .payout_id = payout_id, .ledger_id = 3, .amount_minor = 500, .is_paid = is_paid};
    book_execute(book, &line);
}

START_TEST(a_book_in_memory_knows_what_it_executed)
{
    struct book *book = open_book(NULL);
    ck_assert(!book_is_durable(book));
    ck_assert_ptr_null(book_find(book, 7));
    for (int64_t id = 1; id <= 5000; id++)
        execute(book, id, id % 3 != 0);
    ck_assert_int_eq(book_write(book), 0);
    for (int64_t id = 1; id <= 5000; id++)
        ck_assert(book_find(book, id) && book_find(book, id)->is_paid == (id % 3 != 0));
    ck_assert_ptr_null(book_find(book, 5001));
    book_close(book);
}
END_TEST

START_TEST(a_book_in_a_file_outlives_the_process)
{
    struct book *book = open_book(file);
    ck_assert(book_is_durable(book));
    execute(book, 7, true);
    execute(book, 8, false);
    ck_assert_int_eq(book_write(book), 0);
    /* Nobody was told of this one, so it may be lost. */
    execute(book, 9, true);
    book_close(book);
    book = open_book(file);
    ck_assert(book_find(book, 7) && book_find(book, 7)->is_paid);
    ck_assert_int_eq(book_find(book, 7)->amount_minor, 500);
    ck_assert_int_eq(book_find(book, 7)->ledger_id, 3);
    ck_assert(book_find(book, 8) && !book_find(book, 8)->is_paid);
    ck_assert_ptr_null(book_find(book, 9));
    execute(book, 9, true);
    ck_assert_int_eq(book_write(book), 0);
    book_close(book);
    book = open_book(file);
    ck_assert_ptr_nonnull(book_find(book, 9));
    book_close(book);
}
END_TEST

START_TEST(half_a_line_is_dropped)
{
    struct book *book = open_book(file);
    execute(book, 7, true);
    ck_assert_int_eq(book_write(book), 0);
    book_close(book);
    append_text("payout=8 ledger=1 amo");
    book = open_book(file);
    ck_assert_ptr_nonnull(book_find(book, 7));
    ck_assert_ptr_null(book_find(book, 8));
    execute(book, 8, false);
    ck_assert_int_eq(book_write(book), 0);
    book_close(book);
    book = open_book(file);
    ck_assert(book_find(book, 8) && !book_find(book, 8)->is_paid);
    book_close(book);
}
END_TEST

static const char *const wrong[] = {
    "next_sequence 7\n",
    "vsl bankstub book 2\n",
    "vsl bankstub book 1",
    "vsl bankstub book 1\nnothing of it\n",
    "vsl bankstub book 1\npayout=0 ledger=1 amount=1 result=paid\n",
    "vsl bankstub book 1\npayout=1 ledger=1 amount=1 result=lost\n",
    "vsl bankstub book 1\npayout=1 ledger=1 amount=1 result=paid and more\n",
    ("vsl bankstub book 1\npayout=1 ledger=1 amount=1 result=paid\n"
     "payout=1 ledger=1 amount=1 result=paid\n"),
};

START_TEST(what_is_no_book_is_refused_and_kept)
{
    char error[512] = "";
    append_text(wrong[_i]);
    ck_assert_ptr_null(book_open(file, error, sizeof error));
    ck_assert_str_ne(error, "");
    char kept[256] = "";
    FILE *in = fopen(file, "r");
    size_t length = fread(kept, 1, sizeof kept - 1, in);
    fclose(in);
    ck_assert_uint_eq(length, strlen(wrong[_i]));
    ck_assert_str_eq(kept, wrong[_i]);
}
END_TEST

START_TEST(two_cannot_use_one_book)
{
    char error[512] = "";
    struct book *book = open_book(file);
    ck_assert_ptr_null(book_open(file, error, sizeof error));
    ck_assert_msg(strstr(error, "in use") != NULL, "%s", error);
    book_close(book);
    book_close(open_book(file));
}
END_TEST

START_TEST(a_book_that_cannot_be_made_is_told)
{
    char error[512] = "";
    ck_assert_ptr_null(book_open("/nonexistent/book", error, sizeof error));
    ck_assert_msg(strstr(error, "could not open") != NULL, "%s", error);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

Suite *book_suite(void)
{
    Suite *suite = suite_create("book");
    TCase *tests = tcase_create("book");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_book_in_memory_knows_what_it_executed);
    tcase_add_test(tests, a_book_in_a_file_outlives_the_process);
    tcase_add_test(tests, half_a_line_is_dropped);
    tcase_add_loop_test(tests, what_is_no_book_is_refused_and_kept, 0, ROWS(wrong));
    tcase_add_test(tests, two_cannot_use_one_book);
    tcase_add_test(tests, a_book_that_cannot_be_made_is_told);
    suite_add_tcase(suite, tests);
    return suite;
}
