/* record_message.c: struct to message, field by field.
 * SPDX-License-Identifier: Apache-2.0 */
#include "reply/record_message.h"

#include "base/check.h"
#include "command/command.h"
#include "model/date.h"
#include "model/payout.h"
#include "model/promise.h"
#include "model/receiving_number.h"
#include "model/suspense.h"
#include "model/withdrawable.h"
#include "reply/pack.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* Numbers of enums are the same in the protos as inside, so that they pass through as they are. */
#define SAME(proto, own) static_assert((int)VSL__V1__##proto == (int)(own), #own)
SAME(ACCOUNT_KIND__ACCOUNT_KIND_MEMBER, ACCOUNT_MEMBER);
SAME(ACCOUNT_KIND__ACCOUNT_KIND_ESCROW, ACCOUNT_ESCROW);
SAME(ACCOUNT_KIND__ACCOUNT_KIND_UNALLOCATED, ACCOUNT_UNALLOCATED);
SAME(ACCOUNT_KIND__ACCOUNT_KIND_FEE, ACCOUNT_FEE);
SAME(ACCOUNT_KIND__ACCOUNT_KIND_PLATFORM_OWN, ACCOUNT_PLATFORM_OWN);
SAME(ACCOUNT_KIND__ACCOUNT_KIND_INTEREST, ACCOUNT_INTEREST);
SAME(ACCOUNT_KIND__ACCOUNT_KIND_ENFORCEMENT, ACCOUNT_ENFORCEMENT);
SAME(ACCOUNT_KIND__ACCOUNT_KIND_ACQUIRER, ACCOUNT_ACQUIRER);
SAME(ACCOUNT_KIND__ACCOUNT_KIND_ISSUER, ACCOUNT_ISSUER);
SAME(ACCOUNT_KIND__ACCOUNT_KIND_POSITION, ACCOUNT_POSITION);
SAME(ACCOUNT_STATUS__ACCOUNT_STATUS_OPEN, ACCOUNT_OPEN);
SAME(ACCOUNT_STATUS__ACCOUNT_STATUS_CLOSED, ACCOUNT_CLOSED);
SAME(MEMBER_KIND__MEMBER_KIND_MERCHANT, MEMBER_MERCHANT);
SAME(MEMBER_KIND__MEMBER_KIND_USER, MEMBER_USER);
SAME(MEMBER_STATUS__MEMBER_STATUS_OPEN, MEMBER_OPEN);
SAME(MEMBER_STATUS__MEMBER_STATUS_CLOSED, MEMBER_CLOSED);
SAME(FEE_ROUNDING__FEE_ROUNDING_HALF_UP, FEE_ROUNDING_HALF_UP);
SAME(FEE_ROUNDING__FEE_ROUNDING_UP, FEE_ROUNDING_UP);
SAME(FEE_ROUNDING__FEE_ROUNDING_DOWN, FEE_ROUNDING_DOWN);
SAME(FEE_REFUND__FEE_REFUND_NONE, FEE_REFUND_NONE);
SAME(FEE_REFUND__FEE_REFUND_PROPORTIONAL, FEE_REFUND_PROPORTIONAL);
SAME(FEE_REFUND__FEE_REFUND_ON_FULL, FEE_REFUND_ON_FULL);
SAME(PAYOUT_FEE__PAYOUT_FEE_BACK, PAYOUT_FEE_BACK);
SAME(PAYOUT_FEE__PAYOUT_FEE_KEPT, PAYOUT_FEE_KEPT);
SAME(FEE_BEARER__FEE_BEARER_PAYER, FEE_BEARER_PAYER);
SAME(FEE_BEARER__FEE_BEARER_PAYEES, FEE_BEARER_PAYEES);
SAME(FEE_MODE__FEE_MODE_OUTSIDE, FEE_OUTSIDE);
SAME(FEE_MODE__FEE_MODE_INSIDE, FEE_INSIDE);
SAME(FEE_MODE__FEE_MODE_BORNE_BY_ANOTHER, FEE_BORNE_BY_ANOTHER);
SAME(PAYOUT_STATUS__PAYOUT_STATUS_REQUESTED, PAYOUT_REQUESTED);
SAME(PAYOUT_STATUS__PAYOUT_STATUS_PAID, PAYOUT_PAID);
SAME(PAYOUT_STATUS__PAYOUT_STATUS_FAILED, PAYOUT_FAILED);
SAME(PAYOUT_STATUS__PAYOUT_STATUS_RETURNED, PAYOUT_RETURNED);
SAME(PAYOUT_STATUS__PAYOUT_STATUS_SENT, PAYOUT_SENT);
SAME(PAYOUT_STATUS__PAYOUT_STATUS_UNKNOWN, PAYOUT_UNKNOWN);
SAME(PAYOUT_STATUS__PAYOUT_STATUS_CANCELLED, PAYOUT_CANCELLED);
SAME(PAYOUT_RESULT__PAYOUT_RESULT_PAID, PAYOUT_RESULT_PAID);
SAME(PAYOUT_RESULT__PAYOUT_RESULT_FAILED, PAYOUT_RESULT_FAILED);
SAME(PAYOUT_RESULT__PAYOUT_RESULT_RETURNED, PAYOUT_RESULT_RETURNED);
SAME(PAYOUT_RESULT__PAYOUT_RESULT_SENT, PAYOUT_RESULT_SENT);
SAME(PAYOUT_RESULT__PAYOUT_RESULT_UNKNOWN, PAYOUT_RESULT_UNKNOWN);
SAME(HOLD_STATUS__HOLD_STATUS_LIVE, HOLD_LIVE);
SAME(HOLD_STATUS__HOLD_STATUS_FINISHED, HOLD_FINISHED);
SAME(HOLD_STATUS__HOLD_STATUS_EXPIRED, HOLD_EXPIRED);
SAME(FREEZE_STATUS__FREEZE_STATUS_LIVE, FREEZE_LIVE);
SAME(FREEZE_STATUS__FREEZE_STATUS_LIFTED, FREEZE_LIFTED);
SAME(FREEZE_STATUS__FREEZE_STATUS_EXPIRED, FREEZE_EXPIRED);
SAME(DEBT_STATUS__DEBT_STATUS_OPEN, DEBT_OPEN);
SAME(DEBT_STATUS__DEBT_STATUS_RECOVERED, DEBT_RECOVERED);
SAME(ADJUSTMENT_STATUS__ADJUSTMENT_STATUS_PROPOSED, ADJUSTMENT_PROPOSED);
SAME(ADJUSTMENT_STATUS__ADJUSTMENT_STATUS_APPROVED, ADJUSTMENT_APPROVED);
SAME(ADJUSTMENT_STATUS__ADJUSTMENT_STATUS_WITHDRAWN, ADJUSTMENT_WITHDRAWN);
SAME(ADJUSTMENT_STATUS__ADJUSTMENT_STATUS_EXPIRED, ADJUSTMENT_EXPIRED);
SAME(PROPOSAL_STATUS__PROPOSAL_STATUS_OPEN, PROPOSAL_OPEN);
SAME(PROPOSAL_STATUS__PROPOSAL_STATUS_APPROVED, PROPOSAL_APPROVED);
SAME(PROPOSAL_STATUS__PROPOSAL_STATUS_WITHDRAWN, PROPOSAL_WITHDRAWN);
SAME(PROPOSAL_STATUS__PROPOSAL_STATUS_EXPIRED, PROPOSAL_EXPIRED);
SAME(CALLER_STATUS__CALLER_STATUS_ACTIVE, CALLER_ACTIVE);
SAME(CALLER_STATUS__CALLER_STATUS_SUSPENDED, CALLER_SUSPENDED);
SAME(EXPIRY_KIND__EXPIRY_KIND_HOLD, EXPIRY_HOLD);
SAME(EXPIRY_KIND__EXPIRY_KIND_FREEZE, EXPIRY_FREEZE);
SAME(EXPIRY_KIND__EXPIRY_KIND_ADJUSTMENT, EXPIRY_ADJUSTMENT);
SAME(EXPIRY_KIND__EXPIRY_KIND_PROPOSAL, EXPIRY_PROPOSAL);
SAME(EXPIRY_KIND__EXPIRY_KIND_SUSPENSE, EXPIRY_SUSPENSE);
SAME(EXPIRY_KIND__EXPIRY_KIND_PROMISE, EXPIRY_PROMISE);
SAME(EXPIRY_KIND__EXPIRY_KIND_IDENTITY, EXPIRY_IDENTITY);
SAME(LUMP_STATUS__LUMP_STATUS_OPEN, LUMP_OPEN);
SAME(LUMP_STATUS__LUMP_STATUS_CLOSED, LUMP_CLOSED);
SAME(LUMP_STATUS__LUMP_STATUS_CANCELLED, LUMP_CANCELLED);
SAME(SUSPENSE_STATUS__SUSPENSE_STATUS_OPEN, SUSPENSE_OPEN);
SAME(SUSPENSE_STATUS__SUSPENSE_STATUS_RETURNING, SUSPENSE_RETURNING);
SAME(SUSPENSE_STATUS__SUSPENSE_STATUS_CLOSED, SUSPENSE_CLOSED);
SAME(SUSPENSE_REASON__SUSPENSE_REASON_NO_NUMBER, SUSPENSE_NO_NUMBER);
SAME(SUSPENSE_REASON__SUSPENSE_REASON_WRONG_NUMBER, SUSPENSE_WRONG_NUMBER);
SAME(SUSPENSE_REASON__SUSPENSE_REASON_UNKNOWN_NUMBER, SUSPENSE_UNKNOWN_NUMBER);
SAME(SUSPENSE_REASON__SUSPENSE_REASON_CLOSED_ACCOUNT, SUSPENSE_CLOSED_ACCOUNT);
SAME(SUSPENSE_REASON__SUSPENSE_REASON_RESTRICTED_ACCOUNT, SUSPENSE_RESTRICTED_ACCOUNT);
SAME(SUSPENSE_REASON__SUSPENSE_REASON_PAYOUT_BACK, SUSPENSE_PAYOUT_BACK);
SAME(SUSPENSE_REASON__SUSPENSE_REASON_REFUND_BACK, SUSPENSE_REFUND_BACK);
SAME(SUSPENSE_REASON__SUSPENSE_REASON_REVERSAL, SUSPENSE_REVERSAL);
SAME(SUSPENSE_REASON__SUSPENSE_REASON_ADJUSTMENT, SUSPENSE_ADJUSTMENT);
SAME(SUSPENSE_REASON__SUSPENSE_REASON_CARD_OF_ANOTHER, SUSPENSE_CARD_OF_ANOTHER);
SAME(CARD_KIND__CARD_KIND_PERSONAL, CARD_PERSONAL);
SAME(CARD_KIND__CARD_KIND_CORPORATE, CARD_CORPORATE);
SAME(CARD_STATUS__CARD_STATUS_BOUND, CARD_BOUND);
SAME(CARD_STATUS__CARD_STATUS_CHECKING, CARD_CHECKING);
SAME(CARD_STATUS__CARD_STATUS_CHECKED, CARD_CHECKED);
SAME(CARD_STATUS__CARD_STATUS_UNBOUND, CARD_UNBOUND);
SAME(CARD_STATUS__CARD_STATUS_REPLACED, CARD_REPLACED);
SAME(CARD_STATUS__CARD_STATUS_LOCKED, CARD_LOCKED);
SAME(CARD_CHECK_WAY__CARD_CHECK_WAY_FOUR_FACTOR, CARD_FOUR_FACTOR);
SAME(CARD_CHECK_WAY__CARD_CHECK_WAY_SMALL_AMOUNT, CARD_SMALL_AMOUNT);
SAME(CARD_CHECK_RESULT__CARD_CHECK_RESULT_RIGHT, CARD_CHECK_RIGHT);
SAME(CARD_CHECK_RESULT__CARD_CHECK_RESULT_WRONG, CARD_CHECK_WRONG);
SAME(CARD_CHECK_RESULT__CARD_CHECK_RESULT_UNKNOWN, CARD_CHECK_UNKNOWN);
SAME(CARD_END_REASON__CARD_END_REASON_BY_MEMBER, CARD_END_BY_MEMBER);
SAME(CARD_END_REASON__CARD_END_REASON_LOST, CARD_END_LOST);
SAME(CARD_END_REASON__CARD_END_REASON_CLOSED_AT_BANK, CARD_END_CLOSED_AT_BANK);
SAME(CARD_END_REASON__CARD_END_REASON_MISTAKE, CARD_END_MISTAKE);
SAME(CARD_END_REASON__CARD_END_REASON_MEMBER_CLOSED, CARD_END_MEMBER_CLOSED);
SAME(EXPIRY_KIND__EXPIRY_KIND_CARD, EXPIRY_CARD);
SAME(SUSPENSE_REASON__SUSPENSE_REASON_POLICY, SUSPENSE_POLICY);
SAME(EXPIRY_KIND__EXPIRY_KIND_DENIED, EXPIRY_DENIED);
SAME(MANDATE_STATUS__MANDATE_STATUS_ACTIVE, MANDATE_ACTIVE);
SAME(MANDATE_STATUS__MANDATE_STATUS_ENDED, MANDATE_ENDED);
SAME(BOOKING_KIND__BOOKING_KIND_PAYOUT, BOOKING_PAYOUT);
SAME(BOOKING_KIND__BOOKING_KIND_RETURN, BOOKING_RETURN);
SAME(BOOKING_KIND__BOOKING_KIND_RECEIPT, BOOKING_RECEIPT);
SAME(DENIED_KIND__DENIED_KIND_DOCUMENT, DENIED_DOCUMENT);
SAME(DENIED_KIND__DENIED_KIND_ACCOUNT, DENIED_ACCOUNT);
SAME(DENIED_KIND__DENIED_KIND_NAME, DENIED_NAME);
SAME(DENIED_SOURCE__DENIED_SOURCE_LAW, DENIED_BY_LAW);
SAME(DENIED_SOURCE__DENIED_SOURCE_POLICE, DENIED_BY_POLICE);
SAME(DENIED_SOURCE__DENIED_SOURCE_BANK, DENIED_BY_BANK);
SAME(DENIED_SOURCE__DENIED_SOURCE_PLATFORM, DENIED_BY_PLATFORM);
SAME(DENIED_STATUS__DENIED_STATUS_LISTED, DENIED_LISTED);
SAME(DENIED_STATUS__DENIED_STATUS_ENDED, DENIED_ENDED);
SAME(DENIED_STATUS__DENIED_STATUS_EXPIRED, DENIED_EXPIRED);
SAME(HIT_STATUS__HIT_STATUS_OPEN, HIT_OPEN);
SAME(HIT_STATUS__HIT_STATUS_CLEARED, HIT_CLEARED);
SAME(HIT_STATUS__HIT_STATUS_CONFIRMED, HIT_CONFIRMED);
SAME(EXPIRY_KIND__EXPIRY_KIND_CLAIM, EXPIRY_CLAIM);
SAME(CLAIM_AUTHORITY__CLAIM_AUTHORITY_COURT, AUTHORITY_COURT);
SAME(CLAIM_AUTHORITY__CLAIM_AUTHORITY_POLICE, AUTHORITY_POLICE);
SAME(CLAIM_AUTHORITY__CLAIM_AUTHORITY_PROCURATORATE, AUTHORITY_PROCURATORATE);
SAME(CLAIM_AUTHORITY__CLAIM_AUTHORITY_SUPERVISION, AUTHORITY_SUPERVISION);
SAME(CLAIM_AUTHORITY__CLAIM_AUTHORITY_STATE_SECURITY, AUTHORITY_STATE_SECURITY);
SAME(CLAIM_AUTHORITY__CLAIM_AUTHORITY_TAX, AUTHORITY_TAX);
SAME(CLAIM_AUTHORITY__CLAIM_AUTHORITY_CUSTOMS, AUTHORITY_CUSTOMS);
SAME(CLAIM_AUTHORITY__CLAIM_AUTHORITY_SECURITIES, AUTHORITY_SECURITIES);
SAME(CLAIM_AUTHORITY__CLAIM_AUTHORITY_CENTRAL_BANK, AUTHORITY_CENTRAL_BANK);
SAME(CLAIM_AUTHORITY__CLAIM_AUTHORITY_ADMINISTRATIVE, AUTHORITY_ADMINISTRATIVE);
SAME(CLAIM_AUTHORITY__CLAIM_AUTHORITY_BANK, AUTHORITY_BANK);
SAME(CLAIM_AUTHORITY__CLAIM_AUTHORITY_CREDITOR, AUTHORITY_CREDITOR);
SAME(CLAIM_GROUND__CLAIM_GROUND_ORDINARY, GROUND_ORDINARY);
SAME(CLAIM_GROUND__CLAIM_GROUND_MAJOR_CASE, GROUND_MAJOR_CASE);
SAME(CLAIM_GROUND__CLAIM_GROUND_TERROR, GROUND_TERROR);
SAME(CLAIM_GROUND__CLAIM_GROUND_ORGANISED_CRIME, GROUND_ORGANISED_CRIME);
SAME(CLAIM_GROUND__CLAIM_GROUND_FRAUD_STOP, GROUND_FRAUD_STOP);
SAME(CLAIM_GROUND__CLAIM_GROUND_LISTED_PERSON, GROUND_LISTED_PERSON);
SAME(CLAIM_GROUND__CLAIM_GROUND_SECURED_RIGHT, GROUND_SECURED_RIGHT);
SAME(CLAIM_STATUS__CLAIM_STATUS_LIVE, CLAIM_LIVE);
SAME(CLAIM_STATUS__CLAIM_STATUS_DEDUCTED, CLAIM_DEDUCTED);
SAME(CLAIM_STATUS__CLAIM_STATUS_RELEASED, CLAIM_RELEASED);
SAME(CLAIM_STATUS__CLAIM_STATUS_EXPIRED, CLAIM_EXPIRED);
SAME(EXPIRY_KIND__EXPIRY_KIND_FEEDBACK, EXPIRY_FEEDBACK);
SAME(FEEDBACK_STATUS__FEEDBACK_STATUS_OPEN, FEEDBACK_OPEN);
SAME(FEEDBACK_STATUS__FEEDBACK_STATUS_GIVEN, FEEDBACK_GIVEN);
SAME(ACQUIRER_STATUS__ACQUIRER_STATUS_OPEN, ACQUIRER_OPEN);
SAME(ACQUIRER_STATUS__ACQUIRER_STATUS_STOPPED, ACQUIRER_STOPPED);
SAME(PROMISE_STATUS__PROMISE_STATUS_OPEN, PROMISE_OPEN);
SAME(PROMISE_STATUS__PROMISE_STATUS_DISPUTED, PROMISE_DISPUTED);
SAME(SETTLEMENT_STATUS__SETTLEMENT_STATUS_OPEN, SETTLEMENT_OPEN);
SAME(SETTLEMENT_STATUS__SETTLEMENT_STATUS_CLOSED, SETTLEMENT_CLOSED);
SAME(SETTLEMENT_STATUS__SETTLEMENT_STATUS_ABANDONED, SETTLEMENT_ABANDONED);
SAME(DIFFERENCE_KIND__DIFFERENCE_KIND_SHORT, DIFFERENCE_SHORT);
SAME(DIFFERENCE_KIND__DIFFERENCE_KIND_OVER, DIFFERENCE_OVER);
SAME(DIFFERENCE_KIND__DIFFERENCE_KIND_FEE, DIFFERENCE_FEE);
SAME(DIFFERENCE_KIND__DIFFERENCE_KIND_UNKNOWN, DIFFERENCE_UNKNOWN);
SAME(DIFFERENCE_KIND__DIFFERENCE_KIND_DUPLICATE, DIFFERENCE_DUPLICATE);
SAME(DIFFERENCE_KIND__DIFFERENCE_KIND_LATE, DIFFERENCE_LATE);
SAME(DIFFERENCE_STATUS__DIFFERENCE_STATUS_OPEN, DIFFERENCE_OPEN);
SAME(DIFFERENCE_STATUS__DIFFERENCE_STATUS_CLOSED, DIFFERENCE_CLOSED);
SAME(DIFFERENCE_END__DIFFERENCE_END_BORNE, DIFFERENCE_BORNE);
SAME(DIFFERENCE_END__DIFFERENCE_END_EXPECTED, DIFFERENCE_EXPECTED);
SAME(DIFFERENCE_END__DIFFERENCE_END_CORRECTED, DIFFERENCE_CORRECTED);
SAME(DIFFERENCE_END__DIFFERENCE_END_RETURNED, DIFFERENCE_RETURNED);
SAME(DIFFERENCE_END__DIFFERENCE_END_ASSIGNED, DIFFERENCE_ASSIGNED);
SAME(PROMISE_STATUS__PROMISE_STATUS_SETTLED, PROMISE_SETTLED);
SAME(PROMISE_STATUS__PROMISE_STATUS_CANCELLED, PROMISE_CANCELLED);
#undef SAME

