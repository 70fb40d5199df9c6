/* debts.h: what payees owe for refunds that were advanced.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_DEBTS_H
#define VSL_ENGINE_RULES_DEBTS_H

#include "engine/memory/memory.h"

int64_t owed_of_debt_minor(const struct debt *debt);

/* Row of record_rules.c: puts an open debt at the end of its account's chain. Refund indexes its
 * own. */
void index_debt(struct engine *engine, int64_t debt_id);
/* Repays the account's oldest debts out of at most so much. Returns what was repaid. */
int64_t recover_debts(struct engine *engine, const struct ledger *ledger,
    const struct account *account, int64_t most_minor);

#endif
