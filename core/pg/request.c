/* request.c: the queue of requests: sends them, takes their results, ends them.
 *
 * Queries go out in pipeline mode, each with a sync of its own, so each is a transaction and a
 * failed one does not spoil the next. A COPY never runs in pipeline mode (libpq returns
 * PGRES_COPY_IN for ever): the pipeline is left when its last result is in, and a COPY has the
 * connection for itself. Guarantees one on_done per request, in the order in which they were given.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/fault.h"
#include "base/log.h"
#include "pg/internal.h"

#include <stdlib.h>
#include <string.h>

/* Queries under way at most; bounds what libpq buffers. */
#define PIPELINE_MAX 64
/* PQputCopyData takes any amount without back-pressure, so it gets pieces with a flush after each.
 */
#define COPY_PIECE_BYTES 65536

/* ---- making and ending ---- */

static struct request *request_create(enum request_kind kind, const char *sql, size_t extra_bytes,
    pg_on_result on_done, void *context)
{
    CHECK(on_done != NULL);
    struct request *request = calloc(1, sizeof *request + extra_bytes);
    CHECK(request != NULL);
    request->kind = kind;
    request->sql = sql;
    request->on_done = on_done;
    request->context = context;
    return request;
}

static void list_append(struct request_list *list, struct request *request)
{
    CHECK(request->next == NULL);
    if (list->last)
        list->last->next = request;
    else
        list->first = request;
    list->last = request;
}

static struct request *list_pop(struct request_list *list)
{
    struct request *request = list->first;
    if (!request)
        return NULL;
    list->first = request->next;
    if (!list->first)
        list->last = NULL;
    request->next = NULL;
    return request;
}

static void request_end(struct request *request, enum pg_end end)
{
    struct pg_result result = {.rows = request->rows};
    bool has_result = end == PG_DONE && request->kind == REQUEST_QUERY;
    CHECK(!has_result || request->rows != NULL);
    request->on_done(request->context, end, request->sqlstate, has_result ? &result : NULL);
    PQclear(request->rows);
    free(request);
}

void requests_end_lost(struct pg_connection *connection, struct request_list *list)
{
    /* What the callbacks give meanwhile is an orphan: never a part of this list. */
    CHECK(connection->is_closing || connection->state != PG_READY);
    struct request *request;
    while ((request = list_pop(list)) != NULL)
        request_end(request, PG_LOST);
}

static void request_add(struct pg_connection *connection, struct request *request)
{
    CHECK(!connection->is_closing);
    if (connection->state != PG_READY) {
        list_append(&connection->orphans, request);
        event_active(connection->kick, EV_TIMEOUT, 0);
        return;
    }
    list_append(&connection->queue, request);
    if (!connection->unsent)
        connection->unsent = request;
    /* Inside a callback the sending follows anyway, once for all. */
    if (!connection->is_in_callback)
        requests_send(connection);
}

void requests_add_setup(struct pg_connection *connection, pg_on_result on_done)
{
    CHECK(connection->state == PG_SETTING_UP);
    CHECK(connection->queue.first == NULL);
    const char *sql = connection->setup ? connection->setup : "";
    struct request *request = request_create(REQUEST_COPY_IN, sql, 0, on_done, connection);
    list_append(&connection->queue, request);
    connection->unsent = request;
}

/* ---- sending ---- */

static bool is_prepared(const struct pg_connection *connection, const char *name)
{
    for (size_t i = 0; i < connection->prepared_count; i++)
        if (connection->prepared[i] == name || strcmp(connection->prepared[i], name) == 0)
            return true;
    return false;
}

static void remember_prepared(struct pg_connection *connection, const char *name)
{
    if (connection->prepared_count == connection->prepared_room) {
        size_t room = connection->prepared_room ? connection->prepared_room * 2 : 32;
        const char **names = realloc(connection->prepared, room * sizeof *names);
        CHECK(names != NULL);
        connection->prepared = names;
        connection->prepared_room = room;
    }
    connection->prepared[connection->prepared_count++] = name;
}

static void forget_prepared(struct pg_connection *connection, const char *name)
{
    for (size_t i = 0; i < connection->prepared_count; i++)
        if (strcmp(connection->prepared[i], name) == 0) {
            connection->prepared[i] = connection->prepared[--connection->prepared_count];
            return;
        }
}

static bool send_query(struct pg_connection *connection, struct request *request)
{
    PGconn *conn = connection->conn;
    if (!connection->is_pipelining && PQenterPipelineMode(conn) != 1)
        return false;
    connection->is_pipelining = true;
    if (!is_prepared(connection, request->statement_name)) {
        request->sends_prepare = true;
        if (!PQsendPrepare(
                conn, request->statement_name, request->sql, request->value_count, request->types))
            return false;
        remember_prepared(connection, request->statement_name);
    }
    int formats[PG_PARAMETERS_MAX];
    for (int i = 0; i < request->value_count; i++)
        formats[i] = 1;
    return PQsendQueryPrepared(conn, request->statement_name, request->value_count,
               request->value_bytes, request->value_lengths, formats, 1) &&
           PQpipelineSync(conn);
}

