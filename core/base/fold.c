/* fold.c: see fold.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/fold.h"

#include "base/check.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define NOTHING 0

struct range {
    uint32_t first;
    uint32_t last;
};

/* Blanks of every width, and line ends. */
static const struct range blanks[] = {{0x09, 0x0d}, {0x20, 0x20}, {0x85, 0x85}, {0xa0, 0xa0},
    {0x1680, 0x1680}, {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f},
    {0x3000, 0x3000}, {0, 0}};

/* What takes no place: soft hyphen, joiners, marks of direction, byte order mark. */
static const struct range invisible[] = {{0x01, 0x08}, {0x0e, 0x1f}, {0x7f, 0x84}, {0x86, 0x9f},
    {0xad, 0xad}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2064}, {0x2066, 0x2069},
    {0xfeff, 0xfeff}, {0, 0}};

static const struct range hyphens[] = {
    {0x2d, 0x2d}, {0x2010, 0x2015}, {0x2212, 0x2212}, {0xfe58, 0xfe58}, {0xfe63, 0xfe63}, {0, 0}};

static bool is_in(const struct range *ranges, uint32_t character)
{
    for (; ranges->last != 0; ranges++) {
        if (character >= ranges->first && character <= ranges->last)
            return true;
    }
    return false;
}

/* The character at `*at`, which moves behind it. A byte that begins none stands for itself. */
static uint32_t take(struct text text, uint32_t *at)
{
    const uint8_t *p = (const uint8_t *)text.bytes + *at;
    uint32_t left = text.length - *at;
    CHECK(left > 0);
    uint32_t size = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc0 ? 2 : 1;
    if (size > left)
        size = 1;
    *at += size;
    switch (size) {
    case 4:
        return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
    case 3:
        return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    case 2:
        return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
    default:
        return p[0];
    }
}

/* The half-width form of a full-width character, and the plain form of brackets as GB18030 has them
 * for vertical and small text; others as they are. */
static uint32_t narrow(uint32_t character)
{
    if (character >= 0xff01 && character <= 0xff5e)
        return character - 0xff01 + 0x21;
    if (character == 0xfe35 || character == 0xfe59)
        return '(';
    if (character == 0xfe36 || character == 0xfe5a)
        return ')';
    return character;
}

/* The next character that is neither blank nor invisible, half-width; NOTHING at the end. */
static uint32_t next_visible(struct text text, uint32_t *at)
{
    while (*at < text.length) {
        uint32_t character = narrow(take(text, at));
        if (character != NOTHING && !is_in(blanks, character) && !is_in(invisible, character))
            return character;
    }
    return NOTHING;
}

static uint32_t upper_of(uint32_t character)
{
    return character >= 'a' && character <= 'z' ? character - 'a' + 'A' : character;
}

/* The next character that counts; NOTHING at the end. */
static uint32_t next_of(struct text text, uint32_t *at, bool is_name)
{
    uint32_t character = next_visible(text, at);
    while (!is_name && is_in(hyphens, character))
        character = next_visible(text, at);
    return is_name ? upper_of(character) : character;
}

static bool is_same(struct text a, struct text b, bool is_name)
{
    uint32_t at_a = 0;
    uint32_t at_b = 0;
    bool is_empty = true;
    for (;;) {
        uint32_t one = next_of(a, &at_a, is_name);
        uint32_t other = next_of(b, &at_b, is_name);
        if (one != other)
            return false;
        if (one == NOTHING)
            return !is_empty;
        is_empty = false;
    }
}

bool fold_same_number(struct text a, struct text b)
{
    return is_same(a, b, false);
}

bool fold_same_name(struct text a, struct text b)
{
    return is_same(a, b, true);
}

bool fold_same_party(
    struct text name_a, struct text number_a, struct text name_b, struct text number_b)
{
    /* One bank writes full-width brackets, the next half-width ones: the same name. */
    return fold_same_number(number_a, number_b) && fold_same_name(name_a, name_b);
}

uint32_t fold_number(struct text text, char *ret_bytes, uint32_t bytes_max)
{
    uint32_t length = 0;
    uint32_t at = 0;
    for (;;) {
        uint32_t character = next_of(text, &at, false);
        if (character == NOTHING)
            return length;
        if (character > 0x7e || length == bytes_max)
            return 0;
        ret_bytes[length++] = (char)character;
    }
}

/* Writes a character in UTF-8; returns its bytes. */
static uint32_t put(uint32_t character, char *ret_bytes)
{
    uint8_t *p = (uint8_t *)ret_bytes;
    if (character < 0x80) {
        p[0] = (uint8_t)character;
        return 1;
    }
    if (character < 0x800) {
        p[0] = (uint8_t)(0xc0 | character >> 6);
        p[1] = (uint8_t)(0x80 | (character & 0x3f));
        return 2;
    }
    if (character < 0x10000) {
        p[0] = (uint8_t)(0xe0 | character >> 12);
        p[1] = (uint8_t)(0x80 | (character >> 6 & 0x3f));
        p[2] = (uint8_t)(0x80 | (character & 0x3f));
        return 3;
    }
    p[0] = (uint8_t)(0xf0 | character >> 18);
    p[1] = (uint8_t)(0x80 | (character >> 12 & 0x3f));
    p[2] = (uint8_t)(0x80 | (character >> 6 & 0x3f));
    p[3] = (uint8_t)(0x80 | (character & 0x3f));
    return 4;
}

/* What a bank writes where it must give a reference and has none: ISO 20022, SWIFT MT940. */
static bool means_none(struct text folded)
{
    static const char *const words[] = {"NOTPROVIDED", "NONREF"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (folded.length == strlen(words[i]) &&
            strncasecmp(folded.bytes, words[i], folded.length) == 0)
            return true;
    }
    return false;
}

uint32_t fold_reference(struct text text, char *ret_bytes)
{
    uint32_t length = 0;
    uint32_t at = 0;
    uint32_t character;
    while ((character = next_visible(text, &at)) != NOTHING) {
        length += put(character, ret_bytes + length);
        CHECK(length <= at);
    }
    return means_none((struct text){ret_bytes, length}) ? 0 : length;
}

uint32_t text_characters(struct text text)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < text.length; i++)
        count += ((uint8_t)text.bytes[i] & 0xc0) != 0x80;
    return count;
}

/* Bytes of the control character that the text begins with; 0: none. */
static uint32_t control_at(const uint8_t *p, uint32_t left)
{
    if (p[0] < 0x20 || p[0] == 0x7f)
        return 1;
    if (left >= 2 && p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)
        return 2;
    if (left >= 3 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9))
        return 3;
    return 0;
}

uint32_t text_blank_controls(char *bytes, uint32_t length)
{
    uint32_t kept = 0;
    uint32_t i = 0;
    while (i < length) {
        uint32_t control = control_at((const uint8_t *)bytes + i, length - i);
        bytes[kept++] = control > 0 ? ' ' : bytes[i];
        i += control > 0 ? control : 1;
    }
    CHECK(kept <= length);
    return kept;
}
