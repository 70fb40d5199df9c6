/* test_lookups.c: keys and commands that memory does not have any more are asked of the database
 * before anything is decided, and asked again when they may have moved there meanwhile.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "world.h"

#include "engine/commands.h"
#include "support/expect.h"

#include <stdio.h>

enum { LEDGER = 1, PAYER = 7, PAYEE = 8 };
/* Questions of one call that are asked at a time. */
enum { ASKED = 16 };
#define ORDER "order of old"

static int64_t next_sequence(void)
{
    return journal_next_sequence(world.flow->journal);
}

static int64_t available(int64_t account)
{
    return engine_find_account(world.flow->engine, account)->balance_minor[BUCKET_AVAILABLE];
}

static int64_t old_payment; /* its sequence number */

static struct command the_payment(int64_t amount)
{
    struct command payment = make_pay(LEDGER, PAYER, PAYEE, amount, 0);
    payment.pay.order_number = text_of(ORDER);
    return payment;
}

static void fill_segment(void)
{
    int64_t end = (next_sequence() + SEGMENT - 2) / SEGMENT * SEGMENT;
    while (next_sequence() <= end)
        world_do(make_receipt(LEDGER, PAYER, 1));
}

/* A payment of 40 with the key OLD in an indexed segment. */
static void begin(void)
{
    world_open();
    world_do(make_open_ledger("1000", TEST_DATE, 0));
    world_do(make_open_member(LEDGER, "owner"));
    EXPECT(world_do(make_open_account(LEDGER, 1)) == PAYER);
    EXPECT(world_do(make_open_account(LEDGER, 1)) == PAYEE);
    world_do(make_receipt(LEDGER, PAYER, 100));
    old_payment = next_sequence();
    struct wire_call *call = world_send_as("OLD", the_payment(40));
    world_settle();
    EXPECT(world_outcome(call) == OUTCOME_ACCEPTED);
    fill_segment();
    EXPECT(recent_first_sequence(world.flow->recent) > old_payment);
    EXPECT(world.open_questions == 0);
}

static void expect_undecided(const struct wire_call *call, int64_t before)
{
    EXPECT(call->end == ENDED_BY_FAILURE && call->status == WIRE_UNAVAILABLE);
    ck_assert_str_eq(call->reason, "DATABASE_UNAVAILABLE");
    EXPECT(call->retry_after_us == SECOND);
    EXPECT(next_sequence() == before);
}

/* ---- keys ---- */

START_TEST(an_old_key_is_replayed)
{
    begin();
    int64_t before = next_sequence();
    struct wire_call *again = world_send_as("OLD", the_payment(40));
    struct wire_call *other = world_send_as("OLD", the_payment(41));
    struct wire_call *another_kind = world_send_as("OLD", make_receipt(LEDGER, PAYER, 40));
    world_turn(0);
    EXPECT(world.open_questions == 3);
    EXPECT(again->end == NOT_ENDED);
    world_answer_old(true);
    world_settle();
    EXPECT(world_outcome(again) == OUTCOME_ACCEPTED && world_is_replay(again));
    EXPECT(world_outcome(other) == OUTCOME_KEY_CONFLICT);
    EXPECT(world_outcome(another_kind) == OUTCOME_KEY_CONFLICT);
    EXPECT(next_sequence() == before && available(PAYEE) == 40);
    world_close();
}
END_TEST

/* The filter is not sure, the database is. The others do not wait for it. */
START_TEST(a_key_that_was_not_there_is_decided)
{
    begin();
    int64_t before = next_sequence();
    struct wire_call *call = NULL;
    char serial[16];
    /* One in so many has the bits of others. */
    for (int i = 0; world.open_questions == 0 && i < 60; i++) {
        snprintf(serial, sizeof serial, "try-%d", i);
        flow_store_handlers.on_indexed_segment(
            world.flow, &(struct indexed_segment){.first_sequence = 1,
                            .last_sequence = SEGMENT,
                            .min_business_date = TEST_DATE,
                            .max_business_date = TEST_DATE});
        call = world_send_as(serial, the_payment(1));
        world_turn(0);
    }
    EXPECT(world.open_questions == 1 && call->end == NOT_ENDED);
    EXPECT(next_sequence() == before);
    world_answer_old(true);
    world_settle();
    EXPECT(world_outcome(call) == OUTCOME_ACCEPTED && !world_is_replay(call));
    EXPECT(next_sequence() == before + 1 && available(PAYEE) == 41);
    world_close();
}
END_TEST

START_TEST(without_an_answer_nothing_is_decided)
{
    begin();
    int64_t before = next_sequence();
    struct wire_call *call = world_send_as("OLD", the_payment(40));
    world_turn(0);
    world_answer_old(false);
    world_settle();
    expect_undecided(call, before);
    world_close();
}
END_TEST

