/* rules_refunds.c: what can be given back of a payment or a confirm, and what comes with it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "ceilings.h"
#include "model/money.h"

/* B_PAYER has something back; `records` images of what was refunded. */
#define REFUNDS(name, command, records, ...)                                                       \
    BOOKS_WITH(                                                                                    \
        name, command, B_PAYER, .moves = {__VA_ARGS__}, .more = {[RECORD_REFUNDED] = (records)-2})

static struct move back(int64_t from, int64_t amount)
{
    return move(from, B_PAYER, amount);
}

static void rules_amounts(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED("one unit too much of a payee", a_refund("O-1", S_PAY_TWO, TO({B_ONE, 601})),
            OUTCOME_ABOVE_REST),
        REFUSED("one unit too much of the second",
            a_refund("O-1", S_PAY_TWO, TO({B_ONE, 1}, {B_TWO, 401})), OUTCOME_ABOVE_REST),
        REFUSED("the largest amount", a_refund("O-1", S_PAY_TWO, TO({B_ONE, AMOUNT_MINOR_MAX})),
            OUTCOME_ABOVE_REST),
        REFUNDS(
            "all of a payee", a_refund("O-1", S_PAY_TWO, TO({B_ONE, 600})), 2, back(B_ONE, 600)),
        REFUNDS(
            "a part of the other", a_refund("O-1", S_PAY_TWO, TO({B_TWO, 1})), 2, back(B_TWO, 1)),
        REFUNDS("everything", a_refund("O-1", S_PAY_TWO, ALL_LEFT), 3, back(B_ONE, 600),
            back(B_TWO, 400)),
        REFUNDS("everything, in the order asked",
            a_refund("O-1", S_PAY_TWO, TO({B_TWO, 400}, {B_ONE, 600})), 3, back(B_TWO, 400),
            back(B_ONE, 600)),
        REFUNDS("all that is left of a payee", a_refund("O-14", S_PAY_PARTLY, TO({B_ONE, 500})), 2,
            back(B_ONE, 500), back(SHOP_FEE, 8), back(F_MINE, 4), back(F_YOURS, 3)),
        REFUSED("more than is left of a payee", a_refund("O-14", S_PAY_PARTLY, TO({B_ONE, 501})),
            OUTCOME_ABOVE_REST),
        REFUNDS("everything that is left", a_refund("O-14", S_PAY_PARTLY, ALL_LEFT), 3,
            back(B_ONE, 500), back(B_TWO, 400), back(SHOP_FEE, 15), back(F_MINE, 8),
            back(F_YOURS, 4)),
        REFUSED(
            "when nothing is left", a_refund("O-15", S_PAY_WHOLLY, ALL_LEFT), OUTCOME_ABOVE_REST),
        REFUSED("of a payee when nothing is left", a_refund("O-15", S_PAY_WHOLLY, TO({B_ONE, 1})),
            OUTCOME_ABOVE_REST),
        REFUSED("what was advanced", a_refund("O-30", S_PAY_DEBTOR, ALL_LEFT), OUTCOME_ABOVE_REST),
        REFUNDS("of a confirm", a_refund("O-20", S_CONFIRM, ALL_LEFT), 2, back(B_ONE, 300),
            back(SHOP_FEE, 6), back(F_MINE, 2), back(F_YOURS, 1)),
        REFUSED("too much of a confirm", a_refund("O-20", S_CONFIRM, TO({B_ONE, 301})),
            OUTCOME_ABOVE_REST),
    };
    EACH_RULE(rules, on, context);
}

