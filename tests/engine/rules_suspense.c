/* rules_suspense.c: items of money in UNALLOCATED, their allocation and its undo.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "model/money.h"

/* At most two lines. */
static struct command allocate(int64_t item, int64_t account, int64_t amount)
{
    return make_allocate(L_SHOP, item, &(struct payee){account, amount}, 1);
}

static struct command allocate_two(
    int64_t item, int64_t one, int64_t one_minor, int64_t two, int64_t two_minor)
{
    const struct payee payees[] = {{one, one_minor}, {two, two_minor}};
    return make_allocate(L_SHOP, item, payees, 2);
}

static struct command undo_all(int64_t item, int64_t original)
{
    return make_undo_allocation(L_SHOP, item, original, NULL, 0);
}

static struct command undo(int64_t item, int64_t original, int64_t account, int64_t amount)
{
    return make_undo_allocation(L_SHOP, item, original, &(struct payee){account, amount}, 1);
}

/* Of the return by S_BACK. */
static struct command put_back(int64_t item, int64_t payout)
{
    struct command command = undo_all(item, S_BACK);
    command.undo_allocation.payout_id = payout;
    return command;
}

static void rules_allocations(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED_AT("one unit more than is open", allocate(X_NOBODY, B_ONE, 34),
            OUTCOME_ALLOCATION_ABOVE_ITEM, 33),
        BOOKS("all that is open", allocate(X_NOBODY, B_ONE, 33), X_NOBODY,
            move(SHOP_UNALLOCATED, B_ONE, 33)),
        BOOKS("a part", allocate(X_NOBODY, B_ONE, 1), X_NOBODY, move(SHOP_UNALLOCATED, B_ONE, 1)),
        REFUSED_AT("one unit more of one that is allocated in part", allocate(X_PART, B_ONE, 76),
            OUTCOME_ALLOCATION_ABOVE_ITEM, 75),
        BOOKS("the rest of it, to two", allocate_two(X_PART, B_TWO, 74, B_EMPTY, 1), X_PART,
            move(SHOP_UNALLOCATED, B_TWO, 74), move(SHOP_UNALLOCATED, B_EMPTY, 1)),
        REFUSED_AT("together one unit too much", allocate_two(X_PART, B_TWO, 75, B_EMPTY, 1),
            OUTCOME_ALLOCATION_ABOVE_ITEM, 75),
        REFUSED_AT("the largest amount", allocate(X_PART, B_ONE, AMOUNT_MINOR_MAX),
            OUTCOME_ALLOCATION_ABOVE_ITEM, 75),
        BOOKS_WITH("to who owes, it repays", allocate(X_PART, B_DEBTOR, 10), X_PART,
            .moves = {move(SHOP_UNALLOCATED, B_DEBTOR, 10), move(B_DEBTOR, SHOP_OWN, 10)},
            .more = {[RECORD_DEBT] = 1}),
        BOOKS("to one that gives nothing", allocate(X_PART, B_NO_OUT, 10), X_PART,
            move(SHOP_UNALLOCATED, B_NO_OUT, 10)),
        BOOKS("of an adjustment", allocate(X_GONE, B_ONE, 5), X_GONE,
            move(SHOP_UNALLOCATED, B_ONE, 5)),
        BOOKS("for an order", command_of_order("O-1", allocate(X_PART, B_ONE, 2)), X_PART,
            move(SHOP_UNALLOCATED, B_ONE, 2)),
        REFUSED("nothing is left", allocate(X_DONE, B_ONE, 1), OUTCOME_SUSPENSE_FINAL),
        REFUSED("no such item", allocate(X_NONE, B_ONE, 1), OUTCOME_SUSPENSE_NOT_FOUND),
        REFUSED("another ledger's", allocate(X_PLAIN, B_ONE, 1), OUTCOME_SUSPENSE_NOT_FOUND),
        REFUSED("the largest id", allocate(INT64_MAX, B_ONE, 1), OUTCOME_SUSPENSE_NOT_FOUND),
        REFUSED_AT("to nobody", allocate(X_PART, A_NONE, 1), OUTCOME_ACCOUNT_NOT_FOUND, A_NONE),
        REFUSED_AT("to another ledger's", allocate(X_PART, B_PLAIN, 1), OUTCOME_ACCOUNT_NOT_FOUND,
            B_PLAIN),
        REFUSED_AT("to PLATFORM_OWN", allocate(X_PART, SHOP_OWN, 1), OUTCOME_NOT_A_MEMBER_ACCOUNT,
            SHOP_OWN),
        REFUSED_AT("to UNALLOCATED", allocate(X_PART, SHOP_UNALLOCATED, 1),
            OUTCOME_NOT_A_MEMBER_ACCOUNT, SHOP_UNALLOCATED),
        REFUSED_AT(
            "to a fee account", allocate(X_PART, F_MINE, 1), OUTCOME_NOT_A_MEMBER_ACCOUNT, F_MINE),
        REFUSED_AT(
            "to a closed one", allocate(X_PART, B_CLOSED, 1), OUTCOME_ACCOUNT_CLOSED, B_CLOSED),
        REFUSED_AT("to one that takes nothing", allocate(X_PART, B_NO_IN, 1),
            OUTCOME_ACCOUNT_RESTRICTED_IN, B_NO_IN),
        REFUSED_AT("one of two takes nothing", allocate_two(X_PART, B_ONE, 1, B_NO_IN, 1),
            OUTCOME_ACCOUNT_RESTRICTED_IN, B_NO_IN),
        REFUSED_AT("one of two is closed, before the item's end",
            allocate_two(X_DONE, B_NO_IN, 1, B_CLOSED, 1), OUTCOME_ACCOUNT_CLOSED, B_CLOSED),
        REFUSED(
            "its end before the restriction", allocate(X_DONE, B_NO_IN, 1), OUTCOME_SUSPENSE_FINAL),
        REFUSED_AT("the restriction before the amount", allocate(X_PART, B_NO_IN, 1000),
            OUTCOME_ACCOUNT_RESTRICTED_IN, B_NO_IN),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, allocate(X_PART, B_ONE, 1)),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

