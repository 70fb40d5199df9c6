/* record_table.c: see record_table.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/record_table.h"

#include "base/check.h"

#define BYTES_OF(record, field) sizeof(((struct record *)NULL)->field)

/* A field under another name in SQL, one under its own, one with a length or count beside it. */
#define NAMED(record, sql_name, column_type, field)                                                \
    {                                                                                              \
        .name = sql_name, .type = column_type, .offset = offsetof(struct record, field),           \
        .bytes = BYTES_OF(record, field)                                                           \
    }
#define FIELD(record, type, field) NAMED(record, #field, type, field)
#define COUNTED(record, column_type, field, length)                                                \
    {                                                                                              \
        .name = #field, .type = column_type, .offset = offsetof(struct record, field),             \
        .bytes = BYTES_OF(record, field), .length_offset = offsetof(struct record, length)         \
    }

#define NUMBERS(record, field, count)                                                              \
    {                                                                                              \
        .name = #field, .type = COLUMN_NUMBERS, .offset = offsetof(struct record, field),          \
        .bytes = BYTES_OF(record, field), .length_offset = offsetof(struct record, count),         \
        .item_bytes = BYTES_OF(record, field[0])                                                   \
    }

static const struct record_column ledger_columns[] = {
    NAMED(ledger, "ledger_id", COLUMN_INT64, id),
    FIELD(ledger, COLUMN_INT16, status),
    FIELD(ledger, COLUMN_CURRENCY, currency),
    COUNTED(ledger, COLUMN_LONG_TEXT, platform_name, platform_name_length),
    COUNTED(ledger, COLUMN_LONG_TEXT, escrow_account_number, escrow_account_number_length),
    COUNTED(ledger, COLUMN_TEXT, receiving_prefix, receiving_prefix_length),
    FIELD(ledger, COLUMN_INT64, first_control_account_id),
    FIELD(ledger, COLUMN_INT16, key_window_dates),
    COUNTED(ledger, COLUMN_DATES, accounting_dates, accounting_date_count),
    COUNTED(ledger, COLUMN_LONG_TEXT, own_account_name, own_account_name_length),
    COUNTED(ledger, COLUMN_LONG_TEXT, own_account_number, own_account_number_length),
    COUNTED(ledger, COLUMN_TEXT, own_bank_code, own_bank_code_length),
    FIELD(ledger, COLUMN_BOOL, advance_refunds),
    FIELD(ledger, COLUMN_INT32, payout_return_days),
};

static const struct record_column member_columns[] = {
    FIELD(member, COLUMN_INT64, ledger_id),
    NAMED(member, "member_id", COLUMN_INT64, id),
    FIELD(member, COLUMN_INT16, kind),
    FIELD(member, COLUMN_INT16, status),
    COUNTED(member, COLUMN_TEXT, platform_member_id, platform_member_id_length),
};

static const struct record_column account_columns[] = {
    FIELD(account, COLUMN_INT64, ledger_id),
    NAMED(account, "account_id", COLUMN_INT64, id),
    FIELD(account, COLUMN_INT64, member_id),
    FIELD(account, COLUMN_INT16, kind),
    FIELD(account, COLUMN_INT16, status),
    FIELD(account, COLUMN_BOOL, no_in),
    FIELD(account, COLUMN_BOOL, no_out),
    NAMED(account, "available", COLUMN_INT64, balance_minor[BUCKET_AVAILABLE]),
    NAMED(account, "pending_in", COLUMN_INT64, balance_minor[BUCKET_PENDING_IN]),
    NAMED(account, "pending_out", COLUMN_INT64, balance_minor[BUCKET_PENDING_OUT]),
    NAMED(account, "frozen", COLUMN_INT64, balance_minor[BUCKET_FROZEN]),
    NAMED(account, "next_date_amount", COLUMN_INT64, next_date_minor),
    FIELD(account, COLUMN_DATE, next_date),
};

static const struct record_column payout_columns[] = {
    FIELD(payout, COLUMN_INT64, ledger_id),
    NAMED(payout, "payout_id", COLUMN_INT64, id),
    FIELD(payout, COLUMN_INT64, account_id),
    NAMED(payout, "amount", COLUMN_INT64, amount_minor),
    NAMED(payout, "fee", COLUMN_INT64, fee_minor),
    FIELD(payout, COLUMN_INT64, requested_sequence),
    FIELD(payout, COLUMN_INT16, status),
    FIELD(payout, COLUMN_INT64, fee_account_id),
    FIELD(payout, COLUMN_INT64, fee_rule_id),
    NAMED(payout, "returned", COLUMN_INT64, returned_minor),
    NAMED(payout, "fee_returned", COLUMN_INT64, fee_returned_minor),
    FIELD(payout, COLUMN_INT64, evidence_sequence),
    FIELD(payout, COLUMN_DATE, return_until),
    COUNTED(payout, COLUMN_TEXT, order_number, order_number_length),
};

static const struct record_column fee_rule_columns[] = {
    FIELD(fee_rule, COLUMN_INT64, ledger_id),
    NAMED(fee_rule, "fee_rule_id", COLUMN_INT64, id),
    FIELD(fee_rule, COLUMN_INT64, previous_id),
    COUNTED(fee_rule, COLUMN_TEXT, name, name_length),
    FIELD(fee_rule, COLUMN_INT32, version),
    FIELD(fee_rule, COLUMN_DATE, effective_date),
    FIELD(fee_rule, COLUMN_INT16, rounding),
    FIELD(fee_rule, COLUMN_INT16, refund),
    FIELD(fee_rule, COLUMN_INT16, on_payout_failed),
    FIELD(fee_rule, COLUMN_INT16, on_payout_returned),
    NUMBERS(fee_rule, tiers, tier_count),
    NUMBERS(fee_rule, shares, share_count),
};

