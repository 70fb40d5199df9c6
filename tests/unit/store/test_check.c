/* test_check.c: whether this server is still the writer: every answer that the database can give,
 * and none. The connection is played here.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "base/clock.h"
#include "store/internal.h"
#include "support/expect.h"

#include <string.h>

#define SECOND INT64_C(1000000)
#define ANSWER_TIMEOUT_US (2 * SECOND)

enum { EPOCH = 5, BATCH = 40 };

struct pg_connection {
    struct pg_handlers handlers;
    void *context;
    bool is_ready;
    pg_on_result on_done; /* of the question; NULL: none is under way */
    void *asker;
    uint32_t questions, resets;
};

/* The row of vsl.writer. */
struct pg_result {
    size_t rows;
    int64_t epoch, batch_number, time_us;
    bool is_in_recovery;
};

static struct pg_connection connection;
static struct store store;
static int64_t now_us;
static uint32_t checked;
static int64_t fenced_by; /* 0: not */
static int64_t clock_sent_us, clock_database_us;

int64_t clock_monotonic_us(void)
{
    return now_us;
}

int64_t clock_wall_us(void)
{
    return now_us;
}

/* ---- pg ---- */

struct pg_connection *pg_open(struct event_base *base, const char *conninfo, const char *name,
    const char *setup, const struct pg_handlers *handlers, void *context)
{
    (void)base, (void)conninfo, (void)name;
    /* A session that could write would not notice a server that only reads. */
    EXPECT(strstr(setup, "default_transaction_read_only = on") != NULL);
    connection.handlers = *handlers;
    connection.context = context;
    return &connection;
}

void pg_close(struct pg_connection *closed)
{
    EXPECT(closed == &connection);
}

bool pg_is_ready(const struct pg_connection *asked)
{
    return asked->is_ready;
}

/* Drops it: the question under way gets no answer. */
void pg_reset(struct pg_connection *reset)
{
    reset->resets++;
    reset->is_ready = false;
    pg_on_result on_done = reset->on_done;
    reset->on_done = NULL;
    if (on_done)
        on_done(reset->asker, PG_LOST, "", NULL);
}

void pg_query(struct pg_connection *asked, const char *statement_name, const char *sql,
    const struct pg_parameters *parameters, pg_on_result on_done, void *context)
{
    (void)statement_name, (void)sql;
    EXPECT(asked->is_ready && asked->on_done == NULL && parameters == NULL);
    asked->questions++;
    asked->on_done = on_done;
    asked->asker = context;
}

size_t pg_rows(const struct pg_result *result)
{
    return result->rows;
}

int64_t pg_int64(const struct pg_result *result, size_t row, size_t column)
{
    EXPECT(row == 0 && column < 2);
    return column == 0 ? result->epoch : result->batch_number;
}

bool pg_bool(const struct pg_result *result, size_t row, size_t column)
{
    EXPECT(row == 0 && column == 2);
    return result->is_in_recovery;
}

int64_t pg_time_us(const struct pg_result *result, size_t row, size_t column)
{
    EXPECT(row == 0 && column == 3);
    return result->time_us;
}

/* ---- the rest of the store ---- */

void store_fenced(struct store *fenced, int64_t epoch)
{
    EXPECT(fenced == &store && fenced_by == 0);
    fenced_by = epoch;
    fenced->phase = STORE_STOPPED;
}

void store_end(struct store *ended, enum store_end end, const char *format, ...)
{
    EXPECT(ended == &store && end == STORE_UNUSABLE && strstr(format, "vsl.writer") != NULL);
    ended->phase = STORE_STOPPED;
}

void store_keep_clock(struct store *kept, int64_t sent_us, int64_t database_us)
{
    EXPECT(kept == &store);
    clock_sent_us = sent_us;
    clock_database_us = database_us;
}

const char *store_cause(const char *sqlstate)
{
    return sqlstate;
}

