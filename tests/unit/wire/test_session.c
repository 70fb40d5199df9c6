/* test_session.c: a session without a socket, against nghttp2's own client.
 *
 * What ordinary clients cannot show: when a call ends, what is accounted for, and that misuse of a
 * call aborts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "suites.h"
#include "support/expect.h"
#include "wire/session.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS_MAX 512
#define STREAMS_MAX 100

enum { ECHO, HOLD, STREAM };

static const struct wire_method methods[] = {
    {"/t.T/Echo", WIRE_UNARY, ECHO, WIRE_QUICK},
    {"/t.T/Hold", WIRE_UNARY, HOLD, WIRE_QUICK},
    {"/t.T/Stream", WIRE_SERVER_STREAMING, STREAM, WIRE_QUICK},
};

/* What the client learned of one of its streams. */
struct answer {
    bool is_closed;
    uint32_t error_code;
    int status; /* -1: none */
    int grpc_status;
    char message[256];
    struct buffer body;
};

struct upload {
    const uint8_t *bytes;
    size_t length;
    size_t sent;
    bool stays_open;
};

struct pair {
    struct event_base *base;
    struct wire_server *server;
    struct session *session;
    nghttp2_session *client;
    struct wire_call *held[CALLS_MAX];
    size_t held_count;
    int ready_count;
    bool was_gone; /* at the last on_stream_ready */
    size_t chunk;  /* bytes at a time towards the server, 0: as they come */
    struct answer answers[2 * CALLS_MAX];
    struct upload uploads[2 * CALLS_MAX];
};

static void on_call(void *context, struct wire_call *call, const uint8_t *request, size_t length)
{
    struct pair *pair = context;
    if (wire_call_tag(call) == ECHO) {
        wire_reply(call, request, length);
        return;
    }
    EXPECT(pair->held_count < CALLS_MAX);
    pair->held[pair->held_count++] = call;
}

static void on_stream_ready(void *context, struct wire_call *call)
{
    struct pair *pair = context;
    pair->ready_count++;
    pair->was_gone = wire_call_is_gone(call);
}

static int on_client_header(nghttp2_session *h2, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags, void *context)
{
    (void)h2;
    (void)flags;
    struct pair *pair = context;
    struct answer *answer = &pair->answers[frame->hd.stream_id];
    if (name_length == 7 && memcmp(name, ":status", 7) == 0)
        answer->status = atoi((const char *)value);
    if (name_length == 11 && memcmp(name, "grpc-status", 11) == 0)
        answer->grpc_status = atoi((const char *)value);
    if (name_length == 12 && memcmp(name, "grpc-message", 12) == 0)
        snprintf(answer->message, sizeof answer->message, "%.*s", (int)value_length,
            (const char *)value);
    return 0;
}

static int on_client_data(nghttp2_session *h2, uint8_t flags, int32_t stream_id,
    const uint8_t *bytes, size_t length, void *context)
{
    (void)h2;
    (void)flags;
    struct pair *pair = context;
    buffer_append(&pair->answers[stream_id].body, bytes, length);
    return 0;
}

static int on_client_close(
    nghttp2_session *h2, int32_t stream_id, uint32_t error_code, void *context)
{
    (void)h2;
    struct pair *pair = context;
    pair->answers[stream_id].is_closed = true;
    pair->answers[stream_id].error_code = error_code;
    return 0;
}

static ssize_t on_client_read(nghttp2_session *h2, int32_t stream_id, uint8_t *buf, size_t length,
    uint32_t *flags, nghttp2_data_source *source, void *context)
{
    (void)h2;
    (void)stream_id;
    (void)context;
    struct upload *upload = source->ptr;
    size_t left = upload->length - upload->sent;
    size_t taken = left < length ? left : length;
    if (left == 0 && upload->stays_open)
        return NGHTTP2_ERR_DEFERRED;
    memcpy(buf, upload->bytes + upload->sent, taken);
    upload->sent += taken;
    if (upload->sent == upload->length && !upload->stays_open)
        *flags = NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)taken;
}

static void open_client(struct pair *pair)
{
    nghttp2_session_callbacks *callbacks;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_client_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_client_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_client_close);
    nghttp2_session_client_new(&pair->client, callbacks, pair);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(pair->client, NGHTTP2_FLAG_NONE, NULL, 0);
}

