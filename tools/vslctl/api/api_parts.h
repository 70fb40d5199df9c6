/* api_parts.h: what the parts of api.c share; nobody else includes it.
 *
 *   api.c          options, and the run of a call
 *   api_given.c    which options there are, and which were given
 *   api_request.c  options to request
 *   api_answer.c   pages, and answers to text
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_API_API_PARTS_H
#define VSL_TOOLS_VSLCTL_API_API_PARTS_H

#include "base/must_use.h"
#include "ceilings.h"
#include "vslctl/api/api.h"

#define PARAMETERS_MAX 40

/* The values of an option that may be given more than once. */
struct given_list {
    const char *values[PAYEES_PER_COMMAND_MAX];
    size_t count;
};

struct given {
    const struct api_call *call;  /* what is sent: `asked`, or Propose with it */
    const struct api_call *asked; /* what the parameters are of */
    struct common_options *options;
    const char *values[PARAMETERS_MAX];      /* by parameter; NULL: not given */
    struct given_list lists[PARAMETERS_MAX]; /* of payees, tiers, shares, enums */
    int64_t *ids;
    size_t id_count;
    int64_t ledger_id;
    struct key_options key;
    bool is_serial_made;
    bool is_key_told;
    int64_t now_us; /* durations count from here */
    bool is_dry_run;
    bool is_minor;
    const char *propose;       /* why, when it is proposed to a second person; NULL: it is not */
    int64_t propose_until_us;  /* when its time is over then */
    const char *propose_until; /* as given; NULL: it is the default */
    const char *page_token;    /* lists: where to go on; NULL: from the start */
    int64_t limit;             /* lists: how many at most */
};

/* Whether the command that the call sends can be proposed instead. */
bool api_is_proposable(const struct api_call *call);
size_t api_parameter_count(const struct api_call *call);
/* Whether every page of the answer is needed. */
bool api_is_whole(const struct api_call *call);
bool api_is_given(const struct given *given, size_t index);
/* How many of them a command takes; 0: the option is given once. */
size_t api_list_max(enum parameter_kind kind);

/* Makes the request. 0, -1 for usage, -2 when the server could not be asked; a fault is printed. */
int api_make_request(struct context *context, struct given *given, char serial[SERIAL_TEXT_BYTES],
    ProtobufCMessage **ret_request);

/* Calls the method, and for a list goes on page by page; the answer, or NULL with a printed
 * fault. */
ProtobufCMessage *api_ask(
    struct context *context, const struct given *given, ProtobufCMessage *request);

/* Print the answer and return the exit status. */
int api_show_command(
    struct context *context, const struct given *given, const ProtobufCMessage *answer);
int api_show_query(
    struct context *context, const struct given *given, const ProtobufCMessage *answer);

/* Says on standard error, before anything is sent, by which options a command can be repeated that
 * whoever called did not give: the key that was made, and as a moment each time that counts from
 * now. As JSON when that was asked for. -1: it could not be said, so nothing may be sent. */
MUST_USE int api_tell_key(struct given *given);

#endif
