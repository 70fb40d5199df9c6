/* event_stream.c: StreamEvents.
 *
 * A stream is its filters and the next position to look at. It goes on from there with whatever
 * holds that position now: the database below the cut, memory from the cut on, and at the end of
 * memory it waits for the next durable command. Whenever it may not send or has nothing to send it
 * keeps the position only; so a slow stream holds no rows, and falls back to the database by itself
 * when memory has gone on. Positions are taken one after the other, hence no gap and no double.
 *
 * One struct stream per call, from event_stream_start until the call has ended. It is the call's
 * user value (wire_call_user).
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "base/check.h"
#include "base/clock.h"
#include "command/command.h"
#include "command/role_sets.h"
#include "model/outcome.h"
#include "query/command_filter.h"
#include "query/encode.h"
#include "query/internal.h"
#include "query/rows.h"
#include "query/statements.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of the commands of one page. */
#define PAGE_BYTES_MAX (4 * 1024 * 1024)

enum stream_state {
    /* Its task is queued. stream_run goes on. */
    STREAM_QUEUED,
    /* Waits for rows of the database; ends with on_commands or on_postings. A client that goes
     * meanwhile is noticed then. */
    STREAM_READING,
    /* The client has not taken what was sent. Ends with event_stream_ready. */
    STREAM_FULL,
    /* Everything durable was looked at. Ends with the next durable command, or when the client
     * goes; the progress timer sends the position meanwhile, also when it is an old one and the
     * stream was quiet for long. */
    STREAM_LIVE,
};

struct stream {
    struct task task;
    struct stream *next, *previous;
    struct query *query;
    struct wire_call *call;
    struct read_request request;
    enum stream_state state;
    int64_t position; /* next one to look at */
    int64_t told;     /* the client knows that everything up to here is behind it */
    int64_t sent_us;  /* when the client was last sent something, or the stream began */
    bool has_been_live;
    struct ledger_scope scope; /* in this step; its ids are the caller's */
    struct ledger_scope begun; /* when it began; its ids are here */
    int64_t begun_ids[CALLER_LEDGERS_MAX];

    /* The page of the database under way. */
    struct arena arena;
    struct command_record *records[PAGE_COMMANDS_MAX];
    uint32_t record_count;
    int64_t page_end; /* everything before it was looked at */
};

static void stream_set_state(struct stream *stream, enum stream_state state)
{
    struct query *query = stream->query;
    CHECK(stream->state != state);
    if (stream->state == STREAM_LIVE)
        query->live_count--;
    switch (state) {
    case STREAM_QUEUED:
        query_queue_task(query, &stream->task);
        break;
    case STREAM_READING:
        CHECK(stream->state == STREAM_QUEUED);
        break;
    case STREAM_FULL:
        CHECK(stream->state != STREAM_LIVE || stream->told == stream->position - 1);
        break;
    case STREAM_LIVE:
        CHECK(stream->state == STREAM_QUEUED);
        query->live_count++;
        break;
    }
    stream->state = state;
}

/* Unlinks and frees; the call has been ended. Its task must not be queued. */
static void stream_destroy(struct stream *stream)
{
    struct query *query = stream->query;
    CHECK(!stream->task.is_queued);
    if (stream->state == STREAM_LIVE)
        query->live_count--;
    if (stream->previous)
        stream->previous->next = stream->next;
    else
        query->streams = stream->next;
    if (stream->next)
        stream->next->previous = stream->previous;
    CHECK(query->stream_count > 0);
    query->stream_count--;
    arena_finish(&stream->arena);
    free(stream);
}

static void keep_scope(struct stream *stream, const struct ledger_scope *scope)
{
    CHECK(scope->count <= CALLER_LEDGERS_MAX);
    stream->begun = *scope;
    stream->begun.ids = stream->begun_ids;
    if (scope->count > 0)
        memcpy(stream->begun_ids, scope->ids, scope->count * sizeof scope->ids[0]);
}

/* Whether what the caller may see of the stream is not what it was when the stream began. With a
 * ledger named, which is his still, the others make no difference. */
