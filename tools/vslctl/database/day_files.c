/* day_files.c: vslctl day files: the files of an accounting date that is over.
 *
 * Reads the journal alone, on one snapshot and without writing, so a replica or a restored backup
 * will do. Each file is a query, sql/day/NAME.sql, whose head says what it lists. What does not
 * follow from what was before it is not written, and nothing else either.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "client/durable_file.h"
#include "text/format.h"
#include "vslctl/database/as_of.h"
#include "vslctl/database/database.h"
#include "vslctl/database/day.h"
#include "vslctl/database/ring.h"
#include "vslctl/database/sign.h"
#include "vslctl/vslctl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_INTO = 0x6a00,
    OPTION_FOR,
    OPTION_ALGORITHM,
};

static const struct argp_option options[] = {
    {"into", OPTION_INTO, "DIR", 0,
        "Make the folder DIR/day-LEDGER-DATE-READER, as a whole or not at all", 0},
    {"for", OPTION_FOR, "READER", 0,
        "Who reads it: bank, or platform, which is not told of claims and business freezes", 0},
    {"algorithm", OPTION_ALGORITHM, "NAME", 0,
        "Sign by the ring's key of this algorithm, ed25519 or sm2 (default: by the newest key)", 0},
    {0},
};

/* What is made, in this order; totals are compared by these places. */
enum { TRANSACTIONS, BALANCES, PAYOUTS, FEES, OPEN_ITEMS, BREAKS, GENERAL_LEDGER, CLAIMS };
static const struct {
    const char *name;
    bool is_for_bank_only;
} kinds[] = {
    [TRANSACTIONS] = {"transactions", false},
    [BALANCES] = {"balances", false},
    [PAYOUTS] = {"payouts", false},
    [FEES] = {"fees", false},
    [OPEN_ITEMS] = {"open_items", false},
    [BREAKS] = {"breaks", false},
    [GENERAL_LEDGER] = {"general_ledger", false},
    [CLAIMS] = {"claims", true},
};

