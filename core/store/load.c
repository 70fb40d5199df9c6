/* load.c: reads the state back at start: state tables, then the journal from the redo point on.
 *
 * Everything is read in one read-only transaction with one snapshot, taken after the epoch was
 * raised: no other server can add a batch any more, and what its keeper may still write behind is
 * not seen half. Rows come as COPY BINARY and go up one by one; nothing is collected here. The
 * loader trusts nothing: rows that cannot be read, gaps in the commands and state ahead of the
 * journal stop the server.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/postgres_epoch.h"
#include "store/internal.h"

#include <inttypes.h>
#include <string.h>

/* The kind of record whose rows a step of states or histories brings; 0: another step. */
static int kind_of_step(enum load_step step)
{
    if (step < LOAD_SEGMENTS)
        return 1 + (int)(step - LOAD_FIRST_STATE);
    if (step >= LOAD_FIRST_HISTORY && step < LOAD_COMMANDS)
        return 1 + (int)(step - LOAD_FIRST_HISTORY);
    return 0;
}

/* The journal table whose rows a step behind the segments brings. */
static enum journal_table journal_table_of_step(enum load_step step)
{
    CHECK(step >= LOAD_FIRST_HISTORY);
    if (step == LOAD_COMMANDS)
        return JOURNAL_TABLE_COMMAND;
    if (step == LOAD_POSTINGS)
        return JOURNAL_TABLE_POSTING;
    return rows_history_table((enum record_kind)kind_of_step(step));
}

/* The table's name, for logs and reasons. */
static const char *name_of_step(enum load_step step)
{
    if (step < LOAD_SEGMENTS)
        return record_tables[kind_of_step(step)].name;
    switch ((int)step) {
    case LOAD_SEGMENTS:
        return "segment";
    case LOAD_PAYOUT_PROOF:
        return record_tables[RECORD_PAYOUT].name;
    case LOAD_REFUNDED_PROOF:
        return record_tables[RECORD_REFUNDED].name;
    case LOAD_BATCHES:
        return "batch";
    default:
        return rows_table_name(journal_table_of_step(step));
    }
}

/* State rows come by id, journal rows by number; a leaf without an index is sorted on the way. */
static void append_query_of_step(struct store *store)
{
    const struct loader *loader = &store->loader;
    enum load_step step = loader->step;
    int64_t unindexed = segments_first_unindexed(&store->segments);
    if (step < LOAD_SEGMENTS) {
        enum record_kind kind = (enum record_kind)kind_of_step(step);
        int32_t oldest_date =
            kind == RECORD_PAYOUT ? store->handlers->oldest_business_date(store->context) : 0;
        sql_append_state_query(&store->sql, kind, oldest_date);
    } else if (step == LOAD_PAYOUT_PROOF) {
        sql_append_payout_proof(&store->sql, store->handlers->oldest_business_date(store->context),
            unindexed, loader->point.redo_sequence);
    } else if (step == LOAD_REFUNDED_PROOF) {
        sql_append_refunded_proof(&store->sql, unindexed, loader->point.redo_sequence);
    } else if (step == LOAD_BATCHES) {
        sql_append(&store->sql,
            "select * from vsl.batch where first_sequence >= %" PRId64
            " order by first_sequence, batch_number",
            loader->chain_sequence);
    } else if (step == LOAD_SEGMENTS) {
        sql_append(&store->sql,
            "select first_sequence, last_sequence, state, min_business_date, max_business_date,"
            " case when max_business_date >= date '1970-01-01' + %d then key_filter end,"
            " min_accounting_date, max_accounting_date, filter_digest, key_number, code,"
            " reference_filter,"
            " case when max_business_date >= date '1970-01-01' + %d then key_parts end,"
            " reference_parts"
            " from vsl.segment order by first_sequence",
            store->handlers->oldest_business_date(store->context),
            store->handlers->oldest_business_date(store->context));
    } else {
        enum journal_table table = journal_table_of_step(step);
        sql_append(&store->sql, "select * from vsl.%s where sequence >= %" PRId64 " order by %s",
            rows_table_name(table), loader->chain_sequence, rows_table_order(table));
    }
}

static void load_fail(struct store *store, const char *failure, int64_t number)
{
    if (store->loader.has_failed)
        return;
    store->loader.has_failed = true;
    store->loader.failure = failure;
    store->loader.failure_number = number;
}

