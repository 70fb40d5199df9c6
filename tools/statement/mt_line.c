/* mt_line.c: :61:, the statement line of MT940 and MT942.
 *
 *     6!n[4!n]2a[1!a]15d1!a3!c16x[//16x][CRLF 34x]
 *
 * value date, entry date, mark (C, D, RC, RD; MT942 also EC, ED), funds code (third letter of the
 * currency), amount, transaction type, the owner's and the bank's reference, supplement. RC takes a
 * credit back and so is a debit, RD is a credit. Source: SWIFT User Handbook, Category 9.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/figures.h"
#include "statement/mt940.h"
#include "statement/reading.h"

#include "model/date.h"

#include <stdlib.h>
#include <string.h>

#define DATE_DIGITS 6
#define ENTRY_DATE_DIGITS 4
#define REFERENCE_BYTES 16

struct cursor {
    const char *at;
    const char *end;
};

static size_t left(const struct cursor *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_capital(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static void deviate(struct mt_line *line, const char *what)
{
    size_t length = strlen(line->deviation);
    const char *between = length > 0 ? "; " : "";
    if (length + strlen(between) + strlen(what) < sizeof line->deviation) {
        strcat(line->deviation, between);
        strcat(line->deviation, what);
    }
}

bool mt_day(const char *digits, int32_t *ret_yyyymmdd, bool *ret_is_bent)
{
    int year = figure_digits(digits, 2);
    int month = figure_digits(digits + 2, 2);
    int day = figure_digits(digits + 4, 2);
    if (year < 0 || month < 0 || day < 0)
        return false;
    for (int bent = 0; bent < 3 && day - bent >= 28; bent++) {
        if (bent > 0 && (month != 2 || day > 30))
            return false;
        if (figure_day(figure_year(year), month, day - bent, ret_yyyymmdd)) {
            *ret_is_bent = bent > 0;
            return true;
        }
    }
    *ret_is_bent = false;
    return figure_day(figure_year(year), month, day, ret_yyyymmdd);
}

/* The day MMDD next to the value date, which may be in the year before or after. */
static bool entry_day(int32_t value_date, int mmdd, int32_t *ret_yyyymmdd)
{
    int32_t value_days;
    int32_t nearest = INT32_MAX;
    if (mmdd < 0 || !date_try_from_yyyymmdd(value_date, &value_days))
        return false;
    for (int year = value_date / 10000 - 1; year <= value_date / 10000 + 1; year++) {
        int32_t day;
        int32_t days;
        if (!figure_day(year, mmdd / 100, mmdd % 100, &day) || !date_try_from_yyyymmdd(day, &days))
            continue;
        int32_t distance = days < value_days ? value_days - days : days - value_days;
        if (distance < nearest) {
            nearest = distance;
            *ret_yyyymmdd = day;
        }
    }
    return nearest != INT32_MAX;
}

static const char *take_days(struct cursor *cursor, struct mt_line *line)
{
    bool is_bent;
    if (left(cursor) < DATE_DIGITS || !mt_day(cursor->at, &line->value_date, &is_bent))
        return "value date is no day YYMMDD";
    if (is_bent)
        deviate(line, "value date behind the end of February");
    cursor->at += DATE_DIGITS;
    line->entry_date = line->value_date;
    if (left(cursor) >= ENTRY_DATE_DIGITS && is_digit(*cursor->at)) {
        int mmdd = figure_digits(cursor->at, ENTRY_DATE_DIGITS);
        if (!entry_day(line->value_date, mmdd, &line->entry_date))
            return "entry date is no day MMDD";
        cursor->at += ENTRY_DATE_DIGITS;
    } else if (left(cursor) > 0 && *cursor->at == ' ') {
        deviate(line, "blanks for the entry date");
        while (left(cursor) > 0 && *cursor->at == ' ')
            cursor->at++;
    }
    return NULL;
}

