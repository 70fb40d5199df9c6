/* statements.h: the read statements of sql/statements as the program holds them.
 *
 * The definitions are generated from the files (tools/dev/gen-statements); each file's head tells
 * parameters, columns, index and rows. Prepared under the file's name.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_QUERY_STATEMENTS_H
#define VSL_QUERY_STATEMENTS_H

#include "pg/pg.h"

extern const struct pg_statement statement_account_commands_between;
extern const struct pg_statement statement_account_sequences;
extern const struct pg_statement statement_batch_of;
extern const struct pg_statement statement_command_by_key;
extern const struct pg_statement statement_command_by_reference;
extern const struct pg_statement statement_commands_between;
extern const struct pg_statement statement_commands_of;
extern const struct pg_statement statement_ended_hold;
extern const struct pg_statement statement_indexed_before;
extern const struct pg_statement statement_key_bounds;
extern const struct pg_statement statement_ledger_dates;
extern const struct pg_statement statement_lines_newest_first;
extern const struct pg_statement statement_lines_oldest_first;
extern const struct pg_statement statement_order_sequences;
extern const struct pg_statement statement_postings_of;
extern const struct pg_statement statement_promise_by_reference;
extern const struct pg_statement statement_matched_booking;
extern const struct pg_statement statement_search_commands;
extern const struct pg_statement statement_segment_parts;

/* All of them, ended by NULL. */
extern const struct pg_statement *const all_statements[];

#endif
