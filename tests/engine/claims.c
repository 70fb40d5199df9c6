/* claims.c: what claims cover, by the worked example and by histories of days, months and years.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "compare.h"
#include "engine/engine.h"
#include "model/claim_rule.h"
#include "naive_model.h"
#include "outcomes.h"
#include "pair.h"
#include "random_picks.h"
#include "suites.h"
#include "support/expect.h"
#include "support/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void expect_covers(int64_t first, int64_t one, int64_t two, int64_t three)
{
    const int64_t expected[] = {one, two, three};
    for (int i = 0; i < 3; i++) {
        const struct claim *claim = engine_find_record(pair.engine, RECORD_CLAIM, first + i);
        EXPECT_MSG(claim->cover_minor == expected[i], "claim %d covers %" PRId64, i + 1,
            claim->cover_minor);
    }
    expect_same_claims(pair.engine, pair.model);
}

static const int64_t *balance(int64_t account)
{
    return engine_find_account(pair.engine, account)->balance_minor;
}

/* 100; 80/50/30 -> 80/20/0; credit 40 -> 80/50/10; release the first -> 50/30 on the rest. */
START_TEST(the_worked_example)
{
    pair_does(make_receipt(LEDGER, ACCOUNT, 100));
    int64_t first = pair_does(make_place_claim(LEDGER, ACCOUNT, 0, 80));
    pair_does(claim_by(AUTHORITY_POLICE, GROUND_ORDINARY, "P-1", TEST_DATE + 30,
        make_place_claim(LEDGER, ACCOUNT, 0, 50)));
    pair_does(claim_by(
        AUTHORITY_TAX, GROUND_ORDINARY, "T-1", 0, make_place_claim(LEDGER, ACCOUNT, 0, 30)));
    expect_covers(first, 80, 20, 0);
    EXPECT(balance(ACCOUNT)[BUCKET_FROZEN] == 100 && balance(ACCOUNT)[BUCKET_AVAILABLE] == 0);
    EXPECT(pair_try(make_pay(LEDGER, ACCOUNT, OTHER, 1, 0)) == OUTCOME_INSUFFICIENT_AVAILABLE);
    pair_does(make_receipt(LEDGER, ACCOUNT, 40));
    expect_covers(first, 80, 50, 10);
    pair_does(make_release_claim(LEDGER, first, "C-1", 0));
    expect_covers(first, 0, 50, 30);
    EXPECT(balance(ACCOUNT)[BUCKET_FROZEN] == 80 && balance(ACCOUNT)[BUCKET_AVAILABLE] == 60);
    /* The third had waited until the credit. */
    const struct claim *third = engine_find_record(pair.engine, RECORD_CLAIM, first + 2);
    EXPECT(third->effective_sequence == pair.sequence - 1);
    pair_does(make_pay(LEDGER, ACCOUNT, OTHER, 60, 0));
}
END_TEST

START_TEST(all_accounts_of_a_member)
{
    pair_does(make_receipt(LEDGER, ACCOUNT, 30));
    pair_does(make_receipt(LEDGER, OTHER, 100));
    EXPECT(pair_try(make_place_claim(LEDGER, 0, MEMBER, 80)) == OUTCOME_CLAIM_SUBJECT_UNKNOWN);
    pair_does(make_identify(LEDGER, MEMBER, "\u5f20\u4e09", "11010519491231002X", 0));
    struct command of_all = make_place_claim(LEDGER, 0, MEMBER, 80);
    EXPECT(pair_try(of_all) == OUTCOME_CLAIM_SUBJECT_DIFFERS);
    of_all.place_claim.subject = (struct identified){.name = text_of("\u5f20\u4e09"),
        .document_kind = DOCUMENT_CITIZEN_CARD,
        .number = text_of("11010519491231002X")};
    int64_t claim = pair_does(of_all);
    EXPECT(balance(ACCOUNT)[BUCKET_FROZEN] == 30 && balance(OTHER)[BUCKET_FROZEN] == 50);
    /* The first account comes first: what is covered of the other one is free again. */
    pair_does(make_receipt(LEDGER, ACCOUNT, 20));
    EXPECT(balance(ACCOUNT)[BUCKET_FROZEN] == 50 && balance(OTHER)[BUCKET_FROZEN] == 30);
    EXPECT(balance(OTHER)[BUCKET_AVAILABLE] == 70);
    pair_does(make_pay(LEDGER, OTHER, ACCOUNT, 70, 0));
    EXPECT(balance(ACCOUNT)[BUCKET_FROZEN] == 80 && balance(OTHER)[BUCKET_AVAILABLE] == 30);
    /* A later account is reached, too. */
    pair_does(make_release_claim(LEDGER, claim, "C-1", 0));
    of_all.place_claim.amount_minor = 0;
    pair_does(of_all);
    int64_t later = pair_does(make_open_account(LEDGER, MEMBER));
    pair_does(make_receipt(LEDGER, later, 5));
    EXPECT(balance(later)[BUCKET_FROZEN] == 5 && balance(later)[BUCKET_AVAILABLE] == 0);
    EXPECT(pair_try(make_close_account(LEDGER, later)) == OUTCOME_ACCOUNT_NOT_EMPTY);
    int64_t empty = pair_does(make_open_account(LEDGER, MEMBER));
    EXPECT(pair_try(make_close_account(LEDGER, empty)) == OUTCOME_ACCOUNT_KEPT_OPEN);
    while (engine_last_id(pair.engine, RECORD_ACCOUNT) < ACCOUNT + CLAIM_MEMBER_ACCOUNTS_MAX - 1)
        pair_does(make_open_account(LEDGER, MEMBER));
    EXPECT(pair_try(make_open_account(LEDGER, MEMBER)) == OUTCOME_TOO_MANY_ACCOUNTS);
}
END_TEST

