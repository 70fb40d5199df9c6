/* rules_payout_states.c: every state of a payout with every result and the interception, and what
 * becomes of its fee.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "model/money.h"

enum {
    PAID = PAYOUT_RESULT_PAID,
    FAILED = PAYOUT_RESULT_FAILED,
    RETURNED = PAYOUT_RESULT_RETURNED,
    SENT = PAYOUT_RESULT_SENT,
    UNKNOWN = PAYOUT_RESULT_UNKNOWN,
};

/* Of the payouts of L_MAIN. */
static struct command in_main(struct command command)
{
    return in_ledger(L_MAIN, command);
}

/* For every result and for the interception. */
#define ALWAYS(name, payout, answer)                                                               \
    REFUSED(name ", paid", in_main(a_result(payout, PAID)), answer),                               \
        REFUSED(name ", failed", in_main(a_result(payout, FAILED)), answer),                       \
        REFUSED(name ", returned", in_main(a_result(payout, RETURNED)), answer),                   \
        REFUSED(name ", returned in part", in_main(a_return(payout, 1)), answer),                  \
        REFUSED(name ", sent", in_main(a_result(payout, SENT)), answer),                           \
        REFUSED(name ", unknown", in_main(a_result(payout, UNKNOWN)), answer),                     \
        REFUSED(name ", intercepted", in_main(an_interception(payout)), answer)

static void rules_open_states(on_rule on, void *context)
{
    const struct rule rules[] = {
        BOOKS("requested, paid", in_main(a_result(P_REQUESTED, PAID)), P_REQUESTED,
            leaves(A_RICH, ESCROW, 97)),
        BOOKS("requested, failed", in_main(a_result(P_REQUESTED, FAILED)), P_REQUESTED,
            stays(A_RICH, 97), move(FEE, A_RICH, 3)),
        REFUSED("requested, returned", in_main(a_result(P_REQUESTED, RETURNED)),
            OUTCOME_PAYOUT_NOT_PAID),
        ACCEPTED("requested, sent", in_main(a_result(P_REQUESTED, SENT)), P_REQUESTED),
        ACCEPTED("requested, unknown", in_main(a_result(P_REQUESTED, UNKNOWN)), P_REQUESTED),
        BOOKS("requested, intercepted", in_main(an_interception(P_REQUESTED)), P_REQUESTED,
            stays(A_RICH, 97), move(FEE, A_RICH, 3)),

        BOOKS("sent, paid", a_result(P_SENT, PAID), P_SENT, leaves(B_OUT, SHOP_ESCROW, 50)),
        BOOKS("sent, failed", a_result(P_SENT, FAILED), P_SENT, stays(B_OUT, 50),
            move(SHOP_FEE, B_OUT, 2)),
        REFUSED("sent, returned", a_result(P_SENT, RETURNED), OUTCOME_PAYOUT_NOT_PAID),
        REFUSED("sent, sent", a_result(P_SENT, SENT), OUTCOME_PAYOUT_ALREADY_SENT),
        ACCEPTED("sent, unknown", a_result(P_SENT, UNKNOWN), P_SENT),
        REFUSED("sent, intercepted", an_interception(P_SENT), OUTCOME_PAYOUT_ALREADY_SENT),

        BOOKS(
            "unknown, paid", a_result(P_UNKNOWN, PAID), P_UNKNOWN, leaves(B_OUT, SHOP_ESCROW, 60)),
        BOOKS("unknown, failed", a_result(P_UNKNOWN, FAILED), P_UNKNOWN, stays(B_OUT, 60),
            move(SHOP_FEE, B_OUT, 2)),
        REFUSED("unknown, returned", a_result(P_UNKNOWN, RETURNED), OUTCOME_PAYOUT_NOT_PAID),
        REFUSED("unknown, sent", a_result(P_UNKNOWN, SENT), OUTCOME_PAYOUT_ALREADY_UNKNOWN),
        REFUSED("unknown, unknown", a_result(P_UNKNOWN, UNKNOWN), OUTCOME_PAYOUT_ALREADY_UNKNOWN),
        REFUSED("unknown, intercepted", an_interception(P_UNKNOWN), OUTCOME_PAYOUT_ALREADY_SENT),
    };
    EACH_RULE(rules, on, context);
}

