/* test_timeout.c: every form of grpc-timeout, and those just beside.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "support/expect.h"
#include "wire/timeout.h"

#include <string.h>

struct row {
    const char *text;
    int64_t timeout_us; /* -1: refused */
};

static const struct row rows[] = {
    {"1H", INT64_C(3600000000)},
    {"99999999H", INT64_C(99999999) * 3600000000},
    {"1M", 60000000},
    {"99999999M", INT64_C(99999999) * 60000000},
    {"1S", 1000000},
    {"2500m", 2500000},
    {"1u", 1},
    {"99999999u", 99999999},
    {"1n", 1},
    {"999n", 1},
    {"1000n", 1},
    {"1001n", 2},
    {"0S", 0},
    {"0n", 0},
    {"00000001S", 1000000},
    {"000000001S", -1},
    {"999999999S", -1},
    {"", -1},
    {"S", -1},
    {"1", -1},
    {"10", -1},
    {"1s", -1},
    {"1h", -1},
    {"1U", -1},
    {"1 S", -1},
    {" 1S", -1},
    {"1S ", -1},
    {"-1S", -1},
    {"+1S", -1},
    {"1.5S", -1},
    {"0x1S", -1},
    {"1SS", -1},
    {"SS", -1},
};

START_TEST(test_rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t got = -7;
        int rc = timeout_decode((const uint8_t *)rows[i].text, strlen(rows[i].text), &got);
        if (rows[i].timeout_us < 0) {
            EXPECT_MSG(rc == -1, "%s was taken", rows[i].text);
            EXPECT_MSG(got == -7, "%s touched the result", rows[i].text);
        } else {
            EXPECT_MSG(rc == 0 && got == rows[i].timeout_us, "%s: %d %lld", rows[i].text, rc,
                (long long)got);
        }
    }
}
END_TEST

START_TEST(test_nul_inside)
{
    int64_t got;
    EXPECT(timeout_decode((const uint8_t *)"1\0S", 3, &got) == -1);
    EXPECT(timeout_decode((const uint8_t *)"1S\0", 3, &got) == -1);
}
END_TEST

Suite *timeout_suite(void)
{
    Suite *suite = suite_create("timeout");
    TCase *test_case = tcase_create("timeout");
    tcase_add_test(test_case, test_rows);
    tcase_add_test(test_case, test_nul_inside);
    suite_add_tcase(suite, test_case);
    return suite;
}
