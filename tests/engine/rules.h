/* rules.h: the rules of the commands as tables.
 *
 * A row is one command on the stage, what it must be answered, and what it must book. Limits and
 * the value just past the limit stand first in each table.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_RULES_H
#define VSL_TESTS_ENGINE_RULES_H

#include "stage.h"

enum { MOVES_MAX = 3 };

/* One posting: `amount` from one bucket to another; amount 0: no more. */
struct move {
    int64_t from;
    enum bucket from_bucket;
    int64_t to;
    enum bucket to_bucket;
    int64_t amount;
};

struct rule {
    const char *name;
    struct command command;
    enum outcome outcome;
    int64_t subject; /* 0 when refused */
    struct move moves[MOVES_MAX];
};

/* Rows of the tables. */
#define REFUSED(name, command, outcome) ANSWERS(name, command, outcome, 0, {0})
#define ACCEPTED(name, command, subject) BOOKS(name, command, subject, {0})
#define BOOKS(name, command, subject, ...)                                                         \
    ANSWERS(name, command, OUTCOME_ACCEPTED, subject, __VA_ARGS__)
/* clang-format off */
#define ANSWERS(name, command, outcome, subject, ...)                                              \
    {name, command, outcome, subject, {__VA_ARGS__}}
/* clang-format on */

typedef void (*on_rule)(void *context, const struct rule *rule);

#define EACH_RULE(rules, on, context)                                                              \
    do {                                                                                           \
        for (size_t rule_index = 0; rule_index < sizeof(rules) / sizeof *(rules); rule_index++)    \
            on(context, &(rules)[rule_index]);                                                     \
    } while (0)

/* Each calls `on` for every row of its tables. */
void rules_ledgers(on_rule on, void *context);
void rules_dates(on_rule on, void *context);
void rules_members(on_rule on, void *context);
void rules_accounts(on_rule on, void *context);
void rules_money_in(on_rule on, void *context);
void rules_fees(on_rule on, void *context);
void rules_pay(on_rule on, void *context);
void rules_withdraw(on_rule on, void *context);
void rules_confirm(on_rule on, void *context);

#endif
