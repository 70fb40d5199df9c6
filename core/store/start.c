/* start.c: how a server becomes the writer.
 *
 * Two things decide. The *lock* of an epoch, a session advisory lock, tells whether its writer
 * lives; a standby asks for it again and again. (It does not wait in the server: a waiting
 * statement would hold back vacuum for as long as it waits.) The *epoch* in vsl.writer, raised in
 * one update, tells who may write: a batch with an older epoch fails. The lock is a courtesy, the
 * epoch is the law.
 *
 * A server takes the lock of the epoch to be before it raises the epoch, so there is no moment when
 * a writer has no lock and a third server takes it for dead.
 *
 * When the database restarts, writer and standby lose their connections together. So a standby that
 * is back waits some seconds before it asks for the lock: the writer goes on where it was, and
 * nothing has to be loaded anew.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/internal.h"

#include <string.h>

/* Between two tries for the lock. */
#define STANDBY_PAUSE_US 250000

int32_t writer_lock_of(int64_t epoch)
{
    return (int32_t)(epoch & INT32_MAX);
}

/* Ends a step that did not succeed; true when it did. */
static bool step_is_done(struct store *store, enum pg_end end, const char *sqlstate)
{
    if (store->phase == STORE_STOPPED || end == PG_LOST)
        return false; /* the connection comes back by itself and starting begins anew */
    if (end == PG_DONE)
        return true;
    if (store_is_outside_trouble(sqlstate)) {
        log_warning("store could not start: sqlstate=%s, trying again", store_cause(sqlstate));
        store->resets_after_pause = strcmp(sqlstate, "25006") == 0;
        store_pause(store->timer, STORE_PAUSE_US);
    } else if (strcmp(sqlstate, "3F000") == 0 || strcmp(sqlstate, "42P01") == 0) {
        store_stop(store, "the database has no vsl schema; run vslctl migrate");
    } else if (strcmp(sqlstate, "42501") == 0) {
        store_stop(store, "the database role lacks rights on the vsl schema; see sql/roles.sql");
    } else {
        store_stop(store, "the database refused the start-up queries with sqlstate %s",
            store_cause(sqlstate));
    }
    return false;
}

static void become_standby(struct store *store)
{
    if (!store->is_standby_told) {
        store->is_standby_told = true;
        log_info("store is standby: another server is the writer");
        store->handlers->on_standby(store->context);
    }
    if (store->phase != STORE_STOPPED)
        store_pause(store->timer, STANDBY_PAUSE_US);
}

/* The locks that were taken for nothing are given back. */
static void on_unlocked(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    (void)result;
    if (step_is_done(store, end, sqlstate))
        become_standby(store);
}

static void give_locks_back(struct store *store)
{
    pg_query(
        store->writer, "vsl_unlock", "select pg_advisory_unlock_all()", NULL, on_unlocked, store);
}

/* From here on a loss ends the store, so the handler is called once. */
static void load(struct store *store)
{
    store->handlers->on_lives(store->context, &store->lives);
    load_begin(store);
}

static void on_keys(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    if (!step_is_done(store, end, sqlstate))
        return;
    int32_t wrong = ring_wrong(result);
    if (wrong != 0)
        store_stop(store,
            "key %d of the key ring is not the key that vsl.ring_key has noted under this number: "
            "another secret stands there; give vsld the ring that it had (keys.file)",
            wrong);
    else
        load(store);
}

static void begin_loading(struct store *store)
{
    if (store->ring.count > 0)
        ring_ask(store, store->writer, on_keys);
    else
        load(store);
}

static void on_timeline_noted(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    (void)result;
    if (step_is_done(store, end, sqlstate))
        begin_loading(store);
}

/* A promoted replica and a cluster that was recovered from an archive look the same from here: the
 * first is everyday, of the second consumers must be told. So a person is told, once. */
static void note_timeline(struct store *store, int32_t known, int32_t present)
{
    log_warning("the database was promoted or recovered: timeline=%d before=%d; if commands that "
                "were answered may be missing, stop and see vslctl identity --help",
        present, known);
    struct pg_parameters parameters = {0};
    pg_add_int32(&parameters, present);
    pg_query(store->writer, "vsl_note_timeline", "update vsl.known_cluster set timeline = $1",
        &parameters, on_timeline_noted, store);
    pg_parameters_finish(&parameters);
}

