/* account_policy.c: what members may do with their accounts, and how much, at the edges of every
 * limit, over day cuts, and when it is given back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"
#include "engine/memory/memory.h"
#include "model/date.h"
#include "model/receiving_number.h"
#include "shop.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Two users and a merchant of L_MAIN with 1,000 each; `also` is another account of `user`. */
struct people {
    struct stage *stage;
    int64_t user, also, friend, shop;
};

static int64_t open_person(struct stage *stage, const char *id, enum member_kind kind)
{
    struct command command = make_open_member(L_MAIN, id);
    command.open_member.kind = (int32_t)kind;
    int64_t account = stage_do(stage, make_open_account(L_MAIN, stage_do(stage, command)));
    stage_do(stage, make_receipt(L_MAIN, account, 1000));
    return account;
}

static struct people meet(void)
{
    struct people people = {.stage = stage_create()};
    people.user = open_person(people.stage, "p-user", MEMBER_USER);
    people.friend = open_person(people.stage, "p-friend", MEMBER_USER);
    people.shop = open_person(people.stage, "p-shop", MEMBER_MERCHANT);
    const struct account *account = engine_find_account(people.stage->engine, people.user);
    people.also = stage_do(people.stage, make_open_account(L_MAIN, account->member_id));
    return people;
}

static void part(const struct people *people)
{
    char error[200] = "";
    int result = engine_check(people->stage->engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
    expect_same_state(people->stage->engine, people->stage->model);
    stage_destroy(people->stage);
}

#define ALL_MAY .may_receive = true, .may_pay = true, .may_withdraw = true
/* Limits for users; merchants may do everything. */
#define LIMIT_USERS(stage, ...)                                                                    \
    stage_do(stage, make_custom_policy(L_MAIN, &(struct account_level_asked){ALL_MAY}, 1,          \
                        &(struct account_level_asked){ALL_MAY, __VA_ARGS__}, 1))

/* Refused with what is left and the limit; nothing stays of it. */
static void refuse(
    struct stage *stage, struct command command, enum outcome outcome, int64_t left, int64_t limit)
{
    const struct effects *effects = &stage->effects;
    enum outcome answer = stage_try(stage, command);
    EXPECT_MSG(answer == outcome, "%s", outcome_name((int)answer));
    EXPECT_MSG(effects->limit_minor == left && effects->policy_limit_minor == limit,
        "%s: left %" PRId64 " of %" PRId64, outcome_name((int)outcome), effects->limit_minor,
        effects->policy_limit_minor);
    EXPECT(effects->posting_count == 0 && effects->image_count == 0 && effects->subject_id == 0);
    EXPECT(effects->fee_minor == 0 && effects->suspense_id == 0);
    expect_same_state(stage->engine, stage->model);
}

static struct command pays(int64_t from, int64_t to, int64_t amount)
{
    return make_pay(L_MAIN, from, to, amount, 0);
}

static struct command gets(int64_t account, int64_t amount)
{
    return make_receipt(L_MAIN, account, amount);
}

static struct command by_number(int64_t account_id, int64_t amount)
{
    static char number[RECEIVING_NUMBER_BYTES_MAX];
    receiving_number_format(text_of("1000"), account_id, number);
    return make_receipt_by_number(L_MAIN, number, amount);
}

static struct command takes_out(int64_t account, int64_t amount)
{
    return make_withdraw(L_MAIN, account, amount, 0, FEE_OUTSIDE);
}

/* An item of suspense with so much. */
static int64_t wait(struct stage *stage, int64_t amount)
{
    stage_do(stage, make_receipt_by_number(L_MAIN, "", amount));
    return stage->effects.suspense_id;
}

static struct command allocates(int64_t item, int64_t account, int64_t amount)
{
    return make_allocate(L_MAIN, item, &(struct payee){account, amount}, 1);
}

/* A lump of two lines. */
static int64_t open_lump(struct stage *stage, int64_t amount)
{
    return stage_do(stage, make_open_lump(L_MAIN, wait(stage, amount), 2, amount));
}

static struct command held(struct stage *stage, int64_t from, int64_t to, int64_t amount)
{
    static struct payee payee;
    payee = (struct payee){to, amount};
    int64_t hold = stage_do(stage, make_place_hold(L_MAIN, from, amount, "held", AN_HOUR_AHEAD));
    return make_confirm_hold(L_MAIN, from, "held", hold, &payee, 1);
}

/* ---- who may do what ---- */

/* Nobody named a policy: nobody may do anything, until he is known. */
START_TEST(a_ledger_opens_strict)
{
    const struct {
        int32_t asked;
        enum account_policy_preset has;
    } rows[] = {{0, ACCOUNT_POLICY_STRICT}, {ACCOUNT_POLICY_STRICT, ACCOUNT_POLICY_STRICT},
        {ACCOUNT_POLICY_CLASS_II, ACCOUNT_POLICY_CLASS_II},
        {ACCOUNT_POLICY_CLASS_III, ACCOUNT_POLICY_CLASS_III},
        {ACCOUNT_POLICY_PREPAID, ACCOUNT_POLICY_PREPAID}, {ACCOUNT_POLICY_UNCHECKED, 0}};
    struct people people = meet();
    struct stage *stage = people.stage;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char prefix[8];
        snprintf(prefix, sizeof prefix, "66%02d", (int)i);
        struct command open = make_open_ledger(prefix, TEST_DATE, 0);
        open.open_ledger.policy = rows[i].asked;
        int64_t ledger = stage_do(stage, open);
        const struct account_policy *policy = engine_find_account_policy(stage->engine, ledger);
        EXPECT((policy ? policy->preset : 0) == rows[i].has);
        EXPECT(!policy || policy->changed_sequence == stage->sequence);
        int64_t member = stage_do(stage, make_open_member(ledger, "somebody"));
        int64_t account = stage_do(stage, make_open_account(ledger, member));
        bool may = rows[i].has == 0 || rows[i].has == ACCOUNT_POLICY_PREPAID;
        EXPECT_MSG(stage_try(stage, make_receipt(ledger, account, 1)) ==
                       (may ? OUTCOME_ACCEPTED : OUTCOME_ACCOUNT_POLICY_FORBIDS),
            "row %zu", i);
    }
    part(&people);
}
END_TEST

