/* test_segment.c: segments ahead, sealed and indexed; state written behind; starts in the middle.
 * SPDX-License-Identifier: Apache-2.0 */
#include "server.h"
#include "suites.h"
#include "support/database.h"
#include "support/expect.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

static bool has_indexed_3000(const struct server *server)
{
    return server->indexed_until >= 3000;
}

static bool has_indexed_1000(const struct server *server)
{
    return server->indexed_until >= 1000;
}

static bool has_written_state(const struct server *server)
{
    return server->state_writes == 1;
}

START_TEST(segments_are_made_ahead_and_indexed_behind)
{
    const char *conninfo = database_create("segments");
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){.segment_commands = 1000});
    server_wait(&server, server_is_ready, 10);
    EXPECT(store_sequence_limit(server.store) == 3000);
    int64_t first;
    int64_t last;
    store_segment_of(server.store, 1000, &first, &last);
    EXPECT(first == 1 && last == 1000);
    store_segment_of(server.store, 1001, &first, &last);
    EXPECT(first == 1001 && last == 2000);

    /* 350 batches of 10 commands; some of them over the edge between two segments. */
    server.is_indexing = true;
    server.batch_commands = 7;
    server_write(&server, 500);
    server_wait(&server, server_has_written, 20);
    server_wait(&server, has_indexed_3000, 20);
    EXPECT(database_number(conninfo, "select count(*) from vsl.command") == 3500);
    EXPECT(store_sequence_limit(server.store) >= 6000);
    EXPECT(database_number(conninfo, "select count(*) from vsl.segment where state = 3"
                                     " and key_filter is not null"
                                     " and max_business_date = date '1970-01-01' + 20001") == 3);
    /* Each sealed leaf has its indexes, the open one has none. */
    EXPECT(database_number(conninfo, "select count(*) from pg_indexes where schemaname = 'vsl'"
                                     " and tablename like '%\\_s0000000000000001001'") == 92);
    EXPECT(database_number(conninfo, "select count(*) from pg_indexes where schemaname = 'vsl'"
                                     " and tablename like '%\\_s0000000000000003001'") == 0);
    struct store_counters counters;
    store_counters(server.store, &counters);
    EXPECT(counters.segments_indexed == 3);
    server_close(&server);

    /* A restart knows the indexed ones and reads only what comes after them. */
    database_run(
        conninfo, "update vsl.state_progress set redo_sequence = 3301, batch_number = null");
    struct server second;
    server_open(&second, base, conninfo, (struct server_options){.segment_commands = 2000});
    server_wait(&second, server_is_ready, 10);
    EXPECT(second.loaded_segment_count == 3);
    EXPECT(second.loaded_segments[1].first_sequence == 1001);
    EXPECT(second.loaded_segments[1].last_sequence == 2000);
    EXPECT(second.loaded_segments[1].min_business_date == 20000);
    EXPECT(second.loaded_segments[1].key_filter_length == 64);
    EXPECT(second.loaded_filter_first_bytes[1] == 2);
    EXPECT(second.redo_first_sequence == 3001);
    struct reader in = reader_of(
        second.loaded[JOURNAL_TABLE_COMMAND].bytes, second.loaded[JOURNAL_TABLE_COMMAND].length);
    struct command_record record;
    EXPECT(rows_read_command(&in, &record) == 0);
    EXPECT(record.sequence == 3001);
    /* From now on segments are larger; the ones made before stay as they are. */
    int64_t limit = store_sequence_limit(second.store);
    second.batch_commands = 500;
    server_write(&second, 8);
    server_wait(&second, server_has_written, 20);
    server_run_for_ms(&second, 300);
    EXPECT(store_sequence_limit(second.store) > limit);
    EXPECT((store_sequence_limit(second.store) - limit) % 2000 == 0);
    server_finish(&server);
    server_finish(&second);
    event_base_free(base);
}
END_TEST

/* Killed between the indexes: the next start indexes the rest. Here the parts that a crash can
 * leave are made by hand. */
