/* test_seal.c: sealed values open to what they were, where and by what they were sealed, and
 * nowhere else. The expected texts come from an implementation of RFC 5297 and SP 800-108 that was
 * written for them, and which gives RFC 5297's own vectors.
 * SPDX-License-Identifier: Apache-2.0 */
#include "keys/seal.h"
#include "suites.h"
#include "support/expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_SECRET "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SECOND_SECRET "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
#define AES_LINE "3 seal aes-256-siv %s 2026-11-29T00:00:00Z " FIRST_SECRET "\n"
#define SM4_LINE "70000 seal sm4-siv %s 2026-11-29T00:00:00Z " SECOND_SECRET "\n"

static struct text text_of_array(const char *bytes, uint32_t length)
{
    return (struct text){bytes, length};
}

static struct key_ring *make_ring(const char *lines)
{
    char path[] = "/tmp/vsl-unit-keys-XXXXXX";
    char error[512] = "";
    int file = mkstemp(path);
    EXPECT(file >= 0 && write(file, lines, strlen(lines)) == (ssize_t)strlen(lines));
    close(file);
    struct key_ring *ring = key_ring_open(path, NULL, error, sizeof error);
    unlink(path);
    ck_assert_str_eq(error, "");
    return ring;
}

/* A sealer of the ring with these lines. */
static struct sealer *make(const char *lines)
{
    char error[512] = "";
    struct key_ring *ring = make_ring(lines);
    struct sealer *sealer = sealer_create(ring, error, sizeof error);
    ck_assert_str_eq(error, "");
    key_ring_close(ring);
    return sealer;
}

static struct sealer *make_both(bool is_first_active, bool is_second_active)
{
    char lines[512];
    snprintf(lines, sizeof lines, AES_LINE SM4_LINE, is_first_active ? "active" : "retired",
        is_second_active ? "active" : "retired");
    return make(lines);
}

static const struct {
    int32_t key;
    uint8_t kind;
    int64_t ledger_id;
    const char *plain;
    const char *sealed;
} rows[] = {
    {3, 1, 7, "张三",
        "\x01"
        "AQEAAAADRoLFTrUtf7M9vIIi0HpReDN7vC8sZg"},
    {3, 2, 7, "6216261000000000018",
        "\x01"
        "AQEAAAAD6dRgjYZA-WudD0DrGCWGYhbfdQoQgaBWLZlK-iNXoFnl46A"},
    {70000, 1, 7, "张三",
        "\x01"
        "AQIAARFwPYaP--f6jlKfLXuA0FhJdaAFdNtf2w"},
    {70000, 2, INT64_C(1) << 40, "6216261000000000018",
        "\x01"
        "AQIAARFwXPK4VoWDm7shIkDi1U94p0YVLu9VKCPBUYBX2ujvic_sgK8"},
};

START_TEST(values_seal_to_the_same_text_and_open_again)
{
    struct sealer *sealer = make_both(true, true);
    struct text plain = text_of(rows[_i].plain);
    char sealed[256], opened[256];
    uint32_t length;
    for (int again = 0; again < 2; again++) {
        uint32_t count =
            sealer_seal(sealer, rows[_i].key, rows[_i].kind, rows[_i].ledger_id, plain, sealed);
        EXPECT(count <= SEALED_BYTES(plain.length) && count == strlen(rows[_i].sealed));
        EXPECT(memcmp(sealed, rows[_i].sealed, count) == 0);
        EXPECT(sealed_key(text_of_array(sealed, count)) == rows[_i].key);
        EXPECT(sealer_open(sealer, rows[_i].kind, rows[_i].ledger_id, text_of_array(sealed, count),
                   opened, &length) == OPENING_DONE);
        EXPECT(length == plain.length && memcmp(opened, plain.bytes, length) == 0);
    }
    sealer_destroy(sealer);
}
END_TEST

