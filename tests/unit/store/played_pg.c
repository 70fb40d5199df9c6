/* played_pg.c: see played_pg.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "played_pg.h"

#include "base/clock.h"
#include "support/expect.h"

#include <string.h>

struct pg_connection played[PLAYED_CONNECTIONS];
int64_t played_us;
static size_t opened;

int64_t clock_monotonic_us(void)
{
    return played_us;
}

int64_t clock_wall_us(void)
{
    return played_us;
}

void played_begin(void)
{
    memset(played, 0, sizeof played);
    opened = 0;
    played_us = INT64_C(1000000000);
}

/* ---- what the store calls ---- */

struct pg_connection *pg_open(struct event_base *base, const char *conninfo, const char *name,
    const char *setup, const struct pg_handlers *handlers, void *context)
{
    (void)base;
    EXPECT(opened < PLAYED_CONNECTIONS && strcmp(conninfo, "played") == 0);
    /* Whatever the cluster's settings are. */
    EXPECT(strstr(setup, "tcp_keepalives_idle = 3") && strstr(setup, "tcp_user_timeout = 9000"));
    struct pg_connection *connection = &played[opened++];
    *connection = (struct pg_connection){.handlers = handlers, .context = context, .name = name};
    return connection;
}

bool pg_is_conninfo(const char *conninfo)
{
    return conninfo != NULL;
}

static void lose(struct pg_connection *connection)
{
    pg_on_result on_done = connection->on_done;
    connection->is_ready = false;
    connection->asked = NULL;
    connection->on_done = NULL;
    if (on_done)
        on_done(connection->asker, PG_LOST, "", NULL);
}

void pg_close(struct pg_connection *connection)
{
    lose(connection);
}

bool pg_is_ready(const struct pg_connection *connection)
{
    return connection->is_ready;
}

int32_t pg_backend_pid(const struct pg_connection *connection)
{
    EXPECT(connection->is_ready);
    return 4711;
}

void pg_reset(struct pg_connection *connection)
{
    connection->resets++;
    played_break(connection);
}

static void ask(
    struct pg_connection *connection, const char *what, pg_on_result on_done, void *context)
{
    EXPECT_MSG(connection->is_ready, "%s is asked without a connection", what);
    EXPECT_MSG(!connection->asked, "%s while %s is open", what, connection->asked);
    connection->asked = what;
    connection->on_done = on_done;
    connection->asker = context;
}

void pg_query(struct pg_connection *connection, const char *statement_name, const char *sql,
    const struct pg_parameters *parameters, pg_on_result on_done, void *context)
{
    (void)sql, (void)parameters;
    ask(connection, statement_name, on_done, context);
}

void pg_copy_in(struct pg_connection *connection, const char *sql, const struct pg_copy *copies,
    size_t copy_count, pg_on_result on_done, void *context)
{
    (void)sql, (void)(void)copies, (void)copy_count;
    ask(connection, "copy in", on_done, context);
}

void pg_copy_out(struct pg_connection *connection, const char *sql,
    void (*on_rows)(void *context, const uint8_t *bytes, size_t length), pg_on_result on_done,
    void *context)
{
    (void)sql, (void)(void)on_rows;
    ask(connection, "copy out", on_done, context);
}

/* ---- results ---- */

static int64_t cell(const struct pg_result *result, size_t row, size_t column)
{
    EXPECT(result != NULL && row < result->rows && column < PLAYED_COLUMNS_MAX);
    return result->cells[row][column];
}

size_t pg_rows(const struct pg_result *result)
{
    EXPECT(result != NULL);
    return result->rows;
}

int64_t pg_int64(const struct pg_result *result, size_t row, size_t column)
{
    return cell(result, row, column);
}

int32_t pg_int32(const struct pg_result *result, size_t row, size_t column)
{
    return (int32_t)cell(result, row, column);
}

int16_t pg_int16(const struct pg_result *result, size_t row, size_t column)
{
    return (int16_t)cell(result, row, column);
}

bool pg_bool(const struct pg_result *result, size_t row, size_t column)
{
    return cell(result, row, column) != 0;
}

int64_t pg_time_us(const struct pg_result *result, size_t row, size_t column)
{
    return cell(result, row, column);
}

struct pg_value pg_bytes(const struct pg_result *result, size_t row, size_t column)
{
    static const uint8_t bytes[32] = {1, 2, 3};
    cell(result, row, column);
    return (struct pg_value){.bytes = bytes, .length = result->length ? result->length : 16};
}

/* ---- what a test does ---- */

void played_connect(struct pg_connection *connection)
{
    EXPECT(!connection->is_ready);
    connection->is_ready = true;
    connection->handlers->on_ready(connection->context);
}

void played_break(struct pg_connection *connection)
{
    bool was_ready = connection->is_ready;
    lose(connection);
    if (was_ready && connection->handlers->on_lost)
        connection->handlers->on_lost(connection->context);
}

bool played_asks(const struct pg_connection *connection, const char *statement)
{
    return statement ? connection->asked && strcmp(connection->asked, statement) == 0
                     : !connection->asked;
}

static void end(struct pg_connection *connection, enum pg_end how, const char *sqlstate,
    const struct pg_result *result)
{
    pg_on_result on_done = connection->on_done;
    EXPECT_MSG(connection->asked != NULL, "nothing is asked by %s", connection->name);
    connection->asked = NULL;
    connection->on_done = NULL;
    on_done(connection->asker, how, sqlstate, result);
}

void played_answer(struct pg_connection *connection, const struct pg_result *result)
{
    end(connection, PG_DONE, "", result);
}

void played_refuse(struct pg_connection *connection, const char *sqlstate)
{
    end(connection, PG_FAILED, sqlstate, NULL);
}
