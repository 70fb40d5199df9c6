/* durable_file.h: a file replaced as a whole, by one process at a time, so that it survives.
 *
 * What is written goes to FILE.partial, which is locked (flock) until the end: whoever else
 * replaces the same file waits for it, and a reader sees the old file or the new one, never a part.
 * At the end the bytes and the folder's entry are on the disk. A FILE.partial that a killed process
 * left is taken over. The lock begins before the old file is read, so that what is made from it is
 * not made from something older.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_CLIENT_DURABLE_FILE_H
#define VSL_TOOLS_CLIENT_DURABLE_FILE_H

#include "base/must_use.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* How long another process is waited for. */
#define DURABLE_WAIT_S 30

struct durable_file {
    char path[PATH_MAX];
    char partial[PATH_MAX];
    FILE *stream; /* to write to; NULL when it is over */
};

/* Begins to replace the file, or to make it, readable for whom `mode` and the umask say. -1 with
 * errno, and then there is nothing to end: EPERM when the partial file is somebody else's,
 * ETIMEDOUT when another process has held it for DURABLE_WAIT_S, and others. */
MUST_USE int durable_begin(struct durable_file *file, const char *path, mode_t mode);

/* Puts what was written in place of the file, whose owner stays. Ends it in any case. -1 with
 * errno: the old file is there (or, when only the folder could not be synced, perhaps the new
 * one). */
MUST_USE int durable_commit(struct durable_file *file);

/* Leaves the file as it was. Does nothing when it is over. */
void durable_abandon(struct durable_file *file);

/* What errno of these functions says to a person. */
const char *durable_reason(int failure);

#endif