static bool has_other_scope(const struct stream *stream)
{
    const struct ledger_scope *now = &stream->scope;
    const struct ledger_scope *begun = &stream->begun;
    if (now->kept != begun->kept || now->is_adapter != begun->is_adapter)
        return true;
    if (stream->request.ledger_id != 0)
        return false;
    /* None is in there twice. */
    bool is_other = now->is_all != begun->is_all || now->count != begun->count;
    for (uint32_t i = 0; i < now->count && !is_other; i++)
        is_other = !ledger_scope_has(begun, now->ids[i]);
    return is_other;
}

/* Ends a stream whose client is gone or may not read any more, or all of them when the server stops
 * or cannot know what is new. Else the stream has its scope for this step: the one that it began
 * with, for a position that has passed what was hidden would never come back to it. */
static bool stream_has_to_end(struct stream *stream)
{
    if (wire_call_is_gone(stream->call)) {
        wire_stream_end(stream->call);
        stream_destroy(stream);
        return true;
    }
    if (stream->query->is_stopping) {
        stream_call_stop(stream->call);
        stream_destroy(stream);
        return true;
    }
    if (stream->query->is_away) {
        stream_call_fail(stream->call, POOL_UNAVAILABLE);
        stream_destroy(stream);
        return true;
    }
    const struct query_recent *recent = &stream->query->recent;
    if (!recent->scope(recent->context, stream->call, &stream->scope)) {
        stream_call_refuse_caller(stream->call);
        stream_destroy(stream);
        return true;
    }
    int64_t ledger_id = stream->request.ledger_id;
    if (ledger_id != 0 && !ledger_scope_has(&stream->scope, ledger_id)) {
        stream_call_no_ledger(stream->call);
        stream_destroy(stream);
        return true;
    }
    if (has_other_scope(stream)) {
        stream_call_end_changed(stream->call);
        stream_destroy(stream);
        return true;
    }
    return false;
}

/* ---- sending ---- */

static bool is_in_scope(const struct stream *stream, const struct command_record *record)
{
    const struct ledger_scope *scope = &stream->scope;
    return ledger_scope_has(scope, record->ledger_id) &&
           command_showing(record, scope->kept) != SHOWN_NOT;
}

static bool is_wanted(const struct stream *stream, const struct command_record *record)
{
    const struct read_request *request = &stream->request;
    if (!is_in_scope(stream, record))
        return false;
    if (request->ledger_id != 0 && record->ledger_id != request->ledger_id)
        return false;
    if (request->has_kinds && (record->kind > COMMAND_KIND_MAX || !request->kinds[record->kind]))
        return false;
    if (request->has_kinds && command_showing(record, stream->scope.kept) != SHOWN_WHOLE)
        return false;
    return !request->accepted_only || outcome_is_accepted(record->outcome);
}

enum sent { SENT, SENT_AND_FULL, SENT_DAMAGED };

/* Sends an entry; the stream's position is behind it then. */
static enum sent send_entry(struct stream *stream, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count)
{
    struct buffer out = {0};
    CHECK(record->sequence >= stream->position);
    if (command_is_hidden(record, posting_count, stream->scope.kept)) {
        stream->position = record->sequence + 1;
        return SENT;
    }
    if (encode_event(&out, stream->query->identity_text, stream->told, record, postings,
            posting_count,
            (struct viewer){stream->scope.kept, stream->scope.is_adapter, stream->query->sealer,
                &stream->query->recent.caller_names, &stream->query->recent.member_names},
            &stream->query->scratch) < 0) {
        buffer_finish(&out);
        return SENT_DAMAGED;
    }
    bool has_room = wire_stream_send(stream->call, out.bytes, out.length);
    buffer_finish(&out);
    stream->sent_us = clock_monotonic_us();
    stream->position = record->sequence + 1;
    stream->told = record->sequence;
    return has_room ? SENT : SENT_AND_FULL;
}

