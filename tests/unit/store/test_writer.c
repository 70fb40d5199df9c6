/* test_writer.c: a writer whose batches are committed, refused, or lost with their connection: what
 * it asks, what it believes, when it ends.
 * SPDX-License-Identifier: Apache-2.0 */
#include "moves.h"

#include "support/expect.h"

#include <string.h>

#define SECOND INT64_C(1000000)
#define ANSWER_TIMEOUT_US (30 * SECOND)

static const struct pg_result nothing = {.rows = 0};

static struct pg_result writer_row(int64_t epoch, int64_t batch_number)
{
    return (struct pg_result){.rows = 1, .cells = {{epoch, batch_number}}};
}

static struct journal_batch batch;

static void submit(void)
{
    batch = (struct journal_batch){.row = {.batch_number = BATCH + 1,
                                       .epoch = EPOCH,
                                       .first_sequence = SEQUENCE + 1,
                                       .last_sequence = SEQUENCE + 3,
                                       .recorded_us = 77}};
    store_submit(moves.store, &batch);
}

/* The connection breaks while a batch may be under way, and is back; up to the writer's row. */
static void doubt(void)
{
    played_break(WRITER);
    EXPECT(moves.store->phase == STORE_DOUBT && !store_is_settled(moves.store));
    played_connect(WRITER);
    EXPECT(played_asks(WRITER, "vsl_end_old_session"));
    played_answer(WRITER, &nothing);
    EXPECT(played_asks(WRITER, "vsl_relock"));
    const struct pg_result locked = {.rows = 1, .cells = {{EPOCH, true}}};
    played_answer(WRITER, &locked);
    EXPECT(played_asks(WRITER, "vsl_writer_row"));
}

