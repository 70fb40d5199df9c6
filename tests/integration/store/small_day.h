/* small_day.h: a small true journal, and the damages that the checks of sql/checks must find in it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_STORE_SMALL_DAY_H
#define VSL_TESTS_STORE_SMALL_DAY_H

#include "small_day_products.h"
#include "small_day_statements.h"

/* The court of the claim waits for two answers. */
#define FEEDBACK_RECORDS                                                                           \
    "insert into vsl.feedback_history select sequence, 1, 1 + (sequence = 72)::int, 1, 'C-1', 1,"  \
    " recorded_at + interval '24 hours', false, sequence, 0 from vsl.command"                      \
    " where sequence in (70, 72);"

/* What later parts of the day bring. */
#define LATER_COMMANDS STATEMENT_COMMANDS PRODUCT_COMMANDS
#define LATER_RECORDS STATEMENT_RECORDS FEEDBACK_RECORDS PRODUCT_RECORDS

/* Statements that fill an empty database, ended by NULL; something of every kind happens. */
extern const char *const small_day[];

struct damage {
    const char *check; /* that must find it */
    const char *sql;
};
extern const struct damage damages[];
extern const int damage_count;
/* The same, of the bank's statements. */
extern const struct damage statement_damages[];
extern const int statement_damage_count;
/* The same, of what organs are told. */
extern const struct damage feedback_damages[];
extern const int feedback_damage_count;
/* The same, of products. */
extern const struct damage product_damages[];
extern const int product_damage_count;

#endif
