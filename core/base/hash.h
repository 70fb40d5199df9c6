/* hash.h: SipHash, a keyed hash: 1-3 for tables, which a hostile client cannot steer into one
 * bucket, 2-4 where its value must not be guessed.
 *
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012); the 1-3 variant is the
 * one that Rust's and Python's hash tables use.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_HASH_H
#define VSL_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_key {
    uint64_t k0;
    uint64_t k1;
};

/* 64 bits that depend on every byte and on the key. */
uint64_t hash_bytes(struct hash_key key, const void *bytes, size_t length);

/* The same by SipHash-2-4, which is meant for authentication: who has not the key cannot tell the
 * value of any bytes. */
uint64_t hash_proof(struct hash_key key, const void *bytes, size_t length);

/* A key from the system's random source, for tables that live in memory only. */
struct hash_key hash_key_random(void);

#endif
