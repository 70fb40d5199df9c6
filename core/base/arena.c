/* arena.c: bump allocation in chained blocks.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "base/check.h"

#include <stdint.h>
#include <stdlib.h>

struct arena_block {
    struct arena_block *next;
    size_t bytes;
    _Alignas(16) unsigned char memory[];
};

void arena_init(struct arena *arena, size_t block_bytes, size_t bytes_max)
{
    CHECK(block_bytes > 0);
    CHECK(bytes_max >= block_bytes);
    *arena = (struct arena){.bytes_max = bytes_max, .block_bytes = block_bytes};
}

static void free_blocks(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_finish(struct arena *arena)
{
    free_blocks(arena->first);
    arena->first = arena->current = NULL;
    arena->used = arena->total = 0;
}

void arena_reset(struct arena *arena)
{
    if (!arena->first)
        return;
    free_blocks(arena->first->next);
    arena->first->next = NULL;
    arena->current = arena->first;
    arena->used = 0;
    arena->total = arena->first->bytes;
}

static int add_block(struct arena *arena, size_t bytes)
{
    size_t size = bytes > arena->block_bytes ? bytes : arena->block_bytes;
    if (size > arena->bytes_max || arena->total > arena->bytes_max - size)
        return -1;
    struct arena_block *block = malloc(sizeof *block + size);
    if (!block)
        return -1;
    block->next = NULL;
    block->bytes = size;
    if (arena->current)
        arena->current->next = block;
    else
        arena->first = block;
    arena->current = block;
    arena->used = 0;
    arena->total += size;
    return 0;
}

void *arena_try_alloc(struct arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX - 15)
        return NULL;
    bytes = (bytes + 15) & ~(size_t)15;
    if (!arena->current || bytes > arena->current->bytes - arena->used) {
        if (add_block(arena, bytes) < 0)
            return NULL;
    }
    void *memory = arena->current->memory + arena->used;
    arena->used += bytes;
    CHECK(arena->used <= arena->current->bytes);
    return memory;
}
