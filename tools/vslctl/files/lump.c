/* lump.c: vslctl lump: a sum that waits, allocated by the lines of a file.
 *
 * Three steps: open the lump, send its lines in batches, close it. Each command has a key that is
 * made of the file, so a run that was cut anywhere is repeated as a whole: what was done is
 * answered as it was, and the rest is done.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/key_date.h"
#include "vslctl/files/lump_parts.h"

#include "base/check.h"
#include "base/clock.h"
#include "ceilings.h"
#include "client/batch.h"
#include "text/format.h"

#include "vsl/v1/lump.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANNEL_DEFAULT "vslctl"
/* Below the server's ceiling for a message, 4 MiB. */
#define REQUEST_BYTES_MAX ((size_t)3500000)
/* When the server takes too long for a batch, half of it is tried, down to so many lines. */
#define BATCH_LINES_MIN 125

enum {
    OPTION_LEDGER = 0x5800,
    OPTION_SUSPENSE,
    OPTION_LUMP,
    OPTION_ALL_OR_NOTHING,
    OPTION_DRY_RUN,
    OPTION_RESULT,
    OPTION_CHANNEL,
    OPTION_BUSINESS_DATE,
    OPTION_SERIAL,
};

/* ---- sending ---- */

static void make_command_serial(
    const struct lump_run *run, const char *what, char ret_serial[SERIAL_TEXT_BYTES])
{
    int length = snprintf(ret_serial, SERIAL_TEXT_BYTES, "%.40s-%s", run->serial, what);
    CHECK(length > 0 && length < SERIAL_TEXT_BYTES);
}

void lump_make_line_serial(
    const struct lump_run *run, const struct lump_line *line, char ret_serial[SERIAL_TEXT_BYTES])
{
    char number[16];
    snprintf(number, sizeof number, "%u", line->line);
    make_command_serial(run, number, ret_serial);
}

static Vsl__V1__SubmitBatchResponse *submit(struct context *context, struct batch *batch)
{
    rpc_reset(&context->rpc);
    context->is_command = true;
    Vsl__V1__SubmitBatchResponse *answer = (Vsl__V1__SubmitBatchResponse *)rpc_call(
        &context->rpc, &vsl__v1__funds_service__descriptor, "SubmitBatch", &batch->message.base);
    bool is_whole = answer && answer->n_results == batch_count(batch);
    for (size_t i = 0; is_whole && i < answer->n_results; i++)
        is_whole = answer->results[i]->result != NULL;
    if (!answer || is_whole)
        return answer;
    rpc_fault_finish(&context->rpc.fault);
    context->rpc.fault.status = GRPC_INTERNAL;
    snprintf(context->rpc.fault.message, sizeof context->rpc.fault.message,
        "the answer is not complete");
    return NULL;
}

/* Prints why there is no answer; the exit status. */
static int submit_fault(const struct context *context, struct lump_run *run)
{
    progress_clear(&run->progress);
    context_print_fault(context);
    return context_fault_status(context);
}

static bool is_refusal(const Vsl__V1__CommandResult *result)
{
    return (int)result->outcome >= OUTCOME_FIRST_REFUSAL;
}

static void tell_refusal(
    struct lump_run *run, const char *what, const Vsl__V1__CommandResult *result)
{
    progress_clear(&run->progress);
    fprintf(stderr, "%s: %s", what, result->text);
    if (result->limit_minor != 0)
        fprintf(stderr, " (%" PRId64 ")", result->limit_minor);
    fprintf(stderr, "\n");
}

static int open_lump(struct context *context, struct lump_run *run, struct batch *batch)
{
    char serial[SERIAL_TEXT_BYTES];
    make_command_serial(run, "open", serial);
    batch_begin(batch);
    batch->message.dry_run = run->is_dry_run;
    Vsl__V1__OpenLumpRequest *open =
        batch_add_open_lump(batch, run->channel, run->business_date, serial);
    open->ledger_id = run->ledger_id;
    open->suspense_id = run->suspense_id;
    open->control_count = (int64_t)run->count;
    open->control_total_minor = run->total_minor;
    open->all_or_nothing = run->is_all_or_none;
    const Vsl__V1__SubmitBatchResponse *answer = submit(context, batch);
    if (!answer)
        return submit_fault(context, run);
    const Vsl__V1__CommandResult *result = answer->results[0]->result;
    if (is_refusal(result)) {
        tell_refusal(run, "the lump is not opened", result);
        if (result->replayed)
            lump_say_anew(run);
        return EXIT_REFUSED;
    }
    run->lump_id = answer->results[0]->subject_id;
    run->is_gone_on = result->replayed != 0;
    return EXIT_ACCEPTED;
}

