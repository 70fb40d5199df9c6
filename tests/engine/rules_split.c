/* rules_split.c: payments by fee rules, who bears them, and what a credit does: debts, and money
 * that can be withdrawn from the next date on.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "ceilings.h"
#include "model/money.h"

static struct command pay(int64_t amount)
{
    return make_pay(L_SHOP, B_PAYER, B_ONE, amount, 0);
}

/* The fee on top, and out of the amount. */
static struct command on_top(const char *rule, int64_t amount)
{
    return with_rule(pay(amount), rule, FEE_BEARER_PAYER);
}

static struct command out_of(const char *rule, int64_t amount)
{
    return with_rule(pay(amount), rule, FEE_BEARER_PAYEES);
}

/* B_ONE gets the amount, SHOP_FEE the fee on top. */
#define ON_TOP(name, rule, amount, fee)                                                            \
    BOOKS_WITH(name, on_top(rule, amount), B_ONE,                                                  \
        .moves = {move(B_PAYER, B_ONE, amount), move(B_PAYER, SHOP_FEE, fee)}, .fee_minor = (fee), \
        .fee_rule_version = 1)

/* B_ONE gets the amount less the fee. */
#define OUT_OF(name, rule, amount, fee)                                                            \
    BOOKS_WITH(name, out_of(rule, amount), B_ONE,                                                  \
        .moves = {move(B_PAYER, B_ONE, (amount) - (fee)), move(B_PAYER, SHOP_FEE, fee)},           \
        .fee_minor = (fee), .fee_rule_version = 1)

static void rules_amounts_of_fees(on_rule on, void *context)
{
    const struct rule rules[] = {
        ON_TOP("tiers: below the second", "tiers", 99, 1),
        ON_TOP("tiers: where the second begins", "tiers", 100, 5),
        ON_TOP("tiers: rounded down", "tiers", 999, 49),
        ON_TOP("tiers: where the third begins, the fee falls", "tiers", 1000, 10),
        ON_TOP("bound: the minimum of 1", "bound", 1, 2),
        ON_TOP("bound: below a half", "bound", 249, 2),
        ON_TOP("bound: half up", "bound", 250, 3),
        ON_TOP("bound: the last below the maximum", "bound", 4949, 49),
        ON_TOP("bound: the maximum", "bound", 5000, 50),
        ON_TOP("bound: above it", "bound", 500000, 50),
        ON_TOP("full: rounded up from 1", "full", 1, 1),
        ON_TOP("full: exact", "full", 100, 1),
        ON_TOP("full: rounded up", "full", 101, 2),
        ON_TOP("split: the first share has what is left over", "split", 100, 3),
        ON_TOP("split: half up", "split", 50, 2),
        BOOKS_WITH("split: nothing of less than a half", on_top("split", 16), B_ONE,
            .moves = {move(B_PAYER, B_ONE, 16)}, .fee_rule_version = 1),
        BOOKS_WITH("free", on_top("free", 5000), B_ONE, .moves = {move(B_PAYER, B_ONE, 5000)},
            .fee_rule_version = 1),
        BOOKS_WITH("the version in force", on_top("grows", 5000), B_ONE,
            .moves = {move(B_PAYER, B_ONE, 5000), move(B_PAYER, F_MINE, 2)}, .fee_minor = 2,
            .fee_rule_version = 2),
        BOOKS_WITH("to another fee account", on_top("gone", 5000), B_ONE,
            .moves = {move(B_PAYER, B_ONE, 5000), move(B_PAYER, F_EMPTY, 10)}, .fee_minor = 10,
            .fee_rule_version = 1),
        BOOKS_WITH("three shares", on_top("split", 1001), B_ONE,
            .moves = {move(B_PAYER, B_ONE, 1001), move(B_PAYER, SHOP_FEE, 16),
                move(B_PAYER, F_MINE, 9), move(B_PAYER, F_YOURS, 5)},
            .fee_minor = 30, .fee_rule_version = 1),
    };
    EACH_RULE(rules, on, context);
}

