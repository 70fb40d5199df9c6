/* cards.c: every state of a card with everything that can happen to it; what locks a number, and
 * for how long; what is left when a command is undone, and when cards leave memory.
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"
#include "model/card.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#include <stdio.h>
#include <string.h>

static struct stage *stage;

static void begin(void)
{
    stage = stage_create();
}

static void finish(void)
{
    stage_destroy(stage);
}

static const struct card *card_of(int64_t id)
{
    return engine_find_record(stage->engine, RECORD_CARD, id);
}

/* ---- the table ---- */

#define GOES(status)                                                                               \
    {                                                                                              \
        CARD_##status, OUTCOME_ACCEPTED                                                            \
    }
#define STAYS(outcome)                                                                             \
    {                                                                                              \
        0, OUTCOME_CARD_##outcome                                                                  \
    }

static const struct {
    enum card_status state;
    int64_t card; /* that is in it */
    struct card_step steps[CARD_EVENTS];
} rows[] = {
    {CARD_BOUND, Y_BOUND,
        {GOES(CHECKING), STAYS(NOT_IN_CHECK), STAYS(NOT_IN_CHECK), STAYS(NOT_IN_CHECK),
            GOES(UNBOUND), GOES(REPLACED), STAYS(NOT_CHECKED)}},
    {CARD_CHECKING, Y_FOUR,
        {STAYS(IN_CHECK), GOES(CHECKED), GOES(BOUND), GOES(BOUND), GOES(UNBOUND), GOES(REPLACED),
            STAYS(NOT_CHECKED)}},
    {CARD_CHECKED, Y_NEXT,
        {STAYS(CHECKED), STAYS(NOT_IN_CHECK), STAYS(NOT_IN_CHECK), STAYS(NOT_IN_CHECK),
            GOES(UNBOUND), GOES(REPLACED), GOES(CHECKED)}},
    {CARD_UNBOUND, Y_UNBOUND,
        {STAYS(FINAL), STAYS(FINAL), STAYS(FINAL), STAYS(FINAL), STAYS(FINAL), STAYS(FINAL),
            STAYS(FINAL)}},
    {CARD_REPLACED, Y_REPLACED,
        {STAYS(FINAL), STAYS(FINAL), STAYS(FINAL), STAYS(FINAL), STAYS(FINAL), STAYS(FINAL),
            STAYS(FINAL)}},
    {CARD_LOCKED, Y_LOCKED,
        {STAYS(LOCKED), STAYS(NOT_IN_CHECK), STAYS(NOT_IN_CHECK), STAYS(NOT_IN_CHECK),
            GOES(UNBOUND), GOES(REPLACED), STAYS(NOT_CHECKED)}},
};
enum { ROWS = sizeof rows / sizeof *rows };

/* The commands by which it happens. */
static uint32_t commands_of(enum card_event event, int64_t card, struct command ret_commands[2])
{
    int64_t check = card_of(card)->check_sequence != 0 ? card_of(card)->check_sequence : 1;
    switch (event) {
    case CARD_EVENT_CHECK:
        ret_commands[0] = make_check_card(L_MAIN, card, CARD_FOUR_FACTOR);
        ret_commands[1] = make_check_card(L_MAIN, card, CARD_SMALL_AMOUNT);
        return 2;
    case CARD_EVENT_RIGHT:
        ret_commands[0] = make_confirm_card(L_MAIN, card, check, CARD_CHECK_RIGHT);
        return 1;
    case CARD_EVENT_WRONG:
        ret_commands[0] = make_confirm_card(L_MAIN, card, check, CARD_CHECK_WRONG);
        return 1;
    case CARD_EVENT_ENDED:
        ret_commands[0] = make_confirm_card(L_MAIN, card, check, CARD_CHECK_UNKNOWN);
        ret_commands[1] = make_expire(L_MAIN, EXPIRY_CARD, card);
        return 2;
    case CARD_EVENT_UNBIND:
        ret_commands[0] = make_unbind_card(L_MAIN, card);
        return 1;
    case CARD_EVENT_REPLACE:
        ret_commands[0] = make_replace_card(L_MAIN, card, Y_MAIN);
        return 1;
    case CARD_EVENT_NEW:
        ret_commands[0] = make_replace_card(L_MAIN, Y_LAST, card);
        return 1;
    case CARD_EVENTS:
        break;
    }
    ck_abort_msg("no event");
    return 0;
}

