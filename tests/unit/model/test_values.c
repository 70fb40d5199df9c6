/* test_values.c: sums of money, request keys, the list of outcomes, ceilings.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/money.h"
#include "model/outcome.h"
#include "model/records.h"
#include "model/request_key.h"
#include "suites.h"
#include "support/expect.h"

#include <string.h>

START_TEST(sums_that_fit_and_do_not)
{
    static const struct {
        int64_t a, b;
        bool fits;
        int64_t sum;
    } rows[] = {
        {INT64_MAX, 1, false, 0},
        {INT64_MAX, 0, true, INT64_MAX},
        {INT64_MAX - 1, 1, true, INT64_MAX},
        {1, INT64_MAX, false, 0},
        {INT64_MIN, -1, false, 0},
        {INT64_MIN, 0, true, INT64_MIN},
        {INT64_MIN + 1, -1, true, INT64_MIN},
        {INT64_MAX, INT64_MIN, true, -1},
        {INT64_MAX, INT64_MAX, false, 0},
        {INT64_MIN, INT64_MIN, false, 0},
        {AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX, true, 2 * AMOUNT_MINOR_MAX},
        {0, 0, true, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t sum = 42;
        EXPECT_MSG(money_try_add(rows[i].a, rows[i].b, &sum) == rows[i].fits, "row %zu", i);
        EXPECT_MSG(sum == (rows[i].fits ? rows[i].sum : 42), "row %zu", i);
    }
    /* What the ceiling of one amount promises. */
    EXPECT(AMOUNT_MINOR_MAX <= INT64_MAX / 900);
}
END_TEST

static struct request_key key_of(const char *channel, int32_t date, const char *serial)
{
    struct request_key key = {.business_date = date,
        .serial_length = (uint8_t)strlen(serial),
        .channel_length = (uint8_t)strlen(channel)};
    memcpy(key.serial, serial, strlen(serial));
    memcpy(key.channel, channel, strlen(channel));
    return key;
}

START_TEST(keys_that_look_alike_differ)
{
    struct hash_key secret = {3, 4};
    const struct request_key keys[] = {
        key_of("front", 20000, "1"),
        key_of("front", 20001, "1"),
        key_of("front", 20000, "2"),
        key_of("front", 20000, "11"),
        key_of("front1", 20000, "1"),
        key_of("fron", 20000, "t1"),
        key_of("Front", 20000, "1"),
        key_of("1", 20000, "front"),
        key_of("0123456789012345", 20000, "01234567890123456789012345678901"),
    };
    enum { COUNT = sizeof keys / sizeof *keys };
    for (int i = 0; i < COUNT; i++) {
        for (int k = 0; k < COUNT; k++) {
            EXPECT_MSG(request_key_equals(&keys[i], &keys[k]) == (i == k), "%d and %d", i, k);
            bool same = request_key_hash(secret, &keys[i]) == request_key_hash(secret, &keys[k]);
            EXPECT_MSG(same == (i == k), "hash of %d and %d", i, k);
        }
    }
    struct request_key again = key_of("front", 20000, "1");
    EXPECT(request_key_equals(&keys[0], &again));
    EXPECT(request_key_hash(secret, &keys[0]) == request_key_hash(secret, &again));
}
END_TEST

