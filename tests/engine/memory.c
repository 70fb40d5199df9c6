/* memory.c: writing behind, loading, and what engine_check notices.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/record_table.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#include <string.h>

static struct effects effects;

static enum outcome execute(struct engine *engine, int64_t sequence, struct command command)
{
    engine_execute(engine, STAGE_NOW_US, sequence, &command, &effects);
    return effects.outcome;
}

/* ---- writing behind ---- */

enum { TAKEN_MAX = 64 };

static struct image images[TAKEN_MAX];
static int64_t sequences[TAKEN_MAX];

/* Ledger 1 at 1, member 1 at 2, accounts 7 and 8 at 3 and 4, receipt to 7 at 5, pay 7 to 8 at 6,
 * a refusal at 7. */
static struct engine *small_engine(void)
{
    struct engine *engine = engine_create();
    EXPECT(execute(engine, 1, make_open_ledger("1000", TEST_DATE, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, 2, make_open_member(1, "owner")) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, 3, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, 4, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, 5, make_receipt(1, 7, 100)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, 6, make_pay(1, 7, 8, 40, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, 7, make_pay(1, 7, 8, 61, 0)) == OUTCOME_INSUFFICIENT_AVAILABLE);
    return engine;
}

START_TEST(changes_are_taken_in_the_order_of_first_changes)
{
    struct engine *engine = small_engine();
    int64_t redo = 0;
    EXPECT(engine_oldest_change(engine) == 1);
    EXPECT(engine_take_changed(engine, 0, TAKEN_MAX, 8, images, sequences, &redo) == 0);
    EXPECT(redo == 1);
    /* The ledger and its control accounts were first changed by command 1. */
    EXPECT(engine_take_changed(engine, 1, 1, 8, images, sequences, &redo) == 1);
    EXPECT(images[0].kind == RECORD_LEDGER && images[0].ledger.id == 1 && sequences[0] == 1);
    EXPECT(redo == 1); /* the control accounts are still to be written */
    EXPECT(engine_take_changed(engine, 1, TAKEN_MAX, 8, images, sequences, &redo) == 6);
    EXPECT(images[0].kind == RECORD_ACCOUNT && images[0].account.id == 1);
    EXPECT(images[0].account.balance_minor[BUCKET_AVAILABLE] == -100);
    EXPECT(sequences[0] == 5); /* ESCROW, as of the receipt */
    EXPECT(sequences[1] == 1);
    EXPECT(redo == 2);
    EXPECT(engine_take_changed(engine, 7, 2, 8, images, sequences, &redo) == 2);
    EXPECT(images[0].kind == RECORD_MEMBER && sequences[0] == 2);
    EXPECT(images[1].kind == RECORD_ACCOUNT && images[1].account.id == 7 && sequences[1] == 6);
    EXPECT(images[1].account.balance_minor[BUCKET_AVAILABLE] == 60);
    EXPECT(redo == 4);
    EXPECT(engine_oldest_change(engine) == 4);
    EXPECT(engine_take_changed(engine, 7, TAKEN_MAX, 8, images, sequences, &redo) == 1);
    EXPECT(images[0].account.id == 8 && sequences[0] == 6);
    EXPECT(redo == 8);
    EXPECT(engine_oldest_change(engine) == 0);
    EXPECT(engine_take_changed(engine, 7, TAKEN_MAX, 8, images, sequences, &redo) == 0);
    EXPECT(redo == 8);
    engine_destroy(engine);
}
END_TEST

START_TEST(what_changes_again_is_taken_again)
{
    struct engine *engine = small_engine();
    int64_t redo = 0;
    while (engine_take_changed(engine, 7, TAKEN_MAX, 8, images, sequences, &redo) > 0)
        continue;
    EXPECT(execute(engine, 8, make_fee(1, 8, 1)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, 9, make_fee(1, 8, 2)) == OUTCOME_ACCEPTED);
    EXPECT(engine_oldest_change(engine) == 8);
    EXPECT(engine_take_changed(engine, 9, TAKEN_MAX, 10, images, sequences, &redo) == 2);
    EXPECT(images[0].account.id == 8 && images[1].account.id == 3); /* and FEE */
    EXPECT(sequences[0] == 9 && sequences[1] == 9);
    EXPECT(images[0].account.balance_minor[BUCKET_AVAILABLE] == 37);
    EXPECT(redo == 10);
    /* A command that is undone leaves no change behind. */
    engine_begin(engine);
    EXPECT(execute(engine, 10, make_fee(1, 8, 1)) == OUTCOME_ACCEPTED);
    engine_rollback(engine);
    EXPECT(engine_oldest_change(engine) == 0);
    EXPECT(engine_find_account(engine, 8)->changed_sequence == 9);
    engine_destroy(engine);
}
END_TEST

/* ---- loading ---- */

static struct image account_image(int64_t id, int64_t sequence, int64_t available)
{
    return (struct image){
        .kind = RECORD_ACCOUNT,
        .account = {.id = id,
            .ledger_id = 1,
            .member_id = id > 6 ? 1 : 0,
            .kind = id > 6 ? ACCOUNT_MEMBER : (uint8_t)(ACCOUNT_ESCROW + id - 1),
            .status = ACCOUNT_OPEN,
            .changed_sequence = sequence,
            .balance_minor = {available}},
    };
}

static int64_t available(const struct engine *engine, int64_t id)
{
    return engine_find_account(engine, id)->balance_minor[BUCKET_AVAILABLE];
}

START_TEST(the_newer_image_stays)
{
    struct engine *engine = engine_create();
    struct image newer = account_image(7, 20, 500);
    struct image older = account_image(7, 10, 300);
    engine_load_image(engine, 20, &newer);
    engine_load_image(engine, 10, &older);
    EXPECT(available(engine, 7) == 500);
    struct image newest = account_image(7, 21, 700);
    engine_load_image(engine, 21, &newest);
    EXPECT(available(engine, 7) == 700);
    EXPECT(engine_find_account(engine, 7)->changed_sequence == 21);
    engine_destroy(engine);
}
END_TEST

static struct posting posting_of(
    int64_t debit, int64_t debit_after, int64_t credit, int64_t credit_after)
{
    return (struct posting){.ledger_id = 1,
        .amount_minor = 1,
        .debit_account_id = debit,
        .debit_balance_minor = debit_after,
        .credit_account_id = credit,
        .credit_balance_minor = credit_after};
}

START_TEST(a_posting_sets_what_is_older)
{
    struct engine *engine = engine_create();
    struct image seven = account_image(7, 20, 500);
    struct image eight = account_image(8, 10, 300);
    engine_load_image(engine, 20, &seven);
    engine_load_image(engine, 10, &eight);
    struct posting between = posting_of(7, 499, 8, 301);
    EXPECT(engine_load_posting(engine, 15, &between) == 0);
    EXPECT(available(engine, 7) == 500); /* as of 20 already */
    EXPECT(available(engine, 8) == 301);
    EXPECT(engine_find_account(engine, 8)->changed_sequence == 15);
    /* Two lines of one command: the later one counts. */
    struct posting first = posting_of(7, 400, 8, 302);
    struct posting second = posting_of(7, 300, 8, 303);
    EXPECT(engine_load_posting(engine, 25, &first) == 0);
    EXPECT(engine_load_posting(engine, 25, &second) == 0);
    EXPECT(available(engine, 7) == 300);
    EXPECT(available(engine, 8) == 303);
    engine_destroy(engine);
}
END_TEST

START_TEST(a_posting_without_its_account_is_refused)
{
    struct engine *engine = engine_create();
    struct image nine = account_image(9, 1, 0);
    engine_load_image(engine, 1, &nine);
    static const int64_t missing[] = {0, -1, 8, 10, INT64_MAX, ((int64_t)1 << 32) + 9};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        struct posting from = posting_of(missing[i], 1, 9, 1);
        struct posting to = posting_of(9, 1, missing[i], 1);
        EXPECT(engine_load_posting(engine, 2, &from) == -1);
        EXPECT(engine_load_posting(engine, 2, &to) == -1);
    }
    struct posting bucket = posting_of(9, 1, 9, 1);
    bucket.debit_bucket = BUCKET_COUNT;
    EXPECT(engine_load_posting(engine, 2, &bucket) == -1);
    engine_destroy(engine);
}
END_TEST

