/* map.c: open addressing with linear probing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include "base/check.h"
#include "base/reserve.h"

#include <stddef.h>

void map_init(struct map *map, uint64_t count_max)
{
    CHECK(count_max > 0);
    CHECK(count_max < MAP_NONE);
    uint64_t cells = 16;
    while (cells / 4 * 3 < count_max)
        cells *= 2;
    *map = (struct map){.cell_mask = cells - 1, .count_max = count_max};
    map->cells = reserve_array(cells, sizeof *map->cells);
}

void map_finish(struct map *map)
{
    reserve_release(map->cells, map->cell_mask + 1, sizeof *map->cells);
    *map = (struct map){0};
}

void map_clear(struct map *map)
{
    reserve_clear(map->cells, map->cell_mask + 1, sizeof *map->cells);
    map->count = 0;
}

void map_insert(struct map *map, uint64_t hash, uint32_t slot)
{
    CHECK(map->count < map->count_max);
    CHECK(slot != MAP_NONE);
    uint64_t i = hash & map->cell_mask;
    while (map->cells[i].slot_plus_one != 0)
        i = (i + 1) & map->cell_mask;
    map->cells[i] = (struct map_cell){.hash = hash, .slot_plus_one = (uint64_t)slot + 1};
    map->count++;
}

void map_remove(struct map *map, uint64_t hash, uint32_t slot)
{
    uint64_t mask = map->cell_mask;
    uint64_t hole = hash & mask;
    while (map->cells[hole].hash != hash || map->cells[hole].slot_plus_one != (uint64_t)slot + 1) {
        CHECK(map->cells[hole].slot_plus_one != 0);
        hole = (hole + 1) & mask;
    }
    /* Moves later cells of the same run back, so that no search stops at the hole. */
    uint64_t next = (hole + 1) & mask;
    while (map->cells[next].slot_plus_one != 0) {
        uint64_t home = map->cells[next].hash & mask;
        if (((next - home) & mask) >= ((next - hole) & mask)) {
            map->cells[hole] = map->cells[next];
            hole = next;
        }
        next = (next + 1) & mask;
    }
    map->cells[hole] = (struct map_cell){0};
    CHECK(map->count > 0);
    map->count--;
}

uint32_t map_next(const struct map *map, uint64_t hash, uint64_t *cursor)
{
    for (;;) {
        const struct map_cell *cell = &map->cells[(hash + *cursor) & map->cell_mask];
        if (cell->slot_plus_one == 0)
            return MAP_NONE;
        (*cursor)++;
        if (cell->hash == hash)
            return (uint32_t)(cell->slot_plus_one - 1);
    }
}
