/* flow.c: opening, the turn, stopping.
 *
 * The order of a turn is flow_turn; everything else here serves it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "flow/flow.h"

#include "base/clock.h"
#include "base/log.h"
#include "flow/internal.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static_assert((RECENT_SEGMENTS_MAX - 1) * SEGMENT_COMMANDS_MIN >= BATCH_COMMANDS_MAX,
    "the largest request fits into memory behind a segment that is nearly full");

/* ---- opening and closing ---- */

/* They may hold passwords, so they are not shown. */
static int check_urls(const struct flow_config *config, char *ret_error, size_t error_bytes)
{
    const char *const urls[] = {config->store.conninfo, config->query.conninfo};
    static const char *const names[] = {"database.url", "database.read_url"};
    for (size_t i = 0; i < 2; i++) {
        if (store_is_conninfo(urls[i]))
            continue;
        snprintf(ret_error, error_bytes,
            "%s is neither a libpq connection string nor a URI; see libpq-connect in the manual of"
            " PostgreSQL",
            names[i]);
        return -1;
    }
    return 0;
}

struct flow *flow_open(
    struct event_base *base, const struct flow_config *config, char *ret_error, size_t error_bytes)
{
    struct flow *flow = calloc(1, sizeof *flow);
    struct wire_method *wire_methods = calloc(method_count, sizeof *wire_methods);
    CHECK(flow != NULL && wire_methods != NULL);
    flow->config = *config;
    flow->state = FLOW_LOADING;
    for (uint32_t i = 0; i < method_count; i++)
        wire_methods[i] = (struct wire_method){.path = methods[i].path,
            .kind = methods[i].is_stream ? WIRE_SERVER_STREAMING : WIRE_UNARY,
            .tag = i,
            .class = methods[i].is_stream               ? WIRE_ENDLESS
                     : methods[i].group == METHOD_QUERY ? WIRE_SLOW
                                                        : WIRE_QUICK};
    flow->wire_methods = wire_methods;
    flow->config.wire.methods = wire_methods;
    flow->config.wire.method_count = method_count;
    flow->config.wire.class_calls_max[WIRE_SLOW] = config->query.calls_waiting_max;
    flow->config.wire.class_calls_max[WIRE_ENDLESS] = config->query.streams_max;
    flow->config.wire.handlers = (struct wire_handlers){.on_call = flow_on_call,
        .on_stream_ready = flow_on_stream_ready,
        .keeps = flow_keeps_connections};
    flow->config.wire.context = flow;

    flow->engine = engine_create();
    engine_set_same_party(flow->engine, flow_same_party, flow_is_escrow_account, flow);
    engine_set_fingerprints(flow->engine, flow_fingerprints, flow);
    flow->filters = filter_set_create(FILTER_BYTES_MAX);
    flow->reference_filters = filter_set_create(REFERENCE_FILTER_BYTES_MAX);
    map_init(&flow->tried_references, BATCH_COMMANDS_MAX);
    flow->queue = queue_create(CALLS_WAITING_MAX);
    flow->state_images = calloc(STATE_CHUNK_MAX, sizeof *flow->state_images);
    flow->state_sequences = calloc(STATE_CHUNK_MAX, sizeof *flow->state_sequences);
    flow->effects = calloc(1, sizeof *flow->effects);
    flow->item_answers = calloc(BATCH_COMMANDS_MAX, sizeof *flow->item_answers);
    CHECK(flow->state_images && flow->state_sequences && flow->effects && flow->item_answers);
    arena_init(&flow->arena, (size_t)1024 * 1024, DECODE_ARENA_BYTES_MAX);
    flow_init_unpacking(flow);

    bool is_sound = check_urls(&flow->config, ret_error, error_bytes) == 0;
    if (is_sound)
        flow->wire = wire_server_open(base, &flow->config.wire, ret_error, error_bytes);
    if (!flow->wire) {
        int open_errno = is_sound ? errno : EINVAL;
        flow_close(flow);
        errno = open_errno;
        return NULL;
    }
    struct query_recent recent = flow_recent_source(flow);
    flow->query = query_open(base, &flow->config.query, &recent);
    /* However small segments are: a request that does not fit would hold up all others for ever. */
    flow->config.store.commands_ahead = BATCH_COMMANDS_MAX;
    flow->store = store_open(base, &flow->config.store, &flow_store_handlers, flow);
    return flow;
}

