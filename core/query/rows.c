/* rows.c: columns in the order of sql/statements.
 * SPDX-License-Identifier: Apache-2.0 */
#include "query/rows.h"

#include "base/check.h"

#include <string.h>

/* Copies a text column into a part of a key. */
static int read_key_text(const struct pg_result *result, size_t row, size_t column,
    size_t bytes_max, char *ret_text, uint8_t *ret_length)
{
    struct pg_value value = pg_bytes(result, row, column);
    if (value.length < 1 || (size_t)value.length > bytes_max)
        return -1;
    memcpy(ret_text, value.bytes, (size_t)value.length);
    *ret_length = (uint8_t)value.length;
    return 0;
}

/* An order number, or none. */
static int read_order_number(
    const struct pg_result *result, size_t row, size_t column, struct text *ret_text)
{
    *ret_text = (struct text){0};
    if (pg_is_null(result, row, column))
        return 0;
    struct pg_value value = pg_bytes(result, row, column);
    if (value.length < 1 || value.length > ORDER_NUMBER_BYTES_MAX)
        return -1;
    ret_text->bytes = value.bytes;
    ret_text->length = (uint32_t)value.length;
    return 0;
}

/* channel, business_date, serial, body and order_number stand side by side in every statement. */
static int read_key_and_body(
    const struct pg_result *result, size_t row, size_t column, struct command_record *record)
{
    struct request_key *key = &record->key;
    if (pg_is_null(result, row, column + 1))
        return -1;
    if (read_key_text(result, row, column, CHANNEL_BYTES_MAX, key->channel, &key->channel_length) <
        0)
        return -1;
    key->business_date = pg_date(result, row, column + 1);
    if (read_key_text(result, row, column + 2, SERIAL_BYTES_MAX, key->serial, &key->serial_length) <
        0)
        return -1;
    struct pg_value body = pg_bytes(result, row, column + 3);
    if (body.length < 0 || body.length > COMMAND_BODY_BYTES_MAX)
        return -1;
    record->body = body.bytes;
    record->body_length = (uint32_t)body.length;
    return read_order_number(result, row, column + 4, &record->order_number);
}

static int read_accounting_date(
    const struct pg_result *result, size_t row, size_t column, int32_t *ret_days)
{
    *ret_days = pg_is_null(result, row, column) ? 0 : pg_date(result, row, column);
    return *ret_days < 0 ? -1 : 0;
}

int row_read_command(const struct pg_result *result, size_t row, struct command_record *ret_record)
{
    CHECK(pg_columns(result) == 14);
    for (size_t column = 0; column < 11; column++)
        if (column != 5 && pg_is_null(result, row, column))
            return -1;
    struct command_record record;
    memset(&record, 0, sizeof record);
    record.sequence = pg_int64(result, row, 0);
    record.recorded_us = pg_time_us(result, row, 1);
    record.ledger_id = pg_int64(result, row, 2);
    int16_t kind = pg_int16(result, row, 3);
    int16_t outcome = pg_int16(result, row, 4);
    record.subject_id = pg_int64(result, row, 6);
    if (record.sequence < 1 || kind < 0 || outcome < 0)
        return -1;
    record.kind = (uint16_t)kind;
    record.outcome = (uint16_t)outcome;
    if (read_accounting_date(result, row, 5, &record.accounting_date) < 0)
        return -1;
    if (read_key_and_body(result, row, 7, &record) < 0)
        return -1;
    if (!pg_is_null(result, row, 12))
        record.fee_minor = pg_int64(result, row, 12);
    if (!pg_is_null(result, row, 13))
        record.fee_rule_version = pg_int32(result, row, 13);
    if (record.fee_minor < 0 || record.fee_rule_version < 0)
        return -1;
    *ret_record = record;
    return 0;
}

static int read_bucket(
    const struct pg_result *result, size_t row, size_t column, uint8_t *ret_bucket)
{
    int16_t bucket = pg_int16(result, row, column);
    if (bucket < 0 || bucket >= BUCKET_COUNT)
        return -1;
    *ret_bucket = (uint8_t)bucket;
    return 0;
}

