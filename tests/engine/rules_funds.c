/* rules_funds.c: receipts, interest, fees, payments.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "base/check.h"
#include "ceilings.h"
#include "model/money.h"
#include "model/receiving_number.h"

#include <stdio.h>

/* A receipt that names the account by its receiving number; `number` is the row's own memory. */
static struct command by_number(
    char number[RECEIVING_NUMBER_BYTES_MAX], const char *prefix, int64_t account)
{
    receiving_number_format(text_of(prefix), account, number);
    return make_receipt_by_number(L_MAIN, number, 7);
}

#define UNALLOCATED_ROW(name, command)                                                             \
    ANSWERS(name, command, OUTCOME_ACCEPTED_UNALLOCATED, UNALLOCATED, move(ESCROW, UNALLOCATED, 7))

static void rules_receipt_by_number(on_rule on, void *context)
{
    char n[10][RECEIVING_NUMBER_BYTES_MAX];
    const struct command poor = by_number(n[0], "1000", A_POOR);
    char *wrong = n[1];
    by_number(wrong, "1000", A_POOR);
    wrong[strlen(wrong) - 1] = wrong[strlen(wrong) - 1] == '0' ? '1' : '0';
    char *blank = n[2];
    by_number(blank, "1000", A_POOR);
    memmove(blank + strlen(blank), " ", 2);
    char written[80];
    int n_written = snprintf(written, sizeof written, "１０００ %.5s-%.20s", n[0] + 4, n[0] + 9);
    CHECK(n_written > 0 && (size_t)n_written < sizeof written);
    const struct rule rules[] = {
        BOOKS("by number", poor, A_POOR, move(ESCROW, A_POOR, 7)),
        UNALLOCATED_ROW("a wrong check digit", make_receipt_by_number(L_MAIN, wrong, 7)),
        BOOKS("a blank behind", make_receipt_by_number(L_MAIN, blank, 7), A_POOR,
            move(ESCROW, A_POOR, 7)),
        BOOKS("full-width digits, blanks, a hyphen", make_receipt_by_number(L_MAIN, written, 7),
            A_POOR, move(ESCROW, A_POOR, 7)),
        UNALLOCATED_ROW("nothing at all", make_receipt_by_number(L_MAIN, "", 7)),
        UNALLOCATED_ROW("only blanks", make_receipt_by_number(L_MAIN, " \xe3\x80\x80", 7)),
        UNALLOCATED_ROW("raised figures are no digits",
            make_receipt_by_number(L_MAIN, "1000000000010\xc2\xb2", 7)),
        UNALLOCATED_ROW("no number at all", make_receipt_by_number(L_MAIN, "货款 11月", 7)),
        UNALLOCATED_ROW("an account that is not there", by_number(n[3], "1000", A_NONE)),
        UNALLOCATED_ROW("the largest id", by_number(n[4], "1000", 999999999999999999)),
        UNALLOCATED_ROW("a closed account", by_number(n[5], "1000", A_CLOSED)),
        UNALLOCATED_ROW("an account that takes nothing", by_number(n[6], "1000", A_NO_IN)),
        UNALLOCATED_ROW("a control account", by_number(n[7], "1000", PLATFORM_OWN)),
        UNALLOCATED_ROW("another ledger's account", by_number(n[8], "2000", A_OTHER)),
        UNALLOCATED_ROW("its id with our prefix", by_number(n[9], "1000", A_OTHER)),
        REFUSED(
            "in a closed ledger", make_receipt_by_number(L_CLOSED, n[0], 7), OUTCOME_LEDGER_CLOSED),
        REFUSED("what nobody can hold", make_receipt_by_number(L_FULL, "x", 1),
            OUTCOME_AMOUNT_OVERFLOW),
    };
    EACH_RULE(rules, on, context);
}

