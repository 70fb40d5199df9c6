/* released.h: final records leave an engine's memory at random, and are brought back from the state
 * rows of the shelf when a command names them, as flow does it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_RELEASED_H
#define VSL_TESTS_ENGINE_RELEASED_H

#include "late_ids.h"
#include "shelf.h"
#include "support/random.h"

/* Lets final records go, as far as the shelf has them; returns how many. */
uint32_t released_step(struct random *random, struct engine *engine, const struct shelf *shelf);

/* Brings back what the command names, or all records; returns how many came back. */
uint32_t released_bring_back(
    struct engine *engine, const struct shelf *shelf, const struct command *command);
uint32_t released_bring_back_all(struct engine *engine, const struct shelf *shelf);

#endif
