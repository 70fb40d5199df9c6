/* batch.c: vslctl batch: commands in JSON, in bulk.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/batch.h"

#include "base/check.h"
#include "vslctl/batch_file.h"
#include "vslctl/fields.h"
#include "vslctl/format.h"
#include "vslctl/json.h"
#include "vslctl/table.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/event.pb-c.h"
#include "vsl/v1/journal.pb-c.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Below the server's ceiling for a message, 4 MiB. */
#define REQUEST_BYTES_MAX ((size_t)3500000)
#define CHANNEL_DEFAULT "vslctl"

enum {
    OPTION_ATOMIC = 0x5000,
    OPTION_DRY_RUN,
    OPTION_CHANNEL,
    OPTION_BUSINESS_DATE,
    OPTION_SERIAL,
};

struct arguments {
    struct common_options *options;
    const char *file;
    bool is_atomic;
    bool is_dry_run;
    const char *channel;
    int32_t business_date;
    const char *serial;
    char new_serial[SERIAL_TEXT_BYTES];
};

/* ---- keys ---- */

/* Fills the key of a command that has none: 0, -1 usage, -2 the server could not be asked. */
static int fill_key(struct context *context, struct arguments *given, ProtobufCMessage *request,
    size_t number, int line)
{
    const ProtobufCFieldDescriptor *key_field = field_find(request->descriptor, "key");
    if (!key_field || field_is_set(request, key_field))
        return 0;
    const ProtobufCFieldDescriptor *first =
        field_find(request->descriptor, "first_accounting_date");
    const ProtobufCFieldDescriptor *ledger = field_find(request->descriptor, "ledger_id");
    int32_t date = given->business_date;
    if (!date && first)
        date = (int32_t)field_integer(first, field_value(request, first, 0));
    if (!date) {
        int64_t ledger_id = field_integer(ledger, field_value(request, ledger, 0));
        if (ledger_id <= 0) {
            fprintf(stderr, "vslctl: command %zu (line %d): has no ledger_id\n", number, line);
            return -1;
        }
        if (context_ask_ledger(context, ledger_id) != 0)
            return -2;
        date = context->ledger.accounting_date;
    }
    char serial[64];
    int length = snprintf(serial, sizeof serial, "%s-%zu", given->serial, number);
    if (length < 0 || (size_t)length >= SERIAL_TEXT_BYTES) {
        fprintf(stderr, "vslctl: the serial '%s' is too long: 32 characters at most\n", serial);
        return -1;
    }
    Vsl__V1__RequestKey *key =
        (Vsl__V1__RequestKey *)message_new(&vsl__v1__request_key__descriptor, &context->arena);
    key->channel = message_text(&context->arena, given->channel, strlen(given->channel));
    key->serial = message_text(&context->arena, serial, (size_t)length);
    key->business_date = date;
    memcpy(field_slot(request, key_field), &key, sizeof key);
    return 0;
}

/* The one command that is set in a batch item. */
static ProtobufCMessage *command_of(const Vsl__V1__BatchItem *item)
{
    const ProtobufCMessageDescriptor *descriptor = item->base.descriptor;
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        ProtobufCMessage *command;
        if (!field_is_set(&item->base, &descriptor->fields[i]))
            continue;
        memcpy(&command, field_value(&item->base, &descriptor->fields[i], 0), sizeof command);
        return command;
    }
    return NULL;
}

static int make_items(struct context *context, struct arguments *given,
    const struct batch_file *file, Vsl__V1__BatchItem **items)
{
    size_t index;
    json_t *json;
    json_array_foreach(file->commands, index, json)
    {
        char error[512];
        items[index] = (Vsl__V1__BatchItem *)json_to_message(
            &vsl__v1__batch_item__descriptor, json, &context->arena, error, sizeof error);
        ProtobufCMessage *command = items[index] ? command_of(items[index]) : NULL;
        if (!command) {
            fprintf(stderr, "vslctl: command %zu (line %d): %s\n", index + 1, file->lines[index],
                items[index] ? "is empty; write {\"pay\": {...}}" : error);
            return -1;
        }
        int fault = fill_key(context, given, command, index + 1, file->lines[index]);
        if (fault)
            return fault;
    }
    return 0;
}

