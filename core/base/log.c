/* log.c: formats a log line and writes it with one write(2).
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES_MAX 1000

static enum log_level threshold = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
    threshold = level;
}

const char *log_prefix(enum log_level level)
{
    static const char *const prefixes[] = {"<7>", "<6>", "<4>", "<3>"};
    const char *journal = getenv("JOURNAL_STREAM");
    struct stat stream;
    char name[64];
    if (!journal || fstat(STDERR_FILENO, &stream) < 0)
        return "";
    /* The variable is inherited; standard error may lead elsewhere since. */
    snprintf(name, sizeof name, "%ju:%ju", (uintmax_t)stream.st_dev, (uintmax_t)stream.st_ino);
    return strcmp(journal, name) == 0 ? prefixes[level] : "";
}

/* Puts a question mark for each character that would steer a terminal, and for each byte that is no
 * text; the length after that. */
static size_t make_harmless(char *text, size_t length)
{
    size_t kept = 0;
    for (size_t at = 0; at < length;) {
        uint32_t character;
        size_t count = utf8_take(text + at, length - at, &character);
        if (count == 0 || utf8_is_steering(character)) {
            text[kept++] = '?';
            at += count == 0 ? 1 : count;
            continue;
        }
        memmove(text + kept, text + at, count);
        kept += count;
        at += count;
    }
    return kept;
}

void log_line(enum log_level level, const char *format, ...)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    char line[LINE_BYTES_MAX + 1];
    struct timespec now;
    struct tm utc;

    if (level < threshold)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t used = (size_t)snprintf(line, sizeof line, "%s", log_prefix(level));
    used += strftime(line + used, sizeof line - used, "%Y-%m-%dT%H:%M:%S", &utc);
    int n =
        snprintf(line + used, sizeof line - used, ".%06ldZ %s ", now.tv_nsec / 1000, names[level]);
    size_t start = used + (size_t)n;

    va_list arguments;
    va_start(arguments, format);
    n = vsnprintf(line + start, sizeof line - start, format, arguments);
    va_end(arguments);
    if (n < 0)
        return;
    size_t end = start + (size_t)n;
    if (end > LINE_BYTES_MAX - 1)
        end = LINE_BYTES_MAX - 1;
    end = start + make_harmless(line + start, end - start);
    line[end++] = '\n';
    /* A log that cannot be written must not stop the service. */
    ssize_t ignored = write(STDERR_FILENO, line, end);
    (void)ignored;
}
