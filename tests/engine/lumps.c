/* lumps.c: a lump from its opening to its end, all or nothing, and what has no room.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/suspense.h"
#include "shop.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

static void expect_sound(const struct engine *engine)
{
    char error[200] = "";
    int result = engine_check(engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
}

static const struct lump *lump_of(const struct stage *stage, int64_t id)
{
    return engine_find_record(stage->engine, RECORD_LUMP, id);
}

START_TEST(line_by_line)
{
    struct stage *stage = stage_create();
    const struct suspense *item = engine_find_record(stage->engine, RECORD_SUSPENSE, X_OPEN);
    EXPECT(suspense_open_minor(item) == 220);
    stage_do(stage, make_line(L_MAIN, K_OPEN, "L-10", A_LINES, 100));
    EXPECT(stage_try(stage, make_close_lump(L_MAIN, K_OPEN)) == OUTCOME_LUMP_COUNT_DIFFERS);
    stage_do(stage, make_line(L_MAIN, K_OPEN, "L-11", A_SPENT, 20));
    int64_t last = stage->sequence;
    stage_do(stage, make_close_lump(L_MAIN, K_OPEN));
    EXPECT(lump_of(stage, K_OPEN)->status == LUMP_CLOSED);
    expect_sound(stage->engine);
    /* The rest of the item is free, and a line that is taken back is open in it. */
    EXPECT(suspense_open_minor(item) == 100);
    stage_do(stage, make_undo_line(L_MAIN, X_OPEN, K_OPEN, last));
    EXPECT(lump_of(stage, K_OPEN)->allocated_count == 3 && suspense_open_minor(item) == 120);
    EXPECT(lump_of(stage, K_OPEN)->status == LUMP_CLOSED);
    stage_do(stage, make_allocate(L_MAIN, X_OPEN, &(struct payee){A_LINES, 120}, 1));
    EXPECT(item->status == SUSPENSE_CLOSED);
    /* Its order may come again with another lump. */
    stage_do(stage, make_line(L_MAIN, K_NEW, "L-11", A_LINES, 1));
    expect_sound(stage->engine);
    stage_destroy(stage);
}
END_TEST

/* An item of which nothing is left may leave memory before its lump is closed. */
START_TEST(the_item_is_used_up_first)
{
    struct stage *stage = stage_create();
    int64_t lump = stage_do(stage, make_open_lump(L_MAIN, X_FREE, 1, 20));
    stage_do(stage, make_line(L_MAIN, lump, "L-10", A_LINES, 20));
    EXPECT(stage_try(stage, make_allocate(L_MAIN, X_FREE, &(struct payee){A_LINES, 1}, 1)) ==
           OUTCOME_SUSPENSE_FINAL);
    engine_evict(stage->engine, INT64_MAX, stage->sequence + 1);
    expect_sound(stage->engine);
    stage_do(stage, make_close_lump(L_MAIN, lump));
    expect_sound(stage->engine);
    stage_destroy(stage);
}
END_TEST

/* Whether the batch of these may be decided: in a scope that is rolled back. */
static bool is_torn_after(struct stage *stage, const struct command *commands, size_t count)
{
    engine_begin(stage->engine);
    for (size_t i = 0; i < count; i++) {
        struct command command = stage_with_original(stage, &commands[i]);
        command.is_atomic = true;
        engine_execute(stage->engine, stage->now_us, stage->sequence + 1 + (int64_t)i, &command,
            &stage->effects);
        EXPECT_MSG(stage->effects.outcome == OUTCOME_ACCEPTED, "command %zu: %s", i,
            outcome_name((int)stage->effects.outcome));
    }
    bool is_torn = engine_is_torn(stage->engine);
    engine_rollback(stage->engine);
    EXPECT(!engine_is_torn(stage->engine));
    return is_torn;
}

START_TEST(all_or_nothing)
{
    struct stage *stage = stage_create();
    const struct command line = make_line(L_MAIN, K_ALL, "L-10", A_LINES, 80);
    const struct command closed[] = {line, make_close_lump(L_MAIN, K_ALL)};
    EXPECT(is_torn_after(stage, closed, 1));
    EXPECT(!is_torn_after(stage, closed, 2));
    EXPECT(!is_torn_after(stage, closed, 0));
    for (int i = 0; i < 2; i++) {
        struct command command = closed[i];
        command.is_atomic = true;
        stage_do(stage, command);
        EXPECT(engine_is_torn(stage->engine) == (i == 0));
        expect_sound(stage->engine);
    }
    /* Closed, a line may be taken back as any other. */
    stage_do(stage, make_undo_line(L_MAIN, X_ALL, K_ALL, stage->sequence - 1));
    EXPECT(!engine_is_torn(stage->engine));
    expect_sound(stage->engine);
    stage_destroy(stage);
}
END_TEST

START_TEST(no_room)
{
    struct stage *stage = stage_create();
    struct image last = {.kind = RECORD_LUMP,
        .lump = {.id = LUMPS_MAX,
            .ledger_id = L_MAIN,
            .suspense_id = X_SHUT,
            .control_count = 1,
            .control_minor = 1,
            .status = LUMP_CANCELLED}};
    engine_load_image(stage->engine, stage->sequence, &last);
    struct command command = make_open_lump(L_MAIN, X_FREE, 1, 1);
    engine_execute(stage->engine, stage->now_us, stage->sequence + 1, &command, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_TOO_MANY_LUMPS);
    stage_destroy(stage);
}
END_TEST

Suite *lumps_suite(void)
{
    Suite *suite = suite_create("lumps");
    TCase *tests = tcase_create("lumps");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, line_by_line);
    tcase_add_test(tests, the_item_is_used_up_first);
    tcase_add_test(tests, all_or_nothing);
    tcase_add_test(tests, no_room);
    suite_add_tcase(suite, tests);
    return suite;
}
