/* calls_holds.c: subcommands about money that is kept: guaranteed payments and business freezes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/api.h"

#include "vsl/v1/freeze.pb-c.h"
#include "vsl/v1/hold.pb-c.h"

/* ---- holds ---- */

static const struct parameter place_hold[] = {
    {"from", "payer_account_id", PARAMETER_ID, true, "The account that pays"},
    {"amount", "amount_minor", PARAMETER_AMOUNT, true, "How much, such as 12.50"},
    {"order", "order_number", PARAMETER_TEXT, true, "The platform's number of the order"},
    {"expires", "expires_at_us", PARAMETER_TIME, true,
        "When it is given back by itself: +7d, or 2026-12-01T00:00+08:00"},
    {"remark", "remark", PARAMETER_TEXT, false, "Free text"},
    {0},
};

static const struct parameter confirm_hold[] = {
    {"from", "payer_account_id", PARAMETER_ID, true, "The account whose money is held"},
    {"order", "order_number", PARAMETER_TEXT, true, "The order of the hold"},
    {"hold", "hold_id", PARAMETER_ID, false,
        "The hold (default: all live ones of the account for the order, the oldest first)"},
    {"payee", "payees", PARAMETER_PAYEES, true,
        "An account that is paid and how much, such as 9:12.50; once for each payee, at most 100"},
    {"fee", "fee_minor", PARAMETER_AMOUNT, false, "A fee agreed for it, out of what is held; or"},
    {"fee-rule", "fee_rule", PARAMETER_TEXT, false, "the rule that computes the fee"},
    {"fee-bearer", "fee_bearer", PARAMETER_ENUM, false,
        "Who bears the rule's fee: payer (out of what is held, the default) or payees"},
    {"next-date", "withdrawable_next_date", PARAMETER_FLAG, false,
        "The payees can pay with it at once, but withdraw it only from the next accounting date "
        "on"},
    {"remark", "remark", PARAMETER_TEXT, false, "Free text"},
    {0},
};

static const struct parameter cancel_hold[] = {
    {"from", "payer_account_id", PARAMETER_ID, true, "The account whose money is held"},
    {"order", "order_number", PARAMETER_TEXT, true, "The order of the hold"},
    {"hold", "hold_id", PARAMETER_ID, false,
        "The hold (default: all live ones of the account for the order, the oldest first)"},
    {"amount", "amount_minor", PARAMETER_AMOUNT, false, "How much (default: all that is held)"},
    {"remark", "remark", PARAMETER_TEXT, false, "Free text"},
    {0},
};

static const struct parameter get_hold[] = {
    {"hold", "hold_id", PARAMETER_ID, true, "The hold"},
    {0},
};

static const struct parameter list_holds[] = {
    {"from", "payer_account_id", PARAMETER_ID, false, "Only of this account"},
    {"status", "status", PARAMETER_ENUM, false, "Only live, finished or expired ones"},
    {"expires-before", "expires_before_us", PARAMETER_TIME, false,
        "Only those whose time is over before this: +1d, or 2026-12-01T00:00+08:00"},
    {0},
};

static const char *const hold_columns[] = {"hold_id", "payer_account_id", "order_number",
    "amount_minor", "confirmed_minor", "cancelled_minor", "held_minor", "expires_at_us", "status",
    "placed_sequence", "changed_sequence", NULL};

/* ---- freezes ---- */

static const struct parameter place_freeze[] = {
    {"account", "account_id", PARAMETER_ID, true, "The account"},
    {"amount", "amount_minor", PARAMETER_AMOUNT, true, "How much, such as 12.50"},
    {"purpose", "purpose", PARAMETER_TEXT, true, "What for, in one word"},
    {"expires", "expires_at_us", PARAMETER_TIME, false,
        "When it is lifted by itself: +7d, or 2026-12-01T00:00+08:00 (default: never)"},
    {"reason", "reason", PARAMETER_TEXT, false, "Why, for the record"},
    {0},
};

static const struct parameter lift_freeze[] = {
    {"freeze", "freeze_id", PARAMETER_ID, true, "The freeze"},
    {"amount", "amount_minor", PARAMETER_AMOUNT, false, "How much (default: all that is frozen)"},
    {"reason", "reason", PARAMETER_TEXT, false, "Why, for the record"},
    {0},
};

static const struct parameter get_freeze[] = {
    {"freeze", "freeze_id", PARAMETER_ID, true, "The freeze"},
    {0},
};

