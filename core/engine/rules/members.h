/* members.h: what is derived of ledgers and members.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_MEMBERS_H
#define VSL_ENGINE_RULES_MEMBERS_H

#include "engine/memory/memory.h"

/* Rows of record_rules.c. */
void index_ledger(struct engine *engine, int64_t ledger_id);
void index_member(struct engine *engine, int64_t member_id);

/* The ledger's member, which is open; else MEMBER_NOT_FOUND, MEMBER_CLOSED. */
enum outcome find_open_member(const struct engine *engine, const struct ledger *ledger,
    int64_t member_id, const struct member **ret_member);

#endif