/* ---- rows ---- */

/* The bytes of the row that was just read. */
static const uint8_t *row_bytes(const struct reader *in, size_t start, size_t *ret_length)
{
    *ret_length = in->position - start;
    return in->bytes + start;
}

static void load_state(struct store *store, struct reader *in, enum record_kind kind)
{
    struct image image;
    int64_t sequence;
    size_t start = in->position;
    size_t length;
    if (rows_read_image(in, kind, &sequence, &image) != 0) {
        load_fail(store, "a row cannot be read", 0);
        return;
    }
    const struct record_table *table = &record_tables[kind];
    int64_t id = record_id(table, image_record_const(&image));
    if (id < 1 || id > table->id_max) {
        load_fail(store, "a row has an id that cannot be", id);
        return;
    }
    if (sequence < 1 || sequence > store->position.sequence) {
        load_fail(store, "a row is ahead of the journal's last batch", sequence);
        return;
    }
    const uint8_t *bytes = row_bytes(in, start, &length);
    seal_note_loaded(&store->seal, kind, image_record_const(&image), bytes, length);
    store->handlers->on_state(store->context, sequence, &image);
}

/* Takes a row of the journal into its batch. False: it belongs to none; or it is before the rows
 * that are handed up, which begin in the middle of a batch. */
static bool chain_row(struct store *store, const struct reader *in, size_t start, int64_t sequence)
{
    size_t length;
    const uint8_t *bytes = row_bytes(in, start, &length);
    if (sequence > store->position.sequence)
        load_fail(store, "a row is ahead of the journal's last batch", sequence);
    else if (chain_add_row(store->loader.chain, sequence, bytes, length) != 0)
        load_fail(store, "a row belongs to no batch", sequence);
    return !store->loader.has_failed && sequence >= store->loader.from_sequence;
}

static void load_image(struct store *store, struct reader *in, enum record_kind kind)
{
    struct image image;
    int64_t sequence;
    size_t start = in->position;
    if (rows_read_image(in, kind, &sequence, &image) != 0) {
        load_fail(store, "a row cannot be read", 0);
        return;
    }
    const struct record_table *table = &record_tables[kind];
    int64_t id = record_id(table, image_record_const(&image));
    if (id < 1 || id > table->id_max)
        load_fail(store, "a row has an id that cannot be", id);
    else if (chain_row(store, in, start, sequence))
        store->handlers->on_image(store->context, sequence, &image);
}

/* A row with an id: what stands under it is not what the journal says. */
static void load_difference(struct store *store, struct reader *in)
{
    uint16_t fields = reader_u16(in);
    int32_t width = (int32_t)reader_u32(in);
    int64_t id = (int64_t)reader_u64(in);
    load_fail(store,
        fields == 1 && width == 8 && !in->failed
            ? "a row is not the newest image in the journal: run vslctl check"
            : "a row cannot be read",
        id);
}

static void load_batch(struct store *store, struct reader *in)
{
    struct batch_row row;
    if (rows_read_batch(in, &row) != 0)
        load_fail(store, "a row cannot be read", 0);
    else if (chain_add_batch(store->loader.chain, &row) != 0)
        load_fail(store, "a batch is missing or there twice", row.batch_number);
    else if (store_prove_batch(store, &row))
        load_fail(store, store_prove_batch(store, &row), row.batch_number);
}

/* A field of a COPY row; -1 is null. */
static int32_t take_field(struct reader *in, const uint8_t **ret_bytes)
{
    int32_t length = (int32_t)reader_u32(in);
    *ret_bytes = length > 0 ? reader_take(in, (size_t)length) : NULL;
    return length;
}

static int64_t take_number(struct reader *in, int32_t width, bool *ret_is_null)
{
    const uint8_t *bytes;
    int32_t length = take_field(in, &bytes);
    *ret_is_null = length < 0;
    if (length < 0)
        return 0;
    if (length != width || !bytes) {
        in->failed = true;
        return 0;
    }
    /* Sign-extended from its width. */
    int64_t value = (int8_t)bytes[0];
    for (int32_t i = 1; i < width; i++)
        value = (int64_t)((uint64_t)value << 8 | bytes[i]);
    return value;
}

