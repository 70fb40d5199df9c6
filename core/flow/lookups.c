/* lookups.c: request keys that may be in indexed segments, and commands there that are refunded or
 * reversed, are looked up before a command is decided.
 *
 * Memory answers for the recent ones and, by the filters, rules out nearly all of the older keys.
 * The rest is asked of the database; meanwhile the call is out of the queue and others go on. When
 * its answers are there it comes back to the front, and is decided unless a segment was indexed
 * meanwhile: then a key or a command may have moved from memory to the database unseen, and all is
 * asked again.
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
/* Questions of one call that are with query at a time. */
#define ASKED_MAX 16

struct lookup {
    struct lookups *owner;
    uint32_t index;   /* of the command in its call */
    int64_t sequence; /* of the command that is looked up; 0: the key is */
    struct request_key key;
    bool is_found;
    struct command_record record;
    const struct posting *postings;
    uint32_t posting_count;
    void *memory; /* of the record's texts and the postings; NULL: none */
};

struct lookups {
    struct flow *flow;
    struct waiting_call waiting;
    uint64_t generation; /* of the filters when it was asked */
    uint32_t weight;
    uint32_t count;
    uint32_t asked; /* entries that query was asked for, in their order */
    uint32_t pending;
    bool has_failed;
    struct lookup entries[]; /* by index; of one command the key comes first */
};

void lookups_destroy(struct lookups *lookups)
{
    for (uint32_t i = 0; i < lookups->count; i++)
        free(lookups->entries[i].memory);
    free(lookups);
}

/* ---- what was found ---- */

static const struct lookup *find_entry(const struct lookups *lookups, uint32_t index, bool is_key)
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
        if ((entry->sequence == 0) == is_key)
            return entry->is_found ? entry : NULL;
    }
    return NULL;
}

const struct command_record *lookups_find(const struct lookups *lookups, uint32_t index)
{
    const struct lookup *entry = find_entry(lookups, index, true);
    return entry ? &entry->record : NULL;
}

const struct command_record *lookups_find_original(const struct lookups *lookups, uint32_t index,
    const struct posting **ret_postings, uint32_t *ret_count)
{
    const struct lookup *entry = find_entry(lookups, index, false);
    if (!entry)
        return NULL;
    *ret_postings = entry->postings;
    *ret_count = entry->posting_count;
    return &entry->record;
}

/* ---- asking ---- */

static bool must_look_up_key(const struct flow *flow, const struct request_key *key)
{
    uint64_t hash = request_key_hash(flow->filter_secret, key);
    if (!filter_set_may_have(flow->filters, hash, key->business_date))
        return false;
    return recent_find_key(flow->recent, key) == NULL;
}

/* The command that is refunded or reversed, when it is too old for memory; 0: nothing to look up. A
 * command that was seen before is not decided again. */
static int64_t original_to_look_up(const struct flow *flow, const struct command *command)
{
    int64_t sequence = flow_original_sequence(command);
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

/* Gives query more of the questions, none any more when one of them could not be answered. */
static void ask(struct lookups *lookups)
{
    struct query *query = lookups->flow->query;
    while (
        !lookups->has_failed && lookups->asked < lookups->count && lookups->pending < ASKED_MAX) {
        struct lookup *entry = &lookups->entries[lookups->asked++];
        lookups->pending++;
        if (entry->sequence == 0)
            query_find_key(query, &entry->key, on_key_found, entry);
        else
            query_find_command(query, entry->sequence, on_command_found, entry);
    }
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
        struct wire_details details = {.reason = "DATABASE_UNAVAILABLE", .retry_after_us = 1000000};
        wire_fail(lookups->waiting.call, WIRE_UNAVAILABLE,
            "an old request key or command could not be looked up; nothing was decided, send the "
            "same request again",
            &details);
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

/* ---- calls ---- */

static void add(struct lookups *lookups, const struct lookup *entry)
{
    lookups->entries[lookups->count++] = *entry;
    lookups->weight += entry->sequence == 0 ? WEIGHT_OF_KEY : WEIGHT_OF_COMMAND;
}

static struct lookups *collect(struct flow *flow, const struct command *commands, uint32_t count)
{
    struct lookups *lookups = NULL;
    for (uint32_t i = 0; i < count; i++) {
        bool is_key_asked = must_look_up_key(flow, &commands[i].key);
        int64_t sequence = original_to_look_up(flow, &commands[i]);
        if (!is_key_asked && sequence == 0)
            continue;
        if (!lookups) {
            size_t entries_max = 2 * (size_t)(count - i);
            lookups = calloc(1, sizeof *lookups + entries_max * sizeof lookups->entries[0]);
            CHECK(lookups != NULL);
            lookups->flow = flow;
            lookups->generation = flow->filters_generation;
        }
        struct lookup entry = {.owner = lookups, .index = i, .key = commands[i].key};
        if (is_key_asked)
            add(lookups, &entry);
        entry.sequence = sequence;
        if (sequence != 0)
            add(lookups, &entry);
    }
    return lookups;
}

bool flow_look_up(
    struct flow *flow, struct waiting_call *waiting, const struct command *commands, uint32_t count)
{
    if (waiting->lookups) {
        if (waiting->lookups->generation == flow->filters_generation)
            return false;
        lookups_destroy(waiting->lookups);
        waiting->lookups = NULL;
    }
    struct lookups *lookups = collect(flow, commands, count);
    if (!lookups)
        return false;
    if (flow->lookups_under_way == CALLS_LOOKING_MAX ||
        (flow->lookups_under_way > 0 &&
            flow->weight_looked_up + lookups->weight > WEIGHT_LOOKING_MAX)) {
        struct wire_details details = {.reason = "OVERLOADED", .retry_after_us = 1000000};
        wire_fail(waiting->call, WIRE_RESOURCE_EXHAUSTED,
            "too many requests with old keys or commands at a time; nothing was decided, send the "
            "same request again later",
            &details);
        lookups_destroy(lookups);
        return true;
    }
    flow->lookups_under_way++;
    flow->weight_looked_up += lookups->weight;
    lookups->waiting = *waiting;
    ask(lookups);
    return true;
}
