/* test_journal.c: batches, their numbers, and the chain of digests computed a second time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "journal/batch_digest.h"
#include "journal/journal.h"
#include "sample.h"
#include "suites.h"
#include "support/expect.h"

#include <openssl/sha.h>
#include <signal.h>
#include <string.h>

static struct journal *create(int64_t epoch, int64_t batch_number, int64_t sequence)
{
    struct journal_position position = {
        .epoch = epoch, .batch_number = batch_number, .sequence = sequence, .recorded_us = 1000};
    return journal_create(&position);
}

static struct command_record command_at(int64_t sequence, int64_t recorded_us)
{
    return (struct command_record){.key = {.serial_length = 1, .channel_length = 1},
        .sequence = sequence,
        .recorded_us = recorded_us};
}

static void append(struct journal *journal, int64_t recorded_us)
{
    struct command_record record = command_at(journal_next_sequence(journal), recorded_us);
    journal_append(journal, &record, NULL, 0, NULL, 0);
}

START_TEST(goes_on_where_it_was)
{
    struct journal *journal = create(7, 40, 1000);
    EXPECT(journal_next_sequence(journal) == 1001);
    EXPECT(journal_durable_sequence(journal) == 1000);
    EXPECT(journal_open_batch_number(journal) == 41);
    EXPECT(journal_durable_batch_number(journal) == 40);
    EXPECT(journal_open_count(journal) == 0);
    EXPECT(!journal_is_in_flight(journal));
    append(journal, 1000);
    append(journal, 1000);
    EXPECT(journal_open_count(journal) == 2);
    const struct journal_batch *batch = journal_close_batch(journal);
    EXPECT(batch->row.batch_number == 41 && batch->row.epoch == 7);
    EXPECT(batch->row.first_sequence == 1001 && batch->row.last_sequence == 1002);
    EXPECT(batch->row.recorded_us == 1000);
    EXPECT(batch->row_counts[JOURNAL_TABLE_COMMAND] == 2);
    EXPECT(journal_is_in_flight(journal));
    EXPECT(journal_open_batch_number(journal) == 42);
    EXPECT(journal_durable_sequence(journal) == 1000);
    /* The next batch fills meanwhile and leaves the one in flight alone. */
    size_t length = batch->tables[JOURNAL_TABLE_COMMAND].length;
    append(journal, 2000);
    EXPECT(journal_open_count(journal) == 1);
    EXPECT(batch->tables[JOURNAL_TABLE_COMMAND].length == length);
    journal_batch_is_durable(journal);
    EXPECT(journal_durable_sequence(journal) == 1002);
    EXPECT(journal_durable_batch_number(journal) == 41);
    EXPECT(journal_open_batch_number(journal) == 42);
    EXPECT(!journal_is_in_flight(journal));
    EXPECT(journal_open_count(journal) == 1);
    batch = journal_close_batch(journal);
    EXPECT(batch->row.batch_number == 42);
    EXPECT(batch->row.first_sequence == 1003 && batch->row.last_sequence == 1003);
    EXPECT(batch->row.recorded_us == 2000);
    EXPECT(batch->row_counts[JOURNAL_TABLE_COMMAND] == 1);
    journal_destroy(journal);
}
END_TEST

/* ---- the digest, made again from the definition in journal.h with another function ---- */

static uint8_t *put_int64(uint8_t *at, int64_t value)
{
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)((uint64_t)value >> (56 - 8 * i));
    return at + 8;
}

static void expected_digest(
    const uint8_t *previous, const struct journal_batch *batch, uint8_t *ret_digest)
{
    uint8_t input[32 + 5 * 8 + JOURNAL_TABLE_COUNT * 40];
    uint8_t *at = input;
    memcpy(at, previous, 32);
    at = put_int64(at + 32, batch->row.batch_number);
    at = put_int64(at, batch->row.epoch);
    at = put_int64(at, batch->row.first_sequence);
    at = put_int64(at, batch->row.last_sequence);
    at = put_int64(at, batch->row.recorded_us);
    for (int t = 0; t < JOURNAL_TABLE_COUNT; t++) {
        if (batch->tables[t].length == 0)
            continue;
        at = put_int64(at, t);
        SHA256(batch->tables[t].bytes, batch->tables[t].length, at);
        at += 32;
    }
    SHA256(input, (size_t)(at - input), ret_digest);
}

