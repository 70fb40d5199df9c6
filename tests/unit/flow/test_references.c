/* test_references.c: a reference of the bank is booked once, whether what booked it is in the open
 * batch, in memory, in an indexed segment, or only tried.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "world.h"

#include "engine/commands.h"
#include "support/expect.h"

#include <stdio.h>
#include <string.h>

enum { LEDGER = 1, PAYER = 7, PAYEE = 8, OTHER_LEDGER = 2, OTHER_ACCOUNT = 15 };

static int64_t next_sequence(void)
{
    return journal_next_sequence(world.flow->journal);
}

static int64_t available(int64_t account)
{
    return engine_find_account(world.flow->engine, account)->balance_minor[BUCKET_AVAILABLE];
}

static struct command movement(const char *reference, int64_t amount)
{
    return with_reference(reference, make_receipt(LEDGER, PAYER, amount));
}

static void begin(void)
{
    world_open();
    world_do(make_open_ledger("1000", TEST_DATE, 0));
    world_do(make_open_member(LEDGER, "owner"));
    EXPECT(world_do(make_open_account(LEDGER, 1)) == PAYER);
    EXPECT(world_do(make_open_account(LEDGER, 1)) == PAYEE);
    world_do(make_open_ledger("2000", TEST_DATE, 0));
    world_do(make_open_member(OTHER_LEDGER, "other"));
    EXPECT(world_do(make_open_account(OTHER_LEDGER, 2)) == OTHER_ACCOUNT);
}

/* Goes on until what is in memory is indexed up to the newest command. */
static void fill_segment(void)
{
    int64_t end = (next_sequence() + SEGMENT - 2) / SEGMENT * SEGMENT;
    while (next_sequence() <= end)
        world_do(make_interest(LEDGER, PAYEE, 1));
    EXPECT(recent_first_sequence(world.flow->recent) == next_sequence());
}

static void answer_all(void)
{
    for (int turn = 0; turn < 4; turn++) {
        if (world.open_questions > 0)
            world_answer_old(true);
        while (world.on_records)
            world_answer_records(world.flow->evicted_before);
        world_turn(0);
    }
    world_settle();
    EXPECT(world.open_questions == 0 && world.on_records == NULL);
}

/* It is refused, and names the other. */
static void expect_used(const struct wire_call *call, int64_t by)
{
    EXPECT_MSG(world_outcome(call) == OUTCOME_BANK_REFERENCE_USED, "%s",
        outcome_name((int)world_outcome(call)));
    EXPECT_MSG(world_limit(call) == by, "by %d", (int)world_limit(call));
}

static void expect_booked(const struct wire_call *call)
{
    EXPECT_MSG(
        world_outcome(call) == OUTCOME_ACCEPTED, "%s", outcome_name((int)world_outcome(call)));
}

START_TEST(of_two_in_one_turn_the_first_is_booked)
{
    begin();
    int64_t first = next_sequence();
    struct wire_call *one = world_send(movement("B-1", 5));
    struct wire_call *two = world_send(movement("Ｂ－１ ", 5));
    world_settle();
    expect_booked(one);
    expect_used(two, first);
    /* A request that comes again is the same as before, whatever was booked meanwhile. */
    struct wire_call *three = world_send_as("K", movement("B-2", 5));
    world_settle();
    struct wire_call *again = world_send_as("K", movement("B-2", 5));
    world_settle();
    expect_booked(three);
    EXPECT(world_outcome(again) == OUTCOME_ACCEPTED && world_is_replay(again));
    EXPECT(available(PAYER) == 10 && world.open_questions == 0);
    world_close();
}
END_TEST

START_TEST(another_ledger_has_its_own)
{
    begin();
    world_do(movement("B-1", 5));
    world_do(with_reference("B-1", make_receipt(OTHER_LEDGER, OTHER_ACCOUNT, 5)));
    fill_segment();
    struct wire_call *call =
        world_send(with_reference("B-1", make_receipt(OTHER_LEDGER, OTHER_ACCOUNT, 5)));
    world_turn(0);
    answer_all();
    EXPECT(world_outcome(call) == OUTCOME_BANK_REFERENCE_USED);
    EXPECT(available(OTHER_ACCOUNT) == 5);
    world_close();
}
END_TEST

START_TEST(what_is_indexed_is_looked_up)
{
    begin();
    int64_t first = next_sequence();
    world_do(movement("B-1", 5));
    fill_segment();
    struct wire_call *again = world_send(movement("B-1", 6));
    struct wire_call *new = world_send(movement("B-2", 7));
    struct wire_call *without = world_send(make_receipt(LEDGER, PAYER, 8));
    world_turn(0);
    EXPECT(world.open_questions == 1 && world.questions[0].part_count == 1);
    EXPECT(!world.questions[0].is_elsewhere);
    EXPECT(again->end == NOT_ENDED);
    answer_all();
    expect_used(again, first);
    expect_booked(new);
    expect_booked(without);
    EXPECT(available(PAYER) == 5 + 7 + 8);
    world_close();
}
END_TEST

