/* test_rule.c: the bank stand-in's rules: every clause, and what is none.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "bankstub/rule.h"

static const struct {
    const char *rule;
    int64_t payout_id;
    int64_t amount_minor;
    enum decision decision;
    int64_t return_after_us;
} decisions[] = {
    {"", 1, 100, DECISION_PAID, 0},
    {"paid", 1, 100, DECISION_PAID, 0},
    {"failed", 1, 100, DECISION_FAILED, 0},
    {"returned", 1, 100, DECISION_RETURNED, 0},
    {"returned-after=3", 1, 100, DECISION_RETURNED, 3000000},
    {"returned-after=0", 1, 100, DECISION_RETURNED, 0},
    {"every-nth-failed=10", 20, 100, DECISION_FAILED, 0},
    {"every-nth-failed=10", 21, 100, DECISION_PAID, 0},
    {"every-nth-failed=1", 21, 100, DECISION_FAILED, 0},
    {"every-nth-returned=7", 14, 100, DECISION_RETURNED, 0},
    {"amount-ends-with=99:failed", 1, 199, DECISION_FAILED, 0},
    {"amount-ends-with=99:failed", 1, 99, DECISION_FAILED, 0},
    {"amount-ends-with=99:failed", 1, 990, DECISION_PAID, 0},
    {"amount-ends-with=007:returned", 1, 5007, DECISION_RETURNED, 0},
    {"amount-ends-with=007:returned", 1, 5017, DECISION_PAID, 0},
    {"partly-returned", 1, 100, DECISION_PARTLY_RETURNED, 0},
    {"returned-twice", 1, 100, DECISION_RETURNED_TWICE, 0},
    {"unknown", 1, 100, DECISION_UNKNOWN, 0},
    {"unknown-failed", 1, 100, DECISION_UNKNOWN_FAILED, 0},
    {"every-nth-unknown=3", 6, 100, DECISION_UNKNOWN, 0},
    {"every-nth-unknown=3", 7, 100, DECISION_PAID, 0},
    {"every-nth-unknown-failed=2", 4, 100, DECISION_UNKNOWN_FAILED, 0},
    {"every-nth-returned-twice=2", 4, 100, DECISION_RETURNED_TWICE, 0},
    {"amount-ends-with=5:partly-returned", 4, 105, DECISION_PARTLY_RETURNED, 0},
    /* The first clause that fits decides. */
    {"amount-ends-with=1:paid,failed", 1, 11, DECISION_PAID, 0},
    {"amount-ends-with=1:paid,failed", 1, 12, DECISION_FAILED, 0},
    {"every-nth-failed=2,every-nth-returned=3", 6, 1, DECISION_FAILED, 0},
    {"every-nth-failed=2,every-nth-returned=3", 9, 1, DECISION_RETURNED, 0},
};

START_TEST(each_clause_decides)
{
    struct rule rule;
    char error[512];
    int64_t after = 0;
    ck_assert_msg(
        rule_parse(decisions[_i].rule, &rule, error, sizeof error), "%s", decisions[_i].rule);
    enum decision decision =
        rule_decide(&rule, decisions[_i].payout_id, decisions[_i].amount_minor, &after);
    ck_assert_msg(decision == decisions[_i].decision, "row %d: %s", _i, decision_name(decision));
    ck_assert_int_eq(after, decisions[_i].return_after_us);
}
END_TEST

static const char *const wrong[] = {
    "foo",
    "Paid",
    "paid,,failed",
    "lost",
    "partly",
    "every-nth-lost=2",
    "every-nth-=2",
    "every-nth-unknown",
    "every-nth-failed=0",
    "every-nth-failed=-1",
    "every-nth-failed=",
    "every-nth-failed=1x",
    "every-nth-failed=99999999999999999999",
    "amount-ends-with=:failed",
    "amount-ends-with=99",
    "amount-ends-with=9a:failed",
    "amount-ends-with=99:lost",
    "amount-ends-with=1234567890:failed",
    "returned-after=86401",
    "paid,paid,paid,paid,paid,paid,paid,paid,paid,paid,paid,paid,paid,paid,paid,paid,paid",
};

START_TEST(what_is_no_rule_is_refused)
{
    struct rule rule = {.count = 77};
    char error[512] = "";
    ck_assert_msg(!rule_parse(wrong[_i], &rule, error, sizeof error), "%s", wrong[_i]);
    ck_assert_uint_eq(rule.count, 77);
    ck_assert_str_ne(error, "");
}
END_TEST

static const struct {
    enum decision decision;
    int64_t amount_minor;
    bool is_paid;
    bool is_unknown;
    int parts;
    int64_t first_minor; /* what part 0 says; 0: all */
    int next_of_half;    /* the part that follows when one half is back */
} ways[] = {
    {DECISION_PAID, 100, true, false, 0, 50, 0},
    {DECISION_FAILED, 100, false, false, 0, 50, 0},
    {DECISION_RETURNED, 100, true, false, 1, 0, 1},
    {DECISION_PARTLY_RETURNED, 100, true, false, 1, 50, 1},
    {DECISION_PARTLY_RETURNED, 101, true, false, 1, 50, 1},
    {DECISION_PARTLY_RETURNED, 1, true, false, 1, 0, 0},
    {DECISION_RETURNED_TWICE, 101, true, false, 2, 50, 1},
    {DECISION_RETURNED_TWICE, 1, true, false, 1, 0, 0},
    {DECISION_UNKNOWN, 100, true, true, 0, 50, 0},
    {DECISION_UNKNOWN_FAILED, 100, false, true, 0, 50, 0},
};

START_TEST(decisions_come_back_in_parts)
{
    enum decision decision = ways[_i].decision;
    int64_t amount = ways[_i].amount_minor;
    ck_assert(decision_is_paid(decision) == ways[_i].is_paid);
    ck_assert(decision_is_unknown(decision) == ways[_i].is_unknown);
    ck_assert_int_eq(decision_return_parts(decision, amount), ways[_i].parts);
    ck_assert_int_eq(decision_return_minor(decision, 0, amount), ways[_i].first_minor);
    ck_assert_int_eq(decision_return_minor(decision, 1, amount), 0);
    ck_assert_int_eq(decision_next_part(decision, amount, 0), 0);
    ck_assert_int_eq(decision_next_part(decision, amount, amount / 2), ways[_i].next_of_half);
    ck_assert_int_ge(decision_next_part(decision, amount, amount), ways[_i].parts);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

Suite *rule_suite(void)
{
    Suite *suite = suite_create("rule");
    TCase *tests = tcase_create("rule");
    tcase_add_loop_test(tests, each_clause_decides, 0, ROWS(decisions));
    tcase_add_loop_test(tests, decisions_come_back_in_parts, 0, ROWS(ways));
    tcase_add_loop_test(tests, what_is_no_rule_is_refused, 0, ROWS(wrong));
    suite_add_tcase(suite, tests);
    return suite;
}
