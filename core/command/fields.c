/* fields.c: the fields of each kind of command.
 *
 * Body numbers are the numbers of the fields in their proto messages, and of a field inside a party
 * 16 times the party's number plus its own. The order of rows is the order of the message. Elements
 * of a list are numbered by themselves.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/fields.h"

#include "ceilings.h"
#include "command/body.h"
#include "model/money.h"
#include "model/records.h"

#include <assert.h>
#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT(member) (uint16_t) offsetof(struct command, member)

#define ID(number, name, member)                                                                   \
    {                                                                                              \
        name, number, FIELD_INT64, TEXT_FREE, true, AT(member), 1, INT64_MAX, NULL                 \
    }
#define OPTIONAL_ID(number, name, member)                                                          \
    {                                                                                              \
        name, number, FIELD_INT64, TEXT_FREE, false, AT(member), 1, INT64_MAX, NULL                \
    }
#define AMOUNT(number, name, member)                                                               \
    {                                                                                              \
        name, number, FIELD_INT64, TEXT_FREE, true, AT(member), 1, AMOUNT_MINOR_MAX, NULL          \
    }
#define FEE(number, name, member)                                                                  \
    {                                                                                              \
        name, number, FIELD_INT64, TEXT_FREE, false, AT(member), 0, AMOUNT_MINOR_MAX, NULL         \
    }
#define DATE(number, name, member)                                                                 \
    {                                                                                              \
        name, number, FIELD_DATE, TEXT_FREE, true, AT(member), 0, 0, NULL                          \
    }
#define OPTIONAL_DATE(number, name, member)                                                        \
    {                                                                                              \
        name, number, FIELD_DATE, TEXT_FREE, false, AT(member), 0, 0, NULL                         \
    }
#define ENUM(number, name, member, last)                                                           \
    {                                                                                              \
        name, number, FIELD_ENUM, TEXT_FREE, true, AT(member), 1, last, NULL                       \
    }
#define OPTIONAL_ENUM(number, name, member, last)                                                  \
    {                                                                                              \
        name, number, FIELD_ENUM, TEXT_FREE, false, AT(member), 1, last, NULL                      \
    }
#define BOOL(number, name, member)                                                                 \
    {                                                                                              \
        name, number, FIELD_BOOL, TEXT_FREE, false, AT(member), 0, 1, NULL                         \
    }
#define TEXT(number, name, member, rule, bytes_max)                                                \
    {                                                                                              \
        name, number, FIELD_TEXT, rule, true, AT(member), 1, bytes_max, NULL                       \
    }
#define OPTIONAL_TEXT(number, name, member, rule, bytes_max)                                       \
    {                                                                                              \
        name, number, FIELD_TEXT, rule, false, AT(member), 0, bytes_max, NULL                      \
    }
/* At least one of them. */
#define LIST(number, name, member, elements_max, list)                                             \
    {                                                                                              \
        name, number, FIELD_LIST, TEXT_FREE, true, AT(member), 1, elements_max, list               \
    }
#define REMARK(number, name, member)                                                               \
    OPTIONAL_TEXT(number, name, member, TEXT_FREE, REMARK_BYTES_MAX)

/* A party that must be named, in the sub-message of that field number. */
#define PARTY(number, outer, member)                                                               \
    TEXT((number)*16 + 1, outer ".name", member.name, TEXT_FREE, PARTY_NAME_BYTES_MAX),            \
        TEXT((number)*16 + 2, outer ".account_number", member.account_number, TEXT_ACCOUNT_NUMBER, \
            ACCOUNT_NUMBER_BYTES_MAX),                                                             \
        OPTIONAL_TEXT((number)*16 + 3, outer ".bank_code", member.bank_code, TEXT_ACCOUNT_NUMBER,  \
            BANK_CODE_BYTES_MAX)

static const struct field open_ledger_fields[] = {
    TEXT(4, "platform_name", open_ledger.platform_name, TEXT_FREE, PLATFORM_NAME_BYTES_MAX),
    TEXT(5, "escrow_account_number", open_ledger.escrow_account_number, TEXT_ACCOUNT_NUMBER,
        ACCOUNT_NUMBER_BYTES_MAX),
    TEXT(6, "currency", open_ledger.currency, TEXT_CURRENCY, 3),
    TEXT(7, "receiving_prefix", open_ledger.receiving_prefix, TEXT_PREFIX,
        RECEIVING_PREFIX_DIGITS_MAX),
    DATE(8, "first_accounting_date", open_ledger.first_accounting_date),
    {"key_window_dates", 9, FIELD_INT32, TEXT_FREE, false, AT(open_ledger.key_window_dates), 0,
        KEY_WINDOW_DATES_MAX, NULL},
};

static const struct field cut_day_fields[] = {
    DATE(4, "accounting_date", cut_day.accounting_date),
};

static const struct field open_member_fields[] = {
    ENUM(4, "kind", open_member.kind, MEMBER_USER),
    TEXT(5, "platform_member_id", open_member.platform_member_id, TEXT_TRIMMED,
        PLATFORM_MEMBER_ID_BYTES_MAX),
};

static const struct field close_member_fields[] = {
    ID(4, "member_id", close_member.member_id),
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
    REMARK(7, "reason", restrict_account.reason),
};