static void rules_fees_back(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUNDS("a fee without a rule stays", a_refund("O-2", S_PAY_FEE, ALL_LEFT), 2,
            back(B_ONE, 1000)),
        REFUNDS("a fee that stays by its rule", a_refund("O-17", S_PAY_FLAT, ALL_LEFT), 2,
            back(B_ONE, 100)),
        REFUNDS("in proportion, less than 1", a_refund("O-3", S_PAY_SPLIT, TO({B_ONE, 33})), 2,
            back(B_ONE, 33)),
        REFUNDS("in proportion, 1", a_refund("O-3", S_PAY_SPLIT, TO({B_ONE, 34})), 2,
            back(B_ONE, 34), back(F_YOURS, 1)),
        REFUNDS("in proportion, rounded down", a_refund("O-3", S_PAY_SPLIT, TO({B_ONE, 600})), 2,
            back(B_ONE, 600), back(SHOP_FEE, 9), back(F_MINE, 5), back(F_YOURS, 3)),
        REFUNDS("in proportion, all of it", a_refund("O-3", S_PAY_SPLIT, ALL_LEFT), 3,
            back(B_ONE, 600), back(B_TWO, 401), back(SHOP_FEE, 16), back(F_MINE, 9),
            back(F_YOURS, 5)),
        REFUNDS("that a payee bore", a_refund("O-4", S_PAY_BORNE, TO({B_ONE, 1000})), 2,
            back(B_ONE, 970), back(SHOP_FEE, 16), back(F_MINE, 9), back(F_YOURS, 5)),
        REFUNDS("that a payee bore, less than 1", a_refund("O-4", S_PAY_BORNE, TO({B_TWO, 29})), 2,
            back(B_TWO, 29)),
        REFUNDS("that a payee bore, a part", a_refund("O-4", S_PAY_BORNE, TO({B_TWO, 149})), 2,
            back(B_TWO, 145), back(SHOP_FEE, 2), back(F_MINE, 1), back(F_YOURS, 1)),
        REFUNDS("that the payees bore", a_refund("O-4", S_PAY_BORNE, ALL_LEFT), 3, back(B_ONE, 970),
            back(B_TWO, 145), back(SHOP_FEE, 19), back(F_MINE, 11), back(F_YOURS, 5)),
        REFUNDS("with a full refund only", a_refund("O-5", S_PAY_FULL, TO({B_ONE, 250})), 2,
            back(B_ONE, 250)),
        REFUNDS("with a full refund only: all but 1",
            a_refund("O-5", S_PAY_FULL, TO({B_ONE, 250}, {B_TWO, 249})), 3, back(B_ONE, 250),
            back(B_TWO, 249)),
        REFUNDS("with a full refund", a_refund("O-5", S_PAY_FULL, ALL_LEFT), 3, back(B_ONE, 250),
            back(B_TWO, 250), back(SHOP_FEE, 5)),
        REFUNDS("full for a payee who bore it", a_refund("O-6", S_PAY_FULL_BORNE, TO({B_ONE, 150})),
            2, back(B_ONE, 148), back(SHOP_FEE, 2)),
        REFUNDS("not full for a payee who bore it",
            a_refund("O-6", S_PAY_FULL_BORNE, TO({B_ONE, 149})), 2, back(B_ONE, 149)),
        REFUNDS("full for both payees who bore it", a_refund("O-6", S_PAY_FULL_BORNE, ALL_LEFT), 3,
            back(B_ONE, 148), back(B_TWO, 148), back(SHOP_FEE, 4)),
        REFUNDS("more than the last part: the payee, who bore it, has the rest",
            a_refund("O-21", S_PAY_LAST, ALL_LEFT), 2, back(SHOP_FEE, 1), move(SHOP_FEE, B_ONE, 1)),
        REFUNDS("by the version of then", a_refund("O-7", S_PAY_GROWS, ALL_LEFT), 2,
            back(B_ONE, 10), back(SHOP_FEE, 1)),
        REFUNDS("by the version of then, borne by the payee",
            a_refund("O-8", S_PAY_GROWS_BORNE, ALL_LEFT), 2, back(B_ONE, 9), back(SHOP_FEE, 1)),
        REFUNDS("the platform gives back what it collected", a_refund("O-18", S_PAY_GONE, ALL_LEFT),
            2, back(B_ONE, 100), move(SHOP_OWN, F_EMPTY, 10), back(F_EMPTY, 10)),
        REFUNDS("1 of what it collected", a_refund("O-18", S_PAY_GONE, TO({B_ONE, 10})), 2,
            back(B_ONE, 10), move(SHOP_OWN, F_EMPTY, 1), back(F_EMPTY, 1)),
        REFUNDS("a part so small that nothing of the fee comes back",
            a_refund("O-18", S_PAY_GONE, TO({B_ONE, 9})), 2, back(B_ONE, 9)),
    };
    EACH_RULE(rules, on, context);
}

