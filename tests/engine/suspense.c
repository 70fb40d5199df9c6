/* suspense.c: why money waits, what has no room, and what lay in UNALLOCATED before there were
 * items.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/suspense.h"
#include "compare.h"
#include "engine/memory/memory.h"
#include "model/receiving_number.h"
#include "shop.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

static void expect_sound(const struct engine *engine)
{
    char error[200] = "";
    int result = engine_check(engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
}

static const struct suspense *last_item(const struct engine *engine)
{
    return engine_find_record(engine, RECORD_SUSPENSE, engine_last_id(engine, RECORD_SUSPENSE));
}

/* What the item that a command opens says. */
static void expect_opened(struct stage *stage, const char *what, struct command command,
    enum suspense_reason reason, int64_t amount, int64_t account, int64_t payout)
{
    int64_t before = engine_last_id(stage->engine, RECORD_SUSPENSE);
    stage_do(stage, command);
    const struct suspense *item = last_item(stage->engine);
    EXPECT_MSG(item->id == before + 1, "%s opened none", what);
    EXPECT_MSG(stage->effects.suspense_id == item->id, "%s does not say which", what);
    EXPECT_MSG(item->reason == reason, "%s: reason %d", what, item->reason);
    EXPECT_MSG(item->amount_minor == amount && suspense_open_minor(item) == amount, "%s", what);
    EXPECT_MSG(item->account_id == account && item->payout_id == payout, "%s: whose", what);
    EXPECT(item->origin_sequence == stage->sequence && item->status == SUSPENSE_OPEN);
    EXPECT(item->opened_at_us == stage->now_us);
    EXPECT(item->opened_date ==
           engine_find_ledger(stage->engine, item->ledger_id)->accounting_dates[0]);
    expect_sound(stage->engine);
}

static struct command numbered(int64_t account_id)
{
    static char number[RECEIVING_NUMBER_BYTES_MAX];
    receiving_number_format(text_of("1000"), account_id, number);
    return make_receipt_by_number(L_MAIN, number, 7);
}

START_TEST(each_reason)
{
    struct stage *stage = stage_create();
    expect_opened(
        stage, "no number", make_receipt_by_number(L_MAIN, "", 7), SUSPENSE_NO_NUMBER, 7, 0, 0);
    expect_opened(
        stage, "a text", make_receipt_by_number(L_MAIN, "rent", 7), SUSPENSE_WRONG_NUMBER, 7, 0, 0);
    expect_opened(stage, "no account", numbered(A_NONE), SUSPENSE_UNKNOWN_NUMBER, 7, 0, 0);
    expect_opened(stage, "another's", numbered(A_OTHER), SUSPENSE_UNKNOWN_NUMBER, 7, 0, 0);
    expect_opened(stage, "closed", numbered(A_CLOSED), SUSPENSE_CLOSED_ACCOUNT, 7, A_CLOSED, 0);
    expect_opened(
        stage, "restricted", numbered(A_NO_IN), SUSPENSE_RESTRICTED_ACCOUNT, 7, A_NO_IN, 0);
    expect_opened(stage, "a payout in part", make_return(L_MAIN, P_CLOSED, 20),
        SUSPENSE_PAYOUT_BACK, 20, A_CLOSED, P_CLOSED);
    expect_opened(stage, "a payout", make_return(L_MAIN, P_CLOSED, 0), SUSPENSE_PAYOUT_BACK, 30,
        A_CLOSED, P_CLOSED);
    expect_opened(stage, "the fee of an interception", an_interception(P_BEARER),
        SUSPENSE_PAYOUT_BACK, 3, B_BEARER, P_BEARER);
    expect_opened(stage, "a refund", a_refund("O-13", S_PAY_GONE_PAYER, NULL, 0),
        SUSPENSE_REFUND_BACK, 100, B_GONE, 0);
    expect_opened(
        stage, "a reversal", a_reversal(S_CHARGE_CLOSED), SUSPENSE_REVERSAL, 1, B_BEARER, 0);
    struct command adjust = stage_by_two(stage, make_adjust(L_SHOP, B_ONE, SHOP_UNALLOCATED, 8));
    expect_opened(stage, "an adjustment", adjust, SUSPENSE_ADJUSTMENT, 8, 0, 0);
    int64_t adjusted = stage->sequence;
    stage_do(stage, a_reversal(adjusted));
    EXPECT(last_item(stage->engine)->reversed_minor == 8);
    EXPECT(last_item(stage->engine)->status == SUSPENSE_CLOSED);
    stage_destroy(stage);
}
END_TEST

