/* journal.h: collects decided commands into batches, chained by a digest, and remembers recent
 * ones.
 *
 * At most one batch is in flight; the next fills meanwhile. A batch is what the store writes in one
 * transaction. Until the database has indexed a segment, its commands, postings and request keys
 * are also kept here (recent.h), so that neither a statement nor a duplicate check ever scans.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_JOURNAL_JOURNAL_H
#define VSL_JOURNAL_JOURNAL_H

#include "base/buffer.h"
#include "base/hash.h"
#include "journal/rows.h"

#include <stdbool.h>
#include <stdint.h>

struct journal;

/* What the store writes: rows of each table, without COPY header and trailer. Stays untouched from
 * journal_close_batch until journal_batch_is_durable. */
struct journal_batch {
    struct batch_row row;
    struct buffer tables[JOURNAL_TABLE_COUNT];
    uint32_t row_counts[JOURNAL_TABLE_COUNT];
};

/* Where the journal goes on after a start. */
struct journal_position {
    int64_t epoch;
    int64_t batch_number;          /* last durable batch */
    int64_t sequence;              /* last durable command */
    int64_t recorded_us;           /* of that command */
    uint8_t digest[DIGEST_BYTES];  /* of that batch; zero for the first */
    struct hash_key filter_secret; /* of the hash under the key filters, see filter.h */
};

struct journal *journal_create(const struct journal_position *position);
void journal_destroy(struct journal *journal);

/* Number of the next command, and the one of the last durable command. */
int64_t journal_next_sequence(const struct journal *journal);
int64_t journal_durable_sequence(const struct journal *journal);

/* Number of the batch that is filling, and of the last durable one. */
int64_t journal_open_batch_number(const struct journal *journal);
int64_t journal_durable_batch_number(const struct journal *journal);

/* Commands in the open batch. */
uint32_t journal_open_count(const struct journal *journal);
/* Bytes of their rows. */
size_t journal_open_bytes(const struct journal *journal);
bool journal_is_in_flight(const struct journal *journal);

/* Appends a decided command with its postings and images to the open batch. record->sequence must
 * be journal_next_sequence, record->recorded_us not less than that of the row before. */
void journal_append(struct journal *journal, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count, const struct image *images,
    uint32_t image_count);

/* Closes the open batch (it must not be empty, and none in flight): numbers, digest. The batch is
 * in flight until journal_batch_is_durable. */
const struct journal_batch *journal_close_batch(struct journal *journal);

/* The batch in flight is committed. */
void journal_batch_is_durable(struct journal *journal);

/* Digest of a batch: SHA-256 over previous digest | batch_number | epoch | first_sequence |
 * last_sequence | recorded_us (int64 big-endian each) | for each table that has rows, in order, its
 * number in enum journal_table (int64 big-endian) and the SHA-256 of its rows. Tables without rows
 * are left out, so that a table which a later version adds changes no digest of before.
 * `table_digests` has JOURNAL_TABLE_COUNT entries, of empty tables that of no bytes. */
void journal_digest(const uint8_t previous[DIGEST_BYTES], const struct batch_row *row,
    uint8_t table_digests[][DIGEST_BYTES], uint8_t ret_digest[DIGEST_BYTES]);

#endif
