/* lines.c: a whole that is opened, gets its lines from a file, and is closed: lump or settlement.
 *
 * Three steps: open it, send its lines in batches, close it. Lines of a deny list are only sent.
 * Each command has a key that is made of the file, so a run that was cut anywhere is repeated as a
 * whole: what was done is answered as it was, and the rest is done.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/key_date.h"
#include "vslctl/files/lines_parts.h"

#include "base/check.h"
#include "base/clock.h"
#include "ceilings.h"
#include "client/batch.h"
#include "text/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Below the server's ceiling for a message, 4 MiB. */
#define REQUEST_BYTES_MAX ((size_t)3500000)
/* When the server takes too long for a batch, half of it is tried, down to so many lines. */
#define BATCH_LINES_MIN 125

/* ---- sending ---- */

static void make_command_serial(
    const struct lines_run *run, const char *what, char ret_serial[SERIAL_TEXT_BYTES])
{
    int length = snprintf(ret_serial, SERIAL_TEXT_BYTES, "%.40s-%s", run->key.serial, what);
    CHECK(length > 0 && length < SERIAL_TEXT_BYTES);
}

void lines_make_serial(
    const struct lines_run *run, const struct lines_row *line, char ret_serial[SERIAL_TEXT_BYTES])
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
static int submit_fault(const struct context *context, struct lines_run *run)
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
    struct lines_run *run, const char *what, const Vsl__V1__CommandResult *result)
{
    progress_clear(&run->progress);
    fprintf(stderr, "%s: %s", what, result->text);
    if (result->limit_minor != 0)
        fprintf(stderr, " (%" PRId64 ")", result->limit_minor);
    fprintf(stderr, "\n");
}

static int open_whole(struct context *context, struct lines_run *run, struct batch *batch)
{
    char serial[SERIAL_TEXT_BYTES];
    char what[64];
    make_command_serial(run, "open", serial);
    batch_begin(batch);
    batch->message.dry_run = run->is_dry_run;
    run->kind->add_open(run, batch, serial);
    const Vsl__V1__SubmitBatchResponse *answer = submit(context, batch);
    if (!answer)
        return submit_fault(context, run);
    const Vsl__V1__CommandResult *result = answer->results[0]->result;
    if (is_refusal(result)) {
        snprintf(what, sizeof what, "the %s is not opened", run->kind->noun);
        tell_refusal(run, what, result);
        if (result->replayed)
            lines_say_anew(run);
        return EXIT_REFUSED;
    }
    run->whole_id = answer->results[0]->subject_id;
    run->is_gone_on = result->replayed != 0;
    return EXIT_ACCEPTED;
}

/* Adds lines from `first` on that have no answer yet, as many as one request takes; the first that
 * is not in. */
static size_t add_lines(struct lines_run *run, struct batch *batch, size_t first)
{
    size_t bytes = 0;
    size_t most = run->is_all_or_none ? BATCH_COMMANDS_MAX - 1 : run->batch_lines_max;
    size_t i = first;
    batch_begin(batch);
    batch->message.atomic = run->is_all_or_none;
    while (i < run->count && batch_count(batch) < most && bytes < REQUEST_BYTES_MAX) {
        const struct lines_row *line = &run->lines[i++];
        if (line->is_answered)
            continue;
        char serial[SERIAL_TEXT_BYTES];
        lines_make_serial(run, line, serial);
        const ProtobufCMessage *request =
            run->kind->add_line(run, line, batch, run->key.business_date, serial);
        bytes += protobuf_c_message_get_packed_size(request) + 16;
    }
    return i;
}

/* Whether what must go in one batch does. Asked before it is opened, so by the longest id. */
static int check_size(struct lines_run *run, struct batch *batch)
{
    int64_t whole_id = run->whole_id;
    run->whole_id = INT64_MAX;
    size_t end = run->is_all_or_none ? add_lines(run, batch, 0) : run->count;
    run->whole_id = whole_id;
    if (end == run->count)
        return 0;
    fprintf(stderr,
        "vslctl: %s: --all-or-nothing: the lines take more bytes than one batch (%zu), of %zu "
        "lines the first %zu go into it; shorten their texts, or leave --all-or-nothing away; "
        "nothing was sent\n",
        run->file_name, REQUEST_BYTES_MAX, run->count, end);
    return -1;
}

