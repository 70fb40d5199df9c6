/* mandates.c: what is used of a mandate over the life of what was done by it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"
#include "engine/memory/memory.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#include <inttypes.h>

static void expect_used(struct stage *stage, int64_t id, int64_t used_minor, int32_t count)
{
    const struct mandate *mandate = engine_find_record(stage->engine, RECORD_MANDATE, id);
    EXPECT_MSG(mandate->used_minor == used_minor && mandate->used_count == count,
        "used %" PRId64 ", %d times", mandate->used_minor, mandate->used_count);
    expect_same_state(stage->engine, stage->model);
}

static int64_t grant(struct stage *stage, int64_t account, int64_t payee, int64_t card)
{
    struct command command = make_mandate(L_MAIN, account, payee, card, 100, 150, AN_HOUR_AHEAD);
    command.grant_mandate.count = 2;
    return stage_do(stage, command);
}

/* Up to the ceiling of each, of all, and the count; a refusal uses nothing. */
START_TEST(a_payment_is_counted_until_it_is_reversed)
{
    struct stage *stage = stage_create();
    int64_t id = grant(stage, A_RICH, A_POOR, 0);
    struct command pay = by_mandate(id, make_pay(L_MAIN, A_RICH, A_POOR, 60, 5));
    stage_do(stage, pay);
    int64_t first = stage->sequence;
    expect_used(stage, id, 65, 1);
    EXPECT(stage_try(stage, by_mandate(id, make_pay(L_MAIN, A_RICH, A_POOR, 86, 0))) ==
           OUTCOME_ABOVE_MANDATE);
    EXPECT(stage->effects.limit_minor == 85);
    stage_do(stage, by_mandate(id, make_pay(L_MAIN, A_RICH, A_POOR, 85, 0)));
    int64_t second = stage->sequence;
    expect_used(stage, id, 150, 2);
    EXPECT(stage_try(stage, pay) == OUTCOME_MANDATE_USED_UP);
    /* What is refunded stays used; what is reversed does not. */
    stage_do(stage, make_refund(L_MAIN, second, "", &(struct payee){A_POOR, 5}, 1));
    expect_used(stage, id, 150, 2);
    stage_do(stage, make_reverse(L_MAIN, first));
    expect_used(stage, id, 85, 1);
    EXPECT(stage_try(stage, by_mandate(id, make_pay(L_MAIN, A_RICH, A_POOR, 66, 0))) ==
           OUTCOME_ABOVE_MANDATE);
    stage_do(stage, by_mandate(id, make_pay(L_MAIN, A_RICH, A_POOR, 65, 0)));
    expect_used(stage, id, 150, 2);
    /* Also when it has ended. */
    second = stage->sequence;
    stage_do(stage, make_end_mandate(L_MAIN, id));
    stage_do(stage, make_reverse(L_MAIN, second));
    expect_used(stage, id, 85, 1);
    stage_destroy(stage);
}
END_TEST

static int64_t withdraw(struct stage *stage, int64_t id, int64_t amount)
{
    struct command command = make_withdraw(L_MAIN, A_PAYS, amount, 0, FEE_OUTSIDE);
    command.withdraw.card_id = Y_PAYS;
    return stage_do(stage, by_mandate(id, command));
}

static void say(struct stage *stage, int64_t payout, int32_t result, int64_t amount)
{
    struct command command = make_confirm(L_MAIN, payout, result);
    command.confirm_payout.amount_minor = amount;
    stage_do(stage, command);
}

START_TEST(a_payout_is_counted_as_far_as_it_left)
{
    struct stage *stage = stage_create();
    int64_t id = grant(stage, A_PAYS, 0, Y_PAYS);
    stage_do(stage, make_receipt(L_MAIN, A_PAYS, 1000));
    int64_t payout = withdraw(stage, id, 60);
    expect_used(stage, id, 60, 1);
    say(stage, payout, PAYOUT_RESULT_FAILED, 0);
    expect_used(stage, id, 0, 0);
    payout = withdraw(stage, id, 70);
    stage_do(stage, make_intercept(L_MAIN, payout));
    expect_used(stage, id, 0, 0);
    payout = withdraw(stage, id, 80);
    say(stage, payout, PAYOUT_RESULT_PAID, 0);
    expect_used(stage, id, 80, 1);
    say(stage, payout, PAYOUT_RESULT_RETURNED, 30);
    expect_used(stage, id, 50, 1);
    say(stage, payout, PAYOUT_RESULT_RETURNED, 50);
    expect_used(stage, id, 0, 0);
    stage_destroy(stage);
}
END_TEST

