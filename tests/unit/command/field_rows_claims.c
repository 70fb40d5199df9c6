/* field_rows_claims.c: the rows of commands about claims.
 * SPDX-License-Identifier: Apache-2.0 */
#include "field_rows.h"

#define PAPER_ROWS(kind)                                                                           \
    REQUIRED_ROWS(kind, "paper.authority_code"), OK_FILL(kind, "paper.authority_code", 32, "x"),   \
        NO_FILL(kind, "paper.authority_code", 33, "x"),                                            \
        NO_TEXT(kind, "paper.authority_code", "a b"),                                              \
        REQUIRED_FACT_ROWS(kind, "paper.authority_name", 70),                                      \
        REQUIRED_FACT_ROWS(kind, "paper.case_number", 64),                                         \
        REQUIRED_FACT_ROWS(kind, "paper.number", 64),                                              \
        OPTIONAL_FACT_ROWS(kind, "paper.request_number", 64), OK_TEXT(kind, "paper.digest", ""),   \
        OK_FILL(kind, "paper.digest", 64, "a"), NO_FILL(kind, "paper.digest", 65, "a"),            \
        OPTIONAL_FACT_ROWS(kind, "officer.name", 40),                                              \
        OPTIONAL_FACT_ROWS(kind, "officer.number", 30),                                            \
        OPTIONAL_FACT_ROWS(kind, "second_officer.name", 40),                                       \
        OPTIONAL_FACT_ROWS(kind, "second_officer.number", 30)

/* 0 leaves it out. */
#define OPTIONAL_AMOUNT_ROWS(kind, field) FEE_ROWS(kind, field)
#define OPTIONAL_DATE_ROWS(kind, field) DATE_ROWS(kind, field), OK_NUMBER(kind, field, 0)

/* Whether ahead is not asked. */
#define DEADLINE_ROWS(kind) TIME_ROWS(kind, "answer_by_us"), OK_NUMBER(kind, "answer_by_us", 0)

