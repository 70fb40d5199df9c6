/* movements.c: each way in which money moves, with each restriction of who gives it and who takes
 * it: the table that RestrictAccountRequest tells, row by row.
 *
 * Restrictions are set when everything is prepared, so holds, payouts and proposals are under way.
 * The naive model answers beside the engine.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/receiving_number.h"
#include "shop.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#include <stdio.h>

/* Who gives and who takes, unless the row says that they are one: then it is GIVER. */
enum { GIVER = B_ONE, TAKER = B_TWO, SOME = 50 };

#define BOOKED OUTCOME_ACCEPTED
#define WAITS OUTCOME_ACCEPTED_UNALLOCATED
#define NO_OUT OUTCOME_ACCOUNT_RESTRICTED_OUT
#define NO_IN OUTCOME_ACCOUNT_RESTRICTED_IN

struct scene {
    struct stage *stage;
    int64_t thing;      /* the hold, freeze, payout, proposal, item or command that it names */
    int64_t allocation; /* the command, of an item */
};

/* ---- what is prepared, and the movement ---- */

static void nothing(struct scene *scene)
{
    (void)scene;
}

static struct command receipt(const struct scene *scene)
{
    (void)scene;
    return make_receipt(L_SHOP, TAKER, SOME);
}

static struct command receipt_by_number(const struct scene *scene)
{
    static char number[RECEIVING_NUMBER_BYTES_MAX];
    const struct ledger *ledger = engine_find_ledger(scene->stage->engine, L_SHOP);
    struct text prefix = {ledger->receiving_prefix, ledger->receiving_prefix_length};
    receiving_number_format(prefix, TAKER, number);
    return make_receipt_by_number(L_SHOP, number, SOME);
}

static struct command interest(const struct scene *scene)
{
    (void)scene;
    return make_interest(L_SHOP, TAKER, SOME);
}

static struct command fee(const struct scene *scene)
{
    (void)scene;
    return make_fee(L_SHOP, GIVER, SOME);
}

static struct command payment(const struct scene *scene)
{
    (void)scene;
    return make_pay(L_SHOP, GIVER, TAKER, SOME, 0);
}

static struct command hold(const struct scene *scene)
{
    (void)scene;
    return a_hold("MOVE", GIVER, SOME, AN_HOUR_AHEAD);
}

static void held(struct scene *scene)
{
    scene->thing = stage_do(scene->stage, hold(scene));
}

static struct command confirm(const struct scene *scene)
{
    const struct payee only = {TAKER, SOME};
    return a_confirm("MOVE", GIVER, scene->thing, &only, 1);
}

static struct command cancel(const struct scene *scene)
{
    return a_cancel("MOVE", GIVER, scene->thing, 0);
}

static struct command end_of_hold(const struct scene *scene)
{
    scene->stage->now_us = AN_HOUR_AHEAD;
    return an_expiry(EXPIRY_HOLD, scene->thing);
}

static struct command freeze(const struct scene *scene)
{
    (void)scene;
    return a_freeze(GIVER, SOME, AN_HOUR_AHEAD);
}

static void frozen(struct scene *scene)
{
    scene->thing = stage_do(scene->stage, freeze(scene));
}

static struct command lift(const struct scene *scene)
{
    return a_lift(scene->thing, 0);
}

static struct command end_of_freeze(const struct scene *scene)
{
    scene->stage->now_us = AN_HOUR_AHEAD;
    return an_expiry(EXPIRY_FREEZE, scene->thing);
}

static void did(struct scene *scene, struct command command)
{
    stage_do(scene->stage, command);
    scene->thing = scene->stage->sequence;
}

/* TAKER paid GIVER: what follows gives it back. */
static void paid_before(struct scene *scene)
{
    did(scene, make_pay(L_SHOP, TAKER, GIVER, SOME, 0));
}

static struct command refund(const struct scene *scene)
{
    return a_refund("", scene->thing, ALL_LEFT);
}

static struct command reversal(const struct scene *scene)
{
    return a_reversal(scene->thing);
}

static void received(struct scene *scene)
{
    did(scene, make_receipt(L_SHOP, GIVER, SOME));
}

static void got_interest(struct scene *scene)
{
    did(scene, make_interest(L_SHOP, GIVER, SOME));
}

