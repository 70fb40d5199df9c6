/* figures.c: amounts and days as statement files write them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/figures.h"

#include "model/date.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define UNIT_DIGITS_IN_A_GROUP 3
#define TOO_LARGE "is beyond 64 bits of minor units"

struct number {
    int64_t minor;
    int decimals; /* read so far */
    int group;    /* digits since the last separator */
    int groups;   /* separators */
    bool has_digit;
    bool has_point;
};

/* Takes a digit; false: beyond 64 bits, or a decimal that the currency does not have. */
static const char *take_digit(struct number *number, char digit, int decimals)
{
    number->has_digit = true;
    if (number->has_point && number->decimals == decimals)
        return digit == '0' ? NULL : "has more decimals than its currency";
    if (number->has_point)
        number->decimals++;
    else
        number->group++;
    if (__builtin_mul_overflow(number->minor, 10, &number->minor) ||
        __builtin_add_overflow(number->minor, digit - '0', &number->minor))
        return TOO_LARGE;
    return NULL;
}

static const char *take_separator(struct number *number)
{
    bool is_first = number->groups == 0;
    if (number->has_point || number->group == 0 || number->group > UNIT_DIGITS_IN_A_GROUP ||
        (!is_first && number->group != UNIT_DIGITS_IN_A_GROUP))
        return "has a separator that does not stand before three digits";
    number->groups++;
    number->group = 0;
    return NULL;
}

/* Takes the sign off; false: there are two. */
static bool take_sign(struct text *text, bool *ret_is_negative)
{
    bool has_sign = false;
    *ret_is_negative = false;
    if (text->length > 0 && (text->bytes[0] == '-' || text->bytes[0] == '+')) {
        *ret_is_negative = text->bytes[0] == '-';
        has_sign = true;
        text->bytes++;
        text->length--;
    }
    if (text->length > 0 &&
        (text->bytes[text->length - 1] == '-' || text->bytes[text->length - 1] == '+')) {
        if (has_sign)
            return false;
        *ret_is_negative = text->bytes[text->length - 1] == '-';
        text->length--;
    }
    return true;
}

const char *figure_amount(
    struct text text, struct amount_form form, int decimals, int64_t *ret_amount_minor)
{
    struct number number = {0};
    bool is_negative = false;
    if (form.is_signed && !take_sign(&text, &is_negative))
        return "has two signs";
    if (text.length == 0)
        return "is empty";
    for (uint32_t i = 0; i < text.length; i++) {
        char byte = text.bytes[i];
        const char *rule = NULL;
        if (byte >= '0' && byte <= '9')
            rule = take_digit(&number, byte, decimals);
        else if (form.thousands != 0 && byte == form.thousands)
            rule = take_separator(&number);
        else if (form.point != 0 && byte == form.point && !number.has_point)
            number.has_point = true;
        else
            rule = "is no amount";
        if (rule)
            return rule;
    }
    if (!number.has_digit)
        return "is no amount";
    if (number.groups > 0 && number.group != UNIT_DIGITS_IN_A_GROUP)
        return "has a separator that does not stand before three digits";
    for (; form.point != 0 && number.decimals < decimals; number.decimals++) {
        if (__builtin_mul_overflow(number.minor, 10, &number.minor))
            return TOO_LARGE;
    }
    *ret_amount_minor = is_negative ? -number.minor : number.minor;
    return NULL;
}

bool figure_count(struct text text, int64_t *ret_count)
{
    int64_t count = 0;
    if (text.length == 0 || text.length > 18)
        return false;
    for (uint32_t i = 0; i < text.length; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
            return false;
        count = count * 10 + (text.bytes[i] - '0');
    }
    *ret_count = count;
    return true;
}

bool figure_day(int year, int month, int day, int32_t *ret_yyyymmdd)
{
    int32_t days;
    if (year < 1970 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    int32_t yyyymmdd = year * 10000 + month * 100 + day;
    if (!date_try_from_yyyymmdd(yyyymmdd, &days))
        return false;
    *ret_yyyymmdd = yyyymmdd;
    return true;
}

int figure_digits(const char *digits, size_t count)
{
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return -1;
        number = number * 10 + (digits[i] - '0');
    }
    return number;
}

int figure_year(int two_digits)
{
    return two_digits >= 80 ? 1900 + two_digits : 2000 + two_digits;
}

bool figure_iso_day(struct text text, int32_t *ret_yyyymmdd)
{
    const char *bytes = text.bytes;
    if (text.length < 10 || bytes[4] != '-' || bytes[7] != '-')
        return false;
    if (text.length > 10 && bytes[10] != 'T' && bytes[10] != 'Z' && bytes[10] != '+' &&
        bytes[10] != '-')
        return false;
    return figure_day(figure_digits(bytes, 4), figure_digits(bytes + 5, 2),
        figure_digits(bytes + 8, 2), ret_yyyymmdd);
}

void figure_print(int64_t amount_minor, int decimals, char ret_text[FIGURE_BYTES])
{
    uint64_t absolute = amount_minor < 0 ? -(uint64_t)amount_minor : (uint64_t)amount_minor;
    uint64_t unit = 1;
    for (int i = 0; i < decimals; i++)
        unit *= 10;
    const char *sign = amount_minor < 0 ? "-" : "";
    if (decimals == 0)
        snprintf(ret_text, FIGURE_BYTES, "%s%" PRIu64, sign, absolute);
    else
        snprintf(ret_text, FIGURE_BYTES, "%s%" PRIu64 ".%0*" PRIu64, sign, absolute / unit,
            decimals, absolute % unit);
}
