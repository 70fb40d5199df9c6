/* wire_session_fuzz.c: a whole HTTP/2 session fed with a client's bytes, without a socket.
 *
 * The first byte: bit 0 puts the client's preface before the rest, the others are the size of the
 * pieces. Handlers do what the request's first byte says. After each input every byte must be
 * accounted for again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "wire/session.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#define HELD_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { UNARY, STREAM };

static const struct wire_method methods[] = {
    {"/t.T/U", WIRE_UNARY, UNARY, WIRE_QUICK},
    {"/t.T/S", WIRE_SERVER_STREAMING, STREAM, WIRE_QUICK},
};

struct world {
    struct event_base *base;
    struct wire_server *server;
    struct wire_call *held[HELD_MAX];
    size_t held_count;
};

static void on_call(void *context, struct wire_call *call, const uint8_t *request, size_t length)
{
    struct world *world = context;
    uint8_t what = length > 0 ? request[0] : 0;

    if (what % 4 == 0 && wire_call_tag(call) == UNARY) {
        wire_reply(call, request, length);
    } else if (what % 4 == 1 || world->held_count == HELD_MAX) {
        wire_fail(call, WIRE_INVALID_ARGUMENT, WORDING("fuzz", "模糊"), NULL);
    } else {
        if (wire_call_tag(call) == STREAM)
            (void)wire_stream_send(call, request, length);
        world->held[world->held_count++] = call;
    }
}

static void end(struct wire_call *call)
{
    if (wire_call_tag(call) == STREAM)
        wire_stream_end(call);
    else
        wire_reply(call, "late", 4);
}

static void on_stream_ready(void *context, struct wire_call *call)
{
    struct world *world = context;
    if (!wire_call_is_gone(call))
        return;
    for (size_t i = 0; i < world->held_count; i++) {
        if (world->held[i] == call)
            world->held[i] = world->held[--world->held_count];
    }
    end(call);
}

static struct world *get_world(void)
{
    static struct world world;
    char error[256];
    if (world.server)
        return &world;
    struct wire_config config = {.methods = methods,
        .method_count = 2,
        .streams_per_connection_max = 100,
        .pending_bytes_max = 1024 * 1024,
        .handlers = {.on_call = on_call, .on_stream_ready = on_stream_ready},
        .context = &world};
    world.base = event_base_new();
    world.server = server_create(world.base, &config, error, sizeof error);
    CHECK(world.server != NULL);
    wire_server_set_serving(world.server, true);
    return &world;
}

/* Takes what there is to send; a session that has said all does not read on. */
static bool drain(struct session *session)
{
    static uint8_t scratch[SCRATCH_BYTES];
    ssize_t length;
    size_t rounds = 0;
    while ((length = session_fill(session, scratch, sizeof scratch)) > 0)
        CHECK(++rounds < 10000);
    return length == 0 && !session_is_finished(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    struct world *world = get_world();
    struct wire_counters counters;
    if (size == 0)
        return 0;
    size_t piece = data[0] >> 1 ? (size_t)data[0] >> 1 : SIZE_MAX;
    struct session *session = session_create(world->server, NULL, NULL);
    bool is_alive = drain(session);

    if (data[0] & 1)
        is_alive = session_receive(session, preface, sizeof preface - 1) == 0;
    for (size_t at = 1; at < size && is_alive;) {
        size_t length = size - at < piece ? size - at : piece;
        is_alive = session_receive(session, data + at, length) == 0 && drain(session);
        event_base_loop(world->base, EVLOOP_NONBLOCK);
        at += length;
    }
    /* Half of the calls are answered while the session lives, the others when it is gone. */
    for (size_t i = world->held_count / 2; i > 0; i--) {
        struct wire_call *call = world->held[--world->held_count];
        end(call);
    }
    if (is_alive)
        (void)drain(session);
    session_destroy(session);
    event_base_loop(world->base, EVLOOP_NONBLOCK);
    while (world->held_count > 0) {
        struct wire_call *call = world->held[--world->held_count];
        end(call);
    }
    wire_server_counters(world->server, &counters);
    CHECK(counters.calls_open == 0);
    CHECK(counters.pending_bytes == 0);
    return 0;
}
