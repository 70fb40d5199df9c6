/* rules_lumps.c: lumps, their lines, and their end.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "model/money.h"
#include "model/receiving_number.h"

static struct command line(int64_t lump, const char *order, int64_t account, int64_t amount)
{
    return make_line(L_MAIN, lump, order, account, amount);
}

static struct command line_by_number(const char *number, int64_t amount)
{
    struct command command = line(K_OPEN, "L-9", 0, amount);
    command.allocate_line.receiving_number = text_of(number);
    return command;
}

static struct command in_batch(struct command command)
{
    command.is_atomic = true;
    return command;
}

static struct command open_lump(int64_t item, int64_t count, int64_t total)
{
    return make_open_lump(L_MAIN, item, count, total);
}

static void rules_opened(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED_AT("one unit more than is open", open_lump(X_FREE, 1, 21),
            OUTCOME_ALLOCATION_ABOVE_ITEM, 20),
        ACCEPTED("all that is open", open_lump(X_FREE, 1, 20), K_NONE),
        ACCEPTED("a part, in as many lines as units", open_lump(X_FREE, 3, 3), K_NONE),
        ACCEPTED("the rest of a closed one", open_lump(X_SHUT, 1, 60), K_NONE),
        REFUSED_AT(
            "more than the rest", open_lump(X_SHUT, 1, 61), OUTCOME_ALLOCATION_ABOVE_ITEM, 60),
        REFUSED_AT("one is open", open_lump(X_OPEN, 1, 1), OUTCOME_SUSPENSE_IN_LUMP, K_OPEN),
        REFUSED_AT("that before the amount", open_lump(X_OPEN, 1, AMOUNT_MINOR_MAX),
            OUTCOME_SUSPENSE_IN_LUMP, K_OPEN),
        REFUSED(
            "nothing is left", in_ledger(L_SHOP, open_lump(X_DONE, 1, 1)), OUTCOME_SUSPENSE_FINAL),
        REFUSED("no such item", open_lump(X_NONE, 1, 1), OUTCOME_SUSPENSE_NOT_FOUND),
        REFUSED("another ledger's", open_lump(X_PART, 1, 1), OUTCOME_SUSPENSE_NOT_FOUND),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, open_lump(X_FREE, 1, 1)),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

static void rules_lines(on_rule on, void *context)
{
    char number[RECEIVING_NUMBER_BYTES_MAX];
    char unknown[RECEIVING_NUMBER_BYTES_MAX];
    receiving_number_format(text_of("1000"), A_LINES, number);
    receiving_number_format(text_of("1000"), A_OTHER, unknown);
    const struct rule rules[] = {
        REFUSED_AT("one unit more than is left", line(K_OPEN, "L-9", A_LINES, 121),
            OUTCOME_LINE_ABOVE_LUMP, 120),
        BOOKS("all that is left", line(K_OPEN, "L-9", A_LINES, 120), A_LINES,
            move(UNALLOCATED, A_LINES, 120)),
        BOOKS("a part", line(K_OPEN, "L-9", A_SPENT, 1), A_SPENT, move(UNALLOCATED, A_SPENT, 1)),
        BOOKS("by number", line_by_number(number, 1), A_LINES, move(UNALLOCATED, A_LINES, 1)),
        BOOKS("for an order", command_of_order("O-1", line(K_OPEN, "L-9", A_LINES, 1)), A_LINES,
            move(UNALLOCATED, A_LINES, 1)),
        BOOKS("again what was taken back", line(K_OPEN, "L-3", A_LINES, 1), A_LINES,
            move(UNALLOCATED, A_LINES, 1)),
        BOOKS("a bank's reference is no source order", line(K_OPEN, "B-1", A_LINES, 1), A_LINES,
            move(UNALLOCATED, A_LINES, 1)),
        BOOKS("written otherwise it is another", line(K_OPEN, "l-1", A_LINES, 1), A_LINES,
            move(UNALLOCATED, A_LINES, 1)),
        BOOKS("to one that gives nothing", line(K_OPEN, "L-9", A_NO_OUT, 1), A_NO_OUT,
            move(UNALLOCATED, A_NO_OUT, 1)),
        BOOKS("all or nothing, in a batch", in_batch(line(K_ALL, "L-9", A_LINES, 80)), A_LINES,
            move(UNALLOCATED, A_LINES, 80)),
        REFUSED(
            "all or nothing, alone", line(K_ALL, "L-9", A_LINES, 80), OUTCOME_LUMP_ALL_OR_NOTHING),
        REFUSED_AT(
            "a used order", line(K_OPEN, "L-1", A_LINES, 50), OUTCOME_SOURCE_ORDER_USED, S_LINE),
        REFUSED_AT("of another lump, to another account", line(K_NEW, "L-1", A_SPENT, 1),
            OUTCOME_SOURCE_ORDER_USED, S_LINE),
        REFUSED_AT("of a closed lump", line(K_OPEN, "L-5", A_LINES, 1), OUTCOME_SOURCE_ORDER_USED,
            S_LINE_SHUT),
        REFUSED_AT("that before everything else", line(K_NONE, "L-1", A_NONE, AMOUNT_MINOR_MAX),
            OUTCOME_SOURCE_ORDER_USED, S_LINE),
        REFUSED_AT(
            "a line too many", line(K_FULL, "L-9", A_LINES, 1), OUTCOME_LUMP_COUNT_REACHED, 1),
        REFUSED_AT("that before the amount", line(K_WRONG, "L-9", A_LINES, 11),
            OUTCOME_LUMP_COUNT_REACHED, 1),
        REFUSED("a closed lump", line(K_SHUT, "L-9", A_LINES, 1), OUTCOME_LUMP_FINAL),
        REFUSED("one that was given up", line(K_CANCELLED, "L-9", A_LINES, 1), OUTCOME_LUMP_FINAL),
        REFUSED("no such lump", line(K_NONE, "L-9", A_LINES, 1), OUTCOME_LUMP_NOT_FOUND),
        REFUSED("another ledger's", line(K_PLAIN, "L-9", A_LINES, 1), OUTCOME_LUMP_NOT_FOUND),
        REFUSED("to nobody", line(K_OPEN, "L-9", A_NONE, 1), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("to another ledger's", line(K_OPEN, "L-9", A_OTHER, 1), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED(
            "by another ledger's number", line_by_number(unknown, 1), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("by no number", line_by_number("rent", 1), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED(
            "to PLATFORM_OWN", line(K_OPEN, "L-9", PLATFORM_OWN, 1), OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("to a closed one", line(K_OPEN, "L-9", A_CLOSED, 1), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("to one that takes nothing", line(K_OPEN, "L-9", A_NO_IN, 1),
            OUTCOME_ACCOUNT_RESTRICTED_IN),
        REFUSED("the account before the lump", line(K_NONE, "L-9", A_CLOSED, 1),
            OUTCOME_ACCOUNT_CLOSED),
        REFUSED("the lump's end before the restriction", line(K_SHUT, "L-9", A_NO_IN, 1),
            OUTCOME_LUMP_FINAL),
        REFUSED("the restriction before the amount", line(K_OPEN, "L-9", A_NO_IN, 121),
            OUTCOME_ACCOUNT_RESTRICTED_IN),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, line(K_OPEN, "L-9", A_LINES, 1)),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

static struct command of_plain(const char *rule, int64_t amount)
{
    return with_rule(make_line(L_PLAIN, K_PLAIN, "L-9", B_PLAIN, amount), rule, FEE_BEARER_PAYEES);
}

static void rules_fees_of_lines(on_rule on, void *context)
{
    const int64_t plain_unallocated = PLAIN_ESCROW + 1;
    const struct rule rules[] = {
        BOOKS_WITH("all that is left, less a fee", of_plain("plain", 9), B_PLAIN,
            .moves = {move(plain_unallocated, B_PLAIN, 6), move(plain_unallocated, PLAIN_FEE, 3)},
            .fee_minor = 3, .fee_rule_version = 1),
        REFUSED_AT("a fee as large", of_plain("plain", 3), OUTCOME_FEE_NOT_BELOW_AMOUNT, 3),
        REFUSED_AT(
            "the fee counts within the amount", of_plain("plain", 10), OUTCOME_LINE_ABOVE_LUMP, 9),
        REFUSED(
            "no such rule, before the amount", of_plain("none", 10), OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED("another ledger's", of_plain("flat", 9), OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED("a line too many before the rule",
            with_rule(line(K_FULL, "L-9", A_LINES, 1), "none", FEE_BEARER_PAYEES),
            OUTCOME_LUMP_COUNT_REACHED),
    };
    EACH_RULE(rules, on, context);
}

static struct command undo(int64_t item, int64_t lump, int64_t original)
{
    return make_undo_line(L_MAIN, item, lump, original);
}

static struct command undo_part(int64_t account, int64_t amount)
{
    struct command command =
        make_undo_allocation(L_MAIN, X_OPEN, S_LINE, &(struct payee){account, amount}, 1);
    command.undo_allocation.lump_id = K_OPEN;
    return command;
}

#define UNDOES(name, of, item, ...)                                                                \
    BOOKS_WITH(name, of, item, .moves = {__VA_ARGS__}, .more = {[RECORD_LUMP] = 1})

static void rules_undone(on_rule on, void *context)
{
    const struct rule rules[] = {
        BOOKS_WITH("a line", undo(X_OPEN, K_OPEN, S_LINE), X_OPEN,
            .moves = {move(A_LINES, UNALLOCATED, 50)}, .more = {[RECORD_LUMP] = 1}, .order = "W-6"),
        BOOKS_WITH("with its payee", undo_part(A_LINES, 50), X_OPEN,
            .moves = {move(A_LINES, UNALLOCATED, 50)}, .more = {[RECORD_LUMP] = 1}, .order = "W-6"),
        UNDOES("of a closed lump", undo(X_SHUT, K_SHUT, S_LINE_SHUT), X_SHUT,
            move(A_LINES, UNALLOCATED, 40)),
        REFUSED_AT("a part", undo_part(A_LINES, 49), OUTCOME_LINE_IN_PARTS, 50),
        REFUSED_AT("more than it", undo_part(A_LINES, 51), OUTCOME_ABOVE_REST, 50),
        REFUSED("another payee", undo_part(A_SPENT, 50), OUTCOME_PAYEE_NOT_OF_ORIGINAL),
        REFUSED_AT("it was spent", undo(X_OPEN, K_OPEN, S_LINE_SPENT), OUTCOME_UNDO_SPENT, 0),
        REFUSED_AT("it was taken back", undo(X_OPEN, K_OPEN, S_LINE_BACK), OUTCOME_ABOVE_REST, 0),
        REFUSED("without its lump", undo(X_OPEN, 0, S_LINE), OUTCOME_LUMP_NOT_FOUND),
        REFUSED("no such lump", undo(X_OPEN, K_NONE, S_LINE), OUTCOME_LUMP_NOT_FOUND),
        REFUSED("another lump", undo(X_OPEN, K_FULL, S_LINE), OUTCOME_ORIGINAL_NOT_ALLOCATION),
        REFUSED("another item", undo(X_FULL, K_OPEN, S_LINE), OUTCOME_ORIGINAL_NOT_ALLOCATION),
        REFUSED("what opened the lump", undo(X_OPEN, K_OPEN, S_RECEIPT_LUMP),
            OUTCOME_ORIGINAL_NOT_ALLOCATION),
        REFUSED("an allocation is of no lump", make_undo_line(L_SHOP, X_PART, K_OPEN, S_ALLOCATE),
            OUTCOME_ORIGINAL_NOT_ALLOCATION),
        REFUSED("reverse a line", make_reverse(L_MAIN, S_LINE), OUTCOME_ORIGINAL_NOT_REVERSIBLE),
    };
    EACH_RULE(rules, on, context);
}

static struct command by_two(int64_t lump)
{
    return by_approval(Q_MAIN, command_by("u", make_close_as_it_stands(L_MAIN, lump)));
}

#define CLOSES(name, lump) BOOKS_WITH(name, by_two(lump), lump, .more = {[RECORD_PROPOSAL] = 1})

static void rules_closed_by_two(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED(
            "one person alone", make_close_as_it_stands(L_MAIN, K_OPEN), OUTCOME_APPROVAL_NEEDED),
        REFUSED(
            "also what agrees", make_close_as_it_stands(L_MAIN, K_FULL), OUTCOME_APPROVAL_NEEDED),
        REFUSED(
            "before all else", make_close_as_it_stands(L_MAIN, K_NONE), OUTCOME_APPROVAL_NEEDED),
        REFUSED_AT("two persons, without the wish",
            by_approval(Q_MAIN, command_by("u", make_close_lump(L_MAIN, K_OPEN))),
            OUTCOME_LUMP_COUNT_DIFFERS, 2),
        CLOSES("with too few lines", K_OPEN),
        CLOSES("of another total", K_WRONG),
        CLOSES("without a line", K_NEW),
        CLOSES("what agrees", K_FULL),
        REFUSED_AT("all or nothing", by_two(K_ALL), OUTCOME_LUMP_COUNT_DIFFERS, 0),
        REFUSED("a closed one", by_two(K_SHUT), OUTCOME_LUMP_FINAL),
        REFUSED("one that was given up", by_two(K_CANCELLED), OUTCOME_LUMP_FINAL),
        REFUSED("none", by_two(K_NONE), OUTCOME_LUMP_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}

void rules_lumps(on_rule on, void *context)
{
    const struct payee one = {A_LINES, 1};
    rules_opened(on, context);
    rules_lines(on, context);
    rules_fees_of_lines(on, context);
    rules_undone(on, context);
    rules_closed_by_two(on, context);
    const struct rule rules[] = {
        ACCEPTED("close one that agrees", make_close_lump(L_MAIN, K_FULL), K_FULL),
        REFUSED_AT("give it up", make_cancel_lump(L_MAIN, K_FULL), OUTCOME_LUMP_HAS_LINES, 1),
        REFUSED_AT("close one with too few lines", make_close_lump(L_MAIN, K_OPEN),
            OUTCOME_LUMP_COUNT_DIFFERS, 2),
        REFUSED_AT("with none", make_close_lump(L_MAIN, K_NEW), OUTCOME_LUMP_COUNT_DIFFERS, 0),
        ACCEPTED("give it up", make_cancel_lump(L_MAIN, K_NEW), K_NEW),
        ACCEPTED("give one of all or nothing up", make_cancel_lump(L_MAIN, K_ALL), K_ALL),
        REFUSED_AT("close one of another total", make_close_lump(L_MAIN, K_WRONG),
            OUTCOME_LUMP_TOTAL_DIFFERS, 80),
        REFUSED("close a closed one", make_close_lump(L_MAIN, K_SHUT), OUTCOME_LUMP_FINAL),
        REFUSED("give it up", make_cancel_lump(L_MAIN, K_SHUT), OUTCOME_LUMP_FINAL),
        REFUSED("close one that was given up", make_close_lump(L_MAIN, K_CANCELLED),
            OUTCOME_LUMP_FINAL),
        REFUSED("close none", make_close_lump(L_MAIN, K_NONE), OUTCOME_LUMP_NOT_FOUND),
        REFUSED("close another ledger's", make_close_lump(L_MAIN, K_PLAIN), OUTCOME_LUMP_NOT_FOUND),
        REFUSED(
            "close in a closed ledger", make_close_lump(L_CLOSED, K_FULL), OUTCOME_LEDGER_CLOSED),
        REFUSED_AT("allocate of its item", make_allocate(L_MAIN, X_OPEN, &one, 1),
            OUTCOME_SUSPENSE_IN_LUMP, K_OPEN),
        REFUSED_AT("return its item", make_return_suspense(L_MAIN, X_OPEN, S_RECEIPT_LUMP, 1),
            OUTCOME_SUSPENSE_IN_LUMP, K_OPEN),
        REFUSED_AT(
            "reverse its receipt", make_reverse(L_MAIN, S_RECEIPT_LUMP), OUTCOME_EFFECT_GONE, 0),
    };
    EACH_RULE(rules, on, context);
}
