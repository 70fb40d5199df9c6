/* batch.c: vslctl batch: commands in JSON, in bulk.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/batch_parts.h"

#include "base/check.h"
#include "ceilings.h"
#include "text/fields.h"
#include "text/format.h"
#include "text/json.h"
#include "text/table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Below the server's ceiling for a message, 4 MiB. */
#define REQUEST_BYTES_MAX ((size_t)3500000)

enum {
    OPTION_ATOMIC = 0x5000,
    OPTION_DRY_RUN,
};

/* ---- what became of the commands ---- */

enum line_state {
    LINE_ACCEPTED,
    LINE_REFUSED,
    LINE_FAILED,   /* its request was refused as a whole: nothing was done */
    LINE_UNKNOWN,  /* its request was sent and not answered */
    LINE_NOT_SENT, /* one before it failed */
};

static const char *const state_names[] = {"accepted", "refused", "failed", "unknown", "not_sent"};

/* Every command of the file has its line of JSON, whatever became of it. `result` may be NULL. */
static void print_json(const struct batch_run *run, size_t index, enum line_state state,
    const Vsl__V1__BatchItemResult *result)
{
    const struct batch_line *line = &run->lines[index];
    int64_t sequence = result && result->result ? result->result->sequence : 0;
    json_t *json = json_pack("{s:I, s:i, s:s, s:s, s:s, s:i, s:s, s:o}", "command",
        (json_int_t)index + 1, "line", line->line, "kind", line->kind, "state", state_names[state],
        "channel", line->key->channel, "business_date", (int)line->key->business_date, "serial",
        line->key->serial, "sequence", json_sprintf("%" PRId64, sequence));
    CHECK(json != NULL);
    if (result) {
        json_t *rest = json_of_message(&result->base);
        CHECK(json_object_update(json, rest) == 0);
        json_decref(rest);
    }
    json_dumpf(json, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
    printf("\n");
    json_decref(json);
}

static void add_row(struct table *table, const struct batch_run *run, size_t index,
    enum line_state state, const Vsl__V1__BatchItemResult *item)
{
    const struct batch_line *line = &run->lines[index];
    const Vsl__V1__CommandResult *result = item ? item->result : NULL;
    char outcome[FORMAT_BYTES_MAX] = "";
    if (result)
        format_enum(&vsl__v1__outcome__descriptor, result->outcome, outcome);
    else
        snprintf(outcome, sizeof outcome, "%s", state_names[state]);
    table_cell(table, "%zu", index + 1);
    table_cell(table, "%d", line->line);
    table_cell(table, "%s", line->kind);
    table_cell(table, "%s%s", outcome, result && result->replayed ? " (replayed)" : "");
    table_cell(table, "%" PRId64, result ? result->sequence : 0);
    table_cell(table, "%" PRId64, item ? item->subject_id : 0);
    table_cell(table, "%" PRId64, result ? result->fee_minor : 0);
    table_cell(table, "%s", item ? item->receiving_number : "");
    table_cell(table, "%s", line->key->serial);
    table_cell(table, "%s", result ? result->text : "");
}

static void tell_line(struct table *table, const struct batch_run *run, size_t index,
    enum line_state state, const Vsl__V1__BatchItemResult *result)
{
    if (run->options->is_json)
        print_json(run, index, state, result);
    else
        add_row(table, run, index, state, result);
}

/* ---- sending ---- */

/* How many of the commands go into one request. */
static size_t chunk_of(const struct batch_line *lines, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += vsl__v1__batch_item__get_packed_size(lines[i].item) + 8;
        if (i == BATCH_COMMANDS_MAX || (i > 0 && bytes > REQUEST_BYTES_MAX))
            return i;
    }
    return count;
}

/* The server names an item by its place in its request; whoever wrote the file looks for a line. */
static void tell_place(
    const struct context *context, const struct batch_run *run, size_t first, size_t count)
{
    static const char name[] = "items[";
    struct status_details details;
    if (context->options->is_json)
        return;
    status_details_decode(
        context->rpc.fault.details.bytes, context->rpc.fault.details.length, &details);
    for (size_t i = 0; i < details.violation_count; i++) {
        struct text field = details.violations[i].field;
        char number[24] = "";
        int64_t index;
        if (field.length <= strlen(name) || memcmp(field.bytes, name, strlen(name)) != 0)
            continue;
        snprintf(number, sizeof number, "%.*s", (int)(field.length - strlen(name)),
            field.bytes + strlen(name));
        number[strcspn(number, "]")] = '\0';
        if (parse_integer(number, 0, (int64_t)count - 1, &index))
            fprintf(stderr, "  items[%s] is command %zu, line %d of the file\n", number,
                first + (size_t)index + 1, run->lines[first + (size_t)index].line);
    }
}

