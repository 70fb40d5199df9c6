/* check_screening.c: see check_screening.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/check_screening.h"

#include "engine/memory/records.h"
#include "engine/rules/identities.h"
#include "engine/rules/screening.h"

#include <inttypes.h>

static int check_names(const struct engine *engine, const struct sentence *error)
{
    FOR_EACH_RECORD(engine, RECORD_IDENTITY, id)
    {
        if (!has_found_names(engine, record_at(engine, RECORD_IDENTITY, id)))
            return differs(error, "identity %" PRId64 ": a name of it is not found", id);
    }
    return 0;
}

/* How many of a ledger are listed, taken off its count. */
static int check_denied(const struct engine *engine, const struct sentence *error)
{
    uint64_t count = 0;
    int64_t counted = 0;
    FOR_EACH_RECORD(engine, RECORD_DENIED, id)
    {
        const struct denied *entry = record_at(engine, RECORD_DENIED, id);
        if (entry->status != DENIED_LISTED)
            continue;
        if (!is_found_denied(engine, entry))
            return differs(error, "entry %" PRId64 " of a deny list is not found", id);
        count++;
    }
    for (int64_t id = 1; id <= engine->last_id[RECORD_LEDGER]; id++)
        counted += engine->denied_counts[id];
    if (engine->denied_values.count != count || counted != (int64_t)count)
        return differs(error,
            "%" PRIu64 " entries of deny lists are found and %" PRId64
            " counted, but there are %" PRIu64,
            engine->denied_values.count, counted, count);
    return 0;
}

static int check_hits(const struct engine *engine, const struct sentence *error)
{
    uint64_t payer_count = 0;
    int64_t member_count = 0;
    FOR_EACH_RECORD(engine, RECORD_HIT, id)
    {
        const struct hit *hit = record_at(engine, RECORD_HIT, id);
        payer_count += hit->member_id == 0;
        member_count += hit->member_id != 0;
        if (hit->member_id == 0 && hit_stands(hit) && !has_payer_hit(engine, hit->found_sequence))
            return differs(error, "hit %" PRId64 " of a payer is not found", id);
    }
    for (int64_t member = 1; member <= engine->last_id[RECORD_MEMBER]; member++) {
        for (int64_t id = engine->newest_hits[member]; id != 0; id = engine->older_hits[id]) {
            const struct hit *hit = find_record(engine, RECORD_HIT, id);
            if (!hit || hit->member_id != member || engine->older_hits[id] >= id)
                return differs(error, "hit %" PRId64 " is in a chain where it does not belong", id);
            member_count--;
        }
    }
    if (member_count != 0 || engine->payer_hits.count != payer_count)
        return differs(error,
            "%" PRId64 " hits are in no chain; %" PRIu64
            " of payers are found, but there are %" PRIu64,
            member_count, engine->payer_hits.count, payer_count);
    return 0;
}

static int check_marks(const struct engine *engine, const struct sentence *error)
{
    for (int64_t id = 1; id <= engine->last_id[RECORD_ACCOUNT]; id++) {
        const struct account *account = &engine->accounts[id];
        bool is_hit = account->kind == ACCOUNT_MEMBER && is_hit_member(engine, account->member_id);
        if (account->is_hit != is_hit)
            return differs(
                error, "account %" PRId64 " does not know whether its member is a hit", id);
    }
    return 0;
}

int check_screening(const struct engine *engine, const struct sentence *error)
{
    if (check_names(engine, error) < 0 || check_denied(engine, error) < 0 ||
        check_hits(engine, error) < 0)
        return -1;
    return check_marks(engine, error);
}
