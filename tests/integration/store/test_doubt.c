/* test_doubt.c: connections that break before, while and after a batch; every batch is there once.
 * SPDX-License-Identifier: Apache-2.0 */
#include "server.h"
#include "suites.h"
#include "support/database.h"
#include "support/expect.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

static bool is_waiting_for_lock;

static void open_ready(struct server *server, struct event_base *base, const char *conninfo)
{
    server_open(server, base, conninfo, (struct server_options){0});
    server_wait(server, server_is_ready, 10);
}

static void expect_each_batch_once(const struct server *server, const char *conninfo)
{
    int64_t batches = server->durable_batches;
    EXPECT(database_number(conninfo, "select count(*) from vsl.batch") == batches);
    EXPECT(
        database_number(conninfo, "select count(distinct batch_number) from vsl.batch") == batches);
    EXPECT(database_number(conninfo, "select batch_number from vsl.writer") == batches);
    EXPECT(database_number(conninfo, "select count(*) from vsl.command") ==
           batches * server->batch_commands);
    EXPECT(database_number(conninfo, "select count(distinct sequence) from vsl.command") ==
           batches * server->batch_commands);
    EXPECT(database_number(conninfo, "select count(*) from vsl.posting") ==
           batches * server->batch_commands);
}

/* The rows in the database are those of the batches that were told to be durable, in order. */
static void expect_loads_same(const struct server *server, const char *conninfo)
{
    struct server second;
    open_ready(&second, server->base, conninfo);
    server_expect_same_rows(server, &second);
    server_finish(&second);
}

#define CUT                                                                                        \
    "select count(pg_terminate_backend(pid)) from pg_stat_activity"                                \
    " where datname = current_database() and application_name = 'vsld writer'"

