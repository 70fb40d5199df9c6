/* fields.c: the fields of each kind of command.
 *
 * Body numbers are the numbers of the fields in their proto messages, and of a field inside a party
 * 16 times the party's number plus its own. The order of rows is the order of the message, but that
 * a proof comes first, so that SQL finds its reference. Elements of a list are numbered by
 * themselves.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/fields.h"

#include "ceilings.h"
#include "command/body.h"
#include "keys/seal.h"
#include "model/document.h"
#include "model/money.h"
#include "model/records.h"

#include <assert.h>
#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT(member) (uint16_t) offsetof(struct command, member)

#define ROW(number_, name_, type_, at, ...)                                                        \
    {                                                                                              \
        .name = (name_), .number = (number_), .type = (type_), .offset = (at), __VA_ARGS__         \
    }
#define REQUIRED .required = true, .min = 1
#define OPTIONAL .min = 1
#define ID(number, name, member)                                                                   \
    ROW(number, name, FIELD_INT64, AT(member), REQUIRED, .max = INT64_MAX)
#define OPTIONAL_ID(number, name, member)                                                          \
    ROW(number, name, FIELD_INT64, AT(member), OPTIONAL, .max = INT64_MAX)
/* The record that the command is about. */
#define NAMED(kind, number, name, member)                                                          \
    ROW(number, name, FIELD_INT64, AT(member), REQUIRED, .max = INT64_MAX, .use = USE_RECORD,      \
        .names = (kind))
#define OPTIONAL_NAMED(kind, number, name, member)                                                 \
    ROW(number, name, FIELD_INT64, AT(member), OPTIONAL, .max = INT64_MAX, .use = USE_RECORD,      \
        .names = (kind))
/* An earlier command. */
#define EARLIER(number, name, member)                                                              \
    ROW(number, name, FIELD_INT64, AT(member), REQUIRED, .max = INT64_MAX, .use = USE_COMMAND)
#define OPTIONAL_EARLIER(number, name, member)                                                     \
    ROW(number, name, FIELD_INT64, AT(member), OPTIONAL, .max = INT64_MAX, .use = USE_COMMAND)
#define AMOUNT(number, name, member)                                                               \
    ROW(number, name, FIELD_INT64, AT(member), REQUIRED, .max = AMOUNT_MINOR_MAX, .use = USE_AMOUNT)
#define FEE(number, name, member)                                                                  \
    ROW(number, name, FIELD_INT64, AT(member), .max = AMOUNT_MINOR_MAX, .use = USE_AMOUNT)
#define OPTIONAL_AMOUNT(number, name, member) FEE(number, name, member)
#define DATE(number, name, member) ROW(number, name, FIELD_DATE, AT(member), .required = true)
#define OPTIONAL_DATE(number, name, member)                                                        \
    ROW(number, name, FIELD_DATE, AT(member), .required = false)
#define COUNT_OF(number, name, member, last)                                                       \
    ROW(number, name, FIELD_INT32, AT(member), .max = (last))
#define ENUM(number, name, member, last)                                                           \
    ROW(number, name, FIELD_ENUM, AT(member), REQUIRED, .max = (last))
#define OPTIONAL_ENUM(number, name, member, last)                                                  \
    ROW(number, name, FIELD_ENUM, AT(member), OPTIONAL, .max = (last))
#define BOOL(number, name, member) ROW(number, name, FIELD_BOOL, AT(member), .max = 1)
/* One that is personal data of that kind, or, PERSONAL_NONE, is not. */
#define PERSONAL(number, name, member, rule_, bytes_max, kind)                                     \
    ROW(number, name, FIELD_TEXT, AT(member), REQUIRED, .rule = (rule_), .max = (bytes_max),       \
        .personal = (kind))
#define OPTIONAL_PERSONAL(number, name, member, rule_, bytes_max, kind)                            \
    ROW(number, name, FIELD_TEXT, AT(member), .rule = (rule_), .max = (bytes_max),                 \
        .personal = (kind))
#define TEXT(number, name, member, rule, bytes_max)                                                \
    PERSONAL(number, name, member, rule, bytes_max, PERSONAL_NONE)
#define OPTIONAL_TEXT(number, name, member, rule, bytes_max)                                       \
    OPTIONAL_PERSONAL(number, name, member, rule, bytes_max, PERSONAL_NONE)
/* Microseconds since 1970-01-01 UTC, before the year 2200. */
#define TIME(number, name, member)                                                                 \
    ROW(number, name, FIELD_INT64, AT(member), REQUIRED, .max = TIME_US_MAX)
#define OPTIONAL_TIME(number, name, member)                                                        \
    ROW(number, name, FIELD_INT64, AT(member), OPTIONAL, .max = TIME_US_MAX)
#define OPTIONAL_LIST(number, name, member, elements_max, list_)                                   \
    ROW(number, name, FIELD_LIST, AT(member), OPTIONAL, .max = (elements_max), .list = (list_))
/* At least one of them. */
#define LIST(number, name, member, elements_max, list_)                                            \
    ROW(number, name, FIELD_LIST, AT(member), REQUIRED, .max = (elements_max), .list = (list_))
/* What the lines of statements show. */
#define REMARK_OF(number, member, characters_max)                                                  \
    ROW(number, "remark", FIELD_TEXT, AT(member), .rule = TEXT_FACT, .max = (characters_max),      \
        .use = USE_REMARK)
#define REMARK(number, member) REMARK_OF(number, member, REMARK_CHARACTERS_MAX)

/* What somebody else wrote, of so many characters. */
#define FACT(number, name, member, characters_max)                                                 \
    OPTIONAL_TEXT(number, name, member, TEXT_FACT, characters_max)

/* One of which as much is known as the bank says: of cash or interest, nothing. */
#define PARTY_AS_FAR_AS_KNOWN(number, outer, member)                                               \
    ROW((number)*16 + 1, outer ".name", FIELD_TEXT, AT(member.name), .rule = TEXT_FACT,            \
        .max = PARTY_NAME_CHARACTERS_MAX, .personal = PERSONAL_NAME, .use = USE_PARTY),            \
        OPTIONAL_PERSONAL((number)*16 + 2, outer ".account_number", member.account_number,         \
            TEXT_FACT, ACCOUNT_NUMBER_CHARACTERS_MAX, PERSONAL_ACCOUNT_NUMBER),                    \
        FACT((number)*16 + 3, outer ".bank_code", member.bank_code, BANK_CODE_CHARACTERS_MAX)

