/* reports.c: vslctl report: what a ledger's accounting date has for the supervisor, as files.
 *
 * Each report is a query, sql/reports/NAME.sql, whose head says what it lists, with three
 * parameters: the ledger, the date, and the last command of the date. Its columns are those of the
 * file. All are read on one snapshot of the journal alone, without writing, so a replica or a
 * restored backup will do.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "client/durable_file.h"
#include "text/csv.h"
#include "text/format.h"
#include "vslctl/database/as_of.h"
#include "vslctl/database/database.h"
#include "vslctl/vslctl.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    OPTION_OUTPUT = 0x6700,
    OPTION_LIST,
};

static const struct argp_option options[] = {
    {"output", OPTION_OUTPUT, "FOLDER", 0,
        "Write FOLDER/NAME-LEDGER-DATE.csv, each as a whole or not at all (default: one report to "
        "standard output)",
        0},
    {"list", OPTION_LIST, 0, 0, "Say which reports there are", 0},
    {0},
};

/* Types of PostgreSQL, by their fixed numbers (pg_type.dat). */
enum { TYPE_BOOL = 16, TYPE_INT2 = 21, TYPE_INT4 = 23 };

struct arguments {
    struct common_options *common;
    struct database_options database;
    struct as_of_options as_of;
    const char *output;
    bool is_list;
    const char *names[16];
    size_t name_count; /* 0: all */
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->as_of;
        state->child_inputs[1] = &given->database;
        state->child_inputs[2] = given->common;
        return 0;
    case OPTION_OUTPUT:
        given->output = argument;
        return 0;
    case OPTION_LIST:
        given->is_list = true;
        given->database.conninfo = "none is needed";
        return 0;
    case ARGP_KEY_ARG:
        if (given->name_count == sizeof given->names / sizeof given->names[0])
            argp_error(state, "so many reports at once are all of them: leave their names out");
        given->names[given->name_count++] = argument;
        return 0;
    case ARGP_KEY_END:
        if (given->is_list)
            return 0;
        if (given->as_of.ledger_id == 0)
            argp_error(state, "--ledger is required (or set VSL_LEDGER)");
        if (given->as_of.date == 0)
            argp_error(state, "--date is required: the accounting date to report");
        if (!given->output && given->name_count != 1)
            argp_error(state, "name one report, or give --output FOLDER for several");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- which there are ---- */

/* The name of the report in a file: without .sql. */
static int name_length(const struct sql_files *files, size_t index)
{
    return (int)strlen(files->names[index]) - 4;
}

static bool is_named(const struct sql_files *files, size_t index, const char *name)
{
    size_t length = (size_t)name_length(files, index);
    return strlen(name) == length && memcmp(files->names[index], name, length) == 0;
}

static bool is_wanted(const struct arguments *given, const struct sql_files *files, size_t index)
{
    bool is_among = given->name_count == 0;
    for (size_t i = 0; i < given->name_count; i++)
        is_among |= is_named(files, index, given->names[i]);
    return is_among;
}

/* Whether each name that was given is one of a report; else says which is not. */
static bool are_known(const struct arguments *given, const struct sql_files *files)
{
    for (size_t i = 0; i < given->name_count; i++) {
        bool is_known = false;
        for (size_t index = 0; index < files->count; index++)
            is_known |= is_named(files, index, given->names[i]);
        if (!is_known) {
            fprintf(stderr, "vslctl: there is no report '%s'; vslctl report --list names them\n",
                given->names[i]);
            return false;
        }
    }
    return true;
}

/* Each with the first sentence of its head, "-- NAME.sql: what it lists." */
static int list(const struct sql_files *files)
{
    struct buffer text = {0};
    int fault = 0;
    for (size_t i = 0; i < files->count && fault == 0; i++) {
        fault = sql_files_read(files, i, &text);
        const char *what = fault == 0 ? strstr((const char *)text.bytes, ": ") : NULL;
        if (what)
            printf("%-18.*s %.*s\n", name_length(files, i), files->names[i],
                (int)strcspn(what + 2, "\n"), what + 2);
    }
    buffer_finish(&text);
    return fault == 0 ? EXIT_ACCEPTED : EXIT_TRANSPORT;
}

/* ---- rows ---- */

struct writing {
    const struct arguments *given;
    const char *name;
    int name_length;
    int64_t as_of_sequence;
    FILE *out;
    int64_t row_count;
};

static void begin(struct writing *writing, const PGresult *result)
{
    char date[FORMAT_BYTES_MAX];
    format_date(writing->given->as_of.date, date);
    if (!writing->given->common->is_json) {
        for (int i = 0; i < PQnfields(result); i++)
            csv_write_field(writing->out, PQfname(result, i), i + 1 == PQnfields(result));
        return;
    }
    fprintf(writing->out,
        "{\n  \"report\": \"%.*s\",\n  \"ledger_id\": \"%" PRId64
        "\",\n  \"accounting_date\": \"%s\",\n  \"as_of_sequence\": \"%" PRId64
        "\",\n  \"rows\": [",
        writing->name_length, writing->name, writing->given->as_of.ledger_id, date,
        writing->as_of_sequence);
}

/* As in answers of the API: what may be beyond 53 bits is a text. */
static json_t *json_of(const PGresult *row, int column)
{
    const char *value = PQgetvalue(row, 0, column);
    if (PQgetisnull(row, 0, column))
        return json_null();
    switch (PQftype(row, column)) {
    case TYPE_BOOL:
        return json_boolean(value[0] == 't');
    case TYPE_INT2:
    case TYPE_INT4:
        return json_integer(strtol(value, NULL, 10));
    default:
        return json_string(value);
    }
}

static void write_json(struct writing *writing, const PGresult *row)
{
    json_t *object = json_object();
    for (int i = 0; i < PQnfields(row); i++)
        json_object_set_new(object, PQfname(row, i), json_of(row, i));
    char *text = json_dumps(object, JSON_PRESERVE_ORDER);
    CHECK(text != NULL);
    fprintf(writing->out, "%s\n    %s", writing->row_count == 0 ? "" : ",", text);
    free(text);
    json_decref(object);
}

static void write_csv(const struct writing *writing, const PGresult *row)
{
    for (int i = 0; i < PQnfields(row); i++)
        csv_write_field(writing->out, PQgetvalue(row, 0, i), i + 1 == PQnfields(row));
}

/* Streams the rows of a query. An exit status, with a message. */
static int write_rows(struct writing *writing, PGconn *connection, const char *sql)
{
    char ledger[24];
    char date[FORMAT_BYTES_MAX];
    char last[24];
    snprintf(ledger, sizeof ledger, "%" PRId64, writing->given->as_of.ledger_id);
    snprintf(last, sizeof last, "%" PRId64, writing->as_of_sequence);
    format_date(writing->given->as_of.date, date);
    const char *const values[] = {ledger, date, last};
    bool is_whole = false;
    PGresult *result;
    bool is_sent = PQsendQueryParams(connection, sql, 3, NULL, values, NULL, NULL, 0) == 1 &&
                   PQsetSingleRowMode(connection) == 1;
    bool has_begun = false;
    while (is_sent && (result = PQgetResult(connection)) != NULL) {
        ExecStatusType status = PQresultStatus(result);
        is_whole |= status == PGRES_TUPLES_OK;
        if (!has_begun && (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK))
            begin(writing, result);
        has_begun = true;
        if (status == PGRES_SINGLE_TUPLE) {
            if (writing->given->common->is_json)
                write_json(writing, result);
            else
                write_csv(writing, result);
            writing->row_count++;
        }
        PQclear(result);
    }
    if (!is_whole) {
        fprintf(stderr, "vslctl: could not make the report %.*s: %s", writing->name_length,
            writing->name, PQerrorMessage(connection));
        return EXIT_TRANSPORT;
    }
    if (writing->given->common->is_json)
        fprintf(writing->out, "%s]\n}\n", writing->row_count > 0 ? "\n  " : "");
    return EXIT_ACCEPTED;
}

/* ---- files ---- */

/* Writes one report into its file of the folder. An exit status, with a message. */
static int write_file(struct writing *writing, PGconn *connection, const char *sql)
{
    const struct arguments *given = writing->given;
    char path[PATH_MAX];
    char date[FORMAT_BYTES_MAX];
    struct durable_file file;
    format_date(given->as_of.date, date);
    int length = snprintf(path, sizeof path, "%s/%.*s-%" PRId64 "-%s.%s", given->output,
        writing->name_length, writing->name, given->as_of.ledger_id, date,
        given->common->is_json ? "json" : "csv");
    if (length < 0 || (size_t)length >= sizeof path)
        errno = ENAMETOOLONG;
    if ((size_t)length >= sizeof path || durable_begin(&file, path, 0666) != 0) {
        fprintf(stderr, "vslctl: could not write '%s': %s\n", path, durable_reason(errno));
        return EXIT_USAGE;
    }
    writing->out = file.stream;
    int status = write_rows(writing, connection, sql);
    if (status == EXIT_ACCEPTED && durable_commit(&file) != 0) {
        fprintf(stderr, "vslctl: could not write '%s': %s\n", path, durable_reason(errno));
        status = EXIT_TRANSPORT;
    }
    durable_abandon(&file);
    if (status == EXIT_ACCEPTED && !given->database.is_quiet)
        fprintf(stderr, "%s: %" PRId64 " rows\n", path, writing->row_count);
    return status;
}

static int make_reports(
    const struct arguments *given, const struct sql_files *files, PGconn *connection)
{
    int64_t first_sequence;
    int64_t last_sequence;
    struct buffer text = {0};
    int status = as_of_find(
        connection, given->as_of.ledger_id, given->as_of.date, 0, &first_sequence, &last_sequence);
    for (size_t i = 0; i < files->count && status == EXIT_ACCEPTED; i++) {
        if (!is_wanted(given, files, i))
            continue;
        struct writing writing = {.given = given,
            .name = files->names[i],
            .name_length = name_length(files, i),
            .as_of_sequence = last_sequence,
            .out = stdout};
        status = sql_files_read(files, i, &text) == 0 ? EXIT_ACCEPTED : EXIT_TRANSPORT;
        const char *sql = (const char *)text.bytes;
        if (status == EXIT_ACCEPTED)
            status = given->output ? write_file(&writing, connection, sql)
                                   : write_rows(&writing, connection, sql);
    }
    buffer_finish(&text);
    return status;
}

/* Reads on one snapshot; times as the service writes them wherever it is made. */
static int read_database(const struct arguments *given, const struct sql_files *files)
{
    PGconn *connection = database_connect(&given->database);
    if (!connection)
        return EXIT_TRANSPORT;
    PGresult *result = database_run(connection,
        "begin isolation level repeatable read, read only; set local work_mem = '128MB'; "
        "set local timezone = 'UTC'; set local datestyle = 'ISO'; set local jit = off; "
        "set local statement_timeout = 0",
        PGRES_COMMAND_OK, "begin a transaction");
    int status = result ? make_reports(given, files, connection) : EXIT_TRANSPORT;
    PQclear(result);
    PQfinish(connection);
    return status;
}

int run_report(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&as_of_argp, 0, NULL, 0},
        {&database_argp, 0, NULL, 0}, {&report_argp, 0, "Output:", 90}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .args_doc = "[NAME...]",
        .children = children,
        .doc =
            "Make the reports of a ledger's accounting date that is closed: accounts opened, "
            "changed and closed, large-value movements, and what looks suspicious. CSV with a "
            "head, amounts in minor units, times in UTC; or JSON (--json). All of them, unless "
            "named.\v"
            "Each comes from the journal alone, as it was at the end of the date, and is the same "
            "bytes whenever it is made again. By which numbers it lists stands in the table "
            "vsl.report_threshold, each from a date on; who owns the database adds rows to it.\n"
            "\n"
            "Examples:\n"
            "  vslctl report --list\n"
            "  vslctl report --ledger 1 --date 2026-11-22 --output /var/lib/vsl/reports\n"
            "  vslctl report large_value --ledger 1 --date 2026-11-22\n"};
    struct arguments given = {.common = common};
    struct sql_files files;
    parse_arguments(&argp, "vslctl report", count, arguments, &given);
    if (sql_files_find(&given.database, "reports", &files) != 0)
        return EXIT_TRANSPORT;
    int status = EXIT_USAGE;
    if (given.is_list)
        status = list(&files);
    else if (are_known(&given, &files))
        status = read_database(&given, &files);
    sql_files_finish(&files);
    return status;
}
