/* records.h: rows of state tables as records; internal to admission.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_FLOW_ADMISSION_RECORDS_H
#define VSL_FLOW_ADMISSION_RECORDS_H

#include "base/must_use.h"
#include "query/query.h"

struct flow;

/* Reads rows that were asked for into memory that the caller frees, record by record; NULL: they
 * are damaged, or not what was asked for. */
void *flow_read_records(
    const struct query_records *asked, const uint8_t *rows, size_t length, uint32_t count);

/* Puts such records back into the engine; -1 when they cannot be: logged. */
MUST_USE int flow_revive_records(
    struct flow *flow, enum record_kind kind, const void *records, uint32_t count);

#endif
