/* test_status.c: trailers: percent-encoding, base64, details that agree, ceilings.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "support/expect.h"
#include "wire/proto_wire.h"
#include "wire/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_text(const struct buffer *got, const char *expected)
{
    EXPECT_MSG(got->length == strlen(expected) &&
                   (got->length == 0 || memcmp(got->bytes, expected, got->length) == 0),
        "%.*s, expected %s", (int)got->length, (const char *)got->bytes, expected);
}

START_TEST(test_percent)
{
    static const struct {
        const char *plain;
        const char *encoded;
    } rows[] = {
        {"", ""},
        {"plain text ~", "plain text ~"},
        {"no such service \xe4\xb8\xad%", "no such service %E4%B8%AD%25"},
        {"\n\x1f\x7f", "%0A%1F%7F"},
        {" !", " !"},
        {"%41", "%2541"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer out = {0};
        status_percent_encode(&out, rows[i].plain, strlen(rows[i].plain));
        expect_text(&out, rows[i].encoded);
        buffer_finish(&out);
    }
    struct buffer out = {0};
    status_percent_encode(&out, "\0\xff", 2);
    expect_text(&out, "%00%FF");
    buffer_finish(&out);
}
END_TEST

/* RFC 4648, section 10, without the padding; and the vector of the interop tests. */
START_TEST(test_base64)
{
    static const struct {
        const char *plain;
        const char *encoded;
    } rows[] = {
        {"", ""},
        {"f", "Zg"},
        {"fo", "Zm8"},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg"},
        {"fooba", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy"},
        {"\xab\xab\xab", "q6ur"},
        {"\xff\xff\xff\xff", "/////w"},
        {"\xfb\xef\xbe", "++++"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer out = {0};
        status_base64_encode(&out, rows[i].plain, strlen(rows[i].plain));
        expect_text(&out, rows[i].encoded);
        buffer_finish(&out);
    }
}
END_TEST

static int digit(uint8_t c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = strchr(digits, c);
    EXPECT(c != '\0' && at != NULL);
    return (int)(at - digits);
}

static struct buffer decode_base64(const struct buffer *text)
{
    struct buffer out = {0};
    uint32_t bits = 0;
    int count = 0;
    for (size_t i = 0; i < text->length; i++) {
        bits = bits << 6 | (uint32_t)digit(text->bytes[i]);
        count += 6;
        if (count >= 8) {
            count -= 8;
            buffer_append_u8(&out, (uint8_t)(bits >> count));
        }
    }
    return out;
}

/* Takes field `number` of a message; the n-th of its kind. */
static struct proto_field take(const uint8_t *bytes, size_t length, uint32_t number, int nth)
{
    struct proto_reader reader = proto_reader_of(bytes, length);
    struct proto_field field;
    struct proto_field found = {.number = 0};
    while (proto_next(&reader, &field)) {
        if (field.number == number && nth-- == 0)
            found = field;
    }
    EXPECT(!reader.failed);
    return found;
}

static bool is_text(const struct proto_field *field, const char *text)
{
    return field->length == strlen(text) &&
           (field->length == 0 || memcmp(field->bytes, text, field->length) == 0);
}

START_TEST(test_details)
{
    static const struct wire_violation violations[] = {
        {"a.b", {"must be x", "须为 x"}}, {"c", {"too long", "过长"}}};
    struct wire_details details = {.reason = "BAD_THING",
        .violations = violations,
        .violation_count = 2,
        .retry_after_us = 2500000};
    struct status_text text = {.status = WIRE_OK};
    status_encode(
        &text, WIRE_INVALID_ARGUMENT, WIRE_ENGLISH, WORDING("100% wrong", "全错"), &details);
    expect_text(&text.message, "100%25 wrong");
    struct buffer blob = decode_base64(&text.details);

    struct proto_field field = take(blob.bytes, blob.length, 1, 0);
    EXPECT(field.number_value == WIRE_INVALID_ARGUMENT);
    field = take(blob.bytes, blob.length, 2, 0);
    EXPECT(is_text(&field, "100% wrong"));

    struct proto_field any = take(blob.bytes, blob.length, 3, 0);
    field = take(any.bytes, any.length, 1, 0);
    EXPECT(is_text(&field, "type.googleapis.com/google.rpc.ErrorInfo"));
    struct proto_field value = take(any.bytes, any.length, 2, 0);
    field = take(value.bytes, value.length, 1, 0);
    EXPECT(is_text(&field, "BAD_THING"));
    field = take(value.bytes, value.length, 2, 0);
    EXPECT(is_text(&field, "vsl"));

    any = take(blob.bytes, blob.length, 3, 1);
    field = take(any.bytes, any.length, 1, 0);
    EXPECT(is_text(&field, "type.googleapis.com/google.rpc.BadRequest"));
    value = take(any.bytes, any.length, 2, 0);
    struct proto_field violation = take(value.bytes, value.length, 1, 1);
    field = take(violation.bytes, violation.length, 1, 0);
    EXPECT(is_text(&field, "c"));
    field = take(violation.bytes, violation.length, 2, 0);
    EXPECT(is_text(&field, "too long"));

    any = take(blob.bytes, blob.length, 3, 2);
    field = take(any.bytes, any.length, 1, 0);
    EXPECT(is_text(&field, "type.googleapis.com/google.rpc.RetryInfo"));
    value = take(any.bytes, any.length, 2, 0);
    struct proto_field duration = take(value.bytes, value.length, 1, 0);
    field = take(duration.bytes, duration.length, 1, 0);
    EXPECT(field.number_value == 2);
    field = take(duration.bytes, duration.length, 2, 0);
    EXPECT(field.number_value == 500000000);

    buffer_finish(&blob);
    status_text_finish(&text);
}
END_TEST

/* However much is given, the trailers stay below 8 KiB and the status stays readable. */
START_TEST(test_ceiling)
{
    static char long_text[5000];
    struct wire_violation violations[200];
    memset(long_text, 'x', sizeof long_text - 1);
    for (size_t i = 0; i < 200; i++)
        violations[i] =
            (struct wire_violation){"items[7].pay.amount_minor", {long_text, long_text}};
    for (size_t count = 0; count <= 200; count += 5) {
        for (size_t length = 0; length < sizeof long_text; length += 499) {
            struct status_text text = {.status = WIRE_OK};
            char *message = strndup(long_text, length);
            struct wire_details details = {.reason = long_text,
                .violations = violations,
                .violation_count = count,
                .retry_after_us = INT64_MAX};
            violations[0].description.english = message;
            status_encode(
                &text, WIRE_INVALID_ARGUMENT, WIRE_ENGLISH, WORDING(message, long_text), &details);
            EXPECT(text.message.length + text.details.length < 7680);
            struct buffer blob = decode_base64(&text.details);
            EXPECT(blob.length <= STATUS_BLOB_BYTES_MAX);
            EXPECT(take(blob.bytes, blob.length, 1, 0).number_value == WIRE_INVALID_ARGUMENT);
            if (count > 20) {
                struct proto_field any = take(blob.bytes, blob.length, 3, 1);
                struct proto_field value = take(any.bytes, any.length, 2, 0);
                int last = 0;
                while (take(value.bytes, value.length, 1, last + 1).number != 0)
                    last++;
                struct proto_field violation = take(value.bytes, value.length, 1, last);
                struct proto_field description = take(violation.bytes, violation.length, 2, 0);
                char expected[64];
                snprintf(expected, sizeof expected, "%zu more violations are not listed",
                    count - (size_t)last);
                EXPECT(is_text(&description, expected));
            }
            buffer_finish(&blob);
            status_text_finish(&text);
            free(message);
        }
    }
}
END_TEST

/* A cut falls between characters; text that is no UTF-8 becomes ASCII. */
START_TEST(test_message_is_utf8)
{
    struct status_text text = {.status = WIRE_OK};
    char message[1200] = "";
    for (size_t at = 0; at + 3 < sizeof message; at += 3)
        memcpy(message + at, "\xe4\xb8\xad", 3);
    status_encode(&text, WIRE_INTERNAL, WIRE_CHINESE, WORDING("in", message), NULL);
    EXPECT(text.message.length == STATUS_MESSAGE_BYTES_MAX / 3 * 9);
    EXPECT(memcmp(text.message.bytes + text.message.length - 9, "%E4%B8%AD", 9) == 0);
    EXPECT(text.details.length == 0);
    status_encode(&text, WIRE_INTERNAL, WIRE_ENGLISH, WORDING("a\xff\xe4z", ""), NULL);
    expect_text(&text.message, "a??z");
    status_encode(&text, WIRE_OK, WIRE_ENGLISH, WORDING("", ""), NULL);
    EXPECT(text.message.length == 0 && text.details.length == 0);
    status_text_finish(&text);
}
END_TEST

/* Message and descriptions, also that of those that are not listed. */
START_TEST(test_each_text_is_in_the_language)
{
    struct wire_violation violations[200];
    for (size_t i = 0; i < 200; i++)
        violations[i] = (struct wire_violation){"items[7].pay.amount_minor", {"wrong", "须为 x"}};
    struct wire_details details = {.violations = violations, .violation_count = 200};
    struct status_text text = {.status = WIRE_OK};
    status_encode(
        &text, WIRE_INVALID_ARGUMENT, WIRE_CHINESE, WORDING("all wrong", "全错"), &details);
    expect_text(&text.message, "%E5%85%A8%E9%94%99");
    struct buffer blob = decode_base64(&text.details);
    struct proto_field any = take(blob.bytes, blob.length, 3, 0);
    struct proto_field value = take(any.bytes, any.length, 2, 0);
    int last = 0;
    while (take(value.bytes, value.length, 1, last + 1).number != 0)
        last++;
    struct proto_field violation = take(value.bytes, value.length, 1, 0);
    struct proto_field description = take(violation.bytes, violation.length, 2, 0);
    EXPECT(is_text(&description, "须为 x"));
    char expected[64];
    snprintf(expected, sizeof expected, "另有 %d 处未列出", 200 - last);
    violation = take(value.bytes, value.length, 1, last);
    description = take(violation.bytes, violation.length, 2, 0);
    EXPECT(last > 20 && is_text(&description, expected));
    buffer_finish(&blob);
    status_text_finish(&text);
}
END_TEST

Suite *status_suite(void)
{
    Suite *suite = suite_create("status");
    TCase *test_case = tcase_create("status");
    tcase_add_test(test_case, test_percent);
    tcase_add_test(test_case, test_base64);
    tcase_add_test(test_case, test_details);
    tcase_add_test(test_case, test_ceiling);
    tcase_add_test(test_case, test_message_is_utf8);
    tcase_add_test(test_case, test_each_text_is_in_the_language);
    suite_add_tcase(suite, test_case);
    return suite;
}