/* What came back of a payout in parts leaves again as one, the oldest first; what somebody was
 * allocated of it does not: the platform would give that, and has nothing. */
START_TEST(a_payout_that_had_left_after_all)
{
    struct stage *stage = stage_create();
    stage_do(stage, make_return(L_MAIN, P_CLOSED, 20));
    int64_t first = engine_last_id(stage->engine, RECORD_SUSPENSE);
    stage_do(stage, make_return(L_MAIN, P_CLOSED, 10));
    stage_do(stage, make_receipt_by_number(L_MAIN, "", 500));
    stage_do(stage, make_allocate(L_MAIN, first, &(struct payee){A_POOR, 1}, 1));
    int64_t allocation = stage->sequence;
    struct command right =
        stage_by_two(stage, make_correction(L_MAIN, P_CLOSED, PAYOUT_RESULT_PAID, 0));
    EXPECT(stage_try(stage, right) == OUTCOME_INSUFFICIENT_PLATFORM_OWN);
    EXPECT(stage->effects.limit_minor == 0);
    stage_do(stage, make_undo_allocation(L_MAIN, first, allocation, NULL, 0));
    stage_do(stage, right);
    for (int i = 0; i < 2; i++) {
        const struct suspense *item = engine_find_record(stage->engine, RECORD_SUSPENSE, first + i);
        EXPECT(item->status == SUSPENSE_CLOSED && item->reversed_minor == item->amount_minor);
    }
    expect_sound(stage->engine);
    stage_destroy(stage);
}
END_TEST

/* The last id is given: nothing more can wait, and nothing is booked. */
START_TEST(no_room)
{
    struct stage *stage = stage_create();
    struct image last = {.kind = RECORD_SUSPENSE,
        .suspense = {.id = SUSPENSE_MAX,
            .ledger_id = L_SHOP,
            .origin_sequence = 1,
            .amount_minor = 1,
            .allocated_minor = 1,
            .status = SUSPENSE_CLOSED}};
    struct command adjust = stage_by_two(stage, make_adjust(L_SHOP, B_ONE, SHOP_UNALLOCATED, 8));
    struct command right =
        stage_by_two(stage, make_correction(L_MAIN, P_CLOSED, PAYOUT_RESULT_FAILED, 0));
    engine_load_image(stage->engine, stage->sequence, &last);
    const struct command commands[] = {
        make_receipt_by_number(L_SHOP, "", 7),
        make_receipt(L_SHOP, B_CLOSED, 7),
        make_interest(L_SHOP, B_CLOSED, 7),
        make_return(L_MAIN, P_CLOSED, 1),
        a_result(P_BEARER, PAYOUT_RESULT_FAILED),
        an_interception(P_BEARER),
        a_refund("O-13", S_PAY_GONE_PAYER, NULL, 0),
        a_reversal(S_CHARGE_CLOSED),
        adjust,
        right,
        make_adopt(L_SHOP, 1, 0),
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        struct command command = stage_with_original(stage, &commands[i]);
        engine_execute(
            stage->engine, stage->now_us, stage->sequence + 1, &command, &stage->effects);
        EXPECT_MSG(stage->effects.outcome == OUTCOME_TOO_MANY_SUSPENSE_ITEMS, "command %zu: %s", i,
            outcome_name((int)stage->effects.outcome));
    }
    /* What finds its owner goes on. */
    struct command receipt = make_receipt(L_SHOP, B_ONE, 1);
    engine_execute(stage->engine, stage->now_us, stage->sequence + 1, &receipt, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_ACCEPTED);

    struct image refunded = {.kind = RECORD_REFUNDED,
        .refunded = {.id = REFUNDED_MAX, .ledger_id = L_SHOP, .original_sequence = 1}};
    engine_load_image(stage->engine, stage->sequence, &refunded);
    struct command undo = make_undo_allocation(L_SHOP, X_PART, S_ALLOCATE, NULL, 0);
    undo = stage_with_original(stage, &undo);
    engine_execute(stage->engine, stage->now_us, stage->sequence + 1, &undo, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_TOO_MANY_REFUNDS);

    struct image payout = {.kind = RECORD_PAYOUT,
        .payout = {.id = PAYOUTS_MAX,
            .ledger_id = L_SHOP,
            .account_id = B_ONE,
            .amount_minor = 1,
            .status = PAYOUT_FAILED}};
    engine_load_image(stage->engine, stage->sequence, &payout);
    struct command back = make_return_suspense(L_SHOP, X_PART, S_RECEIPT_PARTS, 0);
    back = stage_with_original(stage, &back);
    engine_execute(stage->engine, stage->now_us, stage->sequence + 1, &back, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_TOO_MANY_PAYOUTS);
    stage_destroy(stage);
}
END_TEST

