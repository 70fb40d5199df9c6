/* promises.c: payment companies and what they promise, beyond a row of a table.
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"
#include "engine/memory/memory.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#include "model/promise.h"

static enum outcome try_on(struct stage *stage, struct command command)
{
    engine_execute(stage->engine, stage->now_us, stage->sequence + 1, &command, &stage->effects);
    return stage->effects.outcome;
}

START_TEST(as_many_as_there_can_be)
{
    struct stage *stage = stage_create();
    struct image promise = {.kind = RECORD_PROMISE,
        .promise = {.id = PROMISES_MAX,
            .ledger_id = L_SHOP,
            .acquirer_id = G_ALLPAY,
            .account_id = B_ONE,
            .amount_minor = 1,
            .cancelled_minor = 1,
            .status = PROMISE_CANCELLED,
            .reference = "last",
            .reference_length = 4}};
    struct image acquirer = {.kind = RECORD_ACQUIRER,
        .acquirer = {.id = ACQUIRERS_MAX,
            .ledger_id = L_SHOP,
            .account_id = SHOP_ALLPAY,
            .ceiling_minor = 1,
            .status = ACQUIRER_OPEN,
            .name = "last",
            .name_length = 4}};
    struct image account = {.kind = RECORD_ACCOUNT,
        .account = {
            .id = ACCOUNTS_MAX, .ledger_id = L_SHOP, .kind = ACCOUNT_FEE, .status = ACCOUNT_OPEN}};
    engine_load_image(stage->engine, stage->sequence, &promise);
    EXPECT(try_on(stage, make_promise(L_SHOP, G_ALLPAY, B_ONE, 100, "N")) ==
           OUTCOME_TOO_MANY_PROMISES);
    engine_load_image(stage->engine, stage->sequence, &account);
    EXPECT(try_on(stage, make_open_acquirer(L_SHOP, "new", 1, "", 1)) == OUTCOME_TOO_MANY_ACCOUNTS);
    engine_load_image(stage->engine, stage->sequence, &acquirer);
    struct command opening = make_open_acquirer(L_SHOP, "new", 1, "", 1);
    EXPECT(try_on(stage, opening) == OUTCOME_TOO_MANY_ACCOUNTS);
    stage_destroy(stage);

    stage = stage_create();
    struct image settlement = {.kind = RECORD_SETTLEMENT,
        .settlement = {.id = SETTLEMENTS_MAX,
            .ledger_id = L_SHOP,
            .acquirer_id = G_ALLPAY,
            .total_minor = 1,
            .returned_minor = 1,
            .line_count = 1,
            .status = SETTLEMENT_ABANDONED}};
    struct image difference = {.kind = RECORD_DIFFERENCE,
        .difference = {.id = DIFFERENCES_MAX,
            .ledger_id = L_SHOP,
            .acquirer_id = G_ALLPAY,
            .settlement_id = C_ALLPAY,
            .amount_minor = 1,
            .status = DIFFERENCE_CLOSED}};
    engine_load_image(stage->engine, stage->sequence, &settlement);
    engine_load_image(stage->engine, stage->sequence, &difference);
    EXPECT(try_on(stage, make_open_settlement(L_SHOP, G_ALLPAY, X_PART, 1, 1)) ==
           OUTCOME_TOO_MANY_SETTLEMENTS);
    EXPECT(try_on(stage, make_settle_line(L_SHOP, C_ALLPAY, T_OPEN, 1, 0)) ==
           OUTCOME_TOO_MANY_DIFFERENCES);
    stage_destroy(stage);

    stage = stage_create();
    engine_load_image(stage->engine, stage->sequence, &acquirer);
    EXPECT(try_on(stage, opening) == OUTCOME_TOO_MANY_ACQUIRERS);
    stage_destroy(stage);
}
END_TEST

/* All acquirers of a ledger together owe an int64 at most. */
START_TEST(what_all_owe_is_bounded)
{
    struct stage *stage = stage_create();
    const int64_t left = 5;
    struct ledger_sums *sums = &stage->engine->sums[L_PLAIN];
    sums->receivables_minor = sums->total_minor[BUCKET_PENDING_IN] = INT64_MAX - left;
    EXPECT(try_on(stage, make_promise(L_PLAIN, G_PLAIN, B_PLAIN, left + 1, "N")) ==
           OUTCOME_AMOUNT_OVERFLOW);
    EXPECT(stage->effects.limit_minor == left);
    EXPECT(try_on(stage, make_promise(L_PLAIN, G_PLAIN, B_PLAIN, left, "N")) == OUTCOME_ACCEPTED);
    stage_destroy(stage);
}
END_TEST

