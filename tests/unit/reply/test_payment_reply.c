/* test_payment_reply.c: answers to reads of fee rules, payouts, holds, freezes, debts and
 * adjustments, read back with the real messages.
 * SPDX-License-Identifier: Apache-2.0 */
#include "reply/reply.h"
#include "suites.h"
#include "vsl/v1/bank_statement.pb-c.h"
#include "vsl/v1/caller.pb-c.h"
#include "vsl/v1/card.pb-c.h"
#include "vsl/v1/correction.pb-c.h"
#include "vsl/v1/fee.pb-c.h"
#include "vsl/v1/freeze.pb-c.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/hold.pb-c.h"
#include "vsl/v1/lump.pb-c.h"
#include "vsl/v1/mandate.pb-c.h"
#include "vsl/v1/payout.pb-c.h"
#include "vsl/v1/product.pb-c.h"
#include "vsl/v1/proposal.pb-c.h"
#include "vsl/v1/screening.pb-c.h"
#include "vsl/v1/suspense.pb-c.h"

#include <signal.h>
#include <string.h>

#define TODAY 20760 /* 2026-11-03 */

static void *read_back(struct buffer *bytes, const ProtobufCMessageDescriptor *descriptor)
{
    ProtobufCMessage *message =
        protobuf_c_message_unpack(descriptor, NULL, bytes->length, bytes->bytes);
    ck_assert_ptr_nonnull(message);
    ck_assert_uint_eq(message->n_unknown_fields, 0);
    buffer_finish(bytes);
    return message;
}

static const struct ledger today = {.id = 1,
    .accounting_dates = {TODAY},
    .accounting_date_count = 1,
    .receiving_prefix = "6200",
    .receiving_prefix_length = 4};

static void *one_of(
    enum record_kind kind, const void *record, const ProtobufCMessageDescriptor *descriptor)
{
    struct buffer bytes = {0};
    reply_record(&bytes, kind, record, &today, 72);
    return read_back(&bytes, descriptor);
}

/* A text of its full length, without a NUL behind it. */
static void expect_full(const char *text, char letter, size_t length)
{
    char letters[2] = {letter, '\0'};
    ck_assert_uint_eq(strlen(text), length);
    ck_assert_uint_eq(strspn(text, letters), length);
}

