/* random.h: numbers for random tests that can be made again.
 *
 * A test starts its generator with random_start, which prints the seed on standard error; with
 * VSL_SEED in the environment the test runs with that seed again.
 * Source of the generator: Blackman and Vigna, xoshiro256** (2018), seeded by splitmix64.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_SUPPORT_RANDOM_H
#define VSL_SUPPORT_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state[4];
};

/* Starts with VSL_SEED, or else with a seed from the system's random source; prints it with the
 * test's name. Returns the seed. */
uint64_t random_start(struct random *random, const char *test_name);

/* Starts with this seed; prints nothing. */
void random_init(struct random *random, uint64_t seed);

uint64_t random_u64(struct random *random);

/* 0 .. bound - 1; bound > 0. */
uint64_t random_below(struct random *random, uint64_t bound);

/* low .. high, both included. */
int64_t random_between(struct random *random, int64_t low, int64_t high);

/* True in so many of a hundred cases. */
bool random_percent(struct random *random, unsigned percent);

void random_fill(struct random *random, void *bytes, size_t length);

#endif
