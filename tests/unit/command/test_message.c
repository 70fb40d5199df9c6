/* test_message.c: from struct to message to bytes and back, and through the body, for every kind.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ceilings.h"
#include "command/body.h"
#include "command/decode.h"
#include "command/message.h"
#include "samples.h"
#include "suites.h"
#include "support/expect.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/journal.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"

#include <string.h>

#define ROUNDS 200

static struct arena arena;

static void set_up(void)
{
    sample_arena_init(&arena);
}

static void tear_down(void)
{
    arena_finish(&arena);
}

static struct command decode_again(const ProtobufCMessage *message, enum command_kind kind)
{
    struct command command;
    struct decode_error error;
    struct buffer bytes = sample_pack(message);
    int result = command_decode(kind, bytes.bytes, bytes.length, &arena, &command, &error);
    EXPECT_MSG(result == 0, "kind %d refused: %s %s", (int)kind, error.field, error.description);
    buffer_finish(&bytes);
    return command;
}

/* struct -> message -> bytes -> struct -> body -> struct -> message -> bytes */
START_TEST(random_commands_survive_every_form)
{
    struct random random;
    random_start(&random, "random_commands_survive_every_form");
    for (int round = 0; round < ROUNDS; round++) {
        for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
            arena_reset(&arena);
            struct command first = sample_random_command(*kind, &random, &arena);
            ProtobufCMessage *message = command_to_message(&first, &arena);
            EXPECT(message);
            struct command second = decode_again(message, *kind);
            expect_same_command(&first, &second);

            uint8_t body[COMMAND_BODY_BYTES_MAX];
            size_t length = command_body_encode(&second, body);
            struct command_elements elements;
            struct command third;
            EXPECT(command_body_decode(*kind, body, length, &elements, &third) == 0);
            third.key = first.key;
            third.dry_run = first.dry_run;
            third.ledger_id = first.ledger_id;
            expect_same_command(&first, &third);

            struct buffer one = sample_pack(message);
            struct buffer other = sample_pack(command_to_message(&third, &arena));
            EXPECT(one.length == other.length);
            EXPECT(memcmp(one.bytes, other.bytes, one.length) == 0);
            buffer_finish(&one);
            buffer_finish(&other);
        }
    }
}
END_TEST

/* The samples are all kinds that the protos know. */
START_TEST(samples_are_every_kind)
{
    unsigned count = 0;
    for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
        const ProtobufCFieldDescriptor *item = protobuf_c_message_descriptor_get_field(
            &vsl__v1__batch_item__descriptor, (unsigned)*kind);
        ck_assert(count == 0 || kind[-1] < *kind);
        /* What answers with more than a result is in no batch, nor is what may only be tried. */
        ck_assert((item == NULL) == (*kind == COMMAND_REVEAL || command_is_a_try((int)*kind)));
        if (!item)
            continue;
        ck_assert_str_eq(item->name, command_kind_name((int)*kind));
        count++;
    }
    ck_assert_uint_eq(count, vsl__v1__batch_item__descriptor.n_fields);
}
END_TEST

/* What is not named is not there, what is unset is there and empty, and bodies tell them apart. */
START_TEST(terms_are_named_or_left_out)
{
    struct command command = sample_command(COMMAND_SET_TERMS);
    uint8_t body[COMMAND_BODY_BYTES_MAX];
    char field[FIELD_PATH_BYTES_MAX];
    Vsl__V1__SetTermsRequest *message =
        (Vsl__V1__SetTermsRequest *)command_to_message(&command, &arena);
    ck_assert_ptr_null(message->own_account);
    ck_assert_uint_eq(message->_payout_return_days_case, 0);
    ck_assert_uint_ne(message->_advance_refunds_case, 0);
    struct command again = decode_again(&message->base, COMMAND_SET_TERMS);
    expect_same_command(&command, &again);
    size_t length = command_body_encode(&again, body);

    Vsl__V1__Party party;
    vsl__v1__party__init(&party);
    message->own_account = &party;
    again = decode_again(&message->base, COMMAND_SET_TERMS);
    ck_assert_int_eq(again.set_terms.named, TERM_OWN_ACCOUNT | TERM_ADVANCE_REFUNDS);
    uint8_t other[COMMAND_BODY_BYTES_MAX];
    size_t other_length = command_body_encode(&again, other);
    ck_assert(command_body_differs(COMMAND_SET_TERMS, body, length, other, other_length, field));
    ck_assert_str_eq(field, "own_account.name");
    message = (Vsl__V1__SetTermsRequest *)command_to_message(&again, &arena);
    ck_assert_ptr_nonnull(message->own_account);
    ck_assert_str_eq(message->own_account->name, "");

    /* None named: refused. */
    message->own_account = NULL;
    message->_advance_refunds_case = 0;
    struct buffer bytes = sample_pack(&message->base);
    struct decode_error error;
    ck_assert_int_lt(
        command_decode(COMMAND_SET_TERMS, bytes.bytes, bytes.length, &arena, &again, &error), 0);
    ck_assert_str_eq(error.field, "own_account");
    buffer_finish(&bytes);

    command.set_terms.named |= TERM_OWN_ACCOUNT;
    command.set_terms.own_account.name = text_of("Mall");
    command.set_terms.own_account.account_number = text_of("6222");
    message = (Vsl__V1__SetTermsRequest *)command_to_message(&command, &arena);
    ck_assert_ptr_nonnull(message->own_account);
    ck_assert_str_eq(message->own_account->name, "Mall");
    ck_assert_str_eq(message->own_account->account_number, "6222");
    ck_assert_str_eq(message->own_account->bank_code, "");
}
END_TEST

