/* restrictions.h: who keeps an account from taking or giving money.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_RESTRICTIONS_H
#define VSL_MODEL_RECORDS_RESTRICTIONS_H

#include "ceilings.h"

#include <stdbool.h>
#include <stdint.h>

/* What one owner restricts of an account; without flags a place that the next owner takes. */
struct restriction {
    int64_t id;
    int64_t ledger_id;
    int64_t account_id;
    int64_t placed_sequence; /* since when; 0: before there were owners */
    int64_t changed_sequence;
    bool no_in;
    bool no_out;
    char owner[CHANNEL_BYTES_MAX]; /* the channel that set it */
    uint8_t owner_length;
    int64_t caller_id; /* who set it; 0: not known */
};

#endif
