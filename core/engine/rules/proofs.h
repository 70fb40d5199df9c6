/* proofs.h: that a customer wants a command, and wants exactly this one.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_PROOFS_H
#define VSL_ENGINE_RULES_PROOFS_H

#include "engine/memory/memory.h"

/* Row of record_rules.c. */
void index_proof_policy(struct engine *engine, int64_t policy_id);

/* Whether the command may be decided as far as the proof of its customer's instruction goes. */
enum outcome check_instruction(
    const struct engine *engine, const struct ledger *ledger, const struct command *command);

#endif
