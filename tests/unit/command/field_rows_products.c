/* field_rows_products.c: the rows of commands about products and their prices.
 * SPDX-License-Identifier: Apache-2.0 */
#include "field_rows.h"

const struct field_row field_rows_products[] = {
    COMMON_ROWS(COMMAND_OPEN_PRODUCT),
    ID_ROWS(COMMAND_OPEN_PRODUCT, "ledger_id"),
    REQUIRED_ROWS(COMMAND_OPEN_PRODUCT, "code"),
    PLAIN_NAME_ROWS(COMMAND_OPEN_PRODUCT, "code", 32),
    REQUIRED_ROWS(COMMAND_OPEN_PRODUCT, "name"),
    TRIMMED_ROWS(COMMAND_OPEN_PRODUCT, "name", 96),
    ENUM_ROWS(COMMAND_OPEN_PRODUCT, "kind", 4),
    NO_NUMBER(COMMAND_OPEN_PRODUCT, "kind", 0),
    OK_NUMBER(COMMAND_OPEN_PRODUCT, "scale", 0),
    OK_NUMBER(COMMAND_OPEN_PRODUCT, "scale", 8),
    NO_NUMBER(COMMAND_OPEN_PRODUCT, "scale", 9),
    NO_NUMBER(COMMAND_OPEN_PRODUCT, "scale", -1),
    ID_ROWS(COMMAND_OPEN_PRODUCT, "cash_account_id"),
    ENUM_ROWS(COMMAND_OPEN_PRODUCT, "unit_rounding", 2),
    NO_NUMBER(COMMAND_OPEN_PRODUCT, "unit_rounding", 0),
    ENUM_ROWS(COMMAND_OPEN_PRODUCT, "money_rounding", 2),
    NO_NUMBER(COMMAND_OPEN_PRODUCT, "money_rounding", 0),
    OK_NUMBER(COMMAND_OPEN_PRODUCT, "rest", 1),
    /* Not while units are rounded half up. */
    NO_NUMBER(COMMAND_OPEN_PRODUCT, "rest", 2),
    NO_NUMBER(COMMAND_OPEN_PRODUCT, "rest", 0),
    NO_NUMBER(COMMAND_OPEN_PRODUCT, "rest", 3),

    COMMON_ROWS(COMMAND_CLOSE_PRODUCT),
    ID_ROWS(COMMAND_CLOSE_PRODUCT, "ledger_id"),
    ID_ROWS(COMMAND_CLOSE_PRODUCT, "product_id"),
    REMARK_ROWS(COMMAND_CLOSE_PRODUCT, "remark"),

    COMMON_ROWS(COMMAND_PUBLISH_PRICE),
    ID_ROWS(COMMAND_PUBLISH_PRICE, "ledger_id"),
    ID_ROWS(COMMAND_PUBLISH_PRICE, "product_id"),
    DATE_ROWS(COMMAND_PUBLISH_PRICE, "price_date"),
    NO_NUMBER(COMMAND_PUBLISH_PRICE, "price_e8", 0),
    NO_NUMBER(COMMAND_PUBLISH_PRICE, "price_e8", -1),
    OK_NUMBER(COMMAND_PUBLISH_PRICE, "price_e8", 1),
    OK_NUMBER(COMMAND_PUBLISH_PRICE, "price_e8", 1000000000000000),
    NO_NUMBER(COMMAND_PUBLISH_PRICE, "price_e8", 1000000000000001),
    OPTIONAL_ID_ROWS(COMMAND_PUBLISH_PRICE, "corrects_price_id"),

    COMMON_ROWS(COMMAND_SUBSCRIBE),
    ID_ROWS(COMMAND_SUBSCRIBE, "ledger_id"),
    ID_ROWS(COMMAND_SUBSCRIBE, "account_id"),
    ID_ROWS(COMMAND_SUBSCRIBE, "product_id"),
    AMOUNT_ROWS(COMMAND_SUBSCRIBE, "amount_minor"),
    REMARK_ROWS(COMMAND_SUBSCRIBE, "remark"),

    COMMON_ROWS(COMMAND_REDEEM),
    ID_ROWS(COMMAND_REDEEM, "ledger_id"),
    ID_ROWS(COMMAND_REDEEM, "account_id"),
    ID_ROWS(COMMAND_REDEEM, "product_id"),
    ID_ROWS(COMMAND_REDEEM, "units"),
    REMARK_ROWS(COMMAND_REDEEM, "remark"),
    {0},
};
