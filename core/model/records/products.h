/* products.h: products of which accounts hold units (funds, wealth products, loan shares), and
 * their prices.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_PRODUCTS_H
#define VSL_MODEL_RECORDS_PRODUCTS_H

#include "ceilings.h"
#include "model/records/accounts.h"

#include <stdbool.h>
#include <stdint.h>

enum product_kind {
    PRODUCT_FUND = 1,
    PRODUCT_WEALTH = 2,     /* 理财 */
    PRODUCT_LOAN_SHARE = 3, /* 债权份额 */
    PRODUCT_OTHER = 4,
};

enum product_status {
    PRODUCT_OPEN = 1,
    PRODUCT_CLOSED = 2, /* final */
};

/* How an amount of units or money is brought to its last digit. */
enum product_rounding {
    PRODUCT_ROUNDING_HALF_UP = 1,
    PRODUCT_ROUNDING_DOWN = 2,
};

/* Who has what is left of the money when units are rounded. */
enum product_rest {
    PRODUCT_REST_TO_ISSUER = 1, /* it stays in the product's assets */
    PRODUCT_REST_TO_HOLDER = 2, /* it is given back; only where units are rounded down */
};

/* A unit of account of its own: its id is the unit of the accounts that hold it. What is issued
 * stands on its account, an ACCOUNT_ISSUER, with a minus sign. */
struct product {
    int64_t id;
    int64_t ledger_id;
    int64_t account_id;      /* the issuer's, in units */
    int64_t cash_account_id; /* a member's, through which money comes and goes */
    int64_t price_id;        /* of the last date; 0: there is no price yet */
    int64_t price_e8;        /* its price */
    int64_t changed_sequence;
    int32_t price_date;     /* days */
    int32_t price_version;  /* 1 or more */
    uint8_t kind;           /* enum product_kind */
    uint8_t status;         /* enum product_status */
    uint8_t scale;          /* decimals of a unit, 0..8 */
    uint8_t unit_rounding;  /* enum product_rounding */
    uint8_t money_rounding; /* likewise */
    uint8_t rest;           /* enum product_rest */
    bool at_once;           /* orders are settled at once, at the last price */
    char code[PRODUCT_CODE_BYTES_MAX];
    uint8_t code_length;
    char name[PRODUCT_NAME_BYTES_MAX];
    uint8_t name_length;
};

/* What an account of money holds of a product: an account of its own, an ACCOUNT_POSITION. */
struct position {
    int64_t id;
    int64_t ledger_id;
    int64_t account_id;       /* in units */
    int64_t owner_account_id; /* of money, a member's */
    int64_t product_id;
    int64_t opened_sequence;
    int64_t changed_sequence;
    /* Derived, in copies that are shown: its balances, the product's decimals and last price, and
     * what they are worth together, -1: beyond int64. */
    int64_t units[BUCKET_COUNT];
    int64_t price_id; /* 0: there is no price yet */
    int64_t price_e8;
    int64_t value_minor;
    int32_t price_date; /* days */
    int32_t price_version;
    uint8_t scale;
};

/* Of an account, so many positions are looked at, and so many shown. */
#define ASSETS_COUNTED_MAX 1000
#define ASSETS_SHOWN_MAX 20

/* What an account of money holds of products, each worth what its product's last price says. */
struct assets {
    int64_t value_minor;     /* of those that have a price; -1: beyond int64 */
    uint32_t position_count; /* that hold units */
    uint32_t unpriced_count; /* of them, without a price */
    uint32_t shown_count;
    bool is_partial;                         /* there are older positions, not counted */
    struct position shown[ASSETS_SHOWN_MAX]; /* of those that hold units, the newest first */
};

enum price_status {
    PRICE_NEWEST = 1,   /* of its date */
    PRICE_REPLACED = 2, /* a later version corrects it; final */
};

/* What one unit costs on a date: money of the ledger's currency, times 10^8. A correction is
 * another one, the next version. */
struct price {
    int64_t id;
    int64_t ledger_id;
    int64_t product_id;
    int64_t price_e8;
    int64_t published_sequence;
    int64_t changed_sequence;
    int32_t date;    /* days */
    int32_t version; /* 1 or more */
    uint8_t status;  /* enum price_status */
};

#endif
