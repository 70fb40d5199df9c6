/* table.c: rows for people.
 *
 * Cells are made harmless before libsmartcols gets them, and colours are written around what it
 * made: its own escaping and colours would not pass the terminal's guard.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/table.h"

#include "base/check.h"
#include "client/terminal.h"

#include <libsmartcols/libsmartcols.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CELL_BYTES_MAX 1024
#define GAP "  "

void table_begin(struct table *table)
{
    *table = (struct table){.rows = scols_new_table()};
    CHECK(table->rows != NULL);
    CHECK(scols_table_set_column_separator(table->rows, GAP) == 0);
    CHECK(scols_table_enable_noencoding(table->rows, 1) == 0);
}

void table_finish(struct table *table)
{
    scols_unref_table(table->rows);
    *table = (struct table){0};
}

void table_column(struct table *table, const char *title, enum table_alignment alignment)
{
    CHECK(table->column_count < TABLE_COLUMNS_MAX);
    CHECK(table->cell_count == 0);
    char *shown = terminal_escaped(title);
    int flags = alignment == TABLE_RIGHT ? SCOLS_FL_RIGHT : SCOLS_FL_TRUNC;
    CHECK(scols_table_new_column(table->rows, shown, 0, flags) != NULL);
    free(shown);
    table->column_count++;
}

void table_cell(struct table *table, const char *format, ...)
{
    char text[CELL_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t column = table->cell_count++ % table->column_count;
    if (column == 0)
        table->row = scols_table_new_line(table->rows, NULL);
    CHECK(table->row != NULL);
    CHECK(scols_line_refer_data(table->row, column, terminal_escaped(text)) == 0);
}

/* libsmartcols prints no head over no rows; a head says what there would be. */
static void print_head_alone(const struct table *table, FILE *out)
{
    fprintf(out, "%s", terminal_colour(out, COLOUR_BOLD));
    for (size_t i = 0; i < table->column_count; i++) {
        struct libscols_column *column = scols_table_get_column(table->rows, i);
        fprintf(out, "%s%s", i > 0 ? GAP : "", scols_column_get_name(column));
    }
    fprintf(out, "%s\n", terminal_plain(out));
}

/* The rows as text, each with its line end, cut to so many columns; 0: not cut. To be freed. */
static char *lay_out(const struct table *table, int columns)
{
    char *text = NULL;
    /* The width of a character is asked of the locale, which must know UTF-8 whatever it is. */
    locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = locale ? uselocale(locale) : (locale_t)0;
    scols_table_set_termforce(
        table->rows, columns > 0 ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
    if (columns > 0)
        scols_table_set_termwidth(table->rows, (size_t)columns);
    CHECK(scols_print_table_to_string(table->rows, &text) == 0 && text != NULL);
    if (locale) {
        uselocale(before);
        freelocale(locale);
    }
    return text;
}

void table_print(const struct table *table, FILE *out, bool has_head)
{
    CHECK(table->column_count > 0 && table->cell_count % table->column_count == 0);
    if (table->cell_count == 0) {
        if (has_head)
            print_head_alone(table, out);
        return;
    }
    scols_table_enable_noheadings(table->rows, !has_head);
    int fd = terminal_fd(out);
    char *text = lay_out(table, has_head && isatty(fd) ? terminal_columns(fd) : 0);
    size_t head = has_head ? strcspn(text, "\n") : 0;
    fprintf(out, "%s%.*s%s%s\n", has_head ? terminal_colour(out, COLOUR_BOLD) : "", (int)head, text,
        has_head ? terminal_plain(out) : "", text + head);
    free(text);
}