void fill_member(struct member_message *m, const struct member *member)
{
    CHECK(member->id > 0);
    Vsl__V1__Member *message = &m->message;
    vsl__v1__member__init(message);
    message->member_id = member->id;
    message->ledger_id = member->ledger_id;
    message->kind = (Vsl__V1__MemberKind)member->kind;
    message->platform_member_id = COPY(member, platform_member_id, m);
    message->status = (Vsl__V1__MemberStatus)member->status;
    message->changed_sequence = member->changed_sequence;
}

void fill_balances(
    Vsl__V1__Balances *balances, const struct account *account, int32_t accounting_date)
{
    vsl__v1__balances__init(balances);
    balances->available_minor = account->balance_minor[BUCKET_AVAILABLE];
    balances->pending_in_minor = account->balance_minor[BUCKET_PENDING_IN];
    balances->pending_out_minor = account->balance_minor[BUCKET_PENDING_OUT];
    balances->frozen_minor = account->balance_minor[BUCKET_FROZEN];
    balances->withdrawable_minor =
        account_withdrawable_minor(account, account->owed_minor, accounting_date);
    balances->withdrawable_next_date_minor = account_next_date_minor(account, accounting_date);
}

void fill_account(
    struct account_message *m, const struct account *account, const struct ledger *ledger)
{
    CHECK(account->id > 0);
    CHECK(account->ledger_id == ledger->id);
    Vsl__V1__Account *message = &m->message;
    vsl__v1__account__init(message);
    message->account_id = account->id;
    message->ledger_id = account->ledger_id;
    message->member_id = account->member_id;
    message->kind = (Vsl__V1__AccountKind)account->kind;
    message->status = (Vsl__V1__AccountStatus)account->status;
    message->no_in = account_takes_none(account);
    message->no_out = account_gives_none(account);
    message->receiving_number = pack_string("");
    if (account->kind == ACCOUNT_MEMBER) {
        struct text prefix = {ledger->receiving_prefix, ledger->receiving_prefix_length};
        receiving_number_format(prefix, account->id, m->receiving_number);
        message->receiving_number = m->receiving_number;
    }
    fill_balances(&m->balances, account, ledger->accounting_dates[0]);
    message->balances = &m->balances;
    message->changed_sequence = account->changed_sequence;
}

