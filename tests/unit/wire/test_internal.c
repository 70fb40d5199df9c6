/* test_internal.c: requests of health and reflection, on bytes alone.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "support/expect.h"
#include "wire/health.h"
#include "wire/proto_wire.h"
#include "wire/reflection.h"
#include "wire/server.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

START_TEST(test_health_request)
{
    static const struct {
        const char *bytes;
        size_t length;
        int rc;
        const char *service;
    } rows[] = {
        {"", 0, 0, ""},
        {"\x0a\x00", 2, 0, ""},
        {"\x0a\x03"
         "a.B",
            5, 0, "a.B"},
        {"\x0a\x01"
         "a\x0a\x01"
         "b",
            6, 0, "b"},
        {"\x10\x01\x0a\x01x", 5, 0, "x"},
        {"\x0a\x05"
         "a.B",
            5, -1, NULL},
        {"\x08\x01", 2, -1, NULL},
        {"\x0a\x01\xff", 3, -1, NULL},
        {"\xff", 1, -1, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text service = {.length = 999};
        int rc = health_decode_request((const uint8_t *)rows[i].bytes, rows[i].length, &service);
        EXPECT_MSG(rc == rows[i].rc, "row %zu", i);
        if (rc == 0)
            EXPECT_MSG(text_equals(service, text_of(rows[i].service)), "row %zu", i);
        else
            EXPECT(service.length == 999);
    }
}
END_TEST

static const char *const base_symbols[] = {"t.Money", NULL};
static const char *const user_symbols[] = {"t.Funds", "t.PayRequest", NULL};
static const char *const user_imports[] = {"t/base.proto", "not/there.proto", NULL};
static const char *const loop_imports[] = {"t/user.proto", "t/loop.proto", NULL};
static const char *const no_names[] = {NULL};
static const uint8_t base_bytes[] = {'B', 'A', 'S', 'E'};
static const uint8_t user_bytes[] = {'U', 'S', 'E', 'R'};
static const uint8_t loop_bytes[] = {'L', 'O', 'O', 'P'};
static const struct wire_descriptor_file files[] = {
    {"t/base.proto", base_symbols, no_names, base_bytes, 4},
    {"t/user.proto", user_symbols, user_imports, user_bytes, 4},
    {"t/loop.proto", no_names, loop_imports, loop_bytes, 4},
};
static const struct wire_method methods[] = {
    {"/t.Funds/Pay", WIRE_UNARY, 1, WIRE_QUICK},
    {"/t.Accounts/Get", WIRE_UNARY, 2, WIRE_QUICK},
    {"/t.Funds/Hold", WIRE_UNARY, 3, WIRE_QUICK},
};

static void never_called(
    void *context, struct wire_call *call, const uint8_t *request, size_t length)
{
    (void)context;
    (void)call;
    (void)request;
    (void)length;
    ck_abort();
}

struct fixture {
    struct event_base *base;
    struct wire_server *server;
};

static struct fixture setup(void)
{
    char error[256];
    struct wire_config config = {.methods = methods,
        .method_count = 3,
        .files = files,
        .file_count = 3,
        .handlers.on_call = never_called};
    struct fixture fixture = {.base = event_base_new()};
    fixture.server = server_create(fixture.base, &config, error, sizeof error);
    EXPECT(fixture.server != NULL);
    return fixture;
}

static void teardown(struct fixture *fixture)
{
    wire_server_close(fixture->server);
    event_base_free(fixture->base);
}

/* The answer in short: files by their first letter, services, or "error N". */
static void ask(
    const struct fixture *fixture, uint32_t field_number, const char *text, char out[256])
{
    struct buffer request = {0};
    struct buffer answer = {0};
    struct proto_field field;
    bool has_original = false;

    proto_append_string(&request, 1, "host.example");
    if (field_number > 0)
        proto_append_string(&request, field_number, text);
    EXPECT(reflection_answer(fixture->server, request.bytes, request.length, &answer) == 0);
    out[0] = '\0';
    struct proto_reader reader = proto_reader_of(answer.bytes, answer.length);
    while (proto_next(&reader, &field)) {
        struct proto_reader inner = proto_reader_of(field.bytes, field.length);
        struct proto_field part;
        if (field.number == 1)
            EXPECT(field.length == 12);
        if (field.number == 2) {
            has_original = field.length == request.length &&
                           memcmp(field.bytes, request.bytes, request.length) == 0;
        }
        while (field.number >= 4 && proto_next(&inner, &part)) {
            size_t used = strlen(out);
            if (field.number == 4)
                snprintf(out + used, 256 - used, "%c", part.bytes[0]);
            else if (field.number == 5 && part.number == 1)
                snprintf(out + used, 256 - used, "type %.*s", (int)part.length,
                    (const char *)part.bytes);
            else if (field.number == 6) /* its one field is the name, after two bytes of head */
                snprintf(out + used, 256 - used, "%.*s ", (int)part.length - 2,
                    (const char *)part.bytes + 2);
            else if (field.number == 7 && part.number == 1)
                snprintf(out + used, 256 - used, "error %u", (unsigned)part.number_value);
        }
        EXPECT(field.number < 4 || !inner.failed);
    }
    EXPECT(!reader.failed);
    EXPECT(has_original);
    buffer_finish(&request);
    buffer_finish(&answer);
}

