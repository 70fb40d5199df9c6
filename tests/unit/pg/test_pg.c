/* test_pg.c: every request ends once and in order, whatever happens to the connection.
 *
 * Against a private PostgreSQL, since the other side of the connection is what counts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "pg/pg.h"
#include "support/database.h"
#include "support/expect.h"

#include <arpa/inet.h>
#include <event2/event.h>
#define pg_int64 pg_int64_of_libpq
#include <libpq-fe.h>
#undef pg_int64
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ENDS_MAX 4096

struct session {
    struct event_base *base;
    struct pg_connection *connection;
    const char *conninfo;
    int ready, lost;
    /* How requests ended, in that order. */
    enum pg_end ends[ENDS_MAX];
    char sqlstates[ENDS_MAX][6];
    int64_t numbers[ENDS_MAX]; /* first field of the first row, when it is an int8 */
    size_t end_count;
    /* COPY OUT. */
    size_t chunks, chunk_bytes, first_chunk_bytes;
    int64_t to_go_on; /* further queries given from inside callbacks */
    bool resets_on_rows;
};

static void on_ready(void *context)
{
    ((struct session *)context)->ready++;
}

static void on_lost(void *context)
{
    struct session *session = context;
    EXPECT(!pg_is_ready(session->connection));
    session->lost++;
}

static const struct pg_handlers handlers = {on_ready, on_lost};

static void on_done(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct session *session = context;
    EXPECT(session->end_count < ENDS_MAX);
    size_t at = session->end_count++;
    session->ends[at] = end;
    snprintf(session->sqlstates[at], 6, "%s", sqlstate);
    EXPECT(result == NULL || end == PG_DONE);
    if (result && pg_rows(result) == 1 && pg_columns(result) == 1 && !pg_is_null(result, 0, 0) &&
        pg_bytes(result, 0, 0).length == 8)
        session->numbers[at] = pg_int64(result, 0, 0);
    if (session->to_go_on > 0) {
        session->to_go_on--;
        pg_query(session->connection, "one", "select 1::int8", NULL, on_done, session);
    }
}

static void on_rows(void *context, const uint8_t *bytes, size_t length)
{
    struct session *session = context;
    EXPECT(bytes != NULL);
    if (session->chunks++ == 0)
        session->first_chunk_bytes = length;
    session->chunk_bytes += length;
    if (session->resets_on_rows)
        pg_reset(session->connection);
}

static void wait_for(struct session *session, const int *counter, int value)
{
    int64_t deadline_us = clock_monotonic_us() + 20000000;
    while (*counter < value) {
        EXPECT_MSG(clock_monotonic_us() < deadline_us, "waited in vain: %d of %d", *counter, value);
        struct timeval tick = {.tv_usec = 10000};
        event_base_loopexit(session->base, &tick);
        event_base_loop(session->base, EVLOOP_ONCE);
    }
}

static void wait_ends(struct session *session, size_t count)
{
    int64_t deadline_us = clock_monotonic_us() + 30000000;
    while (session->end_count < count) {
        EXPECT_MSG(clock_monotonic_us() < deadline_us, "waited in vain: %zu of %zu ends",
            session->end_count, count);
        struct timeval tick = {.tv_usec = 10000};
        event_base_loopexit(session->base, &tick);
        event_base_loop(session->base, EVLOOP_ONCE);
    }
    EXPECT(session->end_count == count);
}

static void session_open(struct session *session, const char *database, const char *setup)
{
    *session = (struct session){.base = event_base_new()};
    session->conninfo = database_create_empty(database);
    session->connection =
        pg_open(session->base, session->conninfo, "test pg", setup, &handlers, session);
    EXPECT(!pg_is_ready(session->connection));
    wait_for(session, &session->ready, 1);
    EXPECT(pg_is_ready(session->connection));
}

static void session_close(struct session *session)
{
    pg_close(session->connection);
    event_base_free(session->base);
}

static void ask_sum(struct session *session, int64_t a, int64_t b)
{
    struct pg_parameters parameters = {0};
    pg_add_int64(&parameters, a);
    pg_add_int64(&parameters, b);
    pg_query(session->connection, "sum", "select $1 + $2", &parameters, on_done, session);
    pg_parameters_finish(&parameters);
}

