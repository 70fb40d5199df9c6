/* stand_ins.h: PLATFORM_OWN gives for a payout what nobody else can, and has it back first.
 *
 * A payout left after all, as two persons say, and whose money it was has closed the account since.
 * What waits of it in UNALLOCATED goes first; PLATFORM_OWN stands in for the rest, for what has
 * left is gone. Or it returned to a sender what never came, as two persons say: PLATFORM_OWN puts
 * it back into its item. How much that was is noted as `refunded` of the command that asked for the
 * payout, with the account PLATFORM_OWN: so whatever comes back of the payout later, by whichever
 * word of the bank, is PLATFORM_OWN's until it has its own again, of the amount and of the fee each
 * by itself.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_STAND_INS_H
#define VSL_ENGINE_RULES_STAND_INS_H

#include "engine/memory/memory.h"

struct fee_legs;

/* What PLATFORM_OWN gave of the payout's amount and has not back. */
int64_t stood_in_minor(
    const struct engine *engine, const struct ledger *ledger, const struct payout *payout);

/* Notes that PLATFORM_OWN gave so much more of the payout's amount and of its fee; below 0: that it
 * has it back. The caller has checked that there is room for a record. */
void note_stand_in(struct engine *engine, const struct ledger *ledger, const struct payout *payout,
    int64_t amount_minor, int64_t fee_minor);

/* Books what comes back of the payout's amount to PLATFORM_OWN, as far as it stood in, and the
 * rest to whose money it is now; and the same of its fee. The amount first: an order's sums rely
 * on it. */
void give_payout_back(struct engine *engine, const struct ledger *ledger,
    const struct payout *payout, int64_t amount_minor);
void give_payout_fee_back(struct engine *engine, const struct ledger *ledger,
    const struct payout *payout, const struct fee_legs *legs);

#endif
