/* replay.c: vslctl replay: real transactions against the service, every balance compared.
 *
 * The file is an oracle: it tells the balance after each transaction. Each account of the file
 * becomes a member's account of a fresh ledger; day by day money in is booked as receipts or
 * interest, fees as fees, money out as withdrawals that the bank pays. Overdrafts do not exist
 * here: an account stops at its first transaction that would overdraw it, which the service must
 * refuse.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/replay/replay.h"

#include "base/check.h"
#include "base/clock.h"
#include "client/run.h"
#include "text/format.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_DEFAULT 500

enum {
    OPTION_DATA = 0x5000,
    OPTION_BANKSTUB,
    OPTION_BATCH,
    OPTION_WAIT,
    OPTION_CURRENCY,
    OPTION_RUN
};

/* ---- options ---- */

static const struct argp_option options[] = {
    {"data", OPTION_DATA, "FILE", 0, "The transactions, a CSV file", 1},
    {"bankstub", OPTION_BANKSTUB, 0, 0,
        "A bankstub runs beside and pays; without it the replay pays by itself", 1},
    {"currency", OPTION_CURRENCY, "CODE", 0, "Currency of the ledger (default CZK)", 1},
    {"batch", OPTION_BATCH, "N", 0, "Commands per request, 1 to 8000 (default 500)", 1},
    {"wait", OPTION_WAIT, "S", 0,
        "Wait so many seconds for the last payouts to be paid (default 60)", 1},
    {"run", OPTION_RUN, "ID", 0,
        "Go on with the interrupted run of this name: what was booked is answered again (default: "
        "a "
        "new one, told before anything is sent)",
        1},
    {"quiet", 'q', 0, 0, "No progress", 1},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct replay *replay = state->input;
    int64_t number;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = replay->options;
        return 0;
    case OPTION_DATA:
        replay->file = argument;
        return 0;
    case OPTION_BANKSTUB:
        replay->has_bankstub = true;
        return 0;
    case OPTION_CURRENCY:
        replay->currency = argument;
        return 0;
    case OPTION_BATCH:
        if (!parse_integer(argument, 1, BATCH_COMMANDS_MAX, &number))
            argp_error(state, "--batch takes 1 to %d", BATCH_COMMANDS_MAX);
        replay->batch_max = (uint32_t)number;
        return 0;
    case OPTION_WAIT:
        if (!parse_integer(argument, 0, 86400, &number))
            argp_error(state, "--wait takes seconds, at most 86400");
        replay->wait_seconds = (double)number;
        return 0;
    case OPTION_RUN:
        if (strlen(argument) != REPLAY_RUN_ID_CHARACTERS ||
            strspn(argument, "0123456789abcdefghijklmnopqrstuvwxyz") != REPLAY_RUN_ID_CHARACTERS)
            argp_error(state, "--run takes the %d letters and digits that a run was told by",
                REPLAY_RUN_ID_CHARACTERS);
        memcpy(replay->run_id, argument, REPLAY_RUN_ID_CHARACTERS);
        return 0;
    case 'q':
        replay->is_quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not an option", argument);
        return EINVAL;
    case ARGP_KEY_END:
        if (!replay->file)
            argp_error(state, "--data is required");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- the run ---- */

static int report(const struct replay *replay)
{
    size_t complete = 0;
    size_t stopped = 0;
    for (size_t i = 0; i < replay->account_count; i++) {
        const struct replay_account *account = &replay->accounts[i];
        stopped += account->is_stopped;
        complete += !account->is_stopped && !account->has_difference;
    }
    bool is_right = replay->differences == 0 && replay->troubles == 0 && replay->is_balanced;
    if (replay->options->is_json) {
        json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b}", "ledger_id",
            (json_int_t)replay->ledger_id, "transactions", (json_int_t)replay->transaction_count,
            "accounts_complete", (json_int_t)complete, "accounts_stopped", (json_int_t)stopped,
            "differences", (json_int_t)replay->differences, "troubles",
            (json_int_t)replay->troubles, "balanced", replay->is_balanced, "right", is_right);
        CHECK(json != NULL);
        json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        printf("\n");
        json_decref(json);
    } else {
        if (replay->troubles > TROUBLES_SHOWN_MAX)
            fprintf(stderr, "... and %" PRIu64 " more\n", replay->troubles - TROUBLES_SHOWN_MAX);
        printf("%zu accounts to their last balance, %zu stopped at their first overdraft, %" PRIu64
               " balances differ, escrow tie-out: %s\n",
            complete, stopped, replay->differences,
            replay->is_balanced ? "balanced" : "NOT BALANCED");
    }
    return is_right ? EXIT_ACCEPTED : EXIT_REFUSED;
}

