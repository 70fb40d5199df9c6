/* test_pool.c: what becomes of reads when connections break, the database is slow, stopped, behind,
 * or too many ask.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "fixture.h"
#include "query/statements.h"
#include "support/database.h"
#include "support/expect.h"
#include "vsl/v1/journal.pb-c.h"

#include <stdio.h>
#include <string.h>

static const struct pg_statement SLEEP = {
    "test_sleep", "select 1::bigint from pg_sleep($1::bigint / 1000.0)"};
static const struct pg_statement BROKEN = {"test_broken", "select no_such_column"};
static const struct pg_statement WRITE = {
    "test_write", "update vsl.writer set epoch = epoch returning epoch"};
static const struct pg_statement SHOW_DATABASE = {
    "test_database", "select (current_database() = 'other_journal')::int::bigint"};

struct outcome {
    bool is_done;
    bool is_gone; /* set by the test */
    enum pool_end end;
    int64_t value;  /* the result when it is one bigint */
    int64_t number; /* order of the ends */
};

static int64_t ends;
static uint32_t source; /* of the jobs that are submitted from now on */

static void on_done(void *context, enum pool_end end, const struct pg_result *result)
{
    struct outcome *outcome = context;
    EXPECT(!outcome->is_done);
    EXPECT((end == POOL_DONE) == (result != NULL));
    outcome->is_done = true;
    outcome->end = end;
    outcome->value = result && pg_rows(result) == 1 && pg_columns(result) == 1 &&
                             pg_bytes(result, 0, 0).length == 8
                         ? pg_int64(result, 0, 0)
                         : 0;
    outcome->number = ++ends;
}

static bool is_gone(void *context)
{
    return ((struct outcome *)context)->is_gone;
}

static void submit(struct pool_job *job, struct outcome *outcome, int64_t deadline_us,
    int64_t indexed_before, bool is_urgent)
{
    struct pool_request request = {
        .progress = indexed_before,
        .deadline_us = deadline_us,
        .is_urgent = is_urgent,
        .source = source,
        .is_gone = is_gone,
        .gone_context = outcome,
        .on_done = on_done,
        .context = outcome,
    };
    *outcome = (struct outcome){0};
    pool_submit(fixture.query->pool, job, &request);
}

static void submit_sleep(int64_t milliseconds, struct outcome *outcome)
{
    struct pool_job *job = pool_job_create(&SLEEP);
    pg_add_int64(&job->parameters, milliseconds);
    submit(job, outcome, INT64_MAX, 0, false);
}

static void submit_plain(const struct pg_statement *statement, struct outcome *outcome)
{
    submit(pool_job_create(statement), outcome, INT64_MAX, 0, false);
}

static void start(void)
{
    fixture_start("pool", 3, 40);
    struct outcome outcome;
    submit_plain(&statement_indexed_before, &outcome);
    FIXTURE_WAIT(outcome.is_done);
    EXPECT(outcome.end == POOL_DONE);
}

static int64_t sleeping_sessions(void)
{
    return database_number(fixture.conninfo,
        "select count(*) from pg_stat_activity where application_name like 'vsld-query%' "
        "and datname = current_database() and query like '%pg_sleep%' and state = 'active'");
}

static void cut_sleeping_session(void)
{
    history_run(fixture.history,
        "select pg_terminate_backend(pid) from pg_stat_activity where state = 'active' and "
        "application_name like 'vsld-query%' and datname = current_database()");
}

/* Long jobs of one source leave a connection to others, who do not wait behind them. */
START_TEST(sources_take_turns)
{
    struct outcome many[4], other[3];
    source = 1;
    for (int i = 0; i < 4; i++)
        submit_sleep(800, &many[i]);
    FIXTURE_WAIT(sleeping_sessions() == 1);
    source = 2;
    for (int i = 0; i < 3; i++)
        submit_sleep(50, &other[i]);
    source = 0;
    FIXTURE_WAIT(many[3].is_done && other[2].is_done);
    EXPECT(other[2].number < many[2].number);
    for (int i = 0; i < 4; i++)
        EXPECT(many[i].end == POOL_DONE);
}
END_TEST

START_TEST(a_cut_connection_is_tried_once_more)
{
    struct outcome outcome;
    submit_sleep(400, &outcome);
    FIXTURE_WAIT(sleeping_sessions() == 1);
    cut_sleeping_session();
    FIXTURE_WAIT(outcome.is_done);
    EXPECT(outcome.end == POOL_DONE);
}
END_TEST

START_TEST(cut_twice_is_unavailable)
{
    struct outcome outcome;
    submit_sleep(5000, &outcome);
    for (int i = 0; i < 2; i++) {
        EXPECT(!outcome.is_done);
        FIXTURE_WAIT(sleeping_sessions() == 1);
        cut_sleeping_session();
        FIXTURE_WAIT(sleeping_sessions() == 0);
    }
    FIXTURE_WAIT(outcome.is_done);
    EXPECT(outcome.end == POOL_UNAVAILABLE);
}
END_TEST

