/* csv.c: files of rows with commas between their fields.
 *
 * libcsv gets the file line by line, so that a line's number is known whatever stands in quotes,
 * and no row can grow beyond its limit.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/csv.h"

#include "base/buffer.h"
#include "base/check.h"
#include "base/utf8.h"
#include "client/text_file.h"

#include <csv.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    const struct csv_form *form;
    void *context;
    struct csv_parser parser;
    uint32_t line;      /* that libcsv gets now */
    uint32_t row_line;  /* where the row begins */
    size_t row_bytes;   /* in the lines of the row before this one */
    struct buffer text; /* the fields of the row, each with its NUL */
    size_t starts[CSV_COLUMNS_MAX];
    size_t count; /* of the row's fields, also of those that are too many */
    bool has_head;
    bool is_wrong;
    char rule[CSV_RULE_BYTES];
};

int csv_refuse(
    const char *file, uint32_t line, const char *rule, char *ret_error, size_t error_bytes)
{
    snprintf(ret_error, error_bytes, "%s, line %u: %s", file, line, rule);
    return -1;
}

__attribute__((format(printf, 2, 3))) static void fail(
    struct reading *reading, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reading->rule, sizeof reading->rule, format, arguments);
    va_end(arguments);
    reading->is_wrong = true;
}

/* ---- what libcsv calls ---- */

static void on_field(void *bytes, size_t length, void *context)
{
    struct reading *reading = context;
    if (reading->count < reading->form->column_count) {
        reading->starts[reading->count] = reading->text.length;
        buffer_append(&reading->text, bytes, length);
        buffer_append_u8(&reading->text, 0);
    }
    reading->count++;
}

static void take_head(struct reading *reading, const char *const *fields)
{
    for (size_t i = 0; i < reading->form->column_count; i++) {
        if (strcmp(fields[i], reading->form->columns[i]) != 0) {
            fail(reading, "the head must name the columns, see --help: number %zu is %s", i + 1,
                reading->form->columns[i]);
            return;
        }
    }
    reading->has_head = true;
}

static void on_row(int end, void *context)
{
    struct reading *reading = context;
    const char *fields[CSV_COLUMNS_MAX];
    size_t columns = reading->form->column_count;
    (void)end;
    if (reading->is_wrong)
        return;
    for (size_t i = 0; i < columns && i < reading->count; i++)
        fields[i] = (const char *)reading->text.bytes + reading->starts[i];
    if (reading->count != columns && !reading->has_head)
        fail(reading, "the head must name the %zu columns, see --help", columns);
    else if (reading->count != columns)
        fail(reading, "a line has exactly %zu fields with commas between", columns);
    else if (!reading->has_head)
        take_head(reading, fields);
    else
        reading->is_wrong = !reading->form->take(reading->context,
            &(struct csv_row){.line = reading->row_line, .fields = fields}, reading->rule);
    buffer_clear(&reading->text);
    reading->count = 0;
    if (reading->is_wrong)
        return;
    reading->row_bytes = 0;
    reading->row_line = reading->line + 1;
}

/* Blanks are content: an amount with one in front is for its reader to judge. */
static int is_no_blank(unsigned char byte)
{
    (void)byte;
    return 0;
}

/* ---- lines ---- */

/* `text` has room for a line end behind its length. */
static void take_line(struct reading *reading, char *text, size_t length)
{
    if (length > 0 && text[length - 1] == '\r')
        length--;
    if (reading->line == 1) {
        int mark =
            text_mark_bytes((const uint8_t *)text, length, reading->rule, sizeof reading->rule);
        reading->is_wrong = mark < 0;
        if (mark < 0)
            return;
        text += mark;
        length -= (size_t)mark;
    }
    if (memchr(text, '\0', length)) {
        fail(reading, "a line must not hold a NUL byte");
        return;
    }
    if (!utf8_is_valid((const uint8_t *)text, length)) {
        fail(reading, "the text must be UTF-8");
        return;
    }
    text[length++] = '\n';
    reading->row_bytes += length;
    if (csv_parse(&reading->parser, text, length, on_field, on_row, reading) != length)
        fail(reading, "a field with a quote in it must stand in quotes, and each of its quotes be "
                      "written twice");
}

static void take_lines(struct reading *reading, FILE *in)
{
    size_t most = reading->form->row_bytes_max;
    char *text = malloc(most + 2);
    size_t length = 0;
    int byte;
    CHECK(text != NULL);
    do {
        byte = getc(in);
        if (byte != '\n' && byte != EOF) {
            if (reading->row_bytes + length >= most)
                fail(reading, "a line takes at most %zu bytes", most);
            else
                text[length++] = (char)byte;
            continue;
        }
        if (byte == EOF && length == 0)
            break;
        take_line(reading, text, length);
        if (!reading->is_wrong)
            reading->line++;
        length = 0;
    } while (byte != EOF && !reading->is_wrong);
    free(text);
    if (!reading->is_wrong && ferror(in))
        fail(reading, "the file could not be read further");
    if (!reading->is_wrong && csv_fini(&reading->parser, on_field, on_row, reading) != 0)
        fail(reading, "the quote that begins a field of this row is not closed");
}

int csv_read(const char *file, const struct csv_form *form, void *context, uint32_t *ret_lines,
    char *ret_error, size_t error_bytes)
{
    struct reading reading = {.form = form, .context = context, .line = 1, .row_line = 1};
    CHECK(form->column_count > 0 && form->column_count <= CSV_COLUMNS_MAX);
    FILE *in = fopen(file, "r");
    if (!in) {
        snprintf(ret_error, error_bytes, "could not open '%s': %s", file, strerror(errno));
        return -1;
    }
    CHECK(csv_init(&reading.parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) == 0);
    csv_set_space_func(&reading.parser, is_no_blank);
    take_lines(&reading, in);
    fclose(in);
    csv_free(&reading.parser);
    buffer_finish(&reading.text);
    if (reading.is_wrong)
        return csv_refuse(file, reading.row_line, reading.rule, ret_error, error_bytes);
    *ret_lines = reading.line - 1;
    return 0;
}

void csv_write_field(FILE *out, const char *text, bool is_last)
{
    csv_fwrite(out, text, strlen(text));
    fputc(is_last ? '\n' : ',', out);
}

void csv_write_text(FILE *out, const char *text, bool is_last)
{
    /* The last four are = + - @ in full width, which spreadsheets take for the same. */
    static const char *const openings[] = {"=", "+", "-", "@", "\t", "\r", "\n", "'",
        "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    bool is_marked = false;
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++)
        is_marked |= strncmp(text, openings[i], strlen(openings[i])) == 0;
    if (!is_marked) {
        csv_write_field(out, text, is_last);
        return;
    }
    struct buffer marked = {0};
    buffer_append_u8(&marked, '\'');
    buffer_append(&marked, text, strlen(text));
    csv_fwrite(out, marked.bytes, marked.length);
    fputc(is_last ? '\n' : ',', out);
    buffer_finish(&marked);
}
