/* calls.c: the table of subcommands that are one call of the API.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api.h"

#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/journal.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"
#include "vsl/v1/member.pb-c.h"

static const struct parameter none[] = {{0}};

/* ---- ledgers ---- */

static const struct parameter open_ledger[] = {
    {"platform", "platform_name", PARAMETER_TEXT, true, "Name of the platform"},
    {"escrow", "escrow_account_number", PARAMETER_TEXT, true,
        "Number of the escrow account at the bank"},
    {"currency", "currency", PARAMETER_TEXT, true, "ISO 4217, such as CNY"},
    {"prefix", "receiving_prefix", PARAMETER_TEXT, true,
        "First digits of its receiving numbers: 4 to 8 digits, no other ledger's"},
    {"date", "first_accounting_date", PARAMETER_DATE, true, "First accounting date"},
    {"key-window", "key_window_dates", PARAMETER_INTEGER, false,
        "Accounting dates for which request keys stay open, 1 to 7 (default 3)"},
    {0},
};

static const struct parameter cut_day[] = {
    {"date", "accounting_date", PARAMETER_DATE, true, "The new accounting date"},
    {0},
};

static const struct parameter list_ledgers[] = {
    {"after", "after_ledger_id", PARAMETER_ID, false, "Only ledgers with larger ids"},
    {"page-size", "page_size", PARAMETER_INTEGER, false, "At most so many (default 100)"},
    {0},
};

static const char *const ledger_columns[] = {"ledger_id", "platform_name", "currency", "status",
    "accounting_date", "receiving_prefix", "open_member_count", "open_payout_count", NULL};

/* ---- members ---- */

static const struct parameter open_member[] = {
    {"kind", "kind", PARAMETER_ENUM, true, "merchant or user"},
    {"id", "platform_member_id", PARAMETER_TEXT, true, "The platform's own id of it"},
    {0},
};

static const struct parameter close_member[] = {
    {"member", "member_id", PARAMETER_ID, true, "The member"},
    {0},
};

static const struct parameter get_member[] = {
    {"member", "member_id", PARAMETER_ID, false, "The member, or --id"},
    {"id", "platform_member_id", PARAMETER_TEXT, false, "The platform's own id of it, or --member"},
    {0},
};

/* ---- accounts ---- */

static const struct parameter open_account[] = {
    {"member", "member_id", PARAMETER_ID, true, "Its owner"},
    {0},
};

static const struct parameter close_account[] = {
    {"account", "account_id", PARAMETER_ID, true, "The account"},
    {0},
};

static const struct parameter restrict_account[] = {
    {"account", "account_id", PARAMETER_ID, true, "The account"},
    {"no-in", "no_in", PARAMETER_FLAG, false, "It takes no money; lifted when left out"},
    {"no-out", "no_out", PARAMETER_FLAG, false, "It gives no money; lifted when left out"},
    {"reason", "reason", PARAMETER_TEXT, false, "Why, for the record"},
    {0},
};

static const struct parameter get_account[] = {
    {"account", "account_id", PARAMETER_ID, false, "The account; or"},
    {"receiving-number", "receiving_number", PARAMETER_TEXT, false, "its receiving number"},
    {0},
};

static const struct parameter get_balances[] = {
    {"account", "account_ids", PARAMETER_IDS, true, "The accounts; may be given more than once"},
    {0},
};

static const char *const balance_columns[] = {"account_id", "balances.available_minor",
    "balances.pending_in_minor", "balances.pending_out_minor", "balances.frozen_minor",
    "balances.asset_units", NULL};

/* ---- funds ---- */

static const struct parameter book_receipt[] = {
    {"account", "account_id", PARAMETER_ID, false, "The account to credit; or"},
    {"receiving-number", "receiving_number", PARAMETER_TEXT, false,
        "what the payer wrote as the account to reach"},
    {"amount", "amount_minor", PARAMETER_AMOUNT, true, "What arrived, such as 12.50"},
    {"payer-name", "payer.name", PARAMETER_TEXT, true, "Who paid"},
    {"payer-account", "payer.account_number", PARAMETER_TEXT, true, "The payer's account"},
    {"payer-bank", "payer.bank_code", PARAMETER_TEXT, false, "The payer's bank (CNAPS, BIC)"},
    {"bank-reference", "bank_reference", PARAMETER_TEXT, false,
        "The bank's number of the movement"},
    {"value-date", "value_date", PARAMETER_DATE, false, "The bank's value date"},
    {"remark", "remark", PARAMETER_TEXT, false, "Free text"},
    {0},
};

static const struct parameter book_interest[] = {
    {"account", "account_id", PARAMETER_ID, true, "The account to credit"},
    {"amount", "amount_minor", PARAMETER_AMOUNT, true, "How much, such as 12.50"},
    {"remark", "remark", PARAMETER_TEXT, false, "Free text"},
    {0},
};

