/* random_commands.h: commands of every kind, such that collisions and refusals are common.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_RANDOM_COMMANDS_H
#define VSL_TESTS_ENGINE_RANDOM_COMMANDS_H

#include "command/command.h"
#include "naive_model.h"
#include "support/random.h"

/* The next command for books that are as in the model, given at `now_us`. Its texts are valid until
 * the next call. */
struct command random_command(
    struct random *random, const struct naive_model *model, int64_t now_us);

#endif
