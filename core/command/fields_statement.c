/* fields_statement.c: the fields of the commands of the bank's statements.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/field_macros.h"

/* Money that is moved by nothing here: no policy asks for it. */
#define SIGNED_AMOUNT(number, name, member, must)                                                  \
    ROW(number, name, FIELD_INT64, AT(member), must, .min = -AMOUNT_MINOR_MAX,                     \
        .max = AMOUNT_MINOR_MAX)

static const struct field open_bank_statement_fields[] = {
    OPTIONAL_TEXT(4, "statement_reference", open_bank_statement.reference, TEXT_TRIMMED,
        STATEMENT_REFERENCE_BYTES_MAX),
    OPTIONAL_PERSONAL(5, "account_number", open_bank_statement.account_number, TEXT_FACT,
        ACCOUNT_NUMBER_CHARACTERS_MAX, PERSONAL_ACCOUNT_NUMBER),
    TEXT(6, "currency", open_bank_statement.currency, TEXT_CURRENCY, 3),
    DATE(7, "from_date", open_bank_statement.from_date),
    DATE(8, "to_date", open_bank_statement.to_date),
    ROW(9, "number", FIELD_INT64, AT(open_bank_statement.number), .max = STATEMENT_NUMBER_MAX),
    SIGNED_AMOUNT(10, "opening_minor", open_bank_statement.opening_minor, .required = false),
    SIGNED_AMOUNT(11, "closing_minor", open_bank_statement.closing_minor, .required = false),
    COUNT_OF(12, "control_count", open_bank_statement.line_count, BANK_STATEMENT_LINES_MAX),
    TEXT(13, "file_sha256", open_bank_statement.file_sha256, TEXT_VISIBLE_ASCII, FILE_SHA256_BYTES),
    ROW(14, "file_position", FIELD_INT32, AT(open_bank_statement.file_position), REQUIRED,
        .max = STATEMENTS_PER_FILE_MAX),
    BOOL(15, "gap", open_bank_statement.has_gap),
};
const struct field_table open_bank_statement_table = TABLE(open_bank_statement);

/* The other side of a line is searched for by nobody: it may be anybody. */
static const struct field add_statement_line_fields[] = {
    ID(4, "bank_statement_id", add_statement_line.bank_statement_id),
    ROW(5, "entry_key", FIELD_TEXT, AT(add_statement_line.entry_key), .rule = TEXT_VISIBLE_ASCII,
        .max = SOURCE_ORDER_BYTES_MAX, .use = USE_REFERENCE),
    ROW(6, "ordinal", FIELD_INT32, AT(add_statement_line.ordinal), REQUIRED,
        .max = BANK_STATEMENT_LINES_MAX),
    SIGNED_AMOUNT(7, "amount_minor", add_statement_line.amount_minor, .required = true),
    DATE(8, "booking_date", add_statement_line.booking_date),
    OPTIONAL_DATE(9, "value_date", add_statement_line.value_date),
    FACT(10, "bank_reference", add_statement_line.bank_reference, BANK_REFERENCE_CHARACTERS_MAX),
    OPTIONAL_PERSONAL(11 * 16 + 1, "counterparty.name", add_statement_line.counterparty.name,
        TEXT_FACT, PARTY_NAME_CHARACTERS_MAX, PERSONAL_NAME),
    OPTIONAL_PERSONAL(11 * 16 + 2, "counterparty.account_number",
        add_statement_line.counterparty.account_number, TEXT_FACT, ACCOUNT_NUMBER_CHARACTERS_MAX,
        PERSONAL_ACCOUNT_NUMBER),
    FACT(11 * 16 + 3, "counterparty.bank_code", add_statement_line.counterparty.bank_code,
        BANK_CODE_CHARACTERS_MAX),
    REMARK(12, add_statement_line.remark),
    FACT(13, "end_to_end_id", add_statement_line.end_to_end_id, BANK_REFERENCE_CHARACTERS_MAX),
};
const struct field_table add_statement_line_table = TABLE(add_statement_line);

static const struct field close_bank_statement_fields[] = {
    ID(4, "bank_statement_id", close_bank_statement.bank_statement_id),
    BOOL(5, "cancel", close_bank_statement.is_cancelled),
    BOOL(6, "as_it_stands", close_bank_statement.is_as_it_stands),
};
const struct field_table close_bank_statement_table = TABLE(close_bank_statement);

/* Nothing is moved here either. */
static const struct field match_statement_line_fields[] = {
    NAMED(RECORD_STATEMENT_LINE, 4, "statement_line_id", match_statement_line.statement_line_id),
    OPTIONAL_NAMED(RECORD_PAYOUT, 5, "payout_id", match_statement_line.payout_id),
    OPTIONAL_EARLIER(6, "receipt_sequence", match_statement_line.receipt_sequence),
    ROW(7, "amount_minor", FIELD_INT64, AT(match_statement_line.amount_minor), REQUIRED,
        .max = AMOUNT_MINOR_MAX),
    TEXT(8, "rule", match_statement_line.rule, TEXT_CHANNEL, MATCH_RULE_BYTES_MAX),
};
const struct field_table match_statement_line_table = TABLE(match_statement_line);

static const struct field undo_match_fields[] = {
    NAMED(RECORD_STATEMENT_MATCH, 4, "statement_match_id", undo_match.statement_match_id),
    REMARK(5, undo_match.remark),
};
const struct field_table undo_match_table = TABLE(undo_match);
