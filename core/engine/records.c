/* records.c: finds records in the engine's memory. Changes nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/fold.h"
#include "engine/internal.h"
#include "model/date.h"

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
    if (id >= last)
        return 0;
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

const struct account *owner_now(
    struct engine *engine, const struct ledger *ledger, int64_t account_id)
{
    const struct account *account = &engine->accounts[account_id];
    CHECK(account->ledger_id == ledger->id);
    if (account->status == ACCOUNT_OPEN)
        return account;
    engine->is_unallocated = true;
    return control_account(engine, ledger, ACCOUNT_UNALLOCATED);
}

uint64_t prefix_hash(const struct engine *engine, struct text prefix)
{
    return hash_bytes(engine->hash_secret, prefix.bytes, prefix.length);
}

const struct ledger *find_ledger_by_prefix(const struct engine *engine, struct text prefix)
{
    uint64_t cursor = 0;
    uint32_t id;
    while ((id = map_next(&engine->prefixes, prefix_hash(engine, prefix), &cursor)) != MAP_NONE) {
        const struct ledger *ledger = &engine->ledgers[id];
        struct text its = {ledger->receiving_prefix, ledger->receiving_prefix_length};
        if (text_equals(its, prefix))
            return ledger;
    }
    return NULL;
}

uint64_t platform_id_hash(const struct engine *engine, int64_t ledger_id, struct text id)
{
    struct hash_key key = engine->hash_secret;
    key.k0 ^= (uint64_t)ledger_id;
    return hash_bytes(key, id.bytes, id.length);
}

const struct member *engine_find_member_by_platform_id(
    const struct engine *engine, int64_t ledger_id, struct text platform_member_id)
{
    uint64_t hash = platform_id_hash(engine, ledger_id, platform_member_id);
    uint64_t cursor = 0;
    uint32_t id;
    while ((id = map_next(&engine->platform_ids, hash, &cursor)) != MAP_NONE) {
        const struct member *member = &engine->members[id];
        struct text its = {member->platform_member_id, member->platform_member_id_length};
        if (member->ledger_id == ledger_id && text_equals(its, platform_member_id))
            return member;
    }
    return NULL;
}

const struct account *engine_find_account_by_receiving_number(
    const struct engine *engine, int64_t ledger_id, struct text receiving_number)
{
    const struct ledger *ledger = engine_find_ledger(engine, ledger_id);
    int64_t account_id;
    if (!ledger)
        return NULL;
    struct text prefix = {ledger->receiving_prefix, ledger->receiving_prefix_length};
    char digits[RECEIVING_NUMBER_BYTES_MAX];
    struct text number = {digits, fold_number(receiving_number, digits, sizeof digits)};
    if (!receiving_number_try_parse(number, prefix, &account_id))
        return NULL;
    const struct account *account = engine_find_account(engine, account_id);
    bool is_its = account && account->ledger_id == ledger_id && account->kind == ACCOUNT_MEMBER;
    return is_its ? account : NULL;
}

enum outcome find_member_account(const struct engine *engine, const struct ledger *ledger,
    int64_t account_id, const struct account **ret_account)
{
    const struct account *account = engine_find_account(engine, account_id);
    if (!account || account->ledger_id != ledger->id)
        return OUTCOME_ACCOUNT_NOT_FOUND;
    if (account->kind != ACCOUNT_MEMBER)
        return OUTCOME_NOT_A_MEMBER_ACCOUNT;
    if (account->status != ACCOUNT_OPEN)
        return OUTCOME_ACCOUNT_CLOSED;
    *ret_account = account;
    return OUTCOME_ACCEPTED;
}

int32_t engine_oldest_business_date(const struct engine *engine)
{
    int32_t oldest = DATE_DAYS_MAX;
    FOR_EACH_RECORD(engine, RECORD_LEDGER, id)
    {
        const struct ledger *ledger = &engine->ledgers[id];
        int32_t date = ledger->accounting_dates[ledger->accounting_date_count - 1];
        if (ledger->status == LEDGER_OPEN && date < oldest)
            oldest = date;
    }
    return oldest;
}

/* ---- what is frozen ---- */

/* Below 0, 0 or above 0, as one name stands before, at or behind the other. */
static int compare_names(struct text one, struct text other)
{
    uint32_t shorter = one.length < other.length ? one.length : other.length;
    int difference = shorter > 0 ? memcmp(one.bytes, other.bytes, shorter) : 0;
    if (difference != 0 || one.length == other.length)
        return difference;
    return one.length < other.length ? -1 : 1;
}

/* Where the purpose is among the sorted ones, or would be. */
static uint32_t place_of_purpose(
    const struct frozen_purpose *purposes, uint32_t count, struct text purpose)
{
    uint32_t low = 0;
    uint32_t high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_names(purposes[middle].purpose, purpose) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int32_t engine_frozen_by_purpose(const struct engine *engine, int64_t account_id,
    struct frozen_purpose ret_purposes[FROZEN_PURPOSES_MAX])
{
    CHECK(has_record(engine, RECORD_ACCOUNT, account_id));
    uint32_t count = 0;
    uint32_t examined = 0;
    for (int64_t id = engine->accounts[account_id].newest_freeze_id; id != 0;
         id = freeze_at(engine, id)->next_freeze_of_account) {
        const struct freeze *freeze = freeze_at(engine, id);
        struct text purpose = {freeze->purpose, freeze->purpose_length};
        uint32_t place = place_of_purpose(ret_purposes, count, purpose);
        if (++examined > FROZEN_EXAMINED_MAX)
            return -1;
        if (place == count || !text_equals(ret_purposes[place].purpose, purpose)) {
            if (count == FROZEN_PURPOSES_MAX)
                return -1;
            memmove(&ret_purposes[place + 1], &ret_purposes[place],
                (count - place) * sizeof *ret_purposes);
            ret_purposes[place] = (struct frozen_purpose){.purpose = purpose};
            count++;
        }
        ret_purposes[place].frozen_minor += freeze->amount_minor - freeze->lifted_minor;
        ret_purposes[place].freeze_count++;
    }
    return (int32_t)count;
}
