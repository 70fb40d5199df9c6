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
#include "client/durable_file.h"
#include "text/format.h"

#include "vsl/v1/lump.pb-c.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CHANNEL_DEFAULT "vslctl"
/* Below the server's ceiling for a message, 4 MiB. */
#define REQUEST_BYTES_MAX ((size_t)3500000)
#define REFUSALS_SHOWN_MAX 20

enum {
    OPTION_LEDGER = 0x5800,
    OPTION_SUSPENSE,
    OPTION_ALL_OR_NOTHING,
    OPTION_DRY_RUN,
    OPTION_RESULT,
    OPTION_CHANNEL,
    OPTION_BUSINESS_DATE,
    OPTION_SERIAL,
};

/* ---- the result file ---- */

/* -1 when the name is too long. */
static int name_result(const struct lump_run *run, const char *behind, char ret_name[PATH_MAX])
{
    int length = run->result_name
                     ? snprintf(ret_name, PATH_MAX, "%s%s", run->result_name, behind)
                     : snprintf(ret_name, PATH_MAX, "%s.result.csv%s", run->file_name, behind);
    return length < 0 || length >= PATH_MAX ? -1 : 0;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat left;
    struct stat right;
    if (strcmp(a, b) == 0)
        return true;
    return stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_dev == right.st_dev &&
           left.st_ino == right.st_ino;
}

/* Neither the results nor what they are first written to takes the place of the lines. */
static int check_result_name(const struct lump_run *run)
{
    char name[PATH_MAX];
    static const char *const endings[] = {"", ".partial"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (name_result(run, endings[i], name) != 0) {
            fprintf(stderr, "vslctl: the name of the result file is too long\n");
            return -1;
        }
        if (is_same_file(name, run->file_name)) {
            fprintf(stderr,
                "vslctl: --result: '%s' is the file of the lines, which the results would replace; "
                "give another name; nothing was sent\n",
                name);
            return -1;
        }
    }
    return 0;
}

/* There is the old one or the new one, never half of one. A run that is cut leaves the old one: the
 * next has the results of all lines again. */
static int result_fault(const char *name)
{
    fprintf(stderr, "vslctl: could not write '%s': %s\n", name, durable_reason(errno));
    return -1;
}

static int result_open(const struct lump_run *run, struct durable_file *ret_file)
{
    char name[PATH_MAX];
    if (name_result(run, "", name) != 0) {
        errno = ENAMETOOLONG;
        return result_fault(run->file_name);
    }
    if (durable_begin(ret_file, name, 0666) != 0)
        return result_fault(name);
    fprintf(ret_file->stream, "line,source_order,sequence,outcome,replayed\n");
    return 0;
}

static void result_add(
    FILE *out, const struct lump_line *line, const Vsl__V1__CommandResult *result)
{
    char outcome[FORMAT_BYTES_MAX];
    const char *order = line->fields[LUMP_SOURCE_ORDER];
    format_enum(&vsl__v1__outcome__descriptor, result->outcome, outcome);
    fprintf(out, "%u,\"", line->line);
    for (; *order; order++)
        fprintf(out, *order == '"' ? "\"\"" : "%c", *order);
    fprintf(out, "\",%" PRId64 ",%s,%d\n", result->sequence, outcome, result->replayed);
}

/* ---- sending ---- */

static void make_command_serial(
    const struct lump_run *run, const char *what, char ret_serial[SERIAL_TEXT_BYTES])
{
    int length = snprintf(ret_serial, SERIAL_TEXT_BYTES, "%.40s-%s", run->serial, what);
    CHECK(length > 0 && length < SERIAL_TEXT_BYTES);
}

static void make_line_serial(
    const struct lump_run *run, const struct lump_line *line, char ret_serial[SERIAL_TEXT_BYTES])
{
    char number[16];
    snprintf(number, sizeof number, "%u", line->line);
    make_command_serial(run, number, ret_serial);
}

