/* test_batches.c: batches of commands, and what the service does by itself.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "world.h"

#include "engine/commands.h"
#include "support/expect.h"

#include <string.h>

enum { LEDGER = 1, PAYER = 7, PAYEE = 8 };

static int64_t next_sequence(void)
{
    return journal_next_sequence(world.flow->journal);
}

static int64_t available(int64_t account)
{
    return engine_find_account(world.flow->engine, account)->balance_minor[BUCKET_AVAILABLE];
}

static struct command pay(int64_t amount)
{
    return make_pay(LEDGER, PAYER, PAYEE, amount, 0);
}

static void begin(void)
{
    world_open();
    world_do(make_open_ledger("1000", TEST_DATE, 0));
    world_do(make_open_member(LEDGER, "owner"));
    EXPECT(world_do(make_open_account(LEDGER, 1)) == PAYER);
    EXPECT(world_do(make_open_account(LEDGER, 1)) == PAYEE);
    world_do(make_receipt(LEDGER, PAYER, 100));
}

/* Whatever comes of one, the others are decided. */
START_TEST(a_batch_is_decided_one_by_one)
{
    enum outcome outcomes[3];
    begin();
    int64_t before = next_sequence();
    const struct command commands[] = {pay(60), pay(41), pay(40)};
    struct wire_call *call = world_send_batch(commands, 3, false);
    world_turn(0);
    EXPECT(call->end == NOT_ENDED);
    world_settle();
    EXPECT(world_outcomes(call, outcomes, 3) == 3);
    EXPECT(outcomes[0] == OUTCOME_ACCEPTED && outcomes[2] == OUTCOME_ACCEPTED);
    EXPECT(outcomes[1] == OUTCOME_INSUFFICIENT_AVAILABLE);
    EXPECT(available(PAYEE) == 100 && next_sequence() == before + 3);
    world_close();
}
END_TEST

/* All or none; a refusal is on record with what it aborted. */
START_TEST(an_atomic_batch_happens_or_not)
{
    enum outcome outcomes[3];
    begin();
    int64_t before = next_sequence();
    const struct command commands[] = {pay(60), pay(41), pay(40)};
    struct wire_call *call = world_send_batch(commands, 3, true);
    world_settle();
    EXPECT(world_outcomes(call, outcomes, 3) == 3);
    EXPECT(outcomes[0] == OUTCOME_BATCH_ABORTED && outcomes[2] == OUTCOME_BATCH_ABORTED);
    EXPECT(outcomes[1] == OUTCOME_INSUFFICIENT_AVAILABLE);
    EXPECT(available(PAYEE) == 0 && next_sequence() == before + 3);
    uint16_t recorded = recent_find_sequence(world.flow->recent, before + 1)->outcome;
    EXPECT(recorded == OUTCOME_INSUFFICIENT_AVAILABLE);

    const struct command others[] = {pay(60), pay(40)};
    call = world_send_batch(others, 2, true);
    world_settle();
    EXPECT(world_outcomes(call, outcomes, 3) == 2);
    EXPECT(outcomes[0] == OUTCOME_ACCEPTED && outcomes[1] == OUTCOME_ACCEPTED);
    EXPECT(available(PAYEE) == 100 && next_sequence() == before + 5);
    world_close();
}
END_TEST

/* The first refusal is the answer; whatever comes behind it is not looked at. */
START_TEST(an_atomic_batch_ends_at_the_first_refusal)
{
    enum outcome outcomes[4];
    begin();
    const struct command commands[] = {
        pay(60), pay(41), make_pay(LEDGER, PAYER, 999, 1, 0), pay(1)};
    struct wire_call *call = world_send_batch(commands, 4, true);
    world_settle();
    EXPECT(world_outcomes(call, outcomes, 4) == 4);
    EXPECT(outcomes[1] == OUTCOME_INSUFFICIENT_AVAILABLE);
    EXPECT(outcomes[0] == OUTCOME_BATCH_ABORTED && outcomes[2] == OUTCOME_BATCH_ABORTED);
    EXPECT(outcomes[3] == OUTCOME_BATCH_ABORTED && available(PAYEE) == 0);
    world_close();
}
END_TEST

