/* records.c: finds ledgers, members, accounts and payouts in the engine's memory. Changes nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/internal.h"
#include "model/date.h"

const void *engine_find_record(const struct engine *engine, enum record_kind kind, int64_t id)
{
    CHECK(kind >= 1 && kind <= RECORD_KINDS);
    return has_record(engine, kind, id) ? record_at(engine, kind, id) : NULL;
}

const struct ledger *engine_find_ledger(const struct engine *engine, int64_t ledger_id)
{
    return has_record(engine, RECORD_LEDGER, ledger_id) ? &engine->ledgers[ledger_id] : NULL;
}

const struct member *engine_find_member(const struct engine *engine, int64_t member_id)
{
    return has_record(engine, RECORD_MEMBER, member_id) ? &engine->members[member_id] : NULL;
}

const struct account *engine_find_account(const struct engine *engine, int64_t account_id)
{
    return has_record(engine, RECORD_ACCOUNT, account_id) ? &engine->accounts[account_id] : NULL;
}

const struct payout *engine_find_payout(const struct engine *engine, int64_t payout_id)
{
    return has_record(engine, RECORD_PAYOUT, payout_id) ? &engine->payouts[payout_id] : NULL;
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
    if (!receiving_number_try_parse(receiving_number, prefix, &account_id))
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
    for (int64_t id = 1; id <= engine->last_id[RECORD_LEDGER]; id++) {
        const struct ledger *ledger = &engine->ledgers[id];
        int32_t date = ledger->accounting_dates[ledger->accounting_date_count - 1];
        if (ledger->status == LEDGER_OPEN && date < oldest)
            oldest = date;
    }
    return oldest;
}
