/* checks.c: vslctl check: runs the checks of the books, sql/checks/NAME.sql. No rows is right.
 *
 * All checks see one snapshot, so that a server may work meanwhile. They read whole tables, of
 * which fresh partitions have no statistics and partitioned ones never have: a loop over one, which
 * the planner takes for cheap, would take hours where a hash or a sort takes seconds. So loops are
 * ruled out, and with them the indexes that make one look cheap; and each check puts all that is
 * wrong together before it limits it, since for a few rows of a million the planner would loop.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "client/terminal.h"
#include "text/table.h"
#include "vslctl/database/database.h"
#include "vslctl/vslctl.h"

#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_SHOWN_MAX 10

struct arguments {
    struct common_options *common;
    struct database_options database;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *given = state->input;
    (void)argument;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    state->child_inputs[0] = &given->database;
    state->child_inputs[1] = given->common;
    return 0;
}

static void show_rows(const PGresult *result)
{
    struct table table;
    table_begin(&table);
    int columns = PQnfields(result);
    if (columns > TABLE_COLUMNS_MAX)
        columns = TABLE_COLUMNS_MAX;
    for (int i = 0; i < columns; i++)
        table_column(&table, PQfname(result, i), TABLE_LEFT);
    int rows = PQntuples(result);
    for (int row = 0; row < rows && row < ROWS_SHOWN_MAX; row++) {
        for (int i = 0; i < columns; i++)
            table_cell(&table, "%s", PQgetvalue(result, row, i));
    }
    if (columns > 0)
        table_print(&table, stdout, true);
    if (rows > ROWS_SHOWN_MAX)
        printf("... and %d more\n", rows - ROWS_SHOWN_MAX);
    table_finish(&table);
}

/* Waits for the answer to what was sent, and shows meanwhile which check runs for how long. */
static PGresult *await(struct progress *progress, PGconn *connection, const char *name,
    int64_t started_us, size_t nth, size_t count)
{
    while (PQconsumeInput(connection) == 1 && PQisBusy(connection)) {
        struct pollfd socket = {.fd = PQsocket(connection), .events = POLLIN};
        poll(&socket, 1, 250);
        if (progress_is_due(progress))
            progress_show(progress, "%s (%zu of %zu) runs for %.0f s", name, nth, count,
                (double)(clock_monotonic_us() - started_us) / 1e6);
    }
    /* Also when the connection broke: then this says so. The empty result behind it ends the
     * command. */
    PGresult *result = PQgetResult(connection);
    PQclear(result ? PQgetResult(connection) : NULL);
    return result;
}

static void show_outcome(const char *name, const PGresult *result, double seconds)
{
    int rows = PQntuples(result);
    const char *colour = terminal_colour(stdout, rows == 0 ? COLOUR_GREEN : COLOUR_RED);
    const char *plain = terminal_plain(stdout);
    if (rows == 0)
        printf("%-28s %sok%s %10.1f s\n", name, colour, plain, seconds);
    else
        printf("%-28s %s%d rows%s %.1f s\n", name, colour, rows, plain, seconds);
    if (rows > 0)
        show_rows(result);
    fflush(stdout);
}

/* Rows that the check found, or -1 with a message. */
static int run_one(struct progress *progress, PGconn *connection, const struct sql_files *files,
    size_t index, const char *name, bool is_json)
{
    struct buffer text = {0};
    int rows = -1;
    if (sql_files_read(files, index, &text) == 0) {
        int64_t started_us = clock_monotonic_us();
        PGresult *result = NULL;
        if (PQsendQuery(connection, (const char *)text.bytes) == 1)
            result = await(progress, connection, name, started_us, index + 1, files->count);
        progress_clear(progress);
        if (PQresultStatus(result) == PGRES_TUPLES_OK)
            rows = PQntuples(result);
        else
            fprintf(stderr, "vslctl: could not run %s: %s", files->names[index],
                PQerrorMessage(connection));
        if (rows >= 0 && !is_json)
            show_outcome(name, result, (double)(clock_monotonic_us() - started_us) / 1e6);
        PQclear(result);
    }
    buffer_finish(&text);
    return rows;
}

static int check_all(PGconn *connection, const struct sql_files *files, bool is_json, bool is_quiet)
{
    struct progress progress;
    progress_start(&progress, is_quiet);
    PGresult *begin = database_run(connection,
        "begin transaction isolation level repeatable read read only;"
        "set local enable_nestloop = off; set local enable_indexscan = off;"
        "set local enable_indexonlyscan = off; set local enable_bitmapscan = off;"
        "set local max_parallel_workers_per_gather = 0;"
        "set local jit = off; set local work_mem = '128MB'; set local statement_timeout = 0",
        PGRES_COMMAND_OK, "begin a transaction");
    PQclear(begin);
    if (!begin)
        return EXIT_TRANSPORT;
    int status = EXIT_ACCEPTED;
    bool is_unfinished = false;
    json_t *report = json_object();
    for (size_t i = 0; i < files->count; i++) {
        char name[256];
        snprintf(name, sizeof name, "%.*s", (int)(strlen(files->names[i]) - 4), files->names[i]);
        /* One that fails ends the snapshot that all of them see. */
        int rows = is_unfinished ? -1 : run_one(&progress, connection, files, i, name, is_json);
        if (rows > 0)
            status = EXIT_REFUSED;
        /* What was not looked at is null, so that nobody takes it for right. */
        json_object_set_new(report, name, rows < 0 ? json_null() : json_integer(rows));
        if (rows < 0)
            is_unfinished = true;
    }
    if (is_json) {
        json_dumpf(report, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        printf("\n");
    } else if (status != EXIT_ACCEPTED || !is_unfinished) {
        printf("%s\n", status == EXIT_ACCEPTED ? "every check holds" : "THE BOOKS ARE WRONG");
    }
    if (is_unfinished)
        fprintf(stderr, "vslctl: some checks could not be made: nothing is known of what they look "
                        "at; run them again\n");
    json_decref(report);
    /* What was found wrong stays wrong, whatever could not be looked at. */
    return status == EXIT_ACCEPTED && is_unfinished ? EXIT_TRANSPORT : status;
}

int run_check(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&database_argp, 0, NULL, 0}, {&report_argp, 0, "Output:", 90}, {0}};
    static const struct argp argp = {.parser = parse,
        .children = children,
        .doc = "Run the checks of the books in the database. A check that yields rows fails; the "
               "exit status is then 1.\v"
               "Examples:\n"
               "  vslctl check --database 'host=/run/postgresql dbname=vsl'\n"
               "  vslctl check --database ... --json\n"};
    struct arguments given = {.common = common};
    parse_arguments(&argp, "vslctl check", count, arguments, &given);
    struct sql_files files;
    if (sql_files_find(&given.database, "checks", &files) != 0)
        return EXIT_TRANSPORT;
    int status = EXIT_TRANSPORT;
    PGconn *connection = database_connect(&given.database);
    if (connection && files.count == 0)
        fprintf(stderr, "vslctl: there are no checks in '%s'\n", files.folder);
    else if (connection)
        status = check_all(connection, &files, common->is_json, given.database.is_quiet);
    PQfinish(connection);
    sql_files_finish(&files);
    return status;
}
