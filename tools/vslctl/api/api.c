/* api.c: runs one call of the API: its options, and the way from them to an exit status.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/api_parts.h"

#include "base/check.h"
#include "base/clock.h"
#include "text/format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDS_MAX 10000
#define OPTION_FIRST 0x4000
#define LIMIT_DEFAULT 1000
/* A day. */
#define PROPOSE_UNTIL_DEFAULT_US INT64_C(86400000000)
#define LIMIT_MAX 100000

enum {
    OPTION_LEDGER = 0x3800,
    OPTION_DRY_RUN,
    OPTION_MINOR,
    OPTION_PAGE_TOKEN,
    OPTION_LIMIT,
    OPTION_ALL,
    OPTION_PROPOSE,
    OPTION_PROPOSE_UNTIL,
};

/* ---- options ---- */

static bool has_amounts(const struct api_call *call)
{
    for (size_t i = 0; i < api_parameter_count(call); i++) {
        enum parameter_kind kind = call->parameters[i].kind;
        if (kind == PARAMETER_AMOUNT || kind == PARAMETER_PAYEES || kind == PARAMETER_TIERS ||
            kind == PARAMETER_RULES || kind == PARAMETER_LEVELS || kind == PARAMETER_PROOF_RULES)
            return true;
    }
    return false;
}

static const char *value_name(enum parameter_kind kind)
{
    switch (kind) {
    case PARAMETER_ID:
        return "ID";
    case PARAMETER_IDS:
        return "ID[,ID...]";
    case PARAMETER_AMOUNT:
        return "AMOUNT";
    case PARAMETER_PAYEES:
        return "ID:AMOUNT";
    case PARAMETER_TIERS:
        return "from=..,flat=..,rate=..,min=..,max=..";
    case PARAMETER_SHARES:
        return "ID:RATE";
    case PARAMETER_LEDGERS:
    case PARAMETER_COMMANDS:
        return "ID";
    case PARAMETER_CHANNELS:
        return "TEXT";
    case PARAMETER_LEVELS:
        return "level=..,receive,pay,..";
    case PARAMETER_PROOF_RULES:
        return "KIND[:AMOUNT]=PROOFS";
    case PARAMETER_RULES:
        return "KIND[:AMOUNT]";
    case PARAMETER_DATE:
        return "YYYY-MM-DD";
    case PARAMETER_TIME:
        return "TIME";
    case PARAMETER_INTEGER:
        return "N";
    case PARAMETER_ENUM:
    case PARAMETER_ENUMS:
        return "NAME";
    case PARAMETER_FLAG:
    case PARAMETER_UNSET:
    case PARAMETER_EMPTY:
        return NULL;
    case PARAMETER_TEXT:
        break;
    }
    return "TEXT";
}

static size_t add_option(struct argp_option *options, size_t count, const char *name, int key,
    const char *value, const char *help, int group)
{
    options[count] =
        (struct argp_option){.name = name, .key = key, .arg = value, .doc = help, .group = group};
    return count + 1;
}

static void make_options(const struct api_call *call, struct argp_option *options)
{
    size_t count = 0;
    if (call->has_ledger)
        count = add_option(
            options, count, "ledger", OPTION_LEDGER, "ID", "The ledger (default: $VSL_LEDGER)", 1);
    for (size_t i = 0; i < api_parameter_count(call); i++) {
        const struct parameter *parameter = &call->parameters[i];
        count = add_option(options, count, parameter->name, OPTION_FIRST + (int)i,
            value_name(parameter->kind), parameter->help, 1);
    }
    if (has_amounts(call))
        count = add_option(options, count, "minor", OPTION_MINOR, NULL,
            "Amounts are given in minor units (fen, cents)", 1);
    if (call->has_tokens && !api_is_whole(call)) {
        count = add_option(options, count, "page-token", OPTION_PAGE_TOKEN, "TEXT",
            "Go on where the last line of the list before says to, with the same filters", 1);
        count = add_option(options, count, "limit", OPTION_LIMIT, "N",
            "At most so many, page by page (default 1000)", 1);
        count = add_option(options, count, "all", OPTION_ALL, NULL, "All, however many", 1);
    }
    if (call->is_command) {
        count = add_option(options, count, "dry-run", OPTION_DRY_RUN, NULL,
            "Say what the answer would be; change nothing", 2);
        if (api_is_proposable(call)) {
            count = add_option(options, count, "propose", OPTION_PROPOSE, "TEXT",
                "Propose it to a second person instead, and say why; see proposal approve", 3);
            count = add_option(options, count, "propose-until", OPTION_PROPOSE_UNTIL, "TIME",
                "Until when it can be approved: +2d, or 2026-12-01T00:00+08:00 (default: +1d)", 3);
        }
    }
    options[count] = (struct argp_option){0};
}

