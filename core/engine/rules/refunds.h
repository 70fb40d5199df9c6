/* refunds.h: how much of an earlier command was given back.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_REFUNDS_H
#define VSL_ENGINE_RULES_REFUNDS_H

#include "engine/memory/memory.h"

/* Row of record_rules.c; add_refunded indexes its own. */
void index_refunded(struct engine *engine, int64_t refunded_id);
void unindex_refunded(struct engine *engine, int64_t refunded_id);

/* To whom how much was paid or allocated; `only` is room for a line's payee. NULL: the command is
 * neither a payment nor an allocation. */
const struct payee *payees_of_original(
    const struct original *original, struct payee *only, uint32_t *ret_count);

/* What a later command names is there: an accepted command of the ledger; NULL: it is not. */
const struct original *find_original(const struct ledger *ledger, const struct command *command);
/* Adds to what was given back of a command, of the whole (account 0) or of a payee; or, below 0,
 * takes from what PLATFORM_OWN gives (stand_ins.h). The caller has checked that there is room. */
struct refunded *add_refunded(struct engine *engine, const struct ledger *ledger,
    int64_t original_sequence, int64_t account_id, int64_t amount_minor, int64_t fee_minor);

#endif
