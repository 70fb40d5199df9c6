/* fingerprint.h: what is kept of a personal value so that it can be found, and nothing be told of
 * it.
 *
 * Made by keys/seal.h: of a sealed value the 16 bytes of SIV, a keyed function of kind, ledger and
 * value, and the number of the key; of one in clear 16 bytes of SHA-256 of the same, and 0. The
 * same value of the same kind in the same ledger under the same key has the same fingerprint, and
 * no other value has it. The fingerprints of two ledgers or two keys say nothing of each other.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_FINGERPRINT_H
#define VSL_BASE_FINGERPRINT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define FINGERPRINT_BYTES 16

/* All zero: of no value. */
struct fingerprint {
    int32_t key; /* its number; 0: the value is in clear, or there is none */
    uint8_t bytes[FINGERPRINT_BYTES];
};

/* The most that one value has: one for each key of a ring, and that of the value in clear. */
#define FINGERPRINTS_MAX 65

static inline bool fingerprint_equals(const struct fingerprint *a, const struct fingerprint *b)
{
    return a->key == b->key && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static inline bool fingerprint_is_none(const struct fingerprint *fingerprint)
{
    static const struct fingerprint none;
    return fingerprint_equals(fingerprint, &none);
}

#endif
