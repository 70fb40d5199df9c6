/* ring.h: the key ring of vslctl's subcommands.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_DATABASE_RING_H
#define VSL_TOOLS_VSLCTL_DATABASE_RING_H

#include "keys/keys.h"

#include <argp.h>
#include <stdbool.h>

struct ring_options {
    const char *file;
    const char *command;
};

/* --keys, --keys-command; its input is a struct ring_options. */
extern const struct argp ring_argp;

/* Opens the ring that was given; NULL with a message, also when none was. */
struct key_ring *ring_open(const struct ring_options *options);

/* Whether a batch's code, if it has one, is by a key of the ring. A ring that has no keys of codes,
 * as one that only signs, proves nothing and says yes. Texts as SQL gives them, bytes in hex. */
bool ring_proves(const struct key_ring *ring, const char *identity, const char *batch_number,
    const char *digest, const char *key_number, const char *code);

#endif