/* The ledger's own, which may be left out; it stays in memory, so its bytes are counted. */
#define OWN_PARTY(number, outer, member)                                                           \
    OPTIONAL_PERSONAL((number)*16 + 1, outer ".name", member.name, TEXT_FREE, OWN_NAME_BYTES_MAX,  \
        PERSONAL_NAME),                                                                            \
        OPTIONAL_PERSONAL((number)*16 + 2, outer ".account_number", member.account_number,         \
            TEXT_FREE, ACCOUNT_NUMBER_BYTES_MAX, PERSONAL_ACCOUNT_NUMBER),                         \
        OPTIONAL_TEXT(                                                                             \
            (number)*16 + 3, outer ".bank_code", member.bank_code, TEXT_FREE, BANK_CODE_BYTES_MAX)

#define OPTIONAL_ORDER_NUMBER(number, member)                                                      \
    ROW(number, "order_number", FIELD_TEXT, AT(member), .rule = TEXT_TRIMMED,                      \
        .max = ORDER_NUMBER_BYTES_MAX, .use = USE_ORDER_NUMBER)
#define ORDER_NUMBER(number, member)                                                               \
    ROW(number, "order_number", FIELD_TEXT, AT(member), REQUIRED, .rule = TEXT_TRIMMED,            \
        .max = ORDER_NUMBER_BYTES_MAX, .use = USE_ORDER_NUMBER)
#define OPTIONAL_FEE_RULE(number, member)                                                          \
    OPTIONAL_TEXT(number, "fee_rule", member, TEXT_CHANNEL, FEE_RULE_NAME_BYTES_MAX)

/* The proof of a customer's instruction; its kind, result and reference come first, and in this
 * order (vsl.booked_reference). A number is written as that which it is bound to; where the command
 * has none, the row takes none. */
#define PROOF_WITH(member, number_row)                                                             \
    ROW(17, "proof.kind", FIELD_ENUM, AT(member.kind), OPTIONAL, .max = PROOF_SIGNATURE,           \
        .use = USE_PROOF),                                                                         \
        OPTIONAL_ENUM(18, "proof.result", member.result, PROOF_WRONG),                             \
        ROW(19, "proof.reference", FIELD_TEXT, AT(member.reference), .rule = TEXT_VISIBLE_ASCII,   \
            .max = SOURCE_ORDER_BYTES_MAX, .use = USE_REFERENCE),                                  \
        ROW(20, "proof.amount_minor", FIELD_INT64, AT(member.amount_minor),                        \
            .max = AMOUNT_MINOR_MAX),                                                              \
        OPTIONAL_ID(21, "proof.account_id", member.account_id),                                    \
        OPTIONAL_ID(22, "proof.member_id", member.member_id),                                      \
        OPTIONAL_ID(23, "proof.payee_account_id", member.payee_account_id), number_row,            \
        OPTIONAL_ID(25, "proof.card_id", member.card_id),                                          \
        OPTIONAL_TEXT(                                                                             \
            26, "proof.order_number", member.order_number, TEXT_TRIMMED, ORDER_NUMBER_BYTES_MAX),  \
        OPTIONAL_TIME(27, "proof.issued_at_us", member.issued_at_us),                              \
        OPTIONAL_TIME(28, "proof.expires_at_us", member.expires_at_us)
#define PROOF_OF_NUMBER(member, number_rule)                                                       \
    PROOF_WITH(                                                                                    \
        member, OPTIONAL_PERSONAL(24, "proof.payee_account_number", member.payee_account_number,   \
                    number_rule, ACCOUNT_NUMBER_CHARACTERS_MAX, PERSONAL_ACCOUNT_NUMBER))
#define PROOF(member)                                                                              \
    PROOF_WITH(member, OPTIONAL_TEXT(24, "proof.payee_account_number",                             \
                           member.payee_account_number, TEXT_FACT, 0))

static const struct field open_ledger_fields[] = {
    PERSONAL(4, "platform_name", open_ledger.platform_name, TEXT_FREE, PLATFORM_NAME_BYTES_MAX,
        PERSONAL_NAME),
    PERSONAL(5, "escrow_account_number", open_ledger.escrow_account_number, TEXT_FREE,
        ACCOUNT_NUMBER_BYTES_MAX, PERSONAL_ACCOUNT_NUMBER),
    TEXT(6, "currency", open_ledger.currency, TEXT_CURRENCY, 3),
    TEXT(7, "receiving_prefix", open_ledger.receiving_prefix, TEXT_PREFIX,
        RECEIVING_PREFIX_DIGITS_MAX),
    DATE(8, "first_accounting_date", open_ledger.first_accounting_date),
    COUNT_OF(9, "key_window_dates", open_ledger.key_window_dates, KEY_WINDOW_DATES_MAX),
};

static const struct field cut_day_fields[] = {
    DATE(4, "accounting_date", cut_day.accounting_date),
};

static const struct field set_terms_fields[] = {
    OWN_PARTY(4, "own_account", set_terms.own_account),
    BOOL(5, "advance_refunds", set_terms.advance_refunds),
    COUNT_OF(6, "payout_return_days", set_terms.payout_return_days, PAYOUT_RETURN_DAYS_MAX),
    COUNT_OF(7, "suspense_age_s", set_terms.suspense_age_s, SUSPENSE_AGE_S_MAX),
    BOOL(8, "one_membership_per_person", set_terms.one_membership),
    BOOL(9, "same_card", set_terms.same_card),
};

#define IN_TIER(member) (uint16_t) offsetof(struct fee_tier, member)
#define TIER_AMOUNT(number, name, member)                                                          \
    ROW(number, name, FIELD_INT64, IN_TIER(member), .max = AMOUNT_MINOR_MAX)

static const struct field fee_tier_fields[] = {
    TIER_AMOUNT(1, "from_minor", from_minor),
    TIER_AMOUNT(2, "flat_minor", flat_minor),
    ROW(3, "rate_ppm", FIELD_INT64, IN_TIER(rate_ppm), .max = PPM),
    TIER_AMOUNT(4, "minimum_minor", minimum_minor),
    TIER_AMOUNT(5, "maximum_minor", maximum_minor),
};

#define IN_SHARE(member) (uint16_t) offsetof(struct fee_share, member)

static const struct field fee_share_fields[] = {
    ROW(1, "account_id", FIELD_INT64, IN_SHARE(account_id), REQUIRED, .max = INT64_MAX),
    ROW(2, "share_ppm", FIELD_INT64, IN_SHARE(share_ppm), REQUIRED, .max = PPM),
};

static const struct list fee_tiers = {{"tier", fee_tier_fields, COUNT(fee_tier_fields)},
    sizeof(struct fee_tier), AT(set_fee_rule.tier_count)};
static const struct list fee_shares = {{"share", fee_share_fields, COUNT(fee_share_fields)},
    sizeof(struct fee_share), AT(set_fee_rule.share_count)};