static void add_close(struct lines_run *run, struct batch *batch)
{
    char serial[SERIAL_TEXT_BYTES];
    make_command_serial(run, "close", serial);
    run->kind->add_close(run, batch, serial);
}

/* Whether a line that is refused may have been booked under another key. */
static bool may_be_same(const struct lines_run *run, const Vsl__V1__CommandResult *result)
{
    return run->kind->mark_same && (run->given_id != 0 || !lines_have_whole(run)) &&
           result->limit_minor != 0 && (int)result->outcome == run->kind->same_outcome;
}

/* The answers of the lines from `first` on that had none; the next one. */
static void take_results(
    struct lines_run *run, size_t first, size_t end, const Vsl__V1__SubmitBatchResponse *answer)
{
    size_t next = 0;
    for (size_t i = first; i < end; i++) {
        struct lines_row *line = &run->lines[i];
        if (line->is_answered)
            continue;
        const Vsl__V1__CommandResult *result = answer->results[next++]->result;
        line->outcome = (int)result->outcome;
        line->sequence = result->sequence;
        line->subject_id = answer->results[next - 1]->subject_id;
        line->is_replayed = result->replayed != 0;
        if (may_be_same(run, result)) {
            line->sequence = result->limit_minor;
            run->used++;
            continue;
        }
        line->is_answered = true;
        lines_count(run, line);
        if (is_refusal(result) && run->refused <= LINES_REFUSALS_SHOWN_MAX) {
            char what[64];
            snprintf(what, sizeof what, "line %u", line->line);
            tell_refusal(run, what, result);
        }
    }
}

/* Of lines that were booked under another key, by what. */
static void ask_used(struct context *context, struct lines_run *run, size_t first, size_t end)
{
    for (size_t i = first; i < end && run->used > 0; i++) {
        if (run->lines[i].is_answered)
            continue;
        run->kind->mark_same(context, run, &run->lines[i]);
        lines_count_known(run, &run->lines[i]);
        run->used--;
    }
}

static void show_lines(struct lines_run *run, size_t done, int64_t started_us)
{
    if (!progress_is_due(&run->progress))
        return;
    double seconds = (double)(clock_monotonic_us() - started_us) / 1e6;
    char number[24] = "";
    if (lines_have_whole(run))
        snprintf(number, sizeof number, " %" PRId64, run->whole_id);
    progress_show(&run->progress, "%s%s: %zu of %zu lines (%.0f %%), %.0f/s", run->kind->noun,
        number, done, run->count, 100.0 * (double)done / (double)run->count,
        seconds > 0 ? (double)done / seconds : 0);
}

/* Whether a smaller batch is worth a try. What was sent goes on at the server, and is answered
 * under its keys. */
static bool try_smaller(const struct context *context, struct lines_run *run, size_t sent)
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
static size_t count_all_known(struct lines_run *run)
{
    size_t known = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (!run->lines[i].is_answered)
            continue;
        lines_count_known(run, &run->lines[i]);
        known++;
    }
    return known;
}

/* They go in one batch, also the second time: known are all of them, or none. */
static void forget_part(struct lines_run *run)
{
    size_t known = 0;
    for (size_t i = 0; i < run->count; i++)
        known += run->lines[i].is_answered;
    for (size_t i = 0; i < run->count && known < run->count; i++)
        run->lines[i].is_answered = false;
}

static void tell_open(struct lines_run *run, const Vsl__V1__CommandResult *result)
{
    char what[64];
    snprintf(what, sizeof what, "the %s is not closed", run->kind->noun);
    tell_refusal(run, what, result);
}

static int send_lines(struct context *context, struct lines_run *run, struct batch *batch)
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
                tell_open(run, close);
        }
        ask_used(context, run, first, end); /* which ends the life of the answer */
        first = end;
        show_lines(run, first, started_us);
    }
    progress_clear(&run->progress);
    return EXIT_ACCEPTED;
}

static int close_whole(struct context *context, struct lines_run *run, struct batch *batch)
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
        tell_open(run, result);
    return EXIT_ACCEPTED;
}

/* ---- the run ---- */