static void on_checked(void *context)
{
    EXPECT(context == &store);
    checked++;
}

static const struct store_handlers handlers = {.on_checked = on_checked};

/* ---- the tests ---- */

static void connect_now(void)
{
    connection.is_ready = true;
    connection.handlers.on_ready(connection.context);
}

static void begin(void)
{
    memset(&connection, 0, sizeof connection);
    memset(&store, 0, sizeof store);
    now_us = SECOND;
    checked = 0;
    fenced_by = clock_sent_us = clock_database_us = 0;
    store.handlers = &handlers;
    store.context = &store;
    store.phase = STORE_READY;
    store.position.epoch = EPOCH;
    store.position.batch_number = BATCH;
    check_begin(&store);
    connect_now();
    EXPECT(connection.questions == 0);
}

static void finish(void)
{
    check_finish(&store);
}

static void answer(enum pg_end end, const struct pg_result *result)
{
    pg_on_result on_done = connection.on_done;
    EXPECT(on_done != NULL);
    connection.on_done = NULL;
    on_done(connection.asker, end, end == PG_FAILED ? "57014" : "", result);
}

static const struct pg_result ours = {
    .rows = 1, .epoch = EPOCH, .batch_number = BATCH, .time_us = 77};

START_TEST(the_writer_is_told_so)
{
    store_check(&store);
    EXPECT(connection.questions == 1 && checked == 0);
    int64_t sent_us = now_us;
    now_us += SECOND;
    answer(PG_DONE, &ours);
    EXPECT(checked == 1 && fenced_by == 0 && connection.resets == 0);
    EXPECT(clock_sent_us == sent_us && clock_database_us == 77);
    /* Once asked, once answered. */
    check_watch(&store);
    EXPECT(connection.questions == 1);
    store_check(&store);
    answer(PG_DONE, &ours);
    EXPECT(checked == 2);
}
END_TEST

/* Whoever raised the epoch writes now. */
START_TEST(another_writer_ends_it)
{
    struct pg_result other = ours;
    other.epoch = EPOCH + 1;
    store_check(&store);
    answer(PG_DONE, &other);
    EXPECT(checked == 0 && fenced_by == EPOCH + 1 && clock_sent_us == 0);
}
END_TEST

/* A null, which the query gives as -1, is nobody's epoch and no lag. */
START_TEST(a_row_that_cannot_be_read_ends_it)
{
    for (int i = 0; i < 2; i++) {
        struct pg_result damaged = ours;
        *(i ? &damaged.epoch : &damaged.batch_number) = -1;
        store.phase = STORE_READY;
        store_check(&store);
        answer(PG_DONE, &damaged);
        EXPECT(store.phase == STORE_STOPPED && checked == 0 && fenced_by == 0);
        EXPECT(connection.resets == 0);
        store.check.is_wanted = false;
    }
}
END_TEST

/* A database that lags, has lost what we wrote, or is another one, proves nothing. */
START_TEST(a_wrong_database_is_left)
{
    static const struct pg_result wrong[] = {
        {.rows = 0},
        {.rows = 1, .epoch = EPOCH, .batch_number = BATCH, .is_in_recovery = true},
        {.rows = 1, .epoch = EPOCH + 1, .batch_number = BATCH, .is_in_recovery = true},
        {.rows = 1, .epoch = EPOCH - 1, .batch_number = BATCH},
        {.rows = 1, .epoch = EPOCH, .batch_number = BATCH - 1},
        {.rows = 1, .epoch = EPOCH + 1, .batch_number = BATCH - 1},
    };
    for (uint32_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (i == 0)
            store_check(&store);
        answer(PG_DONE, &wrong[i]);
        EXPECT_MSG(checked == 0 && fenced_by == 0, "case %u", i);
        EXPECT_MSG(connection.resets == i + 1, "case %u", i);
        EXPECT_MSG(clock_sent_us == 0, "case %u", i);
        /* The question is still open, and asked of the next one. */
        connect_now();
        EXPECT(connection.questions == i + 2);
    }
    answer(PG_DONE, &ours);
    EXPECT(checked == 1);
}
END_TEST

