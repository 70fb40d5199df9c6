/* test_hostile_rows.c: bytes that are not rows are refused, and nothing is read beyond them.
 *
 * Each input lies at the end of its own allocation, so that the sanitizer sees a read beyond.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"
#include "suites.h"
#include "support/expect.h"

#include <stdlib.h>
#include <string.h>

/* The rows that there are: a command, a posting, a batch, an image of each kind. */
enum { READERS = 7 };

static int read_row(int which, struct reader *in)
{
    struct command_record command;
    struct posting posting;
    struct batch_row batch;
    struct image image;
    int64_t sequence;
    int16_t line;
    switch (which) {
    case 0:
        return rows_read_command(in, &command);
    case 1:
        return rows_read_posting(in, &sequence, &line, &posting);
    case 2:
        return rows_read_batch(in, &batch);
    default:
        return rows_read_image(in, (enum record_kind)(which - 2), &sequence, &image);
    }
}

static void append_row(int which, struct random *random, struct buffer *out)
{
    static uint8_t body[COMMAND_BODY_BYTES_MAX];
    struct command_record command;
    struct posting posting;
    struct batch_row batch;
    struct image image;
    switch (which) {
    case 0:
        command = sample_command(random, body);
        command.body_length = command.body_length > 64 ? 64 : command.body_length;
        rows_append_command(out, &command);
        return;
    case 1:
        posting = sample_posting(random);
        rows_append_posting(out, 5, 0, &posting);
        return;
    case 2:
        batch = sample_batch(random);
        rows_append_batch(out, &batch);
        return;
    default:
        image = sample_image(random, (enum record_kind)(which - 2), 5);
        rows_append_image(out, 5, &image);
        return;
    }
}

/* Reads a copy that ends where the input ends; how far it came goes to ret_position. */
static int read_copy(int which, const uint8_t *bytes, size_t length, size_t *ret_position)
{
    uint8_t *copy = malloc(length ? length : 1);
    EXPECT(copy != NULL);
    if (length > 0)
        memcpy(copy, bytes, length);
    struct reader in = reader_of(copy, length);
    int result = read_row(which, &in);
    *ret_position = in.position;
    EXPECT(in.position <= length);
    free(copy);
    return result;
}

START_TEST(a_cut_row_is_refused)
{
    struct random random;
    random_start(&random, "a_cut_row_is_refused");
    for (int round = 0; round < 20; round++) {
        struct buffer out = {0};
        size_t position;
        append_row(_i, &random, &out);
        for (size_t length = 0; length < out.length; length++)
            EXPECT_MSG(read_copy(_i, out.bytes, length, &position) == -1, "cut at %zu", length);
        EXPECT(read_copy(_i, out.bytes, out.length, &position) == 0);
        EXPECT(position == out.length);
        buffer_finish(&out);
    }
}
END_TEST

/* Where each field's length stands in a row. */
static uint32_t field_places(const struct buffer *row, size_t *ret_places)
{
    struct reader in = reader_of(row->bytes, row->length);
    uint32_t count = reader_u16(&in);
    for (uint32_t i = 0; i < count; i++) {
        ret_places[i] = in.position;
        uint32_t length = reader_u32(&in);
        if (length != UINT32_MAX)
            reader_take(&in, length);
    }
    EXPECT(!in.failed && reader_left(&in) == 0);
    return count;
}

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Of a command the accounting date, the order number, the fee and its rule's version; of a batch
 * key number and code; of a record dates and times. */
static bool may_be_null(int which, uint32_t field)
{
    if (which == 0)
        return field == 5 || field >= 11;
    if (which == 2)
        return field >= 6;
    if (which < 3 || field == 0)
        return false;
    enum column_type type = record_tables[which - 2].columns[field - 1].type;
    return type == COLUMN_DATE || type == COLUMN_TIME;
}

/* Every field with a length that is hostile, and NULL where no NULL can stand. */
START_TEST(hostile_lengths_are_refused)
{
    static const uint32_t hostile[] = {UINT32_MAX - 1, 0x80000000u, 0x7fffffffu, 0x10000u, 4097};
    struct random random;
    random_start(&random, "hostile_lengths_are_refused");
    for (int round = 0; round < 20; round++) {
        struct buffer out = {0};
        size_t places[16], position;
        append_row(_i, &random, &out);
        uint32_t fields = field_places(&out, places);
        for (uint32_t f = 0; f < fields; f++) {
            uint8_t kept[4];
            memcpy(kept, out.bytes + places[f], 4);
            for (size_t h = 0; h < sizeof hostile / sizeof *hostile; h++) {
                put_u32(out.bytes + places[f], hostile[h]);
                EXPECT_MSG(read_copy(_i, out.bytes, out.length, &position) == -1,
                    "field %u, length %u", f, hostile[h]);
            }
            put_u32(out.bytes + places[f], UINT32_MAX);
            EXPECT_MSG(may_be_null(_i, f) || read_copy(_i, out.bytes, out.length, &position) == -1,
                "field %u NULL", f);
            memcpy(out.bytes + places[f], kept, 4);
        }
        EXPECT(read_copy(_i, out.bytes, out.length, &position) == 0);
        for (int count = 0; count < 70000; count += count < 20 ? 1 : 997) {
            out.bytes[0] = (uint8_t)(count >> 8);
            out.bytes[1] = (uint8_t)count;
            EXPECT_MSG((uint32_t)(count & 0xffff) == fields ||
                           read_copy(_i, out.bytes, out.length, &position) == -1,
                "%d fields", count);
        }
        buffer_finish(&out);
    }
}
END_TEST