START_TEST(a_level_may_not)
{
    struct people people = meet();
    struct stage *stage = people.stage;
    int64_t item = wait(stage, 100);
    int64_t lump = open_lump(stage, 50);
    struct command confirm = held(stage, people.user, people.shop, 10);
    stage_do(stage, pays(people.user, people.shop, 30));
    int64_t payment = stage->sequence;
    stage_do(stage, make_account_policy(L_MAIN, ACCOUNT_POLICY_STRICT));
    const struct command commands[] = {
        gets(people.user, 1),
        allocates(item, people.user, 1),
        make_line(L_MAIN, lump, "L-90", people.user, 1),
        pays(people.user, people.shop, 1),
        pays(people.shop, people.user, 1),
        make_place_hold(L_MAIN, people.user, 1, "h", AN_HOUR_AHEAD),
        confirm,
        takes_out(people.user, 1),
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        refuse(stage, commands[i], OUTCOME_ACCOUNT_POLICY_FORBIDS, 0, 0);
    /* What comes by a number waits; between its own accounts it may, and what goes back comes. */
    EXPECT(stage_try(stage, by_number(people.user, 7)) == OUTCOME_ACCEPTED_UNALLOCATED);
    const struct suspense *waits =
        engine_find_record(stage->engine, RECORD_SUSPENSE, stage->effects.suspense_id);
    EXPECT(waits->reason == SUSPENSE_POLICY && waits->account_id == people.user);
    stage_do(stage, pays(people.user, people.also, 5));
    stage_do(stage, make_refund(L_MAIN, payment, "", NULL, 0));
    stage_do(stage, make_interest(L_MAIN, people.user, 3));
    stage_do(stage, make_fee(L_MAIN, people.user, 2));
    stage_do(stage, make_account_policy(L_MAIN, ACCOUNT_POLICY_PREPAID));
    stage_do(stage, gets(people.user, 1));
    refuse(stage, gets(people.shop, 1), OUTCOME_ACCOUNT_POLICY_FORBIDS, 0, 0);
    refuse(stage, takes_out(people.user, 1), OUTCOME_ACCOUNT_POLICY_FORBIDS, 0, 0);
    stage_do(stage, make_account_policy(L_MAIN, ACCOUNT_POLICY_UNCHECKED));
    stage_do(stage, takes_out(people.user, 1));
    part(&people);
}
END_TEST

/* Who is known may do more, until the document is over. */
START_TEST(an_identity_lets_a_member_pay)
{
    struct people people = meet();
    struct stage *stage = people.stage;
    const struct account *user = engine_find_account(stage->engine, people.user);
    const struct account *friend = engine_find_account(stage->engine, people.friend);
    stage_do(stage, make_account_policy(L_MAIN, ACCOUNT_POLICY_STRICT));
    stage_do(
        stage, make_identify(L_MAIN, user->member_id, "one", "11010519491231002X", TEST_DATE + 1));
    refuse(stage, pays(people.user, people.friend, 1), OUTCOME_ACCOUNT_POLICY_FORBIDS, 0, 0);
    stage_do(stage, make_identify(L_MAIN, friend->member_id, "two", "440524188001010014", 0));
    stage_do(stage, pays(people.user, people.friend, 1));
    refuse(stage, takes_out(people.user, 1), OUTCOME_ACCOUNT_POLICY_FORBIDS, 1, 0);
    stage->now_us += 48 * HOUR_US;
    refuse(stage, pays(people.user, people.friend, 1), OUTCOME_ACCOUNT_POLICY_FORBIDS, 0, 0);
    part(&people);
}
END_TEST

START_TEST(ready_made_policies)
{
    static const struct {
        enum account_policy_preset preset;
        struct account_level user[MEMBER_LEVELS];
    } rows[] = {
        {ACCOUNT_POLICY_STRICT, {{0}, {.may = 3}, {.may = 7}}},
        {ACCOUNT_POLICY_CLASS_II, {{0, 0, 0, 1000000, 1000000, 20000000, 20000000, 0},
                                      {3, 0, 0, 1000000, 1000000, 20000000, 20000000, 0},
                                      {7, 0, 0, 1000000, 1000000, 20000000, 20000000, 0}}},
        {ACCOUNT_POLICY_CLASS_III, {{0, 0, 0, 200000, 200000, 5000000, 5000000, 200000},
                                       {3, 0, 0, 200000, 200000, 5000000, 5000000, 200000},
                                       {7, 0, 0, 200000, 200000, 5000000, 5000000, 200000}}},
        {ACCOUNT_POLICY_PREPAID,
            {{.may = 3, .balance_minor = 100000}, {.may = 3, .balance_minor = 500000},
                {.may = 7, .balance_minor = 500000}}},
    };
    struct people people = meet();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        stage_do(people.stage, make_account_policy(L_MAIN, rows[i].preset));
        const struct account_policy *policy =
            engine_find_account_policy(people.stage->engine, L_MAIN);
        EXPECT(policy->preset == rows[i].preset && policy->level_count == ACCOUNT_LEVELS_MAX);
        EXPECT(memcmp(&policy->levels[ACCOUNT_LEVEL_INDEX(MEMBER_USER, 0)], rows[i].user,
                   sizeof rows[i].user) == 0);
        for (int level = 0; level < MEMBER_LEVELS; level++) {
            struct account_level merchant = {.may = level == 0 ? 0 : level == 1 ? 3 : 7};
            EXPECT(memcmp(&policy->levels[ACCOUNT_LEVEL_INDEX(MEMBER_MERCHANT, level)], &merchant,
                       sizeof merchant) == 0);
        }
    }
    part(&people);
}
END_TEST

