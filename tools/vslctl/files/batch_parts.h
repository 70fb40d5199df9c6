/* batch_parts.h: what the parts of vslctl batch share; nobody else includes it.
 *
 *   batch.c        options, sending, answers
 *   batch_check.c  the whole file looked at before anything is sent
 *   batch_keys.c   the request keys of the commands that have none
 *   batch_file.c   the file
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_FILES_BATCH_PARTS_H
#define VSL_TOOLS_VSLCTL_FILES_BATCH_PARTS_H

#include "vslctl/files/batch_file.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/funds.pb-c.h"

/* A command of the file. */
struct batch_line {
    Vsl__V1__BatchItem *item;
    ProtobufCMessage *command; /* the one that is set in the item */
    const char *kind;          /* "pay" */
    Vsl__V1__RequestKey *key;  /* of the command; may lie in the file or be made here */
    int line;                  /* of the file, from 1 on */
    bool is_key_made;
};

struct batch_run {
    struct common_options *options;
    const char *file_name;
    bool is_atomic;
    bool is_dry_run;
    struct key_options key; /* of commands without one */
    char made_serial[SERIAL_TEXT_BYTES];

    struct batch_line *lines;
    size_t count;
    size_t made_key_count;
};

/* Each returns 0, -1 for usage, or -2 when the server could not be asked; with messages. */

/* Reads the file and makes its items. Every line that is wrong is named, up to a ceiling. */
int batch_read(struct context *context, struct batch_run *run);

/* Gives keys to the commands that have none; their date may still be missing. */
int batch_make_serials(struct context *context, struct batch_run *run);

/* Holds each command to the very rules by which the server calls a request malformed. */
int batch_check(struct batch_run *run);

/* Gives the keys that were made their date, which may be that of an earlier run of the same file,
 * and says them before anything is sent. */
int batch_make_dates(struct context *context, struct batch_run *run);

/* Refuses two commands with one key. */
int batch_check_distinct(const struct batch_run *run);

/* Says what is wrong with a command: "FILE: command 2 (line 4): pay.payer: there is no such
 * field". */
void batch_refuse(const struct batch_run *run, size_t index, const char *field, const char *rule);

#endif
