/* rows.c: COPY BINARY rows, see rows.h and the PostgreSQL manual, COPY, "Binary Format".
 *
 * Rows are written field by field into a buffer that is reserved once a row, since this runs twice
 * for every payment.
 * SPDX-License-Identifier: Apache-2.0 */
#include "journal/rows.h"

#include "base/check.h"
#include "base/postgres_epoch.h"

#include <string.h>

#define COMMAND_FIELDS 14
#define POSTING_FIELDS 10
#define BATCH_FIELDS 8
#define CURRENCY_LETTERS 3

static const uint8_t copy_header[19] = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0};

void rows_begin_copy(struct buffer *out)
{
    buffer_append(out, copy_header, sizeof copy_header);
}

void rows_end_copy(struct buffer *out)
{
    buffer_append_u16(out, 0xffff);
}

int rows_skip_copy_header(struct reader *in)
{
    const uint8_t *header = reader_take(in, sizeof copy_header);
    return header && memcmp(header, copy_header, sizeof copy_header) == 0 ? 0 : -1;
}

/* ---- fields out ---- */

/* The end of the row being written; room for it was reserved. */
static inline uint8_t *put_u16(uint8_t *at, uint16_t value)
{
    uint16_t big = __builtin_bswap16(value);
    memcpy(at, &big, sizeof big);
    return at + sizeof big;
}

static inline uint8_t *put_u32(uint8_t *at, uint32_t value)
{
    uint32_t big = __builtin_bswap32(value);
    memcpy(at, &big, sizeof big);
    return at + sizeof big;
}

static inline uint8_t *put_u64(uint8_t *at, uint64_t value)
{
    uint64_t big = __builtin_bswap64(value);
    memcpy(at, &big, sizeof big);
    return at + sizeof big;
}

static inline uint8_t *put_int64(uint8_t *at, int64_t value)
{
    return put_u64(put_u32(at, 8), (uint64_t)value);
}

static inline uint8_t *put_int32(uint8_t *at, int32_t value)
{
    return put_u32(put_u32(at, 4), (uint32_t)value);
}

static inline uint8_t *put_int16(uint8_t *at, int16_t value)
{
    return put_u16(put_u32(at, 2), (uint16_t)value);
}

static inline uint8_t *put_bool(uint8_t *at, bool value)
{
    at = put_u32(at, 1);
    *at = value;
    return at + 1;
}

static inline uint8_t *put_date(uint8_t *at, int32_t days)
{
    return put_u32(put_u32(at, 4), (uint32_t)(days - POSTGRES_EPOCH_DAYS));
}

static inline uint8_t *put_null(uint8_t *at)
{
    return put_u32(at, UINT32_MAX);
}

static inline uint8_t *put_bytes(uint8_t *at, const void *bytes, uint32_t length)
{
    at = put_u32(at, length);
    if (length > 0)
        memcpy(at, bytes, length);
    return at + length;
}

/* Starts a row of at most `bytes_max` bytes. */
static inline uint8_t *begin_row(struct buffer *out, size_t bytes_max, uint16_t fields)
{
    if (out->capacity - out->length < bytes_max)
        buffer_reserve(out, bytes_max);
    return put_u16(out->bytes + out->length, fields);
}

static inline void end_row(struct buffer *out, const uint8_t *at)
{
    out->length = (size_t)(at - out->bytes);
    CHECK(out->length <= out->capacity);
}

void rows_append_command(struct buffer *out, const struct command_record *record)
{
    CHECK(record->sequence > 0);
    CHECK(record->body_length <= COMMAND_BODY_BYTES_MAX);
    uint8_t *at = begin_row(out, 384 + record->body_length, COMMAND_FIELDS);
    at = put_int64(at, record->sequence);
    at = put_int64(at, record->recorded_us - POSTGRES_EPOCH_US);
    at = put_int64(at, record->ledger_id);
    at = put_int16(at, (int16_t)record->kind);
    at = put_int16(at, (int16_t)record->outcome);
    at = record->accounting_date != 0 ? put_date(at, record->accounting_date) : put_null(at);
    at = put_int64(at, record->subject_id);
    at = put_bytes(at, record->key.channel, record->key.channel_length);
    at = put_date(at, record->key.business_date);
    at = put_bytes(at, record->key.serial, record->key.serial_length);
    at = put_bytes(at, record->body, record->body_length);
    const struct text *order = &record->order_number;
    CHECK(order->length <= ORDER_NUMBER_BYTES_MAX);
    at = order->length > 0 ? put_bytes(at, order->bytes, order->length) : put_null(at);
    at = record->fee_minor != 0 ? put_int64(at, record->fee_minor) : put_null(at);
    at = record->fee_rule_version != 0 ? put_int32(at, record->fee_rule_version) : put_null(at);
    end_row(out, at);
}

