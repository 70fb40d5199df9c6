/* account_as_of.c: vslctl account as-of: what accounts had at any date or instant of the past.
 *
 * Reads the journal alone: of each bucket the last posting until then recorded what was there, or,
 * where none has moved it since, the account's last image. An index of each segment finds it, so
 * what came before and behind costs nothing; where the newest segment has no index yet it is read.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "text/format.h"
#include "text/table.h"
#include "vslctl/database/as_of.h"
#include "vslctl/database/database.h"
#include "vslctl/vslctl.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ACCOUNTS_MAX 1000
#define BUCKETS 4
#define SEGMENT_INDEXED 3

enum {
    OPTION_ACCOUNT = 0x6d00,
    OPTION_AT,
    OPTION_SEQUENCE,
};

static const struct argp_option options[] = {
    {"account", OPTION_ACCOUNT, "ID", 0, "The account; may be given many times", 0},
    {"at", OPTION_AT, "TIME", 0, "At this instant, such as 2026-11-22T20:00+08:00", 0},
    {"sequence", OPTION_SEQUENCE, "N", 0, "Behind this command", 0},
    {0},
};

struct arguments {
    struct common_options *common;
    struct database_options database;
    struct as_of_options as_of;
    int64_t at_us; /* 0: not given */
    int64_t sequence;
    int64_t accounts[ACCOUNTS_MAX];
    size_t account_count;
};

