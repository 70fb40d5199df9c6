/* corrections.c: every state of a payout with every right word of the bank, by two persons.
 *
 * A payout of 100 with a fee of 9 that comes back when it fails and in proportion when it returns.
 * Each row says what is out of the books and what of the fee is kept afterwards: the account pays
 * or gets the difference, and it is booked as the right word would have been.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "engine/memory/memory.h"
#include "outcomes.h"
#include "suites.h"
#include "support/expect.h"

#include <string.h>

#define NOW_US (TEST_DATE * INT64_C(86400000000))
#define PAID PAYOUT_RESULT_PAID
#define FAILED PAYOUT_RESULT_FAILED
#define RETURNED PAYOUT_RESULT_RETURNED
#define ALREADY(what) .outcome = OUTCOME_PAYOUT_ALREADY_##what

enum { ESCROW_ID = 1, UNALLOCATED_ID = 2, FEE_ID = 3, OWN_ID = 4, ACCOUNT_ID = 7, OTHER_ID = 8 };

enum state {
    IS_REQUESTED,
    IS_SENT,
    IS_UNKNOWN,
    IS_PAID,
    IS_PART, /* 40 of it returned */
    IS_RETURNED,
    IS_FAILED,
    IS_CANCELLED,
    STATES,
};

struct row {
    enum state state;
    int32_t right;
    int64_t back_minor;
    enum outcome outcome; /* 0: it is booked */
    enum payout_status status;
    int64_t out_minor;
    int64_t fee_minor; /* what is kept */
};

#define OPEN_ROWS(state)                                                                           \
    {state, PAID, 0, .outcome = OUTCOME_PAYOUT_NOT_DECIDED},                                       \
        {state, FAILED, 0, .outcome = OUTCOME_PAYOUT_NOT_DECIDED},                                 \
        {state, RETURNED, 0, .outcome = OUTCOME_PAYOUT_NOT_DECIDED},                               \
        {state, RETURNED, 30, .outcome = OUTCOME_PAYOUT_NOT_DECIDED},                              \
    {                                                                                              \
        state, RETURNED, 101, .outcome = OUTCOME_PAYOUT_NOT_DECIDED                                \
    }

static const struct row rows[] = {
    OPEN_ROWS(IS_REQUESTED),
    OPEN_ROWS(IS_SENT),
    OPEN_ROWS(IS_UNKNOWN),
    {IS_PAID, PAID, 0, ALREADY(PAID)},
    {IS_PAID, FAILED, 0, 0, PAYOUT_FAILED, 0, 0},
    {IS_PAID, RETURNED, 30, 0, PAYOUT_PAID, 70, 7},
    {IS_PAID, RETURNED, 0, 0, PAYOUT_RETURNED, 0, 0},
    {IS_PAID, RETURNED, 101, .outcome = OUTCOME_ABOVE_REST},
    {IS_PART, PAID, 0, 0, PAYOUT_PAID, 100, 9},
    {IS_PART, FAILED, 0, 0, PAYOUT_FAILED, 0, 0},
    {IS_PART, RETURNED, 30, 0, PAYOUT_PAID, 70, 7},
    {IS_PART, RETURNED, 40, ALREADY(RETURNED)},
    {IS_PART, RETURNED, 50, 0, PAYOUT_PAID, 50, 5},
    {IS_PART, RETURNED, 0, 0, PAYOUT_RETURNED, 0, 0},
    {IS_PART, RETURNED, 101, .outcome = OUTCOME_ABOVE_REST},
    {IS_RETURNED, PAID, 0, 0, PAYOUT_PAID, 100, 9},
    {IS_RETURNED, FAILED, 0, ALREADY(RETURNED)},
    {IS_RETURNED, RETURNED, 99, 0, PAYOUT_PAID, 1, 1},
    {IS_RETURNED, RETURNED, 100, ALREADY(RETURNED)},
    {IS_RETURNED, RETURNED, 101, .outcome = OUTCOME_ABOVE_REST},
    {IS_FAILED, PAID, 0, 0, PAYOUT_PAID, 100, 9},
    {IS_FAILED, FAILED, 0, ALREADY(FAILED)},
    {IS_FAILED, RETURNED, 30, 0, PAYOUT_PAID, 70, 7},
    {IS_FAILED, RETURNED, 0, ALREADY(FAILED)},
    {IS_FAILED, RETURNED, 101, .outcome = OUTCOME_ABOVE_REST},
    {IS_CANCELLED, PAID, 0, 0, PAYOUT_PAID, 100, 9},
    {IS_CANCELLED, FAILED, 0, ALREADY(CANCELLED)},
    {IS_CANCELLED, RETURNED, 30, 0, PAYOUT_PAID, 70, 7},
    {IS_CANCELLED, RETURNED, 100, ALREADY(CANCELLED)},
    {IS_CANCELLED, RETURNED, 101, .outcome = OUTCOME_ABOVE_REST},
};

