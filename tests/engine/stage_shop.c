/* stage_shop.c: L_SHOP and L_PLAIN of the stage.
 *
 * Two accounting dates: what is paid on TEST_DATE, then the cut to SHOP_DATE and the rest. Time
 * stands two hours before STAGE_NOW_US until all is in place, so that some times are over then.
 * SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "support/expect.h"

#include "base/check.h"

#include <stdio.h>

/* The command at this sequence, which rows name. */
static void at(struct stage *stage, int64_t sequence, struct command command)
{
    CHECK(stage->sequence < sequence);
    stage->sequence = sequence - 1;
    stage_do(stage, command);
}

static int64_t available(const struct stage *stage, int64_t account)
{
    return engine_find_account(stage->engine, account)->balance_minor[BUCKET_AVAILABLE];
}

static struct command receipt(int64_t account, int64_t amount)
{
    return make_receipt(L_SHOP, account, amount);
}

static void open_accounts(struct stage *stage)
{
    stage_makes(stage, L_SHOP, make_open_ledger("8000", TEST_DATE, 4));
    stage_makes(stage, L_PLAIN, make_open_ledger("9000", TEST_DATE, 0));
    /* Each account has a member of its own, for who owes repays out of all that it has. */
    for (int id = B_PAYER; id <= B_BEARER; id++) {
        char name[16];
        snprintf(name, sizeof name, "shop-%d", id);
        stage_makes(stage, M_SHOP + id - B_PAYER, make_open_member(L_SHOP, name));
    }
    stage_makes(stage, M_PLAIN, make_open_member(L_PLAIN, "plain"));
    for (int id = B_PAYER; id <= B_BEARER; id++)
        stage_makes(stage, id, make_open_account(L_SHOP, M_SHOP + id - B_PAYER));
    stage_makes(stage, F_MINE, make_open_fee_account(L_SHOP));
    stage_makes(stage, F_YOURS, make_open_fee_account(L_SHOP));
    stage_makes(stage, F_EMPTY, make_open_fee_account(L_SHOP));
    stage_makes(stage, B_PLAIN, make_open_account(L_PLAIN, M_PLAIN));
    stage_makes(stage, B_PLAIN_TWO, make_open_account(L_PLAIN, M_PLAIN));
    stage_makes(stage, B_SHUT, make_open_account(L_SHOP, M_SHOP));
    stage_do(stage, make_restrict(L_SHOP, B_SHUT, false, true));
    stage_do(stage, a_set_of_terms(&own_party, true, 1));
}

/* A rule of one tier; what payouts give back is `failed` and `returned`. */
static struct command one_tier(const char *name, int32_t date, const struct fee_tier *tier,
    int32_t refund, int32_t failed, int32_t returned)
{
    struct command rule = make_fee_rule(L_SHOP, name, date, tier, 1);
    rule.set_fee_rule.refund = refund;
    rule.set_fee_rule.on_payout_failed = failed;
    rule.set_fee_rule.on_payout_returned = returned;
    return rule;
}

