/* fingerprints.c: see fingerprints.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/fingerprints.h"

#include "engine/memory/memory.h"

/* Of a value as it is, where nobody seals: two hashes of it, kind and ledger in their keys. */
static struct fingerprint plain_fingerprint(
    int64_t ledger_id, enum personal_kind kind, struct text value)
{
    struct fingerprint result = {.key = 0};
    for (uint64_t half = 0; half < 2; half++) {
        struct hash_key key = {(uint64_t)ledger_id, (uint64_t)kind * 2 + half};
        uint64_t hash = hash_proof(key, value.bytes, value.length);
        memcpy(result.bytes + half * sizeof hash, &hash, sizeof hash);
    }
    return result;
}

static struct fingerprints make(const struct engine *engine, int64_t ledger_id,
    enum personal_kind kind, struct text value, bool is_written)
{
    struct fingerprints result;
    result.count = 0;
    if (value.length == 0)
        return result;
    if (!engine->fingerprints) {
        result.items[0] = plain_fingerprint(ledger_id, kind, value);
        result.count = 1;
        return result;
    }
    result.count = engine->fingerprints(
        engine->fingerprints_context, ledger_id, kind, value, is_written, result.items);
    CHECK(result.count >= 1 && result.count <= FINGERPRINTS_MAX);
    return result;
}

struct fingerprints fingerprints_of(
    const struct engine *engine, int64_t ledger_id, enum personal_kind kind, struct text value)
{
    return make(engine, ledger_id, kind, value, false);
}

struct fingerprints written_fingerprints(
    const struct engine *engine, int64_t ledger_id, enum personal_kind kind, struct text value)
{
    return make(engine, ledger_id, kind, value, true);
}

struct fingerprint first_fingerprint(const struct fingerprints *fingerprints)
{
    static const struct fingerprint none;
    return fingerprints->count > 0 ? fingerprints->items[0] : none;
}

bool has_fingerprint(const struct fingerprints *fingerprints, const struct fingerprint *recorded)
{
    for (uint32_t i = 0; i < fingerprints->count; i++) {
        if (fingerprint_equals(&fingerprints->items[i], recorded))
            return true;
    }
    return false;
}

uint64_t fingerprint_hash(
    const struct engine *engine, int64_t ledger_id, const struct fingerprint *fingerprint)
{
    struct hash_key key = engine->hash_secret;
    key.k0 ^= (uint64_t)ledger_id;
    key.k1 ^= (uint64_t)fingerprint->key;
    return hash_bytes(key, fingerprint->bytes, sizeof fingerprint->bytes);
}
