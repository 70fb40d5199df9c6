/* positions.c: units that accounts hold: roundings, who keeps them, what money cannot meet.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "compare.h"
#include "engine/engine.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "model/asset.h"
#include "model/money.h"
#include "pair.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#define ONE_E8 INT64_C(100000000)

static int64_t balance(int64_t account_id)
{
    return engine_find_account(pair.engine, account_id)->balance_minor[BUCKET_AVAILABLE];
}

static int64_t units_of(int64_t position_id)
{
    const struct position *position = engine_find_record(pair.engine, RECORD_POSITION, position_id);
    EXPECT(position != NULL);
    return balance(position->account_id);
}

static void expect_sound(void)
{
    char error[200];
    EXPECT_MSG(engine_check(pair.engine, error, sizeof error) == 0, "%s", error);
    expect_same_products(pair.engine, pair.model);
    expect_same_ledger_books(pair.engine, pair.model, LEDGER);
}

/* A product of OTHER's that has a price; ACCOUNT has money. */
static int64_t begin(int32_t unit_rounding, int32_t rest, int64_t price_e8, int64_t money)
{
    int64_t product =
        pair_does(at_once(unit_rounding, rest, make_open_product(LEDGER, "F1", OTHER)));
    pair_does(make_price(LEDGER, product, TEST_DATE, price_e8, 0));
    pair_does(make_receipt(LEDGER, ACCOUNT, money));
    return product;
}

/* By hand: 100.00 at 1.0234 are 97.71 units; 3 units are 3.07. */
START_TEST(money_becomes_units_and_money_again)
{
    int64_t product = begin(PRODUCT_ROUNDING_HALF_UP, PRODUCT_REST_TO_ISSUER, 102340000, 20000);
    int64_t position = pair_does(make_subscribe(LEDGER, ACCOUNT, product, 10000));
    EXPECT(units_of(position) == 9771 && balance(ACCOUNT) == 10000 && balance(OTHER) == 10000);
    const struct product *record = engine_find_record(pair.engine, RECORD_PRODUCT, product);
    EXPECT(balance(record->account_id) == -9771);
    /* The same position again; nothing of it is money. */
    EXPECT(pair_does(make_subscribe(LEDGER, ACCOUNT, product, 10)) == position);
    EXPECT(units_of(position) == 9771 + 10);
    EXPECT(engine_ledger_sums(pair.engine, LEDGER)->total_minor[BUCKET_AVAILABLE] == 20000);
    pair_does(make_redeem(LEDGER, ACCOUNT, product, 300));
    EXPECT(units_of(position) == 9481 && balance(ACCOUNT) == 9990 + 307);
    EXPECT(pair_try(make_redeem(LEDGER, ACCOUNT, product, 9482)) == OUTCOME_INSUFFICIENT_UNITS);
    EXPECT(pair.effects.limit_minor == 9481);
    pair_does(make_redeem(LEDGER, ACCOUNT, product, 9481));
    EXPECT(units_of(position) == 0 && balance(record->account_id) == 0);
    expect_sound();
}
END_TEST

/* 0.35 buys 0.10 units at 3.33, which are 0.333: the holder pays 34 of 35 minor units. */
START_TEST(the_rest_is_the_holders)
{
    int64_t product = pair_does(at_once(
        PRODUCT_ROUNDING_DOWN, PRODUCT_REST_TO_HOLDER, make_open_product(LEDGER, "F0", OTHER)));
    pair_does(make_price(LEDGER, product, TEST_DATE, 333 * ONE_E8 / 100, 0));
    pair_does(make_receipt(LEDGER, ACCOUNT, 100));
    int64_t position = pair_does(make_subscribe(LEDGER, ACCOUNT, product, 35));
    EXPECT(units_of(position) == 10 && balance(OTHER) == 34 && balance(ACCOUNT) == 66);
    EXPECT(pair_try(make_subscribe(LEDGER, ACCOUNT, product, 3)) == OUTCOME_ROUNDED_TO_NOTHING);
    expect_sound();
    /* Whatever a unit costs, nobody gets one for nothing. */
    int64_t cheap = pair_does(at_once(
        PRODUCT_ROUNDING_DOWN, PRODUCT_REST_TO_HOLDER, make_open_product(LEDGER, "F2", OTHER)));
    int64_t price = pair_does(make_price(LEDGER, cheap, TEST_DATE, 99999999, 0));
    pair_does(make_subscribe(LEDGER, ACCOUNT, cheap, 1));
    EXPECT(balance(ACCOUNT) == 65);
    pair_does(make_price(LEDGER, cheap, TEST_DATE, 1, price));
    EXPECT(pair_try(make_redeem(LEDGER, ACCOUNT, cheap, 1)) == OUTCOME_ROUNDED_TO_NOTHING);
    expect_sound();
}
END_TEST

