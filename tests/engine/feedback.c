/* feedback.c: what organs are to be told of their requests, until when, and that it was told.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "compare.h"
#include "engine/engine.h"
#include "pair.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#define QUARTER_US (INT64_C(15) * 60 * 1000000)

static const struct feedback *feedback_at(int64_t id)
{
    const struct feedback *feedback = engine_find_record(pair.engine, RECORD_FEEDBACK, id);
    EXPECT_MSG(feedback != NULL, "there is none");
    return feedback;
}

static int64_t last_feedback(void)
{
    return engine_last_id(pair.engine, RECORD_FEEDBACK);
}

/* Each paper of an organ asks once; the bank itself and a creditor only when they say so. */
START_TEST(each_paper_asks_once)
{
    pair_does(make_receipt(LEDGER, ACCOUNT, 100));
    int64_t claim = pair_does(make_place_claim(LEDGER, ACCOUNT, 0, 80));
    const struct command papers[] = {make_continue_claim(LEDGER, claim, "C-1", TEST_DATE + 400),
        make_deduct_claim(LEDGER, claim, "C-1", 10), make_open_feedback(LEDGER, "C-9", 0)};
    EXPECT(last_feedback() == 1);
    for (int64_t i = 0; i < 3; i++) {
        pair_does(papers[i]);
        EXPECT(last_feedback() == i + 2);
        const struct feedback *asked = feedback_at(i + 2);
        EXPECT(asked->claim_id == (i == 2 ? 0 : claim));
        EXPECT(asked->due_at_us == pair.now_us + 24 * HOUR_US && !asked->is_noticed);
        EXPECT(asked->asked_sequence == pair.sequence && asked->status == FEEDBACK_OPEN);
    }
    /* What is refused asks nothing, and is noted by its own command. */
    EXPECT(
        pair_try(make_release_claim(LEDGER, claim, "C-1", 0)) == OUTCOME_CLAIM_DEDUCTION_UNDER_WAY);
    EXPECT(last_feedback() == 4);
    pair_does(and_deduct(make_place_claim(LEDGER, ACCOUNT, 0, 5)));
    EXPECT(last_feedback() == 5);
    struct command own = claim_by(
        AUTHORITY_BANK, GROUND_LISTED_PERSON, "B-1", 0, make_place_claim(LEDGER, OTHER, 0, 0));
    int64_t by_bank = pair_does(own);
    pair_does(claim_by(
        AUTHORITY_CREDITOR, GROUND_SECURED_RIGHT, "S-1", 0, make_place_claim(LEDGER, OTHER, 0, 9)));
    EXPECT(last_feedback() == 5);
    pair_does(
        answered_by(make_release_claim(LEDGER, by_bank, "B-1", 0), pair.now_us + 3 * HOUR_US));
    EXPECT(last_feedback() == 6 && feedback_at(6)->due_at_us == pair.now_us + 3 * HOUR_US);
    expect_same_claims(pair.engine, pair.model);
}
END_TEST

/* Once, 15 minutes before, or as soon as the clock is beyond; not of what was answered. */
START_TEST(it_is_told_before_it_is_due)
{
    pair_does(make_open_feedback(LEDGER, "C-1", 0));
    int64_t due_us = feedback_at(1)->due_at_us;
    struct due due;
    EXPECT(due_us == pair.now_us + 24 * HOUR_US);
    pair.now_us = due_us - QUARTER_US - 1;
    EXPECT(!engine_next_due(pair.engine, pair.now_us, &due));
    EXPECT(pair_try(make_expire(LEDGER, EXPIRY_FEEDBACK, 1)) == OUTCOME_NOT_YET_DUE);
    pair.now_us++;
    EXPECT(engine_next_due(pair.engine, pair.now_us, &due));
    EXPECT(due.kind == EXPIRY_FEEDBACK && due.id == 1);
    pair_does(make_expire(LEDGER, EXPIRY_FEEDBACK, 1));
    EXPECT(feedback_at(1)->is_noticed && feedback_at(1)->status == FEEDBACK_OPEN);
    pair.now_us = due_us + 100 * HOUR_US;
    EXPECT(!engine_next_due(pair.engine, pair.now_us, &due));
    EXPECT(pair_try(make_expire(LEDGER, EXPIRY_FEEDBACK, 1)) == OUTCOME_NOT_YET_DUE);
    /* Late, it is answered all the same. */
    pair_does(make_give_feedback(LEDGER, 1, "C-1"));
    EXPECT(pair_try(make_expire(LEDGER, EXPIRY_FEEDBACK, 1)) == OUTCOME_FEEDBACK_GIVEN);
    /* A jump of the clock over both: told then, once. */
    pair_does(make_open_feedback(LEDGER, "C-1", pair.now_us + HOUR_US));
    pair.now_us += 48 * HOUR_US;
    EXPECT(engine_next_due(pair.engine, pair.now_us, &due) && due.id == 2);
    pair_does(make_expire(LEDGER, EXPIRY_FEEDBACK, 2));
    EXPECT(!engine_next_due(pair.engine, pair.now_us, &due));
    /* Of what is due already the request itself told; what was answered is not told. */
    const int64_t ahead_us[] = {QUARTER_US, 0, -HOUR_US, QUARTER_US + 1};
    for (int64_t i = 0; i < 4; i++) {
        pair_does(make_open_feedback(LEDGER, "C-1", pair.now_us + ahead_us[i]));
        EXPECT(feedback_at(3 + i)->is_noticed == (i < 3));
    }
    pair_does(make_give_feedback(LEDGER, 6, "C-1"));
    EXPECT(!engine_next_due(pair.engine, pair.now_us + HOUR_US, &due));
    expect_same_claims(pair.engine, pair.model);
}
END_TEST