static const char *take_mark(struct cursor *cursor, struct mt_line *line, bool *ret_is_debit)
{
    line->status = STATEMENT_BOOKED;
    if (left(cursor) >= 2 && *cursor->at == 'E' && (cursor->at[1] == 'C' || cursor->at[1] == 'D')) {
        line->status = STATEMENT_PENDING;
        cursor->at++;
    } else if (left(cursor) >= 2 && *cursor->at == 'R' &&
               (cursor->at[1] == 'C' || cursor->at[1] == 'D')) {
        line->is_reversal = true;
        cursor->at++;
    }
    if (left(cursor) == 0 || (*cursor->at != 'C' && *cursor->at != 'D'))
        return "mark is none of C, D, RC, RD, EC, ED";
    /* A credit that is taken back moves money out. */
    *ret_is_debit = (*cursor->at == 'D') != line->is_reversal;
    cursor->at++;
    /* The funds code, a letter of the currency, does not matter. */
    if (left(cursor) > 0 && is_capital(*cursor->at))
        cursor->at++;
    return NULL;
}

static const char *take_amount(
    struct cursor *cursor, int decimals, bool is_debit, struct mt_line *line)
{
    static const struct amount_form form = {.point = ','};
    const char *start = cursor->at;
    while (left(cursor) > 0 && (is_digit(*cursor->at) || *cursor->at == ','))
        cursor->at++;
    struct text text = {.bytes = start, .length = (uint32_t)(cursor->at - start)};
    const char *rule = figure_amount(text, form, decimals, &line->amount_minor);
    if (rule && strcmp(rule, "has more decimals than its currency") == 0)
        return "amount has more decimals than its currency";
    if (rule)
        return "amount is none: digits with a comma, within 64 bits";
    if (!memchr(text.bytes, ',', text.length))
        deviate(line, "amount without a comma");
    if (is_debit)
        line->amount_minor = -line->amount_minor;
    return NULL;
}

static const char *take_kind(struct cursor *cursor, struct mt_line *line)
{
    if (left(cursor) > 0 && *cursor->at == ' ') {
        deviate(line, "blank before the transaction type");
        while (left(cursor) > 0 && *cursor->at == ' ')
            cursor->at++;
    }
    if (left(cursor) < 4 || !is_capital(*cursor->at))
        return "transaction type is not a letter and three characters";
    for (int i = 1; i < 4; i++) {
        if (!is_digit(cursor->at[i]) && !is_capital(cursor->at[i]))
            return "transaction type is not a letter and three characters";
    }
    if (*cursor->at != 'N' && *cursor->at != 'S' && *cursor->at != 'F')
        deviate(line, "transaction type without N, S or F");
    line->kind = (struct text){.bytes = cursor->at, .length = 4};
    cursor->at += 4;
    return NULL;
}

static void take_references(struct cursor *cursor, struct mt_line *line)
{
    const char *stop = memchr(cursor->at, '\n', left(cursor));
    stop = stop ? stop : cursor->end;
    const char *slashes = memmem(cursor->at, (size_t)(stop - cursor->at), "//", 2);
    const char *end = slashes ? slashes : stop;
    line->reference =
        text_trimmed((struct text){.bytes = cursor->at, .length = (uint32_t)(end - cursor->at)});
    if (line->reference.length > REFERENCE_BYTES)
        deviate(line, "reference of more than 16 characters");
    if (text_equals(line->reference, text_of("NONREF")))
        line->reference.length = 0;
    if (slashes)
        line->bank_reference = text_trimmed(
            (struct text){.bytes = slashes + 2, .length = (uint32_t)(stop - slashes - 2)});
    if (stop < cursor->end)
        line->supplement = text_trimmed(
            (struct text){.bytes = stop + 1, .length = (uint32_t)(cursor->end - stop - 1)});
}

const char *mt_line_read(struct text field, int decimals, struct mt_line *ret_line)
{
    struct cursor cursor = {.at = field.bytes, .end = field.bytes + field.length};
    bool is_debit = false;
    *ret_line = (struct mt_line){0};
    const char *rule = take_days(&cursor, ret_line);
    if (!rule)
        rule = take_mark(&cursor, ret_line, &is_debit);
    if (!rule)
        rule = take_amount(&cursor, decimals, is_debit, ret_line);
    if (!rule)
        rule = take_kind(&cursor, ret_line);
    if (!rule)
        take_references(&cursor, ret_line);
    return rule;
}