/* Adds lines from `first` on that have no answer yet, as many as one request takes; the first that
 * is not in. */
static size_t add_lines(struct lump_run *run, struct batch *batch, size_t first)
{
    size_t bytes = 0;
    size_t most = run->is_all_or_none ? BATCH_COMMANDS_MAX - 1 : run->batch_lines_max;
    size_t i = first;
    batch_begin(batch);
    batch->message.atomic = run->is_all_or_none;
    while (i < run->count && batch_count(batch) < most && bytes < REQUEST_BYTES_MAX) {
        const struct lump_line *line = &run->lines[i++];
        if (line->is_answered)
            continue;
        char serial[SERIAL_TEXT_BYTES];
        lump_make_line_serial(run, line, serial);
        Vsl__V1__AllocateLineRequest *request =
            batch_add_allocate_line(batch, run->channel, run->business_date, serial);
        lump_fill_line(line, run->ledger_id, run->lump_id, batch_party(batch, "", "", ""), request);
        bytes += vsl__v1__allocate_line_request__get_packed_size(request) + 16;
    }
    return i;
}

/* Whether what must go in one batch does. Asked before the lump is opened, so by the longest id. */
static int check_size(struct lump_run *run, struct batch *batch)
{
    int64_t lump_id = run->lump_id;
    run->lump_id = INT64_MAX;
    size_t end = run->is_all_or_none ? add_lines(run, batch, 0) : run->count;
    run->lump_id = lump_id;
    if (end == run->count)
        return 0;
    fprintf(stderr,
        "vslctl: %s: --all-or-nothing: the lines take more bytes than one batch (%zu), of %zu "
        "lines the first %zu go into it; shorten their texts, or leave --all-or-nothing away; "
        "nothing was sent\n",
        run->file_name, REQUEST_BYTES_MAX, run->count, end);
    return -1;
}

static void add_close(struct lump_run *run, struct batch *batch)
{
    char serial[SERIAL_TEXT_BYTES];
    make_command_serial(run, "close", serial);
    Vsl__V1__CloseLumpRequest *close =
        batch_add_close_lump(batch, run->channel, run->business_date, serial);
    close->ledger_id = run->ledger_id;
    close->lump_id = run->lump_id;
}

/* The answers of the lines from `first` on that had none; the next one. */
static void take_results(
    struct lump_run *run, size_t first, size_t end, const Vsl__V1__SubmitBatchResponse *answer)
{
    size_t next = 0;
    for (size_t i = first; i < end; i++) {
        struct lump_line *line = &run->lines[i];
        if (line->is_answered)
            continue;
        const Vsl__V1__CommandResult *result = answer->results[next++]->result;
        line->outcome = (int)result->outcome;
        line->sequence = result->sequence;
        line->is_replayed = result->replayed != 0;
        if (run->given_lump_id != 0 && result->limit_minor != 0 &&
            result->outcome == VSL__V1__OUTCOME__OUTCOME_SOURCE_ORDER_USED) {
            line->sequence = result->limit_minor;
            run->used++;
            continue;
        }
        line->is_answered = true;
        lump_count(run, line);
        if (is_refusal(result) && run->refused <= LUMP_REFUSALS_SHOWN_MAX) {
            char what[64];
            snprintf(what, sizeof what, "line %u", line->line);
            tell_refusal(run, what, result);
        }
    }
}

/* Of source orders that were used under another key, what has used them. */
static void ask_used(struct context *context, struct lump_run *run, size_t first, size_t end)
{
    for (size_t i = first; i < end && run->used > 0; i++) {
        if (run->lines[i].is_answered)
            continue;
        lump_mark_same(context, run, &run->lines[i]);
        lump_count_known(run, &run->lines[i]);
        run->used--;
    }
}

static void show_lines(struct lump_run *run, size_t done, int64_t started_us)
{
    if (!progress_is_due(&run->progress))
        return;
    double seconds = (double)(clock_monotonic_us() - started_us) / 1e6;
    progress_show(&run->progress, "lump %" PRId64 ": %zu of %zu lines (%.0f %%), %.0f/s",
        run->lump_id, done, run->count, 100.0 * (double)done / (double)run->count,
        seconds > 0 ? (double)done / seconds : 0);
}

/* Whether a smaller batch is worth a try. What was sent goes on at the server, and is answered
 * under its keys. */