/* Random bytes, and rows with bytes changed: any answer but a crash; what is taken is in range. */
START_TEST(garbage_does_no_harm)
{
    struct random random;
    random_start(&random, "garbage_does_no_harm");
    for (int round = 0; round < 20000; round++) {
        struct buffer out = {0};
        size_t position;
        if (round % 2) {
            append_row(_i, &random, &out);
            for (uint64_t n = 1 + random_below(&random, 3); n > 0; n--)
                out.bytes[random_below(&random, out.length)] = (uint8_t)random_u64(&random);
        } else {
            uint8_t bytes[300];
            random_fill(&random, bytes, sizeof bytes);
            bytes[0] = 0;
            buffer_append(&out, bytes, random_below(&random, sizeof bytes));
        }
        read_copy(_i, out.bytes, out.length, &position);
        buffer_finish(&out);
    }
}
END_TEST

/* ---- values out of range ---- */

/* Changes the last byte of a field of the row. */
static void set_last_byte(struct buffer *row, uint32_t field, uint8_t value)
{
    size_t places[16];
    EXPECT(field < field_places(row, places));
    struct reader in = reader_of(row->bytes + places[field], row->length - places[field]);
    uint32_t length = reader_u32(&in);
    EXPECT(length > 0);
    row->bytes[places[field] + 3 + length] = value;
}

START_TEST(buckets_and_flags_out_of_range)
{
    struct random random;
    random_start(&random, "buckets_and_flags_out_of_range");
    size_t position;
    for (uint32_t field = 5; field <= 8; field += 3) { /* both buckets */
        struct buffer out = {0};
        append_row(1, &random, &out);
        set_last_byte(&out, field, BUCKET_COUNT - 1);
        EXPECT(read_copy(1, out.bytes, out.length, &position) == 0);
        set_last_byte(&out, field, BUCKET_COUNT);
        EXPECT(read_copy(1, out.bytes, out.length, &position) == -1);
        buffer_finish(&out);
    }
    for (uint32_t field = 6; field <= 7; field++) { /* no_in, no_out */
        struct buffer out = {0};
        int which = 2 + RECORD_ACCOUNT;
        append_row(which, &random, &out);
        set_last_byte(&out, field, 1);
        EXPECT(read_copy(which, out.bytes, out.length, &position) == 0);
        set_last_byte(&out, field, 2);
        EXPECT(read_copy(which, out.bytes, out.length, &position) == -1);
        buffer_finish(&out);
    }
}
END_TEST

/* A row of the fields given: the bytes of each with its length in front. */
struct field {
    const char *bytes;
    uint32_t length;
};

#define BYTES(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static int read_fields(int which, const struct field *fields, uint16_t count)
{
    struct buffer out = {0};
    size_t position;
    buffer_append_u16(&out, count);
    for (uint16_t i = 0; i < count; i++) {
        buffer_append_u32(&out, fields[i].length);
        buffer_append(&out, fields[i].bytes, fields[i].length);
    }
    int result = read_copy(which, out.bytes, out.length, &position);
    buffer_finish(&out);
    return result;
}

#define NUMBER BYTES("\0\0\0\0\0\0\0\1")
#define SMALL BYTES("\0\1")
#define FOUR BYTES("\0\0\0\1")
#define DATE BYTES("\0\0\0\1")
#define DIGITS "0123456789012345678901234567890123456789012345678901234567890123"
#define LONG_TEXT DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS

