/* next_date.c: each way in which money that may be withdrawn from the next date on only reaches
 * another, who may not withdraw it either.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/suspense.h"
#include "model/withdrawable.h"
#include "shop.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

enum { GOT = 30 };

/* Who has money of this date, or gets it. */
struct owner {
    struct stage *stage;
    int64_t account;
    int64_t thing; /* the hold or command that its way names */
};

static const struct account *account_of(const struct owner *owner)
{
    return engine_find_account(owner->stage->engine, owner->account);
}

static void give(const struct owner *owner, int64_t amount)
{
    stage_do(owner->stage, make_receipt(L_SHOP, owner->account, amount));
}

static struct command adjusts(const struct owner *owner, int64_t from, int64_t to, int64_t amount)
{
    return stage_by_two(owner->stage, make_adjust(L_SHOP, from, to, amount));
}

static int64_t withdrawable(const struct owner *owner, int64_t account)
{
    const struct account *found = engine_find_account(owner->stage->engine, account);
    const struct ledger *ledger = engine_find_ledger(owner->stage->engine, L_SHOP);
    return account_withdrawable_minor(
        found, engine_owed_minor(owner->stage->engine, found), ledger->accounting_dates[0]);
}

/* The ways in which the account's money reaches another owner: it has GOT, all of it kept. */
static struct command gives_payment(struct owner *giver, int64_t to)
{
    return make_pay(L_SHOP, giver->account, to, GOT, 0);
}

static struct command gives_confirm(struct owner *giver, int64_t to)
{
    const struct payee only = {to, GOT};
    giver->thing = stage_do(giver->stage, a_hold("KEPT", giver->account, GOT, AN_HOUR_AHEAD));
    return a_confirm("KEPT", giver->account, giver->thing, &only, 1);
}

static struct command gives_adjustment(struct owner *giver, int64_t to)
{
    return adjusts(giver, giver->account, to, GOT);
}

/* It is an item of suspense then, the only one that is open: which one. */
static int64_t by_unallocated(struct owner *giver)
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

static struct command gives_adjustment_by_unallocated(struct owner *giver, int64_t to)
{
    return make_allocate(L_SHOP, by_unallocated(giver), &(struct payee){to, GOT}, 1);
}

/* A settlement of the item, of an acquirer that has nothing else. */
static int64_t settles(struct owner *giver, int64_t item, int64_t *ret_acquirer)
{
    *ret_acquirer = stage_do(giver->stage, make_open_acquirer(L_SHOP, "gives", 0, "", 10 * GOT));
    return stage_do(giver->stage, make_open_settlement(L_SHOP, *ret_acquirer, item, 1, GOT));
}

static struct command gives_line(struct owner *giver, int64_t to)
{
    int64_t acquirer;
    int64_t settlement = settles(giver, by_unallocated(giver), &acquirer);
    int64_t promise = stage_do(giver->stage, make_promise(L_SHOP, acquirer, to, GOT, "gives"));
    return make_settle_line(L_SHOP, settlement, promise, GOT, 0);
}

static struct command gives_surplus(struct owner *giver, int64_t to)
{
    int64_t acquirer;
    int64_t settlement = settles(giver, by_unallocated(giver), &acquirer);
    int64_t promise = stage_do(giver->stage, make_promise(L_SHOP, acquirer, to, 1, "gives"));
    int64_t difference =
        stage_do(giver->stage, make_settle_line(L_SHOP, settlement, promise, GOT, 0));
    return make_close_difference(L_SHOP, difference, DIFFERENCE_CORRECTED, 0);
}

static struct command gives_surplus_to_another(struct owner *giver, int64_t to)
{
    int64_t acquirer;
    int64_t settlement = settles(giver, by_unallocated(giver), &acquirer);
    int64_t difference = stage_do(
        giver->stage, line_of_reference("none", make_settle_line(L_SHOP, settlement, 0, GOT, 0)));
    int64_t promise = stage_do(giver->stage, make_promise(L_SHOP, acquirer, to, GOT, "gives"));
    return make_close_difference(L_SHOP, difference, DIFFERENCE_ASSIGNED, promise);
}

