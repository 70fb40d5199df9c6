/* played_pg.h: PostgreSQL's connections as the store sees them, played: a test answers each one's
 * question.
 *
 * One question a connection is open at a time, as in truth.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_STORE_PLAYED_PG_H
#define VSL_TESTS_STORE_PLAYED_PG_H

#include "pg/pg.h"

#include "store/internal.h"

enum { PLAYED_ROWS_MAX = 4, PLAYED_COLUMNS_MAX = 6, PLAYED_CONNECTIONS = 3 };

struct pg_connection {
    const struct pg_handlers *handlers;
    void *context;
    const char *name;
    bool is_ready;
    uint32_t resets;
    const char *asked; /* name of the statement; "copy in", "copy out"; NULL: no question is open */
    pg_on_result on_done;
    void *asker;
};

struct pg_result {
    size_t rows;
    int64_t cells[PLAYED_ROWS_MAX][PLAYED_COLUMNS_MAX];
    int32_t length; /* of each column read as bytes; 0: 16 */
};

/* In the order in which they were opened: the writer's, the check's, the keeper's. */
extern struct pg_connection played[PLAYED_CONNECTIONS];
extern int64_t played_us; /* what the clocks show */

void played_begin(void);
/* It is connected; its connection breaks, and with it the question. */
void played_connect(struct pg_connection *connection);
void played_break(struct pg_connection *connection);
/* Whether this is asked; it is answered. */
bool played_asks(const struct pg_connection *connection, const char *statement);
void played_answer(struct pg_connection *connection, const struct pg_result *result);
void played_refuse(struct pg_connection *connection, const char *sqlstate);

#endif
