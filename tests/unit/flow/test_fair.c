/* test_fair.c: the sources take turns, and a turn ends by the work that it has done.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "world.h"

#include "engine/commands.h"
#include "flow/queue.h"
#include "support/expect.h"

enum { LEDGER = 1, ACCOUNT = 7, MANY = 60, WIDE = 40 };
/* A look at the clock takes so long that a turn is over with the second one. */
#define SLOW_US (15 * INT64_C(1000))

static int64_t available(void)
{
    return engine_find_account(world.flow->engine, ACCOUNT)->balance_minor[BUCKET_AVAILABLE];
}

static void begin(void)
{
    world_open();
    world_do(make_open_ledger("1000", TEST_DATE, 0));
    world_do(make_open_member(LEDGER, "owner"));
    EXPECT(world_do(make_open_account(LEDGER, 1)) == ACCOUNT);
}

static struct wire_call *send_many(bool atomic)
{
    static struct command commands[MANY];
    for (int i = 0; i < MANY; i++)
        commands[i] = make_receipt(LEDGER, ACCOUNT, 1);
    return world_send_batch(commands, MANY, atomic);
}

/* ---- the queue alone ---- */

static void add(struct queue *queue, uint32_t source, size_t number)
{
    struct waiting_call waiting = {.length = number};
    queue_add(queue, source, &waiting);
}

/* Takes the first, and gives its number; the next source comes. */
static size_t take(struct queue *queue)
{
    size_t number = queue_first(queue)->length;
    queue_drop_first(queue);
    queue_next_source(queue);
    return number;
}

START_TEST(sources_take_turns_and_each_keeps_its_order)
{
    static const size_t expected[] = {10, 30, 20, 11, 21, 12, 13};
    struct queue *queue = queue_create(8);
    add(queue, 1, 10);
    add(queue, 1, 11);
    add(queue, 1, 12);
    add(queue, 70, 30);
    add(queue, 2, 20);
    add(queue, 2, 21);
    add(queue, 1, 13);
    EXPECT(queue_sources(queue) == 3 && queue_count(queue) == 7);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        size_t number = queue_first(queue)->length;
        queue_drop_first(queue);
        EXPECT_MSG(number == expected[i], "%zu at %zu", number, i);
        /* A line that ended has made way already. */
        if (number != 30 && number != 21)
            queue_next_source(queue);
    }
    EXPECT(queue_count(queue) == 0 && queue_sources(queue) == 0);
    queue_destroy(queue);
}
END_TEST

START_TEST(a_source_has_as_much_room_as_is_left_for_others)
{
    bool is_share;
    struct queue *queue = queue_create(8);
    for (size_t i = 0; i < 4; i++) {
        EXPECT(queue_has_room(queue, 1, &is_share));
        add(queue, 1, i);
    }
    EXPECT(!queue_has_room(queue, 1, &is_share) && is_share);
    EXPECT(queue_has_room(queue, 2, &is_share));
    add(queue, 2, 0);
    add(queue, 2, 1);
    EXPECT(!queue_has_room(queue, 2, &is_share) && is_share);
    EXPECT(queue_has_room(queue, 3, &is_share));
    add(queue, 3, 0);
    EXPECT(queue_has_room(queue, 4, &is_share));
    add(queue, 4, 0);
    EXPECT(!queue_has_room(queue, 5, &is_share) && !is_share);
    /* What comes back does so although it is full. */
    struct waiting_call back = {.length = 99};
    queue_return(queue, 1, &back);
    EXPECT(take(queue) == 99 && take(queue) == 0);
    queue_destroy(queue);
}
END_TEST

static bool keeps_odd(void *context, struct waiting_call *waiting)
{
    (*(uint32_t *)context)++;
    return waiting->length % 2 == 1;
}

START_TEST(a_filter_keeps_the_order)
{
    uint32_t seen = 0;
    struct queue *queue = queue_create(8);
    for (size_t i = 1; i <= 5; i++)
        add(queue, 1, i);
    add(queue, 2, 6);
    add(queue, 3, 7);
    queue_filter(queue, keeps_odd, &seen);
    EXPECT(seen == 7 && queue_count(queue) == 4 && queue_sources(queue) == 2);
    EXPECT(take(queue) == 1 && take(queue) == 7 && take(queue) == 3 && take(queue) == 5);
    queue_destroy(queue);
}
END_TEST

/* ---- turns ---- */

static struct payee payees[WIDE];