START_TEST(who_may_not)
{
    int64_t product = begin(PRODUCT_ROUNDING_DOWN, PRODUCT_REST_TO_ISSUER, ONE_E8, 1000);
    int64_t later = pair_does(make_open_product(LEDGER, "F2", OTHER));
    int64_t without = pair_does(at_once(
        PRODUCT_ROUNDING_DOWN, PRODUCT_REST_TO_ISSUER, make_open_product(LEDGER, "F3", OTHER)));
    const struct {
        int64_t account;
        int64_t product;
        enum outcome outcome;
    } rows[] = {{99, product, OUTCOME_ACCOUNT_NOT_FOUND},
        {1, product, OUTCOME_NOT_A_MEMBER_ACCOUNT}, {ACCOUNT, 99, OUTCOME_PRODUCT_NOT_FOUND},
        {ACCOUNT, later, OUTCOME_PRODUCT_NEEDS_CONFIRMATION},
        {ACCOUNT, without, OUTCOME_PRODUCT_HAS_NO_PRICE},
        {OTHER, product, OUTCOME_ACCOUNT_IS_ISSUERS}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct command subscribe = make_subscribe(LEDGER, rows[i].account, rows[i].product, 1);
        struct command redeem = make_redeem(LEDGER, rows[i].account, rows[i].product, 1);
        EXPECT_MSG(pair_try(subscribe) == rows[i].outcome, "subscribe %zu", i);
        EXPECT_MSG(pair_try(redeem) == rows[i].outcome, "redeem %zu", i);
    }
    EXPECT(pair_try(make_redeem(LEDGER, ACCOUNT, product, 1)) == OUTCOME_INSUFFICIENT_UNITS);
    EXPECT(
        pair_try(make_subscribe(LEDGER, ACCOUNT, product, 1001)) == OUTCOME_INSUFFICIENT_AVAILABLE);
    int64_t position = pair_does(make_subscribe(LEDGER, ACCOUNT, product, 1000));
    /* Its account in units is no account of money; with units in it nothing of both is closed. */
    const struct position *record = engine_find_record(pair.engine, RECORD_POSITION, position);
    EXPECT(pair_try(make_pay(LEDGER, OTHER, record->account_id, 1, 0)) ==
           OUTCOME_NOT_A_MEMBER_ACCOUNT);
    EXPECT(pair_try(make_subscribe(LEDGER, record->account_id, product, 1)) ==
           OUTCOME_NOT_A_MEMBER_ACCOUNT);
    EXPECT(
        pair_try(make_close_account(LEDGER, record->account_id)) == OUTCOME_NOT_A_MEMBER_ACCOUNT);
    EXPECT(pair_try(make_close_account(LEDGER, ACCOUNT)) == OUTCOME_ACCOUNT_HOLDS_UNITS);
    EXPECT(pair_try(make_close_product(LEDGER, product)) == OUTCOME_PRODUCT_HELD);
    /* The issuer has spent its money. */
    pair_does(make_pay(LEDGER, OTHER, ACCOUNT, 400, 0));
    EXPECT(pair_try(make_redeem(LEDGER, ACCOUNT, product, 700)) == OUTCOME_INSUFFICIENT_AVAILABLE);
    EXPECT(pair.effects.limit_minor == 600);
    /* Restricted: no way out for who gives none, none in for who takes none. */
    pair_does(make_restrict(LEDGER, ACCOUNT, false, true));
    EXPECT(pair_try(make_subscribe(LEDGER, ACCOUNT, product, 1)) == OUTCOME_ACCOUNT_RESTRICTED_OUT);
    EXPECT(pair_try(make_redeem(LEDGER, ACCOUNT, product, 1)) == OUTCOME_ACCOUNT_RESTRICTED_OUT);
    pair_does(make_restrict(LEDGER, ACCOUNT, true, false));
    EXPECT(pair_try(make_redeem(LEDGER, ACCOUNT, product, 1)) == OUTCOME_ACCOUNT_RESTRICTED_IN);
    pair_does(make_restrict(LEDGER, ACCOUNT, false, false));
    pair_does(make_restrict(LEDGER, OTHER, true, false));
    EXPECT(pair_try(make_subscribe(LEDGER, ACCOUNT, product, 1)) == OUTCOME_ACCOUNT_RESTRICTED_IN);
    pair_does(make_restrict(LEDGER, OTHER, false, true));
    EXPECT(pair_try(make_redeem(LEDGER, ACCOUNT, product, 1)) == OUTCOME_ACCOUNT_RESTRICTED_OUT);
    pair_does(make_restrict(LEDGER, OTHER, false, false));
    expect_sound();
    pair_does(make_redeem(LEDGER, ACCOUNT, product, 600));
    pair_does(make_receipt(LEDGER, OTHER, 400));
    pair_does(make_redeem(LEDGER, ACCOUNT, product, 400));
    pair_does(make_close_product(LEDGER, product));
    EXPECT(pair_try(make_subscribe(LEDGER, ACCOUNT, product, 1)) == OUTCOME_PRODUCT_CLOSED);
    EXPECT(pair_try(make_redeem(LEDGER, ACCOUNT, product, 1)) == OUTCOME_PRODUCT_CLOSED);
    pair_does(make_pay(LEDGER, ACCOUNT, OTHER, 1400, 0));
    pair_does(make_close_account(LEDGER, ACCOUNT));
    EXPECT(pair_try(make_subscribe(LEDGER, ACCOUNT, product, 1)) == OUTCOME_ACCOUNT_CLOSED);
    EXPECT(pair_try(make_redeem(LEDGER, ACCOUNT, product, 1)) == OUTCOME_ACCOUNT_CLOSED);
    expect_sound();
}
END_TEST

