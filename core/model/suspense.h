/* suspense.h: what is left of money in UNALLOCATED.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_SUSPENSE_H
#define VSL_MODEL_SUSPENSE_H

#include "model/records/suspense.h"

/* What waits for its owner. */
static inline int64_t suspense_open_minor(const struct suspense *item)
{
    return item->amount_minor - item->allocated_minor - item->reversed_minor -
           item->returning_minor - item->returned_minor;
}

#endif