/* The same with accounts to pay to, and money. */
static void begin_wide(void)
{
    begin();
    for (int i = 0; i < WIDE; i++)
        payees[i] =
            (struct payee){.account_id = world_do(make_open_account(LEDGER, 1)), .amount_minor = 1};
    world_do(make_receipt(LEDGER, ACCOUNT, 2 * MANY * WIDE));
    EXPECT(available() == 2 * MANY * WIDE);
}

/* Short commands go on while the source's time does: it is not turned at each of them. */
START_TEST(a_source_goes_on_for_its_time)
{
    struct wire_call *calls[6];
    begin();
    for (uint32_t i = 0; i < 6; i++) {
        world.source = i % 2;
        calls[i] = world_send(make_receipt(LEDGER, ACCOUNT, 1));
    }
    world_turn(0);
    world_settle();
    int64_t first = world_sequence(calls[0]);
    for (uint32_t i = 0; i < 6; i++)
        EXPECT(world_sequence(calls[i]) == first + 3 * (i % 2) + i / 2);
    world_close();
}
END_TEST

/* MANY payments, each as wide. */
static struct wire_call *send_many_wide(void)
{
    static struct command commands[MANY];
    for (int i = 0; i < MANY; i++)
        commands[i] = make_split(LEDGER, ACCOUNT, payees, WIDE, 0);
    return world_send_batch(commands, MANY, false);
}

/* How many of these payments are decided. */
static int64_t paid(void)
{
    const struct account *payee = engine_find_account(world.flow->engine, payees[0].account_id);
    return payee->balance_minor[BUCKET_AVAILABLE];
}

/* Turns until the first of a batch is decided: by the slow clock unpacking takes some, too. */
static void turn_until_begun(int64_t (*done)(void))
{
    for (int turns = 0; done() == 0; turns++) {
        EXPECT(turns < 100);
        world_turn(0);
    }
}

/* A batch that stands for much work is decided over many turns; what another source sends meanwhile
 * is not held up, and the answer comes whole when the last part is durable. */
START_TEST(a_long_batch_gives_way)
{
    enum outcome outcomes[MANY];
    begin_wide();
    world.source = 1;
    struct wire_call *batch = send_many_wide();
    world.us_per_look = SLOW_US;
    turn_until_begun(paid);
    EXPECT(paid() < MANY);
    world.source = 2;
    struct wire_call *other = world_send(make_receipt(LEDGER, ACCOUNT, 1000));
    while (other->end == NOT_ENDED) {
        if (world.batch)
            world_batch_is_durable();
        world_turn(0);
    }
    EXPECT(world_outcome(other) == OUTCOME_ACCEPTED);
    EXPECT(batch->end == NOT_ENDED && paid() < MANY);
    while (batch->end == NOT_ENDED) {
        if (world.batch)
            world_batch_is_durable();
        world_turn(0);
    }
    world.us_per_look = 0;
    EXPECT(world_outcomes(batch, outcomes, MANY) == MANY && paid() == MANY);
    for (int i = 0; i < MANY; i++)
        EXPECT(outcomes[i] == OUTCOME_ACCEPTED);
    world_settle();
    world_close();
}
END_TEST

/* Where several sources ask, the items of a batch fill half of what the journal commits at a time;
 * the rest is there for another's single command, which does not wait for a second batch. */
START_TEST(items_leave_room_for_single_commands)
{
    begin_wide();
    world.source = 2;
    world_send(make_receipt(LEDGER, ACCOUNT, 1));
    world_turn(0);
    EXPECT(world.batch != NULL); /* is in flight, so that what comes stays in the open one */
    world.source = 1;
    struct wire_call *batch = send_many_wide();
    world_turn(0);
    world_turn(0);
    uint32_t items = journal_open_count(world.flow->journal);
    EXPECT(items > 1 && items < MANY && batch->end == NOT_ENDED);
    EXPECT(journal_open_bytes(world.flow->journal) < BATCH_BYTES_OF_MANY_MAX * 6 / 10);
    world.source = 2;
    struct wire_call *single = world_send(make_receipt(LEDGER, ACCOUNT, 7));
    world_turn(0);
    EXPECT(journal_open_count(world.flow->journal) == items + 1);
    world_batch_is_durable();
    world_turn(0);
    EXPECT(single->end == NOT_ENDED);
    world_batch_is_durable();
    world_turn(0);
    EXPECT(world_outcome(single) == OUTCOME_ACCEPTED && batch->end == NOT_ENDED);
    world_settle();
    EXPECT(batch->end == ENDED_BY_REPLY && available() == 1 + 7 + MANY * WIDE);
    world_close();
}
END_TEST

