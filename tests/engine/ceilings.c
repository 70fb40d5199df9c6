/* ceilings.c: the last record that there is room for, and the one after it.
 *
 * Tables are reserved address space, so a record can be put at the end of one without filling it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "engine/engine.h"
#include "model/money.h"
#include "outcomes.h"
#include "suites.h"
#include "support/expect.h"

#include <stdio.h>

#define NOW_US (TEST_DATE * INT64_C(86400000000))

static struct effects effects;
static int64_t sequence;

static enum outcome execute(struct engine *engine, struct command command)
{
    engine_execute(engine, NOW_US, ++sequence, &command, &effects);
    expect_listed(command.kind, effects.outcome);
    return effects.outcome;
}

/* A ledger (1) with a member (1) and an account (7) with 1,000 in it. */
static struct engine *create(void)
{
    struct engine *engine = engine_create();
    EXPECT(execute(engine, make_open_ledger("1000", TEST_DATE, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_member(1, "owner")) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_receipt(1, 7, 1000)) == OUTCOME_ACCEPTED);
    return engine;
}

START_TEST(ledgers)
{
    struct engine *engine = engine_create();
    for (int i = 1; i <= LEDGERS_MAX; i++) {
        char prefix[16];
        snprintf(prefix, sizeof prefix, "%d", 1000000 + i);
        EXPECT(execute(engine, make_open_ledger(prefix, TEST_DATE, 1)) == OUTCOME_ACCEPTED);
        EXPECT(effects.subject_id == i);
    }
    EXPECT(execute(engine, make_open_ledger("9000", TEST_DATE, 1)) == OUTCOME_TOO_MANY_LEDGERS);
    EXPECT(effects.subject_id == 0 && effects.image_count == 0);
    EXPECT(execute(engine, make_open_ledger("1000001", TEST_DATE, 1)) ==
           OUTCOME_RECEIVING_PREFIX_TAKEN);
    EXPECT(engine_last_ledger_id(engine) == LEDGERS_MAX);
    /* The last one works like any other. */
    EXPECT(execute(engine, make_open_member(LEDGERS_MAX, "owner")) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_account(LEDGERS_MAX, 1)) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == (int64_t)LEDGERS_MAX * CONTROL_ACCOUNTS_PER_LEDGER + 1);
    EXPECT(execute(engine, make_receipt(LEDGERS_MAX, effects.subject_id, 5)) == OUTCOME_ACCEPTED);
    char error[200] = "";
    int result = engine_check(engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
    engine_destroy(engine);
}
END_TEST

START_TEST(members)
{
    struct engine *engine = create();
    struct image last = {
        .kind = RECORD_MEMBER,
        .member = {.id = MEMBERS_MAX - 1,
            .ledger_id = 1,
            .kind = MEMBER_USER,
            .status = MEMBER_OPEN,
            .platform_member_id = "x",
            .platform_member_id_length = 1},
    };
    engine_load_image(engine, sequence, &last);
    EXPECT(execute(engine, make_open_member(1, "last")) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == MEMBERS_MAX);
    EXPECT(execute(engine, make_open_member(1, "one more")) == OUTCOME_TOO_MANY_MEMBERS);
    EXPECT(execute(engine, make_open_member(1, "last")) == OUTCOME_PLATFORM_MEMBER_ID_TAKEN);
    EXPECT(execute(engine, make_open_account(1, MEMBERS_MAX)) == OUTCOME_ACCEPTED);
    EXPECT(engine_find_member(engine, MEMBERS_MAX) != NULL);
    EXPECT(engine_find_member(engine, MEMBERS_MAX + 1) == NULL);
    engine_destroy(engine);
}
END_TEST

