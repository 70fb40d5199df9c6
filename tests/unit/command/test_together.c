/* test_together.c: fields that belong together, lists, and which of several errors is named.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/decode.h"
#include "command/message.h"
#include "model/document.h"
#include "model/records.h"
#include "samples.h"
#include "suites.h"
#include "support/expect.h"

#include <string.h>

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

/* The request is accepted when `error_field` is NULL, else refused over that field. */
static struct command expect_answer(
    enum command_kind kind, const ProtobufCMessage *message, const char *error_field)
{
    struct command command;
    struct decode_error error;
    memset(&command, 0, sizeof command);
    int result = decode(kind, message, &command, &error);
    if (!error_field) {
        EXPECT_MSG(
            result == 0, "kind %d refused: %s %s", (int)kind, error.field, error.description);
        return command;
    }
    EXPECT_MSG(result == -1, "kind %d accepted in spite of %s", (int)kind, error_field);
    EXPECT_MSG(strcmp(error.field, error_field) == 0, "kind %d: %s named as %s", (int)kind,
        error_field, error.field);
    expect_told(&error);
    return command;
}

static void expect_denied(
    const char *name, int32_t kind, const char *document, const char *account, const char *field)
{
    struct command command = sample_command(COMMAND_ADD_DENIED);
    command.add_denied.name = text_of(name);
    command.add_denied.document_kind = kind;
    command.add_denied.document_number = text_of(document);
    command.add_denied.account_number = text_of(account);
    expect_answer(COMMAND_ADD_DENIED, command_to_message(&command, &arena), field);
}

START_TEST(an_entry_lists_one_value)
{
    const int32_t citizen = DOCUMENT_CITIZEN_CARD;
    expect_denied("Li Si", 0, "", "", NULL);
    expect_denied("", citizen, "11010519491231002X", "", NULL);
    expect_denied("", citizen, "110105 19491231-002x", "", NULL);
    expect_denied("", 0, "", "6216 2610 0000 0000 018", NULL);
    expect_denied("", 0, "", "", "name");
    expect_denied("Li Si", 0, "", "6216261000000000018", "account_number");
    expect_denied("Li Si", citizen, "11010519491231002X", "", "document_number");
    expect_denied("", citizen, "11010519491231002X", "6216261000000000018", "document_number");
    expect_denied("", 0, "11010519491231002X", "", "document_kind");
    expect_denied("Li Si", citizen, "", "", "document_kind");
    expect_denied("", citizen, "110105194912310021", "", "document_number");
}
END_TEST

static struct command with_payees(
    enum command_kind kind, const struct payee *payees, uint32_t count)
{
    struct command command = sample_command(kind);
    if (kind == COMMAND_PAY) {
        command.pay.payees = payees;
        command.pay.payee_count = count;
    } else if (kind == COMMAND_CONFIRM_HOLD) {
        command.confirm_hold.payees = payees;
        command.confirm_hold.payee_count = count;
    } else if (kind == COMMAND_ALLOCATE_SUSPENSE) {
        command.allocate_suspense.payees = payees;
        command.allocate_suspense.payee_count = count;
    } else if (kind == COMMAND_UNDO_ALLOCATION) {
        command.undo_allocation.payees = payees;
        command.undo_allocation.payee_count = count;
    } else {
        ck_assert_int_eq((int)kind, COMMAND_REFUND);
        command.refund.payees = payees;
        command.refund.payee_count = count;
    }
    return command;
}

/* Who paid is not always known; whom to pay is left to the server, or said by a card. */
START_TEST(a_party_may_be_left_out)
{
    static const struct {
        enum command_kind kind;
        const char *party, *error_field;
    } cases[] = {
        {COMMAND_BOOK_RECEIPT, "payer", NULL},
        {COMMAND_WITHDRAW, "destination", NULL},
    };
    for (size_t i = 0; i < 2; i++) {
        ProtobufCMessage *message = sample_message(cases[i].kind);
        ProtobufCMessage *holder;
        const ProtobufCFieldDescriptor *field = sample_find(message, cases[i].party, &holder);
        memset((unsigned char *)holder + field->offset, 0, sizeof(void *));
        expect_answer(cases[i].kind, message, cases[i].error_field);
    }
}
END_TEST

