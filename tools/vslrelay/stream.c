/* stream.c: the event stream of vsld, from a position on, whatever happens to the connection.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslrelay/stream.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "ceilings.h"
#include "client/rpc.h"
#include "client/terminal.h"
#include "vslrelay/position.h"

#include "vsl/v1/event.pb-c.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE_FIRST_US (INT64_C(500) * 1000)
#define PAUSE_MAX_US (INT64_C(30) * 1000000)
#define PAUSE_REFUSED_US (INT64_C(10) * 1000000)
#define ARENA_BYTES ((size_t)256 << 10)
#define ARENA_BYTES_MAX ((size_t)64 << 20)

struct stream {
    struct event_base *base;
    const struct settings *settings;
    struct stream_handlers handlers;
    void *context;
    struct client *client;
    struct client_call *call; /* NULL: between two calls */
    struct event *start_timer;
    struct event *silence_timer; /* runs while a call does that is not paused */
    struct arena arena;
    struct buffer request;
    int64_t next_sequence;
    char journal_identity[POSITION_IDENTITY_CHARS + 1];
    int64_t pause_us; /* before the next call, if this one brings nothing */
    bool is_paused;
    bool is_connected; /* this call has brought something */
    bool has_ended;
};

static struct timeval timeval_of_us(int64_t us)
{
    return (struct timeval){.tv_sec = us / 1000000, .tv_usec = us % 1000000};
}

/* Starts the next call after a pause. */
static void start_after(struct stream *stream, int64_t pause_us)
{
    struct timeval pause = timeval_of_us(pause_us);
    evtimer_del(stream->silence_timer);
    evtimer_add(stream->start_timer, &pause);
}

static void watch_silence(struct stream *stream)
{
    struct timeval silence = {.tv_sec = STREAM_SILENCE_SECONDS};
    if (stream->call && !stream->is_paused)
        evtimer_add(stream->silence_timer, &silence);
    else
        evtimer_del(stream->silence_timer);
}

static void end_with(struct stream *stream, enum stream_end end, const char *message)
{
    if (stream->has_ended)
        return;
    stream->has_ended = true;
    evtimer_del(stream->silence_timer);
    stream->handlers.on_end(stream->context, end, message);
}

/* ---- what comes ---- */

/* Takes an event. False: something before it is missing. */
static bool take_event(struct stream *stream, const Vsl__V1__StreamEventsResponse *event)
{
    if (event->previous_sequence >= stream->next_sequence)
        return false;
    if (event->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_ENTRY) {
        int64_t sequence = event->entry->sequence;
        if (sequence < stream->next_sequence)
            return true;
        stream->next_sequence = sequence + 1;
        stream->handlers.on_entry(stream->context, event->entry);
    } else if (event->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_REACHED_SEQUENCE) {
        if (event->reached_sequence >= stream->next_sequence)
            stream->next_sequence = event->reached_sequence + 1;
        stream->handlers.on_reached(stream->context, stream->next_sequence - 1);
    }
    return true;
}

static void on_message(void *context, const uint8_t *bytes, size_t length)
{
    struct stream *stream = context;
    /* Behind a fault nothing of this call counts; a new one has the rest. */
    if (stream->has_ended || evtimer_pending(stream->start_timer, NULL))
        return;
    arena_reset(&stream->arena);
    Vsl__V1__StreamEventsResponse *event = (Vsl__V1__StreamEventsResponse *)rpc_unpack(
        &vsl__v1__stream_events_response__descriptor, bytes, length, &stream->arena);
    if (!event || strlen(event->journal_identity) != POSITION_IDENTITY_CHARS) {
        end_with(stream, STREAM_IS_REFUSED,
            "an event cannot be read: is this vslrelay older than vsld?");
        return;
    }
    watch_silence(stream);
    if (!stream->is_connected)
        log_info("the stream has begun at=%" PRId64, stream->next_sequence);
    stream->is_connected = true;
    stream->pause_us = 0;
    if (stream->journal_identity[0] == '\0') {
        snprintf(stream->journal_identity, sizeof stream->journal_identity, "%s",
            event->journal_identity);
        stream->handlers.on_journal(stream->context, stream->journal_identity);
    }
    /* What was asked for names the identity, so the server does not send another's. */
    if (strcmp(stream->journal_identity, event->journal_identity) != 0) {
        end_with(stream, STREAM_OF_OTHER_JOURNAL, "the journal is another one than before");
        return;
    }
    if (!take_event(stream, event)) {
        log_warning(
            "an event was lost behind=%" PRId64 "; connecting again", stream->next_sequence - 1);
        start_after(stream, PAUSE_FIRST_US);
    }
}

static bool is_refusal(enum grpc_status status)
{
    return status == GRPC_INVALID_ARGUMENT || status == GRPC_NOT_FOUND ||
           status == GRPC_UNIMPLEMENTED;
}

/* Another precondition may come true by itself; the journal of before does not come back. */
static bool is_other_journal(const struct client_end *end)
{
    static const char reason[] = "JOURNAL_IDENTITY_CHANGED";
    struct status_details details;
    if (end->status != GRPC_FAILED_PRECONDITION || !end->details)
        return false;
    status_details_decode(end->details, end->details_length, &details);
    return details.reason.length == sizeof reason - 1 &&
           memcmp(details.reason.bytes, reason, sizeof reason - 1) == 0;
}