static const struct record_column hold_columns[] = {
    FIELD(hold, COLUMN_INT64, ledger_id),
    NAMED(hold, "hold_id", COLUMN_INT64, id),
    FIELD(hold, COLUMN_INT64, payer_account_id),
    COUNTED(hold, COLUMN_TEXT, order_number, order_number_length),
    NAMED(hold, "amount", COLUMN_INT64, amount_minor),
    NAMED(hold, "confirmed", COLUMN_INT64, confirmed_minor),
    NAMED(hold, "cancelled", COLUMN_INT64, cancelled_minor),
    NAMED(hold, "expires_at", COLUMN_TIME, expires_at_us),
    FIELD(hold, COLUMN_INT16, status),
    FIELD(hold, COLUMN_INT64, placed_sequence),
};

static const struct record_column freeze_columns[] = {
    FIELD(freeze, COLUMN_INT64, ledger_id),
    NAMED(freeze, "freeze_id", COLUMN_INT64, id),
    FIELD(freeze, COLUMN_INT64, account_id),
    COUNTED(freeze, COLUMN_TEXT, purpose, purpose_length),
    COUNTED(freeze, COLUMN_TEXT, owner, owner_length),
    NAMED(freeze, "amount", COLUMN_INT64, amount_minor),
    NAMED(freeze, "lifted", COLUMN_INT64, lifted_minor),
    NAMED(freeze, "expires_at", COLUMN_TIME, expires_at_us),
    FIELD(freeze, COLUMN_INT16, status),
    FIELD(freeze, COLUMN_INT64, placed_sequence),
};

static const struct record_column refunded_columns[] = {
    FIELD(refunded, COLUMN_INT64, ledger_id),
    NAMED(refunded, "refunded_id", COLUMN_INT64, id),
    FIELD(refunded, COLUMN_INT64, original_sequence),
    FIELD(refunded, COLUMN_INT64, account_id),
    NAMED(refunded, "amount", COLUMN_INT64, amount_minor),
    NAMED(refunded, "fee", COLUMN_INT64, fee_minor),
    FIELD(refunded, COLUMN_INT64, reversed_sequence),
};

static const struct record_column debt_columns[] = {
    FIELD(debt, COLUMN_INT64, ledger_id),
    NAMED(debt, "debt_id", COLUMN_INT64, id),
    FIELD(debt, COLUMN_INT64, account_id),
    NAMED(debt, "amount", COLUMN_INT64, amount_minor),
    NAMED(debt, "recovered", COLUMN_INT64, recovered_minor),
    FIELD(debt, COLUMN_INT64, refund_sequence),
    FIELD(debt, COLUMN_INT16, status),
};

static const struct record_column adjustment_columns[] = {
    FIELD(adjustment, COLUMN_INT64, ledger_id),
    NAMED(adjustment, "adjustment_id", COLUMN_INT64, id),
    FIELD(adjustment, COLUMN_INT64, debit_account_id),
    FIELD(adjustment, COLUMN_INT64, credit_account_id),
    NAMED(adjustment, "amount", COLUMN_INT64, amount_minor),
    NAMED(adjustment, "expires_at", COLUMN_TIME, expires_at_us),
    FIELD(adjustment, COLUMN_INT16, status),
    COUNTED(adjustment, COLUMN_TEXT, maker, maker_length),
    COUNTED(adjustment, COLUMN_TEXT, checker, checker_length),
    FIELD(adjustment, COLUMN_INT64, proposed_sequence),
};

static const struct record_column restriction_columns[] = {
    FIELD(restriction, COLUMN_INT64, ledger_id),
    NAMED(restriction, "restriction_id", COLUMN_INT64, id),
    FIELD(restriction, COLUMN_INT64, account_id),
    COUNTED(restriction, COLUMN_TEXT, owner, owner_length),
    FIELD(restriction, COLUMN_BOOL, no_in),
    FIELD(restriction, COLUMN_BOOL, no_out),
    FIELD(restriction, COLUMN_INT64, placed_sequence),
    FIELD(restriction, COLUMN_INT64, caller_id),
};

static const struct record_column caller_columns[] = {
    NAMED(caller, "caller_id", COLUMN_INT64, id),
    COUNTED(caller, COLUMN_TEXT, name, name_length),
    FIELD(caller, COLUMN_INT32, roles),
    NUMBERS(caller, ledgers, ledger_count),
    FIELD(caller, COLUMN_BOOL, all_ledgers),
    COUNTED(caller, COLUMN_TEXT, channels, channels_length),
    FIELD(caller, COLUMN_BOOL, any_channel),
    FIELD(caller, COLUMN_INT16, status),
};

static const struct record_column proposal_columns[] = {
    FIELD(proposal, COLUMN_INT64, ledger_id),
    NAMED(proposal, "proposal_id", COLUMN_INT64, id),
    FIELD(proposal, COLUMN_INT16, kind),
    NAMED(proposal, "amount", COLUMN_INT64, amount_minor),
    NAMED(proposal, "expires_at", COLUMN_TIME, expires_at_us),
    FIELD(proposal, COLUMN_INT16, status),
    FIELD(proposal, COLUMN_INT64, maker_caller_id),
    COUNTED(proposal, COLUMN_TEXT, maker_channel, maker_channel_length),
    NAMED(proposal, "proposed_at", COLUMN_TIME, proposed_at_us),
    FIELD(proposal, COLUMN_INT64, proposed_sequence),
    FIELD(proposal, COLUMN_INT64, approver_caller_id),
    COUNTED(proposal, COLUMN_TEXT, approver_channel, approver_channel_length),
    NAMED(proposal, "decided_at", COLUMN_TIME, decided_at_us),
    FIELD(proposal, COLUMN_INT64, decided_sequence),
};