void rows_append_posting(
    struct buffer *out, int64_t sequence, int16_t line, const struct posting *posting)
{
    CHECK(sequence > 0);
    CHECK(posting->amount_minor > 0);
    uint8_t *at = begin_row(out, 128, POSTING_FIELDS);
    at = put_int64(at, sequence);
    at = put_int16(at, line);
    at = put_int64(at, posting->ledger_id);
    at = put_int64(at, posting->amount_minor);
    at = put_int64(at, posting->debit_account_id);
    at = put_int16(at, posting->debit_bucket);
    at = put_int64(at, posting->debit_balance_minor);
    at = put_int64(at, posting->credit_account_id);
    at = put_int16(at, posting->credit_bucket);
    at = put_int64(at, posting->credit_balance_minor);
    end_row(out, at);
}

void rows_append_batch(struct buffer *out, const struct batch_row *row)
{
    uint8_t *at = begin_row(out, 160, BATCH_FIELDS);
    at = put_int64(at, row->batch_number);
    at = put_int64(at, row->epoch);
    at = put_int64(at, row->first_sequence);
    at = put_int64(at, row->last_sequence);
    at = put_int64(at, row->recorded_us - POSTGRES_EPOCH_US);
    at = put_bytes(at, row->digest, DIGEST_BYTES);
    at = row->key_number != 0 ? put_int32(at, row->key_number) : put_null(at);
    at = row->key_number != 0 ? put_bytes(at, row->code, DIGEST_BYTES) : put_null(at);
    end_row(out, at);
}

static uint8_t *put_dates(uint8_t *at, const int32_t *dates, uint32_t count)
{
    at = put_u32(at, 4 * count);
    for (uint32_t i = 0; i < count; i++)
        at = put_u32(at, (uint32_t)dates[i]);
    return at;
}

/* Items of int64 numbers, one after the other, big-endian. */
static uint8_t *put_numbers(
    uint8_t *at, const struct record_column *column, const void *items, uint32_t item_count)
{
    const int64_t *numbers = items;
    uint32_t bytes = item_count * column->item_bytes;
    CHECK(bytes <= column->bytes);
    at = put_u32(at, bytes);
    for (uint32_t i = 0; i < bytes / sizeof *numbers; i++)
        at = put_u64(at, (uint64_t)numbers[i]);
    return at;
}

static uint8_t *put_fingerprint(uint8_t *at, const struct fingerprint *fingerprint)
{
    if (fingerprint_is_none(fingerprint))
        return put_u32(at, 0);
    at = put_u32(at, 4 + FINGERPRINT_BYTES);
    at = put_u32(at, (uint32_t)fingerprint->key);
    memcpy(at, fingerprint->bytes, FINGERPRINT_BYTES);
    return at + FINGERPRINT_BYTES;
}

static uint16_t long_length(const uint8_t *record, const struct record_column *column)
{
    return *(const uint16_t *)(const void *)(record + column->length_offset);
}

static uint8_t *put_column(uint8_t *at, const struct record_column *column, const uint8_t *record)
{
    const void *field = record + column->offset;
    switch (column->type) {
    case COLUMN_INT64:
        return put_int64(at, *(const int64_t *)field);
    case COLUMN_INT32:
        return put_int32(at, *(const int32_t *)field);
    case COLUMN_INT16:
        return put_int16(at, *(const uint8_t *)field);
    case COLUMN_BOOL:
        return put_bool(at, *(const bool *)field);
    case COLUMN_TEXT:
        CHECK(record[column->length_offset] <= column->bytes);
        return put_bytes(at, field, record[column->length_offset]);
    case COLUMN_LONG_TEXT:
        CHECK(long_length(record, column) <= column->bytes);
        return put_bytes(at, field, long_length(record, column));
    case COLUMN_CURRENCY:
        return put_bytes(at, field, CURRENCY_LETTERS);
    case COLUMN_DATE:
        return *(const int32_t *)field != 0 ? put_date(at, *(const int32_t *)field) : put_null(at);
    case COLUMN_DATES:
        CHECK(record[column->length_offset] <= column->bytes / sizeof(int32_t));
        return put_dates(at, field, record[column->length_offset]);
    case COLUMN_TIME:
        return *(const int64_t *)field != 0
                   ? put_int64(at, *(const int64_t *)field - POSTGRES_EPOCH_US)
                   : put_null(at);
    case COLUMN_NUMBERS:
        return put_numbers(at, column, field, record[column->length_offset]);
    case COLUMN_FINGERPRINT:
        return put_fingerprint(at, field);
    }
    CHECK(0 && "a known type of column");
    return at;
}