static struct pair *pair_create(size_t pending_bytes_max)
{
    char error[256];
    struct pair *pair = calloc(1, sizeof *pair);
    EXPECT(pair != NULL);
    struct wire_config config = {.methods = methods,
        .method_count = 3,
        .streams_per_connection_max = STREAMS_MAX,
        .pending_bytes_max = pending_bytes_max,
        .handlers = {.on_call = on_call, .on_stream_ready = on_stream_ready},
        .context = pair};
    pair->base = event_base_new();
    pair->server = server_create(pair->base, &config, error, sizeof error);
    EXPECT(pair->server != NULL);
    wire_server_set_serving(pair->server, true);
    pair->session = session_create(pair->server, NULL, NULL);
    for (size_t i = 0; i < 2 * CALLS_MAX; i++)
        pair->answers[i].status = pair->answers[i].grpc_status = -1;
    open_client(pair);
    return pair;
}

static void drop_session(struct pair *pair)
{
    if (pair->session)
        session_destroy(pair->session);
    pair->session = NULL;
}

static void pair_destroy(struct pair *pair)
{
    drop_session(pair);
    if (pair->server)
        wire_server_close(pair->server);
    nghttp2_session_del(pair->client);
    event_base_free(pair->base);
    for (size_t i = 0; i < 2 * CALLS_MAX; i++)
        buffer_finish(&pair->answers[i].body);
    free(pair);
}

static bool to_server(struct pair *pair)
{
    const uint8_t *bytes;
    ssize_t length = nghttp2_session_mem_send(pair->client, &bytes);
    EXPECT(length >= 0);
    size_t step = pair->chunk ? pair->chunk : (size_t)length;
    for (size_t at = 0; at < (size_t)length; at += step) {
        size_t piece = (size_t)length - at < step ? (size_t)length - at : step;
        EXPECT(session_receive(pair->session, bytes + at, piece) == 0);
    }
    return length > 0;
}

static bool to_client(struct pair *pair)
{
    static uint8_t scratch[SCRATCH_BYTES];
    ssize_t length = session_fill(pair->session, scratch, sizeof scratch);
    EXPECT(length >= 0);
    EXPECT(nghttp2_session_mem_recv(pair->client, scratch, (size_t)length) == length);
    return length > 0;
}

static void pump(struct pair *pair)
{
    for (bool is_busy = true; is_busy;) {
        is_busy = to_server(pair);
        is_busy = to_client(pair) || is_busy;
        event_base_loop(pair->base, EVLOOP_NONBLOCK);
    }
}

static nghttp2_nv nv(const char *name, const char *value)
{
    return (nghttp2_nv){.name = (uint8_t *)(uintptr_t)name,
        .value = (uint8_t *)(uintptr_t)value,
        .namelen = strlen(name),
        .valuelen = strlen(value)};
}

/* Starts a call with one more header; `body` stays the caller's. Returns the stream. */
static int32_t start(
    struct pair *pair, const char *path, nghttp2_nv extra, const void *body, size_t length)
{
    nghttp2_nv headers[] = {nv(":method", "POST"), nv(":scheme", "http"), nv(":path", path),
        nv(":authority", "t"), nv("te", "trailers"), nv("content-type", "application/grpc"), extra};
    struct upload *upload =
        &pair->uploads[(size_t)nghttp2_session_get_next_stream_id(pair->client)];
    *upload = (struct upload){.bytes = body, .length = length};
    nghttp2_data_provider provider = {.source.ptr = upload, .read_callback = on_client_read};
    int32_t id = nghttp2_submit_request(pair->client, NULL, headers, 7, &provider, NULL);
    EXPECT(id > 0 && id < 2 * CALLS_MAX);
    return id;
}

static int32_t call(struct pair *pair, const char *path, const void *body, size_t length)
{
    return start(pair, path, nv("user-agent", "test"), body, length);
}

static const uint8_t small[] = {0, 0, 0, 0, 3, 'a', 'b', 'c'};

static void expect_idle(struct pair *pair)
{
    struct wire_counters counters;
    wire_server_counters(pair->server, &counters);
    EXPECT_MSG(counters.calls_open == 0, "%llu", (unsigned long long)counters.calls_open);
    EXPECT_MSG(counters.pending_bytes == 0, "%llu", (unsigned long long)counters.pending_bytes);
    EXPECT(pair->session == NULL || pair->session->call_count == 0);
    EXPECT(pair->session == NULL || pair->session->held_bytes == 0);
}