START_TEST(indexing_goes_on_after_a_restart)
{
    const char *conninfo = database_create("half_indexed");
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){.segment_commands = 1000});
    server_wait(&server, server_is_ready, 10);
    server.batch_commands = 100;
    server_write(&server, 15);
    server_wait(&server, server_has_written, 10);
    server_close(&server);
    database_run(conninfo,
        "select vsl.seal_segment(1, '2024-01-01', '2024-01-02', '2024-01-01', '2024-01-02');"
        "select vsl.index_segment(1, 'batch'); select vsl.index_segment(1, 'command')");

    struct server second;
    server_open(&second, base, conninfo, (struct server_options){.segment_commands = 1000});
    second.is_indexing = true;
    server_wait(&second, server_is_ready, 10);
    EXPECT(second.loaded_segment_count == 0);
    EXPECT(second.redo_first_sequence == 1);
    server_expect_same_rows(&server, &second);
    server_wait(&second, has_indexed_1000, 10);
    EXPECT(second.indexed_until == 1000);
    EXPECT(database_number(conninfo, "select count(*) from vsl.segment where state = 3") == 1);
    EXPECT(database_number(conninfo, "select count(*) from pg_indexes where schemaname = 'vsl'"
                                     " and tablename like '%\\_s0000000000000000001'") == 92);
    server_finish(&server);
    server_finish(&second);
    event_base_free(base);
}
END_TEST

/* The end of the last step was committed, but its answer was lost with the connection; or a server
 * that was fenced meanwhile came to the end first. The segment is indexed, and that is all. */
START_TEST(a_segment_that_is_indexed_already_is_indexed)
{
    const char *conninfo = database_create("indexed_already");
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){.segment_commands = 1000});
    server_wait(&server, server_is_ready, 10);
    server.batch_commands = 100;
    server_write(&server, 15);
    server_wait(&server, server_has_written, 10);
    database_run(conninfo,
        "select vsl.seal_segment(1, '2024-01-01', '2024-01-02', '2024-01-01', '2024-01-02');"
        "select vsl.index_segment(1, unnest(vsl.journal_tables()));"
        "select vsl.finish_segment(1, '\\x0102', null, null, null, null, null, null)");
    server.is_indexing = true;
    server_write(&server, 1);
    server_wait(&server, has_indexed_1000, 10);
    /* What the first one noted stays. */
    EXPECT(database_number(conninfo,
               "select count(*) from vsl.segment where state = 3 and key_filter = '\\x0102'"
               " and max_business_date = '2024-01-02'") == 1);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

/* A session of a server that was killed builds an index to its end; the next one waits for it. */
START_TEST(an_index_that_another_session_builds_is_waited_for)
{
    const char *conninfo = database_create("indexed_by_two");
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){.segment_commands = 1000});
    server_wait(&server, server_is_ready, 10);
    server.batch_commands = 100;
    server_write(&server, 15);
    server_wait(&server, server_has_written, 10);
    database_run(conninfo, "select vsl.seal_segment(1, '2024-01-01', '2024-01-02', null, null)");
    PGconn *other = PQconnectdb(conninfo);
    /* As far as vsl.index_segment has come after the first of its indexes. */
    PGresult *begun = PQexec(other, "begin; select vsl.lock_segment(1);"
                                    "create unique index posting_s0000000000000000001_1"
                                    " on vsl.posting_s0000000000000000001 (sequence, line)");
    EXPECT_MSG(PQresultStatus(begun) == PGRES_COMMAND_OK, "%s", PQerrorMessage(other));
    PQclear(begun);
    server.is_indexing = true;
    server_write(&server, 1);
    server_run_for_ms(&server, 500);
    EXPECT(server.indexed_until == 0);
    PQclear(PQexec(other, "commit"));
    server_wait(&server, has_indexed_1000, 10);
    PQfinish(other);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

#define CUT_KEEPER                                                                                 \
    "select count(pg_terminate_backend(pid)) from pg_stat_activity"                                \
    " where datname = current_database() and application_name = 'vsld keeper'"

static bool can_write_state(const struct server *server)
{
    return store_can_write_state(server->store);
}

