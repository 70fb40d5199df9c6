/* moves.c: see moves.h; runs the tests of what the store does between two answers of the database.
 * SPDX-License-Identifier: Apache-2.0 */
#include "moves.h"

#include "support/expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct moves moves;

static void on_standby(void *context)
{
    (void)context;
    moves.standby++;
}

static void on_lives(void *context, const struct journal_lives *lives)
{
    (void)context;
    EXPECT(lives->count > 0);
    moves.lives++;
}

static void on_ready(void *context)
{
    (void)context;
    moves.ready++;
}

static void on_durable(void *context)
{
    (void)context;
    moves.durable++;
}

static void on_state_written(void *context)
{
    (void)context;
    moves.written++;
}

static void on_checked(void *context)
{
    (void)context;
    moves.checked++;
}

static void on_segment_indexed(void *context, const struct indexed_segment *segment)
{
    (void)context;
    moves.indexed = segment->last_sequence;
    for (int kind = 0; kind < PART_KINDS; kind++)
        moves.indexed_parts[kind] = segment->part_counts[kind];
}

static void on_stop(void *context, enum store_end end, const char *reason)
{
    (void)context;
    moves.ends++;
    moves.end = end;
    snprintf(moves.reason, sizeof moves.reason, "%s", reason);
}

static const struct store_handlers handlers = {
    .on_standby = on_standby,
    .on_lives = on_lives,
    .on_ready = on_ready,
    .on_durable = on_durable,
    .on_state_written = on_state_written,
    .on_checked = on_checked,
    .on_segment_indexed = on_segment_indexed,
    .on_stop = on_stop,
};

void moves_begin(void)
{
    const struct store_config config = {
        .conninfo = "played", .segment_commands = SEGMENT, .commands_ahead = SEGMENT};
    memset(&moves, 0, sizeof moves);
    played_begin();
    moves.base = event_base_new();
    EXPECT(moves.base != NULL);
    moves.store = store_open(moves.base, &config, &handlers, NULL);
    for (int64_t first = 1; first < SEGMENTS_END; first += SEGMENT)
        EXPECT(segments_add(&moves.store->segments, first, first + SEGMENT - 1, SEGMENT_OPEN) == 0);
    check_begin(moves.store);
    keeper_begin(moves.store);
    moves.store->position =
        (struct journal_position){.epoch = EPOCH, .batch_number = BATCH, .sequence = SEQUENCE};
    moves.store->keeper.redo_sequence = SEQUENCE - 100;
    moves.store->keeper.write_count = 9;
    seal_init(&moves.store->seal, store_key(moves.store), store_key(moves.store),
        &moves.store->first_identity);
    moves.store->phase = STORE_READY;
    moves.store->is_writer_settled = true;
    WRITER->is_ready = CHECKER->is_ready = true;
    moves.store->was_writer_ready = true;
}

void moves_end(void)
{
    store_close(moves.store);
    event_base_free(moves.base);
}

bool moves_pauses(const struct event *timer)
{
    return event_pending(timer, EV_TIMEOUT, NULL) != 0;
}

void moves_end_pause(struct event *timer)
{
    event_del(timer);
    event_active(timer, EV_TIMEOUT, 0);
    event_base_loop(moves.base, EVLOOP_NONBLOCK);
}

int main(void)
{
    SRunner *runner = srunner_create(writer_suite());
    srunner_add_suite(runner, keeper_suite());
    srunner_add_suite(runner, start_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