/* The call of commands `first` to `first + count` failed: what is known of these and the rest. */
static int tell_failure(struct context *context, const struct batch_run *run, size_t first,
    size_t count, struct table *table)
{
    bool is_unknown = context_may_have_effect(context);
    tell_place(context, run, first, count);
    for (size_t i = first; i < run->count; i++)
        tell_line(table, run, i,
            i >= first + count ? LINE_NOT_SENT
            : is_unknown       ? LINE_UNKNOWN
                               : LINE_FAILED,
            NULL);
    return context_fault_status(context);
}

static void tell_answer(const struct batch_run *run, size_t first,
    const Vsl__V1__SubmitBatchResponse *answer, struct table *table, bool *ret_is_refused)
{
    for (size_t i = 0; i < answer->n_results; i++) {
        const Vsl__V1__CommandResult *result = answer->results[i]->result;
        bool is_refused = (int)result->outcome >= OUTCOME_FIRST_REFUSAL;
        tell_line(
            table, run, first + i, is_refused ? LINE_REFUSED : LINE_ACCEPTED, answer->results[i]);
        *ret_is_refused |= is_refused;
    }
    fflush(stdout);
}

/* An answer without a result for each command says as little as none. */
static bool is_complete(const Vsl__V1__SubmitBatchResponse *answer, size_t count)
{
    bool is_right = answer->n_results == count;
    for (size_t i = 0; is_right && i < count; i++)
        is_right = answer->results[i]->result != NULL;
    return is_right;
}

static int send_lines(struct context *context, const struct batch_run *run, struct table *table)
{
    bool is_refused = false;
    int status = EXIT_ACCEPTED;
    Vsl__V1__BatchItem **items = calloc(run->count, sizeof *items);
    CHECK(items != NULL);
    for (size_t i = 0; i < run->count; i++)
        items[i] = run->lines[i].item;
    for (size_t first = 0; first < run->count && status == EXIT_ACCEPTED;) {
        Vsl__V1__SubmitBatchRequest request;
        vsl__v1__submit_batch_request__init(&request);
        request.items = items + first;
        request.n_items = chunk_of(run->lines + first, run->count - first);
        request.atomic = run->is_atomic;
        request.dry_run = run->is_dry_run;
        rpc_reset(&context->rpc);
        Vsl__V1__SubmitBatchResponse *answer = (Vsl__V1__SubmitBatchResponse *)context_call(
            context, &vsl__v1__funds_service__descriptor, "SubmitBatch", &request.base);
        if (answer && !is_complete(answer, request.n_items)) {
            fprintf(stderr, "vslctl: the answer is not complete\n");
            rpc_fault_finish(&context->rpc.fault);
            context->rpc.fault.status = GRPC_INTERNAL;
            answer = NULL;
        }
        if (answer)
            tell_answer(run, first, answer, table, &is_refused);
        else
            status = tell_failure(context, run, first, request.n_items, table);
        first += request.n_items;
    }
    free(items);
    return status == EXIT_ACCEPTED && is_refused ? EXIT_REFUSED : status;
}

/* ---- the run ---- */

static void begin_table(struct table *table)
{
    table_begin(table);
    table_column(table, "#", TABLE_RIGHT);
    table_column(table, "line", TABLE_RIGHT);
    table_column(table, "command", TABLE_LEFT);
    table_column(table, "outcome", TABLE_LEFT);
    table_column(table, "sequence", TABLE_RIGHT);
    table_column(table, "subject", TABLE_RIGHT);
    table_column(table, "fee (minor)", TABLE_RIGHT);
    table_column(table, "receiving number", TABLE_LEFT);
    table_column(table, "serial", TABLE_LEFT);
    table_column(table, "text", TABLE_LEFT);
}

/* Everything that can be found wrong is found before the first command is sent. */
static int prepare(struct context *context, struct batch_run *run)
{
    int fault = batch_read(context, run);
    if (fault == 0)
        fault = batch_make_serials(context, run);
    if (fault == 0)
        fault = batch_check(run);
    if (fault == 0 && run->is_atomic && chunk_of(run->lines, run->count) < run->count) {
        fprintf(stderr,
            "vslctl: %s: %zu commands are too many for one atomic batch: it takes %d, and "
            "%zu bytes of them\n",
            run->file_name, run->count, BATCH_COMMANDS_MAX, REQUEST_BYTES_MAX);
        return -1;
    }
    if (fault == 0)
        fault = batch_make_dates(context, run);
    if (fault == 0)
        fault = batch_check_distinct(run);
    return fault;
}