START_TEST(mandates)
{
    struct engine *engine = create();
    struct image last = {
        .kind = RECORD_MANDATE,
        .mandate = {.id = MANDATES_MAX - 1, .ledger_id = 1, .status = MANDATE_ENDED},
    };
    EXPECT(execute(engine, make_open_member(1, "one")) == OUTCOME_ACCEPTED);
    int64_t member = effects.subject_id;
    EXPECT(execute(engine, make_open_account(1, member)) == OUTCOME_ACCEPTED);
    int64_t account = effects.subject_id;
    EXPECT(execute(engine, make_open_account(1, member)) == OUTCOME_ACCEPTED);
    struct command grant = make_mandate(1, account, effects.subject_id, 0, 1, 1, TIME_US_MAX);
    last.mandate.account_id = account;
    last.mandate.payee_account_id = effects.subject_id;
    engine_load_image(engine, sequence, &last);
    EXPECT(execute(engine, grant) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == MANDATES_MAX);
    EXPECT(execute(engine, grant) == OUTCOME_TOO_MANY_MANDATES);
    engine_destroy(engine);
}
END_TEST

START_TEST(identities)
{
    struct engine *engine = create();
    static const char *const numbers[] = {"11010519491231002X", "440524188001010014"};
    EXPECT(execute(engine, make_open_member(1, "one")) == OUTCOME_ACCEPTED);
    int64_t member = effects.subject_id;
    EXPECT(execute(engine, make_open_member(1, "two")) == OUTCOME_ACCEPTED);
    struct image last = {
        .kind = RECORD_IDENTITY,
        .identity = {.id = IDENTITIES_MAX - 1,
            .ledger_id = 1,
            .member_id = member,
            .person_id = IDENTITIES_MAX - 1,
            .checked_sequence = 1,
            .subject = SUBJECT_PERSON,
            .document_kind = DOCUMENT_CITIZEN_CARD,
            .level = LEVEL_IDENTITY_CHECKED,
            .status = IDENTITY_CLOSED},
    };
    engine_load_image(engine, sequence, &last);
    EXPECT(execute(engine, make_identify(1, member, "one", numbers[0], 0)) == OUTCOME_ACCEPTED);
    EXPECT(engine_find_identity(engine, member)->id == IDENTITIES_MAX);
    EXPECT(execute(engine, make_identify(1, member + 1, "two", numbers[1], 0)) ==
           OUTCOME_TOO_MANY_IDENTITIES);
    /* The same one again needs no more. */
    EXPECT(execute(engine, make_identify(1, member, "one", numbers[0], 0)) == OUTCOME_ACCEPTED);
    engine_destroy(engine);
}
END_TEST

START_TEST(callers)
{
    struct engine *engine = create();
    struct image last = {
        .kind = RECORD_CALLER,
        .caller = {.id = CALLERS_MAX - 1,
            .roles = ROLE_AUDITOR,
            .status = CALLER_ACTIVE,
            .name = "x",
            .name_length = 1},
    };
    engine_load_image(engine, sequence, &last);
    EXPECT(execute(engine, make_create_caller("last")) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == CALLERS_MAX);
    EXPECT(execute(engine, make_create_caller("one more")) == OUTCOME_TOO_MANY_CALLERS);
    EXPECT(execute(engine, make_create_caller("last")) == OUTCOME_CALLER_NAME_TAKEN);
    EXPECT(engine_find_caller(engine, text_of("last"))->id == CALLERS_MAX);
    EXPECT(engine_find_caller(engine, text_of("one more")) == NULL);
    engine_destroy(engine);
}
END_TEST

static void load_account(struct engine *engine, int64_t id)
{
    struct image image = {
        .kind = RECORD_ACCOUNT,
        .account = {.id = id,
            .ledger_id = 1,
            .member_id = 1,
            .kind = ACCOUNT_MEMBER,
            .status = ACCOUNT_OPEN},
    };
    engine_load_image(engine, sequence, &image);
}