/* Two batches at a time are unpacked in turns, and neither takes the other's items for its own. */
START_TEST(two_batches_keep_apart)
{
    struct wire_call *batches[2];
    enum outcome outcomes[MANY];
    begin_wide();
    world_do(make_receipt(LEDGER, ACCOUNT, 2 * MANY));
    for (int n = 0; n < 2; n++) {
        payees[0].amount_minor = 1 + n;
        payees[1].amount_minor = 2 - n;
        world.source = 1 + (uint32_t)n;
        batches[n] = send_many_wide();
    }
    world_settle();
    for (int n = 0; n < 2; n++) {
        EXPECT(world_outcomes(batches[n], outcomes, MANY) == MANY);
        for (int i = 0; i < MANY; i++)
            EXPECT(outcomes[i] == OUTCOME_ACCEPTED);
    }
    for (int i = 0; i < 2; i++)
        EXPECT(engine_find_account(world.flow->engine, payees[i].account_id)
                   ->balance_minor[BUCKET_AVAILABLE] == 3 * MANY);
    world_close();
}
END_TEST

/* All or none has no parts. */
START_TEST(an_atomic_batch_is_decided_in_one_turn)
{
    begin();
    struct wire_call *batch = send_many(true);
    world.us_per_look = SLOW_US;
    turn_until_begun(available);
    world.us_per_look = 0;
    EXPECT(available() == MANY);
    world_settle();
    EXPECT(batch->end == ENDED_BY_REPLY);
    world_close();
}
END_TEST

/* Whoever ends in the middle of a batch is told that a part of it may have happened. */
START_TEST(a_batch_that_was_begun_does_not_say_that_nothing_was_done)
{
    static const bool ends_by_deadline[] = {true, false};
    begin();
    struct wire_call *batch = send_many(false);
    world.us_per_look = SLOW_US;
    turn_until_begun(available);
    world.us_per_look = 0;
    EXPECT(available() < MANY);
    if (ends_by_deadline[_i])
        batch->deadline_us = world.monotonic_us;
    else
        world.database_ahead_us = 2 * CLOCK_DIFFERENCE_US;
    world_settle();
    EXPECT(batch->end == ENDED_BY_FAILURE && batch->status == WIRE_UNAVAILABLE);
    ck_assert_str_eq(batch->reason, "PERHAPS_DECIDED");
    EXPECT(available() < MANY);
    world_close();
}
END_TEST

/* A flood of one source's calls, and one call of another, which came last. */
START_TEST(a_flood_slows_itself)
{
    struct wire_call *flood[MANY - 8];
    begin();
    world.source = 1;
    for (int i = 0; i < MANY - 8; i++)
        flood[i] = world_send(make_receipt(LEDGER, ACCOUNT, 1));
    world.source = 2;
    struct wire_call *other = world_send(make_receipt(LEDGER, ACCOUNT, 1000));
    int64_t first = journal_next_sequence(world.flow->journal);
    /* A source's part of the turn is over at each look. */
    world.us_per_look = SLOW_US / 5;
    while (available() < 1000)
        world_turn(0);
    world.us_per_look = 0;
    world_settle();
    EXPECT_MSG(
        world_sequence(other) < first + 30, "%d before", (int)(world_sequence(other) - first));
    EXPECT(world_outcome(flood[MANY - 9]) == OUTCOME_ACCEPTED);
    /* Each line in the log is of the turns since the one before. */
    EXPECT(world.flow->work.longest_us > 0 && world.flow->work.cut_count > 0);
    flow_tell_work(world.flow);
    EXPECT(world.flow->work.longest_us == 0 && world.flow->work.cut_count == 0);
    world_close();
}
END_TEST

Suite *fair_suite(void)
{
    Suite *suite = suite_create("fair");
    TCase *test_case = tcase_create("fair");
    tcase_add_test(test_case, sources_take_turns_and_each_keeps_its_order);
    tcase_add_test(test_case, a_source_has_as_much_room_as_is_left_for_others);
    tcase_add_test(test_case, a_filter_keeps_the_order);
    tcase_add_test(test_case, a_source_goes_on_for_its_time);
    tcase_add_test(test_case, a_long_batch_gives_way);
    tcase_add_test(test_case, items_leave_room_for_single_commands);
    tcase_add_test(test_case, two_batches_keep_apart);
    tcase_add_test(test_case, an_atomic_batch_is_decided_in_one_turn);
    tcase_add_loop_test(test_case, a_batch_that_was_begun_does_not_say_that_nothing_was_done, 0, 2);
    tcase_add_test(test_case, a_flood_slows_itself);
    suite_add_tcase(suite, test_case);
    return suite;
}
