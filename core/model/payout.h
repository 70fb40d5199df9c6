/* payout.h: what a status of a payout means for its money: the only place that says it.
 *
 * The answers' `final`, the filters of lists, what leaves memory, what a start loads and whether a
 * ledger can be closed all follow from here.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_PAYOUT_H
#define VSL_MODEL_PAYOUT_H

#include "model/records.h"

#include <stdint.h>

/* Open: the money is in the account's pending_out, and the bank's word is missing. */
static inline bool payout_status_is_open(enum payout_status status)
{
    switch (status) {
    case PAYOUT_REQUESTED:
    case PAYOUT_SENT:
    case PAYOUT_UNKNOWN:
        return true;
    case PAYOUT_PAID:
    case PAYOUT_FAILED:
    case PAYOUT_RETURNED:
    case PAYOUT_CANCELLED:
        break;
    }
    return false;
}

static inline bool payout_is_open(const struct payout *payout)
{
    return payout_status_is_open((enum payout_status)payout->status);
}

/* Whether the bank may still send money of it back on the ledger's accounting date. */
static inline bool payout_may_return(const struct payout *payout, int32_t accounting_date)
{
    return payout->status == PAYOUT_PAID && payout->return_until >= accounting_date;
}

/* Whether nothing can become of it any more on that date and later: only two persons who set a
 * wrong word of the bank right still change it. */
static inline bool payout_is_final(const struct payout *payout, int32_t accounting_date)
{
    return !payout_is_open(payout) && !payout_may_return(payout, accounting_date);
}

#endif