START_TEST(accounts)
{
    struct engine *engine = create();
    load_account(engine, ACCOUNTS_MAX - 1);
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == ACCOUNTS_MAX);
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_TOO_MANY_ACCOUNTS);
    EXPECT(execute(engine, make_open_account(1, 2)) == OUTCOME_MEMBER_NOT_FOUND);
    EXPECT(execute(engine, make_pay(1, 7, ACCOUNTS_MAX, 1000, 0)) == OUTCOME_ACCEPTED);
    EXPECT(effects.postings[0].credit_balance_minor == 1000);
    EXPECT(execute(engine, make_receipt(1, ACCOUNTS_MAX + 1, 1)) == OUTCOME_ACCOUNT_NOT_FOUND);
    engine_destroy(engine);
}
END_TEST

/* A ledger needs room for its control accounts. */
START_TEST(accounts_of_a_ledger)
{
    struct engine *engine = create();
    load_account(engine, ACCOUNTS_MAX - CONTROL_ACCOUNTS_PER_LEDGER);
    EXPECT(execute(engine, make_open_ledger("2000", TEST_DATE, 0)) == OUTCOME_ACCEPTED);
    EXPECT(engine_find_ledger(engine, 2)->first_control_account_id ==
           ACCOUNTS_MAX - CONTROL_ACCOUNTS_PER_LEDGER + 1);
    EXPECT(execute(engine, make_open_ledger("3000", TEST_DATE, 0)) == OUTCOME_TOO_MANY_ACCOUNTS);
    engine_destroy(engine);

    engine = create();
    load_account(engine, ACCOUNTS_MAX - CONTROL_ACCOUNTS_PER_LEDGER + 1);
    EXPECT(execute(engine, make_open_ledger("2000", TEST_DATE, 0)) == OUTCOME_TOO_MANY_ACCOUNTS);
    EXPECT(engine_last_ledger_id(engine) == 1);
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    engine_destroy(engine);
}
END_TEST

START_TEST(payouts)
{
    struct engine *engine = create();
    struct image last = {
        .kind = RECORD_PAYOUT,
        .payout = {.id = PAYOUTS_MAX - 1,
            .ledger_id = 1,
            .account_id = 7,
            .amount_minor = 1,
            .requested_sequence = 1,
            .status = PAYOUT_FAILED},
    };
    engine_load_image(engine, sequence, &last);
    EXPECT(execute(engine, make_withdraw(1, 7, 1, 0, 0)) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == PAYOUTS_MAX);
    EXPECT(execute(engine, make_withdraw(1, 7, 1, 0, 0)) == OUTCOME_TOO_MANY_PAYOUTS);
    EXPECT(execute(engine, make_place_claim(1, 7, 0, 5)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_deduct_claim(1, 1, "C-1", 1)) == OUTCOME_TOO_MANY_PAYOUTS);
    EXPECT(execute(engine, and_deduct(make_place_claim(1, 7, 0, 5))) == OUTCOME_TOO_MANY_PAYOUTS);
    EXPECT(execute(engine, make_release_claim(1, 1, "C-1", 0)) == OUTCOME_ACCEPTED);
    /* No room comes before the rest of what is wrong with it. */
    EXPECT(execute(engine, make_withdraw(1, 7, 5000, 0, 0)) == OUTCOME_TOO_MANY_PAYOUTS);
    EXPECT(execute(engine, make_withdraw(1, 6, 1, 0, 0)) == OUTCOME_NOT_A_MEMBER_ACCOUNT);
    EXPECT(execute(engine, make_confirm(1, PAYOUTS_MAX, PAYOUT_RESULT_PAID)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_confirm(1, PAYOUTS_MAX + 1, PAYOUT_RESULT_PAID)) ==
           OUTCOME_PAYOUT_NOT_FOUND);
    engine_destroy(engine);
}
END_TEST

