/* withdrawable.h: which part of an account's available money may be withdrawn on a day.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_WITHDRAWABLE_H
#define VSL_MODEL_WITHDRAWABLE_H

#include "model/records.h"

#include <stdint.h>

/* 待转可提现: what came in on the ledger's accounting date `date` to be withdrawn from the next
 * one on, and was not passed on to another owner. Some may be held, or was taken by fees: so it can
 * be more than what is available. */
static inline int64_t account_next_date_minor(const struct account *account, int32_t date)
{
    return account->next_date == date ? account->next_date_minor : 0;
}

/* What of available the account may give away: what its member owes, at whichever of its accounts,
 * stays for that. Below zero only where available is, on FEE accounts. */
static inline int64_t account_spendable_minor(const struct account *account, int64_t owed_minor)
{
    int64_t available = account->balance_minor[BUCKET_AVAILABLE];
    if (owed_minor == 0)
        return available;
    return available > owed_minor ? available - owed_minor : 0;
}

/* 可提现: the rest of what may be given away; never negative. */
static inline int64_t account_withdrawable_minor(
    const struct account *account, int64_t owed_minor, int32_t date)
{
    int64_t spendable = account_spendable_minor(account, owed_minor);
    int64_t next_date = account_next_date_minor(account, date);
    return spendable > next_date ? spendable - next_date : 0;
}

#endif
