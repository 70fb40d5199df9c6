/* test_date.c: calendar days over the whole range, against counting day by day.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/date.h"
#include "suites.h"
#include "support/expect.h"

#include <signal.h>

static const int32_t first_outside[] = {
    INT32_MIN, -19700101, -1, 0, 1, 19691231, 21991232, 22000101, 99991231, INT32_MAX};

START_TEST(outside_the_range)
{
    for (size_t i = 0; i < sizeof first_outside / sizeof *first_outside; i++) {
        int32_t days = 12345;
        EXPECT_MSG(!date_try_from_yyyymmdd(first_outside[i], &days), "%d", first_outside[i]);
        EXPECT(days == 12345); /* untouched on failure */
    }
}
END_TEST

START_TEST(days_that_are_none)
{
    static const int32_t rows[] = {19700001, 19700100, 19700132, 19701301, 19700431, 20230229,
        20240230, 21000229, 20251131, 20260230, 20260931, 20260299, 20269901};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int32_t days = 12345;
        EXPECT_MSG(!date_try_from_yyyymmdd(rows[i], &days), "%d", rows[i]);
        EXPECT(days == 12345);
    }
}
END_TEST

START_TEST(known_days)
{
    static const struct {
        int32_t yyyymmdd, days;
    } rows[] = {{19700101, 0}, {19700102, 1}, {19720229, 789}, {20000101, 10957}, {20000229, 11016},
        {20000301, 11017}, {20240229, 19782}, {20261122, 20779}, {21000228, 47540},
        {21000301, 47541}, {21991231, 84005}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int32_t days = -1;
        EXPECT_MSG(date_try_from_yyyymmdd(rows[i].yyyymmdd, &days), "%d", rows[i].yyyymmdd);
        EXPECT_MSG(days == rows[i].days, "%d is %d", rows[i].yyyymmdd, days);
        EXPECT(date_to_yyyymmdd(rows[i].days) == rows[i].yyyymmdd);
    }
}
END_TEST

/* From 2026-11-23, a Monday, on: the day before the second one from Monday to Friday. */
START_TEST(within_one_weekday)
{
    static const int32_t last[] = {
        20261124, 20261125, 20261126, 20261129, 20261130, 20261130, 20261130};
    for (int32_t i = 0; i < 7; i++)
        EXPECT_MSG(date_to_yyyymmdd(date_within_one_weekday(20780 + i)) == last[i], "%d", i);
    EXPECT(date_within_one_weekday(0) == 3);
    EXPECT(date_within_one_weekday(DATE_DAYS_MAX) == DATE_DAYS_MAX + 1); /* a Tuesday */
}
END_TEST

static int32_t days_in_month(int32_t year, int32_t month)
{
    static const int32_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return lengths[month - 1] + (month == 2 && leap);
}

/* Every number of the range is a day exactly when counting comes by it. */
START_TEST(whole_range)
{
    int32_t count = 0;
    int32_t year = 1970, month = 1, day = 1;
    for (int32_t number = DATE_YYYYMMDD_MIN; number <= DATE_YYYYMMDD_MAX; number++) {
        int32_t days = -1;
        bool is_day = date_try_from_yyyymmdd(number, &days);
        bool expected = number == year * 10000 + month * 100 + day;
        EXPECT_MSG(is_day == expected, "%d", number);
        if (!expected)
            continue;
        EXPECT_MSG(days == count, "%d is %d and not %d", number, days, count);
        EXPECT_MSG(date_to_yyyymmdd(count) == number, "day %d", count);
        count++;
        if (++day > days_in_month(year, month)) {
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
    EXPECT(year == 2200 && month == 1 && day == 1);
}
END_TEST

START_TEST(day_before_the_first_is_a_bug)
{
    date_to_yyyymmdd(-1);
}
END_TEST

Suite *date_suite(void)
{
    Suite *suite = suite_create("date");
    TCase *tests = tcase_create("date");
    tcase_add_test(tests, outside_the_range);
    tcase_add_test(tests, days_that_are_none);
    tcase_add_test(tests, known_days);
    tcase_add_test(tests, within_one_weekday);
    tcase_add_test(tests, whole_range);
    tcase_add_test_raise_signal(tests, day_before_the_first_is_a_bug, SIGABRT);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
