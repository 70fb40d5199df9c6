/* receipts.h: what a ledger can take, and whose account the platform's own is.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_RECEIPTS_H
#define VSL_ENGINE_RULES_RECEIPTS_H

#include "engine/memory/memory.h"

/* Whether so much more can be held: no bucket of the ledger can pass the book balance, so it is
 * enough that the book balance stays within int64. */
bool can_take(const struct engine *engine, const struct ledger *ledger, int64_t amount_minor);
/* How much that could be at most. */
int64_t room_minor(const struct engine *engine, const struct ledger *ledger);

/* PLATFORM_OWN takes from and gives to the platform's own named account only. */
enum outcome check_platform_party(const struct ledger *ledger, const struct party *party);

#endif
