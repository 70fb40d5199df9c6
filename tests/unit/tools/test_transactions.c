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
};

START_TEST(right_lines_are_taken)
{
    struct transaction transaction;
    char text[256];
    char rule[160] = "";
    snprintf(text, sizeof text, "%s", right[_i]);
    ck_assert_msg(
        transaction_parse(text, strlen(text), &transaction, rule, sizeof rule), "%s", rule);
    ck_assert_int_eq(transaction.is_fee, strstr(right[_i], "statement_fee") != NULL);
}
END_TEST

START_TEST(wrong_lines_are_refused)
{
    struct transaction transaction;
    char text[256];
    char rule[160] = "";
    snprintf(text, sizeof text, "%s", wrong[_i].line);
    ck_assert_msg(!transaction_parse(text, strlen(text), &transaction, rule, sizeof rule), "%s",
        wrong[_i].line);
    ck_assert_msg(strstr(rule, wrong[_i].rule) != NULL, "%s: %s", wrong[_i].line, rule);
}
END_TEST

START_TEST(a_nul_byte_is_refused)
{
    struct transaction transaction;
    char text[] = "1993-01-03,1,1,cash_in,,1,1,,\0";
    char rule[160] = "";
    ck_assert(!transaction_parse(text, sizeof text - 1, &transaction, rule, sizeof rule));
    ck_assert(strstr(rule, "NUL") != NULL);
}
END_TEST

/* ---- files ---- */

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

#define LINE(id) "1993-01-03," id ",1,cash_in,,1,1,,\n"

static const struct {
    const char *text;
    size_t count;     /* 0: refused */
    const char *part; /* of the error */
} files[] = {
    {HEAD LINE("1") LINE("2"), 2, NULL},
    {HEAD "1993-01-03,1,1,cash_in,,1,1,,", 1, NULL}, /* no line end at the last */
    {HEAD "1993-01-03,1,1,cash_in,,1,1,,\r\n", 1, NULL},
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
