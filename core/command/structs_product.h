/* structs_product.h: the commands of products and their prices.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_STRUCTS_PRODUCT_H
#define VSL_COMMAND_STRUCTS_PRODUCT_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct open_product {
    struct text code;
    struct text name;
    int32_t kind; /* enum product_kind */
    int32_t scale;
    int64_t cash_account_id;
    int32_t unit_rounding;  /* enum product_rounding */
    int32_t money_rounding; /* likewise */
    int32_t rest;           /* enum product_rest */
    bool is_at_once;
};

struct close_product {
    int64_t product_id;
    struct text remark;
};

struct publish_price {
    int64_t product_id;
    int32_t date; /* days */
    int64_t price_e8;
    int64_t corrects_price_id; /* 0: it is the first of its date */
};

struct subscribe {
    int64_t account_id; /* of money */
    int64_t product_id;
    int64_t amount_minor;
    struct text remark;
};

struct redeem {
    int64_t account_id; /* of money */
    int64_t product_id;
    int64_t units;
    struct text remark;
};

#endif
