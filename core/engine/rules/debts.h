/* debts.h: what payees owe for refunds that were advanced. Who owes is the member: a debt is made
 * at the account that was paid, and every account of the member repays it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_DEBTS_H
#define VSL_ENGINE_RULES_DEBTS_H

#include "engine/memory/memory.h"

int64_t owed_of_debt_minor(const struct debt *debt);

/* What of available the account may give away, see withdrawable.h. */
int64_t spendable_minor(const struct engine *engine, const struct account *account);

/* Row of record_rules.c: puts an open debt at the end of its account's chain and its member's.
 * Refund indexes its own. */
void index_debt(struct engine *engine, int64_t debt_id);
/* Repays out of at most so much of the account: its own debts first, then those of its member's
 * other accounts, the oldest first. Returns what was repaid. */
int64_t recover_debts(struct engine *engine, const struct ledger *ledger,
    const struct account *account, int64_t most_minor);

/* For engine_check, when the chains of accounts are right: a member whose open debts are not all
 * chained both ways, the oldest first, or do not add up to what it owes; 0: there is none. */
MUST_USE int64_t find_wrong_debtor(const struct engine *engine);

#endif
