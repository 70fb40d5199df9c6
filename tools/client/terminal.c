/* terminal.c: what is different when a person watches.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/terminal.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TERMINAL_INTERVAL_US 250000
#define PLAIN_INTERVAL_US 5000000
#define TERMINAL_COLUMNS_DEFAULT 80
#define LINE_BYTES_MAX 512

bool terminal_has_colours(FILE *stream)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    if (no_colour && no_colour[0])
        return false;
    return isatty(terminal_fd(stream)) && terminal && strcmp(terminal, "dumb") != 0;
}

const char *terminal_colour(FILE *stream, enum colour colour)
{
    return terminal_has_colours(stream) ? terminal_mark((enum terminal_mark)colour) : "";
}

const char *terminal_plain(FILE *stream)
{
    return terminal_has_colours(stream) ? terminal_mark(TERMINAL_PLAIN) : "";
}

void progress_start(struct progress *progress, bool is_silent)
{
    *progress = (struct progress){.is_silent = is_silent,
        .is_terminal = isatty(STDERR_FILENO) != 0,
        .last_us = clock_monotonic_us()};
}

bool progress_is_due(struct progress *progress)
{
    if (progress->is_silent)
        return false;
    int64_t interval = progress->is_terminal ? TERMINAL_INTERVAL_US : PLAIN_INTERVAL_US;
    return clock_monotonic_us() - progress->last_us >= interval;
}

int terminal_columns(int fd)
{
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return TERMINAL_COLUMNS_DEFAULT;
}

void progress_show(struct progress *progress, const char *format, ...)
{
    if (progress->is_silent)
        return;
    char line[LINE_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    progress->last_us = clock_monotonic_us();
    char *shown = terminal_escaped(line);
    if (progress->is_terminal) {
        /* A line as wide as the terminal would wrap and could not be written over. */
        fprintf(stderr, "%s%.*s", terminal_mark(TERMINAL_CLEAR_LINE),
            terminal_columns(STDERR_FILENO) - 1, shown);
        fflush(stderr);
    } else {
        fprintf(stderr, "%s\n", shown);
    }
    free(shown);
    if (!progress->is_terminal)
        return;
    progress->has_line = true;
}

void progress_clear(struct progress *progress)
{
    if (!progress->has_line)
        return;
    fprintf(stderr, "%s", terminal_mark(TERMINAL_CLEAR_LINE));
    fflush(stderr);
    progress->has_line = false;
}
