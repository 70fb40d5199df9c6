/* language.h: the language that a client asks for in accept-language.
 *
 * Source: RFC 9110, section 12.5.4, and RFC 4647 for ranges such as zh-Hans-CN. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_LANGUAGE_H
#define VSL_WIRE_LANGUAGE_H

#include "wire/wire.h"

#include <stddef.h>
#include <stdint.h>

/* What was asked for so far. All zero: nothing. */
struct language_wish {
    /* In thousandths, by enum wire_language; 0 when it is not named, or not wanted. */
    uint16_t weight[WIRE_LANGUAGES];
    uint16_t weight_any; /* of "*", which stands for those that are not named */
    uint8_t is_named[WIRE_LANGUAGES];
    uint8_t first; /* enum wire_language + 1 of the one that was named first; 0: none */
};

/* Takes one header; several count as one. An entry that breaks the grammar is passed over. */
void language_take(struct language_wish *wish, const uint8_t *value, size_t length);

/* The language with the greatest weight, of equals the one named first; WIRE_ENGLISH when none is
 * wanted. */
enum wire_language language_of(const struct language_wish *wish);

#endif
