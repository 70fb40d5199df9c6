/* database.c: vslctl's way to the database and to the SQL files.
 *
 * The files are looked for beside an installed program (../share/vsl/sql), then in the source tree
 * that the program was built from.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/database/database.h"

#include "base/check.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_SQL_DIR = 0x6000 };

static const struct argp_option options[] = {
    {"database", 'd', "CONNINFO", 0,
        "The database: a libpq connection string or URI (default: $VSL_DATABASE)", 0},
    {"sql-dir", OPTION_SQL_DIR, "DIR", 0,
        "Folder with migrations/, checks/, reports/, recon/ and day/ (default: the one that "
        "belongs "
        "to this program)",
        0},
    {"quiet", 'q', 0, 0, "No progress", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct database_options *database = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        database->conninfo = getenv("VSL_DATABASE");
        return 0;
    case 'd':
        database->conninfo = argument;
        return 0;
    case 'q':
        database->is_quiet = true;
        return 0;
    case OPTION_SQL_DIR:
        database->sql_dir = argument;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not an option", argument);
        return EINVAL;
    case ARGP_KEY_END:
        if (!database->conninfo || database->conninfo[0] == '\0')
            argp_error(state, "--database is required (or set VSL_DATABASE)");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp database_argp = {.options = options, .parser = parse};

/* ---- the database ---- */

/* Notices such as "relation already exists" are no news to the operator. */
static void ignore_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

PGconn *database_connect(const struct database_options *database)
{
    /* What follows the connection string counts more than it, and than the environment. */
    const char *const keys[] = {"dbname", "application_name", "client_encoding", NULL};
    const char *const values[] = {database->conninfo, "vslctl", "UTF8", NULL};
    PGconn *connection = PQconnectdbParams(keys, values, 1);
    if (PQstatus(connection) != CONNECTION_OK) {
        fprintf(
            stderr, "vslctl: could not connect to the database: %s", PQerrorMessage(connection));
        PQfinish(connection);
        return NULL;
    }
    PQsetNoticeProcessor(connection, ignore_notice, NULL);
    /* How values are written as text and whose functions are meant must not depend on the
     * environment, nor on what somebody has set for the role or the database. */
    PGresult *set = database_run(connection,
        "set datestyle = 'ISO, YMD'; set intervalstyle = postgres; set timezone = 'UTC';"
        "set bytea_output = hex; set extra_float_digits = 1; set standard_conforming_strings = on;"
        "set search_path = pg_catalog, pg_temp",
        PGRES_COMMAND_OK, "set up the session");
    PQclear(set);
    if (!set) {
        PQfinish(connection);
        return NULL;
    }
    /* A long query ends soon after its user has gone. */
    PQclear(PQexec(connection, "set client_connection_check_interval = 2000"));
    return connection;
}

PGresult *database_run(PGconn *connection, const char *sql, ExecStatusType wanted, const char *what)
{
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) == wanted)
        return result;
    fprintf(stderr, "vslctl: could not %s: %s", what, PQerrorMessage(connection));
    PQclear(result);
    return NULL;
}

PGresult *database_ask(
    PGconn *connection, const char *sql, int count, const char *const *values, const char *what)
{
    PGresult *result = PQexecParams(connection, sql, count, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(result) == PGRES_TUPLES_OK)
        return result;
    fprintf(stderr, "vslctl: could not %s: %s", what, PQerrorMessage(connection));
    PQclear(result);
    return NULL;
}

int database_number(PGconn *connection, const char *sql, const char *what, long long *ret_number)
{
    PGresult *result = database_run(connection, sql, PGRES_TUPLES_OK, what);
    if (!result)
        return -1;
    int fault = 0;
    if (PQntuples(result) == 1 && !PQgetisnull(result, 0, 0)) {
        *ret_number = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    } else {
        fprintf(stderr, "vslctl: could not %s: no answer\n", what);
        fault = -1;
    }
    PQclear(result);
    return fault;
}

/* ---- the files ---- */

static bool is_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder)
        closedir(folder);
    return folder != NULL;
}

static int find_folder(
    const struct database_options *database, const char *folder, char *ret_path, size_t path_bytes)
{
    char program[2048];
    if (database->sql_dir) {
        snprintf(ret_path, path_bytes, "%s/%s", database->sql_dir, folder);
        if (is_folder(ret_path))
            return 0;
        fprintf(stderr, "vslctl: could not open '%s': %s\n", ret_path, strerror(errno));
        return -1;
    }
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length > 0) {
        program[length] = '\0';
        char *slash = strrchr(program, '/');
        CHECK(slash != NULL);
        *slash = '\0';
        snprintf(ret_path, path_bytes, "%s/../share/vsl/sql/%s", program, folder);
        if (is_folder(ret_path))
            return 0;
    }
    snprintf(ret_path, path_bytes, "%s/%s", VSL_SQL_SOURCE_DIR, folder);
    if (is_folder(ret_path))
        return 0;
    fprintf(stderr, "vslctl: could not find the SQL files; name their folder with --sql-dir\n");
    return -1;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

int sql_files_find(
    const struct database_options *database, const char *folder, struct sql_files *ret_files)
{
    struct sql_files files = {0};
    if (find_folder(database, folder, files.folder, sizeof files.folder) != 0)
        return -1;
    DIR *directory = opendir(files.folder);
    if (!directory) {
        fprintf(stderr, "vslctl: could not open '%s': %s\n", files.folder, strerror(errno));
        return -1;
    }
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL) {
        size_t length = strlen(entry->d_name);
        if (length < 5 || strcmp(entry->d_name + length - 4, ".sql") != 0)
            continue;
        files.names = realloc(files.names, (files.count + 1) * sizeof *files.names);
        CHECK(files.names != NULL);
        snprintf(files.names[files.count++], sizeof *files.names, "%s", entry->d_name);
    }
    closedir(directory);
    if (files.count > 0)
        qsort(files.names, files.count, sizeof *files.names, compare_names);
    *ret_files = files;
    return 0;
}

void sql_files_finish(struct sql_files *files)
{
    free(files->names);
    *files = (struct sql_files){0};
}

int sql_files_read(const struct sql_files *files, size_t index, struct buffer *out)
{
    char path[sizeof files->folder + 260];
    CHECK(index < files->count);
    snprintf(path, sizeof path, "%s/%s", files->folder, files->names[index]);
    FILE *in = fopen(path, "r");
    if (!in) {
        fprintf(stderr, "vslctl: could not open '%s': %s\n", path, strerror(errno));
        return -1;
    }
    uint8_t chunk[8192];
    size_t length;
    buffer_clear(out);
    while ((length = fread(chunk, 1, sizeof chunk, in)) > 0)
        buffer_append(out, chunk, length);
    int fault = ferror(in) ? -1 : 0;
    fclose(in);
    buffer_append_u8(out, 0);
    if (fault)
        fprintf(stderr, "vslctl: could not read '%s'\n", path);
    return fault;
}