static bool try_smaller(const struct context *context, struct lump_run *run, size_t sent)
{
    size_t most = sent < run->batch_lines_max ? sent : run->batch_lines_max;
    if (run->is_all_or_none || context->rpc.fault.status != GRPC_DEADLINE_EXCEEDED ||
        most / 2 < BATCH_LINES_MIN)
        return false;
    run->batch_lines_max = most / 2;
    progress_clear(&run->progress);
    fprintf(stderr, "vslctl: the server took too long; going on with %zu lines at a time\n",
        run->batch_lines_max);
    return true;
}

/* How many have an answer; they are counted. */
static size_t count_all_known(struct lump_run *run)
{
    size_t known = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (!run->lines[i].is_answered)
            continue;
        lump_count_known(run, &run->lines[i]);
        known++;
    }
    return known;
}

/* They go in one batch, also the second time: known are all of them, or none. */
static void forget_part(struct lump_run *run)
{
    size_t known = 0;
    for (size_t i = 0; i < run->count; i++)
        known += run->lines[i].is_answered;
    for (size_t i = 0; i < run->count && known < run->count; i++)
        run->lines[i].is_answered = false;
}

static int send_lines(struct context *context, struct lump_run *run, struct batch *batch)
{
    int64_t started_us = clock_monotonic_us();
    if (run->is_all_or_none)
        forget_part(run);
    size_t known = count_all_known(run);
    for (size_t first = 0; known < run->count && first < run->count;) {
        size_t end = add_lines(run, batch, first);
        size_t sent = batch_count(batch);
        if (run->is_all_or_none)
            add_close(run, batch);
        if (sent == 0)
            break;
        const Vsl__V1__SubmitBatchResponse *answer = submit(context, batch);
        if (!answer && try_smaller(context, run, sent))
            continue;
        if (!answer)
            return submit_fault(context, run);
        take_results(run, first, end, answer);
        if (run->is_all_or_none) {
            const Vsl__V1__CommandResult *close = answer->results[sent]->result;
            run->is_closed = !is_refusal(close);
            if (!run->is_closed && run->refused == 0 && run->used == 0)
                tell_refusal(run, "the lump is not closed", close);
        }
        ask_used(context, run, first, end); /* which ends the life of the answer */
        first = end;
        show_lines(run, first, started_us);
    }
    progress_clear(&run->progress);
    return EXIT_ACCEPTED;
}

static int close_lump(struct context *context, struct lump_run *run, struct batch *batch)
{
    batch_begin(batch);
    add_close(run, batch);
    const Vsl__V1__SubmitBatchResponse *answer = submit(context, batch);
    if (!answer)
        return submit_fault(context, run);
    const Vsl__V1__CommandResult *result = answer->results[0]->result;
    run->is_closed = !is_refusal(result);
    run->needs_approval |= result->outcome == VSL__V1__OUTCOME__OUTCOME_APPROVAL_NEEDED;
    if (!run->is_closed)
        tell_refusal(run, "the lump is not closed", result);
    return EXIT_ACCEPTED;
}

/* ---- the run ---- */

static int make_keys(struct context *context, struct lump_run *run, int64_t *ret_begun)
{
    char serial[SERIAL_TEXT_BYTES];
    char *channel = (char *)(uintptr_t)run->channel;
    Vsl__V1__RequestKey key;
    *ret_begun = 0;
    if (!run->serial)
        run->serial = run->made_serial;
    if (run->business_date != 0)
        return 0;
    /* Each day's keys are new: what is booked is known by its source order. */
    run->business_date = context->ledger.accounting_date;
    if (run->given_lump_id != 0)
        return 0;
    make_command_serial(run, "open", serial);
    vsl__v1__request_key__init(&key);
    key.channel = channel;
    key.serial = serial;
    return key_date_find(context, run->ledger_id, &key, &run->business_date, ret_begun);
}

static int send_all(
    struct context *context, struct lump_run *run, struct batch *batch, struct durable_file *file)
{
    lump_mark_known(context, run);
    int status = send_lines(context, run, batch);
    bool is_over = run->is_all_or_none || (run->given_lump_id != 0 && run->is_closed);
    if (status == EXIT_ACCEPTED && run->refused == 0 && !is_over)
        status = close_lump(context, run, batch);
    if (status != EXIT_ACCEPTED) {
        fprintf(stderr, "Send the same file again: its keys are made of it, so each line takes "
                        "effect once.\n");
        return status;
    }
    if (lump_result_commit(run, file) != 0)
        return EXIT_UNKNOWN;
    lump_ask_state(context, run);
    lump_say_after(run, file->path);
    return run->is_closed && run->refused == 0 ? EXIT_ACCEPTED : EXIT_REFUSED;
}

