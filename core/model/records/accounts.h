/* accounts.h: accounts of members and of the ledger itself, and their buckets.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_ACCOUNTS_H
#define VSL_MODEL_RECORDS_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

enum account_kind {
    ACCOUNT_MEMBER = 1,       /* a merchant's or user's */
    ACCOUNT_ESCROW = 2,       /* mirrors the bank's escrow account, with a minus sign */
    ACCOUNT_UNALLOCATED = 3,  /* 挂账: arrived, owner not known yet */
    ACCOUNT_FEE = 4,          /* fees earned */
    ACCOUNT_PLATFORM_OWN = 5, /* the platform's own money */
    ACCOUNT_INTEREST = 6,     /* interest of the escrow account on its way to its owners */
    ACCOUNT_ENFORCEMENT = 7,  /* 执行款: deducted under a claim, on its way to the court */
    /* 应收渠道, one for each acquirer: pending in is minus what it promised and did not pay. */
    ACCOUNT_ACQUIRER = 8,
    /* One for each product, in its units: available is minus what is issued. */
    ACCOUNT_ISSUER = 9,
    ACCOUNT_POSITION = 10, /* what an account of money holds of a product, in its units */
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
    int64_t owed_minor;  /* what its member owes; derived, in copies that are shown */
    int32_t claim_count; /* live claims that reach it; derived */
    int32_t next_date;   /* days; 0: never */
    int32_t unit;        /* 0: money; else the product whose units it holds; derived */
    uint8_t kind;        /* enum account_kind */
    uint8_t status;      /* enum account_status */
    bool no_in;          /* takes no money: the union of its restrictions */
    bool no_out;         /* gives no money: likewise */
    bool is_hit;         /* its member was found on the deny list; derived */
};

/* Whether its balances are units of a product, and no money. */
static inline bool account_holds_units(const struct account *account)
{
    return account->kind == ACCOUNT_ISSUER || account->kind == ACCOUNT_POSITION;
}

/* Whether it takes, and gives, no money. */
static inline bool account_takes_none(const struct account *account)
{
    return account->no_in || account->is_hit;
}

static inline bool account_gives_none(const struct account *account)
{
    return account->no_out || account->is_hit;
}

#endif
