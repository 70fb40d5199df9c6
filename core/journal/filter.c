/* filter.c: blocked Bloom filters and the list of indexed segments in the key window.
 * SPDX-License-Identifier: Apache-2.0 */
#include "journal/filter.h"

#include "base/check.h"
#include "ceilings.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 64
#define BITS_PER_KEY 32
#define BITS_SET 11

size_t key_filter_bytes(int64_t keys)
{
    CHECK(keys > 0);
    size_t bytes = (size_t)keys * BITS_PER_KEY / 8;
    return (bytes + BLOCK_BYTES) / BLOCK_BYTES * BLOCK_BYTES;
}

/* The upper half of the hash picks the block, without a division. */
static size_t block_of(size_t length, uint64_t hash)
{
    uint64_t blocks = length / BLOCK_BYTES;
    return (size_t)((hash >> 32) * blocks >> 32) * BLOCK_BYTES;
}

/* The lower half, spread by odd multipliers, picks bit `i` of 512. */
static uint32_t bit_of(uint64_t hash, uint32_t i)
{
    static const uint32_t multipliers[BITS_SET] = {0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d,
        0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31, 0x9e3779b1, 0x85ebca77, 0xc2b2ae3d};
    return (uint32_t)hash * multipliers[i] >> 23;
}

void key_filter_add(struct key_filter *filter, uint64_t hash)
{
    CHECK(filter->length >= BLOCK_BYTES);
    uint8_t *block = filter->bytes + block_of(filter->length, hash);
    for (uint32_t i = 0; i < BITS_SET; i++) {
        uint32_t bit = bit_of(hash, i);
        block[bit / 8] |= (uint8_t)(1u << bit % 8);
    }
}

bool key_filter_may_have(const struct key_filter *filter, uint64_t hash)
{
    CHECK(filter->length >= BLOCK_BYTES);
    const uint8_t *block = filter->bytes + block_of(filter->length, hash);
    for (uint32_t i = 0; i < BITS_SET; i++) {
        uint32_t bit = bit_of(hash, i);
        if (!(block[bit / 8] >> bit % 8 & 1))
            return false;
    }
    return true;
}

size_t key_filter_foldable_bytes(int64_t keys_max)
{
    size_t blocks = 1;
    while (blocks * BLOCK_BYTES < key_filter_bytes(keys_max))
        blocks *= 2;
    return blocks * BLOCK_BYTES;
}

/* With half as many blocks a hash has half the block's number, see block_of. */
static void fold_once(struct key_filter *filter)
{
    size_t blocks = filter->length / BLOCK_BYTES;
    CHECK(blocks % 2 == 0);
    for (size_t i = 0; i < blocks / 2; i++) {
        uint8_t *to = filter->bytes + i * BLOCK_BYTES;
        const uint8_t *from = filter->bytes + 2 * i * BLOCK_BYTES;
        for (size_t byte = 0; byte < BLOCK_BYTES; byte++)
            to[byte] = (uint8_t)(from[byte] | from[BLOCK_BYTES + byte]);
    }
    filter->length /= 2;
}

void key_filter_fold(struct key_filter *filter, int64_t keys)
{
    CHECK(keys >= 0);
    if (keys == 0)
        filter->length = 0;
    while (filter->length > BLOCK_BYTES && filter->length / 2 >= key_filter_bytes(keys))
        fold_once(filter);
}

uint64_t reference_hash(struct hash_key secret, int64_t ledger_id, struct text reference)
{
    uint8_t bytes[sizeof ledger_id + REFERENCE_BYTES_MAX];
    CHECK(reference.length > 0 && reference.length <= REFERENCE_BYTES_MAX);
    memcpy(bytes, &ledger_id, sizeof ledger_id);
    memcpy(bytes + sizeof ledger_id, reference.bytes, reference.length);
    return hash_bytes(secret, bytes, sizeof ledger_id + reference.length);
}

uint64_t mark_hash(struct hash_key secret, enum mark mark, int64_t id, struct text text)
{
    /* No ledger has the number 0. */
    const int64_t head[3] = {0, mark, id};
    uint8_t bytes[sizeof head + REFERENCE_BYTES_MAX];
    CHECK(text.length <= REFERENCE_BYTES_MAX);
    memcpy(bytes, head, sizeof head);
    if (text.length > 0)
        memcpy(bytes + sizeof head, text.bytes, text.length);
    return hash_bytes(secret, bytes, sizeof head + text.length);
}

/* ---- the set ---- */

struct filter_entry {
    int64_t first_sequence; /* 0: not told */
    int64_t last_sequence;
    int32_t min_business_date;
    int32_t max_business_date;
    struct key_filter filter; /* bytes NULL: "maybe" for every key of the dates */
    uint8_t *part_digests;
    size_t part_count;
};

struct filter_set {
    struct filter_entry *entries;
    size_t count;
    size_t capacity;
    size_t bytes;
    size_t bytes_max;
    int32_t maybe_until; /* latest business date of any segment that was dropped */
};

struct filter_set *filter_set_create(size_t bytes_max)
{
    struct filter_set *set = calloc(1, sizeof *set);
    CHECK(set != NULL);
    set->bytes_max = bytes_max;
    set->maybe_until = INT32_MIN;
    return set;
}

