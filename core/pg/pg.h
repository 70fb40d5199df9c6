/* pg.h: an asynchronous PostgreSQL connection on the event loop. Knows no SQL and no money.
 *
 * A connection works off a queue of requests in order. Three kinds: a prepared statement with
 * parameters (pipelined), a simple query with COPY FROM STDIN streams, a COPY TO STDOUT. Every
 * request ends with exactly one on_done, also when the connection is lost. Callbacks come from the
 * event loop only, never from inside a call of this module (pg_close excepted); they may give new
 * requests.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_PG_PG_H
#define VSL_PG_PG_H

#include "base/buffer.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct pg_connection;
struct pg_result;

enum pg_end {
    PG_DONE,   /* all results came */
    PG_FAILED, /* the server refused; the connection is usable; sqlstate tells */
    PG_LOST,   /* the connection broke: whether it happened is unknown */
};

struct pg_handlers {
    /* Connected and usable, also after each reconnect. */
    void (*on_ready)(void *context);
    /* Broke, or could not be made; all requests have been ended with PG_LOST before. The connection
     * tries again by itself until closed: the hosts of the connection string one after the other,
     * each with a deadline of its own, then after a growing pause (0.1 s .. 0.5 s). May be NULL. */
    void (*on_lost)(void *context);
};

/* Starts to connect with a libpq connection string. `name` appears in logs and as application_name.
 * `setup` is run as a simple query on every new connection before on_ready; NULL: none. The strings
 * are copied. A host given by name is looked up with a blocking call: give addresses (hostaddr)
 * where the resolver may be slow. */
struct pg_connection *pg_open(struct event_base *base, const char *conninfo, const char *name,
    const char *setup, const struct pg_handlers *handlers, void *context);

/* Whether libpq understands the connection string. */
bool pg_is_conninfo(const char *conninfo);

/* Ends queued requests with PG_LOST and frees the connection; no request may be given meanwhile.
 * Not from inside its own callbacks. */
void pg_close(struct pg_connection *connection);

/* Whether requests are taken. A request given at any other time ends with PG_LOST. */
bool pg_is_ready(const struct pg_connection *connection);

/* Process id of the server's side of the session; 0 without one. */
int32_t pg_backend_pid(const struct pg_connection *connection);

/* Drops the connection and connects anew, from the event loop; for requests that take too long, and
 * for a server that is not the right one. Another host of the connection string comes first. */
void pg_reset(struct pg_connection *connection);

/* Object ids of parameter types, from PostgreSQL's pg_type.dat. */
enum pg_type {
    PG_TYPE_INFERRED = 0, /* the server infers it */
    PG_TYPE_BOOL = 16,
    PG_TYPE_BYTEA = 17,
    PG_TYPE_INT8 = 20,
    PG_TYPE_INT2 = 21,
    PG_TYPE_INT4 = 23,
    PG_TYPE_TEXT = 25,
    PG_TYPE_BYTEA_ARRAY = 1001,
    PG_TYPE_INT2_ARRAY = 1005,
    PG_TYPE_INT8_ARRAY = 1016,
    PG_TYPE_DATE = 1082,
    PG_TYPE_TIMESTAMPTZ = 1184,
};

struct pg_statement {
    const char *name; /* prepared under it */
    const char *sql;
};

/* Parameters of one statement at most; items of an array among them. */
#define PG_PARAMETERS_MAX 17
#define PG_ARRAY_ITEMS_MAX 65536

/* Values of a statement's parameters in the order of their numbers, copied. Empty ones need no init
 * beyond `= {0}`. More than there is room for is a bug. */
struct pg_parameters {
    uint32_t count;
    uint32_t types[PG_PARAMETERS_MAX];  /* enum pg_type */
    int32_t lengths[PG_PARAMETERS_MAX]; /* -1: null */
    struct buffer bytes;                /* the values, one behind the other */
};

