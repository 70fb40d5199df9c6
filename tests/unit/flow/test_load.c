/* test_load.c: what a start believes of the rows it is brought, and how it ends when it cannot.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "world.h"

#include "engine/commands.h"
#include "support/expect.h"

enum { LEDGER = 1, PAYER = 7, PAYEE = 8 };

static int64_t available(int64_t account)
{
    return engine_find_account(world.flow->engine, account)->balance_minor[BUCKET_AVAILABLE];
}

/* Neither connection string is shown: there may be a password in it. */
START_TEST(what_is_no_database_is_refused)
{
    static const struct {
        const char *conninfo, *name;
    } cases[] = {{"url", "database.url "}, {"read_url", "database.read_url "}};
    char error[200] = "";
    world_begin();
    world.wrong_conninfo = cases[_i].conninfo;
    EXPECT(world_try_open(error, sizeof error) == -1);
    EXPECT_MSG(strncmp(error, cases[_i].name, strlen(cases[_i].name)) == 0, "%s", error);
    EXPECT(world.open_parts == 0);
}
END_TEST

START_TEST(a_stop_while_loading_is_at_once)
{
    world_open_unloaded();
    flow_stop(world.flow);
    EXPECT(world.is_ended && world.end == FLOW_STOPPED && !world.is_serving);
    world_close();
}
END_TEST

/* One row that cannot be right is enough to say so and to serve nobody. */
START_TEST(a_posting_of_no_account_ends_the_start)
{
    const struct posting posting = {
        .amount_minor = 5, .debit_account_id = 1, .credit_account_id = 999};
    world_open_unloaded();
    world_load_nothing();
    flow_store_handlers.on_posting(world.flow, 1, 0, &posting);
    EXPECT(!world.is_ended);
    flow_store_handlers.on_ready(world.flow);
    EXPECT(world.is_ended && world.end == FLOW_FAILED && !world.is_serving);
    world_close();
}
END_TEST

/* What is redone may go back behind what is kept of the journal: that is for the engine alone. */
START_TEST(what_is_redone_may_be_older_than_what_is_kept)
{
    const struct journal_position position = {
        .epoch = 1, .batch_number = 1, .sequence = SEGMENT + 1};
    const struct image image = {.kind = RECORD_REFUNDED,
        .refunded = {.id = 1, .ledger_id = LEDGER, .original_sequence = 1, .amount_minor = 4}};
    world_open_unloaded();
    flow_store_handlers.on_redo(world.flow, &position, SEGMENT + 1, 1);
    flow_store_handlers.on_image(world.flow, 2, &image);
    flow_store_handlers.on_image(world.flow, SEGMENT + 1, &image);
    EXPECT(engine_last_id(world.flow->engine, RECORD_REFUNDED) == 1);
    world_close();
}
END_TEST

/* Keys, places of payments and balances: what came before a restart counts after it. */
START_TEST(what_was_recorded_is_known_after_a_restart)
{
    world_open();
    world_do(make_open_ledger("1000", TEST_DATE, 0));
    world_do(make_open_member(LEDGER, "owner"));
    EXPECT(world_do(make_open_account(LEDGER, 1)) == PAYER);
    EXPECT(world_do(make_open_account(LEDGER, 1)) == PAYEE);
    world_do(make_receipt(LEDGER, PAYER, 100));
    int64_t payment = journal_next_sequence(world.flow->journal);
    struct wire_call *first = world_send_as("P", make_pay(LEDGER, PAYER, PAYEE, 30, 0));
    world_settle();
    EXPECT(world_outcome(first) == OUTCOME_ACCEPTED);
    int64_t next = journal_next_sequence(world.flow->journal);
    for (int restarts = 0; restarts < 2; restarts++) {
        world_restart();
        EXPECT(journal_next_sequence(world.flow->journal) == next);
        EXPECT(available(PAYER) == 70 && available(PAYEE) == 30);
        struct wire_call *again = world_send_as("P", make_pay(LEDGER, PAYER, PAYEE, 30, 0));
        struct wire_call *other = world_send_as("P", make_pay(LEDGER, PAYER, PAYEE, 31, 0));
        world_settle();
        EXPECT(world_outcome(again) == OUTCOME_ACCEPTED && world_is_replay(again));
        EXPECT(world_outcome(other) == OUTCOME_KEY_CONFLICT);
        EXPECT(world.open_questions == 0 && journal_next_sequence(world.flow->journal) == next);
    }
    world_do(make_reverse(LEDGER, payment));
    EXPECT(available(PAYER) == 100 && available(PAYEE) == 0 && world.open_questions == 0);
    world_close();
}
END_TEST

