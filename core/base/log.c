/* log.c: formats a log line and writes it with one write(2).
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES_MAX 1000

static enum log_level threshold = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
    threshold = level;
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
    size_t used = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%S", &utc);
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
    for (size_t i = start; i < end; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    }
    line[end++] = '\n';
    /* A log that cannot be written must not stop the service. */
    ssize_t ignored = write(STDERR_FILENO, line, end);
    (void)ignored;
}
