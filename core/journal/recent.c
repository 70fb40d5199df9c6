/* recent.c: recent segments in reserved memory.
 *
 * A slot per segment, used in turn. Within a segment commands stand by their number, order numbers
 * and bodies one behind the other, postings in order; each account has a chain of its postings in
 * both directions, whose ends are found in an array by account id; each order has a chain of its
 * commands, oldest first, whose first one is found by its hash; an account has a chain of the
 * commands that changed it, newest first. Dropping a segment gives whole arrays back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "journal/recent.h"

#include "base/check.h"
#include "base/map.h"
#include "base/reserve.h"

#include <stdlib.h>
#include <string.h>

/* Address space per command for order number, body and reference, and for postings; a segment of
 * commands that all have the largest body or a hundred postings still fits. */
#define BYTES_PER_COMMAND (ORDER_NUMBER_BYTES_MAX + COMMAND_BODY_BYTES_MAX + REFERENCE_BYTES_MAX)
#define POSTINGS_PER_COMMAND POSTINGS_PER_COMMAND_MAX
/* Its own, and marks of what it gave back and promised. */
#define REFERENCES_PER_COMMAND 3

#define WALK_NEIGHBOURS_MAX 1024

/* A posting's place in the chains of its two accounts. Postings count from 1 within the segment; 0
 * is the end of a chain. */
struct posting_links {
    int64_t sequence;
    uint32_t debit_older, debit_newer;
    uint32_t credit_older, credit_newer;
    int16_t line;
};

struct chain_ends {
    uint32_t oldest, newest;
};

/* A command's place in the chain of its order. Commands count from 1 within the segment; 0:
 * none. */
struct order_links {
    uint32_t next;
    uint32_t newest; /* of the order's first command only: the end of the chain */
};

struct recent_slot {
    int64_t first_sequence; /* 0: free */
    int64_t last_sequence;
    int64_t command_count;
    uint64_t byte_count;
    uint32_t posting_count;
    int32_t min_business_date, max_business_date;
    int32_t min_accounting_date, max_accounting_date;
    struct command_record *commands;
    uint8_t *bytes;              /* order numbers, bodies and references */
    struct order_links *orders;  /* by number, [0] is unused */
    struct posting *postings;    /* by number, [0] is unused */
    struct posting_links *links; /* likewise */
    struct chain_ends *chains;   /* by account id */
    uint32_t *newest_changes;    /* by account id: the newest command that changed it, 0: none */
    uint32_t *older_changes;     /* by its number: the one before it, 0: none */
    struct map keys;
    struct map first_of_orders;  /* the number of an order's first command */
    struct map references;       /* of commands that have one */
    int64_t reference_count;     /* and marks */
    uint64_t *key_hashes;        /* by number, from 0 */
    uint64_t *reference_hashes;  /* of commands that have one, and marks, as they come */
    uint32_t *reference_offsets; /* their numbers, from 0 */
    struct key_filter filter;
    struct key_filter reference_filter; /* folded when the segment is full */
};

struct recent {
    struct hash_key secret;
    int64_t next_sequence; /* of the command that comes next */
    uint32_t oldest;       /* slot of the oldest segment */
    uint32_t count;        /* segments held */
    struct recent_slot slots[RECENT_SEGMENTS_MAX];
};

struct recent *recent_create(struct hash_key secret, int64_t next_sequence)
{
    struct recent *recent = calloc(1, sizeof *recent);
    CHECK(recent != NULL);
    CHECK(next_sequence > 0);
    recent->secret = secret;
    recent->next_sequence = next_sequence;
    return recent;
}

static struct recent_slot *slot_at(const struct recent *recent, uint32_t nth)
{
    CHECK(nth < RECENT_SEGMENTS_MAX);
    const struct recent_slot *slot = &recent->slots[(recent->oldest + nth) % RECENT_SEGMENTS_MAX];
    return (struct recent_slot *)(uintptr_t)slot;
}

static int64_t slot_commands(const struct recent_slot *slot)
{
    return slot->last_sequence - slot->first_sequence + 1;
}