static void ask_division(struct session *session, int64_t by)
{
    struct pg_parameters parameters = {0};
    pg_add_int64(&parameters, by);
    pg_query(session->connection, "division", "select 100 / $1", &parameters, on_done, session);
    pg_parameters_finish(&parameters);
}

/* ---- queries ---- */

/* Many at once, a failing one among them: each gets its own answer, in order. */
START_TEST(queries_are_answered_in_order)
{
    struct session session;
    session_open(&session, "in_order", NULL);
    for (int i = 0; i < 1000; i++) {
        if (i % 10 == 7)
            ask_division(&session, i % 20 == 7 ? 0 : 5);
        else
            ask_sum(&session, i, 1000000);
    }
    EXPECT(session.end_count == 0); /* never from inside the call */
    wait_ends(&session, 1000);
    for (int i = 0; i < 1000; i++) {
        if (i % 20 == 7) {
            EXPECT(session.ends[i] == PG_FAILED);
            EXPECT(strcmp(session.sqlstates[i], "22012") == 0);
        } else {
            EXPECT(session.ends[i] == PG_DONE);
            EXPECT(session.numbers[i] == (i % 20 == 17 ? 20 : i + 1000000));
        }
    }
    EXPECT(session.lost == 0);
    session_close(&session);
}
END_TEST

static void expect_fields(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct session *session = context;
    EXPECT_MSG(end == PG_DONE, "%s", sqlstate);
    EXPECT(pg_rows(result) == 1);
    EXPECT(pg_columns(result) == 9);
    EXPECT(pg_int64(result, 0, 0) == INT64_MIN);
    EXPECT(pg_int32(result, 0, 1) == -7);
    EXPECT(pg_int16(result, 0, 2) == -32768);
    EXPECT(pg_bool(result, 0, 3));
    EXPECT(pg_time_us(result, 0, 4) == 1);
    EXPECT(pg_date(result, 0, 5) == -1);
    EXPECT(pg_is_null(result, 0, 6));
    EXPECT(pg_bytes(result, 0, 6).length == -1);
    struct pg_value empty = pg_bytes(result, 0, 7);
    EXPECT(empty.length == 0);
    EXPECT(empty.bytes != NULL);
    struct pg_value text = pg_bytes(result, 0, 8);
    EXPECT(text.length == 6);
    EXPECT(memcmp(text.bytes, "台账", 6) == 0);
    session->end_count++;
}

START_TEST(fields_keep_their_values)
{
    struct session session;
    session_open(&session, "fields", "set timezone = 'Asia/Shanghai'");
    struct pg_parameters parameters = {0};
    pg_add_null(&parameters);
    pg_add_bytea(&parameters, "", 0);
    pg_add_text(&parameters, "台账", 6);
    pg_query(session.connection, "fields",
        "select (-9223372036854775807 - 1)::int8, -7::int4, (-32768)::int2, true,"
        " '1970-01-01 00:00:00.000001Z'::timestamptz, '1969-12-31'::date, $1::text, $2, $3",
        &parameters, expect_fields, &session);
    pg_parameters_finish(&parameters);
    wait_ends(&session, 1);
    session_close(&session);
}
END_TEST

/* A statement that could not be prepared is prepared anew the next time. */
START_TEST(a_failed_prepare_does_not_stick)
{
    struct session session;
    session_open(&session, "prepare", NULL);
    static const char sql[] = "select n from later";
    pg_query(session.connection, "later", sql, NULL, on_done, &session);
    pg_query(session.connection, "later", sql, NULL, on_done, &session);
    wait_ends(&session, 2);
    EXPECT(session.ends[0] == PG_FAILED && strcmp(session.sqlstates[0], "42P01") == 0);
    EXPECT(session.ends[1] == PG_FAILED);
    pg_copy_in(session.connection, "create table later (n int8); insert into later values (5)",
        NULL, 0, on_done, &session);
    pg_query(session.connection, "later", sql, NULL, on_done, &session);
    pg_query(session.connection, "later", sql, NULL, on_done, &session);
    wait_ends(&session, 5);
    EXPECT(session.ends[3] == PG_DONE && session.numbers[3] == 5);
    EXPECT(session.ends[4] == PG_DONE && session.numbers[4] == 5);
    session_close(&session);
}
END_TEST

START_TEST(callbacks_may_ask_again)
{
    struct session session;
    session_open(&session, "again", NULL);
    session.to_go_on = 500;
    ask_sum(&session, 1, 2);
    wait_ends(&session, 501);
    session_close(&session);
}
END_TEST

