/* products.c: products and their prices: what they are, versions, ceilings.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "compare.h"
#include "engine/engine.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "pair.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#define ONE_E8 100000000

struct command make_open_product(int64_t ledger_id, const char *code, int64_t cash_account_id)
{
    struct command command = make_close_ledger(ledger_id);
    command.kind = COMMAND_OPEN_PRODUCT;
    command.open_product = (struct open_product){.code = text_of(code),
        .name = text_of("Money"),
        .kind = PRODUCT_FUND,
        .scale = 2,
        .cash_account_id = cash_account_id,
        .unit_rounding = PRODUCT_ROUNDING_HALF_UP,
        .money_rounding = PRODUCT_ROUNDING_HALF_UP,
        .rest = PRODUCT_REST_TO_ISSUER};
    return command;
}

struct command make_close_product(int64_t ledger_id, int64_t product_id)
{
    struct command command = make_close_ledger(ledger_id);
    command.kind = COMMAND_CLOSE_PRODUCT;
    command.close_product = (struct close_product){.product_id = product_id};
    return command;
}

struct command make_price(int64_t ledger_id, int64_t product_id, int32_t date, int64_t price_e8,
    int64_t corrects_price_id)
{
    struct command command = make_close_ledger(ledger_id);
    command.kind = COMMAND_PUBLISH_PRICE;
    command.publish_price = (struct publish_price){product_id, date, price_e8, corrects_price_id};
    return command;
}

struct command make_subscribe(
    int64_t ledger_id, int64_t account_id, int64_t product_id, int64_t amount)
{
    struct command command = make_close_ledger(ledger_id);
    command.kind = COMMAND_SUBSCRIBE;
    command.subscribe = (struct subscribe){
        .account_id = account_id, .product_id = product_id, .amount_minor = amount};
    return command;
}

struct command make_redeem(int64_t ledger_id, int64_t account_id, int64_t product_id, int64_t units)
{
    struct command command = make_close_ledger(ledger_id);
    command.kind = COMMAND_REDEEM;
    command.redeem =
        (struct redeem){.account_id = account_id, .product_id = product_id, .units = units};
    return command;
}

struct command at_once(int32_t unit_rounding, int32_t rest, struct command open)
{
    open.open_product.is_at_once = true;
    open.open_product.unit_rounding = unit_rounding;
    open.open_product.rest = rest;
    return open;
}

static const struct product *product_at(int64_t id)
{
    const struct product *product = engine_find_record(pair.engine, RECORD_PRODUCT, id);
    EXPECT(product != NULL);
    return product;
}

static const struct price *price_at(int64_t id)
{
    const struct price *price = engine_find_record(pair.engine, RECORD_PRICE, id);
    EXPECT(price != NULL);
    return price;
}

static void expect_sound(void)
{
    char error[200];
    EXPECT_MSG(engine_check(pair.engine, error, sizeof error) == 0, "%s", error);
    expect_same_products(pair.engine, pair.model);
}

/* Its code is its ledger's for ever; its account is a control account, which no money can meet. */
START_TEST(a_product_is_a_unit)
{
    int64_t id = pair_does(make_open_product(LEDGER, "F1", ACCOUNT));
    const struct product *product = product_at(id);
    const struct account *issuer = engine_find_account(pair.engine, product->account_id);
    EXPECT(issuer->kind == ACCOUNT_ISSUER && issuer->unit == id && issuer->member_id == 0);
    EXPECT(engine_find_account(pair.engine, ACCOUNT)->unit == 0);
    EXPECT(product->status == PRODUCT_OPEN && product->price_id == 0);
    EXPECT(pair_try(make_open_product(LEDGER, "F1", OTHER)) == OUTCOME_PRODUCT_CODE_TAKEN);
    EXPECT(pair_try(make_open_product(LEDGER, "F2", 1)) == OUTCOME_NOT_A_MEMBER_ACCOUNT);
    EXPECT(pair_try(make_open_product(LEDGER, "F2", 99)) == OUTCOME_ACCOUNT_NOT_FOUND);
    EXPECT(pair_try(make_open_product(LEDGER, "F2", product->account_id)) ==
           OUTCOME_NOT_A_MEMBER_ACCOUNT);
    /* Whatever names an account as one of money refuses it. */
    pair_does(make_receipt(LEDGER, OTHER, 100));
    EXPECT(pair_try(make_pay(LEDGER, OTHER, product->account_id, 1, 0)) ==
           OUTCOME_NOT_A_MEMBER_ACCOUNT);
    EXPECT(pair_try(make_receipt(LEDGER, product->account_id, 1)) != OUTCOME_ACCEPTED);
    pair_does(make_close_product(LEDGER, id));
    EXPECT(issuer->status == ACCOUNT_CLOSED);
    EXPECT(pair_try(make_close_product(LEDGER, id)) == OUTCOME_PRODUCT_CLOSED);
    EXPECT(pair_try(make_close_product(LEDGER, 9)) == OUTCOME_PRODUCT_NOT_FOUND);
    EXPECT(pair_try(make_open_product(LEDGER, "F1", OTHER)) == OUTCOME_PRODUCT_CODE_TAKEN);
    /* Those of another ledger are not there. */
    int64_t other = pair_does(make_open_ledger("2000", TEST_DATE, 0));
    EXPECT(pair_try(make_close_product(other, id)) == OUTCOME_PRODUCT_NOT_FOUND);
    expect_sound();
}
END_TEST

