/* products.h: products of which accounts hold units, and their prices.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_PRODUCTS_H
#define VSL_ENGINE_RULES_PRODUCTS_H

#include "engine/memory/memory.h"

/* Row of record_rules.c. */
void index_product(struct engine *engine, int64_t product_id);

/* The ledger's product; NULL: it has none with this id. */
const struct product *find_product(
    const struct engine *engine, const struct ledger *ledger, int64_t product_id);

/* Whether an open product pays through the account, so that it stays open. */
static inline bool is_cash_account(const struct engine *engine, const struct account *account)
{
    return engine->open_product_counts[account->id] > 0;
}

/* For engine_check: a product that is not as its accounts, its code and the counts say; 0: none. */
int64_t find_wrong_product(const struct engine *engine);

#endif