/* An account and a ledger with something pending in are not closed. */
START_TEST(who_is_promised_something_stays_open)
{
    struct stage *stage = stage_create();
    stage_do(stage, make_promise(L_SHOP, G_KEEPER, B_EMPTY, 100, "N"));
    EXPECT(stage_try(stage, make_close_account(L_SHOP, B_EMPTY)) == OUTCOME_ACCOUNT_NOT_EMPTY);
    stage_do(stage, make_cancel_promise(L_SHOP, T_NONE, 0));
    stage_do(stage, make_close_account(L_SHOP, B_EMPTY));
    stage_destroy(stage);
}
END_TEST

/* Nor is a ledger whose settlement waits for lines, though those there brought all its money. */
START_TEST(who_is_being_paid_stays_open)
{
    struct stage *stage = stage_create();
    int64_t acquirer = stage_do(stage, make_open_acquirer(L_EMPTY, "last", 0, "", 100));
    stage_do(stage, make_receipt_by_number(L_EMPTY, "", 7));
    int64_t item = engine_last_id(stage->engine, RECORD_SUSPENSE);
    int64_t one = stage_do(stage, make_open_settlement(L_EMPTY, acquirer, item, 2, 7));
    stage_do(stage, line_of_reference("none", make_settle_line(L_EMPTY, one, 0, 7, 0)));
    EXPECT(stage_try(stage, make_close_ledger(L_EMPTY)) == OUTCOME_LEDGER_HAS_OPEN_SETTLEMENTS);
    stage_do(stage, make_abandon(L_EMPTY, one, item));
    EXPECT(stage_try(stage, make_close_ledger(L_EMPTY)) == OUTCOME_LEDGER_NOT_EMPTY);
    stage_destroy(stage);
}
END_TEST

/* However it is cut, each part takes its part of the fee along, and the parts add up. */
START_TEST(parts_take_their_fee_along)
{
    struct stage *stage = stage_create();
    for (int64_t step = 1; step <= 400; step += 57) {
        char reference[] = "N0";
        reference[1] = (char)('0' + step / 57);
        int64_t id = stage_do(stage, make_promise(L_SHOP, G_ALLPAY, B_ONE, 999, reference));
        const struct promise *promise = engine_find_record(stage->engine, RECORD_PROMISE, id);
        EXPECT(promise->fee_minor == 30);
        while (promise_open_minor(promise) > 0) {
            int64_t open = promise_open_minor(promise);
            stage_do(stage, make_cancel_promise(L_SHOP, id, open < step ? open : step));
            promise = engine_find_record(stage->engine, RECORD_PROMISE, id);
            EXPECT(promise_open_fee_minor(promise) >= 0);
        }
        EXPECT(promise_open_fee_minor(promise) == 0 && promise->status == PROMISE_CANCELLED);
    }
    stage_destroy(stage);
}
END_TEST

/* What is due of the ledger's promises; 0: nothing. Carries out what else is. */
static int64_t late_of(struct stage *stage, int64_t ledger_id)
{
    struct due due;
    while (engine_next_due(stage->engine, stage->now_us, &due)) {
        if (due.kind == EXPIRY_PROMISE) {
            EXPECT(due.ledger_id == ledger_id);
            return due.id;
        }
        int32_t date = engine_find_ledger(stage->engine, due.ledger_id)->accounting_dates[0];
        stage_do(stage, command_on(date, make_expire(due.ledger_id, due.kind, due.id)));
    }
    return 0;
}

