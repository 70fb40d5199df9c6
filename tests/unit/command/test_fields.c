/* test_fields.c: every rule of every field: the limit, the value just past it, and what is wrong.
 *
 * Limits are written out here as numbers, apart from the module's own tables.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/decode.h"
#include "command/message.h"
#include "samples.h"
#include "suites.h"
#include "support/expect.h"

#include <stdio.h>
#include <string.h>

enum value_kind { NUMBER, TEXT, FILL };

struct row {
    enum command_kind kind;
    const char *field; /* that is set, and that the error must name */
    enum value_kind value;
    int64_t number;   /* NUMBER; FILL: that many bytes... */
    const char *text; /* TEXT; FILL: ...of this character, repeated */
    bool accepted;
};

#define OK_NUMBER(kind, field, number)                                                             \
    {                                                                                              \
        kind, field, NUMBER, number, NULL, true                                                    \
    }
#define NO_NUMBER(kind, field, number)                                                             \
    {                                                                                              \
        kind, field, NUMBER, number, NULL, false                                                   \
    }
#define OK_TEXT(kind, field, text)                                                                 \
    {                                                                                              \
        kind, field, TEXT, 0, text, true                                                           \
    }
#define NO_TEXT(kind, field, text)                                                                 \
    {                                                                                              \
        kind, field, TEXT, 0, text, false                                                          \
    }
#define OK_FILL(kind, field, bytes, text)                                                          \
    {                                                                                              \
        kind, field, FILL, bytes, text, true                                                       \
    }
#define NO_FILL(kind, field, bytes, text)                                                          \
    {                                                                                              \
        kind, field, FILL, bytes, text, false                                                      \
    }

/* Required, 1 up to the largest. */
#define ID_ROWS(kind, field)                                                                       \
    NO_NUMBER(kind, field, 0), NO_NUMBER(kind, field, -1), NO_NUMBER(kind, field, INT64_MIN),      \
        OK_NUMBER(kind, field, 1), OK_NUMBER(kind, field, INT64_MAX)
#define AMOUNT_ROWS(kind, field)                                                                   \
    NO_NUMBER(kind, field, 0), NO_NUMBER(kind, field, -1), OK_NUMBER(kind, field, 1),              \
        OK_NUMBER(kind, field, 10000000000000000), NO_NUMBER(kind, field, 10000000000000001),      \
        NO_NUMBER(kind, field, INT64_MAX), NO_NUMBER(kind, field, INT64_MIN)
#define DATE_ROWS(kind, field)                                                                     \
    NO_NUMBER(kind, field, -20261101), NO_NUMBER(kind, field, 19700101),                           \
        OK_NUMBER(kind, field, 19700102), OK_NUMBER(kind, field, 21991231),                        \
        NO_NUMBER(kind, field, 22000101), NO_NUMBER(kind, field, 20261131),                        \
        NO_NUMBER(kind, field, 20260229), OK_NUMBER(kind, field, 20280229),                        \
        NO_NUMBER(kind, field, 20261300), NO_NUMBER(kind, field, 2026111)
/* At most so many bytes without control characters; 4-byte characters count as four. */
#define FREE_ROWS(kind, field, bytes)                                                              \
    OK_FILL(kind, field, bytes, "x"), NO_FILL(kind, field, (bytes) + 1, "x"),                      \
        OK_FILL(kind, field, (bytes) / 4 * 4, "\xf0\xa0\x80\x80"),                                 \
        NO_FILL(kind, field, (bytes) / 4 * 4 + 4, "\xf0\xa0\x80\x80"),                             \
        NO_TEXT(kind, field, "a\nb"), NO_TEXT(kind, field, "\x01"), NO_TEXT(kind, field, "\x1f"),  \
        NO_TEXT(kind, field, "a\x7f"), OK_TEXT(kind, field, "a b"),                                \
        OK_TEXT(kind, field, "\xe5\xbc\xa0\xe4\xb8\x89")
#define REMARK_ROWS(kind, field)                                                                   \
    FREE_ROWS(kind, field, 256), OK_TEXT(kind, field, ""), OK_TEXT(kind, field, " ")