START_TEST(test_echo)
{
    struct pair *pair = pair_create(0);
    for (int i = 0; i < 300; i++) {
        int32_t id = call(pair, "/t.T/Echo", small, sizeof small);
        pair->chunk = (size_t)(i % 40);
        pump(pair);
        struct answer *answer = &pair->answers[id];
        EXPECT(answer->is_closed && answer->error_code == 0);
        EXPECT(answer->status == 200 && answer->grpc_status == 0);
        EXPECT(answer->body.length == sizeof small);
        EXPECT(memcmp(answer->body.bytes, small, sizeof small) == 0);
    }
    expect_idle(pair);
    pair_destroy(pair);
}
END_TEST

/* Answers in another order than the requests came. */
START_TEST(test_out_of_order)
{
    struct pair *pair = pair_create(0);
    int32_t ids[50];
    for (size_t i = 0; i < 50; i++)
        ids[i] = call(pair, "/t.T/Hold", small, sizeof small);
    pump(pair);
    EXPECT(pair->held_count == 50);
    for (size_t i = 50; i-- > 0;) {
        char text[24];
        snprintf(text, sizeof text, "%zu", i);
        wire_reply(pair->held[i], text, strlen(text));
    }
    pump(pair);
    for (size_t i = 0; i < 50; i++) {
        char text[24];
        snprintf(text, sizeof text, "%zu", i);
        EXPECT(pair->answers[ids[i]].body.length == 5 + strlen(text));
        EXPECT(memcmp(pair->answers[ids[i]].body.bytes + 5, text, strlen(text)) == 0);
    }
    expect_idle(pair);
    pair_destroy(pair);
}
END_TEST

/* A reset, and a lost connection, leave the call to its owner. */
START_TEST(test_gone)
{
    struct pair *pair = pair_create(0);
    int32_t id = call(pair, "/t.T/Hold", small, sizeof small);
    call(pair, "/t.T/Hold", small, sizeof small);
    int32_t stream = call(pair, "/t.T/Stream", small, sizeof small);
    pump(pair);
    EXPECT(pair->held_count == 3);
    EXPECT(!wire_call_is_gone(pair->held[0]));
    nghttp2_submit_rst_stream(pair->client, 0, id, NGHTTP2_CANCEL);
    pump(pair);
    EXPECT(wire_call_is_gone(pair->held[0]));
    EXPECT(!wire_call_is_gone(pair->held[1]));
    wire_reply(pair->held[0], "late", 4);
    EXPECT(pair->ready_count == 0);
    nghttp2_submit_rst_stream(pair->client, 0, stream, NGHTTP2_CANCEL);
    pump(pair);
    EXPECT(pair->ready_count == 1);
    EXPECT(!wire_stream_send(pair->held[2], "late", 4));
    pump(pair);
    EXPECT(pair->ready_count == 2);
    wire_stream_end(pair->held[2]);
    drop_session(pair);
    EXPECT(wire_call_is_gone(pair->held[1]));
    wire_fail(pair->held[1], WIRE_INTERNAL, WORDING("late", "迟"), NULL);
    expect_idle(pair);
    pair_destroy(pair);
}
END_TEST

START_TEST(test_call_outlives_server)
{
    struct pair *pair = pair_create(0);
    call(pair, "/t.T/Hold", small, sizeof small);
    call(pair, "/t.T/Stream", small, sizeof small);
    pump(pair);
    drop_session(pair);
    wire_server_close(pair->server);
    pair->server = NULL;
    EXPECT(wire_call_is_gone(pair->held[0]));
    EXPECT(wire_call_is_gone(pair->held[1]));
    EXPECT(wire_call_tag(pair->held[1]) == STREAM);
    wire_reply(pair->held[0], "late", 4);
    EXPECT(!wire_stream_send(pair->held[1], "late", 4));
    wire_stream_end(pair->held[1]);
    pair_destroy(pair);
}
END_TEST

/* A stream past its deadline is answered before its first message, and cut off later; its owner is
 * told when the client is gone, not before. */
