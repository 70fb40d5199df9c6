/* owners.c: every way in which money comes to an account, with its owner there, gone (the account
 * is closed) and restricted (it takes nothing), and where the money is then.
 *
 * What somebody else decides to give is refused: it is still his. What the bank has brought by a
 * number, and what goes back, cannot be: it waits in UNALLOCATED when the owner is gone, and what
 * goes back is his in spite of a restriction. What holds money keeps the account from being closed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/receiving_number.h"
#include "shop.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#define AMOUNT 10

enum { IS_THERE, IS_GONE, IS_RESTRICTED, OWNER_STATES };
static const char *const states[] = {"there", "gone", "restricted"};

/* Where it is: at the owner's, in UNALLOCATED; or an outcome; or the account cannot be closed. */
enum { HIS = -1, WAITS = -2, CANNOT_BE = -3 };

static struct stage *stage;
static int64_t owner;

/* What was before, by which the act is told what to be about. */
struct before {
    int64_t item, lump, sequence, record;
};

static int64_t last_of(enum record_kind kind)
{
    return engine_last_id(stage->engine, kind);
}

static struct before wait_for_him(void)
{
    stage_do(stage, make_receipt_by_number(L_SHOP, "", AMOUNT));
    return (struct before){.item = last_of(RECORD_SUSPENSE)};
}

static struct before open_a_lump(void)
{
    struct before before = wait_for_him();
    stage_do(stage, make_suspense_age(L_SHOP, 0)); /* others wait for too long */
    stage_do(stage, make_open_lump(L_SHOP, before.item, 1, AMOUNT));
    before.lump = last_of(RECORD_LUMP);
    return before;
}

static struct before ask_for_payout(void)
{
    stage_do(stage, a_withdrawal("", owner, AMOUNT));
    return (struct before){.record = last_of(RECORD_PAYOUT)};
}

static struct before pay_out(void)
{
    struct before before = ask_for_payout();
    stage_do(stage, a_result(before.record, PAYOUT_RESULT_PAID));
    return before;
}

static struct before bear_a_fee(void)
{
    stage_do(stage, with_fee(borne_by(owner, a_withdrawal("", B_OUT, AMOUNT)), AMOUNT));
    return (struct before){.record = last_of(RECORD_PAYOUT)};
}

static struct before pay(void)
{
    stage_do(stage, a_payment("OWN-1", owner, TO({B_ONE, AMOUNT})));
    return (struct before){.sequence = stage->sequence};
}

static struct before hold(void)
{
    stage_do(stage, a_hold("OWN-2", owner, AMOUNT, AN_HOUR_AHEAD));
    return (struct before){.record = last_of(RECORD_HOLD)};
}

static struct before freeze(void)
{
    stage_do(stage, a_freeze(owner, AMOUNT, 0));
    return (struct before){.record = last_of(RECORD_FREEZE)};
}

static struct before charge(void)
{
    stage_do(stage, make_fee(L_SHOP, owner, AMOUNT));
    return (struct before){.sequence = stage->sequence};
}

static struct command receive(const struct before *before)
{
    (void)before;
    return make_receipt(L_SHOP, owner, AMOUNT);
}

static struct command receive_by_number(const struct before *before)
{
    (void)before;
    static char number[RECEIVING_NUMBER_BYTES_MAX];
    receiving_number_format(text_of("8000"), owner, number);
    return make_receipt_by_number(L_SHOP, number, AMOUNT);
}

static struct command interest(const struct before *before)
{
    (void)before;
    return make_interest(L_SHOP, owner, AMOUNT);
}

static struct command be_paid(const struct before *before)
{
    (void)before;
    return make_pay(L_SHOP, B_PAYER, owner, AMOUNT, 0);
}

static struct command adjust(const struct before *before)
{
    (void)before;
    return stage_by_two(stage, make_adjust(L_SHOP, B_PAYER, owner, AMOUNT));
}

static struct command allocate(const struct before *before)
{
    static struct payee payee;
    payee = (struct payee){owner, AMOUNT};
    return make_allocate(L_SHOP, before->item, &payee, 1);
}

static struct command line(const struct before *before)
{
    return make_line(L_SHOP, before->lump, "OWN-3", owner, AMOUNT);
}

static struct command come_back(const struct before *before)
{
    return a_return(before->record, AMOUNT);
}

static struct command come_to_nothing(const struct before *before)
{
    return a_result(before->record, PAYOUT_RESULT_FAILED);
}

static struct command intercept(const struct before *before)
{
    return an_interception(before->record);
}

static struct command correct(const struct before *before)
{
    return stage_by_two(stage, make_correction(L_SHOP, before->record, PAYOUT_RESULT_FAILED, 0));
}

static struct command refund(const struct before *before)
{
    return a_refund("OWN-1", before->sequence, ALL_LEFT);
}

static struct command reverse(const struct before *before)
{
    return a_reversal(before->sequence);
}

static struct command cancel(const struct before *before)
{
    return a_cancel("OWN-2", owner, before->record, AMOUNT);
}

static struct command lift(const struct before *before)
{
    return a_lift(before->record, AMOUNT);
}

