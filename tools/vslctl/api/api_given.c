/* api_given.c: which options a call has, and which of them were given.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/api_parts.h"

#include "base/check.h"

#include <string.h>

size_t api_parameter_count(const struct api_call *call)
{
    size_t count = 0;
    while (call->parameters[count].name)
        count++;
    CHECK(count <= PARAMETERS_MAX);
    return count;
}

bool api_is_whole(const struct api_call *call)
{
    const struct api_screen *screen = api_screen_of(call);
    return screen && screen->is_whole;
}

size_t api_list_max(enum parameter_kind kind)
{
    switch (kind) {
    case PARAMETER_PAYEES:
        return PAYEES_PER_COMMAND_MAX;
    case PARAMETER_TIERS:
        return FEE_TIERS_MAX;
    case PARAMETER_SHARES:
        return FEE_SHARES_MAX;
    case PARAMETER_LEDGERS:
        return CALLER_LEDGERS_MAX;
    case PARAMETER_CHANNELS:
        return CALLER_CHANNELS_MAX;
    case PARAMETER_LEVELS:
        return MEMBER_LEVELS;
    case PARAMETER_RULES:
        return APPROVAL_RULES_MAX;
    case PARAMETER_PROOF_RULES:
        return PROOF_RULES_MAX;
    case PARAMETER_COMMANDS:
        return REVEALS_PER_COMMAND_MAX;
    case PARAMETER_ENUMS:
        return PAYEES_PER_COMMAND_MAX;
    default:
        return 0;
    }
}

bool api_is_given(const struct given *given, size_t index)
{
    enum parameter_kind kind = given->call->parameters[index].kind;
    if (kind == PARAMETER_IDS)
        return given->id_count > 0;
    return api_list_max(kind) > 0 ? given->lists[index].count > 0 : given->values[index] != NULL;
}
