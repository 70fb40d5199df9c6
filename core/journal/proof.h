/* proof.h: codes that nobody can make without the key, for what the database keeps.
 *
 * A code is HMAC-SHA256 (RFC 2104) over the name of what it is for, the identity of the journal's
 * first life and the values. So a code of one thing, or of another journal, says nothing of
 * another. Without a key the code is made with 32 zero bytes: it finds damage then, not intent.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_JOURNAL_PROOF_H
#define VSL_JOURNAL_PROOF_H

#include "base/hash.h"
#include "journal/rows.h"
#include "model/journal_life.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROOF_BYTES 32
#define PROOF_KEY_BYTES 32

/* Number 0: no key. The memory is the owner's of the key. */
struct proof_key {
    int32_t number;
    const uint8_t *bytes; /* PROOF_KEY_BYTES */
};

extern const struct proof_key proof_no_key;

/* By what a key of the ring is known again, and nothing is told of its secret; see key_check of
 * keys. */
#define PROOF_CHECK_BYTES 16
struct proof_check {
    int32_t number;
    uint8_t value[PROOF_CHECK_BYTES];
};

/* What a code is for, as it stands in the code's input: these bytes and a NUL. */
#define PROOF_OF_BATCH "vsl batch 1"
#define PROOF_OF_SEGMENT "vsl segment 1"
#define PROOF_OF_STATE "vsl state 1"
#define PROOF_OF_ROWS "vsl state rows 1"

/* HMAC-SHA256 over purpose | NUL | identity | bytes. */
void proof_make(const struct proof_key *key, const char *purpose,
    const struct journal_identity *identity, const void *bytes, size_t length,
    uint8_t ret_code[PROOF_BYTES]);

/* In the same time whatever the bytes are. */
bool proof_is(const uint8_t code[PROOF_BYTES], const uint8_t given[PROOF_BYTES]);

/* Of a batch: batch_number (int64 big-endian) | digest. */
void proof_of_batch(const struct proof_key *key, const struct journal_identity *identity,
    const struct batch_row *row, uint8_t ret_code[PROOF_BYTES]);

/* The key of the prints of state rows: made from the key, so that prints need no other secret. */
struct hash_key proof_row_key(const struct proof_key *key, const struct journal_identity *identity);

/* Of an indexed segment: first and last number, the four dates (days, 0: none), both halves of the
 * hash's secret, each int64 big-endian | the digest of the key filter | that of the filter of
 * references, zeros where the segment has none. So the dates are proved also where the key filter
 * is not loaded. */
struct proof_segment {
    int64_t first_sequence;
    int64_t last_sequence;
    int32_t min_business_date, max_business_date;
    int32_t min_accounting_date, max_accounting_date;
    struct hash_key secret;
    uint8_t filter_digest[DIGEST_BYTES];
    uint8_t reference_digest[DIGEST_BYTES];
};
/* Of a filter with the digests of the parts behind it (journal/parts.h), of which there may be
 * none: SHA-256 over the filter's length (int64 big-endian) | the filter | the digests. */
void proof_filter_digest(const uint8_t *filter, size_t length, const uint8_t *part_digests,
    size_t part_count, uint8_t ret_digest[DIGEST_BYTES]);
void proof_of_segment(const struct proof_key *key, const struct journal_identity *identity,
    const struct proof_segment *segment, uint8_t ret_code[PROOF_BYTES]);

#endif
