/* tally.h: how often each command and each answer came up in a random history.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_TALLY_H
#define VSL_TESTS_ENGINE_TALLY_H

#include "command/command.h"
#include "model/outcome.h"

enum { TALLY_OUTCOMES_MAX = 1000 };
/* So many answers may never come by chance: each has a row in the tables of rules, too. */
enum { TALLY_MISSING_MAX = 2 };

struct tally {
    uint64_t executed;
    uint64_t outcomes[TALLY_OUTCOMES_MAX];
    uint64_t kinds[COMMAND_KIND_MAX + 1];
    uint64_t accepted_kinds[COMMAND_KIND_MAX + 1];
};

void tally_count(struct tally *tally, enum command_kind kind, enum outcome outcome);
/* Prints every kind and every answer that came up on standard error. */
void tally_print(const struct tally *tally);
/* Whether each kind was accepted, and each answer that random commands come by came, but for a few;
 * prints what did not on standard error. */
bool tally_has_everything(const struct tally *tally);

#endif
