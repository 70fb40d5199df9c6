/* rules_statements.c: the bank's statements, their lines, and their end.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "model/money.h"

/* Behind ST_LAST of L_DENY. */
static struct command next(const char *reference, int64_t opening)
{
    return make_open_statement(L_DENY, reference, 9, opening, 21, 3);
}

static struct command of_account(const char *number)
{
    struct command command = next("ST-7", 20);
    command.open_bank_statement.account_number = text_of(number);
    return command;
}

static struct command in_currency(const char *currency, struct command command)
{
    command.open_bank_statement.currency = text_of(currency);
    return command;
}

static struct command with_gap(struct command command)
{
    command.open_bank_statement.has_gap = true;
    return command;
}

static void rules_opened(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED_AT("one unit more than the last one ended with", next("ST-7", 21),
            OUTCOME_BANK_STATEMENT_OPENING_DIFFERS, 20),
        REFUSED_AT("one unit less", next("ST-7", 19), OUTCOME_BANK_STATEMENT_OPENING_DIFFERS, 20),
        ACCEPTED("what the last one ended with", next("ST-7", 20), ST_NONE),
        ACCEPTED("without a name", next("", 20), ST_NONE),
        ACCEPTED("the first of a ledger begins with any balance",
            make_open_statement(L_FULL, "ST-1", 1, -AMOUNT_MINOR_MAX, 0, 0), ST_NONE),
        ACCEPTED(
            "again what was given up", make_open_statement(L_OTHER, "ST-5", 1, 3, 3, 0), ST_NONE),
        ACCEPTED("the name of another ledger's", next("ST-1", 20), ST_NONE),
        ACCEPTED("of the same account, written with hyphens", of_account("6217-0001"), ST_NONE),
        ACCEPTED("of an account that is not said", of_account(""), ST_NONE),
        REFUSED_AT(
            "of a name that is there", next("ST-6", 20), OUTCOME_BANK_STATEMENT_KNOWN, ST_LAST),
        REFUSED_AT("of a file that is there", make_open_statement(L_DENY, "ST-7", 1, 20, 20, 0),
            OUTCOME_BANK_STATEMENT_KNOWN, ST_LAST),
        REFUSED_AT("the one that is open, again",
            make_open_statement(L_MAIN, "ST-2", 9, 150, 150, 0), OUTCOME_BANK_STATEMENT_KNOWN,
            ST_OPEN),
        REFUSED_AT("another one is open", make_open_statement(L_MAIN, "ST-7", 9, 150, 150, 0),
            OUTCOME_BANK_STATEMENT_STANDS_OPEN, ST_OPEN),
        REFUSED(
            "of another account", of_account("6217-0002"), OUTCOME_BANK_STATEMENT_OF_OTHER_ACCOUNT),
        REFUSED("in another currency", in_currency("USD", next("ST-7", 20)),
            OUTCOME_BANK_STATEMENT_OF_OTHER_CURRENCY),
        REFUSED_AT("known before another currency", in_currency("USD", next("ST-6", 21)),
            OUTCOME_BANK_STATEMENT_KNOWN, ST_LAST),
        REFUSED("another currency before another balance", in_currency("USD", next("ST-7", 21)),
            OUTCOME_BANK_STATEMENT_OF_OTHER_CURRENCY),
        REFUSED(
            "with a gap, one person alone", with_gap(next("ST-7", 21)), OUTCOME_APPROVAL_NEEDED),
        REFUSED("before all else", with_gap(next("ST-6", 20)), OUTCOME_APPROVAL_NEEDED),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, next("ST-7", 20)), OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

static struct command line(const char *key, int32_t ordinal, int64_t amount)
{
    return make_statement_line(L_MAIN, ST_OPEN, key, ordinal, amount);
}

