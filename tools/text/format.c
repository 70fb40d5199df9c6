/* format.c: amounts, dates, times and enum values as people write them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/format.h"

#include "base/check.h"
#include "ceilings.h"
#include "model/currency.h"
#include "model/date.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define NAME_BYTES_MAX 128
#define US_PER_SECOND INT64_C(1000000)

int currency_decimals(const char *currency)
{
    int digits = currency_digits(text_of(currency));
    return digits >= 0 ? digits : 2;
}

void format_amount(int64_t amount_minor, int decimals, char ret_text[FORMAT_BYTES_MAX])
{
    CHECK(decimals >= 0 && decimals <= 4);
    uint64_t left = amount_minor < 0 ? -(uint64_t)amount_minor : (uint64_t)amount_minor;
    char reversed[FORMAT_BYTES_MAX];
    size_t length = 0;
    for (int i = 0; i < decimals; i++) {
        reversed[length++] = (char)('0' + left % 10);
        left /= 10;
    }
    if (decimals > 0)
        reversed[length++] = '.';
    int digits = 0;
    do {
        if (digits > 0 && digits % 3 == 0)
            reversed[length++] = ',';
        reversed[length++] = (char)('0' + left % 10);
        left /= 10;
        digits++;
    } while (left > 0);
    if (amount_minor < 0)
        reversed[length++] = '-';
    for (size_t i = 0; i < length; i++)
        ret_text[i] = reversed[length - 1 - i];
    ret_text[length] = '\0';
}

void format_count(int64_t count, char ret_text[FORMAT_BYTES_MAX])
{
    format_amount(count, 0, ret_text);
}

void format_date(int32_t yyyymmdd, char ret_text[FORMAT_BYTES_MAX])
{
    if (yyyymmdd == 0)
        ret_text[0] = '\0';
    else
        snprintf(ret_text, FORMAT_BYTES_MAX, "%04d-%02d-%02d", yyyymmdd / 10000,
            yyyymmdd / 100 % 100, yyyymmdd % 100);
}

void format_time(int64_t time_us, char ret_text[FORMAT_BYTES_MAX])
{
    time_t seconds = (time_t)(time_us / 1000000);
    struct tm parts;
    if (time_us == 0 || !gmtime_r(&seconds, &parts)) {
        ret_text[0] = '\0';
        return;
    }
    size_t length = strftime(ret_text, FORMAT_BYTES_MAX, "%Y-%m-%d %H:%M:%S", &parts);
    snprintf(ret_text + length, FORMAT_BYTES_MAX - length, ".%06d", (int)(time_us % 1000000));
}

/* Bytes that all names of the enum begin with, up to and with an underscore. */
static size_t common_prefix(const ProtobufCEnumDescriptor *descriptor)
{
    const char *first = descriptor->values[0].name;
    size_t length = strlen(first);
    for (unsigned i = 1; i < descriptor->n_values; i++) {
        size_t same = 0;
        while (same < length && descriptor->values[i].name[same] == first[same])
            same++;
        length = same;
    }
    while (length > 0 && first[length - 1] != '_')
        length--;
    return length;
}

static void short_name(
    const ProtobufCEnumDescriptor *descriptor, const char *name, char ret_text[FORMAT_BYTES_MAX])
{
    const char *from = name + common_prefix(descriptor);
    size_t length = 0;
    for (; *from && length + 1 < FORMAT_BYTES_MAX; from++)
        ret_text[length++] = (char)tolower((unsigned char)*from);
    ret_text[length] = '\0';
}

void format_enum(
    const ProtobufCEnumDescriptor *descriptor, int64_t number, char ret_text[FORMAT_BYTES_MAX])
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(descriptor, (int)number);
    if (value)
        short_name(descriptor, value->name, ret_text);
    else
        snprintf(ret_text, FORMAT_BYTES_MAX, "%" PRId64, number);
}

/* Commas part groups of three digits and nothing else: "12,50", with a decimal comma, must not
 * become a hundred times as much. */
static bool has_right_commas(const char *text)
{
    const char *comma = strchr(text, ',');
    if (!comma)
        return true;
    if (comma == text || comma - text > 3)
        return false;
    for (; *comma == ','; comma += 4) {
        if (strspn(comma + 1, "0123456789") != 3)
            return false;
    }
    return *comma == '.' || *comma == '\0';
}

