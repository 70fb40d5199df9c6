/* restrictions.c: what one owner restricts stays when another one lifts its own, over a restart
 * too; who may lift whose; and what was restricted before there were owners.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "suites.h"
#include "support/expect.h"

#include <stdio.h>

#define NOW_US ((TEST_DATE + 2000) * INT64_C(86400000000))

enum { ACCOUNT = 7, OTHER = 8 };

static struct effects effects;
static int64_t sequence;

static enum outcome execute(struct engine *engine, const char *channel, struct command command)
{
    command = command_by(channel, command);
    engine_execute(engine, NOW_US, ++sequence, &command, &effects);
    return effects.outcome;
}

static struct engine *create(void)
{
    struct engine *engine = engine_create();
    sequence = 0;
    EXPECT(execute(engine, "t", make_open_ledger("1000", TEST_DATE, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, "t", make_open_member(1, "owner")) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, "t", make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, "t", make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, "t", make_receipt(1, ACCOUNT, 1000)) == OUTCOME_ACCEPTED);
    return engine;
}

static enum outcome restrict_by(struct engine *engine, const char *channel, bool no_in, bool no_out)
{
    return execute(engine, channel, make_restrict(1, ACCOUNT, no_in, no_out));
}

static enum outcome pay(struct engine *engine)
{
    return execute(engine, "t", make_pay(1, ACCOUNT, OTHER, 1, 0));
}

static void expect_owners(const struct engine *engine, const char *owners)
{
    struct restriction found[RESTRICTIONS_PER_ACCOUNT_MAX];
    char names[RESTRICTIONS_PER_ACCOUNT_MAX * (CHANNEL_BYTES_MAX + 1) + 1] = "";
    size_t length = 0;
    uint32_t count = engine_restrictions(engine, ACCOUNT, found);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(names + length, found[i].owner, found[i].owner_length);
        length += found[i].owner_length;
        names[length++] = ' ';
    }
    EXPECT_MSG(strcmp(names, owners) == 0, "'%s' and not '%s'", names, owners);
    char error[200] = "";
    int result = engine_check(engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
}

/* The engine as a start would make it from the records. */
static struct engine *restart(struct engine *engine)
{
    struct engine *again = engine_create();
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        FOR_EACH_RECORD(engine, (enum record_kind)kind, id)
        {
            struct image image = {.kind = (enum record_kind)kind};
            memcpy(image_record(&image), record_at(engine, (enum record_kind)kind, id),
                record_tables[kind].bytes);
            engine_load_image(again, sequence, &image);
        }
    }
    engine_load_done(again);
    engine_destroy(engine);
    return again;
}

START_TEST(two_restrictions_are_two)
{
    struct engine *engine = create();
    EXPECT(restrict_by(engine, "court", false, true) == OUTCOME_ACCEPTED);
    EXPECT(restrict_by(engine, "risk", true, true) == OUTCOME_ACCEPTED);
    expect_owners(engine, "risk court ");
    EXPECT(restrict_by(engine, "risk", true, false) == OUTCOME_ACCEPTED);
    EXPECT(pay(engine) == OUTCOME_ACCOUNT_RESTRICTED_OUT);
    if (_i == 1)
        engine = restart(engine);
    EXPECT(restrict_by(engine, "risk", false, false) == OUTCOME_ACCEPTED);
    expect_owners(engine, "court ");
    EXPECT(pay(engine) == OUTCOME_ACCOUNT_RESTRICTED_OUT);
    EXPECT(restrict_by(engine, "risk", false, false) == OUTCOME_RESTRICTION_NOT_FOUND);
    EXPECT(execute(engine, "t", make_receipt(1, ACCOUNT, 1)) == OUTCOME_ACCEPTED);
    EXPECT(restrict_by(engine, "court", false, false) == OUTCOME_ACCEPTED);
    expect_owners(engine, "");
    EXPECT(pay(engine) == OUTCOME_ACCEPTED);
    engine_destroy(engine);
}
END_TEST

