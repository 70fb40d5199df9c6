/* batch_file.h: the commands of a JSON file, each with the line on which it begins.
 *
 * The file is an array of commands, an object with `items` (and with `atomic` and `dry_run`, which
 * hold for the whole file), or one command after another.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_FILES_BATCH_FILE_H
#define VSL_TOOLS_VSLCTL_FILES_BATCH_FILE_H

#include "base/buffer.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct batch_file {
    json_t *commands; /* an array */
    int *lines;       /* of each command, from 1 on */
    size_t count;
    /* What an object with `items` said of them, as SubmitBatchRequest does. */
    bool is_atomic;
    bool is_dry_run;
};

/* Reads the commands of a text. -1 with a sentence that names the line; then there is nothing to
 * finish. */
int batch_file_parse(const char *text, size_t length, struct batch_file *ret_file, char *ret_error,
    size_t error_bytes);
void batch_file_finish(struct batch_file *file);

#endif
