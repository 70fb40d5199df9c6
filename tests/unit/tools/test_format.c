/* test_format.c: amounts, dates, times, enums, tables, addresses, as people write them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "client/address.h"
#include "text/format.h"
#include "text/table.h"

#include "vsl/v1/common.pb-c.h"
#include "vsl/v1/funds.pb-c.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct {
    int64_t minor;
    int decimals;
    const char *text;
} amounts[] = {
    {0, 2, "0.00"},
    {5, 2, "0.05"},
    {-5, 2, "-0.05"},
    {99, 2, "0.99"},
    {100, 2, "1.00"},
    {99999, 2, "999.99"},
    {100000, 2, "1,000.00"},
    {123456789, 2, "1,234,567.89"},
    {-123456789, 2, "-1,234,567.89"},
    {1234567, 0, "1,234,567"},
    {1234567, 3, "1,234.567"},
    {1, 4, "0.0001"},
    {INT64_MAX, 2, "92,233,720,368,547,758.07"},
    {INT64_MIN, 2, "-92,233,720,368,547,758.08"},
    {INT64_MIN, 0, "-9,223,372,036,854,775,808"},
};

START_TEST(amounts_are_written)
{
    char text[FORMAT_BYTES_MAX];
    format_amount(amounts[_i].minor, amounts[_i].decimals, text);
    ck_assert_str_eq(text, amounts[_i].text);
}
END_TEST

START_TEST(amounts_come_back)
{
    int64_t minor = -1;
    if (amounts[_i].minor < 0) {
        ck_assert(!parse_amount(amounts[_i].text, amounts[_i].decimals, &minor));
        return;
    }
    ck_assert(parse_amount(amounts[_i].text, amounts[_i].decimals, &minor));
    ck_assert_int_eq(minor, amounts[_i].minor);
}
END_TEST

static const struct {
    const char *text;
    int decimals;
    int64_t minor; /* -1: refused */
} written[] = {
    {"12", 2, 1200},
    {"12.5", 2, 1250},
    {"12.50", 2, 1250},
    {"1,200.50", 2, 120050},
    {".5", 2, 50},
    {"7", 0, 7},
    {"7.0", 0, -1},
    {"12.", 2, -1},
    {"12.505", 2, -1},
    {"1.2.3", 2, -1},
    {"", 2, -1},
    {".", 2, -1},
    {",5", 2, -1},
    {"1,234,567", 2, 123456700},
    {"12,345.6", 2, 1234560},
    {"12,50", 2, -1},
    {"1,00", 2, -1},
    {"1,0000", 2, -1},
    {"1,,000", 2, -1},
    {"10,00,000", 2, -1},
    {"1234,567", 2, -1},
    {"1,234,", 2, -1},
    {"1.5,000", 4, -1},
    {"-1", 2, -1},
    {"+1", 2, -1},
    {" 1", 2, -1},
    {"1e3", 2, -1},
    {"12.5,0", 2, -1},
    {"92233720368547758.07", 2, INT64_MAX},
    {"92233720368547758.08", 2, -1},
    {"99999999999999999999999", 2, -1},
};

START_TEST(amounts_are_read)
{
    int64_t minor = -1;
    bool is_right = parse_amount(written[_i].text, written[_i].decimals, &minor);
    ck_assert_msg(is_right == (written[_i].minor >= 0), "'%s'", written[_i].text);
    ck_assert_int_eq(minor, written[_i].minor);
}
END_TEST

static const struct {
    const char *text;
    int32_t date; /* 0: refused */
} dates[] = {{"2026-11-22", 20261122}, {"20261122", 20261122}, {"2024-02-29", 20240229},
    {"2023-02-29", 0}, {"2026-11-31", 0}, {"2026-13-01", 0}, {"2026-00-10", 0}, {"1969-12-31", 0},
    {"2200-01-01", 0}, {"2026/11/22", 0}, {"2026-1-22", 0}, {"", 0}, {"2026-11-22 ", 0},
    {"-0261122", 0}, {"2026112x", 0}};

START_TEST(dates_are_read)
{
    int32_t date = 0;
    ck_assert_msg(
        parse_date(dates[_i].text, &date) == (dates[_i].date > 0), "'%s'", dates[_i].text);
    ck_assert_int_eq(date, dates[_i].date);
}
END_TEST

