/* asset.c: see asset.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/asset.h"

#include "base/check.h"
#include "model/currency.h"

/* Units times a price need more than int64; standard C has no name for it. */
__extension__ typedef __int128 int128;

#define PRICE_DIGITS 8

static int128 power_of_ten(int digits)
{
    int128 power = 1;
    CHECK(digits >= 0 && digits <= PRICE_DIGITS + UNIT_SCALE_MAX);
    for (int i = 0; i < digits; i++)
        power *= 10;
    return power;
}

static int64_t divide(int128 whole, int128 by, enum asset_rounding rounding)
{
    int128 rest = whole % by;
    int128 quotient = whole / by;
    if (rounding == ASSET_UP ? rest > 0 : rounding == ASSET_HALF_UP && 2 * rest >= by)
        quotient++;
    return quotient <= INT64_MAX ? (int64_t)quotient : -1;
}

int64_t asset_units_for(
    int64_t amount_minor, int64_t price_e8, int scale, int digits, enum asset_rounding rounding)
{
    CHECK(amount_minor >= 0 && price_e8 > 0 && price_e8 <= PRICE_E8_MAX);
    CHECK(scale >= 0 && scale <= UNIT_SCALE_MAX && digits >= 0 && digits <= CURRENCY_DIGITS_MAX);
    /* Below 10^19 * 10^16, and 10^15 * 10^4. */
    return divide((int128)amount_minor * power_of_ten(PRICE_DIGITS + scale),
        (int128)price_e8 * power_of_ten(digits), rounding);
}

int64_t asset_money_for(
    int64_t units, int64_t price_e8, int scale, int digits, enum asset_rounding rounding)
{
    CHECK(units >= 0 && price_e8 > 0 && price_e8 <= PRICE_E8_MAX);
    CHECK(scale >= 0 && scale <= UNIT_SCALE_MAX && digits >= 0 && digits <= CURRENCY_DIGITS_MAX);
    /* Below 10^19 * 10^15 * 10^4 = 10^38, and 2^127 is 1.7 * 10^38. */
    return divide((int128)units * price_e8 * power_of_ten(digits),
        power_of_ten(PRICE_DIGITS + scale), rounding);
}
