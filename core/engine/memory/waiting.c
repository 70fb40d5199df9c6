/* waiting.c: see waiting.h.
 *
 * Each record is a node: those that come before it hang on the one side of it, those that come
 * after it on the other, and its rank, a hash of its id, is not below that of its children.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/waiting.h"

#include "base/hash.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"

static struct waiting_links *links_of(
    const struct engine *engine, enum record_kind kind, int64_t id)
{
    uint32_t place = place_of(engine, kind, id);
    CHECK(place != NO_PLACE);
    return &engine->waiting_links[kind][place];
}

static uint64_t rank_of(const struct engine *engine, int64_t id)
{
    return hash_bytes(engine->hash_secret, &id, sizeof id);
}

static bool is_before(
    const struct engine *engine, enum record_kind kind, int64_t one, int64_t other)
{
    int32_t (*date_of)(const void *record) = engine->rules[kind].waits_until;
    int32_t date = date_of ? date_of(record_at(engine, kind, one)) : 0;
    int32_t other_date = date_of ? date_of(record_at(engine, kind, other)) : 0;
    return date != other_date ? date < other_date : one < other;
}

static void set_link(struct engine *engine, int64_t *link, int64_t id)
{
    keep_for_undo(engine, link, sizeof *link);
    *link = id;
}

/* Where the way to the record goes on below the other one. */
static int64_t *side_of(struct engine *engine, enum record_kind kind, int64_t other, int64_t id)
{
    struct waiting_links *links = links_of(engine, kind, other);
    return is_before(engine, kind, id, other) ? &links->older : &links->younger;
}

void put_waiting(struct engine *engine, enum record_kind kind, int64_t ledger_id, int64_t id)
{
    int64_t *link = &engine->waiting_roots[kind][ledger_id];
    uint64_t rank = rank_of(engine, id);
    while (*link != 0 && rank_of(engine, *link) >= rank) {
        CHECK(*link != id);
        link = side_of(engine, kind, *link, id);
    }
    /* What hung there is parted into what is older and what is younger. */
    int64_t rest = *link;
    struct waiting_links *links = links_of(engine, kind, id);
    int64_t *older = &links->older;
    int64_t *younger = &links->younger;
    CHECK(*older == 0 && *younger == 0);
    set_link(engine, link, id);
    while (rest != 0) {
        CHECK(rest != id);
        bool is_older = is_before(engine, kind, rest, id);
        struct waiting_links *below = links_of(engine, kind, rest);
        int64_t **end = is_older ? &older : &younger;
        set_link(engine, *end, rest);
        *end = is_older ? &below->younger : &below->older;
        rest = **end;
    }
    set_link(engine, older, 0);
    set_link(engine, younger, 0);
}

void remove_waiting(struct engine *engine, enum record_kind kind, int64_t ledger_id, int64_t id)
{
    int64_t *link = &engine->waiting_roots[kind][ledger_id];
    while (*link != id) {
        CHECK(*link != 0);
        link = side_of(engine, kind, *link, id);
    }
    struct waiting_links *links = links_of(engine, kind, id);
    int64_t older = links->older;
    int64_t younger = links->younger;
    while (older != 0 && younger != 0) {
        if (rank_of(engine, older) >= rank_of(engine, younger)) {
            set_link(engine, link, older);
            link = &links_of(engine, kind, older)->younger;
            older = *link;
        } else {
            set_link(engine, link, younger);
            link = &links_of(engine, kind, younger)->older;
            younger = *link;
        }
    }
    set_link(engine, link, older != 0 ? older : younger);
    set_link(engine, &links->older, 0);
    set_link(engine, &links->younger, 0);
}

int64_t next_waiting(
    const struct engine *engine, enum record_kind kind, int64_t ledger_id, int64_t id)
{
    int64_t found = 0;
    int64_t at = engine->waiting_roots[kind][ledger_id];
    while (at != 0) {
        const struct waiting_links *links = links_of(engine, kind, at);
        bool is_after = id == 0 || is_before(engine, kind, id, at);
        found = is_after ? at : found;
        at = is_after ? links->older : links->younger;
    }
    return found;
}

int64_t first_waiting(const struct engine *engine, enum record_kind kind, int64_t ledger_id)
{
    return next_waiting(engine, kind, ledger_id, 0);
}
