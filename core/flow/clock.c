/* clock.c: whether time can be decided by.
 *
 * Recorded time never goes back, so one turn with a wrong clock would expire what is due by then
 * and stay for ever. Every turn therefore holds the clock to the database's, as it was last told
 * (once a second) and as the monotonic clock has gone on since: a jump is seen before anything is
 * decided by it. Beyond a set difference nothing is decided: commands are refused, expiries wait,
 * recorded time stands still. The same holds when recorded time itself is ahead of the database's
 * clock: a server with a wrong clock was here before; and when it is far behind, for both clocks
 * may be wrong, of one host for instance, and one turn would take recorded time along. A while it
 * may be behind: the service stood still, and the database's clock tells for how long.
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
        WORDING(
            "the server's clock, its database's and the time last recorded differ by more than is "
            "allowed; nothing was decided, send the same request again later",
            "服务器时钟、数据库时钟与最近记录的时间相差超过允许范围；未做处理，请稍后重发同一请求"),
        &details);
}

/* Why nothing can be decided. */
enum clock_fault { CLOCK_RIGHT, CLOCK_OFF, CLOCK_RECORDED_AHEAD, CLOCK_RECORDED_BEHIND };

static void tell(
    const struct flow *flow, enum clock_fault fault, int64_t wall_us, int64_t database_us)
{
    static const struct {
        const char *what;
        const char *setting;
    } texts[] = {
        [CLOCK_OFF] = {"the server's clock differs from the database's", "difference_max_s"},
        [CLOCK_RECORDED_AHEAD] = {"recorded time is ahead of the database's clock",
            "recorded_ahead_max_s"},
        [CLOCK_RECORDED_BEHIND] = {"recorded time is far behind both clocks: they are wrong, or "
                                   "the service stood still",
            "recorded_behind_max_s"},
    };
    struct instant wall = instant_of(wall_us);
    struct instant database = instant_of(database_us);
    struct instant recorded = instant_of(flow->now_us);
    log_error("no command is decided and nothing expires: %s: server=%s database=%s recorded=%s; "
              "put the wrong clock right, or start vsld once with a greater clock.%s",
        texts[fault].what, wall.text, database.text, recorded.text, texts[fault].setting);
}

static void set_fault(
    struct flow *flow, enum clock_fault fault, int64_t wall_us, int64_t database_us)
{
    struct flow_clock *clock = &flow->clock;
    if ((int)fault == clock->fault)
        return;
    clock->fault = (int)fault;
    clock->is_refusing = fault != CLOCK_RIGHT;
    if (clock->is_refusing)
        tell(flow, fault, wall_us, database_us);
    else
        log_info("the clocks agree again: commands are decided, what is due expires");
}

static enum clock_fault find_fault(const struct flow *flow, int64_t wall_us, int64_t database_us)
{
    const struct flow_config *config = &flow->config;
    int64_t difference_us = wall_us - database_us;
    if (difference_us > config->clock_difference_max_us ||
        difference_us < -config->clock_difference_max_us)
        return CLOCK_OFF;
    if (flow->now_us - database_us > config->clock_recorded_ahead_max_us)
        return CLOCK_RECORDED_AHEAD;
    /* Of a journal without commands it is 0. */
    if (flow->now_us != 0 && database_us - flow->now_us > config->clock_recorded_behind_max_us)
        return CLOCK_RECORDED_BEHIND;
    return CLOCK_RIGHT;
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
    warn(flow, wall_us - database_us);
    set_fault(flow, find_fault(flow, wall_us, database_us), wall_us, database_us);
    if (!flow->clock.is_refusing && wall_us > flow->now_us)
        flow->now_us = wall_us;
}

void flow_tell_stand_still(const struct flow *flow)
{
    int64_t database_us = store_database_time(flow->store, clock_monotonic_us());
    int64_t behind_us = database_us - flow->now_us;
    if (flow->now_us == 0 || behind_us < STAND_STILL_US ||
        behind_us > flow->config.clock_recorded_behind_max_us)
        return;
    struct instant recorded = instant_of(flow->now_us);
    struct instant database = instant_of(database_us);
    log_warning("the last command was recorded at %s, the database's clock shows %s: what fell due "
                "since expires now",
        recorded.text, database.text);
}
