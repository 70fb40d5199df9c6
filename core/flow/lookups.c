/* lookups.c: request keys that may be in indexed segments, commands there that are refunded or
 * reversed, and records that have left memory are looked up before a command is decided.
 *
 * Memory answers for the recent ones and, by the filters, rules out nearly all of the older keys.
 * The rest is asked of the database; meanwhile the call is out of the queue and others go on. When
 * its answers are there it comes back to the front, and is decided unless a segment was indexed
 * meanwhile: then a key or a command may have moved from memory to the database unseen, and all is
 * asked again. So it is when a record has left memory meanwhile.
 *
 * A call has a few questions with query at a time, however many it has in all: query gives up what
 * waits long, and a batch must not wait behind itself, nor the next call behind the whole of it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "command/body.h"
#include "flow/internal.h"

#include <inttypes.h>
#include <stdlib.h>

/* Calls with query at a time; more are refused as overload. */
#define CALLS_LOOKING_MAX 1024
/* Their questions by weight, all together; a single call may always look. A command weighs more
 * than a key because of the memory that its answer takes, with all postings. */
#define WEIGHT_LOOKING_MAX 131072
#define WEIGHT_OF_KEY 1
#define WEIGHT_OF_COMMAND 16
#define WEIGHT_OF_RECORDS 16 /* and one for each of the rows below */
#define ROWS_PER_WEIGHT 6
/* Questions of one call that are with query at a time. */
#define ASKED_MAX 16

enum lookup_what { LOOKUP_KEY, LOOKUP_COMMAND, LOOKUP_RECORDS };

struct lookup {
    struct lookups *owner;
    enum lookup_what what;
    uint32_t index; /* of the command in its call */
    struct request_key key;
    int64_t sequence;            /* of the command that is looked up */
    struct query_records wanted; /* records that are looked up */
    bool is_found;
    struct command_record record;
    const struct posting *postings;
    uint32_t posting_count;
    uint32_t record_count;
    int64_t redo_sequence; /* of the database that gave the records */
    void *memory;          /* of the command's texts and postings, or the records; NULL: none */
};

struct lookups {
    struct flow *flow;
    struct waiting_call waiting;
    uint64_t generation; /* of the filters when it was asked */
    uint32_t weight;
    uint32_t count;
    uint32_t entries_max;
    uint32_t asked; /* entries that query was asked for, in their order */
    uint32_t pending;
    bool has_failed;
    struct lookup entries[]; /* by index */
};

void lookups_destroy(struct lookups *lookups)
{
    for (uint32_t i = 0; i < lookups->count; i++)
        free(lookups->entries[i].memory);
    free(lookups);
}

/* ---- what was found ---- */

static const struct lookup *asked_of(
    const struct lookups *lookups, uint32_t index, enum lookup_what what)
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
    for (; low < lookups->count && lookups->entries[low].index == index; low++) {
        const struct lookup *entry = &lookups->entries[low];
        if (entry->what == what)
            return entry;
    }
    return NULL;
}

static const struct lookup *find_entry(
    const struct lookups *lookups, uint32_t index, enum lookup_what what)
{
    const struct lookup *entry = asked_of(lookups, index, what);
    return entry && entry->is_found ? entry : NULL;
}

const struct command_record *lookups_find(const struct lookups *lookups, uint32_t index)
{
    const struct lookup *entry = find_entry(lookups, index, LOOKUP_KEY);
    return entry ? &entry->record : NULL;
}

const struct command_record *lookups_find_original(const struct lookups *lookups, uint32_t index,
    const struct posting **ret_postings, uint32_t *ret_count)
{
    const struct lookup *entry = find_entry(lookups, index, LOOKUP_COMMAND);
    if (!entry)
        return NULL;
    *ret_postings = entry->postings;
    *ret_count = entry->posting_count;
    return &entry->record;
}

/* Whether the records that were found are as they have been ever since they left memory. */
static bool is_new_enough(const struct lookup *entry)
{
    return entry->redo_sequence >= entry->owner->flow->release_before;
}

