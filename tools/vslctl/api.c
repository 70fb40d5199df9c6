/* api.c: runs one call of the API: options to request, answer to text.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api.h"

#include "base/check.h"
#include "ceilings.h"
#include "vslctl/fields.h"
#include "vslctl/format.h"

#include "vsl/v1/common.pb-c.h"
#include "vsl/v1/funds.pb-c.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETERS_MAX 24
#define IDS_MAX 10000
#define OPTION_FIRST 0x4000
#define CHANNEL_DEFAULT "vslctl"

enum {
    OPTION_LEDGER = 0x3800,
    OPTION_CHANNEL,
    OPTION_BUSINESS_DATE,
    OPTION_SERIAL,
    OPTION_DRY_RUN,
    OPTION_MINOR,
};

struct given {
    const struct api_call *call;
    struct common_options *options;
    const char *values[PARAMETERS_MAX]; /* by parameter; NULL: not given */
    int64_t *ids;
    size_t id_count;
    const char *payees[PAYEES_PER_COMMAND_MAX]; /* "ID:AMOUNT" each */
    size_t payee_count;
    int64_t ledger_id;
    const char *channel;
    int32_t business_date;
    const char *serial;
    bool is_dry_run;
    bool is_minor;
};

static size_t parameter_count(const struct api_call *call)
{
    size_t count = 0;
    while (call->parameters[count].name)
        count++;
    CHECK(count <= PARAMETERS_MAX);
    return count;
}

static const ProtobufCMethodDescriptor *method_of(const struct api_call *call)
{
    char path[RPC_PATH_BYTES_MAX];
    return rpc_path(call->service, call->method, path);
}

/* ---- options ---- */

