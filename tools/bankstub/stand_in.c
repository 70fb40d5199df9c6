/* stand_in.c: a stand-in for the bank: its event stream, and the life of the whole.
 * SPDX-License-Identifier: Apache-2.0 */
#include "bankstub/parts.h"

#include "base/check.h"

#include "vsl/v1/event.pb-c.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the stream ---- */

static void on_event(void *context, const uint8_t *bytes, size_t length)
{
    struct stand_in *stand_in = context;
    arena_reset(&stand_in->arena);
    Vsl__V1__StreamEventsResponse *event = (Vsl__V1__StreamEventsResponse *)rpc_unpack(
        &vsl__v1__stream_events_response__descriptor, bytes, length, &stand_in->arena);
    if (!event) {
        tell_trouble(stand_in, "an event cannot be read");
        return;
    }
    /* What is asked for names the identity that is known, so it never changes here. */
    if (stand_in->journal_identity[0] == '\0')
        snprintf(stand_in->journal_identity, sizeof stand_in->journal_identity, "%s",
            event->journal_identity);
    if (event->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_ENTRY) {
        const Vsl__V1__JournalEntry *entry = event->entry;
        /* Sent again after a reconnect: known already. */
        if (entry->sequence < stand_in->next_sequence)
            return;
        stand_in->next_sequence = entry->sequence + 1;
        bool is_payout = entry->request_case == VSL__V1__JOURNAL_ENTRY__REQUEST_WITHDRAW ||
                         entry->request_case == VSL__V1__JOURNAL_ENTRY__REQUEST_RETURN_SUSPENSE ||
                         entry->n_card_payouts > 0;
        if (is_payout && entry->subject_id > 0)
            answer_enqueue(stand_in, entry);
        if (entry->request_case == VSL__V1__JOURNAL_ENTRY__REQUEST_CHECK_CARD &&
            entry->check_card->way == VSL__V1__CARD_CHECK_WAY__CARD_CHECK_WAY_FOUR_FACTOR)
            answer_enqueue_check(stand_in, entry);
    } else if (event->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_REACHED_SEQUENCE) {
        if (event->reached_sequence >= stand_in->next_sequence)
            stand_in->next_sequence = event->reached_sequence + 1;
        if (stand_in->queue_count == 0)
            answer_tell_position(stand_in);
    }
}

static void on_stream_end(void *context, const struct client_end *end)
{
    struct stand_in *stand_in = context;
    stand_in->stream = NULL;
    /* Another identity, or a journal that ends before the position. */
    bool is_other = end->status == GRPC_FAILED_PRECONDITION || end->status == GRPC_OUT_OF_RANGE;
    if (is_other && stand_in->config.on_other_journal) {
        stand_in->config.on_other_journal(stand_in->config.context, end->message);
        return;
    }
    tell_trouble(stand_in, end->status == GRPC_OK ? "the stream ended" : end->message);
    set_timer(stand_in->stream_timer, grpc_status_is_passing(end->status) || end->status == GRPC_OK
                                          ? RETRY_PAUSE_US
                                          : RETRY_PAUSE_US * 25);
}

static void start_stream(struct stand_in *stand_in)
{
    static const struct client_handlers handlers = {
        .on_message = on_event, .on_end = on_stream_end};
    char path[RPC_PATH_BYTES_MAX];
    Vsl__V1__CommandKind kinds[] = {VSL__V1__COMMAND_KIND__COMMAND_KIND_WITHDRAW,
        VSL__V1__COMMAND_KIND__COMMAND_KIND_RETURN_SUSPENSE,
        VSL__V1__COMMAND_KIND__COMMAND_KIND_PLACE_CLAIM,
        VSL__V1__COMMAND_KIND__COMMAND_KIND_DEDUCT_CLAIM,
        VSL__V1__COMMAND_KIND__COMMAND_KIND_CHECK_CARD};
    Vsl__V1__StreamEventsRequest request;
    vsl__v1__stream_events_request__init(&request);
    struct buffer bytes = {0};
    request.from_sequence = stand_in->next_sequence;
    request.ledger_id = stand_in->config.ledger_id;
    request.kinds = kinds;
    request.n_kinds = sizeof kinds / sizeof *kinds;
    request.accepted_only = true;
    request.journal_identity = stand_in->journal_identity;
    rpc_path(&vsl__v1__event_service__descriptor, "StreamEvents", path);
    rpc_pack(&request.base, &bytes);
    stand_in->is_paused = false;
    stand_in->stream = client_call_start(
        stand_in->client, path, bytes.bytes, bytes.length, 0, &handlers, stand_in);
    if (stand_in->queue_count > QUEUE_MAX) {
        stand_in->is_paused = true;
        client_call_pause(stand_in->stream, true);
    }
    buffer_finish(&bytes);
}

