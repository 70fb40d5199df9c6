/* lump.h: a sum that one payer sent for many, allocated line by line.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_LUMP_H
#define VSL_MODEL_RECORDS_LUMP_H

#include <stdbool.h>
#include <stdint.h>

enum lump_status {
    LUMP_OPEN = 1,      /* takes lines; what is open of its item is kept for them */
    LUMP_CLOSED = 2,    /* its lines agreed, or two persons closed it */
    LUMP_CANCELLED = 3, /* given up without a line */
};

/* What was allocated is less what was taken back, also after it was closed. The lines themselves
 * are commands. */
struct lump {
    int64_t id;
    int64_t ledger_id;
    int64_t suspense_id;
    int64_t control_count;
    int64_t control_minor;
    int64_t allocated_count;
    int64_t allocated_minor;
    int64_t opened_sequence;
    int64_t changed_sequence;
    int32_t opened_date; /* days */
    bool is_all_or_none; /* its lines and its close come in one atomic batch */
    uint8_t status;      /* enum lump_status */
};

#endif
