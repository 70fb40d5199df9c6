/* decode.c: requests to change something, from bytes to struct command.
 *
 * Raw check, unpacking into the arena, then the field tables, then the few rules that tie fields of
 * one kind together. Nothing here asks whether an id exists.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/decode.h"

#include "base/check.h"
#include "ceilings.h"
#include "command/body.h"
#include "command/checks.h"
#include "command/identify.h"
#include "command/proof.h"
#include "command/unpack.h"
#include "model/document.h"
#include "model/records.h"
#include "vsl/v1/funds.pb-c.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* ---- fields that belong together ---- */

/* Each of these adds what is broken to `all`; see decode_add_tie for what it is judged by. */

static void check_receipt(const struct book_receipt *receipt, struct decode_error *all)
{
    if (receipt->account_id != 0 && receipt->receiving_number.length > 0)
        decode_add_tie(all, "account_id", "receiving_number",
            "excludes account_id: give one of them, so that it is clear who is meant",
            "不能与 account_id 同时填写：请只填其一，以明确指的是谁");
}

static void check_open_lump(const struct open_lump *lump, struct decode_error *all)
{
    if (lump->control_minor < lump->control_count)
        decode_add_tie(all, "control_count", "control_total_minor",
            "must be at least control_count: no line is below 1",
            "不得小于 control_count：每笔明细至少为 1");
    if (lump->is_all_or_none && lump->control_count > BATCH_COMMANDS_MAX - 1)
        decode_add_tie(all, "all_or_nothing", "control_count",
            "must be at most %d with all_or_nothing: its lines and its CloseLump go in one batch",
            "all_or_nothing 时至多为 %d：明细与 CloseLump 须在同一批中发送",
            BATCH_COMMANDS_MAX - 1);
}

static void check_close_lump(const struct close_lump *close, struct decode_error *all)
{
    if (close->is_cancelled && close->is_as_it_stands)
        decode_add_tie(all, "cancel", "as_it_stands",
            "excludes cancel: a lump is given up without a line, or closed with those it has",
            "不能与 cancel 同时填写：汇总款或在没有明细时取消，或按已有明细关闭");
}

static bool is_sha256(struct text text)
{
    uint32_t i = 0;
    while (i < text.length && ((text.bytes[i] >= '0' && text.bytes[i] <= '9') ||
                                  (text.bytes[i] >= 'a' && text.bytes[i] <= 'f')))
        i++;
    return i == text.length && text.length == FILE_SHA256_BYTES;
}

static void check_open_bank_statement(
    const struct open_bank_statement *open, struct decode_error *all)
{
    if (!is_sha256(open->file_sha256))
        decode_add_tie(all, "", "file_sha256", "must be 64 hexadecimal digits, 0 to 9 and a to f",
            "须为 64 位十六进制字符，0 至 9、a 至 f");
    if (open->to_date < open->from_date)
        decode_add_tie(
            all, "from_date", "to_date", "must not be before from_date", "不得早于 from_date");
}

/* Rounded up, units can be worth more than was paid for them: nothing is left to give back. */
static void check_open_product(const struct open_product *open, struct decode_error *all)
{
    if (open->rest == PRODUCT_REST_TO_HOLDER && open->unit_rounding != PRODUCT_ROUNDING_DOWN)
        decode_add_tie(all, "unit_rounding", "rest",
            "must be PRODUCT_REST_TO_ISSUER (%d) unless units are rounded down",
            "除非份额向下取整，否则须为 PRODUCT_REST_TO_ISSUER (%d)", PRODUCT_REST_TO_ISSUER);
}

static void check_close_bank_statement(
    const struct close_bank_statement *close, struct decode_error *all)
{
    if (close->is_cancelled && close->is_as_it_stands)
        decode_add_tie(all, "cancel", "as_it_stands",
            "excludes cancel: a statement is given up without a line, or taken with those it has",
            "不能与 cancel 同时填写：对账单或在没有明细时作废，或按已有明细关闭");
}

static void check_match(const struct match_statement_line *match, struct decode_error *all)
{
    if (match->payout_id != 0 && match->receipt_sequence != 0)
        decode_add_tie(all, "payout_id", "receipt_sequence",
            "excludes payout_id: give one of them, so that it is clear what the line settles",
            "不能与 payout_id 同时填写：请只填其一，以明确该明细对应哪一笔");
    if (match->payout_id == 0 && match->receipt_sequence == 0)
        decode_add_tie(all, "receipt_sequence", "payout_id",
            "or receipt_sequence is required: give one of them", "与 receipt_sequence 须填写其一");
}