static void add_ids(struct given *given, struct argp_state *state, const char *text)
{
    while (*text) {
        char piece[32];
        size_t length = strcspn(text, ",");
        int64_t id = 0;
        snprintf(piece, sizeof piece, "%.*s", (int)length, text);
        if (length >= sizeof piece || !parse_integer(piece, 1, INT64_MAX, &id))
            argp_error(state, "'%s' is not a list of ids", text);
        if (given->id_count == IDS_MAX)
            argp_error(state, "at most %d ids in one call", IDS_MAX);
        given->ids[given->id_count++] = id;
        text += length + (text[length] == ',');
    }
}

/* A list that is set as a whole is given, or said to be empty. */
static void check_emptied(const struct given *given, size_t index, struct argp_state *state)
{
    const struct parameter *empty = &given->call->parameters[index];
    size_t list = 0;
    while (list == index || strcmp(given->call->parameters[list].field, empty->field) != 0)
        list++;
    CHECK(list < api_parameter_count(given->call));
    bool is_given = api_is_given(given, list);
    if (is_given == api_is_given(given, index))
        argp_error(state,
            is_given ? "--%s excludes --%s: give one of them"
                     : "--%s is required, or --%s: all is set anew",
            given->call->parameters[list].name, empty->name);
}

static void check_complete(const struct given *given, struct argp_state *state)
{
    if (given->call->has_ledger && given->ledger_id == 0)
        argp_error(state, "--ledger is required (or set VSL_LEDGER)");
    for (size_t i = 0; i < api_parameter_count(given->call); i++) {
        const struct parameter *parameter = &given->call->parameters[i];
        if (parameter->is_required && !api_is_given(given, i))
            argp_error(state, "--%s is required", parameter->name);
        if (parameter->kind == PARAMETER_EMPTY)
            check_emptied(given, i, state);
    }
    if (given->propose_until && !given->propose)
        argp_error(state, "--propose-until needs --propose");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct given *given = state->input;
    const char *environment;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = given->options;
        if (given->call->is_command)
            state->child_inputs[1] = &given->key;
        environment = getenv("VSL_LEDGER");
        if (given->call->has_ledger && environment && environment[0] &&
            !parse_integer(environment, 1, INT64_MAX, &given->ledger_id))
            argp_error(state, "VSL_LEDGER is not a ledger's id");
        return 0;
    case OPTION_LEDGER:
        if (!parse_integer(argument, 1, INT64_MAX, &given->ledger_id))
            argp_error(state, "--ledger takes an id");
        return 0;
    case OPTION_DRY_RUN:
        given->is_dry_run = true;
        return 0;
    case OPTION_PROPOSE:
        given->propose = argument;
        return 0;
    case OPTION_PROPOSE_UNTIL:
        if (read_time(argument, given->now_us, &given->propose_until_us) != TIME_IS_RIGHT)
            argp_error(state, "--propose-until takes a time, or a duration from now such as +2d");
        given->propose_until = argument;
        return 0;
    case OPTION_MINOR:
        given->is_minor = true;
        return 0;
    case OPTION_PAGE_TOKEN:
        given->page_token = argument;
        return 0;
    case OPTION_LIMIT:
        if (!parse_integer(argument, 1, LIMIT_MAX, &given->limit))
            argp_error(state, "--limit takes 1 to %d", LIMIT_MAX);
        return 0;
    case OPTION_ALL:
        given->limit = INT64_MAX;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not an option", argument);
        return EINVAL;
    case ARGP_KEY_END:
        check_complete(given, state);
        return 0;
    default:
        break;
    }
    if (key < OPTION_FIRST || key >= OPTION_FIRST + (int)api_parameter_count(given->call))
        return ARGP_ERR_UNKNOWN;
    size_t index = (size_t)(key - OPTION_FIRST);
    enum parameter_kind kind = given->call->parameters[index].kind;
    struct given_list *list = &given->lists[index];
    if (kind == PARAMETER_IDS)
        add_ids(given, state, argument);
    else if (api_list_max(kind) > 0 && list->count == api_list_max(kind))
        argp_error(state, "--%s can be given %zu times at most",
            given->call->parameters[index].name, api_list_max(kind));
    else if (api_list_max(kind) > 0)
        list->values[list->count++] = argument;
    else
        given->values[index] = argument ? argument : "";
    return 0;
}

