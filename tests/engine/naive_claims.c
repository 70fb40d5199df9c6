/* naive_claims.c: claims of the naive model: what they may, and what becomes of them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"
#include "model/date.h"
#include "model/money.h"

#include <string.h>

#define HOURS_48_US (48 * INT64_C(3600000000))
#define WEEK_US (7 * 24 * INT64_C(3600000000))

enum { MEMBER_ACCOUNTS_MOST = 16, EVER = 99 };

/* What the law gives, in months, but for the administrative organs' thirty days. */
struct law {
    bool known, queues, deducts, returns;
    int months, next, times, total;
    bool hours, days;
};

static struct law law_of(int authority, int ground)
{
    bool plain = ground == GROUND_ORDINARY;
    switch (authority) {
    case AUTHORITY_COURT:
        return (struct law){.known = plain,
            .queues = true,
            .deducts = true,
            .months = 12,
            .next = 12,
            .times = EVER};
    case AUTHORITY_POLICE:
        if (ground == GROUND_FRAUD_STOP)
            return (struct law){.known = true, .hours = true, .times = 1};
        if (ground == GROUND_ORGANISED_CRIME)
            return (struct law){.known = true, .hours = true};
        if (ground == GROUND_TERROR)
            return (struct law){.known = true, .queues = true, .months = 2, .next = 1, .times = 1};
        if (ground == GROUND_MAJOR_CASE)
            return (struct law){.known = true,
                .queues = true,
                .returns = true,
                .months = 12,
                .next = 12,
                .times = EVER};
        return (struct law){
            .known = plain, .queues = true, .returns = true, .months = 6, .next = 6, .times = EVER};
    case AUTHORITY_PROCURATORATE:
    case AUTHORITY_STATE_SECURITY:
        return (struct law){.known = plain, .queues = true, .months = 6, .next = 6, .times = EVER};
    case AUTHORITY_SUPERVISION:
        return (struct law){.known = plain, .queues = true, .times = EVER};
    case AUTHORITY_TAX:
    case AUTHORITY_CUSTOMS:
        return (struct law){.known = plain, .queues = true, .deducts = true, .times = EVER};
    case AUTHORITY_SECURITIES:
        return (struct law){
            .known = plain, .queues = true, .months = 6, .next = 3, .times = EVER, .total = 24};
    case AUTHORITY_CENTRAL_BANK:
        return (struct law){.known = plain, .queues = true, .hours = true};
    case AUTHORITY_ADMINISTRATIVE:
        return (struct law){.known = plain, .days = true, .times = 1};
    case AUTHORITY_BANK:
        return (struct law){.known = ground == GROUND_LISTED_PERSON, .queues = true, .times = EVER};
    case AUTHORITY_CREDITOR:
        return (struct law){.known = ground == GROUND_SECURED_RIGHT, .queues = true, .times = EVER};
    default:
        return (struct law){.known = false};
    }
}

static int32_t today(int64_t now_us)
{
    return (int32_t)((now_us / 3600000000 + 8) / 24);
}

/* When the day is over in China. */
static int64_t over_us(int32_t day)
{
    return ((int64_t)day * 24 + 16) * 3600000000;
}

static int32_t months_later(int32_t day, int months)
{
    int32_t date = date_to_yyyymmdd(day), found;
    int year = date / 10000, month = date / 100 % 100 + months, of_month = date % 100;
    while (month > 12) {
        month -= 12;
        year++;
    }
    while (!date_try_from_yyyymmdd(year * 10000 + month * 100 + of_month, &found))
        of_month--;
    return found;
}

/* ---- the commands ---- */

static void need_term(
    struct decision *d, const struct law *law, int32_t from, int32_t ends, int months)
{
    bool has_term = law->months != 0 || law->days;
    if (law->hours) {
        naive_need(d, ends == 0, OUTCOME_CLAIM_TERM_FIXED);
        return;
    }
    if (ends == 0) {
        naive_need(d, !has_term, OUTCOME_CLAIM_TERM_MISSING);
        return;
    }
    naive_need(d, over_us(ends) > d->now_us, OUTCOME_EXPIRY_NOT_AHEAD);
    if (has_term)
        naive_need(d, ends <= (law->days ? from + 30 : months_later(from, months)),
            OUTCOME_CLAIM_TERM_TOO_LONG);
}

