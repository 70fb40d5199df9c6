/* members.h: finds ledgers and members by what names them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_MEMBERS_H
#define VSL_ENGINE_RULES_MEMBERS_H

#include "engine/memory/memory.h"

uint64_t prefix_hash(const struct engine *engine, struct text prefix);
uint64_t platform_id_hash(const struct engine *engine, int64_t ledger_id, struct text id);
const struct ledger *find_ledger_by_prefix(const struct engine *engine, struct text prefix);

#endif
