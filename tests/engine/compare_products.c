/* compare_products.c: products and prices of the engine and of the naive model.
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

#include "support/expect.h"

#include <inttypes.h>

static void expect_same_product(
    const struct engine *engine, const struct naive_model *model, int id)
{
    const struct product *a = engine_find_record(engine, RECORD_PRODUCT, id);
    const struct naive_product *b = &model->products[id];
    int last = naive_last_price(model, id);
    const struct naive_price *price = &model->prices[last];
    EXPECT_MSG(a && a->ledger_id == b->ledger && a->account_id == b->account &&
                   a->cash_account_id == b->cash && a->kind == b->kind && a->scale == b->scale,
        "product %d", id);
    EXPECT_MSG((a->unit_rounding == PRODUCT_ROUNDING_DOWN) == b->units_down &&
                   (a->money_rounding == PRODUCT_ROUNDING_DOWN) == b->money_down &&
                   (a->rest == PRODUCT_REST_TO_HOLDER) == b->rest_back && a->at_once == b->at_once,
        "product %d: terms", id);
    EXPECT_MSG((a->status == PRODUCT_CLOSED) == b->closed && a->changed_sequence == b->changed,
        "product %d: status %d, changed by %" PRId64, id, a->status, a->changed_sequence);
    EXPECT_MSG(text_equals((struct text){a->code, a->code_length}, text_of(b->code)),
        "product %d: code", id);
    EXPECT_MSG(a->price_id == last && a->price_e8 == price->price &&
                   a->price_version == price->version && a->price_date == price->date,
        "product %d: price %" PRId64 ", the model's %d", id, a->price_id, last);
}

/* Of those that are in memory. */
static void expect_same_price(const struct engine *engine, const struct naive_model *model, int id)
{
    const struct price *a = engine_find_record(engine, RECORD_PRICE, id);
    const struct naive_price *b = &model->prices[id];
    if (a)
        EXPECT_MSG(a->product_id == b->product &&
                       a->ledger_id == model->products[b->product].ledger &&
                       a->price_e8 == b->price && a->date == b->date && a->version == b->version &&
                       (a->status == PRICE_REPLACED) == b->replaced &&
                       a->published_sequence == b->published && a->changed_sequence == b->changed,
            "price %d", id);
}

static void expect_same_position(
    const struct engine *engine, const struct naive_model *model, int id)
{
    const struct position *a = engine_find_record(engine, RECORD_POSITION, id);
    const struct naive_position *b = &model->positions[id];
    EXPECT_MSG(a && a->ledger_id == model->products[b->product].ledger &&
                   a->account_id == b->account && a->owner_account_id == b->owner &&
                   a->product_id == b->product && a->opened_sequence == b->opened &&
                   a->changed_sequence == b->opened,
        "position %d", id);
}

void expect_same_products(const struct engine *engine, const struct naive_model *model)
{
    EXPECT(engine_last_id(engine, RECORD_PRODUCT) == model->product_count);
    for (int id = 1; id <= model->product_count; id++)
        expect_same_product(engine, model, id);
    EXPECT(engine_last_id(engine, RECORD_PRICE) == model->price_count);
    for (int id = 1; id <= model->price_count; id++)
        expect_same_price(engine, model, id);
    EXPECT(engine_last_id(engine, RECORD_POSITION) == model->position_count);
    for (int id = 1; id <= model->position_count; id++)
        expect_same_position(engine, model, id);
}