/* ---- COPY ---- */

static const uint8_t header[19] = "PGCOPY\n\377\r\n";
static const uint8_t trailer[2] = {0xff, 0xff};

/* Rows of one int8 from `first` on; the caller frees them. */
static uint8_t *make_rows(int64_t first, int64_t count, size_t *ret_length)
{
    uint8_t *rows = malloc((size_t)count * 14);
    EXPECT(rows != NULL);
    for (int64_t i = 0; i < count; i++) {
        uint8_t *row = rows + i * 14;
        uint64_t value = __builtin_bswap64((uint64_t)(first + i));
        memcpy(row, "\0\1\0\0\0\10", 6);
        memcpy(row + 6, &value, 8);
    }
    *ret_length = (size_t)count * 14;
    return rows;
}

static struct pg_copy copy_of(const uint8_t *rows, size_t length, int64_t count)
{
    return (struct pg_copy){
        .parts = {{header, sizeof header}, {rows, (int32_t)length}, {trailer, sizeof trailer}},
        .rows_expected = count,
    };
}

#define TWO_COPIES "copy a from stdin (format binary); select 1; copy b from stdin (format binary)"

/* Small and large, between queries, one transaction. */
START_TEST(copies_and_queries_take_turns)
{
    struct session session;
    session_open(&session, "copies", NULL);
    pg_copy_in(session.connection, "create table a (n int8 unique); create table b (n int8)", NULL,
        0, on_done, &session);
    size_t lengths[2];
    uint8_t *rows[2];
    size_t ends = 1;
    for (int i = 0; i < 4; i++) {
        int64_t count = i == 3 ? 1000000 : i * 5000;
        rows[0] = make_rows(i * INT64_C(10000000), count, &lengths[0]);
        rows[1] = make_rows(0, count / 2, &lengths[1]);
        struct pg_copy copies[] = {
            copy_of(rows[0], lengths[0], count), copy_of(rows[1], lengths[1], count / 2)};
        ask_sum(&session, i, 1);
        pg_copy_in(session.connection, TWO_COPIES, copies, 2, on_done, &session);
        ask_sum(&session, i, 2);
        ends += 3;
        wait_ends(&session, ends);
        free(rows[0]);
        free(rows[1]);
    }
    for (size_t i = 0; i < ends; i++)
        EXPECT_MSG(session.ends[i] == PG_DONE, "request %zu: %s", i, session.sqlstates[i]);
    EXPECT(database_number(session.conninfo, "select count(*) from a") == 1015000 + 0 + 0);
    EXPECT(database_number(session.conninfo, "select count(*) from b") == 507500);

    /* Out again: header with the first row, rows, trailer. */
    pg_copy_out(session.connection, "copy (select n from a) to stdout (format binary)", on_rows,
        on_done, &session);
    ask_sum(&session, 40, 2);
    wait_ends(&session, ends + 2);
    EXPECT(session.ends[ends] == PG_DONE);
    EXPECT(session.numbers[ends + 1] == 42);
    EXPECT(session.chunks == 1015000 + 1);
    EXPECT(session.first_chunk_bytes == 19 + 14);
    EXPECT(session.chunk_bytes == 19 + 1015000 * 14 + 2);
    session_close(&session);
}
END_TEST

/* Refused by the database, or fewer rows than expected: nothing of it stays, the session lives. */
START_TEST(a_refused_copy_leaves_nothing)
{
    struct session session;
    session_open(&session, "refused_copy", NULL);
    pg_copy_in(session.connection, "create table a (n int8 unique); create table b (n int8)", NULL,
        0, on_done, &session);
    size_t length;
    uint8_t *rows = make_rows(1, 200000, &length);
    struct pg_copy copies[] = {copy_of(rows, length, 200000), copy_of(rows, length, 200000)};
    /* The second one breaks a unique index. */
    pg_copy_in(session.connection,
        "copy a from stdin (format binary); copy a from stdin (format binary)", copies, 2, on_done,
        &session);
    /* Without its trailer PostgreSQL takes this for zero rows, and says so with success. */
    copies[0] = (struct pg_copy){.parts = {{header, sizeof header}}, .rows_expected = 1};
    pg_copy_in(session.connection, TWO_COPIES, copies, 2, on_done, &session);
    /* Cut in the middle of a row. */
    copies[0] = copy_of(rows, length - 3, 200000);
    copies[0].parts[2].length = 0;
    pg_copy_in(session.connection, TWO_COPIES, copies, 2, on_done, &session);
    ask_sum(&session, 1, 1);
    wait_ends(&session, 5);
    EXPECT(session.ends[1] == PG_FAILED && strcmp(session.sqlstates[1], "23505") == 0);
    EXPECT(session.ends[2] == PG_FAILED && strcmp(session.sqlstates[2], "") == 0);
    EXPECT(session.ends[3] == PG_FAILED && strcmp(session.sqlstates[3], "22P04") == 0);
    EXPECT(session.ends[4] == PG_DONE && session.numbers[4] == 2);
    EXPECT(session.lost == 0);
    EXPECT(database_number(session.conninfo,
               "select (select count(*) from a) + (select count(*) from b)") == 0);
    free(rows);
    session_close(&session);
}
END_TEST

