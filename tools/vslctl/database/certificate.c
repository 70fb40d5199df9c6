/* certificate.c: vslctl certificate: whose money the escrow account held, as of one command.
 *
 * Reads the journal alone, never the state tables, on one snapshot and without writing, so a
 * replica or a restored backup does. The postings of the ledger are read once, in the order of the
 * disk: the balances are added up and compared with those that the postings recorded. The answer
 * comes row by row, so memory stays small whatever the number of accounts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/database/certificate.h"

#include "base/check.h"
#include "base/text.h"
#include "ceilings.h"
#include "client/durable_file.h"
#include "keys/seal.h"
#include "model/mask.h"
#include "model/personal.h"
#include "text/format.h"
#include "vslctl/database/as_of.h"
#include "vslctl/database/database.h"
#include "vslctl/database/ring.h"
#include "vslctl/vslctl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_SEQUENCE = 0x6600,
    OPTION_ACCOUNTS,
    OPTION_OUTPUT,
    OPTION_PLATFORM,
    OPTION_ESCROW,
};

static const struct argp_option options[] = {
    {"sequence", OPTION_SEQUENCE, "N", 0, "As of this command", 0},
    {"accounts", OPTION_ACCOUNTS, 0, 0, "List every account that has money, too", 0},
    {"output", OPTION_OUTPUT, "FILE", 0,
        "Write to this file, as a whole or not at all (default: to standard output)", 0},
    {"platform", OPTION_PLATFORM, "NAME", 0,
        "Show the platform's name, which must be this one; otherwise it is masked", 0},
    {"escrow", OPTION_ESCROW, "NUMBER", 0,
        "Show the number of the escrow account, which must be this one; otherwise it is masked", 0},
    {0},
};

/* Of one bucket; the service takes no amounts by which a ledger could come near. So many of these
 * add up within 64 bits. */
#define SUM_MAX (INT64_MAX / (8 * CERTIFICATE_KINDS_MAX))

