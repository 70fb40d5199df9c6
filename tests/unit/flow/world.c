/* world.c: see world.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "support/expect.h"
#include "unit/query/wire_recorder.h"

#include "base/clock.h"
#include "command/message.h"
#include "engine/commands.h"
#include "vsl/v1/common.pb-c.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/hold.pb-c.h"

#include <stdio.h>
#include <stdlib.h>

struct world world;

/* ---- the clocks ---- */

int64_t clock_wall_us(void)
{
    return world.wall_us;
}

int64_t clock_monotonic_us(void)
{
    return world.monotonic_us;
}

/* The server, the store and the query of this world, as long as they are open. */
static void expect_own(const void *part)
{
    EXPECT(part == &world);
}

/* ---- the wire ---- */

const struct wire_details wire_not_decided = {.reason = "NOT_DECIDED"};

struct wire_server *wire_server_open(
    struct event_base *base, const struct wire_config *config, char *ret_error, size_t error_bytes)
{
    (void)base, (void)config, (void)ret_error, (void)error_bytes;
    world.open_parts++;
    return (struct wire_server *)&world;
}

void wire_server_close(struct wire_server *server)
{
    expect_own(server);
    world.open_parts--;
}

void wire_server_set_serving(struct wire_server *server, bool serving)
{
    expect_own(server);
    world.is_serving = serving;
}

void wire_server_set_health(struct wire_server *server, bool is_healthy, bool is_name_healthy)
{
    expect_own(server);
    world.is_healthy = is_healthy;
    world.is_name_healthy = is_name_healthy;
}

int wire_server_reload_tls(struct wire_server *server, const char *certificate_file,
    const char *key_file, const char *client_ca_file, char *ret_error, size_t error_bytes)
{
    expect_own(server);
    (void)(void)certificate_file, (void)key_file, (void)client_ca_file;
    (void)ret_error, (void)error_bytes;
    return 0;
}

void wire_server_pause(struct wire_server *server, bool paused)
{
    expect_own(server);
    world.is_paused = paused;
}

void wire_server_stop(struct wire_server *server, void (*on_stopped)(void *context), void *context)
{
    expect_own(server);
    EXPECT(context == world.flow);
    world.on_stopped = on_stopped;
}

uint32_t wire_call_tag(const struct wire_call *call)
{
    return call->tag;
}

const char *wire_call_peer_name(const struct wire_call *call)
{
    (void)call;
    return world.peer_name;
}

/* ---- the store ---- */

bool store_is_conninfo(const char *conninfo)
{
    (void)conninfo;
    return true;
}

struct store *store_open(struct event_base *base, const struct store_config *config,
    const struct store_handlers *handlers, void *context)
{
    (void)base, (void)config, (void)context;
    EXPECT(handlers == &flow_store_handlers);
    world.open_parts++;
    return (struct store *)&world;
}

void store_close(struct store *store)
{
    expect_own(store);
    world.open_parts--;
}

void store_submit(struct store *store, const struct journal_batch *batch)
{
    expect_own(store);
    EXPECT(!world.batch);
    world.batch = batch;
}

void store_check(struct store *store)
{
    expect_own(store);
    EXPECT(!world.is_check_asked);
    world.is_check_asked = true;
}

bool store_is_settled(const struct store *store)
{
    expect_own(store);
    return world.is_settled;
}

int64_t store_database_time(const struct store *store, int64_t monotonic_us)
{
    expect_own(store);
    EXPECT(monotonic_us == world.monotonic_us);
    return world.wall_us + world.database_ahead_us;
}

int64_t store_database_time_asked(const struct store *store)
{
    expect_own(store);
    return world.monotonic_us;
}

int64_t store_sequence_limit(const struct store *store)
{
    expect_own(store);
    return world.segments_end;
}

void store_segment_of(
    const struct store *store, int64_t sequence, int64_t *ret_first, int64_t *ret_last)
{
    expect_own(store);
    EXPECT(sequence >= 1 && sequence <= world.segments_end);
    *ret_first = (sequence - 1) / SEGMENT * SEGMENT + 1;
    *ret_last = *ret_first + SEGMENT - 1;
}

int64_t store_redo_sequence(const struct store *store)
{
    expect_own(store);
    return world.redo;
}

