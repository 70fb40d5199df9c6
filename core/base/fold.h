/* fold.h: what a bank's statement and a person who types a transfer write differently, and mean the
 * same: full-width forms, blanks, hyphens, brackets of another width.
 *
 * For look-up only; what came is kept as it came. A small table of our own, since the engine uses
 * no library, and since the wider foldings of Unicode (NFKC: a circled or raised figure is a digit)
 * would guess whose money it is.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_FOLD_H
#define VSL_BASE_FOLD_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Writes the number without blanks and hyphens and in half-width characters; returns its length, 0
 * when it is empty, longer than `bytes_max` or has characters beyond ASCII even so. */
uint32_t fold_number(struct text text, char *ret_bytes, uint32_t bytes_max);

/* Whether both are the same number, whatever the width of its characters, blanks and hyphens, and
 * not empty. */
bool fold_same_number(struct text a, struct text b);

/* Writes the bank's number of a movement as it is compared: in half-width characters, without
 * blanks and what takes no place; letters keep their case, hyphens stay, since they may tell two
 * numbers apart. Returns its length, at most that of the text; 0 also when it is one of the words
 * that banks write for none, NOTPROVIDED and NONREF in any case of A to Z. vsl.booked_reference in
 * sql/migrations does the same, and a test compares them. `ret_bytes` has room for the text. */
uint32_t fold_reference(struct text text, char *ret_bytes);

/* Whether both are the same name: whatever the width of letters and brackets, blanks, and the case
 * of A to Z. */
bool fold_same_name(struct text a, struct text b);

/* Whether both are the same party: the same name with the same number. */
bool fold_same_party(
    struct text name_a, struct text number_a, struct text name_b, struct text number_b);

/* How many characters (code points) the text has. It is UTF-8. */
uint32_t text_characters(struct text text);

/* Puts one blank in the place of each character that moves a cursor or ends a line: U+0000 to
 * U+001F, U+007F to U+009F, U+2028 and U+2029. In place; returns the new length, which is never
 * greater. */
uint32_t text_blank_controls(char *bytes, uint32_t length);

#endif
