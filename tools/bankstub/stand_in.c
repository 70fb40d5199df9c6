/* stand_in.c: a stand-in for the bank.
 *
 * Payouts wait in a queue in the order of the stream. One batch of answers is under way at a time;
 * its bytes are kept and sent again until it is answered. A payout leaves the queue when its last
 * answer is in, so that the position, which stands before the queue's head, never passes it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "bankstub/stand_in.h"

#include "base/check.h"
#include "base/clock.h"
#include "client/batch.h"
#include "client/rpc.h"

#include "vsl/v1/event.pb-c.h"
#include "vsl/v1/journal.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANNEL "bankstub"
#define BATCH_MAX 500
#define QUEUE_MAX 20000 /* the stream pauses above this */
#define QUEUE_LOW 5000  /* and goes on below this */
#define CALL_TIMEOUT_US (INT64_C(15) * 1000000)
#define RETRY_PAUSE_US 200000
/* Answers wait so long for company. */
#define GATHER_US 2000
#define SERIAL_BYTES 33
#define OUTCOME_FIRST_REFUSAL 100

enum payout_step {
    STEP_ANSWER, /* paid or failed is to be said */
    STEP_WAIT,   /* was paid; its return is due at due_us */
    STEP_RETURN, /* returned is to be said */
    STEP_DONE,
};

struct queued_payout {
    int64_t sequence; /* of the withdrawal */
    int64_t ledger_id;
    int64_t payout_id;
    int64_t due_us; /* monotonic, of STEP_WAIT */
    int64_t return_after_us;
    int32_t business_date; /* of the request key, YYYYMMDD */
    enum decision decision;
    enum payout_step step;
};

struct stand_in {
    struct event_base *base;
    struct stand_in_config config;
    struct client *client;
    struct client_call *stream;
    bool is_paused;
    int64_t next_sequence; /* of the stream */
    struct stand_in_counts counts;

    struct queued_payout *queue; /* ring-free: compacted when its head is done */
    size_t queue_count;
    size_t queue_capacity;

    struct queued_payout *in_flight[BATCH_MAX];
    size_t in_flight_count;
    bool is_asking_date; /* the batch waits for a ledger's present date */
    int64_t asked_ledger_id;
    struct batch batch;
    struct buffer request;
    struct arena arena;
    struct event *gather_timer; /* next batch, when withdrawals came */
    struct event *due_timer;    /* next batch, when a return falls due */
    struct event *retry_timer;  /* same batch again */
    struct event *stream_timer; /* next attempt at the stream */
};

static void set_timer(struct event *timer, int64_t us)
{
    struct timeval wait = {.tv_sec = us / 1000000, .tv_usec = us % 1000000};
    evtimer_add(timer, &wait);
}

static void tell_trouble(const struct stand_in *stand_in, const char *message)
{
    if (stand_in->config.on_trouble)
        stand_in->config.on_trouble(stand_in->config.context, message);
}

/* ---- the queue ---- */

static void tell_position(struct stand_in *stand_in)
{
    int64_t next =
        stand_in->queue_count > 0 ? stand_in->queue[0].sequence : stand_in->next_sequence;
    if (stand_in->config.on_position)
        stand_in->config.on_position(stand_in->config.context, next);
}

/* Drops what is done from the head; nothing may be in flight, since that points into the queue. */
static void compact(struct stand_in *stand_in)
{
    CHECK(stand_in->in_flight_count == 0);
    size_t kept = 0;
    for (size_t i = 0; i < stand_in->queue_count; i++) {
        if (stand_in->queue[i].step != STEP_DONE)
            stand_in->queue[kept++] = stand_in->queue[i];
    }
    stand_in->queue_count = kept;
    if (stand_in->is_paused && kept < QUEUE_LOW && stand_in->stream) {
        stand_in->is_paused = false;
        client_call_pause(stand_in->stream, false);
    }
}

static void enqueue(struct stand_in *stand_in, const Vsl__V1__JournalEntry *entry)
{
    /* While a batch is under way it points into the queue, which must then not move: there is room
     * for what one paused stream may still deliver. */
    CHECK(stand_in->queue_count < stand_in->queue_capacity);
    struct queued_payout *payout = &stand_in->queue[stand_in->queue_count++];
    *payout = (struct queued_payout){.sequence = entry->sequence,
        .ledger_id = entry->ledger_id,
        .payout_id = entry->subject_id,
        .business_date = entry->accounting_date,
        .step = STEP_ANSWER};
    payout->decision = rule_decide(&stand_in->config.rule, payout->payout_id,
        entry->withdraw->amount_minor, &payout->return_after_us);
    stand_in->counts.seen++;
    if (!stand_in->is_paused && stand_in->queue_count > QUEUE_MAX) {
        stand_in->is_paused = true;
        client_call_pause(stand_in->stream, true);
    }
    if (!evtimer_pending(stand_in->gather_timer, NULL))
        set_timer(stand_in->gather_timer, GATHER_US);
}