/* Fills the open batch with random commands and appends their rows to `expected` by itself. */
static void fill_batch(
    struct random *random, struct journal *journal, int64_t *now_us, struct buffer *expected)
{
    static uint8_t body[COMMAND_BODY_BYTES_MAX];
    for (uint64_t n = 1 + random_below(random, 20); n > 0; n--) {
        struct posting postings[4];
        struct image images[4];
        struct command_record record = sample_command(random, body);
        record.sequence = journal_next_sequence(journal);
        *now_us += (int64_t)random_below(random, 3);
        record.recorded_us = *now_us;
        uint32_t posting_count = (uint32_t)random_below(random, 5);
        uint32_t image_count = (uint32_t)random_below(random, 5);
        rows_append_command(&expected[JOURNAL_TABLE_COMMAND], &record);
        for (uint32_t i = 0; i < posting_count; i++) {
            postings[i] = sample_posting(random);
            rows_append_posting(
                &expected[JOURNAL_TABLE_POSTING], record.sequence, (int16_t)i, &postings[i]);
        }
        for (uint32_t i = 0; i < image_count; i++) {
            enum record_kind kind = (enum record_kind)(1 + random_below(random, RECORD_KINDS));
            images[i] = sample_image(random, kind, record.sequence);
            rows_append_image(&expected[rows_history_table(kind)], record.sequence, &images[i]);
        }
        journal_append(journal, &record, postings, posting_count, images, image_count);
    }
}

/* The digest made anew from rows that come in some order of tables, and in parts of them. */
static void expect_made_anew(
    struct random *random, const uint8_t previous[32], const struct journal_batch *batch)
{
    struct batch_digest *made = batch_digest_create();
    size_t given[JOURNAL_TABLE_COUNT] = {0};
    size_t left = JOURNAL_TABLE_COUNT;
    uint8_t digest[32];
    while (left > 0) {
        left = 0;
        for (int t = JOURNAL_TABLE_COUNT - 1; t >= 0; t--) {
            size_t rest = batch->tables[t].length - given[t];
            size_t part = rest > 0 ? 1 + (size_t)random_below(random, rest) : 0;
            if (part > 0)
                batch_digest_add(
                    made, (enum journal_table)t, batch->tables[t].bytes + given[t], part);
            given[t] += part;
            left += rest - part;
        }
    }
    batch_digest_end(made, previous, &batch->row, digest);
    EXPECT(memcmp(digest, batch->row.digest, 32) == 0);
    batch_digest_destroy(made);
}

START_TEST(digests_chain)
{
    struct random random;
    random_start(&random, "digests_chain");
    uint8_t previous[32] = {0};
    struct journal *journal = create(3, 0, 0);
    int64_t now_us = 1000;
    for (int64_t number = 1; number <= 200; number++) {
        struct buffer expected[JOURNAL_TABLE_COUNT] = {{0}};
        uint8_t digest[32];
        fill_batch(&random, journal, &now_us, expected);
        const struct journal_batch *batch = journal_close_batch(journal);
        for (int t = 0; t < JOURNAL_TABLE_COUNT; t++) {
            EXPECT(batch->tables[t].length == expected[t].length);
            EXPECT(expected[t].length == 0 ||
                   memcmp(batch->tables[t].bytes, expected[t].bytes, expected[t].length) == 0);
            EXPECT((batch->row_counts[t] == 0) == (expected[t].length == 0));
            buffer_finish(&expected[t]);
        }
        EXPECT(batch->row.batch_number == number);
        EXPECT(batch->row.recorded_us == now_us);
        expected_digest(previous, batch, digest);
        EXPECT_MSG(memcmp(batch->row.digest, digest, 32) == 0, "batch %d", (int)number);
        expect_made_anew(&random, previous, batch);
        memcpy(previous, digest, 32);
        journal_batch_is_durable(journal);
        if (random_percent(&random, 10)) {
            /* A restart goes on with the last digest. */
            struct journal_position position = {.epoch = 3 + number,
                .batch_number = number,
                .sequence = journal_durable_sequence(journal),
                .recorded_us = now_us};
            memcpy(position.digest, previous, 32);
            journal_destroy(journal);
            journal = journal_create(&position);
        }
    }
    journal_destroy(journal);
}
END_TEST

