/* samples.c: see samples.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "samples.h"

#include "base/utf8.h"
#include "ceilings.h"
#include "command/body.h"
#include "command/decode.h"
#include "model/date.h"
#include "model/document.h"
#include "model/money.h"
#include "model/records.h"
#include "support/expect.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const enum command_kind sample_kinds[] = {COMMAND_OPEN_LEDGER, COMMAND_CLOSE_LEDGER,
    COMMAND_CUT_DAY, COMMAND_SET_TERMS, COMMAND_SET_FEE_RULE, COMMAND_SET_APPROVAL_POLICY,
    COMMAND_OPEN_MEMBER, COMMAND_CLOSE_MEMBER, COMMAND_IDENTIFY_MEMBER, COMMAND_SET_PROOF_POLICY,
    COMMAND_SET_ACCOUNT_POLICY, COMMAND_BIND_CARD, COMMAND_CHECK_CARD, COMMAND_CONFIRM_CARD_CHECK,
    COMMAND_UNBIND_CARD, COMMAND_REPLACE_CARD, COMMAND_OPEN_ACCOUNT, COMMAND_CLOSE_ACCOUNT,
    COMMAND_RESTRICT_ACCOUNT, COMMAND_OPEN_FEE_ACCOUNT, COMMAND_CONFIRM_CARD_AMOUNT,
    COMMAND_GRANT_MANDATE, COMMAND_END_MANDATE, COMMAND_DECIDE_HIT, COMMAND_ADD_DENIED,
    COMMAND_END_DENIED, COMMAND_BOOK_RECEIPT, COMMAND_BOOK_INTEREST, COMMAND_CHARGE_FEE,
    COMMAND_COLLECT_FEES, COMMAND_ALLOCATE_SUSPENSE, COMMAND_UNDO_ALLOCATION,
    COMMAND_RETURN_SUSPENSE, COMMAND_OPEN_LUMP, COMMAND_ALLOCATE_LINE, COMMAND_CLOSE_LUMP,
    COMMAND_PAY, COMMAND_REFUND, COMMAND_ADOPT_SUSPENSE, COMMAND_OPEN_ACQUIRER,
    COMMAND_SET_ACQUIRER, COMMAND_BOOK_PROMISE, COMMAND_CANCEL_PROMISE, COMMAND_OPEN_SETTLEMENT,
    COMMAND_SETTLE_LINE, COMMAND_WITHDRAW, COMMAND_CONFIRM_PAYOUT, COMMAND_INTERCEPT_PAYOUT,
    COMMAND_CLOSE_SETTLEMENT, COMMAND_CLOSE_DIFFERENCE, COMMAND_PLACE_HOLD, COMMAND_CONFIRM_HOLD,
    COMMAND_CANCEL_HOLD, COMMAND_PLACE_FREEZE, COMMAND_LIFT_FREEZE, COMMAND_EXPIRE, COMMAND_REVERSE,
    COMMAND_PROPOSE_ADJUSTMENT, COMMAND_APPROVE_ADJUSTMENT, COMMAND_WITHDRAW_ADJUSTMENT,
    COMMAND_ADJUST, COMMAND_PROPOSE, COMMAND_APPROVE, COMMAND_WITHDRAW_PROPOSAL,
    COMMAND_CREATE_CALLER, COMMAND_UPDATE_CALLER, COMMAND_REVEAL, COMMAND_PLACE_CLAIM,
    COMMAND_CONTINUE_CLAIM, COMMAND_RELEASE_CLAIM, COMMAND_DEDUCT_CLAIM,
    COMMAND_OPEN_BANK_STATEMENT, COMMAND_ADD_STATEMENT_LINE, COMMAND_CLOSE_BANK_STATEMENT,
    COMMAND_MATCH_STATEMENT_LINE, COMMAND_UNDO_MATCH, COMMAND_OPEN_FEEDBACK, COMMAND_GIVE_FEEDBACK,
    COMMAND_OPEN_PRODUCT, COMMAND_CLOSE_PRODUCT, COMMAND_PUBLISH_PRICE, COMMAND_SUBSCRIBE,
    COMMAND_REDEEM, 0};

static const struct caller_ledger only_ledger[] = {{1}};
static const struct caller_channel only_channel[] = {{{"APP", 3}}};
static const struct account_level_asked only_level[] = {{.level = 1, .may_pay = true}};
static const struct approval_rule_asked only_rule[] = {{.kind = COMMAND_PAY}};
static const struct proof_rule_asked only_proof_rule[] = {{.kind = COMMAND_PAY, .sms_code = true}};
static const struct revealed only_revealed[] = {{.sequence = 17}};
static const struct payee only_payee[] = {{.account_id = 10, .amount_minor = 100}};
static const struct fee_tier only_tier[] = {{.rate_ppm = 6000}};

int32_t sample_day(int32_t yyyymmdd)
{
    int32_t days = 0;
    ck_assert(date_try_from_yyyymmdd(yyyymmdd, &days));
    return days;
}

static struct request_key sample_key(const char *channel, int32_t days, const char *serial)
{
    struct request_key key;
    memset(&key, 0, sizeof key);
    key.channel_length = (uint8_t)strlen(channel);
    key.serial_length = (uint8_t)strlen(serial);
    memcpy(key.channel, channel, key.channel_length);
    memcpy(key.serial, serial, key.serial_length);
    key.business_date = days;
    return key;
}

/* Whether the kind is one of holds, freezes and corrections. */
static bool fill_required_correction(struct command *c)
{
    switch (c->kind) {
    case COMMAND_PLACE_HOLD:
        c->place_hold.payer_account_id = 9;
        c->place_hold.amount_minor = 100;
        c->place_hold.order_number = text_of("A1");
        c->place_hold.expires_at_us = 1;
        return true;
    case COMMAND_CONFIRM_HOLD:
        c->confirm_hold.payer_account_id = 9;
        c->confirm_hold.order_number = text_of("A1");
        c->confirm_hold.payees = only_payee;
        c->confirm_hold.payee_count = 1;
        return true;
    case COMMAND_CANCEL_HOLD:
        c->cancel_hold.payer_account_id = 9;
        c->cancel_hold.order_number = text_of("A1");
        return true;
    case COMMAND_PLACE_FREEZE:
        c->place_freeze.account_id = 9;
        c->place_freeze.amount_minor = 100;
        c->place_freeze.purpose = text_of("deposit");
        return true;
    case COMMAND_LIFT_FREEZE:
        c->lift_freeze.freeze_id = 4;
        return true;
    case COMMAND_EXPIRE:
        c->expire.kind = EXPIRY_HOLD;
        c->expire.id = 4;
        return true;
    case COMMAND_REVERSE:
        c->reverse.original_sequence = 17;
        c->reverse.reason = text_of("booked twice");
        return true;
    case COMMAND_PROPOSE_ADJUSTMENT:
        c->propose_adjustment.debit_account_id = 9;
        c->propose_adjustment.credit_account_id = 10;
        c->propose_adjustment.amount_minor = 100;
        c->propose_adjustment.reason = text_of("wrong payee");
        c->propose_adjustment.expires_at_us = 1;
        return true;
    case COMMAND_APPROVE_ADJUSTMENT:
        c->approve_adjustment.adjustment_id = 5;
        return true;
    case COMMAND_WITHDRAW_ADJUSTMENT:
        c->withdraw_adjustment.adjustment_id = 5;
        return true;
    case COMMAND_ADJUST:
        c->adjust.debit_account_id = 9;
        c->adjust.credit_account_id = 10;
        c->adjust.amount_minor = 100;
        c->adjust.reason = text_of("wrong payee");
        return true;
    default:
        return false;
    }
}

