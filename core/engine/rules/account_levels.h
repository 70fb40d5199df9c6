/* account_levels.h: what the levels of an account policy may do.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_ACCOUNT_LEVELS_H
#define VSL_ENGINE_RULES_ACCOUNT_LEVELS_H

#include "command/command.h"

/* Sets preset and levels as asked: of a ready-made policy its own, of a custom one those of the
 * request; a level that is not named may do nothing. */
void set_account_levels(struct account_policy *policy, const struct set_account_policy *asked);

#endif
