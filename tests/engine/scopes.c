/* scopes.c: everything that was done in a scope is undone, and what is due is told without it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#include <signal.h>

static struct effects effects;

static enum outcome execute(struct engine *engine, int64_t sequence, struct command command)
{
    engine_execute(engine, STAGE_NOW_US, sequence, &command, &effects);
    return effects.outcome;
}

START_TEST(scopes_do_not_nest)
{
    struct engine *engine = engine_create();
    engine_begin(engine);
    engine_begin(engine);
}
END_TEST

START_TEST(rollback_needs_a_scope)
{
    engine_rollback(engine_create());
}
END_TEST

START_TEST(nothing_is_taken_in_a_scope)
{
    struct engine *engine = engine_create();
    struct image image;
    int64_t sequence, redo;
    engine_begin(engine);
    engine_take_changed(engine, 1, 1, 1, &image, &sequence, &redo);
}
END_TEST

START_TEST(sequence_zero_is_a_bug)
{
    execute(engine_create(), 0, make_open_ledger("1000", TEST_DATE, 0));
}
END_TEST

/* The largest scope there is: every command of it changes something, and nothing stays. */
START_TEST(a_full_scope_is_undone)
{
    struct stage *stage = stage_create();
    int64_t oldest = engine_oldest_change(stage->engine);
    for (int round = 0; round < 2; round++) {
        engine_begin(stage->engine);
        int64_t sequence = stage->sequence;
        char id[16] = "m00000";
        for (int i = 0; i < BATCH_COMMANDS_MAX / 8; i++) {
            struct engine *engine = stage->engine;
            for (int k = 5, n = i; k > 0; k--, n /= 10)
                id[k] = (char)('0' + n % 10);
            EXPECT(execute(engine, ++sequence, make_open_member(L_MAIN, id)) == OUTCOME_ACCEPTED);
            int64_t member = effects.subject_id;
            EXPECT(
                execute(engine, ++sequence, make_open_account(L_MAIN, member)) == OUTCOME_ACCEPTED);
            int64_t account = effects.subject_id;
            EXPECT(execute(engine, ++sequence, make_receipt(L_MAIN, account, 100)) ==
                   OUTCOME_ACCEPTED);
            EXPECT(execute(engine, ++sequence, make_pay(L_MAIN, account, A_POOR, 50, 1)) ==
                   OUTCOME_ACCEPTED);
            EXPECT(execute(engine, ++sequence, make_withdraw(L_MAIN, account, 49, 0, 0)) ==
                   OUTCOME_ACCEPTED);
            EXPECT(execute(engine, ++sequence,
                       make_confirm(L_MAIN, effects.subject_id, PAYOUT_RESULT_PAID)) ==
                   OUTCOME_ACCEPTED);
            EXPECT(execute(engine, ++sequence, make_close_account(L_MAIN, account)) ==
                   OUTCOME_ACCEPTED);
            EXPECT(
                execute(engine, ++sequence, make_close_member(L_MAIN, member)) == OUTCOME_ACCEPTED);
        }
        engine_rollback(stage->engine);
        expect_same_state(stage->engine, stage->model);
        EXPECT(engine_find_member_by_platform_id(stage->engine, L_MAIN, text_of(id)) == NULL);
        EXPECT(engine_oldest_change(stage->engine) == oldest);
    }
    /* Ids that were given in a scope that was undone are given again: nobody has seen them. */
    stage->sequence++;
    EXPECT(execute(stage->engine, stage->sequence, make_open_member(L_MAIN, "m00000")) ==
           OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == M_NONE);
    stage_destroy(stage);
}
END_TEST

