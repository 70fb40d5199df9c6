/* covers.c: see covers.h.
 *
 * The queue of a member is a chain of its live claims. How much each of them covers is derived;
 * what they cover of an account together is recorded, so that a restart need not know how it came
 * about.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/covers.h"

#include "engine/memory/changes.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/book.h"

#include <assert.h>
#include <string.h>

static struct claim *claim_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_CLAIM, id);
}

static struct claim_links *claim_links_of(const struct engine *engine, int64_t id)
{
    CHECK(claim_at(engine, id)->id == id);
    return &engine->claim_links[place_of(engine, RECORD_CLAIM, id)];
}

/* ---- the queue ---- */

static bool is_secured(const struct claim *claim)
{
    return claim->ground == GROUND_SECURED_RIGHT;
}

/* In legal order. */
static bool is_before(const struct claim *one, const struct claim *other)
{
    return is_secured(one) != is_secured(other) ? is_secured(one) : one->id < other->id;
}

static bool reaches(const struct claim *claim, const struct account *account)
{
    return claim->account_id == 0 || claim->account_id == account->id;
}

static void count_reached(struct engine *engine, const struct claim *claim, int32_t change)
{
    uint32_t walked = 0;
    for (int64_t id = engine->newest_accounts[claim->member_id]; id != 0;
         id = engine->older_accounts[id], walked++) {
        struct account *account = &engine->accounts[id];
        if (account->status != ACCOUNT_OPEN || !reaches(claim, account))
            continue;
        keep_for_undo(engine, &account->claim_count, sizeof account->claim_count);
        account->claim_count += change;
        CHECK(account->claim_count >= 0);
    }
    note_walk(engine, walked);
}

static void set_link(struct engine *engine, int64_t *link, int64_t id)
{
    keep_for_undo(engine, link, sizeof *link);
    *link = id;
}

void link_claim(struct engine *engine, int64_t claim_id)
{
    const struct claim *claim = claim_at(engine, claim_id);
    struct claim_links *links = claim_links_of(engine, claim_id);
    int64_t *last = &engine->last_claims[claim->member_id];
    int64_t earlier = *last;
    CHECK(claim->status == CLAIM_LIVE && links->earlier == 0 && links->later == 0);
    while (earlier != 0 && is_before(claim, claim_at(engine, earlier)))
        earlier = claim_links_of(engine, earlier)->earlier;
    int64_t *from_earlier = earlier != 0 ? &claim_links_of(engine, earlier)->later
                                         : &engine->first_claims[claim->member_id];
    int64_t later = *from_earlier;
    set_link(engine, &links->earlier, earlier);
    set_link(engine, &links->later, later);
    set_link(engine, from_earlier, claim_id);
    set_link(engine, later != 0 ? &claim_links_of(engine, later)->earlier : last, claim_id);
    count_reached(engine, claim, 1);
}

void unlink_claim(struct engine *engine, int64_t claim_id)
{
    struct claim *claim = claim_at(engine, claim_id);
    struct claim_links *links = claim_links_of(engine, claim_id);
    struct claim_links before = *links;
    set_link(engine,
        before.earlier != 0 ? &claim_links_of(engine, before.earlier)->later
                            : &engine->first_claims[claim->member_id],
        before.later);
    set_link(engine,
        before.later != 0 ? &claim_links_of(engine, before.later)->earlier
                          : &engine->last_claims[claim->member_id],
        before.earlier);
    keep_for_undo(engine, links, sizeof *links);
    *links = (struct claim_links){0};
    keep_for_undo(engine, &claim->cover_minor, sizeof claim->cover_minor);
    claim->cover_minor = 0;
    count_reached(engine, claim, -1);
}

void reach_account(struct engine *engine, struct account *account)
{
    for (int64_t id = engine->first_claims[account->member_id]; id != 0;
         id = claim_links_of(engine, id)->later)
        account->claim_count += reaches(claim_at(engine, id), account);
}

/* ---- covers ---- */