/* What is refused for its key leaves no record at all, and neither does the batch around it. */
START_TEST(a_wrong_key_leaves_no_record)
{
    enum outcome outcomes[2];
    begin();
    int64_t before = next_sequence();
    const struct command commands[] = {pay(1), command_on(TEST_DATE + 2, pay(1))};
    struct wire_call *call = world_send_batch(commands, 2, true);
    world_settle();
    EXPECT(world_outcomes(call, outcomes, 2) == 2);
    EXPECT(outcomes[0] == OUTCOME_BATCH_ABORTED && outcomes[1] == OUTCOME_BUSINESS_DATE_AHEAD);
    EXPECT(available(PAYEE) == 0 && next_sequence() == before);
    world_close();
}
END_TEST

/* What does not fit into the segments that exist waits as a whole, and the next one behind it. */
START_TEST(a_batch_waits_for_room)
{
    enum outcome outcomes[SEGMENT];
    begin();
    world.segments_end = SEGMENT;
    int64_t before = next_sequence();
    struct command commands[SEGMENT];
    for (int i = 0; i < SEGMENT; i++)
        commands[i] = pay(1);
    struct wire_call *large = world_send_batch(commands, SEGMENT, false);
    struct wire_call *small = world_send(pay(1));
    world_settle();
    EXPECT(large->end == NOT_ENDED && small->end == NOT_ENDED && next_sequence() == before);
    world.segments_end = 2 * SEGMENT;
    world_settle();
    EXPECT(world_outcomes(large, outcomes, SEGMENT) == SEGMENT);
    EXPECT(world_outcome(small) == OUTCOME_ACCEPTED);
    EXPECT(available(PAYEE) == SEGMENT + 1);
    world_close();
}
END_TEST

/* Reads behind a command that waits for a segment are answered, in their order; of the commands
 * behind it those end that nobody waits for any more, and the others keep their order. */
START_TEST(reads_do_not_wait_for_room)
{
    static const char get_account[] = "/vsl.v1.AccountService/GetAccount";
    begin();
    world.segments_end = SEGMENT;
    while (next_sequence() <= SEGMENT)
        world_do(make_receipt(LEDGER, PAYER, 1));
    int64_t had = available(PAYER);
    struct wire_call *all = world_send(pay(had));
    struct wire_call *first_read = world_read(get_account, LEDGER, PAYER);
    struct wire_call *late = world_send(pay(1));
    struct wire_call *none_left = world_send(pay(2));
    struct wire_call *second_read = world_read(get_account, LEDGER, PAYER);
    late->deadline_us = world.monotonic_us + SECOND;
    world_settle();
    EXPECT(first_read->end == ENDED_BY_REPLY && second_read->end == ENDED_BY_REPLY);
    EXPECT(all->end == NOT_ENDED && late->end == NOT_ENDED && none_left->end == NOT_ENDED);
    world_turn(SECOND);
    EXPECT(late->end == ENDED_BY_FAILURE && late->status == WIRE_DEADLINE_EXCEEDED);
    EXPECT(all->end == NOT_ENDED && none_left->end == NOT_ENDED);
    EXPECT(next_sequence() == SEGMENT + 1);
    world.segments_end = 2 * SEGMENT;
    world_settle();
    EXPECT(world_outcome(all) == OUTCOME_ACCEPTED);
    EXPECT(world_outcome(none_left) == OUTCOME_INSUFFICIENT_AVAILABLE);
    EXPECT(available(PAYEE) == had);
    world_close();
}
END_TEST

