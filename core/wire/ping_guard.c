/* ping_guard.c: strikes for pings.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/ping_guard.h"

#define STRIKES_MAX 2

bool ping_guard_allows(
    struct ping_guard *guard, int64_t now_us, int64_t interval_min_us, bool has_calls)
{
    int64_t interval_us = interval_min_us;
    if (!has_calls && interval_us < PING_GUARD_IDLE_INTERVAL_US)
        interval_us = PING_GUARD_IDLE_INTERVAL_US;
    if (!guard->has_last || now_us - guard->last_good_us >= interval_us) {
        guard->has_last = true;
        guard->last_good_us = now_us;
        return true;
    }
    guard->strikes++;
    return guard->strikes <= STRIKES_MAX;
}

void ping_guard_forgive(struct ping_guard *guard)
{
    guard->has_last = false;
    guard->strikes = 0;
}