/* Lines and tabs of a statement become blanks, everything else stays as it came. */
START_TEST(control_characters_of_facts_become_blanks)
{
    ProtobufCMessage *message = sample_message(COMMAND_BOOK_RECEIPT);
    sample_set_text(
        message, "remark", "/ROC/1\r\n\tII\x7f\xc2\x85\xe2\x80\xa8\xef\xbc\x88\xe2\x80\xae");
    sample_set_text(message, "payer.account_number", "19-2000145399/0800");
    struct command command = expect_answer(COMMAND_BOOK_RECEIPT, message, NULL);
    ck_assert(text_equals(
        command.book_receipt.remark, text_of("/ROC/1   II   \xef\xbc\x88\xe2\x80\xae")));
    ck_assert(
        text_equals(command.book_receipt.payer.account_number, text_of("19-2000145399/0800")));
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
        {0, "123456789012345678901234567890123", NULL},
        {0, "a\tb", NULL},
        {0, "", NULL}, /* the payer wrote nothing */
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

START_TEST(fee_of_a_withdrawal_goes_with_its_mode)
{
    static const struct {
        int64_t fee_minor;
        const char *fee_rule;
        int64_t fee_mode, fee_account_id;
        const char *error_field; /* NULL: accepted */
    } cases[] = {
        {0, "", 0, 0, NULL},
        {0, "", 1, 0, "fee_mode"},
        {0, "", 2, 0, "fee_mode"},
        {0, "", 3, 9, "fee_mode"},
        {1, "", 0, 0, "fee_mode"},
        {1, "", 1, 0, NULL},
        {1, "", 2, 0, NULL},
        {10000000000000000, "", 1, 0, NULL},
        {100, "", 2, 0, NULL}, /* not below the amount: the engine's rule */
        {1, "", 4, 0, "fee_mode"},
        {0, "base", 0, 0, "fee_mode"},
        {0, "base", 1, 0, NULL},
        {0, "base", 2, 0, NULL},
        {0, "12345678901234567890123456789012", 2, 0, NULL},
        {0, "123456789012345678901234567890123", 2, 0, "fee_rule"},
        {1, "base", 1, 0, "fee_rule"},
        {1, "base", 0, 0, "fee_rule"},
        {1, "", 3, 9, NULL},
        {0, "base", 3, 9, NULL},
        {0, "base", 3, INT64_MAX, NULL},
        {0, "base", 3, 0, "fee_account_id"},
        {1, "", 3, 0, "fee_account_id"},
        {1, "", 3, -1, "fee_account_id"},
        {1, "", 1, 9, "fee_account_id"},
        {0, "base", 2, 9, "fee_account_id"},
        {0, "", 0, 9, "fee_account_id"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ProtobufCMessage *message = sample_message(COMMAND_WITHDRAW);
        sample_set_number(message, "fee_minor", cases[i].fee_minor);
        sample_set_text(message, "fee_rule", cases[i].fee_rule);
        sample_set_number(message, "fee_mode", cases[i].fee_mode);
        sample_set_number(message, "fee_account_id", cases[i].fee_account_id);
        expect_answer(COMMAND_WITHDRAW, message, cases[i].error_field);
    }
}
END_TEST

START_TEST(agreed_fees_are_borne_by_the_payer)
{
    static const enum command_kind kinds[] = {COMMAND_PAY, COMMAND_CONFIRM_HOLD};
    static const struct {
        int64_t fee_minor;
        const char *fee_rule;
        int64_t fee_bearer;
        const char *error_field; /* NULL: accepted */
    } cases[] = {
        {0, "", 0, NULL},
        {0, "", 1, NULL},
        {0, "", 2, "fee_bearer"},
        {1, "", 0, NULL},
        {1, "", 1, NULL},
        {1, "", 2, "fee_bearer"},
        {0, "base", 0, NULL},
        {0, "base", 1, NULL},
        {0, "base", 2, NULL},
        {0, "base", 3, "fee_bearer"},
        {1, "base", 0, "fee_rule"},
        {1, "base", 1, "fee_rule"},
        {1, "base", 2, "fee_rule"},
        {-1, "base", 0, "fee_minor"},
    };
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            ProtobufCMessage *message = sample_message(kinds[k]);
            sample_set_number(message, "fee_minor", cases[i].fee_minor);
            sample_set_text(message, "fee_rule", cases[i].fee_rule);
            sample_set_number(message, "fee_bearer", cases[i].fee_bearer);
            expect_answer(kinds[k], message, cases[i].error_field);
        }
    }
}
END_TEST

