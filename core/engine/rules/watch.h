/* watch.h: for how long money may wait in UNALLOCATED.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_WATCH_H
#define VSL_ENGINE_RULES_WATCH_H

#include "engine/memory/memory.h"

/* Rows of record_rules.c. */
void index_watch(struct engine *engine, int64_t watch_id);
enum outcome expire_suspense(struct engine *engine, const struct ledger *ledger, int64_t id);

/* Those terms that are kept here, of which the request names one at least. */
void set_watch_terms(
    struct engine *engine, const struct ledger *ledger, const struct set_terms *asked);

/* The oldest item with something open, when it is older than the terms allow; NULL: it is not, or
 * there is none, or no such term. */
const struct suspense *find_overdue(const struct engine *engine, const struct ledger *ledger);

/* Whether the terms say that money leaves by the card that it came by. */
bool holds_same_card(const struct engine *engine, int64_t ledger_id);

/* Ends an accepted command: a ledger that is flagged and has nothing overdue any more is cleared,
 * and what is oldest now is what comes due. */
void settle_watch(struct engine *engine, const struct ledger *ledger);

#endif