struct arguments {
    struct common_options *common;
    struct database_options database;
    struct ring_options ring;
    struct as_of_options as_of;
    const char *into;
    const char *reader;
    const char *algorithm;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->as_of;
        state->child_inputs[1] = &given->database;
        state->child_inputs[2] = &given->ring;
        state->child_inputs[3] = given->common;
        return 0;
    case OPTION_INTO:
        given->into = argument;
        return 0;
    case OPTION_FOR:
        if (strcmp(argument, "bank") != 0 && strcmp(argument, "platform") != 0)
            argp_error(state, "--for takes bank or platform");
        given->reader = argument;
        return 0;
    case OPTION_ALGORITHM:
        given->algorithm = argument;
        return 0;
    case ARGP_KEY_END:
        if (given->as_of.ledger_id == 0)
            argp_error(state, "--ledger is required (or set VSL_LEDGER)");
        if (given->as_of.date == 0)
            argp_error(state, "--date is required: the accounting date");
        if (!given->reader)
            argp_error(state, "--for is required: who reads the files, bank or platform");
        if (!given->into)
            argp_error(state, "--into is required: where the folder is made");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- the day ---- */

/* The ledger and the batch as of the last command of the date ($2), and the last one before it: the
 * cut by which the date began, or what was before the ledger was opened. */
static const char sql_day[] =
    "select h.currency,"
    " to_char(c.recorded_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
    " (select identity from vsl.journal_identity where life = 1),"
    " (select identity from vsl.journal_identity where first_sequence <= $2::bigint"
    " order by life desc limit 1),"
    " b.batch_number, b.first_sequence, b.last_sequence, encode(b.digest, 'hex'),"
    " coalesce((select encode(p.digest, 'hex') from vsl.batch p"
    " where p.first_sequence < b.first_sequence and p.batch_number = b.batch_number - 1"
    " order by p.first_sequence desc limit 1), repeat('0', 64)),"
    " coalesce(b.key_number, 0), encode(b.code, 'hex'),"
    " (select min(h.sequence) - case when min(h.sequence) = $4::bigint then 1 else 0 end"
    " from vsl.ledger_history h where h.ledger_id = $1::bigint and h.sequence <= $2::bigint"
    " and " DAY_OF_IMAGE " >= $3::date)"
    " from (select * from vsl.ledger_history h where h.ledger_id = $1::bigint"
    " and h.sequence <= $2::bigint order by h.sequence desc limit 1) h,"
    " (select c.recorded_at from vsl.command c where c.sequence = $2::bigint) c,"
    " (select * from vsl.batch b where b.first_sequence <= $2::bigint"
    " order by b.first_sequence desc limit 1) b";

static void copy(char *ret_text, size_t text_bytes, const PGresult *row, int column)
{
    snprintf(ret_text, text_bytes, "%s", PQgetvalue(row, 0, column));
}

static int take_day(const struct key_ring *ring, const PGresult *row, struct day *day)
{
    if (PQntuples(row) != 1 || PQgetisnull(row, 0, 11) ||
        strtoll(PQgetvalue(row, 0, 6), NULL, 10) < day->last_sequence) {
        fprintf(stderr, "vslctl: the journal lacks the command or its batch; run vslctl verify\n");
        return EXIT_REFUSED;
    }
    copy(day->currency, sizeof day->currency, row, 0);
    copy(day->recorded_at, sizeof day->recorded_at, row, 1);
    copy(day->journal, sizeof day->journal, row, 2);
    copy(day->journal_life, sizeof day->journal_life, row, 3);
    copy(day->batch_number, sizeof day->batch_number, row, 4);
    copy(day->batch_first_sequence, sizeof day->batch_first_sequence, row, 5);
    copy(day->batch_last_sequence, sizeof day->batch_last_sequence, row, 6);
    copy(day->digest, sizeof day->digest, row, 7);
    copy(day->previous_digest, sizeof day->previous_digest, row, 8);
    day->before_sequence = strtoll(PQgetvalue(row, 0, 11), NULL, 10);
    if (!ring || ring_proves(ring, day->journal, day->batch_number, day->digest,
                     PQgetvalue(row, 0, 9), PQgetvalue(row, 0, 10)))
        return EXIT_ACCEPTED;
    fprintf(stderr, "vslctl: the last batch of the date has a wrong code: it is not what the "
                    "server wrote; run vslctl verify --keys\n");
    return EXIT_REFUSED;
}

static int find_day(
    const struct arguments *given, const struct key_ring *ring, PGconn *connection, struct day *day)
{
    char ledger[24], last[24], first[24], date[FORMAT_BYTES_MAX];
    int64_t first_sequence;
    int status = as_of_find(connection, given->as_of.ledger_id, given->as_of.date, 0,
        &first_sequence, &day->last_sequence);
    if (status != EXIT_ACCEPTED)
        return status;
    day->ledger_id = given->as_of.ledger_id;
    day->date = given->as_of.date;
    day->is_for_bank = strcmp(given->reader, "bank") == 0;
    snprintf(ledger, sizeof ledger, "%" PRId64, day->ledger_id);
    snprintf(last, sizeof last, "%" PRId64, day->last_sequence);
    snprintf(first, sizeof first, "%" PRId64, first_sequence);
    format_date(day->date, date);
    const char *values[] = {ledger, last, date, first};
    PGresult *row = database_ask(connection, sql_day, 4, values, "read the batch");
    if (!row)
        return EXIT_TRANSPORT;
    status = take_day(ring, row, day);
    PQclear(row);
    return status;
}

/* ---- its files ---- */

static int read_sql(const struct sql_files *files, const char *name, struct buffer *ret_text)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < files->count; i++) {
        if (strncmp(files->names[i], name, length) == 0 &&
            strcmp(files->names[i] + length, ".sql") == 0)
            return sql_files_read(files, i, ret_text);
    }
    fprintf(stderr, "vslctl: could not find day/%s.sql among the SQL files\n", name);
    return -1;
}

static int make_file(const struct sql_files *files, PGconn *connection,
    const struct day_folder *folder, const char *name, struct day *day)
{
    struct buffer sql = {0};
    struct day_file *file = &day->files[day->file_count];
    CHECK(day->file_count < DAY_FILES_MAX);
    snprintf(file->name, sizeof file->name, "%s.csv", name);
    FILE *body = NULL;
    FILE *out = NULL;
    int status = EXIT_TRANSPORT;
    if (read_sql(files, name, &sql) == 0 && (body = day_folder_scratch(folder)) != NULL &&
        (out = day_folder_open(folder, file->name)) != NULL)
        status = day_csv_write(day, connection, (const char *)sql.bytes, body, out, file);
    if (out) {
        int ended = day_folder_close(folder, file->name, out);
        status = status == EXIT_ACCEPTED ? ended : status;
    }
    if (body)
        fclose(body);
    buffer_finish(&sql);
    day->file_count++;
    return status;
}

static int64_t total(const struct day *day, int kind, const char *name)
{
    const struct day_total *found = day_total_of(&day->files[kind], name);
    CHECK(found != NULL);
    return found->minor;
}