/* Whether the kind is one of cards or screening. */
static bool fill_required_card(struct command *c)
{
    switch (c->kind) {
    case COMMAND_BIND_CARD:
        c->bind_card.member_id = 3;
        c->bind_card.kind = CARD_PERSONAL;
        c->bind_card.number = text_of("6216261000000000018");
        c->bind_card.holder = text_of("Zhang San");
        c->bind_card.mobile = text_of("13552535506");
        return true;
    case COMMAND_CHECK_CARD:
        c->check_card.card_id = 5;
        c->check_card.way = CARD_FOUR_FACTOR;
        return true;
    case COMMAND_CONFIRM_CARD_CHECK:
        c->confirm_card_check.card_id = 5;
        c->confirm_card_check.check_sequence = 17;
        c->confirm_card_check.result = CARD_CHECK_RIGHT;
        return true;
    case COMMAND_CONFIRM_CARD_AMOUNT:
        c->confirm_card_amount.card_id = 5;
        c->confirm_card_amount.amount_minor = 17;
        return true;
    case COMMAND_UNBIND_CARD:
        c->unbind_card.card_id = 5;
        c->unbind_card.reason = CARD_END_LOST;
        c->unbind_card.evidence = text_of("report 4711");
        return true;
    case COMMAND_REPLACE_CARD:
        c->replace_card.card_id = 5;
        c->replace_card.new_card_id = 6;
        c->replace_card.reason = CARD_END_BY_MEMBER;
        c->replace_card.evidence = text_of("report 4711");
        return true;
    case COMMAND_ADD_DENIED:
        c->add_denied.source = DENIED_BY_POLICE;
        c->add_denied.name = text_of("Zhang San");
        c->add_denied.reason = text_of("notice 2026-17");
        return true;
    case COMMAND_END_DENIED:
        c->end_denied.denied_id = 5;
        c->end_denied.evidence = text_of("order 2026-99");
        return true;
    case COMMAND_DECIDE_HIT:
        c->decide_hit.hit_id = 5;
        c->decide_hit.decision = HIT_DECISION_CLEARED;
        c->decide_hit.reason = text_of("another birthday");
        c->decide_hit.evidence = text_of("file 4711");
        return true;
    default:
        return false;
    }
}