#define ROW_COUNT (int)(sizeof rows / sizeof *rows)

static struct effects effects;
static int64_t sequence;

static enum outcome execute(struct engine *engine, struct command command)
{
    const struct ledger *ledger = engine_find_ledger(engine, 1);
    command.key.business_date = ledger ? ledger->accounting_dates[0] : TEST_DATE;
    engine_execute(engine, NOW_US, ++sequence, &command, &effects);
    expect_listed(command.kind, effects.outcome);
    return effects.outcome;
}

/* Refused when it comes alone; proposed by one, and approved by another. */
static enum outcome by_two(struct engine *engine, struct command command)
{
    EXPECT(execute(engine, command) == OUTCOME_APPROVAL_NEEDED);
    EXPECT(effects.posting_count == 0 && effects.image_count == 0);
    EXPECT(execute(engine, make_proposal(1, &command, NOW_US + 1)) == OUTCOME_ACCEPTED);
    return execute(engine, by_approval(effects.subject_id, command_by("second", command)));
}

static enum outcome correct(struct engine *engine, int32_t right, int64_t back_minor)
{
    return by_two(engine, make_correction(1, 1, right, back_minor));
}

static void say(struct engine *engine, int32_t result)
{
    EXPECT(execute(engine, make_confirm(1, 1, result)) == OUTCOME_ACCEPTED);
}

