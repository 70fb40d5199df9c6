/* adopt.c: vslctl key adopt: from now on a journal that was made without a key has one.
 *
 * A person says that the rows are right as they are now: the segments get their codes, and the ring
 * notes up to which batch, with which digest, there are none. A server with the ring believes that
 * journal at just that batch, seals its state by the key before it writes, and from then on nothing
 * without a code behind that batch. So the note must not stand in the database.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/reader.h"
#include "journal/proof.h"
#include "vslctl/database/database.h"
#include "vslctl/database/key.h"
#include "vslctl/database/ring.h"
#include "vslctl/vslctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    struct common_options *common;
    struct database_options database;
    struct ring_options ring;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *given = state->input;
    (void)argument;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    state->child_inputs[0] = &given->database;
    state->child_inputs[1] = &given->ring;
    return 0;
}

static int64_t number_of(const PGresult *rows, int row, int column)
{
    struct reader in =
        reader_of(PQgetvalue(rows, row, column), (size_t)PQgetlength(rows, row, column));
    return (int64_t)reader_u64(&in);
}

static int write_code(
    PGconn *connection, int64_t first, const uint8_t *digest, int32_t number, const uint8_t *code)
{
    uint64_t big_first = __builtin_bswap64((uint64_t)first);
    uint32_t big_number = __builtin_bswap32((uint32_t)number);
    const Oid types[4] = {20, 17, 23, 17};
    const char *const values[4] = {(const char *)&big_first, (const char *)digest,
        (const char *)&big_number, (const char *)code};
    const int lengths[4] = {8, DIGEST_BYTES, 4, PROOF_BYTES};
    const int formats[4] = {1, 1, 1, 1};
    PGresult *result = PQexecParams(connection,
        "update vsl.segment set filter_digest = $2, key_number = $3, code = $4"
        " where first_sequence = $1",
        4, types, values, lengths, formats, 0);
    int fault = PQresultStatus(result) == PGRES_COMMAND_OK ? 0 : -1;
    if (fault != 0)
        fprintf(stderr, "vslctl: could not write a segment's code: %s", PQerrorMessage(connection));
    PQclear(result);
    return fault;
}

/* Codes for the segments that are indexed and have none by a key. */
static int prove_segments(
    PGconn *connection, const struct proof_key *key, const struct journal_identity *identity)
{
    PGresult *rows = PQexecParams(connection,
        "select s.first_sequence, s.last_sequence, (s.min_business_date - date '1970-01-01')::int8,"
        " (s.max_business_date - date '1970-01-01')::int8,"
        " (s.min_accounting_date - date '1970-01-01')::int8,"
        " (s.max_accounting_date - date '1970-01-01')::int8, uuid_send(w.hash_secret),"
        " sha256(int8send(length(s.key_filter)) || s.key_filter || coalesce(s.key_parts, '')),"
        " sha256(int8send(length(s.reference_filter)) || s.reference_filter"
        " || coalesce(s.reference_parts, '')) from vsl.segment s, vsl.writer w"
        " where s.state = 3 and coalesce(s.key_number, 0) = 0 order by 1",
        0, NULL, NULL, NULL, NULL, 1);
    int fault = PQresultStatus(rows) == PGRES_TUPLES_OK ? 0 : -1;
    if (fault != 0)
        fprintf(stderr, "vslctl: could not read the segments: %s", PQerrorMessage(connection));
    for (int i = 0; fault == 0 && i < PQntuples(rows); i++) {
        uint8_t code[PROOF_BYTES];
        struct proof_segment segment = {.first_sequence = number_of(rows, i, 0),
            .last_sequence = number_of(rows, i, 1),
            .min_business_date = (int32_t)number_of(rows, i, 2),
            .max_business_date = (int32_t)number_of(rows, i, 3),
            .min_accounting_date = (int32_t)number_of(rows, i, 4),
            .max_accounting_date = (int32_t)number_of(rows, i, 5)};
        struct reader secret = reader_of(PQgetvalue(rows, i, 6), 16);
        segment.secret.k0 = reader_u64(&secret);
        segment.secret.k1 = reader_u64(&secret);
        CHECK(PQgetlength(rows, i, 7) == DIGEST_BYTES);
        memcpy(segment.filter_digest, PQgetvalue(rows, i, 7), DIGEST_BYTES);
        if (!PQgetisnull(rows, i, 8))
            memcpy(segment.reference_digest, PQgetvalue(rows, i, 8), DIGEST_BYTES);
        proof_of_segment(key, identity, &segment, code);
        fault = write_code(
            connection, segment.first_sequence, segment.filter_digest, key->number, code);
    }
    PQclear(rows);
    return fault;
}

