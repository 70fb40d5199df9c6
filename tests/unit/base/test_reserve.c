/* test_reserve.c: reserved arrays read as zero and give their pages back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/reserve.h"
#include "base/text.h"
#include "suites.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static long resident_kib(void)
{
    long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%ld %ld", &pages, &resident), 2);
    fclose(file);
    return resident * 4;
}

/* A limit of the machine, not a bug: status 2, as for other settings. */
START_TEST(a_limit_of_address_space_is_a_setting)
{
    struct rlimit limit = {.rlim_cur = 1 << 20, .rlim_max = 1 << 20};
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
    reserve_array((size_t)1 << 30, 8);
}
END_TEST

START_TEST(ceiling_costs_nothing_until_touched)
{
    enum { COUNT = 1 << 30 };
    long before = resident_kib();
    uint64_t *memory = reserve_array(COUNT, sizeof *memory); /* 8 GiB */
    /* Volatile, since clang 14 makes one wrong store of two that are 8 GiB apart. */
    volatile uint64_t *array = memory;
    ck_assert_int_lt(resident_kib() - before, 4096);
    ck_assert_uint_eq(array[0], 0);
    ck_assert_uint_eq(array[COUNT - 1], 0);
    array[0] = 1;
    array[COUNT - 1] = 2;
    ck_assert_uint_eq(array[0] + array[COUNT - 1], 3);
    reserve_release(memory, COUNT, sizeof *memory);
}
END_TEST

START_TEST(release_gives_the_pages_back)
{
    enum { BYTES = 64 << 20 };
    uint8_t *array = reserve_array(BYTES, 1);
    for (size_t i = 0; i < BYTES; i += 4096)
        array[i] = 1;
    long touched = resident_kib();
    reserve_release(array, BYTES, 1);
    ck_assert_int_gt(touched - resident_kib(), BYTES / 1024 / 2);
}
END_TEST

START_TEST(pages_within_a_range_are_dropped)
{
    enum { COUNT = 1 << 20, ITEM = 24, FIRST = 1001, DROPPED = COUNT - 5000 };
    uint8_t *array = reserve_array(COUNT, ITEM);
    memset(array, 7, (size_t)COUNT * ITEM);
    long touched = resident_kib();
    reserve_drop_pages(array, FIRST, DROPPED, ITEM);
    ck_assert_int_gt(touched - resident_kib(), (long)DROPPED * ITEM / 1024 * 9 / 10);
    /* What is around the range is untouched, also on pages that it shares with the range. */
    for (size_t i = 0; i < (size_t)FIRST * ITEM; i++)
        ck_assert_uint_eq(array[i], 7);
    for (size_t i = (size_t)(FIRST + DROPPED) * ITEM; i < (size_t)COUNT * ITEM; i++)
        ck_assert_uint_eq(array[i], 7);
    ck_assert_uint_eq(array[(size_t)COUNT / 2 * ITEM], 0);
    /* It can be used again, and a range within a page drops nothing. */
    array[(size_t)COUNT / 2 * ITEM] = 1;
    reserve_drop_pages(array, COUNT / 2, 2, ITEM);
    ck_assert_uint_eq(array[(size_t)COUNT / 2 * ITEM], 1);
    reserve_release(array, COUNT, ITEM);
}
END_TEST

START_TEST(product_that_wraps_is_a_bug)
{
    reserve_array(SIZE_MAX / 2, 8);
}
END_TEST

START_TEST(texts_compare_by_content)
{
    struct text empty = {NULL, 0};
    ck_assert(text_equals(empty, text_of("")));
    ck_assert(text_equals(text_of("abc"), text_of("abc")));
    ck_assert(!text_equals(text_of("abc"), text_of("abd")));
    ck_assert(!text_equals(text_of("abc"), text_of("ab")));
    ck_assert(!text_equals(empty, text_of("a")));
    ck_assert(!text_equals((struct text){"a\0b", 3}, (struct text){"a\0c", 3}));
}
END_TEST

START_TEST(clocks_tell_microseconds)
{
    int64_t last = clock_monotonic_us();
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_monotonic_us();
        ck_assert_int_ge(now, last);
        last = now;
    }
    int64_t wall = clock_wall_us();
    ck_assert_int_gt(wall, 1577836800000000); /* 2020-01-01 */
    ck_assert_int_lt(wall, 7258118400000000); /* 2200-01-01 */
}
END_TEST

Suite *reserve_suite(void)
{
    Suite *suite = suite_create("reserve");
    TCase *tests = tcase_create("reserve");
    tcase_add_exit_test(tests, a_limit_of_address_space_is_a_setting, 2);
    tcase_add_test(tests, ceiling_costs_nothing_until_touched);
    tcase_add_test(tests, release_gives_the_pages_back);
    tcase_add_test(tests, pages_within_a_range_are_dropped);
    tcase_add_test_raise_signal(tests, product_that_wraps_is_a_bug, SIGABRT);
    tcase_add_test(tests, texts_compare_by_content);
    tcase_add_test(tests, clocks_tell_microseconds);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
