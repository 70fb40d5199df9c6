/* claim_rule.h: which organ may claim money on which ground, for how long and how often, by the law
 * to 2026.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_CLAIM_RULE_H
#define VSL_MODEL_CLAIM_RULE_H

#include "model/records/claims.h"

/* As often as wanted. */
#define CLAIM_TIMES_ANY 255

/* One row of the table. Terms are of months, to the end of the day in China; or of days; or of
 * hours from the moment on; a row without any has none, and takes the end that the paper has, or
 * none. */
struct claim_rule {
    const char *article; /* where it stands; NULL: the law does not name the organ for this */
    uint8_t months;      /* the longest first term */
    uint8_t days;
    uint8_t hours;
    uint8_t next_months;  /* the longest continuation; days and hours continue by as many */
    uint8_t times;        /* how often it may be continued */
    uint8_t total_months; /* the longest all together; 0: as long as it is continued */
    bool may_queue;       /* behind the claim of another organ */
    bool may_deduct;      /* 扣划 */
    bool may_return;      /* to victims, out of its own cover (资金返还) */
};

/* NULL: the law names no such organ for that ground. */
const struct claim_rule *claim_rule_of(int32_t authority, int32_t ground);

/* The last day of a term that begins on a day: the same day so many months on, or the last one of
 * that month. */
int32_t claim_months_later(int32_t day, int32_t months);

/* The day in China at that time; when it is over: day_end_us of model/identity.h. */
int32_t day_in_china(int64_t now_us);

#endif
