/* lines_options.c: the options of every command with a file of lines.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/lines_parts.h"

#include "text/format.h"

#include <stdlib.h>

enum {
    OPTION_LEDGER = 0x5800,
    OPTION_SUSPENSE,
    OPTION_DRY_RUN,
    OPTION_RESULT,
};

static const struct argp_option options[] = {
    {"ledger", OPTION_LEDGER, "ID", 0, "The ledger (default: $VSL_LEDGER)", 1},
    {"dry-run", OPTION_DRY_RUN, 0, 0, "Look at the file, book nothing", 1},
    {"result", OPTION_RESULT, "FILE", 0, "Where the results go (default: FILE.result.csv)", 1},
    {0},
};

static error_t end_of_arguments(struct lines_run *given, struct argp_state *state)
{
    const char *ledger = getenv("VSL_LEDGER");
    if (given->ledger_id == 0 && ledger && !parse_integer(ledger, 1, INT64_MAX, &given->ledger_id))
        argp_error(state, "$VSL_LEDGER must be a ledger's id");
    if (!given->file_name)
        argp_error(state, "the file is missing");
    if (given->ledger_id == 0)
        argp_error(state, "--ledger is missing");
    return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct lines_run *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        given->key.serial_bytes_max = SERIAL_TEXT_BYTES - 12;
        state->child_inputs[0] = &given->key;
        return 0;
    case OPTION_LEDGER:
        if (!parse_integer(argument, 1, INT64_MAX, &given->ledger_id))
            argp_error(state, "--ledger takes a whole number, 1 or more");
        return 0;
    case OPTION_DRY_RUN:
        given->is_dry_run = true;
        return 0;
    case OPTION_RESULT:
        given->result_name = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (given->file_name)
            argp_error(state, "only one file can be given");
        given->file_name = argument;
        return 0;
    case ARGP_KEY_END:
        return end_of_arguments(given, state);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&key_argp, 0, NULL, 0}, {0}};
const struct argp lines_argp = {.options = options, .parser = parse, .children = children};

static const struct argp_option whole_options[] = {
    {"suspense", OPTION_SUSPENSE, "ID", 0, "The item of suspense that the money waits as", 1},
    {0},
};

static error_t parse_whole(int key, char *argument, struct argp_state *state)
{
    struct lines_run *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = given;
        return 0;
    case OPTION_SUSPENSE:
        if (!parse_integer(argument, 1, INT64_MAX, &given->suspense_id))
            argp_error(state, "--suspense takes a whole number, 1 or more");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child whole_children[] = {{&lines_argp, 0, NULL, 0}, {0}};
const struct argp lines_whole_argp = {
    .options = whole_options, .parser = parse_whole, .children = whole_children};
