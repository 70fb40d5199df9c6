/* places.c: see places.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/places.h"

#include "engine/memory/blocks.h"
#include "engine/memory/memory.h"
#include "engine/memory/undo.h"

#include <string.h>

/* Gives a block its slot. New ids only grow, so in a scope its place in the order is the last one,
 * and an undo has nothing to move back: what stands behind the counts does not matter. */
static uint32_t open_block(struct engine *engine, struct blocks *blocks, int64_t number)
{
    uint32_t index = blocks_lower_bound(blocks, number);
    struct slot_counts *counts = &blocks->counts;
    CHECK(counts->used < blocks->slots_max);
    CHECK(index == counts->used || !engine->in_scope);
    keep_for_undo(engine, counts, sizeof *counts);
    uint32_t slot = counts->free > 0 ? blocks->free[--counts->free] : counts->ever++;
    keep_for_undo(engine, &blocks->block[slot], sizeof blocks->block[slot]);
    CHECK(blocks->block[slot].resident_count == 0);
    blocks->block[slot].number = number;
    memmove(&blocks->order[index + 1], &blocks->order[index],
        (counts->used - index) * sizeof *blocks->order);
    blocks->order[index] = slot;
    counts->used++;
    insert_into_map(engine, &blocks->slots, block_hash(number), slot);
    return slot;
}

uint32_t open_place(struct engine *engine, enum record_kind kind, int64_t id)
{
    struct blocks *blocks = &engine->blocks[kind];
    CHECK(id >= 1 && id <= engine->last_id[kind]);
    if (blocks->slots_max == 0)
        return (uint32_t)id;
    uint32_t place = blocks_find(blocks, id);
    if (place == NO_PLACE)
        place = open_block(engine, blocks, id / BLOCK_IDS) * BLOCK_IDS + (uint32_t)(id % BLOCK_IDS);
    struct block *block = &blocks->block[place / BLOCK_IDS];
    CHECK(block->resident_count < BLOCK_IDS);
    keep_for_undo(engine, block, sizeof *block);
    block->resident_count++;
    return place;
}

void close_place(struct engine *engine, enum record_kind kind, uint32_t place)
{
    CHECK(!engine->in_scope);
    struct blocks *blocks = &engine->blocks[kind];
    uint32_t slot = place / BLOCK_IDS;
    struct block *block = &blocks->block[slot];
    struct slot_counts *counts = &blocks->counts;
    CHECK(block->resident_count > 0);
    if (--block->resident_count > 0)
        return;
    uint32_t index = blocks_lower_bound(blocks, block->number);
    CHECK(index < counts->used && blocks->order[index] == slot);
    counts->used--;
    memmove(&blocks->order[index], &blocks->order[index + 1],
        (counts->used - index) * sizeof *blocks->order);
    blocks->free[counts->free++] = slot;
    map_remove(&blocks->slots, block_hash(block->number), slot);
}
