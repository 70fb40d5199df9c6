/* database.h: vslctl's way to the database and to the SQL files.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_DATABASE_DATABASE_H
#define VSL_TOOLS_VSLCTL_DATABASE_DATABASE_H

#include "base/buffer.h"

#include <argp.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

struct database_options {
    const char *conninfo;
    const char *sql_dir;
    bool is_quiet;
};

/* --database, --sql-dir, --quiet; its input is a struct database_options. */
extern const struct argp database_argp;

/* Connects; NULL with a message on standard error. */
PGconn *database_connect(const struct database_options *options);

/* Runs a statement; NULL with a message on standard error unless it ends as `wanted`. The message
 * says what could not be done: "could not <what>: ...". */
PGresult *database_run(
    PGconn *connection, const char *sql, ExecStatusType wanted, const char *what);

/* Runs a query with parameters as texts (NULL: null); NULL with a message as above. */
PGresult *database_ask(
    PGconn *connection, const char *sql, int count, const char *const *values, const char *what);

/* One number that a query yields; -1 with a message. */
int database_number(PGconn *connection, const char *sql, const char *what, long long *ret_number);

/* The files NAME.sql of a folder below the SQL files, in the order of their names. */
struct sql_files {
    char folder[4096];
    char (*names)[256]; /* with .sql */
    size_t count;
};
int sql_files_find(
    const struct database_options *options, const char *folder, struct sql_files *ret_files);
void sql_files_finish(struct sql_files *files);

/* The text of the index-th file, NUL-ended; -1 with a message. */
int sql_files_read(const struct sql_files *files, size_t index, struct buffer *out);

#endif
