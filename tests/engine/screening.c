/* screening.c: hits over a restart, with several accounts and debts, at the ceilings, and by two
 * persons.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "compare.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "shop.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#include <stdio.h>

static void expect_right(const struct engine *engine)
{
    char error[200] = "";
    int result = engine_check(engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
}

/* The engine as a start would make it from the records. */
static struct engine *load(const struct engine *engine, int64_t sequence)
{
    struct engine *again = engine_create();
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        FOR_EACH_RECORD(engine, (enum record_kind)kind, id)
        {
            struct image image = {.kind = (enum record_kind)kind};
            memcpy(image_record(&image), record_at(engine, (enum record_kind)kind, id),
                record_tables[kind].bytes);
            engine_load_image(again, sequence, &image);
        }
    }
    engine_load_done(again);
    return again;
}

static enum outcome execute(struct engine *engine, int64_t *sequence, struct command command)
{
    static struct effects effects;
    engine_execute(engine, STAGE_NOW_US, ++*sequence, &command, &effects);
    return effects.outcome;
}

/* What is derived is there again: whose accounts rest, who is found by which value. */
START_TEST(a_restart_keeps_all)
{
    struct stage *stage = stage_create();
    int64_t sequence = stage->sequence;
    struct engine *engine = load(stage->engine, sequence);
    expect_right(engine);
    expect_same_screening(engine, stage->model);
    EXPECT(execute(engine, &sequence, make_pay(L_DENY, A_HIT, A_CLEAN, 1, 0)) ==
           OUTCOME_ACCOUNT_RESTRICTED_OUT);
    EXPECT(execute(engine, &sequence, make_deny_name(L_DENY, "Zhao Liu", 0)) == OUTCOME_ACCEPTED);
    EXPECT(engine_find_account(engine, A_CLEAN)->is_hit);
    EXPECT(execute(engine, &sequence,
               command_by("u", make_decide_hit(L_DENY, W_OPEN, HIT_DECISION_CLEARED))) ==
           OUTCOME_ACCEPTED);
    EXPECT(!engine_find_account(engine, A_HIT)->is_hit);
    expect_right(engine);
    engine_destroy(engine);
    stage_destroy(stage);
}
END_TEST

/* A scope that is taken back leaves nothing of a hit, nor of an end of one. */
START_TEST(a_scope_is_taken_back)
{
    struct stage *stage = stage_create();
    struct engine *engine = stage->engine;
    int64_t sequence = stage->sequence;
    engine_begin(engine);
    EXPECT(execute(engine, &sequence, make_deny_name(L_DENY, "Zhao Liu", 0)) == OUTCOME_ACCEPTED);
    EXPECT(engine_find_account(engine, A_CLEAN)->is_hit);
    EXPECT(execute(engine, &sequence,
               command_by("u", make_decide_hit(L_DENY, W_OPEN, HIT_DECISION_CLEARED))) ==
           OUTCOME_ACCEPTED);
    EXPECT(execute(engine, &sequence, make_identify(L_DENY, M_HIT, "Qian Qi", "D-1", 0)) ==
           OUTCOME_ACCEPTED);
    EXPECT(execute(engine, &sequence, make_open_account(L_DENY, M_CONFIRMED)) == OUTCOME_ACCEPTED);
    expect_right(engine);
    engine_rollback(engine);
    expect_same_state(engine, stage->model);
    expect_right(engine);
    stage_destroy(stage);
}
END_TEST

/* Two hits of a member, and an account that was opened meanwhile: it rests until both are cleared,
 * and what it owes is settled then. */
