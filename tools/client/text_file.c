/* text_file.c: files and arguments that people wrote.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/text_file.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MARK "\xef\xbb\xbf" /* U+FEFF in UTF-8 */

int text_mark_bytes(const uint8_t *bytes, size_t length, char *ret_error, size_t error_bytes)
{
    if (length >= 3 && memcmp(bytes, MARK, 3) == 0)
        return 3;
    if (length >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0)) {
        snprintf(ret_error, error_bytes,
            "is UTF-16 by its byte order mark; save it as UTF-8, or convert it: iconv -f UTF-16 -t "
            "UTF-8");
        return -1;
    }
    return 0;
}

/* The line of the first byte that is no UTF-8; 0: there is none. */
static size_t wrong_line(const uint8_t *bytes, size_t length)
{
    size_t line = 1;
    for (size_t at = 0; at < length; line++) {
        const uint8_t *end = memchr(bytes + at, '\n', length - at);
        size_t next = end ? (size_t)(end - bytes) + 1 : length;
        if (!utf8_is_valid(bytes + at, next - at))
            return line;
        at = next;
    }
    return 0;
}

/* -1 with a sentence. */
static int read_all(FILE *in, struct buffer *out, char *ret_error, size_t error_bytes)
{
    uint8_t chunk[65536];
    size_t length;
    while ((length = fread(chunk, 1, sizeof chunk, in)) > 0) {
        if (out->length + length > TEXT_FILE_BYTES_MAX) {
            snprintf(ret_error, error_bytes, "is larger than 1 GiB; send it in parts");
            return -1;
        }
        buffer_append(out, chunk, length);
    }
    if (ferror(in)) {
        snprintf(ret_error, error_bytes, "could not be read: %s", strerror(errno));
        return -1;
    }
    return 0;
}

int text_file_read(const char *file, struct buffer *out, char *ret_error, size_t error_bytes)
{
    char rule[256];
    struct buffer text = {0};
    FILE *in = strcmp(file, "-") == 0 ? stdin : fopen(file, "r");
    if (!in) {
        snprintf(ret_error, error_bytes, "could not open '%s': %s", file, strerror(errno));
        return -1;
    }
    int fault = read_all(in, &text, rule, sizeof rule);
    if (in != stdin)
        fclose(in);
    int mark = fault == 0 ? text_mark_bytes(text.bytes, text.length, rule, sizeof rule) : -1;
    if (mark >= 0) {
        size_t line = wrong_line(text.bytes, text.length);
        if (line > 0) {
            snprintf(rule, sizeof rule, "line %zu is not UTF-8; save the file as UTF-8", line);
            mark = -1;
        } else if (text.length > (size_t)mark) {
            buffer_append(out, text.bytes + mark, text.length - (size_t)mark);
        }
    }
    buffer_finish(&text);
    if (mark < 0)
        snprintf(ret_error, error_bytes, "'%s': %s", file, rule);
    return mark < 0 ? -1 : 0;
}

void arguments_check(const char *program, int count, char **arguments, int usage_status)
{
    for (int i = 1; i < count; i++) {
        const char *rule = NULL;
        if (!utf8_is_valid(arguments[i], strlen(arguments[i])))
            rule = "is not UTF-8; set the terminal and the script to UTF-8";
        else if (strstr(arguments[i], MARK))
            rule = "has a byte order mark (U+FEFF) in it, which cannot be seen; type it anew";
        if (!rule)
            continue;
        fprintf(stderr, "%s: argument %d ('%s') %s\n", program, i, arguments[i], rule);
        exit(usage_status);
    }
}