static void need_subject(struct decision *d, int member, const struct place_claim *wish)
{
    int id = naive_identity_of(d->model, member);
    const struct naive_identity *who = &d->model->identities[id];
    if (id == 0)
        naive_need(d, wish->account_id != 0, OUTCOME_CLAIM_SUBJECT_UNKNOWN);
    else
        naive_need(d,
            naive_same_text(who->name, wish->subject.name) &&
                naive_same_text(who->number, wish->subject.number),
            OUTCOME_CLAIM_SUBJECT_DIFFERS);
}

static int open_accounts(const struct naive_model *model, int member)
{
    int count = 0;
    for (int id = 1; id <= model->account_count; id++)
        count += model->accounts[id].member == member && !model->accounts[id].closed;
    return count;
}

static bool is_stop(int ground)
{
    return ground == GROUND_FRAUD_STOP;
}

static bool is_stopped_by(const struct naive_model *model, int member, int account, int id)
{
    const struct naive_account *a = &model->accounts[id];
    return a->member == member && !a->closed && (account == 0 || account == id);
}

static void need_stops(struct decision *d, int member, int account, int ground)
{
    for (int id = 1; is_stop(ground) && id <= d->model->account_count; id++) {
        if (is_stopped_by(d->model, member, account, id))
            naive_need(d, d->model->accounts[id].stops < 2, OUTCOME_CLAIM_STOPPED_TOO_OFTEN);
    }
}

static void count_stops(struct decision *d, const struct naive_claim *claim)
{
    for (int id = 1; is_stop(claim->ground) && id <= d->model->account_count; id++)
        d->model->accounts[id].stops += is_stopped_by(d->model, claim->member, claim->account, id);
}

/* No payout is larger than an amount can be. */
static int64_t at_once(int64_t amount)
{
    return amount < AMOUNT_MINOR_MAX ? amount : AMOUNT_MINOR_MAX;
}

/* Takes it from the accounts in order, as the claim covers them; the first payout. */
static int take_out(struct decision *d, int id, int64_t amount)
{
    static int64_t parts[NAIVE_ACCOUNTS_MAX + 1];
    struct naive_model *model = d->model;
    struct naive_claim *claim = &model->claims[id];
    int first = model->payout_count + 1;
    int64_t rest = amount;
    (void)naive_cover_parts(model, id, parts);
    for (int account = 1; account <= model->account_count; account++) {
        struct naive_account *a = &model->accounts[account];
        int64_t part = parts[account] < rest ? parts[account] : rest;
        if (part == 0)
            continue;
        a->cover -= part;
        a->deducting += part;
        a->deductions++;
        rest -= part;
        naive_book(d, account, BUCKET_FROZEN, account, BUCKET_PENDING_OUT, part);
        CHECK(model->payout_count < NAIVE_PAYOUTS_MAX);
        model->payouts[++model->payout_count] = (struct naive_payout){.ledger = d->ledger,
            .account = account,
            .amount = part,
            .requested = d->sequence,
            .changed = d->sequence,
            .claim = id,
            .status = PAYOUT_REQUESTED};
    }
    CHECK(rest == 0);
    claim->limit -= claim->whole ? 0 : amount;
    claim->deducted += amount;
    claim->deducting += amount;
    claim->changed = d->sequence;
    naive_cover_anew(d, claim->member, 0);
    return first;
}

bool naive_may_have_account(const struct naive_model *model, int member)
{
    for (int id = 1; id <= model->claim_count; id++) {
        const struct naive_claim *claim = &model->claims[id];
        if (claim->member == member && claim->status == CLAIM_LIVE && claim->account == 0)
            return open_accounts(model, member) < MEMBER_ACCOUNTS_MOST;
    }
    return true;
}

static bool is_last_week(int64_t ends_us, int64_t now_us)
{
    return ends_us != 0 && now_us >= ends_us - WEEK_US;
}

