/* deductions.h: what claims cover leaves, to who ordered them or to victims.
 *
 * A deduction is a payout like any other, but out of what its claim covers, and by nobody's wish:
 * so nothing that guards withdrawals is asked. Which claim it is of says the command that asked for
 * it: as of a withdrawal by card, the bank's words bring that as their original. The limit falls at
 * once, so that claims are covered as before; what comes back raises it again, and claims are
 * covered anew in legal order, whoever took the money meanwhile.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_DEDUCTIONS_H
#define VSL_ENGINE_RULES_DEDUCTIONS_H

#include "engine/rules/covers.h"

bool has_room_for_deduction(const struct engine *engine);
/* All that the claim covers, as far as a payout takes it. */
int64_t most_deducted_minor(const struct claim *claim);
/* Pays out so much of what the claim, which was changed, covers: a payout of each account. */
void deduct(struct engine *engine, struct claim *claim, int64_t amount_minor);

/* Whether payouts of the account ever were deductions. */
static inline bool has_deductions(const struct engine *engine, int64_t account_id)
{
    const struct cover *cover = find_cover(engine, account_id);
    return cover && cover->deductions > 0;
}
/* What of the account's pending_out is being deducted. */
int64_t deducting_minor(const struct engine *engine, int64_t account_id);

/* The claim that the payout deducts, by the original of the command about it; 0: none. */
int64_t claim_of_payout(const struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct payout *payout);
/* The payout was changed: so is its claim. */
void note_deduction(struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct payout *before, const struct payout *after);

/* What the payout's claim covers of its account: by two persons' word, that it left after all, it
 * can be had. */
int64_t deductible_minor(const struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct payout *payout);
/* Makes so much of what claims cover of the account available. */
void uncover(struct engine *engine, const struct account *account, int64_t amount_minor);

#endif