static const struct field set_fee_rule_fields[] = {
    TEXT(4, "name", set_fee_rule.name, TEXT_CHANNEL, FEE_RULE_NAME_BYTES_MAX),
    DATE(5, "effective_date", set_fee_rule.effective_date),
    ENUM(6, "rounding", set_fee_rule.rounding, FEE_ROUNDING_DOWN),
    ENUM(7, "refund", set_fee_rule.refund, FEE_REFUND_ON_FULL),
    ENUM(8, "on_payout_failed", set_fee_rule.on_payout_failed, PAYOUT_FEE_KEPT),
    ENUM(9, "on_payout_returned", set_fee_rule.on_payout_returned, PAYOUT_FEE_KEPT),
    LIST(10, "tiers", set_fee_rule.tiers, FEE_TIERS_MAX, &fee_tiers),
    OPTIONAL_LIST(11, "shares", set_fee_rule.shares, FEE_SHARES_MAX, &fee_shares),
};

static const struct field open_member_fields[] = {
    ENUM(4, "kind", open_member.kind, MEMBER_USER),
    TEXT(5, "platform_member_id", open_member.platform_member_id, TEXT_TRIMMED,
        PLATFORM_MEMBER_ID_BYTES_MAX),
};

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

static const struct field close_member_fields[] = {
    ID(4, "member_id", close_member.member_id),
};

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

static const struct field check_card_fields[] = {
    NAMED(RECORD_CARD, 4, "card_id", check_card.card_id),
    ENUM(5, "way", check_card.way, CARD_SMALL_AMOUNT),
};

static const struct field confirm_card_check_fields[] = {
    NAMED(RECORD_CARD, 4, "card_id", confirm_card_check.card_id),
    ID(5, "check_sequence", confirm_card_check.check_sequence),
    ENUM(6, "result", confirm_card_check.result, CARD_CHECK_UNKNOWN),
    FACT(7, "result_code", confirm_card_check.result_code, BANK_REFERENCE_CHARACTERS_MAX),
    FACT(8, "reference", confirm_card_check.reference, BANK_REFERENCE_CHARACTERS_MAX),
};

/* Not an amount that is moved: no policy asks for it. */
static const struct field confirm_card_amount_fields[] = {
    NAMED(RECORD_CARD, 4, "card_id", confirm_card_amount.card_id),
    ROW(5, "amount_minor", FIELD_INT64, AT(confirm_card_amount.amount_minor), REQUIRED,
        .max = AMOUNT_MINOR_MAX),
};

static const struct field unbind_card_fields[] = {
    PROOF(unbind_card.proof),
    NAMED(RECORD_CARD, 4, "card_id", unbind_card.card_id),
    ENUM(5, "reason", unbind_card.reason, CARD_END_MISTAKE),
    TEXT(6, "evidence", unbind_card.evidence, TEXT_FACT, REMARK_CHARACTERS_MAX),
};

static const struct field replace_card_fields[] = {
    PROOF(replace_card.proof),
    NAMED(RECORD_CARD, 4, "card_id", replace_card.card_id),
    NAMED(RECORD_CARD, 5, "new_card_id", replace_card.new_card_id),
    ENUM(6, "reason", replace_card.reason, CARD_END_MISTAKE),
    TEXT(7, "evidence", replace_card.evidence, TEXT_FACT, REMARK_CHARACTERS_MAX),
};

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

static const struct field end_denied_fields[] = {
    ID(4, "denied_id", end_denied.denied_id),
    TEXT(5, "evidence", end_denied.evidence, TEXT_FACT, REMARK_CHARACTERS_MAX),
};

static const struct field decide_hit_fields[] = {
    ID(4, "hit_id", decide_hit.hit_id),
    ENUM(5, "decision", decide_hit.decision, HIT_DECISION_CONFIRMED),
    TEXT(6, "reason", decide_hit.reason, TEXT_FACT, REMARK_CHARACTERS_MAX),
    TEXT(7, "evidence", decide_hit.evidence, TEXT_FACT, REMARK_CHARACTERS_MAX),
};

#define PERSON_OF_PAPER(place, outer, member, must)                                                \
    ROW((place)*16 + 1, outer ".name", FIELD_TEXT, AT(member.name), must, .rule = TEXT_FACT,       \
        .max = OFFICER_NAME_CHARACTERS_MAX, .personal = PERSONAL_NAME),                            \
        ROW((place)*16 + 2, outer ".number", FIELD_TEXT, AT(member.number), must,                  \
            .rule = TEXT_FACT, .max = DOCUMENT_CHARACTERS_MAX,                                     \
            .personal = PERSONAL_DOCUMENT_NUMBER)

/* The paper in the sub-message 5, and the two who brought it in those of 6 and 7. */
#define PAPER_OF(name)                                                                             \
    TEXT(5 * 16 + 1, "paper.authority_code", name.paper.authority_code, TEXT_VISIBLE_ASCII,        \
        AUTHORITY_CODE_BYTES_MAX),                                                                 \
        TEXT(5 * 16 + 2, "paper.authority_name", name.paper.authority_name, TEXT_FACT,             \
            AUTHORITY_NAME_CHARACTERS_MAX),                                                        \
        TEXT(5 * 16 + 3, "paper.case_number", name.paper.case_number, TEXT_FACT,                   \
            PAPER_CHARACTERS_MAX),                                                                 \
        TEXT(5 * 16 + 4, "paper.number", name.paper.number, TEXT_FACT, PAPER_CHARACTERS_MAX),      \
        FACT(5 * 16 + 5, "paper.request_number", name.paper.request_number, PAPER_CHARACTERS_MAX), \
        OPTIONAL_TEXT(5 * 16 + 6, "paper.digest", name.paper.digest, TEXT_VISIBLE_ASCII,           \
            PAPER_DIGEST_BYTES),                                                                   \
        PERSON_OF_PAPER(6, "officer", name.paper.officer, .required = false),                      \
        PERSON_OF_PAPER(7, "second_officer", name.paper.second_officer, .required = false)

/* Not an amount that is moved: no policy asks for it. */
#define CLAIMED_AMOUNT(number, member)                                                             \
    ROW(number, "amount_minor", FIELD_INT64, AT(member), OPTIONAL, .max = AMOUNT_MINOR_MAX)

