/* receiving_number.h: the number (收款账号) that a payer writes on a transfer to reach an account.
 *
 * Digits only: the ledger's prefix (4..8 digits), the account id in at least 9 digits, and one
 * check digit by ISO 7064 MOD 11,10 over all before it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECEIVING_NUMBER_H
#define VSL_MODEL_RECEIVING_NUMBER_H

#include "base/must_use.h"
#include "base/text.h"
#include "ceilings.h"

#include <stdbool.h>
#include <stdint.h>

/* ISO 7064 MOD 11,10 check digit ('0'..'9') over `length` decimal digits. */
char check_digit_mod_11_10(const char *digits, uint32_t length);

/* Writes the number, NUL-terminated; returns its length. */
uint32_t receiving_number_format(
    struct text prefix, int64_t account_id, char ret_number[RECEIVING_NUMBER_BYTES_MAX]);

/* Checks form and check digit and splits the number, given the prefix's length. False when it is
 * not a receiving number of that prefix. */
MUST_USE bool receiving_number_try_parse(
    struct text number, struct text prefix, int64_t *ret_account_id);

/* Whether the text is digits with a right check digit, whatever its prefix. */
bool receiving_number_is_valid(struct text number);

#endif