/* While an account is claimed its units stay; what a claim covers buys none. */
START_TEST(a_claim_keeps_units)
{
    int64_t product = begin(PRODUCT_ROUNDING_DOWN, PRODUCT_REST_TO_ISSUER, ONE_E8, 1000);
    pair_does(make_subscribe(LEDGER, ACCOUNT, product, 600));
    int64_t claim = pair_does(make_place_claim(LEDGER, ACCOUNT, 0, 300));
    EXPECT(pair_try(make_redeem(LEDGER, ACCOUNT, product, 1)) == OUTCOME_UNITS_KEPT);
    EXPECT(
        pair_try(make_subscribe(LEDGER, ACCOUNT, product, 101)) == OUTCOME_INSUFFICIENT_AVAILABLE);
    pair_does(make_release_claim(LEDGER, claim, "C-1", 0));
    pair_does(make_redeem(LEDGER, ACCOUNT, product, 600));
    expect_sound();
}
END_TEST

/* The same levels for all members. */
static void limit_to(struct account_level_asked level)
{
    struct account_level_asked levels[MEMBER_LEVELS];
    for (int32_t i = 0; i < MEMBER_LEVELS; i++) {
        levels[i] = level;
        levels[i].level = i;
    }
    pair_does(make_custom_policy(LEDGER, levels, MEMBER_LEVELS, levels, MEMBER_LEVELS));
}

#define ALL_MAY .may_receive = true, .may_pay = true