static const struct wording stops = {
    "the server stops; send the same request again", "服务器正在停止；请重发同一请求"};

static bool drop_call(void *context, struct waiting_call *waiting)
{
    (void)context;
    flow_fail_call(waiting, WIRE_UNAVAILABLE, stops, &wire_not_decided);
    return false;
}

/* Gives back the calls that were not answered: their clients are gone, or this server stops on
 * account of another one, and then the end of the connection leaves open what became of them. */
static void drop_calls(struct flow *flow)
{
    queue_filter(flow->queue, drop_call, NULL);
    flow_drop_answers(flow, stops);
}

void flow_close(struct flow *flow)
{
    if (!flow)
        return;
    if (flow->query)
        query_close(flow->query);
    if (flow->store)
        store_close(flow->store);
    drop_calls(flow);
    if (flow->wire)
        wire_server_close(flow->wire);
    flow_finish_answers(flow);
    journal_destroy(flow->journal);
    recent_destroy(flow->recent);
    filter_set_destroy(flow->filters);
    filter_set_destroy(flow->reference_filters);
    map_finish(&flow->tried_references);
    buffer_finish(&flow->tried);
    buffer_finish(&flow->tried_bytes);
    engine_destroy(flow->engine);
    arena_finish(&flow->arena);
    flow_finish_unpacking(flow);
    buffer_finish(&flow->scratch);
    queue_destroy(flow->queue);
    free(flow->state_images);
    free(flow->state_sequences);
    free(flow->effects);
    free(flow->item_answers);
    free(flow->wire_methods);
    free(flow);
}

/* ---- the steps of a turn ---- */

/* Whether nobody waits for the answer any more: then nothing is decided. */
static bool fail_if_late(struct flow *flow, struct waiting_call *waiting)
{
    bool is_gone = wire_call_is_gone(waiting->call);
    if (!is_gone && wire_call_deadline_us(waiting->call) > flow->now_monotonic_us)
        return false;
    flow_fail_call(waiting, is_gone ? WIRE_CANCELLED : WIRE_DEADLINE_EXCEEDED,
        WORDING("the deadline passed before the request was decided; nothing was done",
            "请求在处理之前已超过期限；未做任何处理"),
        &wire_not_decided);
    return true;
}

/* Whether the call has left the queue: else there is no room for its commands. */
static bool execute(struct flow *flow, struct waiting_call *waiting)
{
    const struct method *method = &methods[wire_call_tag(waiting->call)];
    if (fail_if_late(flow, waiting))
        return true;
    if (flow->clock.is_refusing && method->group != METHOD_READ) {
        if (waiting->progress) {
            flow_fail_call(waiting, WIRE_UNAVAILABLE, (struct wording){0}, NULL);
        } else {
            flow_refuse_clock(waiting->call);
            flow_end_call(waiting);
        }
        return true;
    }
    /* What it takes to unpack it, too; a batch counts its parts. */
    if (method->group != METHOD_BATCH)
        flow->work.unseen += (uint32_t)(waiting->length / REQUEST_BYTES_PER_UNIT);
    switch (method->group) {
    case METHOD_COMMAND:
        flow_execute_command(flow, waiting, (enum command_kind)method->kind);
        break;
    case METHOD_BATCH:
        flow_execute_batch(flow, waiting);
        break;
    case METHOD_READ:
        flow_execute_read(flow, waiting, (enum read_kind)method->kind);
        break;
    case METHOD_QUERY:
        CHECK(0 && "a queued method");
    }
    return waiting->admission == ADMISSION_ASKED || waiting->admission == ADMISSION_OVER;
}

static bool is_batch(const struct waiting_call *waiting)
{
    return methods[wire_call_tag(waiting->call)].group == METHOD_BATCH;
}

static bool keep_other(void *context, struct waiting_call *waiting)
{
    struct flow *flow = context;
    bool is_read = methods[wire_call_tag(waiting->call)].group == METHOD_READ;
    return !(is_read ? execute(flow, waiting) : fail_if_late(flow, waiting));
}