const struct cover *find_cover(const struct engine *engine, int64_t account_id)
{
    int64_t id = engine->covers[account_id];
    return id != 0 ? record_at(engine, RECORD_COVER, id) : NULL;
}

int64_t engine_cover_minor(const struct engine *engine, int64_t account_id)
{
    const struct cover *cover = find_cover(engine, account_id);
    return cover ? cover->cover_minor : 0;
}

static int64_t least(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

/* Each of its claims reaches one account, or all of the few that it has. */
#define CLAIMED_ACCOUNTS_MAX CLAIMS_PER_MEMBER_MAX
static_assert(CLAIM_MEMBER_ACCOUNTS_MAX <= CLAIMED_ACCOUNTS_MAX, "all of them");

/* The accounts of a member that claims reach, and how what can be reached of them is shared. */
struct reach {
    const struct account *accounts[CLAIMED_ACCOUNTS_MAX]; /* by id */
    int64_t left_minor[CLAIMED_ACCOUNTS_MAX];             /* that no claim has yet */
    int64_t cover_minor[CLAIMED_ACCOUNTS_MAX];
    uint32_t count;
};

static void find_reach(const struct engine *engine, int64_t member_id, struct reach *ret_reach)
{
    uint32_t walked = 0;
    ret_reach->count = 0;
    for (int64_t id = engine->newest_accounts[member_id]; id != 0;
         id = engine->older_accounts[id], walked++) {
        const struct account *account = &engine->accounts[id];
        if (account->claim_count == 0 && engine_cover_minor(engine, id) == 0)
            continue;
        CHECK(ret_reach->count < CLAIMED_ACCOUNTS_MAX);
        ret_reach->accounts[ret_reach->count++] = account;
    }
    note_walk(engine, walked);
    for (uint32_t i = 0; i < ret_reach->count / 2; i++) { /* they were the newest first */
        const struct account **other = &ret_reach->accounts[ret_reach->count - 1 - i];
        const struct account *account = ret_reach->accounts[i];
        ret_reach->accounts[i] = *other;
        *other = account;
    }
    for (uint32_t i = 0; i < ret_reach->count; i++) {
        const struct account *account = ret_reach->accounts[i];
        CHECK(i == 0 || ret_reach->accounts[i - 1]->id < account->id);
        ret_reach->left_minor[i] =
            account->balance_minor[BUCKET_AVAILABLE] + engine_cover_minor(engine, account->id);
        ret_reach->cover_minor[i] = 0;
    }
}

/* Where the account is among those; their count: nowhere. */
static uint32_t place_of_account(const struct reach *reach, int64_t account_id)
{
    uint32_t first = 0;
    uint32_t end = reach->count;
    while (first < end) {
        uint32_t middle = first + (end - first) / 2;
        if (reach->accounts[middle]->id < account_id)
            first = middle + 1;
        else
            end = middle;
    }
    return first < reach->count && reach->accounts[first]->id == account_id ? first : reach->count;
}

/* What the claim takes of what claims before it left. */
static int64_t take(const struct claim *claim, struct reach *reach)
{
    int64_t rest_minor = claim->limit_minor;
    bool is_of_one = claim->account_id != 0;
    uint32_t first = is_of_one ? place_of_account(reach, claim->account_id) : 0;
    uint32_t end = is_of_one && first < reach->count ? first + 1 : reach->count;
    for (uint32_t i = first; i < end && rest_minor > 0; i++) {
        int64_t part_minor = least(rest_minor, reach->left_minor[i]);
        reach->left_minor[i] -= part_minor;
        reach->cover_minor[i] += part_minor;
        rest_minor -= part_minor;
    }
    return claim->limit_minor - rest_minor;
}

static void date(struct engine *engine, int64_t claim_id)
{
    struct claim *claim = change_record(engine, RECORD_CLAIM, claim_id);
    claim->effective_sequence = engine->sequence;
    record_image(engine, RECORD_CLAIM, claim_id);
}

struct cover *change_cover(struct engine *engine, const struct account *account)
{
    int64_t *its_id = &engine->covers[account->id];
    if (*its_id != 0)
        return change_record(engine, RECORD_COVER, *its_id);
    CHECK(has_room(engine, RECORD_COVER, 1)); /* one an account */
    struct cover *cover = add_record(engine, RECORD_COVER);
    cover->ledger_id = account->ledger_id;
    cover->account_id = account->id;
    set_link(engine, its_id, cover->id);
    return cover;
}

static void book_cover(struct engine *engine, const struct account *account, int64_t cover_minor)
{
    int64_t more_minor = cover_minor - engine_cover_minor(engine, account->id);
    if (more_minor == 0)
        return;
    struct cover *cover = change_cover(engine, account);
    cover->cover_minor = cover_minor;
    record_image(engine, RECORD_COVER, cover->id);
    if (more_minor > 0)
        book(engine, more_minor, account, BUCKET_AVAILABLE, account, BUCKET_FROZEN);
    else
        book(engine, -more_minor, account, BUCKET_FROZEN, account, BUCKET_AVAILABLE);
}

/* Finds what each claim covers, and what of each account that is. */
static void find_shares(
    struct engine *engine, int64_t member_id, int32_t dates_max, struct reach *ret_reach)
{
    uint32_t walked = 0;
    find_reach(engine, member_id, ret_reach);
    for (int64_t id = engine->first_claims[member_id]; id != 0;
         id = claim_links_of(engine, id)->later, walked++) {
        struct claim *claim = claim_at(engine, id);
        int64_t cover_minor = take(claim, ret_reach);
        if (cover_minor != claim->cover_minor) {
            keep_for_undo(engine, &claim->cover_minor, sizeof claim->cover_minor);
            claim->cover_minor = cover_minor;
        }
        if (cover_minor > 0 && claim->effective_sequence == 0 && dates_max > 0) {
            date(engine, id);
            dates_max--;
        }
    }
    note_walk(engine, walked);
}

void find_covers(struct engine *engine, int64_t member_id)
{
    struct reach reach;
    find_shares(engine, member_id, 0, &reach);
}

void cover_claims(struct engine *engine, int64_t member_id, int32_t dates_max)
{
    struct reach reach;
    find_shares(engine, member_id, dates_max, &reach);
    for (uint32_t i = 0; i < reach.count; i++)
        book_cover(engine, reach.accounts[i], reach.cover_minor[i]);
}

/* ---- asked ---- */

uint32_t cover_parts(const struct engine *engine, int64_t claim_id,
    struct cover_part ret_parts[CLAIM_MEMBER_ACCOUNTS_MAX])
{
    const struct claim *claim = claim_at(engine, claim_id);
    int64_t before_minor[CLAIMED_ACCOUNTS_MAX];
    struct reach reach;
    uint32_t count = 0;
    CHECK(claim->status == CLAIM_LIVE);
    find_reach(engine, claim->member_id, &reach);
    for (int64_t id = engine->first_claims[claim->member_id]; id != claim_id;
         id = claim_links_of(engine, id)->later)
        (void)take(claim_at(engine, id), &reach);
    memcpy(before_minor, reach.cover_minor, reach.count * sizeof *before_minor);
    (void)take(claim, &reach);
    for (uint32_t i = 0; i < reach.count; i++) {
        if (reach.cover_minor[i] == before_minor[i])
            continue;
        CHECK(count < CLAIM_MEMBER_ACCOUNTS_MAX);
        ret_parts[count++] =
            (struct cover_part){reach.accounts[i], reach.cover_minor[i] - before_minor[i]};
    }
    return count;
}

int64_t engine_first_claim(const struct engine *engine, int64_t member_id)
{
    CHECK(member_id >= 1 && member_id <= engine->last_id[RECORD_MEMBER]);
    return engine->first_claims[member_id];
}

int64_t engine_later_claim(const struct engine *engine, int64_t claim_id)
{
    return claim_links_of(engine, claim_id)->later;
}
