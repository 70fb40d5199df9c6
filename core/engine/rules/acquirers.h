/* acquirers.h: payment companies.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_ACQUIRERS_H
#define VSL_ENGINE_RULES_ACQUIRERS_H

#include "engine/memory/memory.h"

/* Row of record_rules.c: an acquirer is found by its name. OpenAcquirer indexes its own. */
void index_acquirer(struct engine *engine, int64_t acquirer_id);

/* The ledger's; NULL: it has none with this id. */
const struct acquirer *find_acquirer(
    const struct engine *engine, const struct ledger *ledger, int64_t acquirer_id);

#endif