static void set_fee_rules(struct stage *stage)
{
    const int32_t today = TEST_DATE;
    const struct fee_tier one = {.flat_minor = 1}, two = {.flat_minor = 2};
    const struct fee_tier three = {.flat_minor = 3}, five = {.flat_minor = 5};
    const struct fee_tier ten = {.flat_minor = 10}, nothing = {0};
    const struct fee_tier three_percent = {.rate_ppm = 30000}, percent = {.rate_ppm = 10000};
    const struct fee_tier bound = {.rate_ppm = 10000, .minimum_minor = 2, .maximum_minor = 50};
    const struct fee_tier tiers[] = {{.flat_minor = 1}, {.from_minor = 100, .rate_ppm = 50000},
        {.from_minor = 1000, .flat_minor = 10}};
    const struct fee_share split[] = {{SHOP_FEE, 500000}, {F_MINE, 333333}, {F_YOURS, 166667}};
    const struct fee_share mine = {F_MINE, 1000000}, empty = {F_EMPTY, 1000000};
    enum { NONE = FEE_REFUND_NONE, PART = FEE_REFUND_PROPORTIONAL, WHOLE = FEE_REFUND_ON_FULL };
    enum { BACK = PAYOUT_FEE_BACK, KEPT = PAYOUT_FEE_KEPT };
    stage_makes(stage, R_FLAT, one_tier("flat", today, &three, NONE, BACK, KEPT));
    stage_makes(stage, R_SPLIT,
        shared(one_tier("split", today, &three_percent, PART, BACK, BACK), split, 3));
    struct command rule = one_tier("full", today, &percent, WHOLE, KEPT, KEPT);
    rule.set_fee_rule.rounding = FEE_ROUNDING_UP;
    stage_makes(stage, R_FULL, rule);
    rule = one_tier("tiers", today, tiers, NONE, BACK, KEPT);
    rule.set_fee_rule.rounding = FEE_ROUNDING_DOWN;
    rule.set_fee_rule.tier_count = 3;
    stage_makes(stage, R_TIERS, rule);
    stage_makes(stage, R_GROWS_1, one_tier("grows", today, &one, PART, BACK, KEPT));
    stage_makes(
        stage, R_GROWS_2, shared(one_tier("grows", SHOP_DATE, &two, PART, BACK, KEPT), &mine, 1));
    stage_makes(stage, R_GROWS_3, one_tier("grows", SHOP_DATE + 8, &three, PART, BACK, KEPT));
    stage_makes(stage, R_LATER, one_tier("later", SHOP_DATE + 1, &one, PART, BACK, KEPT));
    stage_makes(stage, R_FREE, one_tier("free", today, &nothing, PART, BACK, KEPT));
    stage_makes(stage, R_BOUND, one_tier("bound", today, &bound, PART, BACK, KEPT));
    stage_makes(stage, R_KEPT, one_tier("kept", today, &five, PART, KEPT, BACK));
    stage_makes(stage, R_GONE, shared(one_tier("gone", today, &ten, PART, BACK, BACK), &empty, 1));
    stage_makes(
        stage, R_PLAIN, in_ledger(L_PLAIN, one_tier("plain", today, &three, NONE, BACK, KEPT)));
}

static void book_first_money(struct stage *stage)
{
    stage_do(stage, receipt(B_PAYER, 500000));
    stage_do(stage, receipt(B_NO_IN, 600));
    stage_do(stage, receipt(B_GONE, 100));
    stage_do(stage, receipt(B_OTHER, 1000));
    stage_do(stage, receipt(B_FROZEN, 5000));
    stage_do(stage, receipt(B_OUT, 100000));
    stage_do(stage, with_party(receipt(SHOP_OWN, 10000), &own_party));
    stage_do(stage, make_receipt(L_PLAIN, B_PLAIN, 1160));
}