START_TEST(a_thousand_in_the_queue)
{
    for (int i = 0; i < CLAIMS_PER_MEMBER_MAX; i++)
        pair_does(claim_by(
            AUTHORITY_TAX, GROUND_ORDINARY, "T-1", 0, make_place_claim(LEDGER, ACCOUNT, 0, 2)));
    EXPECT(pair_try(make_place_claim(LEDGER, ACCOUNT, 0, 1)) == OUTCOME_TOO_MANY_CLAIMS);
    pair_does(make_receipt(LEDGER, ACCOUNT, 2 * CLAIMS_PER_MEMBER_MAX - 1));
    EXPECT(balance(ACCOUNT)[BUCKET_FROZEN] == 2 * CLAIMS_PER_MEMBER_MAX - 1);
    pair_does(make_receipt(LEDGER, ACCOUNT, 5));
    EXPECT(balance(ACCOUNT)[BUCKET_AVAILABLE] == 4);
    pair_does(make_release_claim(LEDGER, 1, "T-1", 0));
    EXPECT(balance(ACCOUNT)[BUCKET_AVAILABLE] == 6);
    expect_same_claims(pair.engine, pair.model);
}
END_TEST

static struct command of_the_member(int64_t member, int64_t amount)
{
    struct command of_all = make_place_claim(LEDGER, 0, member, amount);
    of_all.place_claim.subject = (struct identified){.name = text_of("\u5f20\u4e09"),
        .document_kind = DOCUMENT_CITIZEN_CARD,
        .number = text_of("11010519491231002X")};
    return of_all;
}

/* By an engine without the model, which would take long; what it made. */
static int64_t alone(struct engine *engine, struct command command)
{
    command.key.business_date = TEST_DATE;
    engine_execute(engine, NOW_US, ++pair.sequence, &command, &pair.effects);
    EXPECT_MSG(pair.effects.outcome == OUTCOME_ACCEPTED, "kind %d: %s", (int)command.kind,
        outcome_name((int)pair.effects.outcome));
    return pair.effects.subject_id;
}

static struct engine *start_alone(void)
{
    struct engine *engine = engine_create();
    pair.sequence = 0;
    alone(engine, make_open_ledger("7001", TEST_DATE, 3));
    alone(engine, make_open_member(LEDGER, "one"));
    alone(engine, make_open_account(LEDGER, MEMBER));
    return engine;
}

static void finish_alone(struct engine *engine)
{
    char error[256] = "";
    EXPECT_MSG(engine_check(engine, error, sizeof error) == 0, "%s", error);
    engine_destroy(engine);
}

