/* stand_ins.c: money that has left, or never was, and whose owner has closed the account since:
 * what waits of it goes first, PLATFORM_OWN gives the rest if two persons want it, and has it back
 * before anybody else.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ceilings.h"
#include "model/suspense.h"
#include "shop.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#include <inttypes.h>

#define PAID PAYOUT_RESULT_PAID
#define FAILED PAYOUT_RESULT_FAILED
#define RETURNED PAYOUT_RESULT_RETURNED

static struct stage *stage;

static void begin(void)
{
    stage = stage_create();
}

static void finish(void)
{
    char error[200] = "";
    int result = engine_check(stage->engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
    stage_destroy(stage);
}

static int64_t available(int64_t account)
{
    return engine_find_account(stage->engine, account)->balance_minor[BUCKET_AVAILABLE];
}

static const struct suspense *item_of(int64_t id)
{
    return engine_find_record(stage->engine, RECORD_SUSPENSE, id);
}

static int64_t open_of(int64_t id)
{
    return suspense_open_minor(item_of(id));
}

static int64_t last_of(enum record_kind kind)
{
    return engine_last_id(stage->engine, kind);
}

static enum outcome try_by_two(struct command command)
{
    command = stage_by_two(stage, command);
    return stage_try(stage, command);
}

static void by_two(struct command command)
{
    enum outcome outcome = try_by_two(command);
    EXPECT_MSG(outcome_is_accepted((int)outcome), "%s", outcome_name((int)outcome));
}

static void correct(int64_t payout, int32_t right, int64_t back)
{
    by_two(make_correction(L_SHOP, payout, right, back));
}

/* An account with so much in it. */
static int64_t open_account(int64_t amount)
{
    stage_do(stage, make_open_account(L_SHOP, M_SHOP));
    int64_t id = last_of(RECORD_ACCOUNT);
    stage_do(stage, make_pay(L_SHOP, B_PAYER, id, amount, 0));
    return id;
}

/* A payout of an account that is closed now, with a fee of 27 by "split" of an amount of 900, that
 * the bank said had failed and was given back, and spent. */
static int64_t failed_and_gone(void)
{
    int64_t account = open_account(927);
    stage_do(stage, with_rule(a_withdrawal("", account, 900), "split", FEE_OUTSIDE));
    int64_t payout = last_of(RECORD_PAYOUT);
    stage_do(stage, a_result(payout, FAILED));
    stage_do(stage, make_pay(L_SHOP, account, B_TWO, 927, 0));
    stage_do(stage, make_close_account(L_SHOP, account));
    return payout;
}

/* Each sum that was given is had back, in parts, by corrections and by the bank's own words, and
 * the fee accounts and the escrow account are as if it had been right at once. */
START_TEST(to_and_fro)
{
    int64_t payout = failed_and_gone();
    int64_t own = available(SHOP_OWN), escrow = available(SHOP_ESCROW), fee = available(SHOP_FEE);
    int64_t mine = available(F_MINE), yours = available(F_YOURS),
            waits = available(SHOP_UNALLOCATED);
    static const struct {
        int32_t right;
        bool is_correction;
        int64_t back;
        int64_t outside;
        int64_t fee;
    } words[] = {
        {PAID, true, 0, 900, 27},
        {RETURNED, true, 300, 600, 18},
        {PAID, true, 0, 900, 27},
        {RETURNED, false, 100, 800, 24},
        {RETURNED, false, 200, 600, 18},
        {RETURNED, true, 899, 1, 1},
        {FAILED, true, 0, 0, 0},
        {RETURNED, true, 1, 899, 27},
        {RETURNED, false, 0, 0, 0},
        {PAID, true, 0, 900, 27},
        {FAILED, true, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].is_correction)
            correct(payout, words[i].right, words[i].back);
        else
            stage_do(stage, a_return(payout, words[i].back));
        EXPECT(stage->effects.outcome == OUTCOME_ACCEPTED);
        int64_t kept =
            available(SHOP_FEE) - fee + available(F_MINE) - mine + available(F_YOURS) - yours;
        EXPECT_MSG(kept == words[i].fee, "word %zu: fee %" PRId64, i, kept);
        EXPECT_MSG(available(SHOP_ESCROW) - escrow == words[i].outside, "word %zu", i);
        EXPECT_MSG(own - available(SHOP_OWN) == words[i].outside + kept, "word %zu", i);
        EXPECT(available(SHOP_UNALLOCATED) == waits);
    }
    EXPECT(available(SHOP_FEE) == fee && available(F_MINE) == mine && available(F_YOURS) == yours);
}
END_TEST