static void check_line(const struct allocate_line *line, struct decode_error *all)
{
    bool has_number = line->receiving_number.length > 0;
    if (line->account_id != 0 && has_number)
        decode_add_tie(all, "account_id", "receiving_number",
            "excludes account_id: give one of them, so that it is clear who is meant",
            "不能与 account_id 同时填写：请只填其一，以明确指的是谁");
    if (line->account_id == 0 && !has_number)
        decode_add_tie(all, "receiving_number", "account_id",
            "or receiving_number is required: give one of them", "与 receiving_number 须填写其一");
}

/* A fee is agreed or computed by a rule, not both. */
static void check_fee(int64_t fee_minor, struct text fee_rule, struct decode_error *all)
{
    if (fee_minor > 0 && fee_rule.length > 0)
        decode_add_tie(all, "fee_minor", "fee_rule",
            "excludes fee_minor: name a rule or agree on a fee, so that it is clear what is "
            "charged",
            "不能与 fee_minor 同时填写：请指定收费规则或约定费用，以明确收费金额");
}

void check_withdraw_fee(const struct withdraw *withdraw, struct decode_error *all)
{
    bool has_fee = withdraw->fee_minor > 0 || withdraw->fee_rule.length > 0;
    bool has_mode = withdraw->fee_mode != 0;
    bool has_account = withdraw->fee_account_id != 0;
    check_fee(withdraw->fee_minor, withdraw->fee_rule, all);
    if (has_fee && !has_mode)
        decode_add_tie(all, "", "fee_mode",
            "is required when there is a fee: FEE_MODE_OUTSIDE (%d), FEE_MODE_INSIDE (%d) or "
            "FEE_MODE_BORNE_BY_ANOTHER (%d)",
            "有费用时必填：FEE_MODE_OUTSIDE (%d)、FEE_MODE_INSIDE (%d) 或 "
            "FEE_MODE_BORNE_BY_ANOTHER (%d)",
            FEE_OUTSIDE, FEE_INSIDE, FEE_BORNE_BY_ANOTHER);
    if (!has_fee && has_mode)
        decode_add_tie(all, "fee_minor fee_rule", "fee_mode",
            "must be left out when there is neither fee_minor nor fee_rule",
            "没有 fee_minor 和 fee_rule 时不得填写");
    if (withdraw->fee_mode == FEE_BORNE_BY_ANOTHER && !has_account)
        decode_add_tie(all, "fee_mode", "fee_account_id",
            "is required with FEE_MODE_BORNE_BY_ANOTHER: give the account that bears the fee",
            "FEE_MODE_BORNE_BY_ANOTHER 时必填：请填写承担费用的账户");
    if (withdraw->fee_mode != FEE_BORNE_BY_ANOTHER && has_account)
        decode_add_tie(all, "fee_mode", "fee_account_id",
            "must be left out unless fee_mode is FEE_MODE_BORNE_BY_ANOTHER",
            "仅当 fee_mode 为 FEE_MODE_BORNE_BY_ANOTHER 时填写");
}

/* Whom it pays: a party of both name and number, or a card, or whom the server finds. */
static void check_destination(const struct withdraw *withdraw, struct decode_error *all)
{
    const struct party *to = &withdraw->destination;
    bool has_name = !text_is_only_blanks(to->name);
    bool has_number = !text_is_only_blanks(to->account_number);
    bool is_given =
        to->name.length > 0 || to->account_number.length > 0 || to->bank_code.length > 0;
    if (is_given && !has_name)
        decode_add_tie(all, "destination.account_number destination.bank_code", "destination.name",
            "is required with the other fields of destination: a bank pays a name and a number",
            "填写 destination 其他字段时必填：银行付款需要户名和账号");
    if (is_given && !has_number)
        decode_add_tie(all, "destination.name destination.bank_code", "destination.account_number",
            "is required with the other fields of destination: a bank pays a name and a number",
            "填写 destination 其他字段时必填：银行付款需要户名和账号");
    if (is_given && withdraw->card_id != 0)
        decode_add_tie(all, "destination.name destination.account_number destination.bank_code",
            "card_id", "excludes destination: give one of them, so that it is clear who is meant",
            "不能与 destination 同时填写：请只填其一，以明确收款方");
}

static void check_payees(const struct payee *payees, uint32_t count, struct decode_error *all)
{
    char path[FIELD_PATH_BYTES_MAX];
    /* Each with each: at most 4,950 pairs. */
    for (uint32_t i = 1; i < count; i++) {
        uint32_t j = 0;
        while (j < i && payees[i].account_id != payees[j].account_id)
            j++;
        if (j == i)
            continue;
        int n = snprintf(path, sizeof path, "payees[%" PRIu32 "].account_id", i);
        CHECK(n > 0 && (size_t)n < sizeof path);
        decode_add_tie(all, "", path,
            "is the same as payees[%" PRIu32 "].account_id; name each account once",
            "与 payees[%" PRIu32 "].account_id 相同；每个账户只填一次", j);
    }
}