START_TEST(outcomes_have_a_precedence_each)
{
    bool is_taken[1000] = {false}; /* by precedence */
    int last = -1, seen = 0;
    for (int number = -10; number < 10000; number++) {
        if (!outcome_name(number)) {
            EXPECT(outcome_text(number, TEXT_ENGLISH) == NULL);
            EXPECT(outcome_precedence(number) == -1);
            EXPECT(outcome_retry(number) == RETRY_ASK_STATE);
            EXPECT(!outcome_is_accepted(number) || number > OUTCOME_ACCEPTED_UNALLOCATED);
            continue;
        }
        seen++;
        /* Numbers are given once and for ever; outcomes that came later stand between others. */
        int precedence = outcome_precedence(number);
        EXPECT_MSG(precedence >= 0 && precedence < 1000, "%s", outcome_name(number));
        EXPECT_MSG(!is_taken[precedence], "%s", outcome_name(number));
        is_taken[precedence] = true;
        last = precedence > last ? precedence : last;
        EXPECT_MSG(strlen(outcome_text(number, TEXT_ENGLISH)) > 20, "%s", outcome_name(number));
        EXPECT_MSG(number < INT16_MAX, "%s does not fit its column", outcome_name(number));
    }
    EXPECT_MSG(seen > 30, "%d outcomes", seen);
    EXPECT_MSG(last + 1 == seen, "a precedence is missing");
    EXPECT(outcome_precedence(OUTCOME_ACCEPTED) < outcome_precedence(OUTCOME_KEY_CONFLICT));
    EXPECT(outcome_precedence(OUTCOME_ABOVE_REST) <
           outcome_precedence(OUTCOME_INSUFFICIENT_AVAILABLE));
    EXPECT(OUTCOME_ACCEPTED == 1);
    EXPECT(OUTCOME_ACCEPTED_UNALLOCATED == 2);
    EXPECT(outcome_is_accepted(OUTCOME_ACCEPTED_UNALLOCATED));
    EXPECT(!outcome_is_accepted(0));
    EXPECT(!outcome_is_accepted(OUTCOME_REFUSED_MIN));
    EXPECT(strcmp(outcome_name(OUTCOME_KEY_CONFLICT), "KEY_CONFLICT") == 0);
}
END_TEST

/* Numbers that the database and the protos hold for ever. */
START_TEST(stored_numbers_stay)
{
    EXPECT(ACCOUNT_MEMBER == 1 && ACCOUNT_ESCROW == 2 && ACCOUNT_UNALLOCATED == 3);
    EXPECT(ACCOUNT_FEE == 4 && ACCOUNT_PLATFORM_OWN == 5 && ACCOUNT_INTEREST == 6);
    EXPECT(ACCOUNT_ENFORCEMENT == 7);
    EXPECT(ACCOUNT_ACQUIRER == 8);
    EXPECT(ACCOUNT_ISSUER == 9);
    EXPECT(ACCOUNT_POSITION == 10);
    EXPECT(ACCOUNT_OPEN == 1 && ACCOUNT_CLOSED == 2);
    EXPECT(BUCKET_AVAILABLE == 0 && BUCKET_PENDING_IN == 1 && BUCKET_PENDING_OUT == 2);
    EXPECT(BUCKET_FROZEN == 3);
    EXPECT(MEMBER_MERCHANT == 1 && MEMBER_USER == 2 && MEMBER_OPEN == 1 && MEMBER_CLOSED == 2);
    EXPECT(LEDGER_OPEN == 1 && LEDGER_CLOSED == 2);
    EXPECT(PAYOUT_REQUESTED == 1 && PAYOUT_PAID == 2 && PAYOUT_FAILED == 3);
    EXPECT(PAYOUT_RETURNED == 4);
    EXPECT(RECORD_LEDGER == 1 && RECORD_MEMBER == 2 && RECORD_ACCOUNT == 3 && RECORD_PAYOUT == 4);
    EXPECT(OUTCOME_KEY_WINDOW_CLOSED == 101 && OUTCOME_BUSINESS_DATE_AHEAD == 102);
    EXPECT(OUTCOME_LEDGER_NOT_FOUND == 120 && OUTCOME_ACCOUNT_NOT_FOUND == 160);
    EXPECT(OUTCOME_INSUFFICIENT_AVAILABLE == 241 && OUTCOME_AMOUNT_OVERFLOW == 242);
}
END_TEST

Suite *values_suite(void)
{
    Suite *suite = suite_create("values");
    TCase *tests = tcase_create("values");
    tcase_add_test(tests, sums_that_fit_and_do_not);
    tcase_add_test(tests, keys_that_look_alike_differ);
    tcase_add_test(tests, outcomes_have_a_precedence_each);
    tcase_add_test(tests, stored_numbers_stay);
    suite_add_tcase(suite, tests);
    return suite;
}
