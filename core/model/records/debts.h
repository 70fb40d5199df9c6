/* debts.h: what payees owe for refunds that were advanced.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_DEBTS_H
#define VSL_MODEL_RECORDS_DEBTS_H

#include <stdint.h>

enum debt_status { DEBT_OPEN = 1, DEBT_RECOVERED = 2 };

/* A refund that PLATFORM_OWN advanced for a payee. */
struct debt {
    int64_t id;
    int64_t ledger_id;
    int64_t account_id;
    int64_t amount_minor;
    int64_t recovered_minor;
    int64_t refund_sequence;
    int64_t changed_sequence;
    uint8_t status; /* enum debt_status */
};

#endif
