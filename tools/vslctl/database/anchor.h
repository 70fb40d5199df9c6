/* anchor.h: what was the last batch at some time, signed.
 *
 * A text file, to be kept where nobody who writes the database writes:
 *
 *   vsl anchor 1
 *   journal 8a1f...       identity of the journal's first life
 *   life 8a1f...          that of the present one
 *   batch 4711
 *   last-sequence 123456
 *   digest 64 hexadecimal digits
 *   recorded-at 2026-11-28T21:00:00.000000Z
 *   signed-at 2026-11-28T21:00:03Z
 *   key 2 ed25519
 *   signature in base64, over all bytes before this line
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_DATABASE_ANCHOR_H
#define VSL_TOOLS_VSLCTL_DATABASE_ANCHOR_H

#include "base/must_use.h"

#include <openssl/evp.h>
#include <stdint.h>

#define ANCHORS_MAX 64

struct anchor {
    const char *path;
    char journal[37];
    int64_t batch_number;
    uint8_t digest[32];
    int key_number;
};

/* Reads a file; -1 with a message. The signature must be by `key`. */
MUST_USE int anchor_read(const char *path, EVP_PKEY *key, struct anchor *ret_anchor);

#endif