static const struct field place_claim_fields[] = {
    OPTIONAL_ID(4, "account_id", place_claim.account_id),
    PAPER_OF(place_claim),
    OPTIONAL_ID(8, "member_id", place_claim.member_id),
    ENUM(9, "authority", place_claim.authority, AUTHORITY_CREDITOR),
    ENUM(10, "ground", place_claim.ground, GROUND_SECURED_RIGHT),
    CLAIMED_AMOUNT(11, place_claim.amount_minor),
    OPTIONAL_DATE(12, "ends_date", place_claim.ends_date),
    BOOL(13, "fruits", place_claim.has_fruits),
    BOOL(14, "secret", place_claim.is_secret),
    ROW(15 * 16 + 1, "subject.name", FIELD_TEXT, AT(place_claim.subject.name), .rule = TEXT_NAME,
        .max = PARTY_NAME_CHARACTERS_MAX, .personal = PERSONAL_NAME),
    ROW(15 * 16 + 2, "subject.document_kind", FIELD_ENUM, AT(place_claim.subject.document_kind),
        OPTIONAL, .max = DOCUMENT_KINDS),
    ROW(15 * 16 + 3, "subject.number", FIELD_TEXT, AT(place_claim.subject.number),
        .rule = TEXT_DOCUMENT, .max = DOCUMENT_CHARACTERS_MAX,
        .personal = PERSONAL_DOCUMENT_NUMBER),
};

static const struct field continue_claim_fields[] = {
    NAMED(RECORD_CLAIM, 4, "claim_id", continue_claim.claim_id),
    PAPER_OF(continue_claim),
    OPTIONAL_DATE(8, "ends_date", continue_claim.ends_date),
};

static const struct field release_claim_fields[] = {
    NAMED(RECORD_CLAIM, 4, "claim_id", release_claim.claim_id),
    PAPER_OF(release_claim),
    CLAIMED_AMOUNT(8, release_claim.amount_minor),
};

static const struct field open_account_fields[] = {
    ID(4, "member_id", open_account.member_id),
};

static const struct field close_account_fields[] = {
    ID(4, "account_id", close_account.account_id),
};

static const struct field restrict_account_fields[] = {
    ID(4, "account_id", restrict_account.account_id),
    BOOL(5, "no_in", restrict_account.no_in),
    BOOL(6, "no_out", restrict_account.no_out),
    FACT(7, "reason", restrict_account.reason, REMARK_CHARACTERS_MAX),
    OPTIONAL_TEXT(8, "owner", restrict_account.owner, TEXT_CHANNEL, CHANNEL_BYTES_MAX),
};

static const struct field open_fee_account_fields[] = {
    TEXT(4, "purpose", open_fee_account.purpose, TEXT_FACT, REMARK_CHARACTERS_MAX),
};

static const struct field book_receipt_fields[] = {
    OPTIONAL_ID(4, "account_id", book_receipt.account_id),
    OPTIONAL_PERSONAL(5, "receiving_number", book_receipt.receiving_number, TEXT_FACT,
        RECEIVING_TEXT_CHARACTERS_MAX, PERSONAL_RECEIVING_TEXT),
    AMOUNT(6, "amount_minor", book_receipt.amount_minor),
    PARTY_AS_FAR_AS_KNOWN(7, "payer", book_receipt.payer),
    ROW(8, "bank_reference", FIELD_TEXT, AT(book_receipt.bank_reference), .rule = TEXT_FACT,
        .max = BANK_REFERENCE_CHARACTERS_MAX, .use = USE_REFERENCE),
    OPTIONAL_DATE(9, "value_date", book_receipt.value_date),
    REMARK_OF(10, book_receipt.remark, REMITTANCE_CHARACTERS_MAX),
};

static const struct field book_interest_fields[] = {
    ID(4, "account_id", book_interest.account_id),
    AMOUNT(5, "amount_minor", book_interest.amount_minor),
    REMARK(6, book_interest.remark),
};

static const struct field charge_fee_fields[] = {
    ID(4, "account_id", charge_fee.account_id),
    AMOUNT(5, "amount_minor", charge_fee.amount_minor),
    REMARK(6, charge_fee.remark),
};

static const struct field collect_fees_fields[] = {
    OPTIONAL_ID(4, "account_id", collect_fees.account_id),
    AMOUNT(5, "amount_minor", collect_fees.amount_minor),
    TEXT(6, "fee_rule", collect_fees.fee_rule, TEXT_CHANNEL, FEE_RULE_NAME_BYTES_MAX),
    REMARK(7, collect_fees.remark),
};

#define IN_PAYEE(member) (uint16_t) offsetof(struct payee, member)

static const struct field payee_fields[] = {
    ROW(1, "account_id", FIELD_INT64, IN_PAYEE(account_id), REQUIRED, .max = INT64_MAX),
    ROW(2, "amount_minor", FIELD_INT64, IN_PAYEE(amount_minor), REQUIRED, .max = AMOUNT_MINOR_MAX,
        .use = USE_AMOUNT),
};

/* The payees of a kind of command that counts them in `count`. */
#define PAYEES(count)                                                                              \
    {                                                                                              \
        {"payee", payee_fields, COUNT(payee_fields)}, sizeof(struct payee), AT(count)              \
    }

static const struct list pay_payees = PAYEES(pay.payee_count);
static const struct list refund_payees = PAYEES(refund.payee_count);
static const struct list allocate_suspense_payees = PAYEES(allocate_suspense.payee_count);
static const struct list undo_allocation_payees = PAYEES(undo_allocation.payee_count);
static const struct list confirm_hold_payees = PAYEES(confirm_hold.payee_count);

static const struct field pay_fields[] = {
    PROOF(pay.proof),
    ID(4, "payer_account_id", pay.payer_account_id),
    FEE(7, "fee_minor", pay.fee_minor),
    OPTIONAL_ORDER_NUMBER(8, pay.order_number),
    REMARK(9, pay.remark),
    LIST(10, "payees", pay.payees, PAYEES_PER_COMMAND_MAX, &pay_payees),
    OPTIONAL_FEE_RULE(11, pay.fee_rule),
    OPTIONAL_ENUM(12, "fee_bearer", pay.fee_bearer, FEE_BEARER_PAYEES),
    BOOL(13, "withdrawable_next_date", pay.withdrawable_next_date),
};

static const struct field refund_fields[] = {
    EARLIER(4, "original_sequence", refund.original_sequence),
    OPTIONAL_ORDER_NUMBER(5, refund.order_number),
    OPTIONAL_LIST(6, "payees", refund.payees, PAYEES_PER_COMMAND_MAX, &refund_payees),
    REMARK(7, refund.remark),
};

static const struct field allocate_suspense_fields[] = {
    NAMED(RECORD_SUSPENSE, 4, "suspense_id", allocate_suspense.suspense_id),
    LIST(5, "payees", allocate_suspense.payees, PAYEES_PER_COMMAND_MAX, &allocate_suspense_payees),
    OPTIONAL_ORDER_NUMBER(6, allocate_suspense.order_number),
    REMARK(7, allocate_suspense.remark),
    OPTIONAL_FEE_RULE(8, allocate_suspense.fee_rule),
};

