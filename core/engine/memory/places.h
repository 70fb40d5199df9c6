/* places.h: a record gets a place in memory, and leaves it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_MEMORY_PLACES_H
#define VSL_ENGINE_MEMORY_PLACES_H

#include "engine/memory/memory.h"

/* The place of a record that was not resident and is from now on; a block without a slot gets one:
 * there must be room. The caller puts the record there, whose id was given. */
uint32_t open_place(struct engine *engine, enum record_kind kind, int64_t id);
/* The record there is gone; the slot of a block without any is free for another. Not in a scope. */
void close_place(struct engine *engine, enum record_kind kind, uint32_t place);

#endif