/* What waits of it is given as far as it is open, and the rest by PLATFORM_OWN, which has its part
 * back first; then it waits again. */
START_TEST(partly_open)
{
    int64_t payout = failed_and_gone();
    correct(payout, PAID, 0);
    correct(payout, FAILED, 0);
    int64_t own = available(SHOP_OWN);
    /* Not the same payout: another whose account closed while it was out. */
    int64_t account = open_account(100);
    stage_do(stage, a_withdrawal("", account, 100));
    payout = last_of(RECORD_PAYOUT);
    stage_do(stage, a_result(payout, PAID));
    stage_do(stage, make_close_account(L_SHOP, account));
    stage_do(stage, a_return(payout, 60));
    int64_t first = last_of(RECORD_SUSPENSE);
    stage_do(stage, a_return(payout, 30));
    int64_t second = last_of(RECORD_SUSPENSE);
    EXPECT(stage->effects.outcome == OUTCOME_ACCEPTED_UNALLOCATED && second == first + 1);
    stage_do(stage, make_allocate(L_SHOP, first, &(struct payee){B_ONE, 45}, 1));
    int64_t allocation = stage->sequence;
    correct(payout, PAID, 0);
    EXPECT(open_of(first) == 0 && open_of(second) == 0);
    EXPECT(own - available(SHOP_OWN) == 45);
    stage_do(stage, a_return(payout, 40));
    EXPECT(stage->effects.outcome == OUTCOME_ACCEPTED && own - available(SHOP_OWN) == 5);
    stage_do(stage, a_return(payout, 20));
    EXPECT(stage->effects.outcome == OUTCOME_ACCEPTED_UNALLOCATED && own == available(SHOP_OWN));
    int64_t third = last_of(RECORD_SUSPENSE);
    EXPECT(third == second + 1 && open_of(third) == 15 && item_of(third)->payout_id == payout);
    /* What is undone is open in its item, and goes first. */
    stage_do(stage, make_undo_allocation(L_SHOP, first, allocation, NULL, 0));
    correct(payout, PAID, 0);
    EXPECT(open_of(first) == 0 && open_of(third) == 0 && own == available(SHOP_OWN));
}
END_TEST

/* What is kept for a lump is not passed over: it says which lump that is. */
START_TEST(kept_for_a_lump)
{
    int64_t account = open_account(100);
    stage_do(stage, a_withdrawal("", account, 100));
    int64_t payout = last_of(RECORD_PAYOUT);
    stage_do(stage, a_result(payout, PAID));
    stage_do(stage, make_close_account(L_SHOP, account));
    stage_do(stage, a_return(payout, 60));
    int64_t item = last_of(RECORD_SUSPENSE);
    stage_do(stage, make_suspense_age(L_SHOP, 0));
    stage_do(stage, make_open_lump(L_SHOP, item, 2, 50));
    int64_t lump = last_of(RECORD_LUMP);
    EXPECT(try_by_two(make_correction(L_SHOP, payout, PAID, 0)) == OUTCOME_SUSPENSE_IN_LUMP);
    EXPECT(stage->effects.limit_minor == lump);
    /* What needs nothing of it goes on. */
    correct(payout, RETURNED, 70);
    EXPECT(open_of(item) == 60);
    EXPECT(try_by_two(make_correction(L_SHOP, payout, RETURNED, 65)) == OUTCOME_ACCEPTED);
    EXPECT(open_of(item) == 60);
    by_two(make_close_as_it_stands(L_SHOP, lump));
    int64_t own = available(SHOP_OWN);
    correct(payout, PAID, 0);
    EXPECT(open_of(item) == 0 && available(SHOP_OWN) == own);
}
END_TEST

