/* ways.c: each way in which money becomes available to one who owes, with each thing that binds
 * it: a debt is repaid first, a restriction keeps the account from giving and so from repaying, and
 * what is owed beyond the debts that one command repays does not leave. And each way in which money
 * that may be withdrawn from the next date on only reaches another, who may not withdraw it either.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ceilings.h"
#include "model/suspense.h"
#include "model/withdrawable.h"
#include "shop.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#include <inttypes.h>
#include <string.h>

enum { GOT = 30, OWED = 50 };

/* The account in question, and what its way needs to know from the time before it owed. */
struct debtor {
    struct stage *stage;
    int64_t account;
    int64_t thing; /* the hold, freeze, payout, proposal or command that `arrive` names */
};

static const struct account *account_of(const struct debtor *debtor)
{
    return engine_find_account(debtor->stage->engine, debtor->account);
}

static void give(const struct debtor *debtor, int64_t amount)
{
    stage_do(debtor->stage, make_receipt(L_SHOP, debtor->account, amount));
}

/* ---- the ways: what is done before the account owes, and what brings the money ---- */

static void nothing(struct debtor *debtor)
{
    (void)debtor;
}

static struct command by_receipt(const struct debtor *debtor)
{
    return make_receipt(L_SHOP, debtor->account, GOT);
}

static struct command by_interest(const struct debtor *debtor)
{
    return make_interest(L_SHOP, debtor->account, GOT);
}

static struct command by_payment(const struct debtor *debtor)
{
    return make_pay(L_SHOP, B_PAYER, debtor->account, GOT, 0);
}

static struct command by_confirm(const struct debtor *debtor)
{
    const struct payee only = {debtor->account, GOT};
    return a_confirm("H-1", B_PAYER, H_LIVE, &only, 1);
}

static void hold(struct debtor *debtor)
{
    give(debtor, GOT);
    debtor->thing = stage_do(debtor->stage, a_hold("PARKED", debtor->account, GOT, AN_HOUR_AHEAD));
}

static struct command by_cancel(const struct debtor *debtor)
{
    return make_cancel_hold(L_SHOP, debtor->account, "PARKED", debtor->thing, 0);
}

static struct command by_end_of_hold(const struct debtor *debtor)
{
    debtor->stage->now_us = AN_HOUR_AHEAD;
    return make_expire(L_SHOP, EXPIRY_HOLD, debtor->thing);
}

static void freeze(struct debtor *debtor)
{
    give(debtor, GOT);
    debtor->thing = stage_do(
        debtor->stage, make_place_freeze(L_SHOP, debtor->account, GOT, "risk", AN_HOUR_AHEAD));
}

static struct command by_lift(const struct debtor *debtor)
{
    return make_lift_freeze(L_SHOP, debtor->thing, 0);
}

static struct command by_end_of_freeze(const struct debtor *debtor)
{
    debtor->stage->now_us = AN_HOUR_AHEAD;
    return make_expire(L_SHOP, EXPIRY_FREEZE, debtor->thing);
}

static void withdraw(struct debtor *debtor)
{
    give(debtor, GOT);
    debtor->thing = stage_do(debtor->stage, make_withdraw(L_SHOP, debtor->account, GOT, 0, 0));
}

static void withdraw_wholly(struct debtor *debtor)
{
    withdraw(debtor);
    stage_do(debtor->stage, make_confirm(L_SHOP, debtor->thing, PAYOUT_RESULT_PAID));
}

static struct command by_failed(const struct debtor *debtor)
{
    return make_confirm(L_SHOP, debtor->thing, PAYOUT_RESULT_FAILED);
}

static struct command by_interception(const struct debtor *debtor)
{
    return make_intercept(L_SHOP, debtor->thing);
}

static struct command by_return(const struct debtor *debtor)
{
    return make_return(L_SHOP, debtor->thing, GOT);
}

/* It bears the fee of another's payout, which fails. */
static void bear_a_fee(struct debtor *debtor)
{
    give(debtor, GOT);
    struct command command = make_withdraw(L_SHOP, B_PAYER, 100, GOT, FEE_BORNE_BY_ANOTHER);
    command.withdraw.fee_account_id = debtor->account;
    debtor->thing = stage_do(debtor->stage, command);
}