/* Each in a scope, so that one stage is enough. */
START_TEST(every_state_with_everything)
{
    for (int i = 0; i < ROWS; i++) {
        EXPECT(engine_card_status(stage->engine, card_of(rows[i].card)) == rows[i].state);
        for (int event = 0; event < CARD_EVENTS; event++) {
            const struct card_step *step = &rows[i].steps[event];
            const struct card_step *its = &card_steps[rows[i].state][event];
            EXPECT_MSG(its->next == step->next && its->outcome == step->outcome,
                "state %d, event %d: the table", (int)rows[i].state, event);
            struct command commands[2];
            uint32_t count = commands_of((enum card_event)event, rows[i].card, commands);
            for (uint32_t k = 0; k < count; k++) {
                bool is_early = commands[k].kind == COMMAND_EXPIRE && step->next != 0;
                engine_begin(stage->engine);
                engine_execute(stage->engine, stage->now_us, stage->sequence + 1, &commands[k],
                    &stage->effects);
                enum outcome outcome = stage->effects.outcome;
                if (outcome == OUTCOME_ACCEPTED_CHECK_WRONG)
                    outcome = OUTCOME_ACCEPTED;
                EXPECT_MSG(outcome == (is_early ? OUTCOME_NOT_YET_DUE : step->outcome),
                    "state %d, event %d: %s", (int)rows[i].state, event,
                    outcome_name((int)outcome));
                EXPECT(is_early || step->next == 0 ||
                       card_of(rows[i].card)->status == (uint8_t)step->next);
                engine_rollback(stage->engine);
            }
        }
    }
    expect_same_state(stage->engine, stage->model);
}
END_TEST

/* ---- tries ---- */

static void check(int64_t card, enum card_check_result result)
{
    stage_do(stage, make_check_card(L_MAIN, card, CARD_FOUR_FACTOR));
    stage_do(stage, make_confirm_card(L_MAIN, card, stage->sequence, result));
}

static enum outcome try_check(int64_t card)
{
    return stage_try(stage, make_check_card(L_MAIN, card, CARD_FOUR_FACTOR));
}

/* The number is locked, not the card. */
START_TEST(bound_again_it_is_as_locked)
{
    stage_do(stage, make_unbind_card(L_MAIN, Y_LOCKED));
    int64_t again =
        stage_do(stage, make_bind_card(L_MAIN, M_CARDS, CARD_PERSONAL, "6216261000000000010"));
    EXPECT(engine_card_status(stage->engine, card_of(again)) == CARD_LOCKED);
    EXPECT(try_check(again) == OUTCOME_CARD_LOCKED);
    /* What ended and was tried today is not let go, in spite of everything. */
    engine_evict(stage->engine, INT64_MAX, stage->sequence + 1);
    EXPECT(card_of(Y_LOCKED) != NULL && try_check(again) == OUTCOME_CARD_LOCKED);
    stage_do(stage, make_unbind_card(L_MAIN, Y_OFTEN));
    again = stage_do(stage, make_bind_card(L_MAIN, M_CARDS, CARD_PERSONAL, "6216261000000000011"));
    EXPECT(try_check(again) == OUTCOME_CARD_LOCKED);
    /* Two wrong ones are remembered, too. */
    stage_do(stage, make_unbind_card(L_MAIN, Y_WRONG));
    again = stage_do(stage, make_bind_card(L_MAIN, M_TRADER, CARD_PERSONAL, "6216261000000000020"));
    stage_do(stage, make_check_card(L_MAIN, again, CARD_FOUR_FACTOR));
    int64_t asked = stage->sequence;
    EXPECT(stage_try(stage, make_confirm_card(L_MAIN, again, asked, CARD_CHECK_WRONG)) ==
           OUTCOME_ACCEPTED_CARD_LOCKED);
    expect_same_state(stage->engine, stage->model);
}
END_TEST

START_TEST(locked_until_the_day_cut)
{
    stage_do(stage, make_cut_day(L_MAIN, TEST_DATE + 1));
    EXPECT(engine_card_status(stage->engine, card_of(Y_LOCKED)) == CARD_BOUND);
    check(Y_LOCKED, CARD_CHECK_WRONG);
    check(Y_LOCKED, CARD_CHECK_WRONG);
    EXPECT(card_of(Y_LOCKED)->wrong_in_row == 2 && try_check(Y_LOCKED) == OUTCOME_ACCEPTED);
    for (int i = 0; i < CARD_CHECKS_PER_DATE_MAX; i++)
        check(Y_OFTEN, CARD_CHECK_UNKNOWN);
    EXPECT(try_check(Y_OFTEN) == OUTCOME_CARD_LOCKED);
    /* Wrong ones in a row go on over the cut, in a check of before as well. */
    EXPECT(stage_try(stage, make_card_amount(L_MAIN, Y_TRIED, 1)) == OUTCOME_ACCEPTED_CARD_LOCKED);
    EXPECT(try_check(Y_TRIED) == OUTCOME_CARD_LOCKED);
    stage_do(stage, make_cut_day(L_MAIN, TEST_DATE + 2));
    check(Y_TRIED, CARD_CHECK_RIGHT);
    expect_same_state(stage->engine, stage->model);
}
END_TEST

/* ---- ends ---- */