void rows_append_record(
    struct buffer *out, int64_t sequence, const struct record_table *table, const void *record)
{
    CHECK(sequence > 0);
    /* A value takes at most twice its bytes in memory, and its length. */
    size_t bytes_max = 16 + 4u * table->column_count + 2u * table->bytes;
    uint8_t *at = begin_row(out, bytes_max, (uint16_t)(table->column_count + 1));
    at = put_int64(at, sequence);
    for (uint32_t i = 0; i < table->column_count; i++)
        at = put_column(at, &table->columns[i], record);
    end_row(out, at);
}

void rows_append_image(struct buffer *out, int64_t sequence, const struct image *image)
{
    CHECK(image->kind >= 1 && image->kind <= RECORD_KINDS);
    rows_append_record(out, sequence, &record_tables[image->kind], image_record_const(image));
}

/* ---- tables ---- */

enum journal_table rows_history_table(enum record_kind kind)
{
    CHECK(kind >= 1 && kind <= RECORD_KINDS);
    return (enum journal_table)(JOURNAL_TABLE_FIRST_HISTORY + ((int)kind - 1));
}

const char *rows_table_name(enum journal_table table)
{
    CHECK(table < JOURNAL_TABLE_COUNT);
    if (table == JOURNAL_TABLE_COMMAND)
        return "command";
    if (table == JOURNAL_TABLE_POSTING)
        return "posting";
    return record_tables[1 + table - JOURNAL_TABLE_FIRST_HISTORY].history_name;
}

const char *rows_table_order(enum journal_table table)
{
    CHECK(table < JOURNAL_TABLE_COUNT);
    if (table == JOURNAL_TABLE_COMMAND)
        return "sequence";
    if (table == JOURNAL_TABLE_POSTING)
        return "sequence, line";
    return record_tables[1 + table - JOURNAL_TABLE_FIRST_HISTORY].history_order;
}

/* ---- fields in; a wrong width fails the reader ---- */

static bool take_width(struct reader *in, uint32_t width)
{
    if (reader_u32(in) != width)
        in->failed = true;
    return !in->failed;
}

static int64_t take_int64(struct reader *in)
{
    return take_width(in, 8) ? (int64_t)reader_u64(in) : 0;
}

static int16_t take_int16(struct reader *in)
{
    return take_width(in, 2) ? (int16_t)reader_u16(in) : 0;
}

/* A number that must fit into a byte. */
static uint8_t take_small(struct reader *in)
{
    int16_t value = take_int16(in);
    if (value < 0 || value > UINT8_MAX)
        in->failed = true;
    return (uint8_t)value;
}

static bool take_bool(struct reader *in)
{
    uint8_t value = take_width(in, 1) ? reader_u8(in) : 0;
    if (value > 1)
        in->failed = true;
    return value == 1;
}

/* PostgreSQL's days or microseconds since 2000 as ours since 1970; too far away fails. */
static int32_t take_date_value(struct reader *in)
{
    int32_t days = (int32_t)reader_u32(in);
    if (days > INT32_MAX - POSTGRES_EPOCH_DAYS)
        in->failed = true;
    return in->failed ? 0 : days + POSTGRES_EPOCH_DAYS;
}

static int32_t take_date(struct reader *in)
{
    return take_width(in, 4) ? take_date_value(in) : 0;
}

/* What is "none" in memory is null in a row and nothing else, so that a row that is read and
 * written again is the same bytes. */
static bool take_width_or_null(struct reader *in, uint32_t width)
{
    uint32_t given = reader_u32(in);
    if (given != width && given != UINT32_MAX)
        in->failed = true;
    return !in->failed && given == width;
}

static int32_t take_date_or_null(struct reader *in)
{
    if (!take_width_or_null(in, 4))
        return 0;
    int32_t days = take_date_value(in);
    if (days == 0)
        in->failed = true;
    return days;
}

static int64_t take_time_us(struct reader *in)
{
    int64_t value = take_int64(in);
    if (value > INT64_MAX - POSTGRES_EPOCH_US)
        in->failed = true;
    return in->failed ? 0 : value + POSTGRES_EPOCH_US;
}

/* A text of 0..bytes_max bytes into fixed memory that is zero behind it. */
static uint16_t take_text(struct reader *in, char *ret_text, uint32_t bytes_max)
{
    uint32_t length = reader_u32(in);
    if (length > bytes_max)
        in->failed = true;
    const uint8_t *bytes = reader_take(in, length);
    memset(ret_text, 0, bytes_max);
    if (!bytes)
        return 0;
    memcpy(ret_text, bytes, length);
    return (uint16_t)length;
}

