/* account_policy.h: what members may do with their accounts, and how much.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_ACCOUNT_POLICY_H
#define VSL_ENGINE_RULES_ACCOUNT_POLICY_H

#include "engine/memory/memory.h"

/* Of each member that a command moves money of. */
#define USAGE_IMAGES 1

/* Whether the policy of its ledger could refuse the command after it has booked: then it is decided
 * in a scope, see engine_execute. */
bool may_be_forbidden(const struct engine *engine, const struct command *command);

/* Has the processor fetch the members of a payment, which are asked for at its end. */
void fetch_for_policy(const struct engine *engine, const struct command *command);

/* Looks at the first `posting_count` postings of the command, which is accepted and has booked
 * everything; what follows them is what was owed. Counts what they moved. OUTCOME_ACCEPTED, or why
 * the policy forbids it: then whoever asked undoes all of it. */
enum outcome check_account_policy(struct engine *engine, const struct ledger *ledger,
    const struct command *command, uint32_t posting_count);

/* Whether a receipt of so much would be accepted: what comes by a receiving number waits in
 * UNALLOCATED instead. */
bool policy_takes_receipt(const struct engine *engine, const struct ledger *ledger,
    const struct account *account, int64_t amount_minor);

/* Whether a refund of so much may stand in the account of who paid: else it waits in
 * UNALLOCATED. */
bool policy_takes_back(const struct engine *engine, const struct ledger *ledger,
    const struct account *account, int64_t amount_minor);

/* How much of the account's money may leave by a withdrawal at that time; INT64_MAX: nothing limits
 * it. */
int64_t policy_withdrawable_minor(const struct engine *engine, int64_t now_us,
    const struct ledger *ledger, const struct account *account);

/* The policy that a new ledger has, of which the request named that one or, with 0, none. */
void open_account_policy(struct engine *engine, int64_t ledger_id, int32_t asked);

/* A day cut from one accounting date to another: counts begin again. */
void begin_policy_date(struct engine *engine, int64_t ledger_id, int32_t from, int32_t to);

/* A row of record_rules.c. */
void index_account_policy(struct engine *engine, int64_t policy_id);

#endif