bool store_can_write_state(const struct store *store)
{
    expect_own(store);
    return !world.is_writing;
}

void store_write_state(struct store *store, const struct image *images, const int64_t *sequences,
    size_t count, int64_t redo_sequence)
{
    expect_own(store);
    EXPECT(!world.is_writing);
    EXPECT(world.row_count + count <= ROWS_MAX);
    for (size_t i = 0; i < count; i++) {
        /* Only what is durable may be written behind. */
        EXPECT(sequences[i] <= journal_durable_sequence(world.flow->journal));
        world.rows[world.row_count] = images[i];
        world.row_sequences[world.row_count++] = sequences[i];
    }
    world.is_writing = true;
    world.writing_redo = redo_sequence;
}

void store_index_segment(struct store *store, const struct indexed_segment *segment,
    int32_t min_accounting_date, int32_t max_accounting_date)
{
    expect_own(store);
    (void)(void)min_accounting_date, (void)max_accounting_date;
    EXPECT(world.indexing_last == 0);
    EXPECT(segment->last_sequence <= journal_durable_sequence(world.flow->journal));
    world.indexing_last = segment->last_sequence;
}

/* ---- the query ---- */

struct query *query_open(
    struct event_base *base, const struct query_config *config, const struct query_recent *recent)
{
    (void)base, (void)config, (void)recent;
    world.open_parts++;
    return (struct query *)&world;
}

void query_close(struct query *query)
{
    expect_own(query);
    world.open_parts--;
    if (world.on_records)
        world_fail_records();
    while (world.open_questions > 0)
        world_answer_old(false);
}

void query_set_lives(struct query *query, const struct journal_lives *lives)
{
    (void)query;
    EXPECT(lives->count == 1 && world.life_count == 0);
    world.life_count = lives->count;
}

void query_call(struct query *query, enum query_kind kind, struct wire_call *call,
    const uint8_t *request, size_t length)
{
    expect_own(query);
    (void)(void)kind, (void)request, (void)length;
    world.query_calls++;
    wire_reply(call, "", 0);
}

void query_stream_ready(struct query *query, struct wire_call *call)
{
    expect_own(query);
    (void)(void)call;
}

void query_on_durable(struct query *query)
{
    expect_own(query);
}

void query_set_away(struct query *query, bool is_away)
{
    expect_own(query);
    world.is_away = is_away;
}

void query_stop(struct query *query)
{
    expect_own(query);
}

static struct question *add_question(void)
{
    EXPECT(world.open_questions < QUESTIONS_MAX);
    struct question *question = &world.questions[world.open_questions++];
    memset(question, 0, sizeof *question);
    return question;
}

void query_find_key(struct query *query, const struct request_key *key,
    void (*on_found)(void *context, int found, const struct command_record *record), void *context)
{
    expect_own(query);
    *add_question() = (struct question){.key = *key, .on_key = on_found, .context = context};
}

void query_find_command(
    struct query *query, int64_t sequence, query_on_command on_found, void *context)
{
    expect_own(query);
    EXPECT(sequence < recent_first_sequence(world.flow->recent));
    *add_question() =
        (struct question){.sequence = sequence, .on_command = on_found, .context = context};
}

void query_find_records(struct query *query, const struct query_records *asked,
    query_on_records on_found, void *context)
{
    expect_own(query);
    EXPECT(!world.on_records);
    world.question_count++;
    world.asked = *asked;
    world.on_records = on_found;
    world.asker = context;
}

/* ---- what happens ---- */

static void on_wake(void *context)
{
    (void)context;
}

static void on_end(void *context, enum flow_end end)
{
    (void)context;
    world.is_ended = true;
    world.end = end;
}