START_TEST(only_a_return_has_an_amount)
{
    static const struct {
        int64_t result, amount_minor;
        bool accepted;
    } cases[] = {{1, 0, true}, {2, 0, true}, {3, 0, true}, {4, 0, true}, {5, 0, true},
        {1, 1, false}, {2, 1, false}, {4, 1, false}, {5, 1, false}, {3, 1, true},
        {3, 10000000000000000, true}, {3, 10000000000000001, false}, {3, -1, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ProtobufCMessage *message = sample_message(COMMAND_CONFIRM_PAYOUT);
        sample_set_number(message, "result", cases[i].result);
        sample_set_number(message, "amount_minor", cases[i].amount_minor);
        expect_answer(COMMAND_CONFIRM_PAYOUT, message, cases[i].accepted ? NULL : "amount_minor");
    }
}
END_TEST

/* A correction has its evidence and names what is right. */
START_TEST(a_correction_has_evidence)
{
    static const struct {
        int64_t correction, result;
        const char *reference;
        const char *error_field; /* NULL: accepted */
    } cases[] = {
        {0, 1, "", NULL},
        {1, 1, "B", NULL},
        {1, 2, "B", NULL},
        {1, 3, "B", NULL},
        {1, 4, "B", "result"},
        {1, 5, "B", "result"},
        {1, 1, "", "bank_reference"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ProtobufCMessage *message = sample_message(COMMAND_CONFIRM_PAYOUT);
        sample_set_number(message, "correction", cases[i].correction);
        sample_set_number(message, "result", cases[i].result);
        sample_set_text(message, "bank_reference", cases[i].reference);
        expect_answer(COMMAND_CONFIRM_PAYOUT, message, cases[i].error_field);
    }
}
END_TEST

START_TEST(own_account_is_given_wholly_or_not_at_all)
{
    static const struct {
        const char *name, *account_number, *bank_code;
        const char *error_field; /* NULL: accepted */
    } cases[] = {
        {"", "", "", NULL},
        {"Mall", "6222", "", NULL},
        {"Mall", "6222", "308", NULL},
        {"Mall", "", "", "own_account.account_number"},
        {"Mall", "", "308", "own_account.account_number"},
        {"", "6222", "", "own_account.name"},
        {"", "6222", "308", "own_account.name"},
        {"", "", "308", "own_account.name"},
        {"Mall", "6\n", "", "own_account.account_number"},
        {"商城", "19-2000145399/0800", "", NULL},
        {"M\n", "", "", "own_account.name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct command terms = sample_command(COMMAND_SET_TERMS);
        terms.set_terms.named = TERM_OWN_ACCOUNT;
        terms.set_terms.own_account.name = text_of("any");
        ProtobufCMessage *message = command_to_message(&terms, &arena);
        sample_set_text(message, "own_account.name", cases[i].name);
        sample_set_text(message, "own_account.account_number", cases[i].account_number);
        sample_set_text(message, "own_account.bank_code", cases[i].bank_code);
        struct command command = expect_answer(COMMAND_SET_TERMS, message, cases[i].error_field);
        if (!cases[i].error_field)
            ck_assert(text_equals(command.set_terms.own_account.name, text_of(cases[i].name)));
    }
}
END_TEST

/* ---- fee rules ---- */

START_TEST(tiers_rise_from_zero)
{
    enum { M = 10000 };
    static const struct {
        uint32_t count;
        int64_t from[3], minimum, maximum; /* the limits are those of the last one */
        const char *error_field;           /* NULL: accepted */
    } cases[] = {
        {0, {0}, 0, 0, "tiers"},
        {1, {0}, 0, 0, NULL},
        {1, {1}, 0, 0, "tiers[0].from_minor"},
        {1, {-1}, 0, 0, "tiers[0].from_minor"},
        {2, {0, 1}, 0, 0, NULL},
        {2, {0, 0}, 0, 0, "tiers[1].from_minor"},
        {3, {0, M, M + 1}, 0, 0, NULL},
        {3, {0, M, M}, 0, 0, "tiers[2].from_minor"},
        {3, {0, M, M - 1}, 0, 0, "tiers[2].from_minor"},
        {3, {0, M, 0}, 0, 0, "tiers[2].from_minor"},
        {3, {1, 0, 0}, 0, 0, "tiers[0].from_minor"},
        {2, {0, 10000000000000000}, 0, 0, NULL},
        {2, {0, 10000000000000001}, 0, 0, "tiers[1].from_minor"},
        {2, {0, 1}, 5, 5, NULL},
        {2, {0, 1}, 0, 5, NULL},
        {2, {0, 1}, 5, 0, NULL}, /* no maximum */
        {2, {0, 1}, 6, 5, "tiers[1].maximum_minor"},
        {1, {0}, 2, 1, "tiers[0].maximum_minor"},
        {2, {0, 0}, 6, 5, "tiers[1].from_minor"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fee_tier tiers[3] = {{0}};
        uint32_t count = cases[i].count;
        for (uint32_t t = 0; t < count; t++)
            tiers[t].from_minor = cases[i].from[t];
        if (count > 0) {
            tiers[count - 1].minimum_minor = cases[i].minimum;
            tiers[count - 1].maximum_minor = cases[i].maximum;
        }
        struct command rule = sample_command(COMMAND_SET_FEE_RULE);
        rule.set_fee_rule.tiers = tiers;
        rule.set_fee_rule.tier_count = count;
        ProtobufCMessage *message = command_to_message(&rule, &arena);
        expect_answer(COMMAND_SET_FEE_RULE, message, cases[i].error_field);
    }
}
END_TEST

START_TEST(shares_are_a_whole)
{
    enum { WHOLE = 1000000 };
    static const struct {
        uint32_t count;
        struct fee_share shares[3];
        const char *error_field; /* NULL: accepted */
    } cases[] = {
        {0, {{0}}, NULL},
        {1, {{4, WHOLE}}, NULL},
        {1, {{4, WHOLE - 1}}, "shares"},
        {1, {{4, WHOLE + 1}}, "shares[0].share_ppm"},
        {1, {{INT64_MAX, WHOLE}}, NULL},
        {1, {{0, WHOLE}}, "shares[0].account_id"},
        {1, {{-4, WHOLE}}, "shares[0].account_id"},
        {2, {{4, WHOLE - 1}, {5, 1}}, NULL},
        {2, {{4, WHOLE}, {5, 0}}, "shares[1].share_ppm"},
        {2, {{4, WHOLE}, {5, 1}}, "shares"},
        {2, {{4, WHOLE}, {5, -1}}, "shares[1].share_ppm"},
        {2, {{4, 500000}, {5, 499999}}, "shares"},
        {2, {{4, 500000}, {4, 500000}}, "shares"},
        {3, {{4, 500000}, {5, 300000}, {6, 200000}}, NULL},
        {3, {{4, 500000}, {5, 300000}, {4, 200000}}, "shares"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct command rule = sample_command(COMMAND_SET_FEE_RULE);
        rule.set_fee_rule.shares = cases[i].shares;
        rule.set_fee_rule.share_count = cases[i].count;
        ProtobufCMessage *message = command_to_message(&rule, &arena);
        struct command command = expect_answer(COMMAND_SET_FEE_RULE, message, cases[i].error_field);
        if (!cases[i].error_field)
            ck_assert_uint_eq(command.set_fee_rule.share_count, cases[i].count);
    }
}
END_TEST

START_TEST(tiers_and_shares_are_eight_at_most)
{
    struct fee_tier tiers[9] = {{0}};
    struct fee_share shares[9] = {{0}};
    for (int i = 0; i < 9; i++) {
        tiers[i].from_minor = i;
        shares[i] = (struct fee_share){i + 1, 125000};
    }
    struct command rule = sample_command(COMMAND_SET_FEE_RULE);
    rule.set_fee_rule.tiers = tiers;
    rule.set_fee_rule.shares = shares;
    rule.set_fee_rule.tier_count = 8;
    rule.set_fee_rule.share_count = 8;
    struct command command =
        expect_answer(COMMAND_SET_FEE_RULE, command_to_message(&rule, &arena), NULL);
    expect_same_command(&rule, &command);

    rule.set_fee_rule.share_count = 9;
    expect_answer(COMMAND_SET_FEE_RULE, command_to_message(&rule, &arena), "shares[8]");
    rule.set_fee_rule.share_count = 8;
    rule.set_fee_rule.tier_count = 9;
    expect_answer(COMMAND_SET_FEE_RULE, command_to_message(&rule, &arena), "tiers[8]");
}
END_TEST

/* ---- payees ---- */

/* The lists of payees of every kind that has one. */
START_TEST(every_list_of_payees_keeps_the_rules)
{
    static const enum command_kind kinds[] = {COMMAND_PAY, COMMAND_CONFIRM_HOLD,
        COMMAND_ALLOCATE_SUSPENSE, COMMAND_REFUND, COMMAND_UNDO_ALLOCATION};
    struct payee payees[101];
    for (int i = 0; i < 101; i++)
        payees[i] = (struct payee){i + 1, i + 1};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        static const uint32_t counts[] = {0, 1, 100, 101};
        for (size_t i = 0; i < 4; i++) {
            struct command command = with_payees(kinds[k], payees, counts[i]);
            bool may_be_none = kinds[k] == COMMAND_REFUND || kinds[k] == COMMAND_UNDO_ALLOCATION;
            const char *field = counts[i] == 101 ? "payees[100]" : NULL;
            if (counts[i] == 0 && !may_be_none)
                field = "payees";
            ProtobufCMessage *message = command_to_message(&command, &arena);
            struct command again = expect_answer(kinds[k], message, field);
            if (!field)
                expect_same_command(&command, &again);
        }
        struct payee twice[] = {{7, 1}, {8, 1}, {7, 1}};
        struct command command = with_payees(kinds[k], twice, 3);
        expect_answer(kinds[k], command_to_message(&command, &arena), "payees[2].account_id");
        twice[2] = (struct payee){9, 0};
        expect_answer(kinds[k], command_to_message(&command, &arena), "payees[2].amount_minor");
        twice[2] = (struct payee){0, 1};
        expect_answer(kinds[k], command_to_message(&command, &arena), "payees[2].account_id");
        twice[2] = (struct payee){INT64_MAX, 10000000000000001};
        expect_answer(kinds[k], command_to_message(&command, &arena), "payees[2].amount_minor");
        twice[2] = (struct payee){INT64_MAX, 10000000000000000};
        expect_answer(kinds[k], command_to_message(&command, &arena), NULL);
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

/* ---- of several errors the first is named ---- */

struct change {
    const char *field;
    int64_t number;
    const char *text; /* NULL: a number */
};

/* All changes but the first `from` ones. */
static ProtobufCMessage *changed_message(
    enum command_kind kind, const struct change *changes, size_t count, size_t from)
{
    struct command sample = sample_command(kind);
    static const struct payee payees[] = {{10, 100}, {11, 100}};
    static const struct fee_tier tiers[] = {{.from_minor = 0}, {.from_minor = 1}};
    static const struct fee_share shares[] = {{4, 500000}, {5, 500000}};
    if (kind == COMMAND_PAY || kind == COMMAND_CONFIRM_HOLD)
        sample = with_payees(kind, payees, 2);
    if (kind == COMMAND_SET_FEE_RULE) {
        sample.set_fee_rule.tiers = tiers;
        sample.set_fee_rule.tier_count = 2;
        sample.set_fee_rule.shares = shares;
        sample.set_fee_rule.share_count = 2;
    }
    ProtobufCMessage *message = command_to_message(&sample, &arena);
    ck_assert_ptr_nonnull(message);
    for (size_t i = from; i < count; i++) {
        if (changes[i].text)
            sample_set_text(message, changes[i].field, changes[i].text);
        else
            sample_set_number(message, changes[i].field, changes[i].number);
    }
    return message;
}

/* Key, ledger, the fields in the order of the message, then what ties fields together. */
/* More characters than a remark may have. */
#define FIFTY "01234567890123456789012345678901234567890123456789"
#define TOO_LONG FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY

START_TEST(first_error_is_named)
{
    static const struct {
        enum command_kind kind;
        struct change
            changes[10]; /* each wrong by itself; the error names the first that is left */
    } cases[] = {
        {COMMAND_PAY,
            {{"remark", 0, "\xff"}, {"key.channel", 0, "a b"}, {"key.business_date", 1, NULL},
                {"key.serial", 0, " "}, {"ledger_id", 0, NULL}, {"payer_account_id", 0, NULL},
                {"payees[1].amount_minor", 0, NULL}, {"fee_bearer", 3, NULL}}},
        {COMMAND_PAY, {{"fee_minor", -1, NULL}, {"order_number", 0, " a"},
                          {"payees[0].account_id", -1, NULL}, {"payees[1].account_id", 0, NULL},
                          {"fee_rule", 0, "a b"}, {"fee_bearer", 2, NULL}}},
        {COMMAND_CONFIRM_HOLD, {{"payer_account_id", 0, NULL}, {"order_number", 0, ""},
                                   {"hold_id", -1, NULL}, {"payees[0].amount_minor", 0, NULL},
                                   {"fee_minor", -1, NULL}, {"fee_bearer", 3, NULL},
                                   {"remark", 0, TOO_LONG}, {"payees[1].account_id", 10, NULL}}},
        {COMMAND_WITHDRAW,
            {{"ledger_id", -1, NULL}, {"amount_minor", 0, NULL}, {"fee_minor", -1, NULL},
                {"fee_rule", 0, "\t"}, {"fee_account_id", -1, NULL}, {"order_number", 0, "a "},
                {"fee_mode", 1, NULL}}},
        {COMMAND_SET_TERMS,
            {{"key.channel", 0, "vsl"}, {"ledger_id", 0, NULL}, {"payout_return_days", 367, NULL}}},
        {COMMAND_SET_FEE_RULE,
            {{"name", 0, ""}, {"effective_date", 0, NULL}, {"rounding", 4, NULL},
                {"refund", 0, NULL}, {"on_payout_failed", 3, NULL}, {"on_payout_returned", 0, NULL},
                {"tiers[1].rate_ppm", 1000001, NULL}, {"shares[1].share_ppm", 0, NULL},
                {"tiers[1].from_minor", 0, NULL}}},
        {COMMAND_PROPOSE_ADJUSTMENT,
            {{"debit_account_id", 0, NULL}, {"credit_account_id", -1, NULL},
                {"amount_minor", 0, NULL}, {"reason", 0, " "}, {"expires_at_us", 0, NULL}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t count = 0;
        while (count < 10 && cases[i].changes[count].field)
            count++;
        for (size_t from = 0; from < count; from++) {
            ProtobufCMessage *message =
                changed_message(cases[i].kind, cases[i].changes, count, from);
            expect_answer(cases[i].kind, message, cases[i].changes[from].field);
        }
    }
}
END_TEST

/* Between the rules that tie fields together. */
START_TEST(first_rule_is_named)
{
    static const struct {
        enum command_kind kind;
        struct change changes[6];
        const char *error_field;
    } cases[] = {
        {COMMAND_PAY,
            {{"payees[1].account_id", 10, NULL}, {"fee_minor", 1, NULL}, {"fee_rule", 0, "base"}},
            "payees[1].account_id"},
        {COMMAND_CONFIRM_HOLD, {{"payees[1].account_id", 10, NULL}, {"fee_bearer", 2, NULL}},
            "payees[1].account_id"},
        {COMMAND_PAY, {{"fee_minor", 1, NULL}, {"fee_rule", 0, "base"}, {"fee_bearer", 2, NULL}},
            "fee_rule"},
        {COMMAND_WITHDRAW,
            {{"fee_minor", 1, NULL}, {"fee_rule", 0, "base"}, {"fee_account_id", 9, NULL}},
            "fee_rule"},
        {COMMAND_WITHDRAW, {{"fee_minor", 1, NULL}, {"fee_account_id", 9, NULL}}, "fee_mode"},
        {COMMAND_WITHDRAW, {{"fee_mode", 3, NULL}}, "fee_mode"},
        {COMMAND_SET_FEE_RULE,
            {{"tiers[0].maximum_minor", 1, NULL}, {"tiers[0].minimum_minor", 2, NULL},
                {"tiers[1].from_minor", 0, NULL}, {"shares[1].share_ppm", 1, NULL}},
            "tiers[0].maximum_minor"},
        {COMMAND_SET_FEE_RULE,
            {{"tiers[1].from_minor", 0, NULL}, {"shares[1].account_id", 4, NULL}},
            "tiers[1].from_minor"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t count = 0;
        while (count < 6 && cases[i].changes[count].field)
            count++;
        ProtobufCMessage *message = changed_message(cases[i].kind, cases[i].changes, count, 0);
        expect_answer(cases[i].kind, message, cases[i].error_field);
    }
}
END_TEST

Suite *together_suite(void)
{
    Suite *suite = suite_create("together");
    TCase *tcase = tcase_create("together");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_party_may_be_left_out);
    tcase_add_test(tcase, control_characters_of_facts_become_blanks);
    tcase_add_test(tcase, receipt_names_its_receiver_in_one_way);
    tcase_add_test(tcase, fee_of_a_withdrawal_goes_with_its_mode);
    tcase_add_test(tcase, agreed_fees_are_borne_by_the_payer);
    tcase_add_test(tcase, only_a_return_has_an_amount);
    tcase_add_test(tcase, a_correction_has_evidence);
    tcase_add_test(tcase, own_account_is_given_wholly_or_not_at_all);
    tcase_add_test(tcase, tiers_rise_from_zero);
    tcase_add_test(tcase, shares_are_a_whole);
    tcase_add_test(tcase, tiers_and_shares_are_eight_at_most);
    tcase_add_test(tcase, every_list_of_payees_keeps_the_rules);
    tcase_add_test(tcase, number_of_payees_is_bounded);
    tcase_add_test(tcase, payees_are_checked_one_by_one);
    tcase_add_test(tcase, one_payee_twice_names_both);
    tcase_add_test(tcase, first_error_is_named);
    tcase_add_test(tcase, an_entry_lists_one_value);
    tcase_add_test(tcase, first_rule_is_named);
    suite_add_tcase(suite, tcase);
    return suite;
}