/* Rows of the journal beyond the state tables are written behind again; older ones are not. */
START_TEST(what_was_redone_is_changed)
{
    struct engine *engine = engine_create();
    struct image seven = account_image(7, 10, 500);
    struct image eight = account_image(8, 10, 0);
    int64_t redo = 0;
    engine_load_image(engine, 10, &seven);
    engine_load_image(engine, 10, &eight);
    EXPECT(engine_oldest_change(engine) == 0);
    engine_load_redo(engine, 12);
    struct posting old = posting_of(8, 1, 8, 1);
    old.credit_bucket = BUCKET_FROZEN;
    EXPECT(engine_load_posting(engine, 11, &old) == 0);
    EXPECT(engine_oldest_change(engine) == 0);
    struct posting new = posting_of(7, 499, 7, 1);
    new.credit_bucket = BUCKET_FROZEN;
    EXPECT(engine_load_posting(engine, 15, &new) == 0);
    EXPECT(engine_oldest_change(engine) == 15);
    EXPECT(engine_take_changed(engine, 15, TAKEN_MAX, 16, images, sequences, &redo) == 1);
    EXPECT(images[0].account.id == 7 && sequences[0] == 15);
    EXPECT(redo == 16);
    engine_destroy(engine);
}
END_TEST

/* A restart redoes what was not written, part by part, in the order of the commands: each part lets
 * the redo point go on, though images come table by table and postings last. */
