/* test_receiving_number.c: ISO 7064 MOD 11,10 against published numbers; receiving numbers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/receiving_number.h"
#include "suites.h"
#include "support/expect.h"
#include "support/random.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

/* Numbers in use whose last digit is a MOD 11,10 check digit: CNAPS codes of banks, the example of
 * the standard, a German tax number. */
static const char *const published[] = {"308584000013", "313651027012", "313651018028",
    "306731002546", "303791000177", "402873300213", "310261000135", "07945", "794623",
    "36574261809"};

START_TEST(published_check_digits)
{
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        uint32_t length = (uint32_t)strlen(published[i]);
        EXPECT_MSG(check_digit_mod_11_10(published[i], length - 1) == published[i][length - 1],
            "%s", published[i]);
    }
}
END_TEST

/* The standard defines the digit by what a whole number comes to: exactly one digit makes it 1. */
static bool comes_to_one(const char *digits, size_t length)
{
    int product = 10;
    for (size_t i = 0; i + 1 < length; i++) {
        int sum = (product + digits[i] - '0') % 10;
        product = (sum == 0 ? 10 : sum) * 2 % 11;
    }
    return (product + digits[length - 1] - '0') % 10 == 1;
}

START_TEST(one_digit_fits_and_every_changed_digit_is_noticed)
{
    struct random random;
    random_start(&random, "receiving_number");
    for (int round = 0; round < 5000; round++) {
        char number[RECEIVING_NUMBER_BYTES_MAX];
        uint32_t length = (uint32_t)random_between(&random, 14, RECEIVING_NUMBER_BYTES_MAX - 1);
        for (uint32_t i = 0; i + 1 < length; i++)
            number[i] = (char)('0' + random_below(&random, 10));
        number[length - 1] = check_digit_mod_11_10(number, length - 1);
        EXPECT(comes_to_one(number, length));
        EXPECT(receiving_number_is_valid((struct text){number, length}));
        uint32_t place = (uint32_t)random_below(&random, length);
        char right = number[place];
        for (char digit = '0'; digit <= '9'; digit++) {
            number[place] = digit;
            EXPECT(receiving_number_is_valid((struct text){number, length}) == (digit == right));
            EXPECT(comes_to_one(number, length) == (digit == right));
        }
    }
}
END_TEST

START_TEST(letters_in_a_check_digit_are_a_bug)
{
    check_digit_mod_11_10("12a4", 4);
}
END_TEST

static struct text format(const char *prefix, int64_t account_id, char *number)
{
    uint32_t length = receiving_number_format(text_of(prefix), account_id, number);
    EXPECT(number[length] == '\0');
    EXPECT(strlen(number) == length);
    return (struct text){number, length};
}

