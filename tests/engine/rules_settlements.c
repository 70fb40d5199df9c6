/* rules_settlements.c: what payment companies pay, and what of it is not as it was promised.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "model/money.h"

/* ---- moves ---- */

/* From what an acquirer has to what it owes. */
static struct move pays(int64_t acquirer, int64_t amount)
{
    return shifts(acquirer, BUCKET_AVAILABLE, BUCKET_PENDING_IN, amount);
}

static struct move comes(int64_t account, int64_t amount)
{
    return shifts(account, BUCKET_PENDING_IN, BUCKET_AVAILABLE, amount);
}

static struct move fee_comes(int64_t account, int64_t amount)
{
    return (struct move){SHOP_FEE, BUCKET_PENDING_IN, account, BUCKET_AVAILABLE, amount};
}

/* ---- commands ---- */

static struct command opening(int64_t acquirer, int64_t item, int64_t total)
{
    return make_open_settlement(L_SHOP, acquirer, item, 2, total);
}

static struct command line(int64_t settlement, int64_t promise, int64_t gross, int64_t fee)
{
    return make_settle_line(L_SHOP, settlement, promise, gross, fee);
}

static struct command named(int64_t settlement, const char *reference, int64_t gross)
{
    return line_of_reference(reference, line(settlement, 0, gross, 0));
}

static struct command end(int64_t difference, enum difference_end by, int64_t what)
{
    return make_close_difference(L_SHOP, difference, by, what);
}

/* As two persons want it. */
static struct command by_two(struct command command)
{
    return by_approval(Q_SHOP, command_by("u", command));
}

#define PROMISE .more = {[RECORD_PROMISE] = 1}
#define DIFFERENT .more = {[RECORD_PROMISE] = 1, [RECORD_DIFFERENCE] = 1}
#define UNPAID .more = {[RECORD_DIFFERENCE] = 1}