#define TRIMMED_ROWS(kind, field, bytes)                                                           \
    FREE_ROWS(kind, field, bytes), NO_TEXT(kind, field, " a"), NO_TEXT(kind, field, "a "),         \
        NO_TEXT(kind, field, " "),                                                                 \
        NO_TEXT(kind, field,                                                                       \
            "\xc2\xa0"                                                                             \
            "a"),                                                                                  \
        NO_TEXT(kind, field, "a\xc2\xa0"),                                                         \
        NO_TEXT(kind, field,                                                                       \
            "\xe3\x80\x80"                                                                         \
            "a"),                                                                                  \
        NO_TEXT(kind, field, "a\xe3\x80\x80")
#define REQUIRED_ROWS(kind, field) NO_TEXT(kind, field, "")
#define NAME_ROWS(kind, field, bytes)                                                              \
    REQUIRED_ROWS(kind, field), FREE_ROWS(kind, field, bytes), NO_TEXT(kind, field, "  "),         \
        NO_TEXT(kind, field, " \xe3\x80\x80\xc2\xa0"), OK_TEXT(kind, field, " a ")
#define NUMBER_TEXT_ROWS(kind, field, bytes)                                                       \
    OK_FILL(kind, field, bytes, "9"), NO_FILL(kind, field, (bytes) + 1, "9"),                      \
        OK_TEXT(kind, field, "aZ09"), OK_TEXT(kind, field, "1-2"), NO_TEXT(kind, field, "-1"),     \
        NO_TEXT(kind, field, "1-"), NO_TEXT(kind, field, "-"), NO_TEXT(kind, field, "1 2"),        \
        NO_TEXT(kind, field, "1_2"), NO_TEXT(kind, field, "\xe5\xbc\xa0"),                         \
        NO_TEXT(kind, field, "1\n")
#define PARTY_ROWS(kind, party)                                                                    \
    NAME_ROWS(kind, party ".name", 140), REQUIRED_ROWS(kind, party ".account_number"),             \
        NUMBER_TEXT_ROWS(kind, party ".account_number", 40),                                       \
        NUMBER_TEXT_ROWS(kind, party ".bank_code", 16), OK_TEXT(kind, party ".bank_code", "")
/* What every command has. */
#define COMMON_ROWS(kind)                                                                          \
    NO_TEXT(kind, "key.channel", ""), OK_FILL(kind, "key.channel", 16, "a"),                       \
        NO_FILL(kind, "key.channel", 17, "a"), OK_TEXT(kind, "key.channel", "aZ0_.-"),             \
        NO_TEXT(kind, "key.channel", "a b"), NO_TEXT(kind, "key.channel", "a/b"),                  \
        NO_TEXT(kind, "key.channel", "\xc3\xa9"), NO_TEXT(kind, "key.serial", ""),                 \
        OK_FILL(kind, "key.serial", 32, "9"), NO_FILL(kind, "key.serial", 33, "9"),                \
        OK_TEXT(kind, "key.serial", "!~"), NO_TEXT(kind, "key.serial", "a b"),                     \
        NO_TEXT(kind, "key.serial", " a"), NO_TEXT(kind, "key.serial", "a\x7f"),                   \
        NO_TEXT(kind, "key.serial", "\xc3\xa9"), NO_NUMBER(kind, "key.business_date", 0),          \
        DATE_ROWS(kind, "key.business_date"), OK_NUMBER(kind, "dry_run", 1)

