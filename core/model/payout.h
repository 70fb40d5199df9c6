/* payout.h: what a status of a payout means for its money, by what record_table.c says of it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_PAYOUT_H
#define VSL_MODEL_PAYOUT_H

#include "model/record_table.h"

/* Open: the money is in the account's pending_out, and the bank's word is missing. */
static inline bool payout_is_open(const struct payout *payout)
{
    return record_status_is_live(&record_tables[RECORD_PAYOUT], payout->status);
}

/* Whether nothing can become of it any more on that date and later: only two persons who set a
 * wrong word of the bank right still change it. */
static inline bool payout_is_final(const struct payout *payout, int32_t accounting_date)
{
    return record_is_final(&record_tables[RECORD_PAYOUT], payout, accounting_date);
}

/* Whether the bank may still send money of it back on the ledger's accounting date. */
static inline bool payout_may_return(const struct payout *payout, int32_t accounting_date)
{
    const struct record_life *life = &record_tables[RECORD_PAYOUT].life;
    return record_statuses_have(life->dated_statuses, payout->status) &&
           !payout_is_final(payout, accounting_date);
}

#endif