/* ---- sending ---- */

static void add_row(struct table *table, size_t number, int line, const Vsl__V1__BatchItem *item,
    const Vsl__V1__BatchItemResult *result)
{
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(
        item->base.descriptor, (unsigned)item->command_case);
    char outcome[FORMAT_BYTES_MAX] = "";
    if (result->result)
        format_enum(&vsl__v1__outcome__descriptor, result->result->outcome, outcome);
    table_cell(table, "%zu", number);
    table_cell(table, "%d", line);
    table_cell(table, "%s", field ? field->name : "");
    table_cell(
        table, "%s%s", outcome, result->result && result->result->replayed ? " (replayed)" : "");
    table_cell(table, "%" PRId64, result->result ? result->result->sequence : 0);
    table_cell(table, "%" PRId64, result->subject_id);
    table_cell(table, "%" PRId64, result->result ? result->result->fee_minor : 0);
    table_cell(table, "%s", result->receiving_number);
    table_cell(table, "%s", result->result ? result->result->text : "");
}

static size_t chunk_of(Vsl__V1__BatchItem **items, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += vsl__v1__batch_item__get_packed_size(items[i]) + 8;
        if (i == BATCH_COMMANDS_MAX || (i > 0 && bytes > REQUEST_BYTES_MAX))
            return i;
    }
    return count;
}

/* The server names an item by its place in its request; whoever wrote the file looks for a line. */
static void tell_place(
    const struct context *context, const struct batch_file *file, size_t first, size_t count)
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
                first + (size_t)index + 1, file->lines[first + (size_t)index]);
    }
}

static int send_items(struct context *context, const struct arguments *given,
    const struct batch_file *file, Vsl__V1__BatchItem **items, struct table *table)
{
    size_t count = file->count;
    int status = EXIT_ACCEPTED;
    for (size_t first = 0; first < count;) {
        Vsl__V1__SubmitBatchRequest request;
        vsl__v1__submit_batch_request__init(&request);
        request.items = items + first;
        request.n_items = chunk_of(items + first, count - first);
        request.atomic = given->is_atomic;
        request.dry_run = given->is_dry_run;
        if (given->is_atomic && request.n_items < count) {
            fprintf(stderr, "vslctl: %zu commands are too many for one atomic batch\n", count);
            return EXIT_USAGE;
        }
        Vsl__V1__SubmitBatchResponse *answer = (Vsl__V1__SubmitBatchResponse *)context_call(
            context, &vsl__v1__funds_service__descriptor, "SubmitBatch", &request.base);
        if (!answer) {
            tell_place(context, file, first, request.n_items);
            return context_fault_status(context);
        }
        if (answer->n_results != request.n_items) {
            fprintf(stderr, "vslctl: the answer is not complete\n");
            return EXIT_TRANSPORT;
        }
        for (size_t i = 0; i < answer->n_results; i++) {
            const Vsl__V1__CommandResult *result = answer->results[i]->result;
            if (!result || (int)result->outcome >= OUTCOME_FIRST_REFUSAL)
                status = EXIT_REFUSED;
            if (context->options->is_json)
                show_json(&answer->results[i]->base, false);
            else
                add_row(table, first + i + 1, file->lines[first + i], items[first + i],
                    answer->results[i]);
        }
        first += request.n_items;
        rpc_reset(&context->rpc);
    }
    return status;
}

