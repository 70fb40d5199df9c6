/* receiving_number.c: ISO 7064 MOD 11,10 and the make-up of receiving numbers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/receiving_number.h"

#include "base/check.h"

#include <inttypes.h>
#include <stdio.h>

char check_digit_mod_11_10(const char *digits, uint32_t length)
{
    unsigned product = 10;
    for (uint32_t i = 0; i < length; i++) {
        CHECK(digits[i] >= '0' && digits[i] <= '9');
        product = (product + (unsigned)(digits[i] - '0')) % 10;
        if (product == 0)
            product = 10;
        product = product * 2 % 11;
    }
    return (char)('0' + (11 - product) % 10);
}

uint32_t receiving_number_format(
    struct text prefix, int64_t account_id, char ret_number[RECEIVING_NUMBER_BYTES_MAX])
{
    CHECK(prefix.length >= RECEIVING_PREFIX_DIGITS_MIN);
    CHECK(prefix.length <= RECEIVING_PREFIX_DIGITS_MAX);
    CHECK(account_id > 0);
    int n = snprintf(ret_number, RECEIVING_NUMBER_BYTES_MAX - 1, "%.*s%09" PRId64,
        (int)prefix.length, prefix.bytes, account_id);
    CHECK(n > 0 && n < RECEIVING_NUMBER_BYTES_MAX - 1);
    uint32_t length = (uint32_t)n;
    ret_number[length] = check_digit_mod_11_10(ret_number, length);
    ret_number[length + 1] = '\0';
    return length + 1;
}

bool receiving_number_is_valid(struct text number)
{
    if (number.length < RECEIVING_PREFIX_DIGITS_MIN + 10 ||
        number.length >= RECEIVING_NUMBER_BYTES_MAX)
        return false;
    for (uint32_t i = 0; i < number.length; i++) {
        if (number.bytes[i] < '0' || number.bytes[i] > '9')
            return false;
    }
    return check_digit_mod_11_10(number.bytes, number.length - 1) ==
           number.bytes[number.length - 1];
}

bool receiving_number_try_parse(struct text number, struct text prefix, int64_t *ret_account_id)
{
    if (!receiving_number_is_valid(number) || number.length < prefix.length + 10 ||
        memcmp(number.bytes, prefix.bytes, prefix.length) != 0)
        return false;
    uint32_t id_digits = number.length - prefix.length - 1;
    const char *id = number.bytes + prefix.length;
    /* Ids are padded to nine digits and not further, so that an account has one number only. */
    if (id_digits > 18 || (id_digits > 9 && id[0] == '0'))
        return false;
    int64_t account_id = 0;
    for (uint32_t i = 0; i < id_digits; i++)
        account_id = account_id * 10 + (id[i] - '0');
    if (account_id == 0)
        return false;
    *ret_account_id = account_id;
    return true;
}
