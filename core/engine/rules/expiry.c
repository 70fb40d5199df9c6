/* expiry.c: the time of holds, freezes and proposals is over.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/memory.h"
#include "engine/rules/commands.h"
#include "engine/rules/corrections.h"
#include "engine/rules/freezes.h"
#include "engine/rules/holds.h"

enum outcome execute_expire(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct expire *asked = &command->expire;
    enum outcome outcome = OUTCOME_NOT_YET_DUE;
    switch ((enum expiry_kind)asked->kind) {
    case EXPIRY_HOLD:
        outcome = expire_hold(engine, ledger, asked->id);
        break;
    case EXPIRY_FREEZE:
        outcome = expire_freeze(engine, ledger, asked->id);
        break;
    case EXPIRY_ADJUSTMENT:
        outcome = expire_adjustment(engine, ledger, asked->id);
        break;
    }
    if (outcome == OUTCOME_ACCEPTED)
        engine->effects->subject_id = asked->id;
    return outcome;
}
