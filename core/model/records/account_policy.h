/* account_policy.h: what members may do with their accounts, by level, and how much of it they did.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_ACCOUNT_POLICY_H
#define VSL_MODEL_RECORDS_ACCOUNT_POLICY_H

#include "ceilings.h"

#include <stddef.h>
#include <stdint.h>

/* Ready-made policies; which one was set is kept to be shown, the levels say what holds. */
enum account_policy_preset {
    ACCOUNT_POLICY_UNCHECKED = 1, /* nothing is asked: as without a policy */
    ACCOUNT_POLICY_STRICT = 2,
    ACCOUNT_POLICY_CLASS_II = 3,
    ACCOUNT_POLICY_CLASS_III = 4,
    ACCOUNT_POLICY_PREPAID = 5,
    ACCOUNT_POLICY_CUSTOM = 6,
};

enum {
    MAY_RECEIVE = 1,
    MAY_PAY = 2,
    MAY_WITHDRAW = 4,
};

/* What one level of members of one kind may do. Limits in minor units, 0: none. */
struct account_level {
    int64_t may; /* MAY_... */
    int64_t operation_in_minor;
    int64_t operation_out_minor;
    int64_t date_in_minor; /* of an accounting date */
    int64_t date_out_minor;
    int64_t year_in_minor; /* of the calendar year of the accounting date */
    int64_t year_out_minor;
    int64_t balance_minor; /* available, frozen and pending out after what came in */
};

/* One of each kind of member (enum member_kind, less one) and level, 0: LEVEL_OPENED. */
#define ACCOUNT_LEVELS_MAX (2 * MEMBER_LEVELS)
#define ACCOUNT_LEVEL_INDEX(kind, level) ((size_t)((kind)-1) * MEMBER_LEVELS + (size_t)(level))

/* One record a ledger, made when a policy is first set. What commands moved is counted from a
 * command on, by kind of member: that which set the policy, or the day cut that began the date or
 * the year. */
struct account_policy {
    int64_t id;
    int64_t ledger_id;
    int64_t merchant_date_began; /* sequences; 0: nothing of this kind is counted */
    int64_t merchant_year_began;
    int64_t user_date_began;
    int64_t user_year_began;
    int64_t changed_sequence;
    struct account_level levels[ACCOUNT_LEVELS_MAX];
    uint8_t level_count; /* ACCOUNT_LEVELS_MAX; 0: unchecked */
    uint8_t preset;      /* enum account_policy_preset */
};

/* What came in for a member and went out on an accounting date, the last one on which something was
 * counted, and in its calendar year. Nothing of it holds when counting began after
 * changed_sequence. Made when something is first counted. */
struct usage {
    int64_t id;
    int64_t ledger_id;
    int64_t member_id;
    int64_t date_in_minor;
    int64_t date_out_minor;
    int64_t year_in_minor;
    int64_t year_out_minor;
    int64_t changed_sequence;
    int32_t date; /* days */
};

#endif
