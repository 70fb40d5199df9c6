/* statements.c: the SQL text that names the tables of records, made from model/record_table.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "model/payout.h"
#include "store/internal.h"

#include <assert.h>
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

/* Payouts that are not final on that date; the date is days. Indexes of the migration are for just
 * these two conditions. */
static void append_live_payouts(struct buffer *sql, int32_t accounting_date)
{
    sql_append(sql, "status in (");
    for (int status = PAYOUT_REQUESTED, count = 0; status <= PAYOUT_CANCELLED; status++) {
        if (payout_status_is_open((enum payout_status)status))
            sql_append(sql, "%s%d", count++ > 0 ? ", " : "", status);
    }
    sql_append(sql, ") or status = %d and return_until >= date '1970-01-01' + %d", PAYOUT_PAID,
        accounting_date);
}

/* Which rows of the kind may still change or are asked for in memory; NULL: all, or payouts. */
static const char *live_rows(enum record_kind kind)
{
    switch (kind) {
    case RECORD_HOLD:
    case RECORD_FREEZE:
    case RECORD_DEBT:
    case RECORD_ADJUSTMENT:
        return "status = 1";
    case RECORD_REFUNDED:
        return "original_sequence >= (select coalesce(min(first_sequence) filter (where state <> "
               "3),"
               " max(last_sequence) + 1, 1) from vsl.segment)";
    case RECORD_PAYOUT:
    case RECORD_LEDGER:
    case RECORD_MEMBER:
    case RECORD_ACCOUNT:
    case RECORD_FEE_RULE:
    case RECORD_RESTRICTION:
        break;
    }
    return NULL;
}

void sql_append_state_query(struct buffer *sql, enum record_kind kind, int32_t oldest_date)
{
    static_assert(HOLD_LIVE == 1 && FREEZE_LIVE == 1 && DEBT_OPEN == 1 &&
                      ADJUSTMENT_PROPOSED == 1 && SEGMENT_INDEXED == 3,
        "the numbers in the text");
    const struct record_table *table = &record_tables[kind];
    const char *live = live_rows(kind);
    CHECK((live != NULL || kind == RECORD_PAYOUT) == (table->key_name != NULL));
    sql_append(sql, "select * from vsl.%s", table->name);
    if (table->key_name) {
        sql_append(sql, " where ");
        if (live)
            sql_append(sql, "%s", live);
        else
            append_live_payouts(sql, oldest_date);
        sql_append(sql, " or %s = (select max(%s) from vsl.%s)", table->id_name, table->id_name,
            table->name);
    }
    sql_append(sql, " order by %s", table->id_name);
}
