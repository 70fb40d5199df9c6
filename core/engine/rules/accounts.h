/* accounts.h: finds accounts as the rules need them, and adds one.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_ACCOUNTS_H
#define VSL_ENGINE_RULES_ACCOUNTS_H

#include "engine/memory/memory.h"

static inline int64_t control_account_id(const struct ledger *ledger, enum account_kind kind)
{
    CHECK(kind >= ACCOUNT_ESCROW && kind <= ACCOUNT_ENFORCEMENT);
    return ledger->first_control_account_id + (kind - ACCOUNT_ESCROW);
}

static inline const struct account *control_account(
    const struct engine *engine, const struct ledger *ledger, enum account_kind kind)
{
    return &engine->accounts[control_account_id(ledger, kind)];
}

/* Whether the first control account that the ledger names, and those that follow it, are there and
 * its own, in their order. */
bool has_control_accounts(const struct engine *engine, const struct ledger *ledger);

/* NULL is not closed. */
static inline bool is_closed(const struct account *account)
{
    return account && account->status != ACCOUNT_OPEN;
}

/* Who gets money that goes back to the account: the account, restricted or not, for it is its
 * owner's; UNALLOCATED when it was closed since. To be asked by whoever books, for the answer
 * then says that the money waits there. */
const struct account *owner_now(
    struct engine *engine, const struct ledger *ledger, int64_t account_id);

/* UNALLOCATED, where money waits for the account in its place. Likewise. */
const struct account *unallocated_for(
    struct engine *engine, const struct ledger *ledger, int64_t account_id);

/* OUTCOME_ACCEPTED with the open member account of the ledger, or why not. */
enum outcome find_member_account(const struct engine *engine, const struct ledger *ledger,
    int64_t account_id, const struct account **ret_account);

/* The next account; the caller has checked that there is room. */
struct account *add_account(struct engine *engine, int64_t ledger_id, enum account_kind kind);

/* Puts an account, which is in none yet, at the head of the chain that begins there. */
void chain_account(struct engine *engine, int64_t *newest, int64_t account_id);
/* Puts an account of kind FEE that is not the control account into its ledger's chain. */
void chain_fee_account(struct engine *engine, int64_t account_id);

/* Row of record_rules.c. */
void index_account(struct engine *engine, int64_t account_id);

#endif
