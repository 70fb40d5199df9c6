/* mt_details.c: :86:, information to the account owner, in the forms that are in use.
 *
 *     166?00GUTSCHRIFT?20EREF+...?30BIC?31IBAN?32NAME    Germany and others, also with '>' or '~'
 *     /EREF/.../REMI/.../NAME/...                        Netherlands, Belgium
 *     anything else                                      free text
 *
 * Structured ones wrap in the middle of words, so their lines are put together without a blank.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/mt940.h"
#include "statement/reading.h"

#include <stdlib.h>
#include <string.h>

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_capital(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

void mt_details_clear(struct mt_details *details)
{
    buffer_clear(&details->text);
    buffer_clear(&details->end_to_end);
    buffer_clear(&details->counterparty);
    buffer_clear(&details->counterparty_account);
    buffer_clear(&details->return_reason);
}

void mt_details_finish(struct mt_details *details)
{
    buffer_finish(&details->text);
    buffer_finish(&details->end_to_end);
    buffer_finish(&details->counterparty);
    buffer_finish(&details->counterparty_account);
    buffer_finish(&details->return_reason);
}

/* Takes a text as its part of the details, unless there is one already or it says "none". */
static void set(struct buffer *buffer, struct text text)
{
    text = text_trimmed(text);
    if (buffer->length == 0 && !text_equals(text, text_of("NOTPROVIDED")))
        reading_append(buffer, text);
}

static void add(struct buffer *buffer, struct text text, char between)
{
    if (text.length == 0)
        return;
    if (buffer->length > 0 && between != '\0')
        buffer_append_u8(buffer, (uint8_t)between);
    reading_append(buffer, text);
}

/* ---- ?00 to ?63 ---- */

/* "EREF+" and its kind in the purpose: four capitals and a plus. */
static const char *find_keyword(const char *at, const char *end)
{
    for (; end - at >= 5; at++) {
        if (is_capital(at[0]) && is_capital(at[1]) && is_capital(at[2]) && is_capital(at[3]) &&
            at[4] == '+')
            return at;
    }
    return NULL;
}

static void take_purpose(struct text purpose, struct mt_details *details)
{
    const char *end = purpose.bytes + purpose.length;
    const char *at = find_keyword(purpose.bytes, end);
    while (at) {
        const char *next = find_keyword(at + 5, end);
        const char *stop = next ? next : end;
        struct text value = {.bytes = at + 5, .length = (uint32_t)(stop - at - 5)};
        if (memcmp(at, "EREF", 4) == 0)
            set(&details->end_to_end, value);
        at = next;
    }
}

static void take_subfield(
    int code, struct text value, struct buffer *purpose, struct mt_details *details)
{
    if ((code >= 20 && code <= 29) || (code >= 60 && code <= 63))
        buffer_append(purpose, value.bytes, value.length);
    else if (code == 0)
        add(&details->text, value, '\n');
    else if (code == 31)
        set(&details->counterparty_account, value);
    else if (code == 32 || code == 33)
        add(&details->counterparty, text_trimmed(value), ' ');
    else if (code == 34)
        set(&details->return_reason, value);
}

/* The first subfield, behind a transaction code of three digits or none; NULL: not structured. */
static const char *structure_of(struct text text)
{
    const char *at = text.bytes;
    uint32_t left = text.length;
    if (left > 3 && is_digit(at[0]) && is_digit(at[1]) && is_digit(at[2])) {
        at += 3;
        left -= 3;
    }
    if (left >= 3 && strchr("?>~", at[0]) != NULL && is_digit(at[1]) && is_digit(at[2]))
        return at;
    return NULL;
}

static void read_structured(struct text text, const char *at, struct mt_details *details)
{
    struct buffer purpose = {0};
    const char *end = text.bytes + text.length;
    char mark = *at;
    while (at < end) {
        int code = (at[1] - '0') * 10 + (at[2] - '0');
        const char *stop = at + 3;
        while (stop < end &&
               !(*stop == mark && end - stop >= 3 && is_digit(stop[1]) && is_digit(stop[2])))
            stop++;
        take_subfield(code, (struct text){.bytes = at + 3, .length = (uint32_t)(stop - at - 3)},
            &purpose, details);
        at = stop;
    }
    struct text whole = {.bytes = (const char *)purpose.bytes, .length = (uint32_t)purpose.length};
    if (whole.length > 0)
        take_purpose(whole, details);
    add(&details->text, whole, '\n');
    buffer_finish(&purpose);
}

/* ---- /EREF/ ---- */

/* The next "/CODE/" of three to four capitals. */
static const char *find_code(const char *at, const char *end, size_t *ret_length)
{
    for (; end - at >= 5; at++) {
        size_t length = 1;
        if (*at != '/')
            continue;
        while (length < 5 && at + length < end && is_capital(at[length]))
            length++;
        if (length >= 4 && at + length < end && at[length] == '/') {
            *ret_length = length + 1;
            return at;
        }
    }
    return NULL;
}

static void read_coded(struct text text, struct mt_details *details)
{
    static const struct {
        const char *code;
        size_t part;
    } parts[] = {
        {"/EREF/", offsetof(struct mt_details, end_to_end)},
        {"/IBAN/", offsetof(struct mt_details, counterparty_account)},
        {"/NAME/", offsetof(struct mt_details, counterparty)},
        {"/BENM/", offsetof(struct mt_details, counterparty)},
        {"/ORDP/", offsetof(struct mt_details, counterparty)},
        {"/RTRN/", offsetof(struct mt_details, return_reason)},
    };
    const char *end = text.bytes + text.length;
    size_t length = 0;
    const char *at = find_code(text.bytes, end, &length);
    while (at) {
        size_t next_length = 0;
        const char *next = find_code(at + length - 1, end, &next_length);
        const char *stop = next ? next : end;
        const char *value = at + length < stop ? at + length : stop;
        /* The slash behind the last one is none of it. */
        if (!next && stop > value && stop[-1] == '/')
            stop--;
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            if (strlen(parts[i].code) == length && memcmp(at, parts[i].code, length) == 0)
                set((struct buffer *)((char *)details + parts[i].part),
                    (struct text){.bytes = value, .length = (uint32_t)(stop - value)});
        }
        at = next;
        length = next_length;
    }
}

/* ---- the field ---- */

void mt_details_read(struct text field, struct mt_details *details)
{
    struct buffer joined = {0};
    for (uint32_t i = 0; i < field.length; i++) {
        if (field.bytes[i] != '\n')
            buffer_append_u8(&joined, (uint8_t)field.bytes[i]);
    }
    struct text whole = {.bytes = (const char *)joined.bytes, .length = (uint32_t)joined.length};
    const char *first = whole.length > 0 ? structure_of(whole) : NULL;
    if (first) {
        read_structured(whole, first, details);
    } else if (whole.length > 0) {
        read_coded(whole, details);
        add(&details->text, text_trimmed(field), '\n');
    }
    buffer_finish(&joined);
}
