/* unpacking.c: what a call with many commands sends is unpacked in parts, as turns have time.
 *
 * The largest takes tens of milliseconds, and up to thirty times its bytes. So there are two places
 * and no more, one for small ones, which do not wait behind a large one. Who is in a place keeps it
 * until as much was decided of it as its unpacking cost, lest two should undo each other's work for
 * ever; then another one may take it, and this one is unpacked again when its turn comes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "flow/internal.h"

/* What is unpacked in less than a millisecond. */
#define SMALL_BATCH_BYTES 65536
/* Between two looks at what the turn has done. */
#define PART_BYTES 8192
/* What takes so long is followed by a rest. */
#define REST_FROM_US 2000
/* So long a large one waits at most for the answers of others to leave. */
#define LETS_OTHERS_GO_US 50000

void flow_init_unpacking(struct flow *flow)
{
    for (size_t i = 0; i < UNPACKING_PLACES; i++)
        arena_init(&flow->unpacking[i].arena, (size_t)1024 * 1024, DECODE_ARENA_BYTES_MAX);
}

static void empty(struct unpacking *place)
{
    batch_decoding_destroy(place->decoding);
    place->decoding = NULL;
    place->call = NULL;
    place->is_held = false;
    arena_reset(&place->arena);
}

void flow_finish_unpacking(struct flow *flow)
{
    for (size_t i = 0; i < UNPACKING_PLACES; i++) {
        empty(&flow->unpacking[i]);
        arena_finish(&flow->unpacking[i].arena);
    }
}

/* The place that the call is in; NULL: in none. */
static struct unpacking *place_of(const struct waiting_call *waiting)
{
    struct unpacking *place = waiting->unpacking;
    return place && place->call == waiting->call ? place : NULL;
}

static struct unpacking *place_for(struct flow *flow, const struct waiting_call *waiting)
{
    return &flow->unpacking[waiting->length > SMALL_BATCH_BYTES ? 1 : 0];
}

void flow_let_go(struct waiting_call *waiting)
{
    struct unpacking *place = place_of(waiting);
    if (place)
        empty(place);
    waiting->unpacking = NULL;
}

void flow_let_others_unpack(const struct waiting_call *waiting)
{
    struct unpacking *place = place_of(waiting);
    if (place)
        place->is_held = false;
}

void flow_let_source_go(struct flow *flow, uint32_t source)
{
    for (size_t i = 0; i < UNPACKING_PLACES; i++) {
        if (flow->unpacking[i].source == source)
            flow->unpacking[i].is_held = false;
    }
}

void flow_earn(const struct waiting_call *waiting, int64_t decided_us)
{
    struct unpacking *place = place_of(waiting);
    CHECK(place != NULL);
    place->cost_us -= decided_us;
    if (place->cost_us <= 0)
        place->is_held = false;
}

static struct unpacking *take_place(struct flow *flow, struct waiting_call *waiting)
{
    struct unpacking *place = place_for(flow, waiting);
    CHECK(!place->is_held);
    empty(place);
    place->call = waiting->call;
    place->source = wire_call_source(waiting->call);
    place->decoding = batch_decoding_create(waiting->request, waiting->length, &place->arena);
    place->sealed = 0;
    place->cost_us = 0;
    place->done_us = 0;
    place->is_put_off = false;
    place->is_held = true;
    waiting->unpacking = place;
    return place;
}

/* One more part. -1: the call was refused. */
static int unpack_part(
    struct flow *flow, struct unpacking *place, struct wire_call *call, uint32_t *ret_units)
{
    struct command_batch *batch = &place->batch;
    struct decode_error error;
    if (place->decoding) {
        enum decode_progress progress = batch_decode_on(place->decoding, PART_BYTES, batch, &error);
        if (progress == DECODE_REFUSED) {
            flow_refuse_malformed(call, &error);
            return -1;
        }
        if (progress == DECODE_DONE) {
            CHECK(batch->count > 0 && batch->count <= BATCH_COMMANDS_MAX);
            batch_decoding_destroy(place->decoding);
            place->decoding = NULL;
        }
        /* Each byte comes twice. */
        *ret_units = PART_BYTES / 2 / REQUEST_BYTES_PER_UNIT;
        return 0;
    }
    *ret_units = 1;
    return flow_seal(flow, call, &batch->commands[place->sealed++], &place->arena) ? 0 : -1;
}

