/* asset.h: what money buys of a product, and what its units are worth.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_ASSET_H
#define VSL_MODEL_ASSET_H

#include "model/records/products.h"

/* How an amount is brought to its last digit; up is what units cost at least. */
enum asset_rounding { ASSET_HALF_UP = 1, ASSET_DOWN = 2, ASSET_UP = 3 };

/* The units of `scale` decimals that the money buys, in their smallest part; -1: beyond int64.
 * `digits`: of the currency's minor unit. */
int64_t asset_units_for(
    int64_t amount_minor, int64_t price_e8, int scale, int digits, enum asset_rounding rounding);

/* What so many units are worth, in minor units; -1: beyond int64. */
int64_t asset_money_for(
    int64_t units, int64_t price_e8, int scale, int digits, enum asset_rounding rounding);

#endif
