/* calls_corrections.c: subcommands that undo a booking or make it good.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/api.h"

#include "vsl/v1/correction.pb-c.h"

static const struct parameter reverse[] = {
    {"original", "original_sequence", PARAMETER_ID, true, "Sequence of the command to reverse"},
    {"reason", "reason", PARAMETER_TEXT, true, "Why"},
    {0},
};

static const struct parameter propose_adjustment[] = {
    {"from", "debit_account_id", PARAMETER_ID, true, "The account that gives"},
    {"to", "credit_account_id", PARAMETER_ID, true, "The account that takes"},
    {"amount", "amount_minor", PARAMETER_AMOUNT, true, "How much, such as 12.50"},
    {"reason", "reason", PARAMETER_TEXT, true, "Why"},
    {"expires", "expires_at_us", PARAMETER_TIME, true,
        "Until when it can be approved: +2d, or 2026-12-01T00:00+08:00"},
    {0},
};

static const struct parameter approve_adjustment[] = {
    {"adjustment", "adjustment_id", PARAMETER_ID, true, "The proposal"},
    {0},
};

static const struct parameter withdraw_adjustment[] = {
    {"adjustment", "adjustment_id", PARAMETER_ID, true, "The proposal"},
    {"reason", "reason", PARAMETER_TEXT, false, "Why"},
    {0},
};

static const struct parameter get_adjustment[] = {
    {"adjustment", "adjustment_id", PARAMETER_ID, true, "The proposal"},
    {0},
};

static const struct parameter list_adjustments[] = {
    {"status", "status", PARAMETER_ENUM, false,
        "Only proposed, approved, withdrawn or expired ones"},
    {0},
};

static const char *const adjustment_columns[] = {"adjustment_id", "debit_account_id",
    "credit_account_id", "amount_minor", "status", "maker", "checker", "expires_at_us",
    "proposed_sequence", "changed_sequence", NULL};

#define CORRECTION &vsl__v1__correction_service__descriptor
#define COMMAND .is_command = true

const struct api_call correction_calls[] = {
    {"reverse", NULL, "Take back what a command booked, while its effect is still there.",
        "  vslctl reverse --ledger 1 --original 17 --reason 'booked twice'", CORRECTION, "Reverse",
        COMMAND, .has_ledger = true, .parameters = reverse},
    {"adjustment", "propose", "Propose to move money between two accounts.",
        "  vslctl adjustment propose --ledger 1 --channel alice --from 2 --to 9 --amount 5.00 \\\n"
        "      --reason 'owner found' --expires +2d\n"
        "\n"
        "Nothing is booked until another caller (--channel) approves it.",
        CORRECTION, "ProposeAdjustment", COMMAND, .has_ledger = true,
        .parameters = propose_adjustment},
    {"adjustment", "approve", "Approve somebody else's proposal and book it.",
        "  vslctl adjustment approve --ledger 1 --channel bob --adjustment 2", CORRECTION,
        "ApproveAdjustment", COMMAND, .has_ledger = true, .parameters = approve_adjustment},
    {"adjustment", "withdraw", "Withdraw a proposal of one's own.",
        "  vslctl adjustment withdraw --ledger 1 --channel alice --adjustment 2", CORRECTION,
        "WithdrawAdjustment", COMMAND, .has_ledger = true, .parameters = withdraw_adjustment},
    {"adjustment", "get", "Show one proposal.", "  vslctl adjustment get --ledger 1 --adjustment 2",
        CORRECTION, "GetAdjustment", .has_ledger = true, .parameters = get_adjustment},
    {"adjustment", "list", "List proposals.",
        "  vslctl adjustment list --ledger 1 --status proposed", CORRECTION, "ListAdjustments",
        .has_ledger = true, .parameters = list_adjustments, .table_field = "adjustments",
        .columns = adjustment_columns, PAGED_BY_ID},
    {0},
};
