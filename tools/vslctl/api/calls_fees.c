/* calls_fees.c: subcommands about fees: rules, quotes, fee accounts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/api.h"

#include "vsl/v1/fee.pb-c.h"
#include "vsl/v1/funds.pb-c.h"

static const struct parameter set_fee_rule[] = {
    {"name", "name", PARAMETER_TEXT, true, "The rule's name; a name again makes its next version"},
    {"effective", "effective_date", PARAMETER_DATE, true,
        "The accounting date from which on it is in force"},
    {"tier", "tiers", PARAMETER_TIERS, true,
        "What holds from an amount on: flat fee plus rate, at least min, at most max. Parts that "
        "are left out are 0, without max there is no limit. Once for each tier, the first from=0"},
    {"share", "shares", PARAMETER_SHARES, false,
        "A fee account and its part of the fee, such as 12:70%; once for each, together 100%; the "
        "first gets what rounding leaves over (default: all to the ledger's FEE account)"},
    {"rounding", "rounding", PARAMETER_ENUM, true,
        "half-up, up or down: how the rate's part is rounded to minor units"},
    {"refund", "refund", PARAMETER_ENUM, true,
        "What a refund gives back of the fee: none, proportional, or on-full (all of it, with the "
        "refund that completes the amount)"},
    {"on-payout-failed", "on_payout_failed", PARAMETER_ENUM, true,
        "The fee of a payout that failed: back or kept"},
    {"on-payout-returned", "on_payout_returned", PARAMETER_ENUM, true,
        "The fee of a payout that returned: back (in proportion) or kept"},
    {0},
};

static const struct parameter get_fee_rule[] = {
    {"name", "name", PARAMETER_TEXT, true, "The rule's name"},
    {"version", "version", PARAMETER_INTEGER, false,
        "Which version (default: the one in force on the ledger's accounting date)"},
    {0},
};

static const char *const fee_rule_columns[] = {"fee_rule_id", "name", "version", "effective_date",
    "rounding", "refund", "on_payout_failed", "on_payout_returned", "tiers", "shares", NULL};

static const struct parameter quote_fee[] = {
    {"rule", "fee_rule", PARAMETER_TEXT, true, "The rule's name"},
    {"amount", "amount_minor", PARAMETER_AMOUNT, true, "The amount, such as 12.50"},
    {0},
};

static const struct parameter open_fee_account[] = {
    {"purpose", "purpose", PARAMETER_TEXT, true, "What it is for"},
    {0},
};

static const struct parameter collect_fees[] = {
    {"account", "account_id", PARAMETER_ID, false,
        "The fee account (default: the ledger's FEE account)"},
    {"amount", "amount_minor", PARAMETER_AMOUNT, true, "How much, such as 12.50"},
    {"rule", "fee_rule", PARAMETER_TEXT, true, "The rule by which the fees were earned"},
    {"remark", "remark", PARAMETER_TEXT, false, "Free text"},
    {0},
};

static const struct parameter charge_fee[] = {
    {"account", "account_id", PARAMETER_ID, true, "The account to debit"},
    {"amount", "amount_minor", PARAMETER_AMOUNT, true, "How much, such as 12.50"},
    {"remark", "remark", PARAMETER_TEXT, false, "Free text"},
    {0},
};

#define FEE &vsl__v1__fee_service__descriptor
#define FUNDS &vsl__v1__funds_service__descriptor
#define COMMAND .is_command = true

const struct api_call fee_calls[] = {
    {"fee-rule", "set", "Make the next version of a fee rule.",
        "  vslctl fee-rule set --ledger 1 --name std --effective 2026-11-22 \\\n"
        "      --tier rate=0.6%,min=0.10,max=25.00 \\\n"
        "      --rounding half-up --refund proportional \\\n"
        "      --on-payout-failed back --on-payout-returned kept\n"
        "  vslctl fee-rule set --ledger 1 --name payout --effective 2026-12-01 \\\n"
        "      --tier from=0,flat=1.00 --tier from=1000,flat=0.50,rate=0.05% \\\n"
        "      --share 12:70% --share 13:30% --rounding up --refund none \\\n"
        "      --on-payout-failed back --on-payout-returned kept\n"
        "\n"
        "A tier is written from=AMOUNT,flat=AMOUNT,rate=RATE,min=AMOUNT,max=AMOUNT, in any order\n"
        "and only what is needed; a rate as 0.6% or 6000ppm. The whole amount is charged by the\n"
        "tier that it falls into. Versions are never changed; 'vslctl fee quote' tries them out.",
        FEE, "SetFeeRule", COMMAND, .has_ledger = true, .parameters = set_fee_rule},
    {"fee-rule", "get", "Show a version of a fee rule.",
        "  vslctl fee-rule get --ledger 1 --name std\n"
        "  vslctl fee-rule get --ledger 1 --name std --version 1",
        FEE, "GetFeeRule", .has_ledger = true, .parameters = get_fee_rule},
    {"fee-rule", "list", "List all versions of all fee rules.", "  vslctl fee-rule list --ledger 1",
        FEE, "ListFeeRules", .has_ledger = true, .table_field = "fee_rules",
        .columns = fee_rule_columns, PAGED_BY_ID},
    {"fee", "quote", "Say what the fee of an amount would be, and who would get it.",
        "  vslctl fee quote --ledger 1 --rule std --amount 58.00", FEE, "QuoteFee",
        .has_ledger = true, .parameters = quote_fee},
    {"fee", NULL, "Charge a fee by itself.",
        "  vslctl fee --ledger 1 --account 9 --amount 2.00 --remark 'statement'\n"
        "\n"
        "'vslctl fee quote' computes the fee of an amount by a rule.",
        FUNDS, "ChargeFee", COMMAND, .has_ledger = true, .parameters = charge_fee},
    {"fee-account", "open", "Open one more fee account, to share fees out to.",
        "  vslctl fee-account open --ledger 1 --purpose 'share of the bank'", FEE, "OpenFeeAccount",
        COMMAND, .has_ledger = true, .parameters = open_fee_account},
    {"fees", "collect", "Take earned fees from a fee account to PLATFORM_OWN.",
        "  vslctl fees collect --ledger 1 --amount 120.00 --rule std\n"
        "  vslctl fees collect --ledger 1 --account 12 --amount 120.00 --rule std",
        FEE, "CollectFees", COMMAND, .has_ledger = true, .parameters = collect_fees},
    {0},
};
