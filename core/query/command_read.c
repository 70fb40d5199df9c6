/* command_read.c: GetCommand, and look-ups of request keys among the indexed rows.
 *
 * A command that is decided but not durable yet is waited for: "not found" would tell its sender
 * that it had no effect. One struct get_call per call, from get_command_start until the call has
 * ended; it waits for its command to become durable, or for the pool.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "base/check.h"
#include "query/command_filter.h"
#include "query/encode.h"
#include "query/internal.h"
#include "query/rows.h"
#include "query/statements.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

/* ---- look-up of a key ---- */

struct key_lookup {
    struct query *query;
    struct key_wanted wanted;
    int64_t low;  /* lowest sequence to look at */
    int64_t high; /* above the highest sequence still to look at */
};

static void key_lookup_end(
    struct key_lookup *lookup, enum pool_end end, const struct command_record *record)
{
    lookup->wanted.on_found(lookup->wanted.context, end, record);
    free(lookup);
}

static void key_lookup_submit(
    struct key_lookup *lookup, struct pool_job *job, int64_t indexed_before, pool_on_done on_done)
{
    struct pool_request request = {
        .progress = indexed_before,
        .deadline_us = lookup->wanted.deadline_us,
        .is_urgent = lookup->wanted.is_urgent,
        .is_gone = lookup->wanted.is_gone,
        .gone_context = lookup->wanted.gone_context,
        .on_done = on_done,
        .context = lookup,
    };
    pool_submit(lookup->query->pool, job, &request);
}

static void key_lookup_next(struct key_lookup *lookup);

static void on_key(void *context, enum pool_end end, const struct pg_result *result)
{
    struct key_lookup *lookup = context;
    if (end != POOL_DONE) {
        key_lookup_end(lookup, end, NULL);
        return;
    }
    if (pg_rows(result) == 0) {
        key_lookup_next(lookup);
        return;
    }
    struct command_record record;
    if (row_read_command(result, 0, &record) < 0 ||
        !request_key_equals(&record.key, &lookup->wanted.key)) {
        key_lookup_end(lookup, POOL_REFUSED, NULL);
        return;
    }
    key_lookup_end(lookup, POOL_DONE, &record);
}

/* Looks into the next newest window, or ends the look-up. */
static void key_lookup_next(struct key_lookup *lookup)
{
    if (lookup->low >= lookup->high) {
        key_lookup_end(lookup, POOL_DONE, NULL);
        return;
    }
    const struct request_key *key = &lookup->wanted.key;
    int64_t high = lookup->high;
    int64_t low = high - lookup->query->steps.key_window;
    if (low < lookup->low)
        low = lookup->low;
    lookup->high = low;
    struct pool_job *job = pool_job_create(&statement_command_by_key);
    pg_add_text(&job->parameters, key->channel, key->channel_length);
    pg_add_date(&job->parameters, key->business_date);
    pg_add_text(&job->parameters, key->serial, key->serial_length);
    pg_add_int64(&job->parameters, low);
    pg_add_int64(&job->parameters, high);
    key_lookup_submit(lookup, job, high, on_key);
}

static void on_key_bounds(void *context, enum pool_end end, const struct pg_result *result)
{
    struct key_lookup *lookup = context;
    if (end != POOL_DONE) {
        key_lookup_end(lookup, end, NULL);
        return;
    }
    CHECK(pg_rows(result) == 1);
    if (!pg_is_null(result, 0, 0)) {
        lookup->low = pg_int64(result, 0, 0);
        lookup->high = pg_int64(result, 0, 1);
    }
    key_lookup_next(lookup);
}

void key_lookup_start(struct query *query, const struct key_wanted *wanted)
{
    struct key_lookup *lookup = calloc(1, sizeof *lookup);
    CHECK(lookup != NULL);
    lookup->query = query;
    lookup->wanted = *wanted;
    int64_t cut = query->recent.first_sequence(query->recent.context);
    struct pool_job *job = pool_job_create(&statement_key_bounds);
    pg_add_date(&job->parameters, wanted->key.business_date);
    pg_add_int64(&job->parameters, cut);
    key_lookup_submit(lookup, job, cut, on_key_bounds);
}

