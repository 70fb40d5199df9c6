/* sample.c: see sample.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include "base/check.h"
#include "model/date.h"
#include "model/money.h"

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

static uint8_t sample_text(struct random *random, char *text, uint8_t min, uint8_t max)
{
    uint8_t length = (uint8_t)random_between(random, min, max);
    if (random_percent(random, 10))
        length = max;
    memset(text, 0, max);
    for (uint8_t i = 0; i < length; i++)
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
    key.serial_length = sample_text(random, key.serial, 1, SERIAL_BYTES_MAX);
    key.channel_length = sample_text(random, key.channel, 1, CHANNEL_BYTES_MAX);
    return key;
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

static void sample_ledger(struct random *random, struct ledger *ledger)
{
    ledger->id = sample_number(random);
    ledger->first_control_account_id = sample_number(random);
    ledger->key_window_dates = (uint8_t)random_between(random, 1, KEY_WINDOW_DATES_MAX);
    ledger->accounting_date_count = (uint8_t)random_between(random, 1, KEY_WINDOW_DATES_MAX);
    for (int i = 0; i < ledger->accounting_date_count; i++)
        ledger->accounting_dates[i] = sample_date(random);
    ledger->status = (uint8_t)random_below(random, 256);
    memcpy(ledger->currency, "CNY", 4);
    ledger->receiving_prefix_length = sample_text(
        random, ledger->receiving_prefix, RECEIVING_PREFIX_DIGITS_MIN, RECEIVING_PREFIX_DIGITS_MAX);
    ledger->platform_name_length =
        sample_text(random, ledger->platform_name, 1, PLATFORM_NAME_BYTES_MAX);
    ledger->escrow_account_number_length =
        sample_text(random, ledger->escrow_account_number, 1, ACCOUNT_NUMBER_BYTES_MAX);
}

struct image sample_image(struct random *random, enum record_kind kind, int64_t sequence)
{
    struct image image;
    memset(&image, 0, sizeof image);
    image.kind = kind;
    switch (kind) {
    case RECORD_LEDGER:
        sample_ledger(random, &image.ledger);
        image.ledger.changed_sequence = sequence;
        return image;
    case RECORD_MEMBER:
        image.member.id = sample_number(random);
        image.member.ledger_id = sample_number(random);
        image.member.kind = (uint8_t)random_below(random, 256);
        image.member.status = (uint8_t)random_below(random, 256);
        image.member.platform_member_id_length =
            sample_text(random, image.member.platform_member_id, 1, PLATFORM_MEMBER_ID_BYTES_MAX);
        image.member.changed_sequence = sequence;
        return image;
    case RECORD_ACCOUNT:
        image.account.id = sample_number(random);
        image.account.ledger_id = sample_number(random);
        image.account.member_id = sample_number(random);
        for (int b = 0; b < BUCKET_COUNT; b++)
            image.account.balance_minor[b] = sample_number(random);
        image.account.kind = (uint8_t)random_below(random, 256);
        image.account.status = (uint8_t)random_below(random, 256);
        image.account.no_in = random_percent(random, 50);
        image.account.no_out = random_percent(random, 50);
        image.account.changed_sequence = sequence;
        return image;
    case RECORD_PAYOUT:
        image.payout.id = sample_number(random);
        image.payout.ledger_id = sample_number(random);
        image.payout.account_id = sample_number(random);
        image.payout.amount_minor = sample_number(random);
        image.payout.fee_minor = sample_number(random);
        image.payout.requested_sequence = sample_number(random);
        image.payout.status = (uint8_t)random_below(random, 256);
        image.payout.changed_sequence = sequence;
        return image;
    }
    CHECK(0 && "a known kind of record");
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
    return row;
}

static bool same_ledger(const struct ledger *a, const struct ledger *b)
{
    return a->id == b->id && a->changed_sequence == b->changed_sequence &&
           a->first_control_account_id == b->first_control_account_id &&
           a->key_window_dates == b->key_window_dates &&
           a->accounting_date_count == b->accounting_date_count &&
           memcmp(a->accounting_dates, b->accounting_dates, sizeof a->accounting_dates) == 0 &&
           a->status == b->status && memcmp(a->currency, b->currency, sizeof a->currency) == 0 &&
           a->receiving_prefix_length == b->receiving_prefix_length &&
           a->platform_name_length == b->platform_name_length &&
           a->escrow_account_number_length == b->escrow_account_number_length &&
           memcmp(a->receiving_prefix, b->receiving_prefix, sizeof a->receiving_prefix) == 0 &&
           memcmp(a->platform_name, b->platform_name, sizeof a->platform_name) == 0 &&
           memcmp(a->escrow_account_number, b->escrow_account_number,
               sizeof a->escrow_account_number) == 0;
}

static bool same_member(const struct member *a, const struct member *b)
{
    return a->id == b->id && a->ledger_id == b->ledger_id &&
           a->changed_sequence == b->changed_sequence && a->kind == b->kind &&
           a->status == b->status && a->platform_member_id_length == b->platform_member_id_length &&
           memcmp(a->platform_member_id, b->platform_member_id, sizeof a->platform_member_id) == 0;
}

static bool same_account(const struct account *a, const struct account *b)
{
    return a->id == b->id && a->ledger_id == b->ledger_id && a->member_id == b->member_id &&
           memcmp(a->balance_minor, b->balance_minor, sizeof a->balance_minor) == 0 &&
           a->changed_sequence == b->changed_sequence && a->kind == b->kind &&
           a->status == b->status && a->no_in == b->no_in && a->no_out == b->no_out;
}

static bool same_payout(const struct payout *a, const struct payout *b)
{
    return a->id == b->id && a->ledger_id == b->ledger_id && a->account_id == b->account_id &&
           a->amount_minor == b->amount_minor && a->fee_minor == b->fee_minor &&
           a->requested_sequence == b->requested_sequence &&
           a->changed_sequence == b->changed_sequence && a->status == b->status;
}

bool same_image(const struct image *a, const struct image *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case RECORD_LEDGER:
        return same_ledger(&a->ledger, &b->ledger);
    case RECORD_MEMBER:
        return same_member(&a->member, &b->member);
    case RECORD_ACCOUNT:
        return same_account(&a->account, &b->account);
    case RECORD_PAYOUT:
        return same_payout(&a->payout, &b->payout);
    }
    return false;
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
           a->kind == b->kind && a->outcome == b->outcome && a->body_length == b->body_length &&
           memcmp(a->body, b->body, a->body_length) == 0;
}
