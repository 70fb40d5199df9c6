/* records.h: what the subledger remembers: ledgers, members, accounts, payouts, postings.
 *
 * Plain data. The engine holds the live records; their images go to the history tables and the
 * state tables; redo sets them again. Numbers of enums are stored in the database: never reuse one.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_H
#define VSL_MODEL_RECORDS_H

#include "ceilings.h"

#include <stdbool.h>
#include <stdint.h>

/* ---- accounts ---- */

enum account_kind {
    ACCOUNT_MEMBER = 1,       /* a merchant's or user's */
    ACCOUNT_ESCROW = 2,       /* mirrors the bank's escrow account, with a minus sign */
    ACCOUNT_UNALLOCATED = 3,  /* 挂账: arrived, owner not known yet */
    ACCOUNT_FEE = 4,          /* fees earned */
    ACCOUNT_PLATFORM_OWN = 5, /* the platform's own money */
    ACCOUNT_INTEREST = 6,     /* interest of the escrow account on its way to its owners */
    ACCOUNT_ENFORCEMENT = 7,  /* 执行款: deducted under a claim, on its way to the court */
};

/* The control accounts that every ledger has, in the order of their ids. */
#define CONTROL_ACCOUNTS_PER_LEDGER 6

enum account_status { ACCOUNT_OPEN = 1, ACCOUNT_CLOSED = 2 };

enum bucket {
    BUCKET_AVAILABLE = 0,
    BUCKET_PENDING_IN = 1,
    BUCKET_PENDING_OUT = 2,
    BUCKET_FROZEN = 3,
    BUCKET_COUNT = 4,
};

struct account {
    int64_t id;
    int64_t ledger_id;
    int64_t member_id;                   /* 0 for control accounts */
    int64_t balance_minor[BUCKET_COUNT]; /* ESCROW: available is minus the book balance */
    int64_t changed_sequence;            /* command that last changed anything here */
    /* 待转可提现: what came in on the accounting date `next_date` to be withdrawn from the next one
     * on. Of a date that is past it means nothing any more. */
    int64_t next_date_minor;
    int32_t next_date;  /* days; 0: never */
    int64_t owed_minor; /* what is not recovered of its open debts; derived */
    uint8_t kind;       /* enum account_kind */
    uint8_t status;     /* enum account_status */
    bool no_in;         /* takes no money: the union of its restrictions */
    bool no_out;        /* gives no money: likewise */
};

/* ---- members ---- */

enum member_kind { MEMBER_MERCHANT = 1, MEMBER_USER = 2 };
enum member_status { MEMBER_OPEN = 1, MEMBER_CLOSED = 2 };

struct member {
    int64_t id;
    int64_t ledger_id;
    int64_t changed_sequence;
    char platform_member_id[PLATFORM_MEMBER_ID_BYTES_MAX];
    uint8_t platform_member_id_length; /* 1..64 */
    uint8_t kind;                      /* enum member_kind */
    uint8_t status;                    /* enum member_status */
};

/* ---- ledgers ---- */

enum ledger_status { LEDGER_OPEN = 1, LEDGER_CLOSED = 2 };

struct ledger {
    int64_t id;
    int64_t changed_sequence;
    int64_t first_control_account_id; /* ESCROW; the others follow in the order of account_kind */
    int64_t open_member_count;        /* derived */
    int64_t open_payout_count;        /* payouts requested, not yet paid or failed; derived */
    /* The accounting dates of the key window: [0] is the present one, then the ones before it,
     * newest first; days since 1970-01-01. Requests older than the oldest are refused. */
    int32_t accounting_dates[KEY_WINDOW_DATES_MAX];
    uint8_t accounting_date_count; /* how many of them there have been yet, 1..key_window_dates */
    uint8_t key_window_dates;      /* 1..7 */
    uint8_t status;                /* enum ledger_status */
    bool advance_refunds;          /* terms: PLATFORM_OWN advances what a payee cannot refund */
    int32_t payout_return_days; /* terms: how long after its day a paid payout may return, 1..366 */
    char currency[4];           /* ISO 4217, NUL-ended */
    char receiving_prefix[RECEIVING_PREFIX_DIGITS_MAX];
    uint8_t receiving_prefix_length;
    char platform_name[PLATFORM_NAME_BYTES_MAX];
    uint8_t platform_name_length;
    char escrow_account_number[ACCOUNT_NUMBER_BYTES_MAX];
    uint8_t escrow_account_number_length;
    /* Terms: the platform's own named account at a bank; lengths 0: none. */
    char own_account_name[OWN_NAME_BYTES_MAX];
    uint8_t own_account_name_length;
    char own_account_number[ACCOUNT_NUMBER_BYTES_MAX];
    uint8_t own_account_number_length;
    char own_bank_code[BANK_CODE_BYTES_MAX];
    uint8_t own_bank_code_length;
};

/* ---- payouts ---- */