void fill_fee_rule(struct fee_rule_message *m, const struct fee_rule *rule)
{
    CHECK(rule->id > 0);
    CHECK(rule->tier_count >= 1 && rule->tier_count <= FEE_TIERS_MAX);
    CHECK(rule->share_count <= FEE_SHARES_MAX);
    Vsl__V1__FeeRule *message = &m->message;
    vsl__v1__fee_rule__init(message);
    message->fee_rule_id = rule->id;
    message->ledger_id = rule->ledger_id;
    message->name = COPY(rule, name, m);
    message->version = rule->version;
    message->effective_date = date_to_yyyymmdd(rule->effective_date);
    message->rounding = (Vsl__V1__FeeRounding)rule->rounding;
    message->refund = (Vsl__V1__FeeRefund)rule->refund;
    message->on_payout_failed = (Vsl__V1__PayoutFee)rule->on_payout_failed;
    message->on_payout_returned = (Vsl__V1__PayoutFee)rule->on_payout_returned;
    for (uint32_t i = 0; i < rule->tier_count; i++) {
        Vsl__V1__FeeTier *tier = &m->tiers[i];
        vsl__v1__fee_tier__init(tier);
        tier->from_minor = rule->tiers[i].from_minor;
        tier->flat_minor = rule->tiers[i].flat_minor;
        tier->rate_ppm = rule->tiers[i].rate_ppm;
        tier->minimum_minor = rule->tiers[i].minimum_minor;
        tier->maximum_minor = rule->tiers[i].maximum_minor;
        m->tier_pointers[i] = tier;
    }
    message->n_tiers = rule->tier_count;
    message->tiers = m->tier_pointers;
    for (uint32_t i = 0; i < rule->share_count; i++) {
        Vsl__V1__FeeShare *share = &m->shares[i];
        vsl__v1__fee_share__init(share);
        share->account_id = rule->shares[i].account_id;
        share->share_ppm = rule->shares[i].share_ppm;
        m->share_pointers[i] = share;
    }
    message->n_shares = rule->share_count;
    message->shares = m->share_pointers;
    message->changed_sequence = rule->changed_sequence;
}

