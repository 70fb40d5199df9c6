/* returns.c: how many paid payouts of a ledger the bank may still send back, by their last date.
 *
 * A ledger is closed only when there are none, and is not searched for them then. The counts are
 * derived: a ring of dates for each ledger, from its accounting date on. A return comes within
 * PAYOUT_RETURN_DAYS_MAX days, so that no two dates that count share a place.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/returns.h"

#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "model/payout.h"

#include <assert.h>

static_assert(RETURN_DATES > PAYOUT_RETURN_DAYS_MAX, "the ring has a place for each date");

static uint32_t *count_of(const struct engine *engine, int64_t ledger_id, int32_t date)
{
    CHECK(date >= 0);
    return &engine
                ->returnable_counts[(size_t)ledger_id * RETURN_DATES + (size_t)date % RETURN_DATES];
}

void count_open_payout(struct engine *engine, int64_t ledger_id, int64_t change)
{
    int64_t *open_count = &engine->ledgers[ledger_id].open_payout_count;
    keep_for_undo(engine, open_count, sizeof *open_count);
    *open_count += change;
    CHECK(*open_count >= 0);
}

void count_returnable(struct engine *engine, const struct payout *payout, int change)
{
    const struct ledger *ledger = &engine->ledgers[payout->ledger_id];
    if (!payout_may_return(payout, ledger->accounting_dates[0]))
        return;
    uint32_t *count = count_of(engine, ledger->id, payout->return_until);
    CHECK(change > 0 || *count > 0);
    keep_for_undo(engine, count, sizeof *count);
    *count += (uint32_t)change;
}

void drop_past_returns(struct engine *engine, const struct ledger *ledger, int32_t new_date)
{
    int32_t date = ledger->accounting_dates[0];
    CHECK(new_date > date);
    for (int i = 0; i < RETURN_DATES && date < new_date; i++, date++) {
        uint32_t *count = count_of(engine, ledger->id, date);
        if (*count == 0)
            continue;
        keep_for_undo(engine, count, sizeof *count);
        *count = 0;
    }
}

int64_t returnable_count(const struct engine *engine, const struct ledger *ledger)
{
    int64_t sum = 0;
    for (int32_t i = 0; i < RETURN_DATES; i++)
        sum += *count_of(engine, ledger->id, i);
    return sum;
}

void index_payout(struct engine *engine, int64_t payout_id)
{
    const struct payout *payout = payout_at(engine, payout_id);
    if (payout_is_open(payout))
        count_open_payout(engine, payout->ledger_id, 1);
    count_returnable(engine, payout, 1);
}