/* A key that was in memory when the question was answered may be in the database only by now. */
START_TEST(a_segment_moves_while_the_database_is_asked)
{
    begin();
    struct wire_call *call = world_send_as("OLD", the_payment(40));
    world_turn(0);
    EXPECT(world.open_questions == 1);
    world_answer_old(true);
    flow_store_handlers.on_indexed_segment(
        world.flow, &(struct indexed_segment){.first_sequence = 1,
                        .last_sequence = SEGMENT,
                        .min_business_date = TEST_DATE,
                        .max_business_date = TEST_DATE});
    world_turn(0);
    EXPECT(call->end == NOT_ENDED && world.open_questions == 1);
    world_answer_old(true);
    world_settle();
    EXPECT(world_outcome(call) == OUTCOME_ACCEPTED && world_is_replay(call));
    world_close();
}
END_TEST

/* Of a batch a few are asked at a time, and each gets its answer. */
START_TEST(a_batch_of_old_keys)
{
    struct command commands[3 * ASKED];
    enum outcome outcomes[3 * ASKED];
    begin();
    for (uint32_t i = 0; i < 3 * ASKED; i++)
        commands[i] = the_payment(1);
    commands[ASKED + 3] = the_payment(40);
    memcpy(commands[ASKED + 3].key.serial, "OLD", 3);
    commands[ASKED + 3].key.serial_length = 3;
    flow_store_handlers.on_indexed_segment(
        world.flow, &(struct indexed_segment){.first_sequence = 1,
                        .last_sequence = SEGMENT,
                        .min_business_date = TEST_DATE,
                        .max_business_date = TEST_DATE});
    int64_t before = next_sequence();
    struct wire_call *call = world_send_batch(commands, 3 * ASKED, false);
    world_turn(0);
    uint32_t rounds = 0;
    while (world.open_questions > 0) {
        EXPECT(world.open_questions <= ASKED);
        world_answer_old(true);
        rounds++;
    }
    EXPECT(rounds == 3 && next_sequence() == before);
    world_settle();
    EXPECT(world_outcomes(call, outcomes, 3 * ASKED) == 3 * ASKED);
    for (uint32_t i = 0; i < 3 * ASKED; i++)
        EXPECT(outcomes[i] == OUTCOME_ACCEPTED);
    EXPECT(next_sequence() == before + 3 * ASKED - 1);
    EXPECT(available(PAYEE) == 40 + 3 * ASKED - 1);
    world_close();
}
END_TEST

/* After the first one that could not be answered no more of them are asked. */
START_TEST(a_batch_without_an_answer)
{
    struct command commands[2 * ASKED];
    begin();
    for (uint32_t i = 0; i < 2 * ASKED; i++)
        commands[i] = the_payment(1);
    flow_store_handlers.on_indexed_segment(
        world.flow, &(struct indexed_segment){.first_sequence = 1,
                        .last_sequence = SEGMENT,
                        .min_business_date = TEST_DATE,
                        .max_business_date = TEST_DATE});
    int64_t before = next_sequence();
    struct wire_call *call = world_send_batch(commands, 2 * ASKED, false);
    world_turn(0);
    EXPECT(world.open_questions == ASKED);
    EXPECT(world.flow->calls_asked == 1 && world.flow->weight_asked > 0);
    world_answer_old(false);
    EXPECT(world.open_questions == 0);
    EXPECT(world.flow->calls_asked == 0 && world.flow->weight_asked == 0);
    world_settle();
    expect_undecided(call, before);
    world_close();
}
END_TEST

/* It left the line and comes back into it; the next of its source comes behind it. */
START_TEST(a_call_comes_back_into_an_empty_line)
{
    begin();
    world.source = 1;
    struct wire_call *again = world_send_as("OLD", the_payment(40));
    world_turn(0);
    EXPECT(world.open_questions == 1);
    world.source = 2;
    struct wire_call *other = world_send(make_receipt(LEDGER, PAYER, 1));
    world_answer_old(true);
    world.source = 1;
    struct wire_call *next = world_send(make_receipt(LEDGER, PAYER, 2));
    world.source = 2;
    struct wire_call *last = world_send(make_receipt(LEDGER, PAYER, 3));
    world_settle();
    EXPECT(world_is_replay(again));
    EXPECT(world_outcome(other) == OUTCOME_ACCEPTED && world_outcome(next) == OUTCOME_ACCEPTED);
    EXPECT(world_outcome(last) == OUTCOME_ACCEPTED);
    world_close();
}
END_TEST

/* ---- originals ---- */

static struct command a_refund(void)
{
    return make_refund(LEDGER, old_payment, ORDER, NULL, 0);
}