static void load_segment(struct store *store, struct reader *in)
{
    bool is_null;
    bool has_no_dates;
    if (reader_u16(in) != 14)
        in->failed = true;
    int64_t first = take_number(in, 8, &is_null);
    int64_t last = take_number(in, 8, &is_null);
    int64_t state = take_number(in, 2, &is_null);
    int64_t min_date = take_number(in, 4, &is_null);
    int64_t max_date = take_number(in, 4, &has_no_dates);
    const uint8_t *filter;
    int32_t filter_length = take_field(in, &filter);
    struct proof_segment proof = {.first_sequence = first, .last_sequence = last};
    const uint8_t *digest, *code;
    bool has_no_date;
    int64_t min_accounting_date = take_number(in, 4, &has_no_date);
    int64_t max_accounting_date = take_number(in, 4, &has_no_date);
    bool has_digest = take_field(in, &digest) == DIGEST_BYTES;
    int64_t key_number = take_number(in, 4, &has_no_date);
    bool has_code = take_field(in, &code) == PROOF_BYTES && has_digest && !has_no_date;
    const uint8_t *references;
    int32_t references_length = take_field(in, &references);
    const uint8_t *digests[PART_KINDS];
    size_t counts[PART_KINDS];
    for (int kind = 0; kind < PART_KINDS; kind++) {
        int32_t length = take_field(in, &digests[kind]);
        counts[kind] = length > 0 ? (size_t)length / DIGEST_BYTES : 0;
        if (length > 0 && length % DIGEST_BYTES != 0)
            in->failed = true;
    }
    if (in->failed || segments_add(&store->segments, first, last, (int16_t)state) != 0) {
        load_fail(store, "the segments are not gapless from 1 on", first);
        return;
    }
    if (state != SEGMENT_INDEXED)
        return;
    /* Segments are indexed in order; so are their rows left out of the redo below. */
    if (segments_first_unindexed(&store->segments) <= last || is_null || has_no_dates) {
        load_fail(store, "a segment is marked as indexed out of order or without dates", first);
        return;
    }
    static const uint8_t no_references;
    const struct indexed_segment segment = {
        .first_sequence = first,
        .last_sequence = last,
        .min_business_date = (int32_t)min_date + POSTGRES_EPOCH_DAYS,
        .max_business_date = (int32_t)max_date + POSTGRES_EPOCH_DAYS,
        .key_filter = filter,
        .key_filter_length = filter ? (size_t)filter_length : 0,
        .reference_filter = references_length == 0 ? &no_references : references,
        .reference_filter_length = references ? (size_t)references_length : 0,
        .part_digests = {digests[0], digests[1]},
        .part_counts = {counts[0], counts[1]},
    };
    proof.min_business_date = segment.min_business_date;
    proof.max_business_date = segment.max_business_date;
    proof.min_accounting_date = (int32_t)min_accounting_date + POSTGRES_EPOCH_DAYS;
    proof.max_accounting_date = (int32_t)max_accounting_date + POSTGRES_EPOCH_DAYS;
    if (has_code)
        memcpy(proof.filter_digest, digest, DIGEST_BYTES);
    const char *wrong = prove_segment(store, &proof, &segment, key_number, has_code ? code : NULL);
    if (wrong)
        load_fail(store, wrong, first);
    else
        store->handlers->on_indexed_segment(store->context, &segment);
}

static void load_command(struct store *store, struct reader *in)
{
    struct command_record record;
    struct loader *loader = &store->loader;
    size_t start = in->position;
    if (rows_read_command(in, &record) != 0) {
        load_fail(store, "a row cannot be read", loader->next_sequence);
        return;
    }
    if (record.sequence != loader->next_sequence) {
        load_fail(store, "a command is missing or there twice", loader->next_sequence);
        return;
    }
    loader->next_sequence++;
    if (chain_row(store, in, start, record.sequence))
        store->handlers->on_command(store->context, &record);
}

static void load_posting(struct store *store, struct reader *in)
{
    struct posting posting;
    int64_t sequence;
    int16_t line;
    size_t start = in->position;
    if (rows_read_posting(in, &sequence, &line, &posting) != 0) {
        load_fail(store, "a row cannot be read", 0);
        return;
    }
    if (chain_row(store, in, start, sequence))
        store->handlers->on_posting(store->context, sequence, line, &posting);
}

