/* watch.h: terms of a ledger that came later, and whether its money waits in UNALLOCATED for longer
 * than they allow.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_WATCH_H
#define VSL_MODEL_RECORDS_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/* One record a ledger, made when one of the terms is first set: a ledger's own row is of a table
 * whose columns are fixed. */
struct watch {
    int64_t id;
    int64_t ledger_id;
    int64_t overdue_at_us; /* since when the ledger is flagged; 0: it is not */
    int64_t suspense_id;   /* the oldest item then; 0: it is not */
    int64_t changed_sequence;
    int32_t suspense_age_s; /* terms: so old an open item of suspense may be; 0: as old as it is */
    bool one_membership;    /* terms: a person has one open member of each kind at most */
    bool same_card;         /* terms: money leaves by the card that it came by */
};

#endif
