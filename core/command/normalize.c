/* normalize.c: see normalize.h. NFC is libutf8proc's.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/normalize.h"

#include "base/check.h"
#include "base/fold.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

#define SEPARATOR 0xb7
#define FULL_STOP '.'
#define BLANK ' '

/* Code points that a name is in while it is worked on. */
#define CODE_POINTS_MAX (2 * NORMAL_NAME_BYTES_MAX)

/* Ideographs: those of the BMP, the compatibility ones, planes 2 and 3, and 〇. */
static bool is_han(utf8proc_int32_t c)
{
    return (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) ||
           (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff) || c == 0x3007;
}

/* One character for those that mean the same. */
static utf8proc_int32_t unify(utf8proc_int32_t c, void *data)
{
    (void)data;
    if (c >= 0xff01 && c <= 0xff5e)
        return c - 0xff01 + 0x21;
    if (utf8proc_category(c) == UTF8PROC_CATEGORY_ZS)
        return BLANK;
    bool is_separator = c == 0x2022 || c == 0x2027 || c == 0x30fb || c == 0xff65;
    return is_separator ? SEPARATOR : c;
}

/* Leaves out blanks at both ends, beside Han and separators, and beside each other. */
static utf8proc_ssize_t drop_blanks(utf8proc_int32_t *points, utf8proc_ssize_t count)
{
    utf8proc_ssize_t kept = 0;
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        if (points[i] != BLANK) {
            points[kept++] = points[i];
            continue;
        }
        while (i + 1 < count && points[i + 1] == BLANK)
            i++;
        bool is_between = kept > 0 && i + 1 < count;
        if (is_between && !is_han(points[kept - 1]) && !is_han(points[i + 1]) &&
            points[kept - 1] != SEPARATOR && points[i + 1] != SEPARATOR)
            points[kept++] = BLANK;
    }
    return kept;
}

static void put_separators(utf8proc_int32_t *points, utf8proc_ssize_t count)
{
    for (utf8proc_ssize_t i = 1; i + 1 < count; i++) {
        if (points[i] == FULL_STOP && is_han(points[i - 1]) && is_han(points[i + 1]))
            points[i] = SEPARATOR;
    }
}

uint32_t normalize_name(struct text name, char *ret_name, uint32_t bytes_max)
{
    utf8proc_int32_t points[CODE_POINTS_MAX];
    const utf8proc_option_t options =
        (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_IGNORE);
    utf8proc_ssize_t count = utf8proc_decompose_custom((const utf8proc_uint8_t *)name.bytes,
        (utf8proc_ssize_t)name.length, points, CODE_POINTS_MAX, options, unify, NULL);
    if (count <= 0 || count > CODE_POINTS_MAX)
        return 0;
    count = utf8proc_normalize_utf32(points, count, options);
    CHECK(count >= 0);
    count = drop_blanks(points, count);
    put_separators(points, count);
    uint32_t length = 0;
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        utf8proc_uint8_t bytes[4];
        utf8proc_ssize_t size = utf8proc_encode_char(points[i], bytes);
        CHECK(size >= 1 && size <= 4);
        if (bytes_max - length < (uint32_t)size)
            return 0;
        memcpy(ret_name + length, bytes, (size_t)size);
        length += (uint32_t)size;
    }
    return length;
}

static bool are_digits(const char *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (bytes[i] < '0' || bytes[i] > '9')
            return false;
    }
    return true;
}

uint32_t normalize_mobile(struct text mobile, char ret_digits[NORMAL_DIGITS_MAX])
{
    char folded[NORMAL_DIGITS_MAX];
    uint32_t length = fold_number(mobile, folded, sizeof folded);
    uint32_t at = 0;
    if (length > 3 && memcmp(folded, "+86", 3) == 0)
        at = 3;
    else if (length > 4 && memcmp(folded, "0086", 4) == 0)
        at = 4;
    if (length - at != MOBILE_DIGITS || !are_digits(folded + at, MOBILE_DIGITS) ||
        folded[at] != '1' || folded[at + 1] < '3')
        return 0;
    memcpy(ret_digits, folded + at, MOBILE_DIGITS);
    return MOBILE_DIGITS;
}

uint32_t normalize_card(struct text number, char ret_digits[NORMAL_DIGITS_MAX])
{
    uint32_t length = fold_number(number, ret_digits, NORMAL_DIGITS_MAX);
    return length >= CARD_DIGITS_MIN && are_digits(ret_digits, length) ? length : 0;
}
