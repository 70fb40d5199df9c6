/* command.h: a request as a plain struct.
 *
 * Made by command/decode (from protobuf) or command/body (from the journal), executed by the
 * engine. Texts and lists point into memory of whoever made the struct. Shapes are already right:
 * ids and amounts are in range, texts and lists within their limits, enums known. Whether the ids
 * exist is the engine's question.
 *
 * To add a command: its number and fields here, its field table in fields.c, its message in proto/,
 * its function in engine/.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_COMMAND_H
#define VSL_COMMAND_COMMAND_H

#include "base/text.h"
#include "model/request_key.h"

#include <stdbool.h>
#include <stdint.h>

/* Stored in the journal: never reuse a number. */
enum command_kind {
    COMMAND_OPEN_LEDGER = 1,
    COMMAND_CLOSE_LEDGER = 2,
    COMMAND_CUT_DAY = 3,
    COMMAND_OPEN_MEMBER = 10,
    COMMAND_CLOSE_MEMBER = 11,
    COMMAND_OPEN_ACCOUNT = 20,
    COMMAND_CLOSE_ACCOUNT = 21,
    COMMAND_RESTRICT_ACCOUNT = 22,
    COMMAND_BOOK_RECEIPT = 30,
    COMMAND_BOOK_INTEREST = 31,
    COMMAND_CHARGE_FEE = 32,
    COMMAND_PAY = 40,
    COMMAND_WITHDRAW = 50,
    COMMAND_CONFIRM_PAYOUT = 51,
};
#define COMMAND_KIND_MAX 51

enum fee_mode {
    FEE_OUTSIDE = 1, /* 外扣: the account pays amount + fee, the amount arrives */
    FEE_INSIDE = 2,  /* 内扣: the account pays the amount, amount - fee arrives */
};

enum payout_result { PAYOUT_RESULT_PAID = 1, PAYOUT_RESULT_FAILED = 2, PAYOUT_RESULT_RETURNED = 3 };

/* The other side of a movement at a bank: a payer or a destination. */
struct party {
    struct text name;
    struct text account_number;
    struct text bank_code;
};

struct open_ledger {
    struct text platform_name;
    struct text escrow_account_number;
    struct text currency;          /* three capital letters */
    struct text receiving_prefix;  /* 4..8 digits, not starting with 0 */
    int32_t first_accounting_date; /* days */
    int32_t key_window_dates;      /* 1..7; 0: default */
};

struct cut_day {
    int32_t accounting_date; /* days; the new one */
};

struct open_member {
    int32_t kind; /* enum member_kind */
    struct text platform_member_id;
};

struct close_member {
    int64_t member_id;
};

struct open_account {
    int64_t member_id;
};

struct close_account {
    int64_t account_id;
};

struct restrict_account {
    int64_t account_id;
    bool no_in;
    bool no_out;
    struct text reason;
};

struct book_receipt {
    int64_t account_id;           /* 0 when receiving_number is given; one of the two is */
    struct text receiving_number; /* as the payer wrote it */
    int64_t amount_minor;
    struct party payer;
    struct text bank_reference; /* the bank's number of the movement */
    int32_t value_date;         /* days; 0: not given */
    struct text remark;
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
    int64_t payer_account_id;
    const struct payee *payees;
    uint32_t payee_count; /* 1..PAYEES_PER_COMMAND_MAX */
    int64_t fee_minor;    /* on top, from the payer to FEE; 0: none */
    struct text order_number;
    struct text remark;
};

struct withdraw {
    int64_t account_id;
    int64_t amount_minor;
    int64_t fee_minor;
    int32_t fee_mode; /* enum fee_mode; 0 when fee_minor is 0 */
    struct party destination;
    struct text remark;
};

struct confirm_payout {
    int64_t payout_id;
    int32_t result; /* enum payout_result */
    struct text bank_reference;
    struct text reason;
};

/* The path of a request's field, such as "payees[3].amount_minor", with its end. */
#define FIELD_PATH_BYTES_MAX 64

struct command {
    enum command_kind kind;
    bool dry_run;
    struct request_key key;
    int64_t ledger_id; /* 0 for COMMAND_OPEN_LEDGER */
    union {
        struct open_ledger open_ledger;
        struct cut_day cut_day;
        struct open_member open_member;
        struct close_member close_member;
        struct open_account open_account;
        struct close_account close_account;
        struct restrict_account restrict_account;
        struct book_receipt book_receipt;
        struct book_interest book_interest;
        struct charge_fee charge_fee;
        struct pay pay;
        struct withdraw withdraw;
        struct confirm_payout confirm_payout;
    };
};

#endif