const void *lookups_find_record(const struct lookups *lookups, int64_t id)
{
    const struct lookup *entry = &lookups->entries[0];
    const struct record_table *table = &record_tables[entry->wanted.kind];
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

void lookups_covered(const struct lookups *lookups, int64_t *ret_first_id, int64_t *ret_last_id)
{
    const struct lookup *entry = &lookups->entries[0];
    const struct query_records *wanted = &entry->wanted;
    const struct record_table *table = &record_tables[wanted->kind];
    *ret_first_id = wanted->first_key;
    *ret_last_id = wanted->last_key;
    if (!is_new_enough(entry))
        *ret_last_id = 0;
    else if (entry->record_count == wanted->rows_max)
        *ret_last_id = record_id(table,
            (const uint8_t *)entry->memory + (size_t)(entry->record_count - 1) * table->bytes);
}

/* Puts the records that were found back into the engine. False: they are too old. */
static bool revive(struct lookups *lookups)
{
    for (uint32_t i = 0; i < lookups->count && !lookups->has_failed; i++) {
        const struct lookup *entry = &lookups->entries[i];
        if (entry->what != LOOKUP_RECORDS)
            continue;
        if (!is_new_enough(entry))
            return false;
        lookups->has_failed = flow_revive_records(lookups->flow, entry->wanted.kind, entry->memory,
                                  entry->record_count) < 0;
    }
    return true;
}

/* ---- asking ---- */

static bool must_look_up_key(const struct flow *flow, const struct request_key *key)
{
    uint64_t hash = request_key_hash(flow->filter_secret, key);
    if (!filter_set_may_have(flow->filters, hash, key->business_date))
        return false;
    return recent_find_key(flow->recent, key) == NULL;
}

/* The record that the command is about, when it has left memory. A command that was seen before is
 * not decided again. */
static bool names_released(
    const struct flow *flow, const struct command *command, struct query_records *ret_released)
{
    return flow_names_released(flow, command, ret_released) &&
           !recent_find_key(flow->recent, &command->key);
}

/* The command that is refunded or reversed, when it is too old for memory; 0: nothing to look up. A
 * command that was seen before is not decided again. */
static int64_t original_to_look_up(const struct flow *flow, const struct command *command)
{
    int64_t sequence = command_earlier_sequence(command);
    if (sequence == 0 || sequence >= recent_first_sequence(flow->recent))
        return 0;
    return recent_find_key(flow->recent, &command->key) ? 0 : sequence;
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

/* Gives query more of the questions, none any more when one of them could not be answered. */
static void ask(struct lookups *lookups)
{
    struct query *query = lookups->flow->query;
    while (
        !lookups->has_failed && lookups->asked < lookups->count && lookups->pending < ASKED_MAX) {
        struct lookup *entry = &lookups->entries[lookups->asked++];
        lookups->pending++;
        switch (entry->what) {
        case LOOKUP_KEY:
            query_find_key(query, &entry->key, on_key_found, entry);
            break;
        case LOOKUP_COMMAND:
            query_find_command(query, entry->sequence, on_command_found, entry);
            break;
        case LOOKUP_RECORDS:
            entry->wanted.written_before = lookups->flow->release_before;
            query_find_records(query, &entry->wanted, on_records_found, entry);
            break;
        }
    }
}

static void fail(struct wire_call *call)
{
    struct wire_details details = {
        .reason = REASON_DATABASE_UNAVAILABLE, .retry_after_us = 1000000};
    wire_fail(call, WIRE_UNAVAILABLE,
        "an old request key, command or record could not be looked up; nothing was decided, send "
        "the same request again",
        &details);
}

/* One question is answered. The last one brings the call back. */
static void go_on(struct lookups *lookups)
{
    struct flow *flow = lookups->flow;
    CHECK(lookups->pending > 0);
    lookups->pending--;
    ask(lookups);
    if (lookups->pending > 0)
        return;
    flow->lookups_under_way--;
    flow->weight_looked_up -= lookups->weight;
    if (lookups->has_failed) {
        fail(lookups->waiting.call);
        lookups_destroy(lookups);
        return;
    }
    lookups->waiting.lookups = lookups;
    flow_queue_call(flow, &lookups->waiting, true);
}

static void on_key_found(void *context, int found, const struct command_record *record)
{
    struct lookup *entry = context;
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
    if (result < 0) {
        entry->owner->has_failed = true;
    } else if (command_body_decode((enum command_kind)record->kind, record->body,
                   record->body_length, &elements, &command) < 0) {
        log_error("a command in the database cannot be read sequence=%" PRId64, entry->sequence);
        entry->owner->has_failed = true;
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
    if (result < 0 || !is_new_enough(entry)) {
        entry->owner->has_failed = true;
    } else {
        entry->memory = flow_read_records(&entry->wanted, rows, length, count);
        entry->record_count = entry->memory ? count : 0;
        if (!entry->memory)
            entry->owner->has_failed = true;
    }
    go_on(entry->owner);
}

/* ---- calls ---- */

static struct lookups *create(struct flow *flow, uint32_t entries_max)
{
    struct lookups *lookups =
        calloc(1, sizeof *lookups + (size_t)entries_max * sizeof lookups->entries[0]);
    CHECK(lookups != NULL);
    lookups->entries_max = entries_max;
    lookups->flow = flow;
    lookups->generation = flow->filters_generation;
    return lookups;
}

static void add(struct lookups *lookups, struct lookup entry)
{
    static const uint32_t weights[] = {[LOOKUP_KEY] = WEIGHT_OF_KEY,
        [LOOKUP_COMMAND] = WEIGHT_OF_COMMAND,
        [LOOKUP_RECORDS] = WEIGHT_OF_RECORDS};
    CHECK(lookups->count < lookups->entries_max);
    entry.owner = lookups;
    lookups->entries[lookups->count++] = entry;
    lookups->weight += weights[entry.what] + entry.wanted.rows_max / ROWS_PER_WEIGHT;
}

/* What has to be looked up for one command: its key, the command that it names with what was given
 * back of that, and the record that it is about. */
#define LOOKUPS_PER_COMMAND_MAX 4

/* Tells them; how many there are. */
static uint32_t find_wanted(const struct flow *flow, const struct command *command, uint32_t index,
    struct lookup ret_wanted[LOOKUPS_PER_COMMAND_MAX])
{
    int64_t original = original_to_look_up(flow, command);
    struct query_records released;
    uint32_t count = 0;
    if (must_look_up_key(flow, &command->key))
        ret_wanted[count++] =
            (struct lookup){.what = LOOKUP_KEY, .index = index, .key = command->key};
    if (original != 0) {
        ret_wanted[count++] =
            (struct lookup){.what = LOOKUP_COMMAND, .index = index, .sequence = original};
        /* What was given back of it may have left memory. */
        ret_wanted[count++] = (struct lookup){.what = LOOKUP_RECORDS,
            .index = index,
            .wanted = {.kind = RECORD_REFUNDED,
                .first_key = original,
                .last_key = original,
                .rows_max = PAYEES_PER_COMMAND_MAX + 1}};
    }
    if (names_released(flow, command, &released))
        ret_wanted[count++] =
            (struct lookup){.what = LOOKUP_RECORDS, .index = index, .wanted = released};
    CHECK(count <= LOOKUPS_PER_COMMAND_MAX);
    return count;
}

static struct lookups *collect(struct flow *flow, const struct command *commands, uint32_t count)
{
    struct lookups *lookups = NULL;
    for (uint32_t i = 0; i < count; i++) {
        struct lookup wanted[LOOKUPS_PER_COMMAND_MAX];
        uint32_t wanted_count = find_wanted(flow, &commands[i], i, wanted);
        if (wanted_count > 0 && !lookups)
            lookups = create(flow, LOOKUPS_PER_COMMAND_MAX * (count - i));
        for (uint32_t n = 0; n < wanted_count; n++)
            add(lookups, wanted[n]);
    }
    return lookups;
}

/* Whether a record has left memory that the commands name. What a hold's order was answered with
 * stands: it may be that there is none, or that the one in memory is the last. */
static bool any_names_released(const struct flow *flow, const struct lookups *lookups,
    const struct command *commands, uint32_t count)
{
    struct query_records released;
    for (uint32_t i = 0; i < count; i++) {
        if (names_released(flow, &commands[i], &released) &&
            !(released.payer_account_id != 0 && asked_of(lookups, i, LOOKUP_RECORDS)))
            return true;
    }
    return false;
}

/* Takes the call and asks, or fails it. */
static void start(struct flow *flow, struct waiting_call *waiting, struct lookups *lookups)
{
    if (flow->lookups_under_way == CALLS_LOOKING_MAX ||
        (flow->lookups_under_way > 0 &&
            flow->weight_looked_up + lookups->weight > WEIGHT_LOOKING_MAX)) {
        struct wire_details details = {.reason = REASON_OVERLOADED, .retry_after_us = 1000000};
        wire_fail(waiting->call, WIRE_RESOURCE_EXHAUSTED,
            "too many requests with old keys, commands or records at a time; nothing was decided, "
            "send the same request again later",
            &details);
        lookups_destroy(lookups);
        return;
    }
    flow->lookups_under_way++;
    flow->weight_looked_up += lookups->weight;
    lookups->waiting = *waiting;
    ask(lookups);
}

static void drop(struct waiting_call *waiting)
{
    if (waiting->lookups)
        lookups_destroy(waiting->lookups);
    waiting->lookups = NULL;
}

void flow_look_up_records(
    struct flow *flow, struct waiting_call *waiting, const struct query_records *asked)
{
    drop(waiting);
    struct lookups *lookups = create(flow, 1);
    add(lookups, (struct lookup){.what = LOOKUP_RECORDS, .wanted = *asked});
    start(flow, waiting, lookups);
}

bool flow_look_up(
    struct flow *flow, struct waiting_call *waiting, const struct command *commands, uint32_t count)
{
    if (waiting->lookups) {
        bool is_right =
            waiting->lookups->generation == flow->filters_generation && revive(waiting->lookups);
        if (waiting->lookups->has_failed) {
            fail(waiting->call);
            drop(waiting);
            return true;
        }
        if (is_right && !any_names_released(flow, waiting->lookups, commands, count))
            return false;
        drop(waiting);
    }
    struct lookups *lookups = collect(flow, commands, count);
    if (!lookups)
        return false;
    start(flow, waiting, lookups);
    return true;
}