/* ---- batches of answers ---- */

static void send_batch(struct stand_in *stand_in);

static Vsl__V1__PayoutResult result_to_say(const struct queued_payout *payout)
{
    if (payout->step == STEP_RETURN)
        return VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_RETURNED;
    return payout->decision == DECISION_FAILED ? VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_FAILED
                                               : VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_PAID;
}

static void add_answer(struct stand_in *stand_in, const struct queued_payout *payout)
{
    char serial[SERIAL_BYTES];
    char failed[] = "the stand-in's rule says failed";
    char returned[] = "the stand-in's rule says returned";
    Vsl__V1__PayoutResult result = result_to_say(payout);
    snprintf(serial, sizeof serial, "payout-%" PRId64 "-%d", payout->payout_id, (int)result);
    Vsl__V1__ConfirmPayoutRequest *request =
        batch_add_confirm_payout(&stand_in->batch, CHANNEL, payout->business_date, serial);
    request->ledger_id = payout->ledger_id;
    request->payout_id = payout->payout_id;
    request->result = result;
    request->bank_reference = batch_text(&stand_in->batch, serial);
    if (result == VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_FAILED)
        request->reason = batch_text(&stand_in->batch, failed);
    if (result == VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_RETURNED)
        request->reason = batch_text(&stand_in->batch, returned);
}

/* Packs the answers in flight; their dates may have changed since the last time. */
static void pack_batch(struct stand_in *stand_in)
{
    batch_begin(&stand_in->batch);
    for (size_t i = 0; i < stand_in->in_flight_count; i++)
        add_answer(stand_in, stand_in->in_flight[i]);
    batch_pack(&stand_in->batch, &stand_in->request);
}

static void start_batch(struct stand_in *stand_in)
{
    if (stand_in->in_flight_count > 0)
        return;
    compact(stand_in);
    int64_t now = clock_monotonic_us();
    int64_t first_due = INT64_MAX;
    for (size_t i = 0; i < stand_in->queue_count && stand_in->in_flight_count < BATCH_MAX; i++) {
        struct queued_payout *payout = &stand_in->queue[i];
        if (payout->step == STEP_WAIT && payout->due_us <= now)
            payout->step = STEP_RETURN;
        if (payout->step == STEP_WAIT && payout->due_us < first_due)
            first_due = payout->due_us;
        if (payout->step != STEP_WAIT)
            stand_in->in_flight[stand_in->in_flight_count++] = payout;
    }
    if (stand_in->in_flight_count > 0) {
        pack_batch(stand_in);
        send_batch(stand_in);
    } else if (first_due != INT64_MAX) {
        set_timer(stand_in->due_timer, first_due - now + 1);
    }
}

/* Takes the answer to one confirmation; false when it must be said again under another date. */
static bool take_result(
    struct stand_in *stand_in, struct queued_payout *payout, const Vsl__V1__CommandResult *result)
{
    int outcome = (int)result->outcome;
    struct stand_in_counts *counts = &stand_in->counts;
    enum decision said = payout->step == STEP_RETURN           ? DECISION_RETURNED
                         : payout->decision == DECISION_FAILED ? DECISION_FAILED
                                                               : DECISION_PAID;
    if (outcome == VSL__V1__OUTCOME__OUTCOME_KEY_WINDOW_CLOSED) {
        stand_in->asked_ledger_id = payout->ledger_id;
        return false;
    }
    if (outcome < OUTCOME_FIRST_REFUSAL) {
        counts->paid += said == DECISION_PAID;
        counts->failed += said == DECISION_FAILED;
        counts->returned += said == DECISION_RETURNED;
    } else if (outcome == VSL__V1__OUTCOME__OUTCOME_PAYOUT_ALREADY_PAID ||
               outcome == VSL__V1__OUTCOME__OUTCOME_PAYOUT_ALREADY_FAILED ||
               outcome == VSL__V1__OUTCOME__OUTCOME_PAYOUT_ALREADY_RETURNED) {
        counts->already++;
    } else {
        counts->refused++;
    }
    if (stand_in->config.on_answered)
        stand_in->config.on_answered(stand_in->config.context, payout->ledger_id, payout->payout_id,
            said, outcome, result->replayed);
    /* A return follows what was paid by us or, before a restart, was paid already. */
    bool is_paid =
        outcome < OUTCOME_FIRST_REFUSAL || outcome == VSL__V1__OUTCOME__OUTCOME_PAYOUT_ALREADY_PAID;
    if (payout->step == STEP_ANSWER && payout->decision == DECISION_RETURNED && is_paid) {
        payout->step = STEP_WAIT;
        payout->due_us = clock_monotonic_us() + payout->return_after_us;
    } else {
        payout->step = STEP_DONE;
    }
    return true;
}