static int make_keys(struct context *context, struct lines_run *run)
{
    char serial[SERIAL_TEXT_BYTES];
    char *channel = (char *)(uintptr_t)run->key.channel;
    Vsl__V1__RequestKey key;
    if (!run->key.serial)
        run->key.serial = run->made_serial;
    if (run->key.business_date != 0)
        return 0;
    /* Each day's keys are new: what is booked is known by its source order. */
    run->key.business_date = context->ledger.accounting_date;
    if (run->given_id != 0)
        return 0;
    if (lines_have_whole(run))
        make_command_serial(run, "open", serial);
    else
        lines_make_serial(run, &run->lines[0], serial);
    vsl__v1__request_key__init(&key);
    key.channel = channel;
    key.serial = serial;
    return key_date_find(context, run->file_name, !run->is_dry_run, run->ledger_id, &key,
        &run->key.business_date, &run->begun_sequence);
}

static int say_again(int status)
{
    fprintf(stderr, "Send the same file again: its keys are made of it, so each line takes effect "
                    "once.\n");
    return status;
}

static int send_all(
    struct context *context, struct lines_run *run, struct batch *batch, struct durable_file *file)
{
    if (run->is_gone_on && run->kind->mark_known(context, run) != 0) {
        fprintf(stderr, "vslctl: nothing was sent\n");
        return EXIT_TRANSPORT;
    }
    int status = send_lines(context, run, batch);
    bool is_over =
        !lines_have_whole(run) || run->is_all_or_none || (run->given_id != 0 && run->is_closed);
    if (status == EXIT_ACCEPTED && run->refused == 0 && !is_over)
        status = close_whole(context, run, batch);
    if (status != EXIT_ACCEPTED)
        return say_again(status);
    if (lines_result_commit(run, file) != 0)
        return EXIT_UNKNOWN;
    if (!lines_have_whole(run)) {
        lines_say_after(run, file->path);
        return run->refused == 0 ? EXIT_ACCEPTED : EXIT_REFUSED;
    }
    run->status = run->kind->ask_status(context, run);
    run->is_closed = run->status != 0 ? run->status == LINES_CLOSED : run->is_closed;
    lines_say_after(run, file->path);
    return run->is_closed && run->refused == 0 ? EXIT_ACCEPTED : EXIT_REFUSED;
}

/* What cannot be written is known before anything is sent. */
static int open_and_send(struct context *context, struct lines_run *run, struct batch *batch)
{
    struct durable_file file = {0};
    if (!run->is_dry_run && lines_result_open(run, &file) < 0)
        return EXIT_USAGE;
    int status = EXIT_ACCEPTED;
    if (!lines_have_whole(run))
        run->is_gone_on = run->begun_sequence != 0;
    else if (!run->given_id)
        status = open_whole(context, run, batch);
    if (status == EXIT_ACCEPTED && !run->is_dry_run)
        status = send_all(context, run, batch, &file);
    else if (status == EXIT_ACCEPTED && !lines_have_whole(run))
        printf("The file can be loaded. Nothing was sent.\n");
    else if (status == EXIT_ACCEPTED)
        printf(run->given_id ? "The file is that of the %s. Nothing was sent.\n"
                             : "The %s can be opened. Nothing was sent but that question.\n",
            run->kind->noun);
    else if (status == EXIT_UNKNOWN && !run->is_dry_run)
        say_again(status);
    durable_abandon(&file);
    return status;
}

static int run_file(struct context *context, struct lines_run *run, struct batch *batch)
{
    int status;
    if (lines_result_check_name(run) != 0)
        return EXIT_USAGE;
    if (context_open(context) != 0)
        return EXIT_USAGE;
    if (context_ask_ledger(context, run->ledger_id) != 0)
        return context_fault_status(context);
    if (lines_read(context, run, batch) != 0)
        return EXIT_USAGE;
    if (run->given_id != 0 && run->kind->take_up(context, run, &status) != 0)
        return status;
    if (make_keys(context, run) != 0)
        return context_fault_status(context);
    if (lines_say_before(context, run) != 0)
        return EXIT_USAGE;
    progress_start(&run->progress, run->options->is_json);
    status = check_size(run, batch) == 0 ? open_and_send(context, run, batch) : EXIT_USAGE;
    return status;
}

int lines_send_file(struct lines_run *run)
{
    static struct batch batch;
    struct context context = {.options = run->options};
    batch_init(&batch);
    int status = run_file(&context, run, &batch);
    batch_finish(&batch);
    free(run->lines);
    free(run->sorted);
    arena_finish(&run->texts);
    context_finish(&context);
    return status;
}