/* However many accounts it had and closed. */
START_TEST(closed_accounts_are_not_reached)
{
    enum { MANY = CLAIMS_PER_MEMBER_MAX + 50 };
    struct engine *engine = start_alone();
    int64_t last = 0;
    for (int i = 0; i < MANY; i++) {
        last = alone(engine, make_open_account(LEDGER, MEMBER));
        alone(engine, make_close_account(LEDGER, last));
    }
    alone(engine, make_identify(LEDGER, MEMBER, "\u5f20\u4e09", "11010519491231002X", 0));
    int64_t claim = alone(engine, of_the_member(MEMBER, 80));
    alone(engine, make_receipt(LEDGER, ACCOUNT, 100));
    EXPECT(engine_cover_minor(engine, ACCOUNT) == 80);
    EXPECT(engine_find_account(engine, last)->claim_count == 0);
    alone(engine, make_release_claim(LEDGER, claim, "C-1", 0));
    EXPECT(engine_cover_minor(engine, ACCOUNT) == 0);
    finish_alone(engine);
}
END_TEST

/* What a payment brings one member sets money free of a later account of his; the next member, who
 * is paid by it as well, is covered none the less. */
START_TEST(who_is_paid_besides)
{
    enum { SECOND = 2, OF_SECOND = 9, PAYER = 10 };
    pair_does(make_identify(LEDGER, MEMBER, "\u5f20\u4e09", "11010519491231002X", 0));
    pair_does(make_open_member(LEDGER, "two"));
    pair_does(make_open_account(LEDGER, SECOND));
    pair_does(make_open_account(LEDGER, SECOND));
    pair_does(make_receipt(LEDGER, OTHER, 10));
    pair_does(make_receipt(LEDGER, PAYER, 100));
    pair_does(of_the_member(MEMBER, 10));
    pair_does(make_place_claim(LEDGER, OF_SECOND, 0, 50));
    const struct payee both[] = {{ACCOUNT, 10}, {OF_SECOND, 50}};
    pair_does(make_split(LEDGER, PAYER, both, 2, 0));
    EXPECT(balance(ACCOUNT)[BUCKET_FROZEN] == 10 && balance(OTHER)[BUCKET_AVAILABLE] == 10);
    EXPECT(balance(OF_SECOND)[BUCKET_FROZEN] == 50 && balance(OF_SECOND)[BUCKET_AVAILABLE] == 0);
}
END_TEST

/* ---- the largest payment: to as many payees as may be, of members with as many accounts as may
 * be, of which all covers move, as many claims are dated as one credit dates, and all owe ---- */

enum { PAYEES = PAYEES_PER_COMMAND_MAX, OTHERS = CLAIM_MEMBER_ACCOUNTS_MAX - 1 };

/* By member; of each the first one is paid, the others owe. */
static struct payee largest[CLAIM_MEMBER_ACCOUNTS_MAX][PAYEES];

/* How the accounts of one place were paid. */
struct large_payment {
    struct command command;
    struct payee payees[PAYEES];
    struct posting postings[PAYEES];
    struct original original;
};

/* Each member's account of that place is paid, and spends it. */
static void spend_all(struct engine *engine, int place, struct large_payment *ret_payment)
{
    struct large_payment *payment = ret_payment;
    memcpy(payment->payees, largest[place], sizeof payment->payees);
    payment->command = make_split(LEDGER, ACCOUNT, payment->payees, PAYEES, 0);
    alone(engine, payment->command);
    payment->command.pay.payees = payment->payees;
    payment->original = (struct original){.sequence = pair.sequence,
        .ledger_id = LEDGER,
        .subject_id = pair.effects.subject_id,
        .accounting_date = TEST_DATE,
        .outcome = OUTCOME_ACCEPTED,
        .command = &payment->command,
        .postings = payment->postings,
        .posting_count = pair.effects.posting_count};
    EXPECT(pair.effects.posting_count == PAYEES);
    memcpy(payment->postings, pair.effects.postings, sizeof payment->postings);
    for (int i = 0; i < PAYEES; i++)
        alone(engine, make_pay(LEDGER, payment->payees[i].account_id, ACCOUNT,
                          payment->payees[i].amount_minor, 0));
}

/* It is refunded, so that it owes it in many debts. */
static void owe_all(struct engine *engine, const struct large_payment *payment)
{
    static struct payee parts[PAYEES];
    for (int i = 0; i < PAYEES; i++)
        parts[i] = (struct payee){payment->payees[i].account_id, 1};
    for (int i = 0; i < DEBTS_PER_SETTLE_MAX; i++) {
        struct command refund = make_refund(LEDGER, payment->original.sequence, "", parts, PAYEES);
        refund.original = &payment->original;
        alone(engine, refund);
    }
}

