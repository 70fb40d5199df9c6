/* withdrawable.h: which part of an account's available money may be withdrawn on a day.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_WITHDRAWABLE_H
#define VSL_MODEL_WITHDRAWABLE_H

#include "model/records.h"

#include <stdint.h>

/* 待转可提现: what came in on the ledger's accounting date `date` to be withdrawn from the next
 * one on. It may have been spent meanwhile, so it can be more than what is available. */
static inline int64_t account_next_date_minor(const struct account *account, int32_t date)
{
    return account->next_date == date ? account->next_date_minor : 0;
}

/* 可提现: the rest of what is available; never negative. */
static inline int64_t account_withdrawable_minor(const struct account *account, int32_t date)
{
    int64_t available = account->balance_minor[BUCKET_AVAILABLE];
    int64_t next_date = account_next_date_minor(account, date);
    return available > next_date ? available - next_date : 0;
}

#endif
