/* roles.c: vslctl role list: which roles may call which method.
 *
 * The server knows; where none can be asked the table that this program was built with is shown,
 * and says so.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "command/role_sets.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/caller.pb-c.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>

enum { OPTION_CALLABLE_ONLY = 0x4000, OPTION_BUILT_IN };

struct role_arguments {
    struct common_options *common;
    bool callable_only;
    bool is_built_in;
};

static const struct argp_option options[] = {
    {"callable-only", OPTION_CALLABLE_ONLY, 0, 0, "Only methods that you may call yourself", 0},
    {"built-in", OPTION_BUILT_IN, 0, 0, "Ask no server: the table that this vslctl was built with",
        0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct role_arguments *arguments = state->input;
    (void)argument;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = arguments->common;
        return 0;
    case OPTION_CALLABLE_ONLY:
        arguments->callable_only = true;
        return 0;
    case OPTION_BUILT_IN:
        arguments->is_built_in = true;
        return 0;
    case ARGP_KEY_END:
        if (arguments->callable_only && arguments->is_built_in)
            argp_error(state, "--callable-only is for the server to tell, without --built-in");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* protobuf-c writes words of C++ with an underscore behind. */
#define operator operator_

static void print_row(const Vsl__V1__MethodRoles *row)
{
    const char *between = "";
    printf("%-36s ", row->method);
#define ROLE(number, NAME, name)                                                                   \
    if (row->roles && row->roles->name) {                                                          \
        printf("%s%s", between, #name);                                                            \
        between = ", ";                                                                            \
    }
#include "model/role_list.h"
    putchar('\n');
}

static void print(const struct role_arguments *arguments, const char *from,
    const Vsl__V1__ListRolesResponse *answer)
{
    if (arguments->common->is_json) {
        show_json(&answer->base, true);
        return;
    }
    printf("# as %s\n", from);
    for (size_t i = 0; i < answer->n_methods; i++)
        print_row(answer->methods[i]);
}

static void print_built_in(const struct role_arguments *arguments)
{
    Vsl__V1__ListRolesResponse answer = VSL__V1__LIST_ROLES_RESPONSE__INIT;
    size_t count = method_roles_count;
    Vsl__V1__MethodRoles *rows = calloc(count, sizeof *rows);
    Vsl__V1__MethodRoles **pointers = calloc(count, sizeof(Vsl__V1__MethodRoles *));
    Vsl__V1__CallerRoles *roles = calloc(count, sizeof *roles);
    CHECK(rows != NULL && pointers != NULL && roles != NULL);
    for (size_t i = 0; i < count; i++) {
        int32_t set = method_roles[i].roles;
        vsl__v1__caller_roles__init(&roles[i]);
        vsl__v1__method_roles__init(&rows[i]);
#define ROLE(number, NAME, name) roles[i].name = (set & ROLE_##NAME) != 0;
#include "model/role_list.h"
        rows[i].method = (char *)(uintptr_t)method_roles[i].method;
        rows[i].roles = &roles[i];
        pointers[i] = &rows[i];
    }
    answer.n_methods = count;
    answer.methods = pointers;
    print(arguments, "built into vslctl " VSL_VERSION, &answer);
    free(rows);
    free(pointers);
    free(roles);
}

#undef operator

/* Whether the table that is built in stands in for the answer: no server was reached, or it is one
 * that cannot be asked. */
static bool is_unasked(const struct context *context)
{
    const struct rpc_fault *fault = &context->rpc.fault;
    return fault->not_sent || fault->status == GRPC_UNIMPLEMENTED;
}

static int ask(const struct role_arguments *arguments)
{
    static struct context context;
    Vsl__V1__ListRolesRequest request = VSL__V1__LIST_ROLES_REQUEST__INIT;
    context.options = arguments->common;
    request.callable_only = arguments->callable_only;
    if (context_open(&context) != 0)
        return EXIT_USAGE;
    const ProtobufCMessage *answer =
        rpc_call(&context.rpc, &vsl__v1__caller_service__descriptor, "ListRoles", &request.base);
    int status = EXIT_ACCEPTED;
    if (answer) {
        print(arguments, "the server tells", (const Vsl__V1__ListRolesResponse *)answer);
    } else {
        context_print_fault(&context);
        status = context_fault_status(&context);
        if (is_unasked(&context) && !arguments->callable_only) {
            print_built_in(arguments);
            status = EXIT_ACCEPTED;
        }
    }
    context_finish(&context);
    return status;
}

int run_role_list(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&common_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc = "List which roles may call which method, as the server tells; where none is "
               "reached, as built into this vslctl. Each item of FundsService.SubmitBatch needs "
               "what its command needs by itself. Health and reflection need no role.\v"
               "Examples:\n"
               "  vslctl role list\n"
               "  vslctl role list --callable-only\n"};
    struct role_arguments given = {.common = common};
    parse_arguments(&argp, "vslctl role list", count, arguments, &given);
    if (!given.is_built_in)
        return ask(&given);
    print_built_in(&given);
    return EXIT_ACCEPTED;
}
