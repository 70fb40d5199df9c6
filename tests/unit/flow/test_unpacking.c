/* test_unpacking.c: the largest batches are unpacked over many turns, in which others are served.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "world.h"

#include "engine/commands.h"
#include "support/expect.h"

#include <string.h>

enum { LEDGER = 1, ACCOUNT = 7, LARGE = 120, SMALL = 3 };
/* A look at the clock takes so long that a turn is over with the second one. */
#define SLOW_US (15 * INT64_C(1000))

/* What a remark may have: 256 characters of three bytes. */
static char remark[256 * 3];

static int64_t available(void)
{
    return engine_find_account(world.flow->engine, ACCOUNT)->balance_minor[BUCKET_AVAILABLE];
}

static void begin(void)
{
    for (size_t i = 0; i < sizeof remark; i += 3)
        memcpy(remark + i, "\xe4\xb8\x80", 3);
    world_open();
    world_do(make_open_ledger("1000", TEST_DATE, 0));
    world_do(make_open_member(LEDGER, "owner"));
    EXPECT(world_do(make_open_account(LEDGER, 1)) == ACCOUNT);
}

/* Receipts of `amount` each, with long remarks. */
static struct wire_call *send(uint32_t source, uint32_t count, int64_t amount, bool atomic)
{
    static struct command commands[LARGE];
    EXPECT(count <= LARGE);
    for (uint32_t i = 0; i < count; i++) {
        commands[i] = make_receipt(LEDGER, ACCOUNT, amount);
        commands[i].book_receipt.remark = (struct text){remark, sizeof remark};
    }
    world.source = source;
    return world_send_batch(commands, count, atomic);
}

/* A turn, with all that the store has to do. */
static void turn(void)
{
    if (world.batch)
        world_batch_is_durable();
    world_turn(0);
    if (world.is_check_asked)
        world_is_checked();
    if (world.indexing_last != 0)
        world_segment_is_indexed();
    if (world.is_writing)
        world_state_is_written();
}

static void turn_until_ended(const struct wire_call *call)
{
    for (int turns = 0; call->end == NOT_ENDED; turns++) {
        EXPECT(turns < 200);
        turn();
    }
}

/* How many of that amount are booked on top of `before`. */
static void expect_answers(const struct wire_call *call, uint32_t count)
{
    enum outcome outcomes[LARGE];
    EXPECT(call->end == ENDED_BY_REPLY && world_outcomes(call, outcomes, LARGE) == count);
    for (uint32_t i = 0; i < count; i++)
        EXPECT(outcomes[i] == OUTCOME_ACCEPTED);
}

/* The first batch of many turns is under way: nothing of it has happened. */
static struct wire_call *begin_large(uint32_t source, int64_t amount, bool atomic)
{
    world.us_per_look = SLOW_US;
    struct wire_call *large = send(source, LARGE, amount, atomic);
    turn();
    turn();
    EXPECT(large->end == NOT_ENDED && available() < LARGE);
    EXPECT(world.flow->unpacking[1].call == large && world.flow->unpacking[1].is_held);
    return large;
}

/* Who sends little meanwhile does not wait, be it one command or a small batch. */
START_TEST(others_do_not_wait_for_it)
{
    begin();
    struct wire_call *large = begin_large(1, 1, _i != 0);
    world.source = 2;
    struct wire_call *single = world_send(make_receipt(LEDGER, ACCOUNT, 1000));
    struct wire_call *small = send(3, SMALL, 100, _i != 0);
    turn_until_ended(single);
    turn_until_ended(small);
    EXPECT(large->end == NOT_ENDED && available() == 1000 + SMALL * 100);
    turn_until_ended(large);
    expect_answers(small, SMALL);
    expect_answers(large, LARGE);
    EXPECT(world_outcome(single) == OUTCOME_ACCEPTED);
    EXPECT(available() == 1000 + SMALL * 100 + LARGE);
    EXPECT(world.flow->unpacking[0].call == NULL && world.flow->unpacking[1].call == NULL);
    world_close();
}
END_TEST

/* A second large one waits until the first has had its part decided, and is not mixed up with it.
 */
START_TEST(a_second_large_one_waits)
{
    begin();
    struct wire_call *first = begin_large(1, 1, _i != 0);
    struct wire_call *second = send(2, LARGE, 1000, _i != 0);
    turn();
    turn();
    EXPECT(world.flow->unpacking[1].call == first);
    turn_until_ended(first);
    turn_until_ended(second);
    expect_answers(first, LARGE);
    expect_answers(second, LARGE);
    EXPECT(available() == LARGE * 1001);
    world_close();
}
END_TEST

/* Nor for ever: who is gone, or late, makes way. */
START_TEST(who_is_late_makes_way)
{
    begin();
    struct wire_call *first = begin_large(1, 1, false);
    struct wire_call *second = send(2, LARGE, 1000, false);
    first->deadline_us = world.monotonic_us;
    turn_until_ended(second);
    EXPECT(first->end == ENDED_BY_FAILURE && first->status == WIRE_DEADLINE_EXCEEDED);
    expect_answers(second, LARGE);
    EXPECT(available() == LARGE * 1000);
    world_close();
}
END_TEST

/* What is wrong at its end is said, and nothing of it happens. */
START_TEST(what_is_refused_makes_way)
{
    begin();
    world.us_per_look = SLOW_US;
    struct wire_call *wrong = send(1, LARGE, -1, false);
    struct wire_call *right = send(2, LARGE, 1000, false);
    turn_until_ended(wrong);
    EXPECT(wrong->status == WIRE_INVALID_ARGUMENT);
    EXPECT(world.flow->unpacking[1].call != wrong);
    turn_until_ended(right);
    EXPECT(available() == LARGE * 1000);
    world_close();
}
END_TEST