static void load_row(struct store *store, struct reader *in)
{
    enum load_step step = store->loader.step;
    int kind = kind_of_step(step);
    if (step < LOAD_SEGMENTS)
        load_state(store, in, (enum record_kind)kind);
    else if (kind != 0)
        load_image(store, in, (enum record_kind)kind);
    else if (step == LOAD_SEGMENTS)
        load_segment(store, in);
    else if (step == LOAD_PAYOUT_PROOF || step == LOAD_REFUNDED_PROOF)
        load_difference(store, in);
    else if (step == LOAD_BATCHES)
        load_batch(store, in);
    else if (step == LOAD_COMMANDS)
        load_command(store, in);
    else
        load_posting(store, in);
}

/* The header stands before the first row or the trailer; then one chunk is one row. */
static void on_rows(void *context, const uint8_t *bytes, size_t length)
{
    struct store *store = context;
    struct loader *loader = &store->loader;
    if (store->phase != STORE_LOADING || loader->has_failed)
        return;
    loader->progress_us = clock_monotonic_us();
    struct reader in = reader_of(bytes, length);
    if (!loader->is_after_header && rows_skip_copy_header(&in) != 0) {
        load_fail(store, "the server's rows have another form than expected", 0);
        return;
    }
    loader->is_after_header = true;
    while (reader_left(&in) > 0 && !loader->has_failed) {
        if (loader->is_after_trailer) {
            load_fail(store, "rows come after the end", 0);
            return;
        }
        if (reader_left(&in) == 2 && bytes[length - 1] == 0xff && bytes[length - 2] == 0xff) {
            loader->is_after_trailer = true;
            return;
        }
        loader->row_count++;
        load_row(store, &in);
    }
}

/* ---- steps ---- */

bool load_step_is_done(struct store *store, enum pg_end end, const char *sqlstate, const char *what)
{
    if (store->phase == STORE_STOPPED || end == PG_LOST)
        return false; /* a loss ends the store in on_writer_lost */
    if (end == PG_DONE)
        return true;
    if (store_is_outside_trouble(sqlstate))
        store_end(store, STORE_LOADS_ANEW, "the database refused to give %s, sqlstate %s", what,
            store_cause(sqlstate));
    else
        store_stop(
            store, "the database refused to give %s, sqlstate %s", what, store_cause(sqlstate));
    return false;
}

static void on_loaded(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    (void)result;
    if (!load_step_is_done(store, end, sqlstate, "the snapshot back"))
        return;
    log_info("store has loaded: sequence=%lld batch=%lld from=%lld duration_ms=%lld",
        (long long)store->position.sequence, (long long)store->position.batch_number,
        (long long)store->loader.from_sequence,
        (long long)((clock_monotonic_us() - store->loader.started_us) / 1000));
    store->phase = STORE_MAKING_SEGMENTS;
    store->is_writer_settled = true;
    store->keeper.redo_sequence = store->loader.point.redo_sequence;
    store->keeper.write_count = store->loader.point.write_count;
    const struct seal_point *point = &store->loader.point;
    if (point->batch_number < 0 || point->key_number != store_key(store)->number)
        keeper_seal(store);
    keeper_begin(store);
    check_begin(store);
}

static void on_step_done(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    struct loader *loader = &store->loader;
    const char *name = name_of_step(loader->step);
    (void)result;
    if (!load_step_is_done(store, end, sqlstate, name))
        return;
    if (!loader->has_failed && !loader->is_after_trailer)
        load_fail(store, "the rows end too early", 0);
    if (!loader->has_failed && loader->step == LOAD_COMMANDS &&
        loader->next_sequence <= store->position.sequence)
        load_fail(store, "a command is missing or there twice", loader->next_sequence);
    if (!loader->has_failed && loader->step == LOAD_SEGMENTS &&
        segments_limit(&store->segments) < store->position.sequence)
        load_fail(store, "the segments end before the journal", store->position.sequence);
    if (loader->has_failed) {
        store_stop(store, "vsl.%s: %s (number %lld); restore the database, or ask for support",
            name, loader->failure, (long long)loader->failure_number);
        return;
    }
    log_debug("store has loaded table=%s rows=%lld", name, (long long)loader->row_count);
    if (loader->step == LOAD_SEGMENTS)
        prove_state(store);
    else if (loader->step == LOAD_BATCHES)
        prove_batches(store);
    else if (loader->step == LOAD_POSTINGS)
        prove_rows(store);
    if (store->phase != STORE_LOADING || loader->step == LOAD_SEGMENTS)
        return; /* prove.c goes on */
    loader->step++;
    load_next(store);
}

