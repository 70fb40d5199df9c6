/* structs_ledger.h: the commands of ledgers, fees and account policies.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_STRUCTS_LEDGER_H
#define VSL_COMMAND_STRUCTS_LEDGER_H

#include "base/text.h"
#include "command/structs_parts.h"

#include <stdbool.h>
#include <stdint.h>

struct open_ledger {
    struct text platform_name;
    struct text escrow_account_number;
    struct text currency;          /* ISO 4217, with a minor unit */
    struct text receiving_prefix;  /* 4..8 digits, not starting with 0 */
    int32_t first_accounting_date; /* days */
    int32_t key_window_dates;      /* 1..7; 0: default */
    int32_t policy;                /* enum account_policy_preset but CUSTOM; 0: strict */
};

struct cut_day {
    int32_t accounting_date; /* days; the new one */
};

/* Terms that a request can name; of the own account its three parts together. */
enum {
    TERM_OWN_ACCOUNT = 7,
    TERM_ADVANCE_REFUNDS = 8,
    TERM_PAYOUT_RETURN_DAYS = 16,
    TERM_SUSPENSE_AGE = 32,
    TERM_ONE_MEMBERSHIP = 64,
    TERM_SAME_CARD = 128,
};
#define TERMS_NAMED_BEFORE (TERM_OWN_ACCOUNT | TERM_ADVANCE_REFUNDS | TERM_PAYOUT_RETURN_DAYS)

struct set_terms {
    /* TERM_...: what is not named stays. 0: TERMS_NAMED_BEFORE, as requests meant before schema
     * 3. */
    int32_t named;
    struct party own_account; /* empty: none */
    bool advance_refunds;
    int32_t payout_return_days; /* 1..366; 0: default */
    int32_t suspense_age_s;     /* 0: none */
    bool one_membership;
    bool same_card;
};

struct set_fee_rule {
    struct text name;
    int32_t effective_date;       /* days */
    int32_t rounding;             /* enum fee_rounding */
    int32_t refund;               /* enum fee_refund */
    int32_t on_payout_failed;     /* enum payout_fee */
    int32_t on_payout_returned;   /* enum payout_fee */
    const struct fee_tier *tiers; /* 1..FEE_TIERS_MAX, from 0 upwards */
    uint32_t tier_count;
    const struct fee_share *shares; /* 0..FEE_SHARES_MAX, together 1,000,000 ppm */
    uint32_t share_count;
};

struct open_fee_account {
    struct text purpose;
};

struct collect_fees {
    int64_t account_id; /* 0: the ledger's own FEE account */
    int64_t amount_minor;
    struct text fee_rule;
    struct text remark;
};

struct account_level_asked {
    int32_t level; /* enum member_level */
    bool may_receive;
    bool may_pay;
    bool may_withdraw;
    int64_t operation_in_minor; /* limits, 0: none */
    int64_t operation_out_minor;
    int64_t date_in_minor;
    int64_t date_out_minor;
    int64_t year_in_minor;
    int64_t year_out_minor;
    int64_t balance_minor;
};

/* Levels of a custom policy only, none twice; one that is not there may do nothing. */
struct set_account_policy {
    int32_t preset;                              /* enum account_policy_preset */
    const struct account_level_asked *merchants; /* 0..MEMBER_LEVELS */
    uint32_t merchant_count;
    const struct account_level_asked *users; /* 0..MEMBER_LEVELS */
    uint32_t user_count;
};

#endif
