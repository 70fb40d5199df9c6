/* read.h: the text of a key ring into memory that the caller has locked; internal to keys.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_KEYS_READ_H
#define VSL_KEYS_READ_H

#include "base/must_use.h"

#include <stddef.h>

/* Of the text with its NUL. */
#define KEYS_TEXT_BYTES_MAX 65536

/* Before the first use of libgcrypt; does nothing when that was so. */
void keys_prepare_library(void);

/* 0, or -1 with a sentence. */
MUST_USE int keys_read_file(const char *path, char *ret_text, char *ret_error, size_t error_bytes);

/* Runs the command without a shell and takes what it prints within ten seconds. */
MUST_USE int keys_read_command(
    const char *command, char *ret_text, char *ret_error, size_t error_bytes);

#endif
