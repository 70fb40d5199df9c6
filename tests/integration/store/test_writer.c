/* test_writer.c: who is the writer: schema, standby, take-over, fencing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "server.h"
#include "suites.h"
#include "support/database.h"
#include "support/expect.h"

#include <string.h>

static void expect_stop_at_start(const char *conninfo, const char *part_of_reason)
{
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){0});
    server_wait(&server, server_is_stopped, 10);
    EXPECT_MSG(strstr(server.reason, part_of_reason) != NULL, "%s", server.reason);
    EXPECT(!server.is_ready);
    server_finish(&server);
    event_base_free(base);
}

START_TEST(an_unknown_schema_stops_the_start)
{
    const char *conninfo = database_create_empty("schema_none");
    expect_stop_at_start(conninfo, "no vsl schema; run vslctl migrate");

    conninfo = database_create("schema_older");
    database_run(conninfo, "delete from vsl.schema_version");
    expect_stop_at_start(conninfo, "run vslctl migrate");

    conninfo = database_create("schema_newer");
    database_run(conninfo, "insert into vsl.schema_version (version) values (999)");
    expect_stop_at_start(conninfo, "install the newer vsld");
    /* Nothing was taken over. */
    EXPECT(database_number(conninfo, "select epoch from vsl.writer") == 0);
}
END_TEST

/* The newest life comes first; a promotion is noted, so that it is told once. */
START_TEST(lives_and_timeline_are_told)
{
    const char *conninfo = database_create("lives");
    database_run(conninfo,
        "insert into vsl.journal_identity (life, identity, first_sequence, reason)"
        " values (2, '00112233-4455-4677-8899-aabbccddeeff', 17, 'test')");
    int64_t timeline = database_number(conninfo, "select timeline from vsl.known_cluster");
    database_run(conninfo, "update vsl.known_cluster set timeline = 77");
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){0});
    server_wait(&server, server_is_ready, 10);
    char text[IDENTITY_CHARS + 1];
    EXPECT(server.lives.count == 2);
    identity_text(&server.lives.items[0].identity, text);
    EXPECT_MSG(strcmp(text, "00112233-4455-4677-8899-aabbccddeeff") == 0, "%s", text);
    EXPECT(server.lives.items[0].first_sequence == 17);
    EXPECT(server.lives.items[1].first_sequence == 1);
    EXPECT(database_number(conninfo, "select timeline from vsl.known_cluster") == timeline);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

/* Rows that a dump brought from elsewhere: a person has to say whether all of them are here. */
START_TEST(another_cluster_stops_the_start)
{
    const char *conninfo = database_create("other_cluster");
    database_run(
        conninfo, "update vsl.known_cluster set system_identifier = system_identifier + 1");
    expect_stop_at_start(conninfo, "vslctl identity keep if all of them are here");
}
END_TEST

/* A batch with an old epoch fails, and the server that sent it stops. */
START_TEST(a_batch_of_an_old_epoch_is_fenced)
{
    const char *conninfo = database_create("old_epoch");
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){0});
    server_wait(&server, server_is_ready, 10);
    server_write(&server, 3);
    server_wait(&server, server_has_written, 10);
    database_run(conninfo, "update vsl.writer set epoch = epoch + 1");
    server_write(&server, 1);
    server_wait(&server, server_is_stopped, 10);
    EXPECT_MSG(strstr(server.reason, "another server has taken over: epoch is 2") != NULL, "%s",
        server.reason);
    EXPECT(server.durable_batches == 3);
    EXPECT(database_number(conninfo, "select count(*) from vsl.batch") == 3);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

/* A server without traffic learns that it was fenced, too. */
START_TEST(an_idle_server_learns_that_it_was_fenced)
{
    const char *conninfo = database_create("idle_fenced");
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){0});
    server_wait(&server, server_is_ready, 10);
    database_run(conninfo, "update vsl.writer set epoch = epoch + 1");
    server_wait(&server, server_is_stopped, 5);
    EXPECT(strstr(server.reason, "another server has taken over") != NULL);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

START_TEST(a_standby_takes_over_when_the_writer_ends)
{
    const char *conninfo = database_create("standby");
    struct event_base *base = event_base_new();
    struct server first;
    struct server second;
    server_open(&first, base, conninfo, (struct server_options){0});
    server_wait(&first, server_is_ready, 10);

    server_open(&second, base, conninfo, (struct server_options){0});
    server_wait(&second, server_is_standby, 10);
    /* While the writer writes, the standby goes on waiting. */
    server_write(&first, 100);
    server_wait(&first, server_has_written, 10);
    server_run_for_ms(&second, 600);
    EXPECT(!second.is_ready);
    EXPECT(!first.is_stopped);

    server_close(&first);
    server_wait(&second, server_is_ready, 10);
    EXPECT(second.position.epoch == 2);
    EXPECT(second.position.batch_number == 100);
    server_expect_same_rows(&first, &second);
    server_write(&second, 3);
    server_wait(&second, server_has_written, 10);
    server_finish(&first);
    server_finish(&second);
    event_base_free(base);
}
END_TEST

