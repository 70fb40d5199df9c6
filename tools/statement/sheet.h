/* sheet.h: tables of entries by a profile: their rows, whether they come from CSV or from XLS.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_STATEMENT_SHEET_H
#define VSL_TOOLS_STATEMENT_SHEET_H

#include "statement/profile.h"
#include "statement/reading.h"

#define SHEET_CELLS_MAX 128
#define SHEET_STATEMENTS_MAX 16 /* accounts and currencies of one file */
#define SHEET_LINES_ABOVE_MAX 60
#define SHEET_ACCOUNT_BYTES 128
#define SHEET_SUM_BYTES 32

/* Whether balances chain in one of the two orders. */
struct sheet_chain {
    uint64_t breaks;
    uint32_t first_break; /* line; 0: none */
};

/* The entries of one account in one currency. */
struct sheet_statement {
    struct statement statement;
    char account[SHEET_ACCOUNT_BYTES];
    char currency[4];
    bool has_balances; /* every row so far has one */
    int64_t first_balance_minor;
    int64_t first_amount_minor;
    int64_t last_balance_minor;
    int64_t last_amount_minor;
    struct sheet_chain oldest_first;
    struct sheet_chain newest_first;
};

struct sheet {
    struct reading *reading;
    const struct profile_set *profiles;
    const struct profile *profile; /* NULL: no head was found yet */
    int columns[PROFILE_COLUMNS];  /* where each is; -1: nowhere */
    uint32_t lines_above;
    bool is_ended; /* what stands below is no row */

    /* What stands above or below the rows. Lines above are kept until the profile is known. */
    struct buffer above;
    struct buffer below; /* rows behind the end: '|' between their cells, '/' behind each */
    uint32_t below_line;
    int year; /* for days without one; 0: not known */
    int month;
    char account[SHEET_ACCOUNT_BYTES];
    struct statement_total counts[STATEMENT_TOTALS];
    char sums[STATEMENT_TOTALS][SHEET_SUM_BYTES]; /* as they stand; "": none */

    struct sheet_statement statements[SHEET_STATEMENTS_MAX];
    size_t statement_count;
};

void sheet_init(struct sheet *sheet, struct reading *reading);
void sheet_finish(struct sheet *sheet);

/* Whether the cells are the head of a profile that takes this delimiter (0: any); then it is the
 * table's. */
bool sheet_try_head(struct sheet *sheet, const struct text *cells, size_t count, char delimiter);
/* Takes a line above the head. False: there are too many, the file is refused. */
bool sheet_take_above(struct sheet *sheet, struct text line);
/* Takes a row behind the head. */
bool sheet_take_row(struct sheet *sheet, const struct text *cells, size_t count, uint32_t line);
/* At the end: closes the statements. */
bool sheet_end(struct sheet *sheet);

/* ---- sheet_cells.c ---- */

/* A cell without blanks, tabs, a back-tick, and ="..." around; of dashes only: nothing. */
struct text cell_clean(struct text cell);
/* NULL, or the rule that it breaks. */
const char *cell_amount(
    struct text cell, const struct profile *profile, int decimals, int64_t *ret_amount_minor);
/* A day, and a time where the format has one (HHMMSS, else -1). `year` and `month` are those above
 * the head: a day of a later month is of the year before. */
bool cell_day(struct text cell, const char *formats, int year, int month, int32_t *ret_day,
    int32_t *ret_time);
/* "17:57:17", "123456" to HHMMSS; -1: none. */
int32_t cell_time(struct text cell);
/* A code of ISO 4217 or a Chinese name, also one that the text begins with; "": none. */
const char *cell_currency(struct text cell);

#endif
