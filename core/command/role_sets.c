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

uint8_t kept_from(int32_t roles)
{
    uint8_t kept = 0;
    if (roles == ROLE_PLATFORM)
        kept |= KEPT_AFFAIRS;
    if (!(roles & (ROLES_READING_CLAIMS | ROLE_APPROVER | ROLE_ADAPTER)))
        kept |= KEPT_CLAIMS;
    if (!(roles & ROLES_SCREENING))
        kept |= KEPT_LISTS;
    if (!(roles & ROLES_READING_WORDS))
        kept |= KEPT_WORDS;
    return kept;
}

uint8_t kept_of_kind(int kind)
{
    if (command_is_internal(kind))
        return KEPT_AFFAIRS;
    if (command_is_of_lists(kind))
        return KEPT_LISTS;
    return command_is_of_claims(kind) ? KEPT_CLAIMS : 0;
}

uint8_t kept_of_command(const struct command *command)
{
    if (command->kind != COMMAND_EXPIRE)
        return kept_of_kind((int)command->kind);
    if (command->expire.kind == EXPIRY_DENIED)
        return KEPT_LISTS;
    bool is_of_claims =
        command->expire.kind == EXPIRY_CLAIM || command->expire.kind == EXPIRY_FEEDBACK;
    return is_of_claims ? KEPT_CLAIMS : 0;
}

int32_t command_sender_roles(const struct command *command)
{
    int32_t roles = command_roles((int)command->kind);
    if (command->kind != COMMAND_EXPIRE)
        return roles;
    uint8_t kept = kept_of_command(command);
    if (kept == 0)
        return roles;
    return roles & (kept == KEPT_CLAIMS ? ROLES_READING_CLAIMS : ROLES_SCREENING);
}

const struct method_roles method_roles[] = {
#define COMMAND(number, NAME, name, Service, Method, answer, roles)                                \
    {#Service "Service." #Method, (roles)},
#include "command/command_list.h"
#define READ(KIND, Service, Method, roles) {#Service "Service." #Method, (roles)},
#include "command/read_list.h"
};
const uint32_t method_roles_count = sizeof method_roles / sizeof method_roles[0];
