/* roles.c: vslctl role list: which roles may call which method.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/role_sets.h"
#include "vslctl/vslctl.h"

#include <argp.h>
#include <stdio.h>

static const struct row {
    const char *method;
    int32_t roles;
} rows[] = {
#define COMMAND(number, NAME, name, Service, Method, answer, roles)                                \
    {#Service "Service." #Method, (roles)},
#include "command/command_list.h"
#define READ(KIND, Service, Method, roles) {#Service "Service." #Method, (roles)},
#include "command/read_list.h"
};

static void print_row(const struct row *row)
{
    const char *between = "";
    printf("%-36s ", row->method);
#define ROLE(number, NAME, name)                                                                   \
    if (row->roles & ROLE_##NAME) {                                                                \
        printf("%s%s", between, #name);                                                            \
        between = ", ";                                                                            \
    }
#include "model/role_list.h"
    putchar('\n');
}

int run_role_list(struct common_options *options, int count, char **arguments)
{
    static const struct argp argp = {
        .doc = "List which roles may call which method, as built into this vslctl: a server of "
               "the same version has the same table. Each item of FundsService.SubmitBatch needs "
               "what its command needs by itself. Health and reflection need no role.\v"
               "Examples:\n"
               "  vslctl role list\n"};
    (void)options;
    if (argp_parse(&argp, count, arguments, 0, NULL, NULL) != 0)
        return EXIT_USAGE;
    printf("# as built into vslctl %s\n", VSL_VERSION);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        print_row(&rows[i]);
    return 0;
}
