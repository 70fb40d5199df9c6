/* rules_proofs.c: the proof of a customer's instruction.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"
#include "shop.h"

#define NUMBER "6216261000000000099"

/* One of each kind that may have a proof, with a right one. */
static struct command proved(int i)
{
    switch (i) {
    case 0:
        return with_proof("F-9", make_pay(L_MAIN, A_RICH, A_POOR, 100, 3));
    case 1:
        return with_proof("F-9", make_withdraw(L_MAIN, A_RICH, 100, 2, FEE_OUTSIDE));
    case 2:
        return with_proof("F-9", make_place_hold(L_MAIN, A_RICH, 100, "O-9", AN_HOUR_AHEAD));
    case 3:
        return with_proof("F-9", make_bind_card(L_MAIN, M_USER, CARD_PERSONAL, NUMBER));
    case 4:
        return with_proof("F-9", make_unbind_card(L_MAIN, Y_BOUND));
    default:
        return with_proof("F-9", make_replace_card(L_MAIN, Y_MAIN, Y_NEXT));
    }
}

enum { KINDS = 6, FAULTS = 7 };

static struct command spoiled(struct command command, enum outcome fault)
{
    struct instruction_proof *proof = proof_in(&command);
    if (fault == OUTCOME_PROOF_FAILED)
        proof->result = PROOF_WRONG;
    if (fault == OUTCOME_PROOF_NOT_OF_AMOUNT)
        proof->amount_minor++;
    if (fault == OUTCOME_PROOF_NOT_OF_ACCOUNT)
        proof->account_id++;
    if (fault == OUTCOME_PROOF_NOT_OF_PAYEE)
        proof->card_id++;
    if (fault == OUTCOME_PROOF_NOT_YET_VALID)
        proof->issued_at_us = STAGE_NOW_US + 1;
    if (fault == OUTCOME_PROOF_EXPIRED)
        proof->expires_at_us = STAGE_NOW_US;
    if (fault == OUTCOME_PROOF_USED)
        proof->reference = text_of("F-1");
    return command;
}

/* Each fault of each kind; and each fault with all that come after it. */
static void rules_of_kinds(on_rule on, void *context)
{
    static const enum outcome faults[FAULTS] = {OUTCOME_PROOF_FAILED, OUTCOME_PROOF_NOT_OF_AMOUNT,
        OUTCOME_PROOF_NOT_OF_ACCOUNT, OUTCOME_PROOF_NOT_OF_PAYEE, OUTCOME_PROOF_NOT_YET_VALID,
        OUTCOME_PROOF_EXPIRED, OUTCOME_PROOF_USED};
    static const char *const names[FAULTS] = {"a wrong one", "for another amount",
        "of another account", "for another payee", "of the next microsecond", "over this instant",
        "used"};
    static const char *const with_more[FAULTS] = {"a wrong one, before all else",
        "for another amount, before the account", "of another account, before the payee",
        "for another payee, before its time", "of the next microsecond, before its use",
        "over this instant, before its use", NULL};
    for (int k = 0; k < KINDS; k++) {
        for (int f = 0; f < FAULTS; f++) {
            struct command alone = spoiled(proved(k), faults[f]);
            struct command more = proved(k);
            for (int g = f; g < FAULTS; g++)
                if (faults[f] != OUTCOME_PROOF_NOT_YET_VALID || faults[g] != OUTCOME_PROOF_EXPIRED)
                    more = spoiled(more, faults[g]);
            const struct rule rules[] = {
                REFUSED(names[f], alone, faults[f]),
                REFUSED(with_more[f], more, faults[f]),
            };
            on(context, &rules[0]);
            if (with_more[f])
                on(context, &rules[1]);
        }
    }
}

static struct command of_order(const char *order, struct command command)
{
    return with_proof("F-9", command_of_order(order, command));
}

/* So long before it is decided, it was issued; so long after it is over. */
static struct command timed(int64_t since_us, int64_t left_us, struct command command)
{
    proof_in(&command)->issued_at_us = STAGE_NOW_US - since_us;
    proof_in(&command)->expires_at_us = STAGE_NOW_US + left_us;
    return command;
}

static struct command proposed_at(int64_t ago_us, struct command command)
{
    struct command decided = by_approval(Q_MAIN, command_by("u", command));
    decided.proposed_at_us = STAGE_NOW_US - ago_us;
    return decided;
}