static const struct row rows[] = {
    COMMON_ROWS(COMMAND_OPEN_LEDGER),
    OK_NUMBER(COMMAND_OPEN_LEDGER, "ledger_id", 0),
    NO_NUMBER(COMMAND_OPEN_LEDGER, "ledger_id", 1),
    NO_NUMBER(COMMAND_OPEN_LEDGER, "ledger_id", -1),
    NAME_ROWS(COMMAND_OPEN_LEDGER, "platform_name", 128),
    REQUIRED_ROWS(COMMAND_OPEN_LEDGER, "escrow_account_number"),
    NUMBER_TEXT_ROWS(COMMAND_OPEN_LEDGER, "escrow_account_number", 40),
    OK_TEXT(COMMAND_OPEN_LEDGER, "currency", "USD"),
    NO_TEXT(COMMAND_OPEN_LEDGER, "currency", ""),
    NO_TEXT(COMMAND_OPEN_LEDGER, "currency", "cny"),
    NO_TEXT(COMMAND_OPEN_LEDGER, "currency", "CN"),
    NO_TEXT(COMMAND_OPEN_LEDGER, "currency", "CNYX"),
    NO_TEXT(COMMAND_OPEN_LEDGER, "currency", "C1Y"),
    NO_TEXT(COMMAND_OPEN_LEDGER, "receiving_prefix", ""),
    NO_TEXT(COMMAND_OPEN_LEDGER, "receiving_prefix", "620"),
    OK_TEXT(COMMAND_OPEN_LEDGER, "receiving_prefix", "6200"),
    OK_TEXT(COMMAND_OPEN_LEDGER, "receiving_prefix", "62001234"),
    NO_TEXT(COMMAND_OPEN_LEDGER, "receiving_prefix", "620012345"),
    NO_TEXT(COMMAND_OPEN_LEDGER, "receiving_prefix", "0620"),
    NO_TEXT(COMMAND_OPEN_LEDGER, "receiving_prefix", "62a0"),
    NO_NUMBER(COMMAND_OPEN_LEDGER, "first_accounting_date", 0),
    DATE_ROWS(COMMAND_OPEN_LEDGER, "first_accounting_date"),
    OK_NUMBER(COMMAND_OPEN_LEDGER, "key_window_dates", 0),
    OK_NUMBER(COMMAND_OPEN_LEDGER, "key_window_dates", 1),
    OK_NUMBER(COMMAND_OPEN_LEDGER, "key_window_dates", 7),
    NO_NUMBER(COMMAND_OPEN_LEDGER, "key_window_dates", 8),
    NO_NUMBER(COMMAND_OPEN_LEDGER, "key_window_dates", -1),

    COMMON_ROWS(COMMAND_CLOSE_LEDGER),
    ID_ROWS(COMMAND_CLOSE_LEDGER, "ledger_id"),

    COMMON_ROWS(COMMAND_CUT_DAY),
    ID_ROWS(COMMAND_CUT_DAY, "ledger_id"),
    NO_NUMBER(COMMAND_CUT_DAY, "accounting_date", 0),
    DATE_ROWS(COMMAND_CUT_DAY, "accounting_date"),

    COMMON_ROWS(COMMAND_OPEN_MEMBER),
    ID_ROWS(COMMAND_OPEN_MEMBER, "ledger_id"),
    NO_NUMBER(COMMAND_OPEN_MEMBER, "kind", 0),
    OK_NUMBER(COMMAND_OPEN_MEMBER, "kind", 1),
    OK_NUMBER(COMMAND_OPEN_MEMBER, "kind", 2),
    NO_NUMBER(COMMAND_OPEN_MEMBER, "kind", 3),
    NO_NUMBER(COMMAND_OPEN_MEMBER, "kind", -1),
    NO_NUMBER(COMMAND_OPEN_MEMBER, "kind", INT32_MAX),
    REQUIRED_ROWS(COMMAND_OPEN_MEMBER, "platform_member_id"),
    TRIMMED_ROWS(COMMAND_OPEN_MEMBER, "platform_member_id", 64),

    COMMON_ROWS(COMMAND_CLOSE_MEMBER),
    ID_ROWS(COMMAND_CLOSE_MEMBER, "ledger_id"),
    ID_ROWS(COMMAND_CLOSE_MEMBER, "member_id"),

    COMMON_ROWS(COMMAND_OPEN_ACCOUNT),
    ID_ROWS(COMMAND_OPEN_ACCOUNT, "ledger_id"),
    ID_ROWS(COMMAND_OPEN_ACCOUNT, "member_id"),

    COMMON_ROWS(COMMAND_CLOSE_ACCOUNT),
    ID_ROWS(COMMAND_CLOSE_ACCOUNT, "ledger_id"),
    ID_ROWS(COMMAND_CLOSE_ACCOUNT, "account_id"),

    COMMON_ROWS(COMMAND_RESTRICT_ACCOUNT),
    ID_ROWS(COMMAND_RESTRICT_ACCOUNT, "ledger_id"),
    ID_ROWS(COMMAND_RESTRICT_ACCOUNT, "account_id"),
    OK_NUMBER(COMMAND_RESTRICT_ACCOUNT, "no_in", 1),
    OK_NUMBER(COMMAND_RESTRICT_ACCOUNT, "no_out", 1),
    REMARK_ROWS(COMMAND_RESTRICT_ACCOUNT, "reason"),

    COMMON_ROWS(COMMAND_BOOK_RECEIPT),
    ID_ROWS(COMMAND_BOOK_RECEIPT, "ledger_id"),
    NO_NUMBER(COMMAND_BOOK_RECEIPT, "account_id", 0),
    NO_NUMBER(COMMAND_BOOK_RECEIPT, "account_id", -1),
    OK_NUMBER(COMMAND_BOOK_RECEIPT, "account_id", INT64_MAX),
    NO_TEXT(COMMAND_BOOK_RECEIPT, "receiving_number", "6200"), /* besides account_id */
    AMOUNT_ROWS(COMMAND_BOOK_RECEIPT, "amount_minor"),
    PARTY_ROWS(COMMAND_BOOK_RECEIPT, "payer"),
    OK_TEXT(COMMAND_BOOK_RECEIPT, "bank_reference", ""),
    TRIMMED_ROWS(COMMAND_BOOK_RECEIPT, "bank_reference", 64),
    OK_NUMBER(COMMAND_BOOK_RECEIPT, "value_date", 0),
    DATE_ROWS(COMMAND_BOOK_RECEIPT, "value_date"),
    REMARK_ROWS(COMMAND_BOOK_RECEIPT, "remark"),

    COMMON_ROWS(COMMAND_BOOK_INTEREST),
    ID_ROWS(COMMAND_BOOK_INTEREST, "ledger_id"),
    ID_ROWS(COMMAND_BOOK_INTEREST, "account_id"),
    AMOUNT_ROWS(COMMAND_BOOK_INTEREST, "amount_minor"),
    REMARK_ROWS(COMMAND_BOOK_INTEREST, "remark"),

    COMMON_ROWS(COMMAND_CHARGE_FEE),
    ID_ROWS(COMMAND_CHARGE_FEE, "ledger_id"),
    ID_ROWS(COMMAND_CHARGE_FEE, "account_id"),
    AMOUNT_ROWS(COMMAND_CHARGE_FEE, "amount_minor"),
    REMARK_ROWS(COMMAND_CHARGE_FEE, "remark"),

    COMMON_ROWS(COMMAND_PAY),
    ID_ROWS(COMMAND_PAY, "ledger_id"),
    ID_ROWS(COMMAND_PAY, "payer_account_id"),
    OK_NUMBER(COMMAND_PAY, "fee_minor", 0),
    OK_NUMBER(COMMAND_PAY, "fee_minor", 1),
    OK_NUMBER(COMMAND_PAY, "fee_minor", 10000000000000000),
    NO_NUMBER(COMMAND_PAY, "fee_minor", 10000000000000001),
    NO_NUMBER(COMMAND_PAY, "fee_minor", -1),
    OK_TEXT(COMMAND_PAY, "order_number", ""),
    TRIMMED_ROWS(COMMAND_PAY, "order_number", 64),
    REMARK_ROWS(COMMAND_PAY, "remark"),
    ID_ROWS(COMMAND_PAY, "payees[0].account_id"),
    AMOUNT_ROWS(COMMAND_PAY, "payees[0].amount_minor"),

    COMMON_ROWS(COMMAND_WITHDRAW),
    ID_ROWS(COMMAND_WITHDRAW, "ledger_id"),
    ID_ROWS(COMMAND_WITHDRAW, "account_id"),
    AMOUNT_ROWS(COMMAND_WITHDRAW, "amount_minor"),
    NO_NUMBER(COMMAND_WITHDRAW, "fee_minor", -1),
    NO_NUMBER(COMMAND_WITHDRAW, "fee_minor", 10000000000000001),
    NO_NUMBER(COMMAND_WITHDRAW, "fee_mode", 1), /* without a fee */
    NO_NUMBER(COMMAND_WITHDRAW, "fee_mode", 3),
    PARTY_ROWS(COMMAND_WITHDRAW, "destination"),
    REMARK_ROWS(COMMAND_WITHDRAW, "remark"),

    COMMON_ROWS(COMMAND_CONFIRM_PAYOUT),
    ID_ROWS(COMMAND_CONFIRM_PAYOUT, "ledger_id"),
    ID_ROWS(COMMAND_CONFIRM_PAYOUT, "payout_id"),
    NO_NUMBER(COMMAND_CONFIRM_PAYOUT, "result", 0),
    OK_NUMBER(COMMAND_CONFIRM_PAYOUT, "result", 1),
    OK_NUMBER(COMMAND_CONFIRM_PAYOUT, "result", 2),
    OK_NUMBER(COMMAND_CONFIRM_PAYOUT, "result", 3),
    NO_NUMBER(COMMAND_CONFIRM_PAYOUT, "result", 4),
    NO_NUMBER(COMMAND_CONFIRM_PAYOUT, "result", -1),
    OK_TEXT(COMMAND_CONFIRM_PAYOUT, "bank_reference", ""),
    TRIMMED_ROWS(COMMAND_CONFIRM_PAYOUT, "bank_reference", 64),
    REMARK_ROWS(COMMAND_CONFIRM_PAYOUT, "reason"),
};

