/* watch.c: for how long money may wait in UNALLOCATED (挂账时限).
 *
 * A ledger's terms may say how old an open item of suspense may be, by the time that is recorded.
 * When the oldest one passes that, the service says so by a command of its own, an Expire of the
 * item, which flags the ledger: that is the event. From that instant on no lump is opened, flagged
 * or not yet. Whatever ends what is too old, or a longer term, clears the flag with the command
 * that does it; an item that an undo opens again is as old as it was, and flags the ledger anew.
 * A lump that is open has no age of its own: as long as something of it is not allocated its item
 * is open, which is older. What a settlement takes is no more in UNALLOCATED, and waits no more;
 * what it gives back, abandoned or as a surplus, is as old as its item was.
 *
 * Only the oldest item of a ledger stands among the dues, so that a change of the term touches no
 * items.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/watch.h"

#include "engine/memory/changes.h"
#include "engine/memory/dues.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/memory/waiting.h"
#include "engine/rules/refusals.h"
#include "model/suspense.h"

static const struct watch *watch_of(const struct engine *engine, int64_t ledger_id)
{
    int64_t id = engine->watches[ledger_id];
    return id != 0 ? record_at(engine, RECORD_WATCH, id) : NULL;
}

const struct watch *engine_find_watch(const struct engine *engine, int64_t ledger_id)
{
    CHECK(engine_find_ledger(engine, ledger_id) != NULL);
    return watch_of(engine, ledger_id);
}

const struct suspense *engine_oldest_suspense(const struct engine *engine, int64_t ledger_id)
{
    CHECK(engine_find_ledger(engine, ledger_id) != NULL);
    int64_t id = first_waiting(engine, RECORD_SUSPENSE, ledger_id);
    return id != 0 ? record_at(engine, RECORD_SUSPENSE, id) : NULL;
}

/* When the item is too old. The term is one. */
static int64_t due_of(const struct watch *watch, const struct suspense *item)
{
    CHECK(watch->suspense_age_s > 0);
    return item->opened_at_us + (int64_t)watch->suspense_age_s * 1000000;
}

const struct suspense *find_overdue(const struct engine *engine, const struct ledger *ledger)
{
    const struct watch *watch = watch_of(engine, ledger->id);
    if (!watch || watch->suspense_age_s == 0)
        return NULL;
    const struct suspense *oldest = engine_oldest_suspense(engine, ledger->id);
    return oldest && due_of(watch, oldest) <= engine->now_us ? oldest : NULL;
}

bool holds_same_card(const struct engine *engine, int64_t ledger_id)
{
    const struct watch *watch = watch_of(engine, ledger_id);
    return watch && watch->same_card;
}

/* ---- what comes due ---- */

/* Puts the ledger's oldest item among the dues, in place of that which was there. */
static void put_oldest(struct engine *engine, const struct watch *watch)
{
    bool may_come = watch->suspense_age_s > 0 && watch->overdue_at_us == 0;
    int64_t id = may_come ? first_waiting(engine, RECORD_SUSPENSE, watch->ledger_id) : 0;
    int64_t due_us = id != 0 ? due_of(watch, record_at(engine, RECORD_SUSPENSE, id)) : 0;
    put_waiting_due(engine, RECORD_SUSPENSE, watch->ledger_id, id, due_us);
}

void index_watch(struct engine *engine, int64_t watch_id)
{
    const struct watch *watch = record_at(engine, RECORD_WATCH, watch_id);
    engine->watches[watch->ledger_id] = watch_id;
    put_oldest(engine, watch);
}

void settle_watch(struct engine *engine, const struct ledger *ledger)
{
    const struct watch *watch = watch_of(engine, ledger->id);
    if (!watch)
        return;
    if (watch->overdue_at_us != 0 && !find_overdue(engine, ledger)) {
        struct watch *changed = change_record(engine, RECORD_WATCH, watch->id);
        changed->overdue_at_us = 0;
        changed->suspense_id = 0;
        record_image(engine, RECORD_WATCH, watch->id);
    }
    put_oldest(engine, watch);
}

/* ---- the commands ---- */

void set_watch_terms(
    struct engine *engine, const struct ledger *ledger, const struct set_terms *asked)
{
    int64_t id = engine->watches[ledger->id];
    struct watch *watch;
    CHECK(asked->suspense_age_s >= 0 && asked->suspense_age_s <= SUSPENSE_AGE_S_MAX);
    if (id == 0) {
        watch = add_record(engine, RECORD_WATCH);
        watch->ledger_id = ledger->id;
        keep_for_undo(engine, &engine->watches[ledger->id], sizeof *engine->watches);
        engine->watches[ledger->id] = watch->id;
    } else {
        watch = change_record(engine, RECORD_WATCH, id);
    }
    if (asked->named & TERM_SUSPENSE_AGE)
        watch->suspense_age_s = asked->suspense_age_s;
    if (asked->named & TERM_ONE_MEMBERSHIP)
        watch->one_membership = asked->one_membership;
    if (asked->named & TERM_SAME_CARD)
        watch->same_card = asked->same_card;
    record_image(engine, RECORD_WATCH, watch->id);
}

enum outcome expire_suspense(struct engine *engine, const struct ledger *ledger, int64_t id)
{
    const struct suspense *item = engine_find_record(engine, RECORD_SUSPENSE, id);
    const struct watch *watch = watch_of(engine, ledger->id);
    if (!item || item->ledger_id != ledger->id)
        return OUTCOME_SUSPENSE_NOT_FOUND;
    if (item->status == SUSPENSE_CLOSED)
        return OUTCOME_SUSPENSE_FINAL;
    if (watch && watch->overdue_at_us != 0)
        return refuse_at(
            engine, OUTCOME_SUSPENSE_OVERDUE, first_waiting(engine, RECORD_SUSPENSE, ledger->id));
    if (!watch || watch->suspense_age_s == 0 || suspense_open_minor(item) == 0 ||
        due_of(watch, item) > engine->now_us)
        return OUTCOME_NOT_YET_DUE;

    struct watch *changed = change_record(engine, RECORD_WATCH, watch->id);
    changed->overdue_at_us = engine->now_us;
    changed->suspense_id = first_waiting(engine, RECORD_SUSPENSE, ledger->id);
    record_image(engine, RECORD_WATCH, watch->id);
    return OUTCOME_ACCEPTED;
}
