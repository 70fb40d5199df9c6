/* mask.c: see mask.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/mask.h"

#include "base/check.h"
#include "base/utf8.h"

#define SIGNS_HIDDEN_MIN 6
#define FIRST_SHOWN_MAX 6
#define LAST_SHOWN_MAX 4
/* Shorter ones are none, and hidden. */
#define MOBILE_SIGNS_MIN 10

/* One character, or one byte that is no part of any. */
struct sign {
    uint32_t length;
    bool is_character;
    bool is_separator;
};

static struct sign take(struct text value, uint32_t at)
{
    uint32_t character;
    size_t length = utf8_take(value.bytes + at, value.length - at, &character);
    if (length == 0)
        return (struct sign){.length = 1};
    return (struct sign){
        .length = (uint32_t)length,
        .is_character = true,
        .is_separator =
            character == ' ' || character == '-' || character == '.' || character == '/',
    };
}

/* Whether it may be an account number, and no words. */
static bool has_digits_only(struct text value)
{
    bool is_one = true;
    for (uint32_t at = 0; at < value.length && is_one;) {
        struct sign sign = take(value, at);
        is_one = sign.is_separator || (value.bytes[at] >= '0' && value.bytes[at] <= '9');
        at += sign.length;
    }
    return is_one;
}

uint32_t mask_value(enum personal_kind kind, struct text value, char *ret_mask)
{
    uint32_t count = 0;
    for (uint32_t at = 0; at < value.length;) {
        struct sign sign = take(value, at);
        count += kind == PERSONAL_NAME || !sign.is_separator;
        at += sign.length;
    }
    uint32_t first, last;
    if (kind == PERSONAL_NAME) {
        first = 0;
        last = count > 1 ? 1 : 0;
    } else if (kind == PERSONAL_DOCUMENT_NUMBER) {
        first = last = count > 3 ? 1 : 0;
    } else if (kind == PERSONAL_MOBILE) {
        first = count > MOBILE_SIGNS_MIN ? 3 : 0;
        last = count > MOBILE_SIGNS_MIN ? 4 : 0;
    } else if (kind == PERSONAL_RECEIVING_TEXT && !has_digits_only(value)) {
        first = last = 0;
    } else {
        CHECK(kind == PERSONAL_ACCOUNT_NUMBER || kind == PERSONAL_RECEIVING_TEXT);
        uint32_t shown = count > SIGNS_HIDDEN_MIN ? count - SIGNS_HIDDEN_MIN : 0;
        last = shown < LAST_SHOWN_MAX ? shown : LAST_SHOWN_MAX;
        first = shown - last < FIRST_SHOWN_MAX ? shown - last : FIRST_SHOWN_MAX;
    }
    uint32_t length = 0;
    uint32_t number = 0;
    for (uint32_t at = 0; at < value.length;) {
        struct sign sign = take(value, at);
        bool is_between = kind != PERSONAL_NAME && sign.is_separator;
        bool is_shown =
            is_between || (sign.is_character && (number < first || number >= count - last));
        if (is_shown) {
            memmove(ret_mask + length, value.bytes + at, sign.length);
            length += sign.length;
        } else {
            ret_mask[length++] = '*';
        }
        number += is_between ? 0 : 1;
        at += sign.length;
    }
    CHECK(length <= value.length);
    return length;
}