static void say_late(struct stage *stage, int64_t ledger_id, int64_t promise_id)
{
    int32_t date = engine_find_ledger(stage->engine, ledger_id)->accounting_dates[0];
    EXPECT(late_of(stage, ledger_id) == promise_id);
    stage_do(stage, command_on(date, make_expire(ledger_id, EXPIRY_PROMISE, promise_id)));
}

static const struct promise *promise_of(const struct stage *stage, int64_t promise_id)
{
    return engine_find_record(stage->engine, RECORD_PROMISE, promise_id);
}

/* From the date on that is past its own, once; by dates before ids; disputed ones, too; and not
 * what was paid or cancelled meanwhile. */
START_TEST(what_is_late_is_said_once)
{
    struct stage *stage = stage_create();
    int32_t date = engine_find_ledger(stage->engine, L_SHOP)->accounting_dates[0];
    EXPECT(late_of(stage, L_SHOP) == 0);
    stage_do(stage, make_cut_day(L_SHOP, date + 1));
    /* Those of no days. */
    EXPECT(late_of(stage, L_SHOP) == T_KEPT);
    EXPECT(stage_try(stage, command_on(date + 1, make_expire(L_SHOP, EXPIRY_PROMISE, T_OPEN))) ==
           OUTCOME_NOT_YET_DUE);
    /* In a scope nothing comes and nothing goes. */
    engine_begin(stage->engine);
    struct effects effects;
    struct command cancels = make_cancel_promise(L_SHOP, T_KEPT, 0);
    engine_execute(stage->engine, stage->now_us, stage->sequence + 1, &cancels, &effects);
    EXPECT(effects.outcome == OUTCOME_ACCEPTED);
    engine_rollback(stage->engine);
    stage_do(stage, make_cancel_promise(L_SHOP, T_KEPT, 1));
    say_late(stage, L_SHOP, T_KEPT);
    EXPECT(promise_of(stage, T_KEPT)->late_at_us == stage->now_us);
    EXPECT(stage_try(stage, command_on(date + 1, make_expire(L_SHOP, EXPIRY_PROMISE, T_KEPT))) ==
           OUTCOME_NOT_YET_DUE);
    EXPECT(late_of(stage, L_SHOP) == T_NETS);
    stage_do(stage, make_cancel_promise(L_SHOP, T_NETS, 0));
    say_late(stage, L_SHOP, T_NETS_FEE);
    EXPECT(late_of(stage, L_SHOP) == 0);
    EXPECT(promise_of(stage, T_NETS_FEE)->status == PROMISE_DISPUTED);

    /* A younger one that is due before the others; and another cut says nothing again. */
    int64_t later = stage_do(stage, make_promise(L_SHOP, G_ALLPAY, B_ONE, 100, "later"));
    int64_t soon = stage_do(stage, make_promise(L_SHOP, G_KEEPER, B_ONE, 100, "soon"));
    EXPECT(late_of(stage, L_SHOP) == 0);
    stage_do(stage, make_cut_day(L_SHOP, date + 2));
    stage_do(stage, command_on(date + 2, make_cut_day(L_SHOP, date + 3)));
    static const int64_t late[] = {T_OPEN, T_PART, T_DUE, T_HALF, T_SHORT, T_BIG, T_SMALL};
    for (size_t i = 0; i < sizeof late / sizeof *late; i++)
        say_late(stage, L_SHOP, late[i]);
    say_late(stage, L_SHOP, soon);
    say_late(stage, L_SHOP, T_STOPPED);
    say_late(stage, L_SHOP, later);
    EXPECT(late_of(stage, L_SHOP) == 0);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

Suite *promises_suite(void)
{
    Suite *suite = suite_create("promises");
    TCase *tests = tcase_create("promises");
    tcase_add_test(tests, as_many_as_there_can_be);
    tcase_add_test(tests, what_all_owe_is_bounded);
    tcase_add_test(tests, who_is_promised_something_stays_open);
    tcase_add_test(tests, who_is_being_paid_stays_open);
    tcase_add_test(tests, parts_take_their_fee_along);
    tcase_add_test(tests, what_is_late_is_said_once);
    suite_add_tcase(suite, tests);
    return suite;
}