START_TEST(dates_and_times_are_written)
{
    char text[FORMAT_BYTES_MAX];
    format_date(20261122, text);
    ck_assert_str_eq(text, "2026-11-22");
    format_date(0, text);
    ck_assert_str_eq(text, "");
    format_time(INT64_C(1795348800000001), text);
    ck_assert_str_eq(text, "2026-11-22 12:00:00.000001");
    format_time(0, text);
    ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(currencies_have_decimals)
{
    ck_assert_int_eq(currency_decimals("CNY"), 2);
    ck_assert_int_eq(currency_decimals("JPY"), 0);
    ck_assert_int_eq(currency_decimals("KWD"), 3);
    ck_assert_int_eq(currency_decimals("CLF"), 4);
    ck_assert_int_eq(currency_decimals("XXX"), 2);
    ck_assert_int_eq(currency_decimals("Y K"), 2);
    ck_assert_int_eq(currency_decimals(""), 2);
}
END_TEST

START_TEST(enums_go_both_ways)
{
    const ProtobufCEnumDescriptor *result = &vsl__v1__payout_result__descriptor;
    const ProtobufCEnumDescriptor *kind = &vsl__v1__command_kind__descriptor;
    char text[FORMAT_BYTES_MAX];
    char list[256];
    int32_t number = -1;
    format_enum(result, 1, text);
    ck_assert_str_eq(text, "paid");
    format_enum(result, 99, text);
    ck_assert_str_eq(text, "99");
    ck_assert(parse_enum(result, "paid", &number));
    ck_assert_int_eq(number, 1);
    ck_assert(parse_enum(result, "PAYOUT_RESULT_FAILED", &number));
    ck_assert_int_eq(number, 2);
    ck_assert(parse_enum(kind, "open-ledger", &number));
    ck_assert_int_eq(number, VSL__V1__COMMAND_KIND__COMMAND_KIND_OPEN_LEDGER);
    ck_assert(!parse_enum(result, "lost", &number));
    ck_assert(!parse_enum(result, "", &number));
    list_enum(result, list, sizeof list);
    ck_assert_str_eq(list, "paid, failed, returned, sent or unknown");
}
END_TEST

#define NOON_US INT64_C(1795348800000000) /* 2026-11-22 12:00:00 UTC */

#define NONE (-1)
#define FAR (-2)

static const struct {
    const char *text;
    int64_t us; /* NONE or FAR: refused */
} times[] = {
    {"2026-11-22T12:00:00Z", NOON_US},
    {"2026-11-22T12:00:00z", NOON_US},
    {"2026-11-22T12:00Z", NOON_US},
    {"2026-11-22 12:00:00", NOON_US},
    {"2026-11-22 12:00", NOON_US},
    {"2026-11-22T20:00:00+08:00", NOON_US},
    {"2026-11-22T20:00+0800", NOON_US},
    {"2026-11-22T06:30:00-05:30", NOON_US},
    {"2026-11-23T00:00+12:00", NOON_US},
    {"2026-11-22 12:00:00.000001", NOON_US + 1},
    {"2026-11-22T12:00:00.5Z", NOON_US + 500000},
    {"2026-11-22T12:00:00.1234567Z", NOON_US + 123456},
    {"+1s", 7 + 1000000},
    {"+90s", 7 + INT64_C(90000000)},
    {"+30m", 7 + INT64_C(1800000000)},
    {"+2h", 7 + INT64_C(7200000000)},
    {"+7d", 7 + INT64_C(604800000000)},
    {"+1d12h", 7 + INT64_C(129600000000)},
    {"+1d2h3m4s", 7 + INT64_C(93784000000)},
    {"2026-11-22", NONE},
    {"20261122T12:00Z", NONE},
    {"2026-11-22T24:00Z", NONE},
    {"2026-11-22T12:60Z", NONE},
    {"2026-11-22T12:00:60Z", NONE},
    {"2026-11-22T12:00:00.Z", NONE},
    {"2026-11-31T12:00Z", NONE},
    {"2026-11-22T12:00+15:00", NONE},
    {"2026-11-22T12:00+08", NONE},
    {"2026-11-22T12:00 UTC", NONE},
    {"2026-11-22T1:00Z", NONE},
    {"2h", NONE},
    {"-2h", NONE},
    {"+", NONE},
    {"+2", NONE},
    {"+h", NONE},
    {"+2w", NONE},
    {"+2h1d", NONE},
    {"+2h2h", NONE},
    {"+2h ", NONE},
    {"+9999999999d", FAR},
    /* 2^64 microseconds and 16 hours: it wrapped. */
    {"+213503983d", FAR},
    {"+106751991d4h", FAR},
    {"+100000000000000000000d", FAR},
    {"+9223372036854775808s", FAR},
    {"+9223372036854775807s", FAR},
    {"+9223372036854s", FAR},
    {"+1d9223372036854775807s", FAR},
    {"+84005d", 7 + INT64_C(84005) * 86400000000},
    {"+84006d", FAR},
    {"+7258118400s", FAR},
    {"+99999999999999999999w", NONE},
    {"", NONE},
};

START_TEST(times_are_read)
{
    int64_t us = -1;
    enum time_fault fault = read_time(times[_i].text, 7, &us);
    if (fault == TIME_IS_NONE)
        us = NONE;
    else if (fault == TIME_IS_TOO_FAR)
        us = FAR;
    ck_assert_msg(us == times[_i].us, "'%s': %lld", times[_i].text, (long long)us);
}
END_TEST

START_TEST(a_printed_time_comes_back)
{
    char text[FORMAT_BYTES_MAX];
    int64_t us = 0;
    format_time(NOON_US + 987654, text);
    ck_assert(read_time(text, 0, &us) == TIME_IS_RIGHT);
    ck_assert_int_eq(us, NOON_US + 987654);
}
END_TEST

static const struct {
    const char *text;
    int64_t ppm;      /* -1: refused */
    const char *back; /* how it is written; NULL: as read */
} rates[] = {
    {"0.6%", 6000, NULL},
    {"0%", 0, NULL},
    {"100%", 1000000, NULL},
    {"0.0001%", 1, NULL},
    {"12.5%", 125000, NULL},
    {"6000ppm", 6000, "0.6%"},
    {"1000000ppm", 1000000, "100%"},
    {"100.0001%", -1, NULL},
    {"1000001ppm", -1, NULL},
    {"0.00001%", -1, NULL},
    {"0.5ppm", -1, NULL},
    {"6000", -1, NULL},
    {"0.6", -1, NULL},
    {"%", -1, NULL},
    {"ppm", -1, NULL},
    {"0.6%%", -1, NULL},
    {"0.6% ", -1, NULL},
    {"-1%", -1, NULL},
    {"", -1, NULL},
};

START_TEST(rates_are_read_and_written)
{
    char text[FORMAT_BYTES_MAX];
    int64_t ppm = -1;
    bool is_right = parse_rate(rates[_i].text, &ppm);
    ck_assert_msg(is_right == (rates[_i].ppm >= 0), "'%s'", rates[_i].text);
    ck_assert_int_eq(ppm, rates[_i].ppm);
    if (!is_right)
        return;
    format_rate(ppm, text);
    ck_assert_str_eq(text, rates[_i].back ? rates[_i].back : rates[_i].text);
}
END_TEST

START_TEST(integers_are_read)
{
    int64_t number = 7;
    ck_assert(parse_integer("42", 1, 100, &number));
    ck_assert_int_eq(number, 42);
    ck_assert(parse_integer("100", 1, 100, &number));
    ck_assert(!parse_integer("101", 1, 100, &number));
    ck_assert(!parse_integer("0", 1, 100, &number));
    ck_assert(!parse_integer("", 0, 100, &number));
    ck_assert(!parse_integer("4 2", 0, 100, &number));
    ck_assert(!parse_integer(" 42", 0, 100, &number));
    ck_assert(!parse_integer("42x", 0, 100, &number));
    ck_assert(!parse_integer("9223372036854775808", 0, INT64_MAX, &number));
    ck_assert(parse_integer("9223372036854775807", 0, INT64_MAX, &number));
}
END_TEST

/* ---- tables ---- */

static void fill(struct table *table)
{
    table_begin(table);
    table_column(table, "id", TABLE_RIGHT);
    table_column(table, "name", TABLE_LEFT);
    table_column(table, "text", TABLE_LEFT);
    table_cell(table, "%d", 7);
    table_cell(table, "%s", "\xe4\xb8\xad\xe6\x96\x87");
    table_cell(table, "%s", "a longer text");
    table_cell(table, "%d", 1000);
    table_cell(table, "%s", "\x1b[31m\xff\n\xe2\x80\xae");
    table_cell(table, "%s", "\\x41");
}

static void check_table(const struct table *table, bool has_head, const char *expected)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    ck_assert_ptr_nonnull(out);
    table_print(table, out, has_head);
    fclose(out);
    ck_assert_str_eq(text, expected);
    free(text);
}

