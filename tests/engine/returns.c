/* returns.c: a ledger closes when the bank can send no payout back any more, and none of its fee
 * accounts has money or lacks any; not before.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "shop.h"
#include "suites.h"
#include "support/expect.h"

#define NOW_US ((TEST_DATE + 2000) * INT64_C(86400000000))

static struct effects effects;
static int64_t sequence;

static enum outcome execute(struct engine *engine, struct command command)
{
    command.key.business_date = engine_find_ledger(engine, 1)
                                    ? engine_find_ledger(engine, 1)->accounting_dates[0]
                                    : TEST_DATE;
    engine_execute(engine, NOW_US, ++sequence, &command, &effects);
    return effects.outcome;
}

/* Pays `count` payouts of 10 out of an account that is left empty. */
static void pay_out(struct engine *engine, int count)
{
    EXPECT(execute(engine, make_receipt(1, 7, 10 * count)) == OUTCOME_ACCEPTED);
    for (int i = 0; i < count; i++) {
        EXPECT(execute(engine, make_withdraw(1, 7, 10, 0, 0)) == OUTCOME_ACCEPTED);
        int64_t payout = effects.subject_id;
        EXPECT(execute(engine, make_confirm(1, payout, PAYOUT_RESULT_PAID)) == OUTCOME_ACCEPTED);
    }
}

/* Over more than a day by two persons. */
static enum outcome cut(struct engine *engine, int32_t days)
{
    struct command command =
        make_cut_day(1, engine_find_ledger(engine, 1)->accounting_dates[0] + days);
    if (days == 1)
        return execute(engine, command);
    struct command alone = command_by("t", command);
    EXPECT(execute(engine, make_proposal(1, &alone, NOW_US + 1)) == OUTCOME_ACCEPTED);
    return execute(engine, by_approval(effects.subject_id, command_by("u", command)));
}

static struct engine *create(int32_t return_days)
{
    struct engine *engine = engine_create();
    sequence = 0;
    EXPECT(execute(engine, make_open_ledger("1000", TEST_DATE, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_set_terms(1, (struct party){0}, false, return_days)) ==
           OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_member(1, "owner")) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    return engine;
}

static void leave(struct engine *engine)
{
    EXPECT(execute(engine, make_close_account(1, 7)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_close_member(1, 1)) == OUTCOME_ACCEPTED);
}

/* The engine as a start would make it from the records. */
static struct engine *reload(const struct engine *engine)
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
    return again;
}

static enum outcome close_in_scope(struct engine *engine)
{
    engine_begin(engine);
    enum outcome outcome = execute(engine, make_close_ledger(1));
    engine_rollback(engine);
    return outcome;
}

static void expect_close(struct engine *engine, enum outcome outcome)
{
    char error[200] = "";
    int result = engine_check(engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
    struct engine *again = reload(engine);
    EXPECT(close_in_scope(engine) == outcome);
    EXPECT(close_in_scope(again) == outcome);
    engine_destroy(again);
}

START_TEST(a_ledger_outlives_its_payouts)
{
    static const int32_t days[] = {1, 2, 30, PAYOUT_RETURN_DAYS_MAX};
    struct engine *engine = create(days[_i]);
    pay_out(engine, 2);
    leave(engine);
    expect_close(engine, OUTCOME_LEDGER_HAS_RETURNABLE_PAYOUTS);
    for (int32_t day = 0; day < days[_i]; day++) {
        EXPECT(cut(engine, 1) == OUTCOME_ACCEPTED);
        EXPECT(close_in_scope(engine) == OUTCOME_LEDGER_HAS_RETURNABLE_PAYOUTS);
    }
    /* On the last day it still comes back; then there is money again. */
    expect_close(engine, OUTCOME_LEDGER_HAS_RETURNABLE_PAYOUTS);
    engine_begin(engine);
    EXPECT(execute(engine, make_confirm(1, 1, PAYOUT_RESULT_RETURNED)) ==
           OUTCOME_ACCEPTED_UNALLOCATED);
    EXPECT(execute(engine, make_confirm(1, 2, PAYOUT_RESULT_RETURNED)) ==
           OUTCOME_ACCEPTED_UNALLOCATED);
    EXPECT(execute(engine, make_close_ledger(1)) == OUTCOME_LEDGER_NOT_EMPTY);
    EXPECT(cut(engine, 1) == OUTCOME_ACCEPTED);
    engine_rollback(engine);
    expect_close(engine, OUTCOME_LEDGER_HAS_RETURNABLE_PAYOUTS);
    EXPECT(cut(engine, 1) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_confirm(1, 1, PAYOUT_RESULT_RETURNED)) == OUTCOME_PAYOUT_FINAL);
    expect_close(engine, OUTCOME_ACCEPTED);
    /* What is final leaves memory, and the ledger closes all the same. */
    int64_t oldest = engine_oldest_change(engine);
    EXPECT(oldest > 0);
    EXPECT(execute(engine, make_close_ledger(1)) == OUTCOME_ACCEPTED);
    engine_destroy(engine);
}
END_TEST

