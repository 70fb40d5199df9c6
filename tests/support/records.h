/* records.h: compares records of any kind, column by column.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_SUPPORT_RECORDS_H
#define VSL_SUPPORT_RECORDS_H

#include "model/record_table.h"

/* The name of the first column in which two records differ, "changed_sequence" when that is all,
 * NULL when they are the same. Derived fields are not looked at. */
const char *records_difference(
    const struct record_table *table, const void *record, const void *other);

#endif