static bool send_alone(struct pg_connection *connection, struct request *request)
{
    if (connection->is_pipelining && PQexitPipelineMode(connection->conn) != 1)
        return false;
    connection->is_pipelining = false;
    return PQsendQuery(connection->conn, request->sql);
}

void requests_flush(struct pg_connection *connection)
{
    int flushed = PQflush(connection->conn);
    if (flushed < 0) {
        connection_break(connection, "could not send");
    } else if (flushed > 0) {
        /* Without events the socket is gone already, and so will be the connection. */
        if (connection->write_event)
            CHECK(event_add(connection->write_event, NULL) == 0);
    } else if (connection->end_fault_point) {
        FAULT_POINT(connection->end_fault_point);
        connection->end_fault_point = NULL;
    }
}

void requests_send(struct pg_connection *connection)
{
    while (connection->unsent) {
        struct request *request = connection->unsent;
        bool is_query = request->kind == REQUEST_QUERY;
        if (connection->in_flight > 0 && (!is_query || !connection->is_pipelining))
            break;
        if (connection->in_flight >= PIPELINE_MAX)
            break;
        bool is_sent = is_query ? send_query(connection, request) : send_alone(connection, request);
        connection->in_flight++;
        connection->unsent = request->next;
        if (!is_sent) {
            connection_break(connection, "could not send");
            return;
        }
    }
    requests_flush(connection);
    connection_watch(connection);
}

/* Gives libpq the streams' next pieces until the socket is full. True when the stream has ended. */
static bool copy_in_feed(struct pg_connection *connection, struct request *request)
{
    PGconn *conn = connection->conn;
    const struct pg_copy *copy = &request->copies[request->copy_index];
    if (request->part_index == 0 && request->part_offset == 0 && copy->fault_point)
        FAULT_POINT(copy->fault_point);

    while (request->part_index < PG_COPY_PARTS && !request->failed) {
        const struct pg_value *part = &copy->parts[request->part_index];
        size_t left = (part->length > 0 ? (size_t)part->length : 0) - request->part_offset;
        if (left == 0) {
            request->part_index++;
            request->part_offset = 0;
            continue;
        }
        size_t piece = left < COPY_PIECE_BYTES ? left : COPY_PIECE_BYTES;
        const char *bytes = (const char *)part->bytes + request->part_offset;
        int taken = PQputCopyData(conn, bytes, (int)piece);
        if (taken < 0) {
            connection_break(connection, "could not send");
            return false;
        }
        if (taken == 0)
            return false;
        request->part_offset += piece;
        /* Small parts wait in libpq's buffer for more. */
        if (piece == COPY_PIECE_BYTES && PQflush(conn) != 0)
            return false;
    }
    /* A count that was wrong before makes the whole transaction fail, as it must. */
    int ended = PQputCopyEnd(conn, request->failed ? "rows are missing" : NULL);
    if (ended < 0)
        connection_break(connection, "could not send");
    if (ended != 1)
        return false;
    connection->end_fault_point = copy->end_fault_point;
    return true;
}

/* ---- receiving ---- */

static void note_failure(
    struct pg_connection *connection, struct request *request, const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *table = PQresultErrorField(result, PG_DIAG_TABLE_NAME);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    if (request->failed)
        return;
    request->failed = true;
    if (sqlstate)
        strncpy(request->sqlstate, sqlstate, sizeof request->sqlstate - 1);
    /* The message itself may hold data. */
    log_warning("connection=%s request refused: sqlstate=%s table=%s constraint=%s",
        connection->name, request->sqlstate, table ? table : "", constraint ? constraint : "");
}

/* The server says with FATAL or PANIC that it ends the session: what was under way is in doubt. */
static bool ends_session(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return !severity || strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0;
}

static void end_first(struct pg_connection *connection)
{
    struct request *request = list_pop(&connection->queue);
    CHECK(request != NULL);
    CHECK(connection->in_flight > 0);
    connection->in_flight--;
    request_end(request, request->failed ? PG_FAILED : PG_DONE);
}

static void check_copied(
    struct pg_connection *connection, struct request *request, PGresult *result)
{
    int64_t expected = request->copies[request->copy_index].rows_expected;
    int64_t copied = strtoll(PQcmdTuples(result), NULL, 10);
    request->copy_index++;
    request->part_index = 0;
    request->part_offset = 0;
    if (copied != expected && !request->failed) {
        request->failed = true;
        log_error("connection=%s copy=%zu rows_expected=%lld rows_copied=%lld", connection->name,
            request->copy_index, (long long)expected, (long long)copied);
    }
}

