/* test_page_token.c: tokens come back as they were, and only for the request that they were made
 * for.
 * SPDX-License-Identifier: Apache-2.0 */
#include "query/page_token.h"
#include "suites.h"
#include "support/expect.h"
#include "support/random.h"

#include <string.h>

static const struct hash_key KEY = {.k0 = 11, .k1 = 22};

/* The token of `some_request`. */
static char text[PAGE_TOKEN_CHARS + 1];

static struct read_request some_request(void)
{
    return (struct read_request){.page_token = {.bytes = text, .length = PAGE_TOKEN_CHARS},
        .page_scope = UINT64_C(0x123456789abcdef0),
        .page_size = 10};
}

static const struct page_token TOKEN = {.identity = {{1, 2, 0xfe, 0xff}},
    .as_of_sequence = 123456789,
    .place = {.sequence = 123456, .line = 255, .side = 1}};

START_TEST(tokens_come_back)
{
    struct random random;
    random_start(&random, "tokens_come_back");
    for (int i = 0; i < 10000; i++) {
        struct read_request request = some_request();
        int64_t as_of = random_between(&random, 0, INT64_MAX - 1);
        struct page_token token = {
            .identity = {{(uint8_t)i, 3, 0xff}},
            .as_of_sequence = as_of,
            .place = {.sequence = random_between(&random, 1, INT64_MAX),
                .line = (int16_t)random_below(&random, 256),
                .side = (int16_t)random_below(&random, 2)},
        };
        page_token_encode(KEY, &request, &token, text);
        EXPECT(strlen(text) == PAGE_TOKEN_CHARS);
        struct page_token back;
        EXPECT(page_token_try_decode(KEY, &request, &back));
        EXPECT(identity_equal(&back.identity, &token.identity));
        EXPECT(back.as_of_sequence == token.as_of_sequence);
        EXPECT(back.place.sequence == token.place.sequence);
        EXPECT(back.place.line == token.place.line);
        EXPECT(back.place.side == token.place.side);
    }
}
END_TEST

START_TEST(a_changed_token_is_refused)
{
    struct read_request request = some_request();
    page_token_encode(KEY, &request, &TOKEN, text);
    struct page_token back;
    EXPECT(page_token_try_decode(KEY, &request, &back));
    for (size_t i = 0; i < PAGE_TOKEN_CHARS; i++) {
        char right = text[i];
        for (int byte = 1; byte < 256; byte++) {
            if ((char)byte == right)
                continue;
            text[i] = (char)byte;
            EXPECT_MSG(
                !page_token_try_decode(KEY, &request, &back), "position %zu, byte %d", i, byte);
        }
        text[i] = right;
    }
    request.page_token.length--;
    EXPECT(!page_token_try_decode(KEY, &request, &back));
}
END_TEST

START_TEST(a_token_of_another_request_is_refused)
{
    struct read_request request = some_request();
    page_token_encode(KEY, &request, &TOKEN, text);
    struct page_token back;

    for (int bit = 0; bit < 64; bit++) {
        struct read_request other = request;
        other.page_scope ^= UINT64_C(1) << bit;
        EXPECT_MSG(!page_token_try_decode(KEY, &other, &back), "bit %d", bit);
    }

    struct read_request larger = request;
    larger.page_size = 5000;
    EXPECT(page_token_try_decode(KEY, &larger, &back));
    EXPECT(!page_token_try_decode((struct hash_key){.k0 = 11, .k1 = 23}, &request, &back));
}
END_TEST

START_TEST(places_that_are_none_are_refused)
{
    static const struct page_token rows[] = {
        {.as_of_sequence = 10, .place = {.sequence = 0}},
        {.as_of_sequence = 10, .place = {.sequence = -5}},
        {.as_of_sequence = -1, .place = {.sequence = 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct read_request request = some_request();
        page_token_encode(KEY, &request, &rows[i], text);
        struct page_token back;
        EXPECT_MSG(!page_token_try_decode(KEY, &request, &back), "row %zu", i);
    }
}
END_TEST

START_TEST(the_key_depends_on_the_secret)
{
    struct hash_key secret = {.k0 = 1, .k1 = 2};
    struct hash_key key = page_token_key(secret);
    struct hash_key same = page_token_key(secret);
    EXPECT(key.k0 == same.k0 && key.k1 == same.k1);
    EXPECT(key.k0 != key.k1);
    EXPECT(key.k0 != secret.k0 && key.k1 != secret.k1);
    secret.k1 = 3;
    struct hash_key other = page_token_key(secret);
    EXPECT(key.k0 != other.k0 && key.k1 != other.k1);
}
END_TEST

Suite *page_token_suite(void)
{
    Suite *suite = suite_create("query/page_token");
    TCase *cases = tcase_create("page_token");
    tcase_add_test(cases, tokens_come_back);
    tcase_add_test(cases, a_changed_token_is_refused);
    tcase_add_test(cases, a_token_of_another_request_is_refused);
    tcase_add_test(cases, places_that_are_none_are_refused);
    tcase_add_test(cases, the_key_depends_on_the_secret);
    suite_add_tcase(suite, cases);
    return suite;
}
