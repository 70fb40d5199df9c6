/* sample.c: see sample.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include "base/check.h"
#include "model/date.h"
#include "model/money.h"
#include "support/records.h"

#include <string.h>

int64_t sample_number(struct random *random)
{
    switch (random_below(random, 8)) {
    case 0:
        return INT64_MIN;
    case 1:
        return INT64_MAX;
    case 2:
        return 0;
    case 3:
        return -1;
    default:
        return (int64_t)(random_u64(random) >> random_below(random, 64));
    }
}

static int64_t positive(struct random *random)
{
    return 1 + (int64_t)(random_u64(random) >> (1 + random_below(random, 62)));
}

static uint16_t sample_text(struct random *random, char *text, uint16_t min, uint16_t max)
{
    uint16_t length = (uint16_t)random_between(random, min, max);
    if (random_percent(random, 10))
        length = max;
    memset(text, 0, max);
    for (uint16_t i = 0; i < length; i++)
        text[i] = (char)random_between(random, 0x21, 0x7e);
    return length;
}

static int32_t sample_date(struct random *random)
{
    return (int32_t)random_between(random, 1, DATE_DAYS_MAX);
}

struct request_key sample_key(struct random *random)
{
    struct request_key key = {.business_date = sample_date(random)};
    key.serial_length = (uint8_t)sample_text(random, key.serial, 1, SERIAL_BYTES_MAX);
    key.channel_length = (uint8_t)sample_text(random, key.channel, 1, CHANNEL_BYTES_MAX);
    return key;
}

/* None, one of a few, or one of the longest. */
static struct text sample_order_number(struct random *random)
{
    static const char *const numbers[] = {"", "", "1", "order-7", "\xe8\xae\xa2\xe5\x8d\x95",
        "0123456789012345678901234567890123456789012345678901234567890123"};
    return text_of(numbers[random_below(random, sizeof numbers / sizeof *numbers)]);
}

struct command_record sample_command(struct random *random, uint8_t *body)
{
    static const uint32_t lengths[] = {0, 1, 40, COMMAND_BODY_BYTES_MAX};
    struct command_record record = {
        .key = sample_key(random),
        .sequence = positive(random),
        .recorded_us = random_between(random, 0, (int64_t)DATE_DAYS_MAX * 86400 * 1000000),
        .ledger_id = sample_number(random),
        .subject_id = sample_number(random),
        .accounting_date = random_percent(random, 20) ? 0 : sample_date(random),
        .kind = (uint16_t)random_below(random, 100),
        .outcome = (uint16_t)random_below(random, 1000),
        .body = body,
        .body_length = lengths[random_below(random, 4)],
        .order_number = sample_order_number(random),
        .fee_minor = random_percent(random, 50) ? 0 : positive(random),
        .fee_rule_version = (int32_t)random_between(random, 0, 3),
    };
    random_fill(random, body, COMMAND_BODY_BYTES_MAX);
    return record;
}

struct posting sample_posting(struct random *random)
{
    return (struct posting){
        .ledger_id = sample_number(random),
        .amount_minor = positive(random),
        .debit_account_id = sample_number(random),
        .credit_account_id = sample_number(random),
        .debit_balance_minor = sample_number(random),
        .credit_balance_minor = sample_number(random),
        .debit_bucket = (uint8_t)random_below(random, BUCKET_COUNT),
        .credit_bucket = (uint8_t)random_below(random, BUCKET_COUNT),
    };
}