/* Tells how far the stream is, or again that it is there still. */
static enum sent send_reached(struct stream *stream)
{
    struct buffer out = {0};
    CHECK(stream->told <= stream->position - 1);
    encode_reached(&out, stream->query->identity_text, stream->told, stream->position - 1);
    bool has_room = wire_stream_send(stream->call, out.bytes, out.length);
    buffer_finish(&out);
    stream->sent_us = clock_monotonic_us();
    stream->told = stream->position - 1;
    return has_room ? SENT : SENT_AND_FULL;
}

static void stream_fail_damaged(struct stream *stream)
{
    stream_call_fail_damaged(stream->call);
    stream_destroy(stream);
}

/* ---- from the database ---- */

static void stream_submit(
    struct stream *stream, struct pool_job *job, int64_t indexed_before, pool_on_done on_done)
{
    call_submit(stream->query, stream->call, job, indexed_before, on_done, stream);
}

/* Goes on behind the page: the positions up to page_end were looked at. */
static void end_page(struct stream *stream)
{
    arena_reset(&stream->arena);
    stream->record_count = 0;
    CHECK(stream->page_end >= stream->position);
    stream->position = stream->page_end;
    bool is_due = stream->position - 1 - stream->told >= stream->query->steps.progress_positions;
    if (is_due && send_reached(stream) != SENT)
        stream_set_state(stream, STREAM_FULL);
    else
        stream_set_state(stream, STREAM_QUEUED);
}

/* Whether the answer can be used; else the stream has been ended. */
static bool has_answer(struct stream *stream, enum pool_end end)
{
    if (stream_has_to_end(stream))
        return false;
    if (end == POOL_DONE)
        return true;
    stream_call_fail(stream->call, end);
    stream_destroy(stream);
    return false;
}

static void on_postings(void *context, enum pool_end end, const struct pg_result *result)
{
    struct stream *stream = context;
    if (!has_answer(stream, end))
        return;
    size_t row = 0;
    struct posting postings[POSTINGS_PER_COMMAND_MAX];
    for (uint32_t i = 0; i < stream->record_count; i++) {
        const struct command_record *record = stream->records[i];
        uint32_t count = 0;
        if (rows_take_postings(result, &row, record->sequence, postings, &count) < 0) {
            stream_fail_damaged(stream);
            return;
        }
        enum sent sent = send_entry(stream, record, postings, count);
        if (sent == SENT_DAMAGED) {
            stream_fail_damaged(stream);
            return;
        }
        if (sent == SENT_AND_FULL) {
            /* The rest is read again when the client has taken this. */
            arena_reset(&stream->arena);
            stream->record_count = 0;
            stream_set_state(stream, STREAM_FULL);
            return;
        }
    }
    end_page(stream);
}

static void on_commands(void *context, enum pool_end end, const struct pg_result *result)
{
    struct stream *stream = context;
    if (!has_answer(stream, end))
        return;
    size_t rows = pg_rows(result);
    CHECK(rows <= stream->query->steps.page_commands);
    int64_t sequences[PAGE_COMMANDS_MAX];
    int64_t previous = stream->position - 1;
    for (size_t row = 0; row < rows; row++) {
        struct command_record record;
        if (row_read_command(result, row, &record) < 0 || record.sequence <= previous) {
            stream_fail_damaged(stream);
            return;
        }
        previous = record.sequence;
        sequences[row] = record.sequence;
        stream->records[row] = record_copy(&record, &stream->arena);
        CHECK(stream->records[row] != NULL);
    }
    stream->record_count = (uint32_t)rows;
    if (rows == stream->query->steps.page_commands)
        stream->page_end = previous + 1;
    /* One of an account has a ledger, too. */
    bool is_filtered = stream->request.ledger_id != 0 || stream->request.has_kinds ||
                       stream->request.accepted_only;
    if (!is_filtered && stream->page_end - stream->position != (int64_t)rows) {
        /* Sequence numbers have no gaps. */
        stream_fail_damaged(stream);
        return;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < stream->record_count; i++) {
        if (!is_in_scope(stream, stream->records[i]))
            continue;
        sequences[kept] = sequences[i];
        stream->records[kept++] = stream->records[i];
    }
    stream->record_count = kept;
    if (kept == 0) {
        end_page(stream);
        return;
    }
    stream_submit(stream, postings_job(sequences, kept), previous + 1, on_postings);
}