START_TEST(fee_rule_is_shown_whole)
{
    struct fee_rule rule = {.id = 3,
        .ledger_id = 1,
        .previous_id = 2,
        .changed_sequence = 50,
        .version = 2,
        .effective_date = TODAY + 1,
        .rounding = FEE_ROUNDING_UP,
        .refund = FEE_REFUND_ON_FULL,
        .on_payout_failed = PAYOUT_FEE_BACK,
        .on_payout_returned = PAYOUT_FEE_KEPT,
        .name_length = FEE_RULE_NAME_BYTES_MAX,
        .tier_count = FEE_TIERS_MAX,
        .share_count = FEE_SHARES_MAX};
    memset(rule.name, 'r', sizeof rule.name);
    for (int64_t i = 0; i < FEE_TIERS_MAX; i++)
        rule.tiers[i] = (struct fee_tier){i * 100, i + 1, i + 2, i + 3, i + 4};
    for (int64_t i = 0; i < FEE_SHARES_MAX; i++)
        rule.shares[i] = (struct fee_share){i + 20, i + 30};
    Vsl__V1__GetFeeRuleResponse *response =
        one_of(RECORD_FEE_RULE, &rule, &vsl__v1__get_fee_rule_response__descriptor);
    const Vsl__V1__FeeRule *message = response->fee_rule;
    ck_assert_int_eq(message->fee_rule_id, 3);
    ck_assert_int_eq(message->ledger_id, 1);
    expect_full(message->name, 'r', FEE_RULE_NAME_BYTES_MAX);
    ck_assert_int_eq(message->version, 2);
    ck_assert_int_eq(message->effective_date, 20261104);
    ck_assert_int_eq((int)message->rounding, (int)VSL__V1__FEE_ROUNDING__FEE_ROUNDING_UP);
    ck_assert_int_eq((int)message->refund, (int)VSL__V1__FEE_REFUND__FEE_REFUND_ON_FULL);
    ck_assert_int_eq((int)message->on_payout_failed, (int)VSL__V1__PAYOUT_FEE__PAYOUT_FEE_BACK);
    ck_assert_int_eq((int)message->on_payout_returned, (int)VSL__V1__PAYOUT_FEE__PAYOUT_FEE_KEPT);
    ck_assert_uint_eq(message->n_tiers, FEE_TIERS_MAX);
    for (int64_t i = 0; i < FEE_TIERS_MAX; i++) {
        ck_assert_int_eq(message->tiers[i]->from_minor, i * 100);
        ck_assert_int_eq(message->tiers[i]->flat_minor, i + 1);
        ck_assert_int_eq(message->tiers[i]->minimum_minor, i + 2);
        ck_assert_int_eq(message->tiers[i]->maximum_minor, i + 3);
        ck_assert_int_eq(message->tiers[i]->rate_ppm, i + 4);
    }
    ck_assert_uint_eq(message->n_shares, FEE_SHARES_MAX);
    for (int64_t i = 0; i < FEE_SHARES_MAX; i++) {
        ck_assert_int_eq(message->shares[i]->account_id, i + 20);
        ck_assert_int_eq(message->shares[i]->share_ppm, i + 30);
    }
    ck_assert_int_eq(message->changed_sequence, 50);
    ck_assert_int_eq(response->as_of_sequence, 72);
    vsl__v1__get_fee_rule_response__free_unpacked(response, NULL);

    rule.share_count = 0;
    rule.tier_count = 1;
    response = one_of(RECORD_FEE_RULE, &rule, &vsl__v1__get_fee_rule_response__descriptor);
    ck_assert_uint_eq(response->fee_rule->n_tiers, 1);
    ck_assert_uint_eq(response->fee_rule->n_shares, 0);
    vsl__v1__get_fee_rule_response__free_unpacked(response, NULL);
}
END_TEST

static struct payout sample_payout(int64_t id)
{
    struct payout payout = {.id = id,
        .ledger_id = 1,
        .account_id = 9,
        .amount_minor = 97,
        .fee_minor = 3,
        .fee_account_id = 12,
        .fee_rule_id = 2,
        .returned_minor = 40,
        .fee_returned_minor = 1,
        .requested_sequence = 70,
        .evidence_sequence = 71,
        .changed_sequence = 72,
        .return_until = TODAY,
        .status = PAYOUT_PAID,
        .order_number_length = ORDER_NUMBER_BYTES_MAX};
    memset(payout.order_number, 'o', sizeof payout.order_number);
    return payout;
}

START_TEST(payout_is_shown_whole)
{
    struct payout payout = sample_payout(5);
    Vsl__V1__GetPayoutResponse *response =
        one_of(RECORD_PAYOUT, &payout, &vsl__v1__get_payout_response__descriptor);
    const Vsl__V1__Payout *message = response->payout;
    ck_assert_int_eq(message->payout_id, 5);
    ck_assert_int_eq(message->ledger_id, 1);
    ck_assert_int_eq(message->account_id, 9);
    ck_assert_int_eq(message->amount_minor, 97);
    ck_assert_int_eq(message->fee_minor, 3);
    ck_assert_int_eq(message->requested_sequence, 70);
    ck_assert_int_eq(message->changed_sequence, 72);
    ck_assert_int_eq(message->returned_minor, 40);
    ck_assert_int_eq(message->fee_returned_minor, 1);
    ck_assert_int_eq(message->fee_account_id, 12);
    ck_assert_int_eq(message->evidence_sequence, 71);
    ck_assert_int_eq(message->return_until, 20261103);
    expect_full(message->order_number, 'o', ORDER_NUMBER_BYTES_MAX);
    ck_assert_int_eq(response->as_of_sequence, 72);
    vsl__v1__get_payout_response__free_unpacked(response, NULL);
}
END_TEST

