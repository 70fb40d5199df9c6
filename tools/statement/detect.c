/* detect.c: which format a file is in, by what stands in front, and reading it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/reading.h"

#include <stdio.h>
#include <string.h>

#define LINES_LOOKED_AT 200

const char *statement_format_name(enum statement_format format)
{
    switch (format) {
    case STATEMENT_CAMT052:
        return "camt.052";
    case STATEMENT_CAMT053:
        return "camt.053";
    case STATEMENT_CAMT054:
        return "camt.054";
    case STATEMENT_MT940:
        return "MT940";
    case STATEMENT_MT942:
        return "MT942";
    case STATEMENT_BAI2:
        return "BAI2";
    case STATEMENT_TABLE:
        return "table";
    default:
        return "";
    }
}

/* What is told by the first bytes and not read. */
static const struct {
    const char *bytes;
    uint32_t length;
    const char *reason;
} others[] = {
    {"PK\x03\x04", 4,
        "is a ZIP archive or an XLSX workbook: unpack it, or open it in a spreadsheet program and "
        "save the sheet as CSV (UTF-8)"},
    {"%PDF", 4, "is a PDF: ask the bank for the same statement as camt.053, MT940 or CSV"},
    {"\xff\xfe", 2, "is UTF-16 text: save it as UTF-8"},
    {"\xfe\xff", 2, "is UTF-16 text: save it as UTF-8"},
    {"\x1f\x8b", 2, "is a gzip archive: unpack it"},
    {"Rar!", 4, "is a RAR archive: unpack it"},
};
#define OTHER_COUNT (sizeof others / sizeof *others)

#define OLE2_MARK "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

static bool has_mark(struct text text, const char *mark, uint32_t length)
{
    return text.length >= length && memcmp(text.bytes, mark, length) == 0;
}

/* Whether a line begins with ":20:", ":NS:" or what else is a tag of MT940's. */
static bool is_tagged(struct text line)
{
    static const char *const tags[] = {"20", "21", "25", "25P", "28", "28C", "60F", "60M", "61",
        "86", "62F", "62M", "64", "65", "34F", "13", "13D", "90D", "90C", "NS"};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        size_t length = strlen(tags[i]);
        if (line.length > length + 1 && line.bytes[0] == ':' && line.bytes[length + 1] == ':' &&
            memcmp(line.bytes + 1, tags[i], length) == 0)
            return true;
    }
    return line.length >= 4 && memcmp(line.bytes, "{1:F", 4) == 0;
}

static bool has_tagged_line(struct text text)
{
    const char *at = text.bytes;
    const char *end = at + text.length;
    for (int i = 0; i < LINES_LOOKED_AT && at < end; i++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        if (is_tagged((struct text){.bytes = at, .length = (uint32_t)(stop - at)}))
            return true;
        at = stop + 1;
    }
    return false;
}

/* Pages that are named .xls, and are opened as such. */
static bool is_page(struct text text)
{
    static const char *const starts[] = {"<html", "<table", "<!doctype html", "<meta", "<style",
        "<?xml version=\"1.0\"?>\n<?mso-application",
        "<?xml version=\"1.0\"?>\r\n<?mso-application"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t length = strlen(starts[i]);
        if (text.length >= length && strncasecmp(text.bytes, starts[i], length) == 0)
            return true;
    }
    return false;
}

reader detect_reader(struct reading *reading)
{
    struct text look = source_look(&reading->source);
    if (reading->source.error != 0) {
        reading_refuse(reading, 0, "could not be read: %s", strerror(reading->source.error));
        return NULL;
    }
    for (size_t i = 0; i < OTHER_COUNT; i++) {
        if (has_mark(look, others[i].bytes, others[i].length)) {
            reading_refuse(reading, 0, "%s", others[i].reason);
            return NULL;
        }
    }
    if (has_mark(look, OLE2_MARK, 8))
        return xls_read;
    struct text text = text_begins(look, "\xef\xbb\xbf")
                           ? (struct text){.bytes = look.bytes + 3, .length = look.length - 3}
                           : look;
    text = text_trimmed(text);
    if (text.length == 0) {
        reading_refuse(reading, 0, "is empty");
        return NULL;
    }
    if (is_page(text)) {
        reading_refuse(reading, 0,
            "is a web page or a workbook in XML, whatever it is named: open it in a spreadsheet "
            "program and save the sheet as CSV (UTF-8)");
        return NULL;
    }
    if (text.bytes[0] == '<' || has_mark(look, "\x00<", 2) || has_mark(look, "<\x00", 2))
        return camt_read;
    if (text_begins(text, "01,"))
        return bai2_read;
    return has_tagged_line(text) ? mt940_read : sheet_read;
}

int statement_read(int fd, const struct statement_options *options,
    const struct statement_sink *sink, struct statement_outcome *ret_outcome)
{
    struct reading reading = {.options = options, .sink = sink, .outcome = ret_outcome};
    *ret_outcome = (struct statement_outcome){0};
    source_init(&reading.source, fd);
    reader read = detect_reader(&reading);
    bool is_read = read != NULL && read(&reading) && !reading.is_refused;
    source_finish(&reading.source);
    return is_read ? 0 : -1;
}
