/* check.c: see check.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/check.h"

#include "engine/memory/blocks.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

int differs(const struct sentence *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->bytes, error->size, format, arguments);
    va_end(arguments);
    return -1;
}

/* ---- every record is there, and so is what it belongs to ---- */

/* Ids are given without gaps, so a record that is not there was lost, or it is a final one of a
 * kind that leaves memory. Live ones that were lost are missed in the sums. */
static int check_ids(const struct engine *engine, const struct sentence *error)
{
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        const struct record_table *table = &record_tables[kind];
        for (int64_t id = 1; !table->key_name && id <= engine->last_id[kind]; id++) {
            if (!has_record(engine, (enum record_kind)kind, id))
                return differs(error, "%s %" PRId64 " is missing", table->name, id);
        }
    }
    return 0;
}

/* Blocks stand in the order of their numbers, are found by them, and have the records that they
 * count; other slots are empty. */
static int check_blocks(
    const struct engine *engine, const struct sentence *error, enum record_kind kind)
{
    const struct record_table *table = &record_tables[kind];
    const struct blocks *blocks = &engine->blocks[kind];
    int64_t previous = -1;
    for (uint32_t i = 0; i < blocks->counts.used; i++) {
        uint32_t slot = blocks->order[i];
        const struct block *block = &blocks->block[slot];
        int64_t first = block->number * BLOCK_IDS;
        uint32_t count = 0;
        for (uint32_t offset = 0; offset < BLOCK_IDS; offset++) {
            const void *record = record_in(engine, kind, slot * BLOCK_IDS + offset);
            int64_t id = record_id(table, record);
            if (id != 0 && id != first + offset)
                return differs(error, "%s %" PRId64 " is in the place of another", table->name, id);
            count += id != 0;
        }
        if (count == 0 || count != block->resident_count || block->number <= previous ||
            blocks_find(blocks, first) != slot * BLOCK_IDS)
            return differs(
                error, "%s: the block from %" PRId64 " on is kept wrongly", table->name, first);
        previous = block->number;
    }
    if (blocks->counts.used + blocks->counts.free != blocks->counts.ever ||
        blocks->slots.count != blocks->counts.used)
        return differs(error, "%s: the slots do not add up", table->name);
    return 0;
}

static int check_all_blocks(const struct engine *engine, const struct sentence *error)
{
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        bool has_blocks = engine->blocks[kind].slots_max != 0;
        if (has_blocks && check_blocks(engine, error, (enum record_kind)kind) < 0)
            return -1;
    }
    return 0;
}

static int check_owners(const struct engine *engine, const struct sentence *error)
{
    for (int number = 1; number <= RECORD_KINDS; number++) {
        enum record_kind kind = (enum record_kind)number;
        FOR_EACH_RECORD(engine, kind, id)
        {
            if (!engine->rules[kind].has_owners(engine, record_at(engine, kind, id)))
                return differs(error, "%s %" PRId64 " has no owner", record_tables[kind].name, id);
        }
    }
    return 0;
}

/* A live record has something left, a final one has nothing. */
static int check_rests(
    const struct engine *engine, const struct sentence *error, enum record_kind kind)
{
    const struct record_table *table = &record_tables[kind];
    /* What has a rest is final by its status, on whatever date. */
    CHECK(table->life.dated_statuses == 0);
    FOR_EACH_RECORD(engine, kind, id)
    {
        const void *record = record_at(engine, kind, id);
        int64_t rest_minor = engine->rules[kind].rest_minor(record);
        bool is_final = record_is_final(table, record, INT32_MIN);
        if (is_final ? rest_minor != 0 : rest_minor <= 0)
            return differs(error, "%s %" PRId64 ": status and %" PRId64 " left do not agree",
                table->name, id, rest_minor);
    }
    return 0;
}

static int check_all_rests(const struct engine *engine, const struct sentence *error)
{
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        if (engine->rules[kind].rest_minor &&
            check_rests(engine, error, (enum record_kind)kind) < 0)
            return -1;
    }
    return 0;
}

int check_memory(const struct engine *engine, const struct sentence *error)
{
    if (engine->redo_failed_sequence != 0)
        return differs(error, "command %" PRId64 " moved what a record counts that is missing",
            engine->redo_failed_sequence);
    if (check_ids(engine, error) < 0 || check_all_blocks(engine, error) < 0 ||
        check_owners(engine, error) < 0)
        return -1;
    return check_all_rests(engine, error);
}
