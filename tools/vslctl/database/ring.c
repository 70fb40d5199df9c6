/* ring.c: see ring.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/database/ring.h"

#include "journal/proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_KEYS = 0x6200, OPTION_COMMAND };

static const struct argp_option options[] = {
    {"keys", OPTION_KEYS, "FILE", 0, "The key ring (default: $VSL_KEYS)", 0},
    {"keys-command", OPTION_COMMAND, "COMMAND", 0, "Instead of it a command that prints the ring",
        0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct ring_options *ring = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        ring->file = getenv("VSL_KEYS");
        return 0;
    case OPTION_KEYS:
        ring->file = argument;
        ring->command = NULL;
        return 0;
    case OPTION_COMMAND:
        ring->command = argument;
        ring->file = NULL;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp ring_argp = {.options = options, .parser = parse};

struct key_ring *ring_open(const struct ring_options *given)
{
    char error[512];
    if (!given->file && !given->command) {
        fprintf(stderr, "vslctl: a key ring is needed: give --keys FILE or set VSL_KEYS\n");
        return NULL;
    }
    struct key_ring *ring = key_ring_open(given->file, given->command, error, sizeof error);
    if (!ring)
        fprintf(stderr, "vslctl: %s\n", error);
    return ring;
}

static bool read_hex(const char *text, uint8_t *ret_bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned byte;
        if (sscanf(text + 2 * i, "%2x", &byte) != 1)
            return false;
        ret_bytes[i] = (uint8_t)byte;
    }
    return text[2 * count] == '\0';
}

bool ring_proves(const struct key_ring *ring, const char *identity, const char *batch_number,
    const char *digest, const char *key_number, const char *code)
{
    struct batch_row row = {.batch_number = strtoll(batch_number, NULL, 10),
        .key_number = (int32_t)strtol(key_number, NULL, 10)};
    struct journal_identity journal;
    uint8_t made[PROOF_BYTES];
    bool has_keys = key_ring_active(ring, KEY_JOURNAL_MAC, NULL) != NULL;
    if (!has_keys)
        return true;
    if (!identity_try_parse(identity, &journal) || !read_hex(digest, row.digest, DIGEST_BYTES))
        return false;
    if (row.key_number == 0) {
        const struct adoption *adoption = key_ring_adoption(ring, identity);
        return adoption && adoption->batch_number >= row.batch_number;
    }
    const struct ring_key *key = key_ring_find(ring, row.key_number);
    if (!key || key->purpose != KEY_JOURNAL_MAC || !read_hex(code, row.code, PROOF_BYTES))
        return false;
    struct proof_key proof_key = {.number = key->number, .bytes = key->secret};
    proof_of_batch(&proof_key, &journal, &row, made);
    return proof_is(made, row.code);
}