START_TEST(anothers_is_lifted_by_two_persons)
{
    struct engine *engine = create();
    EXPECT(restrict_by(engine, "court", false, true) == OUTCOME_ACCEPTED);
    struct command lift = make_lift_of(1, ACCOUNT, "court", false, false);
    EXPECT(execute(engine, "ops1", lift) == OUTCOME_APPROVAL_NEEDED);
    EXPECT(effects.image_count == 0);
    EXPECT(execute(engine, "ops1", make_proposal(1, &lift, INT64_MAX)) == OUTCOME_ACCEPTED);
    struct command approved = by_approval(effects.subject_id, lift);
    EXPECT(restrict_by(engine, "risk", true, true) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, "ops2", approved) == OUTCOME_ACCEPTED);
    expect_owners(engine, "risk ");
    EXPECT(pay(engine) == OUTCOME_ACCOUNT_RESTRICTED_OUT);
    engine_destroy(engine);
}
END_TEST

static enum outcome restrict_by_caller(
    struct engine *engine, int64_t caller, const char *channel, bool no_in, bool no_out)
{
    return execute(
        engine, channel, command_of_caller(caller, make_restrict(1, ACCOUNT, no_in, no_out)));
}

/* A caller is one person by whichever channel, and two callers are two by one channel. */
START_TEST(a_callers_is_his_by_every_channel)
{
    struct engine *engine = create();
    EXPECT(restrict_by_caller(engine, 1, "risk", false, true) == OUTCOME_ACCEPTED);
    EXPECT(restrict_by_caller(engine, 2, "risk", false, false) == OUTCOME_RESTRICTION_NOT_FOUND);
    EXPECT(restrict_by_caller(engine, 2, "risk", true, false) == OUTCOME_ACCEPTED);
    expect_owners(engine, "risk risk ");
    if (_i == 1)
        engine = restart(engine);
    /* By another channel he adds to his own, which keeps its name. */
    EXPECT(restrict_by_caller(engine, 1, "desk", true, true) == OUTCOME_ACCEPTED);
    expect_owners(engine, "risk risk ");
    struct command named = command_of_caller(1, make_lift_of(1, ACCOUNT, "desk", true, false));
    EXPECT(execute(engine, "desk", named) == OUTCOME_ACCEPTED);
    EXPECT(pay(engine) == OUTCOME_ACCEPTED);
    EXPECT(restrict_by_caller(engine, 1, "desk", false, false) == OUTCOME_ACCEPTED);
    expect_owners(engine, "risk ");
    /* The other one's stays, and is lifted by two, by the channel that it was set by. */
    EXPECT(restrict_by_caller(engine, 1, "risk", false, false) == OUTCOME_RESTRICTION_NOT_FOUND);
    struct command others = command_of_caller(1, make_lift_of(1, ACCOUNT, "risk", false, false));
    EXPECT(execute(engine, "desk", others) == OUTCOME_APPROVAL_NEEDED);
    EXPECT(execute(engine, "desk", make_proposal(1, &others, INT64_MAX)) == OUTCOME_ACCEPTED);
    struct command approved = by_approval(effects.subject_id, others);
    EXPECT(execute(engine, "ops", approved) == OUTCOME_ACCEPTED);
    expect_owners(engine, "");
    engine_destroy(engine);
}
END_TEST

/* Where one of the two callers is not known their channels say whose it is. */
START_TEST(of_an_unknown_caller_the_channel_counts)
{
    struct engine *engine = create();
    EXPECT(restrict_by_caller(engine, 0, "risk", false, true) == OUTCOME_ACCEPTED);
    EXPECT(restrict_by_caller(engine, 1, "desk", false, false) == OUTCOME_RESTRICTION_NOT_FOUND);
    EXPECT(restrict_by_caller(engine, 1, "risk", false, false) == OUTCOME_ACCEPTED);
    EXPECT(restrict_by_caller(engine, 1, "risk", false, true) == OUTCOME_ACCEPTED);
    EXPECT(restrict_by_caller(engine, 0, "desk", false, false) == OUTCOME_RESTRICTION_NOT_FOUND);
    EXPECT(restrict_by_caller(engine, 0, "risk", false, false) == OUTCOME_ACCEPTED);
    expect_owners(engine, "");
    engine_destroy(engine);
}
END_TEST