static void on_call_end(void *context, const struct client_end *end)
{
    struct stream *stream = context;
    stream->call = NULL;
    stream->is_connected = false;
    if (stream->has_ended)
        return;
    char *message = terminal_escaped(end->status == GRPC_OK ? "the stream ended" : end->message);
    CHECK(message != NULL);
    if (is_other_journal(end))
        end_with(stream, STREAM_OF_OTHER_JOURNAL, message);
    else if (end->status == GRPC_OUT_OF_RANGE)
        end_with(stream, STREAM_IS_AHEAD, message);
    else if (is_refusal(end->status))
        end_with(stream, STREAM_IS_REFUSED, message);
    if (stream->has_ended) {
        free(message);
        return;
    }
    bool may_not = end->status == GRPC_PERMISSION_DENIED || end->status == GRPC_UNAUTHENTICATED;
    stream->pause_us = stream->pause_us * 2;
    if (stream->pause_us < PAUSE_FIRST_US)
        stream->pause_us = PAUSE_FIRST_US;
    if (stream->pause_us < PAUSE_REFUSED_US && may_not)
        stream->pause_us = PAUSE_REFUSED_US;
    if (stream->pause_us > PAUSE_MAX_US)
        stream->pause_us = PAUSE_MAX_US;
    log_warning("vsld: %s; trying again in %.1f s", message, (double)stream->pause_us / 1e6);
    free(message);
    start_after(stream, stream->pause_us);
}

/* ---- calls ---- */

static void start_call(struct stream *stream)
{
    static const struct client_handlers handlers = {
        .on_message = on_message, .on_end = on_call_end};
    const struct settings *settings = stream->settings;
    char path[RPC_PATH_BYTES_MAX];
    Vsl__V1__CommandKind kinds[SETTINGS_KINDS_MAX];
    Vsl__V1__StreamEventsRequest request;
    vsl__v1__stream_events_request__init(&request);
    memcpy(kinds, settings->kinds, settings->kind_count * sizeof kinds[0]);
    /* Not one more: a position that is ahead of the journal by one would not be noticed. */
    request.from_sequence = stream->next_sequence;
    request.journal_identity = stream->journal_identity;
    request.ledger_id = settings->ledger_id;
    request.account_id = settings->account_count == 1 ? settings->accounts[0] : 0;
    request.kinds = kinds;
    request.n_kinds = settings->kind_count;
    request.accepted_only = settings->accepted_only;
    rpc_path(&vsl__v1__event_service__descriptor, "StreamEvents", path);
    rpc_pack(&request.base, &stream->request);
    stream->is_connected = false;
    stream->call = client_call_start(
        stream->client, path, stream->request.bytes, stream->request.length, 0, &handlers, stream);
    if (stream->is_paused)
        client_call_pause(stream->call, true);
    watch_silence(stream);
}

/* A client whose call is to end is replaced: so what was under way is gone, too. */
static void on_start(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    struct stream *stream = context;
    char error[512];
    if (stream->has_ended)
        return;
    if (stream->call) {
        client_close(stream->client);
        stream->call = NULL;
        stream->client = client_open(stream->base, &stream->settings->client, error, sizeof error);
        if (!stream->client) {
            end_with(stream, STREAM_IS_REFUSED, error);
            return;
        }
    }
    start_call(stream);
}

static void on_silence(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    struct stream *stream = context;
    log_warning("vsld has sent nothing for %d s; connecting again", STREAM_SILENCE_SECONDS);
    start_after(stream, 0);
}

struct stream *stream_start(struct event_base *base, const struct settings *settings,
    int64_t next_sequence, const char *journal_identity, const struct stream_handlers *handlers,
    void *context, char *ret_error, size_t error_bytes)
{
    struct stream *stream = calloc(1, sizeof *stream);
    CHECK(stream != NULL && next_sequence > 0);
    stream->base = base;
    stream->settings = settings;
    stream->handlers = *handlers;
    stream->context = context;
    stream->next_sequence = next_sequence;
    snprintf(stream->journal_identity, sizeof stream->journal_identity, "%s", journal_identity);
    stream->client = client_open(base, &settings->client, ret_error, error_bytes);
    if (!stream->client) {
        free(stream);
        return NULL;
    }
    arena_init(&stream->arena, ARENA_BYTES, ARENA_BYTES_MAX);
    stream->start_timer = evtimer_new(base, on_start, stream);
    stream->silence_timer = evtimer_new(base, on_silence, stream);
    CHECK(stream->start_timer && stream->silence_timer);
    start_call(stream);
    return stream;
}

void stream_pause(struct stream *stream, bool is_paused)
{
    if (stream->is_paused == is_paused)
        return;
    stream->is_paused = is_paused;
    if (stream->call)
        client_call_pause(stream->call, is_paused);
    watch_silence(stream);
}

bool stream_is_connected(const struct stream *stream)
{
    return stream->is_connected;
}

void stream_stop(struct stream *stream)
{
    if (!stream)
        return;
    client_close(stream->client);
    event_free(stream->start_timer);
    event_free(stream->silence_timer);
    arena_finish(&stream->arena);
    buffer_finish(&stream->request);
    free(stream);
}