/* Batches that became durable since it was asked are not expected of the answer; those before are,
 * also when it had to be asked again. */
START_TEST(the_batch_counts_that_was_durable_when_it_was_asked)
{
    store_check(&store);
    store.position.batch_number = BATCH + 1;
    answer(PG_DONE, &ours);
    EXPECT(checked == 1);

    store_check(&store);
    pg_reset(&connection);
    store.position.batch_number = BATCH + 2;
    connect_now();
    struct pg_result behind = ours;
    behind.batch_number = BATCH + 1;
    answer(PG_DONE, &behind);
    EXPECT(checked == 1 && connection.resets == 2);
}
END_TEST

START_TEST(a_lost_connection_is_asked_again)
{
    store_check(&store);
    pg_reset(&connection);
    EXPECT(checked == 0 && connection.questions == 1);
    check_watch(&store); /* not before it is there */
    EXPECT(connection.questions == 1);
    connect_now();
    EXPECT(connection.questions == 2);
    answer(PG_DONE, &ours);
    EXPECT(checked == 1);
}
END_TEST

START_TEST(a_failure_is_asked_again)
{
    store_check(&store);
    answer(PG_FAILED, NULL);
    EXPECT(checked == 0 && fenced_by == 0 && connection.resets == 0 && connection.questions == 1);
    check_watch(&store);
    EXPECT(connection.questions == 2);
    answer(PG_DONE, &ours);
    EXPECT(checked == 1);
}
END_TEST

START_TEST(silence_has_an_end)
{
    store_check(&store);
    now_us += ANSWER_TIMEOUT_US;
    check_watch(&store);
    EXPECT(connection.resets == 0 && connection.questions == 1);
    now_us++;
    check_watch(&store);
    EXPECT(connection.resets == 1);
    connect_now();
    EXPECT(connection.questions == 2);
    /* Its time begins anew. */
    check_watch(&store);
    EXPECT(connection.resets == 1);
    answer(PG_DONE, &ours);
    EXPECT(checked == 1);
}
END_TEST

START_TEST(nothing_is_asked_before_there_is_a_connection)
{
    connection.is_ready = false;
    store_check(&store);
    EXPECT(connection.questions == 0);
    check_reset(&store); /* there is nothing to reset */
    EXPECT(connection.resets == 0);
    connect_now();
    EXPECT(connection.questions == 1);
    check_reset(&store);
    EXPECT(connection.resets == 1);
}
END_TEST

START_TEST(nothing_is_said_after_the_end)
{
    store_check(&store);
    store.phase = STORE_STOPPED;
    answer(PG_DONE, &ours);
    EXPECT(checked == 0 && fenced_by == 0);
    begin();
    store.phase = STORE_STOPPED;
    store_check(&store);
    EXPECT(connection.questions == 0);
}
END_TEST

Suite *check_suite(void)
{
    TCase *cases = tcase_create("check");
    tcase_add_checked_fixture(cases, begin, finish);
    tcase_add_test(cases, the_writer_is_told_so);
    tcase_add_test(cases, another_writer_ends_it);
    tcase_add_test(cases, a_row_that_cannot_be_read_ends_it);
    tcase_add_test(cases, a_wrong_database_is_left);
    tcase_add_test(cases, the_batch_counts_that_was_durable_when_it_was_asked);
    tcase_add_test(cases, a_lost_connection_is_asked_again);
    tcase_add_test(cases, a_failure_is_asked_again);
    tcase_add_test(cases, silence_has_an_end);
    tcase_add_test(cases, nothing_is_asked_before_there_is_a_connection);
    tcase_add_test(cases, nothing_is_said_after_the_end);
    Suite *suite = suite_create("check");
    suite_add_tcase(suite, cases);
    return suite;
}
