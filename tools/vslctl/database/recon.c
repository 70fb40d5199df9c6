/* recon.c: see recon.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/database/recon.h"

#include "base/check.h"
#include "base/fold.h"
#include "base/reader.h"
#include "client/journal_end.h"
#include "text/format.h"

#include "vsl/v1/journal.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_ROWS "20000"
#define REFUSALS_SHOWN_MAX 5
#define CLASS_HAS_REFERENCE 1
#define CLASS_HAS_ACCOUNT 2

enum { OPTION_LEDGER = 0x6900 };

static const struct argp_option options[] = {
    {"ledger", OPTION_LEDGER, "ID", 0, "The ledger (default: $VSL_LEDGER)", 1},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct recon *recon = state->input;
    const char *default_ledger = getenv("VSL_LEDGER");
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &recon->database;
        state->child_inputs[1] = recon->common;
        return 0;
    case OPTION_LEDGER:
        if (!parse_integer(argument, 1, INT64_MAX, &recon->ledger_id))
            argp_error(state, "--ledger takes a whole number, 1 or more");
        return 0;
    case ARGP_KEY_END:
        if (recon->ledger_id == 0 && default_ledger &&
            !parse_integer(default_ledger, 1, INT64_MAX, &recon->ledger_id))
            argp_error(state, "$VSL_LEDGER must be a ledger's id");
        if (recon->ledger_id == 0)
            argp_error(state, "--ledger is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    {&database_argp, 0, NULL, 0}, {&common_argp, 0, "Output:", 90}, {0}};
const struct argp recon_argp = {.options = options, .parser = parse, .children = children};

/* ---- SQL ---- */

const char *recon_text(struct recon *recon, const char *name)
{
    for (size_t i = 0; i < recon->files.count; i++) {
        size_t length = strlen(name);
        if (strncmp(recon->files.names[i], name, length) == 0 &&
            strcmp(recon->files.names[i] + length, ".sql") == 0)
            return sql_files_read(&recon->files, i, &recon->text) == 0
                       ? (const char *)recon->text.bytes
                       : NULL;
    }
    fprintf(stderr, "vslctl: could not find recon/%s.sql among the SQL files\n", name);
    return NULL;
}

PGresult *recon_ask(
    struct recon *recon, const char *name, int count, const char *const *values, const char *what)
{
    const char *sql = recon_text(recon, name);
    return sql ? database_ask(recon->connection, sql, count, values, what) : NULL;
}

int recon_ask_each(struct recon *recon, const char *name, int count, const char *const *values,
    int format, const char *what, void (*on_row)(void *context, const PGresult *row), void *context)
{
    const char *sql = recon_text(recon, name);
    if (!sql)
        return EXIT_TRANSPORT;
    bool is_whole = false;
    PGresult *result;
    bool is_sent =
        PQsendQueryParams(recon->connection, sql, count, NULL, values, NULL, NULL, format) == 1 &&
        PQsetSingleRowMode(recon->connection) == 1;
    while (is_sent && (result = PQgetResult(recon->connection)) != NULL) {
        is_whole |= PQresultStatus(result) == PGRES_TUPLES_OK;
        if (PQresultStatus(result) == PGRES_SINGLE_TUPLE)
            on_row(context, result);
        PQclear(result);
    }
    if (is_whole)
        return EXIT_ACCEPTED;
    fprintf(stderr, "vslctl: could not %s: %s", what, PQerrorMessage(recon->connection));
    return EXIT_TRANSPORT;
}

const char *recon_kind_name(int64_t kind)
{
    static const char *const names[] = {"line", "payout", "return", "receipt"};
    CHECK(kind >= 0 && (size_t)kind < sizeof names / sizeof *names);
    return names[kind];
}

int64_t recon_number(const PGresult *rows, int row, int column)
{
    return strtoll(PQgetvalue(rows, row, column), NULL, 10);
}

bool recon_flag(const PGresult *rows, int row, int column)
{
    return PQgetvalue(rows, row, column)[0] == 't';
}

static int run(PGconn *connection, const char *sql, const char *what)
{
    PGresult *result = database_run(connection, sql, PGRES_COMMAND_OK, what);
    PQclear(result);
    return result ? 0 : -1;
}

/* ---- is it one journal ---- */

