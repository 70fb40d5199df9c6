/* records.c: rows of records that have left memory.
 *
 * A statement for each kind whose final records leave, made from model/record_table.h. Rows are
 * handed on as bytes: who asks knows what a record is.
 *
 * A state row is not believed: it must be the newest image in the journal, as far as that is
 * indexed. What has left memory was last changed there. Of a row that was changed later nothing is
 * said: it is in memory, or the replica that answers is behind. That a row is missing with all its
 * images, or is what it was before with the later ones gone, is told by the segments' parts, where
 * commands leave marks of it: the newest row is as new as the newest mark, or newer.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "base/check.h"
#include "base/log.h"
#include "base/reader.h"
#include "model/record_table.h"
#include "query/internal.h"
#include "query/statements.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct record_statement {
    struct pg_statement statement;
    char name[40];
    char sql[1500];
};

/* The progress is read in the same snapshot, also when there is no such row. A row must be the
 * newest image before the redo point, or that of its own sequence number when it was written ahead
 * of it. is_newest is null when a row was changed behind what is indexed. What was given back of a
 * command is all in the history under that command, so there a row that is missing is found, too.
 */
#define WRITTEN_BEFORE                                                                             \
    "sequence < least(u.first, greatest(p.redo_sequence, coalesce(s.sequence, 0) + 1))"
#define NEWEST_BY_ID                                                                               \
    "select s.*, case when s.sequence < u.first then coalesce((select s is not distinct from h"    \
    " from vsl.%s h where h.%s = s.%s and h." WRITTEN_BEFORE                                       \
    " order by h.sequence desc limit 1), false) end as is_newest from found s"
#define NEWEST_BY_COMMAND                                                                          \
    "select s.*, case when s.sequence is null or s.sequence < u.first"                             \
    " then s is not distinct from h end as is_newest from found s full join"                       \
    " (select distinct on (i.%s) i.* from vsl.%s i left join found s using (%s)"                   \
    " where i.original_sequence between $1 and $2 and i." WRITTEN_BEFORE                           \
    " and ($3::bigint = 0 or i.ledger_id = $3)"                                                    \
    " order by i.%s, i.sequence desc) h using (%s)"

static void make_sql(const struct record_table *table, char *ret_sql, size_t sql_bytes)
{
    char proved[900];
    const char *id = table->id_name;
    int length;
    if (table->life.sequence_offset != 0)
        length =
            snprintf(proved, sizeof proved, NEWEST_BY_COMMAND, id, table->history_name, id, id, id);
    else
        length = snprintf(proved, sizeof proved, NEWEST_BY_ID, table->history_name, id, id);
    CHECK(length > 0 && (size_t)length < sizeof proved);
    length = snprintf(ret_sql, sql_bytes,
        "select p.redo_sequence, r.* from (select coalesce(min(first_sequence) filter"
        " (where state <> 3), max(last_sequence) + 1, 1) as first from vsl.segment) u"
        " cross join vsl.state_progress p left join lateral (with found as (select * from vsl.%s"
        " where %s between $1 and $2 and ($3::bigint = 0 or ledger_id = $3) order by %s limit $4)"
        " %s) r on true order by r.%s",
        table->name, table->key_name, table->key_name, proved, id);
    CHECK(length > 0 && (size_t)length < sql_bytes);
}

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
        make_sql(table, made->sql, sizeof made->sql);
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
    int64_t
        marked_sequence; /* the newest command with the mark that must be in the rows; 0: none */
    /* What was found, while its rows are proved by their batches. */
    struct buffer rows;
    uint32_t count;
    int64_t redo_sequence;
    size_t proved_bytes;
};