/* Ten commands about every kind of record that payments have; their number in a scope is full. */
static void pay_in_many_ways(struct stage *stage, int64_t *sequence, int32_t round)
{
    struct engine *engine = stage->engine;
    const struct fee_tier tier = {.flat_minor = round + 1};
    EXPECT(execute(engine, ++*sequence, make_fee_rule(L_SHOP, "flat", SHOP_DATE, &tier, 1)) ==
           OUTCOME_ACCEPTED);
    EXPECT(execute(engine, ++*sequence, a_hold("scope", B_PAYER, 9, AN_HOUR_AHEAD)) ==
           OUTCOME_ACCEPTED);
    struct command confirm = a_confirm("scope", B_PAYER, 0, TO({B_DEBTOR, 5}, {B_NEXT, 4}));
    EXPECT(execute(engine, ++*sequence, next_date(confirm)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, ++*sequence, a_freeze(B_FROZEN, 2, AN_HOUR_AHEAD)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, ++*sequence, a_lift(effects.subject_id, round % 2)) == OUTCOME_ACCEPTED);
    const struct command adjust = make_adjust(L_SHOP, B_ONE, B_TWO, 1);
    EXPECT(execute(engine, ++*sequence, make_proposal(L_SHOP, &adjust, AN_HOUR_AHEAD)) ==
           OUTCOME_ACCEPTED);
    EXPECT(execute(engine, ++*sequence, by_approval(effects.subject_id, command_by("u", adjust))) ==
           OUTCOME_ACCEPTED);
    /* A refund that is advanced, and its original as the journal would have it. What is paid in the
     * next round repays the debt, so that B_EMPTY has nothing again. */
    const struct command pay = a_payment("scope", B_PAYER, TO({B_EMPTY, 1}));
    EXPECT(execute(engine, ++*sequence, pay) == OUTCOME_ACCEPTED);
    EXPECT(effects.posting_count == (round == 0 ? 1 : 2));
    const struct posting postings[] = {effects.postings[0], effects.postings[1]};
    const struct original original = {.sequence = *sequence,
        .ledger_id = L_SHOP,
        .subject_id = effects.subject_id,
        .accounting_date = effects.accounting_date,
        .outcome = OUTCOME_ACCEPTED,
        .command = &pay,
        .postings = postings,
        .posting_count = effects.posting_count};
    EXPECT(execute(engine, ++*sequence, make_fee(L_SHOP, round == 0 ? B_EMPTY : B_PAYER, 1)) ==
           OUTCOME_ACCEPTED);
    struct command refund = a_refund("scope", original.sequence, TO({B_EMPTY, 1}));
    refund.original = &original;
    EXPECT(execute(engine, ++*sequence, refund) == OUTCOME_ACCEPTED);
    EXPECT(engine_owed_minor(engine, engine_find_account(engine, B_EMPTY)) != 0);
    EXPECT(engine_find_refunded(engine, original.sequence, B_EMPTY) != NULL);
}

START_TEST(a_full_scope_of_payments_is_undone)
{
    struct stage *stage = stage_create();
    int64_t oldest = engine_oldest_change(stage->engine);
    for (int round = 0; round < 2; round++) {
        engine_begin(stage->engine);
        int64_t sequence = stage->sequence;
        for (int i = 0; i < BATCH_COMMANDS_MAX / 10; i++)
            pay_in_many_ways(stage, &sequence, i);
        int64_t last_refund = sequence - 2;
        engine_rollback(stage->engine);
        expect_same_state(stage->engine, stage->model);
        EXPECT(engine_oldest_change(stage->engine) == oldest);
        EXPECT(engine_find_refunded(stage->engine, last_refund, B_EMPTY) == NULL);
        EXPECT(engine_find_hold(stage->engine, H_NONE) == NULL);
        EXPECT(engine_find_freeze(stage->engine, Z_NONE) == NULL);
        EXPECT(engine_find_record(stage->engine, RECORD_PROPOSAL, Q_NONE) == NULL);
        EXPECT(engine_find_fee_rule(stage->engine, L_SHOP, text_of("flat"), 2) == NULL);
        EXPECT(engine_find_fee_rule(stage->engine, L_SHOP, text_of("flat"), 0)->id == R_FLAT);
    }
    /* What is due is still what was due before. */
    struct due due;
    EXPECT(engine_next_due(stage->engine, STAGE_NOW_US, &due));
    EXPECT(due.kind == EXPIRY_IDENTITY && due.id == I_DUE && due.ledger_id == L_MAIN);
    stage_destroy(stage);
}
END_TEST

/* Every identity, hold, freeze, proposal and item of the stage expires when its time is over, in
 * the order of times; what ended otherwise does not. */
