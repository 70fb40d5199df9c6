/* returns.h: how many payouts the bank may still send back.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_RETURNS_H
#define VSL_ENGINE_RULES_RETURNS_H

#include "engine/memory/memory.h"

/* So many payouts more, or less, are neither paid nor over. */
void count_open_payout(struct engine *engine, int64_t ledger_id, int64_t change);
/* The payout is one that may return, from now on (1), or is no longer as it is (-1). */
void count_returnable(struct engine *engine, const struct payout *payout, int change);
/* The ledger goes to a later date: what could return up to the day before cannot any more. */
void drop_past_returns(struct engine *engine, const struct ledger *ledger, int32_t new_date);
/* How many payouts the bank may still send back on the ledger's date or later. */
int64_t returnable_count(const struct engine *engine, const struct ledger *ledger);

/* Row of record_rules.c. */
void index_payout(struct engine *engine, int64_t payout_id);

#endif
