/* lines_known.c: what is recorded of the lines of a file already, from the event stream.
 *
 * A line that was sent before is answered by the server from where it is recorded, and what is
 * indexed is looked up one by one: some hundreds a second. So what is recorded is read in one go,
 * and only the rest is sent.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/lines_parts.h"

#include "base/check.h"
#include "text/format.h"

#include "vsl/v1/event.pb-c.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define STREAM_ARENA_BLOCK_BYTES ((size_t)64 << 10)
#define STREAM_ARENA_BYTES_MAX ((size_t)64 << 20)

struct lines_row *lines_find_key(const struct lines_run *run, const Vsl__V1__JournalEntry *entry)
{
    char serial[SERIAL_TEXT_BYTES];
    int64_t line;
    const Vsl__V1__RequestKey *key = entry->key;
    const char *number = key ? strrchr(key->serial, '-') : NULL;
    if (!number || strcmp(key->channel, run->key.channel) != 0 ||
        key->business_date != run->key.business_date ||
        !parse_integer(number + 1, 1, UINT32_MAX, &line))
        return NULL;
    /* The lines stand in the order of their numbers. */
    size_t low = 0, high = run->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (run->lines[middle].line < line)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == run->count || run->lines[low].line != line)
        return NULL;
    lines_make_serial(run, &run->lines[low], serial);
    return strcmp(key->serial, serial) == 0 ? &run->lines[low] : NULL;
}

void lines_mark(struct lines_run *run, struct lines_row *row, const Vsl__V1__JournalEntry *entry)
{
    run->marked += !row->is_answered;
    row->is_answered = true;
    row->is_replayed = true;
    row->outcome = (int)entry->outcome;
    row->sequence = entry->sequence;
    row->subject_id = entry->subject_id;
}

/* Lines that were taken back behind the break would count as known, so none does. */
static void forget_all(struct lines_run *run)
{
    for (size_t i = 0; i < run->count; i++)
        run->lines[i].is_answered = false;
    run->marked = 0;
    fprintf(stderr, "vslctl: what the %s has could not be read\n", run->kind->noun);
}

struct known {
    struct lines_run *run;
    struct lines_stream *stream;
    struct rpc rpc;     /* of the stream alone */
    struct arena arena; /* of one event */
    bool has_ended;
    bool has_failed;
};

static void on_message(void *context, const uint8_t *bytes, size_t length)
{
    struct known *known = context;
    int64_t reached = 0;
    if (known->has_ended)
        return;
    arena_reset(&known->arena);
    const Vsl__V1__StreamEventsResponse *event = (const Vsl__V1__StreamEventsResponse *)rpc_unpack(
        &vsl__v1__stream_events_response__descriptor, bytes, length, &known->arena);
    if (!event) {
        known->has_ended = known->has_failed = true;
        return;
    }
    if (event->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_ENTRY) {
        reached = event->entry->sequence;
        known->stream->take(known->stream->context, event->entry);
    } else if (event->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_REACHED_SEQUENCE) {
        reached = event->reached_sequence;
    }
    known->stream->from_sequence = reached > 0 ? reached + 1 : known->stream->from_sequence;
    if (progress_is_due(&known->run->progress))
        progress_show(&known->run->progress, "%s: %zu of %zu lines are known",
            known->run->kind->noun, known->run->marked, known->run->count);
    known->has_ended = reached >= known->stream->last_sequence;
}

static void on_end(void *context, const struct client_end *end)
{
    struct known *known = context;
    (void)end;
    known->has_failed |= !known->has_ended;
    known->has_ended = true;
}

static void on_silence(evutil_socket_t socket, short what, void *context)
{
    struct known *known = context;
    (void)socket;
    (void)what;
    known->has_ended = known->has_failed = true;
}

static void run_stream(struct known *known)
{
    static const struct client_handlers handlers = {.on_message = on_message, .on_end = on_end};
    const struct timeval silence = {.tv_sec = STREAM_SILENCE_SECONDS};
    char path[RPC_PATH_BYTES_MAX];
    Vsl__V1__StreamEventsRequest request;
    vsl__v1__stream_events_request__init(&request);
    request.from_sequence = known->stream->from_sequence;
    request.ledger_id = known->run->ledger_id;
    request.kinds = known->stream->kinds;
    request.n_kinds = known->stream->kind_count;
    request.accepted_only = known->stream->is_accepted_only;
    rpc_path(&vsl__v1__event_service__descriptor, "StreamEvents", path);
    rpc_pack(&request.base, &known->rpc.request);
    client_call_start(known->rpc.client, path, known->rpc.request.bytes, known->rpc.request.length,
        0, &handlers, known);
    struct event *timer = evtimer_new(known->rpc.base, on_silence, known);
    CHECK(timer != NULL);
    while (!known->has_ended) {
        evtimer_add(timer, &silence);
        event_base_loop(known->rpc.base, EVLOOP_ONCE);
    }
    event_free(timer);
}

int lines_read_stream(struct context *context, struct lines_run *run, struct lines_stream *stream)
{
    char error[256];
    struct known known = {.run = run, .stream = stream};
    if (rpc_open(&known.rpc, &context->options->client, context->rpc.timeout_us, error,
            sizeof error) != 0)
        return -1;
    arena_init(&known.arena, STREAM_ARENA_BLOCK_BYTES, STREAM_ARENA_BYTES_MAX);
    run_stream(&known);
    progress_clear(&run->progress);
    if (known.has_failed)
        forget_all(run);
    arena_finish(&known.arena);
    rpc_close(&known.rpc);
    return known.has_failed ? -1 : 0;
}
