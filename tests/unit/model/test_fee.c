/* test_fee.c: fees by rule and their shares, against exact arithmetic written another way.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/fee.h"
#include "model/money.h"
#include "suites.h"
#include "support/expect.h"

#include <inttypes.h>
#include <signal.h>

#define ALL_AMOUNTS 1000000

/* Six in a thousand, half up. */
static const struct fee_rule plain = {
    .rounding = FEE_ROUNDING_HALF_UP, .tier_count = 1, .tiers = {{.rate_ppm = 6000}}};

/* A flat part, a rate that does not divide, bounds, three shares that do not divide either. */
static const struct fee_rule shared = {
    .rounding = FEE_ROUNDING_UP,
    .tier_count = 1,
    .tiers = {{.flat_minor = 7, .rate_ppm = 3333, .minimum_minor = 11, .maximum_minor = 1234}},
    .share_count = 3,
    .shares = {{101, 333334}, {102, 333333}, {103, 333333}},
};

/* Falls from tier to tier; rounded down; the first share is the smallest. */
static const struct fee_rule falling = {
    .rounding = FEE_ROUNDING_DOWN,
    .tier_count = 4,
    .tiers = {{.from_minor = 0, .rate_ppm = 10000, .minimum_minor = 1},
        {.from_minor = 1000, .flat_minor = 2, .rate_ppm = 5000},
        {.from_minor = 100000, .rate_ppm = 2500, .maximum_minor = 800},
        {.from_minor = 500001, .flat_minor = 5}},
    .share_count = 2,
    .shares = {{101, 1}, {102, 999999}},
};

/* As many tiers and shares as there may be. */
static const struct fee_rule full = {
    .rounding = FEE_ROUNDING_HALF_UP,
    .tier_count = 8,
    .tiers = {{0, 0, 0, 0, 999999}, {2, 1, 0, 0, 500000}, {10, 3, 2, 0, 123457},
        {100, 0, 20, 25, 1}, {1000, 9, 0, 0, 7}, {10000, 0, 0, 0, 0}, {100000, 1, 1, 1, 1000000},
        {999999, 0, 0, 0, 1000000}},
    .share_count = 8,
    .shares = {{101, 3}, {102, 250000}, {103, 125000}, {104, 125000}, {105, 499990}, {106, 1},
        {107, 5}, {108, 1}},
};

/* Everything is fee. */
static const struct fee_rule whole = {.rounding = FEE_ROUNDING_UP,
    .tier_count = 1,
    .tiers = {{.rate_ppm = PPM}},
    .share_count = 1,
    .shares = {{101, PPM}}};

static const struct fee_rule *const rules[] = {&plain, &shared, &falling, &full, &whole};
#define RULES (sizeof rules / sizeof *rules)

/* The fee of a small amount, where 64 bits are enough: the quotient and what is left of it. */
static int64_t expected_fee(const struct fee_rule *rule, int64_t amount)
{
    const struct fee_tier *tier = &rule->tiers[0];
    for (int i = 0; i < rule->tier_count; i++) {
        if (amount >= rule->tiers[i].from_minor)
            tier = &rule->tiers[i];
    }
    int64_t rate = amount * tier->rate_ppm / 1000000;
    int64_t left = amount * tier->rate_ppm % 1000000;
    if ((rule->rounding == FEE_ROUNDING_UP && left > 0) ||
        (rule->rounding == FEE_ROUNDING_HALF_UP && left * 2 >= 1000000))
        rate++;
    int64_t fee = tier->flat_minor + rate;
    fee = fee < tier->minimum_minor ? tier->minimum_minor : fee;
    return tier->maximum_minor > 0 && fee > tier->maximum_minor ? tier->maximum_minor : fee;
}

/* The legs add up to the fee, none is negative, and all but the first are within one unit below
 * their exact share. Returns whether it is so. */
static bool legs_are_right(const struct fee_rule *rule, int64_t fee)
{
    int64_t legs[FEE_SHARES_MAX];
    int64_t sum = 0;
    fee_shares(rule, fee, legs);
    for (int i = 0; i < rule->share_count; i++) {
        if (legs[i] < 0)
            return false;
        if (i > 0 && (legs[i] * PPM > fee * rule->shares[i].share_ppm ||
                         (legs[i] + 1) * PPM <= fee * rule->shares[i].share_ppm))
            return false;
        sum += legs[i];
    }
    return sum == fee;
}

