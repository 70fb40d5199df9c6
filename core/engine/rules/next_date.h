/* next_date.h: what may be withdrawn only from the next accounting date on.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_NEXT_DATE_H
#define VSL_ENGINE_RULES_NEXT_DATE_H

#include "engine/memory/memory.h"

/* So much of what the account has just got cannot be withdrawn until the next accounting date. */
void keep_for_next_date(struct engine *engine, const struct account *account, int64_t amount_minor);
/* What is kept so with `from`, at most so much, is kept with `to` instead. */
void pass_on_next_date(struct engine *engine, const struct account *from, const struct account *to,
    int64_t most_minor);
/* `from` has just given so much for a promise of its own: what of it was kept for the next date is
 * no longer kept there. How much that is. */
MUST_USE int64_t take_next_date(
    struct engine *engine, const struct account *from, int64_t amount_minor);
/* `from` has just given so much to another account: what of it is kept for the next date stays so
 * with an owner. */
void carry_next_date(struct engine *engine, const struct account *from, enum bucket from_bucket,
    const struct account *to, int64_t amount_minor);

#endif