/* What an open product pays through stays open. */
START_TEST(its_cash_account_stays_open)
{
    pair_does(make_open_product(LEDGER, "F1", OTHER));
    int64_t second = pair_does(make_open_product(LEDGER, "F2", OTHER));
    EXPECT(pair_try(make_close_account(LEDGER, OTHER)) == OUTCOME_ACCOUNT_OF_PRODUCT);
    pair_does(make_close_product(LEDGER, second));
    EXPECT(pair_try(make_close_account(LEDGER, OTHER)) == OUTCOME_ACCOUNT_OF_PRODUCT);
    pair_does(make_close_product(LEDGER, 1));
    pair_does(make_close_account(LEDGER, OTHER));
    EXPECT(pair_try(make_open_product(LEDGER, "F3", OTHER)) == OUTCOME_ACCOUNT_CLOSED);
    expect_sound();
}
END_TEST

/* In the order of dates; a correction is the next version of its date, and the last date counts. */
START_TEST(prices_have_versions)
{
    int64_t id = pair_does(make_open_product(LEDGER, "F1", ACCOUNT));
    int64_t first = pair_does(make_price(LEDGER, id, TEST_DATE - 5, ONE_E8, 0));
    int64_t second = pair_does(make_price(LEDGER, id, TEST_DATE - 1, 2 * ONE_E8, 0));
    EXPECT(pair_try(make_price(LEDGER, id, TEST_DATE - 1, 1, 0)) == OUTCOME_PRICE_DATE_PASSED);
    EXPECT(pair.effects.limit_minor == second);
    EXPECT(pair_try(make_price(LEDGER, id, TEST_DATE - 3, 1, 0)) == OUTCOME_PRICE_DATE_PASSED);
    EXPECT(pair_try(make_price(LEDGER, id, TEST_DATE + 1, 1, 0)) == OUTCOME_PRICE_DATE_AHEAD);
    /* Of an earlier date: the product's last price stays. */
    int64_t third = pair_does(make_price(LEDGER, id, TEST_DATE - 5, 3 * ONE_E8, first));
    EXPECT(price_at(third)->version == 2 && price_at(first)->status == PRICE_REPLACED);
    EXPECT(price_at(first)->price_e8 == ONE_E8 && price_at(first)->version == 1);
    EXPECT(product_at(id)->price_id == second);
    EXPECT(pair_try(make_price(LEDGER, id, TEST_DATE - 5, 1, first)) == OUTCOME_PRICE_REPLACED);
    EXPECT(pair_try(make_price(LEDGER, id, TEST_DATE - 1, 1, third)) == OUTCOME_PRICE_NOT_FOUND);
    EXPECT(pair_try(make_price(LEDGER, id, TEST_DATE - 1, 1, 99)) == OUTCOME_PRICE_NOT_FOUND);
    int64_t fourth = pair_does(make_price(LEDGER, id, TEST_DATE - 1, 4 * ONE_E8, second));
    EXPECT(product_at(id)->price_id == fourth && product_at(id)->price_version == 2);
    EXPECT(product_at(id)->price_e8 == 4 * ONE_E8);
    pair_does(make_price(LEDGER, id, TEST_DATE, PRICE_E8_MAX, 0));
    EXPECT(product_at(id)->price_date == TEST_DATE && product_at(id)->price_version == 1);
    /* Another product's price is none of this one's. */
    int64_t other = pair_does(make_open_product(LEDGER, "F2", ACCOUNT));
    EXPECT(pair_try(make_price(LEDGER, other, TEST_DATE - 5, 1, third)) == OUTCOME_PRICE_NOT_FOUND);
    EXPECT(pair_try(make_price(LEDGER, 9, TEST_DATE, 1, 0)) == OUTCOME_PRODUCT_NOT_FOUND);
    pair_does(make_close_product(LEDGER, id));
    EXPECT(pair_try(make_price(LEDGER, id, TEST_DATE, 1, 0)) == OUTCOME_PRODUCT_CLOSED);
    expect_sound();
}
END_TEST

