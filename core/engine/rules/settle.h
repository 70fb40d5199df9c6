/* settle.h: what is claimed is covered, and who owes repays, after every command.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_SETTLE_H
#define VSL_ENGINE_RULES_SETTLE_H

#include "engine/memory/memory.h"

/* What settling can add to a command after which so many members have more available: of each all
 * covers may move and claims be dated, and whoever has money then may repay. */
#define SETTLE_POSTINGS(members) ((members)*CLAIM_MEMBER_ACCOUNTS_MAX + SETTLE_ACCOUNTS_MAX)
#define SETTLE_IMAGES(members)                                                                     \
    ((members) * (CLAIM_MEMBER_ACCOUNTS_MAX + CLAIM_DATES_PER_CREDIT_MAX) +                        \
        SETTLE_ACCOUNTS_MAX * (1 + DEBTS_PER_SETTLE_MAX))

/* Ends an accepted command: claims of who was noted are covered, and who owes repays out of what is
 * available then. */
void settle_accounts(struct engine *engine, const struct ledger *ledger);

#endif
