/* writer.c: commits batches, one at a time, and finds out what happened when that is not known.
 *
 * A batch is one simple query: fence, then one COPY for each touched table; one transaction, one
 * commit. What is known to be refused for a reason outside our rows, and what was under way when
 * the connection broke, is settled in the same way: take the writer's lock again (so that the old
 * session and whatever it still had to do is gone for certain), read vsl.writer with its row
 * locked, and then either the batch is there, or it is sent again, or another server has taken
 * over.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "store/internal.h"

#include <inttypes.h>
#include <string.h>

/* A batch or a heartbeat that takes longer gets a new connection. */
#define ANSWER_TIMEOUT_US 30000000
/* A statement of a start may read a long time before its first row. */
#define ROWS_TIMEOUT_US 300000000
/* Between two tries of settling doubt; grows with the tries of one batch. */
#define DOUBT_PAUSE_US 100000

static_assert(JOURNAL_TABLE_COUNT + 1 <= PG_COPIES_MAX, "a batch has a COPY for each table");

static void on_batch_done(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result);

/* ---- sending ---- */

static struct pg_value value_of(const struct buffer *buffer)
{
    CHECK(buffer->length <= INT32_MAX);
    return (struct pg_value){.bytes = buffer->bytes, .length = (int32_t)buffer->length};
}

static void send_batch(struct store *store)
{
    const struct journal_batch *batch = store->batch;
    CHECK(store->phase == STORE_READY);
    CHECK(batch != NULL);
    struct buffer *sql = &store->sql;
    buffer_clear(sql);
    sql_append(sql,
        "select vsl.begin_batch(%" PRId64 ",%" PRId64 ");copy vsl.batch from stdin (format binary)",
        batch->row.epoch, batch->row.batch_number);

    struct pg_copy copies[PG_COPIES_MAX] = {0};
    size_t count = 0;
    buffer_clear(&store->batch_row);
    rows_begin_copy(&store->batch_row);
    struct batch_row row = batch->row;
    row.key_number = store_key(store)->number;
    if (row.key_number != 0)
        proof_of_batch(store_key(store), &store->first_identity, &row, row.code);
    rows_append_batch(&store->batch_row, &row);
    rows_end_copy(&store->batch_row);
    copies[count++] = (struct pg_copy){.parts = {value_of(&store->batch_row)}, .rows_expected = 1};
    for (enum journal_table i = 0; i < JOURNAL_TABLE_COUNT; i++) {
        if (batch->row_counts[i] == 0)
            continue;
        sql_append(sql, ";copy vsl.%s from stdin (format binary)", rows_table_name(i));
        copies[count++] = (struct pg_copy){
            .parts = {value_of(&store->copy_header), value_of(&batch->tables[i]),
                value_of(&store->copy_trailer)},
            .rows_expected = batch->row_counts[i],
            .fault_point = i == JOURNAL_TABLE_POSTING ? "store.between_copies" : NULL,
        };
    }
    copies[count - 1].end_fault_point = "store.after_commit_sent";
    FAULT_POINT("store.before_submit");
    store->is_batch_sent = true;
    store->submitted_us = clock_monotonic_us();
    pg_copy_in(store->writer, sql_text(sql), copies, count, on_batch_done, store);
}

void store_submit(struct store *store, const struct journal_batch *batch)
{
    CHECK(store->phase != STORE_STARTING && store->phase != STORE_LOADING);
    if (store->phase == STORE_STOPPED)
        return;
    CHECK(store->batch == NULL);
    CHECK(batch->row.batch_number == store->position.batch_number + 1);
    CHECK(batch->row.epoch == store->position.epoch);
    CHECK(batch->row.first_sequence == store->position.sequence + 1);
    CHECK(batch->row.last_sequence <= store_sequence_limit(store));
    store->batch = batch;
    store->is_batch_sent = false;
    store->is_fence_suspected = false;
    store->retries = 0;
    if (store->phase == STORE_READY)
        send_batch(store);
}

void writer_begin(struct store *store)
{
    CHECK(store->phase == STORE_MAKING_SEGMENTS || store->phase == STORE_DOUBT);
    store->phase = store->is_writer_settled ? STORE_READY : STORE_DOUBT;
    store->heartbeat_us = 0;
}

/* ---- ending ---- */

static void batch_is_durable(struct store *store)
{
    const struct journal_batch *batch = store->batch;
    FAULT_POINT("store.before_durable");
    store->counters.batches++;
    for (size_t i = 0; i < JOURNAL_TABLE_COUNT; i++) {
        store->counters.batch_rows += batch->row_counts[i];
        store->counters.batch_bytes += batch->tables[i].length;
    }
    store->counters.last_commit_us = clock_monotonic_us() - store->submitted_us;
    store->position.batch_number = batch->row.batch_number;
    store->position.sequence = batch->row.last_sequence;
    store->position.recorded_us = batch->row.recorded_us;
    memcpy(store->position.digest, batch->row.digest, DIGEST_BYTES);
    store->batch = NULL;
    store->is_batch_sent = false;
    keeper_next(store); /* perhaps a segment must be made */
    store->handlers->on_durable(store->context);
}

