/* rules_corrections.c: reversals, and adjustments that two must agree on.
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
        REFUSED_AT("nobody's, of which a part is allocated", a_reversal(S_RECEIPT_PARTS),
            OUTCOME_EFFECT_GONE, 75),
        REFUSED_AT("nobody's, all allocated", a_reversal(S_RECEIPT_DONE), OUTCOME_EFFECT_GONE, 0),
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
        REFUSED("an allocation", a_reversal(S_ALLOCATE), OUTCOME_ORIGINAL_NOT_REVERSIBLE),
        REFUSED("an undo of one", a_reversal(S_UNDO), OUTCOME_ORIGINAL_NOT_REVERSIBLE),
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

#define ADJUSTS(name, from, to, amount)                                                            \
    BOOKS(name, an_adjustment(from, to, amount), to, move(from, to, amount))

static void rules_amounts(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED_AT("one unit too much", an_adjustment(B_SHORT, B_ONE, SHORT_MINOR + 1),
            OUTCOME_INSUFFICIENT_AVAILABLE, SHORT_MINOR),
        ADJUSTS("all there is", B_SHORT, B_ONE, SHORT_MINOR),
        REFUSED_AT("one unit more than FEE has", an_adjustment(SHOP_FEE, B_ONE, SHOP_FEE_MINOR + 1),
            OUTCOME_INSUFFICIENT_FEE, SHOP_FEE_MINOR),
        ADJUSTS("all that FEE has", SHOP_FEE, B_ONE, SHOP_FEE_MINOR),
        REFUSED_AT("one unit more than PLATFORM_OWN has",
            an_adjustment(SHOP_OWN, B_ONE, OWN_MINOR + 1), OUTCOME_INSUFFICIENT_PLATFORM_OWN,
            OWN_MINOR),
        ADJUSTS("all that PLATFORM_OWN has", SHOP_OWN, B_ONE, OWN_MINOR),
        REFUSED("to a fee account that lacks nothing", an_adjustment(SHOP_OWN, SHOP_FEE, 1),
            OUTCOME_ABOVE_REST),
        REFUSED("more than INTEREST has", an_adjustment(SHOP_INTEREST, B_ONE, 1),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("out of UNALLOCATED: its items are allocated",
            an_adjustment(SHOP_UNALLOCATED, B_ONE, 33), OUTCOME_SUSPENSE_ITEM_NEEDED),
        REFUSED("that before the amount",
            an_adjustment(SHOP_UNALLOCATED, B_NO_IN, AMOUNT_MINOR_MAX),
            OUTCOME_SUSPENSE_ITEM_NEEDED),
        ADJUSTS("to UNALLOCATED", B_ONE, SHOP_UNALLOCATED, 25),
        ADJUSTS("between members", B_ONE, B_TWO, 25),
        REFUSED("the largest amount", an_adjustment(B_EMPTY, B_TWO, AMOUNT_MINOR_MAX),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("between restricted ones", an_adjustment(B_NO_OUT, B_NO_IN, 25),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("to one that takes nothing", an_adjustment(B_ONE, B_NO_IN, 25),
            OUTCOME_ACCOUNT_RESTRICTED_IN),
        BOOKS("between restricted ones, with a paper",
            with_paper(an_adjustment(B_NO_OUT, B_NO_IN, 25)), B_NO_IN, move(B_NO_OUT, B_NO_IN, 25)),
    };
    EACH_RULE(rules, on, context);
}

void rules_adjustments(on_rule on, void *context)
{
    rules_amounts(on, context);
    const struct command one = make_adjust(L_SHOP, B_ONE, B_TWO, 25);
    const struct rule rules[] = {
        REFUSED("alone", one, OUTCOME_APPROVAL_NEEDED),
        REFUSED("alone, before all else", make_adjust(L_SHOP, B_ONE, B_ONE, 25),
            OUTCOME_APPROVAL_NEEDED),
        REFUSED("to itself", an_adjustment(B_ONE, B_ONE, 1), OUTCOME_SAME_ACCOUNT),
        REFUSED("from nobody", an_adjustment(A_NONE, B_ONE, 1), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("to nobody", an_adjustment(B_ONE, A_NONE, 1), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED(
            "from another ledger's", an_adjustment(B_PLAIN, B_ONE, 1), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("to another ledger's", an_adjustment(B_ONE, B_PLAIN, 1), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("from a closed account", an_adjustment(B_CLOSED, B_ONE, 1), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("to a closed account", an_adjustment(B_ONE, B_CLOSED, 1), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("not found before closed", an_adjustment(B_CLOSED, A_NONE, 1),
            OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("closed before the same account", an_adjustment(B_CLOSED, B_CLOSED, 1),
            OUTCOME_ACCOUNT_CLOSED),
        REFUSED("not allowed before the amount", an_adjustment(B_ONE, SHOP_OWN, AMOUNT_MINOR_MAX),
            OUTCOME_ADJUSTMENT_NOT_ALLOWED),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, one), OUTCOME_LEDGER_CLOSED),

        REFUSED("proposed as before", make_of_before(COMMAND_PROPOSE_ADJUSTMENT, L_SHOP),
            OUTCOME_ADJUSTMENT_BY_PROPOSAL),
        REFUSED("approved as before", make_of_before(COMMAND_APPROVE_ADJUSTMENT, L_SHOP),
            OUTCOME_ADJUSTMENT_BY_PROPOSAL),
        REFUSED("withdrawn as before", make_of_before(COMMAND_WITHDRAW_ADJUSTMENT, L_SHOP),
            OUTCOME_ADJUSTMENT_BY_PROPOSAL),
        REFUSED("expire none", an_expiry(EXPIRY_ADJUSTMENT, J_NONE), OUTCOME_ADJUSTMENT_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}
