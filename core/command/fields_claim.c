/* fields_claim.c: the fields of the commands of claims and freezes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/field_macros.h"

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

/* Whom the bank pays. No search finds it: who is outside of the bank would learn of it. */
#define PAYEE(place, must, member)                                                                 \
    ROW((place)*16 + 1, "payee.name", FIELD_TEXT, AT(member.name), must, .rule = TEXT_FACT,        \
        .max = PARTY_NAME_CHARACTERS_MAX, .personal = PERSONAL_NAME),                              \
        ROW((place)*16 + 2, "payee.account_number", FIELD_TEXT, AT(member.account_number), must,   \
            .rule = TEXT_FACT, .max = ACCOUNT_NUMBER_CHARACTERS_MAX,                               \
            .personal = PERSONAL_ACCOUNT_NUMBER),                                                  \
        FACT((place)*16 + 3, "payee.bank_code", member.bank_code, BANK_CODE_CHARACTERS_MAX)

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
    PAYEE(17 - OUTER_NUMBER_FACTOR, .required = false, place_claim.payee),
    OPTIONAL_TIME(16, "answer_by_us", place_claim.answer_by_us),
};
const struct field_table place_claim_table = TABLE(place_claim);

static const struct field continue_claim_fields[] = {
    NAMED(RECORD_CLAIM, 4, "claim_id", continue_claim.claim_id),
    PAPER_OF(continue_claim),
    OPTIONAL_DATE(8, "ends_date", continue_claim.ends_date),
    OPTIONAL_TIME(9, "answer_by_us", continue_claim.answer_by_us),
};
const struct field_table continue_claim_table = TABLE(continue_claim);

static const struct field release_claim_fields[] = {
    NAMED(RECORD_CLAIM, 4, "claim_id", release_claim.claim_id),
    PAPER_OF(release_claim),
    CLAIMED_AMOUNT(8, release_claim.amount_minor),
    OPTIONAL_TIME(9, "answer_by_us", release_claim.answer_by_us),
};
const struct field_table release_claim_table = TABLE(release_claim);

static const struct field deduct_claim_fields[] = {
    NAMED(RECORD_CLAIM, 4, "claim_id", deduct_claim.claim_id),
    PAPER_OF(deduct_claim),
    OPTIONAL_AMOUNT(8, "amount_minor", deduct_claim.amount_minor),
    BOOL(9, "to_victim", deduct_claim.is_to_victim),
    PAYEE(10, REQUIRED, deduct_claim.payee),
    OPTIONAL_TIME(11, "answer_by_us", deduct_claim.answer_by_us),
};
const struct field_table deduct_claim_table = TABLE(deduct_claim);

static const struct field open_feedback_fields[] = {
    OPTIONAL_TIME(4, "answer_by_us", open_feedback.answer_by_us),
    PAPER_OF(open_feedback),
};
const struct field_table open_feedback_table = TABLE(open_feedback);

static const struct field give_feedback_fields[] = {
    NAMED(RECORD_FEEDBACK, 4, "feedback_id", give_feedback.feedback_id),
    TEXT(5, "authority_code", give_feedback.authority_code, TEXT_VISIBLE_ASCII,
        AUTHORITY_CODE_BYTES_MAX),
    TEXT(6, "given_by", give_feedback.given_by, TEXT_TRIMMED, CHECKED_BY_BYTES_MAX),
    FACT(7, "reference", give_feedback.reference, PAPER_CHARACTERS_MAX),
    OPTIONAL_TEXT(8, "digest", give_feedback.digest, TEXT_VISIBLE_ASCII, PAPER_DIGEST_BYTES),
};
const struct field_table give_feedback_table = TABLE(give_feedback);

static const struct field place_freeze_fields[] = {
    ID(4, "account_id", place_freeze.account_id),
    AMOUNT(5, "amount_minor", place_freeze.amount_minor),
    TEXT(6, "purpose", place_freeze.purpose, TEXT_CHANNEL, PURPOSE_BYTES_MAX),
    OPTIONAL_TIME(7, "expires_at_us", place_freeze.expires_at_us),
    FACT(8, "reason", place_freeze.reason, REMARK_CHARACTERS_MAX),
};
const struct field_table place_freeze_table = TABLE(place_freeze);

static const struct field lift_freeze_fields[] = {
    NAMED(RECORD_FREEZE, 4, "freeze_id", lift_freeze.freeze_id),
    OPTIONAL_AMOUNT(5, "amount_minor", lift_freeze.amount_minor),
    FACT(6, "reason", lift_freeze.reason, REMARK_CHARACTERS_MAX),
};
const struct field_table lift_freeze_table = TABLE(lift_freeze);
