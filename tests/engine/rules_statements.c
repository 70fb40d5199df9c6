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
    enum { LINE = 6 }; /* the next one's id */
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

void rules_statements(on_rule on, void *context)
{
    rules_opened(on, context);
    rules_lines(on, context);
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