/* Decides what waits, source by source, until the turn's work is done. Returns whether that ended
 * it. */
static bool execute_queue(struct flow *flow)
{
    uint32_t full = 0; /* lines whose batch waits for another one, since anything was done */
    flow_begin_queue(flow);
    while (queue_count(flow->queue) > 0) {
        struct waiting_call *waiting = queue_first(flow->queue);
        bool has_left = execute(flow, waiting);
        bool is_full = !has_left && is_batch(waiting) &&
                       (flow_is_full_for_items(flow) || flow_is_held_up(flow, waiting));
        if (is_full && !flow->is_stalled && ++full < queue_sources(flow->queue)) {
            /* Single commands of others still find room, and reads need none. */
            queue_next_source(flow->queue);
            flow_begin_source(flow);
            continue;
        }
        bool goes_on =
            waiting->admission == ADMISSION_BEGUN || waiting->admission == ADMISSION_UNPACKING;
        if (!has_left && (is_full || !goes_on)) {
            /* Commands may wait long for a segment. What needs none does not wait behind them:
             * reads are answered, and who does not wait any more is told. */
            if (flow->is_stalled)
                queue_filter(flow->queue, keep_other, flow);
            return false;
        }
        full = 0;
        bool is_same = has_left ? queue_drop_first(flow->queue) : true;
        enum work_state state = flow_work(flow, 1);
        if (is_same && state != WORK_GOES_ON)
            queue_next_source(flow->queue);
        if (!is_same || state != WORK_GOES_ON)
            flow_begin_source(flow);
        if (state == WORK_OF_TURN_DONE)
            return queue_count(flow->queue) > 0;
    }
    return false;
}

/* Whether a restart would have much to redo, or what this one redid once more: a server that is
 * killed again and again must come further each time. */
static bool is_state_far(const struct flow *flow, int64_t oldest)
{
    return oldest <= flow->redone_until ||
           journal_next_sequence(flow->journal) - oldest >
               flow->config.redo_commands_max / 100 * STATE_LAG_PERCENT;
}

/* Whether changed records have waited long enough, or are so many commands back, that a restart
 * would have much to redo. */
static bool is_state_due(const struct flow *flow)
{
    int64_t oldest = engine_oldest_change(flow->engine);
    if (oldest == 0 || flow->state_count > 0 || !store_can_write_state(flow->store))
        return false;
    if (is_state_far(flow, oldest))
        return true;
    const struct command_record *record = recent_find_sequence(flow->recent, oldest);
    return !record || flow->now_us - record->recorded_us > STATE_AGE_MAX_US;
}

/* Takes images of the oldest changed records as they are after the last decided command. */
static void take_state(struct flow *flow)
{
    int64_t next = journal_next_sequence(flow->journal);
    bool is_far = is_state_far(flow, engine_oldest_change(flow->engine));
    flow->state_count =
        engine_take_changed(flow->engine, next - 1, is_far ? STATE_CHUNK_MAX : STATE_CHUNK, next,
            flow->state_images, flow->state_sequences, &flow->state_redo_sequence);
}

/* The images that were taken are of durable commands now. */
static void write_state(struct flow *flow)
{
    if (flow->state_count == 0 || journal_is_in_flight(flow->journal))
        return;
    store_write_state(flow->store, flow->state_images, flow->state_sequences, flow->state_count,
        flow->state_redo_sequence);
    flow->state_count = 0;
}

static void submit(struct flow *flow)
{
    flow_check_answers(flow);
    if (journal_is_in_flight(flow->journal))
        return;
    bool is_state_wanted = is_state_due(flow);
    if (journal_open_count(flow->journal) > 0) {
        const struct journal_batch *batch = journal_close_batch(flow->journal);
        flow_exchange_answers(flow);
        flow->database.submitted_us = flow->now_monotonic_us;
        store_submit(flow->store, batch);
    }
    if (is_state_wanted)
        take_state(flow);
    write_state(flow);
}

