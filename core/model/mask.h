/* mask.h: what answers show of a personal value.
 *
 * Fixed rules, the same for every role, so that nobody has to decide whom he shows what. By JR/T
 * 0171-2020 names and account numbers are masked on screens and in exports; PCI DSS 4.0, 3.4.1,
 * lets the first six and the last four of a card number be shown at most.
 *
 *   name            the last character, when there are two or more: 欧阳娜娜 ***娜, Ada *****a
 *   what was written as the account to reach: as an account number when it has only digits of ASCII
 *                   and - . / and blanks, else nothing of it
 *   account number  of the signs, which are all characters but blanks, - . and /, six are hidden at
 *                   least: of what is more the last four are shown, then the first six
 *
 *       signs    6 or fewer   8          10           12             16 or more
 *       shown    none         ******78   ******7890   12******9012   123456******3456
 *
 *   number of a document  the first and the last character, of four or more: 3****************X
 *   mobile          the first three and the last four digits, of eleven or more: 135****5506
 *
 * A hidden character becomes one `*`, whatever it is, so that people see how long the value is. Of
 * an account number blanks, - . and / stay. Bytes that are no UTF-8 are hidden, each for itself.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_MASK_H
#define VSL_MODEL_MASK_H

#include "base/text.h"
#include "model/personal.h"

/* Writes the mask of a value to `ret_mask`, which has as many bytes as the value has; returns the
 * mask's length. The mask may be written over the value. */
uint32_t mask_value(enum personal_kind kind, struct text value, char *ret_mask);

#endif
