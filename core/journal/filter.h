/* filter.h: rules out that an indexed segment holds a request key.
 *
 * A blocked Bloom filter: a key's hash picks a 64-byte block and eleven bits in it, so that a
 * question costs one cache line. Sized for 32 bits a key: less than one false "maybe" in 100,000,
 * so that a batch of 500 new keys passes dozens of segments without a look-up. A "maybe" costs a
 * look-up in the database, never a wrong answer.
 *
 * Source: Putze, Sanders, Singler, "Cache-, Hash- and Space-Efficient Bloom Filters" (2007).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_JOURNAL_FILTER_H
#define VSL_JOURNAL_FILTER_H

#include "base/hash.h"
#include "base/text.h"
#include "journal/parts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct key_filter {
    uint8_t *bytes;
    size_t length; /* a multiple of 64 */
};

/* Bytes of a filter for so many keys. */
size_t key_filter_bytes(int64_t keys);

void key_filter_add(struct key_filter *filter, uint64_t hash);
bool key_filter_may_have(const struct key_filter *filter, uint64_t hash);

/* A filter over what is counted only when it is full: `length` of one for at most so many, which
 * can be folded to the size that fits for what is in it. */
size_t key_filter_foldable_bytes(int64_t keys_max);
/* Folds such a filter, in which so many keys are, in place; of none, to no bytes. */
void key_filter_fold(struct key_filter *filter, int64_t keys);

/* The hash of a bank's reference in its ledger, folded (base/fold), for a filter of these. */
uint64_t reference_hash(struct hash_key secret, int64_t ledger_id, struct text reference);

/* What a command leaves in the filter of references besides its own, so that records which it made
 * or changed cannot be taken away unseen when they have left memory. */
enum mark {
    MARK_GIVEN_BACK = 1, /* something of the command with that number was given back */
    MARK_PROMISED = 2,   /* the acquirer with that id promised something with the reference */
    MARK_MATCHED = 3,    /* how much is matched of the booking with that id; the text is its kind */
};
/* The hash of a mark; `text` may be empty. It is never meant to be that of a reference. */
uint64_t mark_hash(struct hash_key secret, enum mark mark, int64_t id, struct text text);

/* ---- the filters of all indexed segments ---- */

struct filter_set;

/* Filters take at most `bytes_max`; beyond it the segments with the oldest dates give theirs up and
 * answer "maybe" for the dates that occur in them. */
struct filter_set *filter_set_create(size_t bytes_max);
void filter_set_destroy(struct filter_set *set);

/* Adds a segment with the business dates (days) that occur in it; `filter` NULL: "maybe" for every
 * key of those dates. The bytes are copied. */
void filter_set_add(struct filter_set *set, int64_t last_sequence, int32_t min_business_date,
    int32_t max_business_date, const uint8_t *filter, size_t length);
/* Adds one that no date rules out, with its first number. */
void filter_set_add_dateless(struct filter_set *set, int64_t first_sequence, int64_t last_sequence,
    const uint8_t *filter, size_t length);
/* Gives the segment that was added last the digests of its parts; copied. */
void filter_set_add_parts(
    struct filter_set *set, int64_t first_sequence, const uint8_t *digests, size_t count);

/* Forgets segments that hold no business date from `oldest_business_date` on: keys of such dates
 * are refused by the closed window. For dates up to theirs the answer is "maybe" from now on. */
void filter_set_drop_before(struct filter_set *set, int32_t oldest_business_date);

/* Whether some indexed segment may hold a key with this hash and business date; 0 of a set without
 * dates. */
bool filter_set_may_have(const struct filter_set *set, uint64_t hash, int32_t business_date);

/* Where it may be: appends a struct segment_part for each such segment that has parts, oldest
 * first. True: also in others, of which a set without dates says between which numbers they are,
 * both inclusive. */
bool filter_set_find(const struct filter_set *set, uint64_t hash, int32_t business_date,
    struct buffer *ret_parts, int64_t *ret_first, int64_t *ret_last);

#endif
