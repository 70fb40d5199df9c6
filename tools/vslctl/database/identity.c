/* identity.c: vslctl identity: the journal's identity, and a new one after a restore.
 *
 * After a restore to an earlier point sequence numbers are given out again, to other commands; by
 * the identity those who keep a position notice. What is written, is written in one transaction
 * under the lock of the writer, so that no server writes meanwhile, and raises the epoch, so that a
 * server which was the writer before is one no more. Run again it makes one more identity, which
 * costs nothing: nobody has seen the one before.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/format.h"
#include "text/table.h"
#include "vslctl/database/database.h"
#include "vslctl/vslctl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REASON_CHARS_MAX 500
/* No epoch that a server before the restore may still hold is valid again. */
#define EPOCH_STEP "1000"
/* Class of the advisory lock of an epoch's writer, see core/store. */
#define WRITER_LOCK "7762796, (epoch & 2147483647)::integer"

enum { OPTION_YES = 0x8000, OPTION_REASON, OPTION_FIRST };

enum identity_action { ACTION_SHOW, ACTION_NEW, ACTION_KEEP };

struct arguments {
    struct common_options *common;
    struct database_options database;
    enum identity_action action;
    const char *reason;
    int64_t first_sequence; /* 0: behind the last command */
    bool is_agreed;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->database;
        state->child_inputs[1] = given->common;
        return 0;
    case OPTION_YES:
        given->is_agreed = true;
        return 0;
    case OPTION_REASON:
        if (argument[0] == '\0' || strlen(argument) > REASON_CHARS_MAX)
            argp_error(state, "--reason takes 1 to %d characters", REASON_CHARS_MAX);
        given->reason = argument;
        return 0;
    case OPTION_FIRST:
        if (!parse_integer(argument, 1, INT64_MAX, &given->first_sequence))
            argp_error(state, "--first-sequence takes a sequence number, 1 or more");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- show ---- */

static int show(PGconn *connection, bool is_json)
{
    PGresult *result = database_run(connection,
        is_json
            ? "select coalesce(json_agg(i order by life), '[]') from vsl.journal_identity i"
            : "select life, identity, to_char(made_at at time zone 'UTC',"
              " 'YYYY-MM-DD HH24:MI:SS') as \"made (UTC)\", first_sequence as \"from sequence\","
              " reason from vsl.journal_identity order by life",
        PGRES_TUPLES_OK, "read the journal's identity");
    if (!result)
        return EXIT_TRANSPORT;
    if (is_json) {
        printf("%s\n", PQgetvalue(result, 0, 0));
    } else {
        struct table table;
        table_begin(&table);
        for (int i = 0; i < PQnfields(result); i++)
            table_column(&table, PQfname(result, i), i == 0 || i == 3 ? TABLE_RIGHT : TABLE_LEFT);
        for (int row = 0; row < PQntuples(result); row++) {
            for (int i = 0; i < PQnfields(result); i++)
                table_cell(&table, "%s", PQgetvalue(result, row, i));
        }
        table_print(&table, stdout, true);
        table_finish(&table);
    }
    PQclear(result);
    return EXIT_ACCEPTED;
}

/* ---- new and keep ---- */

/* What is there, under the lock of the writer; ended by the end of the session. */
struct present {
    char identity[64];
    char lock[8];
    char last_recorded[64];
    long long last_sequence;
    bool is_same_cluster;
};

static int read_present(PGconn *connection, struct present *ret_present)
{
    /* The row first: a batch under way ends, and no epoch is raised until this is through. */
    PGresult *result = database_run(connection,
        "begin; set local lock_timeout = '10s';"
        "select epoch from vsl.writer for update",
        PGRES_TUPLES_OK, "lock the writer's row");
    PQclear(result);
    if (!result)
        return -1;
    result = database_run(connection,
        "select (select identity from vsl.journal_identity order by life desc limit 1),"
        " pg_try_advisory_lock(" WRITER_LOCK "), coalesce(b.last_sequence, 0),"
        " coalesce(to_char(b.recorded_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), 'never'),"
        " k.system_identifier = c.system_identifier"
        " from vsl.writer w cross join vsl.known_cluster k cross join pg_control_system() c"
        " left join (select last_sequence, recorded_at from vsl.batch"
        " order by first_sequence desc limit 1) b on true",
        PGRES_TUPLES_OK, "look at the journal");
    if (!result || PQntuples(result) != 1) {
        if (result)
            fprintf(stderr, "vslctl: vsl.writer or vsl.known_cluster has no row: restore the "
                            "database from a backup\n");
        PQclear(result);
        return -1;
    }
    snprintf(ret_present->identity, sizeof ret_present->identity, "%s", PQgetvalue(result, 0, 0));
    snprintf(ret_present->lock, sizeof ret_present->lock, "%s", PQgetvalue(result, 0, 1));
    ret_present->last_sequence = strtoll(PQgetvalue(result, 0, 2), NULL, 10);
    snprintf(ret_present->last_recorded, sizeof ret_present->last_recorded, "%s",
        PQgetvalue(result, 0, 3));
    ret_present->is_same_cluster = strcmp(PQgetvalue(result, 0, 4), "t") == 0;
    PQclear(result);
    return 0;
}

static void tell_plan(const struct arguments *given, const struct present *present)
{
    printf("The journal %s ends with command %lld, recorded at %s UTC.\n", present->identity,
        present->last_sequence, present->last_recorded);
    if (given->action == ACTION_KEEP) {
        printf("It keeps its identity: its rows came to this PostgreSQL cluster, and nothing that\n"
               "was answered is missing. If the last command above is not the last one that was\n"
               "answered, this is wrong: vslctl identity new\n");
        return;
    }
    printf("It gets a new identity. Sequence numbers from %lld on count as given out again: the\n"
           "consumers of the event stream are told, positions and page tokens from before are\n"
           "refused.\n",
        (long long)given->first_sequence);
}

/* Whether the person agrees; without a terminal only --yes says so. */
static bool is_agreed(const struct arguments *given)
{
    char answer[16] = "";
    fflush(stdout);
    if (given->is_agreed)
        return true;
    if (!isatty(STDIN_FILENO)) {
        fprintf(stderr, "vslctl: nothing was done; say --yes to do it\n");
        return false;
    }
    fprintf(stderr, "Type 'yes' to go on: ");
    if (fgets(answer, sizeof answer, stdin) && strcmp(answer, "yes\n") == 0)
        return true;
    fprintf(stderr, "vslctl: nothing was done\n");
    return false;
}

static int write_identity(PGconn *connection, const struct arguments *given)
{
    char first[32];
    snprintf(first, sizeof first, "%" PRId64, given->first_sequence);
    const char *const values[] = {first, given->reason};
    PGresult *result = PQexecParams(connection,
        "insert into vsl.journal_identity (life, first_sequence, reason)"
        " select max(life) + 1, $1::bigint, $2::text from vsl.journal_identity returning identity",
        2, NULL, values, NULL, NULL, 0);
    bool is_written = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (is_written)
        printf("new identity %s\n", PQgetvalue(result, 0, 0));
    else
        fprintf(stderr, "vslctl: could not write the identity: %s", PQerrorMessage(connection));
    PQclear(result);
    return is_written ? 0 : -1;
}

static int write_all(PGconn *connection, const struct arguments *given)
{
    if (given->action == ACTION_NEW && write_identity(connection, given) != 0)
        return EXIT_TRANSPORT;
    PGresult *result = database_run(connection,
        "update vsl.writer set epoch = epoch + " EPOCH_STEP ";"
        "update vsl.known_cluster set timeline = vsl.present_timeline(),"
        " system_identifier = (select c.system_identifier from pg_control_system() c)",
        PGRES_COMMAND_OK, "write the epoch and the cluster");
    PQclear(result);
    if (!result)
        return EXIT_TRANSPORT;
    result = database_run(connection, "commit", PGRES_COMMAND_OK, "end the transaction");
    PQclear(result);
    if (!result) {
        fprintf(stderr, "vslctl: whether it was done is not known: look with vslctl identity show, "
                        "or run this again\n");
        return EXIT_UNKNOWN;
    }
    printf("done; start vsld\n");
    return EXIT_ACCEPTED;
}

static int change(PGconn *connection, struct arguments *given)
{
    struct present present = {0};
    if (read_present(connection, &present) != 0)
        return EXIT_TRANSPORT;
    if (present.lock[0] != 't') {
        fprintf(stderr, "vslctl: a server is the writer of this database; stop it first\n");
        return EXIT_REFUSED;
    }
    if (given->action == ACTION_KEEP && present.is_same_cluster) {
        printf("the journal %s is known in this cluster: nothing to do\n", present.identity);
        return EXIT_ACCEPTED;
    }
    if (given->first_sequence > present.last_sequence + 1) {
        fprintf(stderr,
            "vslctl: --first-sequence must be at most %lld, behind the last command: what comes "
            "before it counts as unchanged\n",
            present.last_sequence + 1);
        return EXIT_USAGE;
    }
    if (given->first_sequence == 0)
        given->first_sequence = present.last_sequence + 1;
    tell_plan(given, &present);
    return is_agreed(given) ? write_all(connection, given) : EXIT_USAGE;
}

static int run(const char *name, enum identity_action action, const struct argp *argp,
    struct common_options *common, int count, char **arguments)
{
    struct arguments given = {.common = common, .action = action, .reason = "restored"};
    parse_arguments(argp, name, count, arguments, &given);
    PGconn *connection = database_connect(&given.database);
    if (!connection)
        return EXIT_TRANSPORT;
    int status = EXIT_TRANSPORT;
    long long exists = 0;
    if (database_number(connection, "select (to_regclass('vsl.known_cluster') is not null)::int",
            "look for the journal", &exists) == 0) {
        if (!exists)
            fprintf(stderr, "vslctl: this database has no journal with an identity; run vslctl "
                            "migrate first\n");
        else
            status = action == ACTION_SHOW ? show(connection, common->is_json)
                                           : change(connection, &given);
    }
    PQfinish(connection);
    return status;
}

static const struct argp_child children[] = {
    {&database_argp, 0, NULL, 0}, {&report_argp, 0, "Output:", 90}, {0}};

int run_identity_show(struct common_options *common, int count, char **arguments)
{
    static const struct argp argp = {.parser = parse,
        .children = children,
        .doc = "Show the lives of the journal: the identity of each, when it was made, and from "
               "which sequence number on it counts. The last one is the present one.\v"
               "Examples:\n"
               "  vslctl identity show --database 'host=/run/postgresql dbname=vsl'\n"};
    return run("vslctl identity show", ACTION_SHOW, &argp, common, count, arguments);
}

int run_identity_new(struct common_options *common, int count, char **arguments)
{
    static const struct argp_option options[] = {
        {"yes", OPTION_YES, 0, 0, "Do not ask", 1},
        {"reason", OPTION_REASON, "TEXT", 0, "What stands beside it (default: restored)", 1},
        {"first-sequence", OPTION_FIRST, "SEQUENCE", 0,
            "The first number that means another command than it did before (default: behind the "
            "last command); for a restore that was noticed late",
            1},
        {0},
    };
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Give the journal a new identity, after the database was restored to an earlier point "
            "or commands that were answered were lost in a fail-over. Sequence numbers are given "
            "out again then: by the identity the consumers of the event stream notice, and where "
            "to begin anew. As the database's administrator, before the first start of vsld; it "
            "is refused while a server is the writer, and no server from before can write "
            "afterwards. Not after a fail-over that lost nothing. Safe to run again.\v"
            "Examples:\n"
            "  vslctl identity new --database 'host=/run/postgresql dbname=vsl'\n"
            "  vslctl identity new --database postgresql://db/vsl --yes --reason 'restored to "
            "noon'\n"};
    return run("vslctl identity new", ACTION_NEW, &argp, common, count, arguments);
}

int run_identity_keep(struct common_options *common, int count, char **arguments)
{
    static const struct argp_option options[] = {
        {"yes", OPTION_YES, 0, 0, "Do not ask", 1},
        {0},
    };
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc = "Say that the journal was brought to this PostgreSQL cluster as a whole, by an "
               "upgrade or a dump of a server that had stopped: it keeps its identity. vsld does "
               "not start on such rows before somebody has said this or made a new identity.\v"
               "Examples:\n"
               "  vslctl identity keep --database 'host=/run/postgresql dbname=vsl'\n"};
    return run("vslctl identity keep", ACTION_KEEP, &argp, common, count, arguments);
}
