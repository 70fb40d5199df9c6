/* structs_funds.h: the commands of receipts, payments, holds and payouts, and of money without an
 * owner.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_STRUCTS_FUNDS_H
#define VSL_COMMAND_STRUCTS_FUNDS_H

#include "base/text.h"
#include "command/structs_parts.h"

#include <stdbool.h>
#include <stdint.h>

enum fee_mode {
    FEE_OUTSIDE = 1,          /* 外扣: the account pays amount + fee, the amount arrives */
    FEE_INSIDE = 2,           /* 内扣: the account pays the amount, amount - fee arrives */
    FEE_BORNE_BY_ANOTHER = 3, /* another account pays the fee, the amount arrives */
};

enum fee_bearer {
    FEE_BEARER_PAYER = 1, /* on top; one fee on the sum of the payees' amounts; also when it is 0 */
    FEE_BEARER_PAYEES = 2, /* out of each payee's amount, computed on it */
};

enum payout_result {
    PAYOUT_RESULT_PAID = 1,
    PAYOUT_RESULT_FAILED = 2,
    PAYOUT_RESULT_RETURNED = 3,
    PAYOUT_RESULT_SENT = 4,
    PAYOUT_RESULT_UNKNOWN = 5,
};

/* What reports tell apart; 0: a transfer within the country. */
enum money_way {
    MONEY_WAY_CASH = 1,
    MONEY_WAY_CROSS_BORDER = 2,
};

struct book_receipt {
    int64_t account_id;           /* 0 when receiving_number is given; one of the two is */
    struct text receiving_number; /* as the payer wrote it */
    int64_t amount_minor;
    struct party payer;
    struct text bank_reference; /* the bank's number of the movement */
    int32_t value_date;         /* days; 0: not given */
    struct text remark;
    int32_t way; /* enum money_way; nothing is decided by it */
};

struct book_interest {
    int64_t account_id;
    int64_t amount_minor;
    struct text remark;
};

struct charge_fee {
    int64_t account_id;
    int64_t amount_minor;
    struct text remark;
};

struct payee {
    int64_t account_id;   /* no two of one command have the same */
    int64_t amount_minor; /* arrives at the account */
};

struct pay {
    struct instruction_proof proof;
    int64_t payer_account_id;
    const struct payee *payees;
    uint32_t payee_count; /* 1..PAYEES_PER_COMMAND_MAX */
    int64_t fee_minor;    /* on top, from the payer to FEE; 0: none */
    struct text order_number;
    struct text remark;
    struct text fee_rule; /* excludes fee_minor */
    int32_t fee_bearer;   /* enum fee_bearer */
    bool withdrawable_next_date;
    int64_t mandate_id; /* in the place of a proof; 0: none */
};

struct refund {
    int64_t original_sequence;
    struct text order_number;
    const struct payee *payees; /* none: everything that is left */
    uint32_t payee_count;
    struct text remark;
};

struct allocate_suspense {
    int64_t suspense_id;
    const struct payee *payees;
    uint32_t payee_count; /* 1..PAYEES_PER_COMMAND_MAX */
    struct text order_number;
    struct text remark;
    struct text fee_rule; /* of the fee that each payee bears; empty: none */
};

struct undo_allocation {
    int64_t suspense_id;
    int64_t original_sequence;
    const struct payee *payees; /* none: everything that is left */
    uint32_t payee_count;
    struct text remark;
    int64_t lump_id;   /* of a line; 0 else */
    int64_t payout_id; /* of a return to the sender; 0 else */
};

struct return_suspense {
    int64_t suspense_id;
    int64_t original_sequence; /* the receipt */
    int64_t amount_minor;      /* 0: all that is open */
    struct text remark;
};

struct open_lump {
    int64_t suspense_id;
    int64_t control_count; /* 1..LUMP_LINES_MAX */
    int64_t control_minor;
    bool is_all_or_none;
};

struct allocate_line {
    int64_t lump_id;
    struct text source_order;
    int64_t account_id;           /* 0 when receiving_number is given; one of the two is */
    struct text receiving_number; /* as the payer wrote it */
    int64_t amount_minor;
    struct party payer;
    struct text order_number;
    struct text remark;
    struct text fee_rule; /* of the fee that the payee bears; empty: none */
};

struct close_lump {
    int64_t lump_id;
    bool is_cancelled;    /* given up, without a line */
    bool is_as_it_stands; /* its lines need not agree; not with is_cancelled */
};

struct adopt_suspense {
    int64_t amount_minor;
    int64_t original_sequence; /* 0: not known */
    struct text reason;
};

struct withdraw {
    struct instruction_proof proof;
    int64_t account_id;
    int64_t amount_minor;
    int64_t fee_minor;
    int32_t fee_mode; /* enum fee_mode; 0 when fee_minor is 0 */
    struct party destination;
    struct text remark;
    struct text fee_rule;   /* excludes fee_minor */
    int64_t fee_account_id; /* of FEE_BORNE_BY_ANOTHER; 0 else */
    struct text order_number;
    struct text end_to_end_id; /* for the bank; nothing is decided by it, nor by the next one */
    struct text uetr;
    int64_t card_id;    /* excludes a destination; both left out: the server chooses */
    int64_t mandate_id; /* in the place of a proof; 0: none */
    int32_t way;        /* enum money_way; nothing is decided by it */
};

struct confirm_payout {
    int64_t payout_id;
    int32_t result; /* enum payout_result */
    struct text bank_reference;
    struct text reason;
    int64_t amount_minor; /* of a return; 0: all that is left, or all in a correction */
    bool correction;      /* the bank's earlier word was wrong */
};

struct intercept_payout {
    int64_t payout_id;
    struct text reason;
};

struct place_hold {
    struct instruction_proof proof;
    int64_t payer_account_id;
    int64_t amount_minor;
    struct text order_number;
    int64_t expires_at_us;
    struct text remark;
};

struct confirm_hold {
    int64_t payer_account_id;
    struct text order_number;
    int64_t hold_id; /* 0: all live holds of the payer for the order */
    const struct payee *payees;
    uint32_t payee_count;
    int64_t fee_minor;
    struct text fee_rule; /* excludes fee_minor */
    int32_t fee_bearer;   /* enum fee_bearer */
    bool withdrawable_next_date;
    struct text remark;
};

struct cancel_hold {
    int64_t payer_account_id;
    struct text order_number;
    int64_t hold_id;      /* 0: all live holds of the payer for the order */
    int64_t amount_minor; /* 0: everything that is held */
    struct text remark;
};

struct expire {
    int32_t kind; /* enum expiry_kind */
    int64_t id;
};

#endif
