/* settle.h: who owes settles after every command.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_SETTLE_H
#define VSL_ENGINE_RULES_SETTLE_H

#include "engine/memory/memory.h"

/* What settling one account can add to a command. */
#define SETTLE_POSTINGS 1
#define SETTLE_IMAGES (1 + DEBTS_PER_SETTLE_MAX)

/* Ends an accepted command: who was noted and owes repays out of what is available. */
void settle_accounts(struct engine *engine, const struct ledger *ledger);

#endif