static void on_bank_trouble(void *context, const char *message)
{
    struct replay *replay = context;
    progress_show(&replay->progress, "the bank stand-in waits: %s", message);
}

static int start_bank(struct replay *replay)
{
    char error[512];
    if (replay->has_bankstub)
        return 0;
    struct stand_in_config config = {.client = replay->options->client,
        .ledger_id = replay->ledger_id,
        .from_sequence = replay->first_sequence,
        .pays_what_it_forgot = true,
        .on_trouble = on_bank_trouble,
        .context = replay};
    replay->stand_in = stand_in_start(replay->context.rpc.base, &config, error, sizeof error);
    if (!replay->stand_in)
        fprintf(stderr, "vslctl: %s\n", error);
    return replay->stand_in ? 0 : -1;
}

static int run(struct replay *replay)
{
    char error[512];
    replay->transactions =
        transactions_load(replay->file, &replay->transaction_count, error, sizeof error);
    if (!replay->transactions) {
        fprintf(stderr, "vslctl: %s\n", error);
        return EXIT_USAGE;
    }
    replay_collect_accounts(replay);
    if (context_open(&replay->context) != 0)
        return EXIT_USAGE;
    if (!replay->run_id[0])
        run_draw_letters(replay->run_id, REPLAY_RUN_ID_CHARACTERS);
    fprintf(stderr, "run %s: an interrupted run goes on with --run %s\n", replay->run_id,
        replay->run_id);
    replay->date = replay->transactions[0].date;
    progress_show(&replay->progress, "opening %zu accounts", replay->account_count);
    if (replay_open_ledger(replay) != 0 || replay_open_accounts(replay, true) != 0 ||
        replay_open_accounts(replay, false) != 0 || start_bank(replay) != 0 ||
        replay_days(replay) != 0 || replay_wait_for_payouts(replay) != 0 ||
        replay_compare_statements(replay) != 0 || replay_read_tie_out(replay) != 0)
        return EXIT_TRANSPORT;
    progress_clear(&replay->progress);
    return report(replay);
}

int run_replay(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Output:", 90}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Replay real transactions on a fresh ledger and compare the balance after every one "
            "with the file's.\v"
            "The file has the columns booking_date,trans_id,account_id,operation,purpose,"
            "delta_minor,balance_after_minor,partner_bank,partner_account, in the order of "
            "booking. An account stops at its first transaction that would overdraw it, which the "
            "service must refuse.\n"
            "\n"
            "Examples:\n"
            "  vslctl replay --data transactions.csv\n"
            "  vslctl replay --data transactions.csv --bankstub     a bankstub runs beside\n"
            "  vslctl replay --data transactions.csv --run 0a1b2c3d goes on after an interruption\n"
            "\n"
            "The exit status is 1 when a balance differs, something else than expected was "
            "refused or accepted, or the escrow account does not tie out.\n"};
    static struct replay replay;
    replay.options = common;
    replay.context.options = common;
    replay.currency = "CZK";
    replay.batch_max = BATCH_DEFAULT;
    replay.wait_seconds = 60;
    parse_arguments(&argp, "vslctl replay", count, arguments, &replay);
    progress_start(&replay.progress, replay.is_quiet);
    batch_init(&replay.batch);
    int status = run(&replay);
    progress_clear(&replay.progress);
    stand_in_stop(replay.stand_in);
    batch_finish(&replay.batch);
    context_finish(&replay.context);
    free(replay.transactions);
    free(replay.accounts);
    free(replay.steps);
    free(replay.by_account);
    return status;
}