START_TEST(texts_at_their_limit_and_past_it)
{
    struct field command[] = {NUMBER, NUMBER, NUMBER, SMALL, SMALL, DATE, NUMBER, BYTES("c"), DATE,
        BYTES("s"), BYTES(""), BYTES("o"), NUMBER, FOUR};
    struct field ledger[] = {NUMBER, NUMBER, SMALL, BYTES("CNY"), BYTES("p"), BYTES("1"),
        BYTES("1000"), NUMBER, SMALL, DATE, BYTES("o"), BYTES("1"), BYTES("b"), BYTES("\0"), FOUR};
    struct field member[] = {NUMBER, NUMBER, NUMBER, SMALL, SMALL, BYTES("m")};
    const struct {
        int which;
        struct field *fields;
        uint16_t count;
        uint32_t field;
        uint32_t most;
    } rows[] = {
        {0, command, 14, 7, CHANNEL_BYTES_MAX},
        {0, command, 14, 9, SERIAL_BYTES_MAX},
        {0, command, 14, 11, ORDER_NUMBER_BYTES_MAX},
        {3, ledger, 15, 4, SEALED_NAME_BYTES_MAX},
        {3, ledger, 15, 5, SEALED_NUMBER_BYTES_MAX},
        {3, ledger, 15, 6, RECEIVING_PREFIX_DIGITS_MAX},
        {3, ledger, 15, 10, SEALED_NAME_BYTES_MAX},
        {3, ledger, 15, 11, SEALED_NUMBER_BYTES_MAX},
        {3, ledger, 15, 12, BANK_CODE_BYTES_MAX},
        {4, member, 6, 5, PLATFORM_MEMBER_ID_BYTES_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct field kept = rows[i].fields[rows[i].field];
        rows[i].fields[rows[i].field] = (struct field){LONG_TEXT, rows[i].most + 1};
        EXPECT_MSG(read_fields(rows[i].which, rows[i].fields, rows[i].count) == -1, "row %zu", i);
        rows[i].fields[rows[i].field].length = rows[i].most;
        EXPECT_MSG(read_fields(rows[i].which, rows[i].fields, rows[i].count) == 0, "row %zu", i);
        rows[i].fields[rows[i].field] = kept;
    }
    /* The body's limit. */
    static char body[COMMAND_BODY_BYTES_MAX + 1];
    command[10] = (struct field){body, COMMAND_BODY_BYTES_MAX + 1};
    EXPECT(read_fields(0, command, 14) == -1);
    command[10].length = COMMAND_BODY_BYTES_MAX;
    EXPECT(read_fields(0, command, 14) == 0);
    /* A currency has three letters. */
    ledger[3] = (struct field){"CN", 2};
    EXPECT(read_fields(3, ledger, 15) == -1);
    ledger[3] = (struct field){"CNYX", 4};
    EXPECT(read_fields(3, ledger, 15) == -1);
}
END_TEST

START_TEST(dates_and_times_at_their_limit)
{
    struct field command[] = {NUMBER, NUMBER, NUMBER, SMALL, SMALL, DATE, NUMBER, BYTES("c"), DATE,
        BYTES("s"), BYTES(""), BYTES("o"), NUMBER, FOUR};
    /* The last day and microsecond that do not wrap when they are counted from 1970. */
    static const struct {
        uint32_t field;
        struct field value;
        int result;
    } rows[] = {
        {5, BYTES("\x7f\xff\xd5\x32"), 0},
        {5, BYTES("\x7f\xff\xd5\x33"), -1},
        {5, BYTES("\x7f\xff\xff\xff"), -1},
        {8, BYTES("\x7f\xff\xd5\x32"), 0},
        {8, BYTES("\x7f\xff\xd5\x33"), -1},
        {8, BYTES("\x80\0\0\0"), 0},
        {1, BYTES("\x7f\xfc\xa2\xfe\xc4\xc8\x1f\xff"), 0},
        {1, BYTES("\x7f\xfc\xa2\xfe\xc4\xc8\x20\x00"), -1},
        {1, BYTES("\x7f\xff\xff\xff\xff\xff\xff\xff"), -1}, /* PostgreSQL's infinity */
        {1, BYTES("\x80\0\0\0\0\0\0\0"), 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct field kept = command[rows[i].field];
        command[rows[i].field] = rows[i].value;
        EXPECT_MSG(read_fields(0, command, 14) == rows[i].result, "row %zu", i);
        command[rows[i].field] = kept;
    }
}
END_TEST

START_TEST(a_ledger_has_one_to_seven_dates)
{
    struct field ledger[] = {NUMBER, NUMBER, SMALL, BYTES("CNY"), BYTES("p"), BYTES("1"),
        BYTES("1000"), NUMBER, SMALL, DATE, BYTES("o"), BYTES("1"), BYTES("b"), BYTES("\0"), FOUR};
    for (uint32_t length = 0; length <= 40; length++) {
        ledger[9] = (struct field){LONG_TEXT, length};
        bool right = length % 4 == 0 && length >= 4 && length <= 4 * KEY_WINDOW_DATES_MAX;
        EXPECT_MSG(read_fields(3, ledger, 15) == (right ? 0 : -1), "%u bytes of dates", length);
    }
}
END_TEST

Suite *hostile_rows_suite(void)
{
    Suite *suite = suite_create("hostile_rows");
    TCase *tests = tcase_create("hostile_rows");
    tcase_add_loop_test(tests, a_cut_row_is_refused, 0, READERS);
    tcase_add_loop_test(tests, hostile_lengths_are_refused, 0, READERS);
    tcase_add_loop_test(tests, garbage_does_no_harm, 0, READERS);
    tcase_add_test(tests, buckets_and_flags_out_of_range);
    tcase_add_test(tests, texts_at_their_limit_and_past_it);
    tcase_add_test(tests, dates_and_times_at_their_limit);
    tcase_add_test(tests, a_ledger_has_one_to_seven_dates);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
