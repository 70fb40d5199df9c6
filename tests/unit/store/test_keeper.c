/* test_keeper.c: the second connection: what it finds, what is most urgent, what it does when the
 * database refuses.
 * SPDX-License-Identifier: Apache-2.0 */
#include "moves.h"

#include "support/expect.h"

#include <string.h>

#define JOB_TIMEOUT_US INT64_C(900000000)

static const struct pg_result nothing = {.rows = 0};
static const struct pg_result as_known = {.rows = 1, .cells = {{SEQUENCE - 100, 9}}};

/* Connected, and what it found fits to what is known. */
static void begin_usable(void)
{
    moves_begin();
    played_connect(KEEPER);
    EXPECT(played_asks(KEEPER, "vsl_redo_sequence"));
    played_answer(KEEPER, &as_known);
    EXPECT(played_asks(KEEPER, "vsl_segments"));
    played_answer(KEEPER, &nothing);
    EXPECT(store_can_write_state(moves.store) && played_asks(KEEPER, NULL));
}

/* ---- keys of the ring ---- */

static struct {
    int32_t wrong;
    uint32_t count;
} told;

static void on_keys(void *context, int32_t wrong_number)
{
    EXPECT(context == &told);
    told.wrong = wrong_number;
    told.count++;
}

/* Those that come with a reload: whatever is refused or lost, there is one answer, to the last. */
START_TEST(new_keys_are_noted)
{
    static const struct proof_check checks[2] = {{.number = 1}, {.number = 2}};
    static const struct pg_result second = {.rows = 1, .cells = {{2}}};
    told.wrong = -1;
    told.count = 0;
    begin_usable();
    EXPECT(!store_note_keys(moves.store, checks, 1, on_keys, &told));
    EXPECT(played_asks(KEEPER, "vsl_note_keys"));
    played_refuse(KEEPER, "57P03");
    EXPECT(told.count == 0 && moves_pauses(moves.store->keeper.timer));
    moves_end_pause(moves.store->keeper.timer);
    EXPECT(played_asks(KEEPER, "vsl_note_keys"));
    EXPECT(!store_note_keys(moves.store, checks, 2, on_keys, &told));
    played_answer(KEEPER, &nothing);
    EXPECT(told.count == 0 && played_asks(KEEPER, "vsl_note_keys"));
    played_answer(KEEPER, &second);
    EXPECT(told.count == 1 && told.wrong == 2 && played_asks(KEEPER, NULL));
    EXPECT(!store_note_keys(moves.store, checks, 2, on_keys, &told));
    played_break(KEEPER);
    EXPECT(told.count == 1);
    played_connect(KEEPER);
    played_answer(KEEPER, &as_known);
    played_answer(KEEPER, &nothing);
    EXPECT(played_asks(KEEPER, "vsl_note_keys"));
    played_answer(KEEPER, &nothing);
    EXPECT(told.count == 2 && told.wrong == 0 && moves.ends == 0);
    moves_end();
}
END_TEST

/* ---- what it finds ---- */

