/* arena.h: memory for one purpose that is given back as a whole.
 *
 * An arena grows by blocks up to `bytes_max` and answers NULL beyond it, so that a hostile message
 * cannot take more than its ceiling. arena_reset keeps the first block for the next use.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_ARENA_H
#define VSL_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *first;
    struct arena_block *current;
    size_t used;        /* bytes used in the current block */
    size_t total;       /* bytes of all blocks */
    size_t bytes_max;   /* ceiling for total */
    size_t block_bytes; /* size of an ordinary block */
};

/* Starts an empty arena; no memory is taken yet. */
void arena_init(struct arena *arena, size_t block_bytes, size_t bytes_max);

/* Returns all memory to the system. */
void arena_finish(struct arena *arena);

/* Forgets everything that was allocated; keeps the first block. */
void arena_reset(struct arena *arena);

/* Memory aligned to 16 bytes, not cleared; NULL when the ceiling would be passed. */
void *arena_try_alloc(struct arena *arena, size_t bytes);

#endif