/* A body of before schema 3 meant all terms: it is shown so, and sent again it is the same. */
START_TEST(old_bodies_name_all_terms)
{
    static const uint8_t old[] = {5, 2}; /* advance_refunds */
    struct command_elements elements;
    struct command command;
    ck_assert_int_eq(
        command_body_decode(COMMAND_SET_TERMS, old, sizeof old, &elements, &command), 0);
    const Vsl__V1__SetTermsRequest *message =
        (const Vsl__V1__SetTermsRequest *)command_to_message(&command, &arena);
    ck_assert_ptr_nonnull(message->own_account);
    ck_assert_str_eq(message->own_account->name, "");
    ck_assert_uint_ne(message->_advance_refunds_case, 0);
    ck_assert(message->advance_refunds);
    ck_assert_uint_ne(message->_payout_return_days_case, 0);
    ck_assert_int_eq(message->payout_return_days, 0);
    ck_assert_uint_eq(message->_suspense_age_s_case, 0); /* which came later */
    ck_assert_uint_eq(message->_one_membership_per_person_case, 0);
    ck_assert_uint_eq(message->_same_card_case, 0);

    struct command sent_again = sample_command(COMMAND_SET_TERMS);
    sent_again.set_terms.advance_refunds = true;
    uint8_t body[COMMAND_BODY_BYTES_MAX];
    char field[FIELD_PATH_BYTES_MAX];
    size_t length = command_body_encode(&sent_again, body);
    ck_assert(!command_body_differs(COMMAND_SET_TERMS, old, sizeof old, body, length, field));
    sent_again.set_terms.advance_refunds = false;
    length = command_body_encode(&sent_again, body);
    ck_assert(command_body_differs(COMMAND_SET_TERMS, old, sizeof old, body, length, field));
    ck_assert_str_eq(field, "advance_refunds");

    /* Masks that no request can have. */
    static const uint8_t wrong[][6] = {
        {254, 0},
        {5, 2, 254, 32},
        {254, 2},
        {254, 12},
        {254, 128, 4},
        {254, 16, 254, 16},
        {254, 16, 5, 2},
    };
    static const size_t lengths[] = {2, 4, 2, 2, 3, 4, 4};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_int_lt(
            command_body_decode(COMMAND_SET_TERMS, wrong[i], lengths[i], &elements, &command), 0);
}
END_TEST

/* The message goes into a journal entry under the number 100 + kind. */
START_TEST(messages_fit_the_journal_entry)
{
    for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
        struct command command = sample_command(*kind);
        Vsl__V1__JournalEntry entry;
        vsl__v1__journal_entry__init(&entry);
        const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(
            entry.base.descriptor, (unsigned)JOURNAL_ENTRY_REQUEST_CASE(*kind));
        ck_assert_ptr_nonnull(field);
        ProtobufCMessage *message = command_to_message(&command, &arena);
        ck_assert_ptr_eq(field->descriptor, message->descriptor);
        ck_assert_str_eq(field->name, command_kind_name((int)*kind));
        entry.request_case = (Vsl__V1__JournalEntry__RequestCase)JOURNAL_ENTRY_REQUEST_CASE(*kind);
        entry.pay = (Vsl__V1__PayRequest *)message;
        struct buffer bytes = sample_pack(&entry.base);
        Vsl__V1__JournalEntry *again =
            vsl__v1__journal_entry__unpack(NULL, bytes.length, bytes.bytes);
        ck_assert_ptr_nonnull(again);
        ck_assert_int_eq((int)again->request_case, JOURNAL_ENTRY_REQUEST_CASE(*kind));
        struct command second = decode_again(&again->pay->base, *kind);
        expect_same_command(&command, &second);
        vsl__v1__journal_entry__free_unpacked(again, NULL);
        buffer_finish(&bytes);
    }
}
END_TEST

START_TEST(a_full_arena_is_told)
{
    struct random random;
    random_start(&random, "a_full_arena_is_told");
    for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
        struct command command = sample_random_command(*kind, &random, &arena);
        struct buffer bytes = sample_pack(command_to_message(&command, &arena));
        bool fitted = false;
        for (size_t room = 16; !fitted; room += 16) {
            struct arena small;
            struct command again;
            struct decode_error error;
            arena_init(&small, 16, room);
            struct ProtobufCMessage *message = command_to_message(&command, &small);
            arena_finish(&small);
            arena_init(&small, 16, room);
            int result = command_decode(*kind, bytes.bytes, bytes.length, &small, &again, &error);
            if (result < 0) {
                ck_assert_str_eq(error.field, "");
                ck_assert_ptr_nonnull(strstr(error.description, "memory"));
            }
            fitted = message && result == 0;
            arena_finish(&small);
            ck_assert_uint_lt(room, 1U << 20);
        }
        buffer_finish(&bytes);
    }
}
END_TEST

Suite *message_suite(void)
{
    Suite *suite = suite_create("message");
    TCase *tcase = tcase_create("message");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, random_commands_survive_every_form);
    tcase_add_test(tcase, samples_are_every_kind);
    tcase_add_test(tcase, terms_are_named_or_left_out);
    tcase_add_test(tcase, old_bodies_name_all_terms);
    tcase_add_test(tcase, messages_fit_the_journal_entry);
    tcase_add_test(tcase, a_full_arena_is_told);
    suite_add_tcase(suite, tcase);
    return suite;
}
