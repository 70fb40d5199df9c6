/* statements.c: the SQL text that names the tables of records, made from model/record_table.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "store/internal.h"

#include <stdarg.h>
#include <stdio.h>

void sql_append(struct buffer *sql, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    CHECK(length >= 0 && (size_t)length < sizeof text);
    buffer_append(sql, text, (size_t)length);
}

const char *sql_text(struct buffer *sql)
{
    buffer_append_u8(sql, 0);
    sql->length--;
    return (const char *)sql->bytes;
}

void sql_append_temporary_tables(struct buffer *sql)
{
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        const struct record_table *table = &record_tables[kind];
        sql_append(sql, ";create temp table write_%s (like vsl.%s) on commit delete rows",
            table->name, table->history_name);
    }
}

/* ", <prefix><column>" for each column but the id, which decides where a row goes. */
static void append_columns(struct buffer *sql, const struct record_table *table, const char *prefix)
{
    for (uint32_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].offset != table->id_offset)
            sql_append(sql, ", %s%s", prefix, table->columns[i].name);
    }
}

void sql_append_write(struct buffer *sql, const struct record_table *table)
{
    const char *name = table->name;
    const char *id = table->id_name;
    sql_append(sql, "copy pg_temp.write_%s from stdin (format binary);", name);
    sql_append(sql,
        "insert into vsl.%s as state select distinct on (%s) * from pg_temp.write_%s"
        " order by %s, sequence desc on conflict (%s) do update set (sequence",
        name, id, name, id, id);
    append_columns(sql, table, "");
    sql_append(sql, ") = row(excluded.sequence");
    append_columns(sql, table, "excluded.");
    sql_append(sql, ") where state.sequence <= excluded.sequence;");
}