/* Each character of a sealed value, changed to each other one: never another value. */
START_TEST(a_changed_character_is_found)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_ =\x01";
    struct sealer *sealer = make_both(true, true);
    struct text value = text_of(rows[_i].sealed);
    char changed[128], opened[128];
    uint32_t length;
    EXPECT(value.length < sizeof changed);
    for (uint32_t at = 0; at < value.length; at++) {
        for (size_t n = 0; n < sizeof alphabet - 1; n++) {
            memcpy(changed, value.bytes, value.length);
            if (changed[at] == alphabet[n])
                continue;
            changed[at] = alphabet[n];
            struct text other = text_of_array(changed, value.length);
            enum opening end =
                sealer_open(sealer, rows[_i].kind, rows[_i].ledger_id, other, opened, &length);
            EXPECT(end != OPENING_DONE);
            /* What no longer looks like a sealed value is clear, and is what it is. */
            EXPECT(length == (end == OPENING_CLEAR ? value.length : 0));
        }
    }
    for (uint32_t cut = 1; cut < value.length; cut++)
        EXPECT(sealer_open(sealer, rows[_i].kind, rows[_i].ledger_id,
                   text_of_array(value.bytes, cut), opened, &length) != OPENING_DONE);
    sealer_destroy(sealer);
}
END_TEST

START_TEST(another_place_does_not_open_it)
{
    struct sealer *sealer = make_both(true, true);
    struct text value = text_of(rows[0].sealed);
    char opened[128];
    uint32_t length;
    EXPECT(sealer_open(sealer, 2, 7, value, opened, &length) == OPENING_DAMAGED && length == 0);
    EXPECT(sealer_open(sealer, 1, 8, value, opened, &length) == OPENING_DAMAGED && length == 0);
    EXPECT(sealer_open(sealer, 1, 7, value, opened, &length) == OPENING_DONE);
    sealer_destroy(sealer);
}
END_TEST

START_TEST(a_key_that_is_not_there_is_said_to_be_so)
{
    struct sealer *sealer =
        make("3 seal aes-256-siv active 2026-11-29T00:00:00Z " SECOND_SECRET "\n");
    char opened[128];
    uint32_t length;
    /* The number is there, the secret is another. */
    EXPECT(sealer_open(sealer, 1, 7, text_of(rows[0].sealed), opened, &length) == OPENING_DAMAGED);
    EXPECT(sealer_open(sealer, 1, 7, text_of(rows[2].sealed), opened, &length) == OPENING_NO_KEY);
    EXPECT(sealer_open(NULL, 1, 7, text_of(rows[0].sealed), opened, &length) == OPENING_NO_KEY);
    EXPECT(length == 0);
    sealer_destroy(sealer);
}
END_TEST

START_TEST(the_newest_active_key_seals)
{
    static const struct {
        bool is_first_active, is_second_active;
        int32_t key;
    } cases[] = {{true, true, 70000}, {true, false, 3}, {false, true, 70000}, {false, false, 0}};
    for (int i = 0; i < 4; i++) {
        struct sealer *sealer = make_both(cases[i].is_first_active, cases[i].is_second_active);
        EXPECT(sealer_key(sealer) == cases[i].key);
        EXPECT(sealer_key_count(sealer) == 2 && sealer_key_at(sealer, 1) == 70000);
        sealer_destroy(sealer);
    }
    struct sealer *none =
        make("1 journal-mac hmac-sha256 active 2026-11-29T00:00:00Z " FIRST_SECRET "\n");
    EXPECT(sealer_key(none) == 0 && sealer_key_count(none) == 0 && sealer_key(NULL) == 0);
    sealer_destroy(none);
}
END_TEST

START_TEST(what_was_never_sealed_is_clear)
{
    static const char *const clear[] = {"", "张三", "\x01",
        "\x01"
        "A",
        "\x01"
        "AQEAAAAD",
        "AQEAAAADRoLFTrUtf7M9vIIi0HpReDN7vC8sZg",
        "\x01"
        "AgEAAAADRoLFTrUtf7M9vIIi0HpReDN7vC8sZg"};
    struct sealer *sealer = make_both(true, true);
    char opened[128];
    uint32_t length;
    for (size_t i = 0; i < sizeof clear / sizeof *clear; i++) {
        struct text value = text_of(clear[i]);
        EXPECT(sealed_key(value) == 0);
        EXPECT(sealer_open(sealer, 1, 7, value, opened, &length) == OPENING_CLEAR);
        EXPECT(length == value.length && memcmp(opened, clear[i], length) == 0);
    }
    EXPECT(sealer_seal(sealer, 3, 1, 7, text_of(""), opened) == 0);
    sealer_destroy(sealer);
}
END_TEST