static void read_page(struct stream *stream, int64_t cut)
{
    const struct read_request *request = &stream->request;
    int64_t end = stream->position + stream->query->steps.page_positions;
    stream->page_end = end < cut ? end : cut;
    int16_t kinds[COMMAND_KIND_MAX + 1];
    size_t kind_count = 0;
    for (int kind = 0; kind <= COMMAND_KIND_MAX; kind++)
        if (request->kinds[kind])
            kinds[kind_count++] = (int16_t)kind;

    bool is_of_account = request->account_id != 0;
    struct pool_job *job = pool_job_create(
        is_of_account ? &statement_account_commands_between : &statement_commands_between);
    pg_add_int64(&job->parameters, stream->position);
    pg_add_int64(&job->parameters, stream->page_end);
    pg_add_int64(&job->parameters, request->ledger_id);
    if (kind_count > 0)
        pg_add_int16s(&job->parameters, kinds, kind_count);
    else
        pg_add_null(&job->parameters);
    pg_add_int16(&job->parameters, request->accepted_only ? OUTCOME_REFUSED_MIN : INT16_MAX);
    pg_add_int64(&job->parameters, stream->query->steps.page_commands);
    if (is_of_account)
        pg_add_int64(&job->parameters, request->account_id);
    stream_set_state(stream, STREAM_READING);
    stream_submit(stream, job, stream->page_end, on_commands);
}

/* ---- from memory ---- */

/* Looks at what is in memory, for this turn. */
static void walk_memory(struct stream *stream, int64_t durable)
{
    const struct query_recent *recent = &stream->query->recent;
    enum sent sent = SENT;
    for (uint32_t n = 0; n < stream->query->steps.turn_commands && stream->position <= durable;
         n++) {
        const struct command_record *record =
            recent->find_sequence(recent->context, stream->position);
        CHECK(record != NULL);
        const struct posting *postings = NULL;
        uint32_t count = 0;
        bool is_sent = is_wanted(stream, record);
        if (is_sent) {
            count = recent->postings(recent->context, record->sequence, &postings);
            is_sent = filter_postings(&stream->request, record, postings, count);
        }
        if (is_sent) {
            sent = send_entry(stream, record, postings, count);
        } else {
            stream->position++;
            if (stream->position - 1 - stream->told >= stream->query->steps.progress_positions)
                sent = send_reached(stream);
        }
        if (sent == SENT_DAMAGED) {
            stream_fail_damaged(stream);
            return;
        }
        if (sent == SENT_AND_FULL) {
            stream_set_state(stream, STREAM_FULL);
            return;
        }
    }
    query_queue_task(stream->query, &stream->task);
}

/* Everything durable was looked at. The first time the client is told so at once, also when there
 * was nothing: so it knows that its position is good. */
static void go_live(struct stream *stream)
{
    bool has_news = stream->told < stream->position - 1;
    bool is_mute = stream->told < stream->request.from_sequence;
    bool is_first = !stream->has_been_live;
    stream->has_been_live = true;
    if (is_first && (has_news || is_mute) && send_reached(stream) != SENT)
        stream_set_state(stream, STREAM_FULL);
    else
        stream_set_state(stream, STREAM_LIVE);
}

static void stream_run(struct task *task)
{
    struct stream *stream = (struct stream *)task;
    const struct query_recent *recent = &stream->query->recent;
    CHECK(stream->state == STREAM_QUEUED);
    if (stream_has_to_end(stream))
        return;
    int64_t cut = recent->first_sequence(recent->context);
    int64_t durable = recent->durable_sequence(recent->context);
    if (stream->position > durable)
        go_live(stream);
    else if (stream->position < cut)
        read_page(stream, cut);
    else
        walk_memory(stream, durable);
}

/* ---- what wakes streams ---- */