void world_open(void)
{
    static const char *const nowhere[] = {"unix:/nowhere"};
    const int64_t day_us = 24 * 3600 * SECOND;
    memset(&world, 0, sizeof world);
    world.wall_us = TEST_DATE * day_us + day_us / 2;
    world.monotonic_us = 1000 * SECOND;
    world.is_settled = true;
    world.segments_end = SEGMENT * 1000;
    world.redo = 1;
    struct flow_config config = {
        .wire = {.listen = nowhere, .listen_count = 1},
        .store = {.conninfo = "", .segment_commands = SEGMENT},
        .query = {.conninfo = ""},
        .database_timeout_us = DATABASE_TIMEOUT_US,
        .clock_difference_max_us = CLOCK_DIFFERENCE_US,
        .clock_recorded_ahead_max_us = CLOCK_DIFFERENCE_US,
        .wake = on_wake,
        .on_end = on_end,
    };
    char error[200] = "";
    world.flow = flow_open(NULL, &config, error, sizeof error);
    EXPECT_MSG(world.flow != NULL, "%s", error);
    const struct journal_position position = {.epoch = 1};
    const struct journal_lives lives = {.count = 1};
    flow_store_handlers.on_lives(world.flow, &lives);
    EXPECT(world.life_count == 1);
    flow_store_handlers.on_redo(world.flow, &position, 1, 1);
    flow_store_handlers.on_ready(world.flow);
    EXPECT(world.is_serving);
}

void world_close(void)
{
    EXPECT(world.open_parts == 3);
    flow_close(world.flow);
    EXPECT(world.open_parts == 0);
    for (uint32_t i = 0; i < world.call_count; i++) {
        EXPECT_MSG(world.calls[i].end != NOT_ENDED, "call %u was never answered", i);
        wire_call_finish(&world.calls[i]);
        free(world.requests[i]);
    }
}

struct wire_call *world_ask(const char *path, const struct ProtobufCMessage *message)
{
    EXPECT(world.call_count < CALLS_MAX);
    struct wire_call *call = &world.calls[world.call_count];
    uint8_t *request = malloc(protobuf_c_message_get_packed_size(message) + 1);
    EXPECT(request != NULL);
    size_t length = protobuf_c_message_pack(message, request);
    world.requests[world.call_count++] = request;
    wire_call_init(call);
    while (strcmp(methods[call->tag].path, path) != 0)
        call->tag++;
    flow_on_call(world.flow, call, request, length);
    return call;
}

struct wire_call *world_send_as(const char *serial, struct command command)
{
    static const char *const paths[] = {
#define COMMAND(number, NAME, name, Service, Method, answer)                                       \
    [number] = "/vsl.v1." #Service "Service/" #Method,
#include "command/command_list.h"
    };
    struct arena arena;
    arena_init(&arena, 65536, 1048576);
    command.key.serial_length = (uint8_t)strlen(serial);
    memcpy(command.key.serial, serial, command.key.serial_length);
    const ProtobufCMessage *message = command_to_message(&command, &arena);
    EXPECT(message != NULL);
    struct wire_call *call = world_ask(paths[command.kind], message);
    arena_finish(&arena);
    return call;
}

struct wire_call *world_send(struct command command)
{
    char serial[16];
    snprintf(serial, sizeof serial, "n%u", world.call_count);
    return world_send_as(serial, command);
}

struct wire_call *world_send_batch(const struct command *commands, uint32_t count, bool atomic)
{
    struct arena arena;
    Vsl__V1__SubmitBatchRequest batch = VSL__V1__SUBMIT_BATCH_REQUEST__INIT;
    Vsl__V1__BatchItem items[CALLS_MAX], *places[CALLS_MAX];
    EXPECT(count <= CALLS_MAX);
    arena_init(&arena, 65536, 1048576);
    for (uint32_t i = 0; i < count; i++) {
        struct command command = commands[i];
        if (command.key.serial_length == 1) /* as the tests' commands are made */
            command.key.serial_length = (uint8_t)snprintf(
                command.key.serial, sizeof command.key.serial, "b%u-%u", world.call_count, i);
        vsl__v1__batch_item__init(&items[i]);
        items[i].command_case = (Vsl__V1__BatchItem__CommandCase)command.kind;
        items[i].pay = (Vsl__V1__PayRequest *)command_to_message(&command, &arena);
        EXPECT(items[i].pay != NULL);
        places[i] = &items[i];
    }
    batch.n_items = count;
    batch.items = places;
    batch.atomic = atomic;
    struct wire_call *call = world_ask("/vsl.v1.FundsService/SubmitBatch", &batch.base);
    arena_finish(&arena);
    return call;
}

