/* sheet_csv.c: CSV of banks and wallets, by libcsv, in UTF-8 or, by iconv, in GB18030 or what a
 * profile says.
 *
 * libcsv gets the file line by line, so that a line's number is known whatever stands in quotes and
 * no row can grow beyond its limit. It is not strict: what these exports have around their quotes
 * would not pass.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/sheet.h"

#include "base/check.h"
#include "base/utf8.h"

#include <csv.h>
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DELIMITERS ",\t;|"
#define ENCODING_DEFAULT "GB18030"

struct csv {
    struct sheet sheet;
    iconv_t converter; /* (iconv_t)-1: the file is UTF-8 */
    struct buffer converted;
    struct csv_parser parser;
    char delimiter;
    uint32_t row_line; /* where the row begins */
    size_t row_bytes;
    bool is_head; /* the rows of the parser are tried as the head */
    bool is_wrong;
    struct buffer text; /* of the row's cells */
    size_t starts[SHEET_CELLS_MAX + 1];
    size_t count;
};

/* ---- what libcsv calls ---- */

static void on_field(void *bytes, size_t length, void *context)
{
    struct csv *csv = context;
    if (csv->count < SHEET_CELLS_MAX) {
        csv->starts[csv->count] = csv->text.length;
        buffer_append(&csv->text, bytes, length);
    }
    csv->count++;
}

static void on_row(int end, void *context)
{
    struct csv *csv = context;
    struct text cells[SHEET_CELLS_MAX];
    size_t count = csv->count < SHEET_CELLS_MAX ? csv->count : SHEET_CELLS_MAX;
    (void)end;
    csv->starts[count] = csv->text.length;
    for (size_t i = 0; i < count; i++)
        cells[i] = (struct text){.bytes = (const char *)csv->text.bytes + csv->starts[i],
            .length = (uint32_t)(csv->starts[i + 1] - csv->starts[i])};
    if (csv->is_wrong)
        return;
    if (csv->is_head)
        sheet_try_head(&csv->sheet, cells, count, csv->delimiter);
    else if (csv->count > SHEET_CELLS_MAX)
        csv->is_wrong = !reading_refuse(
            csv->sheet.reading, csv->row_line, "has more than %d cells", SHEET_CELLS_MAX);
    else
        csv->is_wrong = !sheet_take_row(&csv->sheet, cells, count, csv->row_line);
    buffer_clear(&csv->text);
    csv->count = 0;
    csv->row_bytes = 0;
    csv->row_line = csv->sheet.reading->source.lines + 1;
}

static int is_blank(unsigned char byte)
{
    return byte == ' ' || byte == '\t';
}

static int is_blank_but_tab(unsigned char byte)
{
    return byte == ' ';
}

static void open_parser(struct csv *csv, char delimiter)
{
    CHECK(csv_init(&csv->parser, CSV_REPALL_NL) == 0);
    csv_set_delim(&csv->parser, (unsigned char)delimiter);
    csv_set_space_func(&csv->parser, delimiter == '\t' ? is_blank_but_tab : is_blank);
    csv->delimiter = delimiter;
}

/* ---- encodings ---- */

/* Whether what the file begins with is UTF-8, as far as its last whole line. */
static bool looks_like_utf8(struct source *source)
{
    struct text look = source_look(source);
    const char *end = memrchr(look.bytes, '\n', look.length);
    size_t length = end && !source->is_ended ? (size_t)(end - look.bytes) : look.length;
    return utf8_is_valid(look.bytes, length);
}

static bool choose_encoding(struct csv *csv)
{
    struct reading *reading = csv->sheet.reading;
    const struct profile_set *set = csv->sheet.profiles;
    const char *encoding = set->count == 1 ? set->profiles[0].encoding : "";
    if (encoding[0] == '\0')
        encoding = looks_like_utf8(&reading->source) ? "UTF-8" : ENCODING_DEFAULT;
    snprintf(reading->outcome->encoding, sizeof reading->outcome->encoding, "%s", encoding);
    if (strcasecmp(encoding, "UTF-8") == 0)
        return true;
    csv->converter = iconv_open("UTF-8", encoding);
    return csv->converter != (iconv_t)-1 ||
           reading_refuse(reading, 0, "encoding %s of the profile is not known", encoding);
}