static const struct record_column approval_policy_columns[] = {
    FIELD(approval_policy, COLUMN_INT64, ledger_id),
    NAMED(approval_policy, "approval_policy_id", COLUMN_INT64, id),
    NUMBERS(approval_policy, rules, rule_count),
};

static const struct record_column suspense_columns[] = {
    FIELD(suspense, COLUMN_INT64, ledger_id),
    NAMED(suspense, "suspense_id", COLUMN_INT64, id),
    FIELD(suspense, COLUMN_INT64, origin_sequence),
    FIELD(suspense, COLUMN_INT64, account_id),
    FIELD(suspense, COLUMN_INT64, payout_id),
    NAMED(suspense, "amount", COLUMN_INT64, amount_minor),
    NAMED(suspense, "allocated", COLUMN_INT64, allocated_minor),
    NAMED(suspense, "reversed", COLUMN_INT64, reversed_minor),
    NAMED(suspense, "going_back", COLUMN_INT64, returning_minor),
    NAMED(suspense, "gone_back", COLUMN_INT64, returned_minor),
    FIELD(suspense, COLUMN_INT64, return_payout_id),
    NAMED(suspense, "opened_at", COLUMN_TIME, opened_at_us),
    FIELD(suspense, COLUMN_DATE, opened_date),
    FIELD(suspense, COLUMN_INT16, reason),
    FIELD(suspense, COLUMN_INT16, status),
};

static const struct record_column lump_columns[] = {
    FIELD(lump, COLUMN_INT64, ledger_id),
    NAMED(lump, "lump_id", COLUMN_INT64, id),
    FIELD(lump, COLUMN_INT64, suspense_id),
    FIELD(lump, COLUMN_INT64, control_count),
    NAMED(lump, "control_amount", COLUMN_INT64, control_minor),
    FIELD(lump, COLUMN_INT64, allocated_count),
    NAMED(lump, "allocated_amount", COLUMN_INT64, allocated_minor),
    FIELD(lump, COLUMN_INT64, opened_sequence),
    FIELD(lump, COLUMN_DATE, opened_date),
    NAMED(lump, "all_or_none", COLUMN_BOOL, is_all_or_none),
    FIELD(lump, COLUMN_INT16, status),
};

static const struct record_column acquirer_columns[] = {
    FIELD(acquirer, COLUMN_INT64, ledger_id),
    NAMED(acquirer, "acquirer_id", COLUMN_INT64, id),
    FIELD(acquirer, COLUMN_INT64, account_id),
    COUNTED(acquirer, COLUMN_TEXT, name, name_length),
    FIELD(acquirer, COLUMN_INT32, settlement_days),
    COUNTED(acquirer, COLUMN_TEXT, fee_rule, fee_rule_length),
    FIELD(acquirer, COLUMN_BOOL, keeps_fee),
    FIELD(acquirer, COLUMN_BOOL, next_date),
    NAMED(acquirer, "ceiling", COLUMN_INT64, ceiling_minor),
    FIELD(acquirer, COLUMN_INT16, status),
};

static const struct record_column promise_columns[] = {
    FIELD(promise, COLUMN_INT64, ledger_id),
    NAMED(promise, "promise_id", COLUMN_INT64, id),
    FIELD(promise, COLUMN_INT64, acquirer_id),
    FIELD(promise, COLUMN_INT64, account_id),
    NAMED(promise, "amount", COLUMN_INT64, amount_minor),
    NAMED(promise, "kept", COLUMN_INT64, kept_minor),
    NAMED(promise, "fee", COLUMN_INT64, fee_minor),
    NAMED(promise, "settled", COLUMN_INT64, settled_minor),
    NAMED(promise, "cancelled", COLUMN_INT64, cancelled_minor),
    FIELD(promise, COLUMN_INT64, fee_rule_id),
    FIELD(promise, COLUMN_INT64, booked_sequence),
    FIELD(promise, COLUMN_DATE, due_date),
    NAMED(promise, "late_at", COLUMN_TIME, late_at_us),
    FIELD(promise, COLUMN_INT16, status),
    COUNTED(promise, COLUMN_TEXT, reference, reference_length),
    COUNTED(promise, COLUMN_TEXT, order_number, order_number_length),
};

static const struct record_column settlement_columns[] = {
    FIELD(settlement, COLUMN_INT64, ledger_id),
    NAMED(settlement, "settlement_id", COLUMN_INT64, id),
    FIELD(settlement, COLUMN_INT64, acquirer_id),
    FIELD(settlement, COLUMN_INT64, suspense_id),
    NAMED(settlement, "total", COLUMN_INT64, total_minor),
    NAMED(settlement, "settled", COLUMN_INT64, settled_minor),
    NAMED(settlement, "gone_back", COLUMN_INT64, returned_minor),
    FIELD(settlement, COLUMN_INT64, opened_sequence),
    FIELD(settlement, COLUMN_INT32, line_count),
    FIELD(settlement, COLUMN_INT32, lines_booked),
    FIELD(settlement, COLUMN_DATE, opened_date),
    FIELD(settlement, COLUMN_INT16, status),
};