static uint64_t slot_postings_max(const struct recent_slot *slot)
{
    uint64_t most = (uint64_t)slot_commands(slot) * POSTINGS_PER_COMMAND;
    return most < UINT32_MAX ? most : UINT32_MAX - 1;
}

static void release_slot(struct recent_slot *slot)
{
    size_t commands = (size_t)slot_commands(slot);
    reserve_release(slot->commands, commands, sizeof *slot->commands);
    reserve_release(slot->bytes, commands, BYTES_PER_COMMAND);
    reserve_release(slot->orders, commands + 1, sizeof *slot->orders);
    reserve_release(slot->postings, slot_postings_max(slot) + 1, sizeof *slot->postings);
    reserve_release(slot->links, slot_postings_max(slot) + 1, sizeof *slot->links);
    reserve_release(slot->chains, (size_t)ACCOUNTS_MAX + 1, sizeof *slot->chains);
    reserve_release(slot->newest_changes, (size_t)ACCOUNTS_MAX + 1, sizeof *slot->newest_changes);
    reserve_release(slot->older_changes, commands + 1, sizeof *slot->older_changes);
    reserve_release(slot->key_hashes, commands, sizeof *slot->key_hashes);
    size_t references = commands * REFERENCES_PER_COMMAND;
    reserve_release(slot->reference_hashes, references, sizeof *slot->reference_hashes);
    reserve_release(slot->reference_offsets, references, sizeof *slot->reference_offsets);
    reserve_release(slot->filter.bytes, slot->filter.length, 1);
    reserve_release(slot->reference_filter.bytes, key_filter_foldable_bytes((int64_t)commands), 1);
    map_finish(&slot->keys);
    map_finish(&slot->first_of_orders);
    map_finish(&slot->references);
    *slot = (struct recent_slot){0};
}

void recent_destroy(struct recent *recent)
{
    if (!recent)
        return;
    for (uint32_t i = 0; i < recent->count; i++)
        release_slot(slot_at(recent, i));
    free(recent);
}

bool recent_try_add_segment(struct recent *recent, int64_t first, int64_t last)
{
    CHECK(first > 0 && last >= first);
    CHECK(first == recent_last_room(recent) + 1);
    if (recent->count == RECENT_SEGMENTS_MAX)
        return false;
    struct recent_slot *slot = slot_at(recent, recent->count++);
    CHECK(slot->first_sequence == 0);
    slot->first_sequence = first;
    slot->last_sequence = last;
    size_t commands = (size_t)slot_commands(slot);
    slot->commands = reserve_array(commands, sizeof *slot->commands);
    slot->bytes = reserve_array(commands, BYTES_PER_COMMAND);
    slot->orders = reserve_array(commands + 1, sizeof *slot->orders);
    slot->postings = reserve_array(slot_postings_max(slot) + 1, sizeof *slot->postings);
    slot->links = reserve_array(slot_postings_max(slot) + 1, sizeof *slot->links);
    slot->chains = reserve_array((size_t)ACCOUNTS_MAX + 1, sizeof *slot->chains);
    slot->newest_changes = reserve_array((size_t)ACCOUNTS_MAX + 1, sizeof *slot->newest_changes);
    slot->older_changes = reserve_array(commands + 1, sizeof *slot->older_changes);
    slot->key_hashes = reserve_array(commands, sizeof *slot->key_hashes);
    size_t references = commands * REFERENCES_PER_COMMAND;
    slot->reference_hashes = reserve_array(references, sizeof *slot->reference_hashes);
    slot->reference_offsets = reserve_array(references, sizeof *slot->reference_offsets);
    slot->filter.length = key_filter_bytes((int64_t)commands);
    slot->filter.bytes = reserve_array(slot->filter.length, 1);
    slot->reference_filter.length = key_filter_foldable_bytes((int64_t)commands);
    slot->reference_filter.bytes = reserve_array(slot->reference_filter.length, 1);
    map_init(&slot->keys, commands);
    map_init(&slot->first_of_orders, commands);
    map_init(&slot->references, commands);
    return true;
}

int64_t recent_first_sequence(const struct recent *recent)
{
    /* Only full segments are dropped, so without one the next command begins one. */
    return recent->count == 0 ? recent->next_sequence : slot_at(recent, 0)->first_sequence;
}

