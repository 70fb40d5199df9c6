/* payments.h: what Pay, ConfirmHold and allocations of suspense have in common.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_PAYMENTS_H
#define VSL_ENGINE_RULES_PAYMENTS_H

#include "engine/memory/memory.h"

/* What is paid to whom, and what of it is the fee. */
struct payment_request {
    int64_t payer_account_id; /* 0: UNALLOCATED */
    const struct payee *payees;
    uint32_t payee_count; /* 1..PAYEES_PER_COMMAND_MAX */
    int32_t fee_bearer;   /* enum fee_bearer, 0 is the payer */
    int64_t fee_minor;
    struct text fee_rule; /* excludes fee_minor; empty: none */
    bool withdrawable_next_date;
};

/* What a payment or a confirm would book. */
struct payment_plan {
    const struct fee_rule *rule; /* NULL: none */
    int64_t payees_minor;        /* the sum of the asked amounts */
    int64_t fee_minor;           /* the whole fee, whoever bears it */
    bool payees_bear;
    int64_t payee_fee_minor[PAYEES_PER_COMMAND_MAX]; /* only where the payees bear it */
};

/* Checks payees and fee and computes it: the first broken rule about them. The payer's own rules
 * are the caller's. The plan is whole only when it is accepted. */
enum outcome plan_payment(const struct engine *engine, const struct ledger *ledger,
    const struct payment_request *request, struct payment_plan *ret_plan);

/* Computes the fee alone, and the part of each payee who bears it: FEE_RULE_ outcomes and
 * FEE_NOT_BELOW_AMOUNT. The payees' sum is the caller's, whom the rules about payees are too. */
enum outcome plan_payment_fee(const struct engine *engine, const struct ledger *ledger,
    const struct payment_request *request, struct payment_plan *plan);

/* What the payer gives. */
static inline int64_t plan_total_minor(const struct payment_plan *plan)
{
    return plan->payees_bear ? plan->payees_minor : plan->payees_minor + plan->fee_minor;
}

/* Books the plan and tells its fee in the effects; the caller has checked that the payer has it. */
void book_payment(struct engine *engine, const struct ledger *ledger,
    const struct payment_plan *plan, const struct payment_request *request,
    const struct account *payer, enum bucket payer_bucket);

/* What of the account's available may be withdrawn on the present accounting date. */
int64_t withdrawable_minor(
    const struct engine *engine, const struct ledger *ledger, const struct account *account);

#endif