/* What the server calls the journal; false with a message. */
static bool ask_identity(struct recon *recon, int64_t sequence, const char *database_identity)
{
    Vsl__V1__GetCommandRequest request;
    vsl__v1__get_command_request__init(&request);
    request.sequence = sequence;
    const Vsl__V1__GetCommandResponse *answer = (const Vsl__V1__GetCommandResponse *)context_call(
        &recon->context, &vsl__v1__journal_service__descriptor, "GetCommand", &request.base);
    if (!answer)
        return false;
    if (strcmp(answer->journal_identity, database_identity) == 0)
        return true;
    fprintf(stderr,
        "vslctl: the database has another journal than the server (%s, not %s): name the database "
        "that this server writes\n",
        database_identity, answer->journal_identity);
    return false;
}

static int check_journal(struct recon *recon, int64_t server_end)
{
    char ledger[RECON_NUMBER_BYTES];
    snprintf(ledger, sizeof ledger, "%" PRId64, recon->ledger_id);
    const char *const values[] = {ledger};
    PGresult *row = database_ask(recon->connection,
        "select (select identity::text from vsl.journal_identity order by life desc limit 1),"
        " (select coalesce(max(b.last_sequence), 0) from vsl.batch b),"
        " (select min(h.sequence) from vsl.ledger_history h where h.ledger_id = $1::bigint),"
        " exists (select from vsl.bank_statement_history h where h.ledger_id = $1::bigint"
        " and h.status in (2, 3))",
        1, values, "read the journal's end");
    if (!row)
        return EXIT_TRANSPORT;
    int status = EXIT_ACCEPTED;
    int64_t end = recon_number(row, 0, 1);
    if (end < server_end) {
        fprintf(stderr,
            "vslctl: the database ends with command %" PRId64 " and the server's journal with "
            "%" PRId64 ": name the database that this server writes, no replica or copy\n",
            end, server_end);
        status = EXIT_TRANSPORT;
    } else if (PQgetisnull(row, 0, 2)) {
        fprintf(stderr, "vslctl: the database has no ledger %" PRId64 "\n", recon->ledger_id);
        status = EXIT_TRANSPORT;
    } else if (!ask_identity(recon, recon_number(row, 0, 2), PQgetvalue(row, 0, 0))) {
        status = EXIT_TRANSPORT;
    } else if (!recon_flag(row, 0, 3)) {
        fprintf(stderr,
            "vslctl: ledger %" PRId64 " has no statement of the bank that is closed: 'vslctl "
            "statement load' loads them\n",
            recon->ledger_id);
        status = EXIT_REFUSED;
    }
    PQclear(row);
    return status;
}

static int check_schema(struct recon *recon)
{
    PGresult *row = database_run(recon->connection,
        "select to_regclass('vsl.match_rule') is not null, pg_is_in_recovery()", PGRES_TUPLES_OK,
        "look at the schema");
    if (!row)
        return -1;
    bool has_schema = recon_flag(row, 0, 0);
    bool is_replica = recon_flag(row, 0, 1);
    PQclear(row);
    if (!has_schema)
        fprintf(stderr, "vslctl: the database has no journal of this version: 'vslctl migrate' "
                        "brings it there\n");
    else if (is_replica)
        fprintf(stderr, "vslctl: the database is a replica, where no session can have tables of "
                        "its own: name the primary\n");
    return has_schema && !is_replica ? 0 : -1;
}

/* ---- items ---- */

/* One of the first source's rows, in binary. */
struct item {
    int64_t kind, id, left_minor, is_touched, day, evidence, amount_minor, is_pending;
    struct text bank_reference, end_to_end_id, order_number, remark;
    const struct party *party;
};

int64_t recon_binary_number(const PGresult *rows, int row, int column)
{
    int length = PQgetlength(rows, row, column);
    struct reader in = reader_of(PQgetvalue(rows, row, column), (size_t)length);
    switch (length) {
    case 1:
        return reader_u8(&in);
    case 2:
        return (int16_t)reader_u16(&in);
    case 4:
        return (int32_t)reader_u32(&in);
    default:
        CHECK(length == 8);
        return (int64_t)reader_u64(&in);
    }
}

struct text recon_binary_text(const PGresult *rows, int row, int column)
{
    return (struct text){
        .bytes = PQgetvalue(rows, row, column), .length = (uint32_t)PQgetlength(rows, row, column)};
}

bool recon_read_body(
    int64_t kind, struct text body, struct command_elements *elements, struct command *ret_command)
{
    return command_body_decode((enum command_kind)kind, (const uint8_t *)body.bytes, body.length,
               elements, ret_command) == 0;
}