static void index_segment(struct flow *flow)
{
    struct recent_segment segment;
    if (flow->is_indexing || !recent_oldest_full(flow->recent, &segment) ||
        journal_durable_sequence(flow->journal) < segment.last_sequence)
        return;
    struct indexed_segment indexed = {
        .first_sequence = segment.first_sequence,
        .last_sequence = segment.last_sequence,
        .min_business_date = segment.min_business_date,
        .max_business_date = segment.max_business_date,
        .key_filter = segment.filter->bytes,
        .key_filter_length = segment.filter->length,
        .reference_filter = segment.reference_filter->bytes,
        .reference_filter_length = segment.reference_filter->length,
    };
    const struct part_hashes hashes[PART_KINDS] = {segment.keys, segment.references};
    flow->is_indexing = true;
    store_index_segment(
        flow->store, &indexed, hashes, segment.min_accounting_date, segment.max_accounting_date);
}

static void pause_or_resume(struct flow *flow)
{
    uint32_t waiting = queue_count(flow->queue);
    bool pause = waiting > (flow->is_paused ? CALLS_WAITING_HIGH / 2 : CALLS_WAITING_HIGH);
    if (pause == flow->is_paused)
        return;
    flow->is_paused = pause;
    wire_server_pause(flow->wire, pause);
}

/* The state is written once more, be it without any row: its seal names the last batch, so that the
 * next start finds a journal that is shorter than it was. Without the database the seal stays as it
 * is, and says less. */
static void seal_end(struct flow *flow)
{
    bool is_late = clock_monotonic_us() - flow->sealing_since_us > SEALING_MAX_US;
    bool is_ready = !journal_is_in_flight(flow->journal) && store_can_write_state(flow->store);
    bool is_sealed = flow->is_seal_given && is_ready;
    if (is_ready && !flow->is_seal_given) {
        flow->is_seal_given = true;
        if (flow->state_count > 0)
            write_state(flow);
        else
            store_write_state(flow->store, NULL, NULL, 0, store_redo_sequence(flow->store));
    }
    if (!is_sealed && !is_late)
        return;
    flow->state = FLOW_ENDED;
    if (is_sealed)
        log_info("stopped: asked to");
    else
        log_warning("stopped: asked to; the database does not answer, so the end of the journal is "
                    "not under the seal of the state");
    flow->config.on_end(flow->config.context, FLOW_STOPPED);
}

bool flow_turn(struct flow *flow)
{
    if (flow->state == FLOW_SEALING)
        seal_end(flow);
    if (flow->state != FLOW_SERVING && flow->state != FLOW_DRAINING)
        return false;
    flow_begin_work(flow);
    int64_t durable = journal_durable_sequence(flow->journal);

    flow_read_clock(flow);
    write_state(flow);
    flow_release_answers(flow);
    flow_watch_database(flow);
    flow_tell_refusals(flow, false);
    if (durable != flow->told_durable_sequence) {
        query_on_durable(flow->query);
        flow->told_durable_sequence = durable;
    }
    flow_execute_expiries(flow);
    bool is_cut = execute_queue(flow);
    submit(flow);
    index_segment(flow);
    flow_evict(flow);
    pause_or_resume(flow);
    flow_end_work(flow, is_cut);
    return is_cut;
}

/* ---- stopping ---- */

static void on_wire_stopped(void *context)
{
    struct flow *flow = context;
    if (flow->state == FLOW_ENDED)
        return;
    flow->state = FLOW_SEALING;
    flow->sealing_since_us = clock_monotonic_us();
    flow_tell_work(flow);
    flow_tell_refusals(flow, true);
    flow->config.wake(flow->config.context);
}

int flow_reload_tls(
    struct flow *flow, const struct wire_tls_files *files, char *ret_error, size_t error_bytes)
{
    return wire_server_reload_tls(flow->wire, files, ret_error, error_bytes);
}

void flow_stop(struct flow *flow)
{
    if (flow->state == FLOW_LOADING) {
        flow->state = FLOW_ENDED;
        flow->config.on_end(flow->config.context, FLOW_STOPPED);
        return;
    }
    if (flow->state != FLOW_SERVING)
        return;
    flow->state = FLOW_DRAINING;
    query_stop(flow->query);
    /* The wire waits for the calls under way, so every decided command is durable and answered. */
    wire_server_stop(flow->wire, on_wire_stopped, flow);
}
