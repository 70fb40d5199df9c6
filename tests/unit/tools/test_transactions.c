/* test_transactions.c: the replay's input: every rule of a line, and whole files.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "vslctl/replay/transactions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD                                                                                       \
    "booking_date,trans_id,account_id,operation,purpose,delta_minor,balance_after_minor,"          \
    "partner_bank,partner_account\n"

static const char *const right[] = {
    "1993-01-03,232960,793,cash_in,,80000,80000,,",
    "1993-01-05,232961,793,transfer_in,pension,340100,420100,IJ,6149286",
    "1993-01-05,1,1,cash_out,statement_fee,-1,-1,,",
    "1993-01-05,1,1,card_out,,-10000000000000000,0,,",
    "1993-01-05,9223372036854775807,1,internal,interest,1,9223372036854775807,,",
    "1993-01-05,1,9223372036854775807,transfer_in,,1,1,ABCDEFGHIJKLMNOP,",
    "1993-01-05,1,1,transfer_in,,1,1,,0123456789012345678901234567890123456789",
};

static const struct {
    const char *line;
    const char *rule; /* a part of it */
} wrong[] = {
    {"", "9 fields"},
    {"1993-01-03,1,1,cash_in,,1,1,", "9 fields"},
    {"1993-01-03,1,1,cash_in,,1,1,,,", "9 fields"},
    {"1993-02-29,1,1,cash_in,,1,1,,", "booking_date"},
    {"19930103,1,1,cash_in,,1,1,,", "booking_date"},
    {"1993-01-03,0,1,cash_in,,1,1,,", "trans_id"},
    {"1993-01-03,9223372036854775808,1,cash_in,,1,1,,", "trans_id"},
    {"1993-01-03,1,-1,cash_in,,1,1,,", "account_id"},
    {"1993-01-03,1,1x,cash_in,,1,1,,", "account_id"},
    {"1993-01-03,1,1,cash,,1,1,,", "operation"},
    {"1993-01-03,1,1,,,1,1,,", "operation"},
    {"1993-01-03,1,1,cash_in,Pension,1,1,,", "purpose"},
    {"1993-01-03,1,1,cash_in,abcdefghijklmnopqrstuvwx,1,1,,", "purpose"},
    {"1993-01-03,1,1,cash_in,,0,1,,", "delta_minor"},
    {"1993-01-03,1,1,cash_in,,1.5,1,,", "delta_minor"},
    {"1993-01-03,1,1,cash_in,,10000000000000001,1,,", "delta_minor"},
    {"1993-01-03,1,1,cash_in,,-1,1,,", "sign"},
    {"1993-01-03,1,1,cash_out,,1,1,,", "sign"},
    {"1993-01-03,1,1,internal,interest,-1,1,,", "sign"},
    {"1993-01-03,1,1,cash_in,,1,,,", "balance_after_minor"},
    {"1993-01-03,1,1,cash_in,,1,9223372036854775808,,", "balance_after_minor"},
    {"1993-01-03,1,1,cash_in,,1,1,ij,", "partner_bank"},
    {"1993-01-03,1,1,cash_in,,1,1,ABCDEFGHIJKLMNOPQ,", "partner_bank"},
    {"1993-01-03,1,1,cash_in,,1,1,,12-3", "partner_account"},
    {"1993-01-03,1,1,cash_in,,1,1,,01234567890123456789012345678901234567890", "partner_account"},
    {"1993-01-03,1, 1,cash_in,,1,1,,", "account_id"},
    {"1993-01-03,1,1,cash_in,,1,1,\"I,J\",", "partner_bank"},
    {"1993-01-03,1,1,cash_in,,1,1,I\"J,", "in quotes"},
    {"1993-01-03,1,1,cash_in,,1,1,,\xff", "UTF-8"},
};

static struct transaction *load_text(
    const char *text, size_t length, size_t *ret_count, char *ret_error)
{
    char name[] = "/tmp/vsl-transactions-XXXXXX";
    int file = mkstemp(name);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, text, length), (ssize_t)length);
    close(file);
    struct transaction *transactions = transactions_load(name, ret_count, ret_error, 256);
    unlink(name);
    return transactions;
}

START_TEST(right_lines_are_taken)
{
    size_t count = 0;
    char text[512];
    char error[256] = "";
    snprintf(text, sizeof text, "%s%s\n", HEAD, right[_i]);
    struct transaction *transactions = load_text(text, strlen(text), &count, error);
    ck_assert_msg(transactions != NULL, "%s", error);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(transactions[0].is_fee, strstr(right[_i], "statement_fee") != NULL);
    free(transactions);
}
END_TEST

