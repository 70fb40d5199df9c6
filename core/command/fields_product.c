/* fields_product.c: the fields of the commands of products and their prices.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/field_macros.h"

static const struct field open_product_fields[] = {
    TEXT(4, "code", open_product.code, TEXT_CHANNEL, PRODUCT_CODE_BYTES_MAX),
    TEXT(5, "name", open_product.name, TEXT_TRIMMED, PRODUCT_NAME_BYTES_MAX),
    ENUM(6, "kind", open_product.kind, PRODUCT_OTHER),
    COUNT_OF(7, "scale", open_product.scale, UNIT_SCALE_MAX),
    ID(8, "cash_account_id", open_product.cash_account_id),
    ENUM(9, "unit_rounding", open_product.unit_rounding, PRODUCT_ROUNDING_DOWN),
    ENUM(10, "money_rounding", open_product.money_rounding, PRODUCT_ROUNDING_DOWN),
    ENUM(11, "rest", open_product.rest, PRODUCT_REST_TO_HOLDER),
    BOOL(12, "at_once", open_product.is_at_once),
};
const struct field_table open_product_table = TABLE(open_product);

static const struct field close_product_fields[] = {
    ID(4, "product_id", close_product.product_id),
    REMARK(5, close_product.remark),
};
const struct field_table close_product_table = TABLE(close_product);

static const struct field publish_price_fields[] = {
    ID(4, "product_id", publish_price.product_id),
    DATE(5, "price_date", publish_price.date),
    ROW(6, "price_e8", FIELD_INT64, AT(publish_price.price_e8), REQUIRED, .max = PRICE_E8_MAX),
    OPTIONAL_NAMED(RECORD_PRICE, 7, "corrects_price_id", publish_price.corrects_price_id),
};
const struct field_table publish_price_table = TABLE(publish_price);

static const struct field subscribe_fields[] = {
    ID(4, "account_id", subscribe.account_id),
    ID(5, "product_id", subscribe.product_id),
    AMOUNT(6, "amount_minor", subscribe.amount_minor),
    REMARK(7, subscribe.remark),
};
const struct field_table subscribe_table = TABLE(subscribe);

static const struct field redeem_fields[] = {
    ID(4, "account_id", redeem.account_id),
    ID(5, "product_id", redeem.product_id),
    ROW(6, "units", FIELD_INT64, AT(redeem.units), REQUIRED, .max = INT64_MAX),
    REMARK(7, redeem.remark),
};
const struct field_table redeem_table = TABLE(redeem);
