/* vslctl.h: what the parts of vslctl share.
 *
 *   main.c      finds the subcommand
 *   context.c   connection, ledger facts, request keys
 *   api/        one call of the API each: options to request, answer to text; any method in JSON;
 *               the event stream
 *   files/      many commands from a file
 *   database/   migrations, the journal's identity, checks, the digest chain, papers and reports
 *   replay/     the replay of real transactions
 *
 * The folders know this header and tools/text, and nothing of each other.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_VSLCTL_H
#define VSL_TOOLS_VSLCTL_VSLCTL_H

#include "client/rpc.h"

#include <argp.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EXIT_ACCEPTED = 0,
    EXIT_REFUSED = 1,   /* by the business rules, not found, or a comparison that fails */
    EXIT_USAGE = 2,     /* of the options, or a request that the server calls malformed */
    EXIT_TRANSPORT = 3, /* the server or the database could not be asked, or failed */
    EXIT_UNKNOWN = 4, /* a command was sent and not answered, so that it may have been carried out;
                           or the answer could not be written */
};

#define OUTCOME_FIRST_REFUSAL 100
#define SERIAL_TEXT_BYTES 33

/* Options that every subcommand takes. */
struct common_options {
    struct client_config client;
    bool is_json;
    double timeout_seconds;
};

extern const struct argp common_argp;
/* The same input, for what works on the database alone: only --json. */
extern const struct argp report_argp;

#define CHANNEL_DEFAULT "vslctl"

/* What is given of request keys, of one command or of all commands of a file. */
struct key_options {
    const char *channel;
    int32_t business_date;   /* YYYYMMDD; 0: not given */
    const char *serial;      /* NULL: not given */
    size_t serial_bytes_max; /* that leaves room for a line's number; 0: it stands alone */
};

#define KEY_OPTIONS_DEFAULT                                                                        \
    {                                                                                              \
        .channel = CHANNEL_DEFAULT                                                                 \
    }

/* --channel, --business-date, --serial; the input is a struct key_options. */
extern const struct argp key_argp;

/* The facts about a ledger that texts and defaults need. */
struct ledger_facts {
    int64_t ledger_id; /* 0: not asked yet */
    int32_t accounting_date;
    int decimals;
    char currency[8];
    char receiving_prefix[16];
};

struct context {
    struct common_options *options;
    struct rpc rpc;
    bool is_open;
    bool is_command; /* the last call was a command: what failed may have been carried out */
    struct ledger_facts ledger;
    struct arena arena; /* of requests */
};

/* Connects on first use; -1 with a message on standard error. */
int context_open(struct context *context);
void context_finish(struct context *context);

/* Asks for the ledger once. -1 with a message on standard error. */
int context_ask_ledger(struct context *context, int64_t ledger_id);

/* Like rpc_call; a fault is printed, as JSON when that was asked for. */
ProtobufCMessage *context_call(struct context *context, const ProtobufCServiceDescriptor *service,
    const char *method, const ProtobufCMessage *request);
void context_print_fault(const struct context *context);
/* Whether the last call was a command that may have been carried out though its call failed. */
bool context_may_have_effect(const struct context *context);
/* The exit status that the last fault stands for. */
int context_fault_status(const struct context *context);

/* A serial that no other request has: "c", the time, and random characters. */
void make_serial(char ret_serial[SERIAL_TEXT_BYTES]);

/* Parses a subcommand's arguments with the common options as children. `name` is what stands in
 * usage lines. */
void parse_arguments(
    const struct argp *argp, const char *name, int count, char **arguments, void *input);

/* ---- api/show.c ---- */

/* Prints the fields of an answer, nested messages as paragraphs of their own, repeated ones as
 * tables; amounts with the decimals of the ledger. */
void show_message(const struct context *context, const ProtobufCMessage *message);

/* Prints a repeated field of the message as a table with these columns, a NULL-ended list of paths
 * of fields. */
void show_table(const struct context *context, const ProtobufCMessage *message, const char *field,
    const char *const *columns);

/* The same with all plain fields as columns. */
void show_repeated(
    const struct context *context, const ProtobufCMessage *message, const char *field);

/* Prints a line with a text of the server's behind the title; nothing when it is empty. */
void show_text(const char *title, const char *text);

struct Vsl__V1__CommandResult;

/* Whether the result of a single command tells the number that decided it, which may be 0. */
bool show_has_limit(const struct Vsl__V1__CommandResult *result);

/* Prints a result with its fee and returns the exit status that it stands for. What decided the
 * refusal of a day cut is a date. */
int show_result(
    const struct context *context, const struct Vsl__V1__CommandResult *result, bool is_day_cut);

/* Prints the message as JSON on one line or indented. */
void show_json(const ProtobufCMessage *message, bool is_indented);

/* ---- api/order.c: shown by hand, because a sum is to be proved or a reason told ---- */

void show_commands(const struct context *context, const ProtobufCMessage *answer);
void show_order(const struct context *context, const ProtobufCMessage *answer);
void show_quote(const struct context *context, const ProtobufCMessage *answer);
void show_frozen(const struct context *context, const ProtobufCMessage *answer);

/* ---- subcommands; each parses its arguments and returns the exit status ---- */

int run_account_as_of(struct common_options *options, int count, char **arguments);
int run_account_print(struct common_options *options, int count, char **arguments);
int run_batch(struct common_options *options, int count, char **arguments);
int run_day_files(struct common_options *options, int count, char **arguments);
int run_day_verify(struct common_options *options, int count, char **arguments);
int run_denied_load(struct common_options *options, int count, char **arguments);
int run_lump(struct common_options *options, int count, char **arguments);
int run_settlement(struct common_options *options, int count, char **arguments);
int run_statement_check(struct common_options *options, int count, char **arguments);
int run_statement_load(struct common_options *options, int count, char **arguments);
int run_call(struct common_options *options, int count, char **arguments);
int run_member_show(struct common_options *options, int count, char **arguments);
int run_events(struct common_options *options, int count, char **arguments);
int run_identity_show(struct common_options *options, int count, char **arguments);
int run_identity_new(struct common_options *options, int count, char **arguments);
int run_identity_keep(struct common_options *options, int count, char **arguments);
int run_migrate(struct common_options *options, int count, char **arguments);
int run_role_list(struct common_options *options, int count, char **arguments);
int run_check(struct common_options *options, int count, char **arguments);
int run_anchor(struct common_options *options, int count, char **arguments);
int run_certificate(struct common_options *options, int count, char **arguments);
int run_key_new(struct common_options *options, int count, char **arguments);
int run_key_rotate(struct common_options *options, int count, char **arguments);
int run_key_list(struct common_options *options, int count, char **arguments);
int run_key_public(struct common_options *options, int count, char **arguments);
int run_key_adopt(struct common_options *options, int count, char **arguments);
int run_verify(struct common_options *options, int count, char **arguments);
int run_report(struct common_options *options, int count, char **arguments);
int run_recon_book(struct common_options *options, int count, char **arguments);
int run_payout_status(struct common_options *options, int count, char **arguments);
int run_payout_order(struct common_options *options, int count, char **arguments);
int run_recon_confirm(struct common_options *options, int count, char **arguments);
int run_recon_follow(struct common_options *options, int count, char **arguments);
int run_recon_list(struct common_options *options, int count, char **arguments);
int run_recon_match(struct common_options *options, int count, char **arguments);
int run_recon_tie_out(struct common_options *options, int count, char **arguments);
int run_replay(struct common_options *options, int count, char **arguments);

#endif