void fill_payout(struct payout_message *m, const struct payout *payout, int32_t accounting_date)
{
    CHECK(payout->id > 0);
    CHECK(payout->returned_minor <= payout->amount_minor);
    Vsl__V1__Payout *message = &m->message;
    vsl__v1__payout__init(message);
    message->payout_id = payout->id;
    message->ledger_id = payout->ledger_id;
    message->account_id = payout->account_id;
    message->amount_minor = payout->amount_minor;
    message->fee_minor = payout->fee_minor;
    message->status = (Vsl__V1__PayoutStatus)payout->status;
    message->requested_sequence = payout->requested_sequence;
    message->changed_sequence = payout->changed_sequence;
    message->returned_minor = payout->returned_minor;
    message->fee_returned_minor = payout->fee_returned_minor;
    message->fee_account_id = payout->fee_account_id;
    message->evidence_sequence = payout->evidence_sequence;
    if (payout->return_until != 0)
        message->return_until = date_to_yyyymmdd(payout->return_until);
    message->final = payout_is_final(payout, accounting_date);
    message->order_number = COPY(payout, order_number, m);
}

void fill_hold(struct hold_message *m, const struct hold *hold)
{
    CHECK(hold->id > 0);
    int64_t held = hold->amount_minor - hold->confirmed_minor - hold->cancelled_minor;
    CHECK(held >= 0);
    Vsl__V1__Hold *message = &m->message;
    vsl__v1__hold__init(message);
    message->hold_id = hold->id;
    message->ledger_id = hold->ledger_id;
    message->payer_account_id = hold->payer_account_id;
    message->order_number = COPY(hold, order_number, m);
    message->amount_minor = hold->amount_minor;
    message->confirmed_minor = hold->confirmed_minor;
    message->cancelled_minor = hold->cancelled_minor;
    message->held_minor = held;
    message->expires_at_us = hold->expires_at_us;
    message->status = (Vsl__V1__HoldStatus)hold->status;
    message->placed_sequence = hold->placed_sequence;
    message->changed_sequence = hold->changed_sequence;
}

