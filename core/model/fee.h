/* fee.h: how much a fee is, and who gets how much of it. Pure arithmetic, in 128 bits.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_FEE_H
#define VSL_MODEL_FEE_H

#include "model/records.h"

#include <stdint.h>

/* The tier that an amount falls into: the last one that begins at or below it. */
const struct fee_tier *fee_tier_of(const struct fee_rule *rule, int64_t amount_minor);

/* The fee of an amount of 0 or more by one tier: the flat part and the rounded rate, raised to the
 * minimum, then cut to the maximum. `rounding` is the rule's. Within a tier the fee rises with the
 * amount, by at most 1 for each 1. */
int64_t fee_by_tier(const struct fee_tier *tier, enum fee_rounding rounding, int64_t amount_minor);

/* The fee of an amount by the tier that it falls into. */
int64_t fee_of_amount(const struct fee_rule *rule, int64_t amount_minor);

/* How a fee is shared out: the amounts in the order of the rule's shares, which add up to the fee.
 * Each is rounded down, the first one gets what is left over. The rule has shares. */
void fee_shares(
    const struct fee_rule *rule, int64_t fee_minor, int64_t ret_amounts_minor[FEE_SHARES_MAX]);

/* Who gives what of a fee comes back now: `before_minor` of it had come back, `after_minor` has.
 * The amounts of the `count` shares add up to the fee. Each gives in proportion, rounded, so that
 * the parts of a fee that comes back in parts are never more than the share, and all of it the
 * shares themselves: the first share's part of what is back in all is rounded down, of the rest the
 * second's and so on; each step rises with what is back. */
void fee_shares_back(const int64_t *shares_minor, uint32_t count, int64_t before_minor,
    int64_t after_minor, int64_t *ret_amounts_minor);

/* What of the whole belongs to a part: whole * part / of, rounded down. None is negative, part is
 * not above of, of is not 0. */
int64_t fee_proportion(int64_t whole_minor, int64_t part_minor, int64_t of_minor);

#endif
