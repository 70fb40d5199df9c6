/* rules_ledgers.c: opening and closing ledgers, the day cut, the window of dates.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

void rules_ledgers(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("a new prefix", make_open_ledger("7000", TEST_DATE, 3), L_NONE),
        REFUSED("the same prefix", make_open_ledger("1000", TEST_DATE, 3),
            OUTCOME_RECEIVING_PREFIX_TAKEN),
        REFUSED("the prefix of a closed ledger", make_open_ledger("3000", TEST_DATE, 3),
            OUTCOME_RECEIVING_PREFIX_TAKEN),
        ACCEPTED(
            "a longer prefix that begins alike", make_open_ledger("10000", TEST_DATE, 3), L_NONE),
        ACCEPTED("the longest prefix", make_open_ledger("99999999", TEST_DATE, 7), L_NONE),
        ACCEPTED("the first day there is", command_on(0, make_open_ledger("7000", 0, 1)), L_NONE),
        ACCEPTED("a new ledger takes keys of an earlier date",
            command_on(TEST_DATE - 1000, make_open_ledger("7000", TEST_DATE, 1)), L_NONE),
        ACCEPTED("a new ledger takes keys of a later date",
            command_on(TEST_DATE + 1000, make_open_ledger("7000", TEST_DATE, 1)), L_NONE),

        ACCEPTED("close an empty ledger", make_close_ledger(L_EMPTY), L_EMPTY),
        REFUSED("close one with open payouts, members and money", make_close_ledger(L_MAIN),
            OUTCOME_LEDGER_HAS_OPEN_PAYOUTS),
        REFUSED("close one with a payout that may return", make_close_ledger(L_FULL),
            OUTCOME_LEDGER_HAS_RETURNABLE_PAYOUTS),
        REFUSED("close one with an open lump", make_close_ledger(L_PLAIN),
            OUTCOME_LEDGER_HAS_OPEN_LUMPS),
        REFUSED("close one with members and money", make_close_ledger(L_LATE),
            OUTCOME_KEY_WINDOW_CLOSED),
        REFUSED("close one with members and money, in its window",
            command_on(TEST_DATE + 3, make_close_ledger(L_LATE)), OUTCOME_LEDGER_NOT_EMPTY),
        REFUSED("close a closed one", make_close_ledger(L_CLOSED), OUTCOME_LEDGER_CLOSED),
        REFUSED("close none", make_close_ledger(L_NONE), OUTCOME_LEDGER_NOT_FOUND),
        REFUSED("ledger 0", make_close_ledger(0), OUTCOME_LEDGER_NOT_FOUND),
        REFUSED("a negative ledger", make_close_ledger(-1), OUTCOME_LEDGER_NOT_FOUND),
        REFUSED("a ledger that would be 1 if it were cut",
            make_close_ledger(((int64_t)1 << 32) + 1), OUTCOME_LEDGER_NOT_FOUND),

        REFUSED("cut to the same day", make_cut_day(L_MAIN, TEST_DATE),
            OUTCOME_ACCOUNTING_DATE_NOT_LATER),
        REFUSED("cut to the day before", make_cut_day(L_MAIN, TEST_DATE - 1),
            OUTCOME_ACCOUNTING_DATE_NOT_LATER),
        ACCEPTED("cut to the next day", make_cut_day(L_MAIN, TEST_DATE + 1), L_MAIN),
        REFUSED_AT("cut from Sunday to Tuesday", make_cut_day(L_MAIN, TEST_DATE + 2),
            OUTCOME_APPROVAL_NEEDED, 20261123),
        REFUSED_AT("cut over a year", make_cut_day(L_MAIN, TEST_DATE + 366),
            OUTCOME_APPROVAL_NEEDED, 20261123),
        REFUSED("cut over more than a year", make_cut_day(L_MAIN, TEST_DATE + 367),
            OUTCOME_ACCOUNTING_DATE_TOO_FAR),
        ACCEPTED("cut from Wednesday to Thursday",
            command_on(TEST_DATE + 3, make_cut_day(L_LATE, TEST_DATE + 4)), L_LATE),
        REFUSED_AT("cut from Wednesday to Friday",
            command_on(TEST_DATE + 3, make_cut_day(L_LATE, TEST_DATE + 5)), OUTCOME_APPROVAL_NEEDED,
            20261126),
        REFUSED("cut over 364 days to more than a year after the calendar",
            command_on(TEST_DATE + 3, make_cut_day(L_LATE, TEST_DATE + 367)),
            OUTCOME_ACCOUNTING_DATE_TOO_FAR),
        ACCEPTED("begin after a holiday", make_open_ledger("7000", TEST_DATE + 10, 3), L_NONE),
        REFUSED("begin later", make_open_ledger("7000", TEST_DATE + 11, 3),
            OUTCOME_ACCOUNTING_DATE_TOO_FAR),
        REFUSED("begin a year ahead", make_open_ledger("7000", TEST_DATE + 366, 3),
            OUTCOME_ACCOUNTING_DATE_TOO_FAR),
        REFUSED(
            "cut a closed ledger", make_cut_day(L_CLOSED, TEST_DATE + 1), OUTCOME_LEDGER_CLOSED),
        REFUSED("cut none", make_cut_day(L_NONE, TEST_DATE + 1), OUTCOME_LEDGER_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}

/* L_MAIN has had one date, TEST_DATE; L_LATE stands at TEST_DATE + 3 with a window of three. */
void rules_dates(on_rule on, void *context)
{
    const struct move one = {ESCROW, BUCKET_AVAILABLE, A_POOR, BUCKET_AVAILABLE, 1};
    const struct move late = {31, BUCKET_AVAILABLE, A_LATE, BUCKET_AVAILABLE, 1};
    const struct command main_receipt = make_receipt(L_MAIN, A_POOR, 1);
    const struct command late_receipt = make_receipt(L_LATE, A_LATE, 1);
    const struct command closed_receipt = make_receipt(L_CLOSED, A_POOR, 1);
    const struct rule rules[] = {
        REFUSED("before the first date", command_on(TEST_DATE - 1, main_receipt),
            OUTCOME_KEY_WINDOW_CLOSED),
        BOOKS("on the only date", command_on(TEST_DATE, main_receipt), A_POOR, one),
        BOOKS("one day ahead", command_on(TEST_DATE + 1, main_receipt), A_POOR, one),
        REFUSED(
            "two days ahead", command_on(TEST_DATE + 2, main_receipt), OUTCOME_BUSINESS_DATE_AHEAD),
        REFUSED("fallen out of the window", command_on(TEST_DATE, late_receipt),
            OUTCOME_KEY_WINDOW_CLOSED),
        BOOKS("the oldest in the window", command_on(TEST_DATE + 1, late_receipt), A_LATE, late),
        BOOKS("the present date", command_on(TEST_DATE + 3, late_receipt), A_LATE, late),
        BOOKS("the next date", command_on(TEST_DATE + 4, late_receipt), A_LATE, late),
        REFUSED("the date after the next", command_on(TEST_DATE + 5, late_receipt),
            OUTCOME_BUSINESS_DATE_AHEAD),
        REFUSED("the first day there is", command_on(0, late_receipt), OUTCOME_KEY_WINDOW_CLOSED),
        REFUSED(
            "the last day there is", command_on(84005, late_receipt), OUTCOME_BUSINESS_DATE_AHEAD),
        REFUSED("the window comes before a closed ledger",
            command_on(TEST_DATE - 1, closed_receipt), OUTCOME_KEY_WINDOW_CLOSED),
        REFUSED("a date ahead comes before a closed ledger",
            command_on(TEST_DATE + 2, closed_receipt), OUTCOME_BUSINESS_DATE_AHEAD),
        REFUSED("a missing ledger has no window", command_on(0, make_receipt(L_NONE, A_POOR, 1)),
            OUTCOME_LEDGER_NOT_FOUND),
        REFUSED("the window comes before the account",
            command_on(0, make_receipt(L_MAIN, A_NONE, 1)), OUTCOME_KEY_WINDOW_CLOSED),
    };
    EACH_RULE(rules, on, context);
}