static void rules_paid(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED("paid, paid", a_result(P_LAST_DAY, PAID), OUTCOME_PAYOUT_ALREADY_PAID),
        REFUSED("paid, failed", a_result(P_LAST_DAY, FAILED), OUTCOME_PAYOUT_ALREADY_PAID),
        REFUSED("paid, sent", a_result(P_LAST_DAY, SENT), OUTCOME_PAYOUT_ALREADY_PAID),
        REFUSED("paid, unknown", a_result(P_LAST_DAY, UNKNOWN), OUTCOME_PAYOUT_ALREADY_PAID),
        REFUSED("paid, intercepted", an_interception(P_LAST_DAY), OUTCOME_PAYOUT_ALREADY_PAID),
        REFUSED("one unit too much", a_return(P_LAST_DAY, 101), OUTCOME_ABOVE_REST),
        REFUSED("the largest amount", a_return(P_LAST_DAY, AMOUNT_MINOR_MAX), OUTCOME_ABOVE_REST),
        BOOKS("on the last day", a_result(P_LAST_DAY, RETURNED), P_LAST_DAY,
            move(SHOP_ESCROW, B_OUT, 100)),
        BOOKS("on the last day, all of it", a_return(P_LAST_DAY, 100), P_LAST_DAY,
            move(SHOP_ESCROW, B_OUT, 100)),
        BOOKS("on the last day, a part", a_return(P_LAST_DAY, 1), P_LAST_DAY,
            move(SHOP_ESCROW, B_OUT, 1)),
        REFUSED("a day later", a_result(P_FINAL, RETURNED), OUTCOME_PAYOUT_FINAL),
        REFUSED("a day later, a part", a_return(P_FINAL, 1), OUTCOME_PAYOUT_FINAL),
        REFUSED("final before too much", a_return(P_FINAL, 101), OUTCOME_PAYOUT_FINAL),
        REFUSED("final, paid", a_result(P_FINAL, PAID), OUTCOME_PAYOUT_ALREADY_PAID),
        REFUSED("final, failed", a_result(P_FINAL, FAILED), OUTCOME_PAYOUT_ALREADY_PAID),
        REFUSED("final, sent", a_result(P_FINAL, SENT), OUTCOME_PAYOUT_ALREADY_PAID),
        REFUSED("final, unknown", a_result(P_FINAL, UNKNOWN), OUTCOME_PAYOUT_ALREADY_PAID),
        REFUSED("final, intercepted", an_interception(P_FINAL), OUTCOME_PAYOUT_ALREADY_PAID),
        REFUSED("returned in part, one unit too much", a_return(P_PART, 61), OUTCOME_ABOVE_REST),
        BOOKS("returned in part, the rest", a_return(P_PART, 60), P_PART,
            move(SHOP_ESCROW, B_OUT, 60)),
        BOOKS("returned in part, everything left", a_result(P_PART, RETURNED), P_PART,
            move(SHOP_ESCROW, B_OUT, 60)),
        BOOKS("returned in part, again a part", a_return(P_PART, 59), P_PART,
            move(SHOP_ESCROW, B_OUT, 59)),
        REFUSED("returned in part, paid", a_result(P_PART, PAID), OUTCOME_PAYOUT_ALREADY_PAID),
        REFUSED("returned in part, failed", a_result(P_PART, FAILED), OUTCOME_PAYOUT_ALREADY_PAID),
        REFUSED("returned in part, sent", a_result(P_PART, SENT), OUTCOME_PAYOUT_ALREADY_PAID),
        REFUSED(
            "returned in part, unknown", a_result(P_PART, UNKNOWN), OUTCOME_PAYOUT_ALREADY_PAID),
        REFUSED(
            "returned in part, intercepted", an_interception(P_PART), OUTCOME_PAYOUT_ALREADY_PAID),
        ANSWERS("to a closed account: nobody's, a part", in_main(a_return(P_CLOSED, 20)),
            OUTCOME_ACCEPTED_UNALLOCATED, P_CLOSED, move(ESCROW, UNALLOCATED, 20)),
    };
    EACH_RULE(rules, on, context);
}

#define BY_TWO(command) by_approval(Q_MAIN, command_by("u", command))