START_TEST(each_part_of_what_was_redone_moves_the_redo_point)
{
    struct engine *engine = small_engine();
    EXPECT(
        execute(engine, 8, make_place_hold(1, 7, 3, "order", AN_HOUR_AHEAD)) == OUTCOME_ACCEPTED);
    int64_t redo = 0;
    uint32_t count = engine_take_changed(engine, 8, TAKEN_MAX, 9, images, sequences, &redo);
    EXPECT(count > 3);
    engine_destroy(engine);

    engine = engine_create();
    engine_load_redo(engine, 1);
    /* The newest first, as the table with the smallest number may be. */
    for (int64_t sequence = 8; sequence > 0; sequence--)
        for (uint32_t i = 0; i < count; i++)
            if (sequences[i] == sequence)
                engine_load_image(engine, sequence, &images[i]);
    engine_load_done(engine);
    int64_t oldest = engine_oldest_change(engine);
    EXPECT(oldest >= 1 && oldest < 8);
    int64_t moves = 0;
    for (uint32_t i = 0; i < count; i++) {
        EXPECT(engine_take_changed(engine, 8, 1, 9, images, sequences, &redo) == 1);
        EXPECT(sequences[0] >= oldest);
        EXPECT(redo >= oldest);
        moves += redo > oldest;
        oldest = redo;
    }
    EXPECT(redo == 9);
    EXPECT(moves >= 3);
    engine_destroy(engine);
}
END_TEST

/* ---- engine_check ---- */