static void take_texts(struct item *item, const struct command *command)
{
    switch ((int)command->kind) {
    case COMMAND_ADD_STATEMENT_LINE:
        item->bank_reference = command->add_statement_line.bank_reference;
        item->end_to_end_id = command->add_statement_line.end_to_end_id;
        item->party = &command->add_statement_line.counterparty;
        item->remark = command->add_statement_line.remark;
        break;
    case COMMAND_BOOK_RECEIPT:
        item->bank_reference = command->book_receipt.bank_reference;
        item->party = &command->book_receipt.payer;
        break;
    case COMMAND_WITHDRAW:
        item->end_to_end_id = command->withdraw.end_to_end_id;
        item->party = &command->withdraw.destination;
        break;
    default:
        break;
    }
}

/* As COPY takes a text; null when it is empty. */
static void put_text(struct buffer *out, struct text text)
{
    buffer_append_u8(out, '\t');
    if (text.length == 0)
        buffer_append(out, "\\N", 2);
    for (uint32_t i = 0; i < text.length; i++) {
        char byte = text.bytes[i];
        if (byte == '\\' || byte == '\t' || byte == '\n' || byte == '\r') {
            buffer_append_u8(out, '\\');
            byte = byte == '\t' ? 't' : byte == '\n' ? 'n' : byte == '\r' ? 'r' : byte;
        }
        buffer_append_u8(out, (uint8_t)byte);
    }
}

static void put_reference(struct buffer *out, struct text text)
{
    char folded[REFERENCE_BYTES_MAX];
    bool fits = text.length <= sizeof folded;
    uint32_t length = fits ? fold_reference(text, folded) : 0;
    put_text(out, fits ? (struct text){.bytes = folded, .length = length} : text);
}

static void put_item(struct recon *recon, const struct item *item, struct buffer *out)
{
    char numbers[256];
    struct text none = {0};
    struct text account = item->party ? item->party->account_number : none;
    char folded[REFERENCE_BYTES_MAX];
    bool has_reference =
        item->bank_reference.length > 0 && (item->bank_reference.length > sizeof folded ||
                                               fold_reference(item->bank_reference, folded) > 0);
    int class =
        (has_reference ? CLASS_HAS_REFERENCE : 0) | (account.length > 0 ? CLASS_HAS_ACCOUNT : 0);
    int length = snprintf(numbers, sizeof numbers,
        "%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%c\t%" PRId64,
        ++recon->item_count, item->kind, item->id, item->evidence, item->left_minor,
        item->is_touched ? 't' : 'f', item->day);
    CHECK(length > 0 && (size_t)length < sizeof numbers);
    buffer_append(out, numbers, (size_t)length);
    put_reference(out, item->bank_reference);
    put_reference(out, item->end_to_end_id);
    put_reference(out, item->order_number);
    put_text(out, account);
    put_text(out, item->party ? item->party->name : none);
    length = snprintf(numbers, sizeof numbers, "\t%d\t\\N\t%" PRId64 "\t%c", class,
        item->amount_minor, item->is_pending ? 't' : 'f');
    buffer_append(out, numbers, (size_t)length);
    put_text(out, item->remark);
    buffer_append_u8(out, '\n');
}

/* Columns as lines.sql and bookings.sql have them. */
static int put_row(struct recon *recon, const PGresult *rows, int row, struct buffer *out)
{
    static struct command_elements elements, elements_of_word;
    static struct command command, word;
    struct item item = {.kind = recon_binary_number(rows, row, 0),
        .id = recon_binary_number(rows, row, 1),
        .left_minor = recon_binary_number(rows, row, 2),
        .is_touched = recon_binary_number(rows, row, 3),
        .day = recon_binary_number(rows, row, 4),
        .order_number = recon_binary_text(rows, row, 8),
        .evidence = recon_binary_number(rows, row, 9),
        .amount_minor = recon_binary_number(rows, row, 10),
        .is_pending = recon_binary_number(rows, row, 11)};
    bool has_word = !PQgetisnull(rows, row, 7);
    if (!recon_read_body(recon_binary_number(rows, row, 5), recon_binary_text(rows, row, 6),
            &elements, &command) ||
        (has_word && !recon_read_body(COMMAND_CONFIRM_PAYOUT, recon_binary_text(rows, row, 7),
                         &elements_of_word, &word))) {
        fprintf(stderr,
            "vslctl: could not read command %" PRId64 " or the bank's word on it: is this vslctl "
            "older than the server?\n",
            item.evidence);
        return -1;
    }
    take_texts(&item, &command);
    if (has_word)
        item.bank_reference = word.confirm_payout.bank_reference;
    put_item(recon, &item, out);
    return 0;
}

