/* keeper.c: the second connection: segments ahead, indexes behind, state tables written behind.
 *
 * One job at a time, the most urgent first: segments that are needed, then state, then one step of
 * indexing (index.c). Every step is one transaction that may be repeated, so a lost connection or a
 * refusal for a reason outside our rows only means: again. What the keeper writes is durable in the
 * journal already, so it may do no harm even when another server has taken over meanwhile.
 *
 * It commits synchronously: once it has said that state is written, later redo points build on it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "store/internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENTS_AHEAD 2
/* The longest job is one leaf's indexes: seconds for a million rows. */
#define JOB_TIMEOUT_US 900000000

/* Indexes are built by sorting; one process, since the machine's cores belong to the writer. */
static const char keeper_setup[] =
    "set synchronous_commit = on; set statement_timeout = 0; set lock_timeout = '10s';"
    "set tcp_keepalives_idle = 3; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3;"
    "set tcp_user_timeout = 9000;"
    "set timezone = 'UTC'; set maintenance_work_mem = '256MB';"
    "set max_parallel_maintenance_workers = 0; set client_min_messages = warning";

/* ---- common to all jobs ---- */

bool keeper_step_is_done(
    struct store *store, enum pg_end end, const char *sqlstate, const char *what)
{
    struct keeper *keeper = &store->keeper;
    keeper->is_busy = false;
    if (store->phase == STORE_STOPPED)
        return false;
    if (end == PG_DONE) {
        keeper->has_failed = false;
        return true;
    }
    if (end == PG_LOST)
        return false; /* on_keeper_ready goes on */
    if (!keeper->has_failed)
        log_warning("store could not %s: sqlstate=%s, trying again", what, store_cause(sqlstate));
    keeper->has_failed = true;
    store_pause(keeper->timer, STORE_PAUSE_US);
    return false;
}

/* ---- segments ahead ---- */

static void on_segment_made(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    /* Perhaps a server that was fenced made it at the same time: look what is there. */
    if (end != PG_DONE)
        store->keeper.is_usable = false;
    if (!keeper_step_is_done(store, end, sqlstate, "make a segment"))
        return;
    int64_t last = pg_int64(result, 0, 0);
    int64_t first = segments_limit(&store->segments) + 1;
    if (segments_add(&store->segments, first, last, SEGMENT_OPEN) != 0) {
        store_stop(store, "vsl.make_segment made none from number %" PRId64 " on", first);
        return;
    }
    log_info("store has made a segment: first=%" PRId64 " last=%" PRId64, first, last);
    keeper_next(store);
}

static void make_segment(struct store *store)
{
    int64_t first = segments_limit(&store->segments) + 1;
    struct pg_parameters parameters = {0};
    pg_add_int64(&parameters, first);
    pg_add_int64(&parameters, first + store->segment_commands - 1);
    pg_query(store->keeper.connection, "vsl_make_segment",
        "select coalesce(vsl.make_segment($1, $2), 0)", &parameters, on_segment_made, store);
    pg_parameters_finish(&parameters);
}

static bool needs_segment(const struct store *store)
{
    int64_t next = store->position.sequence + 1;
    return segments_ahead(&store->segments, next) < SEGMENTS_AHEAD ||
           !segments_find(&store->segments, next) ||
           segments_limit(&store->segments) - store->position.sequence < store->commands_ahead;
}

/* ---- keys of the ring ---- */

static void on_keys_noted(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    struct ring_checks *ring = &store->ring;
    /* Of one that another has taken the place of nothing is said. */
    bool is_last = !ring->is_wanted;
    if (end != PG_DONE)
        ring->is_wanted = true;
    if (!keeper_step_is_done(store, end, sqlstate, "note the keys of the ring"))
        return;
    int32_t wrong = ring_wrong(result);
    keeper_next(store);
    if (is_last)
        ring->on_done(ring->context, wrong);
}

/* ---- state tables ---- */

static void on_state_written(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    struct keeper *keeper = &store->keeper;
    (void)result;
    if (end == PG_FAILED && strcmp(sqlstate, "VS001") == 0) {
        store_end(store, STORE_FENCED, "another server has taken over: it writes the state now");
        return;
    }
    if (end == PG_FAILED && !store_is_outside_trouble(sqlstate)) {
        store_stop(store,
            "memory and database disagree: the database refused state rows with sqlstate %s; start"
            " again to reload from the journal",
            store_cause(sqlstate));
        return;
    }
    if (!keeper_step_is_done(store, end, sqlstate, "write state"))
        return;
    FAULT_POINT("store.state_written");
    keeper->redo_sequence = keeper->write.point.redo_sequence;
    keeper->write_count = keeper->write.point.write_count;
    keeper->write.is_pending = false;
    store->counters.state_rows_written += keeper->write.row_count;
    bool is_of_owner = store->phase != STORE_MAKING_SEGMENTS; /* else keeper_seal's */
    keeper_next(store);
    if (is_of_owner)
        store->handlers->on_state_written(store->context);
}

