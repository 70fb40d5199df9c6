/* random.c: xoshiro256** with a printed seed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "support/random.h"

#include "base/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

static uint64_t rotate_left(uint64_t value, int bits)
{
    return value << bits | value >> (64 - bits);
}

void random_init(struct random *random, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        seed += 0x9e3779b97f4a7c15u;
        uint64_t z = seed;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        random->state[i] = z ^ (z >> 31);
    }
}

uint64_t random_start(struct random *random, const char *test_name)
{
    const char *setting = getenv("VSL_SEED");
    uint64_t seed = 0;
    if (setting && setting[0]) {
        char *end;
        errno = 0;
        seed = strtoull(setting, &end, 10);
        CHECK(errno == 0);
        CHECK(*end == '\0');
    } else {
        ssize_t got = getrandom(&seed, sizeof seed, 0);
        CHECK(got == (ssize_t)sizeof seed);
        seed >>= 32;
    }
    fprintf(stderr, "%s: VSL_SEED=%" PRIu64 "\n", test_name, seed);
    random_init(random, seed);
    return seed;
}

uint64_t random_u64(struct random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    CHECK(bound > 0);
    /* The bias of the remainder is below 2^-32 for the small bounds of tests. */
    return random_u64(random) % bound;
}

int64_t random_between(struct random *random, int64_t low, int64_t high)
{
    CHECK(low <= high);
    uint64_t span = (uint64_t)high - (uint64_t)low + 1;
    uint64_t offset = span == 0 ? random_u64(random) : random_below(random, span);
    return (int64_t)((uint64_t)low + offset);
}

bool random_percent(struct random *random, unsigned percent)
{
    return random_below(random, 100) < percent;
}

void random_fill(struct random *random, void *bytes, size_t length)
{
    uint8_t *out = bytes;
    for (size_t i = 0; i < length; i++)
        out[i] = (uint8_t)random_u64(random);
}
