/* pair.h: an engine and the naive model beside it, which do the same: a ledger, a member that
 * nobody has checked, two accounts.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_PAIR_H
#define VSL_TESTS_ENGINE_PAIR_H

#include "engine/engine.h"

#define DAY_US (24 * INT64_C(3600000000))
#define NOW_US (TEST_DATE * DAY_US)

enum { LEDGER = 1, MEMBER = 1, ACCOUNT = 7, OTHER = 8 };

struct naive_model;

struct pair {
    struct engine *engine;
    struct naive_model *model;
    int64_t now_us;
    int64_t sequence;
    struct effects effects;
};

extern struct pair pair;

/* A fixture. */
void pair_begin(void);
void pair_finish(void);

/* Both decide it, with the command that asked for the payout that it is about, and alike. */
enum outcome pair_try(struct command command);
/* The same, and it is accepted; its subject. */
int64_t pair_does(struct command command);

#endif
