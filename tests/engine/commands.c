/* commands.c: see commands.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include "model/document.h"

#include "base/check.h"
#include "ceilings.h"
#include "command/body.h"
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
        .policy = ACCOUNT_POLICY_UNCHECKED,
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

struct command make_open_merchant(int64_t ledger_id, const char *platform_member_id)
{
    struct command command = make_open_member(ledger_id, platform_member_id);
    command.open_member.kind = MEMBER_MERCHANT;
    return command;
}

struct command make_identify(
    int64_t ledger_id, int64_t member_id, const char *name, const char *number, int32_t until)
{
    struct command command = make(COMMAND_IDENTIFY_MEMBER, ledger_id);
    command.identify_member = (struct identify_member){.member_id = member_id,
        .subject = SUBJECT_PERSON,
        .holder = {text_of(name), DOCUMENT_CITIZEN_CARD, text_of(number), TEST_DATE - 1000, until},
        .check = {text_of("id-check"), (int64_t)(TEST_DATE - 1000) * 86400 * 1000000,
            text_of("0000"), text_of("17")}};
    return command;
}

struct command make_identify_company(
    int64_t ledger_id, int64_t member_id, const char *name, const char *number)
{
    struct command command =
        make_identify(ledger_id, member_id, "\u5f20\u4e09", "11010519491231002X", 0);
    struct identify_member *asked = &command.identify_member;
    asked->representative = asked->holder;
    asked->subject = SUBJECT_COMPANY;
    asked->holder.name = text_of(name);
    asked->holder.number = text_of(number);
    asked->holder.document_kind = DOCUMENT_SOCIAL_CREDIT_CODE;
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

struct command make_lift_of(
    int64_t ledger_id, int64_t account_id, const char *owner, bool no_in, bool no_out)
{
    struct command command = make_restrict(ledger_id, account_id, no_in, no_out);
    command.restrict_account.owner = text_of(owner);
    return command;
}

struct command make_receipt(int64_t ledger_id, int64_t account_id, int64_t amount)
{
    struct command command = make(COMMAND_BOOK_RECEIPT, ledger_id);
    command.book_receipt = (struct book_receipt){.account_id = account_id, .amount_minor = amount};
    return command;
}

struct command with_reference(const char *reference, struct command receipt)
{
    receipt.book_receipt.bank_reference = text_of(reference);
    return receipt;
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

static const struct payee *copy_payees(const struct payee *payees, uint32_t payee_count)
{
    static struct payee copies[PAYEES_KEPT];
    static uint32_t used;
    CHECK(payee_count <= PAYEES_PER_COMMAND_MAX);
    if (used + payee_count > PAYEES_KEPT)
        used = 0;
    if (payee_count > 0)
        memcpy(&copies[used], payees, payee_count * sizeof *payees);
    used += payee_count;
    return &copies[used - payee_count];
}

struct command make_split(
    int64_t ledger_id, int64_t payer, const struct payee *payees, uint32_t payee_count, int64_t fee)
{
    struct command command = make(COMMAND_PAY, ledger_id);
    command.pay = (struct pay){.payer_account_id = payer,
        .payees = copy_payees(payees, payee_count),
        .payee_count = payee_count,
        .fee_minor = fee};
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

struct party party_of(const char *name, const char *account_number)
{
    return (struct party){.name = text_of(name), .account_number = text_of(account_number)};
}

struct command make_set_terms(
    int64_t ledger_id, struct party own_account, bool advance_refunds, int32_t payout_return_days)
{
    struct command command = make(COMMAND_SET_TERMS, ledger_id);
    command.set_terms = (struct set_terms){.own_account = own_account,
        .advance_refunds = advance_refunds,
        .payout_return_days = payout_return_days};
    return command;
}

struct command make_one_membership(int64_t ledger_id, bool one_membership)
{
    struct command command = make(COMMAND_SET_TERMS, ledger_id);
    command.set_terms =
        (struct set_terms){.named = TERM_ONE_MEMBERSHIP, .one_membership = one_membership};
    return command;
}

struct command make_same_card(int64_t ledger_id, bool same_card)
{
    struct command command = make(COMMAND_SET_TERMS, ledger_id);
    command.set_terms = (struct set_terms){.named = TERM_SAME_CARD, .same_card = same_card};
    return command;
}

struct command make_withdraw_by_card(
    int64_t ledger_id, int64_t account_id, int64_t amount, int64_t card_id)
{
    struct command command = make_withdraw(ledger_id, account_id, amount, 0, 0);
    command.withdraw.destination = (struct party){0};
    command.withdraw.card_id = card_id;
    return command;
}

struct command make_suspense_age(int64_t ledger_id, int32_t age_s)
{
    struct command command = make(COMMAND_SET_TERMS, ledger_id);
    command.set_terms = (struct set_terms){.named = TERM_SUSPENSE_AGE, .suspense_age_s = age_s};
    return command;
}

struct command make_fee_rule(int64_t ledger_id, const char *name, int32_t effective_date,
    const struct fee_tier *tiers, uint32_t tier_count)
{
    struct command command = make(COMMAND_SET_FEE_RULE, ledger_id);
    command.set_fee_rule = (struct set_fee_rule){
        .name = text_of(name),
        .effective_date = effective_date,
        .rounding = FEE_ROUNDING_HALF_UP,
        .refund = FEE_REFUND_PROPORTIONAL,
        .on_payout_failed = PAYOUT_FEE_BACK,
        .on_payout_returned = PAYOUT_FEE_KEPT,
        .tiers = tiers,
        .tier_count = tier_count,
    };
    return command;
}

struct command make_open_fee_account(int64_t ledger_id)
{
    struct command command = make(COMMAND_OPEN_FEE_ACCOUNT, ledger_id);
    command.open_fee_account.purpose = text_of("test");
    return command;
}

struct command make_collect_fees(
    int64_t ledger_id, int64_t account_id, int64_t amount, const char *fee_rule)
{
    struct command command = make(COMMAND_COLLECT_FEES, ledger_id);
    command.collect_fees = (struct collect_fees){
        .account_id = account_id, .amount_minor = amount, .fee_rule = text_of(fee_rule)};
    return command;
}

struct command make_receipt_from(
    int64_t ledger_id, int64_t account_id, int64_t amount, struct party payer)
{
    struct command command = make_receipt(ledger_id, account_id, amount);
    command.book_receipt.payer = payer;
    return command;
}

struct command make_refund(int64_t ledger_id, int64_t original_sequence, const char *order_number,
    const struct payee *payees, uint32_t payee_count)
{
    struct command command = make(COMMAND_REFUND, ledger_id);
    command.refund = (struct refund){.original_sequence = original_sequence,
        .order_number = text_of(order_number),
        .payees = copy_payees(payees, payee_count),
        .payee_count = payee_count};
    return command;
}

struct command make_allocate(
    int64_t ledger_id, int64_t suspense_id, const struct payee *payees, uint32_t payee_count)
{
    struct command command = make(COMMAND_ALLOCATE_SUSPENSE, ledger_id);
    command.allocate_suspense = (struct allocate_suspense){.suspense_id = suspense_id,
        .payees = copy_payees(payees, payee_count),
        .payee_count = payee_count};
    return command;
}

struct command make_undo_allocation(int64_t ledger_id, int64_t suspense_id,
    int64_t original_sequence, const struct payee *payees, uint32_t payee_count)
{
    struct command command = make(COMMAND_UNDO_ALLOCATION, ledger_id);
    command.undo_allocation = (struct undo_allocation){.suspense_id = suspense_id,
        .original_sequence = original_sequence,
        .payees = copy_payees(payees, payee_count),
        .payee_count = payee_count};
    return command;
}

struct command make_return_suspense(
    int64_t ledger_id, int64_t suspense_id, int64_t original_sequence, int64_t amount)
{
    struct command command = make(COMMAND_RETURN_SUSPENSE, ledger_id);
    command.return_suspense = (struct return_suspense){
        .suspense_id = suspense_id, .original_sequence = original_sequence, .amount_minor = amount};
    return command;
}

struct command make_bind_card(
    int64_t ledger_id, int64_t member_id, enum card_kind kind, const char *number)
{
    struct command command = make(COMMAND_BIND_CARD, ledger_id);
    command.bind_card = (struct bind_card){.member_id = member_id,
        .kind = (int32_t)kind,
        .number = text_of(number),
        .bank_code = text_of("308584000013"),
        .holder = text_of("张三"),
        .mobile = text_of("13552535506")};
    return command;
}

static struct paper paper_of(const char *organ)
{
    return (struct paper){.authority_code = text_of(organ),
        .authority_name = text_of("海淀法院"),
        .case_number = text_of("(2026)京0108执17号"),
        .number = text_of("17之一"),
        .officer = {text_of("王五"), text_of("110234")}};
}

struct command make_place_claim(
    int64_t ledger_id, int64_t account_id, int64_t member_id, int64_t amount)
{
    struct command command = make(COMMAND_PLACE_CLAIM, ledger_id);
    command.place_claim = (struct place_claim){.account_id = account_id,
        .member_id = member_id,
        .authority = AUTHORITY_COURT,
        .ground = GROUND_ORDINARY,
        .amount_minor = amount,
        .ends_date = TEST_DATE + 364,
        .paper = paper_of("C-1")};
    return command;
}

struct command claim_by(enum claim_authority authority, enum claim_ground ground, const char *organ,
    int32_t ends, struct command place)
{
    place.place_claim.authority = (int32_t)authority;
    place.place_claim.ground = (int32_t)ground;
    place.place_claim.ends_date = ends;
    place.place_claim.paper = paper_of(organ);
    return place;
}

struct command make_continue_claim(
    int64_t ledger_id, int64_t claim_id, const char *organ, int32_t ends)
{
    struct command command = make(COMMAND_CONTINUE_CLAIM, ledger_id);
    command.continue_claim =
        (struct continue_claim){.claim_id = claim_id, .ends_date = ends, .paper = paper_of(organ)};
    return command;
}

struct command make_release_claim(
    int64_t ledger_id, int64_t claim_id, const char *organ, int64_t amount)
{
    struct command command = make(COMMAND_RELEASE_CLAIM, ledger_id);
    command.release_claim = (struct release_claim){
        .claim_id = claim_id, .amount_minor = amount, .paper = paper_of(organ)};
    return command;
}

struct command make_open_feedback(int64_t ledger_id, const char *organ, int64_t answer_by_us)
{
    struct command command = make(COMMAND_OPEN_FEEDBACK, ledger_id);
    command.open_feedback =
        (struct open_feedback){.answer_by_us = answer_by_us, .paper = paper_of(organ)};
    return command;
}

struct command make_give_feedback(int64_t ledger_id, int64_t feedback_id, const char *organ)
{
    struct command command = make(COMMAND_GIVE_FEEDBACK, ledger_id);
    command.give_feedback = (struct give_feedback){
        .feedback_id = feedback_id, .authority_code = text_of(organ), .given_by = text_of("0173")};
    return command;
}

struct command answered_by(struct command command, int64_t answer_by_us)
{
    if (command.kind == COMMAND_PLACE_CLAIM)
        command.place_claim.answer_by_us = answer_by_us;
    if (command.kind == COMMAND_CONTINUE_CLAIM)
        command.continue_claim.answer_by_us = answer_by_us;
    if (command.kind == COMMAND_RELEASE_CLAIM)
        command.release_claim.answer_by_us = answer_by_us;
    if (command.kind == COMMAND_DEDUCT_CLAIM)
        command.deduct_claim.answer_by_us = answer_by_us;
    return command;
}

struct command make_deduct_claim(
    int64_t ledger_id, int64_t claim_id, const char *organ, int64_t amount)
{
    struct command command = make(COMMAND_DEDUCT_CLAIM, ledger_id);
    command.deduct_claim = (struct deduct_claim){.claim_id = claim_id,
        .amount_minor = amount,
        .paper = paper_of(organ),
        .payee = {text_of("\u6267\u884c\u6b3e\u4e13\u6237"), text_of("1100601490181700"), {0}}};
    return command;
}

struct command make_return_to_victim(
    int64_t ledger_id, int64_t claim_id, const char *organ, int64_t amount)
{
    struct command command = make_deduct_claim(ledger_id, claim_id, organ, amount);
    command.deduct_claim.is_to_victim = true;
    return command;
}

struct command and_deduct(struct command place)
{
    place.place_claim.payee =
        (struct party){text_of("\u6267\u884c\u6b3e\u4e13\u6237"), text_of("1100601490181700"), {0}};
    return place;
}

struct command make_check_card(int64_t ledger_id, int64_t card_id, enum card_check_way way)
{
    struct command command = make(COMMAND_CHECK_CARD, ledger_id);
    command.check_card = (struct check_card){.card_id = card_id, .way = (int32_t)way};
    command.check_amount_minor = 17;
    return command;
}

struct command make_confirm_card(
    int64_t ledger_id, int64_t card_id, int64_t check, enum card_check_result result)
{
    struct command command = make(COMMAND_CONFIRM_CARD_CHECK, ledger_id);
    command.confirm_card_check = (struct confirm_card_check){
        .card_id = card_id, .check_sequence = check, .result = (int32_t)result};
    return command;
}

struct command make_card_amount(int64_t ledger_id, int64_t card_id, int64_t amount)
{
    struct command command = make(COMMAND_CONFIRM_CARD_AMOUNT, ledger_id);
    command.confirm_card_amount =
        (struct confirm_card_amount){.card_id = card_id, .amount_minor = amount};
    return command;
}

struct command make_unbind_card(int64_t ledger_id, int64_t card_id)
{
    struct command command = make(COMMAND_UNBIND_CARD, ledger_id);
    command.unbind_card = (struct unbind_card){
        .card_id = card_id, .reason = CARD_END_LOST, .evidence = text_of("report 4711")};
    return command;
}

struct command make_replace_card(int64_t ledger_id, int64_t card_id, int64_t new_card_id)
{
    struct command command = make(COMMAND_REPLACE_CARD, ledger_id);
    command.replace_card = (struct replace_card){.card_id = card_id,
        .new_card_id = new_card_id,
        .reason = CARD_END_BY_MEMBER,
        .evidence = text_of("report 4711")};
    return command;
}

static struct command make_deny(int64_t ledger_id, int64_t expires_at_us)
{
    struct command command = make(COMMAND_ADD_DENIED, ledger_id);
    command.add_denied = (struct add_denied){.source = DENIED_BY_POLICE,
        .reason = text_of("notice 2026-17"),
        .expires_at_us = expires_at_us};
    return command;
}

struct command make_deny_name(int64_t ledger_id, const char *name, int64_t expires_at_us)
{
    struct command command = make_deny(ledger_id, expires_at_us);
    command.add_denied.name = text_of(name);
    return command;
}

struct command make_deny_document(int64_t ledger_id, const char *number, int64_t expires_at_us)
{
    struct command command = make_deny(ledger_id, expires_at_us);
    command.add_denied.document_kind = DOCUMENT_CITIZEN_CARD;
    command.add_denied.document_number = text_of(number);
    return command;
}

struct command make_deny_account(int64_t ledger_id, const char *number, int64_t expires_at_us)
{
    struct command command = make_deny(ledger_id, expires_at_us);
    command.add_denied.account_number = text_of(number);
    return command;
}

struct command make_end_denied(int64_t ledger_id, int64_t denied_id)
{
    struct command command = make(COMMAND_END_DENIED, ledger_id);
    command.end_denied =
        (struct end_denied){.denied_id = denied_id, .evidence = text_of("order 2026-99")};
    return command;
}

struct command make_decide_hit(int64_t ledger_id, int64_t hit_id, enum hit_decision decision)
{
    struct command command = make(COMMAND_DECIDE_HIT, ledger_id);
    command.decide_hit = (struct decide_hit){.hit_id = hit_id,
        .decision = (int32_t)decision,
        .reason = text_of("another birthday"),
        .evidence = text_of("file 4711")};
    return command;
}

struct command make_open_lump(int64_t ledger_id, int64_t suspense_id, int64_t count, int64_t total)
{
    struct command command = make(COMMAND_OPEN_LUMP, ledger_id);
    command.open_lump = (struct open_lump){
        .suspense_id = suspense_id, .control_count = count, .control_minor = total};
    return command;
}

struct command make_line(
    int64_t ledger_id, int64_t lump_id, const char *source_order, int64_t account, int64_t amount)
{
    struct command command = make(COMMAND_ALLOCATE_LINE, ledger_id);
    command.allocate_line = (struct allocate_line){.lump_id = lump_id,
        .source_order = text_of(source_order),
        .account_id = account,
        .amount_minor = amount};
    return command;
}

struct command make_close_lump(int64_t ledger_id, int64_t lump_id)
{
    struct command command = make(COMMAND_CLOSE_LUMP, ledger_id);
    command.close_lump.lump_id = lump_id;
    return command;
}

struct command make_cancel_lump(int64_t ledger_id, int64_t lump_id)
{
    struct command command = make_close_lump(ledger_id, lump_id);
    command.close_lump.is_cancelled = true;
    return command;
}

struct command make_close_as_it_stands(int64_t ledger_id, int64_t lump_id)
{
    struct command command = make_close_lump(ledger_id, lump_id);
    command.close_lump.is_as_it_stands = true;
    return command;
}

struct command make_undo_line(
    int64_t ledger_id, int64_t suspense_id, int64_t lump_id, int64_t original_sequence)
{
    struct command command =
        make_undo_allocation(ledger_id, suspense_id, original_sequence, NULL, 0);
    command.undo_allocation.lump_id = lump_id;
    return command;
}

struct command make_adopt(int64_t ledger_id, int64_t amount, int64_t original_sequence)
{
    struct command command = make(COMMAND_ADOPT_SUSPENSE, ledger_id);
    command.adopt_suspense = (struct adopt_suspense){
        .amount_minor = amount, .original_sequence = original_sequence, .reason = text_of("test")};
    return command;
}

struct command make_open_acquirer(
    int64_t ledger_id, const char *name, int32_t days, const char *fee_rule, int64_t ceiling)
{
    struct command command = make(COMMAND_OPEN_ACQUIRER, ledger_id);
    command.open_acquirer = (struct open_acquirer){.name = text_of(name),
        .terms = {
            .settlement_days = days, .fee_rule = text_of(fee_rule), .ceiling_minor = ceiling}};
    return command;
}

struct command make_set_acquirer(
    int64_t ledger_id, int64_t acquirer_id, int32_t days, const char *fee_rule, int64_t ceiling)
{
    struct command command = make(COMMAND_SET_ACQUIRER, ledger_id);
    command.set_acquirer = (struct set_acquirer){.acquirer_id = acquirer_id,
        .terms = {
            .settlement_days = days, .fee_rule = text_of(fee_rule), .ceiling_minor = ceiling}};
    return command;
}

struct command make_promise(int64_t ledger_id, int64_t acquirer_id, int64_t account_id,
    int64_t amount, const char *reference)
{
    struct command command = make(COMMAND_BOOK_PROMISE, ledger_id);
    command.book_promise = (struct book_promise){.acquirer_id = acquirer_id,
        .account_id = account_id,
        .amount_minor = amount,
        .reference = text_of(reference)};
    return command;
}

struct command make_cancel_promise(int64_t ledger_id, int64_t promise_id, int64_t amount)
{
    struct command command = make(COMMAND_CANCEL_PROMISE, ledger_id);
    command.cancel_promise =
        (struct cancel_promise){.promise_id = promise_id, .amount_minor = amount};
    return command;
}

struct command make_open_settlement(
    int64_t ledger_id, int64_t acquirer_id, int64_t suspense_id, int32_t lines, int64_t total)
{
    struct command command = make(COMMAND_OPEN_SETTLEMENT, ledger_id);
    command.open_settlement = (struct open_settlement){.acquirer_id = acquirer_id,
        .suspense_id = suspense_id,
        .line_count = lines,
        .total_minor = total};
    return command;
}

struct command make_settle_line(
    int64_t ledger_id, int64_t settlement_id, int64_t promise_id, int64_t gross, int64_t fee)
{
    struct command command = make(COMMAND_SETTLE_LINE, ledger_id);
    command.settle_line = (struct settle_line){.settlement_id = settlement_id,
        .promise_id = promise_id,
        .gross_minor = gross,
        .kept_minor = fee};
    return command;
}

struct command line_of_reference(const char *reference, struct command line)
{
    line.settle_line.promise_id = 0;
    line.settle_line.reference = text_of(reference);
    return line;
}

struct command partial_line(struct command line)
{
    line.settle_line.is_partial = true;
    return line;
}

struct command make_close_settlement(int64_t ledger_id, int64_t settlement_id)
{
    struct command command = make(COMMAND_CLOSE_SETTLEMENT, ledger_id);
    command.close_settlement = (struct close_settlement){.settlement_id = settlement_id};
    return command;
}

struct command make_abandon(int64_t ledger_id, int64_t settlement_id, int64_t suspense_id)
{
    struct command command = make_close_settlement(ledger_id, settlement_id);
    command.close_settlement.is_abandoned = true;
    command.close_settlement.suspense_id = suspense_id;
    return command;
}

struct command make_close_difference(
    int64_t ledger_id, int64_t difference_id, enum difference_end end, int64_t named)
{
    struct command command = make(COMMAND_CLOSE_DIFFERENCE, ledger_id);
    command.close_difference = (struct close_difference){.difference_id = difference_id,
        .ended_by = (int32_t)end,
        .promise_id = end == DIFFERENCE_ASSIGNED ? named : 0,
        .suspense_id = end == DIFFERENCE_RETURNED ? named : 0};
    return command;
}

struct command make_reverse(int64_t ledger_id, int64_t original_sequence)
{
    struct command command = make(COMMAND_REVERSE, ledger_id);
    command.reverse =
        (struct reverse){.original_sequence = original_sequence, .reason = text_of("test")};
    return command;
}

struct command make_reveal(
    int64_t ledger_id, const int64_t *sequences, uint32_t count, const char *field)
{
    static struct revealed lists[64][REVEALS_PER_COMMAND_MAX];
    static unsigned next;
    struct revealed *revealed = lists[next++ % 64];
    struct command command = make(COMMAND_REVEAL, ledger_id);
    CHECK(count <= REVEALS_PER_COMMAND_MAX);
    for (uint32_t i = 0; i < count; i++)
        revealed[i] = (struct revealed){.sequence = sequences[i]};
    command.reveal = (struct reveal){.commands = revealed,
        .command_count = count,
        .field = text_of(field),
        .reason = text_of("test")};
    return command;
}

struct command make_place_hold(int64_t ledger_id, int64_t payer, int64_t amount,
    const char *order_number, int64_t expires_at_us)
{
    struct command command = make(COMMAND_PLACE_HOLD, ledger_id);
    command.place_hold = (struct place_hold){.payer_account_id = payer,
        .amount_minor = amount,
        .order_number = text_of(order_number),
        .expires_at_us = expires_at_us};
    return command;
}

struct command make_confirm_hold(int64_t ledger_id, int64_t payer, const char *order_number,
    int64_t hold_id, const struct payee *payees, uint32_t payee_count)
{
    struct command command = make(COMMAND_CONFIRM_HOLD, ledger_id);
    command.confirm_hold = (struct confirm_hold){.payer_account_id = payer,
        .order_number = text_of(order_number),
        .hold_id = hold_id,
        .payees = copy_payees(payees, payee_count),
        .payee_count = payee_count};
    return command;
}

struct command make_cancel_hold(
    int64_t ledger_id, int64_t payer, const char *order_number, int64_t hold_id, int64_t amount)
{
    struct command command = make(COMMAND_CANCEL_HOLD, ledger_id);
    command.cancel_hold = (struct cancel_hold){.payer_account_id = payer,
        .order_number = text_of(order_number),
        .hold_id = hold_id,
        .amount_minor = amount};
    return command;
}

struct command make_place_freeze(int64_t ledger_id, int64_t account_id, int64_t amount,
    const char *purpose, int64_t expires_at_us)
{
    struct command command = make(COMMAND_PLACE_FREEZE, ledger_id);
    command.place_freeze = (struct place_freeze){.account_id = account_id,
        .amount_minor = amount,
        .purpose = text_of(purpose),
        .expires_at_us = expires_at_us};
    return command;
}

struct command make_lift_freeze(int64_t ledger_id, int64_t freeze_id, int64_t amount)
{
    struct command command = make(COMMAND_LIFT_FREEZE, ledger_id);
    command.lift_freeze = (struct lift_freeze){.freeze_id = freeze_id, .amount_minor = amount};
    return command;
}

struct command make_expire(int64_t ledger_id, enum expiry_kind kind, int64_t id)
{
    struct command command = make(COMMAND_EXPIRE, ledger_id);
    command.expire = (struct expire){.kind = (int32_t)kind, .id = id};
    return command;
}

struct command make_return(int64_t ledger_id, int64_t payout_id, int64_t amount)
{
    struct command command = make_confirm(ledger_id, payout_id, PAYOUT_RESULT_RETURNED);
    command.confirm_payout.amount_minor = amount;
    return command;
}

struct command make_correction(
    int64_t ledger_id, int64_t payout_id, int32_t result, int64_t back_minor)
{
    struct command command = make_confirm(ledger_id, payout_id, result);
    command.confirm_payout.amount_minor = back_minor;
    command.confirm_payout.correction = true;
    command.confirm_payout.bank_reference = text_of("it was wrong");
    return command;
}

struct command make_intercept(int64_t ledger_id, int64_t payout_id)
{
    struct command command = make(COMMAND_INTERCEPT_PAYOUT, ledger_id);
    command.intercept_payout.payout_id = payout_id;
    return command;
}

struct command make_adjust(int64_t ledger_id, int64_t debit, int64_t credit, int64_t amount)
{
    struct command command = make(COMMAND_ADJUST, ledger_id);
    command.adjust = (struct adjust){.debit_account_id = debit,
        .credit_account_id = credit,
        .amount_minor = amount,
        .reason = text_of("test")};
    return command;
}

struct command with_paper(struct command command)
{
    command.adjust.despite_restriction = text_of("(2026) 17");
    return command;
}

struct command make_of_before(enum command_kind kind, int64_t ledger_id)
{
    struct command command = make(kind, ledger_id);
    switch ((int)kind) {
    case COMMAND_PROPOSE_ADJUSTMENT:
        command.propose_adjustment = (struct propose_adjustment){.debit_account_id = 1,
            .credit_account_id = 2,
            .amount_minor = 1,
            .reason = text_of("test"),
            .expires_at_us = INT64_MAX};
        break;
    case COMMAND_APPROVE_ADJUSTMENT:
        command.approve_adjustment.adjustment_id = 1;
        break;
    case COMMAND_WITHDRAW_ADJUSTMENT:
        command.withdraw_adjustment.adjustment_id = 1;
        break;
    default:
        CHECK(0 && "a kind that is always refused");
    }
    return command;
}

struct command command_of_order(const char *order_number, struct command command)
{
    struct text order = text_of(order_number);
    switch (command.kind) {
    case COMMAND_PAY:
        command.pay.order_number = order;
        break;
    case COMMAND_REFUND:
        command.refund.order_number = order;
        break;
    case COMMAND_WITHDRAW:
        command.withdraw.order_number = order;
        break;
    case COMMAND_ALLOCATE_SUSPENSE:
        command.allocate_suspense.order_number = order;
        break;
    case COMMAND_ALLOCATE_LINE:
        command.allocate_line.order_number = order;
        break;
    case COMMAND_BOOK_PROMISE:
        command.book_promise.order_number = order;
        break;
    default:
        CHECK(0 && "a kind with an order number");
    }
    return command;
}

struct command command_by(const char *channel, struct command command)
{
    size_t length = strlen(channel);
    CHECK(length <= CHANNEL_BYTES_MAX);
    memset(command.key.channel, 0, sizeof command.key.channel);
    memcpy(command.key.channel, channel, length);
    command.key.channel_length = (uint8_t)length;
    return command;
}

struct command command_on(int32_t business_date, struct command command)
{
    command.key.business_date = business_date;
    return command;
}

static const struct caller_rights administrator = {
    .roles = {.administrator = true}, .all_ledgers = true, .any_channel = true};

struct command make_create_caller(const char *name)
{
    struct command command = make(COMMAND_CREATE_CALLER, 0);
    command.create_caller = (struct create_caller){.name = text_of(name), .rights = administrator};
    return command;
}

struct command make_update_caller(int64_t caller_id, enum caller_status status)
{
    struct command command = make(COMMAND_UPDATE_CALLER, 0);
    command.update_caller = (struct update_caller){
        .caller_id = caller_id, .rights = administrator, .status = (int32_t)status};
    return command;
}

struct command make_proposal(
    int64_t ledger_id, const struct command *command, int64_t expires_at_us)
{
    static uint8_t kept[64][PROPOSED_BYTES_MAX];
    static unsigned next;
    struct command made = make(COMMAND_PROPOSE, ledger_id);
    struct command inside = *command;
    uint8_t *bytes = kept[next++ % 64];
    inside.ledger_id = inside.caller_id = 0;
    command_propose(&made.propose, &inside);
    made.propose.command = (struct text){
        .bytes = (const char *)bytes, .length = (uint32_t)command_put_proposed(&inside, bytes)};
    made.propose.expires_at_us = expires_at_us;
    return made;
}

struct command make_approval(int64_t ledger_id, int64_t proposal_id)
{
    struct command command = make(COMMAND_APPROVE, ledger_id);
    command.approve.proposal_id = proposal_id;
    return command;
}

struct command make_withdraw_proposal(int64_t ledger_id, int64_t proposal_id)
{
    struct command command = make(COMMAND_WITHDRAW_PROPOSAL, ledger_id);
    command.withdraw_proposal.proposal_id = proposal_id;
    return command;
}

struct command make_policy(
    int64_t ledger_id, const struct approval_rule_asked *rules, uint32_t rule_count)
{
    struct command command = make(COMMAND_SET_APPROVAL_POLICY, ledger_id);
    command.set_approval_policy =
        (struct set_approval_policy){.rules = rules, .rule_count = rule_count};
    return command;
}

struct command make_account_policy(int64_t ledger_id, enum account_policy_preset preset)
{
    struct command command = make(COMMAND_SET_ACCOUNT_POLICY, ledger_id);
    command.set_account_policy = (struct set_account_policy){.preset = (int32_t)preset};
    return command;
}

struct command make_custom_policy(int64_t ledger_id, const struct account_level_asked *merchants,
    uint32_t merchant_count, const struct account_level_asked *users, uint32_t user_count)
{
    struct command command = make_account_policy(ledger_id, ACCOUNT_POLICY_CUSTOM);
    command.set_account_policy.merchants = merchants;
    command.set_account_policy.merchant_count = merchant_count;
    command.set_account_policy.users = users;
    command.set_account_policy.user_count = user_count;
    return command;
}

struct command by_approval(int64_t proposal_id, struct command command)
{
    command.proposal_id = proposal_id;
    command.proposed_at_us = 1;
    return command;
}

struct command command_of_caller(int64_t caller_id, struct command command)
{
    command.caller_id = caller_id;
    return command;
}
