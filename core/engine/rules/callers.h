/* callers.h: what is derived of callers.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_CALLERS_H
#define VSL_ENGINE_RULES_CALLERS_H

#include "engine/memory/memory.h"

/* Builds what is derived of a caller that was loaded. */
void index_caller(struct engine *engine, int64_t caller_id);

#endif