int64_t naive_place_claim(struct decision *d)
{
    const struct place_claim *wish = &d->command->place_claim;
    struct naive_model *model = d->model;
    struct law law = law_of(wish->authority, wish->ground);
    int member, account = 0, count = 0;
    if (wish->account_id != 0) {
        account = naive_need_member_account(d, wish->account_id);
        member = model->accounts[account].member;
    } else {
        member = naive_need_member(d, wish->member_id);
    }
    naive_need(d, law.known, OUTCOME_CLAIM_NOT_BY_LAW);
    if (d->worst != 0)
        return 0;
    need_subject(d, member, wish);
    need_term(d, &law, today(d->now_us), wish->ends_date, law.months);
    for (int id = 1; id <= model->claim_count; id++) {
        const struct naive_claim *claim = &model->claims[id];
        if (claim->member != member || claim->status != CLAIM_LIVE)
            continue;
        count++;
        bool meets = claim->account == 0 || account == 0 || claim->account == account;
        bool is_again = claim->authority == wish->authority && claim->ground == wish->ground;
        if (meets && !law.queues && claim->ground != GROUND_SECURED_RIGHT)
            naive_need_at(d, !is_again && naive_same_text(claim->organ, wish->paper.authority_code),
                OUTCOME_CLAIM_MAY_NOT_QUEUE, id);
    }
    naive_need(d, count < NAIVE_CLAIMS_MOST, OUTCOME_TOO_MANY_CLAIMS);
    need_stops(d, member, account, wish->ground);
    bool deducts = wish->payee.name.length > 0;
    naive_need(d, law.deducts || !deducts, OUTCOME_CLAIM_MAY_NOT_DEDUCT);
    if (account == 0)
        naive_need(
            d, open_accounts(model, member) <= MEMBER_ACCOUNTS_MOST, OUTCOME_TOO_MANY_CLAIMS);
    if (d->worst != 0)
        return 0;
    CHECK(model->claim_count < NAIVE_CLAIMS_MAX);
    struct naive_claim *claim = &model->claims[++model->claim_count];
    *claim = (struct naive_claim){.ledger = d->ledger,
        .member = member,
        .account = account,
        .authority = wish->authority,
        .ground = wish->ground,
        .status = CLAIM_LIVE,
        .limit = wish->amount_minor,
        .whole = wish->amount_minor == 0,
        .fruits = wish->has_fruits,
        .secret = wish->is_secret,
        .ends_us = law.hours              ? d->now_us + HOURS_48_US
                   : wish->ends_date != 0 ? over_us(wish->ends_date)
                                          : 0,
        .day = today(d->now_us),
        .placed = d->sequence,
        .told = d->sequence,
        .changed = d->sequence};
    claim->noticed = is_last_week(claim->ends_us, d->now_us);
    naive_copy_text(claim->organ, wish->paper.authority_code);
    naive_ask(d, model->claim_count, wish->answer_by_us);
    naive_cover_anew(d, member, NAIVE_CLAIMS_MOST);
    count_stops(d, claim);
    static int64_t parts[NAIVE_ACCOUNTS_MAX + 1];
    int64_t covers = naive_cover_parts(model, model->claim_count, parts);
    if (deducts && covers > 0)
        (void)take_out(d, model->claim_count, at_once(covers));
    return model->claim_count;
}

/* The ledger's live claim of the organ. */
static int need_claim(struct decision *d, int64_t wish, struct text organ)
{
    const struct naive_model *model = d->model;
    if (wish < 1 || wish > model->claim_count || model->claims[wish].ledger != d->ledger) {
        naive_broken(d, OUTCOME_CLAIM_NOT_FOUND);
        return 0;
    }
    const struct naive_claim *claim = &model->claims[wish];
    naive_need(d, naive_same_text(claim->organ, organ), OUTCOME_CLAIM_OF_ANOTHER_ORGAN);
    naive_need(d, claim->status != CLAIM_RELEASED, OUTCOME_CLAIM_RELEASED);
    naive_need(d, claim->status != CLAIM_DEDUCTED, OUTCOME_CLAIM_DEDUCTED);
    naive_need(d,
        claim->status != CLAIM_EXPIRED &&
            (claim->status != CLAIM_LIVE || claim->ends_us == 0 || claim->ends_us > d->now_us),
        OUTCOME_CLAIM_EXPIRED);
    return d->worst == 0 ? (int)wish : 0;
}