/* Payees and fee of a payment or a confirm. */
static void check_payment(const struct payee *payees, uint32_t count, int64_t fee_minor,
    struct text fee_rule, int32_t fee_bearer, struct decode_error *all)
{
    check_payees(payees, count, all);
    check_fee(fee_minor, fee_rule, all);
    if (fee_bearer == FEE_BEARER_PAYEES && fee_rule.length == 0)
        decode_add_tie(all, "fee_rule", "fee_bearer",
            "must be the payer unless fee_rule is given: an agreed fee is borne by the payer",
            "未填 fee_rule 时须为付款方：约定的费用由付款方承担");
}

static void check_terms(const struct set_terms *terms, struct decode_error *all)
{
    const struct party *own = &terms->own_account;
    if (terms->named == 0)
        decode_add_tie(all, "", "own_account",
            "or another term is required: what is not named stays; to unset own_account give it "
            "empty, advance_refunds false, payout_return_days 0, suspense_age_s 0, "
            "one_membership_per_person false, same_card false",
            "与其他条款至少填写一项：未填的保持不变；取消时 own_account 填空，advance_refunds 填 "
            "false，payout_return_days、suspense_age_s 填 0，one_membership_per_person、same_card "
            "填 false");
    bool is_named = own->name.length > 0;
    if (is_named && own->account_number.length == 0)
        decode_add_tie(all, "own_account.name", "own_account.account_number",
            "is required with own_account.name", "填写 own_account.name 时必填");
    if (!is_named && (own->account_number.length > 0 || own->bank_code.length > 0))
        decode_add_tie(all, "own_account.account_number own_account.bank_code", "own_account.name",
            "is required with the other fields of own_account; leave all three empty for none",
            "填写 own_account 其他字段时必填；没有时三项均留空");
}

static void check_tiers(const struct set_fee_rule *rule, struct decode_error *all)
{
    char path[FIELD_PATH_BYTES_MAX];
    for (uint32_t i = 0; i < rule->tier_count; i++) {
        const struct fee_tier *tier = &rule->tiers[i];
        snprintf(path, sizeof path, "tiers[%" PRIu32 "].from_minor", i);
        if (i == 0 ? tier->from_minor != 0 : tier->from_minor <= tier[-1].from_minor)
            decode_add_tie(all, "", path,
                "must be 0 in the first tier and greater than that of the tier before in the "
                "others",
                "第一档须为 0，其后各档须大于前一档");
        snprintf(path, sizeof path, "tiers[%" PRIu32 "].maximum_minor", i);
        if (tier->maximum_minor != 0 && tier->maximum_minor < tier->minimum_minor)
            decode_add_tie(all, "", path, "must not be below minimum_minor; 0 is no limit",
                "不得小于 minimum_minor；0 表示不限");
    }
}

static void check_shares(const struct set_fee_rule *rule, struct decode_error *all)
{
    int64_t sum = 0;
    bool is_twice = false;
    for (uint32_t i = 0; i < rule->share_count; i++) {
        sum += rule->shares[i].share_ppm;
        for (uint32_t j = 0; j < i; j++)
            is_twice = is_twice || rule->shares[i].account_id == rule->shares[j].account_id;
    }
    if (is_twice)
        decode_add_tie(all, "", "shares", "must name each account once", "每个账户只填一次");
    if (rule->share_count > 0 && sum != PPM)
        decode_add_tie(all, is_twice ? "shares" : "", "shares",
            "must add up to %d parts per million; they are %" PRId64,
            "合计须为百万分之 %d；现为 %" PRId64, PPM, sum);
}

static void check_confirm_payout(const struct confirm_payout *confirm, struct decode_error *all)
{
    if (confirm->amount_minor > 0 && confirm->result != PAYOUT_RESULT_RETURNED)
        decode_add_tie(all, "result", "amount_minor",
            "must be left out unless result is PAYOUT_RESULT_RETURNED (%d): a payout is paid or "
            "fails as a whole",
            "仅当 result 为 PAYOUT_RESULT_RETURNED (%d) 时填写：出金整笔成功或失败",
            PAYOUT_RESULT_RETURNED);
    if (!confirm->correction)
        return;
    if (confirm->result == PAYOUT_RESULT_SENT || confirm->result == PAYOUT_RESULT_UNKNOWN)
        decode_add_tie(all, "correction", "result",
            "must be PAYOUT_RESULT_PAID (%d), PAYOUT_RESULT_FAILED (%d) or PAYOUT_RESULT_RETURNED "
            "(%d) in a correction",
            "更正时须为 PAYOUT_RESULT_PAID (%d)、PAYOUT_RESULT_FAILED (%d) 或 "
            "PAYOUT_RESULT_RETURNED (%d)",
            PAYOUT_RESULT_PAID, PAYOUT_RESULT_FAILED, PAYOUT_RESULT_RETURNED);
    if (confirm->bank_reference.length == 0)
        decode_add_tie(all, "correction", "bank_reference",
            "is required in a correction: give the bank's number of what it said now",
            "更正时必填：请填写银行本次答复的编号");
}