static void open_largest(struct engine *engine, struct party own)
{
    const struct ledger *ledger = engine_find_ledger(engine, LEDGER);
    alone(engine, make_set_terms(LEDGER, own, true, 0));
    alone(engine, make_receipt_from(LEDGER,
                      ledger->first_control_account_id + ACCOUNT_PLATFORM_OWN - ACCOUNT_ESCROW,
                      1000000, own));
    alone(engine, make_receipt(LEDGER, ACCOUNT, 1000000));
    for (int i = 0; i < PAYEES; i++) {
        char name[16];
        snprintf(name, sizeof name, "m%d", i);
        int64_t member = alone(engine, make_open_member(LEDGER, name));
        alone(engine, make_identify(LEDGER, member, "\u5f20\u4e09", "11010519491231002X", 0));
        for (int j = 0; j <= OTHERS; j++)
            largest[j][i] = (struct payee){
                alone(engine, make_open_account(LEDGER, member)), DEBTS_PER_SETTLE_MAX};
    }
}

START_TEST(the_largest_payment)
{
    static struct large_payment payments[CLAIM_MEMBER_ACCOUNTS_MAX];
    struct engine *engine = start_alone();
    open_largest(engine, (struct party){text_of("own"), text_of("1"), text_of("bank")});
    /* Each owes; then it gets what its first account's claims cover, as much as is claimed of all;
     * what is owed of it is not repaid, for it is covered. */
    for (int j = 1; j <= OTHERS; j++)
        spend_all(engine, j, &payments[j]);
    for (int j = 1; j <= OTHERS; j++)
        owe_all(engine, &payments[j]);
    for (int i = 0; i < PAYEES; i++) {
        int64_t member = engine_find_account(engine, largest[0][i].account_id)->member_id;
        alone(engine, of_the_member(member, DEBTS_PER_SETTLE_MAX * OTHERS));
        for (int j = 1; j <= OTHERS; j++)
            alone(engine, make_receipt(LEDGER, largest[j][i].account_id, DEBTS_PER_SETTLE_MAX));
        for (int j = 0; j < CLAIM_DATES_PER_CREDIT_MAX; j++) {
            struct command of_one = of_the_member(0, 1);
            of_one.place_claim.account_id = largest[0][i].account_id;
            alone(engine, of_one);
        }
        largest[0][i].amount_minor = DEBTS_PER_SETTLE_MAX * OTHERS + CLAIM_DATES_PER_CREDIT_MAX;
    }
    alone(engine, make_split(LEDGER, ACCOUNT, largest[0], PAYEES, 0));
    EXPECT(pair.effects.posting_count ==
           PAYEES * (1 + CLAIM_MEMBER_ACCOUNTS_MAX) + SETTLE_ACCOUNTS_MAX);
    EXPECT(pair.effects.image_count ==
           PAYEES * (CLAIM_MEMBER_ACCOUNTS_MAX + CLAIM_DATES_PER_CREDIT_MAX) +
               SETTLE_ACCOUNTS_MAX * DEBTS_PER_SETTLE_MAX);
    int repaid = 0;
    for (int i = 0; i < PAYEES; i++) {
        const struct account *first = engine_find_account(engine, largest[0][i].account_id);
        int64_t kept = 0;
        EXPECT(engine_cover_minor(engine, first->id) == largest[0][i].amount_minor);
        for (int j = 1; j <= OTHERS; j++) {
            int64_t its = engine_find_account(engine, largest[j][i].account_id)
                              ->balance_minor[BUCKET_AVAILABLE];
            repaid += its == 0;
            kept += its;
        }
        EXPECT(engine_owed_minor(engine, first) == kept);
    }
    EXPECT(repaid == SETTLE_ACCOUNTS_MAX);
    finish_alone(engine);
}
END_TEST

/* ---- terms: one row for each article ---- */

