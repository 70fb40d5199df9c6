/* promise.h: what is open of what an acquirer promised.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_PROMISE_H
#define VSL_MODEL_PROMISE_H

#include "model/fee.h"
#include "model/records/acquirers.h"

/* What the acquirer owes for it in all; 1 or more. */
static inline int64_t promise_due_minor(const struct promise *promise)
{
    return promise->amount_minor - promise->kept_minor;
}

/* What it still owes: pending in, at the account and at FEE. */
static inline int64_t promise_open_minor(const struct promise *promise)
{
    return promise_due_minor(promise) - promise->settled_minor - promise->cancelled_minor;
}

/* The part of the fee that is in the first so many of what is owed. It rises by at most 1 for each
 * 1, and in all is the fee. */
static inline int64_t promise_fee_within(const struct promise *promise, int64_t amount_minor)
{
    return fee_proportion(promise->fee_minor, amount_minor, promise_due_minor(promise));
}

/* What of the open is FEE's. */
static inline int64_t promise_open_fee_minor(const struct promise *promise)
{
    return promise->fee_minor -
           promise_fee_within(promise, promise->settled_minor + promise->cancelled_minor);
}

/* What the acquirer's own fee is of what is still open. */
static inline int64_t promise_open_kept_minor(const struct promise *promise)
{
    return promise->kept_minor - fee_proportion(promise->kept_minor,
                                     promise->settled_minor + promise->cancelled_minor,
                                     promise_due_minor(promise));
}

/* What of a settlement's money has no line. */
static inline int64_t settlement_rest_minor(const struct settlement *settlement)
{
    return settlement->total_minor - settlement->settled_minor - settlement->returned_minor;
}

static inline bool promise_is_late(const struct promise *promise, int32_t accounting_date)
{
    return promise_open_minor(promise) > 0 && promise->due_date < accounting_date;
}

/* Whether it may be said of it yet that it is late. */
static inline bool promise_waits(const struct promise *promise)
{
    return promise_open_minor(promise) > 0 && promise->late_at_us == 0;
}

#endif