static int run(struct context *context, struct batch_run *run)
{
    if (context_open(context) != 0)
        return EXIT_USAGE;
    int fault = prepare(context, run);
    if (fault)
        return fault == -1 ? EXIT_USAGE : context_fault_status(context);
    struct table table;
    begin_table(&table);
    int status = send_lines(context, run, &table);
    if (!run->options->is_json)
        table_print(&table, stdout, true);
    table_finish(&table);
    if (status == EXIT_REFUSED && run->made_serial[0] && !run->is_dry_run)
        fprintf(stderr,
            "What was refused stays refused under its key. To try it again put it into a "
            "file of its own, or give the whole file --serial and --business-date when "
            "all of it was refused.\n");
    if (status == EXIT_UNKNOWN)
        fprintf(stderr, "It is not known what became of the commands that are unknown above.\n");
    if (status > EXIT_REFUSED && run->made_serial[0])
        fprintf(stderr,
            "Send the same file again: its keys are made of it, so each command takes effect "
            "once.\n");
    else if (status > EXIT_REFUSED)
        fprintf(stderr, "Send the same file again with the same keys: each command takes effect "
                        "once.\n");
    return status;
}

static const struct argp_option batch_options[] = {
    {"atomic", OPTION_ATOMIC, 0, 0, "All or none", 1},
    {"dry-run", OPTION_DRY_RUN, 0, 0, "Say what the answers would be; change nothing", 1},
    {0},
};

static error_t parse_batch(int key, char *argument, struct argp_state *state)
{
    struct batch_run *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = given->options;
        state->child_inputs[1] = &given->key;
        return 0;
    case OPTION_ATOMIC:
        given->is_atomic = true;
        return 0;
    case OPTION_DRY_RUN:
        given->is_dry_run = true;
        return 0;
    case ARGP_KEY_ARG:
        if (given->file_name)
            argp_error(state, "only one file can be given");
        given->file_name = argument;
        return 0;
    case ARGP_KEY_END:
        if (!given->file_name)
            argp_error(state, "the file is missing; '-' is standard input");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int run_batch(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&common_argp, 0, "Output:", 90}, {&key_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.options = batch_options,
        .parser = parse_batch,
        .args_doc = "FILE",
        .children = children,
        .doc =
            "Send commands from a JSON file in bulk: an array of commands, an object with `items`, "
            "or one command per line. '-' is standard input. The whole file is looked at before "
            "anything is sent.\v"
            "Examples:\n"
            "  vslctl batch --atomic payments.json\n"
            "  echo '{\"pay\": {\"ledger_id\": 1, \"payer_account_id\": 10,\n"
            "      \"payees\": [{\"account_id\": 9, \"amount_minor\": 5800}]}}' | vslctl batch "
            "--dry-run -\n"
            "\n"
            "A command is an object with one field, named as in BatchItem: pay, refund, withdraw,\n"
            "place_hold, confirm_hold, cancel_hold, place_freeze, set_fee_rule and so on; amounts\n"
            "are in minor units, times in microseconds since 1970. Errors name the line of the\n"
            "file on which the command begins.\n"
            "\n"
            "A command without a key gets one that is made of the file's content and the "
            "command's\n"
            "number, with the ledger's accounting date of the first run, which is kept in "
            "FILE.keys;\n"
            "it is told before anything is sent. So an interrupted run is repeated by giving the "
            "same file again: each "
            "command\n"
            "takes effect once, also days later; what had not been carried out when the ledger's "
            "key\n"
            "window has passed (3 accounting dates unless said otherwise) is refused with\n"
            "KEY_WINDOW_CLOSED: put it into a file of its own. To book a file a second time on\n"
            "purpose give it --serial and --business-date.\n"
            "\n"
            "Exit status: 0 all accepted; 1 some refused; 2 the file or the options are wrong,\n"
            "nothing was sent; 3 the server could not be asked, what is not told accepted or "
            "refused\n"
            "was not carried out; 4 it is not known what became of some.\n"};
    struct batch_run given = {.options = common, .key = KEY_OPTIONS_DEFAULT};
    parse_arguments(&argp, "vslctl batch", count, arguments, &given);
    struct context context = {.options = common};
    int status = run(&context, &given);
    free(given.lines);
    context_finish(&context);
    return status;
}
