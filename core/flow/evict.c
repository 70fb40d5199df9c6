/* evict.c: final records leave memory; what names them brings them back (admission/).
 *
 * What leaves was last changed in an indexed segment, and its state row is written. The bound that
 * says so is used some seconds after it was found, so that a replica has such rows, too; an answer
 * that is older than the bound says nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "flow/internal.h"

#define EVICT_TURN_US 5000000
/* Some 200,000 ids a second, far more than can be given. */
#define EVICT_STEP_US 20000
#define EVICT_STEP_IDS 4096

void flow_evict(struct flow *flow)
{
    int64_t now_us = flow->now_monotonic_us;
    if (now_us >= flow->evict_turn_us) {
        int64_t recent = recent_first_sequence(flow->recent);
        int64_t written = store_redo_sequence(flow->store);
        if (flow->evicted_next > flow->evicted_before)
            flow->evicted_before = flow->evicted_next;
        flow->evicted_next = written < recent ? written : recent;
        flow->evict_turn_us = now_us + EVICT_TURN_US;
    }
    if (now_us < flow->evict_step_us)
        return;
    /* The redo point at the start can lie in a segment that is not indexed. */
    int64_t recent = recent_first_sequence(flow->recent);
    engine_evict(flow->engine, EVICT_STEP_IDS,
        flow->evicted_before < recent ? flow->evicted_before : recent);
    flow->evict_step_us = now_us + EVICT_STEP_US;
}