/* By whose code it is, once, whatever became of the claim. */
START_TEST(it_is_given_once)
{
    pair_does(make_receipt(LEDGER, ACCOUNT, 100));
    int64_t claim = pair_does(make_place_claim(LEDGER, ACCOUNT, 0, 80));
    EXPECT(pair_try(make_give_feedback(LEDGER, 9, "C-1")) == OUTCOME_FEEDBACK_NOT_FOUND);
    EXPECT(pair_try(make_expire(LEDGER, EXPIRY_FEEDBACK, 9)) == OUTCOME_FEEDBACK_NOT_FOUND);
    EXPECT(pair_try(make_give_feedback(LEDGER, 1, "C-2")) == OUTCOME_FEEDBACK_OF_ANOTHER_ORGAN);
    pair_does(make_release_claim(LEDGER, claim, "C-1", 0));
    pair_does(make_give_feedback(LEDGER, 1, "C-1"));
    EXPECT(feedback_at(1)->given_sequence == pair.sequence);
    EXPECT(feedback_at(1)->status == FEEDBACK_GIVEN && feedback_at(2)->status == FEEDBACK_OPEN);
    EXPECT(pair_try(make_give_feedback(LEDGER, 1, "C-1")) == OUTCOME_FEEDBACK_GIVEN);
    EXPECT(pair_try(make_give_feedback(LEDGER, 1, "C-2")) == OUTCOME_FEEDBACK_OF_ANOTHER_ORGAN);
    /* Those of another ledger are not there. */
    int64_t other = pair_does(make_open_ledger("2000", TEST_DATE, 0));
    EXPECT(pair_try(make_give_feedback(other, 2, "C-1")) == OUTCOME_FEEDBACK_NOT_FOUND);
    EXPECT(pair_try(make_expire(other, EXPIRY_FEEDBACK, 2)) == OUTCOME_FEEDBACK_NOT_FOUND);
    expect_same_claims(pair.engine, pair.model);
}
END_TEST

/* An organ is told, and its deadline watched, also when the ledger was closed meanwhile. */
START_TEST(a_closed_ledger_still_answers)
{
    struct due due;
    int64_t ledger = pair_does(make_open_ledger("2000", TEST_DATE, 0));
    pair_does(make_open_feedback(ledger, "C-1", 0));
    pair_does(make_close_ledger(ledger));
    EXPECT(pair_try(make_place_claim(ledger, ACCOUNT, 0, 1)) == OUTCOME_LEDGER_CLOSED);
    pair_does(make_open_feedback(ledger, "C-1", 0));
    pair.now_us += 24 * HOUR_US;
    EXPECT(engine_next_due(pair.engine, pair.now_us, &due) && due.id == 1);
    pair_does(make_expire(ledger, EXPIRY_FEEDBACK, 1));
    pair_does(make_give_feedback(ledger, 1, "C-1"));
    pair_does(make_give_feedback(ledger, 2, "C-1"));
    EXPECT(!engine_next_due(pair.engine, pair.now_us, &due));
    EXPECT(pair_try(make_expire(ledger, EXPIRY_CLAIM, 1)) == OUTCOME_LEDGER_CLOSED);
    expect_same_claims(pair.engine, pair.model);
}
END_TEST

/* No paper is carried out of which nobody would know that it is to be answered. */
START_TEST(there_are_as_many_as_there_can_be)
{
    struct stage *stage = stage_create();
    int64_t claim = stage_do(stage, make_place_claim(L_MAIN, A_RICH, 0, 9));
    struct image last = {.kind = RECORD_FEEDBACK,
        .feedback = {.id = FEEDBACKS_MAX,
            .ledger_id = L_MAIN,
            .asked_sequence = 1,
            .given_sequence = 1,
            .status = FEEDBACK_GIVEN}};
    engine_load_image(stage->engine, stage->sequence, &last);
    const struct command papers[] = {make_place_claim(L_MAIN, A_RICH, 0, 1),
        make_continue_claim(L_MAIN, claim, "C-1", TEST_DATE + 400),
        make_release_claim(L_MAIN, claim, "C-1", 0), make_deduct_claim(L_MAIN, claim, "C-1", 1),
        make_open_feedback(L_MAIN, "C-1", 0)};
    for (size_t i = 0; i < sizeof papers / sizeof *papers; i++) {
        engine_execute(
            stage->engine, stage->now_us, ++stage->sequence, &papers[i], &stage->effects);
        EXPECT_MSG(stage->effects.outcome == OUTCOME_TOO_MANY_FEEDBACKS, "paper %zu", i);
    }
    stage_destroy(stage);
}
END_TEST

Suite *feedback_suite(void)
{
    Suite *suite = suite_create("feedback");
    TCase *tests = tcase_create("feedback");
    tcase_add_checked_fixture(tests, pair_begin, pair_finish);
    tcase_add_test(tests, each_paper_asks_once);
    tcase_add_test(tests, it_is_told_before_it_is_due);
    tcase_add_test(tests, it_is_given_once);
    tcase_add_test(tests, a_closed_ledger_still_answers);
    tcase_add_test(tests, there_are_as_many_as_there_can_be);
    suite_add_tcase(suite, tests);
    return suite;
}
