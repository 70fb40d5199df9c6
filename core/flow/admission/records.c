/* records.c: rows of state tables as records, and final records back into memory.
 * SPDX-License-Identifier: Apache-2.0 */
#include "flow/admission/records.h"
#include "base/log.h"
#include "flow/internal.h"
#include "journal/rows.h"

#include <inttypes.h>
#include <stdlib.h>

void *flow_read_records(
    const struct query_records *asked, const uint8_t *rows, size_t length, uint32_t count)
{
    const struct record_table *table = &record_tables[asked->kind];
    /* A record that is named by its id has a row. */
    bool is_one = asked->kind != RECORD_REFUNDED && asked->ledger_id == 0;
    struct reader in = reader_of(rows, length);
    uint8_t *records = calloc((size_t)count + 1, table->bytes);
    CHECK(records != NULL);
    bool is_right = count <= asked->rows_max && (!is_one || count == 1);
    for (uint32_t i = 0; i < count && is_right; i++) {
        int64_t sequence;
        is_right = rows_read_record(&in, table, &sequence, records + (size_t)i * table->bytes) == 0;
    }
    if (is_right && reader_left(&in) == 0)
        return records;
    log_error("state rows in the database are damaged table=%s from=%" PRId64, table->name,
        asked->first_key);
    free(records);
    return NULL;
}

int flow_revive_records(
    struct flow *flow, enum record_kind kind, const void *records, uint32_t count)
{
    const struct record_table *table = &record_tables[kind];
    int64_t recent = recent_first_sequence(flow->recent);
    int64_t before = flow->evicted_before < recent ? flow->evicted_before : recent;
    for (uint32_t i = 0; i < count; i++) {
        const void *record = (const uint8_t *)records + (size_t)i * table->bytes;
        struct image image = {.kind = kind};
        memcpy(image_record(&image), record, table->bytes);
        /* What is away from memory was last changed before that, in an indexed segment. */
        bool is_late = record_sequence(table, record) >= before &&
                       !engine_is_resident(flow->engine, kind, record_id(table, record));
        if (is_late || engine_revive(flow->engine, &image) < 0) {
            log_error("a state row in the database is damaged table=%s id=%" PRId64, table->name,
                record_id(table, record));
            return -1;
        }
    }
    return 0;
}
