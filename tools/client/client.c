/* client.c: calls: their pool, their states, their ends.
 *
 * Every change that may call back the owner is done by the flush event, in a round of the loop of
 * its own: so an owner may start and cancel calls inside a callback without the ground moving.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/client.h"

#include "base/check.h"
#include "base/clock.h"
#include "client/internal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define CONNECT_TIMEOUT_US (INT64_C(10) * 1000000)
#define RECONNECT_PAUSE_US (INT64_C(1) * 1000000)
#define MESSAGE_BYTES_MAX ((size_t)64 << 20)
/* Buffers of a call that grew beyond this are given back when it ends. */
#define KEPT_BUFFER_BYTES_MAX ((size_t)1 << 20)

static struct timeval timeval_of_us(int64_t us)
{
    return (struct timeval){.tv_sec = us / 1000000, .tv_usec = us % 1000000};
}

static struct call_list *list_of(struct client *client, enum client_call_state state)
{
    if (state == CALL_QUEUED)
        return &client->queued;
    if (state == CALL_OPEN)
        return &client->open;
    CHECK(state == CALL_ENDING);
    return &client->ending;
}

static void list_append(struct call_list *list, struct client_call *call)
{
    call->next = NULL;
    call->previous = list->last;
    if (list->last)
        list->last->next = call;
    else
        list->first = call;
    list->last = call;
    list->count++;
}

static void list_remove(struct call_list *list, struct client_call *call)
{
    CHECK(list->count > 0);
    if (call->previous)
        call->previous->next = call->next;
    else
        list->first = call->next;
    if (call->next)
        call->next->previous = call->previous;
    else
        list->last = call->previous;
    list->count--;
}

void client_call_set_state(struct client_call *call, enum client_call_state state)
{
    switch (state) {
    case CALL_QUEUED:
        CHECK(call->state == CALL_FREE);
        break;
    case CALL_OPEN:
        CHECK(call->state == CALL_QUEUED);
        break;
    case CALL_ENDING:
        CHECK(call->state == CALL_QUEUED || call->state == CALL_OPEN);
        break;
    case CALL_FREE:
        CHECK(call->state != CALL_FREE);
        break;
    }
    if (call->state != CALL_FREE)
        list_remove(list_of(call->client, call->state), call);
    call->state = state;
    if (state != CALL_FREE) {
        list_append(list_of(call->client, state), call);
        return;
    }
    call->next = call->client->free_calls;
    call->client->free_calls = call;
}

void client_wake(struct client *client)
{
    event_active(client->flush_event, EV_TIMEOUT, 0);
}

void client_call_finish(struct client_call *call, enum grpc_status status, const char *message)
{
    if (call->state == CALL_ENDING)
        return;
    call->status = status;
    call->is_answered = message == NULL;
    if (message) {
        buffer_clear(&call->message);
        buffer_append(&call->message, message, strlen(message));
        buffer_clear(&call->details);
    }
    buffer_append_u8(&call->message, 0);
    evtimer_del(call->deadline_timer);
    client_call_set_state(call, CALL_ENDING);
    client_wake(call->client);
}

static void on_deadline(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    struct client_call *call = context;
    if (call->state == CALL_OPEN)
        client_session_reset_stream(call);
    client_call_finish(call, GRPC_DEADLINE_EXCEEDED, "no answer before the deadline");
}

/* ---- the pool ---- */

static struct client_call *take_call(struct client *client)
{
    struct client_call *call = client->free_calls;
    if (call) {
        client->free_calls = call->next;
        return call;
    }
    call = calloc(1, sizeof *call);
    CHECK(call != NULL);
    call->client = client;
    call->deadline_timer = evtimer_new(client->base, on_deadline, call);
    CHECK(call->deadline_timer != NULL);
    return call;
}

static void recycle_buffer(struct buffer *buffer)
{
    buffer_clear(buffer);
    if (buffer->capacity > KEPT_BUFFER_BYTES_MAX) {
        buffer_finish(buffer);
        *buffer = (struct buffer){0};
    }
}

static void release_call(struct client_call *call)
{
    evtimer_del(call->deadline_timer);
    recycle_buffer(&call->request);
    recycle_buffer(&call->answer);
    recycle_buffer(&call->message);
    recycle_buffer(&call->details);
    client_call_set_state(call, CALL_FREE);
}

static void destroy_call(struct client_call *call)
{
    event_free(call->deadline_timer);
    buffer_finish(&call->request);
    buffer_finish(&call->answer);
    buffer_finish(&call->message);
    buffer_finish(&call->details);
    free(call);
}

/* ---- the loop ---- */

