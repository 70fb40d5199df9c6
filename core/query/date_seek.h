/* date_seek.h: finds where an accounting day begins on an account, without reading what is before.
 *
 * A ledger's accounting date only grows, so along an account's postings it only grows too, and the
 * place can be found by halving: some twenty look-ups by index instead of a scan.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_QUERY_DATE_SEEK_H
#define VSL_QUERY_DATE_SEEK_H

#include "query/internal.h"

#include <stdbool.h>
#include <stdint.h>

/* A range that is known to hold the place: the account's postings before `low` are of earlier days,
 * those from `high` on are of the day or later. */
struct seek_range {
    int64_t low;
    int64_t high;
};

/* The place among the rows in memory: the returned sequence is as good a bound as low and high
 * were. `range` must lie in what memory holds. */
int64_t date_seek_in_memory(
    const struct query_recent *recent, int64_t account_id, int32_t day, struct seek_range range);

/* Few sequences are left: they are rather read and looked at than sought through. */
bool date_seek_is_narrow(const struct query *query, const struct seek_range *range);

struct date_seek {
    struct query *query;
    struct wire_call *call;
    int64_t account_id;
    int32_t day;
    struct seek_range range; /* not narrow yet; narrowed until it is */
    /* Called once, later; `range` is narrow then when end is POOL_DONE. */
    void (*on_found)(struct date_seek *seek, enum pool_end end);

    int64_t middle; /* of the look-up under way */
};

/* Narrows seek->range among the indexed rows; all of it must be indexed. The struct belongs to the
 * caller and stays until on_found. */
void date_seek_start(struct date_seek *seek);

#endif