static void buy(struct debtor *debtor)
{
    give(debtor, GOT);
    stage_do(debtor->stage, make_pay(L_SHOP, debtor->account, B_ONE, GOT, 0));
    debtor->thing = debtor->stage->sequence;
}

static struct command by_refund(const struct debtor *debtor)
{
    return make_refund(L_SHOP, debtor->thing, "", ALL_LEFT);
}

static struct command by_reversal(const struct debtor *debtor)
{
    return make_reverse(L_SHOP, debtor->thing);
}

static void be_charged(struct debtor *debtor)
{
    give(debtor, GOT);
    stage_do(debtor->stage, make_fee(L_SHOP, debtor->account, GOT));
    debtor->thing = debtor->stage->sequence;
}

static struct command adjusts(const struct debtor *debtor, int64_t from, int64_t to, int64_t amount)
{
    return stage_by_two(debtor->stage, make_adjust(L_SHOP, from, to, amount));
}

static void wait_for_it(struct debtor *debtor)
{
    stage_do(debtor->stage, make_receipt_by_number(L_SHOP, "", GOT));
    debtor->thing = engine_last_id(debtor->stage->engine, RECORD_SUSPENSE);
}

static struct command by_allocation(const struct debtor *debtor)
{
    return make_allocate(L_SHOP, debtor->thing, &(struct payee){debtor->account, GOT}, 1);
}

static struct command by_adjustment(const struct debtor *debtor)
{
    return adjusts(debtor, B_ONE, debtor->account, GOT);
}

static const struct {
    const char *name;
    void (*before)(struct debtor *debtor);
    struct command (*arrive)(const struct debtor *debtor);
} ways[] = {
    {"a receipt", nothing, by_receipt},
    {"interest", nothing, by_interest},
    {"a payment", nothing, by_payment},
    {"a confirm", nothing, by_confirm},
    {"its hold is cancelled", hold, by_cancel},
    {"the time of its hold is over", hold, by_end_of_hold},
    {"its freeze is lifted", freeze, by_lift},
    {"the time of its freeze is over", freeze, by_end_of_freeze},
    {"its payout failed", withdraw, by_failed},
    {"its payout is intercepted", withdraw, by_interception},
    {"its payout returned", withdraw_wholly, by_return},
    {"the fee that it bore for another comes back", bear_a_fee, by_failed},
    {"a refund", buy, by_refund},
    {"its payment is reversed", buy, by_reversal},
    {"its fee is reversed", be_charged, by_reversal},
    {"an adjustment", nothing, by_adjustment},
    {"an allocation", wait_for_it, by_allocation},
};

enum { WAYS = sizeof ways / sizeof *ways };

/* ---- what binds it ---- */

/* The account is paid and spends it; then it is refunded, in so many parts, out of PLATFORM_OWN. */
static void owe(const struct debtor *debtor, int parts)
{
    struct stage *stage = debtor->stage;
    stage_do(stage, make_pay(L_SHOP, B_PAYER, debtor->account, OWED, 0));
    int64_t payment = stage->sequence;
    stage_do(stage, make_pay(L_SHOP, debtor->account, B_TWO, OWED, 0));
    for (int i = 1; i <= parts; i++) {
        const struct payee part = {debtor->account, i < parts ? 1 : OWED - parts + 1};
        stage_do(stage, make_refund(L_SHOP, payment, "", &part, 1));
    }
    EXPECT(account_of(debtor)->owed_minor == OWED);
    EXPECT(account_of(debtor)->balance_minor[BUCKET_AVAILABLE] == 0);
}

static struct debtor start(struct stage *stage, int way)
{
    struct debtor debtor = {
        .stage = stage, .account = stage_do(stage, make_open_account(L_SHOP, M_SHOP))};
    ways[way].before(&debtor);
    return debtor;
}

