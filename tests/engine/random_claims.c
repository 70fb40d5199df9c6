/* random_claims.c: draws claims of courts and other organs.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "naive.h"
#include "random_picks.h"

enum { LATEST = 8 };

static const char *const organs[] = {"C-1", "C-2", "P-1"};

static const char *organ(struct random *random)
{
    return organs[random_below(random, sizeof organs / sizeof *organs)];
}

/* One of the last live ones; at times any, or none. */
int64_t pick_claim(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[LATEST];
    uint64_t count = 0;
    bool any = random_percent(random, 8);
    if (model->claim_count == 0 || random_percent(random, 3))
        return pick_no_such_id(random, model->claim_count);
    for (int id = model->claim_count; id > 0 && count < LATEST; id--) {
        const struct naive_claim *claim = &model->claims[id];
        if (any || (claim->ledger == ledger && claim->status == CLAIM_LIVE))
            found[count++] = id;
    }
    return count == 0 ? model->claim_count : found[random_below(random, count)];
}

static int32_t day_of(int64_t now_us)
{
    return (int32_t)(now_us / (24 * INT64_C(3600000000)));
}

/* Of any authority and ground, mostly of those that go together. */
static struct command of_some_organ(struct random *random, int64_t now_us, struct command place)
{
    static const struct {
        enum claim_authority authority;
        enum claim_ground ground;
    } known[] = {{AUTHORITY_COURT, GROUND_ORDINARY}, {AUTHORITY_COURT, GROUND_ORDINARY},
        {AUTHORITY_POLICE, GROUND_ORDINARY}, {AUTHORITY_POLICE, GROUND_FRAUD_STOP},
        {AUTHORITY_POLICE, GROUND_TERROR}, {AUTHORITY_TAX, GROUND_ORDINARY},
        {AUTHORITY_SECURITIES, GROUND_ORDINARY}, {AUTHORITY_ADMINISTRATIVE, GROUND_ORDINARY},
        {AUTHORITY_BANK, GROUND_LISTED_PERSON}, {AUTHORITY_CREDITOR, GROUND_SECURED_RIGHT}};
    uint64_t one = random_below(random, sizeof known / sizeof *known);
    enum claim_authority authority = known[one].authority;
    enum claim_ground ground = known[one].ground;
    if (random_percent(random, 10)) {
        authority = (enum claim_authority)random_between(random, 1, AUTHORITY_CREDITOR);
        ground = (enum claim_ground)random_between(random, 1, GROUND_SECURED_RIGHT);
    }
    bool is_of_hours = ground == GROUND_FRAUD_STOP;
    int32_t ends = day_of(now_us) + (int32_t)random_between(random, 0, 25);
    if (is_of_hours != random_percent(random, 5) || random_percent(random, 4))
        ends = 0;
    else if (random_percent(random, 4))
        ends = day_of(now_us) + (int32_t)random_between(random, -2, 400);
    return claim_by(authority, ground, organ(random), ends, place);
}

struct command random_place_claim(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t now_us)
{
    int64_t account = random_percent(random, 70) ? pick_account(random, model, ledger) : 0;
    int64_t member = account == 0 ? pick_member(random, model, ledger) : 0;
    int64_t amount = random_percent(random, 10) ? 0 : pick_amount_in(random, model, ledger);
    struct command command = make_place_claim(ledger, account, member, amount);
    int64_t holder =
        account >= 1 && account <= model->account_count ? model->accounts[account].member : member;
    int id =
        holder >= 1 && holder <= model->member_count ? naive_identity_of(model, (int)holder) : 0;
    command.place_claim.has_fruits = random_percent(random, 30);
    command.place_claim.is_secret = random_percent(random, 30);
    if (id != 0 && !random_percent(random, 4)) {
        command.place_claim.subject.name = text_of(model->identities[id].name);
        command.place_claim.subject.number = text_of(model->identities[id].number);
        command.place_claim.subject.document_kind = model->identities[id].document;
    }
    if (random_percent(random, 10))
        command = and_deduct(command);
    return of_some_organ(random, now_us, command);
}

struct command random_continue_claim(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t now_us)
{
    int64_t id = pick_claim(random, model, ledger);
    bool is_there = id >= 1 && id <= model->claim_count;
    const struct naive_claim *claim = &model->claims[is_there ? id : 0];
    bool is_own = is_there && !random_percent(random, 5);
    int32_t ends = random_percent(random, 20)
                       ? 0
                       : day_of(claim->ends_us > now_us ? claim->ends_us : now_us) +
                             (int32_t)random_between(random, 0, 30);
    if (random_percent(random, 3))
        ends += 400;
    return make_continue_claim(ledger, id, is_own ? claim->organ : organ(random), ends);
}

struct command random_release_claim(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t id = pick_claim(random, model, ledger);
    bool is_there = id >= 1 && id <= model->claim_count;
    const struct naive_claim *claim = &model->claims[is_there ? id : 0];
    bool is_own = is_there && !random_percent(random, 5);
    int64_t amount =
        random_percent(random, 50) || claim->limit == 0 ? 0 : pick_part(random, claim->limit);
    return make_release_claim(ledger, id, is_own ? claim->organ : organ(random), amount);
}

struct command random_deduct_claim(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t id = pick_claim(random, model, ledger);
    bool is_there = id >= 1 && id <= model->claim_count;
    const struct naive_claim *claim = &model->claims[is_there ? id : 0];
    const char *organ_code = is_there && !random_percent(random, 5) ? claim->organ : organ(random);
    bool is_police = claim->authority == AUTHORITY_POLICE;
    int64_t amount =
        random_percent(random, 40) || claim->limit == 0 ? 0 : pick_part(random, claim->limit);
    if (amount > 20 && random_percent(random, 50))
        amount = random_between(random, 1, 20);
    return is_police != random_percent(random, 8)
               ? make_return_to_victim(ledger, id, organ_code, amount)
               : make_deduct_claim(ledger, id, organ_code, amount);
}

/* ---- what organs are told ---- */

/* One of the last open ones; at times any, or none. */
int64_t pick_feedback(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[LATEST];
    uint64_t count = 0;
    bool any = random_percent(random, 8);
    if (model->feedback_count == 0 || random_percent(random, 3))
        return pick_no_such_id(random, model->feedback_count);
    for (int id = model->feedback_count; id > 0 && count < LATEST; id--) {
        const struct naive_feedback *one = &model->feedback[id];
        if (any || (one->ledger == ledger && one->given == 0))
            found[count++] = id;
    }
    return count == 0 ? model->feedback_count : found[random_below(random, count)];
}

/* Mostly ahead, by minutes or days; at times over before the request comes. */
static int64_t some_deadline(struct random *random, int64_t now_us)
{
    const int64_t hour_us = INT64_C(3600000000);
    int64_t by_us = now_us + random_between(random, -1, 48) * hour_us / 4;
    return random_percent(random, 70) || by_us < 1 ? 0 : by_us;
}

struct command random_deadline(struct random *random, int64_t now_us, struct command command)
{
    return answered_by(command, some_deadline(random, now_us));
}

struct command random_open_feedback(struct random *random, int64_t ledger, int64_t now_us)
{
    return make_open_feedback(ledger, organ(random), some_deadline(random, now_us));
}

struct command random_give_feedback(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t id = pick_feedback(random, model, ledger);
    bool is_there = id >= 1 && id <= model->feedback_count;
    const char *code =
        is_there && !random_percent(random, 5) ? model->feedback[id].organ : organ(random);
    return make_give_feedback(ledger, id, code);
}