void fill_freeze(struct freeze_message *m, const struct freeze *freeze)
{
    CHECK(freeze->id > 0);
    CHECK(freeze->lifted_minor <= freeze->amount_minor);
    Vsl__V1__Freeze *message = &m->message;
    vsl__v1__freeze__init(message);
    message->freeze_id = freeze->id;
    message->ledger_id = freeze->ledger_id;
    message->account_id = freeze->account_id;
    message->purpose = COPY(freeze, purpose, m);
    message->owner = COPY(freeze, owner, m);
    message->amount_minor = freeze->amount_minor;
    message->lifted_minor = freeze->lifted_minor;
    message->frozen_minor = freeze->amount_minor - freeze->lifted_minor;
    message->expires_at_us = freeze->expires_at_us;
    message->status = (Vsl__V1__FreezeStatus)freeze->status;
    message->placed_sequence = freeze->placed_sequence;
    message->changed_sequence = freeze->changed_sequence;
}

void fill_debt(Vsl__V1__Debt *message, const struct debt *debt)
{
    CHECK(debt->id > 0);
    CHECK(debt->recovered_minor <= debt->amount_minor);
    vsl__v1__debt__init(message);
    message->debt_id = debt->id;
    message->ledger_id = debt->ledger_id;
    message->account_id = debt->account_id;
    message->amount_minor = debt->amount_minor;
    message->recovered_minor = debt->recovered_minor;
    message->status = (Vsl__V1__DebtStatus)debt->status;
    message->refund_sequence = debt->refund_sequence;
    message->changed_sequence = debt->changed_sequence;
}

void fill_adjustment(struct adjustment_message *m, const struct adjustment *adjustment)
{
    CHECK(adjustment->id > 0);
    Vsl__V1__Adjustment *message = &m->message;
    vsl__v1__adjustment__init(message);
    message->adjustment_id = adjustment->id;
    message->ledger_id = adjustment->ledger_id;
    message->debit_account_id = adjustment->debit_account_id;
    message->credit_account_id = adjustment->credit_account_id;
    message->amount_minor = adjustment->amount_minor;
    message->expires_at_us = adjustment->expires_at_us;
    message->status = (Vsl__V1__AdjustmentStatus)adjustment->status;
    message->maker = COPY(adjustment, maker, m);
    message->checker = COPY(adjustment, checker, m);
    message->proposed_sequence = adjustment->proposed_sequence;
    message->changed_sequence = adjustment->changed_sequence;
}

