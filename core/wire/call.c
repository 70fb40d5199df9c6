/* call.c: the pool of calls, their states, and the functions that owners call.
 *
 * Calls are recycled with their buffers, so that the main path does not call malloc; what a large
 * message took is given back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/call.h"

#include "base/check.h"
#include "base/clock.h"
#include "wire/health.h"
#include "wire/request.h"
#include "wire/response.h"
#include "wire/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What the pool may keep: calls, bytes of one buffer, bytes of all buffers. */
#define POOL_CALLS_MAX 8192
#define POOL_BUFFER_BYTES_MAX (64 * 1024)
#define POOL_BYTES_MAX (16 * 1024 * 1024)
/* A stream of answers with less than this in its queue has room. */
#define QUEUE_BYTES_MAX (256 * 1024)
/* The same while the whole server holds much. */
#define QUEUE_BYTES_PRESSED (16 * 1024)

static_assert(sizeof(struct wire_call) < 1024, "an open call is cheap");

struct peer *peer_create(const char *name)
{
    size_t length = strlen(name);
    struct peer *peer = malloc(sizeof *peer + length + 1);
    CHECK(peer != NULL);
    peer->references = 1;
    memcpy(peer->name, name, length + 1);
    return peer;
}

struct peer *peer_retain(struct peer *peer)
{
    if (peer)
        peer->references++;
    return peer;
}

void peer_release(struct peer *peer)
{
    if (!peer)
        return;
    CHECK(peer->references > 0);
    if (--peer->references == 0)
        free(peer);
}

void call_set_state(struct wire_call *call, enum call_state state)
{
    /* Which states may come before each. */
    static const uint32_t before[] = {
        [CALL_FREE] = 1u << CALL_HEADERS | 1u << CALL_BODY | 1u << CALL_ANSWERED | 1u << CALL_GONE,
        [CALL_HEADERS] = 1u << CALL_FREE,
        [CALL_BODY] = 1u << CALL_HEADERS,
        [CALL_RUNNING] = 1u << CALL_HEADERS | 1u << CALL_BODY,
        [CALL_STREAMING] = 1u << CALL_RUNNING,
        [CALL_ANSWERED] =
            1u << CALL_HEADERS | 1u << CALL_BODY | 1u << CALL_RUNNING | 1u << CALL_STREAMING,
        [CALL_GONE] = 1u << CALL_RUNNING | 1u << CALL_STREAMING | 1u << CALL_ANSWERED,
    };
    CHECK(before[state] & 1u << call->state);
    call->state = state;
    if (call->is_inflation_queued)
        call_end_inflation(call);
}

void call_end_inflation(struct wire_call *call)
{
    struct wire_server *server = call->server;
    CHECK(call->is_inflation_queued);
    TAILQ_REMOVE(&server->inflations, call, inflate_link);
    call->is_inflation_queued = false;
    if (server->inflating == call)
        server->inflating = NULL;
}

void call_queue_inflation(struct wire_call *call)
{
    CHECK(call->state == CALL_BODY);
    CHECK(!call->is_inflation_queued);
    call->is_inflation_queued = true;
    TAILQ_INSERT_TAIL(&call->server->inflations, call, inflate_link);
    server_read_on(call->server);
}

/* The first whose source has had none yet since all had one. */
static struct wire_call *next_inflation(struct wire_server *server)
{
    struct wire_call *call;
    TAILQ_FOREACH(call, &server->inflations, inflate_link)
    {
        if (!call->source || call->source->inflated != server->inflate_round)
            break;
    }
    if (!call) {
        server->inflate_round++;
        call = TAILQ_FIRST(&server->inflations);
    }
    if (call && call->source)
        call->source->inflated = server->inflate_round;
    return call;
}

void call_inflate(struct wire_server *server, int64_t longest_us)
{
    int64_t until_us = clock_monotonic_us() + longest_us;
    while (!TAILQ_EMPTY(&server->inflations)) {
        bool is_begin = server->inflating == NULL;
        if (is_begin)
            server->inflating = next_inflation(server);
        request_inflate(server->inflating, is_begin);
        if (clock_monotonic_us() >= until_us)
            break;
    }
}