static const struct {
    const char *article;
    enum claim_authority authority;
    enum claim_ground ground;
    int32_t last; /* days, the longest first term; 0: the law has none, -1: hours */
    int32_t next; /* the longest continuation of that, in days after TEST_DATE; 0: none */
    int times;    /* how often it may be continued; 9: ever so often */
    bool may_queue;
} terms[] = {
    /* TEST_DATE is 2026-11-22. */
    {"民诉法解释 485", AUTHORITY_COURT, GROUND_ORDINARY, 365, 731, 9, true},
    {"公安程序规定 243", AUTHORITY_POLICE, GROUND_ORDINARY, 181, 365, 9, true},
    {"公安程序规定 243, major", AUTHORITY_POLICE, GROUND_MAJOR_CASE, 365, 731, 9, true},
    {"反恐怖主义法 52", AUTHORITY_POLICE, GROUND_TERROR, 61, 92, 1, true},
    {"反有组织犯罪法 27", AUTHORITY_POLICE, GROUND_ORGANISED_CRIME, -1, 0, 0, false},
    {"反电信网络诈骗法 20", AUTHORITY_POLICE, GROUND_FRAUD_STOP, -1, 0, 1, false},
    {"检察规则 212", AUTHORITY_PROCURATORATE, GROUND_ORDINARY, 181, 365, 9, true},
    {"监察法 26", AUTHORITY_SUPERVISION, GROUND_ORDINARY, 0, 0, 9, true},
    {"刑事诉讼法 144", AUTHORITY_STATE_SECURITY, GROUND_ORDINARY, 181, 365, 9, true},
    {"税收征收管理法 38", AUTHORITY_TAX, GROUND_ORDINARY, 0, 0, 9, true},
    {"海关法 61", AUTHORITY_CUSTOMS, GROUND_ORDINARY, 0, 0, 9, true},
    {"证券法 170", AUTHORITY_SECURITIES, GROUND_ORDINARY, 181, 273, 9, true},
    {"反洗钱法 45", AUTHORITY_CENTRAL_BANK, GROUND_ORDINARY, -1, 0, 0, true},
    {"行政强制法 32", AUTHORITY_ADMINISTRATIVE, GROUND_ORDINARY, 30, 60, 1, false},
    {"反洗钱法 40", AUTHORITY_BANK, GROUND_LISTED_PERSON, 0, 0, 9, true},
    {"民法典 386", AUTHORITY_CREDITOR, GROUND_SECURED_RIGHT, 0, 0, 9, true},
};

#define TERMS (int)(sizeof terms / sizeof *terms)

static struct command of_term(int row, int32_t ends)
{
    return claim_by(terms[row].authority, terms[row].ground, "O-1", ends,
        make_place_claim(LEDGER, ACCOUNT, 0, 10));
}

START_TEST(terms_of_the_law)
{
    int32_t last = terms[_i].last;
    if (last > 0) {
        EXPECT(pair_try(of_term(_i, 0)) == OUTCOME_CLAIM_TERM_MISSING);
        EXPECT(pair_try(of_term(_i, TEST_DATE + last + 1)) == OUTCOME_CLAIM_TERM_TOO_LONG);
        EXPECT(pair_try(of_term(_i, TEST_DATE - 1)) == OUTCOME_EXPIRY_NOT_AHEAD);
    } else if (last < 0) {
        EXPECT(pair_try(of_term(_i, TEST_DATE + 1)) == OUTCOME_CLAIM_TERM_FIXED);
    }
    int64_t id = pair_does(of_term(_i, last > 0 ? TEST_DATE + last : 0));
    const struct claim *claim = engine_find_record(pair.engine, RECORD_CLAIM, id);
    int64_t ends_us = last > 0   ? (TEST_DATE + last + 1) * DAY_US - DAY_US / 3
                      : last < 0 ? NOW_US + 2 * DAY_US
                                 : 0;
    EXPECT_MSG(claim->ends_at_us == ends_us, "%s", terms[_i].article);

    EXPECT(pair_try(make_continue_claim(LEDGER, id, "O-2", 0)) == OUTCOME_CLAIM_OF_ANOTHER_ORGAN);
    int32_t next = last > 0 ? TEST_DATE + terms[_i].next : 0;
    if (terms[_i].times == 0) {
        EXPECT(pair_try(make_continue_claim(LEDGER, id, "O-1", next)) ==
               OUTCOME_CLAIM_CONTINUED_TOO_OFTEN);
    } else {
        if (last > 0)
            EXPECT_MSG(pair_try(make_continue_claim(LEDGER, id, "O-1", next + 1)) ==
                           OUTCOME_CLAIM_TERM_TOO_LONG,
                "%s", terms[_i].article);
        pair_does(make_continue_claim(LEDGER, id, "O-1", next));
        if (last < 0)
            EXPECT(claim->ends_at_us == NOW_US + 4 * DAY_US);
        enum outcome again =
            pair_try(make_continue_claim(LEDGER, id, "O-1", next > 0 ? next + 1 : 0));
        EXPECT_MSG(
            again == (terms[_i].times == 1 ? OUTCOME_CLAIM_CONTINUED_TOO_OFTEN : OUTCOME_ACCEPTED),
            "%s: %s", terms[_i].article, outcome_name((int)again));
    }
    /* The same once more: else what lasts for hours would last on. */
    EXPECT_MSG(pair_try(of_term(_i, last > 0 ? TEST_DATE + 5 : 0)) ==
                   (terms[_i].may_queue ? OUTCOME_ACCEPTED : OUTCOME_CLAIM_MAY_NOT_QUEUE),
        "%s", terms[_i].article);
    /* Behind another organ's. */
    struct command other = of_term(_i, last > 0 ? TEST_DATE + 5 : 0);
    other.place_claim.paper.authority_code = text_of("O-3");
    bool is_secured = terms[_i].ground == GROUND_SECURED_RIGHT;
    EXPECT_MSG(pair_try(other) == (terms[_i].may_queue || is_secured ? OUTCOME_ACCEPTED
                                                                     : OUTCOME_CLAIM_MAY_NOT_QUEUE),
        "%s", terms[_i].article);
    /* After its end it is over, whether that was said or not. */
    if (claim->ends_at_us == 0)
        return;
    pair.now_us = claim->ends_at_us;
    EXPECT(pair_try(make_continue_claim(LEDGER, id, "O-1", next + 9)) == OUTCOME_CLAIM_EXPIRED);
    EXPECT(pair_try(make_release_claim(LEDGER, id, "O-1", 0)) == OUTCOME_CLAIM_EXPIRED);
    pair_does(make_expire(LEDGER, EXPIRY_CLAIM, id));
    EXPECT(pair_try(make_expire(LEDGER, EXPIRY_CLAIM, id)) == OUTCOME_CLAIM_RELEASED);
}
END_TEST