static void pay_and_refund(struct stage *stage)
{
    const int32_t payees = FEE_BEARER_PAYEES;
    struct command one_100 = a_payment("O-15", B_PAYER, TO({B_ONE, 100}));
    at(stage, S_PAY_TWO, a_payment("O-1", B_PAYER, TO({B_ONE, 600}, {B_TWO, 400})));
    at(stage, S_PAY_FEE, with_fee(a_payment("O-2", B_PAYER, TO({B_ONE, 1000})), 10));
    at(stage, S_PAY_SPLIT,
        with_rule(a_payment("O-3", B_PAYER, TO({B_ONE, 600}, {B_TWO, 401})), "split", 0));
    at(stage, S_PAY_BORNE,
        with_rule(a_payment("O-4", B_PAYER, TO({B_ONE, 1000}, {B_TWO, 150})), "split", payees));
    at(stage, S_PAY_FULL,
        with_rule(
            a_payment("O-5", B_PAYER, TO({B_ONE, 250}, {B_TWO, 250})), "full", FEE_BEARER_PAYER));
    at(stage, S_PAY_FULL_BORNE,
        with_rule(a_payment("O-6", B_PAYER, TO({B_ONE, 150}, {B_TWO, 150})), "full", payees));
    at(stage, S_PAY_LAST, with_rule(a_payment("O-21", B_PAYER, TO({B_ONE, 150})), "full", payees));
    stage_do(stage, a_refund("O-21", S_PAY_LAST, TO({B_ONE, 149})));
    at(stage, S_PAY_GROWS, with_rule(a_payment("O-7", B_PAYER, TO({B_ONE, 10})), "grows", 0));
    at(stage, S_PAY_GROWS_BORNE,
        with_rule(a_payment("O-8", B_PAYER, TO({B_ONE, 10})), "grows", payees));
    at(stage, S_PAY_SHORT, a_payment("O-9", B_PAYER, TO({B_SHORT, 500}, {B_ONE, 100})));
    at(stage, S_PAY_CLOSED, a_payment("O-10", B_PAYER, TO({B_CLOSED, 50}, {B_ONE, 50})));
    at(stage, S_PAY_NO_OUT, a_payment("O-11", B_PAYER, TO({B_NO_OUT, 470}, {B_ONE, 50})));
    at(stage, S_PAY_NO_IN, a_payment("O-12", B_NO_IN, TO({B_ONE, 100})));
    at(stage, S_PAY_GONE_PAYER, a_payment("O-13", B_GONE, TO({B_ONE, 100})));
    at(stage, S_PAY_PARTLY,
        with_rule(a_payment("O-14", B_PAYER, TO({B_ONE, 600}, {B_TWO, 400})), "split", 0));
    stage_do(stage, a_refund("O-14", S_PAY_PARTLY, TO({B_ONE, 100})));
    at(stage, S_PAY_WHOLLY, one_100);
    at(stage, S_PAY_REVERSED, with_proof("F-2", a_payment("O-16", B_PAYER, TO({B_ONE, 100}))));
    at(stage, S_PAY_FLAT, with_rule(a_payment("O-17", B_PAYER, TO({B_ONE, 100})), "flat", 0));
    at(stage, S_PAY_EMPTY, a_payment("O-19", B_PAYER, TO({B_EMPTY, OWN_MINOR + 1})));
    stage_do(stage, make_pay(L_SHOP, B_EMPTY, B_PAYER, OWN_MINOR + 1, 0));
    at(stage, S_PAY_EMPTY_FEE,
        with_rule(a_payment("O-22", B_PAYER, TO({B_EMPTY, OWN_MINOR - 9})), "gone", 0));
    stage_do(stage, make_pay(L_SHOP, B_EMPTY, B_PAYER, OWN_MINOR - 9, 0));
    at(stage, S_PAY_GONE, with_rule(a_payment("O-18", B_PAYER, TO({B_ONE, 100})), "gone", 0));
}

/* Who was paid pays it away, so that a refund must be advanced. */
static void owe(struct stage *stage)
{
    at(stage, S_PAY_DEBTOR, a_payment("O-30", B_PAYER, TO({B_DEBTOR, 100})));
    stage_do(stage, a_payment("O-31", B_PAYER, TO({B_DEBTOR, 60})));
    int64_t second = stage->sequence;
    stage_do(stage, make_pay(L_SHOP, B_DEBTOR, B_TWO, 160, 0));
    stage_do(stage, a_refund("O-30", S_PAY_DEBTOR, ALL_LEFT));
    stage_do(stage, a_refund("O-31", second, ALL_LEFT));

    stage_do(stage, a_payment("O-32", B_PAYER, TO({B_DEBTOR_OUT, 100})));
    int64_t third = stage->sequence;
    stage_do(stage, make_pay(L_SHOP, B_DEBTOR_OUT, B_TWO, 100, 0));
    stage_do(stage, a_refund("O-32", third, ALL_LEFT));

    int64_t paid[DEBTS_PER_SETTLE_MAX + 1];
    for (int i = 0; i <= DEBTS_PER_SETTLE_MAX; i++) {
        stage_do(stage, a_payment("O-33", B_PAYER, TO({B_MANY, 1})));
        paid[i] = stage->sequence;
    }
    stage_do(stage, make_pay(L_SHOP, B_MANY, B_TWO, DEBTS_PER_SETTLE_MAX + 1, 0));
    for (int i = 0; i <= DEBTS_PER_SETTLE_MAX; i++)
        stage_do(stage, a_refund("O-33", paid[i], ALL_LEFT));
}

