/* undo.c: see undo.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/undo.h"

#include "engine/memory/dues.h"
#include "engine/memory/memory.h"

#include <string.h>

void keep_for_undo(struct engine *engine, void *where, uint32_t length)
{
    if (!engine->in_scope)
        return;
    CHECK(engine->undo_step_count < UNDO_STEPS_MAX);
    CHECK(engine->undo_byte_count + length <= UNDO_BYTES_MAX);
    struct undo_step *step = &engine->undo_steps[engine->undo_step_count++];
    *step = (struct undo_step){
        .where = where, .length = length, .bytes_offset = engine->undo_byte_count};
    memcpy(engine->undo_bytes + engine->undo_byte_count, where, length);
    engine->undo_byte_count += length;
}

void insert_into_map(struct engine *engine, struct map *map, uint64_t hash, uint32_t slot)
{
    map_insert(map, hash, slot);
    if (!engine->in_scope)
        return;
    CHECK(engine->undo_step_count < UNDO_STEPS_MAX);
    engine->undo_steps[engine->undo_step_count++] =
        (struct undo_step){.map = map, .hash = hash, .slot = slot};
}

void remove_from_map(struct engine *engine, struct map *map, uint64_t hash, uint32_t slot)
{
    map_remove(map, hash, slot);
    if (!engine->in_scope)
        return;
    CHECK(engine->undo_step_count < UNDO_STEPS_MAX);
    engine->undo_steps[engine->undo_step_count++] =
        (struct undo_step){.map = map, .hash = hash, .slot = slot, .was_removed = true};
}

void keep_due_for_undo(struct engine *engine, enum record_kind kind, int64_t id,
    int64_t expires_at_us, bool was_removed)
{
    if (!engine->in_scope)
        return;
    CHECK(engine->undo_step_count < UNDO_STEPS_MAX);
    engine->undo_steps[engine->undo_step_count++] = (struct undo_step){
        .due_id = id, .due_us = expires_at_us, .due_kind = kind, .was_removed = was_removed};
}

void undo_since(struct engine *engine, const struct savepoint *savepoint)
{
    CHECK(engine->in_scope);
    CHECK(savepoint->step_count <= engine->undo_step_count);
    CHECK(savepoint->byte_count <= engine->undo_byte_count);
    for (uint64_t i = engine->undo_step_count; i > savepoint->step_count; i--) {
        const struct undo_step *step = &engine->undo_steps[i - 1];
        if (step->where)
            memcpy(step->where, engine->undo_bytes + step->bytes_offset, step->length);
        else if (!step->map && step->was_removed)
            insert_due(engine, step->due_kind, step->due_id, step->due_us);
        else if (!step->map)
            CHECK(take_due(engine, step->due_kind, step->due_id) == step->due_us);
        else if (step->was_removed)
            map_insert(step->map, step->hash, step->slot);
        else
            map_remove(step->map, step->hash, step->slot);
    }
    engine->undo_step_count = savepoint->step_count;
    engine->undo_byte_count = savepoint->byte_count;
}