static void rules_lines(on_rule on, void *context)
{
    enum { LINE = LN_NONE }; /* the next one's id */
    const struct rule rules[] = {
        REFUSED_AT("one beyond the last", line("E-9", 5, 1), OUTCOME_STATEMENT_LINE_ABOVE_COUNT, 4),
        ACCEPTED("the last", line("E-9", 4, 1), LINE),
        ACCEPTED("the next, whatever it is", line("E-9", 3, -AMOUNT_MINOR_MAX), LINE),
        ACCEPTED("without a key", line("", 3, 1), LINE),
        ACCEPTED("the key of another ledger's", line("E-6", 3, 1), LINE),
        ACCEPTED("a key written otherwise", line("e-1", 3, 1), LINE),
        REFUSED_AT(
            "a place that is taken", line("E-9", 2, 1), OUTCOME_STATEMENT_LINE_OUT_OF_ORDER, 2),
        REFUSED("a key of the same statement", line("E-2", 3, 1), OUTCOME_STATEMENT_LINE_KNOWN),
        REFUSED("a key of the statement before", line("E-1", 3, 30), OUTCOME_STATEMENT_LINE_KNOWN),
        REFUSED_AT(
            "its place before its key", line("E-1", 2, 30), OUTCOME_STATEMENT_LINE_OUT_OF_ORDER, 2),
        REFUSED("a closed statement", make_statement_line(L_MAIN, ST_FIRST, "E-9", 1, 1),
            OUTCOME_BANK_STATEMENT_FINAL),
        REFUSED("one that was given up", make_statement_line(L_OTHER, ST_CANCELLED, "", 1, 1),
            OUTCOME_BANK_STATEMENT_FINAL),
        REFUSED("no such statement", make_statement_line(L_MAIN, ST_NONE, "E-9", 1, 1),
            OUTCOME_BANK_STATEMENT_NOT_FOUND),
        REFUSED("another ledger's statement", make_statement_line(L_MAIN, ST_WHOLE, "E-9", 1, 1),
            OUTCOME_BANK_STATEMENT_NOT_FOUND),
        REFUSED(
            "in a closed ledger", in_ledger(L_CLOSED, line("E-9", 3, 1)), OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

static struct command by_two(int64_t statement)
{
    return by_approval(Q_MAIN, command_by("u", make_take_statement(L_MAIN, statement)));
}

static struct command receipt(int64_t line, int64_t sequence, int64_t amount)
{
    return make_match(L_SHOP, line, 0, sequence, amount);
}

static struct command payout(int64_t line, int64_t id, int64_t amount)
{
    return make_match(L_SHOP, line, id, 0, amount);
}

static void rules_matched(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("a line and its receipt", receipt(LN_IN, S_RECEIPT, 70), MT_NONE),
        ACCEPTED("a part of both", receipt(LN_IN, S_RECEIPT, 1), MT_NONE),
        REFUSED_AT(
            "one unit more than both", receipt(LN_IN, S_RECEIPT, 71), OUTCOME_MATCH_ABOVE_LINE, 70),
        ACCEPTED("a part of a line and all interest", receipt(LN_IN, S_INTEREST, 5), MT_NONE),
        REFUSED_AT("one unit more than the interest", receipt(LN_IN, S_INTEREST, 6),
            OUTCOME_MATCH_ABOVE_BOOKING, 5),
        ACCEPTED("what is left of a line", receipt(LN_PART, S_RECEIPT, 30), MT_NONE),
        REFUSED_AT("one unit more than is left of a line", receipt(LN_PART, S_RECEIPT, 31),
            OUTCOME_MATCH_ABOVE_LINE, 30),
        ACCEPTED("what is left of a receipt", receipt(LN_IN, S_RECEIPT_MORE, 40), MT_NONE),
        REFUSED_AT("one unit more than is left of a receipt", receipt(LN_IN, S_RECEIPT_MORE, 41),
            OUTCOME_MATCH_ABOVE_BOOKING, 40),
        REFUSED_AT("nothing is left of the line", receipt(LN_DONE, S_RECEIPT, 1),
            OUTCOME_MATCH_ABOVE_LINE, 0),
        REFUSED_AT("nothing is left of the receipt", receipt(LN_IN, S_MOVEMENT, 1),
            OUTCOME_MATCH_ABOVE_BOOKING, 0),
        ACCEPTED("what was undone", receipt(LN_UNDONE, S_MOVEMENT_NOBODY, 3), MT_NONE),
        REFUSED("a receipt that was reversed", receipt(LN_IN, S_MOVEMENT_BACK, 9),
            OUTCOME_ORIGINAL_REVERSED),
        REFUSED("a payment", receipt(LN_IN, S_PAY_TWO, 1), OUTCOME_MATCH_NOT_OF_RECEIPT),
        REFUSED("no command", receipt(LN_IN, S_NONE, 1), OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED("a receipt of another ledger", make_match(L_MAIN, LN_MAIN, 0, S_RECEIPT, 1),
            OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED("a receipt and money that left", receipt(LN_OUT, S_RECEIPT, 1),
            OUTCOME_MATCH_OF_OTHER_SIDE),
        ACCEPTED("a payout", payout(LN_OUT, P_FINAL, 100), MT_NONE),
        REFUSED_AT(
            "one unit more than left", payout(LN_OUT, P_FINAL, 101), OUTCOME_MATCH_ABOVE_LINE, 100),
        ACCEPTED("a payout that the bank has", payout(LN_OUT, P_SENT, 50), MT_NONE),
        REFUSED_AT(
            "one unit more than it", payout(LN_OUT, P_SENT, 51), OUTCOME_MATCH_ABOVE_BOOKING, 50),
        ACCEPTED("one of which nobody knows", payout(LN_OUT, P_UNKNOWN, 60), MT_NONE),
        ACCEPTED("one that came back in part", payout(LN_OUT, P_PART, 100), MT_NONE),
        ACCEPTED("what came back", payout(LN_BACK, P_PART, 40), MT_NONE),
        REFUSED_AT("one unit more than came back", payout(LN_IN, P_PART, 41),
            OUTCOME_MATCH_ABOVE_BOOKING, 40),
        REFUSED_AT(
            "nothing came back", payout(LN_BACK, P_FINAL, 1), OUTCOME_MATCH_ABOVE_BOOKING, 0),
        REFUSED_AT("nothing is left of the payout", payout(LN_OUT, P_OWN_PAID, 1),
            OUTCOME_MATCH_ABOVE_BOOKING, 0),
        REFUSED("one that was intercepted", payout(LN_OUT, P_CANCELLED, 1),
            OUTCOME_MATCHED_PAYOUT_STAYED),
        REFUSED_AT(
            "what came back of it", payout(LN_IN, P_CANCELLED, 1), OUTCOME_MATCH_ABOVE_BOOKING, 0),
        REFUSED("no payout", payout(LN_OUT, P_NONE, 1), OUTCOME_PAYOUT_NOT_FOUND),
        REFUSED("another ledger's payout", payout(LN_OUT, P_PAID, 1), OUTCOME_PAYOUT_NOT_FOUND),
        REFUSED("no line", receipt(LN_NONE, S_RECEIPT, 1), OUTCOME_STATEMENT_LINE_NOT_FOUND),
        REFUSED("another ledger's line", receipt(LN_MAIN, S_RECEIPT, 1),
            OUTCOME_STATEMENT_LINE_NOT_FOUND),
        REFUSED_AT("a line of an open statement", make_match(L_MAIN, LN_OPEN, P_RETURNED, 0, 1),
            OUTCOME_STATEMENT_LINE_OF_OPEN, ST_OPEN),
        REFUSED(
            "no receipt before no line", receipt(LN_NONE, S_NONE, 1), OUTCOME_ORIGINAL_NOT_FOUND),
        REFUSED("no line before no payout", payout(LN_NONE, P_NONE, 1),
            OUTCOME_STATEMENT_LINE_NOT_FOUND),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, receipt(LN_IN, S_RECEIPT, 70)),
            OUTCOME_LEDGER_CLOSED),
        ACCEPTED("undo a part", make_undo_match(L_SHOP, MT_PART), MT_PART),
        ACCEPTED("undo the whole", make_undo_match(L_SHOP, MT_DONE), MT_DONE),
        ACCEPTED("undo a payout's", make_undo_match(L_SHOP, MT_PAID), MT_PAID),
        REFUSED(
            "undo it twice", make_undo_match(L_SHOP, MT_UNDONE), OUTCOME_STATEMENT_MATCH_UNDONE),
        REFUSED("undo none", make_undo_match(L_SHOP, MT_NONE), OUTCOME_STATEMENT_MATCH_NOT_FOUND),
        REFUSED("undo another ledger's", make_undo_match(L_MAIN, MT_DONE),
            OUTCOME_STATEMENT_MATCH_NOT_FOUND),
        REFUSED(
            "undo in a closed ledger", make_undo_match(L_CLOSED, MT_DONE), OUTCOME_LEDGER_CLOSED),
        REFUSED("reverse a matched receipt", make_reverse(L_SHOP, S_MOVEMENT),
            OUTCOME_ORIGINAL_MATCHED),
        REFUSED("also one that is matched in part", make_reverse(L_SHOP, S_RECEIPT_MORE),
            OUTCOME_ORIGINAL_MATCHED),
        BOOKS("one whose match was undone", make_reverse(L_SHOP, S_MOVEMENT_NOBODY),
            S_MOVEMENT_NOBODY, move(SHOP_UNALLOCATED, SHOP_ESCROW, 3)),
    };
    EACH_RULE(rules, on, context);
}

void rules_statements(on_rule on, void *context)
{
    rules_opened(on, context);
    rules_lines(on, context);
    rules_matched(on, context);
    const struct rule rules[] = {
        ACCEPTED("close one that adds up", make_close_statement(L_PLAIN, ST_WHOLE), ST_WHOLE),
        REFUSED_AT("close one with too few lines", make_close_statement(L_MAIN, ST_OPEN),
            OUTCOME_BANK_STATEMENT_COUNT_DIFFERS, 2),
        REFUSED_AT("close one that does not add up", make_close_statement(L_SHOP, ST_EMPTY),
            OUTCOME_BANK_STATEMENT_SUM_DIFFERS, 7),
        REFUSED("close a closed one", make_close_statement(L_MAIN, ST_FIRST),
            OUTCOME_BANK_STATEMENT_FINAL),
        REFUSED("close one that was given up", make_close_statement(L_OTHER, ST_CANCELLED),
            OUTCOME_BANK_STATEMENT_FINAL),
        REFUSED(
            "close none", make_close_statement(L_MAIN, ST_NONE), OUTCOME_BANK_STATEMENT_NOT_FOUND),
        REFUSED("close another ledger's", make_close_statement(L_MAIN, ST_WHOLE),
            OUTCOME_BANK_STATEMENT_NOT_FOUND),
        REFUSED("close in a closed ledger", make_close_statement(L_CLOSED, ST_FIRST),
            OUTCOME_LEDGER_CLOSED),
        ACCEPTED("give one without lines up", make_cancel_statement(L_SHOP, ST_EMPTY), ST_EMPTY),
        REFUSED_AT("give one with lines up", make_cancel_statement(L_MAIN, ST_OPEN),
            OUTCOME_BANK_STATEMENT_HAS_LINES, 2),
        REFUSED("take one as it stands, one person alone", make_take_statement(L_MAIN, ST_OPEN),
            OUTCOME_APPROVAL_NEEDED),
        REFUSED("also one that adds up", make_take_statement(L_PLAIN, ST_WHOLE),
            OUTCOME_APPROVAL_NEEDED),
        REFUSED("before it is looked for", make_take_statement(L_MAIN, ST_NONE),
            OUTCOME_APPROVAL_NEEDED),
        BOOKS_WITH("take it by two", by_two(ST_OPEN), ST_OPEN, .more = {[RECORD_PROPOSAL] = 1}),
        REFUSED("take a closed one by two", by_two(ST_FIRST), OUTCOME_BANK_STATEMENT_FINAL),
        REFUSED("take none by two", by_two(ST_NONE), OUTCOME_BANK_STATEMENT_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}
