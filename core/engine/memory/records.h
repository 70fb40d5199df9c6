/* records.h: finds records in memory. What others look for too is in engine.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_MEMORY_RECORDS_H
#define VSL_ENGINE_MEMORY_RECORDS_H

#include "engine/memory/memory.h"

/* Where the record is, or would be if it were resident; NO_PLACE: its block has no resident record.
 * `id` is one that was given. */
static inline uint32_t place_of(const struct engine *engine, enum record_kind kind, int64_t id)
{
    const struct blocks *blocks = &engine->blocks[kind];
    return blocks->slots_max == 0 ? (uint32_t)id : blocks_find(blocks, id);
}

static inline void *record_in(const struct engine *engine, enum record_kind kind, uint32_t place)
{
    return (uint8_t *)engine->records[kind] + (size_t)place * record_tables[kind].bytes;
}

/* The resident record; NULL: it is not. */
static inline void *find_record(const struct engine *engine, enum record_kind kind, int64_t id)
{
    if (id < 1 || id > engine->last_id[kind])
        return NULL;
    uint32_t place = place_of(engine, kind, id);
    void *record = place != NO_PLACE ? record_in(engine, kind, place) : NULL;
    return record && record_id(&record_tables[kind], record) == id ? record : NULL;
}

/* The resident record, which must be there. */
static inline void *record_at(const struct engine *engine, enum record_kind kind, int64_t id)
{
    void *record = find_record(engine, kind, id);
    CHECK(record != NULL);
    return record;
}

/* The same with their types, for kinds whose final records leave memory. */

static inline struct payout *payout_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_PAYOUT, id);
}

static inline struct hold *hold_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_HOLD, id);
}

static inline struct freeze *freeze_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_FREEZE, id);
}

static inline struct refunded *refunded_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_REFUNDED, id);
}

static inline struct debt *debt_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_DEBT, id);
}

static inline struct adjustment *adjustment_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_ADJUSTMENT, id);
}

/* The links of a resident record. */

static inline struct freeze_links *freeze_links_of(const struct engine *engine, int64_t id)
{
    CHECK(freeze_at(engine, id)->id == id);
    return &engine->freeze_links[place_of(engine, RECORD_FREEZE, id)];
}

static inline int64_t *younger_debt_of(const struct engine *engine, int64_t id)
{
    CHECK(debt_at(engine, id)->id == id);
    return &engine->debt_links[place_of(engine, RECORD_DEBT, id)].younger;
}

/* Whether the record is resident. */
static inline bool has_record(const struct engine *engine, enum record_kind kind, int64_t id)
{
    return find_record(engine, kind, id) != NULL;
}

#define FOR_EACH_RECORD(engine, kind, id)                                                          \
    for (int64_t id = engine_next_record(engine, kind, 0); id != 0;                                \
         id = engine_next_record(engine, kind, id))

/* Whether so many more records of the kind fit: there are ids for them, and memory beside what is
 * live. */
static inline bool has_room(const struct engine *engine, enum record_kind kind, int64_t count)
{
    const struct blocks *blocks = &engine->blocks[kind];
    return engine->last_id[kind] <= record_tables[kind].id_max - count &&
           (blocks->slots_max == 0 || blocks_have_room(blocks, count));
}

#endif