static struct arena arena;

static void set_up(void)
{
    sample_arena_init(&arena);
}

static void tear_down(void)
{
    arena_finish(&arena);
}

static int decode(enum command_kind kind, const ProtobufCMessage *message,
    struct command *ret_command, struct decode_error *ret_error)
{
    struct buffer bytes = sample_pack(message);
    memset(ret_error, 0x5a, sizeof *ret_error);
    int result = command_decode(kind, bytes.bytes, bytes.length, &arena, ret_command, ret_error);
    buffer_finish(&bytes);
    return result;
}

static ProtobufCMessage *sample_message(enum command_kind kind)
{
    struct command sample = sample_command(kind);
    ProtobufCMessage *message = command_to_message(&sample, &arena);
    ck_assert_ptr_nonnull(message);
    return message;
}

static void check_row(size_t number)
{
    const struct row *row = &rows[number];
    static char filled[1024];
    ProtobufCMessage *message = sample_message(row->kind);
    if (row->value == NUMBER)
        sample_set_number(message, row->field, row->number);
    if (row->value == TEXT)
        sample_set_text(message, row->field, row->text);
    if (row->value == FILL) {
        size_t size = strlen(row->text);
        ck_assert_uint_lt((size_t)row->number, sizeof filled);
        ck_assert_uint_eq((size_t)row->number % size, 0);
        for (size_t at = 0; at < (size_t)row->number; at += size)
            memcpy(filled + at, row->text, size);
        filled[row->number] = '\0';
        sample_set_text(message, row->field, filled);
    }
    struct command command;
    struct decode_error error;
    int result = decode(row->kind, message, &command, &error);
    if (row->accepted) {
        EXPECT_MSG(result == 0, "row %zu: %s refused: %s %s", number, row->field, error.field,
            error.description);
        return;
    }
    EXPECT_MSG(result == -1, "row %zu: %s accepted", number, row->field);
    EXPECT_MSG(strcmp(error.field, row->field) == 0, "row %zu: %s named as %s", number, row->field,
        error.field);
    EXPECT_MSG(strlen(error.description) > 10, "row %zu: no description", number);
}

