/* history_batches.c: the batches of a random journal, with their digests.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "history.h"
#include "journal/batch_digest.h"
#include "support/expect.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t history_batch(const struct history *history, int64_t sequence)
{
    int64_t batch = 1;
    while (history->batches[batch + 1] <= sequence)
        batch++;
    return batch;
}

/* Adds the rows of a table to the digests of their batches, in the bytes of COPY. */
static void digest_table(
    struct history *history, enum journal_table table, struct batch_digest **digests)
{
    char sql[200];
    char *bytes;
    int length;
    bool is_first = true;
    snprintf(sql, sizeof sql, "copy (select * from vsl.%s order by %s) to stdout (format binary)",
        rows_table_name(table), rows_table_order(table));
    PGresult *result = PQexec(history->conn, sql);
    EXPECT(PQresultStatus(result) == PGRES_COPY_OUT);
    PQclear(result);
    while ((length = PQgetCopyData(history->conn, &bytes, 0)) > 0) {
        struct reader in = reader_of(bytes, (size_t)length);
        EXPECT(!is_first || rows_skip_copy_header(&in) == 0);
        is_first = false;
        const uint8_t *row = (const uint8_t *)bytes + in.position;
        size_t left = reader_left(&in);
        /* The count of fields, the width of the first one, which is the sequence. */
        if (reader_u16(&in) != 0xffff && reader_u32(&in) == 8)
            batch_digest_add(
                digests[history_batch(history, (int64_t)reader_u64(&in))], table, row, left);
        PQfreemem(bytes);
    }
    PQclear(PQgetResult(history->conn));
    EXPECT(PQgetResult(history->conn) == NULL);
}

static void append_batch(struct buffer *sql, const struct batch_row *row)
{
    char digest[2 * DIGEST_BYTES + 1];
    char text[400];
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        snprintf(digest + 2 * i, 3, "%02x", row->digest[i]);
    int n = snprintf(text, sizeof text,
        "insert into vsl.batch (batch_number, epoch, first_sequence, last_sequence, recorded_at,"
        " digest) values (%lld, %lld, %lld, %lld, 'epoch'::timestamptz + %lld * interval"
        " '1 microsecond', '\\x%s');",
        (long long)row->batch_number, (long long)row->epoch, (long long)row->first_sequence,
        (long long)row->last_sequence, (long long)row->recorded_us, digest);
    EXPECT(n > 0 && (size_t)n < sizeof text);
    buffer_append(sql, text, (size_t)n);
}

void history_make_batches(struct random *random, struct history *history)
{
    history->batches = calloc((size_t)history->count + 3, sizeof *history->batches);
    EXPECT(history->batches != NULL);
    for (int64_t next = 1; next <= history->count; next += random_between(random, 1, 23))
        history->batches[++history->batch_count] = next;
    history->batches[history->batch_count + 1] = history->count + 1;
    size_t count = (size_t)history->batch_count + 1;
    struct batch_digest **digests = calloc(count, sizeof *digests);
    EXPECT(digests != NULL);
    for (size_t batch = 1; batch < count; batch++)
        digests[batch] = batch_digest_create();
    for (int table = 0; table < JOURNAL_TABLE_COUNT; table++)
        digest_table(history, (enum journal_table)table, digests);
    struct buffer sql = {0};
    uint8_t previous[DIGEST_BYTES] = {0};
    history_run(history, "create table vsl.batch_all partition of vsl.batch default;"
                         "create unique index on vsl.batch_all (first_sequence)");
    for (size_t batch = 1; batch < count; batch++) {
        struct batch_row row = {.batch_number = (int64_t)batch,
            .epoch = 1,
            .first_sequence = history->batches[batch],
            .last_sequence = history->batches[batch + 1] - 1};
        row.recorded_us = history->records[row.last_sequence].recorded_us;
        batch_digest_end(digests[batch], previous, &row, row.digest);
        memcpy(previous, row.digest, DIGEST_BYTES);
        append_batch(&sql, &row);
        batch_digest_destroy(digests[batch]);
    }
    buffer_append_u8(&sql, 0);
    history_run(history, (const char *)sql.bytes);
    buffer_finish(&sql);
    free(digests);
}
