/* check.c: the third connection: asks whether this server is still the writer.
 *
 * An answer that leaves without a batch tells of memory, and memory is right only as long as no
 * other server has raised the epoch. So it waits for a question that was sent after its request had
 * come: whoever had answered anything newer before had raised the epoch before. A connection of its
 * own: the writer's is taken by batches, which must not wait for reads nor reads for them.
 *
 * The question may be sent several times over connections that break. What counts is the last one,
 * which began latest.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/internal.h"

#include <inttypes.h>

/* One row by its only index: what takes longer is a connection that nobody answers on. */
#define ANSWER_TIMEOUT_US 2000000

static const char setup[] =
    "set default_transaction_read_only = on; set statement_timeout = '2s'; set timezone = 'UTC';"
    "set tcp_keepalives_idle = 3; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3;"
    "set tcp_user_timeout = 9000";

/* Whether the row is one that only the database can show that our batches went to. A server in
 * recovery, or one that has lost batches, says nothing about who writes. */
static bool is_of_ours(const struct store *store, const struct pg_result *result)
{
    return pg_rows(result) == 1 && !pg_bool(result, 0, 2) &&
           pg_int64(result, 0, 0) >= store->position.epoch &&
           pg_int64(result, 0, 1) >= store->check.batch_number;
}

static void on_answer(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    struct store *store = context;
    struct check *check = &store->check;
    int64_t sent_us = check->sent_us;
    check->sent_us = 0;
    if (store->phase == STORE_STOPPED || end == PG_LOST)
        return; /* on_check_ready asks again */
    if (end == PG_FAILED) {
        if (!check->has_failed)
            log_warning("store could not check the epoch: sqlstate=%s, trying again",
                store_cause(sqlstate));
        check->has_failed = true;
        return; /* check_watch asks again */
    }
    check->has_failed = false;
    if (pg_rows(result) == 1 && (pg_int64(result, 0, 0) < 0 || pg_int64(result, 0, 1) < 0)) {
        store_stop(store, STORE_WRITER_UNREADABLE);
        return;
    }
    if (!is_of_ours(store, result)) {
        log_warning("store reached a database that is not the one it writes to, connecting anew");
        pg_reset(check->connection);
        return;
    }
    if (pg_int64(result, 0, 0) != store->position.epoch) {
        store_fenced(store, pg_int64(result, 0, 0));
        return;
    }
    check->is_wanted = false;
    store_keep_clock(store, sent_us, pg_time_us(result, 0, 3));
    store->handlers->on_checked(store->context);
}

static void ask(struct store *store)
{
    struct check *check = &store->check;
    if (!check->is_wanted || check->sent_us != 0 || !check->connection ||
        !pg_is_ready(check->connection))
        return;
    check->sent_us = clock_monotonic_us();
    check->batch_number = store->position.batch_number;
    pg_query(check->connection, "vsl_check",
        "select coalesce(epoch, -1), coalesce(batch_number, -1), pg_is_in_recovery(),"
        " clock_timestamp() from vsl.writer",
        NULL, on_answer, store);
}

void store_check(struct store *store)
{
    CHECK(!store->check.is_wanted);
    if (store->phase == STORE_STOPPED)
        return;
    store->check.is_wanted = true;
    ask(store);
}

static void on_check_ready(void *context)
{
    ask(context);
}

void check_begin(struct store *store)
{
    static const struct pg_handlers handlers = {on_check_ready, NULL};
    CHECK(store->check.connection == NULL);
    store->check.connection =
        pg_open(store->base, store->conninfo, "vsld check", setup, &handlers, store);
}

void check_reset(struct store *store)
{
    if (store->check.connection && pg_is_ready(store->check.connection))
        pg_reset(store->check.connection);
}

void check_watch(struct store *store)
{
    struct check *check = &store->check;
    if (check->sent_us == 0) {
        ask(store);
    } else if (clock_monotonic_us() - check->sent_us > ANSWER_TIMEOUT_US) {
        log_warning("store gets no answer about the epoch, connecting anew");
        pg_reset(check->connection);
    }
}

void check_finish(struct store *store)
{
    if (store->check.connection)
        pg_close(store->check.connection);
}