START_TEST(test_stream_deadline)
{
    for (int has_sent = 0; has_sent < 2; has_sent++) {
        struct pair *pair = pair_create(0);
        int32_t id = start(pair, "/t.T/Stream", nv("grpc-timeout", "20m"), small, sizeof small);
        pump(pair);
        if (has_sent)
            EXPECT(wire_stream_send(pair->held[0], "x", 1));
        while (!pair->answers[id].is_closed || pair->ready_count == 0) {
            pump(pair);
            event_base_loop(pair->base, EVLOOP_ONCE);
        }
        pump(pair);
        EXPECT(pair->was_gone);
        EXPECT(pair->answers[id].grpc_status == WIRE_DEADLINE_EXCEEDED);
        EXPECT(pair->answers[id].error_code == NGHTTP2_NO_ERROR);
        wire_stream_end(pair->held[0]);
        expect_idle(pair);
        pair_destroy(pair);
    }
}
END_TEST

START_TEST(test_ending_twice_aborts)
{
    struct pair *pair = pair_create(0);
    call(pair, "/t.T/Hold", small, sizeof small);
    pump(pair);
    wire_reply(pair->held[0], "1", 1);
    wire_reply(pair->held[0], "2", 1);
}
END_TEST

START_TEST(test_sending_past_full_aborts)
{
    static char large[300000];
    struct pair *pair = pair_create(0);
    call(pair, "/t.T/Stream", small, sizeof small);
    pump(pair);
    EXPECT(!wire_stream_send(pair->held[0], large, sizeof large));
    (void)wire_stream_send(pair->held[0], large, sizeof large);
}
END_TEST

/* A stream says when it is full and when it has room again, and everything arrives. */
START_TEST(test_stream_room)
{
    static char message[1000];
    struct pair *pair = pair_create(0);
    int32_t id = call(pair, "/t.T/Stream", small, sizeof small);
    pump(pair);
    size_t sent = 0;
    for (int round = 0; round < 10; round++) {
        int before = pair->ready_count;
        size_t queued = 0;
        while (wire_stream_send(pair->held[0], message, sizeof message))
            queued++;
        sent += queued + 1;
        EXPECT(queued > 250 && queued < 270);
        EXPECT(pair->ready_count == before);
        pump(pair);
        EXPECT(pair->ready_count == before + 1);
    }
    wire_stream_end(pair->held[0]);
    pump(pair);
    EXPECT(pair->answers[id].grpc_status == 0);
    EXPECT(pair->answers[id].body.length == sent * (5 + sizeof message));
    expect_idle(pair);
    pair_destroy(pair);
}
END_TEST

/* Sum of name + value + 32 exactly at the limit, and one byte more. */
START_TEST(test_header_limit)
{
    static char value[HEADER_LIST_BYTES_MAX + 1];
    struct pair *pair = pair_create(0);
    /* The seven fields of start() with the path /t.T/Echo, without the last one's value. */
    size_t used = (7 + 4) + (7 + 4) + (5 + 9) + (10 + 1) + (2 + 8) + (12 + 16) + 1 + 7 * 32;
    for (size_t more = 0; more < 2; more++) {
        size_t length = HEADER_LIST_BYTES_MAX - used + more;
        memset(value, 'v', length);
        value[length] = '\0';
        int32_t id = start(pair, "/t.T/Echo", nv("x", value), small, sizeof small);
        pump(pair);
        EXPECT_MSG(pair->answers[id].grpc_status == (more ? WIRE_RESOURCE_EXHAUSTED : WIRE_OK),
            "%zu: %d", more, pair->answers[id].grpc_status);
    }
    expect_idle(pair);
    pair_destroy(pair);
}
END_TEST

static uint8_t *message_of(size_t length)
{
    uint8_t *bytes = calloc(1, length + FRAMING_PREFIX_BYTES);
    EXPECT(bytes != NULL);
    framing_encode_prefix(bytes, false, (uint32_t)length);
    return bytes;
}

START_TEST(test_message_limit)
{
    struct pair *pair = pair_create(0);
    for (size_t more = 0; more < 2; more++) {
        size_t length = MESSAGE_BYTES_MAX + more;
        uint8_t *bytes = message_of(length);
        int32_t id = call(pair, "/t.T/Echo", bytes, length + FRAMING_PREFIX_BYTES);
        pump(pair);
        EXPECT(pair->answers[id].grpc_status == (more ? WIRE_RESOURCE_EXHAUSTED : WIRE_OK));
        EXPECT(pair->answers[id].body.length == (more ? 0 : length + FRAMING_PREFIX_BYTES));
        EXPECT(pair->answers[id].error_code == 0);
        free(bytes);
    }
    expect_idle(pair);
    pair_destroy(pair);
}
END_TEST

