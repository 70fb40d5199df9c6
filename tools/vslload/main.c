/* main.c: vslload, a load generator that keeps its own books.
 *
 * Opens a ledger with funded accounts, pays between them at random, measures, and at the end
 * compares every balance that it believes in with what the server and the database say.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/clock.h"
#include "ceilings.h"
#include "client/options.h"
#include "client/run.h"
#include "client/terminal.h"
#include "client/text_file.h"
#include "vslload/load.h"

#include <argp.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define BATCH_DEFAULT 500
#define RUN_ID_CHARACTERS 10
#define QUERY_TIMEOUT_US (INT64_C(60) * 1000000)

enum { EXIT_DIFFERS = 1, EXIT_USAGE = 2, EXIT_TRANSPORT = 3 };

enum {
    OPTION_UNARY = 0x2000,
    OPTION_MIXED,
    OPTION_HOT_SHARE,
    OPTION_LIMITS,
    OPTION_CLAIMS,
    OPTION_WARM_UP,
    OPTION_SEED,
    OPTION_JSON,
    OPTION_GIVE_UP,
};

const char *argp_program_version = "vslload " VSL_VERSION;
error_t argp_err_exit_status = EXIT_USAGE;

static const struct argp_option options[] = {
    {0, 0, 0, 0, "Load:", 1},
    {"rate", 'r', "N", 0,
        "Open loop: N payments a second, latency counted from the instant each was due. Without "
        "it, closed loop: as fast as answers come",
        1},
    {"clients", 'c', "N", 0, "Connections (default 4)", 1},
    {"in-flight", 'i', "N", 0, "Requests under way on each connection (default 4; open loop 64)",
        1},
    {"batch", 'b', "N", 0, "Payments per request (default 500, at most 8000)", 1},
    {"unary", OPTION_UNARY, 0, 0, "One payment per request, by Pay instead of SubmitBatch", 1},
    {"mixed", OPTION_MIXED, 0, 0,
        "Not payments alone: of a hundred commands 60 pay two payees each with an order number, 5 "
        "hold, 5 confirm, 10 refund, 10 are receipts, 10 withdraw",
        1},
    {"seconds", 't', "S", 0, "Measured time (default 60)", 1},
    {"warm-up", OPTION_WARM_UP, "S", 0, "Load before it that is not measured (default 5)", 1},
    {"give-up", OPTION_GIVE_UP, "S", 0,
        "Send a request again for so long before its payments are called unknown (default 120)", 1},
    {0, 0, 0, 0, "Accounts:", 2},
    {"accounts", 'a', "N", 0, "Accounts to open and fund (default 100000, at least 2)", 2},
    {"hot-share", OPTION_HOT_SHARE, "X", 0,
        "Share of the payments, 0 to 1, in which one hot account pays or is paid (default 0)", 2},
    {"limits", OPTION_LIMITS, 0, 0,
        "Set an account policy with limits that count every payment and refuse none", 2},
    {"claims", OPTION_CLAIMS, "X", 0,
        "Share of the accounts, 0 to 1, that a tax authority claims 0.01 of (default 0)", 2},
    {"seed", OPTION_SEED, "N", 0, "Seed of payers, payees and amounts (default: drawn, printed)",
        2},
    {0, 0, 0, 0, "Output:", 3},
    {"database", 'd', "CONNINFO", 0,
        "Compare with the journal in PostgreSQL too (libpq connection string)", 3},
    {"json", OPTION_JSON, 0, 0, "Print the figures as JSON", 3},
    {"quiet", 'q', 0, 0, "No progress", 3},
    {0},
};

static double parse_number(
    struct argp_state *state, const char *name, const char *text, double low, double high)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= low && value <= high))
        argp_error(state, "--%s takes a number from %g to %g", name, low, high);
    return value;
}

static uint32_t parse_count(
    struct argp_state *state, const char *name, const char *text, uint32_t low, uint32_t high)
{
    double value = parse_number(state, name, text, low, high);
    if (value != (uint32_t)value)
        argp_error(state, "--%s takes a whole number", name);
    return (uint32_t)value;
}

static uint64_t parse_seed(struct argp_state *state, const char *text)
{
    char *end;
    errno = 0;
    uint64_t seed = strtoull(text, &end, 0);
    if (errno != 0 || end == text || *end != '\0' || strchr(text, '-'))
        argp_error(state, "--seed takes a whole number of 64 bits");
    return seed;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct load_options *load = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &load->client;
        return 0;
    case 'r':
        load->rate = parse_number(state, "rate", argument, 0.001, 1e9);
        return 0;
    case 'c':
        load->clients = parse_count(state, "clients", argument, 1, LOAD_CLIENTS_MAX);
        return 0;
    case 'i':
        load->in_flight = parse_count(state, "in-flight", argument, 1, LOAD_IN_FLIGHT_MAX);
        return 0;
    case 'b':
        load->batch = parse_count(state, "batch", argument, 1, BATCH_COMMANDS_MAX);
        return 0;
    case OPTION_UNARY:
        load->is_unary = true;
        return 0;
    case OPTION_MIXED:
        load->is_mixed = true;
        return 0;
    case 't':
        load->seconds = parse_number(state, "seconds", argument, 0.1, 1e6);
        return 0;
    case OPTION_WARM_UP:
        load->warm_up_seconds = parse_number(state, "warm-up", argument, 0, 1e6);
        return 0;
    case OPTION_GIVE_UP:
        load->give_up_seconds = parse_number(state, "give-up", argument, 1, 1e6);
        return 0;
    case 'a':
        load->accounts = parse_count(state, "accounts", argument, 2, LOAD_ACCOUNTS_MAX);
        return 0;
    case OPTION_HOT_SHARE:
        load->hot_share = parse_number(state, "hot-share", argument, 0, 1);
        return 0;
    case OPTION_LIMITS:
        load->has_limits = true;
        return 0;
    case OPTION_CLAIMS:
        load->claims_share = parse_number(state, "claims", argument, 0, 1);
        return 0;
    case OPTION_SEED:
        load->seed = parse_seed(state, argument);
        return 0;
    case 'd':
        load->database = argument;
        return 0;
    case OPTION_JSON:
        load->is_json = true;
        return 0;
    case 'q':
        load->is_quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not an option", argument);
        return EINVAL;
    case ARGP_KEY_END:
        if (load->is_unary && load->batch > 0)
            argp_error(state, "--unary sends one payment per request: leave --batch out");
        if (load->is_unary && load->is_mixed)
            argp_error(state, "--mixed is sent in batches: leave --unary out");
        if (load->is_mixed && load->hot_share > 0)
            argp_error(state, "--mixed has no hot account: leave --hot-share out");
        if (load->is_mixed && load->accounts < 3)
            argp_error(state, "--mixed needs --accounts 3 at least: a payer and two payees");
        if (load->batch == 0)
            load->batch = load->is_unary ? 1 : BATCH_DEFAULT;
        if (load->in_flight == 0)
            load->in_flight = load->rate > 0 ? 64 : 4;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static struct event_base *create_base(void)
{
    struct event_config *config = event_config_new();
    CHECK(config != NULL);
    /* Milliseconds are too coarse for an open loop. */
    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    CHECK(base != NULL);
    return base;
}