void rules_money_in(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED_AT("one unit more than the escrow account can hold",
            make_receipt(L_FULL, A_FULL, 1), OUTCOME_AMOUNT_OVERFLOW, 0),
        REFUSED("as much as there can be", make_receipt(L_FULL, A_FULL, AMOUNT_MINOR_MAX),
            OUTCOME_AMOUNT_OVERFLOW),
        BOOKS("the largest amount", make_receipt(L_MAIN, A_POOR, AMOUNT_MINOR_MAX), A_POOR,
            move(ESCROW, A_POOR, AMOUNT_MINOR_MAX)),
        BOOKS("the smallest amount", make_receipt(L_MAIN, A_POOR, 1), A_POOR,
            move(ESCROW, A_POOR, 1)),
        BOOKS("to one that gives nothing", make_receipt(L_MAIN, A_NO_OUT, 5), A_NO_OUT,
            move(ESCROW, A_NO_OUT, 5)),
        REFUSED("to one that takes nothing", make_receipt(L_MAIN, A_NO_IN, 5),
            OUTCOME_ACCOUNT_RESTRICTED_IN),
        UNALLOCATED_ROW("to a closed account", make_receipt(L_MAIN, A_CLOSED, 7)),
        REFUSED("to FEE", make_receipt(L_MAIN, FEE, 5), OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("to ESCROW", make_receipt(L_MAIN, ESCROW, 5), OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("to PLATFORM_OWN: the platform must not have its customers' money",
            make_receipt(L_MAIN, PLATFORM_OWN, 5), OUTCOME_PLATFORM_ACCOUNT_NOT_SET),
        REFUSED("to another ledger's account", make_receipt(L_MAIN, A_OTHER, 5),
            OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("to nobody", make_receipt(L_MAIN, A_NONE, 5), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("in a closed ledger", make_receipt(L_CLOSED, A_POOR, 5), OUTCOME_LEDGER_CLOSED),
        REFUSED("in no ledger", make_receipt(L_NONE, A_POOR, 5), OUTCOME_LEDGER_NOT_FOUND),

        REFUSED("interest that nobody can hold", make_interest(L_FULL, A_FULL, 1),
            OUTCOME_AMOUNT_OVERFLOW),
        BOOKS("interest goes through INTEREST", make_interest(L_MAIN, A_POOR, 3), A_POOR,
            move(ESCROW, INTEREST, 3), move(INTEREST, A_POOR, 3)),
        BOOKS("the largest interest", make_interest(L_MAIN, A_POOR, AMOUNT_MINOR_MAX), A_POOR,
            move(ESCROW, INTEREST, AMOUNT_MINOR_MAX), move(INTEREST, A_POOR, AMOUNT_MINOR_MAX)),
        REFUSED("interest to one that takes nothing", make_interest(L_MAIN, A_BOTH, 3),
            OUTCOME_ACCOUNT_RESTRICTED_IN),
        ANSWERS("interest to a closed account", make_interest(L_MAIN, A_CLOSED, 3),
            OUTCOME_ACCEPTED_UNALLOCATED, UNALLOCATED, move(ESCROW, INTEREST, 3),
            move(INTEREST, UNALLOCATED, 3)),
        REFUSED("interest to a control account", make_interest(L_MAIN, INTEREST, 3),
            OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("interest to nobody", make_interest(L_MAIN, A_NONE, 3), OUTCOME_ACCOUNT_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
    rules_receipt_by_number(on, context);
}

void rules_fees(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED_AT("one unit more than is available", make_fee(L_MAIN, A_RICH, RICH_MINOR + 1),
            OUTCOME_INSUFFICIENT_AVAILABLE, RICH_MINOR),
        BOOKS("all that is available", make_fee(L_MAIN, A_RICH, RICH_MINOR), A_RICH,
            move(A_RICH, FEE, RICH_MINOR)),
        REFUSED("of nothing", make_fee(L_MAIN, A_POOR, 1), OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("what is pending cannot be charged", make_fee(L_MAIN, A_PENDING, 1),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("the largest amount", make_fee(L_MAIN, A_RICH, AMOUNT_MINOR_MAX),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        BOOKS("from one that takes nothing", make_fee(L_MAIN, A_NO_IN, 500), A_NO_IN,
            move(A_NO_IN, FEE, 500)),
        BOOKS("in a full ledger", make_fee(L_FULL, A_FULL, AMOUNT_MINOR_MAX), A_FULL,
            move(A_FULL, FEE_FULL, AMOUNT_MINOR_MAX)),
        REFUSED("from one that gives nothing", make_fee(L_MAIN, A_NO_OUT, 1),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("restricted comes before too little", make_fee(L_MAIN, A_NO_OUT, 501),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("from a closed account", make_fee(L_MAIN, A_CLOSED, 1), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("from UNALLOCATED", make_fee(L_MAIN, UNALLOCATED, 1), OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("from another ledger's", make_fee(L_OTHER, A_RICH, 1), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("from nobody", make_fee(L_MAIN, INT64_MAX, 1), OUTCOME_ACCOUNT_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}

/* Which refusal comes first when there are two. */
static void rules_pay_precedence(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED("no payer before no payee", make_pay(L_MAIN, A_NONE, A_NONE, 1, 0),
            OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("no payer before a control payee", make_pay(L_MAIN, A_NONE, FEE, 1, 0),
            OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("a control payee before a closed payer", make_pay(L_MAIN, A_CLOSED, FEE, 1, 0),
            OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("a control payer before no payee", make_pay(L_MAIN, FEE, A_NONE, 1, 0),
            OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("a closed payer before no payee", make_pay(L_MAIN, A_CLOSED, A_NONE, 1, 0),
            OUTCOME_ACCOUNT_CLOSED),
        REFUSED("a closed payer who is the payee", make_pay(L_MAIN, A_CLOSED, A_CLOSED, 1, 0),
            OUTCOME_ACCOUNT_CLOSED),
        REFUSED("no payee before a restricted payer", make_pay(L_MAIN, A_NO_OUT, A_NONE, 1, 0),
            OUTCOME_PAYEE_ACCOUNT_NOT_FOUND),
        REFUSED("a closed payee before a restricted payer",
            make_pay(L_MAIN, A_NO_OUT, A_CLOSED, 1, 0), OUTCOME_PAYEE_ACCOUNT_CLOSED),
        REFUSED("the same before restricted", make_pay(L_MAIN, A_BOTH, A_BOTH, 1, 0),
            OUTCOME_SAME_ACCOUNT),
        REFUSED("the same before too little", make_pay(L_MAIN, A_POOR, A_POOR, 1, 0),
            OUTCOME_SAME_ACCOUNT),
        REFUSED("the payer's restriction before the payee's",
            make_pay(L_MAIN, A_NO_OUT, A_NO_IN, 1, 0), OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("the payee's restriction before too little",
            make_pay(L_MAIN, A_POOR, A_NO_IN, 1, 0), OUTCOME_ACCOUNT_RESTRICTED_IN),
    };
    EACH_RULE(rules, on, context);
}

static struct command pay_two(
    int64_t payer, int64_t one, int64_t one_amount, int64_t other, int64_t other_amount)
{
    const struct payee payees[] = {{one, one_amount}, {other, other_amount}};
    return make_split(L_MAIN, payer, payees, 2, 0);
}

/* Payments to as many as there can be, each as large as there can be. */
static struct command pay_the_most(void)
{
    struct payee payees[PAYEES_PER_COMMAND_MAX];
    for (int i = 0; i < PAYEES_PER_COMMAND_MAX; i++)
        payees[i] = (struct payee){A_NONE + i, AMOUNT_MINOR_MAX};
    payees[0].account_id = A_POOR;
    return make_split(L_MAIN, A_RICH, payees, PAYEES_PER_COMMAND_MAX, AMOUNT_MINOR_MAX);
}

/* More than one payee: all or nothing, and the first refusal over all of them. */
static void rules_pay_many(on_rule on, void *context)
{
    const struct payee three[] = {{A_NO_OUT, 1}, {A_POOR, 2}, {A_PENDING, 3}};
    const struct payee half[] = {{A_POOR, RICH_MINOR / 2}, {A_NO_OUT, RICH_MINOR / 2}};
    const struct rule rules[] = {
        REFUSED("one unit too much together",
            pay_two(A_RICH, A_POOR, RICH_MINOR / 2, A_NO_OUT, RICH_MINOR / 2 + 1),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("one unit too much with the fee", make_split(L_MAIN, A_RICH, half, 2, 1),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        BOOKS("all of it to two", make_split(L_MAIN, A_RICH, half, 2, 0), A_POOR,
            move(A_RICH, A_POOR, RICH_MINOR / 2), move(A_RICH, A_NO_OUT, RICH_MINOR / 2)),
        BOOKS("two and a fee, in the order asked", make_split(L_MAIN, A_RICH, three, 2, 7),
            A_NO_OUT, move(A_RICH, A_NO_OUT, 1), move(A_RICH, A_POOR, 2), move(A_RICH, FEE, 7)),
        BOOKS("three", make_split(L_MAIN, A_RICH, three, 3, 0), A_NO_OUT, move(A_RICH, A_NO_OUT, 1),
            move(A_RICH, A_POOR, 2), move(A_RICH, A_PENDING, 3)),
        REFUSED("the second is closed", pay_two(A_RICH, A_POOR, 1, A_CLOSED, 1),
            OUTCOME_PAYEE_ACCOUNT_CLOSED),
        REFUSED("the first is closed", pay_two(A_RICH, A_CLOSED, 1, A_POOR, 1),
            OUTCOME_PAYEE_ACCOUNT_CLOSED),
        REFUSED("the second takes nothing", pay_two(A_RICH, A_POOR, 1, A_NO_IN, 1),
            OUTCOME_ACCOUNT_RESTRICTED_IN),
        REFUSED("the second is another ledger's", pay_two(A_RICH, A_POOR, 1, A_OTHER, 1),
            OUTCOME_PAYEE_ACCOUNT_NOT_FOUND),
        REFUSED(
            "the second is the payer", pay_two(A_RICH, A_POOR, 1, A_RICH, 1), OUTCOME_SAME_ACCOUNT),
        REFUSED(
            "the second is FEE", pay_two(A_RICH, A_POOR, 1, FEE, 1), OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("not found before closed, though later", pay_two(A_RICH, A_CLOSED, 1, A_NONE, 1),
            OUTCOME_PAYEE_ACCOUNT_NOT_FOUND),
        REFUSED("a control account before not found", pay_two(A_RICH, A_NONE, 1, FEE, 1),
            OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("closed before the same", pay_two(A_RICH, A_RICH, 1, A_CLOSED, 1),
            OUTCOME_PAYEE_ACCOUNT_CLOSED),
        REFUSED("the same before restricted", pay_two(A_BOTH, A_NO_IN, 1, A_BOTH, 1),
            OUTCOME_SAME_ACCOUNT),
        REFUSED("the payer's restriction before any payee's",
            pay_two(A_NO_OUT, A_NO_IN, 1, A_POOR, 1), OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("a closed payer before a payee not found", pay_two(A_CLOSED, A_POOR, 1, A_NONE, 1),
            OUTCOME_ACCOUNT_CLOSED),
        REFUSED("as many as there can be, of whom most are not there", pay_the_most(),
            OUTCOME_PAYEE_ACCOUNT_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}

void rules_pay(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED("one unit too much", make_pay(L_MAIN, A_RICH, A_POOR, RICH_MINOR + 1, 0),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("one unit too much with the fee", make_pay(L_MAIN, A_RICH, A_POOR, RICH_MINOR, 1),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("the largest amount and fee",
            make_pay(L_MAIN, A_RICH, A_POOR, AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        BOOKS("all of it", make_pay(L_MAIN, A_RICH, A_POOR, RICH_MINOR, 0), A_POOR,
            move(A_RICH, A_POOR, RICH_MINOR)),
        BOOKS("all of it, the fee on top", make_pay(L_MAIN, A_RICH, A_POOR, RICH_MINOR - 10, 10),
            A_POOR, move(A_RICH, A_POOR, RICH_MINOR - 10), move(A_RICH, FEE, 10)),
        BOOKS("a fee larger than the amount", make_pay(L_MAIN, A_RICH, A_POOR, 1, 99), A_POOR,
            move(A_RICH, A_POOR, 1), move(A_RICH, FEE, 99)),
        BOOKS("to one that gives nothing", make_pay(L_MAIN, A_RICH, A_NO_OUT, 1, 0), A_NO_OUT,
            move(A_RICH, A_NO_OUT, 1)),
        BOOKS("from one that takes nothing", make_pay(L_MAIN, A_NO_IN, A_POOR, 500, 0), A_POOR,
            move(A_NO_IN, A_POOR, 500)),
        REFUSED(
            "of nothing", make_pay(L_MAIN, A_POOR, A_RICH, 1, 0), OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("what is pending cannot be paid", make_pay(L_MAIN, A_PENDING, A_RICH, 1, 0),
            OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("from one that gives nothing", make_pay(L_MAIN, A_NO_OUT, A_POOR, 1, 0),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("to one that takes nothing", make_pay(L_MAIN, A_RICH, A_NO_IN, 1, 0),
            OUTCOME_ACCOUNT_RESTRICTED_IN),
        REFUSED("to oneself", make_pay(L_MAIN, A_RICH, A_RICH, 1, 0), OUTCOME_SAME_ACCOUNT),
        REFUSED("from a closed account", make_pay(L_MAIN, A_CLOSED, A_RICH, 1, 0),
            OUTCOME_ACCOUNT_CLOSED),
        REFUSED("to a closed account", make_pay(L_MAIN, A_RICH, A_CLOSED, 1, 0),
            OUTCOME_PAYEE_ACCOUNT_CLOSED),
        REFUSED("to PLATFORM_OWN", make_pay(L_MAIN, A_RICH, PLATFORM_OWN, 1, 0),
            OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("from FEE", make_pay(L_MAIN, FEE, A_RICH, 1, 0), OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("from UNALLOCATED", make_pay(L_MAIN, UNALLOCATED, A_RICH, 1, 0),
            OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("to another ledger", make_pay(L_MAIN, A_RICH, A_OTHER, 1, 0),
            OUTCOME_PAYEE_ACCOUNT_NOT_FOUND),
        REFUSED("from another ledger", make_pay(L_MAIN, A_OTHER, A_RICH, 1, 0),
            OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("to another ledger's control account", make_pay(L_MAIN, A_RICH, ESCROW_OTHER, 1, 0),
            OUTCOME_PAYEE_ACCOUNT_NOT_FOUND),
        REFUSED(
            "to nobody", make_pay(L_MAIN, A_RICH, A_NONE, 1, 0), OUTCOME_PAYEE_ACCOUNT_NOT_FOUND),
        REFUSED(
            "in a closed ledger", make_pay(L_CLOSED, A_RICH, A_POOR, 1, 0), OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
    rules_pay_precedence(on, context);
    rules_pay_many(on, context);
}
