/* database.c: see database.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "support/database.h"

#include "support/expect.h"

#include <glob.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[200];
static char conninfo[400];

static int run_script(const char *command)
{
    char line[700];
    snprintf(line, sizeof line, "'%s/tests/support/postgres' %s '%s' >/dev/null", VSL_SOURCE_ROOT,
        command, directory);
    int status = system(line);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void pg_fail(PGconn *conn, const char *what)
{
    fprintf(stderr, "%s: %s\n", what, PQerrorMessage(conn));
    ck_abort_msg("%s: %s", what, PQerrorMessage(conn));
}

static PGconn *connect_to(const char *string)
{
    PGconn *conn = PQconnectdb(string);
    if (PQstatus(conn) != CONNECTION_OK)
        pg_fail(conn, "could not connect");
    return conn;
}

static void execute(PGconn *conn, const char *sql)
{
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        pg_fail(conn, sql);
    PQclear(result);
}

/* The text of a migration; the caller frees it. */
static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    EXPECT_MSG(file != NULL, "cannot open %s", path);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *text = malloc((size_t)size + 1);
    EXPECT(text != NULL && fread(text, 1, (size_t)size, file) == (size_t)size);
    text[size] = 0;
    fclose(file);
    return text;
}

/* Runs the migrations in the order of their numbers. */
static void migrate(PGconn *conn)
{
    glob_t files;
    EXPECT(glob(VSL_SOURCE_ROOT "/sql/migrations/*.sql", 0, NULL, &files) == 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char sql[100];
        char *migration = read_file(files.gl_pathv[i]);
        execute(conn, migration);
        free(migration);
        snprintf(sql, sizeof sql, "insert into vsl.schema_version (version) values (%zu)", i + 1);
        execute(conn, sql);
    }
    globfree(&files);
}

bool database_cluster_start(void)
{
    const char *parent = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    snprintf(directory, sizeof directory, "%s/vsl-test-XXXXXX", parent);
    EXPECT(mkdtemp(directory) != NULL);
    int status = run_script("start");
    if (status == 77) {
        rmdir(directory);
        printf("1..0 # SKIP no PostgreSQL 15\n");
        return false;
    }
    EXPECT_MSG(status == 0, "could not start PostgreSQL");

    snprintf(conninfo, sizeof conninfo, "host=%s user=vsl dbname=vsl", directory);
    PGconn *conn = connect_to(conninfo);
    migrate(conn);
    PQfinish(conn);
    return true;
}

void database_cluster_stop(void)
{
    run_script("stop");
    char line[300];
    snprintf(line, sizeof line, "rm -rf '%s'", directory);
    if (system(line) != 0)
        fprintf(stderr, "could not remove %s\n", directory);
}

void database_cluster_restart(void)
{
    EXPECT(run_script("restart") == 0);
}

static const char *create(const char *name, const char *template)
{
    char sql[200];
    snprintf(conninfo, sizeof conninfo, "host=%s user=vsl dbname=postgres", directory);
    PGconn *conn = connect_to(conninfo);
    snprintf(sql, sizeof sql, "create database %s template %s", name, template);
    execute(conn, sql);
    PQfinish(conn);
    snprintf(conninfo, sizeof conninfo, "host=%s user=vsl dbname=%s", directory, name);
    return conninfo;
}

const char *database_create(const char *name)
{
    return create(name, "vsl");
}

const char *database_create_empty(const char *name)
{
    return create(name, "template0");
}

void database_run(const char *string, const char *sql)
{
    PGconn *conn = connect_to(string);
    execute(conn, sql);
    PQfinish(conn);
}

int64_t database_number(const char *string, const char *sql)
{
    PGconn *conn = connect_to(string);
    PGresult *result = PQexec(conn, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) < 1)
        pg_fail(conn, sql);
    int64_t value = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    PQfinish(conn);
    return value;
}