/* While one lot of state rows is being written no other is begun, however old the changes get. */
START_TEST(state_is_written_one_lot_after_the_other)
{
    world_open();
    world_do(make_open_ledger("1000", TEST_DATE, 0));
    world_do(make_open_member(LEDGER, "owner"));
    EXPECT(world_do(make_open_account(LEDGER, 1)) == PAYER);
    world.is_writing_slow = true;
    world_turn(STATE_AGE_MAX_US + 1);
    world_settle();
    EXPECT(world.is_writing);
    uint32_t rows = world.row_count;
    int64_t redo = world.redo;
    world_do(make_receipt(LEDGER, PAYER, 100));
    for (int i = 0; i < 3; i++) {
        world_turn(STATE_AGE_MAX_US + 1);
        world_settle();
    }
    EXPECT(world.is_writing && world.row_count == rows && world.redo == redo);
    world.is_writing_slow = false;
    world_settle();
    EXPECT(!world.is_writing && world.row_count > rows);
    EXPECT(world.redo == journal_next_sequence(world.flow->journal));
    world_close();
}
END_TEST

/* What a start would have to redo is bounded: beyond it commands wait for the state tables. */
START_TEST(commands_wait_for_the_state_tables)
{
    world_open();
    world_do(make_open_ledger("1000", TEST_DATE, 0));
    world_do(make_open_member(LEDGER, "owner"));
    EXPECT(world_do(make_open_account(LEDGER, 1)) == PAYER);
    int64_t redo_max = journal_next_sequence(world.flow->journal) + 3;
    world.flow->config.redo_commands_max = redo_max * 100; /* not due by how many they are */
    world.is_writing_slow = true;
    world_turn(STATE_AGE_MAX_US + 1);
    world_settle();
    EXPECT(world.is_writing);
    world.flow->config.redo_commands_max = 3;
    int64_t before = journal_next_sequence(world.flow->journal);
    struct wire_call *calls[6];
    for (int i = 0; i < 6; i++) {
        calls[i] = world_send(make_receipt(LEDGER, PAYER, 1));
        world_settle();
        EXPECT_MSG((calls[i]->end != NOT_ENDED) == (i < 3), "call %d", i);
    }
    EXPECT(journal_next_sequence(world.flow->journal) == before + 3);
    struct wire_call *read = world_read("/vsl.v1.AccountService/GetAccount", LEDGER, PAYER);
    world_settle();
    EXPECT(read->end == ENDED_BY_REPLY);
    /* Too long: the same as a database that takes none. */
    EXPECT(world.is_name_healthy);
    world_turn(DATABASE_TIMEOUT_US + 1);
    EXPECT(world.is_healthy && !world.is_name_healthy);
    struct wire_call *late = world_send(make_receipt(LEDGER, PAYER, 1));
    EXPECT(late->end == ENDED_BY_FAILURE && late->status == WIRE_UNAVAILABLE);
    world.is_writing_slow = false;
    world_settle();
    for (int i = 3; i < 6; i++)
        EXPECT(world_outcome(calls[i]) == OUTCOME_ACCEPTED);
    EXPECT(world.is_name_healthy && available(PAYER) == 6);
    world_close();
}
END_TEST

Suite *load_suite(void)
{
    TCase *cases = tcase_create("load");
    tcase_add_loop_test(cases, what_is_no_database_is_refused, 0, 2);
    tcase_add_test(cases, a_stop_while_loading_is_at_once);
    tcase_add_test(cases, a_posting_of_no_account_ends_the_start);
    tcase_add_test(cases, what_is_redone_may_be_older_than_what_is_kept);
    tcase_add_test(cases, what_was_recorded_is_known_after_a_restart);
    tcase_add_test(cases, state_is_written_one_lot_after_the_other);
    tcase_add_test(cases, commands_wait_for_the_state_tables);
    Suite *suite = suite_create("load");
    suite_add_tcase(suite, cases);
    return suite;
}