/* Which promise a line pays, and that it pays something. */
static void check_settle_line(const struct settle_line *line, struct decode_error *all)
{
    if (line->promise_id == 0 && line->reference.length == 0)
        decode_add_tie(all, "promise_id", "reference",
            "is required unless promise_id is given: name the promise",
            "未填 promise_id 时必填：请指明在途入账");
    if (line->promise_id != 0 && line->reference.length > 0)
        decode_add_tie(all, "reference", "promise_id",
            "excludes reference: name the promise by one of them",
            "不能与 reference 同时填写：请用其一指明在途入账");
    if (line->kept_minor >= line->gross_minor)
        decode_add_tie(all, "gross_minor", "kept_minor",
            "must be below gross_minor, so that something arrives; it was %" PRId64,
            "须小于 gross_minor，以便有款项到账；收到的是 %" PRId64, line->kept_minor);
}

static void check_close_settlement(const struct close_settlement *close, struct decode_error *all)
{
    if (close->is_abandoned && close->suspense_id == 0)
        decode_add_tie(all, "abandon", "suspense_id",
            "is required with abandon: name the item that the money came from",
            "填写 abandon 时必填：请填写款项来自的挂账项");
    if (!close->is_abandoned && close->suspense_id != 0)
        decode_add_tie(all, "abandon", "suspense_id", "must be left out unless abandon is set",
            "仅当填写 abandon 时填写");
}

static void check_close_difference(const struct close_difference *close, struct decode_error *all)
{
    bool is_assigned = close->ended_by == DIFFERENCE_ASSIGNED;
    bool is_returned = close->ended_by == DIFFERENCE_RETURNED;
    if (is_assigned && close->promise_id == 0)
        decode_add_tie(all, "ended_by", "promise_id",
            "is required when it is assigned: name the promise that it pays",
            "改派时必填：请填写所支付的在途入账");
    if (!is_assigned && close->promise_id != 0)
        decode_add_tie(all, "ended_by", "promise_id",
            "must be left out unless ended_by is DIFFERENCE_END_ASSIGNED (5)",
            "仅当 ended_by 为 DIFFERENCE_END_ASSIGNED (5) 时填写");
    if (is_returned && close->suspense_id == 0)
        decode_add_tie(all, "ended_by", "suspense_id",
            "is required when it is returned: name the item that the money came from",
            "退回时必填：请填写款项来自的挂账项");
    if (!is_returned && close->suspense_id != 0)
        decode_add_tie(all, "ended_by", "suspense_id",
            "must be left out unless ended_by is DIFFERENCE_END_RETURNED (4)",
            "仅当 ended_by 为 DIFFERENCE_END_RETURNED (4) 时填写");
}

/* Those of ISO/IEC 7812 that a bank of China gives with a check digit. */
static bool has_check_digit(struct text number)
{
    return (number.length == 16 || number.length == 19) && memcmp(number.bytes, "62", 2) == 0;
}

#define PERSONAL_CARD_DIGITS_MAX 19

/* The texts are as they are kept: digits. */
static void check_bind_card(const struct bind_card *bind, struct decode_error *all)
{
    if (bind->kind != CARD_PERSONAL)
        return;
    if (bind->number.length > PERSONAL_CARD_DIGITS_MAX)
        decode_add_tie(all, "kind", "number",
            "must have at most %d digits when it is a personal card (ISO/IEC 7812); it had "
            "%" PRIu32,
            "个人银行卡至多 %d 位数字 (ISO/IEC 7812)；收到 %" PRIu32 " 位",
            PERSONAL_CARD_DIGITS_MAX, bind->number.length);
    if (has_check_digit(bind->number) && !card_number_is_luhn(bind->number))
        decode_add_tie(all, "kind", "number",
            "has a wrong check digit (Luhn): it is mistyped, as cards that begin with 62 have one",
            "校验位 (Luhn) 有误：62 开头的卡号均有校验位，请检查是否输错");
    if (bind->mobile.length == 0)
        decode_add_tie(all, "kind", "mobile",
            "is required for a personal card: give the mobile number that the bank has",
            "个人银行卡必填：请填写银行预留手机号");
}

