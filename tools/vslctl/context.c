/* context.c: vslctl's connection, common options, facts about the ledger, request keys.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buffer.h"
#include "base/check.h"
#include "base/clock.h"
#include "client/options.h"
#include "client/rpc.h"
#include "client/run.h"
#include "command/decode.h"
#include "text/fields.h"
#include "text/format.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/common.pb-c.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_BLOCK_BYTES ((size_t)64 << 10)
#define REQUEST_BYTES_MAX ((size_t)1 << 30)
#define TIMEOUT_SECONDS_DEFAULT 30.0
#define RANDOM_CHARACTERS 10

/* ---- common options ---- */

enum { OPTION_JSON = 0x3000, OPTION_TIMEOUT };

static const struct argp_option options[] = {
    {"json", OPTION_JSON, 0, 0, "Print answers as JSON (amounts in minor units)", 0},
    {"timeout", OPTION_TIMEOUT, "S", 0, "Wait so many seconds for an answer (default 30)", 0},
    {0},
};

static error_t parse_common(int key, char *argument, struct argp_state *state)
{
    struct common_options *common = state->input;
    char *end;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &common->client;
        if (common->timeout_seconds <= 0)
            common->timeout_seconds = TIMEOUT_SECONDS_DEFAULT;
        return 0;
    case OPTION_JSON:
        common->is_json = true;
        return 0;
    case OPTION_TIMEOUT:
        common->timeout_seconds = strtod(argument, &end);
        if (end == argument || *end || !(common->timeout_seconds > 0) ||
            common->timeout_seconds > 86400)
            argp_error(state, "--timeout takes seconds, more than 0 and at most 86400");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child common_children[] = {{&client_argp, 0, "Server:", 91}, {0}};
const struct argp common_argp = {
    .options = options, .parser = parse_common, .children = common_children};

/* ---- request keys ---- */

enum { OPTION_CHANNEL = 0x3100, OPTION_BUSINESS_DATE, OPTION_SERIAL };

static const struct argp_option key_options[] = {
    {"channel", OPTION_CHANNEL, "TEXT", 0, "Request key: who asks (default " CHANNEL_DEFAULT ")",
        2},
    {"business-date", OPTION_BUSINESS_DATE, "YYYY-MM-DD", 0,
        "Request key: the caller's day (default: the ledger's accounting date; of a file, when it "
        "was first sent)",
        2},
    {"serial", OPTION_SERIAL, "TEXT", 0,
        "Request key: number of the request (default: a new one, told before it is sent); of a "
        "file, what stands before the numbers of its lines (default: made of the file); with "
        "--business-date. Give the same key to repeat a request safely",
        2},
    {0},
};

/* Holds channel and serial to the very rules by which the server calls a key malformed, before they
 * stand in a command: there the command's line of a file would be blamed for them. */
static void check_key(const struct key_options *given, struct argp_state *state)
{
    Vsl__V1__RequestKey key;
    Vsl__V1__CloseLedgerRequest carrier;
    struct buffer bytes = {0};
    struct arena arena;
    struct command command;
    struct decode_error error;
    vsl__v1__request_key__init(&key);
    vsl__v1__close_ledger_request__init(&carrier);
    key.channel = (char *)(uintptr_t)given->channel;
    key.serial = (char *)(uintptr_t)(given->serial ? given->serial : "1");
    key.business_date = 20000101; /* any day that there is */
    carrier.key = &key;
    carrier.ledger_id = 1;
    arena_init(&arena, 4096, DECODE_ARENA_BYTES_MAX);
    rpc_pack(&carrier.base, &bytes);
    int fault =
        command_decode(COMMAND_CLOSE_LEDGER, bytes.bytes, bytes.length, &arena, &command, &error);
    const char *option = fault ? strrchr(error.field, '.') : NULL;
    buffer_finish(&bytes);
    arena_finish(&arena);
    if (fault)
        argp_error(state, "--%s %s", option ? option + 1 : "serial", error.description);
}

static error_t parse_key(int key, char *argument, struct argp_state *state)
{
    struct key_options *given = state->input;
    switch (key) {
    case OPTION_CHANNEL:
        given->channel = argument;
        return 0;
    case OPTION_BUSINESS_DATE:
        if (!parse_date(argument, &given->business_date))
            argp_error(state, "--business-date takes a day as YYYY-MM-DD");
        return 0;
    case OPTION_SERIAL:
        if (given->serial_bytes_max != 0 && strlen(argument) > given->serial_bytes_max)
            argp_error(state, "--serial takes at most %zu characters: a line's number comes behind",
                given->serial_bytes_max);
        given->serial = argument;
        return 0;
    case ARGP_KEY_END:
        if (given->serial && !given->business_date)
            argp_error(state, "--serial needs --business-date: on another day the same serial is "
                              "another request");
        check_key(given, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp key_argp = {.options = key_options, .parser = parse_key};

/* ---- of the database alone ---- */

static const struct argp_option report_options[] = {
    {"json", OPTION_JSON, 0, 0, "Print the report as JSON", 0},
    {0},
};

static error_t parse_report(int key, char *argument, struct argp_state *state)
{
    struct common_options *common = state->input;
    (void)argument;
    if (key != OPTION_JSON)
        return ARGP_ERR_UNKNOWN;
    common->is_json = true;
    return 0;
}

const struct argp report_argp = {.options = report_options, .parser = parse_report};

void parse_arguments(
    const struct argp *argp, const char *name, int count, char **arguments, void *input)
{
    /* argp takes the program's name for its usage lines from argument 0. */
    char name_copy[128];
    snprintf(name_copy, sizeof name_copy, "%s", name);
    char *first = arguments[0];
    arguments[0] = name_copy;
    argp_parse(argp, count, arguments, 0, NULL, input);
    arguments[0] = first;
}

/* ---- connection ---- */

int context_open(struct context *context)
{
    if (context->is_open)
        return 0;
    char error[512];
    arena_init(&context->arena, REQUEST_BLOCK_BYTES, REQUEST_BYTES_MAX);
    if (rpc_open(&context->rpc, &context->options->client,
            (int64_t)(context->options->timeout_seconds * 1e6), error, sizeof error) != 0) {
        fprintf(stderr, "vslctl: %s\n", error);
        return -1;
    }
    context->is_open = true;
    return 0;
}

void context_finish(struct context *context)
{
    if (!context->is_open)
        return;
    arena_finish(&context->arena);
    rpc_close(&context->rpc);
    context->is_open = false;
}

static json_t *json_of_text(struct text text)
{
    json_t *json = json_stringn(text.bytes ? text.bytes : "", text.length);
    return json ? json : json_null();
}

static void print_fault_json(const struct context *context)
{
    const struct rpc_fault *fault = &context->rpc.fault;
    struct status_details details;
    status_details_decode(fault->details.bytes, fault->details.length, &details);
    json_t *violations = json_array();
    for (size_t i = 0; i < details.violation_count; i++) {
        json_t *violation = json_object();
        json_object_set_new(violation, "field", json_of_text(details.violations[i].field));
        json_object_set_new(
            violation, "description", json_of_text(details.violations[i].description));
        json_array_append_new(violations, violation);
    }
    json_t *json = json_object();
    CHECK(json != NULL && violations != NULL);
    json_object_set_new(json, "status", json_string(grpc_status_name(fault->status)));
    json_object_set_new(json, "message", json_string(fault->message));
    json_object_set_new(json, "reason", json_of_text(details.reason));
    json_object_set_new(json, "violations", violations);
    json_object_set_new(json, "not_sent", json_boolean(fault->not_sent));
    if (context->is_command)
        json_object_set_new(
            json, "effect", json_string(context_may_have_effect(context) ? "unknown" : "none"));
    json_dumpf(json, stderr, JSON_COMPACT | JSON_PRESERVE_ORDER);
    fprintf(stderr, "\n");
    json_decref(json);
}

void context_print_fault(const struct context *context)
{
    if (context->options->is_json) {
        print_fault_json(context);
        return;
    }
    fprintf(stderr, "vslctl: ");
    rpc_fault_print(stderr, &context->rpc.fault);
}

bool context_may_have_effect(const struct context *context)
{
    return context->is_command && rpc_fault_may_have_effect(&context->rpc.fault);
}

int context_fault_status(const struct context *context)
{
    if (context_may_have_effect(context))
        return EXIT_UNKNOWN;
    switch (context->rpc.fault.status) {
    case GRPC_INVALID_ARGUMENT:
        return EXIT_USAGE;
    case GRPC_NOT_FOUND:
        return EXIT_REFUSED;
    default:
        return EXIT_TRANSPORT;
    }
}

/* Every command answers with its result, and nothing else does. */
static bool is_command_answer(const ProtobufCMessageDescriptor *output)
{
    const ProtobufCFieldDescriptor *field = field_find(output, "result");
    return field && field->descriptor == &vsl__v1__command_result__descriptor;
}

ProtobufCMessage *context_call(struct context *context, const ProtobufCServiceDescriptor *service,
    const char *method, const ProtobufCMessage *request)
{
    char path[RPC_PATH_BYTES_MAX];
    const ProtobufCMessageDescriptor *output = rpc_path(service, method, path)->output;
    context->is_command =
        output == &vsl__v1__submit_batch_response__descriptor || is_command_answer(output);
    ProtobufCMessage *answer = rpc_call(&context->rpc, service, method, request);
    if (!answer)
        context_print_fault(context);
    return answer;
}

int context_ask_ledger(struct context *context, int64_t ledger_id)
{
    if (context->ledger.ledger_id == ledger_id)
        return 0;
    Vsl__V1__GetLedgerRequest request;
    vsl__v1__get_ledger_request__init(&request);
    request.ledger_id = ledger_id;
    Vsl__V1__GetLedgerResponse *answer = (Vsl__V1__GetLedgerResponse *)context_call(
        context, &vsl__v1__ledger_service__descriptor, "GetLedger", &request.base);
    if (!answer || !answer->ledger)
        return -1;
    struct ledger_facts *facts = &context->ledger;
    facts->ledger_id = ledger_id;
    facts->accounting_date = answer->ledger->accounting_date;
    snprintf(facts->currency, sizeof facts->currency, "%s", answer->ledger->currency);
    facts->decimals = currency_decimals(facts->currency);
    snprintf(facts->receiving_prefix, sizeof facts->receiving_prefix, "%s",
        answer->ledger->receiving_prefix);
    return 0;
}

/* ---- request keys ---- */

void make_serial(char ret_serial[SERIAL_TEXT_BYTES])
{
    int length =
        snprintf(ret_serial, SERIAL_TEXT_BYTES, "c%lld-", (long long)(clock_wall_us() / 1000000));
    CHECK(length > 0 && length + RANDOM_CHARACTERS < SERIAL_TEXT_BYTES);
    run_draw_letters(ret_serial + length, RANDOM_CHARACTERS);
}
