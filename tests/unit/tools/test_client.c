/* test_client.c: the client against the server's own wire, both on one event loop.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "base/clock.h"
#include "client/client.h"
#include "support/expect.h"
#include "wire/wire.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_US (INT64_C(20) * 1000000)
#define BIG_BYTES 3000000
#define STREAM_MESSAGES 3000
#define STREAM_MESSAGE_BYTES 2000

enum { TAG_ECHO, TAG_SILENT, TAG_FAIL, TAG_STREAM };

static const struct wire_method methods[] = {
    {"/test.Test/Echo", WIRE_UNARY, TAG_ECHO, WIRE_QUICK},
    {"/test.Test/Silent", WIRE_UNARY, TAG_SILENT, WIRE_QUICK},
    {"/test.Test/Fail", WIRE_UNARY, TAG_FAIL, WIRE_QUICK},
    {"/test.Test/Stream", WIRE_SERVER_STREAMING, TAG_STREAM, WIRE_QUICK},
};

static struct event_base *base;
static struct wire_server *server;
static struct client *client;
static char address[64];
static struct wire_call *silent_call;
static struct wire_call *stream_call;
static uint32_t stream_sent;

/* ---- the server ---- */

static void send_stream(struct wire_call *call)
{
    static uint8_t message[STREAM_MESSAGE_BYTES];
    bool has_room = true;
    while (has_room && stream_sent < STREAM_MESSAGES) {
        memcpy(message, &stream_sent, sizeof stream_sent);
        stream_sent++;
        has_room = wire_stream_send(call, message, sizeof message);
    }
    if (stream_sent == STREAM_MESSAGES && has_room) {
        stream_call = NULL;
        wire_stream_end(call);
    }
}

static void on_call(void *context, struct wire_call *call, const uint8_t *request, size_t length)
{
    (void)context;
    const struct wire_violation violation = {
        .field = "amount", .description = {"the rule", "规则"}};
    const struct wire_details details = {
        .reason = "WRONG", .violations = &violation, .violation_count = 1};
    switch (wire_call_tag(call)) {
    case TAG_ECHO:
        wire_reply(call, request, length);
        break;
    case TAG_SILENT:
        silent_call = call;
        break;
    case TAG_FAIL:
        wire_fail(call, WIRE_INVALID_ARGUMENT, WORDING("100 % \xe4\xb8\xad", "中"), &details);
        break;
    default:
        stream_call = call;
        stream_sent = 0;
        send_stream(call);
        break;
    }
}

static void on_stream_ready(void *context, struct wire_call *call)
{
    (void)context;
    if (wire_call_is_gone(call)) {
        stream_call = NULL;
        wire_stream_end(call);
    } else {
        send_stream(call);
    }
}

static void open_server(int port)
{
    char listen[64];
    char error[256];
    snprintf(listen, sizeof listen, "127.0.0.1:%d", port);
    const char *const addresses[] = {listen};
    const struct wire_config config = {.listen = addresses,
        .listen_count = 1,
        .methods = methods,
        .method_count = sizeof methods / sizeof methods[0],
        .handlers = {.on_call = on_call, .on_stream_ready = on_stream_ready}};
    server = wire_server_open(base, &config, error, sizeof error);
    ck_assert_msg(server != NULL, "%s", error);
    wire_server_set_serving(server, true);
    snprintf(address, sizeof address, "127.0.0.1:%d", wire_server_port(server, 0));
}

static uint64_t connections_accepted(void)
{
    struct wire_counters counters;
    wire_server_counters(server, &counters);
    return counters.connections_accepted;
}

static void open_client(bool waits)
{
    char error[256];
    const struct client_config config = {
        .address = address, .wait_for_ready = waits, .message_bytes_max = BIG_BYTES};
    client = client_open(base, &config, error, sizeof error);
    ck_assert_msg(client != NULL, "%s", error);
}

static void set_up(void)
{
    base = event_base_new();
    ck_assert_ptr_nonnull(base);
    silent_call = NULL;
    stream_call = NULL;
    open_server(0);
}

static void answer_what_is_left(void)
{
    if (silent_call)
        wire_fail(silent_call, WIRE_CANCELLED, WORDING("", ""), NULL);
    if (stream_call)
        wire_stream_end(stream_call);
    silent_call = NULL;
    stream_call = NULL;
}

static void tear_down(void)
{
    client_close(client);
    client = NULL;
    answer_what_is_left();
    if (server)
        wire_server_close(server);
    server = NULL;
    event_base_free(base);
}

