/* quotes.h: whether quotes are what the commands then say, by the naive model.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_QUOTES_H
#define VSL_TESTS_ENGINE_QUOTES_H

#include "engine/engine.h"
#include "naive_model.h"
#include "support/random.h"

/* The fee of a random amount by the rule in force is what the model computes, and the legs are the
 * fee. False when there is no such fee. */
bool expect_right_fee_quote(struct random *random, const struct engine *engine,
    const struct naive_model *model, int64_t ledger, struct text rule);

/* The quoted amount is accepted, and no larger one that is tried. False when there is no quote. */
bool expect_right_withdraw_quote(struct random *random, const struct engine *engine, int64_t now_us,
    struct naive_model *model, const struct command *withdraw);

#endif
