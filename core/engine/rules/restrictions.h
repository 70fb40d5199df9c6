/* restrictions.h: who restricts an account.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_RESTRICTIONS_H
#define VSL_ENGINE_RULES_RESTRICTIONS_H

#include "engine/memory/memory.h"

/* Row of record_rules.c: puts it at the head of its account's chain. */
void index_restriction(struct engine *engine, int64_t restriction_id);

#endif