/* Back to its sender and what may become of it. */
START_TEST(a_return_to_the_sender)
{
    struct stage *stage = stage_create();
    const struct suspense *item = engine_find_record(stage->engine, RECORD_SUSPENSE, X_PART);
    struct command back = make_return_suspense(L_SHOP, X_PART, S_RECEIPT_PARTS, 0);
    int64_t payout = stage_do(stage, back);
    EXPECT(item->status == SUSPENSE_RETURNING && item->returning_minor == 75);
    EXPECT(item->return_payout_id == payout && suspense_open_minor(item) == 0);
    expect_sound(stage->engine);
    stage_do(stage, a_result(payout, PAYOUT_RESULT_FAILED));
    EXPECT(item->status == SUSPENSE_OPEN && suspense_open_minor(item) == 75);
    /* It had left after all: the item gives it. */
    stage_do(stage, stage_by_two(stage, make_correction(L_SHOP, payout, PAYOUT_RESULT_PAID, 0)));
    EXPECT(item->status == SUSPENSE_CLOSED && item->reversed_minor == 75);
    expect_sound(stage->engine);

    int64_t other = stage_do(stage, a_result(P_BACK, PAYOUT_RESULT_PAID));
    EXPECT(other == P_BACK);
    item = engine_find_record(stage->engine, RECORD_SUSPENSE, X_MORE);
    EXPECT(item->returned_minor == 10 && suspense_open_minor(item) == 34);
    stage_do(stage, a_return(P_BACK, 4));
    const struct suspense *again = last_item(stage->engine);
    EXPECT(again->payout_id == P_BACK && again->amount_minor == 4 && again->account_id == 0);
    stage_do(stage, a_return(P_BACK, 0));
    EXPECT(last_item(stage->engine)->amount_minor == 6);
    EXPECT(item->returned_minor == 10 && suspense_open_minor(item) == 34);
    /* It did not come back: what it brought leaves again, and nothing else. */
    stage_do(stage, stage_by_two(stage, make_correction(L_SHOP, P_BACK, PAYOUT_RESULT_PAID, 0)));
    EXPECT(suspense_open_minor(again) == 0 && suspense_open_minor(item) == 34);
    expect_sound(stage->engine);
    int64_t second = stage_do(stage, make_return_suspense(L_SHOP, X_MORE, S_RECEIPT_MORE, 30));
    stage_do(stage, an_interception(second));
    EXPECT(suspense_open_minor(item) == 34 && item->returning_minor == 0);
    expect_sound(stage->engine);
    stage_destroy(stage);
}
END_TEST

enum { UNALLOCATED_ID = 2, ACCOUNT_ID = 7, HAD = 60 };

static struct effects effects;
static int64_t sequence;