/* Once, a week ahead; of a shorter term the paper itself told. */
START_TEST(the_end_is_told_a_week_before)
{
    int64_t week = 7 * DAY_US;
    pair_does(make_receipt(LEDGER, ACCOUNT, 10));
    struct command place = of_term(0, TEST_DATE + 30);
    int64_t id = pair_does(place);
    const struct claim *claim = engine_find_record(pair.engine, RECORD_CLAIM, id);
    int64_t cover_minor = claim->cover_minor;
    int64_t ends_us = claim->ends_at_us;
    EXPECT(!claim->is_noticed && cover_minor > 0);
    pair.now_us = ends_us - week - 1;
    EXPECT(pair_try(make_expire(LEDGER, EXPIRY_CLAIM, id)) == OUTCOME_NOT_YET_DUE);
    pair.now_us++;
    pair_does(make_expire(LEDGER, EXPIRY_CLAIM, id));
    EXPECT(claim->is_noticed && claim->status == CLAIM_LIVE && claim->cover_minor == cover_minor);
    EXPECT(claim->ends_at_us == ends_us && claim->changed_sequence > claim->told_sequence);
    EXPECT(pair_try(make_expire(LEDGER, EXPIRY_CLAIM, id)) == OUTCOME_NOT_YET_DUE);
    /* Continued, it is told again. */
    pair_does(make_continue_claim(LEDGER, id, "O-1", TEST_DATE + 60));
    EXPECT(!claim->is_noticed && claim->ends_at_us > ends_us);
    pair.now_us = claim->ends_at_us - 1;
    pair_does(make_expire(LEDGER, EXPIRY_CLAIM, id));
    EXPECT(claim->is_noticed && claim->status == CLAIM_LIVE);
    pair.now_us++;
    pair_does(make_expire(LEDGER, EXPIRY_CLAIM, id));
    EXPECT(claim->status == CLAIM_EXPIRED && claim->cover_minor == 0);
    /* Who was away for the whole week ends it at once. */
    int32_t today = day_in_china(pair.now_us);
    place.place_claim.ends_date = today + 20;
    id = pair_does(place);
    claim = engine_find_record(pair.engine, RECORD_CLAIM, id);
    pair.now_us = claim->ends_at_us;
    pair_does(make_expire(LEDGER, EXPIRY_CLAIM, id));
    EXPECT(claim->status == CLAIM_EXPIRED && !claim->is_noticed);
    place.place_claim.ends_date = day_in_china(pair.now_us) + 3;
    id = pair_does(place);
    claim = engine_find_record(pair.engine, RECORD_CLAIM, id);
    EXPECT(claim->is_noticed);
    pair.now_us = claim->ends_at_us - 1;
    EXPECT(pair_try(make_expire(LEDGER, EXPIRY_CLAIM, id)) == OUTCOME_NOT_YET_DUE);
}
END_TEST