static const struct parameter list_freezes[] = {
    {"account", "account_id", PARAMETER_ID, false, "Only of this account"},
    {"status", "status", PARAMETER_ENUM, false, "Only live, lifted or expired ones"},
    {"purpose", "purpose", PARAMETER_TEXT, false, "Only for this purpose"},
    {0},
};

static const char *const freeze_columns[] = {"freeze_id", "account_id", "purpose", "owner",
    "amount_minor", "lifted_minor", "frozen_minor", "expires_at_us", "status", "placed_sequence",
    "changed_sequence", NULL};

static const struct parameter get_frozen[] = {
    {"account", "account_id", PARAMETER_ID, true, "The account"},
    {0},
};

#define HOLD &vsl__v1__hold_service__descriptor
#define FREEZE &vsl__v1__freeze_service__descriptor
#define COMMAND .is_command = true

const struct api_call hold_calls[] = {
    {"hold", "place", "Hold money of a payer for an order.",
        "  vslctl hold place --ledger 1 --from 10 --amount 58.00 --order A-1001 --expires +7d\n"
        "  vslctl hold place --ledger 1 --from 10 --amount 58.00 --order A-1001 \\\n"
        "      --expires 2026-12-01T00:00+08:00",
        HOLD, "PlaceHold", COMMAND, .has_ledger = true, .parameters = place_hold},
    {"hold", "confirm", "Confirm held money to payees, all or a part.",
        "  vslctl hold confirm --ledger 1 --from 10 --order A-1001 --payee 9:50.00\n"
        "  vslctl hold confirm --ledger 1 --from 10 --order A-1001 --hold 5 --payee 9:50.00 \\\n"
        "      --payee 11:8.00 --fee-rule std --fee-bearer payees --next-date",
        HOLD, "ConfirmHold", COMMAND, .has_ledger = true, .parameters = confirm_hold},
    {"hold", "cancel", "Give held money back to the payer, all or a part.",
        "  vslctl hold cancel --ledger 1 --from 10 --order A-1001\n"
        "  vslctl hold cancel --ledger 1 --from 10 --order A-1001 --hold 5 --amount 8.00",
        HOLD, "CancelHold", COMMAND, .has_ledger = true, .parameters = cancel_hold},
    {"hold", "get", "Show one hold.", "  vslctl hold get --ledger 1 --hold 5", HOLD, "GetHold",
        .has_ledger = true, .parameters = get_hold},
    {"hold", "list", "List holds.",
        "  vslctl hold list --ledger 1 --status live --expires-before +1d\n"
        "  vslctl hold list --ledger 1 --from 10",
        HOLD, "ListHolds", .has_ledger = true, .parameters = list_holds, .table_field = "holds",
        .columns = hold_columns, PAGED_BY_ID},

    {"freeze", "place", "Freeze money of an account for a purpose.",
        "  vslctl freeze place --ledger 1 --account 9 --amount 20.00 --purpose dispute \\\n"
        "      --expires +30d --reason 'complaint 4711'\n"
        "\n"
        "The channel of the request (--channel) owns the freeze; only it can lift it.",
        FREEZE, "PlaceFreeze", COMMAND, .has_ledger = true, .parameters = place_freeze},
    {"freeze", "lift", "Lift a freeze, all or a part.",
        "  vslctl freeze lift --ledger 1 --freeze 3\n"
        "  vslctl freeze lift --ledger 1 --freeze 3 --amount 5.00 --channel disputes",
        FREEZE, "LiftFreeze", COMMAND, .has_ledger = true, .parameters = lift_freeze},
    {"freeze", "get", "Show one freeze.", "  vslctl freeze get --ledger 1 --freeze 3", FREEZE,
        "GetFreeze", .has_ledger = true, .parameters = get_freeze},
    {"freeze", "list", "List freezes.",
        "  vslctl freeze list --ledger 1 --status live --purpose dispute", FREEZE, "ListFreezes",
        .has_ledger = true, .parameters = list_freezes, .table_field = "freezes",
        .columns = freeze_columns, PAGED_BY_ID},
    {"frozen", NULL, "Show what an account's frozen balance is made of, by purpose.",
        "  vslctl frozen --ledger 1 --account 9", FREEZE, "GetFrozen", .has_ledger = true,
        .parameters = get_frozen, .show = show_frozen},
    {0},
};
