/* api.h: subcommands that are one call of the API, described by data.
 *
 * An option of a subcommand sets one field of the request, named by its path; how its text is read
 * follows from its kind. A command also has --ledger, --channel, --business-date, --serial and
 * --dry-run, a query --ledger.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_API_H
#define VSL_TOOLS_VSLCTL_API_H

#include "vslctl/vslctl.h"

enum parameter_kind {
    PARAMETER_TEXT,
    PARAMETER_ID,
    PARAMETER_IDS, /* may be given more than once, and with commas */
    PARAMETER_AMOUNT,
    PARAMETER_PAYEES, /* ID:AMOUNT; may be given more than once */
    PARAMETER_DATE,
    PARAMETER_INTEGER,
    PARAMETER_ENUM,
    PARAMETER_FLAG,
};

struct parameter {
    const char *name;  /* of the option, without the dashes */
    const char *field; /* path in the request */
    enum parameter_kind kind;
    bool is_required;
    const char *help;
};

struct api_call {
    const char *group;   /* "ledger" */
    const char *name;    /* "open"; NULL when the group alone is the subcommand */
    const char *summary; /* one line of the list of subcommands */
    const char *examples;
    const ProtobufCServiceDescriptor *service;
    const char *method;
    bool is_command;
    bool has_ledger;                    /* a ledger_id in the request */
    const struct parameter *parameters; /* ended by a name that is NULL */
    const char *fixed_field; /* enum field that the subcommand's name decides; NULL: none */
    int32_t fixed_value;
    /* Of a query with a repeated field to be shown as a table: its name and columns. */
    const char *table_field;
    const char *const *columns;
};

/* The table of calls, ended by a group that is NULL. */
extern const struct api_call api_calls[];

/* Parses the arguments, calls, prints; returns the exit status. `name` is "vslctl ledger open". */
int api_run(const struct api_call *call, const char *name, struct common_options *options,
    int count, char **arguments);

#endif