static const struct record_column difference_columns[] = {
    FIELD(difference, COLUMN_INT64, ledger_id),
    NAMED(difference, "difference_id", COLUMN_INT64, id),
    FIELD(difference, COLUMN_INT64, acquirer_id),
    FIELD(difference, COLUMN_INT64, settlement_id),
    FIELD(difference, COLUMN_INT64, suspense_id),
    FIELD(difference, COLUMN_INT64, promise_id),
    FIELD(difference, COLUMN_INT64, account_id),
    NAMED(difference, "amount", COLUMN_INT64, amount_minor),
    FIELD(difference, COLUMN_INT64, line_sequence),
    FIELD(difference, COLUMN_INT64, closed_sequence),
    FIELD(difference, COLUMN_DATE, opened_date),
    FIELD(difference, COLUMN_INT16, kind),
    FIELD(difference, COLUMN_INT16, status),
    FIELD(difference, COLUMN_INT16, ended_by),
    FIELD(difference, COLUMN_BOOL, is_missing),
    COUNTED(difference, COLUMN_TEXT, reference, reference_length),
    COUNTED(difference, COLUMN_TEXT, order_number, order_number_length),
};

static const struct record_column watch_columns[] = {
    FIELD(watch, COLUMN_INT64, ledger_id),
    NAMED(watch, "watch_id", COLUMN_INT64, id),
    NAMED(watch, "suspense_age", COLUMN_INT32, suspense_age_s),
    NAMED(watch, "overdue_at", COLUMN_TIME, overdue_at_us),
    FIELD(watch, COLUMN_INT64, suspense_id),
    FIELD(watch, COLUMN_BOOL, one_membership),
    FIELD(watch, COLUMN_BOOL, same_card),
};

static const struct record_column identity_columns[] = {
    FIELD(identity, COLUMN_INT64, ledger_id),
    NAMED(identity, "identity_id", COLUMN_INT64, id),
    FIELD(identity, COLUMN_INT64, member_id),
    FIELD(identity, COLUMN_INT64, person_id),
    FIELD(identity, COLUMN_INT64, checked_sequence),
    FIELD(identity, COLUMN_DATE, valid_until_date),
    FIELD(identity, COLUMN_DATE, recheck_date),
    FIELD(identity, COLUMN_FINGERPRINT, number),
    FIELD(identity, COLUMN_FINGERPRINT, name),
    FIELD(identity, COLUMN_FINGERPRINT, representative),
    FIELD(identity, COLUMN_FINGERPRINT, representative_number),
    FIELD(identity, COLUMN_FINGERPRINT, handler),
    FIELD(identity, COLUMN_FINGERPRINT, handler_number),
    FIELD(identity, COLUMN_INT16, subject),
    FIELD(identity, COLUMN_INT16, document_kind),
    FIELD(identity, COLUMN_INT16, representative_document),
    FIELD(identity, COLUMN_INT16, handler_document),
    FIELD(identity, COLUMN_INT16, level),
    FIELD(identity, COLUMN_INT16, status),
    NAMED(identity, "noticed", COLUMN_BOOL, is_noticed),
};

static const struct record_column card_columns[] = {
    FIELD(card, COLUMN_INT64, ledger_id),
    NAMED(card, "card_id", COLUMN_INT64, id),
    FIELD(card, COLUMN_INT64, member_id),
    FIELD(card, COLUMN_FINGERPRINT, number),
    COUNTED(card, COLUMN_TEXT, bank_code, bank_code_length),
    FIELD(card, COLUMN_INT16, kind),
    FIELD(card, COLUMN_INT16, status),
    NAMED(card, "main_card", COLUMN_BOOL, is_main),
    FIELD(card, COLUMN_INT16, way),
    NAMED(card, "amount", COLUMN_INT16, amount_minor),
    FIELD(card, COLUMN_INT16, checks),
    FIELD(card, COLUMN_INT16, wrong_in_row),
    FIELD(card, COLUMN_DATE, checks_date),
    FIELD(card, COLUMN_DATE, locked_date),
    FIELD(card, COLUMN_INT64, check_sequence),
    NAMED(card, "check_expires_at", COLUMN_TIME, check_expires_at_us),
    FIELD(card, COLUMN_INT64, checked_sequence),
    FIELD(card, COLUMN_INT16, end_reason),
    FIELD(card, COLUMN_INT64, replaced_by),
    FIELD(card, COLUMN_INT64, bound_sequence),
};

static const struct record_column account_policy_columns[] = {
    FIELD(account_policy, COLUMN_INT64, ledger_id),
    NAMED(account_policy, "account_policy_id", COLUMN_INT64, id),
    FIELD(account_policy, COLUMN_INT16, preset),
    NUMBERS(account_policy, levels, level_count),
    FIELD(account_policy, COLUMN_INT64, merchant_date_began),
    FIELD(account_policy, COLUMN_INT64, merchant_year_began),
    FIELD(account_policy, COLUMN_INT64, user_date_began),
    FIELD(account_policy, COLUMN_INT64, user_year_began),
};

static const struct record_column usage_columns[] = {
    FIELD(usage, COLUMN_INT64, ledger_id),
    NAMED(usage, "usage_id", COLUMN_INT64, id),
    FIELD(usage, COLUMN_INT64, member_id),
    NAMED(usage, "counted_date", COLUMN_DATE, date),
    NAMED(usage, "date_in", COLUMN_INT64, date_in_minor),
    NAMED(usage, "date_out", COLUMN_INT64, date_out_minor),
    NAMED(usage, "year_in", COLUMN_INT64, year_in_minor),
    NAMED(usage, "year_out", COLUMN_INT64, year_out_minor),
};