static int64_t own_money(const struct stage *stage)
{
    return engine_find_account(stage->engine, SHOP_OWN)->balance_minor[BUCKET_AVAILABLE];
}

static void expect_bound(const struct debtor *debtor, int way, int64_t available, int64_t owed)
{
    const struct account *account = account_of(debtor);
    EXPECT_MSG(account->balance_minor[BUCKET_AVAILABLE] == available, "%s: available %" PRId64,
        ways[way].name, account->balance_minor[BUCKET_AVAILABLE]);
    EXPECT_MSG(
        account->owed_minor == owed, "%s: owes %" PRId64, ways[way].name, account->owed_minor);
}

/* Everything that would take it away again is refused. */
static void expect_nothing_leaves(const struct debtor *debtor, enum outcome outcome)
{
    struct stage *stage = debtor->stage;
    EXPECT(stage_try(stage, make_pay(L_SHOP, debtor->account, B_TWO, 1, 0)) == outcome);
    EXPECT(stage_try(stage, make_withdraw(L_SHOP, debtor->account, 1, 0, 0)) == outcome);
    EXPECT(stage_try(stage, make_fee(L_SHOP, debtor->account, 1)) == outcome);
    EXPECT(
        stage_try(stage, a_hold("AGAIN", debtor->account, 1, AN_HOUR_AHEAD + HOUR_US)) == outcome);
}

START_TEST(a_debt_is_repaid_first)
{
    struct stage *stage = stage_create();
    struct debtor debtor = start(stage, _i);
    owe(&debtor, 1);
    int64_t own = own_money(stage);
    stage_do(stage, ways[_i].arrive(&debtor));
    expect_bound(&debtor, _i, 0, OWED - GOT);
    EXPECT_MSG(own_money(stage) == own + GOT, "%s", ways[_i].name);
    const struct posting *last = &stage->effects.postings[stage->effects.posting_count - 1];
    EXPECT(last->debit_account_id == debtor.account && last->credit_account_id == SHOP_OWN);
    expect_nothing_leaves(&debtor, OUTCOME_INSUFFICIENT_AVAILABLE);
    stage_destroy(stage);
}
END_TEST

START_TEST(a_restricted_account_repays_when_it_may_give_again)
{
    struct stage *stage = stage_create();
    struct debtor debtor = start(stage, _i);
    owe(&debtor, 1);
    stage_do(stage, make_restrict(L_SHOP, debtor.account, false, true));
    stage_do(stage, ways[_i].arrive(&debtor));
    expect_bound(&debtor, _i, GOT, OWED);
    expect_nothing_leaves(&debtor, OUTCOME_ACCOUNT_RESTRICTED_OUT);
    stage_do(stage, command_by("u", make_restrict(L_SHOP, debtor.account, false, true)));
    stage_do(stage, make_restrict(L_SHOP, debtor.account, false, false));
    expect_bound(&debtor, _i, GOT, OWED);
    stage_do(stage, command_by("u", make_restrict(L_SHOP, debtor.account, false, false)));
    expect_bound(&debtor, _i, 0, OWED - GOT);
    stage_destroy(stage);
}
END_TEST

/* With more debts than one command repays the rest stays, and stays where it is. */
START_TEST(what_is_owed_beyond_does_not_leave)
{
    struct stage *stage = stage_create();
    struct debtor debtor = start(stage, _i);
    owe(&debtor, DEBTS_PER_SETTLE_MAX + 2);
    stage_do(stage, ways[_i].arrive(&debtor));
    expect_bound(&debtor, _i, GOT - DEBTS_PER_SETTLE_MAX, OWED - DEBTS_PER_SETTLE_MAX);
    expect_nothing_leaves(&debtor, OUTCOME_INSUFFICIENT_AVAILABLE);
    give(&debtor, OWED);
    expect_bound(&debtor, _i, GOT, 0);
    EXPECT(stage_try(stage, make_pay(L_SHOP, debtor.account, B_TWO, GOT, 0)) == OUTCOME_ACCEPTED);
    stage_destroy(stage);
}
END_TEST

