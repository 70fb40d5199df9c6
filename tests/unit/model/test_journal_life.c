/* test_journal_life.c: identities as text, and since when lives of a journal differ.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/journal_life.h"
#include "suites.h"

#include <string.h>

static struct journal_identity identity_of(uint8_t byte)
{
    struct journal_identity identity;
    memset(identity.bytes, byte, sizeof identity.bytes);
    return identity;
}

START_TEST(text_comes_back)
{
    static const char text[] = "0123abcd-4567-489a-bcde-f0123456789a";
    static const char upper[] = "0123ABCD-4567-489A-BCDE-F0123456789A";
    struct journal_identity identity, from_upper;
    char back[IDENTITY_CHARS + 1];
    ck_assert(identity_try_parse(text, &identity));
    ck_assert(identity_try_parse(upper, &from_upper));
    ck_assert(identity_equal(&identity, &from_upper));
    ck_assert_uint_eq(identity.bytes[0], 0x01);
    ck_assert_uint_eq(identity.bytes[4], 0x45);
    ck_assert_uint_eq(identity.bytes[15], 0x9a);
    identity_text(&identity, back);
    ck_assert_str_eq(back, text);
}
END_TEST

START_TEST(other_texts_are_refused)
{
    static const char *const texts[] = {"", "0123abcd", "0123abcd-4567-489a-bcde-f0123456789",
        "0123abcd-4567-489a-bcde-f0123456789ab", "0123abcd-4567-489a-bcde-f0123456789g",
        "0123abcd04567-489a-bcde-f0123456789a", "0123abc--4567-489a-bcde-f0123456789a"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct journal_identity identity = identity_of(7), before = identity;
        ck_assert_msg(!identity_try_parse(texts[i], &identity), "%s", texts[i]);
        ck_assert(identity_equal(&identity, &before));
    }
}
END_TEST

/* Restored to 3000, then to 2000, then to 5000: what was seen in each life before. */
START_TEST(lives_differ_from_the_lowest_later_beginning)
{
    struct journal_lives lives = {.count = 4};
    lives.items[3] = (struct journal_life){identity_of(1), 1};
    lives.items[2] = (struct journal_life){identity_of(2), 3001};
    lives.items[1] = (struct journal_life){identity_of(3), 2001};
    lives.items[0] = (struct journal_life){identity_of(4), 5001};
    static const struct {
        uint8_t byte;
        int64_t differ_from;
    } rows[] = {{1, 2001}, {2, 2001}, {3, 5001}, {4, INT64_MAX}, {5, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct journal_identity identity = identity_of(rows[i].byte);
        ck_assert_int_eq(journal_lives_differ_from(&lives, &identity), rows[i].differ_from);
    }
}
END_TEST

Suite *journal_life_suite(void)
{
    Suite *suite = suite_create("journal_life");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, text_comes_back);
    tcase_add_test(tests, other_texts_are_refused);
    tcase_add_test(tests, lives_differ_from_the_lowest_later_beginning);
    suite_add_tcase(suite, tests);
    return suite;
}
