/* payment_reply.c: answers to reads of records of a ledger, one or a page of them, and quotes.
 *
 * All responses with one record have one shape, and all pages: the record or records come first,
 * then the other fields. A test reads what is packed with the real messages.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "reply/pack.h"
#include "reply/record_message.h"
#include "reply/reply.h"

#include <assert.h>
#include <stddef.h>

/* Numbers of the fields that are packed by hand. */
#define RECORD_FIELD 1
#define RECORDS_FIELD 1
#define LEGS_FIELD 3
#define PURPOSES_FIELD 3
#define METHODS_FIELD 1

/* Limits pass through by number; the first and the last one tell that there are as many of them. */
static_assert((int)VSL__V1__WITHDRAW_LIMIT__WITHDRAW_LIMIT_ACCOUNT == 1, "the first limit");
static_assert(
    (int)VSL__V1__WITHDRAW_LIMIT__WITHDRAW_LIMIT_POLICY == WITHDRAW_LIMIT_LAST, "the last limit");

void reply_record(struct buffer *out, enum record_kind kind, const void *record,
    const struct ledger *ledger, int64_t as_of)
{
    union record_message m;
    fill_record(&m, kind, record, ledger);
    pack_element(out, RECORD_FIELD, &m.base);
    Vsl__V1__GetHoldResponse rest = VSL__V1__GET_HOLD_RESPONSE__INIT;
    rest.as_of_sequence = as_of;
    pack_message(out, &rest.base);
}

/* The texts of a payout's facts with their ends. */
struct facts_message {
    Vsl__V1__Party destination;
    char name[PARTY_NAME_CHARACTERS_MAX * 4 + 1];
    char account_number[ACCOUNT_NUMBER_CHARACTERS_MAX * 4 + 1];
    char bank_code[BANK_CODE_CHARACTERS_MAX * 4 + 1];
    char bank_reference[BANK_REFERENCE_CHARACTERS_MAX * 4 + 1];
    char end_to_end_id[END_TO_END_ID_BYTES_MAX + 1];
    char uetr[UETR_BYTES + 1];
};

#define TEXT_TO(m, member, text) pack_text(text, (m)->member, sizeof(m)->member)

void reply_payout(struct buffer *out, const struct payout *payout, const struct payout_facts *facts,
    const struct ledger *ledger, int64_t as_of)
{
    struct payout_message m;
    struct facts_message f;
    fill_payout(&m, payout, ledger->accounting_dates[0]);
    vsl__v1__party__init(&f.destination);
    f.destination.name = TEXT_TO(&f, name, facts->destination.name);
    f.destination.account_number = TEXT_TO(&f, account_number, facts->destination.account_number);
    f.destination.bank_code = TEXT_TO(&f, bank_code, facts->destination.bank_code);
    m.message.destination = &f.destination;
    m.message.destination_sequence = facts->destination_sequence;
    m.message.card_id = facts->card_id;
    m.message.requested_at_us = facts->requested_us;
    m.message.sent_at_us = facts->sent_us;
    m.message.result_at_us = facts->result_us;
    m.message.bank_reference = TEXT_TO(&f, bank_reference, facts->bank_reference);
    m.message.end_to_end_id = TEXT_TO(&f, end_to_end_id, facts->end_to_end_id);
    m.message.uetr = TEXT_TO(&f, uetr, facts->uetr);
    Vsl__V1__GetPayoutResponse response = VSL__V1__GET_PAYOUT_RESPONSE__INIT;
    response.payout = &m.message;
    response.as_of_sequence = as_of;
    pack_message(out, &response.base);
}

void reply_records(struct buffer *out, enum record_kind kind, const void *const *records,
    uint32_t count, const struct ledger *ledger, const struct next_page *next, int64_t as_of)
{
    union record_message m;
    for (uint32_t i = 0; i < count; i++) {
        fill_record(&m, kind, records[i], ledger);
        pack_element(out, RECORDS_FIELD, &m.base);
    }
    Vsl__V1__ListHoldsResponse rest;
    vsl__v1__list_holds_response__init(&rest);
    rest.next_after_id = next->after_id;
    rest.next_page_token = pack_string(next->token);
    rest.as_of_sequence = as_of;
    pack_message(out, &rest.base);
}

void reply_method_roles(struct buffer *out, const char *method, int32_t roles)
{
    Vsl__V1__CallerRoles shown;
    Vsl__V1__MethodRoles message;
    vsl__v1__method_roles__init(&message);
    CHECK(method[0] != '\0' && (roles & ROLES_ALL) == roles);
    fill_roles(&shown, roles);
    message.method = pack_string(method);
    message.roles = &shown;
    pack_element(out, METHODS_FIELD, &message.base);
}

void reply_fee_quote(struct buffer *out, const struct quoted_fee *quote, int64_t as_of)
{
    Vsl__V1__FeeLeg leg;
    vsl__v1__fee_leg__init(&leg);
    for (uint32_t i = 0; i < quote->leg_count; i++) {
        CHECK(quote->amounts_minor[i] >= 0);
        leg.account_id = quote->account_ids[i];
        leg.amount_minor = quote->amounts_minor[i];
        pack_element(out, LEGS_FIELD, &leg.base);
    }
    Vsl__V1__QuoteFeeResponse rest = VSL__V1__QUOTE_FEE_RESPONSE__INIT;
    rest.fee_minor = quote->fee_minor;
    rest.fee_rule_version = quote->fee_rule_version;
    rest.as_of_sequence = as_of;
    pack_message(out, &rest.base);
}

