/* world.c: see world.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "support/expect.h"
#include "unit/query/wire_recorder.h"

#include "command/message.h"
#include "engine/commands.h"
#include "vsl/v1/common.pb-c.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/hold.pb-c.h"

#include <stdio.h>
#include <stdlib.h>

struct world world;

/* ---- what happens ---- */

static void on_wake(void *context)
{
    (void)context;
    world.wakes++;
}

static void on_wake_in(void *context, int64_t us)
{
    (void)context;
    EXPECT(us > 0);
    world.wake_in_us = us;
}

static void on_end(void *context, enum flow_end end)
{
    (void)context;
    world.is_ended = true;
    world.end = end;
}

static const char *const nowhere[] = {"unix:/nowhere"};

static struct flow_config config_of(void)
{
    return (struct flow_config){
        .wire = {.listen = nowhere, .listen_count = 1},
        .store = {.conninfo = "url", .segment_commands = SEGMENT},
        .query = {.conninfo = "read_url"},
        .redo_commands_max = 4000000,
        .database_timeout_us = DATABASE_TIMEOUT_US,
        .clock_difference_max_us = CLOCK_DIFFERENCE_US,
        .clock_recorded_ahead_max_us = CLOCK_DIFFERENCE_US,
        .clock_recorded_behind_max_us = CLOCK_BEHIND_US,
        .wake = on_wake,
        .wake_in = on_wake_in,
        .on_end = on_end,
    };
}

static void open_flow(void)
{
    const struct flow_config config = config_of();
    char error[200] = "";
    world.life_count = 0;
    world.flow = flow_open(NULL, &config, error, sizeof error);
    EXPECT_MSG(world.flow != NULL, "%s", error);
    const struct journal_lives lives = {.count = 1};
    flow_store_handlers.on_lives(world.flow, &lives);
    EXPECT(world.life_count == 1);
}

void world_begin(void)
{
    const int64_t day_us = 24 * 3600 * SECOND;
    memset(&world, 0, sizeof world);
    world.wall_us = TEST_DATE * day_us + day_us / 2;
    world.monotonic_us = 1000 * SECOND;
    world.is_settled = true;
    world.segments_end = SEGMENT * 1000;
    world.redo = 1;
}

void world_open_unloaded(void)
{
    world_begin();
    open_flow();
}

void world_load_nothing(void)
{
    const struct journal_position position = {.epoch = 1};
    flow_store_handlers.on_redo(world.flow, &position, 1, 1);
}

void world_open(void)
{
    world_open_unloaded();
    world_load_nothing();
    flow_store_handlers.on_ready(world.flow);
    EXPECT(world.is_serving);
}

int world_try_open(char *ret_error, size_t error_bytes)
{
    const struct flow_config config = config_of();
    world.flow = flow_open(NULL, &config, ret_error, error_bytes);
    return world.flow ? 0 : -1;
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
    call->source = world.source;
    while (strcmp(methods[call->tag].path, path) != 0)
        call->tag++;
    flow_on_call(world.flow, call, request, length);
    return call;
}