bool parse_amount(const char *text, int decimals, int64_t *ret_amount_minor)
{
    int64_t amount = 0;
    int decimals_seen = -1; /* -1: before the point */
    bool has_digit = false;
    if (!has_right_commas(text))
        return false;
    for (; *text; text++) {
        if (*text == ',' && decimals_seen < 0)
            continue;
        if (*text == '.' && decimals_seen < 0) {
            decimals_seen = 0;
            continue;
        }
        if (*text < '0' || *text > '9')
            return false;
        if (decimals_seen >= 0 && ++decimals_seen > decimals)
            return false;
        if (__builtin_mul_overflow(amount, 10, &amount) ||
            __builtin_add_overflow(amount, *text - '0', &amount))
            return false;
        has_digit = true;
    }
    if (!has_digit || decimals_seen == 0)
        return false;
    for (int i = decimals_seen < 0 ? 0 : decimals_seen; i < decimals; i++) {
        if (__builtin_mul_overflow(amount, 10, &amount))
            return false;
    }
    *ret_amount_minor = amount;
    return true;
}

bool parse_integer(const char *text, int64_t low, int64_t high, int64_t *ret_number)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || end == text || *end != '\0' || isspace((unsigned char)text[0]) || number < low ||
        number > high)
        return false;
    *ret_number = number;
    return true;
}

bool parse_date(const char *text, int32_t *ret_yyyymmdd)
{
    char digits[9];
    size_t length = strlen(text);
    if (length == 10 && text[4] == '-' && text[7] == '-') {
        memcpy(digits, text, 4);
        memcpy(digits + 4, text + 5, 2);
        memcpy(digits + 6, text + 8, 2);
    } else if (length == 8) {
        memcpy(digits, text, 8);
    } else {
        return false;
    }
    digits[8] = '\0';
    int64_t number;
    int32_t days;
    if (strspn(digits, "0123456789") != 8 || !parse_integer(digits, 0, 99999999, &number) ||
        !date_try_from_yyyymmdd((int32_t)number, &days))
        return false;
    *ret_yyyymmdd = (int32_t)number;
    return true;
}

int32_t day_before(int32_t yyyymmdd)
{
    int32_t days;
    bool is_day = yyyymmdd != 0 && date_try_from_yyyymmdd(yyyymmdd, &days);
    return is_day && days > 0 ? date_to_yyyymmdd(days - 1) : 0;
}

/* ---- times and rates ---- */

/* As many digits as wanted, no more looked at. */
static bool try_digits(const char **text, int count, int low, int high, int *ret_number)
{
    int number = 0;
    for (int i = 0; i < count; i++) {
        if ((*text)[i] < '0' || (*text)[i] > '9')
            return false;
        number = number * 10 + ((*text)[i] - '0');
    }
    if (number < low || number > high)
        return false;
    *text += count;
    *ret_number = number;
    return true;
}

/* "+1d12h" behind the plus. */
static enum time_fault read_duration(const char *text, int64_t *ret_us)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
    size_t next = 0; /* units go from large to small, none twice */
    int64_t us = 0;
    bool is_too_far = false;
    if (*text == '\0')
        return TIME_IS_NONE;
    while (*text) {
        int64_t number = 0;
        const char *first = text;
        for (; *text >= '0' && *text <= '9'; text++)
            is_too_far |= __builtin_mul_overflow(number, 10, &number) ||
                          __builtin_add_overflow(number, *text - '0', &number);
        while (next < sizeof units / sizeof units[0] && units[next].unit != *text)
            next++;
        if (text == first || next == sizeof units / sizeof units[0])
            return TIME_IS_NONE;
        is_too_far |=
            __builtin_mul_overflow(number, units[next++].seconds * US_PER_SECOND, &number) ||
            __builtin_add_overflow(us, number, &us);
        text++;
    }
    if (is_too_far)
        return TIME_IS_TOO_FAR;
    *ret_us = us;
    return TIME_IS_RIGHT;
}