static Vsl__V1__SubmitBatchResponse *submit(struct context *context, struct batch *batch)
{
    rpc_reset(&context->rpc);
    Vsl__V1__SubmitBatchResponse *answer = (Vsl__V1__SubmitBatchResponse *)context_call(
        context, &vsl__v1__funds_service__descriptor, "SubmitBatch", &batch->message.base);
    bool is_whole = answer && answer->n_results == batch_count(batch);
    for (size_t i = 0; is_whole && i < answer->n_results; i++)
        is_whole = answer->results[i]->result != NULL;
    if (!answer || is_whole)
        return answer;
    fprintf(stderr, "vslctl: the answer is not complete\n");
    rpc_fault_finish(&context->rpc.fault);
    context->rpc.fault.status = GRPC_INTERNAL;
    return NULL;
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
        return context_fault_status(context);
    const Vsl__V1__CommandResult *result = answer->results[0]->result;
    if (is_refusal(result)) {
        tell_refusal(run, "the lump is not opened", result);
        if (result->replayed)
            lump_say_anew(run);
        return EXIT_REFUSED;
    }
    run->lump_id = answer->results[0]->subject_id;
    return EXIT_ACCEPTED;
}

/* Adds lines from `first` on, as many as one request takes; the first that is not in. */
static size_t add_lines(struct lump_run *run, struct batch *batch, size_t first)
{
    size_t bytes = 0;
    size_t most = BATCH_COMMANDS_MAX - (run->is_all_or_none ? 1 : 0);
    size_t i = first;
    batch_begin(batch);
    batch->message.atomic = run->is_all_or_none;
    while (i < run->count && batch_count(batch) < most && bytes < REQUEST_BYTES_MAX) {
        char serial[SERIAL_TEXT_BYTES];
        make_line_serial(run, &run->lines[i], serial);
        Vsl__V1__AllocateLineRequest *line =
            batch_add_allocate_line(batch, run->channel, run->business_date, serial);
        lump_fill_line(
            &run->lines[i], run->ledger_id, run->lump_id, batch_party(batch, "", "", ""), line);
        bytes += vsl__v1__allocate_line_request__get_packed_size(line) + 16;
        i++;
    }
    return i;
}