/* ---- the run ---- */

static int run(struct context *context, struct given *given)
{
    char serial[SERIAL_TEXT_BYTES];
    ProtobufCMessage *request = NULL;
    if (context_open(context) != 0)
        return EXIT_USAGE;
    int fault = api_make_request(context, given, serial, &request);
    if (fault)
        return fault == -1 ? EXIT_USAGE : context_fault_status(context);
    const struct api_screen *screen = api_screen_of(given->call);
    if (screen && screen->fill)
        screen->fill(request);
    /* Whoever is interrupted from here on can repeat the command. */
    if (given->call->is_command && !given->is_dry_run && api_tell_key(given) != 0) {
        fprintf(stderr, "vslctl: the key could not be told, so nothing was sent\n");
        return EXIT_USAGE;
    }
    ProtobufCMessage *answer = api_ask(context, given, request);
    if (answer && screen && screen->arrange)
        screen->arrange(answer);
    if (answer)
        return given->call->is_command ? api_show_command(context, given, answer)
                                       : api_show_query(context, given, answer);
    if (context_may_have_effect(context))
        fprintf(stderr,
            "It is not known whether this was carried out. Repeat it with the %s: it takes effect "
            "once.\n",
            given->is_key_told ? "key told above" : "same options, the same key among them");
    return context_fault_status(context);
}

int api_run(const struct api_call *call, const char *name, struct common_options *options,
    int count, char **arguments)
{
    static int64_t ids[IDS_MAX];
    struct argp_option argp_options[PARAMETERS_MAX + 10];
    char doc[16384];
    const struct argp_child children[] = {
        {&common_argp, 0, "Output:", 90}, {call->is_command ? &key_argp : NULL, 0, NULL, 0}, {0}};
    make_options(call, argp_options);
    snprintf(doc, sizeof doc, "%s\v%sExamples:\n%s\n\n%s", call->text, call->values, call->examples,
        call->is_command
            ? "Exit status: 0 accepted, 1 refused by the business rules, 2 usage or a "
              "malformed request,\n3 not carried out (the server could not be asked), 4 "
              "sent and not answered: it was perhaps\ncarried out; repeat it with its "
              "key.\n"
            : "Exit status: 0 found, 1 not found, 2 usage or a malformed request, 3 the "
              "server could not be asked.\n");
    struct argp argp = {.options = argp_options, .parser = parse, .doc = doc, .children = children};
    static struct given given;
    given = (struct given){.call = call,
        .asked = call,
        .options = options,
        .key = KEY_OPTIONS_DEFAULT,
        .now_us = clock_wall_us(),
        .propose_until_us = clock_wall_us() + PROPOSE_UNTIL_DEFAULT_US,
        .ids = ids,
        .limit = api_is_whole(call) ? INT64_MAX : LIMIT_DEFAULT};
    parse_arguments(&argp, name, count, arguments, &given);
    struct context context = {.options = options};
    int status = run(&context, &given);
    context_finish(&context);
    return status;
}