int64_t recent_last_room(const struct recent *recent)
{
    return recent->count == 0 ? recent->next_sequence - 1
                              : slot_at(recent, recent->count - 1)->last_sequence;
}

/* The slot whose segment holds the number, NULL when none does. */
static struct recent_slot *find_slot(const struct recent *recent, int64_t sequence)
{
    for (uint32_t i = recent->count; i > 0; i--) {
        struct recent_slot *slot = slot_at(recent, i - 1);
        if (sequence >= slot->first_sequence)
            return sequence <= slot->last_sequence ? slot : NULL;
    }
    return NULL;
}

static void widen(int32_t value, bool is_first, int32_t *min, int32_t *max)
{
    if (is_first || value < *min)
        *min = value;
    if (is_first || value > *max)
        *max = value;
}

/* Copies bytes into the segment. */
static const void *keep(struct recent_slot *slot, const void *bytes, uint32_t length)
{
    uint8_t *copy = slot->bytes + slot->byte_count;
    if (length > 0)
        memcpy(copy, bytes, length);
    slot->byte_count += length;
    return copy;
}

static uint64_t order_hash(const struct recent *recent, int64_t ledger_id, struct text order_number)
{
    uint8_t bytes[sizeof ledger_id + ORDER_NUMBER_BYTES_MAX];
    memcpy(bytes, &ledger_id, sizeof ledger_id);
    memcpy(bytes + sizeof ledger_id, order_number.bytes, order_number.length);
    return hash_bytes(recent->secret, bytes, sizeof ledger_id + order_number.length);
}

static bool is_of_order(
    const struct command_record *record, int64_t ledger_id, struct text order_number)
{
    return record->ledger_id == ledger_id && text_equals(record->order_number, order_number);
}

/* Number of the order's first command in the segment, 0: none. */
static uint32_t first_of_order(
    const struct recent_slot *slot, uint64_t hash, int64_t ledger_id, struct text order_number)
{
    uint64_t cursor = 0;
    uint32_t number;
    while ((number = map_next(&slot->first_of_orders, hash, &cursor)) != MAP_NONE) {
        if (is_of_order(&slot->commands[number - 1], ledger_id, order_number))
            return number;
    }
    return 0;
}

/* Hangs a command behind the newest one of its order. */
static void hang_order(
    const struct recent *recent, struct recent_slot *slot, const struct command_record *record)
{
    uint32_t number = (uint32_t)(record - slot->commands) + 1;
    uint64_t hash = order_hash(recent, record->ledger_id, record->order_number);
    uint32_t first = first_of_order(slot, hash, record->ledger_id, record->order_number);
    if (first == 0) {
        map_insert(&slot->first_of_orders, hash, number);
        slot->orders[number].newest = number;
        return;
    }
    slot->orders[slot->orders[first].newest].next = number;
    slot->orders[first].newest = number;
}

static void add_reference(struct recent_slot *slot, uint64_t hash, uint32_t offset)
{
    CHECK(slot->reference_count < slot_commands(slot) * REFERENCES_PER_COMMAND);
    key_filter_add(&slot->reference_filter, hash);
    slot->reference_hashes[slot->reference_count] = hash;
    slot->reference_offsets[slot->reference_count] = offset;
    slot->reference_count++;
}

static void note_reference(
    const struct recent *recent, struct recent_slot *slot, const struct command_record *record)
{
    uint64_t hash = reference_hash(recent->secret, record->ledger_id, record->reference);
    uint32_t offset = (uint32_t)(record - slot->commands);
    map_insert(&slot->references, hash, offset);
    add_reference(slot, hash, offset);
}

void recent_note_mark(struct recent *recent, int64_t sequence, uint64_t hash)
{
    CHECK(sequence >= recent->next_sequence);
    struct recent_slot *slot = find_slot(recent, sequence);
    CHECK(slot != NULL);
    uint32_t offset = (uint32_t)(sequence - slot->first_sequence);
    int64_t last = slot->reference_count - 1;
    if (last < 0 || slot->reference_hashes[last] != hash || slot->reference_offsets[last] != offset)
        add_reference(slot, hash, offset);
}