START_TEST(what_no_law_names)
{
    int named = 0;
    for (int32_t authority = AUTHORITY_COURT; authority <= AUTHORITY_CREDITOR; authority++) {
        for (int32_t ground = GROUND_ORDINARY; ground <= GROUND_SECURED_RIGHT; ground++) {
            bool is_named = false;
            for (int row = 0; row < TERMS; row++)
                is_named |= (int32_t)terms[row].authority == authority &&
                            (int32_t)terms[row].ground == ground;
            named += is_named;
            struct command place = claim_by((enum claim_authority)authority,
                (enum claim_ground)ground, "O-1", 0, make_place_claim(LEDGER, ACCOUNT, 0, 1));
            EXPECT((pair_try(place) == OUTCOME_CLAIM_NOT_BY_LAW) == !is_named);
        }
    }
    EXPECT(named == TERMS);
}
END_TEST

START_TEST(refusals)
{
    EXPECT(pair_try(make_place_claim(LEDGER, 99, 0, 1)) == OUTCOME_ACCOUNT_NOT_FOUND);
    EXPECT(pair_try(make_place_claim(LEDGER, 1, 0, 1)) == OUTCOME_NOT_A_MEMBER_ACCOUNT);
    EXPECT(pair_try(make_place_claim(LEDGER, 0, 99, 1)) == OUTCOME_MEMBER_NOT_FOUND);
    int64_t gone = pair_does(make_open_member(LEDGER, "gone"));
    int64_t closed = pair_does(make_open_account(LEDGER, gone));
    pair_does(make_close_account(LEDGER, closed));
    EXPECT(pair_try(make_place_claim(LEDGER, closed, 0, 1)) == OUTCOME_ACCOUNT_CLOSED);
    /* Nothing of it is open, and it is claimed all the same. */
    pair_does(make_identify(LEDGER, gone, "\u5f20\u4e09", "11010519491231002X", 0));
    struct command of_all = make_place_claim(LEDGER, 0, gone, 80);
    of_all.place_claim.subject = (struct identified){.name = text_of("\u5f20\u4e09"),
        .document_kind = DOCUMENT_CITIZEN_CARD,
        .number = text_of("11010519491231002X")};
    int64_t id = pair_does(of_all);
    EXPECT(pair_try(make_close_member(LEDGER, gone)) == OUTCOME_ACCOUNT_KEPT_OPEN);
    EXPECT(pair_try(make_release_claim(LEDGER, 99, "C-1", 0)) == OUTCOME_CLAIM_NOT_FOUND);
    EXPECT(pair_try(make_continue_claim(LEDGER, 99, "C-1", 0)) == OUTCOME_CLAIM_NOT_FOUND);
    EXPECT(pair_try(make_continue_claim(LEDGER, id, "C-1", 0)) == OUTCOME_CLAIM_TERM_MISSING);
    EXPECT(pair_try(make_continue_claim(LEDGER, id, "C-1", TEST_DATE + 1)) ==
           OUTCOME_EXPIRY_NOT_AHEAD);
    EXPECT(pair_try(make_release_claim(LEDGER, id, "C-2", 0)) == OUTCOME_CLAIM_OF_ANOTHER_ORGAN);
    EXPECT(pair_try(make_release_claim(LEDGER, id, "C-1", 81)) == OUTCOME_ABOVE_REST);
    EXPECT(pair.effects.limit_minor == 80);
    EXPECT(pair_try(make_expire(LEDGER, EXPIRY_CLAIM, id)) == OUTCOME_NOT_YET_DUE);
    EXPECT(pair_try(make_expire(LEDGER, EXPIRY_CLAIM, 99)) == OUTCOME_CLAIM_NOT_FOUND);
    pair_does(make_release_claim(LEDGER, id, "C-1", 80));
    EXPECT(pair_try(make_release_claim(LEDGER, id, "C-1", 0)) == OUTCOME_CLAIM_RELEASED);
    EXPECT(pair_try(make_continue_claim(LEDGER, id, "C-1", 0)) == OUTCOME_CLAIM_RELEASED);
    pair_does(make_close_member(LEDGER, gone));
    EXPECT(pair_try(of_all) == OUTCOME_MEMBER_CLOSED);
    int64_t whole = pair_does(make_place_claim(LEDGER, ACCOUNT, 0, 0));
    EXPECT(pair_try(make_release_claim(LEDGER, whole, "C-1", 1)) == OUTCOME_CLAIM_IS_WHOLE);
    int64_t stop = pair_does(claim_by(
        AUTHORITY_POLICE, GROUND_FRAUD_STOP, "C-1", 0, make_place_claim(LEDGER, OTHER, 0, 1)));
    EXPECT(pair_try(make_continue_claim(LEDGER, stop, "C-1", TEST_DATE + 9)) ==
           OUTCOME_CLAIM_TERM_FIXED);
}
END_TEST

