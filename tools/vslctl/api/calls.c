/* calls.c: the tables of subcommands that are one call of the API; this one: ledgers, members,
 * accounts, the journal.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/api.h"

#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/journal.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"
#include "vsl/v1/member.pb-c.h"

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
    {"first-sequence", "first_sequence", PARAMETER_ID, false,
        "As the second person: the sequence of the first one's answer"},
    {0},
};

static const struct parameter set_terms[] = {
    {"own-name", "own_account.name", PARAMETER_TEXT, false,
        "The platform's own named account, the only way in and out for its own money: its holder"},
    {"own-account", "own_account.account_number", PARAMETER_TEXT, false, "its number"},
    {"own-bank", "own_account.bank_code", PARAMETER_TEXT, false, "its bank (CNAPS, BIC)"},
    {"advance-refunds", "advance_refunds", PARAMETER_FLAG, false,
        "When a payee cannot give a refund, PLATFORM_OWN advances it and the payee owes it"},
    {"payout-return-days", "payout_return_days", PARAMETER_INTEGER, false,
        "How many days a paid payout may still come back, 1 to 366 (default 30)"},
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
    "balances.withdrawable_minor", "balances.withdrawable_next_date_minor",
    "balances.pending_in_minor", "balances.pending_out_minor", "balances.frozen_minor",
    "balances.asset_units", NULL};

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
#define JOURNAL &vsl__v1__journal_service__descriptor
#define COMMAND .is_command = true

const struct api_call ledger_calls[] = {
    {"ledger", "open", "Open a ledger with its control accounts.",
        "  vslctl ledger open --platform 'Example Mall' --escrow 62220001 --currency CNY \\\n"
        "      --prefix 880001 --date 2026-11-22",
        LEDGER, "OpenLedger", COMMAND, .parameters = open_ledger},
    {"ledger", "close", "Close a ledger without open members, money or payouts.",
        "  vslctl ledger close --ledger 1", LEDGER, "CloseLedger", COMMAND, .has_ledger = true},
    {"ledger", "cut-day", "Day cut: move the ledger's accounting date.",
        "  vslctl ledger cut-day --ledger 1 --date 2026-11-23\n"
        "\n"
        "Beyond ten days the first call ends with second_person_needed and tells its sequence.\n"
        "Another person repeats it, by another --channel and with --first-sequence.",
        LEDGER, "CutDay", COMMAND, .has_ledger = true, .parameters = cut_day},
    {"terms", "set", "Set what the bank has agreed with the platform.",
        "  vslctl terms set --ledger 1 --own-name 'Example Mall Ltd' --own-account 62220009 \\\n"
        "      --advance-refunds --payout-return-days 30\n"
        "\n"
        "All terms are set at once: what is left out is not agreed. 'vslctl ledger get' shows "
        "them.",
        LEDGER, "SetTerms", COMMAND, .has_ledger = true, .parameters = set_terms},
    {"ledger", "get", "Show one ledger and its terms.", "  vslctl ledger get --ledger 1", LEDGER,
        "GetLedger", .has_ledger = true},
    {"ledger", "list", "List the ledgers.",
        "  vslctl ledger list\n  vslctl ledger list --after 100 --page-size 50", LEDGER,
        "ListLedgers", .parameters = list_ledgers, .table_field = "ledgers",
        .columns = ledger_columns},
    {"ledger", "tie-out", "Prove that the accounts add up to the escrow account.",
        "  vslctl ledger tie-out --ledger 1", LEDGER, "GetTieOut", .has_ledger = true},

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
        "  vslctl account get --ledger 1 --receiving-number 8800010000000098",
        ACCOUNT, "GetAccount", .has_ledger = true, .parameters = get_account},
    {"account", "balances", "Show the balances of accounts, all as of one instant.",
        "  vslctl account balances --ledger 1 --account 9,10,11", ACCOUNT, "GetBalances",
        .has_ledger = true, .parameters = get_balances, .table_field = "accounts",
        .columns = balance_columns},

    {"command", "get", "Show one command of the journal and what it booked.",
        "  vslctl command get --sequence 17\n"
        "  vslctl command get --channel vslctl --business-date 2026-11-22 --serial c1-x",
        JOURNAL, "GetCommand", .parameters = get_command},
    {0},
};

const struct api_call *const api_tables[] = {
    ledger_calls, fee_calls, funds_calls, hold_calls, payout_calls, correction_calls, NULL};