/* Segments of before have no filter: each reference is looked up there. */
START_TEST(a_segment_without_a_filter_is_asked)
{
    begin();
    world_do(movement("B-1", 5));
    fill_segment();
    flow_store_handlers.on_indexed_segment(
        world.flow, &(struct indexed_segment){.first_sequence = 1,
                        .last_sequence = SEGMENT,
                        .min_business_date = TEST_DATE - 100,
                        .max_business_date = TEST_DATE - 100});
    struct wire_call *new = world_send(movement("B-2", 7));
    struct wire_call *blank = world_send(movement(" ", 8));
    world_turn(0);
    EXPECT(world.open_questions == 1 && new->end == NOT_ENDED);
    EXPECT(world.questions[0].part_count == 0 && world.questions[0].is_elsewhere);
    EXPECT(world.questions[0].reference.first_sequence == 1);
    EXPECT(world.questions[0].reference.last_sequence == SEGMENT);
    answer_all();
    expect_booked(new);
    expect_booked(blank);
    world_close();
}
END_TEST

START_TEST(without_an_answer_nothing_is_decided)
{
    begin();
    world_do(movement("B-1", 5));
    fill_segment();
    int64_t before = next_sequence();
    struct wire_call *call = world_send(movement("B-1", 5));
    world_turn(0);
    world_answer_old(false);
    world_settle();
    EXPECT(call->end == ENDED_BY_FAILURE && call->status == WIRE_UNAVAILABLE);
    EXPECT(next_sequence() == before);
    world_close();
}
END_TEST

/* The receipt was in memory when the database was asked for others, and is indexed by now. */
START_TEST(a_segment_moves_while_the_database_is_asked)
{
    begin();
    world_do(movement("B-1", 5));
    fill_segment();
    struct wire_call *call = world_send(movement("B-1", 5));
    world_turn(0);
    EXPECT(world.open_questions == 1);
    world_answer_old(true);
    flow_store_handlers.on_indexed_segment(
        world.flow, &(struct indexed_segment){.first_sequence = 1,
                        .last_sequence = SEGMENT,
                        .min_business_date = TEST_DATE - 100,
                        .max_business_date = TEST_DATE - 100});
    world_turn(0);
    EXPECT(call->end == NOT_ENDED);
    answer_all();
    EXPECT(world_outcome(call) == OUTCOME_BANK_REFERENCE_USED);
    world_close();
}
END_TEST

/* The reversal is in memory, or was written behind with the receipt's segment. */
START_TEST(a_reversal_frees_it)
{
    begin();
    int64_t first = next_sequence();
    world_do(movement("B-1", 5));
    world_do(make_reverse(LEDGER, first));
    int64_t second = next_sequence();
    world_do(movement("B-1", 6));
    struct wire_call *third = world_send(movement("B-1", 7));
    world_settle();
    expect_used(third, second);
    fill_segment();
    struct wire_call *fourth = world_send(movement("B-1", 7));
    world_turn(0);
    answer_all();
    expect_used(fourth, second);
    struct wire_call *reversal = world_send(make_reverse(LEDGER, second));
    world_turn(0);
    answer_all();
    expect_booked(reversal);
    int64_t fifth_sequence = next_sequence();
    struct wire_call *fifth = world_send(movement("B-1", 8));
    world_turn(0);
    answer_all();
    expect_booked(fifth);
    struct wire_call *sixth = world_send(movement("B-1", 9));
    world_turn(0);
    answer_all();
    expect_used(sixth, fifth_sequence);
    EXPECT(available(PAYER) == 8);
    world_close();
}
END_TEST

START_TEST(an_item_takes_it_from_the_next)
{
    enum outcome outcomes[4];
    begin();
    const struct command items[] = {movement("B-1", 5), movement("B-2", 5), movement("B-1 ", 5)};
    struct wire_call *call = world_send_batch(items, 3, false);
    world_settle();
    EXPECT(world_outcomes(call, outcomes, 3) == 3);
    EXPECT(outcomes[0] == OUTCOME_ACCEPTED && outcomes[1] == OUTCOME_ACCEPTED);
    EXPECT(outcomes[2] == OUTCOME_BANK_REFERENCE_USED && available(PAYER) == 10);
    world_close();
}
END_TEST

