/* money.h: amounts are int64 minor units of the ledger's one currency; sums are checked.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_MONEY_H
#define VSL_MODEL_MONEY_H

#include "base/must_use.h"

#include <stdbool.h>
#include <stdint.h>

/* Largest amount of one request: 10^16 minor units. A thousand of them still fit into an int64, so
 * that a few sums can be made before they are compared. */
#define AMOUNT_MINOR_MAX 10000000000000000

/* Adds; false and untouched `ret_sum` when the sum does not fit. */
MUST_USE static inline bool money_try_add(int64_t a, int64_t b, int64_t *ret_sum)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *ret_sum = sum;
    return true;
}

/* How much a balance is below zero. */
static inline int64_t below_zero(int64_t balance_minor)
{
    return balance_minor < 0 ? -balance_minor : 0;
}

#endif