void pg_add_int64(struct pg_parameters *parameters, int64_t value);
void pg_add_int32(struct pg_parameters *parameters, int32_t value);
void pg_add_int16(struct pg_parameters *parameters, int16_t value);
void pg_add_bool(struct pg_parameters *parameters, bool value);
void pg_add_date(struct pg_parameters *parameters, int32_t days); /* days since 1970-01-01 */
void pg_add_text(struct pg_parameters *parameters, const void *bytes, size_t length);
void pg_add_bytea(struct pg_parameters *parameters, const void *bytes, size_t length);
/* Arrays of at least one item. */
void pg_add_int64s(struct pg_parameters *parameters, const int64_t *values, size_t count);
void pg_add_int16s(struct pg_parameters *parameters, const int16_t *values, size_t count);
void pg_add_byteas(struct pg_parameters *parameters, const struct text *values, size_t count);
void pg_add_null(struct pg_parameters *parameters);

/* Gives the memory back; empty again. */
void pg_parameters_finish(struct pg_parameters *parameters);

/* A result field in binary format, or a piece of a COPY; NULL bytes with length -1 is SQL null. */
struct pg_value {
    const void *bytes;
    int32_t length;
};

/* `result` is NULL unless a pg_query ended with PG_DONE, and valid only during the call. `sqlstate`
 * is
 * "" or five characters; with PG_FAILED and "" the bytes or counts were not what was expected. */
typedef void (*pg_on_result)(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result);

/* Runs one statement with binary parameters (NULL: none) and binary results; prepared on first use
 * under `statement_name` on this connection. The parameters are copied; name and sql must outlive
 * the connection. Each statement is a transaction of its own. */
void pg_query(struct pg_connection *connection, const char *statement_name, const char *sql,
    const struct pg_parameters *parameters, pg_on_result on_done, void *context);

size_t pg_rows(const struct pg_result *result);
size_t pg_columns(const struct pg_result *result);
bool pg_is_null(const struct pg_result *result, size_t row, size_t column);
/* Fields by type; the width must fit and the field not be null (a bug else). Times come as
 * microseconds since 1970-01-01 UTC, dates as days since 1970-01-01. */
int64_t pg_int64(const struct pg_result *result, size_t row, size_t column);
int32_t pg_int32(const struct pg_result *result, size_t row, size_t column);
int16_t pg_int16(const struct pg_result *result, size_t row, size_t column);
bool pg_bool(const struct pg_result *result, size_t row, size_t column);
int64_t pg_time_us(const struct pg_result *result, size_t row, size_t column);
int32_t pg_date(const struct pg_result *result, size_t row, size_t column);
struct pg_value pg_bytes(const struct pg_result *result, size_t row, size_t column);

/* One COPY FROM STDIN in a simple query, in the order of their statements; up to PG_COPY_PARTS
 * slices are sent one after the other. The slices must stay untouched until on_done. */
#define PG_COPY_PARTS 3
#define PG_COPIES_MAX 64
struct pg_copy {
    struct pg_value parts[PG_COPY_PARTS];
    int64_t rows_expected;   /* compared with the server's count; a difference is PG_FAILED */
    const char *fault_point; /* visited before its first byte is sent; NULL: none */
    const char
        *end_fault_point; /* visited when its last byte has left for the server; NULL: none */
};

/* Runs `sql`, several statements separated by `;`, as one simple query: one transaction unless it
 * says otherwise. Its COPY FROM STDIN statements take the `copies` in order; there may be none. The
 * text is copied. */
void pg_copy_in(struct pg_connection *connection, const char *sql, const struct pg_copy *copies,
    size_t copy_count, pg_on_result on_done, void *context);

/* Runs one COPY (...) TO STDOUT (FORMAT binary). on_rows gets each chunk the server sends:
 * the header stands before the first row (or before the trailer) in the first chunk, then one chunk
 * is one row, the last one the trailer. The text is copied. */
void pg_copy_out(struct pg_connection *connection, const char *sql,
    void (*on_rows)(void *context, const uint8_t *bytes, size_t length), pg_on_result on_done,
    void *context);

#endif