/* What somebody who reads the log is to do about it, where that is known. */
START_TEST(a_cause_says_what_to_do)
{
    static const struct {
        const char *sqlstate;
        const char *told;
    } rows[] = {{"25006", "25006 (it only reads)"}, {"53100", "53100 (its disk is full)"},
        {"58030", "58030 (its system could not read or write: look at PostgreSQL's log)"},
        {"42501", "42501"}, {"5310", "5310"}, {"", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_str_eq(store_cause(rows[i].sqlstate), rows[i].told);
}
END_TEST

/* ---- batches ---- */

START_TEST(a_batch_is_durable_when_it_is_committed)
{
    moves_begin();
    submit();
    EXPECT(played_asks(WRITER, "copy in") && moves.durable == 0);
    played_us += 7000;
    played_answer(WRITER, NULL);
    EXPECT(moves.durable == 1 && moves.store->batch == NULL);
    EXPECT(moves.store->position.batch_number == BATCH + 1);
    EXPECT(moves.store->position.sequence == SEQUENCE + 3);
    EXPECT(moves.store->position.recorded_us == 77);
    struct store_counters counters;
    store_counters(moves.store, &counters);
    EXPECT(counters.batches == 1 && counters.last_commit_us == 7000);
    moves_end();
}
END_TEST

/* What is no fault of our rows is tried again; else memory and database disagree. */
START_TEST(a_refused_batch)
{
    static const struct {
        const char *sqlstate;
        bool is_tried_again;
    } cases[] = {{"53100", true}, {"57P01", true}, {"55P03", true}, {"40001", true},
        {"58030", true}, {"08006", true}, {"25006", true}, {"23505", false}, {"42501", false},
        {"XX000", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        moves_begin();
        submit();
        played_refuse(WRITER, cases[i].sqlstate);
        EXPECT_MSG(moves.ends == (cases[i].is_tried_again ? 0 : 1), "%s", cases[i].sqlstate);
        EXPECT(moves.durable == 0 && WRITER->resets == 0);
        if (!cases[i].is_tried_again) {
            EXPECT(moves.end == STORE_UNUSABLE && strstr(moves.reason, cases[i].sqlstate));
            EXPECT(moves.store->phase == STORE_STOPPED);
            moves_end();
            continue;
        }
        EXPECT(moves.store->phase == STORE_DOUBT && !store_is_settled(moves.store));
        EXPECT(played_asks(WRITER, NULL) && moves_pauses(moves.store->timer));
        moves_end_pause(moves.store->timer);
        if (strcmp(cases[i].sqlstate, "25006") == 0) {
            EXPECT(WRITER->resets == 1); /* perhaps another host writes */
            played_connect(WRITER);
        }
        EXPECT(played_asks(WRITER, "vsl_end_old_session"));
        moves_end();
    }
}
END_TEST

START_TEST(a_batch_that_was_lost_is_there_or_sent_again)
{
    static const struct {
        int64_t batch_number;
        uint32_t durable, resent, ends;
    } cases[] = {
        {BATCH, 0, 1, 0}, {BATCH + 1, 1, 0, 0}, {BATCH + 2, 0, 0, 1}, {BATCH - 1, 0, 0, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        moves_begin();
        submit();
        doubt();
        const struct pg_result row = writer_row(EPOCH, cases[i].batch_number);
        played_answer(WRITER, &row);
        EXPECT_MSG(moves.durable == cases[i].durable && moves.ends == cases[i].ends, "%zu", i);
        EXPECT_MSG(played_asks(WRITER, cases[i].resent ? "copy in" : NULL), "%zu", i);
        struct store_counters counters;
        store_counters(moves.store, &counters);
        EXPECT(counters.doubts_resent == cases[i].resent && counters.reconnects == 1);
        EXPECT(counters.doubts_resolved_durable == cases[i].durable);
        EXPECT(moves.ends == 1 || store_is_settled(moves.store));
        if (moves.ends)
            EXPECT(moves.end == STORE_UNUSABLE && strstr(moves.reason, "memory and database"));
        moves_end();
    }
}
END_TEST

/* None was sent: one more there than here is somebody else's. */
START_TEST(a_connection_that_was_lost_without_a_batch)
{
    for (int64_t more = 0; more < 2; more++) {
        moves_begin();
        doubt();
        const struct pg_result row = writer_row(EPOCH, BATCH + more);
        played_answer(WRITER, &row);
        EXPECT(moves.ends == (more ? 1 : 0) && moves.durable == 0);
        EXPECT(more || moves.store->phase == STORE_READY);
        moves_end();
    }
}
END_TEST

/* A batch that comes while nothing is known is not sent before it is. */
START_TEST(a_batch_that_comes_in_doubt_waits)
{
    moves_begin();
    played_break(WRITER);
    submit();
    EXPECT(played_asks(WRITER, NULL));
    played_connect(WRITER);
    played_answer(WRITER, &nothing);
    const struct pg_result locked = {.rows = 1, .cells = {{EPOCH, true}}};
    played_answer(WRITER, &locked);
    const struct pg_result row = writer_row(EPOCH, BATCH);
    played_answer(WRITER, &row);
    EXPECT(played_asks(WRITER, "copy in"));
    struct store_counters counters;
    store_counters(moves.store, &counters);
    EXPECT(counters.doubts_resent == 0); /* it is sent for the first time */
    played_answer(WRITER, NULL);
    EXPECT(moves.durable == 1);
    moves_end();
}
END_TEST

/* Refused as one of a writer that was: by a greater epoch, or because it is there already. */
START_TEST(a_fence_is_looked_at)
{
    static const struct {
        int64_t epoch, batch_number;
        uint32_t durable, ends;
        enum store_end end;
    } cases[] = {
        {EPOCH + 1, BATCH, 0, 1, STORE_FENCED},
        {EPOCH, BATCH + 1, 1, 0, STORE_FENCED},
        {EPOCH, BATCH, 0, 1, STORE_UNUSABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        moves_begin();
        submit();
        played_refuse(WRITER, "VS001");
        EXPECT(moves.ends == 0 && played_asks(WRITER, "vsl_end_old_session"));
        played_answer(WRITER, &nothing);
        const struct pg_result locked = {.rows = 1, .cells = {{EPOCH, true}}};
        played_answer(WRITER, &locked);
        const struct pg_result row = writer_row(cases[i].epoch, cases[i].batch_number);
        played_answer(WRITER, &row);
        EXPECT_MSG(moves.ends == cases[i].ends && moves.durable == cases[i].durable, "%zu", i);
        EXPECT(moves.ends == 0 || moves.end == cases[i].end);
        moves_end();
    }
}
END_TEST

/* The lock is held by the session of before, or by a server that is about to raise the epoch. */
START_TEST(the_lock_is_asked_for_again)
{
    static const struct pg_result held = {.rows = 1, .cells = {{EPOCH, false}}};
    static const struct pg_result fenced = {.rows = 1, .cells = {{EPOCH + 1, true}}};
    moves_begin();
    played_break(WRITER);
    played_connect(WRITER);
    for (int i = 0; i < 4; i++) {
        played_answer(WRITER, &nothing);
        played_answer(WRITER, i < 3 ? &held : &nothing); /* no row: it is not there for a moment */
        EXPECT(moves.ends == 0 && played_asks(WRITER, NULL) && moves_pauses(moves.store->timer));
        moves_end_pause(moves.store->timer);
        EXPECT(played_asks(WRITER, "vsl_end_old_session"));
    }
    played_answer(WRITER, &nothing);
    played_answer(WRITER, &fenced);
    EXPECT(moves.ends == 1 && moves.end == STORE_FENCED);
    moves_end();
}
END_TEST

START_TEST(a_writer_row_that_is_not_there)
{
    moves_begin();
    doubt();
    played_answer(WRITER, &nothing);
    EXPECT(moves.ends == 1 && moves.end == STORE_UNUSABLE);
    EXPECT(strstr(moves.reason, "vsl.writer has no row") != NULL);
    moves_end();
    moves_begin();
    doubt();
    played_refuse(WRITER, "42501");
    EXPECT(moves.ends == 1 && moves.end == STORE_UNUSABLE);
    moves_end();
    moves_begin();
    doubt();
    played_refuse(WRITER, "57P03");
    EXPECT(moves.ends == 0 && moves_pauses(moves.store->timer));
    moves_end();
}
END_TEST

/* The queries give a null as -1. */
START_TEST(a_writer_row_that_cannot_be_read)
{
    static const struct pg_result held = {.rows = 1, .cells = {{EPOCH, true}}};
    static const struct pg_result no_epoch = {.rows = 1, .cells = {{-1, true}}};
    static const struct pg_result no_batch = {.rows = 1, .cells = {{EPOCH, -1}}};
    for (int what = 0; what < 3; what++) {
        moves_begin();
        if (what == 0) {
            writer_watch(moves.store);
            played_answer(WRITER, &no_epoch);
        } else {
            played_break(WRITER);
            played_connect(WRITER);
            played_answer(WRITER, &nothing);
            played_answer(WRITER, what == 1 ? &no_epoch : &held);
            if (what == 2)
                played_answer(WRITER, &no_batch);
        }
        EXPECT_MSG(moves.ends == 1 && moves.end == STORE_UNUSABLE, "%d", what);
        EXPECT(strstr(moves.reason, "vsl.writer: the row cannot be read") != NULL);
        moves_end();
    }
}
END_TEST

/* ---- silence ---- */

START_TEST(an_idle_writer_asks_and_a_busy_one_does_not)
{
    moves_begin();
    writer_watch(moves.store);
    EXPECT(played_asks(WRITER, "vsl_heartbeat"));
    writer_watch(moves.store); /* one at a time */
    const struct pg_result ours = writer_row(EPOCH, 0);
    played_answer(WRITER, &ours);
    EXPECT(moves.ends == 0);
    submit();
    writer_watch(moves.store);
    EXPECT(played_asks(WRITER, "copy in"));
    played_answer(WRITER, NULL);
    writer_watch(moves.store);
    played_refuse(WRITER, "57P03");
    EXPECT(moves.ends == 0 && store_is_settled(moves.store));
    writer_watch(moves.store);
    EXPECT(played_asks(WRITER, "vsl_heartbeat"));
    played_answer(WRITER, &nothing);
    EXPECT(moves.ends == 0);
    writer_watch(moves.store);
    const struct pg_result others = writer_row(EPOCH + 1, 0);
    played_answer(WRITER, &others);
    EXPECT(moves.ends == 1 && moves.end == STORE_FENCED);
    moves_end();
}
END_TEST

/* A batch, a heartbeat, a question in doubt: after thirty seconds the connection is made anew. */
START_TEST(silence_has_an_end)
{
    for (int what = 0; what < 3; what++) {
        moves_begin();
        if (what == 0) {
            submit();
        } else if (what == 1) {
            writer_watch(moves.store);
        } else {
            played_break(WRITER);
            played_connect(WRITER);
        }
        EXPECT(!played_asks(WRITER, NULL));
        played_us += ANSWER_TIMEOUT_US;
        writer_watch(moves.store);
        EXPECT_MSG(WRITER->resets == 0, "%d", what);
        played_us++;
        writer_watch(moves.store);
        EXPECT_MSG(WRITER->resets == 1 && moves.store->phase == STORE_DOUBT, "%d", what);
        played_connect(WRITER);
        EXPECT(played_asks(WRITER, "vsl_end_old_session"));
        writer_watch(moves.store);
        EXPECT(WRITER->resets == 1);
        moves_end();
    }
}
END_TEST

/* ---- phases ---- */

/* What the end of a pause, a lost and a new connection mean depends on what was under way. */
START_TEST(each_phase_goes_on_as_it_must)
{
    static const struct {
        enum store_phase phase;
        const char *asks;         /* after the pause, and with a new connection */
        enum store_phase lost_in; /* the phase after a loss */
        uint32_t ends;
    } cases[] = {
        {STORE_STARTING, "vsl_schema", STORE_STARTING, 0},
        {STORE_LOADING, NULL, STORE_STOPPED, 1},
        {STORE_MAKING_SEGMENTS, "vsl_end_old_session", STORE_MAKING_SEGMENTS, 0},
        {STORE_READY, NULL, STORE_DOUBT, 0},
        {STORE_DOUBT, "vsl_end_old_session", STORE_DOUBT, 0},
        {STORE_STOPPED, NULL, STORE_STOPPED, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        moves_begin();
        moves.store->phase = cases[i].phase;
        moves_end_pause(moves.store->timer);
        EXPECT_MSG(played_asks(WRITER, cases[i].asks), "pause in phase %zu", i);
        moves_end();

        moves_begin();
        moves.store->phase = cases[i].phase;
        played_break(WRITER);
        EXPECT_MSG(moves.store->phase == cases[i].lost_in, "loss in phase %zu", i);
        EXPECT_MSG(moves.ends == cases[i].ends, "loss in phase %zu", i);
        EXPECT(moves.ends == 0 || moves.end == STORE_LOADS_ANEW);
        /* Without a connection a pause that ends asks nothing. */
        moves_end_pause(moves.store->timer);
        EXPECT(played_asks(WRITER, NULL));
        moves_end();
    }
}
END_TEST

/* A standby that lost its connection leaves the writer time to come back. */
START_TEST(a_standby_gives_a_head_start)
{
    for (int is_standby = 0; is_standby < 2; is_standby++) {
        moves_begin();
        moves.store->phase = STORE_STARTING;
        moves.store->is_standby_told = is_standby;
        played_break(WRITER);
        played_connect(WRITER);
        EXPECT(played_asks(WRITER, "vsl_schema"));
        const struct pg_result schema = {
            .rows = 1, .cells = {{STORE_SCHEMA_VERSION, true, true, true, false}}};
        played_answer(WRITER, &schema);
        const struct pg_result epoch = {.rows = 1, .cells = {{EPOCH, played_us}}};
        played_answer(WRITER, &epoch);
        EXPECT(played_asks(WRITER, is_standby ? NULL : "vsl_lock"));
        EXPECT(moves_pauses(moves.store->timer) == is_standby);
        if (is_standby) {
            played_us += 3 * SECOND;
            moves_end_pause(moves.store->timer);
            played_answer(WRITER, &schema);
            played_answer(WRITER, &epoch);
            EXPECT(played_asks(WRITER, "vsl_lock"));
        }
        moves_end();
    }
}
END_TEST

Suite *writer_suite(void)
{
    TCase *cases = tcase_create("writer");
    tcase_add_test(cases, a_cause_says_what_to_do);
    tcase_add_test(cases, a_batch_is_durable_when_it_is_committed);
    tcase_add_test(cases, a_refused_batch);
    tcase_add_test(cases, a_batch_that_was_lost_is_there_or_sent_again);
    tcase_add_test(cases, a_connection_that_was_lost_without_a_batch);
    tcase_add_test(cases, a_batch_that_comes_in_doubt_waits);
    tcase_add_test(cases, a_fence_is_looked_at);
    tcase_add_test(cases, the_lock_is_asked_for_again);
    tcase_add_test(cases, a_writer_row_that_is_not_there);
    tcase_add_test(cases, a_writer_row_that_cannot_be_read);
    tcase_add_test(cases, an_idle_writer_asks_and_a_busy_one_does_not);
    tcase_add_test(cases, silence_has_an_end);
    tcase_add_test(cases, each_phase_goes_on_as_it_must);
    tcase_add_test(cases, a_standby_gives_a_head_start);
    Suite *suite = suite_create("writer");
    suite_add_tcase(suite, cases);
    return suite;
}