START_TEST(every_length_fits)
{
    struct sealer *sealer = make_both(true, true);
    static char plain[SEAL_PLAIN_BYTES_MAX], sealed[SEALED_BYTES(SEAL_PLAIN_BYTES_MAX)],
        opened[SEALED_BYTES(SEAL_PLAIN_BYTES_MAX)];
    uint32_t length;
    for (uint32_t count = 1; count <= SEAL_PLAIN_BYTES_MAX; count++) {
        plain[count - 1] = (char)('a' + count % 26);
        uint32_t bytes =
            sealer_seal(sealer, count % 2 ? 3 : 70000, 1, 7, text_of_array(plain, count), sealed);
        EXPECT(bytes <= SEALED_BYTES(count));
        EXPECT(sealer_open(sealer, 1, 7, text_of_array(sealed, bytes), opened, &length) ==
               OPENING_DONE);
        EXPECT(length == count && memcmp(plain, opened, count) == 0);
    }
    sealer_destroy(sealer);
}
END_TEST

/* As Python's hmac makes it of the same bytes. */
START_TEST(a_key_is_known_again)
{
    static const struct {
        const char *line, *check;
    } keys[] = {
        {"3 seal aes-256-siv active 2026 " FIRST_SECRET "\n", "1e3bb6af43c9774505489778c85bfcd3"},
        {"4 journal-mac hmac-sha256 retired 2026 " SECOND_SECRET "\n",
            "607a9cc469b6e51aa193d582be0d8b54"},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        uint8_t check[KEY_CHECK_BYTES];
        char text[2 * KEY_CHECK_BYTES + 1];
        struct key_ring *ring = make_ring(keys[i].line);
        key_check(key_ring_at(ring, 0), check);
        for (size_t n = 0; n < sizeof check; n++)
            snprintf(text + 2 * n, 3, "%02x", check[n]);
        ck_assert_str_eq(text, keys[i].check);
        key_ring_close(ring);
    }
}
END_TEST

/* The 16 bytes of SIV stand behind the six of the head: those of rows[0] and rows[2]. */
START_TEST(a_fingerprint_is_read_off_the_sealed_text)
{
    static const struct fingerprint expected[] = {
        {3, {0x46, 0x82, 0xc5, 0x4e, 0xb5, 0x2d, 0x7f, 0xb3, 0x3d, 0xbc, 0x82, 0x22, 0xd0, 0x7a,
                0x51, 0x78}},
        {70000, {0x3d, 0x86, 0x8f, 0xfb, 0xe7, 0xfa, 0x8e, 0x52, 0x9f, 0x2d, 0x7b, 0x80, 0xd0, 0x58,
                    0x49, 0x75}}};
    for (int i = 0; i < 2; i++) {
        struct fingerprint print = value_fingerprint(1, 7, text_of(rows[2 * i].sealed));
        EXPECT(fingerprint_equals(&print, &expected[i]));
    }
    /* SHA-256 of the label, a NUL, 1, 7 as 8 bytes, and 张三. */
    static const struct fingerprint clear = {
        0, {0x90, 0x85, 0x77, 0x76, 0xd5, 0x9d, 0xda, 0xab, 0xa0, 0x65, 0xba, 0x42, 0x75, 0x9c,
               0xc6, 0x33}};
    struct fingerprint print = value_fingerprint(1, 7, text_of("张三"));
    EXPECT(fingerprint_equals(&print, &clear));
    print = value_fingerprint(1, 7, (struct text){0});
    EXPECT(fingerprint_is_none(&print));
}
END_TEST

