/* lookups.c: asks query for what a call is missing, and keeps the answers.
 *
 * A call has a few questions with query at a time, however many it has in all: query gives up what
 * waits long, and a batch must not wait behind itself, nor the next call behind the whole of it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "flow/admission/lookups.h"
#include "base/log.h"
#include "command/body.h"
#include "flow/admission/records.h"
#include "flow/internal.h"

#include <inttypes.h>
#include <stdlib.h>

/* Weights of questions. A command weighs more than a key because of the memory that its answer
 * takes, with all postings; records one more for each of the rows below. */
#define WEIGHT_OF_KEY 1
#define WEIGHT_OF_COMMAND 16
#define WEIGHT_OF_RECORDS 16
#define WEIGHT_OF_REFERENCE 1
#define ROWS_PER_WEIGHT 6
/* Questions of one call that are with query at a time. */
#define ASKED_MAX 16

struct lookups *lookups_create(struct flow *flow, uint32_t entries_max)
{
    struct lookups *lookups =
        calloc(1, sizeof *lookups + (size_t)entries_max * sizeof lookups->entries[0]);
    CHECK(lookups != NULL);
    lookups->entries_max = entries_max;
    lookups->flow = flow;
    lookups->generation = flow->filters_generation;
    return lookups;
}

void lookups_destroy(struct lookups *lookups)
{
    for (uint32_t i = 0; i < lookups->count; i++)
        free(lookups->entries[i].memory);
    free(lookups);
}

void lookups_add(struct lookups *lookups, uint32_t index, const struct wanted *wanted)
{
    static const uint32_t weights[] = {[WANTED_KEY] = WEIGHT_OF_KEY,
        [WANTED_COMMAND] = WEIGHT_OF_COMMAND,
        [WANTED_RECORDS] = WEIGHT_OF_RECORDS,
        [WANTED_REFERENCE] = WEIGHT_OF_REFERENCE};
    CHECK(lookups->count < lookups->entries_max);
    lookups->entries[lookups->count++] =
        (struct lookup){.owner = lookups, .index = index, .wanted = *wanted};
    lookups->weight += weights[wanted->what] + wanted->records.rows_max / ROWS_PER_WEIGHT;
}

/* ---- asking ---- */

/* Whether the records that were found are as they have been ever since they left memory. */
static bool is_new_enough(const struct lookup *entry)
{
    return entry->redo_sequence >= entry->owner->flow->evicted_before;
}

static void keep(struct lookup *entry, const struct command_record *record,
    const struct posting *postings, uint32_t count)
{
    size_t posting_bytes = count * sizeof *postings;
    size_t texts = (size_t)record->body_length + record->order_number.length;
    uint8_t *memory = malloc(posting_bytes + texts + 1);
    CHECK(memory != NULL);
    uint8_t *body = memory + posting_bytes;
    uint8_t *order_number = body + record->body_length;
    if (count > 0)
        memcpy(memory, postings, posting_bytes);
    if (record->body_length > 0)
        memcpy(body, record->body, record->body_length);
    if (record->order_number.length > 0)
        memcpy(order_number, record->order_number.bytes, record->order_number.length);
    entry->memory = memory;
    entry->is_found = true;
    entry->record = *record;
    entry->record.body = body;
    entry->record.order_number.bytes = (const char *)order_number;
    entry->postings = (const struct posting *)(const void *)memory;
    entry->posting_count = count;
}

static void on_key_found(void *context, int found, const struct command_record *record);
static void on_command_found(void *context, int result, const struct command_record *record,
    const struct posting *postings, uint32_t count);
static void on_records_found(void *context, int result, int64_t redo_sequence, const uint8_t *rows,
    size_t length, uint32_t count);
static void on_receipts_found(void *context, int result, const int64_t *sequences, uint32_t count);

/* A segment that is indexed meanwhile has all asked again. */
static void ask_key(struct lookup *entry)
{
    const struct flow *flow = entry->owner->flow;
    struct buffer parts = {0};
    int64_t first, last;
    struct query_key asked = {.key = entry->wanted.key,
        .hash = request_key_hash(flow->filter_secret, &entry->wanted.key)};
    asked.is_elsewhere =
        filter_set_find(flow->filters, asked.hash, asked.key.business_date, &parts, &first, &last);
    asked.parts = (const void *)parts.bytes;
    asked.part_count = parts.length / sizeof *asked.parts;
    query_find_key(flow->query, &asked, on_key_found, entry);
    buffer_finish(&parts);
}

static void ask_reference(struct lookup *entry)
{
    const struct flow *flow = entry->owner->flow;
    struct buffer parts = {0};
    struct query_reference asked = entry->wanted.reference;
    asked.first_sequence = asked.last_sequence = 0;
    filter_set_find(flow->reference_filters, asked.hash, 0, &parts, &asked.first_sequence,
        &asked.last_sequence);
    asked.parts = (const void *)parts.bytes;
    asked.part_count = parts.length / sizeof *asked.parts;
    query_find_reference(flow->query, &asked, on_receipts_found, entry);
    buffer_finish(&parts);
}