static const struct record_column card_flow_columns[] = {
    FIELD(card_flow, COLUMN_INT64, ledger_id),
    NAMED(card_flow, "card_flow_id", COLUMN_INT64, id),
    FIELD(card_flow, COLUMN_INT64, account_id),
    FIELD(card_flow, COLUMN_INT64, card_id),
    NAMED(card_flow, "came_in", COLUMN_INT64, in_minor),
    NAMED(card_flow, "went_out", COLUMN_INT64, out_minor),
    NAMED(card_flow, "pending", COLUMN_INT64, pending_minor),
    NAMED(card_flow, "moved", COLUMN_INT64, moved_minor),
    FIELD(card_flow, COLUMN_INT64, owed_sequence),
    FIELD(card_flow, COLUMN_INT64, opened_sequence),
    FIELD(card_flow, COLUMN_INT64, ended_sequence),
    FIELD(card_flow, COLUMN_INT64, successor_id),
    FIELD(card_flow, COLUMN_FINGERPRINT, number),
};

static const struct record_column proof_policy_columns[] = {
    FIELD(proof_policy, COLUMN_INT64, ledger_id),
    NAMED(proof_policy, "proof_policy_id", COLUMN_INT64, id),
    NUMBERS(proof_policy, rules, rule_count),
};

static const struct record_column denied_columns[] = {
    FIELD(denied, COLUMN_INT64, ledger_id),
    NAMED(denied, "denied_id", COLUMN_INT64, id),
    FIELD(denied, COLUMN_FINGERPRINT, value),
    FIELD(denied, COLUMN_INT16, kind),
    FIELD(denied, COLUMN_INT16, document_kind),
    FIELD(denied, COLUMN_INT16, source),
    FIELD(denied, COLUMN_INT16, status),
    NAMED(denied, "expires_at", COLUMN_TIME, expires_at_us),
    FIELD(denied, COLUMN_INT64, listed_sequence),
    FIELD(denied, COLUMN_INT64, caller_id),
    COUNTED(denied, COLUMN_TEXT, channel, channel_length),
};

static const struct record_column hit_columns[] = {
    FIELD(hit, COLUMN_INT64, ledger_id),
    NAMED(hit, "hit_id", COLUMN_INT64, id),
    FIELD(hit, COLUMN_INT64, denied_id),
    FIELD(hit, COLUMN_INT64, member_id),
    FIELD(hit, COLUMN_INT64, card_id),
    FIELD(hit, COLUMN_INT16, status),
    FIELD(hit, COLUMN_INT64, found_sequence),
    FIELD(hit, COLUMN_INT64, caller_id),
    COUNTED(hit, COLUMN_TEXT, channel, channel_length),
    FIELD(hit, COLUMN_INT64, decided_sequence),
};

static const struct record_column cover_columns[] = {
    FIELD(cover, COLUMN_INT64, ledger_id),
    NAMED(cover, "cover_id", COLUMN_INT64, id),
    FIELD(cover, COLUMN_INT64, account_id),
    NAMED(cover, "amount", COLUMN_INT64, cover_minor),
    NAMED(cover, "deducting", COLUMN_INT64, deducting_minor),
    FIELD(cover, COLUMN_INT32, deductions),
    FIELD(cover, COLUMN_INT32, stops),
};

static const struct record_column claim_columns[] = {
    FIELD(claim, COLUMN_INT64, ledger_id),
    NAMED(claim, "claim_id", COLUMN_INT64, id),
    FIELD(claim, COLUMN_INT64, member_id),
    FIELD(claim, COLUMN_INT64, account_id),
    FIELD(claim, COLUMN_INT16, authority),
    FIELD(claim, COLUMN_INT16, ground),
    COUNTED(claim, COLUMN_TEXT, organ, organ_length),
    FIELD(claim, COLUMN_INT16, status),
    NAMED(claim, "limit_amount", COLUMN_INT64, limit_minor),
    NAMED(claim, "released", COLUMN_INT64, released_minor),
    NAMED(claim, "deducted", COLUMN_INT64, deducted_minor),
    NAMED(claim, "deducting", COLUMN_INT64, deducting_minor),
    NAMED(claim, "whole", COLUMN_BOOL, is_whole),
    NAMED(claim, "fruits", COLUMN_BOOL, has_fruits),
    NAMED(claim, "secret", COLUMN_BOOL, is_secret),
    FIELD(claim, COLUMN_INT16, continued),
    FIELD(claim, COLUMN_DATE, placed_date),
    NAMED(claim, "ends_at", COLUMN_TIME, ends_at_us),
    NAMED(claim, "noticed", COLUMN_BOOL, is_noticed),
    FIELD(claim, COLUMN_INT64, placed_sequence),
    FIELD(claim, COLUMN_INT64, told_sequence),
    FIELD(claim, COLUMN_INT64, effective_sequence),
};

static const struct record_column feedback_columns[] = {
    FIELD(feedback, COLUMN_INT64, ledger_id),
    NAMED(feedback, "feedback_id", COLUMN_INT64, id),
    FIELD(feedback, COLUMN_INT64, claim_id),
    COUNTED(feedback, COLUMN_TEXT, organ, organ_length),
    FIELD(feedback, COLUMN_INT16, status),
    NAMED(feedback, "due_at", COLUMN_TIME, due_at_us),
    NAMED(feedback, "noticed", COLUMN_BOOL, is_noticed),
    FIELD(feedback, COLUMN_INT64, asked_sequence),
    FIELD(feedback, COLUMN_INT64, given_sequence),
};

