/* clock.c: whether time can be decided by.
 *
 * Recorded time never goes back, so one turn with a wrong clock would expire what is due by then
 * and stay for ever. Every turn therefore holds the clock to the database's, as it was last told
 * (once a second) and as the monotonic clock has gone on since: a jump is seen before anything is
 * decided by it. Beyond a set difference nothing is decided: commands are refused, expiries wait,
 * recorded time stands still. The same holds when recorded time itself is ahead of the database's
 * clock: a server with a wrong clock was here before. Far behind it may be: the service stood
 * still, and the database's clock tells for how long.
 *
 * The operator puts the wrong clock right, or starts once with a greater difference allowed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include "base/log.h"
#include "flow/internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

/* Asked for so often while batches prove everything else. */
#define CLOCK_INTERVAL_US 1000000
/* After so long without a command a start says what time it believes. */
#define STAND_STILL_US (INT64_C(24) * 3600 * 1000000)
#define US_PER_S 1000000

/* "2026-11-28T12:00:00Z". */
struct instant {
    char text[32];
};

static struct instant instant_of(int64_t us)
{
    struct instant instant;
    struct tm parts;
    time_t seconds = (time_t)(us / US_PER_S);
    if (!gmtime_r(&seconds, &parts) ||
        strftime(instant.text, sizeof instant.text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        instant.text[0] = '\0';
    return instant;
}

bool flow_clock_is_due(const struct flow *flow)
{
    return flow->now_monotonic_us - store_database_time_asked(flow->store) >= CLOCK_INTERVAL_US;
}

void flow_refuse_clock(struct wire_call *call)
{
    struct wire_details details = {.reason = REASON_CLOCK_DIFFERENCE, .retry_after_us = 1000000};
    wire_fail(call, WIRE_UNAVAILABLE,
        "the server's clock, its database's and the time last recorded differ by more than is "
        "allowed; nothing was decided, send the same request again later",
        &details);
}

static void tell(struct flow *flow, int64_t wall_us, int64_t database_us, bool is_off)
{
    struct instant wall = instant_of(wall_us);
    struct instant database = instant_of(database_us);
    struct instant recorded = instant_of(flow->now_us);
    log_error("no command is decided and nothing expires: %s: server=%s database=%s recorded=%s; "
              "put the wrong clock right, or start vsld once with a greater %s",
        is_off ? "the server's clock differs from the database's"
               : "recorded time is ahead of the database's clock",
        wall.text, database.text, recorded.text,
        is_off ? "clock.difference_max_s" : "clock.recorded_ahead_max_s");
}

static void set_refusing(
    struct flow *flow, int64_t wall_us, int64_t database_us, bool is_off, bool is_ahead)
{
    struct flow_clock *clock = &flow->clock;
    bool is_refusing = is_off || is_ahead;
    if (is_refusing == clock->is_refusing)
        return;
    clock->is_refusing = is_refusing;
    if (is_refusing)
        tell(flow, wall_us, database_us, is_off);
    else
        log_info("the clocks agree again: commands are decided, what is due expires");
}

/* Says it once when a tenth of what is allowed is used up, and again after it was half of that. */
static void warn(struct flow *flow, int64_t difference_us)
{
    struct flow_clock *clock = &flow->clock;
    int64_t distance_us = difference_us < 0 ? -difference_us : difference_us;
    int64_t most_us = flow->config.clock_difference_max_us / 10;
    if (distance_us > most_us && !clock->is_warned) {
        clock->is_warned = true;
        log_warning("the server's clock is %s the database's by ms=%" PRId64,
            difference_us > 0 ? "ahead of" : "behind", distance_us / 1000);
    } else if (distance_us <= most_us / 2) {
        clock->is_warned = false;
    }
}

void flow_read_clock(struct flow *flow)
{
    int64_t wall_us = clock_wall_us();
    flow->now_monotonic_us = clock_monotonic_us();
    int64_t database_us = store_database_time(flow->store, flow->now_monotonic_us);
    int64_t difference_us = wall_us - database_us;
    bool is_off = difference_us > flow->config.clock_difference_max_us ||
                  difference_us < -flow->config.clock_difference_max_us;
    bool is_ahead = flow->now_us - database_us > flow->config.clock_recorded_ahead_max_us;
    warn(flow, difference_us);
    set_refusing(flow, wall_us, database_us, is_off, is_ahead);
    if (!flow->clock.is_refusing && wall_us > flow->now_us)
        flow->now_us = wall_us;
}

void flow_tell_stand_still(const struct flow *flow)
{
    int64_t database_us = store_database_time(flow->store, clock_monotonic_us());
    if (flow->now_us == 0 || database_us - flow->now_us < STAND_STILL_US)
        return;
    struct instant recorded = instant_of(flow->now_us);
    struct instant database = instant_of(database_us);
    log_warning("the last command was recorded at %s, the database's clock shows %s: what fell due "
                "since expires now",
        recorded.text, database.text);
}
