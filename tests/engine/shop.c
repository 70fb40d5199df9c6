/* shop.c: see shop.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "shop.h"

#include "base/check.h"
#include "stage.h"

#define TEXT(string)                                                                               \
    {                                                                                              \
        .bytes = (string), .length = sizeof(string) - 1                                            \
    }

const struct party own_party = {
    .name = TEXT("平台 Platform"), .account_number = TEXT("6217-0007"), .bank_code = TEXT("102")};
const struct party other_party = {
    .name = TEXT("别人 Another"), .account_number = TEXT("6217-0008"), .bank_code = TEXT("102")};

/* ---- of a command ---- */

struct command in_ledger(int64_t ledger_id, struct command command)
{
    command.ledger_id = ledger_id;
    return command;
}

struct command with_party(struct command command, const struct party *party)
{
    if (command.kind == COMMAND_BOOK_RECEIPT) {
        command.book_receipt.payer = *party;
    } else {
        CHECK(command.kind == COMMAND_WITHDRAW);
        command.withdraw.destination = *party;
    }
    return command;
}

struct command with_fee(struct command command, int64_t fee_minor)
{
    if (command.kind == COMMAND_PAY) {
        command.pay.fee_minor = fee_minor;
    } else if (command.kind == COMMAND_CONFIRM_HOLD) {
        command.confirm_hold.fee_minor = fee_minor;
    } else {
        CHECK(command.kind == COMMAND_WITHDRAW);
        command.withdraw.fee_minor = fee_minor;
        if (command.withdraw.fee_mode == 0)
            command.withdraw.fee_mode = FEE_OUTSIDE;
    }
    return command;
}

struct command with_rule(struct command command, const char *rule, int32_t bearer)
{
    if (command.kind == COMMAND_PAY) {
        command.pay.fee_rule = text_of(rule);
        command.pay.fee_bearer = bearer;
    } else if (command.kind == COMMAND_CONFIRM_HOLD) {
        command.confirm_hold.fee_rule = text_of(rule);
        command.confirm_hold.fee_bearer = bearer;
    } else if (command.kind == COMMAND_ALLOCATE_SUSPENSE) {
        CHECK(bearer == FEE_BEARER_PAYEES);
        command.allocate_suspense.fee_rule = text_of(rule);
    } else if (command.kind == COMMAND_ALLOCATE_LINE) {
        CHECK(bearer == FEE_BEARER_PAYEES);
        command.allocate_line.fee_rule = text_of(rule);
    } else {
        CHECK(command.kind == COMMAND_WITHDRAW);
        command.withdraw.fee_rule = text_of(rule);
        command.withdraw.fee_mode = bearer;
    }
    return command;
}

struct command borne_by(int64_t fee_account, struct command command)
{
    CHECK(command.kind == COMMAND_WITHDRAW);
    command.withdraw.fee_mode = FEE_BORNE_BY_ANOTHER;
    command.withdraw.fee_account_id = fee_account;
    return command;
}

struct command next_date(struct command command)
{
    if (command.kind == COMMAND_PAY) {
        command.pay.withdrawable_next_date = true;
    } else {
        CHECK(command.kind == COMMAND_CONFIRM_HOLD);
        command.confirm_hold.withdrawable_next_date = true;
    }
    return command;
}

struct command shared(struct command rule, const struct fee_share *shares, uint32_t share_count)
{
    CHECK(rule.kind == COMMAND_SET_FEE_RULE);
    rule.set_fee_rule.shares = shares;
    rule.set_fee_rule.share_count = share_count;
    return rule;
}

/* ---- commands ---- */

struct command a_set_of_terms(const struct party *own, bool advance_refunds, int32_t return_days)
{
    return make_set_terms(L_SHOP, own ? *own : (struct party){0}, advance_refunds, return_days);
}

struct command a_collection(int64_t account, int64_t amount, const char *rule)
{
    return make_collect_fees(L_SHOP, account, amount, rule);
}

struct command a_payment(
    const char *order, int64_t payer, const struct payee *payees, uint32_t payee_count)
{
    return command_of_order(order, make_split(L_SHOP, payer, payees, payee_count, 0));
}

struct command a_refund(
    const char *order, int64_t sequence, const struct payee *payees, uint32_t payee_count)
{
    return make_refund(L_SHOP, sequence, order, payees, payee_count);
}

struct command a_reversal(int64_t sequence)
{
    return make_reverse(L_SHOP, sequence);
}

struct command a_hold(const char *order, int64_t payer, int64_t amount, int64_t expires_at_us)
{
    return make_place_hold(L_SHOP, payer, amount, order, expires_at_us);
}

struct command a_confirm(const char *order, int64_t payer, int64_t hold, const struct payee *payees,
    uint32_t payee_count)
{
    return make_confirm_hold(L_SHOP, payer, order, hold, payees, payee_count);
}

struct command a_cancel(const char *order, int64_t payer, int64_t hold, int64_t amount)
{
    return make_cancel_hold(L_SHOP, payer, order, hold, amount);
}

struct command a_freeze(int64_t account, int64_t amount, int64_t expires_at_us)
{
    return make_place_freeze(L_SHOP, account, amount, "risk", expires_at_us);
}

struct command a_lift(int64_t freeze, int64_t amount)
{
    return make_lift_freeze(L_SHOP, freeze, amount);
}

struct command an_expiry(enum expiry_kind kind, int64_t id)
{
    return command_by(OWN_CHANNEL, make_expire(L_SHOP, kind, id));
}

struct command an_adjustment(int64_t debit, int64_t credit, int64_t amount)
{
    return by_approval(Q_SHOP, command_by("u", make_adjust(L_SHOP, debit, credit, amount)));
}

struct command a_withdrawal(const char *order, int64_t account, int64_t amount)
{
    struct command command = make_withdraw(L_SHOP, account, amount, 0, 0);
    command.withdraw.destination = other_party;
    return command_of_order(order, command);
}

struct command a_result(int64_t payout, int32_t result)
{
    return make_confirm(L_SHOP, payout, result);
}

struct command a_return(int64_t payout, int64_t amount)
{
    return make_return(L_SHOP, payout, amount);
}

struct command an_interception(int64_t payout)
{
    return make_intercept(L_SHOP, payout);
}
