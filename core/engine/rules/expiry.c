/* expiry.c: the time of a record is over. What becomes of it then is its topic's rule.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/memory.h"
#include "engine/rules/commands.h"

enum outcome execute_expire(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct expire *asked = &command->expire;
    enum record_kind kind = record_kind_of_expiry((enum expiry_kind)asked->kind);
    CHECK(engine->rules[kind].expire != NULL);
    enum outcome outcome = engine->rules[kind].expire(engine, ledger, asked->id);
    if (outcome == OUTCOME_ACCEPTED)
        engine->effects->subject_id = asked->id;
    return outcome;
}
