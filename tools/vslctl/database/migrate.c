/* migrate.c: vslctl migrate: brings the database to this version's schema.
 *
 * Each file NNNN_name.sql is one transaction together with its row in vsl.schema_version, so that a
 * migration is there wholly or not at all. A session lock keeps two operators apart. Forward only.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "vslctl/database/database.h"
#include "vslctl/vslctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Key of the advisory lock: "vslm". */
#define LOCK "1987275885"

struct arguments {
    struct database_options database;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *given = state->input;
    (void)argument;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    state->child_inputs[0] = &given->database;
    return 0;
}

/* Files must be 0001_..., 0002_... without gaps: the number is the version. */
static int check_names(const struct sql_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        char wanted[32];
        snprintf(wanted, sizeof wanted, "%04zu_", i + 1);
        if (strncmp(files->names[i], wanted, strlen(wanted)) != 0) {
            fprintf(stderr, "vslctl: migration %s is out of order: a file %s*.sql was expected\n",
                files->names[i], wanted);
            return -1;
        }
    }
    if (files->count == 0)
        fprintf(stderr, "vslctl: there are no migrations in '%s'\n", files->folder);
    return files->count > 0 ? 0 : -1;
}

static int present_version(PGconn *connection, long long *ret_version)
{
    long long exists;
    if (database_number(connection, "select (to_regclass('vsl.schema_version') is not null)::int",
            "look for the schema's version", &exists) != 0)
        return -1;
    *ret_version = 0;
    if (!exists)
        return 0;
    return database_number(connection, "select coalesce(max(version), 0) from vsl.schema_version",
        "read the schema's version", ret_version);
}

static int run_statement_only(PGconn *connection, const char *sql, const char *what)
{
    PGresult *result = database_run(connection, sql, PGRES_COMMAND_OK, what);
    PQclear(result);
    return result ? 0 : -1;
}

static int apply(PGconn *connection, const struct sql_files *files, size_t index)
{
    struct buffer text = {0};
    char insert[128];
    char what[320];
    int fault = sql_files_read(files, index, &text);
    snprintf(what, sizeof what, "apply %s", files->names[index]);
    snprintf(
        insert, sizeof insert, "insert into vsl.schema_version (version) values (%zu)", index + 1);
    if (fault == 0)
        fault = run_statement_only(connection, "begin", what);
    if (fault == 0) {
        PGresult *result = PQexec(connection, (const char *)text.bytes);
        ExecStatusType status = PQresultStatus(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
            fprintf(stderr, "vslctl: could not %s: %s", what, PQerrorMessage(connection));
            fault = -1;
        }
        PQclear(result);
    }
    if (fault == 0)
        fault = run_statement_only(connection, insert, what);
    if (fault == 0)
        fault = run_statement_only(connection, "commit", what);
    if (fault)
        fprintf(stderr, "vslctl: a migration is there wholly or not at all; run `vslctl migrate` "
                        "again, it goes on where it is\n");
    buffer_finish(&text);
    return fault;
}

/* Keeps other operators out; whoever has to wait is told for whom. */
static int lock_schema(PGconn *connection)
{
    PGresult *tried = database_run(
        connection, "select pg_try_advisory_lock(" LOCK ")", PGRES_TUPLES_OK, "lock the schema");
    if (!tried)
        return -1;
    bool is_locked = strcmp(PQgetvalue(tried, 0, 0), "t") == 0;
    PQclear(tried);
    if (is_locked)
        return 0;
    fprintf(stderr, "vslctl: another migration is under way; waiting for its end\n");
    PGresult *lock = database_run(
        connection, "select pg_advisory_lock(" LOCK ")", PGRES_TUPLES_OK, "lock the schema");
    PQclear(lock);
    return lock ? 0 : -1;
}

static int migrate(PGconn *connection, const struct sql_files *files)
{
    long long version;
    if (lock_schema(connection) != 0 || present_version(connection, &version) != 0)
        return EXIT_TRANSPORT;
    if (version > (long long)files->count) {
        fprintf(stderr,
            "vslctl: the database has schema version %lld, this program knows up to %zu; use the "
            "newer program\n",
            version, files->count);
        return EXIT_REFUSED;
    }
    for (size_t i = (size_t)version; i < files->count; i++) {
        if (apply(connection, files, i) != 0)
            return EXIT_TRANSPORT;
        printf("applied %s\n", files->names[i]);
        fflush(stdout);
    }
    if ((size_t)version == files->count)
        printf("schema version %lld, nothing to do\n", version);
    else
        printf("schema version %lld, now %zu\n", version, files->count);
    return EXIT_ACCEPTED;
}

int run_migrate(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&database_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.parser = parse,
        .children = children,
        .doc = "Bring the database to this version's schema. Safe to run again; refuses a database "
               "that is newer than this program.\v"
               "Examples:\n"
               "  vslctl migrate --database 'host=/run/postgresql dbname=vsl'\n"
               "  vslctl migrate --database postgresql://vsl@db/vsl --sql-dir sql\n"};
    (void)common;
    struct arguments given = {0};
    parse_arguments(&argp, "vslctl migrate", count, arguments, &given);
    struct sql_files files;
    if (sql_files_find(&given.database, "migrations", &files) != 0)
        return EXIT_TRANSPORT;
    int status = EXIT_TRANSPORT;
    PGconn *connection = NULL;
    if (check_names(&files) == 0)
        connection = database_connect(&given.database);
    if (connection)
        status = migrate(connection, &files);
    PQfinish(connection);
    sql_files_finish(&files);
    return status;
}