/* Exactly one value, and of a document which one it is. */
static void check_add_denied(struct add_denied *add, struct decode_error *all)
{
    bool has_document = add->document_number.length > 0;
    int values = (add->name.length > 0) + has_document + (add->account_number.length > 0);
    struct decode_error one;
    if (values == 0)
        decode_add_tie(all, "account_number", "name",
            "or document_number or account_number is required: give one of them",
            "与 document_number、account_number 须填写其一");
    if (values > 1)
        decode_add_tie(all, "name", has_document ? "document_number" : "account_number",
            "excludes the other values: give one of name, document_number and account_number",
            "不能与其他项同时填写：name、document_number、account_number 只填其一");
    if (has_document && add->document_kind == 0)
        decode_add_tie(all, "document_number", "document_kind",
            "is required with document_number: say which document it is",
            "填写 document_number 时必填：请说明是哪种证件");
    if (!has_document && add->document_kind != 0)
        decode_add_tie(all, "document_number", "document_kind",
            "must be left out without document_number", "未填 document_number 时不得填写");
    /* Looks at the number, once its fields are right. */
    if (all->count == 0 && has_document &&
        check_document_number("document_number", add->document_kind, &add->document_number, &one) <
            0)
        decode_error_add(all, &one);
}

/* Whom a deduction pays; left out of a claim that is only placed. */
static void check_payee(const struct party *payee, struct decode_error *all)
{
    bool has_name = !text_is_only_blanks(payee->name);
    bool has_number = !text_is_only_blanks(payee->account_number);
    bool is_given =
        payee->name.length > 0 || payee->account_number.length > 0 || payee->bank_code.length > 0;
    if (is_given && !has_name)
        decode_add_tie(all, "payee.account_number payee.bank_code", "payee.name",
            "is required with the other fields of payee: a bank pays a name and a number",
            "填写 payee 其他字段时必填：银行付款需要户名和账号");
    if (is_given && !has_number)
        decode_add_tie(all, "payee.name payee.bank_code", "payee.account_number",
            "is required with the other fields of payee: a bank pays a name and a number",
            "填写 payee 其他字段时必填：银行付款需要户名和账号");
}

/* One account or one member, and the two who brought the paper each with a number. */
static void check_place_claim(const struct place_claim *place, struct decode_error *all)
{
    if (place->account_id != 0 && place->member_id != 0)
        decode_add_tie(
            all, "", "member_id", "must be left out with account_id", "填写 account_id 时不得填写");
    if (place->account_id == 0 && place->member_id == 0)
        decode_add_tie(all, "", "account_id",
            "is required, or member_id for all accounts of a member",
            "必填；若为会员的全部账户，请填写 member_id");
    check_payee(&place->payee, all);
}

/* Whoever could learn how it would end could try without being counted. */
static void check_try(const struct command *command, struct decode_error *all)
{
    if (command->dry_run)
        decode_add_tie(all, "", "dry_run", "must be left out: each amount is a try, and counts",
            "不得填写：每次提交的金额都计为一次尝试");
}

/* No ledger and no channel twice, none beside "all", and something that the caller may do. */
static void check_rights(const struct caller_rights *rights, struct decode_error *all)
{
    static const struct caller_roles no_roles;
    char path[FIELD_PATH_BYTES_MAX];
    if (memcmp(&rights->roles, &no_roles, sizeof no_roles) == 0)
        decode_add_tie(
            all, "", "roles", "is required: give one role at least", "必填：请至少填写一个角色");
    if (rights->all_ledgers && rights->ledger_count > 0)
        decode_add_tie(
            all, "", "ledgers", "must be left out with all_ledgers", "填写 all_ledgers 时不得填写");
    if (rights->any_channel && rights->channel_count > 0)
        decode_add_tie(all, "", "channels", "must be left out with any_channel",
            "填写 any_channel 时不得填写");
    for (uint32_t i = 1; i < rights->ledger_count; i++) {
        uint32_t j = 0;
        while (j < i && rights->ledgers[i].ledger_id != rights->ledgers[j].ledger_id)
            j++;
        snprintf(path, sizeof path, "ledgers[%" PRIu32 "].ledger_id", i);
        if (j < i)
            decode_add_tie(all, "", path,
                "is the same as ledgers[%" PRIu32 "].ledger_id; name each ledger once",
                "与 ledgers[%" PRIu32 "].ledger_id 相同；每个台账只填一次", j);
    }
    for (uint32_t i = 0; i < rights->channel_count; i++) {
        struct text channel = rights->channels[i].channel;
        uint32_t j = 0;
        while (j < i && !text_equals(channel, rights->channels[j].channel))
            j++;
        snprintf(path, sizeof path, "channels[%" PRIu32 "].channel", i);
        if (text_equals(channel, text_of(OWN_CHANNEL)))
            decode_add_tie(all, "", path,
                "must not be \"" OWN_CHANNEL "\": that is the service itself",
                "不得为 \"" OWN_CHANNEL "\"：该渠道是系统自身");
        else if (j < i)
            decode_add_tie(all, "", path,
                "is the same as channels[%" PRIu32 "].channel; name each channel once",
                "与 channels[%" PRIu32 "].channel 相同；每个渠道只填一次", j);
    }
}

