/* work.c: how long a turn works on what clients ask for.
 *
 * Not so many calls, but so much work: a call may cost a thousand times what another one does. The
 * clock is looked at once in a while, which costs the main path nothing that could be measured. A
 * turn that has done enough ends, so that sockets are read and batches submitted, and the next one
 * goes on. Where several sources have calls, each has its part of a turn, and then the next one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "flow/internal.h"

#include <inttypes.h>

/* Where several sources ask turns are short: an answer takes some of them. While somebody waits for
 * the database they are shorter still: a batch takes a turn for each table that it has rows in. */
#define TURN_WORK_US 20000
#define TURN_WORK_OF_MANY_US 5000
#define TURN_WORK_ASKING_US 500
#define SOURCE_WORK_US 1000
/* So long after a call of another source than the one before. */
#define OF_MANY_US 1000000
/* Units between two looks at the clock: some ten microseconds. */
#define UNITS_PER_LOOK 32
/* A line about turns that were cut, or took long, so often; and what is long. */
#define LINE_US (INT64_C(10) * 1000000)
#define LONG_US 50000

bool flow_has_many_sources(const struct flow *flow)
{
    return flow->now_monotonic_us - flow->other_source_us < OF_MANY_US;
}

bool flow_is_asking(const struct flow *flow)
{
    return journal_is_in_flight(flow->journal) || flow->check.asked_us != 0;
}

void flow_begin_work(struct flow *flow)
{
    struct work *work = &flow->work;
    work->turn_us = clock_monotonic_us();
}

void flow_begin_queue(struct flow *flow)
{
    struct work *work = &flow->work;
    work->now_us = work->queue_us = clock_monotonic_us();
    work->unseen = 0;
    work->state = WORK_GOES_ON;
    flow_begin_source(flow);
}

void flow_begin_source(struct flow *flow)
{
    flow->work.source_us = flow->work.now_us;
    if (flow->work.state == WORK_OF_SOURCE_DONE)
        flow->work.state = WORK_GOES_ON;
}

enum work_state flow_work(struct flow *flow, uint32_t units)
{
    struct work *work = &flow->work;
    work->unseen += units;
    if (work->unseen < UNITS_PER_LOOK)
        return work->state;
    work->unseen = 0;
    work->now_us = clock_monotonic_us();
    int64_t turn_us = TURN_WORK_US;
    if (flow_has_many_sources(flow))
        turn_us = flow_is_asking(flow) ? TURN_WORK_ASKING_US : TURN_WORK_OF_MANY_US;
    if (work->now_us - work->queue_us >= turn_us)
        work->state = WORK_OF_TURN_DONE;
    else if (work->now_us - work->source_us >= SOURCE_WORK_US && queue_sources(flow->queue) > 1)
        work->state = WORK_OF_SOURCE_DONE;
    return work->state;
}

bool flow_is_turn_fresh(struct flow *flow)
{
    flow->work.unseen = UNITS_PER_LOOK;
    flow_work(flow, 0);
    return flow->work.now_us - flow->work.queue_us < TURN_WORK_OF_MANY_US;
}

void flow_end_queue(struct flow *flow)
{
    flow->work.state = WORK_OF_TURN_DONE;
}

void flow_end_work(struct flow *flow, bool is_cut)
{
    struct work *work = &flow->work;
    int64_t now_us = clock_monotonic_us();
    int64_t took_us = now_us - work->turn_us;
    if (took_us > work->longest_us)
        work->longest_us = took_us;
    if (is_cut)
        work->cut_count++;
    if (now_us - work->told_us >= LINE_US) {
        work->told_us = now_us;
        flow_tell_work(flow);
    }
}

void flow_tell_work(struct flow *flow)
{
    struct work *work = &flow->work;
    if (work->cut_count == 0 && work->longest_us < LONG_US)
        return;
    log_info("busy: turns ended before all was decided count=%" PRIu32 " longest_ms=%" PRId64
             " waiting=%" PRIu32 " sources=%" PRIu32,
        work->cut_count, work->longest_us / 1000, queue_count(flow->queue),
        queue_sources(flow->queue));
    work->longest_us = 0;
    work->cut_count = 0;
}
