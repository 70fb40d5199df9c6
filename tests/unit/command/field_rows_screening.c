/* field_rows_screening.c: the rows of commands about deny lists and hits.
 * SPDX-License-Identifier: Apache-2.0 */
#include "field_rows.h"

const struct field_row field_rows_screening[] = {
    COMMON_ROWS(COMMAND_ADD_DENIED),
    ID_ROWS(COMMAND_ADD_DENIED, "ledger_id"),
    NO_NUMBER(COMMAND_ADD_DENIED, "source", 0),
    ENUM_ROWS(COMMAND_ADD_DENIED, "source", 4),
    /* One of three values. */
    NO_TEXT(COMMAND_ADD_DENIED, "name", ""),
    OK_FILL(COMMAND_ADD_DENIED, "name", 140, "x"),
    NO_FILL(COMMAND_ADD_DENIED, "name", 141, "x"),
    NO_TEXT(COMMAND_ADD_DENIED, "document_number", "11010519491231002X"),
    NO_TEXT(COMMAND_ADD_DENIED, "account_number", "6216261000000000018"),
    OK_NUMBER(COMMAND_ADD_DENIED, "document_kind", 0),
    NO_NUMBER(COMMAND_ADD_DENIED, "document_kind", 1),
    NO_NUMBER(COMMAND_ADD_DENIED, "document_kind", 12),
    REQUIRED_FACT_ROWS(COMMAND_ADD_DENIED, "reason", 256),
    OK_NUMBER(COMMAND_ADD_DENIED, "from_date", 0),
    DATE_ROWS(COMMAND_ADD_DENIED, "from_date"),
    OK_NUMBER(COMMAND_ADD_DENIED, "expires_at_us", 0),
    OK_NUMBER(COMMAND_ADD_DENIED, "expires_at_us", 1),
    NO_NUMBER(COMMAND_ADD_DENIED, "expires_at_us", -1),
    NO_NUMBER(COMMAND_ADD_DENIED, "expires_at_us", 7258118400000000),

    COMMON_ROWS(COMMAND_END_DENIED),
    ID_ROWS(COMMAND_END_DENIED, "ledger_id"),
    ID_ROWS(COMMAND_END_DENIED, "denied_id"),
    REQUIRED_FACT_ROWS(COMMAND_END_DENIED, "evidence", 256),

    COMMON_ROWS(COMMAND_DECIDE_HIT),
    ID_ROWS(COMMAND_DECIDE_HIT, "ledger_id"),
    ID_ROWS(COMMAND_DECIDE_HIT, "hit_id"),
    NO_NUMBER(COMMAND_DECIDE_HIT, "decision", 0),
    ENUM_ROWS(COMMAND_DECIDE_HIT, "decision", 2),
    REQUIRED_FACT_ROWS(COMMAND_DECIDE_HIT, "reason", 256),
    REQUIRED_FACT_ROWS(COMMAND_DECIDE_HIT, "evidence", 256),

    {0, NULL, NUMBER, 0, NULL, false},
};