static void finish_entry(struct filter_entry *entry)
{
    free(entry->filter.bytes);
    free(entry->part_digests);
}

void filter_set_destroy(struct filter_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++)
        finish_entry(&set->entries[i]);
    free(set->entries);
    free(set);
}

/* Gives up the filter of the segment whose dates end first: new requests ask for newer dates. */
static void drop_oldest_filter(struct filter_set *set)
{
    struct filter_entry *oldest = NULL;
    for (size_t i = 0; i < set->count; i++) {
        struct filter_entry *entry = &set->entries[i];
        if (entry->filter.bytes &&
            (!oldest || entry->max_business_date < oldest->max_business_date))
            oldest = entry;
    }
    CHECK(oldest != NULL);
    set->bytes -= oldest->filter.length;
    free(oldest->filter.bytes);
    oldest->filter = (struct key_filter){0};
}

static void add(
    struct filter_set *set, const struct filter_entry *added, const uint8_t *filter, size_t length)
{
    if (set->count == set->capacity) {
        set->capacity = set->capacity ? 2 * set->capacity : 64;
        struct filter_entry *entries = realloc(set->entries, set->capacity * sizeof *set->entries);
        CHECK(entries != NULL);
        set->entries = entries;
    }
    struct filter_entry *entry = &set->entries[set->count++];
    *entry = *added;
    /* A filter of a wrong size was damaged on its way; without it the answer is "maybe". */
    if (!filter || length < BLOCK_BYTES || length % BLOCK_BYTES != 0 || length > set->bytes_max)
        return;
    while (set->bytes > set->bytes_max - length)
        drop_oldest_filter(set);
    entry->filter.bytes = malloc(length);
    CHECK(entry->filter.bytes != NULL);
    memcpy(entry->filter.bytes, filter, length);
    entry->filter.length = length;
    set->bytes += length;
}

void filter_set_add(struct filter_set *set, int64_t last_sequence, int32_t min_business_date,
    int32_t max_business_date, const uint8_t *filter, size_t length)
{
    CHECK(min_business_date <= max_business_date);
    struct filter_entry entry = {.last_sequence = last_sequence,
        .min_business_date = min_business_date,
        .max_business_date = max_business_date};
    add(set, &entry, filter, length);
}

void filter_set_add_dateless(struct filter_set *set, int64_t first_sequence, int64_t last_sequence,
    const uint8_t *filter, size_t length)
{
    CHECK(first_sequence > 0 && first_sequence <= last_sequence);
    struct filter_entry entry = {.first_sequence = first_sequence, .last_sequence = last_sequence};
    add(set, &entry, filter, length);
}

void filter_set_add_parts(
    struct filter_set *set, int64_t first_sequence, const uint8_t *digests, size_t count)
{
    CHECK(set->count > 0);
    struct filter_entry *entry = &set->entries[set->count - 1];
    CHECK(entry->part_digests == NULL);
    CHECK(first_sequence > 0 && first_sequence <= entry->last_sequence);
    if (count == 0)
        return;
    entry->first_sequence = first_sequence;
    entry->part_digests = malloc(count * DIGEST_BYTES);
    CHECK(entry->part_digests != NULL);
    memcpy(entry->part_digests, digests, count * DIGEST_BYTES);
    entry->part_count = count;
}

void filter_set_drop_before(struct filter_set *set, int32_t oldest_business_date)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct filter_entry *entry = &set->entries[i];
        if (entry->max_business_date < oldest_business_date) {
            set->bytes -= entry->filter.length;
            finish_entry(entry);
            if (entry->max_business_date > set->maybe_until)
                set->maybe_until = entry->max_business_date;
        } else {
            set->entries[kept++] = *entry;
        }
    }
    set->count = kept;
}

static bool may_have(const struct filter_entry *entry, uint64_t hash, int32_t business_date)
{
    return business_date >= entry->min_business_date && business_date <= entry->max_business_date &&
           (!entry->filter.bytes || key_filter_may_have(&entry->filter, hash));
}

bool filter_set_may_have(const struct filter_set *set, uint64_t hash, int32_t business_date)
{
    if (business_date <= set->maybe_until)
        return true;
    for (size_t i = set->count; i > 0; i--) {
        if (may_have(&set->entries[i - 1], hash, business_date))
            return true;
    }
    return false;
}

bool filter_set_find(const struct filter_set *set, uint64_t hash, int32_t business_date,
    struct buffer *ret_parts, int64_t *ret_first, int64_t *ret_last)
{
    bool is_elsewhere = business_date <= set->maybe_until;
    bool has_span = false;
    for (size_t i = 0; i < set->count; i++) {
        const struct filter_entry *entry = &set->entries[i];
        if (!may_have(entry, hash, business_date))
            continue;
        if (entry->part_count > 0) {
            struct segment_part part = {.first_sequence = entry->first_sequence,
                .last_sequence = entry->last_sequence,
                .number = (int64_t)part_of(hash, entry->part_count)};
            memcpy(
                part.digest, entry->part_digests + part.number * DIGEST_BYTES, sizeof part.digest);
            buffer_append(ret_parts, &part, sizeof part);
            continue;
        }
        if (!has_span)
            *ret_first = entry->first_sequence;
        *ret_last = entry->last_sequence;
        has_span = is_elsewhere = true;
    }
    return is_elsewhere;
}