/* Under the first key, under the second one, and in clear: whichever way it came, each finds it. */
START_TEST(a_value_is_found_under_every_key)
{
    struct sealer *sealer = make_both(false, true);
    const struct text came[] = {
        text_of(rows[0].sealed), text_of(rows[2].sealed), text_of(rows[0].plain)};
    struct fingerprint all[3][FINGERPRINTS_MAX];
    for (int i = 0; i < 3; i++) {
        EXPECT(sealer_fingerprints(sealer, 1, 7, came[i], all[i]) == 3);
        struct fingerprint own = value_fingerprint(1, 7, came[i]);
        EXPECT(fingerprint_equals(&all[i][0], &own));
    }
    for (int i = 0; i < 3; i++) {
        for (int n = 0; n < 3; n++) {
            int found = 0;
            for (int k = 0; k < 3; k++)
                found += fingerprint_equals(&all[i][k], &all[n][0]);
            EXPECT(found == 1);
        }
    }
    EXPECT(sealer_fingerprints(sealer, 1, 7, (struct text){0}, all[0]) == 0);
    sealer_destroy(sealer);
}
END_TEST

START_TEST(another_value_kind_ledger_or_key_is_another_fingerprint)
{
    struct sealer *sealer = make_both(true, true);
    struct fingerprint prints[5 * 3];
    static const struct {
        uint8_t kind;
        int64_t ledger_id;
        const char *plain;
    } values[] = {{1, 7, "Bob"}, {2, 7, "Bob"}, {1, 8, "Bob"}, {1, 7, "Ada"}, {1, 7, "Eve"}};
    for (int i = 0; i < 5; i++) {
        struct fingerprint all[FINGERPRINTS_MAX];
        EXPECT(sealer_fingerprints(sealer, values[i].kind, values[i].ledger_id,
                   text_of(values[i].plain), all) == 3);
        memcpy(&prints[3 * i], all, 3 * sizeof *all);
    }
    for (int i = 0; i < 15; i++) {
        for (int n = 0; n < i; n++)
            EXPECT(!fingerprint_equals(&prints[i], &prints[n]));
    }
    sealer_destroy(sealer);
}
END_TEST

/* Without a ring, and without the key of the value: what can be told is told. */
START_TEST(what_does_not_open_has_its_own_fingerprint_only)
{
    struct fingerprint all[FINGERPRINTS_MAX];
    EXPECT(sealer_fingerprints(NULL, 1, 7, text_of("张三"), all) == 1 && all[0].key == 0);
    EXPECT(sealer_fingerprints(NULL, 1, 7, text_of(rows[0].sealed), all) == 1 && all[0].key == 3);
    struct sealer *sealer = make_both(true, false);
    EXPECT(sealer_fingerprints(sealer, 1, 8, text_of(rows[0].sealed), all) == 1);
    sealer_destroy(sealer);
}
END_TEST

Suite *seal_suite(void)
{
    Suite *suite = suite_create("seal");
    TCase *test_case = tcase_create("seal");
    int count = (int)(sizeof rows / sizeof *rows);
    tcase_add_loop_test(test_case, values_seal_to_the_same_text_and_open_again, 0, count);
    tcase_add_loop_test(test_case, a_changed_character_is_found, 0, count);
    tcase_add_test(test_case, another_place_does_not_open_it);
    tcase_add_test(test_case, a_key_that_is_not_there_is_said_to_be_so);
    tcase_add_test(test_case, the_newest_active_key_seals);
    tcase_add_test(test_case, what_was_never_sealed_is_clear);
    tcase_add_test(test_case, every_length_fits);
    tcase_add_test(test_case, a_key_is_known_again);
    tcase_add_test(test_case, a_fingerprint_is_read_off_the_sealed_text);
    tcase_add_test(test_case, a_value_is_found_under_every_key);
    tcase_add_test(test_case, another_value_kind_ledger_or_key_is_another_fingerprint);
    tcase_add_test(test_case, what_does_not_open_has_its_own_fingerprint_only);
    suite_add_tcase(suite, test_case);
    return suite;
}