static enum outcome execute(struct engine *engine, struct command command)
{
    engine_execute(engine, STAGE_NOW_US, ++sequence, &command, &effects);
    return effects.outcome;
}

/* A ledger whose UNALLOCATED has money of before there were items. */
static struct engine *of_before(void)
{
    struct engine *engine = engine_create();
    sequence = 0;
    EXPECT(execute(engine, make_open_ledger("1000", TEST_DATE, 3)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_member(1, "m")) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_receipt(1, ACCOUNT_ID, HAD)) == OUTCOME_ACCEPTED);
    /* As an adjustment that opened no item would have left it. */
    struct account *accounts = engine->accounts;
    accounts[ACCOUNT_ID].balance_minor[BUCKET_AVAILABLE] -= HAD;
    accounts[UNALLOCATED_ID].balance_minor[BUCKET_AVAILABLE] += HAD;
    expect_sound(engine);
    return engine;
}

START_TEST(old_money_is_adopted)
{
    struct engine *engine = of_before();
    const struct command receipt = make_receipt_by_number(1, "", 40);
    const struct posting posting = {.ledger_id = 1,
        .amount_minor = 40,
        .debit_account_id = 1,
        .credit_account_id = UNALLOCATED_ID};
    const struct original original = {.sequence = 2,
        .ledger_id = 1,
        .subject_id = UNALLOCATED_ID,
        .outcome = OUTCOME_ACCEPTED_UNALLOCATED,
        .command = &receipt,
        .postings = &posting,
        .posting_count = 1};
    struct command reverse = make_reverse(1, 2);
    reverse.original = &original;
    EXPECT(execute(engine, reverse) == OUTCOME_EFFECT_GONE);
    EXPECT(effects.limit_minor == 0);
    EXPECT(execute(engine, make_adopt(1, HAD + 1, 0)) == OUTCOME_ABOVE_REST);
    EXPECT(effects.limit_minor == HAD);
    struct command adopt = make_adopt(1, 41, 2);
    adopt.original = &original;
    EXPECT(execute(engine, adopt) == OUTCOME_ABOVE_REST);
    EXPECT(effects.limit_minor == 40);
    adopt.adopt_suspense.amount_minor = 40;
    EXPECT(execute(engine, adopt) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == 1 && effects.posting_count == 0 && effects.image_count == 1);
    EXPECT(last_item(engine)->origin_sequence == 2);
    EXPECT(last_item(engine)->reason == SUSPENSE_ADOPTED);
    EXPECT(execute(engine, make_adopt(1, 21, 0)) == OUTCOME_ABOVE_REST);
    EXPECT(execute(engine, make_adopt(1, 20, 0)) == OUTCOME_ACCEPTED);
    EXPECT(last_item(engine)->origin_sequence == sequence);
    EXPECT(execute(engine, make_adopt(1, 1, 0)) == OUTCOME_ABOVE_REST);
    expect_sound(engine);
    EXPECT(execute(engine, make_allocate(1, 2, &(struct payee){ACCOUNT_ID, 20}, 1)) ==
           OUTCOME_ACCEPTED);
    EXPECT(execute(engine, reverse) == OUTCOME_ACCEPTED);
    EXPECT(engine_ledger_sums(engine, 1)->suspense_minor == 0);
    EXPECT(engine_find_account(engine, UNALLOCATED_ID)->balance_minor[BUCKET_AVAILABLE] == 0);
    expect_sound(engine);
    engine_destroy(engine);
}
END_TEST

static const struct watch *watch_of(const struct stage *stage, int64_t ledger_id)
{
    return engine_find_watch(stage->engine, ledger_id);
}

/* What else is due, but for what becomes of members. */
static bool next_due(struct stage *stage, struct due *ret_due)
{
    while (engine_next_due(stage->engine, stage->now_us, ret_due)) {
        if (ret_due->kind != EXPIRY_IDENTITY && ret_due->kind != EXPIRY_CARD &&
            ret_due->kind != EXPIRY_DENIED)
            return true;
        stage_do(stage, make_expire(ret_due->ledger_id, ret_due->kind, ret_due->id));
    }
    return false;
}