static void pause_doubt(struct store *store)
{
    int64_t pause_us = DOUBT_PAUSE_US << (store->retries < 6 ? store->retries : 6);
    store->retries++;
    store_pause(store->timer, pause_us < STORE_PAUSE_US ? pause_us : STORE_PAUSE_US);
}

/* The database refused for a reason of its own: the transaction is undone, the session lives. */
static void wait_for_database(struct store *store, const char *sqlstate, const char *what)
{
    if (store->phase == STORE_READY)
        store->phase = STORE_DOUBT;
    store->is_writer_settled = false;
    if (store->retries == 0)
        log_warning("store could not %s: sqlstate=%s, trying again", what, store_cause(sqlstate));
    store->resets_after_pause = strcmp(sqlstate, "25006") == 0;
    pause_doubt(store);
}

static void on_batch_done(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    (void)result;
    if (store->phase == STORE_STOPPED || end == PG_LOST)
        return; /* writer_lost and then doubt_begin follow */
    CHECK(store->batch != NULL);
    if (end == PG_DONE) {
        batch_is_durable(store);
    } else if (strcmp(sqlstate, "VS001") == 0) {
        /* Fenced, or there already: vsl.writer tells. */
        store->is_fence_suspected = true;
        store->phase = STORE_DOUBT;
        store->is_writer_settled = false;
        doubt_begin(store);
    } else if (store_is_outside_trouble(sqlstate)) {
        wait_for_database(store, sqlstate, "commit a batch");
    } else {
        store_stop(store,
            "memory and database disagree: the database refused batch %lld with sqlstate %s; the"
            " batch was not answered; start again to reload from the journal",
            (long long)store->batch->row.batch_number, store_cause(sqlstate));
    }
}

/* ---- doubt ---- */

void store_fenced(struct store *store, int64_t epoch)
{
    store_end(store, STORE_FENCED, "another server has taken over: epoch is %lld, ours was %lld",
        (long long)epoch, (long long)store->position.epoch);
}

void writer_lost(struct store *store)
{
    evtimer_del(store->timer);
    store->is_writer_settled = false;
    store->heartbeat_us = 0;
    if (store->phase == STORE_READY)
        store->phase = STORE_DOUBT;
    check_reset(store);
}

/* Ends a step that did not succeed; true when it did. */
static bool step_is_done(struct store *store, enum pg_end end, const char *sqlstate)
{
    if (store->phase == STORE_STOPPED || end == PG_LOST)
        return false; /* on_writer_ready begins anew */
    if (end == PG_DONE)
        return true;
    if (store_is_outside_trouble(sqlstate))
        wait_for_database(store, sqlstate, "read the writer row");
    else
        store_stop(
            store, "the database refused to show vsl.writer, sqlstate %s", store_cause(sqlstate));
    return false;
}

static void doubt_is_settled(struct store *store, int64_t batch_number)
{
    int64_t durable_number = store->position.batch_number;
    bool is_ours_there = store->batch && store->is_batch_sent && batch_number == durable_number + 1;
    if (!is_ours_there && batch_number != durable_number) {
        store_stop(store,
            "memory and database disagree: the last batch is %lld here and %lld in the database;"
            " after a fail-over to a standby that lagged behind, answers were lost: run"
            " vslctl identity new, see the run book, before starting again",
            (long long)durable_number, (long long)batch_number);
        return;
    }
    if (!is_ours_there && store->is_fence_suspected) {
        store_stop(store, "memory and database disagree: batch %lld is refused though it is next",
            (long long)durable_number + 1);
        return;
    }
    store->is_writer_settled = true;
    /* A connection lost while the first segments are made only needs its lock back. */
    if (store->phase == STORE_MAKING_SEGMENTS)
        return;
    writer_begin(store);
    if (is_ours_there) {
        log_info("store settled doubt: batch=%lld is durable", (long long)batch_number);
        store->counters.doubts_resolved_durable++;
        batch_is_durable(store);
    } else if (store->batch) {
        if (store->is_batch_sent) {
            log_info("store settled doubt: batch=%lld is sent again", (long long)batch_number + 1);
            store->counters.doubts_resent++;
        }
        send_batch(store);
    }
}

/* Whether the row of vsl.writer, whose epoch comes first, is still this server's; else it has
 * stopped. */
static bool epoch_is_ours(struct store *store, const struct pg_result *result)
{
    int64_t epoch = pg_int64(result, 0, 0);
    if (epoch < 0)
        store_stop(store, STORE_WRITER_UNREADABLE);
    else if (epoch != store->position.epoch)
        store_fenced(store, epoch);
    return epoch == store->position.epoch;
}

static void on_writer_row(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    if (!step_is_done(store, end, sqlstate))
        return;
    if (pg_rows(result) != 1)
        store_stop(store, "vsl.writer has no row; restore the database from a backup");
    else if (pg_int64(result, 0, 1) < 0)
        store_stop(store, STORE_WRITER_UNREADABLE);
    else if (epoch_is_ours(store, result))
        doubt_is_settled(store, pg_int64(result, 0, 1));
}

