/* second_person.h: what one person alone may not do.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_SECOND_PERSON_H
#define VSL_ENGINE_RULES_SECOND_PERSON_H

#include "engine/memory/memory.h"

/* Whether one person sent both: by one channel, or two channels of one caller. Two callers who
 * share a channel are one person, too. */
bool is_same_person(const struct command *first, const struct command *second);

/* For a command that is right in all else but must be sent by two: OUTCOME_ACCEPTED when
 * `first_sequence` names the first one's request, and what it is about was not changed since; else
 * why not. 0: this is the first one's. */
enum outcome check_second_person(const struct ledger *ledger, const struct command *command,
    int64_t first_sequence, int64_t changed_sequence);

#endif
