/* promises.h: what acquirers promised, and have not paid yet.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_PROMISES_H
#define VSL_ENGINE_RULES_PROMISES_H

#include "engine/memory/memory.h"

/* Rows of record_rules.c: a promise is found by its acquirer's reference. */
void index_promise(struct engine *engine, int64_t promise_id);
void unindex_promise(struct engine *engine, int64_t promise_id);

#endif
