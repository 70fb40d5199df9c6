/* payouts.h: money on its way to a bank.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_PAYOUTS_H
#define VSL_MODEL_RECORDS_PAYOUTS_H

#include "ceilings.h"

#include <stdint.h>

enum payout_status {
    PAYOUT_REQUESTED = 1, /* waits for the bank's adapter */
    PAYOUT_PAID = 2,      /* left the escrow account; may come back until return_until */
    PAYOUT_FAILED = 3,    /* never left; final */
    PAYOUT_RETURNED = 4,  /* came back wholly after it was paid; final */
    PAYOUT_SENT = 5,      /* the bank has the order */
    PAYOUT_UNKNOWN = 6,   /* the bank must be asked */
    PAYOUT_CANCELLED = 7, /* intercepted before it was sent; final */
};

struct payout {
    int64_t id;
    int64_t ledger_id;
    int64_t account_id;
    int64_t amount_minor;       /* what leaves the escrow account */
    int64_t fee_minor;          /* what was charged for it */
    int64_t fee_account_id;     /* who bears the fee; 0: no fee */
    int64_t fee_rule_id;        /* the version of the rule; 0: a fee without a rule */
    int64_t returned_minor;     /* of the amount */
    int64_t fee_returned_minor; /* of the fee */
    int64_t requested_sequence; /* the withdraw command */
    int64_t evidence_sequence;  /* the command by which the bank told the status; 0: none yet */
    int64_t changed_sequence;
    int32_t return_until; /* last accounting date of a return, days; 0: not paid */
    uint8_t status;       /* enum payout_status */
    char order_number[ORDER_NUMBER_BYTES_MAX];
    uint8_t order_number_length; /* 0: none */
};

#endif