/* Carries out what is due by then, up to what is this ledger's. */
static void come_to(struct stage *stage, int64_t now_us, int64_t ledger_id)
{
    struct due due;
    stage->now_us = now_us;
    while (next_due(stage, &due) && due.ledger_id != ledger_id) {
        int32_t date = engine_find_ledger(stage->engine, due.ledger_id)->accounting_dates[0];
        stage_do(stage, command_on(date, make_expire(due.ledger_id, due.kind, due.id)));
    }
}

/* Opens a lump, and gives it up. */
static enum outcome try_lump(struct stage *stage)
{
    enum outcome outcome = stage_try(stage, make_open_lump(L_MAIN, X_FREE, 1, 1));
    int64_t lump = stage->effects.subject_id;
    if (outcome == OUTCOME_ACCEPTED)
        stage_do(stage, make_cancel_lump(L_MAIN, lump));
    return outcome;
}

/* From the microsecond on in which it is as old as the terms allow, and not before. */
START_TEST(an_old_item_flags_its_ledger)
{
    struct stage *stage = stage_create();
    struct due due;
    stage_do(stage, make_suspense_age(L_MAIN, 1));
    come_to(stage, STAGE_NOW_US + 999999, L_MAIN);
    EXPECT(!next_due(stage, &due) && try_lump(stage) == OUTCOME_ACCEPTED);
    come_to(stage, STAGE_NOW_US + 1000000, L_MAIN);
    EXPECT(next_due(stage, &due) && due.kind == EXPIRY_SUSPENSE && due.id == X_OPEN);
    /* Told or not, no lump is opened any more. */
    EXPECT(try_lump(stage) == OUTCOME_SUSPENSE_OVERDUE);
    EXPECT(stage->effects.limit_minor == X_OPEN && watch_of(stage, L_MAIN)->overdue_at_us == 0);
    stage_do(stage, make_expire(L_MAIN, EXPIRY_SUSPENSE, X_OPEN));
    EXPECT(watch_of(stage, L_MAIN)->overdue_at_us == STAGE_NOW_US + 1000000);
    EXPECT(watch_of(stage, L_MAIN)->suspense_id == X_OPEN && !next_due(stage, &due));
    EXPECT(try_lump(stage) == OUTCOME_SUSPENSE_OVERDUE);
    /* Another term decides anew. */
    stage_do(stage, make_suspense_age(L_MAIN, 2));
    EXPECT(watch_of(stage, L_MAIN)->overdue_at_us == 0);
    EXPECT(watch_of(stage, L_MAIN)->suspense_id == 0);
    EXPECT(!next_due(stage, &due) && try_lump(stage) == OUTCOME_ACCEPTED);
    stage_do(stage, make_suspense_age(L_MAIN, 1));
    EXPECT(next_due(stage, &due) && due.id == X_OPEN);
    stage_do(stage, make_expire(L_MAIN, EXPIRY_SUSPENSE, X_OPEN));
    stage_do(stage, make_suspense_age(L_MAIN, 0));
    EXPECT(!next_due(stage, &due) && try_lump(stage) == OUTCOME_ACCEPTED);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

/* An item that an undo opens again is as old as it was. */
START_TEST(an_undo_brings_the_age_back)
{
    struct stage *stage = stage_create();
    struct due due;
    come_to(stage, STAGE_NOW_US, L_PLAIN);
    EXPECT(next_due(stage, &due) && due.id == X_PLAIN);
    stage_do(stage, make_expire(L_PLAIN, EXPIRY_SUSPENSE, X_PLAIN));
    EXPECT(watch_of(stage, L_PLAIN)->overdue_at_us == STAGE_NOW_US);
    stage_do(stage, make_line(L_PLAIN, K_PLAIN, "L-1", B_PLAIN, 9));
    int64_t line = stage->sequence;
    EXPECT(watch_of(stage, L_PLAIN)->overdue_at_us == 0);
    EXPECT(engine_oldest_suspense(stage->engine, L_PLAIN) == NULL);
    come_to(stage, STAGE_NOW_US, L_NONE);
    stage_do(stage, make_undo_line(L_PLAIN, X_PLAIN, K_PLAIN, line));
    EXPECT(next_due(stage, &due) && due.kind == EXPIRY_SUSPENSE && due.id == X_PLAIN);
    stage_do(stage, make_expire(L_PLAIN, EXPIRY_SUSPENSE, X_PLAIN));
    EXPECT(watch_of(stage, L_PLAIN)->suspense_id == X_PLAIN && !next_due(stage, &due));
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

/* The item of L_PLAIN is overdue, and that is told. */
static void expect_plain_overdue(struct stage *stage)
{
    struct due due;
    EXPECT(next_due(stage, &due) && due.kind == EXPIRY_SUSPENSE && due.id == X_PLAIN);
    EXPECT(stage_try(stage, make_open_lump(L_PLAIN, X_PLAIN, 1, 1)) == OUTCOME_SUSPENSE_OVERDUE);
    stage_do(stage, make_expire(L_PLAIN, EXPIRY_SUSPENSE, X_PLAIN));
    EXPECT(watch_of(stage, L_PLAIN)->suspense_id == X_PLAIN && !next_due(stage, &due));
}

/* What a settlement takes waits no more, and what it gives back is as old as its item was. */
START_TEST(a_settlement_gives_back_the_age)
{
    struct stage *stage = stage_create();
    come_to(stage, STAGE_NOW_US, L_NONE);
    EXPECT(watch_of(stage, L_PLAIN)->suspense_id == X_PLAIN);
    stage_do(stage, make_cancel_lump(L_PLAIN, K_PLAIN));
    /* A part is left: that is as old as before. */
    stage_do(stage, make_open_settlement(L_PLAIN, G_PLAIN, X_PLAIN, 1, 4));
    int64_t abandoned = stage->effects.subject_id;
    EXPECT(watch_of(stage, L_PLAIN)->suspense_id == X_PLAIN);
    stage_do(stage, make_open_settlement(L_PLAIN, G_PLAIN, X_PLAIN, 1, 5));
    int64_t settlement = stage->effects.subject_id;
    EXPECT(watch_of(stage, L_PLAIN)->overdue_at_us == 0);
    EXPECT(engine_oldest_suspense(stage->engine, L_PLAIN) == NULL);
    stage_do(stage, make_abandon(L_PLAIN, abandoned, X_PLAIN));
    expect_plain_overdue(stage);
    expect_same_state(stage->engine, stage->model);

    stage_do(stage, make_open_settlement(L_PLAIN, G_PLAIN, X_PLAIN, 1, 4));
    EXPECT(watch_of(stage, L_PLAIN)->overdue_at_us == 0);
    stage_do(stage, line_of_reference("nobody's", make_settle_line(L_PLAIN, settlement, 0, 5, 0)));
    int64_t difference = engine_last_id(stage->engine, RECORD_DIFFERENCE);
    stage_do(stage, make_close_settlement(L_PLAIN, settlement));
    EXPECT(engine_oldest_suspense(stage->engine, L_PLAIN) == NULL);
    stage_do(stage, make_close_difference(L_PLAIN, difference, DIFFERENCE_RETURNED, X_PLAIN));
    expect_plain_overdue(stage);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

Suite *suspense_suite(void)
{
    Suite *suite = suite_create("suspense");
    TCase *tests = tcase_create("suspense");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, each_reason);
    tcase_add_test(tests, a_payout_that_had_left_after_all);
    tcase_add_test(tests, a_return_to_the_sender);
    tcase_add_test(tests, no_room);
    tcase_add_test(tests, old_money_is_adopted);
    tcase_add_test(tests, an_old_item_flags_its_ledger);
    tcase_add_test(tests, an_undo_brings_the_age_back);
    tcase_add_test(tests, a_settlement_gives_back_the_age);
    suite_add_tcase(suite, tests);
    return suite;
}