static bool is_passing(enum grpc_status status)
{
    return status == GRPC_UNAVAILABLE || status == GRPC_DEADLINE_EXCEEDED ||
           status == GRPC_RESOURCE_EXHAUSTED || status == GRPC_CANCELLED ||
           status == GRPC_INTERNAL || status == GRPC_UNKNOWN || status == GRPC_ABORTED;
}

/* ---- the present date of a ledger, when a payout is older than the key window ---- */

static void on_ledger(void *context, const struct client_end *end)
{
    struct stand_in *stand_in = context;
    stand_in->is_asking_date = false;
    arena_reset(&stand_in->arena);
    Vsl__V1__GetLedgerResponse *answer = NULL;
    if (end->status == GRPC_OK)
        answer = (Vsl__V1__GetLedgerResponse *)rpc_unpack(&vsl__v1__get_ledger_response__descriptor,
            end->answer, end->answer_length, &stand_in->arena);
    for (size_t i = 0; answer && answer->ledger && i < stand_in->queue_count; i++) {
        struct queued_payout *payout = &stand_in->queue[i];
        if (payout->ledger_id == answer->ledger->ledger_id &&
            payout->business_date < answer->ledger->oldest_business_date)
            payout->business_date = answer->ledger->accounting_date;
    }
    if (!answer)
        tell_trouble(stand_in, end->message);
    set_timer(stand_in->gather_timer, answer ? GATHER_US : RETRY_PAUSE_US);
}

static void ask_date(struct stand_in *stand_in)
{
    static const struct client_handlers handlers = {.on_end = on_ledger};
    char path[RPC_PATH_BYTES_MAX];
    Vsl__V1__GetLedgerRequest request;
    vsl__v1__get_ledger_request__init(&request);
    request.ledger_id = stand_in->asked_ledger_id;
    rpc_path(&vsl__v1__ledger_service__descriptor, "GetLedger", path);
    rpc_pack(&request.base, &stand_in->request);
    stand_in->is_asking_date = true;
    client_call_start(stand_in->client, path, stand_in->request.bytes, stand_in->request.length,
        CALL_TIMEOUT_US, &handlers, stand_in);
}

static void take_answers(struct stand_in *stand_in, const Vsl__V1__SubmitBatchResponse *answer)
{
    bool is_date_wanted = false;
    for (size_t i = 0; i < stand_in->in_flight_count; i++) {
        if (!take_result(stand_in, stand_in->in_flight[i], answer->results[i]->result))
            is_date_wanted = true;
    }
    stand_in->in_flight_count = 0;
    compact(stand_in);
    tell_position(stand_in);
    if (is_date_wanted)
        ask_date(stand_in);
    else
        start_batch(stand_in);
}

static void on_batch(void *context, const struct client_end *end)
{
    struct stand_in *stand_in = context;
    if (end->status == GRPC_OK) {
        arena_reset(&stand_in->arena);
        Vsl__V1__SubmitBatchResponse *answer =
            (Vsl__V1__SubmitBatchResponse *)rpc_unpack(&vsl__v1__submit_batch_response__descriptor,
                end->answer, end->answer_length, &stand_in->arena);
        bool is_complete = answer && answer->n_results == stand_in->in_flight_count;
        for (size_t i = 0; is_complete && i < answer->n_results; i++)
            is_complete = answer->results[i]->result != NULL;
        if (is_complete) {
            take_answers(stand_in, answer);
            return;
        }
        tell_trouble(stand_in, "the answer to a batch cannot be read");
    } else {
        tell_trouble(stand_in, end->message);
    }
    /* What cannot pass by itself is still tried again, slowly: money on its way must not be
     * forgotten. */
    set_timer(
        stand_in->retry_timer, is_passing(end->status) ? RETRY_PAUSE_US : RETRY_PAUSE_US * 25);
}