/* Money that was held before is confirmed as far as the rest, wherever it is, is enough. */
START_TEST(what_was_held_before_stays_as_far_as_it_is_owed)
{
    enum { HELD = 100 };
    struct stage *stage = stage_create();
    struct debtor debtor = {
        .stage = stage, .account = stage_do(stage, make_open_account(L_SHOP, M_SHOP))};
    give(&debtor, HELD);
    int64_t hold = stage_do(stage, a_hold("PARK", debtor.account, HELD, AN_HOUR_AHEAD + HOUR_US));
    owe(&debtor, 1);
    const struct payee all = {B_TWO, HELD};
    const struct payee more = {B_TWO, HELD - OWED + 1};
    const struct payee less = {B_TWO, HELD - OWED};
    const struct payee one = {B_TWO, 1};
#define CONFIRM(payee) stage_try(stage, a_confirm("PARK", debtor.account, hold, &(payee), 1))
    EXPECT(CONFIRM(all) == OUTCOME_OWED_STAYS);
    EXPECT(stage->effects.limit_minor == HELD - OWED);
    EXPECT(CONFIRM(more) == OUTCOME_OWED_STAYS);
    EXPECT(CONFIRM(less) == OUTCOME_ACCEPTED);
    EXPECT(CONFIRM(one) == OUTCOME_OWED_STAYS);
    EXPECT(stage->effects.limit_minor == 0);
    /* What else it has frozen is enough for the debt. */
    struct debtor other = {
        .stage = stage, .account = stage_do(stage, make_open_account(L_SHOP, M_SHOP))};
    give(&other, HELD + OWED);
    int64_t freeze = stage_do(stage, a_freeze(other.account, OWED, AN_HOUR_AHEAD + HOUR_US));
    hold = stage_do(stage, a_hold("PARK", other.account, HELD, AN_HOUR_AHEAD + HOUR_US));
    owe(&other, 1);
    EXPECT(stage_try(stage, a_confirm("PARK", other.account, hold, &all, 1)) == OUTCOME_ACCEPTED);
    stage_do(stage, a_lift(freeze, 0));
    EXPECT(account_of(&other)->owed_minor == 0);
    /* And what is cancelled repays, after which the rest is free. */
    EXPECT(account_of(&debtor)->owed_minor == OWED);
    stage_do(stage, a_cancel("PARK", debtor.account, 0, 0));
    EXPECT(account_of(&debtor)->owed_minor == 0);
#undef CONFIRM
    stage_destroy(stage);
}
END_TEST

/* ---- what is kept for the next date ---- */

static int64_t withdrawable(const struct debtor *debtor, int64_t account)
{
    const struct account *found = engine_find_account(debtor->stage->engine, account);
    const struct ledger *ledger = engine_find_ledger(debtor->stage->engine, L_SHOP);
    return account_withdrawable_minor(found, ledger->accounting_dates[0]);
}

/* The ways in which the account's money reaches another owner: it has GOT, all of it kept. */
static struct command gives_payment(struct debtor *giver, int64_t to)
{
    return make_pay(L_SHOP, giver->account, to, GOT, 0);
}

static struct command gives_confirm(struct debtor *giver, int64_t to)
{
    const struct payee only = {to, GOT};
    giver->thing = stage_do(giver->stage, a_hold("KEPT", giver->account, GOT, AN_HOUR_AHEAD));
    return a_confirm("KEPT", giver->account, giver->thing, &only, 1);
}

static struct command gives_adjustment(struct debtor *giver, int64_t to)
{
    return adjusts(giver, giver->account, to, GOT);
}

