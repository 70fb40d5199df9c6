/* expiry.c: the time of a record is over. What becomes of it then is its topic's rule.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/memory.h"
#include "engine/rules/commands.h"

enum outcome execute_expire(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct expire *asked = &command->expire;
    const struct record_rules *rules = NULL;
    for (int kind = 1; kind <= RECORD_KINDS && !rules; kind++) {
        if (engine->rules[kind].expire && (int32_t)engine->rules[kind].expiry == asked->kind)
            rules = &engine->rules[kind];
    }
    CHECK(rules != NULL);
    enum outcome outcome = rules->expire(engine, ledger, asked->id);
    if (outcome == OUTCOME_ACCEPTED)
        engine->effects->subject_id = asked->id;
    return outcome;
}