static void on_lives(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    struct journal_lives *lives = &store->lives;
    if (!step_is_done(store, end, sqlstate))
        return;
    if (pg_rows(result) == 0) {
        store_stop(store, "vsl.journal_identity or vsl.known_cluster has no row; restore the "
                          "database from a backup");
        return;
    }
    if (!pg_bool(result, 0, 2)) {
        store_stop(store,
            "the rows were brought here from another PostgreSQL cluster, by a dump or an upgrade; "
            "run vslctl identity keep if all of them are here, else vslctl identity new");
        return;
    }
    struct pg_value first = pg_bytes(result, 0, 5);
    if (first.length != IDENTITY_BYTES) {
        store_stop(store, "vsl.journal_identity has no first life; restore the database from a "
                          "backup");
        return;
    }
    memcpy(store->first_identity.bytes, first.bytes, IDENTITY_BYTES);
    lives->count = 0;
    for (size_t row = 0; row < pg_rows(result); row++) {
        struct journal_life *life = &lives->items[lives->count++];
        struct pg_value identity = pg_bytes(result, row, 0);
        if (identity.length != IDENTITY_BYTES) {
            store_stop(store,
                "vsl.journal_identity: a row cannot be read; restore the database, or "
                "ask for support");
            return;
        }
        memcpy(life->identity.bytes, identity.bytes, IDENTITY_BYTES);
        life->first_sequence = pg_int64(result, row, 1);
    }
    char text[IDENTITY_CHARS + 1];
    identity_text(&lives->items[0].identity, text);
    log_info("the journal's identity=%s", text);
    int32_t known = pg_int32(result, 0, 3);
    int32_t present = pg_int32(result, 0, 4);
    if (known != present)
        note_timeline(store, known, present);
    else
        begin_loading(store);
}

/* Nobody else makes a new identity from now on: that raises the epoch, too. */
static void ask_lives(struct store *store)
{
    struct pg_parameters parameters = {0};
    pg_add_int64(&parameters, JOURNAL_LIVES_MAX);
    pg_query(store->writer, "vsl_lives",
        "select uuid_send(i.identity), coalesce(i.first_sequence, 0),"
        " coalesce(k.system_identifier = c.system_identifier, false),"
        " coalesce(k.timeline, 0), vsl.present_timeline(),"
        " (select uuid_send(f.identity) from vsl.journal_identity f where f.life = 1)"
        " from vsl.journal_identity i, vsl.known_cluster k, pg_control_system() c"
        " order by i.life desc limit $1",
        &parameters, on_lives, store);
    pg_parameters_finish(&parameters);
}

/* The state tables are ours from here on: what a server before has under way is refused when it
 * ends (vsl.note_progress), so that the seal is of what we load. */
static void on_state_claimed(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    if (!step_is_done(store, end, sqlstate))
        return;
    if (pg_rows(result) != 1)
        store_stop(store, "vsl.state_progress has no row; restore the database from a backup");
    else
        ask_lives(store);
}

static void claim_state(struct store *store)
{
    struct pg_parameters parameters = {0};
    pg_add_int64(&parameters, store->position.epoch);
    pg_query(store->writer, "vsl_claim_state",
        "update vsl.state_progress set epoch = $1 returning epoch", &parameters, on_state_claimed,
        store);
    pg_parameters_finish(&parameters);
}

static void on_raised(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    if (!step_is_done(store, end, sqlstate))
        return;
    if (pg_rows(result) != 1) {
        /* Another server was faster. */
        give_locks_back(store);
        return;
    }
    struct journal_position *position = &store->position;
    *position = (struct journal_position){
        .epoch = pg_int64(result, 0, 0),
        .batch_number = pg_int64(result, 0, 1),
    };
    struct pg_value secret = pg_bytes(result, 0, 2);
    if (secret.length != 16 || position->epoch != store->new_epoch) {
        store_stop(store, STORE_WRITER_UNREADABLE);
        return;
    }
    struct reader in = reader_of(secret.bytes, 16);
    position->filter_secret.k0 = reader_u64(&in);
    position->filter_secret.k1 = reader_u64(&in);
    log_info("store is the writer: epoch=%lld batch=%lld", (long long)position->epoch,
        (long long)position->batch_number);
    claim_state(store);
}

/* Waits for a batch under way, which holds the row. */
static void raise_epoch(struct store *store)
{
    struct pg_parameters parameters = {0};
    pg_add_int64(&parameters, store->new_epoch);
    pg_query(store->writer, "vsl_take_over",
        "update vsl.writer set epoch = $1 where epoch = $1 - 1"
        " returning epoch, coalesce(batch_number, -1), uuid_send(hash_secret)",
        &parameters, on_raised, store);
    pg_parameters_finish(&parameters);
}