enum payout_status {
    PAYOUT_REQUESTED = 1, /* waits for the bank's adapter */
    PAYOUT_PAID = 2,      /* left the escrow account; may come back until return_until */
    PAYOUT_FAILED = 3,    /* never left; final */
    PAYOUT_RETURNED = 4,  /* came back wholly after it was paid; final */
    PAYOUT_SENT = 5,      /* the bank has the order */
    PAYOUT_UNKNOWN = 6,   /* the bank must be asked */
    PAYOUT_CANCELLED = 7, /* intercepted before it was sent; final */
};

struct payout {
    int64_t id;
    int64_t ledger_id;
    int64_t account_id;
    int64_t amount_minor;       /* what leaves the escrow account */
    int64_t fee_minor;          /* what was charged for it */
    int64_t fee_account_id;     /* who bears the fee; 0: no fee */
    int64_t fee_rule_id;        /* the version of the rule; 0: a fee without a rule */
    int64_t returned_minor;     /* of the amount */
    int64_t fee_returned_minor; /* of the fee */
    int64_t requested_sequence; /* the withdraw command */
    int64_t evidence_sequence;  /* the command by which the bank told the status; 0: none yet */
    int64_t changed_sequence;
    int32_t return_until; /* last accounting date of a return, days; 0: not paid */
    uint8_t status;       /* enum payout_status */
    char order_number[ORDER_NUMBER_BYTES_MAX];
    uint8_t order_number_length; /* 0: none */
};

/* ---- fee rules ---- */

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

/* ---- holds ---- */

enum hold_status { HOLD_LIVE = 1, HOLD_FINISHED = 2, HOLD_EXPIRED = 3 };

/* Held is amount - confirmed - cancelled. */
struct hold {
    int64_t id;
    int64_t ledger_id;
    int64_t payer_account_id;
    int64_t amount_minor;
    int64_t confirmed_minor; /* to payees, and to FEE where the payer bears the fee */
    int64_t cancelled_minor; /* given back, by a cancel or by time */
    int64_t expires_at_us;
    int64_t placed_sequence;
    int64_t changed_sequence;
    uint8_t status; /* enum hold_status */
    char order_number[ORDER_NUMBER_BYTES_MAX];
    uint8_t order_number_length; /* 1..64 */
};

/* ---- business freezes ---- */

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

/* ---- refunds ---- */

/* How much of an earlier command was given back: one record for the whole (account 0) and one for
 * each payee that refunded something. Made with the first refund or the reversal. */
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

/* ---- debts ---- */

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

/* ---- adjustments ---- */

enum adjustment_status {
    ADJUSTMENT_PROPOSED = 1,
    ADJUSTMENT_APPROVED = 2,
    ADJUSTMENT_WITHDRAWN = 3,
    ADJUSTMENT_EXPIRED = 4,
};

struct adjustment {
    int64_t id;
    int64_t ledger_id;
    int64_t debit_account_id;
    int64_t credit_account_id;
    int64_t amount_minor;
    int64_t expires_at_us;
    int64_t proposed_sequence;
    int64_t changed_sequence;
    uint8_t status;                /* enum adjustment_status */
    char maker[CHANNEL_BYTES_MAX]; /* the channel that proposed it */
    uint8_t maker_length;
    char checker[CHANNEL_BYTES_MAX]; /* the channel that approved it */
    uint8_t checker_length;          /* 0: nobody yet */
};

/* ---- restrictions ---- */

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
};

/* ---- postings ---- */

/* Moves amount_minor > 0 of the ledger's currency from the debited to the credited bucket. */
struct posting {
    int64_t ledger_id;
    int64_t amount_minor;
    int64_t debit_account_id;
    int64_t credit_account_id;
    int64_t debit_balance_minor;  /* of the debited bucket, after this posting */
    int64_t credit_balance_minor; /* of the credited bucket, after this posting */
    uint8_t debit_bucket;         /* enum bucket */
    uint8_t credit_bucket;        /* enum bucket */
};

/* ---- images: a changed record as it is after a command; derived fields are not recorded ---- */

/* What each kind consists of stands in record_table.c. */
enum record_kind {
    RECORD_LEDGER = 1,
    RECORD_MEMBER = 2,
    RECORD_ACCOUNT = 3,
    RECORD_PAYOUT = 4,
    RECORD_FEE_RULE = 5,
    RECORD_HOLD = 6,
    RECORD_FREEZE = 7,
    RECORD_REFUNDED = 8,
    RECORD_DEBT = 9,
    RECORD_ADJUSTMENT = 10,
    RECORD_RESTRICTION = 11,
};
#define RECORD_KINDS 11 /* the last one; the kinds are numbered without gaps */

struct image {
    enum record_kind kind;
    union { /* all begin at the same place, see image_record in record_table.h */
        struct ledger ledger;
        struct member member;
        struct account account; /* balances included, though postings tell them too */
        struct payout payout;
        struct fee_rule fee_rule;
        struct hold hold;
        struct freeze freeze;
        struct refunded refunded;
        struct debt debt;
        struct adjustment adjustment;
        struct restriction restriction;
    };
};

#endif
