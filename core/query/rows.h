/* rows.h: rows of results as records.
 *
 * What the database holds was written by us, yet it is read with care: a row that no program of
 * ours can have written is damage, and is said to be so rather than shown.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_QUERY_ROWS_H
#define VSL_QUERY_ROWS_H

#include "base/arena.h"
#include "base/must_use.h"
#include "model/command_record.h"
#include "model/records.h"
#include "pg/pg.h"
#include "query/page_token.h"

#include <stdint.h>

/* The records of the rows point into the result. Each returns 0, or -1 when the row is damaged. */

/* A row of command_by_key, commands_between or commands_of. */
MUST_USE int row_read_command(
    const struct pg_result *result, size_t row, struct command_record *ret_record);

/* A row of postings_of. */
MUST_USE int row_read_posting(const struct pg_result *result, size_t row, int64_t *ret_sequence,
    int16_t *ret_line, struct posting *ret_posting);

/* Reads the postings of one command from `*row` on and moves it behind them; the rows stand in the
 * order of the commands. -1 when they are damaged. */
MUST_USE int rows_take_postings(const struct pg_result *result, size_t *row, int64_t sequence,
    struct posting ret_postings[POSTINGS_PER_COMMAND_MAX], uint32_t *ret_count);

/* One side of a posting as an account sees it. */
struct account_line {
    struct line_place place;
    int64_t amount_minor; /* with sign: positive came in */
    int64_t balance_after_minor;
    int64_t other_account_id;
    uint8_t bucket;
    uint8_t other_bucket;
};

/* A row of lines_newest_first or lines_oldest_first; the command only when the row has it
 * (`ret_has_command`): key, sequence, recorded_us, accounting_date, kind, body and order_number are
 * set then. */
MUST_USE int row_read_line(const struct pg_result *result, size_t row,
    struct account_line *ret_line, bool *ret_has_command, struct command_record *ret_record);

/* A copy of the record with its body and order number in the arena; NULL when the arena is full. */
struct command_record *record_copy(const struct command_record *record, struct arena *arena);

#endif
