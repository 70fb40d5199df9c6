/* api.h: subcommands that are one call of the API, described by data.
 *
 * The data is made from the protos at build time, by tools/dev/gen-subcommands: a method that is
 * new there is a subcommand here. An option of a subcommand sets one field of the request, named by
 * its path; how its text is read follows from its kind. A command also has --ledger, --channel,
 * --business-date, --serial and --dry-run, a query --ledger, a list --limit, --all and
 * --page-token.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_API_API_H
#define VSL_TOOLS_VSLCTL_API_API_H

#include "vslctl/vslctl.h"

enum parameter_kind {
    PARAMETER_TEXT,
    PARAMETER_ID,
    PARAMETER_IDS, /* may be given more than once, and with commas */
    PARAMETER_AMOUNT,
    PARAMETER_PAYEES,      /* ID:AMOUNT; this and the next two may be given more than once */
    PARAMETER_TIERS,       /* from=...,flat=...,rate=...,min=...,max=... */
    PARAMETER_SHARES,      /* ID:RATE */
    PARAMETER_LEDGERS,     /* ID; this and the next two may be given more than once */
    PARAMETER_CHANNELS,    /* TEXT */
    PARAMETER_LEVELS,      /* level=N, what it may, limits; may be given more than once */
    PARAMETER_RULES,       /* KIND:AMOUNT or KIND; may be given more than once */
    PARAMETER_PROOF_RULES, /* the same with =code,password,signature behind it */
    PARAMETER_COMMANDS,    /* ID */
    PARAMETER_DATE,
    PARAMETER_TIME, /* a moment, or a duration from now */
    PARAMETER_INTEGER,
    PARAMETER_ENUM,
    PARAMETER_ENUMS, /* may be given more than once */
    PARAMETER_FLAG,
    PARAMETER_UNSET, /* names the field with nothing in it */
    PARAMETER_EMPTY, /* nothing; the list that stands before it is empty */
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
    const char *text;    /* all that is said about it */
    const char *values; /* what the words say that its options take; "" or ended by an empty line */
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
    bool has_tokens; /* a list, whose pages are led to by page_token and next_page_token */
};

/* Of every method that has no subcommand by hand; ends with a group that is NULL. In a group those
 * with a name come first. */
extern const struct api_call api_calls[];

/* Every service with a method that has one answer; ended by NULL. */
extern const ProtobufCServiceDescriptor *const api_services[];

/* What the values of enums in answers say; ends with a descriptor that is NULL. */
struct api_value_text {
    const ProtobufCEnumDescriptor *descriptor;
    int number;
    const char *text; /* within a line */
};

extern const struct api_value_text api_value_texts[];

/* That of a value; one that says that it is not known for one of a newer server. */
const char *api_value_text(const ProtobufCEnumDescriptor *descriptor, int number);

/* What is shown by hand, because a sum is to be proved or a reason told. */
struct api_screen {
    const char *method;
    void (*show)(const struct context *context, const ProtobufCMessage *answer);
    /* Both may be NULL: adds to the request what was not given; puts the answer into an order. */
    void (*fill)(ProtobufCMessage *request);
    void (*arrange)(ProtobufCMessage *answer);
    bool is_whole; /* needs every page; without it they are followed up to --limit */
};

/* That of a call; NULL: its answer is shown as a table or by all its fields. */
const struct api_screen *api_screen_of(const struct api_call *call);

/* Parses the arguments, calls, prints; returns the exit status. `name` is "vslctl ledger open". */
int api_run(const struct api_call *call, const char *name, struct common_options *options,
    int count, char **arguments);

#endif