static void send_batch(struct stand_in *stand_in)
{
    static const struct client_handlers handlers = {.on_end = on_batch};
    char path[RPC_PATH_BYTES_MAX];
    rpc_path(&vsl__v1__funds_service__descriptor, "SubmitBatch", path);
    client_call_start(stand_in->client, path, stand_in->request.bytes, stand_in->request.length,
        CALL_TIMEOUT_US, &handlers, stand_in);
}

static void on_gather(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    struct stand_in *stand_in = context;
    if (!stand_in->is_asking_date)
        start_batch(stand_in);
}

static void on_retry(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    send_batch(context);
}

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
    if (event->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_ENTRY) {
        const Vsl__V1__JournalEntry *entry = event->entry;
        /* Sent again after a reconnect: known already. */
        if (entry->sequence < stand_in->next_sequence)
            return;
        stand_in->next_sequence = entry->sequence + 1;
        if (entry->request_case == VSL__V1__JOURNAL_ENTRY__REQUEST_WITHDRAW &&
            entry->subject_id > 0)
            enqueue(stand_in, entry);
    } else if (event->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_REACHED_SEQUENCE) {
        if (event->reached_sequence >= stand_in->next_sequence)
            stand_in->next_sequence = event->reached_sequence + 1;
        if (stand_in->queue_count == 0)
            tell_position(stand_in);
    }
}

static void on_stream_end(void *context, const struct client_end *end)
{
    struct stand_in *stand_in = context;
    stand_in->stream = NULL;
    tell_trouble(stand_in, end->status == GRPC_OK ? "the stream ended" : end->message);
    set_timer(stand_in->stream_timer,
        is_passing(end->status) || end->status == GRPC_OK ? RETRY_PAUSE_US : RETRY_PAUSE_US * 25);
}

static void start_stream(struct stand_in *stand_in)
{
    static const struct client_handlers handlers = {
        .on_message = on_event, .on_end = on_stream_end};
    char path[RPC_PATH_BYTES_MAX];
    Vsl__V1__CommandKind kinds[] = {VSL__V1__COMMAND_KIND__COMMAND_KIND_WITHDRAW};
    Vsl__V1__StreamEventsRequest request;
    vsl__v1__stream_events_request__init(&request);
    struct buffer bytes = {0};
    request.from_sequence = stand_in->next_sequence;
    request.ledger_id = stand_in->config.ledger_id;
    request.kinds = kinds;
    request.n_kinds = 1;
    request.accepted_only = true;
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

/* A paused stream may still deliver its window and what was received of one read: entries of a
 * withdrawal take more than 64 bytes. */
#define QUEUE_CAPACITY ((size_t)QUEUE_MAX + (4u << 20) / 64)

struct stand_in *stand_in_start(struct event_base *base, const struct stand_in_config *config,
    char *ret_error, size_t error_bytes)
{
    struct stand_in *stand_in = calloc(1, sizeof *stand_in);
    CHECK(stand_in != NULL && config->from_sequence > 0);
    stand_in->base = base;
    stand_in->config = *config;
    stand_in->next_sequence = config->from_sequence;
    struct client_config client = config->client;
    client.wait_for_ready = true;
    stand_in->client = client_open(base, &client, ret_error, error_bytes);
    if (!stand_in->client) {
        free(stand_in);
        return NULL;
    }
    stand_in->queue_capacity = QUEUE_CAPACITY;
    stand_in->queue = malloc(stand_in->queue_capacity * sizeof *stand_in->queue);
    stand_in->gather_timer = evtimer_new(base, on_gather, stand_in);
    stand_in->due_timer = evtimer_new(base, on_gather, stand_in);
    stand_in->retry_timer = evtimer_new(base, on_retry, stand_in);
    stand_in->stream_timer = evtimer_new(base, on_stream_timer, stand_in);
    CHECK(stand_in->queue && stand_in->gather_timer && stand_in->due_timer &&
          stand_in->retry_timer && stand_in->stream_timer);
    batch_init(&stand_in->batch);
    arena_init(&stand_in->arena, (size_t)256 << 10, (size_t)64 << 20);
    start_stream(stand_in);
    return stand_in;
}

void stand_in_stop(struct stand_in *stand_in)
{
    if (!stand_in)
        return;
    client_close(stand_in->client);
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
    return stand_in->queue_count == 0 && stand_in->in_flight_count == 0;
}

int64_t stand_in_reached(const struct stand_in *stand_in)
{
    return stand_in->next_sequence;
}
