/* fee_rules.h: what is charged, version by version.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_FEE_RULES_H
#define VSL_MODEL_RECORDS_FEE_RULES_H

#include "ceilings.h"

#include <stdint.h>

enum fee_rounding { FEE_ROUNDING_HALF_UP = 1, FEE_ROUNDING_UP = 2, FEE_ROUNDING_DOWN = 3 };
enum fee_refund { FEE_REFUND_NONE = 1, FEE_REFUND_PROPORTIONAL = 2, FEE_REFUND_ON_FULL = 3 };
enum payout_fee { PAYOUT_FEE_BACK = 1, PAYOUT_FEE_KEPT = 2 };

struct fee_tier {
    int64_t from_minor;
    int64_t flat_minor;
    int64_t minimum_minor;
    int64_t maximum_minor; /* 0: none */
    int64_t rate_ppm;
};

struct fee_share {
    int64_t account_id;
    int64_t share_ppm;
};

/* One version of a rule; never changes. */
struct fee_rule {
    int64_t id;
    int64_t ledger_id;
    int64_t previous_id; /* the version before, 0: this is the first */
    int64_t changed_sequence;
    int32_t version;            /* 1, 2, 3 of its name */
    int32_t effective_date;     /* days */
    uint8_t rounding;           /* enum fee_rounding */
    uint8_t refund;             /* enum fee_refund */
    uint8_t on_payout_failed;   /* enum payout_fee */
    uint8_t on_payout_returned; /* enum payout_fee */
    char name[FEE_RULE_NAME_BYTES_MAX];
    uint8_t name_length;
    uint8_t tier_count;
    uint8_t share_count;
    struct fee_tier tiers[FEE_TIERS_MAX];
    struct fee_share shares[FEE_SHARES_MAX]; /* none: all to FEE */
};

#endif