/* Final is what nothing can become of any more. */
START_TEST(payouts_become_final)
{
    static const struct {
        uint8_t status;
        int32_t return_until;
        bool final;
    } cases[] = {
        {PAYOUT_REQUESTED, 0, false},
        {PAYOUT_SENT, 0, false},
        {PAYOUT_UNKNOWN, 0, false},
        {PAYOUT_PAID, TODAY + 1, false},
        {PAYOUT_PAID, TODAY, false}, /* the last day of a return */
        {PAYOUT_PAID, TODAY - 1, true},
        {PAYOUT_FAILED, 0, true},
        {PAYOUT_RETURNED, TODAY, true},
        {PAYOUT_CANCELLED, 0, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct payout payout = sample_payout(5);
        payout.status = cases[i].status;
        payout.return_until = cases[i].return_until;
        Vsl__V1__GetPayoutResponse *response =
            one_of(RECORD_PAYOUT, &payout, &vsl__v1__get_payout_response__descriptor);
        ck_assert_int_eq((int)response->payout->status, (int)cases[i].status);
        ck_assert_int_eq(response->payout->final, cases[i].final);
        ck_assert_int_eq(response->payout->return_until == 0, cases[i].return_until == 0);
        vsl__v1__get_payout_response__free_unpacked(response, NULL);
    }
}
END_TEST

static struct hold sample_hold(int64_t id)
{
    struct hold hold = {.id = id,
        .ledger_id = 1,
        .payer_account_id = 9,
        .amount_minor = 100,
        .confirmed_minor = 60,
        .cancelled_minor = 15,
        .expires_at_us = 1793491200000001,
        .placed_sequence = 70,
        .changed_sequence = 71,
        .status = HOLD_EXPIRED,
        .order_number_length = ORDER_NUMBER_BYTES_MAX};
    memset(hold.order_number, 'o', sizeof hold.order_number);
    return hold;
}

START_TEST(hold_is_shown_whole)
{
    struct hold hold = sample_hold(5);
    Vsl__V1__GetHoldResponse *response =
        one_of(RECORD_HOLD, &hold, &vsl__v1__get_hold_response__descriptor);
    const Vsl__V1__Hold *message = response->hold;
    ck_assert_int_eq(message->hold_id, 5);
    ck_assert_int_eq(message->ledger_id, 1);
    ck_assert_int_eq(message->payer_account_id, 9);
    expect_full(message->order_number, 'o', ORDER_NUMBER_BYTES_MAX);
    ck_assert_int_eq(message->amount_minor, 100);
    ck_assert_int_eq(message->confirmed_minor, 60);
    ck_assert_int_eq(message->cancelled_minor, 15);
    ck_assert_int_eq(message->held_minor, 25);
    ck_assert_int_eq(message->expires_at_us, 1793491200000001);
    ck_assert_int_eq((int)message->status, (int)VSL__V1__HOLD_STATUS__HOLD_STATUS_EXPIRED);
    ck_assert_int_eq(message->placed_sequence, 70);
    ck_assert_int_eq(message->changed_sequence, 71);
    ck_assert_int_eq(response->as_of_sequence, 72);
    vsl__v1__get_hold_response__free_unpacked(response, NULL);
}
END_TEST

START_TEST(freeze_is_shown_whole)
{
    struct freeze freeze = {.id = 5,
        .ledger_id = 1,
        .account_id = 9,
        .amount_minor = 100,
        .lifted_minor = 40,
        .expires_at_us = 1793491200000001,
        .placed_sequence = 70,
        .changed_sequence = 71,
        .status = FREEZE_LIVE,
        .purpose_length = PURPOSE_BYTES_MAX,
        .owner_length = CHANNEL_BYTES_MAX};
    memset(freeze.purpose, 'p', sizeof freeze.purpose);
    memset(freeze.owner, 'c', sizeof freeze.owner);
    Vsl__V1__GetFreezeResponse *response =
        one_of(RECORD_FREEZE, &freeze, &vsl__v1__get_freeze_response__descriptor);
    const Vsl__V1__Freeze *message = response->freeze;
    ck_assert_int_eq(message->freeze_id, 5);
    ck_assert_int_eq(message->ledger_id, 1);
    ck_assert_int_eq(message->account_id, 9);
    expect_full(message->purpose, 'p', PURPOSE_BYTES_MAX);
    expect_full(message->owner, 'c', CHANNEL_BYTES_MAX);
    ck_assert_int_eq(message->amount_minor, 100);
    ck_assert_int_eq(message->lifted_minor, 40);
    ck_assert_int_eq(message->frozen_minor, 60);
    ck_assert_int_eq(message->expires_at_us, 1793491200000001);
    ck_assert_int_eq((int)message->status, (int)VSL__V1__FREEZE_STATUS__FREEZE_STATUS_LIVE);
    ck_assert_int_eq(message->placed_sequence, 70);
    ck_assert_int_eq(message->changed_sequence, 71);
    ck_assert_int_eq(response->as_of_sequence, 72);
    vsl__v1__get_freeze_response__free_unpacked(response, NULL);
}
END_TEST

START_TEST(adjustment_is_shown_whole)
{
    struct adjustment adjustment = {.id = 5,
        .ledger_id = 1,
        .debit_account_id = 9,
        .credit_account_id = 10,
        .amount_minor = 100,
        .expires_at_us = 1793491200000001,
        .proposed_sequence = 70,
        .changed_sequence = 71,
        .status = ADJUSTMENT_APPROVED,
        .maker_length = CHANNEL_BYTES_MAX,
        .checker_length = CHANNEL_BYTES_MAX};
    memset(adjustment.maker, 'm', sizeof adjustment.maker);
    memset(adjustment.checker, 'c', sizeof adjustment.checker);
    Vsl__V1__GetAdjustmentResponse *response =
        one_of(RECORD_ADJUSTMENT, &adjustment, &vsl__v1__get_adjustment_response__descriptor);
    const Vsl__V1__Adjustment *message = response->adjustment;
    ck_assert_int_eq(message->adjustment_id, 5);
    ck_assert_int_eq(message->ledger_id, 1);
    ck_assert_int_eq(message->debit_account_id, 9);
    ck_assert_int_eq(message->credit_account_id, 10);
    ck_assert_int_eq(message->amount_minor, 100);
    ck_assert_int_eq(message->expires_at_us, 1793491200000001);
    ck_assert_int_eq(
        (int)message->status, (int)VSL__V1__ADJUSTMENT_STATUS__ADJUSTMENT_STATUS_APPROVED);
    expect_full(message->maker, 'm', CHANNEL_BYTES_MAX);
    expect_full(message->checker, 'c', CHANNEL_BYTES_MAX);
    ck_assert_int_eq(message->proposed_sequence, 70);
    ck_assert_int_eq(message->changed_sequence, 71);
    ck_assert_int_eq(response->as_of_sequence, 72);
    vsl__v1__get_adjustment_response__free_unpacked(response, NULL);
}
END_TEST

START_TEST(debts_are_listed_whole)
{
    struct debt debt = {.id = 5,
        .ledger_id = 1,
        .account_id = 9,
        .amount_minor = 100,
        .recovered_minor = 40,
        .refund_sequence = 70,
        .changed_sequence = 71,
        .status = DEBT_OPEN};
    const void *pointer = &debt;
    struct buffer bytes = {0};
    reply_records(&bytes, RECORD_DEBT, &pointer, 1, &today, &(struct next_page){"token", 6}, 72);
    Vsl__V1__ListDebtsResponse *response =
        read_back(&bytes, &vsl__v1__list_debts_response__descriptor);
    ck_assert_uint_eq(response->n_debts, 1);
    const Vsl__V1__Debt *message = response->debts[0];
    ck_assert_int_eq(message->debt_id, 5);
    ck_assert_int_eq(message->ledger_id, 1);
    ck_assert_int_eq(message->account_id, 9);
    ck_assert_int_eq(message->amount_minor, 100);
    ck_assert_int_eq(message->recovered_minor, 40);
    ck_assert_int_eq((int)message->status, (int)VSL__V1__DEBT_STATUS__DEBT_STATUS_OPEN);
    ck_assert_int_eq(message->refund_sequence, 70);
    ck_assert_int_eq(message->changed_sequence, 71);
    ck_assert_int_eq(response->next_after_id, 6);
    ck_assert_str_eq(response->next_page_token, "token");
    ck_assert_int_eq(response->as_of_sequence, 72);
    vsl__v1__list_debts_response__free_unpacked(response, NULL);
}
END_TEST

/* Pages are packed by hand: every response must have the numbers that this relies on. */
START_TEST(pages_and_single_records_have_one_shape)
{
    static const ProtobufCMessageDescriptor *const pages[] = {
        &vsl__v1__list_fee_rules_response__descriptor, &vsl__v1__list_payouts_response__descriptor,
        &vsl__v1__list_holds_response__descriptor, &vsl__v1__list_freezes_response__descriptor,
        &vsl__v1__list_debts_response__descriptor, &vsl__v1__list_adjustments_response__descriptor,
        /* From here on without the way of before. */
        &vsl__v1__list_members_response__descriptor, &vsl__v1__list_accounts_response__descriptor,
        &vsl__v1__list_proposals_response__descriptor, &vsl__v1__list_suspense_response__descriptor,
        &vsl__v1__list_lumps_response__descriptor, &vsl__v1__list_acquirers_response__descriptor,
        &vsl__v1__list_promises_response__descriptor,
        &vsl__v1__list_settlements_response__descriptor,
        &vsl__v1__list_bank_statements_response__descriptor,
        &vsl__v1__list_bank_statement_lines_response__descriptor,
        &vsl__v1__list_statement_matches_response__descriptor,
        &vsl__v1__list_differences_response__descriptor,
        &vsl__v1__list_callers_response__descriptor, &vsl__v1__list_cards_response__descriptor,
        &vsl__v1__list_mandates_response__descriptor, &vsl__v1__list_denied_response__descriptor,
        &vsl__v1__list_hits_response__descriptor, &vsl__v1__list_products_response__descriptor,
        &vsl__v1__list_positions_response__descriptor, &vsl__v1__list_prices_response__descriptor};
    static const ProtobufCMessageDescriptor *const singles[] = {
        &vsl__v1__get_fee_rule_response__descriptor, &vsl__v1__get_payout_response__descriptor,
        &vsl__v1__get_hold_response__descriptor, &vsl__v1__get_freeze_response__descriptor,
        &vsl__v1__get_adjustment_response__descriptor, &vsl__v1__get_account_response__descriptor};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        bool has_old = i < 6;
        ck_assert_uint_eq(pages[i]->n_fields, has_old ? 4 : 3);
        const ProtobufCFieldDescriptor *rest = &pages[i]->fields[has_old ? 2 : 1];
        ck_assert_int_eq((int)pages[i]->fields[0].label, (int)PROTOBUF_C_LABEL_REPEATED);
        ck_assert_uint_eq(pages[i]->fields[0].id, 1);
        if (has_old) {
            ck_assert_str_eq(pages[i]->fields[1].name, "next_after_id");
            ck_assert_uint_eq(pages[i]->fields[1].id, 2);
        }
        /* protobuf-c sorts them by number. */
        ck_assert_str_eq(rest[0].name, "as_of_sequence");
        ck_assert_uint_eq(rest[0].id, 3);
        ck_assert_str_eq(rest[1].name, "next_page_token");
        ck_assert_uint_eq(rest[1].id, 4);
    }
    for (size_t i = 0; i < sizeof singles / sizeof singles[0]; i++) {
        ck_assert_uint_eq(singles[i]->n_fields, 2);
        ck_assert_int_eq((int)singles[i]->fields[0].type, (int)PROTOBUF_C_TYPE_MESSAGE);
        ck_assert_uint_eq(singles[i]->fields[0].id, 1);
        ck_assert_str_eq(singles[i]->fields[1].name, "as_of_sequence");
        ck_assert_uint_eq(singles[i]->fields[1].id, 2);
    }
}
END_TEST