void rules_payout_states(on_rule on, void *context)
{
    rules_open_states(on, context);
    rules_paid(on, context);
    const struct rule rules[] = {
        REFUSED("correct what failed, alone", make_correction(L_MAIN, P_FAILED, PAID, 0),
            OUTCOME_APPROVAL_NEEDED),
        REFUSED("correct none, alone", make_correction(L_MAIN, P_NONE, PAID, 0),
            OUTCOME_APPROVAL_NEEDED),
        REFUSED("correct what is under way",
            BY_TWO(make_correction(L_MAIN, P_REQUESTED, FAILED, 0)), OUTCOME_PAYOUT_NOT_DECIDED),
        REFUSED("correct none", BY_TWO(make_correction(L_MAIN, P_NONE, PAID, 0)),
            OUTCOME_PAYOUT_NOT_FOUND),
        ALWAYS("failed", P_FAILED, OUTCOME_PAYOUT_ALREADY_FAILED),
        ALWAYS("returned", P_RETURNED, OUTCOME_PAYOUT_ALREADY_RETURNED),
        REFUSED("cancelled, paid", a_result(P_CANCELLED, PAID), OUTCOME_PAYOUT_ALREADY_CANCELLED),
        REFUSED(
            "cancelled, failed", a_result(P_CANCELLED, FAILED), OUTCOME_PAYOUT_ALREADY_CANCELLED),
        REFUSED("cancelled, returned", a_result(P_CANCELLED, RETURNED),
            OUTCOME_PAYOUT_ALREADY_CANCELLED),
        REFUSED("cancelled, sent", a_result(P_CANCELLED, SENT), OUTCOME_PAYOUT_ALREADY_CANCELLED),
        REFUSED(
            "cancelled, unknown", a_result(P_CANCELLED, UNKNOWN), OUTCOME_PAYOUT_ALREADY_CANCELLED),
        REFUSED("cancelled, intercepted", an_interception(P_CANCELLED),
            OUTCOME_PAYOUT_ALREADY_CANCELLED),
        REFUSED("intercept none", an_interception(P_NONE), OUTCOME_PAYOUT_NOT_FOUND),
        REFUSED(
            "intercept another ledger's", an_interception(P_REQUESTED), OUTCOME_PAYOUT_NOT_FOUND),
        REFUSED("intercept in a closed ledger", in_ledger(L_CLOSED, an_interception(P_RULE)),
            OUTCOME_LEDGER_CLOSED),
        REFUSED("sent, another ledger's", a_result(P_REQUESTED, SENT), OUTCOME_PAYOUT_NOT_FOUND),
        REFUSED("returned where nothing more can be held, a part",
            in_ledger(L_FULL, a_return(P_FULL, 1)), OUTCOME_AMOUNT_OVERFLOW),
        REFUSED("too much before nothing more can be held", in_ledger(L_FULL, a_return(P_FULL, 11)),
            OUTCOME_ABOVE_REST),
    };
    EACH_RULE(rules, on, context);
}

/* ---- fees of payouts ---- */

static struct command leave(int64_t amount)
{
    return a_withdrawal("W-9", B_OUT, amount);
}