static void ask_records(struct lookup *entry)
{
    const struct flow *flow = entry->owner->flow;
    struct query_records *asked = &entry->wanted.records;
    struct buffer parts = {0};
    int64_t first, last;
    asked->written_before = flow->evicted_before;
    /* Segments without parts say nothing. */
    if (asked->mark != 0)
        filter_set_find(flow->reference_filters, asked->mark, 0, &parts, &first, &last);
    asked->parts = (const void *)parts.bytes;
    asked->part_count = parts.length / sizeof *asked->parts;
    query_find_records(flow->query, asked, on_records_found, entry);
    asked->parts = NULL;
    buffer_finish(&parts);
}

/* Gives query more of the questions, none any more when one of them could not be answered. */
static void ask(struct lookups *lookups)
{
    struct query *query = lookups->flow->query;
    while (
        !lookups->has_failed && lookups->asked < lookups->count && lookups->pending < ASKED_MAX) {
        struct lookup *entry = &lookups->entries[lookups->asked++];
        lookups->pending++;
        switch (entry->wanted.what) {
        case WANTED_KEY:
            ask_key(entry);
            break;
        case WANTED_COMMAND:
            query_find_command(query, entry->wanted.sequence, on_command_found, entry);
            break;
        case WANTED_RECORDS:
            ask_records(entry);
            break;
        case WANTED_REFERENCE:
            ask_reference(entry);
            break;
        }
    }
}

/* One question is answered. */
static void go_on(struct lookups *lookups)
{
    CHECK(lookups->pending > 0);
    lookups->pending--;
    ask(lookups);
    if (lookups->pending == 0)
        lookups->on_answered(lookups);
}

static void on_key_found(void *context, int found, const struct command_record *record)
{
    struct lookup *entry = context;
    if (found == -2)
        entry->owner->is_damaged = true;
    if (found < 0)
        entry->owner->has_failed = true;
    if (found > 0)
        keep(entry, record, NULL, 0);
    go_on(entry->owner);
}

static void on_command_found(void *context, int result, const struct command_record *record,
    const struct posting *postings, uint32_t count)
{
    struct lookup *entry = context;
    struct command_elements elements;
    struct command command;
    if (result == -2)
        entry->owner->is_damaged = true;
    if (result < 0) {
        entry->owner->has_failed = true;
    } else if (command_body_decode((enum command_kind)record->kind, record->body,
                   record->body_length, &elements, &command) < 0) {
        log_error(
            "a command in the database cannot be read sequence=%" PRId64, entry->wanted.sequence);
        entry->owner->has_failed = true;
        entry->owner->is_damaged = true;
    } else {
        keep(entry, record, postings, count);
    }
    go_on(entry->owner);
}

static void on_records_found(void *context, int result, int64_t redo_sequence, const uint8_t *rows,
    size_t length, uint32_t count)
{
    struct lookup *entry = context;
    entry->redo_sequence = redo_sequence;
    if (result == -2)
        entry->owner->is_damaged = true;
    if (result < 0 || !is_new_enough(entry)) {
        entry->owner->has_failed = true;
    } else {
        entry->memory = flow_read_records(&entry->wanted.records, rows, length, count);
        entry->record_count = entry->memory ? count : 0;
        if (!entry->memory) {
            entry->owner->has_failed = true;
            entry->owner->is_damaged = true;
        }
    }
    go_on(entry->owner);
}

static void on_receipts_found(void *context, int result, const int64_t *sequences, uint32_t count)
{
    struct lookup *entry = context;
    CHECK(count <= RECEIPTS_OF_REFERENCE_MAX);
    if (result == -2)
        entry->owner->is_damaged = true;
    if (result < 0)
        entry->owner->has_failed = true;
    entry->is_found = result == 0;
    entry->receipt_count = count;
    for (uint32_t i = 0; i < count; i++)
        entry->receipts[i] = sequences[i];
    go_on(entry->owner);
}

void lookups_ask(struct lookups *lookups, void (*on_answered)(struct lookups *lookups))
{
    lookups->on_answered = on_answered;
    ask(lookups);
}

/* ---- what was found ---- */

/* The first question of the command; NULL when there is none. */
static const struct lookup *first_of(const struct lookups *lookups, uint32_t index)
{
    uint32_t low = 0;
    uint32_t high = lookups->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lookups->entries[middle].index < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low < lookups->count && lookups->entries[low].index == index ? &lookups->entries[low]
                                                                        : NULL;
}

/* The next one of the same command. */
static const struct lookup *next_of(const struct lookup *entry)
{
    const struct lookups *lookups = entry->owner;
    const struct lookup *next = entry + 1;
    return next < lookups->entries + lookups->count && next->index == entry->index ? next : NULL;
}

