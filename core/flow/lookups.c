/* lookups.c: request keys that may be in indexed segments are looked up before a command is
 * decided.
 *
 * Memory answers for the recent keys and, by the filters, rules out nearly all of the older ones.
 * The rest is asked of the database; meanwhile the call is out of the queue and others go on. When
 * its answers are there it comes back to the front, and is decided unless a segment was indexed
 * meanwhile: then a key may have moved from memory to the database unseen, and it is asked again.
 *
 * A call has a few keys with query at a time, however many it has in all: query gives up what waits
 * long, and a batch must not wait behind itself, nor the next call behind the whole of it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "flow/internal.h"

#include <stdlib.h>

/* Calls with query at a time; more are refused as overload. */
#define CALLS_LOOKING_MAX 1024
/* Their keys, all together; a single call may always look. */
#define KEYS_LOOKING_MAX 131072
/* Keys of one call that are with query at a time. */
#define KEYS_ASKED_MAX 16

struct lookup {
    struct lookups *owner;
    struct request_key key;
    uint32_t index; /* of the command in its call */
    bool is_found;
    struct command_record record; /* its body is memory of its own */
};

struct lookups {
    struct flow *flow;
    struct waiting_call waiting;
    uint64_t generation; /* of the filters when it was asked */
    uint32_t count;
    uint32_t asked; /* entries that query was asked for, in their order */
    uint32_t pending;
    bool has_failed;
    struct lookup entries[];
};

void lookups_destroy(struct lookups *lookups)
{
    for (uint32_t i = 0; i < lookups->count; i++) {
        if (lookups->entries[i].is_found)
            free((void *)(uintptr_t)lookups->entries[i].record.body);
    }
    free(lookups);
}

const struct command_record *lookups_find(const struct lookups *lookups, uint32_t index)
{
    for (uint32_t i = 0; i < lookups->count; i++) {
        const struct lookup *entry = &lookups->entries[i];
        if (entry->index == index)
            return entry->is_found ? &entry->record : NULL;
    }
    return NULL;
}

static bool must_look_up(const struct flow *flow, const struct request_key *key)
{
    uint64_t hash = request_key_hash(flow->filter_secret, key);
    if (!filter_set_may_have(flow->filters, hash, key->business_date))
        return false;
    return recent_find_key(flow->recent, key) == NULL;
}

static void keep(struct lookup *entry, const struct command_record *record)
{
    uint8_t *body = malloc(record->body_length + 1);
    CHECK(body != NULL);
    if (record->body_length > 0)
        memcpy(body, record->body, record->body_length);
    entry->is_found = true;
    entry->record = *record;
    entry->record.body = body;
}

static void on_found(void *context, int found, const struct command_record *record);

/* Gives query more of the keys, none any more when one of them could not be looked up. */
static void ask(struct lookups *lookups)
{
    while (!lookups->has_failed && lookups->asked < lookups->count &&
           lookups->pending < KEYS_ASKED_MAX) {
        struct lookup *entry = &lookups->entries[lookups->asked++];
        lookups->pending++;
        query_find_key(lookups->flow->query, &entry->key, on_found, entry);
    }
}

static void on_found(void *context, int found, const struct command_record *record)
{
    struct lookup *entry = context;
    struct lookups *lookups = entry->owner;
    struct flow *flow = lookups->flow;

    CHECK(lookups->pending > 0);
    lookups->pending--;
    if (found < 0)
        lookups->has_failed = true;
    if (found > 0)
        keep(entry, record);
    ask(lookups);
    if (lookups->pending > 0)
        return;
    flow->lookups_under_way--;
    flow->keys_looked_up -= lookups->count;
    if (lookups->has_failed) {
        struct wire_details details = {.reason = "DATABASE_UNAVAILABLE", .retry_after_us = 1000000};
        wire_fail(lookups->waiting.call, WIRE_UNAVAILABLE,
            "an old request key could not be looked up; nothing was decided, send the same request "
            "again",
            &details);
        lookups_destroy(lookups);
        return;
    }
    lookups->waiting.lookups = lookups;
    flow_queue_call(flow, &lookups->waiting, true);
}

static struct lookups *collect(struct flow *flow, const struct command *commands, uint32_t count)
{
    struct lookups *lookups = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (!must_look_up(flow, &commands[i].key))
            continue;
        if (!lookups) {
            lookups = calloc(1, sizeof *lookups + (count - i) * sizeof lookups->entries[0]);
            CHECK(lookups != NULL);
            lookups->flow = flow;
            lookups->generation = flow->filters_generation;
        }
        lookups->entries[lookups->count++] =
            (struct lookup){.owner = lookups, .key = commands[i].key, .index = i};
    }
    return lookups;
}

bool flow_look_up_keys(
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
        (flow->lookups_under_way > 0 && flow->keys_looked_up + lookups->count > KEYS_LOOKING_MAX)) {
        struct wire_details details = {.reason = "OVERLOADED", .retry_after_us = 1000000};
        wire_fail(waiting->call, WIRE_RESOURCE_EXHAUSTED,
            "too many requests with old keys at a time; nothing was decided, send the same request "
            "again later",
            &details);
        lookups_destroy(lookups);
        return true;
    }
    flow->lookups_under_way++;
    flow->keys_looked_up += lookups->count;
    lookups->waiting = *waiting;
    ask(lookups);
    return true;
}
