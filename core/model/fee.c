/* fee.c: see fee.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/fee.h"

#include "base/check.h"

/* Amounts are int64, so their products with rates need more; standard C has no name for it. */
__extension__ typedef __int128 int128;

const struct fee_tier *fee_tier_of(const struct fee_rule *rule, int64_t amount_minor)
{
    CHECK(rule->tier_count >= 1 && rule->tier_count <= FEE_TIERS_MAX);
    CHECK(rule->tiers[0].from_minor == 0 && amount_minor >= 0);
    uint32_t tier = rule->tier_count - 1u;
    while (rule->tiers[tier].from_minor > amount_minor)
        tier--;
    return &rule->tiers[tier];
}

int64_t fee_by_tier(const struct fee_tier *tier, enum fee_rounding rounding, int64_t amount_minor)
{
    CHECK(amount_minor >= 0);
    CHECK(tier->rate_ppm >= 0 && tier->rate_ppm <= PPM);
    int128 parts = (int128)amount_minor * tier->rate_ppm;
    switch (rounding) {
    case FEE_ROUNDING_HALF_UP:
        parts += PPM / 2;
        break;
    case FEE_ROUNDING_UP:
        parts += PPM - 1;
        break;
    case FEE_ROUNDING_DOWN:
        break;
    }
    int128 fee = tier->flat_minor + parts / PPM;
    if (fee < tier->minimum_minor)
        fee = tier->minimum_minor;
    if (tier->maximum_minor > 0 && fee > tier->maximum_minor)
        fee = tier->maximum_minor;
    CHECK(fee >= 0 && fee <= INT64_MAX);
    return (int64_t)fee;
}

int64_t fee_of_amount(const struct fee_rule *rule, int64_t amount_minor)
{
    return fee_by_tier(
        fee_tier_of(rule, amount_minor), (enum fee_rounding)rule->rounding, amount_minor);
}

void fee_shares(
    const struct fee_rule *rule, int64_t fee_minor, int64_t ret_amounts_minor[FEE_SHARES_MAX])
{
    CHECK(rule->share_count >= 1 && rule->share_count <= FEE_SHARES_MAX);
    int64_t rest_minor = fee_minor;
    for (uint32_t i = 1; i < rule->share_count; i++) {
        ret_amounts_minor[i] = fee_proportion(fee_minor, rule->shares[i].share_ppm, PPM);
        rest_minor -= ret_amounts_minor[i];
    }
    CHECK(rest_minor >= 0);
    ret_amounts_minor[0] = rest_minor;
}

void fee_shares_back(const int64_t *shares_minor, uint32_t count, int64_t before_minor,
    int64_t after_minor, int64_t *ret_amounts_minor)
{
    int64_t rest_minor = 0; /* the shares from here on */
    for (uint32_t i = 0; i < count; i++)
        rest_minor += shares_minor[i];
    CHECK(before_minor >= 0 && before_minor <= after_minor && after_minor <= rest_minor);
    for (uint32_t i = 0; i < count; i++) {
        int64_t before = 0;
        int64_t after = 0;
        if (rest_minor > 0) {
            before = fee_proportion(before_minor, shares_minor[i], rest_minor);
            after = fee_proportion(after_minor, shares_minor[i], rest_minor);
        }
        ret_amounts_minor[i] = after - before;
        CHECK(ret_amounts_minor[i] >= 0);
        before_minor -= before;
        after_minor -= after;
        rest_minor -= shares_minor[i];
    }
    CHECK(before_minor == 0 && after_minor == 0);
}

int64_t fee_proportion(int64_t whole_minor, int64_t part_minor, int64_t of_minor)
{
    CHECK(whole_minor >= 0);
    CHECK(part_minor >= 0 && part_minor <= of_minor && of_minor > 0);
    return (int64_t)((int128)whole_minor * part_minor / of_minor);
}
