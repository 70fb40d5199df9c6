/* outcomes.h: what the protos list for each method.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_OUTCOMES_H
#define VSL_TESTS_ENGINE_OUTCOMES_H

#include "command/command.h"
#include "model/outcome.h"

/* Fails when the comment of the command's method does not list the outcome. */
void expect_listed(enum command_kind kind, enum outcome outcome);

#endif