START_TEST(a_refused_statement_spoils_nothing)
{
    struct outcome broken, written, right;
    submit_plain(&BROKEN, &broken);
    submit_plain(&WRITE, &written);
    submit_plain(&statement_indexed_before, &right);
    FIXTURE_WAIT(broken.is_done && written.is_done && right.is_done);
    EXPECT(broken.end == POOL_REFUSED);
    EXPECT(written.end == POOL_REFUSED); /* sessions are read-only */
    EXPECT(right.end == POOL_DONE);
}
END_TEST

START_TEST(slow_statements_are_given_up)
{
    struct outcome outcome;
    submit_sleep(15000, &outcome);
    FIXTURE_WAIT(outcome.is_done);
    EXPECT(outcome.end == POOL_TOO_LONG);
}
END_TEST

START_TEST(deadlines_and_goers_in_the_queue)
{
    struct outcome sleeping[2], late, gone, right;
    submit_sleep(700, &sleeping[0]);
    submit_sleep(700, &sleeping[1]);
    submit(
        pool_job_create(&statement_indexed_before), &late, clock_monotonic_us() + 100000, 0, false);
    submit_plain(&statement_indexed_before, &gone);
    submit_plain(&statement_indexed_before, &right);
    FIXTURE_WAIT(sleeping_sessions() == 2);
    gone.is_gone = true;
    FIXTURE_WAIT(late.is_done && gone.is_done);
    EXPECT(late.end == POOL_LATE && gone.end == POOL_GONE);
    EXPECT(!sleeping[0].is_done && !right.is_done);
    FIXTURE_WAIT(right.is_done);
    EXPECT(right.end == POOL_DONE);
    FIXTURE_WAIT(sleeping[0].is_done && sleeping[1].is_done);
}
END_TEST

START_TEST(urgent_ones_go_first)
{
    struct outcome sleeping[2], ordinary[3], urgent;
    for (int i = 0; i < 2; i++)
        submit_sleep(400, &sleeping[i]);
    FIXTURE_WAIT(sleeping_sessions() == 2);
    for (int i = 0; i < 3; i++)
        submit_sleep(50, &ordinary[i]);
    submit(pool_job_create(&statement_indexed_before), &urgent, INT64_MAX, 0, true);
    FIXTURE_WAIT(
        urgent.is_done && ordinary[0].is_done && ordinary[1].is_done && ordinary[2].is_done);
    for (int i = 0; i < 3; i++)
        EXPECT(urgent.number < ordinary[i].number);
}
END_TEST

/* As a replica does: what the server knows to be indexed is not there yet. */
START_TEST(a_database_that_is_behind_is_waited_for)
{
    struct outcome behind, not_behind;
    history_set_cut(fixture.history, 1);
    submit(pool_job_create(&statement_indexed_before), &behind, INT64_MAX, 81, false);
    submit(pool_job_create(&statement_indexed_before), &not_behind, INT64_MAX, 41, false);
    FIXTURE_WAIT(not_behind.is_done);
    for (int i = 0; i < 10; i++)
        fixture_turn_once();
    EXPECT(not_behind.end == POOL_DONE && !behind.is_done);
    history_set_cut(fixture.history, 2);
    FIXTURE_WAIT(behind.is_done);
    EXPECT(behind.end == POOL_DONE);

    submit(pool_job_create(&statement_indexed_before), &behind, clock_monotonic_us() + 300000, 82,
        false);
    FIXTURE_WAIT(behind.is_done);
    EXPECT(behind.end == POOL_LATE);
}
END_TEST

/* After a restore the replica that reads go to may still be that of the journal before: the same
 * numbers are other commands there. It is believed only when it shows the journal's identity. */
