/* freezes.h: business freezes, as what is over.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_FREEZES_H
#define VSL_ENGINE_RULES_FREEZES_H

#include "engine/memory/memory.h"

/* Puts a live freeze into the engine's indexes; also when it is loaded. */
void index_freeze(struct engine *engine, int64_t freeze_id);
/* Its part of Expire. */
enum outcome expire_freeze(struct engine *engine, const struct ledger *ledger, int64_t freeze_id);

#endif