/* When commands could not go out for so long, new ones are refused. */
START_TEST(no_room_for_long_is_said)
{
    begin();
    world.segments_end = SEGMENT;
    while (next_sequence() <= SEGMENT)
        world_do(make_receipt(LEDGER, PAYER, 1));
    struct wire_call *waiting = world_send(pay(1));
    for (int64_t us = 0; us <= DATABASE_TIMEOUT_US; us += SECOND) {
        EXPECT(world.is_name_healthy);
        world_turn(us > 0 ? SECOND : 0);
        world_settle();
    }
    world_turn(1);
    EXPECT(!world.is_name_healthy && world.is_healthy);
    struct wire_call *refused = world_send(pay(1));
    EXPECT(refused->end == ENDED_BY_FAILURE && refused->status == WIRE_UNAVAILABLE);
    world.segments_end = 2 * SEGMENT;
    world_settle();
    EXPECT(world.is_name_healthy && world_outcome(waiting) == OUTCOME_ACCEPTED);
    world_close();
}
END_TEST

/* So it is when the store cannot send batches. */
START_TEST(a_store_in_doubt_for_long_is_said)
{
    begin();
    world_turn(SECOND);
    world_settle();
    world.is_settled = false;
    for (int i = 0; i < 5; i++) {
        world_turn(SECOND);
        world_settle();
        EXPECT(world.is_name_healthy);
    }
    world_turn(1);
    EXPECT(!world.is_name_healthy && world.is_healthy);
    struct wire_call *refused = world_send(pay(1));
    EXPECT(refused->end == ENDED_BY_FAILURE && refused->status == WIRE_UNAVAILABLE);
    ck_assert_str_eq(refused->reason, "DATABASE_UNAVAILABLE");
    world.is_settled = true;
    world_turn(0);
    EXPECT(world.is_name_healthy);
    world_settle();
    world_close();
}
END_TEST

/* ---- time ---- */

/* Before a turn takes what clients sent it ends what is due, at the very microsecond. */
START_TEST(what_is_due_ends_first)
{
    begin();
    int64_t due_us = world.wall_us + SECOND;
    EXPECT(world_do(make_place_hold(LEDGER, PAYER, 30, "H", due_us)) == 1);
    int64_t before = next_sequence();
    world_turn(SECOND - 1);
    EXPECT(next_sequence() == before && available(PAYER) == 70);
    struct wire_call *call = world_send(pay(100));
    world_turn(1);
    EXPECT(next_sequence() == before + 2);
    const struct command_record *record = recent_find_sequence(world.flow->recent, before);
    EXPECT(record->kind == COMMAND_EXPIRE && record->recorded_us == due_us);
    EXPECT(record->key.channel_length == 3 && memcmp(record->key.channel, "vsl", 3) == 0);
    EXPECT(record->key.serial_length == 6 && memcmp(record->key.serial, "hold-1", 6) == 0);
    world_settle();
    EXPECT(world_outcome(call) == OUTCOME_ACCEPTED);
    world_close();
}
END_TEST

/* The notice of a claim and its end come on one accounting date where no day is cut meanwhile, and
 * a continuation is told anew: each under a key of its own, or the journal could not be indexed. */
START_TEST(what_is_told_before_its_end_has_two_keys)
{
    const int64_t day_us = 86400 * SECOND;
    begin();
    struct command place = make_place_claim(LEDGER, PAYER, 0, 30);
    int32_t today = (int32_t)(world.wall_us / day_us);
    int64_t claim = world_do(claim_by(AUTHORITY_COURT, GROUND_ORDINARY, "C-1", today + 20, place));
    world_do(make_give_feedback(LEDGER, 1, "C-1"));
    const int64_t waits_us[] = {16 * day_us, 20 * day_us, 10 * day_us};
    struct request_key keys[3];
    for (int i = 0; i < 3; i++) {
        int64_t before = next_sequence();
        world_turn(waits_us[i]);
        world_settle();
        EXPECT_MSG(next_sequence() == before + 1, "round %d", i);
        const struct command_record *record = recent_find_sequence(world.flow->recent, before);
        EXPECT(record->kind == COMMAND_EXPIRE && record->outcome == OUTCOME_ACCEPTED);
        keys[i] = record->key;
        for (int k = 0; k < i; k++)
            EXPECT_MSG(keys[k].business_date == keys[i].business_date &&
                           (keys[k].serial_length != keys[i].serial_length ||
                               memcmp(keys[k].serial, keys[i].serial, keys[i].serial_length) != 0),
                "round %d has the key of %d", i, k);
        if (i == 0) {
            world_do(make_continue_claim(LEDGER, claim, "C-1", today + 40));
            world_do(make_give_feedback(LEDGER, 2, "C-1"));
        }
    }
    EXPECT(memcmp(keys[2].serial, "claim-1", keys[2].serial_length) == 0);
    world_close();
}
END_TEST