/* Of two lumps the first one is told, whichever item came first. */
START_TEST(kept_for_two_lumps)
{
    int64_t account = open_account(100);
    stage_do(stage, a_withdrawal("", account, 100));
    int64_t payout = last_of(RECORD_PAYOUT);
    stage_do(stage, a_result(payout, PAID));
    stage_do(stage, make_close_account(L_SHOP, account));
    stage_do(stage, a_return(payout, 60));
    stage_do(stage, a_return(payout, 30));
    int64_t second = last_of(RECORD_SUSPENSE);
    stage_do(stage, make_suspense_age(L_SHOP, 0));
    stage_do(stage, make_open_lump(L_SHOP, second, 1, 30));
    int64_t lump = last_of(RECORD_LUMP);
    stage_do(stage, make_open_lump(L_SHOP, second - 1, 1, 60));
    EXPECT(try_by_two(make_correction(L_SHOP, payout, PAID, 0)) == OUTCOME_SUSPENSE_IN_LUMP);
    EXPECT(stage->effects.limit_minor == lump);
    by_two(make_close_as_it_stands(L_SHOP, lump));
    EXPECT(try_by_two(make_correction(L_SHOP, payout, PAID, 0)) == OUTCOME_SUSPENSE_IN_LUMP);
    EXPECT(stage->effects.limit_minor == lump + 1);
}
END_TEST

/* Returned to its sender: the item itself gives, by whichever of its payouts the money left. */
START_TEST(back_to_its_sender)
{
    int64_t own = available(SHOP_OWN);
    stage_do(stage, with_party(make_receipt_by_number(L_SHOP, "", 100), &other_party));
    int64_t receipt = stage->sequence, item = last_of(RECORD_SUSPENSE);
    stage_do(stage, make_return_suspense(L_SHOP, item, receipt, 60));
    int64_t first = last_of(RECORD_PAYOUT);
    stage_do(stage, a_result(first, FAILED));
    stage_do(stage, make_return_suspense(L_SHOP, item, receipt, 70));
    int64_t second = last_of(RECORD_PAYOUT);
    /* 30 are left, 70 are on their way. */
    correct(first, PAID, 0);
    EXPECT(open_of(item) == 0 && own - available(SHOP_OWN) == 30);
    stage_do(stage, a_result(second, FAILED));
    EXPECT(open_of(item) == 70);
    correct(first, FAILED, 0);
    EXPECT(available(SHOP_OWN) == own);
    int64_t back = last_of(RECORD_SUSPENSE);
    EXPECT(back == item + 1 && open_of(back) == 30 && item_of(back)->payout_id == first);
    /* Both left: what came back of each, the item, and the platform. */
    stage_do(stage, make_allocate(L_SHOP, item, &(struct payee){B_ONE, 25}, 1));
    correct(first, PAID, 0);
    EXPECT(open_of(back) == 0 && open_of(item) == 15 && available(SHOP_OWN) == own);
    correct(second, PAID, 0);
    EXPECT(open_of(item) == 0 && own - available(SHOP_OWN) == 55);
    stage_do(stage, a_return(second, 56));
    EXPECT(available(SHOP_OWN) == own && open_of(last_of(RECORD_SUSPENSE)) == 1);
}
END_TEST

static enum outcome try_put_back(int64_t item, int64_t original, int64_t payout, bool two)
{
    struct command back = make_undo_allocation(L_SHOP, item, original, NULL, 0);
    back.undo_allocation.payout_id = payout;
    return two ? try_by_two(back) : stage_try(stage, back);
}

/* What never came was returned to a sender, and has left: two persons have the platform put it back
 * into its item, so that the receipt can be reversed; whatever the bank sends back is its own. */