/* ---- histories ---- */

static struct command draw(struct random *random)
{
    switch (random_below(random, 15)) {
    case 0:
    case 1:
        return random_place_claim(random, pair.model, LEDGER, pair.now_us);
    case 2:
        return random_continue_claim(random, pair.model, LEDGER, pair.now_us);
    case 3:
    case 4:
        return random_release_claim(random, pair.model, LEDGER);
    case 5:
        return random_place_hold(random, pair.model, LEDGER, pair.now_us);
    case 6:
        return random_cancel_hold(random, pair.model, LEDGER);
    case 7:
        return random_pay(random, pair.model, LEDGER);
    case 8:
        return random_percent(random, 15) ? make_open_account(LEDGER, MEMBER)
                                          : random_withdraw(random, pair.model, LEDGER);
    case 9:
        return random_confirm_payout(random, pair.model, LEDGER);
    case 10:
        return random_deduct_claim(random, pair.model, LEDGER);
    case 11:
        return random_percent(random, 30) ? random_open_feedback(random, LEDGER, pair.now_us)
                                          : random_give_feedback(random, pair.model, LEDGER);
    default:
        return make_receipt(
            LEDGER, random_percent(random, 50) ? ACCOUNT : OTHER, random_between(random, 1, 40));
    }
}

/* What is over is carried out, at times later than it might be. */
static void carry_out_due(struct random *random)
{
    struct due due;
    while (engine_next_due(pair.engine, pair.now_us, &due) && !random_percent(random, 10))
        (void)pair_try(make_expire(due.ledger_id, due.kind, due.id));
}

/* The engine is made again from what it remembers. */
START_TEST(histories_of_years)
{
    struct random random;
    (void)random_start(&random, "histories_of_years");
    random_init(&random, random_u64(&random) + (uint64_t)_i);
    for (int step = 0; step < 4000; step++) {
        uint64_t jump = random_below(&random, 100);
        pair.now_us += jump < 80   ? (int64_t)random_below(&random, 1000000)
                       : jump < 95 ? (int64_t)random_below(&random, 5) * DAY_US
                                   : (int64_t)random_below(&random, 60) * DAY_US;
        carry_out_due(&random);
        (void)pair_try(random_deadline(&random, pair.now_us, draw(&random)));
        expect_same_claims(pair.engine, pair.model);
        if (step % 97 == 0) {
            char error[256] = "";
            EXPECT_MSG(engine_check(pair.engine, error, sizeof error) == 0, "%s", error);
        }
    }
}
END_TEST

Suite *claims_suite(void)
{
    Suite *suite = suite_create("claims");
    TCase *tests = tcase_create("claims");
    tcase_add_checked_fixture(tests, pair_begin, pair_finish);
    tcase_add_test(tests, the_worked_example);
    tcase_add_test(tests, all_accounts_of_a_member);
    tcase_add_test(tests, a_thousand_in_the_queue);
    tcase_add_test(tests, closed_accounts_are_not_reached);
    tcase_add_test(tests, who_is_paid_besides);
    tcase_add_test(tests, the_largest_payment);
    tcase_add_loop_test(tests, terms_of_the_law, 0, TERMS);
    tcase_add_test(tests, the_end_is_told_a_week_before);
    tcase_add_test(tests, what_no_law_names);
    tcase_add_test(tests, refusals);
    tcase_add_loop_test(tests, histories_of_years, 0, 8);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite;
}