static const struct record_column mandate_columns[] = {
    FIELD(mandate, COLUMN_INT64, ledger_id),
    NAMED(mandate, "mandate_id", COLUMN_INT64, id),
    FIELD(mandate, COLUMN_INT64, account_id),
    FIELD(mandate, COLUMN_INT64, payee_account_id),
    FIELD(mandate, COLUMN_INT64, card_id),
    NAMED(mandate, "ceiling_each", COLUMN_INT64, each_minor),
    NAMED(mandate, "ceiling_total", COLUMN_INT64, total_minor),
    NAMED(mandate, "uses", COLUMN_INT32, count),
    NAMED(mandate, "used", COLUMN_INT64, used_minor),
    FIELD(mandate, COLUMN_INT32, used_count),
    NAMED(mandate, "starts_at", COLUMN_TIME, starts_at_us),
    NAMED(mandate, "expires_at", COLUMN_TIME, expires_at_us),
    FIELD(mandate, COLUMN_INT16, status),
    FIELD(mandate, COLUMN_INT64, granted_sequence),
    FIELD(mandate, COLUMN_INT64, ended_sequence),
};

static const struct record_column product_columns[] = {
    FIELD(product, COLUMN_INT64, ledger_id),
    NAMED(product, "product_id", COLUMN_INT64, id),
    FIELD(product, COLUMN_INT64, account_id),
    FIELD(product, COLUMN_INT64, cash_account_id),
    COUNTED(product, COLUMN_TEXT, code, code_length),
    COUNTED(product, COLUMN_TEXT, name, name_length),
    FIELD(product, COLUMN_INT16, kind),
    FIELD(product, COLUMN_INT16, status),
    FIELD(product, COLUMN_INT16, scale),
    FIELD(product, COLUMN_INT16, unit_rounding),
    FIELD(product, COLUMN_INT16, money_rounding),
    FIELD(product, COLUMN_INT16, rest),
    FIELD(product, COLUMN_BOOL, at_once),
    FIELD(product, COLUMN_INT64, price_id),
    FIELD(product, COLUMN_INT64, price_e8),
    FIELD(product, COLUMN_DATE, price_date),
    FIELD(product, COLUMN_INT32, price_version),
};

static const struct record_column position_columns[] = {
    FIELD(position, COLUMN_INT64, ledger_id),
    NAMED(position, "position_id", COLUMN_INT64, id),
    FIELD(position, COLUMN_INT64, account_id),
    FIELD(position, COLUMN_INT64, owner_account_id),
    FIELD(position, COLUMN_INT64, product_id),
    FIELD(position, COLUMN_INT64, opened_sequence),
};

static const struct record_column price_columns[] = {
    FIELD(price, COLUMN_INT64, ledger_id),
    NAMED(price, "price_id", COLUMN_INT64, id),
    FIELD(price, COLUMN_INT64, product_id),
    FIELD(price, COLUMN_DATE, date),
    FIELD(price, COLUMN_INT32, version),
    FIELD(price, COLUMN_INT64, price_e8),
    FIELD(price, COLUMN_INT64, published_sequence),
    FIELD(price, COLUMN_INT16, status),
};

static const struct record_column bank_statement_columns[] = {
    FIELD(bank_statement, COLUMN_INT64, ledger_id),
    NAMED(bank_statement, "bank_statement_id", COLUMN_INT64, id),
    FIELD(bank_statement, COLUMN_INT64, number),
    FIELD(bank_statement, COLUMN_INT64, missing_before),
    NAMED(bank_statement, "opening", COLUMN_INT64, opening_minor),
    NAMED(bank_statement, "closing", COLUMN_INT64, closing_minor),
    NAMED(bank_statement, "line_sum", COLUMN_INT64, sum_minor),
    FIELD(bank_statement, COLUMN_INT64, opened_sequence),
    FIELD(bank_statement, COLUMN_INT64, closed_sequence),
    FIELD(bank_statement, COLUMN_DATE, from_date),
    FIELD(bank_statement, COLUMN_DATE, to_date),
    FIELD(bank_statement, COLUMN_INT32, control_count),
    FIELD(bank_statement, COLUMN_INT32, line_count),
    FIELD(bank_statement, COLUMN_INT32, last_ordinal),
    FIELD(bank_statement, COLUMN_INT64, first_line_id),
    FIELD(bank_statement, COLUMN_INT64, last_line_id),
    FIELD(bank_statement, COLUMN_INT32, file_position),
    FIELD(bank_statement, COLUMN_DATE, opened_date),
    FIELD(bank_statement, COLUMN_INT16, status),
    FIELD(bank_statement, COLUMN_BOOL, has_gap),
    COUNTED(bank_statement, COLUMN_TEXT, reference, reference_length),
    COUNTED(bank_statement, COLUMN_TEXT, file_sha256, file_sha256_length),
};

static const struct record_column statement_line_columns[] = {
    FIELD(statement_line, COLUMN_INT64, ledger_id),
    NAMED(statement_line, "statement_line_id", COLUMN_INT64, id),
    FIELD(statement_line, COLUMN_INT64, bank_statement_id),
    NAMED(statement_line, "amount", COLUMN_INT64, amount_minor),
    NAMED(statement_line, "matched", COLUMN_INT64, matched_minor),
    FIELD(statement_line, COLUMN_INT64, added_sequence),
    FIELD(statement_line, COLUMN_INT32, ordinal),
    FIELD(statement_line, COLUMN_DATE, booking_date),
    FIELD(statement_line, COLUMN_DATE, value_date),
    FIELD(statement_line, COLUMN_INT16, status),
};

