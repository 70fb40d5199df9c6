/* wanted.h: what a command names that memory does not have; internal to admission.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_FLOW_ADMISSION_WANTED_H
#define VSL_FLOW_ADMISSION_WANTED_H

#include "command/command.h"
#include "query/query.h"

#include <assert.h>

struct flow;
struct lookups;

enum wanted_what {
    WANTED_KEY,       /* whether there is a command with that request key in an indexed segment */
    WANTED_COMMAND,   /* an earlier command */
    WANTED_RECORDS,   /* rows of a state table */
    WANTED_REFERENCE, /* the receipts in indexed segments that have booked a reference */
};

struct wanted {
    enum wanted_what what;
    struct request_key key;
    int64_t sequence; /* of the command */
    struct query_records records;
    struct query_reference reference;
};

/* A command's key, the command that it names with what was given back of that, the records that it
 * names, what is matched of a booking, and the receipts with its reference, each with what was
 * given back of it. */
#define WANTED_PER_COMMAND_MAX (6 + 2 * NAMED_RECORDS_MAX + 1 + RECEIPTS_OF_REFERENCE_MAX)
/* A Reveal wants more than any other: its key and the commands that it names. It is in no batch. */
#define WANTED_MAX (1 + REVEALS_PER_COMMAND_MAX)
static_assert(WANTED_MAX >= WANTED_PER_COMMAND_MAX, "room for what any command wants");

/* What memory does not have of all that the command names, number `index` of its call; how many
 * there are. What a proposed command names is known once that has been looked up: then `lookups`,
 * which may be NULL, have it. */
uint32_t find_wanted(struct flow *flow, const struct command *command,
    const struct lookups *lookups, uint32_t index, struct wanted ret_wanted[WANTED_MAX]);

#endif
