/* table.h: rows for people: aligned columns, numbers to the right, the head in bold.
 *
 *     struct table table;
 *     table_begin(&table);
 *     table_column(&table, "account", TABLE_RIGHT);
 *     table_cell(&table, "%s", ...);      row by row, as many cells as columns
 *     table_print(&table, stdout);
 *     table_finish(&table);
 *
 * Laid out by libsmartcols, which knows how many columns a character takes. On a terminal that is
 * too narrow texts are cut so that rows stay rows; in files and pipes nothing is ever cut.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_TEXT_TABLE_H
#define VSL_TOOLS_TEXT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 16

enum table_alignment { TABLE_LEFT, TABLE_RIGHT };

struct libscols_table;
struct libscols_line;

struct table {
    struct libscols_table *rows;
    struct libscols_line *row; /* the last one */
    size_t column_count;
    size_t cell_count;
};

void table_begin(struct table *table);
void table_finish(struct table *table);

/* Adds a column; all columns come before the first cell. */
void table_column(struct table *table, const char *title, enum table_alignment alignment);

/* Adds the next cell. Characters that would steer the terminal are escaped, so that text from
 * outside cannot, and the widths count what is seen. */
void table_cell(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints the head and the rows; with `has_head` false the rows only, none of which is cut. */
void table_print(const struct table *table, FILE *out, bool has_head);

#endif
