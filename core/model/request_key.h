/* request_key.h: the name of a request, by which it has one effect and one answer for ever.
 *
 * `channel` says who asks, `business_date` is the asker's day, `serial` (流水号) is the asker's
 * number. The three together are unique in a database, over all ledgers.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_REQUEST_KEY_H
#define VSL_MODEL_REQUEST_KEY_H

#include "base/hash.h"
#include "ceilings.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct request_key {
    char serial[SERIAL_BYTES_MAX];   /* zero-filled behind serial_length */
    char channel[CHANNEL_BYTES_MAX]; /* zero-filled behind channel_length */
    int32_t business_date;           /* days since 1970-01-01 */
    uint8_t serial_length;           /* 1..32 */
    uint8_t channel_length;          /* 1..16 */
    uint8_t reserved[2];             /* zero */
};

static_assert(sizeof(struct request_key) == 56, "a key is compared and hashed as bytes");

static inline bool request_key_equals(const struct request_key *a, const struct request_key *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static inline uint64_t request_key_hash(struct hash_key secret, const struct request_key *key)
{
    return hash_bytes(secret, key, sizeof *key);
}

#endif
