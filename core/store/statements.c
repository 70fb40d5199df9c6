/* statements.c: the SQL text that names the tables of records, made from model/record_table.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "store/internal.h"

#include <assert.h>
#include <inttypes.h>
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

/* The statuses of a set, in brackets. */
static void append_statuses(struct buffer *sql, uint32_t statuses)
{
    const char *before = "(";
    for (uint32_t status = 1; status < 32; status++) {
        if ((statuses & RECORD_STATUS(status)) == 0)
            continue;
        sql_append(sql, "%s%u", before, status);
        before = ", ";
    }
    sql_append(sql, ")");
}

/* Which rows may still change or are asked for in memory; the date is days. Indexes of the
 * migrations are for just these conditions. */
static void append_live_rows(
    struct buffer *sql, const struct record_table *table, int32_t oldest_date)
{
    static_assert(SEGMENT_INDEXED == 3, "the number in the text");
    const struct record_life *life = &table->life;
    if (life->sequence_offset != 0) {
        sql_append(sql,
            "%s >= (select coalesce(min(first_sequence) filter (where state <> 3),"
            " max(last_sequence) + 1, 1) from vsl.segment)",
            record_column_name(table, life->sequence_offset));
        return;
    }
    if (life->live_statuses == RECORD_STATUS_NONE) {
        CHECK(life->dated_statuses == RECORD_STATUS_NONE);
        sql_append(sql, "false");
        return;
    }
    const char *status = record_column_name(table, life->status_offset);
    sql_append(sql, "%s in ", status);
    append_statuses(sql, life->live_statuses);
    if (life->dated_statuses == 0)
        return;
    sql_append(sql, " or %s in ", status);
    append_statuses(sql, life->dated_statuses);
    sql_append(sql, " and %s >= date '1970-01-01' + %d",
        record_column_name(table, life->date_offset), oldest_date);
}

void sql_append_state_query(struct buffer *sql, enum record_kind kind, int32_t oldest_date)
{
    const struct record_table *table = &record_tables[kind];
    sql_append(sql, "select * from vsl.%s", table->name);
    if (table->key_name) {
        sql_append(sql, " where ");
        append_live_rows(sql, table, oldest_date);
        sql_append(sql, " or %s = (select max(%s) from vsl.%s)", table->id_name, table->id_name,
            table->name);
    }
    sql_append(sql, " order by %s", table->id_name);
}

/* ---- proofs by the history ---- */

/* "(<alias>.sequence, <alias>.<column>, ...)" */
static void append_row_of(struct buffer *sql, const struct record_table *table, const char *alias)
{
    sql_append(sql, "(%s.sequence", alias);
    for (uint32_t i = 0; i < table->column_count; i++)
        sql_append(sql, ", %s.%s", alias, table->columns[i].name);
    sql_append(sql, ")");
}

/* The newest image of a row before the redo point, or the one that the row is of: in a segment that
 * is not indexed by reading all of it once, else by index, from the newest segment back. */
void sql_append_payout_proof(
    struct buffer *sql, int32_t oldest_date, int64_t unindexed, int64_t redo_sequence)
{
    const struct record_table *table = &record_tables[RECORD_PAYOUT];
    sql_append(sql,
        "with row_of as materialized (select * from vsl.payout where status = %d"
        " and return_until >= date '1970-01-01' + %d), ",
        PAYOUT_PAID, oldest_date);
    sql_append(sql,
        "late as materialized (select distinct on (h.payout_id) h.* from row_of s"
        " join vsl.payout_history h on h.payout_id = s.payout_id and h.sequence >= %" PRId64
        " and h.sequence < greatest(%" PRId64 ", s.sequence + 1)"
        " order by h.payout_id, h.sequence desc) ",
        unindexed, redo_sequence);
    sql_append(sql,
        "select s.payout_id from row_of s left join late l on l.payout_id = s.payout_id"
        " left join lateral (select h.* from vsl.payout_history h where l.payout_id is null"
        " and h.payout_id = s.payout_id and h.sequence < least(%" PRId64 ", greatest(%" PRId64
        ", s.sequence + 1)) order by h.sequence desc limit 1) e on true where ",
        unindexed, redo_sequence);
    append_row_of(sql, table, "s");
    sql_append(sql, " is distinct from case when l.payout_id is not null then ");
    append_row_of(sql, table, "l");
    sql_append(sql, " else ");
    append_row_of(sql, table, "e");
    sql_append(sql, " end limit 1");
}

/* All that was given back of such commands stands in segments that are not indexed. */
void sql_append_refunded_proof(struct buffer *sql, int64_t unindexed, int64_t redo_sequence)
{
    const struct record_table *table = &record_tables[RECORD_REFUNDED];
    sql_append(sql,
        "select coalesce(s.refunded_id, i.refunded_id) from (select * from vsl.refunded"
        " where original_sequence >= %" PRId64
        ") s full join (select distinct on (h.refunded_id) h.*"
        " from vsl.refunded_history h left join vsl.refunded r on r.refunded_id = h.refunded_id",
        unindexed);
    sql_append(sql,
        " where h.sequence >= %" PRId64 " and h.original_sequence >= %" PRId64
        " and h.sequence < greatest(%" PRId64 ", coalesce(r.sequence, 0) + 1)"
        " order by h.refunded_id, h.sequence desc) i on i.refunded_id = s.refunded_id where ",
        unindexed, unindexed, redo_sequence);
    append_row_of(sql, table, "s");
    sql_append(sql, " is distinct from ");
    append_row_of(sql, table, "i");
    sql_append(sql, " limit 1");
}
