/* claims.h: courts and other organs claim money of members.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_CLAIMS_H
#define VSL_ENGINE_RULES_CLAIMS_H

#include "engine/rules/covers.h"

/* Rows of record_rules.c. */
void index_claim(struct engine *engine, int64_t claim_id);
void index_cover(struct engine *engine, int64_t cover_id);
enum outcome expire_claim(struct engine *engine, const struct ledger *ledger, int64_t claim_id);
int64_t rest_of_claim(const void *record);

struct claim_rule;

/* OUTCOME_ACCEPTED with the ledger's live claim, which the organ ordered; or why not. */
enum outcome find_claim_of(const struct engine *engine, const struct ledger *ledger,
    int64_t claim_id, struct text organ, const struct claim **ret_claim);
const struct claim_rule *rule_of_claim(const struct claim *claim);
/* Its end, what is deducted of it, or its status changed. */
void put_claim_due(struct engine *engine, const struct claim *claim);
/* The live claim, of which nothing is being deducted, ends. */
void leave_queue(struct engine *engine, struct claim *claim, enum claim_status status);
/* Whether a deducted one can take what comes back of it. */
bool can_claim_again(const struct engine *engine, const struct claim *claim);

/* Whether the account, or the member, is to stay open since claims reach it. */
static inline bool is_claimed(const struct account *account)
{
    return account->claim_count > 0;
}
bool has_claims(const struct engine *engine, int64_t member_id);
/* Whether claims keep the member from having one more account. */
bool claims_forbid_account(const struct engine *engine, int64_t member_id);

#endif
