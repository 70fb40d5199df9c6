/* persons.c: a policy about one kind of command is not passed by another that does the same; and
 * somebody who can administer stays.
 * SPDX-License-Identifier: Apache-2.0 */
#include "shop.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

enum { BOUND = 25, FREE = 1000000 };

enum way {
    WAY_PAY,
    WAY_CONFIRM,
    WAY_REFUND,
    WAY_REVERSE,
    WAY_REVERSE_RECEIPT,
    WAY_HOLD,
    WAY_ALLOCATE,
    WAY_LINE,
    WAY_SETTLE,
    WAYS,
};

static struct command by_way(struct stage *stage, enum way way, int64_t amount)
{
    const struct payee only = {B_ONE, amount};
    const struct payee both[] = {{B_ONE, amount - 10}, {B_TWO, 10}};
    switch ((int)way) {
    case WAY_PAY:
        return make_pay(L_SHOP, B_PAYER, B_ONE, amount, 0);
    case WAY_CONFIRM:
        return a_confirm("H-1", B_PAYER, H_LIVE, &only, 1);
    case WAY_REFUND:
    case WAY_REVERSE:
        stage_do(stage, stage_by_two(stage, make_split(L_SHOP, B_PAYER, both, 2, 0)));
        return way == WAY_REVERSE ? make_reverse(L_SHOP, stage->sequence)
                                  : make_refund(L_SHOP, stage->sequence, "", ALL_LEFT);
    case WAY_REVERSE_RECEIPT:
        stage_do(stage, make_receipt(L_SHOP, B_ONE, amount));
        return make_reverse(L_SHOP, stage->sequence);
    case WAY_ALLOCATE:
        return make_allocate(L_SHOP, X_PART, &only, 1);
    case WAY_LINE:
        return make_line(L_MAIN, K_OPEN, amount == BOUND ? "at" : "above", A_RICH, amount);
    case WAY_SETTLE:
        return partial_line(make_settle_line(L_SHOP, C_OPEN, T_DUE, amount, 0));
    default:
        return a_hold("H-9", B_PAYER, amount, AN_HOUR_AHEAD);
    }
}

/* A policy of one or two rules, and whether it keeps what is above the bound, by each way. */
static const struct {
    struct approval_rule_asked rules[2];
    uint32_t rule_count;
    bool is_kept[WAYS];
} policies[] = {
    {{{COMMAND_PAY, BOUND}}, 1, {[WAY_PAY] = true, [WAY_CONFIRM] = true}},
    {{{COMMAND_CONFIRM_HOLD, BOUND}}, 1, {[WAY_PAY] = true, [WAY_CONFIRM] = true}},
    {{{COMMAND_PAY, BOUND}, {COMMAND_CONFIRM_HOLD, FREE}}, 2, {[WAY_PAY] = true}},
    {{{COMMAND_PAY, FREE}, {COMMAND_CONFIRM_HOLD, BOUND}}, 2, {[WAY_CONFIRM] = true}},
    {{{COMMAND_PLACE_HOLD, BOUND}}, 1, {[WAY_HOLD] = true}},
    {{{COMMAND_REFUND, BOUND}}, 1, {[WAY_REFUND] = true, [WAY_REVERSE] = true}},
    {{{COMMAND_REFUND, BOUND}, {COMMAND_REVERSE, FREE}}, 2, {[WAY_REFUND] = true}},
    {{{COMMAND_ALLOCATE_SUSPENSE, BOUND}}, 1,
        {[WAY_ALLOCATE] = true, [WAY_LINE] = true, [WAY_SETTLE] = true}},
    {{{COMMAND_ALLOCATE_SUSPENSE, BOUND}, {COMMAND_SETTLE_LINE, FREE}}, 2,
        {[WAY_ALLOCATE] = true, [WAY_LINE] = true}},
    {{{COMMAND_ALLOCATE_LINE, BOUND}}, 1, {[WAY_ALLOCATE] = true, [WAY_LINE] = true}},
};

START_TEST(a_policy_is_about_what_is_done)
{
    for (enum way way = 0; way < WAYS; way++) {
        struct stage *stage = stage_create();
        bool is_kept = policies[_i].is_kept[way];
        stage_do(stage, make_policy(L_SHOP, policies[_i].rules, policies[_i].rule_count));
        stage_do(stage, make_policy(L_MAIN, policies[_i].rules, policies[_i].rule_count));
        enum outcome above = stage_try(stage, by_way(stage, way, BOUND + 1));
        EXPECT_MSG(above == (is_kept ? OUTCOME_APPROVAL_NEEDED : OUTCOME_ACCEPTED),
            "policy %d, way %d: %d", _i, (int)way, above);
        enum outcome at = stage_try(stage, by_way(stage, way, BOUND));
        EXPECT_MSG(at == OUTCOME_ACCEPTED, "policy %d, way %d: %d", _i, (int)way, at);
        stage_destroy(stage);
    }
}
END_TEST

