/* release.c: final records leave memory, and come back when something names them.
 *
 * A record that cannot change any more is in no chain, no heap and no map, but for the map of what
 * was given back: so to let it go is to zero its place. Memory is given back by pages, where
 * neighbours have left too; kinds are walked block by block, and empty blocks are not looked at.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/reserve.h"
#include "engine/internal.h"

bool engine_is_released(enum record_kind kind)
{
    CHECK(kind >= 1 && kind <= RECORD_KINDS);
    return record_tables[kind].key_name != NULL;
}

bool engine_is_resident(const struct engine *engine, enum record_kind kind, int64_t id)
{
    CHECK(kind >= 1 && kind <= RECORD_KINDS);
    return has_record(engine, kind, id);
}

/* Only a payout that was paid needs more than its status: the bank may send it back for some days.
 * In a closed ledger nothing changes any more. */
static bool is_final_payout(const struct engine *engine, const struct payout *payout)
{
    const struct ledger *ledger = engine_find_ledger(engine, payout->ledger_id);
    switch ((enum payout_status)payout->status) {
    case PAYOUT_REQUESTED:
    case PAYOUT_SENT:
    case PAYOUT_UNKNOWN:
        return false;
    case PAYOUT_PAID:
        return ledger->status != LEDGER_OPEN || ledger->accounting_dates[0] > payout->return_until;
    case PAYOUT_FAILED:
    case PAYOUT_RETURNED:
    case PAYOUT_CANCELLED:
        return true;
    }
    return false;
}

/* Whether the record can be away from memory when everything before `before_sequence` can. */
static bool is_final(
    const struct engine *engine, enum record_kind kind, const void *record, int64_t before_sequence)
{
    switch ((int)kind) {
    case RECORD_PAYOUT:
        return is_final_payout(engine, record);
    case RECORD_HOLD:
        return ((const struct hold *)record)->status != HOLD_LIVE;
    case RECORD_FREEZE:
        return ((const struct freeze *)record)->status != FREEZE_LIVE;
    case RECORD_REFUNDED:
        return ((const struct refunded *)record)->original_sequence < before_sequence;
    case RECORD_DEBT:
        return ((const struct debt *)record)->status != DEBT_OPEN;
    case RECORD_ADJUSTMENT:
        return ((const struct adjustment *)record)->status != ADJUSTMENT_PROPOSED;
    default:
        return false;
    }
}

/* ---- out of memory ---- */

static void release_record(struct engine *engine, enum record_kind kind, int64_t id)
{
    uint16_t *resident_count = &engine->resident_counts[kind][id / BLOCK_IDS];
    CHECK(*resident_count > 0);
    CHECK(engine->marks[kind][id] == 0);
    if (kind == RECORD_REFUNDED)
        unindex_refunded(engine, id);
    memset(record_at(engine, kind, id), 0, record_tables[kind].bytes);
    (*resident_count)--;
}

/* Gives the pages back that hold no resident record, from the id on that is `first` to `last`. */
static void drop_empty_pages(
    struct engine *engine, enum record_kind kind, int64_t first, int64_t last)
{
    int64_t run = first; /* where the run of empty places begins */
    for (int64_t id = first; id <= last + 1; id++) {
        if (id <= last && !has_record(engine, kind, id))
            continue;
        if (id > run)
            reserve_drop_pages(
                engine->records[kind], (size_t)run, (size_t)(id - run), record_tables[kind].bytes);
        run = id + 1;
    }
    if (engine->resident_counts[kind][first / BLOCK_IDS] == 0)
        reserve_drop_pages(engine->marks[kind], (size_t)first, (size_t)(last - first + 1), 1);
}

static uint32_t release_block(
    struct engine *engine, enum record_kind kind, int64_t block, int64_t before_sequence)
{
    const struct record_table *table = &record_tables[kind];
    int64_t first = block * BLOCK_IDS;
    int64_t last = first + BLOCK_IDS - 1;
    uint32_t count = 0;
    if (last > engine->last_id[kind])
        last = engine->last_id[kind];
    for (int64_t id = first; id <= last; id++) {
        const void *record = record_at(engine, kind, id);
        if (record_id(table, record) != id || id == 0 || engine->marks[kind][id] != 0 ||
            record_sequence(table, record) >= before_sequence ||
            !is_final(engine, kind, record, before_sequence))
            continue;
        release_record(engine, kind, id);
        count++;
    }
    if (count > 0)
        drop_empty_pages(engine, kind, first, last);
    return count;
}

uint32_t engine_release(struct engine *engine, int64_t budget, int64_t before_sequence)
{
    CHECK(!engine->in_scope);
    uint32_t count = 0;
    if (before_sequence != engine->release_before) {
        engine->release_before = before_sequence;
        engine->release_kinds_left = RECORD_KINDS + 1; /* the present one is seen in two parts */
    }
    while (budget > 0 && engine->release_kinds_left > 0) {
        enum record_kind kind = engine->release_kind;
        int64_t block = engine->release_block;
        if (!engine_is_released(kind) || block * BLOCK_IDS > engine->last_id[kind]) {
            engine->release_kind = kind < RECORD_KINDS ? (enum record_kind)(kind + 1) : 1;
            engine->release_block = 0;
            engine->release_kinds_left--;
            continue;
        }
        engine->release_block++;
        budget--;
        if (engine->resident_counts[kind][block] == 0)
            continue;
        budget -= BLOCK_IDS;
        count += release_block(engine, kind, block, before_sequence);
    }
    return count;
}

/* ---- and back ---- */

int engine_revive(struct engine *engine, const struct image *image)
{
    CHECK(!engine->in_scope);
    enum record_kind kind = image->kind;
    CHECK(engine_is_released(kind));
    const struct record_table *table = &record_tables[kind];
    const void *found = image_record_const(image);
    int64_t id = record_id(table, found);
    if (id < 1 || id > engine->last_id[kind])
        return -1;
    if (has_record(engine, kind, id))
        return 0;
    if (!has_owners(engine, kind, found) || !is_final(engine, kind, found, INT64_MAX))
        return -1;
    void *record = record_at(engine, kind, id);
    CHECK(record_id(table, record) == 0);
    memcpy(record, found, table->bytes);
    engine->resident_counts[kind][id / BLOCK_IDS]++;
    if (kind == RECORD_REFUNDED)
        index_refunded(engine, id);
    return 0;
}