static void charged(struct scene *scene)
{
    did(scene, make_fee(L_SHOP, TAKER, SOME));
}

static void adjusted(struct scene *scene)
{
    did(scene, stage_by_two(scene->stage, make_adjust(L_SHOP, TAKER, GIVER, SOME)));
}

static struct command withdrawal(const struct scene *scene)
{
    (void)scene;
    return make_withdraw(L_SHOP, GIVER, SOME, 0, 0);
}

static struct command withdrawal_with_bearer(const struct scene *scene)
{
    (void)scene;
    return borne_by(GIVER, make_withdraw(L_SHOP, B_PAYER, SOME, 1, FEE_BORNE_BY_ANOTHER));
}

static void withdrawn(struct scene *scene)
{
    scene->thing = stage_do(scene->stage, withdrawal(scene));
}

static void paid_out(struct scene *scene)
{
    withdrawn(scene);
    stage_do(scene->stage, a_result(scene->thing, PAYOUT_RESULT_PAID));
}

static struct command paid(const struct scene *scene)
{
    return a_result(scene->thing, PAYOUT_RESULT_PAID);
}

static struct command failed(const struct scene *scene)
{
    return a_result(scene->thing, PAYOUT_RESULT_FAILED);
}

static struct command returned(const struct scene *scene)
{
    return a_return(scene->thing, 0);
}

static struct command stopped(const struct scene *scene)
{
    return an_interception(scene->thing);
}

/* The bank said that it failed; two persons know that it was paid. */
static void failed_wrongly(struct scene *scene)
{
    withdrawn(scene);
    stage_do(scene->stage, a_result(scene->thing, PAYOUT_RESULT_FAILED));
}

static struct command corrected(const struct scene *scene)
{
    struct stage *stage = scene->stage;
    struct command right = make_correction(L_SHOP, scene->thing, PAYOUT_RESULT_PAID, 0);
    EXPECT(stage_try(stage, right) == OUTCOME_APPROVAL_NEEDED);
    return stage_by_two(stage, right);
}

static struct command adjustment(const struct scene *scene)
{
    return stage_by_two(scene->stage, make_adjust(L_SHOP, GIVER, TAKER, SOME));
}

static struct command adjustment_with_paper(const struct scene *scene)
{
    return with_paper(adjustment(scene));
}

static void received_for_nobody(struct scene *scene)
{
    stage_do(scene->stage, make_receipt_by_number(L_SHOP, "", SOME));
    scene->thing = engine_last_id(scene->stage->engine, RECORD_SUSPENSE);
}

static struct command allocation(const struct scene *scene)
{
    return make_allocate(L_SHOP, scene->thing, &(struct payee){TAKER, SOME}, 1);
}

static void allocated(struct scene *scene)
{
    received_for_nobody(scene);
    stage_do(scene->stage, make_allocate(L_SHOP, scene->thing, &(struct payee){GIVER, SOME}, 1));
    scene->allocation = scene->stage->sequence;
}

static void lump_opened(struct scene *scene)
{
    received_for_nobody(scene);
    stage_do(scene->stage, make_suspense_age(L_SHOP, 0));
    scene->thing = stage_do(scene->stage, make_open_lump(L_SHOP, scene->thing, 1, SOME));
}

static struct command line(const struct scene *scene)
{
    return make_line(L_SHOP, scene->thing, "L-1", TAKER, SOME);
}

static void line_allocated(struct scene *scene)
{
    lump_opened(scene);
    stage_do(scene->stage, make_line(L_SHOP, scene->thing, "L-1", GIVER, SOME));
    scene->allocation = scene->stage->sequence;
}

static struct command line_undone(const struct scene *scene)
{
    return make_undo_line(L_SHOP, engine_last_id(scene->stage->engine, RECORD_SUSPENSE),
        scene->thing, scene->allocation);
}

static struct command undone(const struct scene *scene)
{
    return make_undo_allocation(L_SHOP, scene->thing, scene->allocation, NULL, 0);
}

static struct command promise(const struct scene *scene)
{
    (void)scene;
    return make_promise(L_SHOP, G_PAYS, TAKER, SOME, "M-1");
}