START_TEST(what_the_database_has_of_the_state)
{
    static const struct {
        int64_t rows, redo_sequence, write_count;
        uint32_t ends;
        enum store_end end;
    } cases[] = {
        {1, SEQUENCE - 100, 9, 0, STORE_UNUSABLE},
        {1, SEQUENCE - 99, 10, 0, STORE_UNUSABLE},
        {1, SEQUENCE - 101, 9, 1, STORE_LOADS_ANEW},
        {1, SEQUENCE - 100, 8, 1, STORE_LOADS_ANEW},
        {0, 0, 0, 1, STORE_UNUSABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        moves_begin();
        played_connect(KEEPER);
        const struct pg_result found = {.rows = (size_t)cases[i].rows,
            .cells = {{cases[i].redo_sequence, cases[i].write_count}}};
        played_answer(KEEPER, &found);
        EXPECT_MSG(moves.ends == cases[i].ends, "%zu: %s", i, moves.reason);
        EXPECT(moves.ends == 0 || moves.end == cases[i].end);
        EXPECT(played_asks(KEEPER, moves.ends ? NULL : "vsl_segments"));
        moves_end();
    }
}
END_TEST

/* Whichever question is refused or lost: nothing is believed of it, it is asked again. */
START_TEST(what_is_refused_is_asked_again)
{
    for (int steps = 0; steps < 2; steps++) {
        for (int is_lost = 0; is_lost < 2; is_lost++) {
            moves_begin();
            played_connect(KEEPER);
            if (steps > 0)
                played_answer(KEEPER, &as_known);
            if (is_lost) {
                played_break(KEEPER);
                EXPECT(!moves_pauses(moves.store->keeper.timer));
                played_connect(KEEPER);
            } else {
                played_refuse(KEEPER, "57P01");
                EXPECT(played_asks(KEEPER, NULL) && moves_pauses(moves.store->keeper.timer));
                keeper_next(moves.store); /* not before the pause is over */
                EXPECT(played_asks(KEEPER, NULL));
                moves_end_pause(moves.store->keeper.timer);
            }
            EXPECT(moves.ends == 0 && played_asks(KEEPER, "vsl_redo_sequence"));
            EXPECT(!store_can_write_state(moves.store));
            struct store_counters counters;
            store_counters(moves.store, &counters);
            EXPECT(counters.reconnects == (uint64_t)is_lost);
            moves_end();
        }
    }
}
END_TEST

START_TEST(segments_of_another_server_are_taken)
{
    static const struct {
        int64_t first;
        uint32_t ends;
    } cases[] = {{SEGMENTS_END + 1, 0}, {SEGMENTS_END + 2, 1}};
    for (int i = 0; i < 2; i++) {
        moves_begin();
        played_connect(KEEPER);
        played_answer(KEEPER, &as_known);
        const struct pg_result seen = {
            .rows = 1, .cells = {{cases[i].first, SEGMENTS_END + SEGMENT, SEGMENT_OPEN}}};
        played_answer(KEEPER, &seen);
        EXPECT(moves.ends == cases[i].ends);
        EXPECT(store_sequence_limit(moves.store) == SEGMENTS_END + (moves.ends ? 0 : SEGMENT));
        EXPECT(store_can_write_state(moves.store) == (moves.ends == 0));
        moves_end();
    }
}
END_TEST

/* ---- segments ---- */

START_TEST(segments_are_made_ahead)
{
    begin_usable();
    /* Two must begin behind the next number. */
    moves.store->position.sequence = SEGMENTS_END - 2 * SEGMENT - 1;
    keeper_next(moves.store);
    EXPECT(played_asks(KEEPER, NULL));
    moves.store->position.sequence++;
    keeper_next(moves.store);
    EXPECT(played_asks(KEEPER, "vsl_make_segment"));
    keeper_next(moves.store); /* one job at a time */
    const struct pg_result made = {.rows = 1, .cells = {{SEGMENTS_END + SEGMENT}}};
    played_answer(KEEPER, &made);
    EXPECT(store_sequence_limit(moves.store) == SEGMENTS_END + SEGMENT);
    EXPECT(played_asks(KEEPER, NULL));
    int64_t first, last;
    store_segment_of(moves.store, SEGMENTS_END + 1, &first, &last);
    EXPECT(first == SEGMENTS_END + 1 && last == SEGMENTS_END + SEGMENT);
    moves_end();
}
END_TEST

/* As many numbers as the largest batch takes must be there, however small segments are. */
START_TEST(there_is_room_for_the_largest_batch)
{
    begin_usable();
    moves.store->commands_ahead = SEGMENTS_END - SEQUENCE;
    keeper_next(moves.store);
    EXPECT(played_asks(KEEPER, NULL));
    moves.store->commands_ahead++;
    keeper_next(moves.store);
    EXPECT(played_asks(KEEPER, "vsl_make_segment"));
    moves_end();
}
END_TEST

/* Perhaps a server that was fenced made it at the same time: what is there is looked at. */
START_TEST(a_segment_that_could_not_be_made)
{
    begin_usable();
    moves.store->commands_ahead = SEGMENTS_END;
    keeper_next(moves.store);
    played_refuse(KEEPER, "53100");
    EXPECT(moves.ends == 0 && !store_can_write_state(moves.store));
    moves_end_pause(moves.store->keeper.timer);
    EXPECT(played_asks(KEEPER, "vsl_redo_sequence"));
    moves_end();
}
END_TEST

START_TEST(a_segment_that_was_made_nowhere)
{
    begin_usable();
    moves.store->commands_ahead = SEGMENTS_END;
    keeper_next(moves.store);
    const struct pg_result made = {.rows = 1, .cells = {{0}}};
    played_answer(KEEPER, &made);
    EXPECT(moves.ends == 1 && moves.end == STORE_UNUSABLE);
    EXPECT(strstr(moves.reason, "vsl.make_segment") != NULL);
    moves_end();
}
END_TEST

/* A start is over when the segments that are needed are there, and not before. */
START_TEST(the_first_segments_make_it_ready)
{
    for (int is_connected = 0; is_connected < 2; is_connected++) {
        moves_begin();
        moves.store->phase = STORE_MAKING_SEGMENTS;
        moves.store->commands_ahead = SEGMENTS_END - SEQUENCE + 1;
        if (!is_connected) {
            played_break(WRITER);
            EXPECT(moves.store->phase == STORE_MAKING_SEGMENTS);
        }
        played_connect(KEEPER);
        played_answer(KEEPER, &as_known);
        played_answer(KEEPER, &nothing);
        EXPECT(moves.ready == 0 && played_asks(KEEPER, "vsl_make_segment"));
        const struct pg_result made = {.rows = 1, .cells = {{SEGMENTS_END + SEGMENT}}};
        played_answer(KEEPER, &made);
        EXPECT(moves.ready == 1);
        EXPECT(moves.store->phase == (is_connected ? STORE_READY : STORE_DOUBT));
        moves_end();
    }
}
END_TEST

/* ---- state ---- */

START_TEST(state_is_written_and_its_point_kept)
{
    begin_usable();
    store_write_state(moves.store, NULL, NULL, 0, SEQUENCE + 1);
    EXPECT(played_asks(KEEPER, "copy in") && !store_can_write_state(moves.store));
    EXPECT(store_redo_sequence(moves.store) == SEQUENCE - 100 && moves.written == 0);
    played_answer(KEEPER, NULL);
    EXPECT(moves.written == 1 && store_can_write_state(moves.store));
    EXPECT(store_redo_sequence(moves.store) == SEQUENCE + 1);
    EXPECT(moves.store->keeper.write_count == 10);
    /* The point never goes back. */
    store_write_state(moves.store, NULL, NULL, 0, SEQUENCE - 50);
    played_answer(KEEPER, NULL);
    EXPECT(store_redo_sequence(moves.store) == SEQUENCE + 1);
    EXPECT(moves.store->keeper.write_count == 11);
    moves_end();
}
END_TEST

START_TEST(state_that_is_refused)
{
    static const struct {
        const char *sqlstate;
        uint32_t ends;
        enum store_end end;
    } cases[] = {
        {"VS001", 1, STORE_FENCED}, {"23505", 1, STORE_UNUSABLE}, {"53100", 0, STORE_UNUSABLE}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin_usable();
        store_write_state(moves.store, NULL, NULL, 0, SEQUENCE);
        played_refuse(KEEPER, cases[i].sqlstate);
        EXPECT(moves.ends == cases[i].ends && moves.written == 0);
        EXPECT(moves.ends == 0 || moves.end == cases[i].end);
        if (moves.ends == 0) {
            moves_end_pause(moves.store->keeper.timer);
            EXPECT(played_asks(KEEPER, "copy in"));
            played_answer(KEEPER, NULL);
            EXPECT(moves.written == 1);
        }
        moves_end();
    }
}
END_TEST

/* A connection that is lost meanwhile: looked around first, then written again. */
START_TEST(state_that_was_lost_is_written_again)
{
    begin_usable();
    store_write_state(moves.store, NULL, NULL, 0, SEQUENCE);
    played_break(KEEPER);
    EXPECT(moves.written == 0 && !store_can_write_state(moves.store));
    played_connect(KEEPER);
    played_answer(KEEPER, &as_known);
    played_answer(KEEPER, &nothing);
    EXPECT(played_asks(KEEPER, "copy in"));
    played_answer(KEEPER, NULL);
    EXPECT(moves.written == 1);
    moves_end();
}
END_TEST

/* ---- indexes ---- */

/* Of the first kind two steps are needed for the parts, of the second one. */
#define HASHES (PART_ENTRIES * 300)
static uint64_t index_hashes[HASHES];

static void index_first(void)
{
    static const uint8_t filter[8];
    const struct indexed_segment segment = {.first_sequence = 1,
        .last_sequence = SEGMENT,
        .min_business_date = 3,
        .max_business_date = 4,
        .key_filter = filter,
        .key_filter_length = sizeof filter,
        .reference_filter = filter,
        .reference_filter_length = sizeof filter};
    static const struct part_hashes hashes[PART_KINDS] = {
        {.hashes = index_hashes, .count = HASHES}, {.hashes = index_hashes, .count = HASHES / 100}};
    for (uint64_t i = 0; i < HASHES; i++)
        index_hashes[i] = i * UINT64_C(0x9e3779b97f4a7c15);
    store_index_segment(moves.store, &segment, hashes, 3, 4);
}

START_TEST(a_segment_is_indexed_step_by_step)
{
    begin_usable();
    index_first();
    EXPECT(played_asks(KEEPER, "vsl_seal_segment"));
    /* State is more urgent than the next step. */
    store_write_state(moves.store, NULL, NULL, 0, SEQUENCE);
    played_answer(KEEPER, &nothing);
    EXPECT(played_asks(KEEPER, "copy in"));
    played_answer(KEEPER, NULL);
    for (int table = 0; table <= JOURNAL_TABLE_COUNT; table++) {
        EXPECT_MSG(played_asks(KEEPER, "vsl_index_segment"), "table %d", table);
        played_answer(KEEPER, &nothing);
    }
    for (int step = 0; step < 3; step++) {
        EXPECT_MSG(played_asks(KEEPER, "vsl_keep_parts"), "step %d", step);
        /* What is refused or lost is made again. */
        played_refuse(KEEPER, "57P01");
        moves_end_pause(moves.store->keeper.timer);
        EXPECT(played_asks(KEEPER, "vsl_keep_parts"));
        played_answer(KEEPER, &nothing);
    }
    EXPECT(played_asks(KEEPER, "vsl_finish_segment") && moves.indexed == 0);
    EXPECT(segments_first_unindexed(&moves.store->segments) == 1);
    played_answer(KEEPER, &nothing);
    EXPECT(moves.indexed == SEGMENT && played_asks(KEEPER, NULL));
    EXPECT(moves.indexed_parts[0] == 300 && moves.indexed_parts[1] == 3);
    EXPECT(segments_first_unindexed(&moves.store->segments) == SEGMENT + 1);
    struct store_counters counters;
    store_counters(moves.store, &counters);
    EXPECT(counters.segments_indexed == 1);
    moves_end();
}
END_TEST

START_TEST(a_segment_that_cannot_be_indexed)
{
    begin_usable();
    index_first();
    played_refuse(KEEPER, "53100");
    EXPECT(moves.ends == 0);
    moves_end_pause(moves.store->keeper.timer);
    EXPECT(played_asks(KEEPER, "vsl_seal_segment"));
    played_answer(KEEPER, &nothing);
    played_refuse(KEEPER, "23505"); /* a number is there twice */
    EXPECT(moves.ends == 1 && moves.end == STORE_UNUSABLE);
    EXPECT(strstr(moves.reason, "segment 1 cannot be indexed") != NULL);
    moves_end();
}
END_TEST

/* ---- silence ---- */

START_TEST(a_job_without_an_answer_has_an_end)
{
    begin_usable();
    played_us += 2 * JOB_TIMEOUT_US;
    keeper_watch(moves.store); /* nothing is under way */
    EXPECT(KEEPER->resets == 0);
    index_first();
    played_us += JOB_TIMEOUT_US;
    keeper_watch(moves.store);
    EXPECT(KEEPER->resets == 0);
    played_us++;
    keeper_watch(moves.store);
    EXPECT(KEEPER->resets == 1);
    keeper_watch(moves.store);
    EXPECT(KEEPER->resets == 1);
    moves_end();
}
END_TEST

START_TEST(nothing_is_begun_after_the_end)
{
    begin_usable();
    moves.store->phase = STORE_STOPPED;
    store_write_state(moves.store, NULL, NULL, 0, SEQUENCE);
    index_first();
    keeper_next(moves.store);
    EXPECT(played_asks(KEEPER, NULL));
    moves_end();
}
END_TEST

Suite *keeper_suite(void)
{
    TCase *cases = tcase_create("keeper");
    tcase_add_test(cases, new_keys_are_noted);
    tcase_add_test(cases, what_the_database_has_of_the_state);
    tcase_add_test(cases, what_is_refused_is_asked_again);
    tcase_add_test(cases, segments_of_another_server_are_taken);
    tcase_add_test(cases, segments_are_made_ahead);
    tcase_add_test(cases, there_is_room_for_the_largest_batch);
    tcase_add_test(cases, a_segment_that_could_not_be_made);
    tcase_add_test(cases, a_segment_that_was_made_nowhere);
    tcase_add_test(cases, the_first_segments_make_it_ready);
    tcase_add_test(cases, state_is_written_and_its_point_kept);
    tcase_add_test(cases, state_that_is_refused);
    tcase_add_test(cases, state_that_was_lost_is_written_again);
    tcase_add_test(cases, a_segment_is_indexed_step_by_step);
    tcase_add_test(cases, a_segment_that_cannot_be_indexed);
    tcase_add_test(cases, a_job_without_an_answer_has_an_end);
    tcase_add_test(cases, nothing_is_begun_after_the_end);
    Suite *suite = suite_create("keeper");
    suite_add_tcase(suite, cases);
    return suite;
}