START_TEST(what_is_due_comes_in_its_order)
{
    /* Its last day was the one before, in China; the other one's notice is of the same moment. */
    static const int64_t midnight_us = TEST_DATE * 24 * HOUR_US - 8 * HOUR_US;
    static const struct due expected[] = {
        {TEST_DATE * 24 * HOUR_US - 8 * HOUR_US, L_MAIN, I_DUE, EXPIRY_IDENTITY},
        {TEST_DATE * 24 * HOUR_US - 8 * HOUR_US, L_MAIN, I_SOON, EXPIRY_IDENTITY},
        {STAGE_NOW_US - HOUR_US, L_SHOP, H_DUE_FIRST, EXPIRY_HOLD},
        {STAGE_NOW_US - HOUR_US, L_SHOP, H_DUE, EXPIRY_HOLD},
        {STAGE_NOW_US - HOUR_US + 2, L_PLAIN, X_PLAIN, EXPIRY_SUSPENSE},
        {STAGE_NOW_US, L_SHOP, H_EDGE, EXPIRY_HOLD},
        {STAGE_NOW_US, L_SHOP, Z_DUE, EXPIRY_FREEZE},
        {STAGE_NOW_US, L_LATE, Q_DUE, EXPIRY_PROPOSAL},
        {STAGE_NOW_US, L_MAIN, Y_DUE, EXPIRY_CARD},
        {STAGE_NOW_US, L_DENY, V_DUE, EXPIRY_DENIED},
        {STAGE_NOW_US + 1, L_SHOP, H_NEARLY, EXPIRY_HOLD},
        {STAGE_NOW_US + 1, L_SHOP, Z_NEARLY, EXPIRY_FREEZE},
        {STAGE_NOW_US + 1, L_MAIN, Y_NEARLY, EXPIRY_CARD},
        {STAGE_NOW_US + 1, L_DENY, V_NEARLY, EXPIRY_DENIED},
    };
    struct stage *stage = stage_create();
    struct due due;
    int count = 0;
    EXPECT(!engine_next_due(stage->engine, midnight_us - 1, &due));
    for (stage->now_us = STAGE_NOW_US; stage->now_us <= STAGE_NOW_US + 1; stage->now_us++) {
        while (engine_next_due(stage->engine, stage->now_us, &due)) {
            EXPECT(count < 14);
            EXPECT_MSG(due.expires_at_us == expected[count].expires_at_us &&
                           due.ledger_id == expected[count].ledger_id &&
                           due.id == expected[count].id && due.kind == expected[count].kind,
                "%d: kind %d, id %d", count, (int)due.kind, (int)due.id);
            count++;
            int32_t date = engine_find_ledger(stage->engine, due.ledger_id)->accounting_dates[0];
            stage_do(stage, command_on(date, make_expire(due.ledger_id, due.kind, due.id)));
        }
        EXPECT(count == (stage->now_us == STAGE_NOW_US ? 10 : 14));
    }
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

START_TEST(a_scope_undoes_nothing_before_it)
{
    struct stage *stage = stage_create();
    stage_do(stage, make_pay(L_MAIN, A_RICH, A_POOR, 10, 1));
    stage_do(stage, make_open_account(L_MAIN, M_EMPTY));
    stage_do(stage, make_withdraw(L_MAIN, A_RICH, 10, 1, FEE_INSIDE));
    int64_t hold = stage_do(stage, a_hold("before", B_PAYER, 10, AN_HOUR_AHEAD));
    int64_t freeze = stage_do(stage, a_freeze(B_ONE, 10, 0));
    const struct command adjust = make_adjust(L_SHOP, B_ONE, B_TWO, 10);
    int64_t proposal = stage_do(stage, make_proposal(L_SHOP, &adjust, AN_HOUR_AHEAD));
    engine_begin(stage->engine);
    EXPECT(execute(stage->engine, stage->sequence + 1, make_fee(L_MAIN, A_POOR, 10)) ==
           OUTCOME_ACCEPTED);
    EXPECT(execute(stage->engine, stage->sequence + 2, a_cancel("before", B_PAYER, hold, 0)) ==
           OUTCOME_ACCEPTED);
    EXPECT(execute(stage->engine, stage->sequence + 3, a_lift(freeze, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(stage->engine, stage->sequence + 4, make_withdraw_proposal(L_SHOP, proposal)) ==
           OUTCOME_ACCEPTED);
    EXPECT(execute(stage->engine, stage->sequence + 5, make_receipt(L_SHOP, B_DEBTOR, 200)) ==
           OUTCOME_ACCEPTED);
    engine_rollback(stage->engine);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

Suite *scopes_suite(void)
{
    Suite *suite = suite_create("scopes");
    TCase *tests = tcase_create("scopes");
    tcase_add_test_raise_signal(tests, scopes_do_not_nest, SIGABRT);
    tcase_add_test_raise_signal(tests, rollback_needs_a_scope, SIGABRT);
    tcase_add_test_raise_signal(tests, nothing_is_taken_in_a_scope, SIGABRT);
    tcase_add_test_raise_signal(tests, sequence_zero_is_a_bug, SIGABRT);
    tcase_add_test(tests, a_full_scope_is_undone);
    tcase_add_test(tests, a_full_scope_of_payments_is_undone);
    tcase_add_test(tests, what_is_due_comes_in_its_order);
    tcase_add_test(tests, a_scope_undoes_nothing_before_it);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
