/* naive_positions.c: units that accounts hold, of the naive model.
 *
 * Prices and roundings are reckoned digit by digit here, as on paper: no wide products.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

enum { HALF_UP, DOWN, UP };

static int position_of(const struct naive_model *model, int64_t owner, int64_t product)
{
    for (int id = 1; id <= model->position_count; id++)
        if (model->positions[id].owner == owner && model->positions[id].product == product)
            return id;
    return 0;
}

static wide units_in(const struct naive_model *model, int position)
{
    wide sum = 0;
    for (int b = 0; b < BUCKET_COUNT; b++)
        sum += model->accounts[model->positions[position].account].balance[b];
    return sum;
}

bool naive_holds_units(const struct naive_model *model, int owner)
{
    for (int id = 1; id <= model->position_count; id++)
        if (model->positions[id].owner == owner && units_in(model, id) != 0)
            return true;
    return false;
}

wide naive_held(const struct naive_model *model, int product)
{
    wide sum = 0;
    for (int id = 1; id <= model->position_count; id++)
        if (model->positions[id].product == product)
            sum += units_in(model, id);
    return sum;
}

/* `whole` with so many zeros behind it, divided by `by` by hand; -1: beyond int64. */
static int64_t divided(wide whole, int zeros, wide by, int rounding)
{
    wide quotient = whole / by;
    wide rest = whole % by;
    for (int i = 0; i < zeros && quotient <= INT64_MAX; i++) {
        rest *= 10;
        quotient = quotient * 10 + rest / by;
        rest %= by;
    }
    if ((rounding == UP && rest > 0) || (rounding == HALF_UP && rest >= by - rest))
        quotient++;
    return quotient <= INT64_MAX ? (int64_t)quotient : -1;
}

static wide ten_to_the(int digits)
{
    return digits == 0 ? 1 : 10 * ten_to_the(digits - 1);
}

/* All ledgers of the tests have minor units of two digits, which the price has too many of. */
static int64_t bought(const struct naive_product *product, int64_t price, int64_t amount)
{
    return divided(amount, 6 + product->scale, price, product->units_down ? DOWN : HALF_UP);
}

static int64_t worth(const struct naive_product *product, int64_t price, int64_t units, int way)
{
    return divided((wide)units * price, 0, ten_to_the(6 + product->scale), way);
}

/* Both name an account and a product; the product, 0: some rule stands against it. */
static int need_deal(struct decision *d, int64_t account_id, int64_t product_id, int *ret_account)
{
    struct naive_model *model = d->model;
    int account = naive_need_member_account(d, account_id);
    bool is_there = product_id >= 1 && product_id <= model->product_count &&
                    model->products[product_id].ledger == d->ledger;
    naive_need(d, is_there, OUTCOME_PRODUCT_NOT_FOUND);
    *ret_account = account;
    if (!is_there)
        return 0;
    const struct naive_product *product = &model->products[product_id];
    naive_need(d, !product->closed, OUTCOME_PRODUCT_CLOSED);
    naive_need(d, product->at_once, OUTCOME_PRODUCT_NEEDS_CONFIRMATION);
    naive_need(d, naive_last_price(model, (int)product_id) != 0, OUTCOME_PRODUCT_HAS_NO_PRICE);
    naive_need(d, account == 0 || product->cash != account, OUTCOME_ACCOUNT_IS_ISSUERS);
    return d->worst == 0 ? (int)product_id : 0;
}

int64_t naive_subscribe(struct decision *d)
{
    const struct subscribe *wish = &d->command->subscribe;
    struct naive_model *model = d->model;
    int account;
    int id = need_deal(d, wish->account_id, wish->product_id, &account);
    if (id == 0)
        return 0;
    const struct naive_product *product = &model->products[id];
    int64_t price = model->prices[naive_last_price(model, id)].price;
    int64_t units = bought(product, price, wish->amount_minor);
    naive_need(d, units != 0, OUTCOME_ROUNDED_TO_NOTHING);
    naive_need(d, units >= 0 && naive_held(model, id) + units <= INT64_MAX, OUTCOME_TOO_MANY_UNITS);
    naive_need_not_restricted(d, account);
    naive_need(d, !naive_takes_none(model, product->cash), OUTCOME_ACCOUNT_RESTRICTED_IN);
    naive_need_available(d, account, wish->amount_minor);
    if (d->worst != 0)
        return 0;
    int64_t cost = product->rest_back ? worth(product, price, units, UP) : wish->amount_minor;
    int position = position_of(model, account, id);
    if (position == 0) {
        CHECK(model->position_count < NAIVE_POSITIONS_MAX);
        position = ++model->position_count;
        model->positions[position] =
            (struct naive_position){.opened = d->sequence, .owner = account, .product = id};
        model->positions[position].account =
            naive_add_account(model, d->ledger, 0, ACCOUNT_POSITION);
    }
    naive_book(d, account, BUCKET_AVAILABLE, product->cash, BUCKET_AVAILABLE, cost);
    naive_book(d, product->account, BUCKET_AVAILABLE, model->positions[position].account,
        BUCKET_AVAILABLE, units);
    return position;
}

int64_t naive_redeem(struct decision *d)
{
    const struct redeem *wish = &d->command->redeem;
    struct naive_model *model = d->model;
    int account;
    int id = need_deal(d, wish->account_id, wish->product_id, &account);
    if (id == 0)
        return 0;
    const struct naive_product *product = &model->products[id];
    int position = position_of(model, account, id);
    int64_t has =
        position == 0
            ? 0
            : model->accounts[model->positions[position].account].balance[BUCKET_AVAILABLE];
    int64_t price = model->prices[naive_last_price(model, id)].price;
    int64_t money = worth(product, price, wish->units, product->money_down ? DOWN : HALF_UP);
    naive_need(d, money != 0, OUTCOME_ROUNDED_TO_NOTHING);
    naive_need_at(d, has >= wish->units, OUTCOME_INSUFFICIENT_UNITS, has);
    naive_need(d, !naive_is_claimed(model, account), OUTCOME_UNITS_KEPT);
    naive_need_not_restricted(d, account);
    naive_need_not_restricted(d, product->cash);
    naive_need(d, !naive_takes_none(model, account), OUTCOME_ACCOUNT_RESTRICTED_IN);
    naive_need_available(d, product->cash, money < 0 ? INT64_MAX : money);
    if (d->worst != 0)
        return 0;
    naive_book(d, model->positions[position].account, BUCKET_AVAILABLE, product->account,
        BUCKET_AVAILABLE, wish->units);
    naive_book(d, product->cash, BUCKET_AVAILABLE, account, BUCKET_AVAILABLE, money);
    return position;
}