static void rules_opened(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED_AT("one unit more than is open", opening(G_PAYS, X_PART, 76),
            OUTCOME_ALLOCATION_ABOVE_ITEM, 75),
        BOOKS("all that is open", opening(G_PAYS, X_PART, 75), C_NONE,
            move(SHOP_UNALLOCATED, SHOP_PAYS, 75)),
        BOOKS("a part", opening(G_PAYS, X_PART, 1), C_NONE, move(SHOP_UNALLOCATED, SHOP_PAYS, 1)),
        BOOKS("by one that was stopped", opening(G_STOPPED, X_PART, 1), C_NONE,
            move(SHOP_UNALLOCATED, SHOP_STOPPED, 1)),
        REFUSED("by none", opening(G_NONE, X_PART, 1), OUTCOME_ACQUIRER_NOT_FOUND),
        REFUSED("by another ledger's", opening(G_PLAIN, X_PART, 1), OUTCOME_ACQUIRER_NOT_FOUND),
        REFUSED("of no item", opening(G_PAYS, X_NONE, 1), OUTCOME_SUSPENSE_NOT_FOUND),
        REFUSED("of another ledger's item", opening(G_PAYS, X_FREE, 1), OUTCOME_SUSPENSE_NOT_FOUND),
        REFUSED("of an item that is closed", opening(G_PAYS, X_DONE, 1), OUTCOME_SUSPENSE_FINAL),
        REFUSED("of one that was settled", opening(G_PAYS, X_PAYS, 1), OUTCOME_SUSPENSE_FINAL),
        REFUSED_AT("of one that is in a lump",
            make_open_settlement(L_PLAIN, G_PLAIN, X_PLAIN, 1, 1), OUTCOME_SUSPENSE_IN_LUMP,
            K_PLAIN),
        REFUSED(
            "no item before no acquirer", opening(G_NONE, X_NONE, 1), OUTCOME_SUSPENSE_NOT_FOUND),
        REFUSED("in a closed ledger", make_open_settlement(L_CLOSED, 1, 1, 1, 1),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

static void rules_lines(on_rule on, void *context)
{
    const struct rule rules[] = {
        BOOKS_WITH("exactly what is open", line(C_OPEN, T_DUE, 1000, 0), 0,
            .moves = {pays(SHOP_PAYS, 1000), comes(B_SETTLED, 1000)}, .order = "D-1", PROMISE),
        BOOKS_WITH("by its reference", named(C_OPEN, "D-1", 1000), 0,
            .moves = {pays(SHOP_PAYS, 1000), comes(B_SETTLED, 1000)}, .order = "D-1", PROMISE),
        BOOKS_WITH("the rest of one that was paid in part", line(C_OPEN, T_HALF, 590, 0), 0,
            .moves = {pays(SHOP_PAYS, 590), comes(B_SETTLED, 590)}, PROMISE),
        BOOKS_WITH("with the platform's fee", line(C_ALLPAY, T_OPEN, 1000, 0), 0,
            .moves = {pays(SHOP_ALLPAY, 1000), comes(B_ONE, 970), fee_comes(SHOP_FEE, 16),
                fee_comes(F_MINE, 9), fee_comes(F_YOURS, 5)},
            .order = "T-1", PROMISE),
        BOOKS_WITH("a part, and its part of the fee", partial_line(line(C_ALLPAY, T_OPEN, 34, 0)),
            0, .moves = {pays(SHOP_ALLPAY, 34), comes(B_ONE, 33), fee_comes(F_YOURS, 1)},
            .order = "T-1", PROMISE),
        BOOKS_WITH("a part without any fee yet", partial_line(line(C_ALLPAY, T_OPEN, 33, 0)), 0,
            .moves = {pays(SHOP_ALLPAY, 33), comes(B_ONE, 33)}, .order = "T-1", PROMISE),
        BOOKS_WITH("less what the acquirer keeps", line(C_NETS, T_NETS, 1000, 10), 0,
            .moves = {pays(SHOP_NETS, 990), comes(B_SETTLED, 990)},
            .more = {[RECORD_PROMISE] = 1, [RECORD_ACCOUNT] = 1}),
        BOOKS_WITH("as much, told otherwise", line(C_NETS, T_NETS, 990, 0), 0,
            .moves = {pays(SHOP_NETS, 990), comes(B_SETTLED, 990)},
            .more = {[RECORD_PROMISE] = 1, [RECORD_ACCOUNT] = 1}),

        BOOKS_WITH("one unit less", line(C_OPEN, T_DUE, 999, 0), D_NONE,
            .moves = {pays(SHOP_PAYS, 999), comes(B_SETTLED, 999)}, .order = "D-1", DIFFERENT),
        BOOKS_WITH("one unit less, and more will come", partial_line(line(C_OPEN, T_DUE, 999, 0)),
            0, .moves = {pays(SHOP_PAYS, 999), comes(B_SETTLED, 999)}, .order = "D-1", PROMISE),
        BOOKS_WITH("one unit more", line(C_OPEN, T_DUE, 1001, 0), D_NONE,
            .moves = {pays(SHOP_PAYS, 1000), comes(B_SETTLED, 1000)}, .order = "D-1", DIFFERENT),
        BOOKS_WITH("a part that is more than the rest", partial_line(line(C_OPEN, T_HALF, 591, 0)),
            D_NONE, .moves = {pays(SHOP_PAYS, 590), comes(B_SETTLED, 590)}, DIFFERENT),
        BOOKS_WITH("a fee that it does not keep", line(C_OPEN, T_DUE, 1000, 1), D_NONE,
            .moves = {pays(SHOP_PAYS, 999), comes(B_SETTLED, 999)}, .order = "D-1", DIFFERENT),
        BOOKS_WITH("a lower fee than it keeps", line(C_NETS, T_NETS, 1000, 9), D_NONE,
            .moves = {pays(SHOP_NETS, 990), comes(B_SETTLED, 990)},
            .more = {[RECORD_PROMISE] = 1, [RECORD_DIFFERENCE] = 1, [RECORD_ACCOUNT] = 1}),
        BOOKS_WITH("what nobody promised", named(C_OPEN, "none", 9), D_NONE, UNPAID),
        BOOKS_WITH("the reference of another acquirer's", named(C_OPEN, "E-1", 9), D_NONE, UNPAID),
        BOOKS_WITH("what was paid before", line(C_OPEN, T_PAID, 100, 0), D_NONE, UNPAID),
        BOOKS_WITH(
            "what was paid before, by its reference", named(C_OPEN, "D-4", 100), D_NONE, UNPAID),
        BOOKS_WITH("what is disputed", line(C_OPEN, T_SHORT, 100, 0), D_NONE, UNPAID),
        BOOKS_WITH("what was cancelled before", line(C_OPEN, T_GONE, 80, 0), D_NONE, UNPAID),
        BOOKS_WITH("the same by its reference", named(C_ALLPAY, "T-3", 50), D_NONE, UNPAID),
        BOOKS_WITH("what was cancelled in part", line(C_ALLPAY, T_PART, 600, 0), 0,
            .moves = {pays(SHOP_ALLPAY, 600), comes(B_TWO, 582), fee_comes(SHOP_FEE, 10),
                fee_comes(F_MINE, 6), fee_comes(F_YOURS, 2)},
            PROMISE),
        BOOKS_WITH("what was cancelled in part, as a whole", line(C_ALLPAY, T_PART, 1000, 0),
            D_NONE,
            .moves = {pays(SHOP_ALLPAY, 600), comes(B_TWO, 582), fee_comes(SHOP_FEE, 10),
                fee_comes(F_MINE, 6), fee_comes(F_YOURS, 2)},
            DIFFERENT),

        BOOKS_WITH(
            "all that is left of the settlement", named(C_OPEN, "none", 1276), D_NONE, UNPAID),
        REFUSED_AT(
            "one unit more", named(C_OPEN, "none", 1277), OUTCOME_LINE_ABOVE_SETTLEMENT, 1276),
        BOOKS_WITH("a fee is no part of it", line_of_reference("none", line(C_OPEN, 0, 1277, 1)),
            D_NONE, UNPAID),
        REFUSED("beyond what is whole", named(C_WHOLE, "none", 1), OUTCOME_SETTLEMENT_FULL),
        REFUSED("more lines than it said", named(C_FULL, "none", 10), OUTCOME_SETTLEMENT_FULL),
        REFUSED("of one that is closed", named(C_CLOSED, "none", 1), OUTCOME_SETTLEMENT_CLOSED),
        REFUSED(
            "of one that is given up", named(C_ABANDONED, "none", 1), OUTCOME_SETTLEMENT_CLOSED),
        REFUSED("of none", named(C_NONE, "none", 1), OUTCOME_SETTLEMENT_NOT_FOUND),
        REFUSED("of another ledger's", named(C_PLAIN, "none", 1), OUTCOME_SETTLEMENT_NOT_FOUND),
        REFUSED(
            "a promise that is not there", line(C_OPEN, T_NONE, 1, 0), OUTCOME_PROMISE_NOT_FOUND),
        REFUSED("another ledger's promise", line(C_OPEN, T_PLAIN, 1, 0), OUTCOME_PROMISE_NOT_FOUND),
        REFUSED(
            "another acquirer's promise", line(C_OPEN, T_NETS, 1, 0), OUTCOME_PROMISE_NOT_FOUND),
        REFUSED("no promise before no settlement", line(C_NONE, T_NONE, 1, 0),
            OUTCOME_PROMISE_NOT_FOUND),
        REFUSED("no promise before a closed settlement", line(C_CLOSED, T_NONE, 1, 0),
            OUTCOME_PROMISE_NOT_FOUND),
        REFUSED("full before too much", named(C_FULL, "none", 11), OUTCOME_SETTLEMENT_FULL),
        REFUSED(
            "in a closed ledger", make_settle_line(L_CLOSED, 1, 1, 1, 0), OUTCOME_LEDGER_CLOSED),
        REFUSED("a promise that is disputed is not cancelled",
            make_cancel_promise(L_SHOP, T_SHORT, 0), OUTCOME_PROMISE_DISPUTED),
        REFUSED("disputed before too much", make_cancel_promise(L_SHOP, T_SHORT, 101),
            OUTCOME_PROMISE_DISPUTED),
    };
    EACH_RULE(rules, on, context);
}

static void rules_closed(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("as many lines, and as much", make_close_settlement(L_SHOP, C_WHOLE), C_WHOLE),
        REFUSED_AT("lines are missing", make_close_settlement(L_SHOP, C_OPEN),
            OUTCOME_SETTLEMENT_INCOMPLETE, 1276),
        REFUSED_AT("as many lines, but less", make_close_settlement(L_SHOP, C_FULL),
            OUTCOME_SETTLEMENT_INCOMPLETE, 10),
        REFUSED("one that is closed", make_close_settlement(L_SHOP, C_CLOSED),
            OUTCOME_SETTLEMENT_CLOSED),
        REFUSED("one that is given up", make_close_settlement(L_SHOP, C_ABANDONED),
            OUTCOME_SETTLEMENT_CLOSED),
        REFUSED("none", make_close_settlement(L_SHOP, C_NONE), OUTCOME_SETTLEMENT_NOT_FOUND),
        REFUSED("another ledger's", make_close_settlement(L_SHOP, C_PLAIN),
            OUTCOME_SETTLEMENT_NOT_FOUND),
        BOOKS("given up, the rest goes back", make_abandon(L_SHOP, C_OPEN, X_PAYS), C_OPEN,
            move(SHOP_PAYS, SHOP_UNALLOCATED, 1276)),
        BOOKS("given up without a line", make_abandon(L_SHOP, C_ALLPAY, X_NETS), C_ALLPAY,
            move(SHOP_ALLPAY, SHOP_UNALLOCATED, 2000)),
        ACCEPTED("given up when nothing is left", make_abandon(L_SHOP, C_WHOLE, X_PAYS), C_WHOLE),
        REFUSED("to another item", make_abandon(L_SHOP, C_OPEN, X_NETS),
            OUTCOME_SUSPENSE_NOT_OF_SETTLEMENT),
        REFUSED("the wrong item before the state", make_abandon(L_SHOP, C_CLOSED, X_NETS),
            OUTCOME_SUSPENSE_NOT_OF_SETTLEMENT),
        REFUSED("given up once more", make_abandon(L_SHOP, C_ABANDONED, X_NETS),
            OUTCOME_SETTLEMENT_CLOSED),
        REFUSED("what was taken for a settlement cannot be allocated",
            make_open_lump(L_SHOP, X_PAYS, 1, 1), OUTCOME_SUSPENSE_FINAL),
    };
    EACH_RULE(rules, on, context);
}

void rules_settlements(on_rule on, void *context)
{
    rules_opened(on, context);
    rules_lines(on, context);
    rules_closed(on, context);
}

/* ---- differences ---- */

static void rules_missing(on_rule on, void *context)
{
    const struct rule rules[] = {
        BOOKS_WITH("missing: the platform bears it", by_two(end(D_SHORT, DIFFERENCE_BORNE, 0)),
            D_SHORT,
            .moves = {move(SHOP_OWN, SHOP_PAYS, 100), pays(SHOP_PAYS, 100), comes(B_SETTLED, 100)},
            .more = {[RECORD_PROMISE] = 1, [RECORD_PROPOSAL] = 1}),
        REFUSED("one person alone", end(D_SHORT, DIFFERENCE_BORNE, 0), OUTCOME_APPROVAL_NEEDED),
        REFUSED(
            "alone, before all else", end(D_NONE, DIFFERENCE_BORNE, 0), OUTCOME_APPROVAL_NEEDED),
        BOOKS_WITH("a fee too many: the platform bears it", by_two(end(D_FEE, DIFFERENCE_BORNE, 0)),
            D_FEE,
            .moves = {move(SHOP_OWN, SHOP_NETS, 10), pays(SHOP_NETS, 10), comes(B_SETTLED, 10)},
            .more = {[RECORD_PROMISE] = 1, [RECORD_ACCOUNT] = 1, [RECORD_PROPOSAL] = 1}),
        BOOKS_WITH("missing: the acquirer will pay it", end(D_SHORT, DIFFERENCE_EXPECTED, 0),
            D_SHORT, PROMISE),
        BOOKS_WITH("missing: so much is cancelled", end(D_SHORT, DIFFERENCE_CORRECTED, 0), D_SHORT,
            .moves = {promises(B_SETTLED, SHOP_PAYS, 100)}, .more = {[RECORD_PROMISE] = 1}),
        REFUSED_AT("the platform has less", by_two(end(D_BIG, DIFFERENCE_BORNE, 0)),
            OUTCOME_INSUFFICIENT_PLATFORM_OWN, OWN_MINOR),
        REFUSED("missing money does not go back", end(D_SHORT, DIFFERENCE_RETURNED, X_PAYS),
            OUTCOME_DIFFERENCE_NOT_SO),
        REFUSED("missing money pays nothing", end(D_SHORT, DIFFERENCE_ASSIGNED, T_DUE),
            OUTCOME_DIFFERENCE_NOT_SO),
        REFUSED(
            "closed before", end(D_DONE, DIFFERENCE_RETURNED, X_PAYS), OUTCOME_DIFFERENCE_FINAL),
        REFUSED("none", by_two(end(D_NONE, DIFFERENCE_BORNE, 0)), OUTCOME_DIFFERENCE_NOT_FOUND),
        REFUSED("another ledger's", end(D_PLAIN, DIFFERENCE_RETURNED, X_PAID),
            OUTCOME_DIFFERENCE_NOT_FOUND),
        REFUSED("in a closed ledger", make_close_difference(L_CLOSED, 1, DIFFERENCE_BORNE, 0),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

static void rules_surplus(on_rule on, void *context)
{
    const struct rule rules[] = {
        BOOKS("too much: back to its item", end(D_UNKNOWN, DIFFERENCE_RETURNED, X_PAYS), D_UNKNOWN,
            move(SHOP_PAYS, SHOP_UNALLOCATED, 33)),
        BOOKS("too much: to the promise's account", end(D_OVER, DIFFERENCE_CORRECTED, 0), D_OVER,
            move(SHOP_PAYS, B_SETTLED, 5)),
        BOOKS("twice: likewise", end(D_TWICE, DIFFERENCE_CORRECTED, 0), D_TWICE,
            move(SHOP_PAYS, B_SETTLED, 50)),
        BOOKS("after all: likewise", end(D_LATE, DIFFERENCE_CORRECTED, 0), D_LATE,
            move(SHOP_PAYS, B_SETTLED, 20)),
        BOOKS_WITH("too much: it pays another", end(D_UNKNOWN, DIFFERENCE_ASSIGNED, T_DUE),
            D_UNKNOWN, .moves = {pays(SHOP_PAYS, 33), comes(B_SETTLED, 33)}, .order = "D-1",
            PROMISE),
        BOOKS_WITH("too much: for the next date", end(D_FULL, DIFFERENCE_ASSIGNED, T_NETS), D_FULL,
            .moves = {pays(SHOP_NETS, 50), comes(B_SETTLED, 50)},
            .more = {[RECORD_PROMISE] = 1, [RECORD_ACCOUNT] = 1}),
        REFUSED("the platform bears nothing", by_two(end(D_OVER, DIFFERENCE_BORNE, 0)),
            OUTCOME_DIFFERENCE_NOT_SO),
        REFUSED(
            "nothing will come", end(D_OVER, DIFFERENCE_EXPECTED, 0), OUTCOME_DIFFERENCE_NOT_SO),
        REFUSED("nobody's has no account", end(D_UNKNOWN, DIFFERENCE_CORRECTED, 0),
            OUTCOME_DIFFERENCE_NOT_SO),
        REFUSED("an account that takes nothing", end(D_STOP, DIFFERENCE_CORRECTED, 0),
            OUTCOME_ACCOUNT_RESTRICTED_IN),
        REFUSED("an account that is closed", end(D_LEFT, DIFFERENCE_CORRECTED, 0),
            OUTCOME_ACCOUNT_CLOSED),
        REFUSED("back to another item", end(D_OVER, DIFFERENCE_RETURNED, X_NETS),
            OUTCOME_SUSPENSE_NOT_OF_SETTLEMENT),
        REFUSED(
            "for no promise", end(D_OVER, DIFFERENCE_ASSIGNED, T_NONE), OUTCOME_PROMISE_NOT_FOUND),
        REFUSED("for another acquirer's", end(D_OVER, DIFFERENCE_ASSIGNED, T_NETS),
            OUTCOME_PROMISE_NOT_FOUND),
        REFUSED("for another ledger's", end(D_OVER, DIFFERENCE_ASSIGNED, T_PLAIN),
            OUTCOME_PROMISE_NOT_FOUND),
        REFUSED("for one that was paid", end(D_OVER, DIFFERENCE_ASSIGNED, T_PAID),
            OUTCOME_PROMISE_FINAL),
        REFUSED_AT("for one with less open", end(D_UNKNOWN, DIFFERENCE_ASSIGNED, T_SMALL),
            OUTCOME_ABOVE_REST, 32),
        REFUSED("for one that is disputed", end(D_OVER, DIFFERENCE_ASSIGNED, T_SHORT),
            OUTCOME_PROMISE_DISPUTED),
        REFUSED("a difference that is closed", end(D_DONE, DIFFERENCE_ASSIGNED, T_DUE),
            OUTCOME_DIFFERENCE_FINAL),
        REFUSED("no way to end before one that is closed", end(D_DONE, DIFFERENCE_EXPECTED, 0),
            OUTCOME_DIFFERENCE_NOT_SO),
        REFUSED("another item before one that is closed", end(D_DONE, DIFFERENCE_RETURNED, X_NETS),
            OUTCOME_SUSPENSE_NOT_OF_SETTLEMENT),
        REFUSED("no promise before one that is closed", end(D_DONE, DIFFERENCE_ASSIGNED, T_NONE),
            OUTCOME_PROMISE_NOT_FOUND),
        REFUSED("a paid promise before one that is closed",
            end(D_DONE, DIFFERENCE_ASSIGNED, T_PAID), OUTCOME_PROMISE_FINAL),
    };
    EACH_RULE(rules, on, context);
}

void rules_differences(on_rule on, void *context)
{
    rules_missing(on, context);
    rules_surplus(on, context);
}