static int copy_in(struct recon *recon, const struct buffer *bytes)
{
    PGresult *result = database_run(
        recon->connection, "copy pg_temp.item from stdin", PGRES_COPY_IN, "keep items");
    PQclear(result);
    if (!result)
        return -1;
    bool is_sent =
        PQputCopyData(recon->connection, (const char *)bytes->bytes, (int)bytes->length) == 1 &&
        PQputCopyEnd(recon->connection, NULL) == 1;
    PGresult *end = PQgetResult(recon->connection);
    bool is_kept = is_sent && PQresultStatus(end) == PGRES_COMMAND_OK;
    if (!is_kept)
        fprintf(stderr, "vslctl: could not keep items: %s", PQerrorMessage(recon->connection));
    PQclear(end);
    while ((end = PQgetResult(recon->connection)) != NULL)
        PQclear(end);
    return is_kept ? 0 : -1;
}

static bool send_fetch(struct recon *recon)
{
    return PQsendQueryParams(recon->snapshot, "fetch " PAGE_ROWS " from source", 0, NULL, NULL,
               NULL, NULL, 1) == 1;
}

/* The page that was asked for last; NULL when there is none. */
static PGresult *take_page(struct recon *recon)
{
    PGresult *page = PQgetResult(recon->snapshot);
    for (PGresult *more; page && (more = PQgetResult(recon->snapshot)) != NULL;)
        PQclear(more);
    if (PQresultStatus(page) == PGRES_TUPLES_OK)
        return page;
    PQclear(page);
    return NULL;
}

static int put_page(struct recon *recon, const PGresult *page, struct buffer *bytes)
{
    buffer_clear(bytes);
    for (int row = 0; row < PQntuples(page); row++) {
        if (put_row(recon, page, row, bytes) != 0)
            return -1;
    }
    return bytes->length > 0 ? copy_in(recon, bytes) : 0;
}

/* Reads the rows of a source page by page; the next one is made while one is kept. */
static int take_source(
    struct recon *recon, const char *name, const char *what, const char *has_matched)
{
    char ledger[RECON_NUMBER_BYTES];
    snprintf(ledger, sizeof ledger, "%" PRId64, recon->ledger_id);
    const char *const values[] = {ledger, has_matched};
    struct buffer sql = {0}, bytes = {0};
    const char *source = recon_text(recon, name);
    if (!source)
        return -1;
    buffer_append(&sql, "declare source no scroll cursor for\n", 36);
    buffer_append(&sql, source, strlen(source) + 1);
    PGresult *opened =
        PQexecParams(recon->snapshot, (const char *)sql.bytes, 2, NULL, values, NULL, NULL, 0);
    bool is_read = PQresultStatus(opened) == PGRES_COMMAND_OK && send_fetch(recon);
    bool is_kept = true, has_more = true;
    PQclear(opened);
    while (is_read && is_kept && has_more) {
        PGresult *page = take_page(recon);
        has_more = PQntuples(page) > 0;
        is_read = page && (!has_more || send_fetch(recon));
        is_kept = !is_read || put_page(recon, page, &bytes) == 0;
        PQclear(page);
        if (progress_is_due(&recon->progress))
            progress_show(&recon->progress, "%s: %" PRId64, what, recon->item_count);
    }
    buffer_finish(&sql);
    buffer_finish(&bytes);
    if (!is_read)
        fprintf(stderr, "vslctl: could not read the %s: %s", what, PQerrorMessage(recon->snapshot));
    return is_read && is_kept ? run(recon->snapshot, "close source", "end reading") : -1;
}

static int fill(struct recon *recon, bool has_matched_lines)
{
    char ledger[RECON_NUMBER_BYTES];
    snprintf(ledger, sizeof ledger, "%" PRId64, recon->ledger_id);
    const char *const values[] = {ledger};
    const char *tables = recon_text(recon, "tables");
    if (!tables || run(recon->connection, tables, "make tables of the session") != 0)
        return -1;
    if (take_source(recon, "lines", "lines", has_matched_lines ? "t" : "f") != 0 ||
        take_source(recon, "bookings", "bookings", "f") != 0)
        return -1;
    const char *undone = recon_text(recon, "undone");
    PGresult *noted =
        undone ? PQexecParams(recon->connection, undone, 1, NULL, values, NULL, NULL, 0) : NULL;
    int fault = PQresultStatus(noted) == PGRES_COMMAND_OK ? 0 : -1;
    if (undone && fault != 0)
        fprintf(stderr, "vslctl: could not read what was undone: %s",
            PQerrorMessage(recon->connection));
    PQclear(noted);
    return fault;
}