static int run(struct context *context, struct arguments *given)
{
    struct buffer text = {0};
    struct batch_file file;
    char error[512];
    int fault = read_whole_file(given->file, &text);
    if (fault == 0) {
        fault = batch_file_parse((const char *)text.bytes, text.length, &file, error, sizeof error);
        if (fault)
            fprintf(stderr, "vslctl: %s: %s\n", given->file, error);
    }
    buffer_finish(&text);
    if (fault)
        return EXIT_USAGE;
    Vsl__V1__BatchItem **items = calloc(file.count, sizeof *items);
    CHECK(items != NULL);
    struct table table;
    table_begin(&table);
    table_column(&table, "#", TABLE_RIGHT);
    table_column(&table, "line", TABLE_RIGHT);
    table_column(&table, "command", TABLE_LEFT);
    table_column(&table, "outcome", TABLE_LEFT);
    table_column(&table, "sequence", TABLE_RIGHT);
    table_column(&table, "subject", TABLE_RIGHT);
    table_column(&table, "fee (minor)", TABLE_RIGHT);
    table_column(&table, "receiving number", TABLE_LEFT);
    table_column(&table, "text", TABLE_LEFT);

    int status = EXIT_USAGE;
    if (context_open(context) == 0) {
        fault = make_items(context, given, &file, items);
        status = fault == 0    ? send_items(context, given, &file, items, &table)
                 : fault == -1 ? EXIT_USAGE
                               : context_fault_status(context);
    }
    if (!context->options->is_json && table.cell_count > table.column_count) {
        table_print(&table, stdout, true);
        printf("serials of commands without a key: %s-N\n", given->serial);
    }
    if (status == EXIT_TRANSPORT)
        fprintf(stderr,
            "It may not be known what was carried out. Repeat the file with --serial %s and the "
            "same --business-date: each command takes effect once.\n",
            given->serial);
    table_finish(&table);
    free(items);
    batch_file_finish(&file);
    return status;
}

static const struct argp_option batch_options[] = {
    {"atomic", OPTION_ATOMIC, 0, 0, "All or none", 1},
    {"dry-run", OPTION_DRY_RUN, 0, 0, "Say what the answers would be; change nothing", 1},
    {"channel", OPTION_CHANNEL, "TEXT", 0,
        "For commands without a key: who asks (default " CHANNEL_DEFAULT ")", 2},
    {"business-date", OPTION_BUSINESS_DATE, "YYYY-MM-DD", 0,
        "For commands without a key: the caller's day (default: the ledger's accounting date)", 2},
    {"serial", OPTION_SERIAL, "TEXT", 0,
        "For commands without a key: their serials are TEXT-1, TEXT-2, ... (default: new ones)", 2},
    {0},
};

static error_t parse_batch(int key, char *argument, struct argp_state *state)
{
    struct arguments *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = given->options;
        return 0;
    case OPTION_ATOMIC:
        given->is_atomic = true;
        return 0;
    case OPTION_DRY_RUN:
        given->is_dry_run = true;
        return 0;
    case OPTION_CHANNEL:
        given->channel = argument;
        return 0;
    case OPTION_BUSINESS_DATE:
        if (!parse_date(argument, &given->business_date))
            argp_error(state, "--business-date takes a day as YYYY-MM-DD");
        return 0;
    case OPTION_SERIAL:
        given->serial = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (given->file)
            argp_error(state, "only one file can be given");
        given->file = argument;
        return 0;
    case ARGP_KEY_END:
        if (!given->file)
            argp_error(state, "the file is missing; '-' is standard input");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int run_batch(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Output:", 90}, {0}};
    static const struct argp argp = {.options = batch_options,
        .parser = parse_batch,
        .args_doc = "FILE",
        .children = children,
        .doc =
            "Send commands from a JSON file in bulk: an array of commands, an object with `items`, "
            "or one command per line. '-' is standard input. A command without a key gets one.\v"
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
            "The exit status is 1 when a command was refused.\n"};
    struct arguments given = {.options = common, .channel = CHANNEL_DEFAULT};
    make_serial(given.new_serial);
    given.serial = given.new_serial;
    parse_arguments(&argp, "vslctl batch", count, arguments, &given);
    struct context context = {.options = common};
    int status = run(&context, &given);
    context_finish(&context);
    return status;
}