/* What was given back of it is asked for, too. */
START_TEST(an_old_payment_is_refunded)
{
    begin();
    struct wire_call *call = world_send(a_refund());
    world_turn(0);
    EXPECT(world.open_questions == 1 && world.questions[0].sequence == old_payment);
    EXPECT(world.on_records != NULL && world.asked.kind == RECORD_REFUNDED);
    EXPECT(world.asked.first_key == old_payment && world.asked.last_key == old_payment);
    EXPECT(call->end == NOT_ENDED);
    world_answer_old(true);
    world_turn(0);
    EXPECT(call->end == NOT_ENDED && available(PAYEE) == 40);
    world_answer_records(world.flow->evicted_before);
    world_settle();
    EXPECT(world_outcome(call) == OUTCOME_ACCEPTED);
    EXPECT(available(PAYEE) == 0);
    const struct command_record *record =
        recent_find_sequence(world.flow->recent, world_sequence(call));
    EXPECT(record && text_equals(record->order_number, text_of(ORDER)));
    world_close();
}
END_TEST

/* A reversal books what the old postings say, backwards. */
START_TEST(an_old_payment_is_reversed)
{
    begin();
    struct wire_call *call = world_send(make_reverse(LEDGER, old_payment));
    world_turn(0);
    EXPECT(world.open_questions == 1 && world.questions[0].sequence == old_payment);
    world_answer_old(true);
    world_answer_records(world.flow->evicted_before);
    int64_t had = available(PAYER);
    world_settle();
    EXPECT(world_outcome(call) == OUTCOME_ACCEPTED);
    EXPECT(available(PAYEE) == 0 && available(PAYER) == had + 40);
    world_close();
}
END_TEST

/* What a proposal holds is brought in when it is approved, with what that names. */
START_TEST(an_old_payment_is_refunded_by_two)
{
    const int64_t far_ahead_us = INT64_C(4000000000000000);
    const struct command refund = make_refund(LEDGER, 6, ORDER, NULL, 0);
    begin();
    EXPECT(old_payment == 6);
    int64_t proposal_id = world_do(make_proposal(LEDGER, &refund, far_ahead_us));
    EXPECT(available(PAYEE) == 40);
    struct command approval = command_by("second", make_approval(LEDGER, proposal_id));
    struct wire_call *call = world_send_as("A", approval);
    for (int turn = 0; turn < 4; turn++) {
        world_turn(0);
        EXPECT(turn > 0 || world.questions[0].sequence == old_payment);
        if (world.open_questions > 0)
            world_answer_old(true);
        if (world.on_records)
            world_answer_records(world.flow->evicted_before);
    }
    world_settle();
    EXPECT(world_outcome(call) == OUTCOME_ACCEPTED && available(PAYEE) == 0);
    int64_t before = next_sequence();
    struct wire_call *again = world_send_as("A", approval);
    world_settle();
    EXPECT(world_outcome(again) == OUTCOME_ACCEPTED && world_is_replay(again));
    EXPECT(next_sequence() == before);
    world_close();
}
END_TEST

START_TEST(an_old_payment_cannot_be_read)
{
    begin();
    int64_t before = next_sequence();
    struct wire_call *call = world_send(a_refund());
    world_turn(0);
    world_answer_records(world.flow->evicted_before);
    world_answer_old(false);
    world_settle();
    expect_undecided(call, before);
    world_close();
}
END_TEST

START_TEST(a_recent_payment_is_not_asked_for)
{
    begin();
    old_payment = next_sequence();
    world_do(the_payment(5));
    struct wire_call *call = world_send(a_refund());
    old_payment = next_sequence() + 7;
    struct wire_call *ahead = world_send(a_refund());
    world_settle();
    EXPECT(world.open_questions == 0 && world.on_records == NULL);
    EXPECT(world_outcome(call) == OUTCOME_ACCEPTED);
    EXPECT(world_outcome(ahead) == OUTCOME_ORIGINAL_NOT_FOUND);
    EXPECT(available(PAYEE) == 40);
    world_close();
}
END_TEST

Suite *lookups_suite(void)
{
    TCase *cases = tcase_create("lookups");
    tcase_add_test(cases, an_old_key_is_replayed);
    tcase_add_test(cases, a_key_that_was_not_there_is_decided);
    tcase_add_test(cases, without_an_answer_nothing_is_decided);
    tcase_add_test(cases, a_segment_moves_while_the_database_is_asked);
    tcase_add_test(cases, a_batch_of_old_keys);
    tcase_add_test(cases, a_batch_without_an_answer);
    tcase_add_test(cases, a_call_comes_back_into_an_empty_line);
    tcase_add_test(cases, an_old_payment_is_refunded);
    tcase_add_test(cases, an_old_payment_is_reversed);
    tcase_add_test(cases, an_old_payment_is_refunded_by_two);
    tcase_add_test(cases, an_old_payment_cannot_be_read);
    tcase_add_test(cases, a_recent_payment_is_not_asked_for);
    Suite *suite = suite_create("lookups");
    suite_add_tcase(suite, cases);
    return suite;
}