static void place_holds(struct stage *stage)
{
    at(stage, S_HOLD, a_hold("H-1", B_PAYER, 1000, AN_HOUR_AHEAD));
    stage_makes(stage, H_CHAIN_A, a_hold("H-2", B_PAYER, 300, AN_HOUR_AHEAD));
    stage_makes(stage, H_CHAIN_B, a_hold("H-2", B_PAYER, 200, AN_HOUR_AHEAD));
    stage_makes(stage, H_DUE_FIRST, a_hold("H-3", B_PAYER, 100, STAGE_NOW_US - HOUR_US));
    stage_makes(stage, H_DUE_REST, a_hold("H-3", B_PAYER, 50, AN_HOUR_AHEAD));
    stage_makes(stage, H_DUE, a_hold("H-4", B_PAYER, 80, STAGE_NOW_US - HOUR_US));
    stage_makes(stage, H_FINISHED, a_hold("O-20", B_PAYER, 309, AN_HOUR_AHEAD));
    stage_makes(stage, H_EXPIRED, a_hold("H-6", B_PAYER, 40, stage->now_us + 1));
    stage_makes(stage, H_CANCELLED, a_hold("H-7", B_PAYER, 40, AN_HOUR_AHEAD));
    stage_makes(stage, H_PART, a_hold("H-8", B_PAYER, 100, AN_HOUR_AHEAD));
    stage_makes(stage, H_OTHER, a_hold("H-1", B_OTHER, 60, AN_HOUR_AHEAD));
    stage_makes(stage, H_NO_OUT, a_hold("H-9", B_NO_OUT, 70, AN_HOUR_AHEAD));
    stage_makes(stage, H_EDGE, a_hold("H-10", B_PAYER, 10, STAGE_NOW_US));
    stage_makes(stage, H_NEARLY, a_hold("H-11", B_PAYER, 10, STAGE_NOW_US + 1));
    stage_makes(stage, H_PLAIN, in_ledger(L_PLAIN, a_hold("H-1", B_PLAIN, 90, AN_HOUR_AHEAD)));
    for (int i = 0; i < HOLDS_PER_ORDER_MAX; i++)
        stage_makes(stage, H_MOST + i, a_hold("H-32", B_PAYER, 1, AN_HOUR_AHEAD));
    for (int i = 0; i < HOLDS_PER_ORDER_MAX - 1; i++)
        stage_makes(stage, H_ALMOST + i, a_hold("H-31", B_PAYER, 1, AN_HOUR_AHEAD));
}

static void end_holds(struct stage *stage)
{
    at(stage, S_CONFIRM,
        with_rule(a_confirm("O-20", B_PAYER, H_FINISHED, TO({B_ONE, 300})), "split", 0));
    stage_do(stage, a_cancel("H-7", B_PAYER, H_CANCELLED, 0));
    stage_do(stage, a_confirm("H-8", B_PAYER, H_PART, TO({B_ONE, 30})));
    stage_do(stage, a_cancel("H-8", B_PAYER, H_PART, 20));
    stage->now_us++;
    stage_do(stage, an_expiry(EXPIRY_HOLD, H_EXPIRED));
}

static void book_originals(struct stage *stage)
{
    at(stage, S_RECEIPT, receipt(B_ONE, 70));
    at(stage, S_RECEIPT_OWN, with_party(receipt(SHOP_OWN, 500), &own_party));
    at(stage, S_RECEIPT_NOBODY, make_receipt_by_number(L_SHOP, "nobody's", 33));
    at(stage, S_RECEIPT_LIMIT, receipt(B_SHORT, SHORT_MINOR));
    at(stage, S_RECEIPT_SPENT, receipt(B_SHORT, SHORT_MINOR + 1));
    at(stage, S_RECEIPT_DEBT, receipt(B_DEBTOR, 30));
    at(stage, S_RECEIPT_CLOSED, receipt(B_BEARER, 10));
    at(stage, S_RECEIPT_NO_OUT, receipt(B_NO_OUT, 100));
    at(stage, S_MOVEMENT, with_reference("B-1", receipt(B_ONE, 4)));
    at(stage, S_MOVEMENT_NOBODY,
        with_reference("B-2", make_receipt_by_number(L_SHOP, "nobody's", 3)));
    at(stage, S_MOVEMENT_BACK, with_reference("B-3", receipt(B_ONE, 9)));
    stage_do(stage, a_reversal(S_MOVEMENT_BACK));
    stage_try(stage, with_reference("B-4", receipt(A_NONE, 9)));
    at(stage, S_MOVEMENT_AGAIN, with_reference("B-5", receipt(B_ONE, 2)));
    stage_do(stage, a_reversal(S_MOVEMENT_AGAIN));
    stage_do(stage, with_reference("B-5", receipt(B_ONE, 2)));
    at(stage, S_INTEREST, make_interest(L_SHOP, B_ONE, 5));
    at(stage, S_CHARGE, make_fee(L_SHOP, B_ONE, 6));
    at(stage, S_CHARGE_CLOSED, make_fee(L_SHOP, B_BEARER, 1));
    at(stage, S_REFUND, a_refund("O-15", S_PAY_WHOLLY, ALL_LEFT));
    at(stage, S_REVERSE, a_reversal(S_PAY_REVERSED));
    stage_do(stage, make_pay(L_SHOP, B_SHORT, B_TWO, available(stage, B_SHORT) - SHORT_MINOR, 0));
    stage_do(stage, make_pay(L_SHOP, B_CLOSED, B_PAYER, 50, 0));
}