START_TEST(every_amount)
{
    const struct fee_rule *rule = rules[_i];
    for (int64_t amount = 1; amount <= ALL_AMOUNTS; amount++) {
        int64_t fee = fee_of_amount(rule, amount);
        if (fee != expected_fee(rule, amount))
            EXPECT_MSG(false, "rule %d, amount %" PRId64 ": fee %" PRId64, _i, amount, fee);
        if (rule->share_count > 0 && !legs_are_right(rule, fee))
            EXPECT_MSG(false, "rule %d, amount %" PRId64 ": legs of %" PRId64, _i, amount, fee);
        /* What is left of an amount that pays its fee, and the legs, are the amount. */
        int64_t legs[FEE_SHARES_MAX] = {fee};
        int64_t sum = amount - fee;
        if (rule->share_count > 0)
            fee_shares(rule, fee, legs);
        for (int i = 0; i < FEE_SHARES_MAX; i++)
            sum += i < rule->share_count || i == 0 ? legs[i] : 0;
        if (sum != amount)
            EXPECT_MSG(false, "rule %d, amount %" PRId64 ": sum %" PRId64, _i, amount, sum);
    }
}
END_TEST

/* Within a tier a larger amount costs no less, and its fee grows no faster than it does. */
START_TEST(steps_within_a_tier)
{
    const struct fee_rule *rule = rules[_i];
    for (int64_t amount = 1; amount < ALL_AMOUNTS; amount++) {
        if (fee_tier_of(rule, amount) != fee_tier_of(rule, amount + 1))
            continue;
        int64_t step = fee_of_amount(rule, amount + 1) - fee_of_amount(rule, amount);
        if (step < 0 || step > 1)
            EXPECT_MSG(false, "rule %d, amount %" PRId64 ": step %" PRId64, _i, amount, step);
    }
}
END_TEST

