/* places.c: ids go on while places in memory come round.
 *
 * Looks into the engine's memory, since that is what it is about: from outside an engine whose
 * slots never came round would answer the same, until its memory is full.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "engine/memory/blocks.h"
#include "engine/memory/memory.h"
#include "suites.h"
#include "support/expect.h"

#include <stdio.h>

#define NOW_US (TEST_DATE * INT64_C(86400000000))

enum { TAKEN_MAX = 1024, ROUND = 3 * BLOCK_IDS };

static struct effects effects;
static int64_t sequence;

static enum outcome execute(struct engine *engine, struct command command)
{
    engine_execute(engine, NOW_US, ++sequence, &command, &effects);
    return effects.outcome;
}

/* A ledger (1) with a member (1) and accounts 7 and 8, 1,000,000 in 7. */
static struct engine *create(void)
{
    struct engine *engine = engine_create();
    sequence = 0;
    EXPECT(execute(engine, make_open_ledger("1000", TEST_DATE, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_member(1, "owner")) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_receipt(1, 7, 1000000)) == OUTCOME_ACCEPTED);
    return engine;
}

static void expect_sound(const struct engine *engine)
{
    char error[200] = "";
    int result = engine_check(engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
}

static int64_t place(struct engine *engine)
{
    EXPECT(execute(engine, make_place_hold(1, 7, 1, "order", NOW_US + 1)) == OUTCOME_ACCEPTED);
    return effects.subject_id;
}

static void cancel(struct engine *engine, int64_t hold_id)
{
    EXPECT(execute(engine, make_cancel_hold(1, 7, "order", hold_id, 0)) == OUTCOME_ACCEPTED);
}

/* All that is final leaves, as when everything is written behind. */
static uint32_t let_go(struct engine *engine)
{
    static struct image images[TAKEN_MAX];
    static int64_t sequences[TAKEN_MAX];
    int64_t redo;
    while (engine_take_changed(
               engine, sequence, TAKEN_MAX, sequence + 1, images, sequences, &redo) > 0)
        continue;
    return engine_evict(engine, INT64_MAX, sequence + 1);
}

START_TEST(slots_come_round)
{
    struct engine *engine = create();
    const struct blocks *blocks = &engine->blocks[RECORD_HOLD];
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < ROUND; i++)
            cancel(engine, place(engine));
        EXPECT(let_go(engine) == ROUND);
        EXPECT(blocks->counts.used == 0);
        EXPECT(blocks->counts.ever <= ROUND / BLOCK_IDS + 1);
        expect_sound(engine);
    }
    EXPECT(engine_last_id(engine, RECORD_HOLD) == 20 * ROUND);
    EXPECT(engine_next_record(engine, RECORD_HOLD, 0) == 0);
    engine_destroy(engine);
}
END_TEST

/* One of each block stays; they are found by id, by order and one after the other. */
START_TEST(who_stays_keeps_a_block)
{
    enum { ROUNDS = 8 };
    struct engine *engine = create();
    int64_t stays[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < BLOCK_IDS; i++) {
            int64_t id = place(engine);
            if (i == 100)
                stays[round] = id;
            else
                cancel(engine, id);
        }
        EXPECT(let_go(engine) == BLOCK_IDS - 1);
    }
    int64_t id = 0;
    for (int round = 0; round < ROUNDS; round++) {
        id = engine_next_record(engine, RECORD_HOLD, id);
        EXPECT(id == stays[round]);
        EXPECT(engine_find_hold(engine, id)->id == id);
        EXPECT(engine_find_hold(engine, id + 1) == NULL);
    }
    EXPECT(engine_next_record(engine, RECORD_HOLD, id) == 0);
    EXPECT(engine->blocks[RECORD_HOLD].counts.used == ROUNDS);
    expect_sound(engine);
    /* Without an id all of the order are meant, the oldest first. */
    EXPECT(execute(engine, make_cancel_hold(1, 7, "order", 0, ROUNDS)) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == stays[0] && effects.image_count == ROUNDS);
    EXPECT(let_go(engine) == ROUNDS);
    EXPECT(engine->blocks[RECORD_HOLD].counts.used == 0);
    engine_destroy(engine);
}
END_TEST

static struct image finished_hold(int64_t id)
{
    return (struct image){
        .kind = RECORD_HOLD,
        .hold = {.id = id,
            .ledger_id = 1,
            .payer_account_id = 7,
            .amount_minor = 1,
            .cancelled_minor = 1,
            .expires_at_us = NOW_US + 1,
            .placed_sequence = 1,
            .changed_sequence = 1,
            .status = HOLD_FINISHED,
            .order_number = "order",
            .order_number_length = 5},
    };
}

/* An old one comes back between blocks that are in use, and leaves again; what is undone leaves no
 * block behind. */