/* Levels of one kind of member: only of a custom policy, none twice. */
static void check_levels(const struct account_level_asked *levels, uint32_t count, const char *name,
    int32_t preset, struct decode_error *all)
{
    char path[FIELD_PATH_BYTES_MAX];
    if (count > 0 && preset != ACCOUNT_POLICY_CUSTOM)
        decode_add_tie(all, "preset", name,
            "must be left out unless preset is ACCOUNT_POLICY_PRESET_CUSTOM: a ready-made policy "
            "says what each level may do",
            "仅当 preset 为 ACCOUNT_POLICY_PRESET_CUSTOM 时填写：预置策略已规定各等级的权限");
    for (uint32_t i = 1; i < count; i++) {
        uint32_t j = 0;
        while (j < i && levels[i].level != levels[j].level)
            j++;
        snprintf(path, sizeof path, "%s[%" PRIu32 "].level", name, i);
        if (j < i)
            decode_add_tie(all, "", path,
                "is the same as %s[%" PRIu32 "].level; name each level once",
                "与 %s[%" PRIu32 "].level 相同；每个等级只填一次", name, j);
    }
}

static void check_account_policy(const struct set_account_policy *policy, struct decode_error *all)
{
    check_levels(policy->merchants, policy->merchant_count, "merchants", policy->preset, all);
    check_levels(policy->users, policy->user_count, "users", policy->preset, all);
}

/* Kinds that two persons can be asked for, none twice, and limits where there are amounts. */
static void check_policy(const struct set_approval_policy *policy, struct decode_error *all)
{
    char path[FIELD_PATH_BYTES_MAX];
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        const struct approval_rule_asked *rule = &policy->rules[i];
        snprintf(path, sizeof path, "rules[%" PRIu32 "].kind", i);
        if (!command_fields(rule->kind) || !command_is_proposable(rule->kind)) {
            decode_add_tie(all, "", path,
                "must be a kind of command that can be proposed, see ProposeRequest.command",
                "须为可以提出待批的指令种类，见 ProposeRequest.command");
            continue;
        }
        uint32_t j = 0;
        while (j < i && policy->rules[j].kind != rule->kind)
            j++;
        if (j < i)
            decode_add_tie(all, "", path,
                "is the same as rules[%" PRIu32 "].kind; name each kind once",
                "与 rules[%" PRIu32 "].kind 相同；每个种类只填一次", j);
        snprintf(path, sizeof path, "rules[%" PRIu32 "].above_amount_minor", i);
        if (rule->above_amount_minor != 0 && !command_has_amount(rule->kind))
            decode_add_tie(all, "", path,
                "must be left out: commands of this kind have no amount, so all of them need two "
                "persons",
                "不得填写：此类指令没有金额，全部须由两人决定");
    }
}