static void promised(struct scene *scene)
{
    scene->thing = stage_do(scene->stage, make_promise(L_SHOP, G_PAYS, GIVER, SOME, "M-1"));
}

static struct command promise_cancelled(const struct scene *scene)
{
    return make_cancel_promise(L_SHOP, scene->thing, 0);
}

/* Some is paid for a promise of as much more. */
static void settlement_opened(struct scene *scene, int64_t more)
{
    received_for_nobody(scene);
    scene->allocation =
        stage_do(scene->stage, make_open_settlement(L_SHOP, G_PAYS, scene->thing, 1, SOME));
    scene->thing = stage_do(scene->stage, make_promise(L_SHOP, G_PAYS, TAKER, SOME + more, "M-1"));
}

static void paid_by_acquirer(struct scene *scene)
{
    settlement_opened(scene, 0);
}

static struct command line_of_settlement(const struct scene *scene)
{
    return make_settle_line(L_SHOP, scene->allocation, scene->thing, SOME, 0);
}

static void differs(struct scene *scene, int64_t more)
{
    settlement_opened(scene, more);
    stage_do(scene->stage, line_of_settlement(scene));
    scene->thing = engine_last_id(scene->stage->engine, RECORD_DIFFERENCE);
}

static void is_missing(struct scene *scene)
{
    differs(scene, 1);
}

static void is_too_much(struct scene *scene)
{
    differs(scene, -1);
    scene->allocation = stage_do(scene->stage, make_promise(L_SHOP, G_PAYS, TAKER, 1, "M-2"));
}

static struct command difference_borne(const struct scene *scene)
{
    return stage_by_two(
        scene->stage, make_close_difference(L_SHOP, scene->thing, DIFFERENCE_BORNE, 0));
}

static struct command difference_corrected(const struct scene *scene)
{
    return make_close_difference(L_SHOP, scene->thing, DIFFERENCE_CORRECTED, 0);
}

static struct command difference_assigned(const struct scene *scene)
{
    return make_close_difference(L_SHOP, scene->thing, DIFFERENCE_ASSIGNED, scene->allocation);
}

static struct command adjustment_to_unallocated(const struct scene *scene)
{
    return stage_by_two(scene->stage, make_adjust(L_SHOP, GIVER, SHOP_UNALLOCATED, SOME));
}

static struct command collection(const struct scene *scene)
{
    (void)scene;
    return a_collection(0, 1, "flat");
}

/* ---- the table ---- */

