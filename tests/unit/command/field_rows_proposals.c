/* field_rows_proposals.c: the rows of proposals and of what needs them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "field_rows.h"

/* Of a list of levels. */
#define LEVEL_ROWS(list)                                                                           \
    NO_NUMBER(COMMAND_SET_ACCOUNT_POLICY, list "[0].level", -1),                                   \
        OK_NUMBER(COMMAND_SET_ACCOUNT_POLICY, list "[0].level", 0),                                \
        OK_NUMBER(COMMAND_SET_ACCOUNT_POLICY, list "[0].level", 2),                                \
        NO_NUMBER(COMMAND_SET_ACCOUNT_POLICY, list "[0].level", 3),                                \
        FEE_ROWS(COMMAND_SET_ACCOUNT_POLICY, list "[0].operation_in_minor"),                       \
        FEE_ROWS(COMMAND_SET_ACCOUNT_POLICY, list "[0].operation_out_minor"),                      \
        FEE_ROWS(COMMAND_SET_ACCOUNT_POLICY, list "[0].date_in_minor"),                            \
        FEE_ROWS(COMMAND_SET_ACCOUNT_POLICY, list "[0].date_out_minor"),                           \
        FEE_ROWS(COMMAND_SET_ACCOUNT_POLICY, list "[0].year_in_minor"),                            \
        FEE_ROWS(COMMAND_SET_ACCOUNT_POLICY, list "[0].year_out_minor"),                           \
        FEE_ROWS(COMMAND_SET_ACCOUNT_POLICY, list "[0].balance_minor")