static int run(struct load *load)
{
    if (workload_set_up(load) != 0)
        return EXIT_TRANSPORT;
    workload_pay(load);
    /* The server may be on its way up again: from here on calls wait for it. */
    struct client_config config = load->options->client;
    config.wait_for_ready = true;
    char error[512];
    rpc_close(load->rpc);
    CHECK(rpc_open(load->rpc, &config, QUERY_TIMEOUT_US, error, sizeof error) == 0);
    struct verify_result verify;
    if (verify_run(load, &verify) != 0)
        return EXIT_TRANSPORT;
    report_final(load, &verify);
    return verify.is_right ? EXIT_SUCCESS : EXIT_DIFFERS;
}

int main(int count, char **arguments)
{
    static const struct argp_child children[] = {{&client_argp, 0, "Server:", 4}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Sends payments to vsld, measures, and proves that none was lost or booked twice.\v"
            "Examples:\n"
            "  vslload --seconds 60                       100,000 accounts, batches of 500\n"
            "  vslload --hot-share 0.5                    half of the payments on one account\n"
            "  vslload --mixed                            all that a marketplace does\n"
            "  vslload --unary --clients 1 --in-flight 1  one payment at a time\n"
            "  vslload --rate 20000 --batch 100           open loop\n"
            "\n"
            "A request that got no answer is sent again with the same keys until it is answered. "
            "Exit status: 0 everything agrees, 1 something differs, 2 usage, 3 the server or the "
            "database could not be asked."};
    static struct load_options load_options = {.clients = 4,
        .accounts = 100000,
        .seconds = 60,
        .warm_up_seconds = 5,
        .give_up_seconds = 120};
    CHECK(getrandom(&load_options.seed, sizeof load_options.seed, 0) == sizeof load_options.seed);
    load_options.seed >>= 16;
    terminal_guard(EXIT_TRANSPORT);
    arguments_check("vslload", count, arguments, EXIT_USAGE);
    /* The examples are wider than 79 columns, and must not be wrapped. */
    setenv("ARGP_HELP_FMT", "rmargin=100", 0);
    argp_parse(&argp, count, arguments, 0, NULL, &load_options);

    static struct load load;
    static struct rpc rpc;
    load.options = &load_options;
    load.random.state = load_options.seed;
    run_draw_letters(load.run_id, RUN_ID_CHARACTERS);
    progress_start(&load.progress, load_options.is_quiet);
    if (!load_options.is_quiet)
        fprintf(stderr, "seed %llu, run %s on a ledger of its own: serials %s-...\n",
            (unsigned long long)load_options.seed, load.run_id, load.run_id);
    char error[512];
    struct client_config config = load_options.client;
    if (rpc_open(&rpc, &config, QUERY_TIMEOUT_US, error, sizeof error) != 0) {
        fprintf(stderr, "vslload: %s\n", error);
        return EXIT_USAGE;
    }
    struct event_base *base = create_base();
    load.rpc = &rpc;
    load.driver = driver_create(base, &load_options, error, sizeof error);
    CHECK(load.driver != NULL);
    batch_init(&load.batch);
    int status = run(&load);
    progress_clear(&load.progress);
    batch_finish(&load.batch);
    driver_destroy(load.driver);
    client_free_base(base);
    rpc_close(&rpc);
    free(load.member_ids);
    free(load.account_ids);
    free(load.balances_minor);
    free(load.frozen_minor);
    free(load.pending_out_minor);
    return status;
}
