/* test_fee_text.c: payees, tiers and shares as people write them, and what is none of them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "vslctl/api/fee_text.h"

#include <string.h>

static const struct amount_unit yuan = {.decimals = 2};
static const struct amount_unit fen = {.is_minor = true};

static const struct {
    const struct amount_unit *unit;
    const char *text;
    int64_t from, flat, rate, minimum, maximum;
} tiers[] = {
    {&yuan, "flat=1.00", 0, 100, 0, 0, 0},
    {&yuan, "rate=0.6%", 0, 0, 6000, 0, 0},
    {&yuan, "rate=6000ppm", 0, 0, 6000, 0, 0},
    {&yuan, "from=1000,flat=1.00,rate=0.6%,min=0.10,max=25.00", 100000, 100, 6000, 10, 2500},
    {&yuan, "max=25,min=0.1,rate=100%,flat=0.01,from=0", 0, 1, 1000000, 10, 2500},
    {&fen, "from=1000,flat=1,rate=0.0001%,min=10,max=25", 1000, 1, 1, 10, 25},
};

START_TEST(tiers_are_read)
{
    Vsl__V1__FeeTier tier;
    char error[512] = "";
    vsl__v1__fee_tier__init(&tier);
    ck_assert_msg(
        read_tier(tiers[_i].unit, tiers[_i].text, &tier, error, sizeof error), "%s", error);
    ck_assert_int_eq(tier.from_minor, tiers[_i].from);
    ck_assert_int_eq(tier.flat_minor, tiers[_i].flat);
    ck_assert_int_eq(tier.rate_ppm, tiers[_i].rate);
    ck_assert_int_eq(tier.minimum_minor, tiers[_i].minimum);
    ck_assert_int_eq(tier.maximum_minor, tiers[_i].maximum);
}
END_TEST

static const struct {
    const struct amount_unit *unit;
    const char *text;
    const char *part; /* of the error */
} wrong_tiers[] = {
    {&yuan, "", "'' is no part of a tier: write from=AMOUNT"},
    {&yuan, "0:1:2", "is no part of a tier"},
    {&yuan, "flat", "is no part of a tier"},
    {&yuan, "fla=1", "is no part of a tier"},
    {&yuan, "flats=1", "is no part of a tier"},
    {&yuan, "flat=1,", "is no part of a tier"},
    {&yuan, "flat=1,,min=1", "is no part of a tier"},
    {&yuan, "from=1,000", "is no part of a tier"},
    {&yuan, "flat=1,flat=2", "flat= is given twice"},
    {&yuan, "flat=1.005", "with at most 2 decimals"},
    {&yuan, "flat=", "behind flat= stands an amount"},
    {&yuan, "flat=-1", "behind flat= stands an amount"},
    {&fen, "min=1.00", "behind min= stands a whole number of minor units"},
    {&yuan, "rate=6000", "in % or ppm"},
    {&yuan, "rate=101%", "at most 100%"},
    {&yuan,
        "flat=0000000000000000000000000000000000000000000000000000000000000000000000000000000001",
        "is no part of a tier"},
};

START_TEST(what_is_no_tier_is_refused)
{
    Vsl__V1__FeeTier tier;
    char error[512] = "";
    vsl__v1__fee_tier__init(&tier);
    ck_assert_msg(
        !read_tier(wrong_tiers[_i].unit, wrong_tiers[_i].text, &tier, error, sizeof error), "%s",
        wrong_tiers[_i].text);
    ck_assert_msg(
        strstr(error, wrong_tiers[_i].part) != NULL, "%s: %s", wrong_tiers[_i].text, error);
}
END_TEST

START_TEST(payees_are_read)
{
    Vsl__V1__Payee payee;
    char error[512] = "";
    vsl__v1__payee__init(&payee);
    ck_assert(read_payee(&yuan, "9:1,012.50", &payee, error, sizeof error));
    ck_assert_int_eq(payee.account_id, 9);
    ck_assert_int_eq(payee.amount_minor, 101250);
    ck_assert(read_payee(&fen, "9223372036854775807:7", &payee, error, sizeof error));
    ck_assert_int_eq(payee.account_id, INT64_MAX);
    ck_assert_int_eq(payee.amount_minor, 7);
}
END_TEST

static const char *const wrong_payees[] = {"", "9", "9:", ":9", "0:9", "-1:9", "9:x", "9:1.234",
    "a:1", "9:1:1", "9 :1", "99999999999999999999:1"};

START_TEST(what_is_no_payee_is_refused)
{
    Vsl__V1__Payee payee;
    char error[512] = "";
    vsl__v1__payee__init(&payee);
    ck_assert_msg(
        !read_payee(&yuan, wrong_payees[_i], &payee, error, sizeof error), "%s", wrong_payees[_i]);
    ck_assert_str_ne(error, "");
}
END_TEST

START_TEST(shares_are_read)
{
    Vsl__V1__FeeShare share;
    char error[512] = "";
    vsl__v1__fee_share__init(&share);
    ck_assert(read_share("12:70%", &share, error, sizeof error));
    ck_assert_int_eq(share.account_id, 12);
    ck_assert_int_eq(share.share_ppm, 700000);
    ck_assert(read_share("13:333333ppm", &share, error, sizeof error));
    ck_assert_int_eq(share.share_ppm, 333333);
}
END_TEST

static const char *const wrong_shares[] = {
    "", "12", "12:", "12:70", "12:0.7", "0:70%", "12:101%", ":70%", "12:70%:1"};

START_TEST(what_is_no_share_is_refused)
{
    Vsl__V1__FeeShare share;
    char error[512] = "";
    vsl__v1__fee_share__init(&share);
    ck_assert_msg(
        !read_share(wrong_shares[_i], &share, error, sizeof error), "%s", wrong_shares[_i]);
    ck_assert_msg(strstr(error, "such as 12:70%") != NULL, "%s", error);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

Suite *fee_text_suite(void)
{
    Suite *suite = suite_create("fee text");
    TCase *tests = tcase_create("fee text");
    tcase_add_loop_test(tests, tiers_are_read, 0, ROWS(tiers));
    tcase_add_loop_test(tests, what_is_no_tier_is_refused, 0, ROWS(wrong_tiers));
    tcase_add_test(tests, payees_are_read);
    tcase_add_loop_test(tests, what_is_no_payee_is_refused, 0, ROWS(wrong_payees));
    tcase_add_test(tests, shares_are_read);
    tcase_add_loop_test(tests, what_is_no_share_is_refused, 0, ROWS(wrong_shares));
    suite_add_tcase(suite, tests);
    return suite;
}