static struct command out_of(const char *rule, struct command command)
{
    return with_rule(command, rule, FEE_BEARER_PAYEES);
}

static void rules_fees_of_allocations(on_rule on, void *context)
{
    const struct rule rules[] = {
        BOOKS_WITH("all that is open, less a fee", out_of("split", allocate(X_PART, B_ONE, 75)),
            X_PART,
            .moves = {move(SHOP_UNALLOCATED, B_ONE, 73), move(SHOP_UNALLOCATED, SHOP_FEE, 2)},
            .fee_minor = 2, .fee_rule_version = 1),
        BOOKS_WITH("each of two bears its own",
            out_of("flat", allocate_two(X_PART, B_TWO, 50, B_EMPTY, 25)), X_PART,
            .moves = {move(SHOP_UNALLOCATED, B_TWO, 47), move(SHOP_UNALLOCATED, B_EMPTY, 22),
                move(SHOP_UNALLOCATED, SHOP_FEE, 6)},
            .fee_minor = 6, .fee_rule_version = 1),
        BOOKS_WITH("free", out_of("free", allocate(X_PART, B_ONE, 1)), X_PART,
            .moves = {move(SHOP_UNALLOCATED, B_ONE, 1)}, .fee_rule_version = 1),
        BOOKS_WITH("the version in force", out_of("grows", allocate(X_PART, B_ONE, 3)), X_PART,
            .moves = {move(SHOP_UNALLOCATED, B_ONE, 1), move(SHOP_UNALLOCATED, F_MINE, 2)},
            .fee_minor = 2, .fee_rule_version = 2),
        BOOKS_WITH("who owes repays out of the rest",
            out_of("flat", allocate(X_PART, B_DEBTOR, 10)), X_PART,
            .moves = {move(SHOP_UNALLOCATED, B_DEBTOR, 7), move(SHOP_UNALLOCATED, SHOP_FEE, 3),
                move(B_DEBTOR, SHOP_OWN, 7)},
            .fee_minor = 3, .fee_rule_version = 1, .more = {[RECORD_DEBT] = 1}),
        BOOKS_WITH("one unit more than the fee", out_of("flat", allocate(X_PART, B_ONE, 4)), X_PART,
            .moves = {move(SHOP_UNALLOCATED, B_ONE, 1), move(SHOP_UNALLOCATED, SHOP_FEE, 3)},
            .fee_minor = 3, .fee_rule_version = 1),
        REFUSED_AT("a fee as large", out_of("flat", allocate(X_PART, B_ONE, 3)),
            OUTCOME_FEE_NOT_BELOW_AMOUNT, 3),
        REFUSED_AT("as large as the part of one of two",
            out_of("flat", allocate_two(X_PART, B_ONE, 50, B_TWO, 3)), OUTCOME_FEE_NOT_BELOW_AMOUNT,
            3),
        REFUSED_AT("the fee counts within the amount", out_of("flat", allocate(X_PART, B_ONE, 76)),
            OUTCOME_ALLOCATION_ABOVE_ITEM, 75),
        REFUSED_AT("the fee before that", out_of("flat", allocate_two(X_PART, B_ONE, 76, B_TWO, 3)),
            OUTCOME_FEE_NOT_BELOW_AMOUNT, 3),
        REFUSED("no such rule", out_of("none", allocate(X_PART, B_ONE, 10)),
            OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED("another ledger's", out_of("plain", allocate(X_PART, B_ONE, 10)),
            OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED("not in force yet", out_of("later", allocate(X_PART, B_ONE, 10)),
            OUTCOME_FEE_RULE_NOT_EFFECTIVE),
        REFUSED("the item's end before the rule", out_of("none", allocate(X_DONE, B_ONE, 1)),
            OUTCOME_SUSPENSE_FINAL),
        REFUSED("the rule before the restriction", out_of("none", allocate(X_PART, B_NO_IN, 1)),
            OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED_AT("the restriction before the fee", out_of("flat", allocate(X_PART, B_NO_IN, 1)),
            OUTCOME_ACCOUNT_RESTRICTED_IN, B_NO_IN),
    };
    EACH_RULE(rules, on, context);
}

static struct command give_back(int64_t item, int64_t original, int64_t amount)
{
    return make_return_suspense(L_SHOP, item, original, amount);
}

static void rules_returned(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED_AT("one unit more than is open", give_back(X_PART, S_RECEIPT_PARTS, 76),
            OUTCOME_ALLOCATION_ABOVE_ITEM, 75),
        BOOKS("all that is open", give_back(X_PART, S_RECEIPT_PARTS, 75), P_NONE,
            sends(SHOP_UNALLOCATED, 75)),
        BOOKS("without an amount", give_back(X_PART, S_RECEIPT_PARTS, 0), P_NONE,
            sends(SHOP_UNALLOCATED, 75)),
        BOOKS("a part", give_back(X_PART, S_RECEIPT_PARTS, 1), P_NONE, sends(SHOP_UNALLOCATED, 1)),
        REFUSED("a part is on its way", give_back(X_MORE, S_RECEIPT_MORE, 1),
            OUTCOME_SUSPENSE_RETURN_UNDER_WAY),
        REFUSED("that before the amount", give_back(X_MORE, S_RECEIPT_MORE, AMOUNT_MINOR_MAX),
            OUTCOME_SUSPENSE_RETURN_UNDER_WAY),
        REFUSED("nothing is left", give_back(X_DONE, S_RECEIPT_DONE, 0), OUTCOME_SUSPENSE_FINAL),
        REFUSED("a receipt without an account of the payer",
            give_back(X_NOBODY, S_RECEIPT_NOBODY, 1), OUTCOME_RETURN_WITHOUT_ACCOUNT),
        REFUSED(
            "an adjustment", give_back(X_GONE, S_ADJUST_GONE, 1), OUTCOME_RETURN_WITHOUT_ACCOUNT),
        REFUSED("another receipt", give_back(X_PART, S_RECEIPT_DONE, 1),
            OUTCOME_RETURN_WITHOUT_ACCOUNT),
        REFUSED("another receipt, of one that is closed", give_back(X_DONE, S_RECEIPT_PARTS, 1),
            OUTCOME_RETURN_WITHOUT_ACCOUNT),
        REFUSED("no such command", give_back(X_PART, S_NONE, 1), OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED("no such item", give_back(X_NONE, S_RECEIPT_PARTS, 1), OUTCOME_SUSPENSE_NOT_FOUND),
        REFUSED(
            "another ledger's", give_back(X_PLAIN, S_RECEIPT_PARTS, 1), OUTCOME_SUSPENSE_NOT_FOUND),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, give_back(X_PART, S_RECEIPT_PARTS, 1)),
            OUTCOME_LEDGER_CLOSED),
        REFUSED("allocate what is on its way", allocate(X_MORE, B_ONE, 35),
            OUTCOME_ALLOCATION_ABOVE_ITEM),
        BOOKS("it arrives", a_result(P_BACK, PAYOUT_RESULT_PAID), P_BACK,
            leaves(SHOP_UNALLOCATED, SHOP_ESCROW, 10)),
        BOOKS("it does not", a_result(P_BACK, PAYOUT_RESULT_FAILED), P_BACK,
            stays(SHOP_UNALLOCATED, 10)),
        BOOKS("it is intercepted", an_interception(P_BACK), P_BACK, stays(SHOP_UNALLOCATED, 10)),
    };
    EACH_RULE(rules, on, context);
}

/* Of S_ALLOCATE, whose order is W-5. */
#define UNDOES(name, of, ...) BOOKS_WITH(name, of, X_PART, .moves = {__VA_ARGS__}, .order = "W-5")

static void rules_undone(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED_AT("one unit more than is left of it", undo(X_PART, S_ALLOCATE, B_ONE, 16),
            OUTCOME_ABOVE_REST, 15),
        UNDOES("what is left of one", undo(X_PART, S_ALLOCATE, B_ONE, 15),
            move(B_ONE, SHOP_UNALLOCATED, 15)),
        UNDOES(
            "a part of one", undo(X_PART, S_ALLOCATE, B_TWO, 1), move(B_TWO, SHOP_UNALLOCATED, 1)),
        BOOKS_WITH("all that is left", undo_all(X_PART, S_ALLOCATE), X_PART,
            .moves = {move(B_ONE, SHOP_UNALLOCATED, 15), move(B_TWO, SHOP_UNALLOCATED, 10)},
            .order = "W-5", .more = {[RECORD_REFUNDED] = 1}),
        BOOKS("it opens the item again", undo(X_DONE, S_ALLOCATE_DONE, B_ONE, 15), X_DONE,
            move(B_ONE, SHOP_UNALLOCATED, 15)),
        REFUSED_AT("one has spent it", undo_all(X_DONE, S_ALLOCATE_DONE), OUTCOME_UNDO_SPENT, 0),
        REFUSED_AT(
            "one unit of it", undo(X_DONE, S_ALLOCATE_DONE, B_EMPTY, 1), OUTCOME_UNDO_SPENT, 0),
        REFUSED("one was closed", undo(X_MORE, S_ALLOCATE_MORE, B_CLOSED, 1),
            OUTCOME_PAYEE_ACCOUNT_CLOSED),
        BOOKS_WITH("one was closed, by two: the platform stands in",
            by_approval(Q_SHOP, command_by("u", undo(X_MORE, S_ALLOCATE_MORE, B_CLOSED, 1))),
            X_MORE, .moves = {move(SHOP_OWN, SHOP_UNALLOCATED, 1)},
            .more = {[RECORD_PROPOSAL] = 1}),
        REFUSED("one gives nothing", undo(X_MORE, S_ALLOCATE_MORE, B_NO_OUT, 1),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("one gives nothing, by two: he has it still",
            by_approval(Q_SHOP, command_by("u", undo(X_MORE, S_ALLOCATE_MORE, B_NO_OUT, 1))),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("closed before restricted", undo_all(X_MORE, S_ALLOCATE_MORE),
            OUTCOME_PAYEE_ACCOUNT_CLOSED),
        BOOKS("of another one", undo(X_MORE, S_ALLOCATE_MORE, B_ONE, 1), X_MORE,
            move(B_ONE, SHOP_UNALLOCATED, 1)),
        REFUSED("who got nothing of it", undo(X_PART, S_ALLOCATE, B_PAYER, 1),
            OUTCOME_PAYEE_NOT_OF_ORIGINAL),
        REFUSED("nobody", undo(X_PART, S_ALLOCATE, INT64_MAX, 1), OUTCOME_PAYEE_NOT_OF_ORIGINAL),
        REFUSED("an allocation of another item", undo_all(X_MORE, S_ALLOCATE),
            OUTCOME_ORIGINAL_NOT_ALLOCATION),
        REFUSED("a receipt", undo_all(X_PART, S_RECEIPT_PARTS), OUTCOME_ORIGINAL_NOT_ALLOCATION),
        REFUSED("an undo", undo_all(X_PART, S_UNDO), OUTCOME_ORIGINAL_NOT_ALLOCATION),
        REFUSED("a return, by one", put_back(X_MORE, P_BACK), OUTCOME_APPROVAL_NEEDED),
        REFUSED("a return that is on its way",
            by_approval(Q_SHOP, command_by("u", put_back(X_MORE, P_BACK))),
            OUTCOME_PAYOUT_NOT_PAID),
        REFUSED("a return of another item", put_back(X_PART, P_BACK), OUTCOME_APPROVAL_NEEDED),
        REFUSED("a return of another item, by two",
            by_approval(Q_SHOP, command_by("u", put_back(X_PART, P_BACK))),
            OUTCOME_ORIGINAL_NOT_ALLOCATION),
        REFUSED("no such command", undo_all(X_PART, S_NONE), OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED("another ledger's command", undo_all(X_PART, S_PLAIN), OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED("no such item", undo_all(X_NONE, S_ALLOCATE), OUTCOME_SUSPENSE_NOT_FOUND),
        REFUSED("another ledger's item", undo_all(X_PLAIN, S_ALLOCATE), OUTCOME_SUSPENSE_NOT_FOUND),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, undo_all(X_PART, S_ALLOCATE)),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

/* The ledger is flagged, not the item: its time is over once. */
static void rules_too_old(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("an item is too old", make_expire(L_PLAIN, EXPIRY_SUSPENSE, X_PLAIN), X_PLAIN),
        REFUSED("it is younger", make_expire(L_MAIN, EXPIRY_SUSPENSE, X_FREE), OUTCOME_NOT_YET_DUE),
        REFUSED_AT("the ledger is flagged", an_expiry(EXPIRY_SUSPENSE, X_NOBODY),
            OUTCOME_SUSPENSE_OVERDUE, X_NOBODY),
        REFUSED_AT("for another one, which is older", an_expiry(EXPIRY_SUSPENSE, X_PART),
            OUTCOME_SUSPENSE_OVERDUE, X_NOBODY),
        REFUSED(
            "nothing of it is left", an_expiry(EXPIRY_SUSPENSE, X_DONE), OUTCOME_SUSPENSE_FINAL),
        REFUSED("no such item", an_expiry(EXPIRY_SUSPENSE, X_NONE), OUTCOME_SUSPENSE_NOT_FOUND),
        REFUSED("another ledger's item", an_expiry(EXPIRY_SUSPENSE, X_PLAIN),
            OUTCOME_SUSPENSE_NOT_FOUND),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, an_expiry(EXPIRY_SUSPENSE, X_NOBODY)),
            OUTCOME_LEDGER_CLOSED),
        REFUSED_AT("no lump is opened then", make_open_lump(L_SHOP, X_PART, 1, 1),
            OUTCOME_SUSPENSE_OVERDUE, X_NOBODY),
        REFUSED_AT("that before the amount", make_open_lump(L_SHOP, X_PART, 1, AMOUNT_MINOR_MAX),
            OUTCOME_SUSPENSE_OVERDUE, X_NOBODY),
        REFUSED("what it is about comes first", make_open_lump(L_SHOP, X_DONE, 1, 1),
            OUTCOME_SUSPENSE_FINAL),
        BOOKS("others are too old, when one has found its owner", allocate(X_NOBODY, B_ONE, 33),
            X_NOBODY, move(SHOP_UNALLOCATED, B_ONE, 33)),
    };
    EACH_RULE(rules, on, context);
}

void rules_suspense(on_rule on, void *context)
{
    rules_too_old(on, context);
    rules_allocations(on, context);
    rules_fees_of_allocations(on, context);
    rules_returned(on, context);
    rules_undone(on, context);
    const struct rule rules[] = {
        REFUSED_AT("adopt what has an item", make_adopt(L_SHOP, 1, 0), OUTCOME_ABOVE_REST, 0),
        REFUSED_AT("adopt what a command brought, which has one",
            make_adopt(L_SHOP, 1, S_RECEIPT_NOBODY), OUTCOME_ABOVE_REST, 0),
        REFUSED("adopt of no command", make_adopt(L_SHOP, 1, S_NONE), OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED(
            "adopt of a refused one", make_adopt(L_SHOP, 1, S_REFUSED), OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED("adopt of another ledger's", make_adopt(L_SHOP, 1, S_PLAIN),
            OUTCOME_ORIGINAL_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}
