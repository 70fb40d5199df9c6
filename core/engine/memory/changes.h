/* changes.h: every change of a record goes through these.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_MEMORY_CHANGES_H
#define VSL_ENGINE_MEMORY_CHANGES_H

#include "engine/memory/memory.h"

/* Where a scope is, and back to it: every change since is undone, and what was not in the ring of
 * changes then is out of it. The scope goes on. */
struct savepoint take_savepoint(const struct engine *engine);
void return_to_savepoint(struct engine *engine, const struct savepoint *savepoint);
/* Ends the scope; what was done in it stays. */
void keep_scope(struct engine *engine);

/* Announces that the record is about to change: keeps its bytes for an undo, marks it as changed.
 */
void *change_record(struct engine *engine, enum record_kind kind, int64_t id);

static inline struct ledger *change_ledger(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_LEDGER, id);
}

static inline struct member *change_member(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_MEMBER, id);
}

static inline struct account *change_account(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_ACCOUNT, id);
}

static inline struct payout *change_payout(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_PAYOUT, id);
}

static inline struct hold *change_hold(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_HOLD, id);
}

static inline struct freeze *change_freeze(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_FREEZE, id);
}

static inline struct refunded *change_refunded(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_REFUNDED, id);
}

static inline struct debt *change_debt(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_DEBT, id);
}

static inline struct adjustment *change_adjustment(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_ADJUSTMENT, id);
}

/* Gives the next id and announces the change; the record has its id and is zero otherwise. The
 * caller has checked that there is room. */
void *add_record(struct engine *engine, enum record_kind kind);

/* Puts the record into the ring of changes, unless it is in. */
void mark_changed(struct engine *engine, enum record_kind kind, uint32_t place, int64_t sequence);

/* Notes that an image of the record goes into the command's effects, as it is when the command
 * ends. To note a record twice does no harm. */
void record_image(struct engine *engine, enum record_kind kind, int64_t id);
/* Ends the command: puts the images that were noted into its effects, by kind and id, which is the
 * order of the history's rows. */
void fill_images(struct engine *engine);

#endif