/* A server that stops is not held up. */
START_TEST(nothing_expires_while_it_stops)
{
    begin();
    EXPECT(world_do(make_place_hold(LEDGER, PAYER, 30, "H", world.wall_us + SECOND)) == 1);
    int64_t before = next_sequence();
    flow_stop(world.flow);
    world_turn(2 * SECOND);
    EXPECT(next_sequence() == before);
    world_settle();
    world_close();
}
END_TEST

/* ---- state behind the journal ---- */

/* Images are taken when the oldest change is old enough, and written when they are durable. */
START_TEST(state_is_written_behind)
{
    begin();
    world.is_writing_slow = true;
    world_do(make_receipt(LEDGER, PAYER, 5));
    world_turn(20 * SECOND);
    world_settle();
    EXPECT(!world.is_writing && world.row_count == 0);
    struct wire_call *call = world_send(make_receipt(LEDGER, PAYER, 6));
    world_turn(1);
    EXPECT(world.batch != NULL && !world.is_writing);
    int64_t last = next_sequence();
    world_batch_is_durable();
    world_turn(0);
    EXPECT(world.is_writing && world.row_count > 0);
    EXPECT(world.writing_redo == last);
    const struct image *row = &world.rows[world.row_count - 1];
    EXPECT(row->kind == RECORD_ACCOUNT || row->kind == RECORD_LEDGER || row->kind == RECORD_MEMBER);
    for (uint32_t i = 0; i < world.row_count; i++) {
        if (world.rows[i].kind == RECORD_ACCOUNT && world.rows[i].account.id == PAYER)
            EXPECT(world.rows[i].account.balance_minor[BUCKET_AVAILABLE] == 111);
    }
    /* The next ones wait for these. */
    uint32_t rows = world.row_count;
    world_do(make_receipt(LEDGER, PAYER, 7));
    world_turn(20 * SECOND + 1);
    world_settle();
    EXPECT(world.row_count == rows && world.is_writing);
    world_state_is_written();
    EXPECT(world_outcome(call) == OUTCOME_ACCEPTED && world.redo == last);
    world.is_writing_slow = false;
    world_settle();
    EXPECT(world.row_count > rows && world.redo == next_sequence());
    world_close();
}
END_TEST

Suite *batches_suite(void)
{
    TCase *cases = tcase_create("batches");
    tcase_add_test(cases, a_batch_is_decided_one_by_one);
    tcase_add_test(cases, an_atomic_batch_happens_or_not);
    tcase_add_test(cases, an_atomic_batch_ends_at_the_first_refusal);
    tcase_add_test(cases, a_wrong_key_leaves_no_record);
    tcase_add_test(cases, a_batch_waits_for_room);
    tcase_add_test(cases, reads_do_not_wait_for_room);
    tcase_add_test(cases, no_room_for_long_is_said);
    tcase_add_test(cases, a_store_in_doubt_for_long_is_said);
    tcase_add_test(cases, what_is_due_ends_first);
    tcase_add_test(cases, what_is_told_before_its_end_has_two_keys);
    tcase_add_test(cases, nothing_expires_while_it_stops);
    tcase_add_test(cases, state_is_written_behind);
    Suite *suite = suite_create("batches");
    suite_add_tcase(suite, cases);
    return suite;
}
