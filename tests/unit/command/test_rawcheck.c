/* test_rawcheck.c: bytes that protobuf-c would take, or choke on, and that must be refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "command/bind.h"
#include "command/decode.h"
#include "command/message.h"
#include "command/rawcheck.h"
#include "samples.h"
#include "suites.h"
#include "support/expect.h"
#include "vsl/v1/event.pb-c.h"
#include "vsl/v1/funds.pb-c.h"

#include <string.h>

struct row {
    const char *what;
    size_t length;
    const char *bytes; /* of a PayRequest */
    const char *field; /* the path that the error must name; NULL: accepted by the raw check */
    const char *words; /* and words of its description */
};

#define ROW(what, bytes, field, words)                                                             \
    {                                                                                              \
        what, sizeof(bytes) - 1, bytes, field, words                                               \
    }

/* Fields of PayRequest: 1 key{1 channel, 2 business_date, 3 serial}, 2 dry_run, 3 ledger_id,
 * 4 payer_account_id, 7 fee_minor, 9 remark, 10 payees{1 account_id, 2 amount_minor}. */
static const struct row rows[] = {
    ROW("nothing at all", "", NULL, NULL),
    ROW("a plain number", "\x18\x01", NULL, NULL),
    ROW("fields in any order", "\x38\x05\x18\x01", NULL, NULL),
    ROW("a number in more bytes than needed", "\x18\x81\x80\x00", NULL, NULL),
    ROW("a negative int64", "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", NULL, NULL),
    ROW("a tag in more bytes than needed", "\x98\x80\x00\x01", NULL, NULL),

    ROW("a tag cut off", "\x98", "", "tag"),
    ROW("a tag of six bytes", "\x98\x80\x80\x80\x80\x00\x01", "", "tag"),
    ROW("a tag of more than 32 bits", "\x98\x80\x80\x80\x10\x01", "", "tag"),
    ROW("field number 0", "\x00\x01", "", "number 0"),
    ROW("an unknown field", "\x70\x01", "", "number 14"),
    ROW("a field that there was once", "\x30\x01", "", "number 6"),
    ROW("an unknown field of a high number", "\xf8\xff\xff\xff\x0f\x01", "", "number 536870911"),
    ROW("an unknown field inside the key", "\x0a\x02\x20\x01", "key", "number 4"),
    ROW("a group", "\x1b\x1c", "ledger_id", "wire type"),
    ROW("the end of a group", "\x1c", "ledger_id", "wire type"),
    ROW("wire type 6", "\x1e\x01", "ledger_id", "wire type"),
    ROW("a number as 64 bits", "\x19\x01\0\0\0\0\0\0\0", "ledger_id", "wire type"),
    ROW("a number as 32 bits", "\x1d\x01\0\0\0", "ledger_id", "wire type"),
    ROW("a number as a text", "\x1a\x01\x01", "ledger_id", "wire type"),
    ROW("a text as a number", "\x48\x01", "remark", "wire type"),
    ROW("a message as a number", "\x08\x01", "key", "wire type"),
    ROW("a number cut off", "\x18\x80", "ledger_id", "varint"),
    ROW("a number that is not there", "\x18", "ledger_id", "varint"),
    ROW("a number of eleven bytes", "\x18\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", "ledger_id",
        "varint"),
    ROW("a number of 65 bits", "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "ledger_id",
        "varint"),
    ROW("a boolean of 2", "\x10\x02", "dry_run", "true or false"),
    ROW("a date of 2^32 + 5", "\x0a\x06\x10\x85\x80\x80\x80\x10", "key.business_date", "32 bits"),
    ROW("a date of -2^31 - 1", "\x0a\x0b\x10\xff\xff\xff\xff\xf7\xff\xff\xff\xff\x01",
        "key.business_date", "32 bits"),
    ROW("a text longer than what is left", "\x4a\x02x", "remark", "cut off"),
    ROW("a text without its length", "\x4a", "remark", "cut off"),
    ROW("a length of six bytes", "\x4a\x81\x80\x80\x80\x80\x00x", "remark", "cut off"),
    ROW("a length of 2^32 - 1", "\x4a\xff\xff\xff\xff\x0fx", "remark", "cut off"),
    ROW("a text longer than its message", "\x0a\x02\x0a\x01x", "key.channel", "cut off"),
    ROW("a message longer than what is left", "\x0a\x05\x10\x01", "key", "cut off"),
    ROW("a number that runs out of its message", "\x0a\x02\x10\x80\x01", "key.business_date",
        "varint"),
    ROW("a tag that runs out of its message", "\x0a\x01\x92\x01\x01", "key", "tag"),
    ROW("Latin-1", "\x4a\x01\xe9", "remark", "UTF-8"),
    ROW("ff fe", "\x4a\x02\xff\xfe", "remark", "UTF-8"),
    ROW("a surrogate", "\x4a\x03\xed\xa0\x80", "remark", "UTF-8"),
    ROW("a slash in two bytes", "\x4a\x02\xc0\xaf", "remark", "UTF-8"),
    ROW("half a character", "\x4a\x02\xe5\xbc", "remark", "UTF-8"),
    ROW("a NUL in a text",
        "\x4a\x03"
        "a\0b",
        "remark", "NUL"),
    ROW("a NUL at the end",
        "\x4a\x02"
        "a\0",
        "remark", "NUL"),
    ROW("a NUL in the serial",
        "\x0a\x05\x1a\x03"
        "a\0b",
        "key.serial", "NUL"),
    ROW("the key twice", "\x0a\x00\x0a\x00", "key", "twice"),
    ROW("a fee twice", "\x38\x05\x38\x06", "fee_minor", "twice"),
    ROW("a fee twice, with others between", "\x38\x05\x18\x01\x38\x05", "fee_minor", "twice"),
    ROW("a text twice", "\x4a\x00\x4a\x00", "remark", "twice"),

    ROW("three payees", "\x52\x00\x52\x00\x52\x00", NULL, NULL),
    ROW("payees with others between", "\x52\x00\x18\x01\x52\x02\x08\x01\x38\x05\x52\x00", NULL,
        NULL),
    ROW("a fourth payee", "\x52\x00\x52\x00\x52\x00\x52\x00", "payees[3]", "at most 3 "),
    ROW("a fourth payee, with others between", "\x52\x00\x18\x01\x52\x00\x38\x05\x52\x00\x52\x00",
        "payees[3]", "at most 3 "),
    ROW("a payee as a number", "\x50\x01", "payees[0]", "wire type"),
    ROW("a payee longer than what is left", "\x52\x00\x52\x02\x08", "payees[1]", "cut off"),
    ROW("an unknown field inside a payee", "\x52\x00\x52\x02\x18\x01", "payees[1]", "number 3"),
    ROW("a payee's amount twice", "\x52\x00\x52\x04\x10\x01\x10\x02", "payees[1].amount_minor",
        "twice"),
    ROW("a payee's account as a text", "\x52\x03\x0a\x01\x31", "payees[0].account_id", "wire type"),
};