/* Payout 1 of account 7 in that state; 1,000 in all, 109 of them for the payout and its fee. */
static struct engine *create(enum state state)
{
    static const struct fee_tier flat = {.flat_minor = 9};
    struct engine *engine = engine_create();
    sequence = 0;
    EXPECT(execute(engine, make_open_ledger("1000", TEST_DATE, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_member(1, "owner")) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    struct command rule = make_fee_rule(1, "r", TEST_DATE, &flat, 1);
    rule.set_fee_rule.on_payout_failed = PAYOUT_FEE_BACK;
    rule.set_fee_rule.on_payout_returned = PAYOUT_FEE_BACK;
    EXPECT(execute(engine, rule) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_receipt(1, ACCOUNT_ID, 1000)) == OUTCOME_ACCEPTED);
    struct command withdraw = make_withdraw(1, ACCOUNT_ID, 100, 0, FEE_OUTSIDE);
    withdraw.withdraw.fee_rule = text_of("r");
    EXPECT(execute(engine, withdraw) == OUTCOME_ACCEPTED);
    if (state == IS_SENT)
        say(engine, PAYOUT_RESULT_SENT);
    if (state == IS_UNKNOWN)
        say(engine, PAYOUT_RESULT_UNKNOWN);
    if (state == IS_PAID || state == IS_PART || state == IS_RETURNED)
        say(engine, PAID);
    if (state == IS_PART)
        EXPECT(execute(engine, make_return(1, 1, 40)) == OUTCOME_ACCEPTED);
    if (state == IS_RETURNED)
        say(engine, RETURNED);
    if (state == IS_FAILED)
        say(engine, FAILED);
    if (state == IS_CANCELLED)
        EXPECT(execute(engine, make_intercept(1, 1)) == OUTCOME_ACCEPTED);
    return engine;
}

static int64_t available(const struct engine *engine, int64_t id)
{
    return engine_find_account(engine, id)->balance_minor[BUCKET_AVAILABLE];
}

static void expect_sound(const struct engine *engine)
{
    char error[200] = "";
    int result = engine_check(engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
}

START_TEST(every_state_and_right_word)
{
    const struct row *row = &rows[_i];
    struct engine *engine = create(row->state);
    enum outcome outcome = correct(engine, row->right, row->back_minor);
    enum outcome expected = row->outcome != 0 ? row->outcome : OUTCOME_ACCEPTED;
    EXPECT_MSG(outcome == expected, "row %d: %s", _i, outcome_name((int)outcome));
    expect_sound(engine);
    if (outcome == OUTCOME_ACCEPTED) {
        const struct payout *payout = engine_find_payout(engine, 1);
        EXPECT_MSG(payout->status == row->status, "row %d: status %d", _i, payout->status);
        EXPECT(payout->evidence_sequence == sequence);
        EXPECT((payout->return_until != 0) == (row->status != PAYOUT_FAILED));
        EXPECT_MSG(-available(engine, ESCROW_ID) == 1000 - row->out_minor, "row %d", _i);
        EXPECT_MSG(available(engine, FEE_ID) == row->fee_minor, "row %d", _i);
        EXPECT(available(engine, ACCOUNT_ID) == 1000 - row->out_minor - row->fee_minor);
        /* Said twice it is no correction any more. */
        EXPECT(correct(engine, row->right, row->back_minor) != OUTCOME_ACCEPTED);
    }
    engine_destroy(engine);
}
END_TEST

/* What is not there any more is not taken: it waits until it is covered. */
START_TEST(the_money_must_be_there)
{
    for (int64_t left_minor = 108; left_minor <= 109; left_minor++) {
        struct engine *engine = create(IS_FAILED);
        EXPECT(execute(engine, make_pay(1, ACCOUNT_ID, OTHER_ID, 1000 - left_minor, 0)) ==
               OUTCOME_ACCEPTED);
        enum outcome outcome = correct(engine, PAID, 0);
        EXPECT(outcome == (left_minor < 109 ? OUTCOME_INSUFFICIENT_AVAILABLE : OUTCOME_ACCEPTED));
        if (outcome != OUTCOME_ACCEPTED) {
            EXPECT(execute(engine, make_pay(1, OTHER_ID, ACCOUNT_ID, 1, 0)) == OUTCOME_ACCEPTED);
            EXPECT(correct(engine, PAID, 0) == OUTCOME_ACCEPTED);
        }
        EXPECT(available(engine, ACCOUNT_ID) == 0);
        expect_sound(engine);
        engine_destroy(engine);
    }
}
END_TEST

/* The account was closed since: UNALLOCATED takes and gives in its place. */
START_TEST(the_owner_is_gone)
{
    struct engine *engine = create(IS_PAID);
    EXPECT(execute(engine, make_pay(1, ACCOUNT_ID, OTHER_ID, 891, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_close_account(1, ACCOUNT_ID)) == OUTCOME_ACCEPTED);
    EXPECT(correct(engine, FAILED, 0) == OUTCOME_ACCEPTED_UNALLOCATED);
    EXPECT(available(engine, UNALLOCATED_ID) == 109);
    EXPECT(correct(engine, PAID, 0) == OUTCOME_ACCEPTED);
    EXPECT(available(engine, UNALLOCATED_ID) == 0);
    EXPECT(correct(engine, RETURNED, 0) == OUTCOME_ACCEPTED_UNALLOCATED);
    expect_sound(engine);
    engine_destroy(engine);
}
END_TEST

/* The account was closed since, and what it had been given back is spent: the money has left, so
 * the platform gives it. */
START_TEST(the_owner_is_gone_with_it)
{
    const struct party own = party_of("own", "1");
    struct engine *engine = create(IS_FAILED);
    EXPECT(execute(engine, make_pay(1, ACCOUNT_ID, OTHER_ID, 1000, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_close_account(1, ACCOUNT_ID)) == OUTCOME_ACCEPTED);
    EXPECT(correct(engine, PAID, 0) == OUTCOME_INSUFFICIENT_PLATFORM_OWN);
    EXPECT(effects.limit_minor == 0);
    EXPECT(execute(engine, make_set_terms(1, own, true, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_receipt_from(1, OWN_ID, 109, own)) == OUTCOME_ACCEPTED);
    EXPECT(correct(engine, PAID, 0) == OUTCOME_ACCEPTED);
    EXPECT(available(engine, OWN_ID) == 0 && available(engine, FEE_ID) == 9);
    EXPECT(-available(engine, ESCROW_ID) == 1009);
    /* It has back what it gave, however often it goes to and fro. */
    EXPECT(correct(engine, RETURNED, 60) == OUTCOME_ACCEPTED);
    EXPECT(available(engine, OWN_ID) == 65 && available(engine, FEE_ID) == 4);
    expect_sound(engine);
    EXPECT(correct(engine, FAILED, 0) == OUTCOME_ACCEPTED);
    EXPECT(available(engine, OWN_ID) == 109 && available(engine, UNALLOCATED_ID) == 0);
    EXPECT(correct(engine, PAID, 0) == OUTCOME_ACCEPTED);
    EXPECT(available(engine, OWN_ID) == 0);
    /* So does what the bank sends back by itself. */
    EXPECT(execute(engine, make_return(1, 1, 40)) == OUTCOME_ACCEPTED);
    EXPECT(available(engine, OWN_ID) == 43 && available(engine, FEE_ID) == 6);
    EXPECT(execute(engine, make_return(1, 1, 60)) == OUTCOME_ACCEPTED);
    EXPECT(available(engine, OWN_ID) == 109 && available(engine, FEE_ID) == 0);
    EXPECT(available(engine, UNALLOCATED_ID) == 0);
    expect_sound(engine);
    engine_destroy(engine);
}
END_TEST

/* A receipt that the bank told wrongly, whose account was closed since: alone it stays, two persons
 * have it out of the books at the cost of the platform. */
START_TEST(a_wrong_receipt_and_nobody_is_there)
{
    const struct party own = party_of("own", "1");
    struct engine *engine = create(IS_PAID);
    EXPECT(execute(engine, make_receipt(1, ACCOUNT_ID, 50)) == OUTCOME_ACCEPTED);
    struct original receipt = {.sequence = sequence,
        .ledger_id = 1,
        .subject_id = ACCOUNT_ID,
        .outcome = OUTCOME_ACCEPTED,
        .posting_count = effects.posting_count};
    static struct posting postings[4];
    memcpy(postings, effects.postings, receipt.posting_count * sizeof *postings);
    struct command said = make_receipt(1, ACCOUNT_ID, 50);
    receipt.command = &said;
    receipt.postings = postings;
    EXPECT(execute(engine, make_pay(1, ACCOUNT_ID, OTHER_ID, 941, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_close_account(1, ACCOUNT_ID)) == OUTCOME_ACCEPTED);
    struct command reverse = make_reverse(1, receipt.sequence);
    reverse.original = &receipt;
    EXPECT(execute(engine, reverse) == OUTCOME_EFFECT_GONE);
    EXPECT(execute(engine, make_proposal(1, &reverse, NOW_US + 1)) == OUTCOME_ACCEPTED);
    struct command approved = by_approval(effects.subject_id, command_by("second", reverse));
    EXPECT(execute(engine, approved) == OUTCOME_EFFECT_GONE);
    EXPECT(effects.limit_minor == 0);
    EXPECT(execute(engine, make_set_terms(1, own, true, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_receipt_from(1, OWN_ID, 50, own)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, approved) == OUTCOME_ACCEPTED);
    EXPECT(available(engine, OWN_ID) == 0 && available(engine, OTHER_ID) == 941);
    expect_sound(engine);
    engine_destroy(engine);
}
END_TEST

/* A cut that one person may not make is made by two. */
START_TEST(a_far_cut_takes_two)
{
    struct engine *engine = create(IS_PAID);
    EXPECT(by_two(engine, make_cut_day(1, TEST_DATE + 11)) == OUTCOME_ACCEPTED);
    EXPECT(engine_find_ledger(engine, 1)->accounting_dates[0] == TEST_DATE + 11);
    engine_destroy(engine);
}
END_TEST

Suite *corrections_suite(void)
{
    TCase *cases = tcase_create("corrections");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, every_state_and_right_word, 0, ROW_COUNT);
    tcase_add_test(cases, the_money_must_be_there);
    tcase_add_test(cases, the_owner_is_gone);
    tcase_add_test(cases, the_owner_is_gone_with_it);
    tcase_add_test(cases, a_wrong_receipt_and_nobody_is_there);
    tcase_add_test(cases, a_far_cut_takes_two);
    Suite *suite = suite_create("corrections");
    suite_add_tcase(suite, cases);
    return suite;
}
