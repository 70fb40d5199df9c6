/* rules_corrections.c: reversals, and adjustments that two must agree on: every state of a proposal
 * with every command about it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "ceilings.h"
#include "model/money.h"

#define REVERSES(name, sequence, ...) BOOKS(name, a_reversal(sequence), sequence, __VA_ARGS__)
/* Of a payment for an order. */
#define UNPAYS(name, sequence, of_order, ...)                                                      \
    BOOKS_WITH(name, a_reversal(sequence), sequence, .moves = {__VA_ARGS__}, .order = (of_order))

#define NOBODYS(text, of, made, of_order, ...)                                                     \
    {                                                                                              \
        .name = (text), .command = (of), .outcome = OUTCOME_ACCEPTED_UNALLOCATED,                  \
        .subject = (made), .moves = {__VA_ARGS__}, .order = (of_order)                             \
    }

static void rules_effects_there(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED_AT("a receipt, one unit is gone", a_reversal(S_RECEIPT_SPENT), OUTCOME_EFFECT_GONE,
            SHORT_MINOR),
        REVERSES("a receipt, just there", S_RECEIPT_LIMIT, move(B_SHORT, SHOP_ESCROW, SHORT_MINOR)),
        REVERSES("a receipt", S_RECEIPT, move(B_ONE, SHOP_ESCROW, 70)),
        REVERSES("the platform's own", S_RECEIPT_OWN, move(SHOP_OWN, SHOP_ESCROW, 500)),
        REVERSES("nobody's", S_RECEIPT_NOBODY, move(SHOP_UNALLOCATED, SHOP_ESCROW, 33)),
        REVERSES("of one that gives nothing", S_RECEIPT_NO_OUT, move(B_NO_OUT, SHOP_ESCROW, 100)),
        REFUSED("of a closed account", a_reversal(S_RECEIPT_CLOSED), OUTCOME_EFFECT_GONE),
        REVERSES("interest, the last posting first", S_INTEREST, move(B_ONE, SHOP_INTEREST, 5),
            move(SHOP_INTEREST, SHOP_ESCROW, 5)),
        REVERSES("a fee", S_CHARGE, move(SHOP_FEE, B_ONE, 6)),
        ANSWERS("a fee of a closed account: nobody's", a_reversal(S_CHARGE_CLOSED),
            OUTCOME_ACCEPTED_UNALLOCATED, S_CHARGE_CLOSED, move(SHOP_FEE, SHOP_UNALLOCATED, 1)),
        REVERSES("fees collected", S_COLLECT, move(SHOP_OWN, SHOP_FEE, 1)),
        REVERSES("an adjustment", S_ADJUST, move(B_TWO, B_ONE, 15)),
        REFUSED("an adjustment from PLATFORM_OWN: it is the member's money now",
            a_reversal(S_ADJUST_OWN), OUTCOME_ORIGINAL_NOT_REVERSIBLE),
        REFUSED_AT("an adjustment to UNALLOCATED from who was closed: there it would go",
            a_reversal(S_ADJUST_GONE), OUTCOME_EFFECT_GONE, 0),
        UNPAYS("a payment, the last payee first", S_PAY_TWO, "O-1", move(B_TWO, B_PAYER, 400),
            move(B_ONE, B_PAYER, 600)),
        UNPAYS("with its fee", S_PAY_FEE, "O-2", move(SHOP_FEE, B_PAYER, 10),
            move(B_ONE, B_PAYER, 1000)),
        UNPAYS("with its fee in shares", S_PAY_SPLIT, "O-3", move(F_YOURS, B_PAYER, 5),
            move(F_MINE, B_PAYER, 9), move(SHOP_FEE, B_PAYER, 16), move(B_TWO, B_PAYER, 401),
            move(B_ONE, B_PAYER, 600)),
        UNPAYS("with a fee that the payees bore", S_PAY_BORNE, "O-4", move(F_YOURS, B_PAYER, 5),
            move(F_MINE, B_PAYER, 11), move(SHOP_FEE, B_PAYER, 19), move(B_TWO, B_PAYER, 145),
            move(B_ONE, B_PAYER, 970)),
        UNPAYS("a fee that no refund gives back", S_PAY_FLAT, "O-17", move(SHOP_FEE, B_PAYER, 3),
            move(B_ONE, B_PAYER, 100)),
        UNPAYS("to one that takes nothing", S_PAY_NO_IN, "O-12", move(B_ONE, B_NO_IN, 100)),
        REFUSED("from one that gives nothing", a_reversal(S_PAY_NO_OUT),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        UNPAYS("of an earlier date", S_PAY_PAST, "N-1", move(B_PAST, B_PAYER, 300)),
        UNPAYS("of the next date, what is free goes back first", S_PAY_NEXT, "N-2",
            move(B_NEXT, B_PAYER, 400)),
        REFUSED("a payee has less", a_reversal(S_PAY_SHORT), OUTCOME_EFFECT_GONE),
        REFUSED_AT("a payee has nothing", a_reversal(S_PAY_EMPTY), OUTCOME_EFFECT_GONE, 0),
        UNPAYS("a fee that was collected comes from the platform", S_PAY_GONE, "O-18",
            move(F_EMPTY, B_PAYER, 10), move(SHOP_OWN, F_EMPTY, 10), move(B_ONE, B_PAYER, 100)),
        REFUSED("a payee was closed", a_reversal(S_PAY_CLOSED), OUTCOME_EFFECT_GONE),
        NOBODYS("the payer was closed", a_reversal(S_PAY_GONE_PAYER), S_PAY_GONE_PAYER, "O-13",
            move(B_ONE, SHOP_UNALLOCATED, 100)),
        REFUSED("without advances, the payee has less", in_ledger(L_PLAIN, a_reversal(S_PLAIN)),
            OUTCOME_EFFECT_GONE),
    };
    EACH_RULE(rules, on, context);
}

