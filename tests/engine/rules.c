/* rules.c: tries every row of the rule tables, and that every outcome has a row that reaches it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "ceilings.h"
#include "compare.h"
#include "suites.h"
#include "support/expect.h"

#include <inttypes.h>
#include <stdio.h>

/* How many images of each kind an accepted command records. */
static const struct {
    enum command_kind kind;
    uint32_t images[RECORD_KINDS + 1];
} images_of_kinds[] = {
    {COMMAND_OPEN_LEDGER, {[RECORD_LEDGER] = 1, [RECORD_ACCOUNT] = CONTROL_ACCOUNTS_PER_LEDGER}},
    {COMMAND_CLOSE_LEDGER, {[RECORD_LEDGER] = 1}},
    {COMMAND_CUT_DAY, {[RECORD_LEDGER] = 1}},
    {COMMAND_OPEN_MEMBER, {[RECORD_MEMBER] = 1}},
    {COMMAND_CLOSE_MEMBER, {[RECORD_MEMBER] = 1}},
    {COMMAND_OPEN_ACCOUNT, {[RECORD_ACCOUNT] = 1}},
    {COMMAND_CLOSE_ACCOUNT, {[RECORD_ACCOUNT] = 1}},
    {COMMAND_RESTRICT_ACCOUNT, {[RECORD_ACCOUNT] = 1}},
    {COMMAND_BOOK_RECEIPT, {0}},
    {COMMAND_BOOK_INTEREST, {0}},
    {COMMAND_CHARGE_FEE, {0}},
    {COMMAND_PAY, {0}},
    {COMMAND_WITHDRAW, {[RECORD_PAYOUT] = 1}},
    {COMMAND_CONFIRM_PAYOUT, {[RECORD_PAYOUT] = 1}},
};

static void expect_images(const struct rule *rule, const struct effects *effects)
{
    uint32_t found[RECORD_KINDS + 1] = {0};
    for (uint32_t i = 0; i < effects->image_count; i++)
        found[effects->images[i].kind]++;
    size_t k = 0;
    while (images_of_kinds[k].kind != rule->command.kind)
        k++;
    bool accepted = outcome_is_accepted((int)rule->outcome);
    for (int kind = 1; kind <= RECORD_KINDS; kind++)
        EXPECT_MSG(found[kind] == (accepted ? images_of_kinds[k].images[kind] : 0),
            "%s: %u images of kind %d", rule->name, found[kind], kind);
}

static void expect_moves(const struct rule *rule, const struct effects *effects)
{
    uint32_t count = 0;
    while (count < MOVES_MAX && rule->moves[count].amount != 0)
        count++;
    EXPECT_MSG(
        effects->posting_count == count, "%s: %u postings", rule->name, effects->posting_count);
    for (uint32_t i = 0; i < count; i++) {
        const struct posting *posting = &effects->postings[i];
        const struct move *move = &rule->moves[i];
        EXPECT_MSG(
            posting->debit_account_id == move->from && posting->debit_bucket == move->from_bucket,
            "%s: posting %u debits bucket %d of account %" PRId64, rule->name, i,
            posting->debit_bucket, posting->debit_account_id);
        EXPECT_MSG(
            posting->credit_account_id == move->to && posting->credit_bucket == move->to_bucket,
            "%s: posting %u credits bucket %d of account %" PRId64, rule->name, i,
            posting->credit_bucket, posting->credit_account_id);
        EXPECT_MSG(posting->amount_minor == move->amount, "%s: posting %u moves %" PRId64,
            rule->name, i, posting->amount_minor);
        EXPECT(posting->ledger_id == rule->command.ledger_id);
    }
}

/* Tries a row on the stage and takes it back. */
static void try_rule(void *context, const struct rule *rule)
{
    struct stage *stage = context;
    struct effects *effects = &stage->effects;
    engine_begin(stage->engine);
    engine_execute(stage->engine, stage->sequence + 1, &rule->command, effects);
    EXPECT_MSG(effects->outcome == rule->outcome, "%s: %s and not %s", rule->name,
        outcome_name((int)effects->outcome), outcome_name((int)rule->outcome));
    EXPECT_MSG(effects->subject_id == rule->subject, "%s: subject %" PRId64, rule->name,
        effects->subject_id);
    expect_moves(rule, effects);
    expect_images(rule, effects);
    engine_rollback(stage->engine);
    for (int ledger = 1; ledger <= stage->model->ledger_count; ledger++)
        expect_same_ledger_books(stage->engine, stage->model, ledger);
}

typedef void (*rule_table)(on_rule on, void *context);

static const rule_table tables[] = {rules_ledgers, rules_dates, rules_members, rules_accounts,
    rules_money_in, rules_fees, rules_pay, rules_withdraw, rules_confirm};

enum { TABLES = sizeof tables / sizeof *tables };