/* Wide characters count two columns in any locale, and nothing that steers a terminal is left. */
START_TEST(tables_are_aligned_as_a_terminal_shows)
{
    struct table table;
    fill(&table);
    check_table(&table, true,
        "  id  name                        text\n"
        "   7  \xe4\xb8\xad\xe6\x96\x87                        a longer text\n"
        "1000  \\u001b[31m\\xff\\u000a\\u202e  \\x41\n");
    check_table(&table, false,
        "   7  \xe4\xb8\xad\xe6\x96\x87                        a longer text\n"
        "1000  \\u001b[31m\\xff\\u000a\\u202e  \\x41\n");
    table_finish(&table);
    table_begin(&table);
    table_column(&table, "id", TABLE_RIGHT);
    table_column(&table, "name", TABLE_LEFT);
    check_table(&table, true, "id  name\n");
    check_table(&table, false, "");
    table_finish(&table);
}
END_TEST

START_TEST(texts_are_cut_to_a_terminal)
{
    char name[128];
    char text[1024] = "";
    struct winsize size = {.ws_row = 24, .ws_col = 30};
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert_int_ge(terminal, 0);
    ck_assert_int_eq(grantpt(terminal), 0);
    ck_assert_int_eq(unlockpt(terminal), 0);
    ck_assert_int_eq(ptsname_r(terminal, name, sizeof name), 0);
    FILE *out = fopen(name, "w");
    ck_assert_ptr_nonnull(out);
    ck_assert_int_eq(ioctl(fileno(out), TIOCSWINSZ, &size), 0);
    ck_assert_int_eq(setenv("NO_COLOR", "1", 1), 0);
    struct table table;
    fill(&table);
    table_print(&table, out, true);
    table_finish(&table);
    fflush(out);
    size_t length = 0;
    while (!strstr(text, "\n1000 ") || text[length - 1] != '\n') {
        ssize_t more = read(terminal, text + length, sizeof text - 1 - length);
        ck_assert_int_gt(more, 0);
        length += (size_t)more;
    }
    fclose(out);
    close(terminal);
    ck_assert_ptr_null(strstr(text, "u202e"));
    ck_assert_ptr_nonnull(strstr(text, "   7  \xe4\xb8\xad\xe6\x96\x87"));
    for (const char *line = text; *line; line = strchr(line, '\n') + 1)
        ck_assert_msg(strcspn(line, "\r\n") <= 30 + 2, "%s", text);
}
END_TEST