void rules_reversals(on_rule on, void *context)
{
    rules_effects_there(on, context);
    const struct rule rules[] = {
        REFUSED("reversed", a_reversal(S_PAY_REVERSED), OUTCOME_ORIGINAL_REVERSED),
        REFUSED("refunded in part", a_reversal(S_PAY_PARTLY), OUTCOME_ORIGINAL_REFUNDED),
        REFUSED("refunded wholly", a_reversal(S_PAY_WHOLLY), OUTCOME_ORIGINAL_REFUNDED),
        REFUSED("refunded before gone", a_reversal(S_PAY_DEBTOR), OUTCOME_ORIGINAL_REFUNDED),
        REFUSED("it repaid a debt", a_reversal(S_RECEIPT_DEBT), OUTCOME_ORIGINAL_NOT_REVERSIBLE),
        REFUSED("a confirm", a_reversal(S_CONFIRM), OUTCOME_ORIGINAL_NOT_REVERSIBLE),
        REFUSED("a hold", a_reversal(S_HOLD), OUTCOME_ORIGINAL_NOT_REVERSIBLE),
        REFUSED("a refund", a_reversal(S_REFUND), OUTCOME_ORIGINAL_NOT_REVERSIBLE),
        REFUSED("a reversal", a_reversal(S_REVERSE), OUTCOME_ORIGINAL_NOT_REVERSIBLE),
        REFUSED("a withdrawal", a_reversal(S_WITHDRAW), OUTCOME_ORIGINAL_NOT_REVERSIBLE),
        REFUSED("no such command", a_reversal(S_NONE), OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED("another ledger's command", a_reversal(S_PLAIN), OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED("the largest sequence", a_reversal(INT64_MAX), OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED("a refused command", a_reversal(S_REFUSED), OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, a_reversal(S_RECEIPT)),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

/* ---- adjustments ---- */

static struct command propose(int64_t debit, int64_t credit)
{
    return a_proposal(debit, credit, 1, AN_HOUR_AHEAD);
}

static void rules_propose(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED("until now", a_proposal(B_ONE, B_TWO, 1, STAGE_NOW_US), OUTCOME_EXPIRY_NOT_AHEAD),
        ACCEPTED("for a microsecond", a_proposal(B_ONE, B_TWO, 1, STAGE_NOW_US + 1), J_NONE),
        ACCEPTED("more than there is", a_proposal(B_EMPTY, B_TWO, AMOUNT_MINOR_MAX, AN_HOUR_AHEAD),
            J_NONE),
        ACCEPTED("between restricted ones", propose(B_NO_OUT, B_NO_IN), J_NONE),
        ACCEPTED("from a fee account", propose(F_MINE, B_ONE), J_NONE),
        ACCEPTED("from PLATFORM_OWN to a fee account", propose(SHOP_OWN, F_EMPTY), J_NONE),
        REFUSED("to itself", propose(B_ONE, B_ONE), OUTCOME_SAME_ACCOUNT),
        REFUSED("UNALLOCATED to itself", propose(SHOP_UNALLOCATED, SHOP_UNALLOCATED),
            OUTCOME_SAME_ACCOUNT),
        REFUSED("from nobody", propose(A_NONE, B_ONE), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("to nobody", propose(B_ONE, A_NONE), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("from another ledger's", propose(B_PLAIN, B_ONE), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("to another ledger's", propose(B_ONE, B_PLAIN), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("from a closed account", propose(B_CLOSED, B_ONE), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("to a closed account", propose(B_ONE, B_CLOSED), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("not found before closed", propose(B_CLOSED, A_NONE), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED(
            "closed before the same account", propose(B_CLOSED, B_CLOSED), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("not allowed before the time", a_proposal(B_ONE, SHOP_OWN, 1, 1),
            OUTCOME_ADJUSTMENT_NOT_ALLOWED),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, propose(B_ONE, B_TWO)),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

static struct command approve(int64_t adjustment)
{
    return command_by("u", an_approval(adjustment));
}

#define APPROVES(name, adjustment, from, to, amount)                                               \
    BOOKS(name, approve(adjustment), adjustment, move(from, to, amount))

static void rules_approve(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED_AT(
            "one unit too much", approve(J_SHORT), OUTCOME_INSUFFICIENT_AVAILABLE, SHORT_MINOR),
        APPROVES("all there is", J_LIMIT, B_SHORT, B_ONE, SHORT_MINOR),
        REFUSED_AT("one unit more than FEE has", approve(J_FEE_SHORT), OUTCOME_INSUFFICIENT_FEE,
            SHOP_FEE_MINOR),
        APPROVES("all that FEE has", J_FEE, SHOP_FEE, B_ONE, SHOP_FEE_MINOR),
        REFUSED_AT("one unit more than PLATFORM_OWN has", approve(J_OWN_SHORT),
            OUTCOME_INSUFFICIENT_PLATFORM_OWN, OWN_MINOR),
        APPROVES("all that PLATFORM_OWN has", J_OWN, SHOP_OWN, B_ONE, OWN_MINOR),
        REFUSED("to a fee account that lacks nothing", approve(J_OWN_FEE), OUTCOME_ABOVE_REST),
        REFUSED("more than INTEREST has", approve(J_INTEREST), OUTCOME_INSUFFICIENT_AVAILABLE),
        APPROVES("all that UNALLOCATED has", J_UNALLOCATED, SHOP_UNALLOCATED, B_ONE, 33),
        APPROVES("to UNALLOCATED", J_TO_UNALLOCATED, B_ONE, SHOP_UNALLOCATED, 25),
        APPROVES("live", J_LIVE, B_ONE, B_TWO, 25),
        BOOKS("live, of the other maker", an_approval(J_LIVE_U), J_LIVE_U, move(B_ONE, B_TWO, 25)),
        APPROVES("over in a microsecond", J_NEARLY, B_ONE, B_TWO, 25),
        REFUSED("over now", approve(J_DUE), OUTCOME_ADJUSTMENT_EXPIRED),
        REFUSED("between restricted ones", approve(J_RESTRICTED), OUTCOME_ACCOUNT_RESTRICTED_OUT),
        BOOKS("between restricted ones, with a paper", with_paper(approve(J_RESTRICTED)),
            J_RESTRICTED, move(B_NO_OUT, B_NO_IN, 25)),
        REFUSED("from an account closed since", approve(J_CLOSED), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("to an account closed since", approve(J_CLOSED_CREDIT), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("by its maker", an_approval(J_LIVE), OUTCOME_SAME_CALLER),
        REFUSED("by its maker, the other one", command_by("u", an_approval(J_LIVE_U)),
            OUTCOME_SAME_CALLER),
        BOOKS("a channel that begins alike", command_by("tt", an_approval(J_LIVE)), J_LIVE,
            move(B_ONE, B_TWO, 25)),
        REFUSED("approved", approve(J_APPROVED), OUTCOME_ADJUSTMENT_DECIDED),
        REFUSED("withdrawn", approve(J_WITHDRAWN), OUTCOME_ADJUSTMENT_DECIDED),
        REFUSED("expired", approve(J_EXPIRED), OUTCOME_ADJUSTMENT_EXPIRED),
        REFUSED("its maker before approved", an_approval(J_APPROVED), OUTCOME_SAME_CALLER),
        REFUSED("its maker before expired", an_approval(J_EXPIRED), OUTCOME_SAME_CALLER),
        REFUSED("closed before the same caller", an_approval(J_CLOSED), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("none", approve(J_NONE), OUTCOME_ADJUSTMENT_NOT_FOUND),
        REFUSED("id 0", approve(0), OUTCOME_ADJUSTMENT_NOT_FOUND),
        REFUSED("another ledger's", approve(J_PLAIN), OUTCOME_ADJUSTMENT_NOT_FOUND),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, approve(J_LIVE)), OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

void rules_adjustments(on_rule on, void *context)
{
    rules_propose(on, context);
    rules_approve(on, context);
    const struct rule rules[] = {
        ACCEPTED("withdraw, live", a_retraction(J_LIVE), J_LIVE),
        ACCEPTED("withdraw, over in a microsecond", a_retraction(J_NEARLY), J_NEARLY),
        ACCEPTED("withdraw what could not be approved", a_retraction(J_CLOSED), J_CLOSED),
        REFUSED("withdraw, over now", a_retraction(J_DUE), OUTCOME_ADJUSTMENT_EXPIRED),
        REFUSED("withdraw, another's", a_retraction(J_LIVE_U), OUTCOME_ADJUSTMENT_OF_ANOTHER),
        ACCEPTED("withdraw, by the other", command_by("u", a_retraction(J_LIVE_U)), J_LIVE_U),
        REFUSED("withdraw, approved", a_retraction(J_APPROVED), OUTCOME_ADJUSTMENT_DECIDED),
        REFUSED("withdraw, withdrawn", a_retraction(J_WITHDRAWN), OUTCOME_ADJUSTMENT_DECIDED),
        REFUSED("withdraw, expired", a_retraction(J_EXPIRED), OUTCOME_ADJUSTMENT_EXPIRED),
        REFUSED("another's before approved", command_by("u", a_retraction(J_APPROVED)),
            OUTCOME_ADJUSTMENT_OF_ANOTHER),
        REFUSED("withdraw none", a_retraction(J_NONE), OUTCOME_ADJUSTMENT_NOT_FOUND),
        REFUSED("withdraw another ledger's", a_retraction(J_PLAIN), OUTCOME_ADJUSTMENT_NOT_FOUND),

        ACCEPTED("expire, now", an_expiry(EXPIRY_ADJUSTMENT, J_DUE), J_DUE),
        REFUSED("expire, in a microsecond", an_expiry(EXPIRY_ADJUSTMENT, J_NEARLY),
            OUTCOME_NOT_YET_DUE),
        REFUSED("expire, live", an_expiry(EXPIRY_ADJUSTMENT, J_LIVE), OUTCOME_NOT_YET_DUE),
        REFUSED("expire, approved", an_expiry(EXPIRY_ADJUSTMENT, J_APPROVED),
            OUTCOME_ADJUSTMENT_DECIDED),
        REFUSED("expire, withdrawn", an_expiry(EXPIRY_ADJUSTMENT, J_WITHDRAWN),
            OUTCOME_ADJUSTMENT_DECIDED),
        REFUSED(
            "expire, expired", an_expiry(EXPIRY_ADJUSTMENT, J_EXPIRED), OUTCOME_ADJUSTMENT_EXPIRED),
        REFUSED("expire none", an_expiry(EXPIRY_ADJUSTMENT, J_NONE), OUTCOME_ADJUSTMENT_NOT_FOUND),
        REFUSED("expire another ledger's", an_expiry(EXPIRY_ADJUSTMENT, J_PLAIN),
            OUTCOME_ADJUSTMENT_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}
