/* records.c: finds records in the engine's memory. Changes nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/records.h"

#include "engine/memory/blocks.h"
#include "engine/memory/memory.h"

/* The same among blocks: those without a resident record are not looked at. */
static int64_t next_in_blocks(const struct engine *engine, enum record_kind kind, int64_t id)
{
    const struct blocks *blocks = &engine->blocks[kind];
    const struct record_table *table = &record_tables[kind];
    for (uint32_t i = blocks_lower_bound(blocks, id / BLOCK_IDS); i < blocks->counts.used; i++) {
        uint32_t slot = blocks->order[i];
        int64_t first = blocks->block[slot].number * BLOCK_IDS;
        /* From the block's first id on, or from where the caller is in it. */
        for (uint32_t offset = id > first ? (uint32_t)(id - first) : 0; offset < BLOCK_IDS;
             offset++) {
            int64_t found = record_id(table, record_in(engine, kind, slot * BLOCK_IDS + offset));
            if (found != 0)
                return found;
        }
    }
    return 0;
}

int64_t engine_next_record(const struct engine *engine, enum record_kind kind, int64_t id)
{
    CHECK(kind >= 1 && kind <= RECORD_KINDS);
    CHECK(id >= 0);
    int64_t last = engine->last_id[kind];
    if (engine->blocks[kind].slots_max != 0)
        return next_in_blocks(engine, kind, id + 1);
    for (id++; id <= last; id++) {
        if (has_record(engine, kind, id))
            return id;
    }
    return 0;
}

const void *engine_find_record(const struct engine *engine, enum record_kind kind, int64_t id)
{
    CHECK(kind >= 1 && kind <= RECORD_KINDS);
    return find_record(engine, kind, id);
}

const struct ledger *engine_find_ledger(const struct engine *engine, int64_t ledger_id)
{
    return find_record(engine, RECORD_LEDGER, ledger_id);
}

const struct member *engine_find_member(const struct engine *engine, int64_t member_id)
{
    return find_record(engine, RECORD_MEMBER, member_id);
}

const struct account *engine_find_account(const struct engine *engine, int64_t account_id)
{
    return find_record(engine, RECORD_ACCOUNT, account_id);
}

const struct payout *engine_find_payout(const struct engine *engine, int64_t payout_id)
{
    return find_record(engine, RECORD_PAYOUT, payout_id);
}

const struct hold *engine_find_hold(const struct engine *engine, int64_t hold_id)
{
    return find_record(engine, RECORD_HOLD, hold_id);
}

const struct freeze *engine_find_freeze(const struct engine *engine, int64_t freeze_id)
{
    return find_record(engine, RECORD_FREEZE, freeze_id);
}

const struct debt *engine_find_debt(const struct engine *engine, int64_t debt_id)
{
    return find_record(engine, RECORD_DEBT, debt_id);
}

const struct adjustment *engine_find_adjustment(const struct engine *engine, int64_t adjustment_id)
{
    return find_record(engine, RECORD_ADJUSTMENT, adjustment_id);
}

int64_t engine_last_id(const struct engine *engine, enum record_kind kind)
{
    CHECK(kind >= 1 && kind <= RECORD_KINDS);
    return engine->last_id[kind];
}

int64_t engine_last_ledger_id(const struct engine *engine)
{
    return engine->last_id[RECORD_LEDGER];
}

const struct ledger_sums *engine_ledger_sums(const struct engine *engine, int64_t ledger_id)
{
    CHECK(has_record(engine, RECORD_LEDGER, ledger_id));
    return &engine->sums[ledger_id];
}
