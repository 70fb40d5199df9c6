/* commands.h: the commands: check, then change; the outcome is the answer.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_COMMANDS_H
#define VSL_ENGINE_RULES_COMMANDS_H

#include "engine/memory/memory.h"

/* `ledger` is NULL of kinds that have none, see command_has_ledger. */
#define COMMAND(number, NAME, name, Service, Method, answer, roles)                                \
    enum outcome execute_##name(                                                                   \
        struct engine *engine, const struct ledger *ledger, const struct command *command);
#include "command/command_list.h"

#endif
