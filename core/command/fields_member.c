/* fields_member.c: the fields of the commands of members, their cards, accounts and mandates, and
 * of deny lists.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/field_macros.h"

static const struct field open_member_fields[] = {
    ENUM(4, "kind", open_member.kind, MEMBER_USER),
    TEXT(5, "platform_member_id", open_member.platform_member_id, TEXT_TRIMMED,
        PLATFORM_MEMBER_ID_BYTES_MAX),
};
const struct field_table open_member_table = TABLE(open_member);

/* A name with its document, in the sub-message of that field number: required, or not. */
#define IDENTIFIED_AS(place, outer, member, must, ...)                                             \
    ROW((place)*16 + 1, outer ".name", FIELD_TEXT, AT(member.name), __VA_ARGS__,                   \
        .rule = TEXT_NAME, .max = PARTY_NAME_CHARACTERS_MAX, .personal = PERSONAL_NAME),           \
        ROW((place)*16 + 2, outer ".document_kind", FIELD_ENUM, AT(member.document_kind),          \
            __VA_ARGS__, .max = DOCUMENT_KINDS),                                                   \
        ROW((place)*16 + 3, outer ".number", FIELD_TEXT, AT(member.number), __VA_ARGS__,           \
            .rule = TEXT_DOCUMENT, .max = DOCUMENT_CHARACTERS_MAX,                                 \
            .personal = PERSONAL_DOCUMENT_NUMBER),                                                 \
        ROW((place)*16 + 4, outer ".valid_from_date", FIELD_DATE, AT(member.valid_from_date),      \
            .required = (must)),                                                                   \
        ROW((place)*16 + 5, outer ".valid_until_date", FIELD_DATE, AT(member.valid_until_date),    \
            .required = false)

static const struct field identify_member_fields[] = {
    ID(4, "member_id", identify_member.member_id),
    ENUM(5, "subject", identify_member.subject, SUBJECT_INDIVIDUAL_BUSINESS),
    IDENTIFIED_AS(6, "holder", identify_member.holder, true, REQUIRED),
    IDENTIFIED_AS(7, "legal_representative", identify_member.representative, false, OPTIONAL),
    IDENTIFIED_AS(8, "handler", identify_member.handler, false, OPTIONAL),
    TEXT(9 * 16 + 1, "check.checked_by", identify_member.check.checked_by, TEXT_TRIMMED,
        CHECKED_BY_BYTES_MAX),
    TIME(9 * 16 + 2, "check.checked_at_us", identify_member.check.checked_at_us),
    TEXT(9 * 16 + 3, "check.result_code", identify_member.check.result_code, TEXT_TRIMMED,
        CHECK_RESULT_BYTES_MAX),
    TEXT(9 * 16 + 4, "check.reference", identify_member.check.reference, TEXT_TRIMMED,
        CHECK_REFERENCE_BYTES_MAX),
    OPTIONAL_DATE(10, "recheck_date", identify_member.recheck_date),
};
const struct field_table identify_member_table = TABLE(identify_member);

static const struct field close_member_fields[] = {
    ID(4, "member_id", close_member.member_id),
};
const struct field_table close_member_table = TABLE(close_member);

static const struct field bind_card_fields[] = {
    PROOF_OF_NUMBER(bind_card.proof, TEXT_CARD),
    ID(4, "member_id", bind_card.member_id),
    ENUM(5, "kind", bind_card.kind, CARD_CORPORATE),
    PERSONAL(6, "number", bind_card.number, TEXT_CARD, ACCOUNT_NUMBER_CHARACTERS_MAX,
        PERSONAL_ACCOUNT_NUMBER),
    OPTIONAL_TEXT(7, "bank_code", bind_card.bank_code, TEXT_VISIBLE_ASCII, BANK_CODE_BYTES_MAX),
    PERSONAL(8, "holder", bind_card.holder, TEXT_NAME, PARTY_NAME_CHARACTERS_MAX, PERSONAL_NAME),
    OPTIONAL_PERSONAL(
        9, "mobile", bind_card.mobile, TEXT_MOBILE, ACCOUNT_NUMBER_CHARACTERS_MAX, PERSONAL_MOBILE),
};
const struct field_table bind_card_table = TABLE(bind_card);

static const struct field check_card_fields[] = {
    NAMED(RECORD_CARD, 4, "card_id", check_card.card_id),
    ENUM(5, "way", check_card.way, CARD_SMALL_AMOUNT),
};
const struct field_table check_card_table = TABLE(check_card);

static const struct field confirm_card_check_fields[] = {
    NAMED(RECORD_CARD, 4, "card_id", confirm_card_check.card_id),
    ID(5, "check_sequence", confirm_card_check.check_sequence),
    ENUM(6, "result", confirm_card_check.result, CARD_CHECK_UNKNOWN),
    FACT(7, "result_code", confirm_card_check.result_code, BANK_REFERENCE_CHARACTERS_MAX),
    FACT(8, "reference", confirm_card_check.reference, BANK_REFERENCE_CHARACTERS_MAX),
};
const struct field_table confirm_card_check_table = TABLE(confirm_card_check);

/* Not an amount that is moved: no policy asks for it. */
static const struct field confirm_card_amount_fields[] = {
    NAMED(RECORD_CARD, 4, "card_id", confirm_card_amount.card_id),
    ROW(5, "amount_minor", FIELD_INT64, AT(confirm_card_amount.amount_minor), REQUIRED,
        .max = AMOUNT_MINOR_MAX),
};
const struct field_table confirm_card_amount_table = TABLE(confirm_card_amount);

