/* timeout.c: decodes grpc-timeout.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/timeout.h"

#include <assert.h>

#define DIGITS_MAX 8
#define HOUR_US INT64_C(3600000000)

static_assert(INT64_C(99999999) < INT64_MAX / HOUR_US, "the longest timeout fits");

int timeout_decode(const uint8_t *text, size_t length, int64_t *ret_timeout_us)
{
    if (length < 2 || length > DIGITS_MAX + 1)
        return -1;
    int64_t value = 0;
    for (size_t i = 0; i + 1 < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    switch (text[length - 1]) {
    case 'H':
        *ret_timeout_us = value * HOUR_US;
        return 0;
    case 'M':
        *ret_timeout_us = value * 60000000;
        return 0;
    case 'S':
        *ret_timeout_us = value * 1000000;
        return 0;
    case 'm':
        *ret_timeout_us = value * 1000;
        return 0;
    case 'u':
        *ret_timeout_us = value;
        return 0;
    case 'n':
        *ret_timeout_us = (value + 999) / 1000;
        return 0;
    default:
        return -1;
    }
}
