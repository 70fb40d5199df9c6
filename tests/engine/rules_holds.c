/* rules_holds.c: guaranteed payments: every state of a hold with every command about it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "ceilings.h"
#include "model/money.h"

static void rules_place(on_rule on, void *context)
{
    const int64_t ahead = AN_HOUR_AHEAD;
    const struct rule rules[] = {
        REFUSED("one unit too much", a_hold("G", B_PAYER, PAYER_MINOR + 1, ahead),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        BOOKS("all of it", a_hold("G", B_PAYER, PAYER_MINOR, ahead), H_NONE,
            freezes(B_PAYER, PAYER_MINOR)),
        REFUSED("until now", a_hold("G", B_PAYER, 1, STAGE_NOW_US), OUTCOME_EXPIRY_NOT_AHEAD),
        REFUSED("until before", a_hold("G", B_PAYER, 1, 1), OUTCOME_EXPIRY_NOT_AHEAD),
        BOOKS("for a microsecond", a_hold("G", B_PAYER, 1, STAGE_NOW_US + 1), H_NONE,
            freezes(B_PAYER, 1)),
        BOOKS("as long as there is time", a_hold("G", B_PAYER, 1, TIME_US_MAX), H_NONE,
            freezes(B_PAYER, 1)),
        REFUSED("one more than an order has", a_hold("H-32", B_PAYER, 1, ahead),
            OUTCOME_TOO_MANY_HOLDS_OF_ORDER),
        BOOKS("the last that an order has", a_hold("H-31", B_PAYER, 1, ahead), H_NONE,
            freezes(B_PAYER, 1)),
        BOOKS("another payer's order", a_hold("H-32", B_OTHER, 1, ahead), H_NONE,
            freezes(B_OTHER, 1)),
        BOOKS("one that takes nothing", a_hold("G", B_NO_IN, 500, ahead), H_NONE,
            freezes(B_NO_IN, 500)),
        REFUSED("one that gives nothing", a_hold("G", B_NO_OUT, 1, ahead),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("of nothing", a_hold("G", B_EMPTY, 1, ahead), OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED(
            "what is frozen", a_hold("G", B_FROZEN, 1001, ahead), OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("a closed account", a_hold("G", B_CLOSED, 1, ahead), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("FEE", a_hold("G", SHOP_FEE, 1, ahead), OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("a fee account", a_hold("G", F_MINE, 1, ahead), OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("another ledger's", a_hold("G", B_PLAIN, 1, ahead), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("nobody's", a_hold("G", A_NONE, 1, ahead), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("closed before the time", a_hold("G", B_CLOSED, 1, 1), OUTCOME_ACCOUNT_CLOSED),
        REFUSED(
            "the time before too many", a_hold("H-32", B_PAYER, 1, 1), OUTCOME_EXPIRY_NOT_AHEAD),
        REFUSED("too many before too little", a_hold("H-32", B_PAYER, PAYER_MINOR + 1, ahead),
            OUTCOME_TOO_MANY_HOLDS_OF_ORDER),
        REFUSED(
            "the time before restricted", a_hold("G", B_NO_OUT, 1, 1), OUTCOME_EXPIRY_NOT_AHEAD),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, a_hold("G", B_PAYER, 1, ahead)),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

/* To B_ONE. */
static struct command confirm(const char *order, int64_t hold, int64_t amount)
{
    const struct payee only = {B_ONE, amount};
    return a_confirm(order, B_PAYER, hold, &only, 1);
}

#define DRAWS(name, order, hold, amount, first, holds)                                             \
    BOOKS_WITH(name, confirm(order, hold, amount), first,                                          \
        .moves = {draws(B_PAYER, B_ONE, amount)}, .more = {[RECORD_HOLD] = (holds)-1})