/* With the lock ours no older session of this server lives; the row lock waits for whatever else
 * might hold the row, such as a server that takes over right now. */
static void on_relocked(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    if (!step_is_done(store, end, sqlstate))
        return;
    if (pg_rows(result) == 1 && !epoch_is_ours(store, result))
        return;
    if (pg_rows(result) != 1 || !pg_bool(result, 0, 1)) {
        /* Held by our old session, which was asked to end, or by a server that is about to raise
         * the epoch: the next try sees which. */
        if (store->retries > 2)
            store->retries = 2;
        pause_doubt(store);
        return;
    }
    pg_query(store->writer, "vsl_writer_row",
        "select coalesce(epoch, -1), coalesce(batch_number, -1) from vsl.writer for update", NULL,
        on_writer_row, store);
}

static void on_terminated(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    (void)result;
    if (!step_is_done(store, end, sqlstate))
        return;
    struct pg_parameters parameters = {0};
    pg_add_int32(&parameters, WRITER_LOCK_CLASS);
    pg_add_int32(&parameters, writer_lock_of(store->position.epoch));
    store->lock_backend_pid = pg_backend_pid(store->writer);
    pg_query(store->writer, "vsl_relock",
        "select coalesce(epoch, -1), pg_try_advisory_lock($1, $2) from vsl.writer", &parameters,
        on_relocked, store);
    pg_parameters_finish(&parameters);
}

void doubt_begin(struct store *store)
{
    store->asked_us = clock_monotonic_us();
    /* A session whose client is gone may live on, for instance while it waits for a disk. It is
     * ours, so it may be ended; the lock tells it from a stranger that got its process id. */
    struct pg_parameters parameters = {0};
    pg_add_int32(&parameters, WRITER_LOCK_CLASS);
    pg_add_int32(&parameters, writer_lock_of(store->position.epoch));
    pg_add_int32(&parameters, store->lock_backend_pid);
    pg_query(store->writer, "vsl_end_old_session",
        "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
        " and database = (select oid from pg_database where datname = current_database())"
        " and classid::int8 = $1 and objid::int8 = $2 and objsubid = 2 and pid = $3"
        " and pid <> pg_backend_pid()",
        &parameters, on_terminated, store);
    pg_parameters_finish(&parameters);
}

/* ---- heartbeat ---- */

static void on_heartbeat(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    if (store->phase == STORE_STOPPED || end == PG_LOST)
        return;
    store->heartbeat_us = 0;
    if (end == PG_FAILED)
        log_warning("store could not read the epoch: sqlstate=%s", store_cause(sqlstate));
    else if (pg_rows(result) == 1)
        (void)epoch_is_ours(store, result);
}

/* A start whose rows stay away holds the writer's lock, and lets no standby serve: it says so, and
 * in the end begins anew with another connection. */
static void watch_loading(struct store *store, int64_t now_us)
{
    struct loader *loader = &store->loader;
    int64_t silent_us = now_us - loader->progress_us;
    if (silent_us > ROWS_TIMEOUT_US) {
        log_warning("store gets no rows from the database, connecting anew");
        pg_reset(store->writer);
    } else if (silent_us > ANSWER_TIMEOUT_US && now_us - loader->told_us > ANSWER_TIMEOUT_US) {
        loader->told_us = now_us;
        log_warning("store loads, and waits for rows of the database since ms=%lld",
            (long long)(silent_us / 1000));
    }
}

void writer_watch(struct store *store)
{
    int64_t now_us = clock_monotonic_us();
    if (store->phase == STORE_LOADING)
        watch_loading(store, now_us);
    bool is_asking = (store->phase == STORE_STARTING || store->phase == STORE_DOUBT) &&
                     pg_is_ready(store->writer) && !evtimer_pending(store->timer, NULL);
    if (is_asking && now_us - store->asked_us > ANSWER_TIMEOUT_US) {
        log_warning("store gets no answer from the database, connecting anew");
        pg_reset(store->writer);
    }
    if (store->phase != STORE_READY)
        return;
    if (store->batch && now_us - store->submitted_us > ANSWER_TIMEOUT_US) {
        log_warning("store waits for a batch since ms=%lld, connecting anew",
            (long long)((now_us - store->submitted_us) / 1000));
        pg_reset(store->writer);
    } else if (store->heartbeat_us != 0 && now_us - store->heartbeat_us > ANSWER_TIMEOUT_US) {
        log_warning("store gets no answer from the database, connecting anew");
        pg_reset(store->writer);
    } else if (!store->batch && store->heartbeat_us == 0) {
        /* An idle server must learn too that it was fenced. A batch learns it by itself. */
        store->heartbeat_us = now_us;
        pg_query(store->writer, "vsl_heartbeat", "select coalesce(epoch, -1) from vsl.writer", NULL,
            on_heartbeat, store);
    }
}