START_TEST(test_reflection)
{
    static const struct {
        uint32_t field;
        const char *text;
        const char *answer;
    } rows[] = {
        {3, "t/base.proto", "B"},
        {3, "t/user.proto", "UB"},
        {3, "t/loop.proto", "LUB"},
        {3, "t/base.prot", "error 5"},
        {3, "", "error 5"},
        {4, "t.Money", "B"},
        {4, "t.Funds", "UB"},
        {4, "t.Funds.Pay", "UB"},
        {4, "t.Funds.Pay.more", "error 5"},
        {4, "t.Fund", "error 5"},
        {4, "", "error 5"},
        {4, ".", "error 5"},
        {5, "", "error 5"},
        {6, "t.Money", "type t.Money"},
        {6, "t.Nothing", "error 5"},
        {7, "",
            "t.Accounts t.Funds grpc.health.v1.Health grpc.reflection.v1.ServerReflection "
            "grpc.reflection.v1alpha.ServerReflection "},
        {0, "", "error 3"},
    };
    struct fixture fixture = setup();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char answer[256];
        ask(&fixture, rows[i].field, rows[i].text, answer);
        EXPECT_MSG(strcmp(answer, rows[i].answer) == 0, "row %zu: %s", i, answer);
    }
    teardown(&fixture);
}
END_TEST

START_TEST(test_broken_reflection)
{
    struct fixture fixture = setup();
    struct buffer answer = {0};
    EXPECT(reflection_answer(fixture.server, (const uint8_t *)"\x3a\x05", 2, &answer) == -1);
    EXPECT(answer.length == 0);
    teardown(&fixture);
}
END_TEST

START_TEST(test_paths)
{
    struct fixture fixture = setup();
    static const struct {
        const char *path;
        uint32_t tag;
    } rows[] = {{"/t.Funds/Pay", 1}, {"/t.Accounts/Get", 2}, {"/t.Funds/Hold", 3},
        {"/t.Funds/pay", 0}, {"t.Funds/Pay", 0}, {"/t.Funds/Pay/", 0}, {"/t.Funds/", 0}, {"/", 0},
        {"", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct method *method =
            server_find_method(fixture.server, (const uint8_t *)rows[i].path, strlen(rows[i].path));
        EXPECT_MSG((method != NULL) == (rows[i].tag != 0), "%s", rows[i].path);
        EXPECT(!method || method->tag == rows[i].tag);
    }
    EXPECT(server_has_service(fixture.server, "t.Funds", 7));
    EXPECT(!server_has_service(fixture.server, "t.Fund", 6));
    EXPECT(!server_has_service(fixture.server, "t.FundsX", 8));
    teardown(&fixture);
}
END_TEST

/* Every setting that cannot work is refused by name. */
START_TEST(test_bad_settings)
{
    static const struct wire_method twice[] = {
        {"/a/B", WIRE_UNARY, 1, WIRE_QUICK}, {"/a/B", WIRE_UNARY, 2, WIRE_QUICK}};
    static const struct wire_method broken[] = {{"a/B", WIRE_UNARY, 1, WIRE_QUICK}};
    static const struct wire_method clash[] = {
        {"/grpc.health.v1.Health/Check", WIRE_UNARY, 1, WIRE_QUICK}};
    static const char *const addresses[] = {"0.0.0.0:0", "[::]:0", "127.0.0.1",
        "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "localhost:1", ":80", "unix:", "[::1:80",
        "::1:80x", "127.0.0.1:80x", "300.0.0.1:80"};
    struct event_base *base = event_base_new();
    char error[256];
    struct wire_config config = {.handlers.on_call = never_called};

    EXPECT(wire_server_open(base, &config, error, sizeof error) == NULL);
    EXPECT_MSG(strstr(error, "listen"), "%s", error);
    config.listen_count = 1;
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        config.listen = &addresses[i];
        error[0] = '\0';
        EXPECT_MSG(
            wire_server_open(base, &config, error, sizeof error) == NULL, "%s", addresses[i]);
        EXPECT_MSG(strstr(error, "listen"), "%s: %s", addresses[i], error);
    }
    const char *good = "127.0.0.1:0";
    config.listen = &good;
    config.methods = twice;
    config.method_count = 2;
    EXPECT(wire_server_open(base, &config, error, sizeof error) == NULL);
    EXPECT_MSG(strstr(error, "/a/B"), "%s", error);
    config.methods = broken;
    config.method_count = 1;
    EXPECT(wire_server_open(base, &config, error, sizeof error) == NULL);
    config.methods = clash;
    EXPECT(wire_server_open(base, &config, error, sizeof error) == NULL);
    config.method_count = 0;
    config.tls_certificate_file = "/nonexistent.pem";
    EXPECT(wire_server_open(base, &config, error, sizeof error) == NULL);
    EXPECT_MSG(strstr(error, "tls.key"), "%s", error);
    config.tls_key_file = "/nonexistent.key";
    EXPECT(wire_server_open(base, &config, error, sizeof error) == NULL);
    EXPECT_MSG(strstr(error, "tls.certificate"), "%s", error);
    event_base_free(base);
}
END_TEST

Suite *internal_suite(void)
{
    Suite *suite = suite_create("internal");
    TCase *test_case = tcase_create("internal");
    tcase_add_test(test_case, test_health_request);
    tcase_add_test(test_case, test_reflection);
    tcase_add_test(test_case, test_broken_reflection);
    tcase_add_test(test_case, test_paths);
    tcase_add_test(test_case, test_bad_settings);
    suite_add_tcase(suite, test_case);
    return suite;
}
