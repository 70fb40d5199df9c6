/* dues.c: what is live and has an end in time.
 *
 * A heap holds what is live and has an end in time; each record knows its place there, so that it
 * is taken out when it is finished or lifted before its time. A scope leaves the heap as it is,
 * since it is undone: what is made in it is not put in, what ends in it is not taken out. So only
 * inside of a scope, where nobody asks, the heap may hold what is not live; and it may hold
 * proposals of closed ledgers, which are dropped when they come first.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/dues.h"

#include "engine/memory/blocks.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"

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

static enum record_kind record_kind_of(enum expiry_kind kind)
{
    switch (kind) {
    case EXPIRY_HOLD:
        return RECORD_HOLD;
    case EXPIRY_FREEZE:
        return RECORD_FREEZE;
    case EXPIRY_ADJUSTMENT:
        return RECORD_ADJUSTMENT;
    }
    CHECK(0 && "a known kind of expiry");
    return RECORD_HOLD;
}

/* Where a record that is at `place` keeps its place in the heap. */
static uint32_t *due_place_of(struct engine *engine, enum expiry_kind kind, uint32_t place)
{
    void *record = record_in(engine, record_kind_of(kind), place);
    switch (kind) {
    case EXPIRY_HOLD:
        return &((struct hold *)record)->due_place;
    case EXPIRY_FREEZE:
        return &((struct freeze *)record)->due_place;
    case EXPIRY_ADJUSTMENT:
        return &((struct adjustment *)record)->due_place;
    }
    CHECK(0 && "a known kind of expiry");
    return NULL;
}

/* Puts it at that place of the heap, which is counted from 1, and tells its record. */
static void put_at(struct engine *engine, uint64_t place, const struct due_entry *entry)
{
    engine->dues[place] = *entry;
    *due_place_of(engine, entry->due.kind, entry->place) = (uint32_t)place;
}

/* Puts it where it belongs, from a free place on: towards the root, else away from it. */
static void settle(struct engine *engine, uint64_t place, const struct due_entry *entry)
{
    const struct due_entry *dues = engine->dues;
    for (; place > 1 && is_before(&entry->due, &dues[place / 2].due); place /= 2)
        put_at(engine, place, &dues[place / 2]);
    for (uint64_t child = 2 * place; child <= engine->due_count; child = 2 * place) {
        if (child < engine->due_count && is_before(&dues[child + 1].due, &dues[child].due))
            child++;
        if (!is_before(&dues[child].due, &entry->due))
            break;
        put_at(engine, place, &dues[child]);
        place = child;
    }
    put_at(engine, place, entry);
}

void put_due(struct engine *engine, enum expiry_kind kind, int64_t ledger_id, int64_t id,
    int64_t expires_at_us)
{
    if (engine->in_scope)
        return;
    CHECK(engine->due_count < DUES_MAX);
    const struct due_entry entry = {
        .due = {.expires_at_us = expires_at_us, .ledger_id = ledger_id, .id = id, .kind = kind},
        .place = place_of(engine, record_kind_of(kind), id)};
    CHECK(entry.place != NO_PLACE);
    CHECK(*due_place_of(engine, kind, entry.place) == 0);
    settle(engine, ++engine->due_count, &entry);
}

void remove_due(struct engine *engine, enum expiry_kind kind, int64_t id)
{
    if (engine->in_scope)
        return;
    uint32_t record_place = place_of(engine, record_kind_of(kind), id);
    CHECK(record_place != NO_PLACE);
    uint32_t *its_place = due_place_of(engine, kind, record_place);
    uint64_t place = *its_place;
    if (place == 0)
        return;
    CHECK(place <= engine->due_count);
    CHECK(engine->dues[place].due.kind == kind && engine->dues[place].due.id == id);
    *its_place = 0;
    const struct due_entry last = engine->dues[engine->due_count--];
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
        const struct due *first = &engine->dues[1].due;
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