/* Gives the small engine's records to a new one, after `damage` has changed one of them. */
static struct engine *load_damaged(void (*damage)(struct image *image))
{
    struct engine *sound = small_engine();
    struct engine *engine = engine_create();
    EXPECT(execute(sound, 8, make_withdraw(1, 8, 5, 0, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(sound, 9, make_place_hold(1, 7, 3, "order", AN_HOUR_AHEAD)) == OUTCOME_ACCEPTED);
    EXPECT(execute(sound, 10, make_place_freeze(1, 7, 2, "risk", 0)) == OUTCOME_ACCEPTED);
    int64_t redo;
    uint32_t count = engine_take_changed(sound, 10, TAKEN_MAX, 11, images, sequences, &redo);
    EXPECT(count == 13);
    for (uint32_t i = 0; i < count; i++) {
        damage(&images[i]);
        /* Without an id its row is lost. */
        if (record_id(&record_tables[images[i].kind], image_record_const(&images[i])) == 0)
            continue;
        engine_load_image(engine, sequences[i], &images[i]);
    }
    engine_load_done(engine);
    engine_destroy(sound);
    return engine;
}

static void nothing(struct image *image)
{
    (void)image;
}

static void too_much_on_an_account(struct image *image)
{
    if (image->kind == RECORD_ACCOUNT && image->account.id == 7)
        image->account.balance_minor[BUCKET_AVAILABLE]++;
}

static void too_little_in_escrow(struct image *image)
{
    if (image->kind == RECORD_ACCOUNT && image->account.kind == ACCOUNT_ESCROW)
        image->account.balance_minor[BUCKET_AVAILABLE]++;
}

static void below_zero(struct image *image)
{
    if (image->kind == RECORD_ACCOUNT && image->account.id == 7)
        image->account.balance_minor[BUCKET_AVAILABLE] -= 61;
    if (image->kind == RECORD_ACCOUNT && image->account.id == 8)
        image->account.balance_minor[BUCKET_AVAILABLE] += 61;
}

static void an_account_of_no_ledger(struct image *image)
{
    if (image->kind == RECORD_ACCOUNT && image->account.id == 8)
        image->account.ledger_id = 2;
}

static void a_fee_account_of_no_ledger(struct image *image)
{
    if (image->kind == RECORD_ACCOUNT && image->account.kind == ACCOUNT_FEE)
        image->account.ledger_id = 2;
}

static void an_account_of_nobody(struct image *image)
{
    if (image->kind == RECORD_ACCOUNT && image->account.id == 8)
        image->account.member_id = 2;
}

static void a_missing_account(struct image *image)
{
    if (image->kind == RECORD_ACCOUNT && image->account.id == 8)
        image->account.id = 9;
}

static void a_payout_of_another_amount(struct image *image)
{
    if (image->kind == RECORD_PAYOUT)
        image->payout.amount_minor++;
}

static void a_payout_that_is_over(struct image *image)
{
    if (image->kind == RECORD_PAYOUT)
        image->payout.status = PAYOUT_PAID;
}

static void a_missing_payout(struct image *image)
{
    if (image->kind == RECORD_PAYOUT)
        image->payout.id = 0;
}

static void a_hold_of_another_amount(struct image *image)
{
    if (image->kind == RECORD_HOLD)
        image->hold.amount_minor++;
}

static void a_hold_that_is_over(struct image *image)
{
    if (image->kind == RECORD_HOLD)
        image->hold.status = HOLD_FINISHED;
}

static void a_hold_of_another_account(struct image *image)
{
    if (image->kind == RECORD_HOLD)
        image->hold.payer_account_id = 8;
}

static void a_missing_hold(struct image *image)
{
    if (image->kind == RECORD_HOLD)
        image->hold.id = 0;
}

static void a_freeze_lifted_in_part(struct image *image)
{
    if (image->kind == RECORD_FREEZE)
        image->freeze.lifted_minor++;
}

static void a_freeze_of_another_account(struct image *image)
{
    if (image->kind == RECORD_FREEZE)
        image->freeze.account_id = 8;
}

static void a_freeze_that_is_over(struct image *image)
{
    if (image->kind == RECORD_FREEZE)
        image->freeze.status = FREEZE_EXPIRED;
}

START_TEST(the_check_notices)
{
    static void (*const damages[])(struct image *) = {too_much_on_an_account, too_little_in_escrow,
        below_zero, an_account_of_no_ledger, a_fee_account_of_no_ledger, an_account_of_nobody,
        a_missing_account, a_payout_of_another_amount, a_payout_that_is_over, a_missing_payout,
        a_hold_of_another_amount, a_hold_that_is_over, a_hold_of_another_account, a_missing_hold,
        a_freeze_lifted_in_part, a_freeze_of_another_account, a_freeze_that_is_over};
    char error[200] = "";
    struct engine *engine = load_damaged(nothing);
    EXPECT_MSG(engine_check(engine, error, sizeof error) == 0, "%s", error);
    engine_destroy(engine);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        engine = load_damaged(damages[i]);
        error[0] = '\0';
        EXPECT_MSG(engine_check(engine, error, sizeof error) == -1, "damage %zu is not seen", i);
        EXPECT_MSG(strlen(error) > 10, "damage %zu: no sentence", i);
        engine_destroy(engine);
    }
}
END_TEST

/* The count decides whether a ledger can be closed; sums of money do not show that it is wrong. */
START_TEST(the_check_notices_a_wrong_count_of_payouts)
{
    char error[200] = "";
    struct engine *engine = load_damaged(nothing);
    struct ledger *ledger = (struct ledger *)(uintptr_t)engine_find_ledger(engine, 1);
    EXPECT(ledger->open_payout_count == 1);
    for (int wrong = 0; wrong <= 2; wrong += 2) {
        ledger->open_payout_count = wrong;
        EXPECT_MSG(engine_check(engine, error, sizeof error) == -1, "%d payouts", wrong);
    }
    ledger->open_payout_count = 1;
    EXPECT_MSG(engine_check(engine, error, sizeof error) == 0, "%s", error);
    engine_destroy(engine);
}
END_TEST

/* Only what is final leaves memory: a state row that says otherwise was changed by somebody. */
START_TEST(no_live_record_comes_back)
{
    struct engine *engine = small_engine();
    EXPECT(
        execute(engine, 8, make_place_hold(1, 7, 3, "order", AN_HOUR_AHEAD)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, 9, make_cancel_hold(1, 7, "order", 1, 0)) == OUTCOME_ACCEPTED);
    int64_t redo;
    uint32_t count = engine_take_changed(engine, 9, TAKEN_MAX, 10, images, sequences, &redo);
    const struct image *found = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (images[i].kind == RECORD_HOLD)
            found = &images[i];
    }
    EXPECT(found != NULL && found->hold.status == HOLD_FINISHED);
    struct image row = *found;
    EXPECT(engine_evict(engine, INT64_C(1) << 20, 10) == 1);
    EXPECT(!engine_is_resident(engine, RECORD_HOLD, 1));
    const uint8_t refused[] = {HOLD_LIVE, 0, 32, UINT8_MAX};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        row.hold.status = refused[i];
        EXPECT(engine_revive(engine, &row) == -1);
        EXPECT(!engine_is_resident(engine, RECORD_HOLD, 1));
    }
    row.hold.status = HOLD_FINISHED;
    EXPECT(engine_revive(engine, &row) == 0);
    EXPECT(engine_is_resident(engine, RECORD_HOLD, 1));
    engine_destroy(engine);
}
END_TEST