/* All in one transaction, which no server writes meanwhile. */
static int adopt(const struct arguments *given, const struct ring_key *key, PGconn *connection)
{
    PGresult *row = database_run(connection,
        "begin; set local lock_timeout = '10s'; lock table vsl.segment in exclusive mode;"
        " select (select identity from vsl.journal_identity where life = 1), w.batch_number,"
        " coalesce((select encode(b.digest, 'hex') from vsl.batch b order by b.first_sequence desc"
        " limit 1), repeat('0', 64)) from vsl.writer w for update",
        PGRES_TUPLES_OK, "read the last batch");
    if (!row)
        return EXIT_TRANSPORT;
    char line[256];
    char now[32];
    struct journal_identity identity;
    struct proof_key proof_key = {.number = key->number, .bytes = key->secret};
    bool has_identity = identity_try_parse(PQgetvalue(row, 0, 0), &identity);
    key_time_now(now);
    snprintf(line, sizeof line, "adopted %s %s %s %s", PQgetvalue(row, 0, 0), PQgetvalue(row, 0, 1),
        PQgetvalue(row, 0, 2), now);
    int fault = has_identity ? prove_segments(connection, &proof_key, &identity) : -1;
    if (fault == 0) {
        PGresult *end = database_run(connection, "commit", PGRES_COMMAND_OK, "commit");
        fault = end ? 0 : -1;
        PQclear(end);
    }
    /* The ring last: when this is interrupted, it is run again. */
    if (fault == 0 && given->ring.file)
        fault = key_append_line(given->ring.file, line);
    if (fault == 0)
        printf(
            "%s%s\n", given->ring.file ? "" : "add this line to what the command prints:\n", line);
    PQclear(row);
    return fault == 0 ? EXIT_ACCEPTED : EXIT_TRANSPORT;
}

int run_key_adopt(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&database_argp, 0, NULL, 0}, {&ring_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.parser = parse,
        .children = children,
        .doc =
            "Take a journal that was made without a key as it is, and have the key of the ring "
            "prove "
            "what comes. Stop vsld; run vslctl verify and vslctl check, since from now on what "
            "they "
            "find wrong would be taken for right; then this, as the owner of the schema; then "
            "start "
            "vsld with keys.file. Adopts the last batch: a server that writes one more without the "
            "ring has to be adopted again.\v"
            "Examples:\n"
            "  vslctl key adopt --database ... --keys /etc/vsl/keys/ring\n"};
    struct arguments given = {.common = common};
    parse_arguments(&argp, "vslctl key adopt", count, arguments, &given);
    struct key_ring *ring = ring_open(&given.ring);
    if (!ring)
        return EXIT_USAGE;
    const struct ring_key *key = key_ring_active(ring, KEY_JOURNAL_MAC, NULL);
    int status = EXIT_USAGE;
    if (!key)
        fprintf(stderr, "vslctl: the key ring has no active key for journal-mac\n");
    PGconn *connection = key ? database_connect(&given.database) : NULL;
    if (connection)
        status = adopt(&given, key, connection);
    else if (key)
        status = EXIT_TRANSPORT;
    PQfinish(connection);
    key_ring_close(ring);
    return status;
}
