/* random_products.c: random products and their prices.
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_picks.h"

#include "commands.h"
#include "naive.h"

/* Mostly an open one of the ledger's. */
int64_t pick_product(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[NAIVE_PRODUCTS_MAX];
    uint64_t count = 0;
    bool any = random_percent(random, 5);
    for (int id = 1; id <= model->product_count; id++) {
        const struct naive_product *one = &model->products[id];
        if (any || (one->ledger == ledger && (!one->closed || random_percent(random, 2))))
            found[count++] = id;
    }
    if (count == 0 || random_percent(random, 2))
        return pick_no_such_id(random, model->product_count);
    return found[random_below(random, count)];
}

struct command random_open_product(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    static const char *const codes[] = {
        "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12"};
    struct command command = make_open_product(
        ledger, codes[random_below(random, 12)], pick_account(random, model, ledger));
    struct open_product *open = &command.open_product;
    open->kind = (int32_t)random_between(random, PRODUCT_FUND, PRODUCT_OTHER);
    open->scale = (int32_t)random_between(random, 0, UNIT_SCALE_MAX);
    if (random_percent(random, 50))
        open->money_rounding = PRODUCT_ROUNDING_DOWN;
    if (random_percent(random, 50)) {
        open->unit_rounding = PRODUCT_ROUNDING_DOWN;
        open->rest = random_percent(random, 50) ? PRODUCT_REST_TO_HOLDER : PRODUCT_REST_TO_ISSUER;
    }
    open->is_at_once = random_percent(random, 40);
    return command;
}

struct command random_close_product(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    return make_close_product(ledger, pick_product(random, model, ledger));
}

struct command random_publish_price(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t product = pick_product(random, model, ledger);
    bool is_there = product >= 1 && product <= model->product_count;
    int last = is_there ? naive_last_price(model, (int)product) : 0;
    bool has_ledger = ledger >= 1 && ledger <= model->ledger_count;
    int32_t date = has_ledger ? naive_date_of(model, (int)ledger) : 20000;
    int64_t corrects = 0;
    if (last != 0 && random_percent(random, 40)) {
        corrects = random_percent(random, 80) ? last : random_between(random, 1, last);
        date = model->prices[corrects].date;
    } else {
        date -= (int32_t)random_between(random, -1, 2);
    }
    int64_t price = random_percent(random, 80) ? random_between(random, 50000000, 300000000)
                                               : random_between(random, 1, PRICE_E8_MAX);
    return make_price(ledger, product, date, price, corrects);
}

struct command random_subscribe(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t amount = random_percent(random, 5) ? 1 : random_between(random, 1, 3000);
    return make_subscribe(
        ledger, pick_account(random, model, ledger), pick_product(random, model, ledger), amount);
}

/* Mostly of one of the last positions, mostly not more than it has. */
struct command random_redeem(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int id = model->position_count;
    int tries = 0;
    if (id == 0 || random_percent(random, 5))
        return make_redeem(ledger, pick_account(random, model, ledger),
            pick_product(random, model, ledger), random_between(random, 1, 1000));
    while (tries++ < 20 && id > 1 &&
           (model->products[model->positions[id].product].ledger != ledger ||
               random_percent(random, 30)))
        id--;
    const struct naive_position *one = &model->positions[id];
    int64_t has = model->accounts[one->account].balance[BUCKET_AVAILABLE];
    int64_t units = random_percent(random, 30) || has == 0
                        ? has + 1
                        : (random_percent(random, 30) ? has : random_between(random, 1, has));
    return make_redeem(ledger, one->owner, one->product, random_percent(random, 3) ? 1 : units);
}
