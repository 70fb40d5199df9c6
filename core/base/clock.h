/* clock.h: the machine's clocks. Only the flow of a turn and the edges read them; the engine never.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_CLOCK_H
#define VSL_BASE_CLOCK_H

#include <stdint.h>

/* Wall clock, microseconds since 1970-01-01 UTC. May step back; see flow for the guard. */
int64_t clock_wall_us(void);

/* Monotonic clock, microseconds since some start. For deadlines and durations. */
int64_t clock_monotonic_us(void);

#endif