/* The keeper's connection is cut again and again while it indexes and writes. */
START_TEST(cuts_of_the_keeper_only_delay)
{
    const char *conninfo = database_create("keeper_cuts");
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){.segment_commands = 1000});
    server_wait(&server, server_is_ready, 10);
    server.is_indexing = true;
    server.batch_commands = 50;
    server_write(&server, 70);
    int64_t cuts = 0;
    for (int i = 0; i < 8; i++) {
        server_run_for_ms(&server, 30 + i * 13);
        cuts += database_number(conninfo, CUT_KEEPER);
    }
    EXPECT(cuts >= 3);
    server_wait(&server, server_has_written, 30);
    server_wait(&server, has_indexed_3000, 30);
    /* State that is given just before and just after the store hears of the loss. */
    for (int i = 0; i < 2; i++) {
        struct image image = server_account_image(5, i);
        int64_t sequence = 10 + i;
        server_wait(&server, can_write_state, 10);
        cuts += database_number(conninfo, CUT_KEEPER);
        for (int wait = 0; i == 1 && wait < 100 && store_can_write_state(server.store); wait++)
            server_run_for_ms(&server, 5);
        EXPECT(store_can_write_state(server.store) == (i == 0));
        server.state_writes = 0;
        store_write_state(server.store, &image, &sequence, 1, 12);
        server_wait(&server, has_written_state, 10);
        EXPECT(database_number(
                   conninfo, "select available from vsl.account where account_id = 5") == i);
    }
    EXPECT(database_number(conninfo, "select count(*) from vsl.segment where state = 3") == 3);
    EXPECT(database_number(conninfo, "select count(*) from vsl.command") == 3500);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

/* A number that is there twice cannot be indexed, and is never a reason to go on. */
START_TEST(a_number_that_is_there_twice_stops_the_server)
{
    const char *conninfo = database_create("twice");
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){.segment_commands = 1000});
    server_wait(&server, server_is_ready, 10);
    server.batch_commands = 100;
    server_write(&server, 9);
    server_wait(&server, server_has_written, 10);
    database_run(conninfo, "insert into vsl.command select * from vsl.command where sequence = 77");
    server.is_indexing = true;
    server_write(&server, 2);
    server_wait(&server, server_is_stopped, 10);
    EXPECT_MSG(strstr(server.reason, "23505") != NULL, "%s", server.reason);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

START_TEST(state_is_written_behind_and_loaded)
{
    const char *conninfo = database_create("state");
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){0});
    EXPECT(!store_can_write_state(server.store));
    server_wait(&server, server_is_ready, 10);
    server_write(&server, 4);
    server_wait(&server, server_has_written, 10);

    /* Of record 1 two images in the wrong order: the newer counts. */
    struct image images[4] = {server_account_image(1, 500), server_account_image(1, 400),
        server_account_image(2, 70), {.kind = RECORD_MEMBER}};
    images[3].member = (struct member){.id = 3,
        .ledger_id = 1,
        .kind = MEMBER_USER,
        .status = 1,
        .platform_member_id = "u3",
        .platform_member_id_length = 2};
    int64_t sequences[4] = {9, 4, 5, 7};
    EXPECT(store_can_write_state(server.store));
    store_write_state(server.store, images, sequences, 4, 8);
    EXPECT(!store_can_write_state(server.store));
    server_wait(&server, has_written_state, 10);
    EXPECT(store_can_write_state(server.store));
    EXPECT(
        database_number(conninfo, "select available from vsl.account where account_id = 1") == 500);
    EXPECT(database_number(conninfo, "select sequence from vsl.account where account_id = 1") == 9);
    EXPECT(database_number(conninfo, "select redo_sequence from vsl.state_progress") == 8);

    /* An older image and an older redo point change nothing. */
    images[0] = server_account_image(1, 1);
    images[1] = server_account_image(2, 71);
    sequences[0] = 8;
    sequences[1] = 6;
    server.state_writes = 0;
    store_write_state(server.store, images, sequences, 2, 7);
    server_wait(&server, has_written_state, 10);
    EXPECT(
        database_number(conninfo, "select available from vsl.account where account_id = 1") == 500);
    EXPECT(
        database_number(conninfo, "select available from vsl.account where account_id = 2") == 71);
    EXPECT(database_number(conninfo, "select redo_sequence from vsl.state_progress") == 8);
    struct store_counters counters;
    store_counters(server.store, &counters);
    EXPECT(counters.state_rows_written == 6);
    server_close(&server);

    struct buffer expected = {0};
    struct image member = images[3];
    images[0] = server_account_image(1, 500);
    rows_append_image(&expected, 7, &member);
    rows_append_image(&expected, 9, &images[0]);
    rows_append_image(&expected, 6, &images[1]);
    struct server second;
    server_open(&second, base, conninfo, (struct server_options){0});
    server_wait(&second, server_is_ready, 10);
    EXPECT(second.loaded_state_rows == 3);
    EXPECT(second.loaded_state.length == expected.length);
    EXPECT(memcmp(second.loaded_state.bytes, expected.bytes, expected.length) == 0);
    /* Nothing is indexed: so everything is read, although state is written up to 7. */
    EXPECT(second.redo_first_sequence == 1);
    server_expect_same_rows(&server, &second);
    buffer_finish(&expected);
    server_finish(&server);
    server_finish(&second);
    event_base_free(base);
}
END_TEST

