/* postings.h: how money moved.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_POSTINGS_H
#define VSL_MODEL_RECORDS_POSTINGS_H

#include <stdint.h>

/* Moves amount_minor > 0 of the ledger's currency from the debited to the credited bucket. */
struct posting {
    int64_t ledger_id;
    int64_t amount_minor;
    int64_t debit_account_id;
    int64_t credit_account_id;
    int64_t debit_balance_minor;  /* of the debited bucket, after this posting */
    int64_t credit_balance_minor; /* of the credited bucket, after this posting */
    uint8_t debit_bucket;         /* enum bucket */
    uint8_t credit_bucket;        /* enum bucket */
};

#endif