/* Three at most, so that rows are short. */
static const struct raw_limit pay_limits[] = {
    {&vsl__v1__pay_request__descriptor, 10, 3},
    {NULL, 0, 0},
};

START_TEST(hostile_bytes_are_refused)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct decode_error error = {.field = "untouched", .description = "untouched"};
        int result = raw_check(&vsl__v1__pay_request__descriptor, (const uint8_t *)row->bytes,
            row->length, pay_limits, &error);
        if (!row->field) {
            ck_assert_msg(result == 0, "%s: %s %s", row->what, error.field, error.description);
            continue;
        }
        ck_assert_msg(result == -1, "taken: %s", row->what);
        ck_assert_msg(strcmp(error.field, row->field) == 0, "%s: field %s", row->what, error.field);
        ck_assert_msg(strstr(error.description, row->words) != NULL, "%s: description %s",
            row->what, error.description);
        expect_told(&error);
    }
}
END_TEST

/* What protobuf-c unpacks without the check, so that the check is known to be needed. */
START_TEST(protobuf_c_alone_would_take_some_of_it)
{
    static const char cut[] = "\x4a\x03"
                              "a\0b";
    Vsl__V1__PayRequest *request =
        vsl__v1__pay_request__unpack(NULL, sizeof cut - 1, (const uint8_t *)cut);
    ck_assert_ptr_nonnull(request);
    ck_assert_str_eq(request->remark, "a");
    vsl__v1__pay_request__free_unpacked(request, NULL);
}
END_TEST

/* Everything that the check lets through, protobuf-c unpacks, with nothing unknown. */
START_TEST(what_passes_unpacks)
{
    struct random random;
    struct arena arena;
    random_start(&random, "what_passes_unpacks");
    const struct raw_limit *limits = bound_limits();
    sample_arena_init(&arena);
    uint64_t passed = 0;
    for (int round = 0; round < 500; round++) {
        for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
            arena_reset(&arena);
            struct command command = sample_random_command(*kind, &random, &arena);
            ProtobufCMessage *message = command_to_message(&command, &arena);
            struct buffer bytes = sample_pack(message);
            for (uint64_t change = random_below(&random, 4); change > 0; change--)
                bytes.bytes[random_below(&random, bytes.length)] = (uint8_t)random_u64(&random);
            struct decode_error error;
            if (raw_check(message->descriptor, bytes.bytes, bytes.length, limits, &error) == 0) {
                ProtobufCMessage *again =
                    protobuf_c_message_unpack(message->descriptor, NULL, bytes.length, bytes.bytes);
                EXPECT(again);
                EXPECT(again->n_unknown_fields == 0);
                protobuf_c_message_free_unpacked(again, NULL);
                passed++;
            }
            buffer_finish(&bytes);
        }
    }
    ck_assert_uint_gt(passed, 1000);
    arena_finish(&arena);
}
END_TEST

