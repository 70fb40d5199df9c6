/* reserve.h: address space for the ceiling, memory on first touch.
 *
 * The engine's tables are arrays as long as their ceiling in ceilings.h. Reserving address space
 * costs nothing; the kernel gives zeroed pages as they are touched. So no table is ever moved or
 * grown, and the engine never calls malloc after start.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_RESERVE_H
#define VSL_BASE_RESERVE_H

#include <stddef.h>

/* Zeroed memory of `count` items; aborts when even the address space is refused. */
void *reserve_array(size_t count, size_t item_bytes);

/* Gives back the pages that lie wholly within `count` items from `first` on; they read as zero
 * then, so the owner has no use for what is in these items. Pages shared with others stay. */
void reserve_drop_pages(void *array, size_t first, size_t count, size_t item_bytes);

/* Gives pages and address space back. */
void reserve_release(void *array, size_t count, size_t item_bytes);

/* How many arrays are reserved and not released: what a test is to leave is 0, and no sanitizer
 * looks after them. */
size_t reserve_held(void);

#endif
