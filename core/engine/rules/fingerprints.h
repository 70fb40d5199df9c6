/* fingerprints.h: personal values as rules tell them apart.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_FINGERPRINTS_H
#define VSL_ENGINE_RULES_FINGERPRINTS_H

#include "base/map.h"
#include "engine/engine.h"

/* All that a value can be recorded by. */
struct fingerprints {
    struct fingerprint items[FINGERPRINTS_MAX]; /* the first is that under which it came */
    uint32_t count;                             /* 0: the value is empty */
};

/* Those of a value of the command under way. */
struct fingerprints fingerprints_of(
    const struct engine *engine, int64_t ledger_id, enum personal_kind kind, struct text value);

/* The same of a value as somebody wrote it, of a party: in the form in which names and numbers of
 * members and cards are kept. */
struct fingerprints written_fingerprints(
    const struct engine *engine, int64_t ledger_id, enum personal_kind kind, struct text value);

/* The first one: what is recorded of the value; none of an empty one. */
struct fingerprint first_fingerprint(const struct fingerprints *fingerprints);

/* Whether a recorded one is of the value. */
bool has_fingerprint(const struct fingerprints *fingerprints, const struct fingerprint *recorded);

/* For maps from a ledger's fingerprint to records. */
uint64_t fingerprint_hash(
    const struct engine *engine, int64_t ledger_id, const struct fingerprint *fingerprint);

#endif
