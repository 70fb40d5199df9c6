/* database.h: a private PostgreSQL for a C test, and databases with our schema in it.
 *
 * Calls tests/support/postgres. The cluster is made in main, before Check forks its cases; each
 * case takes a database of its own.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_SUPPORT_DATABASE_H
#define VSL_SUPPORT_DATABASE_H

#include <stdbool.h>
#include <stdint.h>

/* Starts a cluster in a new temporary directory. False when there is no PostgreSQL: then the plan
 * "1..0 # SKIP" has been printed, and main returns 0. */
bool database_cluster_start(void);
void database_cluster_stop(void);

/* Kills the server as a crash would and starts it again. */
void database_cluster_restart(void);

/* Makes a database from the migrations (or an empty one) and returns its connection string, valid
 * until the next call. */
const char *database_create(const char *name);
const char *database_create_empty(const char *name);

/* Runs statements on a connection of its own; the first value of the first row as a number. A
 * failure fails the test. */
void database_run(const char *conninfo, const char *sql);
int64_t database_number(const char *conninfo, const char *sql);

#endif
