/* test_bytes.c: buffer and reader, the two ends of every binary format.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "base/reader.h"
#include "suites.h"
#include "support/expect.h"
#include "support/random.h"

START_TEST(numbers_are_big_endian)
{
    static const uint8_t expected[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a,
        0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 'x', 'y'};
    struct buffer out = {0};
    buffer_append_u8(&out, 0x01);
    buffer_append_u16(&out, 0x0203);
    buffer_append_u32(&out, 0x04050607);
    buffer_append_u64(&out, 0x08090a0b0c0d0e0fu);
    buffer_append(&out, "xy", 2);
    buffer_append(&out, NULL, 0);
    ck_assert_uint_eq(out.length, sizeof expected);
    ck_assert_mem_eq(out.bytes, expected, sizeof expected);

    struct reader in = reader_of(out.bytes, out.length);
    ck_assert_uint_eq(reader_u8(&in), 0x01);
    ck_assert_uint_eq(reader_u16(&in), 0x0203);
    ck_assert_uint_eq(reader_u32(&in), 0x04050607);
    ck_assert_uint_eq(reader_u64(&in), 0x08090a0b0c0d0e0fu);
    ck_assert_uint_eq(reader_left(&in), 2);
    ck_assert_mem_eq(reader_take(&in, 2), "xy", 2);
    ck_assert_uint_eq(reader_left(&in), 0);
    ck_assert(!in.failed);
    buffer_finish(&out);
    ck_assert_ptr_null(out.bytes);
}
END_TEST

START_TEST(buffer_grows_and_keeps)
{
    struct buffer out = {0};
    for (uint32_t i = 0; i < 100000; i++)
        buffer_append_u32(&out, i);
    ck_assert_uint_eq(out.length, 400000);
    struct reader in = reader_of(out.bytes, out.length);
    for (uint32_t i = 0; i < 100000; i++)
        EXPECT(reader_u32(&in) == i);
    uint8_t *memory = out.bytes;
    buffer_clear(&out);
    ck_assert_uint_eq(out.length, 0);
    buffer_append_u8(&out, 7);
    ck_assert_ptr_eq(out.bytes, memory);
    buffer_reserve(&out, 1000000);
    ck_assert_uint_ge(out.capacity, 1000001);
    ck_assert_uint_eq(out.bytes[0], 7);
    buffer_finish(&out);
}
END_TEST

/* Each kind of read, one byte short: fails, yields zero, and fails for ever. */
START_TEST(read_past_the_end_fails_for_ever)
{
    static const uint8_t bytes[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    for (int kind = 0; kind < 5; kind++) {
        static const size_t needs[] = {1, 2, 4, 8, 3};
        /* On the heap, so that the sanitizer sees a read beyond. */
        struct buffer input = {0};
        buffer_append(&input, bytes, needs[kind] - 1);
        struct reader in = reader_of(input.bytes, input.length);
        switch (kind) {
        case 0:
            ck_assert_uint_eq(reader_u8(&in), 0);
            break;
        case 1:
            ck_assert_uint_eq(reader_u16(&in), 0);
            break;
        case 2:
            ck_assert_uint_eq(reader_u32(&in), 0);
            break;
        case 3:
            ck_assert_uint_eq(reader_u64(&in), 0);
            break;
        default:
            ck_assert_ptr_null(reader_take(&in, 3));
            break;
        }
        ck_assert(in.failed);
        ck_assert_uint_eq(reader_left(&in), 0);
        ck_assert_uint_eq(reader_u8(&in), 0);
        ck_assert_ptr_null(reader_take(&in, 0));
        buffer_finish(&input);
    }
}
END_TEST

START_TEST(hostile_lengths_do_not_wrap)
{
    static const uint8_t bytes[8] = {0};
    static const size_t lengths[] = {9, SIZE_MAX, SIZE_MAX - 3, SIZE_MAX - 7, SIZE_MAX / 2 + 1};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct reader in = reader_of(bytes, sizeof bytes);
        ck_assert_ptr_nonnull(reader_take(&in, 4));
        ck_assert_ptr_null(reader_take(&in, lengths[i]));
        ck_assert(in.failed);
    }
    struct reader all = reader_of(bytes, sizeof bytes);
    ck_assert_ptr_eq(reader_take(&all, 8), bytes);
    ck_assert_ptr_nonnull(reader_take(&all, 0));
    ck_assert(!all.failed);
}
END_TEST

/* Whatever is written is read back; a cut anywhere is noticed. */
START_TEST(random_round_trips)
{
    struct random random;
    random_start(&random, "bytes");
    for (int round = 0; round < 300; round++) {
        struct buffer out = {0};
        uint64_t values[50];
        int widths[50];
        int count = (int)random_between(&random, 1, 50);
        for (int i = 0; i < count; i++) {
            values[i] = random_u64(&random);
            widths[i] = (int)random_below(&random, 4);
            if (widths[i] == 0)
                buffer_append_u8(&out, (uint8_t)values[i]);
            else if (widths[i] == 1)
                buffer_append_u16(&out, (uint16_t)values[i]);
            else if (widths[i] == 2)
                buffer_append_u32(&out, (uint32_t)values[i]);
            else
                buffer_append_u64(&out, values[i]);
        }
        size_t cut = random_below(&random, 2) ? out.length : random_below(&random, out.length);
        struct reader in = reader_of(out.bytes, cut);
        for (int i = 0; i < count; i++) {
            uint64_t mask = widths[i] == 3 ? UINT64_MAX : (1ull << (8 << widths[i])) - 1;
            uint64_t value = widths[i] == 0   ? reader_u8(&in)
                             : widths[i] == 1 ? reader_u16(&in)
                             : widths[i] == 2 ? reader_u32(&in)
                                              : reader_u64(&in);
            EXPECT(value == (in.failed ? 0 : values[i] & mask));
        }
        EXPECT(in.failed == (cut < out.length));
        buffer_finish(&out);
    }
}
END_TEST

Suite *bytes_suite(void)
{
    Suite *suite = suite_create("bytes");
    TCase *tests = tcase_create("bytes");
    tcase_add_test(tests, numbers_are_big_endian);
    tcase_add_test(tests, buffer_grows_and_keeps);
    tcase_add_test(tests, read_past_the_end_fails_for_ever);
    tcase_add_test(tests, hostile_lengths_do_not_wrap);
    tcase_add_test(tests, random_round_trips);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
