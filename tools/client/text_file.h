/* text_file.h: files and arguments that people wrote, read in one way by all tools.
 *
 * Text is UTF-8. A byte order mark in front of a file, which editors add unseen, is passed over;
 * UTF-16 and bytes that are no UTF-8 are refused with a sentence that says so, instead of an error
 * about something else further down.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_CLIENT_TEXT_FILE_H
#define VSL_TOOLS_CLIENT_TEXT_FILE_H

#include "base/buffer.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A file of commands or transactions that is larger is not one. */
#define TEXT_FILE_BYTES_MAX ((size_t)1 << 30)

/* How many bytes of byte order mark a text begins with, 0 or 3. -1 with a sentence when it is in
 * another encoding by its mark. */
int text_mark_bytes(const uint8_t *bytes, size_t length, char *ret_error, size_t error_bytes);

/* Reads a whole file, "-" is standard input, behind what `out` holds, without its mark. -1 with a
 * sentence that names the file, and the line of the first byte that is no UTF-8. */
int text_file_read(const char *file, struct buffer *out, char *ret_error, size_t error_bytes);

/* Looks at the arguments of a program: a byte order mark cannot be seen where it stands, and bytes
 * that are no UTF-8 would be refused by the server one by one. Prints what is wrong and ends the
 * process with `usage_status`. */
void arguments_check(const char *program, int count, char **arguments, int usage_status);

#endif
