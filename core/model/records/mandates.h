/* mandates.h: what a customer allows beforehand, without a proof of each command.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_MANDATES_H
#define VSL_MODEL_RECORDS_MANDATES_H

#include <stdint.h>

enum mandate_status {
    MANDATE_ACTIVE = 1, /* between its beginning and its end in time it can be used */
    MANDATE_ENDED = 2,  /* final */
};

struct mandate {
    int64_t id;
    int64_t ledger_id;
    int64_t account_id;       /* that gives */
    int64_t payee_account_id; /* whom Pay may pay; 0: it is of a card */
    int64_t card_id;          /* that Withdraw may pay out to; 0: it is of a payee */
    int64_t each_minor;
    int64_t total_minor;
    int64_t used_minor; /* can be above the total when the bank corrects its word of a payout */
    int64_t starts_at_us;
    int64_t expires_at_us;
    int64_t granted_sequence;
    int64_t ended_sequence; /* 0: it is active */
    int64_t changed_sequence;
    int32_t count;
    int32_t used_count;
    uint8_t status; /* enum mandate_status */
};

#endif