START_TEST(fee_rules)
{
    struct engine *engine = create();
    const struct fee_tier tier = {.flat_minor = 1};
    struct command rule = make_fee_rule(1, "rule", TEST_DATE, &tier, 1);
    struct image last = {
        .kind = RECORD_FEE_RULE,
        .fee_rule = {.id = FEE_RULES_MAX - 1,
            .ledger_id = 1,
            .version = 1,
            .effective_date = TEST_DATE,
            .rounding = FEE_ROUNDING_UP,
            .refund = FEE_REFUND_NONE,
            .on_payout_failed = PAYOUT_FEE_BACK,
            .on_payout_returned = PAYOUT_FEE_KEPT,
            .name = "other",
            .name_length = 5,
            .tier_count = 1},
    };
    engine_load_image(engine, sequence, &last);
    EXPECT(execute(engine, rule) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == FEE_RULES_MAX);
    EXPECT(execute(engine, rule) == OUTCOME_TOO_MANY_FEE_RULES);
    /* A date too early is told before it; nothing else comes behind it. */
    rule.set_fee_rule.effective_date--;
    EXPECT(execute(engine, rule) == OUTCOME_FEE_RULE_DATE_TOO_EARLY);
    EXPECT(execute(engine, make_collect_fees(1, 0, 1, "rule")) == OUTCOME_INSUFFICIENT_FEE);
    engine_destroy(engine);
}
END_TEST

START_TEST(fee_accounts)
{
    struct engine *engine = create();
    load_account(engine, ACCOUNTS_MAX - 1);
    EXPECT(execute(engine, make_open_fee_account(1)) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == ACCOUNTS_MAX);
    EXPECT(execute(engine, make_open_fee_account(1)) == OUTCOME_TOO_MANY_ACCOUNTS);
    EXPECT(execute(engine, make_collect_fees(1, ACCOUNTS_MAX, 1, "rule")) ==
           OUTCOME_FEE_RULE_NOT_FOUND);
    engine_destroy(engine);
}
END_TEST