static const struct parameter charge_fee[] = {
    {"account", "account_id", PARAMETER_ID, true, "The account to debit"},
    {"amount", "amount_minor", PARAMETER_AMOUNT, true, "How much, such as 12.50"},
    {"remark", "remark", PARAMETER_TEXT, false, "Free text"},
    {0},
};

static const struct parameter pay[] = {
    {"from", "payer_account_id", PARAMETER_ID, true, "The account that pays"},
    {"payee", "payees", PARAMETER_PAYEES, true,
        "An account that is paid and what arrives at it, such as 9:12.50; may be given more than "
        "once"},
    {"fee", "fee_minor", PARAMETER_AMOUNT, false, "What the payer gives on top, to FEE"},
    {"order", "order_number", PARAMETER_TEXT, false, "The platform's number of the order"},
    {"remark", "remark", PARAMETER_TEXT, false, "Free text"},
    {0},
};

static const struct parameter withdraw[] = {
    {"account", "account_id", PARAMETER_ID, true, "The account that gives"},
    {"amount", "amount_minor", PARAMETER_AMOUNT, true, "How much, such as 12.50"},
    {"fee", "fee_minor", PARAMETER_AMOUNT, false, "The fee"},
    {"fee-mode", "fee_mode", PARAMETER_ENUM, false,
        "outside: the account gives amount and fee; inside: the fee comes out of the amount"},
    {"to-name", "destination.name", PARAMETER_TEXT, true, "Whom to pay"},
    {"to-account", "destination.account_number", PARAMETER_TEXT, true, "The account to pay to"},
    {"to-bank", "destination.bank_code", PARAMETER_TEXT, false, "Its bank (CNAPS, BIC)"},
    {"remark", "remark", PARAMETER_TEXT, false, "Free text"},
    {0},
};

static const struct parameter confirm_payout[] = {
    {"payout", "payout_id", PARAMETER_ID, true, "The payout"},
    {"bank-reference", "bank_reference", PARAMETER_TEXT, false,
        "The bank's number of the movement"},
    {"reason", "reason", PARAMETER_TEXT, false, "Why it failed or came back"},
    {0},
};

static const struct parameter get_payout[] = {
    {"payout", "payout_id", PARAMETER_ID, true, "The payout"},
    {0},
};

/* ---- the journal ---- */

static const struct parameter get_command[] = {
    {"sequence", "sequence", PARAMETER_ID, false, "Its place in the journal; or its key:"},
    {"channel", "key.channel", PARAMETER_TEXT, false, "Who asked"},
    {"business-date", "key.business_date", PARAMETER_DATE, false, "The caller's day"},
    {"serial", "key.serial", PARAMETER_TEXT, false, "Number of the request"},
    {0},
};

/* ---- the table ---- */

#define LEDGER &vsl__v1__ledger_service__descriptor
#define MEMBER &vsl__v1__member_service__descriptor
#define ACCOUNT &vsl__v1__account_service__descriptor
#define FUNDS &vsl__v1__funds_service__descriptor
#define JOURNAL &vsl__v1__journal_service__descriptor
#define COMMAND .is_command = true