/* From the oldest checked one to the next, and to none. */
START_TEST(the_oldest_checked_one_is_main)
{
    static const int64_t order[] = {Y_MAIN, Y_NEXT, Y_LAST};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        EXPECT(card_of(order[i])->is_main);
        stage_do(stage, make_unbind_card(L_MAIN, order[i]));
    }
    check(Y_BOUND, CARD_CHECK_RIGHT);
    EXPECT(card_of(Y_BOUND)->is_main);
    stage_do(stage, make_confirm_card(L_MAIN, Y_FOUR, S_CHECK_FOUR, CARD_CHECK_RIGHT));
    EXPECT(card_of(Y_BOUND)->is_main && !card_of(Y_FOUR)->is_main);
    stage_do(stage, make_replace_card(L_MAIN, Y_BOUND, Y_FOUR));
    EXPECT(card_of(Y_FOUR)->is_main && card_of(Y_BOUND)->replaced_by == Y_FOUR);
    expect_same_state(stage->engine, stage->model);
}
END_TEST

/* The card was checked by these names: they stay, whichever key they were recorded under, or the
 * level goes. */
START_TEST(checked_as_long_as_called_so)
{
    static const char company[] = "\u793a\u4f8b\u6709\u9650\u516c\u53f8";
    static const char owner[] = "\u5f20\u4e09";
    static const struct {
        const char *name;
        const char *representative;
        enum identity_level level;
    } cases[] = {{company, owner, LEVEL_CARD_CHECKED}, {"other", owner, LEVEL_IDENTITY_CHECKED},
        {company, "other", LEVEL_IDENTITY_CHECKED}, {company, "", LEVEL_IDENTITY_CHECKED}};
    const struct identity *identity = engine_find_identity(stage->engine, M_PAYS);
    EXPECT(identity->level == LEVEL_CARD_CHECKED);
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        size_t row = i / 2;
        struct command again =
            make_identify_company(L_MAIN, M_PAYS, cases[row].name, "92110000600037342L");
        again.identify_member.subject = SUBJECT_INDIVIDUAL_BUSINESS;
        again.identify_member.representative.name = text_of(cases[row].representative);
        if (i % 2 == 1)
            stage_change_keys(stage);
        engine_begin(stage->engine);
        engine_execute(stage->engine, stage->now_us, stage->sequence + 1, &again, &stage->effects);
        EXPECT(stage->effects.outcome == OUTCOME_ACCEPTED);
        EXPECT_MSG(identity->level == cases[row].level, "%zu: %d", i, identity->level);
        engine_rollback(stage->engine);
        engine_set_fingerprints(stage->engine, NULL, NULL);
    }
    expect_same_state(stage->engine, stage->model);
}
END_TEST

START_TEST(what_ended_leaves_memory)
{
    stage_do(stage, make_unbind_card(L_MAIN, Y_LOCKED));
    stage_do(stage, make_cut_day(L_MAIN, TEST_DATE + 1));
    struct image images[256];
    int64_t sequences[256];
    int64_t redo;
    while (engine_take_changed(
        stage->engine, stage->sequence, 256, stage->sequence + 1, images, sequences, &redo))
        continue;
    const struct image locked = {.kind = RECORD_CARD, .card = *card_of(Y_LOCKED)};
    engine_evict(stage->engine, INT64_MAX, stage->sequence + 1);
    EXPECT(!card_of(Y_UNBOUND) && !card_of(Y_REPLACED) && !card_of(Y_LOCKED));
    char error[200] = "";
    EXPECT_MSG(engine_check(stage->engine, error, sizeof error) == 0, "%s", error);
    EXPECT(engine_revive(stage->engine, &locked) == 0);
    EXPECT(try_check(Y_LOCKED) == OUTCOME_CARD_FINAL);
    EXPECT(engine_check(stage->engine, error, sizeof error) == 0);
}
END_TEST

START_TEST(no_more_than_32)
{
    static char numbers[CARDS_PER_MEMBER_MAX][20];
    int64_t last = 0;
    for (int i = 0; i < CARDS_PER_MEMBER_MAX; i++) {
        snprintf(numbers[i], sizeof numbers[i], "90000000000%d", i);
        last = stage_do(stage, make_bind_card(L_MAIN, M_USER, CARD_PERSONAL, numbers[i]));
    }
    struct command one = make_bind_card(L_MAIN, M_USER, CARD_PERSONAL, "80000000000");
    EXPECT(stage_try(stage, one) == OUTCOME_TOO_MANY_CARDS);
    stage_do(stage, make_unbind_card(L_MAIN, last));
    stage_do(stage, one);
    /* All of them end with their member. */
    stage_do(stage, make_close_member(L_MAIN, M_USER));
    EXPECT(stage->effects.image_count == CARDS_PER_MEMBER_MAX + 2);
    expect_same_state(stage->engine, stage->model);
}
END_TEST

Suite *cards_suite(void)
{
    Suite *suite = suite_create("cards");
    TCase *tests = tcase_create("cards");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, begin, finish);
    tcase_add_test(tests, every_state_with_everything);
    tcase_add_test(tests, bound_again_it_is_as_locked);
    tcase_add_test(tests, locked_until_the_day_cut);
    tcase_add_test(tests, the_oldest_checked_one_is_main);
    tcase_add_test(tests, checked_as_long_as_called_so);
    tcase_add_test(tests, what_ended_leaves_memory);
    tcase_add_test(tests, no_more_than_32);
    suite_add_tcase(suite, tests);
    return suite;
}