/* A policy counts both as payments, of who gives money and who takes it. */
START_TEST(policies_hold_for_both)
{
    static const struct {
        struct account_level_asked level;
        enum outcome outcome;
    } rows[] = {{{.may_receive = true}, OUTCOME_ACCOUNT_POLICY_FORBIDS},
        {{ALL_MAY, .operation_out_minor = 5}, OUTCOME_OVER_OPERATION_LIMIT},
        {{ALL_MAY, .date_in_minor = 5}, OUTCOME_OVER_DATE_LIMIT},
        {{ALL_MAY, .year_out_minor = 5}, OUTCOME_OVER_YEAR_LIMIT},
        {{ALL_MAY, .balance_minor = 5}, OUTCOME_OVER_BALANCE_LIMIT}};
    int64_t holder = pair_does(make_open_member(LEDGER, "two"));
    int64_t account = pair_does(make_open_account(LEDGER, holder));
    int64_t product = begin(PRODUCT_ROUNDING_DOWN, PRODUCT_REST_TO_ISSUER, ONE_E8, 1);
    pair_does(make_receipt(LEDGER, account, 200));
    int64_t position = pair_does(make_subscribe(LEDGER, account, product, 100));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        limit_to(rows[i].level);
        EXPECT_MSG(pair_try(make_subscribe(LEDGER, account, product, 10)) == rows[i].outcome,
            "subscribe %zu: %s", i, outcome_name((int)pair.effects.outcome));
        EXPECT_MSG(pair_try(make_redeem(LEDGER, account, product, 10)) == rows[i].outcome,
            "redeem %zu: %s", i, outcome_name((int)pair.effects.outcome));
        EXPECT(units_of(position) == 100 && balance(account) == 100);
    }
    limit_to((struct account_level_asked){ALL_MAY, .date_out_minor = 15});
    pair_does(make_subscribe(LEDGER, account, product, 10));
    EXPECT(pair_try(make_subscribe(LEDGER, account, product, 10)) == OUTCOME_OVER_DATE_LIMIT);
    pair_does(make_redeem(LEDGER, account, product, 10));
    expect_sound();
}
END_TEST

/* No amount overflows, and none is lost: the largest price, amount and number of units. */
START_TEST(the_ends_of_numbers)
{
    EXPECT(asset_units_for(INT64_MAX, 1, 8, 0, ASSET_DOWN) == -1);
    EXPECT(asset_units_for(INT64_MAX, PRICE_E8_MAX, 0, 0, ASSET_DOWN) == INT64_MAX / 10000000);
    EXPECT(asset_money_for(INT64_MAX, PRICE_E8_MAX, 0, 4, ASSET_DOWN) == -1);
    EXPECT(asset_money_for(INT64_MAX, ONE_E8, 2, 2, ASSET_DOWN) == INT64_MAX);
    EXPECT(asset_money_for(INT64_MAX, ONE_E8 + 1, 2, 2, ASSET_UP) == -1);
    EXPECT(asset_money_for(1, 49999999, 0, 0, ASSET_HALF_UP) == 0);
    EXPECT(asset_money_for(1, 50000000, 0, 0, ASSET_HALF_UP) == 1);
    EXPECT(
        asset_money_for(1, 1, 0, 0, ASSET_UP) == 1 && asset_money_for(0, 1, 0, 0, ASSET_UP) == 0);
    EXPECT(asset_units_for(1, 1, 8, 4, ASSET_DOWN) == INT64_C(1000000000000));
    int64_t product = begin(PRODUCT_ROUNDING_DOWN, PRODUCT_REST_TO_ISSUER, 1, 1000000);
    /* 10^6 minor units at 10^-8 are 10^14 of the smallest part: 92,233 times and a little. */
    pair_does(make_subscribe(LEDGER, ACCOUNT, product, 1000000));
    struct position shown =
        engine_shown_position(pair.engine, engine_find_ledger(pair.engine, LEDGER),
            engine_find_record(pair.engine, RECORD_POSITION, 1));
    EXPECT(shown.units[BUCKET_AVAILABLE] == INT64_C(100000000000000));
    EXPECT(shown.value_minor == 1000000 && shown.price_version == 1);
    struct assets assets;
    const struct ledger *ledger = engine_find_ledger(pair.engine, LEDGER);
    engine_assets(pair.engine, ledger, engine_find_account(pair.engine, ACCOUNT), &assets);
    EXPECT(assets.value_minor == 1000000 && assets.position_count == 1 && !assets.is_partial);
    pair_does(make_receipt(LEDGER, ACCOUNT, AMOUNT_MINOR_MAX));
    EXPECT(pair_try(make_subscribe(LEDGER, ACCOUNT, product, AMOUNT_MINOR_MAX)) ==
           OUTCOME_TOO_MANY_UNITS);
    EXPECT(pair_try(make_subscribe(LEDGER, ACCOUNT, product, 92233720368 - 1000000)) ==
           OUTCOME_ACCEPTED);
    EXPECT(pair_try(make_subscribe(LEDGER, ACCOUNT, product, 1)) == OUTCOME_TOO_MANY_UNITS);
    /* At the largest price they are worth more than can be counted, and so is the sum. */
    pair_does(make_price(LEDGER, product, TEST_DATE, PRICE_E8_MAX, shown.price_id));
    engine_assets(pair.engine, ledger, engine_find_account(pair.engine, ACCOUNT), &assets);
    EXPECT(assets.value_minor == -1 && assets.position_count == 1 && assets.shown_count == 1);
    expect_sound();
}
END_TEST

