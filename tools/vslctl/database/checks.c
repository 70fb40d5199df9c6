/* checks.c: vslctl check: runs the checks of the books, sql/checks/NAME.sql. No rows is right.
 *
 * All checks see one snapshot, so that a server may work meanwhile. They read whole tables, of
 * which fresh partitions have no statistics and partitioned ones never have: a loop over one, which
 * the planner takes for cheap, would take hours where a hash or a sort takes seconds. So loops are
 * ruled out, and with them the indexes that make one look cheap; and each check puts all that is
 * wrong together before it limits it, since for a few rows of a million the planner would loop.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/clock.h"
#include "client/terminal.h"
#include "text/format.h"
#include "text/table.h"
#include "vslctl/database/database.h"
#include "vslctl/vslctl.h"

#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_SHOWN_MAX 10

/* Checks at a time, each on a connection of its own; two keep a small server busy. */
enum { JOBS_DEFAULT = 2, JOBS_MAX = 16, OPTION_JOBS = 'j' };

static const struct argp_option options[] = {
    {"jobs", OPTION_JOBS, "N", 0, "So many checks at a time, 1 to 16 (default 2)", 0},
    {0},
};

struct arguments {
    struct common_options *common;
    struct database_options database;
    uint32_t jobs;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *given = state->input;
    int64_t jobs;
    switch (key) {
    case ARGP_KEY_INIT:
        given->jobs = JOBS_DEFAULT;
        state->child_inputs[0] = &given->database;
        state->child_inputs[1] = given->common;
        return 0;
    case OPTION_JOBS:
        if (!parse_integer(argument, 1, JOBS_MAX, &jobs))
            argp_error(state, "--jobs takes 1 to %d", JOBS_MAX);
        given->jobs = (uint32_t)jobs;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* One connection, and the check that runs on it. */
struct job {
    PGconn *connection;
    bool is_running;
    size_t index; /* of the file */
    int64_t started_us;
};

struct run {
    const struct sql_files *files;
    struct progress progress;
    bool is_json;
    struct job jobs[JOBS_MAX];
    uint32_t job_count;
    size_t next; /* file to be run */
    int *rows;   /* that each check found; -1: it is not known */
    bool has_failed;
};

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

static void name_of(const struct run *run, size_t index, char *ret_name, size_t bytes)
{
    const char *file = run->files->names[index];
    snprintf(ret_name, bytes, "%.*s", (int)(strlen(file) - 4), file);
}

/* Begins the next check; false when there is none that can be begun. */
static bool begin_next(struct run *run, struct job *job)
{
    struct buffer text = {0};
    /* One that fails may have ended the snapshot that all of them see. */
    if (run->has_failed || run->next == run->files->count)
        return false;
    job->index = run->next++;
    job->started_us = clock_monotonic_us();
    job->is_running = sql_files_read(run->files, job->index, &text) == 0;
    if (job->is_running && PQsendQuery(job->connection, (const char *)text.bytes) != 1) {
        fprintf(stderr, "vslctl: could not run %s: %s", run->files->names[job->index],
            PQerrorMessage(job->connection));
        job->is_running = false;
    }
    run->has_failed = !job->is_running;
    buffer_finish(&text);
    return job->is_running;
}

/* Takes the check's answer, if it is there. */
static void end_one(struct run *run, struct job *job)
{
    char name[256];
    if (PQconsumeInput(job->connection) == 1 && PQisBusy(job->connection))
        return;
    /* Also when the connection broke: then this says so. The empty result behind it ends the
     * command. */
    PGresult *result = PQgetResult(job->connection);
    PQclear(result ? PQgetResult(job->connection) : NULL);
    job->is_running = false;
    progress_clear(&run->progress);
    name_of(run, job->index, name, sizeof name);
    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
        run->rows[job->index] = PQntuples(result);
        if (!run->is_json)
            show_outcome(name, result, (double)(clock_monotonic_us() - job->started_us) / 1e6);
    } else {
        run->has_failed = true;
        fprintf(stderr, "vslctl: could not run %s: %s", run->files->names[job->index],
            PQerrorMessage(job->connection));
    }
    PQclear(result);
}

/* Which one runs for longest, and how many are done. */
static void tell(struct run *run)
{
    const struct job *longest = NULL;
    char name[256];
    size_t running = 0;
    if (!progress_is_due(&run->progress))
        return;
    for (uint32_t i = 0; i < run->job_count; i++) {
        const struct job *job = &run->jobs[i];
        running += job->is_running;
        if (job->is_running && (!longest || job->started_us < longest->started_us))
            longest = job;
    }
    if (!longest)
        return;
    name_of(run, longest->index, name, sizeof name);
    progress_show(&run->progress, "%s runs for %.0f s (%zu of %zu done)", name,
        (double)(clock_monotonic_us() - longest->started_us) / 1e6, run->next - running,
        run->files->count);
}

static void run_all(struct run *run)
{
    struct pollfd sockets[JOBS_MAX];
    for (;;) {
        nfds_t count = 0;
        for (uint32_t i = 0; i < run->job_count; i++) {
            struct job *job = &run->jobs[i];
            if (job->is_running)
                end_one(run, job);
            if (job->is_running || begin_next(run, job))
                sockets[count++] =
                    (struct pollfd){.fd = PQsocket(job->connection), .events = POLLIN};
        }
        if (count == 0)
            return;
        poll(sockets, count, 250);
        tell(run);
    }
}

/* Each connection in a transaction with the snapshot of the first one. */
static int begin_snapshot(struct run *run)
{
    char sql[600];
    char snapshot[100] = "";
    for (uint32_t i = 0; i < run->job_count; i++) {
        snprintf(sql, sizeof sql,
            "begin transaction isolation level repeatable read read only; %s%s%s"
            "set local enable_nestloop = off; set local enable_indexscan = off;"
            "set local enable_indexonlyscan = off; set local enable_bitmapscan = off;"
            "set local max_parallel_workers_per_gather = 0;"
            "set local jit = off; set local work_mem = '128MB'; set local statement_timeout = 0",
            i > 0 ? "set transaction snapshot '" : "", snapshot, i > 0 ? "';" : "");
        PGresult *begin =
            database_run(run->jobs[i].connection, sql, PGRES_COMMAND_OK, "begin a transaction");
        PQclear(begin);
        if (!begin)
            return -1;
        if (i > 0 || run->job_count == 1)
            continue;
        PGresult *exported = database_run(run->jobs[0].connection, "select pg_export_snapshot()",
            PGRES_TUPLES_OK, "share a snapshot");
        if (!exported)
            return -1;
        snprintf(snapshot, sizeof snapshot, "%s", PQgetvalue(exported, 0, 0));
        PQclear(exported);
    }
    return 0;
}

static int report(const struct run *run)
{
    int status = EXIT_ACCEPTED;
    json_t *report = json_object();
    bool is_unfinished = false;
    for (size_t i = 0; i < run->files->count; i++) {
        char name[256];
        name_of(run, i, name, sizeof name);
        if (run->rows[i] > 0)
            status = EXIT_REFUSED;
        /* What was not looked at is null, so that nobody takes it for right. */
        json_object_set_new(
            report, name, run->rows[i] < 0 ? json_null() : json_integer(run->rows[i]));
        is_unfinished = is_unfinished || run->rows[i] < 0;
    }
    if (run->is_json) {
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

static int check_all(struct run *run, const struct database_options *database, uint32_t jobs)
{
    int status = EXIT_TRANSPORT;
    if (jobs > run->files->count)
        jobs = (uint32_t)run->files->count;
    run->rows = malloc(run->files->count * sizeof *run->rows);
    CHECK(run->rows != NULL);
    for (size_t i = 0; i < run->files->count; i++)
        run->rows[i] = -1;
    while (run->job_count < jobs &&
           (run->jobs[run->job_count].connection = database_connect(database)) != NULL)
        run->job_count++;
    if (run->job_count == jobs && begin_snapshot(run) == 0) {
        progress_start(&run->progress, database->is_quiet);
        run_all(run);
        status = report(run);
    }
    for (uint32_t i = 0; i < run->job_count; i++)
        PQfinish(run->jobs[i].connection);
    free(run->rows);
    return status;
}

int run_check(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&database_argp, 0, NULL, 0}, {&report_argp, 0, "Output:", 90}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
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
    struct run run = {.files = &files, .is_json = common->is_json};
    if (files.count == 0)
        fprintf(stderr, "vslctl: there are no checks in '%s'\n", files.folder);
    else
        status = check_all(&run, &given.database, given.jobs);
    sql_files_finish(&files);
    return status;
}