static const struct field book_receipt_fields[] = {
    OPTIONAL_ID(4, "account_id", book_receipt.account_id),
    OPTIONAL_TEXT(5, "receiving_number", book_receipt.receiving_number, TEXT_FREE,
        RECEIVING_NUMBER_BYTES_MAX),
    AMOUNT(6, "amount_minor", book_receipt.amount_minor),
    PARTY(7, "payer", book_receipt.payer),
    OPTIONAL_TEXT(
        8, "bank_reference", book_receipt.bank_reference, TEXT_TRIMMED, BANK_REFERENCE_BYTES_MAX),
    OPTIONAL_DATE(9, "value_date", book_receipt.value_date),
    REMARK(10, "remark", book_receipt.remark),
};

static const struct field book_interest_fields[] = {
    ID(4, "account_id", book_interest.account_id),
    AMOUNT(5, "amount_minor", book_interest.amount_minor),
    REMARK(6, "remark", book_interest.remark),
};

static const struct field charge_fee_fields[] = {
    ID(4, "account_id", charge_fee.account_id),
    AMOUNT(5, "amount_minor", charge_fee.amount_minor),
    REMARK(6, "remark", charge_fee.remark),
};

#define IN_PAYEE(member) (uint16_t) offsetof(struct payee, member)

static const struct field payee_fields[] = {
    {"account_id", 1, FIELD_INT64, TEXT_FREE, true, IN_PAYEE(account_id), 1, INT64_MAX, NULL},
    {"amount_minor", 2, FIELD_INT64, TEXT_FREE, true, IN_PAYEE(amount_minor), 1, AMOUNT_MINOR_MAX,
        NULL},
};

static const struct list payees = {
    {"payee", payee_fields, COUNT(payee_fields)}, sizeof(struct payee), AT(pay.payee_count)};

static const struct field pay_fields[] = {
    ID(4, "payer_account_id", pay.payer_account_id),
    FEE(7, "fee_minor", pay.fee_minor),
    OPTIONAL_TEXT(8, "order_number", pay.order_number, TEXT_TRIMMED, ORDER_NUMBER_BYTES_MAX),
    REMARK(9, "remark", pay.remark),
    LIST(10, "payees", pay.payees, PAYEES_PER_COMMAND_MAX, &payees),
};

static const struct field withdraw_fields[] = {
    ID(4, "account_id", withdraw.account_id),
    AMOUNT(5, "amount_minor", withdraw.amount_minor),
    FEE(6, "fee_minor", withdraw.fee_minor),
    OPTIONAL_ENUM(7, "fee_mode", withdraw.fee_mode, FEE_INSIDE),
    PARTY(8, "destination", withdraw.destination),
    REMARK(9, "remark", withdraw.remark),
};

static const struct field confirm_payout_fields[] = {
    ID(4, "payout_id", confirm_payout.payout_id),
    ENUM(5, "result", confirm_payout.result, PAYOUT_RESULT_RETURNED),
    OPTIONAL_TEXT(
        6, "bank_reference", confirm_payout.bank_reference, TEXT_TRIMMED, BANK_REFERENCE_BYTES_MAX),
    REMARK(7, "reason", confirm_payout.reason),
};

#define TABLE(kind)                                                                                \
    {                                                                                              \
#kind, kind##_fields, COUNT(kind##_fields)                                                 \
    }

static const struct field_table tables[COMMAND_KIND_MAX + 1] = {
    [COMMAND_OPEN_LEDGER] = TABLE(open_ledger),
    [COMMAND_CLOSE_LEDGER] = {"close_ledger", NULL, 0},
    [COMMAND_CUT_DAY] = TABLE(cut_day),
    [COMMAND_OPEN_MEMBER] = TABLE(open_member),
    [COMMAND_CLOSE_MEMBER] = TABLE(close_member),
    [COMMAND_OPEN_ACCOUNT] = TABLE(open_account),
    [COMMAND_CLOSE_ACCOUNT] = TABLE(close_account),
    [COMMAND_RESTRICT_ACCOUNT] = TABLE(restrict_account),
    [COMMAND_BOOK_RECEIPT] = TABLE(book_receipt),
    [COMMAND_BOOK_INTEREST] = TABLE(book_interest),
    [COMMAND_CHARGE_FEE] = TABLE(charge_fee),
    [COMMAND_PAY] = TABLE(pay),
    [COMMAND_WITHDRAW] = TABLE(withdraw),
    [COMMAND_CONFIRM_PAYOUT] = TABLE(confirm_payout),
};

static_assert(sizeof(struct command) <= UINT16_MAX, "offsets of fields are 16 bits wide");
static_assert(PAYEES_PER_COMMAND_MAX * sizeof(struct payee) <= COMMAND_ELEMENTS_BYTES_MAX,
    "a decoded body has room for its elements");
static_assert(COUNT(book_receipt_fields) <= FIELDS_PER_KIND_MAX, "the widest table fits");

const struct field_table *command_fields(int kind)
{
    if (kind < 0 || kind > COMMAND_KIND_MAX || !tables[kind].name)
        return NULL;
    return &tables[kind];
}

#define KEY_AT(member) (uint16_t) offsetof(struct key_texts, member)

static const struct field key_fields[] = {
    {"channel", 1, FIELD_TEXT, TEXT_CHANNEL, true, KEY_AT(channel), 1, CHANNEL_BYTES_MAX, NULL},
    {"business_date", 2, FIELD_DATE, TEXT_FREE, true, KEY_AT(business_date), 0, 0, NULL},
    {"serial", 3, FIELD_TEXT, TEXT_VISIBLE_ASCII, true, KEY_AT(serial), 1, SERIAL_BYTES_MAX, NULL},
};

const struct field_table request_key_fields = {"key", key_fields, COUNT(key_fields)};
