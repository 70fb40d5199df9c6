/* csv.h: files of rows with commas between their fields, read in one way by all tools.
 *
 * RFC 4180, by libcsv: a field that holds a comma, a quote or a line end stands in quotes, a quote
 * within it twice. The first row is the head. Lines end with LF or CRLF; a byte order mark in front
 * is passed over; other encodings than UTF-8 are refused. A file is read row by row, in bounded
 * memory, as if it were hostile. Blanks belong to their field.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_TEXT_CSV_H
#define VSL_TOOLS_TEXT_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CSV_COLUMNS_MAX 64
#define CSV_RULE_BYTES 160

struct csv_row {
    uint32_t line;             /* in the file, from 1 on; where the row begins */
    const char *const *fields; /* as many as the form has columns */
};

struct csv_form {
    const char *const *columns; /* what the head has to name, in this order */
    size_t column_count;
    size_t row_bytes_max;
    /* Takes a row behind the head; false with the rule that it breaks, which names the field. */
    bool (*take)(void *context, const struct csv_row *row, char ret_rule[CSV_RULE_BYTES]);
};

/* Reads a file. -1 with a sentence that names file, line and rule. `ret_lines` is the number of
 * lines that there are. */
int csv_read(const char *file, const struct csv_form *form, void *context, uint32_t *ret_lines,
    char *ret_error, size_t error_bytes);

/* The sentence about a line, for what is found when all rows are read. Returns -1. */
int csv_refuse(
    const char *file, uint32_t line, const char *rule, char *ret_error, size_t error_bytes);

/* Writes a field in quotes, and what stands behind it: a comma, or a line end. */
void csv_write_field(FILE *out, const char *text, bool is_last);

/* The same of a text that somebody else wrote: where a spreadsheet would take it for a formula, it
 * gets an apostrophe in front, and so does one that begins with an apostrophe: so who reads the
 * file takes off one that stands in front. */
void csv_write_text(FILE *out, const char *text, bool is_last);

#endif