static void rules_of_times(on_rule on, void *context)
{
    const struct command pays = with_proof("F-9", make_pay(L_MAIN, A_RICH, A_POOR, 10, 0));
    const struct rule rules[] = {
        BOOKS("issued this instant, for one microsecond", timed(0, 1, pays), A_POOR,
            move(A_RICH, A_POOR, 10)),
        BOOKS("of another ledger's reference",
            with_proof("F-2", make_pay(L_MAIN, A_RICH, A_POOR, 10, 0)), A_POOR,
            move(A_RICH, A_POOR, 10)),
        BOOKS("the case of its reference counts",
            with_proof("f-1", make_pay(L_MAIN, A_RICH, A_POOR, 10, 0)), A_POOR,
            move(A_RICH, A_POOR, 10)),
        BOOKS_WITH("over since, but not when it was proposed",
            proposed_at(HOUR_US, timed(2 * HOUR_US, -1, pays)), A_POOR,
            .moves = {move(A_RICH, A_POOR, 10)}, .more = {[RECORD_PROPOSAL] = 1}),
        REFUSED("over when it was proposed",
            proposed_at(HOUR_US, timed(2 * HOUR_US, -HOUR_US, pays)), OUTCOME_PROOF_EXPIRED),
        REFUSED("issued after it was proposed", proposed_at(HOUR_US, timed(HOUR_US - 1, 1, pays)),
            OUTCOME_PROOF_NOT_YET_VALID),
        REFUSED_AT("for less than fee and amount",
            spoiled(with_proof("F-9", make_pay(L_MAIN, A_RICH, A_POOR, 10, 1)),
                OUTCOME_PROOF_NOT_OF_AMOUNT),
            OUTCOME_PROOF_NOT_OF_AMOUNT, 11),
        REFUSED_AT(
            "used by a withdrawal", spoiled(pays, OUTCOME_PROOF_USED), OUTCOME_PROOF_USED, S_PROOF),
        REFUSED_AT("used by what was reversed",
            with_proof("F-2", make_pay(L_SHOP, B_PAYER, B_ONE, 1, 0)), OUTCOME_PROOF_USED,
            S_PAY_REVERSED),
        REFUSED("a right one, of too much",
            with_proof("F-9", make_pay(L_MAIN, A_POOR, A_RICH, 1, 0)),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("a wrong one of nobody's account, before that",
            spoiled(
                with_proof("F-9", make_pay(L_MAIN, A_NONE, A_POOR, 1, 0)), OUTCOME_PROOF_FAILED),
            OUTCOME_PROOF_FAILED),
        REFUSED("in a closed ledger", spoiled(in_ledger(L_CLOSED, pays), OUTCOME_PROOF_FAILED),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

static void rules_of_payees(on_rule on, void *context)
{
    static const struct payee two[] = {{A_POOR, 10}, {A_NO_OUT, 5}};
    const struct command split = make_split(L_MAIN, A_RICH, two, 2, 0);
    struct command other = of_order("O-9", split);
    other.pay.order_number = text_of("O-8");
    struct command named = of_order("O-9", split);
    named.pay.proof.payee_account_id = A_POOR;
    struct command single = of_order("O-9", make_pay(L_MAIN, A_RICH, A_POOR, 10, 0));
    struct command ordered = single;
    ordered.pay.proof.order_number = text_of("O-9");
    struct command elsewhere = proved(1);
    elsewhere.withdraw.destination.account_number = text_of("2");
    struct command member = proved(3);
    member.bind_card.proof.member_id = M_TWICE;
    const struct rule rules[] = {
        BOOKS("two, by their order", of_order("O-9", split), A_POOR, move(A_RICH, A_POOR, 10),
            move(A_RICH, A_NO_OUT, 5)),
        BOOKS("one with an order", single, A_POOR, move(A_RICH, A_POOR, 10)),
        REFUSED("two of another order", other, OUTCOME_PROOF_NOT_OF_PAYEE),
        REFUSED("two without an order", with_proof("F-9", split), OUTCOME_PROOF_NOT_OF_PAYEE),
        REFUSED("two, and one is named", named, OUTCOME_PROOF_NOT_OF_PAYEE),
        REFUSED("one, and its order is named", ordered, OUTCOME_PROOF_NOT_OF_PAYEE),
        REFUSED("to another account at a bank", elsewhere, OUTCOME_PROOF_NOT_OF_PAYEE),
        REFUSED("a card of another member", member, OUTCOME_PROOF_NOT_OF_ACCOUNT),
    };
    EACH_RULE(rules, on, context);
}

/* The customer confirms what his account loses. */
static struct command confirmed(int64_t amount, struct command command)
{
    command = with_proof("F-9", command);
    proof_in(&command)->amount_minor = amount;
    return command;
}

static void rules_of_amounts(on_rule on, void *context)
{
    static const struct payee two[] = {{B_ONE, 100}, {B_TWO, 200}};
    const struct command inside = make_withdraw(L_MAIN, A_RICH, 100, 3, FEE_INSIDE);
    const struct command borne = borne_by(B_TWO, with_fee(a_withdrawal("", B_PAYER, 100), 3));
    const struct command bound = a_withdrawal("", B_PAYER, 1000);
    const struct command pay = a_payment("O-9", B_PAYER, two, 2);
    const struct command by_payer = with_rule(pay, "bound", 0);
    const struct command by_payees = with_rule(pay, "bound", FEE_BEARER_PAYEES);
    const struct rule rules[] = {
        REFUSED_AT("the fee outside",
            confirmed(100, make_withdraw(L_MAIN, A_RICH, 100, 3, FEE_OUTSIDE)),
            OUTCOME_PROOF_NOT_OF_AMOUNT, 103),
        REFUSED_AT("the fee inside", confirmed(103, inside), OUTCOME_PROOF_NOT_OF_AMOUNT, 100),
        BOOKS("the fee inside, and right", confirmed(100, inside), P_NONE, sends(A_RICH, 97),
            move(A_RICH, FEE, 3)),
        REFUSED_AT("borne by another", confirmed(103, borne), OUTCOME_PROOF_NOT_OF_AMOUNT, 100),
        REFUSED_AT("by a rule, outside", confirmed(1000, with_rule(bound, "bound", FEE_OUTSIDE)),
            OUTCOME_PROOF_NOT_OF_AMOUNT, 1010),
        BOOKS_WITH("by a rule, outside, and right",
            confirmed(1010, with_rule(bound, "bound", FEE_OUTSIDE)), P_NONE,
            .moves = {sends(B_PAYER, 1000), move(B_PAYER, SHOP_FEE, 10)}, .fee_minor = 10,
            .fee_rule_version = 1),
        REFUSED_AT("by a rule, inside", confirmed(1010, with_rule(bound, "bound", FEE_INSIDE)),
            OUTCOME_PROOF_NOT_OF_AMOUNT, 1000),
        REFUSED_AT("by a rule that the payer bears", confirmed(300, by_payer),
            OUTCOME_PROOF_NOT_OF_AMOUNT, 303),
        BOOKS_WITH("by a rule that the payer bears, and right", confirmed(303, by_payer), B_ONE,
            .moves = {move(B_PAYER, B_ONE, 100), move(B_PAYER, B_TWO, 200),
                move(B_PAYER, SHOP_FEE, 3)},
            .fee_minor = 3, .fee_rule_version = 1),
        REFUSED_AT("by a rule that the payees bear", confirmed(304, by_payees),
            OUTCOME_PROOF_NOT_OF_AMOUNT, 300),
        REFUSED("by a rule that nobody knows", confirmed(300, with_rule(pay, "nobody", 0)),
            OUTCOME_FEE_RULE_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}

static struct command by(enum proof_kind kind, struct command command)
{
    command = with_proof("F-9", command);
    proof_in(&command)->kind = (int32_t)kind;
    return command;
}

/* What L_OTHER asks for. */
static void rules_of_policy(on_rule on, void *context)
{
    static const struct proof_rule_asked cards[] = {{.kind = COMMAND_BIND_CARD, .password = true}};
    const struct command pay = make_pay(L_OTHER, A_OTHER, A_NONE, 901, 0);
    const struct command fee = make_pay(L_OTHER, A_OTHER, A_NONE, 900, 1);
    const struct command hold = make_place_hold(L_OTHER, A_OTHER, 901, "O-9", AN_HOUR_AHEAD);
    const struct command withdraw = make_withdraw(L_OTHER, A_OTHER, 951, 0, 0);
    const struct command bind = make_bind_card(L_OTHER, M_OTHER, CARD_PERSONAL, NUMBER);
    const struct command unbind = make_unbind_card(L_OTHER, Y_OTHER);
    const struct command replace = make_replace_card(L_OTHER, Y_OTHER, Y_NONE);
    const struct rule rules[] = {
        ACCEPTED("set", make_proof_policy(L_MAIN, cards, 1), L_MAIN),
        ACCEPTED("set again", make_proof_policy(L_OTHER, cards, 1), L_OTHER),
        ACCEPTED("set empty", make_proof_policy(L_OTHER, NULL, 0), L_OTHER),
        REFUSED(
            "set in a closed ledger", make_proof_policy(L_CLOSED, NULL, 0), OUTCOME_LEDGER_CLOSED),
        REFUSED_AT("a payment above", pay, OUTCOME_PROOF_NEEDED, 900),
        REFUSED("a payment of as much", make_pay(L_OTHER, A_OTHER, A_NONE, 900, 0),
            OUTCOME_PAYEE_ACCOUNT_NOT_FOUND),
        REFUSED_AT("a payment above with its fee", fee, OUTCOME_PROOF_NEEDED, 900),
        REFUSED("a payment by a password", by(PROOF_PASSWORD, pay), OUTCOME_PROOF_OF_OTHER_KIND),
        REFUSED("a payment by a wrong password",
            spoiled(by(PROOF_PASSWORD, pay), OUTCOME_PROOF_FAILED), OUTCOME_PROOF_OF_OTHER_KIND),
        REFUSED("a payment by a code", by(PROOF_SMS_CODE, pay), OUTCOME_PAYEE_ACCOUNT_NOT_FOUND),
        REFUSED(
            "a payment by a signature", by(PROOF_SIGNATURE, pay), OUTCOME_PAYEE_ACCOUNT_NOT_FOUND),
        REFUSED_AT("a hold as a payment", hold, OUTCOME_PROOF_NEEDED, 900),
        REFUSED("a hold by a password", by(PROOF_PASSWORD, hold), OUTCOME_PROOF_OF_OTHER_KIND),
        BOOKS("a hold by a code", by(PROOF_SMS_CODE, hold), H_NONE, freezes(A_OTHER, 901)),
        REFUSED_AT("a withdrawal above", withdraw, OUTCOME_PROOF_NEEDED, 950),
        REFUSED_AT("a withdrawal above with its fee",
            make_withdraw(L_OTHER, A_OTHER, 950, 1, FEE_OUTSIDE), OUTCOME_PROOF_NEEDED, 950),
        BOOKS("a withdrawal of as much, its fee inside",
            make_withdraw(L_OTHER, A_OTHER, 950, 1, FEE_INSIDE), P_NONE, sends(A_OTHER, 949),
            move(A_OTHER, OTHER_FEE, 1)),
        REFUSED("the platform's own, which is no customer's",
            make_withdraw(L_OTHER, OTHER_OWN, 951, 0, 0), OUTCOME_PLATFORM_ACCOUNT_NOT_SET),
        REFUSED(
            "a withdrawal by a code", by(PROOF_SMS_CODE, withdraw), OUTCOME_PROOF_OF_OTHER_KIND),
        BOOKS("a withdrawal by a password", by(PROOF_PASSWORD, withdraw), P_NONE,
            sends(A_OTHER, 951)),
        BOOKS("a withdrawal of as much", make_withdraw(L_OTHER, A_OTHER, 950, 0, 0), P_NONE,
            sends(A_OTHER, 950)),
        REFUSED_AT("a card to bind", bind, OUTCOME_PROOF_NEEDED, 0),
        REFUSED("a card to bind, by a code", by(PROOF_SMS_CODE, bind), OUTCOME_PROOF_OF_OTHER_KIND),
        REFUSED_AT("a card to unbind", unbind, OUTCOME_PROOF_NEEDED, 0),
        REFUSED(
            "a card to unbind, by a code", by(PROOF_SMS_CODE, unbind), OUTCOME_PROOF_OF_OTHER_KIND),
        ACCEPTED("a card to bind, by a signature", by(PROOF_SIGNATURE, bind), Y_NONE),
        REFUSED_AT("a card to replace", replace, OUTCOME_PROOF_NEEDED, 0),
        REFUSED("a card to replace, by a code", by(PROOF_SMS_CODE, replace),
            OUTCOME_PROOF_OF_OTHER_KIND),
    };
    EACH_RULE(rules, on, context);
}

void rules_proofs(on_rule on, void *context)
{
    rules_of_policy(on, context);
    rules_of_amounts(on, context);
    rules_of_kinds(on, context);
    rules_of_times(on, context);
    rules_of_payees(on, context);
}
