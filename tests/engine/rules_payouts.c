/* rules_payouts.c: withdrawals with the fee outside and inside, and what becomes of payouts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "model/money.h"

void rules_withdraw(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED("one unit too much", make_withdraw(L_MAIN, A_RICH, RICH_MINOR + 1, 0, 0),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("one unit too much with the fee outside",
            make_withdraw(L_MAIN, A_RICH, RICH_MINOR, 1, FEE_OUTSIDE),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("one unit too much with the fee inside",
            make_withdraw(L_MAIN, A_RICH, RICH_MINOR + 1, 1, FEE_INSIDE),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("a fee inside as large as the amount",
            make_withdraw(L_MAIN, A_RICH, 100, 100, FEE_INSIDE), OUTCOME_FEE_NOT_BELOW_AMOUNT),
        REFUSED_AT("a larger one", make_withdraw(L_MAIN, A_RICH, 100, 101, FEE_INSIDE),
            OUTCOME_FEE_NOT_BELOW_AMOUNT, 101),
        REFUSED("the fee before too little", make_withdraw(L_MAIN, A_POOR, 100, 100, FEE_INSIDE),
            OUTCOME_FEE_NOT_BELOW_AMOUNT),
        BOOKS("the largest fee inside", make_withdraw(L_MAIN, A_RICH, 100, 99, FEE_INSIDE), P_NONE,
            sends(A_RICH, 1), move(A_RICH, FEE, 99)),
        BOOKS("a fee outside may be larger", make_withdraw(L_MAIN, A_RICH, 100, 101, FEE_OUTSIDE),
            P_NONE, sends(A_RICH, 100), move(A_RICH, FEE, 101)),
        BOOKS("100 and 3 outside", make_withdraw(L_MAIN, A_RICH, 100, 3, FEE_OUTSIDE), P_NONE,
            sends(A_RICH, 100), move(A_RICH, FEE, 3)),
        BOOKS("100 and 3 inside", make_withdraw(L_MAIN, A_RICH, 100, 3, FEE_INSIDE), P_NONE,
            sends(A_RICH, 97), move(A_RICH, FEE, 3)),
        BOOKS("100 without a fee", make_withdraw(L_MAIN, A_RICH, 100, 0, 0), P_NONE,
            sends(A_RICH, 100)),
        BOOKS("all of it", make_withdraw(L_MAIN, A_RICH, RICH_MINOR, 0, 0), P_NONE,
            sends(A_RICH, RICH_MINOR)),
        BOOKS("all of it with the fee inside",
            make_withdraw(L_MAIN, A_RICH, RICH_MINOR, 10, FEE_INSIDE), P_NONE,
            sends(A_RICH, RICH_MINOR - 10), move(A_RICH, FEE, 10)),
        BOOKS("all of it with the fee outside",
            make_withdraw(L_MAIN, A_RICH, RICH_MINOR - 10, 10, FEE_OUTSIDE), P_NONE,
            sends(A_RICH, RICH_MINOR - 10), move(A_RICH, FEE, 10)),
        BOOKS("by one that takes nothing", make_withdraw(L_MAIN, A_NO_IN, 500, 0, 0), P_NONE,
            sends(A_NO_IN, 500)),
        REFUSED("the largest amount and fee",
            make_withdraw(L_MAIN, A_RICH, AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX, FEE_OUTSIDE),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("what is pending already", make_withdraw(L_MAIN, A_PENDING, 1, 0, 0),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("by one that gives nothing", make_withdraw(L_MAIN, A_NO_OUT, 1, 0, 0),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("restricted before the fee", make_withdraw(L_MAIN, A_NO_OUT, 1, 1, FEE_INSIDE),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("by a closed account", make_withdraw(L_MAIN, A_CLOSED, 1, 0, 0),
            OUTCOME_ACCOUNT_CLOSED),
        REFUSED("of the fees", make_withdraw(L_MAIN, FEE, 1, 0, 0), OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("of another ledger's", make_withdraw(L_MAIN, A_OTHER, 1, 0, 0),
            OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("of nobody's", make_withdraw(L_MAIN, A_NONE, 1, 0, 0), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED(
            "in a closed ledger", make_withdraw(L_CLOSED, A_RICH, 1, 0, 0), OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

enum {
    PAID = PAYOUT_RESULT_PAID,
    FAILED = PAYOUT_RESULT_FAILED,
    RETURNED = PAYOUT_RESULT_RETURNED
};

void rules_confirm(on_rule on, void *context)
{
    const struct rule rules[] = {
        BOOKS("requested, paid", make_confirm(L_MAIN, P_REQUESTED, PAID), P_REQUESTED,
            leaves(A_RICH, ESCROW, 97)),
        BOOKS("requested, failed: the fee comes back", make_confirm(L_MAIN, P_REQUESTED, FAILED),
            P_REQUESTED, stays(A_RICH, 97), move(FEE, A_RICH, 3)),
        BOOKS("requested, failed, without a fee", make_confirm(L_MAIN, P_PENDING, FAILED),
            P_PENDING, stays(A_PENDING, 100)),
        REFUSED("requested, returned", make_confirm(L_MAIN, P_REQUESTED, RETURNED),
            OUTCOME_PAYOUT_NOT_PAID),
        REFUSED("paid, paid", make_confirm(L_MAIN, P_PAID, PAID), OUTCOME_PAYOUT_ALREADY_PAID),
        REFUSED("paid, failed", make_confirm(L_MAIN, P_PAID, FAILED), OUTCOME_PAYOUT_ALREADY_PAID),
        BOOKS("paid, returned", make_confirm(L_MAIN, P_PAID, RETURNED), P_PAID,
            move(ESCROW, A_RICH, 200)),
        REFUSED(
            "failed, paid", make_confirm(L_MAIN, P_FAILED, PAID), OUTCOME_PAYOUT_ALREADY_FAILED),
        REFUSED("failed, failed", make_confirm(L_MAIN, P_FAILED, FAILED),
            OUTCOME_PAYOUT_ALREADY_FAILED),
        REFUSED("failed, returned", make_confirm(L_MAIN, P_FAILED, RETURNED),
            OUTCOME_PAYOUT_ALREADY_FAILED),
        REFUSED("returned, paid", make_confirm(L_MAIN, P_RETURNED, PAID),
            OUTCOME_PAYOUT_ALREADY_RETURNED),
        REFUSED("returned, failed", make_confirm(L_MAIN, P_RETURNED, FAILED),
            OUTCOME_PAYOUT_ALREADY_RETURNED),
        REFUSED("returned, returned", make_confirm(L_MAIN, P_RETURNED, RETURNED),
            OUTCOME_PAYOUT_ALREADY_RETURNED),
        BOOKS("failed for one that takes nothing: it is his money",
            make_confirm(L_MAIN, P_NO_IN, FAILED), P_NO_IN, stays(A_NO_IN, 20),
            move(FEE, A_NO_IN, 2)),
        BOOKS("returned to one that takes nothing", make_confirm(L_MAIN, P_NO_IN_PAID, RETURNED),
            P_NO_IN_PAID, move(ESCROW, A_NO_IN, 30)),
        ANSWERS("returned to an account that was closed since: nobody's",
            make_confirm(L_MAIN, P_CLOSED, RETURNED), OUTCOME_ACCEPTED_UNALLOCATED, P_CLOSED,
            move(ESCROW, UNALLOCATED, 50)),
        REFUSED("returned where nothing more can be held", make_confirm(L_FULL, P_FULL, RETURNED),
            OUTCOME_AMOUNT_OVERFLOW),
        REFUSED("another ledger's", make_confirm(L_MAIN, P_OTHER, PAID), OUTCOME_PAYOUT_NOT_FOUND),
        BOOKS("another ledger's payout, in its ledger", make_confirm(L_OTHER, P_OTHER, PAID),
            P_OTHER, leaves(A_OTHER, ESCROW_OTHER, 10)),
        REFUSED("none", make_confirm(L_MAIN, P_NONE, PAID), OUTCOME_PAYOUT_NOT_FOUND),
        REFUSED("the largest id", make_confirm(L_MAIN, INT64_MAX, PAID), OUTCOME_PAYOUT_NOT_FOUND),
        REFUSED("id 0", make_confirm(L_MAIN, 0, PAID), OUTCOME_PAYOUT_NOT_FOUND),
        REFUSED(
            "in a closed ledger", make_confirm(L_CLOSED, P_REQUESTED, PAID), OUTCOME_LEDGER_CLOSED),
        REFUSED("in no ledger", make_confirm(L_NONE, P_REQUESTED, PAID), OUTCOME_LEDGER_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}