/* As a journal of before has it: flags of the account, and no record of a restriction. */
START_TEST(older_flags_belong_to_the_service)
{
    struct engine *engine = create();
    engine->accounts[ACCOUNT].no_out = true;
    engine = restart(engine);
    expect_owners(engine, "vsl ");
    EXPECT(pay(engine) == OUTCOME_ACCOUNT_RESTRICTED_OUT);
    EXPECT(restrict_by(engine, "risk", false, false) == OUTCOME_RESTRICTION_NOT_FOUND);
    if (_i > 0) {
        EXPECT(restrict_by(engine, "risk", true, true) == OUTCOME_ACCEPTED);
        EXPECT(effects.image_count == 3);
        expect_owners(engine, "risk vsl ");
    }
    if (_i > 1)
        engine = restart(engine);
    if (_i > 0) {
        EXPECT(restrict_by(engine, "risk", false, false) == OUTCOME_ACCEPTED);
        expect_owners(engine, "vsl ");
        EXPECT(pay(engine) == OUTCOME_ACCOUNT_RESTRICTED_OUT);
    }
    EXPECT(execute(engine, "ops", make_lift_of(1, ACCOUNT, "vsl", true, false)) ==
           OUTCOME_RESTRICTION_OF_ANOTHER);
    EXPECT(
        execute(engine, "ops", make_lift_of(1, ACCOUNT, "vsl", false, false)) == OUTCOME_ACCEPTED);
    expect_owners(engine, "");
    EXPECT(pay(engine) == OUTCOME_ACCEPTED);
    engine_destroy(engine);
}
END_TEST

/* Owners come and go without end: the places of an account do not become more. */
START_TEST(places_are_taken_over)
{
    struct engine *engine = create();
    char name[CHANNEL_BYTES_MAX];
    for (int i = 0; i < 60; i++) {
        if (i >= RESTRICTIONS_PER_ACCOUNT_MAX) {
            EXPECT(restrict_by(engine, "more", true, true) == OUTCOME_TOO_MANY_RESTRICTIONS);
            snprintf(name, sizeof name, "owner%d", i - RESTRICTIONS_PER_ACCOUNT_MAX);
            EXPECT(restrict_by(engine, name, false, false) == OUTCOME_ACCEPTED);
        }
        snprintf(name, sizeof name, "owner%d", i);
        EXPECT(restrict_by(engine, name, true, i % 3 == 0) == OUTCOME_ACCEPTED);
        if (i % 10 == 9)
            engine = restart(engine);
        char error[200] = "";
        int result = engine_check(engine, error, sizeof error);
        EXPECT_MSG(result == 0, "%s", error);
    }
    EXPECT(engine_last_id(engine, RECORD_RESTRICTION) == RESTRICTIONS_PER_ACCOUNT_MAX);
    engine_destroy(engine);
}
END_TEST

Suite *restrictions_suite(void)
{
    Suite *suite = suite_create("restrictions");
    TCase *tests = tcase_create("restrictions");
    tcase_add_loop_test(tests, two_restrictions_are_two, 0, 2);
    tcase_add_test(tests, anothers_is_lifted_by_two_persons);
    tcase_add_loop_test(tests, a_callers_is_his_by_every_channel, 0, 2);
    tcase_add_test(tests, of_an_unknown_caller_the_channel_counts);
    tcase_add_loop_test(tests, older_flags_belong_to_the_service, 0, 3);
    tcase_add_test(tests, places_are_taken_over);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite;
}