static const struct {
    const char *text;
    const char *host; /* NULL: refused */
} addresses[] = {
    {"127.0.0.1:7450", "127.0.0.1"},
    {"[::1]:7450", "::1"},
    {"unix:/run/vsl.sock", "localhost"},
    {"127.0.0.1", NULL},
    {"127.0.0.1:", NULL},
    {"127.0.0.1:0", NULL},
    {"127.0.0.1:65536", NULL},
    {"127.0.0.1:7x", NULL},
    {":7450", NULL},
    {"::1:7450", NULL},
    {"[::1]", NULL},
    {"[::1]7450", NULL},
    {"[]:7450", NULL},
    {"unix:", NULL},
    {"", NULL},
};

START_TEST(addresses_are_read)
{
    struct address address;
    char error[256] = "";
    int fault = address_parse(addresses[_i].text, &address, error, sizeof error);
    ck_assert_msg((fault == 0) == (addresses[_i].host != NULL), "'%s'", addresses[_i].text);
    if (fault == 0)
        ck_assert_str_eq(address.host, addresses[_i].host);
    else
        ck_assert_str_ne(error, "");
}
END_TEST

START_TEST(a_socket_path_has_its_limit)
{
    struct address address;
    char text[200] = "unix:";
    char error[256];
    memset(text + 5, 'x', 107);
    ck_assert_int_eq(address_parse(text, &address, error, sizeof error), 0);
    ck_assert(address.is_unix);
    text[5 + 107] = 'x';
    ck_assert_int_eq(address_parse(text, &address, error, sizeof error), -1);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

Suite *format_suite(void)
{
    Suite *suite = suite_create("format");
    TCase *tests = tcase_create("format");
    tcase_add_loop_test(tests, amounts_are_written, 0, ROWS(amounts));
    tcase_add_loop_test(tests, amounts_come_back, 0, ROWS(amounts));
    tcase_add_loop_test(tests, amounts_are_read, 0, ROWS(written));
    tcase_add_loop_test(tests, dates_are_read, 0, ROWS(dates));
    tcase_add_test(tests, dates_and_times_are_written);
    tcase_add_test(tests, currencies_have_decimals);
    tcase_add_test(tests, enums_go_both_ways);
    tcase_add_loop_test(tests, times_are_read, 0, ROWS(times));
    tcase_add_test(tests, a_printed_time_comes_back);
    tcase_add_loop_test(tests, rates_are_read_and_written, 0, ROWS(rates));
    tcase_add_test(tests, integers_are_read);
    tcase_add_test(tests, tables_are_aligned_as_a_terminal_shows);
    tcase_add_test(tests, texts_are_cut_to_a_terminal);
    tcase_add_loop_test(tests, addresses_are_read, 0, ROWS(addresses));
    tcase_add_test(tests, a_socket_path_has_its_limit);
    suite_add_tcase(suite, tests);
    return suite;
}
