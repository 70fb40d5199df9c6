/* expiry.c: the time of holds, freezes and proposals is over.
 *
 * A heap holds what has an end in time. Nothing is taken out when a hold is finished or a freeze
 * lifted: what is not live is dropped when it comes first. Each record is put in once, when it is
 * made or loaded, so the heap has room for all. Nothing is put in while a scope is open, since the
 * scope takes the record back; what else happens in a scope leaves the heap as it is.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/internal.h"

/* Whether `one` comes first: by time, then kind, then id, so that the order does not depend on how
 * the heap was filled. */
static bool is_before(const struct due *one, const struct due *other)
{
    if (one->expires_at_us != other->expires_at_us)
        return one->expires_at_us < other->expires_at_us;
    if (one->kind != other->kind)
        return one->kind < other->kind;
    return one->id < other->id;
}

void put_due(struct engine *engine, enum expiry_kind kind, int64_t ledger_id, int64_t id,
    int64_t expires_at_us)
{
    if (engine->in_scope)
        return;
    CHECK(engine->due_count < DUES_MAX);
    const struct due due = {
        .expires_at_us = expires_at_us, .ledger_id = ledger_id, .id = id, .kind = kind};
    uint64_t place = engine->due_count++;
    while (place > 0 && is_before(&due, &engine->dues[(place - 1) / 2])) {
        engine->dues[place] = engine->dues[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    engine->dues[place] = due;
}

static void drop_first(struct engine *engine)
{
    CHECK(engine->due_count > 0);
    struct due *dues = engine->dues;
    uint64_t count = --engine->due_count;
    const struct due last = dues[count];
    uint64_t place = 0;
    for (uint64_t child = 1; child < count; child = 2 * place + 1) {
        if (child + 1 < count && is_before(&dues[child + 1], &dues[child]))
            child++;
        if (!is_before(&dues[child], &last))
            break;
        dues[place] = dues[child];
        place = child;
    }
    dues[place] = last;
}

/* Whether the time of it still matters. Holds and freezes are empty in a closed ledger, so they are
 * not live; a proposal can be left over. */
static bool is_live(const struct engine *engine, const struct due *due)
{
    if (engine->ledgers[due->ledger_id].status != LEDGER_OPEN)
        return false;
    switch (due->kind) {
    case EXPIRY_HOLD:
        return engine->holds[due->id].status == HOLD_LIVE;
    case EXPIRY_FREEZE:
        return engine->freezes[due->id].status == FREEZE_LIVE;
    case EXPIRY_ADJUSTMENT:
        return engine->adjustments[due->id].status == ADJUSTMENT_PROPOSED;
    }
    CHECK(0 && "a known kind of expiry");
    return false;
}

bool engine_next_due(struct engine *engine, int64_t now_us, struct due *ret_due)
{
    CHECK(!engine->in_scope);
    while (engine->due_count > 0) {
        const struct due *first = &engine->dues[0];
        if (is_live(engine, first)) {
            if (first->expires_at_us > now_us)
                return false;
            *ret_due = *first;
            return true;
        }
        drop_first(engine);
    }
    return false;
}

enum outcome execute_expire(
    struct engine *engine, const struct ledger *ledger, const struct expire *asked)
{
    enum outcome outcome = OUTCOME_NOT_YET_DUE;
    switch ((enum expiry_kind)asked->kind) {
    case EXPIRY_HOLD:
        outcome = expire_hold(engine, ledger, asked->id);
        break;
    case EXPIRY_FREEZE:
        outcome = expire_freeze(engine, ledger, asked->id);
        break;
    case EXPIRY_ADJUSTMENT:
        outcome = expire_adjustment(engine, ledger, asked->id);
        break;
    }
    if (outcome == OUTCOME_ACCEPTED)
        engine->effects->subject_id = asked->id;
    return outcome;
}