START_TEST(pages_keep_their_order)
{
    static struct hold holds[LIST_PAGE_SIZE_MAX];
    static const void *pointers[LIST_PAGE_SIZE_MAX];
    for (int64_t i = 0; i < LIST_PAGE_SIZE_MAX; i++) {
        holds[i] = sample_hold(2 * i + 1);
        pointers[i] = &holds[i];
    }
    static const uint32_t counts[] = {0, 1, 2, LIST_PAGE_SIZE_MAX};
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        struct buffer bytes = {0};
        reply_records(
            &bytes, RECORD_HOLD, pointers, counts[c], &today, &(struct next_page){"", 0}, 72);
        Vsl__V1__ListHoldsResponse *response =
            read_back(&bytes, &vsl__v1__list_holds_response__descriptor);
        ck_assert_uint_eq(response->n_holds, counts[c]);
        for (uint32_t i = 0; i < counts[c]; i++) {
            ck_assert_int_eq(response->holds[i]->hold_id, 2 * i + 1);
            ck_assert_int_eq(response->holds[i]->held_minor, 25);
        }
        ck_assert_int_eq(response->next_after_id, 0);
        vsl__v1__list_holds_response__free_unpacked(response, NULL);
    }
}
END_TEST

START_TEST(quotes_are_told)
{
    static const int64_t accounts[FEE_SHARES_MAX] = {7, 8};
    static const int64_t amounts[FEE_SHARES_MAX] = {31, 0};
    struct quoted_fee fee = {.fee_minor = 31,
        .fee_rule_version = 2,
        .leg_count = 2,
        .account_ids = accounts,
        .amounts_minor = amounts};
    struct buffer bytes = {0};
    reply_fee_quote(&bytes, &fee, 72);
    Vsl__V1__QuoteFeeResponse *response =
        read_back(&bytes, &vsl__v1__quote_fee_response__descriptor);
    ck_assert_int_eq(response->fee_minor, 31);
    ck_assert_int_eq(response->fee_rule_version, 2);
    ck_assert_uint_eq(response->n_legs, 2);
    ck_assert_int_eq(response->legs[0]->account_id, 7);
    ck_assert_int_eq(response->legs[0]->amount_minor, 31);
    ck_assert_int_eq(response->legs[1]->account_id, 8);
    ck_assert_int_eq(response->legs[1]->amount_minor, 0);
    ck_assert_int_eq(response->as_of_sequence, 72);
    vsl__v1__quote_fee_response__free_unpacked(response, NULL);

    for (int32_t limit = 0; limit <= WITHDRAW_LIMIT_LAST; limit++) {
        struct quoted_withdraw withdraw = {.amount_minor = 97,
            .fee_minor = 3,
            .arrives_minor = 96,
            .available_minor = 100,
            .withdrawable_minor = 99,
            .fee_rule_version = 2,
            .limit = limit};
        reply_withdraw_quote(&bytes, &withdraw, 72);
        Vsl__V1__QuoteWithdrawResponse *quote =
            read_back(&bytes, &vsl__v1__quote_withdraw_response__descriptor);
        ck_assert_int_eq(quote->amount_minor, 97);
        ck_assert_int_eq(quote->fee_minor, 3);
        ck_assert_int_eq(quote->arrives_minor, 96);
        ck_assert_int_eq(quote->available_minor, 100);
        ck_assert_int_eq(quote->withdrawable_minor, 99);
        ck_assert_int_eq(quote->fee_rule_version, 2);
        ck_assert_int_eq((int)quote->limit, limit);
        ck_assert_int_eq(quote->as_of_sequence, 72);
        vsl__v1__quote_withdraw_response__free_unpacked(quote, NULL);
    }
    ck_assert_uint_eq(vsl__v1__withdraw_limit__descriptor.n_values, WITHDRAW_LIMIT_LAST + 1);
}
END_TEST

