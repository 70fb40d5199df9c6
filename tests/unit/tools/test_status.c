/* test_status.c: what a failed call says: codes, percent-encoding, base64, details, hostile bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "client/rpc.h"
#include "client/status.h"

#include <string.h>

static const struct {
    const char *text;
    enum grpc_status status;
} codes[] = {{"0", GRPC_OK}, {"3", GRPC_INVALID_ARGUMENT}, {"16", GRPC_UNAUTHENTICATED},
    {"17", GRPC_UNKNOWN}, {"", GRPC_UNKNOWN}, {"-1", GRPC_UNKNOWN}, {"3x", GRPC_UNKNOWN},
    {"003", GRPC_UNKNOWN}};

START_TEST(codes_are_read)
{
    const char *text = codes[_i].text;
    ck_assert_int_eq(grpc_status_decode((const uint8_t *)text, strlen(text)), codes[_i].status);
}
END_TEST

START_TEST(codes_have_names)
{
    ck_assert_str_eq(grpc_status_name(GRPC_OK), "OK");
    ck_assert_str_eq(grpc_status_name(GRPC_UNAUTHENTICATED), "UNAUTHENTICATED");
    ck_assert_str_eq(grpc_status_name((enum grpc_status)17), "UNKNOWN");
}
END_TEST

static const struct {
    const char *encoded;
    const char *decoded;
} messages[] = {
    {"", ""},
    {"plain", "plain"},
    {"no such service %E4%B8%AD%25", "no such service \xe4\xb8\xad%"},
    {"%e4%b8%ad", "\xe4\xb8\xad"},
    {"%", "%"},
    {"%4", "%4"},
    {"%zz", "%zz"},
    {"a%2", "a%2"},
    {"%%41", "%A"},
};

START_TEST(messages_are_decoded)
{
    struct buffer out = {0};
    const char *encoded = messages[_i].encoded;
    grpc_message_decode((const uint8_t *)encoded, strlen(encoded), &out);
    buffer_append_u8(&out, 0);
    ck_assert_str_eq((const char *)out.bytes, messages[_i].decoded);
    buffer_finish(&out);
}
END_TEST

START_TEST(base64_comes_back)
{
    uint8_t bytes[70];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 + 200);
    for (size_t length = 0; length <= sizeof bytes; length++) {
        struct buffer text = {0};
        struct buffer back = {0};
        base64_encode(&text, bytes, length);
        ck_assert_uint_eq(text.length, (length + 2) / 3 * 4);
        ck_assert(base64_try_decode(text.bytes, text.length, &back));
        ck_assert_uint_eq(back.length, length);
        ck_assert(length == 0 || memcmp(back.bytes, bytes, length) == 0);
        /* Without padding too. */
        while (text.length > 0 && text.bytes[text.length - 1] == '=')
            text.length--;
        buffer_clear(&back);
        ck_assert(base64_try_decode(text.bytes, text.length, &back));
        ck_assert_uint_eq(back.length, length);
        buffer_finish(&text);
        buffer_finish(&back);
    }
}
END_TEST

static const char *const not_base64[] = {"a", "abcde", "ab!c", "ab c", "ab=c"};

START_TEST(what_is_no_base64_is_refused)
{
    struct buffer out = {0};
    const char *text = not_base64[_i];
    ck_assert(!base64_try_decode((const uint8_t *)text, strlen(text), &out));
    buffer_finish(&out);
}
END_TEST

/* google.rpc.Status with code 3, message "bad", BadRequest with one violation, ErrorInfo, RetryInfo
 * of 1.5 s; Any and Duration packed by python3-protobuf. */