/* A command of the same source that was looked up comes back before the batch: then other sources'
 * batches do not wait for what stands behind it. */
START_TEST(what_comes_back_before_it_lets_others_go)
{
    begin();
    struct wire_call *old = world_send_as("OLD", make_receipt(LEDGER, ACCOUNT, 5));
    world_settle();
    EXPECT(world_outcome(old) == OUTCOME_ACCEPTED);
    int64_t segments_end = (world_sequence(old) + SEGMENT - 1) / SEGMENT * SEGMENT;
    while (journal_next_sequence(world.flow->journal) <= segments_end)
        world_do(make_receipt(LEDGER, ACCOUNT, 1));
    int64_t before = available();
    world.source = 1;
    struct wire_call *again = world_send_as("OLD", make_receipt(LEDGER, ACCOUNT, 5));
    world_turn(0);
    EXPECT(world.open_questions == 1);
    world.us_per_look = SLOW_US;
    struct wire_call *large = send(1, LARGE, 1, false);
    turn();
    turn();
    EXPECT(world.flow->unpacking[1].call == large && world.flow->unpacking[1].is_held);
    world_answer_old(true);
    EXPECT(!world.flow->unpacking[1].is_held);
    turn_until_ended(again);
    EXPECT(world_is_replay(again));
    turn_until_ended(large);
    expect_answers(large, LARGE);
    EXPECT(available() == before + LARGE);
    world_close();
}
END_TEST

/* After a batch that was decided in one go others have as much time as it took, before the same
 * source's next one. */
START_TEST(a_batch_in_one_go_is_followed_by_a_rest)
{
    begin();
    world.source = 2;
    world_send(make_receipt(LEDGER, ACCOUNT, 1));
    struct wire_call *first = begin_large(1, 1, true);
    world.us_per_look = SLOW_US / 5; /* the other one is not forgotten meanwhile */
    struct wire_call *next = send(1, SMALL, 1, true);
    struct wire_call *plain = send(1, SMALL, 1, false);
    turn_until_ended(first);
    EXPECT(world.wake_in_us > 0 && world.flow->rest.source == 1);
    /* As if it had taken a second: the slow clock has gone on since. */
    world.us_per_look = 0;
    int64_t until_us = world.flow->rest.until_us = world.monotonic_us + SECOND / 2;
    for (int i = 0; i < 5; i++)
        turn();
    EXPECT(next->end == NOT_ENDED && plain->end == NOT_ENDED && world.monotonic_us < until_us);
    /* Another one's small batch does not rest with it. */
    struct wire_call *other = send(2, SMALL, 1, true);
    turn_until_ended(other);
    expect_answers(other, SMALL);
    EXPECT(next->end == NOT_ENDED && world.monotonic_us < until_us);
    world_turn(until_us - world.monotonic_us);
    turn_until_ended(next);
    turn_until_ended(plain);
    expect_answers(first, LARGE);
    expect_answers(next, SMALL);
    world_close();
}
END_TEST

/* A large one does not begin while another's answer is on its way, but for so long only. */
START_TEST(a_large_one_lets_answers_go)
{
    begin();
    world.source = 2;
    world_send(make_receipt(LEDGER, ACCOUNT, 1));
    struct wire_call *large = begin_large(1, 1, true);
    world.source = 2;
    struct wire_call *single = world_send(make_receipt(LEDGER, ACCOUNT, 1000));
    world.us_per_look = SLOW_US / 5;
    for (int turns = 0; world.batch == NULL; turns++) {
        EXPECT(turns < 20);
        world_turn(0);
    }
    world.us_per_look = 0;
    int64_t before = available();
    for (int i = 0; i < 5; i++)
        world_turn(0);
    EXPECT(!world.flow->unpacking[1].decoding && world.flow->unpacking[1].done_us > 0);
    EXPECT(large->end == NOT_ENDED && single->end == NOT_ENDED && available() == before);
    if (_i == 0)
        world_batch_is_durable();
    world_turn(_i == 0 ? 0 : SECOND / 10);
    EXPECT(available() == before + LARGE && (single->end == NOT_ENDED) == (_i != 0));
    turn_until_ended(large);
    expect_answers(large, LARGE);
    world_settle();
    EXPECT(world_outcome(single) == OUTCOME_ACCEPTED);
    world_close();
}
END_TEST

/* Who is alone need not rest. */
START_TEST(who_is_alone_does_not_rest)
{
    begin();
    world_turn(2 * SECOND);
    world_settle();
    struct wire_call *first = begin_large(0, 1, true);
    turn_until_ended(first);
    EXPECT(world.wake_in_us == 0 && world.flow->rest.until_us == 0);
    world_close();
}
END_TEST

Suite *unpacking_suite(void)
{
    Suite *suite = suite_create("unpacking");
    TCase *test_case = tcase_create("unpacking");
    tcase_add_loop_test(test_case, others_do_not_wait_for_it, 0, 2);
    tcase_add_loop_test(test_case, a_second_large_one_waits, 0, 2);
    tcase_add_test(test_case, who_is_late_makes_way);
    tcase_add_test(test_case, what_is_refused_makes_way);
    tcase_add_test(test_case, what_comes_back_before_it_lets_others_go);
    tcase_add_test(test_case, a_batch_in_one_go_is_followed_by_a_rest);
    tcase_add_loop_test(test_case, a_large_one_lets_answers_go, 0, 2);
    tcase_add_test(test_case, who_is_alone_does_not_rest);
    suite_add_tcase(suite, test_case);
    return suite;
}
