/* journal_rows_fuzz.c: rows of the journal as they come back from COPY TO, one after the other.
 *
 * The first byte says which table the rows are of. What is read is written again: the bytes must be
 * those that were read, so that a digest over rows read back is the digest of what was written.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "journal/rows.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A row that was taken must be in range where others index by it. */
static void check_posting(const struct posting *posting)
{
    CHECK(posting->debit_bucket < BUCKET_COUNT);
    CHECK(posting->credit_bucket < BUCKET_COUNT);
}

static void check_image(const struct image *image)
{
    const struct record_table *table = &record_tables[image->kind];
    const uint8_t *record = image_record_const(image);
    for (uint32_t i = 0; i < table->column_count; i++) {
        const struct record_column *column = &table->columns[i];
        uint8_t length = record[column->length_offset];
        if (column->type == COLUMN_TEXT)
            CHECK(length <= column->bytes);
        if (column->type == COLUMN_LONG_TEXT)
            CHECK(
                *(const uint16_t *)(const void *)(record + column->length_offset) <= column->bytes);
        if (column->type == COLUMN_DATES)
            CHECK(length >= 1 && length <= column->bytes / sizeof(int32_t));
        if (column->type == COLUMN_NUMBERS)
            CHECK(length <= column->bytes / column->item_bytes);
    }
}

/* Reads a row and writes it to `out`, unless it is one that the writer refuses to write because it
 * never made it. False at the end or at what is no row. */
static bool take_row(unsigned table, struct reader *in, struct buffer *out, bool *ret_written)
{
    struct command_record command;
    struct posting posting;
    struct batch_row batch;
    struct image image;
    int64_t sequence = 0;
    int16_t line = 0;

    *ret_written = true;
    switch (table) {
    case 0:
        if (rows_read_command(in, &command) < 0)
            return false;
        CHECK(command.key.serial_length <= SERIAL_BYTES_MAX);
        CHECK(command.key.channel_length <= CHANNEL_BYTES_MAX);
        CHECK(command.body_length <= COMMAND_BODY_BYTES_MAX);
        CHECK(command.order_number.length <= ORDER_NUMBER_BYTES_MAX);
        *ret_written = command.sequence > 0;
        if (*ret_written)
            rows_append_command(out, &command);
        return true;
    case 1:
        if (rows_read_posting(in, &sequence, &line, &posting) < 0)
            return false;
        check_posting(&posting);
        *ret_written = sequence > 0 && posting.amount_minor > 0;
        if (*ret_written)
            rows_append_posting(out, sequence, line, &posting);
        return true;
    case 2:
        if (rows_read_batch(in, &batch) < 0)
            return false;
        rows_append_batch(out, &batch);
        return true;
    default:
        if (rows_read_image(in, (enum record_kind)(table - 2), &sequence, &image) < 0)
            return false;
        check_image(&image);
        *ret_written = sequence > 0;
        if (*ret_written)
            rows_append_image(out, sequence, &image);
        return true;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    unsigned table = data[0] % (RECORD_KINDS + 3);
    struct reader in = reader_of(data + 1, size - 1);
    struct buffer out = {0};
    struct reader probe = in;
    if (rows_skip_copy_header(&probe) == 0)
        in = probe;
    while (reader_left(&in) > 0) {
        size_t start = in.position;
        bool written = false;
        buffer_clear(&out);
        if (!take_row(table, &in, &out, &written))
            break;
        CHECK(in.position > start);
        if (!written)
            continue;
        CHECK(out.length == in.position - start);
        CHECK(memcmp(out.bytes, in.bytes + start, out.length) == 0);
    }
    CHECK(in.position <= in.length);
    buffer_finish(&out);
    return 0;
}