struct wire_call *world_send_as(const char *serial, struct command command)
{
    static const char *const paths[] = {
#define COMMAND(number, NAME, name, Service, Method, answer, roles)                                \
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

bool world_turn(int64_t us)
{
    world.wall_us += us;
    world.monotonic_us += us;
    return flow_turn(world.flow);
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
    struct indexed_segment segment = world.indexing;
    static const uint8_t digests[100 * DIGEST_BYTES]; /* nobody looks at them here */
    EXPECT(world.indexing_last != 0);
    world.indexing_last = 0;
    for (int kind = 0; kind < PART_KINDS; kind++) {
        segment.part_digests[kind] = digests;
        segment.part_counts[kind] = parts_count(world.indexing_hashes[kind].count);
        EXPECT(segment.part_counts[kind] <= 100);
    }
    flow_store_handlers.on_segment_indexed(world.flow, &segment);
}

/* The newest row of each record, by kind and id, as the store brings them. */
static void load_rows(void)
{
    for (int kind = 1; kind <= RECORD_KINDS; kind++)
        for (uint32_t i = 0; i < world.row_count; i++) {
            if (world.rows[i].kind != (enum record_kind)kind)
                continue;
            bool is_newest = true;
            int64_t id = record_id(&record_tables[kind], image_record_const(&world.rows[i]));
            for (uint32_t k = i + 1; k < world.row_count && is_newest; k++)
                is_newest =
                    world.rows[k].kind != world.rows[i].kind ||
                    record_id(&record_tables[kind], image_record_const(&world.rows[k])) != id;
            if (is_newest)
                flow_store_handlers.on_state(world.flow, world.row_sequences[i], &world.rows[i]);
        }
}

void world_restart(void)
{
    world_settle();
    world_turn(STATE_AGE_MAX_US + 1);
    world_settle();
    const struct journal_position position = {.epoch = 2,
        .batch_number = journal_durable_batch_number(world.flow->journal),
        .sequence = journal_durable_sequence(world.flow->journal),
        .recorded_us = world.flow->now_us};
    int64_t first = recent_first_sequence(world.flow->recent);
    EXPECT(world.redo == position.sequence + 1);
    uint32_t indexed = world.old_count;
    for (int64_t sequence = first; sequence <= position.sequence; sequence++)
        keep_old(sequence);
    flow_close(world.flow);
    open_flow();
    load_rows();
    flow_store_handlers.on_redo(world.flow, &position, first, world.redo);
    for (uint32_t i = indexed; i < world.old_count; i++)
        flow_store_handlers.on_command(world.flow, &world.old[i].record);
    for (uint32_t i = indexed; i < world.old_count; i++)
        for (uint32_t line = 0; line < world.old[i].posting_count; line++)
            flow_store_handlers.on_posting(world.flow, world.old[i].record.sequence, (int16_t)line,
                &world.old[i].postings[line]);
    world.old_count = indexed;
    flow_store_handlers.on_ready(world.flow);
    EXPECT(world.is_serving && !world.is_ended);
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
    void *asker = world.asker;
    EXPECT(on_records != NULL);
    world.on_records = NULL;
    if (world.later_count > 0) {
        world.asked = world.later[0].asked;
        world.on_records = world.later[0].on_records;
        world.asker = world.later[0].asker;
        memmove(world.later, world.later + 1, --world.later_count * sizeof world.later[0]);
    }
    on_records(asker, result, redo_sequence, rows->bytes, rows->length, count);
}

/* By its id, or as an ended hold by payer and order. */
static bool is_asked(const struct image *row, int64_t id)
{
    const struct query_records *asked = &world.asked;
    if (asked->owner_id == 0)
        return record_id(&record_tables[row->kind], image_record_const(row)) == id;
    return row->hold.payer_account_id == asked->owner_id && row->hold.status != HOLD_LIVE &&
           row->hold.order_number_length == asked->text_length &&
           memcmp(row->hold.order_number, asked->text, asked->text_length) == 0;
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
        if (row < 0 || (asked->ledger_id != 0 && asked->kind == RECORD_HOLD &&
                           world.rows[row].hold.ledger_id != asked->ledger_id))
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

/* The numbers of the receipts that are asked for, newest first. */
static void answer_receipts(const struct question *question, bool is_there)
{
    const struct query_reference *asked = &question->reference;
    struct text reference = {asked->reference, asked->reference_length};
    int64_t sequences[RECEIPTS_OF_REFERENCE_MAX];
    uint32_t count = 0;
    for (uint32_t i = world.old_count; i > 0 && count < RECEIPTS_OF_REFERENCE_MAX; i--) {
        const struct command_record *record = &world.old[i - 1].record;
        char bytes[REFERENCE_BYTES_MAX];
        bool is_of_before =
            record->sequence >= asked->first_sequence && record->sequence <= asked->last_sequence;
        if (record->ledger_id == asked->ledger_id && (is_of_before || question->part_count > 0) &&
            text_equals(flow_booked_reference(record, bytes), reference))
            sequences[count++] = record->sequence;
    }
    question->on_receipts(question->context, is_there ? 0 : -1, sequences, is_there ? count : 0);
}

/* As a row of a result, which is gone when the answer has been taken. */
static struct old_command *lend(const struct old_command *old)
{
    struct old_command *lent = malloc(sizeof *lent);
    EXPECT(lent != NULL);
    *lent = *old;
    lent->record.body = lent->body;
    lent->record.order_number.bytes = lent->order;
    return lent;
}

static void answer_one(const struct question *question, bool is_there)
{
    struct old_command *found = NULL;
    if (question->on_receipts) {
        answer_receipts(question, is_there);
        return;
    }
    for (uint32_t i = 0; !found && i < world.old_count; i++) {
        const struct old_command *old = &world.old[i];
        if (question->on_key ? request_key_equals(&old->record.key, &question->key)
                             : old->record.sequence == question->sequence)
            found = lend(old);
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
    free(found);
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
    /* A limit is that of a refusal. */
    EXPECT(!outcome_is_accepted((int)result->outcome) || result->limit_minor == 0);
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

int64_t world_sequence(const struct wire_call *call)
{
    Vsl__V1__CommandResult *result = result_of(call);
    int64_t sequence = result->sequence;
    vsl__v1__command_result__free_unpacked(result, NULL);
    return sequence;
}

int64_t world_limit(const struct wire_call *call)
{
    Vsl__V1__CommandResult *result = result_of(call);
    int64_t limit = result->limit_minor;
    vsl__v1__command_result__free_unpacked(result, NULL);
    return limit;
}

bool world_is_replay(const struct wire_call *call)
{
    Vsl__V1__CommandResult *result = result_of(call);
    bool is_replay = result->replayed;
    vsl__v1__command_result__free_unpacked(result, NULL);
    return is_replay;
}

bool world_is_dry(const struct wire_call *call)
{
    Vsl__V1__CommandResult *result = result_of(call);
    bool is_dry = result->dry_run;
    vsl__v1__command_result__free_unpacked(result, NULL);
    return is_dry;
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
