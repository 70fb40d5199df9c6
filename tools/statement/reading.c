/* reading.c: what the readers of the formats share.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/reading.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PROGRESS_BYTES ((int64_t)1 << 20)

bool reading_refuse(struct reading *reading, uint32_t line, const char *format, ...)
{
    char *reason = reading->outcome->reason;
    va_list arguments;
    int length = 0;
    if (reading->is_refused)
        return false;
    reading->is_refused = true;
    if (line > 0)
        length = snprintf(reason, STATEMENT_REASON_BYTES, "line %u: ", line);
    va_start(arguments, format);
    vsnprintf(reason + length, STATEMENT_REASON_BYTES - (size_t)length, format, arguments);
    va_end(arguments);
    return false;
}

void reading_find(struct reading *reading, const struct statement *statement,
    enum statement_finding finding, uint32_t line, const char *format, ...)
{
    char text[STATEMENT_REASON_BYTES];
    va_list arguments;
    if (!reading->sink->find)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    reading->sink->find(reading->sink->context, statement, finding, line, text);
}

/* The sink has refused the file for the reason. */
static bool refuse_for(struct reading *reading, uint32_t line, const char *reason)
{
    return reading_refuse(reading, line, "%s", reason);
}

bool reading_open(struct reading *reading, const struct statement *statement)
{
    char reason[STATEMENT_REASON_BYTES] = "";
    const struct statement_sink *sink = reading->sink;
    return !sink->open || sink->open(sink->context, statement, reason) ||
           refuse_for(reading, statement->line, reason);
}

bool reading_detail(struct reading *reading, const struct statement *statement,
    const struct statement_detail *detail)
{
    char reason[STATEMENT_REASON_BYTES] = "";
    const struct statement_sink *sink = reading->sink;
    return !sink->detail || sink->detail(sink->context, statement, detail, reason) ||
           refuse_for(reading, detail->line, reason);
}

bool reading_entry(
    struct reading *reading, struct statement *statement, struct statement_entry *entry)
{
    char reason[STATEMENT_REASON_BYTES] = "";
    const struct statement_sink *sink = reading->sink;
    entry->number = ++statement->entry_count;
    if (sink->progress && reading->source.bytes - reading->told_bytes >= PROGRESS_BYTES) {
        reading->told_bytes = reading->source.bytes;
        sink->progress(sink->context, reading->told_bytes);
    }
    return !sink->entry || sink->entry(sink->context, statement, entry, reason) ||
           refuse_for(reading, entry->line, reason);
}

bool reading_close(struct reading *reading, const struct statement *statement)
{
    char reason[STATEMENT_REASON_BYTES] = "";
    const struct statement_sink *sink = reading->sink;
    return !sink->close || sink->close(sink->context, statement, reason) ||
           refuse_for(reading, statement->line, reason);
}

bool reading_line(struct reading *reading, struct text *ret_line)
{
    if (reading->is_refused)
        return false;
    switch (source_take_line(&reading->source, ret_line)) {
    case SOURCE_LINE:
        if (ret_line->length > 0 && memchr(ret_line->bytes, '\0', ret_line->length))
            return reading_refuse(reading, reading->source.lines, "has a NUL byte");
        return true;
    case SOURCE_TOO_LONG:
        return reading_refuse(
            reading, reading->source.lines, "is longer than %zu bytes", STATEMENT_LINE_BYTES_MAX);
    case SOURCE_FAILED:
        return reading_refuse(reading, 0, "could not be read: %s", strerror(reading->source.error));
    case SOURCE_END:
    default:
        return false;
    }
}

void reading_append(struct buffer *out, struct text text)
{
    bool is_utf8 = utf8_is_valid(text.bytes, text.length);
    for (uint32_t i = 0; i < text.length; i++) {
        uint8_t byte = (uint8_t)text.bytes[i];
        if ((byte < 0x20 && byte != '\n') || byte == 0x7f)
            byte = ' ';
        if (byte < 0x80 || is_utf8) {
            buffer_append_u8(out, byte);
        } else {
            buffer_append_u8(out, (uint8_t)(0xc0 | byte >> 6));
            buffer_append_u8(out, (uint8_t)(0x80 | (byte & 0x3f)));
        }
    }
}

const char *reading_string(struct buffer *buffer)
{
    buffer_append_u8(buffer, 0);
    buffer->length--;
    return (const char *)buffer->bytes;
}

bool reading_copy(char *array, size_t array_bytes, struct text text)
{
    if (text.length >= array_bytes)
        return false;
    if (text.length > 0)
        memcpy(array, text.bytes, text.length);
    array[text.length] = '\0';
    return true;
}

bool reading_copy_line(char *array, size_t array_bytes, struct text text)
{
    struct buffer line = {0};
    reading_append(&line, text);
    for (size_t i = 0; i < line.length; i++) {
        if (line.bytes[i] == '\n')
            line.bytes[i] = ' ';
    }
    bool fits = reading_copy(array, array_bytes,
        (struct text){.bytes = (const char *)line.bytes, .length = (uint32_t)line.length});
    buffer_finish(&line);
    return fits;
}

struct text text_trimmed(struct text text)
{
    while (text.length > 0 && (uint8_t)text.bytes[0] <= ' ') {
        text.bytes++;
        text.length--;
    }
    while (text.length > 0 && (uint8_t)text.bytes[text.length - 1] <= ' ')
        text.length--;
    return text;
}

bool text_begins(struct text text, const char *start)
{
    size_t length = strlen(start);
    return text.length >= length && memcmp(text.bytes, start, length) == 0;
}
