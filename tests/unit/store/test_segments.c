/* test_segments.c: the ranges of the segments: gapless from 1 on, found by number.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "store/internal.h"
#include "support/expect.h"

enum { SEGMENTS = 200, COMMANDS = 7 };

static struct segment_list list;

static void finish(void)
{
    segments_finish(&list);
}

static void fill(int16_t state)
{
    for (int64_t i = 0; i < SEGMENTS; i++)
        EXPECT(segments_add(&list, i * COMMANDS + 1, (i + 1) * COMMANDS, state) == 0);
}

START_TEST(an_empty_list)
{
    EXPECT(segments_limit(&list) == 0);
    EXPECT(segments_find(&list, 1) == NULL);
    EXPECT(segments_first_unindexed(&list) == 1);
    EXPECT(segments_ahead(&list, 0) == 0);
}
END_TEST

START_TEST(gaps_and_wrong_numbers_are_refused)
{
    static const struct {
        int64_t first, last;
        int16_t state;
        int result;
    } cases[] = {
        {2, 9, SEGMENT_OPEN, -1},
        {0, 9, SEGMENT_OPEN, -1},
        {1, 0, SEGMENT_OPEN, -1},
        {1, 9, 0, -1},
        {1, 9, 4, -1},
        {1, 9, SEGMENT_INDEXED, 0},
        {1, 9, SEGMENT_OPEN, -1},
        {9, 12, SEGMENT_OPEN, -1},
        {11, 12, SEGMENT_OPEN, -1},
        {10, 9, SEGMENT_OPEN, -1},
        {10, 10, SEGMENT_SEALED, 0},
        {11, 20, SEGMENT_OPEN, 0},
    };
    int64_t limit = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int result = segments_add(&list, cases[i].first, cases[i].last, cases[i].state);
        EXPECT_MSG(result == cases[i].result, "case %zu", i);
        limit = result == 0 ? cases[i].last : limit;
        EXPECT_MSG(segments_limit(&list) == limit, "case %zu", i);
    }
    EXPECT(segments_find(&list, 9)->state == SEGMENT_INDEXED);
    EXPECT(segments_find(&list, 10)->state == SEGMENT_SEALED);
    EXPECT(segments_find(&list, 11)->state == SEGMENT_OPEN);
}
END_TEST

START_TEST(each_number_is_in_one)
{
    fill(SEGMENT_OPEN);
    for (int64_t sequence = 1; sequence <= SEGMENTS * COMMANDS; sequence++) {
        const struct segment *segment = segments_find(&list, sequence);
        EXPECT(segment != NULL);
        EXPECT(segment->first_sequence <= sequence && sequence <= segment->last_sequence);
        EXPECT(segment->last_sequence - segment->first_sequence == COMMANDS - 1);
    }
    EXPECT(segments_find(&list, 0) == NULL);
    EXPECT(segments_find(&list, -1) == NULL);
    EXPECT(segments_find(&list, SEGMENTS * COMMANDS + 1) == NULL);
}
END_TEST

START_TEST(the_oldest_that_is_not_indexed)
{
    EXPECT(segments_add(&list, 1, 5, SEGMENT_INDEXED) == 0);
    EXPECT(segments_first_unindexed(&list) == 6);
    EXPECT(segments_add(&list, 6, 10, SEGMENT_SEALED) == 0);
    EXPECT(segments_first_unindexed(&list) == 6);
    EXPECT(segments_add(&list, 11, 15, SEGMENT_INDEXED) == 0);
    EXPECT(segments_first_unindexed(&list) == 6);
}
END_TEST

/* The one that holds the number is not ahead of it. */
START_TEST(how_many_are_ahead)
{
    fill(SEGMENT_OPEN);
    EXPECT(segments_ahead(&list, 0) == SEGMENTS);
    EXPECT(segments_ahead(&list, 1) == SEGMENTS - 1);
    EXPECT(segments_ahead(&list, COMMANDS) == SEGMENTS - 1);
    EXPECT(segments_ahead(&list, COMMANDS + 1) == SEGMENTS - 2);
    EXPECT(segments_ahead(&list, SEGMENTS * COMMANDS - 1) == 0);
    EXPECT(segments_ahead(&list, SEGMENTS * COMMANDS + 100) == 0);
}
END_TEST

Suite *segments_suite(void)
{
    TCase *cases = tcase_create("segments");
    tcase_add_checked_fixture(cases, NULL, finish);
    tcase_add_test(cases, an_empty_list);
    tcase_add_test(cases, gaps_and_wrong_numbers_are_refused);
    tcase_add_test(cases, each_number_is_in_one);
    tcase_add_test(cases, the_oldest_that_is_not_indexed);
    tcase_add_test(cases, how_many_are_ahead);
    Suite *suite = suite_create("segments");
    suite_add_tcase(suite, cases);
    return suite;
}
