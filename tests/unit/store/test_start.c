/* test_start.c: how a server becomes the writer, question by question: what each answer leads to.
 * SPDX-License-Identifier: Apache-2.0 */
#include "moves.h"

#include "support/expect.h"

#include <string.h>

static const struct pg_result schema = {
    .rows = 1, .cells = {{STORE_SCHEMA_VERSION, true, true, true, false}}};
static const struct pg_result epoch = {.rows = 1, .cells = {{EPOCH, 0}}};
static const struct pg_result yes = {.rows = 1, .cells = {{true}}};
static const struct pg_result raised = {.rows = 1, .cells = {{EPOCH + 1, BATCH}}};
static const struct pg_result life = {.rows = 1, .cells = {{0, 1, true, 7, 7}}};

/* The questions of a start, in their order, each with its good answer. */
static const struct step {
    const char *asks;
    const struct pg_result *answer;
} steps[] = {
    {"vsl_schema", &schema},
    {"vsl_epoch", &epoch},
    {"vsl_lock", &yes},
    {"vsl_take_over", &raised},
    {"vsl_claim_state", &yes},
    {"vsl_lives", &life},
    {"copy in", NULL},
};
enum { STEPS = sizeof steps / sizeof *steps, LIVES = 5 };

/* Up to the question of that step. */
static void begin_at(int step)
{
    moves_begin();
    seal_finish(&moves.store->seal); /* a load makes it */
    moves.store->seal = (struct seal){0};
    moves.store->phase = STORE_STARTING;
    start_begin(moves.store);
    for (int i = 0; i < step; i++) {
        EXPECT_MSG(played_asks(WRITER, steps[i].asks), "step %d", i);
        played_answer(WRITER, steps[i].answer);
    }
    EXPECT_MSG(played_asks(WRITER, steps[step].asks), "step %d", step);
}

START_TEST(every_step_leads_to_the_next)
{
    begin_at(STEPS - 1);
    EXPECT(moves.lives == 1 && moves.ends == 0 && moves.standby == 0);
    EXPECT(moves.store->position.epoch == EPOCH + 1);
    EXPECT(moves.store->position.batch_number == BATCH);
    moves_end();
}
END_TEST

/* A refusal of the database's own, or a loss, at any step: everything from the beginning. */
START_TEST(each_step_is_tried_again)
{
    for (int step = 0; step < STEPS - 1; step++) {
        begin_at(step);
        played_refuse(WRITER, "57P03");
        EXPECT_MSG(moves.ends == 0 && moves_pauses(moves.store->timer), "step %d", step);
        moves_end_pause(moves.store->timer);
        EXPECT_MSG(played_asks(WRITER, "vsl_schema") && WRITER->resets == 0, "step %d", step);
        moves_end();

        begin_at(step);
        played_refuse(WRITER, "25006"); /* it only reads: perhaps another host writes */
        moves_end_pause(moves.store->timer);
        EXPECT_MSG(moves.ends == 0 && WRITER->resets == 1, "step %d", step);
        moves_end();

        begin_at(step);
        played_break(WRITER);
        EXPECT_MSG(moves.ends == 0 && moves.lives == 0, "step %d", step);
        played_connect(WRITER);
        EXPECT_MSG(played_asks(WRITER, "vsl_schema"), "step %d", step);
        moves_end();

        begin_at(step);
        moves.store->phase = STORE_STOPPED;
        played_refuse(WRITER, "57P03");
        EXPECT_MSG(moves.ends == 0 && !moves_pauses(moves.store->timer), "step %d", step);
        moves_end();
    }
}
END_TEST

START_TEST(what_a_person_must_mend_ends_it)
{
    static const struct {
        const char *sqlstate, *says;
    } cases[] = {{"3F000", "run vslctl migrate"}, {"42P01", "run vslctl migrate"},
        {"42501", "sql/roles.sql"}, {"XX000", "XX000"}};
    for (int step = 0; step < STEPS - 1; step++)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            begin_at(step);
            played_refuse(WRITER, cases[i].sqlstate);
            EXPECT(moves.ends == 1 && moves.end == STORE_UNUSABLE);
            EXPECT_MSG(strstr(moves.reason, cases[i].says) != NULL, "%s", moves.reason);
            moves_end();
        }
}
END_TEST