/* What cannot be written is known before anything is sent. */
static int open_and_send(struct context *context, struct lump_run *run, struct batch *batch)
{
    struct durable_file file = {0};
    if (!run->is_dry_run && lump_result_open(run, &file) < 0)
        return EXIT_USAGE;
    int status = run->given_lump_id ? EXIT_ACCEPTED : open_lump(context, run, batch);
    if (status == EXIT_ACCEPTED && !run->is_dry_run)
        status = send_all(context, run, batch, &file);
    else if (status == EXIT_ACCEPTED)
        printf(run->given_lump_id
                   ? "The file is that of the lump. Nothing was sent.\n"
                   : "The lump can be opened. Nothing was sent but that question.\n");
    durable_abandon(&file);
    return status;
}

static int run_lines(struct context *context, struct lump_run *run)
{
    static struct batch batch;
    int64_t begun;
    int status;
    if (lump_result_check_name(run) != 0)
        return EXIT_USAGE;
    if (context_open(context) != 0)
        return EXIT_USAGE;
    if (context_ask_ledger(context, run->ledger_id) != 0)
        return context_fault_status(context);
    if (lump_read(context, run) != 0)
        return EXIT_USAGE;
    if (run->given_lump_id != 0 && lump_take_up(context, run, &status) != 0)
        return status;
    if (make_keys(context, run, &begun) != 0)
        return context_fault_status(context);
    if (lump_say_before(context, run, begun) != 0)
        return EXIT_USAGE;
    progress_start(&run->progress, run->options->is_json);
    batch_init(&batch);
    status = check_size(run, &batch) == 0 ? open_and_send(context, run, &batch) : EXIT_USAGE;
    batch_finish(&batch);
    return status;
}

static const struct argp_option lump_options[] = {
    {"ledger", OPTION_LEDGER, "ID", 0, "The ledger (default: $VSL_LEDGER)", 1},
    {"suspense", OPTION_SUSPENSE, "ID", 0, "The item of suspense that the sum is", 1},
    {"lump", OPTION_LUMP, "ID", 0,
        "Go on with this lump, which is open, instead of opening one: under keys of today", 1},
    {"all-or-nothing", OPTION_ALL_OR_NOTHING, 0, 0,
        "Book all lines or none; at most 7,999 (default: line by line)", 1},
    {"dry-run", OPTION_DRY_RUN, 0, 0, "Look at the file and ask whether the lump can be opened", 1},
    {"result", OPTION_RESULT, "FILE", 0, "Where the results go (default: FILE.result.csv)", 1},
    {"channel", OPTION_CHANNEL, "TEXT", 0, "Who asks (default " CHANNEL_DEFAULT ")", 2},
    {"business-date", OPTION_BUSINESS_DATE, "YYYY-MM-DD", 0,
        "The caller's day (default: the ledger's accounting date when the file was first sent)", 2},
    {"serial", OPTION_SERIAL, "TEXT", 0,
        "Serials are TEXT-open, TEXT-2, ... (default: made of the file); with --business-date", 2},
    {0},
};

static error_t end_of_arguments(struct lump_run *given, struct argp_state *state)
{
    const char *ledger = getenv("VSL_LEDGER");
    if (given->ledger_id == 0 && ledger && !parse_integer(ledger, 1, INT64_MAX, &given->ledger_id))
        argp_error(state, "$VSL_LEDGER must be a ledger's id");
    if (!given->file_name)
        argp_error(state, "the file is missing");
    if (given->ledger_id == 0)
        argp_error(state, "--ledger is missing");
    if (given->suspense_id == 0 && given->given_lump_id == 0)
        argp_error(state, "--suspense is missing: the item that the sum waits as, see 'vslctl "
                          "suspense list'");
    if (given->is_all_or_none && given->given_lump_id != 0)
        argp_error(state, "--all-or-nothing goes without --lump, which is what it was opened as");
    if (given->serial && !given->business_date)
        argp_error(state, "--serial needs --business-date: on another day the same serial is "
                          "another request");
    return 0;
}

