/* records.c: see records.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

#include <string.h>

const char *records_difference(
    const struct record_table *table, const void *record, const void *other)
{
    const uint8_t *a = record;
    const uint8_t *b = other;
    for (uint32_t i = 0; i < table->column_count; i++) {
        const struct record_column *column = &table->columns[i];
        bool has_length = column->type == COLUMN_TEXT || column->type == COLUMN_DATES ||
                          column->type == COLUMN_NUMBERS;
        /* Fields are zero behind their length, so that all of their bytes must be the same. */
        if (memcmp(a + column->offset, b + column->offset, column->bytes) != 0 ||
            (has_length && a[column->length_offset] != b[column->length_offset]) ||
            (column->type == COLUMN_LONG_TEXT &&
                memcmp(a + column->length_offset, b + column->length_offset, sizeof(uint16_t)) !=
                    0))
            return column->name;
    }
    size_t at = table->changed_sequence_offset;
    return memcmp(a + at, b + at, sizeof(int64_t)) == 0 ? NULL : "changed_sequence";
}