START_TEST(where_tiers_begin)
{
    static const struct {
        int64_t amount;
        int tier;
    } rows[] = {{0, 0}, {1, 0}, {999, 0}, {1000, 1}, {99999, 1}, {100000, 2}, {500000, 2},
        {500001, 3}, {AMOUNT_MINOR_MAX, 3}, {INT64_MAX, 3}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        EXPECT_MSG(fee_tier_of(&falling, rows[i].amount) == &falling.tiers[rows[i].tier],
            "%" PRId64, rows[i].amount);
}
END_TEST

START_TEST(roundings)
{
    /* 25 in 1,000: 20 is exactly one half, 60 one and a half. */
    const struct fee_tier tier = {.rate_ppm = 25000};
    static const struct {
        int64_t amount, half_up, up, down;
    } rows[] = {{0, 0, 0, 0}, {1, 0, 1, 0}, {19, 0, 1, 0}, {20, 1, 1, 0}, {21, 1, 1, 0},
        {39, 1, 1, 0}, {40, 1, 1, 1}, {41, 1, 2, 1}, {59, 1, 2, 1}, {60, 2, 2, 1}, {80, 2, 2, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t amount = rows[i].amount;
        EXPECT(fee_by_tier(&tier, FEE_ROUNDING_HALF_UP, amount) == rows[i].half_up);
        EXPECT(fee_by_tier(&tier, FEE_ROUNDING_UP, amount) == rows[i].up);
        EXPECT(fee_by_tier(&tier, FEE_ROUNDING_DOWN, amount) == rows[i].down);
    }
}
END_TEST

START_TEST(minimum_and_maximum)
{
    const struct fee_tier tier = {
        .flat_minor = 10, .rate_ppm = 100000, .minimum_minor = 15, .maximum_minor = 20};
    static const struct {
        int64_t amount, fee;
    } rows[] = {{0, 15}, {1, 15}, {50, 15}, {59, 15}, {60, 16}, {90, 19}, {99, 19}, {100, 20},
        {101, 20}, {110, 20}, {AMOUNT_MINOR_MAX, 20}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        EXPECT_MSG(fee_by_tier(&tier, FEE_ROUNDING_DOWN, rows[i].amount) == rows[i].fee, "%" PRId64,
            rows[i].amount);
    /* A maximum of 0 is none, and the same minimum and maximum a fixed fee. */
    const struct fee_tier open = {.rate_ppm = PPM};
    const struct fee_tier fixed = {.rate_ppm = PPM, .minimum_minor = 3, .maximum_minor = 3};
    EXPECT(fee_by_tier(&open, FEE_ROUNDING_UP, AMOUNT_MINOR_MAX) == AMOUNT_MINOR_MAX);
    EXPECT(fee_by_tier(&fixed, FEE_ROUNDING_UP, 1) == 3);
    EXPECT(fee_by_tier(&fixed, FEE_ROUNDING_UP, AMOUNT_MINOR_MAX) == 3);
}
END_TEST

START_TEST(largest_amounts)
{
    /* A payment's largest sum, with the largest flat part. */
    const int64_t sum = (int64_t)PAYEES_PER_COMMAND_MAX * AMOUNT_MINOR_MAX;
    const struct fee_tier most = {.flat_minor = AMOUNT_MINOR_MAX, .rate_ppm = PPM};
    EXPECT(fee_by_tier(&most, FEE_ROUNDING_UP, sum) == sum + AMOUNT_MINOR_MAX);
    const struct fee_tier nearly = {.rate_ppm = PPM - 1};
    EXPECT(fee_by_tier(&nearly, FEE_ROUNDING_DOWN, AMOUNT_MINOR_MAX) == 9999990000000000);
    EXPECT(fee_by_tier(&nearly, FEE_ROUNDING_DOWN, AMOUNT_MINOR_MAX - 1) == 9999989999999999);
    EXPECT(fee_by_tier(&nearly, FEE_ROUNDING_UP, AMOUNT_MINOR_MAX - 1) == 9999990000000000);
    const struct fee_tier least = {.minimum_minor = AMOUNT_MINOR_MAX, .rate_ppm = 1};
    EXPECT(fee_by_tier(&least, FEE_ROUNDING_UP, 1) == AMOUNT_MINOR_MAX);

    /* Shares of a fee that large: the legs still add up. */
    for (int64_t fee = 2 * AMOUNT_MINOR_MAX - 20; fee <= 2 * AMOUNT_MINOR_MAX; fee++) {
        int64_t legs[FEE_SHARES_MAX];
        int64_t total = 0;
        fee_shares(&full, fee, legs);
        for (int i = 0; i < full.share_count; i++)
            total += legs[i];
        EXPECT_MSG(total == fee, "%" PRId64, fee);
    }
    int64_t legs[FEE_SHARES_MAX];
    fee_shares(&full, AMOUNT_MINOR_MAX, legs);
    EXPECT(legs[0] == 30000000000 && legs[1] == 2500000000000000 && legs[7] == 10000000000);
}
END_TEST

START_TEST(small_shares)
{
    /* What does not make a unit goes to the first share, also the whole fee. */
    int64_t legs[FEE_SHARES_MAX];
    fee_shares(&shared, 1, legs);
    EXPECT(legs[0] == 1 && legs[1] == 0 && legs[2] == 0);
    fee_shares(&shared, 100, legs);
    EXPECT(legs[0] == 34 && legs[1] == 33 && legs[2] == 33);
    fee_shares(&shared, 0, legs);
    EXPECT(legs[0] == 0 && legs[1] == 0 && legs[2] == 0);
    fee_shares(&falling, 1, legs);
    EXPECT(legs[0] == 1 && legs[1] == 0);
    fee_shares(&falling, 1000000, legs);
    EXPECT(legs[0] == 1 && legs[1] == 999999);
    fee_shares(&whole, 77, legs);
    EXPECT(legs[0] == 77);
}
END_TEST

START_TEST(proportions)
{
    static const struct {
        int64_t whole, part, of, result;
    } rows[] = {{0, 1, 1, 0}, {3, 0, 10, 0}, {3, 3, 10, 0}, {3, 4, 10, 1}, {3, 6, 10, 1},
        {3, 7, 10, 2}, {3, 9, 10, 2}, {3, 10, 10, 3}, {7, 1, 7, 1},
        {AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX},
        {AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX - 1, AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX - 1},
        {1, AMOUNT_MINOR_MAX - 1, AMOUNT_MINOR_MAX, 0},
        {AMOUNT_MINOR_MAX, 1, 3, AMOUNT_MINOR_MAX / 3},
        {INT64_MAX, INT64_MAX - 1, INT64_MAX, INT64_MAX - 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        EXPECT_MSG(fee_proportion(rows[i].whole, rows[i].part, rows[i].of) == rows[i].result,
            "row %zu", i);
}
END_TEST

/* Given back step by step, in whatever steps, a fee comes back wholly and never more. */
START_TEST(proportions_add_up)
{
    const int64_t fee = 97, of = 1013;
    for (int64_t step = 1; step <= of; step++) {
        int64_t back = 0;
        for (int64_t part = 0; part < of;) {
            part = part + step < of ? part + step : of;
            int64_t now = fee_proportion(fee, part, of) - back;
            EXPECT(now >= 0);
            back += now;
            EXPECT(back * of <= fee * part);
        }
        EXPECT_MSG(back == fee, "step %" PRId64, step);
    }
}
END_TEST

static struct fee_rule broken;

START_TEST(no_tier)
{
    broken = (struct fee_rule){.rounding = FEE_ROUNDING_UP};
    fee_of_amount(&broken, 1);
}
END_TEST

START_TEST(negative_amount)
{
    fee_of_amount(&plain, -1);
}
END_TEST

START_TEST(no_share)
{
    int64_t legs[FEE_SHARES_MAX];
    fee_shares(&plain, 1, legs);
}
END_TEST

START_TEST(more_than_the_whole)
{
    fee_proportion(1, 2, 1);
}
END_TEST

/* However a fee comes back in parts: no account gives more than its share, none gives less than
 * nothing, and in the end each has given its share. */
START_TEST(shares_come_back_in_parts)
{
    static const int64_t shares[][4] = {{7, 2, 0, 0}, {1, 1, 1, 1}, {0, 5, 0, 2}, {16, 9, 5, 0},
        {1, 9999, 3333, 1}, {100, 0, 0, 0}};
    for (size_t s = 0; s < sizeof shares / sizeof *shares; s++) {
        int64_t fee = 0;
        for (int i = 0; i < 4; i++)
            fee += shares[s][i];
        for (int64_t step = 1; step <= fee; step = step < 40 ? step + 1 : step * 3) {
            int64_t given[4] = {0};
            for (int64_t before = 0; before < fee; before += step) {
                int64_t after = before + step < fee ? before + step : fee;
                int64_t parts[4];
                int64_t sum = 0;
                fee_shares_back(shares[s], 4, before, after, parts);
                for (int i = 0; i < 4; i++) {
                    ck_assert_int_ge(parts[i], 0);
                    given[i] += parts[i];
                    ck_assert_int_le(given[i], shares[s][i]);
                    sum += parts[i];
                }
                ck_assert_int_eq(sum, after - before);
            }
            ck_assert_mem_eq(given, shares[s], sizeof given);
        }
    }
    const int64_t large[] = {AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX, 1};
    int64_t parts[3];
    fee_shares_back(large, 3, 0, 2 * AMOUNT_MINOR_MAX + 1, parts);
    ck_assert_mem_eq(parts, large, sizeof large);
}
END_TEST

Suite *fee_suite(void)
{
    Suite *suite = suite_create("fee");
    TCase *rows = tcase_create("rows");
    tcase_add_test(rows, shares_come_back_in_parts);
    tcase_add_test(rows, where_tiers_begin);
    tcase_add_test(rows, roundings);
    tcase_add_test(rows, minimum_and_maximum);
    tcase_add_test(rows, largest_amounts);
    tcase_add_test(rows, small_shares);
    tcase_add_test(rows, proportions);
    suite_add_tcase(suite, rows);

    TCase *all = tcase_create("all amounts");
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all, every_amount, 0, (int)RULES);
    tcase_add_loop_test(all, steps_within_a_tier, 0, (int)RULES);
    tcase_add_test(all, proportions_add_up);
    suite_add_tcase(suite, all);

    TCase *bugs = tcase_create("bugs");
    tcase_add_test_raise_signal(bugs, no_tier, SIGABRT);
    tcase_add_test_raise_signal(bugs, negative_amount, SIGABRT);
    tcase_add_test_raise_signal(bugs, no_share, SIGABRT);
    tcase_add_test_raise_signal(bugs, more_than_the_whole, SIGABRT);
    suite_add_tcase(suite, bugs);
    return suite;
}
