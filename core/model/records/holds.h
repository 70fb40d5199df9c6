/* holds.h: money of a payer that is kept for an order.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_HOLDS_H
#define VSL_MODEL_RECORDS_HOLDS_H

#include "ceilings.h"

#include <stdint.h>

enum hold_status { HOLD_LIVE = 1, HOLD_FINISHED = 2, HOLD_EXPIRED = 3 };

/* Held is amount - confirmed - cancelled. */
struct hold {
    int64_t id;
    int64_t ledger_id;
    int64_t payer_account_id;
    int64_t amount_minor;
    int64_t confirmed_minor; /* to payees, and to FEE where the payer bears the fee */
    int64_t cancelled_minor; /* given back, by a cancel or by time */
    int64_t expires_at_us;
    int64_t placed_sequence;
    int64_t changed_sequence;
    uint8_t status; /* enum hold_status */
    char order_number[ORDER_NUMBER_BYTES_MAX];
    uint8_t order_number_length; /* 1..64 */
};

#endif