static error_t parse_lump(int key, char *argument, struct argp_state *state)
{
    struct lump_run *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = given->options;
        return 0;
    case OPTION_LEDGER:
        if (!parse_integer(argument, 1, INT64_MAX, &given->ledger_id))
            argp_error(state, "--ledger takes a whole number, 1 or more");
        return 0;
    case OPTION_SUSPENSE:
        if (!parse_integer(argument, 1, INT64_MAX, &given->suspense_id))
            argp_error(state, "--suspense takes a whole number, 1 or more");
        return 0;
    case OPTION_LUMP:
        if (!parse_integer(argument, 1, INT64_MAX, &given->given_lump_id))
            argp_error(state, "--lump takes a whole number, 1 or more");
        return 0;
    case OPTION_ALL_OR_NOTHING:
        given->is_all_or_none = true;
        return 0;
    case OPTION_DRY_RUN:
        given->is_dry_run = true;
        return 0;
    case OPTION_RESULT:
        given->result_name = argument;
        return 0;
    case OPTION_CHANNEL:
        given->channel = argument;
        return 0;
    case OPTION_BUSINESS_DATE:
        if (!parse_date(argument, &given->business_date))
            argp_error(state, "--business-date takes a day as YYYY-MM-DD");
        return 0;
    case OPTION_SERIAL:
        if (strlen(argument) > SERIAL_TEXT_BYTES - 12)
            argp_error(state, "--serial takes at most 21 characters: a line's number comes behind");
        given->serial = argument;
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

int run_lump(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Output:", 90}, {0}};
    static const struct argp argp = {.options = lump_options,
        .parser = parse_lump,
        .args_doc = "FILE.csv",
        .children = children,
        .doc =
            "Allocate a sum that came for many, by the lines of a file: opens a lump for the item "
            "of suspense, sends the lines in batches of 8,000, and closes it when count and total "
            "agree. The whole file is looked at before anything is sent.\v"
            "Examples:\n"
            "  vslctl suspense list --ledger 1\n"
            "  vslctl lump --ledger 1 --suspense 7 lines.csv\n"
            "  vslctl lump --ledger 1 --suspense 7 --all-or-nothing lines.csv\n"
            "  vslctl lump --ledger 1 --lump 3 lines.csv\n"
            "\n"
            "The first line of the file names its columns:\n"
            "\n"
            "  source_order,account_id,receiving_number,amount,payer_name,payer_account,payer_bank,"
            "order_number,remark\n"
            "  A-4711,,6220000000091,12.50,Li Ming,6222001,,O-17,\n"
            "  A-4712,9,,100.00,,,,,thank you\n"
            "\n"
            "source_order is the number that the line has where it comes from, used once in the\n"
            "ledger; either account_id or receiving_number says who is paid; amounts are in the\n"
            "currency's major unit; the rest may be empty.\n"
            "\n"
            "The keys of the commands are made of the file and told before anything is sent. So a\n"
            "run that was interrupted anywhere is repeated by giving the same file again: each "
            "line\n"
            "takes effect once, also days later. A line that is refused stays refused under its "
            "key:\n"
            "the lump stays open then; send the line right with 'vslctl lump line', and close it\n"
            "with 'vslctl lump close'. 'vslctl lump list' and 'lump show' tell how far each is,\n"
            "'lump cancel' gives up one without lines, 'suspense undo' takes a line back. With a\n"
            "line that can never be booked, two persons end it: 'lump close --as-it-stands "
            "--propose'.\n"
            "\n"
            "What the lump has is read in one go and not sent again.\n"
            "\n"
            "A file can be gone on with as long as the day of its keys is in the ledger's key "
            "window\n"
            "(key_window_dates, mostly 3 accounting dates). Later, for 100 days, what was answered "
            "is\n"
            "answered as it was, and lines that were not sent are refused with key_window_closed: "
            "then\n"
            "go on with --lump and the whole file. Its keys are of the day; a line whose source "
            "order\n"
            "the lump has booked counts as done when payee and amount agree, and is\n"
            "source_order_used when they do not. What was refused is tried again, once a day. To "
            "begin\n"
            "anew (the lump was not opened, or was cancelled): --serial with --business-date.\n"
            "\n"
            "Exit status: 0 all accepted and closed; 1 something was refused, the lump is open or "
            "was\n"
            "not opened; 2 the file or the options are wrong, nothing was sent; 3 the server could "
            "not\n"
            "be asked; 4 it is not known what became of some lines: send the file again.\n"};
    struct lump_run given = {
        .options = common, .channel = CHANNEL_DEFAULT, .batch_lines_max = BATCH_COMMANDS_MAX};
    parse_arguments(&argp, "vslctl lump", count, arguments, &given);
    struct context context = {.options = common};
    int status = run_lines(&context, &given);
    free(given.lines);
    free(given.by_order);
    arena_finish(&given.texts);
    context_finish(&context);
    return status;
}