/* "Z", "+08:00", "-0530" or nothing: minutes east of UTC. */
static bool try_zone(const char *text, int *ret_minutes)
{
    int hours = 0;
    int minutes = 0;
    if (*text == '\0' || strcasecmp(text, "Z") == 0) {
        *ret_minutes = 0;
        return true;
    }
    bool is_west = *text == '-';
    if (*text != '+' && *text != '-')
        return false;
    text++;
    if (!try_digits(&text, 2, 0, 14, &hours))
        return false;
    if (*text == ':')
        text++;
    if (!try_digits(&text, 2, 0, 59, &minutes) || *text != '\0')
        return false;
    *ret_minutes = (is_west ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

static bool try_moment(const char *text, int64_t *ret_time_us)
{
    int64_t us = 0;
    char day[11];
    int32_t date;
    int32_t days;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int zone_minutes = 0;
    snprintf(day, sizeof day, "%s", text);
    if (strlen(day) != 10 || day[4] != '-' || !parse_date(day, &date) ||
        !date_try_from_yyyymmdd(date, &days) || (text[10] != 'T' && text[10] != ' '))
        return false;
    text += 11;
    if (!try_digits(&text, 2, 0, 23, &hour) || *text++ != ':' ||
        !try_digits(&text, 2, 0, 59, &minute))
        return false;
    if (*text == ':') {
        text++;
        if (!try_digits(&text, 2, 0, 59, &second))
            return false;
        if (*text == '.' && text[1] >= '0' && text[1] <= '9') {
            text++;
            for (int64_t unit = US_PER_SECOND / 10; *text >= '0' && *text <= '9'; unit /= 10)
                us += (*text++ - '0') * unit;
        }
    }
    if (!try_zone(text, &zone_minutes))
        return false;
    int64_t minutes = (int64_t)days * 1440 + hour * 60 + minute - zone_minutes;
    *ret_time_us = (minutes * 60 + second) * US_PER_SECOND + us;
    return true;
}

enum time_fault read_time(const char *text, int64_t now_us, int64_t *ret_time_us)
{
    int64_t us = 0;
    if (*text != '+')
        return try_moment(text, ret_time_us) ? TIME_IS_RIGHT : TIME_IS_NONE;
    enum time_fault fault = read_duration(text + 1, &us);
    if (fault == TIME_IS_RIGHT && (__builtin_add_overflow(now_us, us, &us) || us > TIME_US_MAX))
        fault = TIME_IS_TOO_FAR;
    if (fault == TIME_IS_RIGHT)
        *ret_time_us = us;
    return fault;
}

bool is_number_too_large(const char *text)
{
    size_t digits = 0;
    text += *text == '-' || *text == '+';
    for (; *text; text++) {
        if (*text >= '0' && *text <= '9')
            digits++;
        else if (*text != ',' && *text != '.')
            return false;
    }
    return digits > 0;
}

bool parse_rate(const char *text, int64_t *ret_ppm)
{
    char number[NAME_BYTES_MAX];
    size_t length = strcspn(text, "%p");
    bool is_percent = strcmp(text + length, "%") == 0;
    int64_t ppm;
    if ((!is_percent && strcmp(text + length, "ppm") != 0) || length >= sizeof number)
        return false;
    memcpy(number, text, length);
    number[length] = '\0';
    /* One per cent is 10,000 parts per million: a percentage has at most four decimals. */
    if (!parse_amount(number, is_percent ? 4 : 0, &ppm) || ppm > PPM)
        return false;
    *ret_ppm = ppm;
    return true;
}

void format_rate(int64_t ppm, char ret_text[FORMAT_BYTES_MAX])
{
    format_amount(ppm, 4, ret_text);
    size_t length = strlen(ret_text);
    while (ret_text[length - 1] == '0')
        length--;
    if (ret_text[length - 1] == '.')
        length--;
    ret_text[length++] = '%';
    ret_text[length] = '\0';
}

bool parse_enum(const ProtobufCEnumDescriptor *descriptor, const char *text, int32_t *ret_number)
{
    char wanted[NAME_BYTES_MAX];
    size_t length = strlen(text);
    if (length >= sizeof wanted)
        return false;
    /* "open-ledger" is how an option's value looks. */
    for (size_t i = 0; i <= length; i++)
        wanted[i] = text[i] == '-' ? '_' : text[i];
    for (unsigned i = 0; i < descriptor->n_values; i++) {
        const ProtobufCEnumValue *value = &descriptor->values[i];
        char name[FORMAT_BYTES_MAX];
        short_name(descriptor, value->name, name);
        if (strcasecmp(wanted, name) == 0 || strcasecmp(wanted, value->name) == 0) {
            *ret_number = value->value;
            return true;
        }
    }
    return false;
}

void list_enum(const ProtobufCEnumDescriptor *descriptor, char *ret_text, size_t text_bytes)
{
    size_t length = 0;
    ret_text[0] = '\0';
    unsigned left = 0;
    for (unsigned i = 0; i < descriptor->n_values; i++)
        left += descriptor->values[i].value != 0;
    for (unsigned i = 0; i < descriptor->n_values; i++) {
        if (descriptor->values[i].value == 0)
            continue;
        char name[FORMAT_BYTES_MAX];
        short_name(descriptor, descriptor->values[i].name, name);
        left--;
        int more = snprintf(ret_text + length, text_bytes - length, "%s%s", name,
            left > 1    ? ", "
            : left == 1 ? " or "
                        : "");
        if (more < 0 || (size_t)more >= text_bytes - length)
            return;
        length += (size_t)more;
    }
}
