/* journal.c: the open batch, the batch in flight, the chain of digests.
 *
 * Two batches take turns; their buffers are kept, so that after warm-up nothing is allocated.
 * SPDX-License-Identifier: Apache-2.0 */
#include "journal/journal.h"

#include "base/check.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct journal {
    struct journal_batch batches[2];
    uint32_t open;  /* index of the batch that fills */
    bool in_flight; /* the other one is with the store */
    uint32_t open_count;
    int64_t epoch;
    int64_t next_sequence;
    int64_t durable_sequence;
    int64_t durable_batch_number;
    int64_t last_recorded_us;
    uint8_t last_digest[DIGEST_BYTES];
};

struct journal *journal_create(const struct journal_position *position)
{
    struct journal *journal = calloc(1, sizeof *journal);
    CHECK(journal != NULL);
    CHECK(position->epoch > 0);
    journal->epoch = position->epoch;
    journal->next_sequence = position->sequence + 1;
    journal->durable_sequence = position->sequence;
    journal->durable_batch_number = position->batch_number;
    journal->last_recorded_us = position->recorded_us;
    memcpy(journal->last_digest, position->digest, DIGEST_BYTES);
    return journal;
}

void journal_destroy(struct journal *journal)
{
    if (!journal)
        return;
    for (uint32_t b = 0; b < 2; b++) {
        for (uint32_t t = 0; t < JOURNAL_TABLE_COUNT; t++)
            buffer_finish(&journal->batches[b].tables[t]);
    }
    free(journal);
}

int64_t journal_next_sequence(const struct journal *journal)
{
    return journal->next_sequence;
}

int64_t journal_durable_sequence(const struct journal *journal)
{
    return journal->durable_sequence;
}

int64_t journal_open_batch_number(const struct journal *journal)
{
    return journal->durable_batch_number + (journal->in_flight ? 2 : 1);
}

int64_t journal_durable_batch_number(const struct journal *journal)
{
    return journal->durable_batch_number;
}

uint32_t journal_open_count(const struct journal *journal)
{
    return journal->open_count;
}

size_t journal_open_bytes(const struct journal *journal)
{
    const struct journal_batch *batch = &journal->batches[journal->open];
    size_t bytes = 0;
    for (uint32_t t = 0; t < JOURNAL_TABLE_COUNT; t++)
        bytes += batch->tables[t].length;
    return bytes;
}

bool journal_is_in_flight(const struct journal *journal)
{
    return journal->in_flight;
}

void journal_append(struct journal *journal, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count, const struct image *images,
    uint32_t image_count)
{
    CHECK(record->sequence == journal->next_sequence);
    CHECK(record->recorded_us >= journal->last_recorded_us);
    struct journal_batch *batch = &journal->batches[journal->open];

    rows_append_command(&batch->tables[JOURNAL_TABLE_COMMAND], record);
    batch->row_counts[JOURNAL_TABLE_COMMAND]++;
    for (uint32_t i = 0; i < posting_count; i++)
        rows_append_posting(
            &batch->tables[JOURNAL_TABLE_POSTING], record->sequence, (int16_t)i, &postings[i]);
    batch->row_counts[JOURNAL_TABLE_POSTING] += posting_count;
    for (uint32_t i = 0; i < image_count; i++) {
        enum journal_table table = rows_history_table(images[i].kind);
        rows_append_image(&batch->tables[table], record->sequence, &images[i]);
        batch->row_counts[table]++;
    }
    journal->next_sequence++;
    journal->open_count++;
    journal->last_recorded_us = record->recorded_us;
}

static void sha256(const void *bytes, size_t length, uint8_t ret_digest[DIGEST_BYTES])
{
    int ok = EVP_Digest(bytes, length, ret_digest, NULL, EVP_sha256(), NULL);
    CHECK(ok == 1);
}

static uint8_t *put_int64(uint8_t *at, int64_t value)
{
    uint64_t big = __builtin_bswap64((uint64_t)value);
    memcpy(at, &big, sizeof big);
    return at + sizeof big;
}

void journal_digest(const uint8_t previous[DIGEST_BYTES], const struct batch_row *row,
    uint8_t table_digests[][DIGEST_BYTES], uint8_t ret_digest[DIGEST_BYTES])
{
    uint8_t nothing[DIGEST_BYTES];
    uint8_t input[DIGEST_BYTES + 5 * sizeof(int64_t) +
                  (size_t)JOURNAL_TABLE_COUNT * (sizeof(int64_t) + DIGEST_BYTES)];
    uint8_t *at = input;

    sha256("", 0, nothing);
    memcpy(at, previous, DIGEST_BYTES);
    at += DIGEST_BYTES;
    at = put_int64(at, row->batch_number);
    at = put_int64(at, row->epoch);
    at = put_int64(at, row->first_sequence);
    at = put_int64(at, row->last_sequence);
    at = put_int64(at, row->recorded_us);
    for (int table = 0; table < JOURNAL_TABLE_COUNT; table++) {
        if (memcmp(table_digests[table], nothing, DIGEST_BYTES) == 0)
            continue;
        at = put_int64(at, table);
        memcpy(at, table_digests[table], DIGEST_BYTES);
        at += DIGEST_BYTES;
    }
    sha256(input, (size_t)(at - input), ret_digest);
}

const struct journal_batch *journal_close_batch(struct journal *journal)
{
    CHECK(!journal->in_flight);
    CHECK(journal->open_count > 0);
    struct journal_batch *batch = &journal->batches[journal->open];
    uint8_t table_digests[JOURNAL_TABLE_COUNT][DIGEST_BYTES];

    batch->row = (struct batch_row){
        .batch_number = journal->durable_batch_number + 1,
        .epoch = journal->epoch,
        .first_sequence = journal->next_sequence - journal->open_count,
        .last_sequence = journal->next_sequence - 1,
        .recorded_us = journal->last_recorded_us,
    };
    for (uint32_t t = 0; t < JOURNAL_TABLE_COUNT; t++)
        sha256(batch->tables[t].bytes, batch->tables[t].length, table_digests[t]);
    journal_digest(journal->last_digest, &batch->row, table_digests, batch->row.digest);
    memcpy(journal->last_digest, batch->row.digest, DIGEST_BYTES);
    journal->in_flight = true;
    journal->open ^= 1;
    journal->open_count = 0;
    return batch;
}

void journal_batch_is_durable(struct journal *journal)
{
    CHECK(journal->in_flight);
    struct journal_batch *batch = &journal->batches[journal->open ^ 1];
    journal->durable_sequence = batch->row.last_sequence;
    journal->durable_batch_number = batch->row.batch_number;
    for (uint32_t t = 0; t < JOURNAL_TABLE_COUNT; t++) {
        buffer_clear(&batch->tables[t]);
        batch->row_counts[t] = 0;
    }
    journal->in_flight = false;
}
