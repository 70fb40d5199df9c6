/* suspense.h: money in UNALLOCATED, item by item.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_SUSPENSE_H
#define VSL_MODEL_RECORDS_SUSPENSE_H

#include <stdint.h>

enum suspense_status {
    SUSPENSE_OPEN = 1,      /* something of it waits for its owner */
    SUSPENSE_RETURNING = 2, /* what is left is on its way back to its sender */
    SUSPENSE_CLOSED = 3,    /* nothing is left; an undo of an allocation opens it again */
};

/* Why money waits. */
enum suspense_reason {
    SUSPENSE_NO_NUMBER = 1,
    SUSPENSE_WRONG_NUMBER = 2,
    SUSPENSE_UNKNOWN_NUMBER = 3,
    SUSPENSE_CLOSED_ACCOUNT = 4,
    SUSPENSE_RESTRICTED_ACCOUNT = 5,
    SUSPENSE_PAYOUT_BACK = 6,
    SUSPENSE_REFUND_BACK = 7,
    SUSPENSE_REVERSAL = 8,
    SUSPENSE_ADJUSTMENT = 9,
    SUSPENSE_ADOPTED = 10,
    SUSPENSE_POLICY = 11,
    SUSPENSE_NO_CARD = 12,         /* a receipt for a user without the payer's number */
    SUSPENSE_CARD_NOT_BOUND = 13,  /* from one that is no checked card of the user's */
    SUSPENSE_CARD_OF_ANOTHER = 14, /* from one that is bound to another member only */
};

/* Open is amount - allocated - reversed - returning - returned. The evidence stays in the body of
 * the command that brought it. */
struct suspense {
    int64_t id;
    int64_t ledger_id;
    int64_t origin_sequence; /* the command that brought it, or that adoption names */
    int64_t account_id;      /* that it was meant for; 0: not known, or several */
    int64_t payout_id;       /* that it came back of; 0: none */
    int64_t amount_minor;
    int64_t allocated_minor;  /* less what was taken back */
    int64_t reversed_minor;   /* by reversals and corrected words of the bank */
    int64_t returning_minor;  /* on its way back to the sender */
    int64_t returned_minor;   /* and arrived there */
    int64_t return_payout_id; /* the last payout back to the sender; 0: none */
    int64_t opened_at_us;
    int64_t changed_sequence;
    int32_t opened_date; /* days */
    uint8_t reason;      /* enum suspense_reason */
    uint8_t status;      /* enum suspense_status */
};

#endif