/* ---- the client ---- */

struct outcome {
    int ends;
    enum grpc_status status;
    char message[256];
    bool not_sent;
    uint8_t *answer;
    size_t answer_length;
    struct status_details details;
    char field[64];
    uint32_t messages;
};

static void on_end(void *context, const struct client_end *end)
{
    struct outcome *outcome = context;
    outcome->ends++;
    outcome->status = end->status;
    outcome->not_sent = end->not_sent;
    snprintf(outcome->message, sizeof outcome->message, "%s", end->message);
    outcome->answer = malloc(end->answer_length + 1);
    if (end->answer_length > 0)
        memcpy(outcome->answer, end->answer, end->answer_length);
    outcome->answer_length = end->answer_length;
    status_details_decode(end->details, end->details_length, &outcome->details);
    if (outcome->details.violation_count > 0)
        snprintf(outcome->field, sizeof outcome->field, "%.*s",
            (int)outcome->details.violations[0].field.length,
            outcome->details.violations[0].field.bytes);
}

static void on_message(void *context, const uint8_t *bytes, size_t length)
{
    struct outcome *outcome = context;
    uint32_t number;
    EXPECT(length == STREAM_MESSAGE_BYTES);
    memcpy(&number, bytes, sizeof number);
    EXPECT(number == outcome->messages);
    outcome->messages++;
}

static const struct client_handlers unary = {.on_end = on_end};
static const struct client_handlers streaming = {.on_message = on_message, .on_end = on_end};

static void run_until(const int *counter, int wanted)
{
    int64_t give_up_us = clock_monotonic_us() + DEADLINE_US;
    while (*counter < wanted) {
        ck_assert_msg(clock_monotonic_us() < give_up_us, "nothing happened in time");
        event_base_loop(base, EVLOOP_NONBLOCK);
    }
}

static void run_for(int64_t duration_us)
{
    int64_t end_us = clock_monotonic_us() + duration_us;
    while (clock_monotonic_us() < end_us)
        event_base_loop(base, EVLOOP_NONBLOCK);
}

START_TEST(calls_are_answered)
{
    struct outcome outcome = {0};
    open_client(false);
    /* 3,000,000 bytes take many frames and windows; one byte and none are the other end. */
    static uint8_t big[BIG_BYTES];
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (uint8_t)(i * 31);
    const size_t lengths[] = {0, 1, 70000, BIG_BYTES};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        outcome = (struct outcome){0};
        client_call_start(
            client, "/test.Test/Echo", big, lengths[i], DEADLINE_US, &unary, &outcome);
        run_until(&outcome.ends, 1);
        ck_assert_int_eq(outcome.status, GRPC_OK);
        ck_assert_uint_eq(outcome.answer_length, lengths[i]);
        ck_assert(lengths[i] == 0 || memcmp(outcome.answer, big, lengths[i]) == 0);
        free(outcome.answer);
    }
    ck_assert_uint_eq(connections_accepted(), 1);
}
END_TEST

START_TEST(many_calls_share_a_connection)
{
    enum { CALLS = 2000 };
    static struct outcome outcomes[CALLS];
    memset(outcomes, 0, sizeof outcomes);
    open_client(false);
    for (uint32_t i = 0; i < CALLS; i++)
        client_call_start(client, "/test.Test/Echo", (const uint8_t *)&i, sizeof i, DEADLINE_US,
            &unary, &outcomes[i]);
    for (uint32_t i = 0; i < CALLS; i++) {
        run_until(&outcomes[i].ends, 1);
        ck_assert_int_eq(outcomes[i].status, GRPC_OK);
        ck_assert_uint_eq(outcomes[i].answer_length, sizeof i);
        ck_assert_mem_eq(outcomes[i].answer, &i, sizeof i);
        ck_assert_int_eq(outcomes[i].ends, 1);
        free(outcomes[i].answer);
    }
    ck_assert_uint_eq(connections_accepted(), 1);
}
END_TEST

START_TEST(a_failure_is_told_with_its_details)
{
    struct outcome outcome = {0};
    open_client(false);
    client_call_start(client, "/test.Test/Fail", NULL, 0, DEADLINE_US, &unary, &outcome);
    run_until(&outcome.ends, 1);
    ck_assert_int_eq(outcome.status, GRPC_INVALID_ARGUMENT);
    ck_assert_str_eq(outcome.message, "100 % \xe4\xb8\xad");
    ck_assert_uint_eq(outcome.details.violation_count, 1);
    ck_assert_str_eq(outcome.field, "amount");
    ck_assert(!outcome.not_sent);
    free(outcome.answer);
}
END_TEST