static void append_hex(struct buffer *sql, const uint8_t *bytes, size_t length)
{
    sql_append(sql, "'\\x");
    for (size_t i = 0; i < length; i++)
        sql_append(sql, "%02x", bytes[i]);
    sql_append(sql, "'");
}

static void append_point(struct buffer *sql, int64_t epoch, const struct seal_point *point)
{
    sql_append(sql, "select vsl.note_progress(%" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ", ",
        epoch, point->redo_sequence, point->write_count, point->batch_number);
    append_hex(sql, point->digest, DIGEST_BYTES);
    sql_append(sql, ", %" PRId32 ", ", point->key_number);
    append_hex(sql, point->code, PROOF_BYTES);
    sql_append(sql, ")");
}

static void write_state(struct store *store)
{
    struct state_write *write = &store->keeper.write;
    struct buffer *sql = &store->keeper.sql;
    struct pg_copy copies[RECORD_KINDS] = {0};
    size_t count = 0;
    buffer_clear(sql);
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        if (write->row_counts[kind] == 0)
            continue;
        sql_append_write(sql, &record_tables[kind]);
        CHECK(write->rows[kind].length <= INT32_MAX);
        copies[count++] = (struct pg_copy){
            .parts = {{write->rows[kind].bytes, (int32_t)write->rows[kind].length}},
            .rows_expected = write->row_counts[kind],
        };
    }
    append_point(sql, store->position.epoch, &write->point);
    pg_copy_in(store->keeper.connection, sql_text(sql), copies, count, on_state_written, store);
}

bool store_can_write_state(const struct store *store)
{
    return (store->phase == STORE_READY || store->phase == STORE_DOUBT) &&
           store->keeper.is_usable && !store->keeper.write.is_pending;
}

int64_t store_redo_sequence(const struct store *store)
{
    return store->keeper.redo_sequence;
}

static void append_row(struct store *store, const struct image *image, int64_t sequence)
{
    struct state_write *write = &store->keeper.write;
    struct buffer *rows = &write->rows[image->kind];
    size_t before = rows->length;
    struct image as_of = *image;
    rows_append_image(rows, sequence, image);
    record_set_sequence(&record_tables[image->kind], image_record(&as_of), sequence);
    seal_note(&store->seal, image->kind, image_record_const(&as_of), rows->bytes + before,
        rows->length - before);
    write->row_counts[image->kind]++;
}

static void make_point(struct store *store, int64_t redo_sequence)
{
    const struct keeper *keeper = &store->keeper;
    struct seal_point *point = &store->keeper.write.point;
    *point = (struct seal_point){
        .write_count = keeper->write_count + 1,
        .redo_sequence =
            redo_sequence > keeper->redo_sequence ? redo_sequence : keeper->redo_sequence,
        .batch_number = store->position.batch_number,
    };
    memcpy(point->digest, store->position.digest, DIGEST_BYTES);
    seal_make(&store->seal, point);
}

void keeper_seal(struct store *store)
{
    CHECK(store->phase == STORE_MAKING_SEGMENTS);
    CHECK(!store->keeper.write.is_pending);
    make_point(store, store->keeper.redo_sequence);
    store->keeper.write.row_count = 0;
    store->keeper.write.is_pending = true;
}

void store_write_state(struct store *store, const struct image *images, const int64_t *sequences,
    size_t count, int64_t redo_sequence)
{
    struct state_write *write = &store->keeper.write;
    if (store->phase == STORE_STOPPED)
        return;
    /* The keeper may have lost its connection since the owner asked: then the rows wait for it. */
    CHECK(store->phase == STORE_READY || store->phase == STORE_DOUBT);
    CHECK(!write->is_pending);
    CHECK(redo_sequence > 0);
    CHECK(redo_sequence <= store->position.sequence + 1);
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        buffer_clear(&write->rows[kind]);
        rows_begin_copy(&write->rows[kind]);
        write->row_counts[kind] = 0;
    }
    for (size_t i = 0; i < count; i++) {
        /* State must never be ahead of the journal, or a restart could not undo what never was. */
        CHECK(sequences[i] <= store->position.sequence);
        enum record_kind kind = images[i].kind;
        CHECK(kind >= 1 && kind <= RECORD_KINDS);
        append_row(store, &images[i], sequences[i]);
    }
    for (int kind = 1; kind <= RECORD_KINDS; kind++)
        rows_end_copy(&write->rows[kind]);
    write->row_count = count;
    make_point(store, redo_sequence);
    write->is_pending = true;
    keeper_next(store);
}

/* ---- looking around ---- */