static const struct field unbind_card_fields[] = {
    PROOF(unbind_card.proof),
    NAMED(RECORD_CARD, 4, "card_id", unbind_card.card_id),
    ENUM(5, "reason", unbind_card.reason, CARD_END_MISTAKE),
    TEXT(6, "evidence", unbind_card.evidence, TEXT_FACT, REMARK_CHARACTERS_MAX),
};
const struct field_table unbind_card_table = TABLE(unbind_card);

static const struct field replace_card_fields[] = {
    PROOF(replace_card.proof),
    NAMED(RECORD_CARD, 4, "card_id", replace_card.card_id),
    NAMED(RECORD_CARD, 5, "new_card_id", replace_card.new_card_id),
    ENUM(6, "reason", replace_card.reason, CARD_END_MISTAKE),
    TEXT(7, "evidence", replace_card.evidence, TEXT_FACT, REMARK_CHARACTERS_MAX),
};
const struct field_table replace_card_table = TABLE(replace_card);

static const struct field grant_mandate_fields[] = {
    PROOF(grant_mandate.proof),
    ID(4, "account_id", grant_mandate.account_id),
    OPTIONAL_ID(5, "payee_account_id", grant_mandate.payee_account_id),
    OPTIONAL_NAMED(RECORD_CARD, 6, "card_id", grant_mandate.card_id),
    ROW(7, "ceiling_each_minor", FIELD_INT64, AT(grant_mandate.each_minor), REQUIRED,
        .max = AMOUNT_MINOR_MAX),
    AMOUNT(8, "ceiling_total_minor", grant_mandate.total_minor),
    ROW(9, "count", FIELD_INT32, AT(grant_mandate.count), REQUIRED, .max = MANDATE_USES_MAX),
    OPTIONAL_TIME(10, "starts_at_us", grant_mandate.starts_at_us),
    TIME(11, "expires_at_us", grant_mandate.expires_at_us),
    TEXT(12, "evidence", grant_mandate.evidence, TEXT_FACT, REMARK_CHARACTERS_MAX),
};
const struct field_table grant_mandate_table = TABLE(grant_mandate);

static const struct field end_mandate_fields[] = {
    ID(4, "mandate_id", end_mandate.mandate_id),
    TEXT(5, "evidence", end_mandate.evidence, TEXT_FACT, REMARK_CHARACTERS_MAX),
};
const struct field_table end_mandate_table = TABLE(end_mandate);

static const struct field add_denied_fields[] = {
    ENUM(4, "source", add_denied.source, DENIED_BY_PLATFORM),
    OPTIONAL_PERSONAL(
        5, "name", add_denied.name, TEXT_NAME, PARTY_NAME_CHARACTERS_MAX, PERSONAL_NAME),
    OPTIONAL_ENUM(6, "document_kind", add_denied.document_kind, DOCUMENT_KINDS),
    OPTIONAL_PERSONAL(7, "document_number", add_denied.document_number, TEXT_DOCUMENT,
        DOCUMENT_CHARACTERS_MAX, PERSONAL_DOCUMENT_NUMBER),
    OPTIONAL_PERSONAL(8, "account_number", add_denied.account_number, TEXT_CARD,
        ACCOUNT_NUMBER_CHARACTERS_MAX, PERSONAL_ACCOUNT_NUMBER),
    TEXT(9, "reason", add_denied.reason, TEXT_FACT, REMARK_CHARACTERS_MAX),
    OPTIONAL_DATE(10, "from_date", add_denied.from_date),
    OPTIONAL_TIME(11, "expires_at_us", add_denied.expires_at_us),
};
const struct field_table add_denied_table = TABLE(add_denied);

static const struct field end_denied_fields[] = {
    ID(4, "denied_id", end_denied.denied_id),
    TEXT(5, "evidence", end_denied.evidence, TEXT_FACT, REMARK_CHARACTERS_MAX),
};
const struct field_table end_denied_table = TABLE(end_denied);

static const struct field decide_hit_fields[] = {
    ID(4, "hit_id", decide_hit.hit_id),
    ENUM(5, "decision", decide_hit.decision, HIT_DECISION_CONFIRMED),
    TEXT(6, "reason", decide_hit.reason, TEXT_FACT, REMARK_CHARACTERS_MAX),
    TEXT(7, "evidence", decide_hit.evidence, TEXT_FACT, REMARK_CHARACTERS_MAX),
};
const struct field_table decide_hit_table = TABLE(decide_hit);

static const struct field open_account_fields[] = {
    ID(4, "member_id", open_account.member_id),
};
const struct field_table open_account_table = TABLE(open_account);

static const struct field close_account_fields[] = {
    ID(4, "account_id", close_account.account_id),
};
const struct field_table close_account_table = TABLE(close_account);

static const struct field restrict_account_fields[] = {
    ID(4, "account_id", restrict_account.account_id),
    BOOL(5, "no_in", restrict_account.no_in),
    BOOL(6, "no_out", restrict_account.no_out),
    FACT(7, "reason", restrict_account.reason, REMARK_CHARACTERS_MAX),
    OPTIONAL_TEXT(8, "owner", restrict_account.owner, TEXT_CHANNEL, CHANNEL_BYTES_MAX),
};
const struct field_table restrict_account_table = TABLE(restrict_account);

static_assert(COUNT(unbind_card_fields) == PROOF_FIELDS + 3, "the rows of a proof");

static_assert(COUNT(identify_member_fields) <= FIELDS_PER_KIND_MAX, "the widest tables fit");