static void on_stream_timer(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    start_stream(context);
}

/* ---- life ---- */

static void on_start(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    ask_start(context);
}

static void on_gather(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    answer_go_on(context);
}

static void on_retry(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    answer_send_again(context);
}

/* A paused stream may still deliver its window and what was received of one read: a payout takes
 * more than 32 bytes of its entry, by its posting and its card. */
#define QUEUE_CAPACITY ((size_t)QUEUE_MAX + (4u << 20) / 32)

struct stand_in *stand_in_start(struct event_base *base, const struct stand_in_config *config,
    char *ret_error, size_t error_bytes)
{
    struct stand_in *stand_in = calloc(1, sizeof *stand_in);
    CHECK(stand_in != NULL && config->from_sequence > 0);
    stand_in->base = base;
    stand_in->config = *config;
    stand_in->next_sequence = config->from_sequence;
    snprintf(stand_in->journal_identity, sizeof stand_in->journal_identity, "%s",
        config->journal_identity);
    struct client_config client = config->client;
    client.wait_for_ready = true;
    stand_in->book = book_open(config->book_file, ret_error, error_bytes);
    if (stand_in->book)
        stand_in->client = client_open(base, &client, ret_error, error_bytes);
    if (!stand_in->client) {
        book_close(stand_in->book);
        free(stand_in);
        return NULL;
    }
    stand_in->queue_capacity = QUEUE_CAPACITY;
    stand_in->queue = malloc(stand_in->queue_capacity * sizeof *stand_in->queue);
    stand_in->start_timer = evtimer_new(base, on_start, stand_in);
    stand_in->gather_timer = evtimer_new(base, on_gather, stand_in);
    stand_in->due_timer = evtimer_new(base, on_gather, stand_in);
    stand_in->retry_timer = evtimer_new(base, on_retry, stand_in);
    stand_in->stream_timer = evtimer_new(base, on_stream_timer, stand_in);
    CHECK(stand_in->queue && stand_in->start_timer && stand_in->gather_timer &&
          stand_in->due_timer && stand_in->retry_timer && stand_in->stream_timer);
    batch_init(&stand_in->batch);
    arena_init(&stand_in->arena, (size_t)256 << 10, (size_t)64 << 20);
    stand_in->on_start = start_stream;
    stand_in->on_found = answer_look;
    ask_start(stand_in);
    return stand_in;
}

void stand_in_stop(struct stand_in *stand_in)
{
    if (!stand_in)
        return;
    client_close(stand_in->client);
    book_close(stand_in->book);
    event_free(stand_in->start_timer);
    event_free(stand_in->gather_timer);
    event_free(stand_in->due_timer);
    event_free(stand_in->retry_timer);
    event_free(stand_in->stream_timer);
    batch_finish(&stand_in->batch);
    buffer_finish(&stand_in->request);
    arena_finish(&stand_in->arena);
    free(stand_in->queue);
    free(stand_in);
}

const struct stand_in_counts *stand_in_counts(const struct stand_in *stand_in)
{
    return &stand_in->counts;
}

bool stand_in_is_idle(const struct stand_in *stand_in)
{
    if (stand_in->in_flight_count > 0 || stand_in->is_asking)
        return false;
    for (size_t i = 0; i < stand_in->queue_count; i++) {
        if (stand_in->queue[i].step != STEP_DONE)
            return false;
    }
    return true;
}

int64_t stand_in_reached(const struct stand_in *stand_in)
{
    return stand_in->next_sequence;
}