const struct api_call api_calls[] = {
    {"ledger", "open", "Open a ledger with its control accounts.",
        "  vslctl ledger open --platform 'Example Mall' --escrow 62220001 --currency CNY \\\n"
        "      --prefix 880001 --date 2026-11-22",
        LEDGER, "OpenLedger", COMMAND, .parameters = open_ledger},
    {"ledger", "close", "Close a ledger without open members, money or payouts.",
        "  vslctl ledger close --ledger 1", LEDGER, "CloseLedger", COMMAND, .has_ledger = true,
        .parameters = none},
    {"ledger", "cut-day", "Day cut: move the ledger's accounting date.",
        "  vslctl ledger cut-day --ledger 1 --date 2026-11-23", LEDGER, "CutDay", COMMAND,
        .has_ledger = true, .parameters = cut_day},
    {"ledger", "get", "Show one ledger.", "  vslctl ledger get --ledger 1", LEDGER, "GetLedger",
        .has_ledger = true, .parameters = none},
    {"ledger", "list", "List the ledgers.",
        "  vslctl ledger list\n  vslctl ledger list --after 100 --page-size 50", LEDGER,
        "ListLedgers", .parameters = list_ledgers, .table_field = "ledgers",
        .columns = ledger_columns},
    {"ledger", "tie-out", "Prove that the accounts add up to the escrow account.",
        "  vslctl ledger tie-out --ledger 1", LEDGER, "GetTieOut", .has_ledger = true,
        .parameters = none},

    {"member", "open", "Open a member.",
        "  vslctl member open --ledger 1 --kind merchant --id shop-17\n"
        "  vslctl member open --ledger 1 --kind user --id user-4711",
        MEMBER, "OpenMember", COMMAND, .has_ledger = true, .parameters = open_member},
    {"member", "close", "Close a member that has no open account.",
        "  vslctl member close --ledger 1 --member 3", MEMBER, "CloseMember", COMMAND,
        .has_ledger = true, .parameters = close_member},
    {"member", "get", "Show one member and its accounts.",
        "  vslctl member get --ledger 1 --member 3\n  vslctl member get --ledger 1 --id shop-17",
        MEMBER, "GetMember", .has_ledger = true, .parameters = get_member},

    {"account", "open", "Open an account for a member.",
        "  vslctl account open --ledger 1 --member 3", ACCOUNT, "OpenAccount", COMMAND,
        .has_ledger = true, .parameters = open_account},
    {"account", "close", "Close an account whose balances are all zero.",
        "  vslctl account close --ledger 1 --account 9", ACCOUNT, "CloseAccount", COMMAND,
        .has_ledger = true, .parameters = close_account},
    {"account", "restrict", "Set whether an account takes and gives money.",
        "  vslctl account restrict --ledger 1 --account 9 --no-out --reason 'under review'\n"
        "  vslctl account restrict --ledger 1 --account 9              lifts both",
        ACCOUNT, "RestrictAccount", COMMAND, .has_ledger = true, .parameters = restrict_account},
    {"account", "get", "Show one account.",
        "  vslctl account get --ledger 1 --account 9\n"
        "  vslctl account get --ledger 1 --receiving-number 88000100000000093",
        ACCOUNT, "GetAccount", .has_ledger = true, .parameters = get_account},
    {"account", "balances", "Show the balances of accounts, all as of one instant.",
        "  vslctl account balances --ledger 1 --account 9,10,11", ACCOUNT, "GetBalances",
        .has_ledger = true, .parameters = get_balances, .table_field = "accounts",
        .columns = balance_columns},

    {"receipt", NULL, "Book money that arrived on the escrow account.",
        "  vslctl receipt --ledger 1 --receiving-number 88000100000000093 --amount 100.00 \\\n"
        "      --payer-name 'Li Ming' --payer-account 6222001\n"
        "  vslctl receipt --ledger 1 --account 9 --minor --amount 10000 \\\n"
        "      --payer-name 'Li Ming' --payer-account 6222001",
        FUNDS, "BookReceipt", COMMAND, .has_ledger = true, .parameters = book_receipt},
    {"interest", NULL, "Book interest of the escrow account that belongs to an account.",
        "  vslctl interest --ledger 1 --account 9 --amount 0.35", FUNDS, "BookInterest", COMMAND,
        .has_ledger = true, .parameters = book_interest},
    {"fee", NULL, "Charge a fee by itself.",
        "  vslctl fee --ledger 1 --account 9 --amount 2.00 --remark 'statement'", FUNDS,
        "ChargeFee", COMMAND, .has_ledger = true, .parameters = charge_fee},
    {"pay", NULL, "Pay from one account to others.",
        "  vslctl pay --ledger 1 --from 10 --payee 9:58.00 --fee 0.58 --order A-1001\n"
        "  vslctl pay --ledger 1 --from 10 --payee 9:50.00 --payee 11:8.00 --dry-run",
        FUNDS, "Pay", COMMAND, .has_ledger = true, .parameters = pay},
    {"withdraw", NULL, "Start a payout to an account at a bank.",
        "  vslctl withdraw --ledger 1 --account 9 --amount 50.00 --fee 1.00 --fee-mode outside \\\n"
        "      --to-name 'Shop 17' --to-account 6222002",
        FUNDS, "Withdraw", COMMAND, .has_ledger = true, .parameters = withdraw},

    {"payout", "paid", "Say that a payout left the escrow account.",
        "  vslctl payout paid --ledger 1 --payout 5 --bank-reference B778", FUNDS, "ConfirmPayout",
        COMMAND, .has_ledger = true, .parameters = confirm_payout, .fixed_field = "result",
        .fixed_value = VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_PAID},
    {"payout", "failed", "Say that a payout never left; the money is available again.",
        "  vslctl payout failed --ledger 1 --payout 5 --reason 'no such account'", FUNDS,
        "ConfirmPayout", COMMAND, .has_ledger = true, .parameters = confirm_payout,
        .fixed_field = "result", .fixed_value = VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_FAILED},
    {"payout", "returned", "Say that a paid payout came back; the money is available again.",
        "  vslctl payout returned --ledger 1 --payout 5 --reason 'account closed'", FUNDS,
        "ConfirmPayout", COMMAND, .has_ledger = true, .parameters = confirm_payout,
        .fixed_field = "result", .fixed_value = VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_RETURNED},
    {"payout", "get", "Show one payout.", "  vslctl payout get --ledger 1 --payout 5", FUNDS,
        "GetPayout", .has_ledger = true, .parameters = get_payout},

    {"command", "get", "Show one command of the journal and what it booked.",
        "  vslctl command get --sequence 17\n"
        "  vslctl command get --channel vslctl --business-date 2026-11-22 --serial c1-x",
        JOURNAL, "GetCommand", .parameters = get_command},
    {0},
};
