/* undo.h: what a scope keeps, so that it can be undone.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_MEMORY_UNDO_H
#define VSL_ENGINE_MEMORY_UNDO_H

#include "engine/memory/memory.h"

/* For derived fields: kept for an undo, but not a change of the record. */
void keep_for_undo(struct engine *engine, void *where, uint32_t length);
void insert_into_map(struct engine *engine, struct map *map, uint64_t hash, uint32_t slot);
void remove_from_map(struct engine *engine, struct map *map, uint64_t hash, uint32_t slot);

/* It was put into the dues, or taken out of them. */
void keep_due_for_undo(struct engine *engine, enum record_kind kind, int64_t id,
    int64_t expires_at_us, bool was_removed);

/* Takes back what was kept since the savepoint, the newest first. */
void undo_since(struct engine *engine, const struct savepoint *savepoint);

#endif
