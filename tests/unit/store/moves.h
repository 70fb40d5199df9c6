/* moves.h: a store that is the writer, on played connections, and what it tells its owner.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_STORE_MOVES_H
#define VSL_TESTS_STORE_MOVES_H

#include "played_pg.h"

#include <check.h>
#include <event2/event.h>

/* Where its journal is; segments are there up to SEGMENTS_END. */
enum { EPOCH = 5, BATCH = 40, SEQUENCE = 1000, SEGMENT = 500, SEGMENTS_END = 2500 };

#define WRITER (&played[0])
#define CHECKER (&played[1])
#define KEEPER (&played[2])

struct moves {
    struct store *store;
    struct event_base *base;
    uint32_t standby, lives, ready, durable, written, checked;
    int64_t indexed; /* the last number of the segment; 0: none */
    size_t indexed_parts[PART_KINDS];
    uint32_t ends;
    enum store_end end;
    char reason[400];
};
extern struct moves moves;

/* A writer without a batch, all connections but the keeper's made. */
void moves_begin(void);
void moves_end(void);
/* Whether a pause is under way; it ends. */
bool moves_pauses(const struct event *timer);
void moves_end_pause(struct event *timer);

Suite *writer_suite(void);
Suite *keeper_suite(void);
Suite *start_suite(void);

#endif