/* Adds all that is broken; -1 when `all` has anything then. */
static int check_together(struct command *command, struct decode_error *all)
{
    const struct pay *pay = &command->pay;
    const struct confirm_hold *confirm = &command->confirm_hold;
    struct decode_error one;
    const struct instruction_proof *proof = command_proof(command);
    if (proof)
        check_proof(proof, all);
    if (proof && proof->kind != 0 && command_mandate_id(command) != 0)
        decode_add_tie(all, "proof", "mandate_id",
            "excludes proof: name the mandate, or give a proof of this one command",
            "不能与 proof 同时填写：请指明扣款授权，或附本指令的客户凭证");
    switch (command->kind) {
    case COMMAND_BOOK_RECEIPT:
        check_receipt(&command->book_receipt, all);
        break;
    case COMMAND_PAY:
        check_payment(
            pay->payees, pay->payee_count, pay->fee_minor, pay->fee_rule, pay->fee_bearer, all);
        break;
    case COMMAND_CONFIRM_HOLD:
        check_payment(confirm->payees, confirm->payee_count, confirm->fee_minor, confirm->fee_rule,
            confirm->fee_bearer, all);
        break;
    case COMMAND_REFUND:
        check_payees(command->refund.payees, command->refund.payee_count, all);
        break;
    case COMMAND_ALLOCATE_SUSPENSE:
        check_payees(
            command->allocate_suspense.payees, command->allocate_suspense.payee_count, all);
        break;
    case COMMAND_UNDO_ALLOCATION:
        check_payees(command->undo_allocation.payees, command->undo_allocation.payee_count, all);
        break;
    case COMMAND_PLACE_CLAIM:
        check_place_claim(&command->place_claim, all);
        if (all->count == 0 &&
            check_subject_named("subject", &command->place_claim.subject, &one) < 0)
            decode_error_add(all, &one);
        break;
    case COMMAND_DEDUCT_CLAIM:
        check_payee(&command->deduct_claim.payee, all);
        break;
    case COMMAND_BIND_CARD:
        check_bind_card(&command->bind_card, all);
        break;
    case COMMAND_ADD_DENIED:
        check_add_denied(&command->add_denied, all);
        break;
    case COMMAND_CONFIRM_CARD_AMOUNT:
        check_try(command, all);
        break;
    case COMMAND_OPEN_PRODUCT:
        check_open_product(&command->open_product, all);
        break;
    case COMMAND_OPEN_BANK_STATEMENT:
        check_open_bank_statement(&command->open_bank_statement, all);
        break;
    case COMMAND_CLOSE_BANK_STATEMENT:
        check_close_bank_statement(&command->close_bank_statement, all);
        break;
    case COMMAND_MATCH_STATEMENT_LINE:
        check_match(&command->match_statement_line, all);
        break;
    case COMMAND_OPEN_LUMP:
        check_open_lump(&command->open_lump, all);
        break;
    case COMMAND_ALLOCATE_LINE:
        check_line(&command->allocate_line, all);
        break;
    case COMMAND_CLOSE_LUMP:
        check_close_lump(&command->close_lump, all);
        break;
    case COMMAND_WITHDRAW:
        check_withdraw_fee(&command->withdraw, all);
        check_destination(&command->withdraw, all);
        break;
    case COMMAND_SETTLE_LINE:
        check_settle_line(&command->settle_line, all);
        break;
    case COMMAND_CLOSE_SETTLEMENT:
        check_close_settlement(&command->close_settlement, all);
        break;
    case COMMAND_IDENTIFY_MEMBER:
        /* Looks at a document as a whole, once its fields are right. */
        if (all->count == 0 && check_identify(&command->identify_member, &one) < 0)
            decode_error_add(all, &one);
        break;
    case COMMAND_CLOSE_DIFFERENCE:
        check_close_difference(&command->close_difference, all);
        break;
    case COMMAND_CONFIRM_PAYOUT:
        check_confirm_payout(&command->confirm_payout, all);
        break;
    case COMMAND_SET_TERMS:
        check_terms(&command->set_terms, all);
        break;
    case COMMAND_SET_ACCOUNT_POLICY:
        check_account_policy(&command->set_account_policy, all);
        break;
    case COMMAND_SET_APPROVAL_POLICY:
        check_policy(&command->set_approval_policy, all);
        break;
    case COMMAND_SET_PROOF_POLICY:
        check_proof_policy(&command->set_proof_policy, all);
        break;
    case COMMAND_GRANT_MANDATE:
        check_grant_mandate(&command->grant_mandate, all);
        break;
    case COMMAND_CREATE_CALLER:
        check_rights(&command->create_caller.rights, all);
        break;
    case COMMAND_UPDATE_CALLER:
        check_rights(&command->update_caller.rights, all);
        break;
    case COMMAND_SET_FEE_RULE:
        check_tiers(&command->set_fee_rule, all);
        check_shares(&command->set_fee_rule, all);
        break;
    default:
        break;
    }
    return all->count > 0 ? -1 : 0;
}

/* ---- what all commands have ---- */

static int read_key(
    const ProtobufCMessage *message, struct request_key *ret_key, struct decode_error *ret_error)
{
    if (!message)
        return decode_refuse(ret_error, "key",
            "is required: give channel, business_date and serial, by which the answer is found "
            "again",
            "必填：请填写 channel、business_date 和 serial，以便日后查到结果");
    if (message_read_key(message, ret_key, ret_error) < 0)
        return -1;
    struct text channel = {.bytes = ret_key->channel, .length = ret_key->channel_length};
    if (text_equals(channel, text_of(OWN_CHANNEL)))
        return decode_refuse(ret_error, "key.channel",
            "must not be \"" OWN_CHANNEL "\": that is the service itself; give your own channel",
            "不得为 \"" OWN_CHANNEL "\"：该渠道是系统自身；请填写自己的渠道");
    return 0;
}

static int read_ledger_id(const struct bound_kind *bound, const ProtobufCMessage *message,
    struct command *command, struct decode_error *ret_error)
{
    int64_t id = message_number(message, bound->ledger_id_offset, FIELD_INT64);
    bool has_ledger = command_has_ledger((int)command->kind);
    if (command->kind == COMMAND_OPEN_LEDGER && id != 0)
        return decode_refuse(ret_error, "ledger_id",
            "must be left out: the service gives the ledger its id; it was %" PRId64,
            "不得填写：台账编号由系统分配；收到的是 %" PRId64, id);
    if (!has_ledger && id != 0)
        return decode_refuse(ret_error, "ledger_id",
            "must be left out: a caller belongs to no ledger; it was %" PRId64,
            "不得填写：调用方不属于任何台账；收到的是 %" PRId64, id);
    if (has_ledger && id < 1)
        return decode_refuse(ret_error, "ledger_id", "is required: give a ledger's id, 1 or more",
            "必填：请填写台账编号，1 或以上");
    command->ledger_id = id;
    return 0;
}

