/* ping_guard.h: polices how often a client pings.
 *
 * Pure. Source: gRPC proposal A8, "Server Enforcement": a ping sooner than the allowed interval
 * after the last good one is a strike, more than two strikes end the connection, and any HEADERS or
 * DATA that the server sends forgives everything, since clients measure bandwidth by a ping after
 * data.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_PING_GUARD_H
#define VSL_WIRE_PING_GUARD_H

#include <stdbool.h>
#include <stdint.h>

/* Interval that is demanded while no call is open. */
#define PING_GUARD_IDLE_INTERVAL_US (INT64_C(7200) * 1000000)

struct ping_guard {
    bool has_last;
    int64_t last_good_us;
    uint32_t strikes;
};

/* A ping came. Returns whether the client may go on; false: send it away. */
bool ping_guard_allows(
    struct ping_guard *guard, int64_t now_us, int64_t interval_min_us, bool has_calls);

/* The server sent HEADERS or DATA. */
void ping_guard_forgive(struct ping_guard *guard);

#endif