/* Whatever is changed in a batch changes its digest. */
START_TEST(digest_depends_on_everything)
{
    uint8_t previous[DIGEST_BYTES] = {1};
    uint8_t tables[JOURNAL_TABLE_COUNT][DIGEST_BYTES] = {{2}};
    uint8_t digest[DIGEST_BYTES], other[DIGEST_BYTES];
    struct batch_row row = {
        .batch_number = 1, .epoch = 2, .first_sequence = 3, .last_sequence = 4, .recorded_us = 5};
    journal_digest(previous, &row, tables, digest);
    journal_digest(previous, &row, tables, other);
    EXPECT(memcmp(digest, other, DIGEST_BYTES) == 0);
    int64_t *numbers[] = {
        &row.batch_number, &row.epoch, &row.first_sequence, &row.last_sequence, &row.recorded_us};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        *numbers[i] ^= 1;
        journal_digest(previous, &row, tables, other);
        EXPECT_MSG(memcmp(digest, other, DIGEST_BYTES) != 0, "number %zu", i);
        *numbers[i] ^= 1;
    }
    for (int t = 0; t < JOURNAL_TABLE_COUNT; t++) {
        tables[t][DIGEST_BYTES - 1] ^= 1;
        journal_digest(previous, &row, tables, other);
        EXPECT_MSG(memcmp(digest, other, DIGEST_BYTES) != 0, "table %d", t);
        tables[t][DIGEST_BYTES - 1] ^= 1;
    }
    previous[31] ^= 1;
    journal_digest(previous, &row, tables, other);
    EXPECT(memcmp(digest, other, DIGEST_BYTES) != 0);
}
END_TEST

/* ---- bugs ---- */

START_TEST(a_gap_is_a_bug)
{
    struct journal *journal = create(1, 0, 0);
    struct command_record record = command_at(2, 1000);
    journal_append(journal, &record, NULL, 0, NULL, 0);
}
END_TEST

START_TEST(a_number_again_is_a_bug)
{
    struct journal *journal = create(1, 0, 0);
    struct command_record record = command_at(1, 1000);
    journal_append(journal, &record, NULL, 0, NULL, 0);
    journal_append(journal, &record, NULL, 0, NULL, 0);
}
END_TEST

START_TEST(time_that_goes_back_is_a_bug)
{
    append(create(1, 0, 0), 999);
}
END_TEST

START_TEST(an_empty_batch_is_a_bug)
{
    journal_close_batch(create(1, 0, 0));
}
END_TEST

START_TEST(two_batches_in_flight_are_a_bug)
{
    struct journal *journal = create(1, 0, 0);
    append(journal, 1000);
    journal_close_batch(journal);
    append(journal, 1000);
    journal_close_batch(journal);
}
END_TEST

START_TEST(durable_without_a_batch_is_a_bug)
{
    journal_batch_is_durable(create(1, 0, 0));
}
END_TEST

START_TEST(no_epoch_is_a_bug)
{
    create(0, 0, 0);
}
END_TEST

Suite *journal_suite(void)
{
    Suite *suite = suite_create("journal");
    TCase *tests = tcase_create("journal");
    tcase_add_test(tests, goes_on_where_it_was);
    tcase_add_test(tests, digests_chain);
    tcase_add_test(tests, digest_depends_on_everything);
    tcase_add_test_raise_signal(tests, a_gap_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tests, a_number_again_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tests, time_that_goes_back_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tests, an_empty_batch_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tests, two_batches_in_flight_are_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tests, durable_without_a_batch_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tests, no_epoch_is_a_bug, SIGABRT);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
