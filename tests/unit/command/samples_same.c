/* samples_same.c: comparison of commands, see samples.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/records.h"
#include "samples.h"
#include "support/expect.h"

#include <string.h>

static void same_text(struct text a, struct text b, int line)
{
    EXPECT_MSG(text_equals(a, b), "texts differ, line %d", line);
}

#define SAME_NUMBER(field) EXPECT(a->field == b->field)
#define SAME_TEXT(field) same_text(a->field, b->field, __LINE__)
#define SAME_TERMS(member)                                                                         \
    do {                                                                                           \
        SAME_NUMBER(member.settlement_days);                                                       \
        SAME_TEXT(member.fee_rule);                                                                \
        SAME_NUMBER(member.keeps_fee);                                                             \
        SAME_NUMBER(member.ceiling_minor);                                                         \
        SAME_NUMBER(member.withdrawable_next_date);                                                \
    } while (0)
#define SAME_PARTY(field)                                                                          \
    (SAME_TEXT(field.name), SAME_TEXT(field.account_number), SAME_TEXT(field.bank_code))

#define SAME_PAPER(field)                                                                          \
    (SAME_TEXT(field.authority_code), SAME_TEXT(field.authority_name),                             \
        SAME_TEXT(field.case_number), SAME_TEXT(field.number), SAME_TEXT(field.request_number),    \
        SAME_TEXT(field.digest), SAME_TEXT(field.officer.name), SAME_TEXT(field.officer.number),   \
        SAME_TEXT(field.second_officer.name), SAME_TEXT(field.second_officer.number))

static void expect_same_payees(
    const struct payee *a, uint32_t a_count, const struct payee *b, uint32_t b_count)
{
    EXPECT(a_count == b_count);
    for (uint32_t i = 0; i < a_count; i++) {
        EXPECT(a[i].account_id == b[i].account_id);
        EXPECT(a[i].amount_minor == b[i].amount_minor);
    }
}

#define SAME_PAYEES(kind)                                                                          \
    expect_same_payees(a->kind.payees, a->kind.payee_count, b->kind.payees, b->kind.payee_count)

static void expect_same_proof(const struct instruction_proof *a, const struct instruction_proof *b)
{
    SAME_NUMBER(kind);
    SAME_NUMBER(result);
    SAME_TEXT(reference);
    SAME_NUMBER(amount_minor);
    SAME_NUMBER(account_id);
    SAME_NUMBER(member_id);
    SAME_NUMBER(payee_account_id);
    SAME_TEXT(payee_account_number);
    SAME_NUMBER(card_id);
    SAME_TEXT(order_number);
    SAME_NUMBER(issued_at_us);
    SAME_NUMBER(expires_at_us);
}

static void expect_same_fee_rule(const struct command *a, const struct command *b)
{
    SAME_TEXT(set_fee_rule.name);
    SAME_NUMBER(set_fee_rule.effective_date);
    SAME_NUMBER(set_fee_rule.rounding);
    SAME_NUMBER(set_fee_rule.refund);
    SAME_NUMBER(set_fee_rule.on_payout_failed);
    SAME_NUMBER(set_fee_rule.on_payout_returned);
    SAME_NUMBER(set_fee_rule.tier_count);
    for (uint32_t i = 0; i < a->set_fee_rule.tier_count; i++) {
        SAME_NUMBER(set_fee_rule.tiers[i].from_minor);
        SAME_NUMBER(set_fee_rule.tiers[i].flat_minor);
        SAME_NUMBER(set_fee_rule.tiers[i].minimum_minor);
        SAME_NUMBER(set_fee_rule.tiers[i].maximum_minor);
        SAME_NUMBER(set_fee_rule.tiers[i].rate_ppm);
    }
    SAME_NUMBER(set_fee_rule.share_count);
    for (uint32_t i = 0; i < a->set_fee_rule.share_count; i++) {
        SAME_NUMBER(set_fee_rule.shares[i].account_id);
        SAME_NUMBER(set_fee_rule.shares[i].share_ppm);
    }
}

static void expect_same_funds(const struct command *a, const struct command *b)
{
    switch (a->kind) {
    case COMMAND_BOOK_RECEIPT:
        SAME_NUMBER(book_receipt.account_id);
        SAME_TEXT(book_receipt.receiving_number);
        SAME_NUMBER(book_receipt.amount_minor);
        SAME_PARTY(book_receipt.payer);
        SAME_TEXT(book_receipt.bank_reference);
        SAME_NUMBER(book_receipt.value_date);
        SAME_TEXT(book_receipt.remark);
        SAME_NUMBER(book_receipt.way);
        break;
    case COMMAND_PAY:
        SAME_NUMBER(pay.payer_account_id);
        SAME_NUMBER(pay.mandate_id);
        SAME_PAYEES(pay);
        SAME_NUMBER(pay.fee_minor);
        SAME_TEXT(pay.order_number);
        SAME_TEXT(pay.remark);
        SAME_TEXT(pay.fee_rule);
        SAME_NUMBER(pay.fee_bearer);
        SAME_NUMBER(pay.withdrawable_next_date);
        break;
    case COMMAND_REFUND:
        SAME_NUMBER(refund.original_sequence);
        SAME_TEXT(refund.order_number);
        SAME_PAYEES(refund);
        SAME_TEXT(refund.remark);
        break;
    case COMMAND_ALLOCATE_SUSPENSE:
        SAME_NUMBER(allocate_suspense.suspense_id);
        SAME_PAYEES(allocate_suspense);
        SAME_TEXT(allocate_suspense.order_number);
        SAME_TEXT(allocate_suspense.remark);
        SAME_TEXT(allocate_suspense.fee_rule);
        break;
    case COMMAND_UNDO_ALLOCATION:
        SAME_NUMBER(undo_allocation.suspense_id);
        SAME_NUMBER(undo_allocation.original_sequence);
        SAME_PAYEES(undo_allocation);
        SAME_TEXT(undo_allocation.remark);
        SAME_NUMBER(undo_allocation.lump_id);
        SAME_NUMBER(undo_allocation.payout_id);
        break;
    case COMMAND_OPEN_LUMP:
        SAME_NUMBER(open_lump.suspense_id);
        SAME_NUMBER(open_lump.control_count);
        SAME_NUMBER(open_lump.control_minor);
        SAME_NUMBER(open_lump.is_all_or_none);
        break;
    case COMMAND_ALLOCATE_LINE:
        SAME_NUMBER(allocate_line.lump_id);
        SAME_TEXT(allocate_line.source_order);
        SAME_NUMBER(allocate_line.account_id);
        SAME_TEXT(allocate_line.receiving_number);
        SAME_NUMBER(allocate_line.amount_minor);
        SAME_TEXT(allocate_line.payer.name);
        SAME_TEXT(allocate_line.payer.account_number);
        SAME_TEXT(allocate_line.payer.bank_code);
        SAME_TEXT(allocate_line.order_number);
        SAME_TEXT(allocate_line.remark);
        SAME_TEXT(allocate_line.fee_rule);
        break;
    case COMMAND_OPEN_BANK_STATEMENT:
        SAME_TEXT(open_bank_statement.reference);
        SAME_TEXT(open_bank_statement.account_number);
        SAME_TEXT(open_bank_statement.currency);
        SAME_NUMBER(open_bank_statement.from_date);
        SAME_NUMBER(open_bank_statement.to_date);
        SAME_NUMBER(open_bank_statement.number);
        SAME_NUMBER(open_bank_statement.opening_minor);
        SAME_NUMBER(open_bank_statement.closing_minor);
        SAME_NUMBER(open_bank_statement.line_count);
        SAME_TEXT(open_bank_statement.file_sha256);
        SAME_NUMBER(open_bank_statement.file_position);
        SAME_NUMBER(open_bank_statement.has_gap);
        break;
    case COMMAND_ADD_STATEMENT_LINE:
        SAME_NUMBER(add_statement_line.bank_statement_id);
        SAME_TEXT(add_statement_line.entry_key);
        SAME_NUMBER(add_statement_line.ordinal);
        SAME_NUMBER(add_statement_line.amount_minor);
        SAME_NUMBER(add_statement_line.booking_date);
        SAME_NUMBER(add_statement_line.value_date);
        SAME_TEXT(add_statement_line.bank_reference);
        SAME_PARTY(add_statement_line.counterparty);
        SAME_TEXT(add_statement_line.remark);
        SAME_TEXT(add_statement_line.end_to_end_id);
        break;
    case COMMAND_CLOSE_BANK_STATEMENT:
        SAME_NUMBER(close_bank_statement.bank_statement_id);
        SAME_NUMBER(close_bank_statement.is_cancelled);
        SAME_NUMBER(close_bank_statement.is_as_it_stands);
        break;
    case COMMAND_MATCH_STATEMENT_LINE:
        SAME_NUMBER(match_statement_line.statement_line_id);
        SAME_NUMBER(match_statement_line.payout_id);
        SAME_NUMBER(match_statement_line.receipt_sequence);
        SAME_NUMBER(match_statement_line.amount_minor);
        SAME_TEXT(match_statement_line.rule);
        break;
    case COMMAND_UNDO_MATCH:
        SAME_NUMBER(undo_match.statement_match_id);
        SAME_TEXT(undo_match.remark);
        break;
    case COMMAND_CLOSE_LUMP:
        SAME_NUMBER(close_lump.lump_id);
        SAME_NUMBER(close_lump.is_cancelled);
        SAME_NUMBER(close_lump.is_as_it_stands);
        break;
    case COMMAND_RETURN_SUSPENSE:
        SAME_NUMBER(return_suspense.suspense_id);
        SAME_NUMBER(return_suspense.original_sequence);
        SAME_NUMBER(return_suspense.amount_minor);
        SAME_TEXT(return_suspense.remark);
        break;
    case COMMAND_ADOPT_SUSPENSE:
        SAME_NUMBER(adopt_suspense.amount_minor);
        SAME_NUMBER(adopt_suspense.original_sequence);
        SAME_TEXT(adopt_suspense.reason);
        break;
    case COMMAND_OPEN_ACQUIRER:
        SAME_TEXT(open_acquirer.name);
        SAME_TERMS(open_acquirer.terms);
        break;
    case COMMAND_SET_ACQUIRER:
        SAME_NUMBER(set_acquirer.acquirer_id);
        SAME_TERMS(set_acquirer.terms);
        SAME_NUMBER(set_acquirer.is_stopped);
        break;
    case COMMAND_BOOK_PROMISE:
        SAME_NUMBER(book_promise.acquirer_id);
        SAME_NUMBER(book_promise.account_id);
        SAME_NUMBER(book_promise.amount_minor);
        SAME_TEXT(book_promise.reference);
        SAME_TEXT(book_promise.order_number);
        SAME_TEXT(book_promise.remark);
        break;
    case COMMAND_CANCEL_PROMISE:
        SAME_NUMBER(cancel_promise.promise_id);
        SAME_NUMBER(cancel_promise.amount_minor);
        SAME_TEXT(cancel_promise.remark);
        break;
    case COMMAND_OPEN_SETTLEMENT:
        SAME_NUMBER(open_settlement.acquirer_id);
        SAME_NUMBER(open_settlement.suspense_id);
        SAME_NUMBER(open_settlement.line_count);
        SAME_NUMBER(open_settlement.total_minor);
        SAME_TEXT(open_settlement.remark);
        break;
    case COMMAND_SETTLE_LINE:
        SAME_NUMBER(settle_line.settlement_id);
        SAME_NUMBER(settle_line.promise_id);
        SAME_TEXT(settle_line.reference);
        SAME_NUMBER(settle_line.gross_minor);
        SAME_NUMBER(settle_line.kept_minor);
        SAME_NUMBER(settle_line.is_partial);
        SAME_TEXT(settle_line.remark);
        break;
    case COMMAND_CLOSE_SETTLEMENT:
        SAME_NUMBER(close_settlement.settlement_id);
        SAME_NUMBER(close_settlement.is_abandoned);
        SAME_NUMBER(close_settlement.suspense_id);
        SAME_TEXT(close_settlement.remark);
        break;
    case COMMAND_CLOSE_DIFFERENCE:
        SAME_NUMBER(close_difference.difference_id);
        SAME_NUMBER(close_difference.ended_by);
        SAME_NUMBER(close_difference.promise_id);
        SAME_NUMBER(close_difference.suspense_id);
        SAME_TEXT(close_difference.remark);
        break;
    case COMMAND_WITHDRAW:
        SAME_NUMBER(withdraw.account_id);
        SAME_NUMBER(withdraw.mandate_id);
        SAME_NUMBER(withdraw.amount_minor);
        SAME_NUMBER(withdraw.fee_minor);
        SAME_NUMBER(withdraw.fee_mode);
        SAME_PARTY(withdraw.destination);
        SAME_TEXT(withdraw.remark);
        SAME_TEXT(withdraw.fee_rule);
        SAME_NUMBER(withdraw.fee_account_id);
        SAME_TEXT(withdraw.order_number);
        SAME_TEXT(withdraw.end_to_end_id);
        SAME_TEXT(withdraw.uetr);
        SAME_NUMBER(withdraw.card_id);
        SAME_NUMBER(withdraw.way);
        break;
    case COMMAND_CONFIRM_PAYOUT:
        SAME_NUMBER(confirm_payout.payout_id);
        SAME_NUMBER(confirm_payout.result);
        SAME_TEXT(confirm_payout.bank_reference);
        SAME_TEXT(confirm_payout.reason);
        SAME_NUMBER(confirm_payout.amount_minor);
        SAME_NUMBER(confirm_payout.correction);
        break;
    case COMMAND_INTERCEPT_PAYOUT:
        SAME_NUMBER(intercept_payout.payout_id);
        SAME_TEXT(intercept_payout.reason);
        break;
    case COMMAND_COLLECT_FEES:
        SAME_NUMBER(collect_fees.account_id);
        SAME_NUMBER(collect_fees.amount_minor);
        SAME_TEXT(collect_fees.fee_rule);
        SAME_TEXT(collect_fees.remark);
        break;
    default:
        ck_abort_msg("not a kind of this function");
    }
}

static void expect_same_hold(const struct command *a, const struct command *b)
{
    switch (a->kind) {
    case COMMAND_PLACE_HOLD:
        SAME_NUMBER(place_hold.payer_account_id);
        SAME_NUMBER(place_hold.amount_minor);
        SAME_TEXT(place_hold.order_number);
        SAME_NUMBER(place_hold.expires_at_us);
        SAME_TEXT(place_hold.remark);
        break;
    case COMMAND_CONFIRM_HOLD:
        SAME_NUMBER(confirm_hold.payer_account_id);
        SAME_TEXT(confirm_hold.order_number);
        SAME_NUMBER(confirm_hold.hold_id);
        SAME_PAYEES(confirm_hold);
        SAME_NUMBER(confirm_hold.fee_minor);
        SAME_TEXT(confirm_hold.fee_rule);
        SAME_NUMBER(confirm_hold.fee_bearer);
        SAME_NUMBER(confirm_hold.withdrawable_next_date);
        SAME_TEXT(confirm_hold.remark);
        break;
    case COMMAND_CANCEL_HOLD:
        SAME_NUMBER(cancel_hold.payer_account_id);
        SAME_TEXT(cancel_hold.order_number);
        SAME_NUMBER(cancel_hold.hold_id);
        SAME_NUMBER(cancel_hold.amount_minor);
        SAME_TEXT(cancel_hold.remark);
        break;
    case COMMAND_PLACE_FREEZE:
        SAME_NUMBER(place_freeze.account_id);
        SAME_NUMBER(place_freeze.amount_minor);
        SAME_TEXT(place_freeze.purpose);
        SAME_NUMBER(place_freeze.expires_at_us);
        SAME_TEXT(place_freeze.reason);
        break;
    case COMMAND_LIFT_FREEZE:
        SAME_NUMBER(lift_freeze.freeze_id);
        SAME_NUMBER(lift_freeze.amount_minor);
        SAME_TEXT(lift_freeze.reason);
        break;
    default:
        ck_abort_msg("not a kind of this function");
    }
}

static void expect_same_correction(const struct command *a, const struct command *b)
{
    switch (a->kind) {
    case COMMAND_EXPIRE:
        SAME_NUMBER(expire.kind);
        SAME_NUMBER(expire.id);
        break;
    case COMMAND_REVERSE:
        SAME_NUMBER(reverse.original_sequence);
        SAME_TEXT(reverse.reason);
        break;
    case COMMAND_PROPOSE_ADJUSTMENT:
        SAME_NUMBER(propose_adjustment.debit_account_id);
        SAME_NUMBER(propose_adjustment.credit_account_id);
        SAME_NUMBER(propose_adjustment.amount_minor);
        SAME_TEXT(propose_adjustment.reason);
        SAME_NUMBER(propose_adjustment.expires_at_us);
        break;
    case COMMAND_APPROVE_ADJUSTMENT:
        SAME_NUMBER(approve_adjustment.adjustment_id);
        SAME_TEXT(approve_adjustment.despite_restriction);
        break;
    case COMMAND_WITHDRAW_ADJUSTMENT:
        SAME_NUMBER(withdraw_adjustment.adjustment_id);
        SAME_TEXT(withdraw_adjustment.reason);
        break;
    case COMMAND_ADJUST:
        SAME_NUMBER(adjust.debit_account_id);
        SAME_NUMBER(adjust.credit_account_id);
        SAME_NUMBER(adjust.amount_minor);
        SAME_TEXT(adjust.reason);
        SAME_TEXT(adjust.despite_restriction);
        break;
    default:
        ck_abort_msg("not a kind of this function");
    }
}

static void expect_same_levels(
    const struct account_level_asked *a, const struct account_level_asked *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_int_eq(a[i].level, b[i].level);
        ck_assert_int_eq(a[i].may_receive, b[i].may_receive);
        ck_assert_int_eq(a[i].may_pay, b[i].may_pay);
        ck_assert_int_eq(a[i].may_withdraw, b[i].may_withdraw);
        ck_assert_int_eq(a[i].operation_in_minor, b[i].operation_in_minor);
        ck_assert_int_eq(a[i].operation_out_minor, b[i].operation_out_minor);
        ck_assert_int_eq(a[i].date_in_minor, b[i].date_in_minor);
        ck_assert_int_eq(a[i].date_out_minor, b[i].date_out_minor);
        ck_assert_int_eq(a[i].year_in_minor, b[i].year_in_minor);
        ck_assert_int_eq(a[i].year_out_minor, b[i].year_out_minor);
        ck_assert_int_eq(a[i].balance_minor, b[i].balance_minor);
    }
}

static void expect_same_rights(const struct caller_rights *a, const struct caller_rights *b)
{
    EXPECT(memcmp(&a->roles, &b->roles, sizeof a->roles) == 0);
    SAME_NUMBER(all_ledgers);
    SAME_NUMBER(any_channel);
    SAME_NUMBER(ledger_count);
    SAME_NUMBER(channel_count);
    for (uint32_t i = 0; i < a->ledger_count; i++)
        SAME_NUMBER(ledgers[i].ledger_id);
    for (uint32_t i = 0; i < a->channel_count; i++)
        SAME_TEXT(channels[i].channel);
}

static void expect_same_identified(const struct identified *a, const struct identified *b)
{
    SAME_TEXT(name);
    SAME_NUMBER(document_kind);
    SAME_TEXT(number);
    SAME_NUMBER(valid_from_date);
    SAME_NUMBER(valid_until_date);
}

static void expect_same_identify(const struct command *a, const struct command *b)
{
    SAME_NUMBER(identify_member.member_id);
    SAME_NUMBER(identify_member.subject);
    expect_same_identified(&a->identify_member.holder, &b->identify_member.holder);
    expect_same_identified(&a->identify_member.representative, &b->identify_member.representative);
    expect_same_identified(&a->identify_member.handler, &b->identify_member.handler);
    SAME_TEXT(identify_member.check.checked_by);
    SAME_NUMBER(identify_member.check.checked_at_us);
    SAME_TEXT(identify_member.check.result_code);
    SAME_TEXT(identify_member.check.reference);
    SAME_NUMBER(identify_member.recheck_date);
}

void expect_same_command(const struct command *a, const struct command *b)
{
    SAME_NUMBER(kind);
    SAME_NUMBER(dry_run);
    SAME_NUMBER(ledger_id);
    EXPECT(request_key_equals(&a->key, &b->key));
    if (command_has_proof((int)a->kind))
        expect_same_proof(command_proof(a), command_proof(b));
    switch (a->kind) {
    case COMMAND_OPEN_LEDGER:
        SAME_TEXT(open_ledger.platform_name);
        SAME_TEXT(open_ledger.escrow_account_number);
        SAME_TEXT(open_ledger.currency);
        SAME_TEXT(open_ledger.receiving_prefix);
        SAME_NUMBER(open_ledger.first_accounting_date);
        SAME_NUMBER(open_ledger.key_window_dates);
        SAME_NUMBER(open_ledger.policy);
        break;
    case COMMAND_CLOSE_LEDGER:
        break;
    case COMMAND_CUT_DAY:
        SAME_NUMBER(cut_day.accounting_date);
        break;
    case COMMAND_SET_TERMS:
        SAME_NUMBER(set_terms.named);
        SAME_PARTY(set_terms.own_account);
        SAME_NUMBER(set_terms.advance_refunds);
        SAME_NUMBER(set_terms.payout_return_days);
        SAME_NUMBER(set_terms.suspense_age_s);
        SAME_NUMBER(set_terms.one_membership);
        SAME_NUMBER(set_terms.same_card);
        break;
    case COMMAND_SET_FEE_RULE:
        expect_same_fee_rule(a, b);
        break;
    case COMMAND_OPEN_MEMBER:
        SAME_NUMBER(open_member.kind);
        SAME_TEXT(open_member.platform_member_id);
        break;
    case COMMAND_IDENTIFY_MEMBER:
        expect_same_identify(a, b);
        break;
    case COMMAND_CLOSE_MEMBER:
        SAME_NUMBER(close_member.member_id);
        break;
    case COMMAND_BIND_CARD:
        SAME_NUMBER(bind_card.member_id);
        SAME_NUMBER(bind_card.kind);
        SAME_TEXT(bind_card.number);
        SAME_TEXT(bind_card.bank_code);
        SAME_TEXT(bind_card.holder);
        SAME_TEXT(bind_card.mobile);
        break;
    case COMMAND_CHECK_CARD:
        SAME_NUMBER(check_card.card_id);
        SAME_NUMBER(check_card.way);
        break;
    case COMMAND_CONFIRM_CARD_CHECK:
        SAME_NUMBER(confirm_card_check.card_id);
        SAME_NUMBER(confirm_card_check.check_sequence);
        SAME_NUMBER(confirm_card_check.result);
        SAME_TEXT(confirm_card_check.result_code);
        SAME_TEXT(confirm_card_check.reference);
        break;
    case COMMAND_CONFIRM_CARD_AMOUNT:
        SAME_NUMBER(confirm_card_amount.card_id);
        SAME_NUMBER(confirm_card_amount.amount_minor);
        break;
    case COMMAND_UNBIND_CARD:
        SAME_NUMBER(unbind_card.card_id);
        SAME_NUMBER(unbind_card.reason);
        SAME_TEXT(unbind_card.evidence);
        break;
    case COMMAND_REPLACE_CARD:
        SAME_NUMBER(replace_card.card_id);
        SAME_NUMBER(replace_card.new_card_id);
        SAME_NUMBER(replace_card.reason);
        SAME_TEXT(replace_card.evidence);
        break;
    case COMMAND_ADD_DENIED:
        SAME_NUMBER(add_denied.source);
        SAME_TEXT(add_denied.name);
        SAME_NUMBER(add_denied.document_kind);
        SAME_TEXT(add_denied.document_number);
        SAME_TEXT(add_denied.account_number);
        SAME_TEXT(add_denied.reason);
        SAME_NUMBER(add_denied.from_date);
        SAME_NUMBER(add_denied.expires_at_us);
        break;
    case COMMAND_END_DENIED:
        SAME_NUMBER(end_denied.denied_id);
        SAME_TEXT(end_denied.evidence);
        break;
    case COMMAND_DECIDE_HIT:
        SAME_NUMBER(decide_hit.hit_id);
        SAME_NUMBER(decide_hit.decision);
        SAME_TEXT(decide_hit.reason);
        SAME_TEXT(decide_hit.evidence);
        break;
    case COMMAND_PLACE_CLAIM:
        SAME_NUMBER(place_claim.account_id);
        SAME_NUMBER(place_claim.member_id);
        SAME_NUMBER(place_claim.authority);
        SAME_NUMBER(place_claim.ground);
        SAME_NUMBER(place_claim.amount_minor);
        SAME_NUMBER(place_claim.ends_date);
        SAME_NUMBER(place_claim.has_fruits);
        SAME_NUMBER(place_claim.is_secret);
        SAME_TEXT(place_claim.subject.name);
        SAME_NUMBER(place_claim.subject.document_kind);
        SAME_TEXT(place_claim.subject.number);
        SAME_NUMBER(place_claim.answer_by_us);
        SAME_PAPER(place_claim.paper);
        SAME_PARTY(place_claim.payee);
        break;
    case COMMAND_OPEN_PRODUCT:
        SAME_TEXT(open_product.code);
        SAME_TEXT(open_product.name);
        SAME_NUMBER(open_product.kind);
        SAME_NUMBER(open_product.scale);
        SAME_NUMBER(open_product.cash_account_id);
        SAME_NUMBER(open_product.unit_rounding);
        SAME_NUMBER(open_product.money_rounding);
        SAME_NUMBER(open_product.rest);
        SAME_NUMBER(open_product.is_at_once);
        break;
    case COMMAND_CLOSE_PRODUCT:
        SAME_NUMBER(close_product.product_id);
        SAME_TEXT(close_product.remark);
        break;
    case COMMAND_PUBLISH_PRICE:
        SAME_NUMBER(publish_price.product_id);
        SAME_NUMBER(publish_price.date);
        SAME_NUMBER(publish_price.price_e8);
        SAME_NUMBER(publish_price.corrects_price_id);
        break;
    case COMMAND_SUBSCRIBE:
        SAME_NUMBER(subscribe.account_id);
        SAME_NUMBER(subscribe.product_id);
        SAME_NUMBER(subscribe.amount_minor);
        SAME_TEXT(subscribe.remark);
        break;
    case COMMAND_REDEEM:
        SAME_NUMBER(redeem.account_id);
        SAME_NUMBER(redeem.product_id);
        SAME_NUMBER(redeem.units);
        SAME_TEXT(redeem.remark);
        break;
    case COMMAND_OPEN_FEEDBACK:
        SAME_NUMBER(open_feedback.answer_by_us);
        SAME_PAPER(open_feedback.paper);
        break;
    case COMMAND_GIVE_FEEDBACK:
        SAME_NUMBER(give_feedback.feedback_id);
        SAME_TEXT(give_feedback.authority_code);
        SAME_TEXT(give_feedback.given_by);
        SAME_TEXT(give_feedback.reference);
        SAME_TEXT(give_feedback.digest);
        break;
    case COMMAND_CONTINUE_CLAIM:
        SAME_NUMBER(continue_claim.claim_id);
        SAME_NUMBER(continue_claim.ends_date);
        SAME_NUMBER(continue_claim.answer_by_us);
        SAME_PAPER(continue_claim.paper);
        break;
    case COMMAND_RELEASE_CLAIM:
        SAME_NUMBER(release_claim.claim_id);
        SAME_NUMBER(release_claim.amount_minor);
        SAME_NUMBER(release_claim.answer_by_us);
        SAME_PAPER(release_claim.paper);
        break;
    case COMMAND_DEDUCT_CLAIM:
        SAME_NUMBER(deduct_claim.claim_id);
        SAME_NUMBER(deduct_claim.amount_minor);
        SAME_NUMBER(deduct_claim.is_to_victim);
        SAME_NUMBER(deduct_claim.answer_by_us);
        SAME_PAPER(deduct_claim.paper);
        SAME_PARTY(deduct_claim.payee);
        break;
    case COMMAND_OPEN_ACCOUNT:
        SAME_NUMBER(open_account.member_id);
        break;
    case COMMAND_CLOSE_ACCOUNT:
        SAME_NUMBER(close_account.account_id);
        break;
    case COMMAND_RESTRICT_ACCOUNT:
        SAME_NUMBER(restrict_account.account_id);
        SAME_NUMBER(restrict_account.no_in);
        SAME_NUMBER(restrict_account.no_out);
        SAME_TEXT(restrict_account.reason);
        SAME_TEXT(restrict_account.owner);
        break;
    case COMMAND_OPEN_FEE_ACCOUNT:
        SAME_TEXT(open_fee_account.purpose);
        break;
    case COMMAND_BOOK_INTEREST:
        SAME_NUMBER(book_interest.account_id);
        SAME_NUMBER(book_interest.amount_minor);
        SAME_TEXT(book_interest.remark);
        break;
    case COMMAND_CHARGE_FEE:
        SAME_NUMBER(charge_fee.account_id);
        SAME_NUMBER(charge_fee.amount_minor);
        SAME_TEXT(charge_fee.remark);
        break;
    case COMMAND_BOOK_RECEIPT:
    case COMMAND_PAY:
    case COMMAND_WITHDRAW:
    case COMMAND_REFUND:
    case COMMAND_ALLOCATE_SUSPENSE:
    case COMMAND_UNDO_ALLOCATION:
    case COMMAND_OPEN_LUMP:
    case COMMAND_ALLOCATE_LINE:
    case COMMAND_CLOSE_LUMP:
    case COMMAND_OPEN_BANK_STATEMENT:
    case COMMAND_ADD_STATEMENT_LINE:
    case COMMAND_CLOSE_BANK_STATEMENT:
    case COMMAND_MATCH_STATEMENT_LINE:
    case COMMAND_UNDO_MATCH:
    case COMMAND_ADOPT_SUSPENSE:
    case COMMAND_RETURN_SUSPENSE:
    case COMMAND_CONFIRM_PAYOUT:
    case COMMAND_INTERCEPT_PAYOUT:
    case COMMAND_COLLECT_FEES:
    case COMMAND_OPEN_ACQUIRER:
    case COMMAND_SET_ACQUIRER:
    case COMMAND_BOOK_PROMISE:
    case COMMAND_CANCEL_PROMISE:
    case COMMAND_OPEN_SETTLEMENT:
    case COMMAND_SETTLE_LINE:
    case COMMAND_CLOSE_SETTLEMENT:
    case COMMAND_CLOSE_DIFFERENCE:
        expect_same_funds(a, b);
        break;
    case COMMAND_PLACE_HOLD:
    case COMMAND_CONFIRM_HOLD:
    case COMMAND_CANCEL_HOLD:
    case COMMAND_PLACE_FREEZE:
    case COMMAND_LIFT_FREEZE:
        expect_same_hold(a, b);
        break;
    case COMMAND_EXPIRE:
    case COMMAND_REVERSE:
    case COMMAND_PROPOSE_ADJUSTMENT:
    case COMMAND_APPROVE_ADJUSTMENT:
    case COMMAND_WITHDRAW_ADJUSTMENT:
    case COMMAND_ADJUST:
        expect_same_correction(a, b);
        break;
    case COMMAND_PROPOSE:
        SAME_TEXT(propose.command);
        SAME_NUMBER(propose.kind);
        SAME_NUMBER(propose.amount_minor);
        SAME_TEXT(propose.reason);
        SAME_NUMBER(propose.expires_at_us);
        break;
    case COMMAND_APPROVE:
        SAME_NUMBER(approve.proposal_id);
        break;
    case COMMAND_WITHDRAW_PROPOSAL:
        SAME_NUMBER(withdraw_proposal.proposal_id);
        SAME_TEXT(withdraw_proposal.reason);
        break;
    case COMMAND_SET_ACCOUNT_POLICY:
        SAME_NUMBER(set_account_policy.preset);
        SAME_NUMBER(set_account_policy.merchant_count);
        SAME_NUMBER(set_account_policy.user_count);
        expect_same_levels(a->set_account_policy.merchants, b->set_account_policy.merchants,
            a->set_account_policy.merchant_count);
        expect_same_levels(a->set_account_policy.users, b->set_account_policy.users,
            a->set_account_policy.user_count);
        break;
    case COMMAND_GRANT_MANDATE:
        SAME_NUMBER(grant_mandate.account_id);
        SAME_NUMBER(grant_mandate.payee_account_id);
        SAME_NUMBER(grant_mandate.card_id);
        SAME_NUMBER(grant_mandate.each_minor);
        SAME_NUMBER(grant_mandate.total_minor);
        SAME_NUMBER(grant_mandate.count);
        SAME_NUMBER(grant_mandate.starts_at_us);
        SAME_NUMBER(grant_mandate.expires_at_us);
        SAME_TEXT(grant_mandate.evidence);
        break;
    case COMMAND_END_MANDATE:
        SAME_NUMBER(end_mandate.mandate_id);
        SAME_TEXT(end_mandate.evidence);
        break;
    case COMMAND_SET_PROOF_POLICY:
        SAME_NUMBER(set_proof_policy.rule_count);
        for (uint32_t i = 0; i < a->set_proof_policy.rule_count; i++) {
            SAME_NUMBER(set_proof_policy.rules[i].kind);
            SAME_NUMBER(set_proof_policy.rules[i].above_amount_minor);
            SAME_NUMBER(set_proof_policy.rules[i].sms_code);
            SAME_NUMBER(set_proof_policy.rules[i].password);
            SAME_NUMBER(set_proof_policy.rules[i].signature);
        }
        break;
    case COMMAND_SET_APPROVAL_POLICY:
        SAME_NUMBER(set_approval_policy.rule_count);
        for (uint32_t i = 0; i < a->set_approval_policy.rule_count; i++) {
            SAME_NUMBER(set_approval_policy.rules[i].kind);
            SAME_NUMBER(set_approval_policy.rules[i].above_amount_minor);
        }
        break;
    case COMMAND_CREATE_CALLER:
        SAME_TEXT(create_caller.name);
        expect_same_rights(&a->create_caller.rights, &b->create_caller.rights);
        break;
    case COMMAND_UPDATE_CALLER:
        SAME_NUMBER(update_caller.caller_id);
        expect_same_rights(&a->update_caller.rights, &b->update_caller.rights);
        SAME_NUMBER(update_caller.status);
        break;
    case COMMAND_REVEAL:
        SAME_TEXT(reveal.reason);
        SAME_TEXT(reveal.field);
        SAME_NUMBER(reveal.command_count);
        for (uint32_t i = 0; i < a->reveal.command_count; i++)
            SAME_NUMBER(reveal.commands[i].sequence);
        break;
    }
}