static const struct way {
    const char *name;
    struct before (*prepare)(void); /* NULL: nothing comes before */
    struct command (*act)(const struct before *before);
    int places[OWNER_STATES];
} ways[] = {
    {"a receipt", NULL, receive, {HIS, WAITS, OUTCOME_ACCOUNT_RESTRICTED_IN}},
    {"a receipt by its number", NULL, receive_by_number, {HIS, WAITS, WAITS}},
    {"interest", NULL, interest, {HIS, WAITS, OUTCOME_ACCOUNT_RESTRICTED_IN}},
    {"a payment", NULL, be_paid,
        {HIS, OUTCOME_PAYEE_ACCOUNT_CLOSED, OUTCOME_ACCOUNT_RESTRICTED_IN}},
    {"an adjustment", NULL, adjust, {HIS, OUTCOME_ACCOUNT_CLOSED, OUTCOME_ACCOUNT_RESTRICTED_IN}},
    {"an allocation", wait_for_him, allocate,
        {HIS, OUTCOME_ACCOUNT_CLOSED, OUTCOME_ACCOUNT_RESTRICTED_IN}},
    {"a line of a lump", open_a_lump, line,
        {HIS, OUTCOME_ACCOUNT_CLOSED, OUTCOME_ACCOUNT_RESTRICTED_IN}},
    {"a payout that returns", pay_out, come_back, {HIS, WAITS, HIS}},
    {"a payout that had not left", pay_out, correct, {HIS, WAITS, HIS}},
    {"a payout that failed", ask_for_payout, come_to_nothing, {HIS, CANNOT_BE, HIS}},
    {"a payout that is intercepted", ask_for_payout, intercept, {HIS, CANNOT_BE, HIS}},
    {"the fee of one that failed", bear_a_fee, come_to_nothing, {HIS, WAITS, HIS}},
    {"the fee of one that is intercepted", bear_a_fee, intercept, {HIS, WAITS, HIS}},
    {"a refund", pay, refund, {HIS, WAITS, HIS}},
    {"a payment that is reversed", pay, reverse, {HIS, WAITS, HIS}},
    {"a fee that is reversed", charge, reverse, {HIS, WAITS, HIS}},
    {"a hold that is released", hold, cancel, {HIS, CANNOT_BE, HIS}},
    {"a freeze that is lifted", freeze, lift, {HIS, CANNOT_BE, HIS}},
};

#define WAY_COUNT (int)(sizeof ways / sizeof *ways)

static int64_t available(int64_t account)
{
    return engine_find_account(stage->engine, account)->balance_minor[BUCKET_AVAILABLE];
}

/* False: it cannot be. */
static bool bring_about(int state)
{
    if (state == IS_RESTRICTED)
        stage_do(stage, make_restrict(L_SHOP, owner, true, false));
    if (state != IS_GONE)
        return true;
    if (available(owner) > 0)
        stage_do(stage, make_pay(L_SHOP, owner, B_TWO, available(owner), 0));
    enum outcome outcome = stage_try(stage, make_close_account(L_SHOP, owner));
    return outcome == OUTCOME_ACCEPTED;
}

START_TEST(where_it_is)
{
    const struct way *way = &ways[_i / OWNER_STATES];
    int state = _i % OWNER_STATES;
    int place = way->places[state];
    const char *is = states[state];
    stage = stage_create();
    stage_do(stage, make_open_account(L_SHOP, M_SHOP));
    owner = last_of(RECORD_ACCOUNT);
    stage_do(stage, make_pay(L_SHOP, B_PAYER, owner, AMOUNT, 0));
    struct before before = way->prepare ? way->prepare() : (struct before){0};
    bool can_be = bring_about(state);
    EXPECT_MSG(can_be == (place != CANNOT_BE), "%s, he is %s: can it be", way->name, is);
    if (can_be) {
        struct command command = way->act(&before);
        int64_t his = available(owner), waits = available(SHOP_UNALLOCATED);
        enum outcome outcome = stage_try(stage, command);
        int64_t got = available(owner) - his, came = available(SHOP_UNALLOCATED) - waits;
        bool from_there = way->prepare == wait_for_him || way->prepare == open_a_lump;
        EXPECT_MSG(place < 0 ? outcome_is_accepted((int)outcome) : (int)outcome == place,
            "%s, he is %s: %s", way->name, is, outcome_name((int)outcome));
        EXPECT_MSG(got == (place == HIS ? AMOUNT : 0), "%s, he is %s: his", way->name, is);
        EXPECT_MSG(came == (place == WAITS                  ? AMOUNT
                               : place == HIS && from_there ? -AMOUNT
                                                            : 0),
            "%s, he is %s: waits", way->name, is);
        if (place < 0)
            EXPECT_MSG((outcome == OUTCOME_ACCEPTED_UNALLOCATED) == (place == WAITS),
                "%s, he is %s: what is said", way->name, is);
    }
    char error[200] = "";
    int result = engine_check(stage->engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
    stage_destroy(stage);
}
END_TEST

Suite *owners_suite(void)
{
    TCase *cases = tcase_create("owners");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, where_it_is, 0, WAY_COUNT * OWNER_STATES);
    Suite *suite = suite_create("owners");
    suite_add_tcase(suite, cases);
    return suite;
}