START_TEST(frozen_is_holds_and_purposes)
{
    struct frozen_part parts[] = {
        {text_of("dispute"), 30, 2},
        {text_of("p2345678901234567890123456789012"), 20, 1},
    };
    static const int64_t frozen[] = {50, 51, INT64_MAX};
    for (size_t i = 0; i < 3; i++) {
        struct buffer bytes = {0};
        reply_frozen(&bytes, frozen[i], parts, 2, 72);
        Vsl__V1__GetFrozenResponse *response =
            read_back(&bytes, &vsl__v1__get_frozen_response__descriptor);
        ck_assert_int_eq(response->frozen_minor, frozen[i]);
        ck_assert_int_eq(response->holds_minor, frozen[i] - 50);
        ck_assert_uint_eq(response->n_purposes, 2);
        ck_assert_str_eq(response->purposes[0]->purpose, "dispute");
        ck_assert_int_eq(response->purposes[0]->frozen_minor, 30);
        ck_assert_int_eq(response->purposes[0]->freeze_count, 2);
        ck_assert_uint_eq(strlen(response->purposes[1]->purpose), PURPOSE_BYTES_MAX);
        ck_assert_int_eq(response->as_of_sequence, 72);
        vsl__v1__get_frozen_response__free_unpacked(response, NULL);
    }
    struct buffer bytes = {0};
    reply_frozen(&bytes, 0, NULL, 0, 72);
    Vsl__V1__GetFrozenResponse *response =
        read_back(&bytes, &vsl__v1__get_frozen_response__descriptor);
    ck_assert_int_eq(response->holds_minor, 0);
    ck_assert_uint_eq(response->n_purposes, 0);
    vsl__v1__get_frozen_response__free_unpacked(response, NULL);
}
END_TEST