/* Answers that end the start, each with what to do. */
START_TEST(what_the_database_must_not_be)
{
    static const struct {
        int step;
        struct pg_result answer;
        const char *says;
    } cases[] = {
        {0, {1, {{STORE_SCHEMA_VERSION - 1, 1, 1, 1, 0}}, 0}, "run vslctl migrate"},
        {0, {1, {{STORE_SCHEMA_VERSION + 1, 1, 1, 1, 0}}, 0}, "install the newer vsld"},
        {0, {1, {{STORE_SCHEMA_VERSION, 1, 1, 0, 0}}, 0}, "encoding is not UTF8"},
        {1, {0, {{0}}, 0}, "vsl.writer has no row"},
        {3, {1, {{EPOCH + 2, BATCH}}, 0}, "the row cannot be read"},
        {3, {1, {{EPOCH + 1, BATCH}}, 15}, "the row cannot be read"},
        {4, {0, {{0}}, 0}, "vsl.state_progress has no row"},
        {LIVES, {0, {{0}}, 0}, "vsl.journal_identity or vsl.known_cluster has no row"},
        {LIVES, {1, {{0, 1, false, 7, 7}}, 0}, "from another PostgreSQL cluster"},
        {LIVES, {1, {{0, 1, true, 7, 7}}, 15}, "no first life"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin_at(cases[i].step);
        played_answer(WRITER, &cases[i].answer);
        EXPECT_MSG(moves.ends == 1 && moves.end == STORE_UNUSABLE, "%zu", i);
        EXPECT_MSG(strstr(moves.reason, cases[i].says) != NULL, "%s", moves.reason);
        EXPECT(moves.lives == 0 && played_asks(WRITER, NULL));
        moves_end();
    }
}
END_TEST

/* fsync off and torn pages are warned of, not refused. */
START_TEST(unsafe_settings_are_told)
{
    static const struct pg_result unsafe = {
        .rows = 1, .cells = {{STORE_SCHEMA_VERSION, false, false, true, false}}};
    begin_at(0);
    played_answer(WRITER, &unsafe);
    EXPECT(moves.ends == 0 && played_asks(WRITER, "vsl_epoch"));
    moves_end();
}
END_TEST

START_TEST(a_database_in_recovery_is_left)
{
    static const struct pg_result reads = {
        .rows = 1, .cells = {{STORE_SCHEMA_VERSION, true, true, true, true}}};
    begin_at(0);
    played_answer(WRITER, &reads);
    EXPECT(moves.ends == 0 && played_asks(WRITER, NULL) && moves_pauses(moves.store->timer));
    moves_end_pause(moves.store->timer);
    EXPECT(WRITER->resets == 1);
    moves_end();
}
END_TEST

/* Another one holds the lock, or was faster: told once, and asked again after a pause. */
START_TEST(a_standby_waits)
{
    static const struct pg_result no = {.rows = 1, .cells = {{false}}};
    static const struct pg_result nothing = {.rows = 0};
    for (int step = 2; step < 4; step++) {
        begin_at(step);
        for (int round = 0; round < 2; round++) {
            played_answer(WRITER, step == 2 ? &no : &nothing);
            EXPECT(played_asks(WRITER, "vsl_unlock"));
            played_answer(WRITER, &nothing);
            EXPECT(moves.standby == 1 && moves.ends == 0 && moves_pauses(moves.store->timer));
            moves_end_pause(moves.store->timer);
            for (int i = 0; i < step; i++)
                played_answer(WRITER, steps[i].answer);
        }
        moves_end();
    }
}
END_TEST

/* Who is told to take over ends the session of the writer that hangs, then raises the epoch. */
START_TEST(a_take_over_by_force)
{
    begin_at(2);
    moves.store->take_over = true;
    played_answer(WRITER, &yes);
    EXPECT(played_asks(WRITER, "vsl_end_writer"));
    played_answer(WRITER, &yes);
    EXPECT(played_asks(WRITER, "vsl_take_over"));
    moves_end();
}
END_TEST

/* A promoted replica goes on, after it is noted; loading begins then, and once. */
START_TEST(another_timeline_is_noted)
{
    static const struct pg_result promoted = {.rows = 1, .cells = {{0, 1, true, 7, 8}}};
    begin_at(LIVES);
    played_answer(WRITER, &promoted);
    EXPECT(moves.lives == 0 && played_asks(WRITER, "vsl_note_timeline"));
    played_answer(WRITER, &yes);
    EXPECT(moves.lives == 1 && played_asks(WRITER, "copy in"));
    moves_end();
}
END_TEST

/* With a ring its keys are compared before anything is loaded. */
START_TEST(the_keys_are_those_that_were_noted)
{
    static const struct proof_check checks[2] = {{.number = 1}, {.number = 2, .value = {7}}};
    static const struct pg_result none = {.rows = 0}, second = {.rows = 1, .cells = {{2}}};
    for (int is_wrong = 0; is_wrong < 2; is_wrong++) {
        begin_at(LIVES);
        EXPECT(moves.store->ring.count == 0);
        ring_set(&moves.store->ring, checks, 2, false);
        played_answer(WRITER, &life);
        EXPECT(moves.lives == 0 && played_asks(WRITER, "vsl_note_keys"));
        played_answer(WRITER, is_wrong ? &second : &none);
        EXPECT(moves.lives == (is_wrong ? 0 : 1) && moves.ends == (is_wrong ? 1 : 0));
        EXPECT(played_asks(WRITER, is_wrong ? NULL : "copy in"));
        EXPECT(!is_wrong || (moves.end == STORE_UNUSABLE &&
                                strncmp(moves.reason, "key 2 of the key ring is not", 28) == 0));
        moves_end();
    }
}
END_TEST

/* A reload before this server is the writer is the start's to compare. */
START_TEST(keys_that_come_while_it_starts)
{
    static const struct proof_check checks[1] = {{.number = 3}};
    begin_at(1);
    EXPECT(store_note_keys(moves.store, checks, 1, NULL, NULL));
    for (int step = 1; step <= LIVES; step++)
        played_answer(WRITER, steps[step].answer);
    EXPECT(moves.lives == 0 && played_asks(WRITER, "vsl_note_keys"));
    moves_end();
}
END_TEST

/* ---- loading ---- */

static const struct pg_result sealed = {
    .rows = 1, .cells = {{1, 0, 0, 0, 0, 0}}, .length = DIGEST_BYTES};

/* Whoever lacks the key cannot tell whether the state is what was written. */
START_TEST(the_point_of_the_state_is_read_first)
{
    static const struct {
        struct pg_result answer;
        const char *says; /* NULL: it goes on */
    } cases[] = {
        {{1, {{1, 0, 0, 0, 0, 0}}, DIGEST_BYTES}, NULL},
        {{1, {{1, 0, 0, 0, 7, 0}}, DIGEST_BYTES},
            "sealed with key 7, which is not in the key ring"},
        {{0, {{0}}, 0}, "vsl.state_progress has no row"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin_at(STEPS - 1);
        played_answer(WRITER, NULL);
        EXPECT(played_asks(WRITER, "vsl_state_point"));
        played_answer(WRITER, &cases[i].answer);
        EXPECT_MSG(moves.ends == (cases[i].says ? 1 : 0), "%zu: %s", i, moves.reason);
        EXPECT(played_asks(WRITER, cases[i].says ? NULL : "vsl_last_batch"));
        EXPECT(!cases[i].says || strstr(moves.reason, cases[i].says) != NULL);
        moves_end();
    }
}
END_TEST

/* Half a state is of no use: a loss, or a refusal of the database's own, and it is loaded anew. */
START_TEST(loading_does_not_go_on_where_it_was)
{
    for (int step = 0; step < 3; step++)
        for (int is_lost = 0; is_lost < 2; is_lost++) {
            begin_at(STEPS - 1);
            if (step > 0)
                played_answer(WRITER, NULL);
            if (step > 1)
                played_answer(WRITER, &sealed);
            if (is_lost)
                played_break(WRITER);
            else
                played_refuse(WRITER, "57P01");
            EXPECT_MSG(moves.ends == 1 && moves.end == STORE_LOADS_ANEW, "step %d", step);
            moves_end();
        }
}
END_TEST

/* A database that falls silent in the middle holds the lock for nobody. */
START_TEST(rows_that_stay_away_end_it)
{
    const int64_t second = 1000000;
    begin_at(STEPS - 1);
    EXPECT(moves.store->phase == STORE_LOADING);
    for (int64_t waited = 0; waited < 300; waited += 30) {
        writer_watch(moves.store);
        EXPECT(moves.ends == 0 && WRITER->resets == 0);
        EXPECT((moves.store->loader.told_us != 0) == (waited > 0));
        played_us += 30 * second + (waited == 0);
    }
    writer_watch(moves.store);
    EXPECT(moves.ends == 1 && moves.end == STORE_LOADS_ANEW && WRITER->resets == 1);
    moves_end();
}
END_TEST

/* The batches that were read end with the last one, and have the one that the state was sealed by.
 */
START_TEST(the_state_is_of_this_journal)
{
    static const struct {
        int64_t last, sealed; /* numbers of batches; the sealed one -1: there is no state yet */
        uint8_t last_digest, sealed_digest;
        const char *says; /* NULL: it goes on */
    } cases[] = {
        {BATCH, BATCH, 9, 9, NULL},
        {BATCH, -1, 9, 0, NULL},
        {BATCH + 1, BATCH, 9, 9, "the batches before batch 41 are missing"},
        {BATCH, BATCH, 8, 9, "the batches before batch 40 are missing"},
        {BATCH, BATCH, 9, 8, "written behind batch 40"},
        {BATCH, BATCH, 9, 10, "written behind batch 40"},
        {BATCH, BATCH - 1, 9, 9, "written behind batch 39"},
        {BATCH, 0, 9, 9, "written behind batch 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin_at(STEPS - 1);
        struct store *store = moves.store;
        uint8_t digest[DIGEST_BYTES] = {9};
        store->loader.chain = chain_create(BATCH, SEQUENCE, digest);
        store->position.batch_number = cases[i].last;
        store->position.digest[0] = cases[i].last_digest;
        memset(store->position.digest + 1, 0, DIGEST_BYTES - 1);
        store->loader.point = (struct seal_point){.batch_number = cases[i].sealed};
        store->loader.point.digest[0] = cases[i].sealed_digest;
        prove_batches(store);
        EXPECT_MSG(moves.ends == (cases[i].says ? 1 : 0), "%zu: %s", i, moves.reason);
        EXPECT_MSG(!cases[i].says || strstr(moves.reason, cases[i].says) != NULL, "%zu: %s", i,
            moves.reason);
        moves_end();
    }
}
END_TEST

Suite *start_suite(void)
{
    TCase *cases = tcase_create("start");
    tcase_add_test(cases, every_step_leads_to_the_next);
    tcase_add_test(cases, each_step_is_tried_again);
    tcase_add_test(cases, what_a_person_must_mend_ends_it);
    tcase_add_test(cases, what_the_database_must_not_be);
    tcase_add_test(cases, unsafe_settings_are_told);
    tcase_add_test(cases, a_database_in_recovery_is_left);
    tcase_add_test(cases, a_standby_waits);
    tcase_add_test(cases, a_take_over_by_force);
    tcase_add_test(cases, another_timeline_is_noted);
    tcase_add_test(cases, the_keys_are_those_that_were_noted);
    tcase_add_test(cases, keys_that_come_while_it_starts);
    tcase_add_test(cases, the_point_of_the_state_is_read_first);
    tcase_add_test(cases, the_state_is_of_this_journal);
    tcase_add_test(cases, loading_does_not_go_on_where_it_was);
    tcase_add_test(cases, rows_that_stay_away_end_it);
    Suite *suite = suite_create("start");
    suite_add_tcase(suite, cases);
    return suite;
}
