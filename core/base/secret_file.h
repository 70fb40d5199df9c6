/* secret_file.h: whether a file may hold a secret: one rule for all of them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_SECRET_FILE_H
#define VSL_BASE_SECRET_FILE_H

struct stat;

/* Why a file with a secret is refused, with what to do; NULL: it is not. It must be a regular one
 * of this user or root, which its owner alone may read and write. */
const char *secret_file_wrong(const struct stat *about);

#endif
