/* test_framing.c: messages come out whole wherever the input is cut.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "suites.h"
#include "support/expect.h"
#include "wire/framing.h"

#include <string.h>

/* What a decoder said about an input: one letter per step but the slices, and all payload. */
struct result {
    char steps[64];
    size_t step_count;
    struct buffer payload;
};

static void feed(
    struct framing *framing, struct result *result, const uint8_t *bytes, size_t length)
{
    for (;;) {
        const uint8_t *slice = NULL;
        size_t slice_length = 0;
        enum framing_step step = framing_next(framing, &bytes, &length, &slice, &slice_length);
        EXPECT(result->step_count < sizeof result->steps - 1);
        switch (step) {
        case FRAMING_NEEDS_MORE:
            EXPECT(length == 0);
            return;
        case FRAMING_PREFIX:
            result->steps[result->step_count++] = framing->is_compressed ? 'C' : 'P';
            break;
        case FRAMING_PAYLOAD:
            EXPECT(slice_length > 0);
            buffer_append(&result->payload, slice, slice_length);
            break;
        case FRAMING_MESSAGE:
            result->steps[result->step_count++] = 'M';
            break;
        case FRAMING_BAD_FLAG:
            result->steps[result->step_count++] = 'X';
            return;
        }
    }
}

struct row {
    const char *bytes;
    size_t length;
    const char *steps;
    const char *payload;
    bool is_at_border;
};

#define ROW(text, steps, payload, border)                                                          \
    {                                                                                              \
        text, sizeof(text) - 1, steps, payload, border                                             \
    }

static const struct row rows[] = {
    ROW("", "", "", true),
    ROW("\0", "", "", false),
    ROW("\0\0\0\0", "", "", false),
    ROW("\0\0\0\0\0", "PM", "", true),
    ROW("\0\0\0\0\1", "P", "", false),
    ROW("\0\0\0\0\1a", "PM", "a", true),
    ROW("\1\0\0\0\1a", "CM", "a", true),
    ROW("\0\0\0\0\3abc", "PM", "abc", true),
    ROW("\0\0\0\0\3ab", "P", "ab", false),
    ROW("\0\0\0\0\0\0\0\0\0\0", "PMPM", "", true),
    ROW("\0\0\0\0\1a\1\0\0\0\2bc", "PMCM", "abc", true),
    ROW("\0\0\0\0\1a\0", "PM", "a", false),
    ROW("\2\0\0\0\1a", "X", "", false),
    ROW("\377", "X", "", false),
    ROW("\0\0\0\0\1a\2", "PMX", "a", false),
    ROW("\0\377\377\377\377a", "P", "a", false),
};

/* Every cut of every row into two pieces, and byte by byte. */
START_TEST(test_every_split)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t cut = 0; cut <= rows[i].length + 1; cut++) {
            struct framing framing = {.in_payload = false};
            struct result result = {.step_count = 0};
            const uint8_t *bytes = (const uint8_t *)rows[i].bytes;
            bool stops = strchr(rows[i].steps, 'X') != NULL;
            if (cut <= rows[i].length) {
                feed(&framing, &result, bytes, cut);
                if (!stops || !memchr(result.steps, 'X', result.step_count))
                    feed(&framing, &result, bytes + cut, rows[i].length - cut);
            } else {
                for (size_t at = 0; at < rows[i].length; at++) {
                    if (!memchr(result.steps, 'X', result.step_count))
                        feed(&framing, &result, bytes + at, 1);
                }
            }
            EXPECT_MSG(strcmp(result.steps, rows[i].steps) == 0, "row %zu cut %zu: %s", i, cut,
                result.steps);
            EXPECT_MSG(result.payload.length == strlen(rows[i].payload), "row %zu cut %zu", i, cut);
            EXPECT(result.payload.length == 0 ||
                   memcmp(result.payload.bytes, rows[i].payload, result.payload.length) == 0);
            if (!stops)
                EXPECT_MSG(framing_is_at_border(&framing) == rows[i].is_at_border, "row %zu", i);
            buffer_finish(&result.payload);
        }
    }
}
END_TEST

START_TEST(test_length_is_told_before_payload)
{
    struct framing framing = {.in_payload = false};
    static const uint8_t bytes[] = {0, 0x00, 0x40, 0x00, 0x01, 'x'};
    const uint8_t *at = bytes;
    size_t left = sizeof bytes;
    const uint8_t *slice;
    size_t slice_length;
    EXPECT(framing_next(&framing, &at, &left, &slice, &slice_length) == FRAMING_PREFIX);
    EXPECT(framing.length == 4194305);
    EXPECT(left == 1);
}
END_TEST

START_TEST(test_prefix_round_trip)
{
    static const uint32_t lengths[] = {0, 1, 255, 256, 65535, 65536, 4194304, UINT32_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint8_t prefix[FRAMING_PREFIX_BYTES];
        struct framing framing = {.in_payload = false};
        const uint8_t *at = prefix;
        size_t left = sizeof prefix;
        const uint8_t *slice;
        size_t slice_length;
        framing_encode_prefix(prefix, i % 2 == 1, lengths[i]);
        EXPECT(framing_next(&framing, &at, &left, &slice, &slice_length) == FRAMING_PREFIX);
        EXPECT(framing.length == lengths[i]);
        EXPECT(framing.is_compressed == (i % 2 == 1));
    }
}
END_TEST

Suite *framing_suite(void)
{
    Suite *suite = suite_create("framing");
    TCase *test_case = tcase_create("framing");
    tcase_add_test(test_case, test_every_split);
    tcase_add_test(test_case, test_length_is_told_before_payload);
    tcase_add_test(test_case, test_prefix_round_trip);
    suite_add_tcase(suite, test_case);
    return suite;
}