static void sample_column(
    struct random *random, const struct record_column *column, uint8_t *record)
{
    void *field = record + column->offset;
    switch (column->type) {
    case COLUMN_INT64:
        *(int64_t *)field = sample_number(random);
        return;
    case COLUMN_INT32:
        *(int32_t *)field = (int32_t)random_u64(random);
        return;
    case COLUMN_INT16:
        *(uint8_t *)field = (uint8_t)random_below(random, 256);
        return;
    case COLUMN_BOOL:
        *(bool *)field = random_percent(random, 50);
        return;
    case COLUMN_TEXT:
        record[column->length_offset] = (uint8_t)sample_text(random, field, 0, column->bytes);
        return;
    case COLUMN_LONG_TEXT:
        *(uint16_t *)(void *)(record + column->length_offset) =
            sample_text(random, field, 0, column->bytes);
        return;
    case COLUMN_CURRENCY:
        memcpy(field, "CNY", 4);
        return;
    case COLUMN_DATE:
        *(int32_t *)field = random_percent(random, 20) ? 0 : sample_date(random);
        return;
    case COLUMN_DATES:
        record[column->length_offset] = (uint8_t)random_between(random, 1, column->bytes / 4);
        for (int i = 0; i < record[column->length_offset]; i++)
            ((int32_t *)field)[i] = sample_date(random);
        return;
    case COLUMN_TIME:
        *(int64_t *)field = random_percent(random, 20) ? 0 : positive(random) / 1000000;
        return;
    case COLUMN_NUMBERS:
        record[column->length_offset] =
            (uint8_t)random_between(random, 0, column->bytes / column->item_bytes);
        for (int i = 0; i < record[column->length_offset] * column->item_bytes / 8; i++)
            ((int64_t *)field)[i] = sample_number(random);
        return;
    case COLUMN_FINGERPRINT:
        if (random_percent(random, 80))
            random_fill(random, field, sizeof(struct fingerprint));
        return;
    }
    CHECK(0 && "a known type of column");
}

struct image sample_image(struct random *random, enum record_kind kind, int64_t sequence)
{
    const struct record_table *table = &record_tables[kind];
    struct image image;
    memset(&image, 0, sizeof image);
    image.kind = kind;
    record_set_sequence(table, image_record(&image), sequence);
    for (uint32_t i = 0; i < table->column_count; i++)
        sample_column(random, &table->columns[i], image_record(&image));
    return image;
}

struct batch_row sample_batch(struct random *random)
{
    struct batch_row row = {
        .batch_number = positive(random),
        .epoch = positive(random),
        .first_sequence = positive(random),
        .last_sequence = positive(random),
        .recorded_us = random_between(random, 0, (int64_t)DATE_DAYS_MAX * 86400 * 1000000),
    };
    random_fill(random, row.digest, DIGEST_BYTES);
    if (random_below(random, 2) == 0)
        return row;
    row.key_number = 1 + (int32_t)random_below(random, INT32_MAX);
    random_fill(random, row.code, DIGEST_BYTES);
    return row;
}

bool same_image(const struct image *a, const struct image *b)
{
    return a->kind == b->kind && records_difference(&record_tables[a->kind], image_record_const(a),
                                     image_record_const(b)) == NULL;
}

bool same_posting(const struct posting *a, const struct posting *b)
{
    return a->ledger_id == b->ledger_id && a->amount_minor == b->amount_minor &&
           a->debit_account_id == b->debit_account_id &&
           a->credit_account_id == b->credit_account_id &&
           a->debit_balance_minor == b->debit_balance_minor &&
           a->credit_balance_minor == b->credit_balance_minor &&
           a->debit_bucket == b->debit_bucket && a->credit_bucket == b->credit_bucket;
}

bool same_command(const struct command_record *a, const struct command_record *b)
{
    return request_key_equals(&a->key, &b->key) && a->sequence == b->sequence &&
           a->recorded_us == b->recorded_us && a->ledger_id == b->ledger_id &&
           a->subject_id == b->subject_id && a->accounting_date == b->accounting_date &&
           a->kind == b->kind && a->outcome == b->outcome && a->fee_minor == b->fee_minor &&
           a->fee_rule_version == b->fee_rule_version &&
           text_equals(a->order_number, b->order_number) && a->body_length == b->body_length &&
           memcmp(a->body, b->body, a->body_length) == 0;
}
