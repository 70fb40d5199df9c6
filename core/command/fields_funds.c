/* fields_funds.c: the fields of the commands of receipts, payments, holds and payouts, and of money
 * without an owner.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/field_macros.h"

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
    OPTIONAL_ENUM(11, "way", book_receipt.way, MONEY_WAY_CROSS_BORDER),
};
const struct field_table book_receipt_table = TABLE(book_receipt);

static const struct field book_interest_fields[] = {
    ID(4, "account_id", book_interest.account_id),
    AMOUNT(5, "amount_minor", book_interest.amount_minor),
    REMARK(6, book_interest.remark),
};
const struct field_table book_interest_table = TABLE(book_interest);

static const struct field charge_fee_fields[] = {
    ID(4, "account_id", charge_fee.account_id),
    AMOUNT(5, "amount_minor", charge_fee.amount_minor),
    REMARK(6, charge_fee.remark),
};
const struct field_table charge_fee_table = TABLE(charge_fee);

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
    OPTIONAL_ID(16, "mandate_id", pay.mandate_id),
};
const struct field_table pay_table = TABLE(pay);

static const struct field refund_fields[] = {
    EARLIER(4, "original_sequence", refund.original_sequence),
    OPTIONAL_ORDER_NUMBER(5, refund.order_number),
    OPTIONAL_LIST(6, "payees", refund.payees, PAYEES_PER_COMMAND_MAX, &refund_payees),
    REMARK(7, refund.remark),
};
const struct field_table refund_table = TABLE(refund);

static const struct field allocate_suspense_fields[] = {
    NAMED(RECORD_SUSPENSE, 4, "suspense_id", allocate_suspense.suspense_id),
    LIST(5, "payees", allocate_suspense.payees, PAYEES_PER_COMMAND_MAX, &allocate_suspense_payees),
    OPTIONAL_ORDER_NUMBER(6, allocate_suspense.order_number),
    REMARK(7, allocate_suspense.remark),
    OPTIONAL_FEE_RULE(8, allocate_suspense.fee_rule),
};
const struct field_table allocate_suspense_table = TABLE(allocate_suspense);

static const struct field undo_allocation_fields[] = {
    NAMED(RECORD_SUSPENSE, 4, "suspense_id", undo_allocation.suspense_id),
    EARLIER(5, "original_sequence", undo_allocation.original_sequence),
    OPTIONAL_LIST(
        6, "payees", undo_allocation.payees, PAYEES_PER_COMMAND_MAX, &undo_allocation_payees),
    REMARK(7, undo_allocation.remark),
    OPTIONAL_NAMED(RECORD_LUMP, 8, "lump_id", undo_allocation.lump_id),
    OPTIONAL_NAMED(RECORD_PAYOUT, 9, "payout_id", undo_allocation.payout_id),
};
const struct field_table undo_allocation_table = TABLE(undo_allocation);

static const struct field return_suspense_fields[] = {
    NAMED(RECORD_SUSPENSE, 4, "suspense_id", return_suspense.suspense_id),
    EARLIER(5, "original_sequence", return_suspense.original_sequence),
    OPTIONAL_AMOUNT(6, "amount_minor", return_suspense.amount_minor),
    REMARK(7, return_suspense.remark),
};
const struct field_table return_suspense_table = TABLE(return_suspense);

static const struct field open_lump_fields[] = {
    NAMED(RECORD_SUSPENSE, 4, "suspense_id", open_lump.suspense_id),
    ROW(5, "control_count", FIELD_INT64, AT(open_lump.control_count), REQUIRED,
        .max = LUMP_LINES_MAX),
    AMOUNT(6, "control_total_minor", open_lump.control_minor),
    BOOL(7, "all_or_nothing", open_lump.is_all_or_none),
};
const struct field_table open_lump_table = TABLE(open_lump);

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
const struct field_table allocate_line_table = TABLE(allocate_line);

static const struct field close_lump_fields[] = {
    NAMED(RECORD_LUMP, 4, "lump_id", close_lump.lump_id),
    BOOL(5, "cancel", close_lump.is_cancelled),
    BOOL(6, "as_it_stands", close_lump.is_as_it_stands),
};
const struct field_table close_lump_table = TABLE(close_lump);

static const struct field adopt_suspense_fields[] = {
    AMOUNT(4, "amount_minor", adopt_suspense.amount_minor),
    OPTIONAL_EARLIER(5, "original_sequence", adopt_suspense.original_sequence),
    TEXT(6, "reason", adopt_suspense.reason, TEXT_FACT, REMARK_CHARACTERS_MAX),
};
const struct field_table adopt_suspense_table = TABLE(adopt_suspense);

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
    OPTIONAL_ID(16, "mandate_id", withdraw.mandate_id),
    OPTIONAL_ENUM(29, "way", withdraw.way, MONEY_WAY_CROSS_BORDER),
};
const struct field_table withdraw_table = TABLE(withdraw);

static const struct field confirm_payout_fields[] = {
    NAMED(RECORD_PAYOUT, 4, "payout_id", confirm_payout.payout_id),
    ENUM(5, "result", confirm_payout.result, PAYOUT_RESULT_UNKNOWN),
    FACT(6, "bank_reference", confirm_payout.bank_reference, BANK_REFERENCE_CHARACTERS_MAX),
    FACT(7, "reason", confirm_payout.reason, REMARK_CHARACTERS_MAX),
    OPTIONAL_AMOUNT(8, "amount_minor", confirm_payout.amount_minor),
    BOOL(9, "correction", confirm_payout.correction),
};
const struct field_table confirm_payout_table = TABLE(confirm_payout);

static const struct field intercept_payout_fields[] = {
    NAMED(RECORD_PAYOUT, 4, "payout_id", intercept_payout.payout_id),
    FACT(5, "reason", intercept_payout.reason, REMARK_CHARACTERS_MAX),
};
const struct field_table intercept_payout_table = TABLE(intercept_payout);

static const struct field place_hold_fields[] = {
    PROOF(place_hold.proof),
    ID(4, "payer_account_id", place_hold.payer_account_id),
    AMOUNT(5, "amount_minor", place_hold.amount_minor),
    ORDER_NUMBER(6, place_hold.order_number),
    TIME(7, "expires_at_us", place_hold.expires_at_us),
    REMARK(8, place_hold.remark),
};
const struct field_table place_hold_table = TABLE(place_hold);

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
const struct field_table confirm_hold_table = TABLE(confirm_hold);

static const struct field cancel_hold_fields[] = {
    ID(4, "payer_account_id", cancel_hold.payer_account_id),
    ORDER_NUMBER(5, cancel_hold.order_number),
    OPTIONAL_NAMED(RECORD_HOLD, 6, "hold_id", cancel_hold.hold_id),
    OPTIONAL_AMOUNT(7, "amount_minor", cancel_hold.amount_minor),
    REMARK(8, cancel_hold.remark),
};
const struct field_table cancel_hold_table = TABLE(cancel_hold);

static const struct field expire_fields[] = {
    ENUM(4, "kind", expire.kind, EXPIRY_FEEDBACK),
    ROW(5, "id", FIELD_INT64, AT(expire.id), REQUIRED, .max = INT64_MAX,
        .use = USE_EXPIRING_RECORD),
};
const struct field_table expire_table = TABLE(expire);

static_assert(COUNT(withdraw_fields) <= FIELDS_PER_KIND_MAX, "the widest tables fit");

static_assert(PAYEES_PER_COMMAND_MAX * sizeof(struct payee) <= COMMAND_ELEMENTS_BYTES_MAX,
    "a decoded body has room for its elements");