/* The ring of dates comes round: what was paid long ago is not counted for a date of today. */
START_TEST(past_dates_do_not_count)
{
    struct engine *engine = create(PAYOUT_RETURN_DAYS_MAX);
    for (int32_t day = 0; day < 2 * RETURN_DATES; day += 7) {
        pay_out(engine, 1 + day % 3);
        EXPECT(cut(engine, 7) == OUTCOME_ACCEPTED);
        char error[200] = "";
        int result = engine_check(engine, error, sizeof error);
        EXPECT_MSG(result == 0, "day %d: %s", day, error);
    }
    leave(engine);
    for (int32_t day = 0; day < PAYOUT_RETURN_DAYS_MAX; day += 6)
        EXPECT(cut(engine, 6) == OUTCOME_ACCEPTED);
    expect_close(engine, OUTCOME_ACCEPTED);
    engine_destroy(engine);
}
END_TEST

enum { OWN = 4, ACCOUNT = 7, FEES = 5 };

static void do_one(struct engine *engine, struct command command)
{
    enum outcome outcome = execute(engine, command);
    EXPECT_MSG(outcome_is_accepted((int)outcome), "%s", outcome_name((int)outcome));
}

/* A rule whose fee goes to this account. */
static void open_rule(struct engine *engine, const char *name, int64_t account)
{
    const struct fee_tier tier = {.flat_minor = FEES};
    const struct fee_share share = {account, 1000000};
    struct command rule = make_fee_rule(1, name, TEST_DATE, &tier, 1);
    do_one(engine, account == 3 ? rule : shared(rule, &share, 1));
}

/* Pays so much out of the account and has the bank say what became of it. */
static void pay_out_by(
    struct engine *engine, int64_t account, int64_t amount, const char *rule, int32_t result)
{
    struct command withdraw = make_withdraw(1, account, amount, 0, 0);
    if (rule)
        withdraw = with_rule(withdraw, rule, FEE_OUTSIDE);
    do_one(engine, account == OWN ? with_party(withdraw, &own_party) : withdraw);
    do_one(engine, make_confirm(1, effects.subject_id, result));
}

/* What was collected of a fee comes back to the payer all the same, so that one fee account owes
 * what another one has: the ledger's sums are zero, and its accounts are not. */
START_TEST(fees_that_make_up_for_each_other_are_not_nothing)
{
    static const struct {
        int64_t lacking, having;
    } pairs[] = {{3, 8}, {8, 3}, {8, 9}, {9, 8}};
    struct engine *engine = create(1);
    do_one(engine, make_set_terms(1, own_party, false, 1));
    for (int64_t id = 8; id <= 9; id++)
        do_one(engine, make_open_fee_account(1));
    open_rule(engine, "lacking", pairs[_i].lacking);
    open_rule(engine, "having", pairs[_i].having);
    do_one(engine, make_receipt(1, ACCOUNT, 100));
    do_one(engine, with_rule(make_withdraw(1, ACCOUNT, 10, 0, 0), "lacking", FEE_OUTSIDE));
    int64_t payout = effects.subject_id;
    do_one(engine, make_collect_fees(1, pairs[_i].lacking, FEES, "lacking"));
    do_one(engine, make_confirm(1, payout, PAYOUT_RESULT_FAILED));
    pay_out_by(engine, ACCOUNT, 100 - FEES, "having", PAYOUT_RESULT_PAID);
    pay_out_by(engine, OWN, FEES, NULL, PAYOUT_RESULT_PAID);
    leave(engine);
    EXPECT(cut(engine, 2) == OUTCOME_ACCEPTED);
    const struct account *lacking = engine_find_account(engine, pairs[_i].lacking);
    const struct account *having = engine_find_account(engine, pairs[_i].having);
    EXPECT(lacking->balance_minor[BUCKET_AVAILABLE] == -FEES);
    EXPECT(having->balance_minor[BUCKET_AVAILABLE] == FEES);
    EXPECT(engine_find_account(engine, 1)->balance_minor[BUCKET_AVAILABLE] == 0);
    expect_close(engine, OUTCOME_LEDGER_NOT_EMPTY);
    engine_destroy(engine);
}
END_TEST

Suite *returns_suite(void)
{
    TCase *cases = tcase_create("returns");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, a_ledger_outlives_its_payouts, 0, 4);
    tcase_add_test(cases, past_dates_do_not_count);
    tcase_add_loop_test(cases, fees_that_make_up_for_each_other_are_not_nothing, 0, 4);
    Suite *suite = suite_create("returns");
    suite_add_tcase(suite, cases);
    return suite;
}
