/* position.h: the file that says up to where the stream was published.
 *
 * It is written after the broker's confirmations, as a whole (a new file, fsync, rename, fsync of
 * the folder), so a crash leaves the old position or the new one. An older position is harmless:
 * what stands behind it is published again under the same message ids. One relay at a time works
 * with it: FILE.lock is locked as long as the process lives.
 *
 *     vslrelay position 1
 *     next_sequence 4712
 *     published_sequence 4711
 *     journal_identity 6f0c...
 *     crc32 1a2b3c4d
 *
 * It is kept here and not in the broker: AMQP 0.9.1 has no way to publish a message and note a
 * position at once, so a position in the broker could be no nearer to the truth, and it would
 * vanish together with a broker that is set up anew, which is when it is needed.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLRELAY_POSITION_H
#define VSL_TOOLS_VSLRELAY_POSITION_H

#include <stddef.h>
#include <stdint.h>

#define POSITION_IDENTITY_CHARS 36

struct position {
    int64_t next_sequence;      /* where the stream goes on; 1 or more */
    int64_t published_sequence; /* the last message; 0: none, or it is not known */
    char journal_identity[POSITION_IDENTITY_CHARS + 1]; /* "": not known yet, never in a file */
};

enum position_status {
    POSITION_IS_READ,
    POSITION_IS_MISSING,
    POSITION_IS_WRONG, /* with a sentence: cannot be read, or is no position */
};

enum position_status position_read(
    const char *file, struct position *ret_position, char *ret_error, size_t error_bytes);

/* 0, or -1 with errno: the file is as it was. */
int position_write(const char *file, const struct position *position);

/* Locks FILE.lock until the process ends. -1 with a sentence. */
int position_lock(const char *file, char *ret_error, size_t error_bytes);

#endif