START_TEST(old_ones_come_back)
{
    struct engine *engine = create();
    const int64_t late = (INT64_C(1) << 40) + BLOCK_IDS - 1;
    struct image last = finished_hold(late);
    engine_load_image(engine, 1, &last);
    int64_t live = place(engine); /* the first of its block */
    EXPECT(live == late + 1);
    const int64_t olds[] = {1, INT64_C(1) << 33, BLOCK_IDS, (INT64_C(1) << 33) + 1, late};
    const int64_t in_order[] = {1, BLOCK_IDS, INT64_C(1) << 33, (INT64_C(1) << 33) + 1, late, live};
    for (size_t i = 0; i < sizeof olds / sizeof *olds; i++) {
        struct image old = finished_hold(olds[i]);
        EXPECT(engine_revive(engine, &old) == 0);
        EXPECT(engine_find_hold(engine, olds[i])->id == olds[i]);
    }
    int64_t id = 0;
    for (size_t i = 0; i < sizeof in_order / sizeof *in_order; i++) {
        id = engine_next_record(engine, RECORD_HOLD, id);
        EXPECT(id == in_order[i]);
    }
    expect_sound(engine);
    EXPECT(let_go(engine) == sizeof olds / sizeof *olds);
    EXPECT(engine->blocks[RECORD_HOLD].counts.used == 1);

    const struct slot_counts before = engine->blocks[RECORD_HOLD].counts;
    engine_begin(engine);
    for (int i = 0; i < 2 * BLOCK_IDS; i++) {
        char order[16];
        snprintf(order, sizeof order, "%d", i);
        EXPECT(execute(engine, make_place_hold(1, 7, 1, order, NOW_US + 1)) == OUTCOME_ACCEPTED);
    }
    EXPECT(engine->blocks[RECORD_HOLD].counts.used == 3);
    engine_rollback(engine);
    EXPECT(memcmp(&engine->blocks[RECORD_HOLD].counts, &before, sizeof before) == 0);
    EXPECT(engine_last_id(engine, RECORD_HOLD) == live);
    expect_sound(engine);
    cancel(engine, live);
    engine_destroy(engine);
}
END_TEST

/* Memory is full of what is live: new ones are refused until others are final, and old ones still
 * come back. */
START_TEST(no_slot_is_left)
{
    static const struct {
        enum record_kind kind;
        enum outcome refusal;
    } rows[] = {
        {RECORD_HOLD, OUTCOME_TOO_MANY_HOLDS},
        {RECORD_FREEZE, OUTCOME_TOO_MANY_FREEZES},
        {RECORD_PAYOUT, OUTCOME_TOO_MANY_PAYOUTS},
        {RECORD_PROPOSAL, OUTCOME_TOO_MANY_PROPOSALS},
    };
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct engine *engine = create();
        struct blocks *blocks = &engine->blocks[rows[row].kind];
        const struct command inside = make_fee(1, 7, 1);
        const struct command commands[] = {
            [RECORD_HOLD] = make_place_hold(1, 7, 1, "", NOW_US + 1),
            [RECORD_FREEZE] = make_place_freeze(1, 7, 1, "risk", 0),
            [RECORD_PAYOUT] = make_withdraw(1, 7, 1, 0, 0),
            [RECORD_PROPOSAL] = make_proposal(1, &inside, NOW_US + 1),
        };
        struct command command = commands[rows[row].kind];
        char order[12] = "";
        blocks->slots_max = SLOTS_FOR_REVIVAL + 4; /* of which two may be needed by one command */
        int count = 0;
        for (;;) {
            if (rows[row].kind == RECORD_HOLD) {
                snprintf(order, sizeof order, "%05d", count);
                command.place_hold.order_number = (struct text){order, 5};
            }
            if (execute(engine, command) != OUTCOME_ACCEPTED)
                break;
            count++;
        }
        EXPECT(effects.outcome == rows[row].refusal);
        EXPECT(blocks->counts.used == 3 && count == 2 * BLOCK_IDS);
        if (rows[row].kind == RECORD_HOLD) {
            let_go(engine);
            for (int id = 1; id < BLOCK_IDS; id++) {
                snprintf(order, sizeof order, "%05d", id - 1);
                EXPECT(execute(engine, make_cancel_hold(1, 7, order, id, 0)) == OUTCOME_ACCEPTED);
            }
            EXPECT(execute(engine, command) == rows[row].refusal);
            EXPECT(let_go(engine) == BLOCK_IDS - 1);
            EXPECT(execute(engine, command) == OUTCOME_ACCEPTED);
            struct image old = finished_hold(1);
            EXPECT(engine_revive(engine, &old) == 0);
        }
        expect_sound(engine);
        blocks->slots_max = SLOTS_MAX; /* as its memory was reserved */
        engine_destroy(engine);
    }
}
END_TEST

Suite *places_suite(void)
{
    Suite *suite = suite_create("places");
    TCase *tests = tcase_create("places");
    tcase_add_test(tests, slots_come_round);
    tcase_add_test(tests, who_stays_keeps_a_block);
    tcase_add_test(tests, old_ones_come_back);
    tcase_add_test(tests, no_slot_is_left);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite;
}