int64_t naive_continue_claim(struct decision *d)
{
    const struct continue_claim *wish = &d->command->continue_claim;
    int id = need_claim(d, wish->claim_id, wish->paper.authority_code);
    if (id == 0)
        return 0;
    struct naive_claim *claim = &d->model->claims[id];
    struct law law = law_of(claim->authority, claim->ground);
    int32_t last = claim->ends_us != 0 ? today(claim->ends_us - 1) : today(d->now_us);
    naive_need(
        d, law.times == EVER || claim->continued < law.times, OUTCOME_CLAIM_CONTINUED_TOO_OFTEN);
    need_stops(d, claim->member, claim->account, claim->ground);
    need_term(d, &law, last, wish->ends_date, law.next);
    if (law.total != 0)
        naive_need(
            d, wish->ends_date <= months_later(claim->day, law.total), OUTCOME_CLAIM_TERM_TOO_LONG);
    if (wish->ends_date != 0 && claim->ends_us != 0)
        naive_need(d, wish->ends_date > last, OUTCOME_EXPIRY_NOT_AHEAD);
    if (d->worst != 0)
        return 0;
    claim->ends_us = law.hours              ? claim->ends_us + HOURS_48_US
                     : wish->ends_date != 0 ? over_us(wish->ends_date)
                                            : 0;
    claim->noticed = is_last_week(claim->ends_us, d->now_us);
    count_stops(d, claim);
    claim->continued += claim->continued < 255;
    claim->told = d->sequence;
    claim->changed = d->sequence;
    naive_ask(d, id, wish->answer_by_us);
    return id;
}

static void end(struct decision *d, struct naive_claim *claim, int status)
{
    claim->status = status;
    claim->limit = 0;
    claim->changed = d->sequence;
    naive_cover_anew(d, claim->member, NAIVE_CLAIMS_MOST);
}

int64_t naive_release_claim(struct decision *d)
{
    const struct release_claim *wish = &d->command->release_claim;
    int id = need_claim(d, wish->claim_id, wish->paper.authority_code);
    if (id == 0)
        return 0;
    struct naive_claim *claim = &d->model->claims[id];
    naive_need(d, claim->deducting == 0, OUTCOME_CLAIM_DEDUCTION_UNDER_WAY);
    naive_need(d, !claim->whole || wish->amount_minor == 0, OUTCOME_CLAIM_IS_WHOLE);
    if (!claim->whole)
        naive_need_at(d, wish->amount_minor <= claim->limit, OUTCOME_ABOVE_REST, claim->limit);
    if (d->worst != 0)
        return 0;
    claim->told = d->sequence;
    naive_ask(d, id, wish->answer_by_us);
    int64_t part = wish->amount_minor != 0 ? wish->amount_minor : claim->limit;
    claim->released += part;
    if (claim->whole || part == claim->limit) {
        end(d, claim, claim->deducted > 0 && !claim->whole ? CLAIM_DEDUCTED : CLAIM_RELEASED);
        return id;
    }
    claim->limit -= part;
    claim->changed = d->sequence;
    naive_cover_anew(d, claim->member, NAIVE_CLAIMS_MOST);
    return id;
}

int64_t naive_claim_due(const struct naive_claim *claim)
{
    if (claim->ends_us == 0 || claim->noticed)
        return claim->ends_us;
    return claim->ends_us - WEEK_US;
}

int64_t naive_expire_claim(struct decision *d, int64_t wish)
{
    const struct naive_model *model = d->model;
    if (wish < 1 || wish > model->claim_count || model->claims[wish].ledger != d->ledger) {
        naive_broken(d, OUTCOME_CLAIM_NOT_FOUND);
        return 0;
    }
    struct naive_claim *claim = &d->model->claims[wish];
    naive_need(d, claim->status != CLAIM_DEDUCTED, OUTCOME_CLAIM_DEDUCTED);
    naive_need(
        d, claim->status == CLAIM_LIVE || claim->status == CLAIM_DEDUCTED, OUTCOME_CLAIM_RELEASED);
    naive_need(d, claim->deducting == 0, OUTCOME_CLAIM_DEDUCTION_UNDER_WAY);
    int64_t due = naive_claim_due(claim);
    if (claim->status == CLAIM_LIVE)
        naive_need(d, due != 0 && due <= d->now_us, OUTCOME_NOT_YET_DUE);
    if (d->worst != 0)
        return 0;
    if (claim->ends_us <= d->now_us) {
        end(d, claim, CLAIM_EXPIRED);
    } else {
        claim->noticed = true;
        claim->changed = d->sequence;
    }
    return wish;
}

