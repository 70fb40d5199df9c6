/* dues.c: see dues.h.
 *
 * A heap holds what is live and has an end in time; beside each record stands its place there, so
 * that it is taken out when it is finished or lifted before its time. It may hold proposals of
 * closed ledgers, which are dropped when they come first. An undo takes out what a scope put in and
 * puts in what it took out: the order of what comes does not depend on how the heap was filled.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/dues.h"

#include "engine/memory/blocks.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"

/* Whether `one` comes first: by time, then kind, then id, so that the order does not depend on how
 * the heap was filled. */
static bool is_before(const struct due_entry *one, const struct due_entry *other)
{
    if (one->expires_at_us != other->expires_at_us)
        return one->expires_at_us < other->expires_at_us;
    if (one->kind != other->kind)
        return one->kind < other->kind;
    return one->id < other->id;
}

/* Puts it at that place of the heap, which is counted from 1, and tells its record. */
static void put_at(struct engine *engine, uint64_t place, const struct due_entry *entry)
{
    engine->dues[place] = *entry;
    engine->due_places[entry->kind][entry->place] = place;
}

/* Puts it where it belongs, from a free place on: towards the root, else away from it. */
static void settle(struct engine *engine, uint64_t place, const struct due_entry *entry)
{
    const struct due_entry *dues = engine->dues;
    for (; place > 1 && is_before(entry, &dues[place / 2]); place /= 2)
        put_at(engine, place, &dues[place / 2]);
    for (uint64_t child = 2 * place; child <= engine->due_count; child = 2 * place) {
        if (child < engine->due_count && is_before(&dues[child + 1], &dues[child]))
            child++;
        if (!is_before(&dues[child], entry))
            break;
        put_at(engine, place, &dues[child]);
        place = child;
    }
    put_at(engine, place, entry);
}

void insert_due(struct engine *engine, enum record_kind kind, int64_t id, int64_t expires_at_us)
{
    CHECK(engine->due_count < DUES_MAX);
    const struct due_entry entry = {.expires_at_us = expires_at_us,
        .id = id,
        .kind = kind,
        .place = place_of(engine, kind, id)};
    CHECK(entry.place != NO_PLACE);
    CHECK(engine->due_places[kind][entry.place] == 0);
    settle(engine, ++engine->due_count, &entry);
}

void put_due(struct engine *engine, enum record_kind kind, int64_t id, int64_t expires_at_us)
{
    insert_due(engine, kind, id, expires_at_us);
    keep_due_for_undo(engine, kind, id, expires_at_us, false);
}

int64_t due_time(const struct engine *engine, enum record_kind kind, int64_t id)
{
    uint32_t record_place = place_of(engine, kind, id);
    CHECK(record_place != NO_PLACE);
    uint64_t place = engine->due_places[kind][record_place];
    CHECK(place <= engine->due_count);
    return place != 0 ? engine->dues[place].expires_at_us : 0;
}

int64_t take_due(struct engine *engine, enum record_kind kind, int64_t id)
{
    uint32_t record_place = place_of(engine, kind, id);
    CHECK(record_place != NO_PLACE);
    uint64_t *its_place = &engine->due_places[kind][record_place];
    uint64_t place = *its_place;
    if (place == 0)
        return 0;
    CHECK(place <= engine->due_count);
    CHECK(engine->dues[place].kind == kind && engine->dues[place].id == id);
    int64_t expires_at_us = engine->dues[place].expires_at_us;
    *its_place = 0;
    const struct due_entry last = engine->dues[engine->due_count--];
    if (place <= engine->due_count)
        settle(engine, place, &last);
    return expires_at_us;
}

void remove_due(struct engine *engine, enum record_kind kind, int64_t id)
{
    int64_t expires_at_us = take_due(engine, kind, id);
    if (expires_at_us != 0)
        keep_due_for_undo(engine, kind, id, expires_at_us, true);
}

void put_waiting_due(struct engine *engine, enum record_kind kind, int64_t ledger_id, int64_t id,
    int64_t expires_at_us)
{
    int64_t *there = &engine->waiting_dues[kind][ledger_id];
    bool is_there = *there == id && (id == 0 || due_time(engine, kind, id) == expires_at_us);
    if (is_there)
        return;
    keep_for_undo(engine, there, sizeof *there);
    if (*there != 0)
        remove_due(engine, kind, *there);
    if (id != 0)
        put_due(engine, kind, id, expires_at_us);
    *there = id;
}

/* Whether the time of it still matters. Holds and freezes are empty in a closed ledger, so they are
 * not live; a proposal can be left over, and what an organ waits for is told all the same. */
static bool is_live(const struct ledger *ledger, enum record_kind kind, const void *record)
{
    return (ledger->status == LEDGER_OPEN || kind == RECORD_FEEDBACK) &&
           !record_is_final(&record_tables[kind], record, ledger->accounting_dates[0]);
}

bool engine_next_due(struct engine *engine, int64_t now_us, struct due *ret_due)
{
    CHECK(!engine->in_scope);
    while (engine->due_count > 0) {
        const struct due_entry *first = &engine->dues[1];
        const void *record = record_at(engine, first->kind, first->id);
        int64_t ledger_id = record_ledger_id(&record_tables[first->kind], record);
        if (is_live(&engine->ledgers[ledger_id], first->kind, record)) {
            if (first->expires_at_us > now_us)
                return false;
            *ret_due = (struct due){.expires_at_us = first->expires_at_us,
                .ledger_id = ledger_id,
                .id = first->id,
                .kind = record_tables[first->kind].life.expiry};
            return true;
        }
        remove_due(engine, first->kind, first->id);
    }
    return false;
}
