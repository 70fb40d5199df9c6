/* rows.h: journal rows in the bytes of COPY BINARY, both ways.
 *
 * The same bytes go into PostgreSQL by COPY ... FROM STDIN (FORMAT binary), come back by COPY ...
 * TO STDOUT (FORMAT binary), and are what the digest of a batch is taken over. Columns stand in the
 * order of sql/migrations. One row is an int16 count of fields, then each field as an int32 length
 * and its big-endian value.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_JOURNAL_ROWS_H
#define VSL_JOURNAL_ROWS_H

#include "base/buffer.h"
#include "base/must_use.h"
#include "base/reader.h"
#include "model/command_record.h"
#include "model/record_table.h"

#include <stddef.h>
#include <stdint.h>

/* The journal's tables, in the order in which a batch copies and digests them: commands, postings,
 * then the history of each kind of record. */
enum journal_table {
    JOURNAL_TABLE_COMMAND,
    JOURNAL_TABLE_POSTING,
    JOURNAL_TABLE_FIRST_HISTORY,
    JOURNAL_TABLE_COUNT = JOURNAL_TABLE_FIRST_HISTORY + RECORD_KINDS,
};

#define DIGEST_BYTES 32

/* Row of vsl.batch. */
struct batch_row {
    int64_t batch_number;
    int64_t epoch;
    int64_t first_sequence;
    int64_t last_sequence;
    int64_t recorded_us; /* microseconds since 1970-01-01 UTC, of its last command */
    uint8_t digest[DIGEST_BYTES];
    /* The code of number and digest (proof.h), which the digest does not cover: so a journal that
     * had none stays as it is. Key number 0: none. */
    int32_t key_number;
    uint8_t code[DIGEST_BYTES];
};

/* The 19 bytes before the first row and the 2 behind the last. */
void rows_begin_copy(struct buffer *out);
void rows_end_copy(struct buffer *out);

void rows_append_command(struct buffer *out, const struct command_record *record);
void rows_append_posting(
    struct buffer *out, int64_t sequence, int16_t line, const struct posting *posting);
/* An image row: `sequence` is the command as of which the image is. For history and state tables.
 */
void rows_append_image(struct buffer *out, int64_t sequence, const struct image *image);
/* The same for a record of any table. */
void rows_append_record(
    struct buffer *out, int64_t sequence, const struct record_table *table, const void *record);
void rows_append_batch(struct buffer *out, const struct batch_row *row);

/* The history table of a kind of record. */
enum journal_table rows_history_table(enum record_kind kind);
/* A journal table's name without its schema, and the columns in whose order its rows stand. */
const char *rows_table_name(enum journal_table table);
const char *rows_table_order(enum journal_table table);

/* The readers take one row at the reader's position. They return 0, or -1 when the bytes are not
 * such a row (`reader->failed` may then be set); `ret_*` is then undefined. Slices in a command
 * record point into the reader's bytes. */
MUST_USE int rows_read_command(struct reader *in, struct command_record *ret_record);
MUST_USE int rows_read_posting(
    struct reader *in, int64_t *ret_sequence, int16_t *ret_line, struct posting *ret_posting);
MUST_USE int rows_read_image(
    struct reader *in, enum record_kind kind, int64_t *ret_sequence, struct image *ret_image);
/* The record's memory is zero where no column is. */
MUST_USE int rows_read_record(
    struct reader *in, const struct record_table *table, int64_t *ret_sequence, void *ret_record);
MUST_USE int rows_read_batch(struct reader *in, struct batch_row *ret_row);

/* Skips the header of a COPY stream; -1 when it is not there. */
MUST_USE int rows_skip_copy_header(struct reader *in);

#endif