START_TEST(every_field_keeps_its_rule)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row(i);
        arena_reset(&arena);
    }
}
END_TEST

/* Each field of each request is in the table above, in an accepted and in a refused row. */
START_TEST(every_field_has_its_rows)
{
    for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
        ProtobufCMessage *message = sample_message(*kind);
        for (unsigned f = 0; f < message->descriptor->n_fields; f++) {
            const ProtobufCFieldDescriptor *field = &message->descriptor->fields[f];
            bool has_accepted = false;
            bool has_refused = field->type == PROTOBUF_C_TYPE_BOOL;
            size_t length = strlen(field->name);
            for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                if (rows[i].kind != *kind || strncmp(rows[i].field, field->name, length) != 0 ||
                    !strchr(".[", rows[i].field[length]))
                    continue;
                has_accepted |= rows[i].accepted;
                has_refused |= !rows[i].accepted;
            }
            /* These two are accepted only together with others: tests of their own below. */
            has_accepted |= strcmp(field->name, "receiving_number") == 0;
            has_accepted |= strncmp(field->name, "fee_m", 5) == 0;
            EXPECT_MSG(
                has_accepted && has_refused, "kind %d: %s lacks a row", (int)*kind, field->name);
        }
    }
}
END_TEST

START_TEST(key_is_required)
{
    for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
        ProtobufCMessage *message = sample_message(*kind);
        ProtobufCMessage *holder;
        const ProtobufCFieldDescriptor *field = sample_find(message, "key", &holder);
        memset((unsigned char *)holder + field->offset, 0, sizeof(void *));
        struct command command;
        struct decode_error error;
        ck_assert_int_eq(decode(*kind, message, &command, &error), -1);
        ck_assert_str_eq(error.field, "key");
    }
}
END_TEST

