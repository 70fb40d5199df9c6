/* verify.c: vslctl verify: recomputes the journal's digest chain from the very rows.
 *
 * Every journal table that has rows is streamed in the order of sequence numbers over a connection
 * of its own, all with one snapshot; the rows of each batch are hashed as they come, so that memory
 * stays small whatever the journal's length. A batch whose digest is another than the one recorded,
 * or rows that belong to no batch, end the run: from there on the chain proves nothing.
 *
 * What is hashed is defined by core/journal/journal.h: the bytes of COPY BINARY.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/reader.h"
#include "client/terminal.h"
#include "journal/journal.h"
#include "text/format.h"
#include "vslctl/database/anchor.h"
#include "vslctl/database/database.h"
#include "vslctl/database/ring.h"
#include "vslctl/database/sign.h"
#include "vslctl/vslctl.h"

#include <inttypes.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COPY_SIGNATURE "PGCOPY\n\377\r\n"
#define COPY_SIGNATURE_BYTES 11
/* Column count and length of the first field stand before the sequence number. */
#define SEQUENCE_OFFSET 6

enum { OPTION_ANCHOR = 0x6400, OPTION_ANCHOR_KEY };

static const struct argp_option options[] = {
    {"anchor", OPTION_ANCHOR, "FILE", 0,
        "Prove that the journal is the one that this anchor was made of; may be repeated", 0},
    {"anchor-key", OPTION_ANCHOR_KEY, "FILE", 0,
        "The public key of anchors, as vslctl key public prints it", 0},
    {0},
};

struct arguments {
    struct common_options *common;
    struct database_options database;
    struct ring_options ring;
    const char *anchors[ANCHORS_MAX];
    size_t anchor_count;
    const char *anchor_key;
};

/* Rows of one table as they come. */
struct stream {
    PGconn *connection;
    const char *table;
    char *chunk;        /* of libpq */
    const uint8_t *row; /* the next row; NULL at the end */
    size_t length;
};

