/* deductions.c: what claims cover leaves, and what becomes of it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "compare.h"
#include "engine/engine.h"
#include "model/claim_rule.h"
#include "naive_model.h"
#include "pair.h"
#include "shop.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#include <inttypes.h>
#include <string.h>

#define PAID PAYOUT_RESULT_PAID
#define FAILED PAYOUT_RESULT_FAILED
#define RETURNED PAYOUT_RESULT_RETURNED

static const struct claim *claim_of(int64_t id)
{
    return engine_find_record(pair.engine, RECORD_CLAIM, id);
}

static const int64_t *balance(int64_t account)
{
    return engine_find_account(pair.engine, account)->balance_minor;
}

static int64_t police_claim(int64_t account, int64_t amount)
{
    return pair_does(claim_by(AUTHORITY_POLICE, GROUND_ORDINARY, "P-1", TEST_DATE + 30,
        make_place_claim(LEDGER, account, 0, amount)));
}

static void expect_claim(int64_t id, int status, int64_t limit, int64_t cover, int64_t deducted,
    int64_t deducting, int line)
{
    const struct claim *claim = claim_of(id);
    EXPECT_MSG(claim->status == status && claim->limit_minor == limit &&
                   claim->cover_minor == cover && claim->deducted_minor == deducted &&
                   claim->deducting_minor == deducting,
        "line %d: claim %" PRId64 ": status %d limit %" PRId64 " covers %" PRId64
        " deducted %" PRId64 " deducting %" PRId64,
        line, id, claim->status, claim->limit_minor, claim->cover_minor, claim->deducted_minor,
        claim->deducting_minor);
    expect_same_claims(pair.engine, pair.model);
}

/* 100 and claims of 80 and 50: 30 of the first are deducted, fail, are deducted again, paid, and
 * come back after a credit: each time both cover what they did. */
START_TEST(deducted_and_back)
{
    pair_does(make_receipt(LEDGER, ACCOUNT, 100));
    int64_t first = pair_does(make_place_claim(LEDGER, ACCOUNT, 0, 80));
    int64_t second = police_claim(ACCOUNT, 50);
    int64_t payout = pair_does(make_deduct_claim(LEDGER, first, "C-1", 30));
    expect_claim(first, CLAIM_LIVE, 50, 50, 30, 30, __LINE__);
    expect_claim(second, CLAIM_LIVE, 50, 20, 0, 0, __LINE__);
    EXPECT(balance(ACCOUNT)[BUCKET_PENDING_OUT] == 30 && balance(ACCOUNT)[BUCKET_FROZEN] == 70);
    /* Nobody frees what is on its way. */
    EXPECT(pair_try(make_intercept(LEDGER, payout)) == OUTCOME_PAYOUT_IS_MEASURE);
    EXPECT(
        pair_try(make_release_claim(LEDGER, first, "C-1", 0)) == OUTCOME_CLAIM_DEDUCTION_UNDER_WAY);
    EXPECT(
        pair_try(make_release_claim(LEDGER, first, "C-1", 1)) == OUTCOME_CLAIM_DEDUCTION_UNDER_WAY);
    EXPECT(pair_try(make_close_account(LEDGER, ACCOUNT)) != OUTCOME_ACCEPTED);
    pair_does(make_confirm(LEDGER, payout, PAYOUT_RESULT_SENT));
    pair_does(make_confirm(LEDGER, payout, FAILED));
    expect_claim(first, CLAIM_LIVE, 80, 80, 0, 0, __LINE__);
    expect_claim(second, CLAIM_LIVE, 50, 20, 0, 0, __LINE__);

    payout = pair_does(make_deduct_claim(LEDGER, first, "C-1", 0));
    expect_claim(first, CLAIM_LIVE, 0, 0, 80, 80, __LINE__);
    pair_does(make_receipt(LEDGER, ACCOUNT, 10)); /* others take it meanwhile */
    expect_claim(second, CLAIM_LIVE, 50, 30, 0, 0, __LINE__);
    pair_does(make_confirm(LEDGER, payout, PAID));
    expect_claim(first, CLAIM_DEDUCTED, 0, 0, 80, 0, __LINE__);
    EXPECT(pair_try(make_release_claim(LEDGER, first, "C-1", 0)) == OUTCOME_CLAIM_DEDUCTED);
    EXPECT(pair_try(make_continue_claim(LEDGER, first, "C-1", TEST_DATE + 400)) ==
           OUTCOME_CLAIM_DEDUCTED);
    EXPECT(pair_try(make_deduct_claim(LEDGER, first, "C-1", 0)) == OUTCOME_CLAIM_DEDUCTED);
    EXPECT(pair_try(make_expire(LEDGER, EXPIRY_CLAIM, first)) == OUTCOME_CLAIM_DEDUCTED);
    /* It takes its old place again, before who took over. */
    pair_does(make_return(LEDGER, payout, 25));
    expect_claim(first, CLAIM_LIVE, 25, 25, 55, 0, __LINE__);
    expect_claim(second, CLAIM_LIVE, 50, 30, 0, 0, __LINE__);
    pair_does(make_receipt(LEDGER, ACCOUNT, 5));
    expect_claim(second, CLAIM_LIVE, 50, 35, 0, 0, __LINE__);
    /* What is left of it is released; the rest of the payout comes back all the same. */
    pair_does(make_release_claim(LEDGER, first, "C-1", 0));
    expect_claim(first, CLAIM_DEDUCTED, 0, 0, 55, 0, __LINE__);
    expect_claim(second, CLAIM_LIVE, 50, 50, 0, 0, __LINE__);
    pair_does(make_return(LEDGER, payout, 55));
    expect_claim(first, CLAIM_LIVE, 55, 55, 0, 0, __LINE__);
    pair_does(make_release_claim(LEDGER, first, "C-1", 0));
    expect_claim(first, CLAIM_RELEASED, 0, 0, 0, 0, __LINE__);
}
END_TEST

