/* map.c: open addressing with linear probing, in levels.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include "base/check.h"
#include "base/reserve.h"

#include <stddef.h>

/* A cursor is the level in its upper byte and the number of cells seen there. */
#define CURSOR_LEVEL_SHIFT 56

static void open_level(struct map *map, uint64_t count_max)
{
    CHECK(map->level_count < MAP_LEVELS_MAX);
    uint64_t cells = 16;
    while (cells / 4 * 3 < count_max)
        cells *= 2;
    map->levels[map->level_count++] = (struct map_level){
        .cells = reserve_array(cells, sizeof *map->levels[0].cells),
        .cell_mask = cells - 1,
        .count_max = count_max,
    };
}

void map_init_growing(struct map *map, uint64_t count_first, uint64_t count_max)
{
    CHECK(count_first > 0);
    CHECK(count_first <= count_max);
    CHECK(count_max < MAP_NONE);
    *map = (struct map){.count_max = count_max};
    open_level(map, count_first);
}

void map_init(struct map *map, uint64_t count_max)
{
    map_init_growing(map, count_max, count_max);
}

void map_finish(struct map *map)
{
    for (uint32_t i = 0; i < map->level_count; i++) {
        struct map_level *level = &map->levels[i];
        reserve_release(level->cells, level->cell_mask + 1, sizeof *level->cells);
    }
    *map = (struct map){0};
}

void map_insert(struct map *map, uint64_t hash, uint32_t slot)
{
    CHECK(map->count < map->count_max);
    CHECK(slot != MAP_NONE);
    struct map_level *level = &map->levels[map->level_count - 1];
    if (level->count == level->count_max) {
        open_level(map, 2 * level->count_max);
        level = &map->levels[map->level_count - 1];
    }
    uint64_t i = hash & level->cell_mask;
    while (level->cells[i].slot_plus_one != 0)
        i = (i + 1) & level->cell_mask;
    level->cells[i] = (struct map_cell){.hash = hash, .slot_plus_one = (uint64_t)slot + 1};
    level->count++;
    map->count++;
}

/* The cell that holds the entry, false when it is in another level. */
static bool find_cell(
    const struct map_level *level, uint64_t hash, uint32_t slot, uint64_t *ret_cell)
{
    uint64_t i = hash & level->cell_mask;
    while (level->cells[i].slot_plus_one != 0) {
        if (level->cells[i].hash == hash && level->cells[i].slot_plus_one == (uint64_t)slot + 1) {
            *ret_cell = i;
            return true;
        }
        i = (i + 1) & level->cell_mask;
    }
    return false;
}

/* Frees a cell and moves later cells of the same run back, so that no search stops at the hole. */
static void free_cell(struct map_level *level, uint64_t hole)
{
    uint64_t mask = level->cell_mask;
    uint64_t next = (hole + 1) & mask;
    while (level->cells[next].slot_plus_one != 0) {
        uint64_t home = level->cells[next].hash & mask;
        if (((next - home) & mask) >= ((next - hole) & mask)) {
            level->cells[hole] = level->cells[next];
            hole = next;
        }
        next = (next + 1) & mask;
    }
    level->cells[hole] = (struct map_cell){0};
}

void map_remove(struct map *map, uint64_t hash, uint32_t slot)
{
    uint64_t cell = 0;
    uint32_t l = map->level_count;
    while (l > 0 && !find_cell(&map->levels[l - 1], hash, slot, &cell))
        l--;
    CHECK(l > 0);
    free_cell(&map->levels[l - 1], cell);
    CHECK(map->count > 0);
    map->levels[l - 1].count--;
    map->count--;
}

uint32_t map_next(const struct map *map, uint64_t hash, uint64_t *cursor)
{
    uint64_t l = *cursor >> CURSOR_LEVEL_SHIFT;
    uint64_t seen = *cursor & ((UINT64_C(1) << CURSOR_LEVEL_SHIFT) - 1);
    while (l < map->level_count) {
        const struct map_level *level = &map->levels[l];
        const struct map_cell *cell = &level->cells[(hash + seen) & level->cell_mask];
        if (cell->slot_plus_one == 0) {
            l++;
            seen = 0;
            continue;
        }
        seen++;
        if (cell->hash == hash) {
            *cursor = l << CURSOR_LEVEL_SHIFT | seen;
            return (uint32_t)(cell->slot_plus_one - 1);
        }
    }
    *cursor = l << CURSOR_LEVEL_SHIFT;
    return MAP_NONE;
}