/* It is an item of suspense then, the only one that is open: which one. */
static int64_t by_unallocated(struct debtor *giver)
{
    int64_t unallocated =
        engine_find_ledger(giver->stage->engine, L_SHOP)->first_control_account_id +
        (ACCOUNT_UNALLOCATED - ACCOUNT_ESCROW);
    const struct account *waits = engine_find_account(giver->stage->engine, unallocated);
    /* What else waits there is free, and would leave first. */
    for (int64_t id = 1; id <= engine_last_id(giver->stage->engine, RECORD_SUSPENSE); id++) {
        const struct suspense *item = engine_find_record(giver->stage->engine, RECORD_SUSPENSE, id);
        if (item->ledger_id == L_SHOP && item->status == SUSPENSE_OPEN)
            stage_do(giver->stage,
                make_allocate(L_SHOP, id, &(struct payee){B_TWO, suspense_open_minor(item)}, 1));
    }
    EXPECT(waits->balance_minor[BUCKET_AVAILABLE] == 0);
    stage_do(giver->stage, adjusts(giver, giver->account, unallocated, GOT));
    return engine_last_id(giver->stage->engine, RECORD_SUSPENSE);
}

static struct command gives_adjustment_by_unallocated(struct debtor *giver, int64_t to)
{
    return make_allocate(L_SHOP, by_unallocated(giver), &(struct payee){to, GOT}, 1);
}

/* A settlement of the item, of an acquirer that has nothing else. */
static int64_t settles(struct debtor *giver, int64_t item, int64_t *ret_acquirer)
{
    *ret_acquirer = stage_do(giver->stage, make_open_acquirer(L_SHOP, "gives", 0, "", 10 * GOT));
    return stage_do(giver->stage, make_open_settlement(L_SHOP, *ret_acquirer, item, 1, GOT));
}

static struct command gives_line(struct debtor *giver, int64_t to)
{
    int64_t acquirer;
    int64_t settlement = settles(giver, by_unallocated(giver), &acquirer);
    int64_t promise = stage_do(giver->stage, make_promise(L_SHOP, acquirer, to, GOT, "gives"));
    return make_settle_line(L_SHOP, settlement, promise, GOT, 0);
}

static struct command gives_surplus(struct debtor *giver, int64_t to)
{
    int64_t acquirer;
    int64_t settlement = settles(giver, by_unallocated(giver), &acquirer);
    int64_t promise = stage_do(giver->stage, make_promise(L_SHOP, acquirer, to, 1, "gives"));
    int64_t difference =
        stage_do(giver->stage, make_settle_line(L_SHOP, settlement, promise, GOT, 0));
    return make_close_difference(L_SHOP, difference, DIFFERENCE_CORRECTED, 0);
}

static struct command gives_surplus_to_another(struct debtor *giver, int64_t to)
{
    int64_t acquirer;
    int64_t settlement = settles(giver, by_unallocated(giver), &acquirer);
    int64_t difference = stage_do(
        giver->stage, line_of_reference("none", make_settle_line(L_SHOP, settlement, 0, GOT, 0)));
    int64_t promise = stage_do(giver->stage, make_promise(L_SHOP, acquirer, to, GOT, "gives"));
    return make_close_difference(L_SHOP, difference, DIFFERENCE_ASSIGNED, promise);
}

static struct command gives_surplus_back(struct debtor *giver, int64_t to)
{
    int64_t acquirer;
    int64_t item = by_unallocated(giver);
    int64_t settlement = settles(giver, item, &acquirer);
    int64_t difference = stage_do(
        giver->stage, line_of_reference("none", make_settle_line(L_SHOP, settlement, 0, GOT, 0)));
    stage_do(giver->stage, make_close_difference(L_SHOP, difference, DIFFERENCE_RETURNED, item));
    return make_allocate(L_SHOP, item, &(struct payee){to, GOT}, 1);
}

static struct command gives_settlement_up(struct debtor *giver, int64_t to)
{
    int64_t acquirer;
    int64_t item = by_unallocated(giver);
    int64_t settlement = settles(giver, item, &acquirer);
    stage_do(giver->stage, make_abandon(L_SHOP, settlement, item));
    return make_allocate(L_SHOP, item, &(struct payee){to, GOT}, 1);
}

/* What the other paid is kept for the next date with the account, and comes back. */
static struct command gives_refund(struct debtor *giver, int64_t to)
{
    (void)to;
    return make_refund(L_SHOP, giver->thing, "", ALL_LEFT);
}

