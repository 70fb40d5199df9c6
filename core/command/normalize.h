/* normalize.h: personal values as they are kept and compared, so that equal ones are equal bytes,
 * and seal to equal texts.
 *
 * Done to a request's fields as they are read; what is recorded has been through it. Numbers of
 * documents: model/document.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_NORMALIZE_H
#define VSL_COMMAND_NORMALIZE_H

#include "base/text.h"
#include "ceilings.h"

#include <stdint.h>

/* Room for any name of a request; one of so many characters may need more of them in NFC. */
#define NORMAL_NAME_BYTES_MAX (3 * CHARACTER_BYTES_MAX * PARTY_NAME_CHARACTERS_MAX)
/* The most digits that a number of a card, an account or a mobile has. */
#define NORMAL_DIGITS_MAX 32
#define CARD_DIGITS_MIN 8
#define MOBILE_DIGITS 11

/* A name of a person or a company: in NFC, without what takes no place (variation selectors), with
 * Latin letters, digits and signs in half width, one blank for many and none at either end or
 * beside Han, and one separator between the parts of a name, U+00B7: for U+2022, U+2027, U+30FB,
 * U+FF65, and for a full stop (U+002E, U+FF0E) between Han (民委发 2016 33). The case of letters
 * stays, for a document has one way to write them; so do characters beyond the BMP. What comes out
 * comes out of itself again. Returns its length; 0: it is no UTF-8, has nothing in it, or is longer
 * than `bytes_max`. */
uint32_t normalize_name(struct text name, char *ret_name, uint32_t bytes_max);

/* A mobile number of China: the 11 digits without +86 or 0086, blanks and hyphens, in half width;
 * the first is 1, the second 3 to 9. Returns 11; 0: it is none. */
uint32_t normalize_mobile(struct text mobile, char ret_digits[NORMAL_DIGITS_MAX]);

/* The number of a card or of a company's account: its digits, CARD_DIGITS_MIN to NORMAL_DIGITS_MAX
 * of them, without blanks and hyphens, in half width. Returns how many; 0: it is none. */
uint32_t normalize_card(struct text number, char ret_digits[NORMAL_DIGITS_MAX]);

#endif
