/* check.h: what the engine keeps is what its records say.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_MEMORY_CHECK_H
#define VSL_ENGINE_MEMORY_CHECK_H

#include "engine/memory/memory.h"

/* Whether the ledger and the accounts that a record names are there and belong together. */
bool has_owners(const struct engine *engine, enum record_kind kind, const void *record);

#endif