static void rules_short_payees(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUNDS("all that the payee has", a_refund("O-9", S_PAY_SHORT, TO({B_SHORT, SHORT_MINOR})),
            2, back(B_SHORT, SHORT_MINOR)),
        BOOKS_WITH("one more is advanced",
            a_refund("O-9", S_PAY_SHORT, TO({B_SHORT, SHORT_MINOR + 1})), B_PAYER,
            .moves = {back(B_SHORT, SHORT_MINOR), back(SHOP_OWN, 1)}, .more = {[RECORD_DEBT] = 1}),
        BOOKS_WITH("of two payees, one is short", a_refund("O-9", S_PAY_SHORT, ALL_LEFT), B_PAYER,
            .moves = {back(B_SHORT, SHORT_MINOR), back(SHOP_OWN, 300), back(B_ONE, 100)},
            .more = {[RECORD_DEBT] = 1, [RECORD_REFUNDED] = 1}),
        BOOKS_WITH("all that PLATFORM_OWN has",
            a_refund("O-19", S_PAY_EMPTY, TO({B_EMPTY, OWN_MINOR})), B_PAYER,
            .moves = {back(SHOP_OWN, OWN_MINOR)}, .more = {[RECORD_DEBT] = 1}),
        REFUSED_AT("one more than PLATFORM_OWN has", a_refund("O-19", S_PAY_EMPTY, ALL_LEFT),
            OUTCOME_INSUFFICIENT_PLATFORM_OWN, OWN_MINOR),
        BOOKS_WITH("all that PLATFORM_OWN has, with what it collected of the fee",
            a_refund("O-22", S_PAY_EMPTY_FEE, TO({B_EMPTY, OWN_MINOR - 10})), B_PAYER,
            .moves = {back(SHOP_OWN, OWN_MINOR - 10), move(SHOP_OWN, F_EMPTY, 9), back(F_EMPTY, 9)},
            .more = {[RECORD_DEBT] = 1}),
        REFUSED_AT("one more than it has, with what it collected of the fee",
            a_refund("O-22", S_PAY_EMPTY_FEE, ALL_LEFT), OUTCOME_INSUFFICIENT_PLATFORM_OWN,
            OWN_MINOR),
        BOOKS("without advances, all that the payee has",
            in_ledger(L_PLAIN, a_refund("O-1", S_PLAIN, TO({B_PLAIN_TWO, 40}))), B_PLAIN,
            move(B_PLAIN_TWO, B_PLAIN, 40)),
        REFUSED("without advances, one more",
            in_ledger(L_PLAIN, a_refund("O-1", S_PLAIN, TO({B_PLAIN_TWO, 41}))),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("without advances, everything",
            in_ledger(L_PLAIN, a_refund("O-1", S_PLAIN, ALL_LEFT)), OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUNDS("of the next date, what is free goes back first",
            a_refund("N-2", S_PAY_NEXT, ALL_LEFT), 2, back(B_NEXT, 400)),
        REFUNDS("of an earlier date", a_refund("N-1", S_PAY_PAST, ALL_LEFT), 2, back(B_PAST, 300)),
    };
    EACH_RULE(rules, on, context);
}

static void rules_accounts_of_refunds(on_rule on, void *context)
{
    const struct rule rules[] = {
        BOOKS("to a payer who takes nothing: it is his money",
            a_refund("O-12", S_PAY_NO_IN, ALL_LEFT), B_NO_IN, move(B_ONE, B_NO_IN, 100)),
        ANSWERS("to a payer who was closed: nobody's", a_refund("O-13", S_PAY_GONE_PAYER, ALL_LEFT),
            OUTCOME_ACCEPTED_UNALLOCATED, SHOP_UNALLOCATED, move(B_ONE, SHOP_UNALLOCATED, 100)),
        BOOKS_WITH("from a payee who was closed: PLATFORM_OWN advances it",
            a_refund("O-10", S_PAY_CLOSED, TO({B_CLOSED, 1})), B_PAYER,
            .moves = {back(SHOP_OWN, 1)}, .more = {[RECORD_DEBT] = 1}),
        BOOKS_WITH("everything, a payee of it was closed", a_refund("O-10", S_PAY_CLOSED, ALL_LEFT),
            B_PAYER, .moves = {back(SHOP_OWN, 50), back(B_ONE, 50)},
            .more = {[RECORD_DEBT] = 1, [RECORD_REFUNDED] = 1}),
        REFUNDS("from the other payee", a_refund("O-10", S_PAY_CLOSED, TO({B_ONE, 50})), 2,
            back(B_ONE, 50)),
        REFUSED("from a payee who gives nothing", a_refund("O-11", S_PAY_NO_OUT, ALL_LEFT),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUNDS("from the one who does", a_refund("O-11", S_PAY_NO_OUT, TO({B_ONE, 50})), 2,
            back(B_ONE, 50)),
        REFUSED("from another", a_refund("O-1", S_PAY_TWO, TO({B_SHORT, 1})),
            OUTCOME_PAYEE_NOT_OF_ORIGINAL),
        REFUSED("from the payer", a_refund("O-1", S_PAY_TWO, TO({B_PAYER, 1})),
            OUTCOME_PAYEE_NOT_OF_ORIGINAL),
        REFUSED("from nobody", a_refund("O-1", S_PAY_TWO, TO({A_NONE, 1})),
            OUTCOME_PAYEE_NOT_OF_ORIGINAL),
        REFUSED("from a payee and from another",
            a_refund("O-1", S_PAY_TWO, TO({B_ONE, 601}, {B_SHORT, 1})),
            OUTCOME_PAYEE_NOT_OF_ORIGINAL),
        REFUSED("restricted before too much", a_refund("O-11", S_PAY_NO_OUT, TO({B_NO_OUT, 471})),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
    };
    EACH_RULE(rules, on, context);
}

void rules_refunds(on_rule on, void *context)
{
    rules_amounts(on, context);
    rules_fees_back(on, context);
    rules_short_payees(on, context);
    rules_accounts_of_refunds(on, context);
    const struct rule rules[] = {
        REFUSED("no such command", a_refund("O-1", S_NONE, ALL_LEFT), OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED("sequence 1 of another ledger", a_refund("O-1", 1, ALL_LEFT),
            OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED("the largest sequence", a_refund("O-1", INT64_MAX, ALL_LEFT),
            OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED("another ledger's payment", a_refund("O-1", S_PLAIN, ALL_LEFT),
            OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED(
            "a refused payment", a_refund("O-1", S_REFUSED, ALL_LEFT), OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED(
            "another order's", a_refund("O-2", S_PAY_TWO, ALL_LEFT), OUTCOME_ORDER_NUMBER_MISMATCH),
        REFUSED("an order that begins alike", a_refund("O-10", S_PAY_TWO, ALL_LEFT),
            OUTCOME_ORDER_NUMBER_MISMATCH),
        REFUSED("no order", a_refund("", S_PAY_TWO, ALL_LEFT), OUTCOME_ORDER_NUMBER_MISMATCH),
        REFUSED("a reversed one", a_refund("O-16", S_PAY_REVERSED, ALL_LEFT),
            OUTCOME_ORIGINAL_REVERSED),
        REFUSED("another order's before reversed", a_refund("O-1", S_PAY_REVERSED, ALL_LEFT),
            OUTCOME_ORDER_NUMBER_MISMATCH),
        REFUSED("reversed before another payee", a_refund("O-16", S_PAY_REVERSED, TO({B_TWO, 1})),
            OUTCOME_ORIGINAL_REVERSED),
        REFUSED("a receipt", a_refund("", S_RECEIPT, ALL_LEFT), OUTCOME_ORIGINAL_NOT_REFUNDABLE),
        REFUSED("interest", a_refund("", S_INTEREST, ALL_LEFT), OUTCOME_ORIGINAL_NOT_REFUNDABLE),
        REFUSED("a fee", a_refund("", S_CHARGE, ALL_LEFT), OUTCOME_ORIGINAL_NOT_REFUNDABLE),
        REFUSED(
            "fees collected", a_refund("", S_COLLECT, ALL_LEFT), OUTCOME_ORIGINAL_NOT_REFUNDABLE),
        REFUSED("a refund", a_refund("O-15", S_REFUND, ALL_LEFT), OUTCOME_ORIGINAL_NOT_REFUNDABLE),
        REFUSED(
            "a reversal", a_refund("O-16", S_REVERSE, ALL_LEFT), OUTCOME_ORIGINAL_NOT_REFUNDABLE),
        REFUSED(
            "a withdrawal", a_refund("W-1", S_WITHDRAW, ALL_LEFT), OUTCOME_ORIGINAL_NOT_REFUNDABLE),
        REFUSED("a hold", a_refund("H-1", S_HOLD, ALL_LEFT), OUTCOME_ORIGINAL_NOT_REFUNDABLE),
        REFUSED("an adjustment", a_refund("", S_ADJUST, ALL_LEFT), OUTCOME_ORIGINAL_NOT_REFUNDABLE),
        REFUSED("a hold before another order's", a_refund("O-1", S_HOLD, ALL_LEFT),
            OUTCOME_ORIGINAL_NOT_REFUNDABLE),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, a_refund("O-1", S_PAY_TWO, ALL_LEFT)),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}
