/* personal.h: the personal fields of a command, by the `personal` of its rows.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_PERSONAL_H
#define VSL_COMMAND_PERSONAL_H

#include "command/command.h"
#include "model/personal.h"

#include <stdint.h>

/* Personal fields that one kind of command has. */
#define PERSONAL_FIELDS_MAX 8

struct personal_field {
    const char *path; /* "destination.name" */
    enum personal_kind kind;
    struct text *text; /* in the command */
};

/* The personal fields of a command in the order of its message, empty ones too; how many. */
uint32_t command_personal_fields(
    struct command *command, struct personal_field ret_fields[PERSONAL_FIELDS_MAX]);

#endif