/* It has everything held, so the platform advances it. */
static struct command gives_advanced_refund(struct debtor *giver, int64_t to)
{
    const struct account *account = account_of(giver);
    (void)to;
    stage_do(giver->stage,
        a_hold("KEPT", giver->account, account->balance_minor[BUCKET_AVAILABLE], AN_HOUR_AHEAD));
    return make_refund(L_SHOP, giver->thing, "", ALL_LEFT);
}

static struct command gives_reversal(struct debtor *giver, int64_t to)
{
    (void)to;
    return make_reverse(L_SHOP, giver->thing);
}

static const struct {
    const char *name;
    struct command (*give)(struct debtor *giver, int64_t to);
} gifts[] = {
    {"a payment", gives_payment},
    {"a confirm", gives_confirm},
    {"an adjustment", gives_adjustment},
    {"an adjustment to UNALLOCATED and its allocation", gives_adjustment_by_unallocated},
    {"a line of a settlement", gives_line},
    {"what a line paid too much", gives_surplus},
    {"what a line paid for nobody, assigned", gives_surplus_to_another},
    {"what a line paid for nobody, given back", gives_surplus_back},
    {"a settlement that is given up", gives_settlement_up},
    {"a refund", gives_refund},
    {"a reversal", gives_reversal},
};

enum { GIFTS = sizeof gifts / sizeof *gifts };

START_TEST(an_advance_takes_along_what_is_kept)
{
    struct stage *stage = stage_create();
    struct debtor to = {
        .stage = stage, .account = stage_do(stage, make_open_account(L_SHOP, M_SHOP))};
    struct debtor giver = {
        .stage = stage, .account = stage_do(stage, make_open_account(L_SHOP, M_SHOP))};
    give(&to, GOT);
    stage_do(stage, next_date(make_pay(L_SHOP, to.account, giver.account, GOT, 0)));
    giver.thing = stage->sequence;
    stage_do(stage, gives_advanced_refund(&giver, to.account));
    EXPECT(account_of(&giver)->owed_minor == GOT);
    EXPECT(account_of(&to)->balance_minor[BUCKET_AVAILABLE] == GOT);
    EXPECT(withdrawable(&to, to.account) == 0);
    EXPECT(account_of(&giver)->next_date_minor == 0);
    stage_destroy(stage);
}
END_TEST

/* Of the giver's money GOT is not withdrawable, and 0 or 10 is: who gets GOT of it can withdraw
 * what was free, and both together no more than that. */
START_TEST(what_is_kept_for_the_next_date_stays_so)
{
    struct stage *stage = stage_create();
    struct debtor to = {
        .stage = stage, .account = stage_do(stage, make_open_account(L_SHOP, M_SHOP))};
    struct debtor giver = {
        .stage = stage, .account = stage_do(stage, make_open_account(L_SHOP, M_SHOP))};
    give(&to, GOT);
    struct command pay = make_pay(L_SHOP, to.account, giver.account, GOT, 0);
    stage_do(stage, next_date(pay));
    giver.thing = stage->sequence;
    EXPECT(withdrawable(&giver, giver.account) == 0);
    if (_i % 2 == 1)
        give(&giver, 10);
    int64_t free_minor = withdrawable(&giver, giver.account);
    EXPECT(free_minor == (_i % 2 == 1 ? 10 : 0));
    stage_do(stage, gifts[_i / 2].give(&giver, to.account));
    const char *name = gifts[_i / 2].name;
    EXPECT_MSG(withdrawable(&giver, giver.account) == 0, "%s", name);
    EXPECT_MSG(withdrawable(&giver, to.account) == free_minor, "%s", name);
    EXPECT(stage_try(stage, make_withdraw(L_SHOP, to.account, free_minor + 1, 0, 0)) ==
           OUTCOME_NOT_YET_WITHDRAWABLE);
    int32_t date = engine_find_ledger(stage->engine, L_SHOP)->accounting_dates[0];
    stage_do(stage, make_cut_day(L_SHOP, date + 1));
    EXPECT_MSG(withdrawable(&giver, to.account) == GOT, "%s", name);
    EXPECT_MSG(withdrawable(&giver, giver.account) == free_minor, "%s", name);
    stage_destroy(stage);
}
END_TEST