void call_charge(struct wire_call *call, size_t bytes)
{
    call->charged += bytes;
    server_charge(call->server, bytes);
    if (call->source)
        call->source->bytes += bytes;
}

void call_discharge(struct wire_call *call, size_t bytes)
{
    CHECK(call->charged >= bytes);
    call->charged -= bytes;
    if (call->server)
        server_discharge(call->server, bytes);
    if (call->source)
        call->source->bytes -= bytes;
}

bool call_has_room(const struct wire_call *call, size_t bytes)
{
    struct wire_server *server = call->server;
    /* Others must be able to see how the server is, whoever fills it. */
    if (call->method && call->method->owner == METHOD_HEALTH_CHECK)
        return true;
    return admission_has_bytes(
        &server->admission, &server->config, call->source, server->pending_bytes, bytes);
}

bool call_is_pressed(const struct wire_call *call)
{
    const struct wire_server *server = call->server;
    return source_is_pressed(&server->config, call->source, server->pending_bytes);
}

/* The call belongs to no source any more. */
static void leave_source(struct wire_call *call)
{
    if (call->source)
        source_release(&call->server->admission, call->source);
    call->source = NULL;
}

static void end_class(struct wire_call *call)
{
    if (call->class != WIRE_QUICK && call->server)
        admission_end_call(&call->server->admission, call->source, call->class);
    call->class = WIRE_QUICK;
}

static void on_deadline(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct wire_call *call = context;

    CHECK(call_has_stream(call));
    /* All is handed over and under way. A reset would tell the client CANCELLED, if this clock is
     * ahead of its own; its own clock ends the call, and the stall timer bounds one that has none.
     */
    if (call->state == CALL_ANSWERED)
        return;
    /* What has not begun to leave would keep the trailers waiting. */
    if (call->state == CALL_STREAMING)
        response_drop_queue(call);
    response_fail(call, WIRE_DEADLINE_EXCEEDED,
        WORDING("the call's deadline has passed", "调用已超过期限"),
        call->state == CALL_BODY ? &wire_not_decided : &wire_perhaps_decided);
    if (call->is_owned && call->kind == WIRE_SERVER_STREAMING)
        call_queue_ready(call);
}

struct wire_call *call_open(struct session *session, int32_t stream_id)
{
    struct wire_server *server = session->server;
    struct wire_call *call = TAILQ_FIRST(&server->free_calls);

    if (call) {
        TAILQ_REMOVE(&server->free_calls, call, open_link);
        server->free_call_count--;
        server->free_call_bytes -= call->request.capacity + call->out.capacity;
        struct buffer request = call->request;
        struct buffer out = call->out;
        struct status_text trailer = call->trailer;
        memset(call, 0, sizeof *call);
        call->request = request;
        call->out = out;
        call->trailer = trailer;
    } else {
        call = calloc(1, sizeof *call);
        CHECK(call != NULL);
    }
    CHECK(call->state == CALL_FREE);
    call->server = server;
    call->session = session;
    call->peer = peer_retain(session->peer);
    call->source = source_retain(session->source);
    call->stream_id = stream_id;
    call->deadline_us = INT64_MAX;
    call->progress_us = clock_monotonic_us();
    call->watched = -1;
    TAILQ_INSERT_TAIL(&server->open_calls, call, open_link);
    server->counters.calls_open++;
    TAILQ_INSERT_TAIL(&session->calls, call, session_link);
    session->call_count++;
    session->stream_count++;
    session->idle_us = 0;
    call_charge(call, sizeof *call);
    call_set_state(call, CALL_HEADERS);
    return call;
}

static void unqueue_ready(struct wire_call *call)
{
    CHECK(call->is_ready_queued);
    TAILQ_REMOVE(&call->server->ready_calls, call, ready_link);
    call->server->ready_call_count--;
    call->is_ready_queued = false;
}

static void trim(struct buffer *buffer)
{
    buffer_clear(buffer);
    if (buffer->capacity > POOL_BUFFER_BYTES_MAX)
        buffer_finish(buffer);
}

static void destroy(struct wire_call *call)
{
    buffer_finish(&call->request);
    buffer_finish(&call->out);
    status_text_finish(&call->trailer);
    free(call);
}