/* Payouts that are paid on the first date. */
static void pay_out_early(struct stage *stage)
{
    stage_makes(stage, P_FINAL, a_withdrawal("", B_OUT, 100));
    stage_do(stage, a_result(P_FINAL, PAYOUT_RESULT_PAID));
    stage_do(stage, a_set_of_terms(&own_party, true, 2));
    stage_makes(stage, P_LAST_DAY, a_withdrawal("", B_OUT, 100));
    stage_do(stage, a_result(P_LAST_DAY, PAYOUT_RESULT_PAID));
    stage_do(stage, a_set_of_terms(&own_party, true, 0));
}

static void pay_out(struct stage *stage)
{
    stage_makes(stage, P_PART, with_fee(a_withdrawal("", B_OUT, 100), 7));
    stage_do(stage, a_result(P_PART, PAYOUT_RESULT_PAID));
    stage_do(stage, a_return(P_PART, 40));
    stage_makes(stage, P_PART_FEE, with_rule(a_withdrawal("W-2", B_OUT, 1000), "split", 1));
    stage_do(stage, a_result(P_PART_FEE, PAYOUT_RESULT_PAID));
    stage_do(stage, a_return(P_PART_FEE, 334));
    stage_makes(stage, P_SENT, with_fee(a_withdrawal("", B_OUT, 50), 2));
    stage_do(stage, a_result(P_SENT, PAYOUT_RESULT_SENT));
    stage_makes(stage, P_UNKNOWN, with_fee(a_withdrawal("", B_OUT, 60), 2));
    stage_do(stage, a_result(P_UNKNOWN, PAYOUT_RESULT_UNKNOWN));
    stage_makes(stage, P_CANCELLED, a_withdrawal("", B_OUT, 70));
    stage_do(stage, an_interception(P_CANCELLED));
    at(stage, S_WITHDRAW, with_rule(a_withdrawal("W-1", B_OUT, 1000), "split", FEE_OUTSIDE));
    stage_makes(stage, P_KEPT, with_rule(a_withdrawal("", B_OUT, 50), "kept", FEE_OUTSIDE));
    stage_makes(stage, P_KEPT_PAID, with_rule(a_withdrawal("", B_OUT, 200), "kept", FEE_OUTSIDE));
    stage_do(stage, a_result(P_KEPT_PAID, PAYOUT_RESULT_PAID));
    stage_makes(stage, P_BORNE, with_fee(borne_by(B_TWO, a_withdrawal("", B_OUT, 40)), 4));
    stage_makes(stage, P_BORNE_OWN, with_fee(borne_by(SHOP_OWN, a_withdrawal("", B_OUT, 40)), 4));
    stage_makes(stage, P_OWN, with_party(a_withdrawal("", SHOP_OWN, 25), &own_party));
    stage_makes(stage, P_OWN_PAID, with_party(a_withdrawal("", SHOP_OWN, 26), &own_party));
    stage_do(stage, a_result(P_OWN_PAID, PAYOUT_RESULT_PAID));
    stage_makes(stage, P_BEARER, with_fee(borne_by(B_BEARER, a_withdrawal("", B_OUT, 30)), 3));
    stage_makes(stage, P_GONE, with_rule(a_withdrawal("", B_OUT, 30), "gone", FEE_OUTSIDE));
    stage_makes(stage, P_FULL_RULE, with_rule(a_withdrawal("", B_OUT, 200), "full", FEE_OUTSIDE));
    stage_do(stage, a_result(P_FULL_RULE, PAYOUT_RESULT_PAID));
}