static bool is_done(const struct unpacking *place)
{
    return !place->decoding && place->sealed == place->batch.count;
}

struct command_batch *flow_unpack(struct flow *flow, struct waiting_call *waiting)
{
    struct unpacking *place = place_of(waiting);
    struct asker asker;
    if (place && is_done(place))
        return &place->batch;
    if (!place) {
        /* What was begun is brought to its end, whatever became of its caller. */
        if (!waiting->progress && !flow_find_asker(flow, waiting->call, &asker)) {
            flow_end_call(waiting);
            return NULL;
        }
        place = take_place(flow, waiting);
    }
    int64_t began_us = clock_monotonic_us();
    enum work_state state = WORK_GOES_ON;
    while (state == WORK_GOES_ON && !is_done(place)) {
        uint32_t units;
        if (unpack_part(flow, place, waiting->call, &units) < 0) {
            flow_end_call(waiting);
            return NULL;
        }
        state = flow_work(flow, units);
    }
    place->cost_us += clock_monotonic_us() - began_us;
    if (!is_done(place)) {
        waiting->admission = ADMISSION_UNPACKING;
        return NULL;
    }
    place->done_us = flow->work.now_us;
    for (uint32_t i = 0; waiting->progress && i < place->batch.count; i++)
        place->batch.commands[i].caller_id = waiting->progress->caller_id;
    return &place->batch;
}

/* ---- what is decided in one go ---- */

/* Such a batch holds the turn for tens of milliseconds. Where several sources ask it rests for as
 * long afterwards, or who sends one after the other would have the others wait for two: until they
 * are decided, and until they are answered. Nor does a large one begin while answers wait for the
 * database, for what comes from there is looked at between turns only. */
static bool is_resting(
    const struct flow *flow, const struct waiting_call *waiting, const struct unpacking *place)
{
    bool is_one_go = is_done(place) && (place->batch.atomic || place->batch.dry_run);
    bool is_large = waiting->length > SMALL_BATCH_BYTES;
    if (!is_one_go || !flow_has_many_sources(flow))
        return false;
    if (is_large && flow_is_asking(flow) && flow->work.now_us - place->done_us < LETS_OTHERS_GO_US)
        return true;
    return flow->work.now_us < flow->rest.until_us &&
           (is_large || place->source == flow->rest.source);
}

bool flow_is_held_up(struct flow *flow, const struct waiting_call *waiting)
{
    const struct unpacking *place = place_of(waiting);
    return place ? is_resting(flow, waiting, place) : place_for(flow, waiting)->is_held;
}

bool flow_may_decide_in_one_go(struct flow *flow, struct waiting_call *waiting)
{
    struct unpacking *place = place_of(waiting);
    CHECK(place != NULL);
    if (is_resting(flow, waiting, place)) {
        place->is_held = false;
        return false;
    }
    if (waiting->length <= SMALL_BATCH_BYTES || place->is_put_off || flow_is_turn_fresh(flow))
        return true;
    place->is_put_off = true;
    flow_end_queue(flow);
    waiting->admission = ADMISSION_UNPACKING;
    return false;
}

void flow_rest(struct flow *flow, uint32_t source, int64_t began_us)
{
    int64_t now_us = clock_monotonic_us();
    int64_t took_us = now_us - began_us;
    if (took_us < REST_FROM_US || !flow_has_many_sources(flow))
        return;
    flow->rest = (struct rest){.source = source, .until_us = now_us + took_us};
    flow->config.wake_in(flow->config.context, took_us);
}