START_TEST(more_frozen_for_purposes_than_at_all_is_a_bug)
{
    struct frozen_part part = {text_of("dispute"), 30, 2};
    struct buffer bytes = {0};
    reply_frozen(&bytes, 29, &part, 1, 72);
}
END_TEST

START_TEST(a_hold_of_less_than_nothing_is_a_bug)
{
    struct hold hold = sample_hold(5);
    hold.confirmed_minor = 86;
    struct buffer bytes = {0};
    reply_record(&bytes, RECORD_HOLD, &hold, &today, 72);
}
END_TEST

START_TEST(a_ledger_is_not_such_a_record)
{
    struct ledger ledger = {.id = 1};
    struct buffer bytes = {0};
    reply_record(&bytes, RECORD_LEDGER, &ledger, &today, 72);
}
END_TEST

Suite *payment_reply_suite(void)
{
    Suite *suite = suite_create("payment_reply");
    TCase *tcase = tcase_create("payment_reply");
    tcase_add_test(tcase, fee_rule_is_shown_whole);
    tcase_add_test(tcase, payout_is_shown_whole);
    tcase_add_test(tcase, payouts_become_final);
    tcase_add_test(tcase, hold_is_shown_whole);
    tcase_add_test(tcase, freeze_is_shown_whole);
    tcase_add_test(tcase, adjustment_is_shown_whole);
    tcase_add_test(tcase, debts_are_listed_whole);
    tcase_add_test(tcase, pages_and_single_records_have_one_shape);
    tcase_add_test(tcase, pages_keep_their_order);
    tcase_add_test(tcase, quotes_are_told);
    tcase_add_test(tcase, frozen_is_holds_and_purposes);
    tcase_add_test_raise_signal(tcase, more_frozen_for_purposes_than_at_all_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tcase, a_hold_of_less_than_nothing_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tcase, a_ledger_is_not_such_a_record, SIGABRT);
    suite_add_tcase(suite, tcase);
    return suite;
}