START_TEST(never_came_and_returned)
{
    int64_t own = available(SHOP_OWN), escrow = available(SHOP_ESCROW);
    stage_do(stage, with_party(make_receipt_by_number(L_SHOP, "", 100), &other_party));
    int64_t receipt = stage->sequence, item = last_of(RECORD_SUSPENSE);
    stage_do(stage, make_return_suspense(L_SHOP, item, receipt, 60));
    int64_t first = last_of(RECORD_PAYOUT), asked_first = stage->sequence;
    EXPECT(try_put_back(item, asked_first, first, true) == OUTCOME_PAYOUT_NOT_PAID);
    stage_do(stage, a_result(first, PAID));
    stage_do(stage, make_return_suspense(L_SHOP, item, receipt, 40));
    int64_t second = last_of(RECORD_PAYOUT), asked_second = stage->sequence;
    stage_do(stage, a_result(second, PAID));
    EXPECT(item_of(item)->status == SUSPENSE_CLOSED);
    EXPECT(try_by_two(a_reversal(receipt)) == OUTCOME_EFFECT_GONE);

    EXPECT(try_put_back(item, asked_first, first, false) == OUTCOME_APPROVAL_NEEDED);
    EXPECT(try_put_back(item, asked_first, second, true) == OUTCOME_ORIGINAL_NOT_ALLOCATION);
    EXPECT(try_put_back(item, asked_first, 0, true) == OUTCOME_ORIGINAL_NOT_ALLOCATION);
    EXPECT(try_put_back(X_MORE, asked_first, first, true) == OUTCOME_ORIGINAL_NOT_ALLOCATION);
    EXPECT(try_put_back(X_PART, S_ALLOCATE, first, true) == OUTCOME_ORIGINAL_NOT_ALLOCATION);
    struct command of_line = make_undo_line(L_SHOP, item, 1, asked_first);
    of_line.undo_allocation.payout_id = first;
    EXPECT(try_by_two(of_line) == OUTCOME_ORIGINAL_NOT_ALLOCATION);
    struct payee to = {B_ONE, 1};
    struct command part = make_undo_allocation(L_SHOP, item, asked_first, &to, 1);
    part.undo_allocation.payout_id = first;
    EXPECT(try_by_two(part) == OUTCOME_PAYEE_NOT_OF_ORIGINAL);

    EXPECT(try_put_back(item, asked_first, first, true) == OUTCOME_ACCEPTED);
    EXPECT(open_of(item) == 60 && own - available(SHOP_OWN) == 60);
    EXPECT(try_put_back(item, asked_first, first, true) == OUTCOME_ABOVE_REST);
    EXPECT(try_by_two(a_reversal(receipt)) == OUTCOME_EFFECT_GONE);
    /* The rest, less what the bank sends back of it meanwhile, which waits. */
    stage_do(stage, a_return(second, 15));
    int64_t waits = last_of(RECORD_SUSPENSE);
    EXPECT(try_put_back(item, asked_second, second, true) == OUTCOME_ACCEPTED);
    EXPECT(open_of(item) == 85 && own - available(SHOP_OWN) == 85 && open_of(waits) == 15);
    stage_do(stage, make_return_suspense(L_SHOP, item, receipt, 85));
    stage_do(stage, a_result(last_of(RECORD_PAYOUT), FAILED));
    /* As it was the platform's: what comes back of it by whichever word. */
    correct(first, FAILED, 0);
    stage_do(stage, a_return(second, 25));
    EXPECT(available(SHOP_OWN) == own && open_of(waits) == 15);
    correct(first, PAID, 0);
    EXPECT(open_of(item) == 25 && available(SHOP_OWN) == own);
    /* The sender has it, and nothing was put back that is not in the item. */
    EXPECT(try_put_back(item, asked_first, first, true) == OUTCOME_ACCEPTED);
    EXPECT(open_of(item) + open_of(waits) == 55);
    EXPECT(own - available(SHOP_OWN) == 15 && available(SHOP_ESCROW) == escrow - 40);
}
END_TEST

/* It is put back as a whole, the receipt is reversed, and the books are as if it never came. */
START_TEST(never_came_and_reversed)
{
    int64_t own = available(SHOP_OWN), escrow = available(SHOP_ESCROW);
    stage_do(stage, with_party(make_receipt_by_number(L_SHOP, "", 100), &other_party));
    int64_t receipt = stage->sequence, item = last_of(RECORD_SUSPENSE);
    stage_do(stage, make_return_suspense(L_SHOP, item, receipt, 0));
    int64_t payout = last_of(RECORD_PAYOUT), asked = stage->sequence;
    stage_do(stage, a_result(payout, PAID));
    EXPECT(try_put_back(item, asked, payout, true) == OUTCOME_ACCEPTED);
    stage_do(stage, a_reversal(receipt));
    EXPECT(open_of(item) == 0 && own - available(SHOP_OWN) == 100);
    EXPECT(available(SHOP_ESCROW) == escrow + 100);
    stage_do(stage, a_return(payout, 100));
    EXPECT(available(SHOP_OWN) == own && available(SHOP_ESCROW) == escrow);
}
END_TEST