struct wire_call *world_read(const char *path, int64_t ledger_id, int64_t id)
{
    Vsl__V1__GetHoldRequest request = VSL__V1__GET_HOLD_REQUEST__INIT;
    request.ledger_id = ledger_id;
    request.hold_id = id;
    return world_ask(path, &request.base);
}

void world_turn(int64_t us)
{
    world.wall_us += us;
    world.monotonic_us += us;
    flow_turn(world.flow);
}

void world_batch_is_durable(void)
{
    EXPECT(world.batch != NULL);
    world.batch = NULL;
    flow_store_handlers.on_durable(world.flow);
}

void world_is_checked(void)
{
    EXPECT(world.is_check_asked);
    world.is_check_asked = false;
    flow_store_handlers.on_checked(world.flow);
}

void world_state_is_written(void)
{
    EXPECT(world.is_writing);
    world.is_writing = false;
    world.redo = world.writing_redo;
    flow_store_handlers.on_state_written(world.flow);
}

/* What the database has of it from now on. */
static void keep_old(int64_t sequence)
{
    const struct command_record *record = recent_find_sequence(world.flow->recent, sequence);
    const struct posting *postings = NULL;
    EXPECT(record != NULL && record->body_length <= OLD_BODY_BYTES_MAX);
    EXPECT(record->order_number.length <= sizeof world.old->order);
    EXPECT(world.old_count < OLD_MAX);
    struct old_command *old = &world.old[world.old_count++];
    old->record = *record;
    memcpy(old->body, record->body, record->body_length);
    old->record.body = old->body;
    if (record->order_number.length > 0)
        memcpy(old->order, record->order_number.bytes, record->order_number.length);
    old->record.order_number.bytes = old->order;
    old->posting_count = recent_postings(world.flow->recent, sequence, &postings);
    EXPECT(old->posting_count <= OLD_POSTINGS_MAX);
    for (uint32_t i = 0; i < old->posting_count; i++)
        old->postings[i] = postings[i];
}

void world_segment_is_indexed(void)
{
    for (int64_t i = 0; i < SEGMENT; i++)
        keep_old(world.indexing_last - SEGMENT + 1 + i);
    int64_t last = world.indexing_last;
    EXPECT(last != 0);
    world.indexing_last = 0;
    flow_store_handlers.on_segment_indexed(world.flow, last);
}

void world_settle(void)
{
    world_turn(0);
    while (world.batch || world.is_check_asked || world.indexing_last != 0 ||
           (world.is_writing && !world.is_writing_slow)) {
        if (world.batch)
            world_batch_is_durable();
        if (world.is_check_asked)
            world_is_checked();
        if (world.is_writing && !world.is_writing_slow)
            world_state_is_written();
        if (world.indexing_last != 0)
            world_segment_is_indexed();
        world_turn(0);
    }
}

static void answer_question(
    int result, int64_t redo_sequence, const struct buffer *rows, uint32_t count)
{
    query_on_records on_records = world.on_records;
    EXPECT(on_records != NULL);
    world.on_records = NULL;
    on_records(world.asker, result, redo_sequence, rows->bytes, rows->length, count);
}

/* By its id, or as an ended hold by payer and order. */
static bool is_asked(const struct image *row, int64_t id)
{
    const struct query_records *asked = &world.asked;
    if (asked->payer_account_id == 0)
        return record_id(&record_tables[row->kind], image_record_const(row)) == id;
    return row->hold.payer_account_id == asked->payer_account_id && row->hold.status != HOLD_LIVE &&
           row->hold.order_number_length == asked->order_number_length &&
           memcmp(row->hold.order_number, asked->order_number, asked->order_number_length) == 0;
}

/* The newest row of the record as of the redo point; -1: there is none. */
static int32_t find_row(int64_t id, int64_t redo_sequence)
{
    int32_t newest = -1;
    for (uint32_t i = 0; i < world.row_count; i++) {
        const struct image *row = &world.rows[i];
        if (row->kind == world.asked.kind && world.row_sequences[i] < redo_sequence &&
            is_asked(row, id))
            newest = (int32_t)i;
    }
    return newest;
}