int recon_ask_server(struct recon *recon)
{
    recon->context.options = recon->common;
    progress_start(&recon->progress, recon->common->is_json || recon->database.is_quiet);
    if (sql_files_find(&recon->database, "recon", &recon->files) != 0)
        return EXIT_TRANSPORT;
    if (context_open(&recon->context) != 0)
        return EXIT_USAGE;
    if (context_ask_ledger(&recon->context, recon->ledger_id) != 0)
        return context_fault_status(&recon->context);
    return EXIT_ACCEPTED;
}

/* As for vslctl check: nothing is known of fresh segments, nor of what was found, and a loop that
 * looks cheap then would take hours. */
static PGconn *open_session(struct recon *recon)
{
    PGconn *connection = database_connect(&recon->database);
    if (!connection || run(connection,
                           "set work_mem = '128MB'; set jit = off; set statement_timeout = 0;"
                           " set enable_nestloop = off; set enable_indexscan = off;"
                           " set enable_indexonlyscan = off; set enable_bitmapscan = off",
                           "begin a session") == 0)
        return connection;
    PQfinish(connection);
    return NULL;
}

int recon_begin(struct recon *recon)
{
    int64_t server_end;
    if (journal_end(&recon->common->client, "vslctl", &server_end) != 0)
        return EXIT_TRANSPORT;
    recon->connection = open_session(recon);
    if (!recon->connection || check_schema(recon) != 0 ||
        run(recon->connection, "begin isolation level repeatable read", "begin a transaction") != 0)
        return EXIT_TRANSPORT;
    return check_journal(recon, server_end);
}

int recon_open(struct recon *recon, bool has_matched_lines)
{
    int status = recon_ask_server(recon);
    if (status == EXIT_ACCEPTED)
        status = recon_begin(recon);
    if (status != EXIT_ACCEPTED)
        return status;
    recon->snapshot = recon->connection;
    recon->connection = open_session(recon);
    bool is_filled = recon->connection && fill(recon, has_matched_lines) == 0 &&
                     run(recon->connection, "analyze pg_temp.item", "look at the items") == 0;
    PQfinish(recon->snapshot);
    recon->snapshot = NULL;
    progress_clear(&recon->progress);
    return is_filled ? EXIT_ACCEPTED : EXIT_TRANSPORT;
}

/* ---- commands ---- */

int recon_submit(struct recon *recon, struct batch *batch,
    void (*on_result)(void *context, size_t place, const struct Vsl__V1__CommandResult *result),
    void *context)
{
    size_t count = batch_count(batch);
    rpc_reset(&recon->context.rpc);
    const Vsl__V1__SubmitBatchResponse *answer = (const Vsl__V1__SubmitBatchResponse *)context_call(
        &recon->context, &vsl__v1__funds_service__descriptor, "SubmitBatch", &batch->message.base);
    bool is_whole = answer && answer->n_results == count;
    for (size_t i = 0; is_whole && i < count; i++)
        is_whole = answer->results[i]->result != NULL;
    if (!is_whole) {
        progress_clear(&recon->progress);
        if (answer)
            fprintf(stderr, "vslctl: the answer is not complete\n");
        fprintf(stderr, "Run it again: what was booked is not booked twice.\n");
        return answer ? EXIT_UNKNOWN : context_fault_status(&recon->context);
    }
    for (size_t i = 0; i < count; i++)
        on_result(context, i, answer->results[i]->result);
    return EXIT_ACCEPTED;
}

void recon_tell_refusal(struct recon *recon, int64_t before, const char *what, int64_t id,
    const struct Vsl__V1__CommandResult *result)
{
    if (before >= REFUSALS_SHOWN_MAX)
        return;
    progress_clear(&recon->progress);
    fprintf(stderr, "vslctl: %s %" PRId64 ": %s", what, id, result->text);
    if (result->limit_minor != 0)
        fprintf(stderr, " (%" PRId64 ")", result->limit_minor);
    fprintf(stderr, "\n");
}

bool recon_makes_keys(const struct key_options *key, const char *of)
{
    if (key->serial)
        fprintf(stderr,
            "vslctl: the number of each request is made of %s, so that nothing is booked twice: "
            "leave out --serial\n",
            of);
    return !key->serial;
}

char *recon_put_number(char *place, int64_t number)
{
    char digits[16];
    int count = 0;
    CHECK(number > 0);
    for (; number > 0; number /= 36)
        digits[count++] = "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36];
    while (count > 0)
        *place++ = digits[--count];
    return place;
}

void recon_close(struct recon *recon)
{
    progress_clear(&recon->progress);
    if (recon->connection)
        PQfinish(recon->connection);
    context_finish(&recon->context);
    sql_files_finish(&recon->files);
    buffer_finish(&recon->text);
}