static void freeze(struct stage *stage)
{
    int64_t soon = stage->now_us + 1;
    stage_makes(stage, Z_LIVE, a_freeze(B_FROZEN, 500, 0));
    stage_makes(stage, Z_OTHERS, command_by("u", a_freeze(B_FROZEN, 300, AN_HOUR_AHEAD)));
    stage_makes(stage, Z_DUE, a_freeze(B_FROZEN, 50, STAGE_NOW_US));
    stage_makes(stage, Z_NEARLY, a_freeze(B_FROZEN, 60, STAGE_NOW_US + 1));
    stage_makes(stage, Z_LIFTED, a_freeze(B_FROZEN, 10, AN_HOUR_AHEAD));
    stage_do(stage, a_lift(Z_LIFTED, 0));
    stage_makes(stage, Z_EXPIRED, a_freeze(B_FROZEN, 20, soon));
    stage_makes(stage, Z_PART, a_freeze(B_FROZEN, 100, AN_HOUR_AHEAD));
    stage_do(stage, a_lift(Z_PART, 40));
    stage_makes(stage, Z_PLAIN, in_ledger(L_PLAIN, a_freeze(B_PLAIN, 30, 0)));
    stage->now_us++;
    stage_do(stage, an_expiry(EXPIRY_FREEZE, Z_EXPIRED));
}

static void collect(struct stage *stage)
{
    stage_do(stage, make_fee(L_SHOP, B_TWO, SHOP_FEE_MINOR));
    at(stage, S_COLLECT, a_collection(0, 1, "flat"));
    int64_t extra = available(stage, SHOP_FEE) - SHOP_FEE_MINOR;
    stage_do(stage, a_collection(SHOP_FEE, extra, "flat"));
    static const int64_t shares[] = {F_MINE, F_YOURS};
    /* Enough for both first: a payment whose fee is 300. */
    stage_do(stage, with_rule(make_pay(L_SHOP, B_PAYER, B_ONE, 10000, 0), "split", 0));
    stage_do(stage, a_collection(0, available(stage, SHOP_FEE) - SHOP_FEE_MINOR, "flat"));
    for (int i = 0; i < 2; i++)
        stage_do(stage, a_collection(shares[i], available(stage, shares[i]) - SHARE_MINOR, "flat"));
    stage_do(stage, a_collection(F_EMPTY, available(stage, F_EMPTY), "flat"));
}

static void adjust(struct stage *stage)
{
    const struct command usual = make_adjust(L_SHOP, B_ONE, B_TWO, 25);
    stage_makes(stage, Q_SHOP, make_proposal(L_SHOP, &usual, AN_HOUR_AHEAD));
    struct command plain = stage_by_two(stage, make_adjust(L_SHOP, B_ONE, B_TWO, 15));
    struct command of_own = stage_by_two(stage, make_adjust(L_SHOP, SHOP_OWN, B_ONE, 10));
    struct command gone = stage_by_two(stage, make_adjust(L_SHOP, B_GONE, SHOP_UNALLOCATED, 5));
    at(stage, S_ADJUST, plain);
    at(stage, S_ADJUST_OWN, of_own);
    stage_do(stage, make_pay(L_SHOP, B_PAYER, B_GONE, 5, 0));
    at(stage, S_ADJUST_GONE, gone);
}

static struct command from_sender(int64_t amount)
{
    return with_party(make_receipt_by_number(L_SHOP, "nobody's", amount), &other_party);
}