START_TEST(cuts_under_load_lose_nothing)
{
    const char *conninfo = database_create("cuts");
    struct event_base *base = event_base_new();
    struct server server;
    open_ready(&server, base, conninfo);
    server_write(&server, 1000000);
    int64_t cuts = 0;
    for (int i = 0; i < 20; i++) {
        int64_t before = server.durable_batches;
        cuts += database_number(conninfo, CUT);
        /* On the server goes, sooner or later. */
        for (int wait = 0; wait < 1000 && server.durable_batches < before + 5; wait++)
            server_run_for_ms(&server, 10);
        EXPECT(server.durable_batches >= before + 5);
        server_run_for_ms(&server, i * 3 % 17);
    }
    EXPECT(cuts >= 15);
    server.batches_wanted = server.durable_batches + 10;
    server_wait(&server, server_has_written, 20);
    struct store_counters counters;
    store_counters(server.store, &counters);
    EXPECT(counters.reconnects >= (uint64_t)cuts);
    EXPECT(counters.doubts_resent + counters.doubts_resolved_durable > 0);
    expect_each_batch_once(&server, conninfo);
    server_close(&server);
    expect_loads_same(&server, conninfo);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

static bool waits_for_lock(const struct server *server)
{
    (void)server;
    return is_waiting_for_lock;
}

/* Stimulus: the batch has begun and waits for a lock when its session is ended. So it was not
 * committed and must be sent again. */
START_TEST(a_batch_cut_before_its_commit_is_sent_again)
{
    const char *conninfo = database_create("cut_before");
    struct event_base *base = event_base_new();
    struct server server;
    open_ready(&server, base, conninfo);
    server_write(&server, 2);
    server_wait(&server, server_has_written, 10);

    PGconn *conn = PQconnectdb(conninfo);
    PQclear(PQexec(conn, "begin; lock table vsl.posting in share mode"));
    server_write(&server, 1);
    for (int i = 0; i < 500 && !is_waiting_for_lock; i++) {
        server_run_for_ms(&server, 10);
        is_waiting_for_lock =
            database_number(conninfo, "select count(*) from pg_locks where not granted") > 0;
    }
    EXPECT(waits_for_lock(&server));
    EXPECT(database_number(conninfo, CUT) == 1);
    PQfinish(conn);
    server_wait(&server, server_has_written, 10);
    struct store_counters counters;
    store_counters(server.store, &counters);
    EXPECT(counters.doubts_resent == 1);
    EXPECT(counters.doubts_resolved_durable == 0);
    expect_each_batch_once(&server, conninfo);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

/* Stimulus: the batch is committed and waits for a standby that does not exist when its session is
 * ended. So it is durable, and must not be sent again. */
START_TEST(a_batch_cut_after_its_commit_is_durable)
{
    const char *conninfo = database_create("cut_after");
    struct event_base *base = event_base_new();
    struct server server;
    open_ready(&server, base, conninfo);
    server_write(&server, 2);
    server_wait(&server, server_has_written, 10);

    /* Whoever sets it must not wait itself. */
    database_run(conninfo, "alter system set synchronous_standby_names = 'nobody'");
    database_run(conninfo, "select pg_reload_conf()");
    server_run_for_ms(&server, 200);
    server_write(&server, 1);
    int64_t waiting = 0;
    for (int i = 0; i < 500 && waiting == 0; i++) {
        server_run_for_ms(&server, 10);
        waiting = database_number(conninfo,
            "select count(*) from pg_stat_activity where wait_event = 'SyncRep'"
            " and application_name = 'vsld writer'");
    }
    EXPECT(waiting == 1);
    EXPECT(server.durable_batches == 2);
    EXPECT(database_number(conninfo, CUT) == 1);
    /* Without the standby doubt is not settled: the look-up itself must be replicated. */
    server_run_for_ms(&server, 700);
    EXPECT(server.durable_batches == 2);
    database_run(conninfo, "alter system reset synchronous_standby_names");
    database_run(conninfo, "select pg_reload_conf()");
    server_wait(&server, server_has_written, 20);
    struct store_counters counters;
    store_counters(server.store, &counters);
    EXPECT(counters.doubts_resolved_durable == 1);
    EXPECT(counters.doubts_resent == 0);
    expect_each_batch_once(&server, conninfo);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

/* Stimulus: doubt is being settled, and its last query waits for the row of vsl.writer, when a
 * batch is given. So its bytes never left, and a batch with its number is somebody else's. */
START_TEST(a_batch_that_was_never_sent_is_not_durable)
{
    const char *conninfo = database_create("never_sent");
    struct event_base *base = event_base_new();
    struct server server;
    open_ready(&server, base, conninfo);
    server_write(&server, 2);
    server_wait(&server, server_has_written, 10);

    PGconn *conn = PQconnectdb(conninfo);
    PQclear(PQexec(conn, "begin; update vsl.writer set batch_number = batch_number + 1"));
    EXPECT(database_number(conninfo, CUT) == 1);
    int64_t waiting = 0;
    for (int i = 0; i < 1000 && waiting == 0; i++) {
        server_run_for_ms(&server, 10);
        waiting = database_number(conninfo, "select count(*) from pg_locks where not granted");
    }
    EXPECT(waiting == 1);
    server_write(&server, 1);
    for (int i = 0; i < 100 && !server.in_flight; i++)
        server_run_for_ms(&server, 10);
    EXPECT(server.in_flight != NULL);
    PQclear(PQexec(conn, "commit"));
    PQfinish(conn);
    server_wait(&server, server_is_stopped, 20);
    EXPECT_MSG(strstr(server.reason, "memory and database disagree") != NULL, "%s", server.reason);
    EXPECT(server.durable_batches == 2);
    EXPECT(database_number(conninfo, "select count(*) from vsl.batch") == 2);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

static bool is_checked(const struct server *server)
{
    return server->checks > 0;
}

/* Yes is said by the database that has our batches and our epoch, and by no other. */
START_TEST(a_check_tells_who_writes)
{
    const char *conninfo = database_create("check_epoch");
    struct event_base *base = event_base_new();
    struct server server;
    open_ready(&server, base, conninfo);
    server_write(&server, 2);
    server_wait(&server, server_has_written, 10);
    store_check(server.store);
    server_wait(&server, is_checked, 10);

    server.checks = 0;
    database_run(conninfo, "update vsl.writer set batch_number = 1");
    store_check(server.store);
    server_run_for_ms(&server, 500);
    EXPECT(server.checks == 0);
    EXPECT(!server.is_stopped);
    database_run(conninfo, "update vsl.writer set batch_number = 2");
    server_wait(&server, is_checked, 10);

    server.checks = 0;
    database_run(conninfo, "update vsl.writer set epoch = epoch + 1");
    store_check(server.store);
    server_wait(&server, server_is_stopped, 10);
    EXPECT(server.checks == 0);
    EXPECT(server.end == STORE_FENCED);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

/* A crash of the database under load, twice. */
START_TEST(a_crash_of_the_database_loses_nothing)
{
    const char *conninfo = database_create("crash");
    struct event_base *base = event_base_new();
    struct server server;
    open_ready(&server, base, conninfo);
    server_write(&server, 1000000);
    for (int i = 0; i < 2; i++) {
        server_run_for_ms(&server, 300);
        int64_t before = server.durable_batches;
        EXPECT(before > 0);
        database_cluster_restart();
        for (int wait = 0; wait < 2000 && server.durable_batches < before + 5; wait++)
            server_run_for_ms(&server, 10);
        EXPECT(server.durable_batches >= before + 5);
    }
    server.batches_wanted = server.durable_batches + 3;
    server_wait(&server, server_has_written, 20);
    expect_each_batch_once(&server, conninfo);
    server_close(&server);
    expect_loads_same(&server, conninfo);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

/* Trouble of the database's own is waited out: here it only reads for a while, as a server does
 * that has become a standby. */
START_TEST(a_database_that_only_reads_is_waited_for)
{
    const char *conninfo = database_create("read_only");
    struct event_base *base = event_base_new();
    struct server server;
    open_ready(&server, base, conninfo);
    server_write(&server, 2);
    server_wait(&server, server_has_written, 10);
    /* For new sessions of this database; ours overrides it to undo it. */
    char writable[500];
    snprintf(
        writable, sizeof writable, "%s options='-c default_transaction_read_only=off'", conninfo);
    database_run(conninfo, "alter database read_only set default_transaction_read_only = on");
    EXPECT(database_number(conninfo, CUT) == 1);
    server_write(&server, 1);
    server_run_for_ms(&server, 900);
    EXPECT(server.durable_batches == 2);
    EXPECT(!server.is_stopped);
    database_run(writable, "alter database read_only reset default_transaction_read_only");
    server_wait(&server, server_has_written, 20);
    expect_each_batch_once(&server, conninfo);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

/* The same trouble with a taken-over database behind it: the server sees the epoch and is over. */
START_TEST(a_server_that_was_cut_off_finds_itself_fenced)
{
    const char *conninfo = database_create("cut_fenced");
    struct event_base *base = event_base_new();
    struct server first;
    struct server second;
    open_ready(&first, base, conninfo);
    server_write(&first, 2);
    server_wait(&first, server_has_written, 10);
    server_open(&second, base, conninfo, (struct server_options){0});
    server_wait(&second, server_is_standby, 10);
    /* Cut by hand in one transaction with the take-over, so that the standby is faster. */
    database_run(conninfo, CUT ";update vsl.writer set epoch = epoch + 1");
    server_wait(&first, server_is_stopped, 10);
    EXPECT(strstr(first.reason, "another server has taken over") != NULL);
    EXPECT(first.end == STORE_FENCED);
    server_close(&first);
    server_wait(&second, server_is_ready, 10);
    server_finish(&first);
    server_finish(&second);
    event_base_free(base);
}
END_TEST

/* Both connections break, and the writer is slow to come back. The servers have loops of their own,
 * so that only one of them goes on at a time. */
START_TEST(a_standby_gives_the_writer_a_head_start)
{
    const char *conninfo = database_create("head_start");
    struct server first;
    struct server second;
    open_ready(&first, event_base_new(), conninfo);
    server_write(&first, 2);
    server_wait(&first, server_has_written, 10);
    server_open(&second, event_base_new(), conninfo, (struct server_options){0});
    server_wait(&second, server_is_standby, 10);

    EXPECT(database_number(conninfo, CUT) == 2);
    server_run_for_ms(&second, 1500);
    EXPECT(
        database_number(conninfo, "select count(*) from pg_stat_activity where datname ="
                                  " current_database() and application_name = 'vsld writer'") == 1);
    EXPECT(database_number(conninfo, "select epoch from vsl.writer") == 1);
    server_write(&first, 2);
    server_wait(&first, server_has_written, 10);
    /* It may have it when the writer does not come. */
    EXPECT(database_number(conninfo, CUT) == 2);
    server_wait(&second, server_is_ready, 10);
    EXPECT(second.position.epoch == 2);
    EXPECT(second.position.batch_number == 4);
    server_wait(&first, server_is_stopped, 10);
    EXPECT(first.end == STORE_FENCED);
    struct event_base *bases[] = {first.base, second.base};
    server_finish(&first);
    server_finish(&second);
    event_base_free(bases[0]);
    event_base_free(bases[1]);
}
END_TEST

/* A stranger got our lock while we were away, and holds it: the epoch alone tells that we are
 * fenced. */
START_TEST(a_fenced_server_does_not_wait_for_its_lock)
{
    const char *conninfo = database_create("lock_gone");
    struct event_base *base = event_base_new();
    struct server server;
    open_ready(&server, base, conninfo);
    server_write(&server, 2);
    server_wait(&server, server_has_written, 10);
    PGconn *stranger = PQconnectdb(conninfo);
    /* The lock is waited for: it is the stranger's at once when the session of the server ends. */
    PGresult *results[] = {PQexec(stranger, CUT),
        PQexec(stranger, "select pg_advisory_lock(7762796, 1)"),
        PQexec(stranger, "update vsl.writer set epoch = epoch + 1")};
    for (size_t i = 0; i < 3; i++)
        PQclear(results[i]);
    EXPECT(database_number(conninfo, "select count(*) from pg_locks where locktype = 'advisory'"
                                     " and granted and database = (select oid from pg_database"
                                     " where datname = current_database())") == 1);
    server_wait(&server, server_is_stopped, 10);
    EXPECT(server.end == STORE_FENCED);
    EXPECT_MSG(strstr(server.reason, "epoch is 2, ours was 1") != NULL, "%s", server.reason);
    PQfinish(stranger);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

/* Stimulus: the load waits for a lock when its session is ended. */
START_TEST(a_connection_lost_while_loading_is_no_end)
{
    const char *conninfo = database_create("lost_loading");
    struct event_base *base = event_base_new();
    struct server server;
    PGconn *conn = PQconnectdb(conninfo);
    PQclear(PQexec(conn, "begin; lock table vsl.ledger"));
    server_open(&server, base, conninfo, (struct server_options){0});
    int64_t waiting = 0;
    for (int i = 0; i < 1000 && waiting == 0; i++) {
        server_run_for_ms(&server, 10);
        waiting = database_number(conninfo, "select count(*) from pg_locks where not granted");
    }
    EXPECT(waiting == 1);
    EXPECT(database_number(conninfo, CUT) == 1);
    server_wait(&server, server_is_stopped, 10);
    EXPECT(server.end == STORE_LOADS_ANEW);
    PQfinish(conn);
    server_finish(&server);
    open_ready(&server, base, conninfo);
    EXPECT(server.position.epoch == 2);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

/* A restored backup behind a running server: its batches are gone, so it must not go on. */
START_TEST(a_database_that_went_back_stops_the_server)
{
    const char *conninfo = database_create("went_back");
    struct event_base *base = event_base_new();
    struct server server;
    open_ready(&server, base, conninfo);
    server_write(&server, 3);
    server_wait(&server, server_has_written, 10);
    database_run(conninfo, "update vsl.writer set batch_number = 2;" CUT);
    server_wait(&server, server_is_stopped, 10);
    EXPECT_MSG(strstr(server.reason, "last batch is 3 here and 2 in the database") != NULL, "%s",
        server.reason);
    EXPECT(server.end == STORE_UNUSABLE);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

Suite *doubt_suite(void)
{
    Suite *suite = suite_create("store/doubt");
    TCase *cases = tcase_create("doubt");
    tcase_add_test(cases, cuts_under_load_lose_nothing);
    tcase_add_test(cases, a_batch_cut_before_its_commit_is_sent_again);
    tcase_add_test(cases, a_batch_cut_after_its_commit_is_durable);
    tcase_add_test(cases, a_batch_that_was_never_sent_is_not_durable);
    tcase_add_test(cases, a_check_tells_who_writes);
    tcase_add_test(cases, a_crash_of_the_database_loses_nothing);
    tcase_add_test(cases, a_database_that_only_reads_is_waited_for);
    tcase_add_test(cases, a_server_that_was_cut_off_finds_itself_fenced);
    tcase_add_test(cases, a_standby_gives_the_writer_a_head_start);
    tcase_add_test(cases, a_fenced_server_does_not_wait_for_its_lock);
    tcase_add_test(cases, a_connection_lost_while_loading_is_no_end);
    tcase_add_test(cases, a_database_that_went_back_stops_the_server);
    suite_add_tcase(suite, cases);
    return suite;
}
