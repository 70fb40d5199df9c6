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
    int64_t next_account_of_member;      /* the member's next older account, 0: none; derived */
    uint8_t kind;                        /* enum account_kind */
    uint8_t status;                      /* enum account_status */
    bool no_in;                          /* restricted: takes no money */
    bool no_out;                         /* restricted: gives no money */
};

/* ---- members ---- */

enum member_kind { MEMBER_MERCHANT = 1, MEMBER_USER = 2 };
enum member_status { MEMBER_OPEN = 1, MEMBER_CLOSED = 2 };

struct member {
    int64_t id;
    int64_t ledger_id;
    int64_t changed_sequence;
    int64_t
        last_account_id; /* newest account, 0: none; chained by next_account_of_member; derived */
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
    char currency[4];              /* ISO 4217, NUL-ended */
    char receiving_prefix[RECEIVING_PREFIX_DIGITS_MAX];
    uint8_t receiving_prefix_length;
    char platform_name[PLATFORM_NAME_BYTES_MAX];
    uint8_t platform_name_length;
    char escrow_account_number[ACCOUNT_NUMBER_BYTES_MAX];
    uint8_t escrow_account_number_length;
};

/* ---- payouts ---- */

enum payout_status {
    PAYOUT_REQUESTED = 1, /* waits for the bank: ConfirmPayout paid or failed */
    PAYOUT_PAID = 2,      /* left the escrow account; may still come back */
    PAYOUT_FAILED = 3,    /* never left; the money is available again; final */
    PAYOUT_RETURNED = 4,  /* came back after it was paid; the money is available again; final */
};

struct payout {
    int64_t id;
    int64_t ledger_id;
    int64_t account_id;
    int64_t amount_minor;       /* what leaves the escrow account */
    int64_t fee_minor;          /* what was booked to FEE for it */
    int64_t requested_sequence; /* the withdraw command */
    int64_t changed_sequence;
    uint8_t status; /* enum payout_status */
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
};
#define RECORD_KINDS 4 /* the last one; the kinds are numbered without gaps */

struct image {
    enum record_kind kind;
    union { /* all begin at the same place, see image_record in record_table.h */
        struct ledger ledger;
        struct member member;
        struct account account; /* balances included, though postings tell them too */
        struct payout payout;
    };
};

#endif