static int64_t take_int64_or_null(struct reader *in)
{
    if (!take_width_or_null(in, 8))
        return 0;
    int64_t value = (int64_t)reader_u64(in);
    if (value == 0)
        in->failed = true;
    return value;
}

static int32_t take_int32(struct reader *in)
{
    return take_width(in, 4) ? (int32_t)reader_u32(in) : 0;
}

static int32_t take_int32_or_null(struct reader *in)
{
    if (!take_width_or_null(in, 4))
        return 0;
    int32_t value = (int32_t)reader_u32(in);
    if (value == 0)
        in->failed = true;
    return value;
}

static int64_t take_time_us_or_null(struct reader *in)
{
    if (!take_width_or_null(in, 8))
        return 0;
    int64_t value = (int64_t)reader_u64(in);
    if (value > INT64_MAX - POSTGRES_EPOCH_US || value == -POSTGRES_EPOCH_US)
        in->failed = true;
    return in->failed ? 0 : value + POSTGRES_EPOCH_US;
}

/* A text that stays where it is; null is the empty text, and an empty one is refused. */
static struct text take_text_or_null(struct reader *in, uint32_t bytes_max)
{
    uint32_t length = reader_u32(in);
    if (length == UINT32_MAX)
        return (struct text){0};
    if (length == 0 || length > bytes_max)
        in->failed = true;
    const uint8_t *bytes = reader_take(in, length);
    return bytes ? (struct text){.bytes = (const char *)bytes, .length = length} : (struct text){0};
}

static bool begin_read(struct reader *in, uint16_t fields)
{
    if (reader_u16(in) != fields)
        in->failed = true;
    return !in->failed;
}

int rows_read_command(struct reader *in, struct command_record *ret_record)
{
    struct command_record *r = ret_record;
    if (!begin_read(in, COMMAND_FIELDS))
        return -1;
    *r = (struct command_record){0};
    r->sequence = take_int64(in);
    r->recorded_us = take_time_us(in);
    r->ledger_id = take_int64(in);
    r->kind = (uint16_t)take_int16(in);
    r->outcome = (uint16_t)take_int16(in);
    r->accounting_date = take_date_or_null(in);
    r->subject_id = take_int64(in);
    r->key.channel_length = (uint8_t)take_text(in, r->key.channel, CHANNEL_BYTES_MAX);
    r->key.business_date = take_date(in);
    r->key.serial_length = (uint8_t)take_text(in, r->key.serial, SERIAL_BYTES_MAX);
    uint32_t length = reader_u32(in);
    if (length > COMMAND_BODY_BYTES_MAX)
        in->failed = true;
    r->body = reader_take(in, length);
    r->body_length = length;
    r->order_number = take_text_or_null(in, ORDER_NUMBER_BYTES_MAX);
    r->fee_minor = take_int64_or_null(in);
    r->fee_rule_version = take_int32_or_null(in);
    return in->failed ? -1 : 0;
}

int rows_read_posting(
    struct reader *in, int64_t *ret_sequence, int16_t *ret_line, struct posting *ret_posting)
{
    if (!begin_read(in, POSTING_FIELDS))
        return -1;
    *ret_sequence = take_int64(in);
    *ret_line = take_int16(in);
    ret_posting->ledger_id = take_int64(in);
    ret_posting->amount_minor = take_int64(in);
    ret_posting->debit_account_id = take_int64(in);
    ret_posting->debit_bucket = take_small(in);
    ret_posting->debit_balance_minor = take_int64(in);
    ret_posting->credit_account_id = take_int64(in);
    ret_posting->credit_bucket = take_small(in);
    ret_posting->credit_balance_minor = take_int64(in);
    if (in->failed || ret_posting->debit_bucket >= BUCKET_COUNT ||
        ret_posting->credit_bucket >= BUCKET_COUNT)
        return -1;
    return 0;
}

int rows_read_batch(struct reader *in, struct batch_row *ret_row)
{
    if (!begin_read(in, BATCH_FIELDS))
        return -1;
    ret_row->batch_number = take_int64(in);
    ret_row->epoch = take_int64(in);
    ret_row->first_sequence = take_int64(in);
    ret_row->last_sequence = take_int64(in);
    ret_row->recorded_us = take_time_us(in);
    const uint8_t *digest = take_width(in, DIGEST_BYTES) ? reader_take(in, DIGEST_BYTES) : NULL;
    if (!digest)
        return -1;
    memcpy(ret_row->digest, digest, DIGEST_BYTES);
    ret_row->key_number = take_int32_or_null(in);
    memset(ret_row->code, 0, DIGEST_BYTES);
    bool has_code = take_width_or_null(in, DIGEST_BYTES);
    const uint8_t *code = has_code ? reader_take(in, DIGEST_BYTES) : NULL;
    if (in->failed || (code != NULL) != (ret_row->key_number != 0) || ret_row->key_number < 0)
        return -1;
    if (code)
        memcpy(ret_row->code, code, DIGEST_BYTES);
    return 0;
}