START_TEST(an_unknown_method_is_told)
{
    struct outcome outcome = {0};
    open_client(false);
    client_call_start(client, "/test.Test/Nothing", NULL, 0, DEADLINE_US, &unary, &outcome);
    run_until(&outcome.ends, 1);
    ck_assert_int_eq(outcome.status, GRPC_UNIMPLEMENTED);
    free(outcome.answer);
}
END_TEST

START_TEST(a_deadline_ends_the_wait)
{
    struct outcome outcome = {0};
    struct outcome after = {0};
    open_client(false);
    int64_t started_us = clock_monotonic_us();
    client_call_start(client, "/test.Test/Silent", NULL, 0, 100000, &unary, &outcome);
    run_until(&outcome.ends, 1);
    ck_assert_int_eq(outcome.status, GRPC_DEADLINE_EXCEEDED);
    ck_assert_int_ge(clock_monotonic_us() - started_us, 90000);
    ck_assert_ptr_nonnull(silent_call);
    ck_assert(!outcome.not_sent);
    /* An answer that comes too late goes nowhere, and the connection still works. */
    wire_reply(silent_call, "late", 4);
    silent_call = NULL;
    client_call_start(
        client, "/test.Test/Echo", (const uint8_t *)"x", 1, DEADLINE_US, &unary, &after);
    run_until(&after.ends, 1);
    ck_assert_int_eq(after.status, GRPC_OK);
    ck_assert_int_eq(outcome.ends, 1);
    ck_assert_uint_eq(connections_accepted(), 1);
    free(outcome.answer);
    free(after.answer);
}
END_TEST

START_TEST(an_answer_beyond_the_limit_is_refused)
{
    struct outcome outcome = {0};
    static uint8_t big[BIG_BYTES + 1];
    open_client(false);
    client_call_start(client, "/test.Test/Echo", big, sizeof big, DEADLINE_US, &unary, &outcome);
    run_until(&outcome.ends, 1);
    ck_assert_int_eq(outcome.status, GRPC_RESOURCE_EXHAUSTED);
    free(outcome.answer);
}
END_TEST

START_TEST(a_stream_comes_whole_and_in_order)
{
    struct outcome outcome = {0};
    open_client(false);
    client_call_start(client, "/test.Test/Stream", NULL, 0, 0, &streaming, &outcome);
    run_until(&outcome.ends, 1);
    ck_assert_int_eq(outcome.status, GRPC_OK);
    ck_assert_uint_eq(outcome.messages, STREAM_MESSAGES);
    free(outcome.answer);
}
END_TEST

START_TEST(a_paused_stream_waits)
{
    struct outcome outcome = {0};
    open_client(false);
    struct client_call *call =
        client_call_start(client, "/test.Test/Stream", NULL, 0, 0, &streaming, &outcome);
    client_call_pause(call, true);
    run_for(300000);
    /* The window is 1 MiB: some came, most of the 6 MB did not. */
    ck_assert_uint_gt(outcome.messages, 0);
    ck_assert_uint_le(outcome.messages, (1u << 20) / STREAM_MESSAGE_BYTES + 1);
    client_call_pause(call, false);
    run_until(&outcome.ends, 1);
    ck_assert_uint_eq(outcome.messages, STREAM_MESSAGES);
    free(outcome.answer);
}
END_TEST

START_TEST(no_server_is_told_at_once)
{
    struct outcome outcome = {0};
    open_client(false);
    wire_server_close(server);
    server = NULL;
    client_call_start(client, "/test.Test/Echo", NULL, 0, DEADLINE_US, &unary, &outcome);
    run_until(&outcome.ends, 1);
    ck_assert_int_eq(outcome.status, GRPC_UNAVAILABLE);
    ck_assert(outcome.not_sent);
    ck_assert(strstr(outcome.message, "could not connect") != NULL);
    free(outcome.answer);
}
END_TEST

START_TEST(a_call_can_wait_for_a_server)
{
    struct outcome early = {0};
    struct outcome late = {0};
    open_client(true);
    int port = wire_server_port(server, 0);
    wire_server_close(server);
    server = NULL;
    client_call_start(client, "/test.Test/Echo", NULL, 0, 150000, &unary, &early);
    client_call_start(client, "/test.Test/Echo", NULL, 0, DEADLINE_US, &unary, &late);
    run_until(&early.ends, 1);
    ck_assert_int_eq(early.status, GRPC_DEADLINE_EXCEEDED);
    ck_assert(early.not_sent);
    open_server(port);
    run_until(&late.ends, 1);
    ck_assert_int_eq(late.status, GRPC_OK);
    free(early.answer);
    free(late.answer);
}
END_TEST

