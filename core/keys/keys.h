/* keys.h: the key ring: secrets in a file, or from a command that prints them.
 *
 * Text, a line each; blank lines and lines that begin with # are passed over. A key is six words:
 *
 * number purpose algorithm status created secret
 *
 * such as "1 journal-mac hmac-sha256 active 2026-11-28T21:00:00Z 6f1c..." or "2 anchor-sign ed25519
 * active 2026-11-28T21:00:00Z 09ab...", the secret in 64 hexadecimal digits.
 *
 * A number is from 1 on and never used again. The active key with the greatest number of a purpose
 * makes what is new; every key of the ring proves what is old. A line
 *
 * adopted identity-of-the-journal's-first-life batch digest time
 *
 * says that a person has looked at a journal which had no codes up to that batch.
 *
 * The secrets stand in memory that is locked, left out of core dumps and wiped. Who has the ring
 * has power over what it proves; so the file must be a regular one that its owner alone can read.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_KEYS_KEYS_H
#define VSL_KEYS_KEYS_H

#include "base/must_use.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEYS_MAX 64
#define KEY_SECRET_BYTES 32
#define KEY_WORD_BYTES 32
#define ADOPTIONS_MAX 64
#define KEY_CHECK_BYTES 16

enum key_purpose { KEY_JOURNAL_MAC, KEY_ANCHOR_SIGN, KEY_SEAL, KEY_PURPOSES };

struct ring_key {
    int32_t number;
    enum key_purpose purpose;
    bool is_active;
    char algorithm[KEY_WORD_BYTES];
    char created[KEY_WORD_BYTES];
    const uint8_t *secret; /* KEY_SECRET_BYTES, in locked memory */
};

struct adoption {
    char identity[37];
    int64_t batch_number;
    uint8_t digest[32];
};

struct key_ring;

/* Reads a file, or what a command prints (words, cut at blanks; no shell); one of the two is NULL.
 * NULL on a fault, with a sentence that shows no secret. */
struct key_ring *key_ring_open(
    const char *file, const char *command, char *ret_error, size_t error_bytes);
void key_ring_close(struct key_ring *ring);

size_t key_ring_count(const struct key_ring *ring);
/* By index, in the order of the numbers. */
const struct ring_key *key_ring_at(const struct key_ring *ring, size_t index);
/* The key that makes what is new; NULL: there is none. An algorithm NULL takes any. */
const struct ring_key *key_ring_active(
    const struct key_ring *ring, enum key_purpose purpose, const char *algorithm);
const struct ring_key *key_ring_find(const struct key_ring *ring, int32_t number);

/* The last adoption of the journal with that identity, as text; NULL: it was never adopted. */
const struct adoption *key_ring_adoption(const struct key_ring *ring, const char *identity);

/* What tells whether a key is the one that stood under its number before, and nothing of its
 * secret: the first bytes of HMAC-SHA256 with the secret over "vsl key check 1", its purpose and
 * its algorithm, a NUL behind each. */
void key_check(const struct ring_key *key, uint8_t ret_check[KEY_CHECK_BYTES]);

const char *key_purpose_name(enum key_purpose purpose);
/* false when there is no such purpose. */
MUST_USE bool key_purpose_of(const char *name, enum key_purpose *ret_purpose);

#endif
