/* calls_payouts.c: subcommands about money that leaves.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/api.h"

#include "vsl/v1/funds.pb-c.h"

#define FEE_PARAMETERS                                                                             \
    {"fee", "fee_minor", PARAMETER_AMOUNT, false, "A fee agreed for it; or"},                      \
        {"fee-rule", "fee_rule", PARAMETER_TEXT, false, "the rule that computes the fee"},         \
        {"fee-mode", "fee_mode", PARAMETER_ENUM, false,                                            \
            "outside: the account gives amount and fee; inside: the fee comes out of the amount; " \
            "borne-by-another: --fee-account gives it. Required with a fee"},                      \
    {                                                                                              \
        "fee-account", "fee_account_id", PARAMETER_ID, false,                                      \
            "Who gives the fee with borne-by-another: a member's account or PLATFORM_OWN"          \
    }

static const struct parameter withdraw[] = {
    {"account", "account_id", PARAMETER_ID, true, "The account that gives"},
    {"amount", "amount_minor", PARAMETER_AMOUNT, true, "How much, such as 12.50"},
    FEE_PARAMETERS,
    {"to-name", "destination.name", PARAMETER_TEXT, true, "Whom to pay"},
    {"to-account", "destination.account_number", PARAMETER_TEXT, true, "The account to pay to"},
    {"to-bank", "destination.bank_code", PARAMETER_TEXT, false, "Its bank (CNAPS, BIC)"},
    {"order", "order_number", PARAMETER_TEXT, false, "The platform's number of the order"},
    {"remark", "remark", PARAMETER_TEXT, false, "Free text"},
    {0},
};

static const struct parameter quote_withdraw[] = {
    {"account", "account_id", PARAMETER_ID, true, "The account that would give"},
    FEE_PARAMETERS,
    {0},
};

static const struct parameter confirm_payout[] = {
    {"payout", "payout_id", PARAMETER_ID, true, "The payout"},
    {"bank-reference", "bank_reference", PARAMETER_TEXT, false,
        "The bank's number of the movement"},
    {0},
};

static const struct parameter confirm_payout_why[] = {
    {"payout", "payout_id", PARAMETER_ID, true, "The payout"},
    {"bank-reference", "bank_reference", PARAMETER_TEXT, false,
        "The bank's number of the movement"},
    {"reason", "reason", PARAMETER_TEXT, false, "Why"},
    {0},
};

static const struct parameter confirm_payout_returned[] = {
    {"payout", "payout_id", PARAMETER_ID, true, "The payout"},
    {"amount", "amount_minor", PARAMETER_AMOUNT, false,
        "How much came back, such as 12.50 (default: all that did not come back before)"},
    {"bank-reference", "bank_reference", PARAMETER_TEXT, false,
        "The bank's number of the movement"},
    {"reason", "reason", PARAMETER_TEXT, false, "Why it came back"},
    {0},
};

static const struct parameter correct_payout[] = {
    {"payout", "payout_id", PARAMETER_ID, true, "The payout"},
    {"right", "result", PARAMETER_ENUM, true, "What is right: paid, failed or returned"},
    {"amount", "amount_minor", PARAMETER_AMOUNT, false,
        "With returned: all that came back since it was paid (default: the whole amount)"},
    {"bank-reference", "bank_reference", PARAMETER_TEXT, true,
        "The bank's number of what it says now"},
    {"reason", "reason", PARAMETER_TEXT, false, "Why"},
    {"first-sequence", "first_sequence", PARAMETER_ID, false,
        "As the second person: the sequence of the first one's answer"},
    {0},
};

static const struct parameter intercept_payout[] = {
    {"payout", "payout_id", PARAMETER_ID, true, "The payout"},
    {"reason", "reason", PARAMETER_TEXT, false, "Why"},
    {0},
};

static const struct parameter get_payout[] = {
    {"payout", "payout_id", PARAMETER_ID, true, "The payout"},
    {0},
};

static const struct parameter list_payouts[] = {
    {"account", "account_id", PARAMETER_ID, false, "Only of this account"},
    {"status", "status", PARAMETER_ENUM, false,
        "Only requested, sent, unknown, paid, failed, returned or cancelled ones"},
    {0},
};

static const char *const payout_columns[] = {"payout_id", "account_id", "amount_minor", "fee_minor",
    "status", "returned_minor", "fee_returned_minor", "return_until", "final", "order_number",
    "requested_sequence", "evidence_sequence", NULL};

#define FUNDS &vsl__v1__funds_service__descriptor
#define COMMAND .is_command = true
#define RESULT(name)                                                                               \
    .fixed_field = "result", .fixed_value = VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_##name

const struct api_call payout_calls[] = {
    {"withdraw", NULL, "Start a payout to an account at a bank.",
        "  vslctl withdraw --ledger 1 --account 9 --amount 50.00 --fee 1.00 --fee-mode outside \\\n"
        "      --to-name 'Shop 17' --to-account 6222002\n"
        "  vslctl withdraw --ledger 1 --account 9 --amount 50.00 --fee-rule payout \\\n"
        "      --fee-mode borne-by-another --fee-account 4 \\\n"
        "      --to-name 'Shop 17' --to-account 6222002",
        FUNDS, "Withdraw", COMMAND, .has_ledger = true, .parameters = withdraw},
    {"quote", "withdraw", "Say how much can be withdrawn now, and why not more.",
        "  vslctl quote withdraw --ledger 1 --account 9 --fee-rule payout --fee-mode outside\n"
        "\n"
        "With a balance of 100 and a fee of 3: outside 97, inside 100 of which 97 arrive.",
        FUNDS, "QuoteWithdraw", .has_ledger = true, .parameters = quote_withdraw,
        .show = show_quote},
    {"payout", "sent", "Say that the bank has the order; it cannot be intercepted any more.",
        "  vslctl payout sent --ledger 1 --payout 5 --bank-reference B778", FUNDS, "ConfirmPayout",
        COMMAND, .has_ledger = true, .parameters = confirm_payout, RESULT(SENT)},
    {"payout", "unknown", "Say that the bank's answer is missing: ask it, never send again.",
        "  vslctl payout unknown --ledger 1 --payout 5 --reason 'no answer for an hour'", FUNDS,
        "ConfirmPayout", COMMAND, .has_ledger = true, .parameters = confirm_payout_why,
        RESULT(UNKNOWN)},
    {"payout", "paid", "Say that a payout left the escrow account.",
        "  vslctl payout paid --ledger 1 --payout 5 --bank-reference B778", FUNDS, "ConfirmPayout",
        COMMAND, .has_ledger = true, .parameters = confirm_payout, RESULT(PAID)},
    {"payout", "failed", "Say that a payout never left; the money is available again.",
        "  vslctl payout failed --ledger 1 --payout 5 --reason 'no such account'", FUNDS,
        "ConfirmPayout", COMMAND, .has_ledger = true, .parameters = confirm_payout_why,
        RESULT(FAILED)},
    {"payout", "returned", "Say that a paid payout came back, all or a part.",
        "  vslctl payout returned --ledger 1 --payout 5 --reason 'account closed'\n"
        "  vslctl payout returned --ledger 1 --payout 5 --amount 20.00",
        FUNDS, "ConfirmPayout", COMMAND, .has_ledger = true, .parameters = confirm_payout_returned,
        RESULT(RETURNED)},
    {"payout", "correct", "Set a wrong word of the bank right, as the first or second person.",
        "  vslctl payout correct --ledger 1 --payout 5 --right paid --bank-reference B779 \\\n"
        "      --reason 'it had left after all'\n"
        "  vslctl payout correct --ledger 1 --payout 5 --right paid --bank-reference B779 \\\n"
        "      --channel checker --first-sequence 7001\n"
        "\n"
        "The first call ends with second_person_needed and tells its sequence. Another person\n"
        "repeats it on the same accounting date, by another channel and with that sequence.",
        FUNDS, "ConfirmPayout", COMMAND, .has_ledger = true, .parameters = correct_payout,
        .fixed_field = "correction", .fixed_value = true},
    {"payout", "intercept", "Stop a payout that was not sent yet; the whole fee comes back.",
        "  vslctl payout intercept --ledger 1 --payout 5 --reason 'wrong account'", FUNDS,
        "InterceptPayout", COMMAND, .has_ledger = true, .parameters = intercept_payout},
    {"payout", "get", "Show one payout.",
        "  vslctl payout get --ledger 1 --payout 5\n"
        "\n"
        "Whether it is final, and by which evidence: 'vslctl command get --sequence' of its\n"
        "evidence sequence shows who told it, with the bank's reference.",
        FUNDS, "GetPayout", .has_ledger = true, .parameters = get_payout},
    {"payout", "list", "List payouts; the unknown ones must be asked for at the bank.",
        "  vslctl payout list --ledger 1 --status unknown\n"
        "  vslctl payout list --ledger 1 --account 9 --limit 50",
        FUNDS, "ListPayouts", .has_ledger = true, .parameters = list_payouts,
        .table_field = "payouts", .columns = payout_columns, PAGED_BY_ID},
    {0},
};