struct verify {
    struct stream batches;
    struct stream tables[JOURNAL_TABLE_COUNT];
    EVP_MD_CTX *hash;
    uint8_t digest[DIGEST_BYTES]; /* of the batch before */
    int64_t last_batch;
    int64_t last_sequence;
    uint64_t rows;
    const struct key_ring *ring; /* NULL: codes are not looked at */
    char identity[40];           /* of the journal's first life */
    int64_t codes;               /* that were proved, or passed over */
    struct anchor anchors[ANCHORS_MAX];
    size_t anchor_count;
    struct progress progress;
    char problem[256];
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->database;
        state->child_inputs[1] = &given->ring;
        state->child_inputs[2] = given->common;
        return 0;
    case OPTION_ANCHOR:
        if (given->anchor_count == ANCHORS_MAX)
            argp_error(state, "more than %d anchors", ANCHORS_MAX);
        given->anchors[given->anchor_count++] = argument;
        return 0;
    case OPTION_ANCHOR_KEY:
        given->anchor_key = argument;
        return 0;
    case ARGP_KEY_END:
        if (given->anchor_count > 0 && !given->anchor_key)
            argp_error(state, "--anchor needs --anchor-key");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- streams ---- */

/* Takes the next chunk of the COPY; the row may be missing from it. 1, 0 at the end, -1 with a
 * message. */
static int take_chunk(struct stream *stream)
{
    PQfreemem(stream->chunk);
    stream->chunk = NULL;
    stream->row = NULL;
    int length = PQgetCopyData(stream->connection, &stream->chunk, 0);
    if (length < 0) {
        PGresult *result = PQgetResult(stream->connection);
        bool is_done = length == -1 && PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
        if (is_done)
            return 0;
        fprintf(stderr, "vslctl: could not read vsl.%s: %s", stream->table,
            PQerrorMessage(stream->connection));
        return -1;
    }
    struct reader in = reader_of(stream->chunk, (size_t)length);
    /* The header comes with the first row or by itself. */
    if (in.length >= COPY_SIGNATURE_BYTES &&
        memcmp(in.bytes, COPY_SIGNATURE, COPY_SIGNATURE_BYTES) == 0 &&
        rows_skip_copy_header(&in) != 0) {
        fprintf(stderr, "vslctl: vsl.%s came in an unknown form\n", stream->table);
        return -1;
    }
    stream->length = reader_left(&in);
    bool is_end_mark = stream->length == 2 && in.bytes[in.position] == 0xff;
    if (stream->length > 0 && !is_end_mark)
        stream->row = in.bytes + in.position;
    return 1;
}

/* Goes to the next row; 0, or -1 with a message. */
static int advance(struct stream *stream)
{
    int taken;
    do {
        taken = take_chunk(stream);
    } while (taken == 1 && !stream->row);
    return taken < 0 ? -1 : 0;
}

/* Whether a journal table can have rows: whether a part of it has a page, which no row that a
 * snapshot shows is without, or is kept elsewhere, or it is not made of parts as it was made. -1
 * with a message. */
static int may_have_rows(PGconn *connection, const char *table)
{
    char sql[320];
    long long parts;
    snprintf(sql, sizeof sql,
        "select (count(*) = 0)::int + count(*) filter (where relkind <> 'p' and (relkind <> 'r'"
        " or pg_relation_size(relid) > 0)) from pg_partition_tree('vsl.%s')"
        " join pg_class on oid = relid",
        table);
    if (database_number(connection, sql, "see how large the journal is", &parts) != 0)
        return -1;
    return parts > 0;
}

static int open_stream(struct stream *stream, const struct database_options *database,
    PGconn *first, const char *snapshot, const char *table, const char *order)
{
    char sql[512];
    stream->table = table;
    int any = may_have_rows(first, table);
    if (any <= 0)
        return any;
    stream->connection = database_connect(database);
    if (!stream->connection)
        return -1;
    snprintf(sql, sizeof sql,
        "begin transaction isolation level repeatable read read only;"
        "set transaction snapshot '%s';set local statement_timeout = 0",
        snapshot);
    PGresult *result = database_run(stream->connection, sql, PGRES_COMMAND_OK, "take the snapshot");
    PQclear(result);
    if (!result)
        return -1;
    snprintf(sql, sizeof sql, "copy (select * from vsl.%s order by %s) to stdout (format binary)",
        table, order);
    result = database_run(stream->connection, sql, PGRES_COPY_OUT, "read the journal");
    PQclear(result);
    if (!result)
        return -1;
    return advance(stream);
}

static void close_stream(struct stream *stream)
{
    PQfreemem(stream->chunk);
    PQfinish(stream->connection);
}

/* ---- batches ---- */

static int64_t sequence_of(const struct stream *stream)
{
    struct reader in = reader_of(stream->row, stream->length);
    reader_take(&in, SEQUENCE_OFFSET);
    int64_t sequence = (int64_t)reader_u64(&in);
    return in.failed ? 0 : sequence;
}

/* Hashes the table's rows of a batch; -1 when the stream broke. */
static int hash_rows(
    struct verify *verify, struct stream *stream, int64_t last, uint8_t ret_digest[DIGEST_BYTES])
{
    CHECK(EVP_DigestInit_ex(verify->hash, EVP_sha256(), NULL) == 1);
    while (stream->row && sequence_of(stream) <= last) {
        CHECK(EVP_DigestUpdate(verify->hash, stream->row, stream->length) == 1);
        verify->rows++;
        if (advance(stream) != 0)
            return -1;
    }
    CHECK(EVP_DigestFinal_ex(verify->hash, ret_digest, NULL) == 1);
    return 0;
}

static void to_hex(const uint8_t *bytes, char ret_text[65])
{
    for (size_t i = 0; i < 32; i++)
        snprintf(ret_text + 2 * i, 3, "%02x", bytes[i]);
}

/* The batch's code, and the anchors that were made of it; -1: see verify->problem. */
static int prove_batch(struct verify *verify, const struct batch_row *row)
{
    char number[24], key[16], digest[65], code[65];
    snprintf(number, sizeof number, "%" PRId64, row->batch_number);
    snprintf(key, sizeof key, "%" PRId32, row->key_number);
    to_hex(row->digest, digest);
    to_hex(row->code, code);
    verify->codes += row->key_number != 0 ? 1 : 0;
    if (verify->ring && !ring_proves(verify->ring, verify->identity, number, digest, key, code)) {
        snprintf(verify->problem, sizeof verify->problem,
            "batch %" PRId64
            " has no code of a key of the ring: it was not written by the server, or "
            "the journal was not adopted",
            row->batch_number);
        return -1;
    }
    for (size_t i = 0; i < verify->anchor_count; i++) {
        const struct anchor *anchor = &verify->anchors[i];
        if (anchor->batch_number == row->batch_number &&
            memcmp(anchor->digest, row->digest, DIGEST_BYTES) != 0) {
            snprintf(verify->problem, sizeof verify->problem,
                "batch %" PRId64
                " is not the one that was signed in '%s': the journal was rewritten",
                row->batch_number, anchor->path);
            return -1;
        }
    }
    return 0;
}

/* 0: the batch is right; 1: it is not, see verify->problem; -1: could not be read. */
static int verify_batch(struct verify *verify)
{
    struct batch_row row;
    struct reader in = reader_of(verify->batches.row, verify->batches.length);
    if (rows_read_batch(&in, &row) != 0) {
        snprintf(verify->problem, sizeof verify->problem,
            "the row behind batch %" PRId64 " cannot be read", verify->last_batch);
        return 1;
    }
    if (row.batch_number != verify->last_batch + 1 ||
        row.first_sequence != verify->last_sequence + 1) {
        snprintf(verify->problem, sizeof verify->problem,
            "batch %" PRId64 " from sequence %" PRId64 " on stands behind batch %" PRId64
            " up to sequence %" PRId64,
            row.batch_number, row.first_sequence, verify->last_batch, verify->last_sequence);
        return 1;
    }
    uint8_t table_digests[JOURNAL_TABLE_COUNT][DIGEST_BYTES];
    uint8_t digest[DIGEST_BYTES];
    for (size_t i = 0; i < JOURNAL_TABLE_COUNT; i++) {
        if (hash_rows(verify, &verify->tables[i], row.last_sequence, table_digests[i]) != 0)
            return -1;
    }
    journal_digest(verify->digest, &row, table_digests, digest);
    if (memcmp(digest, row.digest, DIGEST_BYTES) != 0) {
        snprintf(verify->problem, sizeof verify->problem,
            "batch %" PRId64 " (sequence %" PRId64 " to %" PRId64
            ") is not what was recorded: its digest differs",
            row.batch_number, row.first_sequence, row.last_sequence);
        return 1;
    }
    if (prove_batch(verify, &row) != 0)
        return 1;
    memcpy(verify->digest, digest, DIGEST_BYTES);
    verify->last_batch = row.batch_number;
    verify->last_sequence = row.last_sequence;
    return advance(&verify->batches);
}

/* As verify_batch, for what stands behind the last batch. */
static int verify_end(struct verify *verify, PGconn *connection)
{
    for (size_t i = 0; i < JOURNAL_TABLE_COUNT; i++) {
        if (verify->tables[i].row) {
            snprintf(verify->problem, sizeof verify->problem,
                "vsl.%s has rows from sequence %" PRId64 " on that belong to no batch",
                rows_table_name((enum journal_table)i), sequence_of(&verify->tables[i]));
            return 1;
        }
    }
    long long recorded;
    if (database_number(connection, "select batch_number from vsl.writer",
            "read the last batch's number", &recorded) != 0)
        return -1;
    if (recorded != verify->last_batch) {
        snprintf(verify->problem, sizeof verify->problem,
            "the journal ends with batch %" PRId64 ", but %lld were written", verify->last_batch,
            recorded);
        return 1;
    }
    for (size_t i = 0; i < verify->anchor_count; i++) {
        if (verify->anchors[i].batch_number > verify->last_batch) {
            snprintf(verify->problem, sizeof verify->problem,
                "the journal ends with batch %" PRId64 ", but batch %" PRId64
                " was signed in '%s': it was cut",
                verify->last_batch, verify->anchors[i].batch_number, verify->anchors[i].path);
            return 1;
        }
    }
    return 0;
}

/* Whose journal it is; 1 when an anchor is of another one. */
static int ask_identity(struct verify *verify, PGconn *connection)
{
    PGresult *result =
        database_run(connection, "select identity from vsl.journal_identity where life = 1",
            PGRES_TUPLES_OK, "read the journal's identity");
    if (!result)
        return -1;
    snprintf(verify->identity, sizeof verify->identity, "%s",
        PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    for (size_t i = 0; i < verify->anchor_count; i++) {
        if (strcmp(verify->anchors[i].journal, verify->identity) != 0) {
            snprintf(verify->problem, sizeof verify->problem, "'%s' is of another journal: %s",
                verify->anchors[i].path, verify->anchors[i].journal);
            return 1;
        }
    }
    return 0;
}

static void show_progress(struct verify *verify, long long batches)
{
    if (!progress_is_due(&verify->progress))
        return;
    progress_show(&verify->progress, "verified %" PRId64 " of %lld batches, %" PRIu64 " rows",
        verify->last_batch, batches, verify->rows);
}

static int verify_all(
    struct verify *verify, const struct database_options *database, PGconn *connection)
{
    PGresult *result =
        database_run(connection, "begin transaction isolation level repeatable read read only",
            PGRES_COMMAND_OK, "begin a transaction");
    PQclear(result);
    if (!result)
        return -1;
    result = database_run(
        connection, "select pg_export_snapshot()", PGRES_TUPLES_OK, "export a snapshot");
    if (!result)
        return -1;
    char snapshot[128];
    snprintf(snapshot, sizeof snapshot, "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
    long long batches;
    if (database_number(
            connection, "select batch_number from vsl.writer", "count the batches", &batches) != 0)
        return -1;
    int fault = ask_identity(verify, connection);
    if (fault != 0)
        return fault;
    progress_show(&verify->progress, "reading %lld batches", batches);
    fault = open_stream(
        &verify->batches, database, connection, snapshot, "batch", "first_sequence, batch_number");
    /* A command's images of one table are recorded in the order of their ids. */
    for (enum journal_table i = 0; fault == 0 && i < JOURNAL_TABLE_COUNT; i++)
        fault = open_stream(&verify->tables[i], database, connection, snapshot, rows_table_name(i),
            rows_table_order(i));
    while (fault == 0 && verify->batches.row) {
        fault = verify_batch(verify);
        show_progress(verify, batches);
    }
    if (fault == 0)
        fault = verify_end(verify, connection);
    return fault;
}

static void write_hex(const uint8_t digest[DIGEST_BYTES], char ret_text[DIGEST_BYTES * 2 + 1])
{
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        snprintf(ret_text + 2 * i, 3, "%02x", digest[i]);
}

static void report(const struct verify *verify, bool is_right, bool is_json)
{
    char hex[DIGEST_BYTES * 2 + 1];
    write_hex(verify->digest, hex);
    if (is_json) {
        json_t *json = json_pack("{s:b, s:I, s:I, s:I, s:s, s:s}", "right", is_right, "batches",
            (json_int_t)verify->last_batch, "last_sequence", (json_int_t)verify->last_sequence,
            "rows", (json_int_t)verify->rows, "digest", hex, "problem", verify->problem);
        CHECK(json != NULL);
        json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        printf("\n");
        json_decref(json);
        return;
    }
    char batches[FORMAT_BYTES_MAX];
    char rows[FORMAT_BYTES_MAX];
    char sequence[FORMAT_BYTES_MAX];
    format_count(verify->last_batch, batches);
    format_count((int64_t)verify->rows, rows);
    format_count(verify->last_sequence, sequence);
    printf("%s batches, up to sequence %s, %s rows verified\n", batches, sequence, rows);
    printf("digest %s\n", hex);
    if (verify->codes > 0 && !verify->ring)
        printf("%" PRId64 " batches have codes of a key, which were not looked at: give --keys\n",
            verify->codes);
    for (size_t i = 0; is_right && i < verify->anchor_count; i++)
        printf("anchor %s: batch %" PRId64 " is the one that was signed\n", verify->anchors[i].path,
            verify->anchors[i].batch_number);
    if (is_right)
        printf(
            "%sthe chain holds%s\n", terminal_colour(stdout, COLOUR_GREEN), terminal_plain(stdout));
    else
        printf("%sTHE CHAIN IS BROKEN: %s%s\n", terminal_colour(stdout, COLOUR_RED),
            verify->problem, terminal_plain(stdout));
}

/* The ring and the anchors that were given; -1 with a message; 1: an anchor is not believed. */
static int open_proofs(
    struct verify *verify, const struct arguments *given, struct key_ring **ret_ring)
{
    if (given->ring.file || given->ring.command) {
        *ret_ring = ring_open(&given->ring);
        verify->ring = *ret_ring;
        if (!*ret_ring)
            return -1;
    }
    EVP_PKEY *key = given->anchor_key ? sign_public_open(given->anchor_key) : NULL;
    int fault = given->anchor_key && !key ? -1 : 0;
    for (size_t i = 0; fault == 0 && i < given->anchor_count; i++)
        fault = -anchor_read(given->anchors[i], key, &verify->anchors[verify->anchor_count++]);
    EVP_PKEY_free(key);
    return fault;
}

int run_verify(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&database_argp, 0, NULL, 0},
        {&ring_argp, 0, NULL, 0}, {&report_argp, 0, "Output:", 90}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc = "Recompute the digest chain of the journal from its rows: whoever changed, added or "
               "removed a row after it was written breaks it. Reports the first batch that is "
               "wrong; the exit status is then 1. With a key ring the code of each batch is "
               "proved, which nobody can make without the key; with anchors, that the journal is "
               "the one that was signed.\v"
               "Examples:\n"
               "  vslctl verify --database 'host=/run/postgresql dbname=vsl'\n"
               "  vslctl verify --database ... --keys /etc/vsl/keys/ring \\\n"
               "      --anchor anchor-000000004711 --anchor-key anchor.pem\n"};
    struct arguments given = {.common = common};
    parse_arguments(&argp, "vslctl verify", count, arguments, &given);
    static struct verify verify;
    verify.hash = EVP_MD_CTX_new();
    CHECK(verify.hash != NULL);
    struct key_ring *ring = NULL;
    int opened = open_proofs(&verify, &given, &ring);
    if (opened != 0) {
        key_ring_close(ring);
        EVP_MD_CTX_free(verify.hash);
        return opened < 0 ? EXIT_USAGE : EXIT_REFUSED;
    }
    progress_start(&verify.progress, given.database.is_quiet);
    PGconn *connection = database_connect(&given.database);
    int fault = connection ? verify_all(&verify, &given.database, connection) : -1;
    progress_clear(&verify.progress);
    if (fault >= 0)
        report(&verify, fault == 0, common->is_json);
    close_stream(&verify.batches);
    for (size_t i = 0; i < JOURNAL_TABLE_COUNT; i++)
        close_stream(&verify.tables[i]);
    PQfinish(connection);
    EVP_MD_CTX_free(verify.hash);
    key_ring_close(ring);
    return fault == 0 ? EXIT_ACCEPTED : fault == 1 ? EXIT_REFUSED : EXIT_TRANSPORT;
}