void fill_roles(Vsl__V1__CallerRoles *message, int32_t roles)
{
    vsl__v1__caller_roles__init(message);
/* protobuf-c writes words of C++ with an underscore behind. */
#define operator operator_
#define ROLE(number, NAME, name) message->name = (roles & ROLE_##NAME) != 0;
#include "model/role_list.h"
#undef operator
}

void fill_proposal(struct proposal_message *m, const struct proposal *proposal)
{
    CHECK(proposal->id > 0);
    Vsl__V1__Proposal *message = &m->message;
    vsl__v1__proposal__init(message);
    message->proposal_id = proposal->id;
    message->ledger_id = proposal->ledger_id;
    message->kind = (Vsl__V1__CommandKind)proposal->kind;
    message->amount_minor = proposal->amount_minor;
    message->expires_at_us = proposal->expires_at_us;
    message->status = (Vsl__V1__ProposalStatus)proposal->status;
    message->maker_caller_id = proposal->maker_caller_id;
    message->maker_channel = COPY(proposal, maker_channel, m);
    message->proposed_at_us = proposal->proposed_at_us;
    message->approver_caller_id = proposal->approver_caller_id;
    message->approver_channel = COPY(proposal, approver_channel, m);
    message->decided_at_us = proposal->decided_at_us;
    message->proposed_sequence = proposal->proposed_sequence;
    message->decided_sequence = proposal->decided_sequence;
}

void fill_lump(Vsl__V1__Lump *message, const struct lump *lump)
{
    CHECK(lump->id > 0);
    vsl__v1__lump__init(message);
    message->lump_id = lump->id;
    message->ledger_id = lump->ledger_id;
    message->suspense_id = lump->suspense_id;
    message->status = (Vsl__V1__LumpStatus)lump->status;
    message->control_count = lump->control_count;
    message->control_total_minor = lump->control_minor;
    message->allocated_count = lump->allocated_count;
    message->allocated_total_minor = lump->allocated_minor;
    message->all_or_nothing = lump->is_all_or_none;
    message->opened_sequence = lump->opened_sequence;
    message->opened_date = date_to_yyyymmdd(lump->opened_date);
    message->changed_sequence = lump->changed_sequence;
}

void fill_suspense(Vsl__V1__Suspense *message, const struct suspense *item)
{
    CHECK(item->id > 0);
    CHECK(suspense_open_minor(item) >= 0);
    vsl__v1__suspense__init(message);
    message->suspense_id = item->id;
    message->ledger_id = item->ledger_id;
    message->status = (Vsl__V1__SuspenseStatus)item->status;
    message->reason = (Vsl__V1__SuspenseReason)item->reason;
    message->amount_minor = item->amount_minor;
    message->open_minor = suspense_open_minor(item);
    message->allocated_minor = item->allocated_minor;
    message->reversed_minor = item->reversed_minor;
    message->returning_minor = item->returning_minor;
    message->returned_minor = item->returned_minor;
    message->account_id = item->account_id;
    message->payout_id = item->payout_id;
    message->origin_sequence = item->origin_sequence;
    message->opened_date = date_to_yyyymmdd(item->opened_date);
    message->opened_at_us = item->opened_at_us;
    message->changed_sequence = item->changed_sequence;
    message->return_payout_id = item->return_payout_id;
}

void fill_acquirer(struct acquirer_message *m, const struct acquirer *acquirer)
{
    CHECK(acquirer->id > 0);
    Vsl__V1__Acquirer *message = &m->message;
    vsl__v1__acquirer__init(message);
    message->acquirer_id = acquirer->id;
    message->ledger_id = acquirer->ledger_id;
    message->account_id = acquirer->account_id;
    message->name = COPY(acquirer, name, m);
    message->status = (Vsl__V1__AcquirerStatus)acquirer->status;
    message->settlement_days = acquirer->settlement_days;
    message->fee_rule = COPY(acquirer, fee_rule, m);
    message->keeps_fee = acquirer->keeps_fee;
    message->ceiling_minor = acquirer->ceiling_minor;
    message->withdrawable_next_date = acquirer->next_date;
    message->changed_sequence = acquirer->changed_sequence;
}

void fill_promise(struct promise_message *m, const struct promise *promise, int32_t accounting_date)
{
    CHECK(promise->id > 0);
    CHECK(promise_open_minor(promise) >= 0);
    Vsl__V1__Promise *message = &m->message;
    vsl__v1__promise__init(message);
    message->promise_id = promise->id;
    message->ledger_id = promise->ledger_id;
    message->acquirer_id = promise->acquirer_id;
    message->account_id = promise->account_id;
    message->status = (Vsl__V1__PromiseStatus)promise->status;
    message->amount_minor = promise->amount_minor;
    message->kept_minor = promise->kept_minor;
    message->fee_minor = promise->fee_minor;
    message->open_minor = promise_open_minor(promise);
    message->settled_minor = promise->settled_minor;
    message->cancelled_minor = promise->cancelled_minor;
    message->reference = COPY(promise, reference, m);
    message->order_number = COPY(promise, order_number, m);
    message->due_date = date_to_yyyymmdd(promise->due_date);
    message->late = promise_is_late(promise, accounting_date);
    message->told_late_at_us = promise->late_at_us;
    message->booked_sequence = promise->booked_sequence;
    message->changed_sequence = promise->changed_sequence;
}

void fill_settlement(Vsl__V1__Settlement *message, const struct settlement *settlement)
{
    CHECK(settlement->id > 0);
    CHECK(settlement_rest_minor(settlement) >= 0);
    vsl__v1__settlement__init(message);
    message->settlement_id = settlement->id;
    message->ledger_id = settlement->ledger_id;
    message->acquirer_id = settlement->acquirer_id;
    message->status = (Vsl__V1__SettlementStatus)settlement->status;
    message->suspense_id = settlement->suspense_id;
    message->control_count = settlement->line_count;
    message->lines_booked = settlement->lines_booked;
    message->control_total_minor = settlement->total_minor;
    message->settled_minor = settlement->settled_minor;
    message->returned_minor = settlement->returned_minor;
    message->opened_sequence = settlement->opened_sequence;
    message->opened_date = date_to_yyyymmdd(settlement->opened_date);
    message->changed_sequence = settlement->changed_sequence;
}

