/* role_sets.c: see role_sets.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/role_sets.h"

#include "base/check.h"
#include "command/decode.h"

int32_t read_roles(int kind)
{
    static const int32_t roles[READ_KIND_MAX + 1] = {
#define READ(KIND, Service, Method, roles) [READ_##KIND] = (roles),
#include "command/read_list.h"
    };
    CHECK(kind > 0 && kind <= READ_KIND_MAX && roles[kind] != 0);
    return roles[kind];
}

const struct method_roles method_roles[] = {
#define COMMAND(number, NAME, name, Service, Method, answer, roles)                                \
    {#Service "Service." #Method, (roles)},
#include "command/command_list.h"
#define READ(KIND, Service, Method, roles) {#Service "Service." #Method, (roles)},
#include "command/read_list.h"
};
const uint32_t method_roles_count = sizeof method_roles / sizeof method_roles[0];