static bool has_amounts(const struct api_call *call)
{
    for (size_t i = 0; call->parameters[i].name; i++) {
        if (call->parameters[i].kind == PARAMETER_AMOUNT ||
            call->parameters[i].kind == PARAMETER_PAYEES)
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
    case PARAMETER_DATE:
        return "YYYY-MM-DD";
    case PARAMETER_INTEGER:
        return "N";
    case PARAMETER_ENUM:
        return "NAME";
    case PARAMETER_FLAG:
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
    for (size_t i = 0; i < parameter_count(call); i++) {
        const struct parameter *parameter = &call->parameters[i];
        count = add_option(options, count, parameter->name, OPTION_FIRST + (int)i,
            value_name(parameter->kind), parameter->help, 1);
    }
    if (has_amounts(call))
        count = add_option(options, count, "minor", OPTION_MINOR, NULL,
            "Amounts are given in minor units (fen, cents)", 1);
    if (call->is_command) {
        count = add_option(options, count, "dry-run", OPTION_DRY_RUN, NULL,
            "Say what the answer would be; change nothing", 2);
        count = add_option(options, count, "channel", OPTION_CHANNEL, "TEXT",
            "Request key: who asks (default " CHANNEL_DEFAULT ")", 2);
        count = add_option(options, count, "business-date", OPTION_BUSINESS_DATE, "YYYY-MM-DD",
            "Request key: the caller's day (default: the ledger's accounting date)", 2);
        count = add_option(options, count, "serial", OPTION_SERIAL, "TEXT",
            "Request key: number of the request (default: a new one, printed). Give the same key "
            "to repeat a request safely",
            2);
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

static bool is_given(const struct given *given, size_t index)
{
    switch (given->call->parameters[index].kind) {
    case PARAMETER_IDS:
        return given->id_count > 0;
    case PARAMETER_PAYEES:
        return given->payee_count > 0;
    default:
        return given->values[index] != NULL;
    }
}

static void check_complete(const struct given *given, struct argp_state *state)
{
    if (given->call->has_ledger && given->ledger_id == 0)
        argp_error(state, "--ledger is required (or set VSL_LEDGER)");
    for (size_t i = 0; i < parameter_count(given->call); i++) {
        const struct parameter *parameter = &given->call->parameters[i];
        if (parameter->is_required && !is_given(given, i))
            argp_error(state, "--%s is required", parameter->name);
    }
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct given *given = state->input;
    const char *environment;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = given->options;
        environment = getenv("VSL_LEDGER");
        if (given->call->has_ledger && environment && environment[0] &&
            !parse_integer(environment, 1, INT64_MAX, &given->ledger_id))
            argp_error(state, "VSL_LEDGER is not a ledger's id");
        return 0;
    case OPTION_LEDGER:
        if (!parse_integer(argument, 1, INT64_MAX, &given->ledger_id))
            argp_error(state, "--ledger takes an id");
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
    case OPTION_DRY_RUN:
        given->is_dry_run = true;
        return 0;
    case OPTION_MINOR:
        given->is_minor = true;
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
    if (key < OPTION_FIRST || key >= OPTION_FIRST + (int)parameter_count(given->call))
        return ARGP_ERR_UNKNOWN;
    size_t index = (size_t)(key - OPTION_FIRST);
    enum parameter_kind kind = given->call->parameters[index].kind;
    if (kind == PARAMETER_IDS)
        add_ids(given, state, argument);
    else if (kind == PARAMETER_PAYEES && given->payee_count == PAYEES_PER_COMMAND_MAX)
        argp_error(state, "at most %d payees in one call", PAYEES_PER_COMMAND_MAX);
    else if (kind == PARAMETER_PAYEES)
        given->payees[given->payee_count++] = argument;
    else
        given->values[index] = argument ? argument : "";
    return 0;
}

/* ---- the request ---- */

static int refuse(const struct parameter *parameter, const char *rule)
{
    fprintf(stderr, "vslctl: --%s %s\n", parameter->name, rule);
    return -1;
}

/* The message that holds the last field of a path, made on the way. */
static ProtobufCMessage *reach(struct context *context, ProtobufCMessage *message, const char *path,
    const ProtobufCFieldDescriptor **ret_field)
{
    for (;;) {
        char name[FORMAT_BYTES_MAX];
        size_t length = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        const ProtobufCFieldDescriptor *field = field_find(message->descriptor, name);
        CHECK(field != NULL);
        if (path[length] == '\0') {
            *ret_field = field;
            return message;
        }
        void *slot = field_slot(message, field);
        ProtobufCMessage *inner;
        memcpy(&inner, slot, sizeof inner);
        if (!inner) {
            inner = message_new(field->descriptor, &context->arena);
            memcpy(slot, &inner, sizeof inner);
        }
        message = inner;
        path += length + 1;
    }
}

static int read_amount(struct context *context, const struct given *given,
    const struct parameter *parameter, const char *text, int64_t *ret_amount_minor)
{
    if (given->is_minor) {
        if (!parse_integer(text, 0, INT64_MAX, ret_amount_minor))
            return refuse(parameter, "takes a whole number of minor units");
        return 0;
    }
    if (context_ask_ledger(context, given->ledger_id) != 0)
        return -2;
    if (!parse_amount(text, context->ledger.decimals, ret_amount_minor))
        return refuse(parameter, "takes an amount such as 12.50, with no more decimals than the "
                                 "ledger's currency has");
    return 0;
}

static int set_payees(struct context *context, const struct given *given,
    const struct parameter *parameter, const ProtobufCFieldDescriptor *field,
    ProtobufCMessage *message)
{
    Vsl__V1__Payee **payees = field_slots(message, field, given->payee_count, &context->arena);
    for (size_t i = 0; i < given->payee_count; i++) {
        const char *text = given->payees[i];
        size_t length = strcspn(text, ":");
        char id[32];
        payees[i] = (Vsl__V1__Payee *)message_new(&vsl__v1__payee__descriptor, &context->arena);
        snprintf(id, sizeof id, "%.*s", (int)length, text);
        if (length >= sizeof id || text[length] == '\0' ||
            !parse_integer(id, 1, INT64_MAX, &payees[i]->account_id))
            return refuse(parameter, "takes an account's id and an amount, such as 9:12.50");
        int fault =
            read_amount(context, given, parameter, text + length + 1, &payees[i]->amount_minor);
        if (fault)
            return fault;
    }
    return 0;
}

/* 0, -1 for usage, -2 when the server could not be asked. */
static int set_parameter(struct context *context, const struct given *given,
    const struct parameter *parameter, const char *text, ProtobufCMessage *request)
{
    const ProtobufCFieldDescriptor *field;
    ProtobufCMessage *message = reach(context, request, parameter->field, &field);
    int64_t number = 0;
    int32_t narrow = 0;
    protobuf_c_boolean truth = 1;
    char names[256];
    int fault = 0;
    switch (parameter->kind) {
    case PARAMETER_TEXT:
        text = message_text(&context->arena, text, strlen(text));
        memcpy(field_slot(message, field), &text, sizeof text);
        return 0;
    case PARAMETER_IDS:
        memcpy(field_slots(message, field, given->id_count, &context->arena), given->ids,
            given->id_count * sizeof *given->ids);
        return 0;
    case PARAMETER_PAYEES:
        return set_payees(context, given, parameter, field, message);
    case PARAMETER_FLAG:
        memcpy(field_slot(message, field), &truth, sizeof truth);
        return 0;
    case PARAMETER_DATE:
        if (!parse_date(text, &narrow))
            return refuse(parameter, "takes a day as YYYY-MM-DD");
        number = narrow;
        break;
    case PARAMETER_ENUM:
        if (!parse_enum(field->descriptor, text, &narrow)) {
            list_enum(field->descriptor, names, sizeof names);
            fprintf(stderr, "vslctl: --%s takes %s\n", parameter->name, names);
            return -1;
        }
        number = narrow;
        break;
    case PARAMETER_ID:
        if (!parse_integer(text, 1, INT64_MAX, &number))
            return refuse(parameter, "takes an id");
        break;
    case PARAMETER_INTEGER:
        if (!parse_integer(text, 0, INT32_MAX, &number))
            return refuse(parameter, "takes a whole number");
        break;
    case PARAMETER_AMOUNT:
        fault = read_amount(context, given, parameter, text, &number);
        if (fault)
            return fault;
        break;
    }
    narrow = (int32_t)number;
    if (field_value_bytes(field) == 8)
        memcpy(field_slot(message, field), &number, sizeof number);
    else
        memcpy(field_slot(message, field), &narrow, sizeof narrow);
    return 0;
}

/* The caller's day: as given; of a ledger that is being opened its first day; else the ledger's. */
static int find_business_date(
    struct context *context, struct given *given, const ProtobufCMessage *request)
{
    const ProtobufCFieldDescriptor *first =
        field_find(request->descriptor, "first_accounting_date");
    if (given->business_date)
        return 0;
    if (first) {
        given->business_date = (int32_t)field_integer(first, field_value(request, first, 0));
        return 0;
    }
    if (context_ask_ledger(context, given->ledger_id) != 0)
        return -2;
    given->business_date = context->ledger.accounting_date;
    return 0;
}

static int set_key(struct context *context, struct given *given, ProtobufCMessage *request,
    char serial[SERIAL_TEXT_BYTES])
{
    int fault = find_business_date(context, given, request);
    if (fault)
        return fault;
    if (!given->serial) {
        make_serial(serial);
        given->serial = serial;
    }
    Vsl__V1__RequestKey *key =
        (Vsl__V1__RequestKey *)message_new(&vsl__v1__request_key__descriptor, &context->arena);
    key->channel = message_text(&context->arena, given->channel, strlen(given->channel));
    key->serial = message_text(&context->arena, given->serial, strlen(given->serial));
    key->business_date = given->business_date;
    memcpy(field_slot(request, field_find(request->descriptor, "key")), &key, sizeof key);
    protobuf_c_boolean dry_run = given->is_dry_run;
    memcpy(
        field_slot(request, field_find(request->descriptor, "dry_run")), &dry_run, sizeof dry_run);
    return 0;
}

static int make_request(struct context *context, struct given *given,
    char serial[SERIAL_TEXT_BYTES], ProtobufCMessage **ret_request)
{
    const struct api_call *call = given->call;
    ProtobufCMessage *request = message_new(method_of(call)->input, &context->arena);
    if (call->has_ledger)
        memcpy(field_slot(request, field_find(request->descriptor, "ledger_id")), &given->ledger_id,
            sizeof given->ledger_id);
    for (size_t i = 0; i < parameter_count(call); i++) {
        const struct parameter *parameter = &call->parameters[i];
        if (!is_given(given, i))
            continue;
        int fault = set_parameter(context, given, parameter, given->values[i], request);
        if (fault)
            return fault;
    }
    if (call->fixed_field)
        memcpy(field_slot(request, field_find(request->descriptor, call->fixed_field)),
            &call->fixed_value, sizeof call->fixed_value);
    int fault = call->is_command ? set_key(context, given, request, serial) : 0;
    *ret_request = request;
    return fault;
}

/* ---- the answer ---- */

static void show_key(FILE *out, const struct given *given)
{
    char date[FORMAT_BYTES_MAX];
    format_date(given->business_date, date);
    fprintf(out, "key: --channel %s --business-date %s --serial %s\n", given->channel, date,
        given->serial);
}

/* Prints what a command made: every field of the answer but the result, when it was accepted. */
static int show_command(
    const struct context *context, const struct given *given, const ProtobufCMessage *answer)
{
    const ProtobufCMessageDescriptor *descriptor = answer->descriptor;
    const ProtobufCFieldDescriptor *field = field_find(descriptor, "result");
    if (!field || !field_is_set(answer, field)) {
        fprintf(stderr, "vslctl: the answer has no result\n");
        return EXIT_TRANSPORT;
    }
    const Vsl__V1__CommandResult *result;
    memcpy(&result, field_value(answer, field, 0), sizeof result);
    int status = (int)result->outcome >= OUTCOME_FIRST_REFUSAL ? EXIT_REFUSED : EXIT_ACCEPTED;
    if (context->options->is_json) {
        show_json(answer, true);
        return status;
    }
    show_result(result);
    /* A dry run gives no ids and numbers out: they are 0 and empty. */
    for (unsigned i = 0; status == EXIT_ACCEPTED && i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *other = &descriptor->fields[i];
        const char *text;
        if (other->type == PROTOBUF_C_TYPE_MESSAGE)
            continue;
        char name[FORMAT_BYTES_MAX];
        snprintf(name, sizeof name, "%s", other->name);
        for (char *byte = name; *byte; byte++) {
            if (*byte == '_')
                *byte = ' ';
        }
        if (other->type == PROTOBUF_C_TYPE_STRING) {
            memcpy(&text, field_value(answer, other, 0), sizeof text);
            if (text[0] != '\0')
                printf("%s: %s\n", name, text);
        } else {
            int64_t number = field_integer(other, field_value(answer, other, 0));
            if (number != 0)
                printf("%s: %" PRId64 "\n", name, number);
        }
    }
    show_key(stdout, given);
    return status;
}

static int show_query(
    struct context *context, const struct given *given, const ProtobufCMessage *answer)
{
    if (context->options->is_json) {
        show_json(answer, true);
        return EXIT_ACCEPTED;
    }
    /* Amounts are written with the decimals of the ledger's currency. */
    int64_t ledger_id = given->ledger_id;
    const ProtobufCMessage *entry;
    const ProtobufCFieldDescriptor *field;
    if (field_follow(answer, "entry.ledger_id", &entry, &field))
        ledger_id = field_integer(field, field_value(entry, field, 0));
    if (ledger_id > 0 && context_ask_ledger(context, ledger_id) != 0)
        return context_fault_status(context);
    if (given->call->table_field)
        show_table(context, answer, given->call->table_field, given->call->columns);
    else
        show_message(context, answer);
    return EXIT_ACCEPTED;
}

static int run(struct context *context, struct given *given)
{
    char serial[SERIAL_TEXT_BYTES];
    ProtobufCMessage *request = NULL;
    if (context_open(context) != 0)
        return EXIT_USAGE;
    int fault = make_request(context, given, serial, &request);
    if (fault)
        return fault == -1 ? EXIT_USAGE : context_fault_status(context);
    ProtobufCMessage *answer =
        context_call(context, given->call->service, given->call->method, request);
    if (answer)
        return given->call->is_command ? show_command(context, given, answer)
                                       : show_query(context, given, answer);
    int status = context_fault_status(context);
    if (given->call->is_command && !context->rpc.fault.not_sent && status == EXIT_TRANSPORT) {
        fprintf(stderr,
            "It is not known whether this was carried out. Repeat it with the same key, it takes "
            "effect once:\n  ");
        show_key(stderr, given);
    }
    return status;
}

int api_run(const struct api_call *call, const char *name, struct common_options *options,
    int count, char **arguments)
{
    static int64_t ids[IDS_MAX];
    struct argp_option argp_options[PARAMETERS_MAX + 8];
    char doc[2048];
    static const struct argp_child children[] = {{&common_argp, 0, "Output:", 90}, {0}};
    make_options(call, argp_options);
    snprintf(doc, sizeof doc, "%s\vExamples:\n%s\n", call->summary, call->examples);
    struct argp argp = {.options = argp_options, .parser = parse, .doc = doc, .children = children};
    struct given given = {.call = call, .options = options, .channel = CHANNEL_DEFAULT, .ids = ids};
    parse_arguments(&argp, name, count, arguments, &given);
    struct context context = {.options = options};
    int status = run(&context, &given);
    context_finish(&context);
    return status;
}