/* The end waits for the bank, and comes when it has decided. */
START_TEST(expiry_waits)
{
    struct due due;
    pair_does(make_receipt(LEDGER, ACCOUNT, 100));
    int64_t id = police_claim(ACCOUNT, 60);
    int64_t payout = pair_does(make_return_to_victim(LEDGER, id, "P-1", 20));
    pair_does(make_give_feedback(LEDGER, 1, "P-1"));
    pair_does(make_give_feedback(LEDGER, 2, "P-1"));
    pair.now_us += 40 * DAY_US;
    EXPECT(!engine_next_due(pair.engine, pair.now_us, &due));
    EXPECT(pair_try(make_expire(LEDGER, EXPIRY_CLAIM, id)) == OUTCOME_CLAIM_DEDUCTION_UNDER_WAY);
    EXPECT(pair_try(make_return_to_victim(LEDGER, id, "P-1", 20)) == OUTCOME_CLAIM_EXPIRED);
    pair_does(make_confirm(LEDGER, payout, FAILED));
    expect_claim(id, CLAIM_LIVE, 60, 60, 0, 0, __LINE__);
    EXPECT(engine_next_due(pair.engine, pair.now_us, &due) && due.id == id);
    pair_does(make_expire(LEDGER, EXPIRY_CLAIM, id));
    expect_claim(id, CLAIM_EXPIRED, 0, 0, 0, 0, __LINE__);
    EXPECT(balance(ACCOUNT)[BUCKET_AVAILABLE] == 100);
}
END_TEST

static void expect_told(int64_t id, int64_t claim_id, const char *organ)
{
    const struct feedback *told = engine_find_record(pair.engine, RECORD_FEEDBACK, id);
    EXPECT(told && id == engine_last_id(pair.engine, RECORD_FEEDBACK));
    EXPECT(told->claim_id == claim_id && told->status == FEEDBACK_OPEN);
    EXPECT(text_equals((struct text){told->organ, told->organ_length}, text_of(organ)));
    EXPECT(told->asked_sequence == pair.sequence && told->due_at_us == pair.now_us + DAY_US);
}