static void rules_confirm_states(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED_AT("one unit too much", confirm("H-1", H_LIVE, 1001), OUTCOME_ABOVE_REST, 1000),
        REFUSED("the largest amount", confirm("H-1", H_LIVE, AMOUNT_MINOR_MAX), OUTCOME_ABOVE_REST),
        DRAWS("all of it", "H-1", H_LIVE, 1000, H_LIVE, 1),
        DRAWS("a part", "H-1", H_LIVE, 1, H_LIVE, 1),
        DRAWS("by its order", "H-1", 0, 1000, H_LIVE, 1),
        REFUSED("another payer's is not its own", confirm("H-1", 0, 1001), OUTCOME_ABOVE_REST),
        REFUSED_AT("more than is left", confirm("H-8", H_PART, 51), OUTCOME_ABOVE_REST, 50),
        DRAWS("all that is left", "H-8", H_PART, 50, H_PART, 1),
        REFUSED_AT(
            "of a chain, one unit too much", confirm("H-2", 0, 501), OUTCOME_ABOVE_REST, 500),
        DRAWS("of a chain, all", "H-2", 0, 500, H_CHAIN_A, 2),
        DRAWS("of a chain, the first", "H-2", 0, 300, H_CHAIN_A, 1),
        DRAWS("of a chain, one more", "H-2", 0, 301, H_CHAIN_A, 2),
        REFUSED("of a chain, the second only, one too much", confirm("H-2", H_CHAIN_B, 201),
            OUTCOME_ABOVE_REST),
        DRAWS("of a chain, the second only", "H-2", H_CHAIN_B, 200, H_CHAIN_B, 1),
        DRAWS("the longest chain", "H-32", 0, 32, H_MOST, HOLDS_PER_ORDER_MAX),
        DRAWS("some of the longest chain", "H-32", 0, 2, H_MOST, 2),
        DRAWS("what is over is passed over", "H-3", 0, 50, H_DUE_REST, 1),
        REFUSED("what is over does not count", confirm("H-3", 0, 51), OUTCOME_ABOVE_REST),
        REFUSED("what is over", confirm("H-3", H_DUE_FIRST, 1), OUTCOME_HOLD_EXPIRED),
        REFUSED("all are over", confirm("H-4", 0, 1), OUTCOME_HOLD_EXPIRED),
        REFUSED("over now", confirm("H-10", H_EDGE, 1), OUTCOME_HOLD_EXPIRED),
        REFUSED("over now, by its order", confirm("H-10", 0, 1), OUTCOME_HOLD_EXPIRED),
        DRAWS("over in a microsecond", "H-11", H_NEARLY, 10, H_NEARLY, 1),
        REFUSED("finished by a confirm", confirm("O-20", H_FINISHED, 1), OUTCOME_HOLD_FINISHED),
        REFUSED("finished, by its order", confirm("O-20", 0, 1), OUTCOME_HOLD_FINISHED),
        REFUSED("finished by a cancel", confirm("H-7", H_CANCELLED, 1), OUTCOME_HOLD_FINISHED),
        REFUSED("expired", confirm("H-6", H_EXPIRED, 1), OUTCOME_HOLD_EXPIRED),
        REFUSED("expired, by its order", confirm("H-6", 0, 1), OUTCOME_HOLD_EXPIRED),
        REFUSED("another payer's", confirm("H-1", H_OTHER, 1), OUTCOME_HOLD_OF_ANOTHER),
        REFUSED("another order's", confirm("H-2", H_LIVE, 1), OUTCOME_ORDER_NUMBER_MISMATCH),
        REFUSED(
            "an order that begins alike", confirm("H-", H_LIVE, 1), OUTCOME_ORDER_NUMBER_MISMATCH),
        REFUSED("no such order", confirm("G", 0, 1), OUTCOME_HOLD_NOT_FOUND),
        REFUSED("no such hold", confirm("H-1", H_NONE, 1), OUTCOME_HOLD_NOT_FOUND),
        REFUSED("the largest id", confirm("H-1", INT64_MAX, 1), OUTCOME_HOLD_NOT_FOUND),
        REFUSED("another ledger's hold", confirm("H-1", H_PLAIN, 1), OUTCOME_HOLD_NOT_FOUND),
        REFUSED("another's before another order's", confirm("H-2", H_OTHER, 1),
            OUTCOME_HOLD_OF_ANOTHER),
        REFUSED("another order's before finished", confirm("H-1", H_FINISHED, 1),
            OUTCOME_ORDER_NUMBER_MISMATCH),
        REFUSED("expired before too much", confirm("H-4", H_DUE, 81), OUTCOME_HOLD_EXPIRED),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, confirm("H-1", H_LIVE, 1)),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