/* ---- how much ---- */

/* Of every kind of command the limit, and one more. */
START_TEST(every_command_at_its_limits)
{
    static const struct {
        struct account_level_asked in, out;
        enum outcome outcome;
        bool is_out; /* there is such a limit of what goes out */
    } rows[] = {
        {{.operation_in_minor = 10}, {.operation_out_minor = 10}, OUTCOME_OVER_OPERATION_LIMIT,
            true},
        {{.date_in_minor = 10}, {.date_out_minor = 10}, OUTCOME_OVER_DATE_LIMIT, true},
        {{.year_in_minor = 10}, {.year_out_minor = 10}, OUTCOME_OVER_YEAR_LIMIT, true},
        {{.balance_minor = 1010}, {0}, OUTCOME_OVER_BALANCE_LIMIT, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t limit = rows[i].is_out ? 10 : 1010;
        for (int k = 0; k < 8; k++) {
            struct people people = meet();
            struct stage *stage = people.stage;
            int64_t item = wait(stage, 100);
            int64_t lump = open_lump(stage, 50);
            bool is_out = k >= 5;
            if (is_out && !rows[i].is_out) {
                part(&people);
                continue;
            }
            struct account_level_asked asked = is_out ? rows[i].out : rows[i].in;
            asked.may_receive = asked.may_pay = asked.may_withdraw = true;
            for (int64_t amount = 11; amount >= 10; amount--) {
                struct command command = {0};
                switch (k) {
                case 0:
                    command = gets(people.user, amount);
                    break;
                case 1:
                    command = allocates(item, people.user, amount);
                    break;
                case 2:
                    command = make_line(L_MAIN, lump, "L-91", people.user, amount);
                    break;
                case 3:
                    command = pays(people.shop, people.user, amount);
                    break;
                case 4:
                    command = held(stage, people.shop, people.user, amount);
                    break;
                case 5:
                    command = pays(people.user, people.shop, amount);
                    break;
                case 6:
                    command = held(stage, people.user, people.shop, amount);
                    break;
                default:
                    command = takes_out(people.user, amount);
                }
                stage_do(stage, make_custom_policy(
                                    L_MAIN, &(struct account_level_asked){ALL_MAY}, 1, &asked, 1));
                if (amount == 11)
                    refuse(stage, command, rows[i].outcome, 10, limit);
                else
                    stage_do(stage, command);
                if (amount == 11)
                    stage_do(stage, make_account_policy(L_MAIN, ACCOUNT_POLICY_UNCHECKED));
            }
            part(&people);
        }
    }
}
END_TEST

/* In and out apart, over all accounts of a member, and not between them. */
START_TEST(a_date_and_a_year)
{
    struct people people = meet();
    struct stage *stage = people.stage;
    LIMIT_USERS(stage, .date_in_minor = 100, .date_out_minor = 200, .year_out_minor = 250);
    stage_do(stage, gets(people.user, 60));
    stage_do(stage, gets(people.also, 39));
    refuse(stage, gets(people.user, 2), OUTCOME_OVER_DATE_LIMIT, 1, 100);
    EXPECT(stage_try(stage, by_number(people.user, 2)) == OUTCOME_ACCEPTED_UNALLOCATED);
    stage_do(stage, by_number(people.user, 1));
    refuse(stage, gets(people.also, 1), OUTCOME_OVER_DATE_LIMIT, 0, 100);
    stage_do(stage, pays(people.user, people.also, 500));
    stage_do(stage, pays(people.also, people.shop, 120));
    stage_do(stage, takes_out(people.user, 79));
    refuse(stage, pays(people.also, people.friend, 2), OUTCOME_OVER_DATE_LIMIT, 1, 200);
    stage_do(stage, make_pay(L_MAIN, people.user, people.shop, 1, 50)); /* a fee is apart */
    refuse(stage, takes_out(people.user, 1), OUTCOME_OVER_DATE_LIMIT, 0, 200);
    /* The next date; of the year 50 are left. */
    stage_do(stage, make_cut_day(L_MAIN, TEST_DATE + 1));
    stage_do(stage, gets(people.user, 100));
    refuse(stage, pays(people.user, people.shop, 51), OUTCOME_OVER_YEAR_LIMIT, 50, 250);
    stage_do(stage, pays(people.user, people.shop, 50));
    /* A lower limit: what is over is below 0. */
    LIMIT_USERS(stage, .year_out_minor = 240);
    refuse(stage, takes_out(people.user, 1), OUTCOME_OVER_YEAR_LIMIT, -10, 240);
    int32_t next_year = TEST_DATE;
    while (date_to_yyyymmdd(next_year) / 10000 == date_to_yyyymmdd(TEST_DATE) / 10000)
        next_year++;
    struct command cut = make_cut_day(L_MAIN, next_year);
    stage_do(stage, stage_by_two(stage, cut));
    stage_do(stage, pays(people.user, people.shop, 240));
    refuse(stage, takes_out(people.user, 1), OUTCOME_OVER_YEAR_LIMIT, 0, 240);
    part(&people);
}
END_TEST

static struct usage used_by(const struct people *people, int64_t account_id)
{
    enum identity_level level;
    struct account_level rules;
    struct usage used;
    const struct account *account = engine_find_account(people->stage->engine, account_id);
    EXPECT(engine_member_allowance(
        people->stage->engine, people->stage->now_us, account->member_id, &level, &rules, &used));
    return used;
}

static void expect_used(const struct people *people, int64_t account_id, int64_t date_in,
    int64_t date_out, int64_t year_in, int64_t year_out)
{
    struct usage used = used_by(people, account_id);
    EXPECT_MSG(used.date_in_minor == date_in && used.date_out_minor == date_out &&
                   used.year_in_minor == year_in && used.year_out_minor == year_out,
        "used %" PRId64 " %" PRId64 ", in the year %" PRId64 " %" PRId64, used.date_in_minor,
        used.date_out_minor, used.year_in_minor, used.year_out_minor);
}

#define COUNT_ALL .date_in_minor = 10000, .date_out_minor = 10000

/* On the date of what is given back, and on the next. */
START_TEST(what_is_given_back_is_not_used)
{
    for (int days = 0; days <= 1; days++) {
        struct people people = meet();
        struct stage *stage = people.stage;
        stage_do(stage, gets(people.user, 5));
        int64_t uncounted = stage->sequence;
        LIMIT_USERS(stage, COUNT_ALL);
        expect_used(&people, people.user, 0, 0, 0, 0);
        int64_t item = wait(stage, 40);
        stage_do(stage, gets(people.user, 70));
        int64_t receipt = stage->sequence;
        stage_do(stage, allocates(item, people.user, 30));
        int64_t allocation = stage->sequence;
        stage_do(stage, pays(people.user, people.friend, 20));
        int64_t payment = stage->sequence;
        int64_t failed = stage_do(stage, takes_out(people.user, 11));
        int64_t returned = stage_do(stage, takes_out(people.user, 12));
        int64_t intercepted = stage_do(stage, takes_out(people.user, 13));
        stage_do(stage, make_confirm(L_MAIN, returned, PAYOUT_RESULT_PAID));
        expect_used(&people, people.user, 100, 56, 100, 56);
        expect_used(&people, people.friend, 20, 0, 20, 0);
        if (days > 0) {
            stage_do(stage, make_cut_day(L_MAIN, TEST_DATE + days));
            expect_used(&people, people.user, 0, 0, 100, 56);
            stage_do(stage, gets(people.user, 1));
            stage_do(stage, make_reverse(L_MAIN, stage->sequence));
        }
        stage_do(stage, make_refund(L_MAIN, payment, "", &(struct payee){people.friend, 5}, 1));
        expect_used(&people, people.friend, days ? 0 : 15, 0, 15, 0);
        expect_used(&people, people.user, days ? 0 : 100, days ? 0 : 51, 100, 51);
        stage_do(stage, make_confirm(L_MAIN, failed, PAYOUT_RESULT_FAILED));
        stage_do(stage, make_return(L_MAIN, returned, 2));
        stage_do(stage, make_intercept(L_MAIN, intercepted));
        expect_used(&people, people.user, days ? 0 : 100, days ? 0 : 25, 100, 25);
        stage_do(stage, make_reverse(L_MAIN, receipt));
        stage_do(stage, make_undo_allocation(L_MAIN, item, allocation, NULL, 0));
        stage_do(stage, make_reverse(L_MAIN, uncounted));
        expect_used(&people, people.user, 0, days ? 0 : 25, 0, 25);
        /* It left after all. */
        stage_do(
            stage, stage_by_two(stage, make_correction(L_MAIN, failed, PAYOUT_RESULT_PAID, 0)));
        expect_used(&people, people.user, 0, days ? 0 : 36, 0, 36);
        part(&people);
    }
}
END_TEST

/* Counting goes on when the policy changes, and begins anew when there was none. */
START_TEST(policies_change)
{
    struct people people = meet();
    struct stage *stage = people.stage;
    LIMIT_USERS(stage, .year_in_minor = 100);
    stage_do(stage, gets(people.user, 60));
    LIMIT_USERS(stage, .date_in_minor = 90);
    refuse(stage, gets(people.user, 31), OUTCOME_OVER_DATE_LIMIT, 30, 90);
    LIMIT_USERS(stage, .operation_in_minor = 90);
    stage_do(stage, gets(people.user, 50));
    LIMIT_USERS(stage, .date_in_minor = 90);
    expect_used(&people, people.user, 0, 0, 0, 0);
    stage_do(stage, gets(people.user, 90));
    refuse(stage, gets(people.user, 1), OUTCOME_OVER_DATE_LIMIT, 0, 90);
    part(&people);
}
END_TEST

/* Of each account; held, frozen and on its way count. What a refund brings to a full one waits. */
START_TEST(a_ceiling_on_the_balance)
{
    struct people people = meet();
    struct stage *stage = people.stage;
    LIMIT_USERS(stage, .balance_minor = 1100);
    stage_do(stage, takes_out(people.user, 300));
    stage_do(stage, make_place_hold(L_MAIN, people.user, 200, "kept", AN_HOUR_AHEAD));
    refuse(stage, gets(people.user, 101), OUTCOME_OVER_BALANCE_LIMIT, 100, 1100);
    stage_do(stage, gets(people.also, 1100));
    refuse(stage, pays(people.user, people.also, 1), OUTCOME_OVER_BALANCE_LIMIT, 0, 1100);
    stage_do(stage, pays(people.user, people.shop, 50));
    int64_t payment = stage->sequence;
    stage_do(stage, gets(people.user, 101));
    stage_do(stage, make_refund(L_MAIN, payment, "", &(struct payee){people.shop, 49}, 1));
    stage_do(stage, pays(people.also, people.shop, 1));
    EXPECT(stage_try(stage, make_refund(L_MAIN, payment, "", NULL, 0)) ==
           OUTCOME_ACCEPTED_UNALLOCATED);
    int64_t waits = stage->effects.suspense_id;
    const struct suspense *item = engine_find_record(stage->engine, RECORD_SUSPENSE, waits);
    EXPECT(item->reason == SUSPENSE_POLICY && item->account_id == people.user);
    refuse(stage, allocates(waits, people.user, 1), OUTCOME_OVER_BALANCE_LIMIT, 0, 1100);
    stage_do(stage, allocates(waits, people.also, 1));
    part(&people);
}
END_TEST

/* Of several payees each is asked; the one with the least left is told. */
START_TEST(of_several_the_least)
{
    struct people people = meet();
    struct stage *stage = people.stage;
    LIMIT_USERS(stage, .date_in_minor = 100);
    stage_do(stage, gets(people.friend, 30));
    const struct payee payees[] = {{people.user, 101}, {people.friend, 101}};
    refuse(stage, make_split(L_MAIN, people.shop, payees, 2, 0), OUTCOME_OVER_DATE_LIMIT, 70, 100);
    LIMIT_USERS(stage, .date_in_minor = 100, .operation_in_minor = 100);
    refuse(stage, make_split(L_MAIN, people.shop, payees, 2, 0), OUTCOME_OVER_OPERATION_LIMIT, 100,
        100);
    part(&people);
}
END_TEST

/* ---- persons ---- */

/* Limits hold for all memberships of a person together, also when one of them is closed. */
START_TEST(limits_are_of_a_person)
{
    struct people people = meet();
    struct stage *stage = people.stage;
    const struct account *user = engine_find_account(stage->engine, people.user);
    const struct account *friend = engine_find_account(stage->engine, people.friend);
    int64_t stranger = open_person(stage, "p-stranger", MEMBER_USER);
    LIMIT_USERS(stage, .date_in_minor = 100, .operation_in_minor = 60);
    struct account_level_asked levels[] = {{.level = 0, ALL_MAY, .date_in_minor = 100},
        {.level = 1, ALL_MAY, .date_in_minor = 100, .operation_in_minor = 60}};
    stage_do(
        stage, make_custom_policy(L_MAIN, &(struct account_level_asked){ALL_MAY}, 1, levels, 2));
    stage_do(stage, gets(people.user, 50));
    stage_do(stage, gets(people.friend, 30));
    stage_do(stage, make_identify(L_MAIN, user->member_id, "one", "11010519491231002X", 0));
    refuse(stage, gets(people.user, 51), OUTCOME_OVER_DATE_LIMIT, 50, 100);
    stage_do(stage, make_identify(L_MAIN, friend->member_id, "one", "11010519491231002X", 0));
    expect_used(&people, people.user, 80, 0, 80, 0);
    refuse(stage, gets(people.user, 21), OUTCOME_OVER_DATE_LIMIT, 20, 100);
    refuse(stage, gets(people.friend, 21), OUTCOME_OVER_DATE_LIMIT, 20, 100);
    stage_do(stage, gets(stranger, 100));
    /* One command for both. */
    stage_do(stage, make_cut_day(L_MAIN, TEST_DATE + 1));
    const struct payee payees[] = {{people.user, 31}, {people.friend, 30}};
    refuse(
        stage, make_split(L_MAIN, people.shop, payees, 2, 0), OUTCOME_OVER_OPERATION_LIMIT, 60, 60);
    /* Another person's number: what the member did goes with it. */
    stage_do(stage, gets(people.user, 40));
    stage_do(stage, stage_by_two(stage,
                        make_identify(L_MAIN, friend->member_id, "two", "440524188001010014", 0)));
    expect_used(&people, people.user, 40, 0, 120 - 30, 0);
    expect_used(&people, people.friend, 0, 0, 30, 0);
    part(&people);
}
END_TEST

/* ---- counted again ---- */

/* What was counted since the state was written behind is found again in the postings. */
START_TEST(counts_have_no_images)
{
    struct people people = meet();
    struct stage *stage = people.stage;
    LIMIT_USERS(stage, COUNT_ALL);
    stage_do(stage, gets(people.user, 10));
    EXPECT(stage->effects.image_count == 1);
    stage_do(stage, gets(people.user, 10));
    EXPECT(stage->effects.image_count == 0);
    stage_do(stage, pays(people.user, people.friend, 5));
    EXPECT(stage->effects.image_count == 1);
    int64_t payment = stage->sequence;
    stage_do(stage, pays(people.user, people.friend, 5));
    EXPECT(stage->effects.image_count == 0);
    stage_do(stage, make_refund(L_MAIN, payment, "", NULL, 0));
    expect_used(&people, people.user, 20, 5, 20, 5);
    part(&people);
}
END_TEST

/* ---- undone alone ---- */

/* As a command of a batch that is tried: each has the number that it would get. */
static enum outcome execute(struct stage *stage, struct command command)
{
    engine_execute(stage->engine, stage->now_us, ++stage->sequence, &command, &stage->effects);
    return stage->effects.outcome;
}

/* In a scope a refusal takes back its own only. */
START_TEST(a_refusal_in_a_scope)
{
    struct people people = meet();
    struct stage *stage = people.stage;
    LIMIT_USERS(stage, .date_in_minor = 100, .date_out_minor = 50);
    stage_do(stage, gets(people.user, 10));
    int64_t sequence = stage->sequence;
    engine_begin(stage->engine);
    EXPECT(execute(stage, gets(people.user, 80)) == OUTCOME_ACCEPTED);
    EXPECT(execute(stage, gets(people.user, 11)) == OUTCOME_OVER_DATE_LIMIT);
    EXPECT(stage->effects.limit_minor == 10 && stage->effects.posting_count == 0);
    EXPECT(execute(stage, gets(people.user, 10)) == OUTCOME_ACCEPTED);
    EXPECT(stage->effects.posting_count == 1 && stage->effects.image_count == 0);
    EXPECT(execute(stage, pays(people.user, people.friend, 51)) == OUTCOME_OVER_DATE_LIMIT);
    EXPECT(execute(stage, pays(people.user, people.friend, 50)) == OUTCOME_ACCEPTED);
    EXPECT(execute(stage, make_cut_day(L_MAIN, TEST_DATE + 1)) == OUTCOME_ACCEPTED);
    EXPECT(execute(stage, gets(people.user, 100)) == OUTCOME_ACCEPTED);
    EXPECT(execute(stage, gets(people.user, 1)) == OUTCOME_OVER_DATE_LIMIT);
    engine_rollback(stage->engine);
    stage->sequence = sequence;
    expect_same_state(stage->engine, stage->model);
    expect_used(&people, people.user, 10, 0, 10, 0);
    part(&people);
}
END_TEST

/* Whatever a command does besides is undone with it: holds, payouts, proposals. */
START_TEST(a_refusal_takes_everything_back)
{
    struct people people = meet();
    struct stage *stage = people.stage;
    struct command confirm = held(stage, people.user, people.shop, 100);
    LIMIT_USERS(stage, .date_out_minor = 99);
    refuse(stage, confirm, OUTCOME_OVER_DATE_LIMIT, 99, 99);
    struct command withdraw = make_withdraw(L_MAIN, people.user, 120, 20, FEE_INSIDE);
    refuse(stage, withdraw, OUTCOME_OVER_DATE_LIMIT, 99, 99);
    withdraw.withdraw.amount_minor = 119; /* 99 leave */
    stage_do(stage, withdraw);
    struct command two = stage_by_two(stage, pays(people.user, people.shop, 1));
    refuse(stage, two, OUTCOME_OVER_DATE_LIMIT, 0, 99);
    stage_do(stage, make_account_policy(L_MAIN, ACCOUNT_POLICY_UNCHECKED));
    stage_do(stage, two);
    stage_do(stage, confirm);
    part(&people);
}
END_TEST

Suite *account_policy_suite(void)
{
    Suite *suite = suite_create("account_policy");
    TCase *tests = tcase_create("account_policy");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, a_ledger_opens_strict);
    tcase_add_test(tests, a_level_may_not);
    tcase_add_test(tests, an_identity_lets_a_member_pay);
    tcase_add_test(tests, ready_made_policies);
    tcase_add_test(tests, every_command_at_its_limits);
    tcase_add_test(tests, a_date_and_a_year);
    tcase_add_test(tests, what_is_given_back_is_not_used);
    tcase_add_test(tests, policies_change);
    tcase_add_test(tests, a_ceiling_on_the_balance);
    tcase_add_test(tests, of_several_the_least);
    tcase_add_test(tests, limits_are_of_a_person);
    tcase_add_test(tests, counts_have_no_images);
    tcase_add_test(tests, a_refusal_in_a_scope);
    tcase_add_test(tests, a_refusal_takes_everything_back);
    suite_add_tcase(suite, tests);
    return suite;
}
