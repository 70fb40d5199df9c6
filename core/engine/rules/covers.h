/* covers.h: what each claim covers of the money that it can reach.
 *
 * Of an account available and what claims cover can be reached: M. The claims of a member stand in
 * legal order, secured rights first, then as they were placed; one after the other takes, from the
 * first account that it reaches to the last, what is left of its limit and of M. That is made anew,
 * from nothing, whenever a command made money available, or changed a claim; what an account has to
 * be covered more or less is booked available <-> frozen by one posting. So frozen = holds +
 * business freezes + cover, and no way in which money becomes available can be forgotten.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_COVERS_H
#define VSL_ENGINE_RULES_COVERS_H

#include "engine/memory/memory.h"

/* Puts the live claim at its place among those of its member, and notes that it reaches its open
 * accounts. None is closed while it is reached. */
void link_claim(struct engine *engine, int64_t claim_id);
/* The claim, which is not live any more, leaves the queue. */
void unlink_claim(struct engine *engine, int64_t claim_id);
/* The account, which is new, is reached by what its member's claims reach. */
void reach_account(struct engine *engine, struct account *account);

/* The claims were loaded: finds what each covers by what is booked. */
void find_covers(struct engine *engine, int64_t member_id);
/* Covers the member's claims anew, and books what that changes. `dates_max`: so many claims that
 * cover something for the first time are given their effective_sequence. */
void cover_claims(struct engine *engine, int64_t member_id, int32_t dates_max);

/* What one claim covers of an account. */
struct cover_part {
    const struct account *account;
    int64_t amount_minor;
};
/* The accounts of which the live claim covers something, by id; how many. */
uint32_t cover_parts(const struct engine *engine, int64_t claim_id,
    struct cover_part ret_parts[CLAIM_MEMBER_ACCOUNTS_MAX]);

/* What is known of the account beside its claims; NULL: none covered or stopped it yet. */
const struct cover *find_cover(const struct engine *engine, int64_t account_id);
/* The same, to be changed; one comes into being. The image is the caller's. */
struct cover *change_cover(struct engine *engine, const struct account *account);

#endif
