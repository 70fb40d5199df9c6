/* index.c: complete segments get their indexes, their parts and their filters, step by step.
 *
 * The keeper takes a step when nothing is more urgent; each is one transaction that may be
 * repeated. The parts (journal/parts.h) are made from what memory has, some at a time, so that no
 * step holds the turn; their digests go into the segment's row with the last step.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/fault.h"
#include "base/log.h"
#include "store/internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Parts of one step, which looks at all hashes of the segment and sends some hundred kilobytes. */
#define PARTS_PER_STEP 256

/* Sealing a segment, then its leaf of vsl.batch and of each journal table, then its parts, kind by
 * kind, then the mark. */
enum index_step {
    INDEX_SEAL,
    INDEX_BATCHES,
    INDEX_FIRST_TABLE,
    INDEX_FIRST_PARTS = INDEX_FIRST_TABLE + JOURNAL_TABLE_COUNT,
    INDEX_MARK = INDEX_FIRST_PARTS + PART_KINDS,
};

static void take_job(struct keeper *keeper)
{
    keeper->first_job = keeper->first_job->next;
    if (!keeper->first_job)
        keeper->last_job = NULL;
}

static void free_job(struct index_job *job)
{
    for (int kind = 0; kind < PART_KINDS; kind++)
        free(job->digests[kind]);
    free(job);
}

void index_finish(struct store *store)
{
    struct keeper *keeper = &store->keeper;
    while (keeper->first_job) {
        struct index_job *job = keeper->first_job;
        take_job(keeper);
        free_job(job);
    }
}

/* The kind of parts that the step keeps, from 0; -1: another step. */
static int parts_of_step(int step)
{
    return step >= INDEX_FIRST_PARTS && step < INDEX_MARK ? step - INDEX_FIRST_PARTS : -1;
}

/* Goes on to the step that comes next; a kind without parts has none. */
static void advance(struct index_job *job)
{
    int kind = parts_of_step(job->step);
    if (kind >= 0) {
        job->next_part += PARTS_PER_STEP;
        if (job->next_part < job->segment.part_counts[kind])
            return;
    }
    do {
        job->step++;
        job->next_part = 0;
        kind = parts_of_step(job->step);
    } while (kind >= 0 && job->segment.part_counts[kind] == 0);
}

static void on_segment_indexed(struct store *store)
{
    struct keeper *keeper = &store->keeper;
    struct index_job *job = keeper->first_job;
    int64_t first = job->segment.first_sequence;
    int64_t last = job->segment.last_sequence;
    for (size_t i = 0; i < store->segments.count; i++)
        if (store->segments.items[i].first_sequence == first)
            store->segments.items[i].state = SEGMENT_INDEXED;
    take_job(keeper);
    store->counters.segments_indexed++;
    log_info("store has indexed a segment: first=%" PRId64 " last=%" PRId64, first, last);
    keeper_next(store);
    store->handlers->on_segment_indexed(store->context, &job->segment);
    free_job(job);
}

static void on_index_step(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    (void)result;
    if (end == PG_FAILED && strncmp(sqlstate, "23", 2) == 0) {
        store_stop(store,
            "the journal in the database is broken: segment %" PRId64 " cannot be indexed,"
            " sqlstate %s; a number is there twice",
            store->keeper.first_job->segment.first_sequence, sqlstate);
        return;
    }
    if (!keeper_step_is_done(store, end, sqlstate, "index a segment"))
        return;
    struct index_job *job = store->keeper.first_job;
    if (parts_of_step(job->step) >= 0)
        FAULT_POINT("store.parts_kept");
    advance(job);
    if (job->step > INDEX_MARK)
        on_segment_indexed(store);
    else
        keeper_next(store);
}

static void add_segment_code(
    const struct store *store, const struct index_job *job, struct pg_parameters *parameters)
{
    uint8_t code[PROOF_BYTES];
    struct proof_segment segment = {
        .first_sequence = job->segment.first_sequence,
        .last_sequence = job->segment.last_sequence,
        .min_business_date = job->segment.min_business_date,
        .max_business_date = job->segment.max_business_date,
        .min_accounting_date = job->min_accounting_date,
        .max_accounting_date = job->max_accounting_date,
        .secret = store->position.filter_secret,
    };
    proof_filter_digest(job->segment.key_filter, job->segment.key_filter_length, job->digests[0],
        job->segment.part_counts[0], segment.filter_digest);
    proof_filter_digest(job->segment.reference_filter, job->segment.reference_filter_length,
        job->digests[1], job->segment.part_counts[1], segment.reference_digest);
    proof_of_segment(store_key(store), &store->first_identity, &segment, code);
    pg_add_bytea(parameters, segment.filter_digest, DIGEST_BYTES);
    pg_add_int32(parameters, store_key(store)->number);
    pg_add_bytea(parameters, code, PROOF_BYTES);
}