static const struct field undo_allocation_fields[] = {
    NAMED(RECORD_SUSPENSE, 4, "suspense_id", undo_allocation.suspense_id),
    EARLIER(5, "original_sequence", undo_allocation.original_sequence),
    OPTIONAL_LIST(
        6, "payees", undo_allocation.payees, PAYEES_PER_COMMAND_MAX, &undo_allocation_payees),
    REMARK(7, undo_allocation.remark),
    OPTIONAL_NAMED(RECORD_LUMP, 8, "lump_id", undo_allocation.lump_id),
    OPTIONAL_NAMED(RECORD_PAYOUT, 9, "payout_id", undo_allocation.payout_id),
};

static const struct field return_suspense_fields[] = {
    NAMED(RECORD_SUSPENSE, 4, "suspense_id", return_suspense.suspense_id),
    EARLIER(5, "original_sequence", return_suspense.original_sequence),
    OPTIONAL_AMOUNT(6, "amount_minor", return_suspense.amount_minor),
    REMARK(7, return_suspense.remark),
};

static const struct field open_lump_fields[] = {
    NAMED(RECORD_SUSPENSE, 4, "suspense_id", open_lump.suspense_id),
    ROW(5, "control_count", FIELD_INT64, AT(open_lump.control_count), REQUIRED,
        .max = LUMP_LINES_MAX),
    AMOUNT(6, "control_total_minor", open_lump.control_minor),
    BOOL(7, "all_or_nothing", open_lump.is_all_or_none),
};

static const struct field allocate_line_fields[] = {
    NAMED(RECORD_LUMP, 4, "lump_id", allocate_line.lump_id),
    ROW(5, "source_order", FIELD_TEXT, AT(allocate_line.source_order), REQUIRED,
        .rule = TEXT_VISIBLE_ASCII, .max = SOURCE_ORDER_BYTES_MAX, .use = USE_REFERENCE),
    OPTIONAL_ID(6, "account_id", allocate_line.account_id),
    OPTIONAL_PERSONAL(7, "receiving_number", allocate_line.receiving_number, TEXT_FACT,
        RECEIVING_TEXT_CHARACTERS_MAX, PERSONAL_RECEIVING_TEXT),
    AMOUNT(8, "amount_minor", allocate_line.amount_minor),
    PARTY_AS_FAR_AS_KNOWN(9, "payer", allocate_line.payer),
    OPTIONAL_ORDER_NUMBER(10, allocate_line.order_number),
    REMARK(11, allocate_line.remark),
    OPTIONAL_FEE_RULE(12, allocate_line.fee_rule),
};

static const struct field close_lump_fields[] = {
    NAMED(RECORD_LUMP, 4, "lump_id", close_lump.lump_id),
    BOOL(5, "cancel", close_lump.is_cancelled),
    BOOL(6, "as_it_stands", close_lump.is_as_it_stands),
};

static const struct field adopt_suspense_fields[] = {
    AMOUNT(4, "amount_minor", adopt_suspense.amount_minor),
    OPTIONAL_EARLIER(5, "original_sequence", adopt_suspense.original_sequence),
    TEXT(6, "reason", adopt_suspense.reason, TEXT_FACT, REMARK_CHARACTERS_MAX),
};

/* From that field number on. */
#define ACQUIRER_TERMS(number, terms)                                                              \
    COUNT_OF(number, "settlement_days", terms.settlement_days, SETTLEMENT_DAYS_MAX),               \
        OPTIONAL_FEE_RULE((number) + 1, terms.fee_rule),                                           \
        BOOL((number) + 2, "keeps_fee", terms.keeps_fee),                                          \
        ROW((number) + 3, "ceiling_minor", FIELD_INT64, AT(terms.ceiling_minor), REQUIRED,         \
            .max = AMOUNT_MINOR_MAX),                                                              \
        BOOL((number) + 4, "withdrawable_next_date", terms.withdrawable_next_date)

static const struct field open_acquirer_fields[] = {
    TEXT(4, "name", open_acquirer.name, TEXT_CHANNEL, ACQUIRER_NAME_BYTES_MAX),
    ACQUIRER_TERMS(5, open_acquirer.terms),
};

static const struct field set_acquirer_fields[] = {
    ID(4, "acquirer_id", set_acquirer.acquirer_id),
    ACQUIRER_TERMS(5, set_acquirer.terms),
    BOOL(10, "stopped", set_acquirer.is_stopped),
};

static const struct field book_promise_fields[] = {
    ID(4, "acquirer_id", book_promise.acquirer_id),
    ID(5, "account_id", book_promise.account_id),
    AMOUNT(6, "amount_minor", book_promise.amount_minor),
    TEXT(7, "reference", book_promise.reference, TEXT_TRIMMED, PROMISE_REFERENCE_BYTES_MAX),
    OPTIONAL_ORDER_NUMBER(8, book_promise.order_number),
    REMARK(9, book_promise.remark),
};

static const struct field cancel_promise_fields[] = {
    NAMED(RECORD_PROMISE, 4, "promise_id", cancel_promise.promise_id),
    OPTIONAL_AMOUNT(5, "amount_minor", cancel_promise.amount_minor),
    REMARK(6, cancel_promise.remark),
};

static const struct field open_settlement_fields[] = {
    ID(4, "acquirer_id", open_settlement.acquirer_id),
    NAMED(RECORD_SUSPENSE, 5, "suspense_id", open_settlement.suspense_id),
    ROW(6, "control_count", FIELD_INT32, AT(open_settlement.line_count), REQUIRED,
        .max = SETTLEMENT_LINES_MAX),
    AMOUNT(7, "control_total_minor", open_settlement.total_minor),
    REMARK(8, open_settlement.remark),
};

static const struct field settle_line_fields[] = {
    NAMED(RECORD_SETTLEMENT, 4, "settlement_id", settle_line.settlement_id),
    OPTIONAL_NAMED(RECORD_PROMISE, 5, "promise_id", settle_line.promise_id),
    OPTIONAL_TEXT(6, "reference", settle_line.reference, TEXT_TRIMMED, PROMISE_REFERENCE_BYTES_MAX),
    AMOUNT(7, "gross_minor", settle_line.gross_minor),
    ROW(8, "kept_minor", FIELD_INT64, AT(settle_line.kept_minor), .max = AMOUNT_MINOR_MAX),
    BOOL(9, "partial", settle_line.is_partial),
    REMARK(10, settle_line.remark),
};