/* Takes one result of the first request; NULL means that a statement or the request is over. */
static void take_result(struct pg_connection *connection, PGresult *result)
{
    struct request *request = connection->queue.first;
    if (!result) {
        if (!connection->is_pipelining)
            end_first(connection);
        return;
    }
    request->result_count++;
    switch (PQresultStatus(result)) {
    case PGRES_COPY_IN:
        CHECK(request->kind == REQUEST_COPY_IN);
        CHECK(request->copy_index < request->copy_count);
        connection->copy_state = COPY_IN_FEEDS;
        break;
    case PGRES_COPY_OUT:
        CHECK(request->kind == REQUEST_COPY_OUT);
        connection->copy_state = COPY_OUT;
        break;
    case PGRES_PIPELINE_SYNC:
        PQclear(result);
        end_first(connection);
        return;
    case PGRES_COMMAND_OK:
        if (connection->copy_state == COPY_IN_ENDED) {
            connection->copy_state = COPY_NONE;
            check_copied(connection, request, result);
        }
        __attribute__((fallthrough));
    case PGRES_TUPLES_OK:
        if (request->kind == REQUEST_QUERY &&
            !(request->sends_prepare && request->result_count == 1)) {
            PQclear(request->rows);
            request->rows = result;
            return;
        }
        break;
    case PGRES_EMPTY_QUERY:
    case PGRES_PIPELINE_ABORTED:
        break;
    default:
        connection->copy_state = COPY_NONE;
        if (ends_session(result)) {
            connection_break(connection, "the server ended the session");
            break;
        }
        if (request->sends_prepare && request->result_count == 1)
            forget_prepared(connection, request->statement_name);
        note_failure(connection, request, result);
        break;
    }
    PQclear(result);
}

/* Hands over the rows that have come. True when the stream has ended. */
static bool copy_out_drain(struct pg_connection *connection, struct request *request)
{
    for (;;) {
        char *bytes = NULL;
        int length = PQgetCopyData(connection->conn, &bytes, 1);
        if (length == 0)
            return false;
        if (length < 0)
            return true; /* its result, good or bad, follows */
        request->on_rows(request->context, (const uint8_t *)bytes, (size_t)length);
        PQfreemem(bytes);
        if (connection->state == PG_BREAKING)
            return false;
    }
}

void requests_receive(struct pg_connection *connection)
{
    while (connection->in_flight > 0 && connection->state != PG_BREAKING) {
        struct request *request = connection->queue.first;
        if (connection->copy_state == COPY_IN_FEEDS) {
            bool has_ended = copy_in_feed(connection, request);
            if (has_ended)
                connection->copy_state = COPY_IN_ENDED;
            requests_flush(connection);
            if (connection->state == PG_BREAKING)
                return;
            /* The socket was full when the feeding stopped. If the flush has emptied it since,
             * nobody would call us again: go on feeding. */
            if (!has_ended && connection->write_event &&
                !event_pending(connection->write_event, EV_WRITE, NULL))
                continue;
            if (!has_ended)
                return;
        }
        if (connection->copy_state == COPY_OUT) {
            if (!copy_out_drain(connection, request))
                return;
            connection->copy_state = COPY_NONE;
        }
        if (connection->state == PG_BREAKING || PQisBusy(connection->conn))
            return;
        take_result(connection, PQgetResult(connection->conn));
    }
}

/* ---- public ---- */

void pg_query(struct pg_connection *connection, const char *statement_name, const char *sql,
    const struct pg_parameters *parameters, pg_on_result on_done, void *context)
{
    static const struct pg_parameters NONE = {0};
    if (!parameters)
        parameters = &NONE;
    /* One piece of memory: the request, and the values' bytes behind it. */
    struct request *request =
        request_create(REQUEST_QUERY, sql, parameters->bytes.length + 1, on_done, context);
    request->statement_name = statement_name;
    request->value_count = (int)parameters->count;
    char *next = (char *)(request + 1);
    if (parameters->bytes.length > 0)
        memcpy(next, parameters->bytes.bytes, parameters->bytes.length);
    for (uint32_t i = 0; i < parameters->count; i++) {
        request->types[i] = parameters->types[i];
        if (parameters->lengths[i] < 0)
            continue; /* SQL null: the pointer stays NULL */
        request->value_bytes[i] = next;
        request->value_lengths[i] = parameters->lengths[i];
        next += parameters->lengths[i];
    }
    request_add(connection, request);
}

static struct request *create_with_text(
    enum request_kind kind, const char *sql, pg_on_result on_done, void *context)
{
    size_t length = strlen(sql) + 1;
    struct request *request = request_create(kind, NULL, length, on_done, context);
    memcpy(request + 1, sql, length);
    request->sql = (const char *)(request + 1);
    return request;
}

void pg_copy_in(struct pg_connection *connection, const char *sql, const struct pg_copy *copies,
    size_t copy_count, pg_on_result on_done, void *context)
{
    CHECK(copy_count <= PG_COPIES_MAX);
    struct request *request = create_with_text(REQUEST_COPY_IN, sql, on_done, context);
    for (size_t i = 0; i < copy_count; i++)
        request->copies[i] = copies[i];
    request->copy_count = copy_count;
    request_add(connection, request);
}

void pg_copy_out(struct pg_connection *connection, const char *sql,
    void (*on_rows)(void *context, const uint8_t *bytes, size_t length), pg_on_result on_done,
    void *context)
{
    CHECK(on_rows != NULL);
    struct request *request = create_with_text(REQUEST_COPY_OUT, sql, on_done, context);
    request->on_rows = on_rows;
    request_add(connection, request);
}