struct arguments {
    struct common_options *common;
    struct database_options database;
    struct ring_options ring;
    struct as_of_options as_of;
    int64_t sequence;
    bool has_accounts;
    const char *output;
    const char *platform;
    const char *escrow;
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
    case OPTION_SEQUENCE:
        if (!parse_integer(argument, 1, INT64_MAX, &given->sequence))
            argp_error(state, "--sequence takes a sequence number, 1 or more");
        return 0;
    case OPTION_ACCOUNTS:
        given->has_accounts = true;
        return 0;
    case OPTION_OUTPUT:
        given->output = argument;
        return 0;
    case OPTION_PLATFORM:
        given->platform = argument;
        return 0;
    case OPTION_ESCROW:
        given->escrow = argument;
        return 0;
    case ARGP_KEY_END:
        if (given->as_of.ledger_id == 0)
            argp_error(state, "--ledger is required (or set VSL_LEDGER)");
        if ((given->as_of.date == 0) == (given->sequence == 0))
            argp_error(state, "either --date or --sequence says as of when");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- what is asked ---- */

/* The ledger and the batch as of a command. */
static const char sql_head[] =
    "select h.currency, h.receiving_prefix, h.platform_name, h.escrow_account_number,"
    " " DAY_OF_IMAGE
    ", to_char(c.recorded_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
    " (select identity from vsl.journal_identity where life = 1),"
    " (select identity from vsl.journal_identity where first_sequence <= $2::bigint"
    " order by life desc limit 1),"
    " b.batch_number, b.first_sequence, b.last_sequence, encode(b.digest, 'hex'),"
    " coalesce((select encode(p.digest, 'hex') from vsl.batch p"
    " where p.first_sequence < b.first_sequence and p.batch_number = b.batch_number - 1"
    " order by p.first_sequence desc limit 1), repeat('0', 64))"
    " from (select * from vsl.ledger_history h where h.ledger_id = $1::bigint"
    " and h.sequence <= $2::bigint order by h.sequence desc limit 1) h,"
    " (select c.recorded_at from vsl.command c where c.sequence = $2::bigint) c,"
    " (select * from vsl.batch b where b.first_sequence <= $2::bigint"
    " order by b.first_sequence desc limit 1) b";

/* Kinds first, then accounts that have money, without ESCROW (kind 2), each with its four balances.
 *
 * Both what the amounts add up to and what the newest posting recorded are worked out: is_wrong
 * where they differ, and where money is on an account that was never opened. One pass over the
 * postings of the segments between the ledger's first command and the last: a balance that has not
 * moved for long could be looked up by index, but to find that a bucket was never moved all
 * postings of its account would be read anyway, in the order of the index.
 *
 * Parameters: ledger, its first command, the last one wanted, whether accounts are wanted. */
static const char sql_balances[] =
    "with side as ("
    " select s.account_id, s.bucket, s.amount, p.sequence, p.line, s.balance"
    " from vsl.posting p cross join lateral (values"
    " (p.debit_account_id, p.debit_bucket, -p.amount, p.debit_balance),"
    " (p.credit_account_id, p.credit_bucket, p.amount, p.credit_balance))"
    " s (account_id, bucket, amount, balance)"
    " where p.ledger_id = $1::bigint and p.sequence between $2::bigint and $3::bigint"
    "), bucket as ("
    " select account_id, bucket, sum(amount) as total,"
    " (max(array[sequence, line::bigint, balance]))[3] as newest"
    " from side group by account_id, bucket"
    "), balance as ("
    " select account_id, bool_or(total <> newest) as is_wrong,"
    " sum(total) filter (where bucket = 0) as available,"
    " sum(total) filter (where bucket = 1) as pending_in,"
    " sum(total) filter (where bucket = 2) as pending_out,"
    " sum(total) filter (where bucket = 3) as frozen"
    " from bucket group by account_id"
    "), image as ("
    " select account_id, min(kind) as kind, min(member_id) as member_id,"
    " (max(array[sequence, status::bigint]))[2] as status"
    " from vsl.account_history"
    " where ledger_id = $1::bigint and sequence between $2::bigint and $3::bigint"
    " group by account_id"
    "), whole as materialized ("
    " select i.kind, coalesce(i.account_id, b.account_id) as account_id, i.member_id, i.status,"
    " coalesce(b.available, 0) as available, coalesce(b.pending_in, 0) as pending_in,"
    " coalesce(b.pending_out, 0) as pending_out, coalesce(b.frozen, 0) as frozen,"
    " coalesce(b.is_wrong, false) or i.kind is null as is_wrong"
    " from image i full join balance b using (account_id)"
    /* Accounts of the kinds 9 and 10 hold units of products, and no money. */
    " where coalesce(i.kind, 0) not in (9, 10)"
    "), member as ("
    " select member_id, min(platform_member_id) as platform_member_id from vsl.member_history"
    " where ledger_id = $1::bigint and sequence between $2::bigint and $3::bigint"
    " group by member_id"
    ")"
    " select 0 as part, coalesce(kind, 0) as kind, null::bigint as account_id, count(*),"
    " count(*) filter (where status = 1), null::bigint, null::text,"
    " sum(available), sum(pending_in), sum(pending_out), sum(frozen), bool_or(is_wrong)"
    " from whole group by kind"
    " union all"
    " select 1, w.kind, w.account_id, null, (w.status = 1)::integer, w.member_id,"
    " m.platform_member_id, w.available, w.pending_in, w.pending_out, w.frozen, w.is_wrong"
    " from whole w left join member m using (member_id)"
    " where $4::boolean and w.kind <> 2 and (w.available, w.pending_in, w.pending_out, w.frozen) "
    "<> (0, 0, 0, 0)"
    " order by 1, 2, 3";

static int64_t number_at(const PGresult *result, int row, int column)
{
    return strtoll(PQgetvalue(result, row, column), NULL, 10);
}

static void copy(char *ret_text, size_t text_bytes, const PGresult *result, int column)
{
    snprintf(ret_text, text_bytes, "%s", PQgetvalue(result, 0, column));
}

/* ---- whose ledger ---- */

/* Shows a personal value: as it is when the caller knows it, else its mask. The ledger's own values
 * are sealed before it has an id. An exit status, with a message. */
static int show(struct sealer *sealer, enum personal_kind kind, const char *value,
    const char *known, const char *what, char ret_text[CERTIFICATE_TEXT_BYTES_MAX])
{
    char plain[CERTIFICATE_TEXT_BYTES_MAX];
    struct text text = text_of(value);
    uint32_t length = 0;
    enum opening end = text.length < sizeof plain
                           ? sealer_open(sealer, (uint8_t)kind, 0, text, plain, &length)
                           : OPENING_DAMAGED;
    if (end == OPENING_NO_KEY) {
        fprintf(stderr,
            "vslctl: the %s is sealed by key %" PRId32 ": give the key ring that has it (--keys)\n",
            what, sealed_key(text));
        return EXIT_USAGE;
    }
    if (end == OPENING_DAMAGED) {
        fprintf(stderr, "vslctl: the %s cannot be opened: it was changed, or the key is another\n",
            what);
        return EXIT_REFUSED;
    }
    plain[length] = '\0';
    if (known && strcmp(known, plain) != 0) {
        fprintf(stderr, "vslctl: the %s of this ledger is another one\n", what);
        explicit_bzero(plain, sizeof plain);
        return EXIT_REFUSED;
    }
    length = known ? length : mask_value(kind, (struct text){plain, length}, plain);
    memcpy(ret_text, plain, length);
    ret_text[length] = '\0';
    explicit_bzero(plain, sizeof plain);
    return EXIT_ACCEPTED;
}

static int take_head(const struct arguments *given, struct sealer *sealer, const PGresult *row,
    struct certificate *certificate)
{
    if (PQntuples(row) != 1) {
        fprintf(stderr, "vslctl: the journal lacks the command or its batch; run vslctl verify\n");
        return EXIT_REFUSED;
    }
    copy(certificate->currency, sizeof certificate->currency, row, 0);
    copy(certificate->receiving_prefix, sizeof certificate->receiving_prefix, row, 1);
    size_t digits = strspn(certificate->receiving_prefix, "0123456789");
    if (digits < RECEIVING_PREFIX_DIGITS_MIN || digits > RECEIVING_PREFIX_DIGITS_MAX ||
        certificate->receiving_prefix[digits] != '\0') {
        fprintf(stderr, "vslctl: the ledger's record was changed; run vslctl verify\n");
        return EXIT_REFUSED;
    }
    copy(certificate->date, sizeof certificate->date, row, 4);
    if (given->as_of.date != 0) {
        char date[FORMAT_BYTES_MAX];
        format_date(given->as_of.date, date);
        snprintf(certificate->date, sizeof certificate->date, "%.10s", date);
    }
    copy(certificate->recorded_at, sizeof certificate->recorded_at, row, 5);
    copy(certificate->journal, sizeof certificate->journal, row, 6);
    copy(certificate->journal_life, sizeof certificate->journal_life, row, 7);
    certificate->batch_number = number_at(row, 0, 8);
    certificate->batch_first_sequence = number_at(row, 0, 9);
    certificate->batch_last_sequence = number_at(row, 0, 10);
    copy(certificate->digest, sizeof certificate->digest, row, 11);
    copy(certificate->previous_digest, sizeof certificate->previous_digest, row, 12);
    int status = show(sealer, PERSONAL_NAME, PQgetvalue(row, 0, 2), given->platform,
        "platform's name", certificate->platform_name);
    if (status == EXIT_ACCEPTED)
        status = show(sealer, PERSONAL_ACCOUNT_NUMBER, PQgetvalue(row, 0, 3), given->escrow,
            "number of the escrow account", certificate->escrow_account_number);
    return status;
}

/* ---- the balances ---- */

struct reading {
    struct certificate *certificate;
    const struct certificate_form *form;
    FILE *out;
    bool has_begun;
    bool has_account;
};

static int say_wrong(void)
{
    fprintf(stderr,
        "vslctl: the postings and the balances that they recorded do not agree: nothing "
        "is certified; run vslctl check and vslctl verify\n");
    return EXIT_REFUSED;
}

/* Without ESCROW everything would add up to nothing. */
static bool has_one_escrow(const struct certificate *certificate)
{
    for (int i = 0; i < certificate->kind_count; i++) {
        if (certificate->kinds[i].kind == ACCOUNT_ESCROW)
            return certificate->kinds[i].count == 1;
    }
    return false;
}

/* All kinds are known: looks whether they add up, and begins. */
static int begin(struct reading *reading)
{
    const struct certificate *certificate = reading->certificate;
    if (reading->has_begun)
        return EXIT_ACCEPTED;
    struct certificate_sums total = certificate_total(certificate);
    if (!has_one_escrow(certificate) || certificate_held(&total) != certificate_escrow(certificate))
        return say_wrong();
    reading->has_begun = true;
    reading->form->begin(reading->out, certificate);
    return EXIT_ACCEPTED;
}

/* Takes a row of sql_balances. */
static int take_row(struct reading *reading, const PGresult *row)
{
    struct certificate *certificate = reading->certificate;
    struct certificate_sums sums;
    if (PQgetvalue(row, 0, 11)[0] != 'f')
        return say_wrong();
    for (int i = 0; i < 4; i++) {
        if (!parse_integer(PQgetvalue(row, 0, 7 + i), -SUM_MAX, SUM_MAX, &sums.balance_minor[i]))
            return say_wrong();
    }
    if (number_at(row, 0, 0) == 0) {
        if (certificate->kind_count == CERTIFICATE_KINDS_MAX)
            return say_wrong();
        certificate->kinds[certificate->kind_count++] =
            (struct certificate_kind){.kind = (int32_t)number_at(row, 0, 1),
                .count = number_at(row, 0, 3),
                .open_count = number_at(row, 0, 4),
                .sums = sums};
        return EXIT_ACCEPTED;
    }
    int status = begin(reading);
    if (status != EXIT_ACCEPTED)
        return status;
    struct certificate_account account = {.account_id = number_at(row, 0, 2),
        .kind = (int32_t)number_at(row, 0, 1),
        .is_open = number_at(row, 0, 4) == 1,
        .member_id = number_at(row, 0, 5),
        .platform_member_id = PQgetvalue(row, 0, 6),
        .sums = sums};
    reading->form->account(reading->out, certificate, &account, !reading->has_account);
    reading->has_account = true;
    return EXIT_ACCEPTED;
}

/* Streams the balances into the form. An exit status, with a message. */
static int take_balances(
    PGconn *connection, struct reading *reading, int count, const char *const *values)
{
    int status = EXIT_ACCEPTED;
    PGresult *result;
    bool is_sent =
        PQsendQueryParams(connection, sql_balances, count, NULL, values, NULL, NULL, 0) == 1 &&
        PQsetSingleRowMode(connection) == 1;
    bool is_whole = false;
    while (is_sent && (result = PQgetResult(connection)) != NULL) {
        if (PQresultStatus(result) == PGRES_SINGLE_TUPLE && status == EXIT_ACCEPTED)
            status = take_row(reading, result);
        is_whole = is_whole || PQresultStatus(result) == PGRES_TUPLES_OK;
        PQclear(result);
    }
    if (!is_whole) {
        fprintf(stderr, "vslctl: could not read the balances: %s", PQerrorMessage(connection));
        return EXIT_TRANSPORT;
    }
    if (status == EXIT_ACCEPTED)
        status = begin(reading);
    if (status == EXIT_ACCEPTED)
        reading->form->end(reading->out, reading->certificate);
    return status;
}

/* ---- the whole ---- */

static int certify(
    const struct arguments *given, PGconn *connection, struct sealer *sealer, FILE *out)
{
    static struct certificate certificate;
    char ledger[24];
    char first[24];
    char last[24];
    int64_t first_sequence = 0;
    certificate = (struct certificate){.ledger_id = given->as_of.ledger_id,
        .is_end_of_date = given->as_of.date != 0,
        .has_accounts = given->has_accounts};
    snprintf(ledger, sizeof ledger, "%" PRId64, given->as_of.ledger_id);
    int status = as_of_find(connection, given->as_of.ledger_id, given->as_of.date, given->sequence,
        &first_sequence, &certificate.as_of_sequence);
    if (status != EXIT_ACCEPTED)
        return status;
    snprintf(first, sizeof first, "%" PRId64, first_sequence);
    snprintf(last, sizeof last, "%" PRId64, certificate.as_of_sequence);
    const char *head[] = {ledger, last};
    PGresult *row = database_ask(connection, sql_head, 2, head, "read the batch");
    if (!row)
        return EXIT_TRANSPORT;
    status = take_head(given, sealer, row, &certificate);
    PQclear(row);
    if (status != EXIT_ACCEPTED)
        return status;
    struct reading reading = {.certificate = &certificate,
        .form = given->common->is_json ? &certificate_json : &certificate_html,
        .out = out};
    const char *balances[] = {ledger, first, last, given->has_accounts ? "t" : "f"};
    return take_balances(connection, &reading, 4, balances);
}

/* Reads on one snapshot. */
static int read_database(const struct arguments *given, struct sealer *sealer, FILE *out)
{
    PGconn *connection = database_connect(&given->database);
    if (!connection)
        return EXIT_TRANSPORT;
    /* Partitioned tables have no statistics: the planner would sort on disk what fits in memory. */
    PGresult *result = database_run(connection,
        "begin isolation level repeatable read, read only; set local work_mem = '256MB'; "
        "set local enable_sort = off",
        PGRES_COMMAND_OK, "begin a transaction");
    int status = result ? certify(given, connection, sealer, out) : EXIT_TRANSPORT;
    PQclear(result);
    PQfinish(connection);
    return status;
}

/* Writes to a file, which is there as a whole or not at all. */
static int write_file(const struct arguments *given, struct sealer *sealer)
{
    struct durable_file file;
    if (durable_begin(&file, given->output, 0666) != 0) {
        fprintf(stderr, "vslctl: could not write '%s': %s\n", given->output, durable_reason(errno));
        return EXIT_USAGE;
    }
    int status = read_database(given, sealer, file.stream);
    if (status == EXIT_ACCEPTED && durable_commit(&file) != 0) {
        fprintf(stderr, "vslctl: could not write '%s': %s\n", given->output, durable_reason(errno));
        status = EXIT_TRANSPORT;
    }
    durable_abandon(&file);
    return status;
}

int run_certificate(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&as_of_argp, 0, NULL, 0},
        {&database_argp, 0, NULL, 0}, {&ring_argp, 0, NULL, 0}, {&report_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Certify whose money the escrow account held: the balances of a ledger per kind of "
            "account, and with --accounts per account, as of the end of an accounting date or as "
            "of a command. They add up to the escrow account, or nothing is certified. It is "
            "printable HTML in Chinese and English, or JSON (--json).\v"
            "It comes from the journal alone and holds nothing of the moment when it is made: so "
            "it is the same bytes whenever, and from whichever copy of the database, it is made. "
            "The digest of its batch proves all that the journal says up to there: vslctl verify "
            "--keys --anchor. The ring is needed when the ledger's names are sealed. All postings "
            "of the "
            "ledger are read once: some seconds a million.\n"
            "\n"
            "Examples:\n"
            "  vslctl certificate --database ... --keys ring --ledger 1 --date 2026-11-22 "
            "--output day.html\n"
            "  vslctl certificate --database ... --keys ring --ledger 1 --sequence 4711 --accounts "
            "--json\n"};
    struct arguments given = {.common = common};
    char error[512];
    parse_arguments(&argp, "vslctl certificate", count, arguments, &given);
    struct key_ring *ring = NULL;
    struct sealer *sealer = NULL;
    int status = EXIT_ACCEPTED;
    if (given.ring.file || given.ring.command) {
        ring = ring_open(&given.ring);
        sealer = ring ? sealer_create(ring, error, sizeof error) : NULL;
        if (ring && !sealer)
            fprintf(stderr, "vslctl: %s\n", error);
        status = sealer ? EXIT_ACCEPTED : EXIT_USAGE;
    }
    if (status == EXIT_ACCEPTED)
        status = given.output ? write_file(&given, sealer) : read_database(&given, sealer, stdout);
    sealer_destroy(sealer);
    key_ring_close(ring);
    return status;
}
