/* load.c: what the store hands up: rows at start, and word of what is durable, indexed, written.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "flow/internal.h"

#include <inttypes.h>

static void on_standby(void *context)
{
    (void)context;
    log_info("standby: another server holds the database, waiting for it to end");
}

static void on_lives(void *context, const struct journal_lives *lives)
{
    struct flow *flow = context;
    query_set_lives(flow->query, lives);
}

static void on_state(void *context, int64_t sequence, const struct image *image)
{
    struct flow *flow = context;
    engine_load_image(flow->engine, sequence, image);
}

static int32_t oldest_business_date(void *context)
{
    struct flow *flow = context;
    return engine_oldest_business_date(flow->engine);
}

static void on_indexed_segment(void *context, const struct indexed_segment *segment)
{
    struct flow *flow = context;
    filter_set_add(flow->filters, segment->last_sequence, segment->min_business_date,
        segment->max_business_date, segment->key_filter, segment->key_filter_length);
    filter_set_add_parts(
        flow->filters, segment->first_sequence, segment->part_digests[0], segment->part_counts[0]);
    if (!segment->reference_filter || segment->reference_filter_length > 0) {
        filter_set_add_dateless(flow->reference_filters, segment->first_sequence,
            segment->last_sequence, segment->reference_filter, segment->reference_filter_length);
        filter_set_add_parts(flow->reference_filters, segment->first_sequence,
            segment->part_digests[1], segment->part_counts[1]);
    }
    flow->filters_generation++;
}

static void on_redo(void *context, const struct journal_position *position, int64_t first_sequence,
    int64_t redo_sequence)
{
    struct flow *flow = context;
    flow->journal = journal_create(position);
    flow->recent = recent_create(position->filter_secret, first_sequence);
    flow->filter_secret = position->filter_secret;
    query_set_secret(flow->query, &position->filter_secret);
    flow->now_us = position->recorded_us;
    flow->evicted_before = redo_sequence;
    flow->redone_until = position->sequence;
    engine_load_redo(flow->engine, redo_sequence);
    int64_t next = first_sequence;
    while (next <= position->sequence) {
        int64_t first, last;
        store_segment_of(flow->store, next, &first, &last);
        if (!recent_try_add_segment(flow->recent, first, last)) {
            log_error("more than %d segments are not indexed: raise RECENT_SEGMENTS_MAX",
                RECENT_SEGMENTS_MAX);
            flow->loading_errors++;
            break;
        }
        next = last + 1;
    }
}

static bool is_recent(const struct flow *flow, int64_t sequence)
{
    return sequence >= recent_first_sequence(flow->recent) &&
           sequence <= recent_last_room(flow->recent);
}

/* Images come before the commands. */
static void on_image(void *context, int64_t sequence, const struct image *image)
{
    struct flow *flow = context;
    engine_load_image(flow->engine, sequence, image);
    if (is_recent(flow, sequence))
        flow_note_image(flow, sequence, image);
}

static void on_command(void *context, const struct command_record *record)
{
    struct flow *flow = context;
    char reference[REFERENCE_BYTES_MAX];
    engine_load_command(flow->engine, record);
    if (!is_recent(flow, record->sequence))
        return;
    struct command_record whole = *record;
    whole.reference = flow_booked_reference(record, reference);
    flow_remember_command(flow, &whole);
}

static void on_posting(void *context, int64_t sequence, int16_t line, const struct posting *posting)
{
    struct flow *flow = context;
    if (engine_load_posting(flow->engine, sequence, posting) < 0) {
        log_error("posting names an account that does not exist sequence=%" PRId64, sequence);
        flow->loading_errors++;
    }
    if (is_recent(flow, sequence))
        recent_append_posting(flow->recent, sequence, line, posting);
}

static void on_ready(void *context)
{
    struct flow *flow = context;
    char error[256] = "rows of the journal contradict each other";

    engine_load_done(flow->engine);
    if (flow->loading_errors > 0 || engine_check(flow->engine, error, sizeof error) < 0) {
        log_error("loaded state is wrong: %s; run vslctl check before anything else", error);
        flow->state = FLOW_ENDED;
        flow->config.on_end(flow->config.context, FLOW_FAILED);
        return;
    }
    if (!flow_can_open(flow)) {
        flow->state = FLOW_ENDED;
        flow->config.on_end(flow->config.context, FLOW_FAILED);
        return;
    }
    filter_set_drop_before(flow->filters, engine_oldest_business_date(flow->engine));
    flow->state = FLOW_SERVING;
    flow_database_answered(flow);
    flow_tell_stand_still(flow);
    wire_server_set_serving(flow->wire, true);
    log_info("ready sequence=%" PRId64 " batch=%" PRId64 " ledgers=%" PRId64,
        journal_durable_sequence(flow->journal), journal_durable_batch_number(flow->journal),
        engine_last_ledger_id(flow->engine));
    flow->config.wake(flow->config.context);
}

static void on_durable(void *context)
{
    struct flow *flow = context;
    journal_batch_is_durable(flow->journal);
    flow->database.submitted_us = 0;
    flow_database_answered(flow);
    flow->config.wake(flow->config.context);
}

static void on_checked(void *context)
{
    struct flow *flow = context;
    flow->check.is_done = true;
    flow_database_answered(flow);
    flow->config.wake(flow->config.context);
}

static void on_state_written(void *context)
{
    struct flow *flow = context;
    flow->config.wake(flow->config.context);
}

static void on_segment_indexed(void *context, const struct indexed_segment *segment)
{
    struct flow *flow = context;
    on_indexed_segment(flow, segment);
    filter_set_drop_before(flow->filters, engine_oldest_business_date(flow->engine));
    recent_drop_oldest(flow->recent, segment->last_sequence);
    flow->is_indexing = false;
    flow->config.wake(flow->config.context);
}

static void on_stop(void *context, enum store_end end, const char *reason)
{
    struct flow *flow = context;
    /* Answers that wait are never sent: nobody knows whether they are true. */
    enum flow_end flow_end = FLOW_UNUSABLE;
    if (end == STORE_UNUSABLE) {
        log_error("stopped: %s", reason);
    } else if (flow->state == FLOW_DRAINING || flow->state == FLOW_SEALING) {
        log_warning("stopped: asked to, and %s", reason);
        flow_end = FLOW_STOPPED;
    } else {
        log_warning("beginning anew: %s", reason);
        flow_end = end == STORE_FENCED ? FLOW_FENCED : FLOW_LOADS_ANEW;
    }
    flow->state = FLOW_ENDED;
    flow->config.on_end(flow->config.context, flow_end);
}

const struct store_handlers flow_store_handlers = {
    .on_standby = on_standby,
    .on_lives = on_lives,
    .on_state = on_state,
    .oldest_business_date = oldest_business_date,
    .on_indexed_segment = on_indexed_segment,
    .on_redo = on_redo,
    .on_image = on_image,
    .on_command = on_command,
    .on_posting = on_posting,
    .on_ready = on_ready,
    .on_durable = on_durable,
    .on_checked = on_checked,
    .on_state_written = on_state_written,
    .on_segment_indexed = on_segment_indexed,
    .on_stop = on_stop,
};
