/* waiting.c: see waiting.h.
 *
 * Each item is a node: those with lesser ids hang on the one side of it, those with greater ones on
 * the other, and its rank, a hash of its id, is not below that of its children.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/waiting.h"

#include "base/hash.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"

static struct waiting_links *links_of(const struct engine *engine, int64_t id)
{
    uint32_t place = place_of(engine, RECORD_SUSPENSE, id);
    CHECK(place != NO_PLACE);
    return &engine->waiting_links[place];
}

static uint64_t rank_of(const struct engine *engine, int64_t id)
{
    return hash_bytes(engine->hash_secret, &id, sizeof id);
}

static void set_link(struct engine *engine, int64_t *link, int64_t id)
{
    keep_for_undo(engine, link, sizeof *link);
    *link = id;
}

/* Where the way to the id goes on below the other one. */
static int64_t *side_of(struct engine *engine, int64_t other, int64_t id)
{
    struct waiting_links *links = links_of(engine, other);
    return id < other ? &links->older : &links->younger;
}

void put_waiting(struct engine *engine, int64_t ledger_id, int64_t suspense_id)
{
    int64_t *link = &engine->waiting_roots[ledger_id];
    uint64_t rank = rank_of(engine, suspense_id);
    while (*link != 0 && rank_of(engine, *link) >= rank) {
        CHECK(*link != suspense_id);
        link = side_of(engine, *link, suspense_id);
    }
    /* What hung there is parted into what is older and what is younger. */
    int64_t rest = *link;
    struct waiting_links *links = links_of(engine, suspense_id);
    int64_t *older = &links->older;
    int64_t *younger = &links->younger;
    CHECK(*older == 0 && *younger == 0);
    set_link(engine, link, suspense_id);
    while (rest != 0) {
        bool is_older = rest < suspense_id;
        int64_t **end = is_older ? &older : &younger;
        CHECK(rest != suspense_id);
        set_link(engine, *end, rest);
        *end = is_older ? &links_of(engine, rest)->younger : &links_of(engine, rest)->older;
        rest = **end;
    }
    set_link(engine, older, 0);
    set_link(engine, younger, 0);
}

void remove_waiting(struct engine *engine, int64_t ledger_id, int64_t suspense_id)
{
    int64_t *link = &engine->waiting_roots[ledger_id];
    while (*link != suspense_id) {
        CHECK(*link != 0);
        link = side_of(engine, *link, suspense_id);
    }
    struct waiting_links *links = links_of(engine, suspense_id);
    int64_t older = links->older;
    int64_t younger = links->younger;
    while (older != 0 && younger != 0) {
        if (rank_of(engine, older) >= rank_of(engine, younger)) {
            set_link(engine, link, older);
            link = &links_of(engine, older)->younger;
            older = *link;
        } else {
            set_link(engine, link, younger);
            link = &links_of(engine, younger)->older;
            younger = *link;
        }
    }
    set_link(engine, link, older != 0 ? older : younger);
    set_link(engine, &links->older, 0);
    set_link(engine, &links->younger, 0);
}

int64_t next_waiting(const struct engine *engine, int64_t ledger_id, int64_t suspense_id)
{
    int64_t found = 0;
    int64_t id = engine->waiting_roots[ledger_id];
    while (id != 0) {
        const struct waiting_links *links = links_of(engine, id);
        found = id > suspense_id ? id : found;
        id = id > suspense_id ? links->older : links->younger;
    }
    return found;
}

int64_t first_waiting(const struct engine *engine, int64_t ledger_id)
{
    return next_waiting(engine, ledger_id, 0);
}
