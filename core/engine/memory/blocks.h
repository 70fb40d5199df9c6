/* blocks.h: where in memory the records are whose final ones leave it.
 *
 * Ids of such a kind go on for ever; places in memory come round. The ids stand in blocks of
 * BLOCK_IDS; a block with a resident record has a slot in the kind's arrays, in which each of its
 * ids has its place: the slot's first one and the id's offset in the block. When the last record of
 * a block has left, its slot is free for another. So what is limited is what is in memory at a
 * time, and everything inside of the engine (maps, marks, the ring of changes, the heap of dues)
 * holds places, which have 32 bits.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_MEMORY_BLOCKS_H
#define VSL_ENGINE_MEMORY_BLOCKS_H

#include "base/map.h"
#include "ceilings.h"

#include <stdbool.h>
#include <stdint.h>

/* Small, so that one record that stays for years keeps little more than its page; large enough that
 * a block is a handful of pages, and a slot's share of the arrays below does not count. */
#define BLOCK_IDS 256
#define SLOTS_MAX (LIVE_PLACES_MAX / BLOCK_IDS)

/* Slots that new records leave to those that come back, which a command waits for. They leave again
 * within some turns. */
#define SLOTS_FOR_REVIVAL 65536

#define NO_PLACE UINT32_MAX

struct block {
    int64_t number; /* id / BLOCK_IDS */
    uint32_t resident_count;
};

struct blocks {
    uint32_t slots_max; /* 0: the kind stays in memory and has no blocks, a place is an id */
    /* Together, so that an undo keeps them in one step. */
    struct slot_counts {
        uint32_t used; /* have a block; the length of `order` */
        uint32_t free; /* had one; the length of `free` */
        uint32_t ever; /* had one or have one: slots from here on are untouched */
    } counts;
    struct map slots;    /* block's number -> slot */
    struct block *block; /* by slot */
    uint32_t *order;     /* slots in use by the numbers of their blocks */
    uint32_t *free;      /* a stack */
};

void blocks_init(struct blocks *blocks, uint32_t slots_max);
void blocks_finish(struct blocks *blocks);

/* Numbers that follow each other stand side by side, so that the pages of the map that are touched
 * are as few as the blocks; groups of them are spread. */
static inline uint64_t block_hash(int64_t number)
{
    uint64_t group = (uint64_t)number / 16 * UINT64_C(0x9e3779b97f4a7c15);
    return (group ^ group >> 32) * 16 + (uint64_t)number % 16;
}

/* The place of an id that was given; NO_PLACE when its block has none. */
static inline uint32_t blocks_find(const struct blocks *blocks, int64_t id)
{
    int64_t number = id / BLOCK_IDS;
    uint64_t cursor = 0;
    uint32_t slot;
    while ((slot = map_next(&blocks->slots, block_hash(number), &cursor)) != MAP_NONE) {
        if (blocks->block[slot].number == number)
            return slot * BLOCK_IDS + (uint32_t)(id % BLOCK_IDS);
    }
    return NO_PLACE;
}

/* The first block in use whose number is this or a greater one: its index in `order`, which is
 * counts.used when there is none. */
uint32_t blocks_lower_bound(const struct blocks *blocks, int64_t number);

/* Whether so many new ids find slots, and enough are left over. */
bool blocks_have_room(const struct blocks *blocks, int64_t count);

#endif
