/* fields_acquirer.c: the fields of the commands of acquirers, their promises and settlements.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/field_macros.h"

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
const struct field_table open_acquirer_table = TABLE(open_acquirer);

static const struct field set_acquirer_fields[] = {
    ID(4, "acquirer_id", set_acquirer.acquirer_id),
    ACQUIRER_TERMS(5, set_acquirer.terms),
    BOOL(10, "stopped", set_acquirer.is_stopped),
};
const struct field_table set_acquirer_table = TABLE(set_acquirer);

static const struct field book_promise_fields[] = {
    ID(4, "acquirer_id", book_promise.acquirer_id),
    ID(5, "account_id", book_promise.account_id),
    AMOUNT(6, "amount_minor", book_promise.amount_minor),
    TEXT(7, "reference", book_promise.reference, TEXT_TRIMMED, PROMISE_REFERENCE_BYTES_MAX),
    OPTIONAL_ORDER_NUMBER(8, book_promise.order_number),
    REMARK(9, book_promise.remark),
};
const struct field_table book_promise_table = TABLE(book_promise);

static const struct field cancel_promise_fields[] = {
    NAMED(RECORD_PROMISE, 4, "promise_id", cancel_promise.promise_id),
    OPTIONAL_AMOUNT(5, "amount_minor", cancel_promise.amount_minor),
    REMARK(6, cancel_promise.remark),
};
const struct field_table cancel_promise_table = TABLE(cancel_promise);

static const struct field open_settlement_fields[] = {
    ID(4, "acquirer_id", open_settlement.acquirer_id),
    NAMED(RECORD_SUSPENSE, 5, "suspense_id", open_settlement.suspense_id),
    ROW(6, "control_count", FIELD_INT32, AT(open_settlement.line_count), REQUIRED,
        .max = SETTLEMENT_LINES_MAX),
    AMOUNT(7, "control_total_minor", open_settlement.total_minor),
    REMARK(8, open_settlement.remark),
};
const struct field_table open_settlement_table = TABLE(open_settlement);

static const struct field settle_line_fields[] = {
    NAMED(RECORD_SETTLEMENT, 4, "settlement_id", settle_line.settlement_id),
    OPTIONAL_NAMED(RECORD_PROMISE, 5, "promise_id", settle_line.promise_id),
    OPTIONAL_TEXT(6, "reference", settle_line.reference, TEXT_TRIMMED, PROMISE_REFERENCE_BYTES_MAX),
    AMOUNT(7, "gross_minor", settle_line.gross_minor),
    ROW(8, "kept_minor", FIELD_INT64, AT(settle_line.kept_minor), .max = AMOUNT_MINOR_MAX),
    BOOL(9, "partial", settle_line.is_partial),
    REMARK(10, settle_line.remark),
};
const struct field_table settle_line_table = TABLE(settle_line);

static const struct field close_settlement_fields[] = {
    NAMED(RECORD_SETTLEMENT, 4, "settlement_id", close_settlement.settlement_id),
    BOOL(5, "abandon", close_settlement.is_abandoned),
    OPTIONAL_NAMED(RECORD_SUSPENSE, 6, "suspense_id", close_settlement.suspense_id),
    REMARK(7, close_settlement.remark),
};
const struct field_table close_settlement_table = TABLE(close_settlement);

static const struct field close_difference_fields[] = {
    NAMED(RECORD_DIFFERENCE, 4, "difference_id", close_difference.difference_id),
    ENUM(5, "ended_by", close_difference.ended_by, DIFFERENCE_ASSIGNED),
    OPTIONAL_NAMED(RECORD_PROMISE, 6, "promise_id", close_difference.promise_id),
    OPTIONAL_NAMED(RECORD_SUSPENSE, 7, "suspense_id", close_difference.suspense_id),
    REMARK(8, close_difference.remark),
};
const struct field_table close_difference_table = TABLE(close_difference);