START_TEST(a_database_of_another_journal_is_not_read)
{
    char replica[sizeof fixture.conninfo];
    char primary[sizeof fixture.conninfo];
    struct outcome read, late;
    snprintf(primary, sizeof primary, "%s", fixture.conninfo);
    snprintf(replica, sizeof replica, "%s", database_create("other_journal"));
    database_run(replica, "insert into vsl.segment values (1, 1000, 3)");
    struct pool_config config = {.conninfo = replica,
        .connections = 1,
        .name = "vsld-query",
        .setup = QUERY_SESSION_SETUP,
        .progress = &statement_indexed_before,
        .primary_conninfo = primary,
        .lag_max_us = INT64_C(300) * 1000};
    struct pool *own = fixture.query->pool;
    struct pool *pool = pool_open(fixture.base, &config);
    pool_set_identity(pool, fixture.query->lives.items[0].identity.bytes);
    fixture.query->pool = pool;
    int64_t begun_us, waited_us;
    int64_t give_up_us = clock_monotonic_us() + 20000000;
    /* The primary's: at once until the replica is connected, then one job waits for it. */
    do {
        begun_us = clock_monotonic_us();
        submit(pool_job_create(&SHOW_DATABASE), &read, INT64_MAX, 0, false);
        FIXTURE_WAIT(read.is_done);
        EXPECT(read.end == POOL_DONE && read.value == 0);
        waited_us = clock_monotonic_us() - begun_us;
    } while (waited_us < config.lag_max_us && begun_us < give_up_us);
    EXPECT(waited_us >= config.lag_max_us);
    /* Nobody else does. */
    begun_us = clock_monotonic_us();
    for (int i = 0; i < 5; i++) {
        submit(pool_job_create(&SHOW_DATABASE), &read, INT64_MAX, 0, false);
        FIXTURE_WAIT(read.is_done);
        EXPECT(read.end == POOL_DONE && read.value == 0);
    }
    EXPECT(clock_monotonic_us() - begun_us < 2 * config.lag_max_us);

    /* It comes to the identity. */
    database_run(replica,
        "insert into vsl.journal_identity (life, identity, first_sequence, reason)"
        " values (2, '" FIXTURE_IDENTITY "', 101, 'test')");
    do {
        submit(pool_job_create(&SHOW_DATABASE), &late, INT64_MAX, 0, false);
        FIXTURE_WAIT(late.is_done);
        EXPECT(late.end == POOL_DONE);
    } while (late.value != 1 && clock_monotonic_us() - begun_us < 20000000);
    EXPECT(late.value == 1);
    fixture.query->pool = own;
    pool_close(pool);
}
END_TEST

/* Calls beyond the limit are refused at once, and room comes back with the first answers. */
START_TEST(too_many_calls)
{
    struct outcome sleeping[2];
    Vsl__V1__GetCommandRequest request;
    vsl__v1__get_command_request__init(&request);
    request.sequence = 1;
    struct wire_call calls[5];
    history_set_cut(fixture.history, 2);
    for (int i = 0; i < 2; i++)
        submit_sleep(300, &sleeping[i]);
    for (int i = 0; i < 5; i++) {
        wire_call_init(&calls[i]);
        fixture_call(READ_GET_COMMAND, &calls[i], &request.base);
    }
    for (int i = 0; i < 4; i++)
        EXPECT(calls[i].end == NOT_ENDED);
    EXPECT(calls[4].end == ENDED_BY_FAILURE && calls[4].status == WIRE_RESOURCE_EXHAUSTED);
    EXPECT(strcmp(calls[4].reason, "TOO_MANY_READS") == 0 && calls[4].retry_after_us > 0);
    for (int i = 0; i < 4; i++) {
        FIXTURE_WAIT(calls[i].end != NOT_ENDED);
        EXPECT(calls[i].end == ENDED_BY_REPLY);
        wire_call_finish(&calls[i]);
    }
    wire_call_init(&calls[4]);
    fixture_call(READ_GET_COMMAND, &calls[4], &request.base);
    FIXTURE_WAIT(calls[4].end != NOT_ENDED);
    EXPECT(calls[4].end == ENDED_BY_REPLY);
    wire_call_finish(&calls[4]);
    FIXTURE_WAIT(sleeping[0].is_done && sleeping[1].is_done);
}
END_TEST

START_TEST(a_restarted_database_is_found_again)
{
    struct outcome outcome;
    database_cluster_restart();
    submit_plain(&statement_indexed_before, &outcome);
    FIXTURE_WAIT(outcome.is_done);
    EXPECT(outcome.end == POOL_DONE);
}
END_TEST

Suite *pool_suite(void)
{
    Suite *suite = suite_create("query/pool");
    TCase *cases = tcase_create("pool");
    tcase_set_timeout(cases, 180);
    tcase_add_checked_fixture(cases, start, fixture_stop);
    tcase_add_test(cases, sources_take_turns);
    tcase_add_test(cases, a_cut_connection_is_tried_once_more);
    tcase_add_test(cases, cut_twice_is_unavailable);
    tcase_add_test(cases, a_refused_statement_spoils_nothing);
    tcase_add_test(cases, slow_statements_are_given_up);
    tcase_add_test(cases, deadlines_and_goers_in_the_queue);
    tcase_add_test(cases, urgent_ones_go_first);
    tcase_add_test(cases, a_database_that_is_behind_is_waited_for);
    tcase_add_test(cases, a_database_of_another_journal_is_not_read);
    tcase_add_test(cases, too_many_calls);
    tcase_add_test(cases, a_restarted_database_is_found_again);
    suite_add_tcase(suite, cases);
    return suite;
}
