/* call.c: vslctl call: any method of the API, request and answer in JSON.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "client/text_file.h"
#include "text/fields.h"
#include "text/json.h"
#include "vslctl/api/api.h"

#include <stdio.h>
#include <string.h>

struct arguments {
    struct common_options *options;
    const char *method;
    const char *request; /* JSON, or "-" */
};

static const ProtobufCMethodDescriptor *find_method(
    const char *name, const ProtobufCServiceDescriptor **ret_service)
{
    const char *slash = strchr(name, '/');
    if (!slash)
        return NULL;
    size_t length = (size_t)(slash - name);
    for (size_t i = 0; api_services[i]; i++) {
        const char *full = api_services[i]->name;
        const char *plain = strrchr(full, '.') + 1;
        bool is_it = (strlen(full) == length && strncmp(full, name, length) == 0) ||
                     (strlen(plain) == length && strncmp(plain, name, length) == 0);
        if (!is_it)
            continue;
        *ret_service = api_services[i];
        return protobuf_c_service_descriptor_get_method_by_name(api_services[i], slash + 1);
    }
    return NULL;
}

static int call_method(struct context *context, const struct arguments *given)
{
    const ProtobufCServiceDescriptor *service;
    const ProtobufCMethodDescriptor *method = find_method(given->method, &service);
    if (!method) {
        fprintf(stderr, "vslctl: there is no unary method '%s'; write vsl.v1.FundsService/Pay\n",
            given->method);
        return EXIT_USAGE;
    }
    struct buffer text = {0};
    char problem[512];
    if (strcmp(given->request, "-") != 0)
        buffer_append(&text, given->request, strlen(given->request));
    else if (text_file_read("-", &text, problem, sizeof problem) != 0) {
        fprintf(stderr, "vslctl: %s\n", problem);
        return EXIT_USAGE;
    }
    json_error_t error;
    json_t *json =
        json_loadb((const char *)text.bytes, text.length, JSON_REJECT_DUPLICATES, &error);
    buffer_finish(&text);
    if (!json) {
        fprintf(stderr, "vslctl: the request is not JSON: line %d: %s\n", error.line, error.text);
        return EXIT_USAGE;
    }
    int status = EXIT_USAGE;
    if (context_open(context) == 0) {
        ProtobufCMessage *request =
            json_to_message(method->input, json, &context->arena, problem, sizeof problem);
        ProtobufCMessage *answer = NULL;
        if (!request)
            fprintf(stderr, "vslctl: %s\n", problem);
        else
            answer = context_call(context, service, method->name, request);
        if (answer)
            show_json(answer, true);
        else if (request && context_may_have_effect(context))
            fprintf(stderr, "It is not known whether this was carried out. Send the same request "
                            "again: it takes effect once.\n");
        status = answer ? EXIT_ACCEPTED : request ? context_fault_status(context) : EXIT_USAGE;
        const ProtobufCMessage *result;
        const ProtobufCFieldDescriptor *field;
        if (answer && field_follow(answer, "result.outcome", &result, &field) &&
            field_integer(field, field_value(result, field, 0)) >= OUTCOME_FIRST_REFUSAL)
            status = EXIT_REFUSED;
    }
    json_decref(json);
    return status;
}

static error_t parse_call(int key, char *argument, struct argp_state *state)
{
    struct arguments *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = given->options;
        return 0;
    case ARGP_KEY_ARG:
        if (!given->method)
            given->method = argument;
        else if (!given->request)
            given->request = argument;
        else
            argp_error(state, "a method and a request are all that is wanted");
        return 0;
    case ARGP_KEY_END:
        if (!given->request)
            argp_error(state, "a method and a request are wanted");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int run_call(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Output:", 90}, {0}};
    static const struct argp argp = {.parser = parse_call,
        .args_doc = "SERVICE/METHOD REQUEST",
        .children = children,
        .doc = "Call any unary method with a request in JSON ('-': from standard input), and print "
               "the answer as JSON.\v"
               "Examples:\n"
               "  vslctl call LedgerService/GetLedger '{\"ledger_id\": 1}'\n"
               "  vslctl call vsl.v1.FundsService/Pay - < pay.json\n"};
    struct arguments given = {.options = common};
    parse_arguments(&argp, "vslctl call", count, arguments, &given);
    struct context context = {.options = common};
    int status = call_method(&context, &given);
    context_finish(&context);
    return status;
}
