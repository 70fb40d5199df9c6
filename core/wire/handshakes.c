/* handshakes.c: turns of sources, paid from a purse of time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/handshakes.h"

#include "base/log.h"
#include "wire/admission.h"

#include <inttypes.h>
#include <stddef.h>

/* A line about those that wait at most so often. */
#define LINE_US (INT64_C(10) * 1000000)
#define COST_US (INT64_C(1000000) / HANDSHAKES_PER_SECOND)

void handshakes_start(struct handshakes *handshakes, int64_t now_us)
{
    TAILQ_INIT(&handshakes->waiting);
    handshakes->looked_us = now_us;
    handshakes->free_us = COST_US * HANDSHAKES_BURST;
}

static bool try_pay(struct handshakes *handshakes, int64_t now_us)
{
    handshakes->free_us += now_us - handshakes->looked_us;
    handshakes->looked_us = now_us;
    if (handshakes->free_us > COST_US * HANDSHAKES_BURST)
        handshakes->free_us = COST_US * HANDSHAKES_BURST;
    if (handshakes->free_us < COST_US)
        return false;
    handshakes->free_us -= COST_US;
    return true;
}

bool handshakes_come(struct handshakes *handshakes, struct handshake *handshake,
    const struct source *source, int64_t now_us)
{
    handshake->source = source;
    if (TAILQ_EMPTY(&handshakes->waiting) && try_pay(handshakes, now_us)) {
        handshakes->last_number = source->number;
        return true;
    }
    handshake->is_waiting = true;
    handshakes->delayed++;
    TAILQ_INSERT_TAIL(&handshakes->waiting, handshake, link);
    return false;
}

/* Whose turn it is: the source's whose number follows that of the last one, in a circle. */
static struct handshake *choose(const struct handshakes *handshakes)
{
    struct handshake *each;
    struct handshake *least = NULL;
    struct handshake *next = NULL;
    TAILQ_FOREACH(each, &handshakes->waiting, link)
    {
        if (!least || each->source->number < least->source->number)
            least = each;
        if (each->source->number > handshakes->last_number &&
            (!next || each->source->number < next->source->number))
            next = each;
    }
    return next ? next : least;
}

struct handshake *handshakes_next(struct handshakes *handshakes, int64_t now_us)
{
    struct handshake *next = choose(handshakes);
    if (!next || !try_pay(handshakes, now_us))
        return NULL;
    handshakes->last_number = next->source->number;
    handshakes_leave(handshakes, next);
    return next;
}

void handshakes_leave(struct handshakes *handshakes, struct handshake *handshake)
{
    if (handshake->is_waiting)
        TAILQ_REMOVE(&handshakes->waiting, handshake, link);
    handshake->is_waiting = false;
}

int64_t handshakes_pause_us(const struct handshakes *handshakes)
{
    return handshakes->free_us >= COST_US ? 0 : COST_US - handshakes->free_us;
}

void handshakes_fail(struct handshakes *handshakes, const char *reason)
{
    handshakes->failed++;
    handshakes->failed_reason = reason;
}

static void tell_failed(struct handshakes *handshakes, int64_t now_us)
{
    if (handshakes->failed == handshakes->failed_said ||
        (handshakes->failed_said_us != 0 && now_us - handshakes->failed_said_us < LINE_US))
        return;
    log_warning("TLS handshakes failed count=%" PRIu64 " reason=\"%s\" failed=%" PRIu64,
        handshakes->failed - handshakes->failed_said, handshakes->failed_reason,
        handshakes->failed);
    handshakes->failed_said = handshakes->failed;
    handshakes->failed_said_us = now_us;
}

void handshakes_tick(struct handshakes *handshakes, int64_t now_us)
{
    tell_failed(handshakes, now_us);
    if (handshakes->delayed == handshakes->said ||
        (handshakes->said_us != 0 && now_us - handshakes->said_us < LINE_US))
        return;
    log_warning("TLS handshakes waited for their turn count=%" PRIu64
                " per_second=%d waited=%" PRIu64,
        handshakes->delayed - handshakes->said, HANDSHAKES_PER_SECOND, handshakes->delayed);
    handshakes->said = handshakes->delayed;
    handshakes->said_us = now_us;
}
