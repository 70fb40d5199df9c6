/* records.c: rows of records that have left memory.
 *
 * A statement for each kind whose final records leave, made from model/record_table.h. Rows are
 * handed on as bytes: who asks knows what a record is.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "base/check.h"
#include "model/record_table.h"
#include "query/internal.h"
#include "query/statements.h"

#include <stdio.h>
#include <stdlib.h>

struct record_statement {
    struct pg_statement statement;
    char name[40];
    char sql[400];
};

void record_statements_make(struct query *query)
{
    query->record_statements = calloc(RECORD_KINDS + 1, sizeof *query->record_statements);
    CHECK(query->record_statements != NULL);
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        const struct record_table *table = &record_tables[kind];
        struct record_statement *made = &query->record_statements[kind];
        if (!table->key_name)
            continue;
        int length = snprintf(made->name, sizeof made->name, "records_of_%s", table->name);
        CHECK(length > 0 && (size_t)length < sizeof made->name);
        /* The progress is read in the same snapshot, also when there is no such row. */
        length = snprintf(made->sql, sizeof made->sql,
            "select p.redo_sequence, r.* from vsl.state_progress p left join lateral"
            " (select * from vsl.%s where %s between $1 and $2"
            " and ($3::bigint = 0 or ledger_id = $3) order by %s limit $4) r on true"
            " order by r.%s",
            table->name, table->key_name, table->key_name, table->id_name);
        CHECK(length > 0 && (size_t)length < sizeof made->sql);
        made->statement = (struct pg_statement){.name = made->name, .sql = made->sql};
    }
}

const struct pg_statement *record_statement(const struct query *query, enum record_kind kind)
{
    CHECK(kind >= 1 && kind <= RECORD_KINDS);
    const struct record_statement *made = &query->record_statements[kind];
    return made->statement.sql ? &made->statement : NULL;
}

struct record_lookup {
    struct query *query;
    struct query_records asked;
    bool is_of_primary; /* a replica was behind */
    const struct record_table *table;
    query_on_records on_found;
    void *context;
};

/* A row of COPY BINARY from the columns behind the first. */
static void append_row(struct buffer *out, const struct pg_result *result, size_t row)
{
    size_t columns = pg_columns(result);
    buffer_append_u16(out, (uint16_t)(columns - 1));
    for (size_t column = 1; column < columns; column++) {
        bool is_null = pg_is_null(result, row, column);
        struct pg_value value = {.bytes = NULL, .length = -1};
        if (!is_null)
            value = pg_bytes(result, row, column);
        buffer_append_u32(out, (uint32_t)value.length);
        if (value.length > 0)
            buffer_append(out, value.bytes, (size_t)value.length);
    }
}

static void submit(struct record_lookup *lookup);

static void on_rows(void *context, enum pool_end end, const struct pg_result *result)
{
    struct record_lookup lookup = *(struct record_lookup *)context;
    struct buffer rows = {0};
    uint32_t count = 0;
    bool is_behind = end == POOL_DONE && pg_rows(result) > 0 && !pg_is_null(result, 0, 0) &&
                     pg_int64(result, 0, 0) < lookup.asked.written_before;
    if (is_behind && !lookup.is_of_primary) {
        ((struct record_lookup *)context)->is_of_primary = true;
        submit(context);
        return;
    }
    free(context);
    if (end != POOL_DONE || pg_rows(result) == 0 || pg_is_null(result, 0, 0)) {
        lookup.on_found(lookup.context, -1, 0, NULL, 0, 0);
        return;
    }
    CHECK(pg_columns(result) == (size_t)lookup.table->column_count + 2);
    /* Without any row the columns of the record are null. */
    for (size_t row = 0; row < pg_rows(result) && !pg_is_null(result, row, 1); row++, count++)
        append_row(&rows, result, row);
    lookup.on_found(lookup.context, 0, pg_int64(result, 0, 0), rows.bytes, rows.length, count);
    buffer_finish(&rows);
}

static void submit(struct record_lookup *lookup)
{
    const struct query_records *asked = &lookup->asked;
    struct pool_job *job;
    if (asked->payer_account_id != 0) {
        job = pool_job_create(&statement_ended_hold);
        pg_add_int64(&job->parameters, asked->payer_account_id);
        pg_add_text(&job->parameters, asked->order_number, asked->order_number_length);
    } else {
        job = pool_job_create(record_statement(lookup->query, asked->kind));
        pg_add_int64(&job->parameters, asked->first_key);
        pg_add_int64(&job->parameters, asked->last_key);
        pg_add_int64(&job->parameters, asked->ledger_id);
        pg_add_int64(&job->parameters, asked->rows_max);
    }
    struct pool_request request = {
        .deadline_us = INT64_MAX,
        .is_urgent = true,
        .is_of_primary = lookup->is_of_primary,
        .on_done = on_rows,
        .context = lookup,
    };
    pool_submit(lookup->query->pool, job, &request);
}

void query_find_records(struct query *query, const struct query_records *asked,
    query_on_records on_found, void *context)
{
    CHECK(record_statement(query, asked->kind) != NULL);
    CHECK(asked->rows_max > 0);
    CHECK(asked->payer_account_id == 0 || asked->kind == RECORD_HOLD);
    struct record_lookup *lookup = malloc(sizeof *lookup);
    CHECK(lookup != NULL);
    *lookup = (struct record_lookup){
        .query = query,
        .asked = *asked,
        .table = &record_tables[asked->kind],
        .on_found = on_found,
        .context = context,
    };
    submit(lookup);
}
