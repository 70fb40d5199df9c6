/* corrections.h: what is kept of proposals, and their end.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_CORRECTIONS_H
#define VSL_ENGINE_RULES_CORRECTIONS_H

#include "engine/memory/memory.h"

/* Row of record_rules.c. */
void index_adjustment(struct engine *engine, int64_t adjustment_id);
enum outcome expire_adjustment(
    struct engine *engine, const struct ledger *ledger, int64_t adjustment_id);

#endif