/* Unanswered requests hold back the connection's credit; answers give it back. */
START_TEST(test_credit)
{
    size_t length = 1000000;
    uint8_t *bytes = message_of(length);
    struct pair *pair = pair_create(0);
    /* One after the other: requests that arrive interleaved must not wait for one another. */
    for (int i = 0; i < 60; i++) {
        call(pair, "/t.T/Hold", bytes, length + FRAMING_PREFIX_BYTES);
        pump(pair);
    }
    EXPECT_MSG(pair->held_count >= 8 && pair->held_count <= 18, "%zu", pair->held_count);
    EXPECT(pair->server->pending_bytes < HELD_BYTES_MAX + CONNECTION_WINDOW_BYTES + 2 * length);
    for (size_t done = 0; done < 60; done++) {
        EXPECT_MSG(done < pair->held_count, "stuck after %zu", done);
        wire_reply(pair->held[done], "ok", 2);
        pump(pair);
    }
    expect_idle(pair);
    pair_destroy(pair);
    free(bytes);
}
END_TEST

/* Requests that never become whole cannot take more than the ceiling either. */
START_TEST(test_pending_limit)
{
    size_t length = 1000000;
    uint8_t *bytes = message_of(length);
    struct pair *pair = pair_create(5 * length);
    int32_t ids[20];
    for (size_t i = 0; i < 20; i++) {
        ids[i] = call(pair, "/t.T/Hold", bytes, length);
        pair->uploads[(size_t)ids[i]].stays_open = true;
    }
    pump(pair);
    EXPECT(pair->held_count == 0);
    EXPECT(pair->server->pending_bytes <= 5 * length);
    size_t refused = 0;
    for (size_t i = 0; i < 20; i++)
        refused += pair->answers[ids[i]].grpc_status == WIRE_RESOURCE_EXHAUSTED;
    EXPECT_MSG(refused >= 15, "%zu", refused);
    drop_session(pair);
    expect_idle(pair);
    pair_destroy(pair);
    free(bytes);
}
END_TEST

/* Resets do not buy more calls than the limit while the owner still works on the old ones. */
START_TEST(test_reset_does_not_buy_calls)
{
    struct pair *pair = pair_create(0);
    int32_t last = 0;
    for (size_t i = 0; i < 3 * STREAMS_MAX; i++) {
        last = call(pair, "/t.T/Hold", small, sizeof small);
        pump(pair);
        nghttp2_submit_rst_stream(pair->client, 0, last, NGHTTP2_CANCEL);
        pump(pair);
    }
    EXPECT_MSG(pair->held_count == STREAMS_MAX, "%zu", pair->held_count);
    EXPECT(pair->answers[last].grpc_status == WIRE_RESOURCE_EXHAUSTED);
    for (size_t i = 0; i < pair->held_count; i++)
        wire_reply(pair->held[i], "late", 4);
    pair->held_count = 0;
    int32_t id = call(pair, "/t.T/Echo", small, sizeof small);
    pump(pair);
    EXPECT(pair->answers[id].grpc_status == WIRE_OK);
    expect_idle(pair);
    pair_destroy(pair);
}
END_TEST

Suite *session_suite(void)
{
    Suite *suite = suite_create("session");
    TCase *test_case = tcase_create("session");
    tcase_add_test(test_case, test_echo);
    tcase_add_test(test_case, test_out_of_order);
    tcase_add_test(test_case, test_gone);
    tcase_add_test(test_case, test_call_outlives_server);
    tcase_add_test(test_case, test_stream_deadline);
    tcase_add_test_raise_signal(test_case, test_ending_twice_aborts, SIGABRT);
    tcase_add_test_raise_signal(test_case, test_sending_past_full_aborts, SIGABRT);
    tcase_add_test(test_case, test_stream_room);
    tcase_add_test(test_case, test_header_limit);
    tcase_add_test(test_case, test_message_limit);
    tcase_add_test(test_case, test_credit);
    tcase_add_test(test_case, test_pending_limit);
    tcase_add_test(test_case, test_reset_does_not_buy_calls);
    suite_add_tcase(suite, test_case);
    return suite;
}