static struct paper some_paper(void)
{
    return (struct paper){.authority_code = text_of("1101"),
        .authority_name = text_of("Haidian Court"),
        .case_number = text_of("(2026) 0108-17"),
        .number = text_of("17-1"),
        .officer = {text_of("Wang Wu"), text_of("110234")},
        .second_officer = {text_of("Zhao Liu"), text_of("110235")}};
}

/* Whether the kind is one of claims. */
static bool fill_required_claim(struct command *c)
{
    switch (c->kind) {
    case COMMAND_PLACE_CLAIM:
        c->place_claim = (struct place_claim){.account_id = 9,
            .authority = AUTHORITY_COURT,
            .ground = GROUND_ORDINARY,
            .subject = {text_of("Zhang San"), DOCUMENT_CITIZEN_CARD, text_of("11010519491231002X"),
                0, 0},
            .paper = some_paper(),
            .payee = {text_of("Haidian Court"), text_of("110060149018170012345"), {0}}};
        return true;
    case COMMAND_CONTINUE_CLAIM:
        c->continue_claim = (struct continue_claim){.claim_id = 5, .paper = some_paper()};
        return true;
    case COMMAND_RELEASE_CLAIM:
        c->release_claim = (struct release_claim){.claim_id = 5, .paper = some_paper()};
        return true;
    case COMMAND_DEDUCT_CLAIM:
        c->deduct_claim = (struct deduct_claim){.claim_id = 5,
            .paper = some_paper(),
            .payee = {text_of("Haidian Court"), text_of("110060149018170012345"), {0}}};
        return true;
    case COMMAND_OPEN_PRODUCT:
        c->open_product = (struct open_product){.code = text_of("000198"),
            .name = text_of("Money"),
            .kind = PRODUCT_FUND,
            .cash_account_id = 10,
            .unit_rounding = PRODUCT_ROUNDING_HALF_UP,
            .money_rounding = PRODUCT_ROUNDING_HALF_UP,
            .rest = PRODUCT_REST_TO_ISSUER};
        return true;
    case COMMAND_CLOSE_PRODUCT:
        c->close_product.product_id = 4;
        return true;
    case COMMAND_PUBLISH_PRICE:
        c->publish_price = (struct publish_price){4, 20000, 100000000, 0};
        return true;
    case COMMAND_SUBSCRIBE:
        c->subscribe = (struct subscribe){.account_id = 10, .product_id = 4, .amount_minor = 100};
        return true;
    case COMMAND_REDEEM:
        c->redeem = (struct redeem){.account_id = 10, .product_id = 4, .units = 100};
        return true;
    case COMMAND_OPEN_FEEDBACK:
        c->open_feedback.paper = some_paper();
        return true;
    case COMMAND_GIVE_FEEDBACK:
        c->give_feedback.feedback_id = 5;
        c->give_feedback.authority_code = text_of("1101");
        c->give_feedback.given_by = text_of("0173");
        return true;
    default:
        return false;
    }
}

