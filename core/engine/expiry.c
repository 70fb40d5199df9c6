/* expiry.c: the time of holds, freezes and proposals is over.
 *
 * A heap holds what is live and has an end in time; each record knows its place there, so that it
 * is taken out when it is finished or lifted before its time. A scope leaves the heap as it is,
 * since it is undone: what is made in it is not put in, what ends in it is not taken out. So only
 * inside of a scope, where nobody asks, the heap may hold what is not live; and it may hold
 * proposals of closed ledgers, which are dropped when they come first.
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

static uint32_t *place_of(struct engine *engine, enum expiry_kind kind, int64_t id)
{
    switch (kind) {
    case EXPIRY_HOLD:
        return &hold_at(engine, id)->due_place;
    case EXPIRY_FREEZE:
        return &freeze_at(engine, id)->due_place;
    case EXPIRY_ADJUSTMENT:
        return &adjustment_at(engine, id)->due_place;
    }
    CHECK(0 && "a known kind of expiry");
    return NULL;
}

/* Puts it at that place of the heap, which is counted from 1, and tells its record. */
static void put_at(struct engine *engine, uint64_t place, const struct due *due)
{
    engine->dues[place] = *due;
    *place_of(engine, due->kind, due->id) = (uint32_t)place;
}

/* Puts it where it belongs, from a free place on: towards the root, else away from it. */
static void settle(struct engine *engine, uint64_t place, const struct due *due)
{
    const struct due *dues = engine->dues;
    for (; place > 1 && is_before(due, &dues[place / 2]); place /= 2)
        put_at(engine, place, &dues[place / 2]);
    for (uint64_t child = 2 * place; child <= engine->due_count; child = 2 * place) {
        if (child < engine->due_count && is_before(&dues[child + 1], &dues[child]))
            child++;
        if (!is_before(&dues[child], due))
            break;
        put_at(engine, place, &dues[child]);
        place = child;
    }
    put_at(engine, place, due);
}

void put_due(struct engine *engine, enum expiry_kind kind, int64_t ledger_id, int64_t id,
    int64_t expires_at_us)
{
    if (engine->in_scope)
        return;
    CHECK(engine->due_count < DUES_MAX);
    CHECK(*place_of(engine, kind, id) == 0);
    const struct due due = {
        .expires_at_us = expires_at_us, .ledger_id = ledger_id, .id = id, .kind = kind};
    settle(engine, ++engine->due_count, &due);
}

void remove_due(struct engine *engine, enum expiry_kind kind, int64_t id)
{
    if (engine->in_scope)
        return;
    uint32_t *its_place = place_of(engine, kind, id);
    uint64_t place = *its_place;
    if (place == 0)
        return;
    CHECK(place <= engine->due_count);
    CHECK(engine->dues[place].kind == kind && engine->dues[place].id == id);
    *its_place = 0;
    const struct due last = engine->dues[engine->due_count--];
    if (place <= engine->due_count)
        settle(engine, place, &last);
}

/* Whether the time of it still matters. Holds and freezes are empty in a closed ledger, so they are
 * not live; a proposal can be left over. */
static bool is_live(const struct engine *engine, const struct due *due)
{
    if (engine->ledgers[due->ledger_id].status != LEDGER_OPEN)
        return false;
    switch (due->kind) {
    case EXPIRY_HOLD:
        return hold_at(engine, due->id)->status == HOLD_LIVE;
    case EXPIRY_FREEZE:
        return freeze_at(engine, due->id)->status == FREEZE_LIVE;
    case EXPIRY_ADJUSTMENT:
        return adjustment_at(engine, due->id)->status == ADJUSTMENT_PROPOSED;
    }
    CHECK(0 && "a known kind of expiry");
    return false;
}

bool engine_next_due(struct engine *engine, int64_t now_us, struct due *ret_due)
{
    CHECK(!engine->in_scope);
    while (engine->due_count > 0) {
        const struct due *first = &engine->dues[1];
        if (is_live(engine, first)) {
            if (first->expires_at_us > now_us)
                return false;
            *ret_due = *first;
            return true;
        }
        remove_due(engine, first->kind, first->id);
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
