/* date.h: calendar days. In requests and answers a day is the number YYYYMMDD (20261122); inside it
 * is the count of days since 1970-01-01, proleptic Gregorian.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_DATE_H
#define VSL_MODEL_DATE_H

#include "base/must_use.h"

#include <stdbool.h>
#include <stdint.h>

/* First and last day that the service takes: 1970-01-01 and 2199-12-31, as YYYYMMDD. */
#define DATE_YYYYMMDD_MIN 19700101
#define DATE_YYYYMMDD_MAX 21991231
/* The last day as days. */
#define DATE_DAYS_MAX 84005

/* YYYYMMDD to days; false when there is no such day or it is out of range. */
MUST_USE bool date_try_from_yyyymmdd(int32_t yyyymmdd, int32_t *ret_days);

/* Days to YYYYMMDD; the day must be in range. */
int32_t date_to_yyyymmdd(int32_t days);

/* The last day, in days, such that at most one day from Monday to Friday lies after `days` and not
 * after it: of a Monday the Tuesday, of a Thursday the Sunday, of a Friday the Monday. Holidays are
 * not known. The day must be in range; what is returned may lie up to three days beyond it. */
int32_t date_within_one_weekday(int32_t days);

#endif