/* What comes back of one that is over is the account's, and its organ is told. */
START_TEST(over_is_over)
{
    pair_does(make_receipt(LEDGER, ACCOUNT, 100));
    int64_t id = police_claim(ACCOUNT, 60);
    int64_t payout = pair_does(make_return_to_victim(LEDGER, id, "P-1", 0));
    pair_does(make_confirm(LEDGER, payout, PAID));
    expect_claim(id, CLAIM_DEDUCTED, 0, 0, 60, 0, __LINE__);
    pair.now_us += 40 * DAY_US;
    pair_does(make_return(LEDGER, payout, 0));
    expect_claim(id, CLAIM_DEDUCTED, 0, 0, 0, 0, __LINE__);
    EXPECT(balance(ACCOUNT)[BUCKET_AVAILABLE] == 100);
    expect_told(3, id, "P-1");
}
END_TEST

/* Nor has a claim of a closed account where to stand; the money waits in UNALLOCATED. */
START_TEST(a_closed_account_takes_nothing_back)
{
    pair_does(make_receipt(LEDGER, ACCOUNT, 60));
    int64_t id = police_claim(ACCOUNT, 60);
    int64_t payout = pair_does(make_return_to_victim(LEDGER, id, "P-1", 0));
    pair_does(make_confirm(LEDGER, payout, PAID));
    pair_does(make_close_account(LEDGER, ACCOUNT));
    EXPECT(engine_last_id(pair.engine, RECORD_FEEDBACK) == 2);
    EXPECT(pair_try(make_return(LEDGER, payout, 20)) == OUTCOME_ACCEPTED_UNALLOCATED);
    expect_claim(id, CLAIM_DEDUCTED, 0, 0, 40, 0, __LINE__);
    expect_told(3, id, "P-1");
    EXPECT(pair_try(make_return(LEDGER, payout, 40)) == OUTCOME_ACCEPTED_UNALLOCATED);
    expect_told(4, id, "P-1");
    EXPECT(engine_last_id(pair.engine, RECORD_SUSPENSE) == 2);
}
END_TEST

/* Released with nothing left: what comes back belongs to nobody's claim, and its organ hears of it.
 * What a claim takes back is not told. */
START_TEST(who_released_is_told)
{
    pair_does(make_receipt(LEDGER, ACCOUNT, 60));
    int64_t id = police_claim(ACCOUNT, 0);
    int64_t payout = pair_does(make_return_to_victim(LEDGER, id, "P-1", 20));
    pair_does(make_confirm(LEDGER, payout, PAID));
    pair_does(make_return(LEDGER, payout, 5));
    EXPECT(engine_last_id(pair.engine, RECORD_FEEDBACK) == 2);
    pair_does(make_release_claim(LEDGER, id, "P-1", 0));
    pair_does(make_return(LEDGER, payout, 15));
    expect_told(4, id, "P-1");
    expect_claim(id, CLAIM_RELEASED, 0, 0, 15, 0, __LINE__);
}
END_TEST