/* Both sides have ended: the call goes back to the pool. */
static void release(struct wire_call *call)
{
    struct wire_server *server = call->server;

    CHECK(!call->is_owned);
    CHECK(!call->is_watching);
    call_set_state(call, CALL_FREE);
    call_discharge(call, call->charged);
    call_detach_session(call);
    peer_release(call->peer);
    call->peer = NULL;
    if (!server) {
        destroy(call);
        return;
    }
    leave_source(call);
    if (call->is_ready_queued)
        unqueue_ready(call);
    TAILQ_REMOVE(&server->open_calls, call, open_link);
    server->counters.calls_open--;
    trim(&call->request);
    trim(&call->out);
    trim(&call->trailer.message);
    trim(&call->trailer.details);
    size_t bytes = call->request.capacity + call->out.capacity;
    if (server->free_call_count == POOL_CALLS_MAX ||
        server->free_call_bytes + bytes > POOL_BYTES_MAX) {
        destroy(call);
        return;
    }
    TAILQ_INSERT_HEAD(&server->free_calls, call, open_link);
    server->free_call_count++;
    server->free_call_bytes += bytes;
}

void call_empty_pool(struct wire_server *server)
{
    struct wire_call *call;
    while ((call = TAILQ_FIRST(&server->free_calls)) != NULL) {
        TAILQ_REMOVE(&server->free_calls, call, open_link);
        destroy(call);
    }
    server->free_call_count = 0;
    server->free_call_bytes = 0;
}

void call_drop_request(struct wire_call *call)
{
    call_discharge(call, call->request.length);
    buffer_clear(&call->request);
    if (call->session && call->held > 0) {
        CHECK(call->session->held_bytes >= call->held);
        call->session->held_bytes -= call->held;
        session_return_credit(call->session);
    }
    call->held = 0;
}

void call_on_stream_close(struct wire_call *call)
{
    CHECK(call_has_stream(call));
    CHECK(call->session != NULL);
    CHECK(call->session->stream_count > 0);
    call->session->stream_count--;
    if (call->deadline_us != INT64_MAX)
        event_del(&call->deadline_event);
    call_discharge(call, response_queued(call));
    buffer_clear(&call->out);
    call->out_sent = 0;
    if (!call->is_owned) {
        if (call->state != CALL_ANSWERED)
            call->server->counters.calls_failed++;
        call_drop_request(call);
        release(call);
        return;
    }
    call_set_state(call, CALL_GONE);
    if (call->kind == WIRE_SERVER_STREAMING)
        call_queue_ready(call);
}

void call_detach_session(struct wire_call *call)
{
    struct session *session = call->session;
    if (!session)
        return;
    CHECK(session->call_count > 0);
    session->held_bytes -= call->held;
    call->held = 0;
    session->call_count--;
    TAILQ_REMOVE(&session->calls, call, session_link);
    call->session = NULL;
    if (session->call_count == 0)
        session->idle_us = clock_monotonic_us();
}

void call_detach_server(struct wire_call *call)
{
    struct wire_server *server = call->server;

    CHECK(call->session == NULL);
    CHECK(call->state == CALL_GONE);
    CHECK(call->is_owned);
    if (call->is_ready_queued)
        unqueue_ready(call);
    if (call->is_watching)
        TAILQ_REMOVE(&server->watchers, call, watcher_link);
    call->is_watching = false;
    TAILQ_REMOVE(&server->open_calls, call, open_link);
    server->counters.calls_open--;
    end_class(call);
    server_discharge(server, call->charged);
    if (call->source)
        call->source->bytes -= call->charged;
    leave_source(call);
    call->server = NULL;
    /* Calls of wire itself have no owner who would end them later. */
    if (call->method->owner != METHOD_OF_HANDLER) {
        call->is_owned = false;
        release(call);
        return;
    }
    call->method = NULL;
}

void call_start_deadline(struct wire_call *call)
{
    struct timeval delay = {.tv_sec = (time_t)(call->timeout_us / 1000000),
        .tv_usec = (suseconds_t)(call->timeout_us % 1000000)};
    CHECK(call->deadline_us == INT64_MAX);
    call->deadline_us = clock_monotonic_us() + call->timeout_us;
    int rc = evtimer_assign(&call->deadline_event, call->server->base, on_deadline, call);
    CHECK(rc == 0);
    rc = evtimer_add(&call->deadline_event, &delay);
    CHECK(rc == 0);
}