static const struct {
    const char *name;
    void (*prepare)(struct scene *scene);
    struct command (*move)(const struct scene *scene);
    enum outcome giver_no_out;
    enum outcome taker_no_in;
    bool is_one; /* it is the giver's own money that comes back to it */
} rows[] = {
    {"a receipt", nothing, receipt, BOOKED, NO_IN, false},
    {"a receipt by number", nothing, receipt_by_number, BOOKED, WAITS, false},
    {"interest", nothing, interest, BOOKED, NO_IN, false},
    {"a fee", nothing, fee, NO_OUT, BOOKED, false},
    {"a hold", nothing, hold, NO_OUT, BOOKED, false},
    {"a withdrawal", nothing, withdrawal, NO_OUT, BOOKED, false},
    {"a withdrawal's fee borne by another", nothing, withdrawal_with_bearer, NO_OUT, BOOKED, false},
    {"a payment", nothing, payment, NO_OUT, NO_IN, false},
    {"a confirm", held, confirm, NO_OUT, NO_IN, false},
    {"a hold cancelled", held, cancel, BOOKED, BOOKED, true},
    {"a hold expired", held, end_of_hold, BOOKED, BOOKED, true},
    {"a freeze", nothing, freeze, BOOKED, BOOKED, true},
    {"a freeze lifted", frozen, lift, BOOKED, BOOKED, true},
    {"a freeze expired", frozen, end_of_freeze, BOOKED, BOOKED, true},
    {"a refund", paid_before, refund, NO_OUT, BOOKED, false},
    {"a payout paid", withdrawn, paid, BOOKED, BOOKED, true},
    {"a payout failed", withdrawn, failed, BOOKED, BOOKED, true},
    {"a payout returned", paid_out, returned, BOOKED, BOOKED, true},
    {"a payout stopped", withdrawn, stopped, BOOKED, BOOKED, true},
    {"a wrong word corrected", failed_wrongly, corrected, BOOKED, BOOKED, true},
    {"a reversal of a receipt", received, reversal, BOOKED, BOOKED, false},
    {"a reversal of interest", got_interest, reversal, BOOKED, BOOKED, false},
    {"a reversal of a fee", charged, reversal, BOOKED, BOOKED, false},
    {"a reversal of a payment", paid_before, reversal, NO_OUT, BOOKED, false},
    {"a reversal of an adjustment", adjusted, reversal, NO_OUT, BOOKED, false},
    {"an adjustment", nothing, adjustment, NO_OUT, NO_IN, false},
    {"an adjustment with a paper", nothing, adjustment_with_paper, BOOKED, BOOKED, false},
    {"an allocation", received_for_nobody, allocation, BOOKED, NO_IN, false},
    {"an allocation undone", allocated, undone, NO_OUT, BOOKED, false},
    {"a line of a lump", lump_opened, line, BOOKED, NO_IN, false},
    {"a line undone", line_allocated, line_undone, NO_OUT, BOOKED, false},
    {"a promise", nothing, promise, BOOKED, NO_IN, false},
    {"a promise cancelled", promised, promise_cancelled, BOOKED, BOOKED, true},
    {"a line of a settlement", paid_by_acquirer, line_of_settlement, BOOKED, BOOKED, false},
    {"what is missing, borne", is_missing, difference_borne, BOOKED, BOOKED, false},
    {"what is missing, given up", is_missing, difference_corrected, BOOKED, BOOKED, false},
    {"what is too much, given", is_too_much, difference_corrected, BOOKED, NO_IN, false},
    {"what is too much, for a promise", is_too_much, difference_assigned, BOOKED, BOOKED, false},
    {"an adjustment to UNALLOCATED", nothing, adjustment_to_unallocated, NO_OUT, BOOKED, false},
    {"fees collected", nothing, collection, BOOKED, BOOKED, false},
};

#define ROWS (int)(sizeof rows / sizeof *rows)

/* Bits of a case: who is restricted how. */
enum { GIVES_NOT = 1, TAKES_NOT = 2, CROSSWISE = 4, CASES = 8 };

/* Both restrict by an owner of their own; crosswise the giver takes nothing and the taker gives
 * nothing, too, which is not asked for. */
static void restrict_both(struct stage *stage, bool is_one, int bits)
{
    bool crosswise = (bits & CROSSWISE) != 0;
    bool giver_no_in = crosswise || (is_one && (bits & TAKES_NOT) != 0);
    bool giver_no_out = (bits & GIVES_NOT) != 0;
    bool taker_no_in = (bits & TAKES_NOT) != 0;
    if (giver_no_in || giver_no_out)
        stage_do(
            stage, command_by("court", make_restrict(L_SHOP, GIVER, giver_no_in, giver_no_out)));
    if (taker_no_in || crosswise)
        stage_do(stage, command_by("risk", make_restrict(L_SHOP, TAKER, taker_no_in, crosswise)));
}

START_TEST(a_movement_meets_its_restrictions)
{
    for (int bits = 0; bits < CASES; bits++) {
        struct scene scene = {.stage = stage_create()};
        rows[_i].prepare(&scene);
        restrict_both(scene.stage, rows[_i].is_one, bits);
        enum outcome expected = OUTCOME_ACCEPTED;
        if ((bits & TAKES_NOT) != 0)
            expected = rows[_i].taker_no_in;
        if ((bits & GIVES_NOT) != 0 && rows[_i].giver_no_out != OUTCOME_ACCEPTED)
            expected = rows[_i].giver_no_out;
        enum outcome outcome = stage_try(scene.stage, rows[_i].move(&scene));
        EXPECT_MSG(outcome == expected, "%s, case %d: %s, not %s", rows[_i].name, bits,
            outcome_name((int)outcome), outcome_name((int)expected));
        stage_destroy(scene.stage);
    }
}
END_TEST

Suite *movements_suite(void)
{
    Suite *suite = suite_create("movements");
    TCase *tests = tcase_create("movements");
    tcase_add_loop_test(tests, a_movement_meets_its_restrictions, 0, ROWS);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite;
}