int64_t naive_deduct_claim(struct decision *d)
{
    const struct deduct_claim *wish = &d->command->deduct_claim;
    static int64_t parts[NAIVE_ACCOUNTS_MAX + 1];
    int id = need_claim(d, wish->claim_id, wish->paper.authority_code);
    if (id == 0)
        return 0;
    const struct naive_claim *claim = &d->model->claims[id];
    struct law law = law_of(claim->authority, claim->ground);
    naive_need(d, wish->is_to_victim || law.deducts, OUTCOME_CLAIM_MAY_NOT_DEDUCT);
    naive_need(d, !wish->is_to_victim || law.returns, OUTCOME_CLAIM_MAY_NOT_RETURN);
    int64_t covers = naive_cover_parts(d->model, id, parts);
    int64_t amount = wish->amount_minor != 0 ? wish->amount_minor : at_once(covers);
    naive_need_at(d, amount > 0 && amount <= covers, OUTCOME_CLAIM_COVERS_LESS, covers);
    if (d->worst != 0)
        return 0;
    d->model->claims[id].told = d->sequence;
    naive_ask(d, id, wish->answer_by_us);
    return take_out(d, id, amount);
}

/* ---- what became of it ---- */

static int64_t gone_of(const struct naive_payout *payout)
{
    return payout->status == PAYOUT_FAILED ? 0 : payout->amount - payout->returned;
}

/* Whether a claim that left the queue can stand there again. */
static bool fits_again(const struct decision *d, const struct naive_claim *claim)
{
    static int ids[NAIVE_CLAIMS_MOST + 1];
    const struct naive_model *model = d->model;
    if (claim->ends_us != 0 && claim->ends_us <= d->now_us)
        return false;
    if (naive_claim_queue(model, claim->member, ids) >= NAIVE_CLAIMS_MOST)
        return false;
    if (claim->account != 0)
        return !model->accounts[claim->account].closed;
    return !model->members[claim->member].closed &&
           open_accounts(model, claim->member) <= MEMBER_ACCOUNTS_MOST;
}

void naive_deduction_changed(struct decision *d, int payout, const struct naive_payout *before)
{
    const struct naive_payout *its = &d->model->payouts[payout];
    struct naive_claim *claim = &d->model->claims[its->claim];
    bool is_decided = naive_payout_is_open(before) && !naive_payout_is_open(its);
    int64_t back = gone_of(before) - gone_of(its);
    if (its->claim == 0)
        return;
    if (is_decided)
        d->model->accounts[its->account].deducting -= its->amount;
    if (back > 0 && (claim->status == CLAIM_RELEASED || claim->status == CLAIM_EXPIRED))
        naive_tell(d, its->claim);
    if ((claim->status != CLAIM_LIVE && claim->status != CLAIM_DEDUCTED) ||
        (!is_decided && back == 0))
        return;
    claim->changed = d->sequence;
    claim->deducting -= is_decided ? its->amount : 0;
    claim->deducted -= back;
    if (claim->status == CLAIM_LIVE && !claim->whole)
        claim->limit = claim->limit + back > 0 ? claim->limit + back : 0;
    if (claim->status == CLAIM_DEDUCTED && back > 0 && !claim->whole && fits_again(d, claim)) {
        claim->status = CLAIM_LIVE;
        claim->limit = back;
    }
    if (back > 0 && claim->status != CLAIM_LIVE)
        naive_tell(d, its->claim);
    if (claim->status != CLAIM_LIVE)
        return;
    if (!claim->whole && claim->limit == 0 && claim->deducting == 0)
        claim->status = CLAIM_DEDUCTED;
    naive_cover_anew(d, claim->member, NAIVE_DATED_BY_A_CREDIT);
}

int64_t naive_deductible(const struct naive_model *model, int payout)
{
    static int64_t parts[NAIVE_ACCOUNTS_MAX + 1];
    int id = model->payouts[payout].claim;
    if (id == 0 || model->claims[id].status != CLAIM_LIVE)
        return 0;
    (void)naive_cover_parts(model, id, parts);
    return parts[model->payouts[payout].account];
}

int64_t naive_deducts_at_once(const struct naive_model *model, int id)
{
    static int64_t parts[NAIVE_ACCOUNTS_MAX + 1];
    return id > 0 && model->claims[id].status == CLAIM_LIVE
               ? at_once(naive_cover_parts(model, id, parts))
               : 0;
}