static struct command gives_surplus_back(struct owner *giver, int64_t to)
{
    int64_t acquirer;
    int64_t item = by_unallocated(giver);
    int64_t settlement = settles(giver, item, &acquirer);
    int64_t difference = stage_do(
        giver->stage, line_of_reference("none", make_settle_line(L_SHOP, settlement, 0, GOT, 0)));
    stage_do(giver->stage, make_close_difference(L_SHOP, difference, DIFFERENCE_RETURNED, item));
    return make_allocate(L_SHOP, item, &(struct payee){to, GOT}, 1);
}

static struct command gives_settlement_up(struct owner *giver, int64_t to)
{
    int64_t acquirer;
    int64_t item = by_unallocated(giver);
    int64_t settlement = settles(giver, item, &acquirer);
    stage_do(giver->stage, make_abandon(L_SHOP, settlement, item));
    return make_allocate(L_SHOP, item, &(struct payee){to, GOT}, 1);
}

/* What the other paid is kept for the next date with the account, and comes back. */
static struct command gives_refund(struct owner *giver, int64_t to)
{
    (void)to;
    return make_refund(L_SHOP, giver->thing, "", ALL_LEFT);
}

/* It has everything held, so the platform advances it. */
static struct command gives_advanced_refund(struct owner *giver, int64_t to)
{
    const struct account *account = account_of(giver);
    (void)to;
    stage_do(giver->stage,
        a_hold("KEPT", giver->account, account->balance_minor[BUCKET_AVAILABLE], AN_HOUR_AHEAD));
    return make_refund(L_SHOP, giver->thing, "", ALL_LEFT);
}

static struct command gives_reversal(struct owner *giver, int64_t to)
{
    (void)to;
    return make_reverse(L_SHOP, giver->thing);
}

static const struct {
    const char *name;
    struct command (*give)(struct owner *giver, int64_t to);
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
    struct owner to = {.stage = stage, .account = stage_newcomer(stage)};
    struct owner giver = {.stage = stage, .account = stage_newcomer(stage)};
    give(&to, GOT);
    stage_do(stage, next_date(make_pay(L_SHOP, to.account, giver.account, GOT, 0)));
    giver.thing = stage->sequence;
    stage_do(stage, gives_advanced_refund(&giver, to.account));
    EXPECT(engine_owed_minor(stage->engine, account_of(&giver)) == GOT);
    EXPECT(account_of(&to)->balance_minor[BUCKET_AVAILABLE] == GOT);
    EXPECT(withdrawable(&to, to.account) == 0);
    EXPECT(account_of(&giver)->next_date_minor == 0);
    stage_destroy(stage);
}
END_TEST

/* Between two accounts of one member: what it gets is repaid at once, so nothing is kept of it. */
START_TEST(an_advance_to_who_owes_it_keeps_nothing)
{
    struct stage *stage = stage_create();
    struct owner to = {.stage = stage, .account = stage_newcomer(stage)};
    struct owner giver = {.stage = stage,
        .account = stage_do(stage, make_open_account(L_SHOP, account_of(&to)->member_id))};
    give(&to, GOT);
    stage_do(stage, next_date(make_pay(L_SHOP, to.account, giver.account, GOT, 0)));
    giver.thing = stage->sequence;
    stage_do(stage, gives_advanced_refund(&giver, to.account));
    EXPECT(engine_owed_minor(stage->engine, account_of(&giver)) == 0);
    EXPECT(account_of(&to)->balance_minor[BUCKET_AVAILABLE] == 0);
    EXPECT(account_of(&to)->next_date_minor == 0);
    stage_destroy(stage);
}
END_TEST

/* Of the giver's money GOT is not withdrawable, and 0 or 10 is: who gets GOT of it can withdraw
 * what was free, and both together no more than that. */
START_TEST(what_is_kept_for_the_next_date_stays_so)
{
    struct stage *stage = stage_create();
    struct owner to = {.stage = stage, .account = stage_newcomer(stage)};
    struct owner giver = {.stage = stage, .account = stage_newcomer(stage)};
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

Suite *next_date_suite(void)
{
    Suite *suite = suite_create("next_date");
    TCase *tests = tcase_create("next_date");
    tcase_add_test(tests, an_advance_takes_along_what_is_kept);
    tcase_add_test(tests, an_advance_to_who_owes_it_keeps_nothing);
    tcase_add_loop_test(tests, what_is_kept_for_the_next_date_stays_so, 0, 2 * GIFTS);
    tcase_add_loop_test(tests, what_is_kept_ends_when_it_leaves, 0, 3);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
