/* waiting.h: what of a ledger waits for something to come, the oldest first: items of suspense that
 * have something open, and promises that nobody was told yet are late.
 *
 * The oldest one has the least date until which it waits, where the kind has such a date, and of
 * these the least id: ids are given in the order of time. What is opened again by an undo comes
 * back to its place, so this is a tree: a treap, whose shape follows from ids and the engine's
 * secret alone. Nobody can choose ids that make it deep, and a step costs as many looks as their
 * number has bits, twice.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_MEMORY_WAITING_H
#define VSL_ENGINE_MEMORY_WAITING_H

#include "engine/memory/memory.h"

/* The record, which was not in, waits; and, which was in, waits no more. */
void put_waiting(struct engine *engine, enum record_kind kind, int64_t ledger_id, int64_t id);
void remove_waiting(struct engine *engine, enum record_kind kind, int64_t ledger_id, int64_t id);

/* The oldest one; 0: there is none. */
int64_t first_waiting(const struct engine *engine, enum record_kind kind, int64_t ledger_id);
/* The one that comes after that, which is in; 0: there is none. */
int64_t next_waiting(
    const struct engine *engine, enum record_kind kind, int64_t ledger_id, int64_t id);

#endif