/* The line as UTF-8. */
static bool convert(struct csv *csv, struct text *line)
{
    struct reading *reading = csv->sheet.reading;
    if (csv->converter == (iconv_t)-1)
        return utf8_is_valid(line->bytes, line->length) ||
               reading_refuse(reading, reading->source.lines,
                   "is no UTF-8, unlike what stands before it; a profile may say the encoding");
    char *from = (char *)(uintptr_t)line->bytes;
    size_t left = line->length;
    buffer_clear(&csv->converted);
    /* A byte becomes at most four. */
    buffer_reserve(&csv->converted, 4 * left + 1);
    char *to = (char *)csv->converted.bytes;
    size_t room = csv->converted.capacity;
    if (iconv(csv->converter, NULL, NULL, NULL, NULL) == (size_t)-1 ||
        iconv(csv->converter, &from, &left, &to, &room) == (size_t)-1)
        return reading_refuse(reading, reading->source.lines,
            "is neither UTF-8 nor %s; a profile may say the encoding", reading->outcome->encoding);
    *line = (struct text){.bytes = (const char *)csv->converted.bytes,
        .length = (uint32_t)(to - (char *)csv->converted.bytes)};
    return true;
}

/* ---- lines ---- */

/* Tries the line as the head, with each delimiter that stands in it. */
static bool take_above(struct csv *csv, struct text line)
{
    for (const char *delimiter = DELIMITERS; *delimiter != '\0'; delimiter++) {
        if (line.length == 0 || !memchr(line.bytes, *delimiter, line.length))
            continue;
        open_parser(csv, *delimiter);
        csv->is_head = true;
        csv_parse(&csv->parser, line.bytes, line.length, on_field, on_row, csv);
        csv_fini(&csv->parser, on_field, on_row, csv);
        csv->is_head = false;
        csv_free(&csv->parser);
        buffer_clear(&csv->text);
        csv->count = 0;
        if (csv->sheet.profile) {
            open_parser(csv, *delimiter);
            csv->row_bytes = 0;
            csv->row_line = csv->sheet.reading->source.lines + 1;
            return true;
        }
    }
    return sheet_take_above(&csv->sheet, line);
}

static bool take_row_line(struct csv *csv, struct text line)
{
    csv->row_bytes += line.length + 1;
    if (csv->row_bytes > STATEMENT_LINE_BYTES_MAX)
        return reading_refuse(csv->sheet.reading, csv->row_line,
            "is a row of more than 64 KiB, or a quote in it is not closed");
    if (csv_parse(&csv->parser, line.bytes, line.length, on_field, on_row, csv) != line.length ||
        csv_parse(&csv->parser, "\n", 1, on_field, on_row, csv) != 1)
        return reading_refuse(csv->sheet.reading, csv->row_line, "is no row of CSV");
    return !csv->is_wrong;
}

static bool read_lines(struct csv *csv)
{
    struct reading *reading = csv->sheet.reading;
    struct text line;
    /* Cells that are empty point into it as well. */
    buffer_reserve(&csv->text, 1);
    if (!choose_encoding(csv))
        return false;
    while (reading_line(reading, &line)) {
        if (reading->source.lines == 1 && text_begins(line, "\xef\xbb\xbf")) {
            line.bytes += 3;
            line.length -= 3;
        }
        if (!convert(csv, &line))
            return false;
        if (csv->sheet.profile ? !take_row_line(csv, line) : !take_above(csv, line))
            return false;
    }
    if (reading->is_refused)
        return false;
    if (csv->sheet.profile && csv_fini(&csv->parser, on_field, on_row, csv) != 0)
        return reading_refuse(reading, csv->row_line, "is no row of CSV");
    if (!csv->is_wrong && csv->row_bytes > 0)
        return reading_refuse(reading, csv->row_line, "is a row in which a quote is not closed");
    return !csv->is_wrong && sheet_end(&csv->sheet);
}

bool sheet_read(struct reading *reading)
{
    static struct csv csv;
    csv = (struct csv){.converter = (iconv_t)-1};
    sheet_init(&csv.sheet, reading);
    reading->outcome->format = STATEMENT_TABLE;
    bool is_read = read_lines(&csv);
    if (csv.sheet.profile)
        csv_free(&csv.parser);
    if (csv.converter != (iconv_t)-1)
        iconv_close(csv.converter);
    buffer_finish(&csv.converted);
    buffer_finish(&csv.text);
    sheet_finish(&csv.sheet);
    return is_read;
}
