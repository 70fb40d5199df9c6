/* journal_life.h: the lives of a journal, and the identity of each.
 *
 * After a restore to an earlier point sequence numbers are given out again, to other commands. So a
 * position means something only together with the identity of the life that it was seen in.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_JOURNAL_LIFE_H
#define VSL_MODEL_JOURNAL_LIFE_H

#include "base/must_use.h"

#include <stdbool.h>
#include <stdint.h>

#define IDENTITY_BYTES 16
#define IDENTITY_CHARS 36 /* as text: a UUID in lower case */
/* So many are known by the server, the newest ones. */
#define JOURNAL_LIVES_MAX 64

struct journal_identity {
    uint8_t bytes[IDENTITY_BYTES];
};

struct journal_life {
    struct journal_identity identity;
    int64_t first_sequence; /* the first number that was given out in it, or will be */
};

/* The newest, which is the present one, comes first. */
struct journal_lives {
    uint32_t count;
    struct journal_life items[JOURNAL_LIVES_MAX];
};

bool identity_equal(const struct journal_identity *a, const struct journal_identity *b);

/* Writes the text, NUL-ended. */
void identity_text(const struct journal_identity *identity, char ret_text[IDENTITY_CHARS + 1]);

/* Reads the text, in either case; false when it is none. */
MUST_USE bool identity_try_parse(const char *text, struct journal_identity *ret_identity);

/* The first number that may mean another command than it did in the life of that identity: what was
 * seen before it stays true. 0 when no life that is known has the identity. The present life's own:
 * INT64_MAX. */
int64_t journal_lives_differ_from(
    const struct journal_lives *lives, const struct journal_identity *identity);

#endif
