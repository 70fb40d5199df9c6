/* calls_funds.c: subcommands that move money in and between accounts, and what shows the moves.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/api.h"

#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/order.pb-c.h"

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

static const struct parameter pay[] = {
    {"from", "payer_account_id", PARAMETER_ID, true, "The account that pays"},
    {"payee", "payees", PARAMETER_PAYEES, true,
        "An account that is paid and how much, such as 9:12.50; once for each payee, at most 100"},
    {"fee", "fee_minor", PARAMETER_AMOUNT, false, "What the payer gives on top, to FEE; or"},
    {"fee-rule", "fee_rule", PARAMETER_TEXT, false, "the rule that computes the fee"},
    {"fee-bearer", "fee_bearer", PARAMETER_ENUM, false,
        "Who bears the rule's fee: payer (on top, the default) or payees (each out of its own)"},
    {"next-date", "withdrawable_next_date", PARAMETER_FLAG, false,
        "The payees can pay with it at once, but withdraw it only from the next accounting date "
        "on"},
    {"order", "order_number", PARAMETER_TEXT, false, "The platform's number of the order"},
    {"remark", "remark", PARAMETER_TEXT, false, "Free text"},
    {0},
};

static const struct parameter refund[] = {
    {"original", "original_sequence", PARAMETER_ID, true,
        "Sequence of the payment or confirm to refund"},
    {"order", "order_number", PARAMETER_TEXT, false,
        "Its order number; must be given when it has one"},
    {"payee", "payees", PARAMETER_PAYEES, false,
        "A payee of it and how much it gives back, such as 9:12.50; once for each (default: all "
        "that was not refunded yet)"},
    {"remark", "remark", PARAMETER_TEXT, false, "Free text"},
    {0},
};

static const struct parameter list_debts[] = {
    {"account", "account_id", PARAMETER_ID, false, "Only of this account"},
    {"status", "status", PARAMETER_ENUM, false, "Only open or recovered ones"},
    {0},
};

static const char *const debt_columns[] = {"debt_id", "account_id", "amount_minor",
    "recovered_minor", "status", "refund_sequence", "changed_sequence", NULL};

static const struct parameter expire[] = {
    {"kind", "kind", PARAMETER_ENUM, true, "hold, freeze or adjustment"},
    {"id", "id", PARAMETER_ID, true, "Its id"},
    {0},
};

static const struct parameter get_order[] = {
    {"order", "order_number", PARAMETER_TEXT, true, "The platform's number of the order"},
    {0},
};

#define FUNDS &vsl__v1__funds_service__descriptor
#define ORDER &vsl__v1__order_service__descriptor
#define COMMAND .is_command = true

const struct api_call funds_calls[] = {
    {"receipt", NULL, "Book money that arrived on the escrow account.",
        "  vslctl receipt --ledger 1 --receiving-number 8800010000000098 --amount 100.00 \\\n"
        "      --payer-name 'Li Ming' --payer-account 6222001\n"
        "  vslctl receipt --ledger 1 --account 9 --minor --amount 10000 \\\n"
        "      --payer-name 'Li Ming' --payer-account 6222001",
        FUNDS, "BookReceipt", COMMAND, .has_ledger = true, .parameters = book_receipt},
    {"interest", NULL, "Book interest of the escrow account that belongs to an account.",
        "  vslctl interest --ledger 1 --account 9 --amount 0.35", FUNDS, "BookInterest", COMMAND,
        .has_ledger = true, .parameters = book_interest},
    {"pay", NULL, "Pay from one account to others.",
        "  vslctl pay --ledger 1 --from 10 --payee 9:58.00 --fee 0.58 --order A-1001\n"
        "  vslctl pay --ledger 1 --from 10 --payee 9:50.00 --payee 11:8.00 --fee-rule std \\\n"
        "      --fee-bearer payees --next-date --order A-1001\n"
        "  vslctl pay --ledger 1 --from 10 --payee 9:50.00 --payee 11:8.00 --dry-run",
        FUNDS, "Pay", COMMAND, .has_ledger = true, .parameters = pay},
    {"refund", NULL, "Give back what was paid or confirmed, all or a part.",
        "  vslctl refund --ledger 1 --original 17 --order A-1001               all that is left\n"
        "  vslctl refund --ledger 1 --original 17 --order A-1001 --payee 9:10.00",
        FUNDS, "Refund", COMMAND, .has_ledger = true, .parameters = refund},
    {"debt", "list", "List what payees owe PLATFORM_OWN for refunds that it advanced.",
        "  vslctl debt list --ledger 1 --status open\n"
        "  vslctl debt list --ledger 1 --account 9",
        FUNDS, "ListDebts", .has_ledger = true, .parameters = list_debts, .table_field = "debts",
        .columns = debt_columns, PAGED_BY_ID},
    {"order", "show", "Show all that happened under an order number, and the sum that proves it.",
        "  vslctl order show --ledger 1 --order A-1001\n"
        "  vslctl order show --ledger 1 --order A-1001 --json\n"
        "\n"
        "One line for each posting; a command without postings has a line of its own.",
        ORDER, "GetOrder", .has_ledger = true, .parameters = get_order, .table_field = "entries",
        .after_field = "after_sequence", .next_field = "next_after_sequence", .is_whole = true,
        .show = show_order},
    {"expire", NULL, "Carry out that the time of a hold, freeze or proposal is over.",
        "  vslctl expire --ledger 1 --kind hold --id 5\n"
        "\n"
        "The service does it by itself; before its time it is refused as not_yet_due.",
        FUNDS, "Expire", COMMAND, .has_ledger = true, .parameters = expire},
    {0},
};