const ProtobufCMessage *command_of_item(const Vsl__V1__BatchItem *item, int *ret_kind)
{
    if (!item || item->command_case == VSL__V1__BATCH_ITEM__COMMAND__NOT_SET)
        return NULL;
    /* All members of the union are pointers. */
    *ret_kind = (int)item->command_case;
    const ProtobufCMessage *message =
        message_pointer(item, (uint16_t)offsetof(Vsl__V1__BatchItem, pay));
    CHECK(message && message->descriptor == bound_kind_get(*ret_kind)->descriptor);
    return message;
}

/* What a proposed command must not say, for its approval says it. */
static int check_inside(
    const struct bound_kind *bound, const ProtobufCMessage *message, struct decode_error *ret_error)
{
    if (message_pointer(message, bound->key_offset))
        return decode_refuse(ret_error, "key",
            "must be left out: the command is decided under the key of its approval",
            "不得填写：该指令以批准时的请求键处理");
    if (message_number(message, bound->dry_run_offset, FIELD_BOOL) != 0)
        return decode_refuse(ret_error, "dry_run",
            "must be left out: a proposal is kept; make the approval a dry run",
            "不得填写：待批事项会被保存；请在批准时试运行");
    if (message_number(message, bound->ledger_id_offset, FIELD_INT64) != 0)
        return decode_refuse(ret_error, "ledger_id",
            "must be left out: it is the ledger of the proposal", "不得填写：即待批事项所在的台账");
    return 0;
}

/* A proposed command: read and checked like one that comes alone, but for what only its approval
 * has; kept as its body. */
static int read_inside(const ProtobufCMessage *message, struct arena *arena,
    struct propose *ret_propose, struct decode_error *ret_error)
{
    int kind;
    const ProtobufCMessage *content =
        command_of_item(((const Vsl__V1__ProposeRequest *)message)->command, &kind);
    if (!content)
        return decode_refuse(
            ret_error, "command", "is required: give one command", "必填：请填写一个指令");
    const struct bound_kind *bound = bound_kind_get(kind);
    char path[FIELD_PATH_BYTES_MAX];
    snprintf(path, sizeof path, "command.%s", bound->table->name);
    if (!command_is_proposable(kind))
        return decode_refuse(ret_error, path,
            "cannot be proposed: it is a matter of two persons by itself, or of no ledger",
            "不能提出待批：该指令本身须由两人决定，或不属于任何台账");
    struct command command = {.kind = (enum command_kind)kind};
    struct decode_error part;
    ret_error->count = 0;
    if (check_inside(bound, content, &part) < 0)
        decode_error_add(ret_error, &part);
    if (message_read_fields(bound->table, bound->fields, content, arena, &command, &part) < 0) {
        /* Memory is short: that is about the whole request. */
        if (part.field[0] == '\0') {
            *ret_error = part;
            return -1;
        }
        decode_error_add(ret_error, &part);
    }
    if (check_together(&command, ret_error) < 0) {
        decode_error_prefix(ret_error, "%s.", path);
        return -1;
    }
    uint8_t *bytes = arena_try_alloc(arena, PROPOSED_BYTES_MAX);
    if (!bytes)
        return decode_refuse(ret_error, "", TOO_MUCH_MEMORY);
    command_propose(ret_propose, &command);
    ret_propose->command = (struct text){
        .bytes = (const char *)bytes, .length = (uint32_t)command_put_proposed(&command, bytes)};
    return 0;
}

int command_read(const struct bound_kind *bound, enum command_kind kind,
    const ProtobufCMessage *message, struct arena *arena, struct command *command,
    struct decode_error *ret_error)
{
    memset(command, 0, sizeof *command);
    command->kind = kind;
    command->dry_run = message_number(message, bound->dry_run_offset, FIELD_BOOL) != 0;
    struct decode_error part;
    ret_error->count = 0;
    if (read_key(message_pointer(message, bound->key_offset), &command->key, &part) < 0)
        decode_error_add(ret_error, &part);
    if (read_ledger_id(bound, message, command, &part) < 0)
        decode_error_add(ret_error, &part);
    if (message_read_fields(bound->table, bound->fields, message, arena, command, &part) < 0)
        decode_error_add(ret_error, &part);
    if (kind == COMMAND_PROPOSE && read_inside(message, arena, &command->propose, &part) < 0)
        decode_error_add(ret_error, &part);
    return check_together(command, ret_error);
}

int command_decode(enum command_kind kind, const uint8_t *bytes, size_t length, struct arena *arena,
    struct command *ret_command, struct decode_error *ret_error)
{
    const struct bound_kind *bound = bound_kind_get((int)kind);
    const ProtobufCMessage *message =
        request_unpack(bound->descriptor, bytes, length, bound_limits(), arena, ret_error);
    if (!message)
        return -1;
    struct command command;
    if (command_read(bound, kind, message, arena, &command, ret_error) < 0)
        return -1;
    *ret_command = command;
    return 0;
}
