/* test_fields.c: every rule of every field, by the rows of field_rows.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/decode.h"
#include "command/message.h"
#include "field_rows.h"
#include "samples.h"
#include "suites.h"
#include "support/expect.h"

#include <inttypes.h>
#include <stdio.h>
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

static const struct field_row *const tables[] = {field_rows, field_rows_payments,
    field_rows_callers, field_rows_cards, field_rows_proposals, field_rows_screening,
    field_rows_claims, field_rows_statements, field_rows_products};

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
    if (kind == COMMAND_SET_TERMS) {
        sample.set_terms.named |= TERM_OWN_ACCOUNT;
        sample.set_terms.own_account.name = text_of("Example Mall");
        sample.set_terms.own_account.account_number = text_of("6222-0001");
    }
    if (command_has_proof((int)kind))
        sample_fill_proof(&sample);
    ProtobufCMessage *message = command_to_message(&sample, &arena);
    ck_assert_ptr_nonnull(message);
    return message;
}

static void check_row(const struct field_row *row)
{
    static char filled[4096];
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
        EXPECT_MSG(result == 0, "kind %d: %s refused: %s %s", (int)row->kind, row->field,
            error.field, error.description);
        return;
    }
    EXPECT_MSG(result == -1, "kind %d: %s accepted: %" PRId64 " %s", (int)row->kind, row->field,
        row->number, row->text ? row->text : "");
    EXPECT_MSG(strcmp(error.field, row->field) == 0, "kind %d: %s named as %s", (int)row->kind,
        row->field, error.field);
    expect_told(&error);
}

START_TEST(every_field_keeps_its_rule)
{
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        for (const struct field_row *row = tables[i]; row->field; row++) {
            check_row(row);
            arena_reset(&arena);
        }
    }
}
END_TEST

/* Fields that are accepted or refused only together with others, or are lists that may be empty:
 * test_together.c has them. */
static bool is_of_together(enum command_kind kind, const char *name)
{
    static const struct {
        enum command_kind kind;
        const char *name;
    } fields[] = {
        {COMMAND_BOOK_RECEIPT, "receiving_number"},
        {COMMAND_WITHDRAW, "fee_minor"},
        {COMMAND_WITHDRAW, "fee_mode"},
        {COMMAND_WITHDRAW, "fee_rule"},
        {COMMAND_WITHDRAW, "fee_account_id"},
        {COMMAND_WITHDRAW, "card_id"},
        {COMMAND_REFUND, "payees"},
        {COMMAND_UNDO_ALLOCATION, "payees"},
        {COMMAND_OPEN_LUMP, "control_count"},
        {COMMAND_OPEN_LUMP, "control_total_minor"},
        {COMMAND_OPEN_LUMP, "all_or_nothing"},
        {COMMAND_ALLOCATE_LINE, "account_id"},
        {COMMAND_ALLOCATE_LINE, "receiving_number"},
        {COMMAND_SET_FEE_RULE, "shares"},
        {COMMAND_PROPOSE, "command"},
        {COMMAND_ADD_DENIED, "document_kind"},
        {COMMAND_ADD_DENIED, "document_number"},
        {COMMAND_ADD_DENIED, "account_number"},
        {COMMAND_OPEN_BANK_STATEMENT, "from_date"},
        {COMMAND_OPEN_BANK_STATEMENT, "to_date"},
        {COMMAND_PLACE_CLAIM, "account_id"},
        {COMMAND_PLACE_CLAIM, "member_id"},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (fields[i].kind == kind && strcmp(fields[i].name, name) == 0)
            return true;
    }
    return false;
}

static void find_rows(
    enum command_kind kind, const char *name, bool *ret_accepted, bool *ret_refused)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        for (const struct field_row *row = tables[i]; row->field; row++) {
            if (row->kind != kind || strncmp(row->field, name, length) != 0 ||
                !strchr(".[", row->field[length]))
                continue;
            *ret_accepted |= row->accepted;
            *ret_refused |= !row->accepted;
        }
    }
}

static void expect_rows(enum command_kind kind, const char *outer, const char *name)
{
    char path[FIELD_PATH_BYTES_MAX];
    snprintf(path, sizeof path, "%s%s", outer, name);
    if (is_of_together(kind, path))
        return;
    bool has_accepted = strcmp(path, "tiers[0].from_minor") == 0; /* 0 in the sample */
    bool has_refused = false;
    find_rows(kind, path, &has_accepted, &has_refused);
    EXPECT_MSG(has_accepted && has_refused, "kind %d: %s lacks a row", (int)kind, path);
}

/* A field of a message, or the fields of its sub-message or of a list's element. */
static void expect_rows_of(enum command_kind kind, const ProtobufCFieldDescriptor *field)
{
    const ProtobufCMessageDescriptor *inner = field->descriptor;
    if (field->type == PROTOBUF_C_TYPE_BOOL || is_of_together(kind, field->name))
        return;
    if (field->type != PROTOBUF_C_TYPE_MESSAGE) {
        expect_rows(kind, "", field->name);
        return;
    }
    char outer[FIELD_PATH_BYTES_MAX];
    bool is_list = field->label == PROTOBUF_C_LABEL_REPEATED;
    snprintf(outer, sizeof outer, "%s%s", field->name, is_list ? "[0]." : ".");
    for (unsigned f = 0; f < inner->n_fields; f++) {
        if (inner->fields[f].type != PROTOBUF_C_TYPE_BOOL)
            expect_rows(kind, outer, inner->fields[f].name);
    }
}

/* Each field of each request is in an accepted and in a refused row. */
START_TEST(every_field_has_its_rows)
{
    for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
        const ProtobufCMessageDescriptor *descriptor = sample_message(*kind)->descriptor;
        for (unsigned f = 0; f < descriptor->n_fields; f++)
            expect_rows_of(*kind, &descriptor->fields[f]);
    }
}
END_TEST

/* The service's own channel is no client's; other letters are another channel. */
START_TEST(own_channel_is_refused)
{
    static const struct {
        const char *channel;
        bool accepted;
    } cases[] = {{"vsl", false}, {"VSL", true}, {"vs", true}, {"vsl-", true}, {"vsld", true}};
    for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            ProtobufCMessage *message = sample_message(*kind);
            sample_set_text(message, "key.channel", cases[i].channel);
            struct command command;
            struct decode_error error;
            int result = decode(*kind, message, &command, &error);
            ck_assert_int_eq(result, cases[i].accepted ? 0 : -1);
            if (!cases[i].accepted)
                ck_assert_str_eq(error.field, "key.channel");
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

/* Descriptions go to logs and screens of others: they must not repeat what the client sent. */
START_TEST(descriptions_keep_texts_to_themselves)
{
    ProtobufCMessage *message = sample_message(COMMAND_WITHDRAW);
    sample_set_text(message, "destination.account_number",
        "secret 6222 is longer than any number of an account can be");
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
    tcase_add_test(tcase, own_channel_is_refused);
    tcase_add_test(tcase, key_is_required);
    tcase_add_test(tcase, descriptions_keep_texts_to_themselves);
    suite_add_tcase(suite, tcase);
    return suite;
}
