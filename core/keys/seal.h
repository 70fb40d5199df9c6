/* seal.h: personal values under a key.
 *
 * Deterministic authenticated encryption: SIV, RFC 5297, with AES-256 or SM4 of libgcrypt. The same
 * value of the same kind and ledger seals to the same text under the same key, so that it can be
 * compared and looked up; nothing else can be told without the key. The associated data are the
 * kind and the ledger: a sealed value that is moved elsewhere does not open.
 *
 * A sealed value is a text of its own: U+0001, then in base64 (RFC 4648, the alphabet for URLs,
 * without padding) a byte for the version (1), one for the algorithm (1: AES-256, 2: SM4), four for
 * the number of the key, the most significant first, the 16 of SIV, and the ciphertext, which is as
 * long as the value. What does not look so was never sealed: by a server without a key, or before
 * there were keys.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_KEYS_SEAL_H
#define VSL_KEYS_SEAL_H

#include "base/fingerprint.h"
#include "base/must_use.h"
#include "base/text.h"
#include "keys/keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEAL_HEAD_BYTES 22
/* Bytes of the sealed value of a text of so many. */
#define SEALED_BYTES(bytes) (1 + (((bytes) + SEAL_HEAD_BYTES) * 4 + 2) / 3)
/* Longer texts are not sealed. */
#define SEAL_PLAIN_BYTES_MAX 1024

struct sealer;

/* With the keys of the ring for this purpose; it keeps what it needs of them. NULL and a sentence
 * on a fault of the library. */
struct sealer *sealer_create(const struct key_ring *ring, char *ret_error, size_t error_bytes);
void sealer_destroy(struct sealer *sealer);

/* The number of the key that seals; 0: none does, and what comes stays as it is. Of a sealer that
 * is NULL, too, as for the functions below. */
int32_t sealer_key(const struct sealer *sealer);
/* The keys that open, by index, in the order of their numbers. */
uint32_t sealer_key_count(const struct sealer *sealer);
int32_t sealer_key_at(const struct sealer *sealer, uint32_t index);
bool sealer_has_key(const struct sealer *sealer, int32_t number);

/* Seals under the key of that number, which the sealer has; returns the length, at most
 * SEALED_BYTES(plain.length). An empty value stays empty. */
uint32_t sealer_seal(struct sealer *sealer, int32_t key, uint8_t kind, int64_t ledger_id,
    struct text plain, char *ret_sealed);

enum opening {
    OPENING_CLEAR, /* it was never sealed */
    OPENING_DONE,
    OPENING_NO_KEY, /* the ring has not the key */
    /* Changed, or of another kind or ledger, or sealed by another key of that number. */
    OPENING_DAMAGED,
};

/* Opens a value into `ret_plain`, which has as many bytes as the value; `ret_length` is 0 when it
 * cannot be opened. */
enum opening sealer_open(struct sealer *sealer, uint8_t kind, int64_t ledger_id, struct text value,
    char *ret_plain, uint32_t *ret_length);

/* The number of the key that a value is sealed under; 0: it is not sealed. */
int32_t sealed_key(struct text value);

/* The fingerprint of a value as it is, sealed or in clear; of a sealed one it is read off the text,
 * whatever the ring has. Of an empty value: none. */
struct fingerprint value_fingerprint(uint8_t kind, int64_t ledger_id, struct text value);

/* All fingerprints that a value can be recorded by: its own first, then those under the other keys
 * of the ring and in clear, so that it is found whenever it was recorded. Of one that cannot be
 * opened its own only. Returns how many; 0: the value is empty. */
uint32_t sealer_fingerprints(struct sealer *sealer, uint8_t kind, int64_t ledger_id,
    struct text value, struct fingerprint ret_fingerprints[FINGERPRINTS_MAX]);

#endif
