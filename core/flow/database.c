/* database.c: whether the database answers, and what clients are told when it does not.
 *
 * It is *away* when a check or a batch has had no answer for so long: then nothing can be said that
 * would be certain, and health is NOT_SERVING. It takes *no commands* when it is away, or when
 * batches could not go out for so long, for instance because its disk is full or segments are
 * missing: then the health of commands alone is NOT_SERVING. In both cases new commands are refused
 * before anything is decided; those that were decided wait on, and are answered when it is back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "flow/internal.h"

#include <inttypes.h>

void flow_database_answered(struct flow *flow)
{
    flow->database.proved_us = clock_monotonic_us();
}

void flow_refuse_away(struct wire_call *call)
{
    struct wire_details details = {
        .reason = REASON_DATABASE_UNAVAILABLE, .retry_after_us = 1000000};
    wire_fail(call, WIRE_UNAVAILABLE,
        WORDING("the database does not answer, so nothing can be said for certain; this request "
                "changed "
                "nothing, send it again later",
            "数据库无应答，无法给出确定的结果；本请求未作任何更改，请稍后重发"),
        &details);
}

void flow_refuse_commands(struct wire_call *call)
{
    struct wire_details details = {
        .reason = REASON_DATABASE_UNAVAILABLE, .retry_after_us = 1000000};
    wire_fail(call, WIRE_UNAVAILABLE,
        WORDING("the database takes no commands; nothing was decided, send the same request again "
                "later",
            "数据库暂不接受指令；未做处理，请稍后重发同一请求"),
        &details);
}

/* Whether something that began then has taken too long. */
static bool is_too_long(const struct flow *flow, int64_t since_us)
{
    return since_us != 0 && flow->now_monotonic_us - since_us > flow->config.database_timeout_us;
}

static void set_away(struct flow *flow, bool is_away)
{
    struct database *database = &flow->database;
    if (is_away == (database->away_us != 0))
        return;
    query_set_away(flow->query, is_away);
    if (is_away) {
        database->away_us = database->proved_us;
        log_warning("the database does not answer since ms=%" PRId64
                    ": reads and commands get UNAVAILABLE, health is NOT_SERVING",
            (flow->now_monotonic_us - database->away_us) / 1000);
        flow_drop_late_answers(flow, true);
        return;
    }
    log_info("the database is back after ms=%" PRId64 ": reads are answered again",
        (flow->now_monotonic_us - database->away_us) / 1000);
    database->away_us = 0;
}

static void set_refusing(struct flow *flow, bool is_refusing)
{
    struct database *database = &flow->database;
    if (is_refusing == (database->refusing_us != 0))
        return;
    if (is_refusing) {
        database->refusing_us = database->settled_us;
        log_warning("the database takes no commands since ms=%" PRId64
                    ": they get UNAVAILABLE, the health of commands is NOT_SERVING",
            (flow->now_monotonic_us - database->refusing_us) / 1000);
        return;
    }
    log_info("the database takes commands again after ms=%" PRId64,
        (flow->now_monotonic_us - database->refusing_us) / 1000);
    database->refusing_us = 0;
}

void flow_watch_database(struct flow *flow)
{
    struct database *database = &flow->database;
    const struct check *check = &flow->check;
    /* The request that found no room may be gone. */
    bool has_room = !flow->is_stalled || flow_has_room(flow, 1);
    bool is_stuck = is_too_long(flow, database->submitted_us);
    bool is_silent = !check->is_done && is_too_long(flow, check->asked_us);
    if (database->settled_us == 0 || (!is_stuck && has_room && store_is_settled(flow->store)))
        database->settled_us = flow->now_monotonic_us;
    set_away(flow, is_silent || is_stuck);
    set_refusing(flow, is_silent || is_stuck || is_too_long(flow, database->settled_us));
    wire_server_set_health(
        flow->wire, database->away_us == 0, database->refusing_us == 0 && !flow->clock.is_refusing);
    flow_drop_late_answers(flow, false);
}