/* Whether the kind is one of money in, on and out. */
static bool fill_required_funds(struct command *c)
{
    struct party party = {.name = text_of("Zhang San"), .account_number = text_of("6222-0001")};
    switch (c->kind) {
    case COMMAND_BOOK_RECEIPT:
        c->book_receipt.account_id = 9;
        c->book_receipt.amount_minor = 100;
        c->book_receipt.payer = party;
        return true;
    case COMMAND_BOOK_INTEREST:
        c->book_interest.account_id = 9;
        c->book_interest.amount_minor = 100;
        return true;
    case COMMAND_CHARGE_FEE:
        c->charge_fee.account_id = 9;
        c->charge_fee.amount_minor = 100;
        return true;
    case COMMAND_PAY:
        c->pay.payer_account_id = 9;
        c->pay.payees = only_payee;
        c->pay.payee_count = 1;
        return true;
    case COMMAND_WITHDRAW:
        c->withdraw.account_id = 9;
        c->withdraw.amount_minor = 100;
        c->withdraw.destination = party;
        return true;
    case COMMAND_CONFIRM_PAYOUT:
        c->confirm_payout.payout_id = 3;
        c->confirm_payout.result = PAYOUT_RESULT_PAID;
        return true;
    case COMMAND_COLLECT_FEES:
        c->collect_fees.amount_minor = 100;
        c->collect_fees.fee_rule = text_of("base");
        return true;
    case COMMAND_REFUND:
        c->refund.original_sequence = 17;
        return true;
    case COMMAND_ALLOCATE_SUSPENSE:
        c->allocate_suspense.suspense_id = 6;
        c->allocate_suspense.payees = only_payee;
        c->allocate_suspense.payee_count = 1;
        return true;
    case COMMAND_UNDO_ALLOCATION:
        c->undo_allocation.suspense_id = 6;
        c->undo_allocation.original_sequence = 17;
        return true;
    case COMMAND_RETURN_SUSPENSE:
        c->return_suspense.suspense_id = 6;
        c->return_suspense.original_sequence = 17;
        return true;
    case COMMAND_OPEN_LUMP:
        c->open_lump.suspense_id = 6;
        c->open_lump.control_count = 2;
        c->open_lump.control_minor = 100;
        return true;
    case COMMAND_ALLOCATE_LINE:
        c->allocate_line.lump_id = 7;
        c->allocate_line.source_order = text_of("L-1");
        c->allocate_line.account_id = 8;
        c->allocate_line.amount_minor = 100;
        c->allocate_line.payer = party;
        return true;
    case COMMAND_CLOSE_LUMP:
        c->close_lump.lump_id = 7;
        return true;
    case COMMAND_OPEN_BANK_STATEMENT:
        c->open_bank_statement.currency = text_of("CNY");
        c->open_bank_statement.from_date = sample_day(20261130);
        c->open_bank_statement.to_date = sample_day(20261130);
        c->open_bank_statement.file_sha256 =
            text_of("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
        c->open_bank_statement.file_position = 1;
        return true;
    case COMMAND_ADD_STATEMENT_LINE:
        c->add_statement_line.bank_statement_id = 5;
        c->add_statement_line.ordinal = 1;
        c->add_statement_line.amount_minor = -100;
        c->add_statement_line.booking_date = sample_day(20261130);
        c->add_statement_line.counterparty = party;
        return true;
    case COMMAND_CLOSE_BANK_STATEMENT:
        c->close_bank_statement.bank_statement_id = 5;
        return true;
    case COMMAND_MATCH_STATEMENT_LINE:
        c->match_statement_line.statement_line_id = 6;
        c->match_statement_line.payout_id = 7;
        c->match_statement_line.amount_minor = 100;
        c->match_statement_line.rule = text_of("MANUAL");
        return true;
    case COMMAND_UNDO_MATCH:
        c->undo_match.statement_match_id = 8;
        return true;
    case COMMAND_ADOPT_SUSPENSE:
        c->adopt_suspense.amount_minor = 100;
        c->adopt_suspense.reason = text_of("of before");
        return true;
    case COMMAND_INTERCEPT_PAYOUT:
        c->intercept_payout.payout_id = 3;
        return true;
    case COMMAND_OPEN_ACQUIRER:
        c->open_acquirer.name = text_of("allpay");
        c->open_acquirer.terms.ceiling_minor = 100;
        return true;
    case COMMAND_SET_ACQUIRER:
        c->set_acquirer.acquirer_id = 2;
        c->set_acquirer.terms.ceiling_minor = 100;
        return true;
    case COMMAND_BOOK_PROMISE:
        c->book_promise.acquirer_id = 2;
        c->book_promise.account_id = 10;
        c->book_promise.amount_minor = 100;
        c->book_promise.reference = text_of("T-1");
        return true;
    case COMMAND_CANCEL_PROMISE:
        c->cancel_promise.promise_id = 6;
        return true;
    case COMMAND_OPEN_SETTLEMENT:
        c->open_settlement.acquirer_id = 2;
        c->open_settlement.suspense_id = 3;
        c->open_settlement.line_count = 1;
        c->open_settlement.total_minor = 100;
        return true;
    case COMMAND_SETTLE_LINE:
        c->settle_line.settlement_id = 4;
        c->settle_line.reference = text_of("T-1");
        c->settle_line.gross_minor = 100;
        return true;
    case COMMAND_CLOSE_SETTLEMENT:
        c->close_settlement.settlement_id = 4;
        return true;
    case COMMAND_CLOSE_DIFFERENCE:
        c->close_difference.difference_id = 5;
        c->close_difference.ended_by = DIFFERENCE_EXPECTED;
        return true;
    default:
        return false;
    }
}

static void fill_required(struct command *c)
{
    if (fill_required_funds(c) || fill_required_card(c) || fill_required_claim(c) ||
        fill_required_correction(c))
        return;
    switch (c->kind) {
    case COMMAND_OPEN_LEDGER:
        c->open_ledger.platform_name = text_of("Example Mall");
        c->open_ledger.escrow_account_number = text_of("8110701012345");
        c->open_ledger.currency = text_of("CNY");
        c->open_ledger.receiving_prefix = text_of("6200");
        c->open_ledger.first_accounting_date = sample_day(20261101);
        break;
    case COMMAND_CLOSE_LEDGER:
        break;
    case COMMAND_CUT_DAY:
        c->cut_day.accounting_date = sample_day(20261102);
        break;
    case COMMAND_SET_TERMS:
        c->set_terms.named = TERM_ADVANCE_REFUNDS;
        break;
    case COMMAND_SET_FEE_RULE:
        c->set_fee_rule.name = text_of("base");
        c->set_fee_rule.effective_date = sample_day(20261102);
        c->set_fee_rule.rounding = FEE_ROUNDING_HALF_UP;
        c->set_fee_rule.refund = FEE_REFUND_PROPORTIONAL;
        c->set_fee_rule.on_payout_failed = PAYOUT_FEE_BACK;
        c->set_fee_rule.on_payout_returned = PAYOUT_FEE_KEPT;
        c->set_fee_rule.tiers = only_tier;
        c->set_fee_rule.tier_count = 1;
        break;
    case COMMAND_OPEN_MEMBER:
        c->open_member.kind = MEMBER_MERCHANT;
        c->open_member.platform_member_id = text_of("m-1");
        break;
    case COMMAND_CLOSE_MEMBER:
        c->close_member.member_id = 7;
        break;
    case COMMAND_IDENTIFY_MEMBER:
        c->identify_member = (struct identify_member){.member_id = 7,
            .subject = SUBJECT_COMPANY,
            .holder = {text_of("\u793a\u4f8b"), DOCUMENT_SOCIAL_CREDIT_CODE,
                text_of("91110000600037341L"), sample_day(20261102), 0},
            .representative = {text_of("\u5f20\u4e09"), DOCUMENT_CITIZEN_CARD,
                text_of("11010519491231002X"), sample_day(20261102), sample_day(20361102)},
            .handler = {text_of("Ada Lovelace"), DOCUMENT_FOREIGN_PASSPORT, text_of("L898902C3"),
                sample_day(20261102), 0},
            .check = {text_of("id-check"), 1795978320000000, text_of("0000"), text_of("17")}};
        break;
    case COMMAND_OPEN_ACCOUNT:
        c->open_account.member_id = 7;
        break;
    case COMMAND_CLOSE_ACCOUNT:
        c->close_account.account_id = 9;
        break;
    case COMMAND_RESTRICT_ACCOUNT:
        c->restrict_account.account_id = 9;
        break;
    case COMMAND_SET_ACCOUNT_POLICY:
        c->set_account_policy.preset = ACCOUNT_POLICY_CUSTOM;
        c->set_account_policy.merchants = only_level;
        c->set_account_policy.merchant_count = 1;
        c->set_account_policy.users = only_level;
        c->set_account_policy.user_count = 1;
        break;
    case COMMAND_SET_APPROVAL_POLICY:
        c->set_approval_policy.rules = only_rule;
        c->set_approval_policy.rule_count = 1;
        break;
    case COMMAND_GRANT_MANDATE:
        c->grant_mandate.account_id = 9;
        c->grant_mandate.payee_account_id = 10;
        c->grant_mandate.each_minor = 100;
        c->grant_mandate.total_minor = AMOUNT_MINOR_MAX;
        c->grant_mandate.count = 5;
        c->grant_mandate.expires_at_us = TIME_US_MAX;
        c->grant_mandate.evidence = text_of("contract 2026-17");
        break;
    case COMMAND_END_MANDATE:
        c->end_mandate.mandate_id = 4;
        c->end_mandate.evidence = text_of("letter 2026-18");
        break;
    case COMMAND_SET_PROOF_POLICY:
        c->set_proof_policy.rules = only_proof_rule;
        c->set_proof_policy.rule_count = 1;
        break;
    case COMMAND_APPROVE:
        c->approve.proposal_id = 5;
        break;
    case COMMAND_WITHDRAW_PROPOSAL:
        c->withdraw_proposal.proposal_id = 5;
        break;
    case COMMAND_CREATE_CALLER:
        c->create_caller.name = text_of("front.shop.example");
        c->create_caller.rights.roles.front = true;
        c->create_caller.rights.ledgers = only_ledger;
        c->create_caller.rights.ledger_count = 1;
        c->create_caller.rights.channels = only_channel;
        c->create_caller.rights.channel_count = 1;
        break;
    case COMMAND_UPDATE_CALLER:
        c->update_caller.caller_id = 3;
        c->update_caller.rights.roles.auditor = true;
        c->update_caller.rights.ledgers = only_ledger;
        c->update_caller.rights.ledger_count = 1;
        c->update_caller.rights.channels = only_channel;
        c->update_caller.rights.channel_count = 1;
        c->update_caller.status = CALLER_ACTIVE;
        break;
    case COMMAND_REVEAL:
        c->reveal.reason = text_of("case 4711");
        c->reveal.commands = only_revealed;
        c->reveal.command_count = 1;
        break;
    case COMMAND_OPEN_FEE_ACCOUNT:
        c->open_fee_account.purpose = text_of("agent");
        break;
    default:
        ck_abort_msg("kind %d has no sample", (int)c->kind);
    }
}

/* Proposes the payment of the samples. */
static void fill_proposal(struct propose *propose)
{
    static uint8_t bytes[PROPOSED_BYTES_MAX];
    struct command inside = sample_command(COMMAND_PAY);
    memset(&inside.key, 0, sizeof inside.key);
    inside.ledger_id = 0;
    command_propose(propose, &inside);
    propose->command =
        (struct text){(const char *)bytes, (uint32_t)command_put_proposed(&inside, bytes)};
    propose->expires_at_us = 1;
}

/* The proof has no fields but those that every command's has. */
static struct instruction_proof *proof_in(struct command *command)
{
    return (struct instruction_proof *)(uintptr_t)command_proof(command);
}

bool sample_has_number(enum command_kind kind)
{
    return kind == COMMAND_WITHDRAW || kind == COMMAND_BIND_CARD;
}

void sample_fill_proof(struct command *command)
{
    *proof_in(command) = (struct instruction_proof){.kind = PROOF_SMS_CODE,
        .result = PROOF_RIGHT,
        .reference = text_of("sms-4711"),
        .amount_minor = 100,
        .account_id = 9,
        .member_id = 7,
        .payee_account_id = 10,
        .payee_account_number = text_of(sample_has_number(command->kind) ? "62220001" : ""),
        .card_id = 5,
        .order_number = text_of("A1"),
        .issued_at_us = 1,
        .expires_at_us = TIME_US_MAX};
}

struct command sample_command(enum command_kind kind)
{
    struct command command;
    memset(&command, 0, sizeof command);
    command.kind = kind;
    command.ledger_id = command_has_ledger((int)kind) ? 1 : 0;
    command.key = sample_key("front", sample_day(20261101), "000001");
    if (kind == COMMAND_PROPOSE)
        fill_proposal(&command.propose);
    else
        fill_required(&command);
    return command;
}

/* ---- messages ---- */

const ProtobufCFieldDescriptor *sample_find(
    ProtobufCMessage *message, const char *path, ProtobufCMessage **ret_holder)
{
    const char *dot = strchr(path, '.');
    if (dot) {
        char outer[64] = "";
        memcpy(outer, path, (size_t)(dot - path));
        char *bracket = strchr(outer, '[');
        size_t index = 0;
        if (bracket) {
            index = strtoul(bracket + 1, NULL, 10);
            *bracket = '\0';
        }
        const ProtobufCFieldDescriptor *field = sample_find(message, outer, ret_holder);
        ck_assert_int_eq((int)field->type, (int)PROTOBUF_C_TYPE_MESSAGE);
        ck_assert_int_eq(bracket != NULL, field->label == PROTOBUF_C_LABEL_REPEATED);
        unsigned char *member = (unsigned char *)message + field->offset;
        if (bracket) {
            size_t count;
            memcpy(&count, (unsigned char *)message + field->quantifier_offset, sizeof count);
            ck_assert_uint_lt(index, count);
            memcpy(&member, member, sizeof(void *));
            member += index * sizeof message;
        }
        memcpy(&message, member, sizeof message);
        path = dot + 1;
    }
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, path);
    ck_assert_msg(field != NULL, "no field %s", path);
    *ret_holder = message;
    return field;
}

