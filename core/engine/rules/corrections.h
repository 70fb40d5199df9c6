/* corrections.h: proposals, as what is over.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_CORRECTIONS_H
#define VSL_ENGINE_RULES_CORRECTIONS_H

#include "engine/memory/memory.h"

/* Puts a live proposal into the engine's indexes; also when it is loaded. */
void index_adjustment(struct engine *engine, int64_t adjustment_id);
/* Its part of Expire. */
enum outcome expire_adjustment(
    struct engine *engine, const struct ledger *ledger, int64_t adjustment_id);

#endif
