/* holds.h: what is kept of guaranteed payments, and their end.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_HOLDS_H
#define VSL_ENGINE_RULES_HOLDS_H

#include "engine/memory/memory.h"

int64_t held_minor(const struct hold *hold);
/* Of all live holds of the payer for the order. */
int64_t held_of_order_minor(
    const struct engine *engine, int64_t ledger_id, int64_t payer_id, struct text order_number);
/* Whether an ended hold is kept as the last of its order, of those that are in memory. */
bool is_ended_of_order(const struct engine *engine, int64_t hold_id);

/* Row of record_rules.c; PlaceHold indexes its own. */
void index_hold(struct engine *engine, int64_t hold_id);
void unindex_hold(struct engine *engine, int64_t hold_id);
enum outcome expire_hold(struct engine *engine, const struct ledger *ledger, int64_t hold_id);

#endif