static const struct field close_settlement_fields[] = {
    NAMED(RECORD_SETTLEMENT, 4, "settlement_id", close_settlement.settlement_id),
    BOOL(5, "abandon", close_settlement.is_abandoned),
    OPTIONAL_NAMED(RECORD_SUSPENSE, 6, "suspense_id", close_settlement.suspense_id),
    REMARK(7, close_settlement.remark),
};

static const struct field close_difference_fields[] = {
    NAMED(RECORD_DIFFERENCE, 4, "difference_id", close_difference.difference_id),
    ENUM(5, "ended_by", close_difference.ended_by, DIFFERENCE_ASSIGNED),
    OPTIONAL_NAMED(RECORD_PROMISE, 6, "promise_id", close_difference.promise_id),
    OPTIONAL_NAMED(RECORD_SUSPENSE, 7, "suspense_id", close_difference.suspense_id),
    REMARK(8, close_difference.remark),
};

static const struct field withdraw_fields[] = {
    PROOF_OF_NUMBER(withdraw.proof, TEXT_FACT),
    ID(4, "account_id", withdraw.account_id),
    AMOUNT(5, "amount_minor", withdraw.amount_minor),
    FEE(6, "fee_minor", withdraw.fee_minor),
    OPTIONAL_ENUM(7, "fee_mode", withdraw.fee_mode, FEE_BORNE_BY_ANOTHER),
    PARTY_AS_FAR_AS_KNOWN(8, "destination", withdraw.destination),
    REMARK(9, withdraw.remark),
    OPTIONAL_FEE_RULE(10, withdraw.fee_rule),
    OPTIONAL_ID(11, "fee_account_id", withdraw.fee_account_id),
    OPTIONAL_ORDER_NUMBER(12, withdraw.order_number),
    OPTIONAL_TEXT(
        13, "end_to_end_id", withdraw.end_to_end_id, TEXT_TRIMMED, END_TO_END_ID_BYTES_MAX),
    OPTIONAL_TEXT(14, "uetr", withdraw.uetr, TEXT_UETR, UETR_BYTES),
    OPTIONAL_NAMED(RECORD_CARD, 15, "card_id", withdraw.card_id),
};

static const struct field confirm_payout_fields[] = {
    NAMED(RECORD_PAYOUT, 4, "payout_id", confirm_payout.payout_id),
    ENUM(5, "result", confirm_payout.result, PAYOUT_RESULT_UNKNOWN),
    FACT(6, "bank_reference", confirm_payout.bank_reference, BANK_REFERENCE_CHARACTERS_MAX),
    FACT(7, "reason", confirm_payout.reason, REMARK_CHARACTERS_MAX),
    OPTIONAL_AMOUNT(8, "amount_minor", confirm_payout.amount_minor),
    BOOL(9, "correction", confirm_payout.correction),
};

static const struct field intercept_payout_fields[] = {
    NAMED(RECORD_PAYOUT, 4, "payout_id", intercept_payout.payout_id),
    FACT(5, "reason", intercept_payout.reason, REMARK_CHARACTERS_MAX),
};

static const struct field place_hold_fields[] = {
    PROOF(place_hold.proof),
    ID(4, "payer_account_id", place_hold.payer_account_id),
    AMOUNT(5, "amount_minor", place_hold.amount_minor),
    ORDER_NUMBER(6, place_hold.order_number),
    TIME(7, "expires_at_us", place_hold.expires_at_us),
    REMARK(8, place_hold.remark),
};

static const struct field confirm_hold_fields[] = {
    ID(4, "payer_account_id", confirm_hold.payer_account_id),
    ORDER_NUMBER(5, confirm_hold.order_number),
    OPTIONAL_NAMED(RECORD_HOLD, 6, "hold_id", confirm_hold.hold_id),
    LIST(7, "payees", confirm_hold.payees, PAYEES_PER_COMMAND_MAX, &confirm_hold_payees),
    FEE(8, "fee_minor", confirm_hold.fee_minor),
    OPTIONAL_FEE_RULE(9, confirm_hold.fee_rule),
    OPTIONAL_ENUM(10, "fee_bearer", confirm_hold.fee_bearer, FEE_BEARER_PAYEES),
    BOOL(11, "withdrawable_next_date", confirm_hold.withdrawable_next_date),
    REMARK(12, confirm_hold.remark),
};

static const struct field cancel_hold_fields[] = {
    ID(4, "payer_account_id", cancel_hold.payer_account_id),
    ORDER_NUMBER(5, cancel_hold.order_number),
    OPTIONAL_NAMED(RECORD_HOLD, 6, "hold_id", cancel_hold.hold_id),
    OPTIONAL_AMOUNT(7, "amount_minor", cancel_hold.amount_minor),
    REMARK(8, cancel_hold.remark),
};

static const struct field place_freeze_fields[] = {
    ID(4, "account_id", place_freeze.account_id),
    AMOUNT(5, "amount_minor", place_freeze.amount_minor),
    TEXT(6, "purpose", place_freeze.purpose, TEXT_CHANNEL, PURPOSE_BYTES_MAX),
    OPTIONAL_TIME(7, "expires_at_us", place_freeze.expires_at_us),
    FACT(8, "reason", place_freeze.reason, REMARK_CHARACTERS_MAX),
};

static const struct field lift_freeze_fields[] = {
    NAMED(RECORD_FREEZE, 4, "freeze_id", lift_freeze.freeze_id),
    OPTIONAL_AMOUNT(5, "amount_minor", lift_freeze.amount_minor),
    FACT(6, "reason", lift_freeze.reason, REMARK_CHARACTERS_MAX),
};

static const struct field expire_fields[] = {
    ENUM(4, "kind", expire.kind, EXPIRY_CLAIM),
    ROW(5, "id", FIELD_INT64, AT(expire.id), REQUIRED, .max = INT64_MAX,
        .use = USE_EXPIRING_RECORD),
};

static const struct field reverse_fields[] = {
    EARLIER(4, "original_sequence", reverse.original_sequence),
    TEXT(5, "reason", reverse.reason, TEXT_FACT, REMARK_CHARACTERS_MAX),
};

static const struct field propose_adjustment_fields[] = {
    ID(4, "debit_account_id", propose_adjustment.debit_account_id),
    ID(5, "credit_account_id", propose_adjustment.credit_account_id),
    AMOUNT(6, "amount_minor", propose_adjustment.amount_minor),
    TEXT(7, "reason", propose_adjustment.reason, TEXT_FACT, REMARK_CHARACTERS_MAX),
    TIME(8, "expires_at_us", propose_adjustment.expires_at_us),
};

static const struct field approve_adjustment_fields[] = {
    NAMED(RECORD_ADJUSTMENT, 4, "adjustment_id", approve_adjustment.adjustment_id),
    FACT(5, "despite_restriction", approve_adjustment.despite_restriction,
        BANK_REFERENCE_CHARACTERS_MAX),
};

