/* reveals.c: who may see a personal value is on record before he sees it; nothing is booked.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/memory.h"
#include "engine/rules/commands.h"

enum outcome execute_reveal(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct reveal *asked = &command->reveal;
    CHECK(asked->command_count >= 1 && asked->command_count <= REVEALS_PER_COMMAND_MAX);
    for (uint32_t i = 0; i < asked->command_count; i++) {
        const struct revealed *revealed = &asked->commands[i];
        if (revealed->ledger_id != ledger->id ||
            !command_has_personal(revealed->kind, asked->field))
            return OUTCOME_NOTHING_TO_REVEAL;
    }
    engine->effects->subject_id = asked->commands[0].sequence;
    return OUTCOME_ACCEPTED;
}
