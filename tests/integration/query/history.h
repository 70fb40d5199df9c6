/* history.h: a random journal, in arrays and in a database, with a cut between them that can move.
 *
 * The arrays are the truth that answers are compared with, and what struct query_recent offers from
 * the cut on. The database has every row, as the real one has, and indexes on every segment but the
 * last; what it says is indexed follows the cut. Commands stand in batches of 1 to 23, some of them
 * over the edge between segments.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_QUERY_HISTORY_H
#define VSL_TESTS_QUERY_HISTORY_H

#include "query/query.h"
#include "support/random.h"

#define HISTORY_LEDGERS 2
#define HISTORY_ACCOUNTS 9 /* 1..6 of ledger 1, 7..9 of ledger 2 */
#define HISTORY_HOT_ACCOUNT 3
#define HISTORY_FIRST_DAY 20000
#define HISTORY_ORDERS 12 /* order numbers of each ledger; the first one is frequent */

struct history {
    int64_t count; /* commands 1..count */
    int64_t segment_commands;
    struct command_record *records; /* by sequence */
    struct posting *postings;
    uint32_t *first_posting; /* by sequence; [count + 1] is the end */
    int64_t cut;
    int64_t durable;
    struct ledger_scope scope; /* what whoever asks may see; at first everything */
    int64_t *batches;          /* the first sequence of each, from batch 1 on, and the end */
    int64_t batch_count;
    void *conn; /* PGconn */
};

/* Puts the commands of the database into batches; part of history_create. */
void history_make_batches(struct random *random, struct history *history);

/* The batch of a command. */
int64_t history_batch(const struct history *history, int64_t sequence);

/* Makes a journal of `segments` segments; the database must have the schema. */
struct history *history_create(
    struct random *random, int64_t segments, int64_t segment_commands, const char *conninfo);
void history_destroy(struct history *history);

/* Moves the cut to the start of the nth segment (from 0 on), here and in the database. */
void history_set_cut(struct history *history, int64_t segment);
int64_t history_segments(const struct history *history);

/* One of the bank's references, 0 to 3; the first one is empty. */
struct text history_reference(int64_t reference);
/* The payer or destination with that number, 0 to 3; they share names and account numbers. */
struct party history_party(int64_t party);

/* One of the order numbers. */
struct text history_order(int64_t order);

struct query_recent history_recent(struct history *history);

/* Runs statements on the history's own connection. */
void history_run(struct history *history, const char *sql);
/* The first column of the rows, a line each; the caller frees it. */
char *history_read(struct history *history, const char *sql);

#endif