/* Whether what must go in one batch does. Asked before the lump is opened, so by the longest id. */
static int check_size(struct lump_run *run, struct batch *batch)
{
    run->lump_id = INT64_MAX;
    size_t end = run->is_all_or_none ? add_lines(run, batch, 0) : run->count;
    run->lump_id = 0;
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

static void take_results(struct lump_run *run, struct durable_file *file, size_t first,
    size_t count, const Vsl__V1__SubmitBatchResponse *answer)
{
    for (size_t i = 0; i < count; i++) {
        const struct lump_line *line = &run->lines[first + i];
        const Vsl__V1__CommandResult *result = answer->results[i]->result;
        char what[64];
        result_add(file->stream, line, result);
        if (!is_refusal(result)) {
            run->accepted++;
            run->replayed += result->replayed != 0;
            continue;
        }
        run->needs_approval |= result->outcome == VSL__V1__OUTCOME__OUTCOME_APPROVAL_NEEDED;
        snprintf(what, sizeof what, "line %u", line->line);
        if (run->refused++ < REFUSALS_SHOWN_MAX)
            tell_refusal(run, what, result);
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

static int send_lines(
    struct context *context, struct lump_run *run, struct batch *batch, struct durable_file *file)
{
    int64_t started_us = clock_monotonic_us();
    for (size_t first = 0; first < run->count;) {
        size_t end = add_lines(run, batch, first);
        if (run->is_all_or_none)
            add_close(run, batch);
        const Vsl__V1__SubmitBatchResponse *answer = submit(context, batch);
        if (!answer)
            return context_fault_status(context);
        take_results(run, file, first, end - first, answer);
        if (run->is_all_or_none) {
            const Vsl__V1__CommandResult *close = answer->results[end - first]->result;
            run->is_closed = !is_refusal(close);
            if (!run->is_closed && run->refused == 0)
                tell_refusal(run, "the lump is not closed", close);
        }
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
        return context_fault_status(context);
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
    make_command_serial(run, "open", serial);
    vsl__v1__request_key__init(&key);
    key.channel = channel;
    key.serial = serial;
    return key_date_find(context, run->ledger_id, &key, &run->business_date, ret_begun);
}

static int send_all(
    struct context *context, struct lump_run *run, struct batch *batch, struct durable_file *file)
{
    int status = send_lines(context, run, batch, file);
    if (status == EXIT_ACCEPTED && run->refused == 0 && !run->is_all_or_none)
        status = close_lump(context, run, batch);
    if (status != EXIT_ACCEPTED) {
        fprintf(stderr, "Send the same file again: its keys are made of it, so each line takes "
                        "effect once.\n");
        return status;
    }
    if (durable_commit(file) != 0) {
        result_fault(file->path);
        return EXIT_UNKNOWN;
    }
    lump_ask_state(context, run);
    lump_say_after(run, file->path);
    return run->is_closed && run->refused == 0 ? EXIT_ACCEPTED : EXIT_REFUSED;
}

/* What cannot be written is known before anything is sent. */
static int open_and_send(struct context *context, struct lump_run *run, struct batch *batch)
{
    struct durable_file file = {0};
    if (!run->is_dry_run && result_open(run, &file) < 0)
        return EXIT_USAGE;
    int status = open_lump(context, run, batch);
    if (status == EXIT_ACCEPTED && !run->is_dry_run)
        status = send_all(context, run, batch, &file);
    else if (status == EXIT_ACCEPTED)
        printf("The lump can be opened. Nothing was sent but that question.\n");
    durable_abandon(&file);
    return status;
}

static int run_lines(struct context *context, struct lump_run *run)
{
    static struct batch batch;
    int64_t begun;
    if (check_result_name(run) != 0)
        return EXIT_USAGE;
    if (context_open(context) != 0)
        return EXIT_USAGE;
    if (context_ask_ledger(context, run->ledger_id) != 0)
        return context_fault_status(context);
    if (lump_read(context, run) != 0)
        return EXIT_USAGE;
    if (make_keys(context, run, &begun) != 0)
        return context_fault_status(context);
    if (lump_say_before(context, run, begun) != 0)
        return EXIT_USAGE;
    progress_start(&run->progress, run->options->is_json);
    batch_init(&batch);
    int status = check_size(run, &batch) == 0 ? open_and_send(context, run, &batch) : EXIT_USAGE;
    batch_finish(&batch);
    return status;
}

static const struct argp_option lump_options[] = {
    {"ledger", OPTION_LEDGER, "ID", 0, "The ledger (default: $VSL_LEDGER)", 1},
    {"suspense", OPTION_SUSPENSE, "ID", 0, "The item of suspense that the sum is", 1},
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
    if (given->suspense_id == 0)
        argp_error(state, "--suspense is missing: the item that the sum waits as, see 'vslctl "
                          "suspense list'");
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
            "A file can be gone on with as long as the day of its keys is in the ledger's key "
            "window\n"
            "(key_window_dates, mostly 3 accounting dates). Later, for 100 days, what was answered "
            "is\n"
            "answered as it was, and lines that were not sent are refused with key_window_closed: "
            "send\n"
            "these with 'vslctl lump line'. After that it is a new file, and a line that was "
            "booked "
            "is\n"
            "refused with source_order_used. To begin anew (the lump was not opened, or was "
            "cancelled):\n"
            "--serial with --business-date.\n"
            "\n"
            "Exit status: 0 all accepted and closed; 1 something was refused, the lump is open or "
            "was\n"
            "not opened; 2 the file or the options are wrong, nothing was sent; 3 the server could "
            "not\n"
            "be asked; 4 it is not known what became of some lines: send the file again.\n"};
    struct lump_run given = {.options = common, .channel = CHANNEL_DEFAULT};
    parse_arguments(&argp, "vslctl lump", count, arguments, &given);
    struct context context = {.options = common};
    int status = run_lines(&context, &given);
    free(given.lines);
    arena_finish(&given.texts);
    context_finish(&context);
    return status;
}
