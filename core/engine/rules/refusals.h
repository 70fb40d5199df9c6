/* refusals.h: which refusal comes first, and the number that decided it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_REFUSALS_H
#define VSL_ENGINE_RULES_REFUSALS_H

#include "engine/memory/memory.h"

/* The refusal of the two that stands first in the list of outcomes, so that code need not look in
 * the order of the list; OUTCOME_ACCEPTED when neither is one. */
static inline enum outcome earlier(enum outcome one, enum outcome other)
{
    if (one == OUTCOME_ACCEPTED)
        return other;
    if (other == OUTCOME_ACCEPTED)
        return one;
    return outcome_precedence((int)other) < outcome_precedence((int)one) ? other : one;
}

/* Notes the number over which a rule is broken: what is available, what is left, what the fee is.
 * It is answered when no rule that comes first is broken, too; of several for one outcome the
 * least. Gives the outcome. A quote keeps none. */
static inline enum outcome refuse_at(
    const struct engine *engine, enum outcome outcome, int64_t limit_minor)
{
    struct effects *effects = engine->effects;
    CHECK(!outcome_is_accepted((int)outcome));
    if (!effects)
        return outcome;
    uint32_t i = 0;
    while (i < effects->limit_count && effects->limits[i].outcome != outcome)
        i++;
    CHECK(i < REFUSAL_LIMITS_MAX);
    if (i == effects->limit_count)
        effects->limits[effects->limit_count++] = (struct refusal_limit){outcome, limit_minor};
    else if (limit_minor < effects->limits[i].limit_minor)
        effects->limits[i].limit_minor = limit_minor;
    return outcome;
}

#endif
