/* log.c: formats a log line and writes it with one write(2).
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

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
    for (size_t i = start; i < end; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    }
    line[end++] = '\n';
    /* A log that cannot be written must not stop the service. */
    ssize_t ignored = write(STDERR_FILENO, line, end);
    (void)ignored;
}
