/* map.h: an index from a 64-bit hash to a 32-bit slot, in reserved memory.
 *
 * Open addressing with linear probing at most 3/4 full, removal by moving back. The map stores the
 * hash and the slot; the owner compares keys in its own records. No malloc after the start. Slot
 * 0xffffffff is not storable.
 *
 * A map whose ceiling is far above its usual size grows by levels, each twice as large as the one
 * before: nothing is ever rehashed, so no insert takes long, and the pages that are touched stay in
 * proportion to the entries. A search asks every level.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_MAP_H
#define VSL_BASE_MAP_H

#include <stdbool.h>
#include <stdint.h>

#define MAP_NONE UINT32_MAX
#define MAP_LEVELS_MAX 16

struct map_cell {
    uint64_t hash;
    uint64_t slot_plus_one; /* 0: free */
};

struct map_level {
    struct map_cell *cells;
    uint64_t cell_mask;
    uint64_t count;
    uint64_t count_max;
};

struct map {
    struct map_level levels[MAP_LEVELS_MAX];
    uint32_t level_count; /* in use; the last one takes inserts */
    uint64_t count;
    uint64_t count_max;
};

/* Room for `count_max` entries in one level. */
void map_init(struct map *map, uint64_t count_max);
/* Room for `count_first` entries at once, for `count_max` by levels. */
void map_init_growing(struct map *map, uint64_t count_first, uint64_t count_max);
void map_finish(struct map *map);

/* Adds an entry; the map must not be full, and the owner knows that the key is new. */
void map_insert(struct map *map, uint64_t hash, uint32_t slot);

/* Removes the entry with this hash and slot; it must be there. */
void map_remove(struct map *map, uint64_t hash, uint32_t slot);

/* Iterates over the candidates for a hash: start with cursor = 0 and call until MAP_NONE; the owner
 * compares each candidate's key with its own. */
uint32_t map_next(const struct map *map, uint64_t hash, uint64_t *cursor);

#endif