int row_read_posting(const struct pg_result *result, size_t row, int64_t *ret_sequence,
    int16_t *ret_line, struct posting *ret_posting)
{
    CHECK(pg_columns(result) == 10);
    for (size_t column = 0; column < 10; column++)
        if (pg_is_null(result, row, column))
            return -1;
    struct posting posting = {
        .ledger_id = pg_int64(result, row, 2),
        .amount_minor = pg_int64(result, row, 3),
        .debit_account_id = pg_int64(result, row, 4),
        .debit_balance_minor = pg_int64(result, row, 6),
        .credit_account_id = pg_int64(result, row, 7),
        .credit_balance_minor = pg_int64(result, row, 9),
    };
    if (posting.amount_minor <= 0 || pg_int16(result, row, 1) < 0)
        return -1;
    if (read_bucket(result, row, 5, &posting.debit_bucket) < 0)
        return -1;
    if (read_bucket(result, row, 8, &posting.credit_bucket) < 0)
        return -1;
    *ret_sequence = pg_int64(result, row, 0);
    *ret_line = pg_int16(result, row, 1);
    *ret_posting = posting;
    return 0;
}

int rows_take_postings(const struct pg_result *result, size_t *row, int64_t sequence,
    struct posting ret_postings[POSTINGS_PER_COMMAND_MAX], uint32_t *ret_count)
{
    uint32_t count = 0;
    while (*row < pg_rows(result) && pg_int64(result, *row, 0) == sequence) {
        int64_t of_sequence;
        int16_t line;
        if (count == POSTINGS_PER_COMMAND_MAX ||
            row_read_posting(result, *row, &of_sequence, &line, &ret_postings[count]) < 0 ||
            line != (int16_t)count)
            return -1;
        count++;
        (*row)++;
    }
    *ret_count = count;
    return 0;
}

int row_read_line(const struct pg_result *result, size_t row, struct account_line *ret_line,
    bool *ret_has_command, struct command_record *ret_record)
{
    CHECK(pg_columns(result) == 16);
    for (size_t column = 0; column < 8; column++)
        if (pg_is_null(result, row, column))
            return -1;
    struct account_line line = {
        .place = {.sequence = pg_int64(result, row, 0),
            .line = pg_int16(result, row, 1),
            .side = pg_int16(result, row, 2)},
        .balance_after_minor = pg_int64(result, row, 5),
        .other_account_id = pg_int64(result, row, 6),
    };
    int64_t amount = pg_int64(result, row, 4);
    if (amount <= 0 || line.place.line < 0 || line.place.sequence < 1)
        return -1;
    CHECK(line.place.side == 0 || line.place.side == 1);
    line.amount_minor = line.place.side == 0 ? -amount : amount;
    if (read_bucket(result, row, 3, &line.bucket) < 0)
        return -1;
    if (read_bucket(result, row, 7, &line.other_bucket) < 0)
        return -1;
    *ret_line = line;
    *ret_has_command = !pg_is_null(result, row, 9);
    if (!*ret_has_command)
        return 0;

    struct command_record record;
    memset(&record, 0, sizeof record);
    int16_t kind = pg_int16(result, row, 9);
    if (pg_is_null(result, row, 8) || kind < 0)
        return -1;
    record.sequence = line.place.sequence;
    record.recorded_us = pg_time_us(result, row, 8);
    record.kind = (uint16_t)kind;
    if (read_accounting_date(result, row, 10, &record.accounting_date) < 0)
        return -1;
    if (read_key_and_body(result, row, 11, &record) < 0)
        return -1;
    *ret_record = record;
    return 0;
}

struct command_record *record_copy(const struct command_record *record, struct arena *arena)
{
    struct text order_number = record->order_number;
    struct command_record *copy = arena_try_alloc(arena, sizeof *copy);
    uint8_t *body = arena_try_alloc(arena, record->body_length + order_number.length + 1);
    if (!copy || !body)
        return NULL;
    *copy = *record;
    if (record->body_length > 0)
        memcpy(body, record->body, record->body_length);
    copy->body = body;
    if (order_number.length > 0)
        memcpy(body + record->body_length, order_number.bytes, order_number.length);
    copy->order_number.bytes = (const char *)body + record->body_length;
    return copy;
}