void world_answer_records(int64_t redo_sequence)
{
    const struct query_records *asked = &world.asked;
    struct buffer bytes = {0};
    uint32_t count = 0;
    for (int64_t id = asked->first_key; id <= asked->last_key && count < asked->rows_max; id++) {
        int32_t row = find_row(id, redo_sequence);
        if (row < 0)
            continue;
        rows_append_record(&bytes, world.row_sequences[row], &record_tables[asked->kind],
            image_record_const(&world.rows[row]));
        count++;
    }
    answer_question(0, redo_sequence, &bytes, count);
    buffer_finish(&bytes);
}

void world_fail_records(void)
{
    const struct buffer none = {0};
    answer_question(-1, 0, &none, 0);
}

static void answer_one(const struct question *question, bool is_there)
{
    const struct old_command *found = NULL;
    for (uint32_t i = 0; i < world.old_count; i++) {
        const struct old_command *old = &world.old[i];
        if (question->on_key ? request_key_equals(&old->record.key, &question->key)
                             : old->record.sequence == question->sequence)
            found = old;
    }
    if (question->on_key)
        question->on_key(question->context,
            !is_there ? -1
            : found   ? 1
                      : 0,
            is_there && found ? &found->record : NULL);
    else if (is_there && found)
        question->on_command(
            question->context, 0, &found->record, found->postings, found->posting_count);
    else
        question->on_command(question->context, -1, NULL, NULL, 0);
}

void world_answer_old(bool is_there)
{
    struct question questions[QUESTIONS_MAX];
    uint32_t count = world.open_questions;
    EXPECT(count > 0);
    memcpy(questions, world.questions, sizeof questions);
    world.open_questions = 0;
    for (uint32_t i = 0; i < count; i++)
        answer_one(&questions[i], is_there);
}

/* Each response begins with its result, field 1. */
static Vsl__V1__CommandResult *result_of(const struct wire_call *call)
{
    EXPECT_MSG(call->end == ENDED_BY_REPLY, "%d: %s", call->end, call->message);
    struct reader in = reader_of(call->reply.bytes, call->reply.length);
    EXPECT(reader_u8(&in) == 0x0a);
    size_t length = reader_u8(&in);
    if (length & 0x80)
        length = (length & 0x7f) | (size_t)reader_u8(&in) << 7;
    const uint8_t *bytes = reader_take(&in, length);
    EXPECT(bytes != NULL);
    Vsl__V1__CommandResult *result = vsl__v1__command_result__unpack(NULL, length, bytes);
    EXPECT(result != NULL);
    return result;
}

int64_t world_do(struct command command)
{
    const struct wire_call *call = world_send(command);
    world_turn(0);
    int64_t sequence = journal_next_sequence(world.flow->journal) - 1;
    const struct command_record *record = recent_find_sequence(world.flow->recent, sequence);
    EXPECT(record != NULL && record->kind == command.kind);
    int64_t subject_id = record->subject_id;
    world_settle();
    enum outcome outcome = world_outcome(call);
    EXPECT_MSG(outcome_is_accepted((int)outcome), "%s", outcome_name((int)outcome));
    return subject_id;
}

enum outcome world_outcome(const struct wire_call *call)
{
    Vsl__V1__CommandResult *result = result_of(call);
    enum outcome outcome = (enum outcome)result->outcome;
    vsl__v1__command_result__free_unpacked(result, NULL);
    return outcome;
}

bool world_is_replay(const struct wire_call *call)
{
    Vsl__V1__CommandResult *result = result_of(call);
    bool is_replay = result->replayed;
    vsl__v1__command_result__free_unpacked(result, NULL);
    return is_replay;
}

uint32_t world_outcomes(const struct wire_call *call, enum outcome *ret_outcomes, uint32_t max)
{
    EXPECT_MSG(call->end == ENDED_BY_REPLY, "%d: %s", call->end, call->message);
    Vsl__V1__SubmitBatchResponse *response =
        vsl__v1__submit_batch_response__unpack(NULL, call->reply.length, call->reply.bytes);
    EXPECT(response != NULL && response->n_results <= max);
    for (size_t i = 0; i < response->n_results; i++)
        ret_outcomes[i] = (enum outcome)response->results[i]->result->outcome;
    uint32_t count = (uint32_t)response->n_results;
    vsl__v1__submit_batch_response__free_unpacked(response, NULL);
    return count;
}