/* State rows that are newer than the journal can only mean that the journal has lost rows. */
START_TEST(state_ahead_of_the_journal_stops_the_start)
{
    const char *conninfo = database_create("state_ahead");
    database_run(conninfo, "insert into vsl.member values (5, 1, 1, 1, 1, 'x')");
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){0});
    server_wait(&server, server_is_stopped, 10);
    EXPECT_MSG(strstr(server.reason, "vsl.member: a row is ahead") != NULL, "%s", server.reason);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

/* As after a fail-over to a standby that lagged: the redo point is not where it was confirmed. What
 * has left memory, or was marked as written, may be missing in the state tables. */
START_TEST(state_that_is_lost_is_loaded_anew)
{
    const char *conninfo = database_create("state_lost");
    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){0});
    server_wait(&server, server_is_ready, 10);
    server_write(&server, 4);
    server_wait(&server, server_has_written, 10);
    struct image image = server_account_image(1, 500);
    int64_t sequence = 9;
    store_write_state(server.store, &image, &sequence, 1, 8);
    server_wait(&server, has_written_state, 10);
    EXPECT(!server.is_stopped);

    database_run(conninfo, "update vsl.state_progress set redo_sequence = 7");
    EXPECT(database_number(conninfo,
               "select count(pg_terminate_backend(pid)) from pg_stat_activity"
               " where datname = current_database() and application_name = 'vsld keeper'") == 1);
    server_wait(&server, server_is_stopped, 10);
    EXPECT(server.end == STORE_LOADS_ANEW);
    EXPECT_MSG(strstr(server.reason, "redo point 7, was 8") != NULL, "%s", server.reason);
    server_finish(&server);
    event_base_free(base);
}
END_TEST

Suite *segment_suite(void)
{
    Suite *suite = suite_create("store/segment");
    TCase *cases = tcase_create("segment");
    tcase_add_test(cases, segments_are_made_ahead_and_indexed_behind);
    tcase_add_test(cases, indexing_goes_on_after_a_restart);
    tcase_add_test(cases, a_segment_that_is_indexed_already_is_indexed);
    tcase_add_test(cases, an_index_that_another_session_builds_is_waited_for);
    tcase_add_test(cases, cuts_of_the_keeper_only_delay);
    tcase_add_test(cases, a_number_that_is_there_twice_stops_the_server);
    tcase_add_test(cases, state_is_written_behind_and_loaded);
    tcase_add_test(cases, state_that_is_lost_is_loaded_anew);
    tcase_add_test(cases, state_ahead_of_the_journal_stops_the_start);
    suite_add_tcase(suite, cases);
    return suite;
}
