/* stage.h: six ledgers with everything that a rule can be about, to try one command at a time on.
 *
 * The engine and the naive model hold the same. Ids are fixed, so that tables can name them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_STAGE_H
#define VSL_TESTS_ENGINE_STAGE_H

#include "commands.h"
#include "engine/engine.h"
#include "naive_model.h"

/* Accounting date TEST_DATE, window of 3 dates, where nothing else is said. */
enum stage_ledger {
    L_MAIN = 1,
    L_OTHER = 2,
    L_CLOSED = 3,
    L_EMPTY = 4, /* nothing in it, so that it can be closed */
    L_FULL = 5,  /* its escrow account holds INT64_MAX */
    L_LATE = 6,  /* after three day cuts, at TEST_DATE + 3 */
    L_NONE = 7,  /* there is no such ledger */
};

/* Control accounts of L_MAIN; the ledgers' follow each other. */
enum stage_control_account {
    ESCROW = 1,
    UNALLOCATED = 2,
    FEE = 3,
    PLATFORM_OWN = 4,
    INTEREST = 5,
    ENFORCEMENT = 6,
    ESCROW_OTHER = 7,
    ESCROW_FULL = 25,
    FEE_FULL = 27,
};

enum stage_member {
    M_OWNER = 1,   /* of the accounts of L_MAIN that are open */
    M_EMPTY = 2,   /* no account yet */
    M_CLOSED = 3,  /* closed */
    M_LEAVING = 4, /* its account is closed: it can be closed too */
    M_OTHER = 5,   /* of L_OTHER */
    M_FULL = 6,    /* of L_FULL */
    M_LATE = 7,    /* of L_LATE */
    M_NONE = 8,
};

enum stage_account {
    A_RICH = 37,    /* RICH_MINOR available, PENDING_RICH_MINOR pending out */
    A_POOR = 38,    /* open, nothing in it */
    A_NO_IN = 39,   /* takes nothing; 500 available, 20 pending out */
    A_NO_OUT = 40,  /* gives nothing; 500 available */
    A_BOTH = 41,    /* neither; 500 available */
    A_PENDING = 42, /* nothing available, 100 pending out */
    A_CLOSED = 43,  /* of M_LEAVING */
    A_OTHER = 44,   /* of L_OTHER; 1,000 available, 10 pending out */
    A_FULL = 45,    /* of L_FULL; everything but what is in FEE_FULL */
    A_LATE = 46,    /* of L_LATE; 100 available */
    A_NONE = 47,
};

#define RICH_MINOR 1000000
#define PENDING_RICH_MINOR 97

enum stage_payout {
    P_REQUESTED = 1,  /* of A_RICH: 97, fee 3 */
    P_PAID = 2,       /* of A_RICH: 200 */
    P_FAILED = 3,     /* of A_RICH */
    P_RETURNED = 4,   /* of A_RICH */
    P_CLOSED = 5,     /* of A_CLOSED: 50, paid */
    P_OTHER = 6,      /* of A_OTHER: 10, requested */
    P_PENDING = 7,    /* of A_PENDING: 100, requested */
    P_NO_IN = 8,      /* of A_NO_IN: 20, fee 2, requested */
    P_NO_IN_PAID = 9, /* of A_NO_IN: 30, paid */
    P_FULL = 10,      /* of A_FULL: 10, paid; the ledger was filled up again since */
    P_NONE = 11,
};

struct stage {
    struct engine *engine;
    struct naive_model *model;
    int64_t sequence; /* of the last command */
    struct effects effects;
};

struct stage *stage_create(void);
void stage_destroy(struct stage *stage);

/* Executes a command on both; it must be accepted. Returns its subject. */
int64_t stage_do(struct stage *stage, struct command command);

#endif