void fill_difference(struct difference_message *m, const struct difference *difference)
{
    CHECK(difference->id > 0);
    Vsl__V1__Difference *message = &m->message;
    vsl__v1__difference__init(message);
    message->difference_id = difference->id;
    message->ledger_id = difference->ledger_id;
    message->acquirer_id = difference->acquirer_id;
    message->settlement_id = difference->settlement_id;
    message->kind = (Vsl__V1__DifferenceKind)difference->kind;
    message->status = (Vsl__V1__DifferenceStatus)difference->status;
    message->missing = difference->is_missing;
    message->amount_minor = difference->amount_minor;
    message->promise_id = difference->promise_id;
    message->account_id = difference->account_id;
    message->suspense_id = difference->suspense_id;
    message->ended_by = (Vsl__V1__DifferenceEnd)difference->ended_by;
    message->line_sequence = difference->line_sequence;
    message->closed_sequence = difference->closed_sequence;
    message->opened_date = date_to_yyyymmdd(difference->opened_date);
    message->changed_sequence = difference->changed_sequence;
    message->reference = COPY(difference, reference, m);
    message->order_number = COPY(difference, order_number, m);
}

void fill_claim(struct claim_message *m, const struct claim *claim)
{
    Vsl__V1__Claim *message = &m->message;
    CHECK(claim->id > 0);
    vsl__v1__claim__init(message);
    message->claim_id = claim->id;
    message->ledger_id = claim->ledger_id;
    message->member_id = claim->member_id;
    message->account_id = claim->account_id;
    message->authority = (Vsl__V1__ClaimAuthority)claim->authority;
    message->ground = (Vsl__V1__ClaimGround)claim->ground;
    message->authority_code = COPY(claim, organ, m);
    message->status = (Vsl__V1__ClaimStatus)claim->status;
    message->limit_minor = claim->is_whole ? 0 : claim->limit_minor;
    message->covered_minor = claim->cover_minor;
    message->over_minor = claim->is_whole ? 0 : claim->limit_minor - claim->cover_minor;
    message->released_minor = claim->released_minor;
    message->deducted_minor = claim->deducted_minor;
    message->deducting_minor = claim->deducting_minor;
    message->whole = claim->is_whole;
    message->fruits = claim->has_fruits;
    message->secret = claim->is_secret;
    message->continued = claim->continued;
    message->ends_at_us = claim->ends_at_us;
    message->notice_given = claim->is_noticed;
    message->placed_sequence = claim->placed_sequence;
    message->told_sequence = claim->told_sequence;
    message->effective_sequence = claim->effective_sequence;
    message->changed_sequence = claim->changed_sequence;
}

void fill_feedback(struct feedback_message *m, const struct feedback *feedback)
{
    Vsl__V1__Feedback *message = &m->message;
    CHECK(feedback->id > 0);
    vsl__v1__feedback__init(message);
    message->feedback_id = feedback->id;
    message->ledger_id = feedback->ledger_id;
    message->claim_id = feedback->claim_id;
    message->authority_code = COPY(feedback, organ, m);
    message->status = (Vsl__V1__FeedbackStatus)feedback->status;
    message->due_at_us = feedback->due_at_us;
    message->notice_given = feedback->is_noticed;
    message->asked_sequence = feedback->asked_sequence;
    message->given_sequence = feedback->given_sequence;
    message->changed_sequence = feedback->changed_sequence;
}

void fill_card(struct card_message *m, const struct card *card)
{
    CHECK(card->id > 0);
    Vsl__V1__Card *message = &m->message;
    vsl__v1__card__init(message);
    message->card_id = card->id;
    message->ledger_id = card->ledger_id;
    message->member_id = card->member_id;
    message->kind = (Vsl__V1__CardKind)card->kind;
    message->status = (Vsl__V1__CardStatus)card->status;
    message->main_card = card->is_main;
    message->bank_code = COPY(card, bank_code, m);
    message->way = (Vsl__V1__CardCheckWay)card->way;
    message->check_sequence = card->check_sequence;
    message->check_expires_at_us = card->check_expires_at_us;
    message->checked_sequence = card->checked_sequence;
    message->wrong_in_row = card->wrong_in_row;
    message->checks = card->checks;
    message->checks_date = card->checks_date != 0 ? date_to_yyyymmdd(card->checks_date) : 0;
    message->locked_date = card->locked_date != 0 ? date_to_yyyymmdd(card->locked_date) : 0;
    message->end_reason = (Vsl__V1__CardEndReason)card->end_reason;
    message->replaced_by_card_id = card->replaced_by;
    message->bound_sequence = card->bound_sequence;
    message->changed_sequence = card->changed_sequence;
}

void fill_mandate(Vsl__V1__Mandate *message, const struct mandate *mandate)
{
    CHECK(mandate->id > 0);
    vsl__v1__mandate__init(message);
    message->mandate_id = mandate->id;
    message->ledger_id = mandate->ledger_id;
    message->account_id = mandate->account_id;
    message->payee_account_id = mandate->payee_account_id;
    message->card_id = mandate->card_id;
    message->ceiling_each_minor = mandate->each_minor;
    message->ceiling_total_minor = mandate->total_minor;
    message->count = mandate->count;
    message->used_minor = mandate->used_minor;
    message->used_count = mandate->used_count;
    message->starts_at_us = mandate->starts_at_us;
    message->expires_at_us = mandate->expires_at_us;
    message->status = (Vsl__V1__MandateStatus)mandate->status;
    message->granted_sequence = mandate->granted_sequence;
    message->ended_sequence = mandate->ended_sequence;
}

