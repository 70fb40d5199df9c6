/* random_screening.c: draws deny lists and decisions about hits.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "naive.h"
#include "random_picks.h"

enum { LATEST = 8 };

int64_t pick_denied(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[LATEST];
    uint64_t count = 0;
    if (model->denied_count == 0 || random_percent(random, 3))
        return pick_no_such_id(random, model->denied_count);
    for (int id = model->denied_count; id > 0 && count < LATEST; id--) {
        const struct naive_denied *entry = &model->denied[id];
        if (random_percent(random, 5) ||
            (entry->ledger == ledger && entry->status == DENIED_LISTED))
            found[count++] = id;
    }
    return count == 0 ? model->denied_count : found[random_below(random, count)];
}

/* A value that somebody has, now and then one that is in every second name or receipt. */
struct command random_add_denied(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t now_us)
{
    int64_t ends_us =
        random_percent(random, 80) ? now_us + random_between(random, 0, INT64_C(20000000000)) : 0;
    unsigned draw = (unsigned)random_below(random, 100);
    if (draw < 20 && model->card_count > 0) {
        int card = (int)random_between(random, 1, model->card_count);
        return make_deny_account(ledger, model->cards[card].number, ends_us);
    }
    if (draw < 45 && model->identity_count > 0) {
        int who = (int)random_between(random, 1, model->identity_count);
        struct command command = make_deny_document(ledger, model->identities[who].number, ends_us);
        if (random_percent(random, 80))
            command.add_denied.document_kind = model->identities[who].document;
        return command;
    }
    if (draw < 49 && model->identity_count > 0) {
        int who = (int)random_between(random, 1, model->identity_count);
        return make_deny_name(ledger, model->identities[who].name, ends_us);
    }
    /* Of everybody who is paid out to; and of nobody. */
    if (draw < 51)
        return make_deny_name(ledger, "n", now_us + 1 + (int64_t)random_below(random, 1000000));
    return random_percent(random, 50) ? make_deny_name(ledger, "nobody", ends_us)
                                      : make_deny_account(ledger, "80000000", ends_us);
}

/* Mostly one that stands, so that money moves again; by another than who listed. */
struct command random_decide_hit(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t id = 0;
    for (int hit = 1; hit <= model->hit_count && id == 0; hit++) {
        if (model->hits[hit].ledger == ledger && model->hits[hit].status != HIT_CLEARED &&
            random_percent(random, 80))
            id = hit;
    }
    if (id == 0 && model->hit_count > 0)
        id = random_between(random, 1, model->hit_count);
    if (id == 0 || random_percent(random, 3))
        id = pick_no_such_id(random, model->hit_count);
    struct command command = make_decide_hit(
        ledger, id, random_percent(random, 92) ? HIT_DECISION_CLEARED : HIT_DECISION_CONFIRMED);
    return random_percent(random, 90) ? command_by("second", command) : command;
}
