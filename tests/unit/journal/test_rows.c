/* test_rows.c: rows out and in: the exact bytes of COPY BINARY, and that every record comes back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"
#include "suites.h"
#include "support/expect.h"

#include <string.h>

/* ---- exact bytes, written by hand from the PostgreSQL manual ---- */

static void expect_bytes(const struct buffer *out, const void *expected, size_t length)
{
    EXPECT_MSG(out->length == length, "%zu bytes and not %zu", out->length, length);
    for (size_t i = 0; i < length; i++)
        EXPECT_MSG(
            out->bytes[i] == ((const uint8_t *)expected)[i], "byte %zu is %02x", i, out->bytes[i]);
}

#define EXPECT_BYTES(out, text) expect_bytes(out, text, sizeof(text) - 1)

START_TEST(header_and_trailer)
{
    struct buffer out = {0};
    rows_begin_copy(&out);
    rows_end_copy(&out);
    EXPECT_BYTES(&out, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\377\377");
    struct reader in = reader_of(out.bytes, out.length);
    EXPECT(rows_skip_copy_header(&in) == 0);
    EXPECT(reader_left(&in) == 2);
    for (size_t i = 0; i < 19; i++) {
        out.bytes[i] ^= 1;
        in = reader_of(out.bytes, out.length);
        EXPECT_MSG(rows_skip_copy_header(&in) == -1, "byte %zu", i);
        out.bytes[i] ^= 1;
        in = reader_of(out.bytes, i);
        EXPECT_MSG(rows_skip_copy_header(&in) == -1, "%zu bytes", i);
    }
    buffer_finish(&out);
}
END_TEST

START_TEST(bytes_of_a_command)
{
    struct buffer out = {0};
    struct command_record record = {
        .key = {.channel = "front",
            .channel_length = 5,
            .serial = "S1",
            .serial_length = 2,
            .business_date = 10957 + 1}, /* 2000-01-02 */
        .sequence = 258,
        .recorded_us = INT64_C(946684800000000) + 5, /* 2000-01-01 and 5 us */
        .ledger_id = 1,
        .subject_id = -2,
        .accounting_date = 10957 - 1, /* 1999-12-31 */
        .kind = 40,
        .outcome = 241,
        .body = (const uint8_t *)"\001\377",
        .body_length = 2,
        .order_number = text_of("R7"),
        .fee_minor = 3,
        .fee_rule_version = 9,
    };
    rows_append_command(&out, &record);
    EXPECT_BYTES(&out, "\0\16"
                       "\0\0\0\10\0\0\0\0\0\0\1\2"
                       "\0\0\0\10\0\0\0\0\0\0\0\5"
                       "\0\0\0\10\0\0\0\0\0\0\0\1"
                       "\0\0\0\2\0\50"
                       "\0\0\0\2\0\361"
                       "\0\0\0\4\377\377\377\377"
                       "\0\0\0\10\377\377\377\377\377\377\377\376"
                       "\0\0\0\5front"
                       "\0\0\0\4\0\0\0\1"
                       "\0\0\0\2S1"
                       "\0\0\0\2\1\377"
                       "\0\0\0\2R7"
                       "\0\0\0\10\0\0\0\0\0\0\0\3"
                       "\0\0\0\4\0\0\0\11");
    buffer_clear(&out);
    record.accounting_date = 0;
    record.body_length = 0;
    record.order_number = (struct text){0};
    record.fee_minor = 0;
    record.fee_rule_version = 0;
    rows_append_command(&out, &record);
    EXPECT(memcmp(out.bytes + 50, "\377\377\377\377", 4) == 0); /* NULL */
    /* The body is empty, not NULL; order number, fee and version are NULL. */
    EXPECT(memcmp(out.bytes + out.length - 16,
               "\0\0\0\0"
               "\377\377\377\377\377\377\377\377\377\377\377\377",
               16) == 0);
    buffer_finish(&out);
}
END_TEST

START_TEST(bytes_of_a_posting)
{
    struct buffer out = {0};
    struct posting posting = {.ledger_id = 2,
        .amount_minor = 100,
        .debit_account_id = 7,
        .debit_bucket = BUCKET_AVAILABLE,
        .debit_balance_minor = -100,
        .credit_account_id = 8,
        .credit_bucket = BUCKET_PENDING_OUT,
        .credit_balance_minor = 300};
    rows_append_posting(&out, 9, 1, &posting);
    EXPECT_BYTES(&out, "\0\12"
                       "\0\0\0\10\0\0\0\0\0\0\0\11"
                       "\0\0\0\2\0\1"
                       "\0\0\0\10\0\0\0\0\0\0\0\2"
                       "\0\0\0\10\0\0\0\0\0\0\0\144"
                       "\0\0\0\10\0\0\0\0\0\0\0\7"
                       "\0\0\0\2\0\0"
                       "\0\0\0\10\377\377\377\377\377\377\377\234"
                       "\0\0\0\10\0\0\0\0\0\0\0\10"
                       "\0\0\0\2\0\2"
                       "\0\0\0\10\0\0\0\0\0\0\1\54");
    buffer_finish(&out);
}
END_TEST

START_TEST(bytes_of_images)
{
    struct buffer out = {0};
    struct image account = {.kind = RECORD_ACCOUNT,
        .account = {.id = 7,
            .ledger_id = 1,
            .member_id = 3,
            .kind = ACCOUNT_MEMBER,
            .status = ACCOUNT_CLOSED,
            .no_out = true,
            .next_date_minor = 6,
            .next_date = 10957 + 2,
            .balance_minor = {1, 2, 3, 4}}};
    rows_append_image(&out, 5, &account);
    EXPECT_BYTES(&out, "\0\16"
                       "\0\0\0\10\0\0\0\0\0\0\0\5"
                       "\0\0\0\10\0\0\0\0\0\0\0\1"
                       "\0\0\0\10\0\0\0\0\0\0\0\7"
                       "\0\0\0\10\0\0\0\0\0\0\0\3"
                       "\0\0\0\2\0\1"
                       "\0\0\0\2\0\2"
                       "\0\0\0\1\0"
                       "\0\0\0\1\1"
                       "\0\0\0\10\0\0\0\0\0\0\0\1"
                       "\0\0\0\10\0\0\0\0\0\0\0\2"
                       "\0\0\0\10\0\0\0\0\0\0\0\3"
                       "\0\0\0\10\0\0\0\0\0\0\0\4"
                       "\0\0\0\10\0\0\0\0\0\0\0\6"
                       "\0\0\0\4\0\0\0\2");
    buffer_clear(&out);
    account.account.next_date = 0;
    rows_append_image(&out, 5, &account);
    EXPECT(memcmp(out.bytes + out.length - 4, "\377\377\377\377", 4) == 0); /* NULL */
    buffer_clear(&out);
    struct image member = {.kind = RECORD_MEMBER,
        .member = {.id = 3,
            .ledger_id = 1,
            .kind = MEMBER_USER,
            .status = MEMBER_OPEN,
            .platform_member_id = "u1",
            .platform_member_id_length = 2}};
    rows_append_image(&out, 5, &member);
    EXPECT_BYTES(&out, "\0\6"
                       "\0\0\0\10\0\0\0\0\0\0\0\5"
                       "\0\0\0\10\0\0\0\0\0\0\0\1"
                       "\0\0\0\10\0\0\0\0\0\0\0\3"
                       "\0\0\0\2\0\2"
                       "\0\0\0\2\0\1"
                       "\0\0\0\2u1");
    buffer_clear(&out);
    struct image payout = {.kind = RECORD_PAYOUT,
        .payout = {.id = 4,
            .ledger_id = 1,
            .account_id = 7,
            .amount_minor = 97,
            .fee_minor = 3,
            .requested_sequence = 2,
            .status = PAYOUT_PAID,
            .fee_account_id = 8,
            .fee_rule_id = 9,
            .returned_minor = 10,
            .fee_returned_minor = 1,
            .evidence_sequence = 12,
            .return_until = 10957 + 3,
            .order_number = "R",
            .order_number_length = 1}};
    rows_append_image(&out, 5, &payout);
    EXPECT_BYTES(&out, "\0\17"
                       "\0\0\0\10\0\0\0\0\0\0\0\5"
                       "\0\0\0\10\0\0\0\0\0\0\0\1"
                       "\0\0\0\10\0\0\0\0\0\0\0\4"
                       "\0\0\0\10\0\0\0\0\0\0\0\7"
                       "\0\0\0\10\0\0\0\0\0\0\0\141"
                       "\0\0\0\10\0\0\0\0\0\0\0\3"
                       "\0\0\0\10\0\0\0\0\0\0\0\2"
                       "\0\0\0\2\0\2"
                       "\0\0\0\10\0\0\0\0\0\0\0\10"
                       "\0\0\0\10\0\0\0\0\0\0\0\11"
                       "\0\0\0\10\0\0\0\0\0\0\0\12"
                       "\0\0\0\10\0\0\0\0\0\0\0\1"
                       "\0\0\0\10\0\0\0\0\0\0\0\14"
                       "\0\0\0\4\0\0\0\3"
                       "\0\0\0\1R");
    buffer_finish(&out);
}
END_TEST

START_TEST(bytes_of_a_ledger)
{
    struct buffer out = {0};
    struct image ledger = {.kind = RECORD_LEDGER,
        .ledger = {.id = 1,
            .status = LEDGER_OPEN,
            .currency = "CNY",
            .platform_name = "P",
            .platform_name_length = 1,
            .escrow_account_number = "62",
            .escrow_account_number_length = 2,
            .receiving_prefix = {'1', '0', '0', '0'},
            .receiving_prefix_length = 4,
            .first_control_account_id = 1,
            .key_window_dates = 3,
            .accounting_dates = {258, 2},
            .accounting_date_count = 2,
            .own_account_name = "O",
            .own_account_name_length = 1,
            .own_account_number = "77",
            .own_account_number_length = 2,
            .advance_refunds = true,
            .payout_return_days = 30}};
    rows_append_image(&out, 5, &ledger);
    EXPECT_BYTES(&out, "\0\17"
                       "\0\0\0\10\0\0\0\0\0\0\0\5"
                       "\0\0\0\10\0\0\0\0\0\0\0\1"
                       "\0\0\0\2\0\1"
                       "\0\0\0\3CNY"
                       "\0\0\0\1P"
                       "\0\0\0\00262"
                       "\0\0\0\0041000"
                       "\0\0\0\10\0\0\0\0\0\0\0\1"
                       "\0\0\0\2\0\3"
                       "\0\0\0\10\0\0\1\2\0\0\0\2"
                       "\0\0\0\1O"
                       "\0\0\0\00277"
                       "\0\0\0\0"
                       "\0\0\0\1\1"
                       "\0\0\0\4\0\0\0\36");
    buffer_finish(&out);
}
END_TEST

/* Lists of numbers, integers and times. */
START_TEST(bytes_of_rules_and_holds)
{
    struct buffer out = {0};
    struct image rule = {.kind = RECORD_FEE_RULE,
        .fee_rule = {.id = 2,
            .ledger_id = 1,
            .previous_id = 1,
            .version = 2,
            .effective_date = 10957 + 1,
            .rounding = FEE_ROUNDING_UP,
            .refund = FEE_REFUND_NONE,
            .on_payout_failed = PAYOUT_FEE_BACK,
            .on_payout_returned = PAYOUT_FEE_KEPT,
            .name = "r",
            .name_length = 1,
            .tier_count = 1,
            .tiers = {{.from_minor = 0,
                .flat_minor = 1,
                .minimum_minor = 2,
                .maximum_minor = 3,
                .rate_ppm = 4}}}};
    rows_append_image(&out, 5, &rule);
    EXPECT_BYTES(&out, "\0\15"
                       "\0\0\0\10\0\0\0\0\0\0\0\5"
                       "\0\0\0\10\0\0\0\0\0\0\0\1"
                       "\0\0\0\10\0\0\0\0\0\0\0\2"
                       "\0\0\0\10\0\0\0\0\0\0\0\1"
                       "\0\0\0\1r"
                       "\0\0\0\4\0\0\0\2"
                       "\0\0\0\4\0\0\0\1"
                       "\0\0\0\2\0\2"
                       "\0\0\0\2\0\1"
                       "\0\0\0\2\0\1"
                       "\0\0\0\2\0\2"
                       "\0\0\0\50"
                       "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2"
                       "\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\4"
                       "\0\0\0\0");
    buffer_clear(&out);
    struct image hold = {.kind = RECORD_HOLD,
        .hold = {.id = 3,
            .ledger_id = 1,
            .payer_account_id = 7,
            .amount_minor = 9,
            .confirmed_minor = 4,
            .cancelled_minor = 2,
            .expires_at_us = INT64_C(946684800000000) + 5,
            .placed_sequence = 2,
            .status = HOLD_LIVE,
            .order_number = "R7",
            .order_number_length = 2}};
    rows_append_image(&out, 5, &hold);
    EXPECT_BYTES(&out, "\0\13"
                       "\0\0\0\10\0\0\0\0\0\0\0\5"
                       "\0\0\0\10\0\0\0\0\0\0\0\1"
                       "\0\0\0\10\0\0\0\0\0\0\0\3"
                       "\0\0\0\10\0\0\0\0\0\0\0\7"
                       "\0\0\0\2R7"
                       "\0\0\0\10\0\0\0\0\0\0\0\11"
                       "\0\0\0\10\0\0\0\0\0\0\0\4"
                       "\0\0\0\10\0\0\0\0\0\0\0\2"
                       "\0\0\0\10\0\0\0\0\0\0\0\5"
                       "\0\0\0\2\0\1"
                       "\0\0\0\10\0\0\0\0\0\0\0\2");
    buffer_finish(&out);
}
END_TEST

START_TEST(bytes_of_a_batch)
{
    struct buffer out = {0};
    struct batch_row row = {.batch_number = 1,
        .epoch = 2,
        .first_sequence = 3,
        .last_sequence = 4,
        .recorded_us = INT64_C(946684800000000) - 1};
    memset(row.digest, 'd', DIGEST_BYTES);
    rows_append_batch(&out, &row);
    EXPECT_BYTES(&out, "\0\10"
                       "\0\0\0\10\0\0\0\0\0\0\0\1"
                       "\0\0\0\10\0\0\0\0\0\0\0\2"
                       "\0\0\0\10\0\0\0\0\0\0\0\3"
                       "\0\0\0\10\0\0\0\0\0\0\0\4"
                       "\0\0\0\10\377\377\377\377\377\377\377\377"
                       "\0\0\0\40dddddddddddddddddddddddddddddddd"
                       "\377\377\377\377"
                       "\377\377\377\377");
    size_t length = out.length;
    row.key_number = 7;
    memset(row.code, 'c', DIGEST_BYTES);
    rows_append_batch(&out, &row);
    EXPECT(out.length == 2 * length + 4 + DIGEST_BYTES);
    EXPECT(memcmp(out.bytes + out.length - 44,
               "\0\0\0\4\0\0\0\7"
               "\0\0\0\40cccccccccccccccccccccccccccccccc",
               44) == 0);
    buffer_finish(&out);
}
END_TEST

/* ---- round trips ---- */

/* Wherever a buffer ends: it grows by what was asked for, so a row that asks for too little writes
 * behind it. */
START_TEST(rows_ask_for_their_room)
{
    static uint8_t body[COMMAND_BODY_BYTES_MAX];
    struct random random;
    random_start(&random, "rows_ask_for_their_room");
    struct command_record command = sample_command(&random, body);
    struct posting posting = sample_posting(&random);
    struct batch_row batch = sample_batch(&random);
    batch.key_number = INT32_MAX;
    for (size_t before = 0; before < 520; before++) {
        for (int row = 0; row < 3; row++) {
            struct buffer out = {0};
            buffer_append(&out, body, before);
            if (row == 0)
                rows_append_command(&out, &command);
            if (row == 1)
                rows_append_posting(&out, INT64_MAX, INT16_MAX, &posting);
            if (row == 2)
                rows_append_batch(&out, &batch);
            EXPECT(out.length > before && out.length <= out.capacity);
            buffer_finish(&out);
        }
    }
}
END_TEST

START_TEST(every_record_comes_back)
{
    static uint8_t body[COMMAND_BODY_BYTES_MAX];
    struct random random;
    random_start(&random, "rows");
    struct buffer out = {0};
    for (int round = 0; round < 3000; round++) {
        buffer_clear(&out);
        struct command_record command = sample_command(&random, body);
        struct posting posting = sample_posting(&random);
        struct batch_row batch = sample_batch(&random);
        int64_t sequence = 1 + (int64_t)(random_u64(&random) >> 2);
        int16_t line = (int16_t)random_below(&random, POSTINGS_PER_COMMAND_MAX);
        enum record_kind kind = (enum record_kind)(1 + random_below(&random, RECORD_KINDS));
        struct image image = sample_image(&random, kind, sequence);
        rows_append_command(&out, &command);
        rows_append_posting(&out, sequence, line, &posting);
        rows_append_image(&out, sequence, &image);
        rows_append_batch(&out, &batch);
        rows_append_command(&out, &command);

        struct reader in = reader_of(out.bytes, out.length);
        struct command_record command_back;
        struct posting posting_back;
        struct image image_back;
        struct batch_row batch_back;
        int64_t sequence_back = 0;
        int16_t line_back = 0;
        EXPECT(rows_read_command(&in, &command_back) == 0);
        EXPECT(same_command(&command, &command_back));
        EXPECT(rows_read_posting(&in, &sequence_back, &line_back, &posting_back) == 0);
        EXPECT(sequence_back == sequence && line_back == line);
        EXPECT(same_posting(&posting, &posting_back));
        sequence_back = 0;
        EXPECT(rows_read_image(&in, kind, &sequence_back, &image_back) == 0);
        EXPECT(sequence_back == sequence && same_image(&image, &image_back));
        EXPECT(rows_read_batch(&in, &batch_back) == 0);
        EXPECT(memcmp(&batch, &batch_back, offsetof(struct batch_row, code) + DIGEST_BYTES) == 0);
        EXPECT(rows_read_command(&in, &command_back) == 0);
        EXPECT(same_command(&command, &command_back));
        EXPECT(reader_left(&in) == 0 && !in.failed);
    }
    buffer_finish(&out);
}
END_TEST

/* The types of columns that no table may have yet. */
struct visit {
    int64_t id;
    int64_t changed_sequence;
    int32_t day;
};

static const struct record_column visit_columns[] = {
    {.name = "visit_id", .type = COLUMN_INT64, .offset = offsetof(struct visit, id), .bytes = 8},
    {.name = "day", .type = COLUMN_DATE, .offset = offsetof(struct visit, day), .bytes = 4},
};

static const struct record_table visit_table = {
    .name = "visit",
    .bytes = sizeof(struct visit),
    .id_offset = offsetof(struct visit, id),
    .changed_sequence_offset = offsetof(struct visit, changed_sequence),
    .columns = visit_columns,
    .column_count = 2,
};

START_TEST(dates_come_back_and_none_is_null)
{
    static const uint8_t some_day[] = {0, 3, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 8, 0, 0,
        0, 0, 0, 0, 0, 7, 0, 0, 0, 4, 0, 0, 0, 1};
    static const struct {
        int32_t day;
        size_t bytes;
    } rows[] = {{10958, sizeof some_day}, {0, sizeof some_day - 4}};
    for (size_t i = 0; i < 2; i++) {
        const struct visit visit = {.id = 7, .day = rows[i].day};
        struct visit back;
        int64_t sequence = 0;
        struct buffer out = {0};
        rows_append_record(&out, 9, &visit_table, &visit);
        EXPECT(out.length == rows[i].bytes);
        if (visit.day != 0)
            EXPECT(memcmp(out.bytes, some_day, sizeof some_day) == 0);
        else
            EXPECT(memcmp(out.bytes + out.length - 4, "\xff\xff\xff\xff", 4) == 0);
        struct reader in = reader_of(out.bytes, out.length);
        EXPECT(rows_read_record(&in, &visit_table, &sequence, &back) == 0);
        EXPECT(reader_left(&in) == 0 && sequence == 9);
        EXPECT(back.id == 7 && back.day == rows[i].day && back.changed_sequence == 9);
        buffer_finish(&out);
    }
}
END_TEST

START_TEST(each_kind_has_its_history)
{
    EXPECT(strcmp(rows_table_name(JOURNAL_TABLE_COMMAND), "command") == 0);
    EXPECT(strcmp(rows_table_order(JOURNAL_TABLE_COMMAND), "sequence") == 0);
    EXPECT(strcmp(rows_table_name(JOURNAL_TABLE_POSTING), "posting") == 0);
    EXPECT(strcmp(rows_table_order(JOURNAL_TABLE_POSTING), "sequence, line") == 0);
    EXPECT(rows_history_table(RECORD_LEDGER) == JOURNAL_TABLE_FIRST_HISTORY);
    EXPECT(rows_history_table(RECORD_PAYOUT) == JOURNAL_TABLE_FIRST_HISTORY + 3);
    EXPECT(strcmp(rows_table_name(rows_history_table(RECORD_LEDGER)), "ledger_history") == 0);
    EXPECT(strcmp(rows_table_name(rows_history_table(RECORD_ACCOUNT)), "account_history") == 0);
    EXPECT(strcmp(rows_table_order(rows_history_table(RECORD_MEMBER)), "sequence, member_id") == 0);
    for (int kind = 1; kind < RECORD_KINDS; kind++)
        EXPECT(rows_history_table((enum record_kind)(kind + 1)) ==
               rows_history_table((enum record_kind)kind) + 1);
    EXPECT(rows_history_table((enum record_kind)RECORD_KINDS) + 1 == JOURNAL_TABLE_COUNT);
}
END_TEST

Suite *rows_suite(void)
{
    Suite *suite = suite_create("rows");
    TCase *tests = tcase_create("rows");
    tcase_add_test(tests, header_and_trailer);
    tcase_add_test(tests, bytes_of_a_command);
    tcase_add_test(tests, bytes_of_a_posting);
    tcase_add_test(tests, bytes_of_images);
    tcase_add_test(tests, bytes_of_a_ledger);
    tcase_add_test(tests, bytes_of_rules_and_holds);
    tcase_add_test(tests, bytes_of_a_batch);
    tcase_add_test(tests, rows_ask_for_their_room);
    tcase_add_test(tests, every_record_comes_back);
    tcase_add_test(tests, dates_come_back_and_none_is_null);
    tcase_add_test(tests, each_kind_has_its_history);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
