/* statements.h: what the bank says of the escrow account.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_STATEMENTS_H
#define VSL_ENGINE_RULES_STATEMENTS_H

#include "engine/memory/memory.h"

/* Row of record_rules.c. */
void index_bank_statement(struct engine *engine, int64_t statement_id);

/* Looks at all of them: the id of one that has more than it may have, or is not found by its name
 * and file, or does not follow the one before; 0: there is none. */
MUST_USE int64_t find_wrong_bank_statement(const struct engine *engine);

#endif
