/* ways.c: each way in which money becomes available to one who owes, with each thing that binds
 * it: a debt is repaid first, a restriction keeps the account from giving and so from repaying, and
 * what is owed beyond the debts that one command repays does not leave.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ceilings.h"
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
    int64_t owing; /* the account at which it owes: this one, or another of the member */
    int64_t thing; /* the hold, freeze, payout, proposal or command that `arrive` names */
    int64_t whole; /* the lump or settlement that the line to come is one of */
};

static const struct account *account_of(const struct debtor *debtor)
{
    return engine_find_account(debtor->stage->engine, debtor->account);
}

static int64_t owed_by(const struct debtor *debtor)
{
    return engine_owed_minor(debtor->stage->engine, account_of(debtor));
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

static struct command by_corrected_failure(const struct debtor *debtor)
{
    return stage_by_two(
        debtor->stage, make_correction(L_SHOP, debtor->thing, PAYOUT_RESULT_FAILED, 0));
}

static struct command by_corrected_return(const struct debtor *debtor)
{
    return stage_by_two(
        debtor->stage, make_correction(L_SHOP, debtor->thing, PAYOUT_RESULT_RETURNED, GOT));
}

static void wait_for_lump(struct debtor *debtor)
{
    wait_for_it(debtor);
    stage_do(debtor->stage, make_suspense_age(L_SHOP, 0));
    debtor->whole = stage_do(debtor->stage, make_open_lump(L_SHOP, debtor->thing, 1, GOT));
}

static struct command by_lump_line(const struct debtor *debtor)
{
    return make_line(L_SHOP, debtor->whole, "OWED-1", debtor->account, GOT);
}

/* A promise of the amount, and a settlement of an item that brings so much. */
static void wait_for_settlement_of(struct debtor *debtor, int64_t promised, int64_t brought)
{
    struct stage *stage = debtor->stage;
    int64_t acquirer = stage_do(stage, make_open_acquirer(L_SHOP, "owed", 0, "", 10 * GOT));
    stage_do(stage, make_receipt_by_number(L_SHOP, "", brought));
    int64_t item = engine_last_id(stage->engine, RECORD_SUSPENSE);
    debtor->thing =
        stage_do(stage, make_promise(L_SHOP, acquirer, debtor->account, promised, "owed"));
    debtor->whole = stage_do(stage, make_open_settlement(L_SHOP, acquirer, item, 1, brought));
}

static void wait_for_settlement(struct debtor *debtor)
{
    wait_for_settlement_of(debtor, GOT, GOT);
}

static struct command by_settlement_line(const struct debtor *debtor)
{
    return make_settle_line(L_SHOP, debtor->whole, debtor->thing, GOT, 0);
}

/* The line paid GOT more than was promised; what was promised is spent. */
static void wait_for_surplus(struct debtor *debtor)
{
    wait_for_settlement_of(debtor, 1, GOT + 1);
    debtor->thing =
        stage_do(debtor->stage, make_settle_line(L_SHOP, debtor->whole, debtor->thing, GOT + 1, 0));
    stage_do(debtor->stage, make_pay(L_SHOP, debtor->account, B_ONE, 1, 0));
}

static struct command by_surplus(const struct debtor *debtor)
{
    return make_close_difference(L_SHOP, debtor->thing, DIFFERENCE_CORRECTED, 0);
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
    {"its payout had failed after all", withdraw_wholly, by_corrected_failure},
    {"its payout had returned after all", withdraw_wholly, by_corrected_return},
    {"a line of a lump", wait_for_lump, by_lump_line},
    {"a line of a settlement", wait_for_settlement, by_settlement_line},
    {"what a line paid too much", wait_for_surplus, by_surplus},
};

enum { WAYS = sizeof ways / sizeof *ways };

/* ---- what binds it ---- */

/* The account is paid and spends it; then it is refunded, in so many parts, out of PLATFORM_OWN. */
static void owe(const struct debtor *debtor, int parts)
{
    struct stage *stage = debtor->stage;
    int64_t owing = debtor->owing != 0 ? debtor->owing : debtor->account;
    stage_do(stage, make_pay(L_SHOP, B_PAYER, owing, OWED, 0));
    int64_t payment = stage->sequence;
    stage_do(stage, make_pay(L_SHOP, owing, B_TWO, OWED, 0));
    for (int i = 1; i <= parts; i++) {
        const struct payee part = {owing, i < parts ? 1 : OWED - parts + 1};
        stage_do(stage, make_refund(L_SHOP, payment, "", &part, 1));
    }
    EXPECT(owed_by(debtor) == OWED);
    EXPECT(account_of(debtor)->balance_minor[BUCKET_AVAILABLE] == 0);
}

/* Where it owes. */
enum { OF_ITS_OWN, OF_ANOTHER_OF_THE_MEMBER, PLACES };

/* Two accounts of one member: `_i` says by which way the first one is paid, and which one owes. */
static struct debtor start(struct stage *stage, int i)
{
    struct debtor debtor = {.stage = stage, .account = stage_newcomer(stage)};
    int64_t other = stage_do(stage, make_open_account(L_SHOP, account_of(&debtor)->member_id));
    debtor.owing = i % PLACES == OF_ITS_OWN ? debtor.account : other;
    ways[i / PLACES].before(&debtor);
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
    EXPECT_MSG(owed_by(debtor) == owed, "%s: owes %" PRId64, ways[way].name, owed_by(debtor));
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
    stage_do(stage, ways[_i / PLACES].arrive(&debtor));
    expect_bound(&debtor, _i / PLACES, 0, OWED - GOT);
    EXPECT_MSG(own_money(stage) == own + GOT, "%s", ways[_i / PLACES].name);
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
    stage_do(stage, ways[_i / PLACES].arrive(&debtor));
    expect_bound(&debtor, _i / PLACES, GOT, OWED);
    expect_nothing_leaves(&debtor, OUTCOME_ACCOUNT_RESTRICTED_OUT);
    stage_do(stage, command_by("u", make_restrict(L_SHOP, debtor.account, false, true)));
    stage_do(stage, make_restrict(L_SHOP, debtor.account, false, false));
    expect_bound(&debtor, _i / PLACES, GOT, OWED);
    stage_do(stage, command_by("u", make_restrict(L_SHOP, debtor.account, false, false)));
    expect_bound(&debtor, _i / PLACES, 0, OWED - GOT);
    stage_destroy(stage);
}
END_TEST

/* With more debts than one command repays the rest stays, and stays where it is. */
START_TEST(what_is_owed_beyond_does_not_leave)
{
    struct stage *stage = stage_create();
    struct debtor debtor = start(stage, _i);
    owe(&debtor, DEBTS_PER_SETTLE_MAX + 2);
    stage_do(stage, ways[_i / PLACES].arrive(&debtor));
    expect_bound(&debtor, _i / PLACES, GOT - DEBTS_PER_SETTLE_MAX, OWED - DEBTS_PER_SETTLE_MAX);
    expect_nothing_leaves(&debtor, OUTCOME_INSUFFICIENT_AVAILABLE);
    give(&debtor, OWED);
    expect_bound(&debtor, _i / PLACES, GOT, 0);
    EXPECT(stage_try(stage, make_pay(L_SHOP, debtor.account, B_TWO, GOT, 0)) == OUTCOME_ACCEPTED);
    stage_destroy(stage);
}
END_TEST

/* A claim of the account itself is before what it owes, and before everybody. */
START_TEST(a_claim_comes_first)
{
    struct stage *stage = stage_create();
    struct debtor debtor = start(stage, _i);
    owe(&debtor, 1);
    int64_t claim = stage_do(stage, make_place_claim(L_SHOP, debtor.account, 0, 0));
    stage_do(stage, ways[_i / PLACES].arrive(&debtor));
    expect_bound(&debtor, _i / PLACES, 0, OWED);
    EXPECT(engine_cover_minor(stage->engine, debtor.account) == GOT);
    expect_nothing_leaves(&debtor, OUTCOME_INSUFFICIENT_AVAILABLE);
    stage_do(stage, make_release_claim(L_SHOP, claim, "C-1", 0));
    expect_bound(&debtor, _i / PLACES, 0, OWED - GOT);
    EXPECT(engine_cover_minor(stage->engine, debtor.account) == 0);
    stage_destroy(stage);
}
END_TEST

/* Of one member an account owes and another one is claimed: one command pays both, and what is
 * claimed does not repay. */
START_TEST(one_owes_and_another_is_claimed)
{
    struct stage *stage = stage_create();
    bool is_claimed_first = _i == 1;
    struct debtor debtor = {.stage = stage, .account = stage_newcomer(stage)};
    int64_t claimed = stage_do(stage, make_open_account(L_SHOP, account_of(&debtor)->member_id));
    if (is_claimed_first) {
        int64_t first = debtor.account;
        debtor.account = claimed;
        claimed = first;
    }
    owe(&debtor, 1);
    stage_do(stage, make_place_claim(L_SHOP, claimed, 0, GOT));
    const struct payee both[] = {{debtor.account, GOT}, {claimed, GOT + 1}};
    stage_do(stage, make_split(L_SHOP, B_PAYER, both, 2, 0));
    EXPECT(owed_by(&debtor) == OWED - GOT - 1);
    EXPECT(engine_cover_minor(stage->engine, claimed) == GOT);
    EXPECT(
        stage_try(stage, make_pay(L_SHOP, claimed, B_TWO, 1, 0)) == OUTCOME_INSUFFICIENT_AVAILABLE);
    stage_destroy(stage);
}
END_TEST

/* With debts of several accounts the own ones go first, then the oldest of the member. */
START_TEST(own_debts_go_first)
{
    struct stage *stage = stage_create();
    struct debtor first = {.stage = stage, .account = stage_newcomer(stage)};
    int64_t member = account_of(&first)->member_id;
    struct debtor second = first;
    struct debtor third = first;
    second.account = stage_do(stage, make_open_account(L_SHOP, member));
    third.account = stage_do(stage, make_open_account(L_SHOP, member));
    const struct payee both[] = {{first.account, OWED}, {second.account, OWED}};
    stage_do(stage, a_payment("", B_PAYER, both, 2));
    int64_t payment = stage->sequence;
    stage_do(stage, make_pay(L_SHOP, first.account, B_TWO, OWED, 0));
    stage_do(stage, make_pay(L_SHOP, second.account, B_TWO, OWED, 0));
    stage_do(stage, make_refund(L_SHOP, payment, "", ALL_LEFT));
    int64_t oldest = engine_last_id(stage->engine, RECORD_DEBT) - 1;
    EXPECT(owed_by(&third) == 2 * OWED);
#define RECOVERED(id) (engine_find_debt(stage->engine, id)->recovered_minor)
    give(&second, OWED - 1);
    EXPECT(RECOVERED(oldest) == 0 && RECOVERED(oldest + 1) == OWED - 1);
    give(&third, 1);
    EXPECT(RECOVERED(oldest) == 1 && RECOVERED(oldest + 1) == OWED - 1);
    give(&second, 2);
    EXPECT(RECOVERED(oldest) == 2 && RECOVERED(oldest + 1) == OWED);
    EXPECT(stage_try(stage, make_close_account(L_SHOP, first.account)) == OUTCOME_ACCOUNT_HAS_DEBT);
    stage_do(stage, make_close_account(L_SHOP, second.account));
    give(&third, OWED);
    EXPECT(RECOVERED(oldest) == OWED && owed_by(&third) == 0);
    EXPECT(account_of(&third)->balance_minor[BUCKET_AVAILABLE] == 2);
#undef RECOVERED
    stage_destroy(stage);
}
END_TEST

/* What a member has elsewhere when it begins to owe repays at once, of one that may not give when
 * it may again; more accounts than are looked at keep what is owed. */
START_TEST(what_is_elsewhere_repays_at_once)
{
    struct stage *stage = stage_create();
    struct debtor debtor = {.stage = stage, .account = stage_newcomer(stage)};
    int64_t member = account_of(&debtor)->member_id;
    struct debtor rich = {
        .stage = stage, .account = stage_do(stage, make_open_account(L_SHOP, member))};
    give(&rich, OWED + GOT);
    int64_t own = own_money(stage);
    debtor.owing = debtor.account;
    stage_do(stage, make_pay(L_SHOP, B_PAYER, debtor.account, OWED, 0));
    int64_t payment = stage->sequence;
    stage_do(stage, make_pay(L_SHOP, debtor.account, B_TWO, OWED, 0));
    stage_do(stage, make_refund(L_SHOP, payment, "", ALL_LEFT));
    EXPECT(owed_by(&debtor) == 0 && own_money(stage) == own);
    EXPECT(account_of(&rich)->balance_minor[BUCKET_AVAILABLE] == GOT);

    stage_do(stage, make_restrict(L_SHOP, rich.account, false, true));
    owe(&debtor, 1);
    EXPECT(account_of(&rich)->balance_minor[BUCKET_AVAILABLE] == GOT);
    stage_do(stage, make_restrict(L_SHOP, rich.account, false, false));
    EXPECT(account_of(&rich)->balance_minor[BUCKET_AVAILABLE] == 0);
    give(&rich, OWED);
    EXPECT(owed_by(&rich) == 0);
    EXPECT(account_of(&rich)->balance_minor[BUCKET_AVAILABLE] == GOT);

    for (int i = 0; i < SETTLE_OTHERS_MAX; i++)
        stage_do(stage, make_open_account(L_SHOP, member));
    owe(&debtor, 1);
    expect_nothing_leaves(&rich, OUTCOME_INSUFFICIENT_AVAILABLE);
    EXPECT(account_of(&rich)->balance_minor[BUCKET_AVAILABLE] == GOT);
    give(&rich, 1);
    EXPECT(owed_by(&rich) == OWED - GOT - 1);
    stage_destroy(stage);
}
END_TEST

/* Who has closed the account that was paid owes what is advanced, and repays by another one; what
 * would be his of the fee waits. Without the term nobody gives the refund. */
START_TEST(who_has_closed_owes_too)
{
    enum { PAID = 1000, FEE_OF_IT = 10 };
    struct stage *stage = stage_create();
    struct debtor gone = {.stage = stage, .account = stage_newcomer(stage)};
    struct debtor here = {.stage = stage,
        .account = stage_do(stage, make_open_account(L_SHOP, account_of(&gone)->member_id))};
    const struct payee all = {gone.account, PAID};
    stage_do(stage, with_rule(a_payment("C", B_PAYER, &all, 1), "full", FEE_BEARER_PAYEES));
    int64_t payment = stage->sequence;
    stage_do(stage, make_pay(L_SHOP, gone.account, B_TWO, PAID - FEE_OF_IT, 0));
    stage_do(stage, make_close_account(L_SHOP, gone.account));
    const struct payee most = {gone.account, PAID - FEE_OF_IT / 2};
    const struct payee rest = {gone.account, FEE_OF_IT / 2};

    stage_do(stage, make_set_terms(L_SHOP, own_party, false, 1));
    EXPECT(stage_try(stage, a_refund("C", payment, &most, 1)) == OUTCOME_PAYEE_ACCOUNT_CLOSED);
    stage_do(stage, make_set_terms(L_SHOP, own_party, true, 1));
    EXPECT(stage_try(stage, a_refund("C", payment, &most, 1)) == OUTCOME_ACCEPTED);
    EXPECT(owed_by(&here) == PAID - FEE_OF_IT / 2);
    /* The whole fee comes back with the last part, which is less. */
    EXPECT(stage_try(stage, a_refund("C", payment, &rest, 1)) == OUTCOME_ACCEPTED_UNALLOCATED);
    const struct suspense *item =
        engine_find_record(stage->engine, RECORD_SUSPENSE, stage->effects.suspense_id);
    EXPECT(item->account_id == gone.account && item->amount_minor == FEE_OF_IT / 2);
    EXPECT(owed_by(&here) == PAID - FEE_OF_IT / 2);
    give(&here, PAID);
    EXPECT(owed_by(&here) == 0);
    EXPECT(account_of(&here)->balance_minor[BUCKET_AVAILABLE] == FEE_OF_IT / 2);
    stage_destroy(stage);
}
END_TEST

/* Money that was held before is confirmed as far as the rest, wherever it is, is enough. */
START_TEST(what_was_held_before_stays_as_far_as_it_is_owed)
{
    enum { HELD = 100 };
    struct stage *stage = stage_create();
    struct debtor debtor = {.stage = stage, .account = stage_newcomer(stage)};
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
    struct debtor other = {.stage = stage, .account = stage_newcomer(stage)};
    give(&other, HELD + OWED);
    int64_t freeze = stage_do(stage, a_freeze(other.account, OWED, AN_HOUR_AHEAD + HOUR_US));
    hold = stage_do(stage, a_hold("PARK", other.account, HELD, AN_HOUR_AHEAD + HOUR_US));
    owe(&other, 1);
    EXPECT(stage_try(stage, a_confirm("PARK", other.account, hold, &all, 1)) == OUTCOME_ACCEPTED);
    stage_do(stage, a_lift(freeze, 0));
    EXPECT(owed_by(&other) == 0);
    /* And what is cancelled repays, after which the rest is free. */
    EXPECT(owed_by(&debtor) == OWED);
    stage_do(stage, a_cancel("PARK", debtor.account, 0, 0));
    EXPECT(owed_by(&debtor) == 0);
#undef CONFIRM
    stage_destroy(stage);
}
END_TEST

Suite *ways_suite(void)
{
    Suite *suite = suite_create("ways");
    TCase *tests = tcase_create("ways");
    tcase_add_loop_test(tests, a_debt_is_repaid_first, 0, WAYS * PLACES);
    tcase_add_loop_test(
        tests, a_restricted_account_repays_when_it_may_give_again, 0, WAYS * PLACES);
    tcase_add_loop_test(tests, what_is_owed_beyond_does_not_leave, 0, WAYS * PLACES);
    tcase_add_test(tests, own_debts_go_first);
    tcase_add_test(tests, who_has_closed_owes_too);
    tcase_add_test(tests, what_is_elsewhere_repays_at_once);
    tcase_add_loop_test(tests, a_claim_comes_first, 0, WAYS * PLACES);
    tcase_add_loop_test(tests, one_owes_and_another_is_claimed, 0, 2);
    tcase_add_test(tests, what_was_held_before_stays_as_far_as_it_is_owed);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