/* Segments that another server has made, or that we have made without hearing of it. */
static void on_segments_seen(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    if (!keeper_step_is_done(store, end, sqlstate, "read the segments"))
        return;
    for (size_t i = 0; i < pg_rows(result); i++) {
        int64_t first = pg_int64(result, i, 0);
        if (segments_add(&store->segments, first, pg_int64(result, i, 1), pg_int16(result, i, 2)) !=
            0) {
            store_stop(
                store, "vsl.segment: the segments are not gapless (number %" PRId64 ")", first);
            return;
        }
    }
    store->keeper.is_usable = true;
    keeper_next(store);
}

/* After a fail-over to a standby that lagged, state that we count as written may be gone. */
static void on_progress_seen(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    struct keeper *keeper = &store->keeper;
    if (!keeper_step_is_done(store, end, sqlstate, "read the redo point"))
        return;
    if (pg_rows(result) != 1) {
        store_stop(store, "vsl.state_progress has no row; restore the database from a backup");
        return;
    }
    if (pg_int64(result, 0, 0) < keeper->redo_sequence) {
        store_end(store, STORE_LOADS_ANEW,
            "the database has lost state that was written, as after a fail-over: redo point "
            "%" PRId64 ", was %" PRId64,
            pg_int64(result, 0, 0), keeper->redo_sequence);
        return;
    }
    if (pg_int64(result, 0, 1) < keeper->write_count) {
        store_end(store, STORE_LOADS_ANEW,
            "the database has lost state that was written, as after a fail-over: it has %" PRId64
            " parts of it, %" PRId64 " were written",
            pg_int64(result, 0, 1), keeper->write_count);
        return;
    }
    keeper->is_busy = true;
    struct pg_parameters parameters = {0};
    pg_add_int64(&parameters, segments_limit(&store->segments));
    pg_query(keeper->connection, "vsl_segments",
        "select first_sequence, coalesce(last_sequence, 0), coalesce(state, 0::int2)"
        " from vsl.segment where first_sequence > $1"
        " order by first_sequence",
        &parameters, on_segments_seen, store);
    pg_parameters_finish(&parameters);
}

/* On a new connection, and when a segment could not be made. */
static void look_around(struct store *store)
{
    pg_query(store->keeper.connection, "vsl_redo_sequence",
        "select coalesce(redo_sequence, -1), coalesce(write_count, -1) from vsl.state_progress",
        NULL, on_progress_seen, store);
}

/* ---- what is next ---- */

void keeper_next(struct store *store)
{
    struct keeper *keeper = &store->keeper;
    if (store->phase == STORE_STOPPED || keeper->is_busy || !keeper->connection ||
        !pg_is_ready(keeper->connection) || evtimer_pending(keeper->timer, NULL))
        return;
    keeper->is_busy = true;
    keeper->busy_since_us = clock_monotonic_us();
    if (!keeper->is_usable) {
        look_around(store);
    } else if (needs_segment(store)) {
        make_segment(store);
    } else if (keeper->write.is_pending) {
        write_state(store);
    } else if (store->ring.is_wanted) {
        ring_ask(store, keeper->connection, on_keys_noted);
    } else if (keeper->first_job) {
        index_step(store);
    } else {
        keeper->is_busy = false;
    }
    if (store->phase == STORE_MAKING_SEGMENTS && keeper->is_usable && !needs_segment(store) &&
        !keeper->write.is_pending) {
        writer_begin(store);
        store->handlers->on_ready(store->context);
    }
}

void keeper_watch(struct store *store)
{
    struct keeper *keeper = &store->keeper;
    if (keeper->is_busy && clock_monotonic_us() - keeper->busy_since_us > JOB_TIMEOUT_US) {
        log_warning("store's keeper gets no answer from the database, connecting anew");
        keeper->busy_since_us = clock_monotonic_us();
        pg_reset(keeper->connection);
    }
}

/* ---- the connection ---- */

static void on_keeper_ready(void *context)
{
    struct store *store = context;
    if (store->was_keeper_ready)
        store->counters.reconnects++;
    store->was_keeper_ready = true;
    keeper_next(store);
}

static void on_keeper_lost(void *context)
{
    struct store *store = context;
    struct keeper *keeper = &store->keeper;
    keeper->is_usable = false;
    keeper->is_busy = false;
    evtimer_del(keeper->timer);
}

void keeper_begin(struct store *store)
{
    static const struct pg_handlers handlers = {on_keeper_ready, on_keeper_lost};
    struct buffer *sql = &store->keeper.sql;
    CHECK(store->keeper.connection == NULL);
    buffer_clear(sql);
    sql_append(sql, "%s", keeper_setup);
    sql_append_temporary_tables(sql);
    store->keeper.connection =
        pg_open(store->base, store->conninfo, "vsld keeper", sql_text(sql), &handlers, store);
}

void keeper_finish(struct store *store)
{
    struct keeper *keeper = &store->keeper;
    if (keeper->connection)
        pg_close(keeper->connection);
    event_free(keeper->timer);
    for (int kind = 1; kind <= RECORD_KINDS; kind++)
        buffer_finish(&keeper->write.rows[kind]);
    buffer_finish(&keeper->sql);
    index_finish(store);
}