static void take_time(struct arguments *given, const char *argument, struct argp_state *state)
{
    struct timespec now;
    CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
    int64_t now_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
    if (read_time(argument, now_us, &given->at_us) != TIME_IS_RIGHT || given->at_us <= 0)
        argp_error(state, "--at takes an instant, such as 2026-11-22T20:00+08:00");
    if (given->at_us > now_us)
        argp_error(state, "--at is in the future");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->as_of;
        state->child_inputs[1] = &given->database;
        state->child_inputs[2] = given->common;
        return 0;
    case OPTION_ACCOUNT:
        if (given->account_count == ACCOUNTS_MAX)
            argp_error(state, "at most %d accounts at a time", ACCOUNTS_MAX);
        if (!parse_integer(argument, 1, INT64_MAX, &given->accounts[given->account_count++]))
            argp_error(state, "--account takes an id");
        return 0;
    case OPTION_AT:
        take_time(given, argument, state);
        return 0;
    case OPTION_SEQUENCE:
        if (!parse_integer(argument, 1, INT64_MAX, &given->sequence))
            argp_error(state, "--sequence takes a sequence number, 1 or more");
        return 0;
    case ARGP_KEY_END:
        if (given->as_of.ledger_id == 0)
            argp_error(state, "--ledger is required (or set VSL_LEDGER)");
        if (given->account_count == 0)
            argp_error(state, "--account is required");
        if ((given->as_of.date != 0) + (given->at_us != 0) + (given->sequence != 0) != 1)
            argp_error(state, "one of --date, --at and --sequence says as of when");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- which command an instant is behind ---- */

/* When a command was recorded; a number that has none: the ones before it have. */
static const char sql_time[] =
    "select (extract(epoch from c.recorded_at) * 1000000)::bigint from vsl.command c"
    " where c.sequence = $1::bigint";

/* Where the segments end that have their indexes, and the journal. */
static const char sql_ends[] =
    "select coalesce(max(s.last_sequence) filter (where s.state = 3), 0),"
    " coalesce((select b.last_sequence from vsl.batch b order by b.first_sequence desc limit 1), 0)"
    " from vsl.segment s";

/* The last one in the segments that have none yet: they are read. */
static const char sql_newest[] =
    "select max(c.sequence) from vsl.command c where c.sequence > $1::bigint"
    " and c.recorded_at <= timestamptz '1970-01-01 00:00:00+00' + $2::bigint * interval '1 "
    "microsecond'";

static int64_t number_at(const PGresult *row, int column)
{
    return strtoll(PQgetvalue(row, 0, column), NULL, 10);
}

/* -1: there is no such command; -2 with a message. */
static int64_t time_of(PGconn *connection, int64_t sequence)
{
    char text[24];
    const char *values[] = {text};
    snprintf(text, sizeof text, "%" PRId64, sequence);
    PGresult *row = database_ask(connection, sql_time, 1, values, "read when it was");
    int64_t found = row ? PQntuples(row) == 1 ? number_at(row, 0) : -1 : -2;
    PQclear(row);
    return found;
}

/* The last one recorded at the instant or before it, 0: none. Recorded time never goes back, so
 * halves are looked at. -1 with a message. */
static int64_t halve(PGconn *connection, int64_t end, int64_t at_us)
{
    int64_t low = 0; /* recorded by then, or 0 */
    int64_t high = end + 1;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        int64_t recorded_us = time_of(connection, middle);
        if (recorded_us == -2)
            return -1;
        if (recorded_us == -1) {
            fprintf(stderr, "vslctl: the journal lacks command %" PRId64 "; run vslctl verify\n",
                middle);
            return -1;
        }
        if (recorded_us <= at_us)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static int find_instant(PGconn *connection, int64_t at_us, int64_t *ret_sequence)
{
    char indexed[24], at[24];
    const char *values[] = {indexed, at};
    PGresult *ends = database_run(connection, sql_ends, PGRES_TUPLES_OK, "read the segments");
    if (!ends)
        return EXIT_TRANSPORT;
    int64_t indexed_end = number_at(ends, 0);
    int64_t last = number_at(ends, 1);
    PQclear(ends);
    indexed_end = indexed_end < last ? indexed_end : last;
    int64_t recorded_us = indexed_end > 0 ? time_of(connection, indexed_end) : at_us;
    if (recorded_us < 0)
        return EXIT_TRANSPORT;
    if (recorded_us > at_us) {
        *ret_sequence = halve(connection, indexed_end, at_us);
        return *ret_sequence < 0 ? EXIT_TRANSPORT : EXIT_ACCEPTED;
    }
    snprintf(indexed, sizeof indexed, "%" PRId64, indexed_end);
    snprintf(at, sizeof at, "%" PRId64, at_us);
    PGresult *row = database_ask(connection, sql_newest, 2, values, "read when it was");
    if (!row)
        return EXIT_TRANSPORT;
    *ret_sequence = PQgetisnull(row, 0, 0) ? indexed_end : number_at(row, 0);
    PQclear(row);
    return EXIT_ACCEPTED;
}

/* ---- the balances ---- */

/* A bucket's last posting. */
struct place {
    int64_t sequence; /* 0: not found */
    int64_t line;
};

/* Segments, the newest first, that hold commands up to one and behind another. */
static const char sql_segments[] =
    "select s.first_sequence, s.last_sequence, s.state from vsl.segment s"
    " where s.first_sequence <= $1::bigint and s.last_sequence > $2::bigint"
    " order by s.first_sequence desc";

/* Where the buckets moved last within two bounds, which are written out so that the planner leaves
 * the other segments out. Of available the index of the account gives the last row at once, for it
 * moves all the time; the others have an index each, which gives nothing where nothing moved. */
static void put_search(struct buffer *sql, const struct place *places, int64_t low, int64_t high)
{
    static const char *const sides[] = {"debit", "credit"};
    char text[512], list[32] = "";
    size_t length = 0;
    const char *before = "";
    for (int i = 1; i < BUCKETS; i++) {
        if (places[i].sequence == 0)
            length += (size_t)snprintf(
                list + length, sizeof list - length, "%s%d", length > 0 ? "," : "", i);
    }
    buffer_clear(sql);
    for (int i = 0; i < 2; i++) {
        if (places[0].sequence == 0) {
            snprintf(text, sizeof text,
                "%s(select 0, p.sequence from vsl.posting p where p.%s_account_id = $1::bigint"
                " and p.%s_bucket = 0 and p.sequence between %" PRId64 " and %" PRId64
                " order by p.sequence desc limit 1)",
                before, sides[i], sides[i], low, high);
            buffer_append(sql, text, strlen(text));
            before = " union all ";
        }
        if (length > 0) {
            snprintf(text, sizeof text,
                "%s(select p.%s_bucket, max(p.sequence) from vsl.posting p"
                " where p.%s_account_id = $1::bigint and p.%s_bucket <> 0"
                " and p.%s_bucket in (%s) and p.sequence between %" PRId64 " and %" PRId64
                " group by 1)",
                before, sides[i], sides[i], sides[i], sides[i], list, low, high);
            buffer_append(sql, text, strlen(text));
            before = " union all ";
        }
    }
    buffer_append_u8(sql, 0);
}

/* The same where there is no index yet: everything is read, once. */
static void put_scan(struct buffer *sql, int64_t low, int64_t high)
{
    char text[512];
    int length = snprintf(text, sizeof text,
        "select b.bucket, max(p.sequence) from vsl.posting p cross join lateral (values"
        " (p.debit_account_id, p.debit_bucket), (p.credit_account_id, p.credit_bucket))"
        " b (account_id, bucket) where b.account_id = $1::bigint"
        " and (p.debit_account_id = $1::bigint or p.credit_account_id = $1::bigint)"
        " and p.sequence between %" PRId64 " and %" PRId64 " group by 1",
        low, high);
    CHECK(length > 0 && (size_t)length < sizeof text);
    buffer_clear(sql);
    buffer_append(sql, text, (size_t)length + 1);
}

static bool are_found(const struct place *places)
{
    bool are_found = true;
    for (int i = 0; i < BUCKETS; i++)
        are_found &= places[i].sequence != 0;
    return are_found;
}

static int64_t number_of(const PGresult *rows, int row, int column)
{
    return strtoll(PQgetvalue(rows, row, column), NULL, 10);
}

static int search(
    PGconn *connection, const struct buffer *sql, const char *account, struct place *places)
{
    const char *values[] = {account};
    PGresult *rows = database_ask(
        connection, (const char *)sql->bytes, 1, values, "read where the buckets moved");
    if (!rows)
        return EXIT_TRANSPORT;
    for (int row = 0; row < PQntuples(rows); row++) {
        int64_t bucket = number_of(rows, row, 0);
        CHECK(bucket >= 0 && bucket < BUCKETS);
        if (number_of(rows, row, 1) > places[bucket].sequence)
            places[bucket].sequence = number_of(rows, row, 1);
    }
    PQclear(rows);
    return EXIT_ACCEPTED;
}

/* Looks into ever more segments at a time, the newest first, until all are found or the account's
 * image is reached. */
static int find_places(
    PGconn *connection, const char *account, int64_t image, int64_t last, struct place *places)
{
    char from[24], to[24];
    const char *bounds[] = {to, from};
    struct buffer sql = {0};
    int status = EXIT_ACCEPTED;
    int step = 1;
    snprintf(from, sizeof from, "%" PRId64, image);
    snprintf(to, sizeof to, "%" PRId64, last);
    PGresult *segments = database_ask(connection, sql_segments, 2, bounds, "read the segments");
    if (!segments)
        return EXIT_TRANSPORT;
    int count = PQntuples(segments);
    for (int i = 0; i < count && !are_found(places) && status == EXIT_ACCEPTED; i += step) {
        bool has_index = number_of(segments, i, 2) == SEGMENT_INDEXED;
        step = i == 0 || !has_index ? 1 : 4 * step;
        int end = i + step < count ? i + step : count;
        int64_t low = number_of(segments, end - 1, 0);
        int64_t high = number_of(segments, i, 1);
        low = low > image ? low : image + 1;
        high = high < last ? high : last;
        if (has_index)
            put_search(&sql, places, low, high);
        else
            put_scan(&sql, low, high);
        status = search(connection, &sql, account, places);
    }
    PQclear(segments);
    buffer_finish(&sql);
    return status;
}

/* What the last postings there recorded: of each the last line of its command. */
static int read_places(PGconn *connection, int64_t account_id, struct place *places, int64_t *minor)
{
    char sql[512];
    snprintf(sql, sizeof sql,
        "select p.sequence, p.line, p.debit_account_id, p.debit_bucket, p.debit_balance,"
        " p.credit_account_id, p.credit_bucket, p.credit_balance from vsl.posting p"
        " where p.sequence in (%" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ")",
        places[0].sequence, places[1].sequence, places[2].sequence, places[3].sequence);
    PGresult *rows = database_run(connection, sql, PGRES_TUPLES_OK, "read the balances");
    if (!rows)
        return EXIT_TRANSPORT;
    for (int i = 0; i < BUCKETS; i++)
        places[i].line = -1;
    for (int row = 0; row < PQntuples(rows); row++) {
        for (int side = 2; side <= 5; side += 3) {
            int64_t line = strtoll(PQgetvalue(rows, row, 1), NULL, 10);
            int64_t bucket = strtoll(PQgetvalue(rows, row, side + 1), NULL, 10);
            CHECK(bucket >= 0 && bucket < BUCKETS);
            if (strtoll(PQgetvalue(rows, row, side), NULL, 10) != account_id ||
                strtoll(PQgetvalue(rows, row, 0), NULL, 10) != places[bucket].sequence ||
                line <= places[bucket].line)
                continue;
            places[bucket].line = line;
            minor[bucket] = strtoll(PQgetvalue(rows, row, side + 2), NULL, 10);
        }
    }
    PQclear(rows);
    return EXIT_ACCEPTED;
}

/* The account's last image until then; postings behind it are newer. Kind 9 is an issuer's, 10 a
 * position: they have units of a product, told in their smallest part. */
static const char sql_image[] =
    "select h.sequence, h.status, h.available, h.pending_in, h.pending_out, h.frozen,"
    " case h.kind when 9 then (select 'product ' || min(p.product_id) from vsl.product_history p"
    " where p.account_id = h.account_id) when 10 then (select 'product ' || min(p.product_id)"
    " from vsl.position_history p where p.account_id = h.account_id)"
    " else (select l.currency from vsl.ledger_history l where l.ledger_id = $2::bigint limit 1) "
    "end,"
    " h.kind in (9, 10)"
    " from vsl.account_history h where h.account_id = $1::bigint and h.sequence <= $3::bigint"
    " and h.ledger_id = $2::bigint order by h.sequence desc limit 1";

struct balances {
    int64_t account_id;
    bool is_open;
    char unit[32]; /* the currency, or which product */
    int decimals;
    int64_t minor[BUCKETS];
};

static int ask_balances(
    PGconn *connection, const struct arguments *given, int64_t sequence, struct balances *balances)
{
    char account[24], ledger[24], last[24];
    const char *values[] = {account, ledger, last};
    struct place places[BUCKETS] = {0};
    snprintf(account, sizeof account, "%" PRId64, balances->account_id);
    snprintf(ledger, sizeof ledger, "%" PRId64, given->as_of.ledger_id);
    snprintf(last, sizeof last, "%" PRId64, sequence);
    PGresult *row = database_ask(connection, sql_image, 3, values, "read the account");
    if (!row)
        return EXIT_TRANSPORT;
    if (PQntuples(row) != 1) {
        fprintf(stderr,
            "vslctl: ledger %" PRId64 " had no account %" PRId64 " behind command %" PRId64 "\n",
            given->as_of.ledger_id, balances->account_id, sequence);
        PQclear(row);
        return EXIT_REFUSED;
    }
    int64_t image = number_at(row, 0);
    balances->is_open = number_at(row, 1) == 1;
    snprintf(balances->unit, sizeof balances->unit, "%s", PQgetvalue(row, 0, 6));
    balances->decimals = PQgetvalue(row, 0, 7)[0] == 't' ? 0 : currency_decimals(balances->unit);
    for (int i = 0; i < BUCKETS; i++)
        balances->minor[i] = number_at(row, 2 + i);
    PQclear(row);
    int status = find_places(connection, account, image, sequence, places);
    return status == EXIT_ACCEPTED
               ? read_places(connection, balances->account_id, places, balances->minor)
               : status;
}

/* ---- the answer ---- */

static const char *const buckets[BUCKETS] = {"available", "pending_in", "pending_out", "frozen"};

static void add_json(json_t *list, const struct balances *balances)
{
    char name[32], number[24];
    json_t *object = json_object();
    snprintf(number, sizeof number, "%" PRId64, balances->account_id);
    json_object_set_new(object, "account_id", json_string(number));
    json_object_set_new(object, "is_open", json_boolean(balances->is_open));
    json_object_set_new(object, "unit", json_string(balances->unit));
    for (int i = 0; i < BUCKETS; i++) {
        snprintf(name, sizeof name, "%s_minor", buckets[i]);
        snprintf(number, sizeof number, "%" PRId64, balances->minor[i]);
        json_object_set_new(object, name, json_string(number));
    }
    CHECK(json_array_append_new(list, object) == 0);
}

static void add_row(struct table *table, const struct balances *balances)
{
    char amount[FORMAT_BYTES_MAX];
    table_cell(table, "%" PRId64, balances->account_id);
    table_cell(table, "%s", balances->is_open ? "open" : "closed");
    table_cell(table, "%s", balances->unit);
    for (int i = 0; i < BUCKETS; i++) {
        format_amount(balances->minor[i], balances->decimals, amount);
        table_cell(table, "%s", amount);
    }
}

static int ask_all(PGconn *connection, const struct arguments *given, int64_t sequence,
    json_t *list, struct table *table)
{
    int status = EXIT_ACCEPTED;
    for (size_t i = 0; i < given->account_count && status == EXIT_ACCEPTED; i++) {
        struct balances balances = {.account_id = given->accounts[i]};
        status = ask_balances(connection, given, sequence, &balances);
        if (status == EXIT_ACCEPTED && given->common->is_json)
            add_json(list, &balances);
        else if (status == EXIT_ACCEPTED)
            add_row(table, &balances);
    }
    return status;
}

static void show(const struct arguments *given, int64_t sequence, json_t *list, struct table *table)
{
    char number[24];
    if (!given->common->is_json) {
        printf("behind command %" PRId64 "\n", sequence);
        table_print(table, stdout, true);
        return;
    }
    json_t *object = json_object();
    snprintf(number, sizeof number, "%" PRId64, given->as_of.ledger_id);
    json_object_set_new(object, "ledger_id", json_string(number));
    snprintf(number, sizeof number, "%" PRId64, sequence);
    json_object_set_new(object, "as_of_sequence", json_string(number));
    json_object_set(object, "accounts", list);
    char *text = json_dumps(object, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    CHECK(text != NULL);
    puts(text);
    free(text);
    json_decref(object);
}

static int answer(const struct arguments *given, PGconn *connection)
{
    int64_t sequence = given->sequence;
    int64_t first_sequence;
    int status = EXIT_ACCEPTED;
    if (given->at_us != 0)
        status = find_instant(connection, given->at_us, &sequence);
    if (status == EXIT_ACCEPTED && given->at_us != 0 && sequence == 0) {
        fprintf(stderr, "vslctl: the journal had no command then\n");
        status = EXIT_REFUSED;
    }
    if (status == EXIT_ACCEPTED)
        status = as_of_find(connection, given->as_of.ledger_id, given->as_of.date, sequence,
            &first_sequence, &sequence);
    if (status != EXIT_ACCEPTED)
        return status;
    json_t *list = json_array();
    struct table table;
    table_begin(&table);
    table_column(&table, "account", TABLE_RIGHT);
    table_column(&table, "status", TABLE_LEFT);
    table_column(&table, "unit", TABLE_LEFT);
    for (int i = 0; i < BUCKETS; i++)
        table_column(&table, buckets[i], TABLE_RIGHT);
    status = ask_all(connection, given, sequence, list, &table);
    if (status == EXIT_ACCEPTED)
        show(given, sequence, list, &table);
    table_finish(&table);
    json_decref(list);
    return status;
}

int run_account_as_of(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&as_of_argp, 0, NULL, 0}, {&database_argp, 0, NULL, 0}, {&report_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Tell what accounts had at the end of an accounting date, at an instant, or behind a "
            "command, bucket by bucket. As of now vslctl account balances tells it.\v"
            "An instant is that of the command that was recorded last until then; with a replica, "
            "of those that it has. From the journal alone, so a restored backup will do.\n"
            "\n"
            "Examples:\n"
            "  vslctl account as-of --ledger 1 --account 9 --date 2026-11-22\n"
            "  vslctl account as-of --ledger 1 --account 9 --account 10 --at "
            "2026-11-22T20:00+08:00\n"};
    static struct arguments given;
    given = (struct arguments){.common = common};
    parse_arguments(&argp, "vslctl account as-of", count, arguments, &given);
    PGconn *connection = database_connect(&given.database);
    if (!connection)
        return EXIT_TRANSPORT;
    PGresult *begun = database_run(connection,
        "begin isolation level repeatable read, read only; set local jit = off", PGRES_COMMAND_OK,
        "begin a transaction");
    int status = begun ? answer(&given, connection) : EXIT_TRANSPORT;
    PQclear(begun);
    PQfinish(connection);
    return status;
}
