/* commands.c: see commands.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include "base/check.h"
#include "ceilings.h"
#include "model/records.h"

#include <string.h>

#define PAYEES_KEPT 16384

static struct command make(enum command_kind kind, int64_t ledger_id)
{
    return (struct command){
        .kind = kind,
        .ledger_id = ledger_id,
        .key = {.channel = "t",
            .channel_length = 1,
            .serial = "1",
            .serial_length = 1,
            .business_date = TEST_DATE},
    };
}

struct command make_open_ledger(const char *receiving_prefix, int32_t first_date, int32_t window)
{
    struct command command = make(COMMAND_OPEN_LEDGER, 0);
    command.open_ledger = (struct open_ledger){
        .platform_name = text_of("市场 Market"),
        .escrow_account_number = text_of("6217-0001"),
        .currency = text_of("CNY"),
        .receiving_prefix = text_of(receiving_prefix),
        .first_accounting_date = first_date,
        .key_window_dates = window,
    };
    return command;
}

struct command make_close_ledger(int64_t ledger_id)
{
    return make(COMMAND_CLOSE_LEDGER, ledger_id);
}

struct command make_cut_day(int64_t ledger_id, int32_t date)
{
    struct command command = make(COMMAND_CUT_DAY, ledger_id);
    command.cut_day.accounting_date = date;
    return command;
}

struct command make_open_member(int64_t ledger_id, const char *platform_member_id)
{
    struct command command = make(COMMAND_OPEN_MEMBER, ledger_id);
    command.open_member = (struct open_member){
        .kind = MEMBER_USER, .platform_member_id = text_of(platform_member_id)};
    return command;
}

struct command make_close_member(int64_t ledger_id, int64_t member_id)
{
    struct command command = make(COMMAND_CLOSE_MEMBER, ledger_id);
    command.close_member.member_id = member_id;
    return command;
}

struct command make_open_account(int64_t ledger_id, int64_t member_id)
{
    struct command command = make(COMMAND_OPEN_ACCOUNT, ledger_id);
    command.open_account.member_id = member_id;
    return command;
}

struct command make_close_account(int64_t ledger_id, int64_t account_id)
{
    struct command command = make(COMMAND_CLOSE_ACCOUNT, ledger_id);
    command.close_account.account_id = account_id;
    return command;
}

struct command make_restrict(int64_t ledger_id, int64_t account_id, bool no_in, bool no_out)
{
    struct command command = make(COMMAND_RESTRICT_ACCOUNT, ledger_id);
    command.restrict_account = (struct restrict_account){
        .account_id = account_id, .no_in = no_in, .no_out = no_out, .reason = text_of("test")};
    return command;
}

struct command make_receipt(int64_t ledger_id, int64_t account_id, int64_t amount)
{
    struct command command = make(COMMAND_BOOK_RECEIPT, ledger_id);
    command.book_receipt = (struct book_receipt){.account_id = account_id, .amount_minor = amount};
    return command;
}

struct command make_receipt_by_number(int64_t ledger_id, const char *number, int64_t amount)
{
    struct command command = make(COMMAND_BOOK_RECEIPT, ledger_id);
    command.book_receipt =
        (struct book_receipt){.receiving_number = text_of(number), .amount_minor = amount};
    return command;
}

struct command make_interest(int64_t ledger_id, int64_t account_id, int64_t amount)
{
    struct command command = make(COMMAND_BOOK_INTEREST, ledger_id);
    command.book_interest =
        (struct book_interest){.account_id = account_id, .amount_minor = amount};
    return command;
}

struct command make_fee(int64_t ledger_id, int64_t account_id, int64_t amount)
{
    struct command command = make(COMMAND_CHARGE_FEE, ledger_id);
    command.charge_fee = (struct charge_fee){.account_id = account_id, .amount_minor = amount};
    return command;
}

struct command make_pay(
    int64_t ledger_id, int64_t payer, int64_t payee, int64_t amount, int64_t fee)
{
    const struct payee only = {.account_id = payee, .amount_minor = amount};
    return make_split(ledger_id, payer, &only, 1, fee);
}

struct command make_split(
    int64_t ledger_id, int64_t payer, const struct payee *payees, uint32_t payee_count, int64_t fee)
{
    static struct payee copies[PAYEES_KEPT];
    static uint32_t used;
    CHECK(payee_count <= PAYEES_PER_COMMAND_MAX);
    if (used + payee_count > PAYEES_KEPT)
        used = 0;
    memcpy(&copies[used], payees, payee_count * sizeof *payees);
    struct command command = make(COMMAND_PAY, ledger_id);
    command.pay = (struct pay){.payer_account_id = payer,
        .payees = &copies[used],
        .payee_count = payee_count,
        .fee_minor = fee};
    used += payee_count;
    return command;
}

struct command make_withdraw(
    int64_t ledger_id, int64_t account_id, int64_t amount, int64_t fee, int32_t fee_mode)
{
    struct command command = make(COMMAND_WITHDRAW, ledger_id);
    command.withdraw = (struct withdraw){.account_id = account_id,
        .amount_minor = amount,
        .fee_minor = fee,
        .fee_mode = fee_mode,
        .destination = {.name = text_of("n"), .account_number = text_of("1")}};
    return command;
}

struct command make_confirm(int64_t ledger_id, int64_t payout_id, int32_t result)
{
    struct command command = make(COMMAND_CONFIRM_PAYOUT, ledger_id);
    command.confirm_payout = (struct confirm_payout){.payout_id = payout_id, .result = result};
    return command;
}

struct command command_on(int32_t business_date, struct command command)
{
    command.key.business_date = business_date;
    return command;
}