static const uint8_t packed[] = {
    0x08,
    0x03,
    0x12,
    0x03,
    0x62,
    0x61,
    0x64,
    0x1a,
    0x3d,
    0x0a,
    0x29,
    0x74,
    0x79,
    0x70,
    0x65,
    0x2e,
    0x67,
    0x6f,
    0x6f,
    0x67,
    0x6c,
    0x65,
    0x61,
    0x70,
    0x69,
    0x73,
    0x2e,
    0x63,
    0x6f,
    0x6d,
    0x2f,
    0x67,
    0x6f,
    0x6f,
    0x67,
    0x6c,
    0x65,
    0x2e,
    0x72,
    0x70,
    0x63,
    0x2e,
    0x42,
    0x61,
    0x64,
    0x52,
    0x65,
    0x71,
    0x75,
    0x65,
    0x73,
    0x74,
    0x12,
    0x10,
    0x0a,
    0x0e,
    0x0a,
    0x06,
    0x61,
    0x6d,
    0x6f,
    0x75,
    0x6e,
    0x74,
    0x12,
    0x04,
    0x72,
    0x75,
    0x6c,
    0x65,
    0x1a,
    0x3c,
    0x0a,
    0x28,
    0x74,
    0x79,
    0x70,
    0x65,
    0x2e,
    0x67,
    0x6f,
    0x6f,
    0x67,
    0x6c,
    0x65,
    0x61,
    0x70,
    0x69,
    0x73,
    0x2e,
    0x63,
    0x6f,
    0x6d,
    0x2f,
    0x67,
    0x6f,
    0x6f,
    0x67,
    0x6c,
    0x65,
    0x2e,
    0x72,
    0x70,
    0x63,
    0x2e,
    0x45,
    0x72,
    0x72,
    0x6f,
    0x72,
    0x49,
    0x6e,
    0x66,
    0x6f,
    0x12,
    0x10,
    0x0a,
    0x09,
    0x4d,
    0x41,
    0x4c,
    0x46,
    0x4f,
    0x52,
    0x4d,
    0x45,
    0x44,
    0x12,
    0x03,
    0x76,
    0x73,
    0x6c,
    0x1a,
    0x36,
    0x0a,
    0x28,
    0x74,
    0x79,
    0x70,
    0x65,
    0x2e,
    0x67,
    0x6f,
    0x6f,
    0x67,
    0x6c,
    0x65,
    0x61,
    0x70,
    0x69,
    0x73,
    0x2e,
    0x63,
    0x6f,
    0x6d,
    0x2f,
    0x67,
    0x6f,
    0x6f,
    0x67,
    0x6c,
    0x65,
    0x2e,
    0x72,
    0x70,
    0x63,
    0x2e,
    0x52,
    0x65,
    0x74,
    0x72,
    0x79,
    0x49,
    0x6e,
    0x66,
    0x6f,
    0x12,
    0x0a,
    0x0a,
    0x08,
    0x08,
    0x01,
    0x10,
    0x80,
    0xca,
    0xb5,
    0xee,
    0x01,
};

START_TEST(details_are_read)
{
    struct status_details details;
    status_details_decode(packed, sizeof packed, &details);
    ck_assert_uint_eq(details.violation_count, 1);
    ck_assert(text_equals(details.violations[0].field, text_of("amount")));
    ck_assert(text_equals(details.violations[0].description, text_of("rule")));
    ck_assert(text_equals(details.reason, text_of("MALFORMED")));
    ck_assert(text_equals(details.domain, text_of("vsl")));
    ck_assert_int_eq(details.retry_after_us, 1500000);
}
END_TEST

START_TEST(cut_or_changed_details_do_no_harm)
{
    struct status_details details;
    uint8_t changed[sizeof packed];
    for (size_t length = 0; length <= sizeof packed; length++)
        status_details_decode(packed, length, &details);
    for (size_t i = 0; i < sizeof packed; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            memcpy(changed, packed, sizeof packed);
            changed[i] ^= (uint8_t)(1u << bit);
            status_details_decode(changed, sizeof changed, &details);
            ck_assert_uint_le(details.violation_count, STATUS_VIOLATIONS_MAX);
        }
    }
}
END_TEST

/* ---- what a failed command may have done ---- */