void sample_set_number(ProtobufCMessage *message, const char *path, int64_t value)
{
    ProtobufCMessage *holder;
    const ProtobufCFieldDescriptor *field = sample_find(message, path, &holder);
    unsigned char *member = (unsigned char *)holder + field->offset;
    int32_t narrow = (int32_t)value;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        memcpy((unsigned char *)holder + field->quantifier_offset, &field->id, sizeof field->id);
    if (field->type == PROTOBUF_C_TYPE_INT64)
        memcpy(member, &value, sizeof value);
    else
        memcpy(member, &narrow, sizeof narrow);
}

void sample_set_text(ProtobufCMessage *message, const char *path, const char *value)
{
    ProtobufCMessage *holder;
    const ProtobufCFieldDescriptor *field = sample_find(message, path, &holder);
    ck_assert_int_eq((int)field->type, (int)PROTOBUF_C_TYPE_STRING);
    memcpy((unsigned char *)holder + field->offset, &value, sizeof value);
}

static void expect_wording(const char *english, const char *chinese)
{
    size_t length = strlen(chinese);
    size_t ascii = 0;
    while (ascii < length && (unsigned char)chinese[ascii] < 0x80)
        ascii++;
    EXPECT_MSG(strlen(english) > 10, "no description: %s", english);
    EXPECT_MSG(utf8_is_valid(chinese, length) && ascii < length, "not in Chinese: %s", english);
}

void expect_told(const struct decode_error *error)
{
    EXPECT(error->count > 0 && error->count <= DECODE_VIOLATIONS_MAX);
    expect_wording(error->description, error->description_zh);
    for (uint32_t i = 0; i + 1 < error->count; i++)
        expect_wording(error->more[i].description, error->more[i].description_zh);
}

struct buffer sample_pack(const ProtobufCMessage *message)
{
    struct buffer buffer = {0};
    buffer_reserve(&buffer, protobuf_c_message_get_packed_size(message) + 1);
    buffer.length = protobuf_c_message_pack(message, buffer.bytes);
    return buffer;
}

void sample_arena_init(struct arena *arena)
{
    arena_init(arena, 64 * 1024, DECODE_ARENA_BYTES_MAX);
}
