/* dues.h: what is live and has an end in time, the next one first.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_MEMORY_DUES_H
#define VSL_ENGINE_MEMORY_DUES_H

#include "engine/memory/memory.h"

/* Puts it into the heap of what has an end in time; each record once. */
void put_due(struct engine *engine, enum record_kind kind, int64_t id, int64_t expires_at_us);
/* When it comes; 0: it is not in. */
int64_t due_time(const struct engine *engine, enum record_kind kind, int64_t id);
/* It is not live any more. Does nothing when it is not in. */
void remove_due(struct engine *engine, enum record_kind kind, int64_t id);
/* Puts this one of the ledger, 0: none, into the heap in place of the one of its kind that was
 * there. Does nothing when it is there with that time. For kinds that wait, see waiting.h. */
void put_waiting_due(struct engine *engine, enum record_kind kind, int64_t ledger_id, int64_t id,
    int64_t expires_at_us);

/* The same for an undo, which is not to be undone. `take_due` says when it would have come; 0: it
 * was not in. */
void insert_due(struct engine *engine, enum record_kind kind, int64_t id, int64_t expires_at_us);
int64_t take_due(struct engine *engine, enum record_kind kind, int64_t id);

#endif