static const struct field withdraw_adjustment_fields[] = {
    NAMED(RECORD_ADJUSTMENT, 4, "adjustment_id", withdraw_adjustment.adjustment_id),
    FACT(5, "reason", withdraw_adjustment.reason, REMARK_CHARACTERS_MAX),
};

static const struct field adjust_fields[] = {
    ID(4, "debit_account_id", adjust.debit_account_id),
    ID(5, "credit_account_id", adjust.credit_account_id),
    AMOUNT(6, "amount_minor", adjust.amount_minor),
    TEXT(7, "reason", adjust.reason, TEXT_FACT, REMARK_CHARACTERS_MAX),
    FACT(8, "despite_restriction", adjust.despite_restriction, BANK_REFERENCE_CHARACTERS_MAX),
};

/* Its bytes are those of a whole command. */
#define COMMAND_INSIDE(number, name, member)                                                       \
    TEXT(number, name, member, TEXT_COMMAND, PROPOSED_BYTES_MAX)

static const struct field propose_fields[] = {
    COMMAND_INSIDE(4, "command", propose.command),
    FACT(5, "reason", propose.reason, REMARK_CHARACTERS_MAX),
    TIME(6, "expires_at_us", propose.expires_at_us),
};

static const struct field approve_fields[] = {
    NAMED(RECORD_PROPOSAL, 4, "proposal_id", approve.proposal_id),
};

static const struct field withdraw_proposal_fields[] = {
    NAMED(RECORD_PROPOSAL, 4, "proposal_id", withdraw_proposal.proposal_id),
    FACT(5, "reason", withdraw_proposal.reason, REMARK_CHARACTERS_MAX),
};

#define IN_RULE(member) (uint16_t) offsetof(struct approval_rule_asked, member)

static const struct field approval_rule_fields[] = {
    ROW(1, "kind", FIELD_ENUM, IN_RULE(kind), REQUIRED, .max = COMMAND_KIND_MAX),
    ROW(2, "above_amount_minor", FIELD_INT64, IN_RULE(above_amount_minor), .max = AMOUNT_MINOR_MAX),
};

static const struct list approval_rules = {
    {"approval_rule", approval_rule_fields, COUNT(approval_rule_fields)},
    sizeof(struct approval_rule_asked), AT(set_approval_policy.rule_count)};

static const struct field set_approval_policy_fields[] = {
    OPTIONAL_LIST(4, "rules", set_approval_policy.rules, APPROVAL_RULES_MAX, &approval_rules),
};

