/* test_batch.c: batches become durable, and what is written is what a restart loads.
 * SPDX-License-Identifier: Apache-2.0 */
#include "server.h"
#include "suites.h"
#include "support/database.h"
#include "support/expect.h"

#include <string.h>

/* Every table of the journal, several segments' worth of rows, byte for byte. */
START_TEST(a_restart_loads_what_was_written)
{
    const char *conninfo = database_create("round_trip");
    struct event_base *base = event_base_new();
    struct server first;
    struct server second;

    server_open(&first, base, conninfo, (struct server_options){0});
    server_wait(&first, server_is_ready, 10);
    EXPECT(first.position.epoch == 1);
    EXPECT(first.position.batch_number == 0);
    EXPECT(first.position.sequence == 0);
    EXPECT(store_sequence_limit(first.store) == 3000000);
    first.postings_per_command = 2;
    server_write(&first, 200);
    server_wait(&first, server_has_written, 20);

    struct store_counters counters;
    store_counters(first.store, &counters);
    EXPECT(counters.batches == 200);
    EXPECT(counters.doubts_resent == 0);
    EXPECT(counters.last_commit_us > 0);
    struct journal_position last = {.batch_number = 200, .sequence = 600};
    server_close(&first);

    EXPECT(database_number(conninfo, "select count(*) from vsl.batch") == 200);
    EXPECT(database_number(conninfo, "select count(*) from vsl.command") == 600);
    EXPECT(database_number(conninfo, "select count(*) from vsl.posting") == 1200);
    EXPECT(database_number(conninfo, "select count(*) from vsl.account_history") == 300);
    EXPECT(database_number(conninfo, "select batch_number from vsl.writer") == 200);

    server_open(&second, base, conninfo, (struct server_options){0});
    server_wait(&second, server_is_ready, 10);
    EXPECT(!second.is_standby);
    EXPECT(second.position.epoch == 2);
    EXPECT(second.position.batch_number == last.batch_number);
    EXPECT(second.position.sequence == last.sequence);
    EXPECT(second.position.recorded_us == INT64_C(1700000000000600));
    EXPECT(second.redo_first_sequence == 1);
    EXPECT(second.loaded_state_rows == 0);
    EXPECT(memcmp(&first.position.filter_secret, &second.position.filter_secret,
               sizeof(struct hash_key)) == 0);
    server_expect_same_rows(&first, &second);

    /* The chain goes on where it stood. */
    server_write(&second, 5);
    server_wait(&second, server_has_written, 10);
    EXPECT(database_number(conninfo, "select max(batch_number) from vsl.batch") == 205);
    server_finish(&first);
    server_finish(&second);
    event_base_free(base);
}
END_TEST

/* A commit of many megabytes goes through the socket in pieces, with other events between. */
START_TEST(a_large_batch_is_durable)
{
    const char *conninfo = database_create("large");
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){0});
    server_wait(&server, server_is_ready, 10);
    server.batch_commands = 16000;
    server.postings_per_command = 2;
    server_write(&server, 5);
    server_wait(&server, server_has_written, 30);
    EXPECT(database_number(conninfo, "select count(*) from vsl.posting") == 5 * 16000 * 2);
    EXPECT(database_number(conninfo, "select count(*) from vsl.command") == 5 * 16000);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

/* A batch that the database refuses means that memory is wrong: nothing of it may stay. */
START_TEST(a_refused_batch_stops_the_server)
{
    const char *conninfo = database_create("refused");
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){0});
    server_wait(&server, server_is_ready, 10);
    server_write(&server, 2);
    server_wait(&server, server_has_written, 10);
    server.breaks_a_rule = true;
    server_write(&server, 1);
    server_wait(&server, server_is_stopped, 10);
    EXPECT_MSG(
        strstr(server.reason, "disagree") && strstr(server.reason, "23514"), "%s", server.reason);
    EXPECT(server.durable_batches == 2);
    EXPECT(database_number(conninfo, "select count(*) from vsl.batch") == 2);
    EXPECT(database_number(conninfo, "select count(*) from vsl.command") == 6);
    EXPECT(database_number(conninfo, "select batch_number from vsl.writer") == 2);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

/* A hole in the journal is found when it is loaded. */
START_TEST(a_missing_command_stops_the_start)
{
    const char *conninfo = database_create("hole");
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){0});
    server_wait(&server, server_is_ready, 10);
    server_write(&server, 4);
    server_wait(&server, server_has_written, 10);
    server_finish(&server);
    database_run(conninfo, "set session_replication_role = replica;"
                           "delete from vsl.command where sequence = 5");

    server_open(&server, base, conninfo, (struct server_options){0});
    server_wait(&server, server_is_stopped, 10);
    EXPECT_MSG(strstr(server.reason, "command is missing") && strstr(server.reason, "number 5"),
        "%s", server.reason);
    EXPECT(!server.is_ready);
    server_finish(&server);

    /* The last ones missing is a hole, too. */
    database_run(conninfo, "set session_replication_role = replica;"
                           "delete from vsl.command where sequence >= 5");
    server_open(&server, base, conninfo, (struct server_options){0});
    server_wait(&server, server_is_stopped, 10);
    EXPECT_MSG(strstr(server.reason, "number 5"), "%s", server.reason);
    server_finish(&server);

    /* And the last batch must be the one that the writer row names. */
    database_run(conninfo, "set session_replication_role = replica;"
                           "delete from vsl.batch where batch_number = 4");
    server_open(&server, base, conninfo, (struct server_options){0});
    server_wait(&server, server_is_stopped, 10);
    EXPECT_MSG(strstr(server.reason, "names batch 4"), "%s", server.reason);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

/* A row that no batch brought is not taken for a command. */
START_TEST(a_command_beyond_the_last_batch_stops_the_start)
{
    const char *conninfo = database_create("beyond");
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){0});
    server_wait(&server, server_is_ready, 10);
    server.batch_commands = 3;
    server_write(&server, 4);
    server_wait(&server, server_has_written, 10);
    server_finish(&server);
    database_run(conninfo,
        "insert into vsl.command select 13, recorded_at, ledger_id, kind, outcome, accounting_date,"
        " subject_id, channel, business_date, 'forged', body from vsl.command where sequence = 12");

    server_open(&server, base, conninfo, (struct server_options){0});
    server_wait(&server, server_is_stopped, 10);
    EXPECT_MSG(strstr(server.reason, "ahead of the journal") && strstr(server.reason, "number 13"),
        "%s", server.reason);
    EXPECT(!server.is_ready);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

Suite *batch_suite(void)
{
    Suite *suite = suite_create("store/batch");
    TCase *cases = tcase_create("batch");
    tcase_add_test(cases, a_restart_loads_what_was_written);
    tcase_add_test(cases, a_large_batch_is_durable);
    tcase_add_test(cases, a_refused_batch_stops_the_server);
    tcase_add_test(cases, a_missing_command_stops_the_start);
    tcase_add_test(cases, a_command_beyond_the_last_batch_stops_the_start);
    suite_add_tcase(suite, cases);
    return suite;
}