START_TEST(every_rule)
{
    struct stage *stage = stage_create();
    tables[_i](try_rule, stage);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

/* The naive model gives the same answers, so that the tables and it are one opinion. */
static void ask_model(void *context, const struct rule *rule)
{
    struct stage *stage = context;
    struct naive_model *copy = naive_create();
    naive_copy(copy, stage->model);
    struct naive_answer answer = naive_execute(copy, &rule->command);
    EXPECT_MSG(answer.outcome == rule->outcome, "%s: the model says %s", rule->name,
        outcome_name((int)answer.outcome));
    EXPECT_MSG(answer.subject_id == rule->subject, "%s: the model's subject", rule->name);
    naive_destroy(copy);
}

START_TEST(model_agrees)
{
    struct stage *stage = stage_create();
    for (int i = 0; i < TABLES; i++)
        tables[i](ask_model, stage);
    stage_destroy(stage);
}
END_TEST

enum { OUTCOMES_MAX = 1000 };

static void note_outcome(void *context, const struct rule *rule)
{
    bool *reached = context;
    EXPECT((int)rule->outcome < (int)OUTCOMES_MAX);
    reached[rule->outcome] = true;
}

/* Every outcome of the list has a row that reaches it, but for those that others give. */
START_TEST(every_outcome_is_reached)
{
    static const struct {
        enum outcome outcome;
        const char *where;
    } elsewhere[] = {
        {OUTCOME_KEY_CONFLICT, "the flow of a turn compares keys"},
        {OUTCOME_BATCH_ABORTED, "the flow of a turn rolls batches back"},
        {OUTCOME_TOO_MANY_LEDGERS, "ceilings.c"},
        {OUTCOME_TOO_MANY_MEMBERS, "ceilings.c"},
        {OUTCOME_TOO_MANY_ACCOUNTS, "ceilings.c"},
        {OUTCOME_TOO_MANY_PAYOUTS, "ceilings.c"},
    };
    static bool reached[OUTCOMES_MAX];
    for (int i = 0; i < TABLES; i++)
        tables[i](note_outcome, reached);
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
        EXPECT_MSG(!reached[elsewhere[i].outcome], "%s is reached: not in %s only",
            outcome_name((int)elsewhere[i].outcome), elsewhere[i].where);
        reached[elsewhere[i].outcome] = true;
    }
    int unspecified = 0;
    for (int outcome = unspecified + 1; outcome < OUTCOMES_MAX; outcome++) {
        if (outcome_name(outcome))
            EXPECT_MSG(reached[outcome], "no row reaches %s", outcome_name(outcome));
    }
}
END_TEST

/* As many payees as there can be: booked in order, undone as a whole, refused as a whole. */
START_TEST(the_most_payees)
{
    struct stage *stage = stage_create();
    struct payee payees[PAYEES_PER_COMMAND_MAX];
    int64_t sum = 0;
    for (int i = 0; i < PAYEES_PER_COMMAND_MAX; i++) {
        payees[i].account_id = stage_do(stage, make_open_account(L_MAIN, M_OWNER));
        payees[i].amount_minor = i + 1;
        sum += i + 1;
    }
    struct command pay = make_split(L_MAIN, A_RICH, payees, PAYEES_PER_COMMAND_MAX, 9);
    struct effects *effects = &stage->effects;
    engine_begin(stage->engine);
    engine_execute(stage->engine, stage->sequence + 1, &pay, effects);
    EXPECT(effects->outcome == OUTCOME_ACCEPTED);
    engine_rollback(stage->engine);
    expect_same_state(stage->engine, stage->model);

    EXPECT(stage_do(stage, pay) == payees[0].account_id);
    EXPECT(effects->posting_count == PAYEES_PER_COMMAND_MAX + 1);
    for (uint32_t i = 0; i < PAYEES_PER_COMMAND_MAX; i++) {
        EXPECT(effects->postings[i].credit_account_id == payees[i].account_id);
        EXPECT(effects->postings[i].amount_minor == payees[i].amount_minor);
        EXPECT(effects->postings[i].credit_balance_minor == payees[i].amount_minor);
    }
    EXPECT(effects->postings[PAYEES_PER_COMMAND_MAX].debit_balance_minor == RICH_MINOR - sum - 9);
    EXPECT(effects->postings[PAYEES_PER_COMMAND_MAX].credit_account_id == FEE);
    expect_same_state(stage->engine, stage->model);

    stage_do(stage, make_restrict(L_MAIN, payees[PAYEES_PER_COMMAND_MAX - 1].account_id, true, 0));
    engine_execute(stage->engine, ++stage->sequence, &pay, effects);
    EXPECT(effects->outcome == OUTCOME_ACCOUNT_RESTRICTED_IN);
    EXPECT(effects->posting_count == 0 && effects->subject_id == 0);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

Suite *rules_suite(void)
{
    Suite *suite = suite_create("rules");
    TCase *tests = tcase_create("rules");
    tcase_add_loop_test(tests, every_rule, 0, TABLES);
    tcase_add_test(tests, the_most_payees);
    tcase_add_test(tests, model_agrees);
    tcase_add_test(tests, every_outcome_is_reached);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