START_TEST(a_lost_connection_ends_its_calls_and_is_made_again)
{
    struct outcome lost = {0};
    struct outcome after = {0};
    open_client(true);
    int port = wire_server_port(server, 0);
    client_call_start(client, "/test.Test/Silent", NULL, 0, DEADLINE_US, &unary, &lost);
    int64_t give_up_us = clock_monotonic_us() + DEADLINE_US;
    while (!silent_call && clock_monotonic_us() < give_up_us)
        event_base_loop(base, EVLOOP_NONBLOCK);
    ck_assert_ptr_nonnull(silent_call);
    wire_server_close(server);
    answer_what_is_left();
    run_until(&lost.ends, 1);
    ck_assert_int_eq(lost.status, GRPC_UNAVAILABLE);
    ck_assert(!lost.not_sent);
    open_server(port);
    client_call_start(client, "/test.Test/Echo", NULL, 0, DEADLINE_US, &unary, &after);
    run_until(&after.ends, 1);
    ck_assert_int_eq(after.status, GRPC_OK);
    ck_assert_uint_eq(connections_accepted(), 1);
    free(lost.answer);
    free(after.answer);
}
END_TEST

static void on_stopped(void *context)
{
    int *stopped = context;
    *stopped = 1;
}

START_TEST(a_stopping_server_is_left_in_order)
{
    struct outcome before = {0};
    struct outcome after = {0};
    int stopped = 0;
    open_client(true);
    int port = wire_server_port(server, 0);
    client_call_start(client, "/test.Test/Silent", NULL, 0, DEADLINE_US, &unary, &before);
    int64_t give_up_us = clock_monotonic_us() + DEADLINE_US;
    while (!silent_call && clock_monotonic_us() < give_up_us)
        event_base_loop(base, EVLOOP_NONBLOCK);
    ck_assert_ptr_nonnull(silent_call);
    wire_server_stop(server, on_stopped, &stopped);
    run_for(50000);
    /* The call under way is still answered; a new one waits for the next server. */
    wire_reply(silent_call, "bye", 3);
    silent_call = NULL;
    run_until(&before.ends, 1);
    ck_assert_int_eq(before.status, GRPC_OK);
    run_until(&stopped, 1);
    wire_server_close(server);
    open_server(port);
    client_call_start(client, "/test.Test/Echo", NULL, 0, DEADLINE_US, &unary, &after);
    run_until(&after.ends, 1);
    ck_assert_int_eq(after.status, GRPC_OK);
    free(before.answer);
    free(after.answer);
}
END_TEST

START_TEST(wrong_settings_are_refused)
{
    char error[256] = "";
    const struct client_config configs[] = {
        {.address = "nowhere"},
        {.address = "127.0.0.1:1", .tls_ca_file = "/nonexistent/ca.pem"},
        {.address = "127.0.0.1:1", .tls_certificate_file = "x"},
        {.address = "127.0.0.1:1", .tls_ca_file = "x", .tls_key_file = "x"},
    };
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        error[0] = '\0';
        ck_assert_ptr_null(client_open(base, &configs[i], error, sizeof error));
        ck_assert_str_ne(error, "");
    }
}
END_TEST

Suite *client_suite(void)
{
    Suite *suite = suite_create("client");
    TCase *tests = tcase_create("client");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, calls_are_answered);
    tcase_add_test(tests, many_calls_share_a_connection);
    tcase_add_test(tests, a_failure_is_told_with_its_details);
    tcase_add_test(tests, an_unknown_method_is_told);
    tcase_add_test(tests, a_deadline_ends_the_wait);
    tcase_add_test(tests, an_answer_beyond_the_limit_is_refused);
    tcase_add_test(tests, a_stream_comes_whole_and_in_order);
    tcase_add_test(tests, a_paused_stream_waits);
    tcase_add_test(tests, no_server_is_told_at_once);
    tcase_add_test(tests, a_call_can_wait_for_a_server);
    tcase_add_test(tests, a_lost_connection_ends_its_calls_and_is_made_again);
    tcase_add_test(tests, a_stopping_server_is_left_in_order);
    tcase_add_test(tests, wrong_settings_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
