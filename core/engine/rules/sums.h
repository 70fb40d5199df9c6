/* sums.h: what all accounts of a ledger add up to, kept up with every posting.
 *
 * Sums are of one unit. Those of money are the ledger's, see sums_of; of a product all positions
 * add up to what its issuer has with a minus sign.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_SUMS_H
#define VSL_ENGINE_RULES_SUMS_H

#include "engine/memory/memory.h"

/* The sums that the account's balances are part of. */
static inline struct ledger_sums *sums_of(
    const struct engine *engine, const struct account *account)
{
    return &engine->sums[account->ledger_id];
}

/* An account that was loaded becomes part of its sums. */
void add_to_sums(struct engine *engine, const struct account *account);
/* The sums that the command's postings touched hold, or the process aborts. */
void check_sums(const struct engine *engine, const struct effects *effects);

/* Whether so much more can be held: no bucket of the ledger can pass the book balance, so it is
 * enough that the book balance stays within int64. */
bool can_take(const struct engine *engine, const struct ledger *ledger, int64_t amount_minor);
/* How much that could be at most. */
int64_t room_minor(const struct engine *engine, const struct ledger *ledger);
/* How much more acquirers could promise. */
int64_t promise_room_minor(const struct engine *engine, const struct ledger *ledger);

#endif
