/* holds.h: guaranteed payments, as what is over and what is kept beside them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_HOLDS_H
#define VSL_ENGINE_RULES_HOLDS_H

#include "engine/memory/memory.h"

/* Puts a live hold into the engine's indexes; also when it is loaded. */
void index_hold(struct engine *engine, int64_t hold_id);
/* The same for an ended hold that is the last of its order, of those that are in memory. */
void index_ended_hold(struct engine *engine, int64_t hold_id);
/* Whether it is known as such. */
bool is_ended_of_order(const struct engine *engine, int64_t hold_id);
/* It leaves memory. */
void unindex_ended_hold(struct engine *engine, int64_t hold_id);
/* Its part of Expire. */
enum outcome expire_hold(struct engine *engine, const struct ledger *ledger, int64_t hold_id);

#endif