/* engine_check sees what is not as it was kept. */
START_TEST(what_is_kept_is_checked)
{
    char error[200];
    int64_t id = pair_does(make_open_product(LEDGER, "F1", ACCOUNT));
    struct product *product = record_at(pair.engine, RECORD_PRODUCT, id);
    struct account *issuer = &pair.engine->accounts[product->account_id];
    expect_sound();
    issuer->unit = 0;
    EXPECT(engine_check(pair.engine, error, sizeof error) < 0);
    issuer->unit = (int32_t)id;
    issuer->status = ACCOUNT_CLOSED;
    EXPECT(engine_check(pair.engine, error, sizeof error) < 0);
    issuer->status = ACCOUNT_OPEN;
    product->code[0] = 'G';
    EXPECT(engine_check(pair.engine, error, sizeof error) < 0);
    product->code[0] = 'F';
    pair.engine->open_product_counts[OTHER]++;
    EXPECT(engine_check(pair.engine, error, sizeof error) < 0);
    pair.engine->open_product_counts[OTHER]--;
    product->cash_account_id = product->account_id;
    EXPECT(engine_check(pair.engine, error, sizeof error) < 0);
    product->cash_account_id = ACCOUNT;
    expect_sound();
}
END_TEST

START_TEST(there_are_as_many_as_there_can_be)
{
    struct stage *stage = stage_create();
    const struct command open = make_open_product(L_MAIN, "F9", A_RICH);
    int64_t id = stage_do(stage, make_open_product(L_MAIN, "F8", A_RICH));
    struct image last = {.kind = RECORD_PRICE,
        .price = {.id = PRICES_MAX, .ledger_id = L_MAIN, .product_id = id, .version = 1}};
    last.price.status = PRICE_REPLACED;
    engine_load_image(stage->engine, stage->sequence, &last);
    const struct command price = make_price(L_MAIN, id, TEST_DATE, 1, 0);
    engine_execute(stage->engine, stage->now_us, ++stage->sequence, &price, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_TOO_MANY_PRICES);
    last = (struct image){.kind = RECORD_PRODUCT};
    last.product = *(const struct product *)record_at(stage->engine, RECORD_PRODUCT, id);
    last.product.id = PRODUCTS_MAX;
    engine_load_image(stage->engine, stage->sequence, &last);
    engine_execute(stage->engine, stage->now_us, ++stage->sequence, &open, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_TOO_MANY_PRODUCTS);
    last = (struct image){.kind = RECORD_ACCOUNT};
    last.account = *engine_find_account(stage->engine, A_RICH);
    last.account.id = ACCOUNTS_MAX;
    engine_load_image(stage->engine, stage->sequence, &last);
    engine_execute(stage->engine, stage->now_us, ++stage->sequence, &open, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_TOO_MANY_ACCOUNTS);
    stage_destroy(stage);
}
END_TEST

Suite *products_suite(void)
{
    Suite *suite = suite_create("products");
    TCase *tests = tcase_create("products");
    tcase_add_checked_fixture(tests, pair_begin, pair_finish);
    tcase_add_test(tests, a_product_is_a_unit);
    tcase_add_test(tests, its_cash_account_stays_open);
    tcase_add_test(tests, prices_have_versions);
    tcase_add_test(tests, what_is_kept_is_checked);
    tcase_add_test(tests, there_are_as_many_as_there_can_be);
    suite_add_tcase(suite, tests);
    return suite;
}