START_TEST(holds)
{
    struct engine *engine = create();
    struct command hold = make_place_hold(1, 7, 1, "order", NOW_US + 1);
    struct image last = {
        .kind = RECORD_HOLD,
        .hold = {.id = HOLDS_MAX - 1,
            .ledger_id = 1,
            .payer_account_id = 7,
            .amount_minor = 1,
            .cancelled_minor = 1,
            .expires_at_us = NOW_US + 1,
            .placed_sequence = 1,
            .status = HOLD_FINISHED,
            .order_number = "order",
            .order_number_length = 5},
    };
    engine_load_image(engine, sequence, &last);
    EXPECT(execute(engine, hold) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == HOLDS_MAX);
    EXPECT(execute(engine, hold) == OUTCOME_TOO_MANY_HOLDS);
    hold.place_hold.amount_minor = 5000;
    EXPECT(execute(engine, hold) == OUTCOME_TOO_MANY_HOLDS);
    hold.place_hold.expires_at_us = NOW_US;
    EXPECT(execute(engine, hold) == OUTCOME_EXPIRY_NOT_AHEAD);
    /* The last one works like any other. */
    EXPECT(execute(engine, make_cancel_hold(1, 7, "order", HOLDS_MAX, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_cancel_hold(1, 7, "order", HOLDS_MAX + 1, 0)) ==
           OUTCOME_HOLD_NOT_FOUND);
    engine_destroy(engine);
}
END_TEST

START_TEST(freezes)
{
    struct engine *engine = create();
    struct command freeze = make_place_freeze(1, 7, 1, "risk", 0);
    struct image last = {
        .kind = RECORD_FREEZE,
        .freeze = {.id = FREEZES_MAX - 1,
            .ledger_id = 1,
            .account_id = 7,
            .amount_minor = 1,
            .lifted_minor = 1,
            .placed_sequence = 1,
            .status = FREEZE_LIFTED,
            .purpose = "risk",
            .purpose_length = 4,
            .owner = "t",
            .owner_length = 1},
    };
    engine_load_image(engine, sequence, &last);
    EXPECT(execute(engine, freeze) == OUTCOME_ACCEPTED);
    EXPECT(effects.subject_id == FREEZES_MAX);
    EXPECT(execute(engine, freeze) == OUTCOME_TOO_MANY_FREEZES);
    freeze.place_freeze.amount_minor = 5000;
    EXPECT(execute(engine, freeze) == OUTCOME_TOO_MANY_FREEZES);
    EXPECT(execute(engine, make_lift_freeze(1, FREEZES_MAX, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_lift_freeze(1, FREEZES_MAX + 1, 0)) == OUTCOME_FREEZE_NOT_FOUND);
    engine_destroy(engine);
}
END_TEST

/* A payment of 7 to 8 and 9 as the journal has it, and the refund or the reversal of it. */
struct paid {
    struct payee payees[2];
    struct command pay;
    struct posting postings[2];
    struct original original;
};

static void pay_two(struct engine *engine, struct paid *paid)
{
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    *paid = (struct paid){.payees = {{8, 10}, {9, 20}}};
    paid->pay = make_split(1, 7, paid->payees, 2, 0);
    EXPECT(execute(engine, paid->pay) == OUTCOME_ACCEPTED);
    EXPECT(effects.posting_count == 2);
    for (int i = 0; i < 2; i++)
        paid->postings[i] = effects.postings[i];
    paid->original = (struct original){.sequence = sequence,
        .ledger_id = 1,
        .subject_id = effects.subject_id,
        .accounting_date = effects.accounting_date,
        .outcome = OUTCOME_ACCEPTED,
        .command = &paid->pay,
        .postings = paid->postings,
        .posting_count = 2};
}

static struct command of_original(struct command command, const struct paid *paid)
{
    command.original = &paid->original;
    return command;
}

static void load_refunded(struct engine *engine, int64_t id)
{
    struct image image = {
        .kind = RECORD_REFUNDED,
        .refunded = {.id = id, .ledger_id = 1, .original_sequence = 1, .amount_minor = 1},
    };
    engine_load_image(engine, sequence, &image);
}

/* A refund makes one record for the whole and one for each payee. */
START_TEST(refunds)
{
    struct engine *engine = create();
    struct paid paid;
    pay_two(engine, &paid);
    const int64_t original = paid.original.sequence;
    load_refunded(engine, REFUNDED_MAX - 2);
    const struct payee one = {8, 4}, rest = {8, 6}, too_much = {8, 7}, other = {9, 1};
    EXPECT(execute(engine, of_original(make_refund(1, original, "", NULL, 0), &paid)) ==
           OUTCOME_TOO_MANY_REFUNDS);
    EXPECT(execute(engine, of_original(make_refund(1, original, "", &one, 1), &paid)) ==
           OUTCOME_ACCEPTED);
    EXPECT(effects.image_count == 2);
    EXPECT(execute(engine, of_original(make_refund(1, original, "", &other, 1), &paid)) ==
           OUTCOME_TOO_MANY_REFUNDS);
    /* What has its records can still be refunded. */
    EXPECT(execute(engine, of_original(make_refund(1, original, "", &too_much, 1), &paid)) ==
           OUTCOME_ABOVE_REST);
    EXPECT(execute(engine, of_original(make_refund(1, original, "", &rest, 1), &paid)) ==
           OUTCOME_ACCEPTED);
    engine_destroy(engine);

    engine = create();
    pay_two(engine, &paid);
    load_refunded(engine, REFUNDED_MAX);
    EXPECT(execute(engine, of_original(make_reverse(1, paid.original.sequence), &paid)) ==
           OUTCOME_TOO_MANY_REFUNDS);
    engine_destroy(engine);
}
END_TEST

START_TEST(debts)
{
    struct engine *engine = create();
    struct paid paid;
    const struct party own = party_of("own", "1");
    EXPECT(execute(engine, make_set_terms(1, own, true, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_receipt_from(1, 4, 100, own)) == OUTCOME_ACCEPTED);
    pay_two(engine, &paid);
    EXPECT(execute(engine, make_pay(1, 8, 7, 10, 0)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_pay(1, 9, 7, 20, 0)) == OUTCOME_ACCEPTED);
    struct image last = {
        .kind = RECORD_DEBT,
        .debt = {.id = DEBTS_MAX - 1,
            .ledger_id = 1,
            .account_id = 7,
            .amount_minor = 1,
            .recovered_minor = 1,
            .refund_sequence = 1,
            .status = DEBT_RECOVERED},
    };
    engine_load_image(engine, sequence, &last);
    const struct payee one = {8, 4};
    struct command refund = of_original(make_refund(1, paid.original.sequence, "", NULL, 0), &paid);
    EXPECT(execute(engine, refund) == OUTCOME_TOO_MANY_REFUNDS);
    refund = of_original(make_refund(1, paid.original.sequence, "", &one, 1), &paid);
    EXPECT(execute(engine, refund) == OUTCOME_ACCEPTED);
    EXPECT(engine_last_id(engine, RECORD_DEBT) == DEBTS_MAX);
    /* It is recovered like any other, at once out of the member's other account. */
    EXPECT(effects.posting_count == 2 && effects.postings[1].amount_minor == 4);
    EXPECT(execute(engine, refund) == OUTCOME_TOO_MANY_REFUNDS);
    EXPECT(engine_find_debt(engine, DEBTS_MAX)->status == DEBT_RECOVERED);
    engine_destroy(engine);
}
END_TEST

/* A fee comes back though it was collected and paid out: its account is below zero, and what is
 * owned is more than the escrow account has. It must still be an int64. */
START_TEST(missing_fees)
{
    const struct party own = party_of("own", "1");
    const struct fee_tier flat = {.flat_minor = 100};
    const int64_t rest = INT64_MAX - 900; /* until the escrow account is full */
    for (int has_room = 0; has_room <= 1; has_room++) {
        struct engine *engine = create();
        EXPECT(execute(engine, make_set_terms(1, own, false, 0)) == OUTCOME_ACCEPTED);
        EXPECT(execute(engine, make_fee_rule(1, "r", TEST_DATE, &flat, 1)) == OUTCOME_ACCEPTED);
        EXPECT(execute(engine, make_withdraw(1, 7, 10, 100, FEE_OUTSIDE)) == OUTCOME_ACCEPTED);
        EXPECT(execute(engine, make_collect_fees(1, 0, 100, "r")) == OUTCOME_ACCEPTED);
        struct command withdraw = make_withdraw(1, 4, 100, 0, 0);
        withdraw.withdraw.destination = own;
        EXPECT(execute(engine, withdraw) == OUTCOME_ACCEPTED);
        EXPECT(execute(engine, make_confirm(1, 2, PAYOUT_RESULT_PAID)) == OUTCOME_ACCEPTED);
        EXPECT(execute(engine, make_receipt(1, 7, rest - 100 * has_room)) == OUTCOME_ACCEPTED);
        struct command intercept = make_intercept(1, 1);
        EXPECT(
            execute(engine, intercept) == (has_room ? OUTCOME_ACCEPTED : OUTCOME_AMOUNT_OVERFLOW));
        EXPECT(engine_ledger_sums(engine, 1)->missing_fees_minor == 100 * has_room);
        EXPECT(execute(engine, make_receipt(1, 7, 1)) == OUTCOME_AMOUNT_OVERFLOW);
        char error[200] = "";
        int result = engine_check(engine, error, sizeof error);
        EXPECT_MSG(result == 0, "%s", error);
        engine_destroy(engine);
    }
}
END_TEST

/* The platform fills what its fees lack, and not one unit more. */
START_TEST(missing_fees_are_filled)
{
    static const struct {
        int64_t amount_minor;
        enum outcome outcome;
        int64_t fee_minor; /* afterwards */
    } steps[] = {
        {101, OUTCOME_ABOVE_REST, -100},
        {60, OUTCOME_ACCEPTED, -40},
        {41, OUTCOME_ABOVE_REST, -40},
        {40, OUTCOME_ACCEPTED, 0},
        {1, OUTCOME_ABOVE_REST, 0},
    };
    const struct fee_tier flat = {.flat_minor = 100};
    struct engine *engine = create();
    EXPECT(execute(engine, make_fee_rule(1, "r", TEST_DATE, &flat, 1)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_withdraw(1, 7, 10, 100, FEE_OUTSIDE)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_collect_fees(1, 0, 100, "r")) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_intercept(1, 1)) == OUTCOME_ACCEPTED);
    for (int i = 0; i < (int)(sizeof steps / sizeof *steps); i++) {
        const struct command fill = make_adjust(1, 4, 3, steps[i].amount_minor);
        EXPECT(execute(engine, make_proposal(1, &fill, NOW_US + 1)) == OUTCOME_ACCEPTED);
        struct command approved = by_approval(effects.subject_id, command_by("another", fill));
        EXPECT(execute(engine, approved) == steps[i].outcome);
        EXPECT(
            engine_find_account(engine, 3)->balance_minor[BUCKET_AVAILABLE] == steps[i].fee_minor);
    }
    EXPECT(engine_ledger_sums(engine, 1)->missing_fees_minor == 0);
    char error[200] = "";
    int result = engine_check(engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
    engine_destroy(engine);
}
END_TEST

/* Fees do not lower what is kept for the next date: who is paid, charged all of it and paid with it
 * again brings it to the end of int64. */
START_TEST(the_part_of_the_next_date)
{
    struct engine *engine = create();
    EXPECT(execute(engine, make_open_account(1, 1)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_receipt(1, 8, AMOUNT_MINOR_MAX)) == OUTCOME_ACCEPTED);
    int64_t fee_account_id =
        engine_find_ledger(engine, 1)->first_control_account_id + (ACCOUNT_FEE - ACCOUNT_ESCROW);
    for (int i = 0; i < 1000; i++) {
        struct command pay = make_pay(1, 8, 7, AMOUNT_MINOR_MAX, 0);
        pay.pay.withdrawable_next_date = true;
        EXPECT(execute(engine, pay) == OUTCOME_ACCEPTED);
        EXPECT(execute(engine, make_fee(1, 7, AMOUNT_MINOR_MAX)) == OUTCOME_ACCEPTED);
        const struct command back = make_adjust(1, fee_account_id, 8, AMOUNT_MINOR_MAX);
        EXPECT(execute(engine, make_proposal(1, &back, NOW_US + 1)) == OUTCOME_ACCEPTED);
        int64_t proposal_id = effects.subject_id;
        EXPECT(
            execute(engine, by_approval(proposal_id, command_by("u", back))) == OUTCOME_ACCEPTED);
    }
    EXPECT(engine_find_account(engine, 7)->next_date_minor == INT64_MAX);
    EXPECT(engine_find_account(engine, 8)->next_date_minor == 0);
    EXPECT(execute(engine, make_withdraw(1, 7, 1, 0, 0)) == OUTCOME_NOT_YET_WITHDRAWABLE);
    char error[200] = "";
    int result = engine_check(engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s", error);
    EXPECT(execute(engine, make_cut_day(1, TEST_DATE + 1)) == OUTCOME_ACCEPTED);
    EXPECT(execute(engine, make_withdraw(1, 7, 1000, 0, 0)) == OUTCOME_ACCEPTED);
    engine_destroy(engine);
}
END_TEST

Suite *ceilings_suite(void)
{
    Suite *suite = suite_create("ceilings");
    TCase *tests = tcase_create("ceilings");
    tcase_add_test(tests, ledgers);
    tcase_add_test(tests, members);
    tcase_add_test(tests, mandates);
    tcase_add_test(tests, identities);
    tcase_add_test(tests, callers);
    tcase_add_test(tests, accounts);
    tcase_add_test(tests, accounts_of_a_ledger);
    tcase_add_test(tests, payouts);
    tcase_add_test(tests, fee_rules);
    tcase_add_test(tests, fee_accounts);
    tcase_add_test(tests, holds);
    tcase_add_test(tests, freezes);
    tcase_add_test(tests, refunds);
    tcase_add_test(tests, debts);
    tcase_add_test(tests, the_part_of_the_next_date);
    tcase_add_test(tests, missing_fees);
    tcase_add_test(tests, missing_fees_are_filled);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