START_TEST(wrong_lines_are_refused)
{
    size_t count = 0;
    char text[512];
    char error[256] = "";
    snprintf(text, sizeof text, "%s%s\n", HEAD, wrong[_i].line);
    ck_assert_msg(!load_text(text, strlen(text), &count, error), "%s", wrong[_i].line);
    ck_assert_msg(strstr(error, ", line 2: ") && strstr(error, wrong[_i].rule), "%s: %s",
        wrong[_i].line, error);
}
END_TEST

START_TEST(a_nul_byte_is_refused)
{
    size_t count = 0;
    static const char text[] = HEAD "1993-01-03,1,1,cash_in,,1,1,,\0";
    char error[256] = "";
    ck_assert_ptr_null(load_text(text, sizeof text - 1, &count, error));
    ck_assert(strstr(error, "NUL") != NULL);
}
END_TEST

/* ---- files ---- */

#define LINE(id) "1993-01-03," id ",1,cash_in,,1,1,,\n"

static const struct {
    const char *text;
    size_t count;     /* 0: refused */
    const char *part; /* of the error */
} files[] = {
    {HEAD LINE("1") LINE("2"), 2, NULL},
    {HEAD "1993-01-03,1,1,cash_in,,1,1,,", 1, NULL}, /* no line end at the last */
    {HEAD "1993-01-03,1,1,cash_in,,1,1,,\r\n", 1, NULL},
    {"\xef\xbb\xbf" HEAD LINE("1"), 1, NULL},
    {HEAD "\"1993-01-03\",1,1,\"cash_in\",,1,1,,\n", 1, NULL},
    {HEAD LINE("1") "1993-01-03,2,1,cash_in,,1,1,\"I\nJ\",\n", 0, "line 3: partner_bank"},
    {HEAD "1993-01-03,\"1\n2\",1,cash_in,,1,1,,\n" LINE("3"), 0, "line 2: trans_id must"},
    {HEAD LINE("1") "1993-01-03,2,1,cash_in,,1,1,,\"4\n" LINE("3"), 0, "line 3: the quote"},
    {"\xff\xfe" HEAD, 0, "line 1: is UTF-16"},
    {"", 0, "line 1: there are no transactions"},
    {HEAD, 0, "line 2: there are no transactions"},
    {LINE("1"), 0, "line 1: the head"},
    {"x" HEAD LINE("1"), 0, "line 1: the head"},
    {HEAD LINE("1") "\n", 0, "line 3: a line has exactly 9 fields"},
    {HEAD LINE("1") "1993-01-02,2,1,cash_in,,1,1,,\n", 0, "line 3: booking_date must not be"},
    {HEAD LINE("5") LINE("4") LINE("5"), 0, "line 4: trans_id must not be"},
};

START_TEST(files_are_read)
{
    size_t count = 0;
    char error[256] = "";
    struct transaction *transactions =
        load_text(files[_i].text, strlen(files[_i].text), &count, error);
    ck_assert_msg((transactions != NULL) == (files[_i].count > 0), "%s", error);
    ck_assert_uint_eq(count, files[_i].count);
    if (files[_i].part)
        ck_assert_msg(strstr(error, files[_i].part) != NULL, "%s", error);
    else
        ck_assert_uint_eq(transactions[0].line, 2);
    free(transactions);
}
END_TEST

START_TEST(a_line_has_its_limit)
{
    size_t count = 0;
    char error[256] = "";
    char text[2048] = HEAD;
    size_t head = strlen(text);
    memset(text + head, 'x', TRANSACTION_LINE_BYTES_MAX);
    ck_assert_ptr_null(load_text(text, head + TRANSACTION_LINE_BYTES_MAX, &count, error));
    ck_assert_msg(strstr(error, "line 2: a line has exactly") != NULL, "%s", error);
    text[head + TRANSACTION_LINE_BYTES_MAX] = 'x';
    ck_assert_ptr_null(load_text(text, head + TRANSACTION_LINE_BYTES_MAX + 1, &count, error));
    ck_assert_msg(strstr(error, "line 2: a line takes at most 512 bytes") != NULL, "%s", error);
}
END_TEST

START_TEST(a_missing_file_is_named)
{
    size_t count = 0;
    char error[256] = "";
    ck_assert_ptr_null(transactions_load("/nonexistent/file.csv", &count, error, sizeof error));
    ck_assert(strstr(error, "could not open '/nonexistent/file.csv'") != NULL);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

Suite *transactions_suite(void)
{
    Suite *suite = suite_create("transactions");
    TCase *tests = tcase_create("transactions");
    tcase_add_loop_test(tests, right_lines_are_taken, 0, ROWS(right));
    tcase_add_loop_test(tests, wrong_lines_are_refused, 0, ROWS(wrong));
    tcase_add_test(tests, a_nul_byte_is_refused);
    tcase_add_loop_test(tests, files_are_read, 0, ROWS(files));
    tcase_add_test(tests, a_line_has_its_limit);
    tcase_add_test(tests, a_missing_file_is_named);
    suite_add_tcase(suite, tests);
    return suite;
}