static const struct record_column statement_match_columns[] = {
    FIELD(statement_match, COLUMN_INT64, ledger_id),
    NAMED(statement_match, "statement_match_id", COLUMN_INT64, id),
    FIELD(statement_match, COLUMN_INT64, bank_statement_id),
    FIELD(statement_match, COLUMN_INT64, statement_line_id),
    FIELD(statement_match, COLUMN_INT64, booking_id),
    NAMED(statement_match, "amount", COLUMN_INT64, amount_minor),
    FIELD(statement_match, COLUMN_INT64, made_sequence),
    FIELD(statement_match, COLUMN_INT64, undone_sequence),
    FIELD(statement_match, COLUMN_INT16, booking_kind),
    FIELD(statement_match, COLUMN_INT16, status),
};

static const struct record_column matched_booking_columns[] = {
    FIELD(matched_booking, COLUMN_INT64, ledger_id),
    NAMED(matched_booking, "matched_booking_id", COLUMN_INT64, id),
    FIELD(matched_booking, COLUMN_INT64, booking_id),
    NAMED(matched_booking, "matched", COLUMN_INT64, matched_minor),
    FIELD(matched_booking, COLUMN_INT16, booking_kind),
};

/* A record is called like its struct everywhere: table, history and id. */
#define COMMON(record, owner_id, ceiling)                                                          \
    .name = #record, .history_name = #record "_history", .id_name = #record "_id",                 \
    .history_order = "sequence, " #record "_id", .bytes = sizeof(struct record),                   \
    .id_offset = offsetof(struct record, id),                                                      \
    .changed_sequence_offset = offsetof(struct record, changed_sequence),                          \
    .ledger_id_offset = offsetof(struct record, owner_id), .id_max = ceiling,                      \
    .columns = record##_columns,                                                                   \
    .column_count = sizeof record##_columns / sizeof *record##_columns

/* All of them stay in memory; or final ones leave it. */
#define STAYS(record, owner_id, ceiling)                                                           \
    {                                                                                              \
        COMMON(record, owner_id, ceiling)                                                          \
    }
/* The same, and some of them have an end in time. */
#define STAYS_AND_ENDS(record, ceiling, ...)                                                       \
    {                                                                                              \
        COMMON(record, ledger_id, ceiling), .life = { __VA_ARGS__ }                                \
    }
#define LEAVES(record, ceiling, key, ...)                                                          \
    {                                                                                              \
        COMMON(record, ledger_id, ceiling), .key_name = key, .life = { __VA_ARGS__ }               \
    }
#define LIVE_IN(record, statuses)                                                                  \
    .live_statuses = (statuses), .status_offset = offsetof(struct record, status)

