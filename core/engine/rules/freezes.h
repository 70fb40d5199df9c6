/* freezes.h: what is kept of business freezes, and their end.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_FREEZES_H
#define VSL_ENGINE_RULES_FREEZES_H

#include "engine/memory/memory.h"

int64_t frozen_minor(const struct freeze *freeze);

/* Row of record_rules.c; PlaceFreeze indexes its own. */
void index_freeze(struct engine *engine, int64_t freeze_id);
enum outcome expire_freeze(struct engine *engine, const struct ledger *ledger, int64_t freeze_id);

#endif
