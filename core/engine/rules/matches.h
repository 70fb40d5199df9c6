/* matches.h: which line of the bank's statements is what the ledger booked.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_MATCHES_H
#define VSL_ENGINE_RULES_MATCHES_H

#include "engine/memory/memory.h"

/* Rows of record_rules.c. */
void index_matched_booking(struct engine *engine, int64_t booking_id);
void unindex_matched_booking(struct engine *engine, int64_t booking_id);

/* Whether a line of the bank is matched to the receipt or interest with that sequence number. */
MUST_USE bool is_matched_receipt(const struct engine *engine, int64_t sequence);

/* Looks at all lines and bookings that are in memory: the id of a line whose status is not what is
 * matched of it, or one behind the last of lines when the bookings are not found as they should be;
 * 0: there is none. */
MUST_USE int64_t find_wrong_match(const struct engine *engine);

#endif