void recent_append_command(struct recent *recent, const struct command_record *record)
{
    CHECK(record->order_number.length <= ORDER_NUMBER_BYTES_MAX);
    CHECK(record->body_length <= COMMAND_BODY_BYTES_MAX);
    CHECK(record->reference.length <= REFERENCE_BYTES_MAX);
    CHECK(record->sequence == recent->next_sequence);
    struct recent_slot *slot = find_slot(recent, record->sequence);
    CHECK(slot != NULL);
    uint32_t index = (uint32_t)slot->command_count++;
    struct command_record *copy = &slot->commands[index];

    *copy = *record;
    copy->order_number.bytes = keep(slot, record->order_number.bytes, record->order_number.length);
    copy->body = keep(slot, record->body, record->body_length);
    copy->reference.bytes = keep(slot, record->reference.bytes, record->reference.length);
    if (copy->order_number.length > 0)
        hang_order(recent, slot, copy);
    widen(
        record->key.business_date, index == 0, &slot->min_business_date, &slot->max_business_date);
    if (record->accounting_date != 0)
        widen(record->accounting_date, slot->max_accounting_date == 0, &slot->min_accounting_date,
            &slot->max_accounting_date);
    uint64_t hash = request_key_hash(recent->secret, &record->key);
    map_insert(&slot->keys, hash, index);
    key_filter_add(&slot->filter, hash);
    slot->key_hashes[index] = hash;
    if (copy->reference.length > 0)
        note_reference(recent, slot, copy);
    if (slot->command_count == slot_commands(slot))
        key_filter_fold(&slot->reference_filter, slot->reference_count);
    recent->next_sequence++;
}

void recent_note_change(struct recent *recent, int64_t account_id)
{
    CHECK(account_id > 0 && account_id <= ACCOUNTS_MAX);
    struct recent_slot *slot = find_slot(recent, recent->next_sequence - 1);
    CHECK(slot != NULL);
    CHECK(slot->command_count > 0);
    uint32_t number = (uint32_t)slot->command_count;
    CHECK(slot->newest_changes[account_id] < number);
    slot->older_changes[number] = slot->newest_changes[account_id];
    slot->newest_changes[account_id] = number;
}

static uint32_t older_of(const struct recent_slot *slot, uint32_t number, int64_t account_id)
{
    const struct posting_links *links = &slot->links[number];
    bool is_debit = slot->postings[number].debit_account_id == account_id;
    return is_debit ? links->debit_older : links->credit_older;
}

static uint32_t newer_of(const struct recent_slot *slot, uint32_t number, int64_t account_id)
{
    const struct posting_links *links = &slot->links[number];
    bool is_debit = slot->postings[number].debit_account_id == account_id;
    return is_debit ? links->debit_newer : links->credit_newer;
}

/* Hangs a posting behind the account's newest one; returns the number of that one, 0: none. */
static uint32_t hang(struct recent_slot *slot, int64_t account_id, uint32_t number)
{
    CHECK(account_id > 0 && account_id <= ACCOUNTS_MAX);
    struct chain_ends *ends = &slot->chains[account_id];
    uint32_t older = ends->newest;
    if (older == 0)
        ends->oldest = number;
    else if (slot->postings[older].debit_account_id == account_id)
        slot->links[older].debit_newer = number;
    else
        slot->links[older].credit_newer = number;
    ends->newest = number;
    return older;
}

void recent_append_posting(
    struct recent *recent, int64_t sequence, int16_t line, const struct posting *posting)
{
    struct recent_slot *slot = find_slot(recent, sequence);
    CHECK(slot != NULL);
    CHECK(slot->posting_count < slot_postings_max(slot));
    CHECK(sequence - slot->first_sequence < slot->command_count);
    CHECK(slot->posting_count == 0 || slot->links[slot->posting_count].sequence <= sequence);
    uint32_t number = ++slot->posting_count;
    struct posting_links *links = &slot->links[number];

