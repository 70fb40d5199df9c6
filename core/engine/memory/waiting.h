/* waiting.h: the items of suspense of a ledger that have something open, the oldest first.
 *
 * Ids are given in the order of time, so the oldest is that with the least id. An item that is
 * opened again by an undo comes back to its place, so this is a tree: a treap, whose shape follows
 * from ids and the engine's secret alone. Nobody can choose ids that make it deep, and a step costs
 * as many looks as the number of items has bits, twice.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_MEMORY_WAITING_H
#define VSL_ENGINE_MEMORY_WAITING_H

#include "engine/memory/memory.h"

/* The item, which was not in, has something open; and, which was in, has nothing. */
void put_waiting(struct engine *engine, int64_t ledger_id, int64_t suspense_id);
void remove_waiting(struct engine *engine, int64_t ledger_id, int64_t suspense_id);

/* The oldest one; 0: there is none. */
int64_t first_waiting(const struct engine *engine, int64_t ledger_id);
/* The oldest one with a greater id; 0: there is none. */
int64_t next_waiting(const struct engine *engine, int64_t ledger_id, int64_t suspense_id);

#endif