/* Days, 1 at least and as many as there is room for. */
static uint8_t take_dates(struct reader *in, int32_t *ret_dates, uint32_t bytes_max)
{
    uint32_t length = reader_u32(in);
    if (length % 4 != 0 || length == 0 || length > bytes_max) {
        in->failed = true;
        return 0;
    }
    for (uint32_t i = 0; i < length / 4; i++)
        ret_dates[i] = (int32_t)reader_u32(in);
    return (uint8_t)(length / 4);
}

/* Whole items, as many as there is room for. */
static uint8_t take_numbers(
    struct reader *in, const struct record_column *column, int64_t *ret_numbers)
{
    uint32_t length = reader_u32(in);
    if (length % column->item_bytes != 0 || length > column->bytes) {
        in->failed = true;
        return 0;
    }
    for (uint32_t i = 0; i < length / sizeof *ret_numbers; i++)
        ret_numbers[i] = (int64_t)reader_u64(in);
    return (uint8_t)(length / column->item_bytes);
}

/* A key and the bytes, not all zero, or nothing. */
static struct fingerprint take_fingerprint(struct reader *in)
{
    struct fingerprint result = {.key = 0};
    uint32_t length = reader_u32(in);
    if (length == 0 || in->failed)
        return result;
    result.key = (int32_t)reader_u32(in);
    const uint8_t *bytes = reader_take(in, FINGERPRINT_BYTES);
    if (bytes)
        memcpy(result.bytes, bytes, FINGERPRINT_BYTES);
    if (length != 4 + FINGERPRINT_BYTES || fingerprint_is_none(&result))
        in->failed = true;
    return result;
}

static void take_column(struct reader *in, const struct record_column *column, uint8_t *record)
{
    void *field = record + column->offset;
    switch (column->type) {
    case COLUMN_INT64:
        *(int64_t *)field = take_int64(in);
        return;
    case COLUMN_INT32:
        *(int32_t *)field = take_int32(in);
        return;
    case COLUMN_INT16:
        *(uint8_t *)field = take_small(in);
        return;
    case COLUMN_BOOL:
        *(bool *)field = take_bool(in);
        return;
    case COLUMN_TEXT:
        record[column->length_offset] = (uint8_t)take_text(in, field, column->bytes);
        return;
    case COLUMN_LONG_TEXT:
        *(uint16_t *)(void *)(record + column->length_offset) = take_text(in, field, column->bytes);
        return;
    case COLUMN_CURRENCY:
        if (take_text(in, field, CURRENCY_LETTERS) != CURRENCY_LETTERS)
            in->failed = true;
        return;
    case COLUMN_DATE:
        *(int32_t *)field = take_date_or_null(in);
        return;
    case COLUMN_DATES:
        record[column->length_offset] = take_dates(in, field, column->bytes);
        return;
    case COLUMN_TIME:
        *(int64_t *)field = take_time_us_or_null(in);
        return;
    case COLUMN_NUMBERS:
        record[column->length_offset] = take_numbers(in, column, field);
        return;
    case COLUMN_FINGERPRINT:
        *(struct fingerprint *)field = take_fingerprint(in);
        return;
    }
    CHECK(0 && "a known type of column");
}

int rows_read_record(
    struct reader *in, const struct record_table *table, int64_t *ret_sequence, void *ret_record)
{
    if (!begin_read(in, (uint16_t)(table->column_count + 1)))
        return -1;
    memset(ret_record, 0, table->bytes);
    *ret_sequence = take_int64(in);
    record_set_sequence(table, ret_record, *ret_sequence);
    for (uint32_t i = 0; i < table->column_count; i++)
        take_column(in, &table->columns[i], ret_record);
    return in->failed ? -1 : 0;
}

int rows_read_image(
    struct reader *in, enum record_kind kind, int64_t *ret_sequence, struct image *ret_image)
{
    CHECK(kind >= 1 && kind <= RECORD_KINDS);
    memset(ret_image, 0, sizeof *ret_image);
    ret_image->kind = kind;
    return rows_read_record(in, &record_tables[kind], ret_sequence, image_record(ret_image));
}