/* Which item it was of says the command that asked for it; in a batch that asks for it itself, that
 * is not there yet. And what was given for it needs a record. */
START_TEST(what_is_needed_for_it)
{
    stage_do(stage, with_party(make_receipt_by_number(L_SHOP, "", 100), &other_party));
    stage_do(stage, make_return_suspense(L_SHOP, last_of(RECORD_SUSPENSE), stage->sequence, 100));
    int64_t returned = last_of(RECORD_PAYOUT);
    stage_do(stage, a_result(returned, FAILED));
    struct command right = stage_by_two(stage, make_correction(L_SHOP, returned, PAID, 0));
    engine_execute(stage->engine, stage->now_us, stage->sequence + 1, &right, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_ORIGINAL_NOT_FOUND);
    stage_do(stage, right);

    int64_t payout = failed_and_gone();
    right = stage_by_two(stage, make_correction(L_SHOP, payout, PAID, 0));
    struct image last = {.kind = RECORD_REFUNDED,
        .refunded = {.id = REFUNDED_MAX, .ledger_id = L_SHOP, .original_sequence = 1}};
    engine_load_image(stage->engine, stage->sequence, &last);
    engine_execute(stage->engine, stage->now_us, stage->sequence + 1, &right, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_TOO_MANY_REFUNDS);
    /* With that record alone the books are not sound. */
    stage_destroy(stage);
    begin();
}
END_TEST

/* Who bore the fee is gone, and PLATFORM_OWN was the payer, or the other way round: each has its
 * own back. */
START_TEST(two_owners)
{
    int64_t own = available(SHOP_OWN);
    int64_t bearer = open_account(5);
    stage_do(stage,
        with_fee(borne_by(bearer, with_party(a_withdrawal("", SHOP_OWN, 40), &own_party)), 5));
    int64_t payout = last_of(RECORD_PAYOUT);
    stage_do(stage, a_result(payout, FAILED));
    stage_do(stage, make_pay(L_SHOP, bearer, B_ONE, 5, 0));
    stage_do(stage, make_close_account(L_SHOP, bearer));
    EXPECT(available(SHOP_OWN) == own);
    correct(payout, PAID, 0);
    EXPECT(own - available(SHOP_OWN) == 45);
    correct(payout, FAILED, 0);
    EXPECT(available(SHOP_OWN) == own && stage->effects.outcome == OUTCOME_ACCEPTED);

    int64_t payer = open_account(40);
    stage_do(stage, with_fee(borne_by(SHOP_OWN, a_withdrawal("", payer, 40)), 5));
    payout = last_of(RECORD_PAYOUT);
    stage_do(stage, a_result(payout, FAILED));
    stage_do(stage, make_pay(L_SHOP, payer, B_ONE, 40, 0));
    stage_do(stage, make_close_account(L_SHOP, payer));
    correct(payout, PAID, 0);
    EXPECT(own - available(SHOP_OWN) == 45);
    correct(payout, FAILED, 0);
    EXPECT(available(SHOP_OWN) == own && stage->effects.outcome == OUTCOME_ACCEPTED);
}
END_TEST

/* A wrong receipt that lay in suspense and was allocated to who has closed since: two persons take
 * the allocation back at the cost of PLATFORM_OWN, and then anybody the receipt. */
