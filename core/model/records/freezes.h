/* freezes.h: money that is kept from moving, for a purpose.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_FREEZES_H
#define VSL_MODEL_RECORDS_FREEZES_H

#include "ceilings.h"

#include <stdint.h>

enum freeze_status { FREEZE_LIVE = 1, FREEZE_LIFTED = 2, FREEZE_EXPIRED = 3 };

/* Frozen is amount - lifted. */
struct freeze {
    int64_t id;
    int64_t ledger_id;
    int64_t account_id;
    int64_t amount_minor;
    int64_t lifted_minor;
    int64_t expires_at_us; /* 0: never */
    int64_t placed_sequence;
    int64_t changed_sequence;
    uint8_t status; /* enum freeze_status */
    char purpose[PURPOSE_BYTES_MAX];
    uint8_t purpose_length;
    char owner[CHANNEL_BYTES_MAX]; /* the channel that placed it */
    uint8_t owner_length;
};

#endif
