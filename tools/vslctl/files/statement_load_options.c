/* statement_load_options.c: the options of vslctl statement load.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/statement_load_parts.h"

#include "ceilings.h"
#include "text/format.h"

#include <stdlib.h>

enum {
    OPTION_PROFILE = 0x4300,
    OPTION_LEDGER,
    OPTION_ANYWAY,
    OPTION_ANY_ACCOUNT,
    OPTION_BATCH,
    OPTION_GAP
};

static const struct argp_option options[] = {
    {"ledger", OPTION_LEDGER, "ID", 0, "The ledger (default: $VSL_LEDGER)", 1},
    {"profile", OPTION_PROFILE, "NAME", 0,
        "How a CSV or XLS reads, see 'vslctl statement check' (default: found by the head)", 1},
    {"anyway", OPTION_ANYWAY, 0, 0,
        "Load also what does not add up: it stays open, for two persons to take as it stands", 1},
    {"any-account", OPTION_ANY_ACCOUNT, 0, 0,
        "Do not hold the file's account to the ledger's escrow account: banks write one otherwise",
        1},
    {"gap", OPTION_GAP, "TEXT", 0,
        "Propose to another person to take a statement that does not begin with the balance that "
        "the last one ended with, and say why; approved within a week, the file is loaded again",
        1},
    {"batch-size", OPTION_BATCH, "N", 0, "Send so many lines at a time, 1 to 8000 (default: 8000)",
        1},
    {0},
};

static error_t end_of_arguments(struct loading *given, struct argp_state *state)
{
    const char *ledger = getenv("VSL_LEDGER");
    if (given->ledger_id == 0 && ledger && !parse_integer(ledger, 1, INT64_MAX, &given->ledger_id))
        argp_error(state, "$VSL_LEDGER must be a ledger's id");
    if (given->ledger_id == 0)
        argp_error(state, "--ledger is missing");
    return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct loading *given = state->input;
    int64_t number;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = given->common;
        state->child_inputs[1] = &given->key;
        return 0;
    case OPTION_LEDGER:
        if (!parse_integer(argument, 1, INT64_MAX, &given->ledger_id))
            argp_error(state, "--ledger takes a whole number, 1 or more");
        return 0;
    case OPTION_PROFILE:
        given->profile = argument;
        return 0;
    case OPTION_ANYWAY:
        given->takes_all = true;
        return 0;
    case OPTION_ANY_ACCOUNT:
        given->omits_account = true;
        return 0;
    case OPTION_GAP:
        given->gap_reason = argument;
        return 0;
    case OPTION_BATCH:
        if (!parse_integer(argument, 1, BATCH_COMMANDS_MAX, &number))
            argp_error(state, "--batch-size takes a whole number, 1 to %d", BATCH_COMMANDS_MAX);
        given->batch_lines_max = (size_t)number;
        return 0;
    case ARGP_KEY_ARGS:
        given->files = state->argv + state->next;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "FILE is missing; '-' is standard input");
        return 0;
    case ARGP_KEY_END:
        return end_of_arguments(given, state);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    {&common_argp, 0, "Output:", 90}, {&key_argp, 0, "Keys:", 80}, {0}};
const struct argp load_argp = {.options = options,
    .parser = parse,
    .args_doc = "FILE...",
    .children = children,
    .doc =
        "Load the bank's statements of the escrow account into the ledger, line by line, and "
        "close each that adds up. Nothing is booked by them. Formats are found as by 'vslctl "
        "statement check'. A file is looked at as a whole before anything of it is sent, in a copy "
        "that nobody changes meanwhile; it is in $TMPDIR, else /var/tmp, and has no name.\v"
        "Examples:\n"
        "  vslctl statement load --ledger 1 statement.sta\n"
        "  vslctl statement load --ledger 1 november/*.xml\n"
        "  unzip -p statements.zip | vslctl statement load --ledger 1 -\n"
        "  vslctl bank-statement list --ledger 1 --status open\n"
        "  vslctl bank-statement close --ledger 1 --bank-statement 7 --as-it-stands \\\n"
        "    --propose 'the bank confirms the difference'\n"
        "\n"
        "Prints a line for each statement: its id, its lines, how many of them were added now\n"
        "and before, and its end:\n"
        "\n"
        "  closed    all lines are there, and add up\n"
        "  known     it was there before: by its file, or by the bank's name for it with the\n"
        "            same balances, days and lines (amounts and days of each, in order)\n"
        "  open      a line was refused (a movement that another statement has), or it does\n"
        "            not add up; --json and the text tell why\n"
        "  refused   nothing of it was recorded; also where the ledger has another statement\n"
        "            of the same name, or has begun it from another file\n"
        "\n"
        "Statements of a ledger follow each other: each begins with the balance that the last\n"
        "one ended with. Files are loaded in the order in which they are given. What has no\n"
        "opening or closing balance (camt.054, MT942, wallets) is not loaded.\n"
        "\n"
        "A run that was cut goes on when the same file is loaded again: the service says up "
        "to\n"
        "which line it has a statement, and nothing is loaded twice.\n"
        "\n"
        "Exit status: 0 all are closed or known; 1 one is open or refused; 2 a file is "
        "refused,\n"
        "or the options are wrong; 3 the server could not be asked; 4 it is not known what "
        "became\n"
        "of some lines: load the file again.\n"};
