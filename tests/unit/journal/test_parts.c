/* test_parts.c: tests of the parts of a segment's keys and references, against lists.
 * SPDX-License-Identifier: Apache-2.0 */
#include "journal/parts.h"
#include "suites.h"
#include "support/expect.h"
#include "support/random.h"

#include <string.h>

/* Each hash is found in its part, with just the commands that have it; parts made some at a time
 * are those that are made at once. */
START_TEST(random_parts_have_what_was_put_in)
{
    enum { HASHES = 3000, PARTS_MAX = HASHES / PART_ENTRIES + 1 };
    static uint64_t hashes[HASHES];
    static uint32_t offsets[HASHES];
    struct random random;
    random_start(&random, "random_parts_have_what_was_put_in");
    for (int round = 0; round < 20; round++) {
        size_t count = 1 + (size_t)random_below(&random, HASHES);
        uint64_t distinct = 1 + random_below(&random, HASHES);
        bool has_offsets = random_percent(&random, 50);
        for (size_t i = 0; i < count; i++) {
            hashes[i] = (random_below(&random, distinct) + 1) * UINT64_C(0x9e3779b97f4a7c15);
            offsets[i] = (uint32_t)(has_offsets ? 3 * i + 1 : i);
        }
        const struct part_hashes from = {
            .hashes = hashes, .offsets = has_offsets ? offsets : NULL, .count = count};
        size_t parts = parts_count(count);
        EXPECT(parts >= 1 && parts <= PARTS_MAX && parts * PART_ENTRIES >= count);
        struct buffer made[PARTS_MAX] = {{0}};
        for (size_t next = 0; next < parts;) {
            size_t step = 1 + (size_t)random_below(&random, parts - next);
            parts_make(&from, parts, next, step, made + next);
            next += step;
        }
        size_t bytes = 0;
        for (size_t part = 0; part < parts; part++)
            bytes += made[part].length;
        EXPECT(bytes == count * PART_ENTRY_BYTES);
        for (size_t i = 0; i < count; i++) {
            size_t number = part_of(hashes[i], parts);
            struct segment_part part = {.first_sequence = 5001, .number = (int64_t)number};
            struct buffer sequences = {0};
            part_digest(made[number].bytes, made[number].length, part.digest);
            EXPECT(part_find(
                       &part, made[number].bytes, made[number].length, hashes[i], &sequences) == 0);
            const int64_t *found = (const void *)sequences.bytes;
            size_t next = 0;
            for (size_t n = 0; n < count; n++)
                if (hashes[n] == hashes[i])
                    EXPECT(next * sizeof *found < sequences.length &&
                           found[next++] == 5001 + offsets[n]);
            EXPECT(next * sizeof *found == sequences.length);
            sequences.length = 0;
            EXPECT(part_find(&part, made[number].bytes, made[number].length, 1, &sequences) == 0);
            EXPECT(sequences.length == 0);
            /* A changed byte, a byte less, one more. */
            size_t at = (size_t)random_below(&random, made[number].length);
            made[number].bytes[at] ^= 1;
            EXPECT(part_find(&part, made[number].bytes, made[number].length, hashes[i],
                       &sequences) == -1);
            made[number].bytes[at] ^= 1;
            EXPECT(part_find(&part, made[number].bytes, made[number].length - PART_ENTRY_BYTES,
                       hashes[i], &sequences) == -1);
            EXPECT(sequences.length == 0);
            buffer_finish(&sequences);
        }
        for (size_t part = 0; part < parts; part++)
            buffer_finish(&made[part]);
    }
}
END_TEST

START_TEST(nothing_has_no_parts)
{
    EXPECT(parts_count(0) == 0);
    EXPECT(parts_count(1) == 1);
    EXPECT(parts_count(PART_ENTRIES) == 1);
    EXPECT(parts_count(PART_ENTRIES + 1) == 2);
    EXPECT(part_of(0, 7) == 0 && part_of(UINT64_MAX, 7) == 6);
}
END_TEST

/* A part that is empty is one, too; one that is not of whole entries is none. */
START_TEST(odd_parts)
{
    struct segment_part part = {.first_sequence = 1};
    struct buffer sequences = {0};
    part_digest(NULL, 0, part.digest);
    EXPECT(part_find(&part, NULL, 0, 1, &sequences) == 0 && sequences.length == 0);
    EXPECT(part_find(&part, "0123456789ab", 12, 1, &sequences) == -1);
    part_digest("0123456789", 10, part.digest);
    EXPECT(part_find(&part, "0123456789", 10, 1, &sequences) == -1 && sequences.length == 0);
}
END_TEST

Suite *parts_suite(void)
{
    Suite *suite = suite_create("parts");
    TCase *tests = tcase_create("parts");
    tcase_add_test(tests, random_parts_have_what_was_put_in);
    tcase_add_test(tests, nothing_has_no_parts);
    tcase_add_test(tests, odd_parts);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
