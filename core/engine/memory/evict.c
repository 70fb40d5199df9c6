/* evict.c: final records leave memory, and come back when something names them.
 *
 * A record that cannot change any more is in no chain, no heap and no map, but for the maps of what
 * was given back and of the holds that ended last: so to let it go is to zero its place. Memory is
 * given back by pages, where neighbours have left too; kinds are walked slot by slot, and empty
 * slots are not looked at.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/reserve.h"
#include "engine/memory/blocks.h"
#include "engine/memory/memory.h"
#include "engine/memory/places.h"
#include "engine/memory/records.h"

bool engine_is_evictable(enum record_kind kind)
{
    CHECK(kind >= 1 && kind <= RECORD_KINDS);
    return record_tables[kind].key_name != NULL;
}

bool engine_is_resident(const struct engine *engine, enum record_kind kind, int64_t id)
{
    CHECK(kind >= 1 && kind <= RECORD_KINDS);
    return has_record(engine, kind, id);
}

/* Whether the record can be away from memory when everything before `before_sequence` can. */
static bool is_final(
    const struct engine *engine, enum record_kind kind, const void *record, int64_t before_sequence)
{
    const struct record_table *table = &record_tables[kind];
    if (table->life.sequence_offset != 0)
        return record_life_sequence(table, record) < before_sequence;
    const struct ledger *ledger = &engine->ledgers[record_ledger_id(table, record)];
    return record_is_final(table, record, ledger->accounting_dates[0]);
}

/* ---- out of memory ---- */

static void evict_record(struct engine *engine, enum record_kind kind, uint32_t place)
{
    const struct record_rules *rules = &engine->rules[kind];
    void *record = record_in(engine, kind, place);
    CHECK(engine->marks[kind][place] == 0);
    CHECK(!engine->due_places[kind] || engine->due_places[kind][place] == 0);
    /* What has no owners was not indexed when it was loaded. */
    if (rules->unindex && rules->has_owners(engine, record))
        rules->unindex(engine, record_id(&record_tables[kind], record));
    memset(record, 0, record_tables[kind].bytes);
    close_place(engine, kind, place);
}

/* Gives the pages back that hold no resident record of the slot. Its marks stay: they are zero, and
 * a page of them is that of many slots. */
static void drop_empty_pages(struct engine *engine, enum record_kind kind, uint32_t slot)
{
    const struct record_table *table = &record_tables[kind];
    uint32_t first = slot * BLOCK_IDS;
    uint32_t run = first; /* where the run of empty places begins */
    for (uint32_t place = first; place <= first + BLOCK_IDS; place++) {
        if (place < first + BLOCK_IDS && record_id(table, record_in(engine, kind, place)) == 0)
            continue;
        if (place > run)
            reserve_drop_pages(engine->records[kind], run, place - run, table->bytes);
        run = place + 1;
    }
}

static uint32_t evict_slot(
    struct engine *engine, enum record_kind kind, uint32_t slot, int64_t before_sequence)
{
    const struct record_table *table = &record_tables[kind];
    uint32_t first = slot * BLOCK_IDS;
    uint32_t count = 0;
    for (uint32_t place = first; place < first + BLOCK_IDS; place++) {
        const void *record = record_in(engine, kind, place);
        if (record_id(table, record) == 0 || engine->marks[kind][place] != 0 ||
            record_sequence(table, record) >= before_sequence ||
            !is_final(engine, kind, record, before_sequence))
            continue;
        evict_record(engine, kind, place);
        count++;
    }
    if (count > 0)
        drop_empty_pages(engine, kind, slot);
    return count;
}

uint32_t engine_evict(struct engine *engine, int64_t budget, int64_t before_sequence)
{
    CHECK(!engine->in_scope);
    uint32_t count = 0;
    if (before_sequence != engine->evict_before) {
        engine->evict_before = before_sequence;
        engine->evict_kinds_left = RECORD_KINDS + 1; /* the present one is seen in two parts */
    }
    while (budget > 0 && engine->evict_kinds_left > 0) {
        enum record_kind kind = engine->evict_kind;
        const struct blocks *blocks = &engine->blocks[kind];
        uint32_t slot = engine->evict_slot;
        if (slot >= blocks->counts.ever) {
            engine->evict_kind = kind < RECORD_KINDS ? (enum record_kind)(kind + 1) : 1;
            engine->evict_slot = 0;
            engine->evict_kinds_left--;
            continue;
        }
        engine->evict_slot++;
        budget--;
        if (blocks->block[slot].resident_count == 0)
            continue;
        budget -= BLOCK_IDS;
        count += evict_slot(engine, kind, slot, before_sequence);
    }
    return count;
}

/* ---- and back ---- */

int engine_revive(struct engine *engine, const struct image *image)
{
    CHECK(!engine->in_scope);
    enum record_kind kind = image->kind;
    CHECK(engine_is_evictable(kind));
    const struct record_table *table = &record_tables[kind];
    const void *found = image_record_const(image);
    int64_t id = record_id(table, found);
    if (id < 1 || id > engine->last_id[kind])
        return -1;
    if (has_record(engine, kind, id))
        return 0;
    if (!engine->rules[kind].has_owners(engine, found) || !is_final(engine, kind, found, INT64_MAX))
        return -1;
    void *record = record_in(engine, kind, open_place(engine, kind, id));
    CHECK(record_id(table, record) == 0);
    memcpy(record, found, table->bytes);
    if (engine->rules[kind].index)
        engine->rules[kind].index(engine, id);
    return 0;
}