/* ---- looking ---- */

START_TEST(nothing_is_found_beyond_the_ends)
{
    static const int64_t none[] = {0, -1, INT64_MIN, 2, INT64_MAX, ((int64_t)1 << 32) + 1};
    struct engine *engine = engine_create();
    EXPECT(engine_find_ledger(engine, 1) == NULL);
    EXPECT(engine_last_ledger_id(engine) == 0);
    engine_destroy(engine);
    engine = small_engine();
    EXPECT(execute(engine, 8, make_withdraw(1, 8, 5, 0, 0)) == OUTCOME_ACCEPTED);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        EXPECT(engine_find_ledger(engine, none[i]) == NULL);
        EXPECT(engine_find_member(engine, none[i]) == NULL);
        EXPECT(engine_find_payout(engine, none[i]) == NULL);
        EXPECT(engine_find_hold(engine, none[i]) == NULL);
        EXPECT(engine_find_freeze(engine, none[i]) == NULL);
        EXPECT(engine_find_debt(engine, none[i]) == NULL);
        EXPECT(engine_find_adjustment(engine, none[i]) == NULL);
        EXPECT(engine_find_refunded(engine, none[i], 0) == NULL);
        EXPECT(engine_find_fee_rule(engine, none[i], text_of("rule"), 1) == NULL);
        EXPECT(none[i] == 2 || engine_find_account(engine, none[i]) == NULL);
        EXPECT(engine_find_member_by_platform_id(engine, none[i], text_of("owner")) == NULL);
    }
    EXPECT(engine_find_member_by_platform_id(engine, 1, text_of("owner"))->id == 1);
    EXPECT(engine_find_member_by_platform_id(engine, 1, text_of("owne")) == NULL);
    EXPECT(engine_find_account(engine, 9) == NULL);
    engine_destroy(engine);
}
END_TEST

Suite *memory_suite(void)
{
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("memory");
    tcase_add_test(tests, changes_are_taken_in_the_order_of_first_changes);
    tcase_add_test(tests, what_changes_again_is_taken_again);
    tcase_add_test(tests, the_newer_image_stays);
    tcase_add_test(tests, a_posting_sets_what_is_older);
    tcase_add_test(tests, a_posting_without_its_account_is_refused);
    tcase_add_test(tests, what_was_redone_is_changed);
    tcase_add_test(tests, each_part_of_what_was_redone_moves_the_redo_point);
    tcase_add_test(tests, the_check_notices);
    tcase_add_test(tests, the_check_notices_a_wrong_count_of_payouts);
    tcase_add_test(tests, no_live_record_comes_back);
    tcase_add_test(tests, nothing_is_found_beyond_the_ends);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