START_TEST(an_atomic_batch_has_it_once)
{
    enum outcome outcomes[4];
    begin();
    const struct command items[] = {movement("B-1", 5), movement("B-2", 5), movement("B-1 ", 5)};
    struct wire_call *call = world_send_batch(items, 3, true);
    world_settle();
    EXPECT(world_outcomes(call, outcomes, 3) == 3);
    EXPECT(outcomes[0] == OUTCOME_BATCH_ABORTED && outcomes[1] == OUTCOME_BATCH_ABORTED);
    EXPECT(outcomes[2] == OUTCOME_BANK_REFERENCE_USED && available(PAYER) == 0);
    /* What was only tried is forgotten, and what was aborted has booked nothing. */
    int64_t first = next_sequence();
    call = world_send_batch(items, 2, true);
    world_settle();
    EXPECT(world_outcomes(call, outcomes, 3) == 2);
    EXPECT(outcomes[0] == OUTCOME_ACCEPTED && outcomes[1] == OUTCOME_ACCEPTED);
    /* One that was booked before, and that is on record. */
    const struct command late[] = {movement("B-3", 5), movement("B-1", 5)};
    int64_t refused = next_sequence() + 1;
    call = world_send_batch(late, 2, true);
    world_settle();
    EXPECT(world_outcomes(call, outcomes, 3) == 2);
    EXPECT(outcomes[1] == OUTCOME_BANK_REFERENCE_USED);
    const struct command_record *record = recent_find_sequence(world.flow->recent, refused);
    EXPECT(record->outcome == OUTCOME_BANK_REFERENCE_USED);
    EXPECT(command_body_limit(COMMAND_BOOK_RECEIPT, record->body, record->body_length) == first);
    EXPECT(available(PAYER) == 10);
    world_close();
}
END_TEST

/* In one atomic batch the receipt is taken back and booked again. */
START_TEST(an_atomic_batch_books_it_anew)
{
    enum outcome outcomes[4];
    begin();
    int64_t first = next_sequence();
    world_do(movement("B-1", 5));
    fill_segment();
    const struct command items[] = {
        make_reverse(LEDGER, first), movement("B-1", 6), movement("B-4", 7)};
    struct wire_call *call = world_send_batch(items, 3, true);
    world_turn(0);
    for (int i = 0; i < 4; i++)
        answer_all();
    EXPECT(world_outcomes(call, outcomes, 3) == 3);
    EXPECT(outcomes[0] == OUTCOME_ACCEPTED && outcomes[1] == OUTCOME_ACCEPTED);
    EXPECT(outcomes[2] == OUTCOME_ACCEPTED && available(PAYER) == 13);
    world_close();
}
END_TEST

START_TEST(a_dry_run_takes_nothing)
{
    begin();
    struct command dry = movement("B-1", 5);
    dry.dry_run = true;
    struct wire_call *one = world_send(dry);
    struct wire_call *two = world_send(dry);
    world_settle();
    expect_booked(one);
    expect_booked(two);
    int64_t first = next_sequence();
    world_do(movement("B-1", 5));
    struct wire_call *three = world_send(dry);
    world_settle();
    expect_used(three, first);
    EXPECT(world_is_dry(three) && available(PAYER) == 5);
    world_close();
}
END_TEST

START_TEST(a_start_knows_it)
{
    begin();
    fill_segment();
    int64_t first = next_sequence();
    world_do(movement("B-1", 5));
    struct wire_call *refused = world_send(movement("B-1", 5));
    world_settle();
    expect_used(refused, first);
    world_turn(21 * SECOND);
    world_settle();
    world_restart();
    struct wire_call *again = world_send(movement(" B-1", 5));
    struct wire_call *new = world_send(movement("B-2", 5));
    world_settle();
    expect_used(again, first);
    expect_booked(new);
    world_close();
}
END_TEST

/* Both who propose it and who approve it are bound; it is asked for when it is approved. */
START_TEST(a_proposal_is_no_way_around)
{
    const int64_t far_ahead_us = INT64_C(4000000000000000);
    begin();
    const struct command inside = movement("B-1", 5);
    int64_t one = world_do(make_proposal(LEDGER, &inside, far_ahead_us));
    int64_t two = world_do(make_proposal(LEDGER, &inside, far_ahead_us));
    int64_t first = next_sequence();
    struct wire_call *call = world_send(command_by("second", make_approval(LEDGER, one)));
    world_settle();
    expect_booked(call);
    fill_segment();
    call = world_send(command_by("second", make_approval(LEDGER, two)));
    world_turn(0);
    EXPECT(call->end == NOT_ENDED);
    for (int i = 0; i < 3; i++)
        answer_all();
    expect_used(call, first);
    EXPECT(available(PAYER) == 5);
    world_close();
}
END_TEST

Suite *references_suite(void)
{
    TCase *cases = tcase_create("references");
    tcase_add_test(cases, of_two_in_one_turn_the_first_is_booked);
    tcase_add_test(cases, another_ledger_has_its_own);
    tcase_add_test(cases, what_is_indexed_is_looked_up);
    tcase_add_test(cases, a_segment_without_a_filter_is_asked);
    tcase_add_test(cases, without_an_answer_nothing_is_decided);
    tcase_add_test(cases, a_segment_moves_while_the_database_is_asked);
    tcase_add_test(cases, a_reversal_frees_it);
    tcase_add_test(cases, an_item_takes_it_from_the_next);
    tcase_add_test(cases, an_atomic_batch_has_it_once);
    tcase_add_test(cases, an_atomic_batch_books_it_anew);
    tcase_add_test(cases, a_dry_run_takes_nothing);
    tcase_add_test(cases, a_start_knows_it);
    tcase_add_test(cases, a_proposal_is_no_way_around);
    Suite *suite = suite_create("references");
    suite_add_tcase(suite, cases);
    return suite;
}
