/* adjustments.c: what a journal of before 0.3.0 has of adjustments, which had their own proposals:
 * nobody decides them any more; those that are open end when their time is over.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "engine/engine.h"
#include "outcomes.h"
#include "suites.h"
#include "support/expect.h"

#define NOW_US (TEST_DATE * INT64_C(86400000000))

enum { APPROVED = 1, WITHDRAWN, EXPIRED, OVER, AHEAD, NONE };

static struct effects effects;
static int64_t sequence;

static enum outcome execute(struct engine *engine, int64_t now_us, struct command command)
{
    engine_execute(engine, now_us, ++sequence, &command, &effects);
    expect_listed(command.kind, effects.outcome);
    return effects.outcome;
}

/* Does it on `from`, and loads what the journal would have of it into `to`. */
static void journal_has(struct engine *from, struct engine *to, struct command command)
{
    EXPECT(execute(from, NOW_US, command) == OUTCOME_ACCEPTED);
    for (uint32_t i = 0; i < effects.image_count; i++)
        engine_load_image(to, sequence, &effects.images[i]);
}

/* Ledgers 1 and 2, accounts 13 and 14, and an adjustment between them in each state. */
static struct engine *create(void)
{
    static const struct {
        enum adjustment_status status;
        int64_t expires_at_us;
    } rows[] = {
        [APPROVED] = {ADJUSTMENT_APPROVED, NOW_US},
        [WITHDRAWN] = {ADJUSTMENT_WITHDRAWN, NOW_US},
        [EXPIRED] = {ADJUSTMENT_EXPIRED, NOW_US - 5},
        [OVER] = {ADJUSTMENT_PROPOSED, NOW_US},
        [AHEAD] = {ADJUSTMENT_PROPOSED, NOW_US + 1},
    };
    const struct command commands[] = {make_open_ledger("1000", TEST_DATE, 0),
        make_open_ledger("2000", TEST_DATE, 0), make_open_member(1, "owner"),
        make_open_account(1, 1), make_open_account(1, 1)};
    struct engine *before = engine_create();
    struct engine *engine = engine_create();
    sequence = 0;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        journal_has(before, engine, commands[i]);
    engine_destroy(before);
    for (int id = APPROVED; id < NONE; id++) {
        const struct image image = {
            .kind = RECORD_ADJUSTMENT,
            .adjustment = {.id = id,
                .ledger_id = 1,
                .debit_account_id = 13,
                .credit_account_id = 14,
                .amount_minor = 1,
                .expires_at_us = rows[id].expires_at_us,
                .proposed_sequence = 1,
                .status = (uint8_t)rows[id].status,
                .maker = "t",
                .maker_length = 1,
                .checker = "u",
                .checker_length = id == APPROVED},
        };
        engine_load_image(engine, sequence, &image);
    }
    engine_load_done(engine);
    char error[200] = "";
    int result = engine_check(engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
    return engine;
}

static enum outcome expire(struct engine *engine, int64_t ledger_id, int64_t id)
{
    return execute(
        engine, NOW_US, command_by(OWN_CHANNEL, make_expire(ledger_id, EXPIRY_ADJUSTMENT, id)));
}

START_TEST(an_open_one_ends_in_time)
{
    struct engine *engine = create();
    struct due due;
    EXPECT(!engine_next_due(engine, NOW_US - 1, &due));
    EXPECT(engine_next_due(engine, NOW_US, &due));
    EXPECT(due.kind == EXPIRY_ADJUSTMENT && due.id == OVER && due.ledger_id == 1);
    EXPECT(expire(engine, 1, OVER) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == OVER && effects.image_count == 1 && effects.posting_count == 0);
    EXPECT(engine_find_adjustment(engine, OVER)->status == ADJUSTMENT_EXPIRED);
    EXPECT(engine_find_adjustment(engine, OVER)->changed_sequence == sequence);
    EXPECT(!engine_next_due(engine, NOW_US, &due));
    EXPECT(engine_next_due(engine, NOW_US + 1, &due) && due.id == AHEAD);
    EXPECT(expire(engine, 1, OVER) == OUTCOME_ADJUSTMENT_EXPIRED);
    engine_destroy(engine);
}
END_TEST

START_TEST(nothing_else_becomes_of_it)
{
    static const enum command_kind kinds[] = {
        COMMAND_PROPOSE_ADJUSTMENT, COMMAND_APPROVE_ADJUSTMENT, COMMAND_WITHDRAW_ADJUSTMENT};
    struct engine *engine = create();
    EXPECT(expire(engine, 1, AHEAD) == OUTCOME_NOT_YET_DUE);
    EXPECT(expire(engine, 1, APPROVED) == OUTCOME_ADJUSTMENT_DECIDED);
    EXPECT(expire(engine, 1, WITHDRAWN) == OUTCOME_ADJUSTMENT_DECIDED);
    EXPECT(expire(engine, 1, EXPIRED) == OUTCOME_ADJUSTMENT_EXPIRED);
    EXPECT(expire(engine, 1, NONE) == OUTCOME_ADJUSTMENT_NOT_FOUND);
    EXPECT(expire(engine, 2, OVER) == OUTCOME_ADJUSTMENT_NOT_FOUND);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct command command = command_by("u", make_of_before(kinds[i], 1));
        if (kinds[i] == COMMAND_APPROVE_ADJUSTMENT)
            command.approve_adjustment.adjustment_id = AHEAD;
        if (kinds[i] == COMMAND_WITHDRAW_ADJUSTMENT)
            command.withdraw_adjustment.adjustment_id = AHEAD;
        EXPECT(execute(engine, NOW_US, command) == OUTCOME_ADJUSTMENT_BY_PROPOSAL);
        EXPECT(effects.image_count == 0 && effects.subject_id == 0);
    }
    EXPECT(engine_find_adjustment(engine, AHEAD)->status == ADJUSTMENT_PROPOSED);
    engine_destroy(engine);
}
END_TEST

Suite *adjustments_suite(void)
{
    Suite *suite = suite_create("adjustments");
    TCase *tests = tcase_create("adjustments");
    tcase_add_test(tests, an_open_one_ends_in_time);
    tcase_add_test(tests, nothing_else_becomes_of_it);
    suite_add_tcase(suite, tests);
    return suite;
}