void event_stream_ready(struct wire_call *call)
{
    struct stream *stream = wire_call_user(call);
    if (!stream) {
        /* It waits to be begun, has sent nothing, and begins with a look for its client. */
        CHECK(wire_call_is_gone(call));
        return;
    }
    CHECK(stream->call == call);
    switch (stream->state) {
    case STREAM_FULL:
        stream_set_state(stream, STREAM_QUEUED);
        break;
    case STREAM_LIVE:
        if (wire_call_is_gone(call))
            stream_set_state(stream, STREAM_QUEUED);
        break;
    case STREAM_QUEUED:
    case STREAM_READING:
        break;
    }
}

void event_streams_on_durable(struct query *query)
{
    if (query->live_count == 0)
        return;
    int64_t durable = query->recent.durable_sequence(query->recent.context);
    for (struct stream *stream = query->streams; stream; stream = stream->next)
        if (stream->state == STREAM_LIVE && stream->position <= durable)
            stream_set_state(stream, STREAM_QUEUED);
}

void event_streams_on_timer(struct query *query)
{
    int64_t now_us = clock_monotonic_us();
    for (struct stream *stream = query->streams; stream; stream = stream->next) {
        bool has_news = stream->told < stream->position - 1;
        bool is_quiet = query->config.heartbeat_us > 0 &&
                        now_us - stream->sent_us >= query->config.heartbeat_us;
        if (stream->state != STREAM_LIVE || (!has_news && !is_quiet))
            continue;
        if (send_reached(stream) != SENT)
            stream_set_state(stream, STREAM_FULL);
    }
}

void event_streams_stop(struct query *query)
{
    CHECK(query->is_stopping || query->is_away);
    for (struct stream *stream = query->streams; stream; stream = stream->next)
        if (stream->state == STREAM_FULL || stream->state == STREAM_LIVE)
            stream_set_state(stream, STREAM_QUEUED);
}

void event_stream_start(
    struct query *query, struct wire_call *call, const struct read_request *request)
{
    if (query->is_stopping || query->is_closing) {
        stream_call_stop(call);
        return;
    }
    if (query->stream_count >= query->config.streams_max) {
        stream_call_refuse_many(call, query->config.streams_max);
        return;
    }
    if (request->has_identity && !is_of_journal(query, &request->identity)) {
        stream_call_refuse_identity(query, call, &request->identity);
        return;
    }
    const struct query_recent *recent = &query->recent;
    struct ledger_scope scope;
    if (!recent->scope(recent->context, call, &scope)) {
        stream_call_refuse_caller(call);
        return;
    }
    bool has_ledger =
        request->ledger_id == 0 || (ledger_scope_has(&scope, request->ledger_id) &&
                                       recent->has_ledger(recent->context, request->ledger_id));
    if (!has_ledger) {
        stream_call_no_ledger(call);
        return;
    }
    int64_t ledger_id = 0;
    bool is_there = request->account_id == 0 ||
                    recent->find_account(recent->context, request->account_id, &ledger_id);
    if (!is_there || (request->account_id != 0 && ledger_id != request->ledger_id)) {
        stream_call_not_found(call, "account_id", REASON_ACCOUNT_NOT_FOUND,
            WORDING("the ledger has no account with this id", "台账没有这个编号的账户"));
        return;
    }
    /* Whoever was answered with a number may go on behind it: it was durable then. While the
     * database is away another server may have gone on; then the stream's first step ends it. */
    int64_t durable = recent->durable_sequence(recent->context);
    if (request->from_sequence - 1 > durable && !query->is_away) {
        stream_call_refuse_ahead(call, request->from_sequence, durable);
        return;
    }
    struct stream *stream = calloc(1, sizeof *stream);
    CHECK(stream != NULL);
    keep_scope(stream, &scope);
    stream->task.run = stream_run;
    stream->query = query;
    stream->call = call;
    stream->request = *request; /* it has no texts */
    stream->position = request->from_sequence;
    stream->told = request->from_sequence - 1;
    stream->sent_us = clock_monotonic_us();
    arena_init(&stream->arena, 65536, PAGE_BYTES_MAX);
    stream->next = query->streams;
    if (query->streams)
        query->streams->previous = stream;
    query->streams = stream;
    query->stream_count++;
    wire_call_set_user(call, stream);
    stream->state = STREAM_QUEUED;
    query_queue_task(query, &stream->task);
}
