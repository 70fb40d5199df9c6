/* commands.h: the commands: check, then change; the outcome is the answer.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_COMMANDS_H
#define VSL_ENGINE_RULES_COMMANDS_H

#include "engine/memory/memory.h"

/* OpenLedger's `ledger` is NULL: there is none yet. */
#define COMMAND(number, NAME, name, Service, Method, answer)                                       \
    enum outcome execute_##name(                                                                   \
        struct engine *engine, const struct ledger *ledger, const struct command *command);
#include "command/command_list.h"

#endif