#define IN_LEVEL(member) (uint16_t) offsetof(struct account_level_asked, member)
#define LEVEL_LIMIT(number, name)                                                                  \
    ROW(number, #name, FIELD_INT64, IN_LEVEL(name), .max = AMOUNT_MINOR_MAX)

static const struct field account_level_fields[] = {
    ROW(1, "level", FIELD_INT32, IN_LEVEL(level), .max = MEMBER_LEVELS - 1),
    ROW(2, "may_receive", FIELD_BOOL, IN_LEVEL(may_receive), .max = 1),
    ROW(3, "may_pay", FIELD_BOOL, IN_LEVEL(may_pay), .max = 1),
    ROW(4, "may_withdraw", FIELD_BOOL, IN_LEVEL(may_withdraw), .max = 1),
    LEVEL_LIMIT(5, operation_in_minor),
    LEVEL_LIMIT(6, operation_out_minor),
    LEVEL_LIMIT(7, date_in_minor),
    LEVEL_LIMIT(8, date_out_minor),
    LEVEL_LIMIT(9, year_in_minor),
    LEVEL_LIMIT(10, year_out_minor),
    LEVEL_LIMIT(11, balance_minor),
};

static const struct list merchant_levels = {
    {"account_policy_level", account_level_fields, COUNT(account_level_fields)},
    sizeof(struct account_level_asked), AT(set_account_policy.merchant_count)};
static const struct list user_levels = {
    {"account_policy_level", account_level_fields, COUNT(account_level_fields)},
    sizeof(struct account_level_asked), AT(set_account_policy.user_count)};

static const struct field set_account_policy_fields[] = {
    ENUM(4, "preset", set_account_policy.preset, ACCOUNT_POLICY_CUSTOM),
    OPTIONAL_LIST(5, "merchants", set_account_policy.merchants, MEMBER_LEVELS, &merchant_levels),
    OPTIONAL_LIST(6, "users", set_account_policy.users, MEMBER_LEVELS, &user_levels),
};

#define IN_PROOF_RULE(member) (uint16_t) offsetof(struct proof_rule_asked, member)

static const struct field proof_rule_fields[] = {
    ROW(1, "kind", FIELD_ENUM, IN_PROOF_RULE(kind), REQUIRED, .max = COMMAND_KIND_MAX),
    ROW(2, "above_amount_minor", FIELD_INT64, IN_PROOF_RULE(above_amount_minor),
        .max = AMOUNT_MINOR_MAX),
    ROW(3, "sms_code", FIELD_BOOL, IN_PROOF_RULE(sms_code), .max = 1),
    ROW(4, "password", FIELD_BOOL, IN_PROOF_RULE(password), .max = 1),
    ROW(5, "signature", FIELD_BOOL, IN_PROOF_RULE(signature), .max = 1),
};

static const struct list proof_rules = {{"proof_rule", proof_rule_fields, COUNT(proof_rule_fields)},
    sizeof(struct proof_rule_asked), AT(set_proof_policy.rule_count)};

static const struct field set_proof_policy_fields[] = {
    OPTIONAL_LIST(4, "rules", set_proof_policy.rules, PROOF_RULES_MAX, &proof_rules),
};

#define IN_LEDGER(member) (uint16_t) offsetof(struct caller_ledger, member)
#define IN_CHANNEL(member) (uint16_t) offsetof(struct caller_channel, member)

static const struct field caller_ledger_fields[] = {
    ROW(1, "ledger_id", FIELD_INT64, IN_LEDGER(ledger_id), REQUIRED, .max = INT64_MAX),
};
static const struct field caller_channel_fields[] = {
    ROW(1, "channel", FIELD_TEXT, IN_CHANNEL(channel), REQUIRED, .rule = TEXT_CHANNEL,
        .max = CHANNEL_BYTES_MAX),
};

#define CALLER_LEDGERS(kind)                                                                       \
    {                                                                                              \
        {"caller_ledger", caller_ledger_fields, COUNT(caller_ledger_fields)},                      \
            sizeof(struct caller_ledger), AT(kind.rights.ledger_count)                             \
    }
#define CALLER_CHANNELS(kind)                                                                      \
    {                                                                                              \
        {"caller_channel", caller_channel_fields, COUNT(caller_channel_fields)},                   \
            sizeof(struct caller_channel), AT(kind.rights.channel_count)                           \
    }

static const struct list create_caller_ledgers = CALLER_LEDGERS(create_caller);
static const struct list create_caller_channels = CALLER_CHANNELS(create_caller);
static const struct list update_caller_ledgers = CALLER_LEDGERS(update_caller);
static const struct list update_caller_channels = CALLER_CHANNELS(update_caller);

/* The roles are in a sub-message, the other rights are not. */
#define ROLE_OF(kind, number, name) BOOL(5 * 16 + (number), "roles." #name, kind.rights.roles.name)

static const struct field create_caller_fields[] = {
    TEXT(4, "name", create_caller.name, TEXT_TRIMMED, CALLER_NAME_BYTES_MAX),
#define ROLE(number, NAME, name) ROLE_OF(create_caller, number, name),
#include "model/role_list.h"
    OPTIONAL_LIST(
        6, "ledgers", create_caller.rights.ledgers, CALLER_LEDGERS_MAX, &create_caller_ledgers),
    BOOL(7, "all_ledgers", create_caller.rights.all_ledgers),
    OPTIONAL_LIST(
        8, "channels", create_caller.rights.channels, CALLER_CHANNELS_MAX, &create_caller_channels),
    BOOL(9, "any_channel", create_caller.rights.any_channel),
};

static const struct field update_caller_fields[] = {
    ID(4, "caller_id", update_caller.caller_id),
#define ROLE(number, NAME, name) ROLE_OF(update_caller, number, name),
#include "model/role_list.h"
    OPTIONAL_LIST(
        6, "ledgers", update_caller.rights.ledgers, CALLER_LEDGERS_MAX, &update_caller_ledgers),
    BOOL(7, "all_ledgers", update_caller.rights.all_ledgers),
    OPTIONAL_LIST(
        8, "channels", update_caller.rights.channels, CALLER_CHANNELS_MAX, &update_caller_channels),
    BOOL(9, "any_channel", update_caller.rights.any_channel),
    ENUM(10, "status", update_caller.status, CALLER_SUSPENDED),
};

#define IN_REVEALED(member) (uint16_t) offsetof(struct revealed, member)

static const struct field revealed_fields[] = {
    ROW(1, "sequence", FIELD_INT64, IN_REVEALED(sequence), REQUIRED, .max = INT64_MAX),
};

static const struct list reveal_commands = {{"command", revealed_fields, COUNT(revealed_fields)},
    sizeof(struct revealed), AT(reveal.command_count)};

static const struct field reveal_fields[] = {
    TEXT(4, "reason", reveal.reason, TEXT_FACT, REMARK_CHARACTERS_MAX),
    LIST(5, "commands", reveal.commands, REVEALS_PER_COMMAND_MAX, &reveal_commands),
    OPTIONAL_TEXT(6, "field", reveal.field, TEXT_TRIMMED, FIELD_PATH_BYTES_MAX - 1),
};

static const struct field_table tables[COMMAND_KIND_MAX + 1] = {
#define COMMAND(number, NAME, name, Service, Method, answer, roles)                                \
    [number] = {#name, name##_fields, COUNT(name##_fields)},
#define COMMAND_BARE(number, NAME, name, Service, Method, answer, roles)                           \
    [number] = {#name, NULL, 0},
#include "command/command_list.h"
};

static_assert(COUNT(unbind_card_fields) == PROOF_FIELDS + 3, "the rows of a proof");
static_assert(sizeof(struct command) <= UINT16_MAX, "offsets of fields are 16 bits wide");
static_assert(PAYEES_PER_COMMAND_MAX * sizeof(struct payee) <= COMMAND_ELEMENTS_BYTES_MAX,
    "a decoded body has room for its elements");
static_assert(FEE_TIERS_MAX * sizeof(struct fee_tier) + FEE_SHARES_MAX * sizeof(struct fee_share) <=
                  COMMAND_ELEMENTS_BYTES_MAX,
    "a decoded body has room for its elements");
static_assert(CALLER_LEDGERS_MAX * sizeof(struct caller_ledger) +
                      CALLER_CHANNELS_MAX * sizeof(struct caller_channel) <=
                  COMMAND_ELEMENTS_BYTES_MAX,
    "a decoded body has room for its elements");
static_assert(REVEALS_PER_COMMAND_MAX * sizeof(struct revealed) <= COMMAND_ELEMENTS_BYTES_MAX,
    "a decoded body has room for its elements");
static_assert(COUNT(identify_member_fields) <= FIELDS_PER_KIND_MAX &&
                  COUNT(withdraw_fields) <= FIELDS_PER_KIND_MAX,
    "the widest tables fit");

int64_t field_bytes_max(const struct field *field)
{
    int64_t bytes = text_is_counted(field->rule) ? field->max * CHARACTER_BYTES_MAX : field->max;
    return field->personal == PERSONAL_NONE ? bytes : SEALED_BYTES(bytes);
}

const struct field_table *command_fields(int kind)
{
    if (kind < 0 || kind > COMMAND_KIND_MAX || !tables[kind].name)
        return NULL;
    return &tables[kind];
}

uint16_t fields_named_offset(const struct field_table *table)
{
    return table == &tables[COMMAND_SET_TERMS] ? AT(set_terms.named) : 0;
}

int32_t fields_named_before(const struct field_table *table)
{
    return table == &tables[COMMAND_SET_TERMS] ? TERMS_NAMED_BEFORE : 0;
}

static_assert(TERM_OWN_ACCOUNT == 7 && TERM_ADVANCE_REFUNDS == 8 && TERM_PAYOUT_RETURN_DAYS == 16 &&
                  TERM_SUSPENSE_AGE == 32 && TERM_ONE_MEMBERSHIP == 64 && TERM_SAME_CARD == 128 &&
                  COUNT(set_terms_fields) == 8,
    "a bit for each row of set_terms_fields");

#define KEY_AT(member) (uint16_t) offsetof(struct key_texts, member)

static const struct field key_fields[] = {
    ROW(1, "channel", FIELD_TEXT, KEY_AT(channel), REQUIRED, .rule = TEXT_CHANNEL,
        .max = CHANNEL_BYTES_MAX),
    ROW(2, "business_date", FIELD_DATE, KEY_AT(business_date), .required = true),
    ROW(3, "serial", FIELD_TEXT, KEY_AT(serial), REQUIRED, .rule = TEXT_VISIBLE_ASCII,
        .max = SERIAL_BYTES_MAX),
};

const struct field_table request_key_fields = {"key", key_fields, COUNT(key_fields)};
