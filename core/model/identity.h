/* identity.h: when an identity ends, and what it comes to.
 *
 * A day ends at 24:00 in China (UTC+8).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_IDENTITY_H
#define VSL_MODEL_IDENTITY_H

#include "ceilings.h"
#include "model/records/identities.h"

#include <stdbool.h>
#include <stdint.h>

/* When the day is over there, microseconds since 1970-01-01 UTC. */
static inline int64_t day_end_us(int32_t date)
{
    const int64_t hour_us = INT64_C(3600) * 1000000;
    return ((int64_t)date + 1) * 24 * hour_us - 8 * hour_us;
}

/* Whether it has such a day, which is over. */
static inline bool day_is_over(int32_t date, int64_t now_us)
{
    return date != 0 && day_end_us(date) <= now_us;
}

/* Its last day: of the document, or before which it is checked again; 0: none. */
static inline int32_t identity_last_date(const struct identity *identity)
{
    int32_t until = identity->valid_until_date;
    int32_t recheck = identity->recheck_date;
    return until == 0 || (recheck != 0 && recheck < until) ? recheck : until;
}

/* When the next thing becomes of it by itself: the notice, then the end; 0: never. */
static inline int64_t identity_due_us(const struct identity *identity)
{
    int32_t last = identity_last_date(identity);
    if (identity->status != IDENTITY_VALID || last == 0)
        return 0;
    int64_t due_us = day_end_us(identity->is_noticed ? last : last - IDENTITY_NOTICE_DAYS);
    return due_us > 0 ? due_us : 1;
}

/* Whether it stands or is to be made valid again: the member has no other one then. */
static inline bool identity_is_open(const struct identity *identity)
{
    return identity->status == IDENTITY_VALID || identity->status == IDENTITY_EXPIRED;
}

/* What it comes to at that time, whatever was recorded of its end. NULL: nobody has checked. */
static inline enum identity_level identity_level_at(const struct identity *identity, int64_t now_us)
{
    bool is_valid = identity && identity->status == IDENTITY_VALID &&
                    !day_is_over(identity_last_date(identity), now_us);
    return is_valid ? (enum identity_level)identity->level : LEVEL_OPENED;
}

#endif
