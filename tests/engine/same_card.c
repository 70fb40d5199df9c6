/* same_card.c: money leaves by the card that it came by: who may pay in, how much leaves by which
 * card, what comes back, what becomes of it when cards go; and random histories of all that.
 *
 * The engine and the naive model are asked the same, step by step (stage_try).
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "model/card_flow.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"
#include "support/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_MAIN "6216261000000000005"
#define NUMBER_NEXT "6216261000000000006"
#define NUMBER_LAST "6216261000000000007"
#define NUMBER_PAYS "6216261000000000015"
#define NUMBER_NOBODY "6216261000000099999"

static struct stage *stage;
static int64_t mine;    /* the user's account, with three checked cards */
static int64_t another; /* the user's second one */
static int64_t bare;    /* of a user without a card */

static void begin(void)
{
    stage = stage_create();
    mine = stage_do(stage, make_open_account(L_MAIN, M_CARDS));
    another = stage_do(stage, make_open_account(L_MAIN, M_CARDS));
    bare = stage_do(stage, make_open_account(L_MAIN, M_USER));
    stage_do(stage, make_same_card(L_MAIN, true));
    stage_change_keys(stage);
}

static void finish(void)
{
    expect_same_state(stage->engine, stage->model);
    char error[200] = "";
    int result = engine_check(stage->engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
    stage_destroy(stage);
}

static int64_t by_card(int64_t account, int64_t card)
{
    struct withdraw asked = {.account_id = account};
    struct withdraw_quote quote;
    EXPECT(engine_quote_withdraw(stage->engine, stage->now_us, L_MAIN, &asked, &quote) ==
           OUTCOME_ACCEPTED);
    for (uint32_t i = 0; i < quote.card_count; i++) {
        const struct card_quote *its = &quote.cards[i];
        EXPECT(its->withdrawable_minor ==
               naive_by_card(stage->model, (int)account, (int)its->card_id));
        EXPECT(its->owed_minor ==
               naive_flow_owed(
                   &stage->model->flows[naive_flow_of(stage->model, (int)account, its->card_id)]));
        if (its->card_id == card)
            return its->withdrawable_minor;
    }
    return -1;
}

static void expect_refused(struct command command, enum outcome outcome, int64_t limit)
{
    enum outcome said = stage_try(stage, command);
    EXPECT_MSG(said == outcome, "%s, not %s", outcome_name((int)said), outcome_name((int)outcome));
    EXPECT_MSG(stage->effects.limit_minor == limit, "limit %" PRId64 ", not %" PRId64,
        stage->effects.limit_minor, limit);
}

static void unset_term(void)
{
    stage_do(stage, stage_by_two(stage, make_same_card(L_MAIN, false)));
}

static struct command receipt(int64_t amount, const char *number)
{
    return make_receipt_from(L_MAIN, mine, amount, party_of("n", number));
}

static struct command withdraw(int64_t amount, int64_t card)
{
    return make_withdraw_by_card(L_MAIN, mine, amount, card);
}

static struct command withdraw_to(int64_t amount, const char *number)
{
    struct command command = make_withdraw(L_MAIN, mine, amount, 0, 0);
    command.withdraw.destination = party_of("n", number);
    return command;
}

static const struct suspense *last_item(void)
{
    return engine_find_record(
        stage->engine, RECORD_SUSPENSE, engine_last_id(stage->engine, RECORD_SUSPENSE));
}

/* ---- receipts ---- */

START_TEST(only_his_own_cards_pay_in)
{
    static const struct {
        const char *number;
        enum suspense_reason reason; /* 0: it is taken */
    } rows[] = {
        {NUMBER_MAIN, 0},
        {NUMBER_LAST, 0},
        {NUMBER_NOBODY, SUSPENSE_CARD_NOT_BOUND},
        {"6216261000000000001",
            SUSPENSE_CARD_OF_ANOTHER}, /* his, not checked; bound all the same */
        {NUMBER_PAYS, SUSPENSE_CARD_OF_ANOTHER},
        {"6216261000000000008", SUSPENSE_CARD_NOT_BOUND}, /* unbound since */
        {"", SUSPENSE_NO_CARD},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool is_taken = rows[i].reason == 0;
        struct command command = receipt(100, rows[i].number);
        enum outcome said = stage_try(stage, command);
        EXPECT_MSG(said == (is_taken ? OUTCOME_ACCEPTED : OUTCOME_ACCEPTED_UNALLOCATED), "%s: %s",
            rows[i].number, outcome_name((int)said));
        EXPECT_MSG(
            is_taken || (last_item()->reason == rows[i].reason && last_item()->account_id == mine),
            "%s: reason %d", rows[i].number, last_item()->reason);
    }
    /* Merchants take from anybody; so do users where the terms do not say so. */
    EXPECT(stage_try(stage, make_receipt_from(L_MAIN, A_PAYS, 5, party_of("n", NUMBER_NOBODY))) ==
           OUTCOME_ACCEPTED);
    EXPECT(stage_try(stage, make_receipt_from(L_OTHER, A_OTHER, 5, party_of("n", NUMBER_NOBODY))) ==
           OUTCOME_ACCEPTED);
    unset_term();
    EXPECT(stage_try(stage, receipt(100, NUMBER_NOBODY)) == OUTCOME_ACCEPTED);
}
END_TEST

START_TEST(suspense_becomes_a_users_by_two)
{
    EXPECT(stage_try(stage, receipt(100, NUMBER_NOBODY)) == OUTCOME_ACCEPTED_UNALLOCATED);
    int64_t foreign = last_item()->id;
    EXPECT(
        stage_try(stage, make_receipt_by_number(L_MAIN, "", 100)) == OUTCOME_ACCEPTED_UNALLOCATED);
    int64_t nobodys = last_item()->id;
    struct payee to_user = {mine, 60}, to_merchant = {A_PAYS, 10};
    expect_refused(make_allocate(L_MAIN, foreign, &to_user, 1), OUTCOME_APPROVAL_NEEDED, 0);
    expect_refused(make_allocate(L_MAIN, nobodys, &to_user, 1), OUTCOME_APPROVAL_NEEDED, 0);
    stage_do(stage, make_allocate(L_MAIN, nobodys, &to_merchant, 1));
    expect_refused(make_open_lump(L_MAIN, nobodys, 1, 10), OUTCOME_APPROVAL_NEEDED, 0);
    stage_do(stage, stage_by_two(stage, make_allocate(L_MAIN, foreign, &to_user, 1)));
    /* It came by no card of his: the main one may have it. */
    EXPECT(by_card(mine, Y_MAIN) == 60 && by_card(mine, Y_NEXT) == 0);
    stage_do(stage, stage_by_two(stage, make_open_lump(L_MAIN, nobodys, 1, 10)));
}
END_TEST

/* ---- withdrawals ---- */

START_TEST(as_much_as_came_by_it)
{
    stage_do(stage, receipt(100, NUMBER_NEXT));
    stage_do(stage, receipt(70, NUMBER_MAIN));
    stage_do(stage, make_pay(L_MAIN, A_RICH, mine, 30, 0));
    EXPECT(by_card(mine, Y_NEXT) == 100 && by_card(mine, Y_LAST) == 0);
    EXPECT(by_card(mine, Y_MAIN) == 100); /* 70, and 30 that no card is owed */
    EXPECT(by_card(bare, Y_MAIN) == -1);
    expect_refused(withdraw(101, Y_NEXT), OUTCOME_ABOVE_CARD, 100);
    expect_refused(withdraw(1, Y_LAST), OUTCOME_ABOVE_CARD, 0);
    expect_refused(withdraw(101, Y_MAIN), OUTCOME_ABOVE_CARD, 100);
    expect_refused(withdraw_to(101, NUMBER_NEXT), OUTCOME_ABOVE_CARD, 100);
    expect_refused(withdraw(201, Y_NEXT), OUTCOME_INSUFFICIENT_AVAILABLE, 200);
    stage_do(stage, withdraw_to(40, NUMBER_NEXT));
    EXPECT(stage->effects.card_part_count == 1 && stage->effects.card_parts[0].card_id == Y_NEXT);
    stage_do(stage, withdraw(60, Y_NEXT));
    expect_refused(withdraw(1, Y_NEXT), OUTCOME_ABOVE_CARD, 0);
    stage_do(stage, withdraw(100, Y_MAIN));
    /* What comes by it again is owed again; the main card was paid more than came by it. */
    stage_do(stage, receipt(50, NUMBER_NEXT));
    stage_do(stage, receipt(10, NUMBER_MAIN));
    EXPECT(by_card(mine, Y_NEXT) == 50 && by_card(mine, Y_MAIN) == 10);
    /* Each account by itself. */
    EXPECT(by_card(another, Y_NEXT) == 0);
}
END_TEST

/* What was spent is owed still, as far as there is money again. */
START_TEST(spent_and_had_again)
{
    stage_do(stage, receipt(100, NUMBER_NEXT));
    stage_do(stage, make_pay(L_MAIN, mine, A_POOR, 100, 0));
    EXPECT(by_card(mine, Y_NEXT) == 0);
    int64_t paid = stage->sequence;
    struct payee back = {A_POOR, 40};
    stage_do(stage, make_refund(L_MAIN, paid, "", &back, 1));
    EXPECT(by_card(mine, Y_NEXT) == 40 && by_card(mine, Y_MAIN) == 0);
    stage_do(stage, make_pay(L_MAIN, A_RICH, mine, 90, 0));
    EXPECT(by_card(mine, Y_NEXT) == 100 && by_card(mine, Y_MAIN) == 30);
}
END_TEST

START_TEST(whom_it_pays)
{
    stage_do(stage, receipt(100, NUMBER_MAIN));
    expect_refused(withdraw_to(1, NUMBER_NOBODY), OUTCOME_DESTINATION_NOT_OWN_CARD, 0);
    expect_refused(withdraw_to(1, NUMBER_PAYS), OUTCOME_DESTINATION_NOT_OWN_CARD, 0);
    expect_refused(withdraw(1, Y_PAYS), OUTCOME_CARD_NOT_OF_MEMBER, 0);
    expect_refused(withdraw(1, Y_OTHER), OUTCOME_CARD_NOT_FOUND, 0);
    expect_refused(withdraw(1, Y_NONE), OUTCOME_CARD_NOT_FOUND, 0);
    expect_refused(withdraw(1, Y_BOUND), OUTCOME_CARD_NOT_CHECKED, 0);
    expect_refused(withdraw(1, Y_UNBOUND), OUTCOME_CARD_NOT_CHECKED, 0);
    expect_refused(make_withdraw_by_card(L_MAIN, bare, 1, 0), OUTCOME_NO_CHECKED_CARD, 0);
    expect_refused(make_withdraw_by_card(L_OTHER, A_OTHER, 1, 0), OUTCOME_DESTINATION_NEEDED, 0);
    expect_refused(
        make_withdraw_by_card(L_OTHER, A_OTHER, 1, Y_OTHER), OUTCOME_DESTINATION_NEEDED, 0);
    /* A merchant by its main card only. */
    stage_do(stage, make_receipt_from(L_MAIN, A_PAYS, 50, party_of("n", "6216261000000000016")));
    expect_refused(make_withdraw_by_card(L_MAIN, A_PAYS, 1, Y_PAYS_TWO), OUTCOME_ABOVE_CARD, 0);
    stage_do(stage, make_withdraw_by_card(L_MAIN, A_PAYS, 20, Y_PAYS));
    stage_do(stage, make_withdraw_by_card(L_MAIN, A_PAYS, 30, 0));
}
END_TEST

/* Nothing leaves a restricted account, and no card of it is quoted anything. */
START_TEST(what_is_quoted_of_a_restricted_account)
{
    struct withdraw asked = {.account_id = mine};
    struct withdraw_quote quote;
    stage_do(stage, receipt(100, NUMBER_MAIN));
    EXPECT(by_card(mine, Y_MAIN) == 100);
    stage_do(stage, make_restrict(L_MAIN, mine, false, true));
    EXPECT(engine_quote_withdraw(stage->engine, stage->now_us, L_MAIN, &asked, &quote) ==
           OUTCOME_ACCEPTED);
    EXPECT(quote.card_count == 3);
    for (uint32_t i = 0; i < quote.card_count; i++) {
        EXPECT(quote.cards[i].withdrawable_minor == 0);
        EXPECT(quote.cards[i].limit == WITHDRAW_LIMIT_ACCOUNT);
    }
    stage_do(stage, make_restrict(L_MAIN, mine, false, false));
    EXPECT(by_card(mine, Y_MAIN) == 100);
}
END_TEST

START_TEST(the_server_chooses)
{
    stage_do(stage, receipt(10, NUMBER_LAST));
    stage_do(stage, receipt(20, NUMBER_MAIN));
    stage_do(stage, receipt(30, NUMBER_NEXT));
    stage_do(stage, receipt(5, NUMBER_LAST));
    stage_do(stage, make_pay(L_MAIN, A_RICH, mine, 40, 0));
    struct command all = withdraw(101, 0);
    all.withdraw.fee_minor = 4;
    all.withdraw.fee_mode = FEE_OUTSIDE;
    int64_t first = stage_do(stage, all);
    const struct card_part *parts = stage->effects.card_parts;
    EXPECT(stage->effects.card_part_count == 3);
    EXPECT(parts[0].card_id == Y_LAST && parts[0].amount_minor == 15);
    EXPECT(parts[1].card_id == Y_MAIN && parts[1].amount_minor == 20 + 36);
    EXPECT(parts[2].card_id == Y_NEXT && parts[2].amount_minor == 30);
    EXPECT(engine_find_payout(stage->engine, first)->fee_minor == 4);
    EXPECT(engine_find_payout(stage->engine, first + 1)->fee_minor == 0);
    EXPECT(engine_last_id(stage->engine, RECORD_PAYOUT) == first + 2);
    /* Each becomes what it becomes. */
    stage_do(stage, make_confirm(L_MAIN, first + 1, PAYOUT_RESULT_FAILED));
    EXPECT(by_card(mine, Y_MAIN) == 56 && by_card(mine, Y_LAST) == 0);
    stage_do(stage, make_confirm(L_MAIN, first + 2, PAYOUT_RESULT_PAID));
    stage_do(stage, make_confirm(L_MAIN, first, PAYOUT_RESULT_PAID));
    struct command part = make_confirm(L_MAIN, first, PAYOUT_RESULT_RETURNED);
    part.confirm_payout.amount_minor = 5;
    stage_do(stage, part);
    EXPECT(by_card(mine, Y_LAST) == 5);
}
END_TEST

/* ---- what comes back ---- */

START_TEST(given_back)
{
    stage_do(stage, receipt(100, NUMBER_NEXT));
    int64_t came = stage->sequence;
    int64_t id = stage_do(stage, withdraw(60, Y_NEXT));
    EXPECT(by_card(mine, Y_NEXT) == 40);
    stage_do(stage, make_intercept(L_MAIN, id));
    EXPECT(by_card(mine, Y_NEXT) == 100);
    id = stage_do(stage, withdraw(60, Y_NEXT));
    stage_do(stage, make_confirm(L_MAIN, id, PAYOUT_RESULT_FAILED));
    EXPECT(by_card(mine, Y_NEXT) == 100);
    /* It had left after all. */
    stage_do(stage, stage_by_two(stage, make_correction(L_MAIN, id, PAYOUT_RESULT_PAID, 0)));
    EXPECT(by_card(mine, Y_NEXT) == 40);
    stage_do(stage, make_confirm(L_MAIN, id, PAYOUT_RESULT_RETURNED));
    EXPECT(by_card(mine, Y_NEXT) == 100);
    stage_do(stage, make_reverse(L_MAIN, came));
    EXPECT(by_card(mine, Y_NEXT) == 0);
    const struct card_flow *flow = engine_find_record(
        stage->engine, RECORD_CARD_FLOW, engine_newest_card_flow(stage->engine, mine));
    EXPECT(flow->in_minor == 0 && flow->out_minor == 0 && flow->owed_sequence == 0);
}
END_TEST

/* What came to a merchant counts for no card, whatever has left by it. */
START_TEST(a_merchants_receipt_is_taken_back)
{
    struct command by_its_card = withdraw(10, Y_PAYS);
    by_its_card.withdraw.account_id = A_PAYS;
    stage_do(stage, make_receipt_from(L_MAIN, A_PAYS, 50, party_of("n", NUMBER_PAYS)));
    stage_do(stage, by_its_card);
    const struct card_flow *flow = engine_find_record(
        stage->engine, RECORD_CARD_FLOW, engine_newest_card_flow(stage->engine, A_PAYS));
    EXPECT(flow->in_minor == 0 && flow->out_minor == 10);
    stage_do(stage, make_receipt_from(L_MAIN, A_PAYS, 50, party_of("n", NUMBER_PAYS)));
    stage_do(stage, make_reverse(L_MAIN, stage->sequence));
    EXPECT(flow->in_minor == 0 && flow->out_minor == 10);
}
END_TEST

/* Who could unset it alone could do alone what it leaves to two. */
START_TEST(unset_by_two)
{
    expect_refused(make_same_card(L_MAIN, false), OUTCOME_APPROVAL_NEEDED, 0);
    EXPECT(stage_try(stage, make_same_card(L_MAIN, true)) == OUTCOME_ACCEPTED);
    EXPECT(stage_try(stage, make_same_card(L_OTHER, false)) == OUTCOME_ACCEPTED);
    struct command others = make_same_card(L_MAIN, false);
    others.set_terms =
        (struct set_terms){.named = TERM_PAYOUT_RETURN_DAYS, .payout_return_days = 3};
    EXPECT(stage_try(stage, others) == OUTCOME_ACCEPTED);
    expect_refused(receipt(100, NUMBER_NOBODY), OUTCOME_ACCEPTED_UNALLOCATED, 0);
    unset_term();
    EXPECT(stage_try(stage, receipt(100, NUMBER_NOBODY)) == OUTCOME_ACCEPTED);
}
END_TEST

/* A receipt of before the term counts for no card, and neither does its reversal. */
START_TEST(before_the_term)
{
    unset_term();
    stage_do(stage, receipt(100, NUMBER_NEXT));
    int64_t before = stage->sequence;
    stage_do(stage, make_same_card(L_MAIN, true));
    EXPECT(by_card(mine, Y_NEXT) == 0 && by_card(mine, Y_MAIN) == 100);
    stage_do(stage, receipt(40, NUMBER_NEXT));
    stage_do(stage, make_reverse(L_MAIN, before));
    EXPECT(by_card(mine, Y_NEXT) == 40);
    /* While it is off what a card did before is counted on, and nobody is refused. */
    unset_term();
    stage_do(stage, receipt(10, NUMBER_NEXT));
    stage_do(stage, withdraw_to(5, NUMBER_NOBODY));
    stage_do(stage, withdraw_to(20, NUMBER_NEXT));
    stage_do(stage, make_same_card(L_MAIN, true));
    EXPECT(by_card(mine, Y_NEXT) == 25);
}
END_TEST

/* ---- cards that go ---- */

START_TEST(a_card_that_goes)
{
    stage_do(stage, receipt(100, NUMBER_NEXT));
    stage_do(stage, receipt(30, NUMBER_LAST));
    int64_t received = stage->sequence;
    int64_t id = stage_do(stage, withdraw(40, Y_NEXT));
    expect_refused(make_unbind_card(L_MAIN, Y_NEXT), OUTCOME_CARD_HAS_PAYOUT, 0);
    expect_refused(make_replace_card(L_MAIN, Y_NEXT, Y_LAST), OUTCOME_CARD_HAS_PAYOUT, 0);
    stage_do(stage, make_confirm(L_MAIN, id, PAYOUT_RESULT_PAID));
    /* Replaced, the new one is owed it; what comes back to the old one, too. */
    stage_do(stage, make_replace_card(L_MAIN, Y_NEXT, Y_LAST));
    EXPECT(by_card(mine, Y_NEXT) == -1 && by_card(mine, Y_LAST) == 90);
    struct command part = make_confirm(L_MAIN, id, PAYOUT_RESULT_RETURNED);
    part.confirm_payout.amount_minor = 25;
    stage_do(stage, part);
    EXPECT(by_card(mine, Y_LAST) == 115 && by_card(mine, Y_MAIN) == 0);
    /* Unbound, it is what no card is owed; a receipt by it is undone nevertheless. */
    stage_do(stage, make_unbind_card(L_MAIN, Y_LAST));
    EXPECT(by_card(mine, Y_MAIN) == 115);
    stage_do(stage, make_reverse(L_MAIN, received));
    EXPECT(by_card(mine, Y_MAIN) == 85);
    EXPECT(stage_try(stage, receipt(1, NUMBER_LAST)) == OUTCOME_ACCEPTED_UNALLOCATED);
}
END_TEST

/* An undone receipt of a replaced card goes from the one that took over. */
START_TEST(undone_after_it_was_replaced)
{
    stage_do(stage, receipt(100, NUMBER_NEXT));
    int64_t received = stage->sequence;
    stage_do(stage, make_replace_card(L_MAIN, Y_NEXT, Y_LAST));
    EXPECT(by_card(mine, Y_LAST) == 100);
    stage_do(stage, make_reverse(L_MAIN, received));
    EXPECT(by_card(mine, Y_LAST) == 0);
}
END_TEST

/* A payout by another card does not keep one; one that names no card keeps all. */
START_TEST(kept_by_its_own_payouts)
{
    stage_do(stage, receipt(100, NUMBER_NEXT));
    stage_do(stage, withdraw(40, Y_NEXT));
    stage_do(stage, make_unbind_card(L_MAIN, Y_LAST));
    unset_term();
    stage_do(stage, withdraw_to(5, NUMBER_NOBODY));
    expect_refused(make_unbind_card(L_MAIN, Y_MAIN), OUTCOME_CARD_HAS_PAYOUT, 0);
}
END_TEST

/* ---- ceilings ---- */

START_TEST(a_card_is_used_with_256_accounts)
{
    for (int i = 0; i < CARD_FLOWS_PER_CARD_MAX; i++) {
        int64_t account = stage_do(stage, make_open_account(L_MAIN, M_CARDS));
        stage_do(stage, make_receipt_from(L_MAIN, account, 1, party_of("n", NUMBER_NEXT)));
    }
    EXPECT(stage_try(stage, receipt(1, NUMBER_NEXT)) == OUTCOME_ACCEPTED_UNALLOCATED);
    EXPECT(last_item()->reason == SUSPENSE_CARD_NOT_BOUND);
    stage_do(stage, receipt(7, NUMBER_LAST));
    expect_refused(make_replace_card(L_MAIN, Y_LAST, Y_NEXT), OUTCOME_TOO_MANY_CARDS, 0);
    /* Where the card is the main one, it may be asked for more. */
    stage_do(stage, make_unbind_card(L_MAIN, Y_MAIN));
    stage_do(stage, make_pay(L_MAIN, A_RICH, mine, 5, 0));
    expect_refused(withdraw(1, Y_NEXT), OUTCOME_TOO_MANY_CARDS, 0);
    /* Left to the server it is refused, too: it is the main card's. */
    expect_refused(withdraw(12, 0), OUTCOME_TOO_MANY_CARDS, 0);
    stage_do(stage, withdraw(7, 0));
}
END_TEST

/* Sums of years do not pass what 64 bits hold. */
START_TEST(sums_have_ceilings)
{
    stage_do(stage, receipt(100, NUMBER_NEXT));
    stage_do(stage, receipt(100, NUMBER_LAST));
    struct card_flow *flow = record_at(stage->engine, RECORD_CARD_FLOW, 1);
    struct card_flow *other = record_at(stage->engine, RECORD_CARD_FLOW, 2);
    struct card_flow before = *flow, other_before = *other;
    engine_begin(stage->engine);
    flow->in_minor = CARD_FLOW_MINOR_MAX - 4;
    struct command in = receipt(5, NUMBER_NEXT);
    engine_execute(stage->engine, stage->now_us, stage->sequence + 1, &in, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_ACCEPTED_UNALLOCATED);
    flow->out_minor = CARD_FLOW_MINOR_MAX - 9;
    struct command out = withdraw(10, Y_NEXT);
    engine_execute(stage->engine, stage->now_us, stage->sequence + 2, &out, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_ABOVE_CARD || stage->effects.limit_minor == 9);
    flow->moved_minor = 100;
    engine_execute(stage->engine, stage->now_us, stage->sequence + 2, &out, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_AMOUNT_OVERFLOW && stage->effects.limit_minor == 9);
    other->moved_minor = CARD_FLOW_MINOR_MAX - 3;
    struct command replaces = make_replace_card(L_MAIN, Y_NEXT, Y_LAST);
    engine_execute(stage->engine, stage->now_us, stage->sequence + 2, &replaces, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_AMOUNT_OVERFLOW && stage->effects.limit_minor == 3);
    engine_rollback(stage->engine);
    *flow = before;
    *other = other_before;
}
END_TEST

/* ---- scopes ---- */

/* What is tried only leaves nothing; a payout of the same batch is not told about. */
START_TEST(undone_in_a_scope)
{
    stage_do(stage, receipt(100, NUMBER_NEXT));
    engine_begin(stage->engine);
    struct command out = withdraw(100, 0);
    engine_execute(stage->engine, stage->now_us, stage->sequence + 1, &out, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_ACCEPTED);
    struct command word = make_confirm(L_MAIN, stage->effects.subject_id, PAYOUT_RESULT_FAILED);
    engine_execute(stage->engine, stage->now_us, stage->sequence + 2, &word, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_ORIGINAL_NOT_FOUND);
    word = make_intercept(L_MAIN, word.confirm_payout.payout_id);
    engine_execute(stage->engine, stage->now_us, stage->sequence + 2, &word, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_ORIGINAL_NOT_FOUND);
    struct command in = receipt(5, NUMBER_LAST);
    engine_execute(stage->engine, stage->now_us, stage->sequence + 2, &in, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_ACCEPTED);
    engine_rollback(stage->engine);
    expect_same_state(stage->engine, stage->model);
    EXPECT(by_card(mine, Y_NEXT) == 100);
}
END_TEST

/* ---- random histories ---- */

static int64_t random_account(struct random *random)
{
    const int64_t accounts[] = {mine, mine, mine, another, A_PAYS};
    return accounts[random_below(random, 5)];
}

static int64_t random_of_mine(struct random *random)
{
    int64_t card = random_between(random, Y_MAIN, Y_LAST);
    int last = stage->model->card_count;
    return last > Y_NONE && random_percent(random, 60) ? random_between(random, Y_NONE, last)
                                                       : card;
}

static struct command random_withdrawal(struct random *random)
{
    int64_t amount = random_between(random, 1, 120);
    int64_t account = random_account(random);
    struct command command = make_withdraw_by_card(L_MAIN, account, amount, 0);
    int64_t card =
        account == A_PAYS ? random_between(random, Y_PAYS, Y_PAYS_TWO) : random_of_mine(random);
    if (random_percent(random, 30))
        command.withdraw.card_id = card;
    else if (random_percent(random, 40))
        command.withdraw.destination = party_of("n", stage->model->cards[card].number);
    if (random_percent(random, 20)) {
        command.withdraw.fee_minor = random_between(random, 1, 5);
        command.withdraw.fee_mode = random_percent(random, 50) ? FEE_INSIDE : FEE_OUTSIDE;
    }
    return command;
}

static struct command random_word(struct random *random)
{
    int64_t last = stage->model->payout_count;
    int64_t id = random_between(random, last > 12 ? last - 12 : 1, last);
    static const int32_t results[] = {PAYOUT_RESULT_PAID, PAYOUT_RESULT_PAID, PAYOUT_RESULT_FAILED,
        PAYOUT_RESULT_RETURNED, PAYOUT_RESULT_SENT};
    struct command command = make_confirm(L_MAIN, id, results[random_below(random, 5)]);
    if (command.confirm_payout.result == PAYOUT_RESULT_RETURNED && random_percent(random, 50))
        command.confirm_payout.amount_minor =
            random_between(random, 1, stage->model->payouts[id].amount);
    if (random_percent(random, 15))
        return make_intercept(L_MAIN, id);
    if (random_percent(random, 15)) {
        int32_t right = random_percent(random, 50) ? PAYOUT_RESULT_PAID : PAYOUT_RESULT_FAILED;
        return stage_by_two(stage, make_correction(L_MAIN, id, right, 0));
    }
    return command;
}

/* Another card is bound and checked, so that there is one to go on with. */
static void bind_another(void)
{
    static char numbers[NAIVE_CARDS_MAX][24];
    int next = stage->model->card_count + 1;
    int bound = 0;
    for (int id = 1; id < next; id++)
        bound += stage->model->cards[id].member == M_CARDS &&
                 stage->model->cards[id].status == CARD_CHECKED;
    if (bound > 5)
        return;
    snprintf(numbers[next], sizeof numbers[next], "62284801000%05d", next);
    int64_t card = stage_do(stage, make_bind_card(L_MAIN, M_CARDS, CARD_PERSONAL, numbers[next]));
    stage_do(stage, make_check_card(L_MAIN, card, CARD_FOUR_FACTOR));
    stage_do(stage, make_confirm_card(L_MAIN, card, stage->sequence, CARD_CHECK_RIGHT));
}

static int64_t receipts[512];
static int receipt_count;

static struct command random_step(struct random *random)
{
    unsigned draw = (unsigned)random_below(random, 100);
    int64_t amount = random_between(random, 1, 100);
    int64_t card = random_of_mine(random);
    if (draw < 28) {
        receipts[receipt_count++ % 512] = stage->sequence + 1;
        return make_receipt_from(L_MAIN, random_account(random), amount,
            party_of("n",
                random_percent(random, 90) ? stage->model->cards[card].number : NUMBER_NOBODY));
    }
    if (draw < 36)
        return make_pay(L_MAIN, A_RICH, random_account(random), amount, 0);
    if (draw < 44)
        return make_pay(L_MAIN, random_account(random), A_POOR, amount, 0);
    if (draw < 62)
        return random_withdrawal(random);
    if (draw < 84)
        return random_word(random);
    if (draw < 89)
        return make_reverse(
            L_MAIN, receipt_count > 0 ? receipts[random_below(random,
                                            (uint64_t)(receipt_count < 512 ? receipt_count : 512))]
                                      : 1);
    if (draw < 93)
        return make_replace_card(L_MAIN, card, random_of_mine(random));
    if (draw < 96)
        return make_unbind_card(L_MAIN, card);
    if (draw < 98)
        return random_percent(random, 75) ? make_same_card(L_MAIN, random_percent(random, 90))
                                          : stage_by_two(stage, make_same_card(L_MAIN, false));
    struct payee to = {random_account(random), amount};
    return stage_by_two(stage, make_allocate(L_MAIN, last_item()->id, &to, 1));
}

/* What a withdrawal leaves by a card is in by it and what it took over; or it is the main one, and
 * had no more than was there and owed to no other. */
static void expect_bounded(const struct command *command)
{
    if (command->kind != COMMAND_WITHDRAW || stage->effects.outcome != OUTCOME_ACCEPTED ||
        !stage->model->ledgers[L_MAIN].same_card)
        return;
    int64_t account = command->withdraw.account_id;
    int64_t owed = 0;
    int64_t available =
        engine_find_account(stage->engine, account)->balance_minor[BUCKET_AVAILABLE];
    for (int64_t id = engine_newest_card_flow(stage->engine, account); id != 0;
         id = engine_older_card_flow(stage->engine, id)) {
        const struct card_flow *flow = engine_find_record(stage->engine, RECORD_CARD_FLOW, id);
        owed += flow->ended_sequence == 0 ? card_flow_owed_minor(flow) : 0;
    }
    for (uint32_t i = 0; i < stage->effects.card_part_count; i++) {
        const struct card_part *part = &stage->effects.card_parts[i];
        const struct card *card = engine_find_record(stage->engine, RECORD_CARD, part->card_id);
        int flow = naive_flow_of(stage->model, (int)account, part->card_id);
        int64_t net = stage->model->flows[flow].in - stage->model->flows[flow].out +
                      stage->model->flows[flow].moved;
        EXPECT_MSG(net >= 0 || card->is_main, "card %" PRId64 " is paid too much", part->card_id);
        EXPECT_MSG(net >= 0 || available + command->withdraw.fee_minor >= owed,
            "the main card is paid what others are owed");
    }
}

START_TEST(random_histories)
{
    struct random random;
    random_start(&random, "same_card");
    int counts[2] = {0};
    int parts_most = 0;
    receipt_count = 0;
    for (int step = 0; step < 4000 && stage->sequence < STAGE_SEQUENCES_MAX - 16; step++) {
        if (random_percent(&random, 4))
            bind_another();
        struct command command = random_step(&random);
        enum outcome said = stage_try(stage, command);
        counts[outcome_is_accepted((int)said)]++;
        expect_bounded(&command);
        if (command.kind == COMMAND_WITHDRAW && (int)stage->effects.card_part_count > parts_most)
            parts_most = (int)stage->effects.card_part_count;
        if (step % 16 == 0) {
            expect_same_card_flows(stage->engine, stage->model);
            by_card(mine, Y_NONE);
            by_card(A_PAYS, Y_NONE);
        }
    }
    EXPECT_MSG(counts[1] > 1200, "%d accepted, %d refused", counts[1], counts[0]);
    EXPECT_MSG(parts_most >= 2, "%d payouts at most", parts_most);
    EXPECT_MSG(stage->model->flow_count > 12, "%d flows", stage->model->flow_count);
}
END_TEST

Suite *same_card_suite(void)
{
    Suite *suite = suite_create("same_card");
    TCase *tests = tcase_create("same_card");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, begin, finish);
    tcase_add_test(tests, only_his_own_cards_pay_in);
    tcase_add_test(tests, suspense_becomes_a_users_by_two);
    tcase_add_test(tests, as_much_as_came_by_it);
    tcase_add_test(tests, spent_and_had_again);
    tcase_add_test(tests, whom_it_pays);
    tcase_add_test(tests, what_is_quoted_of_a_restricted_account);
    tcase_add_test(tests, the_server_chooses);
    tcase_add_test(tests, given_back);
    tcase_add_test(tests, a_merchants_receipt_is_taken_back);
    tcase_add_test(tests, unset_by_two);
    tcase_add_test(tests, before_the_term);
    tcase_add_test(tests, a_card_that_goes);
    tcase_add_test(tests, undone_after_it_was_replaced);
    tcase_add_test(tests, kept_by_its_own_payouts);
    tcase_add_test(tests, a_card_is_used_with_256_accounts);
    tcase_add_test(tests, sums_have_ceilings);
    tcase_add_test(tests, undone_in_a_scope);
    tcase_add_test(tests, random_histories);
    suite_add_tcase(suite, tests);
    return suite;
}