START_TEST(the_last_hit_counts)
{
    struct stage *stage = stage_create();
    int64_t second = engine_last_id(stage->engine, RECORD_HIT) + 1;
    stage_do(stage, make_deny_document(L_DENY, "D-1", 0));
    int64_t account = stage_do(stage, make_open_account(L_DENY, M_HIT));
    EXPECT(account_takes_none(engine_find_account(stage->engine, account)));
    stage_do(stage, command_by("u", make_decide_hit(L_DENY, W_OPEN, HIT_DECISION_CLEARED)));
    EXPECT(account_gives_none(engine_find_account(stage->engine, A_HIT)));
    stage_do(stage, command_by("u", make_decide_hit(L_DENY, second, HIT_DECISION_CONFIRMED)));
    EXPECT(account_gives_none(engine_find_account(stage->engine, A_HIT)));
    stage_do(stage, command_by("u", make_decide_hit(L_DENY, second, HIT_DECISION_CLEARED)));
    EXPECT(!account_gives_none(engine_find_account(stage->engine, A_HIT)));
    stage_do(stage, make_pay(L_DENY, A_HIT, account, 1, 0));
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

/* Callers are persons, by whichever channel. */
START_TEST(a_second_person_decides)
{
    struct stage *stage = stage_create();
    int64_t hit = engine_last_id(stage->engine, RECORD_HIT) + 1;
    stage_do(stage, command_of_caller(U_CHIEF, make_deny_name(L_DENY, "Qian Qi", 0)));
    stage_do(
        stage, command_of_caller(U_CLERK, make_identify(L_DENY, M_CLEAN, "Qian Qi", "D-5", 0)));
    struct command decides = make_decide_hit(L_DENY, hit, HIT_DECISION_CLEARED);
    EXPECT(stage_try(stage, command_of_caller(U_CHIEF, command_by("u", decides))) ==
           OUTCOME_SAME_CALLER);
    EXPECT(stage_try(stage, command_of_caller(U_CLERK, command_by("u", decides))) ==
           OUTCOME_SAME_CALLER);
    EXPECT(stage_try(stage, command_by("t", decides)) == OUTCOME_SAME_CALLER);
    EXPECT(
        stage_try(stage, command_of_caller(U_AWAY, command_by("t", decides))) == OUTCOME_ACCEPTED);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

/* Who represents a member and who came in its place are found by name and number, also when they
 * were there before, and after a restart; not when others act since. */
START_TEST(those_who_act_are_found)
{
    static const struct {
        const char *name, *number;
    } cases[] = {{"Chen Shi", NULL}, {NULL, "D-20"}, {"Chu Shi", NULL}, {NULL, "D-21"}};
    struct stage *stage = stage_create();
    struct command command = make_identify(L_DENY, M_CLEAN, "Zhao Liu", "D-5", 0);
    struct identify_member *asked = &command.identify_member;
    asked->representative = asked->handler = asked->holder;
    asked->representative.name = text_of("Chen Shi");
    asked->representative.number = text_of("D-20");
    asked->handler.name = text_of("Chu Shi");
    asked->handler.number = text_of("D-21");
    stage_do(stage, command);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct command deny = cases[i].name ? make_deny_name(L_DENY, cases[i].name, 0)
                                            : make_deny_document(L_DENY, cases[i].number, 0);
        int64_t sequence = stage->sequence;
        struct engine *again = load(stage->engine, sequence);
        int64_t hits = engine_last_id(again, RECORD_HIT);
        EXPECT(execute(again, &sequence, deny) == OUTCOME_ACCEPTED);
        EXPECT(engine_last_id(again, RECORD_HIT) == hits + 1);
        EXPECT(engine_find_account(again, A_CLEAN)->is_hit);
        expect_right(again);
        engine_destroy(again);
        stage_do(stage, deny);
        EXPECT(engine_last_id(stage->engine, RECORD_HIT) == hits + 1);
    }
    int64_t hits = engine_last_id(stage->engine, RECORD_HIT);
    struct command passport = make_deny_document(L_DENY, "D-20", 0);
    passport.add_denied.document_kind = DOCUMENT_FOREIGN_PASSPORT;
    stage_do(stage, passport);
    stage_do(stage, make_identify(L_DENY, M_CLEAN, "Zhao Liu", "D-5", 0));
    stage_do(stage, stage_by_two(stage, make_end_denied(L_DENY, V_NONE + 1)));
    stage_do(stage, make_deny_document(L_DENY, "D-20", 0));
    EXPECT(engine_last_id(stage->engine, RECORD_HIT) == hits);
    expect_right(stage->engine);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

/* As many members as one entry may find, and one more. */
START_TEST(the_most_members)
{
    struct stage *stage = stage_create();
    char id[32];
    for (int i = 0; i < HITS_PER_ENTRY_MAX; i++) {
        snprintf(id, sizeof id, "M-%d", i);
        int64_t member = stage_do(stage, make_open_member(L_DENY, id));
        stage_do(stage, make_identify(L_DENY, member, "Sun Ba", id, 0));
    }
    engine_begin(stage->engine);
    int64_t sequence = stage->sequence;
    EXPECT(
        execute(stage->engine, &sequence, make_deny_name(L_DENY, "Sun Ba", 0)) == OUTCOME_ACCEPTED);
    EXPECT(engine_last_id(stage->engine, RECORD_HIT) == W_NONE - 1 + HITS_PER_ENTRY_MAX);
    engine_rollback(stage->engine);
    stage_do(stage, make_identify(L_DENY, M_CLEAN, "Sun Ba", "D-5", 0));
    EXPECT(stage_try(stage, make_deny_name(L_DENY, "Sun Ba", 0)) == OUTCOME_TOO_MANY_HITS);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

/* No id is left for another record. */
START_TEST(the_most_records)
{
    struct stage *stage = stage_create();
    struct engine *engine = stage->engine;
    int64_t sequence = stage->sequence;
    int64_t *last_hit = &engine->last_id[RECORD_HIT];
    int64_t *last_entry = &engine->last_id[RECORD_DENIED];
    int64_t hits = *last_hit;
    int64_t entries = *last_entry;
    struct command card = make_bind_card(L_DENY, M_CARRIES, CARD_PERSONAL, "90000002");
    const struct command finding[] = {make_identify(L_DENY, M_CLEAN, "Zhao Liu", "D-5", 0), card,
        make_receipt(L_DENY, A_CLEAN, 5)};
    for (size_t i = 0; i < sizeof finding / sizeof *finding; i++) {
        *last_hit = HITS_MAX - 5;
        EXPECT(execute(engine, &sequence, finding[i]) == OUTCOME_TOO_MANY_HITS);
        *last_hit = HITS_MAX - 6;
        EXPECT(execute(engine, &sequence, finding[i]) == OUTCOME_ACCEPTED);
    }
    *last_hit = HITS_MAX;
    EXPECT(
        execute(engine, &sequence, make_deny_name(L_DENY, "Zhao Liu", 0)) == OUTCOME_TOO_MANY_HITS);
    EXPECT(execute(engine, &sequence, make_deny_name(L_DENY, "nobody", 0)) == OUTCOME_ACCEPTED);
    *last_hit = hits;
    *last_entry = DENIED_MAX;
    EXPECT(execute(engine, &sequence, make_deny_name(L_DENY, "another", 0)) ==
           OUTCOME_TOO_MANY_DENIED);
    *last_entry = entries;
    /* What was accepted in between is not what the stage has. */
    stage_destroy(stage);
}
END_TEST

Suite *screening_suite(void)
{
    Suite *suite = suite_create("screening");
    TCase *tests = tcase_create("screening");
    tcase_add_test(tests, a_restart_keeps_all);
    tcase_add_test(tests, a_scope_is_taken_back);
    tcase_add_test(tests, the_last_hit_counts);
    tcase_add_test(tests, a_second_person_decides);
    tcase_add_test(tests, those_who_act_are_found);
    tcase_add_test(tests, the_most_members);
    tcase_add_test(tests, the_most_records);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite;
}