static struct command confirm_to(int64_t payee)
{
    const struct payee only = {payee, 1};
    return a_confirm("H-1", B_PAYER, H_LIVE, &only, 1);
}

static void rules_confirm_payees(on_rule on, void *context)
{
    const struct payee two[] = {{B_ONE, 600}, {B_TWO, 300}};
    const struct command to_two = a_confirm("H-1", B_PAYER, H_LIVE, two, 2);
    const struct payee one[] = {{B_ONE, 1}};
    const struct rule rules[] = {
        REFUSED("the fee on top, one unit too much",
            with_rule(confirm("H-1", H_LIVE, 998), "flat", FEE_BEARER_PAYER), OUTCOME_ABOVE_REST),
        BOOKS_WITH("the fee on top", with_rule(confirm("H-1", H_LIVE, 997), "flat", 0), H_LIVE,
            .moves = {draws(B_PAYER, B_ONE, 997), draws(B_PAYER, SHOP_FEE, 3)}, .fee_minor = 3,
            .fee_rule_version = 1),
        REFUSED("a fee without a rule, one unit too much",
            with_fee(confirm("H-1", H_LIVE, 991), 10), OUTCOME_ABOVE_REST),
        BOOKS("a fee without a rule", with_fee(confirm("H-1", H_LIVE, 990), 10), H_LIVE,
            draws(B_PAYER, B_ONE, 990), draws(B_PAYER, SHOP_FEE, 10)),
        BOOKS_WITH("the fee out of it",
            with_rule(confirm("H-1", H_LIVE, 1000), "flat", FEE_BEARER_PAYEES), H_LIVE,
            .moves = {draws(B_PAYER, B_ONE, 997), draws(B_PAYER, SHOP_FEE, 3)}, .fee_minor = 3,
            .fee_rule_version = 1),
        REFUSED("a fee as large", with_rule(confirm("H-1", H_LIVE, 3), "flat", FEE_BEARER_PAYEES),
            OUTCOME_FEE_NOT_BELOW_AMOUNT),
        BOOKS_WITH("two payees, shared", with_rule(to_two, "split", 0), H_LIVE,
            .moves = {draws(B_PAYER, B_ONE, 600), draws(B_PAYER, B_TWO, 300),
                draws(B_PAYER, SHOP_FEE, 15), draws(B_PAYER, F_MINE, 8),
                draws(B_PAYER, F_YOURS, 4)},
            .fee_minor = 27, .fee_rule_version = 1),
        BOOKS_WITH("two payees, who bear it", with_rule(to_two, "split", FEE_BEARER_PAYEES), H_LIVE,
            .moves = {draws(B_PAYER, B_ONE, 582), draws(B_PAYER, B_TWO, 291),
                draws(B_PAYER, SHOP_FEE, 15), draws(B_PAYER, F_MINE, 8),
                draws(B_PAYER, F_YOURS, 4)},
            .fee_minor = 27, .fee_rule_version = 1),
        BOOKS(
            "to one that gives nothing", confirm_to(B_NO_OUT), H_LIVE, draws(B_PAYER, B_NO_OUT, 1)),
        REFUSED("to one that takes nothing", confirm_to(B_NO_IN), OUTCOME_ACCOUNT_RESTRICTED_IN),
        REFUSED("to a closed account", confirm_to(B_CLOSED), OUTCOME_PAYEE_ACCOUNT_CLOSED),
        REFUSED("to the payer", confirm_to(B_PAYER), OUTCOME_SAME_ACCOUNT),
        REFUSED("to another ledger's", confirm_to(B_PLAIN), OUTCOME_PAYEE_ACCOUNT_NOT_FOUND),
        REFUSED("to nobody", confirm_to(A_NONE), OUTCOME_PAYEE_ACCOUNT_NOT_FOUND),
        REFUSED("to PLATFORM_OWN", confirm_to(SHOP_OWN), OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("to a fee account", confirm_to(F_MINE), OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED(
            "no rule", with_rule(confirm("H-1", H_LIVE, 1), "none", 0), OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED("a later rule", with_rule(confirm("H-1", H_LIVE, 1), "later", 0),
            OUTCOME_FEE_RULE_NOT_EFFECTIVE),
        REFUSED("by one that gives nothing", a_confirm("H-9", B_NO_OUT, H_NO_OUT, one, 1),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED(
            "by a closed account", a_confirm("H-1", B_CLOSED, 0, one, 1), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("by FEE", a_confirm("H-1", SHOP_FEE, 0, one, 1), OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("by nobody", a_confirm("H-1", A_NONE, 0, one, 1), OUTCOME_ACCOUNT_NOT_FOUND),
        BOOKS("another payer of the same order", a_confirm("H-1", B_OTHER, 0, one, 1), H_OTHER,
            draws(B_OTHER, B_ONE, 1)),
        REFUSED("no payee before no hold", a_confirm("H-1", B_PAYER, H_NONE, TO({A_NONE, 1})),
            OUTCOME_PAYEE_ACCOUNT_NOT_FOUND),
        REFUSED("no hold before no rule", with_rule(confirm("H-1", H_NONE, 1), "none", 0),
            OUTCOME_HOLD_NOT_FOUND),
        REFUSED("restricted before too much", a_confirm("H-9", B_NO_OUT, H_NO_OUT, TO({B_ONE, 71})),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
    };
    EACH_RULE(rules, on, context);
}

static struct command cancel(const char *order, int64_t hold, int64_t amount)
{
    return a_cancel(order, B_PAYER, hold, amount);
}

#define CANCELS(name, order, hold, asked, amount, first, holds)                                    \
    BOOKS_WITH(name, cancel(order, hold, asked), first, .moves = {frees(B_PAYER, amount)},         \
        .more = {[RECORD_HOLD] = (holds)-1})

static void rules_cancel(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED("one unit too much", cancel("H-1", H_LIVE, 1001), OUTCOME_ABOVE_REST),
        CANCELS("all of it", "H-1", H_LIVE, 1000, 1000, H_LIVE, 1),
        CANCELS("everything", "H-1", H_LIVE, 0, 1000, H_LIVE, 1),
        CANCELS("a part", "H-1", H_LIVE, 1, 1, H_LIVE, 1),
        CANCELS("by its order", "H-1", 0, 0, 1000, H_LIVE, 1),
        REFUSED("more than is left", cancel("H-8", H_PART, 51), OUTCOME_ABOVE_REST),
        CANCELS("everything that is left", "H-8", H_PART, 0, 50, H_PART, 1),
        REFUSED("of a chain, one unit too much", cancel("H-2", 0, 501), OUTCOME_ABOVE_REST),
        CANCELS("of a chain, everything", "H-2", 0, 0, 500, H_CHAIN_A, 2),
        CANCELS("of a chain, the first", "H-2", 0, 300, 300, H_CHAIN_A, 1),
        CANCELS("of a chain, one more", "H-2", 0, 301, 301, H_CHAIN_A, 2),
        CANCELS("of a chain, the second only", "H-2", H_CHAIN_B, 0, 200, H_CHAIN_B, 1),
        CANCELS("the longest chain", "H-32", 0, 0, 32, H_MOST, HOLDS_PER_ORDER_MAX),
        CANCELS("what is over is passed over", "H-3", 0, 0, 50, H_DUE_REST, 1),
        REFUSED("what is over", cancel("H-3", H_DUE_FIRST, 0), OUTCOME_HOLD_EXPIRED),
        REFUSED("all are over", cancel("H-4", 0, 0), OUTCOME_HOLD_EXPIRED),
        REFUSED("over now", cancel("H-10", H_EDGE, 0), OUTCOME_HOLD_EXPIRED),
        CANCELS("over in a microsecond", "H-11", H_NEARLY, 0, 10, H_NEARLY, 1),
        REFUSED("finished by a confirm", cancel("O-20", H_FINISHED, 0), OUTCOME_HOLD_FINISHED),
        REFUSED("finished by a cancel", cancel("H-7", H_CANCELLED, 0), OUTCOME_HOLD_FINISHED),
        REFUSED("finished, by its order", cancel("H-7", 0, 0), OUTCOME_HOLD_FINISHED),
        REFUSED("expired", cancel("H-6", H_EXPIRED, 0), OUTCOME_HOLD_EXPIRED),
        REFUSED("expired, by its order", cancel("H-6", 0, 0), OUTCOME_HOLD_EXPIRED),
        REFUSED("another payer's", cancel("H-1", H_OTHER, 0), OUTCOME_HOLD_OF_ANOTHER),
        REFUSED("another order's", cancel("H-2", H_LIVE, 0), OUTCOME_ORDER_NUMBER_MISMATCH),
        REFUSED("no such hold", cancel("H-1", H_NONE, 0), OUTCOME_HOLD_NOT_FOUND),
        REFUSED("id -1", cancel("H-1", -1, 0), OUTCOME_HOLD_NOT_FOUND),
        REFUSED("another ledger's hold", cancel("H-1", H_PLAIN, 0), OUTCOME_HOLD_NOT_FOUND),
        REFUSED("no such order", cancel("G", 0, 0), OUTCOME_HOLD_NOT_FOUND),
        BOOKS("by one that gives nothing: it is his money", a_cancel("H-9", B_NO_OUT, 0, 0),
            H_NO_OUT, frees(B_NO_OUT, 70)),
        REFUSED("by a closed account", a_cancel("H-1", B_CLOSED, 0, 0), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("by FEE", a_cancel("H-1", SHOP_FEE, 0, 0), OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("by nobody", a_cancel("H-1", A_NONE, 0, 0), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, cancel("H-1", H_LIVE, 0)),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

#define EXPIRES(name, hold, amount, of_order)                                                      \
    BOOKS_WITH(name, an_expiry(EXPIRY_HOLD, hold), hold, .moves = {frees(B_PAYER, amount)},        \
        .order = (of_order))

static void rules_expire(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED("in a microsecond", an_expiry(EXPIRY_HOLD, H_NEARLY), OUTCOME_NOT_YET_DUE),
        EXPIRES("now", H_EDGE, 10, "H-10"),
        EXPIRES("over", H_DUE, 80, "H-4"),
        EXPIRES("over, the first of a chain", H_DUE_FIRST, 100, "H-3"),
        REFUSED("live", an_expiry(EXPIRY_HOLD, H_LIVE), OUTCOME_NOT_YET_DUE),
        REFUSED("a part of it left", an_expiry(EXPIRY_HOLD, H_PART), OUTCOME_NOT_YET_DUE),
        REFUSED("finished by a confirm", an_expiry(EXPIRY_HOLD, H_FINISHED), OUTCOME_HOLD_FINISHED),
        REFUSED("finished by a cancel", an_expiry(EXPIRY_HOLD, H_CANCELLED), OUTCOME_HOLD_FINISHED),
        REFUSED("expired", an_expiry(EXPIRY_HOLD, H_EXPIRED), OUTCOME_HOLD_EXPIRED),
        REFUSED("no such hold", an_expiry(EXPIRY_HOLD, H_NONE), OUTCOME_HOLD_NOT_FOUND),
        REFUSED("id 0", an_expiry(EXPIRY_HOLD, 0), OUTCOME_HOLD_NOT_FOUND),
        REFUSED("another ledger's", an_expiry(EXPIRY_HOLD, H_PLAIN), OUTCOME_HOLD_NOT_FOUND),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, an_expiry(EXPIRY_HOLD, H_DUE)),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

void rules_holds(on_rule on, void *context)
{
    rules_place(on, context);
    rules_confirm_states(on, context);
    rules_confirm_payees(on, context);
    rules_cancel(on, context);
    rules_expire(on, context);
}
