/* main.c: vslctl, the operator's tool: finds the subcommand and runs it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/options.h"
#include "client/terminal.h"
#include "client/text_file.h"
#include "vslctl/api/api.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *argp_program_version = "vslctl " VSL_VERSION;
error_t argp_err_exit_status = EXIT_USAGE;

/* Subcommands that are more than one call of the API. */
static const struct {
    const char *group;
    const char *name;
    const char *summary;
    int (*run)(struct common_options *options, int count, char **arguments);
} tools[] = {
    {"batch", NULL, "Sends commands from a JSON file in bulk.", run_batch},
    {"call", NULL, "Calls any method with a request in JSON.", run_call},
    {"events", NULL, "Shows the event stream from any position.", run_events},
    {"migrate", NULL, "Brings the database to this version's schema.", run_migrate},
    {"identity", "show", "Shows the journal's identity and those before.", run_identity_show},
    {"identity", "new", "Gives the journal a new identity after a restore.", run_identity_new},
    {"identity", "keep", "Keeps the identity in another PostgreSQL cluster.", run_identity_keep},
    {"check", NULL, "Runs the checks of the books in the database.", run_check},
    {"verify", NULL, "Recomputes the journal's digest chain from its rows.", run_verify},
    {"replay", NULL, "Replays real transactions and compares every balance.", run_replay},
};
#define TOOL_COUNT (sizeof tools / sizeof tools[0])

struct main_arguments {
    struct common_options options;
    int first; /* index of the subcommand; 0: none */
};

static void print_line(FILE *out, const char *group, const char *name, const char *summary)
{
    char full[64];
    snprintf(full, sizeof full, "%s%s%s", group, name ? " " : "", name ? name : "");
    fprintf(out, "  %-20s %s\n", full, summary);
}

/* Lists the subcommands, of one group or all (NULL); returns how many there are. */
static int list(FILE *out, const char *group)
{
    int count = 0;
    for (const struct api_call *call = api_calls; call->group; call++) {
        if (!group || strcmp(group, call->group) == 0) {
            print_line(out, call->group, call->name, call->summary);
            count++;
        }
    }
    for (size_t i = 0; i < TOOL_COUNT; i++) {
        if (!group || strcmp(group, tools[i].group) == 0) {
            print_line(out, tools[i].group, tools[i].name, tools[i].summary);
            count++;
        }
    }
    return count;
}

static void print_help(void)
{
    printf("Usage: vslctl [OPTION...] SUBCOMMAND [OPTION...]\n"
           "Operates a virtual subledger: every command and query of its API, and its database.\n"
           "\n"
           "Subcommands:\n");
    list(stdout, NULL);
    printf("\n"
           "Options before or behind the subcommand:\n"
           "  -s, --server=ADDR    where vsld listens: HOST:PORT or unix:PATH\n"
           "                       (default: $VSL_SERVER, else " CLIENT_DEFAULT_ADDRESS ")\n"
           "  --tls-ca=FILE, --tls-cert=FILE, --tls-key=FILE, --tls-name=NAME\n"
           "                       speak TLS (default: $VSL_TLS_CA, $VSL_TLS_CERT, $VSL_TLS_KEY)\n"
           "  --json               print answers as JSON, amounts in minor units\n"
           "  --timeout=S          wait so many seconds for an answer (default 30)\n"
           "\n"
           "Amounts are written in the currency's major unit (12.50), times as "
           "2026-11-22T20:00+08:00\n"
           "or as a duration from now (+2h, +7d). $VSL_LEDGER stands in for --ledger.\n"
           "'vslctl SUBCOMMAND --help' tells more, with examples. A first day:\n"
           "\n"
           "  vslctl ledger open --platform 'Example Mall' --escrow 62220001 --currency CNY \\\n"
           "      --prefix 880001 --date 2026-11-22\n"
           "  vslctl member open --ledger 1 --kind user --id user-4711\n"
           "  vslctl account open --ledger 1 --member 1\n"
           "  vslctl receipt --ledger 1 --account 7 --amount 100.00 --payer-name 'Li Ming' \\\n"
           "      --payer-account 6222001\n"
           "  vslctl account statement --ledger 1 --account 7\n"
           "  vslctl ledger tie-out --ledger 1\n"
           "\n"
           "Exit status: 0 accepted or found, 1 refused by the business rules, not found, or a\n"
           "comparison that fails, 2 usage or a malformed request, 3 the server or the database\n"
           "could not be asked or failed.\n");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct main_arguments *given = state->input;
    (void)argument;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->options;
        return 0;
    case '?':
        print_help();
        exit(EXIT_SUCCESS);
    case 'V':
        printf("%s\n", argp_program_version);
        exit(EXIT_SUCCESS);
    case ARGP_KEY_ARG:
        /* The rest belongs to the subcommand. */
        given->first = state->next - 1;
        state->next = state->argc;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The call of these words; NULL: none. A call that is a group alone stands behind those of the
 * group that have a name. */
static const struct api_call *find_call(const char *group, const char *name)
{
    for (const struct api_call *call = api_calls; call->group; call++) {
        if (strcmp(group, call->group) == 0 &&
            (!call->name || (name && strcmp(name, call->name) == 0)))
            return call;
    }
    return NULL;
}

static int run_subcommand(struct main_arguments *given, int count, char **arguments)
{
    const char *group = arguments[0];
    const char *name = count > 1 ? arguments[1] : NULL;
    char full[128];
    const struct api_call *call = find_call(group, name);
    if (call) {
        int skip = call->name ? 1 : 0;
        snprintf(full, sizeof full, "vslctl %s%s%s", group, skip ? " " : "",
            call->name ? call->name : "");
        return api_run(call, full, &given->options, count - skip, arguments + skip);
    }
    for (size_t i = 0; i < TOOL_COUNT; i++) {
        if (strcmp(group, tools[i].group) != 0)
            continue;
        if (tools[i].name && (!name || strcmp(name, tools[i].name) != 0))
            continue;
        int skip = tools[i].name ? 1 : 0;
        return tools[i].run(&given->options, count - skip, arguments + skip);
    }
    bool wants_help = name && (strcmp(name, "--help") == 0 || strcmp(name, "-?") == 0);
    if (wants_help && list(stdout, group) > 0)
        return EXIT_SUCCESS;
    fprintf(stderr, "vslctl: '%s%s%s' is no subcommand; there are:\n", group, name ? " " : "",
        name ? name : "");
    if (list(stderr, group) == 0)
        list(stderr, NULL);
    return EXIT_USAGE;
}

int main(int count, char **arguments)
{
    static const struct argp_option options[] = {
        {"help", '?', 0, 0, 0, 0},
        {"version", 'V', 0, 0, 0, 0},
        {0},
    };
    static const struct argp_child children[] = {{&common_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.options = options, .parser = parse, .children = children};
    static struct main_arguments given;
    terminal_guard(EXIT_UNKNOWN);
    arguments_check("vslctl", count, arguments, EXIT_USAGE);
    /* The examples are wider than argp's 79 columns, and must not be wrapped. */
    setenv("ARGP_HELP_FMT", "rmargin=100", 0);
    argp_parse(&argp, count, arguments, ARGP_IN_ORDER | ARGP_NO_HELP, NULL, &given);
    if (given.first == 0 || strcmp(arguments[given.first], "help") == 0) {
        print_help();
        return given.first == 0 ? EXIT_USAGE : EXIT_SUCCESS;
    }
    return run_subcommand(&given, count - given.first, arguments + given.first);
}