/* ---- a command by its number ---- */

static struct pool_job *command_job(int64_t sequence)
{
    struct pool_job *job = pool_job_create(&statement_commands_between);
    pg_add_int64(&job->parameters, sequence);
    pg_add_int64(&job->parameters, sequence + 1);
    pg_add_int64(&job->parameters, 0);
    pg_add_null(&job->parameters);
    pg_add_int16(&job->parameters, INT16_MAX);
    pg_add_int64(&job->parameters, 1);
    return job;
}

/* The answer to command_job. Sequence numbers have no gaps: below the cut a missing one is damage,
 * as is a row that cannot be read; -1 then. */
static int read_command(
    const struct pg_result *result, int64_t sequence, struct command_record *ret_record)
{
    if (pg_rows(result) != 1 || row_read_command(result, 0, ret_record) < 0)
        return -1;
    return ret_record->sequence == sequence ? 0 : -1;
}

/* The answer to postings_job; -1 when it is damaged. */
static int read_postings(const struct pg_result *result, int64_t sequence,
    struct posting ret_postings[POSTINGS_PER_COMMAND_MAX], uint32_t *ret_count)
{
    size_t row = 0;
    if (rows_take_postings(result, &row, sequence, ret_postings, ret_count) < 0)
        return -1;
    return row == pg_rows(result) ? 0 : -1;
}

/* ---- GetCommand ---- */

struct get_call {
    struct get_call *next; /* in query->waiting */
    struct query *query;
    struct wire_call *call;
    struct read_request request;
    int64_t sequence; /* of the command that is waited for or was found */
    struct arena arena;
    struct command_record *record; /* in the arena; from the database */
};

static void get_destroy(struct get_call *get)
{
    arena_finish(&get->arena);
    free(get);
}

static void get_fail(struct get_call *get, enum pool_end end)
{
    call_fail(get->query, get->call, end);
    get_destroy(get);
}

static void get_fail_damaged(struct get_call *get)
{
    call_fail_damaged(get->query, get->call);
    get_destroy(get);
}

static void get_fail_not_found(struct get_call *get)
{
    if (get->request.sequence != 0)
        call_not_found(get->query, get->call, "sequence", REASON_COMMAND_NOT_FOUND,
            WORDING("the journal has no command with this sequence number yet",
                "日志中尚无此序号的指令"));
    else
        call_not_found(get->query, get->call, "key", REASON_COMMAND_NOT_FOUND,
            WORDING("no command with this request key is on record so far; to make it "
                    "happen, send the same request with the same key, never with a new one",
                "目前没有此请求键的指令记录；如需执行，请用同一请求键重发同一请求，切勿使用新的请求"
                "键"));
    get_destroy(get);
}

static void get_reply(struct get_call *get, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count)
{
    struct buffer out = {0};
    if (command_is_hidden(record, posting_count, get->request.kept)) {
        get_fail_not_found(get);
        return;
    }
    if (encode_get_command(&out, get->query->identity_text, record, postings, posting_count,
            (struct viewer){get->request.kept, false, get->query->sealer,
                &get->query->recent.caller_names, &get->query->recent.member_names},
            &get->query->scratch) < 0) {
        buffer_finish(&out);
        get_fail_damaged(get);
        return;
    }
    call_reply(get->query, get->call, out.bytes, out.length);
    buffer_finish(&out);
    get_destroy(get);
}

static void get_submit(
    struct get_call *get, struct pool_job *job, int64_t indexed_before, pool_on_done on_done)
{
    call_submit(get->query, get->call, job, indexed_before, on_done, get);
}

static void on_postings(void *context, enum pool_end end, const struct pg_result *result)
{
    struct get_call *get = context;
    if (end != POOL_DONE) {
        get_fail(get, end);
        return;
    }
    struct posting postings[POSTINGS_PER_COMMAND_MAX];
    uint32_t count = 0;
    if (read_postings(result, get->sequence, postings, &count) < 0) {
        get_fail_damaged(get);
        return;
    }
    get_reply(get, get->record, postings, count);
}