const struct field_row field_rows_proposals[] = {
    COMMON_ROWS(COMMAND_PROPOSE),
    ID_ROWS(COMMAND_PROPOSE, "ledger_id"),
    REMARK_ROWS(COMMAND_PROPOSE, "reason"),
    NO_NUMBER(COMMAND_PROPOSE, "expires_at_us", 0),
    TIME_ROWS(COMMAND_PROPOSE, "expires_at_us"),

    COMMON_ROWS(COMMAND_APPROVE),
    ID_ROWS(COMMAND_APPROVE, "ledger_id"),
    ID_ROWS(COMMAND_APPROVE, "proposal_id"),

    COMMON_ROWS(COMMAND_WITHDRAW_PROPOSAL),
    ID_ROWS(COMMAND_WITHDRAW_PROPOSAL, "ledger_id"),
    ID_ROWS(COMMAND_WITHDRAW_PROPOSAL, "proposal_id"),
    REMARK_ROWS(COMMAND_WITHDRAW_PROPOSAL, "reason"),

    COMMON_ROWS(COMMAND_SET_APPROVAL_POLICY),
    ID_ROWS(COMMAND_SET_APPROVAL_POLICY, "ledger_id"),
    NO_NUMBER(COMMAND_SET_APPROVAL_POLICY, "rules[0].kind", -1),
    NO_NUMBER(COMMAND_SET_APPROVAL_POLICY, "rules[0].kind", 0),
    NO_NUMBER(COMMAND_SET_APPROVAL_POLICY, "rules[0].kind", 1),
    OK_NUMBER(COMMAND_SET_APPROVAL_POLICY, "rules[0].kind", 2),
    OK_NUMBER(COMMAND_SET_APPROVAL_POLICY, "rules[0].kind", 6),
    NO_NUMBER(COMMAND_SET_APPROVAL_POLICY, "rules[0].kind", 7),
    OK_NUMBER(COMMAND_SET_APPROVAL_POLICY, "rules[0].kind", 80),
    NO_NUMBER(COMMAND_SET_APPROVAL_POLICY, "rules[0].kind", 81),
    NO_NUMBER(COMMAND_SET_APPROVAL_POLICY, "rules[0].kind", 85),
    NO_NUMBER(COMMAND_SET_APPROVAL_POLICY, "rules[0].kind", 86),
    NO_NUMBER(COMMAND_SET_APPROVAL_POLICY, "rules[0].kind", 87),
    NO_NUMBER(COMMAND_SET_APPROVAL_POLICY, "rules[0].kind", 90),
    NO_NUMBER(COMMAND_SET_APPROVAL_POLICY, "rules[0].kind", INT32_MAX),
    FEE_ROWS(COMMAND_SET_APPROVAL_POLICY, "rules[0].above_amount_minor"),

    COMMON_ROWS(COMMAND_SET_ACCOUNT_POLICY),
    ID_ROWS(COMMAND_SET_ACCOUNT_POLICY, "ledger_id"),
    NO_NUMBER(COMMAND_SET_ACCOUNT_POLICY, "preset", -1),
    NO_NUMBER(COMMAND_SET_ACCOUNT_POLICY, "preset", 0),
    OK_NUMBER(COMMAND_SET_ACCOUNT_POLICY, "preset", 6),
    NO_NUMBER(COMMAND_SET_ACCOUNT_POLICY, "preset", 7),
    LEVEL_ROWS("merchants"),
    LEVEL_ROWS("users"),

    COMMON_ROWS(COMMAND_GRANT_MANDATE),
    PROOF_ROWS(COMMAND_GRANT_MANDATE),
    ID_ROWS(COMMAND_GRANT_MANDATE, "ledger_id"),
    ID_ROWS(COMMAND_GRANT_MANDATE, "account_id"),
    NO_NUMBER(COMMAND_GRANT_MANDATE, "payee_account_id", 0),
    NO_NUMBER(COMMAND_GRANT_MANDATE, "payee_account_id", -1),
    OK_NUMBER(COMMAND_GRANT_MANDATE, "payee_account_id", INT64_MAX),
    NO_NUMBER(COMMAND_GRANT_MANDATE, "card_id", 1),
    OK_NUMBER(COMMAND_GRANT_MANDATE, "card_id", 0),
    AMOUNT_ROWS(COMMAND_GRANT_MANDATE, "ceiling_each_minor"),
    NO_NUMBER(COMMAND_GRANT_MANDATE, "ceiling_total_minor", 0),
    NO_NUMBER(COMMAND_GRANT_MANDATE, "ceiling_total_minor", 10000000000000001),
    OK_NUMBER(COMMAND_GRANT_MANDATE, "ceiling_total_minor", 10000000000000000),
    NO_NUMBER(COMMAND_GRANT_MANDATE, "count", 0),
    OK_NUMBER(COMMAND_GRANT_MANDATE, "count", 1),
    OK_NUMBER(COMMAND_GRANT_MANDATE, "count", 1000000),
    NO_NUMBER(COMMAND_GRANT_MANDATE, "count", 1000001),
    NO_NUMBER(COMMAND_GRANT_MANDATE, "starts_at_us", -1),
    OK_NUMBER(COMMAND_GRANT_MANDATE, "starts_at_us", 7258118399999998),
    NO_NUMBER(COMMAND_GRANT_MANDATE, "expires_at_us", 0),
    TIME_ROWS(COMMAND_GRANT_MANDATE, "expires_at_us"),
    REQUIRED_FACT_ROWS(COMMAND_GRANT_MANDATE, "evidence", 256),

    COMMON_ROWS(COMMAND_END_MANDATE),
    ID_ROWS(COMMAND_END_MANDATE, "ledger_id"),
    ID_ROWS(COMMAND_END_MANDATE, "mandate_id"),
    REQUIRED_FACT_ROWS(COMMAND_END_MANDATE, "evidence", 256),

    COMMON_ROWS(COMMAND_SET_PROOF_POLICY),
    ID_ROWS(COMMAND_SET_PROOF_POLICY, "ledger_id"),
    NO_NUMBER(COMMAND_SET_PROOF_POLICY, "rules[0].kind", 0),
    NO_NUMBER(COMMAND_SET_PROOF_POLICY, "rules[0].kind", 13),
    NO_NUMBER(COMMAND_SET_PROOF_POLICY, "rules[0].kind", 30),
    OK_NUMBER(COMMAND_SET_PROOF_POLICY, "rules[0].kind", 15),
    OK_NUMBER(COMMAND_SET_PROOF_POLICY, "rules[0].kind", 18),
    OK_NUMBER(COMMAND_SET_PROOF_POLICY, "rules[0].kind", 19),
    OK_NUMBER(COMMAND_SET_PROOF_POLICY, "rules[0].kind", 50),
    OK_NUMBER(COMMAND_SET_PROOF_POLICY, "rules[0].kind", 60),
    NO_NUMBER(COMMAND_SET_PROOF_POLICY, "rules[0].kind", 61),
    NO_NUMBER(COMMAND_SET_PROOF_POLICY, "rules[0].kind", INT32_MAX),
    FEE_ROWS(COMMAND_SET_PROOF_POLICY, "rules[0].above_amount_minor"),
    OK_NUMBER(COMMAND_SET_PROOF_POLICY, "rules[0].sms_code", 1),
    NO_NUMBER(COMMAND_SET_PROOF_POLICY, "rules[0].sms_code", 0),

    {0, NULL, NUMBER, 0, NULL, false},
};
