/* blocks.c: see blocks.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/blocks.h"

#include "base/reserve.h"
#include "engine/memory/memory.h"

#include <string.h>

void blocks_init(struct blocks *blocks, uint32_t slots_max)
{
    CHECK(slots_max > 0 && slots_max <= SLOTS_MAX);
    *blocks = (struct blocks){.slots_max = slots_max};
    map_init(&blocks->slots, slots_max);
    blocks->block = reserve_array(slots_max, sizeof *blocks->block);
    blocks->order = reserve_array(slots_max, sizeof *blocks->order);
    blocks->free = reserve_array(slots_max, sizeof *blocks->free);
}

void blocks_finish(struct blocks *blocks)
{
    if (blocks->slots_max == 0)
        return;
    map_finish(&blocks->slots);
    reserve_release(blocks->block, blocks->slots_max, sizeof *blocks->block);
    reserve_release(blocks->order, blocks->slots_max, sizeof *blocks->order);
    reserve_release(blocks->free, blocks->slots_max, sizeof *blocks->free);
    *blocks = (struct blocks){0};
}

uint32_t blocks_lower_bound(const struct blocks *blocks, int64_t number)
{
    uint32_t low = 0;
    uint32_t high = blocks->counts.used;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (blocks->block[blocks->order[middle]].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool blocks_have_room(const struct blocks *blocks, int64_t count)
{
    /* The first and the last id may each be in a block that has others. */
    int64_t wanted = count / BLOCK_IDS + 2;
    return blocks->counts.used + wanted + SLOTS_FOR_REVIVAL <= blocks->slots_max;
}