/* What the files say together: of each bucket what it had, and what moved on the date. */
static int look_at_totals(const struct day *day)
{
    static const char *const names[] = {
        "opening_minor", "debits_minor", "credits_minor", "closing_minor"};
    bool is_right =
        total(day, BALANCES, "opening_minor") == 0 && total(day, BALANCES, "closing_minor") == 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        is_right &= total(day, BALANCES, names[i]) == total(day, GENERAL_LEDGER, names[i]);
    for (int i = 1; i < 3; i++)
        is_right &= total(day, BALANCES, names[i]) == total(day, TRANSACTIONS, names[i]);
    if (is_right)
        return EXIT_ACCEPTED;
    fprintf(stderr, "vslctl: the files do not add up with each other: nothing is written; run "
                    "vslctl check and vslctl verify\n");
    return EXIT_REFUSED;
}

static int make_manifest(
    const struct day_folder *folder, const struct day *day, struct buffer *manifest)
{
    day_manifest_make(day, manifest);
    FILE *out = day_folder_open(folder, DAY_MANIFEST);
    if (!out)
        return EXIT_TRANSPORT;
    fwrite(manifest->bytes, 1, manifest->length, out); /* what fails is told when it is closed */
    return day_folder_close(folder, DAY_MANIFEST, out);
}

/* ---- the signature ---- */

struct signer {
    const struct ring_key *key; /* NULL: nobody signs */
    EVP_PKEY *opened;
};

static int find_signer(
    const struct arguments *given, const struct key_ring *ring, struct signer *signer)
{
    if (!ring)
        return EXIT_ACCEPTED;
    signer->key = key_ring_active(ring, KEY_ANCHOR_SIGN, given->algorithm);
    signer->opened = signer->key ? sign_key_open(signer->key) : NULL;
    if (signer->opened)
        return EXIT_ACCEPTED;
    fprintf(stderr,
        "vslctl: the key ring has no active key for anchor-sign%s%s: make one by vslctl key new "
        "--purpose anchor-sign\n",
        given->algorithm ? " of " : "", given->algorithm ? given->algorithm : "");
    return EXIT_USAGE;
}

static int sign_aside(
    const struct day_folder *folder, const struct signer *signer, const struct buffer *manifest)
{
    struct buffer text = {0};
    FILE *out = signer->key ? day_folder_open(folder, DAY_SIGNATURE) : NULL;
    if (!signer->key)
        return EXIT_ACCEPTED;
    if (!out)
        return EXIT_TRANSPORT;
    day_sign(signer->key, signer->opened, manifest, &text);
    fwrite(text.bytes, 1, text.length, out);
    buffer_finish(&text);
    return day_folder_close(folder, DAY_SIGNATURE, out);
}

/* A folder that is there has the same files: one that was not signed is, one that was stays. */
static int sign_there(
    const struct day_folder *folder, const struct signer *signer, const struct buffer *manifest)
{
    char path[PATH_MAX];
    struct durable_file file;
    struct buffer text = {0};
    int length = snprintf(path, sizeof path, "%s/%s/" DAY_SIGNATURE, folder->into, folder->name);
    errno = ENAMETOOLONG;
    if (!signer->key)
        return EXIT_ACCEPTED;
    if (length >= (int)sizeof path || durable_begin(&file, path, 0666) != 0) {
        fprintf(stderr, "vslctl: could not write '%s': %s\n", path, durable_reason(errno));
        return EXIT_TRANSPORT;
    }
    int status = EXIT_ACCEPTED;
    FILE *there = fopen(path, "re");
    if (there) {
        fclose(there);
        if (!day_is_signed(path, manifest, signer->opened)) {
            fprintf(stderr,
                "vslctl: '%s' is there already, by another key or changed: it is left as it is\n",
                path);
            status = EXIT_REFUSED;
        }
    } else {
        day_sign(signer->key, signer->opened, manifest, &text);
        fwrite(text.bytes, 1, text.length, file.stream);
        buffer_finish(&text);
        if (durable_commit(&file) != 0) {
            fprintf(stderr, "vslctl: could not write '%s': %s\n", path, durable_reason(errno));
            status = EXIT_TRANSPORT;
        }
    }
    durable_abandon(&file);
    return status;
}

/* ---- the whole ---- */

static int end(struct day_folder *folder, const struct day *day, const struct signer *signer,
    const struct buffer *manifest)
{
    if (!day_folder_is_there(folder)) {
        int status = sign_aside(folder, signer, manifest);
        return status == EXIT_ACCEPTED ? day_folder_commit(folder) : status;
    }
    if (day_folder_is_same(folder, day))
        return sign_there(folder, signer, manifest);
    fprintf(stderr,
        "vslctl: '%s/%s' is left as it is. Find out by vslctl day verify --database and vslctl "
        "verify which of them the journal says\n",
        folder->into, folder->name);
    return EXIT_REFUSED;
}

