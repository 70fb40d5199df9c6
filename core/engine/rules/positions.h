/* positions.h: units of products that money accounts hold, and how they come and go.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_POSITIONS_H
#define VSL_ENGINE_RULES_POSITIONS_H

#include "engine/memory/memory.h"

/* Row of record_rules.c. */
void index_position(struct engine *engine, int64_t position_id);

/* Whether the account holds units of whatever product, in whichever bucket. */
bool holds_units(const struct engine *engine, const struct account *owner);

/* For engine_check: a position that is not as its accounts and the sums by unit say; 0: none. */
int64_t find_wrong_position(const struct engine *engine);

#endif
