/* test_proto.c: the small protobuf reader and writer.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "support/expect.h"
#include "wire/proto_wire.h"

#include <string.h>

struct row {
    const char *bytes;
    size_t length;
    int fields; /* that come before the end; -1: broken */
    const char *why;
};

#define ROW(text, fields, why)                                                                     \
    {                                                                                              \
        text, sizeof(text) - 1, fields, why                                                        \
    }

static const struct row rows[] = {
    ROW("", 0, "empty"),
    ROW("\x08\x01", 1, "varint"),
    ROW("\x08", -1, "no value"),
    ROW("\x08\x80", -1, "cut varint"),
    ROW("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 1, "largest varint"),
    ROW("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", -1, "varint of 65 bits"),
    ROW("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x00", -1, "varint of 11 bytes"),
    ROW("\x0a\x00", 1, "empty bytes"),
    ROW("\x0a\x03"
        "abc",
        1, "bytes"),
    ROW("\x0a\x04"
        "abc",
        -1, "one byte short"),
    ROW("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", -1, "length of 2^64-1"),
    ROW("\x0a\xff\xff\xff\xff\x0f", -1, "length of 2^32-1"),
    ROW("\x0a", -1, "no length"),
    ROW("\x09\1\2\3\4\5\6\7\10", 1, "fixed64"),
    ROW("\x09\1\2\3\4\5\6\7", -1, "fixed64 cut"),
    ROW("\x0d\1\2\3\4", 1, "fixed32"),
    ROW("\x0d\1\2\3", -1, "fixed32 cut"),
    ROW("\x0b\x0c", -1, "group"),
    ROW("\x0c", -1, "end of group"),
    ROW("\x0e", -1, "wire type 6"),
    ROW("\x0f", -1, "wire type 7"),
    ROW("\x00\x01", -1, "field number 0"),
    ROW("\xf8\xff\xff\xff\x0f\x01", 1, "largest field number"),
    ROW("\x80\x80\x80\x80\x10\x01", -1, "field number 2^29"),
    ROW("\x08\x01\x12\x01z\x18\x02", 3, "three fields"),
    ROW("\x08\x01\x12\x02z", -1, "good, then cut"),
};

START_TEST(test_rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct proto_reader reader =
            proto_reader_of((const uint8_t *)rows[i].bytes, rows[i].length);
        struct proto_field field;
        int count = 0;
        while (proto_next(&reader, &field))
            count++;
        EXPECT_MSG(reader.failed == (rows[i].fields < 0), "%s", rows[i].why);
        if (!reader.failed)
            EXPECT_MSG(count == rows[i].fields, "%s: %d", rows[i].why, count);
        /* A broken reader stays broken. */
        EXPECT(!proto_next(&reader, &field));
    }
}
END_TEST

START_TEST(test_round_trip)
{
    static const uint64_t values[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct buffer out = {0};
        struct proto_field field;
        proto_append_varint(&out, 536870911, values[i]);
        proto_append_string(&out, 2, "text");
        EXPECT(proto_bytes_size(2, 4) == 6);
        struct proto_reader reader = proto_reader_of(out.bytes, out.length);
        EXPECT(proto_next(&reader, &field));
        EXPECT(field.number == 536870911 && field.type == PROTO_VARINT);
        EXPECT(field.number_value == values[i]);
        EXPECT(proto_next(&reader, &field));
        EXPECT(field.number == 2 && field.length == 4);
        EXPECT(memcmp(field.bytes, "text", 4) == 0);
        EXPECT(!proto_next(&reader, &field) && !reader.failed);
        buffer_finish(&out);
    }
}
END_TEST

START_TEST(test_sizes)
{
    static const size_t lengths[] = {0, 1, 127, 128, 16383, 16384, 70000};
    static char text[70000];
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct buffer out = {0};
        proto_append_bytes(&out, 16, text, lengths[i]);
        EXPECT(out.length == proto_bytes_size(16, lengths[i]));
        buffer_finish(&out);
    }
}
END_TEST

Suite *proto_suite(void)
{
    Suite *suite = suite_create("proto_wire");
    TCase *test_case = tcase_create("proto_wire");
    tcase_add_test(test_case, test_rows);
    tcase_add_test(test_case, test_round_trip);
    tcase_add_test(test_case, test_sizes);
    suite_add_tcase(suite, test_case);
    return suite;
}