void fill_denied(Vsl__V1__Denied *message, const struct denied *entry)
{
    CHECK(entry->id > 0);
    vsl__v1__denied__init(message);
    message->denied_id = entry->id;
    message->ledger_id = entry->ledger_id;
    message->kind = (Vsl__V1__DeniedKind)entry->kind;
    message->document_kind = (Vsl__V1__DocumentKind)entry->document_kind;
    message->source = (Vsl__V1__DeniedSource)entry->source;
    message->status = (Vsl__V1__DeniedStatus)entry->status;
    message->expires_at_us = entry->expires_at_us;
    message->listed_sequence = entry->listed_sequence;
    message->changed_sequence = entry->changed_sequence;
}

void fill_hit(Vsl__V1__Hit *message, const struct hit *hit)
{
    CHECK(hit->id > 0);
    vsl__v1__hit__init(message);
    message->hit_id = hit->id;
    message->ledger_id = hit->ledger_id;
    message->denied_id = hit->denied_id;
    message->member_id = hit->member_id;
    message->card_id = hit->card_id;
    message->status = (Vsl__V1__HitStatus)hit->status;
    message->found_sequence = hit->found_sequence;
    message->decided_sequence = hit->decided_sequence;
    message->changed_sequence = hit->changed_sequence;
}

void fill_caller(struct caller_message *m, const struct caller *caller)
{
    CHECK(caller->id > 0);
    Vsl__V1__Caller *message = &m->message;
    vsl__v1__caller__init(message);
    fill_roles(&m->roles, caller->roles);
    message->caller_id = caller->id;
    message->name = COPY(caller, name, m);
    message->roles = &m->roles;
    for (uint32_t i = 0; i < caller->ledger_count; i++) {
        vsl__v1__caller_ledger__init(&m->ledgers[i]);
        m->ledgers[i].ledger_id = caller->ledgers[i];
        m->ledger_pointers[i] = &m->ledgers[i];
    }
    message->n_ledgers = caller->ledger_count;
    message->ledgers = m->ledger_pointers;
    message->all_ledgers = caller->all_ledgers;
    char *rest = copy_text(
        caller->channels, caller->channels_length, m->channel_names, sizeof m->channel_names);
    for (char *channel; caller->channels_length > 0 && (channel = strsep(&rest, ",")) != NULL;) {
        size_t i = message->n_channels++;
        CHECK(i < CALLER_CHANNELS_MAX);
        vsl__v1__caller_channel__init(&m->channels[i]);
        m->channels[i].channel = channel;
        m->channel_pointers[i] = &m->channels[i];
    }
    message->channels = m->channel_pointers;
    message->any_channel = caller->any_channel;
    message->status = (Vsl__V1__CallerStatus)caller->status;
    message->changed_sequence = caller->changed_sequence;
}

void fill_record(
    union record_message *m, enum record_kind kind, const void *record, const struct ledger *ledger)
{
    switch (kind) {
    case RECORD_MEMBER:
        fill_member(&m->member, record);
        return;
    case RECORD_ACCOUNT:
        fill_account(&m->account, record, ledger);
        return;
    case RECORD_FEE_RULE:
        fill_fee_rule(&m->fee_rule, record);
        return;
    case RECORD_PAYOUT:
        fill_payout(&m->payout, record, ledger->accounting_dates[0]);
        return;
    case RECORD_HOLD:
        fill_hold(&m->hold, record);
        return;
    case RECORD_FREEZE:
        fill_freeze(&m->freeze, record);
        return;
    case RECORD_DEBT:
        fill_debt(&m->debt, record);
        return;
    case RECORD_ADJUSTMENT:
        fill_adjustment(&m->adjustment, record);
        return;
    case RECORD_PROPOSAL:
        fill_proposal(&m->proposal, record);
        return;
    case RECORD_SUSPENSE:
        fill_suspense(&m->suspense, record);
        return;
    case RECORD_LUMP:
        fill_lump(&m->lump, record);
        return;
    case RECORD_ACQUIRER:
        fill_acquirer(&m->acquirer, record);
        return;
    case RECORD_PROMISE:
        fill_promise(&m->promise, record, ledger->accounting_dates[0]);
        return;
    case RECORD_SETTLEMENT:
        fill_settlement(&m->settlement, record);
        return;
    case RECORD_DIFFERENCE:
        fill_difference(&m->difference, record);
        return;
    case RECORD_BANK_STATEMENT:
        fill_bank_statement(&m->bank_statement, record);
        return;
    case RECORD_STATEMENT_LINE:
        fill_bank_statement_line(&m->statement_line, record);
        return;
    case RECORD_STATEMENT_MATCH:
        fill_statement_match(&m->statement_match, record);
        return;
    case RECORD_CARD:
        fill_card(&m->card, record);
        return;
    case RECORD_MANDATE:
        fill_mandate(&m->mandate, record);
        return;
    case RECORD_DENIED:
        fill_denied(&m->denied, record);
        return;
    case RECORD_HIT:
        fill_hit(&m->hit, record);
        return;
    case RECORD_CLAIM:
        fill_claim(&m->claim, record);
        return;
    case RECORD_PRODUCT:
        fill_product(&m->product, record);
        return;
    case RECORD_POSITION:
        fill_position(&m->position, record);
        return;
    case RECORD_PRICE:
        fill_price(&m->price, record);
        return;
    case RECORD_FEEDBACK:
        fill_feedback(&m->feedback, record);
        return;
    case RECORD_CALLER:
        fill_caller(&m->caller, record);
        return;
    case RECORD_LEDGER:
    case RECORD_REFUNDED:
    case RECORD_RESTRICTION:
    case RECORD_APPROVAL_POLICY:
    case RECORD_PROOF_POLICY:
    case RECORD_WATCH:
    case RECORD_IDENTITY:
    case RECORD_ACCOUNT_POLICY:
    case RECORD_USAGE:
    case RECORD_CARD_FLOW:
    case RECORD_COVER:
    case RECORD_MATCHED_BOOKING:
        break;
    }
    CHECK(0 && "a kind of record that is shown by itself");
}