static void end_calls(struct client *client)
{
    /* Only those that are there now: an owner that starts a call which ends at once must not keep
     * the loop here. */
    size_t count = client->ending.count;
    while (count-- > 0 && client->ending.first) {
        struct client_call *call = client->ending.first;
        struct client_handlers handlers = call->handlers;
        struct client_end end = {.status = call->status,
            .message = (const char *)call->message.bytes,
            .details = call->details.length > 0 ? call->details.bytes : NULL,
            .details_length = call->details.length,
            .not_sent = !call->was_sent,
            .is_answered = call->is_answered};
        if (call->status == GRPC_OK && !handlers.on_message) {
            end.answer = call->answer.bytes;
            end.answer_length = call->answer.length;
        }
        handlers.on_end(call->context, &end);
        release_call(call);
    }
}

static void on_flush(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    struct client *client = context;
    if (client->is_lost) {
        client->is_lost = false;
        client_connection_lose(client, client->lost_reason);
    }
    end_calls(client);
    if (client->state == CONNECTION_UP)
        client_session_submit_queued(client);
    if ((client->state == CONNECTION_UP || client->state == CONNECTION_DRAINING) &&
        client_session_send(client) != 0)
        client_connection_lose(client, client->lost_reason);
    if (client->state == CONNECTION_DRAINING && client->open.count == 0)
        client_connection_lose(client, "the server is stopping");
    client_connection_want(client);
    if (client->ending.count > 0)
        client_wake(client);
}

/* ---- what the owner calls ---- */

struct client *client_open(struct event_base *base, const struct client_config *config,
    char *ret_error, size_t error_bytes)
{
    struct client *client = calloc(1, sizeof *client);
    CHECK(client != NULL);
    client->base = base;
    client->config = *config;
    if (profile_complete(&client->config, &client->profile, ret_error, error_bytes) != 0 ||
        address_parse(client->config.address, &client->address, ret_error, error_bytes) != 0 ||
        client_connection_init_tls(client, ret_error, error_bytes) != 0) {
        profile_finish(&client->profile);
        free(client);
        return NULL;
    }
    if (client->config.connect_timeout_us == 0)
        client->config.connect_timeout_us = CONNECT_TIMEOUT_US;
    if (client->config.reconnect_pause_us == 0)
        client->config.reconnect_pause_us = RECONNECT_PAUSE_US;
    if (client->config.message_bytes_max == 0)
        client->config.message_bytes_max = MESSAGE_BYTES_MAX;
    client->flush_event = event_new(base, -1, 0, on_flush, client);
    CHECK(client->flush_event != NULL);
    signal(SIGPIPE, SIG_IGN);
    return client;
}

void client_close(struct client *client)
{
    if (!client)
        return;
    CHECK(!client->in_session);
    struct call_list *const lists[] = {&client->queued, &client->open, &client->ending};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        while (lists[i]->first)
            release_call(lists[i]->first);
    }
    client_connection_finish(client);
    while (client->free_calls) {
        struct client_call *call = client->free_calls;
        client->free_calls = call->next;
        destroy_call(call);
    }
    event_free(client->flush_event);
    SSL_CTX_free(client->tls);
    profile_finish(&client->profile);
    free(client);
}

struct client_call *client_call_start(struct client *client, const char *path,
    const uint8_t *request, size_t length, int64_t timeout_us,
    const struct client_handlers *handlers, void *context)
{
    CHECK(length <= UINT32_MAX);
    CHECK(strlen(path) < CLIENT_PATH_BYTES_MAX);
    CHECK(handlers->on_end != NULL);
    struct client_call *call = take_call(client);
    call->stream_id = -1;
    call->is_paused = false;
    call->was_sent = false;
    call->unconsumed = 0;
    memcpy(call->path, path, strlen(path) + 1);
    uint8_t prefix[FRAMING_PREFIX_BYTES];
    framing_encode_prefix(prefix, false, (uint32_t)length);
    buffer_append(&call->request, prefix, sizeof prefix);
    buffer_append(&call->request, request, length);
    call->request_sent = 0;
    call->timeout_us = timeout_us;
    call->started_us = clock_monotonic_us();
    call->handlers = *handlers;
    call->context = context;
    call->framing = (struct framing){0};
    call->message_count = 0;
    call->http_status = 0;
    call->has_status = false;
    call->is_answered = false;
    call->status = GRPC_UNKNOWN;
    client_call_set_state(call, CALL_QUEUED);
    if (timeout_us > 0) {
        struct timeval timeout = timeval_of_us(timeout_us);
        evtimer_add(call->deadline_timer, &timeout);
    }
    client_wake(client);
    return call;
}

void client_call_pause(struct client_call *call, bool paused)
{
    CHECK(call->state != CALL_FREE);
    call->is_paused = paused;
    if (!paused && call->state == CALL_OPEN)
        client_session_resume(call);
}