/* Whether the command is there for who asks. */
static bool is_for(const struct get_call *get, const struct command_record *record)
{
    return call_has_ledger(get->query, get->call, record->ledger_id) &&
           command_showing(record, get->request.kept) != SHOWN_NOT;
}

/* The command is there; its postings are still to be read. */
static void get_take_record(struct get_call *get, const struct command_record *record)
{
    if (!is_for(get, record)) {
        get_fail_not_found(get);
        return;
    }
    get->sequence = record->sequence;
    get->record = record_copy(record, &get->arena);
    CHECK(get->record != NULL);
    get_submit(get, postings_job(&get->sequence, 1), get->sequence + 1, on_postings);
}

static void on_command(void *context, enum pool_end end, const struct pg_result *result)
{
    struct get_call *get = context;
    struct command_record record;
    if (end != POOL_DONE) {
        get_fail(get, end);
        return;
    }
    if (read_command(result, get->request.sequence, &record) < 0) {
        get_fail_damaged(get);
        return;
    }
    get_take_record(get, &record);
}

static void on_key_found(void *context, enum pool_end end, const struct command_record *record)
{
    struct get_call *get = context;
    if (end != POOL_DONE)
        get_fail(get, end);
    else if (!record)
        get_fail_not_found(get);
    else
        get_take_record(get, record);
}

static void get_from_database(struct get_call *get)
{
    const struct read_request *request = &get->request;
    if (request->sequence == 0) {
        struct key_wanted wanted = {
            .key = request->key,
            .deadline_us = wire_call_deadline_us(get->call),
            .is_gone = call_is_gone,
            .gone_context = get->call,
            .on_found = on_key_found,
            .context = get,
        };
        key_lookup_start(get->query, &wanted);
        return;
    }
    get_submit(get, command_job(request->sequence), request->sequence + 1, on_command);
}

/* Answers from memory, waits until the command is durable, or asks the database. */
static void get_find(struct get_call *get)
{
    struct query *query = get->query;
    const struct query_recent *recent = &query->recent;
    const struct read_request *request = &get->request;
    const struct command_record *record =
        request->sequence != 0 ? recent->find_sequence(recent->context, request->sequence)
                               : recent->find_key(recent->context, &request->key);
    if (!record) {
        if (request->sequence >= recent->first_sequence(recent->context))
            get_fail_not_found(get);
        else
            get_from_database(get);
        return;
    }
    if (!is_for(get, record)) {
        get_fail_not_found(get);
        return;
    }
    if (record->sequence > recent->durable_sequence(recent->context)) {
        if (query->is_away) {
            get_fail(get, POOL_UNAVAILABLE);
            return;
        }
        get->sequence = record->sequence;
        get->next = query->waiting;
        query->waiting = get;
        return;
    }
    const struct posting *postings = NULL;
    uint32_t count = recent->postings(recent->context, record->sequence, &postings);
    get_reply(get, record, postings, count);
}

void get_command_on_durable(struct query *query)
{
    /* A server that never became ready has nothing durable to ask for, and no call that waits. */
    if (!query->waiting)
        return;
    int64_t durable = query->recent.durable_sequence(query->recent.context);
    struct get_call *get = query->waiting;
    query->waiting = NULL;
    while (get) {
        struct get_call *next = get->next;
        get->next = NULL;
        if (query->is_closing || query->is_away) {
            get_fail(get, POOL_UNAVAILABLE);
        } else if (wire_call_is_gone(get->call)) {
            get_fail(get, POOL_GONE);
        } else if (get->sequence > durable) {
            get->next = query->waiting;
            query->waiting = get;
        } else {
            get_find(get);
        }
        get = next;
    }
}

void get_command_start(
    struct query *query, struct wire_call *call, const struct read_request *request)
{
    if (!call_begin(query, call, request))
        return;
    struct get_call *get = calloc(1, sizeof *get);
    CHECK(get != NULL);
    get->query = query;
    get->call = call;
    get->request = *request; /* it has no texts */
    arena_init(&get->arena, 8192, ENCODE_ARENA_BYTES_MAX);
    get_find(get);
}