static void rules_fees_of_withdrawals(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED("outside, one unit too much", with_rule(leave(OUT_MINOR - 2), "flat", FEE_OUTSIDE),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        BOOKS_WITH("outside, all of it", with_rule(leave(OUT_MINOR - 3), "flat", FEE_OUTSIDE),
            P_NONE, .moves = {sends(B_OUT, OUT_MINOR - 3), move(B_OUT, SHOP_FEE, 3)},
            .fee_minor = 3, .fee_rule_version = 1),
        REFUSED("inside, one unit too much", with_rule(leave(OUT_MINOR + 1), "flat", FEE_INSIDE),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        BOOKS_WITH("inside, all of it", with_rule(leave(OUT_MINOR), "flat", FEE_INSIDE), P_NONE,
            .moves = {sends(B_OUT, OUT_MINOR - 3), move(B_OUT, SHOP_FEE, 3)}, .fee_minor = 3,
            .fee_rule_version = 1),
        REFUSED_AT("inside, a fee as large", with_rule(leave(3), "flat", FEE_INSIDE),
            OUTCOME_FEE_NOT_BELOW_AMOUNT, 3),
        BOOKS_WITH("inside, 1 is left", with_rule(leave(4), "flat", FEE_INSIDE), P_NONE,
            .moves = {sends(B_OUT, 1), move(B_OUT, SHOP_FEE, 3)}, .fee_minor = 3,
            .fee_rule_version = 1),
        BOOKS_WITH("shared", with_rule(leave(900), "split", FEE_OUTSIDE), P_NONE,
            .moves = {sends(B_OUT, 900), move(B_OUT, SHOP_FEE, 15), move(B_OUT, F_MINE, 8),
                move(B_OUT, F_YOURS, 4)},
            .fee_minor = 27, .fee_rule_version = 1),
        BOOKS_WITH("where the fee falls", with_rule(leave(990), "tiers", FEE_INSIDE), P_NONE,
            .moves = {sends(B_OUT, 941), move(B_OUT, SHOP_FEE, 49)}, .fee_minor = 49,
            .fee_rule_version = 1),
        BOOKS_WITH("a fee of 0", with_rule(leave(OUT_MINOR), "free", FEE_OUTSIDE), P_NONE,
            .moves = {sends(B_OUT, OUT_MINOR)}, .fee_rule_version = 1),
        BOOKS_WITH("a fee of 0 inside", with_rule(leave(1), "free", FEE_INSIDE), P_NONE,
            .moves = {sends(B_OUT, 1)}, .fee_rule_version = 1),
        REFUSED("no rule", with_rule(leave(1), "none", FEE_OUTSIDE), OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED("a later rule", with_rule(leave(1), "later", FEE_OUTSIDE),
            OUTCOME_FEE_RULE_NOT_EFFECTIVE),

        BOOKS("borne by another, all of it", with_fee(borne_by(B_TWO, leave(OUT_MINOR)), 4), P_NONE,
            sends(B_OUT, OUT_MINOR), move(B_TWO, SHOP_FEE, 4)),
        BOOKS_WITH("borne by another, by a rule",
            with_rule(borne_by(B_TWO, leave(1)), "split", FEE_BORNE_BY_ANOTHER), P_NONE,
            .moves = {sends(B_OUT, 1)}, .fee_rule_version = 1),
        BOOKS("borne by another, larger than the amount",
            with_fee(borne_by(B_TWO, leave(1)), PAYEE_MINOR), P_NONE, sends(B_OUT, 1),
            move(B_TWO, SHOP_FEE, PAYEE_MINOR)),
        REFUSED("borne by another, one unit too much",
            with_fee(borne_by(B_TWO, leave(1)), PAYEE_MINOR + 1), OUTCOME_INSUFFICIENT_AVAILABLE),
        BOOKS("borne by PLATFORM_OWN, all it has",
            with_fee(borne_by(SHOP_OWN, leave(1)), OWN_MINOR), P_NONE, sends(B_OUT, 1),
            move(SHOP_OWN, SHOP_FEE, OWN_MINOR)),
        REFUSED_AT("borne by PLATFORM_OWN, one unit too much",
            with_fee(borne_by(SHOP_OWN, leave(1)), OWN_MINOR + 1),
            OUTCOME_INSUFFICIENT_PLATFORM_OWN, OWN_MINOR),
        REFUSED("too little before PLATFORM_OWN's too little",
            with_fee(borne_by(SHOP_OWN, leave(OUT_MINOR + 1)), OWN_MINOR + 1),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("borne by itself", with_fee(borne_by(B_OUT, leave(1)), 1), OUTCOME_SAME_ACCOUNT),
        REFUSED("borne by FEE", with_fee(borne_by(SHOP_FEE, leave(1)), 1),
            OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("borne by UNALLOCATED", with_fee(borne_by(SHOP_UNALLOCATED, leave(1)), 1),
            OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("borne by a closed account", with_fee(borne_by(B_CLOSED, leave(1)), 1),
            OUTCOME_ACCOUNT_CLOSED),
        REFUSED("borne by one that gives nothing", with_fee(borne_by(B_NO_OUT, leave(1)), 1),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        BOOKS("borne by one that takes nothing", with_fee(borne_by(B_NO_IN, leave(1)), 1), P_NONE,
            sends(B_OUT, 1), move(B_NO_IN, SHOP_FEE, 1)),
        REFUSED("borne by another ledger's", with_fee(borne_by(B_PLAIN, leave(1)), 1),
            OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED(
            "borne by nobody", with_fee(borne_by(A_NONE, leave(1)), 1), OUTCOME_ACCOUNT_NOT_FOUND),
        BOOKS("of PLATFORM_OWN, borne by a member",
            with_fee(
                borne_by(B_TWO, with_party(a_withdrawal("", SHOP_OWN, OWN_MINOR), &own_party)), 2),
            P_NONE, sends(SHOP_OWN, OWN_MINOR), move(B_TWO, SHOP_FEE, 2)),
    };
    EACH_RULE(rules, on, context);
}

#define STAYS(name, payout, account, amount, ...)                                                  \
    BOOKS(name, a_result(payout, FAILED), payout, stays(account, amount), __VA_ARGS__)

void rules_payout_fees(on_rule on, void *context)
{
    rules_fees_of_withdrawals(on, context);
    const struct rule rules[] = {
        BOOKS_WITH("failed: in shares", a_result(P_RULE, FAILED), P_RULE,
            .moves = {stays(B_OUT, 1000), move(SHOP_FEE, B_OUT, 16), move(F_MINE, B_OUT, 9),
                move(F_YOURS, B_OUT, 5)},
            .order = "W-1"),
        BOOKS_WITH("intercepted: in shares", an_interception(P_RULE), P_RULE,
            .moves = {stays(B_OUT, 1000), move(SHOP_FEE, B_OUT, 16), move(F_MINE, B_OUT, 9),
                move(F_YOURS, B_OUT, 5)},
            .order = "W-1"),
        BOOKS_WITH("sent: nothing", a_result(P_RULE, SENT), P_RULE, .order = "W-1"),
        BOOKS_WITH("unknown: nothing", a_result(P_RULE, UNKNOWN), P_RULE, .order = "W-1"),
        BOOKS_WITH("paid: nothing", a_result(P_RULE, PAID), P_RULE,
            .moves = {leaves(B_OUT, SHOP_ESCROW, 1000)}, .order = "W-1"),
        BOOKS("failed: kept by its rule", a_result(P_KEPT, FAILED), P_KEPT, stays(B_OUT, 50)),
        BOOKS("intercepted: back whatever the rule", an_interception(P_KEPT), P_KEPT,
            stays(B_OUT, 50), move(SHOP_FEE, B_OUT, 5)),
        BOOKS("returned: back by its rule", a_result(P_KEPT_PAID, RETURNED), P_KEPT_PAID,
            move(SHOP_ESCROW, B_OUT, 200), move(SHOP_FEE, B_OUT, 5)),
        BOOKS("returned in part: less than 1", a_return(P_KEPT_PAID, 39), P_KEPT_PAID,
            move(SHOP_ESCROW, B_OUT, 39)),
        BOOKS("returned in part: 1", a_return(P_KEPT_PAID, 40), P_KEPT_PAID,
            move(SHOP_ESCROW, B_OUT, 40), move(SHOP_FEE, B_OUT, 1)),
        BOOKS("returned: kept by its rule", a_result(P_FULL_RULE, RETURNED), P_FULL_RULE,
            move(SHOP_ESCROW, B_OUT, 200)),
        BOOKS_WITH("returned again: what is left, in shares", a_result(P_PART_FEE, RETURNED),
            P_PART_FEE,
            .moves = {move(SHOP_ESCROW, B_OUT, 666), move(SHOP_FEE, B_OUT, 11),
                move(F_MINE, B_OUT, 6), move(F_YOURS, B_OUT, 3)},
            .order = "W-2"),
        BOOKS_WITH("returned again in part", a_return(P_PART_FEE, 333), P_PART_FEE,
            .moves = {move(SHOP_ESCROW, B_OUT, 333), move(SHOP_FEE, B_OUT, 5),
                move(F_MINE, B_OUT, 3), move(F_YOURS, B_OUT, 2)},
            .order = "W-2"),
        STAYS("failed: to the one who bore it", P_BORNE, B_OUT, 40, move(SHOP_FEE, B_TWO, 4)),
        BOOKS("intercepted: to the one who bore it", an_interception(P_BORNE), P_BORNE,
            stays(B_OUT, 40), move(SHOP_FEE, B_TWO, 4)),
        STAYS("failed: to PLATFORM_OWN that bore it", P_BORNE_OWN, B_OUT, 40,
            move(SHOP_FEE, SHOP_OWN, 4)),
        BOOKS("intercepted: to PLATFORM_OWN that bore it", an_interception(P_BORNE_OWN),
            P_BORNE_OWN, stays(B_OUT, 40), move(SHOP_FEE, SHOP_OWN, 4)),
        ANSWERS("failed: he who bore it was closed", a_result(P_BEARER, FAILED),
            OUTCOME_ACCEPTED_UNALLOCATED, P_BEARER, stays(B_OUT, 30),
            move(SHOP_FEE, SHOP_UNALLOCATED, 3)),
        ANSWERS("intercepted: he who bore it was closed", an_interception(P_BEARER),
            OUTCOME_ACCEPTED_UNALLOCATED, P_BEARER, stays(B_OUT, 30),
            move(SHOP_FEE, SHOP_UNALLOCATED, 3)),
        STAYS("failed: though the fee was collected", P_GONE, B_OUT, 30, move(F_EMPTY, B_OUT, 10)),
        BOOKS("PLATFORM_OWN's, paid", a_result(P_OWN, PAID), P_OWN,
            leaves(SHOP_OWN, SHOP_ESCROW, 25)),
        BOOKS("PLATFORM_OWN's, failed", a_result(P_OWN, FAILED), P_OWN, stays(SHOP_OWN, 25)),
        BOOKS("PLATFORM_OWN's, intercepted", an_interception(P_OWN), P_OWN, stays(SHOP_OWN, 25)),
        BOOKS("PLATFORM_OWN's, returned", a_result(P_OWN_PAID, RETURNED), P_OWN_PAID,
            move(SHOP_ESCROW, SHOP_OWN, 26)),
    };
    EACH_RULE(rules, on, context);
}
