/* payouts.h: what the words of the bank and their corrections share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_PAYOUTS_H
#define VSL_ENGINE_RULES_PAYOUTS_H

#include "engine/memory/memory.h"

/* A payout of what was booked to the account's pending_out; its order is the caller's to name. */
struct payout *add_payout(
    struct engine *engine, const struct account *account, int64_t amount_minor);

/* By which its fee was charged; NULL: a fee without a rule, or none. */
const struct fee_rule *payout_fee_rule(const struct engine *engine, const struct payout *payout);

/* What of the fee comes back now that the payout failed or so much of it has returned: by the fee's
 * rule; without a rule, back when it failed, kept when it returned. */
int64_t payout_fee_back_minor(
    const struct engine *engine, const struct payout *payout, enum payout_result result);

/* The last accounting date, days, on which what is paid on the ledger's present one may return. */
int32_t payout_return_until(const struct ledger *ledger);

/* Whether the ledger can hold what comes back of the amount and, as far as the fee accounts do not
 * have it, of the fee. */
bool can_take_payout_back(const struct engine *engine, const struct ledger *ledger,
    const struct payout *payout, int64_t returned_minor, int64_t fee_minor);

/* Whether what comes back of it may need an item of suspense that there is no room for. */
bool lacks_room_for_return(const struct engine *engine, const struct payout *payout);

/* The command is the evidence of the payout's status, and tells which one was before it. */
void record_payout_word(struct engine *engine, struct payout *payout);

/* A wrong word of the bank, which two persons set right (payout_corrections.c). */
enum outcome correct_payout(
    struct engine *engine, const struct ledger *ledger, const struct command *command);

#endif
