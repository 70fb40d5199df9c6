/* journal_life.c: identities as text, and since when two lives differ.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/journal_life.h"

#include "base/check.h"

#include <string.h>

bool identity_equal(const struct journal_identity *a, const struct journal_identity *b)
{
    return memcmp(a->bytes, b->bytes, IDENTITY_BYTES) == 0;
}

/* Where a UUID has its hyphens. */
static bool is_hyphen_place(uint32_t place)
{
    return place == 8 || place == 13 || place == 18 || place == 23;
}

void identity_text(const struct journal_identity *identity, char ret_text[IDENTITY_CHARS + 1])
{
    static const char digits[] = "0123456789abcdef";
    uint32_t place = 0;
    for (uint32_t i = 0; i < IDENTITY_BYTES; i++) {
        if (is_hyphen_place(place))
            ret_text[place++] = '-';
        ret_text[place++] = digits[identity->bytes[i] >> 4];
        ret_text[place++] = digits[identity->bytes[i] & 15];
    }
    CHECK(place == IDENTITY_CHARS);
    ret_text[place] = '\0';
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

bool identity_try_parse(const char *text, struct journal_identity *ret_identity)
{
    struct journal_identity identity = {{0}};
    uint32_t count = 0;
    if (strlen(text) != IDENTITY_CHARS)
        return false;
    for (uint32_t place = 0; place < IDENTITY_CHARS; place++) {
        int value = digit_value(text[place]);
        if (is_hyphen_place(place) ? text[place] != '-' : value < 0)
            return false;
        if (is_hyphen_place(place))
            continue;
        identity.bytes[count / 2] = (uint8_t)(identity.bytes[count / 2] << 4 | value);
        count++;
    }
    CHECK(count == 2 * IDENTITY_BYTES);
    *ret_identity = identity;
    return true;
}

int64_t journal_lives_differ_from(
    const struct journal_lives *lives, const struct journal_identity *identity)
{
    int64_t differ_from = INT64_MAX;
    CHECK(lives->count <= JOURNAL_LIVES_MAX);
    for (uint32_t i = 0; i < lives->count; i++) {
        if (identity_equal(&lives->items[i].identity, identity))
            return differ_from;
        if (lives->items[i].first_sequence < differ_from)
            differ_from = lives->items[i].first_sequence;
    }
    return 0;
}