    slot->postings[number] = *posting;
    *links = (struct posting_links){.sequence = sequence, .line = line};
    links->debit_older = hang(slot, posting->debit_account_id, number);
    /* A posting between two buckets of one account hangs in its chain once, by its debit links. */
    if (posting->credit_account_id != posting->debit_account_id)
        links->credit_older = hang(slot, posting->credit_account_id, number);
}

const struct command_record *recent_find_key(
    const struct recent *recent, const struct request_key *key)
{
    uint64_t hash = request_key_hash(recent->secret, key);
    for (uint32_t i = recent->count; i > 0; i--) {
        const struct recent_slot *slot = slot_at(recent, i - 1);
        uint64_t cursor = 0;
        uint32_t index;
        while ((index = map_next(&slot->keys, hash, &cursor)) != MAP_NONE) {
            if (request_key_equals(&slot->commands[index].key, key))
                return &slot->commands[index];
        }
    }
    return NULL;
}

const struct command_record *recent_find_sequence(const struct recent *recent, int64_t sequence)
{
    const struct recent_slot *slot = find_slot(recent, sequence);
    if (!slot || sequence - slot->first_sequence >= slot->command_count)
        return NULL;
    return &slot->commands[sequence - slot->first_sequence];
}

/* Number of the first posting whose sequence is at least the given one; count + 1 when none is. */
static uint32_t first_posting_from(const struct recent_slot *slot, int64_t sequence)
{
    uint32_t low = 1;
    uint32_t high = slot->posting_count + 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (slot->links[middle].sequence < sequence)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t recent_postings(
    const struct recent *recent, int64_t sequence, const struct posting **ret_postings)
{
    const struct recent_slot *slot = find_slot(recent, sequence);
    if (!slot)
        return 0;
    uint32_t first = first_posting_from(slot, sequence);
    *ret_postings = &slot->postings[first];
    return first_posting_from(slot, sequence + 1) - first;
}

static bool touches(const struct posting *posting, int64_t account_id)
{
    return posting->debit_account_id == account_id || posting->credit_account_id == account_id;
}

/* Where a walk of the account starts: its first posting at or behind `sequence` in the direction of
 * the walk. A page of a busy account goes on in the middle of a long chain, so the neighbourhood is
 * searched before the chain is walked from its end. */
static uint32_t start_of_walk(
    const struct recent_slot *slot, int64_t account_id, int64_t sequence, bool newest_first)
{
    int64_t newest = sequence < slot->last_sequence ? sequence : slot->last_sequence;
    uint32_t number = newest_first ? first_posting_from(slot, newest + 1) - 1
                                   : first_posting_from(slot, sequence);
    for (uint32_t step = 0; step < WALK_NEIGHBOURS_MAX; step++) {
        if (number == 0 || number > slot->posting_count)
            return 0;
        if (touches(&slot->postings[number], account_id))
            return number;
        number = newest_first ? number - 1 : number + 1;
    }
    const struct chain_ends *ends = &slot->chains[account_id];
    number = newest_first ? ends->newest : ends->oldest;
    while (number != 0 && (newest_first ? slot->links[number].sequence > sequence
                                        : slot->links[number].sequence < sequence))
        number =
            newest_first ? older_of(slot, number, account_id) : newer_of(slot, number, account_id);
    return number;
}

void recent_walk_account(const struct recent *recent, int64_t account_id, int64_t sequence,
    bool newest_first, recent_on_posting on_posting, void *context)
{
    if (account_id <= 0 || account_id > ACCOUNTS_MAX)
        return;
    for (uint32_t n = 0; n < recent->count; n++) {
        const struct recent_slot *slot = slot_at(recent, newest_first ? recent->count - 1 - n : n);
        if (newest_first ? slot->first_sequence > sequence : slot->last_sequence < sequence)
            continue;
        uint32_t number = start_of_walk(slot, account_id, sequence, newest_first);
        while (number != 0) {
            const struct posting_links *links = &slot->links[number];
            if (!on_posting(context, links->sequence, links->line, &slot->postings[number]))
                return;
            number = newest_first ? older_of(slot, number, account_id)
                                  : newer_of(slot, number, account_id);
        }
    }
}

/* Number of the order's first command behind `after_sequence` in the segment, 0: none. A walk that
 * goes on begins at the command that it ended with, and needs no search. */
static uint32_t start_of_order(const struct recent *recent, const struct recent_slot *slot,
    int64_t ledger_id, struct text order_number, int64_t after_sequence)
{
    int64_t behind = after_sequence - slot->first_sequence;
    if (behind >= 0 && behind < slot->command_count &&
        is_of_order(&slot->commands[behind], ledger_id, order_number))
        return slot->orders[behind + 1].next;
    uint64_t hash = order_hash(recent, ledger_id, order_number);
    uint32_t number = first_of_order(slot, hash, ledger_id, order_number);
    while (number != 0 && slot->commands[number - 1].sequence <= after_sequence)
        number = slot->orders[number].next;
    return number;
}

void recent_walk_order(const struct recent *recent, int64_t ledger_id, struct text order_number,
    int64_t after_sequence, recent_on_command on_command, void *context)
{
    if (order_number.length == 0 || order_number.length > ORDER_NUMBER_BYTES_MAX)
        return;
    for (uint32_t n = 0; n < recent->count; n++) {
        const struct recent_slot *slot = slot_at(recent, n);
        if (slot->last_sequence <= after_sequence)
            continue;
        uint32_t number = start_of_order(recent, slot, ledger_id, order_number, after_sequence);
        for (; number != 0; number = slot->orders[number].next) {
            if (!on_command(context, &slot->commands[number - 1]))
                return;
        }
    }
}

void recent_walk_reference(const struct recent *recent, int64_t ledger_id, struct text reference,
    recent_on_command on_command, void *context)
{
    uint64_t hash = reference_hash(recent->secret, ledger_id, reference);
    for (uint32_t n = 0; n < recent->count; n++) {
        const struct recent_slot *slot = slot_at(recent, n);
        uint64_t cursor = 0;
        uint32_t index;
        while ((index = map_next(&slot->references, hash, &cursor)) != MAP_NONE) {
            const struct command_record *record = &slot->commands[index];
            if (record->ledger_id == ledger_id && text_equals(record->reference, reference) &&
                !on_command(context, record))
                return;
        }
    }
}

void recent_walk_changes(const struct recent *recent, int64_t account_id, int64_t sequence,
    recent_on_command on_command, void *context)
{
    if (account_id <= 0 || account_id > ACCOUNTS_MAX)
        return;
    for (uint32_t n = recent->count; n > 0; n--) {
        const struct recent_slot *slot = slot_at(recent, n - 1);
        uint32_t number = slot->newest_changes[account_id];
        for (; number != 0; number = slot->older_changes[number]) {
            const struct command_record *record = &slot->commands[number - 1];
            if (record->sequence <= sequence && !on_command(context, record))
                return;
        }
    }
}

bool recent_oldest_full(const struct recent *recent, struct recent_segment *ret_segment)
{
    if (recent->count == 0)
        return false;
    const struct recent_slot *slot = slot_at(recent, 0);
    if (slot->command_count < slot_commands(slot))
        return false;
    *ret_segment = (struct recent_segment){
        .first_sequence = slot->first_sequence,
        .last_sequence = slot->last_sequence,
        .min_business_date = slot->min_business_date,
        .max_business_date = slot->max_business_date,
        .min_accounting_date = slot->min_accounting_date,
        .max_accounting_date = slot->max_accounting_date,
        .filter = &slot->filter,
        .reference_filter = &slot->reference_filter,
        .keys = {.hashes = slot->key_hashes, .count = (size_t)slot->command_count},
        .references = {.hashes = slot->reference_hashes,
            .offsets = slot->reference_offsets,
            .count = (size_t)slot->reference_count},
    };
    return true;
}

void recent_drop_oldest(struct recent *recent, int64_t last_sequence)
{
    CHECK(recent->count > 0);
    struct recent_slot *slot = slot_at(recent, 0);
    CHECK(slot->last_sequence == last_sequence);
    CHECK(slot->command_count == slot_commands(slot));
    release_slot(slot);
    recent->oldest = (recent->oldest + 1) % RECENT_SEGMENTS_MAX;
    recent->count--;
}
