/* settlements.h: what acquirers pay, line by line.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_SETTLEMENTS_H
#define VSL_ENGINE_RULES_SETTLEMENTS_H

#include "engine/memory/memory.h"

/* What a line was not as it was promised. */
struct difference_found {
    enum difference_kind kind;
    int64_t amount_minor; /* 0: it was */
    bool is_missing;
    struct text reference; /* that the line says; empty: the promise */
};

/* Whether one of the ledger is open: it has a place to go on. Looks at all of them. */
MUST_USE bool has_open_settlement(const struct engine *engine, const struct ledger *ledger);
/* Notes the difference of a line; the promise is NULL when it is not known. Its id. */
int64_t open_difference(struct engine *engine, const struct ledger *ledger,
    const struct settlement *settlement, const struct promise *promise,
    const struct difference_found *found);

#endif