static void rules_of_rules(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED("no such rule", on_top("none", 1), OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED("another ledger's rule", on_top("plain", 1), OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED("a name that begins alike", on_top("gro", 1), OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED("a later rule", on_top("later", 1), OUTCOME_FEE_RULE_NOT_EFFECTIVE),
        REFUSED("no payee before no rule",
            with_rule(make_pay(L_SHOP, B_PAYER, A_NONE, 1, 0), "none", 0),
            OUTCOME_PAYEE_ACCOUNT_NOT_FOUND),
        REFUSED("the same account before no rule",
            with_rule(make_pay(L_SHOP, B_PAYER, B_PAYER, 1, 0), "none", 0), OUTCOME_SAME_ACCOUNT),
        REFUSED("no rule before restricted",
            with_rule(make_pay(L_SHOP, B_NO_OUT, B_ONE, 1, 0), "none", 0),
            OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED("no rule before too little",
            with_rule(make_pay(L_SHOP, B_EMPTY, B_ONE, 1, 0), "later", 0),
            OUTCOME_FEE_RULE_NOT_EFFECTIVE),
        REFUSED("restricted before a fee too large",
            with_rule(make_pay(L_SHOP, B_NO_OUT, B_ONE, 1, 0), "flat", FEE_BEARER_PAYEES),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("a fee too large before too little",
            with_rule(make_pay(L_SHOP, B_EMPTY, B_ONE, 1, 0), "flat", FEE_BEARER_PAYEES),
            OUTCOME_FEE_NOT_BELOW_AMOUNT),
    };
    EACH_RULE(rules, on, context);
}

void rules_split(on_rule on, void *context)
{
    rules_amounts_of_fees(on, context);
    rules_of_rules(on, context);
    const struct payee two[] = {{B_ONE, 1000}, {B_TWO, 150}};
    const struct payee small[] = {{B_ONE, 1000}, {B_TWO, 3}};
    const struct payee halves[] = {{B_ONE, 25}, {B_TWO, 25}};
    const struct command to_two = a_payment("P-1", B_PAYER, two, 2);
    const struct rule rules[] = {
        REFUSED("on top, one unit too much", on_top("flat", PAYER_MINOR - 2),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        ON_TOP("on top, all of it", "flat", PAYER_MINOR - 3, 3),
        REFUSED("the largest amount", on_top("split", AMOUNT_MINOR_MAX),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED_AT("out of it, one unit too much", out_of("flat", PAYER_MINOR + 1),
            OUTCOME_INSUFFICIENT_AVAILABLE, PAYER_MINOR),
        OUT_OF("out of it, all of it", "flat", PAYER_MINOR, 3),
        REFUSED_AT("out of it, a fee as large", out_of("flat", 3), OUTCOME_FEE_NOT_BELOW_AMOUNT, 3),
        REFUSED("out of it, a larger one", out_of("flat", 2), OUTCOME_FEE_NOT_BELOW_AMOUNT),
        OUT_OF("out of it, 1 is left", "flat", 4, 3),
        REFUSED("out of the second, a fee as large",
            with_rule(a_payment("P-1", B_PAYER, small, 2), "flat", FEE_BEARER_PAYEES),
            OUTCOME_FEE_NOT_BELOW_AMOUNT),
        BOOKS_WITH("on top, a fee on the sum", with_rule(to_two, "split", 0), B_ONE,
            .moves = {move(B_PAYER, B_ONE, 1000), move(B_PAYER, B_TWO, 150),
                move(B_PAYER, SHOP_FEE, 19), move(B_PAYER, F_MINE, 11), move(B_PAYER, F_YOURS, 5)},
            .fee_minor = 35, .fee_rule_version = 1),
        BOOKS_WITH("out of each, shared once", with_rule(to_two, "split", FEE_BEARER_PAYEES), B_ONE,
            .moves = {move(B_PAYER, B_ONE, 970), move(B_PAYER, B_TWO, 145),
                move(B_PAYER, SHOP_FEE, 19), move(B_PAYER, F_MINE, 11), move(B_PAYER, F_YOURS, 5)},
            .fee_minor = 35, .fee_rule_version = 1),
        BOOKS_WITH("out of each, each rounded",
            with_rule(a_payment("P-1", B_PAYER, halves, 2), "split", FEE_BEARER_PAYEES), B_ONE,
            .moves = {move(B_PAYER, B_ONE, 24), move(B_PAYER, B_TWO, 24),
                move(B_PAYER, SHOP_FEE, 2)},
            .fee_minor = 2, .fee_rule_version = 1),
        BOOKS_WITH("out of each, nothing",
            with_rule(a_payment("P-1", B_PAYER, halves, 2), "free", FEE_BEARER_PAYEES), B_ONE,
            .moves = {move(B_PAYER, B_ONE, 25), move(B_PAYER, B_TWO, 25)}, .fee_rule_version = 1),
        BOOKS("a fee without a rule", with_fee(to_two, 7), B_ONE, move(B_PAYER, B_ONE, 1000),
            move(B_PAYER, B_TWO, 150), move(B_PAYER, SHOP_FEE, 7)),
        REFUSED("a refused one has its order too", a_payment("P-9", B_EMPTY, two, 2),
            OUTCOME_INSUFFICIENT_AVAILABLE),
    };
    EACH_RULE(rules, on, context);
}

/* ---- debts are repaid from new money, first in, first out ---- */

#define REPAYS(name, command, to, debts, ...)                                                      \
    BOOKS_WITH(name, command, to, .moves = {__VA_ARGS__}, .more = {[RECORD_DEBT] = (debts)})

static void rules_debts(on_rule on, void *context)
{
    const struct move repay_80 = move(B_DEBTOR, SHOP_OWN, 80);
    const struct payee two[] = {{B_DEBTOR, 80}, {B_ONE, 5}};
    const struct payee debtors[] = {{B_DEBTOR, 10}, {B_MANY, 20}};
    const struct rule rules[] = {
        REPAYS("less than the first debt", make_receipt(L_SHOP, B_DEBTOR, 69), B_DEBTOR, 1,
            move(SHOP_ESCROW, B_DEBTOR, 69), move(B_DEBTOR, SHOP_OWN, 69)),
        REPAYS("the first debt", make_receipt(L_SHOP, B_DEBTOR, 70), B_DEBTOR, 1,
            move(SHOP_ESCROW, B_DEBTOR, 70), move(B_DEBTOR, SHOP_OWN, 70)),
        REPAYS("one more", make_receipt(L_SHOP, B_DEBTOR, 71), B_DEBTOR, 2,
            move(SHOP_ESCROW, B_DEBTOR, 71), move(B_DEBTOR, SHOP_OWN, 71)),
        REPAYS("both", make_receipt(L_SHOP, B_DEBTOR, 130), B_DEBTOR, 2,
            move(SHOP_ESCROW, B_DEBTOR, 130), move(B_DEBTOR, SHOP_OWN, 130)),
        REPAYS("more than both", make_receipt(L_SHOP, B_DEBTOR, 131), B_DEBTOR, 2,
            move(SHOP_ESCROW, B_DEBTOR, 131), move(B_DEBTOR, SHOP_OWN, 130)),
        REPAYS("no more debts than one command repays", make_receipt(L_SHOP, B_MANY, 100), B_MANY,
            DEBTS_PER_SETTLE_MAX, move(SHOP_ESCROW, B_MANY, 100),
            move(B_MANY, SHOP_OWN, DEBTS_PER_SETTLE_MAX)),
        REPAYS("some of many", make_receipt(L_SHOP, B_MANY, 3), B_MANY, 3,
            move(SHOP_ESCROW, B_MANY, 3), move(B_MANY, SHOP_OWN, 3)),
        BOOKS("not from one that gives nothing", make_receipt(L_SHOP, B_DEBTOR_OUT, 50),
            B_DEBTOR_OUT, move(SHOP_ESCROW, B_DEBTOR_OUT, 50)),
        REPAYS("from interest", make_interest(L_SHOP, B_DEBTOR, 10), B_DEBTOR, 1,
            move(SHOP_ESCROW, SHOP_INTEREST, 10), move(SHOP_INTEREST, B_DEBTOR, 10),
            move(B_DEBTOR, SHOP_OWN, 10)),
        REPAYS("from a payment, when all of it is booked",
            with_fee(a_payment("P", B_PAYER, two, 2), 7), B_DEBTOR, 2, move(B_PAYER, B_DEBTOR, 80),
            move(B_PAYER, B_ONE, 5), move(B_PAYER, SHOP_FEE, 7), repay_80),
        REPAYS("of two payees", a_payment("P", B_PAYER, debtors, 2), B_DEBTOR,
            1 + DEBTS_PER_SETTLE_MAX, move(B_PAYER, B_DEBTOR, 10), move(B_PAYER, B_MANY, 20),
            move(B_DEBTOR, SHOP_OWN, 10), move(B_MANY, SHOP_OWN, DEBTS_PER_SETTLE_MAX)),
        BOOKS_WITH("from what is left after the fee",
            with_rule(make_pay(L_SHOP, B_PAYER, B_DEBTOR, 100, 0), "flat", FEE_BEARER_PAYEES),
            B_DEBTOR,
            .moves = {move(B_PAYER, B_DEBTOR, 97), move(B_PAYER, SHOP_FEE, 3),
                move(B_DEBTOR, SHOP_OWN, 97)},
            .fee_minor = 3, .fee_rule_version = 1, .more = {[RECORD_DEBT] = 2}),
        REPAYS("from a confirm", a_confirm("H-1", B_PAYER, H_LIVE, two, 2), H_LIVE, 2,
            draws(B_PAYER, B_DEBTOR, 80), draws(B_PAYER, B_ONE, 5), repay_80),
        REPAYS("from an adjustment", an_adjustment(B_ONE, B_DEBTOR, 80), B_DEBTOR, 2,
            move(B_ONE, B_DEBTOR, 80), repay_80),
        REFUSED("who owes cannot be closed", make_close_account(L_SHOP, B_DEBTOR),
            OUTCOME_ACCOUNT_HAS_DEBT),
        REFUSED("who owes and gives nothing cannot be closed",
            make_close_account(L_SHOP, B_DEBTOR_OUT), OUTCOME_ACCOUNT_HAS_DEBT),
        ACCEPTED("who owes nothing can", make_close_account(L_SHOP, B_EMPTY), B_EMPTY),
        REFUSED("what gives no money stays open", make_close_account(L_SHOP, B_SHUT),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("what is held keeps it open", make_close_account(L_SHOP, B_FROZEN),
            OUTCOME_ACCOUNT_NOT_EMPTY),
    };
    EACH_RULE(rules, on, context);
}

/* ---- withdrawable from the next date on ---- */

#define NEXT_DATE(name, command, subject_, accounts, ...)                                          \
    BOOKS_WITH(name, next_date(command), subject_, .moves = {__VA_ARGS__},                         \
        .more = {[RECORD_ACCOUNT] = (accounts)})

static struct command leave(int64_t account, int64_t amount, int64_t fee, int32_t mode)
{
    return make_withdraw(L_SHOP, account, amount, fee, mode);
}

void rules_credit(on_rule on, void *context)
{
    rules_debts(on, context);
    const struct payee two[] = {{B_ONE, 30}, {B_NEXT, 40}};
    const struct rule rules[] = {
        REFUSED_AT(
            "one unit too early", leave(B_NEXT, 601, 0, 0), OUTCOME_NOT_YET_WITHDRAWABLE, 600),
        BOOKS("all that came in before", leave(B_NEXT, 600, 0, 0), P_NONE, sends(B_NEXT, 600)),
        REFUSED_AT("too little before too early", leave(B_NEXT, 1001, 0, 0),
            OUTCOME_INSUFFICIENT_AVAILABLE, 1000),
        REFUSED("all of it", leave(B_NEXT, 1000, 0, 0), OUTCOME_NOT_YET_WITHDRAWABLE),
        BOOKS("the fee may come from it", leave(B_NEXT, 600, 400, FEE_OUTSIDE), P_NONE,
            sends(B_NEXT, 600), move(B_NEXT, SHOP_FEE, 400)),
        REFUSED("the fee may not be more than there is", leave(B_NEXT, 600, 401, FEE_OUTSIDE),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        BOOKS("a fee inside too", leave(B_NEXT, 700, 100, FEE_INSIDE), P_NONE, sends(B_NEXT, 600),
            move(B_NEXT, SHOP_FEE, 100)),
        REFUSED("one unit too early inside", leave(B_NEXT, 701, 100, FEE_INSIDE),
            OUTCOME_NOT_YET_WITHDRAWABLE),
        REFUSED("with a fee of another", with_fee(borne_by(B_TWO, leave(B_NEXT, 601, 0, 0)), 3),
            OUTCOME_NOT_YET_WITHDRAWABLE),
        BOOKS("what came in before is paid first", make_pay(L_SHOP, B_NEXT, B_ONE, 600, 0), B_ONE,
            move(B_NEXT, B_ONE, 600)),
        BOOKS_WITH("what is paid beyond it goes with the payment",
            make_pay(L_SHOP, B_NEXT, B_ONE, 601, 0), B_ONE, .moves = {move(B_NEXT, B_ONE, 601)},
            .more = {[RECORD_ACCOUNT] = 2}),
        BOOKS_WITH("it can be paid", make_pay(L_SHOP, B_NEXT, B_ONE, 1000, 0), B_ONE,
            .moves = {move(B_NEXT, B_ONE, 1000)}, .more = {[RECORD_ACCOUNT] = 2}),
        BOOKS("a fee takes nothing of it along", make_fee(L_SHOP, B_NEXT, 700), B_NEXT,
            move(B_NEXT, SHOP_FEE, 700)),
        BOOKS("it can be held", a_hold("N", B_NEXT, 1000, AN_HOUR_AHEAD), H_NONE,
            freezes(B_NEXT, 1000)),
        BOOKS("it can be charged", make_fee(L_SHOP, B_NEXT, 1000), B_NEXT,
            move(B_NEXT, SHOP_FEE, 1000)),
        BOOKS("of an earlier date", leave(B_PAST, 300, 0, 0), P_NONE, sends(B_PAST, 300)),
        NEXT_DATE("for two", a_payment("N", B_PAYER, two, 2), B_ONE, 2, move(B_PAYER, B_ONE, 30),
            move(B_PAYER, B_NEXT, 40)),
        NEXT_DATE("after an earlier date", make_pay(L_SHOP, B_PAYER, B_PAST, 40, 0), B_PAST, 1,
            move(B_PAYER, B_PAST, 40)),
        NEXT_DATE("with a confirm", a_confirm("H-1", B_PAYER, 0, two, 2), H_LIVE, 2,
            draws(B_PAYER, B_ONE, 30), draws(B_PAYER, B_NEXT, 40)),
        BOOKS_WITH("what repaid debts is gone",
            next_date(make_pay(L_SHOP, B_PAYER, B_DEBTOR, 60, 0)), B_DEBTOR,
            .moves = {move(B_PAYER, B_DEBTOR, 60), move(B_DEBTOR, SHOP_OWN, 60)},
            .more = {[RECORD_DEBT] = 1, [RECORD_ACCOUNT] = 1}),
        BOOKS_WITH("what is left of it counts",
            next_date(make_pay(L_SHOP, B_PAYER, B_DEBTOR, 200, 0)), B_DEBTOR,
            .moves = {move(B_PAYER, B_DEBTOR, 200), move(B_DEBTOR, SHOP_OWN, 130)},
            .more = {[RECORD_DEBT] = 2, [RECORD_ACCOUNT] = 1}),
    };
    EACH_RULE(rules, on, context);
}
