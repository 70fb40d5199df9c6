/* adjustments.h: what one proposes and another approves.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_ADJUSTMENTS_H
#define VSL_MODEL_RECORDS_ADJUSTMENTS_H

#include "ceilings.h"

#include <stdint.h>

enum adjustment_status {
    ADJUSTMENT_PROPOSED = 1,
    ADJUSTMENT_APPROVED = 2,
    ADJUSTMENT_WITHDRAWN = 3,
    ADJUSTMENT_EXPIRED = 4,
};

struct adjustment {
    int64_t id;
    int64_t ledger_id;
    int64_t debit_account_id;
    int64_t credit_account_id;
    int64_t amount_minor;
    int64_t expires_at_us;
    int64_t proposed_sequence;
    int64_t changed_sequence;
    uint8_t status;                /* enum adjustment_status */
    char maker[CHANNEL_BYTES_MAX]; /* the channel that proposed it */
    uint8_t maker_length;
    char checker[CHANNEL_BYTES_MAX]; /* the channel that approved it */
    uint8_t checker_length;          /* 0: nobody yet */
};

#endif