const struct record_table record_tables[RECORD_KINDS + 1] = {
    [RECORD_LEDGER] = STAYS(ledger, id, LEDGERS_MAX),
    [RECORD_MEMBER] = STAYS(member, ledger_id, MEMBERS_MAX),
    [RECORD_ACCOUNT] = STAYS(account, ledger_id, ACCOUNTS_MAX),
    /* Open, the bank's word is missing; paid, the bank may still send it back. */
    [RECORD_PAYOUT] = LEAVES(payout, PAYOUTS_MAX, "payout_id",
        LIVE_IN(payout, RECORD_STATUS(PAYOUT_REQUESTED) | RECORD_STATUS(PAYOUT_SENT) |
                            RECORD_STATUS(PAYOUT_UNKNOWN)),
        .dated_statuses = RECORD_STATUS(PAYOUT_PAID),
        .date_offset = offsetof(struct payout, return_until)),
    [RECORD_FEE_RULE] = STAYS(fee_rule, ledger_id, FEE_RULES_MAX),
    [RECORD_HOLD] = LEAVES(
        hold, HOLDS_MAX, "hold_id", LIVE_IN(hold, RECORD_STATUS(HOLD_LIVE)), .expiry = EXPIRY_HOLD),
    [RECORD_FREEZE] = LEAVES(freeze, FREEZES_MAX, "freeze_id",
        LIVE_IN(freeze, RECORD_STATUS(FREEZE_LIVE)), .expiry = EXPIRY_FREEZE),
    [RECORD_REFUNDED] = LEAVES(refunded, REFUNDED_MAX, "original_sequence",
        .sequence_offset = offsetof(struct refunded, original_sequence)),
    [RECORD_DEBT] = LEAVES(debt, DEBTS_MAX, "debt_id", LIVE_IN(debt, RECORD_STATUS(DEBT_OPEN))),
    [RECORD_ADJUSTMENT] = LEAVES(adjustment, ADJUSTMENTS_MAX, "adjustment_id",
        LIVE_IN(adjustment, RECORD_STATUS(ADJUSTMENT_PROPOSED)), .expiry = EXPIRY_ADJUSTMENT),
    [RECORD_RESTRICTION] = STAYS(restriction, ledger_id, RESTRICTIONS_MAX),
    [RECORD_CALLER] = STAYS(caller, ledger_id, CALLERS_MAX),
    [RECORD_PROPOSAL] = LEAVES(proposal, PROPOSALS_MAX, "proposal_id",
        LIVE_IN(proposal, RECORD_STATUS(PROPOSAL_OPEN)), .expiry = EXPIRY_PROPOSAL),
    [RECORD_APPROVAL_POLICY] = STAYS(approval_policy, ledger_id, APPROVAL_POLICIES_MAX),
    [RECORD_SUSPENSE] = LEAVES(suspense, SUSPENSE_MAX, "suspense_id",
        LIVE_IN(suspense, RECORD_STATUS(SUSPENSE_OPEN) | RECORD_STATUS(SUSPENSE_RETURNING)),
        .expiry = EXPIRY_SUSPENSE),
    [RECORD_LUMP] = LEAVES(lump, LUMPS_MAX, "lump_id", LIVE_IN(lump, RECORD_STATUS(LUMP_OPEN))),
    [RECORD_ACQUIRER] = STAYS(acquirer, ledger_id, ACQUIRERS_MAX),
    [RECORD_PROMISE] = LEAVES(promise, PROMISES_MAX, "promise_id",
        LIVE_IN(promise, RECORD_STATUS(PROMISE_OPEN) | RECORD_STATUS(PROMISE_DISPUTED)),
        .expiry = EXPIRY_PROMISE),
    [RECORD_SETTLEMENT] = LEAVES(settlement, SETTLEMENTS_MAX, "settlement_id",
        LIVE_IN(settlement, RECORD_STATUS(SETTLEMENT_OPEN))),
    [RECORD_DIFFERENCE] = LEAVES(difference, DIFFERENCES_MAX, "difference_id",
        LIVE_IN(difference, RECORD_STATUS(DIFFERENCE_OPEN))),
    [RECORD_WATCH] = STAYS(watch, ledger_id, WATCHES_MAX),
    [RECORD_IDENTITY] = STAYS_AND_ENDS(identity, IDENTITIES_MAX,
        LIVE_IN(identity, RECORD_STATUS(IDENTITY_VALID)), .expiry = EXPIRY_IDENTITY),
    /* One that ended stays until the counts of its number do not matter any more. */
    [RECORD_CARD] = LEAVES(card, CARDS_MAX, "card_id",
        LIVE_IN(card,
            RECORD_STATUS(CARD_BOUND) | RECORD_STATUS(CARD_CHECKING) | RECORD_STATUS(CARD_CHECKED)),
        .dated_statuses = RECORD_STATUS(CARD_UNBOUND) | RECORD_STATUS(CARD_REPLACED),
        .date_offset = offsetof(struct card, checks_date), .expiry = EXPIRY_CARD),
    [RECORD_ACCOUNT_POLICY] = STAYS(account_policy, ledger_id, ACCOUNT_POLICIES_MAX),
    [RECORD_USAGE] = STAYS(usage, ledger_id, USAGES_MAX),
    [RECORD_CARD_FLOW] = STAYS(card_flow, ledger_id, CARD_FLOWS_MAX),
    [RECORD_PROOF_POLICY] = STAYS(proof_policy, ledger_id, PROOF_POLICIES_MAX),
    [RECORD_DENIED] = STAYS_AND_ENDS(
        denied, DENIED_MAX, LIVE_IN(denied, RECORD_STATUS(DENIED_LISTED)), .expiry = EXPIRY_DENIED),
    [RECORD_HIT] = STAYS(hit, ledger_id, HITS_MAX),
    [RECORD_COVER] = STAYS(cover, ledger_id, COVERS_MAX),
    [RECORD_CLAIM] = LEAVES(claim, CLAIMS_MAX, "claim_id",
        LIVE_IN(claim, RECORD_STATUS(CLAIM_LIVE) | RECORD_STATUS(CLAIM_DEDUCTED)),
        .expiry = EXPIRY_CLAIM),
    [RECORD_MANDATE] = STAYS(mandate, ledger_id, MANDATES_MAX),
    [RECORD_BANK_STATEMENT] = STAYS(bank_statement, ledger_id, BANK_STATEMENTS_MAX),
    /* No status keeps one in memory. */
    [RECORD_STATEMENT_LINE] = LEAVES(statement_line, STATEMENT_LINES_EVER_MAX, "statement_line_id",
        LIVE_IN(statement_line, RECORD_STATUS_NONE)),
    [RECORD_STATEMENT_MATCH] = LEAVES(statement_match, STATEMENT_MATCHES_MAX, "statement_match_id",
        LIVE_IN(statement_match, RECORD_STATUS_NONE)),
    [RECORD_MATCHED_BOOKING] = LEAVES(matched_booking, MATCHED_BOOKINGS_MAX, "matched_booking_id",
        .live_statuses = RECORD_STATUS_NONE,
        .status_offset = offsetof(struct matched_booking, booking_kind)),
    [RECORD_FEEDBACK] = LEAVES(feedback, FEEDBACKS_MAX, "feedback_id",
        LIVE_IN(feedback, RECORD_STATUS(FEEDBACK_OPEN)), .expiry = EXPIRY_FEEDBACK),
    [RECORD_PRODUCT] = STAYS(product, ledger_id, PRODUCTS_MAX),
    [RECORD_POSITION] = STAYS(position, ledger_id, POSITIONS_MAX),
    [RECORD_PRICE] = LEAVES(price, PRICES_MAX, "price_id", LIVE_IN(price, RECORD_STATUS_NONE)),
};

const char *record_column_name(const struct record_table *table, uint32_t offset)
{
    uint32_t i = 0;
    while (i < table->column_count && table->columns[i].offset != offset)
        i++;
    CHECK(i < table->column_count);
    return table->columns[i].name;
}

enum record_kind record_kind_of_expiry(enum expiry_kind expiry)
{
    int kind = 1;
    CHECK(expiry != 0);
    while (kind <= RECORD_KINDS && record_tables[kind].life.expiry != expiry)
        kind++;
    CHECK(kind <= RECORD_KINDS);
    return (enum record_kind)kind;
}

bool record_is_final(const struct record_table *table, const void *record, int32_t accounting_date)
{
    const struct record_life *life = &table->life;
    const uint8_t *bytes = record;
    CHECK(life->status_offset != 0);
    uint32_t status = bytes[life->status_offset];
    if (status == 0 || status >= 32)
        return false;
    if (record_statuses_have(life->dated_statuses, status))
        return *(const int32_t *)(const void *)(bytes + life->date_offset) < accounting_date;
    return !record_statuses_have(life->live_statuses, status);
}