static void wait_for_owners(struct stage *stage)
{
    const struct payee one = {B_ONE, 5};
    at(stage, S_RECEIPT_PARTS, from_sender(100));
    const struct payee parts[] = {{B_ONE, 20}, {B_TWO, 10}};
    at(stage, S_ALLOCATE, command_of_order("W-5", make_allocate(L_SHOP, X_PART, parts, 2)));
    at(stage, S_UNDO, make_undo_allocation(L_SHOP, X_PART, S_ALLOCATE, &one, 1));
    at(stage, S_RECEIPT_DONE, from_sender(40));
    const struct payee all[] = {{B_EMPTY, 25}, {B_ONE, 15}};
    at(stage, S_ALLOCATE_DONE, make_allocate(L_SHOP, X_DONE, all, 2));
    stage_do(stage, make_pay(L_SHOP, B_EMPTY, B_PAYER, 25, 0));
    at(stage, S_RECEIPT_MORE, from_sender(60));
    const struct payee more[] = {{B_CLOSED, 5}, {B_NO_OUT, 10}, {B_ONE, 1}};
    at(stage, S_ALLOCATE_MORE, make_allocate(L_SHOP, X_MORE, more, 3));
    stage_do(stage, make_pay(L_SHOP, B_CLOSED, B_PAYER, 5, 0));
    stage_do(stage, make_pay(L_SHOP, B_NO_OUT, B_PAYER, 10, 0));
    at(stage, S_BACK, make_return_suspense(L_SHOP, X_MORE, S_RECEIPT_MORE, 10));
    EXPECT(engine_last_id(stage->engine, RECORD_PAYOUT) == P_BACK);
    stage_do(stage, make_receipt_by_number(L_PLAIN, "nobody's", 9));
    EXPECT(engine_last_id(stage->engine, RECORD_SUSPENSE) == X_PLAIN);
}

/* What is not exact yet; what is too much goes to B_PAYER. */
static void level(struct stage *stage, int64_t account, int64_t wanted)
{
    int64_t has = available(stage, account);
    if (has > wanted)
        stage_do(stage, make_pay(L_SHOP, account, B_PAYER, has - wanted, 0));
    if (has < wanted)
        stage_do(stage, with_party(receipt(account, wanted - has), &own_party));
    EXPECT(available(stage, account) == wanted);
}

static void close_and_level(struct stage *stage)
{
    at(stage, S_PAY_NEXT, next_date(a_payment("N-2", B_PAYER, TO({B_NEXT, 400}))));
    stage->sequence = S_REFUSED - 1;
    EXPECT(stage_try(stage, a_payment("O-1", B_EMPTY, TO({B_ONE, 1}))) ==
           OUTCOME_INSUFFICIENT_AVAILABLE);
    at(stage, S_PLAIN, in_ledger(L_PLAIN, a_payment("O-1", B_PLAIN, TO({B_PLAIN_TWO, 100}))));
    stage_do(stage, make_pay(L_PLAIN, B_PLAIN_TWO, B_PLAIN, 60, 0));
    level(stage, B_BEARER, 0);
    stage_do(stage, make_close_account(L_SHOP, B_BEARER));
    stage_do(stage, make_close_account(L_SHOP, B_CLOSED));
    stage_do(stage, make_close_account(L_SHOP, B_GONE));
    stage_do(stage, make_restrict(L_SHOP, B_NO_IN, true, false));
    stage_do(stage, make_restrict(L_SHOP, B_NO_OUT, false, true));
    stage_do(stage, make_restrict(L_SHOP, B_DEBTOR_OUT, false, true));
    level(stage, B_ONE, PAYEE_MINOR);
    level(stage, B_TWO, PAYEE_MINOR);
    level(stage, B_NEXT, 1000);
    level(stage, B_OUT, OUT_MINOR);
    level(stage, B_FROZEN, 1000);
    level(stage, SHOP_OWN, OWN_MINOR);
    level(stage, B_PAYER, PAYER_MINOR);
    stage->now_us = STAGE_NOW_US;
}

void stage_open_shop(struct stage *stage)
{
    open_accounts(stage);
    set_fee_rules(stage);
    book_first_money(stage);
    pay_and_refund(stage);
    owe(stage);
    at(stage, S_PAY_PAST, next_date(a_payment("N-1", B_PAYER, TO({B_PAST, 300}))));
    pay_out_early(stage);
    stage_do(stage, make_cut_day(L_SHOP, TEST_DATE + 1));
    stage_do(stage, make_cut_day(L_SHOP, SHOP_DATE));
    place_holds(stage);
    end_holds(stage);
    book_originals(stage);
    pay_out(stage);
    freeze(stage);
    collect(stage);
    adjust(stage);
    wait_for_owners(stage);
    stage_open_acquirers(stage);
    close_and_level(stage);
}
