/* currency.h: the currencies that a ledger can be in, and the digits of their minor units.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_CURRENCY_H
#define VSL_MODEL_CURRENCY_H

#include "base/must_use.h"
#include "base/text.h"

#define CURRENCY_DIGITS_MAX 4

/* Digits of the minor unit of a currency of ISO 4217, 0 to 4; -1 when there is no such currency, or
 * none with a minor unit (metals, XXX, XTS, XDR, bond units). Capital letters only. */
MUST_USE int currency_digits(struct text code);

#endif