/* A command that says no amount is about all of what it names, of its own ledger. */
START_TEST(what_a_command_is_about)
{
    const struct {
        struct command command;
        int64_t amount; /* 0: what it names is another ledger's */
    } rows[] = {
        {a_refund("O-1", S_PAY_TWO, ALL_LEFT), 1000},
        {a_reversal(S_RECEIPT), 70},
        {make_undo_allocation(L_SHOP, X_PART, S_ALLOCATE, ALL_LEFT), 30},
        {a_result(P_SENT, PAYOUT_RESULT_PAID), 50},
        {a_result(P_OTHER, PAYOUT_RESULT_PAID), 0},
        {an_interception(P_KEPT), 50},
        {an_interception(P_OTHER), 0},
        {make_return_suspense(L_SHOP, X_NOBODY, S_RECEIPT_NOBODY, 0), 33},
        {make_return_suspense(L_SHOP, X_PLAIN, S_RECEIPT_NOBODY, 0), 0},
        {make_cancel_promise(L_SHOP, T_PART, 0), 600},
        {make_cancel_promise(L_SHOP, T_PLAIN, 0), 0},
        {make_close_difference(L_SHOP, D_OVER, DIFFERENCE_RETURNED, 0), 5},
        {make_close_difference(L_SHOP, D_PLAIN, DIFFERENCE_RETURNED, 0), 0},
        {a_cancel("H-8", B_PAYER, H_PART, 0), 50},
        {a_cancel("H-1", B_PAYER, H_PLAIN, 0), 0},
        {a_cancel("H-2", B_PAYER, 0, 0), 500},
        {a_lift(Z_PART, 0), 60},
        {a_lift(Z_PLAIN, 0), 0},
    };
    struct stage *stage = stage_create();
    struct effects *effects = &stage->effects;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct command command = stage_with_original(stage, &rows[i].command);
        for (int is_above = 0; is_above < 2; is_above++) {
            int64_t bound = rows[i].amount == 0 ? 1 : rows[i].amount - is_above;
            const struct approval_rule_asked rule = {(int32_t)command.kind, bound};
            const struct command policy = make_policy(L_SHOP, &rule, 1);
            engine_begin(stage->engine);
            engine_execute(stage->engine, stage->now_us, stage->sequence + 1, &policy, effects);
            EXPECT(effects->outcome == OUTCOME_ACCEPTED);
            engine_execute(stage->engine, stage->now_us, stage->sequence + 2, &command, effects);
            bool is_kept = effects->outcome == OUTCOME_APPROVAL_NEEDED;
            EXPECT_MSG(is_kept == (rows[i].amount != 0 && is_above == 1), "row %zu, bound %d: %s",
                i, (int)bound, outcome_name((int)effects->outcome));
            EXPECT(!is_kept || effects->limit_minor == bound);
            engine_rollback(stage->engine);
        }
    }
    stage_destroy(stage);
}
END_TEST

/* Who has no channel can make nothing right. */
START_TEST(an_administrator_who_can_send_stays)
{
    struct stage *stage = stage_create();
    struct command silent = make_create_caller("silent");
    silent.create_caller.rights.any_channel = false;
    const struct command no_chief = make_update_caller(U_CHIEF, CALLER_SUSPENDED);
    stage_do(stage, silent);
    EXPECT(stage_try(stage, no_chief) == OUTCOME_LAST_ADMINISTRATOR);
    stage_do(stage, make_create_caller("second"));
    EXPECT(stage_try(stage, no_chief) == OUTCOME_ACCEPTED);
    stage_destroy(stage);
}
END_TEST

Suite *persons_suite(void)
{
    Suite *suite = suite_create("persons");
    TCase *cases = tcase_create("persons");
    tcase_add_loop_test(
        cases, a_policy_is_about_what_is_done, 0, (int)(sizeof policies / sizeof *policies));
    tcase_add_test(cases, what_a_command_is_about);
    tcase_add_test(cases, an_administrator_who_can_send_stays);
    suite_add_tcase(suite, cases);
    return suite;
}
