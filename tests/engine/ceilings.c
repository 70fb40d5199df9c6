/* ceilings.c: the last record that there is room for, and the one after it.
 *
 * Tables are reserved address space, so a record can be put at the end of one without filling it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "engine/engine.h"
#include "suites.h"
#include "support/expect.h"

#include <stdio.h>

static struct effects effects;
static int64_t sequence;

static enum outcome execute(struct engine *engine, struct command command)
{
    engine_execute(engine, ++sequence, &command, &effects);
    return effects.outcome;
}

/* A ledger (1) with a member (1) and an account (7) with 1,000 in it. */
static struct engine *create(void)
{
    struct engine *engine = engine_create();
    EXPECT(execute(engine, make_open_ledger("1000", TEST_DATE, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_member(1, "owner")) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_receipt(1, 7, 1000)) == OUTCOME_ACCEPTED);
    return engine;
}

START_TEST(ledgers)
{
    struct engine *engine = engine_create();
    for (int i = 1; i <= LEDGERS_MAX; i++) {
        char prefix[16];
        snprintf(prefix, sizeof prefix, "%d", 1000000 + i);
        EXPECT(execute(engine, make_open_ledger(prefix, TEST_DATE, 1)) == OUTCOME_ACCEPTED);
        EXPECT(effects.subject_id == i);
    }
    EXPECT(execute(engine, make_open_ledger("9000", TEST_DATE, 1)) == OUTCOME_TOO_MANY_LEDGERS);
    EXPECT(effects.subject_id == 0 && effects.image_count == 0);
    EXPECT(execute(engine, make_open_ledger("1000001", TEST_DATE, 1)) ==
           OUTCOME_RECEIVING_PREFIX_TAKEN);
    EXPECT(engine_last_ledger_id(engine) == LEDGERS_MAX);
    /* The last one works like any other. */
    EXPECT(execute(engine, make_open_member(LEDGERS_MAX, "owner")) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_account(LEDGERS_MAX, 1)) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == (int64_t)LEDGERS_MAX * CONTROL_ACCOUNTS_PER_LEDGER + 1);
    EXPECT(execute(engine, make_receipt(LEDGERS_MAX, effects.subject_id, 5)) == OUTCOME_ACCEPTED);
    char error[200] = "";
    int result = engine_check(engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
    engine_destroy(engine);
}
END_TEST

START_TEST(members)
{
    struct engine *engine = create();
    struct image last = {
        .kind = RECORD_MEMBER,
        .member = {.id = MEMBERS_MAX - 1,
            .ledger_id = 1,
            .kind = MEMBER_USER,
            .status = MEMBER_OPEN,
            .platform_member_id = "x",
            .platform_member_id_length = 1},
    };
    engine_load_image(engine, sequence, &last);
    EXPECT(execute(engine, make_open_member(1, "last")) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == MEMBERS_MAX);
    EXPECT(execute(engine, make_open_member(1, "one more")) == OUTCOME_TOO_MANY_MEMBERS);
    EXPECT(execute(engine, make_open_member(1, "last")) == OUTCOME_PLATFORM_MEMBER_ID_TAKEN);
    EXPECT(execute(engine, make_open_account(1, MEMBERS_MAX)) == OUTCOME_ACCEPTED);
    EXPECT(engine_find_member(engine, MEMBERS_MAX) != NULL);
    EXPECT(engine_find_member(engine, MEMBERS_MAX + 1) == NULL);
    engine_destroy(engine);
}
END_TEST

static void load_account(struct engine *engine, int64_t id)
{
    struct image image = {
        .kind = RECORD_ACCOUNT,
        .account = {.id = id,
            .ledger_id = 1,
            .member_id = 1,
            .kind = ACCOUNT_MEMBER,
            .status = ACCOUNT_OPEN},
    };
    engine_load_image(engine, sequence, &image);
}

START_TEST(accounts)
{
    struct engine *engine = create();
    load_account(engine, ACCOUNTS_MAX - 1);
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == ACCOUNTS_MAX);
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_TOO_MANY_ACCOUNTS);
    EXPECT(execute(engine, make_open_account(1, 2)) == OUTCOME_MEMBER_NOT_FOUND);
    EXPECT(execute(engine, make_pay(1, 7, ACCOUNTS_MAX, 1000, 0)) == OUTCOME_ACCEPTED);
    EXPECT(effects.postings[0].credit_balance_minor == 1000);
    EXPECT(execute(engine, make_receipt(1, ACCOUNTS_MAX + 1, 1)) == OUTCOME_ACCOUNT_NOT_FOUND);
    engine_destroy(engine);
}
END_TEST

/* A ledger needs room for its control accounts. */
START_TEST(accounts_of_a_ledger)
{
    struct engine *engine = create();
    load_account(engine, ACCOUNTS_MAX - CONTROL_ACCOUNTS_PER_LEDGER);
    EXPECT(execute(engine, make_open_ledger("2000", TEST_DATE, 0)) == OUTCOME_ACCEPTED);
    EXPECT(engine_find_ledger(engine, 2)->first_control_account_id ==
           ACCOUNTS_MAX - CONTROL_ACCOUNTS_PER_LEDGER + 1);
    EXPECT(execute(engine, make_open_ledger("3000", TEST_DATE, 0)) == OUTCOME_TOO_MANY_ACCOUNTS);
    engine_destroy(engine);

    engine = create();
    load_account(engine, ACCOUNTS_MAX - CONTROL_ACCOUNTS_PER_LEDGER + 1);
    EXPECT(execute(engine, make_open_ledger("2000", TEST_DATE, 0)) == OUTCOME_TOO_MANY_ACCOUNTS);
    EXPECT(engine_last_ledger_id(engine) == 1);
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    engine_destroy(engine);
}
END_TEST

START_TEST(payouts)
{
    struct engine *engine = create();
    struct image last = {
        .kind = RECORD_PAYOUT,
        .payout = {.id = PAYOUTS_MAX - 1,
            .ledger_id = 1,
            .account_id = 7,
            .amount_minor = 1,
            .requested_sequence = 1,
            .status = PAYOUT_FAILED},
    };
    engine_load_image(engine, sequence, &last);
    EXPECT(execute(engine, make_withdraw(1, 7, 1, 0, 0)) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == PAYOUTS_MAX);
    EXPECT(execute(engine, make_withdraw(1, 7, 1, 0, 0)) == OUTCOME_TOO_MANY_PAYOUTS);
    /* No room comes before the rest of what is wrong with it. */
    EXPECT(execute(engine, make_withdraw(1, 7, 5000, 0, 0)) == OUTCOME_TOO_MANY_PAYOUTS);
    EXPECT(execute(engine, make_withdraw(1, 6, 1, 0, 0)) == OUTCOME_NOT_A_MEMBER_ACCOUNT);
    EXPECT(execute(engine, make_confirm(1, PAYOUTS_MAX, PAYOUT_RESULT_PAID)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_confirm(1, PAYOUTS_MAX + 1, PAYOUT_RESULT_PAID)) ==
           OUTCOME_PAYOUT_NOT_FOUND);
    engine_destroy(engine);
}
END_TEST

Suite *ceilings_suite(void)
{
    Suite *suite = suite_create("ceilings");
    TCase *tests = tcase_create("ceilings");
    tcase_add_test(tests, ledgers);
    tcase_add_test(tests, members);
    tcase_add_test(tests, accounts);
    tcase_add_test(tests, accounts_of_a_ledger);
    tcase_add_test(tests, payouts);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
