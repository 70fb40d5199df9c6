/* parts.h: where the request keys and references of an indexed segment stand, in parts that are
 * proved.
 *
 * A part holds some hashes with the commands that have them; the hash says which part it is in. The
 * database keeps the parts (vsl.segment_part), the segment's row the digests of all of them, under
 * the segment's code. So a part that is read says for certain which commands of the segment have a
 * hash, and that no others have: neither an index nor that a row is found is believed. A segment
 * that is indexed never changes, nor do its parts.
 *
 * An entry is twelve bytes, both numbers most significant byte first: the hash, as the filters take
 * it (filter.h), and the command's number less the segment's first.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_JOURNAL_PARTS_H
#define VSL_JOURNAL_PARTS_H

#include "base/buffer.h"
#include "base/must_use.h"
#include "journal/rows.h"

#include <stddef.h>
#include <stdint.h>

/* Entries of a part, on average: what a row of PostgreSQL holds without a table of its own. */
#define PART_ENTRIES 128
#define PART_ENTRY_BYTES 12

/* As the database numbers them. */
enum part_kind { PARTS_OF_KEYS = 1, PARTS_OF_REFERENCES = 2 };
#define PART_KINDS 2

/* What the parts of a segment are made from; the memory is the owner's. */
struct part_hashes {
    const uint64_t *hashes;
    const uint32_t *offsets; /* of their commands in the segment; NULL: 0, 1, 2, ... */
    size_t count;
};

/* A part of a segment: which one, and what it is proved by. */
struct segment_part {
    int64_t first_sequence, last_sequence; /* of the segment */
    int64_t number;                        /* from 0 */
    uint8_t digest[DIGEST_BYTES];
};

/* How many parts a segment with so many hashes has; of none, none. */
size_t parts_count(size_t hashes);

/* The part, of so many, that a hash is in. */
size_t part_of(uint64_t hash, size_t parts);

/* Appends the entries of the parts `first`, `first + 1`, ... to as many buffers. */
void parts_make(const struct part_hashes *from, size_t parts, size_t first, size_t count,
    struct buffer ret_parts[]);

void part_digest(const void *bytes, size_t length, uint8_t ret_digest[DIGEST_BYTES]);

/* Appends the numbers (int64_t) of the commands that have the hash; -1: these bytes are not that
 * part. */
MUST_USE int part_find(const struct segment_part *part, const void *bytes, size_t length,
    uint64_t hash, struct buffer *ret_sequences);

#endif