static const struct lookup *find_entry(
    const struct lookups *lookups, uint32_t index, enum wanted_what what, int64_t sequence)
{
    const struct lookup *entry = first_of(lookups, index);
    while (entry &&
           (entry->wanted.what != what || entry->wanted.sequence != sequence || !entry->is_found))
        entry = next_of(entry);
    return entry;
}

const struct command_record *lookups_find(const struct lookups *lookups, uint32_t index)
{
    const struct lookup *entry = find_entry(lookups, index, WANTED_KEY, 0);
    return entry ? &entry->record : NULL;
}

const struct command_record *lookups_find_original(const struct lookups *lookups, uint32_t index,
    int64_t sequence, const struct posting **ret_postings, uint32_t *ret_count)
{
    const struct lookup *entry = find_entry(lookups, index, WANTED_COMMAND, sequence);
    if (!entry)
        return NULL;
    *ret_postings = entry->postings;
    *ret_count = entry->posting_count;
    return &entry->record;
}

uint32_t lookups_find_receipts(
    const struct lookups *lookups, uint32_t index, const int64_t **ret_sequences)
{
    const struct lookup *entry = find_entry(lookups, index, WANTED_REFERENCE, 0);
    if (!entry)
        return 0;
    *ret_sequences = entry->receipts;
    return entry->receipt_count;
}

const void *lookups_find_record(const struct lookups *lookups, int64_t id)
{
    const struct lookup *entry = &lookups->entries[0];
    const struct record_table *table = &record_tables[entry->wanted.records.kind];
    const uint8_t *records = entry->memory;
    uint32_t low = 0;
    uint32_t high = entry->record_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (record_id(table, records + (size_t)middle * table->bytes) < id)
            low = middle + 1;
        else
            high = middle;
    }
    const void *found = records + (size_t)low * table->bytes;
    return low < entry->record_count && record_id(table, found) == id ? found : NULL;
}

const struct command_record *lookups_find_command(const struct lookups *lookups, int64_t sequence)
{
    for (uint32_t i = 0; i < lookups->count; i++) {
        const struct lookup *entry = &lookups->entries[i];
        bool is_it = entry->wanted.what == WANTED_COMMAND && entry->wanted.sequence == sequence;
        if (is_it && entry->is_found)
            return &entry->record;
    }
    return NULL;
}

void lookups_covered(const struct lookups *lookups, int64_t *ret_first_id, int64_t *ret_last_id)
{
    const struct lookup *entry = &lookups->entries[0];
    const struct query_records *wanted = &entry->wanted.records;
    const struct record_table *table = &record_tables[wanted->kind];
    *ret_first_id = wanted->first_key;
    *ret_last_id = wanted->last_key;
    if (entry->wanted.what != WANTED_RECORDS || !is_new_enough(entry))
        *ret_last_id = 0;
    else if (entry->record_count == wanted->rows_max)
        *ret_last_id = record_id(table,
            (const uint8_t *)entry->memory + (size_t)(entry->record_count - 1) * table->bytes);
}

bool lookups_have(const struct lookups *lookups, uint32_t index, const struct wanted *wanted)
{
    const struct lookup *entry = first_of(lookups, index);
    while (entry &&
           (entry->wanted.what != wanted->what || entry->wanted.sequence != wanted->sequence ||
               entry->wanted.records.kind != wanted->records.kind ||
               entry->wanted.records.first_key != wanted->records.first_key))
        entry = next_of(entry);
    return entry != NULL;
}

/* Whether nothing is missing of what was given back of the command that the records are of, when
 * that command was looked up, too. */
static bool adds_up(const struct lookups *lookups, const struct query_records *records)
{
    struct original_memory memory;
    if (records->kind != RECORD_REFUNDED)
        return true;
    const struct command_record *record = lookups_find_command(lookups, records->first_key);
    if (!record || engine_given_back_adds_up(
                       lookups->flow->engine, flow_read_original(record, NULL, 0, &memory)))
        return true;
    log_error("what was given back of a command does not add up: table=refunded "
              "original_sequence=%" PRId64 "; run vslctl check and vslctl verify",
        record->sequence);
    return false;
}

bool lookups_revive(struct lookups *lookups)
{
    for (uint32_t i = 0; i < lookups->count && !lookups->has_failed; i++) {
        const struct lookup *entry = &lookups->entries[i];
        if (entry->wanted.what != WANTED_RECORDS)
            continue;
        if (!is_new_enough(entry))
            return false;
        const struct query_records *records = &entry->wanted.records;
        lookups->has_failed = flow_revive_records(lookups->flow, records->kind, entry->memory,
                                  entry->record_count) < 0 ||
                              !adds_up(lookups, records);
        lookups->is_damaged = lookups->has_failed;
    }
    return true;
}