void call_queue_ready(struct wire_call *call)
{
    if (call->is_ready_queued || !call->server)
        return;
    call->is_ready_queued = true;
    TAILQ_INSERT_TAIL(&call->server->ready_calls, call, ready_link);
    call->server->ready_call_count++;
    server_wake(call->server);
}

void call_tell_ready(struct wire_server *server)
{
    struct wire_call *call;
    /* What the owners queue meanwhile waits for the next turn, so that this one ends. */
    size_t left = server->ready_call_count;

    while (left-- > 0 && (call = TAILQ_FIRST(&server->ready_calls)) != NULL) {
        unqueue_ready(call);
        call->is_full = false;
        if (!call->is_owned)
            continue;
        if (call->method->owner == METHOD_OF_HANDLER)
            server->config.handlers.on_stream_ready(server->config.context, call);
        else if (call->method->owner == METHOD_HEALTH_WATCH)
            health_on_ready(call);
        else if (wire_call_is_gone(call))
            wire_stream_end(call);
    }
}

/* Ends the owner's obligation; the call must not be touched by the caller afterwards. */
static void end_obligation(struct wire_call *call)
{
    CHECK(call->is_owned);
    call->is_owned = false;
    end_class(call);
    call_drop_request(call);
    if (call->state == CALL_GONE)
        release(call);
}

/* ---- what owners call ---- */

uint32_t wire_call_tag(const struct wire_call *call)
{
    CHECK(call->is_owned);
    return call->tag;
}

void wire_call_set_user(struct wire_call *call, void *user)
{
    CHECK(call->is_owned);
    call->user = user;
}

void *wire_call_user(const struct wire_call *call)
{
    CHECK(call->is_owned);
    return call->user;
}

uint32_t wire_call_source(const struct wire_call *call)
{
    CHECK(call->is_owned);
    return call->source ? call->source->number : 0;
}

const char *wire_call_peer_name(const struct wire_call *call)
{
    CHECK(call->is_owned);
    return call->peer ? call->peer->name : NULL;
}

int64_t wire_call_deadline_us(const struct wire_call *call)
{
    CHECK(call->is_owned);
    return call->deadline_us;
}

enum wire_language wire_call_language(const struct wire_call *call)
{
    CHECK(call->is_owned);
    return language_of(&call->language);
}

bool wire_call_is_gone(const struct wire_call *call)
{
    CHECK(call->is_owned);
    return call->state == CALL_GONE || call->state == CALL_ANSWERED;
}

bool wire_call_has_room(const struct wire_call *call, size_t bytes)
{
    CHECK(call->is_owned);
    return wire_call_is_gone(call) || call_has_room(call, bytes);
}

void wire_reply(struct wire_call *call, const void *message, size_t length)
{
    CHECK(call->is_owned);
    CHECK(call->kind == WIRE_UNARY);
    if (!wire_call_is_gone(call)) {
        response_send(call, message, length);
        response_end(call);
    }
    end_obligation(call);
}

void wire_fail(struct wire_call *call, enum wire_status status, struct wording message,
    const struct wire_details *details)
{
    CHECK(call->is_owned);
    CHECK(status != WIRE_OK);
    if (!wire_call_is_gone(call))
        response_fail(call, status, message, details);
    end_obligation(call);
}

bool wire_stream_send(struct wire_call *call, const void *message, size_t length)
{
    CHECK(call->is_owned);
    CHECK(call->kind == WIRE_SERVER_STREAMING);
    if (wire_call_is_gone(call)) {
        call_queue_ready(call);
        return false;
    }
    /* An owner that does not wait would make the queue grow without bound. */
    CHECK(!call->is_full);
    response_send(call, message, length);
    size_t queue_bytes_max = call_is_pressed(call) ? QUEUE_BYTES_PRESSED : QUEUE_BYTES_MAX;
    call->is_full = response_queued(call) >= queue_bytes_max;
    return !call->is_full;
}

void wire_stream_end(struct wire_call *call)
{
    CHECK(call->is_owned);
    CHECK(call->kind == WIRE_SERVER_STREAMING);
    if (!wire_call_is_gone(call))
        response_end(call);
    end_obligation(call);
}
