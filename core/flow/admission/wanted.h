/* wanted.h: what a command names that memory does not have; internal to admission.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_FLOW_ADMISSION_WANTED_H
#define VSL_FLOW_ADMISSION_WANTED_H

#include "command/command.h"
#include "query/query.h"

struct flow;

enum wanted_what {
    WANTED_KEY,     /* whether there is a command with that request key in an indexed segment */
    WANTED_COMMAND, /* an earlier command */
    WANTED_RECORDS, /* rows of a state table */
};

struct wanted {
    enum wanted_what what;
    struct request_key key;
    int64_t sequence; /* of the command */
    struct query_records records;
};

/* A command's key, the command that it names with what was given back of that, and the records that
 * it names. */
#define WANTED_PER_COMMAND_MAX (3 + NAMED_RECORDS_MAX)

/* What memory does not have of all that the command names; how many there are. */
uint32_t find_wanted(const struct flow *flow, const struct command *command,
    struct wanted ret_wanted[WANTED_PER_COMMAND_MAX]);

#endif
