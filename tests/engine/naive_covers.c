/* naive_covers.c: what each claim of the naive model covers, made anew, from nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include <string.h>

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

int naive_claim_queue(
    const struct naive_model *model, int member, int ret_ids[NAIVE_CLAIMS_MOST + 1])
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

/* The same, and what one of the claims covers of each account. */
static void cover_each(const struct naive_model *model, int member, int64_t *ret_claims,
    int64_t *ret_accounts, int wanted_id, int64_t *ret_parts)
{
    static int ids[NAIVE_CLAIMS_MOST + 1];
    int count = naive_claim_queue(model, member, ids);
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
            if (ids[i] == wanted_id)
                ret_parts[account] = part;
            wanted -= part;
        }
    }
}

void naive_cover(
    const struct naive_model *model, int member, int64_t *ret_claims, int64_t *ret_accounts)
{
    cover_each(model, member, ret_claims, ret_accounts, 0, NULL);
}

int64_t naive_cover_parts(const struct naive_model *model, int id, int64_t *ret_parts)
{
    static int64_t claims[NAIVE_CLAIMS_MAX + 1], accounts[NAIVE_ACCOUNTS_MAX + 1];
    memset(ret_parts, 0, (NAIVE_ACCOUNTS_MAX + 1) * sizeof *ret_parts);
    cover_each(model, model->claims[id].member, claims, accounts, id, ret_parts);
    return claims[id];
}

void naive_cover_anew(struct decision *d, int member, int dated_most)
{
    struct naive_model *model = d->model;
    static int64_t claims[NAIVE_CLAIMS_MAX + 1], accounts[NAIVE_ACCOUNTS_MAX + 1];
    static int ids[NAIVE_CLAIMS_MOST + 1];
    naive_cover(model, member, claims, accounts);
    int count = naive_claim_queue(model, member, ids);
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
        naive_cover_anew(d, member, NAIVE_DATED_BY_A_CREDIT);
    }
}

void naive_uncover(struct decision *d, int account, int64_t amount)
{
    if (amount == 0)
        return;
    d->model->accounts[account].cover -= amount;
    naive_book(d, account, BUCKET_FROZEN, account, BUCKET_AVAILABLE, amount);
}