static void on_old_session_ended(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    (void)result;
    if (step_is_done(store, end, sqlstate))
        raise_epoch(store);
}

/* A server that hangs in the middle of a batch would hold the row for ever. Whoever takes over by
 * force ends its session: the batch is then there as a whole or not at all, and nobody was told. */
static void end_old_session(struct store *store)
{
    struct pg_parameters parameters = {0};
    pg_add_int32(&parameters, WRITER_LOCK_CLASS);
    pg_add_int32(&parameters, writer_lock_of(store->new_epoch - 1));
    pg_query(store->writer, "vsl_end_writer",
        "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"
        " and database = (select oid from pg_database where datname = current_database())"
        " and classid::int8 = $1 and objid::int8 = $2 and objsubid = 2"
        " and pid <> pg_backend_pid()",
        &parameters, on_old_session_ended, store);
    pg_parameters_finish(&parameters);
}

static void on_locked(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    if (!step_is_done(store, end, sqlstate))
        return;
    if (!pg_bool(result, 0, 0))
        give_locks_back(store);
    else if (store->take_over)
        end_old_session(store);
    else
        raise_epoch(store);
}

static void on_epoch(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    if (!step_is_done(store, end, sqlstate))
        return;
    if (pg_rows(result) != 1) {
        store_stop(store, "vsl.writer has no row; restore the database from a backup");
        return;
    }
    int64_t wait_us = store->lock_after_us - clock_monotonic_us();
    if (wait_us > 0) {
        store_pause(store->timer, wait_us);
        return;
    }
    store_keep_clock(store, store->epoch_asked_us, pg_time_us(result, 0, 1));
    store->new_epoch = pg_int64(result, 0, 0) + 1;
    store->lock_backend_pid = pg_backend_pid(store->writer);
    struct pg_parameters parameters = {0};
    pg_add_bool(&parameters, store->take_over);
    pg_add_int32(&parameters, WRITER_LOCK_CLASS);
    pg_add_int32(&parameters, writer_lock_of(store->new_epoch - 1));
    pg_add_int32(&parameters, writer_lock_of(store->new_epoch));
    pg_query(store->writer, "vsl_lock",
        "select ($1 or pg_try_advisory_lock($2, $3)) and pg_try_advisory_lock($2, $4)", &parameters,
        on_locked, store);
    pg_parameters_finish(&parameters);
}

static void tell_settings(struct store *store, const struct pg_result *result)
{
    if (store->is_settings_told)
        return;
    store->is_settings_told = true;
    if (!pg_bool(result, 0, 1))
        log_warning("the database runs with fsync = off: a crash of its machine loses answers");
    if (!pg_bool(result, 0, 2))
        log_warning("the database runs with full_page_writes = off: torn pages are not repaired");
}

static void on_schema(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    if (!step_is_done(store, end, sqlstate))
        return;
    int32_t version = pg_int32(result, 0, 0);
    if (version < STORE_SCHEMA_VERSION) {
        store_stop(store,
            "the database's schema version is %d, this program needs %d; run vslctl"
            " migrate",
            version, STORE_SCHEMA_VERSION);
        return;
    }
    if (version > STORE_SCHEMA_VERSION) {
        store_stop(store,
            "the database's schema version is %d, this program knows %d; install the"
            " newer vsld",
            version, STORE_SCHEMA_VERSION);
        return;
    }
    if (!pg_bool(result, 0, 3)) {
        store_stop(store, "the database's encoding is not UTF8; create it with encoding UTF8");
        return;
    }
    tell_settings(store, result);
    if (pg_bool(result, 0, 4)) {
        log_warning("store could not start: the database only reads (in recovery), trying again");
        store->resets_after_pause = true;
        store_pause(store->timer, STORE_PAUSE_US);
        return;
    }
    store->epoch_asked_us = clock_monotonic_us();
    pg_query(store->writer, "vsl_epoch",
        "select coalesce(epoch, -1), clock_timestamp() from vsl.writer", NULL, on_epoch, store);
}

void start_begin(struct store *store)
{
    CHECK(store->phase == STORE_STARTING);
    store->asked_us = clock_monotonic_us();
    if (store->head_start_us > 0)
        store->lock_after_us = store->asked_us + store->head_start_us;
    store->head_start_us = 0;
    pg_query(store->writer, "vsl_schema",
        "select coalesce(max(version), 0), current_setting('fsync')::bool,"
        " current_setting('full_page_writes')::bool,"
        " current_setting('server_encoding') = 'UTF8', pg_is_in_recovery()"
        " from vsl.schema_version",
        NULL, on_schema, store);
}
