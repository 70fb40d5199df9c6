/* hash.c: SipHash-1-3 and SipHash-2-4.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include "base/check.h"

#include <string.h>
#include <sys/random.h>

static inline uint64_t rotate_left(uint64_t value, int bits)
{
    return value << bits | value >> (64 - bits);
}

struct sip_state {
    uint64_t v0, v1, v2, v3;
};

static inline void sip_round(struct sip_state *s)
{
    s->v0 += s->v1;
    s->v1 = rotate_left(s->v1, 13);
    s->v1 ^= s->v0;
    s->v0 = rotate_left(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate_left(s->v3, 16);
    s->v3 ^= s->v2;
    s->v0 += s->v3;
    s->v3 = rotate_left(s->v3, 21);
    s->v3 ^= s->v0;
    s->v2 += s->v1;
    s->v1 = rotate_left(s->v1, 17);
    s->v1 ^= s->v2;
    s->v2 = rotate_left(s->v2, 32);
}

static inline void sip_rounds(struct sip_state *s, int rounds)
{
    for (int i = 0; i < rounds; i++)
        sip_round(s);
}

static inline uint64_t siphash(
    struct hash_key key, const void *bytes, size_t length, int rounds_per_word, int rounds_at_end)
{
    const uint8_t *in = bytes;
    struct sip_state s = {key.k0 ^ 0x736f6d6570736575u, key.k1 ^ 0x646f72616e646f6du,
        key.k0 ^ 0x6c7967656e657261u, key.k1 ^ 0x7465646279746573u};
    size_t whole = length & ~(size_t)7;

    for (size_t i = 0; i < whole; i += 8) {
        uint64_t word;
        memcpy(&word, in + i, sizeof word);
        s.v3 ^= word;
        sip_rounds(&s, rounds_per_word);
        s.v0 ^= word;
    }
    uint64_t last = (uint64_t)length << 56;
    for (size_t i = whole; i < length; i++)
        last |= (uint64_t)in[i] << (8 * (i - whole));
    s.v3 ^= last;
    sip_rounds(&s, rounds_per_word);
    s.v0 ^= last;
    s.v2 ^= 0xff;
    sip_rounds(&s, rounds_at_end);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t hash_bytes(struct hash_key key, const void *bytes, size_t length)
{
    return siphash(key, bytes, length, 1, 3);
}

uint64_t hash_proof(struct hash_key key, const void *bytes, size_t length)
{
    return siphash(key, bytes, length, 2, 4);
}

struct hash_key hash_key_random(void)
{
    struct hash_key key;
    ssize_t got = getrandom(&key, sizeof key, 0);
    CHECK(got == (ssize_t)sizeof key);
    return key;
}