void load_next(struct store *store)
{
    struct loader *loader = &store->loader;
    loader->progress_us = clock_monotonic_us();
    if (loader->step == LOAD_STEPS) {
        pg_copy_in(store->writer, "commit", NULL, 0, on_loaded, store);
        return;
    }
    loader->is_after_header = false;
    loader->is_after_trailer = false;
    loader->row_count = 0;
    if (loader->step >= LOAD_FIRST_HISTORY)
        chain_begin_table(loader->chain, journal_table_of_step(loader->step));
    buffer_clear(&store->sql);
    sql_append(&store->sql, "copy (");
    append_query_of_step(store);
    sql_append(&store->sql, ") to stdout (format binary)");
    pg_copy_out(store->writer, sql_text(&store->sql), on_rows, on_step_done, store);
}

/* The last batch row: it must be the one that the writer row names. */
static void on_last_batch(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    struct journal_position *position = &store->position;
    if (!load_step_is_done(store, end, sqlstate, "the last batch"))
        return;
    bool is_first_start = pg_rows(result) == 0;
    int64_t last_batch = is_first_start ? 0 : pg_int64(result, 0, 0);
    if (last_batch != position->batch_number) {
        store_stop(store,
            "vsl.writer names batch %lld, the journal ends with batch %lld; restore"
            " the database, or ask for support",
            (long long)position->batch_number, (long long)last_batch);
        return;
    }
    if (!is_first_start) {
        struct pg_value digest = pg_bytes(result, 0, 3);
        if (digest.length != DIGEST_BYTES) {
            store_stop(store,
                "vsl.batch: the digest of batch %lld cannot be read; restore the "
                "database, or ask for support",
                (long long)last_batch);
            return;
        }
        position->sequence = pg_int64(result, 0, 1);
        position->recorded_us = pg_time_us(result, 0, 2);
        memcpy(position->digest, digest.bytes, DIGEST_BYTES);
    }
    store->loader.step = LOAD_FIRST_STATE;
    load_next(store);
}

static void on_progress(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    if (!load_step_is_done(store, end, sqlstate, "the redo point"))
        return;
    if (pg_rows(result) != 1) {
        store_stop(store, "vsl.state_progress has no row; restore the database from a backup");
        return;
    }
    if (!prove_read_point(result, &store->loader.point)) {
        store_stop(store,
            "vsl.state_progress: the row cannot be read; restore the database, or ask "
            "for support");
        return;
    }
    prove_begin(store);
    const struct proof_key *old_key = store_key_of(store, store->loader.point.key_number);
    if (!old_key) {
        store_stop(store,
            "the state tables were sealed with key %d, which is not in the key ring: set keys.file",
            store->loader.point.key_number);
        return;
    }
    seal_init(&store->seal, store_key(store), old_key, &store->first_identity);
    /* Partitions are walked from the newest on, so this stops at the first row found. */
    pg_query(store->writer, "vsl_last_batch",
        "select coalesce(batch_number, -1), coalesce(last_sequence, 0),"
        " coalesce(recorded_at, 'epoch'), digest from vsl.batch"
        " order by first_sequence desc limit 1",
        NULL, on_last_batch, store);
}

static void on_begun(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    (void)result;
    if (load_step_is_done(store, end, sqlstate, "a snapshot"))
        pg_query(store->writer, "vsl_state_point",
            "select coalesce(redo_sequence, 0), coalesce(write_count, 0), coalesce(batch_number, "
            "-1),"
            " digest, coalesce(key_number, 0), seal from vsl.state_progress",
            NULL, on_progress, store);
}

void load_begin(struct store *store)
{
    CHECK(store->phase == STORE_STARTING);
    store->phase = STORE_LOADING;
    int64_t now_us = clock_monotonic_us();
    store->loader = (struct loader){.started_us = now_us, .progress_us = now_us};
    /* The memory is for the sorts of leaves without index, one at a time. */
    pg_copy_in(store->writer,
        "begin isolation level repeatable read read only; set local work_mem = '128MB'", NULL, 0,
        on_begun, store);
}