/* engine_check sees units that are not as they were kept. */
START_TEST(what_is_kept_is_checked)
{
    char error[200];
    int64_t product = begin(PRODUCT_ROUNDING_DOWN, PRODUCT_REST_TO_ISSUER, ONE_E8, 1000);
    pair_does(make_subscribe(LEDGER, ACCOUNT, product, 600));
    struct position *position = record_at(pair.engine, RECORD_POSITION, 1);
    struct account *account = &pair.engine->accounts[position->account_id];
    int64_t *const numbers[] = {&account->balance_minor[BUCKET_AVAILABLE],
        &pair.engine->held_units[product], &position->owner_account_id, &account->member_id};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        ++*numbers[i];
        EXPECT_MSG(engine_check(pair.engine, error, sizeof error) < 0, "number %zu", i);
        --*numbers[i];
    }
    account->unit = 0;
    EXPECT(engine_check(pair.engine, error, sizeof error) < 0);
    account->unit = (int32_t)product;
    expect_sound();
}
END_TEST

START_TEST(there_are_as_many_as_there_can_be)
{
    struct stage *stage = stage_create();
    int64_t product = stage_do(stage, at_once(PRODUCT_ROUNDING_DOWN, PRODUCT_REST_TO_ISSUER,
                                          make_open_product(L_MAIN, "F8", A_POOR)));
    stage_do(stage, make_price(L_MAIN, product, TEST_DATE, ONE_E8, 0));
    const struct command subscribe = make_subscribe(L_MAIN, A_RICH, product, 1);
    struct image last = {.kind = RECORD_POSITION,
        .position = {.id = POSITIONS_MAX, .ledger_id = L_MAIN, .product_id = product}};
    engine_load_image(stage->engine, stage->sequence, &last);
    engine_execute(stage->engine, stage->now_us, ++stage->sequence, &subscribe, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_TOO_MANY_POSITIONS);
    last = (struct image){.kind = RECORD_ACCOUNT};
    last.account = *engine_find_account(stage->engine, A_RICH);
    last.account.id = ACCOUNTS_MAX;
    engine_load_image(stage->engine, stage->sequence, &last);
    engine_execute(stage->engine, stage->now_us, ++stage->sequence, &subscribe, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_TOO_MANY_ACCOUNTS);
    stage_destroy(stage);
}
END_TEST

Suite *positions_suite(void)
{
    Suite *suite = suite_create("positions");
    TCase *tests = tcase_create("positions");
    tcase_add_checked_fixture(tests, pair_begin, pair_finish);
    tcase_add_test(tests, money_becomes_units_and_money_again);
    tcase_add_test(tests, the_rest_is_the_holders);
    tcase_add_test(tests, who_may_not);
    tcase_add_test(tests, a_claim_keeps_units);
    tcase_add_test(tests, policies_hold_for_both);
    tcase_add_test(tests, the_ends_of_numbers);
    tcase_add_test(tests, what_is_kept_is_checked);
    tcase_add_test(tests, there_are_as_many_as_there_can_be);
    suite_add_tcase(suite, tests);
    return suite;
}