void reply_withdraw_quote(struct buffer *out, const struct quoted_withdraw *quote, int64_t as_of)
{
    CHECK(quote->limit >= 0 && quote->limit <= WITHDRAW_LIMIT_LAST);
    Vsl__V1__QuoteWithdrawResponse response = VSL__V1__QUOTE_WITHDRAW_RESPONSE__INIT;
    response.amount_minor = quote->amount_minor;
    response.fee_minor = quote->fee_minor;
    response.arrives_minor = quote->arrives_minor;
    response.limit = (Vsl__V1__WithdrawLimit)quote->limit;
    response.available_minor = quote->available_minor;
    response.withdrawable_minor = quote->withdrawable_minor;
    response.fee_rule_version = quote->fee_rule_version;
    response.as_of_sequence = as_of;
    pack_message(out, &response.base);
}

/* Numbers of QuoteWithdrawResponse.cards and WithdrawResponse.payouts; a test reads what is packed
 * with the real messages. */
#define CARDS_FIELD 9
#define PAYOUTS_FIELD 3

void reply_card_quote(struct buffer *out, const struct quoted_card *quote)
{
    CHECK(quote->limit >= 0 && quote->limit <= WITHDRAW_LIMIT_LAST);
    Vsl__V1__CardQuote message = VSL__V1__CARD_QUOTE__INIT;
    message.card_id = quote->card_id;
    message.main_card = quote->is_main;
    message.came_in_minor = quote->in_minor;
    message.went_out_minor = quote->out_minor;
    message.owed_minor = quote->owed_minor;
    message.withdrawable_minor = quote->withdrawable_minor;
    message.limit = (Vsl__V1__WithdrawLimit)quote->limit;
    pack_element(out, CARDS_FIELD, &message.base);
}

void reply_card_payouts(
    struct buffer *out, int64_t first_payout_id, const struct card_part *parts, uint32_t count)
{
    Vsl__V1__CardPayout message = VSL__V1__CARD_PAYOUT__INIT;
    for (uint32_t i = 0; i < count; i++) {
        message.payout_id = first_payout_id != 0 ? first_payout_id + i : 0;
        message.card_id = parts[i].card_id;
        message.card_sequence = parts[i].bound_sequence;
        message.amount_minor = parts[i].amount_minor;
        pack_element(out, PAYOUTS_FIELD, &message.base);
    }
}

void reply_approval_policy(struct buffer *out, const struct approval_policy *policy, int64_t as_of)
{
    Vsl__V1__ApprovalRule rules[APPROVAL_RULES_MAX];
    Vsl__V1__ApprovalRule *pointers[APPROVAL_RULES_MAX];
    Vsl__V1__GetApprovalPolicyResponse response = VSL__V1__GET_APPROVAL_POLICY_RESPONSE__INIT;
    for (uint32_t i = 0; policy && i < policy->rule_count; i++) {
        vsl__v1__approval_rule__init(&rules[i]);
        rules[i].kind = (Vsl__V1__CommandKind)policy->rules[i].kind;
        rules[i].above_amount_minor = policy->rules[i].above_amount_minor;
        pointers[i] = &rules[i];
    }
    response.n_rules = policy ? policy->rule_count : 0;
    response.rules = pointers;
    response.changed_sequence = policy ? policy->changed_sequence : 0;
    response.as_of_sequence = as_of;
    pack_message(out, &response.base);
}

void reply_proof_policy(struct buffer *out, const struct proof_policy *policy, int64_t as_of)
{
    Vsl__V1__ProofRule rules[PROOF_RULES_MAX];
    Vsl__V1__ProofRule *pointers[PROOF_RULES_MAX];
    Vsl__V1__GetProofPolicyResponse response = VSL__V1__GET_PROOF_POLICY_RESPONSE__INIT;
    for (uint32_t i = 0; policy && i < policy->rule_count; i++) {
        const struct proof_rule *rule = &policy->rules[i];
        vsl__v1__proof_rule__init(&rules[i]);
        rules[i].kind = (Vsl__V1__CommandKind)rule->kind;
        rules[i].above_amount_minor = rule->above_amount_minor;
        rules[i].sms_code = (rule->takes & 1 << PROOF_SMS_CODE) != 0;
        rules[i].password = (rule->takes & 1 << PROOF_PASSWORD) != 0;
        rules[i].signature = (rule->takes & 1 << PROOF_SIGNATURE) != 0;
        pointers[i] = &rules[i];
    }
    response.n_rules = policy ? policy->rule_count : 0;
    response.rules = pointers;
    response.changed_sequence = policy ? policy->changed_sequence : 0;
    response.as_of_sequence = as_of;
    pack_message(out, &response.base);
}

void reply_frozen(struct buffer *out, int64_t frozen_minor, const struct frozen_part *parts,
    uint32_t count, int64_t as_of)
{
    int64_t holds_minor = frozen_minor;
    for (uint32_t i = 0; i < count; i++) {
        char name[PURPOSE_BYTES_MAX + 1];
        Vsl__V1__FrozenPurpose purpose;
        vsl__v1__frozen_purpose__init(&purpose);
        purpose.purpose = pack_text(parts[i].purpose, name, sizeof name);
        purpose.frozen_minor = parts[i].frozen_minor;
        purpose.freeze_count = parts[i].freeze_count;
        pack_element(out, PURPOSES_FIELD, &purpose.base);
        holds_minor -= parts[i].frozen_minor;
    }
    /* Frozen is what is held and what is frozen for a purpose, always. */
    CHECK(holds_minor >= 0);
    Vsl__V1__GetFrozenResponse rest = VSL__V1__GET_FROZEN_RESPONSE__INIT;
    rest.frozen_minor = frozen_minor;
    rest.holds_minor = holds_minor;
    rest.as_of_sequence = as_of;
    pack_message(out, &rest.base);
}