/* With take_over the second does not wait; the first stops, though it holds the lock, and a third
 * that waits does not take the second for dead. */
START_TEST(a_forced_take_over_fences_the_first)
{
    const char *conninfo = database_create("forced");
    struct event_base *base = event_base_new();
    struct server first;
    struct server second;
    struct server third;
    server_open(&first, base, conninfo, (struct server_options){0});
    server_wait(&first, server_is_ready, 10);
    server_open(&third, base, conninfo, (struct server_options){0});
    server_wait(&third, server_is_standby, 10);
    server_write(&first, 1000000);
    server_run_for_ms(&first, 100);
    EXPECT(first.durable_batches > 0);

    server_open(&second, base, conninfo, (struct server_options){.take_over = true});
    server_wait(&first, server_is_stopped, 10);
    EXPECT(strstr(first.reason, "another server has taken over") != NULL);
    server_wait(&second, server_is_ready, 10);
    EXPECT(second.position.batch_number == first.durable_batches);
    server_write(&second, 20);
    server_wait(&second, server_has_written, 10);
    server_close(&first);
    server_run_for_ms(&third, 800);
    EXPECT(!third.is_ready);
    EXPECT(!second.is_stopped);

    server_close(&second);
    server_wait(&third, server_is_ready, 10);
    EXPECT(third.position.epoch == 3);
    EXPECT(third.position.batch_number == first.durable_batches + 20);
    server_finish(&first);
    server_finish(&second);
    server_finish(&third);
    event_base_free(base);
}
END_TEST

/* Two servers that both insist never write both: each batch is there once, in one chain. */
START_TEST(servers_that_fight_never_both_write)
{
    const char *conninfo = database_create("fight");
    struct event_base *base = event_base_new();
    struct server servers[6];
    int64_t durable = 0;
    for (int i = 0; i < 6; i++) {
        server_open(&servers[i], base, conninfo, (struct server_options){.take_over = true});
        server_wait(&servers[i], server_is_ready, 10);
        server_write(&servers[i], 1000000);
        server_run_for_ms(&servers[i], 150);
    }
    for (int i = 0; i < 6; i++) {
        if (i < 5)
            server_wait(&servers[i], server_is_stopped, 10);
        server_close(&servers[i]);
        durable += servers[i].durable_batches;
    }
    /* Only of a batch that was under way at a take-over or at the end the server never heard. */
    int64_t there = database_number(conninfo, "select count(*) from vsl.batch");
    EXPECT_MSG(there >= durable && there <= durable + 6, "%lld of %lld", (long long)there,
        (long long)durable);
    EXPECT(database_number(conninfo, "select max(batch_number) - count(*) from vsl.batch") == 0);
    EXPECT(database_number(conninfo,
               "select count(*) from vsl.batch a join vsl.batch b"
               " on b.batch_number = a.batch_number + 1"
               " where b.first_sequence <> a.last_sequence + 1 or b.epoch < a.epoch") == 0);
    /* In one look: the last batch may still arrive. */
    EXPECT(database_number(conninfo, "select (select count(distinct sequence) from vsl.command)"
                                     " - 3 * (select count(*) from vsl.batch)") == 0);
    EXPECT(database_number(conninfo, "select (select count(*) from vsl.command)"
                                     " - 3 * (select count(*) from vsl.batch)") == 0);
    for (int i = 0; i < 6; i++)
        server_finish(&servers[i]);
    event_base_free(base);
}
END_TEST

Suite *writer_suite(void)
{
    Suite *suite = suite_create("store/writer");
    TCase *cases = tcase_create("writer");
    tcase_add_test(cases, an_unknown_schema_stops_the_start);
    tcase_add_test(cases, lives_and_timeline_are_told);
    tcase_add_test(cases, another_cluster_stops_the_start);
    tcase_add_test(cases, a_batch_of_an_old_epoch_is_fenced);
    tcase_add_test(cases, an_idle_server_learns_that_it_was_fenced);
    tcase_add_test(cases, a_standby_takes_over_when_the_writer_ends);
    tcase_add_test(cases, a_forced_take_over_fences_the_first);
    tcase_add_test(cases, servers_that_fight_never_both_write);
    suite_add_tcase(suite, cases);
    return suite;
}