/* A row of COPY BINARY from the columns between the first and the last. */
static void append_row(struct buffer *out, const struct pg_result *result, size_t row)
{
    size_t columns = pg_columns(result) - 2;
    buffer_append_u16(out, (uint16_t)columns);
    for (size_t column = 1; column <= columns; column++) {
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

enum row_proof { ROWS_ARE_PROVED, ROWS_ARE_WRONG, ROWS_ARE_OPEN };

/* Whether the rows are the newest images, and as new as the mark. It is open when a row was changed
 * before what must be there and is not indexed where it was found. */
static enum row_proof prove_rows(const struct record_lookup *lookup, const struct pg_result *result)
{
    size_t last = pg_columns(result) - 1;
    int64_t newest = 0;
    for (size_t row = 0; row < pg_rows(result); row++) {
        bool has_record = !pg_is_null(result, row, 1);
        if (has_record && pg_int64(result, row, 1) > newest)
            newest = pg_int64(result, row, 1);
        if (pg_is_null(result, row, last)) {
            if (has_record && pg_int64(result, row, 1) < lookup->asked.written_before)
                return ROWS_ARE_OPEN;
            continue;
        }
        if (!pg_bool(result, row, last))
            return ROWS_ARE_WRONG;
    }
    return newest < lookup->marked_sequence ? ROWS_ARE_WRONG : ROWS_ARE_PROVED;
}

static void end_with(struct record_lookup *lookup, int result)
{
    if (result < 0)
        lookup->on_found(lookup->context, result, 0, NULL, 0, 0);
    else
        lookup->on_found(lookup->context, 0, lookup->redo_sequence, lookup->rows.bytes,
            lookup->rows.length, lookup->count);
    buffer_finish(&lookup->rows);
    free(lookup);
}

static void prove_images(struct record_lookup *lookup);

static void on_image(void *context, int result)
{
    struct record_lookup *lookup = context;
    if (result < 0)
        end_with(lookup, result);
    else
        prove_images(lookup);
}

/* Has the next row proved by the batch that made it; what was changed behind the indexed segments
 * is in memory, and proved. */
static void prove_images(struct record_lookup *lookup)
{
    const struct query_recent *recent = &lookup->query->recent;
    while (lookup->asked.is_for_decision && lookup->proved_bytes < lookup->rows.length) {
        const uint8_t *row = lookup->rows.bytes + lookup->proved_bytes;
        struct reader in = reader_of(row, lookup->rows.length - lookup->proved_bytes);
        int64_t sequence = 0;
        uint16_t fields = reader_u16(&in);
        for (uint16_t field = 0; field < fields; field++) {
            int32_t width = (int32_t)reader_u32(&in);
            const uint8_t *bytes = width > 0 ? reader_take(&in, (size_t)width) : NULL;
            struct reader number = reader_of(bytes, field == 0 && width == 8 ? 8 : 0);
            if (field == 0)
                sequence = (int64_t)reader_u64(&number);
        }
        CHECK(!in.failed);
        lookup->proved_bytes += in.position;
        if (sequence < 1) {
            log_error("a state row cannot be read: table=%s from=%" PRId64, lookup->table->name,
                lookup->asked.first_key);
            end_with(lookup, -2);
            return;
        }
        if (sequence < recent->first_sequence(recent->context)) {
            proofs_find_image(
                lookup->query, sequence, lookup->asked.kind, row, in.position, on_image, lookup);
            return;
        }
    }
    end_with(lookup, 0);
}

static void on_rows(void *context, enum pool_end end, const struct pg_result *result)
{
    struct record_lookup *lookup = context;
    int64_t before = lookup->asked.written_before;
    bool is_behind = end == POOL_DONE && pg_rows(result) > 0 && !pg_is_null(result, 0, 0) &&
                     pg_int64(result, 0, 0) < before;
    CHECK(end != POOL_DONE || pg_columns(result) == (size_t)lookup->table->column_count + 3);
    enum row_proof proof = end == POOL_DONE ? prove_rows(lookup, result) : ROWS_ARE_PROVED;
    if ((is_behind || proof == ROWS_ARE_OPEN) && !lookup->is_of_primary) {
        lookup->is_of_primary = true;
        submit(lookup);
        return;
    }
    if (end != POOL_DONE || pg_rows(result) == 0 || pg_is_null(result, 0, 0)) {
        end_with(lookup, -1);
        return;
    }
    if (proof == ROWS_ARE_WRONG) {
        log_error("a state row is not the newest image in the journal, or is missing: table=%s "
                  "from=%" PRId64 " to=%" PRId64 "; run vslctl check",
            lookup->table->name, lookup->asked.first_key, lookup->asked.last_key);
        end_with(lookup, -2);
        return;
    }
    /* Without any row the columns of the record are null. */
    for (size_t row = 0; row < pg_rows(result) && !pg_is_null(result, row, 1); row++) {
        append_row(&lookup->rows, result, row);
        lookup->count++;
    }
    lookup->redo_sequence = pg_int64(result, 0, 0);
    prove_images(lookup);
}

static void submit(struct record_lookup *lookup)
{
    const struct query_records *asked = &lookup->asked;
    struct pool_job *job;
    if (asked->owner_id != 0) {
        job = pool_job_create(asked->kind == RECORD_HOLD      ? &statement_ended_hold
                              : asked->kind == RECORD_PROMISE ? &statement_promise_by_reference
                                                              : &statement_matched_booking);
        pg_add_int64(&job->parameters, asked->owner_id);
        pg_add_text(&job->parameters, asked->text, asked->text_length);
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

/* What was changed later than what must be in the rows is in memory. */
static void on_marked(void *context, int result, const int64_t *sequences, size_t count)
{
    struct record_lookup *lookup = context;
    if (result < 0) {
        end_with(lookup, result);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (sequences[i] < lookup->asked.written_before && sequences[i] > lookup->marked_sequence)
            lookup->marked_sequence = sequences[i];
    }
    submit(lookup);
}

void query_find_records(struct query *query, const struct query_records *asked,
    query_on_records on_found, void *context)
{
    CHECK(record_statement(query, asked->kind) != NULL);
    CHECK(asked->rows_max > 0);
    CHECK(asked->owner_id == 0 || asked->kind == RECORD_HOLD || asked->kind == RECORD_PROMISE ||
          asked->kind == RECORD_MATCHED_BOOKING);
    struct record_lookup *lookup = malloc(sizeof *lookup);
    CHECK(lookup != NULL);
    *lookup = (struct record_lookup){
        .query = query,
        .asked = *asked,
        .table = &record_tables[asked->kind],
        .on_found = on_found,
        .context = context,
    };
    lookup->asked.parts = NULL;
    if (asked->part_count > 0)
        parts_find(query, PARTS_OF_REFERENCES, asked->mark, asked->parts, asked->part_count,
            on_marked, lookup);
    else
        submit(lookup);
}
