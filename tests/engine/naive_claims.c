/* naive_claims.c: claims of the naive model: what each covers is made anew, from nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"
#include "model/date.h"

#include <string.h>

#define HOURS_48_US (48 * INT64_C(3600000000))

enum { MEMBER_ACCOUNTS_MOST = 16, CLAIMS_MOST = 1000, DATED_BY_A_CREDIT = 8, EVER = 99 };

/* What the law gives, in months, but for the administrative organs' thirty days. */
struct law {
    bool known, queues;
    int months, next, times, total;
    bool hours, days;
};

static struct law law_of(int authority, int ground)
{
    bool plain = ground == GROUND_ORDINARY;
    switch (authority) {
    case AUTHORITY_COURT:
        return (struct law){
            .known = plain, .queues = true, .months = 12, .next = 12, .times = EVER};
    case AUTHORITY_POLICE:
        if (ground == GROUND_FRAUD_STOP)
            return (struct law){.known = true, .hours = true, .times = 1};
        if (ground == GROUND_ORGANISED_CRIME)
            return (struct law){.known = true, .hours = true};
        if (ground == GROUND_TERROR)
            return (struct law){.known = true, .queues = true, .months = 2, .next = 1, .times = 1};
        if (ground == GROUND_MAJOR_CASE)
            return (struct law){
                .known = true, .queues = true, .months = 12, .next = 12, .times = EVER};
        return (struct law){.known = plain, .queues = true, .months = 6, .next = 6, .times = EVER};
    case AUTHORITY_PROCURATORATE:
    case AUTHORITY_STATE_SECURITY:
        return (struct law){.known = plain, .queues = true, .months = 6, .next = 6, .times = EVER};
    case AUTHORITY_SUPERVISION:
    case AUTHORITY_TAX:
    case AUTHORITY_CUSTOMS:
        return (struct law){.known = plain, .queues = true, .times = EVER};
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

/* ---- what is covered ---- */

static bool comes_before(const struct naive_claim *one, const struct naive_claim *other)
{
    bool a = one->ground == GROUND_SECURED_RIGHT, b = other->ground == GROUND_SECURED_RIGHT;
    return a == b ? one->placed < other->placed : a;
}

static bool reaches(const struct naive_model *model, const struct naive_claim *claim, int account)
{
    return claim->status == CLAIM_LIVE && model->accounts[account].member == claim->member &&
           (claim->account == 0 || claim->account == account);
}

bool naive_is_claimed(const struct naive_model *model, int account)
{
    for (int id = 1; id <= model->claim_count; id++) {
        if (reaches(model, &model->claims[id], account))
            return true;
    }
    return false;
}

/* The member's live claims in legal order; how many. */
static int queue_of(const struct naive_model *model, int member, int ret_ids[CLAIMS_MOST + 1])
{
    int count = 0;
    for (int id = 1; id <= model->claim_count; id++) {
        if (model->claims[id].member != member || model->claims[id].status != CLAIM_LIVE)
            continue;
        int at = count++;
        for (; at > 0 && comes_before(&model->claims[id], &model->claims[ret_ids[at - 1]]); at--)
            ret_ids[at] = ret_ids[at - 1];
        ret_ids[at] = id;
    }
    return count;
}

void naive_cover(
    const struct naive_model *model, int member, int64_t *ret_claims, int64_t *ret_accounts)
{
    static int ids[CLAIMS_MOST + 1];
    int count = queue_of(model, member, ids);
    for (int account = 1; account <= model->account_count; account++)
        ret_accounts[account] = 0;
    for (int i = 0; i < count; i++) {
        const struct naive_claim *claim = &model->claims[ids[i]];
        int64_t wanted = claim->whole ? INT64_MAX : claim->limit;
        ret_claims[ids[i]] = 0;
        for (int account = 1; account <= model->account_count; account++) {
            const struct naive_account *a = &model->accounts[account];
            if (!reaches(model, claim, account))
                continue;
            int64_t there = a->balance[BUCKET_AVAILABLE] + a->cover - ret_accounts[account];
            int64_t part = there < wanted ? there : wanted;
            ret_accounts[account] += part;
            ret_claims[ids[i]] += part;
            wanted -= part;
        }
    }
}

static void cover(struct decision *d, int member, int dated_most)
{
    struct naive_model *model = d->model;
    static int64_t claims[NAIVE_CLAIMS_MAX + 1], accounts[NAIVE_ACCOUNTS_MAX + 1];
    static int ids[CLAIMS_MOST + 1];
    naive_cover(model, member, claims, accounts);
    int count = queue_of(model, member, ids);
    for (int i = 0; i < count; i++) {
        struct naive_claim *claim = &model->claims[ids[i]];
        if (claims[ids[i]] > 0 && claim->effective == 0 && dated_most-- > 0) {
            claim->effective = d->sequence;
            claim->changed = d->sequence;
        }
    }
    for (int account = 1; account <= model->account_count; account++) {
        struct naive_account *a = &model->accounts[account];
        if (a->member != member)
            continue;
        int64_t more = accounts[account] - a->cover;
        a->cover = accounts[account];
        if (more > 0)
            naive_book(d, account, BUCKET_AVAILABLE, account, BUCKET_FROZEN, more);
        else if (more < 0)
            naive_book(d, account, BUCKET_FROZEN, account, BUCKET_AVAILABLE, -more);
    }
}

void naive_settle_claims(struct decision *d)
{
    struct naive_model *model = d->model;
    static bool is_done[NAIVE_MEMBERS_MAX + 1];
    memset(is_done, 0, sizeof is_done);
    int moves = model->move_count;
    for (int account = 1; account <= model->account_count; account++) {
        int member = model->accounts[account].member;
        bool got = false;
        for (int i = d->past.first_move; i < moves; i++)
            got |= model->moves[i].to == account && model->moves[i].to_bucket == BUCKET_AVAILABLE;
        if (!got || member == 0 || is_done[member] || !naive_is_claimed(model, account))
            continue;
        is_done[member] = true;
        cover(d, member, DATED_BY_A_CREDIT);
    }
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

bool naive_may_have_account(const struct naive_model *model, int member)
{
    for (int id = 1; id <= model->claim_count; id++) {
        const struct naive_claim *claim = &model->claims[id];
        if (claim->member == member && claim->status == CLAIM_LIVE && claim->account == 0)
            return open_accounts(model, member) < MEMBER_ACCOUNTS_MOST;
    }
    return true;
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
    naive_need(d, count < CLAIMS_MOST, OUTCOME_TOO_MANY_CLAIMS);
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
    naive_copy_text(claim->organ, wish->paper.authority_code);
    cover(d, member, CLAIMS_MOST);
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
    claim->continued += claim->continued < 255;
    claim->told = d->sequence;
    claim->changed = d->sequence;
    return id;
}

static void end(struct decision *d, struct naive_claim *claim, int status)
{
    claim->status = status;
    claim->limit = 0;
    claim->changed = d->sequence;
    cover(d, claim->member, CLAIMS_MOST);
}

int64_t naive_release_claim(struct decision *d)
{
    const struct release_claim *wish = &d->command->release_claim;
    int id = need_claim(d, wish->claim_id, wish->paper.authority_code);
    if (id == 0)
        return 0;
    struct naive_claim *claim = &d->model->claims[id];
    naive_need(d, !claim->whole || wish->amount_minor == 0, OUTCOME_CLAIM_IS_WHOLE);
    if (!claim->whole)
        naive_need_at(d, wish->amount_minor <= claim->limit, OUTCOME_ABOVE_REST, claim->limit);
    if (d->worst != 0)
        return 0;
    claim->told = d->sequence;
    int64_t part = wish->amount_minor != 0 ? wish->amount_minor : claim->limit;
    claim->released += part;
    if (claim->whole || part == claim->limit) {
        end(d, claim, CLAIM_RELEASED);
        return id;
    }
    claim->limit -= part;
    claim->changed = d->sequence;
    cover(d, claim->member, CLAIMS_MOST);
    return id;
}

int64_t naive_expire_claim(struct decision *d, int64_t wish)
{
    const struct naive_model *model = d->model;
    if (wish < 1 || wish > model->claim_count || model->claims[wish].ledger != d->ledger) {
        naive_broken(d, OUTCOME_CLAIM_NOT_FOUND);
        return 0;
    }
    struct naive_claim *claim = &d->model->claims[wish];
    naive_need(d, claim->status == CLAIM_LIVE, OUTCOME_CLAIM_RELEASED);
    if (claim->status == CLAIM_LIVE)
        naive_need(d, claim->ends_us != 0 && claim->ends_us <= d->now_us, OUTCOME_NOT_YET_DUE);
    if (d->worst != 0)
        return 0;
    end(d, claim, CLAIM_EXPIRED);
    return wish;
}
