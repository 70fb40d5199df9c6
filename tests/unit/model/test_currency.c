/* test_currency.c: currencies of ISO 4217 and the digits of their minor units.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/currency.h"
#include "suites.h"
#include "support/expect.h"

static const struct {
    const char *code;
    int digits; /* -1: none */
} rows[] = {
    {"CNY", 2},
    {"EUR", 2},
    {"USD", 2},
    {"CZK", 2},
    {"HKD", 2},
    {"ZWG", 2},
    {"AED", 2},
    {"JPY", 0},
    {"KRW", 0},
    {"XPF", 0},
    {"BIF", 0},
    {"KWD", 3},
    {"TND", 3},
    {"CLF", 4},
    {"UYW", 4},
    {"RMB", -1},
    {"XXX", -1},
    {"XTS", -1},
    {"XAU", -1},
    {"XDR", -1},
    {"HRK", -1},
    {"ANG", -1},
    {"AAA", -1},
    {"cny", -1},
    {"CN", -1},
    {"CNYX", -1},
    {"", -1},
    {"NY ", -1},
    {"Y E", -1},
    {" EU", -1},
};

START_TEST(currencies_have_their_digits)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        EXPECT_MSG(
            currency_digits(text_of(rows[i].code)) == rows[i].digits, "\"%s\"", rows[i].code);
}
END_TEST

/* Every code of three letters is looked for: the table has no code twice and none that is cut. */
START_TEST(table_has_as_many_codes_as_the_list)
{
    int count = 0;
    for (int i = 0; i < 26 * 26 * 26; i++) {
        char code[4] = {(char)('A' + i / 676), (char)('A' + i / 26 % 26), (char)('A' + i % 26), 0};
        count += currency_digits(text_of(code)) >= 0;
    }
    ck_assert_int_eq(count, 164);
}
END_TEST

Suite *currency_suite(void)
{
    Suite *suite = suite_create("currency");
    TCase *tcase = tcase_create("all");
    tcase_add_test(tcase, currencies_have_their_digits);
    tcase_add_test(tcase, table_has_as_many_codes_as_the_list);
    suite_add_tcase(suite, tcase);
    return suite;
}