/* ---- loss ---- */

/* Whatever was under way or waiting ends once, and the connection comes back. */
START_TEST(a_lost_connection_ends_every_request_once)
{
    struct session session;
    session_open(&session, "lost", "set application_name = 'to be cut'");
    for (int round = 0; round < 5; round++) {
        size_t before = session.end_count;
        int lost = session.lost;
        ask_sum(&session, 1, 1);
        pg_copy_in(session.connection, "select pg_sleep(30)", NULL, 0, on_done, &session);
        for (int i = 0; i < 20; i++)
            ask_sum(&session, i, i);
        pg_copy_out(session.connection, "copy (select 1) to stdout (format binary)", on_rows,
            on_done, &session);
        wait_ends(&session, before + 1);
        if (round == 4)
            pg_reset(session.connection);
        else
            EXPECT(database_number(session.conninfo,
                       "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                       " where application_name = 'to be cut'") == 1);
        wait_ends(&session, before + 23);
        for (size_t i = before + 1; i < before + 23; i++)
            EXPECT(session.ends[i] == PG_LOST);
        wait_for(&session, &session.lost, lost + 1);
        /* Given meanwhile: not taken, and told so from the loop. */
        ask_sum(&session, 1, 1);
        EXPECT(session.end_count == before + 23);
        wait_ends(&session, before + 24);
        EXPECT(session.ends[before + 23] == PG_LOST);
        wait_for(&session, &session.ready, round + 2);
        ask_sum(&session, 20, 3);
        wait_ends(&session, before + 25);
        EXPECT(session.ends[before + 24] == PG_DONE && session.numbers[before + 24] == 23);
    }
    EXPECT(session.lost == 5);
    session_close(&session);
}
END_TEST

START_TEST(a_reset_inside_a_callback_is_safe)
{
    struct session session;
    session_open(&session, "reset", NULL);
    session.resets_on_rows = true;
    pg_copy_out(session.connection,
        "copy (select generate_series(1, 1000000)) to stdout (format binary)", on_rows, on_done,
        &session);
    wait_ends(&session, 1);
    EXPECT(session.ends[0] == PG_LOST);
    EXPECT(session.chunks == 1);
    wait_for(&session, &session.ready, 2);
    session_close(&session);
}
END_TEST

START_TEST(closing_ends_what_waits)
{
    struct session session;
    session_open(&session, "closing", NULL);
    for (int i = 0; i < 100; i++)
        ask_sum(&session, i, i);
    pg_copy_in(session.connection, "select 1", NULL, 0, on_done, &session);
    pg_close(session.connection);
    EXPECT(session.end_count == 101);
    for (int i = 0; i < 101; i++)
        EXPECT(session.ends[i] == PG_LOST);
    event_base_free(session.base);
}
END_TEST

/* A server that is not there, a connection string that is none: tried again, told each time. */
START_TEST(a_server_that_is_not_there_is_tried_again)
{
    static const char *const strings[] = {
        "host=/nonexistent user=vsl dbname=vsl", "host=127.0.0.1 port=1 dbname=vsl", "no=such"};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        struct session session = {.base = event_base_new()};
        session.connection =
            pg_open(session.base, strings[i], "test pg", NULL, &handlers, &session);
        ask_sum(&session, 1, 1);
        EXPECT(session.end_count == 0);
        wait_for(&session, &session.lost, 3);
        EXPECT(session.ready == 0);
        EXPECT(session.end_count == 1 && session.ends[0] == PG_LOST);
        session_close(&session);
    }
}
END_TEST

/* Pauses stay short however long it takes: who is back first matters. */
START_TEST(tries_come_twice_a_second)
{
    struct session session = {.base = event_base_new()};
    int64_t begun_us = clock_monotonic_us();
    session.connection =
        pg_open(session.base, "host=/nonexistent dbname=vsl", "test pg", NULL, &handlers, &session);
    wait_for(&session, &session.lost, 10);
    EXPECT(clock_monotonic_us() - begun_us < 8000000);
    session_close(&session);
}
END_TEST

/* The value of a keyword, in memory of its own. */
static char *value_of(const char *conninfo, const char *keyword)
{
    char *value = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    for (PQconninfoOption *option = options; option->keyword; option++)
        if (strcmp(option->keyword, keyword) == 0)
            value = strdup(option->val ? option->val : "");
    PQconninfoFree(options);
    EXPECT(value != NULL);
    return value;
}

/* A port that takes connections, and behind which nobody ever answers. */
static int open_silent_port(int *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    EXPECT(listen(fd, 64) == 0);
    EXPECT(getsockname(fd, (struct sockaddr *)&address, &length) == 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

/* The hosts stand in the connection string, or in a service file that it names. */
START_TEST(a_host_that_never_answers_hides_no_other)
{
    bool is_service = _i == 1;
    const char *conninfo = database_create_empty(is_service ? "silent_service" : "silent");
    char *host = value_of(conninfo, "host");
    char *port = value_of(conninfo, "port");
    char *user = value_of(conninfo, "user");
    int silent_port;
    int fd = open_silent_port(&silent_port);
    char file[] = "/tmp/vsl-pg-service.XXXXXX";
    char two[1000];
    const char *separator = is_service ? "\n" : " ";
    snprintf(two, sizeof two, "host=127.0.0.1,%s%sport=%d,%s%suser=%s%sdbname=%s", host, separator,
        silent_port, *port ? port : "5432", separator, user, separator,
        is_service ? "silent_service" : "silent");
    if (is_service) {
        FILE *service = fdopen(mkstemp(file), "w");
        EXPECT(service != NULL);
        fprintf(service, "[two]\n%s\n", two);
        EXPECT(fclose(service) == 0);
        setenv("PGSERVICEFILE", file, 1);
    }
    struct session session = {.base = event_base_new()};
    int64_t begun_us = clock_monotonic_us();
    session.connection = pg_open(
        session.base, is_service ? "service=two" : two, "test pg", NULL, &handlers, &session);
    wait_for(&session, &session.ready, 1);
    EXPECT(session.lost == 1); /* the silent one, at its deadline */
    EXPECT(clock_monotonic_us() - begun_us < 9000000);
    ask_sum(&session, 1, 1);
    wait_ends(&session, 1);
    EXPECT(session.ends[0] == PG_DONE);
    /* Left for another host, it comes round again. */
    pg_reset(session.connection);
    wait_for(&session, &session.ready, 2);
    session_close(&session);
    close(fd);
    if (is_service)
        unlink(file);
    free(host);
    free(port);
    free(user);
}
END_TEST

int main(void)
{
    if (!database_cluster_start())
        return 0;
    Suite *suite = suite_create("pg");
    TCase *cases = tcase_create("pg");
    tcase_add_test(cases, queries_are_answered_in_order);
    tcase_add_test(cases, fields_keep_their_values);
    tcase_add_test(cases, a_failed_prepare_does_not_stick);
    tcase_add_test(cases, callbacks_may_ask_again);
    tcase_add_test(cases, copies_and_queries_take_turns);
    tcase_add_test(cases, a_refused_copy_leaves_nothing);
    tcase_add_test(cases, a_lost_connection_ends_every_request_once);
    tcase_add_test(cases, a_reset_inside_a_callback_is_safe);
    tcase_add_test(cases, closing_ends_what_waits);
    tcase_add_test(cases, a_server_that_is_not_there_is_tried_again);
    tcase_add_test(cases, tries_come_twice_a_second);
    tcase_add_loop_test(cases, a_host_that_never_answers_hides_no_other, 0, 2);
    tcase_set_timeout(cases, 60);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    database_cluster_stop();
    return failed == 0 ? 0 : 1;
}