START_TEST(every_cut_is_refused_or_whole)
{
    struct command command = sample_command(COMMAND_UNBIND_CARD);
    struct arena arena;
    sample_arena_init(&arena);
    struct buffer bytes = sample_pack(command_to_message(&command, &arena));
    for (size_t length = 0; length < bytes.length; length++) {
        struct command again;
        struct decode_error error;
        arena_reset(&arena);
        /* The message ends with its evidence, so that every cut lacks something. */
        ck_assert_int_eq(
            command_decode(COMMAND_UNBIND_CARD, bytes.bytes, length, &arena, &again, &error), -1);
    }
    buffer_finish(&bytes);
    arena_finish(&arena);
}
END_TEST

/* No request of ours nests that deep, so descriptors that do are made here. */
START_TEST(nesting_is_bounded)
{
    static ProtobufCFieldDescriptor field = {
        .name = "inner", .id = 1, .label = PROTOBUF_C_LABEL_NONE, .type = PROTOBUF_C_TYPE_MESSAGE};
    static const ProtobufCIntRange ranges[] = {{1, 0}, {0, 1}};
    static ProtobufCMessageDescriptor descriptor = {
        .n_fields = 1, .fields = &field, .n_field_ranges = 1, .field_ranges = ranges};
    field.descriptor = &descriptor;
    uint8_t bytes[2 * 20] = {0};
    for (int depth = 0; depth < 20; depth++) {
        /* `depth` messages inside the outermost. */
        for (int i = 0; i < depth; i++) {
            bytes[2 * i] = 0x0a;
            bytes[2 * i + 1] = (uint8_t)(2 * (depth - i - 1));
        }
        struct decode_error error;
        int result = raw_check(&descriptor, bytes, (size_t)(2 * depth), NULL, &error);
        ck_assert_int_eq(result, depth < RAW_DEPTH_MAX ? 0 : -1);
        if (result < 0)
            ck_assert_ptr_nonnull(strstr(error.description, "deep"));
    }
}
END_TEST

/* Numbers of a repeated field, packed and one by one, are counted together. */
START_TEST(elements_are_counted)
{
    static const struct {
        size_t length;
        const char *bytes; /* StreamEventsRequest: 3 kinds */
        const char *field; /* NULL: accepted */
    } cases[] = {
        {5, "\x1a\x03\x01\x02\x03", NULL},
        {6, "\x18\x01\x18\x02\x18\x03", NULL},
        {6, "\x1a\x04\x01\x02\x03\x28", "kinds[3]"},
        {8, "\x18\x01\x18\x02\x18\x03\x18\x04", "kinds[3]"},
        {7, "\x1a\x03\x01\x02\x03\x18\x01", "kinds[3]"},
        {3, "\x1a\x01\x80", "kinds[0]"},
        {4, "\x1a\x02\x01\x80", "kinds[1]"},
        {2, "\x1a\x00", NULL},
    };
    static const struct raw_limit limits[] = {
        {&vsl__v1__stream_events_request__descriptor, 3, 3},
        {NULL, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct decode_error error;
        int result = raw_check(&vsl__v1__stream_events_request__descriptor,
            (const uint8_t *)cases[i].bytes, cases[i].length, limits, &error);
        ck_assert_int_eq(result, cases[i].field ? -1 : 0);
        if (cases[i].field)
            ck_assert_str_eq(error.field, cases[i].field);
    }
}
END_TEST

Suite *rawcheck_suite(void)
{
    Suite *suite = suite_create("rawcheck");
    TCase *tcase = tcase_create("rawcheck");
    tcase_add_test(tcase, hostile_bytes_are_refused);
    tcase_add_test(tcase, protobuf_c_alone_would_take_some_of_it);
    tcase_add_test(tcase, what_passes_unpacks);
    tcase_add_test(tcase, every_cut_is_refused_or_whole);
    tcase_add_test(tcase, nesting_is_bounded);
    tcase_add_test(tcase, elements_are_counted);
    suite_add_tcase(suite, tcase);
    return suite;
}
