/* test_handshakes.c: which TLS handshakes begin, and when.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "support/expect.h"
#include "wire/admission.h"
#include "wire/handshakes.h"

#include <string.h>

#define SECOND INT64_C(1000000)
#define MANY 2000

static struct handshakes handshakes;
static struct handshake waiting[MANY];

/* After the burst is spent. */
static void start_spent(const struct source *source)
{
    struct handshake each = {.source = NULL};
    memset(waiting, 0, sizeof waiting);
    handshakes_start(&handshakes, 0);
    for (int i = 0; i < HANDSHAKES_BURST; i++)
        EXPECT(handshakes_come(&handshakes, &each, source, 0));
}

START_TEST(test_a_burst_begins_at_once_and_then_the_rate_holds)
{
    struct source one = {.number = 1};
    start_spent(&one);
    for (int i = 0; i < MANY; i++)
        EXPECT(!handshakes_come(&handshakes, &waiting[i], &one, 0));
    EXPECT(handshakes_next(&handshakes, 0) == NULL);
    EXPECT(handshakes.delayed == MANY);
    int begun = 0;
    for (int64_t now_us = 0; now_us <= 2 * SECOND; now_us += 1000) {
        while (handshakes_next(&handshakes, now_us) != NULL)
            begun++;
    }
    EXPECT(begun == 2 * HANDSHAKES_PER_SECOND);
}
END_TEST

START_TEST(test_what_is_saved_has_an_end)
{
    struct source one = {.number = 1};
    start_spent(&one);
    int begun = 0;
    while (begun < MANY && handshakes_come(&handshakes, &waiting[begun], &one, 3600 * SECOND))
        begun++;
    EXPECT(begun == HANDSHAKES_BURST);
}
END_TEST

START_TEST(test_another_source_has_the_next_turn)
{
    struct source greedy = {.number = 7};
    struct source before = {.number = 3};
    struct source behind = {.number = 9};
    start_spent(&greedy);
    for (int i = 0; i < 1000; i++)
        EXPECT(!handshakes_come(&handshakes, &waiting[i], &greedy, 0));
    EXPECT(!handshakes_come(&handshakes, &waiting[1000], &before, 0));
    EXPECT(!handshakes_come(&handshakes, &waiting[1001], &behind, 0));
    int64_t now_us = SECOND / 10;
    EXPECT(handshakes_next(&handshakes, now_us) == &waiting[1001]);
    EXPECT(handshakes_next(&handshakes, now_us) == &waiting[1000]);
    EXPECT(handshakes_next(&handshakes, now_us) == &waiting[0]);
    EXPECT(handshakes_next(&handshakes, now_us) == &waiting[1]);
}
END_TEST

START_TEST(test_who_leaves_is_not_given)
{
    struct source one = {.number = 1};
    start_spent(&one);
    for (int i = 0; i < 3; i++)
        EXPECT(!handshakes_come(&handshakes, &waiting[i], &one, 0));
    handshakes_leave(&handshakes, &waiting[1]);
    handshakes_leave(&handshakes, &waiting[1]);
    EXPECT(handshakes_next(&handshakes, SECOND) == &waiting[0]);
    EXPECT(!waiting[0].is_waiting);
    EXPECT(handshakes_next(&handshakes, SECOND) == &waiting[2]);
    EXPECT(handshakes_next(&handshakes, SECOND) == NULL);
}
END_TEST

START_TEST(test_the_pause_is_until_the_next_may_begin)
{
    struct source one = {.number = 1};
    start_spent(&one);
    EXPECT(!handshakes_come(&handshakes, &waiting[0], &one, 0));
    int64_t pause_us = handshakes_pause_us(&handshakes);
    EXPECT(pause_us > 0);
    EXPECT(handshakes_next(&handshakes, pause_us - 1) == NULL);
    EXPECT(handshakes_next(&handshakes, pause_us) == &waiting[0]);
}
END_TEST

Suite *handshakes_suite(void)
{
    Suite *suite = suite_create("handshakes");
    TCase *test_case = tcase_create("handshakes");
    tcase_add_test(test_case, test_a_burst_begins_at_once_and_then_the_rate_holds);
    tcase_add_test(test_case, test_what_is_saved_has_an_end);
    tcase_add_test(test_case, test_another_source_has_the_next_turn);
    tcase_add_test(test_case, test_who_leaves_is_not_given);
    tcase_add_test(test_case, test_the_pause_is_until_the_next_may_begin);
    suite_add_tcase(suite, test_case);
    return suite;
}