START_TEST(form_of_a_number)
{
    static const struct {
        const char *prefix;
        int64_t account_id;
        const char *without_check_digit;
    } rows[] = {{"1000", 1, "1000000000001"}, {"99999999", 999999999, "99999999999999999"},
        {"6217", 1000000000, "62171000000000"}, {"6217", 67108864, "6217067108864"},
        {"88888888", 999999999999999999, "88888888999999999999999999"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char number[RECEIVING_NUMBER_BYTES_MAX];
        struct text text = format(rows[i].prefix, rows[i].account_id, number);
        uint32_t length = (uint32_t)strlen(rows[i].without_check_digit);
        EXPECT_MSG(text.length == length + 1, "%s", number);
        EXPECT_MSG(memcmp(number, rows[i].without_check_digit, length) == 0, "%s", number);
        EXPECT(comes_to_one(number, text.length));
        EXPECT(receiving_number_is_valid(text));
        int64_t account_id = 0;
        EXPECT(receiving_number_try_parse(text, text_of(rows[i].prefix), &account_id));
        EXPECT(account_id == rows[i].account_id);
    }
}
END_TEST

/* Makes a number out of what stands before the check digit. */
static struct text with_check_digit(const char *digits, char *number)
{
    uint32_t length = (uint32_t)strlen(digits);
    memcpy(number, digits, length);
    number[length] = check_digit_mod_11_10(digits, length);
    return (struct text){number, length + 1};
}

START_TEST(numbers_of_nobody)
{
    static const struct {
        const char *digits; /* the right check digit is put behind */
        const char *prefix;
        const char *why;
    } rows[] = {
        {"1001000000001", "1000", "another prefix"},
        {"1000000000000", "1000", "account 0"},
        {"100000000001", "1000", "one digit short"},
        {"1000000000001", "10000", "short for the longer prefix"},
        {"10000000000001", "1000", "an id padded beyond nine digits"},
        {"10000123456789", "1000", "ten digits that start with 0"},
        {"10001234567890123456789", "1000", "nineteen digits of id"},
        {"1234567890123456789012345678901", "1234", "longer than any number"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char number[64];
        int64_t account_id = 77;
        struct text text = with_check_digit(rows[i].digits, number);
        EXPECT_MSG(!receiving_number_try_parse(text, text_of(rows[i].prefix), &account_id), "%s",
            rows[i].why);
        EXPECT(account_id == 77);
    }
}
END_TEST

START_TEST(texts_that_are_no_numbers)
{
    char number[64];
    struct text good = with_check_digit("1000000000001", number);
    EXPECT(receiving_number_is_valid(good));
    EXPECT(!receiving_number_is_valid((struct text){NULL, 0}));
    EXPECT(!receiving_number_is_valid((struct text){good.bytes, good.length - 1}));
    static const char strange[] = {' ', 'a', '/', ':', '\0', '-', '+', (char)0xff};
    for (uint32_t place = 0; place < good.length; place++) {
        for (size_t i = 0; i < sizeof strange; i++) {
            char copy[64];
            memcpy(copy, number, sizeof copy);
            copy[place] = strange[i];
            int64_t account_id;
            struct text text = {copy, good.length};
            EXPECT(!receiving_number_is_valid(text));
            EXPECT(!receiving_number_try_parse(text, text_of("1000"), &account_id));
        }
    }
    /* Two neighbours changed over are two changed digits: the check finds most of them. */
    int found = 0, made = 0;
    for (int64_t id = 1000; id < 2000; id++) {
        char swapped[RECEIVING_NUMBER_BYTES_MAX];
        struct text text = format("6217", id, swapped);
        for (uint32_t i = 0; i + 1 < text.length; i++) {
            if (swapped[i] == swapped[i + 1])
                continue;
            char kept = swapped[i];
            swapped[i] = swapped[i + 1];
            swapped[i + 1] = kept;
            made++;
            found += !receiving_number_is_valid(text);
            swapped[i + 1] = swapped[i];
            swapped[i] = kept;
        }
    }
    EXPECT_MSG(found > made * 95 / 100, "%d of %d", found, made);
}
END_TEST

START_TEST(shortest_and_longest)
{
    char number[64];
    /* Any prefix: four digits and a nine-digit id, and as many digits as a number may have. */
    EXPECT(receiving_number_is_valid(with_check_digit("1234123456789", number)));
    EXPECT(!receiving_number_is_valid(with_check_digit("123412345678", number)));
    EXPECT(receiving_number_is_valid(with_check_digit("123456789012345678901234567890", number)));
    EXPECT(!receiving_number_is_valid(with_check_digit("1234567890123456789012345678901", number)));
}
END_TEST

START_TEST(every_id_comes_back)
{
    static const char *const prefixes[] = {"1000", "62170", "888888", "1234567", "99999999"};
    struct random random;
    random_start(&random, "every_id_comes_back");
    for (int round = 0; round < 20000; round++) {
        char number[RECEIVING_NUMBER_BYTES_MAX];
        const char *prefix = prefixes[random_below(&random, 5)];
        int64_t most = 999999999999999999 >> random_below(&random, 59);
        int64_t id = random_between(&random, 1, most);
        struct text text = format(prefix, id, number);
        for (int p = 0; p < 5; p++) {
            int64_t parsed = 0;
            bool taken = receiving_number_try_parse(text, text_of(prefixes[p]), &parsed);
            if (prefixes[p] == prefix)
                EXPECT_MSG(taken && parsed == id, "%s", number);
            else
                EXPECT_MSG(!taken, "%s", number);
        }
    }
}
END_TEST

START_TEST(id_zero_is_a_bug)
{
    char number[RECEIVING_NUMBER_BYTES_MAX];
    receiving_number_format(text_of("1000"), 0, number);
}
END_TEST

Suite *receiving_number_suite(void)
{
    Suite *suite = suite_create("receiving_number");
    TCase *tests = tcase_create("receiving_number");
    tcase_add_test(tests, published_check_digits);
    tcase_add_test(tests, one_digit_fits_and_every_changed_digit_is_noticed);
    tcase_add_test_raise_signal(tests, letters_in_a_check_digit_are_a_bug, SIGABRT);
    tcase_add_test(tests, form_of_a_number);
    tcase_add_test(tests, numbers_of_nobody);
    tcase_add_test(tests, texts_that_are_no_numbers);
    tcase_add_test(tests, shortest_and_longest);
    tcase_add_test(tests, every_id_comes_back);
    tcase_add_test_raise_signal(tests, id_zero_is_a_bug, SIGABRT);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
