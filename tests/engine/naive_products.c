/* naive_products.c: products and their prices, of the naive model.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

static int product_of(const struct decision *d, int64_t id)
{
    bool is_its =
        id >= 1 && id <= d->model->product_count && d->model->products[id].ledger == d->ledger;
    return is_its ? (int)id : 0;
}

bool naive_is_cash_account(const struct naive_model *model, int account)
{
    for (int id = 1; id <= model->product_count; id++)
        if (!model->products[id].closed && model->products[id].cash == account)
            return true;
    return false;
}

int64_t naive_open_product(struct decision *d)
{
    const struct open_product *wish = &d->command->open_product;
    struct naive_model *model = d->model;
    int cash = naive_need_member_account(d, wish->cash_account_id);
    for (int id = 1; id <= model->product_count; id++)
        naive_need(d,
            model->products[id].ledger != d->ledger ||
                !naive_same_text(model->products[id].code, wish->code),
            OUTCOME_PRODUCT_CODE_TAKEN);
    if (d->worst != 0)
        return 0;
    CHECK(model->product_count < NAIVE_PRODUCTS_MAX);
    struct naive_product *product = &model->products[++model->product_count];
    *product = (struct naive_product){.ledger = d->ledger,
        .cash = cash,
        .kind = wish->kind,
        .scale = wish->scale,
        .units_down = wish->unit_rounding == PRODUCT_ROUNDING_DOWN,
        .money_down = wish->money_rounding == PRODUCT_ROUNDING_DOWN,
        .rest_back = wish->rest == PRODUCT_REST_TO_HOLDER,
        .at_once = wish->is_at_once,
        .changed = d->sequence};
    naive_copy_text(product->code, wish->code);
    product->account = naive_add_account(model, d->ledger, 0, ACCOUNT_ISSUER);
    return model->product_count;
}

int64_t naive_close_product(struct decision *d)
{
    int id = product_of(d, d->command->close_product.product_id);
    naive_need(d, id != 0, OUTCOME_PRODUCT_NOT_FOUND);
    if (id != 0)
        naive_need(d, !d->model->products[id].closed, OUTCOME_PRODUCT_CLOSED);
    if (id != 0)
        naive_need(d, naive_held(d->model, id) == 0, OUTCOME_PRODUCT_HELD);
    if (d->worst != 0)
        return 0;
    d->model->products[id].closed = true;
    d->model->products[id].changed = d->sequence;
    d->model->accounts[d->model->products[id].account].closed = true;
    return id;
}

int naive_last_price(const struct naive_model *model, int product)
{
    int last = 0;
    for (int id = 1; id <= model->price_count; id++) {
        const struct naive_price *price = &model->prices[id];
        if (price->product == product && (last == 0 || price->date >= model->prices[last].date))
            last = id;
    }
    return last;
}

int64_t naive_publish_price(struct decision *d)
{
    const struct publish_price *wish = &d->command->publish_price;
    struct naive_model *model = d->model;
    int product = product_of(d, wish->product_id);
    int version = 1;
    naive_need(d, product != 0, OUTCOME_PRODUCT_NOT_FOUND);
    if (product == 0)
        return 0;
    naive_need(d, !model->products[product].closed, OUTCOME_PRODUCT_CLOSED);
    naive_need(d, wish->date <= naive_date_of(model, d->ledger), OUTCOME_PRICE_DATE_AHEAD);
    bool is_of_date = false;
    for (int id = 1; id <= model->price_count; id++) {
        const struct naive_price *price = &model->prices[id];
        if (price->product != product || price->date != wish->date)
            continue;
        is_of_date |= id == wish->corrects_price_id;
        version++;
    }
    if (wish->corrects_price_id != 0) {
        naive_need(d, is_of_date, OUTCOME_PRICE_NOT_FOUND);
        if (is_of_date)
            naive_need(d, model->prices[wish->corrects_price_id].version == version - 1,
                OUTCOME_PRICE_REPLACED);
    } else {
        int last = naive_last_price(model, product);
        naive_need_at(
            d, last == 0 || model->prices[last].date < wish->date, OUTCOME_PRICE_DATE_PASSED, last);
    }
    if (d->worst != 0)
        return 0;
    CHECK(model->price_count < NAIVE_PRICES_MAX);
    if (wish->corrects_price_id != 0) {
        model->prices[wish->corrects_price_id].replaced = true;
        model->prices[wish->corrects_price_id].changed = d->sequence;
    }
    model->prices[++model->price_count] = (struct naive_price){.product = product,
        .price = wish->price_e8,
        .date = wish->date,
        .version = version,
        .published = d->sequence,
        .changed = d->sequence};
    if (naive_last_price(model, product) == model->price_count)
        model->products[product].changed = d->sequence;
    return model->price_count;
}