/* It takes from the accounts in order, a payout each. */
START_TEST(of_all_accounts)
{
    pair_does(make_identify(LEDGER, MEMBER, "\u5f20\u4e09", "11010519491231002X", 0));
    pair_does(make_receipt(LEDGER, ACCOUNT, 30));
    pair_does(make_receipt(LEDGER, OTHER, 40));
    struct command place = make_place_claim(LEDGER, 0, MEMBER, 100);
    place.place_claim.subject = (struct identified){.name = text_of("\u5f20\u4e09"),
        .document_kind = DOCUMENT_CITIZEN_CARD,
        .number = text_of("11010519491231002X")};
    int64_t id = pair_does(place);
    int64_t first = pair_does(make_deduct_claim(LEDGER, id, "C-1", 50));
    EXPECT(balance(ACCOUNT)[BUCKET_PENDING_OUT] == 30 && balance(OTHER)[BUCKET_PENDING_OUT] == 20);
    EXPECT(engine_find_payout(pair.engine, first)->amount_minor == 30);
    EXPECT(engine_find_payout(pair.engine, first + 1)->amount_minor == 20);
    expect_claim(id, CLAIM_LIVE, 50, 20, 50, 50, __LINE__);
    /* One pays, one fails: the claim covers what is there, wherever. */
    pair_does(make_confirm(LEDGER, first, PAID));
    pair_does(make_receipt(LEDGER, ACCOUNT, 7));
    pair_does(make_confirm(LEDGER, first + 1, FAILED));
    expect_claim(id, CLAIM_LIVE, 70, 47, 30, 0, __LINE__);
}
END_TEST

/* Freeze and deduct: at once what there is, the rest stays claimed. */
START_TEST(frozen_and_deducted)
{
    pair_does(make_receipt(LEDGER, ACCOUNT, 30));
    int64_t id = pair_does(and_deduct(make_place_claim(LEDGER, ACCOUNT, 0, 80)));
    expect_claim(id, CLAIM_LIVE, 50, 0, 30, 30, __LINE__);
    EXPECT(pair.effects.claim_payout_id == 1);
    pair_does(make_receipt(LEDGER, ACCOUNT, 90));
    expect_claim(id, CLAIM_LIVE, 50, 50, 30, 30, __LINE__);
    /* It finds nothing, and waits. */
    int64_t other = pair_does(and_deduct(make_place_claim(LEDGER, OTHER, 0, 80)));
    EXPECT(pair.effects.claim_payout_id == 0);
    expect_claim(other, CLAIM_LIVE, 80, 0, 0, 0, __LINE__);
    /* The account itself: whatever there is. */
    int64_t whole = pair_does(and_deduct(make_place_claim(LEDGER, ACCOUNT, 0, 0)));
    expect_claim(whole, CLAIM_LIVE, INT64_MAX, 0, 40, 40, __LINE__);
    pair_does(make_confirm(LEDGER, engine_last_id(pair.engine, RECORD_PAYOUT), FAILED));
    expect_claim(whole, CLAIM_LIVE, INT64_MAX, 40, 0, 0, __LINE__);
}
END_TEST

