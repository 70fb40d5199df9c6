/* refunds.h: how much of an earlier command was given back.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_REFUNDS_H
#define VSL_MODEL_RECORDS_REFUNDS_H

#include <stdint.h>

/* How much of an earlier command was given back: one record for the whole (account 0) and one for
 * each payee that refunded something. Made with the first refund or the reversal. Of a Withdraw or
 * ReturnSuspense, how much PLATFORM_OWN (the account) gives for its payout in place of who cannot,
 * less what it has back: engine/rules/stand_ins.h. */
struct refunded {
    int64_t id;
    int64_t ledger_id;
    int64_t original_sequence;
    int64_t account_id;   /* the payee; 0: the whole command */
    int64_t amount_minor; /* of the amounts that the payer paid, before fees that payees bore */
    int64_t fee_minor;    /* of the fee */
    int64_t reversed_sequence; /* the Reverse command; 0: not reversed; of the whole only */
    int64_t changed_sequence;
};

#endif
