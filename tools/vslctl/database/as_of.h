/* as_of.h: up to which command a paper about a ledger looks.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_DATABASE_AS_OF_H
#define VSL_TOOLS_VSLCTL_DATABASE_AS_OF_H

#include "base/must_use.h"

#include <argp.h>
#include <libpq-fe.h>
#include <stdint.h>

/* Options --ledger (else $VSL_LEDGER) and --date, as an argp child. */
struct as_of_options {
    int64_t ledger_id; /* 0: not given */
    int32_t date;      /* YYYYMMDD; 0: not given */
};
extern const struct argp as_of_argp;

/* A ledger's accounting date stands in each image of it, the one in force first: an SQL expression
 * over the row `h` of vsl.ledger_history. */
#define DAY_OF_IMAGE                                                                               \
    "(date '1970-01-01' + ('x' || encode(substring(h.accounting_dates, 1, 4), 'hex'))"             \
    "::bit(32)::integer)"

/* Finds the ledger's first command, and the last one of an accounting date (YYYYMMDD, whose day cut
 * or close it is); with date 0 looks whether `sequence` is one that the ledger knows, and takes it.
 * An exit status, with a message: no such ledger, a date that is not closed yet or before the first
 * one, a command that is not durable here or before the ledger's first. */
MUST_USE int as_of_find(PGconn *connection, int64_t ledger_id, int32_t date, int64_t sequence,
    int64_t *ret_first_sequence, int64_t *ret_sequence);

#endif
