/* test_histogram.c: buckets hold what they say, percentiles are never too small.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "support/expect.h"
#include "vslload/histogram.h"

#include <stdlib.h>
#include <string.h>

START_TEST(buckets_join_without_gaps)
{
    int64_t next = 0;
    for (uint32_t bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        int64_t last = histogram_bucket_maximum(bucket);
        EXPECT_MSG(histogram_bucket(next) == bucket, "first of bucket %u", bucket);
        EXPECT_MSG(histogram_bucket(last) == bucket, "last of bucket %u", bucket);
        /* The width is at most 1/64 of the value. */
        EXPECT_MSG((last - next) * 64 <= next || last == next, "width of bucket %u", bucket);
        next = last + 1;
    }
    ck_assert_int_eq(next, INT64_C(1) << HISTOGRAM_VALUE_BITS);
}
END_TEST

START_TEST(values_beyond_the_ends_are_kept)
{
    static struct histogram histogram;
    memset(&histogram, 0, sizeof histogram);
    histogram_add(&histogram, -5, 1);
    histogram_add(&histogram, INT64_MAX, 1);
    ck_assert_uint_eq(histogram.total, 2);
    ck_assert_uint_eq(histogram.counts[0], 1);
    ck_assert_uint_eq(histogram.counts[HISTOGRAM_BUCKETS - 1], 1);
    ck_assert_int_eq(histogram.maximum, INT64_MAX);
}
END_TEST

START_TEST(percentiles_of_nothing_and_of_one)
{
    static struct histogram histogram;
    memset(&histogram, 0, sizeof histogram);
    ck_assert_int_eq(histogram_percentile(&histogram, 0.5), 0);
    histogram_add(&histogram, 12345, 1);
    ck_assert_int_eq(histogram_percentile(&histogram, 0.0), 12345);
    ck_assert_int_eq(histogram_percentile(&histogram, 0.5), 12345);
    ck_assert_int_eq(histogram_percentile(&histogram, 1.0), 12345);
}
END_TEST

START_TEST(percentiles_of_a_known_distribution)
{
    static struct histogram histogram;
    memset(&histogram, 0, sizeof histogram);
    for (int64_t value = 1; value <= 100000; value++)
        histogram_add(&histogram, value, 1);
    const double shares[] = {0.5, 0.9, 0.99, 0.999};
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        int64_t exact = (int64_t)(shares[i] * 100000);
        int64_t said = histogram_percentile(&histogram, shares[i]);
        ck_assert_int_ge(said, exact);
        ck_assert_int_le(said, exact + exact / 60);
    }
    ck_assert_int_eq(histogram_percentile(&histogram, 1.0), 100000);
}
END_TEST

START_TEST(weights_count_as_repeats)
{
    static struct histogram once;
    static struct histogram often;
    memset(&once, 0, sizeof once);
    memset(&often, 0, sizeof often);
    histogram_add(&once, 10, 500);
    histogram_add(&once, 90, 0);
    for (int i = 0; i < 500; i++)
        histogram_add(&often, 10, 1);
    ck_assert_mem_eq(&once, &often, sizeof once);
}
END_TEST

Suite *histogram_suite(void)
{
    Suite *suite = suite_create("histogram");
    TCase *tests = tcase_create("histogram");
    tcase_add_test(tests, buckets_join_without_gaps);
    tcase_add_test(tests, values_beyond_the_ends_are_kept);
    tcase_add_test(tests, percentiles_of_nothing_and_of_one);
    tcase_add_test(tests, percentiles_of_a_known_distribution);
    tcase_add_test(tests, weights_count_as_repeats);
    suite_add_tcase(suite, tests);
    return suite;
}