/* Each row of the law: who may take, who may give to victims, and where that stands. */
START_TEST(who_may)
{
    static const struct {
        enum claim_authority authority;
        enum claim_ground ground;
        const char *article;
        enum outcome deducts, returns;
    } rows[] = {
        {AUTHORITY_COURT, GROUND_ORDINARY, "\u6c11\u8bc9\u6cd5\u89e3\u91ca 485", OUTCOME_ACCEPTED,
            OUTCOME_CLAIM_MAY_NOT_RETURN},
        {AUTHORITY_POLICE, GROUND_ORDINARY, "\u516c\u5b89\u7a0b\u5e8f\u89c4\u5b9a 243",
            OUTCOME_CLAIM_MAY_NOT_DEDUCT, OUTCOME_ACCEPTED},
        {AUTHORITY_POLICE, GROUND_MAJOR_CASE, "\u516c\u5b89\u7a0b\u5e8f\u89c4\u5b9a 243",
            OUTCOME_CLAIM_MAY_NOT_DEDUCT, OUTCOME_ACCEPTED},
        {AUTHORITY_POLICE, GROUND_TERROR, "\u53cd\u6050\u6016\u4e3b\u4e49\u6cd5 52",
            OUTCOME_CLAIM_MAY_NOT_DEDUCT, OUTCOME_CLAIM_MAY_NOT_RETURN},
        {AUTHORITY_TAX, GROUND_ORDINARY, "\u7a0e\u6536\u5f81\u6536\u7ba1\u7406\u6cd5 38, 40",
            OUTCOME_ACCEPTED, OUTCOME_CLAIM_MAY_NOT_RETURN},
        {AUTHORITY_CUSTOMS, GROUND_ORDINARY, "\u6d77\u5173\u6cd5 60-61", OUTCOME_ACCEPTED,
            OUTCOME_CLAIM_MAY_NOT_RETURN},
        {AUTHORITY_PROCURATORATE, GROUND_ORDINARY,
            "\u4eba\u6c11\u68c0\u5bdf\u9662\u5211\u4e8b\u8bc9\u8bbc\u89c4\u5219 212-213",
            OUTCOME_CLAIM_MAY_NOT_DEDUCT, OUTCOME_CLAIM_MAY_NOT_RETURN},
        {AUTHORITY_BANK, GROUND_LISTED_PERSON,
            "\u53cd\u6d17\u94b1\u6cd5 40; \u53cd\u6050\u6016\u4e3b\u4e49\u6cd5 14",
            OUTCOME_CLAIM_MAY_NOT_DEDUCT, OUTCOME_CLAIM_MAY_NOT_RETURN},
        {AUTHORITY_CREDITOR, GROUND_SECURED_RIGHT, "\u6c11\u6cd5\u5178 386, 425, 440",
            OUTCOME_CLAIM_MAY_NOT_DEDUCT, OUTCOME_CLAIM_MAY_NOT_RETURN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct claim_rule *rule =
            claim_rule_of((int32_t)rows[i].authority, (int32_t)rows[i].ground);
        EXPECT_MSG(strcmp(rule->article, rows[i].article) == 0, "%s", rule->article);
        pair_does(make_receipt(LEDGER, OTHER, 10));
        struct command place = claim_by(rows[i].authority, rows[i].ground, "O-1", TEST_DATE + 20,
            make_place_claim(LEDGER, OTHER, 0, 8));
        EXPECT(pair_try(and_deduct(place)) == rows[i].deducts);
        place.place_claim.amount_minor = 2;
        int64_t id = pair_does(place);
        EXPECT(pair_try(make_deduct_claim(LEDGER, id, "O-1", 1)) == rows[i].deducts);
        EXPECT(pair_try(make_return_to_victim(LEDGER, id, "O-1", 1)) == rows[i].returns);
    }
}
END_TEST

START_TEST(refusals)
{
    pair_does(make_receipt(LEDGER, ACCOUNT, 100));
    int64_t whole = pair_does(claim_by(
        AUTHORITY_TAX, GROUND_ORDINARY, "T-1", 0, make_place_claim(LEDGER, ACCOUNT, 0, 90)));
    int64_t id = pair_does(make_place_claim(LEDGER, ACCOUNT, 0, 80));
    EXPECT(pair_try(make_deduct_claim(LEDGER, 99, "C-1", 1)) == OUTCOME_CLAIM_NOT_FOUND);
    EXPECT(pair_try(make_deduct_claim(LEDGER, id, "T-1", 1)) == OUTCOME_CLAIM_OF_ANOTHER_ORGAN);
    /* Only its own cover: the earlier one blocks. */
    EXPECT(pair_try(make_deduct_claim(LEDGER, id, "C-1", 11)) == OUTCOME_CLAIM_COVERS_LESS);
    EXPECT(pair.effects.limit_minor == 10);
    pair_does(make_deduct_claim(LEDGER, id, "C-1", 10));
    EXPECT(pair_try(make_deduct_claim(LEDGER, id, "C-1", 0)) == OUTCOME_CLAIM_COVERS_LESS);
    EXPECT(pair.effects.limit_minor == 0);
    pair_does(make_release_claim(LEDGER, whole, "T-1", 0));
    EXPECT(pair_try(make_deduct_claim(LEDGER, whole, "T-1", 1)) == OUTCOME_CLAIM_RELEASED);
    /* It takes no account that gives nothing for an answer. */
    pair_does(make_restrict(LEDGER, ACCOUNT, true, true));
    pair_does(make_deduct_claim(LEDGER, id, "C-1", 70));
    pair.now_us += 400 * DAY_US;
    int64_t late = pair_does(claim_by(AUTHORITY_COURT, GROUND_ORDINARY, "C-1", TEST_DATE + 401,
        make_place_claim(LEDGER, ACCOUNT, 0, 1)));
    pair.now_us += 4 * DAY_US;
    EXPECT(pair_try(make_deduct_claim(LEDGER, late, "C-1", 1)) == OUTCOME_CLAIM_EXPIRED);
}
END_TEST

/* Twice an account, continuations counted, and it is never forgotten: 银发〔2016〕86号. */
START_TEST(stopped_twice)
{
    struct command stop = claim_by(
        AUTHORITY_POLICE, GROUND_FRAUD_STOP, "P-1", 0, make_place_claim(LEDGER, ACCOUNT, 0, 9));
    int64_t first = pair_does(stop);
    pair.now_us += 3 * DAY_US;
    pair_does(make_expire(LEDGER, EXPIRY_CLAIM, first));
    int64_t second = pair_does(stop);
    EXPECT(
        pair_try(make_continue_claim(LEDGER, second, "P-1", 0)) == OUTCOME_CLAIM_STOPPED_TOO_OFTEN);
    pair.now_us += 3 * DAY_US;
    pair_does(make_expire(LEDGER, EXPIRY_CLAIM, second));
    EXPECT(pair_try(stop) == OUTCOME_CLAIM_STOPPED_TOO_OFTEN);
    /* Another account was stopped once, and continued. */
    stop.place_claim.account_id = OTHER;
    int64_t other = pair_does(stop);
    pair_does(make_continue_claim(LEDGER, other, "P-1", 0));
    pair.now_us += 5 * DAY_US;
    pair_does(make_expire(LEDGER, EXPIRY_CLAIM, other));
    EXPECT(pair_try(stop) == OUTCOME_CLAIM_STOPPED_TOO_OFTEN);
}
END_TEST

/* The account is closed when the bank sends it back: it waits, and nothing is claimed again. */
START_TEST(back_to_a_closed_account)
{
    pair_does(make_receipt(LEDGER, ACCOUNT, 60));
    int64_t id = pair_does(and_deduct(make_place_claim(LEDGER, ACCOUNT, 0, 60)));
    pair_does(make_confirm(LEDGER, 1, PAID));
    pair_does(make_close_account(LEDGER, ACCOUNT));
    EXPECT(pair_try(make_return(LEDGER, 1, 20)) == OUTCOME_ACCEPTED_UNALLOCATED);
    expect_claim(id, CLAIM_DEDUCTED, 0, 0, 40, 0, __LINE__);
}
END_TEST

/* A policy about deductions holds for all that is covered, and for a claim that deducts at once. */
START_TEST(whom_a_policy_asks)
{
    static const struct approval_rule_asked rule[] = {{COMMAND_DEDUCT_CLAIM, 50}};
    pair_does(make_receipt(LEDGER, ACCOUNT, 100));
    int64_t id = pair_does(make_place_claim(LEDGER, ACCOUNT, 0, 60));
    pair_does(make_policy(LEDGER, rule, 1));
    EXPECT(pair_try(make_deduct_claim(LEDGER, id, "C-1", 51)) == OUTCOME_APPROVAL_NEEDED);
    EXPECT(pair_try(make_deduct_claim(LEDGER, id, "C-1", 0)) == OUTCOME_APPROVAL_NEEDED);
    EXPECT(pair.effects.limit_minor == 50);
    EXPECT(
        pair_try(and_deduct(make_place_claim(LEDGER, ACCOUNT, 0, 51))) == OUTCOME_APPROVAL_NEEDED);
    EXPECT(
        pair_try(and_deduct(make_place_claim(LEDGER, ACCOUNT, 0, 0))) == OUTCOME_APPROVAL_NEEDED);
    pair_does(make_place_claim(LEDGER, ACCOUNT, 0, 51));
    pair_does(make_deduct_claim(LEDGER, id, "C-1", 50));
    pair_does(make_deduct_claim(LEDGER, id, "C-1", 0)); /* it covers 10 */
    pair_does(and_deduct(make_place_claim(LEDGER, ACCOUNT, 0, 50)));
}
END_TEST

/* ---- by two persons ---- */

static void correct(struct stage *stage, int64_t payout, int32_t right, int64_t back)
{
    struct command command = stage_by_two(stage, make_correction(L_SHOP, payout, right, back));
    enum outcome outcome = stage_try(stage, command);
    EXPECT_MSG(outcome_is_accepted((int)outcome), "%s", outcome_name((int)outcome));
}

/* It had left after all: what the claim covers again gives it, whoever stands behind. */
START_TEST(left_after_all)
{
    struct stage *stage = stage_create();
    int64_t account = stage_newcomer(stage);
    stage_do(stage, make_receipt(L_SHOP, account, 100));
    int64_t id = stage_do(stage, make_place_claim(L_SHOP, account, 0, 80));
    stage_do(stage, make_place_claim(L_SHOP, account, 0, 50));
    int64_t payout = stage_do(stage, make_deduct_claim(L_SHOP, id, "C-1", 70));
    const struct claim *claim = engine_find_record(stage->engine, RECORD_CLAIM, id);
    stage_do(stage, make_confirm(L_SHOP, payout, FAILED));
    EXPECT(claim->limit_minor == 80 && claim->cover_minor == 80);
    correct(stage, payout, PAID, 0);
    EXPECT(claim->limit_minor == 10 && claim->cover_minor == 10 && claim->deducted_minor == 70);
    EXPECT(engine_find_account(stage->engine, account)->balance_minor[BUCKET_FROZEN] == 30);
    correct(stage, payout, RETURNED, 30);
    EXPECT(claim->limit_minor == 40 && claim->cover_minor == 40 && claim->deducted_minor == 40);
    correct(stage, payout, FAILED, 0);
    EXPECT(claim->limit_minor == 80 && claim->cover_minor == 80 && claim->deducted_minor == 0);
    /* Released since, and spent: somebody has to cover it first. */
    stage_do(stage, make_release_claim(L_SHOP, id, "C-1", 0));
    EXPECT(stage_try(stage, stage_by_two(stage, make_correction(L_SHOP, payout, PAID, 0))) ==
           OUTCOME_INSUFFICIENT_AVAILABLE);
    char error[200] = "";
    EXPECT_MSG(engine_check(stage->engine, error, sizeof error) == 0, "%s", error);
    stage_destroy(stage);
}
END_TEST

Suite *deductions_suite(void)
{
    Suite *suite = suite_create("deductions");
    TCase *tests = tcase_create("deductions");
    TCase *staged = tcase_create("corrections");
    tcase_add_checked_fixture(tests, pair_begin, pair_finish);
    tcase_add_test(tests, deducted_and_back);
    tcase_add_test(tests, expiry_waits);
    tcase_add_test(tests, over_is_over);
    tcase_add_test(tests, a_closed_account_takes_nothing_back);
    tcase_add_test(tests, who_released_is_told);
    tcase_add_test(tests, of_all_accounts);
    tcase_add_test(tests, frozen_and_deducted);
    tcase_add_test(tests, who_may);
    tcase_add_test(tests, refusals);
    tcase_add_test(tests, stopped_twice);
    tcase_add_test(tests, back_to_a_closed_account);
    tcase_add_test(tests, whom_a_policy_asks);
    tcase_add_test(staged, left_after_all);
    suite_add_tcase(suite, tests);
    suite_add_tcase(suite, staged);
    return suite;
}
