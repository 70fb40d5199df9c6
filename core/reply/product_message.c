/* product_message.c: products, positions and prices, as messages.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "model/date.h"
#include "reply/pack.h"
#include "reply/record_message.h"

#include <assert.h>

#define SAME(proto, own) static_assert((int)VSL__V1__##proto == (int)(own), #own)
SAME(PRODUCT_STATUS__PRODUCT_STATUS_OPEN, PRODUCT_OPEN);
SAME(PRODUCT_STATUS__PRODUCT_STATUS_CLOSED, PRODUCT_CLOSED);
SAME(PRICE_STATUS__PRICE_STATUS_NEWEST, PRICE_NEWEST);
SAME(PRICE_STATUS__PRICE_STATUS_REPLACED, PRICE_REPLACED);
#undef SAME

void fill_product(struct product_message *m, const struct product *product)
{
    Vsl__V1__Product *message = &m->message;
    CHECK(product->id > 0);
    vsl__v1__product__init(message);
    message->product_id = product->id;
    message->ledger_id = product->ledger_id;
    message->code = COPY(product, code, m);
    message->name = COPY(product, name, m);
    message->kind = (Vsl__V1__ProductKind)product->kind;
    message->status = (Vsl__V1__ProductStatus)product->status;
    message->scale = product->scale;
    message->account_id = product->account_id;
    message->cash_account_id = product->cash_account_id;
    message->unit_rounding = (Vsl__V1__ProductRounding)product->unit_rounding;
    message->money_rounding = (Vsl__V1__ProductRounding)product->money_rounding;
    message->rest = (Vsl__V1__ProductRest)product->rest;
    message->at_once = product->at_once;
    message->price_id = product->price_id;
    message->price_e8 = product->price_e8;
    message->price_date = product->price_id != 0 ? date_to_yyyymmdd(product->price_date) : 0;
    message->price_version = product->price_version;
    message->changed_sequence = product->changed_sequence;
}

void fill_position(Vsl__V1__Position *message, const struct position *position)
{
    CHECK(position->id > 0);
    vsl__v1__position__init(message);
    message->position_id = position->id;
    message->ledger_id = position->ledger_id;
    message->account_id = position->owner_account_id;
    message->product_id = position->product_id;
    message->units_account_id = position->account_id;
    message->available_units = position->units[BUCKET_AVAILABLE];
    message->pending_in_units = position->units[BUCKET_PENDING_IN];
    message->pending_out_units = position->units[BUCKET_PENDING_OUT];
    message->frozen_units = position->units[BUCKET_FROZEN];
    message->price_id = position->price_id;
    message->price_e8 = position->price_e8;
    message->price_date = position->price_id != 0 ? date_to_yyyymmdd(position->price_date) : 0;
    message->price_version = position->price_version;
    message->value_minor = position->value_minor;
    message->opened_sequence = position->opened_sequence;
    message->scale = position->scale;
}

void fill_price(Vsl__V1__Price *message, const struct price *price)
{
    CHECK(price->id > 0);
    vsl__v1__price__init(message);
    message->price_id = price->id;
    message->ledger_id = price->ledger_id;
    message->product_id = price->product_id;
    message->price_date = date_to_yyyymmdd(price->date);
    message->version = price->version;
    message->price_e8 = price->price_e8;
    message->status = (Vsl__V1__PriceStatus)price->status;
    message->published_sequence = price->published_sequence;
    message->changed_sequence = price->changed_sequence;
}
