/* test_ping_guard.c: which pings are strikes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "support/expect.h"
#include "wire/ping_guard.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)

START_TEST(test_three_early_pings)
{
    struct ping_guard guard = {.strikes = 0};
    EXPECT(ping_guard_allows(&guard, 0, 5 * MINUTE, true));
    EXPECT(ping_guard_allows(&guard, SECOND, 5 * MINUTE, true));
    EXPECT(ping_guard_allows(&guard, 2 * SECOND, 5 * MINUTE, true));
    EXPECT(!ping_guard_allows(&guard, 3 * SECOND, 5 * MINUTE, true));
}
END_TEST

START_TEST(test_interval)
{
    struct ping_guard guard = {.strikes = 0};
    EXPECT(ping_guard_allows(&guard, 0, 5 * MINUTE, true));
    for (int64_t i = 1; i < 100; i++) {
        EXPECT(ping_guard_allows(&guard, i * 5 * MINUTE, 5 * MINUTE, true));
        EXPECT(guard.strikes == 0);
    }
    EXPECT(ping_guard_allows(&guard, 100 * 5 * MINUTE - 1, 5 * MINUTE, true));
    EXPECT(guard.strikes == 1);
}
END_TEST

START_TEST(test_idle_needs_two_hours)
{
    struct ping_guard guard = {.strikes = 0};
    EXPECT(ping_guard_allows(&guard, 0, 5 * MINUTE, false));
    EXPECT(ping_guard_allows(&guard, 120 * MINUTE - 1, 5 * MINUTE, false));
    EXPECT(guard.strikes == 1);
    EXPECT(ping_guard_allows(&guard, 120 * MINUTE, 5 * MINUTE, false));
    EXPECT(guard.strikes == 1);
}
END_TEST

START_TEST(test_data_forgives)
{
    struct ping_guard guard = {.strikes = 0};
    for (int i = 0; i < 1000; i++) {
        EXPECT(ping_guard_allows(&guard, i, 5 * MINUTE, true));
        EXPECT(ping_guard_allows(&guard, i, 5 * MINUTE, true));
        EXPECT(ping_guard_allows(&guard, i, 5 * MINUTE, true));
        ping_guard_forgive(&guard);
    }
}
END_TEST

Suite *ping_guard_suite(void)
{
    Suite *suite = suite_create("ping_guard");
    TCase *test_case = tcase_create("ping_guard");
    tcase_add_test(test_case, test_three_early_pings);
    tcase_add_test(test_case, test_interval);
    tcase_add_test(test_case, test_idle_needs_two_hours);
    tcase_add_test(test_case, test_data_forgives);
    suite_add_tcase(suite, test_case);
    return suite;
}