START_TEST(allocated_and_gone)
{
    int64_t own = available(SHOP_OWN), escrow = available(SHOP_ESCROW);
    stage_do(stage, make_receipt_by_number(L_SHOP, "", 100));
    int64_t receipt = stage->sequence, item = last_of(RECORD_SUSPENSE);
    int64_t gone = open_account(1);
    const struct payee payees[] = {{gone, 70}, {B_ONE, 30}};
    stage_do(stage, make_allocate(L_SHOP, item, payees, 2));
    int64_t allocation = stage->sequence;
    stage_do(stage, make_pay(L_SHOP, gone, B_TWO, 71, 0));
    stage_do(stage, make_close_account(L_SHOP, gone));
    struct command undo = make_undo_allocation(L_SHOP, item, allocation, NULL, 0);
    EXPECT(stage_try(stage, undo) == OUTCOME_PAYEE_ACCOUNT_CLOSED);
    EXPECT(try_by_two(a_reversal(receipt)) == OUTCOME_EFFECT_GONE);
    by_two(make_adjust(L_SHOP, SHOP_OWN, B_ONE, available(SHOP_OWN) - 69));
    EXPECT(try_by_two(undo) == OUTCOME_INSUFFICIENT_PLATFORM_OWN);
    EXPECT(stage->effects.limit_minor == 69);
    stage_do(stage, with_party(make_receipt(L_SHOP, SHOP_OWN, own - 69), &own_party));
    escrow -= own - 69;
    by_two(undo);
    EXPECT(own - available(SHOP_OWN) == 70 && open_of(item) == 100);
    EXPECT(try_by_two(undo) == OUTCOME_ABOVE_REST);
    stage_do(stage, a_reversal(receipt));
    EXPECT(open_of(item) == 0 && available(SHOP_ESCROW) == escrow);
}
END_TEST

/* Likewise a line of a lump. */
START_TEST(a_line_and_gone)
{
    int64_t own = available(SHOP_OWN);
    stage_do(stage, make_receipt_by_number(L_SHOP, "", 100));
    int64_t item = last_of(RECORD_SUSPENSE);
    int64_t gone = open_account(1);
    stage_do(stage, make_suspense_age(L_SHOP, 0));
    stage_do(stage, make_open_lump(L_SHOP, item, 1, 100));
    int64_t lump = last_of(RECORD_LUMP);
    stage_do(stage, make_line(L_SHOP, lump, "gone-1", gone, 100));
    int64_t line = stage->sequence;
    stage_do(stage, make_close_lump(L_SHOP, lump));
    stage_do(stage, make_pay(L_SHOP, gone, B_TWO, 101, 0));
    stage_do(stage, make_close_account(L_SHOP, gone));
    struct command undo = make_undo_allocation(L_SHOP, item, line, NULL, 0);
    undo.undo_allocation.lump_id = lump;
    EXPECT(stage_try(stage, undo) == OUTCOME_PAYEE_ACCOUNT_CLOSED);
    by_two(undo);
    EXPECT(own - available(SHOP_OWN) == 100 && open_of(item) == 100);
}
END_TEST

/* Interest that the bank never paid, and whose account is gone. */
START_TEST(interest_and_gone)
{
    int64_t own = available(SHOP_OWN), escrow = available(SHOP_ESCROW);
    int64_t gone = open_account(1);
    stage_do(stage, make_interest(L_SHOP, gone, 9));
    int64_t interest = stage->sequence;
    stage_do(stage, make_pay(L_SHOP, gone, B_TWO, 10, 0));
    stage_do(stage, make_close_account(L_SHOP, gone));
    EXPECT(stage_try(stage, a_reversal(interest)) == OUTCOME_EFFECT_GONE);
    by_two(a_reversal(interest));
    EXPECT(own - available(SHOP_OWN) == 9 && available(SHOP_ESCROW) == escrow);
}
END_TEST

Suite *stand_ins_suite(void)
{
    TCase *cases = tcase_create("stand_ins");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, begin, finish);
    tcase_add_test(cases, to_and_fro);
    tcase_add_test(cases, partly_open);
    tcase_add_test(cases, kept_for_a_lump);
    tcase_add_test(cases, kept_for_two_lumps);
    tcase_add_test(cases, back_to_its_sender);
    tcase_add_test(cases, never_came_and_returned);
    tcase_add_test(cases, never_came_and_reversed);
    tcase_add_test(cases, what_is_needed_for_it);
    tcase_add_test(cases, two_owners);
    tcase_add_test(cases, allocated_and_gone);
    tcase_add_test(cases, a_line_and_gone);
    tcase_add_test(cases, interest_and_gone);
    Suite *suite = suite_create("stand_ins");
    suite_add_tcase(suite, cases);
    return suite;
}