static int make(const struct arguments *given, const struct key_ring *ring,
    const struct sql_files *files, PGconn *connection)
{
    static struct day day;
    char name[128], date[FORMAT_BYTES_MAX];
    struct day_folder folder = {.parent = -1, .aside = -1};
    struct signer signer = {0};
    struct buffer manifest = {0};
    day = (struct day){0};
    int status = find_day(given, ring, connection, &day);
    if (status == EXIT_ACCEPTED)
        status = find_signer(given, ring, &signer);
    if (status != EXIT_ACCEPTED)
        return status;
    format_date(day.date, date);
    snprintf(name, sizeof name, "day-%" PRId64 "-%s-%s", day.ledger_id, date, day_reader(&day));
    status = day_folder_begin(&folder, given->into, name);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && status == EXIT_ACCEPTED; i++) {
        if (day.is_for_bank || !kinds[i].is_for_bank_only)
            status = make_file(files, connection, &folder, kinds[i].name, &day);
    }
    if (status == EXIT_ACCEPTED)
        status = look_at_totals(&day);
    if (status == EXIT_ACCEPTED)
        status = make_manifest(&folder, &day, &manifest);
    if (status == EXIT_ACCEPTED)
        status = end(&folder, &day, &signer, &manifest);
    if (status == EXIT_ACCEPTED) {
        printf("%s/%s\n", given->into, name);
        if (!signer.key && !given->database.is_quiet)
            fprintf(stderr, "vslctl: nothing is signed: give --keys with a key for anchor-sign\n");
    }
    day_folder_abandon(&folder);
    buffer_finish(&manifest);
    EVP_PKEY_free(signer.opened);
    return status;
}

/* Reads on one snapshot; times as the service writes them wherever it is made. Of fresh partitions
 * the planner knows nothing: it would loop over what a hash finds at once. */
static int read_database(
    const struct arguments *given, const struct key_ring *ring, const struct sql_files *files)
{
    PGconn *connection = database_connect(&given->database);
    if (!connection)
        return EXIT_TRANSPORT;
    PGresult *result = database_run(connection,
        "begin isolation level repeatable read, read only; set local work_mem = '128MB'; "
        "set local timezone = 'UTC'; set local datestyle = 'ISO'; set local jit = off; "
        "set local enable_nestloop = off; set local statement_timeout = 0",
        PGRES_COMMAND_OK, "begin a transaction");
    int status = result ? make(given, ring, files, connection) : EXIT_TRANSPORT;
    PQclear(result);
    PQfinish(connection);
    return status;
}

int run_day_files(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&as_of_argp, 0, NULL, 0},
        {&database_argp, 0, NULL, 0}, {&ring_argp, 0, NULL, 0}, {&report_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Make the files of a ledger's accounting date that is over: transactions, balances, "
            "payouts, fees, open items, breaks, the summary for the general ledger, and for the "
            "bank claims; a manifest with the SHA-256 of each and the digest of the journal, and, "
            "where a key ring is given, a signature over it. It prints the folder.\v"
            "They say what the journal said at the end of the date, and are the same bytes "
            "whenever, by whomever and from whichever copy of the database they are made. Made "
            "again, a folder that is there is compared and left as it is; status 1 when it is "
            "another one. What does not follow from the balances before it is not written.\n"
            "\n"
            "CSV in UTF-8: the names of the head, the head with number of lines and totals, the "
            "names of the columns, the lines. Amounts are in minor units: above 0 came to the "
            "account, below 0 left it. A text that a spreadsheet would take for a formula, or "
            "that begins with an apostrophe, has an apostrophe in front.\n"
            "\n"
            "Examples:\n"
            "  vslctl day files --ledger 1 --date 2026-11-22 --for bank --into /var/lib/vsl/days\n"
            "  vslctl day files --ledger 1 --date 2026-11-22 --for platform --into . --keys ring\n"
            "\n"
            "Exit status: 0 made, or there already; 1 the date is not closed, or the folder that "
            "is there is another one; 3 the database could not be asked, or nothing be written.\n"};
    struct arguments given = {.common = common};
    struct sql_files files;
    parse_arguments(&argp, "vslctl day files", count, arguments, &given);
    bool has_ring = given.ring.file || given.ring.command;
    struct key_ring *ring = has_ring ? ring_open(&given.ring) : NULL;
    if (has_ring && !ring)
        return EXIT_USAGE;
    int status = EXIT_TRANSPORT;
    if (sql_files_find(&given.database, "day", &files) == 0) {
        status = read_database(&given, ring, &files);
        sql_files_finish(&files);
    }
    key_ring_close(ring);
    return status;
}
