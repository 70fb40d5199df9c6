/* figures.h: amounts and days as statement files write them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_STATEMENT_FIGURES_H
#define VSL_TOOLS_STATEMENT_FIGURES_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct amount_form {
    char point;     /* between units and decimals; 0: the number is minor units */
    char thousands; /* that may stand before each three digits of the units; 0: none */
    bool is_signed; /* '+' or '-' in front or behind may be */
};

/* An amount in minor units. NULL, or the rule that it breaks. Decimals beyond those of the currency
 * may be there only as zeros. */
const char *figure_amount(
    struct text text, struct amount_form form, int decimals, int64_t *ret_amount_minor);

/* A whole number without sign, at most 18 digits. */
bool figure_count(struct text text, int64_t *ret_count);

/* Year, month and day to YYYYMMDD; false when there is no such day from 1970 to 2199. */
bool figure_day(int year, int month, int day, int32_t *ret_yyyymmdd);

/* "2026-11-22", also with a time or a zone behind, which is passed over. */
bool figure_iso_day(struct text text, int32_t *ret_yyyymmdd);

/* The number that `count` digits make; -1: not all of them are. */
int figure_digits(const char *digits, size_t count);

/* The year of two digits: 80 to 99 are of the last century (SWIFT). */
int figure_year(int two_digits);

/* "1234.56", "-0.05": as it is printed, without separators. */
#define FIGURE_BYTES 32
void figure_print(int64_t amount_minor, int decimals, char ret_text[FIGURE_BYTES]);

#endif