static int64_t kept_of(const struct stage *stage, int64_t account_id)
{
    return engine_find_account(stage->engine, account_id)->next_date_minor;
}

/* Money for the next date waits in UNALLOCATED beside a receipt. Its owner is found, and gets what
 * is free; the receipt is returned (0, 1) or reversed (2): as long as it is on its way, and if it
 * comes back (1), what is kept waits there; when it has left, whoever the next receipt is for has
 * that free. */
START_TEST(what_is_kept_ends_when_it_leaves)
{
    struct stage *stage = stage_create();
    int64_t ledger = stage_do(stage, make_open_ledger("7531", TEST_DATE, 1));
    int64_t member = stage_do(stage, make_open_member(ledger, "owner"));
    int64_t payer = stage_do(stage, make_open_account(ledger, member));
    int64_t payee = stage_do(stage, make_open_account(ledger, member));
    int64_t other = stage_do(stage, make_open_account(ledger, member));
    int64_t nobody = engine_find_ledger(stage->engine, ledger)->first_control_account_id +
                     ACCOUNT_UNALLOCATED - ACCOUNT_ESCROW;
    stage_do(stage, make_receipt(ledger, payer, 50));
    stage_do(stage, next_date(make_pay(ledger, payer, payee, 50, 0)));
    int64_t paid = stage->sequence;
    stage_do(stage, make_close_account(ledger, payer));
    stage_do(stage, make_refund(ledger, paid, "", NULL, 0));
    int64_t kept = engine_last_id(stage->engine, RECORD_SUSPENSE);
    stage_do(stage, with_party(make_receipt_by_number(ledger, "", 100), &other_party));
    int64_t receipt = stage->sequence, item = engine_last_id(stage->engine, RECORD_SUSPENSE);
    EXPECT(kept_of(stage, nobody) == 50);
    stage_do(stage, make_allocate(ledger, kept, &(struct payee){payee, 50}, 1));
    EXPECT(kept_of(stage, nobody) == 50 && kept_of(stage, payee) == 0);
    if (_i == 2) {
        stage_do(stage, make_reverse(ledger, receipt));
    } else {
        stage_do(stage, make_return_suspense(ledger, item, receipt, 0));
        int64_t payout = engine_last_id(stage->engine, RECORD_PAYOUT);
        EXPECT(kept_of(stage, nobody) == 50);
        stage_do(stage,
            make_confirm(ledger, payout, _i == 0 ? PAYOUT_RESULT_PAID : PAYOUT_RESULT_FAILED));
    }
    EXPECT(kept_of(stage, nobody) == (_i == 1 ? 50 : 0));
    stage_do(stage, make_receipt_by_number(ledger, "", 30));
    int64_t last = engine_last_id(stage->engine, RECORD_SUSPENSE);
    stage_do(stage, make_allocate(ledger, last, &(struct payee){other, 30}, 1));
    EXPECT(kept_of(stage, other) == 0);
    if (_i == 1) {
        stage_do(stage, make_allocate(ledger, item, &(struct payee){other, 100}, 1));
        EXPECT(kept_of(stage, other) == 50 && kept_of(stage, nobody) == 0);
    }
    stage_destroy(stage);
}
END_TEST

Suite *ways_suite(void)
{
    Suite *suite = suite_create("ways");
    TCase *tests = tcase_create("ways");
    tcase_add_loop_test(tests, a_debt_is_repaid_first, 0, WAYS);
    tcase_add_loop_test(tests, a_restricted_account_repays_when_it_may_give_again, 0, WAYS);
    tcase_add_loop_test(tests, what_is_owed_beyond_does_not_leave, 0, WAYS);
    tcase_add_test(tests, what_was_held_before_stays_as_far_as_it_is_owed);
    tcase_add_test(tests, an_advance_takes_along_what_is_kept);
    tcase_add_loop_test(tests, what_is_kept_for_the_next_date_stays_so, 0, 2 * GIFTS);
    tcase_add_loop_test(tests, what_is_kept_ends_when_it_leaves, 0, 3);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
