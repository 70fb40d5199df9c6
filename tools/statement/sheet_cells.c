/* sheet_cells.c: what stands in the cells of a table: amounts, days, currencies.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/currency.h"
#include "statement/figures.h"
#include "statement/sheet.h"

#include <string.h>

/* ---- around a cell ---- */

static bool strip_front(struct text *cell, const char *what)
{
    uint32_t length = (uint32_t)strlen(what);
    if (cell->length < length || memcmp(cell->bytes, what, length) != 0)
        return false;
    cell->bytes += length;
    cell->length -= length;
    return true;
}

static bool strip_back(struct text *cell, const char *what)
{
    uint32_t length = (uint32_t)strlen(what);
    if (cell->length < length || memcmp(cell->bytes + cell->length - length, what, length) != 0)
        return false;
    cell->length -= length;
    return true;
}

struct text cell_clean(struct text cell)
{
    /* A blank as wide as a Chinese character, and one that does not break. */
    static const char *const blanks[] = {"\xe3\x80\x80", "\xc2\xa0"};
    bool is_changed;
    do {
        struct text before = cell;
        cell = text_trimmed(cell);
        for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
            strip_front(&cell, blanks[i]);
            strip_back(&cell, blanks[i]);
        }
        strip_front(&cell, "`");
        if (cell.length >= 3 && text_begins(cell, "=\"") && strip_back(&cell, "\""))
            strip_front(&cell, "=\"");
        is_changed = cell.length != before.length;
    } while (is_changed);
    for (uint32_t i = 0; i < cell.length; i++) {
        if (cell.bytes[i] != '-')
            return cell;
    }
    cell.length = 0;
    return cell;
}

/* ---- amounts ---- */

const char *cell_amount(
    struct text cell, const struct profile *profile, int decimals, int64_t *ret_amount_minor)
{
    struct amount_form form = {
        .point = profile->decimal_point, .thousands = profile->thousands, .is_signed = true};
    if (profile->ignores_brackets) {
        const char *bracket = memchr(cell.bytes, '(', cell.length);
        const char *wide = memmem(cell.bytes, cell.length, "\xef\xbc\x88", 3);
        bracket = bracket ? bracket : wide;
        if (bracket)
            cell.length = (uint32_t)(bracket - cell.bytes);
    }
    /* The signs of yuan, narrow and wide, and the word behind. */
    if (!strip_front(&cell, "\xc2\xa5"))
        strip_front(&cell, "\xef\xbf\xa5");
    strip_back(&cell, "\xe5\x85\x83");
    return figure_amount(text_trimmed(cell), form, decimals, ret_amount_minor);
}

const char *cell_currency(struct text cell)
{
    static const struct {
        const char *name;
        const char *code;
    } names[] = {
        {"人民币", "CNY"},
        {"美元", "USD"},
        {"港币", "HKD"},
        {"港元", "HKD"},
        {"欧元", "EUR"},
        {"日元", "JPY"},
        {"英镑", "GBP"},
        {"澳门元", "MOP"},
        {"澳大利亚元", "AUD"},
        {"澳元", "AUD"},
        {"加拿大元", "CAD"},
        {"加元", "CAD"},
        {"新加坡元", "SGD"},
        {"瑞士法郎", "CHF"},
        {"韩元", "KRW"},
        {"新台币", "TWD"},
        {"泰铢", "THB"},
        {"卢布", "RUB"},
        {"RMB", "CNY"},
    };
    static char code[4];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (text_begins(cell, names[i].name))
            return names[i].code;
    }
    if (cell.length != 3 || currency_digits(cell) < 0)
        return "";
    memcpy(code, cell.bytes, 3);
    return code;
}

/* ---- days ---- */

struct day {
    int year;
    int month;
    int day;
    int hour;
    int minute;
    int second;
    bool has_time;
};

/* Takes digits: as many as `most`, fewer where a separator follows in the format. */
static int take_digits(struct text *cell, uint32_t most, bool may_be_fewer)
{
    uint32_t count = 0;
    while (count < most && count < cell->length && cell->bytes[count] >= '0' &&
           cell->bytes[count] <= '9')
        count++;
    if (count == 0 || (count < most && !may_be_fewer))
        return -1;
    int number = figure_digits(cell->bytes, count);
    cell->bytes += count;
    cell->length -= count;
    return number;
}

/* The letter of a part of the format, by how many of it there are; NULL: it is none. */
static int *part_of(struct day *day, char letter)
{
    switch (letter) {
    case 'Y':
        return &day->year;
    case 'M':
        return &day->month;
    case 'D':
        return &day->day;
    case 'h':
        return &day->hour;
    case 'm':
        return &day->minute;
    case 's':
        return &day->second;
    default:
        return NULL;
    }
}

/* Reads a cell by one format of `length` bytes. */
static bool read_day(struct text cell, const char *format, size_t length, struct day *ret_day)
{
    *ret_day = (struct day){.year = -1, .month = -1, .day = -1};
    for (size_t i = 0; i < length;) {
        int *part = part_of(ret_day, format[i]);
        if (part) {
            size_t most = 1;
            while (i + most < length && format[i + most] == format[i])
                most++;
            i += most;
            bool is_joined = i < length && part_of(ret_day, format[i]) != NULL;
            *part = take_digits(&cell, (uint32_t)most, most == 2 && !is_joined);
            if (*part < 0)
                return false;
            ret_day->has_time |= part == &ret_day->hour;
            continue;
        }
        if (cell.length == 0 || cell.bytes[0] != format[i])
            return false;
        do {
            cell.bytes++;
            cell.length--;
        } while (format[i] == ' ' && cell.length > 0 && cell.bytes[0] == ' ');
        i++;
    }
    return cell.length == 0;
}

bool cell_day(
    struct text cell, const char *formats, int year, int month, int32_t *ret_day, int32_t *ret_time)
{
    struct day day;
    *ret_time = -1;
    while (*formats != '\0') {
        size_t length = strcspn(formats, "|");
        if (read_day(cell, formats, length, &day)) {
            if (day.year < 0)
                day.year = day.month > month ? year - 1 : year;
            if (day.year >= 0 && day.year < 100)
                day.year = figure_year(day.year);
            if (day.hour > 23 || day.minute > 59 || day.second > 60)
                return false;
            if (day.has_time)
                *ret_time = day.hour * 10000 + day.minute * 100 + day.second;
            return figure_day(day.year, day.month, day.day, ret_day);
        }
        formats += length + (formats[length] == '|');
    }
    return false;
}

int32_t cell_time(struct text cell)
{
    struct day day;
    if (!read_day(cell, "hh:mm:ss", 8, &day) && !read_day(cell, "hhmmss", 6, &day) &&
        !read_day(cell, "hh:mm", 5, &day))
        return -1;
    if (day.hour > 23 || day.minute > 59 || day.second > 60)
        return -1;
    return day.hour * 10000 + day.minute * 100 + day.second;
}
