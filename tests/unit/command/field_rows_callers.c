/* field_rows_callers.c: the rows of commands about callers, and of Reveal.
 * SPDX-License-Identifier: Apache-2.0 */
#include "field_rows.h"

#define RIGHTS_ROWS(kind)                                                                          \
    OK_NUMBER(kind, "ledger_id", 0), NO_NUMBER(kind, "ledger_id", 1),                              \
        NO_NUMBER(kind, "ledger_id", -1), ID_ROWS(kind, "ledgers[0].ledger_id"),                   \
        REQUIRED_ROWS(kind, "channels[0].channel"),                                                \
        PLAIN_NAME_ROWS(kind, "channels[0].channel", 16),                                          \
        NO_TEXT(kind, "channels[0].channel", "vsl"), OK_TEXT(kind, "channels[0].channel", "VSL")

const struct field_row field_rows_callers[] = {
    COMMON_ROWS(COMMAND_CREATE_CALLER),
    RIGHTS_ROWS(COMMAND_CREATE_CALLER),
    REQUIRED_ROWS(COMMAND_CREATE_CALLER, "name"),
    FREE_ROWS(COMMAND_CREATE_CALLER, "name", 200),
    NO_TEXT(COMMAND_CREATE_CALLER, "name", " a"),
    NO_TEXT(COMMAND_CREATE_CALLER, "name", "a "),
    OK_TEXT(COMMAND_CREATE_CALLER, "name", "spiffe://bank.example/front"),

    COMMON_ROWS(COMMAND_UPDATE_CALLER),
    RIGHTS_ROWS(COMMAND_UPDATE_CALLER),
    ID_ROWS(COMMAND_UPDATE_CALLER, "caller_id"),
    NO_NUMBER(COMMAND_UPDATE_CALLER, "status", 0),
    ENUM_ROWS(COMMAND_UPDATE_CALLER, "status", 2),

    COMMON_ROWS(COMMAND_REVEAL),
    ID_ROWS(COMMAND_REVEAL, "ledger_id"),
    REQUIRED_FACT_ROWS(COMMAND_REVEAL, "reason", 256),
    ID_ROWS(COMMAND_REVEAL, "commands[0].sequence"),
    OK_TEXT(COMMAND_REVEAL, "field", ""),
    TRIMMED_ROWS(COMMAND_REVEAL, "field", 63),

    {0, NULL, NUMBER, 0, NULL, false},
};