const struct field_row field_rows_claims[] = {
    COMMON_ROWS(COMMAND_PLACE_CLAIM),
    ID_ROWS(COMMAND_PLACE_CLAIM, "ledger_id"),
    NO_NUMBER(COMMAND_PLACE_CLAIM, "account_id", -1),
    NO_NUMBER(COMMAND_PLACE_CLAIM, "member_id", 3), /* beside account_id */
    NO_NUMBER(COMMAND_PLACE_CLAIM, "authority", 0),
    ENUM_ROWS(COMMAND_PLACE_CLAIM, "authority", 12),
    NO_NUMBER(COMMAND_PLACE_CLAIM, "ground", 0),
    ENUM_ROWS(COMMAND_PLACE_CLAIM, "ground", 7),
    OPTIONAL_AMOUNT_ROWS(COMMAND_PLACE_CLAIM, "amount_minor"),
    OPTIONAL_DATE_ROWS(COMMAND_PLACE_CLAIM, "ends_date"),
    OK_NUMBER(COMMAND_PLACE_CLAIM, "fruits", 1),
    OK_NUMBER(COMMAND_PLACE_CLAIM, "secret", 1),
    PERSON_NAME_ROWS(COMMAND_PLACE_CLAIM, "subject.name"),
    NO_TEXT(COMMAND_PLACE_CLAIM, "subject.name", ""),
    OK_NUMBER(COMMAND_PLACE_CLAIM, "subject.document_kind", 1),
    NO_NUMBER(COMMAND_PLACE_CLAIM, "subject.document_kind", 0),
    NO_NUMBER(COMMAND_PLACE_CLAIM, "subject.document_kind", 99),
    OK_TEXT(COMMAND_PLACE_CLAIM, "subject.number", "11010519491231002x"),
    NO_TEXT(COMMAND_PLACE_CLAIM, "subject.number", "110105194912310021"),
    NO_TEXT(COMMAND_PLACE_CLAIM, "subject.number", ""),
    PAPER_ROWS(COMMAND_PLACE_CLAIM),
    /* Both or none of them. */
    REQUIRED_FACT_ROWS(COMMAND_PLACE_CLAIM, "payee.name", 140),
    REQUIRED_FACT_ROWS(COMMAND_PLACE_CLAIM, "payee.account_number", 40),
    OPTIONAL_FACT_ROWS(COMMAND_PLACE_CLAIM, "payee.bank_code", 35),
    DEADLINE_ROWS(COMMAND_PLACE_CLAIM),

    COMMON_ROWS(COMMAND_CONTINUE_CLAIM),
    ID_ROWS(COMMAND_CONTINUE_CLAIM, "ledger_id"),
    ID_ROWS(COMMAND_CONTINUE_CLAIM, "claim_id"),
    OPTIONAL_DATE_ROWS(COMMAND_CONTINUE_CLAIM, "ends_date"),
    PAPER_ROWS(COMMAND_CONTINUE_CLAIM),
    DEADLINE_ROWS(COMMAND_CONTINUE_CLAIM),

    COMMON_ROWS(COMMAND_RELEASE_CLAIM),
    ID_ROWS(COMMAND_RELEASE_CLAIM, "ledger_id"),
    ID_ROWS(COMMAND_RELEASE_CLAIM, "claim_id"),
    OPTIONAL_AMOUNT_ROWS(COMMAND_RELEASE_CLAIM, "amount_minor"),
    PAPER_ROWS(COMMAND_RELEASE_CLAIM),
    DEADLINE_ROWS(COMMAND_RELEASE_CLAIM),

    COMMON_ROWS(COMMAND_DEDUCT_CLAIM),
    ID_ROWS(COMMAND_DEDUCT_CLAIM, "ledger_id"),
    ID_ROWS(COMMAND_DEDUCT_CLAIM, "claim_id"),
    OPTIONAL_AMOUNT_ROWS(COMMAND_DEDUCT_CLAIM, "amount_minor"),
    OK_NUMBER(COMMAND_DEDUCT_CLAIM, "to_victim", 1),
    PAPER_ROWS(COMMAND_DEDUCT_CLAIM),
    REQUIRED_FACT_ROWS(COMMAND_DEDUCT_CLAIM, "payee.name", 140),
    REQUIRED_FACT_ROWS(COMMAND_DEDUCT_CLAIM, "payee.account_number", 40),
    OPTIONAL_FACT_ROWS(COMMAND_DEDUCT_CLAIM, "payee.bank_code", 35),
    DEADLINE_ROWS(COMMAND_DEDUCT_CLAIM),

    COMMON_ROWS(COMMAND_OPEN_FEEDBACK),
    ID_ROWS(COMMAND_OPEN_FEEDBACK, "ledger_id"),
    PAPER_ROWS(COMMAND_OPEN_FEEDBACK),
    DEADLINE_ROWS(COMMAND_OPEN_FEEDBACK),

    COMMON_ROWS(COMMAND_GIVE_FEEDBACK),
    ID_ROWS(COMMAND_GIVE_FEEDBACK, "ledger_id"),
    ID_ROWS(COMMAND_GIVE_FEEDBACK, "feedback_id"),
    REQUIRED_ROWS(COMMAND_GIVE_FEEDBACK, "authority_code"),
    OK_FILL(COMMAND_GIVE_FEEDBACK, "authority_code", 32, "x"),
    NO_FILL(COMMAND_GIVE_FEEDBACK, "authority_code", 33, "x"),
    NO_TEXT(COMMAND_GIVE_FEEDBACK, "authority_code", "a b"),
    REQUIRED_ROWS(COMMAND_GIVE_FEEDBACK, "given_by"),
    TRIMMED_ROWS(COMMAND_GIVE_FEEDBACK, "given_by", 64),
    OPTIONAL_FACT_ROWS(COMMAND_GIVE_FEEDBACK, "reference", 64),
    OK_TEXT(COMMAND_GIVE_FEEDBACK, "digest", ""),
    OK_FILL(COMMAND_GIVE_FEEDBACK, "digest", 64, "a"),
    NO_FILL(COMMAND_GIVE_FEEDBACK, "digest", 65, "a"),

    {0, NULL, NUMBER, 0, NULL, false},
};
