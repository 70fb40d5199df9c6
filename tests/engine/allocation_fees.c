/* allocation_fees.c: fees that payees bear of what they are allocated, and what comes back of them
 * when an allocation is taken back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"
#include "model/suspense.h"
#include "model/withdrawable.h"
#include "shop.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

static struct stage *stage;
static int64_t item;
static int64_t allocation; /* its sequence */

static int64_t available(int64_t account)
{
    return engine_find_account(stage->engine, account)->balance_minor[BUCKET_AVAILABLE];
}

static int64_t open_of_item(void)
{
    return suspense_open_minor(engine_find_record(stage->engine, RECORD_SUSPENSE, item));
}

/* So much waits for its owner. */
static void begin(int64_t amount)
{
    stage = stage_create();
    stage_do(stage, make_receipt_by_number(L_SHOP, "", amount));
    item = engine_last_id(stage->engine, RECORD_SUSPENSE);
}

static void finish(void)
{
    char error[200] = "";
    int result = engine_check(stage->engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}

static void allocate(const char *rule, const struct payee *payees, uint32_t count, int64_t fee)
{
    struct command command = make_allocate(L_SHOP, item, payees, count);
    stage_do(stage, with_rule(command, rule, FEE_BEARER_PAYEES));
    EXPECT(stage->effects.fee_minor == fee);
    allocation = stage->sequence;
}

/* Nothing else is left in UNALLOCATED, and nothing is too old. */
static void allocate_others(void)
{
    for (int64_t id = 1; id < item; id++) {
        const struct suspense *found = engine_find_record(stage->engine, RECORD_SUSPENSE, id);
        int64_t open_minor = suspense_open_minor(found);
        if (found->ledger_id == L_SHOP && open_minor > 0)
            stage_do(stage, make_allocate(L_SHOP, id, &(struct payee){B_ONE, open_minor}, 1));
    }
}

static struct command undo(int64_t account, int64_t amount)
{
    return make_undo_allocation(L_SHOP, item, allocation, &(struct payee){account, amount}, 1);
}

static struct command undo_all(void)
{
    return make_undo_allocation(L_SHOP, item, allocation, NULL, 0);
}

/* What the undo takes from the account, and what comes of the fee. */
static void expect_undone(struct command command, int64_t account, int64_t given, int64_t fee)
{
    int64_t had = available(account), open = open_of_item();
    int64_t fees = available(SHOP_FEE) + available(F_MINE) + available(F_YOURS);
    stage_do(stage, command);
    EXPECT(had - available(account) == given);
    EXPECT(fees - available(SHOP_FEE) - available(F_MINE) - available(F_YOURS) == fee);
    EXPECT(open_of_item() == open + given + fee);
    EXPECT(stage->effects.fee_minor == 0 && stage->effects.fee_rule_version == 0);
}

static int64_t fee_given_back(int64_t account)
{
    return engine_find_refunded(stage->engine, allocation, account)->fee_minor;
}

/* 3 % of 1,001 is 30, of 500 is 15; of the 45 three accounts have 24, 14 and 7. */
START_TEST(in_parts_and_to_many)
{
    const int64_t takers[] = {B_ONE, B_TWO, SHOP_FEE, F_MINE, F_YOURS, SHOP_UNALLOCATED};
    const int64_t got[] = {971, 485, 24, 14, 7, -1501};
    int64_t before[6];
    begin(2000);
    for (int i = 0; i < 6; i++)
        before[i] = available(takers[i]);
    allocate("split", TO({B_ONE, 1001}, {B_TWO, 500}), 45);
    for (int i = 0; i < 6; i++)
        EXPECT(available(takers[i]) - before[i] == got[i]);
    EXPECT(open_of_item() == 499);
    expect_undone(undo(B_ONE, 1), B_ONE, 1, 0);
    expect_undone(undo(B_ONE, 100), B_ONE, 97, 3);
    EXPECT(stage_try(stage, undo(B_ONE, 901)) == OUTCOME_ABOVE_REST);
    EXPECT(stage->effects.limit_minor == 900);
    expect_undone(undo(B_TWO, 500), B_TWO, 485, 15);
    EXPECT(fee_given_back(0) == 18 && fee_given_back(B_ONE) == 3 && fee_given_back(B_TWO) == 15);
    expect_undone(undo_all(), B_ONE, 873, 27);
    EXPECT(stage_try(stage, undo_all()) == OUTCOME_ABOVE_REST);
    for (int i = 0; i < 6; i++)
        EXPECT(available(takers[i]) == before[i]);
    EXPECT(open_of_item() == 2000);
    finish();
}
END_TEST

/* Who got it has no more than what is without the fee; its rule keeps the fee of a refund. */
START_TEST(the_fee_is_not_the_payees_to_give)
{
    begin(100);
    allocate("flat", TO({B_EMPTY, 100}), 3);
    EXPECT(available(B_EMPTY) == 97);
    stage_do(stage, make_pay(L_SHOP, B_EMPTY, B_TWO, 1, 0));
    EXPECT(stage_try(stage, undo_all()) == OUTCOME_UNDO_SPENT);
    EXPECT(stage->effects.limit_minor == 96);
    EXPECT(stage_try(stage, undo(B_EMPTY, 100)) == OUTCOME_UNDO_SPENT);
    /* 99 of 100, and 2 of the fee. */
    EXPECT(stage_try(stage, undo(B_EMPTY, 99)) == OUTCOME_UNDO_SPENT);
    expect_undone(undo(B_EMPTY, 98), B_EMPTY, 96, 2);
    stage_do(stage, make_pay(L_SHOP, B_TWO, B_EMPTY, 1, 0));
    expect_undone(undo_all(), B_EMPTY, 1, 1);
    EXPECT(available(B_EMPTY) == 0 && open_of_item() == 100);
    finish();
}
END_TEST

/* A fee of 10 on 11: a part may be all fee, and then its payee gives nothing. */
START_TEST(a_part_that_is_all_fee)
{
    begin(11);
    allocate("gone", TO({B_EMPTY, 11}), 10);
    EXPECT(available(B_EMPTY) == 1 && available(F_EMPTY) == 10);
    stage_do(stage, undo(B_EMPTY, 1));
    EXPECT(available(B_EMPTY) == 0 && available(F_EMPTY) == 10);
    stage_do(stage, undo(B_EMPTY, 1));
    EXPECT(stage->effects.posting_count == 1 && available(F_EMPTY) == 9);
    stage_do(stage, undo_all());
    EXPECT(available(F_EMPTY) == 0 && open_of_item() == 11);
    finish();
}
END_TEST

/* What was collected of it is the platform's to give. */
START_TEST(a_fee_that_was_collected)
{
    begin(100);
    int64_t own = available(SHOP_OWN);
    allocate("gone", TO({B_EMPTY, 100}), 10);
    stage_do(stage, a_collection(F_EMPTY, 10, "gone"));
    stage_do(stage, with_party(a_withdrawal("W-9", SHOP_OWN, available(SHOP_OWN) - 9), &own_party));
    EXPECT(stage_try(stage, undo_all()) == OUTCOME_INSUFFICIENT_PLATFORM_OWN);
    EXPECT(stage->effects.limit_minor == 9);
    /* 9 of the fee. */
    stage_do(stage, undo(B_EMPTY, 99));
    EXPECT(available(SHOP_OWN) == 0 && available(F_EMPTY) == 0 && available(B_EMPTY) == 0);
    EXPECT(stage_try(stage, undo_all()) == OUTCOME_INSUFFICIENT_PLATFORM_OWN);
    stage_do(stage, with_party(make_receipt(L_SHOP, SHOP_OWN, own), &own_party));
    stage_do(stage, undo_all());
    EXPECT(available(SHOP_OWN) == own - 1 && open_of_item() == 100);
    finish();
}
END_TEST

/* The platform stands in for who has gone, but not for the fee. */
START_TEST(of_an_account_that_was_closed)
{
    begin(100);
    int64_t own = available(SHOP_OWN), fee = available(SHOP_FEE);
    allocate("flat", TO({B_EMPTY, 100}), 3);
    stage_do(stage, make_pay(L_SHOP, B_EMPTY, B_TWO, 97, 0));
    stage_do(stage, make_close_account(L_SHOP, B_EMPTY));
    EXPECT(stage_try(stage, undo_all()) == OUTCOME_PAYEE_ACCOUNT_CLOSED);
    stage_do(stage, stage_by_two(stage, undo_all()));
    EXPECT(own - available(SHOP_OWN) == 97 && available(SHOP_FEE) == fee);
    EXPECT(open_of_item() == 100);
    finish();
}
END_TEST

/* A lump counts the whole of a line, and takes it back as a whole. */
START_TEST(of_a_line)
{
    begin(300);
    allocate_others();
    int64_t fees = available(SHOP_FEE);
    int64_t lump = stage_do(stage, make_open_lump(L_SHOP, item, 2, 300));
    struct command line = make_line(L_SHOP, lump, "F-1", B_EMPTY, 200);
    EXPECT(stage_try(stage, with_rule(line, "later", FEE_BEARER_PAYEES)) ==
           OUTCOME_FEE_RULE_NOT_EFFECTIVE);
    stage_do(stage, with_rule(line, "tiers", FEE_BEARER_PAYEES));
    int64_t first = stage->sequence;
    EXPECT(stage->effects.fee_minor == 10 && available(B_EMPTY) == 190);
    stage_do(stage, make_line(L_SHOP, lump, "F-2", B_EMPTY, 100));
    EXPECT(available(SHOP_FEE) == fees + 10 && open_of_item() == 0);
    stage_do(stage, make_close_lump(L_SHOP, lump));
    stage_do(stage, make_undo_line(L_SHOP, item, lump, first));
    EXPECT(available(SHOP_FEE) == fees && available(B_EMPTY) == 100 && open_of_item() == 200);
    finish();
}
END_TEST

static int64_t kept_of(int64_t account)
{
    return account_next_date_minor(engine_find_account(stage->engine, account), SHOP_DATE);
}

/* What a fee takes out of UNALLOCATED is nobody's to withdraw: what was kept of it there ends. */
START_TEST(what_was_kept_of_it_ends)
{
    begin(100);
    int64_t payer = stage_do(stage, make_open_account(L_SHOP, M_SHOP));
    stage_do(stage, make_receipt(L_SHOP, payer, 500));
    stage_do(stage, next_date(make_pay(L_SHOP, payer, B_EMPTY, 500, 0)));
    int64_t paid = stage->sequence;
    stage_do(stage, make_close_account(L_SHOP, payer));
    stage_do(stage, make_refund(L_SHOP, paid, "", NULL, 0));
    item = engine_last_id(stage->engine, RECORD_SUSPENSE);
    int64_t kept = kept_of(SHOP_UNALLOCATED), other = available(SHOP_UNALLOCATED) - 500;
    EXPECT(kept == 500 && other > 0);
    allocate_others();
    EXPECT(available(SHOP_UNALLOCATED) == 500 && kept_of(SHOP_UNALLOCATED) == 500);
    allocate("split", TO({B_TWO, 500}), 15);
    EXPECT(kept_of(B_TWO) == 485 && kept_of(SHOP_UNALLOCATED) == 0);
    finish();
}
END_TEST

Suite *allocation_fees_suite(void)
{
    Suite *suite = suite_create("allocation_fees");
    TCase *tests = tcase_create("allocation_fees");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, in_parts_and_to_many);
    tcase_add_test(tests, the_fee_is_not_the_payees_to_give);
    tcase_add_test(tests, a_part_that_is_all_fee);
    tcase_add_test(tests, a_fee_that_was_collected);
    tcase_add_test(tests, of_an_account_that_was_closed);
    tcase_add_test(tests, of_a_line);
    tcase_add_test(tests, what_was_kept_of_it_ends);
    suite_add_tcase(suite, tests);
    return suite;
}
