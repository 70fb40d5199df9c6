/* table.c: rows for people.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/table.h"

#include "base/check.h"
#include "client/terminal.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CELL_BYTES_MAX 1024
#define GAP 2

void table_begin(struct table *table)
{
    *table = (struct table){0};
}

void table_finish(struct table *table)
{
    for (size_t i = 0; i < table->cell_count; i++)
        free(table->cells[i]);
    free(table->cells);
    *table = (struct table){0};
}

static void append(struct table *table, const char *text)
{
    if (table->cell_count == table->cell_capacity) {
        table->cell_capacity = table->cell_capacity ? table->cell_capacity * 2 : 64;
        table->cells = realloc(table->cells, table->cell_capacity * sizeof *table->cells);
        CHECK(table->cells != NULL);
    }
    table->cells[table->cell_count++] = terminal_escaped(text);
}

void table_column(struct table *table, const char *title, enum table_alignment alignment)
{
    CHECK(table->column_count < TABLE_COLUMNS_MAX);
    CHECK(table->cell_count == table->column_count);
    table->alignments[table->column_count++] = alignment;
    append(table, title);
}

void table_cell(struct table *table, const char *format, ...)
{
    char text[CELL_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    append(table, text);
}

/* The blocks that terminals show two columns wide: Hangul Jamo, CJK, Hangul, full-width forms. */
static bool is_wide(uint32_t character)
{
    return (character >= 0x1100 && character <= 0x115f) ||
           (character >= 0x2e80 && character <= 0xa4cf) ||
           (character >= 0xac00 && character <= 0xd7a3) ||
           (character >= 0xf900 && character <= 0xfaff) ||
           (character >= 0xfe30 && character <= 0xfe6f) ||
           (character >= 0xff00 && character <= 0xff60) ||
           (character >= 0xffe0 && character <= 0xffe6) ||
           (character >= 0x1f300 && character <= 0x1faff) ||
           (character >= 0x20000 && character <= 0x3fffd);
}

size_t table_text_width(const char *text)
{
    size_t width = 0;
    const unsigned char *byte = (const unsigned char *)text;
    while (*byte) {
        uint32_t character = *byte;
        int more = character >= 0xf0 ? 3 : character >= 0xe0 ? 2 : character >= 0xc0 ? 1 : 0;
        character &= more == 3 ? 0x07 : more == 2 ? 0x0f : more == 1 ? 0x1f : 0x7f;
        byte++;
        for (; more > 0 && (*byte & 0xc0) == 0x80; more--)
            character = character << 6 | (*byte++ & 0x3f);
        width += is_wide(character) ? 2 : 1;
    }
    return width;
}

static void print_row(
    const struct table *table, FILE *out, size_t row, const size_t widths[TABLE_COLUMNS_MAX])
{
    for (size_t column = 0; column < table->column_count; column++) {
        const char *text = table->cells[row * table->column_count + column];
        int pad = (int)(widths[column] - table_text_width(text));
        bool is_last = column + 1 == table->column_count;
        if (table->alignments[column] == TABLE_RIGHT)
            fprintf(out, "%*s%s", pad, "", text);
        else
            fprintf(out, "%s%*s", text, is_last ? 0 : pad, "");
        fprintf(out, "%*s", is_last ? 0 : GAP, "");
    }
}

void table_print(const struct table *table, FILE *out, bool has_head)
{
    CHECK(table->column_count > 0 && table->cell_count % table->column_count == 0);
    size_t widths[TABLE_COLUMNS_MAX] = {0};
    for (size_t i = has_head ? 0 : table->column_count; i < table->cell_count; i++) {
        size_t width = table_text_width(table->cells[i]);
        size_t column = i % table->column_count;
        if (width > widths[column])
            widths[column] = width;
    }
    size_t rows = table->cell_count / table->column_count;
    for (size_t row = has_head ? 0 : 1; row < rows; row++) {
        if (row == 0)
            fprintf(out, "%s", terminal_colour(out, COLOUR_BOLD));
        print_row(table, out, row, widths);
        fprintf(out, "%s\n", row == 0 ? terminal_plain(out) : "");
    }
}