START_TEST(party_is_required)
{
    static const struct {
        enum command_kind kind;
        const char *party, *error_field;
    } cases[] = {
        {COMMAND_BOOK_RECEIPT, "payer", "payer.name"},
        {COMMAND_WITHDRAW, "destination", "destination.name"},
    };
    for (size_t i = 0; i < 2; i++) {
        ProtobufCMessage *message = sample_message(cases[i].kind);
        ProtobufCMessage *holder;
        const ProtobufCFieldDescriptor *field = sample_find(message, cases[i].party, &holder);
        memset((unsigned char *)holder + field->offset, 0, sizeof(void *));
        struct command command;
        struct decode_error error;
        ck_assert_int_eq(decode(cases[i].kind, message, &command, &error), -1);
        ck_assert_str_eq(error.field, cases[i].error_field);
    }
}
END_TEST

START_TEST(receipt_names_its_receiver_in_one_way)
{
    static const struct {
        int64_t account_id;
        const char *receiving_number;
        const char *error_field; /* NULL: accepted */
    } cases[] = {
        {1, "", NULL},
        {0, "6200000000017", NULL},
        {0, "whatever the payer wrote", NULL},
        {0, "12345678901234567890123456789012", NULL},
        {0, "123456789012345678901234567890123", "receiving_number"},
        {0, "a\tb", "receiving_number"},
        {0, "", "account_id"},
        {1, "6200000000017", "receiving_number"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ProtobufCMessage *message = sample_message(COMMAND_BOOK_RECEIPT);
        sample_set_number(message, "account_id", cases[i].account_id);
        sample_set_text(message, "receiving_number", cases[i].receiving_number);
        struct command command;
        struct decode_error error;
        int result = decode(COMMAND_BOOK_RECEIPT, message, &command, &error);
        ck_assert_int_eq(result, cases[i].error_field ? -1 : 0);
        if (cases[i].error_field)
            ck_assert_str_eq(error.field, cases[i].error_field);
        else
            ck_assert_uint_eq(
                command.book_receipt.receiving_number.length, strlen(cases[i].receiving_number));
    }
}
END_TEST

START_TEST(fee_and_its_mode_go_together)
{
    static const struct {
        int64_t fee_minor, fee_mode;
        bool accepted;
    } cases[] = {
        {0, 0, true},
        {0, 1, false},
        {0, 2, false},
        {1, 0, false},
        {1, 1, true},
        {1, 2, true},
        {10000000000000000, 1, true},
        {100, 2, true}, /* not below the amount: the engine's rule */
        {1, 3, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ProtobufCMessage *message = sample_message(COMMAND_WITHDRAW);
        sample_set_number(message, "fee_minor", cases[i].fee_minor);
        sample_set_number(message, "fee_mode", cases[i].fee_mode);
        struct command command;
        struct decode_error error;
        int result = decode(COMMAND_WITHDRAW, message, &command, &error);
        ck_assert_int_eq(result, cases[i].accepted ? 0 : -1);
        if (!cases[i].accepted)
            ck_assert_str_eq(error.field, "fee_mode");
    }
}
END_TEST

/* A payment to accounts 1, 2, 3, ..., each for as many units. */
static ProtobufCMessage *pay_message(struct payee *payees, uint32_t count)
{
    struct command pay = sample_command(COMMAND_PAY);
    for (uint32_t i = 0; i < count; i++)
        payees[i] = (struct payee){i + 1, i + 1};
    pay.pay.payees = payees;
    pay.pay.payee_count = count;
    ProtobufCMessage *message = command_to_message(&pay, &arena);
    ck_assert_ptr_nonnull(message);
    return message;
}

START_TEST(number_of_payees_is_bounded)
{
    struct payee payees[101];
    struct command command;
    struct decode_error error;
    ck_assert_int_eq(decode(COMMAND_PAY, pay_message(payees, 0), &command, &error), -1);
    ck_assert_str_eq(error.field, "payees");
    ck_assert_ptr_nonnull(strstr(error.description, "1 to 100"));

    ck_assert_int_eq(decode(COMMAND_PAY, pay_message(payees, 100), &command, &error), 0);
    ck_assert_uint_eq(command.pay.payee_count, 100);
    ck_assert_int_eq(command.pay.payees[99].account_id, 100);
    ck_assert_int_eq(command.pay.payees[99].amount_minor, 100);

    ck_assert_int_eq(decode(COMMAND_PAY, pay_message(payees, 101), &command, &error), -1);
    ck_assert_str_eq(error.field, "payees[100]");
    ck_assert_ptr_nonnull(strstr(error.description, "100"));
}
END_TEST

START_TEST(payees_are_checked_one_by_one)
{
    struct payee payees[100];
    struct command command;
    struct decode_error error;
    ProtobufCMessage *message = pay_message(payees, 100);
    sample_set_number(message, "payees[99].amount_minor", 0);
    ck_assert_int_eq(decode(COMMAND_PAY, message, &command, &error), -1);
    ck_assert_str_eq(error.field, "payees[99].amount_minor");

    message = pay_message(payees, 100);
    sample_set_number(message, "payees[3].account_id", -7);
    ck_assert_int_eq(decode(COMMAND_PAY, message, &command, &error), -1);
    ck_assert_str_eq(error.field, "payees[3].account_id");
    ck_assert_ptr_nonnull(strstr(error.description, "-7"));

    /* An empty element is one without its fields. */
    message = pay_message(payees, 2);
    sample_set_number(message, "payees[1].account_id", 0);
    sample_set_number(message, "payees[1].amount_minor", 0);
    ck_assert_int_eq(decode(COMMAND_PAY, message, &command, &error), -1);
    ck_assert_str_eq(error.field, "payees[1].account_id");
}
END_TEST

START_TEST(one_payee_twice_names_both)
{
    struct payee payees[100];
    struct command command;
    struct decode_error error;
    ProtobufCMessage *message = pay_message(payees, 100);
    sample_set_number(message, "payees[4].account_id", 2);
    ck_assert_int_eq(decode(COMMAND_PAY, message, &command, &error), -1);
    ck_assert_str_eq(error.field, "payees[4].account_id");
    ck_assert_ptr_nonnull(strstr(error.description, "is the same as payees[1].account_id"));

    message = pay_message(payees, 100);
    sample_set_number(message, "payees[99].account_id", 1);
    ck_assert_int_eq(decode(COMMAND_PAY, message, &command, &error), -1);
    ck_assert_str_eq(error.field, "payees[99].account_id");
    ck_assert_ptr_nonnull(strstr(error.description, "is the same as payees[0].account_id"));
}
END_TEST

/* Descriptions go to logs and screens of others: they must not repeat what the client sent. */
START_TEST(descriptions_keep_texts_to_themselves)
{
    ProtobufCMessage *message = sample_message(COMMAND_WITHDRAW);
    sample_set_text(message, "destination.account_number", "secret 6222");
    struct command command;
    struct decode_error error;
    ck_assert_int_eq(decode(COMMAND_WITHDRAW, message, &command, &error), -1);
    ck_assert_ptr_null(strstr(error.description, "secret"));
    ck_assert_ptr_null(strstr(error.description, "6222"));
    ck_assert_ptr_nonnull(strstr(error.description, "40"));

    message = sample_message(COMMAND_PAY);
    sample_set_number(message, "payees[0].amount_minor", 10000000000000001);
    ck_assert_int_eq(decode(COMMAND_PAY, message, &command, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.description, "10000000000000001"));
    ck_assert_ptr_nonnull(strstr(error.description, "10000000000000000"));
}
END_TEST

Suite *fields_suite(void)
{
    Suite *suite = suite_create("fields");
    TCase *tcase = tcase_create("fields");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, every_field_keeps_its_rule);
    tcase_add_test(tcase, every_field_has_its_rows);
    tcase_add_test(tcase, key_is_required);
    tcase_add_test(tcase, party_is_required);
    tcase_add_test(tcase, receipt_names_its_receiver_in_one_way);
    tcase_add_test(tcase, fee_and_its_mode_go_together);
    tcase_add_test(tcase, number_of_payees_is_bounded);
    tcase_add_test(tcase, payees_are_checked_one_by_one);
    tcase_add_test(tcase, one_payee_twice_names_both);
    tcase_add_test(tcase, descriptions_keep_texts_to_themselves);
    suite_add_tcase(suite, tcase);
    return suite;
}