/* Makes some parts and notes their digests. */
static void add_parts(struct index_job *job, int kind, struct pg_parameters *parameters)
{
    struct buffer parts[PARTS_PER_STEP] = {{0}};
    struct text texts[PARTS_PER_STEP];
    size_t count = job->segment.part_counts[kind] - job->next_part;
    if (count > PARTS_PER_STEP)
        count = PARTS_PER_STEP;
    parts_make(&job->hashes[kind], job->segment.part_counts[kind], job->next_part, count, parts);
    for (size_t i = 0; i < count; i++) {
        part_digest(parts[i].bytes, parts[i].length,
            job->digests[kind] + (job->next_part + i) * DIGEST_BYTES);
        texts[i] = (struct text){(const char *)parts[i].bytes, (uint32_t)parts[i].length};
    }
    pg_add_int16(parameters, (int16_t)(kind + 1));
    pg_add_int32(parameters, (int32_t)job->next_part);
    pg_add_byteas(parameters, texts, count);
    for (size_t i = 0; i < count; i++)
        buffer_finish(&parts[i]);
}

void index_step(struct store *store)
{
    struct index_job *job = store->keeper.first_job;
    struct pg_parameters parameters = {0};
    const char *name;
    const char *sql;
    pg_add_int64(&parameters, job->segment.first_sequence);
    if (job->step == INDEX_SEAL) {
        name = "vsl_seal_segment";
        sql = "select vsl.seal_segment($1, $2, $3, $4, $5)";
        pg_add_date(&parameters, job->segment.min_business_date);
        pg_add_date(&parameters, job->segment.max_business_date);
        pg_add_date(&parameters, job->min_accounting_date);
        pg_add_date(&parameters, job->max_accounting_date);
    } else if (parts_of_step(job->step) >= 0) {
        name = "vsl_keep_parts";
        sql = "select vsl.keep_parts($1, $2, $3, $4)";
        add_parts(job, parts_of_step(job->step), &parameters);
    } else if (job->step < INDEX_MARK) {
        const char *table =
            job->step == INDEX_BATCHES
                ? "batch"
                : rows_table_name((enum journal_table)(job->step - INDEX_FIRST_TABLE));
        name = "vsl_index_segment";
        sql = "select vsl.index_segment($1, $2)";
        pg_add_text(&parameters, table, strlen(table));
    } else {
        name = "vsl_finish_segment";
        sql = "select vsl.finish_segment($1, $2, $3, $4, $5, $6, $7, $8)";
        pg_add_bytea(&parameters, job->segment.key_filter, job->segment.key_filter_length);
        pg_add_bytea(
            &parameters, job->segment.reference_filter, job->segment.reference_filter_length);
        for (int kind = 0; kind < PART_KINDS; kind++)
            pg_add_bytea(
                &parameters, job->digests[kind], job->segment.part_counts[kind] * DIGEST_BYTES);
        add_segment_code(store, job, &parameters);
    }
    pg_query(store->keeper.connection, name, sql, &parameters, on_index_step, store);
    pg_parameters_finish(&parameters);
}

void store_index_segment(struct store *store, const struct indexed_segment *segment,
    const struct part_hashes hashes[PART_KINDS], int32_t min_accounting_date,
    int32_t max_accounting_date)
{
    struct keeper *keeper = &store->keeper;
    if (store->phase == STORE_STOPPED)
        return;
    CHECK(segment->key_filter != NULL);
    CHECK(segment->reference_filter != NULL);
    CHECK(segment->last_sequence <= store->position.sequence);
    const struct segment *known = segments_find(&store->segments, segment->first_sequence);
    CHECK(known != NULL);
    CHECK(known->first_sequence == segment->first_sequence);
    CHECK(known->last_sequence == segment->last_sequence);
    CHECK(known->state != SEGMENT_INDEXED);

    struct index_job *job =
        malloc(sizeof *job + segment->key_filter_length + segment->reference_filter_length);
    CHECK(job != NULL);
    uint8_t *filters = (uint8_t *)(job + 1);
    uint8_t *reference_filter = filters + segment->key_filter_length;
    memcpy(filters, segment->key_filter, segment->key_filter_length);
    if (segment->reference_filter_length > 0)
        memcpy(reference_filter, segment->reference_filter, segment->reference_filter_length);
    *job = (struct index_job){
        .segment = *segment,
        .min_accounting_date = min_accounting_date,
        .max_accounting_date = max_accounting_date,
    };
    job->segment.key_filter = filters;
    job->segment.reference_filter = reference_filter;
    for (int kind = 0; kind < PART_KINDS; kind++) {
        size_t count = parts_count(hashes[kind].count);
        job->hashes[kind] = hashes[kind];
        job->digests[kind] = malloc(count * DIGEST_BYTES + 1);
        CHECK(job->digests[kind] != NULL);
        job->segment.part_digests[kind] = job->digests[kind];
        job->segment.part_counts[kind] = count;
    }
    if (keeper->last_job)
        keeper->last_job->next = job;
    else
        keeper->first_job = job;
    keeper->last_job = job;
    keeper_next(store);
}
