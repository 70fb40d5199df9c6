/* rules_acquirers.c: payment companies, and what they promise.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "model/money.h"

static struct command opening(const char *name, const char *rule)
{
    return make_open_acquirer(L_SHOP, name, 1, rule, 1);
}

static struct command terms(int64_t acquirer, const char *rule)
{
    return make_set_acquirer(L_SHOP, acquirer, 1, rule, 1);
}

static struct command started(struct command set)
{
    set.set_acquirer.terms.ceiling_minor = AMOUNT_MINOR_MAX;
    return set;
}

void rules_acquirers(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("opened", opening("fastpay", "flat"), G_NONE),
        ACCEPTED("without a fee", opening("fastpay", ""), G_NONE),
        ACCEPTED("the name that another ledger's has",
            make_open_acquirer(L_MAIN, "allpay", 0, "", AMOUNT_MINOR_MAX), G_NONE),
        REFUSED("of a name that is there", opening("allpay", "flat"), OUTCOME_ACQUIRER_NAME_TAKEN),
        REFUSED("of the name of a stopped one", opening("stopped", "flat"),
            OUTCOME_ACQUIRER_NAME_TAKEN),
        REFUSED("with a rule that is not there", opening("fastpay", "none"),
            OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED("with one that is not in force", opening("fastpay", "later"),
            OUTCOME_FEE_RULE_NOT_EFFECTIVE),
        REFUSED("another ledger's rule", opening("fastpay", "plain"), OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED(
            "the name before the rule", opening("allpay", "later"), OUTCOME_ACQUIRER_NAME_TAKEN),
        REFUSED(
            "in no ledger", make_open_acquirer(L_NONE, "a", 0, "", 1), OUTCOME_LEDGER_NOT_FOUND),
        REFUSED("in a closed ledger", make_open_acquirer(L_CLOSED, "a", 0, "", 1),
            OUTCOME_LEDGER_CLOSED),

        ACCEPTED("new terms", terms(G_ALLPAY, "flat"), G_ALLPAY),
        ACCEPTED(
            "of a stopped one, which may promise again", started(terms(G_STOPPED, "")), G_STOPPED),
        REFUSED("of none", terms(G_NONE, ""), OUTCOME_ACQUIRER_NOT_FOUND),
        REFUSED("of another ledger's", terms(G_PLAIN, ""), OUTCOME_ACQUIRER_NOT_FOUND),
        REFUSED("of the largest id", terms(INT64_MAX, ""), OUTCOME_ACQUIRER_NOT_FOUND),
        REFUSED("terms with no such rule", terms(G_ALLPAY, "none"), OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED(
            "terms with one of later", terms(G_ALLPAY, "later"), OUTCOME_FEE_RULE_NOT_EFFECTIVE),
        REFUSED("no acquirer before no rule", terms(G_NONE, "none"), OUTCOME_ACQUIRER_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}

static struct command promise(int64_t acquirer, int64_t account, int64_t amount, const char *number)
{
    return make_promise(L_SHOP, acquirer, account, amount, number);
}

static struct command cancel(int64_t id, int64_t amount)
{
    return make_cancel_promise(L_SHOP, id, amount);
}

static void rules_booked(on_rule on, void *context)
{
    const struct rule rules[] = {
        BOOKS_WITH("with the platform's fee", promise(G_ALLPAY, B_ONE, 100, "N"), T_NONE,
            .moves = {promises(SHOP_ALLPAY, B_ONE, 97), promises(SHOP_ALLPAY, SHOP_FEE, 3)},
            .fee_minor = 3, .fee_rule_version = 1),
        BOOKS_WITH("a small one, without a fee", promise(G_ALLPAY, B_ONE, 1, "N"), T_NONE,
            .moves = {promises(SHOP_ALLPAY, B_ONE, 1)}, .fee_rule_version = 1),
        BOOKS_WITH("with the fee that the acquirer keeps", promise(G_KEEPER, B_ONE, 100, "N"),
            T_NONE, .moves = {promises(SHOP_KEEPER, B_ONE, 99)}, .fee_rule_version = 1),
        BOOKS_WITH("by the version of the date", promise(G_LATER, B_ONE, 100, "N"), T_NONE,
            .moves = {promises(SHOP_LATER, B_ONE, 98), promises(SHOP_LATER, SHOP_FEE, 2)},
            .fee_minor = 2, .fee_rule_version = 2),
        BOOKS("without a fee", make_promise(L_PLAIN, G_PLAIN, B_PLAIN_TWO, 5, "N"), T_NONE,
            promises(PLAIN_PAY, B_PLAIN_TWO, 5)),
        BOOKS_WITH("for an order", command_of_order("O-1", promise(G_KEEPER, B_ONE, 100, "N")),
            T_NONE, .moves = {promises(SHOP_KEEPER, B_ONE, 99)}, .fee_rule_version = 1),
        BOOKS_WITH("for one that gives nothing", promise(G_KEEPER, B_NO_OUT, 100, "N"), T_NONE,
            .moves = {promises(SHOP_KEEPER, B_NO_OUT, 99)}, .fee_rule_version = 1),
        BOOKS_WITH("for who owes, who repays nothing yet", promise(G_KEEPER, B_DEBTOR, 100, "N"),
            T_NONE, .moves = {promises(SHOP_KEEPER, B_DEBTOR, 99)}, .fee_rule_version = 1),
        BOOKS_WITH("another acquirer's reference", promise(G_KEEPER, B_ONE, 100, "T-2"), T_NONE,
            .moves = {promises(SHOP_KEEPER, B_ONE, 99)}, .fee_rule_version = 1),

        BOOKS_WITH("all that it may owe", promise(G_LATER, B_ONE, 10000, "N"), T_NONE,
            .moves = {promises(SHOP_LATER, B_ONE, 9998), promises(SHOP_LATER, SHOP_FEE, 2)},
            .fee_minor = 2, .fee_rule_version = 2),
        REFUSED_AT("one unit more", promise(G_LATER, B_ONE, 10001, "N"),
            OUTCOME_PROMISE_ABOVE_CEILING, 10000),
        REFUSED_AT("beside what it owes", promise(G_ALLPAY, B_ONE, 8401, "N"),
            OUTCOME_PROMISE_ABOVE_CEILING, 8400),
        REFUSED_AT("what it keeps does not count", promise(G_KEEPER, B_ONE, 9103, "N"),
            OUTCOME_PROMISE_ABOVE_CEILING, 9010),
        BOOKS_WITH("what it keeps, to the unit", promise(G_KEEPER, B_ONE, 9102, "N"), T_NONE,
            .moves = {promises(SHOP_KEEPER, B_ONE, 9010)}, .fee_rule_version = 1),
        REFUSED_AT("the fee is not below the amount", promise(G_LATER, B_ONE, 2, "N"),
            OUTCOME_FEE_NOT_BELOW_AMOUNT, 2),
        REFUSED_AT("what it keeps is not below the amount", promise(G_KEEPER, B_ONE, 1, "N"),
            OUTCOME_FEE_NOT_BELOW_AMOUNT, 1),

        REFUSED_AT("a reference once more", promise(G_ALLPAY, B_ONE, 1000, "T-1"),
            OUTCOME_PROMISE_REFERENCE_USED, S_PROMISE),
        REFUSED("that of a cancelled one", promise(G_ALLPAY, B_ONE, 50, "T-3"),
            OUTCOME_PROMISE_REFERENCE_USED),
        REFUSED("a reference before its account", promise(G_ALLPAY, A_NONE, 1, "T-1"),
            OUTCOME_PROMISE_REFERENCE_USED),
        REFUSED("a reference before the ceiling", promise(G_ALLPAY, B_ONE, 20000, "T-1"),
            OUTCOME_PROMISE_REFERENCE_USED),
        REFUSED("that of a stopped one", promise(G_STOPPED, B_ONE, 1, "T-1"),
            OUTCOME_PROMISE_REFERENCE_USED),
        REFUSED(
            "by one that was stopped", promise(G_STOPPED, B_ONE, 1, "N"), OUTCOME_ACQUIRER_STOPPED),
        REFUSED("by none", promise(G_NONE, B_ONE, 1, "N"), OUTCOME_ACQUIRER_NOT_FOUND),
        REFUSED("by another ledger's", promise(G_PLAIN, B_ONE, 1, "N"), OUTCOME_ACQUIRER_NOT_FOUND),
        REFUSED("for nobody", promise(G_ALLPAY, A_NONE, 100, "N"), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("for another ledger's", promise(G_ALLPAY, B_PLAIN, 100, "N"),
            OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("for a control account", promise(G_ALLPAY, SHOP_OWN, 100, "N"),
            OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("for an acquirer's", promise(G_ALLPAY, SHOP_ALLPAY, 100, "N"),
            OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("for a closed one", promise(G_ALLPAY, B_CLOSED, 100, "N"), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("for one that takes nothing", promise(G_ALLPAY, B_NO_IN, 100, "N"),
            OUTCOME_ACCOUNT_RESTRICTED_IN),
        REFUSED("no account before no acquirer", promise(G_NONE, A_NONE, 1, "N"),
            OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("restricted before the ceiling", promise(G_ALLPAY, B_NO_IN, 20000, "N"),
            OUTCOME_ACCOUNT_RESTRICTED_IN),
        REFUSED("in a closed ledger", make_promise(L_CLOSED, 1, 1, 1, "N"), OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

static void rules_cancelled(on_rule on, void *context)
{
    const struct rule rules[] = {
        BOOKS_WITH("all of it", cancel(T_OPEN, 0), T_OPEN,
            .moves = {promises(B_ONE, SHOP_ALLPAY, 970), promises(SHOP_FEE, SHOP_ALLPAY, 30)},
            .order = "T-1"),
        BOOKS_WITH("the same by its amount", cancel(T_OPEN, 1000), T_OPEN,
            .moves = {promises(B_ONE, SHOP_ALLPAY, 970), promises(SHOP_FEE, SHOP_ALLPAY, 30)},
            .order = "T-1"),
        BOOKS_WITH("a small part, with which no fee goes back", cancel(T_OPEN, 33), T_OPEN,
            .moves = {promises(B_ONE, SHOP_ALLPAY, 33)}, .order = "T-1"),
        BOOKS_WITH("one unit more takes its part of the fee", cancel(T_OPEN, 34), T_OPEN,
            .moves = {promises(B_ONE, SHOP_ALLPAY, 33), promises(SHOP_FEE, SHOP_ALLPAY, 1)},
            .order = "T-1"),
        BOOKS("the rest of one that is cancelled in part", cancel(T_PART, 0), T_PART,
            promises(B_TWO, SHOP_ALLPAY, 582), promises(SHOP_FEE, SHOP_ALLPAY, 18)),
        REFUSED_AT("one unit more than the rest", cancel(T_PART, 601), OUTCOME_ABOVE_REST, 600),
        BOOKS("of what the acquirer keeps a part of, what it owes", cancel(T_KEPT, 0), T_KEPT,
            promises(B_TWO, SHOP_KEEPER, 990)),
        REFUSED_AT("what it keeps it does not owe", cancel(T_KEPT, 991), OUTCOME_ABOVE_REST, 990),
        BOOKS("of a stopped acquirer, for one that gives nothing", cancel(T_STOPPED, 69), T_STOPPED,
            promises(B_NO_OUT, SHOP_STOPPED, 69)),
        REFUSED("one that is cancelled", cancel(T_CANCELLED, 0), OUTCOME_PROMISE_FINAL),
        REFUSED("one unit of it", cancel(T_CANCELLED, 1), OUTCOME_PROMISE_FINAL),
        REFUSED("none", cancel(T_NONE, 0), OUTCOME_PROMISE_NOT_FOUND),
        REFUSED("another ledger's", cancel(T_PLAIN, 0), OUTCOME_PROMISE_NOT_FOUND),
        REFUSED("the largest id", cancel(INT64_MAX, 0), OUTCOME_PROMISE_NOT_FOUND),

        REFUSED(
            "it is not late on its date", an_expiry(EXPIRY_PROMISE, T_NETS), OUTCOME_NOT_YET_DUE),
        REFUSED("one that is due later is not late", an_expiry(EXPIRY_PROMISE, T_OPEN),
            OUTCOME_NOT_YET_DUE),
        REFUSED("what is paid", an_expiry(EXPIRY_PROMISE, T_PAID), OUTCOME_PROMISE_FINAL),
        REFUSED("what is cancelled", an_expiry(EXPIRY_PROMISE, T_GONE), OUTCOME_PROMISE_FINAL),
        REFUSED("what is not there", an_expiry(EXPIRY_PROMISE, T_NONE), OUTCOME_PROMISE_NOT_FOUND),
        REFUSED("late in another ledger", an_expiry(EXPIRY_PROMISE, T_PLAIN),
            OUTCOME_PROMISE_NOT_FOUND),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, an_expiry(EXPIRY_PROMISE, T_OPEN)),
            OUTCOME_LEDGER_CLOSED),

        REFUSED_AT("what is promised cannot be paid",
            a_payment("Q", B_ONE, &(struct payee){B_TWO, PAYEE_MINOR + 1}, 1),
            OUTCOME_INSUFFICIENT_AVAILABLE, PAYEE_MINOR),
        REFUSED_AT("what is promised cannot be withdrawn", a_withdrawal("", B_ONE, PAYEE_MINOR + 1),
            OUTCOME_INSUFFICIENT_AVAILABLE, PAYEE_MINOR),
        REFUSED_AT("what is promised cannot be frozen", a_freeze(B_ONE, PAYEE_MINOR + 1, 0),
            OUTCOME_INSUFFICIENT_AVAILABLE, PAYEE_MINOR),
        REFUSED(
            "a promise is not reversed", a_reversal(S_PROMISE), OUTCOME_ORIGINAL_NOT_REVERSIBLE),
    };
    EACH_RULE(rules, on, context);
}

void rules_promises(on_rule on, void *context)
{
    rules_booked(on, context);
    rules_cancelled(on, context);
}
