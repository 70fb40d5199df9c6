/* reading.h: what the readers of the formats share: the file, who hears of it, why it is refused.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_STATEMENT_READING_H
#define VSL_TOOLS_STATEMENT_READING_H

#include "base/buffer.h"
#include "statement/source.h"
#include "statement/statement.h"

struct reading {
    struct source source;
    const struct statement_options *options;
    const struct statement_sink *sink;
    struct statement_outcome *outcome;
    bool is_refused;
    int64_t told_bytes; /* of progress */
};

/* Refuses the file; the first reason counts. Line 0: no line. Returns false. */
__attribute__((format(printf, 3, 4))) bool reading_refuse(
    struct reading *reading, uint32_t line, const char *format, ...);

/* Says that something deviates, or does not add up. */
__attribute__((format(printf, 5, 6))) void reading_find(struct reading *reading,
    const struct statement *statement, enum statement_finding finding, uint32_t line,
    const char *format, ...);

/* Tell the sink; false when it refuses the file. The entry gets its number. */
bool reading_open(struct reading *reading, const struct statement *statement);
bool reading_detail(struct reading *reading, const struct statement *statement,
    const struct statement_detail *detail);
bool reading_entry(
    struct reading *reading, struct statement *statement, struct statement_entry *entry);
bool reading_close(struct reading *reading, const struct statement *statement);

/* Takes the next line; false at the end, and when the file is refused by it. A line with a NUL byte
 * is refused. */
bool reading_line(struct reading *reading, struct text *ret_line);

/* Appends the text as UTF-8: as it is, or, when it is none, each byte as Latin-1: what code page it
 * was, only the bank knows. Control characters become blanks, but for line feeds. */
void reading_append(struct buffer *out, struct text text);

/* Ends the text in the buffer with a NUL that does not count. */
const char *reading_string(struct buffer *buffer);

/* Copies a text into an array, with its NUL; false when it does not fit. */
bool reading_copy(char *array, size_t array_bytes, struct text text);

/* The same as one line of UTF-8, for names and numbers that are printed. */
bool reading_copy_line(char *array, size_t array_bytes, struct text text);

struct text text_trimmed(struct text text);
bool text_begins(struct text text, const char *start);

/* ---- the readers: each reads the file behind what is known of it; false: it is refused ---- */

bool camt_read(struct reading *reading);
bool mt940_read(struct reading *reading);
bool bai2_read(struct reading *reading);
bool sheet_read(struct reading *reading);
bool xls_read(struct reading *reading);

/* ---- detect.c ---- */

typedef bool (*reader)(struct reading *reading);

/* Which reader reads such a file; NULL when it is refused. */
reader detect_reader(struct reading *reading);

#endif
