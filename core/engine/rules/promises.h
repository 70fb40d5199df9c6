/* promises.h: what acquirers promised, and have not paid yet.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_PROMISES_H
#define VSL_ENGINE_RULES_PROMISES_H

#include "engine/memory/memory.h"

/* Rows of record_rules.c: a promise is found by its acquirer's reference. */
void index_promise(struct engine *engine, int64_t promise_id);
void unindex_promise(struct engine *engine, int64_t promise_id);
/* Says that it is late, once. */
enum outcome expire_promise(struct engine *engine, const struct ledger *ledger, int64_t promise_id);

/* Ends each command: the ledger's first promise that is late, and of which it was not said yet, is
 * due. */
void settle_late_promises(struct engine *engine, const struct ledger *ledger);

/* The ledger's; NULL: it has none with this id in memory. */
const struct promise *find_promise(
    const struct engine *engine, const struct ledger *ledger, int64_t promise_id);
/* In memory; NULL: there is none. */
const struct promise *find_promise_by_reference(
    const struct engine *engine, int64_t acquirer_id, struct text reference);
/* The account on which the acquirer owes. */
const struct account *receivable_of(const struct engine *engine, int64_t acquirer_id);

/* Pays so much of the promise, and its part of the fee, out of what is available at its acquirer's
 * account; the caller has checked that there is as much, and open as much of it. */
void settle_promise(
    struct engine *engine, const struct ledger *ledger, int64_t promise_id, int64_t amount_minor);
/* The acquirer does not owe so much of it any more. */
void cancel_promise(
    struct engine *engine, const struct ledger *ledger, int64_t promise_id, int64_t amount_minor);
/* A difference is about what is open of it; or it is decided. */
void set_promise_disputed(struct engine *engine, int64_t promise_id, bool is_disputed);

#endif