static const struct {
    enum grpc_status status;
    const char *reason; /* of the server; NULL: none */
    bool not_sent;
    bool is_answered;
    bool may_have_effect;
} effects[] = {
    /* It never left. */
    {GRPC_UNAVAILABLE, NULL, true, false, false},
    {GRPC_DEADLINE_EXCEEDED, NULL, true, false, false},
    /* It left, and no answer came: whatever the client made of that. */
    {GRPC_UNAVAILABLE, NULL, false, false, true},
    {GRPC_DEADLINE_EXCEEDED, NULL, false, false, true},
    {GRPC_RESOURCE_EXHAUSTED, NULL, false, false, true},
    {GRPC_INTERNAL, NULL, false, false, true},
    {GRPC_UNKNOWN, NULL, false, false, true},
    {GRPC_PERMISSION_DENIED, NULL, false, false, true},
    /* The server refused it. */
    {GRPC_INVALID_ARGUMENT, "MALFORMED_REQUEST", false, true, false},
    {GRPC_NOT_FOUND, "NOT_FOUND", false, true, false},
    {GRPC_ALREADY_EXISTS, NULL, false, true, false},
    {GRPC_PERMISSION_DENIED, "CHANNEL_OF_ANOTHER", false, true, false},
    {GRPC_RESOURCE_EXHAUSTED, "OVERLOADED", false, true, false},
    {GRPC_RESOURCE_EXHAUSTED, NULL, false, true, true},
    {GRPC_FAILED_PRECONDITION, NULL, false, true, false},
    {GRPC_OUT_OF_RANGE, NULL, false, true, false},
    {GRPC_UNIMPLEMENTED, NULL, false, true, false},
    {GRPC_UNAUTHENTICATED, NULL, false, true, false},
    /* The server has no answer: by its reason. */
    {GRPC_UNAVAILABLE, NULL, false, true, true},
    {GRPC_UNAVAILABLE, "NOT_SERVING", false, true, false},
    {GRPC_UNAVAILABLE, "DATABASE_UNAVAILABLE", false, true, false},
    {GRPC_UNAVAILABLE, "CLOCK_DIFFERENCE", false, true, false},
    {GRPC_UNAVAILABLE, "NOT_DECIDED", false, true, false},
    {GRPC_UNAVAILABLE, "STOPPING", false, true, false},
    {GRPC_UNAVAILABLE, "PERHAPS_DECIDED", false, true, true},
    {GRPC_DEADLINE_EXCEEDED, "PERHAPS_DECIDED", false, true, true},
    {GRPC_UNAVAILABLE, "NOT_DECIDED_X", false, true, true},
    {GRPC_UNAVAILABLE, "NOT_DECIDED", false, false, true},
    {GRPC_DEADLINE_EXCEEDED, NULL, false, true, true},
    {GRPC_DEADLINE_EXCEEDED, "NOT_DECIDED", false, true, false},
    {GRPC_CANCELLED, NULL, false, true, true},
    {GRPC_UNKNOWN, NULL, false, true, true},
    {GRPC_INTERNAL, NULL, false, true, true},
    {GRPC_ABORTED, NULL, false, true, true},
    {GRPC_DATA_LOSS, NULL, false, true, true},
    /* The reason decides before the status does. */
    {GRPC_FAILED_PRECONDITION, "SEAL_KEY_MISSING", false, true, true},
    {GRPC_FAILED_PRECONDITION, "JOURNAL_IDENTITY_CHANGED", false, true, false},
    {GRPC_DATA_LOSS, "STORED_ROW_DAMAGED", false, true, true},
    {GRPC_INTERNAL, "BAD_CALL", false, true, false},
    {GRPC_INTERNAL, "HISTORY_REFUSED", false, true, false},
    {GRPC_FAILED_PRECONDITION, "ORDER_NOT_ACTIVE", false, true, false},
};

/* A google.rpc.Status with ErrorInfo. */
static void append_reason(struct buffer *out, const char *reason)
{
    static const char type[] = "type.googleapis.com/google.rpc.ErrorInfo";
    uint8_t length = (uint8_t)strlen(reason);
    uint8_t type_length = (uint8_t)strlen(type);
    const uint8_t head[] = {0x1a, (uint8_t)(type_length + length + 6), 0x0a, type_length};
    const uint8_t info[] = {0x12, (uint8_t)(length + 2), 0x0a, length};
    buffer_append(out, head, sizeof head);
    buffer_append(out, type, type_length);
    buffer_append(out, info, sizeof info);
    buffer_append(out, reason, length);
}

START_TEST(what_had_no_effect_is_known)
{
    struct rpc_fault fault = {.status = effects[_i].status,
        .not_sent = effects[_i].not_sent,
        .is_answered = effects[_i].is_answered};
    if (effects[_i].reason)
        append_reason(&fault.details, effects[_i].reason);
    ck_assert_int_eq(rpc_fault_may_have_effect(&fault), effects[_i].may_have_effect);
    rpc_fault_finish(&fault);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

Suite *status_suite(void)
{
    Suite *suite = suite_create("status");
    TCase *tests = tcase_create("status");
    tcase_add_loop_test(tests, codes_are_read, 0, ROWS(codes));
    tcase_add_test(tests, codes_have_names);
    tcase_add_loop_test(tests, messages_are_decoded, 0, ROWS(messages));
    tcase_add_test(tests, base64_comes_back);
    tcase_add_loop_test(tests, what_is_no_base64_is_refused, 0, ROWS(not_base64));
    tcase_add_test(tests, details_are_read);
    tcase_add_test(tests, cut_or_changed_details_do_no_harm);
    tcase_add_loop_test(tests, what_had_no_effect_is_known, 0, ROWS(effects));
    suite_add_tcase(suite, tests);
    return suite;
}