/* What comes back is given back, and no more: not a fee that stays, nor one that another bore. */
START_TEST(a_fee_is_counted_as_far_as_it_stays)
{
    static const struct {
        int32_t mode, word; /* how the fee is borne; what becomes of it, whatever the bank says */
        int64_t used, when_failed, when_part_came, when_all_came;
    } rows[] = {
        {FEE_OUTSIDE, PAYOUT_FEE_BACK, 90, 0, 45, 0},
        {FEE_OUTSIDE, PAYOUT_FEE_KEPT, 90, 10, 50, 10},
        {FEE_INSIDE, PAYOUT_FEE_KEPT, 80, 10, 40, 10},
        {FEE_BORNE_BY_ANOTHER, PAYOUT_FEE_KEPT, 80, 0, 40, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct stage *stage = stage_create();
        struct fee_tier flat = {.flat_minor = 10};
        struct command rule = make_fee_rule(L_MAIN, "way", TEST_DATE, &flat, 1);
        rule.set_fee_rule.on_payout_failed = rows[i].word;
        rule.set_fee_rule.on_payout_returned = rows[i].word;
        stage_do(stage, rule);
        stage_do(stage, make_receipt(L_MAIN, A_PAYS, 1000));
        int64_t id = grant(stage, A_PAYS, 0, Y_PAYS);
        struct command command = make_withdraw(L_MAIN, A_PAYS, 80, 0, rows[i].mode);
        command.withdraw.card_id = Y_PAYS;
        command.withdraw.fee_rule = text_of("way");
        if (rows[i].mode == FEE_BORNE_BY_ANOTHER)
            command.withdraw.fee_account_id = A_RICH;
        int64_t payout = stage_do(stage, by_mandate(id, command));
        expect_used(stage, id, rows[i].used, 1);
        say(stage, payout, PAYOUT_RESULT_FAILED, 0);
        expect_used(stage, id, rows[i].when_failed, rows[i].when_failed > 0);

        id = grant(stage, A_PAYS, 0, Y_PAYS);
        payout = stage_do(stage, by_mandate(id, command));
        say(stage, payout, PAYOUT_RESULT_PAID, 0);
        say(stage, payout, PAYOUT_RESULT_RETURNED, 40);
        expect_used(stage, id, rows[i].when_part_came, 1);
        say(stage, payout, PAYOUT_RESULT_RETURNED, 0);
        expect_used(stage, id, rows[i].when_all_came, rows[i].when_all_came > 0);
        stage_destroy(stage);
    }
}
END_TEST

static enum outcome try_to_withdraw(struct stage *stage, int64_t id)
{
    struct command command = make_withdraw(L_MAIN, A_PAYS, 1, 0, FEE_OUTSIDE);
    command.withdraw.card_id = Y_PAYS;
    return stage_try(stage, by_mandate(id, command));
}

START_TEST(a_withdrawal_is_refused_as_a_payment_is)
{
    struct stage *stage = stage_create();
    struct command later = make_mandate(L_MAIN, A_PAYS, 0, Y_PAYS, 100, 150, AN_HOUR_AHEAD);
    struct command once = later, soon = later;
    stage_do(stage, make_receipt(L_MAIN, A_PAYS, 1000));
    later.grant_mandate.starts_at_us = STAGE_NOW_US + 1;
    EXPECT(try_to_withdraw(stage, stage_do(stage, later)) == OUTCOME_MANDATE_NOT_YET_VALID);
    int64_t id = grant(stage, A_PAYS, 0, Y_PAYS);
    stage_do(stage, make_end_mandate(L_MAIN, id));
    EXPECT(try_to_withdraw(stage, id) == OUTCOME_MANDATE_ENDED);
    once.grant_mandate.count = 1;
    id = stage_do(stage, once);
    EXPECT(try_to_withdraw(stage, id) == OUTCOME_ACCEPTED);
    EXPECT(try_to_withdraw(stage, id) == OUTCOME_MANDATE_USED_UP);
    soon.grant_mandate.expires_at_us = STAGE_NOW_US + 1;
    id = stage_do(stage, soon);
    EXPECT(try_to_withdraw(stage, id) == OUTCOME_ACCEPTED);
    stage->now_us = STAGE_NOW_US + 1;
    EXPECT(try_to_withdraw(stage, id) == OUTCOME_MANDATE_EXPIRED);
    stage_destroy(stage);
}
END_TEST

START_TEST(a_card_must_be_found_right)
{
    struct stage *stage = stage_create();
    int64_t account = stage_do(stage, make_open_account(L_MAIN, M_CARDS));
    EXPECT(stage_try(stage, make_mandate(L_MAIN, account, 0, Y_BOUND, 1, 1, AN_HOUR_AHEAD)) ==
           OUTCOME_CARD_NOT_CHECKED);
    EXPECT(stage_try(stage, make_mandate(L_MAIN, account, 0, Y_UNBOUND, 1, 1, AN_HOUR_AHEAD)) ==
           OUTCOME_CARD_FINAL);
    stage_destroy(stage);
}
END_TEST

Suite *mandates_suite(void)
{
    Suite *suite = suite_create("mandates");
    TCase *tests = tcase_create("mandates");
    tcase_add_test(tests, a_payment_is_counted_until_it_is_reversed);
    tcase_add_test(tests, a_payout_is_counted_as_far_as_it_left);
    tcase_add_test(tests, a_fee_is_counted_as_far_as_it_stays);
    tcase_add_test(tests, a_withdrawal_is_refused_as_a_payment_is);
    tcase_add_test(tests, a_card_must_be_found_right);
    suite_add_tcase(suite, tests);
    return suite;
}
