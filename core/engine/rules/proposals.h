/* proposals.h: four eyes: what is kept of proposals, their end, and which commands need one.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_PROPOSALS_H
#define VSL_ENGINE_RULES_PROPOSALS_H

#include "engine/memory/memory.h"

/* Rows of record_rules.c. */
void index_proposal(struct engine *engine, int64_t proposal_id);
enum outcome expire_proposal(
    struct engine *engine, const struct ledger *ledger, int64_t proposal_id);
void index_approval_policy(struct engine *engine, int64_t policy_id);

/* Whether the command may be decided as far as persons go: it comes alone and needs nobody else, or
 * by the approval of a proposal that is open, by another person. */
enum outcome check_persons(
    const struct engine *engine, const struct ledger *ledger, const struct command *command);
/* Who wants the command: the caller that proposed it, else the one that sends it; 0: not known. */
static inline int64_t person_of(const struct command *command)
{
    return command->proposal_id != 0 ? command->maker_caller_id : command->caller_id;
}

/* Whether two persons want it. What is a matter of two by its nature, whatever the policy says,
 * asks for it in its topic's file. */
static inline bool is_of_two(const struct command *command)
{
    return command->proposal_id != 0;
}

/* The command, whose proposal check_persons has found, is accepted. */
void approve_proposal(struct engine *engine, const struct command *command);

#endif
