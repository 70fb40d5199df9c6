/* date.c: days and civil dates.
 *
 * Source of the arithmetic: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/date.h"

#include "base/check.h"

static int32_t days_from_civil(int32_t year, int32_t month, int32_t day)
{
    year -= month <= 2;
    int32_t era = year / 400;
    int32_t year_of_era = year - era * 400;
    int32_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

int32_t date_to_yyyymmdd(int32_t days)
{
    CHECK(days >= 0);
    int32_t z = days + 719468;
    int32_t era = z / 146097;
    int32_t day_of_era = z - era * 146097;
    int32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t shifted_month = (5 * day_of_year + 2) / 153;
    int32_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    int32_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    int32_t year = year_of_era + era * 400 + (month <= 2);
    return year * 10000 + month * 100 + day;
}

int32_t date_within_one_weekday(int32_t days)
{
    static const int8_t more[] = {1, 1, 1, 3, 3, 2, 1}; /* from Monday on */
    CHECK(days >= 0);
    return days + more[(days + 3) % 7]; /* 1970-01-01 was a Thursday */
}

bool date_try_from_yyyymmdd(int32_t yyyymmdd, int32_t *ret_days)
{
    if (yyyymmdd < DATE_YYYYMMDD_MIN || yyyymmdd > DATE_YYYYMMDD_MAX)
        return false;
    int32_t month = yyyymmdd / 100 % 100;
    int32_t day = yyyymmdd % 100;
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    int32_t days = days_from_civil(yyyymmdd / 10000, month, day);
    /* The 30th of February becomes the 1st or 2nd of March and so differs on the way back. */
    if (date_to_yyyymmdd(days) != yyyymmdd)
        return false;
    *ret_days = days;
    return true;
}
